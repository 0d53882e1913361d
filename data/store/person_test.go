package store

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"zw110/data/incident"
	"zw110/data/journal"
)

func keysAfter(t *testing.T, s *Store, mark uint64) []KeyItem {
	t.Helper()
	items, _, err := s.KeysAfter(mark, 1000)
	must(t, err)
	return items
}

// Two desks take a report on one incident while they are apart. Each seals under a key of its own, and in the end both read both.
func TestKeys_TwoDesksReadEachOthersReports(t *testing.T) {
	a, b := create(t), create(t)
	appendAll(t, a, report(incidentNo(1), "张三"), report(incidentNo(2), "王五"))
	appendAll(t, b, report(incidentNo(1), "李四"))
	for _, way := range [][2]*Store{{a, b}, {b, a}} {
		from, to := way[0], way[1]
		_, err := to.AppendForeign([]journal.Run{wholeRun(t, from, from.Origin())}, "f", nil)
		must(t, err)
	}
	got, err := b.Entries(incidentNo(1))
	must(t, err)
	open := func(entries []incident.Entry) (names []string) {
		for _, e := range entries {
			if e.Fact.Reporter != nil {
				names = append(names, e.Fact.Reporter.Name)
			}
		}
		slices.Sort(names)
		return names
	}
	if n := open(got); !slices.Equal(n, []string{"李四"}) {
		t.Errorf("before any key came: %v", n)
	}
	mark, err := b.Mark()
	must(t, err)
	fromA, fromB := keysAfter(t, a, 0), keysAfter(t, b, 0)
	if len(fromA) != 2 || !fromA[0].Own || fromA[0].Scope != 330825111 || fromA[1].Incident != incidentNo(2) {
		t.Fatalf("keys of the first desk %+v", fromA)
	}
	changed, refused, err := b.PutKeys(fromA)
	if err != nil || len(refused) > 0 || !slices.Equal(changed, []incident.IncidentID{incidentNo(1), incidentNo(2)}) {
		t.Errorf("changed %v, refused %v, error %v", changed, refused, err)
	}
	var touched []incident.IncidentID
	must(t, b.Touched(mark, func(id incident.IncidentID) error { touched = append(touched, id); return nil }))
	if !slices.Equal(touched, changed) {
		t.Errorf("touched %v", touched)
	}
	if changed, _, err = b.PutKeys(fromA); err != nil || len(changed) > 0 {
		t.Errorf("the same once more changed %v, error %v", changed, err)
	}
	_, _, err = a.PutKeys(fromB)
	must(t, err)
	for name, s := range map[string]*Store{"first": a, "second": reopen(t, b)} {
		entries, err := s.Entries(incidentNo(1))
		if n := open(entries); err != nil || !slices.Equal(n, []string{"张三", "李四"}) {
			t.Errorf("%s desk reads %v, error %v", name, n, err)
		}
		if r := verify(t, s); len(r.Faults) > 0 {
			t.Errorf("report %+v", r)
		}
	}
}

func TestKeys_ArrivalIsListedInOrderWithMarks(t *testing.T) {
	a, b := create(t), create(t)
	appendAll(t, a, report(incidentNo(1), "张三"))
	appendAll(t, b, report(incidentNo(2), "李四"), report(incidentNo(3), "王五"))
	_, _, err := a.PutKeys(keysAfter(t, b, 0))
	must(t, err)
	appendAll(t, a, report(incidentNo(4), "赵六"))
	var order []incident.IncidentID
	var own []bool
	for mark := uint64(0); ; {
		items, next, err := a.KeysAfter(mark, 1)
		must(t, err)
		if len(items) == 0 {
			break
		}
		order, own, mark = append(order, items[0].Incident), append(own, items[0].Own), next
	}
	if !slices.Equal(order, []incident.IncidentID{incidentNo(1), incidentNo(2), incidentNo(3), incidentNo(4)}) || !slices.Equal(own, []bool{true, false, false, true}) {
		t.Errorf("order %v, own %v", order, own)
	}
	appendAll(t, a, note(incidentNo(2), "x"), report(incidentNo(2), "李四"))
	if got := keysAfter(t, a, 4); len(got) > 0 {
		t.Errorf("an incident with another desk's key got %d more", len(got))
	}
}

func TestKeys_ErasedOneNeverComesBack(t *testing.T) {
	a, b := create(t), create(t)
	appendAll(t, a, report(incidentNo(1), "张三"))
	keys := keysAfter(t, a, 0)
	_, _, err := b.PutKeys(keys)
	must(t, err)
	k := keys[0].ID
	must(t, a.EraseKeys(330825111, incidentNo(1), k))
	gone := keysAfter(t, a, 1)
	if len(gone) != 1 || gone[0].ID != k || len(gone[0].Key) != 0 || gone[0].Incident != incidentNo(1) {
		t.Fatalf("the erasure is listed as %+v", gone)
	}
	if all := keysAfter(t, a, 0); len(all[0].Key) != 0 {
		t.Error("the list still gives the key")
	}
	changed, refused, err := b.PutKeys(gone)
	if err != nil || len(refused) > 0 || len(changed) != 1 {
		t.Errorf("changed %v, refused %v, error %v", changed, refused, err)
	}
	late := create(t) // hears of the erasure before it ever had the key
	_, _, err = late.PutKeys(gone)
	must(t, err)
	for _, s := range []*Store{a, b, late} {
		changed, refused, err := s.PutKeys(keys)
		if err != nil || len(changed)+len(refused) > 0 {
			t.Errorf("an erased key came back: changed %v, refused %v, error %v", changed, refused, err)
		}
		if erased, err := s.Erased(k); err != nil || !erased {
			t.Errorf("erased %v, error %v", erased, err)
		}
	}
}

func TestKeys_RefusesWhatContradicts(t *testing.T) {
	a := create(t)
	appendAll(t, a, report(incidentNo(1), "张三"))
	own := keysAfter(t, a, 0)[0]
	other := own
	other.Key = bytes.Repeat([]byte{1}, 32)
	elsewhere := own
	elsewhere.Incident = incidentNo(2)
	short := KeyItem{ID: incident.KeyID{1}, Incident: incidentNo(3), Key: []byte{1}}
	nobody := KeyItem{ID: incident.KeyID{2}, Key: own.Key}
	good := KeyItem{ID: incident.KeyID{3}, Incident: incidentNo(3), Scope: 330825111, Key: own.Key}
	changed, refused, err := a.PutKeys([]KeyItem{other, elsewhere, short, nobody, good})
	if err != nil || !reflect.DeepEqual(refused, []incident.KeyID{own.ID, own.ID, {1}, {2}}) || !reflect.DeepEqual(changed, []incident.IncidentID{incidentNo(3)}) {
		t.Errorf("refused %x, changed %v, error %v", refused, changed, err)
	}
	if got := keysAfter(t, a, 0); !bytes.Equal(got[0].Key, own.Key) {
		t.Error("the key is another one now")
	}
}
