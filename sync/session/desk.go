package session

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// DeskParams is what a desk's end of a connection needs. The stores are used inside tasks alone.
type DeskParams struct {
	Codec   *wire.Codec
	Journal DeskJournal
	Keys    DeskKeys
	Blobs   DeskBlobs
	Desk    wire.DeskID
	Key     ed25519.PrivateKey
	Hub     wire.HubID
	HubKey  ed25519.PublicKey
	Kinds   [8]byte
	App     string
}

type phase uint8

const (
	phaseNew   phase = iota // waits for the Challenge, or its answer from the stores
	phaseHello              // Hello is out
	phaseMoved              // the Welcome came; the stores work on what it asks for
	phaseLive
	phaseOver
)

// maxVectors is how often one connection may compare all journals before a person has to look.
const maxVectors = 12

// DeskCore is a desk's end of one connection; the next connection begins with a new one. It is not safe for concurrent use.
type DeskCore struct {
	p   DeskParams
	now incident.Stamp
	out []Effect

	phase    phase
	started  incident.Stamp
	lastSent incident.Stamp
	lastGot  incident.Stamp
	exporter wire.Exporter
	nonce    wire.Nonce
	line     *Line // nil until read
	greeting *wire.Challenge
	epoch    wire.Epoch
	welcome  wire.Welcome

	// The own line on its way up.
	sent     uint64
	inflight []uint64 // last sequences of the runs pushed and not acknowledged
	reading  bool
	pushGen  int // a rewind makes what is being read worthless
	stopped  bool
	retryAt  incident.Stamp
	acked    uint64
	noted    uint64 // acked that the store knows
	noting   bool

	// The others' lines on their way down.
	pos       uint64
	feeds     []wire.Feed
	appending bool
	caught    bool
	comparing bool // a Vector is out, its last Feed not here
	vectors   int
	dirty     bool                     // something was left out: the cursor waits for the next comparison
	skip      map[incident.Origin]bool // lines whose runs are left out until then
	forks     []incident.Origin
	search    *search

	keys      KeyMarks
	keysReady bool // both ends have said how far they are
	keysSent  bool // some are on their way
	keysBusy  bool

	keysMarking bool
	blobs       deskBlobs
}

// search finds the last entry that both ends have in common, by halves.
type search struct {
	origin incident.Origin
	lo, hi uint64 // equal at lo, not known to be equal above hi
	halves bool   // the first question is hi itself
	found  func(fork uint64)
}

// NewDeskCore returns a desk's end of a connection that is about to open.
func NewDeskCore(p DeskParams) *DeskCore { return &DeskCore{p: p, skip: map[incident.Origin]bool{}} }

// Step takes an event and returns what is to be done. now is the desk's wall clock in milliseconds.
func (d *DeskCore) Step(now incident.Stamp, ev Event) []Effect {
	d.now, d.out = now, nil
	if d.phase == phaseOver {
		return nil
	}
	switch e := ev.(type) {
	case Opened:
		d.open(e)
	case Received:
		d.lastGot = now
		d.receive(e.Message)
	case Refused:
		d.refuse(e.Err)
	case Done:
		e.apply()
	case Stirred:
		d.blobs.noneUp, d.blobs.noneDown = false, false
		d.push()
	case Tick:
		d.tick()
	case Gone:
		d.phase = phaseOver
	}
	return d.out
}

func (d *DeskCore) send(m wire.Message) {
	d.lastSent = d.now
	d.out = append(d.out, Send{Message: m})
}

func (d *DeskCore) alarm(kind AlarmKind, err error) {
	d.out = append(d.out, Alarm{Kind: kind, Desk: d.p.Desk, Line: d.origin(), Err: err})
}

func (d *DeskCore) close(code CloseCode, window incident.Stamp) {
	d.phase = phaseOver
	d.out = append(d.out, Close{Code: code, Window: window})
}

