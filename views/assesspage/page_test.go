package assesspage

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/assess"
	"zw110/data/assess/assesstest"
	"zw110/data/board"
	"zw110/data/duty"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views"
	"zw110/views/kit"
)

func TestSpan_CalendarPeriodsAndTheirNeighbours(t *testing.T) {
	for _, c := range []struct {
		length                     Length
		day, from, to, prev, after incident.Day
	}{
		{ByDay, "2026-08-31", "2026-08-31", "2026-08-31", "2026-08-30", "2026-09-01"},
		{ByWeek, "2026-08-30", "2026-08-24", "2026-08-30", "2026-08-17", "2026-08-31"},
		{ByWeek, "2026-08-31", "2026-08-31", "2026-09-06", "2026-08-24", "2026-09-07"},
		{ByMonth, "2026-02-10", "2026-02-01", "2026-02-28", "2026-01-01", "2026-03-01"},
		{ByQuarter, "2026-08-18", "2026-07-01", "2026-09-30", "2026-04-01", "2026-10-01"},
		{ByQuarter, "2026-12-31", "2026-10-01", "2026-12-31", "2026-07-01", "2027-01-01"},
		{ByYear, "2026-08-18", "2026-01-01", "2026-12-31", "2025-01-01", "2027-01-01"},
	} {
		s := SpanOf(c.length, c.day)
		if s.From != c.from || s.To != c.to {
			t.Errorf("%s of %s: %s to %s, want %s to %s", c.length, c.day, s.From, s.To, c.from, c.to)
		}
		if p, n := s.Step(-1), s.Step(1); p.From != c.prev || n.From != c.after || p.Step(1) != s {
			t.Errorf("%s of %s: before it %s, after it %s, want %s and %s", c.length, c.day, p.From, n.From, c.prev, c.after)
		}
		if b := s.Before(); b.To >= s.From {
			t.Errorf("%s of %s is compared with %s to %s", c.length, c.day, b.From, b.To)
		}
		for _, today := range []incident.Day{s.To, s.From} {
			trend := s.Trend(today)
			if last := trend[len(trend)-1]; last.To != today {
				t.Errorf("%s of %s: the trend ends %s, want %s", c.length, c.day, last.To, today)
			}
			for i := range trend[1:] {
				if a, b := trend[i], trend[i+1]; a.To >= b.From || a.Step(1).From != b.From {
					t.Errorf("%s of %s: %v and %v do not follow each other", c.length, c.day, a, b)
				}
			}
		}
	}
}

// sample is a desk with the two months.
type sample struct {
	rules *duty.Directory
	all   []assess.Incident
	now   incident.Stamp
	asked []assess.Params
	fail  error
	wrote []assess.Dimension
	told  func(room.Change)
}

func (s *sample) Assess(ctx context.Context, p assess.Params, progress func(int, int)) (assess.Assessment, error) {
	s.asked = append(s.asked, p)
	progress(0, len(s.all))
	if err := ctx.Err(); err != nil {
		return assess.Assessment{}, err
	}
	if s.fail != nil {
		return assess.Assessment{}, s.fail
	}
	p.Rules = s.rules
	return assess.Make(p, s.all)
}

func (s *sample) ExportAssessment(_ *assess.Assessment, by assess.Dimension, out string) (string, error) {
	s.wrote = append(s.wrote, by)
	return out + "/考核统计.xlsx", nil
}

func (s *sample) Subscribe(f func(room.Change)) func() {
	s.told = f
	return func() { s.told = nil }
}
func (s *sample) Now() incident.Stamp        { return s.now }
func (s *sample) Rules() incident.Rules      { return s.rules }
func (s *sample) Local(string, any) error    { return nil }
func (s *sample) SetLocal(string, any) error { return nil }
func (s *sample) Counters() board.Counters {
	return board.Counters{ToDispatch: 1, InHand: 9, Overdue: 1, DoneToday: 4, ReceivedToday: 7}
}

func moment(t testing.TB, s string) incident.Stamp {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, incident.Local)
	if err != nil {
		t.Fatal(err)
	}
	return incident.StampOf(at)
}

var replayed *assesstest.Desk

// months replays the sample months once for all tests; nothing changes them.
func months(t *testing.T) *assesstest.Desk {
	t.Helper()
	if replayed == nil {
		replayed = assesstest.Month(t, "acts-2026-07.jsonl", "acts-2026-08.jsonl")
	}
	return replayed
}

// stage is the page in a window of the test driver.
type stage struct {
	t      *testing.T
	desk   *sample
	page   *Page
	shell  *views.Shell
	window fyne.Window
	opened []incident.IncidentID
	files  []string
	shift  bool
	later  []func()
}

