package board

import (
	"encoding/json"
	"fmt"

	"zw110/data/incident"
)

// matcher tells whether a record belongs to a view.
type matcher func(*record) bool

// keyOf names a filter; equal filters have equal keys.
func keyOf(f Filter) (string, error) {
	key, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("name filter: %w", err)
	}
	return string(key), nil
}

// matcher compiles a filter. Names it has not met yet become symbols, so that a view keeps fitting incidents that come later.
func (b *Board) matcher(f Filter) matcher {
	var all []matcher
	all = append(all, matchEnded(f))
	all = appendSet(all, f.Groups, func(r *record) uint8 { return r.group }, func(g Group) uint8 { return uint8(g) })
	all = appendSet(all, f.Stages, func(r *record) symbol8 { return r.stage }, func(s Stage) symbol8 { return b.tables.short(string(s)) })
	all = appendSet(all, f.Channels, func(r *record) symbol8 { return r.channel },
		func(c incident.Channel) symbol8 { return b.tables.short(string(c)) })
	all = appendSet(all, f.Urgencies, func(r *record) symbol8 { return r.urgency },
		func(u incident.Urgency) symbol8 { return b.tables.short(string(u)) })
	all = appendSet(all, f.Towns, func(r *record) incident.ScopeID { return r.town }, func(s incident.ScopeID) incident.ScopeID { return s })
	all = appendSet(all, f.Villages, func(r *record) symbol { return r.village }, b.tables.village.symbol)
	all = appendSet(all, f.Categories, func(r *record) symbol { return r.category }, b.tables.category.symbol)
	if len(f.Units) > 0 {
		all = append(all, b.matchUnits(f.Units))
	}
	if f.Supervised {
		all = append(all, func(r *record) bool { return r.supervised > 0 })
	}
	if f.ToSettle {
		all = append(all, func(r *record) bool { return r.flags&flagToSettle != 0 })
	}
	if f.Mine != "" {
		me := b.tables.login.symbol(string(f.Mine))
		all = append(all, func(r *record) bool { return r.by == me || r.last == me })
	}
	all = appendDays(all, f.From, f.To)
	return func(r *record) bool {
		for _, m := range all {
			if !m(r) {
				return false
			}
		}
		return true
	}
}

// wantsEnded reports whether a filter can show ended incidents at all.
func wantsEnded(f Filter) bool {
	if f.Ended || f.OnlyEnded {
		return true
	}
	for _, g := range f.Groups {
		if g == Ended {
			return true
		}
	}
	for _, s := range f.Stages {
		if groupOf(s, lightGreen) == Ended {
			return true
		}
	}
	return false
}

func matchEnded(f Filter) matcher {
	ended := wantsEnded(f)
	return func(r *record) bool {
		if Group(r.group) == Ended {
			return ended
		}
		return !f.OnlyEnded
	}
}

// matchUnits fits incidents that a unit leads or helps with; a lead that is only proposed doesn't count.
func (b *Board) matchUnits(units []incident.UnitID) matcher {
	want := make(map[string]bool, len(units))
	leads := make(map[symbol]bool, len(units))
	for _, u := range units {
		want[string(u)] = true
		leads[b.tables.unit.symbol(string(u))] = true
	}
	sets := map[symbol]bool{} // co-handler sets already looked at; used under the board's lock only
	return func(r *record) bool {
		if r.flags&flagSuggested != 0 {
			return false
		}
		if leads[r.lead] {
			return true
		}
		fits, seen := sets[r.cos]
		if !seen {
			n := b.tables.now()
			for _, u := range n.units(r.cos) {
				fits = fits || want[u]
			}
			sets[r.cos] = fits
		}
		return fits
	}
}

// appendDays adds the bounds of the day of receipt; a text that is no day bounds nothing.
func appendDays(all []matcher, from, to incident.Day) []matcher {
	if start, err := from.Start(); err == nil {
		all = append(all, func(r *record) bool { return r.received >= start })
	}
	if start, err := to.Start(); err == nil {
		end := start + dayMillis
		all = append(all, func(r *record) bool { return r.received < end })
	}
	return all
}

// appendSet adds a test that one of the values fits.
func appendSet[V any, K comparable](all []matcher, values []V, of func(*record) K, key func(V) K) []matcher {
	if len(values) == 0 {
		return all
	}
	set := make(map[K]bool, len(values))
	for _, v := range values {
		set[key(v)] = true
	}
	return append(all, func(r *record) bool { return set[of(r)] })
}