// fail ends the connection because the store does not work; the next one tries again.
func (d *DeskCore) fail(err error) {
	d.alarm(AlarmStore, err)
	d.close(CloseDone, 0)
}

// task has work done away from the core; then runs as a later event, with what work returned.
func task[T any](d *DeskCore, work func(context.Context) (T, error), then func(T, error)) {
	d.out = append(d.out, Task{Work: func(ctx context.Context) Done {
		v, err := work(ctx)
		return Done{apply: func() { then(v, err) }}
	}})
}

// must is task for work whose failure ends the connection.
func must[T any](d *DeskCore, work func(context.Context) (T, error), then func(T)) {
	task(d, work, func(v T, err error) {
		if err != nil {
			d.fail(err)
			return
		}
		then(v)
	})
}

type nothing struct{}

func (d *DeskCore) origin() incident.Origin {
	if d.line == nil {
		return incident.Origin{}
	}
	return d.line.Head.Origin
}

func (d *DeskCore) open(e Opened) {
	d.started, d.lastSent, d.lastGot = d.now, d.now, d.now
	d.exporter = e.Exporter
	d.nonce = derive(e.Random, "nonce")
	must(d, d.p.Journal.Line, func(l Line) { d.line = &l; d.hello() })
}

// derive makes independent random values of one.
func derive(random [32]byte, what string) [32]byte { return sha256.Sum256(append(random[:], what...)) }

func (d *DeskCore) receive(m wire.Message) {
	switch d.phase {
	case phaseNew, phaseHello:
		switch m := m.(type) {
		case wire.Challenge:
			d.challenge(m)
			return
		case wire.HashAt:
			d.answerHash(m)
			return
		case wire.Welcome:
			d.welcomed(m)
			return
		}
	case phaseMoved:
		if h, ok := m.(wire.HashIs); ok && d.search != nil && h.Origin == d.search.origin {
			d.halve(h)
			return
		}
	}
	switch m := m.(type) {
	case wire.Fault:
		d.fault(m)
	case wire.Notice:
		d.notice(m)
	case wire.Beat:
		d.beat(m)
	default:
		if d.phase == phaseLive {
			d.live(m)
		}
	}
}

// live takes what may come once the line is settled. What comes too early or is of no use is passed over.
func (d *DeskCore) live(m wire.Message) {
	switch m := m.(type) {
	case wire.Ack:
		d.ack(m)
	case wire.Feed:
		d.feeds = append(d.feeds, m)
		d.take()
	case wire.HashIs:
		if d.search != nil && m.Origin == d.search.origin {
			d.halve(m)
		} else {
			d.compare(m)
		}
	case wire.HashAt:
		d.answerHash(m)
	case wire.Want:
		d.give(m)
	case wire.Keys:
		d.takeKeys(m)
	case wire.Presence:
		d.out = append(d.out, Present{m})
	case wire.BlobOffer, wire.BlobNeed, wire.BlobChunk, wire.BlobDone:
		d.blob(m)
	}
}

func (d *DeskCore) refuse(err error) {
	var unknown *wire.UnknownError
	switch {
	case errors.As(err, &unknown):
		d.send(wire.Fault{Code: wire.CodeUnknownType, About: unknown.Type})
	case errors.Is(err, wire.ErrTooBig):
		d.close(CloseTooBig, 0)
	default:
		d.close(CloseProtocol, 0)
	}
}

func (d *DeskCore) challenge(c wire.Challenge) {
	if d.greeting != nil || d.phase != phaseNew {
		return
	}
	if c.Hub != d.p.Hub {
		d.alarm(AlarmStranger, nil)
		d.close(CloseAuth, 0)
		return
	}
	if c.ProtoMax < wire.ProtoMin || c.ProtoMin > wire.ProtoMax {
		d.alarm(AlarmVersion, nil)
		d.close(CloseProtocol, 0)
		return
	}
	d.greeting = &c
	d.hello()
}

