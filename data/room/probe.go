package room

import (
	"maps"
	"slices"
	"time"

	"zw110/data/incident"
)

// probeID is the incident that a merge is tried with; it exists in no store.
var probeID = incident.IncidentID{0: 0xff, 15: 0xff}

// probeWorld knows one more incident than the store: an open one of the same matter, to try a merge with.
type probeWorld struct {
	world
	like *incident.State
}

// State returns an incident's state, or the one made up for the trial.
func (w probeWorld) State(id incident.IncidentID) (incident.State, bool) {
	if id != probeID {
		return w.world.State(id)
	}
	return incident.State{
		ID: probeID, Scope: w.like.Scope, Fields: w.like.Fields, Status: incident.Accepted, AcceptedAt: w.like.AcceptedAt,
		RegisteredAt: w.like.RegisteredAt,
	}, true
}

const hour = time.Hour

// trialText is long enough wherever words are asked for.
const trialText = "现场已经处置完毕并告知来电人"

// trial gathers what the acts of a trial are made of.
type trial struct {
	st    *incident.State
	actor incident.Actor
	rules *Rules
	now   incident.Stamp
	soon  incident.Day
	call  *incident.Proxy
	spare incident.UnitID
}

// probes returns for each verb acts that lack nothing, so that what refuses all of them is the state or the role.
func probes(st *incident.State, actor incident.Actor, rules *Rules, now incident.Stamp) map[incident.Verb][]incident.Fields {
	t := trial{
		st: st, actor: actor, rules: rules, now: now, soon: incident.DayOf(now.Add(5 * 24 * hour)), spare: rules.spareUnit(st),
		call: &incident.Proxy{Name: trialText, Number: "0570-0110000", Time: now},
	}
	all := t.deskProbes()
	maps.Copy(all, t.unitProbes())
	maps.Copy(all, t.leadProbes())
	return all
}

func once(f incident.Fields) []incident.Fields { return []incident.Fields{f} }

// deskProbes are the acts of the room about the incident as a whole.
func (t *trial) deskProbes() map[incident.Verb][]incident.Fields {
	const text = trialText
	sl := t.rules.someone(incident.RoleShift)
	conflict := firstOf(t.st.Conflicts)
	return map[incident.Verb][]incident.Fields{
		incident.Respond:   once(incident.Fields{}),
		incident.Accept:    once(probeAccept(t.st, t.rules)),
		incident.AskInfo:   once(incident.Fields{Reason: "IN01", Question: text, Whom: text}),
		incident.Refuse:    once(incident.Fields{Reason: "NR01", Text: text, ReturnedToSource: true}),
		incident.Merge:     once(incident.Fields{Other: probeID, ProposedBy: t.operator(), ConfirmedBy: sl, Reason: text}),
		incident.Dispatch:  once(incident.Fields{Lead: t.spare, List: incident.ListDaily}),
		incident.Dispute:   once(incident.Fields{Opinions: []string{text, text}}),
		incident.Rule:      once(incident.Fields{Lead: t.spare, Text: text, Basis: text}),
		incident.Verify:    {{Pass: true, Text: text}, {Reason: "VF01", Text: text}, {Pass: true, FollowUp: true, Text: text}},
		incident.Reopen:    {{Reason: "RO01", Text: text}, {Reason: "RO02", Text: text}, {Reason: "RO05", Text: text}},
		incident.Callback:  once(incident.Fields{Answer: "satisfied"}),
		incident.VoidIt:    once(incident.Fields{Reason: "mistake", Text: text}),
		incident.Supervise: once(incident.Fields{SupervisionNo: text, Level: 1, ReplyDue: t.soon, Text: text}),
		incident.Split:     once(incident.Fields{Text: text, Reason: text}),
		incident.Edit:      once(incident.Fields{Title: text}),
		incident.Note:      once(incident.Fields{Text: text}),
		incident.Move:      {{List: incident.ListMonthly, Reason: text, Text: text}, {List: incident.ListDaily, Reason: text, Text: text}},
		incident.Settle:    once(incident.Fields{Conflict: conflict.ID, Choice: firstOf(conflict.Choices)}),
		incident.Unseal:    once(incident.Fields{Text: text}),

		incident.ErasePerson: once(incident.Fields{Text: text}),
	}
}