func open(t *testing.T, lang string, v *kit.Theme, width, height float32) *stage {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(v)
	text, err := kit.NewText(lang)
	if err != nil {
		t.Fatal(err)
	}
	d := months(t)
	s := &stage{t: t, desk: &sample{rules: d.Rules.(*duty.Directory), all: slices.Collect(d.All()), now: moment(t, "2026-09-01 09:02")}}
	atOnce := func(f func()) { f() }
	env := &kit.Env{
		Text: text, Keys: kit.NewKeymap(), Post: atOnce, Work: atOnce, Now: func() incident.Stamp { return s.desk.now },
		After: func(_ time.Duration, f func()) func() {
			s.later = append(s.later, f)
			return func() {}
		},
	}
	s.window = test.NewTempWindow(t, nil)
	s.shell = views.NewShell(views.Params{
		Window: s.window, Env: env, Desk: s.desk, Actions: views.NewActions(), Town: "塔石镇·综合信息指挥室", Mods: func() fyne.KeyModifier {
			if s.shift {
				return fyne.KeyModifierShift
			}
			return 0
		},
	})
	s.shell.SetShift("白班 08:00–20:00·值班长 李某·2 号席")
	s.window.Resize(fyne.NewSize(width, height))
	var villages []string
	for _, v := range s.desk.rules.Villages() {
		villages = append(villages, v.Name)
	}
	s.page = New(Params{
		Env: env, Desk: s.desk, Apart: atOnce, Words: func(err error) string { return err.Error() }, Villages: villages, Target: func() int { return 95 },
		Person: func(l incident.Login) string { return string(l) }, Open: func(id incident.IncidentID) { s.opened = append(s.opened, id) },
		Folder: func() string { return "out" }, OpenFile: func(p string) { s.files = append(s.files, p) },
	})
	s.shell.AddPage(s.page)
	s.shell.Go("assess")
	return s
}

func (s *stage) key(k fyne.KeyName) { s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: k}) }
func (s *stage) runes(text string) {
	for _, r := range text {
		s.window.Canvas().OnTypedRune()(r)
	}
}

func (s *stage) across(k fyne.KeyName) {
	s.shift = true
	s.key(k)
	s.shift = false
}

// august opens the page on the last whole month.
func august(t *testing.T) *stage {
	t.Helper()
	s := open(t, "zh-Hans", kit.NewTheme(kit.Light), 1440, 900)
	s.key(fyne.KeyLeft)
	return s
}

func TestPage_EveryFigureOfTheOverviewOpensItsIncidents(t *testing.T) {
	s := august(t)
	spots := s.page.sketch.spots
	if len(spots) < 200 {
		t.Fatalf("%d figures can be opened", len(spots))
	}
	heat := 0
	for i, sp := range spots {
		b := sp.open()
		for _, g := range b.groups {
			for _, p := range g.parts {
				if p.Incident().IsZero() || b.report.Line(p, s.page.p.Env.Text) == "" {
					t.Errorf("figure %d %s: %s has no incident or no clock", i, b.title, p.No)
				}
			}
		}
		if sp.block == blockHeat && sp.col == 6 {
			heat += b.len()
		}
	}
	if heat != 396 {
		t.Errorf("the rows of the heat table hold %d, want 396", heat)
	}
	for i, want := range []string{"396", "396/396 100%", "362/375 96.53%"} {
		if got := spots[i].open().rate; !strings.HasPrefix(got, want) {
			t.Errorf("card %d stands for %s, want %s", i, got, want)
		}
	}
}

func TestPage_AMeasureOpensWhatIsInItAndWhatIsLeftOutWithTheReason(t *testing.T) {
	s := august(t)
	m := s.page.view.Total.Measure(assess.SameDay)
	b := s.page.view.list(&s.page.view.Report, m, "")
	if b.groups[0].head != "影响指标的事项" || len(b.groups[0].parts) != m.Of-m.N || len(b.groups[1].parts) != m.N {
		t.Fatalf("%s %d and %s %d, want %d and %d", b.groups[0].head, len(b.groups[0].parts), b.groups[1].head, len(b.groups[1].parts), m.Of-m.N, m.N)
	}
	out := map[string]int{}
	for _, g := range b.groups[2:] {
		out[g.head] = len(g.parts)
	}
	want := map[string]int{"未计入：不予受理或退回来源": 6, "未计入：已并案": 12, "未计入：时限内上报县级": 3, "未计入：作废": 2}
	if len(out) != len(want) {
		t.Errorf("left out %v, want %v", out, want)
	}
	for head, n := range want {
		if out[head] != n {
			t.Errorf("%s: %d, want %d", head, out[head], n)
		}
	}
	if b.len() != len(m.Parts) {
		t.Errorf("%d incidents behind %d parts", b.len(), len(m.Parts))
	}
}

