package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/data/room"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// The names under which the link keeps its records, and its cursor.
const (
	feedCounty    = "county"
	recordSeat    = "seat"
	recordKeyMark = "keymark"
	recordPeers   = "courier"
)

// bridge is the room's link as a session and a courier see it: session.DeskJournal and session.DeskKeys.
type bridge struct {
	link  *room.Link
	codec *journal.Codec
}

// cursorRecord is where the feed stands, for one line: a desk that goes on with another one compares everything.
type cursorRecord struct {
	_      struct{} `cbor:",toarray"`
	Line   incident.Origin
	Cursor *wire.Cursor
}

type keyMarkRecord struct {
	_    struct{} `cbor:",toarray"`
	Up   uint64
	Down uint64
}

// Line implements session.DeskJournal.
func (b *bridge) Line(context.Context) (session.Line, error) {
	var l session.Line
	lines, err := b.link.Lines()
	if err != nil {
		return l, err
	}
	for _, own := range lines {
		if own.Current {
			l.Head, l.Acked = wire.Head{Origin: own.Origin, Seq: own.Seq, Hash: own.Hash}, own.Acked
		} else if own.Acked < own.Seq {
			l.Older = true
		}
	}
	if l.Head.Seq == 0 {
		l.Head.Origin = b.link.Origin()
		l.Head.Hash = journal.Start(l.Head.Origin)
	}
	raw, err := b.link.Baton(l.Head.Origin)
	if err != nil {
		return l, err
	}
	if len(raw) > 0 {
		if err := cbor.Unmarshal(raw, &l.Baton); err != nil {
			return l, fmt.Errorf("read the baton: %w", err)
		}
	}
	l.Cursor, err = b.cursor(l.Head.Origin)
	return l, err
}

func (b *bridge) cursor(line incident.Origin) (*wire.Cursor, error) {
	raw, err := b.link.Cursor(feedCounty)
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	var rec cursorRecord
	if err := cbor.Unmarshal(raw, &rec); err != nil {
		return nil, fmt.Errorf("read the feed's cursor: %w", err)
	}
	if rec.Line != line {
		return nil, nil
	}
	return rec.Cursor, nil
}

// Heads implements session.DeskJournal.
func (b *bridge) Heads(context.Context) ([]wire.Head, error) {
	held, err := b.link.Heads()
	if err != nil {
		return nil, err
	}
	heads := make([]wire.Head, 0, len(held))
	for _, h := range held {
		if h.Seq > 0 {
			heads = append(heads, wire.Head{Origin: h.Origin, Seq: h.Seq, Hash: h.Hash})
		}
	}
	return heads, nil
}

// Own implements session.DeskJournal.
func (b *bridge) Own(_ context.Context, after uint64) (journal.Run, error) {
	return b.read(b.link.Origin(), after, ^uint64(0), true)
}

// Give implements session.DeskJournal.
func (b *bridge) Give(_ context.Context, origin incident.Origin, from, to uint64) (journal.Run, error) {
	if from == 0 {
		from = 1
	}
	own, err := b.own(origin)
	if err != nil {
		return journal.Run{}, err
	}
	run, err := b.read(origin, from-1, to, own)
	if errors.Is(err, room.ErrGap) {
		return journal.Run{Origin: origin}, nil
	}
	return run, err
}

func (b *bridge) own(origin incident.Origin) (bool, error) {
	lines, err := b.link.Lines()
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(lines, func(l room.Line) bool { return l.Origin == origin }), nil
}

// read reads a run within the wire's bounds. What this desk wrote is sealed where the run ends.
func (b *bridge) read(origin incident.Origin, after, to uint64, seal bool) (journal.Run, error) {
	run, err := b.link.Range(origin, after, to, wire.MaxRunBytes)
	if err != nil {
		return run, err
	}
	if len(run.Entries) > wire.MaxRunEntries {
		run.Entries, run.Seal = run.Entries[:wire.MaxRunEntries], nil
	}
	if seal && len(run.Seal) == 0 && len(run.Entries) > 0 {
		hash, err := b.link.HashAt(origin, run.Last())
		if err != nil {
			return run, err
		}
		root, err := b.link.Root(origin)
		if err != nil {
			return run, err
		}
		run.Seal = b.link.Seal(root, run.Last(), hash)
	}
	return run, nil
}

