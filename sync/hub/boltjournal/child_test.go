package boltjournal

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"zw110/sync/hub/contract"
	"zw110/sync/session"
)

// The environment that makes this test binary a child.
const (
	childName = "ZW110_HUB_CHILD"
	childDir  = "ZW110_HUB_DIR"
)

// childWriters is how many lines a child writes at once.
const childWriters = 8

// runChild is what this test binary does when a test starts it again as another process.
func runChild(name string) int {
	s, err := Open(params(os.Getenv(childDir)))
	if err != nil {
		fmt.Println("open:", err)
		return 1
	}
	switch name {
	case "write":
		return runWriters(s)
	case "full":
		return runFull(s)
	}
	fmt.Println("no such child:", name)
	return 2
}

// runWriters writes lines until it is killed, and says which entry is durable once Append has returned.
func runWriters(s *Store) int {
	var wg sync.WaitGroup
	var out sync.Mutex
	for n := range childWriters {
		wg.Go(func() {
			l, err := lineAt(s, n)
			for i := 0; err == nil; i++ {
				var run session.HubRun
				run, err = l.Run(contract.Entry{Incident: i % 50, Scope: contract.TownA, Text: "first"}, contract.Entry{Incident: n, Scope: contract.TownB})
				if err != nil {
					break
				}
				stamps, errs := s.Append(context.Background(), contract.County, []session.HubRun{run})
				if err = errs[0]; err == nil {
					l.Stored(run)
					out.Lock()
					fmt.Println("durable", n, run.Run.Last(), stamps[0].Pos)
					out.Unlock()
				}
			}
			fmt.Println("write:", err)
		})
	}
	wg.Wait()
	return 1
}

// lineAt returns a line that goes on where it is stored.
func lineAt(s *Store, n int) (*contract.Line, error) {
	l, err := contract.NewLine(byte(n+1), 1, contract.TownA)
	if err != nil {
		return nil, err
	}
	head, err := s.Head(context.Background(), contract.County, l.Origin)
	if err == nil && head.Seq > 0 {
		l.Seq, l.Hash = head.Seq, head.Hash
	}
	return l, err
}

// killRounds is how often the writing process is killed, reopenBound how long opening may take after that.
const (
	killRounds  = 30
	reopenBound = 2 * time.Second
)

func TestKill_NothingAcknowledgedIsLost(t *testing.T) {
	dir := t.TempDir()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	acked := map[int]uint64{} // line → last entry
	for round := range killRounds {
		pos := killOnce(t, dir, rng, acked)
		began := time.Now()
		s, err := Open(params(dir))
		noError(t, err)
		end, _, err := s.End(t.Context(), contract.County)
		noError(t, err)
		if took := time.Since(began); took > reopenBound {
			t.Errorf("round %d: reopening took %v", round, took)
		}
		if end < pos {
			t.Fatalf("round %d: position %d was acknowledged, the feed ends at %d", round, pos, end)
		}
		for n := range childWriters {
			l, err := lineAt(s, n)
			noError(t, err)
			if l.Seq < acked[n] || l.Seq%2 != 0 {
				t.Fatalf("round %d: entry %d of line %d was acknowledged, it ends at %d", round, acked[n], n, l.Seq)
			}
		}
		report, err := s.Verify(t.Context(), contract.County, nil)
		noError(t, err)
		if len(report.Faults)+len(report.Holes) > 0 {
			t.Fatalf("round %d: %+v", round, report)
		}
		noError(t, s.Close())
	}
	if len(acked) < childWriters {
		t.Errorf("acknowledged: %v", acked)
	}
	t.Logf("acknowledged: %v", acked)
}

