package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// inFile counts the index keys in the file.
func inFile(t *testing.T, s *Store) (n int) {
	t.Helper()
	must(t, s.view("count", func(tx *bbolt.Tx) error {
		n = tx.Bucket([]byte(bIncident)).Inspect().KeyN
		return nil
	}))
	return n
}

// crashed copies the database of an open store, as a crash would leave it.
func crashed(t *testing.T, s *Store) Params {
	t.Helper()
	raw, err := os.ReadFile(s.p.db())
	must(t, err)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, fileDB), raw, 0o600))
	return params(dir)
}

func wantEntries(t *testing.T, s *Store, each map[incident.IncidentID]int) {
	t.Helper()
	for id, want := range each {
		if got, err := s.Entries(id); err != nil || len(got) != want {
			t.Errorf("%d entries of %s, want %d; error %v", len(got), id, want, err)
		}
	}
}

func TestIndex_KeysThatWaitAreFoundAndReadAgainAfterACrash(t *testing.T) {
	s := create(t)
	each := map[incident.IncidentID]int{incidentNo(0): 4, incidentNo(1): 3, incidentNo(2): 3, {}: 1, incidentNo(9): 0}
	for n := range 10 {
		appendAll(t, s, note(incidentNo(n%3), "到场"))
	}
	appendAll(t, s, note(incident.IncidentID{}, "班次"))
	if got := inFile(t, s); got != 0 {
		t.Fatalf("%d keys in the file already", got)
	}
	wantEntries(t, s, each)
	if r := verify(t, s); len(r.Faults) > 0 || r.Entries != 11 {
		t.Errorf("while they wait: %+v", r)
	}

	p := crashed(t, s)
	read := p
	read.ReadOnly = true
	for _, p := range []Params{read, p} {
		again := openStore(t, p)
		wantEntries(t, again, each)
		if r := verify(t, again); len(r.Faults) > 0 {
			t.Errorf("after a crash, read-only %v: %+v", p.ReadOnly, r)
		}
		closeStore(t, again)
	}

	s = reopen(t, s)
	if got := inFile(t, s); got != 11 {
		t.Errorf("closing wrote %d keys", got)
	}
	wantEntries(t, s, each)
}

func TestIndex_WrittenWhenManyWait(t *testing.T) {
	s := create(t)
	half := make([]Draft, maxUnindexed/2)
	for i := range half {
		half[i] = note(incidentNo(i%7), "处置中")
	}
	appendAll(t, s, half...)
	if got := inFile(t, s); got != 0 {
		t.Errorf("%d keys written at half the bound", got)
	}
	appendAll(t, s, half...)
	if got := inFile(t, s); got != maxUnindexed {
		t.Errorf("%d keys written at the bound of %d", got, maxUnindexed)
	}
	appendAll(t, s, half[0])
	if got := inFile(t, s); got != maxUnindexed {
		t.Errorf("the next one wrote again: %d keys", got)
	}
	if r := verify(t, s); len(r.Faults) > 0 {
		t.Errorf("faults %+v", r.Faults)
	}
}

func TestIndex_RefusedCommitLeavesNoKey(t *testing.T) {
	s := create(t)
	appendAll(t, s, note(incidentNo(1), "一"))
	grown, err := os.Stat(s.p.db())
	must(t, err)
	s.db.MaxSize = int(grown.Size()) // as full as a disk
	for n := 0; ; n++ {
		if n > 1000 {
			t.Fatal("the store never got full")
		}
		if _, err = s.Append([]Draft{note(incidentNo(2), strings.Repeat("满", 9000))}); err != nil {
			break
		}
	}
	s.db.MaxSize = 0
	all := 0
	must(t, s.Each(func(incident.Entry) error { all++; return nil }))
	wantEntries(t, s, map[incident.IncidentID]int{incidentNo(1): 1, incidentNo(2): all - 1})
	appendAll(t, s, note(incidentNo(3), "三"))
	wantEntries(t, s, map[incident.IncidentID]int{incidentNo(2): all - 1, incidentNo(3): 1})
	if r := verify(t, s); len(r.Faults) > 0 {
		t.Errorf("faults %+v", r.Faults)
	}
}