// HashAt implements session.DeskJournal.
func (b *bridge) HashAt(_ context.Context, origin incident.Origin, seq uint64) (journal.Hash, error) {
	h, err := b.link.HashAt(origin, seq)
	if errors.Is(err, room.ErrGap) {
		return h, session.ErrNotFound
	}
	return h, err
}

// SaveBaton implements session.DeskJournal.
func (b *bridge) SaveBaton(_ context.Context, baton wire.Baton, acked uint64) error {
	raw, err := cbor.Marshal(baton)
	if err != nil {
		return fmt.Errorf("encode the baton: %w", err)
	}
	return b.link.Welcomed(b.link.Origin(), raw, acked)
}

// SetAcked implements session.DeskJournal.
func (b *bridge) SetAcked(_ context.Context, origin incident.Origin, seq uint64) error {
	return b.link.Acked(origin, seq)
}

// MoveTail implements session.DeskJournal.
func (b *bridge) MoveTail(ctx context.Context, fork uint64, baton wire.Baton) (incident.Origin, error) {
	raw, err := cbor.Marshal(baton)
	if err != nil {
		return incident.Origin{}, fmt.Errorf("encode the baton: %w", err)
	}
	return b.link.MoveTail(ctx, room.Fork{Common: fork, Baton: raw})
}

// Branch implements session.DeskJournal.
func (b *bridge) Branch(ctx context.Context, origin incident.Origin, fork uint64) error {
	_, err := b.link.BranchTail(ctx, room.TailFork{Origin: origin, Common: fork, Feed: feedCounty, Cursor: []byte{}})
	return err
}

// AppendFeed implements session.DeskJournal.
func (b *bridge) AppendFeed(ctx context.Context, runs []wire.Run, cursor *wire.Cursor) error {
	in := room.Incoming{Feed: feedCounty}
	for _, r := range runs {
		if r.First > 0 {
			in.Runs = append(in.Runs, journal.Run{
				Origin: r.Origin, First: r.First, Before: r.Before, Entries: r.Entries, Seal: r.Seal, OldBefore: r.OldBefore,
			})
			continue
		}
		for _, x := range r.Excerpts {
			in.Excerpts = append(in.Excerpts, room.Excerpt{Origin: x.Origin, Seq: x.Seq, Before: x.Before, Entry: x.Entry})
		}
	}
	if cursor != nil {
		raw, err := cbor.Marshal(cursorRecord{Line: b.link.Origin(), Cursor: cursor})
		if err != nil {
			return fmt.Errorf("encode the feed's cursor: %w", err)
		}
		in.Cursor = raw
	}
	_, err := b.link.Take(ctx, in)
	switch {
	case errors.Is(err, room.ErrGap), errors.Is(err, room.ErrFork):
		return b.misfit(in.Runs, err)
	case err != nil:
		return err
	}
	b.stamps(runs)
	return nil
}

// misfit names the line whose run didn't fit.
func (b *bridge) misfit(runs []journal.Run, why error) error {
	heads, err := b.link.Heads()
	if err != nil {
		return err
	}
	ends := map[incident.Origin]wire.Head{}
	for _, h := range heads {
		ends[h.Origin] = wire.Head{Origin: h.Origin, Seq: h.Seq, Hash: h.Hash}
	}
	for _, run := range runs {
		h := ends[run.Origin]
		h.Origin = run.Origin
		if run.First > h.Seq+1 {
			return &session.GapError{Head: h}
		}
		forked, err := b.forked(run, h.Seq)
		if err != nil {
			return err
		}
		if forked {
			return &session.ForkError{Origin: run.Origin}
		}
		if last := run.Last(); last > h.Seq {
			ends[run.Origin] = wire.Head{Origin: run.Origin, Seq: last}
		}
	}
	return why
}