// unitProbes are the acts about one task, tried for each unit that has a live one.
func (t *trial) unitProbes() map[incident.Verb][]incident.Fields {
	const text = trialText
	out := map[incident.Verb][]incident.Fields{}
	for _, unit := range t.units() {
		for verb, f := range map[incident.Verb]incident.Fields{
			incident.Sign:     {Unit: unit, Proxy: t.call},
			incident.Return:   {Unit: unit, Reason: "RT02", Basis: text, ConfirmedBy: t.rules.someone(incident.RoleShift), Proxy: t.call},
			incident.Arrive:   {Unit: unit, Evidence: "phone", Proxy: t.call},
			incident.Progress: {Unit: unit, Text: text, Proxy: t.call},
			incident.Feedback: {Unit: unit, Result: "settled", Text: text, Photos: 1, Contacted: true, Proxy: t.call},
			incident.WaiveCo:  {Unit: unit, Reason: text, AskedBy: t.rules.liaison(t.st.LeadUnit)},
			incident.Urge:     {Unit: unit, Text: text},
		} {
			out[verb] = append(out[verb], f)
		}
	}
	return out
}

// leadProbes are the acts that change who has the incident or until when.
func (t *trial) leadProbes() map[incident.Verb][]incident.Fields {
	const text = trialText
	rd, tl := t.rules.someone(incident.RoleDirector), t.rules.someone(incident.RoleTown)
	asker := t.actor.Login
	if t.actor.Role != incident.RoleUnit {
		asker = t.rules.liaison(t.st.LeadUnit)
	}
	due, _ := incident.SettleDue(t.st, t.rules)
	asked := min(t.now, max(due-1, t.st.ReceivedAt))
	return map[incident.Verb][]incident.Fields{
		incident.Reassign:     once(incident.Fields{Lead: t.spare, Reason: "RA01"}),
		incident.AddCo:        once(incident.Fields{Unit: t.spare, Reason: text}),
		incident.Suspend:      once(incident.Fields{Reason: "SU01", Review: t.soon, AskedBy: asker, ApprovedBy: tl}),
		incident.Resume:       once(incident.Fields{Text: text}),
		incident.Extend:       once(incident.Fields{Reason: "EX01", AskedAt: asked, AskedBy: asker, DueNew: due.Add(hour), ApprovedBy: tl, UpstreamOK: true}),
		incident.Escalate:     once(incident.Fields{Reason: "UP02", Draft: text}),
		incident.CountyReturn: once(incident.Fields{Opinion: text, ByPhone: true}),
		incident.CountyClose:  once(incident.Fields{Text: text, Result: "settled", ByPhone: true}),
		incident.ForceClose:   once(incident.Fields{Reason: "FC01", Second: pick(t.actor.Role == incident.RoleDirector, tl, rd), DocumentNo: text, Text: text}),
	}
}

// operator is who proposes a merge: the actor if operator or shift leader.
func (t *trial) operator() incident.Login {
	if t.actor.Role == incident.RoleOperator || t.actor.Role == incident.RoleShift {
		return t.actor.Login
	}
	return t.rules.someone(incident.RoleOperator)
}

// units are those with a live task, the lead first; with none, the lead alone, so that the refusal speaks of the state.
func (t *trial) units() []incident.UnitID {
	units := []incident.UnitID{t.st.LeadUnit}
	for _, task := range t.st.Tasks {
		if task.Live() && !slices.Contains(units, task.Unit) {
			units = append(units, task.Unit)
		}
	}
	return units
}

func probeAccept(st *incident.State, rules *Rules) incident.Fields {
	f := incident.Fields{Village: st.Village, Category: st.Category, Urgency: st.Urgency, Content: st.Content}
	if f.Village == "" {
		f.Village = firstOf(rules.villageNames())
	}
	if f.Category == "" {
		f.Category = "1299"
	}
	if f.Urgency == "" {
		f.Urgency = incident.Normal
	}
	if f.Content == "" {
		f.Content = st.Title
	}
	return f
}

func firstOf[T any](list []T) T {
	if len(list) == 0 {
		var none T
		return none
	}
	return list[0]
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}
