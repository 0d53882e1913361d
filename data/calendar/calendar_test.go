package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"zw110/assets"
	"zw110/data/calendar"
	"zw110/data/incident"
)

func shipped(t testing.TB) *calendar.Calendar {
	t.Helper()
	files, err := assets.Holidays()
	if err != nil {
		t.Fatal(err)
	}
	c, err := calendar.Load(calendar.DefaultHours(), files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func at(t testing.TB, text string) incident.Stamp {
	t.Helper()
	tm, err := time.ParseInLocation("2006-01-02 15:04:05", text, incident.Local)
	if err != nil {
		tm, err = time.ParseInLocation("2006-01-02 15:04", text, incident.Local)
	}
	if err != nil {
		t.Fatal(err)
	}
	return incident.StampOf(tm)
}

func show(s incident.Stamp) string { return s.Time().In(incident.Local).Format("2006-01-02 15:04:05") }

func TestDue(t *testing.T) {
	c := shipped(t)
	for _, tc := range []struct {
		name, from  string
		kind        incident.LimitKind
		n           int
		want        string
		provisional bool
	}{
		{"autumn holidays", "2026-09-24 10:00", incident.WorkDays, 5, "2026-10-09 17:30:00", false},
		{"make-up Saturday counts in October", "2026-09-30 10:00", incident.WorkDays, 5, "2026-10-13 17:30:00", false},
		{"make-up Saturday counts in February", "2026-02-13 10:00", incident.WorkDays, 5, "2026-02-27 17:30:00", false},
		{"make-up Saturday counts in May", "2026-04-30 10:00", incident.WorkDays, 5, "2026-05-11 17:30:00", false},
		{"into a year without notice", "2026-12-28 10:00", incident.WorkDays, 5, "2027-01-04 17:30:00", true},
		{"last days of the loaded year", "2026-12-28 10:00", incident.WorkDays, 3, "2026-12-31 17:30:00", false},
		{"at the end of office hours", "2026-08-03 17:30", incident.WorkDays, 1, "2026-08-04 17:30:00", false},
		{"after office hours", "2026-08-03 17:30:01", incident.WorkDays, 1, "2026-08-05 17:30:00", false},
		{"Friday evening", "2026-08-07 18:00", incident.WorkDays, 1, "2026-08-11 17:30:00", false},
		{"on a day off", "2026-08-08 10:00", incident.WorkDays, 1, "2026-08-11 17:30:00", false},
		{"early on a working day", "2026-08-10 01:00", incident.WorkDays, 1, "2026-08-11 17:30:00", false},
		{"no days", "2026-08-08 10:00", incident.WorkDays, 0, "2026-08-10 17:30:00", false},
		{"natural hours cross the night", "2026-08-03 23:00", incident.NaturalTime, 24 * 60, "2026-08-04 23:00:00", false},
		{"natural hours into the next year", "2026-12-31 23:00", incident.NaturalTime, 120, "2027-01-01 01:00:00", false},
		{"work hours across lunch", "2026-08-03 11:00", incident.WorkTime, 120, "2026-08-03 15:00:00", false},
		{"work hours end with the morning", "2026-08-03 11:00", incident.WorkTime, 60, "2026-08-03 12:00:00", false},
		{"work hours from the night", "2026-08-07 22:00", incident.WorkTime, 120, "2026-08-10 10:30:00", false},
		{"calendar days", "2026-08-03 11:00", incident.DayCount, 60, "2026-10-02 17:30:00", false},
		{"by day", "2026-08-03 13:00", incident.NightNine, 30, "2026-08-03 13:30:00", false},
		{"last minute of the day", "2026-08-03 17:29", incident.NightNine, 30, "2026-08-03 17:59:00", false},
		{"at night", "2026-08-03 17:30", incident.NightNine, 30, "2026-08-04 09:00:00", false},
		{"after midnight", "2026-08-04 03:00", incident.NightNine, 30, "2026-08-04 09:00:00", false},
		{"shortly before office hours", "2026-08-04 08:29", incident.NightNine, 30, "2026-08-04 09:00:00", false},
		{"on a Saturday", "2026-08-08 10:00", incident.NightNine, 30, "2026-08-09 09:00:00", false},
		{"on a make-up Saturday", "2026-10-10 10:00", incident.NightNine, 30, "2026-10-10 10:30:00", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			due, provisional := c.Due(at(t, tc.from), incident.Limit{Kind: tc.kind, N: tc.n})
			if show(due) != tc.want || provisional != tc.provisional {
				t.Errorf("due %s provisional %v, want %s %v", show(due), provisional, tc.want, tc.provisional)
			}
		})
	}
	if due, provisional := c.Due(at(t, "2026-08-03 10:00"), incident.Limit{}); due != 0 || provisional {
		t.Errorf("no limit gave %s", show(due))
	}
}

func TestSuspension_KeepsRemainingWorkTime(t *testing.T) {
	c := shipped(t)
	left := c.WorkBetween(at(t, "2026-10-09 10:00"), at(t, "2026-10-13 17:30"))
	if want := int64(26.5 * 3600 * 1000); left != want {
		t.Fatalf("left %d ms, want %d", left, want)
	}
	due, provisional := c.AddWork(at(t, "2026-10-12 10:00"), left)
	if show(due) != "2026-10-15 17:30:00" || provisional {
		t.Errorf("due %s provisional %v", show(due), provisional)
	}
}

func TestWorkDays_PerMonthAndYear(t *testing.T) {
	c := shipped(t)
	want := []int{21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23}
	for i, n := range want {
		first := time.Date(2026, time.Month(i+1), 1, 0, 0, 0, 0, time.UTC)
		before := incident.Day(first.AddDate(0, 0, -1).Format(time.DateOnly))
		last := incident.Day(first.AddDate(0, 1, -1).Format(time.DateOnly))
		if got := c.WorkDaysBetween(before, last); got != n {
			t.Errorf("2026-%02d has %d working days, want %d", i+1, got, n)
		}
	}
	for year, n := range map[string]int{"2021": 250, "2022": 249, "2023": 249, "2024": 251, "2025": 248, "2026": 248} {
		got := c.WorkDaysBetween(incident.Day(year+"-01-01"), incident.Day(year+"-12-31"))
		if got != n {
			t.Errorf("%s has %d working days, want %d", year, got, n)
		}
	}
	if c.WorkDaysBetween("2026-08-03", "2026-08-03") != 0 || c.WorkDaysBetween("x", "2026-08-03") != 0 {
		t.Error("nothing between a day and itself, or from no day")
	}
}

func TestWorkDay(t *testing.T) {
	c := shipped(t)
	for d, want := range map[incident.Day]bool{
		"2026-01-04": true, "2026-02-14": true, "2026-02-28": true, "2026-05-09": true, "2026-09-20": true, "2026-10-10": true,
		"2026-01-01": false, "2026-02-23": false, "2026-10-07": false, "2026-10-08": true, "2026-08-15": false, "no day": false,
	} {
		if c.WorkDay(d) != want {
			t.Errorf("%s worked: %v, want %v", d, !want, want)
		}
	}
	if l, ok := c.Holiday("2026-10-01"); !ok || !l.Off || l.Name != "国庆节" {
		t.Errorf("1 October is %+v", l)
	}
}

func TestWorkDaysBefore(t *testing.T) {
	c := shipped(t)
	for _, tc := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-08-04 16:20", 1, "2026-08-03 16:20:00"},
		{"2026-08-03 16:20", 1, "2026-07-31 16:20:00"},
		{"2026-10-08 09:00", 1, "2026-09-30 09:00:00"},
		{"2026-10-12 09:00", 2, "2026-10-09 09:00:00"},
		{"2026-08-08 09:00", 0, "2026-08-08 09:00:00"},
	} {
		if got := c.WorkDaysBefore(at(t, tc.from), tc.n); show(got) != tc.want {
			t.Errorf("%d before %s is %s, want %s", tc.n, tc.from, show(got), tc.want)
		}
	}
}