func TestPage_ByKeysAlone(t *testing.T) {
	s := open(t, "zh-Hans", kit.NewTheme(kit.Light), 1440, 900)
	if p := s.desk.asked[0]; p.From != "2026-09-01" || p.To != "2026-09-30" || p.Until != s.desk.now {
		t.Errorf("first asked %+v", p)
	}
	s.key(fyne.KeyRight) // the month of today is the last
	s.key(fyne.KeyLeft)
	if p := s.desk.asked[len(s.desk.asked)-1]; p.From != "2026-08-01" || p.To != "2026-08-31" || p.TrendFrom == "" {
		t.Errorf("a month back asked %+v", p)
	}
	s.key(fyne.KeyReturn)
	if !s.page.drill.shown() || s.page.drill.title.Text != "受理件数" || len(s.page.drill.items) != 397 {
		t.Fatalf("Enter on the first card shows %s with %d", s.page.drill.title.Text, len(s.page.drill.items))
	}
	s.key(fyne.KeyDown)
	s.key(fyne.KeyReturn)
	if len(s.opened) != 1 || s.opened[0] != s.page.drill.items[2].part.Incident() || s.page.Context().Incident != s.opened[0] {
		t.Errorf("opened %v", s.opened)
	}
	s.key(fyne.KeyEscape)
	if s.page.drill.shown() {
		t.Error("Esc leaves the list open")
	}
	s.across(fyne.KeyRight)
	s.across(fyne.KeyRight)
	s.key(fyne.KeyReturn)
	if got := s.page.drill.title.Text; got != "当日办结率（阶段口径）" {
		t.Errorf("the third card shows %s", got)
	}
	s.key(fyne.KeyEscape)
	s.runes("]]]") // units
	s.key(fyne.KeyDown)
	s.across(fyne.KeyRight)
	s.across(fyne.KeyRight)
	s.across(fyne.KeyRight)
	s.key(fyne.KeyReturn)
	if got := s.page.drill.title.Text; !strings.HasSuffix(got, "·及时签收率") || strings.HasPrefix(got, "合计") {
		t.Errorf("the first unit's fourth column shows %s", got)
	}
	s.key(fyne.KeyEscape)
	s.shell.Run(kit.CmdExport)
	s.shell.Run(kit.CmdPrint)
	if !slices.Equal(s.desk.wrote, []assess.Dimension{assess.ByUnit, assess.ByUnit}) || len(s.files) != 1 {
		t.Errorf("wrote %v, opened %v", s.desk.wrote, s.files)
	}
	for _, c := range []struct{ key, from, to string }{{"d", "2026-08-31", "2026-08-31"}, {"w", "2026-08-31", "2026-09-06"}, {"q", "2026-07-01", "2026-09-30"}, {"y", "2026-01-01", "2026-12-31"}, {"m", "2026-09-01", "2026-09-30"}} {
		s.runes(c.key)
		if p := s.desk.asked[len(s.desk.asked)-1]; string(p.From) != c.from || string(p.To) != c.to {
			t.Errorf("%s asks %s to %s, want %s to %s", c.key, p.From, p.To, c.from, c.to)
		}
	}
	if s.shell.Shown() != views.Page(s.page) {
		t.Error("a letter left the page")
	}
}

func TestPage_EveryTabHasItsTableAndItsFiguresOpen(t *testing.T) {
	s := august(t)
	for tab := tabMeasures; tab < s.page.tabCount(); tab++ {
		table := s.page.tableOf(tab)
		if tab == tabFindings || tab == tabAppeals {
			if len(table.rows) == 0 && table.empty == "" {
				t.Errorf("tab %d says nothing", tab)
			}
			continue
		}
		if len(table.rows) < 5 {
			t.Errorf("tab %d has %d rows", tab, len(table.rows))
		}
		for _, row := range table.rows {
			if len(row) != len(table.columns) {
				t.Errorf("tab %d: %d cells under %d heads", tab, len(row), len(table.columns))
			}
			for i, c := range row {
				if c.open == nil || i == 0 {
					continue
				}
				if n, err := strconv.Atoi(c.text); err == nil && n > 0 {
					if b := c.open(); n != b.len() && n != len(b.groups[0].parts) {
						t.Errorf("tab %d: %d stands for %d of %s", tab, n, b.len(), b.title)
					}
				}
			}
		}
	}
}

