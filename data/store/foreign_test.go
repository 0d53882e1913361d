package store

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"zw110/data/incident"
	"zw110/data/journal"
)

// wholeRun returns everything an origin of a store has.
func wholeRun(t *testing.T, s *Store, origin incident.Origin) journal.Run {
	t.Helper()
	run, err := s.Range(origin, 0, ^uint64(0), 1<<30)
	must(t, err)
	return run
}

func TestForeign_RunsTravelWhole(t *testing.T) {
	from, to := create(t), create(t)
	for range 5 {
		appendAll(t, from, note(incidentNo(1), "从别处来"), note(incidentNo(2), "也是"))
	}
	run := wholeRun(t, from, from.Origin())
	if err := journal.VerifySeal(from.PublicKey(), run.Origin, run.Last(), mustHash(t, from, run), run.Seal); err != nil {
		t.Error(err)
	}
	fresh, err := to.AppendForeign([]journal.Run{run}, "county", []byte("pos 10"))
	if err != nil || !reflect.DeepEqual(fresh, everything(t, from)) {
		t.Fatalf("%d entries came, error %v", len(fresh), err)
	}
	if c, err := to.Cursor("county"); err != nil || string(c) != "pos 10" {
		t.Errorf("cursor %q, error %v", c, err)
	}
	again, err := to.AppendForeign([]journal.Run{run}, "county", []byte("pos 11"))
	if err != nil || len(again) > 0 {
		t.Errorf("the same once more: %d entries, error %v", len(again), err)
	}
	to = reopen(t, to)
	got, err := to.Entries(incidentNo(2))
	if err != nil || len(got) != 5 {
		t.Errorf("%d entries, error %v", len(got), err)
	}
	if r := verify(t, to); len(r.Faults) > 0 || r.Entries != 10 || r.Origins != 1 {
		t.Errorf("report %+v", r)
	}
	if !reflect.DeepEqual(wholeRun(t, to, run.Origin), run) {
		t.Error("given on, the run is another one")
	}
}

func mustHash(t *testing.T, s *Store, run journal.Run) journal.Hash {
	t.Helper()
	h, err := s.HashAt(run.Origin, run.Last())
	must(t, err)
	return h
}

func TestForeign_GapsForksAndOverlaps(t *testing.T) {
	from, to := create(t), create(t)
	for range 6 {
		appendAll(t, from, note(incidentNo(1), "x"))
	}
	piece := func(after, upTo uint64) journal.Run {
		run, err := from.Range(from.Origin(), after, upTo, 1<<20)
		must(t, err)
		return run
	}
	other := piece(0, 3)
	other.Entries = append([][]byte{}, other.Entries...)
	r, err := from.codec.Decode(other.Entries[1])
	must(t, err)
	r.Actor = "someone"
	other.Entries[1], err = from.codec.Encode(r)
	must(t, err)
	own := piece(0, 2)
	own.Origin = to.Origin()
	wrongBefore := piece(3, 6)
	wrongBefore.Before[0] ^= 1
	garbage := piece(3, 4)
	garbage.Entries = [][]byte{{1, 2, 3}}
	fromZero := piece(0, 2)
	fromZero.First = 0
	steps := []struct {
		name string
		run  journal.Run
		want error
		upTo uint64
	}{
		{"gap at the start", piece(2, 4), ErrGap, 0},
		{"first piece", piece(0, 3), nil, 3},
		{"gap", piece(4, 6), ErrGap, 3},
		{"fork", other, ErrFork, 3},
		{"wrong hash before", wrongBefore, ErrFork, 3},
		{"garbage", garbage, ErrInvalid, 3},
		{"sequence zero", fromZero, ErrInvalid, 3},
		{"own origin", own, ErrInvalid, 3},
		{"overlap", piece(1, 5), nil, 5},
		{"rest", piece(5, 6), nil, 6},
	}
	for _, step := range steps {
		_, err := to.AppendForeign([]journal.Run{step.run}, "f", nil)
		if step.want == nil && err != nil || !errors.Is(err, step.want) && step.want != nil {
			t.Errorf("%s: error %v, want %v", step.name, err, step.want)
		}
		mark, err := to.Mark()
		if err != nil || mark[from.Origin()] != step.upTo {
			t.Errorf("%s: %d entries are here, want %d, error %v", step.name, mark[from.Origin()], step.upTo, err)
		}
	}
	// Two pieces of one feed message, of which the second is bad: neither stays.
	third := create(t)
	if _, err := third.AppendForeign([]journal.Run{piece(0, 3), wrongBefore}, "f", []byte("1")); !errors.Is(err, ErrFork) {
		t.Errorf("half a message: %v", err)
	}
	if got := everything(t, third); len(got) != 0 {
		t.Errorf("%d entries of half a message", len(got))
	}
	if r := verify(t, to); len(r.Faults) > 0 {
		t.Errorf("report %+v", r)
	}
}

