package assess_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zw110/assets"
	"zw110/data/assess"
	"zw110/data/assess/assesstest"
	"zw110/data/incident"
)

func TestPercent_PublishedFigures(t *testing.T) {
	for _, c := range []struct {
		n, of int
		want  string
	}{
		{911, 972, "93.72"},
		{737, 972, "75.82"},
		{6, 7, "85.71"},
		{5, 6, "83.33"},
		{362, 375, "96.53"},
		{47, 87, "54.02"},
		{396, 396, "100.00"},
		{362, 396, "91.41"},
		{382, 396, "96.46"},
		{383, 396, "96.72"},
		{214, 396, "54.04"}, // none of 396 is 96.53 or 54.02
		{1, 800, "0.13"},
		{0, 3, "0.00"},
		{0, 0, "—"},
	} {
		if got := (assess.Measure{N: c.n, Of: c.of}).Percent(); got != c.want {
			t.Errorf("%d of %d is %s, want %s", c.n, c.of, got, c.want)
		}
	}
	for n := range 397 {
		if got := (assess.Measure{N: n, Of: 396}).Percent(); got == "96.53" || got == "54.02" {
			t.Errorf("%d of 396 is %s", n, got)
		}
	}
}

func TestBefore_AMonthOrAsManyDays(t *testing.T) {
	for _, c := range [][4]incident.Day{
		{"2026-08-01", "2026-08-31", "2026-07-01", "2026-07-31"},
		{"2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28"},
		{"2026-08-10", "2026-08-16", "2026-08-03", "2026-08-09"},
		{"2026-08-01", "2026-08-01", "2026-07-31", "2026-07-31"},
		{"2026-01-01", "2026-03-31", "2025-10-01", "2025-12-31"},
		{"2026-01-01", "2026-12-31", "2025-01-01", "2025-12-31"},
	} {
		from, to, err := assess.Before(c[0], c[1])
		if err != nil || from != c[2] || to != c[3] {
			t.Errorf("before %s to %s: %s to %s, %v, want %s to %s", c[0], c[1], from, to, err, c[2], c[3])
		}
	}
	for _, c := range [][2]incident.Day{{"2026-08-02", "2026-08-01"}, {"August", "2026-08-01"}, {"2026-08-01", ""}} {
		if _, _, err := assess.Before(c[0], c[1]); err == nil {
			t.Errorf("%s to %s is taken for a period", c[0], c[1])
		}
	}
}

// report assesses August, in which the incidents of these tests lie.
func report(t *testing.T, d *assesstest.Desk, with func(*assess.Params)) assess.Report {
	t.Helper()
	p := assess.Params{From: "2026-08-01", To: "2026-08-31", Rules: d.Rules}
	if with != nil {
		with(&p)
	}
	r, err := assess.Assess(p, d.All())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func at(t *testing.T, text string) incident.Stamp {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+text, incident.Local)
	if err != nil {
		t.Fatal(err)
	}
	return incident.StampOf(when)
}

// run does acts on one incident: "08-03 09:00 op1 accept", each with its fields.
func run(t *testing.T, d *assesstest.Desk, ref string, acts ...incident.Act) {
	t.Helper()
	for _, a := range acts {
		a.Ref = ref
		if err := d.Do(a); err != nil {
			t.Fatalf("%s %s: %v", a.Do, ref, err)
		}
	}
}

// course has the acts of one incident from registration to a feedback by the unit's own liaison.
type course struct {
	received, signed, fed incident.Stamp
	blobs                 [][]byte
	feedbackBy            incident.Login // empty: the liaison
	noPhone               bool
}

func (c course) acts() []incident.Act {
	f := incident.Fields{Title: "路灯不亮", Content: "路灯不亮。", Village: "罗山村", Category: "0905", Urgency: incident.Normal, Channel: incident.Channel110}
	if !c.noPhone {
		f.Reporter = &incident.Reporter{Name: "某", Phone: "13800005678"}
	}
	done := incident.Fields{Unit: "建设办", Result: "settled", Text: "已更换灯泡，夜间复看正常。", Photos: 1, Contacted: true}
	done.Blobs = c.blobs
	by := c.feedbackBy
	if by == "" {
		by = "un_jsb"
	} else {
		done.Proxy = &incident.Proxy{Name: "联络员", Number: "13800001234", Time: c.fed}
	}
	minute := incident.Stamp(60_000)
	return []incident.Act{
		{At: c.received, By: "op1", Do: incident.Register, Fields: f},
		{At: c.received + minute, By: "op1", Do: incident.Accept},
		{At: c.received + 2*minute, By: "op1", Do: incident.Dispatch, Fields: incident.Fields{Lead: "建设办"}},
		{At: c.signed, By: "un_jsb", Do: incident.Sign},
		{At: c.fed, By: by, Do: incident.Feedback, Fields: done},
	}
}

