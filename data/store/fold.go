package store

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
)

// Fold is one incident's folded state, encoded by whoever folds.
type Fold struct {
	Incident incident.IncidentID
	Value    []byte
}

// foldMark says what the cache holds: states of one fold version, each at least up to the mark.
type foldMark struct {
	_       struct{} `cbor:",toarray"`
	Version uint64
	Heads   map[string]uint64 // origin in hexadecimal → sequence
}

// Folds gives every cached state to fn and returns the mark they hold up to: an incident with entries after it (see Tail) must be
// folded anew from Entries, all others are as they were cached. A cache of another fold version, or one that is damaged, is as good
// as none: fn is not called again, and the mark is nil, so that Tail gives everything. fn may be called before that is found.
func (s *Store) Folds(version uint64, fn func(id incident.IncidentID, value []byte) error) (Mark, error) {
	mark, err := s.foldMark(version)
	if err != nil || mark == nil {
		return nil, err
	}
	var last []byte
	for {
		var chunk []Fold
		damaged := false
		err := s.view("read cached states", func(tx *bbolt.Tx) error {
			chunk, damaged = s.foldsAfter(tx, last)
			return nil
		})
		if err != nil || damaged {
			return nil, err
		}
		for _, f := range chunk {
			if err := fn(f.Incident, f.Value); err != nil {
				return nil, err
			}
		}
		if len(chunk) < readChunk {
			return mark, nil
		}
		last = chunk[len(chunk)-1].Incident[:]
	}
}

func (s *Store) foldsAfter(tx *bbolt.Tx, last []byte) (chunk []Fold, damaged bool) {
	b := tx.Bucket([]byte(bFold))
	if b == nil {
		return nil, true
	}
	c := b.Cursor()
	k, v := c.Seek(last)
	if last != nil && string(k) == string(last) {
		k, v = c.Next()
	}
	for ; k != nil && len(chunk) < readChunk; k, v = c.Next() {
		value, err := s.unwrapped(bFold, k, v)
		if err != nil || len(k) != lenIncident {
			return nil, true
		}
		chunk = append(chunk, Fold{Incident: incident.IncidentID(k), Value: value})
	}
	return chunk, false
}

// foldMark reads the cache's mark; nil if there is no cache of this version.
func (s *Store) foldMark(version uint64) (mark Mark, err error) {
	err = s.view("read the mark of cached states", func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(bMeta)).Get([]byte(mFold)) == nil {
			return nil
		}
		var m foldMark
		if s.getRecord(tx, bMeta, []byte(mFold), &m) != nil || m.Version != version {
			return nil
		}
		mark = make(Mark, len(m.Heads))
		for name, seq := range m.Heads {
			raw, err := hex.DecodeString(name)
			if err != nil || len(raw) != lenOrigin {
				mark = nil
				return nil
			}
			mark[incident.Origin(raw)] = seq
		}
		return nil
	})
	return mark, err
}

// PutFolds caches states and moves the mark on. The caller vouches that, with what is cached already, every incident's state holds at
// least its entries up to the mark; take the mark first, then the states. It is one transaction: pass some thousand at a time, the
// mark with the last ones (nil leaves it, and a cache without a mark is none).
func (s *Store) PutFolds(version uint64, mark Mark, folds []Fold) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.senders.Done()
	return s.update("cache folded states", func(tx *bbolt.Tx) error {
		for _, f := range folds {
			if err := s.putValue(tx, bFold, f.Incident[:], f.Value); err != nil {
				return fmt.Errorf("state of %s: %w", f.Incident, err)
			}
		}
		if mark == nil {
			return nil
		}
		rewritten, err := s.getValue(tx, bMeta, []byte(mRewrite))
		if err != nil {
			return err
		}
		if len(rewritten) == 8 && binary.BigEndian.Uint64(rewritten) > mark[touchedLine] {
			return nil // a line was rewritten since: the mark counts entries that are others now
		}
		if err := forgetTouched(tx, mark[touchedLine]); err != nil {
			return err
		}
		m := foldMark{Version: version, Heads: make(map[string]uint64, len(mark))}
		for o, seq := range mark {
			m.Heads[hex.EncodeToString(o[:])] = seq
		}
		return s.putRecord(tx, bMeta, []byte(mFold), m)
	})
}

// DropFolds throws the cache away.
func (s *Store) DropFolds() error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.senders.Done()
	return s.update("drop cached states", func(tx *bbolt.Tx) error {
		if err := tx.DeleteBucket([]byte(bFold)); err != nil {
			return err
		}
		if _, err := tx.CreateBucket([]byte(bFold)); err != nil {
			return err
		}
		return tx.Bucket([]byte(bMeta)).Delete([]byte(mFold))
	})
}
