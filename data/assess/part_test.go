package assess_test

import (
	"slices"
	"testing"
	"time"

	"zw110/data/assess"
	"zw110/data/assess/assesstest"
	"zw110/data/incident"
)

func TestAssess_UntilWhatIsDueLaterIsNotLate(t *testing.T) {
	d := assesstest.New(assesstest.Rules(t))
	c := course{received: at(t, "08-03 09:00"), signed: at(t, "08-03 09:10")}
	run(t, d, "due on the 6th", c.acts()[:4]...)
	for _, k := range []struct {
		until incident.Stamp
		of    int
		late  int
		why   assess.Reason
	}{
		{at(t, "08-06 17:29"), 0, 0, assess.NotDueYet},
		{at(t, "08-06 17:31"), 1, 1, ""},
		{0, 1, 1, ""},
	} {
		r, err := assess.Assess(assess.Params{From: "2026-08-01", To: "2026-08-31", Until: k.until, Rules: d.Rules}, d.All())
		if err != nil {
			t.Fatal(err)
		}
		m := r.Total.Measure(assess.OverdueFlow)
		if m.Of != k.of || m.N != k.late || len(m.Parts) != 1 || m.Parts[0].Why != k.why || len(r.Late()) != k.late {
			t.Errorf("until %v: %d/%d late, parts %v, open and late %d, want %d/%d", k.until, m.N, m.Of, m.Parts, len(r.Late()), k.late, k.of)
		}
	}
}

func TestMake_TheTrendReachesFurtherBackThanThePeriod(t *testing.T) {
	d := assesstest.Month(t, "acts-2026-07.jsonl", "acts-2026-08.jsonl")
	a, err := assess.Make(assess.Params{From: "2026-08-01", To: "2026-08-31", TrendFrom: "2026-07-01", Rules: d.Rules}, slices.Collect(d.All()))
	if err != nil {
		t.Fatal(err)
	}
	if a.Trend == nil {
		t.Fatal("no trend")
	}
	august := a.Trend.Among(assess.SameDay, a.Period.From, a.Period.To)
	if whole := a.Total.Measure(assess.SameDay); august.N != whole.N || august.Of != whole.Of {
		t.Errorf("August in the trend is %d/%d, in the report %d/%d", august.N, august.Of, whole.N, whole.Of)
	}
	n, of, parts := 0, 0, 0
	for day := a.Trend.Period.From; day < a.Trend.Period.To; day = day.Add(24 * time.Hour) {
		m := a.Trend.Among(assess.SameDay, day, day.Add(24*time.Hour))
		n, of, parts = n+m.N, of+m.Of, parts+len(m.Parts)
	}
	if m := a.Trend.Total.Measure(assess.SameDay); n != m.N || of != m.Of || parts != len(m.Parts) || m.Of != 375+87 {
		t.Errorf("the days add up to %d/%d of %d, the trend has %d/%d of %d", n, of, parts, m.N, m.Of, len(m.Parts))
	}
}

func TestReport_PartsTellOfTheirIncidents(t *testing.T) {
	d := assesstest.Month(t, "acts-2026-08.jsonl")
	r, err := assess.Assess(assess.Params{From: "2026-08-01", To: "2026-08-31", Rules: d.Rules}, d.All())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Received()); n != r.Total.Received {
		t.Errorf("%d received behind the figure %d", n, r.Total.Received)
	}
	for _, p := range r.Received() {
		st := d.States[p.Incident()]
		response, answered := p.Response()
		arrival, arrived := p.Arrival()
		switch {
		case p.Title() != st.Title || p.Village() != st.Village || p.Category() != st.Category || p.Received() != st.ReceivedAt || st.No != p.No:
			t.Errorf("%s: %s in %s", p.No, p.Title(), p.Village())
		case answered != (st.RespondedAt != 0) || answered && response != st.RespondedAt.Sub(st.ReceivedAt):
			t.Errorf("%s: answered after %v", p.No, response)
		case arrived && (arrival < 0 || arrival != st.ArrivedAt.Sub(st.DispatchedAt)):
			t.Errorf("%s: on scene after %v", p.No, arrival)
		}
	}
	for i, n := range r.Buckets.Sign {
		if len(r.Timed.Sign[i]) != n {
			t.Errorf("sign class %d: %d behind %d", i, len(r.Timed.Sign[i]), n)
		}
	}
	for i, n := range r.Buckets.First {
		if len(r.Timed.First[i]) != n {
			t.Errorf("feedback class %d: %d behind %d", i, len(r.Timed.First[i]), n)
		}
	}
	if p, ok := r.Part(r.Received()[0].No); !ok || p.Incident() != r.Received()[0].Incident() {
		t.Errorf("by number: %v %v", p, ok)
	}
	if _, ok := r.Part("no such number"); ok {
		t.Error("a number that nobody has is found")
	}
}

// An incident that had ended and was due before the period, was reopened in it and extended beyond it is not due in the period.
func TestExtended_AfterAReopeningIsNotDueInThePeriod(t *testing.T) {
	d := assesstest.New(assesstest.Rules(t))
	c := course{received: at(t, "08-03 09:00"), signed: at(t, "08-03 09:10"), fed: at(t, "08-04 10:00"), noPhone: true}
	reopen := incident.Act{At: at(t, "08-10 09:00"), By: "sl1", Do: incident.Reopen, Fields: incident.Fields{Reason: "RO02", Text: "又不亮了"}}
	sign := incident.Act{At: at(t, "08-10 09:20"), By: "un_jsb", Do: incident.Sign}
	extend := incident.Act{At: at(t, "08-10 10:00"), By: "tl1", Do: incident.Extend, Fields: incident.Fields{Reason: "EX01", AskedAt: at(t, "08-10 10:00"), DueNew: at(t, "08-17 17:30")}}
	run(t, d, "again", append(c.acts(), pass(at(t, "08-04 11:00"), "op2"), reopen, sign, extend)...)
	r, err := assess.Assess(assess.Params{From: "2026-08-10", To: "2026-08-10", Rules: d.Rules}, d.All())
	if err != nil {
		t.Fatal(err)
	}
	if m := r.Total.Measure(assess.Extended); m.N != 1 || m.Of != 0 || len(m.Parts) != 1 || m.Parts[0].Why != assess.NotDueYet {
		t.Errorf("extended %d/%d, parts %v, want 1/0, not due yet", m.N, m.Of, m.Parts)
	}
}
