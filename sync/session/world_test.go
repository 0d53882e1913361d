package session

import (
	"bytes"
	"container/heap"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// The world of the machine and of the simulator: one hub, desks, a network and disks, all on a virtual clock and driven by one seed. The
// cores are the real ones, and so are the bytes between them.

const (
	county   incident.ScopeID = 330825
	townA    incident.ScopeID = 330825101
	townB    incident.ScopeID = 330825102
	startsAt incident.Stamp   = 1_760_000_000_000
)

type world struct {
	rng     *rand.Rand
	now     incident.Stamp
	queue   timeline
	order   int
	wire    *wire.Codec
	entries *journal.Codec
	hub     *hubNode
	desks   []*deskNode
	seats   map[wire.DeskID]*seat
	conns   ConnID

	facts     map[incident.EntryID]incident.Stamp // written, and when
	gone      map[incident.EntryID]bool           // the last copy anywhere was overwritten
	about     map[incident.IncidentID][]incident.ScopeID
	incidents map[incident.ScopeID][]incident.IncidentID
	copies    int // of disks
	stale     int
	alarms    []Alarm
	problems  []string
	held      map[incident.Origin]bool

	delay  func() incident.Stamp // of a message
	disk   func() incident.Stamp // of a task
	budget int                   // messages until all connections are cut; 0: no end
	trace  func(format string, args ...any)
	quiet  bool // no more reconnecting by itself
}

type seat struct {
	scope incident.ScopeID
	key   ed25519.PrivateKey
}

// moment is something that happens at a time.
type moment struct {
	at    incident.Stamp
	order int
	do    func()
}

type timeline []moment

func (t timeline) Len() int { return len(t) }
func (t timeline) Less(i, j int) bool {
	return t[i].at < t[j].at || t[i].at == t[j].at && t[i].order < t[j].order
}
func (t timeline) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *timeline) Push(x any)   { *t = append(*t, x.(moment)) }
func (t *timeline) Pop() any {
	old := *t
	x := old[len(old)-1]
	*t = old[:len(old)-1]
	return x
}

func (w *world) after(d incident.Stamp, do func()) {
	w.order++
	heap.Push(&w.queue, moment{w.now + d, w.order, do})
}

// run lets everything happen up to a time, or until nothing is left to happen.
func (w *world) run(until incident.Stamp) {
	for len(w.queue) > 0 && w.queue[0].at <= until {
		m := heap.Pop(&w.queue).(moment)
		w.now = max(w.now, m.at)
		m.do()
	}
}

func (w *world) problem(format string, args ...any) {
	if len(w.problems) < 5 {
		w.problems = append(w.problems, fmt.Sprintf("at %d: ", w.now-startsAt)+fmt.Sprintf(format, args...))
	}
}

func (w *world) random() (r [32]byte) {
	for i := 0; i < len(r); i += 8 {
		binary.BigEndian.PutUint64(r[i:], w.rng.Uint64())
	}
	return r
}

func newWorld(rng *rand.Rand, scopes ...incident.ScopeID) *world {
	w := &world{
		rng: rng, now: startsAt, seats: map[wire.DeskID]*seat{}, facts: map[incident.EntryID]incident.Stamp{},
		gone: map[incident.EntryID]bool{}, about: map[incident.IncidentID][]incident.ScopeID{},
		incidents: map[incident.ScopeID][]incident.IncidentID{}, held: map[incident.Origin]bool{},
		delay: func() incident.Stamp { return 1 }, disk: func() incident.Stamp { return 1 }, trace: func(string, ...any) {},
	}
	var err error
	if w.wire, err = wire.NewCodec(); err != nil {
		w.problem("%v", err)
	}
	if w.entries, err = journal.NewCodec(); err != nil {
		w.problem("%v", err)
	}
	secret := w.random()
	w.hub = &hubNode{node: node{w: w, name: "hub"}, secret: w.random(), key: ed25519.NewKeyFromSeed(secret[:])}
	w.hub.id = wire.HubID(secret[16:])
	w.hub.store = newMemHub(func() incident.Stamp { return w.now })
	w.hub.start()
	for _, scope := range scopes {
		w.enrol(scope)
	}
	return w
}

