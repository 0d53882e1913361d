package incident_test

import (
	"testing"
	"time"

	"zw110/data/incident"
)

// minutesOf is a limit of natural minutes.
func minutesOf(n int) incident.Limit { return incident.Limit{Kind: incident.NaturalTime, N: n} }

func TestDispatch_TermsMoveTheClocksOfItsTasksAlone(t *testing.T) {
	s := reach(t, incident.Accepted, urgent) // sign 15 min, arrival 30 min, first feedback 2 h
	sent := s.now
	by := sent.Add(3 * time.Hour)
	s.must("op1", incident.Dispatch, fields{
		Lead: "建设办", Co: []incident.UnitID{"村委会"}, Delivery: []incident.Delivery{incident.BySlip, incident.ByPhone},
		Terms: &incident.Terms{Sign: minutesOf(10), First: minutesOf(60), SettleBy: by},
	})
	s.must("un_jsb", incident.Sign, fields{})
	for _, want := range []struct {
		name  incident.ClockName
		after time.Duration
	}{{incident.C3Sign, 10 * time.Minute}, {incident.C4Arrive, 30 * time.Minute}, {incident.C5First, time.Hour}} {
		c := clockOf(t, s, want.name, "建设办")
		if c.Due != c.From.Add(want.after) {
			t.Errorf("%s is due %s after the dispatch, want %s", want.name, c.Due.Sub(c.From), want.after)
		}
	}
	if c := clockOf(t, s, incident.C3Sign, "村委会"); c.Due.Sub(c.From) != 10*time.Minute {
		t.Errorf("the co-handler signs within %s", c.Due.Sub(c.From))
	}
	if s.due() != by {
		t.Errorf("due %s, want %s", s.due().Time(), by.Time())
	}
	if st := s.state(); len(st.Delivery) != 2 || st.Delivery[0] != incident.BySlip {
		t.Errorf("delivered by %v", st.Delivery)
	}
	s.must("op1", incident.AddCo, fields{Unit: "网格", Reason: "现场需要"})
	if c := clockOf(t, s, incident.C3Sign, "网格"); c.Due.Sub(c.From) != 15*time.Minute {
		t.Errorf("a unit added without terms signs within %s, want the rule's 15 min", c.Due.Sub(c.From))
	}
}

func TestDispatch_TermsEndWithTheDispatchTheyWereSetFor(t *testing.T) {
	s := reach(t, incident.Accepted, urgent)
	rule := s.due()
	s.must("op1", incident.Dispatch, fields{Lead: "建设办", Terms: &incident.Terms{Sign: minutesOf(5), SettleBy: s.now.Add(time.Hour)}})
	s.must("un_jsb", incident.Return, fields{Reason: "RT02", Basis: "职责清单未列", ConfirmedBy: "sl1"})
	s.must("op1", incident.Dispatch, fields{Lead: "生态所"})
	if c := clockOf(t, s, incident.C3Sign, "生态所"); c.Due.Sub(c.From) != 15*time.Minute {
		t.Errorf("the second dispatch signs within %s", c.Due.Sub(c.From))
	}
	if s.due() != rule {
		t.Errorf("due %s, want the rule's %s", s.due().Time(), rule.Time())
	}
}

func TestDispatch_AnExtensionMovesAnEarlierSettleTime(t *testing.T) {
	s := reach(t, incident.Accepted, urgent)
	s.must("op1", incident.Dispatch, fields{Lead: "建设办", Terms: &incident.Terms{SettleBy: s.now.Add(3 * time.Hour)}})
	s.must("un_jsb", incident.Sign, fields{})
	to := s.due().Add(2 * time.Hour)
	s.must("rd", incident.Extend, fields{Reason: "EX01", DueNew: to})
	if s.due() != to {
		t.Errorf("due %s, want %s", s.due().Time(), to.Time())
	}
}

func TestDispatch_GuardsOfTerms(t *testing.T) {
	for name, g := range map[string]struct {
		terms  func(*stage) incident.Terms
		reason string
		ways   []incident.Delivery
		key    string
	}{
		"longer without a reason": {terms: func(*stage) incident.Terms { return incident.Terms{Arrive: minutesOf(31)} }, key: "any.limit_why"},
		"longer with a reason":    {terms: func(*stage) incident.Terms { return incident.Terms{Arrive: minutesOf(45)} }, reason: "塌方绕行"},
		"shorter":                 {terms: func(*stage) incident.Terms { return incident.Terms{Sign: minutesOf(5)} }},
		"working days are longer": {terms: func(*stage) incident.Terms {
			return incident.Terms{First: incident.Limit{Kind: incident.WorkDays, N: 1}}
		}, key: "any.limit_why"},
		"of no time":               {terms: func(*stage) incident.Terms { return incident.Terms{Sign: minutesOf(0)} }, key: "any.limit"},
		"of a year":                {terms: func(*stage) incident.Terms { return incident.Terms{Sign: minutesOf(400 * 24 * 60)} }, reason: "写错", key: "any.limit"},
		"of a kind nobody counts":  {terms: func(*stage) incident.Terms { return incident.Terms{Sign: incident.Limit{Kind: "moon", N: 1}} }, reason: "写错", key: "any.limit"},
		"settled in the past":      {terms: func(s *stage) incident.Terms { return incident.Terms{SettleBy: s.now} }, key: "any.settle_past"},
		"settled later":            {terms: func(s *stage) incident.Terms { return incident.Terms{SettleBy: s.due().Add(time.Minute)} }, reason: "来不及", key: "any.settle_later"},
		"settled when the rule is": {terms: func(s *stage) incident.Terms { return incident.Terms{SettleBy: s.due()} }},
		"delivery nobody knows":    {ways: []incident.Delivery{"pigeon"}, key: "any.delivery"},
	} {
		t.Run(name, func(t *testing.T) {
			s := reach(t, incident.Accepted, urgent)
			s.now = s.now.Add(time.Second)
			f := fields{Lead: "建设办", Reason: g.reason, Delivery: g.ways}
			if g.terms != nil {
				terms := g.terms(s)
				f.Terms = &terms
			}
			err := s.try("op1", incident.Dispatch, f)
			if g.key == "" && err != nil {
				t.Fatal(err)
			}
			if g.key != "" {
				wantRefusal(t, err, g.key)
			}
		})
	}
}

func TestAddCo_LeavesTheSettleTimeAlone(t *testing.T) {
	s := reach(t, incident.Handling, urgent)
	wantRefusal(t, s.try("op1", incident.AddCo, fields{Unit: "网格", Reason: "现场需要", Terms: &incident.Terms{SettleBy: s.now.Add(time.Hour)}}), "any.settle_co")
}

func TestOtherPerson_ByTelephoneStaysInTheEntry(t *testing.T) {
	s := reach(t, incident.Handling, nil)
	record := &incident.Proxy{Name: "带班领导甲", Number: "05700000001", Time: s.now}
	s.must("rd", incident.Suspend, fields{Reason: "SU01", Review: "2026-08-20", ApprovedBy: "tl1", Vouched: record})
	st := s.state()
	last := st.Log[len(st.Log)-1]
	if last.Kind != incident.KindSuspended || last.Fact.Vouched == nil || *last.Fact.Vouched != *record {
		t.Errorf("the entry keeps %+v", last.Fact.Vouched)
	}
	s.must("op1", incident.Note, fields{Text: "旁注", Vouched: record})
	st = s.state()
	if v := st.Log[len(st.Log)-1].Fact.Vouched; v != nil {
		t.Errorf("a note that needs nobody keeps %+v", v)
	}
}
