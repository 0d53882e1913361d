package session

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// Flags of a stamp are set beyond this difference.
const clockOff = 10 * 60 * 1000 // milliseconds

// codeError is a reason to stop a line.
type codeError struct {
	code wire.ErrorCode
	err  error
}

func (e *codeError) Error() string { return fmt.Sprintf("code %d: %v", e.code, e.err) }

func (e *codeError) Unwrap() error { return e.err }

func stop(code wire.ErrorCode, err error) error { return &codeError{code, err} }

// push queues a run; the next task takes all that wait, so that a slow disk makes larger batches.
func (h *HubCore) push(c *conn, m wire.Push) {
	if c.stopped {
		return
	}
	if c.resync {
		if m.First != c.head.Seq+1 || c.pushing {
			return
		}
		c.resync = false
	}
	if len(c.pushes) >= 2*wire.MaxUnacked {
		h.close(c, CloseSlow)
		return
	}
	c.pushes = append(c.pushes, m)
	h.storePushes(c)
}

// pushed is what a batch of runs came to: the head after those that are durable, and why the next one is not.
type pushed struct {
	head  HubHead
	acked bool
	err   error
}

func (h *HubCore) storePushes(c *conn) {
	if c.pushing || len(c.pushes) == 0 {
		return
	}
	c.pushing = true
	runs, head, now := c.pushes, c.head, h.now
	c.pushes = nil
	hubTask(h, c, func(ctx context.Context) (pushed, error) {
		return h.appendPushes(ctx, c, runs, head, now), nil
	}, func(p pushed, _ error) {
		c.pushing, c.head = false, p.head
		if p.acked {
			h.send(c, wire.Ack{Seq: p.head.Seq, Hash: p.head.Hash})
		}
		if p.err != nil {
			h.pushFailed(c, p.err)
			return
		}
		h.storePushes(c)
	})
}

func (h *HubCore) appendPushes(ctx context.Context, c *conn, pushes []wire.Push, head HubHead, now incident.Stamp) pushed {
	p := pushed{head: head}
	var good []HubRun
	var heads []HubHead
	for _, m := range pushes {
		run := journal.Run{Origin: c.line, First: m.First, Before: m.Before, Entries: m.Entries, Seal: m.Seal, OldBefore: m.OldBefore}
		hr, after, err := h.examine(ctx, run, head, c.desk.Scope, now)
		if err == nil {
			err = sealError(journal.VerifySeal(c.desk.Key, c.line, after.Seq, after.Hash, m.Seal))
		}
		if err != nil {
			p.err = err
			break
		}
		if c.mode == wire.ModeHeld {
			hr.Flags |= wire.FlagHeld
		}
		good, heads, head = append(good, hr), append(heads, after), after
	}
	if len(good) == 0 {
		return p
	}
	_, errs := h.p.Journal.Append(ctx, h.p.County, good)
	for i, err := range errs {
		if errors.Is(err, ErrFork) { // another copy writes on the same line; Hello will part them
			var head HubHead
			if head, err = h.p.Journal.Head(ctx, h.p.County, c.line); err == nil {
				err = &GapError{Head: head.Head}
			}
		}
		if err != nil {
			p.err = err
			return p
		}
		p.head, p.acked = heads[i], true
	}
	return p
}

func sealError(err error) error {
	if err != nil {
		return stop(wire.CodeSeal, err)
	}
	return nil
}

// pushFailed tells the desk where to go on, or stops the line.
func (h *HubCore) pushFailed(c *conn, err error) {
	c.pushes, c.resync = nil, true
	fault := wire.Fault{Code: wire.CodeUnavailable, About: wire.TypePush, RetryAfter: retryAfter}
	var gap *GapError
	var code *codeError
	switch {
	case errors.As(err, &gap):
		fault.Code, fault.RetryAfter = wire.CodeGap, 0
		c.head.Head = gap.Head
		if c.head.Seq == 0 {
			c.head.Head = wire.Head{Origin: c.line, Hash: journal.Start(c.line)}
		}
	case errors.As(err, &code):
		fault.Code, fault.RetryAfter = code.code, 0
		h.stopLine(c, code)
	default:
		h.alarm(c, AlarmStore, wire.CodeUnavailable, err)
	}
	fault.HeadSeq, fault.HeadHash = c.head.Seq, c.head.Hash
	h.send(c, fault)
}

// stopLine takes no more of a line until the county has looked at it.
func (h *HubCore) stopLine(c *conn, why *codeError) {
	c.stopped = true
	h.alarm(c, AlarmStopped, why.code, why.err)
	if why.code == wire.CodeTooBig {
		return
	}
	line := c.line
	h.do(func(ctx context.Context) error { return hold(ctx, h.p.Registry, line, holdCopy) }, func() {})
}

