package incident

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// transition is one row of the table of acts: who may do it, from which states, and what it leaves.
type transition struct {
	rule  string // T1 to T31, or the verb; the second part of every refusal key
	roles []Role
	from  []Status
	do    func(*decision) ([]Fact, *Refusal)
}

// Sets of states that several rows share; read only, as is the table.
var (
	openStates = []Status{Received, InfoNeeded, Accepted, Disputed, Dispatched, Handling, Suspended, WithCounty, FedBack, Verified}
	anyState   = []Status{
		Received, InfoNeeded, Accepted, Disputed, Dispatched, Handling, Suspended, WithCounty, FedBack, Verified,
		Closed, Refused, Merged, Forced, Void,
	}
)

// transitionOf returns the row of an act; false for a verb nobody knows.
func transitionOf(a *Act) (transition, bool) {
	if a.Do == Verify && a.FollowUp {
		return transition{"T30", []Role{RoleOperator, RoleGrid}, []Status{Verified, Closed}, doFollowUp}, true
	}
	for _, rows := range [...]func(Verb) (transition, bool){intakeRow, dispatchRow, workRow, endRow, deskRow} {
		if t, ok := rows(a.Do); ok {
			return t, true
		}
	}
	return transition{}, false
}

// Known reports whether the table of acts has the verb.
func (v Verb) Known() bool {
	_, ok := transitionOf(&Act{Do: v})
	return ok
}

func intakeRow(v Verb) (transition, bool) {
	switch v {
	case Register:
		return transition{"T1", []Role{RoleOperator, RoleSystem, RoleGrid}, []Status{""}, doRegister}, true
	case Respond:
		return transition{"T2", []Role{RoleOperator}, []Status{Received}, doRespond}, true
	case Accept:
		return transition{"T3", []Role{RoleOperator}, []Status{Received, InfoNeeded}, doAccept}, true
	case AskInfo:
		return transition{"T4", []Role{RoleOperator}, []Status{Received}, doAskInfo}, true
	case Refuse:
		return transition{"T5", []Role{RoleShift}, []Status{Received, InfoNeeded}, doRefuse}, true
	case Merge:
		return transition{"T6", []Role{RoleOperator, RoleShift}, []Status{Received, InfoNeeded, Accepted, Dispatched, Handling}, doMerge}, true
	case VoidIt:
		return transition{"T27", []Role{RoleShift}, []Status{Received, InfoNeeded, Accepted}, doVoid}, true
	case Split:
		return transition{"T31", []Role{RoleShift}, []Status{Merged}, doSplit}, true
	}
	return transition{}, false
}

func dispatchRow(v Verb) (transition, bool) {
	switch v {
	case Dispatch:
		return transition{"T7", []Role{RoleOperator, RoleShift}, []Status{Accepted}, doDispatch}, true
	case Sign:
		return transition{"T8", []Role{RoleUnit, RoleGrid, RoleOperator}, []Status{Dispatched, Handling}, doSign}, true
	case Return:
		return transition{"T9", []Role{RoleUnit, RoleGrid, RoleOperator}, []Status{Dispatched, Handling}, doReturn}, true
	case Reassign:
		return transition{"T10", []Role{RoleOperator, RoleShift}, []Status{Dispatched, Handling}, doReassign}, true
	case Dispute:
		return transition{"T11", []Role{RoleSystem, RoleShift}, []Status{Accepted, Dispatched}, doDispute}, true
	case Rule:
		return transition{"T12", []Role{RoleDirector, RoleCounty}, []Status{Disputed}, doRule}, true
	case AddCo:
		return transition{"T15", []Role{RoleOperator}, []Status{Handling}, doAddCo}, true
	case WaiveCo:
		return transition{"T15", []Role{RoleOperator}, []Status{Handling}, doWaiveCo}, true
	}
	return transition{}, false
}

func workRow(v Verb) (transition, bool) {
	handling := []Status{Handling}
	switch v {
	case Arrive:
		return transition{"T13", []Role{RoleUnit, RoleGrid, RoleOperator}, handling, doArrive}, true
	case Progress:
		return transition{"T14", []Role{RoleUnit, RoleGrid, RoleOperator}, handling, doProgress}, true
	case Suspend:
		return transition{"T16", []Role{RoleUnit, RoleGrid, RoleDirector, RoleTown}, handling, doSuspend}, true
	case Resume:
		return transition{"T17", []Role{RoleUnit, RoleGrid, RoleDirector, RoleSystem}, []Status{Suspended}, doResume}, true
	case Extend:
		return transition{"T18", []Role{RoleUnit, RoleGrid, RoleDirector, RoleTown}, handling, doExtend}, true
	case Escalate:
		return transition{"T19", []Role{RoleDirector}, []Status{Accepted, Disputed, Handling}, doEscalate}, true
	case CountyReturn:
		return transition{"T20", []Role{RoleCounty, RoleOperator}, []Status{WithCounty}, doCountyReturn}, true
	case CountyClose:
		return transition{"T21", []Role{RoleCounty}, []Status{WithCounty}, doCountyClose}, true
	case Feedback:
		return transition{"T22", []Role{RoleUnit, RoleGrid, RoleOperator}, handling, doFeedback}, true
	}
	return transition{}, false
}

