package incident

import (
	"slices"
)

// doEdit corrects open fields. What is ended may be corrected only by the shift leader or the director.
func doEdit(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	if !st.Status.Open() && a.Actor.Role == RoleOperator {
		return nil, d.refuse("ended")
	}
	for _, name := range a.Cleared {
		if !slices.ContainsFunc(editFields[:], func(e editField) bool { return e.name == name }) {
			return nil, d.refuse("field", name)
		}
		if slices.Contains([]string{"village", "category", "urgency"}, name) && st.AcceptedAt != 0 {
			return nil, d.refuse("needed", name)
		}
	}
	f := d.edits()
	f.Cleared = a.Cleared
	f.Text, f.Reason = a.Text, a.Reason
	fact := d.fact(KindEdited, f)
	after := st.Fields
	for i := range editFields {
		if touched(&fact)&(1<<i) != 0 {
			setValue(&after, &fact, i)
		}
	}
	switch {
	case touched(&fact) == 0:
		return nil, d.refuse("empty")
	case blank(after.Title) && blank(after.Content):
		return nil, d.refuse("needed", "content")
	}
	if r := d.plausible(&f); r != nil {
		return nil, r
	}
	return []Fact{fact}, nil
}

// doNote adds words to the log. A note with a question asks for action. Units and grid workers note on what they have or had to do.
func doNote(d *decision) ([]Fact, *Refusal) {
	a := d.act
	if blank(a.Text) && blank(a.Question) {
		return nil, d.refuse("text")
	}
	if a.Actor.Role == RoleUnit || a.Actor.Role == RoleGrid {
		if unit := d.unitOf(a.Actor); unit == "" || a.Actor.Role == RoleUnit && d.st.task(unit) == nil {
			return nil, d.refuse("other_unit", string(a.Actor.Unit))
		}
	}
	return d.one(KindNoted, Fields{
		Text: a.Text, Question: a.Question, Whom: a.Whom, Blobs: a.Blobs, Photos: a.Photos, Place: a.Place, Tags: a.Tags, Basis: a.Basis,
	})
}

// Above reports whether a list takes precedence over another: monthly over joint over daily over none.
func (l List) Above(other List) bool { return l.rank() > other.rank() }

func (l List) rank() int {
	switch l {
	case ListMonthly:
		return 3
	case ListJoint:
		return 2
	case ListDaily:
		return 1
	}
	return 0
}

// doMove moves an incident to another list by hand, with a reason. A move down needs the director.
func doMove(d *decision) ([]Fact, *Refusal) {
	a := d.act
	now := d.env.Stands
	if moved := d.st.ListMoved; moved != "" {
		now = moved
	}
	switch {
	case !a.List.known():
		return nil, d.refuse("list", string(a.List))
	case blank(a.Reason) && blank(a.Text):
		return nil, d.refuse("why")
	case a.List == d.st.ListMoved:
		return nil, d.refuse("same")
	case now.Above(a.List) && a.Actor.Role != RoleDirector:
		return nil, d.refuse("down")
	}
	return d.one(KindListMoved, Fields{List: a.List, Reason: a.Reason, Text: a.Text})
}

// doSettle settles a conflict with one of its choices. Values that were chosen or written anew go into the fact.
func doSettle(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	at := slices.IndexFunc(st.Conflicts, func(c Conflict) bool { return c.ID == a.Conflict })
	if at < 0 {
		return nil, d.refuse("no_conflict")
	}
	c := st.Conflicts[at]
	if !slices.Contains(c.Choices, a.Choice) {
		return nil, d.refuse("choice", a.Choice)
	}
	f := Fields{Conflict: c.ID, Choice: a.Choice, Text: a.Text}
	switch conflictRule(c.Rule) {
	case twoValues:
		return d.settleValues(c, f)
	case twoResults:
		if a.Choice == chooseThird && blank(a.Text) {
			return nil, d.refuse("third")
		}
	case mergeCycle:
		return d.settleCycle(c, f), nil
	case mergeChain, mergedWhileActive, splitWhileMerging:
		return d.settleMerge(c, f)
	}
	return d.one(KindSettled, f)
}

// settleMerge splits a merge off or lets it stand. A merge held back may not stand when its master, by way of others, went into this
// incident: none of them would be left open.
func (d *decision) settleMerge(c Conflict, f Fields) ([]Fact, *Refusal) {
	facts := []Fact{d.fact(KindSettled, f)}
	master := d.st.MergedInto
	for _, side := range c.Sides {
		if fact := d.st.logged(side); master.IsZero() && fact != nil && fact.Kind == KindMerged {
			master = fact.Other
		}
	}
	if f.Choice == chooseSplit {
		if released, ok := d.releaseFrom(master); ok {
			facts = append(facts, released)
		}
		return facts, nil
	}
	seen := map[IncidentID]bool{}
	for at := master; !at.IsZero() && !seen[at]; {
		if at == d.st.ID {
			return nil, d.refuse("ring")
		}
		seen[at] = true
		next, ok := d.other(at)
		if !ok {
			break
		}
		at = next.MergedInto
	}
	return facts, nil
}

// logged returns the fact of an entry.
func (st *State) logged(id EntryID) *Fact {
	for i := range st.Log {
		if st.Log[i].Entry == id {
			return st.Log[i].Fact
		}
	}
	return nil
}

