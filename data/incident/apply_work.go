package incident

import "slices"

func applyDispatched(f *folder, _ *Entry, fact *Fact) {
	f.sendAll(fact, false)
	if fact.List != "" {
		f.st.List = fact.List
	}
}

func applyRuled(f *folder, _ *Entry, fact *Fact) { f.sendAll(fact, true) }

// sendAll sends lead and co-handlers their tasks. Beside a concurrent dispatch it only adds: people already sent stay sent.
func (f *folder) sendAll(fact *Fact, ruled bool) {
	st := &f.st
	lead := !f.is(joined) || st.LeadUnit == ""
	if lead {
		st.endTasks(TaskWithdrawn, fact.At, func(t *Task) bool { return !slices.Contains(fact.Co, t.Unit) || t.Lead })
		st.setLead(fact.Lead, fact.At)
		st.LeadRuled = ruled
		st.Terms, st.TermsAt, st.Delivery = fact.Terms, fact.At, fact.Delivery
	}
	st.send(fact.Lead, lead, fact.At, fact.Terms)
	for _, co := range fact.Co {
		st.send(co, false, fact.At, fact.Terms)
	}
	st.sent(fact.At)
}

// setLead names the lead of the moment; the first one is fixed once.
func (st *State) setLead(unit UnitID, at Stamp) {
	switch {
	case st.FirstLead == "":
		st.FirstLead, st.DispatchedAt = unit, at
	case st.LeadUnit != "" && st.LeadUnit != unit:
		st.LeadWrong = true
	}
	st.LeadUnit, st.Lead, st.LeadRuled = unit, unit, false
	st.SignedAt = 0
}

func (st *State) sent(at Stamp) {
	st.Status, st.LastSentAt = Dispatched, at
	if t := st.leadTask(); t != nil && t.Live() && t.SignedAt != 0 {
		st.Status = Handling
	}
	st.setCo()
}

func applySigned(f *folder, e *Entry, fact *Fact) {
	st := &f.st
	t := st.task(fact.Unit)
	if t == nil {
		return
	}
	if t.SignedAt == 0 {
		t.SignedAt, t.SignedBy, t.Proxy = fact.At, e.Actor, fact.Proxy
	}
	if !t.Live() {
		return
	}
	if t.Status == TaskSent {
		t.Status = TaskSigned
	}
	if t.Lead && t.Unit == st.LeadUnit && st.Status == Dispatched {
		st.Status, st.SignedAt = Handling, fact.At
	}
}

func applyReturned(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	t := st.task(fact.Unit)
	if t == nil {
		return
	}
	st.Returns++
	if st.FirstLead == fact.Unit {
		st.LeadWrong = true
	}
	leads := t.Live() && t.Lead && t.Unit == st.LeadUnit
	t.Status, t.EndedAt = TaskReturned, fact.At
	if !leads || !slices.Contains([]Status{Dispatched, Handling, Suspended}, st.Status) {
		return
	}
	st.endTasks(TaskWithdrawn, fact.At, nil)
	st.stopSuspension(fact.At)
	st.LeadUnit, st.Lead, st.LeadRuled, st.Co = "", "", false, nil
	st.Status, st.WaitingAt = Accepted, fact.At
}

func applyReassigned(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	if f.is(joined) {
		f.sendAll(fact, false)
		return
	}
	if st.FirstLead != "" && st.FirstLead != fact.Lead {
		st.LeadWrong = true
	}
	st.endTasks(TaskWithdrawn, fact.At, func(t *Task) bool {
		return t.Lead || t.Unit == fact.Lead || fact.CoGiven && !slices.Contains(fact.Co, t.Unit)
	})
	st.stopSuspension(fact.At)
	st.setLead(fact.Lead, fact.At)
	st.send(fact.Lead, true, fact.At, fact.Terms)
	if fact.CoGiven {
		for _, co := range fact.Co {
			st.send(co, false, fact.At, fact.Terms)
		}
	}
	st.sent(fact.At)
}

func applyDisputed(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	st.DisputedAt, st.Opinions = fact.At, fact.Opinions
	if st.Status != Accepted && st.Status != Dispatched {
		return
	}
	if st.Status == Dispatched {
		st.endTasks(TaskWithdrawn, fact.At, nil)
		st.WaitingAt = fact.At
	}
	st.Status = Disputed
}

func applyArrived(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	if st.ArrivedAt == 0 {
		st.ArrivedAt = fact.At
	}
	t := st.task(fact.Unit)
	if t == nil {
		return
	}
	if t.ArrivedAt == 0 {
		t.ArrivedAt = fact.At
	}
	if t.Status == TaskSent || t.Status == TaskSigned {
		t.Status = TaskArrived
	}
}

func applyProgressed(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	st.firstFeedback(fact)
	t := st.task(fact.Unit)
	if t == nil {
		t = st.leadTask()
	}
	if t != nil {
		t.heard(fact)
	}
}

func (st *State) firstFeedback(fact *Fact) {
	if st.FirstFeedback == 0 {
		st.FirstFeedback = fact.At
	}
}

func (t *Task) heard(fact *Fact) {
	if t.FirstFeedbackAt == 0 {
		t.FirstFeedbackAt = fact.At
	}
	t.Text = fact.Text
}

func applyCoAdded(f *folder, _ *Entry, fact *Fact) {
	f.st.send(fact.Unit, false, fact.At, fact.Terms)
	f.st.setCo()
}

func applyCoWaived(f *folder, _ *Entry, fact *Fact) {
	f.st.endTasks(TaskWaived, fact.At, func(t *Task) bool { return t.Unit == fact.Unit && !t.Lead })
	f.st.setCo()
}

func applySuspended(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	if st.Status != Handling {
		return
	}
	st.Before, st.Status, st.Review = st.Status, Suspended, fact.Review
	st.Suspensions = append(st.Suspensions, Suspension{From: fact.At, Review: fact.Review, Reason: fact.Reason})
}

func applyResumed(f *folder, _ *Entry, fact *Fact) {
	if f.st.Status == Suspended {
		f.st.Status = Handling
		f.st.stopSuspension(fact.At)
	}
}

// stopSuspension ends the suspension that lasts, whatever ended it.
func (st *State) stopSuspension(at Stamp) {
	st.Review = ""
	if n := len(st.Suspensions); n > 0 && st.Suspensions[n-1].To == 0 {
		st.Suspensions[n-1].To = max(at, st.Suspensions[n-1].From)
	}
}

func applyExtended(f *folder, e *Entry, fact *Fact) {
	if f.is(softened) {
		return
	}
	x := Extension{At: fact.At, AskedAt: fact.AskedAt, DueNew: fact.DueNew, By: e.Actor, Reason: fact.Reason}
	if f.is(joined) { // of two concurrent deadlines the earlier one holds; this is it
		f.st.Extensions[len(f.st.Extensions)-1] = x
		return
	}
	f.st.Extensions = append(f.st.Extensions, x)
}
