package incident_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zw110/data/incident"
)

// model is the closed loop once more, as small as it gets: a state, what each unit has, and nothing about clocks.
type model struct {
	status   incident.Status
	lead     incident.UnitID
	tasks    map[incident.UnitID]incident.TaskStatus
	took     map[incident.UnitID]bool // signed for the present task
	returns  int
	ruled    bool
	answered bool // a justified complaint since the last verification
	reached  bool // any other answer since then
	handled  bool
	reopens  int
	fails    int
}

func (m *model) endAll(s incident.TaskStatus) {
	for u, t := range m.tasks {
		if m.live(t) {
			m.tasks[u] = s
		}
	}
}

func (*model) live(t incident.TaskStatus) bool {
	return slices.Contains([]incident.TaskStatus{incident.TaskSent, incident.TaskSigned, incident.TaskArrived, incident.TaskFedBack, incident.TaskRework}, t)
}

func (m *model) signed(u incident.UnitID) bool {
	return slices.Contains([]incident.TaskStatus{incident.TaskSigned, incident.TaskArrived, incident.TaskRework}, m.tasks[u])
}

func (m *model) send(lead incident.UnitID, co ...incident.UnitID) {
	m.lead, m.ruled, m.status = lead, false, incident.Dispatched
	for _, u := range append(co, lead) {
		m.tasks[u], m.took[u] = incident.TaskSent, false
	}
}

// again gives the lead its work back: as rework if it ever took it on, else as a new task; without a lead it waits for a dispatch.
func (m *model) again() {
	switch {
	case m.lead == "":
		m.status = incident.Accepted
	case m.took[m.lead]:
		m.tasks[m.lead], m.status = incident.TaskRework, incident.Handling
	default:
		m.tasks[m.lead], m.status = incident.TaskSent, incident.Dispatched
	}
}

// move is one act of the model: whether it may happen, what it does, and how it is said.
type move struct {
	name string
	by   incident.Login
	do   incident.Verb
	f    fields
	can  bool
	then func()
}

var liaisons = map[incident.UnitID]incident.Login{"建设办": "un_jsb", "执法队": "un_zfd", "派出所": "un_pcs"}

func (m *model) moves(unit incident.UnitID, flag bool) []move {
	st := m.status
	is := func(s ...incident.Status) bool { return slices.Contains(s, st) }
	to := func(s incident.Status) func() { return func() { m.status = s } }
	rest := []incident.UnitID{"建设办", "执法队", "派出所"}
	rest = slices.DeleteFunc(rest, func(u incident.UnitID) bool { return u == unit })
	by := liaisons[unit]
	return slices.Concat(m.early(is, to, unit, rest[:1]), m.working(is, to, unit, by, rest[0]), m.late(is, to, unit, by, flag))
}

func (m *model) early(is func(...incident.Status) bool, to func(incident.Status) func(), unit incident.UnitID, co []incident.UnitID) []move {
	two := []string{"甲", "乙"}
	return []move{
		{"ask", "op1", incident.AskInfo, fields{Reason: "IN01", Question: "?", Whom: "x"}, is(incident.Received), to(incident.InfoNeeded)},
		{"accept", "op1", incident.Accept, fields{}, is(incident.Received, incident.InfoNeeded), to(incident.Accepted)},
		{"refuse", "sl1", incident.Refuse, fields{Reason: "NR01", Text: "x"}, is(incident.Received, incident.InfoNeeded), to(incident.Refused)},
		{"dispatch", "sl1", incident.Dispatch, fields{Lead: unit, Co: co}, is(incident.Accepted), func() { m.send(unit, co...) }},
		{"dispute", "sl1", incident.Dispute, fields{Opinions: two}, is(incident.Accepted, incident.Dispatched), func() {
			m.endAll(incident.TaskWithdrawn)
			m.status = incident.Disputed
		}},
		{"rule", "rd", incident.Rule, fields{Lead: unit}, is(incident.Disputed), func() { m.send(unit); m.ruled = true }},
		{"reassign", "sl1", incident.Reassign, fields{Lead: unit, Reason: "RA01", CoGiven: true}, is(incident.Dispatched, incident.Handling) && unit != m.lead, func() {
			m.endAll(incident.TaskWithdrawn)
			m.send(unit)
		}},
		{"void", "sl1", incident.VoidIt, fields{Reason: "test"}, is(incident.Received, incident.InfoNeeded, incident.Accepted), to(incident.Void)},
	}
}

func (m *model) working(is func(...incident.Status) bool, to func(incident.Status) func(), unit incident.UnitID, by incident.Login, other incident.UnitID) []move {
	return []move{
		{"sign", by, incident.Sign, fields{}, is(incident.Dispatched, incident.Handling) && m.tasks[unit] == incident.TaskSent, func() {
			m.tasks[unit], m.took[unit] = incident.TaskSigned, true
			if unit == m.lead {
				m.status = incident.Handling
			}
		}},
		{"return", by, incident.Return, fields{Reason: "RT01", Basis: "x", ConfirmedBy: "sl1"}, is(incident.Dispatched) && unit == m.lead && !m.ruled && m.tasks[unit] == incident.TaskSent, func() {
			m.tasks[unit] = incident.TaskReturned
			m.endAll(incident.TaskWithdrawn)
			m.lead, m.status = "", incident.Accepted
			m.returns++
		}},
		{"arrive", by, incident.Arrive, fields{Evidence: "photo"}, is(incident.Handling) && m.tasks[unit] == incident.TaskSigned, func() { m.tasks[unit] = incident.TaskArrived }},
		{"add", "op1", incident.AddCo, fields{Unit: other, Reason: "x"}, is(incident.Handling) && other != m.lead && !m.live(m.tasks[other]), func() { m.tasks[other], m.took[other] = incident.TaskSent, false }},
		{"waive", "op1", incident.WaiveCo, fields{Unit: other, Reason: "x", AskedBy: liaisons[m.lead]}, is(incident.Handling) && other != m.lead && m.live(m.tasks[other]) && m.tasks[other] != incident.TaskFedBack, func() { m.tasks[other] = incident.TaskWaived }},
		{"escalate", "rd", incident.Escalate, fields{Reason: "UP01", Draft: "x"}, is(incident.Accepted, incident.Disputed, incident.Handling), func() {
			m.endAll(incident.TaskWithdrawn)
			m.status = incident.WithCounty
		}},
		{"county returns", "cc", incident.CountyReturn, fields{Opinion: "x"}, is(incident.WithCounty), func() { m.lead, m.status = "", incident.Accepted }},
		{"county closes", "cc", incident.CountyClose, fields{Text: "x"}, is(incident.WithCounty), to(incident.FedBack)},
	}
}