func (w *world) enrol(scope incident.ScopeID) {
	seed := w.random()
	key := ed25519.NewKeyFromSeed(seed[:])
	id := wire.DeskID(w.randomID())
	w.seats[id] = &seat{scope, key}
	desk := Desk{ID: id, Scope: scope, Name: "seat", Key: key.Public().(ed25519.PublicKey)}
	if err := PutDesk(context.Background(), w.hub.store, desk, 0); err != nil {
		w.problem("enrol: %v", err)
	}
	mint := func() wire.Incarnation { r := w.random(); return wire.Incarnation(r[:8]) }
	store := newMemDesk(id, key, w.entries, mint)
	w.desks = append(w.desks, &deskNode{node: node{w: w, name: fmt.Sprintf("desk %d", len(w.desks))}, store: store, scope: scope})
}

func (w *world) randomID() (id [16]byte) {
	r := w.random()
	return [16]byte(r[:16])
}

// node is a computer: its tasks are what its disk still works on.
type node struct {
	w     *world
	name  string
	tasks []*diskTask
	slow  incident.Stamp // the disk, until then
}

type diskTask struct {
	work  func(context.Context) Done
	ended bool
}

func (n *node) task(t Task, then func(Done)) {
	job := &diskTask{work: t.Work}
	n.tasks = append(n.tasks, job)
	delay := n.w.disk()
	if n.w.now < n.slow {
		delay += 2000
	}
	n.w.after(delay, func() {
		if job.ended {
			return
		}
		job.ended = true
		n.tasks = slices.DeleteFunc(n.tasks, func(o *diskTask) bool { return o == job })
		then(job.work(context.Background()))
	})
}

// crash ends the process. What the disk was working on is lost, or written and never reported.
func (n *node) crash() {
	for _, job := range n.tasks {
		job.ended = true
		if n.w.rng.IntN(2) == 0 {
			job.work(context.Background())
		}
	}
	n.tasks = nil
}

type hubNode struct {
	node
	id     wire.HubID
	key    ed25519.PrivateKey
	secret [32]byte
	store  *memHub
	core   *HubCore
	down   bool
	links  []*link
	rung   int
}

type deskNode struct {
	node
	store  *memDesk
	scope  incident.ScopeID
	core   *DeskCore
	link   *link
	coming bool
	caught bool
	lives  int
	skew   incident.Stamp
	last   map[incident.IncidentID]incident.ParentRef
}

// link is a connection. Each end learns of its end by itself, or never.
type link struct {
	w        *world
	id       ConnID
	desk     *deskNode
	up, down incident.Stamp // when the last message arrives
	cut      bool
	hubGone  bool
	deskGone bool
	burst    incident.Stamp // a proxy that lets things through in bursts
}

func (h *hubNode) start() {
	h.down = false
	h.core = NewHubCore(HubParams{
		Codec: h.w.wire, Entries: h.w.entries, Journal: h.store, Registry: h.store, Blobs: h.store, County: county,
		ID: h.id, Key: h.key, Secret: h.secret,
	})
}

func (h *hubNode) step(ev Event) {
	core := h.core
	for _, e := range core.Step(h.w.now, ev) {
		switch e := e.(type) {
		case Send:
			if l := h.link(e.Conn); l != nil {
				h.w.checkDown(l, e.Message)
				h.w.carry(l, e.Message, false)
			}
		case Task:
			h.task(e, func(d Done) {
				if h.core == core {
					h.step(d)
					h.ring()
				}
			})
		case Close:
			if l := h.link(e.Conn); l != nil {
				h.w.trace("hub closes %d of %s with %d", l.id, l.desk.name, e.Code)
				h.w.closeFrom(l, false)
			}
		case Alarm:
			h.w.alarm(e)
		}
	}
	h.bounds()
}

// ring is the journal's bell: it rings when the feed is longer than at the last time.
func (h *hubNode) ring() {
	if n := len(h.store.feed); n != h.rung {
		h.rung = n
		h.step(Stirred{})
	}
}

func (h *hubNode) link(id ConnID) *link {
	for _, l := range h.links {
		if l.id == id {
			return l
		}
	}
	return nil
}

