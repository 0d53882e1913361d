package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// errEnough ends a walk through records.
var errEnough = errors.New("enough")

// AppendForeign stores runs of other origins and, in the same transaction, where the named feed stands after them (nil leaves it). What
// is held already is passed over if it is the same. ErrGap for a run that starts beyond what is held, ErrFork for one that
// contradicts it; then nothing is written. Whether seals are good is for the caller, who knows the desks' keys. It returns what was new.
func (s *Store) AppendForeign(runs []journal.Run, feed string, cursor []byte) ([]incident.Entry, error) {
	var fresh []incident.Entry
	now := s.p.Clock()
	err := s.commit("store what the county sent", func(tx *bbolt.Tx, st *chainState) ([]put, error) {
		f := foreign{s: s, tx: tx, st: st, now: now, heads: map[incident.Origin]headRecord{}, hashes: map[string]journal.Hash{}}
		for _, run := range runs {
			if err := f.add(run); err != nil {
				return nil, err
			}
		}
		if cursor != nil {
			f.puts = append(f.puts, put{bucket: bCursor, key: []byte(feed), value: cursor})
		}
		fresh = f.fresh
		return f.puts, f.putHeads()
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// Cursor reads where a feed stands; nil if it never did.
func (s *Store) Cursor(feed string) (cursor []byte, err error) {
	err = s.view("read the cursor "+feed, func(tx *bbolt.Tx) error {
		cursor, err = s.getValue(tx, bCursor, []byte(feed))
		return err
	})
	return cursor, err
}

// foreign gathers what the runs of one AppendForeign put.
type foreign struct {
	s      *Store
	tx     *bbolt.Tx
	st     *chainState
	now    incident.Stamp
	puts   []put
	fresh  []incident.Entry
	heads  map[incident.Origin]headRecord
	hashes map[string]journal.Hash // of entries in this batch, by entry key
}

func (f *foreign) add(run journal.Run) error {
	where := fmt.Sprintf("run of %x from %d", run.Origin, run.First)
	if run.Origin == f.st.origin {
		return &Error{Kind: ErrInvalid, Place: where + ": it is this desk's own"}
	}
	records, hashes, err := f.s.codec.Records(run)
	if err != nil {
		return &Error{Kind: ErrInvalid, Place: where, Err: err}
	}
	h, ok := f.heads[run.Origin]
	if !ok {
		if h, err = f.s.head(f.tx, run.Origin); err != nil {
			return err
		}
	}
	if run.First == 0 || run.First > h.Seq+1 {
		return &Error{Kind: ErrGap, Place: fmt.Sprintf("%s: %d are here", where, h.Seq)}
	}
	held, err := f.hash(run.Origin, run.First-1)
	if err != nil {
		return err
	}
	if held != run.Before {
		return &Error{Kind: ErrFork, Place: where}
	}
	for i, r := range records {
		if r.Seq <= h.Seq {
			if held, err := f.hash(run.Origin, r.Seq); err != nil || held != hashes[i] {
				return &Error{Kind: ErrFork, Place: fmt.Sprintf("%s, entry %d", where, r.Seq), Err: err}
			}
			continue
		}
		if err := f.one(run, run.Entries[i], r, hashes[i]); err != nil {
			return fmt.Errorf("%s, entry %d: %w", where, r.Seq, err)
		}
		h.Seq, h.Hash = r.Seq, hashes[i]
	}
	if len(run.Seal) > 0 && len(hashes) > 0 && run.Last() >= h.SealSeq {
		h.Seal, h.SealSeq, h.SealHash = run.Seal, run.Last(), hashes[len(hashes)-1]
	}
	f.heads[run.Origin] = h
	return nil
}

// one puts a new entry.
func (f *foreign) one(run journal.Run, raw []byte, r journal.Record, hash journal.Hash) error {
	key := entryKey(run.Origin, r.Seq)
	rec := record{form: formEntry, hash: hash, id: hash, raw: raw}
	inner, origin := r, run.Origin
	if r.Kind == incident.KindMoved && r.Ver == journal.PayloadVersion {
		var err error
		if rec.id, err = f.movedID(run, r); err != nil {
			return err
		}
		rec.form = formMoved
		if inner, origin, err = f.s.codec.Unwrap(r, run.Origin); err != nil {
			return &Error{Kind: ErrInvalid, Place: "open a moved entry", Err: err}
		}
	}
	f.hashes[string(key)] = hash
	f.st.clock.Merge(f.now, r.HLC)
	f.puts = append(f.puts,
		put{bucket: bEntry, key: key, value: rec.encode()},
		put{bucket: bIncident, key: indexKey(r.Incident, key)})
	e := f.s.codec.Entry(inner, origin, rec.id)
	if e.Fact != nil {
		if err := f.s.unseal(f.tx, &e.Fact.Fields); err != nil {
			return err
		}
	}
	f.fresh = append(f.fresh, e)
	return nil
}

// movedID finds the ID that a moved entry had in its old chain: it is here, or the one before it is, or the run says what was before.
func (f *foreign) movedID(run journal.Run, r journal.Record) (incident.EntryID, error) {
	m, err := f.s.codec.DecodeMoved(r)
	if err != nil {
		return incident.EntryID{}, &Error{Kind: ErrInvalid, Place: "open a moved entry", Err: err}
	}
	old := run.Origin
	copy(old[16:], m.Incarnation[:])
	before, known := f.hashes[string(entryKey(old, m.Seq-1))]
	if !known && m.Seq > 0 {
		if before, err = f.hash(old, m.Seq-1); err != nil {
			before = run.OldBefore
		}
	}
	id := journal.Next(before, journal.DigestOf(m.Raw))
	f.hashes[string(entryKey(old, m.Seq))] = id
	return id, nil
}

// hash returns the chain's hash after an entry that is held, or that came earlier in this batch.
func (f *foreign) hash(origin incident.Origin, seq uint64) (journal.Hash, error) {
	if seq == 0 {
		return journal.Start(origin), nil
	}
	key := entryKey(origin, seq)
	if h, ok := f.hashes[string(key)]; ok {
		return h, nil
	}
	r, ok, err := f.s.record(f.tx, key)
	if err == nil && !ok {
		err = &Error{Kind: ErrGap, Place: fmt.Sprintf("entry %d of %x", seq, origin)}
	}
	return r.hash, err
}

func (f *foreign) putHeads() error {
	for origin, h := range f.heads {
		b, err := f.s.enc.Marshal(h)
		if err != nil {
			return fmt.Errorf("encode head: %w", err)
		}
		f.puts = append(f.puts, put{bucket: bHead, key: bytes.Clone(origin[:]), value: b})
	}
	return nil
}

// Range returns a run as it travels: the entries after one sequence up to another, as far as they fit into maxBytes, at least one. The
// seal is there only if the run ends where the head was sealed. An erased entry ends the run before it.
func (s *Store) Range(origin incident.Origin, after, to uint64, maxBytes int) (run journal.Run, err error) {
	err = s.view("read a run", func(tx *bbolt.Tx) error {
		h, err := s.head(tx, origin)
		if err != nil {
			return err
		}
		run = journal.Run{Origin: origin, First: after + 1, Before: journal.Start(origin)}
		if after > 0 {
			r, ok, err := s.record(tx, entryKey(origin, after))
			if err != nil {
				return err
			}
			if !ok {
				return &Error{Kind: ErrGap, Place: fmt.Sprintf("entry %d of %x", after, origin)}
			}
			run.Before = r.hash
		}
		size := 0
		err = s.eachRecord(tx, origin, after, min(to, h.Seq), func(_ []byte, r record) error {
			if size += len(r.raw); r.form == formErased || size > maxBytes && len(run.Entries) > 0 {
				return errEnough
			}
			run.Entries = append(run.Entries, bytes.Clone(r.raw))
			return nil
		})
		if len(run.Entries) > 0 && run.Last() == h.SealSeq {
			run.Seal = h.Seal
		}
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	})
	return run, err
}

// HashAt returns the chain's hash after an entry; ErrGap if it is not here.
func (s *Store) HashAt(origin incident.Origin, seq uint64) (h journal.Hash, err error) {
	err = s.view("read a hash", func(tx *bbolt.Tx) error {
		h, err = (&foreign{s: s, tx: tx}).hash(origin, seq)
		return err
	})
	return h, err
}

// SealNow signs the own chain at any sequence, for a run that ends before the head.
func (s *Store) SealNow(origin incident.Origin, seq uint64, hash journal.Hash) []byte {
	return journal.Seal(s.sign, origin, seq, hash)
}

// Acked returns how far the county has confirmed an own journal; what comes after waits in the outbox.
func (s *Store) Acked(origin incident.Origin) (seq uint64, err error) {
	err = s.view("read the outbox", func(tx *bbolt.Tx) error {
		b, err := s.getValue(tx, bOutbox, origin[:])
		if len(b) == 8 {
			seq = binary.BigEndian.Uint64(b)
		}
		return err
	})
	return seq, err
}

// SetAcked notes that the county has an own journal up to a sequence; it never goes back.
func (s *Store) SetAcked(origin incident.Origin, seq uint64) error {
	return s.commit("note what the county has", func(tx *bbolt.Tx, _ *chainState) ([]put, error) {
		b, err := s.getValue(tx, bOutbox, origin[:])
		if err != nil || len(b) == 8 && binary.BigEndian.Uint64(b) >= seq {
			return nil, err
		}
		return []put{{bucket: bOutbox, key: bytes.Clone(origin[:]), value: binary.BigEndian.AppendUint64(nil, seq)}}, nil
	})
}

// EraseEntry replaces an entry by its digest, as a PayloadErased entry of the county orders. The chain still verifies.
func (s *Store) EraseEntry(origin incident.Origin, seq uint64) error {
	return s.commit("erase an entry", func(tx *bbolt.Tx, _ *chainState) ([]put, error) {
		key := entryKey(origin, seq)
		r, ok, err := s.record(tx, key)
		if err != nil || ok && r.form == formErased {
			return nil, err
		}
		if !ok {
			return nil, &Error{Kind: ErrGap, Place: fmt.Sprintf("entry %d of %x", seq, origin)}
		}
		rec, err := s.codec.Decode(r.raw)
		if err != nil {
			return nil, &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, key), Err: err}
		}
		gone := record{form: formErased, hash: r.hash, digest: journal.DigestOf(r.raw)}
		return []put{
			{bucket: bEntry, key: key, value: gone.encode()},
			{bucket: bIncident, key: indexKey(rec.Incident, key), erase: true},
			{bucket: bFold, key: bytes.Clone(rec.Incident[:]), erase: true},
			{bucket: bMeta, key: []byte(mCompact), value: []byte{1}},
		}, nil
	})
}
