package duty

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"zw110/data/incident"
)

// Share is the weight of one measure in the composite score of the assessment (综合得分) and the rate the town wants, both in percent; 0 is none.
type Share struct {
	Measure        string
	Weight, Target int
	Note           string
}

// Alarm is one rule of the early warnings (预警) with its thresholds; what N, Red, Days and More count depends on the rule.
type Alarm struct {
	Rule       string
	Off        bool
	N, Red     int
	Days       int
	More       int
	Categories []string // codes, or their beginnings
	Season     []Season // empty: the whole year
	Note       string
}

// Season is a stretch of the year, month and day, both included; it may run over New Year.
type Season struct{ From, To string }

// Has reports whether a day lies in the stretch.
func (s Season) Has(d incident.Day) bool {
	if len(d) < 10 {
		return false
	}
	day := string(d[5:])
	if s.From <= s.To {
		return s.From <= day && day <= s.To
	}
	return day >= s.From || day <= s.To
}

var measureForm = regexp.MustCompile(`^[a-z0-9_]{2,40}$`)

func shareFormat() format[Share] {
	return format[Share]{
		file: "assess", columns: []string{"measure", "weight", "target", "note"}, need: 2,
		parse: func(r record) Share {
			w := Share{Measure: r.text("measure"), Weight: r.whole("weight", 100), Target: r.whole("target", 100), Note: r.text("note")}
			if !measureForm.MatchString(w.Measure) {
				r.fail("measure", w.Measure)
			}
			return w
		},
		cells: func(w Share) []string { return []string{w.Measure, number(w.Weight), number(w.Target), w.Note} },
	}
}

var (
	alarmForm  = regexp.MustCompile(`^W([1-9]|1[0-4])(\.[1-9])?$`)
	seasonForm = regexp.MustCompile(`^(\d\d-\d\d)\.\.(\d\d-\d\d)$`)
)

func alarmFormat() format[Alarm] {
	return format[Alarm]{
		file: "warn", columns: []string{"rule", "off", "n", "red", "days", "more", "categories", "season", "note"}, need: 1,
		parse: func(r record) Alarm {
			const most = 9999
			a := Alarm{
				Rule: r.text("rule"), Off: r.yes("off", false), N: r.whole("n", most), Red: r.whole("red", most), Days: r.whole("days", 365),
				More: r.whole("more", most), Categories: r.words("categories"), Note: r.text("note"),
			}
			if !alarmForm.MatchString(a.Rule) {
				r.fail("rule", a.Rule)
			}
			for _, w := range r.words("season") {
				m := seasonForm.FindStringSubmatch(w)
				if m == nil {
					r.fail("season", w)
					continue
				}
				a.Season = append(a.Season, Season{m[1], m[2]})
			}
			return a
		},
		cells: func(a Alarm) []string {
			seasons := make([]string, len(a.Season))
			for i, s := range a.Season {
				seasons[i] = s.From + ".." + s.To
			}
			return []string{
				a.Rule, formatYes(a.Off), number(a.N), number(a.Red), number(a.Days), number(a.More), strings.Join(a.Categories, " "), strings.Join(seasons, " "), a.Note,
			}
		},
	}
}

