package assess

import (
	"slices"
	"time"

	"zw110/data/incident"
)

// Key names a measure. The first block stands in the JSON of zw110ctl, never renamed.
type Key string

// The measures, in the order of a report.
const (
	Response5min  Key = "response_5min"
	SignInTime    Key = "sign_in_time"
	SameDay       Key = "same_day"
	SameDayStrict Key = "same_day_strict"
	SameDayOfAll  Key = "same_day_of_all_received"
	Within24h     Key = "within_24h"
	OnTime        Key = "on_time"
	ClosedOfDue   Key = "closed_of_due"
	OverdueFlow   Key = "overdue_flow"
	Rework        Key = "rework"
	Reopened      Key = "reopened"
	Satisfaction  Key = "satisfaction"
	CallbackRate  Key = "callback"
	FirstLead     Key = "first_lead"
	Returned      Key = "returned"
	Extended      Key = "extended"
	Suspended     Key = "suspended"
	ForceClosed   Key = "force_closed"

	// ResponseFromPush is Response5min counted from when the county pushed the order.
	ResponseFromPush Key = "response_from_push"
	// FirstFix are incidents passed at the first check and never reopened, of those passed.
	FirstFix Key = "first_fix"
	// Complete are rateable incidents that name village, category, urgency and content and, once handled, say how.
	Complete Key = "complete"

	duration Key = "duration_work_hours"
	stock    Key = "overdue_stock"
)

// Keys returns the measures in the order of a report.
func Keys() []Key {
	out := make([]Key, 0, len(measures))
	for _, m := range measures {
		if m.key != duration && m.key != stock {
			out = append(out, m.key)
		}
	}
	return out
}

// Fault reports whether n counts what went wrong, so that less is better.
func (k Key) Fault() bool {
	switch k {
	case OverdueFlow, Rework, Reopened, Returned, Extended, Suspended, ForceClosed:
		return true
	}
	return false
}

// also reports whether a measure stands apart in the JSON, whose first figures are fixed.
func (k Key) also() bool { return k == ResponseFromPush || k == FirstFix || k == Complete }

// Reason says why an incident, or one of its tasks or answers, is not in N.
type Reason string

// The reasons.
const (
	WasVoid       Reason = "void"
	WasRefused    Reason = "refused"
	WasMerged     Reason = "merged"
	EscalatedOut  Reason = "escalated"      // to the county by UP01 to UP03 in time
	IsSuspended   Reason = "suspended"      // the clock stands still
	NoDue         Reason = "no_due"         // no limit known
	DueEarlier    Reason = "due_earlier"    // before the period
	NotDueYet     Reason = "not_due_yet"    // after the period
	EndedInTime   Reason = "ended_in_time"  // task returned or withdrawn unsigned before its limit
	NotHandled    Reason = "not_handled"    // no feedback that passed a check
	NoEffect      Reason = "no_answer"      // refused to answer, or not reached
	NoPhone       Reason = "no_phone"       // nobody to call
	DayLeftOut    Reason = "day_left_out"   // received on a day that was left out
	AppealUpheld  Reason = "appeal_upheld"  // an appeal took it out
	NotPassed     Reason = "not_passed"     // no check passed in the period
	NotClosed     Reason = "not_closed"     // not closed in the period
	NotDispatched Reason = "not_dispatched" // never sent to a unit
	SentEarlier   Reason = "sent_earlier"   // dispatched before the period
	AlreadyEnded  Reason = "already_ended"  // not open at the end
	NothingAsked  Reason = "nothing_asked"  // no answer in the period
)

// Reasons returns all reasons.
func Reasons() []Reason {
	return []Reason{
		WasVoid, WasRefused, WasMerged, EscalatedOut, IsSuspended, NoDue, DueEarlier, NotDueYet, EndedInTime, NotHandled, NoEffect, NoPhone,
		DayLeftOut, AppealUpheld, NotPassed, NotClosed, NotDispatched, SentEarlier, AlreadyEnded, NothingAsked,
	}
}

