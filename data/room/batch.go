package room

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/data/store"
)

// errFlush says that an act needs the entry IDs of earlier acts of its batch: the batch must be written first.
var errFlush = errors.New("write the batch first")

// batch is what one transaction will hold. Each act is decided against the state that includes the earlier acts of the batch.
// Entry IDs exist only after writing; until then a draft has a stand-in ID that the store never sees.
type batch struct {
	r       *Room
	now     incident.Stamp
	rules   *Rules
	drafts  []store.Draft
	answers []answer // parallel to drafts
	work    map[incident.IncidentID]*work
	standIn map[incident.ParentRef]int // stand-in ref to place in drafts
	sources map[sourceNo]incident.IncidentID
	numbers map[string]incident.IncidentID
	last    map[dayKey]int
}

// answer says whose result a draft belongs to.
type answer struct {
	job *job
	act int // -1 for a desk fact
}

// work is an incident as the batch leaves it: written entries, then stand-ins.
type work struct {
	before  *file                // as written
	entries []incident.Entry     // of before, then stand-ins
	state   *incident.State      // of all entries, unless stale
	heads   []incident.ParentRef // of all entries
	stale   bool                 // the state lacks the last stand-ins: most batches hold one act of an incident, and nobody asks
}

// folded brings the state up to date and returns it.
func (w *work) folded() *incident.State {
	if w.stale {
		st := incident.Fold(w.entries)
		w.state, w.stale = &st, false
	}
	return w.state
}

func (r *Room) newBatch() *batch {
	return &batch{
		r:       r,
		now:     r.Now(),
		rules:   r.rules.Load(),
		work:    map[incident.IncidentID]*work{},
		standIn: map[incident.ParentRef]int{},
		sources: map[sourceNo]incident.IncidentID{},
		numbers: map[string]incident.IncidentID{},
		last:    map[dayKey]int{},
	}
}

// act decides the i-th act of a job and adds its facts. An error leaves the batch as it was.
func (b *batch) act(j *job, i int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			b.r.log.WithField("verb", string(j.acts[i].Do)).WithField("panic", fmt.Sprint(p)).Error("panic while deciding")
			err = fmt.Errorf("decide %s: the program made an error: %v", j.acts[i].Do, p)
		}
	}()
	act := j.acts[i]
	if err := b.resolve(&act, j.refs); err != nil {
		return err
	}
	w, err := b.open(act.ID, act.Do == incident.Register)
	if err != nil {
		return err
	}
	if b.touchesStandIns(w, act) {
		return errFlush
	}
	env := incident.Env{Rules: b.rules, World: b, Now: b.now}
	if act.Do == incident.Move {
		env.Stands, _ = b.r.listNow(&file{entries: w.entries, state: *w.folded()}, b.rules, act.At)
	}
	facts, err := incident.Decide(w.folded(), &act, env)
	if err != nil {
		return err
	}
	if len(facts) == 0 {
		return fmt.Errorf("decide %s: no fact and no refusal", act.Do)
	}
	for k := range facts {
		if facts[k].Incident.IsZero() {
			facts[k].Incident = act.ID
		}
		if _, err := b.open(facts[k].Incident, true); err != nil {
			return err
		}
	}
	for k := range facts {
		b.add(&facts[k], &act, answer{j, i})
	}
	st := b.work[act.ID].state
	j.results[i].out = Outcome{Incident: act.ID, No: st.No}
	if undoable(act.Do) {
		j.results[i].out.UndoUntil = b.now.Add(undoWindow)
	}
	if act.Ref != "" && act.Do == incident.Register && j.refs != nil {
		j.refs[act.Ref] = act.ID
	}
	return nil
}

// touchesStandIns reports whether an act takes entries back, or settles a conflict, on an incident with unwritten entries: those
// facts name entry IDs.
func (b *batch) touchesStandIns(w *work, act incident.Act) bool {
	switch act.Do {
	case incident.Split, incident.Undo, incident.Settle:
		return len(w.entries) > len(w.before.entries)
	}
	return false
}

