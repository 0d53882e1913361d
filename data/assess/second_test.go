package assess_test

import (
	"slices"
	"time"

	"zw110/data/assess"
	"zw110/data/incident"
)

// The second implementation: it walks the entries of an incident one by one and knows nothing of Fold, of clocks or of package assess. It is
// for chains, where nobody did anything at the same time as another.

type secondTask struct {
	unit                incident.UnitID
	lead, live          bool
	sent, signed, ended incident.Stamp
	returned            bool
}

type secondEvent struct {
	at, to  incident.Stamp // to: end of a suspension, zero while it lasts
	suspend bool
	extend  incident.Stamp
	absorb  incident.Stamp
}

type second struct {
	f                                                   incident.Fields // of the registration, with what accepting changed
	status                                              incident.Status
	lead, first                                         incident.UnitID
	wrong                                               bool
	firstAt, received, responded, fed, handled, passed  incident.Stamp
	closed, ended, reopened, back, escalated, rechecked incident.Stamp
	why                                                 string
	fails, reopens                                      int
	staged                                              bool
	closings                                            []incident.Stamp
	answers                                             []incident.CallbackTry
	events                                              []secondEvent
	tasks                                               []secondTask
	again                                               []incident.Stamp // orders sent once more to co-handlers that go on
}

func (s *second) endAll(at incident.Stamp, but func(secondTask) bool) {
	for i := range s.tasks {
		if t := &s.tasks[i]; t.live && (but == nil || !but(*t)) {
			t.live, t.ended = false, at
		}
	}
}

func (s *second) send(u incident.UnitID, lead bool, at incident.Stamp) {
	for i := range s.tasks {
		if t := &s.tasks[i]; t.live && t.unit == u {
			t.lead = t.lead || lead
			return
		}
	}
	s.tasks = append(s.tasks, secondTask{unit: u, lead: lead, live: true, sent: at})
}

func (s *second) sendAll(f *incident.Fact) {
	s.endAll(f.At, func(t secondTask) bool { return slices.Contains(f.Co, t.unit) && !t.lead })
	s.newLead(f.Lead, f.At)
	s.send(f.Lead, true, f.At)
	for _, u := range f.Co {
		s.send(u, false, f.At)
	}
	s.settleSent()
}

func (s *second) newLead(u incident.UnitID, at incident.Stamp) {
	if s.first == "" {
		s.first, s.firstAt = u, at
	} else if s.lead != "" && s.lead != u {
		s.wrong = true
	}
	s.lead = u
}

func (s *second) settleSent() {
	s.status = incident.Dispatched
	if t := s.leads(); t != nil && t.live && t.signed != 0 {
		s.status = incident.Handling
	}
}

func (s *second) leads() *secondTask {
	for i := len(s.tasks) - 1; i >= 0; i-- {
		if t := &s.tasks[i]; t.lead && t.unit == s.lead && s.lead != "" {
			return t
		}
	}
	return nil
}

// redo gives the lead its work back.
func (s *second) redo(at incident.Stamp) {
	t := s.leads()
	switch {
	case t == nil:
		s.status = incident.Accepted
	case t.signed == 0:
		t.live, t.ended = false, max(t.ended, t.sent)
		s.send(s.lead, true, at)
		s.status = incident.Dispatched
	default:
		t.live, t.ended, t.returned = true, 0, false
		s.status = incident.Handling
	}
}

func (s *second) stopSuspension(at incident.Stamp) {
	for i := range s.events {
		if e := &s.events[i]; e.suspend && e.to == 0 {
			e.to = at
		}
	}
}

// tell walks the entries of what happened before end.
func tell(entries []incident.Entry, end incident.Stamp) *second {
	s := &second{}
	for _, e := range entries {
		if e.Fact.At < end {
			s.take(e.Kind, e.Fact)
		}
	}
	if s.status == "" {
		return nil
	}
	return s
}

