package incident

import (
	"slices"
	"strconv"
	"time"
)

// ownTask returns the live, signed task that the actor acts for.
func (d *decision) ownTask() (*Task, *Refusal) {
	unit, r := d.actingUnit()
	if r != nil {
		return nil, r
	}
	t, r := d.liveTask(unit)
	if r != nil {
		return nil, r
	}
	if t.SignedAt == 0 {
		return nil, d.refuse("not_signed", string(unit))
	}
	return t, nil
}

// actingUnit is the unit that acts: the actor's own, or the one for which the room enters what it heard by telephone. Then the record
// has name, number and time.
func (d *decision) actingUnit() (UnitID, *Refusal) {
	if !d.byRoom() {
		return d.ownUnit()
	}
	switch {
	case !d.act.Proxy.complete():
		return "", d.refuse("role")
	case d.act.Unit == "":
		return "", &Refusal{Rule: d.row.rule, Key: "refuse.t8.no_unit"}
	case d.act.Proxy.Time > d.act.At.Add(skew):
		return "", &Refusal{Rule: d.row.rule, Key: "refuse.t8.proxy_time"}
	}
	return d.act.Unit, nil
}

// doArrive takes a unit's own arrival with photo, location or telephone record. An operator may enter what a unit reports by phone;
// then the record has name, number and time.
func doArrive(d *decision) ([]Fact, *Refusal) {
	a := d.act
	t, r := d.ownTask()
	switch {
	case r != nil:
		return nil, r
	case t.ArrivedAt != 0:
		return nil, d.refuse("twice", stampText(t.ArrivedAt))
	case t.Status == TaskFedBack:
		return nil, d.refuse("fed_back", string(t.Unit))
	case !d.evidence():
		return nil, d.refuse("evidence")
	}
	return d.one(KindArrived, Fields{
		Unit: t.Unit, Evidence: a.Evidence, Proxy: a.Proxy, Place: a.Place, Photos: a.Photos, Blobs: a.Blobs, Text: a.Text,
	})
}

// evidence reports whether the act shows that somebody is there: a photo, a location, or a telephone record.
func (d *decision) evidence() bool {
	a := d.act
	switch a.Evidence {
	case "photo", "location", "phone":
		return true
	case "":
		return a.Photos > 0 || photographed(a.Blobs) || a.Proxy.complete() || a.Place != nil && (a.Place.Lng != 0 || a.Place.Lat != 0)
	}
	return false
}

func doProgress(d *decision) ([]Fact, *Refusal) {
	a := d.act
	if blank(a.Text) {
		return nil, d.refuse("text")
	}
	f := Fields{Unit: a.Unit, Text: a.Text, Photos: a.Photos, Blobs: a.Blobs, Place: a.Place, Basis: a.Basis}
	if d.byRoom() {
		if f.Unit == "" {
			f.Unit = d.st.LeadUnit
		}
		if _, r := d.liveTask(f.Unit); r != nil {
			return nil, r
		}
		return d.one(KindProgressed, f)
	}
	t, r := d.ownTask()
	if r != nil {
		return nil, r
	}
	f.Unit = t.Unit
	return d.one(KindProgressed, f)
}

// leadAsks checks who asks for a suspension or an extension: a unit asks as lead and with an approver, a director or town leader may
// name the lead's person who asked.
func (d *decision) leadAsks() *Refusal {
	a := d.act
	switch a.Actor.Role {
	case RoleUnit, RoleGrid:
		unit, r := d.ownUnit()
		if r != nil {
			return r
		}
		if unit != d.st.LeadUnit {
			return d.refuse("not_lead")
		}
		if !d.person(a.ApprovedBy, RoleDirector, RoleTown) {
			return d.refuse("approved_by")
		}
	default:
		if a.AskedBy != "" && a.AskedBy != a.Actor.Login && !d.of(a.AskedBy, d.st.LeadUnit) {
			return d.refuse("asked_by", string(d.st.LeadUnit))
		}
	}
	return nil
}

// byTown reports whether a township leader does or approves the act.
func (d *decision) byTown() bool {
	return d.act.Actor.Role == RoleTown || d.person(d.act.ApprovedBy, RoleTown)
}

// The bounds of suspension, in natural days each and together; beyond the working days a township leader approves.
const (
	suspendEach   = 30 * 24 * time.Hour
	suspendTotal  = 60 * 24 * time.Hour
	suspendByRoom = 10
)

