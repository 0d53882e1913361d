package session

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// far says whether a desk has much to catch up with.
func (h *HubCore) far(c *conn) bool {
	return c.plan != nil || c.planning || !c.verdict.cursorOK || c.verdict.fell() || c.verdict.feedEnd > c.pos+farBehind
}

func (h *HubCore) slots() int {
	n := 0
	for _, c := range h.conns {
		if c.slot {
			n++
		}
	}
	return n
}

// startFeed lets the feed flow, at once or when one of those that catch up has done so.
func (h *HubCore) startFeed(c *conn) {
	c.feeding = c.mode != wire.ModePushOnly
	if !c.feeding {
		return
	}
	if c.slot = !h.far(c) || h.slots() < catchUps; !c.slot {
		c.waits = true
		h.queue = append(h.queue, c.id)
		h.send(c, wire.Notice{Code: wire.NoticeBusy, RetryAfter: retryAfter})
		return
	}
	c.slot = h.far(c)
	h.pump(c)
}

func (h *HubCore) freeSlot(c *conn) {
	if !c.slot {
		return
	}
	c.slot = false
	for len(h.queue) > 0 && h.slots() < catchUps {
		next := h.conns[h.queue[0]]
		h.queue = h.queue[1:]
		if next != nil {
			next.waits, next.slot = false, true
			h.pump(next)
		}
	}
}

// pump reads the next message of the feed when the desk has credit. Without credit nothing is read and nothing waits in memory.
func (h *HubCore) pump(c *conn) {
	if c.phase != hubLive || !c.feeding || c.waits || c.reading || c.planning || c.credit >= wire.Credit || len(c.underWay) >= feedsUnderWay {
		return
	}
	if c.plan != nil {
		h.pumpPlan(c)
		return
	}
	if !c.more {
		return
	}
	c.reading, c.more = true, false
	after, told, caught, short := c.pos, c.told, c.caught, c.short
	bulkTask(h, c, func(ctx context.Context) (page, error) { return h.readFeed(ctx, c, after, short) },
		func(p page, err error) {
			c.reading = false
			if err != nil {
				h.unavailable(c, wire.TypeFeed, err)
				return
			}
			if c.plan != nil || c.planning { // a Vector came meanwhile
				h.pump(c)
				return
			}
			c.pos = p.to
			if p.to != after {
				c.more = true
			}
			atEnd := p.to == after || p.end
			if len(p.runs) > 0 || p.to-told >= skipFlush || !caught && atEnd {
				h.sendFeed(c, wire.Feed{After: told, To: p.to, Runs: p.runs, More: !atEnd, Check: p.check})
			}
			if atEnd {
				h.atEnd(c)
			}
			h.pump(c)
		})
}

// atEnd is what follows when a desk has been sent everything: its turn is over, and the keys come.
func (h *HubCore) atEnd(c *conn) {
	c.caught = true
	h.freeSlot(c)
	h.sendKeys(c)
}

func (h *HubCore) sendFeed(c *conn, f wire.Feed) {
	size := uint64(0)
	for _, run := range f.Runs {
		size += runBytes(run)
	}
	c.underWay = append(c.underWay, size)
	c.credit += size
	if f.To > 0 {
		c.told = f.To
	}
	h.send(c, f)
}

func runBytes(run wire.Run) (n uint64) {
	for _, e := range run.Entries {
		n += uint64(len(e))
	}
	for _, x := range run.Excerpts {
		n += uint64(len(x.Entry))
	}
	return n
}

// page is one message of the feed.
type page struct {
	runs  []wire.Run
	to    uint64
	check [8]byte
	end   bool
}

