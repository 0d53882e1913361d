package session

import (
	"flag"
	"testing"
)

var oneSeed = flag.Uint64("seed", 0, "play this seed of the simulator alone, and say all that happens")

// One seed again, with its story: go test ./sync/session -run Seed -seed 17 -v
func TestSeed_ToldInFull(t *testing.T) {
	told := 0
	trace := func(string, ...any) { told++ }
	if *oneSeed != 0 {
		trace = func(format string, args ...any) { told++; t.Logf(format, args...) }
	}
	for _, p := range play(*oneSeed, trace) {
		t.Error(p)
	}
	if told == 0 {
		t.Error("nothing happens in the simulator")
	}
}
