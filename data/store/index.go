package store

import (
	"bytes"
	"encoding/hex"
	"slices"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
)

// The index of incidents trails the journal. An act would touch a page of it anywhere in the file, and the pages on the way there, for
// a key that the entry itself holds. So keys wait in memory until many are written at once; the mark in the file says up to where the
// index is whole, and what lies beyond is read again at the next open.

// maxUnindexed is how many keys wait at most. Reading as many entries takes some milliseconds.
const maxUnindexed = 1024

// indexMark says up to which sequence the entries of each origin are in the index.
type indexMark struct {
	_     struct{}          `cbor:",toarray"`
	Heads map[string]uint64 // origin in hexadecimal → sequence
}

// unindexed holds the keys that wait, by incident; guarded by Store.mu.
type unindexed struct {
	keys  map[incident.IncidentID][][]byte // index keys
	count int
}

func (u *unindexed) add(keys [][]byte) {
	if u.keys == nil {
		u.keys = map[incident.IncidentID][][]byte{}
	}
	for _, k := range keys {
		id := incident.IncidentID(k[:lenIncident])
		u.keys[id] = append(u.keys[id], k)
	}
	u.count += len(keys)
}

func (u *unindexed) drop(keys [][]byte) {
	for _, k := range keys {
		id := incident.IncidentID(k[:lenIncident])
		before := len(u.keys[id])
		if before == 0 {
			continue
		}
		u.keys[id] = slices.DeleteFunc(u.keys[id], func(other []byte) bool { return bytes.Equal(k, other) })
		u.count -= before - len(u.keys[id])
	}
}

// waiting returns the index keys of an incident that may not be in the file yet. The commit they belong to may still be under way.
func (s *Store) waiting(id incident.IncidentID) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unindexed.keys[id])
}

// allWaiting is waiting for all incidents, as a set.
func (s *Store) allWaiting() map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := make(map[string]bool, s.unindexed.count)
	for _, keys := range s.unindexed.keys {
		for _, k := range keys {
			set[string(k)] = true
		}
	}
	return set
}

// trail is what one transaction adds to the index.
type trail struct {
	fresh [][]byte // keys that are not in the file yet
	whole bool     // all keys are in the file; further ones are to go there at once
}

// catchUp writes all keys that wait, those of this transaction included.
func (s *Store) catchUp(tx *bbolt.Tx, t *trail) error {
	s.mu.Lock()
	keys := slices.Clone(t.fresh)
	for _, of := range s.unindexed.keys {
		keys = append(keys, of...)
	}
	s.mu.Unlock()
	slices.SortFunc(keys, bytes.Compare) // neighbours share pages
	b := tx.Bucket([]byte(bIncident))
	for _, k := range keys {
		if err := b.Put(k, nil); err != nil {
			return err
		}
	}
	t.whole = true
	return nil
}

// putIndex ends a transaction. Its keys join those that wait, before the commit: a reader who finds the entry must find its key, too.
// Are they many, all are written.
func (s *Store) putIndex(tx *bbolt.Tx, t *trail) error {
	if !t.whole {
		s.mu.Lock()
		n := s.unindexed.count + len(t.fresh)
		if n < maxUnindexed {
			s.unindexed.add(t.fresh)
		}
		s.mu.Unlock()
		if n < maxUnindexed {
			return nil
		}
		if err := s.catchUp(tx, t); err != nil {
			return err
		}
	}
	return s.putIndexMark(tx)
}

// putIndexMark says that the index is whole up to the heads.
func (s *Store) putIndexMark(tx *bbolt.Tx) error {
	heads, err := s.heads(tx)
	if err != nil {
		return err
	}
	m := indexMark{Heads: make(map[string]uint64, len(heads))}
	for _, h := range heads {
		m.Heads[hex.EncodeToString(h.Origin[:])] = h.Seq
	}
	return s.putRecord(tx, bMeta, []byte(mIndex), m)
}

// loadUnindexed reads which entries the index lacks. A store that is only read may be damaged: there Verify says what is wrong.
func (s *Store) loadUnindexed(tx *bbolt.Tx) error {
	if tx.Bucket([]byte(bMeta)).Get([]byte(mIndex)) == nil {
		return nil // of an older program, whose index never trailed; opening for writing marks it
	}
	var m indexMark
	if err := s.getRecord(tx, bMeta, []byte(mIndex), &m); err != nil {
		return err
	}
	heads, err := s.heads(tx)
	if err != nil {
		return err
	}
	for _, h := range heads {
		b, _, err := s.branch(tx, h.Origin) // begins after its fork
		if err != nil {
			return err
		}
		from := max(m.Heads[hex.EncodeToString(h.Origin[:])], b.Fork)
		err = s.eachRecord(tx, h.Origin, from, h.Seq, func(key []byte, r record) error {
			if r.form == formErased {
				return nil
			}
			rec, err := s.codec.Decode(r.raw)
			if err != nil {
				return &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, key), Err: err}
			}
			s.unindexed.add([][]byte{indexKey(rec.Incident, key)})
			return nil
		})
		if err != nil && !s.p.ReadOnly {
			return err
		}
	}
	return nil
}

// writeIndex brings the index up to date. The caller is Close.
func (s *Store) writeIndex() error {
	return s.send("write the index", &job{prepare: func(*bbolt.Tx, *chainState) ([]put, error) { return nil, nil }, whole: true})
}

// indexKeys returns an incident's index keys in order: those in the file and those that waited before the transaction began.
func indexKeys(tx *bbolt.Tx, id incident.IncidentID, waiting [][]byte) ([][]byte, error) {
	index := tx.Bucket([]byte(bIncident))
	if index == nil {
		return nil, &Error{Kind: ErrDamaged, Place: bIncident + ": bucket is missing"}
	}
	keys := slices.Clone(waiting)
	c := index.Cursor()
	for k, _ := c.Seek(id[:]); bytes.HasPrefix(k, id[:]); k, _ = c.Next() {
		if len(k) != lenIncident+lenEntryKey {
			return nil, &Error{Kind: ErrDamaged, Place: bIncident + " " + keyText(bIncident, k)}
		}
		keys = append(keys, k)
	}
	if len(waiting) > 0 {
		slices.SortFunc(keys, bytes.Compare)
		keys = slices.CompactFunc(keys, bytes.Equal) // written meanwhile
	}
	return keys, nil
}
