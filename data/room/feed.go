package room

import (
	"context"
	"maps"
	"slices"
	"sync"

	"zw110/data/incident"
)

// feed tells subscribers what changed. The committer never waits for them: changes that nobody has taken yet are joined into one,
// so nothing is lost and nothing grows beyond the number of incidents.
type feed struct {
	mu      sync.Mutex // guards all below
	next    int
	subs    map[int]func(Change)
	pending map[incident.IncidentID]struct{}
	by      map[incident.IncidentID]Author
	rest    Change
	wake    chan struct{} // one slot; full means the teller already knows
}

func newFeed() *feed {
	return &feed{subs: map[int]func(Change){}, pending: map[incident.IncidentID]struct{}{}, by: map[incident.IncidentID]Author{}, wake: make(chan struct{}, 1)}
}

func (f *feed) subscribe(fn func(Change)) (cancel func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	id := f.next
	f.subs[id] = fn
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.subs, id)
	}
}

func (f *feed) send(c Change) {
	f.mu.Lock()
	for _, id := range c.Incidents {
		f.pending[id] = struct{}{}
	}
	f.rest.All = f.rest.All || c.All
	f.rest.Settings = f.rest.Settings || c.Settings
	f.rest.Lists = f.rest.Lists || c.Lists
	f.rest.Sync = f.rest.Sync || c.Sync
	f.rest.Attachments = f.rest.Attachments || c.Attachments
	maps.Copy(f.by, c.By)
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// take returns what gathered and whom to tell, in the order of their subscription.
func (f *feed) take() (Change, []func(Change)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.rest
	if !c.All {
		c.Incidents = slices.Collect(maps.Keys(f.pending))
	}
	if len(f.by) > 0 {
		c.By, f.by = f.by, map[incident.IncidentID]Author{}
	}
	clear(f.pending)
	f.rest = Change{}
	ids := slices.Sorted(maps.Keys(f.subs))
	subs := make([]func(Change), 0, len(ids))
	for _, id := range ids {
		subs = append(subs, f.subs[id])
	}
	return c, subs
}

// tell runs until the context ends. A subscriber that panics does not keep the others from hearing.
func (r *Room) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.feed.wake:
			c, subs := r.feed.take()
			if len(c.Incidents) == 0 && !c.All && !c.Settings && !c.Lists && !c.Sync && !c.Attachments {
				continue
			}
			for _, fn := range subs {
				r.guard("subscriber", func() { fn(c) })
			}
		}
	}
}

// Subscribe calls fn after each change, from a goroutine of the room, until cancel. Several changes may come as one.
func (r *Room) Subscribe(fn func(Change)) (cancel func()) { return r.feed.subscribe(fn) }