func doSuspend(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	cal := d.env.Rules.Calendar()
	if r := d.leadAsks(); r != nil {
		return nil, r
	}
	review, err := a.Review.Start()
	today := startOf(DayOf(a.At))
	due, _ := settleDue(st, d.env.Rules)
	switch {
	case st.Urgency == Critical:
		return nil, d.refuse("critical")
	case !d.coded():
		return nil, d.refuse("reason", a.Reason)
	case due != 0 && a.At >= due:
		return nil, d.refuse("after_due", stampText(due))
	case a.Review == "" || err != nil:
		return nil, d.refuse("review")
	case review <= today:
		return nil, d.refuse("review_past", string(a.Review))
	case review.Sub(today) > suspendEach:
		return nil, d.refuse("each")
	case d.suspended()+review.Sub(today) > suspendTotal:
		return nil, d.refuse("total")
	case cal.WorkDaysBetween(DayOf(a.At), a.Review) > suspendByRoom && !d.byTown():
		return nil, d.refuse("town")
	}
	return d.one(KindSuspended, Fields{
		Reason: a.Reason, Review: a.Review, AskedBy: a.AskedBy, ApprovedBy: a.ApprovedBy, Text: a.Text,
	})
}

// suspended returns how long the incident has stood still so far.
func (d *decision) suspended() time.Duration {
	var sum time.Duration
	for _, s := range d.st.Suspensions {
		if s.To != 0 {
			sum += s.To.Sub(s.From)
		}
	}
	return sum
}

func doResume(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	switch a.Actor.Role {
	case RoleUnit, RoleGrid:
		unit, r := d.ownUnit()
		if r != nil {
			return nil, r
		}
		if unit != st.LeadUnit {
			return nil, d.refuse("not_lead")
		}
	case RoleSystem:
		if review, err := st.Review.Start(); err == nil && a.At < review {
			return nil, d.refuse("early", string(st.Review))
		}
	}
	if n := len(st.Suspensions); n > 0 && d.before(st.Suspensions[n-1].From, 0) {
		return nil, d.refuse("before", stampText(st.Suspensions[n-1].From))
	}
	return d.one(KindResumed, Fields{Text: a.Text})
}

// doExtend counts extensions since the settle clock started last: the first by the director, the second by a township leader, no more.
func doExtend(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	if r := d.leadAsks(); r != nil {
		return nil, r
	}
	asked := a.AskedAt
	if asked == 0 {
		asked = a.At
	}
	s := settle(st, d.env.Rules)
	granted := 0
	for _, x := range st.Extensions {
		if x.At >= s.from {
			granted++
		}
	}
	switch {
	case !d.coded():
		return nil, d.refuse("reason", a.Reason)
	case granted >= 2:
		return nil, d.refuse("third")
	case granted == 1 && !d.byTown():
		return nil, d.refuse("town")
	case s.due == 0:
		return nil, d.refuse("no_due")
	case asked > a.At || asked < st.ReceivedAt:
		return nil, d.refuse("asked_at")
	case asked >= s.due:
		return nil, d.refuse("after_due", stampText(s.due))
	case a.DueNew <= s.due:
		return nil, d.refuse("not_later", stampText(s.due))
	}
	if latest, _ := d.env.Rules.Calendar().Due(s.due, s.limit); latest != 0 && a.DueNew > latest {
		return nil, d.refuse("too_long", stampText(latest))
	}
	if !a.UpstreamOK && d.upstreamAsks() {
		return nil, d.refuse("upstream")
	}
	return d.one(KindExtended, Fields{
		Reason: a.Reason, AskedAt: asked, AskedBy: a.AskedBy, ApprovedBy: a.ApprovedBy, DueNew: a.DueNew, UpstreamOK: a.UpstreamOK,
		Text: a.Text,
	})
}

// upstreamAsks: a 12345 order is extended only with the hotline's consent, and so is every order beyond its upstream deadline.
func (d *decision) upstreamAsks() bool {
	if d.st.Channel == Channel12345 {
		return true
	}
	up := d.st.DueSource
	return up != 0 && d.act.DueNew > d.env.Rules.Calendar().WorkDaysBefore(up, 1)
}

func doEscalate(d *decision) ([]Fact, *Refusal) {
	a := d.act
	switch {
	case !d.coded():
		return nil, d.refuse("reason", a.Reason)
	case blank(a.Draft):
		return nil, d.refuse("draft")
	}
	return d.one(KindEscalated, Fields{Reason: a.Reason, Draft: a.Draft, Text: a.Text})
}

func doCountyReturn(d *decision) ([]Fact, *Refusal) {
	a := d.act
	switch {
	case a.Actor.Role == RoleOperator && !a.ByPhone:
		return nil, d.refuse("by_phone")
	case blank(a.Opinion):
		return nil, d.refuse("opinion")
	case a.Whom != "" && (a.Actor.Role != RoleCounty || !isTown(a.Whom)):
		return nil, d.refuse("town", a.Whom)
	}
	return d.one(KindCountyReturned, Fields{Opinion: a.Opinion, Whom: a.Whom, ByPhone: a.ByPhone, Text: a.Text})
}