// killOnce starts writers, kills their process after a random number of acknowledgements, and returns the last position they were given.
func killOnce(t *testing.T, dir string, rng *rand.Rand, acked map[int]uint64) (last uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childName+"=write", childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	noError(t, err)
	noError(t, cmd.Start())
	note := func(line string) {
		var n int
		var seq, pos uint64
		if _, err := fmt.Sscanf(line, "durable %d %d %d", &n, &seq, &pos); err != nil {
			t.Fatalf("child: %s", line)
		}
		acked[n], last = max(acked[n], seq), max(last, pos)
	}
	lines := bufio.NewReader(out)
	for left := rng.IntN(100); left >= 0; left-- {
		line, err := lines.ReadString('\n')
		noError(t, err)
		note(line)
	}
	noError(t, cmd.Process.Kill())
	rest, err := io.ReadAll(lines) // what it said before it died counts too
	noError(t, err)
	for line := range strings.Lines(string(rest)) {
		if strings.HasSuffix(line, "\n") {
			note(line)
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child ended by itself")
	}
	return last
}

// runFull writes until the kernel lets the file grow no more, then lets it grow, and writes on.
func runFull(s *Store) int {
	signal.Ignore(syscall.SIGXFSZ)
	l, err := lineAt(s, 0)
	if err != nil {
		fmt.Println("open:", err)
		return 1
	}
	info, err := os.Stat(s.countyFile(contract.County))
	if err != nil {
		fmt.Println("stat:", err)
		return 1
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		fmt.Println("getrlimit:", err)
		return 1
	}
	put := func() (err error) {
		run, err := l.Run(contract.Entry{Incident: 1, Scope: contract.TownA, Text: strings.Repeat("满", 5000)})
		if err != nil {
			return err
		}
		_, errs := s.Append(context.Background(), contract.County, []session.HubRun{run})
		if errs[0] == nil {
			l.Stored(run)
		}
		return errs[0]
	}
	small := before
	small.Cur = uint64(info.Size()) + 1<<20
	err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small)
	for err == nil {
		err = put()
	}
	again := put()
	roomErr := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)
	fmt.Printf("full %v, again %v, room %v, then %v, at %d\n", err, again, roomErr, put(), l.Seq)
	return 0
}

func TestDiskFull_RefusesUntilThereIsRoom(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	appendRun(t, s, line(t, s, 0))
	noError(t, s.Close())
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childName+"=full", childDir+"="+dir)
	said, err := cmd.CombinedOutput()
	noError(t, err)
	full, rest, _ := strings.Cut(string(said), ", again ")
	again, rest, _ := strings.Cut(rest, ", room ")
	unavailable := session.ErrUnavailable.Error()
	if !strings.Contains(full, unavailable) || !strings.Contains(again, unavailable) || !strings.HasPrefix(rest, "<nil>, then <nil>, at ") {
		t.Fatalf("the child said %s", said)
	}
	s = open(t, dir)
	var seq uint64
	if _, err := fmt.Sscanf(rest, "<nil>, then <nil>, at %d", &seq); err != nil || line(t, s, 0).Seq != seq || seq < 3 {
		t.Errorf("the child said %s, the line ends at %d", said, line(t, s, 0).Seq)
	}
	clean(t, s)
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(params(dir))
	noError(t, err)
	t.Cleanup(func() { noError(t, s.Close()) })
	return s
}

func line(t testing.TB, s *Store, n int) *contract.Line {
	t.Helper()
	l, err := lineAt(s, n)
	noError(t, err)
	return l
}

// appendRun stores the next run of a line: three entries, about incidents 0 and 1 and the desk.
func appendRun(t testing.TB, s *Store, l *contract.Line) session.HubRun {
	t.Helper()
	run, err := l.Run(contract.Entry{Incident: 0, Scope: contract.TownA, Text: "one"}, contract.Entry{Incident: 1, Scope: contract.TownB, Text: "two"},
		contract.Entry{Incident: -1, Scope: contract.TownA, Text: "three"})
	noError(t, err)
	_, errs := s.Append(t.Context(), contract.County, []session.HubRun{run})
	noError(t, errs[0])
	l.Stored(run)
	return run
}

// clean verifies that nothing is wrong.
func clean(t testing.TB, s *Store) {
	t.Helper()
	report, err := s.Verify(t.Context(), contract.County, nil)
	noError(t, err)
	if len(report.Faults)+len(report.Holes) > 0 {
		t.Fatalf("report %+v", report)
	}
}
