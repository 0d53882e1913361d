package feed

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// maxFeedBytes bounds what one Feed returns beyond its first record.
const maxFeedBytes = 4 << 20

// damage is an error that says which stored run is damaged, so that the reader can note a hole.
type damage struct {
	origin incident.Origin
	last   uint64
	place  place
	err    error
}

func (d *damage) Error() string {
	return fmt.Sprintf("run of %x from %d to %d: %v", d.origin, d.place.first, d.last, d.err)
}

// Unwrap makes it session.ErrNotFound: until somebody gives the run again, it is not there.
func (d *damage) Unwrap() []error { return []error{session.ErrNotFound, d.err} }

// find reads the record that holds an entry; session.ErrNotFound if none does.
func find(c *Codec, tx *bbolt.Tx, origin incident.Origin, seq uint64) (record, error) {
	k, v := tx.Bucket([]byte(bRun)).Cursor().Seek(runKey(origin, seq))
	if k == nil || !bytes.HasPrefix(k, origin[:]) {
		return record{}, fmt.Errorf("entry %d of %x: %w", seq, origin, session.ErrNotFound)
	}
	p, err := decodePlace(v)
	if err != nil {
		return record{}, err
	}
	if p.first > seq || seq == 0 {
		return record{}, fmt.Errorf("entry %d of %x: %w", seq, origin, session.ErrNotFound)
	}
	return at(c, tx, origin, binary.BigEndian.Uint64(k[lenOrigin:]), p)
}

// at reads the record that the index names, and compares the two.
func at(c *Codec, tx *bbolt.Tx, origin incident.Origin, last uint64, p place) (record, error) {
	r, ok, err := c.unframe(p.pos, tx.Bucket([]byte(bFeed)).Get(posKey(p.pos)))
	if err == nil && (!ok || r.Run.Origin != origin || r.Run.First != p.first || r.Run.Last() != last || r.Last != p.hash) {
		err = fmt.Errorf("%w: the index names another run", errDamaged)
	}
	if err != nil {
		return record{}, &damage{origin: origin, last: last, place: p, err: err}
	}
	return r, nil
}

// read runs fn in a transaction and notes a hole where it met damage.
func (f *File) read(fn func(tx *bbolt.Tx) error) error {
	err := f.view(fn)
	var d *damage
	if !errors.As(err, &d) {
		return err
	}
	return errors.Join(err, f.noteHole(d))
}

func (f *File) noteHole(d *damage) error {
	if f.onDamage != nil {
		f.onDamage()
	}
	return f.update(func(tx *bbolt.Tx) error { return putHole(tx, d) })
}

func putHole(tx *bbolt.Tx, d *damage) error {
	return tx.Bucket([]byte(bHole)).Put(runKey(d.origin, d.last), d.place.encode())
}

// Holes returns the runs that were found damaged or lost, for a Want; somebody who has them gives them again.
func (f *File) Holes() (spans []wire.Span, err error) {
	err = f.view(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bHole)).ForEach(func(k, v []byte) error {
			p, err := decodePlace(v)
			if err != nil {
				return err
			}
			spans = append(spans, wire.Span{Origin: incident.Origin(k[:lenOrigin]), From: p.first, To: binary.BigEndian.Uint64(k[lenOrigin:])})
			return nil
		})
	})
	return spans, err
}

// Heads returns every origin, in order.
func (f *File) Heads() (heads []session.HubHead, err error) {
	err = f.view(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bHead)).ForEach(func(k, _ []byte) error {
			h, err := readHead(f.codec, tx, incident.Origin(k))
			heads = append(heads, hubHead(incident.Origin(k), h))
			return err
		})
	})
	return heads, err
}

// Head returns one origin, zero sequence if it never wrote.
func (f *File) Head(origin incident.Origin) (h session.HubHead, err error) {
	err = f.view(func(tx *bbolt.Tx) error {
		one, err := readHead(f.codec, tx, origin)
		h = hubHead(origin, one)
		return err
	})
	return h, err
}

func hubHead(origin incident.Origin, h head) session.HubHead {
	return session.HubHead{
		Head: wire.Head{Origin: origin, Seq: h.Seq, Hash: h.Hash}, Scope: h.Scope, Seal: h.Seal, LastHLC: h.HLC,
	}
}

