package store

import (
	"errors"
	"reflect"
	"testing"

	"zw110/data/incident"
	"zw110/data/journal"
)

// excerptsOf takes the entries of one incident out of a line.
func excerptsOf(t *testing.T, s *Store, id incident.IncidentID) []Excerpt {
	t.Helper()
	entries, err := s.Entries(id)
	must(t, err)
	var out []Excerpt
	for _, e := range entries {
		run := part(t, s, e.Origin, e.Seq-1, e.Seq)
		out = append(out, Excerpt{Origin: e.Origin, Seq: e.Seq, Before: run.Before, Entry: run.Entries[0]})
	}
	return out
}

func TestExcerpts_CountOnceAndAreInNoVector(t *testing.T) {
	county, desk := create(t), create(t)
	for range 3 {
		notes(t, county, incidentNo(1), 1, "县里")
		notes(t, county, incidentNo(2), 1, "别镇")
	}
	notes(t, desk, incidentNo(1), 1, "镇里")
	want, err := county.Entries(incidentNo(1))
	must(t, err)
	mark, err := desk.Mark()
	must(t, err)
	all := excerptsOf(t, county, incidentNo(1))
	fresh, err := desk.AppendIncoming(Incoming{Excerpts: all, Feed: "f", Cursor: []byte("3")})
	if err != nil || !reflect.DeepEqual(fresh, want) {
		t.Fatalf("%d entries came, error %v", len(fresh), err)
	}
	if again, err := desk.AppendExcerpts(all); err != nil || len(again) > 0 {
		t.Errorf("the same once more: %d entries, error %v", len(again), err)
	}
	desk = reopen(t, desk)
	got, err := desk.Entries(incidentNo(1))
	if err != nil || len(got) != 4 || !containsAll(got, want) {
		t.Errorf("%d entries, error %v", len(got), err)
	}
	if heads, err := desk.Heads(); err != nil || len(heads) != 1 {
		t.Errorf("%d heads, error %v", len(heads), err)
	}
	for name, m := range map[string]Mark{"after the mark": mark, "after none": nil} {
		var touched []incident.IncidentID
		must(t, desk.Touched(m, func(id incident.IncidentID) error { touched = append(touched, id); return nil }))
		if !reflect.DeepEqual(touched, []incident.IncidentID{incidentNo(1)}) {
			t.Errorf("%s: touched %v", name, touched)
		}
	}
	// The line comes whole later: nothing counts twice.
	if fresh, err = desk.AppendForeign([]journal.Run{wholeRun(t, county, county.Origin())}, "f", nil); err != nil || len(fresh) != 6 {
		t.Fatalf("%d entries came, error %v", len(fresh), err)
	}
	if got, err = desk.Entries(incidentNo(1)); err != nil || len(got) != 4 {
		t.Errorf("%d entries, error %v", len(got), err)
	}
	if again, err := desk.AppendExcerpts(excerptsOf(t, county, incidentNo(2))); err != nil || len(again) > 0 {
		t.Errorf("excerpts of a line that is here: %d new, error %v", len(again), err)
	}
	if r := verify(t, desk); len(r.Faults) > 0 {
		t.Errorf("report %+v", r)
	}
}

func TestExcerpts_RefusesWhatIsNone(t *testing.T) {
	county, desk := create(t), create(t)
	notes(t, county, incidentNo(1), 2, "县里")
	appendAll(t, county, Draft{Scope: 330825, Actor: "cc", Fact: &incident.Fact{Kind: incident.KindSessionOpened}})
	good := excerptsOf(t, county, incidentNo(1))
	_, err := desk.AppendExcerpts(good)
	must(t, err)
	if again, err := desk.AppendExcerpts([]Excerpt{movedExcerpt(t, county, good[1])}); err != nil || len(again) > 0 {
		t.Errorf("the same in its wrapper: %d new, error %v", len(again), err)
	}
	otherPast := good[1]
	otherPast.Before[0] ^= 1
	otherPlace := good[1]
	otherPlace.Seq = 9
	run := part(t, county, county.Origin(), 2, 3)
	for name, c := range map[string]struct {
		x    Excerpt
		want error
	}{
		"another past":       {otherPast, ErrFork},
		"another place":      {otherPlace, ErrInvalid},
		"no entry":           {Excerpt{Origin: county.Origin(), Seq: 1, Entry: []byte{1}}, ErrInvalid},
		"about the desk":     {Excerpt{Origin: county.Origin(), Seq: 3, Before: run.Before, Entry: run.Entries[0]}, ErrInvalid},
		"twice in a wrapper": {movedExcerpt(t, county, movedExcerpt(t, county, good[0])), ErrInvalid},
	} {
		if _, err := desk.AppendExcerpts([]Excerpt{c.x}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func movedExcerpt(t *testing.T, s *Store, x Excerpt) Excerpt {
	t.Helper()
	r, err := s.codec.WrapMoved(x.Origin, x.Entry)
	must(t, err)
	r.Seq = 1
	raw, err := s.codec.Encode(r)
	must(t, err)
	line := x.Origin
	line[23] ^= 1
	return Excerpt{Origin: line, Seq: 1, Before: x.Before, Entry: raw}
}
