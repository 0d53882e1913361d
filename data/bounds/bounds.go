// Package bounds holds benchmarks to their limits. Only tests import it. Call it from a BenchmarkBound..., which `make bench` runs with
// -benchtime 1x; each call prints one row of its table, and one above its gate fails the benchmark.
//
// A time on a shared machine moves by 2 to 4 times, so a time alone decides nothing. Two things do: how often a peer's time ours takes,
// measured in turns in one process, and counts that come out the same everywhere (bytes, allocations, transactions, fsyncs).
package bounds

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	// pairs is how often ours and its peer take turns; the median of the ratios counts.
	pairs = 11
	// slack times the goal is the gate, since even ratios move on a shared machine.
	slack = 1.5
)

// Ratio times ours and its peer in turns and fails tb when the median of time(ours)/time(peer) is above goal × 1.5, twice. The goal of
// "at least 8 times as fast" is 1.0/8. Each call of ours and peer should take a millisecond or more. It returns the median.
func Ratio(tb testing.TB, name string, goal float64, ours, peer func()) float64 {
	tb.Helper()
	return RatioOf(tb, name, goal, timed(ours), timed(peer))
}

// RatioOf is Ratio for work that times itself, because it has things to set up that don't count.
func RatioOf(tb testing.TB, name string, goal float64, ours, peer func() time.Duration) float64 {
	tb.Helper()
	median := medianRatio(ours, peer)
	if median > goal*slack {
		median = min(median, medianRatio(ours, peer))
	}
	row(os.Stdout, name, ratioText(goal), ratioText(goal*slack), ratioText(median), median <= goal, median <= goal*slack)
	if median > goal*slack {
		tb.Errorf("%s: %s of its peer's time, gate %s", name, ratioText(median), ratioText(goal*slack))
	}
	return median
}

// AtMost fails tb when a count is above its limit. It is for what comes out the same on every machine.
func AtMost(tb testing.TB, name, unit string, limit, measured float64) {
	tb.Helper()
	ok := measured <= limit
	row(os.Stdout, name, countText(limit, unit), countText(limit, unit), countText(measured, unit), ok, ok)
	if !ok {
		tb.Errorf("%s: %s, at most %s", name, countText(measured, unit), countText(limit, unit))
	}
}

// Time prints a time beside its goal; it never fails.
func Time(tb testing.TB, name string, goal, measured time.Duration) {
	tb.Helper()
	row(os.Stdout, name, goal.String(), "", measured.Round(10*time.Microsecond).String(), measured <= goal, true)
}

// Cost is what one run of some work takes, on average.
type Cost struct {
	Allocs, Bytes float64
}

// CostOf runs work n times and returns what one run allocates, all goroutines counted.
func CostOf(n int, work func()) Cost {
	var before, after runtime.MemStats
	work() // fills pools and maps
	runtime.ReadMemStats(&before)
	for range n {
		work()
	}
	runtime.ReadMemStats(&after)
	return Cost{float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n)}
}

func timed(work func()) func() time.Duration {
	return func() time.Duration {
		start := time.Now()
		work()
		return time.Since(start)
	}
}

// medianRatio lets both take turns; who goes first changes, so that neither always finds the other's dirty caches.
func medianRatio(ours, peer func() time.Duration) float64 {
	all := make([]float64, pairs)
	for i := range all {
		var mine, theirs time.Duration
		if i%2 == 0 {
			mine, theirs = ours(), peer()
		} else {
			theirs, mine = peer(), ours()
		}
		all[i] = float64(mine) / float64(max(theirs, 1))
	}
	slices.Sort(all)
	return all[pairs/2]
}

// row prints a line that `make bench` gathers into its table.
func row(w io.Writer, name, goal, gate, measured string, reached, passed bool) {
	verdict := "goal"
	switch {
	case !passed:
		verdict = "BROKEN"
	case !reached && gate == "":
		verdict = "over"
	case !reached:
		verdict = "gate"
	}
	fmt.Fprintf(w, "bound\t%s\t%s\t%s\t%s\t%s\n", name, goal, gate, measured, verdict)
}

// ratioText writes 2.2 as 2.20x and 0.01 as 1/100.
func ratioText(x float64) string {
	if x >= 0.5 {
		return strconv.FormatFloat(x, 'f', 2, 64) + "x"
	}
	decimals := 0
	if x > 0.05 {
		decimals = 1
	}
	return "1/" + strconv.FormatFloat(1/x, 'f', decimals, 64)
}

func countText(x float64, unit string) string {
	text := strconv.FormatFloat(x, 'f', 1, 64)
	if x >= 100 || x == float64(int64(x)) {
		text = strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strings.TrimSpace(text + " " + unit)
}
