package session

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// soak multiplies what the tests of this package do; `make soak` sets it.
var soak = flag.Int("soak", 1, "how many times the usual number of runs")

// setFlag sets a flag of rapid for the length of a test.
func setFlag(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup(name)
	if f == nil {
		t.Fatalf("rapid has no flag %s", name)
	}
	before := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(before) })
}

// checkSeeds checks a property so many times in all, spread over the seeds; a long run adds a fresh one, which it prints.
func checkSeeds(t *testing.T, runs, steps int, seeds []uint64, prop func(*rapid.T)) {
	t.Helper()
	if *soak > 1 {
		fresh := uint64(time.Now().UnixNano())
		seeds = append(seeds[:len(seeds):len(seeds)], fresh)
		t.Logf("fresh seed %d", fresh)
	}
	setFlag(t, "rapid.checks", strconv.Itoa(max(1, (runs**soak/share+len(seeds)-1)/len(seeds))))
	setFlag(t, "rapid.steps", strconv.Itoa(steps))
	setFlag(t, "rapid.nofailfile", "true")
	for _, seed := range seeds {
		setFlag(t, "rapid.seed", strconv.FormatUint(seed, 10))
		rapid.Check(t, prop)
	}
}

// probe is a testing.TB that takes a failure without passing it on.
type probe struct {
	testing.TB
	failed bool
}

func (p *probe) Logf(string, ...any)   {}
func (p *probe) Log(...any)            {}
func (p *probe) Errorf(string, ...any) { p.failed = true }
func (p *probe) Error(...any)          { p.failed = true }
func (p *probe) Fail()                 { p.failed = true }
func (p *probe) Failed() bool          { return p.failed }
func (p *probe) FailNow()              { p.failed = true; runtime.Goexit() }
func (p *probe) Fatal(...any)          { p.FailNow() }
func (p *probe) Fatalf(string, ...any) { p.FailNow() }

// mustFail fails the test unless the property fails within so many checks.
func mustFail(t *testing.T, checks, steps int, seed uint64, prop func(*rapid.T)) {
	t.Helper()
	setFlag(t, "rapid.checks", strconv.Itoa(checks))
	setFlag(t, "rapid.steps", strconv.Itoa(steps))
	setFlag(t, "rapid.seed", strconv.FormatUint(seed, 10))
	setFlag(t, "rapid.nofailfile", "true")
	setFlag(t, "rapid.shrinktime", "0s")
	p := &probe{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		rapid.Check(p, prop)
	}()
	<-done
	if !p.failed {
		t.Errorf("nothing fails in %d checks", checks)
	}
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(m.Run())
}