func endRow(v Verb) (transition, bool) {
	switch v {
	case Verify:
		return transition{"T23", []Role{RoleOperator, RoleGrid}, []Status{FedBack}, doVerify}, true
	case Reopen:
		return transition{"T24", []Role{RoleOperator, RoleShift}, []Status{Verified, Closed}, doReopen}, true
	case Callback:
		return transition{"T25", []Role{RoleOperator}, []Status{Verified, Merged}, doCallback}, true
	case ForceClose:
		return transition{"T26", []Role{RoleDirector, RoleTown}, openStates, doForceClose}, true
	case Supervise:
		return transition{"T28", []Role{RoleSystem, RoleDirector, RoleTown, RoleCounty}, openStates, doSupervise}, true
	case Urge:
		return transition{"T29", []Role{RoleSystem, RoleOperator}, []Status{Dispatched, Handling}, doUrge}, true
	}
	return transition{}, false
}

func deskRow(v Verb) (transition, bool) {
	staff := []Role{RoleOperator, RoleShift, RoleDirector}
	switch v {
	case Edit:
		return transition{"edit", staff, append([]Status{Closed, Forced, Merged}, openStates...), doEdit}, true
	case Note:
		return transition{"note", append([]Role{RoleTown, RoleUnit, RoleGrid, RoleCounty}, staff...), anyState, doNote}, true
	case Move:
		return transition{"move", staff, openStates, doMove}, true
	case Settle:
		return transition{"settle", append([]Role{RoleCounty}, staff...), anyState, doSettle}, true
	case Unseal:
		return transition{"unseal", append([]Role{RoleUnit, RoleGrid}, staff...), anyState, doUnseal}, true
	case ErasePerson:
		return transition{"erase", []Role{RoleDirector}, anyState, doErasePerson}, true
	case HandleWarning:
		return transition{"warning", append([]Role{RoleTown}, staff...), anyState, doHandleWarning}, true
	case Undo:
		return transition{"undo", append([]Role{RoleTown, RoleUnit, RoleGrid, RoleCounty}, staff...), anyState, doUndo}, true
	}
	return transition{}, false
}

// open reports whether a role may try the act. A shift leader sits at a desk of the room too and may do all that an operator may.
func (t transition) open(role Role) bool {
	return slices.Contains(t.roles, role) || role == RoleShift && slices.Contains(t.roles, RoleOperator)
}

// byRoom reports whether somebody of the room enters what a unit did.
func (d *decision) byRoom() bool {
	return d.act.Actor.Role == RoleOperator || d.act.Actor.Role == RoleShift
}

// decision is one act being decided.
type decision struct {
	st  *State
	act *Act
	env Env
	row transition
}

// skew is how far a clock of another system may be ahead.
const skew = 10 * time.Minute

func decide(st *State, act *Act, env Env) ([]Fact, error) {
	row, ok := transitionOf(act)
	if !ok {
		return nil, &Refusal{Rule: string(act.Do), Key: "refuse.any.verb", Args: []string{string(act.Do)}}
	}
	d := decision{st: st, act: act, env: env, row: row}
	if !row.open(act.Actor.Role) {
		return nil, d.refuse("role")
	}
	if !slices.Contains(row.from, st.Status) {
		return nil, d.refuse(d.stateReason())
	}
	switch {
	case act.At == 0:
		return nil, &Refusal{Rule: row.rule, Key: "refuse.any.time"}
	case act.Do != Register && d.before(st.ReceivedAt, skew):
		return nil, &Refusal{Rule: row.rule, Key: "refuse.any.early", Args: []string{stampText(st.ReceivedAt)}}
	}
	facts, refusal := row.do(&d)
	if refusal != nil {
		return nil, refusal
	}
	return facts, nil
}

// before reports whether the act lies before a moment that was recorded, by more than a tolerance. A moment that this desk's clock has not reached was
// recorded where the clock is ahead; it must not stop the acts of everybody else until then.
func (d *decision) before(at Stamp, tolerance time.Duration) bool {
	return d.act.At.Add(tolerance) < at && (d.env.Now == 0 || at <= d.env.Now)
}