// hello goes out when both the hub's challenge and the own store have spoken.
func (d *DeskCore) hello() {
	if d.line == nil || d.greeting == nil {
		return
	}
	h := wire.Hello{
		Proto: min(wire.ProtoMax, d.greeting.ProtoMax), Desk: d.p.Desk, Incarnation: incarnationOf(d.origin()), Nonce: d.nonce,
		Baton: d.line.Baton, HeadSeq: d.line.Head.Seq, HeadHash: d.line.Head.Hash, Acked: d.line.Acked, Cursor: d.line.Cursor,
		Kinds: d.p.Kinds, App: d.p.App, Time: d.now,
	}
	h, err := d.p.Codec.SignHello(d.p.Key, h, d.p.Hub, d.greeting.Nonce, d.exporter)
	if err != nil {
		d.fail(err)
		return
	}
	d.phase = phaseHello
	d.started = d.now
	d.send(h)
}

// answerHash tells the hash of a line after an entry, empty if it is not here. Before the Welcome only the own line is told.
func (d *DeskCore) answerHash(m wire.HashAt) {
	if d.phase != phaseLive && m.Origin != d.origin() {
		return
	}
	task(d, func(ctx context.Context) (journal.Hash, error) { return d.p.Journal.HashAt(ctx, m.Origin, m.Seq) },
		func(h journal.Hash, err error) {
			answer := wire.HashIs{Origin: m.Origin, Seq: m.Seq}
			if err == nil {
				answer.Hash = h[:]
			}
			d.send(answer)
		})
}

func (d *DeskCore) welcomed(w wire.Welcome) {
	if d.phase != phaseHello {
		return
	}
	if d.p.Codec.VerifyWelcome(d.p.HubKey, w, d.p.Hub, d.greeting.Nonce, d.nonce, d.exporter) != nil {
		d.alarm(AlarmStranger, nil)
		d.close(CloseAuth, 0)
		return
	}
	offset := incident.Stamp(w.Time) + (d.now-d.started)/2 - d.now
	d.out = append(d.out, Met{Verdict: w.Verdict, Mode: w.Mode, Offset: offset})
	d.phase, d.welcome, d.epoch = phaseMoved, w, w.Epoch
	switch w.Verdict {
	case wire.VerdictOK, wire.VerdictHubBehind:
		must(d, func(ctx context.Context) (nothing, error) {
			return nothing{}, d.p.Journal.SaveBaton(ctx, w.Baton, min(w.HubSeq, d.line.Head.Seq))
		}, func(nothing) {
			d.sent, d.acked, d.noted = w.HubSeq, w.HubSeq, w.HubSeq
			if w.CursorOK && d.line.Cursor != nil {
				d.pos = d.line.Cursor.Pos
			}
			d.ready(!w.CursorOK || d.line.Older)
		})
	case wire.VerdictRewound, wire.VerdictForked, wire.VerdictStale:
		d.alarm(AlarmMoved, nil)
		d.find(d.origin(), min(d.line.Head.Seq, w.HubSeq), d.move)
	default:
		d.alarm(AlarmUnknown, nil)
		d.close(CloseDone, 0)
	}
}

// move leaves the line at the last entry that the hub has too, and goes on with a new one.
func (d *DeskCore) move(fork uint64) {
	must(d, func(ctx context.Context) (Line, error) {
		if _, err := d.p.Journal.MoveTail(ctx, fork, d.welcome.Baton); err != nil {
			return Line{}, err
		}
		return d.p.Journal.Line(ctx)
	}, func(l Line) {
		d.line, d.pos = &l, 0
		d.ready(true)
	})
}

func (d *DeskCore) ready(compare bool) {
	d.phase = phaseLive
	d.send(wire.Ready{Baton: d.welcome.Baton, Incarnation: incarnationOf(d.origin())})
	if compare { // a desk that may only push still gives its older lines
		d.vector()
	}
	d.push()
}

// find searches the last entry up to limit at which the hub's version of a line equals the own one.
func (d *DeskCore) find(origin incident.Origin, limit uint64, found func(uint64)) {
	d.search = &search{origin: origin, hi: limit, found: found}
	d.ask()
}

