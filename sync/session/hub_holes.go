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

// A hole is a part of a line that the hub has taken and can't read any more. Any desk that holds the line whole can fill it: the hash
// after its last entry is known. Until then desks that lack the line get what lies behind the hole as excerpts.

// holesEvery is how often the hub looks for holes that somebody found, in milliseconds.
const holesEvery = 10_000

// want is a part of a line that a desk is asked for.
type want struct {
	wire.Span
	hole bool
}

// hubHoles is what the hub knows of its holes.
type hubHoles struct {
	all      []hole
	asked    map[wire.Span]*conn
	looking  bool
	again    bool
	lookedAt incident.Stamp
}

type hole struct {
	wire.Span
	scope incident.ScopeID // of its line
}

// lookForHoles reads which holes there are, tells people of new ones, and asks desks for them.
func (h *HubCore) lookForHoles() {
	if h.holes.looking {
		h.holes.again = true
		return
	}
	h.holes.looking, h.holes.again, h.holes.lookedAt = true, false, h.now
	h.out = append(h.out, Task{Work: func(ctx context.Context) Done {
		holes, err := h.readHoles(ctx)
		return Done{apply: func() {
			h.holes.looking = false
			if err != nil {
				h.out = append(h.out, Alarm{Kind: AlarmStore, Err: err})
				return
			}
			h.foundHoles(holes)
			if h.holes.again {
				h.lookForHoles()
			}
		}}
	}})
}

func (h *HubCore) readHoles(ctx context.Context) ([]hole, error) {
	spans, err := h.p.Journal.Holes(ctx, h.p.County)
	if err != nil || len(spans) == 0 {
		return nil, err
	}
	heads, err := h.p.Journal.Heads(ctx, h.p.County)
	if err != nil {
		return nil, err
	}
	scopes := map[incident.Origin]incident.ScopeID{}
	for _, head := range heads {
		scopes[head.Origin] = head.Scope
	}
	holes := make([]hole, len(spans))
	for i, span := range spans {
		holes[i] = hole{span, scopes[span.Origin]}
	}
	return holes, nil
}

func (h *HubCore) foundHoles(holes []hole) {
	for _, one := range holes {
		if !slices.Contains(h.holes.all, one) {
			h.out = append(h.out, Alarm{
				Kind: AlarmHole, Line: one.Origin, Err: fmt.Errorf("entries %d to %d can't be read: they are wanted from the desks", one.From, one.To),
			})
		}
	}
	h.holes.all = holes
	for _, c := range h.sorted() {
		h.tellHealed(c)
		h.askForHoles(c)
	}
}

// tellHealed has a desk compare its journals when a line that it got up to a hole alone is whole again.
func (h *HubCore) tellHealed(c *conn) {
	for origin, head := range c.short {
		if !slices.ContainsFunc(h.holes.all, func(o hole) bool { return o.Origin == origin }) {
			c.short = nil
			h.send(c, wire.HashIs{Origin: origin, Seq: head.Seq, Hash: head.Hash[:]})
			return
		}
	}
}

// askForHoles asks a desk for the holes in lines of its scope that nobody else is asked for. What it had not, it isn't asked for again.
func (h *HubCore) askForHoles(c *conn) {
	if c.phase != hubLive {
		return
	}
	for _, one := range h.holes.all {
		_, lacks := c.short[one.Origin]
		if lacks || h.holes.asked[one.Span] != nil || c.tried[one.Span] || !within(c.desk.Scope, one.scope) || len(c.wants) >= maxSpans {
			continue
		}
		h.holes.asked[one.Span] = c
		c.wants = append(c.wants, want{one.Span, true})
	}
	h.want(c)
}

// unask lets others be asked for what a desk was asked for.
func (h *HubCore) unask(c *conn) {
	for span, of := range h.holes.asked {
		if of == c {
			delete(h.holes.asked, span)
		}
	}
}

// lackedHole notes that a desk doesn't have a part of a line, or has something else there.
func (h *HubCore) lackedHole(c *conn, span wire.Span) {
	if c.tried == nil {
		c.tried = map[wire.Span]bool{}
	}
	c.tried[span] = true
	delete(h.holes.asked, span)
	for _, other := range h.sorted() {
		if other != c {
			h.askForHoles(other)
		}
	}
}

// errOther says that a desk's version of a hole is not what the hub once took.
var errOther = errors.New("the desk has other entries than the hub lost")