// stateReason tells an incident that isn't there from one in the wrong state.
func (d *decision) stateReason() string {
	switch {
	case d.st.Status == "":
		return "nothing"
	case d.act.Do == Sign && d.st.Status == Accepted, d.act.Do == Return && d.st.Status == Accepted:
		return "not_sent"
	}
	return "state"
}

// refuse makes a refusal of this row. Reasons that read the same for every act have one text.
func (d *decision) refuse(reason string, args ...string) *Refusal {
	rule := strings.ToLower(d.row.rule)
	switch reason {
	case "nothing", "other_unit", "no_task", "before_sent", "not_signed", "not_lead", "unit_unknown", "unit_twice", "one_lead", "no_lead",
		"bad_category", "bad_urgency", "bad_village", "bad_difficulty", "future", "list",
		"delivery", "limit", "limit_why", "settle_past", "settle_later", "settle_co":
		rule = "any"
	case "reason":
		rule = "any"
		args = append(args, strings.Join(Reasons(d.act.Do), " "))
	}
	return &Refusal{Rule: d.row.rule, Key: "refuse." + rule + "." + reason, Args: args}
}

// fact starts a fact of this act about this incident. Fields are filled by the row.
func (d *decision) fact(k Kind, f Fields) Fact {
	f.Proxy = completeOrNil(f.Proxy)
	if f.ConfirmedBy != "" || f.ApprovedBy != "" || f.DecidedBy != "" || f.Second != "" {
		f.Vouched = completeOrNil(d.act.Vouched)
	}
	return Fact{
		Kind: k, Incident: d.act.ID, At: d.act.At, ActorRole: d.act.Actor.Role, ActorUnit: d.act.Actor.Unit, Fields: f,
	}
}

func completeOrNil(p *Proxy) *Proxy {
	if p.complete() {
		return p
	}
	return nil
}

// complete reports whether a telephone record has name, number and time.
func (p *Proxy) complete() bool {
	return p != nil && strings.TrimSpace(p.Name) != "" && strings.TrimSpace(p.Number) != "" && p.Time != 0
}

// one returns a single fact as an accepted act.
func (d *decision) one(k Kind, f Fields) ([]Fact, *Refusal) { return []Fact{d.fact(k, f)}, nil }

// person reports whether a login is somebody with one of the roles.
func (d *decision) person(login Login, roles ...Role) bool {
	if login == "" {
		return false
	}
	p, ok := d.env.Rules.Person(login)
	return ok && slices.Contains(roles, p.Role)
}

// of reports whether a login acts for a unit.
func (d *decision) of(login Login, unit UnitID) bool {
	p, ok := d.env.Rules.Person(login)
	return ok && unit != "" && d.unitOf(p) == unit
}

// unitOf returns the unit an actor acts for here. A grid worker stands for the unit only in the own village, where one is known.
func (d *decision) unitOf(a Actor) UnitID {
	switch a.Role {
	case RoleUnit:
		return a.Unit
	case RoleGrid:
		unit, village, named := strings.Cut(string(a.Unit), " ")
		if !named {
			village = a.Village
		}
		if village == "" || sameVillage(village, d.st.Village) {
			return UnitID(unit)
		}
	}
	return ""
}

// sameVillage compares village names; people leave the last 村 away.
func sameVillage(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	return a != "" && (a == b || a+"村" == b || a == b+"村")
}

// ownUnit returns the unit the actor acts for, or a refusal when the act names another.
func (d *decision) ownUnit() (UnitID, *Refusal) {
	unit := d.unitOf(d.act.Actor)
	if unit == "" || d.act.Unit != "" && d.act.Unit != unit && d.act.Unit != d.act.Actor.Unit {
		return "", d.refuse("other_unit", string(d.act.Unit))
	}
	return unit, nil
}

// liveTask returns the live task of a unit, or a refusal.
func (d *decision) liveTask(unit UnitID) (*Task, *Refusal) {
	t := d.st.task(unit)
	switch {
	case t == nil || !t.Live():
		return nil, d.refuse("no_task", string(unit))
	case d.before(t.SentAt, 0):
		return nil, d.refuse("before_sent", stampText(t.SentAt))
	}
	return t, nil
}

// known reports whether a unit is in the directory now.
func (d *decision) known(unit UnitID) bool {
	if unit == "" {
		return false
	}
	_, ok := d.env.Rules.Unit(unit, d.act.At)
	return ok
}

// blank reports whether a text says nothing.
func blank(s string) bool { return strings.TrimSpace(s) == "" }

// length counts the characters people see.
func length(s string) int { return utf8.RuneCountInString(strings.TrimSpace(s)) }

// other returns the state of another incident.
func (d *decision) other(id IncidentID) (State, bool) {
	if id.IsZero() || d.env.World == nil {
		return State{}, false
	}
	return d.env.World.State(id)
}
