package session

import (
	"context"
	"errors"
	"fmt"
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
	after, told, caught := c.pos, c.told, c.caught
	hubTask(h, c, func(ctx context.Context) (page, error) { return h.readFeed(ctx, c, after) },
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
// concern its scope, whole, as excerpts.
func (h *HubCore) readFeed(ctx context.Context, c *conn, after uint64) (p page, err error) {
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
			if r.reads(rec.Run.Origin, rec.Scope) {
				run := wireRun(rec.Run)
				run.Stamp = &rec.Stamp
				p.runs = append(p.runs, run)
				size += runBytes(run)
			}
			run, err := r.concerned(ctx, rec.Items)
			if err != nil {
				return p, err
			}
			if run != nil {
				p.runs = append(p.runs, *run)
				size += runBytes(*run)
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
		if rec.Kind == incident.KindMoved && rec.Ver == journal.PayloadVersion {
			moved, err := r.h.p.Entries.DecodeMoved(rec)
			if err != nil {
				return nil, err
			}
			x.Origin, x.Seq, x.Entry = lineOf(deskOf(x.Origin), moved.Incarnation), moved.Seq, moved.Raw
			if rec, err = r.h.p.Entries.Decode(moved.Raw); err != nil {
				return nil, err
			}
		}
		if err := r.h.nameBlobs(ctx, rec, r.desk.Scope); err != nil {
			return nil, err
		}
		excerpts = append(excerpts, x)
	}
	return excerpts, nil
}

// plan is what a desk that compared its journals is to be sent, in order.
type plan struct {
	first   []incident.IncidentID // of passes 1 and 2
	pass1   int                   // how many of them are of pass 1
	spans   []wire.Span
	shared  []incident.IncidentID
	end     uint64
	check   [8]byte
	answers []wire.HashIs
	wants   []wire.Span
}

// vector compares all journals: what the desk lacks is planned, what the hub lacks is wanted, where they differ the desk is told.
func (h *HubCore) vector(c *conn, m wire.Vector) {
	if c.planning {
		h.protocol(c, wire.TypeVector)
		return
	}
	c.planning = true
	hubTask(h, c, func(ctx context.Context) (*plan, error) { return h.compare(ctx, c, m) }, func(p *plan, err error) {
		c.planning = false
		if err != nil {
			h.unavailable(c, wire.TypeVector, err)
			return
		}
		for _, answer := range p.answers {
			h.send(c, answer)
		}
		c.plan, c.wants, c.asking, c.given = p, p.wants, nil, nil
		h.want(c)
		h.pump(c)
	})
}

func (h *HubCore) compare(ctx context.Context, c *conn, m wire.Vector) (*plan, error) {
	p := new(plan)
	r, err := h.reader(ctx, c)
	if err != nil {
		return nil, err
	}
	if p.end, p.check, err = h.p.Journal.End(ctx, h.p.County); err != nil {
		return nil, err
	}
	heads, err := h.p.Journal.Heads(ctx, h.p.County)
	if err != nil {
		return nil, err
	}
	theirs := make(map[incident.Origin]wire.Head, len(m.Heads))
	for _, head := range m.Heads {
		theirs[head.Origin] = head
	}
	for _, own := range heads {
		desk := theirs[own.Origin]
		delete(theirs, own.Origin)
		if r.reads(own.Origin, own.Scope) {
			if err := h.compareLine(ctx, c, p, own, desk); err != nil {
				return nil, err
			}
		}
	}
	if err := h.wantUnknown(ctx, c, p, theirs); err != nil {
		return nil, err
	}
	if c.desk.Scope >= countyDigits {
		if p.shared, err = h.p.Journal.Shared(ctx, h.p.County, c.desk.Scope); err != nil {
			return nil, err
		}
	}
	if len(m.Heads) == 0 && h.p.First != nil {
		if p.first, err = h.p.First(ctx, c.desk.Scope, 1); err != nil {
			return nil, err
		}
		p.pass1 = len(p.first)
		late, err := h.p.First(ctx, c.desk.Scope, 2)
		if err != nil {
			return nil, err
		}
		p.first = append(p.first, late...)
	}
	return p, nil
}

func (h *HubCore) compareLine(ctx context.Context, c *conn, p *plan, own HubHead, desk wire.Head) error {
	switch {
	case desk.Seq == 0:
		p.spans = append(p.spans, wire.Span{Origin: own.Origin, From: 1, To: own.Seq})
		return nil
	case desk.Seq > own.Seq:
		p.wants = append(p.wants, wire.Span{Origin: own.Origin, From: own.Seq + 1, To: desk.Seq})
		return nil
	}
	hash := own.Hash
	if desk.Seq < own.Seq {
		var err error
		if hash, err = h.p.Journal.HashAt(ctx, h.p.County, own.Origin, desk.Seq); errors.Is(err, ErrNotFound) {
			hash = journal.Hash{}
		} else if err != nil {
			return err
		}
	}
	if hash != desk.Hash || deskOf(own.Origin) == c.desk.ID {
		p.answers = append(p.answers, wire.HashIs{Origin: own.Origin, Seq: desk.Seq, Hash: hash[:]})
	}
	if hash == desk.Hash && desk.Seq < own.Seq {
		p.spans = append(p.spans, wire.Span{Origin: own.Origin, From: desk.Seq + 1, To: own.Seq})
	}
	return nil
}

// wantUnknown asks for lines that the hub does not have at all, if it knows the seat that wrote them.
func (h *HubCore) wantUnknown(ctx context.Context, c *conn, p *plan, theirs map[incident.Origin]wire.Head) error {
	unknown := make([]wire.Span, 0, len(theirs))
	for origin, head := range theirs {
		if origin == c.line || head.Seq == 0 {
			continue
		}
		writer, err := h.writer(ctx, deskOf(origin))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil && within(c.desk.Scope, writer.Scope) {
			unknown = append(unknown, wire.Span{Origin: origin, From: 1, To: head.Seq})
		}
	}
	slices.SortFunc(unknown, func(a, b wire.Span) int { return slices.Compare(a.Origin[:], b.Origin[:]) })
	p.wants = append(p.wants, unknown...)
	return nil
}

// pumpPlan sends the next piece of a plan; the last one carries the position that is good from then on.
func (h *HubCore) pumpPlan(c *conn) {
	c.reading = true
	p := c.plan
	hubTask(h, c, func(ctx context.Context) (wire.Feed, error) { return h.nextPiece(ctx, c, p) },
		func(f wire.Feed, err error) {
			c.reading = false
			if err != nil {
				h.unavailable(c, wire.TypeFeed, err)
				return
			}
			if c.plan != p {
				h.pump(c)
				return
			}
			if !f.More {
				c.plan, c.pos, c.more = nil, p.end, true
				c.told = p.end
			}
			h.sendFeed(c, f)
			if !f.More {
				h.atEnd(c)
			}
			h.pump(c)
		})
}

// nextPiece takes a message's worth off a plan. No other task touches the plan meanwhile.
func (h *HubCore) nextPiece(ctx context.Context, c *conn, p *plan) (f wire.Feed, err error) {
	f.More = true
	r, err := h.reader(ctx, c)
	if err != nil {
		return f, err
	}
	if len(p.first) > 0 {
		f.Pass = 2
		if p.pass1 > 0 {
			f.Pass = 1
		}
		return f, h.firstPiece(ctx, r, p, &f)
	}
	for size := uint64(0); size < feedBytes; {
		switch {
		case len(p.spans) > 0:
			span := &p.spans[0]
			run, err := h.p.Journal.Range(ctx, h.p.County, span.Origin, span.From, span.To, wire.MaxRunBytes)
			if err != nil {
				return f, fmt.Errorf("read a line for a desk: %w", err)
			}
			f.Runs = append(f.Runs, wireRun(run))
			size += runBytes(f.Runs[len(f.Runs)-1])
			if span.From = run.Last() + 1; span.From > span.To || len(run.Entries) == 0 {
				p.spans = p.spans[1:]
			}
		case len(p.shared) > 0:
			excerpts, err := r.incident(ctx, nil, p.shared[0])
			if err != nil {
				return f, err
			}
			p.shared = p.shared[1:]
			run, err := r.sign(excerpts)
			if err != nil {
				return f, err
			}
			if run != nil {
				f.Runs = append(f.Runs, *run)
				size += runBytes(*run)
			}
		default:
			f.More, f.To, f.Check = false, p.end, p.check
			return f, nil
		}
	}
	return f, nil
}

// firstPiece sends whole incidents ahead of the lines they stand in, as excerpts.
func (h *HubCore) firstPiece(ctx context.Context, r *reader, p *plan, f *wire.Feed) error {
	var excerpts []wire.Excerpt
	for size := 0; len(p.first) > 0 && size < feedBytes; {
		all, err := h.p.Journal.Incident(ctx, h.p.County, p.first[0])
		if err != nil {
			return err
		}
		for _, x := range all {
			if head, err := h.p.Journal.Head(ctx, h.p.County, x.Origin); err != nil {
				return err
			} else if r.holds(x.Origin, head.Scope) {
				excerpts = append(excerpts, x)
				size += len(x.Entry)
			}
		}
		p.first = p.first[1:]
		if p.pass1--; p.pass1 == 0 {
			break
		}
	}
	run, err := r.sign(excerpts)
	if run != nil {
		f.Runs = append(f.Runs, *run)
	}
	return err
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
	told := c.told
	hubTask(h, c, func(ctx context.Context) (digest [32]byte, err error) {
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
	if ok && other.Pos == b.Pos && other.Vector == b.Vector && string(other.Fold) != string(b.Fold) {
		h.alarm(c, AlarmFold, 0, nil)
	}
	h.folds[c.desk.Scope] = b
}
