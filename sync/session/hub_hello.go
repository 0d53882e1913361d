package session

import (
	"context"
	"errors"
	"fmt"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// judgement is what the stores say about a line that says Hello.
type judgement struct {
	verdict  wire.Verdict
	revoked  bool
	desk     Desk
	head     HubHead
	baton    wire.Baton
	held     bool
	epoch    wire.Epoch
	newEpoch bool
	cursorOK bool
	feedEnd  uint64
	ask      bool // the desk must first tell its hash at head
}

func (j judgement) fell() bool {
	return j.verdict == wire.VerdictRewound || j.verdict == wire.VerdictForked || j.verdict == wire.VerdictStale
}

func (h *HubCore) hear(c *conn, m wire.Hello) {
	if m.Proto < wire.ProtoMin || m.Proto > wire.ProtoMax {
		h.send(c, wire.Fault{Code: wire.CodeVersion, About: wire.TypeHello, Fatal: true})
		h.close(c, CloseProtocol)
		return
	}
	c.hello, c.line = m, lineOf(m.Desk, m.Incarnation)
	h.judge(c, nil)
}

// judge finds the verdict. answer is the desk's hash at the hub's head, if it had to be asked.
func (h *HubCore) judge(c *conn, answer *wire.HashIs) {
	c.phase = hubJudging
	hubTask(h, c, func(ctx context.Context) (j judgement, err error) {
		for range putAttempts { // somebody else changed a record at the same time
			if j, err = h.look(ctx, c, answer); !errors.Is(err, ErrRevision) {
				return j, err
			}
		}
		return j, err
	}, func(j judgement, err error) {
		if err != nil {
			h.unavailable(c, wire.TypeHello, err)
			return
		}
		if j.ask {
			c.asked = &j.head.Seq
			h.send(c, wire.HashAt{Origin: c.line, Seq: j.head.Seq})
			return
		}
		h.welcome(c, j)
	})
}

// look reads all that is known about a line and writes what the Hello changes: its baton, and the epoch of a hub that was put back.
func (h *HubCore) look(ctx context.Context, c *conn, answer *wire.HashIs) (judgement, error) {
	m := c.hello
	j := judgement{verdict: wire.VerdictUnknown}
	desk, _, err := GetDesk(ctx, h.p.Registry, m.Desk)
	if errors.Is(err, ErrNotFound) || err == nil && h.p.Codec.VerifyHello(desk.Key, m, h.p.ID, c.nonce, c.exporter) != nil {
		return j, nil // whether the seat exists is not told
	}
	if err != nil {
		return j, err
	}
	j.desk = desk
	var why uint8
	if _, err := get(ctx, h.p.Registry, lineKey(prefixHold, c.line), &why); err != nil && !errors.Is(err, ErrNotFound) {
		return j, err
	}
	if j.revoked = desk.Revoked || why == holdRevoked; j.revoked {
		return j, nil
	}
	j.held = why != 0
	if j.head, err = h.p.Journal.Head(ctx, h.p.County, c.line); err != nil {
		return j, err
	}
	if j.head.Seq == 0 {
		j.head.Origin, j.head.Hash = c.line, journal.Start(c.line)
	}
	equal, ok, err := h.sameLine(ctx, c, j.head, answer)
	if err != nil {
		return j, err
	}
	if j.ask = !ok; j.ask {
		return j, nil
	}
	return h.decide(ctx, c, j, equal)
}

// sameLine compares the desk's line with the hub's where the shorter one ends. ok is false when only the desk can tell.
func (h *HubCore) sameLine(ctx context.Context, c *conn, head HubHead, answer *wire.HashIs) (equal, ok bool, err error) {
	m := c.hello
	switch {
	case head.Seq == 0:
		return true, true, nil
	case m.HeadSeq == head.Seq:
		return m.HeadHash == head.Hash, true, nil
	case m.HeadSeq > head.Seq:
		if answer == nil || answer.Seq != head.Seq {
			return false, false, nil
		}
		return string(answer.Hash) == string(head.Hash[:]), true, nil
	case m.HeadSeq == 0:
		return true, true, nil
	}
	hash, err := h.p.Journal.HashAt(ctx, h.p.County, c.line, m.HeadSeq)
	if errors.Is(err, ErrNotFound) {
		return false, true, nil
	}
	return hash == m.HeadHash, true, err
}

func (h *HubCore) decide(ctx context.Context, c *conn, j judgement, equal bool) (judgement, error) {
	m := c.hello
	var known batons
	rev, err := get(ctx, h.p.Registry, lineKey(prefixBaton, c.line), &known)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return j, err
	}
	first := errors.Is(err, ErrNotFound)
	stale, hubOld, held := h.judgeBaton(m.Baton, known, first, c.line)
	epoch, epochRev, err := getEpoch(ctx, h.p.Registry, h.p.County)
	if err != nil {
		return j, err
	}
	valid, err := h.cursorValid(ctx, &j, m.Cursor, epoch)
	if err != nil {
		return j, err
	}
	behind := hubOld || equal && m.Acked > j.head.Seq
	j.verdict = verdictOf(stale, equal, m.HeadSeq < j.head.Seq, behind)
	j.epoch = epoch
	if sameEpoch := m.Cursor != nil && m.Cursor.Epoch == epoch; sameEpoch && (behind || !valid) {
		fresh := derive(c.random, "epoch")
		if err := putEpoch(ctx, h.p.Registry, h.p.County, wire.Epoch(fresh[:16]), epochRev); err != nil {
			return j, err
		}
		j.epoch, j.newEpoch, valid = wire.Epoch(fresh[:16]), true, false
	}
	j.cursorOK = valid && m.Cursor != nil && m.Cursor.Epoch == epoch
	if held && !j.held {
		if j.held = true; j.verdict != wire.VerdictStale {
			if err := hold(ctx, h.p.Registry, c.line, holdCopy); err != nil {
				return j, err
			}
		}
	}
	j.baton = h.nextBaton(c, known, j)
	if j.fell() {
		return j, nil // the old line's batons are not for the copy that fell off it
	}
	return j, put(ctx, h.p.Registry, lineKey(prefixBaton, c.line), batons{Confirmed: m.Baton, Issued: j.baton}, rev)
}

