package lists

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"zw110/data/duty"
	"zw110/data/incident"
)

// Params are what a list is made of. Placements that stand on another list or on none are left out.
type Params struct {
	Town  duty.Town
	Rules incident.Rules
	Words Words
	List  incident.List
	// Day is the day of a daily list, any day of the week of a joint one, the last day that a monthly one knows of.
	Day     incident.Day
	MadeAt  incident.Stamp
	Version int  // 1 for the first print
	Issued  bool // it is published, and Version is that of the issue
	// Clear, when not empty, is the mark of a list in clear text: reporters of incidents that nobody is shielded in are named. It doesn't come back.
	Clear      string
	Placements []Placement
}

// maker makes one list.
type maker struct {
	Params
	from, end incident.Stamp // the period that the list is of
}

// Make makes a list: the daily (每日清单), joint (联办清单) or monthly supervision list (月度督办清单). Personal data is masked. An unknown list, a day
// that is none and a version below 1 are errors.
func Make(p Params) (Sheet, error) {
	m := maker{Params: p}
	var err error
	if m.from, m.end, err = Period(p.List, p.Day); err != nil {
		return Sheet{}, fmt.Errorf("make %s list: %w", p.List, err)
	}
	if p.Version < 1 {
		return Sheet{}, fmt.Errorf("make %s list of %s: version %d", p.List, p.Day, p.Version)
	}
	w := p.Words
	var lines []line
	for _, pl := range p.Placements {
		if pl.List == p.List && (p.List != incident.ListMonthly || !pl.Settled) {
			l := newLine(pl, p.Rules, w)
			l.clear = p.Clear != "" && nameable(pl.State.Reporter)
			lines = append(lines, l)
		}
	}
	s := Sheet{
		Name: word(w, "sheet", string(p.List)), Title: title(p.Town, p.List, p.Day), NotesAt: w.T("lists.notes.sheet"), Version: p.Version, MadeAt: p.MadeAt, Footer: w.T("lists.footer"),
		Made: w.T("lists.made", p.Town.Room, m.period(), moment(p.MadeAt)),
	}
	switch p.List {
	case incident.ListJoint:
		m.joint(&s, lines)
	case incident.ListMonthly:
		m.monthly(&s, lines)
	default:
		m.daily(&s, lines)
	}
	if p.Clear != "" {
		s.unmask(w, lines, clean(p.Clear))
	}
	t := count(lines)
	s.Origin = Origin{Town: p.Town.Code, List: p.List, Day: p.Day}
	version := "lists.version"
	if p.Issued {
		version = "lists.issued"
	}
	s.Totals = w.T("lists.totals", t.all, t.settled, t.overdue, t.carried) + "　　" + w.T(version, p.Version, s.Check())
	s.Code = s.code()
	s.Notes = m.notes(s, t, lines)
	return s, nil
}

// nameable reports whether a reporter may be named in clear text: there is one, and neither an informant nor a person in need of protection.
func nameable(r *incident.Reporter) bool { return r != nil && !r.Confidential && !r.Protected }

// unmask adds who reported to each row, and the mark to every page. Such a list has no keys: what it says must not come back.
func (s *Sheet) unmask(w Words, lines []line, mark string) {
	byNo := map[string]line{}
	for _, l := range lines {
		byNo[l.State.No] = l
	}
	extra := columnsOf(w, []Column{col("reporter", 10, true), col("phone", 14, true)})
	for i := range extra {
		extra[i].Whole = len(s.Blocks) > 0
	}
	s.Columns = append(s.Columns, extra...)
	before := ""
	for i, k := range s.Keys {
		var name, phone string
		if l := byNo[k.No]; k.No != before && l.State.Reporter != nil {
			name, phone = l.State.Reporter.Name, l.State.Reporter.Phone
			if !l.clear {
				name, phone = w.T("lists.shielded"), ""
			}
		}
		s.Rows[i] = append(s.Rows[i], text(name), text(phone))
		before = k.No
	}
	s.Keys, s.Mark, s.Made = nil, mark, mark+"　"+s.Made
}

// Period returns the span a list is of: the day, the ISO week of the day, or its month up to the day. It ends at 24:00.
func Period(list incident.List, day incident.Day) (from, end incident.Stamp, err error) {
	if from, err = day.Start(); err != nil {
		return 0, 0, err
	}
	end = from.Add(24 * time.Hour)
	switch list {
	case incident.ListDaily:
	case incident.ListJoint:
		sunday, err := weekEnd(day)
		if err != nil {
			return 0, 0, err
		}
		if end, err = DayEnd(sunday); err != nil {
			return 0, 0, err
		}
		from = end.Add(-7 * 24 * time.Hour)
	case incident.ListMonthly:
		if from, err = (day[:len("2006-01-")] + "01").Start(); err != nil {
			return 0, 0, err
		}
	default:
		return 0, 0, fmt.Errorf("list %q is none of daily, joint, monthly", string(list))
	}
	return from, end, nil
}

