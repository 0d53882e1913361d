package session

import (
	"flag"
	"testing"
)

var oneSeed = flag.Uint64("seed", 0, "play this seed of the simulator alone, and say all that happens")

// One seed again, with its story: go test ./sync/session -run Seed -seed 17 -v
func TestSeed_ToldInFull(t *testing.T) {
	var story []string
	trace := func(string, ...any) {}
	if *oneSeed != 0 {
		trace = t.Logf
	} else {
		trace = func(format string, _ ...any) { story = append(story, format) }
	}
	for _, p := range play(*oneSeed, trace) {
		t.Error(p)
	}
	if *oneSeed == 0 && len(story) == 0 {
		t.Error("nothing happens in the simulator")
	}
}
