package store

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"zw110/data/dbpages"
	"zw110/data/incident"
	"zw110/data/powercut"
)

// Bounds of the test of power cuts.
const (
	cutSteps    = 55
	cutsPerStep = 4
	cutSeed     = 20261124
	// cutReopen is how long opening may take after a power cut.
	cutReopen = 2 * time.Second
)

// cutStep is one commit: what is acknowledged before it, and the file as it is afterwards.
type cutStep struct {
	before, after []byte
	entries       int // after it
}

// The power goes in the middle of a commit, 220 times at other places: what was acknowledged is there as it was, what was not is there wholly or not
// at all, and the desk goes on writing.
func TestPowerCut_NothingAcknowledgedIsLost(t *testing.T) {
	rng := rand.New(rand.NewPCG(cutSeed, 0))
	s := inMemory(t)
	db := filepath.Join(s.p.Dir, fileDB)
	config := readAll(t, s.p.ConfigDir)
	steps := cutStepsOf(t, s, db, rng)
	all := everything(t, s)
	closeStore(t, s)
	for i, step := range steps {
		for range cutsPerStep {
			if err := os.WriteFile(db, powercut.Cut(step.before, step.after, dbpages.Size, rng), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := removeIfThere(filepath.Join(s.p.Dir, fileSum)); err != nil { // only a store closed in order has one
				t.Fatal(err)
			}
			for name, content := range config {
				if err := os.WriteFile(name, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			acked := 0
			if i > 0 {
				acked = steps[i-1].entries
			}
			cutOnce(t, s, all, acked, step.entries)
			if t.Failed() {
				t.Fatalf("seed %d, step %d", cutSeed, i)
			}
		}
	}
}

// inMemory makes a store where syncing costs nothing, if there is such a place: what a cut leaves is worked out here, not left to a disk.
func inMemory(t *testing.T) *Store {
	t.Helper()
	if _, err := os.Stat("/dev/shm"); err == nil {
		t.Setenv("TMPDIR", "/dev/shm")
	}
	return create(t)
}

// cutStepsOf writes steps of one commit each.
func cutStepsOf(t *testing.T, s *Store, db string, rng *rand.Rand) []cutStep {
	t.Helper()
	file := func() []byte {
		b, err := os.ReadFile(db)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var steps []cutStep
	step := cutStep{after: file()}
	for n := range cutSteps {
		step.before = step.after
		if rng.IntN(5) == 0 {
			if err := s.SetAcked(s.Origin(), uint64(step.entries)); err != nil {
				t.Fatal(err)
			}
		} else {
			drafts := []Draft{report(incidentNo(n), "张三")}
			for range rng.IntN(12) {
				drafts = append(drafts, note(incidentNo(rng.IntN(n+1)), strings.Repeat("办", 1+rng.IntN(2000))))
			}
			step.entries += len(appendAll(t, s, drafts...))
		}
		step.after = file()
		steps = append(steps, step)
	}
	return steps
}

func readAll(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		name := filepath.Join(dir, f.Name())
		if all[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// cutOnce opens what a cut left: it must hold the entries up to acked or, if the commit came through, up to whole.
func cutOnce(t *testing.T, s *Store, all []incident.Entry, acked, whole int) {
	t.Helper()
	began := time.Now()
	again, err := Open(s.p)
	if err != nil {
		t.Errorf("open: %v", err)
		return
	}
	if took := time.Since(began); took > cutReopen {
		t.Errorf("reopening took %v", took)
	}
	got := everything(t, again)
	if n := len(got); n != acked && n != whole || !reflect.DeepEqual(got, append([]incident.Entry(nil), all[:n]...)) {
		t.Errorf("%d entries, %d were acknowledged and %d written", n, acked, whole)
	}
	if again.Origin() != s.Origin() {
		t.Error("a power cut began a new line")
	}
	if r := verify(t, again); len(r.Faults) > 0 {
		t.Errorf("verify: %+v", r)
	}
	appendAll(t, again, note(incidentNo(0), "来电后继续"))
	closeStore(t, again)
}
