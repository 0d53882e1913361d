//go:build !linux

package bounds

import "time"

// CPU returns the time work takes; only on Linux is it the processor's alone.
func CPU(work func()) time.Duration {
	start := time.Now()
	work()
	return time.Since(start)
}
