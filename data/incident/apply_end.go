package incident

func applyEscalated(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	switch st.Status {
	case FedBack, Verified, Closed, Refused, Forced, Void:
		return
	}
	st.endTasks(TaskWithdrawn, fact.At, nil)
	st.stopSuspension(fact.At)
	st.Before, st.Status, st.EscalatedAt, st.EscalateReason = st.Status, WithCounty, fact.At, fact.Reason
	st.Draft = fact.Draft
}

func applyCountyReturned(f *folder, e *Entry, fact *Fact) {
	st := &f.st
	if !f.is(softened) && e.Scope != 0 {
		st.Scope = e.Scope
	}
	st.Opinion = fact.Opinion
	if st.Status != WithCounty {
		return
	}
	st.Status, st.CountyBackAt, st.WaitingAt = Accepted, fact.At, fact.At
	st.LeadUnit, st.Lead, st.LeadRuled, st.Co = "", "", false, nil
}

// applyCountyClosed: the county's closing wins over what goes on in the town; the town's own records stay.
func applyCountyClosed(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	switch st.Status {
	case FedBack, Verified, Closed, Refused, Forced, Void:
		return
	}
	st.endTasks(TaskWithdrawn, fact.At, nil)
	st.stopSuspension(fact.At)
	st.Status, st.FedBackAt, st.Text, st.Result = FedBack, fact.At, fact.Text, fact.Result
	st.firstFeedback(fact)
}

func applyFedBack(f *folder, e *Entry, fact *Fact) {
	st := &f.st
	st.firstFeedback(fact)
	t := st.task(fact.Unit)
	if t == nil {
		return
	}
	t.heard(fact)
	t.FedBackAt = fact.At
	if t.FedBackBy = e.Actor; fact.Proxy != nil {
		t.FedBackBy = "" // told by telephone: who wrote it down handled nothing
	}
	if !t.Live() {
		return
	}
	t.Status = TaskFedBack
	if !t.Lead || t.Unit != st.LeadUnit {
		return
	}
	switch st.Status {
	case Dispatched, Handling, Suspended:
	default:
		return
	}
	st.stopSuspension(fact.At)
	st.Status, st.FedBackAt = FedBack, fact.At
	st.Result, st.Text, st.DocumentNo, st.FollowupDue = fact.Result, fact.Text, fact.DocumentNo, fact.FollowupDue
	st.Photos, st.Contacted, st.Blobs = fact.Photos, fact.Contacted, fact.Blobs
	st.Staged, st.FollowupDone = fact.Result == resultStaged, 0
}

// The results of a feedback, and the word for a fact that closes.
const (
	resultSettled   = "settled"
	resultStaged    = "staged"
	resultExplained = "explained"
	resultClosed    = "closed"
)

func applyVerified(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	switch {
	case f.is(softened):
	case st.Status != FedBack:
	case fact.Pass:
		st.pass(fact)
	default:
		st.fail(fact)
	}
}

// pass takes the feedback as settled: it goes to the callback, or is closed where nobody can be called.
func (st *State) pass(fact *Fact) {
	st.endTasks(TaskDone, fact.At, nil)
	st.stopSuspension(fact.At)
	st.HandledAt = st.FedBackAt
	if st.HandledAt == 0 {
		st.HandledAt = fact.At
	}
	st.VerifiedAt, st.FailedSinceHandled = fact.At, false
	st.Status = Verified
	if fact.Result == resultClosed {
		st.Status, st.ClosedAt = Closed, fact.At
	}
}

// fail sends the work back to the lead; an incident that never had one waits for a dispatch.
func (st *State) fail(fact *Fact) {
	st.Fails++
	st.FailedSinceHandled = true
	st.HandledAt, st.FedBackAt = 0, 0
	st.rework(fact.At)
}

func (st *State) rework(at Stamp) {
	t := st.leadTask()
	if t == nil {
		st.Status, st.WaitingAt = Accepted, at
		return
	}
	if t.SignedAt == 0 { // the county closed what the lead never took on
		t.Status, t.EndedAt = TaskWithdrawn, max(t.EndedAt, t.SentAt)
		st.send(st.LeadUnit, true, at, nil)
		st.Status, st.LastSentAt = Dispatched, at
		return
	}
	t.Status, t.EndedAt, t.FedBackAt, t.Round = TaskRework, 0, 0, st.Round
	st.Status = Handling
}

func applyReopened(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	from := st.Status
	if from.Open() && from != Verified {
		return
	}
	st.Round++
	st.Reopens++
	st.ReopenedAt = fact.At
	st.HandledAt, st.FedBackAt, st.ClosedAt, st.EndedAt = 0, 0, 0, 0
	st.Staged, st.FollowupDone, st.FollowupDue = false, 0, ""
	if from == Verified {
		st.rework(fact.At)
		return
	}
	st.SignedAt = 0
	if st.LeadUnit == "" {
		st.Status, st.WaitingAt = Accepted, fact.At
		return
	}
	st.send(st.LeadUnit, true, fact.At, nil)
	st.Status, st.LastSentAt = Dispatched, fact.At
}

func applyCalledBack(f *folder, e *Entry, fact *Fact) {
	st := &f.st
	st.Callbacks = append(st.Callbacks, CallbackTry{At: fact.At, By: e.Actor, Answer: fact.Answer})
	st.Answer, st.Score = fact.Answer, fact.Score
	if fact.Result == resultClosed && st.Status == Verified && !f.is(softened) {
		st.close(fact.At)
	}
}

func (st *State) close(at Stamp) { st.Status, st.ClosedAt = Closed, at }

func applyForceClosed(f *folder, _ *Entry, fact *Fact) {
	if !f.is(softened) && f.st.Status.Open() {
		f.st.force(fact)
	}
}

func (st *State) force(fact *Fact) {
	st.endTasks(TaskWithdrawn, fact.At, nil)
	st.stopSuspension(fact.At)
	st.Status, st.EndedAt, st.ForcedReason, st.DocumentNo = Forced, fact.At, fact.Reason, fact.DocumentNo
	st.HandledAt = 0
}

func applyFollowedUp(f *folder, _ *Entry, fact *Fact) {
	if fact.Pass && f.st.Staged {
		f.st.FollowupDone = fact.At
	}
}
