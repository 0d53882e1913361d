package lists

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"zw110/data/duty"
	"zw110/data/incident"
	"zw110/data/intake"
)

// DailyParams are what a daily list is made of. Placements that stand on another list or on none are left out.
type DailyParams struct {
	Town       duty.Town
	Rules      incident.Rules
	Words      Words
	Day        incident.Day
	MadeAt     incident.Stamp
	Version    int // 1 for the first print of the day
	Placements []Placement
}

// Daily makes the daily list (每日清单) of a day: carried ones first, then by urgency, due time and village. Personal data is masked.
func Daily(p DailyParams) (Sheet, error) {
	end, err := DayEnd(p.Day)
	if err != nil {
		return Sheet{}, fmt.Errorf("make daily list: %w", err)
	}
	if p.Version < 1 {
		return Sheet{}, fmt.Errorf("make daily list of %s: version %d", p.Day, p.Version)
	}
	w := p.Words
	var lines []line
	for _, pl := range p.Placements {
		if pl.List == incident.ListDaily {
			lines = append(lines, newLine(pl, p.Rules, w))
		}
	}
	slices.SortStableFunc(lines, compareLines)
	s := Sheet{
		Name: w.T("lists.daily.sheet"), Title: title(p.Town, incident.ListDaily, p.Day), Columns: dailyColumns(w), NotesAt: w.T("lists.notes.sheet"),
		Version: p.Version, Footer: w.T("lists.footer"),
		Foot: []string{w.T("lists.foot.maker"), w.T("lists.foot.shift"), w.T("lists.foot.leader"), w.T("lists.foot.date")},
	}
	for i, l := range lines {
		s.Rows = append(s.Rows, append([]Cell{number(i + 1)}, l.dailyCells(p.Day)...))
	}
	until := "24:00"
	if p.MadeAt > 0 && p.MadeAt < end {
		until = clock(p.MadeAt, p.Day)
	}
	s.Made = w.T("lists.made", p.Town.Room, chineseDay(p.Day), until, moment(p.MadeAt))
	t := count(lines)
	s.Totals = w.T("lists.totals", t.all, t.settled, t.overdue, t.carried) + "　　" + w.T("lists.version", p.Version, s.Check())
	s.Notes = notes(w, p, s, t, lines)
	return s, nil
}

// DailyFile is the file name of a daily list without version and extension: 塔石镇_每日清单_20260815.
func DailyFile(town duty.Town, w Words, day incident.Day) string {
	return town.Name + "_" + w.T("lists.daily.file") + "_" + strings.ReplaceAll(string(day), "-", "")
}

func dailyColumns(w Words) []Column {
	col := func(key string, width float64, centre bool) Column {
		return Column{Head: w.T("lists.col." + key), Width: width, Centre: centre}
	}
	return []Column{
		col("seq", 5, true), col("no", 16, true), col("accepted", 14, true), col("channel", 8, true), col("village", 12, true), col("matter", 38, false),
		col("urgency", 7, true), col("lead", 13, true), col("co", 12, false), col("signed", 9, true), col("due", 14, true), col("progress", 32, false),
		col("handled", 9, true), col("light", 8, true), col("carried", 6, true), col("signature", 9, true),
	}
}

// line is one incident of a list with what is computed from it.
type line struct {
	Placement
	words       Words
	due         incident.Stamp
	provisional bool
	late        bool // overdue, or settled after its due time
	light       incident.Light
	word        string
}

func newLine(pl Placement, rules incident.Rules, w Words) line {
	l := line{Placement: pl, words: w}
	st := &l.State
	l.due, l.provisional = incident.SettleDue(st, rules)
	l.light, l.word = light(st, rules, pl, l.due)
	switch {
	case st.HandledAt > 0:
		l.late = l.due > 0 && st.HandledAt > l.due
	case st.Status == incident.FedBack:
		l.late = l.due > 0 && st.FedBackAt > l.due
	default:
		l.late = l.light == incident.Red
	}
	if l.Settled && l.late {
		l.word = "done_late"
	}
	return l
}

// light returns the colour of a row and the word that goes with it: a key under lists.light.
func light(st *incident.State, rules incident.Rules, pl Placement, due incident.Stamp) (incident.Light, string) {
	running := incident.Grey
	for _, c := range incident.Clocks(st, rules, pl.AsOf-1) {
		if c.Name == incident.C6Settle {
			running = c.Light
		}
	}
	switch {
	case pl.Settled:
		return incident.Green, "done"
	case st.Status == incident.Suspended:
		return incident.Blue, "suspended"
	case due > 0 && due < pl.AsOf && st.Status != incident.FedBack, running == incident.Red:
		return incident.Red, "overdue"
	case running == incident.Yellow:
		return incident.Yellow, "soon"
	case len(st.Extensions) > 0:
		return incident.Blue, "extended"
	case pl.Earlier.Daily > 0:
		return incident.Grey, "carried"
	}
	return "", "open"
}