func pass(when incident.Stamp, by incident.Login) incident.Act {
	return incident.Act{At: when, By: by, Do: incident.Verify, Fields: incident.Fields{Pass: true, Text: "属实"}}
}

func TestCutOff_LetsTheEveningBeSettledTheNextDay(t *testing.T) {
	d := assesstest.New(assesstest.Rules(t))
	evening := course{received: at(t, "08-03 18:10"), signed: at(t, "08-04 08:40"), fed: at(t, "08-04 10:00")}
	run(t, d, "a", append(evening.acts(), pass(at(t, "08-04 11:00"), "op2"))...)
	plain := report(t, d, nil)
	if m := plain.Total.Measure(assess.SameDay); m.N != 0 || m.Of != 1 {
		t.Errorf("without a cut-off %d/%d, want 0/1", m.N, m.Of)
	}
	cut := report(t, d, func(p *assess.Params) { p.CutOff = 17*60 + 30 })
	if m := cut.Total.Measure(assess.SameDay); m.N != 1 || m.Of != 1 {
		t.Errorf("with a cut-off at 17:30 %d/%d, want 1/1", m.N, m.Of)
	}
}

func TestResponse_FromThePush(t *testing.T) {
	d := assesstest.New(assesstest.Rules(t))
	a := course{received: at(t, "08-03 09:00"), signed: at(t, "08-03 09:10"), fed: at(t, "08-03 10:00")}.acts()
	a[0].PushedAt = at(t, "08-03 08:00") // the link was down for an hour
	run(t, d, "a", a...)
	r := report(t, d, nil)
	if own, pushed := r.Total.Measure(assess.Response5min), r.Total.Measure(assess.ResponseFromPush); own.N != 1 || pushed.N != 0 || pushed.Of != 1 {
		t.Errorf("in time from receipt %d/%d, from the push %d/%d, want 1/1 and 0/1", own.N, own.Of, pushed.N, pushed.Of)
	}
	if m := r.Total.Measure(assess.Complete); m.N != 1 || m.Of != 1 {
		t.Errorf("complete %d/%d", m.N, m.Of)
	}
}

func TestScore_WeightsAreDatedAndPartsWithoutDataLeaveTheirShare(t *testing.T) {
	rate := func(k assess.Key, n, of int) assess.Measure { return assess.Measure{Key: k, N: n, Of: of} }
	f := assess.Figures{Measures: []assess.Measure{
		rate(assess.OnTime, 9, 10), rate(assess.SignInTime, 1, 2), rate(assess.Satisfaction, 0, 0), rate(assess.FirstFix, 2, 3), rate(assess.Returned, 1, 4), rate(assess.Complete, 1, 1),
	}}
	r := assess.Report{Params: assess.Params{To: "2026-08-31"}}
	if got := r.Score(f); got != "79.33" { // (27 + 5 + 10 + 7.5 + 10) / 75
		t.Errorf("score %s, want 79.33", got)
	}
	r.Params.Weights = []assess.Weights{
		{From: "2026-09-01", Of: []assess.Weight{{Key: assess.SignInTime, Share: 100}}},
		{From: "2026-08-01", Of: []assess.Weight{{Key: assess.OnTime, Share: 100}}},
		{From: "2026-01-01", Of: []assess.Weight{{Key: assess.Complete, Share: 100}}},
	}
	if got := r.Score(f); got != "90.00" {
		t.Errorf("score by the weights of August %s, want 90.00", got)
	}
	if got := r.Score(assess.Figures{}); got != "—" {
		t.Errorf("score of nothing %s", got)
	}
}

func TestChange_InPoints(t *testing.T) {
	for _, c := range []struct {
		now, before assess.Measure
		want        string
	}{
		{assess.Measure{N: 362, Of: 375}, assess.Measure{N: 47, Of: 87}, "+42.51"},
		{assess.Measure{N: 1, Of: 2}, assess.Measure{N: 1, Of: 1}, "-50.00"},
		{assess.Measure{N: 1, Of: 2}, assess.Measure{N: 2, Of: 4}, "0.00"},
		{assess.Measure{}, assess.Measure{N: 1, Of: 1}, "—"},
		{assess.Measure{N: 1, Of: 1000}, assess.Measure{N: 1, Of: 500}, "-0.10"},
	} {
		if got := assess.Change(c.now, c.before); got != c.want {
			t.Errorf("%d/%d after %d/%d: %s, want %s", c.now.N, c.now.Of, c.before.N, c.before.Of, got, c.want)
		}
	}
}

