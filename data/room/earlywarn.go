package room

import (
	"context"
	"fmt"
	"sync"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/warn"
)

// lookout keeps what the rules of the early warnings look at of each incident of the last months.
type lookout struct {
	dirty *idSet
	mu    sync.Mutex // guards what follows
	cases map[incident.IncidentID]warn.Case
}

func newLookout() *lookout { return &lookout{dirty: newIDSet()} }

// EarlyWarnings returns the warnings (预警) that hold now, the pressing ones first. The first call reads the incidents of the last months;
// later ones read what changed. A cancelled context ends it.
func (r *Room) EarlyWarnings(ctx context.Context) ([]warn.Warning, error) {
	w, now := r.lookout, r.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	ids := w.dirty.take()
	if w.cases == nil {
		all := r.board.Snapshot(board.Filter{Ended: true})
		for i := range all.Len() {
			if row := all.Row(i); row.ReceivedAt > now.Add(-warn.LookBack) {
				ids = append(ids, row.ID)
			}
		}
	}
	rules := r.rules.Load()
	fresh := make(map[incident.IncidentID]*warn.Case, len(ids))
	for _, id := range ids {
		entries, err := r.entries(id)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			w.dirty.add(ids...)
			return nil, fmt.Errorf("early warnings: %w", err)
		}
		st := incident.Fold(entries)
		fresh[id] = nil
		if c, ok := warn.CaseOf(&st, rules, pointOf); ok {
			if isCounty(rules.Scope()) {
				c.Town = st.Scope
			}
			fresh[id] = &c
		}
	}
	if w.cases == nil {
		w.cases = map[incident.IncidentID]warn.Case{}
	}
	for id, c := range fresh {
		if delete(w.cases, id); c != nil {
			w.cases[id] = *c
		}
	}
	cases := make([]warn.Case, 0, len(w.cases))
	for id, c := range w.cases {
		if c.Received <= now.Add(-warn.LookBack) {
			delete(w.cases, id)
			continue
		}
		cases = append(cases, c)
	}
	return warn.Raise(now, rules.Alarms(0), cases), nil
}
