package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"zw110/data/incident"
	"zw110/data/journal"
)

// twin copies a store's folder to another place, as a clone of the whole computer would: the copy goes on with the same line.
func twin(t *testing.T, s *Store) (first, second *Store) {
	t.Helper()
	closeStore(t, s)
	p := s.p
	p.Dir, p.ConfigDir = filepath.Join(t.TempDir(), "twin"), ""
	copyDir(t, s.p.Dir, p.Dir)
	p, err := p.complete()
	must(t, err)
	p = p.configured(true)
	old, err := readAnchor(anchorPath(s.p.ConfigDir, storeName(s.id), s.p.Dir))
	must(t, err)
	old.Place = placeOf(p.Dir)
	must(t, os.MkdirAll(p.ConfigDir, 0o700))
	must(t, writeAnchor(anchorPath(p.ConfigDir, storeName(s.id), p.Dir), old))
	first, second = openStore(t, s.p), openStore(t, p)
	if first.Origin() != second.Origin() {
		t.Fatal("the copy noticed that it is one")
	}
	return first, second
}

func ids(entries []incident.Entry) []incident.EntryID {
	out := make([]incident.EntryID, 0, len(entries))
	for _, e := range entries {
		out = append(out, e.ID)
	}
	return out
}

func part(t *testing.T, s *Store, origin incident.Origin, after, to uint64) journal.Run {
	t.Helper()
	run, err := s.Range(origin, after, to, 1<<30)
	must(t, err)
	return run
}

// notes appends n notes to an incident.
func notes(t *testing.T, s *Store, id incident.IncidentID, n int, text string) []incident.Entry {
	t.Helper()
	var out []incident.Entry
	for i := range n {
		out = append(out, appendAll(t, s, note(id, fmt.Sprintf("%s %d", text, i)))...)
	}
	return out
}

func line(t *testing.T, s *Store, origin incident.Origin) Line {
	t.Helper()
	lines, err := s.Lines()
	must(t, err)
	at := slices.IndexFunc(lines, func(l Line) bool { return l.Origin == origin })
	if at < 0 {
		t.Fatalf("no line %x among %d", origin, len(lines))
	}
	return lines[at]
}

// Two copies of one disk go on apart; the county has met the first. The second gets a line of its own, its entries keep their IDs,
// and both pasts are whole at both.
func TestMoveTail_ForkedLineGoesOnUnderANewName(t *testing.T) {
	s := create(t)
	common := notes(t, s, incidentNo(1), 3, "共同")
	a, b := twin(t, s)
	old := a.Origin()
	notes(t, a, incidentNo(1), 2, "甲")
	theirs := notes(t, a, incidentNo(2), 1, "甲")
	mine := notes(t, b, incidentNo(1), 2, "乙")
	mine = append(mine, notes(t, b, incidentNo(3), 2, "乙")...)
	before, err := b.Entries(incidentNo(3))
	must(t, err)

	done, err := b.MoveTail(Fork{Common: 3, Runs: []journal.Run{part(t, a, old, 3, 99)}, Baton: []byte("staff")})
	if err != nil {
		t.Fatal(err)
	}
	if done.Line == old || done.Line != b.Origin() || done.Entries != 4 || len(done.Fresh) != 3 || done.Fresh[2].ID != theirs[0].ID {
		t.Fatalf("moved %+v", done)
	}
	b = reopen(t, b)
	if b.Origin() != done.Line {
		t.Fatal("the new line is forgotten")
	}
	for origin, want := range map[incident.Origin]string{done.Line: "staff", old: ""} {
		if got, err := b.Baton(origin); err != nil || string(got) != want {
			t.Errorf("baton of %x: %q, want %q, error %v", origin, got, want, err)
		}
	}
	if after, err := b.Entries(incidentNo(3)); err != nil || !reflect.DeepEqual(after, before) {
		t.Errorf("moved entries read\n%+v, were\n%+v, error %v", after, before, err)
	}
	if got := wholeRun(t, b, old); !reflect.DeepEqual(got.Entries, wholeRun(t, a, old).Entries) {
		t.Error("the old line is not the county's")
	}
	if l := line(t, b, old); l.Acked != 6 || l.Current {
		t.Errorf("old line %+v", l)
	}
	if l := line(t, b, done.Line); l.Acked != 0 || l.Seq != 4 || !l.Current {
		t.Errorf("new line %+v", l)
	}
	later := appendAll(t, b, note(incidentNo(1), "以后"))[0]
	if later.Seq != 5 || later.Origin != done.Line {
		t.Errorf("goes on with %+v", later)
	}
	run := wholeRun(t, b, done.Line)
	if run.OldBefore != common[2].ID {
		t.Error("the run doesn't say what was before its first entry")
	}
	fresh, err := a.AppendForeign([]journal.Run{run}, "f", nil)
	if err != nil || !slices.Equal(ids(fresh), append(ids(mine), later.ID)) {
		t.Errorf("the first copy got %d entries, want %d with their IDs, error %v", len(fresh), len(mine)+1, err)
	}
	for i := range 3 {
		x, errX := a.Entries(incidentNo(i + 1))
		y, errY := b.Entries(incidentNo(i + 1))
		if errX != nil || errY != nil || !sameEntries(x, y) {
			t.Errorf("incident %d: %d and %d entries, errors %v, %v", i+1, len(x), len(y), errX, errY)
		}
	}
	for _, s := range []*Store{a, b} {
		if r := verify(t, s); len(r.Faults) > 0 {
			t.Errorf("report %+v", r)
		}
	}
	if n := keysIn(t, b, bForked); n != 4 {
		t.Errorf("%d entries are kept for audit", n)
	}
}