func TestPage_FollowsARunningPeriodAndSaysWhatFailed(t *testing.T) {
	s := open(t, "zh-Hans", kit.NewTheme(kit.Light), 1366, 768)
	n := len(s.desk.asked)
	s.desk.told(room.Change{})
	s.desk.told(room.Change{}) // a second one waits with the first
	if len(s.later) != 1 || len(s.desk.asked) != n {
		t.Fatalf("%d waits, %d asked", len(s.later), len(s.desk.asked)-n)
	}
	s.later[0]()
	if len(s.desk.asked) != n+1 {
		t.Errorf("asked %d times more", len(s.desk.asked)-n)
	}
	s.key(fyne.KeyLeft)
	s.desk.told(room.Change{}) // August is over
	if len(s.later) != 1 {
		t.Error("a period that is over is counted again")
	}
	s.desk.fail = errors.New("no disk")
	s.key(fyne.KeyLeft)
	if got := s.shell.Said(); got != "no disk" {
		t.Errorf("the window says %q", got)
	}
}

func TestAppeal_ContestsTheMeasureOfTheListItComesFrom(t *testing.T) {
	s := august(t)
	if _, ok := s.page.Contested(); ok {
		t.Error("an appeal about nothing")
	}
	m := s.page.view.Total.Measure(assess.OnTime)
	s.page.drill.show(s.page.view.list(&s.page.view.Report, m, ""))
	draft, ok := s.page.Contested()
	if late := m.Faults()[0]; !ok || draft.Measure != assess.OnTime || draft.No != late.No || draft.Unit != late.Unit || draft.Title != late.Title() {
		t.Fatalf("the appeal is about %+v", draft)
	}
	var filed []Appeal
	d := OpenAppeal(AppealParams{Env: s.page.p.Env, Draft: draft, Units: []incident.UnitID{"建设办", draft.Unit}, File: func(p Appeal, done func()) {
		filed = append(filed, p)
		done()
	}})
	confirm := kit.Press{Command: kit.CmdConfirm}
	d.HandleKey(confirm)
	if len(filed) != 0 || s.shell.Said() == "" {
		t.Fatalf("an appeal without a reason: %+v, said %q", filed, s.shell.Said())
	}
	test.Type(s.window.Canvas().Focused(), "台风两日道路中断")
	d.HandleKey(confirm)
	if len(filed) != 1 || filed[0].Why != "台风两日道路中断" || filed[0].Measure != assess.OnTime || s.shell.Dialog() != nil {
		t.Fatalf("filed %+v", filed)
	}
	f := filed[0].Fields(s.page.p.Env.Text, "罗山村")
	if len(f.Tags) != 1 || f.Tags[0] != assess.AppealTagFor(assess.OnTime, draft.No) || !strings.Contains(f.Content, "台风") || !strings.Contains(f.Title, draft.No) {
		t.Errorf("registered as %+v", f)
	}
}

func TestPage_DaysLeftOutStandBesideAndEndWithThePeriod(t *testing.T) {
	s := august(t)
	s.runes("x")
	if d := s.shell.Dialog(); d == nil || d.Name() != "leave_out" {
		t.Fatal("X opens nothing")
	}
	confirm := func() { s.shell.Dialog().HandleKey(kit.Press{Command: kit.CmdConfirm}) }
	test.Type(s.window.Canvas().Focused(), "2026-07-12")
	confirm()
	if s.shell.Dialog() == nil || s.shell.Said() == "" {
		t.Fatal("a day of another month is taken")
	}
	s.shell.Dialog().Close()
	s.runes("x")
	test.Type(s.window.Canvas().Focused(), "2026-08-12，2026-08-13 2026-08-12")
	confirm()
	if p := s.desk.asked[len(s.desk.asked)-1]; !slices.Equal(p.Without, []incident.Day{"2026-08-12", "2026-08-13"}) {
		t.Fatalf("asked %+v", p)
	}
	if got := s.page.StatusText(); !strings.HasPrefix(got, "剔除 2 天后") {
		t.Errorf("the status says %s", got)
	}
	if m := s.page.view.Total.Measure(assess.SameDay); m.N != 362 || m.Of != 375 {
		t.Errorf("the figures moved to %d/%d", m.N, m.Of)
	}
	if table := s.page.tableOf(tabMeasures); len(table.columns) != 8 {
		t.Errorf("%d columns of measures, want one more for the days", len(table.columns))
	}
	s.key(fyne.KeyLeft)
	if p := s.desk.asked[len(s.desk.asked)-1]; len(p.Without) != 0 {
		t.Errorf("July leaves out %v", p.Without)
	}
}

func TestPage_EscEndsACountThatTakesLong(t *testing.T) {
	s := august(t)
	var jobs []func()
	s.page.p.Apart = func(job func()) { jobs = append(jobs, job) }
	before := s.page.view
	s.key(fyne.KeyLeft)
	s.key(fyne.KeyEscape)
	for _, job := range jobs {
		job()
	}
	if len(jobs) != 1 || s.page.view != before || s.page.state.Text != "已停止统计" || s.page.counting {
		t.Errorf("%d jobs, says %q", len(jobs), s.page.state.Text)
	}
}
