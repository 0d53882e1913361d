package session

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// HubParams is what the hub's end needs for one county. The stores are used inside tasks alone.
type HubParams struct {
	Codec    *wire.Codec
	Entries  *journal.Codec
	Journal  Journal
	Registry Registry
	Blobs    Blobs
	County   incident.ScopeID
	ID       wire.HubID
	Key      ed25519.PrivateKey
	Secret   [32]byte // of the batons
	// PushOnly says whether a desk is too old to read the others; nil: none is.
	PushOnly func(wire.Hello) bool
	// Enrol answers a desk without a seat; nil: nobody is enrolled here.
	Enrol func(context.Context, wire.Enrol, wire.Exporter) (wire.Enrolled, error)
	// Relearn is told what the hub's own lines say that it had lost and got back from a desk; nil: nobody is.
	Relearn func(context.Context, []journal.Record) error
	// First returns the incidents that a new desk is filled with in pass 1 (open) and pass 2 (of late); nil: it gets all in one pass.
	First func(ctx context.Context, scope incident.ScopeID, pass uint8) ([]incident.IncidentID, error)
}

// Bounds of a hub's end.
const (
	catchUps      = 16  // desks that are far behind and served at once
	farBehind     = 256 // records
	feedsUnderWay = 8   // messages of the feed that a desk has not acknowledged
	feedBytes     = 256 << 10
	feedScan      = 4096 // records read for one message
	skipFlush     = 1024 // records of others before a desk's position moves without any of its own
	unproved      = 4096 // entries given without a seal that wait for one
	unprovedBytes = wire.MaxBody - wire.MaxRunBytes - journal.MaxEntry
	maxSpans      = 64 // spans of one Want that are answered
	maxEarly      = 64 // messages that may come while Ready is written down
)

// HubCore is the hub's end of all connections of one county in one process. Several processes may serve one county: what they must
// agree on stands in the registry and the journal. It is not safe for concurrent use.
type HubCore struct {
	p     HubParams
	now   incident.Stamp
	out   []Effect
	conns map[ConnID]*conn
	queue []ConnID // live, far behind, and waiting for their turn
	folds map[incident.ScopeID]wire.Beat
	holes hubHoles
}

type hubPhase uint8

const (
	hubNew        hubPhase = iota
	hubGreeted             // waits for Hello
	hubJudging             // the stores are asked, perhaps the desk too
	hubWelcomed            // waits for Ready
	hubConfirming          // the stores write down what Ready says
	hubLive
)

// conn is one connection.
type conn struct {
	id       ConnID
	phase    hubPhase
	random   [32]byte
	exporter wire.Exporter
	nonce    wire.Nonce
	opened   incident.Stamp
	lastSent incident.Stamp
	lastGot  incident.Stamp

	hello   wire.Hello
	asked   *uint64 // sequence whose hash the desk was asked for
	verdict judgement
	desk    Desk
	line    incident.Origin
	mode    wire.Mode
	epoch   wire.Epoch

	early []wire.Message // came while Ready was written down

	// The desk's line on its way up.
	head    HubHead
	pushes  []wire.Push
	pushing bool
	resync  bool // after a fault: what does not fit is passed over until the desk begins again
	stopped bool

	// Down.
	feeding  bool // Ready has come
	reading  bool
	more     bool // there may be something after pos
	pos      uint64
	told     uint64   // position of the last Feed
	underWay []uint64 // raw bytes of each Feed that was not acknowledged
	credit   uint64   // sum of them
	slot     bool
	waits    bool
	caught   bool // it was told once that it has all
	plan     *plan
	planning bool
	short    map[incident.Origin]wire.Head // lines that the desk has up to a hole alone; replaced, never changed

	// What is wanted of this desk.
	wants  []want
	asking *want
	tried  map[wire.Span]bool // holes that it can't fill
	given  []wire.Run         // linked, not proved yet
	taking bool

	keys hubKeys
	blob hubBlob
}

// NewHubCore returns the hub's end for a county.
func NewHubCore(p HubParams) *HubCore {
	return &HubCore{
		p: p, conns: map[ConnID]*conn{}, folds: map[incident.ScopeID]wire.Beat{}, holes: hubHoles{asked: map[wire.Span]*conn{}},
	}
}

// Step takes an event and returns what is to be done. now is the hub's wall clock in milliseconds.
func (h *HubCore) Step(now incident.Stamp, ev Event) []Effect {
	h.now, h.out = now, nil
	switch e := ev.(type) {
	case Opened:
		h.open(e)
	case Received:
		if c := h.conns[e.Conn]; c != nil {
			c.lastGot = now
			h.receive(c, e.Message)
		}
	case Refused:
		if c := h.conns[e.Conn]; c != nil {
			h.refuse(c, e.Err)
		}
	case Done:
		e.apply()
	case Gone:
		h.forget(e.Conn)
	case Stirred:
		for _, c := range h.sorted() {
			c.more = true
			h.pump(c)
		}
	case Tick:
		h.tick()
	case Released:
		h.release(e)
	case Revoked:
		h.revoke(e)
	}
	return h.out
}

