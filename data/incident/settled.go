package incident

import "slices"

// applySettled does what was chosen. The choice counts from the settling on; what was folded before stays in the record.
func applySettled(f *folder, _ *Entry, fact *Fact) {
	f.edit(fact)
	for _, p := range f.pairs {
		if !f.knows(f.at, p.i) || !f.knows(f.at, p.j) || f.idOf(p) != fact.Conflict {
			continue
		}
		f.settle(p, fact)
		return
	}
}

func (f *folder) settle(p pair, by *Fact) {
	a, b := f.nodes[p.i].e, f.nodes[p.j].e
	st := &f.st
	switch by.Choice {
	case chooseKeepA:
		st.recall(a.Fact, b.Fact, by.At)
	case chooseKeepB:
		st.recall(b.Fact, a.Fact, by.At)
	case chooseCloseNow, chooseCloseAgain:
		st.end(first(isClose, a, b), by.At)
	case chooseWithdraw:
		st.end(first(isWithdrawal, a, b), by.At)
	case choosePickA, choosePickB, chooseThird:
		f.pick(p, by)
	case chooseOwnerA:
		st.Scope = a.Scope
	case chooseOwnerB:
		st.Scope = b.Scope
	case chooseCountyKeeps:
		st.endTasks(TaskWithdrawn, by.At, nil)
		st.stopSuspension(by.At)
		st.Status = WithCounty
	case chooseOtherMaster:
		st.otherMaster(first(isMerge, a, b), first(isAbsorb, a, b))
	case chooseStayMerged: // a merge that was held back happens now
		if e := first(isMerge, a, b); e == a && f.flags[p.i]&softened != 0 || e == b && f.flags[p.j]&softened != 0 {
			st.merge(e, e.Fact)
		}
	case chooseSplit:
		if e := first(isMerge, a, b); e.ID == st.MergeEntry {
			st.unmerge()
		}
	}
}

// first returns the side of a class.
func first(c class, a, b *Entry) *Entry {
	if classOf(a)&c != 0 {
		return a
	}
	return b
}

// recall takes back the units of one dispatch that the other doesn't name, and makes the other's lead the lead.
func (st *State) recall(keep, recall *Fact, at Stamp) {
	kept := func(u UnitID) bool { return u == keep.Lead || slices.Contains(keep.Co, u) }
	st.endTasks(TaskWithdrawn, at, func(t *Task) bool {
		return (t.Unit == recall.Lead || slices.Contains(recall.Co, t.Unit)) && !kept(t.Unit)
	})
	if t := st.task(keep.Lead); t == nil || !t.Live() {
		return
	}
	if st.LeadUnit != keep.Lead {
		st.LeadUnit, st.Lead, st.LeadWrong = keep.Lead, keep.Lead, true
	}
	for i := range st.Tasks {
		if t := &st.Tasks[i]; t.Live() {
			t.Lead = t.Unit == keep.Lead
		}
	}
	if st.Status == Dispatched || st.Status == Handling {
		st.Status = Dispatched
		if t := st.leadTask(); t != nil && t.SignedAt != 0 {
			st.Status = Handling
		}
	}
	st.setCo()
}

// end lets a closing or withdrawal that was kept as a draft happen now.
func (st *State) end(e *Entry, at Stamp) {
	fact := *e.Fact
	fact.At = at
	switch e.Kind {
	case KindVerified:
		if st.Status.Open() {
			st.pass(&fact)
		}
	case KindCalledBack:
		if st.Status != Verified && st.Status.Open() {
			st.pass(&fact)
		}
		st.EndedAt = 0
		st.close(at)
	case KindForceClosed:
		st.ClosedAt = 0
		st.force(&fact)
	case KindRefused:
		st.ClosedAt = 0
		st.refuse(&fact)
	case KindVoided:
		st.ClosedAt = 0
		st.void(at)
	}
}

// pick settles two results and two deadlines; chosen values stand in the fact and are edits already.
func (f *folder) pick(p pair, by *Fact) {
	side := f.nodes[p.i].e
	if by.Choice == choosePickB {
		side = f.nodes[p.j].e
	}
	st := &f.st
	switch p.rule {
	case twoResults:
		if by.Choice == chooseThird {
			st.Text = by.Text
			return
		}
		if by.Choice == choosePickA { // stands already
			return
		}
		st.Status, st.ClosedAt, st.EndedAt = FedBack, 0, 0
		st.end(side, by.At)
		if side.Kind == KindCalledBack {
			st.Answer, st.Score = side.Fact.Answer, side.Fact.Score
		}
	case twoDeadlines:
		if n := len(st.Extensions); n > 0 {
			st.Extensions[n-1].DueNew = side.Fact.DueNew
		}
	}
}

// otherMaster turns a merge round.
func (st *State) otherMaster(merged, absorbed *Entry) {
	if st.MergedInto == merged.Fact.Other {
		st.unmerge()
		st.absorb(absorbed, absorbed.Fact)
		return
	}
	st.Absorptions = slices.DeleteFunc(slices.Clone(st.Absorptions), func(a Absorption) bool { return a.Other == merged.Fact.Other })
	st.merge(merged, merged.Fact)
}

func (st *State) unmerge() { st.MergedInto, st.MergedAt, st.MergeEntry = IncidentID{}, 0, EntryID{} }
