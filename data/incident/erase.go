package incident

import "slices"

// doErasePerson erases the reporter's personal fields: the law lets a person ask for it, and the director answers for it. The incident
// itself stays.
func doErasePerson(d *decision) ([]Fact, *Refusal) {
	a := d.act
	switch {
	case d.st.Persons == 0:
		return nil, d.refuse("no_person")
	case blank(a.Text) && blank(a.Reason):
		return nil, d.refuse("why")
	}
	return d.one(KindPersonErased, Fields{Text: a.Text, Reason: a.Reason})
}

// erasures returns the positions of the erasures.
func (g *graph) erasures() (at []int) {
	for j := range g.nodes {
		if e := g.nodes[j].e; e.Kind == KindPersonErased && e.Fact != nil {
			at = append(at, j)
		}
	}
	return at
}

// covered reports whether an erasure covers the personal fields of an entry: all do that its writer had not seen.
func (g *graph) covered(i int, erasures []int) bool {
	for _, j := range erasures {
		if !g.knows(i, j) {
			return true
		}
	}
	return false
}

// countPersons counts the entries whose personal fields are still to be had.
func (f *folder) countPersons() {
	for i := range f.nodes {
		if fact := f.nodes[i].e.Fact; fact != nil && (fact.Reporter != nil || len(fact.Sealed) > 0) && !f.covered(i, f.erased) {
			f.st.Persons++
		}
	}
}

func applyPersonErased(f *folder, _ *Entry, _ *Fact) {
	st := &f.st
	st.Reporter, st.KeyID, st.Sealed, st.Callable, st.Shield = nil, KeyID{}, nil, false, ""
}

// ErasedKeys returns the keys that the erasures among an incident's entries order to erase: those of every entry whose writer had not
// seen the erasure. What was written later, in its knowledge, has a key of its own and stays.
func ErasedKeys(entries []Entry) []KeyID {
	if !slices.ContainsFunc(entries, func(e Entry) bool { return e.Kind == KindPersonErased }) {
		return nil
	}
	g := newGraph(entries)
	erasures := g.erasures()
	var keys []KeyID
	for i := range g.nodes {
		f := g.nodes[i].e.Fact
		if f != nil && f.KeyID != (KeyID{}) && g.covered(i, erasures) && !slices.Contains(keys, f.KeyID) {
			keys = append(keys, f.KeyID)
		}
	}
	return keys
}
