package incident

import "slices"

// checkUnits refuses a dispatch without exactly one lead, with a unit twice, or with a unit nobody knows.
func (d *decision) checkUnits(lead UnitID, co []UnitID) *Refusal {
	switch {
	case lead == "":
		return d.refuse("no_lead")
	case !d.known(lead):
		return d.refuse("unit_unknown", string(lead))
	case slices.Contains(co, lead):
		return d.refuse("one_lead", string(lead))
	}
	for i, u := range co {
		if !d.known(u) {
			return d.refuse("unit_unknown", string(u))
		}
		if slices.Contains(co[:i], u) {
			return d.refuse("unit_twice", string(u))
		}
	}
	return nil
}

// counted returns how many units count for the three-unit rule.
func (d *decision) counted(lead UnitID, co []UnitID) int {
	n := 0
	for _, u := range append([]UnitID{lead}, co...) {
		if unit, ok := d.env.Rules.Unit(u, d.act.At); ok && unit.Counts {
			n++
		}
	}
	return n
}

func (l List) known() bool {
	switch l {
	case ListDaily, ListJoint, ListMonthly:
		return true
	}
	return false
}

func doDispatch(d *decision) ([]Fact, *Refusal) {
	a := d.act
	if r := d.checkUnits(a.Lead, a.Co); r != nil {
		return nil, r
	}
	switch {
	case d.counted(a.Lead, a.Co) >= 3 && a.Actor.Role != RoleShift:
		return nil, d.refuse("three_units")
	case a.List != "" && !a.List.known():
		return nil, d.refuse("list", string(a.List))
	}
	if r := d.checkTerms(); r != nil {
		return nil, r
	}
	return d.one(KindDispatched, Fields{
		Lead: a.Lead, Co: a.Co, List: a.List, Text: a.Text, Reason: a.Reason, Terms: d.terms(), Delivery: a.Delivery,
	})
}

// terms returns what the act sets of limits, nil when it sets nothing.
func (d *decision) terms() *Terms {
	if t := d.act.Terms; t != nil && *t != (Terms{}) {
		return t
	}
	return nil
}

// The longest limits one dispatch may set: more is a slip of the finger.
const (
	termMinutes = 30 * 24 * 60
	termDays    = 60
)

// sane reports whether a limit is one that a person can set.
func (l Limit) sane() bool {
	switch l.Kind {
	case NaturalTime, WorkTime:
		return l.N > 0 && l.N <= termMinutes
	case WorkDays, DayCount:
		return l.N > 0 && l.N <= termDays
	}
	return false
}

// checkTerms refuses limits that make no sense, limits longer than the rule's without a reason, and a settle time later than the rule's, which
// only an extension gives.
func (d *decision) checkTerms() *Refusal {
	for _, way := range d.act.Delivery {
		if !slices.Contains(Deliveries(), way) {
			return d.refuse("delivery", string(way))
		}
	}
	t := d.terms()
	if t == nil {
		return nil
	}
	of := d.env.Rules.Limits(d.st.ReceivedAt).limitsOf(d.st.Urgency)
	for _, l := range [...]struct {
		name        string
		given, rule Limit
	}{{"sign", t.Sign, of.Sign}, {"arrive", t.Arrive, arrival(&of, d.env.Rules, d.st.Village)}, {"first", t.First, of.FirstFeedback}} {
		switch {
		case l.given == Limit{}:
		case !l.given.sane():
			return d.refuse("limit")
		case blank(d.act.Reason) && Longer(d.env.Rules.Calendar(), d.act.At, l.given, l.rule):
			return d.refuse("limit_why")
		}
	}
	due, _ := settleDue(d.st, d.env.Rules)
	switch {
	case t.SettleBy == 0:
	case t.SettleBy <= d.act.At:
		return d.refuse("settle_past", stampText(t.SettleBy))
	case due != 0 && t.SettleBy > due:
		return d.refuse("settle_later", stampText(due))
	}
	return nil
}

// Longer reports whether a limit that starts at a moment ends after the rule's. What has no limit is never exceeded.
func Longer(cal Calendar, from Stamp, given, rule Limit) bool {
	if given.Kind == NoLimit || rule.Kind == NoLimit {
		return false
	}
	a, _ := cal.Due(from, given)
	b, _ := cal.Due(from, rule)
	return a > b
}

func doSign(d *decision) ([]Fact, *Refusal) {
	a := d.act
	unit := a.Unit
	if d.byRoom() {
		switch {
		case unit == "":
			return nil, d.refuse("no_unit")
		case !a.Proxy.complete():
			return nil, d.refuse("proxy")
		case a.Proxy.Time > a.At.Add(skew):
			return nil, d.refuse("proxy_time")
		}
	} else {
		own, r := d.ownUnit()
		if r != nil {
			return nil, r
		}
		unit = own
	}
	t, r := d.liveTask(unit)
	if r != nil {
		return nil, r
	}
	if t.SignedAt != 0 {
		return nil, d.refuse("twice", string(unit), stampText(t.SignedAt))
	}
	return d.one(KindSigned, Fields{Unit: unit, Proxy: a.Proxy, Text: a.Text})
}

