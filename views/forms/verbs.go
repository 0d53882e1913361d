package forms

import (
	"strconv"

	"zw110/data/incident"
)

// shiftUp and directorUp are the roles from the shift leader and from the director upwards.
func shiftUp() []incident.Role {
	return []incident.Role{incident.RoleShift, incident.RoleDirector, incident.RoleTown}
}

func directorUp() []incident.Role {
	return []incident.Role{incident.RoleDirector, incident.RoleTown}
}

// fieldsOf returns the questions of each verb. Dispatch and Merge have dialogs of their own and take only what those don't show.
func fieldsOf() map[incident.Verb][]Field {
	all := map[incident.Verb][]Field{}
	for _, table := range []map[incident.Verb][]Field{reportVerbs(), unitVerbs(), roomVerbs(), pauseVerbs(), countyVerbs()} {
		for verb, fields := range table {
			all[verb] = fields
		}
	}
	return all
}

// reportVerbs take an incident in, or correct it.
func reportVerbs() map[incident.Verb][]Field {
	village := pick("village", villages).startingWith(of(func(st *incident.State) string { return st.Village }))
	category := pick("category", categories).startingWith(of(func(st *incident.State) string { return st.Category }))
	urgency := choice("urgency", urgencies).startingWith(of(func(st *incident.State) string { return string(st.Urgency) }))
	title := line("title").startingWith(of(func(st *incident.State) string { return st.Title }))
	content := area("content").startingWith(of(func(st *incident.State) string { return st.Content }))
	placeText := line("place").startingWith(of(func(st *incident.State) string {
		if st.Place == nil {
			return ""
		}
		return st.Place.Text
	}))
	difficulty := choice("difficulty", named("difficulty.", "1", "2", "3", "4")).startingWith(of(func(st *incident.State) string {
		if st.Difficulty == 0 {
			return ""
		}
		return strconv.Itoa(st.Difficulty)
	}))
	return map[incident.Verb][]Field{
		incident.Register: {
			need(area("content")), line("title"), attached(), pick("village", villages), line("place"), pick("category", categories), choice("urgency", urgencies),
			line("name"), line("phone"), check("confidential"), check("protected"),
			need(pick("channel", channels)).startingWith(constant(string(incident.ChannelPhone))), line("source_no"), check("emergency"),
			moment("due_src", nil), check("accept_now").startingWith(constant("1")),
		},
		incident.Accept: {need(village), need(category), need(urgency), title, need(content), difficulty},
		incident.Edit:   {title, content, village, placeText, category, urgency, difficulty},
		incident.AskInfo: {
			need(choice("reason", reasons("IN"))), need(area("question")),
			need(line("whom")).startingWith(func(f *Form) string { return f.Text("forms.reporter") }),
		},
		incident.Refuse: {need(choice("reason", reasons("NR"))), need(area("text")), check("returned")},
		incident.VoidIt: {need(choice("reason", named("void.", "test", "mistake"))), need(area("text"))},
	}
}

// unitVerbs are what a unit does, or the room for it by telephone.
func unitVerbs() map[incident.Verb][]Field {
	toSign := tasks(true, true, incident.TaskSent)
	inHand := tasks(true, true, incident.TaskSigned, incident.TaskArrived, incident.TaskRework)
	feedback := append([]Field{
		need(choice("unit", inHand)).startingWith(firstOf(inHand)),
		when(isLead, need(choice("result", named("result.", "settled", "staged", "explained")))).startingWith(constant("settled")),
		need(area("text")),
		when(both(isLead, is("result", "staged")), need(line("document_no"))),
		when(both(isLead, is("result", "staged")), need(day("followup_due", nil))),
		attached(), line("photo"), when(isLead, check("contacted")),
	}, record()...)
	lead := tasks(true, false, incident.TaskSent, incident.TaskSigned, incident.TaskArrived)
	return map[incident.Verb][]Field{
		incident.Sign: append([]Field{need(choice("unit", toSign)).startingWith(firstOf(toSign))}, record()...),
		incident.Arrive: {
			need(choice("unit", inHand)).startingWith(firstOf(inHand)),
			need(choice("evidence", named("evidence.", "phone", "photo", "location"))).startingWith(constant("phone")),
			attached(), when(is("evidence", "photo"), line("photo")),
			record()[0], record()[1], record()[2],
		},
		incident.Progress: {need(choice("unit", inHand)).startingWith(firstOf(inHand)), need(area("text")), attached()},
		incident.Feedback: feedback,
		incident.Return: {
			need(choice("unit", lead)).startingWith(firstOf(lead)), need(choice("reason", reasons("RT"))), need(area("basis")),
			need(choice("confirmed_by", people(incident.RoleShift))),
			record()[0], record()[1], record()[2],
		},
	}
}