// Part is an incident, one of its tasks or one answer of its reporter, as one measure sees it.
type Part struct {
	No   string
	Unit incident.UnitID // of the task, else the lead
	// Why it is not in N; empty: it is.
	Why Reason
	// Count is what it adds to n: 0 or 1, extensions more.
	Count int
	// Value is the work time in milliseconds, or the days overdue, of the two measures that are no rates.
	Value   int64
	subject *subject
}

// Measure is one rate, n of N, with what stands behind it.
type Measure struct {
	Key   Key
	N, Of int
	Parts []Part // in N and left out, by number
}

// Faults returns what pulls the rate down: what is in N and not in n, or in n where n counts what went wrong.
func (m Measure) Faults() []Part {
	var out []Part
	for _, p := range m.Parts {
		if m.Key.Fault() && p.Count > 0 || !m.Key.Fault() && p.Why == "" && p.Count == 0 {
			out = append(out, p)
		}
	}
	return out
}

// Percent is n of N in percent with two decimals, half up, such as 96.53; "—" for N = 0.
func (m Measure) Percent() string { return percent(m.N, m.Of) }

// measures are the rules: each tells of one subject what it adds. No part: the measure does not concern it.
var measures = []struct {
	key Key
	of  func(*Report, *subject) []Part
}{
	{Response5min, whole((*Report).response)},
	{SignInTime, (*Report).signing},
	{SameDay, whole((*Report).sameDay)},
	{SameDayStrict, whole((*Report).sameDayStrict)},
	{SameDayOfAll, whole((*Report).sameDayOfAll)},
	{Within24h, whole((*Report).within24h)},
	{OnTime, whole((*Report).onTime)},
	{ClosedOfDue, whole((*Report).closedOfDue)},
	{OverdueFlow, whole((*Report).overdueFlow)},
	{Rework, whole((*Report).rework)},
	{Reopened, whole((*Report).reopened)},
	{Satisfaction, (*Report).satisfaction},
	{CallbackRate, whole((*Report).callback)},
	{FirstLead, whole((*Report).firstLead)},
	{Returned, (*Report).returned},
	{Extended, whole((*Report).extended)},
	{Suspended, whole((*Report).suspended)},
	{ForceClosed, whole((*Report).forceClosed)},
	{ResponseFromPush, whole((*Report).responseFromPush)},
	{FirstFix, whole((*Report).firstFix)},
	{Complete, whole((*Report).complete)},
	{duration, (*Report).duration},
	{stock, (*Report).stock},
}

// verdict is what a measure says of a whole incident.
type verdict struct {
	concerned bool
	why       Reason
	count     int
}

func out(why Reason) verdict { return verdict{concerned: true, why: why} }

func in(hit bool) verdict {
	if hit {
		return verdict{concerned: true, count: 1}
	}
	return verdict{concerned: true}
}

// whole makes a measure of incidents.
func whole(judge func(*Report, *subject) verdict) func(*Report, *subject) []Part {
	return func(r *Report, s *subject) []Part {
		v := judge(r, s)
		if !v.concerned {
			return nil
		}
		return []Part{{Why: v.why, Count: v.count}}
	}
}

// received reports whether it came in during the period; current, whether it came in then or was open at the start.
func (r *Report) received(s *subject) bool { return r.Period.has(s.st.ReceivedAt) }
func (r *Report) current(s *subject) bool  { return r.received(s) || s.was.Open() }

// unrated says why an incident is not rateable (Q), empty when it is.
func (s *subject) unrated() Reason {
	switch s.st.Status {
	case incident.Void:
		return WasVoid
	case incident.Refused:
		return WasRefused
	case incident.Merged:
		return WasMerged
	}
	if s.escalatedOut() {
		return EscalatedOut
	}
	return ""
}