func doReturn(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	unit, r := d.actingUnit()
	if r != nil {
		return nil, r
	}
	t, r := d.liveTask(unit)
	switch {
	case r != nil:
		return nil, r
	case !t.Lead || unit != st.LeadUnit:
		return nil, d.refuse("not_lead")
	case st.LeadRuled:
		return nil, &Refusal{Rule: "T12", Key: "refuse.t12.ruled_lead", Args: []string{string(unit)}}
	case st.Urgency == Critical && (st.Status != Handling || t.ArrivedAt == 0):
		return nil, d.refuse("critical_first")
	case st.Urgency != Critical && st.Status != Dispatched:
		return nil, d.refuse("signed")
	case !d.coded():
		return nil, d.refuse("reason", a.Reason)
	case blank(a.Basis):
		return nil, d.refuse("basis")
	}
	if due := d.returnUntil(t); due != 0 && a.At > due {
		return nil, d.refuse("window", stampText(due))
	}
	if !d.person(a.ConfirmedBy, RoleShift) {
		return nil, d.refuse("confirmed_by")
	}
	return d.one(KindReturned, Fields{Unit: unit, Reason: a.Reason, Basis: a.Basis, ConfirmedBy: a.ConfirmedBy, Text: a.Text, Proxy: a.Proxy})
}

// returnUntil returns the end of the return window. It opens with the dispatch; in a critical incident with the arrival, before which
// nobody may return.
func (d *decision) returnUntil(t *Task) Stamp {
	limits := d.env.Rules.Limits(d.st.ReceivedAt)
	limit, from := limits.limitsOf(d.st.Urgency).Return, t.SentAt
	switch {
	case d.st.Urgency == Critical:
		from = t.ArrivedAt
	case d.st.Urgency != Urgent && d.st.Channel == Channel12345 && limits.Return12345.Kind != NoLimit:
		limit = limits.Return12345
	}
	due, _ := d.env.Rules.Calendar().Due(from, limit)
	return due
}

func doReassign(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	if r := d.checkUnits(a.Lead, a.Co); r != nil {
		return nil, r
	}
	switch {
	case a.Lead == st.LeadUnit:
		return nil, d.refuse("same_lead", string(a.Lead))
	case !d.coded():
		return nil, d.refuse("reason", a.Reason)
	}
	return d.one(KindReassigned, Fields{
		Lead: a.Lead, Co: a.Co, CoGiven: a.CoGiven || len(a.Co) > 0, Reason: a.Reason, List: a.List, Text: a.Text,
	})
}

func doDispute(d *decision) ([]Fact, *Refusal) {
	a := d.act
	if a.Actor.Role == RoleSystem && d.st.Returns < 2 {
		return nil, d.refuse("returns")
	}
	said := 0
	for _, o := range a.Opinions {
		if !blank(o) {
			said++
		}
	}
	if said < 2 {
		return nil, d.refuse("opinions")
	}
	return d.one(KindDisputed, Fields{Opinions: a.Opinions, Text: a.Text})
}

func doRule(d *decision) ([]Fact, *Refusal) {
	a := d.act
	if r := d.checkUnits(a.Lead, a.Co); r != nil {
		return nil, r
	}
	county := false
	for i, u := range append([]UnitID{a.Lead}, a.Co...) {
		unit, _ := d.env.Rules.Unit(u, a.At)
		if unit.County && i == 0 && a.Actor.Role != RoleCounty {
			return nil, d.refuse("county", string(u))
		}
		county = county || unit.County
	}
	if a.Actor.Role == RoleCounty && !county {
		return nil, d.refuse("town")
	}
	return d.one(KindRuled, Fields{Lead: a.Lead, Co: a.Co, Basis: a.Basis, Text: a.Text, List: a.List})
}

func doAddCo(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	switch {
	case !d.known(a.Unit):
		return nil, d.refuse("unit_unknown", string(a.Unit))
	case a.Unit == st.LeadUnit:
		return nil, d.refuse("is_lead", string(a.Unit))
	}
	if t := st.task(a.Unit); t != nil && t.Live() {
		return nil, d.refuse("has_task", string(a.Unit))
	}
	if a.Terms != nil && a.Terms.SettleBy != 0 {
		return nil, d.refuse("settle_co")
	}
	if r := d.checkTerms(); r != nil {
		return nil, r
	}
	return d.one(KindCoAdded, Fields{
		Unit: a.Unit, Reason: a.Reason, Text: a.Text, AskedBy: a.AskedBy, Terms: d.terms(), Delivery: a.Delivery,
	})
}

// doWaiveCo: the lead proposes, so the act names who of the lead asked, and why.
func doWaiveCo(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	t := st.task(a.Unit)
	switch {
	case t == nil || !t.Live() || t.Lead:
		return nil, d.refuse("no_co", string(a.Unit))
	case t.Status == TaskFedBack:
		return nil, d.refuse("fed_back", string(a.Unit))
	case blank(a.Reason):
		return nil, d.refuse("why")
	case !d.of(a.AskedBy, st.LeadUnit):
		return nil, d.refuse("asked_by", string(st.LeadUnit))
	}
	return d.one(KindCoWaived, Fields{Unit: a.Unit, Reason: a.Reason, AskedBy: a.AskedBy, Text: a.Text})
}
