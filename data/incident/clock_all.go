package incident

// reading is one computation of all clocks.
type reading struct {
	st     *State
	rules  Rules
	cal    Calendar
	limits Limits
	of     UrgencyLimits
	now    Stamp
	out    []Clock
}

// limitsOf returns the limits of an urgency; what the table doesn't name counts as normal.
func (l Limits) limitsOf(u Urgency) UrgencyLimits {
	if of, ok := l.By[u]; ok {
		return of
	}
	return l.By[Normal]
}

func clocks(st *State, rules Rules, now Stamp) []Clock {
	r := reading{st: st, rules: rules, cal: rules.Calendar(), limits: rules.Limits(st.ReceivedAt), now: now}
	r.of = r.limits.limitsOf(st.Urgency)
	r.out = make([]Clock, 0, 8)
	if st.Status == "" {
		return nil
	}
	open := st.Status.Open()
	r.add(Clock{Name: C1Respond, From: st.ReceivedAt, DoneAt: st.RespondedAt, Limit: r.of.Respond}, open)
	r.dispatchClocks()
	r.taskClocks(open)
	r.settleClock()
	if st.FedBackAt != 0 {
		done := Stamp(0)
		if st.VerifiedAt >= st.FedBackAt {
			done = st.VerifiedAt
		}
		r.add(Clock{Name: C7Verify, From: st.FedBackAt, DoneAt: done, Limit: r.of.Verify}, st.Status == FedBack)
	}
	if st.Status == Verified || st.Status == Closed && len(st.Callbacks) > 0 {
		r.add(Clock{Name: C8Callback, From: st.VerifiedAt, DoneAt: st.ClosedAt, Limit: r.of.Callback}, st.Status == Verified)
	}
	return r.out
}

// add computes due time and light of a clock; a clock without a limit doesn't exist.
func (r *reading) add(c Clock, running bool) {
	if c.Limit.Kind == NoLimit || c.From == 0 {
		return
	}
	c.Due, c.Provisional = r.cal.Due(c.From, c.Limit)
	c.Light = r.light(c, running)
	r.out = append(r.out, c)
}

func (r *reading) light(c Clock, running bool) Light {
	switch {
	case c.DoneAt != 0:
		return Green
	case !running || c.Due == 0:
		return Grey
	case r.now > c.Due:
		return Red
	case r.dueSoon(c):
		return Yellow
	}
	return Green
}

// dueSoon: at most one working day left, for clocks of hours at most a fifth of the limit.
func (r *reading) dueSoon(c Clock) bool {
	switch c.Limit.Kind {
	case WorkDays, DayCount:
		return r.cal.WorkDaysBetween(DayOf(r.now), DayOf(c.Due)) <= 1
	case WorkTime:
		return 5*r.cal.WorkBetween(r.now, c.Due) <= r.cal.WorkBetween(c.From, c.Due)
	}
	return 5*(c.Due-r.now) <= c.Due-c.From
}

// dispatchClocks adds C2 and the time for a ruling.
func (r *reading) dispatchClocks() {
	st := r.st
	if st.WaitingAt == 0 {
		return
	}
	sent := func(since Stamp) Stamp {
		if st.LastSentAt >= since {
			return st.LastSentAt
		}
		return 0
	}
	waits := st.Status == Accepted || st.Status == Disputed
	r.add(Clock{Name: C2Dispatch, From: st.WaitingAt, DoneAt: sent(st.WaitingAt), Limit: r.of.Dispatch}, waits)
	if st.DisputedAt == 0 {
		return
	}
	limit := r.limits.Rule
	if st.Urgency == Critical || st.Urgency == Urgent {
		limit = r.limits.RuleUrgent
	}
	r.add(Clock{Name: CRule, From: st.DisputedAt, DoneAt: sent(st.DisputedAt), Limit: limit}, st.Status == Disputed)
}

// taskClocks adds C3 to C5 of each task that binds its unit or was done in this round, the lead's first.
func (r *reading) taskClocks(open bool) {
	for _, lead := range [...]bool{true, false} {
		for i := range r.st.Tasks {
			t := &r.st.Tasks[i]
			if t.Lead != lead || !t.Live() && (t.Status != TaskDone || t.Round != r.st.Round) {
				continue
			}
			var terms Terms
			if t.Terms != nil {
				terms = *t.Terms
			}
			r.add(Clock{Name: C3Sign, From: t.SentAt, DoneAt: t.SignedAt, Limit: terms.Sign.or(r.of.Sign), Unit: t.Unit}, open)
			if t.SignedAt == 0 {
				continue
			}
			r.add(Clock{Name: C4Arrive, From: t.SentAt, DoneAt: t.onScene(), Limit: terms.Arrive.or(arrival(&r.of, r.rules, r.st.Village)), Unit: t.Unit}, open)
			r.add(Clock{Name: C5First, From: t.SentAt, DoneAt: t.FirstFeedbackAt, Limit: terms.First.or(r.of.FirstFeedback), Unit: t.Unit}, open)
		}
	}
}

// onScene is when the unit arrived. Who has reported the work done need not arrive any more.
func (t *Task) onScene() Stamp {
	switch {
	case t.ArrivedAt != 0:
		return t.ArrivedAt
	case t.FedBackAt != 0:
		return t.FedBackAt
	case t.Status == TaskRework:
		return t.FirstFeedbackAt
	}
	return 0
}

// arrival is the limit of arrival in a village.
func arrival(of *UrgencyLimits, rules Rules, village string) Limit {
	if of.ArriveFar.Kind != NoLimit && rules.FarVillage(village) {
		return of.ArriveFar
	}
	return of.Arrive
}

// settleClock adds C6. Feedback stops it, for good once it is verified; suspension and county make it stand still.
func (r *reading) settleClock() {
	st := r.st
	s := settle(st, r.rules)
	if s.limit.Kind == NoLimit {
		return
	}
	c := Clock{Name: C6Settle, From: s.from, Due: s.due, Provisional: s.provisional, Limit: s.limit, DoneAt: st.HandledAt}
	if c.DoneAt == 0 {
		c.DoneAt = st.FedBackAt
	}
	switch st.Status {
	case Suspended, WithCounty:
		c.Due, c.Stopped, c.Provisional, c.Light = 0, true, false, Blue
	default:
		c.Light = r.light(c, st.Status.Open())
		if s.extended && c.Light == Green && c.DoneAt == 0 {
			c.Light = Blue
		}
	}
	r.out = append(r.out, c)
}

func nextClock(st *State, rules Rules, now Stamp) (Clock, bool) {
	var next Clock
	found := false
	for _, c := range clocks(st, rules, now) {
		switch {
		case c.Running() && (!found || next.Stopped || c.Due < next.Due):
			next, found = c, true
		case c.Stopped && !found:
			next, found = c, true
		}
	}
	return next, found
}

func segments(st *State) []Segment {
	var out []Segment
	for i, h := range st.Holds {
		to := Stamp(0)
		if i+1 < len(st.Holds) {
			to = st.Holds[i+1].At
		} else if h.Holder == HolderClosed {
			break
		}
		if to == h.At {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Holder == h.Holder && out[n-1].Stopped == h.Stopped {
			out[n-1].To = to
			continue
		}
		out = append(out, Segment{Holder: h.Holder, From: h.At, To: to, Stopped: h.Stopped})
	}
	return out
}