// sorted returns the connections in order, so that equal events have equal effects.
func (h *HubCore) sorted() []*conn {
	list := make([]*conn, 0, len(h.conns))
	for _, c := range h.conns {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *conn) int { return int(a.id) - int(b.id) })
	return list
}

func (h *HubCore) send(c *conn, m wire.Message) {
	c.lastSent = h.now
	h.out = append(h.out, Send{Conn: c.id, Message: m})
}

func (h *HubCore) close(c *conn, code CloseCode) {
	h.out = append(h.out, Close{Conn: c.id, Code: code})
	h.forget(c.id)
}

func (h *HubCore) alarm(c *conn, kind AlarmKind, code wire.ErrorCode, err error) {
	h.out = append(h.out, Alarm{Conn: c.id, Kind: kind, Desk: c.hello.Desk, Line: c.line, Code: code, Err: err})
}

// unavailable ends a connection whose stores don't answer; the desk comes back later.
func (h *HubCore) unavailable(c *conn, about wire.Type, err error) {
	h.alarm(c, AlarmStore, wire.CodeUnavailable, err)
	h.send(c, wire.Fault{Code: wire.CodeUnavailable, About: about, Fatal: true, RetryAfter: retryAfter})
	h.close(c, CloseDone)
}

// protocol ends a connection that sent what may not come now.
func (h *HubCore) protocol(c *conn, about wire.Type) {
	h.send(c, wire.Fault{Code: wire.CodeMalformed, About: about, Fatal: true})
	h.close(c, CloseProtocol)
}

func (h *HubCore) forget(id ConnID) {
	c := h.conns[id]
	if c == nil {
		return
	}
	delete(h.conns, id)
	h.queue = slices.DeleteFunc(h.queue, func(o ConnID) bool { return o == id })
	h.freeSlot(c)
	h.unask(c)
}

// hubTask has work done away from the core; then runs as a later event if the connection still stands.
func hubTask[T any](h *HubCore, c *conn, work func(context.Context) (T, error), then func(T, error)) {
	h.out = append(h.out, Task{Conn: c.id, Work: func(ctx context.Context) Done {
		v, err := work(ctx)
		return Done{Conn: c.id, apply: func() {
			if h.conns[c.id] == c {
				then(v, err)
			}
		}}
	}})
}

// bulkTask is hubTask for what every connection does when something is new.
func bulkTask[T any](h *HubCore, c *conn, work func(context.Context) (T, error), then func(T, error)) {
	hubTask(h, c, work, then)
	t := h.out[len(h.out)-1].(Task)
	t.Bulk = true
	h.out[len(h.out)-1] = t
}

func (h *HubCore) open(e Opened) {
	c := &conn{id: e.Conn, random: e.Random, exporter: e.Exporter, nonce: derive(e.Random, "nonce"), opened: h.now, lastSent: h.now, lastGot: h.now}
	h.conns[e.Conn] = c
	hubTask(h, c, func(ctx context.Context) (wire.Epoch, error) { return h.currentEpoch(ctx, c.random) },
		func(epoch wire.Epoch, err error) {
			if err != nil {
				h.unavailable(c, wire.TypeChallenge, err)
				return
			}
			c.phase, c.epoch = hubGreeted, epoch
			h.send(c, wire.Challenge{
				ProtoMin: wire.ProtoMin, ProtoMax: wire.ProtoMax, Hub: h.p.ID, Epoch: epoch, Nonce: c.nonce, Time: int64(h.now),
				Limits: wire.Limits{Frame: wire.MaxFrame, Entry: journal.MaxEntry, Run: wire.MaxRunEntries, Blob: wire.MaxBlob},
			})
		})
}

// currentEpoch reads the epoch, and begins the first one.
func (h *HubCore) currentEpoch(ctx context.Context, random [32]byte) (wire.Epoch, error) {
	epoch, _, err := getEpoch(ctx, h.p.Registry, h.p.County)
	if errors.Is(err, ErrNotFound) {
		fresh := derive(random, "first epoch")
		if err = putEpoch(ctx, h.p.Registry, h.p.County, wire.Epoch(fresh[:16]), 0); err == nil || errors.Is(err, ErrRevision) {
			epoch, _, err = getEpoch(ctx, h.p.Registry, h.p.County)
		}
	}
	return epoch, err
}

func (h *HubCore) receive(c *conn, m wire.Message) {
	switch c.phase {
	case hubGreeted:
		switch m := m.(type) {
		case wire.Hello:
			h.hear(c, m)
			return
		case wire.Enrol:
			h.enrol(c, m)
			return
		}
	case hubJudging:
		if answer, ok := m.(wire.HashIs); ok && c.asked != nil && answer.Seq == *c.asked && answer.Origin == c.line {
			c.asked = nil
			h.judge(c, &answer)
			return
		}
	case hubWelcomed:
		switch m := m.(type) {
		case wire.Ready:
			h.ready(c, m)
			return
		case wire.HashAt: // the desk looks for the place where its line parted
			h.hashAt(c, m)
			return
		}
	case hubConfirming:
		if len(c.early) < maxEarly {
			c.early = append(c.early, m)
			return
		}
	case hubLive:
		h.live(c, m)
		return
	}
	h.protocol(c, m.Type())
}

