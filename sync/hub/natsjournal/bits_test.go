package natsjournal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"zw110/sync/hub/contract"
	"zw110/sync/session"
)

// flip changes one bit wherever some text stands in a member's blocks, as a disk would.
func (m *members) flip(i int, text []byte) {
	m.t.Helper()
	found := 0
	noError(m.t, filepath.WalkDir(filepath.Join(m.dir, fmt.Sprint(i)), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".blk" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for at := 0; ; found++ {
			n := bytes.Index(raw[at:], text)
			if n < 0 {
				break
			}
			raw[at+n+len(text)/2] ^= 0x10
			at += n + len(text)
		}
		return os.WriteFile(path, raw, 0o600)
	}))
	if found == 0 {
		m.t.Fatalf("%q stands in no block of member %d", text, i)
	}
}

// comes tries again what the cluster is not available for, as a session does.
func comes(t *testing.T, what string, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	for {
		err := do(ctx)
		if err == nil {
			return
		}
		if !errors.Is(err, session.ErrUnavailable) || ctx.Err() != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// A disk flips bits in the blocks of one member of three, whether that leads or follows: what the members still hold between them is served, and what
// the hub can't be given by them is named as a hole and taken again.
func TestCluster_FlippedBitsInOneMember(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		t.Run(fmt.Sprint("member ", i), func(t *testing.T) {
			t.Parallel()
			flippedBits(t, i)
		})
	}
}

func flippedBits(t *testing.T, i int) {
	m := startMembers(t)
	hub := m.open(m.connect((i+1)%3), "a")
	l := line(t, hub, 0)
	var runs []session.HubRun
	for range 3 {
		run, _ := appendRun(t, hub, l)
		runs = append(runs, run)
	}
	m.kill(i)
	m.flip(i, runs[1].Run.Entries[1])
	m.start(i)
	more, err := l.Run(contract.Entry{Incident: 0, Scope: contract.TownA, Text: "after the damage"})
	noError(t, err)
	comes(t, "append", func(ctx context.Context) error {
		_, errs := hub.Append(ctx, contract.County, []session.HubRun{more})
		return errs[0]
	})
	runs = append(runs, more)

	fresh := m.open(m.connect(i), "b")
	comes(t, "head", func(ctx context.Context) error {
		_, err := fresh.Head(ctx, contract.County, l.Origin)
		return err
	})
	holes, err := fresh.Holes(t.Context(), contract.County)
	noError(t, err)
	for _, hole := range holes {
		t.Logf("hole %+v", hole)
		for _, run := range runs {
			if run.Run.First == hole.From {
				comes(t, "append to the hole", func(ctx context.Context) error {
					_, errs := fresh.Append(ctx, contract.County, []session.HubRun{run})
					return errs[0]
				})
			}
		}
	}
	for _, s := range []*Store{hub, fresh} {
		wholeFeed(t, s)
		report, err := s.Verify(t.Context(), contract.County, nil)
		noError(t, err)
		if len(report.Faults)+len(report.Holes) > 0 || report.Entries != 10 {
			t.Errorf("%+v", report)
		}
		for _, run := range runs {
			got, err := s.Range(t.Context(), contract.County, l.Origin, run.Run.First, run.Run.Last(), 1<<20)
			noError(t, err)
			if !bytes.Equal(bytes.Join(got.Entries, nil), bytes.Join(run.Run.Entries, nil)) {
				t.Errorf("entries from %d are others", run.Run.First)
			}
		}
	}
}

// A cluster that can't agree doesn't keep a call: it ends within its patience and says that it may be tried again, and afterwards goes on.
func TestCluster_WithoutAMajorityAnAppendEndsAndComesLater(t *testing.T) {
	t.Parallel()
	m := startMembers(t)
	hub := m.open(m.connect(0), "a")
	l := line(t, hub, 0)
	appendRun(t, hub, l)
	m.kill(1)
	m.kill(2)
	run, err := l.Run(contract.Entry{Incident: 0, Scope: contract.TownA, Text: "while nobody agrees"})
	noError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, errs := hub.Append(ctx, contract.County, []session.HubRun{run}); !errors.Is(errs[0], session.ErrUnavailable) {
		t.Errorf("append ends with %v", errs[0])
	}
	if ctx.Err() == nil {
		t.Error("it gave up early")
	}
	m.start(1)
	comes(t, "append", func(ctx context.Context) error {
		_, errs := hub.Append(ctx, contract.County, []session.HubRun{run})
		return errs[0]
	})
	if head, err := hub.Head(t.Context(), contract.County, l.Origin); err != nil || head.Seq != run.Run.Last() {
		t.Errorf("the line stands at %d, %v", head.Seq, err)
	}
}