// Bounds of what is kept decoded: records, and bytes of each.
const (
	recentSlots = 64
	recentBytes = 16 << 10
)

// recent keeps the records of the feed that were read last, decoded: what is new is read by every desk at once. Nobody changes a record
// that was read.
type recent struct {
	mu    sync.Mutex // guards slots
	slots [recentSlots]struct {
		raw []byte // as it stands in the file
		r   record
	}
}

// unframe reads a record of the feed, or takes it from those that were just read if it still has the same bytes.
func (f *File) unframe(pos uint64, v []byte) (record, bool, error) {
	slot := &f.recent.slots[pos%recentSlots]
	f.recent.mu.Lock()
	raw, r := slot.raw, slot.r
	f.recent.mu.Unlock()
	if r.Stamp.Pos == pos && bytes.Equal(raw, v) {
		return r, true, nil
	}
	r, ok, err := f.codec.unframe(pos, v)
	if ok && len(v) <= recentBytes {
		f.recent.mu.Lock()
		slot.raw, slot.r = bytes.Clone(v), r
		f.recent.mu.Unlock()
	}
	return r, ok, err
}

// Feed returns up to limit records after a position, some megabytes at most, and the position it read up to. A damaged record is left
// out and becomes a hole.
func (f *File) Feed(after uint64, limit int) (records []session.HubRecord, to uint64, err error) {
	var damaged []uint64
	err = f.view(func(tx *bbolt.Tx) error {
		last, _ := end(tx)
		if to = after; last <= after {
			return nil
		}
		size := 0
		cur := tx.Bucket([]byte(bFeed)).Cursor()
		for k, v := cur.Seek(posKey(after + 1)); k != nil; k, v = cur.Next() {
			if len(records) >= limit || size > maxFeedBytes {
				return nil
			}
			to = binary.BigEndian.Uint64(k)
			size += len(v)
			switch r, ok, err := f.unframe(to, v); {
			case err != nil:
				damaged = append(damaged, to)
			case ok:
				records = append(records, r.HubRecord)
			}
		}
		to = last
		return nil
	})
	for _, pos := range damaged {
		err = errors.Join(err, f.holeAt(pos))
	}
	return records, to, err
}

// holeAt notes the run that the index has at a position as a hole, unless it is known. It looks through the whole index, which damage
// is worth once.
func (f *File) holeAt(pos uint64) error {
	var found *damage
	err := f.view(func(tx *bbolt.Tx) error {
		if known, err := placed(tx, bHole, pos); known != nil || err != nil {
			return err
		}
		k, err := placed(tx, bRun, pos)
		if k == nil || err != nil {
			return err
		}
		p, err := decodePlace(tx.Bucket([]byte(bRun)).Get(k))
		found = &damage{origin: incident.Origin(k[:lenOrigin]), last: binary.BigEndian.Uint64(k[lenOrigin:]), place: p}
		return err
	})
	if err != nil || found == nil {
		return err
	}
	return f.noteHole(found)
}

// placed returns the key of the place at a position, nil if there is none.
func placed(tx *bbolt.Tx, bucket string, pos uint64) ([]byte, error) {
	cur := tx.Bucket([]byte(bucket)).Cursor()
	for k, v := cur.First(); k != nil; k, v = cur.Next() {
		if p, err := decodePlace(v); err != nil || p.pos == pos {
			return bytes.Clone(k), err
		}
	}
	return nil, nil
}

// End returns the last position and its check.
func (f *File) End() (pos uint64, check [8]byte, err error) {
	err = f.view(func(tx *bbolt.Tx) error {
		pos, check = end(tx)
		return nil
	})
	return pos, check, err
}

// Last returns the newest record that holds a run, as it was encoded; position 0 if there is none, an error if it is damaged.
func (f *File) Last() (pos uint64, raw []byte, err error) {
	err = f.view(func(tx *bbolt.Tx) error {
		cur := tx.Bucket([]byte(bFeed)).Cursor()
		for k, v := cur.Last(); k != nil; k, v = cur.Prev() {
			if len(v) > lenCheck+lenSum {
				pos, raw = binary.BigEndian.Uint64(k), bytes.Clone(v[lenCheck+lenSum:])
				_, _, err := f.codec.unframe(pos, v)
				return err
			}
		}
		return nil
	})
	return pos, raw, err
}