func TestMissing_WarnsFromDecember(t *testing.T) {
	c := shipped(t)
	for now, want := range map[string]int{
		"2026-11-30 23:59": 0, "2026-12-01 00:00": 2027, "2027-03-01 10:00": 2027, "2025-12-20 10:00": 0, "2020-05-01 10:00": 2020,
	} {
		if got := c.Missing(at(t, now)); got != want {
			t.Errorf("at %s year %d is missing, want %d", now, got, want)
		}
	}
	next, err := c.With(calendar.Notice{Year: 2027, Days: []calendar.Listed{{Day: "2027-01-01", Name: "元旦", Off: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := next.Missing(at(t, "2026-12-01 00:00")); got != 0 {
		t.Errorf("year %d is missing though imported", got)
	}
	due, provisional := next.Due(at(t, "2026-12-28 10:00"), incident.Limit{Kind: incident.WorkDays, N: 5})
	if show(due) != "2027-01-05 17:30:00" || provisional {
		t.Errorf("due %s provisional %v after the import", show(due), provisional)
	}
	if c.Missing(at(t, "2026-12-01 00:00")) != 2027 {
		t.Error("importing changed the calendar it came from")
	}
}

func TestNextNotice_ChangesDecember(t *testing.T) {
	c := shipped(t)
	next, err := c.With(calendar.Notice{Year: 2027, Days: []calendar.Listed{
		{Day: "2026-12-31", Name: "元旦", Off: true}, {Day: "2027-01-01", Name: "元旦", Off: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	again, err := next.With(c.Notices()...)
	if err != nil {
		t.Fatal(err)
	}
	if next.WorkDay("2026-12-31") || again.WorkDay("2026-12-31") {
		t.Error("31 December is worked against the later notice")
	}
}

func TestSummerHours(t *testing.T) {
	h := calendar.DefaultHours()
	h.SummerFrom, h.SummerTo = "07-01", "09-30"
	var err error
	if h.Summer, err = calendar.ParseWindows("8:30-12:00 14:30-18:00"); err != nil {
		t.Fatal(err)
	}
	c, err := shipped(t).WithHours(h)
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{"2026-06-29 10:00": "2026-06-30 17:30:00", "2026-06-30 10:00": "2026-07-01 18:00:00", "2026-09-30 17:45": "2026-10-08 17:30:00"} {
		if due, _ := c.Due(at(t, from), incident.Limit{Kind: incident.WorkDays, N: 1}); show(due) != want {
			t.Errorf("from %s due %s, want %s", from, show(due), want)
		}
	}
	if c.Night(at(t, "2026-07-01 17:45")) || !c.Night(at(t, "2026-10-08 17:45")) {
		t.Error("night begins with the end of the season's office hours")
	}
}

func TestHours_BadOnesAreRefused(t *testing.T) {
	for _, text := range []string{"8:30", "8:30-8:30", "12:00-8:30", "8:30-12:00 11:00-17:00", "8:3-12:00", "25:00-26:00", "a-b", "8:30-24:30"} {
		if _, err := calendar.ParseWindows(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	for _, h := range []calendar.Hours{
		{},
		{Usual: calendar.DefaultHours().Usual, Summer: calendar.DefaultHours().Usual, SummerFrom: "13-01", SummerTo: "09-30"},
		{Usual: calendar.DefaultHours().Usual, Summer: calendar.DefaultHours().Usual, SummerFrom: "10-01", SummerTo: "09-30"},
	} {
		if _, err := calendar.New(h); err == nil {
			t.Errorf("%+v was taken", h)
		}
	}
	ws, err := calendar.ParseWindows(calendar.FormatWindows(calendar.DefaultHours().Usual))
	if err != nil || calendar.FormatWindows(ws) != "8:30-12:00 14:00-17:30" {
		t.Errorf("%v %v", ws, err)
	}
}

func moment() *rapid.Generator[incident.Stamp] {
	lo := int64(incident.StampOf(time.Date(2021, 2, 1, 0, 0, 0, 0, incident.Local)))
	hi := int64(incident.StampOf(time.Date(2027, 2, 1, 0, 0, 0, 0, incident.Local)))
	return rapid.Map(rapid.Int64Range(lo, hi), func(v int64) incident.Stamp { return incident.Stamp(v) })
}

func TestProperty_AddWorkAndWorkBetweenAreInverse(t *testing.T) {
	c := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		from := moment().Draw(t, "from")
		ms := rapid.Int64Range(0, 60*7*3600*1000).Draw(t, "ms")
		to, _ := c.AddWork(from, ms)
		if got := c.WorkBetween(from, to); got != ms {
			t.Fatalf("%d ms after %s is %s, but %d lie between", ms, show(from), show(to), got)
		}
		if c.WorkBetween(to, from) != -ms {
			t.Fatal("backwards isn't the negative")
		}
		mid := from + (to-from)/2
		if c.WorkBetween(from, mid)+c.WorkBetween(mid, to) != ms {
			t.Fatal("parts don't sum to the whole")
		}
	})
}

func TestProperty_PauseAndResumeAtOnceChangesNothing(t *testing.T) {
	c := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		from := moment().Draw(t, "from")
		due, _ := c.Due(from, incident.Limit{Kind: incident.WorkDays, N: rapid.IntRange(1, 30).Draw(t, "n")})
		pause := from + incident.Stamp(rapid.Int64Range(0, int64(due-from)-1).Draw(t, "pause"))
		left := c.WorkBetween(pause, due)
		if left == 0 {
			return
		}
		if again, _ := c.AddWork(pause, left); again != due {
			t.Fatalf("paused at %s: due %s became %s", show(pause), show(due), show(again))
		}
		resume := pause + incident.Stamp(rapid.Int64Range(0, 30*86400_000).Draw(t, "length"))
		again, _ := c.AddWork(resume, left)
		if again < due || c.WorkBetween(resume, again) != left {
			t.Fatal("a pause shortened the limit or changed what is left")
		}
	})
}

func TestProperty_DueIsMonotoneAndNeverBeforeReceipt(t *testing.T) {
	c := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		a := moment().Draw(t, "a")
		b := a + incident.Stamp(rapid.Int64Range(0, 5*86400_000).Draw(t, "later"))
		l := incident.Limit{
			Kind: rapid.SampledFrom([]incident.LimitKind{incident.NaturalTime, incident.WorkTime, incident.WorkDays, incident.DayCount, incident.NightNine}).Draw(t, "kind"),
			N:    rapid.IntRange(1, 60).Draw(t, "n"),
		}
		if l.Kind == incident.NightNine {
			l.N = 30
		}
		dueA, _ := c.Due(a, l)
		dueB, _ := c.Due(b, l)
		if dueB < dueA {
			t.Fatalf("received %s due %s, received %s due %s", show(a), show(dueA), show(b), show(dueB))
		}
		if dueA < a {
			t.Fatalf("received %s, due before that: %s", show(a), show(dueA))
		}
	})
}

func TestAbsurdTimesEnd(t *testing.T) {
	c := shipped(t)
	const far = incident.Stamp(1<<62 - 1)
	for _, from := range []incident.Stamp{-far, 0, far} {
		for _, k := range []incident.LimitKind{incident.NaturalTime, incident.WorkTime, incident.WorkDays, incident.DayCount, incident.NightNine} {
			if _, provisional := c.Due(from, incident.Limit{Kind: k, N: 1 << 40}); provisional == (k == incident.NaturalTime) {
				t.Errorf("%s from %d: provisional %v", k, from, provisional)
			}
		}
		c.WorkBetween(from, far)
		c.WorkDaysBefore(from, 1<<30)
	}
}

func BenchmarkDueWorkDays(b *testing.B) {
	c := shipped(b)
	from := at(b, "2026-09-24 10:00")
	b.ReportAllocs()
	for b.Loop() {
		c.Due(from, incident.Limit{Kind: incident.WorkDays, N: 5})
	}
}