// bounds checks I11 on the hub's memory of each desk.
func (h *hubNode) bounds() {
	for _, c := range h.core.conns {
		given := 0
		for _, run := range c.given {
			given += int(runBytes(run))
		}
		if len(c.underWay) > feedsUnderWay || c.credit > wire.Credit+2*wire.MaxRunBytes || len(c.pushes) > 2*wire.MaxUnacked || given > wire.MaxBody {
			h.w.problem("I11: %d feeds of %d bytes, %d pushes, %d bytes given", len(c.underWay), c.credit, len(c.pushes), given)
		}
	}
}

func (w *world) alarm(a Alarm) {
	w.alarms = append(w.alarms, a)
	w.trace("alarm %d %v line %x", a.Kind, a.Err, a.Line)
	switch a.Kind {
	case AlarmHeld:
		w.stale++
	case AlarmStopped, AlarmStranger, AlarmVersion, AlarmTangled, AlarmFold, AlarmUnknown:
		w.problem("alarm %d, code %d: %v", a.Kind, a.Code, a.Err)
	}
}

// connect opens a connection of a desk, if it can.
func (d *deskNode) connect() {
	w := d.w
	if d.link != nil || w.hub.down || len(d.tasks) > 0 {
		return
	}
	w.conns++
	l := &link{w: w, id: w.conns, desk: d}
	d.link = l
	d.lives++
	s := w.seats[d.store.id]
	d.core = NewDeskCore(DeskParams{
		Codec: w.wire, Journal: d.store, Keys: d.store, Blobs: d.store, Desk: d.store.id, Key: s.key,
		Hub: w.hub.id, HubKey: w.hub.key.Public().(ed25519.PublicKey),
	})
	w.hub.links = append(w.hub.links, l)
	exporter := wire.Exporter(w.random())
	w.trace("%s connects as %d", d.name, l.id)
	w.hub.step(Opened{Conn: l.id, Exporter: exporter, Random: w.random()})
	d.step(Opened{Exporter: exporter, Random: w.random()})
}

func (d *deskNode) step(ev Event) {
	core, l := d.core, d.link
	if core == nil {
		return
	}
	for _, e := range core.Step(d.w.now+d.skew, ev) {
		switch e := e.(type) {
		case Send:
			d.w.checkUp(d, e.Message)
			d.w.carry(l, e.Message, true)
		case Task:
			d.task(e, func(done Done) {
				if d.store.problem != nil {
					d.w.problem("%s: %v", d.name, d.store.problem)
				}
				if d.core == core {
					d.step(done)
				}
			})
		case Close:
			d.w.trace("%s closes %d with %d", d.name, l.id, e.Code)
			d.w.closeFrom(l, true)
		case Alarm:
			if e.Kind != AlarmMoved && e.Kind != AlarmStore {
				d.w.alarm(e)
			}
			d.w.trace("%s: alarm %d %v", d.name, e.Kind, e.Err)
		case Met:
			d.w.trace("%s: verdict %d mode %d", d.name, e.Verdict, e.Mode)
		case Caught:
			d.caught = true
		}
	}
}

// carry brings a message over, as bytes.
func (w *world) carry(l *link, m wire.Message, up bool) {
	if l == nil || l.cut {
		return
	}
	frame, err := w.wire.Encode(m)
	if err != nil {
		w.problem("encode %T: %v", m, err)
		return
	}
	last := &l.down
	if up {
		last = &l.up
	}
	at := max(*last, w.now+w.delay())
	if l.burst > 0 {
		at = (at/l.burst + 1) * l.burst
	}
	*last = at
	w.after(at-w.now, func() {
		if l.cut || up && l.hubGone || !up && l.deskGone {
			return
		}
		got, err := w.wire.Decode(frame)
		if err != nil {
			w.problem("decode %T: %v", m, err)
			return
		}
		if w.budget > 0 {
			if w.budget--; w.budget == 0 {
				w.cutAll()
				return
			}
		}
		w.trace("%d up=%v %s", l.id, up, told{got})
		if up {
			w.hub.step(Received{Conn: l.id, Message: got})
		} else {
			l.desk.step(Received{Message: got})
		}
	})
}

// told is a message as a story tells it.
type told struct{ wire.Message }

func (t told) String() string { return fmt.Sprintf("%T %s", t.Message, brief(t.Message)) }