func (s *second) take(kind incident.Kind, f *incident.Fact) {
	at := f.At
	switch kind {
	case incident.KindResponded, incident.KindAccepted, incident.KindInfoAsked, incident.KindRefused, incident.KindMerged:
		if s.responded == 0 && f.ActorRole != incident.RoleSystem {
			s.responded = at
		}
	}
	switch kind {
	case incident.KindRegistered:
		s.f, s.status, s.received = f.Fields, incident.Received, f.ReceivedAt
	case incident.KindInfoAsked:
		s.status = incident.InfoNeeded
	case incident.KindAccepted:
		s.status = incident.Accepted
		if f.Urgency != "" {
			s.f.Urgency = f.Urgency
		}
	case incident.KindRefused:
		s.status, s.ended = incident.Refused, at
	case incident.KindVoided:
		s.status, s.ended = incident.Void, at
	case incident.KindMerged:
		s.status, s.ended = incident.Merged, at
	case incident.KindAbsorbed:
		s.events = append(s.events, secondEvent{at: at, absorb: f.DueNew})
	case incident.KindDispatched, incident.KindRuled:
		s.sendAll(f)
	case incident.KindReassigned:
		s.wrong = s.wrong || s.first != "" && s.first != f.Lead
		if f.CoGiven {
			for _, t := range s.tasks {
				if t.live && !t.lead && t.sent < at && slices.Contains(f.Co, t.unit) {
					s.again = append(s.again, at)
				}
			}
		}
		s.endAll(at, func(t secondTask) bool {
			return !t.lead && t.unit != f.Lead && (!f.CoGiven || slices.Contains(f.Co, t.unit))
		})
		s.stopSuspension(at)
		s.newLead(f.Lead, at)
		s.send(f.Lead, true, at)
		for _, u := range f.Co {
			s.send(u, false, at)
		}
		s.settleSent()
	case incident.KindCoAdded:
		s.send(f.Unit, false, at)
	case incident.KindCoWaived:
		s.endAll(at, func(t secondTask) bool { return t.unit != f.Unit || t.lead })
	case incident.KindDisputed:
		s.endAll(at, nil)
		s.status = incident.Disputed
	case incident.KindReturned:
		s.wrong = s.wrong || s.first == f.Unit
		if t := s.leads(); t != nil {
			t.live, t.ended, t.returned = false, at, true
		}
		s.endAll(at, nil)
		s.stopSuspension(at)
		s.lead, s.status = "", incident.Accepted
	default:
		s.takeLate(kind, f)
	}
}

func (s *second) takeLate(kind incident.Kind, f *incident.Fact) {
	at := f.At
	switch kind {
	case incident.KindSigned:
		for i := range s.tasks {
			if t := &s.tasks[i]; t.live && t.unit == f.Unit {
				t.signed = at
				if t.lead && s.status == incident.Dispatched {
					s.status = incident.Handling
				}
			}
		}
	case incident.KindSuspended:
		s.status = incident.Suspended
		s.events = append(s.events, secondEvent{at: at, suspend: true})
	case incident.KindResumed:
		s.status = incident.Handling
		s.stopSuspension(at)
	case incident.KindExtended:
		s.events = append(s.events, secondEvent{at: at, extend: f.DueNew})
	case incident.KindEscalated:
		s.endAll(at, nil)
		s.stopSuspension(at)
		s.status, s.escalated, s.why = incident.WithCounty, at, f.Reason
	case incident.KindCountyReturned:
		s.status, s.back, s.lead = incident.Accepted, at, ""
	case incident.KindCountyClosed:
		s.status, s.fed = incident.FedBack, at
	case incident.KindFedBack:
		if f.Unit == s.lead {
			s.stopSuspension(at)
			s.status, s.fed, s.staged, s.rechecked = incident.FedBack, at, f.Result == "staged", 0
		}
	case incident.KindVerified:
		s.check(f)
	case incident.KindFollowedUp:
		if f.Pass {
			s.rechecked = at
		}
	case incident.KindReopened:
		s.reopens++
		s.reopened, s.handled, s.fed, s.closed, s.staged, s.rechecked = at, 0, 0, 0, false, 0
		switch {
		case s.status == incident.Verified:
			s.redo(at)
		case s.lead == "":
			s.status = incident.Accepted
		default:
			s.send(s.lead, true, at)
			s.status = incident.Dispatched
		}
	case incident.KindCalledBack:
		s.answers = append(s.answers, incident.CallbackTry{At: at, Answer: f.Answer})
		if f.Result == "closed" {
			s.close(at)
		}
	case incident.KindForceClosed:
		s.endAll(at, nil)
		s.stopSuspension(at)
		s.status, s.ended, s.handled = incident.Forced, at, 0
	}
}

