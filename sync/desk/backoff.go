package desk

import (
	"math/rand/v2"
	"time"
)

// Bounds of the wait before the next try, how long a connection must have stood for the wait to begin anew, and the part of the time away
// that a wait may be at most.
const (
	waitLeast = time.Second
	waitMost  = time.Minute
	calm      = time.Minute
	awayPart  = 6
)

// backoff says how long to wait before connecting again: any time up to a bound (full jitter), so that a thousand desks that were cut off
// together don't come back together. The bound is a part of the time that the desk has been away: who was cut off for a minute is back
// some seconds after the hub, who was for hours within one.
type backoff struct {
	away   time.Duration
	random *rand.Rand
}

// failed returns the wait after a connection that stood for some time; zero for one that was never made.
func (b *backoff) failed(stood time.Duration) time.Duration {
	if stood >= calm {
		b.away = 0
	} else {
		b.away += stood
	}
	bound := min(max(b.away/awayPart, waitLeast), waitMost)
	wait := time.Duration(b.random.Int64N(int64(bound) + 1))
	b.away += wait
	return wait
}