func brief(m wire.Message) string {
	switch m := m.(type) {
	case wire.Hello:
		return fmt.Sprintf("inc %x head %d acked %d baton %d cursor %v", m.Incarnation, m.HeadSeq, m.Acked, m.Baton.Counter, m.Cursor)
	case wire.Welcome:
		return fmt.Sprintf("verdict %d hub %d cursorOK %v epoch %x baton %d", m.Verdict, m.HubSeq, m.CursorOK, m.Epoch[:4], m.Baton.Counter)
	case wire.Push:
		return fmt.Sprintf("from %d, %d", m.First, len(m.Entries))
	case wire.Feed:
		s := fmt.Sprintf("%d-%d more %v:", m.After, m.To, m.More)
		for _, r := range m.Runs {
			s += fmt.Sprintf(" %x from %d %d+%d", r.Origin[14:20], r.First, len(r.Entries), len(r.Excerpts))
		}
		return s
	case wire.Vector:
		s := ""
		for _, h := range m.Heads {
			s += fmt.Sprintf(" %x:%d", h.Origin[14:20], h.Seq)
		}
		return s
	case wire.Want:
		s := ""
		for _, h := range m.Spans {
			s += fmt.Sprintf(" %x:%d-%d", h.Origin[14:20], h.From, h.To)
		}
		return s
	case wire.Give:
		return fmt.Sprintf("%x from %d %d seal %d", m.Run.Origin[14:20], m.Run.First, len(m.Run.Entries), len(m.Run.Seal))
	case wire.HashIs:
		return fmt.Sprintf("%x at %d, %d bytes", m.Origin[14:20], m.Seq, len(m.Hash))
	case wire.Fault:
		return fmt.Sprintf("code %d about %d head %d", m.Code, m.About, m.HeadSeq)
	case wire.Ack:
		return fmt.Sprint(m.Seq)
	case wire.Keys:
		return fmt.Sprintf("%d items, mark %d", len(m.Items), m.Mark)
	case wire.Ready:
		return fmt.Sprintf("inc %x", m.Incarnation)
	}
	return ""
}

// closeFrom is one end closing: the other learns of it behind what is under way.
func (w *world) closeFrom(l *link, byDesk bool) {
	if byDesk {
		w.deskGone(l)
		w.after(max(l.up-w.now, 0)+w.delay(), func() { w.hubGone(l) })
	} else {
		w.hubGone(l)
		w.after(max(l.down-w.now, 0)+w.delay(), func() { w.deskGone(l) })
	}
}

func (w *world) deskGone(l *link) {
	if l.deskGone {
		return
	}
	l.deskGone = true
	if d := l.desk; d.link == l {
		d.step(Gone{})
		d.core, d.link, d.caught = nil, nil, false
		d.comeBack()
	}
}

func (w *world) hubGone(l *link) {
	if l.hubGone {
		return
	}
	l.hubGone = true
	w.hub.links = slices.DeleteFunc(w.hub.links, func(o *link) bool { return o == l })
	w.hub.step(Gone{Conn: l.id})
}

// cutLink ends a connection in the middle of everything; half says that only one end notices, the other by silence.
func (w *world) cutLink(l *link, half int) {
	l.cut = true
	if half != 1 {
		w.after(w.delay(), func() { w.deskGone(l) })
	}
	if half != 2 {
		w.after(w.delay(), func() { w.hubGone(l) })
	}
}

func (w *world) cutAll() {
	for _, l := range slices.Clone(w.hub.links) {
		w.cutLink(l, 0)
	}
}

// comeBack reconnects after a while, and again.
func (d *deskNode) comeBack() {
	if d.w.quiet || d.coming {
		return
	}
	d.coming = true
	d.w.after(1000+incident.Stamp(d.w.rng.IntN(5000)), func() {
		d.coming = false
		if d.w.quiet || !slices.Contains(d.w.desks, d) {
			return
		}
		if d.link == nil {
			d.connect()
		}
		if d.link == nil {
			d.comeBack()
		}
	})
}

// stopDesk ends a desk's process; the hub notices by the broken connection, or by silence.
func (d *deskNode) stop(silent bool) {
	d.crash()
	if l := d.link; l != nil {
		d.core, d.link, d.caught = nil, nil, false
		l.deskGone = true
		half := 0
		if silent {
			half = 2
		}
		d.w.cutLink(l, half)
	}
}