// examine checks a run against the head that it follows and finds what a store must know of it: chain, scopes, moved entries. Entries are
// decoded here and nowhere else at the hub. The head after it comes back; its seal is for the caller.
func (h *HubCore) examine(ctx context.Context, run journal.Run, head HubHead, scope incident.ScopeID, now incident.Stamp) (HubRun, HubHead, error) {
	hr := HubRun{Run: run, Scope: scope}
	switch {
	case run.First != head.Seq+1:
		return hr, head, &GapError{Head: head.Head}
	case run.Before != head.Hash:
		return hr, head, stop(wire.CodeHash, fmt.Errorf("run of %x at %d: %w", run.Origin, run.First, journal.ErrChain))
	case len(run.Entries) == 0 || len(run.Entries) > wire.MaxRunEntries:
		return hr, head, stop(wire.CodeTooBig, journal.ErrTooBig)
	}
	records, hashes, err := h.p.Entries.Records(run)
	switch {
	case errors.Is(err, journal.ErrTooBig):
		return hr, head, stop(wire.CodeTooBig, err)
	case err != nil:
		return hr, head, stop(wire.CodeHash, err)
	}
	hr.Items = make([]Item, len(records))
	before := run.Before
	moves := moves{h: h, run: run}
	for i, r := range records {
		item := Item{Incident: r.Incident, Scope: r.Scope, Kind: r.Kind, ID: hashes[i], Before: before}
		inner := r
		if r.Kind == incident.KindMoved && r.Ver == journal.PayloadVersion {
			if inner, err = moves.follow(ctx, i, r, &item); err != nil {
				return hr, head, err
			}
		}
		if !within(scope, r.Scope) || !within(scope, inner.Scope) {
			return hr, head, stop(wire.CodeScope, fmt.Errorf("entry %d of %x for %d", r.Seq, run.Origin, r.Scope))
		}
		if err := h.nameBlobs(ctx, inner, scope, inner.Scope); err != nil {
			return hr, head, err
		}
		hr.Items[i], before = item, hashes[i]
	}
	last := records[len(records)-1]
	hr.Last, hr.HLC = hashes[len(hashes)-1], last.HLC
	hr.Flags = clockFlags(last.HLC, head.LastHLC, now)
	after := HubHead{Head: wire.Head{Origin: run.Origin, Seq: last.Seq, Hash: hr.Last}, Scope: scope, Seal: run.Seal, LastHLC: last.HLC}
	return hr, after, nil
}

func clockFlags(last, before incident.HLC, now incident.Stamp) (flags uint8) {
	at := journal.WallOf(last)
	if at > now+clockOff {
		flags |= wire.FlagClockAhead
	}
	if before > 0 && at < journal.WallOf(before)-clockOff {
		flags |= wire.FlagClockBehind
	}
	return flags
}

// moves follows the moved entries of a run, which carry the chain of the line they were written to along with them.
type moves struct {
	h    *HubCore
	run  journal.Run
	old  incident.Origin // of the entry before
	seq  uint64
	hash journal.Hash
}

// follow finds what is inside a moved entry, and the ID it was written with.
func (m *moves) follow(ctx context.Context, i int, r journal.Record, item *Item) (journal.Record, error) {
	moved, err := m.h.p.Entries.DecodeMoved(r)
	if err != nil {
		return r, stop(wire.CodeHash, err)
	}
	inner, _, err := m.h.p.Entries.Unwrap(r, m.run.Origin)
	if err != nil {
		return r, stop(wire.CodeHash, err)
	}
	old := lineOf(deskOf(m.run.Origin), moved.Incarnation)
	var before journal.Hash
	switch {
	case m.old == old && m.seq+1 == moved.Seq:
		before = m.hash
	case i == 0 && m.run.OldBefore != journal.Hash{}:
		before = m.run.OldBefore
	default:
		before, err = m.h.p.Journal.HashAt(ctx, m.h.p.County, old, moved.Seq-1)
		if errors.Is(err, ErrNotFound) {
			return r, stop(wire.CodeHash, fmt.Errorf("moved entry %d of %x: its old chain is not known", r.Seq, m.run.Origin))
		}
		if err != nil {
			return r, err
		}
	}
	id := journal.Next(before, journal.DigestOf(moved.Raw))
	m.old, m.seq, m.hash = old, moved.Seq, id
	item.Incident, item.Scope, item.Kind, item.ID, item.Before = inner.Incident, inner.Scope, inner.Kind, id, before
	return inner, nil
}

