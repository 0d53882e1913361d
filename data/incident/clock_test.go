package incident_test

import (
	"testing"
	"time"

	"zw110/data/incident"
)

// clockOf returns a clock of an incident as of now, of the named unit when there are several.
func clockOf(t *testing.T, s *stage, name incident.ClockName, unit incident.UnitID) incident.Clock {
	t.Helper()
	st := s.state()
	for _, c := range incident.Clocks(&st, s.rules, s.now) {
		if c.Name == name && c.Unit == unit {
			return c
		}
	}
	t.Fatalf("no clock %s %s in %s", name, unit, st.Status)
	return incident.Clock{}
}

func running(s *stage) []incident.Clock {
	var out []incident.Clock
	st := s.state()
	for _, c := range incident.Clocks(&st, s.rules, s.now) {
		if c.Running() {
			out = append(out, c)
		}
	}
	return out
}

func (s *stage) due() incident.Stamp {
	d, _ := incident.SettleDue(ptr(s.state()), s.rules)
	return d
}

func wantStamp(t *testing.T, what string, got incident.Stamp, want string) {
	t.Helper()
	if w := at(t, want); got != w {
		t.Errorf("%s: %s, want %s", what, got.Time().In(incident.Local).Format(time.DateTime), want)
	}
}

// ended are the states in which nothing runs.
func ended() []incident.Status {
	return []incident.Status{incident.Closed, incident.Refused, incident.Merged, incident.Forced, incident.Void}
}

func TestClock_MergedIncidentNeverOverdue(t *testing.T) {
	s := reach(t, incident.Merged, nil)
	s.now = s.now.Add(90 * 24 * time.Hour)
	st := s.state()
	if _, ok := incident.NextClock(&st, s.rules, s.now); ok || len(running(s)) != 0 {
		t.Errorf("runs: %v", running(s))
	}
	for _, c := range incident.Clocks(&st, s.rules, s.now) {
		if c.Light == incident.Red || c.Light == incident.Yellow || c.Late(s.now) && c.DoneAt == 0 {
			t.Errorf("%s is %s", c.Name, c.Light)
		}
	}
}

func TestClock_EndedIncidentsHaveNoRunningClock(t *testing.T) {
	for _, to := range ended() {
		s := reach(t, to, nil)
		s.now = s.now.Add(365 * 24 * time.Hour)
		if r := running(s); len(r) != 0 {
			t.Errorf("%s: %v", to, r)
		}
	}
}

