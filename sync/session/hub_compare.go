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

// plan is what a desk that compared its journals is to be sent, in order.
type plan struct {
	first   []incident.IncidentID // of passes 1 and 2
	pass1   int                   // how many of them are of pass 1
	spans   []wire.Span
	short   map[incident.Origin]wire.Head // lines that the desk gets up to a hole alone, and the hub's heads of them
	excerpt bool                          // of the first span, which lies behind a hole
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
		c.plan, c.wants, c.asking, c.given = p, nil, nil, nil
		for _, span := range p.wants {
			c.wants = append(c.wants, want{Span: span})
		}
		h.unask(c)
		h.want(c)
		h.lookForHoles()
		h.pump(c)
	})
}

func (h *HubCore) compare(ctx context.Context, c *conn, m wire.Vector) (*plan, error) {
	p := &plan{short: map[incident.Origin]wire.Head{}}
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
		switch hash, err = h.p.Journal.HashAt(ctx, h.p.County, own.Origin, desk.Seq); {
		case errors.Is(err, ErrNotFound):
			if _, inside, err := h.behind(ctx, own.Origin, desk.Seq); err != nil || inside {
				p.spans = append(p.spans, wire.Span{Origin: own.Origin, From: desk.Seq + 1, To: own.Seq})
				return err // which of both versions is the right one, nobody can tell yet
			}
			hash = journal.Hash{}
		case err != nil:
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
		own := deskOf(origin) == wire.DeskID(h.p.ID) // of which scope, its entries tell
		writer, _, err := GetDesk(ctx, h.p.Registry, deskOf(origin))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if own || err == nil && within(c.desk.Scope, writer.Scope) {
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
	bulkTask(h, c, func(ctx context.Context) (wire.Feed, error) { return h.nextPiece(ctx, c, p) },
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
				c.told, c.short = p.end, p.short
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
			run, err := h.nextOfLine(ctx, r, p)
			if err != nil {
				return f, fmt.Errorf("read a line for a desk: %w", err)
			}
			if len(run.Entries)+len(run.Excerpts) > 0 {
				f.Runs = append(f.Runs, run)
				size += runBytes(run)
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

// nextOfLine takes the next run off a plan's first span. What lies behind a hole goes as excerpts, since the desk can't link it.
func (h *HubCore) nextOfLine(ctx context.Context, r *reader, p *plan) (wire.Run, error) {
	span := &p.spans[0]
	if span.From > span.To {
		p.spans, p.excerpt = p.spans[1:], false
		return wire.Run{}, nil
	}
	run, err := h.p.Journal.Range(ctx, h.p.County, span.Origin, span.From, span.To, wire.MaxRunBytes)
	if errors.Is(err, ErrNotFound) {
		next, hole, err := h.behind(ctx, span.Origin, span.From)
		if err != nil || !hole {
			return wire.Run{}, errors.Join(err, fmt.Errorf("entry %d of %x: %w", span.From, span.Origin, ErrNotFound))
		}
		hash, err := h.p.Journal.HashAt(ctx, h.p.County, span.Origin, span.To)
		p.short[span.Origin] = wire.Head{Origin: span.Origin, Seq: span.To, Hash: hash}
		span.From, p.excerpt = next, true
		return wire.Run{}, err
	}
	if err != nil {
		return wire.Run{}, err
	}
	if span.From = run.Last() + 1; len(run.Entries) == 0 {
		span.From = span.To + 1
	}
	if !p.excerpt {
		return wireRun(run), nil
	}
	excerpts, err := r.excerpts(run, nil)
	if err != nil {
		return wire.Run{}, err
	}
	return r.signed(excerpts)
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