// blobsKey is how the key of a fact's attachments begins in its payload; most entries have none and need not be opened.
var blobsKey = []byte{0x18, 80}

// nameBlobs notes, before the entry is stored, that the desks of some scopes may send and read its attachments.
func (h *HubCore) nameBlobs(ctx context.Context, r journal.Record, scopes ...incident.ScopeID) error {
	if !bytes.Contains(r.Payload, blobsKey) {
		return nil
	}
	fact, err := h.p.Entries.Fact(r)
	if err != nil || fact == nil {
		return nil // a payload that can't be read names nothing
	}
	for _, scope := range slices.Compact(scopes) {
		for _, id := range fact.Blobs {
			key := fmt.Sprintf("%s%d/%s", PrefixBlob, scope, hex.EncodeToString(id))
			if _, err := h.p.Registry.Put(ctx, key, []byte{1}, 0); err != nil && !errors.Is(err, ErrRevision) {
				return err
			}
		}
	}
	return nil
}

// want asks the desk for the next piece of what the hub lacks, one run at a time.
func (h *HubCore) want(c *conn) {
	if c.asking != nil || len(c.wants) == 0 || c.taking {
		return
	}
	next := c.wants[0]
	c.wants = c.wants[1:]
	c.asking, c.given = &next, nil
	h.send(c, wire.Want{Spans: []wire.Span{next.Span}})
}

// taken examines a run of another line than the desk's own, or one that fills a hole. Runs without a seal wait, linked, for one that
// proves them.
func (h *HubCore) taken(c *conn, m wire.Give) {
	if c.asking == nil || m.Run.Origin != c.asking.Origin || c.taking {
		return
	}
	asked := *c.asking
	if len(m.Run.Entries) == 0 {
		c.asking, c.given = nil, nil
		if asked.hole {
			h.lackedHole(c, asked.Span)
		}
		h.want(c)
		return
	}
	c.given = append(c.given, m.Run)
	last := m.Run.First + uint64(len(m.Run.Entries)) - 1
	if last < asked.To && !enough(c.given, asked) {
		h.send(c, wire.Want{Spans: []wire.Span{{Origin: m.Run.Origin, From: last + 1, To: asked.To}}})
		return
	}
	c.taking = true
	runs, now := c.given, h.now
	c.given = nil
	if asked.hole {
		hubTask(h, c, func(ctx context.Context) (nothing, error) { return nothing{}, h.fill(ctx, runs, asked.Span, now) },
			func(_ nothing, err error) {
				c.taking, c.asking = false, nil
				h.filled(c, asked.Span, err)
				h.want(c)
			})
		return
	}
	hubTask(h, c, func(ctx context.Context) (HubHead, error) { return h.heal(ctx, c, runs, now) },
		func(head HubHead, err error) {
			c.taking, c.asking = false, nil
			h.healed(c, asked.Span, head, err)
			h.want(c)
		})
}

// enough says whether what a desk gave can be examined before all has come: it ends with a seal, or is all that may wait. A hole is filled
// with exactly what it was, unless that was more than one run.
func enough(given []wire.Run, asked want) bool {
	entries, size := 0, uint64(0)
	for _, run := range given {
		entries += len(run.Entries)
		size += runBytes(run)
	}
	sealed := len(given[len(given)-1].Seal) > 0 && (!asked.hole || asked.To-asked.From >= wire.MaxRunEntries)
	return sealed || entries >= unproved || size >= unprovedBytes
}

// healed is what follows when runs of a line that the hub lacked were examined.
func (h *HubCore) healed(c *conn, span wire.Span, head HubHead, err error) {
	var code *codeError
	switch {
	case errors.Is(err, errParted):
		h.send(c, wire.HashIs{Origin: span.Origin, Seq: head.Seq, Hash: head.Hash[:]})
	case errors.As(err, &code):
		h.alarm(c, AlarmStopped, code.code, err)
	case err != nil:
		h.alarm(c, AlarmStore, wire.CodeUnavailable, err)
	default:
		if head.Seq < span.To {
			c.wants = append([]want{{Span: wire.Span{Origin: span.Origin, From: head.Seq + 1, To: span.To}}}, c.wants...)
		}
		if deskOf(span.Origin) == c.desk.ID {
			h.send(c, wire.HashIs{Origin: span.Origin, Seq: head.Seq, Hash: head.Hash[:]})
		}
	}
}