// escalatedOut: the county took it for want of power (UP01 to UP03), not after its due time, and did not give it back.
func (s *subject) escalatedOut() bool {
	st := s.st
	return st.EscalatedAt > st.CountyBackAt && slices.Contains([]string{"UP01", "UP02", "UP03"}, st.EscalateReason) && (s.due == 0 || st.EscalatedAt <= s.due)
}

func (r *Report) ofReceived(s *subject, judge func() bool) verdict {
	switch {
	case !r.received(s):
		return verdict{}
	case s.st.Status == incident.Void:
		return out(WasVoid)
	}
	return in(judge())
}

func (r *Report) ofRateable(s *subject, judge func() bool) verdict {
	if !r.received(s) {
		return verdict{}
	}
	if why := s.unrated(); why != "" {
		return out(why)
	}
	return in(judge())
}

const responseLimit = 300 * time.Second

func (s *subject) answeredSince(start incident.Stamp) bool {
	return s.st.RespondedAt != 0 && s.st.RespondedAt.Sub(start) <= responseLimit
}

func (r *Report) response(s *subject) verdict {
	return r.ofReceived(s, func() bool { return s.answeredSince(s.st.ReceivedAt) })
}

func (r *Report) responseFromPush(s *subject) verdict {
	return r.ofReceived(s, func() bool {
		if s.st.PushedAt != 0 {
			return s.answeredSince(s.st.PushedAt)
		}
		return s.answeredSince(s.st.ReceivedAt)
	})
}

// lastDay is the day until which settling counts as the same day.
func (r *Report) lastDay(s *subject) incident.Day {
	at := s.st.ReceivedAt
	if c := r.Params.CutOff; c > 0 {
		at = at.Add(24*time.Hour - time.Duration(c)*time.Minute)
	}
	return incident.DayOf(at)
}

func (r *Report) settledSameDay(s *subject) bool {
	return s.st.HandledAt != 0 && incident.DayOf(s.st.HandledAt) <= r.lastDay(s)
}

func (r *Report) sameDay(s *subject) verdict {
	return r.ofRateable(s, func() bool { return r.settledSameDay(s) })
}

// sameDayStrict lets a staged closure count only when its re-check was done the same day, too.
func (r *Report) sameDayStrict(s *subject) verdict {
	return r.ofRateable(s, func() bool {
		return r.settledSameDay(s) && (!s.st.Staged || s.st.FollowupDone != 0 && incident.DayOf(s.st.FollowupDone) <= r.lastDay(s))
	})
}

// sameDayOfAll has what is settled among the rateable, of all received.
func (r *Report) sameDayOfAll(s *subject) verdict {
	return r.ofReceived(s, func() bool { return s.unrated() == "" && r.settledSameDay(s) })
}

func (r *Report) within24h(s *subject) verdict {
	return r.ofRateable(s, func() bool { return s.st.HandledAt != 0 && s.st.HandledAt.Sub(s.st.ReceivedAt) <= 24*time.Hour })
}

// ofDue has the rateable incidents that are due in the period (应办结).
func (r *Report) ofDue(s *subject, judge func() verdict) verdict {
	due := r.Period.has(s.due)
	if !due && !r.current(s) {
		return verdict{}
	}
	if why := r.undue(s); why != "" {
		return out(why)
	}
	return judge()
}

// undue says why an incident is not among those due in the period, empty when it is.
func (r *Report) undue(s *subject) Reason {
	switch why := s.unrated(); {
	case why != "":
		return why
	case s.st.Status == incident.Suspended:
		return IsSuspended
	case s.due == 0:
		return NoDue
	case s.due < r.Period.From:
		return DueEarlier
	case s.due >= r.Period.To:
		return NotDueYet
	}
	return ""
}

func (s *subject) inTime() bool { return s.st.HandledAt != 0 && s.st.HandledAt <= s.due }

func (r *Report) onTime(s *subject) verdict {
	return r.ofDue(s, func() verdict { return in(s.inTime()) })
}