func TestAsOf_WhatWasRecordedLateDoesNotWaitForWhatHappenedAfter(t *testing.T) {
	d := assesstest.New(assesstest.Rules(t))
	c := course{received: at(t, "08-31 22:00"), signed: at(t, "09-01 08:40"), fed: at(t, "09-01 09:00")}
	run(t, d, "a", c.acts()[:4]...)
	run(t, d, "a", incident.Act{At: at(t, "08-31 23:00"), By: "op1", Do: incident.Progress, Fields: incident.Fields{Unit: "建设办", Text: "已联系"}})
	st := incident.Fold(incident.AsOf(d.Entries[d.Refs["a"]], at(t, "09-01 00:00")))
	if st.Status != incident.Dispatched || st.Pending != 0 || st.FirstFeedback != at(t, "08-31 23:00") {
		t.Errorf("at midnight %s, %d entries wait, first feedback %v", st.Status, st.Pending, st.FirstFeedback)
	}
}

func TestWithout_LeavesTheStormOut(t *testing.T) {
	d := assesstest.Month(t, "acts-2026-08.jsonl")
	a, err := assess.Make(assess.Params{From: "2026-08-01", To: "2026-08-31", Rules: d.Rules, Without: []incident.Day{"2026-08-12", "2026-08-13"}}, slices.Collect(d.All()))
	if err != nil {
		t.Fatal(err)
	}
	if a.Total.Received != 396 || a.Total.Measure(assess.SameDay).Percent() != "96.53" {
		t.Errorf("the figures themselves moved: %d received", a.Total.Received)
	}
	storm := 0
	for _, e := range d.Entries {
		if day := incident.DayOf(e[0].Fact.ReceivedAt); day == "2026-08-12" || day == "2026-08-13" {
			storm++
		}
	}
	m := a.WithoutDays.Total.Measure(assess.Response5min)
	out := 0
	for _, p := range m.Parts {
		if p.Why == assess.DayLeftOut {
			out++
		}
	}
	if storm < 46 || out != storm || m.Of != 396-storm || a.WithoutDays.Total.Received != 396-storm {
		t.Errorf("%d of the storm, %d left out, %d remain", storm, out, m.Of)
	}
}