func (s *second) check(f *incident.Fact) {
	if !f.Pass {
		s.fails++
		s.handled, s.fed = 0, 0
		s.redo(f.At)
		return
	}
	s.endAll(f.At, nil)
	s.handled, s.passed, s.status = s.fed, f.At, incident.Verified
	if f.Result == "closed" {
		s.close(f.At)
	}
}

func (s *second) close(at incident.Stamp) {
	s.status, s.closed = incident.Closed, at
	s.closings = append(s.closings, at)
}

func (s *second) open() bool {
	return !slices.Contains([]incident.Status{incident.Closed, incident.Refused, incident.Merged, incident.Forced, incident.Void}, s.status)
}

// due is the end of the settle limit as it stands.
func (s *second) due(rules incident.Rules) incident.Stamp {
	if s.status == incident.Suspended {
		return 0
	}
	cal, limits := rules.Calendar(), rules.Limits(s.received)
	from := max(s.received, s.back, s.reopened)
	var limit incident.Limit
	var due incident.Stamp
	if s.reopened != 0 && s.reopened >= s.back {
		limit = limits.Reopen
		due, _ = cal.Due(from, limit)
	} else {
		row, _ := rules.Category(s.f.Category, s.received)
		limit = row.Settle
		due, _ = cal.Due(from, limit)
		if s.f.Urgency != incident.Normal && !row.NoCap {
			if capped, _ := cal.Due(from, limits.Cap); capped < due {
				due, limit = capped, limits.Cap
			}
		}
		if s.f.DueSource != 0 && s.back == 0 {
			due = min(due, cal.WorkDaysBefore(s.f.DueSource, 1))
		}
	}
	for _, e := range s.events {
		switch {
		case e.at < from:
		case e.extend != 0:
			due = e.extend
		case e.absorb != 0:
			due = min(due, e.absorb)
		case e.suspend && e.to == 0:
			return 0
		case e.suspend && e.at < due && limit.Kind == incident.NaturalTime:
			due += e.to - e.at
		case e.suspend && e.at < due:
			due, _ = cal.AddWork(e.to, cal.WorkBetween(e.at, due))
		}
	}
	return due
}

type nOf struct{ n, of int }

// figures of a period, the second time.
type secondFigures struct {
	rates                                    map[assess.Key]nOf
	received, rateable                       int
	carried, fresh, back, closed, open, ends int
	unitOnTime                               map[string]nOf
}