// isTown reports whether a text is the division code of a township, to which the county may give an incident.
func isTown(code string) bool {
	n, err := strconv.ParseUint(code, 10, 32)
	return err == nil && n >= 100_000_000 && n <= 999_999_999
}

func doCountyClose(d *decision) ([]Fact, *Refusal) {
	a := d.act
	switch {
	case blank(a.Text):
		return nil, d.refuse("text")
	case a.Result != "" && !knownResult(a.Result):
		return nil, d.refuse("result", a.Result)
	}
	return d.one(KindCountyClosed, Fields{Text: a.Text, Result: a.Result, DocumentNo: a.DocumentNo})
}

func knownResult(r string) bool {
	return r == resultSettled || r == resultStaged || r == resultExplained
}

// textLeast is the shortest account of a settlement, in characters.
const textLeast = 10

func doFeedback(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	t, r := d.ownTask()
	switch {
	case r != nil:
		return nil, r
	case t.Status == TaskFedBack:
		return nil, d.refuse("twice", stampText(t.FedBackAt))
	case !t.Lead && blank(a.Text):
		return nil, d.refuse("text")
	}
	f := Fields{
		Unit: t.Unit, Result: a.Result, Text: a.Text, Proxy: a.Proxy, Photos: a.Photos, Blobs: a.Blobs, Contacted: a.Contacted,
		DocumentNo: a.DocumentNo, FollowupDue: a.FollowupDue,
	}
	if !t.Lead {
		return d.one(KindFedBack, f)
	}
	for i := range st.Tasks {
		if o := &st.Tasks[i]; o.Live() && !o.Lead && o.Status != TaskFedBack {
			return nil, d.refuse("co_open", string(o.Unit))
		}
	}
	if r := d.account(); r != nil {
		return nil, r
	}
	return d.one(KindFedBack, f)
}

// account checks what the lead says of the settlement.
func (d *decision) account() *Refusal {
	a := d.act
	row, _ := d.env.Rules.Category(d.st.Category, d.st.ReceivedAt)
	switch {
	case !knownResult(a.Result):
		return d.refuse("result", a.Result)
	case length(a.Text) < textLeast:
		return d.refuse("text_short")
	case row.PhotoNeeded && a.Photos <= 0 && !photographed(a.Blobs):
		return d.refuse("photo")
	}
	if a.Result != resultStaged {
		return nil
	}
	due, err := a.FollowupDue.Start()
	today := startOf(DayOf(a.At))
	if a.FollowupDue == "" || err != nil || due < today {
		return d.refuse("followup_due")
	}
	return nil
}

func doVerify(d *decision) ([]Fact, *Refusal) {
	a := d.act
	if r := d.notHandler(); r != nil {
		return nil, r
	}
	f := Fields{Pass: a.Pass, Reason: a.Reason, Text: a.Text, Photos: a.Photos, Blobs: a.Blobs}
	switch {
	case !a.Pass && !d.coded():
		return nil, d.refuse("reason", a.Reason)
	case a.Pass && !d.st.Callable:
		f.Result = resultClosed
	}
	return d.one(KindVerified, f)
}

// notHandler refuses who did the work: by login, and by the unit of any task.
func (d *decision) notHandler() *Refusal {
	a := d.act
	unit := d.unitOf(a.Actor)
	if a.Actor.Role == RoleGrid && unit == "" {
		return d.refuse("other_village")
	}
	for i := range d.st.Tasks {
		t := &d.st.Tasks[i]
		if slices.Contains([]TaskStatus{TaskReturned, TaskWithdrawn, TaskWaived}, t.Status) && t.FedBackAt == 0 {
			continue
		}
		signed := t.Proxy == nil && t.SignedBy == a.Actor.Login
		if unit != "" && t.Unit == unit || signed || t.FedBackBy == a.Actor.Login {
			return d.refuse("own_work")
		}
	}
	return nil
}

func doFollowUp(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	if r := d.notHandler(); r != nil {
		return nil, r
	}
	if !st.Staged || st.FollowupDone != 0 {
		return nil, d.refuse("no_followup")
	}
	checked := d.fact(KindFollowedUp, Fields{Pass: a.Pass, FollowUp: true, Reason: a.Reason, Text: a.Text, Photos: a.Photos, Blobs: a.Blobs})
	if a.Pass {
		return []Fact{checked}, nil
	}
	again := d.fact(KindReopened, Fields{Reason: reasonPromise, Text: a.Text})
	return []Fact{checked, again}, nil
}
