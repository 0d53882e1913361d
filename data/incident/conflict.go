package incident

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// class is a set of what an entry is to the conflict table.
type class uint32

const (
	isDispatch   class = 1 << iota // sends units
	isRecall                       // ends a dispatch: return, dispute, escalation
	isClose                        // the work is done: passed verification, closing callback, force
	isActive                       // somebody is at work or asks for it
	isReopen                       //
	isWithdrawal                   // no work of ours: refused, void
	isTransition                   // moves the incident or a task
	isMerge                        //
	isAbsorb                       //
	isSplit                        //
	isEdit                         //
	isDeadline                     //
	isHandover                     // gives the incident to a township
)

// classOf says what an entry is to the conflict table. It looks at the entry alone, so that conflicts depend on nothing else.
func classOf(e *Entry) class {
	f := e.Fact
	if f == nil {
		return 0
	}
	switch e.Kind {
	case KindDispatched, KindReassigned, KindRuled:
		return isDispatch | isActive | isTransition
	case KindReturned, KindDisputed, KindEscalated:
		return isRecall | isTransition
	case KindSigned, KindCoWaived, KindSuspended, KindResumed, KindCountyClosed, KindFedBack, KindInfoAsked:
		return isTransition
	case KindArrived, KindCoAdded:
		return isActive | isTransition
	case KindAccepted:
		return isTransition | editClass(f)
	case KindEdited, KindSettled:
		return editClass(f)
	case KindNoted:
		if f.Question != "" {
			return isActive
		}
	case KindVerified:
		if f.Pass {
			return isClose | isTransition
		}
		return isActive | isTransition
	case KindCalledBack:
		if f.Result == resultClosed {
			return isClose | isTransition
		}
		return isTransition
	}
	return endClass(e.Kind)
}

func editClass(f *Fact) class {
	if touched(f) != 0 {
		return isEdit
	}
	return 0
}

func endClass(k Kind) class {
	switch k {
	case KindForceClosed:
		return isClose
	case KindReopened:
		return isReopen | isTransition
	case KindRefused, KindVoided:
		return isWithdrawal
	case KindMerged:
		return isMerge
	case KindAbsorbed:
		return isAbsorb
	case KindSplit, KindReleased:
		return isSplit
	case KindExtended:
		return isDeadline
	case KindCountyReturned:
		return isHandover | isTransition
	}
	return 0
}

// conflictRule is a row of the conflict table; the names go into conflict IDs and never change.
type conflictRule string

const (
	doubleDispatch       conflictRule = "double_dispatch"
	sameDispatch         conflictRule = "same_dispatch"
	closedWhileActive    conflictRule = "closed_while_active"
	closedAndReopened    conflictRule = "closed_and_reopened"
	twoResults           conflictRule = "two_results"
	twoOwners            conflictRule = "two_owners"
	mergeCycle           conflictRule = "merge_cycle"
	mergeChain           conflictRule = "merge_chain"
	mergedWhileActive    conflictRule = "merged_while_active"
	splitWhileMerging    conflictRule = "split_while_merging"
	twoValues            conflictRule = "two_values"
	twoDeadlines         conflictRule = "two_deadlines"
	withdrawnWhileActive conflictRule = "withdrawn_while_active"
)

// loud reports whether the conflict raises the incident in everybody's queue.
func (r conflictRule) loud() bool {
	switch r {
	case doubleDispatch, closedWhileActive, closedAndReopened, twoOwners, withdrawnWhileActive:
		return true
	}
	return false
}

// The settling choices, as catalogue keys.
const (
	chooseBoth        = "settle.keep_both"
	chooseKeepA       = "settle.keep_a"
	chooseKeepB       = "settle.keep_b"
	chooseCloseNow    = "settle.close_now"
	chooseCloseAgain  = "settle.close_again"
	chooseStayOpen    = "settle.stay_open"
	choosePickA       = "settle.pick_a"
	choosePickB       = "settle.pick_b"
	chooseThird       = "settle.third"
	chooseOwnerA      = "settle.owner_a"
	chooseOwnerB      = "settle.owner_b"
	chooseCountyKeeps = "settle.county_keeps"
	chooseOtherMaster = "settle.other_master"
	chooseSplit       = "settle.split"
	chooseStayMerged  = "settle.stay_merged"
	chooseWithdraw    = "settle.withdraw"
)