func secondly(all map[incident.IncidentID][]incident.Entry, p assess.Period, rules incident.Rules) secondFigures {
	out := secondFigures{rates: map[assess.Key]nOf{}, unitOnTime: map[string]nOf{}}
	for _, entries := range all {
		s := tell(entries, p.To)
		if s == nil {
			continue
		}
		count := func(key assess.Key, hit bool) {
			v := out.rates[key]
			v.of++
			if hit {
				v.n++
			}
			out.rates[key] = v
		}
		within := func(at incident.Stamp) bool { return at >= p.From && at < p.To }
		due := s.due(rules)
		moved := slices.Contains([]string{"UP01", "UP02", "UP03"}, s.why) && s.escalated > s.back && (due == 0 || s.escalated <= due)
		rateable := !moved && !slices.Contains([]incident.Status{incident.Refused, incident.Merged, incident.Void}, s.status)
		day := func(at incident.Stamp) string { return at.Time().In(incident.Local).Format(time.DateOnly) }
		same := s.handled != 0 && day(s.handled) == day(s.received)
		if within(s.received) && s.status != incident.Void {
			out.received++
			count(assess.Response5min, s.responded != 0 && s.responded-s.received <= 300_000)
			count(assess.SameDayOfAll, same && rateable)
		}
		if within(s.received) && rateable {
			out.rateable++
			count(assess.SameDay, same)
			count(assess.SameDayStrict, same && (!s.staged || s.rechecked != 0 && day(s.rechecked) == day(s.received)))
			count(assess.Within24h, s.handled != 0 && s.handled-s.received <= 24*3600_000)
		}
		extended := 0
		for _, e := range s.events {
			if e.extend != 0 && within(e.at) && rateable {
				extended++
			}
		}
		if rateable && within(due) {
			in := s.handled != 0 && s.handled <= due
			count(assess.OnTime, in)
			count(assess.OverdueFlow, !in)
			count(assess.ClosedOfDue, s.status == incident.Closed)
			count(assess.Extended, false)
			if s.lead != "" {
				v := out.unitOnTime[string(s.lead)]
				v.of++
				if in {
					v.n++
				}
				out.unitOnTime[string(s.lead)] = v
			}
		}
		if extended > 0 {
			v := out.rates[assess.Extended]
			v.n += extended
			out.rates[assess.Extended] = v
		}
		out.later(s, within, count)
		out.orders(s, within, count, p, rules)
		out.line(s, tell(entries, p.From), p)
	}
	return out
}

func (*secondFigures) later(s *second, within func(incident.Stamp) bool, count func(assess.Key, bool)) {
	if within(s.passed) {
		count(assess.Rework, s.fails > 0)
		count(assess.FirstFix, s.fails == 0 && s.reopens == 0)
		if s.f.Callable {
			count(assess.CallbackRate, len(s.answers) > 0)
		}
	}
	if slices.ContainsFunc(s.closings, within) {
		count(assess.Reopened, s.reopens > 0)
	}
	if within(s.closed) && s.status == incident.Closed || within(s.ended) && s.status == incident.Forced {
		count(assess.ForceClosed, s.status == incident.Forced)
	}
	if within(s.firstAt) {
		count(assess.FirstLead, !s.wrong)
	}
	if s.open() {
		count(assess.Suspended, s.status == incident.Suspended)
	}
	for _, a := range s.answers {
		if within(a.At) && a.Answer != "refused" && a.Answer != "not_reached" {
			count(assess.Satisfaction, a.Answer == "satisfied" || a.Answer == "basically")
		}
	}
}

func (*secondFigures) orders(s *second, within func(incident.Stamp) bool, count func(assess.Key, bool), p assess.Period, rules incident.Rules) {
	for _, at := range s.again {
		if within(at) {
			count(assess.Returned, false)
		}
	}
	for _, t := range s.tasks {
		if !within(t.sent) {
			continue
		}
		count(assess.Returned, t.returned)
		due, _ := rules.Calendar().Due(t.sent, rules.Limits(s.received).By[s.f.Urgency].Sign)
		if due < p.To && (t.signed != 0 || t.ended == 0 || t.ended >= due) {
			count(assess.SignInTime, t.signed != 0 && t.signed <= due)
		}
	}
}

func (o *secondFigures) line(s, was *second, p assess.Period) {
	switch {
	case was == nil:
		o.fresh++
	case was.open():
		o.carried++
	case s.open() || max(s.closed, s.ended) >= p.From:
		o.back++
	default:
		return
	}
	switch {
	case s.open():
		o.open++
	case s.status == incident.Closed:
		o.closed++
	default:
		o.ends++
	}
}