func (h *hubNode) stop() {
	h.crash()
	h.down = true
	for _, l := range slices.Clone(h.links) {
		l.hubGone = true
		h.w.cutLink(l, h.w.rng.IntN(2)) // the desk may have to find out by silence
		if h.w.quiet {
			h.w.cutLink(l, 0)
		}
	}
	h.links = nil
}

// imageOf is a copy of a desk's disk as it is now.
func (d *deskNode) image() *memDesk { return d.store.copy() }

func (d *deskNode) restore(image *memDesk) {
	d.stop(false)
	d.w.copies++
	d.store = image.copy()
	d.store.mint = d.w.desks[0].store.mint
	d.w.lose()
	d.comeBack()
}

func (d *deskNode) clone() *deskNode {
	n := &deskNode{node: node{w: d.w, name: fmt.Sprintf("desk %d, copy of %s", len(d.w.desks), d.name)}, store: d.store.copy(), scope: d.scope}
	d.w.copies++
	d.w.desks = append(d.w.desks, n)
	n.comeBack()
	return n
}

func (h *hubNode) restore(backup *memHub, announced bool) {
	h.stop()
	h.store = backup.copy()
	h.rung = len(h.store.feed)
	if announced {
		r := h.w.random()
		if err := NewEpoch(context.Background(), h.store, county, wire.Epoch(r[:16])); err != nil {
			h.w.problem("restore: %v", err)
		}
	}
	h.w.lose()
}

// write adds an entry at a desk about an incident of a township, and now and then a key.
func (w *world) write(d *deskNode, scope incident.ScopeID, id incident.IncidentID, kind incident.Kind) {
	if d.store.full {
		return // the person is told, nothing is written
	}
	fact := &incident.Fact{Kind: kind, At: w.now, Fields: incident.Fields{Text: "noted", Result: "closed"}}
	if w.rng.IntN(3) == 0 {
		r := w.random()
		fact.KeyID = incident.KeyID(r[:16])
		fact.Sealed = r[:]
		d.store.addKey(wire.KeyItem{ID: fact.KeyID, Incident: id, Scope: scope, Key: r[:]})
	}
	payload, err := w.entries.EncodeFact(fact)
	if err != nil {
		w.problem("write: %v", err)
		return
	}
	r := journal.Record{Scope: scope, Incident: id, Actor: "op1", Kind: kind, Ver: journal.PayloadVersion, Payload: payload}
	if p, ok := d.last[id]; ok {
		r.Parents = []incident.ParentRef{p}
	}
	entry, err := d.store.write(r, w.now+d.skew)
	if err != nil {
		w.problem("write: %v", err)
		return
	}
	if d.last == nil {
		d.last = map[incident.IncidentID]incident.ParentRef{}
	}
	d.last[id] = entry.Ref()
	w.facts[entry] = w.now
	for _, s := range []incident.ScopeID{scope, d.scope} {
		if !slices.Contains(w.about[id], s) {
			w.about[id] = append(w.about[id], s)
		}
	}
	d.step(Stirred{})
}

// incidentFor picks an incident of a township, or begins one.
func (w *world) incidentFor(scope incident.ScopeID) incident.IncidentID {
	known := w.incidents[scope]
	if len(known) > 0 && (len(known) > 8 || w.rng.IntN(3) > 0) {
		return known[w.rng.IntN(len(known))]
	}
	id := incident.IncidentID(w.randomID())
	w.incidents[scope] = append(known, id)
	return id
}

var writeKinds = []incident.Kind{
	incident.KindRegistered, incident.KindAccepted, incident.KindDispatched, incident.KindNoted, incident.KindNoted, incident.KindForceClosed,
	incident.KindReopened, incident.KindEdited,
}

// writeAny has a desk write about something that it may write about: a township about its own, the county about all.
func (w *world) writeAny(d *deskNode) {
	scope := d.scope
	if scope == county && w.rng.IntN(3) > 0 {
		scope = []incident.ScopeID{townA, townB}[w.rng.IntN(2)]
	}
	about := w.incidentFor(scope)
	if w.rng.IntN(12) == 0 { // one that began elsewhere
		about = w.incidentFor([]incident.ScopeID{townA, townB}[w.rng.IntN(2)])
	}
	w.write(d, scope, about, writeKinds[w.rng.IntN(len(writeKinds))])
}