// open returns the incident as the batch leaves it so far. A new one starts empty.
func (b *batch) open(id incident.IncidentID, isNew bool) (*work, error) {
	if w, ok := b.work[id]; ok {
		return w, nil
	}
	f, err := b.r.file(id)
	if errors.Is(err, ErrNotFound) && isNew {
		f, err = &file{}, nil
	}
	if err != nil {
		return nil, err
	}
	w := &work{before: f, entries: f.entries, state: &f.state, heads: f.state.Heads}
	b.work[id] = w
	return w, nil
}

// add puts a fact into the batch. Who acts has seen all heads of the incident, and an entry names at most eight: of more, notes join
// eight at a time first, so that nothing seen stays concurrent with the act.
func (b *batch) add(fact *incident.Fact, act *incident.Act, a answer) {
	for w := b.work[fact.Incident]; len(w.heads) > journal.MaxParents; {
		note := incident.Fact{Incident: fact.Incident, Kind: incident.KindNoted, At: fact.At, ActorRole: fact.ActorRole, ActorUnit: fact.ActorUnit}
		note.Text = b.r.text("room.heads_joined", []string{strconv.Itoa(len(w.heads))})
		b.put(&note, act, answer{a.job, -1})
	}
	b.put(fact, act, a)
}

// put puts one fact into the batch, which keeps it, with a stand-in entry.
func (b *batch) put(fact *incident.Fact, act *incident.Act, a answer) {
	fact.Late = fact.Late || (!b.r.drill && b.now-fact.At > lateAfter)
	w := b.work[fact.Incident]
	d := store.Draft{Incident: fact.Incident, Scope: b.scope(w, fact), Actor: act.By, Kind: fact.Kind, Fact: fact, Wall: b.wall(act)}
	heads := w.heads[:min(len(w.heads), journal.MaxParents)]
	for _, h := range heads {
		if at, ok := b.standIn[h]; ok {
			d.After = append(d.After, at)
		} else {
			d.Parents = append(d.Parents, h)
		}
	}
	e := b.standInFor(fact, act.By, heads)
	b.standIn[e.ID.Ref()] = len(b.drafts)
	b.drafts = append(b.drafts, d)
	b.answers = append(b.answers, a)
	w.entries = append(w.entries, e)
	w.heads = append(slices.Clone(w.heads[len(heads):]), e.ID.Ref())
	w.stale = true
	if fact.No != "" || fact.SourceNo != "" {
		b.note(w.folded())
	}
}

func (b *batch) standInFor(fact *incident.Fact, by incident.Login, heads []incident.ParentRef) incident.Entry {
	var id incident.EntryID
	binary.BigEndian.PutUint64(id[:8], ^uint64(0)-uint64(len(b.drafts)))
	return incident.Entry{
		ID: id, Seq: 1<<62 + uint64(len(b.drafts)), HLC: incident.HLC(uint64(b.now)<<16 + uint64(len(b.drafts))),
		Incident: fact.Incident, Parents: heads, Actor: by, Kind: fact.Kind, Fact: fact,
	}
}

// wall is the record time: the act's own in a drill, else the desk's clock.
func (b *batch) wall(act *incident.Act) incident.Stamp {
	if b.r.drill && act.At != 0 {
		return act.At
	}
	return b.now
}

// note remembers the numbers given inside the batch.
func (b *batch) note(st *incident.State) {
	if st.SourceNo != "" {
		b.sources[sourceNo{st.Channel, st.SourceNo}] = st.ID
	}
	if n, ok := parseNumber(st.No); ok {
		b.numbers[st.No] = st.ID
		b.last[n.key()] = max(b.last[n.key()], n.seq)
	}
}