func (d *decision) settleValues(c Conflict, f Fields) ([]Fact, *Refusal) {
	if d.act.Choice == chooseThird {
		edits := d.edits()
		if r := d.plausible(&edits); r != nil {
			return nil, r
		}
		edits.Conflict, edits.Choice, edits.Text = f.Conflict, f.Choice, f.Text
		fact := d.fact(KindSettled, edits)
		if touched(&fact) == 0 {
			return nil, d.refuse("third")
		}
		return []Fact{fact}, nil
	}
	a, b := d.st.logged(c.Sides[0]), d.st.logged(c.Sides[1])
	if a == nil || b == nil {
		return nil, d.refuse("no_conflict")
	}
	side := a
	if d.act.Choice == choosePickB {
		side = b
	}
	fields := differing(a, b)
	for i := range editFields {
		if fields&(1<<i) == 0 {
			continue
		}
		if slices.Contains(side.Cleared, editFields[i].name) {
			f.Cleared = append(f.Cleared, editFields[i].name)
			continue
		}
		if editFields[i].name == "reporter" && side.Reporter == nil && d.st.personErased() {
			continue // what nobody can open any more is not written down again by somebody who knows of the erasure
		}
		editFields[i].set(&f, &side.Fields)
	}
	return d.one(KindSettled, f)
}

// personErased reports whether the reporter's personal fields were erased once.
func (st *State) personErased() bool {
	return slices.ContainsFunc(st.Log, func(l LogLine) bool { return l.Kind == KindPersonErased })
}

// settleCycle turns the merge round on both incidents.
func (d *decision) settleCycle(c Conflict, f Fields) []Fact {
	facts := []Fact{d.fact(KindSettled, f)}
	side := d.st.logged(c.Sides[0])
	if side == nil {
		return facts
	}
	other, ok := d.other(side.Other)
	if !ok {
		return facts
	}
	for _, o := range other.Conflicts {
		if o.Rule != c.Rule {
			continue
		}
		if theirs := other.logged(o.Sides[0]); theirs != nil && theirs.Other == d.act.ID {
			f.Conflict = o.ID
			fact := d.fact(KindSettled, f)
			fact.Incident = side.Other
			facts = append(facts, fact)
		}
	}
	return facts
}

// doUnseal lets somebody see the reporter's personal fields, with a purpose, and logs it. Shielded reporters only the director sees;
// a protected one also the lead.
func doUnseal(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	lead := false
	if a.Actor.Role == RoleUnit || a.Actor.Role == RoleGrid {
		unit := d.unitOf(a.Actor)
		t := st.leadTask()
		if unit == "" || t == nil || t.Unit != unit || t.SignedAt == 0 {
			return nil, d.refuse("not_lead")
		}
		lead = true
	}
	switch {
	case blank(a.Text) && blank(a.Reason):
		return nil, d.refuse("purpose")
	case st.Shield == "confidential" && a.Actor.Role != RoleDirector:
		return nil, d.refuse("confidential")
	case st.Shield == "protected" && a.Actor.Role != RoleDirector && !lead:
		return nil, d.refuse("protected")
	}
	return d.one(KindUnsealed, Fields{Text: a.Text, Reason: a.Reason})
}

// doUndo takes back the actor's own last act, when no entry has come after it. Whether anything has left the desk the room knows.
func doUndo(d *decision) ([]Fact, *Refusal) {
	st, a := d.st, d.act
	run := d.lastAct()
	if len(run) == 0 || len(st.Heads) != 1 || st.Pending > 0 {
		return nil, d.refuse("not_last")
	}
	undone := Fields{Text: a.Text}
	var others []Fact
	for _, l := range run {
		switch l.Kind {
		case KindUndone, KindUnsealed, KindSettled, KindPersonErased:
			return nil, d.refuse("kind")
		case KindMerged, KindSplit:
			f, r := d.undoOn(l.Fact.Other, l.Kind)
			if r != nil {
				return nil, r
			}
			others = append(others, f...)
		case KindAbsorbed, KindReleased:
			return nil, d.refuse("other_side")
		}
		undone.Undoes = append(undone.Undoes, l.Entry)
	}
	return append([]Fact{d.fact(KindUndone, undone)}, others...), nil
}

// lastAct returns the log lines of the actor's last act, which must be the last of the log.
func (d *decision) lastAct() []LogLine {
	log, want := d.st.Log, d.act.Undoes
	n := len(log)
	for n > 0 {
		l, last := log[n-1], log[len(log)-1]
		if l.Fact == nil || l.Undone || l.Actor != d.act.Actor.Login || l.At != last.At || l.Rec != last.Rec && l.Kind == last.Kind {
			break
		}
		if len(want) > 0 && !slices.Contains(want, l.Entry) {
			break // an act of the same moment that shall stay
		}
		n--
	}
	return log[n:]
}

// undoOn takes the other half of a merge or split back, if nothing came after it on the other incident either.
func (d *decision) undoOn(id IncidentID, k Kind) ([]Fact, *Refusal) {
	other, ok := d.other(id)
	if !ok {
		return nil, nil
	}
	for _, l := range other.Log {
		mine := l.Fact != nil && !l.Undone && l.Fact.Other == d.act.ID && (k == KindMerged && l.Kind == KindAbsorbed || k == KindSplit && l.Kind == KindReleased)
		if !mine || l.At != d.st.Log[len(d.st.Log)-1].At {
			continue
		}
		if len(other.Heads) != 1 || other.Heads[0] != l.Entry.Ref() {
			return nil, d.refuse("other_side")
		}
		f := d.fact(KindUndone, Fields{Undoes: []EntryID{l.Entry}})
		f.Incident = id
		return []Fact{f}, nil
	}
	return nil, nil
}
