package incident

// doErasePerson erases the reporter's personal fields: the law lets a person ask for it, and the director answers for it. The incident
// itself stays.
func doErasePerson(d *decision) ([]Fact, *Refusal) {
	a := d.act
	switch {
	case !d.st.holdsPerson():
		return nil, d.refuse("no_person")
	case blank(a.Text) && blank(a.Reason):
		return nil, d.refuse("why")
	}
	return d.one(KindPersonErased, Fields{Text: a.Text, Reason: a.Reason})
}

// holdsPerson reports whether any entry since the last erasure carries personal fields.
func (st *State) holdsPerson() bool {
	for i := len(st.Log) - 1; i >= 0; i-- {
		l := &st.Log[i]
		if l.Kind == KindPersonErased && !l.Undone {
			return false
		}
		if l.Fact != nil && (l.Fact.Reporter != nil || len(l.Fact.Sealed) > 0) {
			return true
		}
	}
	return false
}

func applyPersonErased(f *folder, _ *Entry, _ *Fact) {
	st := &f.st
	st.Reporter, st.KeyID, st.Sealed, st.Callable, st.Shield = nil, KeyID{}, nil, false, ""
}

// ErasedKeys returns the keys that the erasures among an incident's entries order to erase: those of every entry whose writer had not
// seen the erasure. What was written later, in its knowledge, has a key of its own and stays.
func ErasedKeys(entries []Entry) []KeyID {
	erased := false
	for i := range entries {
		erased = erased || entries[i].Kind == KindPersonErased
	}
	if !erased {
		return nil
	}
	g := newGraph(entries)
	seen := map[KeyID]bool{}
	var keys []KeyID
	for j := range g.nodes {
		if g.nodes[j].e.Kind != KindPersonErased {
			continue
		}
		for i := range g.nodes {
			f := g.nodes[i].e.Fact
			if f == nil || f.KeyID == (KeyID{}) || g.knows(i, j) || seen[f.KeyID] {
				continue
			}
			seen[f.KeyID] = true
			keys = append(keys, f.KeyID)
		}
	}
	return keys
}