// fill stores what a desk gave for a hole, if it ends with the hash that the hub took there, or the line's own desk signed it.
func (h *HubCore) fill(ctx context.Context, runs []wire.Run, span wire.Span, now incident.Stamp) error {
	head, err := h.p.Journal.Head(ctx, h.p.County, span.Origin)
	if err != nil {
		return err
	}
	start := HubHead{Head: wire.Head{Origin: span.Origin, Seq: span.From - 1}}
	start.Hash, err = h.p.Journal.HashAt(ctx, h.p.County, span.Origin, span.From-1)
	first := errors.Is(err, ErrNotFound)
	if err != nil && !first {
		return err
	}
	if first {
		start.Hash = runs[0].Before
	}
	after := start
	var good []HubRun
	for _, r := range runs {
		var hr HubRun
		run := journal.Run{Origin: span.Origin, First: r.First, Before: r.Before, Entries: r.Entries, Seal: r.Seal, OldBefore: r.OldBefore}
		if hr, after, err = h.examine(ctx, run, after, head.Scope, now); err != nil {
			return err
		}
		good = append(good, hr)
	}
	if after.Seq == span.To {
		hash, err := h.p.Journal.HashAt(ctx, h.p.County, span.Origin, span.To)
		if err != nil {
			return err
		}
		if hash != after.Hash {
			return errOther
		}
	} else {
		writer, err := h.writer(ctx, deskOf(span.Origin), runs[0].Entries[0])
		if err != nil {
			return err
		}
		if err := h.proved(ctx, writer, after, false, journal.Hash{}); err != nil {
			return err
		}
	}
	held, err := holds(ctx, h.p.Registry)
	if err != nil {
		return err
	}
	good = joined(good)
	good[0].Root = first && (span.From > 1 || runs[0].Before != journal.Start(span.Origin))
	for i := range good {
		if held[span.Origin] {
			good[i].Flags |= wire.FlagHeld
		}
	}
	_, errs := h.p.Journal.Append(ctx, h.p.County, good)
	return errors.Join(errs...)
}

// joined makes runs that follow each other one where they fit: a hole is filled with exactly what it was.
func joined(runs []HubRun) []HubRun {
	out := runs[:1]
	size := 0
	for _, e := range runs[0].Run.Entries {
		size += len(e)
	}
	for _, next := range runs[1:] {
		last, more := &out[len(out)-1], 0
		for _, e := range next.Run.Entries {
			more += len(e)
		}
		if len(last.Run.Entries)+len(next.Run.Entries) > wire.MaxRunEntries || size+more > wire.MaxRunBytes+journal.MaxEntry {
			out, size = append(out, next), more
			continue
		}
		size += more
		last.Run.Entries = slices.Concat(last.Run.Entries, next.Run.Entries)
		last.Items = slices.Concat(last.Items, next.Items)
		last.Run.Seal, last.Last, last.HLC = next.Run.Seal, next.Last, next.HLC
		last.Flags |= next.Flags
	}
	return out
}

// filled is what follows when a desk's answer for a hole was examined.
func (h *HubCore) filled(c *conn, span wire.Span, err error) {
	var code *codeError
	var gap *GapError
	switch {
	case err == nil:
		delete(h.holes.asked, span)
	case errors.As(err, &code), errors.As(err, &gap), errors.Is(err, errOther), errors.Is(err, ErrFork):
		h.lackedHole(c, span)
	default:
		h.alarm(c, AlarmStore, 0, err)
		delete(h.holes.asked, span)
	}
	h.lookForHoles()
}

// behind returns where a line goes on after the hole that holds a sequence; false if no hole does.
func (h *HubCore) behind(ctx context.Context, origin incident.Origin, seq uint64) (uint64, bool, error) {
	spans, err := h.p.Journal.Holes(ctx, h.p.County)
	for _, span := range spans {
		if span.Origin == origin && span.From <= seq && seq <= span.To {
			return span.To + 1, true, nil
		}
	}
	return 0, false, err
}

// excerpts makes a run of a line that a desk can't link excerpts, as far as they are about incidents. befores are the hashes before
// its entries in the chains they were first written to; nil where the run itself tells them, as one that Range gave does. A moved entry
// travels as it was first written.
func (r *reader) excerpts(run journal.Run, befores []Item) (out []wire.Excerpt, err error) {
	hash, old := run.Before, run.OldBefore
	for i, raw := range run.Entries {
		x := wire.Excerpt{Origin: run.Origin, Seq: run.First + uint64(i), Before: hash, Entry: raw}
		hash = journal.Next(hash, journal.DigestOf(raw))
		rec, err := r.h.p.Entries.Decode(raw)
		if err != nil {
			return nil, err
		}
		switch {
		case befores != nil:
			x.Before = befores[i].Before
		case isMoved(rec):
			x.Before = old
		}
		if x, rec, err = r.unwrapped(x, rec); err != nil {
			return nil, err
		}
		if old = journal.Next(x.Before, journal.DigestOf(x.Entry)); rec.Incident.IsZero() {
			continue
		}
		out = append(out, x)
	}
	return out, nil
}
