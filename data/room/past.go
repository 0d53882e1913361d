package room

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
)

// Past is the room as it was on one day, at a moment that can be moved. Nothing can be done in it.
type Past struct {
	r     *Room
	mu    sync.Mutex // guards board, at and told
	board *board.Board
	tales []tale
	ids   map[incident.IncidentID]int // of tales
	news  []news                      // ascending
	at    incident.Stamp
	told  int // of news
}

// tale is what there is to tell of one incident.
type tale struct {
	entries []incident.Entry
	since   []incident.Stamp // when each counts from
}

// news is a moment at which something is told.
type news struct {
	at   incident.Stamp
	tale int
}

// Past returns a day as this desk knew it at each moment: an entry counts from when it was first in this store. With known it is as all
// that is known by now tells it: an entry counts from when it happened. It begins with the day. Progress may be nil.
func (r *Room) Past(ctx context.Context, day incident.Day, known bool, progress func(done, total int)) (*Past, error) {
	from, err := day.Start()
	if err != nil {
		return nil, fmt.Errorf("the past of %s: %w", day, err)
	}
	to := from.Add(24 * time.Hour)
	p := &Past{r: r, ids: map[incident.IncidentID]int{}}
	all := r.board.Snapshot(board.Filter{Ended: true})
	for i := range all.Len() {
		if progress != nil && i%1000 == 0 {
			progress(i, all.Len())
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("the past of %s: %w", day, err)
		}
		row := all.Row(i)
		if row.ReceivedAt >= to || (row.ClosedAt > 0 && row.ClosedAt < from.Add(-lateArrival)) {
			continue
		}
		f, err := r.file(row.ID)
		if err != nil {
			return nil, err
		}
		if err := p.tell(f.entries, known); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(p.news, func(a, b news) int { return int(a.at - b.at) })
	return p, p.Move(from)
}

// lateArrival is how long after an incident ended the last of it may have come from another desk.
const lateArrival = 31 * 24 * time.Hour

func (p *Past) tell(entries []incident.Entry, known bool) error {
	t := tale{entries: entries}
	if known {
		t.since = make([]incident.Stamp, len(entries))
		for i := range entries {
			t.since[i] = entries[i].HLC.Stamp()
			if f := entries[i].Fact; f != nil {
				t.since[i] = f.At
			}
		}
	} else {
		var err error
		if t.since, err = p.r.store.Recorded(entries); err != nil {
			return fmt.Errorf("read when incident %s was known: %w", entries[0].Incident, err)
		}
	}
	for _, at := range t.since {
		p.news = append(p.news, news{at, len(p.tales)})
	}
	p.ids[entries[0].Incident] = len(p.tales)
	p.tales = append(p.tales, t)
	return nil
}

// Move goes to a moment, forwards or back. What was told at that very millisecond counts.
func (p *Past) Move(at incident.Stamp) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at < p.at || p.board == nil {
		b, err := board.New(board.Params{Rules: p.r.rules.Load(), Score: p.r.score, Words: wordsOf, Point: pointOf})
		if err != nil {
			return err
		}
		p.board, p.told = b, 0
	}
	p.at = at
	first := p.told
	for p.told < len(p.news) && p.news[p.told].at <= at {
		p.told++
	}
	touched := map[int]bool{}
	var inputs []board.Input
	for _, n := range p.news[first:p.told] {
		if touched[n.tale] {
			continue
		}
		touched[n.tale] = true
		if f := p.file(n.tale, at); f.state.No != "" { // else its registration was not here yet
			inputs = append(inputs, p.r.input(&f.state))
		}
	}
	p.board.Apply(inputs, at)
	p.board.Tick(at)
	return nil
}

// At returns the moment.
func (p *Past) At() incident.Stamp {
	at, _ := p.now()
	return at
}

// now returns the moment and the board of it.
func (p *Past) now() (incident.Stamp, *board.Board) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at, p.board
}

// Moments returns when something was told between two moments, the first excluded, ascending.
func (p *Past) Moments(from, to incident.Stamp) []incident.Stamp {
	var at []incident.Stamp
	for _, n := range p.news {
		if n.at > from && n.at <= to && (len(at) == 0 || at[len(at)-1] != n.at) {
			at = append(at, n.at)
		}
	}
	return at
}

// Snapshot returns a view as it was.
func (p *Past) Snapshot(f board.Filter) board.Snapshot {
	_, b := p.now()
	return b.Snapshot(f)
}

// Count counts a view as it was.
func (p *Past) Count(f board.Filter) int {
	_, b := p.now()
	return b.Count(f)
}

// Counters returns the counters as they were.
func (p *Past) Counters() board.Counters {
	at, b := p.now()
	return b.Counters(at)
}

// Brief returns an incident as it was and as an actor of today may see it, with Row, State and List. ErrNotFound: nobody knew of it yet.
func (p *Past) Brief(id incident.IncidentID, by incident.Login) (Detail, error) {
	at, b := p.now()
	i, ok := p.ids[id]
	if !ok {
		return Detail{}, ErrNotFound
	}
	f := p.file(i, at)
	if f.state.No == "" {
		return Detail{}, ErrNotFound
	}
	rules := p.r.rules.Load()
	actor, _ := rules.Person(by)
	d := Detail{State: f.state}
	d.Row, _ = b.Row(id)
	d.List, d.Earlier = p.r.listNow(f, rules, at)
	d.State.Reporter, d.State.Log = shown(&f.state, actor), maskedLog(&f.state, actor)
	return d, nil
}

// Detail returns an incident as it was, with its clocks and what is attached. Nothing is allowed in the past.
func (p *Past) Detail(id incident.IncidentID, by incident.Login) (Detail, error) {
	d, err := p.Brief(id, by)
	if err != nil {
		return Detail{}, err
	}
	rules := p.r.rules.Load()
	d.Clocks, d.Segments = incident.Clocks(&d.State, rules, p.At()), incident.Segments(&d.State)
	d.Category, _ = rules.Category(d.State.Category, d.State.ReceivedAt)
	d.Allowed = map[incident.Verb]*incident.Refusal{}
	for verb := range probes(&d.State, incident.Actor{}, rules, p.At()) {
		d.Allowed[verb] = &incident.Refusal{Rule: string(verb), Key: "refuse.room.past"}
	}
	d.Attached, err = p.r.attachedTo(d.State.Log)
	return d, err
}

// file folds what was known of an incident.
func (p *Past) file(tale int, at incident.Stamp) *file {
	t := &p.tales[tale]
	entries := incident.Among(t.entries, func(i int) bool { return t.since[i] <= at })
	return &file{entries, incident.Fold(entries)}
}