// nextNo returns the number for a report received at a moment.
func (b *batch) nextNo(received incident.Stamp) string {
	n := number{day: incident.DayOf(received), seat: b.r.seat}
	n.seq = max(b.last[n.key()], b.r.numbers.lastOf(n.key())) + 1
	return n.String()
}

// BySource finds the incident registered under a channel's own number, unwritten ones included.
func (b *batch) BySource(ch incident.Channel, no string) (incident.IncidentID, bool) {
	id, ok := b.sources[sourceNo{ch, no}]
	if !ok {
		return b.r.bySource(ch, no)
	}
	st, ok := b.State(id)
	return id, ok && holds(&st, ch, no)
}

// State returns an incident as the batch leaves it so far.
func (b *batch) State(id incident.IncidentID) (incident.State, bool) {
	w, err := b.open(id, false)
	if err != nil {
		return incident.State{}, false
	}
	return *w.folded(), true
}

// deskFacts adds facts about the desk itself.
func (b *batch) deskFacts(j *job) {
	for i := range j.desk {
		fact := j.desk[i]
		b.drafts = append(b.drafts, store.Draft{Scope: b.rules.Scope(), Actor: j.by, Kind: fact.Kind, Fact: &fact, Wall: b.now})
		b.answers = append(b.answers, answer{j, -1})
	}
}

// flush writes the batch in one transaction, brings the read models up to date and fills the answers in.
func (b *batch) flush() {
	if len(b.drafts) == 0 {
		return
	}
	entries, err := b.r.store.Append(b.drafts)
	if err != nil {
		b.r.log.WithField("drafts", len(b.drafts)).WithField("error", err.Error()).Error("append")
		b.fail(fmt.Errorf("write %d entries: %w", len(b.drafts), err))
		return
	}
	written := map[incident.IncidentID][]incident.Entry{}
	for i, e := range entries {
		if a := b.answers[i]; a.act >= 0 {
			out := &a.job.results[a.act].out
			out.Entries = append(out.Entries, e.ID)
		}
		if !e.Incident.IsZero() {
			written[e.Incident] = append(written[e.Incident], e)
		}
	}
	b.publish(written)
	b.r.wrote(entries)
	b.drafts = nil
}

// publish folds what was written into the caches, the board and the change feed.
func (b *batch) publish(written map[incident.IncidentID][]incident.Entry) {
	inputs := make([]board.Input, 0, len(written))
	changed := Change{}
	for id, f := range b.fold(written) {
		w := b.work[id]
		b.r.files.put(id, f)
		b.r.numbers.reserve(f.state.No)
		b.r.unsaved.add(id)
		b.r.unsummed.add(id)
		b.r.lookout.dirty.add(id)
		b.r.standing.move(shareOf(&w.before.state), shareOf(&f.state))
		inputs = append(inputs, b.r.input(&f.state))
		changed.Incidents = append(changed.Incidents, id)
		b.r.bells.urgent(&w.before.state, &f.state, b.now)
	}
	for part := range slices.Chunk(inputs, applyStep) {
		b.r.board.Apply(part, b.now)
	}
	b.r.feed.send(changed)
}

// fold returns the incidents as they now are. Many are shared among the processors.
func (b *batch) fold(written map[incident.IncidentID][]incident.Entry) map[incident.IncidentID]*file {
	folded := make(map[incident.IncidentID]*file, len(written))
	files := make([]*file, 0, len(written))
	for id, es := range written {
		w := b.work[id]
		f := &file{entries: append(w.entries[:len(w.before.entries)], es...)} // over the stand-ins
		folded[id], files = f, append(files, f)
	}
	workers := min(runtime.GOMAXPROCS(0), 1+len(files)/foldsAWorker)
	ended := make([]bool, workers)
	var others sync.WaitGroup
	for i := range workers - 1 {
		others.Go(func() {
			ended[i] = b.r.guard("fold", func() { foldAll(files[i*len(files)/workers : (i+1)*len(files)/workers]) })
		})
	}
	foldAll(files[(workers-1)*len(files)/workers:])
	others.Wait()
	for i := range workers - 1 {
		if !ended[i] { // once more, where a panic is answered
			foldAll(files[i*len(files)/workers : (i+1)*len(files)/workers])
		}
	}
	return folded
}

