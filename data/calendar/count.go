package calendar

import "zw110/data/incident"

// Due returns when a limit ends that starts at from. The answer is provisional (暂定) when the due time lies in a year without a
// notice or when a day of such a year was counted on the way; natural time never is. A limit of no kind gives zero.
func (c *Calendar) Due(from incident.Stamp, l incident.Limit) (incident.Stamp, bool) {
	n := incident.Stamp(max(l.N, 0))
	if n > maxStamp/minute {
		n = maxStamp / minute
	}
	switch l.Kind {
	case incident.NaturalTime:
		return from + n*minute, false // runs day and night: no notice can move it
	case incident.WorkTime:
		return c.AddWork(from, int64(n*minute))
	case incident.WorkDays:
		return c.dueWorkDays(from, int64(n))
	case incident.DayCount:
		return c.settled(c.end(min(dayNumber(from)+int64(n), maxDay)))
	case incident.NightNine:
		if !c.Night(from) {
			return c.settled(from + n*minute)
		}
		d := dayNumber(from)
		due := startOf(d) + nine
		if due <= from {
			due += day
		}
		_, provisional := c.settled(due)
		return due, provisional || !c.known(d)
	}
	return 0, false
}

func (c *Calendar) settled(due incident.Stamp) (incident.Stamp, bool) {
	return due, due >= maxStamp+day || !c.known(dayNumber(due))
}

// dueWorkDays returns the end of office hours of the n-th working day. The day of receipt isn't counted; receipt after office hours
// or on a day off counts as receipt on the next working day.
func (c *Calendar) dueWorkDays(from incident.Stamp, n int64) (incident.Stamp, bool) {
	d := dayNumber(from)
	provisional := !c.known(d)
	next := func() {
		for d++; d < maxDay && !c.works(d); d++ {
			provisional = provisional || !c.known(d)
		}
		provisional = provisional || !c.known(d)
	}
	if !c.works(d) || from > c.end(d) {
		next()
	}
	for ; n > 0 && d < maxDay; n-- {
		next()
	}
	return c.end(d), provisional
}

// WorkBetween returns the office time between two moments, in milliseconds; negative when to lies before from.
func (c *Calendar) WorkBetween(from, to incident.Stamp) int64 {
	if to < from {
		return -c.WorkBetween(to, from)
	}
	var sum incident.Stamp
	for d, last := dayNumber(from), dayNumber(to); d <= last; d++ {
		if !c.works(d) {
			continue
		}
		start := startOf(d)
		for _, s := range c.plan.of(d) {
			if a, b := max(start+s.from, from), min(start+s.to, to); a < b {
				sum += b - a
			}
		}
	}
	return int64(sum)
}

// AddWork returns the moment at which ms milliseconds of office time have passed since from: the earliest one, so the end of a
// stretch rather than the begin of the next. Nothing to add gives from itself. The answer may be provisional, as with Due.
func (c *Calendar) AddWork(from incident.Stamp, ms int64) (incident.Stamp, bool) {
	if ms <= 0 {
		return c.settled(from)
	}
	left, provisional := incident.Stamp(ms), false
	for d := dayNumber(from); d <= maxDay; d++ {
		provisional = provisional || !c.known(d)
		if !c.works(d) {
			continue
		}
		start := startOf(d)
		for _, s := range c.plan.of(d) {
			a, b := max(start+s.from, from), start+s.to
			if a >= b {
				continue
			}
			if left <= b-a {
				return a + left, provisional
			}
			left -= b - a
		}
	}
	return startOf(maxDay), true
}

// WorkDay reports whether a day is worked; false for something that is no day.
func (c *Calendar) WorkDay(d incident.Day) bool {
	start, err := d.Start()
	return err == nil && c.works(dayNumber(start))
}

// WorkDaysBetween counts the working days after from up to and including to; 0 when to isn't later or one of them is no day.
func (c *Calendar) WorkDaysBetween(from, to incident.Day) int {
	a, errA := from.Start()
	b, errB := to.Start()
	if errA != nil || errB != nil {
		return 0
	}
	n := 0
	for d := dayNumber(a) + 1; d <= dayNumber(b); d++ {
		if c.works(d) {
			n++
		}
	}
	return n
}

// WorkDaysBefore returns the same time of day n working days before.
func (c *Calendar) WorkDaysBefore(at incident.Stamp, n int) incident.Stamp {
	d := dayNumber(at)
	back := incident.Stamp(0)
	for ; n > 0 && d > 0; n-- {
		for {
			d--
			back += day
			if d <= 0 || c.works(d) {
				break
			}
		}
	}
	return at - back
}
