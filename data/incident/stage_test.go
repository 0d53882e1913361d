package incident_test

import (
	"testing"
	"time"

	"zw110/data/incident"
)

// Short names of the tests of the loop.
type (
	act    = incident.Act
	fields = incident.Fields
)

// stage is a desk with an incident "a" on its way, and the time of the last act.
type stage struct {
	*desk
	t   testing.TB
	now incident.Stamp
}

// monday is 3 August 2026, 09:00, a working day.
const monday = "2026-08-03 09:00:00"

func at(t testing.TB, text string) incident.Stamp {
	t.Helper()
	m, err := time.ParseInLocation(time.DateTime, text, incident.Local)
	if err != nil {
		t.Fatal(err)
	}
	return incident.StampOf(m)
}

func newStage(t testing.TB) *stage {
	return &stage{desk: newDesk(rulesOf(t)), t: t, now: at(t, monday)}
}

// try does an act on incident "a" (or Ref) a minute later.
func (s *stage) try(by incident.Login, do incident.Verb, f fields) error {
	s.now = s.now.Add(time.Minute)
	return s.do(act{At: s.now, By: by, Do: do, Ref: "a", Fields: f})
}

// must does an act that has to be accepted.
func (s *stage) must(by incident.Login, do incident.Verb, f fields) {
	s.t.Helper()
	if err := s.try(by, do, f); err != nil {
		s.t.Fatalf("%s by %s: %v", do, by, err)
	}
}

// on does an act on another incident.
func (s *stage) on(ref string, by incident.Login, do incident.Verb, f fields) error {
	s.now = s.now.Add(time.Minute)
	return s.do(act{At: s.now, By: by, Do: do, Ref: ref, Fields: f})
}

func (s *stage) state() incident.State { return s.of("a") }

// report is what the tests register: a quarrel-free matter of one working day, with a reporter to call.
func report(change func(*fields)) fields {
	f := fields{
		Channel: incident.Channel110, Title: "垃圾桶满了三天没清", Village: "罗山村", Category: "0603", Urgency: incident.Normal,
		Reporter: &incident.Reporter{Name: "汪阿毛", Phone: "16985161790"},
	}
	if change != nil {
		change(&f)
	}
	return f
}

// proxy is a whole telephone record.
func (s *stage) proxy() *incident.Proxy {
	return &incident.Proxy{Name: "值班", Number: "0570-0110000", Time: s.now}
}

const account = "已到现场清理完毕，告知来电人。"

// reach brings a new incident "a" into a state by the shortest way. Lead is 建设办, co-handler 村委会.
func reach(t testing.TB, to incident.Status, change func(*fields)) *stage {
	t.Helper()
	s := newStage(t)
	s.must("op1", incident.Register, report(change))
	if to == incident.Received {
		return s
	}
	s.must("op1", incident.Respond, fields{})
	switch to {
	case incident.InfoNeeded:
		s.must("op1", incident.AskInfo, fields{Reason: "IN01", Question: "在哪里", Whom: "来电人"})
		return s
	case incident.Refused:
		s.must("sl1", incident.Refuse, fields{Reason: "NR01", Text: "属邻镇"})
		return s
	}
	s.must("op1", incident.Accept, fields{})
	switch to {
	case incident.Accepted:
		return s
	case incident.Void:
		s.must("sl1", incident.VoidIt, fields{Reason: "test"})
		return s
	case incident.Disputed:
		s.must("sl1", incident.Dispute, fields{Opinions: []string{"甲", "乙"}})
		return s
	case incident.Merged:
		if err := s.on("m", "op1", incident.Register, report(change)); err != nil {
			t.Fatal(err)
		}
		s.must("sl1", incident.Merge, fields{Into: "m"})
		return s
	}
	s.must("sl1", incident.Dispatch, fields{Lead: "建设办", Co: []incident.UnitID{"村委会"}, List: incident.ListDaily})
	if to == incident.Dispatched {
		return s
	}
	s.must("un_jsb", incident.Sign, fields{})
	switch to {
	case incident.Handling:
		return s
	case incident.Suspended:
		s.must("rd", incident.Suspend, fields{Reason: "SU01", Review: "2026-08-10"})
		return s
	case incident.WithCounty:
		s.must("rd", incident.Escalate, fields{Reason: "UP04", Draft: "请县里会商"})
		return s
	case incident.Forced:
		s.now = s.now.Add(25 * time.Hour)
		s.must("rd", incident.ForceClose, fields{Reason: "FC01", Second: "tl1", DocumentNo: "塔综〔2026〕1号"})
		return s
	}
	s.must("un_cwh", incident.Sign, fields{})
	s.must("un_cwh", incident.Feedback, fields{Text: "配合完毕"})
	s.must("un_jsb", incident.Feedback, fields{Result: "settled", Text: account, Photos: 1})
	if to == incident.FedBack {
		return s
	}
	s.must("op2", incident.Verify, fields{Pass: true})
	if to == incident.Verified {
		return s
	}
	s.must("op1", incident.Callback, fields{Answer: "satisfied"})
	return s
}

func TestDecide_ReachesEveryState(t *testing.T) {
	for _, to := range allStates() {
		if st := reach(t, to, nil).state(); st.Status != to {
			t.Errorf("got %s, want %s", st.Status, to)
		}
	}
}

func allStates() []incident.Status {
	return []incident.Status{
		incident.Received, incident.InfoNeeded, incident.Accepted, incident.Disputed, incident.Dispatched, incident.Handling,
		incident.Suspended, incident.WithCounty, incident.FedBack, incident.Verified, incident.Closed, incident.Refused,
		incident.Merged, incident.Forced, incident.Void,
	}
}
