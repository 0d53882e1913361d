package journal

import (
	"time"

	"zw110/data/incident"
)

// MergeLimit is how far ahead of its own clock a desk follows a received one; JumpLimit the wall jump that is journalled.
const (
	MergeLimit = 5 * time.Minute
	JumpLimit  = 2 * time.Minute
)

const counterBits = 16

// Clock is a hybrid clock. It is a plain value: whoever owns it passes the wall time in, and stores Last in the transaction that
// stores the entry.
type Clock struct {
	Offset time.Duration // hub time minus wall time, measured at each Welcome
	Last   incident.HLC
}

// WallOf returns the physical part of a value, to the millisecond.
func WallOf(h incident.HLC) incident.Stamp { return incident.Stamp(h >> counterBits) }

func (c *Clock) phys(wall incident.Stamp) incident.HLC {
	at := wall.Add(c.Offset)
	if at < 0 {
		at = 0
	}
	return incident.HLC(at) << counterBits
}

// Next returns the value of a new entry, above every one before it even when the wall clock stands or falls back.
func (c *Clock) Next(wall incident.Stamp) incident.HLC {
	c.Last = max(c.Last+1, c.phys(wall))
	return c.Last
}

// Merge takes a received value into account. One that is more than MergeLimit ahead is left aside, so that a desk set to next year
// does not drag the others along.
func (c *Clock) Merge(wall incident.Stamp, got incident.HLC) {
	if got <= c.phys(wall.Add(MergeLimit)) {
		c.Last = max(c.Last, got)
	}
}

// Jumped reports whether the wall clock moved by more than JumpLimit against the monotonic one between two looks.
func Jumped(wallBefore, wallNow incident.Stamp, monotonic time.Duration) bool {
	return (wallNow.Sub(wallBefore) - monotonic).Abs() > JumpLimit
}