// sameEntries compares sets of entries.
func sameEntries(a, b []incident.Entry) bool {
	byID := func(x, y incident.Entry) int { return bytes.Compare(x.ID[:], y.ID[:]) }
	a, b = slices.Clone(a), slices.Clone(b)
	slices.SortFunc(a, byID)
	slices.SortFunc(b, byID)
	return reflect.DeepEqual(a, b)
}

func keysIn(t *testing.T, s *Store, bucket string) (n int) {
	t.Helper()
	tx, err := s.db.Begin(false)
	must(t, err)
	must(t, tx.Bucket([]byte(bucket)).ForEach(func(_, _ []byte) error { n++; return nil }))
	must(t, tx.Rollback())
	return n
}

// A restored desk has less than the county and nothing of its own: it gets its past back and goes on.
func TestMoveTail_RewoundLineGetsItsEndBack(t *testing.T) {
	s := create(t)
	notes(t, s, incidentNo(1), 3, "旧")
	county, desk := twin(t, s)
	notes(t, county, incidentNo(1), 4, "丢失的")
	old := desk.Origin()
	done, err := desk.MoveTail(Fork{Common: 3, Runs: []journal.Run{part(t, county, old, 3, 5)}})
	if err != nil || done.Entries != 0 || len(done.Fresh) != 2 {
		t.Fatalf("moved %+v, error %v", done, err)
	}
	if _, err := desk.AppendForeign([]journal.Run{part(t, county, old, 5, 99)}, "f", nil); err != nil {
		t.Fatal(err)
	}
	if l := line(t, desk, old); l.Seq != 7 || l.Acked != 7 {
		t.Errorf("old line %+v", l)
	}
	if e := appendAll(t, desk, note(incidentNo(1), "新"))[0]; e.Seq != 1 || e.HLC <= done.Fresh[1].HLC {
		t.Errorf("goes on with %+v", e)
	}
	if r := verify(t, desk); len(r.Faults) > 0 {
		t.Errorf("report %+v", r)
	}
}

