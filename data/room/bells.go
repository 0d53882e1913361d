package room

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
)

// AlertKind is why the window rings.
type AlertKind string

// The alerts.
const (
	AlertCritical   AlertKind = "critical"   // a new 特急, or one that became so
	AlertUnanswered AlertKind = "unanswered" // nobody answered for three of the five minutes
)

// unansweredAfter is when an unanswered report rings.
const unansweredAfter = incident.Stamp(3 * 60 * 1000)

// Alert asks the window to ring and to show one incident.
type Alert struct {
	Kind     AlertKind
	Incident incident.IncidentID
	No       string
	Title    string
	At       incident.Stamp
}

// bells gathers alerts and who hears them.
type bells struct {
	mu      sync.Mutex // guards all below
	next    int
	subs    map[int]func(Alert)
	queue   []Alert
	rung    map[incident.IncidentID]struct{} // unanswered ones that rang or were late when the room opened
	wake    chan struct{}                    // one slot; full means the teller already knows
	started bool
}

func newBells() *bells {
	return &bells{subs: map[int]func(Alert){}, rung: map[incident.IncidentID]struct{}{}, wake: make(chan struct{}, 1)}
}

// Alerts calls fn for each alert, from a goroutine of the room, until cancel.
func (r *Room) Alerts(fn func(Alert)) (cancel func()) {
	b := r.bells
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	id := b.next
	b.subs[id] = fn
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subs, id)
	}
}

func (b *bells) push(a Alert) {
	b.mu.Lock()
	if len(b.subs) > 0 { // with nobody listening an alert is gone: the queue shows the same
		b.queue = append(b.queue, a)
	}
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// urgent rings when an open incident is 特急 and was not before.
func (b *bells) urgent(before, after *incident.State, now incident.Stamp) {
	if after.Urgency == incident.Critical && after.Status.Open() && before.Urgency != incident.Critical {
		b.push(Alert{Kind: AlertCritical, Incident: after.ID, No: after.No, Title: after.Title, At: now})
	}
}

// unanswered rings once for each report that waits three minutes. What waited longer than that when the room opened is on the
// screen already and does not ring.
func (b *bells) unanswered(rows []board.Row, now incident.Stamp) {
	var ring []Alert
	b.mu.Lock()
	seen := make(map[incident.IncidentID]struct{}, len(rows))
	for _, row := range rows {
		if now-row.ReceivedAt < unansweredAfter {
			continue
		}
		seen[row.ID] = struct{}{}
		if _, ok := b.rung[row.ID]; !ok && b.started {
			ring = append(ring, Alert{Kind: AlertUnanswered, Incident: row.ID, No: row.No, Title: row.Title, At: now})
		}
	}
	b.rung, b.started = seen, true
	b.mu.Unlock()
	for _, a := range ring {
		b.push(a)
	}
}

func (b *bells) take() ([]Alert, []func(Alert)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	queue := b.queue
	b.queue = nil
	var subs []func(Alert)
	for _, id := range slices.Sorted(maps.Keys(b.subs)) {
		subs = append(subs, b.subs[id])
	}
	return queue, subs
}

// ring tells the alerts until the context ends.
func (r *Room) ring(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.bells.wake:
			queue, subs := r.bells.take()
			for _, a := range queue {
				for _, fn := range subs {
					r.guard("alert", func() { fn(a) })
				}
			}
		}
	}
}

// tick moves what time alone changes, once a second or as often as Config.Ticks says.
func (r *Room) tick(ctx context.Context) {
	ticks := r.cfg.Ticks
	if ticks == nil {
		t := time.NewTicker(time.Second)
		defer t.Stop()
		ticks = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			r.Tick()
			if err := r.saveSome(ctx); err != nil && !errors.Is(err, ErrClosed) && !errors.Is(err, context.Canceled) {
				r.log.WithField("error", err.Error()).Error("cache states")
			}
		}
	}
}

// Tick moves rows whose clocks or groups changed because time passed, and rings. The room calls it by itself; tests call it too.
func (r *Room) Tick() {
	now := r.Now()
	r.watchClock(now)
	if ids := r.board.Tick(now); len(ids) > 0 {
		r.feed.send(Change{Incidents: ids})
	}
	waiting := r.board.Snapshot(board.Filter{Groups: []board.Group{board.Unanswered}})
	rows := make([]board.Row, 0, waiting.Len())
	for i := range waiting.Len() {
		rows = append(rows, waiting.Row(i))
	}
	r.bells.unanswered(rows, now)
}
