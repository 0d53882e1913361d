package forms

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"zw110/data/incident"
)

var errNoDay = errors.New("not a day")

const momentLayout = "2006-01-02 15:04"

// FormatMoment writes a moment as forms show it: 2006-01-02 15:04 in Beijing time.
func FormatMoment(s incident.Stamp) string {
	if s == 0 {
		return ""
	}
	return s.Time().In(incident.Local).Format(momentLayout)
}

// ParseDay reads a day as people type it, relative to now: 2026-08-21, 8-21, 8/21, 8月21日, 21 (this month, or the next when past), 0821,
// +3 (days ahead). The answer is year-month-day; an error says that it is none.
func ParseDay(text string, now incident.Stamp) (incident.Day, error) {
	today := now.Time().In(incident.Local)
	text = strings.TrimSpace(strings.NewReplacer("年", "-", "月", "-", "日", "", "号", "", "/", "-", ".", "-", "—", "-").Replace(text))
	if ahead, ok := strings.CutPrefix(strings.Replace(text, "＋", "+", 1), "+"); ok {
		n, err := strconv.Atoi(ahead)
		if err != nil || n < 0 || n > 3650 {
			return "", errNoDay
		}
		return incident.Day(today.AddDate(0, 0, n).Format(time.DateOnly)), nil
	}
	if len(text) == 4 && !strings.Contains(text, "-") {
		text = text[:2] + "-" + text[2:]
	}
	var parts []int
	for p := range strings.SplitSeq(text, "-") {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 {
			return "", errNoDay
		}
		parts = append(parts, n)
	}
	switch len(parts) {
	case 3:
		return dayOf(parts[0], parts[1], parts[2])
	case 2:
		return dayOf(today.Year(), parts[0], parts[1])
	case 1:
		d, err := dayOf(today.Year(), int(today.Month()), parts[0])
		if err == nil && parts[0] < today.Day() {
			next := time.Date(today.Year(), today.Month()+1, 1, 0, 0, 0, 0, incident.Local)
			return dayOf(next.Year(), int(next.Month()), parts[0])
		}
		return d, err
	}
	return "", errNoDay
}

// dayOf builds a day and refuses one that no calendar has, such as 2-30.
func dayOf(year, month, day int) (incident.Day, error) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, incident.Local)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day || year < 2000 || year > 2100 {
		return "", errNoDay
	}
	return incident.Day(t.Format(time.DateOnly)), nil
}

var clockPattern = regexp.MustCompile(`^(?:(.+?)[\sT]+)?(\d{1,2})[:：点时](\d{1,2})分?$`)

// ParseMoment reads a moment as people type it: a day as ParseDay takes it and a time (2026-08-21 17:30, 21 17:30), a time alone (17:30,
// today), or a day alone, which means its end of office hours, 17:30.
func ParseMoment(text string, now incident.Stamp) (incident.Stamp, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "日", "日 "))
	hour, minute := 17, 30
	dayText := text
	if m := clockPattern.FindStringSubmatch(text); m != nil {
		dayText = strings.TrimSpace(m[1])
		hour, minute = atoi(m[2]), atoi(m[3])
		if hour > 23 || minute > 59 {
			return 0, errNoDay
		}
	}
	d := incident.DayOf(now)
	if dayText != "" {
		parsed, err := ParseDay(dayText, now)
		if err != nil {
			return 0, err
		}
		d = parsed
	} else if text == "" {
		return 0, errNoDay
	}
	start, err := d.Start()
	if err != nil {
		return 0, err
	}
	return start.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute), nil
}

// atoi reads digits that a pattern has already seen.
func atoi(digits string) int {
	n := 0
	for _, r := range digits {
		n = n*10 + int(r-'0')
	}
	return n
}
