package intake

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"zw110/data/incident"
)

// errImpossible marks text that has the shape of a date and is none, such as 30 February; errUnreadable text without that shape.
var (
	errImpossible = errors.New("no such date")
	errUnreadable = errors.New("not a date")
)

// moment is a date as written: the year, or even month and day, may be missing (0).
type moment struct {
	year, month, day  int
	hour, minute, sec int
	milli             int
	zone              *time.Location
}

var (
	clock     = `(?:[\sT]+(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2}))?(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?`
	fullDate  = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})` + clock + `$`)
	usDate    = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})` + clock + `$`)
	shortYear = regexp.MustCompile(`^(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})` + clock + `$`)
	noYear    = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})` + clock + `$`)
	dayOnly   = regexp.MustCompile(`^(\d{1,2})d` + clock + `$`)
	timeOnly  = regexp.MustCompile(`^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$`)
	digitDate = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:[\sT]?(\d{2})(\d{2})(\d{2})?)?$`)
	plainNo   = regexp.MustCompile(`^\d+(\.\d+)?([eE]\+?\d+)?$`)
	weekday   = regexp.MustCompile(`[(（]?(星期|周|礼拜)[一二三四五六日天][)）]?`)
	halfDay   = regexp.MustCompile(`(?i)(凌晨|清早|清晨|早上|上午|中午|下午|傍晚|晚上|夜里|夜间|晚间|am|pm|a\.m\.|p\.m\.)`)
)

// parseMoment reads a date in any of the styles that exports and people use.
func parseMoment(text string) (moment, error) {
	s := weekday.ReplaceAllString(halfWidth(text), " ")
	late, early := false, false
	s = halfDay.ReplaceAllStringFunc(s, func(w string) string {
		switch strings.ToLower(w) {
		case "下午", "傍晚", "晚上", "夜里", "夜间", "晚间", "pm", "p.m.", "中午":
			late = true
		case "am", "a.m.", "凌晨":
			early = true
		}
		return " "
	})
	s = strings.NewReplacer("年", "-", "月", "-", "时", ":", "点", ":", "：", ":", "分", ":", "秒", "", "整", "", "_", " ").Replace(s)
	s = dayMark(s)
	s = strings.Join(strings.Fields(strings.TrimRight(strings.TrimSpace(s), ":")), " ")
	m, err := matchMoment(s)
	if err != nil {
		return moment{}, err
	}
	if late && m.hour < 12 && (m.hour > 0 || !early) {
		m.hour += 12
	}
	if early && m.hour == 12 {
		m.hour = 0
	}
	return m, m.check()
}

// dayMark drops the word for day: after a month it is a blank, alone it marks a day of an unnamed month.
func dayMark(s string) string {
	for _, w := range []string{"日", "号"} {
		if i := strings.Index(s, w); i > 0 {
			mark := " "
			if !strings.ContainsAny(s[:i], "-/.") {
				mark = "d "
			}
			return s[:i] + mark + s[i+len(w):]
		}
	}
	return s
}

func matchMoment(s string) (moment, error) {
	if plainNo.MatchString(s) {
		return numberMoment(s)
	}
	if m := fullDate.FindStringSubmatch(s); m != nil {
		return momentOf(m[1], m[2], m[3], m[4:])
	}
	if m := usDate.FindStringSubmatch(s); m != nil {
		if number2(m[1]) > 12 {
			return momentOf(m[3], m[2], m[1], m[4:])
		}
		return momentOf(m[3], m[1], m[2], m[4:])
	}
	if m := shortYear.FindStringSubmatch(s); m != nil {
		return momentOf("20"+m[1], m[2], m[3], m[4:])
	}
	if m := noYear.FindStringSubmatch(s); m != nil {
		return momentOf("0", m[1], m[2], m[3:])
	}
	if m := dayOnly.FindStringSubmatch(s); m != nil {
		return momentOf("0", "0", m[1], m[2:])
	}
	if m := timeOnly.FindStringSubmatch(s); m != nil {
		return momentOf("0", "0", "0", append(m[1:], "", ""))
	}
	if m := digitDate.FindStringSubmatch(s); m != nil {
		return momentOf(m[1], m[2], m[3], append(m[4:], "", ""))
	}
	return moment{}, errUnreadable
}