func (h *HubCore) live(c *conn, m wire.Message) {
	switch m := m.(type) {
	case wire.Push:
		h.push(c, m)
	case wire.FeedAck:
		if len(c.underWay) > 0 {
			c.credit -= c.underWay[0]
			c.underWay = c.underWay[1:]
		}
		h.pump(c)
	case wire.Vector:
		h.vector(c, m)
	case wire.Give:
		h.taken(c, m)
	case wire.HashAt:
		h.hashAt(c, m)
	case wire.Want:
		h.wanted(c, m)
	case wire.Keys:
		h.keysCame(c, m)
	case wire.Presence:
		h.presence(c, m)
	case wire.BlobOffer, wire.BlobNeed, wire.BlobChunk, wire.BlobDone:
		h.blobCame(c, m)
	case wire.Beat:
		h.beat(c, m)
	case wire.HashIs, wire.Fault:
	default:
		h.protocol(c, m.Type())
	}
}

func (h *HubCore) refuse(c *conn, err error) {
	var unknown *wire.UnknownError
	switch {
	case errors.As(err, &unknown):
		h.send(c, wire.Fault{Code: wire.CodeUnknownType, About: unknown.Type})
	case errors.Is(err, wire.ErrTooBig):
		h.close(c, CloseTooBig)
	default:
		h.close(c, CloseProtocol)
	}
}

func (h *HubCore) enrol(c *conn, m wire.Enrol) {
	if h.p.Enrol == nil {
		h.send(c, wire.Fault{Code: wire.CodeAuth, About: wire.TypeEnrol, Fatal: true})
		h.close(c, CloseAuth)
		return
	}
	c.phase = hubJudging
	hubTask(h, c, func(ctx context.Context) (wire.Enrolled, error) { return h.p.Enrol(ctx, m, c.exporter) },
		func(answer wire.Enrolled, err error) {
			if err != nil {
				h.send(c, wire.Fault{Code: wire.CodeAuth, About: wire.TypeEnrol, Fatal: true})
				h.close(c, CloseAuth)
				return
			}
			h.send(c, answer)
			h.close(c, CloseDone)
		})
}

func (h *HubCore) tick() {
	if h.now-h.holes.lookedAt >= holesEvery {
		h.lookForHoles()
	}
	for _, c := range h.sorted() {
		switch {
		case h.now-c.lastGot >= deadAfter:
			h.close(c, CloseDone)
		case c.phase == hubLive && h.now-c.lastSent >= beatEvery:
			h.sendBeat(c)
		}
	}
}

// do is hubTask for what belongs to no connection.
func (h *HubCore) do(work func(context.Context) error, then func()) {
	h.out = append(h.out, Task{Work: func(ctx context.Context) Done {
		err := work(ctx)
		return Done{apply: func() {
			if err != nil {
				h.out = append(h.out, Alarm{Kind: AlarmStore, Err: err})
				return
			}
			then()
		}}
	}})
}

// release lets a held line go, or stops to refuse one. What others did not see of it they see by comparing: a new epoch begins.
func (h *HubCore) release(e Released) {
	h.do(func(ctx context.Context) error {
		return ReleaseLine(ctx, h.p.Registry, h.p.County, e.Line, e.Epoch)
	}, func() { h.tellEpoch(nil, e.Line) })
}

// tellEpoch sends every desk back to Hello, the one whose line was released with that news.
func (h *HubCore) tellEpoch(but *conn, released incident.Origin) {
	for _, c := range h.sorted() {
		if c == but || c.phase < hubWelcomed {
			continue
		}
		code := wire.NoticeEpoch
		if c.line == released {
			code = wire.NoticeReleased
		}
		h.send(c, wire.Notice{Code: code, Window: 10_000})
		h.close(c, CloseDrain)
	}
}

// revoke ends a seat, or a line of it, for good.
func (h *HubCore) revoke(e Revoked) {
	h.do(func(ctx context.Context) error {
		if e.Line != (incident.Origin{}) {
			return hold(ctx, h.p.Registry, e.Line, holdRevoked)
		}
		desk, rev, err := GetDesk(ctx, h.p.Registry, e.Desk)
		if err != nil {
			return err
		}
		desk.Revoked = true
		return PutDesk(ctx, h.p.Registry, desk, rev)
	}, func() {
		for _, c := range h.sorted() {
			if c.phase >= hubWelcomed && (c.line == e.Line || e.Line == incident.Origin{} && c.desk.ID == e.Desk) {
				h.send(c, wire.Notice{Code: wire.NoticeRevoked})
				h.close(c, CloseRevoked)
			}
		}
	})
}