// period is the span in words, up to the moment of making when that comes first.
func (m *maker) period() string {
	until := m.end
	if m.MadeAt > 0 && m.MadeAt < until {
		until = m.MadeAt
	}
	last := incident.DayOf(until - 1)
	hour := "24:00"
	if until < m.end {
		hour = clock(until, last)
	}
	first := incident.DayOf(m.from)
	if first == last {
		return chineseDay(first) + " 0:00—" + hour
	}
	return chineseDay(first) + " 0:00—" + chineseDay(last) + " " + hour
}

// FileName is the file name of a list without version and extension: 塔石镇_每日清单_20260815, 塔石镇_联办清单_2026W33, 塔石镇_月度督办清单_202608.
func FileName(town duty.Town, w Words, list incident.List, day incident.Day) string {
	t := dayTime(day)
	when := t.Format("20060102")
	switch list {
	case incident.ListJoint:
		year, week := t.ISOWeek()
		when = fmt.Sprintf("%dW%02d", year, week)
	case incident.ListMonthly:
		when = t.Format("200601")
	}
	return town.Name + "_" + word(w, "file", string(list)) + "_" + when
}

// columnsOf gives the columns their headings.
func columnsOf(w Words, cols []Column) []Column {
	for i := range cols {
		cols[i].Head = w.T("lists.col." + cols[i].Key)
	}
	return cols
}

func col(key string, width float64, centre bool) Column {
	return Column{Key: key, Width: width, Centre: centre}
}

// totals are the counts of row 3.
type totals struct{ all, settled, overdue, carried int }

func count(lines []line) totals {
	t := totals{all: len(lines)}
	for _, l := range lines {
		if l.Settled {
			t.settled++
		}
		if l.late {
			t.overdue++
		}
		if l.carried() > 0 {
			t.carried++
		}
	}
	return t
}

// notes is the second sheet: how the figures are counted, each with n/N, and why each row stands on the list.
func (m *maker) notes(s Sheet, t totals, lines []line) [][]string {
	w := m.Words
	how := func(key string) string { return w.T("lists.notes.how." + string(m.List) + "." + key) }
	ratio := func(key string, n int) []string {
		return []string{w.T("lists.notes." + key), how(key), fmt.Sprintf("%d/%d", n, t.all), Percent(n, t.all)}
	}
	all := func(key string) []string {
		return []string{w.T("lists.notes." + key), w.T("lists.notes." + key + ".how"), "", ""}
	}
	out := [][]string{
		{w.T("lists.notes.list"), s.Title, w.T("lists.version", m.Version, s.Check()), moment(m.MadeAt)},
		{w.T("lists.notes.item"), w.T("lists.notes.how"), "n/N", w.T("lists.notes.rate")},
		{w.T("lists.notes.all"), how("all"), strconv.Itoa(t.all), ""},
		ratio("settled", t.settled), ratio("overdue", t.overdue), ratio("carried", t.carried), all("due"),
	}
	if m.List == incident.ListMonthly {
		out = append(out, all("level"), all("count"), all("struck"))
	} else {
		out = append(out, all("lights"))
	}
	out = append(out, all("personal"), all("check"), all("back"), []string{"", "", "", ""}, []string{w.T("lists.col.no"), w.T("lists.notes.why"), "", ""})
	for _, l := range lines {
		out = append(out, []string{l.State.No, l.why(), "", ""})
	}
	for _, row := range out {
		for i := range row {
			row[i] = clean(row[i])
		}
	}
	return out
}

// why joins the reasons for which an incident stands on the list.
func (l line) why() string {
	texts := make([]string, len(l.Reasons))
	for i, r := range l.Reasons {
		args := make([]any, len(r.Args))
		for j, a := range r.Args {
			args[j] = a
		}
		texts[i] = l.words.T(r.Key, args...)
	}
	return strings.Join(texts, "；")
}

// title fills the places of the town's title for a list. A week belongs to the year that has its Thursday.
func title(town duty.Town, list incident.List, day incident.Day) string {
	t := dayTime(day)
	isoYear, week := t.ISOWeek()
	year := t.Year()
	if list == incident.ListJoint {
		year = isoYear
	}
	return clean(strings.NewReplacer(
		"{town}", town.Name, "{room}", town.Room, "{year}", strconv.Itoa(year), "{month}", strconv.Itoa(int(t.Month())),
		"{day}", strconv.Itoa(t.Day()), "{week}", strconv.Itoa(week),
	).Replace(town.Titles[list]))
}

// dayTime returns a day that was checked before as a time in Beijing.
func dayTime(day incident.Day) time.Time {
	start, err := day.Start()
	if err != nil {
		return time.Time{}
	}
	return start.Time().In(incident.Local)
}

func chineseDay(day incident.Day) string {
	t := dayTime(day)
	return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
}

// clock shows a moment on a list of a day: the hour alone on that day, with the date on another, with the year in another year.
func clock(at incident.Stamp, day incident.Day) string {
	if at == 0 {
		return ""
	}
	t, d := at.Time().In(incident.Local), dayTime(day)
	switch {
	case t.Year() != d.Year():
		return t.Format("2006-01-02 15:04")
	case t.YearDay() != d.YearDay():
		return t.Format("01-02 15:04")
	}
	return t.Format("15:04")
}

func moment(at incident.Stamp) string {
	if at == 0 {
		return ""
	}
	return at.Time().In(incident.Local).Format("2006-01-02 15:04")
}
