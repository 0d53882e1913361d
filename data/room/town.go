package room

import (
	"cmp"
	"slices"
	"strconv"

	"zw110/data/board"
	"zw110/data/incident"
)

// isCounty reports whether a division code is a county's, with six digits; a township has nine.
func isCounty(scope incident.ScopeID) bool { return scope > 0 && scope < 1_000_000 }

// scope returns whose incident an entry says it is. A township's desk writes for its township; the county's for the township that has
// the incident, or gets it.
func (b *batch) scope(w *work, fact *incident.Fact) incident.ScopeID {
	own := b.rules.Scope()
	if !isCounty(own) {
		return own
	}
	if fact.Kind == incident.KindCountyReturned && fact.Whom != "" {
		if town, err := strconv.ParseUint(fact.Whom, 10, 32); err == nil {
			return incident.ScopeID(town)
		}
	}
	return cmp.Or(w.folded().Scope, own)
}

// Township is one of those whose entries are at this desk.
type Township struct {
	Scope incident.ScopeID
	Open  int // open incidents
	// LastEntry is when its desks wrote the last entry that is here, Received when the county's hub got it; zero: not told since the start.
	LastEntry incident.Stamp
	Received  incident.Stamp
}

// Townships returns whose entries are here, by division code: at a township's desk its own, at the county's all that ever sent any.
func (r *Room) Townships() ([]Township, error) {
	last, err := r.store.LastEntries()
	if err != nil {
		return nil, err
	}
	byScope := map[incident.ScopeID]*Township{}
	town := func(scope incident.ScopeID) *Township {
		if byScope[scope] == nil {
			byScope[scope] = &Township{Scope: scope, Open: r.board.Count(board.Filter{Towns: []incident.ScopeID{scope}})}
		}
		return byScope[scope]
	}
	for _, e := range last {
		t := town(cmp.Or(r.seats.home(e.Origin), e.Scope))
		t.LastEntry = max(t.LastEntry, e.HLC.Stamp())
	}
	r.link.mu.Lock()
	defer r.link.mu.Unlock()
	out := make([]Township, 0, len(byScope))
	for scope, t := range byScope {
		t.Received = r.link.received[scope]
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Township) int { return cmp.Compare(a.Scope, b.Scope) })
	return out, nil
}
