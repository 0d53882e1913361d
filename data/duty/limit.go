package duty

import (
	"regexp"
	"strconv"
	"strings"

	"zw110/data/incident"
)

// The longest limits that are taken, so that a slip of the finger is not a limit of years.
const (
	maxMinutes = 400 * 24 * 60
	maxDays    = 400
)

var limitForm = regexp.MustCompile(`^(\d{1,6})\s*(min|wh|wd|h|d|分钟|工作小时|个工作小时|个工作日|工作日|小时|天)(\s*(?:night|夜))?$`)

// ParseLimit reads a limit as town packs write it: 5min and 24h are natural time, 2wh office hours, 3wd working days, 60d calendar
// days; "30min night" is due 09:00 when it starts at night. Chinese units (分钟, 小时, 工作小时, 工作日, 天, 夜) are taken too. An
// empty text or "-" is no limit.
func ParseLimit(text string) (incident.Limit, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" || text == "-" {
		return incident.Limit{}, true
	}
	m := limitForm.FindStringSubmatch(text)
	if m == nil {
		return incident.Limit{}, false
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n < 1 {
		return incident.Limit{}, false
	}
	var l incident.Limit
	switch m[2] {
	case "min", "分钟":
		l = incident.Limit{Kind: incident.NaturalTime, N: n}
	case "h", "小时":
		l = incident.Limit{Kind: incident.NaturalTime, N: 60 * n}
	case "wh", "工作小时", "个工作小时":
		l = incident.Limit{Kind: incident.WorkTime, N: 60 * n}
	case "wd", "工作日", "个工作日":
		l = incident.Limit{Kind: incident.WorkDays, N: n}
	case "d", "天":
		l = incident.Limit{Kind: incident.DayCount, N: n}
	}
	if m[3] != "" {
		if l.Kind != incident.NaturalTime {
			return incident.Limit{}, false
		}
		l.Kind = incident.NightNine
	}
	most := maxMinutes
	if l.Kind == incident.WorkDays || l.Kind == incident.DayCount {
		most = maxDays
	}
	return l, l.N <= most
}

// FormatLimit writes a limit the way ParseLimit reads it.
func FormatLimit(l incident.Limit) string {
	n := strconv.Itoa(l.N)
	switch l.Kind {
	case incident.WorkTime:
		return strconv.Itoa(l.N/60) + "wh"
	case incident.WorkDays:
		return n + "wd"
	case incident.DayCount:
		return n + "d"
	case incident.NaturalTime, incident.NightNine:
		text := n + "min"
		if l.N%60 == 0 {
			text = strconv.Itoa(l.N/60) + "h"
		}
		if l.Kind == incident.NightNine {
			text += " night"
		}
		return text
	}
	return ""
}
