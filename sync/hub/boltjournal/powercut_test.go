package boltjournal

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"zw110/data/powercut"
	"zw110/sync/hub/contract"
	"zw110/sync/session"
)

// Bounds of the tests of power cuts.
const (
	cutSteps    = 40
	cutsPerStep = 6
	cutSeed     = 20261124
)

// cutStep is one commit of a file, and what is acknowledged after it.
type cutStep struct {
	before, after []byte
	pos           uint64
	heads         map[int]uint64 // of each line
}

// The power goes in the middle of an append, 240 times at other places: no run that was acknowledged is lost, none is there in part, and the hub goes on.
func TestPowerCut_NoAcknowledgedRunIsLost(t *testing.T) {
	rng := rand.New(rand.NewPCG(cutSeed, 0))
	dir := cutDir(t)
	s := open(t, dir)
	file := s.countyFile(contract.County)
	steps := cutStepsOf(t, s, file, rng)
	noError(t, s.Close())
	for i, step := range steps {
		for range cutsPerStep {
			noError(t, os.WriteFile(file, powercut.Cut(step.before, step.after, os.Getpagesize(), rng), 0o600))
			last := cutStep{heads: map[int]uint64{}}
			if i > 0 {
				last = steps[i-1]
			}
			cutOnce(t, dir, last, step)
			if t.Failed() {
				t.Fatalf("seed %d, step %d", cutSeed, i)
			}
		}
	}
}

// cutDir is where syncing costs nothing, if there is such a place: what a cut leaves is worked out here, not left to a disk.
func cutDir(t *testing.T) string {
	t.Helper()
	if dir := memory(); dir != "" {
		t.Setenv("TMPDIR", dir)
	}
	return t.TempDir()
}

// cutStepsOf appends runs of three lines, each in one commit.
func cutStepsOf(t *testing.T, s *Store, file string, rng *rand.Rand) (steps []cutStep) {
	t.Helper()
	_, _, err := s.End(t.Context(), contract.County) // makes the file
	noError(t, err)
	now, err := os.ReadFile(file)
	noError(t, err)
	for range cutSteps {
		step := cutStep{before: now, heads: map[int]uint64{}}
		var entries []contract.Entry
		for range 1 + rng.IntN(40) {
			entries = append(entries, contract.Entry{Incident: rng.IntN(20), Scope: contract.TownA, Text: fmt.Sprint("entry ", rng.Uint64())})
		}
		l := line(t, s, rng.IntN(3))
		run, err := l.Run(entries...)
		noError(t, err)
		stamps, errs := s.Append(t.Context(), contract.County, []session.HubRun{run})
		noError(t, errs[0])
		step.pos = stamps[0].Pos
		for n := range 3 {
			step.heads[n] = line(t, s, n).Seq
		}
		now, err = os.ReadFile(file)
		noError(t, err)
		step.after = now
		steps = append(steps, step)
	}
	return steps
}

// cutOnce opens what a cut left: it must stand where the last commit or this one ended.
func cutOnce(t *testing.T, dir string, last, step cutStep) {
	t.Helper()
	began := time.Now()
	s := open(t, dir)
	end, _, err := s.End(t.Context(), contract.County)
	noError(t, err)
	if took := time.Since(began); took > reopenBound {
		t.Errorf("reopening took %v", took)
	}
	want := last
	if end != last.pos {
		want = step
	}
	if end != want.pos {
		t.Errorf("the feed ends at %d, acknowledged was %d, under way %d", end, last.pos, step.pos)
	}
	for n := range 3 {
		if l := line(t, s, n); l.Seq != want.heads[n] {
			t.Errorf("line %d ends at %d, not %d", n, l.Seq, want.heads[n])
		}
	}
	clean(t, s)
	appendRun(t, s, line(t, s, 0))
	noError(t, s.Close())
}

// The power goes while a seat, a code or a key is written: the record is there as before or as after, and so is its revision.
func TestPowerCut_NoRecordOfTheRegistryIsLost(t *testing.T) {
	rng := rand.New(rand.NewPCG(cutSeed, 1))
	dir := cutDir(t)
	file := filepath.Join(dir, fileRegistry)
	s := open(t, dir)
	now, err := os.ReadFile(file)
	noError(t, err)
	type change struct {
		before, after []byte
		key           string
		old, revision uint64
	}
	var changes []change
	revisions := map[string]uint64{}
	for n := range cutSteps {
		c := change{before: now, key: fmt.Sprintf("t/%d", n%7)}
		c.old = revisions[c.key]
		c.revision = noErrorPut(t, s, c.key, fmt.Sprint("value ", n), c.old)
		revisions[c.key] = c.revision
		now, err = os.ReadFile(file)
		noError(t, err)
		c.after = now
		changes = append(changes, c)
	}
	noError(t, s.Close())
	for n, c := range changes {
		for range cutsPerStep {
			noError(t, os.WriteFile(file, powercut.Cut(c.before, c.after, os.Getpagesize(), rng), 0o600))
			s := open(t, dir)
			value, revision, err := s.Get(t.Context(), c.key)
			was := revision == c.old && (n < 7) == (err != nil) && (n < 7 || string(value) == fmt.Sprint("value ", n-7))
			is := revision == c.revision && err == nil && string(value) == fmt.Sprint("value ", n)
			if !was && !is {
				t.Fatalf("seed %d, change %d: %q at revision %d, %v", cutSeed, n, value, revision, err)
			}
			noError(t, s.Close())
		}
	}
}