func TestAppeal_CountsInNoMeasureAndTakesTheIncidentOutOnceUpheld(t *testing.T) {
	d := assesstest.New(assesstest.Rules(t))
	late := course{received: at(t, "08-03 09:00"), signed: at(t, "08-03 09:10"), fed: at(t, "08-20 10:00")}
	run(t, d, "late", append(late.acts(), pass(at(t, "08-20 11:00"), "op2"))...)
	good := course{received: at(t, "08-04 09:00"), signed: at(t, "08-04 09:10"), fed: at(t, "08-04 10:00")}
	run(t, d, "good", append(good.acts(), pass(at(t, "08-04 11:00"), "op2"))...)
	appeal := course{received: at(t, "08-25 09:00"), signed: at(t, "08-25 09:10"), fed: at(t, "09-02 10:00"), noPhone: true}.acts()
	appeal[0].Tags = []string{assess.AppealTagFor(assess.OnTime, "late"), assess.AppealTagFor(assess.OnTime, "of another month")}
	run(t, d, "appeal", appeal...)
	assessed := func() assess.Assessment {
		a, err := assess.Make(assess.Params{From: "2026-08-01", To: "2026-08-31", Rules: d.Rules}, slices.Collect(d.All()))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	open := assessed()
	for i := range open.Appeals {
		if open.Appeals[i].ID.IsZero() {
			t.Error("an appeal names no incident")
		}
		open.Appeals[i].ID = incident.IncidentID{}
	}
	if want := []assess.Appeal{{No: "appeal", Measure: assess.OnTime, Incident: "late", Decision: assess.AppealOpen}}; !slices.Equal(open.Appeals, want) || open.AfterAppeals != nil {
		t.Errorf("appeals %v, want %v", open.Appeals, want)
	}
	if m := open.Total.Measure(assess.OnTime); open.Total.Received != 2 || open.Balance.New != 2 || m.N != 1 || m.Of != 2 {
		t.Errorf("received %d, new %d, on time %d/%d, want 2, 2 and 1/2", open.Total.Received, open.Balance.New, m.N, m.Of)
	}
	run(t, d, "appeal", pass(at(t, "09-02 11:00"), "op2"))
	upheld := assessed()
	if m := upheld.Total.Measure(assess.OnTime); m.N != 1 || m.Of != 2 {
		t.Errorf("the figures of August moved in September: %d/%d", m.N, m.Of)
	}
	if upheld.AfterAppeals == nil {
		t.Fatal("an upheld appeal changes nothing")
	}
	if m, other := upheld.AfterAppeals.Total.Measure(assess.OnTime), upheld.AfterAppeals.Total.Measure(assess.SameDay); m.N != 1 || m.Of != 1 || other.Of != 2 {
		t.Errorf("after the appeal on time %d/%d, same day of %d, want 1/1 and 2", m.N, m.Of, other.Of)
	}
	if p := upheld.AfterAppeals.Total.Measure(assess.OnTime).Parts; !slices.ContainsFunc(p, func(p assess.Part) bool { return p.No == "late" && p.Why == assess.AppealUpheld }) {
		t.Errorf("parts %v", p)
	}
}

func TestFindings_PlantedCheatsAreFound(t *testing.T) {
	d := assesstest.New(assesstest.Rules(t))
	// Nine passed by one person within four minutes, each settled just before 17:30 of the third working day; then called by nobody.
	for i := range 9 {
		received := at(t, "08-03 09:00").Add(time.Duration(i) * 5 * time.Minute)
		c := course{received: received, signed: received.Add(119 * time.Minute), fed: at(t, "08-06 17:00").Add(time.Duration(i) * 3 * time.Minute), noPhone: true}
		run(t, d, fmt.Sprintf("m%d", i), append(c.acts(), pass(at(t, "08-07 09:00").Add(time.Duration(i)*30*time.Second), "op2"))...)
	}
	preview, photo := incident.AttachmentID{1}, incident.AttachmentID{7}
	for _, ref := range []string{"p1", "p2"} {
		received := at(t, "08-10 09:00")
		if ref == "p2" {
			received = at(t, "08-11 09:00")
		}
		c := course{received: received, signed: received.Add(10 * time.Minute), fed: received.Add(time.Hour), blobs: incident.Blobs(incident.Attachment{Preview: preview, Whole: photo})}
		run(t, d, ref, c.acts()...)
	}
	own := course{received: at(t, "08-12 09:00"), signed: at(t, "08-12 09:10"), fed: at(t, "08-12 10:00"), feedbackBy: "op2"}
	run(t, d, "own", append(own.acts(), pass(at(t, "08-12 11:00"), "op2"))...)
	got := map[assess.FindingKind][]string{}
	for _, f := range report(t, d, nil).Findings {
		got[f.Kind] = append(got[f.Kind], f.Incidents...)
	}
	nine := strings.Fields("m0 m1 m2 m3 m4 m5 m6 m7 m8")
	for kind, want := range map[assess.FindingKind][]string{
		assess.MassClosing: nine, assess.HeapBeforeDue: nine, assess.HeapBeforeSign: nine, assess.PhotoReused: {"p1", "p2"}, assess.SameHand: {"own"},
	} {
		if !slices.Equal(got[kind], want) {
			t.Errorf("%s: %v, want %v", kind, got[kind], want)
		}
	}
}

func TestFindings_AnHonestMonthHasFew(t *testing.T) {
	for _, name := range []string{"2026-07", "2026-08"} {
		d := assesstest.Month(t, "acts-"+name+".jsonl")
		r, err := assess.Assess(assess.Params{From: incident.Day(name + "-01"), To: incident.Day(name + "-31"), Rules: d.Rules}, d.All())
		if err != nil {
			t.Fatal(err)
		}
		if 50*len(r.Findings) > r.Total.Received {
			t.Errorf("%s: %d findings among %d incidents: %v", name, len(r.Findings), r.Total.Received, r.Findings)
		}
	}
}

func TestLine_TellsWhoHadIt(t *testing.T) {
	words, err := assets.LoadCatalogue("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	d := assesstest.New(assesstest.Rules(t))
	c := course{received: at(t, "08-03 09:00"), signed: at(t, "08-03 09:10"), fed: at(t, "08-07 10:30")}.acts()
	suspended := incident.Act{At: at(t, "08-04 09:00"), By: "rd", Do: incident.Suspend, Fields: incident.Fields{Reason: "SU01", Review: "2026-08-06"}}
	resumed := incident.Act{At: at(t, "08-05 09:00"), By: "rd", Do: incident.Resume}
	run(t, d, "a", append(append(slices.Clone(c[:4]), suspended, resumed), c[4], pass(at(t, "08-07 11:00"), "op2"))...)
	st := d.States[d.Refs["a"]]
	want := "指挥室 08-03 09:00—08-03 09:02（2分）；建设办 08-03 09:02—08-04 09:00（23小时58分）；建设办 08-04 09:00—08-05 09:00（1天0小时）停表；" +
		"建设办 08-05 09:00—08-07 10:30（2天1小时）；指挥室 08-07 10:30—统计截止（7小时30分）；时限 08-07 17:30，08-07 10:30 处置完成"
	if got := assess.Line(&st, d.Rules, at(t, "08-07 18:00"), words); got != want {
		t.Errorf("line\n%s, want\n%s", got, want)
	}
}

func TestMake_IsGivenUpWhenDone(t *testing.T) {
	done := make(chan struct{})
	close(done)
	_, err := assess.Make(assess.Params{From: "2026-08-01", To: "2026-08-31", Done: done}, []assess.Incident{{No: "1"}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