// Three copies fall off the line one after the other, and the last one moves what was moved before: nothing is wrapped twice, no ID
// changes, and what another line carries already stays where it is.
func TestMoveTail_MovedAgainIsWrappedOnce(t *testing.T) {
	s := create(t)
	notes(t, s, incidentNo(1), 2, "共同")
	a, b := twin(t, s)
	old := a.Origin()
	notes(t, a, incidentNo(1), 1, "甲")
	mine := notes(t, b, incidentNo(1), 3, "乙")
	b, c := twin(t, b)
	run := part(t, a, old, 2, 99)
	first, err := b.MoveTail(Fork{Common: 2, Runs: []journal.Run{run}})
	must(t, err)
	more := notes(t, b, incidentNo(1), 2, "乙新")
	second, err := b.MoveTail(Fork{Common: 1})
	if err != nil || second.Entries != 4 {
		t.Fatalf("moved %+v, error %v", second, err)
	}
	if got := wholeRun(t, b, first.Line); len(got.Entries) != 1 {
		t.Errorf("%d entries stay in the line between", len(got.Entries))
	}
	for _, raw := range wholeRun(t, b, second.Line).Entries {
		r, err := b.codec.Decode(raw)
		must(t, err)
		m, err := b.codec.DecodeMoved(r)
		must(t, err)
		if inner, err := b.codec.Decode(m.Raw); err != nil || inner.Kind == incident.KindMoved {
			t.Errorf("wrapped twice, error %v", err)
		}
	}
	// The third copy hears of all that before it moves: it has nothing left to move.
	_, err = c.AppendForeign([]journal.Run{part(t, b, first.Line, 0, 99), part(t, b, second.Line, 0, 2)}, "f", nil)
	must(t, err)
	rest := part(t, b, second.Line, 2, 99)
	got, err := c.AppendForeign([]journal.Run{rest}, "f", nil)
	must(t, err)
	if want := ids(more); !slices.Equal(ids(got), want) {
		t.Errorf("second run has IDs %x, want %x", ids(got), want)
	}
	done, err := c.MoveTail(Fork{Common: 2, Runs: []journal.Run{run}})
	if err != nil || done.Entries != 0 {
		t.Errorf("moved %+v, error %v", done, err)
	}
	x, errX := b.Entries(incidentNo(1))
	y, errY := c.Entries(incidentNo(1))
	if errX != nil || errY != nil || !sameEntries(x, y) || len(x) != 2+1+len(mine)+len(more) {
		t.Errorf("%d and %d entries, errors %v, %v", len(x), len(y), errX, errY)
	}
	for _, s := range []*Store{b, c} {
		if r := verify(t, s); len(r.Faults) > 0 {
			t.Errorf("report %+v", r)
		}
	}
}

// A run ends where the moved entries don't follow each other in their old line, so that each run says all that its reader must know.
func TestRange_EndsWhereMovedEntriesDontFollow(t *testing.T) {
	s := create(t)
	notes(t, s, incidentNo(1), 2, "共同")
	a, b := twin(t, s)
	old := a.Origin()
	mine := notes(t, b, incidentNo(1), 5, "乙")
	b, c := twin(t, b)
	// c falls off and moves the middle one only: the others were moved by b, of which c has heard one.
	first, err := b.MoveTail(Fork{Common: 2})
	must(t, err)
	_, err = c.AppendForeign([]journal.Run{part(t, b, first.Line, 0, 2)}, "f", nil)
	must(t, err)
	must(t, c.EraseEntry(old, 6))
	done, err := c.MoveTail(Fork{Common: 2})
	if err != nil || done.Entries != 2 {
		t.Fatalf("moved %+v, error %v", done, err)
	}
	run := part(t, c, done.Line, 0, 99)
	if len(run.Entries) != 1 || run.OldBefore != mine[1].ID {
		t.Fatalf("first run has %d entries", len(run.Entries))
	}
	next := part(t, c, done.Line, 1, 99)
	fresh, err := a.AppendForeign([]journal.Run{run, next}, "f", nil)
	if err != nil || !slices.Equal(ids(fresh), []incident.EntryID{mine[2].ID, mine[4].ID}) {
		t.Errorf("got %d entries, error %v", len(fresh), err)
	}
}

