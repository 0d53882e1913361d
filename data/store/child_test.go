package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
)

// The environment that makes this test binary a child.
const (
	childName = "ZW110_STORE_CHILD"
	childDir  = "ZW110_STORE_DIR"
)

// runChild is what this test binary does when a test starts it again as another process: it opens the store, writes one note after the
// other, and says which one is durable once Append has returned.
func runChild(name string) int {
	if name != "write" && name != "move" {
		return runLimited(name)
	}
	p := params(os.Getenv(childDir))
	s, err := Open(p)
	if err != nil {
		fmt.Println("open:", err)
		return 1
	}
	fmt.Println("open")
	if name == "move" {
		return runMoves(s)
	}
	for n := 0; ; n++ {
		id := incidentNo(n % 50)
		drafts := []Draft{note(id, fmt.Sprintf("child %d note %d", os.Getpid(), n)), note(id, "second of the same act")}
		entries, err := s.Append(drafts)
		if err != nil {
			fmt.Println("append:", err)
			return 1
		}
		for _, e := range entries {
			fmt.Println("durable", e.Seq)
		}
	}
}

// runMoves writes and moves the end of the line in turn, and says after each step how many entries there must be.
func runMoves(s *Store) int {
	total := 0
	if err := s.Each(func(incident.Entry) error { total++; return nil }); err != nil {
		fmt.Println("read:", err)
		return 1
	}
	for n := 0; ; n++ {
		entries, err := s.Append([]Draft{note(incidentNo(n%5), "一"), note(incidentNo(n%7), "二"), note(incidentNo(n%3), "三")})
		if err != nil {
			fmt.Println("append:", err)
			return 1
		}
		total += len(entries)
		fmt.Println("durable", total)
		if _, err := s.MoveTail(Fork{Common: entries[2].Seq - 2, Baton: []byte("b")}); err != nil {
			fmt.Println("move:", err)
			return 1
		}
		fmt.Println("durable", total)
	}
}

func TestKill_InTheMiddleOfAMoveLeavesBeforeOrAfter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s, err := Create(params(dir))
	must(t, err)
	closeStore(t, s)
	rng := seeded(t)
	const rounds = 40
	acked := uint64(0)
	for round := range rounds {
		acked = max(acked, killOnce(t, dir, "move", rng))
		s, err := Open(params(dir))
		if err != nil {
			t.Fatalf("round %d: reopen: %v", round, err)
		}
		seen := map[incident.EntryID]bool{}
		for _, e := range everything(t, s) {
			seen[e.ID] = true
		}
		if n := uint64(len(seen)); n < acked || n%3 != 0 {
			t.Fatalf("round %d: %d entries, %d were acknowledged", round, n, acked)
		}
		lines, err := s.Lines()
		must(t, err)
		if last := lines[len(lines)-1]; acked > 0 && last.Seq == 0 {
			t.Errorf("round %d: the kill was taken for a restore", round)
		}
		if r := verify(t, s); len(r.Faults) > 0 {
			t.Fatalf("round %d: %+v", round, r.Faults)
		}
		closeStore(t, s)
	}
	if acked == 0 {
		t.Error("no child wrote anything")
	}
}

// killRounds is how often the writing process is killed.
const killRounds = 200

// reopenBound is how long opening may take after a kill.
const reopenBound = 2 * time.Second

func TestKill_NothingAcknowledgedIsLost(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s, err := Create(params(dir))
	if err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	rng := seeded(t)
	acked := uint64(0)
	for round := range killRounds {
		acked = max(acked, killOnce(t, dir, "write", rng))
		began := time.Now()
		s, err := Open(params(dir))
		if err != nil {
			t.Fatalf("round %d: reopen: %v", round, err)
		}
		if took := time.Since(began); took > reopenBound {
			t.Errorf("round %d: reopening took %v", round, took)
		}
		last := uint64(0)
		if err := s.Each(func(e incident.Entry) error { last = e.Seq; return nil }); err != nil {
			t.Fatalf("round %d: read: %v", round, err)
		}
		if last < acked {
			t.Fatalf("round %d: entry %d was acknowledged, the journal ends at %d", round, acked, last)
		}
		if last%2 != 0 {
			t.Fatalf("round %d: half an act: the journal ends at %d", round, last)
		}
		if round%20 == 19 {
			if r := verify(t, s); len(r.Faults) > 0 {
				t.Fatalf("round %d: %+v", round, r.Faults)
			}
		}
		closeStore(t, s)
	}
	if acked == 0 {
		t.Error("no child wrote anything")
	}
	t.Logf("%d entries acknowledged over %d kills", acked, killRounds)
}

// killOnce starts a writer, kills it after a random number of acknowledgements, and returns the last one it gave.
func killOnce(t *testing.T, dir, child string, rng *rand.Rand) uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childName+"="+child, childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	left, last := rng.IntN(24), uint64(0)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		seq, durable := strings.CutPrefix(lines.Text(), "durable ")
		if durable {
			if _, err := fmt.Sscan(seq, &last); err != nil {
				t.Fatal(err)
			}
		} else if lines.Text() != "open" {
			t.Fatalf("child: %s", lines.Text())
		}
		if left--; left < 0 {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// What it said before it died counts too.
	rest, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(rest)) {
		if seq, durable := strings.CutPrefix(strings.TrimSpace(line), "durable "); durable && strings.HasSuffix(line, "\n") {
			if _, err := fmt.Sscan(seq, &last); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child ended by itself")
	}
	return last
}
