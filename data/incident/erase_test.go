package incident_test

import (
	"slices"
	"testing"

	"zw110/data/incident"
)

func TestErasePerson_ByTheDirectorWithAReason(t *testing.T) {
	s := reach(t, incident.Dispatched, nil)
	for _, by := range []incident.Login{"op1", "sl1", "tl1", "cc"} {
		wantRefusal(t, s.try(by, incident.ErasePerson, fields{Text: "本人申请"}), "erase.role")
	}
	wantRefusal(t, s.try("rd", incident.ErasePerson, fields{Text: " "}), "erase.why")
	before := s.state()
	s.must("rd", incident.ErasePerson, fields{Text: "本人申请"})
	after := s.state()
	if after.Reporter != nil || after.Callable || after.Shield != "" || after.Status != before.Status || after.Title != before.Title {
		t.Errorf("after the erasure %+v", after.Fields)
	}
	wantRefusal(t, s.try("rd", incident.ErasePerson, fields{Text: "再次"}), "erase.no_person")
	wantRefusal(t, s.try("rd", incident.Undo, fields{}), "undo.kind")
	s.must("op1", incident.Edit, fields{Reporter: &incident.Reporter{Name: "新", Phone: "16856023686"}})
	if st := s.state(); st.Reporter == nil || !st.Callable {
		t.Error("what was told after the erasure is gone too")
	}
}

// Keys of what the director could not know of are erased as well; what is written in the knowledge of the erasure stays.
func TestErasedKeys_AllButWhatFollowsTheErasure(t *testing.T) {
	key := func(n byte) incident.KeyID { return incident.KeyID{n} }
	entry := func(n byte, kind incident.Kind, k incident.KeyID, parents ...byte) incident.Entry {
		e := incident.Entry{
			ID: incident.EntryID{n}, Seq: uint64(n), HLC: incident.HLC(n), Incident: incident.IncidentID{1}, Kind: kind,
			Fact: &incident.Fact{Kind: kind, Fields: incident.Fields{KeyID: k}},
		}
		for _, p := range parents {
			e.Parents = append(e.Parents, incident.EntryID{p}.Ref())
		}
		return e
	}
	entries := []incident.Entry{
		entry(1, incident.KindRegistered, key(1)),
		entry(2, incident.KindEdited, key(2), 1), // at another desk, at the same time as the erasure
		entry(3, incident.KindPersonErased, incident.KeyID{}, 1),
		entry(4, incident.KindEdited, key(4), 3),
		entry(5, incident.KindEdited, key(5), 2),
		entry(6, incident.KindEdited, key(6), 4, 5),
		entry(7, incident.KindUrged, incident.KeyID{}, 6),
	}
	for range 20 {
		got := incident.ErasedKeys(entries)
		slices.SortFunc(got, func(a, b incident.KeyID) int { return int(a[0]) - int(b[0]) })
		if !slices.Equal(got, []incident.KeyID{key(1), key(2), key(5)}) {
			t.Fatalf("erased %x", got)
		}
		entries = append(entries[1:], entries[0])
	}
	if got := incident.ErasedKeys([]incident.Entry{entry(1, incident.KindRegistered, key(1))}); got != nil {
		t.Errorf("without an erasure %x", got)
	}
}

// A reporter written down twice at once, erased, and only then settled: whoever settles knows of the erasure, and what nobody can open any more must not
// be written down again in an entry that the erasure doesn't reach.
func TestErasePerson_SettlingAfterwardsWritesNobodyDown(t *testing.T) {
	for _, choice := range []string{"settle.pick_a", "settle.pick_b"} {
		s := reach(t, incident.Accepted, nil)
		left, right := fork(s)
		left.must("op1", incident.Edit, fields{Title: "甲", Reporter: &incident.Reporter{Name: "甲", Phone: "16856023686"}})
		right.now = right.now.Add(1000)
		right.must("op2", incident.Edit, fields{Title: "乙", Reporter: &incident.Reporter{Name: "乙", Phone: "16856023687"}})
		s.join(left, right)
		s.must("rd", incident.ErasePerson, fields{Text: "本人申请"})
		for _, c := range s.state().Conflicts {
			s.must("sl1", incident.Settle, fields{Conflict: c.ID, Choice: choice})
		}
		if st := s.state(); st.Reporter != nil || st.Callable || len(st.Conflicts) != 0 {
			t.Errorf("%s: reporter %+v, callable %v, conflicts %v", choice, st.Reporter, st.Callable, st.Conflicts)
		}
	}
}
