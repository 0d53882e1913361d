package incident

import (
	"cmp"
	"slices"
)

// settling is the settle clock (C6) before lights: where it starts, which limit it has and where it ends now.
type settling struct {
	from        Stamp
	limit       Limit
	due         Stamp
	provisional bool
	extended    bool
}

func settleDue(st *State, rules Rules) (Stamp, bool) {
	if st.Status == Suspended {
		return 0, false
	}
	s := settle(st, rules)
	return s.due, s.provisional
}

// settle computes C6 from its last start: receipt, reopening or county return. A suspension that lasts gives no due time.
func settle(st *State, rules Rules) settling {
	cal := rules.Calendar()
	s := settleStart(st, rules)
	if s.due == 0 {
		return s
	}
	for _, e := range settleEvents(st, s.from) {
		switch {
		case e.absorbed != nil:
			if e.absorbed.Due != 0 {
				s.due = min(s.due, e.absorbed.Due)
			}
		case e.by != 0:
			s.due = min(s.due, e.by)
		case e.extension != nil:
			s.due, s.extended = e.extension.DueNew, true
		case e.suspension.To == 0:
			s.due = 0
			return s
		case e.suspension.From < s.due:
			s.resume(cal, *e.suspension)
		}
	}
	return s
}

// resume shifts the due time: what was left when the clock stopped is left when it runs again. Hour clocks count natural time, all
// others office hours.
func (s *settling) resume(cal Calendar, stop Suspension) {
	if s.limit.Kind == NaturalTime || s.limit.Kind == NightNine {
		s.due += stop.To - stop.From
		return
	}
	due, provisional := cal.AddWork(stop.To, cal.WorkBetween(stop.From, s.due))
	s.due, s.provisional = due, s.provisional || provisional
}

// settleStart returns the settle clock as it started last.
func settleStart(st *State, rules Rules) settling {
	cal, limits := rules.Calendar(), rules.Limits(st.ReceivedAt)
	if st.ReopenedAt != 0 && st.ReopenedAt >= st.CountyBackAt {
		s := settling{from: st.ReopenedAt, limit: limits.Reopen}
		s.due, s.provisional = cal.Due(s.from, s.limit)
		return s
	}
	s := settling{from: st.ReceivedAt}
	if st.CountyBackAt != 0 {
		s.from = st.CountyBackAt
	}
	row, ok := rules.Category(st.Category, st.ReceivedAt)
	if !ok {
		return s
	}
	s.limit = row.Settle
	s.due, s.provisional = cal.Due(s.from, s.limit)
	if (st.Urgency == Critical || st.Urgency == Urgent) && !row.NoCap && limits.Cap.Kind != NoLimit {
		if due, provisional := cal.Due(s.from, limits.Cap); s.due == 0 || due < s.due {
			s.limit, s.due, s.provisional = limits.Cap, due, provisional
		}
	}
	if st.DueSource != 0 && st.CountyBackAt == 0 && s.due != 0 {
		s.due = min(s.due, cal.WorkDaysBefore(st.DueSource, 1)) // so that a check is still possible
	}
	return s
}

// settleEvent is one thing that moves the due time; exactly one of the others is set.
type settleEvent struct {
	at         Stamp
	by         Stamp // set at the dispatch
	absorbed   *Absorption
	extension  *Extension
	suspension *Suspension
}

func settleEvents(st *State, from Stamp) []settleEvent {
	var events []settleEvent
	add := func(e settleEvent) {
		if e.at >= from {
			events = append(events, e)
		}
	}
	if st.Terms != nil && st.Terms.SettleBy != 0 {
		add(settleEvent{at: st.TermsAt, by: st.Terms.SettleBy})
	}
	for i := range st.Absorptions {
		add(settleEvent{at: st.Absorptions[i].At, absorbed: &st.Absorptions[i]})
	}
	for i := range st.Extensions {
		add(settleEvent{at: st.Extensions[i].At, extension: &st.Extensions[i]})
	}
	for i := range st.Suspensions {
		add(settleEvent{at: st.Suspensions[i].From, suspension: &st.Suspensions[i]})
	}
	slices.SortStableFunc(events, func(a, b settleEvent) int { return cmp.Compare(a.at, b.at) })
	return events
}