// verdictOf ranks what was found: a copy before all, then a fork, a restored desk, a restored hub.
func verdictOf(stale, equal, shorter, behind bool) wire.Verdict {
	switch {
	case stale:
		return wire.VerdictStale
	case !equal:
		return wire.VerdictForked
	case shorter:
		return wire.VerdictRewound
	case behind:
		return wire.VerdictHubBehind
	}
	return wire.VerdictOK
}

// freshLine is the place of a line that has no name yet: a baton that a desk takes over to a new line is made for it.
func freshLine(desk wire.DeskID, held bool) incident.Origin {
	if held {
		return lineOf(desk, wire.Incarnation{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	}
	return lineOf(desk, wire.Incarnation{})
}

// judgeBaton says whether a baton is neither the confirmed nor the issued one, or newer than the hub, and whether it stands for a new line
// that is to be held.
func (h *HubCore) judgeBaton(b wire.Baton, known batons, first bool, line incident.Origin) (stale, hubOld, held bool) {
	if b == known.Confirmed || b == known.Issued {
		return false, false, false
	}
	if first { // perhaps the Ready that named the line was lost
		for _, held := range []bool{false, true} {
			if b.Genuine(h.p.Secret, freshLine(deskOf(line), held)) {
				return false, false, held
			}
		}
	}
	if b.Counter > known.Issued.Counter && b.Genuine(h.p.Secret, line) {
		return false, true, false
	}
	return true, false, false
}

func (h *HubCore) nextBaton(c *conn, known batons, j judgement) wire.Baton {
	random := derive(c.random, "baton")
	nonce := [16]byte(random[:16])
	if j.fell() {
		return wire.NewBaton(h.p.Secret, freshLine(c.hello.Desk, j.verdict == wire.VerdictStale || j.held), 1, nonce)
	}
	counter := max(known.Confirmed.Counter, known.Issued.Counter, c.hello.Baton.Counter) + 1
	return wire.NewBaton(h.p.Secret, c.line, counter, nonce)
}

// cursorValid says whether a desk's position means the same records here as it did for the desk.
func (h *HubCore) cursorValid(ctx context.Context, j *judgement, cur *wire.Cursor, epoch wire.Epoch) (bool, error) {
	end, _, err := h.p.Journal.End(ctx, h.p.County)
	if err != nil {
		return false, err
	}
	j.feedEnd = end
	if cur == nil || cur.Epoch != epoch || cur.Pos == 0 {
		return true, nil
	}
	check, err := h.p.Journal.CheckAt(ctx, h.p.County, cur.Pos)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return check == cur.Check, err
}

func (h *HubCore) welcome(c *conn, j judgement) {
	c.verdict, c.desk, c.head, c.epoch = j, j.desk, j.head, j.epoch
	if c.mode = wire.ModeFull; h.p.PushOnly != nil && h.p.PushOnly(c.hello) {
		c.mode = wire.ModePushOnly
	}
	if j.held || j.verdict == wire.VerdictStale {
		c.mode = wire.ModeHeld
	}
	w, err := h.p.Codec.SignWelcome(h.p.Key, h.answer(c, j), h.p.ID, c.nonce, c.hello.Nonce, c.exporter)
	if err != nil {
		h.unavailable(c, wire.TypeHello, err)
		return
	}
	h.send(c, w)
	if j.verdict == wire.VerdictUnknown {
		code := CloseAuth
		if j.revoked {
			h.send(c, wire.Notice{Code: wire.NoticeRevoked})
			code = CloseRevoked
		}
		h.close(c, code)
		return
	}
	c.phase = hubWelcomed
	if c.mode == wire.ModeHeld {
		h.send(c, wire.Notice{Code: wire.NoticeHeld})
	}
	if j.verdict == wire.VerdictStale {
		h.alarm(c, AlarmHeld, 0, nil)
	}
	if !j.fell() {
		for _, other := range h.sorted() { // the same desk came again before its last connection was missed
			if other != c && other.line == c.line && other.phase >= hubWelcomed {
				h.close(other, CloseReplaced)
			}
		}
	}
	if j.newEpoch {
		h.alarm(c, AlarmRewound, 0, nil)
		h.tellEpoch(c, incident.Origin{})
	}
}

// answer is the Welcome of a judgement. An unknown desk learns nothing from it.
func (h *HubCore) answer(c *conn, j judgement) wire.Welcome {
	w := wire.Welcome{Verdict: j.verdict, Time: int64(h.now), Epoch: j.epoch}
	if j.verdict == wire.VerdictUnknown {
		return w
	}
	c.pos, c.told, c.more = 0, 0, true
	if cur := c.hello.Cursor; j.cursorOK && !j.fell() {
		c.pos, c.told = cur.Pos, cur.Pos
	}
	random := derive(c.random, "session")
	w.Session, w.Baton = [8]byte(random[:8]), j.baton
	w.HubSeq, w.HubHash, w.CursorOK, w.FeedEnd, w.Mode = j.head.Seq, j.head.Hash, j.cursorOK, j.feedEnd, c.mode
	if w.Credit = wire.Credit; h.far(c) && h.slots() >= catchUps {
		w.Credit = 0
	}
	return w
}

// ready confirms the baton and takes the name of a new line.
func (h *HubCore) ready(c *conn, m wire.Ready) {
	line := lineOf(c.desk.ID, m.Incarnation)
	if fresh := c.verdict.fell(); m.Baton != c.verdict.baton || (line != c.line) != fresh {
		h.protocol(c, wire.TypeReady)
		return
	}
	c.phase = hubConfirming
	hubTask(h, c, func(ctx context.Context) (bool, error) { return h.confirm(ctx, c, line) },
		func(ok bool, err error) {
			if err != nil {
				h.unavailable(c, wire.TypeReady, err)
				return
			}
			if !ok {
				h.close(c, CloseReplaced)
				return
			}
			if c.verdict.fell() {
				c.line = line
				c.head = HubHead{Head: wire.Head{Origin: line, Hash: journal.Start(line)}, Scope: c.desk.Scope}
			}
			c.phase = hubLive
			h.startFeed(c)
			h.startKeys(c)
			h.lookForHoles()
			early := c.early
			c.early = nil
			for _, m := range early {
				if h.conns[c.id] == c {
					h.live(c, m)
				}
			}
		})
}

// confirm writes the batons of a line that has stored its own; false when a later Hello has taken over.
func (h *HubCore) confirm(ctx context.Context, c *conn, line incident.Origin) (bool, error) {
	b := c.verdict.baton
	var known batons
	rev, err := get(ctx, h.p.Registry, lineKey(prefixBaton, line), &known)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, err
	}
	if c.verdict.fell() {
		head, herr := h.p.Journal.Head(ctx, h.p.County, line)
		if herr != nil {
			return false, herr
		}
		if err == nil || head.Seq > 0 {
			return false, nil // the name of a new line was used before
		}
		if c.mode == wire.ModeHeld {
			if err := hold(ctx, h.p.Registry, line, holdCopy); err != nil {
				return false, err
			}
		}
	} else if known.Issued != b {
		return false, nil
	}
	err = put(ctx, h.p.Registry, lineKey(prefixBaton, line), batons{Confirmed: b, Issued: b}, rev)
	if errors.Is(err, ErrRevision) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("confirm the baton: %w", err)
	}
	return true, nil
}