// CheckAt returns the check value at a position; session.ErrNotFound beyond the end.
func (f *File) CheckAt(pos uint64) (check [8]byte, err error) {
	err = f.view(func(tx *bbolt.Tx) error {
		last, _ := end(tx)
		if pos > last {
			return fmt.Errorf("position %d of %d: %w", pos, last, session.ErrNotFound)
		}
		cur := tx.Bucket([]byte(bFeed)).Cursor()
		k, v := cur.Seek(posKey(pos))
		if k == nil {
			k, v = cur.Last()
		} else if binary.BigEndian.Uint64(k) > pos {
			k, v = cur.Prev()
		}
		if k != nil && len(v) >= lenCheck {
			check = [lenCheck]byte(v)
		}
		return nil
	})
	return check, err
}

// Range returns the entries from one sequence to another, as far as they fit into maxBytes, at least one; see session.Journal.
func (f *File) Range(origin incident.Origin, from, to uint64, maxBytes int) (run journal.Run, err error) {
	err = f.read(func(tx *bbolt.Tx) error {
		r, err := find(f.codec, tx, origin, from)
		if errors.Is(err, session.ErrNotFound) {
			if r, err = root(f.codec, tx, origin, from, err); err == nil {
				from = r.Run.First
			}
		}
		if err != nil {
			return err
		}
		p := &piece{to: to, left: maxBytes}
		for p.take(r, from) && r.Run.Last() < to {
			from = r.Run.Last() + 1
			if r, err = find(f.codec, tx, origin, from); errors.Is(err, session.ErrNotFound) { // the end, or a hole
				break
			} else if err != nil {
				return err
			}
		}
		run = p.sealed()
		return nil
	})
	return run, err
}

// root returns the first record of a branch for a sequence before it; otherwise the error that said that there is none.
func root(c *Codec, tx *bbolt.Tx, origin incident.Origin, seq uint64, notFound error) (record, error) {
	k, v := tx.Bucket([]byte(bRun)).Cursor().Seek(origin[:])
	if k == nil || !bytes.HasPrefix(k, origin[:]) {
		return record{}, notFound
	}
	p, err := decodePlace(v)
	if err != nil || p.first <= seq {
		return record{}, errors.Join(err, notFound)
	}
	r, err := at(c, tx, origin, binary.BigEndian.Uint64(k[lenOrigin:]), p)
	if err == nil && !r.Root {
		err = notFound
	}
	return r, err
}

// piece is a run that is being put together from records.
type piece struct {
	to   uint64
	left int // bytes
	run  journal.Run
	id   incident.EntryID // of the last entry
	seal []byte           // the newest in reach
	end  int              // how many entries it covers
}

// take adds a record's entries from a sequence on, as far as they belong, and reports whether more may follow.
func (p *piece) take(r record, from uint64) bool {
	for i := int(from - r.Run.First); i < len(r.Run.Entries); i++ {
		it, first := &r.Items[i], len(p.run.Entries) == 0
		moved := it.ID != r.hashes[i]
		if first {
			p.run = journal.Run{Origin: r.Run.Origin, First: from, Before: r.Run.Before}
			if i > 0 {
				p.run.Before = r.hashes[i-1]
			}
			if moved {
				p.run.OldBefore = it.Before
			}
		}
		p.left -= len(r.Run.Entries[i])
		if r.Run.First+uint64(i) > p.to || !first && (p.left < 0 || len(p.run.Entries) >= wire.MaxRunEntries || moved && it.Before != p.id) {
			return false
		}
		p.run.Entries = append(p.run.Entries, r.Run.Entries[i])
		p.id = it.ID
	}
	if len(r.Run.Seal) > 0 {
		p.seal, p.end = r.Run.Seal, len(p.run.Entries)
	}
	return true
}

// sealed ends the piece where it has a seal, if it has one.
func (p *piece) sealed() journal.Run {
	if p.end > 0 {
		p.run.Entries, p.run.Seal = p.run.Entries[:p.end], p.seal
	}
	return p.run
}