// writer returns the seat that signs a line, of which it gets an entry. The hub itself has a line for every scope, which its entries name.
func (h *HubCore) writer(ctx context.Context, id wire.DeskID, entry []byte) (Desk, error) {
	if id == wire.DeskID(h.p.ID) {
		r, err := h.p.Entries.Decode(entry)
		if err != nil {
			return Desk{}, stop(wire.CodeHash, err)
		}
		return Desk{ID: id, Scope: r.Scope, Key: ed25519.PublicKey(h.p.Key[ed25519.SeedSize:])}, nil
	}
	desk, _, err := GetDesk(ctx, h.p.Registry, id)
	return desk, err
}

// errParted says that the desk's version of a line is not the hub's.
var errParted = errors.New("two versions of a line")

// heal stores runs that a desk gave of any line of its scope, if the line's own desk signed them. It returns the hub's head.
func (h *HubCore) heal(ctx context.Context, c *conn, runs []wire.Run, now incident.Stamp) (HubHead, error) {
	origin := runs[0].Origin
	writer, err := h.writer(ctx, deskOf(origin), runs[0].Entries[0])
	if err != nil {
		return HubHead{}, err
	}
	if !within(c.desk.Scope, writer.Scope) {
		return HubHead{}, stop(wire.CodeScope, fmt.Errorf("desk of %d gives a line of %d", c.desk.Scope, writer.Scope))
	}
	head, err := h.p.Journal.Head(ctx, h.p.County, origin)
	if err != nil {
		return head, err
	}
	start := head
	root := head.Seq == 0 && (runs[0].First > 1 || runs[0].Before != journal.Start(origin))
	if root {
		start.Head = wire.Head{Origin: origin, Seq: runs[0].First - 1, Hash: runs[0].Before}
	} else if head.Seq == 0 {
		start.Head = wire.Head{Origin: origin, Hash: journal.Start(origin)}
	}
	if runs[0].First != start.Seq+1 {
		return head, nil // somebody else gave it meanwhile
	}
	if runs[0].Before != start.Hash {
		return head, errParted
	}
	var good []HubRun
	after := start
	for i, r := range runs {
		var hr HubRun
		run := journal.Run{Origin: origin, First: r.First, Before: r.Before, Entries: r.Entries, Seal: r.Seal, OldBefore: r.OldBefore}
		if hr, after, err = h.examine(ctx, run, after, writer.Scope, now); err != nil {
			return head, err
		}
		hr.Root = root && i == 0
		good = append(good, hr)
	}
	first := journal.Next(runs[0].Before, journal.DigestOf(runs[0].Entries[0]))
	if err := h.proved(ctx, writer, after, root, first); err != nil {
		return head, err
	}
	_, errs := h.p.Journal.Append(ctx, h.p.County, good)
	for _, err := range errs {
		if gap := (*GapError)(nil); errors.As(err, &gap) {
			return HubHead{Head: gap.Head}, nil
		}
		if errors.Is(err, ErrFork) {
			return head, errParted
		}
		if err != nil {
			return head, err
		}
	}
	if writer.ID == wire.DeskID(h.p.ID) && h.p.Relearn != nil {
		return after, h.relearn(ctx, runs)
	}
	return after, nil
}

// relearn tells what the hub had once ordered, before its store was put back.
func (h *HubCore) relearn(ctx context.Context, runs []wire.Run) error {
	var orders []journal.Record
	for _, run := range runs {
		for _, raw := range run.Entries {
			r, err := h.p.Entries.Decode(raw)
			if err != nil {
				return err
			}
			orders = append(orders, r)
		}
	}
	return h.p.Relearn(ctx, orders)
}

// proved checks the seal of a line's desk. A branch was sealed under the plain line that it parted from, and its name follows from both.
func (h *HubCore) proved(ctx context.Context, writer Desk, after HubHead, root bool, first journal.Hash) error {
	err := journal.VerifySeal(writer.Key, after.Origin, after.Seq, after.Hash, after.Seal)
	if err == nil && !root {
		return nil
	}
	heads, herr := h.p.Journal.Heads(ctx, h.p.County)
	if herr != nil {
		return herr
	}
	for _, plain := range heads {
		if deskOf(plain.Origin) != writer.ID || plain.Origin == after.Origin || root && wire.Branch(plain.Origin, first) != after.Origin {
			continue
		}
		if journal.VerifySeal(writer.Key, plain.Origin, after.Seq, after.Hash, after.Seal) == nil {
			return nil
		}
	}
	return stop(wire.CodeSeal, fmt.Errorf("line %x at %d: %w", after.Origin, after.Seq, journal.ErrSeal))
}
