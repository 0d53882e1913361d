package room

import (
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zw110/data/incident"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sampleTown is the embedded pack that all tests use.
const sampleTown = "330825111"

// moment reads a time of the tests.
func moment(t testing.TB, text string) incident.Stamp {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return incident.StampOf(at)
}

// handClock is a clock that tests set.
type handClock struct{ at atomic.Int64 }

func (c *handClock) now() incident.Stamp { return incident.Stamp(c.at.Load()) }

func (c *handClock) set(at incident.Stamp) { c.at.Store(int64(at)) }

// desk is a room under test with its clock.
type desk struct {
	*Room
	clock *handClock
	cfg   Config
}

// newDesk makes a store; drill says which kind.
func newDesk(t testing.TB, drill bool) *desk {
	t.Helper()
	clock := &handClock{}
	clock.set(moment(t, "2026-09-01T00:00:00+08:00"))
	cfg := Config{Dir: t.TempDir(), ConfigDir: t.TempDir(), Clock: clock.now, Ticks: make(chan time.Time)}
	r, err := Init(cfg, InitParams{
		Pack: sampleTown, Seat: "指挥室1", Drill: drill,
		Operators: []Operator{{Login: "op1", Name: "坐席一", Role: incident.RoleOperator, PIN: "2468"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{r, clock, cfg}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// again closes the room and opens it anew.
func (d *desk) again(t testing.TB) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d.open(t)
}

// open opens a room that was closed.
func (d *desk) open(t testing.TB) {
	t.Helper()
	r, err := Open(d.cfg)
	if err != nil {
		t.Fatal(err)
	}
	d.Room = r
}