func TestIndex_ReadersBesideWritersSeeEveryAcknowledgedEntry(t *testing.T) {
	s := create(t)
	id := incidentNo(4)
	filler := make([]Draft, 200) // so that the index is written again and again
	for i := range filler {
		filler[i] = note(incidentNo(i), "无关")
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 15 {
			if _, err := s.Append(filler); err != nil {
				t.Error(err)
			}
		}
	})
	had := 0
	for round := range 20 {
		appendAll(t, s, note(id, "到场"))
		got, err := s.Entries(id)
		if err != nil || len(got) <= had {
			t.Fatalf("%d entries after %d, error %v", len(got), had, err)
		}
		had = len(got)
		if round%5 > 0 {
			continue
		}
		if r, err := s.Verify(context.Background(), nil); err != nil || len(r.Faults) > 0 {
			t.Fatalf("beside a writer: %+v, %v", r, err)
		}
	}
	wg.Wait()
}

func TestEraseEntry_KeepsTheClockAndTheKeyStaysAway(t *testing.T) {
	s := create(t)
	ahead := note(incidentNo(1), "一")
	ahead.Wall = testStart.Add(24 * 3600e9)
	last := appendAll(t, s, note(incidentNo(1), "零"), ahead)[1]
	must(t, s.EraseEntry(s.Origin(), last.Seq))
	wantEntries(t, s, map[incident.IncidentID]int{incidentNo(1): 1})
	s = reopen(t, s)
	wantEntries(t, s, map[incident.IncidentID]int{incidentNo(1): 1})
	if got := appendAll(t, s, note(incidentNo(1), "二"))[0].HLC; got <= last.HLC {
		t.Errorf("clock %d after %d", got, last.HLC)
	}
	if got := inFile(t, s); got != 1 {
		t.Errorf("%d index keys", got)
	}
}

func TestClock_NeverFallsBackOverACrashOrANewIncarnation(t *testing.T) {
	s := create(t)
	ahead := note(incidentNo(1), "一")
	ahead.Wall = testStart.Add(24 * 3600e9)
	last := appendAll(t, s, ahead)[0].HLC
	crash := openStore(t, crashed(t, s)) // elsewhere, so as another incarnation too
	if crash.Now() < last {
		t.Errorf("after a crash the clock stands at %d, was %d", crash.Now(), last)
	}
	crash = openStore(t, crashed(t, crash))
	if crash.Now() < last {
		t.Errorf("after a second one at %d, was %d", crash.Now(), last)
	}
	_, err := s.NewIncarnation()
	must(t, err)
	if again := openStore(t, crashed(t, s)); again.Now() < last {
		t.Errorf("after a new incarnation at %d, was %d", again.Now(), last)
	}
}

func TestIndex_WholeAfterAMoveAndACrash(t *testing.T) {
	s := create(t)
	notes(t, s, incidentNo(1), 3, "以前")
	other := create(t)
	notes(t, other, incidentNo(1), 2, "别处")
	_, err := s.AppendForeign([]journal.Run{wholeRun(t, other, other.Origin())}, "f", nil)
	must(t, err)
	if got := inFile(t, s); got != 0 {
		t.Fatalf("%d keys in the file already", got)
	}
	_, err = s.Enrol(Seat{Desk: [16]byte{7, 7}})
	must(t, err)
	if got := inFile(t, s); got != 5 {
		t.Errorf("a move left %d keys in the file", got)
	}
	notes(t, s, incidentNo(2), 2, "以后")
	each := map[incident.IncidentID]int{incidentNo(1): 5, incidentNo(2): 2}
	wantEntries(t, s, each)
	again := openStore(t, crashed(t, s))
	wantEntries(t, again, each)
	if r := verify(t, again); len(r.Faults) > 0 {
		t.Errorf("faults %+v", r.Faults)
	}
}
