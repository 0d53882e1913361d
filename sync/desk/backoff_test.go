package desk

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"zw110/data/bounds"
)

// comeBack returns how long after its hub a desk is back that was cut off for some time.
func comeBack(random *rand.Rand, cut time.Duration) time.Duration {
	b := backoff{random: random}
	for at := b.failed(2 * calm); ; at += b.failed(0) {
		if at >= cut {
			return at - cut
		}
	}
}

// cameBack returns the median and the latest of many desks.
func cameBack(cut time.Duration) (median, last time.Duration) {
	random := rand.New(rand.NewPCG(1, 1))
	all := make([]time.Duration, 10_000)
	for i := range all {
		all[i] = comeBack(random, cut)
	}
	slices.Sort(all)
	return all[len(all)/2], all[len(all)-1]
}

func TestBackoff_ComesBackSoonAfterAShortCutAndWithinAMinuteAfterALongOne(t *testing.T) {
	for _, c := range []struct{ cut, median, last time.Duration }{
		{2 * time.Second, time.Second, time.Second},
		{time.Minute, 5 * time.Second, 15 * time.Second},
		{time.Hour, 35 * time.Second, time.Minute},
		{8 * time.Hour, 35 * time.Second, time.Minute},
	} {
		if median, last := cameBack(c.cut); median > c.median || last > c.last {
			t.Errorf("after a cut of %s: median %s, last %s, want at most %s and %s", c.cut, median, last, c.median, c.last)
		}
	}
}

func TestBackoff_ADeskThatIsCutOffAtOnceDoesNotHammer(t *testing.T) {
	b := backoff{random: rand.New(rand.NewPCG(1, 1))}
	tries := 0
	for at := time.Duration(0); at < time.Hour; tries++ {
		at += b.failed(100*time.Millisecond) + 100*time.Millisecond
	}
	if tries > 400 {
		t.Errorf("%d tries in an hour of connections that end at once", tries)
	}
}

func BenchmarkBound_ComeBack(b *testing.B) {
	for b.Loop() {
		minute, _ := cameBack(time.Minute)
		hours, last := cameBack(8 * time.Hour)
		bounds.AtMost(b, "desk back after a cut of 1 min, median", "s", 5, minute.Seconds())
		bounds.AtMost(b, "desk back after a cut of 8 h, median", "s", 35, hours.Seconds())
		bounds.AtMost(b, "desk back after a cut of 8 h, the last of 10,000", "s", 60, last.Seconds())
	}
}