// HashAt returns the chain's hash after an entry, or before the first one; session.ErrNotFound if it is not there.
func (f *File) HashAt(origin incident.Origin, seq uint64) (h journal.Hash, err error) {
	err = f.read(func(tx *bbolt.Tx) error {
		for _, bucket := range []string{bRun, bHole} {
			if v := tx.Bucket([]byte(bucket)).Get(runKey(origin, seq)); v != nil {
				p, err := decodePlace(v)
				h = p.hash
				return err
			}
		}
		r, err := find(f.codec, tx, origin, seq)
		if err == nil {
			h = r.hashes[seq-r.Run.First]
			return nil
		}
		var d *damage
		if errors.As(err, &d) || !errors.Is(err, session.ErrNotFound) {
			return err
		}
		first, rootErr := root(f.codec, tx, origin, seq, session.ErrNotFound)
		switch {
		case rootErr == nil && first.Run.First == seq+1:
			h = first.Run.Before
			return nil
		case seq == 0 && !errors.As(rootErr, &d):
			h = journal.Start(origin)
			return nil
		}
		return err
	})
	return h, err
}

// Incident returns all entries of an incident, each once, in order of origin and sequence; of a run that is damaged, none.
func (f *File) Incident(id incident.IncidentID) (entries []wire.Excerpt, err error) {
	var damaged []uint64
	found := map[incident.EntryID]wire.Excerpt{}
	err = f.view(func(tx *bbolt.Tx) error {
		cur := tx.Bucket([]byte(bCase)).Cursor()
		for k, _ := cur.Seek(id[:]); bytes.HasPrefix(k, id[:]); k, _ = cur.Next() {
			pos := binary.BigEndian.Uint64(k[len(id):])
			r, ok, err := f.codec.unframe(pos, tx.Bucket([]byte(bFeed)).Get(posKey(pos)))
			if err != nil {
				damaged = append(damaged, pos)
			}
			if err != nil || !ok {
				continue
			}
			for i, it := range r.Items {
				e := wire.Excerpt{Origin: r.Run.Origin, Seq: r.Run.First + uint64(i), Before: it.Before, Entry: r.Run.Entries[i]}
				if old, twice := found[it.ID]; it.Incident == id && (!twice || compare(e, old) < 0) {
					found[it.ID] = e
				}
			}
		}
		return nil
	})
	for _, pos := range damaged {
		err = errors.Join(err, f.holeAt(pos))
	}
	return slices.SortedFunc(maps.Values(found), compare), err
}

func compare(a, b wire.Excerpt) int {
	return cmp.Or(bytes.Compare(a.Origin[:], b.Origin[:]), cmp.Compare(a.Seq, b.Seq))
}

// Parties returns the townships that an incident concerns, in order.
func (f *File) Parties(id incident.IncidentID) (scopes []incident.ScopeID, err error) {
	err = f.view(func(tx *bbolt.Tx) error {
		scopes = scopesOf(tx, id)
		return nil
	})
	return scopes, err
}

// Shared returns the incidents that a township shares with others, in order.
func (f *File) Shared(party incident.ScopeID) (ids []incident.IncidentID, err error) {
	err = f.view(func(tx *bbolt.Tx) error {
		prefix := binary.BigEndian.AppendUint32(nil, uint32(party))
		cur := tx.Bucket([]byte(bShared)).Cursor()
		for k, _ := cur.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = cur.Next() {
			ids = append(ids, incident.IncidentID(k[len(prefix):]))
		}
		return nil
	})
	return ids, err
}

// CopyTo writes a consistent copy of the file, while work goes on. Size tells how many bytes come, before the first.
func (f *File) CopyTo(ctx context.Context, w io.Writer, size func(int64) error) error {
	return f.view(func(tx *bbolt.Tx) error {
		if err := size(tx.Size()); err != nil {
			return err
		}
		_, err := tx.WriteTo(&cancelled{ctx: ctx, w: w})
		return err
	})
}

// cancelled is a writer that stops with its context.
type cancelled struct {
	ctx context.Context
	w   io.Writer
}

func (c *cancelled) Write(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(b)
}