// A moved entry keeps its ID, whether the receiver holds the old chain, the entry before, or only what the run says.
func TestForeign_MovedEntryKeepsItsID(t *testing.T) {
	from := create(t)
	appendAll(t, from, note(incidentNo(1), "一"))
	kept := appendAll(t, from, note(incidentNo(1), "二"), note(incidentNo(1), "三"))
	old := wholeRun(t, from, from.Origin())
	fresh := old.Origin
	fresh[23] ^= 1
	moved := journal.Run{Origin: fresh, First: 1, Before: journal.Start(fresh)}
	for i, raw := range old.Entries[1:] {
		r, err := from.codec.WrapMoved(old.Origin, raw)
		must(t, err)
		r.Seq, r.HLC = uint64(i)+1, kept[1].HLC+incident.HLC(i)+1
		b, err := from.codec.Encode(r)
		must(t, err)
		moved.Entries = append(moved.Entries, b)
	}
	var err error
	moved.OldBefore, err = from.HashAt(old.Origin, 1)
	must(t, err)
	head := old
	head.Entries = old.Entries[:1]
	head.Seal = nil
	for name, held := range map[string][]journal.Run{"nothing": nil, "the entry before": {head}, "all of it": {old}} {
		to := create(t)
		if held != nil {
			_, err := to.AppendForeign(held, "f", nil)
			must(t, err)
		}
		run := moved
		if held != nil {
			run.OldBefore = journal.Hash{}
		}
		got, err := to.AppendForeign([]journal.Run{run}, "f", nil)
		if err != nil || !reflect.DeepEqual(got, kept) {
			t.Errorf("%s is here: %+v, want %+v, error %v", name, got, kept, err)
		}
		to = reopen(t, to)
		entries, err := to.Entries(incidentNo(1))
		ids := map[incident.EntryID]bool{}
		for _, e := range entries {
			ids[e.ID] = true
		}
		if err != nil || !ids[kept[0].ID] || !ids[kept[1].ID] || len(ids) > 3 {
			t.Errorf("%s is here: %d IDs, error %v", name, len(ids), err)
		}
		if r := verify(t, to); len(r.Faults) > 0 {
			t.Errorf("%s is here: report %+v", name, r)
		}
	}
}

func TestRange_FitsIntoItsBytes(t *testing.T) {
	s := create(t)
	for range 10 {
		appendAll(t, s, note(incidentNo(1), "一二三四五六七八九十"))
	}
	run, err := s.Range(s.Origin(), 2, 100, 1)
	if err != nil || len(run.Entries) != 1 || run.First != 3 || run.Seal != nil {
		t.Errorf("run from %d with %d entries, seal %x, error %v", run.First, len(run.Entries), run.Seal, err)
	}
	run, err = s.Range(s.Origin(), 9, 100, 1)
	if err != nil || run.Last() != 10 || len(run.Seal) == 0 {
		t.Errorf("last run %+v, error %v", run, err)
	}
	if _, err := s.Range(s.Origin(), 11, 12, 1); !errors.Is(err, ErrGap) {
		t.Errorf("beyond the end: %v", err)
	}
	hash, err := s.HashAt(s.Origin(), 4)
	must(t, err)
	if err := journal.VerifySeal(s.PublicKey(), s.Origin(), 4, hash, s.SealNow(s.Origin(), 4, hash)); err != nil {
		t.Error(err)
	}
}

func TestAcked_NeverGoesBack(t *testing.T) {
	s := create(t)
	for _, step := range []struct{ set, want uint64 }{{3, 3}, {2, 3}, {9, 9}} {
		must(t, s.SetAcked(s.Origin(), step.set))
		if got, err := s.Acked(s.Origin()); err != nil || got != step.want {
			t.Errorf("after %d: %d, error %v", step.set, got, err)
		}
	}
}

func TestForeign_ClockOfNextYearDoesNotDrag(t *testing.T) {
	from, to := create(t), create(t)
	d := note(incidentNo(1), "x")
	d.Wall = testStart.Add(365 * 24 * 3600e9)
	appendAll(t, from, d)
	_, err := to.AppendForeign([]journal.Run{wholeRun(t, from, from.Origin())}, "f", nil)
	must(t, err)
	if got := appendAll(t, to, note(incidentNo(1), "y"))[0]; journal.WallOf(got.HLC) > testStart.Add(3600e9) {
		t.Errorf("clock at %v", journal.WallOf(got.HLC).Time())
	}
	if b := bytes.Compare(from.PublicKey(), to.PublicKey()); b == 0 {
		t.Error("two desks with one key")
	}
}