// forked reports whether a run contradicts what is held of its line up to held.
func (b *bridge) forked(run journal.Run, held uint64) (bool, error) {
	if run.First > held+1 {
		return false, nil
	}
	own, err := b.link.HashAt(run.Origin, run.First-1)
	if errors.Is(err, room.ErrGap) {
		return false, nil // goes on from a run before it
	}
	if err != nil || own != run.Before {
		return err == nil, err
	}
	if held < run.First {
		return false, nil
	}
	upTo := min(held, run.Last())
	theirs := run.Before
	for _, entry := range run.Entries[:upTo-run.First+1] {
		theirs = journal.Next(theirs, journal.DigestOf(entry))
	}
	if own, err = b.link.HashAt(run.Origin, upTo); errors.Is(err, room.ErrGap) {
		return false, nil
	}
	return err == nil && own != theirs, err
}

// stamps notes when the county got the last entries of each township.
func (b *bridge) stamps(runs []wire.Run) {
	for _, r := range runs {
		if r.Stamp == nil || len(r.Entries) == 0 {
			continue
		}
		if rec, err := b.codec.Decode(r.Entries[len(r.Entries)-1]); err == nil {
			b.link.Received(rec.Scope, r.Stamp.ReceivedAt)
		}
	}
}

// FoldDigest implements session.DeskJournal. Before the digest stand the rules by which this program folds.
func (b *bridge) FoldDigest(ctx context.Context) ([]byte, error) {
	sum, err := b.link.FoldDigest(ctx)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint64(foldRules(), incident.FoldVersion), sum...), nil
}

// foldRules stands for what this program makes of entries: it takes what it doesn't know as unknown.
func foldRules() []byte {
	d := kindsDigest()
	return d[:]
}

// Keys implements session.DeskKeys.
func (b *bridge) Keys(_ context.Context, after uint64, limit int) ([]wire.KeyItem, uint64, error) {
	held, to, err := b.link.Keys(after, limit)
	if err != nil {
		return nil, 0, err
	}
	items := make([]wire.KeyItem, 0, len(held))
	for _, k := range held {
		items = append(items, wire.KeyItem{ID: k.ID, Incident: k.Incident, Scope: k.Scope, Key: bytes.Clone(k.Key)})
	}
	return items, to, nil
}

// Marks implements session.DeskKeys.
func (b *bridge) Marks(context.Context) (session.KeyMarks, error) {
	raw, err := b.link.Record(recordKeyMark)
	if err != nil || len(raw) == 0 {
		return session.KeyMarks{}, err
	}
	var rec keyMarkRecord
	if cbor.Unmarshal(raw, &rec) != nil {
		return session.KeyMarks{}, nil // everything is given again, which does no harm
	}
	return session.KeyMarks{Up: rec.Up, Down: rec.Down}, nil
}

// SetMarks implements session.DeskKeys.
func (b *bridge) SetMarks(_ context.Context, m session.KeyMarks) error {
	raw, err := cbor.Marshal(keyMarkRecord{Up: m.Up, Down: m.Down})
	if err != nil {
		return fmt.Errorf("encode the keys' marks: %w", err)
	}
	return b.link.SetRecord(recordKeyMark, raw)
}

// PutKeys implements session.DeskKeys.
func (b *bridge) PutKeys(ctx context.Context, items []wire.KeyItem) (before, after uint64, err error) {
	taken := make([]room.KeyItem, 0, len(items))
	for _, k := range items {
		taken = append(taken, room.KeyItem{ID: k.ID, Incident: k.Incident, Scope: k.Scope, Key: k.Key})
	}
	before, after, _, err = b.link.PutKeys(ctx, taken)
	return before, after, err
}

// kindsDigest stands for the kinds and versions of entries that this program understands.
func kindsDigest() (d [8]byte) {
	var list []byte
	for kind := incident.Kind(0); kind < 1<<10; kind++ {
		if journal.Known(kind, journal.PayloadVersion) {
			list = fmt.Appendf(list, "%d:%d ", kind, journal.PayloadVersion)
		}
	}
	sum := sha256.Sum256(list)
	copy(d[:], sum[:])
	return d
}
