package bounds

import (
	"strings"
	"testing"
	"time"
)

// recorder is a testing.TB that remembers whether it failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

// taking returns work that claims to have taken times in turn, the last one for ever.
func taking(times ...time.Duration) func() time.Duration {
	n := -1
	return func() time.Duration {
		n = min(n+1, len(times)-1)
		return times[n]
	}
}

func TestRatioOf_FailsOnlyAboveTheGateTwice(t *testing.T) {
	slow := make([]time.Duration, 0, 2*pairs)
	for range pairs {
		slow = append(slow, 10*time.Second)
	}
	cases := []struct {
		name   string
		ours   func() time.Duration
		goal   float64
		median float64
		failed bool
	}{
		{"reached", taking(2 * time.Second), 2, 2, false},
		{"within the gate", taking(3 * time.Second), 2, 3, false},
		{"above the gate", taking(3100 * time.Millisecond), 2, 3.1, true},
		{"one bad outlier", taking(time.Hour, time.Second), 2, 1, false},
		{"better the second time", taking(append(slow, time.Second)...), 2, 1, false},
		{"a fraction", taking(200 * time.Millisecond), 1.0 / 8, 0.2, true},
	}
	for _, c := range cases {
		r := &recorder{TB: t}
		if got := RatioOf(r, c.name, c.goal, c.ours, taking(time.Second)); got != c.median || r.failed != c.failed {
			t.Errorf("%s: median %g, failed %v; want %g, %v", c.name, got, r.failed, c.median, c.failed)
		}
	}
}

func TestAtMost_FailsAboveItsLimit(t *testing.T) {
	for measured, failed := range map[float64]bool{9: false, 10: false, 10.1: true} {
		r := &recorder{TB: t}
		if AtMost(r, "allocations", "allocs", 10, measured); r.failed != failed {
			t.Errorf("%g of 10: failed %v", measured, r.failed)
		}
	}
}

var sink []byte

func TestCostOf_CountsAllocations(t *testing.T) {
	got := CostOf(100, func() { sink = make([]byte, 4096) })
	if got.Allocs < 1 || got.Allocs > 1.5 || got.Bytes < 4096 || got.Bytes > 5000 {
		t.Errorf("one slice of 4096 bytes costs %+v", got)
	}
}

func TestRow_SaysGoalGateAndVerdict(t *testing.T) {
	cases := []struct {
		gate            string
		reached, passed bool
		want            string
	}{
		{"3.30x", true, true, "goal"},
		{"3.30x", false, true, "gate"},
		{"3.30x", false, false, "BROKEN"},
		{"", false, true, "over"},
	}
	for _, c := range cases {
		var b strings.Builder
		row(&b, "one act", ratioText(2.2), c.gate, ratioText(1.0/8), c.reached, c.passed)
		if want := "bound\tone act\t2.20x\t" + c.gate + "\t1/8.0\t" + c.want + "\n"; b.String() != want {
			t.Errorf("row %q, want %q", b.String(), want)
		}
	}
}
