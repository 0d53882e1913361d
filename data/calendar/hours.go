package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"zw110/data/incident"
)

// Window is one stretch of office time, in minutes since midnight, Beijing time; To is the first minute after it.
type Window struct{ From, To int }

// Hours are the office hours. Summer windows hold from SummerFrom to SummerTo, both included, each year; without windows there is no
// summer variant.
type Hours struct {
	Usual, Summer        []Window
	SummerFrom, SummerTo string // month-day, such as 07-01
}

// DefaultHours returns 8:30-12:00 and 14:00-17:30 the whole year.
func DefaultHours() Hours {
	return Hours{Usual: []Window{{From: 8*60 + 30, To: 12 * 60}, {From: 14 * 60, To: 17*60 + 30}}}
}

// ParseWindows reads windows written as "8:30-12:00 14:00-17:30".
func ParseWindows(text string) ([]Window, error) {
	var ws []Window
	for _, part := range strings.Fields(text) {
		from, to, ok := strings.Cut(part, "-")
		if !ok {
			return nil, fmt.Errorf("office hours %q: want from-to such as 8:30-12:00", part)
		}
		a, err := parseClock(from)
		if err != nil {
			return nil, err
		}
		b, err := parseClock(to)
		if err != nil {
			return nil, err
		}
		ws = append(ws, Window{From: a, To: b})
	}
	return ws, checkWindows(ws)
}

// FormatWindows writes windows the way ParseWindows reads them.
func FormatWindows(ws []Window) string {
	parts := make([]string, len(ws))
	for i, w := range ws {
		parts[i] = fmt.Sprintf("%d:%02d-%d:%02d", w.From/60, w.From%60, w.To/60, w.To%60)
	}
	return strings.Join(parts, " ")
}

// Validate reports the first thing that is wrong with the hours.
func (h Hours) Validate() error {
	if len(h.Usual) == 0 {
		return fmt.Errorf("office hours: none given")
	}
	if err := checkWindows(h.Usual); err != nil {
		return err
	}
	if len(h.Summer) == 0 {
		return nil
	}
	if err := checkWindows(h.Summer); err != nil {
		return err
	}
	from, err := parseMonthDay(h.SummerFrom)
	if err != nil {
		return err
	}
	to, err := parseMonthDay(h.SummerTo)
	if err != nil {
		return err
	}
	if from > to {
		return fmt.Errorf("summer hours: begin %s lies after end %s", h.SummerFrom, h.SummerTo)
	}
	return nil
}

func checkWindows(ws []Window) error {
	last := 0
	for _, w := range ws {
		if w.From < last || w.To <= w.From || w.To > 24*60 {
			return fmt.Errorf("office hours %s: each stretch must end after it begins and after the one before", FormatWindows(ws))
		}
		last = w.To
	}
	return nil
}

func parseClock(text string) (int, error) {
	hour, minute, ok := strings.Cut(text, ":")
	h, errH := strconv.Atoi(hour)
	m, errM := strconv.Atoi(minute)
	if !ok || errH != nil || errM != nil || len(minute) != 2 || h < 0 || h > 24 || m < 0 || m > 59 {
		return 0, fmt.Errorf("time of day %q: want hour:minute such as 8:30", text)
	}
	return h*60 + m, nil
}

// parseMonthDay returns month*100+day.
func parseMonthDay(text string) (int, error) {
	t, err := time.Parse("01-02", text)
	if err != nil {
		return 0, fmt.Errorf("day of the year %q: want month-day such as 07-01", text)
	}
	return int(t.Month())*100 + t.Day(), nil
}

// span is a Window in milliseconds since midnight.
type span struct{ from, to incident.Stamp }

// schedule is Hours made ready for counting.
type schedule struct {
	usual, summer        []span
	summerFrom, summerTo int
}

func (h Hours) schedule() (schedule, error) {
	if err := h.Validate(); err != nil {
		return schedule{}, err
	}
	s := schedule{usual: spans(h.Usual), summer: spans(h.Summer)}
	if len(s.summer) == 0 {
		return s, nil
	}
	var err error
	if s.summerFrom, err = parseMonthDay(h.SummerFrom); err != nil {
		return schedule{}, err
	}
	s.summerTo, err = parseMonthDay(h.SummerTo)
	return s, err
}

func spans(ws []Window) []span {
	out := make([]span, len(ws))
	for i, w := range ws {
		out[i] = span{from: incident.Stamp(w.From) * minute, to: incident.Stamp(w.To) * minute}
	}
	return out
}

// of returns the spans of a day's number.
func (s schedule) of(d int64) []span {
	if len(s.summer) == 0 {
		return s.usual
	}
	t := dayTime(d)
	if md := int(t.Month())*100 + t.Day(); md < s.summerFrom || md > s.summerTo {
		return s.usual
	}
	return s.summer
}