func (r conflictRule) choices() []string {
	switch r {
	case doubleDispatch:
		return []string{chooseBoth, chooseKeepA, chooseKeepB}
	case closedWhileActive:
		return []string{chooseCloseNow, chooseStayOpen}
	case closedAndReopened:
		return []string{chooseCloseAgain, chooseStayOpen}
	case twoResults, twoValues:
		return []string{choosePickA, choosePickB, chooseThird}
	case twoDeadlines:
		return []string{choosePickA, choosePickB}
	case twoOwners:
		return []string{chooseOwnerA, chooseOwnerB, chooseCountyKeeps}
	case mergeCycle:
		return []string{chooseOtherMaster}
	case mergeChain, mergedWhileActive, splitWhileMerging:
		return []string{chooseSplit, chooseStayMerged}
	case withdrawnWhileActive:
		return []string{chooseWithdraw, chooseStayOpen}
	}
	return nil
}

// closedBy returns the classes of later entries that close a conflict when their writer had seen both sides.
func (r conflictRule) closedBy() class {
	switch r {
	case doubleDispatch, sameDispatch:
		return isDispatch | isRecall | isClose
	case closedWhileActive, closedAndReopened, twoResults:
		return isClose | isReopen
	case twoOwners:
		return isHandover | isRecall
	case mergeCycle:
		return isMerge | isAbsorb | isSplit
	case mergeChain:
		return isMerge
	case mergedWhileActive, splitWhileMerging:
		return isMerge | isSplit
	case twoDeadlines:
		return isDeadline | isReopen | isHandover
	case withdrawnWhileActive:
		return isWithdrawal | isClose
	}
	return 0
}

// pair is two concurrent entries, i before j in fold order, that the conflict table names.
type pair struct {
	rule conflictRule
	i, j int
}

// findPairs finds all pairs of the table and flags the entries that apply otherwise than alone.
func (f *folder) findPairs() {
	classes := make([]class, len(f.nodes))
	var relevant []int
	for k := range f.nodes {
		if f.gone != nil && f.gone[k] {
			continue
		}
		if classes[k] = classOf(f.nodes[k].e); classes[k] != 0 {
			relevant = append(relevant, k)
		}
	}
	f.flags = make([]flag, len(f.nodes))
	for n, j := range relevant {
		for _, i := range relevant[:n] {
			if f.concurrent(i, j) {
				f.meet(pair{i: i, j: j}, classes[i], classes[j])
			}
		}
	}
}

// meet records which rules a concurrent pair falls under.
func (f *folder) meet(p pair, a, b class) {
	ei, ej := f.nodes[p.i].e, f.nodes[p.j].e
	add := func(r conflictRule) {
		p.rule = r
		f.pairs = append(f.pairs, p)
	}
	both := a & b
	if both&isDispatch != 0 {
		f.flags[p.j] |= joined
		if sameUnits(ei.Fact, ej.Fact) {
			add(sameDispatch)
		} else {
			add(doubleDispatch)
		}
	}
	f.meetEnds(p, a, b, add)
	if both&isHandover != 0 && ei.Scope != ej.Scope {
		add(twoOwners)
		if ej.Fact.ActorRole == RoleCounty && ei.Fact.ActorRole != RoleCounty {
			f.flags[p.i] |= softened
		} else {
			f.flags[p.j] |= softened
		}
	}
	f.meetMerges(p, a, b, add)
	if both&isEdit != 0 && differing(ei.Fact, ej.Fact) != 0 {
		add(twoValues)
	}
	if both&isDeadline != 0 {
		if ei.Fact.DueNew != ej.Fact.DueNew {
			add(twoDeadlines)
		}
		if ej.Fact.DueNew < ei.Fact.DueNew {
			f.flags[p.j] |= joined
		} else {
			f.flags[p.j] |= softened
		}
	}
}

// meetEnds is the part of meet about closing: open beats closed, and of two results the first stands.
func (f *folder) meetEnds(p pair, a, b class, add func(conflictRule)) {
	soften := func(which class) {
		if a&which != 0 {
			f.flags[p.i] |= softened
		} else {
			f.flags[p.j] |= softened
		}
	}
	cross := func(x, y class) bool { return a&x != 0 && b&y != 0 || a&y != 0 && b&x != 0 }
	switch {
	case cross(isWithdrawal, isTransition):
		add(withdrawnWhileActive)
		soften(isWithdrawal)
	case a&(isClose|isWithdrawal) != 0 && b&(isClose|isWithdrawal) != 0:
		if resultOf(f.nodes[p.i].e) != resultOf(f.nodes[p.j].e) {
			add(twoResults)
		}
		f.flags[p.j] |= softened
	case cross(isClose, isActive):
		add(closedWhileActive)
		soften(isClose)
	case cross(isClose, isReopen):
		add(closedAndReopened)
		soften(isClose)
	}
}