// whole reads a whole number from 0 to most; empty is 0.
func (r record) whole(col string, most int) int {
	v := r.text(col)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > most {
		r.fail("whole", col, v, strconv.Itoa(most))
	}
	return n
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// usual is what holds for a pack without the file.
func usual[T any](t table[T], f format[T], rows []T) table[T] {
	if len(t.keys) > 0 {
		return t
	}
	for _, row := range rows {
		t.put(f.cells(row)[0], version[T]{Row: row})
	}
	return t
}

// UsualShares are the weights of a pack that names none.
func UsualShares() []Share {
	return []Share{
		{"on_time", 30, 0, "按期办结率"},
		{"sign_in_time", 10, 0, "及时签收率"},
		{"satisfaction", 25, 0, "满意率"},
		{"first_fix", 15, 0, "一次办好率"},
		{"returned", 10, 0, "退单率，越少越好"},
		{"complete", 10, 0, "要素完整率"},
		{"same_day", 0, 95, "单日办结率，只设目标，不计分"},
	}
}

// UsualAlarms are the rules of a pack that names none. What is not official in them stands in docs/pack.md.
func UsualAlarms() []Alarm {
	year := func(parts ...string) []Season {
		var out []Season
		for _, p := range parts {
			from, to, _ := strings.Cut(p, "..")
			out = append(out, Season{from, to})
		}
		return out
	}
	return []Alarm{
		{Rule: "W1", N: 3, Red: 5, Days: 30, Note: "同一人多次反映"},
		{Rule: "W2", N: 3, Days: 15, More: 100, Note: "同一地点（「另值」米内）多次"},
		{Rule: "W3", N: 2, Days: 30, Note: "同一纠纷反复，或结案后重办"},
		{Rule: "W4", N: 3, Days: 7, More: 2, Note: "一村一类聚集，且不少于近90天平均的「另值」倍"},
		{Rule: "W5", Note: "风险词，见资料包的词表"},
		{Rule: "W6", N: 5, More: 10, Note: "涉及「件数」人以上，欠薪「另值」人以上"},
		{Rule: "W7", N: 2, Days: 90, Categories: []string{"0102"}, Note: "家庭暴力再次求助；涉未成年人"},
		{Rule: "W8", Categories: []string{"0907"}, Note: "独居、高龄老人走访时联系不上"},
		{Rule: "W9", Categories: []string{"02", "04"}, Season: year("04-15..10-15"), Note: "汛期，建议紧急程度升一级"},
		{Rule: "W10.1", N: 3, Days: 7, Categories: []string{"0303"}, Season: year("06-01..06-30", "10-01..11-30"), Note: "秸秆焚烧"},
		{Rule: "W10.2", N: 2, Days: 7, Categories: []string{"0304"}, Season: year("11-01..04-30"), Note: "森林防火"},
		{Rule: "W10.3", N: 2, Days: 7, Categories: []string{"0205"}, Season: year("07-01..08-31"), Note: "暑期溺水"},
		{Rule: "W10.4", N: 2, Days: 14, Categories: []string{"0105"}, Season: year("12-15..02-15"), Note: "年关欠薪"},
		{Rule: "W11", N: 3, Days: 7, More: 2, Note: "同一单位「天数」内退「件数」单，或一件退「另值」次"},
		{Rule: "W12", N: 10, Days: 30, More: 3, Note: "来源静默：超过平时间隔「另值」倍"},
		{Rule: "W13", N: 5, Days: 8, More: 2, Note: "当日某类或某来源超过前「天数」个同星期日的平均＋「另值」倍标准差"},
		{Rule: "W14", Note: "阶段办结到期未复查"},
	}
}

// Shares returns the shares and targets of the measures as they read at a moment, 0 the newest.
func (d *Directory) Shares(at incident.Stamp) []Share {
	var out []Share
	for _, k := range d.shares.keys {
		if vs := d.shares.rows[k]; at != 0 && vs[0].From > at {
			continue // a measure that counts from later on says nothing of earlier periods
		}
		if row, ok := d.shares.at(k, at); ok {
			out = append(out, row)
		}
	}
	return out
}

// ShareDays returns from when on each of the versions of the weights holds, oldest first.
func (d *Directory) ShareDays() []incident.Day {
	var out []incident.Day
	for _, vs := range d.shares.rows {
		for _, v := range vs {
			day := incident.Day("")
			if v.From != 0 {
				day = incident.DayOf(v.From)
			}
			out = append(out, day)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Alarms returns the rules of the early warnings as they read at a moment, 0 the newest.
func (d *Directory) Alarms(at incident.Stamp) []Alarm { return d.alarms.all(at) }
