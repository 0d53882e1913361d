package incident

import "slices"

// folder is one run of Fold.
type folder struct {
	graph
	st     State
	at     int    // position of the entry being applied
	gone   []bool // entries taken back, nil for none
	flags  []flag // per entry, nil when nothing is concurrent
	pairs  []pair // all concurrent pairs of the conflict table
	values *liveValues
	erased []int // positions of the erasures of the person
}

// flag says how an entry applies that meets a concurrent one.
type flag uint8

const (
	// softened: the entry is kept in the record but moves no state, because open beats closed and the first result stands.
	softened flag = 1 << iota
	// joined: a dispatch that adds its units to those already sent.
	joined
)

func fold(entries []Entry) State {
	f := folder{graph: newGraph(entries)}
	f.st.Pending = f.pending
	if len(f.nodes) == 0 {
		if len(entries) > 0 {
			f.st.ID, f.st.Scope = entries[0].Incident, entries[0].Scope
		}
		return f.st
	}
	first := f.nodes[0].e
	f.st.ID, f.st.Scope = first.Incident, first.Scope
	f.gone, f.erased = f.undone(), f.erasures()
	if !f.chain {
		f.findPairs()
		f.values = &liveValues{}
	}
	f.st.Log = make([]LogLine, 0, len(f.nodes))
	for i := range f.nodes {
		f.at = i
		f.step(f.nodes[i].e)
	}
	f.st.Heads = f.heads()
	f.st.Conflicts = f.open()
	f.finish()
	return f.st
}

// step logs one entry and applies it.
func (f *folder) step(e *Entry) {
	gone := f.gone != nil && f.gone[f.at]
	line := LogLine{Entry: e.ID, Kind: e.Kind, Rec: e.HLC.Stamp(), Actor: e.Actor, Undone: gone}
	apply, known := e.Kind.apply()
	if e.Fact == nil || !known {
		line.At = line.Rec
		f.st.Unknown++
		f.st.Log = append(f.st.Log, line)
		return
	}
	line.Fact, line.At, line.Role, line.Late = e.Fact, e.Fact.At, e.Fact.ActorRole, e.Fact.Late
	line.Unit = e.Fact.Unit
	if line.Unit == "" {
		line.Unit = e.Fact.ActorUnit
	}
	f.st.Log = append(f.st.Log, line)
	if gone && e.Kind != KindRegistered {
		return
	}
	if apply != nil {
		apply(f, e, e.Fact)
	}
	if gone { // a registration taken back: its number stays, struck through
		f.st.void(e.Fact.At)
	}
	f.hold(e.Fact.At)
}

// is reports whether the entry being applied has a flag.
func (f *folder) is(fl flag) bool { return f.flags != nil && f.flags[f.at]&fl != 0 }

// Stamp returns the clock's moment without the counter.
func (h HLC) Stamp() Stamp { return Stamp(h >> 16) }

// status is the state with the merge laid over it.
func (st *State) status() Status {
	if !st.MergedInto.IsZero() {
		return Merged
	}
	return st.Status
}

// hold notes who has the incident from at on. Times never run backwards, so that the segments have no gap.
func (f *folder) hold(at Stamp) {
	st := &f.st
	h := Hold{At: at, Holder: st.holder()}
	h.Stopped = h.Holder == HolderCounty || h.Holder == HolderClosed || st.Status == Suspended
	if len(st.Holds) == 0 {
		h.At = st.ReceivedAt
		st.Holds = append(make([]Hold, 0, 4), h)
		return
	}
	last := &st.Holds[len(st.Holds)-1]
	if last.Holder == h.Holder && last.Stopped == h.Stopped {
		return
	}
	if h.At <= last.At {
		h.At = last.At
	}
	st.Holds = append(st.Holds, h)
}

func (st *State) holder() string {
	switch st.status() {
	case Dispatched, Handling, Suspended:
		if st.LeadUnit != "" {
			return string(st.LeadUnit)
		}
		return HolderRoom
	case WithCounty:
		return HolderCounty
	case Closed, Refused, Merged, Forced, Void:
		return HolderClosed
	}
	return HolderRoom
}

// finish lays the merge over the state and drops what an open incident cannot have.
func (f *folder) finish() {
	st := &f.st
	for _, a := range st.Absorptions {
		st.Absorbed = append(st.Absorbed, a.Other)
		if a.Due != 0 && (st.AbsorbedDue == 0 || a.Due < st.AbsorbedDue) {
			st.AbsorbedDue = a.Due
		}
	}
	if st.Status.Open() {
		st.ClosedAt, st.EndedAt = 0, 0
	}
	st.SettleOpen = st.status().Open() && st.FedBackAt == 0
	if !st.MergedInto.IsZero() {
		st.Before, st.Status, st.EndedAt = st.Status, Merged, st.MergedAt
	}
	f.setValues()
	f.countPersons()
}

// task returns the latest task of a unit, a live one before an ended one; nil for none.
func (st *State) task(unit UnitID) *Task {
	var found *Task
	for i := len(st.Tasks) - 1; i >= 0; i-- {
		t := &st.Tasks[i]
		if t.Unit != unit {
			continue
		}
		if t.Live() {
			return t
		}
		if found == nil {
			found = t
		}
	}
	return found
}

// leadTask returns the latest task of the present lead, nil for none.
func (st *State) leadTask() *Task {
	if st.LeadUnit == "" {
		return nil
	}
	for i := len(st.Tasks) - 1; i >= 0; i-- {
		if t := &st.Tasks[i]; t.Lead && t.Unit == st.LeadUnit {
			return t
		}
	}
	return nil
}

// endTasks ends the live tasks that match.
func (st *State) endTasks(status TaskStatus, at Stamp, match func(*Task) bool) {
	for i := range st.Tasks {
		if t := &st.Tasks[i]; t.Live() && (match == nil || match(t)) {
			t.Status, t.EndedAt = status, at
		}
	}
}

// send gives a unit a task unless it has a live one.
func (st *State) send(unit UnitID, lead bool, at Stamp, terms *Terms) {
	if unit == "" {
		return
	}
	if t := st.task(unit); t != nil && t.Live() {
		t.Lead = t.Lead || lead
		return
	}
	if st.Tasks == nil {
		st.Tasks = make([]Task, 0, 4)
	}
	st.Tasks = append(st.Tasks, Task{Unit: unit, Lead: lead, Status: TaskSent, Round: st.Round, SentAt: at, Terms: terms})
}

// setCo makes Co the live co-handlers in the order they were sent.
func (st *State) setCo() {
	n := 0
	for i := range st.Tasks {
		if t := &st.Tasks[i]; !t.Lead && t.Live() {
			n++
		}
	}
	st.Co = nil
	if n == 0 {
		return
	}
	st.Co = make([]UnitID, 0, n)
	for i := range st.Tasks {
		if t := &st.Tasks[i]; !t.Lead && t.Live() && !slices.Contains(st.Co, t.Unit) {
			st.Co = append(st.Co, t.Unit)
		}
	}
}

func (st *State) void(at Stamp) {
	st.endTasks(TaskWithdrawn, at, nil)
	st.Status, st.EndedAt = Void, at
}