func number2(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// momentOf takes hour, minute, second, fraction and zone from rest.
func momentOf(year, month, day string, rest []string) (moment, error) {
	m := moment{
		year: number2(year), month: number2(month), day: number2(day),
		hour: number2(rest[0]), minute: number2(rest[1]), sec: number2(rest[2]),
	}
	if len(rest) > 3 && rest[3] != "" {
		m.milli = number2((rest[3] + "00")[:3])
	}
	if len(rest) > 4 && rest[4] != "" {
		zone := strings.Replace(rest[4], ":", "", 1)
		if zone == "Z" {
			m.zone = time.UTC
			return m, nil
		}
		offset := (number2(zone[1:3])*60 + number2(zone[3:5])) * 60
		if zone[0] == '-' {
			offset = -offset
		}
		m.zone = time.FixedZone(rest[4], offset)
	}
	return m, nil
}

// numberMoment reads dates that are numbers: year month day written together, seconds or milliseconds since 1970, the days of a
// spreadsheet.
func numberMoment(s string) (moment, error) {
	if m := digitDate.FindStringSubmatch(s); m != nil && (strings.HasPrefix(s, "20") || strings.HasPrefix(s, "19")) {
		return momentOf(m[1], m[2], m[3], append(m[4:], "", ""))
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return moment{}, errUnreadable
	}
	const day, century = 86400.0, 4102444800.0 // 2100
	switch {
	case f > 946684800 && f < century:
		return momentAt(time.UnixMilli(int64(f * 1000))), nil
	case f > 946684800e3 && f < century*1000:
		return momentAt(time.UnixMilli(int64(f))), nil
	case f > 36526 && f < 73051:
		// Serials count days of local time from 30 December 1899; exports round to the second.
		secs := int64(math.Round(f * day))
		return momentAt(time.Date(1899, 12, 30, 0, 0, 0, 0, incident.Local).Add(time.Duration(secs) * time.Second)), nil
	}
	if m := noYear.FindStringSubmatch(s); m != nil {
		return momentOf("0", m[1], m[2], m[3:])
	}
	return moment{}, errUnreadable
}

func momentAt(t time.Time) moment {
	t = t.In(incident.Local)
	return moment{
		year: t.Year(), month: int(t.Month()), day: t.Day(), hour: t.Hour(), minute: t.Minute(), sec: t.Second(),
		milli: t.Nanosecond() / 1e6, zone: incident.Local,
	}
}

// check refuses what no calendar has; a day of a month without a year may be 29 February.
func (m moment) check() error {
	if m.hour == 24 && m.minute == 0 && m.sec == 0 {
		m.hour = 0
	}
	if m.hour > 23 || m.minute > 59 || m.sec > 59 || m.month > 12 || m.day > 31 {
		return errImpossible
	}
	if m.year == 0 {
		if m.month > 0 && (m.day == 0 || m.day > daysIn(2024, m.month)) {
			return errImpossible
		}
		return nil
	}
	if m.year < 1990 || m.year > 2099 || m.month == 0 || m.day == 0 || m.day > daysIn(m.year, m.month) {
		return errImpossible
	}
	return nil
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// whole reports whether nothing has to be filled in.
func (m moment) whole() bool { return m.year > 0 }

func (m moment) at(year, month, day int) incident.Stamp {
	zone := m.zone
	if zone == nil {
		zone = incident.Local
	}
	return incident.StampOf(time.Date(year, time.Month(month), day, m.hour, m.minute, m.sec, m.milli*1e6, zone))
}

// stamp fills what is missing so that the moment lies as near as possible to ref; past asks for the latest one that isn't more than
// a day after ref.
func (m moment) stamp(ref incident.Stamp, past bool) (incident.Stamp, error) {
	if m.whole() {
		return m.at(m.year, m.month, m.day), nil
	}
	base := ref.Time().In(incident.Local)
	best, found := incident.Stamp(0), false
	try := func(year, month, day int) {
		if day > daysIn(year, month) {
			return
		}
		s := m.at(year, month, day)
		if past && s > ref.Add(24*time.Hour) {
			return
		}
		if !found || abs(s.Sub(ref)) < abs(best.Sub(ref)) {
			best, found = s, true
		}
	}
	for i := -2; i <= 1; i++ {
		switch {
		case m.month > 0:
			try(base.Year()+i, m.month, m.day)
		case m.day > 0:
			first := time.Date(base.Year(), base.Month()+time.Month(i), 1, 0, 0, 0, 0, incident.Local)
			try(first.Year(), int(first.Month()), m.day)
		default:
			d := base.AddDate(0, 0, i)
			try(d.Year(), int(d.Month()), d.Day())
		}
	}
	if !found {
		return 0, fmt.Errorf("%w near %d", errImpossible, base.Year())
	}
	return best, nil
}

func abs(d time.Duration) time.Duration {
	if d < 0 {
		return -d
	}
	return d
}

var spokenTime = regexp.MustCompile(`(?:(\d{1,2})月)?(\d{1,2})[日号]\s*(凌晨|清早|清晨|早上|上午|中午|下午|傍晚|晚上|夜里|晚)?\s*` +
	`(?:(\d{1,2})[:：](\d{2})|([零〇一二两三四五六七八九十\d]{1,3})[点时](半|[一三]刻|[零〇一二两三四五六七八九十\d]{1,3})?)`)

// saidAt finds a day with a time of day in free text, such as 5号下午两点十分, no later than an hour after ref and no earlier than a
// month before.
func saidAt(text string, ref incident.Stamp) incident.Stamp {
	for _, m := range spokenTime.FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		mo := moment{month: spokenNumber(part(1)), day: spokenNumber(part(2)), hour: spokenNumber(part(4) + part(6))}
		switch q := part(7); q {
		case "半":
			mo.minute = 30
		case "一刻":
			mo.minute = 15
		case "三刻":
			mo.minute = 45
		default:
			mo.minute = spokenNumber(part(5) + q)
		}
		switch part(3) {
		case "下午", "傍晚", "晚上", "夜里", "晚", "中午":
			if mo.hour < 12 && (part(3) != "中午" || mo.hour < 3) && mo.hour > 0 {
				mo.hour += 12
			}
		}
		if mo.check() != nil {
			continue
		}
		s, err := mo.stamp(ref, true)
		if err != nil || s > ref.Add(time.Hour) || s < ref.Add(-31*24*time.Hour) {
			continue
		}
		return s
	}
	return 0
}

// spokenNumber reads digits or Chinese numerals below a hundred; 0 for anything else.
func spokenNumber(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	total, digit := 0, 0
	for _, r := range s {
		switch i := strings.IndexRune("〇一二三四五六七八九", r) / 3; {
		case r == '十':
			total += max(digit, 1) * 10
			digit = 0
		case r == '两':
			digit = 2
		case r == '零':
			digit = 0
		case strings.ContainsRune("〇一二三四五六七八九", r):
			digit = i
		default:
			return 0
		}
	}
	return total + digit
}