// allIDs returns the facts that lines carry.
func allIDs(lines map[incident.Origin]*memLine, of func(incident.Origin) bool) map[incident.EntryID]bool {
	ids := map[incident.EntryID]bool{}
	for o, l := range lines {
		if of(o) {
			for _, item := range l.items {
				ids[item.ID] = true
			}
		}
	}
	return ids
}

func everything(incident.Origin) bool { return true }

// lose notes which facts no living store holds any more: only then may they be missing in the end.
func (w *world) lose() {
	have := w.hub.store.readable()
	for _, d := range w.desks {
		maps.Copy(have, allIDs(d.store.lines, everything))
	}
	for id := range w.facts {
		if !have[id] {
			w.gone[id] = true
		}
	}
}

// releaseAll is the county deciding on every line that is held.
func (w *world) releaseAll() {
	held, err := HeldLines(context.Background(), w.hub.store)
	if err != nil {
		w.problem("held lines: %v", err)
	}
	lines := slices.Collect(maps.Keys(held))
	slices.SortFunc(lines, func(a, b incident.Origin) int { return bytes.Compare(a[:], b[:]) })
	for _, line := range lines {
		r := w.random()
		w.hub.step(Released{Line: line, Epoch: wire.Epoch(r[:16])})
	}
}

// checkDown looks at what leaves the hub: nothing that is not durable, nothing outside of the desk's scope.
func (w *world) checkDown(l *link, m wire.Message) {
	switch m := m.(type) {
	case wire.Ack:
		c := w.hub.core.conns[l.id]
		if c == nil {
			return
		}
		line := w.hub.store.lines[c.line]
		if line == nil || line.head() < m.Seq {
			w.problem("I7: acknowledged %d of %x before it is durable", m.Seq, c.line)
		}
	case wire.Welcome:
		if m.Verdict == wire.VerdictStale && w.copies == 0 {
			w.problem("I9: %s is called stale, and no disk was ever copied", l.desk.name)
		}
	case wire.Feed:
		for _, run := range m.Runs {
			w.checkRun(l, run)
		}
	case wire.Give:
		w.checkRun(l, m.Run)
	case wire.Keys:
		for _, k := range m.Items {
			if !within(l.desk.scope, k.Scope) {
				w.problem("I10: %s is sent a key of %d", l.desk.name, k.Scope)
			}
		}
	case wire.Presence:
		if !within(l.desk.scope, m.Scope) {
			w.problem("I10: %s is told of somebody in %d", l.desk.name, m.Scope)
		}
	}
}

func (w *world) checkRun(l *link, run wire.Run) {
	if run.First > 0 {
		s := w.seats[deskOf(run.Origin)]
		if s == nil || !within(l.desk.scope, s.scope) {
			w.problem("I10: %s is sent a line of another scope", l.desk.name)
		}
		line := w.hub.store.lines[run.Origin]
		for i, e := range run.Entries {
			if seq := run.First + uint64(i); line == nil || seq > line.head() || !bytes.Equal(line.entries[seq-line.base-1], e) {
				w.problem("I7: %s is sent entry %d before it is durable", l.desk.name, seq)
			}
		}
	}
	for _, x := range run.Excerpts {
		r, err := w.entries.Decode(x.Entry)
		if err != nil || !slices.ContainsFunc(w.about[r.Incident], func(s incident.ScopeID) bool { return within(l.desk.scope, s) }) {
			w.problem("I10: %s is sent an excerpt that concerns %v (%v)", l.desk.name, w.about[r.Incident], err)
		}
	}
}

// checkUp looks at what leaves a desk.
func (w *world) checkUp(d *deskNode, m wire.Message) {
	if r, ok := m.(wire.Ready); ok {
		if d.store.batons[d.store.cur] != r.Baton || incarnationOf(d.store.cur) != r.Incarnation {
			w.problem("I7: %s is ready before its baton is durable", d.name)
		}
	}
}

