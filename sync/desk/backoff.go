package desk

import (
	"math/rand/v2"
	"time"
)

// Bounds of the wait before the next try, and how long a connection must have stood for the wait to begin anew.
const (
	waitLeast = time.Second
	waitMost  = time.Minute
	calm      = time.Minute
)

// backoff says how long to wait before connecting again: any time up to a bound that doubles (full jitter), so that a thousand desks
// that were cut off together don't come back together.
type backoff struct {
	bound  time.Duration
	random *rand.Rand
}

// failed returns the wait after a connection that stood for some time; zero for one that was never made.
func (b *backoff) failed(stood time.Duration) time.Duration {
	if stood >= calm || b.bound == 0 {
		b.bound = waitLeast
	} else {
		b.bound = min(2*b.bound, waitMost)
	}
	return time.Duration(b.random.Int64N(int64(b.bound) + 1))
}