func TestMoveTail_RefusesWhatDoesNotFit(t *testing.T) {
	s := create(t)
	notes(t, s, incidentNo(1), 3, "x")
	other := create(t)
	notes(t, other, incidentNo(1), 1, "y")
	before := wholeRun(t, s, s.Origin())
	wrong := wholeRun(t, s, s.Origin())
	wrong.First, wrong.Entries, wrong.Before = 2, wrong.Entries[1:], journal.Hash{1}
	for name, f := range map[string]struct {
		fork Fork
		want error
	}{
		"beyond the end":       {Fork{Common: 4}, ErrGap},
		"runs of another past": {Fork{Common: 1, Runs: []journal.Run{wrong}}, ErrFork},
		"runs with a hole":     {Fork{Common: 0, Runs: []journal.Run{part(t, s, s.Origin(), 1, 3)}}, ErrGap},
	} {
		if _, err := s.MoveTail(f.fork); !errors.Is(err, f.want) {
			t.Errorf("%s: %v, want %v", name, err, f.want)
		}
	}
	if got := wholeRun(t, s, s.Origin()); !reflect.DeepEqual(got, before) {
		t.Error("a refused move changed the line")
	}
}

// A cache of states that was taken before a line was rewritten must not count for what the line holds now.
func TestMoveTail_CacheOfStatesIsPassedOver(t *testing.T) {
	s := create(t)
	notes(t, s, incidentNo(1), 4, "共同")
	county, desk := twin(t, s)
	notes(t, county, incidentNo(2), 3, "甲")
	notes(t, desk, incidentNo(3), 3, "乙")
	mark, err := desk.Mark()
	must(t, err)
	must(t, desk.PutFolds(1, mark, nil))
	_, err = desk.MoveTail(Fork{Common: 4, Runs: []journal.Run{part(t, county, desk.Origin(), 4, 99)}})
	must(t, err)
	none := func(incident.IncidentID, []byte) error { return nil }
	if got, err := desk.Folds(1, none); err != nil || got != nil {
		t.Errorf("the mark is still %v, error %v", got, err)
	}
	must(t, desk.PutFolds(1, mark, nil)) // somebody was about to write what had been taken before
	if got, err := desk.Folds(1, none); err != nil || got != nil {
		t.Errorf("the old mark came back as %v, error %v", got, err)
	}
	if mark, err = desk.Mark(); err != nil {
		t.Fatal(err)
	}
	must(t, desk.PutFolds(1, mark, nil))
	if got, err := desk.Folds(1, none); err != nil || !reflect.DeepEqual(got, mark) {
		t.Errorf("a new mark %v is read as %v, error %v", mark, got, err)
	}
}

// A line that is newer than the anchor says is no restore; one that the anchor doesn't know and the store never had is one.
func TestAnchor_KnowsLinesAfterAMove(t *testing.T) {
	p, _ := stored(t)
	s := openStore(t, p)
	first := s.Origin()
	notes(t, s, incidentNo(1), 20, "x")
	file := filepath.Join(t.TempDir(), "copy")
	path := s.anchorPath
	must(t, s.copyTo(t.Context(), file))
	opened, err := os.ReadFile(path)
	must(t, err)
	done, err := s.MoveTail(Fork{Common: 20})
	must(t, err)
	closeStore(t, s)
	closed, err := os.ReadFile(path)
	must(t, err)

	must(t, os.WriteFile(path, opened, 0o600)) // killed: the anchor is as it was when the store was opened
	if got := originAfter(t, p); got != done.Line {
		t.Errorf("after a kill %x, want %x", got, done.Line)
	}
	must(t, os.WriteFile(path, closed, 0o600))
	must(t, os.Rename(file, p.db()))
	if got := originAfter(t, p); got == done.Line || got == first {
		t.Error("a copy from before the move goes on with its line")
	}
}