// chains checks I3: every line of a store follows from its entries.
func (w *world) chains(who string, lines map[incident.Origin]*memLine) {
	for o, l := range lines {
		before := l.before
		if l.base == 0 && before != journal.Start(o) {
			begins := false
			for plain := range lines { // of which it is a branch
				begins = begins || len(l.entries) > 0 && before == journal.Start(plain) && wire.Branch(plain, l.hashes[0]) == o
			}
			if !begins {
				w.problem("I3: %s: line %x does not begin at its start", who, o)
			}
		}
		for i, e := range l.entries {
			before = journal.Next(before, sha256.Sum256(e))
			r, err := w.entries.Decode(e)
			if err != nil || r.Seq != l.base+uint64(i)+1 || before != l.hashes[i] {
				w.problem("I3: %s: line %x breaks at %d", who, o, l.base+uint64(i)+1)
				return
			}
		}
	}
}

// checkEnd checks what must hold once everybody has met: nothing lost, nothing double, everything equal.
func (w *world) checkEnd() {
	w.chains("hub", w.hub.store.lines)
	hub := w.hub.store.readable()
	for id := range w.facts {
		if !hub[id] && !w.gone[id] {
			w.problem("I1, I2: fact %x of %d is lost", id[:4], w.facts[id]-startsAt)
		}
	}
	for id := range hub {
		if _, ok := w.facts[id]; !ok {
			w.problem("I4: the hub counts %x, which nobody wrote", id[:4])
		}
	}
	for _, hole := range w.hub.store.holes {
		for _, d := range w.desks {
			if d.holds(w.hub.store, hole) {
				w.problem("I1: the hub did not get back %x from %d to %d, which %s holds", hole.Origin[14:20], hole.From, hole.To, d.name)
			}
		}
	}
	lives := map[incident.Origin]string{}
	for _, d := range w.desks {
		if d.lives > 0 {
			if other, twice := lives[d.store.cur]; twice {
				w.problem("I8: %s and %s write the same line", d.name, other)
			}
			lives[d.store.cur] = d.name
		}
		w.checkDesk(d, hub)
	}
	w.checkFolds()
}

func (w *world) checkDesk(d *deskNode, hub map[incident.EntryID]bool) {
	w.chains(d.name, d.store.lines)
	whole := func(o incident.Origin) bool { return within(d.scope, w.seats[deskOf(o)].scope) }
	for o, l := range w.hub.store.lines {
		if !whole(o) || len(l.entries) == 0 {
			continue
		}
		own := d.store.lines[o]
		theirs, _ := l.hashAt(l.head())
		if holed := slices.ContainsFunc(w.hub.store.holes, func(s wire.Span) bool { return s.Origin == o }); holed {
			continue // what nobody can give back, nobody gets
		}
		if own == nil {
			w.problem("I5: %s lacks line %x", d.name, o[14:20])
		} else if hash, _ := own.hashAt(own.head()); own.head() != l.head() || hash != theirs {
			w.problem("I5: %s has %d of line %x, the hub %d", d.name, own.head(), o[14:20], l.head())
		}
	}
	for o, l := range d.store.lines {
		if theirs := w.hub.store.lines[o]; len(l.entries) > 0 && theirs == nil {
			w.problem("I5: the hub lacks line %x, %d entries, of %s", o[14:20], len(l.entries), d.name)
		}
	}
	have := allIDs(d.store.lines, everything)
	for id := range d.store.excerpts {
		have[id] = true
	}
	for id, parties := range w.hub.store.parties {
		if len(parties) > 1 && !id.IsZero() && slices.Contains(parties, d.scope) {
			for _, p := range w.hub.store.of[id] {
				l := w.hub.store.lines[p.origin]
				if _, lost := w.hub.store.hole(p.origin, p.seq); lost {
					continue
				}
				if item := l.items[p.seq-l.base-1]; !have[item.ID] {
					w.problem("I2: %s lacks an entry of an incident that concerns it", d.name)
				}
			}
		}
	}
	for o, l := range w.hub.store.lines {
		for i, item := range l.items { // also what lies behind a hole that nobody can fill
			if _, lost := w.hub.store.hole(o, l.base+uint64(i)+1); !lost && whole(o) && !item.Incident.IsZero() && !have[item.ID] {
				w.problem("I2: %s lacks an entry of its scope", d.name)
			}
		}
	}
	w.checkKeys(d)
}

