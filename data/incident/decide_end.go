package incident

import "time"

// reopenWindow is how long after its closing an incident may be reopened.
const reopenWindow = 30 * 24 * time.Hour

// doReopen: an operator on a reporter's justified dissatisfaction, the shift leader within 30 days of closing for any reason.
func doReopen(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	switch {
	case !d.coded():
		return nil, d.refuse("reason", a.Reason)
	case a.Actor.Role == RoleOperator && !d.dissatisfied():
		return nil, d.refuse("not_dissatisfied")
	case a.Actor.Role == RoleOperator && a.Reason != reasonDissatisfied:
		return nil, d.refuse("operator_reason")
	case st.Status == Closed && a.At > st.ClosedAt.Add(reopenWindow):
		return nil, d.refuse("window", stampText(st.ClosedAt.Add(reopenWindow)))
	}
	return d.one(KindReopened, Fields{Reason: a.Reason, Text: a.Text})
}

// dissatisfied reports whether the reporter, or one of an incident merged into this one, was justly dissatisfied with this settlement.
func (d *decision) dissatisfied() bool {
	if lastAnswer(d.st.Callbacks, d.st.VerifiedAt) == answerReasonable {
		return true
	}
	for _, id := range d.st.Absorbed {
		if other, ok := d.other(id); ok && lastAnswer(other.Callbacks, d.st.VerifiedAt) == answerReasonable {
			return true
		}
	}
	return false
}

// The answers of a callback that have consequences.
const (
	answerSatisfied    = "satisfied"
	answerBasically    = "basically"
	answerReasonable   = "dissatisfied_reasonable"
	answerUnreasonable = "dissatisfied_unreasonable"
	answerRefused      = "refused"
	answerNotReached   = "not_reached"
)

// lastAnswer returns the latest answer since a verification.
func lastAnswer(tries []CallbackTry, since Stamp) string {
	if n := len(tries); n > 0 && tries[n-1].At >= since {
		return tries[n-1].Answer
	}
	return ""
}

// doCallback takes one call. On a merged incident it is the call to that reporter, once the master is verified; it moves no state.
func doCallback(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	verifiedAt := st.VerifiedAt
	if st.Status == Merged {
		master, ok := d.other(st.MergedInto)
		if !ok || master.Status != Verified && master.Status != Closed {
			return nil, d.refuse("master_open")
		}
		verifiedAt = master.VerifiedAt
	}
	closes := st.Status != Merged
	switch last := lastAnswer(st.Callbacks, verifiedAt); {
	case last == answerReasonable:
		return nil, d.refuse("dissatisfied")
	case last != "" && last != answerNotReached:
		return nil, d.refuse("twice")
	case a.Score < 0 || a.Score > 5:
		return nil, d.refuse("score")
	}
	switch a.Answer {
	case answerSatisfied, answerBasically, answerRefused:
	case answerReasonable:
		closes = false
	case answerUnreasonable:
		if !d.person(a.DecidedBy, RoleDirector) {
			return nil, d.refuse("decided_by")
		}
	case answerNotReached:
		closes = closes && thirdTry(st.Callbacks, verifiedAt, a.At)
	default:
		return nil, d.refuse("answer", a.Answer)
	}
	f := Fields{Answer: a.Answer, Score: a.Score, DecidedBy: a.DecidedBy, Text: a.Text}
	if closes {
		f.Result = resultClosed
	}
	return d.one(KindCalledBack, f)
}

// thirdTry reports whether a call that reached nobody is at least the third, and not all on one day.
func thirdTry(tries []CallbackTry, since, now Stamp) bool {
	n, otherDay := 1, false
	for _, t := range tries {
		if t.At >= since && t.Answer == answerNotReached {
			n++
			otherDay = otherDay || DayOf(t.At) != DayOf(now)
		}
	}
	return n >= 3 && otherDay
}

// forceAfter is how long after receipt nobody may close by force.
const forceAfter = 24 * time.Hour

func doForceClose(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	second := RoleTown
	if a.Actor.Role == RoleTown {
		second = RoleDirector
	}
	switch {
	case !d.coded():
		return nil, d.refuse("reason", a.Reason)
	case a.Second == a.Actor.Login || !d.person(a.Second, second):
		return nil, d.refuse("two_persons")
	case blank(a.DocumentNo):
		return nil, d.refuse("document")
	case a.At < st.ReceivedAt.Add(forceAfter):
		return nil, d.refuse("too_early", stampText(st.ReceivedAt.Add(forceAfter)))
	}
	return d.one(KindForceClosed, Fields{Reason: a.Reason, Second: a.Second, DocumentNo: a.DocumentNo, Text: a.Text})
}

func doSupervise(d *decision) ([]Fact, *Refusal) {
	a := d.act
	due, err := a.ReplyDue.Start()
	today := startOf(DayOf(a.At))
	switch {
	case blank(a.SupervisionNo):
		return nil, d.refuse("number")
	case a.Level < 1 || a.Level > 3:
		return nil, d.refuse("level")
	case a.ReplyDue == "" || err != nil || due < today:
		return nil, d.refuse("reply_due")
	}
	for _, s := range d.st.Supervisions {
		if s.No == a.SupervisionNo {
			return nil, d.refuse("twice", s.No)
		}
	}
	return d.one(KindSupervised, Fields{SupervisionNo: a.SupervisionNo, Level: a.Level, ReplyDue: a.ReplyDue, Text: a.Text})
}

// doUrge reminds the lead, or the unit the act names. A yellow light is when the program urges by itself; the room sees to that, and
// people may urge whenever a unit has the incident.
func doUrge(d *decision) ([]Fact, *Refusal) {
	a := d.act
	if a.Unit != "" {
		if _, r := d.liveTask(a.Unit); r != nil {
			return nil, r
		}
	}
	return d.one(KindUrged, Fields{Unit: a.Unit, Text: a.Text})
}
