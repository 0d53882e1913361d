package store

import (
	"bytes"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// readChunk is how many entries one read transaction takes, so that no reader holds pages for long.
const readChunk = 1024

// Mark says how far each origin's journal goes.
type Mark map[incident.Origin]uint64

// Head is the end of one origin's journal.
type Head struct {
	Origin incident.Origin
	Seq    uint64
	Hash   journal.Hash
	Seal   []byte // made for SealSeq; empty if none came
	// SealSeq is at most Seq.
	SealSeq uint64
}

// Entries returns all entries of an incident by origin and sequence, then those that came as excerpts, each once, with the reporter
// where its key is here; an empty slice for an incident nobody knows.
func (s *Store) Entries(id incident.IncidentID) (entries []incident.Entry, err error) {
	waiting := s.waiting(id) // before the transaction begins: a key is in one or the other
	err = s.view("read incident "+id.String(), func(tx *bbolt.Tx) error {
		keys, err := indexKeys(tx, id, waiting)
		if err != nil {
			return err
		}
		seen := once{}
		for _, k := range keys {
			r, ok, err := s.record(tx, k[lenIncident:])
			if err != nil {
				return err
			}
			waits := slices.ContainsFunc(waiting, func(w []byte) bool { return bytes.Equal(w, k) })
			if !ok && waits {
				continue // not committed when the transaction began, or cut off since
			}
			if !ok {
				return &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, k[lenIncident:]) + ": missing"}
			}
			if r.form == formErased || !seen.first(r.id) {
				continue
			}
			e, err := s.entry(tx, k[lenIncident:], r)
			if err != nil {
				return err
			}
			if waits && e.Incident != id {
				continue // another entry has taken the place since
			}
			entries = append(entries, e)
		}
		return s.eachExcerpt(tx, id, func(e incident.Entry) error {
			if seen.first(e.ID) {
				entries = append(entries, e)
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// once tells which entries came before: one that was moved may be held in two lines.
type once map[incident.EntryID]struct{}

func (o once) first(id incident.EntryID) bool {
	if _, seen := o[id]; seen {
		return false
	}
	o[id] = struct{}{}
	return true
}

// DeskEntries returns the entries that concern no incident: settings, sessions, clock jumps.
func (s *Store) DeskEntries() ([]incident.Entry, error) { return s.Entries(incident.IncidentID{}) }

// entry decodes a record that is not erased. Of a moved entry it gives the one inside, with the ID and place it was first written
// with; the place of an entry in a branch is in the line that it left.
func (s *Store) entry(tx *bbolt.Tx, key []byte, r record) (incident.Entry, error) {
	origin, _ := splitEntryKey(key)
	origin, err := s.rootOf(tx, origin)
	if err != nil {
		return incident.Entry{}, err
	}
	rec, err := s.codec.Decode(r.raw)
	if err == nil && r.form == formMoved {
		rec, origin, err = s.codec.Unwrap(rec, origin)
	}
	if err != nil {
		return incident.Entry{}, &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, key), Err: err}
	}
	e := s.codec.Entry(rec, origin, r.id)
	if e.Fact != nil {
		if err := s.unseal(tx, &e.Fact.Fields); err != nil {
			return incident.Entry{}, err
		}
	}
	return e, nil
}

// Each gives every entry to fn, origin by origin in journal order. An error of fn ends it and comes back.
func (s *Store) Each(fn func(incident.Entry) error) error { return s.Tail(nil, fn) }

// Tail gives every entry after a mark to fn, origin by origin in journal order. No transaction is open while fn runs.
func (s *Store) Tail(after Mark, fn func(incident.Entry) error) error {
	heads, err := s.Heads()
	if err != nil {
		return err
	}
	for _, h := range heads {
		begin, err := s.beforeFirst(h.Origin)
		if err != nil {
			return err
		}
		for seq := max(after[h.Origin], begin); seq < h.Seq; {
			to := min(seq+readChunk, h.Seq)
			entries, err := s.between(h.Origin, seq, to)
			if err != nil {
				return err
			}
			for _, e := range entries {
				if err := fn(e); err != nil {
					return err
				}
			}
			seq = to
		}
	}
	return nil
}

// between decodes the entries after one sequence up to another; erased ones are left out.
func (s *Store) between(origin incident.Origin, after, to uint64) (entries []incident.Entry, err error) {
	entries = make([]incident.Entry, 0, to-after)
	err = s.view("read the journal", func(tx *bbolt.Tx) error {
		return s.eachRecord(tx, origin, after, to, func(key []byte, r record) error {
			if r.form == formErased {
				return nil
			}
			e, err := s.entry(tx, key, r)
			entries = append(entries, e)
			return err
		})
	})
	return entries, err
}

// eachRecord walks the records after one sequence up to another; a hole is damage.
func (s *Store) eachRecord(tx *bbolt.Tx, origin incident.Origin, after, to uint64, fn func(key []byte, r record) error) error {
	b := tx.Bucket([]byte(bEntry))
	if b == nil {
		return &Error{Kind: ErrDamaged, Place: bEntry + ": bucket is missing"}
	}
	c := b.Cursor()
	k, v := c.Seek(entryKey(origin, after+1))
	for seq := after + 1; seq <= to; seq++ {
		want := entryKey(origin, seq)
		if !bytes.Equal(k, want) {
			return &Error{Kind: ErrDamaged, Place: fmt.Sprintf("%s %s: missing", bEntry, keyText(bEntry, want))}
		}
		plain, err := s.unwrapped(bEntry, k, v)
		if err != nil {
			return err
		}
		r, err := decodeRecord(plain)
		if err != nil {
			return &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, k), Err: err}
		}
		if err := fn(bytes.Clone(k), r); err != nil {
			return err
		}
		k, v = c.Next()
	}
	return nil
}

// Heads returns the end of every line that is held whole, by origin: a vector. Excerpts are not among them.
func (s *Store) Heads() (heads []Head, err error) {
	err = s.view("read the heads", func(tx *bbolt.Tx) (err error) {
		heads, err = s.heads(tx)
		return err
	})
	return heads, err
}

func (s *Store) heads(tx *bbolt.Tx) (heads []Head, err error) {
	b := tx.Bucket([]byte(bHead))
	if b == nil {
		return nil, &Error{Kind: ErrDamaged, Place: bHead + ": bucket is missing"}
	}
	err = b.ForEach(func(k, _ []byte) error {
		var h headRecord
		if err := s.getRecord(tx, bHead, k, &h); err != nil {
			return err
		}
		var o incident.Origin
		copy(o[:], k)
		heads = append(heads, Head{Origin: o, Seq: h.Seq, Hash: h.Hash, Seal: h.Seal, SealSeq: h.SealSeq})
		return nil
	})
	return heads, err
}

// Mark returns how far each origin's journal goes now, and how far the list of touched incidents.
func (s *Store) Mark() (Mark, error) {
	var heads []Head
	var touched uint64
	err := s.view("read the mark", func(tx *bbolt.Tx) (err error) {
		touched = lastNumber(tx, bTouched)
		heads, err = s.heads(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	m := make(Mark, len(heads)+1)
	if touched > 0 {
		m[touchedLine] = touched
	}
	for _, h := range heads {
		m[h.Origin] = h.Seq
	}
	return m, nil
}
