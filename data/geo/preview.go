package geo

import (
	"cmp"
	"slices"
	"strings"
)

// Verdict is what an import would do with a line.
type Verdict string

// The verdicts.
const (
	New    Verdict = "new"    // a place that is not known yet
	Moved  Verdict = "moved"  // known, and standing elsewhere until now
	Change Verdict = "change" // known at this place, with other words
	Same   Verdict = "same"
	Ask    Verdict = "ask" // to be taken only when a person says so; see Check
	Bad    Verdict = "bad" // not to be taken; see Fault
)

// Row is a line of an import before it counts.
type Row struct {
	Found
	Verdict Verdict
	// Before is the place as it is known; nil for a new one.
	Before *Place
	Check  Check // of Ask
}

// Preview is an import before it counts.
type Preview struct {
	// System is the one it was read in. Suggested is another one in which more of its known places would stand where they are known to be: Before and After are the
	// median distances in metres, as read and so.
	System, Suggested System
	Before, After     float64
	Rows              []Row
}

// Count returns how many rows have a verdict.
func (p Preview) Count(v Verdict) int {
	n := 0
	for _, r := range p.Rows {
		if r.Verdict == v {
			n++
		}
	}
	return n
}

// Look compares an import, read in a system, with what is known and with the town. Known places are found by name or alias, within the village where one
// is named.
func (t Town) Look(found []Found, s System, known []Place) Preview {
	out := Preview{System: s}
	names := byName(known)
	read, at := make([]Point, len(found)), make([]Point, len(found))
	for i, f := range found {
		written := f.Place.Point
		f.Place.Point = From(s, written)
		r := Row{Found: f}
		r.known(names)
		if r.Before != nil {
			read[i], at[i] = written, r.Before.Point
		}
		t.judge(&r)
		out.Rows = append(out.Rows, r)
	}
	if try, before, after, ok := Suggest(read, at, s); ok {
		out.Suggested, out.Before, out.After = try, before, after
	}
	return out
}

// byName finds places by village, a slash and a name or alias; without the village too.
func byName(known []Place) map[string][]*Place {
	names := map[string][]*Place{}
	for i := range known {
		k := &known[i]
		for _, n := range append([]string{k.Name}, k.Aliases...) {
			names["/"+n] = append(names["/"+n], k)
			if k.Village != "" {
				names[k.Village+"/"+n] = append(names[k.Village+"/"+n], k)
			}
		}
	}
	return names
}

// maxName is how many bytes a name or village may have.
const maxName = 120

// known finds what a row is about; a row about a village that isn't there, or about one of several places, gets a fault.
func (r *Row) known(names map[string][]*Place) {
	if r.Fault != "" {
		return
	}
	p := &r.Place
	if p.Village != "" {
		for _, k := range names["/"+p.Village] {
			if k.Kind == KindVillage {
				p.Village = k.Name
			}
		}
		if !slices.ContainsFunc(names["/"+p.Village], func(k *Place) bool { return k.Kind == KindVillage && k.Name == p.Village }) {
			r.Fault, r.About = FaultVillage, p.Village
			return
		}
	}
	hits := names[p.Village+"/"+p.Name]
	for _, k := range hits {
		if k.Kind == KindVillage || k.Name == p.Name && k.Village == p.Village {
			hits = []*Place{k}
			break
		}
	}
	switch {
	case len(hits) > 1:
		r.Fault, r.About = FaultWhich, p.Name
	case len(hits) == 1:
		r.Before = hits[0]
	case p.Kind == KindVillage:
		r.Fault, r.About = FaultVillage, p.Name
	case len(p.Name) > maxName || strings.Contains(p.Name, "/"):
		r.Fault, r.About = FaultName, p.Name
	}
}

// judge gives a row its verdict.
func (t Town) judge(r *Row) {
	if r.Fault != "" {
		r.Verdict = Bad
		return
	}
	before := cmp.Or(r.Before, &Place{})
	var doubtful bool
	if r.Points > 0 {
		if r.Check, doubtful = Look(r.Place.Point, t.Outline, before.Point); doubtful {
			r.Verdict = Ask
			return
		}
	}
	switch {
	case r.Before == nil:
		r.Verdict = New
	case r.Points > 0 && (before.Point.Zero() || Distance(r.Place.Point, before.Point) > 1):
		r.Verdict = Moved
	case subset(r.Place.Aliases, before.Aliases):
		r.Verdict = Same
	default:
		r.Verdict = Change
	}
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}