func TestLines_OldStoreListsThoseOfItsDesk(t *testing.T) {
	s := filledStore(t)
	first := s.Origin()
	second, err := s.NewIncarnation()
	must(t, err)
	notes(t, s, incidentNo(1), 1, "x")
	other := create(t)
	notes(t, other, incidentNo(1), 1, "y")
	_, err = s.AppendForeign([]journal.Run{wholeRun(t, other, other.Origin())}, "f", nil)
	must(t, err)
	must(t, s.SetAcked(first, 7))
	lines, err := s.Lines()
	if err != nil || len(lines) != 2 || lines[0].Origin != first || lines[1].Origin != second || !lines[1].Current {
		t.Fatalf("lines %+v, error %v", lines, err)
	}
	if lines[0].Acked != 7 || lines[0].Seq != 60 || len(lines[0].Seal) == 0 {
		t.Errorf("first line %+v", lines[0])
	}
}

// Enrolment gives the store another desk's name. All that was written before goes into the new line, in one transaction.
func TestEnrol_EntriesReachTheCountyUnderTheSeatsName(t *testing.T) {
	s := filledStore(t)
	old := s.Origin()
	_, err := s.NewIncarnation()
	must(t, err)
	notes(t, s, incidentNo(1), 3, "以后")
	before := everything(t, s)
	age := func(e incident.Entry) int { // lines are read by their random names, and move by their age
		if e.Origin == old {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(before, func(a, b incident.Entry) int { return age(a) - age(b) })
	seat := Seat{Desk: [16]byte{7, 7}, Records: map[string][]byte{"hub": []byte("龙游")}, Baton: []byte("b")}
	var steps []int
	seat.Progress = func(done, total int) { steps = append(steps, done, total) }
	done, err := s.Enrol(seat)
	if err != nil || done.Entries != 63 || !bytes.Equal(done.Line[:16], seat.Desk[:]) || done.Line != s.Origin() {
		t.Fatalf("moved %+v, error %v", done, err)
	}
	if !reflect.DeepEqual(steps, []int{63, 63}) {
		t.Errorf("progress %v", steps)
	}
	s = reopen(t, s)
	if got := everything(t, s); !sameEntries(got, before) {
		t.Errorf("%d entries read otherwise than before", len(got))
	}
	heads, err := s.Heads()
	if err != nil || len(heads) != 1 || heads[0].Origin != done.Line {
		t.Errorf("heads %+v, error %v", heads, err)
	}
	if v, err := s.HubRecord("hub"); err != nil || string(v) != "龙游" {
		t.Errorf("hub record %q, error %v", v, err)
	}
	if v, err := s.Baton(done.Line); err != nil || string(v) != "b" {
		t.Errorf("baton %q, error %v", v, err)
	}
	county := create(t)
	for after := uint64(0); after < 63; {
		run, err := s.Range(done.Line, after, 99, 2000)
		must(t, err)
		if err := journal.VerifySeal(s.PublicKey(), done.Line, run.Last(), mustHash(t, s, run), s.SealNow(done.Line, run.Last(), mustHash(t, s, run))); err != nil {
			t.Error(err)
		}
		_, err = county.AppendForeign([]journal.Run{run}, "f", nil)
		must(t, err)
		after = run.Last()
	}
	got := everything(t, county)
	for i := range got { // the county has no keys
		got[i].Fact.Reporter = nil
	}
	for i := range before {
		before[i].Fact.Reporter = nil
	}
	if !sameEntries(got, before) || got[0].Origin != old {
		t.Error("the county sees other entries")
	}
	// Once more as the same seat: nothing moves.
	if again, err := s.Enrol(Seat{Desk: seat.Desk, Baton: []byte("c")}); err != nil || again.Entries != 0 || again.Line != done.Line {
		t.Errorf("enrolled again: %+v, error %v", again, err)
	}
	if _, err := s.Enrol(Seat{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("no seat: %v", err)
	}
	for _, s := range []*Store{s, county} {
		if r := verify(t, s); len(r.Faults) > 0 || r.Entries != 63 {
			t.Errorf("report %+v", r)
		}
	}
}
