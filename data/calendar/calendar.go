// Package calendar counts working time: days off, make-up working days, office hours, due times. It knows the notice of each loaded
// year and says when an answer runs into a year without one. It reads no clock and keeps no state that changes.
package calendar

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"zw110/data/incident"
)

const (
	minute = incident.Stamp(time.Minute / time.Millisecond)
	day    = 24 * 60 * minute
	zone   = 8 * 60 * minute // Beijing time before UTC
	// nine is when things that waited through the night are due: half an hour after the morning's handover.
	nine = 9 * 60 * minute

	// Days before firstYear and from endYear on are never counted; it bounds every loop below.
	firstYear = 1970
	endYear   = 2200
)

// Calendar implements incident.Calendar. It doesn't change: With and WithHours return new ones.
type Calendar struct {
	notices map[int]Notice
	listed  map[int64]Listed // by day number; later notices override the December before
	hours   Hours
	plan    schedule
}

var _ incident.Calendar = (*Calendar)(nil)

// New makes a calendar of office hours and notices; the later of two notices for one year holds.
func New(hours Hours, notices ...Notice) (*Calendar, error) {
	plan, err := hours.schedule()
	if err != nil {
		return nil, err
	}
	c := &Calendar{notices: map[int]Notice{}, hours: hours, plan: plan}
	for _, n := range notices {
		c.notices[n.Year] = n
	}
	return c, c.index()
}

// Load makes a calendar of all *.csv files in the root of fsys, in order of their names.
func Load(hours Hours, fsys fs.FS) (*Calendar, error) {
	names, err := fs.Glob(fsys, "*.csv")
	if err != nil {
		return nil, fmt.Errorf("list calendar files: %w", err)
	}
	var all []Notice
	for _, name := range names {
		notices, err := loadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("calendar file %s: %w", name, err)
		}
		all = append(all, notices...)
	}
	return New(hours, all...)
}

func loadFile(fsys fs.FS, name string) (notices []Notice, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	notices, err = Parse(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return notices, err
}

// With returns a calendar that has these notices too, each in place of one of the same year.
func (c *Calendar) With(notices ...Notice) (*Calendar, error) {
	return New(c.hours, append(c.Notices(), notices...)...)
}

// WithHours returns a calendar with other office hours.
func (c *Calendar) WithHours(h Hours) (*Calendar, error) { return New(h, c.Notices()...) }

// Hours returns the office hours.
func (c *Calendar) Hours() Hours { return c.hours }

// Notices returns the loaded notices by year.
func (c *Calendar) Notices() []Notice {
	out := make([]Notice, 0, len(c.notices))
	for _, y := range slices.Sorted(maps.Keys(c.notices)) {
		out = append(out, c.notices[y])
	}
	return out
}

// Missing returns the year whose notice is lacking at a moment: the year itself, or from 1 December on the next one; 0 if none.
func (c *Calendar) Missing(now incident.Stamp) int {
	t := dayTime(dayNumber(now))
	if _, ok := c.notices[t.Year()]; !ok {
		return t.Year()
	}
	if _, ok := c.notices[t.Year()+1]; !ok && t.Month() == time.December {
		return t.Year() + 1
	}
	return 0
}

func (c *Calendar) index() error {
	c.listed = map[int64]Listed{}
	for _, n := range c.Notices() {
		for _, d := range n.Days {
			start, err := d.Day.Start()
			if err != nil {
				return fmt.Errorf("calendar of %d: %w", n.Year, err)
			}
			c.listed[dayNumber(start)] = d
		}
	}
	return nil
}

// dayNumber counts Beijing days since 1970-01-01, held within the years that are counted.
func dayNumber(s incident.Stamp) int64 {
	if s < minStamp {
		s = minStamp
	}
	if s > maxStamp {
		s = maxStamp
	}
	return int64((s + zone) / day)
}

// The bounds of what is counted: the first moment of 1970 and the first of the day before endYear, Beijing time.
const (
	minStamp = -zone
	maxDay   = 84005 // 2199-12-31
	maxStamp = incident.Stamp(maxDay)*day - zone
)

func startOf(d int64) incident.Stamp { return incident.Stamp(d)*day - zone }

// dayTime returns the day as a UTC midnight, for its year, month and weekday.
func dayTime(d int64) time.Time { return time.Unix(d*int64(day/1000), 0).UTC() }

// known reports whether the day lies in a year whose notice is loaded.
func (c *Calendar) known(d int64) bool {
	_, ok := c.notices[dayTime(d).Year()]
	return ok
}

// works reports whether the day is worked; in a year that isn't loaded that is Monday to Friday.
func (c *Calendar) works(d int64) bool {
	if l, ok := c.listed[d]; ok {
		return !l.Off
	}
	weekday := (d + 4) % 7 // day 0 was a Thursday; 0 is Sunday
	return weekday != 0 && weekday != 6
}

// end is the end of office hours of a day.
func (c *Calendar) end(d int64) incident.Stamp {
	spans := c.plan.of(d)
	return startOf(d) + spans[len(spans)-1].to
}

// Holiday returns what the notice lists for a day, if anything.
func (c *Calendar) Holiday(d incident.Day) (Listed, bool) {
	start, err := d.Start()
	if err != nil {
		return Listed{}, false
	}
	l, ok := c.listed[dayNumber(start)]
	return l, ok
}

// Night reports whether the room is on night duty: outside the first to the last office minute, or on a day off.
func (c *Calendar) Night(at incident.Stamp) bool {
	d := dayNumber(at)
	if !c.works(d) {
		return true
	}
	return at < startOf(d)+c.plan.of(d)[0].from || at >= c.end(d)
}