// holds says whether a desk has what the hub lost.
func (d *deskNode) holds(hub *memHub, hole wire.Span) bool {
	own, theirs := d.store.lines[hole.Origin], hub.lines[hole.Origin]
	if own == nil || own.head() < hole.To || own.base >= hole.From {
		return false
	}
	a, _ := own.hashAt(hole.To)
	b, _ := theirs.hashAt(hole.To)
	return a == b
}

// rot damages a record of the hub that some desk holds, too; false if none does.
func (w *world) rot() bool {
	store := w.hub.store
	if len(store.feed) == 0 {
		return false
	}
	rec := store.feed[w.rng.IntN(len(store.feed))]
	span := wire.Span{Origin: rec.Run.Origin, From: rec.Run.First, To: rec.Run.Last()}
	_, twice := store.hole(span.Origin, span.From)
	if twice || store.lost[rec.Stamp.Pos] || !slices.ContainsFunc(w.desks, func(d *deskNode) bool { return d.holds(store, span) }) {
		return false
	}
	w.trace("the hub's record %d rots: %x from %d to %d", rec.Stamp.Pos, span.Origin[14:20], span.From, span.To)
	store.rot(rec.Stamp.Pos)
	w.lose()
	return true
}

// checkKeys compares the keys of a desk with the hub's.
func (w *world) checkKeys(d *deskNode) {
	theirs := map[incident.KeyID]int{}
	keys, err := w.hub.store.List(context.Background(), prefixKey)
	if err != nil {
		w.problem("keys: %v", err)
	}
	for _, k := range keys {
		var item wire.KeyItem
		if _, err := get(context.Background(), w.hub.store, k, &item); err != nil {
			w.problem("keys: %v", err)
		}
		if within(d.scope, item.Scope) {
			theirs[item.ID] = len(item.Key)
		}
	}
	own := map[incident.KeyID]int{}
	for id, i := range d.store.keyAt {
		own[id] = len(d.store.keys[i].Key)
	}
	if !maps.Equal(own, theirs) {
		w.problem("keys: %s has %d, the hub %d of its scope", d.name, len(own), len(theirs))
	}
}

// checkFolds checks I5 and I12: desks of one township make the same of everything, conflicts included.
func (w *world) checkFolds() {
	first := map[incident.ScopeID]map[incident.IncidentID][]byte{}
	for _, d := range w.desks {
		folds := w.folds(d.store)
		if other, ok := first[d.scope]; !ok {
			first[d.scope] = folds
		} else if !maps.EqualFunc(other, folds, bytes.Equal) {
			w.problem("I5, I12: %s shows other incidents than the other desks of %d", d.name, d.scope)
		}
	}
}

func (w *world) folds(store *memDesk) map[incident.IncidentID][]byte {
	sets := map[incident.IncidentID]map[incident.EntryID]incident.Entry{}
	add := func(raw []byte, origin incident.Origin, id incident.EntryID) {
		r, err := w.entries.Decode(raw)
		if err == nil {
			r, origin, err = w.entries.Unwrap(r, origin)
		}
		if err != nil || r.Incident.IsZero() {
			return
		}
		if sets[r.Incident] == nil {
			sets[r.Incident] = map[incident.EntryID]incident.Entry{}
		}
		if _, ok := sets[r.Incident][id]; !ok {
			e := w.entries.Entry(r, origin, id)
			if _, branch := store.plain[origin]; branch {
				e.Origin = store.plain[origin]
			}
			sets[r.Incident][id] = e
		}
	}
	for o, l := range store.lines {
		for i, e := range l.entries {
			add(e, o, l.items[i].ID)
		}
	}
	hub := w.hub.store.readable()
	for id, x := range store.excerpts {
		if hub[id] { // what only an excerpt has kept is not given back yet
			add(x.Entry, x.Origin, id)
		}
	}
	folds := map[incident.IncidentID][]byte{}
	for id, set := range sets {
		if id[0]%4 != 0 || len(set) > 60 { // a sample: the sets are compared whole
			continue
		}
		st := incident.Fold(slices.Collect(maps.Values(set)))
		b, err := w.entries.EncodeState(&st)
		if err != nil {
			w.problem("fold: %v", err)
		}
		folds[id] = b
	}
	return folds
}