func (r *Report) overdueFlow(s *subject) verdict {
	return r.ofDue(s, func() verdict { return in(!s.inTime()) })
}

func (r *Report) closedOfDue(s *subject) verdict {
	return r.ofDue(s, func() verdict { return in(s.st.Status == incident.Closed) })
}

// extended counts every extension of the period, so that a second one shows. It is a ratio and no share: an extension that moves the
// due time out of the period counts, although its incident is not in N.
func (r *Report) extended(s *subject) verdict {
	v := r.ofDue(s, func() verdict { return in(false) })
	if s.unrated() == "" {
		for _, x := range s.st.Extensions {
			if r.Period.has(x.At) {
				v.concerned, v.why, v.count = true, r.undue(s), v.count+1
			}
		}
	}
	return v
}

// ofPassed has the incidents whose last passed check lies in the period.
func (r *Report) ofPassed(s *subject, judge func() verdict) verdict {
	switch {
	case r.Period.has(s.st.VerifiedAt):
		return judge()
	case r.current(s):
		return out(NotPassed)
	}
	return verdict{}
}

func (r *Report) rework(s *subject) verdict {
	return r.ofPassed(s, func() verdict { return in(s.st.Fails > 0) })
}

func (r *Report) firstFix(s *subject) verdict {
	return r.ofPassed(s, func() verdict { return in(s.st.Fails == 0 && s.st.Reopens == 0) })
}

func (r *Report) callback(s *subject) verdict {
	return r.ofPassed(s, func() verdict {
		if !s.st.Callable {
			return out(NoPhone)
		}
		return in(len(s.st.Callbacks) > 0)
	})
}

// closedIn reports whether it was closed in the period, be it open again by now.
func (r *Report) closedIn(s *subject) bool {
	if r.Period.has(s.st.ClosedAt) {
		return true
	}
	return s.st.Reopens > 0 && slices.ContainsFunc(s.st.Holds, func(h incident.Hold) bool {
		return h.Holder == incident.HolderClosed && h.At <= s.st.ReopenedAt && r.Period.has(h.At)
	})
}

func (r *Report) reopened(s *subject) verdict {
	switch {
	case r.closedIn(s):
		return in(s.st.Reopens > 0)
	case r.current(s):
		return out(NotClosed)
	}
	return verdict{}
}

// forceClosed is the share of closings by force; they are in no other numerator.
func (r *Report) forceClosed(s *subject) verdict {
	switch {
	case s.st.Status == incident.Forced && r.Period.has(s.st.EndedAt):
		return in(true)
	case s.st.Status == incident.Closed && r.Period.has(s.st.ClosedAt):
		return in(false)
	case r.current(s):
		return out(NotClosed)
	}
	return verdict{}
}

func (r *Report) firstLead(s *subject) verdict {
	switch {
	case r.Period.has(s.st.DispatchedAt):
		return in(!s.st.LeadWrong)
	case !r.current(s):
		return verdict{}
	case s.st.DispatchedAt == 0:
		return out(NotDispatched)
	}
	return out(SentEarlier)
}

func (r *Report) suspended(s *subject) verdict {
	switch {
	case s.st.Status.Open():
		return in(s.st.Status == incident.Suspended)
	case r.current(s):
		return out(AlreadyEnded)
	}
	return verdict{}
}

// satisfaction counts answers, not incidents.
func (r *Report) satisfaction(s *subject) []Part {
	var parts []Part
	for _, c := range s.st.Callbacks {
		if !r.Period.has(c.At) {
			continue
		}
		p := Part{}
		switch c.Answer {
		case "satisfied", "basically":
			p.Count = 1
		case "refused", "not_reached":
			p.Why = NoEffect
		}
		parts = append(parts, p)
	}
	if parts == nil && r.current(s) {
		parts = []Part{{Why: NothingAsked}}
	}
	return parts
}