func TestClock_NumbersStayAfterClosing(t *testing.T) {
	s := reach(t, incident.Closed, nil)
	st := s.state()
	s.now = s.now.Add(30 * 24 * time.Hour)
	for _, name := range []incident.ClockName{incident.C1Respond, incident.C2Dispatch, incident.C6Settle, incident.C7Verify, incident.C8Callback} {
		if c := clockOf(t, s, name, ""); c.Due == 0 || c.DoneAt == 0 || c.From == 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c := clockOf(t, s, incident.C3Sign, "建设办"); c.DoneAt != st.Tasks[0].SignedAt {
		t.Errorf("%+v", c)
	}
}

func TestClock_NothingEscalatesAfterTheAnswer(t *testing.T) {
	s := reach(t, incident.FedBack, urgent)
	s.now = at(t, "2026-08-07 12:00:00")
	for _, c := range running(s) {
		if c.Name != incident.C7Verify {
			t.Errorf("%s still runs", c.Name)
		}
	}
	if c := clockOf(t, s, incident.C6Settle, ""); c.Light != incident.Green || c.Late(s.now) {
		t.Errorf("%+v", c)
	}
}

func TestClock_ReopenedIncidentHasAFreshLimitAndIsNotReclosed(t *testing.T) {
	s := reach(t, incident.Closed, nil)
	s.now = at(t, "2026-08-14 10:00:00")
	s.must("sl1", incident.Reopen, fields{Reason: "RO02"})
	wantStamp(t, "three working days", s.due(), "2026-08-19 17:30:00")
	if c := clockOf(t, s, incident.C6Settle, ""); !c.Running() || c.DoneAt != 0 {
		t.Errorf("%+v", c)
	}
	if c := clockOf(t, s, incident.C3Sign, "建设办"); !c.Running() || c.From != s.now {
		t.Errorf("%+v", c)
	}
	s.now = s.now.Add(300 * 24 * time.Hour)
	if st := s.state(); st.Status != incident.Dispatched {
		t.Errorf("closed by time: %s", st.Status)
	}
}

func TestClock_NotOverdueWhileSuspended(t *testing.T) {
	s := reach(t, incident.Suspended, nil)
	s.now = at(t, "2026-08-20 12:00:00")
	c := clockOf(t, s, incident.C6Settle, "")
	if c.Light != incident.Blue || !c.Stopped || c.Due != 0 || s.due() != 0 {
		t.Errorf("%+v", c)
	}
	if next, ok := incident.NextClock(ptr(s.state()), s.rules, s.now); !ok || next.Name == incident.C6Settle {
		t.Errorf("the unsigned co-handler's clock runs on: %+v", next)
	}
}

func TestClock_SuspensionGivesBackTheWorkingTimeLeft(t *testing.T) {
	s := newStage(t)
	s.now = at(t, "2026-09-28 10:00:00")
	s.must("op1", incident.Register, report(func(f *fields) { f.Category = "0802" })) // 5 working days: 10-13
	s.must("op1", incident.Respond, fields{})
	s.must("op1", incident.Accept, fields{})
	s.must("op1", incident.Dispatch, fields{Lead: "市监所"})
	s.must("un_sjs", incident.Sign, fields{})
	before := s.due()
	s.now = at(t, "2026-10-09 10:00:00").Add(-time.Minute)
	s.must("rd", incident.Suspend, fields{Reason: "SU02", Review: "2026-10-12"})
	s.now = at(t, "2026-10-12 10:00:00").Add(-time.Minute)
	s.must("sys", incident.Resume, fields{})
	cal := s.rules.Calendar()
	left := cal.WorkBetween(at(t, "2026-10-09 10:00:00"), before)
	if got := cal.WorkBetween(s.now, s.due()); got != left || s.due() <= before {
		t.Errorf("%d ms left, had %d", got, left)
	}
	s.must("op1", incident.Edit, fields{Category: "0602", Title: "改类别"}) // 5 working days too
	if got := cal.WorkBetween(at(t, "2026-10-12 10:00:00"), s.due()); got != left {
		t.Errorf("the time spent suspended was lost with another category: %d, had %d", got, left)
	}
}

func TestClock_HourClocksFreezeNaturalTime(t *testing.T) {
	s := reach(t, incident.Handling, urgent) // 24 h from 3 August 09:01
	s.now = at(t, "2026-08-03 20:00:00").Add(-time.Minute)
	s.must("rd", incident.Suspend, fields{Reason: "SU01", Review: "2026-08-05"})
	s.now = at(t, "2026-08-05 20:00:00").Add(-time.Minute)
	s.must("rd", incident.Resume, fields{})
	wantStamp(t, "13 hours and a minute later", s.due(), "2026-08-06 09:01:00")
}

func TestClock_CountyStopsTheOwnClockAndReturnStartsItAnew(t *testing.T) {
	s := reach(t, incident.WithCounty, nil)
	s.now = at(t, "2026-08-20 10:00:00")
	if c := clockOf(t, s, incident.C6Settle, ""); !c.Stopped || c.Light != incident.Blue || len(running(s)) != 0 {
		t.Errorf("%+v %v", c, running(s))
	}
	s.must("cc", incident.CountyReturn, fields{Opinion: "镇里办"})
	wantStamp(t, "one working day from the return", s.due(), "2026-08-21 17:30:00")
}

func TestClock_TargetsDoNotOverruleEachOther(t *testing.T) {
	s := reach(t, incident.Handling, urgent)
	s.must("un_jsb", incident.Arrive, fields{Evidence: "photo"})
	s.must("un_jsb", incident.Progress, fields{Text: "在办"})
	if c := clockOf(t, s, incident.C6Settle, ""); !c.Running() {
		t.Errorf("done clocks stopped the settle clock: %+v", c)
	}
	if c := clockOf(t, s, incident.C3Sign, "村委会"); !c.Running() {
		t.Errorf("the lead's signature stopped the co-handler's clock: %+v", c)
	}
}

func TestClock_EveryUnitAndEveryLevelHasItsOwn(t *testing.T) {
	s := reach(t, incident.Handling, urgent)
	s.must("un_cwh", incident.Sign, fields{})
	st := s.state()
	n := map[incident.ClockName]int{}
	for _, c := range incident.Clocks(&st, s.rules, s.now) {
		n[c.Name]++
	}
	if n[incident.C3Sign] != 2 || n[incident.C4Arrive] != 2 || n[incident.C5First] != 2 || n[incident.C1Respond] != 1 || n[incident.C6Settle] != 1 {
		t.Errorf("%v", n)
	}
	first := true
	for _, c := range incident.Clocks(&st, s.rules, s.now) {
		if c.Name == incident.C3Sign && first {
			first = false
			if c.Unit != "建设办" {
				t.Errorf("the lead comes first, not %s", c.Unit)
			}
		}
	}
}

func TestClock_ResponseIsApartFromSettlement(t *testing.T) {
	s := reach(t, incident.Received, nil)
	c := clockOf(t, s, incident.C1Respond, "")
	if c.Due != c.From.Add(5*time.Minute) || !c.Running() {
		t.Errorf("%+v", c)
	}
	s.must("op1", incident.Respond, fields{})
	if c := clockOf(t, s, incident.C1Respond, ""); c.Running() || c.DoneAt != s.now {
		t.Errorf("%+v", c)
	}
	if c := clockOf(t, s, incident.C6Settle, ""); !c.Running() {
		t.Errorf("%+v", c)
	}
}

func TestClock_ResponseRunsAtNight(t *testing.T) {
	s := newStage(t)
	s.now = at(t, "2026-08-08 23:30:00") // a Saturday
	s.must("op1", incident.Register, report(nil))
	if c := clockOf(t, s, incident.C1Respond, ""); c.Due != s.now.Add(5*time.Minute) {
		t.Errorf("%+v", c)
	}
	s.must("op1", incident.Respond, fields{})
	s.must("op1", incident.Accept, fields{})
	wantStamp(t, "normal at night", clockOf(t, s, incident.C2Dispatch, "").Due, "2026-08-09 09:00:00")
}

func TestClock_AutomaticReceiptIsNoResponse(t *testing.T) {
	s := newStage(t)
	s.must("sys", incident.Register, report(nil))
	if st := s.state(); st.RespondedAt != 0 {
		t.Error("registration by the program counts as a response")
	}
	s.must("op1", incident.Accept, fields{}) // the first human act
	if st := s.state(); st.RespondedAt != s.now {
		t.Error("the first human act does not count")
	}
}

func TestClock_PausesAtLunchAndOnDaysOff(t *testing.T) {
	s := newStage(t)
	s.now = at(t, "2026-08-07 11:00:00") // Friday
	s.must("op1", incident.Register, report(nil))
	s.must("op1", incident.Respond, fields{})
	s.must("op1", incident.Accept, fields{})
	s.now = at(t, "2026-08-07 11:29:00")
	s.must("op1", incident.Dispatch, fields{Lead: "建设办"})
	wantStamp(t, "two work hours from 11:30", clockOf(t, s, incident.C3Sign, "建设办").Due, "2026-08-07 15:30:00")
	s.now = at(t, "2026-08-07 16:29:00")
	s.must("op1", incident.Reassign, fields{Lead: "执法队", Reason: "RA01"})
	wantStamp(t, "two work hours over the weekend", clockOf(t, s, incident.C3Sign, "执法队").Due, "2026-08-10 09:30:00")
	wantStamp(t, "one working day from Friday", s.due(), "2026-08-10 17:30:00")
}

func TestClock_HolidaysDoNotStretchHours(t *testing.T) {
	s := newStage(t)
	s.now = at(t, "2026-09-30 16:00:00").Add(-time.Minute)
	s.must("op1", incident.Register, report(urgent))
	wantStamp(t, "24 h through the National Day", s.due(), "2026-10-01 16:00:00")
	s.must("op1", incident.Edit, fields{Category: "0802", Urgency: incident.Normal})
	wantStamp(t, "5 working days with the make-up Saturday", s.due(), "2026-10-13 17:30:00")
}

func TestClock_SwitchedOffLimitHasNoClock(t *testing.T) {
	s := reach(t, incident.Handling, nil) // normal urgency: no arrival limit
	st := s.state()
	for _, c := range incident.Clocks(&st, s.rules, s.now.Add(30*24*time.Hour)) {
		if c.Name == incident.C4Arrive {
			t.Errorf("%+v", c)
		}
	}
}

func TestClock_UpstreamDeadlineCaps(t *testing.T) {
	s := reach(t, incident.Received, func(f *fields) {
		f.Category, f.DueSource = "0802", at(t, "2026-08-06 17:30:00")
	})
	wantStamp(t, "a working day before upstream", s.due(), "2026-08-05 17:30:00")
	s.must("op1", incident.Edit, fields{DueSource: at(t, "2026-09-06 17:30:00")})
	wantStamp(t, "the own limit", s.due(), "2026-08-10 17:30:00")
}

// farTown has far villages only.
type farTown struct{ incident.Rules }

func (farTown) FarVillage(string) bool { return true }

func TestClock_FarVillagesHaveLongerToArrive(t *testing.T) {
	s := reach(t, incident.Handling, critical)
	near := clockOf(t, s, incident.C4Arrive, "建设办")
	if near.Due != near.From.Add(10*time.Minute) {
		t.Errorf("%+v", near)
	}
	s.rules = farTown{s.rules}
	if c := clockOf(t, s, incident.C4Arrive, "建设办"); c.Due != c.From.Add(20*time.Minute) {
		t.Errorf("%+v", c)
	}
}

func TestClock_RulingHasItsOwnTimeWhileDispatchRunsOn(t *testing.T) {
	s := reach(t, incident.Disputed, nil)
	if c := clockOf(t, s, incident.CRule, ""); !c.Running() || c.From != s.now {
		t.Errorf("%+v", c)
	}
	if c := clockOf(t, s, incident.C2Dispatch, ""); !c.Running() {
		t.Errorf("%+v", c)
	}
	s.must("rd", incident.Rule, fields{Lead: "执法队"})
	if c := clockOf(t, s, incident.CRule, ""); c.Running() || c.DoneAt != s.now {
		t.Errorf("%+v", c)
	}
}

func TestClock_Lights(t *testing.T) {
	s := reach(t, incident.Handling, func(f *fields) { f.Category = "0905" }) // 3 working days: due 6 August 17:30
	for _, c := range []struct {
		now  string
		want incident.Light
	}{
		{"2026-08-04 17:30:00", incident.Green},
		{"2026-08-05 08:00:00", incident.Yellow},
		{"2026-08-06 17:30:00", incident.Yellow},
		{"2026-08-06 17:30:01", incident.Red},
	} {
		s.now = at(t, c.now)
		if got := clockOf(t, s, incident.C6Settle, "").Light; got != c.want {
			t.Errorf("%s: %s, want %s", c.now, got, c.want)
		}
	}
	s.now = at(t, "2026-08-03 10:00:00")
	s.must("rd", incident.Extend, fields{Reason: "EX01", DueNew: at(t, "2026-08-11 17:30:00")})
	if got := clockOf(t, s, incident.C6Settle, "").Light; got != incident.Blue {
		t.Errorf("extended: %s", got)
	}
	s = reach(t, incident.Handling, urgent) // 24 h from 09:01
	s.now = at(t, "2026-08-04 04:10:00")
	if got := clockOf(t, s, incident.C6Settle, "").Light; got != incident.Green {
		t.Errorf("more than a fifth left: %s", got)
	}
	s.now = at(t, "2026-08-04 04:20:00")
	if got := clockOf(t, s, incident.C6Settle, "").Light; got != incident.Yellow {
		t.Errorf("a fifth left: %s", got)
	}
}

func TestClock_DueBeyondTheLoadedYearIsProvisional(t *testing.T) {
	s := newStage(t)
	s.now = at(t, "2026-12-28 10:00:00")
	s.must("op1", incident.Register, report(func(f *fields) { f.Category = "0802" }))
	if c := clockOf(t, s, incident.C6Settle, ""); !c.Provisional {
		t.Errorf("%+v", c)
	}
}

func TestSegments_SayWhoHadItForHowLong(t *testing.T) {
	s := reach(t, incident.Dispatched, nil)
	s.must("un_jsb", incident.Return, returning(func(*fields) {})(s))
	s.must("op1", incident.Dispatch, fields{Lead: "执法队"})
	s.must("un_zfd", incident.Sign, fields{})
	s.must("rd", incident.Suspend, fields{Reason: "SU01", Review: "2026-08-05"})
	s.must("rd", incident.Resume, fields{})
	s.must("rd", incident.Escalate, fields{Reason: "UP01", Draft: "请示"})
	st := s.state()
	want := []struct {
		holder  string
		stopped bool
	}{
		{incident.HolderRoom, false},
		{"建设办", false},
		{incident.HolderRoom, false},
		{"执法队", false},
		{"执法队", true},
		{"执法队", false},
		{incident.HolderCounty, true},
	}
	got := incident.Segments(&st)
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, g := range got {
		if g.Holder != want[i].holder || g.Stopped != want[i].stopped || i > 0 && g.From != got[i-1].To {
			t.Errorf("%d: %+v, want %+v", i, g, want[i])
		}
	}
	if got[0].From != st.ReceivedAt || got[len(got)-1].To != 0 {
		t.Errorf("%+v", got)
	}
}
