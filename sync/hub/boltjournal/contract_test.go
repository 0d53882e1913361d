package boltjournal

import (
	"flag"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"zw110/data/incident"
	"zw110/sync/hub/contract"
	"zw110/sync/session"
)

func TestMain(m *testing.M) {
	if child := os.Getenv(childName); child != "" {
		os.Exit(runChild(child))
	}
	goleak.VerifyTestMain(m)
}

// tick returns a clock that moves a second at each look, beginning at 2026-08-15 08:00 in Beijing.
func tick() func() incident.Stamp {
	var now atomic.Int64
	now.Store(1_786_752_000_000)
	return func() incident.Stamp { return incident.Stamp(now.Add(1000)) }
}

func params(dir string) Params {
	return Params{Dir: dir, Clock: tick(), Log: logrus.New()}
}

func setFlag(t *testing.T, name, value string) {
	t.Helper()
	old := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := flag.Set(name, old); err != nil {
			t.Error(err)
		}
	})
}

type place struct{ dir string }

func (p place) Open() (contract.Hub, error) { return Open(params(p.dir)) }
func (place) County() incident.ScopeID      { return contract.County }
func (place) Prefix() string                { return "t/" }

// memory is where the state machine's stores live if it is there; what survives a kill is tested on a real disk.
func memory() string {
	const dir = "/dev/shm"
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}

// runs is how often the state machine runs.
const runs = 500 / share

func TestContract_HoldsOnOneMachine(t *testing.T) {
	setFlag(t, "rapid.checks", strconv.Itoa(runs))
	contract.Machine(t, func(t *rapid.T) (contract.Place, func()) {
		dir, err := os.MkdirTemp(memory(), "hub")
		if err != nil {
			t.Fatal(err)
		}
		return place{dir}, func() {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestContract_LostRunOnOneMachine(t *testing.T) {
	dir := t.TempDir()
	contract.Hole(t, place{dir}, func(t *testing.T, rec session.HubRecord) { damage(t, dir, rec.Run.Entries[1]) })
}
