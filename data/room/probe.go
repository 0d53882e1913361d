package room

import (
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

// probes returns for each verb the fields of an act that lacks nothing, so that what refuses it is the state or the role.
func probes(st *incident.State, actor incident.Actor, rules *Rules, now incident.Stamp) map[incident.Verb]incident.Fields {
	const text = "现场已经处置完毕并告知来电人"
	lead, live, co := probeUnits(st, actor)
	spare := rules.spareUnit(st)
	soon := incident.DayOf(now.Add(5 * 24 * hour))
	sl, rd, tl := rules.someone(incident.RoleShift), rules.someone(incident.RoleDirector), rules.someone(incident.RoleTown)
	due, _ := incident.SettleDue(st, rules)
	other := firstOf(st.Conflicts)
	call := &incident.Proxy{Name: text, Number: "0570-0110000", Time: now}
	return map[incident.Verb]incident.Fields{
		incident.Respond:      {},
		incident.Accept:       probeAccept(st, rules),
		incident.AskInfo:      {Reason: "IN01", Question: text, Whom: text},
		incident.Refuse:       {Reason: "NR01", Text: text, ReturnedToSource: true},
		incident.Merge:        {Other: probeID, ProposedBy: actor.Login, ConfirmedBy: sl},
		incident.Dispatch:     {Lead: spare, List: incident.ListDaily},
		incident.Sign:         {Unit: live, Proxy: call},
		incident.Return:       {Unit: lead, Reason: "RT02", Basis: text, ConfirmedBy: sl, Proxy: call},
		incident.Reassign:     {Lead: spare, Reason: "RA01"},
		incident.Dispute:      {Opinions: []string{text, text}},
		incident.Rule:         {Lead: spare, Text: text, Basis: text},
		incident.Arrive:       {Unit: live, Evidence: "phone", Proxy: call},
		incident.Progress:     {Unit: live, Text: text},
		incident.AddCo:        {Unit: spare, Reason: text},
		incident.WaiveCo:      {Unit: co, Reason: text},
		incident.Suspend:      {Reason: "SU01", Review: soon, AskedBy: actor.Login, ApprovedBy: tl},
		incident.Resume:       {Text: text},
		incident.Extend:       {Reason: "EX01", AskedAt: min(now, max(due-1, st.ReceivedAt)), DueNew: due.Add(hour), ApprovedBy: tl, UpstreamOK: true},
		incident.Escalate:     {Reason: "UP02", Draft: text},
		incident.CountyReturn: {Opinion: text, ByPhone: true},
		incident.CountyClose:  {Text: text, Result: "settled", ByPhone: true},
		incident.Feedback:     {Unit: lead, Result: "settled", Text: text, Photos: 1, Contacted: true, Proxy: call},
		incident.Verify:       {Pass: true, FollowUp: followUpOpen(st), Text: text},
		incident.Reopen:       {Reason: "RO01", Text: text},
		incident.Callback:     {Answer: "satisfied"},
		incident.ForceClose:   {Reason: "FC01", Second: pick(actor.Role == incident.RoleDirector, tl, rd), DocumentNo: text, Text: text},
		incident.VoidIt:       {Text: text, Reason: text},
		incident.Supervise:    {SupervisionNo: text, Level: 1, ReplyDue: soon, Text: text},
		incident.Urge:         {Unit: live, Text: text},
		incident.Split:        {Text: text, Reason: text},
		incident.Edit:         {Title: text},
		incident.Note:         {Text: text},
		incident.Move:         {List: incident.ListMonthly, Reason: text, Text: text},
		incident.Settle:       {Conflict: other.ID, Choice: firstOf(other.Choices)},
		incident.Unseal:       {Text: text},
	}
}

// probeUnits returns the units a trial names: the lead, a live task that the actor may act for, a live co-handler.
func probeUnits(st *incident.State, actor incident.Actor) (lead, live, co incident.UnitID) {
	lead = st.LeadUnit
	for _, t := range st.Tasks {
		if !t.Live() {
			continue
		}
		if live == "" || worksFor(st, actor, t.Unit) {
			live = t.Unit
		}
		if !t.Lead {
			co = t.Unit
		}
	}
	if live == "" {
		live = lead
	}
	return lead, live, co
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

// followUpOpen reports a staged closure whose re-check is still to come.
func followUpOpen(st *incident.State) bool {
	return st.Staged && st.FollowupDone == 0 && slices.Contains([]incident.Status{incident.Verified, incident.Closed}, st.Status)
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
