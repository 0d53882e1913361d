package assesspage

import (
	"strconv"
	"time"

	"zw110/data/assess"
	"zw110/data/incident"
)

// Length is how long a period of the page is.
type Length string

// The lengths, in the order of their chips.
const (
	ByDay     Length = "day"
	ByWeek    Length = "week"
	ByMonth   Length = "month"
	ByQuarter Length = "quarter"
	ByYear    Length = "year"
)

func lengths() []Length { return []Length{ByDay, ByWeek, ByMonth, ByQuarter, ByYear} }

// Span is a period of the calendar: a day, a week from Monday on, a month, a quarter or a year. Both days are in it.
type Span struct {
	Length   Length
	From, To incident.Day
}

// SpanOf returns the period of a length in which a day lies. The day must be one.
func SpanOf(l Length, day incident.Day) Span {
	start, err := day.Start()
	if err != nil {
		return Span{l, day, day}
	}
	t := start.Time().In(incident.Local)
	months := func(from time.Month, n int) (time.Time, time.Time) {
		first := time.Date(t.Year(), from, 1, 0, 0, 0, 0, incident.Local)
		return first, first.AddDate(0, n, -1)
	}
	from, to := t, t
	switch l {
	case ByWeek:
		from = t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
		to = from.AddDate(0, 0, 6)
	case ByMonth:
		from, to = months(t.Month(), 1)
	case ByQuarter:
		from, to = months((t.Month()-1)/3*3+1, 3)
	case ByYear:
		from, to = months(time.January, 12)
	}
	return Span{l, dayOf(from), dayOf(to)}
}

func dayOf(t time.Time) incident.Day { return incident.DayOf(incident.StampOf(t)) }

// times returns the period's bounds, the end excluded.
func (s Span) times() (from, to time.Time) {
	p, err := assess.PeriodOf(s.From, s.To)
	if err != nil {
		return from, to
	}
	return p.From.Time().In(incident.Local), p.To.Time().In(incident.Local)
}

// Step returns the next period, or with -1 the one before.
func (s Span) Step(n int) Span {
	from, to := s.times()
	if n < 0 {
		return SpanOf(s.Length, dayOf(from.AddDate(0, 0, -1)))
	}
	return SpanOf(s.Length, dayOf(to))
}

// Before is the period it is compared with.
func (s Span) Before() Span {
	from, to, err := assess.Before(s.From, s.To)
	if err != nil {
		return s
	}
	return Span{s.Length, from, to}
}

// The points of a trend.
const (
	trendDays   = 14
	trendWeeks  = 12
	monthWeeks  = 16
	trendMonths = 12
)

// Trend returns the stretches of the chart, oldest first: days up to a day, weeks up to a week or a month, months up to a quarter or year.
// They end with the period, or today when that comes first.
func (s Span) Trend(today incident.Day) []Span {
	end := max(s.From, min(s.To, today))
	n, l := trendMonths, ByMonth
	switch s.Length {
	case ByDay:
		n, l = trendDays, ByDay
	case ByWeek:
		n, l = trendWeeks, ByWeek
	case ByMonth:
		n, l = monthWeeks, ByWeek
	}
	out := make([]Span, n)
	at := SpanOf(l, end)
	for i := n - 1; i >= 0; i-- {
		out[i], at = at, at.Step(-1)
	}
	out[n-1].To = min(out[n-1].To, end)
	return out
}

// Words gives the text of a catalogue key with its places filled.
type Words interface {
	T(key string, args ...any) string
}

// Label names the period: 2026 年 8 月.
func (s Span) Label(w Words) string {
	from, to := s.times()
	_, week := from.ISOWeek()
	switch s.Length {
	case ByDay:
		return w.T("assesspage.span.day", string(s.From), w.T("assesspage.weekday."+[]string{"0", "1", "2", "3", "4", "5", "6"}[from.Weekday()]))
	case ByWeek:
		year, _ := from.ISOWeek()
		return w.T("assesspage.span.week", year, week, shortDay(from), shortDay(to.AddDate(0, 0, -1)))
	case ByMonth:
		return w.T("assesspage.span.month", from.Year(), month(from, w))
	case ByQuarter:
		return w.T("assesspage.span.quarter", from.Year(), (int(from.Month())+2)/3)
	}
	return w.T("assesspage.span.year", from.Year())
}

func shortDay(t time.Time) string { return t.Format("1-2") }

// mark is the label below a point of the trend, empty where the one before says it already.
func (s Span) mark(before *Span, w Words) string {
	from := s.middle()
	if s.Length == ByDay {
		return shortDay(from)
	}
	if before != nil && before.middle().Month() == from.Month() {
		return ""
	}
	return month(from, w)
}

// middle is a day that says to which month the period belongs: of a week its Thursday, unless it ends before that.
func (s Span) middle() time.Time {
	from, to := s.times()
	if thursday := from.AddDate(0, 0, 3); s.Length == ByWeek && thursday.Before(to) {
		return thursday
	}
	return from
}

func month(t time.Time, w Words) string {
	return w.T("assesspage.month." + strconv.Itoa(int(t.Month())))
}