// record asks the room for the telephone record of what it enters for a unit.
func record() []Field {
	return []Field{when(byRoom, need(line("proxy_name"))), when(byRoom, need(line("proxy_number"))), when(byRoom, need(moment("proxy_time", now)))}
}

// roomVerbs are what the room decides about an incident in hand.
func roomVerbs() map[incident.Verb][]Field {
	coLive := tasks(false, true, incident.TaskSent, incident.TaskSigned, incident.TaskArrived, incident.TaskRework)
	return map[incident.Verb][]Field{
		incident.Dispatch: {},
		incident.Reassign: {need(pick("lead", units)), picks("co", units), need(choice("reason", reasons("RA"))), area("text")},
		incident.Dispute:  {need(area("opinion_a")), need(area("opinion_b"))},
		incident.Rule:     {need(pick("lead", units)), picks("co", units), need(area("text"))},
		incident.AddCo:    {need(pick("unit", units)), need(line("reason"))},
		incident.WaiveCo: {
			need(choice("unit", coLive)).startingWith(firstOf(coLive)), need(line("reason")),
			need(pick("asked_by", people(incident.RoleUnit))).startingWith(func(f *Form) string {
				lead := *f
				lead.values = map[string]string{"unit": string(f.Subject.State.LeadUnit)}
				return liaison(&lead)
			}),
		},
		incident.Verify: {
			need(choice("pass", named("pass.", "pass", "fail"))).startingWith(constant("pass")),
			when(is("pass", "fail"), need(choice("reason", reasons("VF")))),
			when(func(f *Form) bool {
				return f.Subject.State.Status == incident.Verified || f.Subject.State.Status == incident.Closed
			}, check("followup")).
				startingWith(constant("1")),
			area("text"), attached(),
		},
		incident.Callback: {
			need(choice("answer", named("answer.", "satisfied", "basically", "dissatisfied_reasonable", "dissatisfied_unreasonable", "refused", "not_reached"))),
			when(both(is("answer", "dissatisfied_unreasonable"), lacks(incident.RoleDirector)), need(choice("decided_by", people(incident.RoleDirector)))),
			area("text"),
		},
		incident.Reopen: {need(choice("reason", reasons("RO"))), area("text")},
		incident.ForceClose: {
			need(choice("reason", reasons("FC"))), need(line("document_no")), need(choice("second", people(directorUp()...))), area("text"),
		},
		incident.Supervise: {
			need(choice("level", named("supervise.", "1", "2", "3"))).startingWith(constant("1")), need(area("text")), need(day("reply_due", daysAhead(3))),
			need(line("supervise_no")),
		},
		incident.Urge: {area("text")},
		incident.Note: {need(area("text")), attached()},
		incident.Move: {
			need(choice("list", named("list.", string(incident.ListDaily), string(incident.ListJoint), string(incident.ListMonthly)))),
			need(line("reason")),
		},
		incident.Merge:  {need(line("reason")), when(lacks(shiftUp()...), need(choice("confirmed_by", people(incident.RoleShift))))},
		incident.Split:  {need(line("reason"))},
		incident.Settle: {need(choice("settle_choice", conflictSides)), area("text")},
		incident.Unseal: {need(line("text"))},

		incident.ErasePerson: {need(area("text"))},
	}
}

// pauseVerbs stop, restart and move clocks.
func pauseVerbs() map[incident.Verb][]Field {
	// A unit needs the director's approval; what goes far the director needs the township leader's for.
	approver := choice("approved_by", people(directorUp()...))
	town := choice("approved_by", people(incident.RoleTown))
	return map[incident.Verb][]Field{
		incident.Suspend: {
			need(choice("reason", reasons("SU"))), need(day("review", daysAhead(7))), pick("asked_by", people(incident.RoleUnit)).startingWith(liaison),
			when(lacks(directorUp()...), need(approver)), when(hasRole(incident.RoleDirector), town), area("text"),
		},
		incident.Resume: {area("text")},
		incident.Extend: {
			need(choice("reason", reasons("EX"))), need(moment("due_new", endOfOffice(3))), need(moment("asked_at", now)),
			pick("asked_by", people(incident.RoleUnit)).startingWith(liaison),
			when(lacks(directorUp()...), need(approver)), when(hasRole(incident.RoleDirector), town),
			when(func(f *Form) bool { return f.Subject.State.Channel == incident.Channel12345 }, check("upstream_ok")),
			area("text"),
		},
	}
}

// countyVerbs go up to the county and come back.
func countyVerbs() map[incident.Verb][]Field {
	phone := check("by_phone").startingWith(constant("1"))
	return map[incident.Verb][]Field{
		incident.Escalate:     {need(choice("reason", reasons("UP"))), need(area("draft"))},
		incident.CountyReturn: {need(area("opinion")), phone},
		incident.CountyClose:  {need(area("text")), phone},
	}
}
