package session

import (
	"bytes"
	"container/heap"
	"context"
	"crypto/ed25519"
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
