package yield

import (
	"syscall"
	"testing"
)

// nice returns the niceness of the calling thread; the system tells 20 less it.
func nice(t *testing.T) int {
	t.Helper()
	n, err := syscall.Getpriority(syscall.PRIO_PROCESS, syscall.Gettid())
	if err != nil {
		t.Fatal(err)
	}
	return 20 - n
}

func TestRun_GivesWayAndLeavesOthersAlone(t *testing.T) {
	before, inside := nice(t), 0
	Run(func() { inside = nice(t) })
	if want := min(19, niceness); inside != want && inside <= before {
		t.Errorf("a job has niceness %d, want %d", inside, want)
	}
	if after := nice(t); after != before {
		t.Errorf("afterwards the caller has %d, before it had %d", after, before)
	}
}

func TestRun_APanicReachesTheCaller(t *testing.T) {
	defer func() {
		if v := recover(); v != "broken" {
			t.Errorf("recovered %v", v)
		}
	}()
	Run(func() { panic("broken") })
}