// meetMerges is the part of meet about merging.
func (f *folder) meetMerges(p pair, a, b class, add func(conflictRule)) {
	ei, ej := f.nodes[p.i].e, f.nodes[p.j].e
	cross := func(x, y class) bool { return a&x != 0 && b&y != 0 || a&y != 0 && b&x != 0 }
	switch {
	case cross(isMerge, isAbsorb):
		if ei.Fact.Other != ej.Fact.Other {
			f.meetChain(p, a&isMerge != 0, add)
			return
		}
		add(mergeCycle)
		// The master is the one with the lower ID; the other direction is left out.
		iMerges := a&isMerge != 0
		master := bytes.Compare(ei.Incident[:], ei.Fact.Other[:]) < 0
		if iMerges == master {
			f.flags[p.i] |= softened
		} else {
			f.flags[p.j] |= softened
		}
	case cross(isMerge, isTransition|isWithdrawal|isClose):
		add(mergedWhileActive)
	case cross(isMerge, isSplit):
		add(splitWhileMerging)
	}
}

// meetChain is a merge into one incident beside taking up another: a chain of masters, and with more incidents perhaps a ring in which
// each went into the next and none would be left open. The incident whose ID is below both others stays a master until people settle
// it; every ring has one such.
func (f *folder) meetChain(p pair, iMerges bool, add func(conflictRule)) {
	add(mergeChain)
	merged, absorbed := f.nodes[p.i].e, f.nodes[p.j].e
	at := p.i
	if !iMerges {
		merged, absorbed, at = absorbed, merged, p.j
	}
	id := merged.Incident[:]
	if bytes.Compare(id, merged.Fact.Other[:]) < 0 && bytes.Compare(id, absorbed.Fact.Other[:]) < 0 {
		f.flags[at] |= softened
	}
}

// sameUnits reports whether two dispatches name the same lead and the same units.
func sameUnits(a, b *Fact) bool {
	if a.Lead != b.Lead || len(a.Co) != len(b.Co) {
		return false
	}
	for _, u := range a.Co {
		if !slices.Contains(b.Co, u) {
			return false
		}
	}
	return true
}

// resultOf names what a closing says; two closings with one result are no conflict.
func resultOf(e *Entry) string {
	switch e.Kind {
	case KindForceClosed, KindRefused, KindVoided:
		return string(rune(e.Kind)) + e.Fact.Reason
	case KindCalledBack:
		return e.Fact.Answer
	}
	return resultClosed
}

// conflictID is the same at every desk: it depends on the incident, the rule and the two entries.
func conflictID(incident IncidentID, rule conflictRule, a, b EntryID) string {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	h := sha256.New()
	h.Write(incident[:])
	h.Write([]byte(rule))
	h.Write(a[:])
	h.Write(b[:])
	return hex.EncodeToString(h.Sum(nil))
}

func (f *folder) idOf(p pair) string {
	return conflictID(f.nodes[p.i].e.Incident, p.rule, f.nodes[p.i].e.ID, f.nodes[p.j].e.ID)
}

// open returns the conflicts nobody has settled yet, in fold order.
func (f *folder) open() []Conflict {
	var open []Conflict
	for _, p := range f.pairs {
		id := f.idOf(p)
		if f.closed(p, id) {
			continue
		}
		open = append(open, Conflict{
			ID: id, Rule: string(p.rule), Loud: p.rule.loud(), Choices: p.rule.choices(),
			Sides: [2]EntryID{f.nodes[p.i].e.ID, f.nodes[p.j].e.ID},
		})
	}
	return open
}

// closed reports whether somebody who had seen both sides settled the conflict or went on with the same matter.
func (f *folder) closed(p pair, id string) bool {
	var missing uint32
	if p.rule == twoValues {
		missing = differing(f.nodes[p.i].e.Fact, f.nodes[p.j].e.Fact)
	}
	by := p.rule.closedBy()
	for k := p.j + 1; k < len(f.nodes); k++ {
		e := f.nodes[k].e
		if e.Fact == nil || (f.gone != nil && f.gone[k]) || !f.knows(k, p.i) || !f.knows(k, p.j) {
			continue
		}
		if e.Kind == KindSettled && e.Fact.Conflict == id {
			return true
		}
		c := classOf(e)
		if c&by != 0 {
			return true
		}
		if p.rule == twoValues && c&isEdit != 0 {
			if missing &^= touched(e.Fact); missing == 0 {
				return true
			}
		}
	}
	return false
}