func (m *model) late(is func(...incident.Status) bool, to func(incident.Status) func(), unit incident.UnitID, by incident.Login, flag bool) []move {
	waits := false // a co-handler that has neither fed back nor been waived
	for u, t := range m.tasks {
		waits = waits || u != m.lead && m.live(t) && t != incident.TaskFedBack
	}
	reopened := func() {
		m.reopens++
		m.handled, m.answered, m.reached = false, false, false
		if m.status == incident.Closed && m.lead != "" {
			ruled := m.ruled // a ruling holds in the next round too
			m.send(m.lead)
			m.ruled = ruled
			return
		}
		m.again()
	}
	return []move{
		{"feedback", by, incident.Feedback, fields{Result: "settled", Text: account, Photos: 1}, is(incident.Handling) && m.signed(unit) && (unit != m.lead || !waits), func() {
			m.tasks[unit] = incident.TaskFedBack
			if unit == m.lead {
				m.status = incident.FedBack
			}
		}},
		{"pass", "op2", incident.Verify, fields{Pass: true}, is(incident.FedBack), func() {
			m.endAll(incident.TaskDone)
			m.status, m.handled, m.answered, m.reached = incident.Verified, true, false, false
		}},
		{"fail", "op2", incident.Verify, fields{Reason: "VF01"}, is(incident.FedBack), func() {
			m.fails++
			m.again()
		}},
		{"call", "op1", incident.Callback, fields{Answer: map[bool]string{true: "satisfied", false: "dissatisfied_reasonable"}[flag]}, is(incident.Verified) && !m.answered, func() {
			if m.answered = !flag; flag {
				m.status = incident.Closed
			}
		}},
		{"reopen by operator", "op1", incident.Reopen, fields{Reason: "RO01"}, is(incident.Verified) && m.answered, reopened},
		{"reopen by leader", "sl1", incident.Reopen, fields{Reason: "RO04"}, is(incident.Verified, incident.Closed), reopened},
		{"force", "rd", incident.ForceClose, fields{Reason: "FC01", Second: "tl1", DocumentNo: "x"}, false, nil}, // within 24 hours
	}
}

func (m *model) compare(st incident.State) error {
	if st.Status != m.status || st.Returns != m.returns || st.Reopens != m.reopens || st.Fails != m.fails || (st.HandledAt != 0) != m.handled {
		return fmt.Errorf("%s returns %d reopens %d fails %d handled %v, want %+v", st.Status, st.Returns, st.Reopens, st.Fails, st.HandledAt, m)
	}
	last := map[incident.UnitID]incident.TaskStatus{}
	for _, t := range st.Tasks {
		last[t.Unit] = t.Status
	}
	for u, want := range m.tasks {
		if last[u] != want {
			return fmt.Errorf("%s has %s, want %s", u, last[u], want)
		}
	}
	return nil
}

// TestDecide_AgreesWithAModel does random acts, allowed or not, and compares with the model after each.
func TestDecide_AgreesWithAModel(t *testing.T) {
	rules := rulesOf(t)
	deepest := map[incident.Status]int{}
	for range 5 {
		rapid.Check(t, func(r *rapid.T) {
			s := &stage{desk: newDesk(rules), t: t, now: at(t, monday)}
			m := &model{status: incident.Received, tasks: map[incident.UnitID]incident.TaskStatus{}, took: map[incident.UnitID]bool{}}
			s.must("op1", incident.Register, report(nil))
			for range rapid.IntRange(1, 40).Draw(r, "acts") {
				unit := rapid.SampledFrom([]incident.UnitID{"建设办", "执法队", "派出所"}).Draw(r, "unit")
				moves := m.moves(unit, rapid.Bool().Draw(r, "flag"))
				// Mostly what is possible, so that runs get somewhere.
				if rapid.IntRange(0, 4).Draw(r, "wild") > 0 {
					moves = slices.DeleteFunc(moves, func(v move) bool { return !v.can })
				}
				if len(moves) == 0 {
					continue
				}
				v := rapid.SampledFrom(moves).Draw(r, "move")
				s.now = s.now.Add(10 * time.Second) // the whole run stays inside every window
				err := s.do(act{At: s.now, By: v.by, Do: v.do, Ref: "a", Fields: v.f})
				if (err == nil) != v.can {
					r.Fatalf("%s by %s in %s: %v, model says %v", v.name, v.by, m.status, err, v.can)
				}
				if err == nil {
					v.then()
					deepest[m.status]++
				}
				if err := m.compare(s.state()); err != nil {
					r.Fatalf("after %s: %v", v.name, err)
				}
			}
		})
	}
	if len(deepest) < 9 {
		t.Errorf("the runs reach only %v", deepest)
	}
}
