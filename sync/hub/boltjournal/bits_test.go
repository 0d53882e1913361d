package boltjournal

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"testing"

	"zw110/data/dbpages"
	"zw110/data/incident"
	"zw110/sync/hub/contract"
	"zw110/sync/session"
)

const neighbour = incident.ScopeID(330802)

// A disk flips one bit in any page of one county's file, while the hub is down or while it serves: the hub lives, gives nothing that is not what was
// stored, and the other county goes on.
func TestBits_AnyPageOfOneCounty(t *testing.T) {
	for name, serving := range map[string]bool{"while it was down": false, "while it serves": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			l := line(t, s, 0)
			var runs []session.HubRun
			for range 60 {
				runs = append(runs, appendRun(t, s, l))
			}
			path := s.countyFile(contract.County)
			noError(t, s.Close())
			good, err := os.ReadFile(path)
			noError(t, err)
			pages := (len(bytes.TrimRight(good, "\x00")) + dbpages.Size - 1) / dbpages.Size
			good = good[:pages*dbpages.Size] // the file grows ahead of what is written
			rng := rand.New(rand.NewPCG(110, 7))
			told := 0
			for page := range pages {
				// Half of them where bbolt keeps its own: the page's head and its elements.
				for _, within := range []int{8 + rng.IntN(56), rng.IntN(dbpages.Size)} {
					if serving && within >= 12 && within < 16 {
						within -= 4 // how many pages a page goes on for: bbolt frees as many as it says, for minutes
					}
					if flipped(t, dir, path, good, page*dbpages.Size+within, 1<<rng.IntN(8), serving, runs) {
						told++
					}
				}
			}
			if told == 0 {
				t.Error("no flip was told of")
			}
			t.Logf("%d flips in %d pages, %d told of", 2*pages, pages, told)
		})
	}
}

// flipped flips a bit and reports whether somebody was told.
func flipped(t *testing.T, dir, path string, good []byte, at int, bit byte, serving bool, runs []session.HubRun) (told bool) {
	t.Helper()
	noError(t, errors.Join(os.Remove(path), os.WriteFile(path, good, 0o600))) // one that was given up may still be locked
	bad := func() {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		noError(t, err)
		defer f.Close()
		_, err = f.WriteAt([]byte{good[at] ^ bit}, int64(at))
		noError(t, err)
	}
	if !serving {
		bad()
	}
	s, err := Open(params(dir))
	noError(t, err)
	defer func() { noError(t, s.Close()) }()
	ctx := t.Context()
	if _, err := s.Head(ctx, contract.County, runs[0].Run.Origin); err == nil && serving {
		bad()
	}
	for _, run := range runs {
		got, err := s.Range(ctx, contract.County, run.Run.Origin, run.Run.First, run.Run.Last(), 1<<20)
		switch {
		case err != nil:
			told = true
		case got.First != run.Run.First || !bytes.HasPrefix(bytes.Join(run.Run.Entries, nil), bytes.Join(got.Entries, nil)):
			t.Errorf("byte %d: entries from %d are others", at, run.Run.First)
		}
	}
	if records, _, err := s.Feed(ctx, contract.County, 0, 1000); err != nil || len(records) != len(runs) {
		told = true
	}
	if report, err := s.Verify(ctx, contract.County, nil); err != nil || len(report.Faults)+len(report.Holes) > 0 {
		told = true
	}
	l, err := contract.NewLine(9, 1, contract.TownA)
	noError(t, err)
	run, err := l.Run(contract.Entry{Incident: 3, Scope: contract.TownA, Text: "after the damage"})
	noError(t, err)
	_, errs := s.Append(ctx, contract.County, []session.HubRun{run})
	if errs[0] != nil && !errors.Is(errs[0], session.ErrUnavailable) {
		t.Errorf("byte %d: append: %v", at, errs[0])
	}
	if _, errs := s.Append(ctx, neighbour, []session.HubRun{run}); errs[0] != nil {
		t.Errorf("byte %d: the other county: %v", at, errs[0])
	}
	return told || errs[0] != nil
}