func compareLines(a, b line) int {
	return cmp.Or(
		cmp.Compare(b.Earlier.Daily, a.Earlier.Daily), cmp.Compare(urgencyRank(a.State.Urgency), urgencyRank(b.State.Urgency)),
		cmp.Compare(dueRank(a.due), dueRank(b.due)), cmp.Compare(a.State.Village, b.State.Village), cmp.Compare(a.State.No, b.State.No),
	)
}

func urgencyRank(u incident.Urgency) int {
	return slices.Index([]incident.Urgency{incident.Critical, incident.Urgent, incident.Normal, incident.Low, u}, u)
}

// dueRank puts rows without a due time last.
func dueRank(due incident.Stamp) uint64 { return uint64(due) - 1 }

func (l line) dailyCells(day incident.Day) []Cell {
	st, w := &l.State, l.words
	accepted := st.AcceptedAt
	if accepted == 0 {
		accepted = st.ReceivedAt
	}
	due := clock(l.due, day)
	if l.provisional && l.due > 0 {
		due += w.T("lists.provisional")
	}
	co := make([]string, 0, len(st.Tasks))
	for _, u := range partners(st) {
		co = append(co, string(u))
	}
	return []Cell{
		text(st.No), text(clock(accepted, day)), text(word(w, "channel", string(st.Channel))), text(st.Village), text(l.matter()),
		text(word(w, "urgency", string(st.Urgency))), text(string(st.LeadUnit)), text(strings.Join(co, "、")), text(clock(st.SignedAt, day)), text(due),
		text(l.progress()), text(clock(st.HandledAt, day)),
		{Text: w.T("lists.light." + l.word), Light: l.light},
		number(l.Earlier.Daily), text(""),
	}
}

// word is the text of a code, or the code itself when there is none.
func word(w Words, kind, code string) string {
	key := "lists." + kind + "." + code
	if text := w.T(key); text != key {
		return text
	}
	return code
}

// matter is the title, else the content, without personal data.
func (l line) matter() string {
	what := l.State.Title
	if strings.TrimSpace(what) == "" {
		what = l.State.Content
	}
	return intake.MaskFor(what, l.State.Reporter)
}

// progress is the last thing a unit or the county said, else the state in a word.
func (l line) progress() string {
	st := &l.State
	for _, entry := range slices.Backward(st.Log) {
		if entry.Undone || entry.Fact == nil {
			continue
		}
		said := entry.Fact.Text
		switch entry.Kind {
		case incident.KindFedBack, incident.KindProgressed, incident.KindCountyClosed:
		case incident.KindCountyReturned:
			said = entry.Fact.Opinion
		default:
			continue
		}
		if strings.TrimSpace(said) == "" {
			continue
		}
		if entry.Unit != "" && entry.Unit != st.LeadUnit {
			said = string(entry.Unit) + "：" + said
		}
		return intake.MaskFor(said, st.Reporter)
	}
	return word(l.words, "state", string(st.Status))
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
		if l.Earlier.Daily > 0 {
			t.carried++
		}
	}
	return t
}

// notes is the second sheet: how the figures are counted, each with n/N, and why each row stands on the list.
func notes(w Words, p DailyParams, s Sheet, t totals, lines []line) [][]string {
	ratio := func(key string, n int) []string {
		return []string{w.T("lists.notes." + key), w.T("lists.notes." + key + ".how"), fmt.Sprintf("%d/%d", n, t.all), Percent(n, t.all)}
	}
	out := [][]string{
		{w.T("lists.notes.list"), s.Title, w.T("lists.version", p.Version, s.Check()), moment(p.MadeAt)},
		{w.T("lists.notes.item"), w.T("lists.notes.how"), "n/N", w.T("lists.notes.rate")},
		{w.T("lists.notes.all"), w.T("lists.notes.all.how"), strconv.Itoa(t.all), ""},
		ratio("settled", t.settled), ratio("overdue", t.overdue), ratio("carried", t.carried),
		{w.T("lists.notes.due"), w.T("lists.notes.due.how"), "", ""},
		{w.T("lists.notes.lights"), w.T("lists.notes.lights.how"), "", ""},
		{w.T("lists.notes.personal"), w.T("lists.notes.personal.how"), "", ""},
		{w.T("lists.notes.check"), w.T("lists.notes.check.how"), "", ""},
		{"", "", "", ""},
		{w.T("lists.col.no"), w.T("lists.notes.why"), "", ""},
	}
	for _, l := range lines {
		texts := make([]string, len(l.Reasons))
		for i, r := range l.Reasons {
			texts[i] = reasonText(w, r)
		}
		out = append(out, []string{l.State.No, strings.Join(texts, "；"), "", ""})
	}
	for _, row := range out {
		for i := range row {
			row[i] = clean(row[i])
		}
	}
	return out
}

func reasonText(w Words, r Reason) string {
	args := make([]any, len(r.Args))
	for i, a := range r.Args {
		args[i] = a
	}
	return w.T(r.Key, args...)
}

// title fills the places of the town's title for a list.
func title(town duty.Town, list incident.List, day incident.Day) string {
	t := dayTime(day)
	_, week := t.ISOWeek()
	return clean(strings.NewReplacer(
		"{town}", town.Name, "{room}", town.Room, "{year}", strconv.Itoa(t.Year()), "{month}", strconv.Itoa(int(t.Month())),
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