func foldAll(files []*file) {
	for _, f := range files {
		f.state = incident.Fold(f.entries)
	}
}

// foldsAWorker is from how many incidents on another goroutine is worth its start.
const foldsAWorker = 8

// applyStep is how many incidents the board takes at once: it looks for the likely duplicates of each under its lock.
const applyStep = 128

func (b *batch) fail(err error) {
	for _, a := range b.answers {
		if a.act < 0 {
			a.job.err = err
			continue
		}
		a.job.results[a.act] = result{err: err}
	}
	b.drafts = nil
}

// resolve fills in what the act leaves to the room: time, actor, incident, master, number.
func (b *batch) resolve(act *incident.Act, refs map[string]incident.IncidentID) error {
	if err := checkText(act); err != nil {
		return err
	}
	if !act.Do.Known() {
		return &incident.Refusal{Rule: string(act.Do), Key: "refuse.any.verb", Args: []string{string(act.Do)}}
	}
	if err := b.time(act); err != nil {
		return err
	}
	actor, ok := b.rules.Person(act.By)
	if !ok {
		return refusal(act.Do, "actor", string(act.By))
	}
	act.Actor = actor
	if act.Into != "" {
		id, ok := b.named(act.Into, refs)
		if !ok {
			return refusal(act.Do, "into", act.Into)
		}
		act.Other = id
	}
	if act.Do == incident.Register {
		return b.register(act, refs)
	}
	if !act.ID.IsZero() {
		return nil
	}
	for _, name := range []string{act.Incident, act.Ref} {
		if name == "" {
			continue
		}
		id, ok := b.named(name, refs)
		if !ok {
			return refusal(act.Do, "incident", name)
		}
		act.ID = id
		return nil
	}
	return refusal(act.Do, "no_incident")
}

// time checks the act's own time. In a drill it is the clock; elsewhere the desk's clock decides, and an act may be entered up to
// 72 hours late (marked 补录 by Late) and 10 minutes early.
func (b *batch) time(act *incident.Act) error {
	if act.At == 0 {
		act.At = b.now
	}
	if b.r.drill || (act.At >= b.now-oldestAct && act.At <= b.now+newestAct) {
		return nil
	}
	return refusal(act.Do, "time", act.At.Time().In(incident.Local).Format("2006-01-02 15:04"))
}

const (
	oldestAct = incident.Stamp(72 * 3600 * 1000)
	newestAct = incident.Stamp(10 * 60 * 1000)
	lateAfter = incident.Stamp(10 * 60 * 1000)
)

func (b *batch) register(act *incident.Act, refs map[string]incident.IncidentID) error {
	if _, twice := refs[act.Ref]; act.Ref != "" && twice {
		return refusal(act.Do, "ref_twice", act.Ref)
	}
	received := act.ReceivedAt
	if received == 0 {
		received = act.At
	}
	act.No = b.nextNo(received)
	id, err := newID(act.At, b.r.cfg.Rand)
	act.ID = id
	act.Raw = withoutPerson(act.Raw, act.Reporter)
	return err
}

// named finds an incident by a name inside the batch or by its number.
func (b *batch) named(name string, refs map[string]incident.IncidentID) (incident.IncidentID, bool) {
	if id, ok := refs[name]; ok {
		return id, true
	}
	if id, ok := b.numbers[strings.TrimSpace(name)]; ok {
		return id, true
	}
	return b.r.board.ByNo(name)
}

// refusal is one that the room itself gives, before the rules of the closed loop are asked.
func refusal(verb incident.Verb, reason string, args ...string) *incident.Refusal {
	return &incident.Refusal{Rule: string(verb), Key: "refuse.room." + reason, Args: args}
}