// tasks makes one part of every task sent in the period, one in all for an incident that sent none.
func (r *Report) tasks(s *subject, judge func(t *incident.Task) Part) []Part {
	var parts []Part
	for i := range s.st.Tasks {
		if t := &s.st.Tasks[i]; r.Period.has(t.SentAt) {
			p := judge(t)
			p.Unit = t.Unit
			parts = append(parts, p)
		}
	}
	if parts == nil && r.current(s) {
		why := NotDispatched
		if len(s.st.Tasks) > 0 {
			why = SentEarlier
		}
		parts = []Part{{Why: why}}
	}
	return parts
}

// returned is of all orders sent. A reassignment that names the co-handlers sends theirs again, although their tasks go on.
func (r *Report) returned(s *subject) []Part {
	parts := r.tasks(s, func(t *incident.Task) Part {
		if t.Status == incident.TaskReturned {
			return Part{Count: 1}
		}
		return Part{}
	})
	for _, l := range s.st.Log {
		if l.Kind != incident.KindReassigned || l.Undone || !r.Period.has(l.At) || !l.Fact.CoGiven {
			continue
		}
		for _, t := range s.st.Tasks {
			if t.SentAt < l.At && (t.EndedAt == 0 || t.EndedAt > l.At) && !t.Lead && slices.Contains(l.Fact.Co, t.Unit) {
				parts = append(parts, Part{Unit: t.Unit})
			}
		}
	}
	return parts
}

// signDue is the end of a task's sign-in limit, zero when it has none.
func (r *Report) signDue(s *subject, t *incident.Task) incident.Stamp {
	limits := r.Params.Rules.Limits(s.st.ReceivedAt)
	of, ok := limits.By[s.st.Urgency]
	if !ok {
		of = limits.By[incident.Normal]
	}
	limit := of.Sign
	if t.Terms != nil && t.Terms.Sign.Kind != incident.NoLimit {
		limit = t.Terms.Sign
	}
	due, _ := r.Params.Rules.Calendar().Due(t.SentAt, limit)
	return due
}

// signing: all orders whose limit has passed, but those that were returned or withdrawn unsigned before.
func (r *Report) signing(s *subject) []Part {
	return r.tasks(s, func(t *incident.Task) Part {
		due := r.signDue(s, t)
		switch {
		case due == 0:
			return Part{Why: NoDue}
		case t.SignedAt == 0 && t.EndedAt != 0 && t.EndedAt < due:
			return Part{Why: EndedInTime}
		case due >= r.Period.To:
			return Part{Why: NotDueYet}
		case t.SignedAt != 0 && t.SignedAt <= due:
			return Part{Count: 1}
		}
		return Part{}
	})
}

// complete: the record says where, what kind, how urgent, what and, once handled, how.
func (r *Report) complete(s *subject) verdict {
	st := s.st
	return r.ofRateable(s, func() bool {
		return st.Village != "" && st.Category != "" && st.Urgency != "" && st.Content != "" && (st.HandledAt == 0 || st.Text != "")
	})
}

// duration has the work time from receipt to settling of the rateable incidents.
func (r *Report) duration(s *subject) []Part {
	v := r.ofRateable(s, func() bool { return true })
	switch {
	case !v.concerned:
		return nil
	case v.why != "":
		return []Part{{Why: v.why}}
	case s.st.HandledAt == 0:
		return []Part{{Why: NotHandled}}
	}
	return []Part{{Count: 1, Value: r.Params.Rules.Calendar().WorkBetween(s.st.ReceivedAt, s.st.HandledAt)}}
}

// stock has what is open, not handled and past its due time at the end, with the days it is overdue, begun ones whole.
func (r *Report) stock(s *subject) []Part {
	if !s.st.Status.Open() || s.st.HandledAt != 0 || s.due == 0 || s.due >= r.Period.To || s.unrated() != "" {
		return nil
	}
	const day = 24 * time.Hour
	return []Part{{Count: 1, Value: int64((r.Period.To.Sub(s.due) + day - 1) / day)}}
}