func (s *search) middle() uint64 {
	if !s.halves {
		return s.hi
	}
	return s.lo + (s.hi-s.lo+1)/2
}

func (d *DeskCore) ask() {
	if s := d.search; s.lo == s.hi {
		d.search = nil
		s.found(s.lo)
		return
	}
	d.send(wire.HashAt{Origin: d.search.origin, Seq: d.search.middle()})
}

func (d *DeskCore) halve(theirs wire.HashIs) {
	s := d.search
	if theirs.Seq != s.middle() {
		return
	}
	task(d, func(ctx context.Context) (journal.Hash, error) {
		return d.p.Journal.HashAt(ctx, theirs.Origin, theirs.Seq)
	},
		func(own journal.Hash, err error) {
			switch {
			case errors.Is(err, ErrNotFound): // before a branch begins
				s.lo = theirs.Seq
			case err != nil:
				d.fail(err)
				return
			case string(own[:]) == string(theirs.Hash):
				s.lo = theirs.Seq
			default:
				s.hi = theirs.Seq - 1
			}
			s.halves = true
			d.ask()
		})
}

func (d *DeskCore) notice(n wire.Notice) {
	d.out = append(d.out, Noticed{n})
	switch n.Code {
	case wire.NoticeDrain:
		d.close(CloseDrain, max(incident.Stamp(n.Window), 1))
	case wire.NoticeEpoch, wire.NoticeReleased:
		d.close(CloseDone, max(incident.Stamp(n.Window), 1))
	case wire.NoticeRevoked:
		d.alarm(AlarmUnknown, nil)
		d.close(CloseRevoked, 0)
	}
}

func (d *DeskCore) fault(f wire.Fault) {
	switch f.Code {
	case wire.CodeGap, wire.CodeUnavailable:
		if f.About != wire.TypePush {
			return
		}
		d.rewind(f)
	case wire.CodeHash, wire.CodeSeal, wire.CodeScope, wire.CodeTooBig:
		if f.About == wire.TypePush {
			d.stopped = true
			d.out = append(d.out, Alarm{Kind: AlarmStopped, Desk: d.p.Desk, Line: d.origin(), Code: f.Code})
		}
	case wire.CodeVersion:
		d.alarm(AlarmVersion, nil)
	}
	if f.About == wire.TypeBlobOffer || f.About == wire.TypeBlobChunk || f.About == wire.TypeBlobNeed {
		d.blobFault(f)
	}
	if f.Fatal {
		d.close(CloseDone, 0)
	}
}

// rewind begins to push again after what the hub says it has, if that is the own line.
func (d *DeskCore) rewind(f wire.Fault) {
	d.pushGen++
	d.reading, d.inflight = true, nil // nothing is pushed until the hash is compared
	origin := d.origin()
	must(d, func(ctx context.Context) (journal.Hash, error) {
		own, err := d.p.Journal.HashAt(ctx, origin, f.HeadSeq)
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return own, err
	}, func(own journal.Hash) {
		if own != f.HeadHash { // somebody else wrote on this line: Hello finds out
			d.close(CloseDone, 0)
			return
		}
		if f.Code == wire.CodeUnavailable {
			d.retryAt = d.now + max(incident.Stamp(f.RetryAfter), 1)
		}
		d.sent, d.reading = f.HeadSeq, false
		d.acked = max(d.acked, f.HeadSeq)
		d.note()
		d.push()
	})
}

func (d *DeskCore) tick() {
	if d.now-d.lastGot >= deadAfter {
		d.close(CloseDone, 0)
		return
	}
	if d.phase != phaseLive {
		return
	}
	if d.retryAt > 0 && d.now >= d.retryAt {
		d.retryAt = 0
		d.push()
	}
	if d.now-d.lastSent >= beatEvery {
		d.sendBeat()
	}
	d.nextBlob()
}