// readFeed gathers what a desk may read after a position: whole runs of its scope but its own line, and of all others the incidents that
// concern its scope, whole, as excerpts. Of the lines that it has up to a hole alone, it gets excerpts, too.
func (h *HubCore) readFeed(ctx context.Context, c *conn, after uint64, short map[incident.Origin]wire.Head) (p page, err error) {
	r, err := h.reader(ctx, c)
	if err != nil {
		return p, err
	}
	p.to = after
	for size := uint64(0); size < feedBytes && p.to-after < feedScan; {
		records, to, err := h.p.Journal.Feed(ctx, h.p.County, p.to, 64)
		if err != nil {
			return p, err
		}
		if p.end = to == p.to; p.end {
			break
		}
		for _, rec := range records {
			runs, err := r.record(ctx, rec, short)
			if err != nil {
				return p, err
			}
			for _, run := range runs {
				p.runs = append(p.runs, run)
				size += runBytes(run)
			}
			p.to, p.check = rec.Stamp.Pos, rec.Check
			if size >= feedBytes {
				return p, nil
			}
		}
		if p.to != to {
			p.to = to
			if p.check, err = h.p.Journal.CheckAt(ctx, h.p.County, to); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

// record is what a desk gets of one record of the feed.
func (r *reader) record(ctx context.Context, rec HubRecord, short map[incident.Origin]wire.Head) (runs []wire.Run, err error) {
	if r.reads(rec.Run.Origin, rec.Scope) {
		run := wireRun(rec.Run)
		run.Stamp = &rec.Stamp
		if _, lacks := short[rec.Run.Origin]; lacks {
			excerpts, err := r.excerpts(rec.Run, rec.Items)
			if err != nil {
				return nil, err
			}
			if run, err = r.signed(excerpts); err != nil {
				return nil, err
			}
		}
		if len(run.Entries)+len(run.Excerpts) > 0 {
			runs = append(runs, run)
		}
	}
	run, err := r.concerned(ctx, rec.Items)
	if run != nil {
		runs = append(runs, *run)
	}
	return runs, err
}

func wireRun(run journal.Run) wire.Run {
	return wire.Run{Origin: run.Origin, First: run.First, Before: run.Before, Entries: run.Entries, Seal: run.Seal, OldBefore: run.OldBefore}
}

// reader is what one desk may read, for the length of a task.
type reader struct {
	h      *HubCore
	desk   Desk
	line   incident.Origin
	held   map[incident.Origin]bool
	done   map[incident.IncidentID]bool
	scopes map[incident.Origin]incident.ScopeID
}

func (h *HubCore) reader(ctx context.Context, c *conn) (*reader, error) {
	held, err := holds(ctx, h.p.Registry)
	return &reader{
		h: h, desk: c.desk, line: c.line, held: held,
		done: map[incident.IncidentID]bool{}, scopes: map[incident.Origin]incident.ScopeID{},
	}, err
}

// reads says whether the desk gets a line whole.
func (r *reader) reads(origin incident.Origin, scope incident.ScopeID) bool {
	return origin != r.line && r.holds(origin, scope)
}

// holds says the same with the desk's own current line.
func (r *reader) holds(origin incident.Origin, scope incident.ScopeID) bool {
	return within(r.desk.Scope, scope) && (!r.held[origin] || deskOf(origin) == r.desk.ID)
}

// concerned returns, as excerpts, what others wrote about the incidents of some entries, as far as they concern the desk's scope. The
// entries may be the desk's own: they may be what makes an incident concern it.
func (r *reader) concerned(ctx context.Context, items []Item) (*wire.Run, error) {
	if r.desk.Scope < countyDigits {
		return nil, nil // a county has it all whole
	}
	var excerpts []wire.Excerpt
	for _, item := range items {
		if item.Incident.IsZero() || r.done[item.Incident] {
			continue
		}
		r.done[item.Incident] = true
		parties, err := r.h.p.Journal.Parties(ctx, r.h.p.County, item.Incident)
		if err != nil {
			return nil, err
		}
		if len(parties) < 2 || !slices.Contains(parties, r.desk.Scope) {
			continue
		}
		if excerpts, err = r.incident(ctx, excerpts, item.Incident); err != nil {
			return nil, err
		}
	}
	return r.sign(excerpts)
}

// signed is sign for a caller who passes over an empty run.
func (r *reader) signed(excerpts []wire.Excerpt) (wire.Run, error) {
	run, err := r.sign(excerpts)
	if run == nil {
		return wire.Run{}, err
	}
	return *run, err
}

func (r *reader) sign(excerpts []wire.Excerpt) (*wire.Run, error) {
	if len(excerpts) == 0 {
		return nil, nil
	}
	seal, err := r.h.p.Codec.SignExcerpts(r.h.p.Key, excerpts)
	return &wire.Run{Excerpts: excerpts, Seal: seal}, err
}

// incident adds what lines that the desk does not hold whole say about an incident. A moved entry travels as it was first written.
func (r *reader) incident(ctx context.Context, excerpts []wire.Excerpt, id incident.IncidentID) ([]wire.Excerpt, error) {
	all, err := r.h.p.Journal.Incident(ctx, r.h.p.County, id)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		scope, known := r.scopes[x.Origin]
		if !known {
			head, err := r.h.p.Journal.Head(ctx, r.h.p.County, x.Origin)
			if err != nil {
				return nil, err
			}
			scope, r.scopes[x.Origin] = head.Scope, head.Scope
		}
		if within(r.desk.Scope, scope) || r.held[x.Origin] {
			continue
		}
		rec, err := r.h.p.Entries.Decode(x.Entry)
		if err != nil {
			return nil, err
		}
		if x, rec, err = r.unwrapped(x, rec); err != nil {
			return nil, err
		}
		if err := r.h.nameBlobs(ctx, rec, r.desk.Scope); err != nil {
			return nil, err
		}
		excerpts = append(excerpts, x)
	}
	return excerpts, nil
}

func isMoved(rec journal.Record) bool {
	return rec.Kind == incident.KindMoved && rec.Ver == journal.PayloadVersion
}

// unwrapped returns a moved entry as it was first written, and every other as it is.
func (r *reader) unwrapped(x wire.Excerpt, rec journal.Record) (wire.Excerpt, journal.Record, error) {
	if !isMoved(rec) {
		return x, rec, nil
	}
	moved, err := r.h.p.Entries.DecodeMoved(rec)
	if err != nil {
		return x, rec, err
	}
	x.Origin, x.Seq, x.Entry = lineOf(deskOf(x.Origin), moved.Incarnation), moved.Seq, moved.Raw
	rec, err = r.h.p.Entries.Decode(moved.Raw)
	return x, rec, err
}

// hashAt tells a desk about a line that it may hold.
func (h *HubCore) hashAt(c *conn, m wire.HashAt) {
	hubTask(h, c, func(ctx context.Context) ([]byte, error) {
		if deskOf(m.Origin) != c.desk.ID {
			head, err := h.p.Journal.Head(ctx, h.p.County, m.Origin)
			if err != nil || head.Seq == 0 || !within(c.desk.Scope, head.Scope) {
				return nil, err
			}
		}
		hash, err := h.p.Journal.HashAt(ctx, h.p.County, m.Origin, m.Seq)
		if errors.Is(err, ErrNotFound) {
			return nil, nil
		}
		return hash[:], err
	}, func(hash []byte, err error) {
		if err != nil {
			h.unavailable(c, wire.TypeHashAt, err)
			return
		}
		h.send(c, wire.HashIs{Origin: m.Origin, Seq: m.Seq, Hash: hash})
	})
}

// wanted gives a desk one run of each line that it asks for and may read.
func (h *HubCore) wanted(c *conn, m wire.Want) {
	for i, span := range m.Spans {
		if i == maxSpans {
			return
		}
		hubTask(h, c, func(ctx context.Context) (run wire.Run, err error) {
			run.Origin = span.Origin
			r, err := h.reader(ctx, c)
			if err != nil {
				return run, err
			}
			head, err := h.p.Journal.Head(ctx, h.p.County, span.Origin)
			if err != nil || head.Seq < span.From || !r.holds(span.Origin, head.Scope) {
				return run, err
			}
			got, err := h.p.Journal.Range(ctx, h.p.County, span.Origin, span.From, span.To, wire.MaxRunBytes)
			if errors.Is(err, ErrNotFound) { // a hole
				return run, nil
			}
			return wireRun(got), err
		}, func(run wire.Run, err error) {
			if err != nil {
				h.unavailable(c, wire.TypeWant, err)
				return
			}
			h.send(c, wire.Give{Run: run})
		})
	}
}

// sendBeat says that the hub lives. Where desk and feed stand at the same place, it also says how the desk's journals should look.
func (h *HubCore) sendBeat(c *conn) {
	c.lastSent = h.now // one at a time
	if c.feeding && c.plan == nil && !c.planning && !c.waits && c.pos > c.told && len(c.underWay) < feedsUnderWay && !c.reading {
		h.flush(c)
		return
	}
	told, short := c.told, len(c.short) > 0
	bulkTask(h, c, func(ctx context.Context) (digest [32]byte, err error) {
		if short { // it can't have all
			return digest, nil
		}
		r, err := h.reader(ctx, c)
		if err != nil {
			return digest, err
		}
		heads, err := h.p.Journal.Heads(ctx, h.p.County)
		if err != nil {
			return digest, err
		}
		end, _, err := h.p.Journal.End(ctx, h.p.County)
		if err != nil || end != told {
			return digest, err
		}
		var whole []wire.Head
		for _, head := range heads {
			if r.holds(head.Origin, head.Scope) {
				whole = append(whole, head.Head)
			}
		}
		return wire.VectorDigest(whole), nil
	}, func(digest [32]byte, err error) {
		if err != nil {
			h.unavailable(c, wire.TypeBeat, err)
			return
		}
		h.send(c, wire.Beat{Time: int64(h.now), Pos: told, Vector: digest, Queue: uint64(len(c.underWay))})
	})
}

// flush moves a desk's position past records of others.
func (h *HubCore) flush(c *conn) {
	c.reading = true
	told, pos := c.told, c.pos
	hubTask(h, c, func(ctx context.Context) ([8]byte, error) { return h.p.Journal.CheckAt(ctx, h.p.County, pos) },
		func(check [8]byte, err error) {
			c.reading = false
			if err != nil {
				h.unavailable(c, wire.TypeFeed, err)
				return
			}
			if c.plan == nil && !c.planning && c.told == told && c.pos == pos {
				h.sendFeed(c, wire.Feed{After: told, To: pos, Check: check})
			}
			h.pump(c)
		})
}

// beat compares what desks with equal journals make of them: a difference is an error of the program.
func (h *HubCore) beat(c *conn, b wire.Beat) {
	if len(b.Fold) == 0 {
		return
	}
	other, ok := h.folds[c.desk.Scope]
	if ok && other.Pos == b.Pos && other.Vector == b.Vector && differ(other.Fold, b.Fold) {
		h.alarm(c, AlarmFold, 0, nil)
	}
	h.folds[c.desk.Scope] = b
}

// differ reports whether two digests by the same rules of folding are not the same.
func differ(a, b []byte) bool {
	n := wire.FoldRules
	return len(a) > n && len(b) > n && bytes.Equal(a[:n], b[:n]) && !bytes.Equal(a[n:], b[n:])
}
