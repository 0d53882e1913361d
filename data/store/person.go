package store

import (
	"bytes"
	"encoding/binary"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// The two kinds of keys in the key bucket.
const (
	keyByID       = 'k'
	keyByIncident = 'i'
)

// findKey returns the key of an incident's personal fields, zero if there is none (any more).
func (s *Store) findKey(tx *bbolt.Tx, id incident.IncidentID) (k incident.KeyID, key journal.Key, err error) {
	name, err := s.getValue(tx, bKey, append([]byte{keyByIncident}, id[:]...))
	if err != nil || len(name) != len(k) {
		return incident.KeyID{}, journal.Key{}, err
	}
	copy(k[:], name)
	key, ok, err := s.keyNamed(tx, k)
	if err != nil || !ok {
		return incident.KeyID{}, journal.Key{}, err
	}
	return k, key, nil
}

// keyNamed returns a key; ok is false when it was erased or never was here.
func (s *Store) keyNamed(tx *bbolt.Tx, k incident.KeyID) (key journal.Key, ok bool, err error) {
	value, err := s.getValue(tx, bKey, append([]byte{keyByID}, k[:]...))
	if err != nil || len(value) < len(key) {
		return key, false, err
	}
	copy(key[:], value)
	return key, true, nil
}

// unseal fills a fact's Reporter if its key is here. Fields that don't open stay sealed: one report must not hide the others.
func (s *Store) unseal(tx *bbolt.Tx, f *incident.Fields) error {
	if f.KeyID == (incident.KeyID{}) || len(f.Sealed) == 0 {
		return nil
	}
	key, ok, err := s.keyNamed(tx, f.KeyID)
	if err != nil || !ok {
		return err
	}
	if r, err := s.codec.OpenReporter(key, f.KeyID, f.Sealed); err == nil {
		f.Reporter = &r
	}
	return nil
}

// Unseal fills the Reporter of fields that came from a cached state. It stays nil when the key was erased or never was here.
func (s *Store) Unseal(f *incident.Fields) error {
	return s.view("open personal fields", func(tx *bbolt.Tx) error { return s.unseal(tx, f) })
}

// KeyItem is the key of a report's personal fields as desks give it to each other.
type KeyItem struct {
	ID       incident.KeyID
	Incident incident.IncidentID
	Scope    incident.ScopeID
	Key      []byte // 32 bytes; empty: erased
	Own      bool   // made or erased here
}

// The lengths of what keylog holds: KeyID, incident, scope, own.
const (
	lenKeyID  = len(incident.KeyID{})
	lenKeyLog = lenKeyID + lenIncident + 4 + 1
)

// KeysAfter returns keys and erasures in order of their arrival, own ones and others', at most limit, and the mark to go on from. One
// that was erased since comes with an empty Key each time.
func (s *Store) KeysAfter(mark uint64, limit int) (items []KeyItem, next uint64, err error) {
	next = mark
	err = s.view("read keys", func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bKeyLog))
		if b == nil {
			return nil
		}
		c := b.Cursor()
		for k, v := c.Seek(number(mark + 1)); k != nil && len(items) < limit; k, v = c.Next() {
			it, err := s.keyItem(tx, k, v)
			if err != nil {
				return err
			}
			items, next = append(items, it), binary.BigEndian.Uint64(k)
		}
		return nil
	})
	return items, next, err
}

// KeyMark returns the mark after the newest key.
func (s *Store) KeyMark() (mark uint64, err error) {
	err = s.view("read keys", func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(bKeyLog)) != nil {
			mark = lastNumber(tx, bKeyLog)
		}
		return nil
	})
	return mark, err
}

func (s *Store) keyItem(tx *bbolt.Tx, k, v []byte) (it KeyItem, err error) {
	value, err := s.unwrapped(bKeyLog, k, v)
	if err != nil {
		return it, err
	}
	if len(k) != 8 || len(value) != lenKeyLog {
		return it, &Error{Kind: ErrDamaged, Place: bKeyLog + " " + keyText(bKeyLog, k)}
	}
	copy(it.ID[:], value)
	copy(it.Incident[:], value[lenKeyID:])
	it.Scope = incident.ScopeID(binary.BigEndian.Uint32(value[lenKeyID+lenIncident:]))
	it.Own = value[lenKeyLog-1] != 0
	key, ok, err := s.keyNamed(tx, it.ID)
	if ok {
		it.Key = key[:]
	}
	return it, err
}

// logKey notes that a key came or went, as the n-th of its transaction job.
func logKey(tx *bbolt.Tx, n uint64, it KeyItem) put {
	value := make([]byte, 0, lenKeyLog)
	value = append(append(value, it.ID[:]...), it.Incident[:]...)
	value = binary.BigEndian.AppendUint32(value, uint32(it.Scope))
	own := byte(0)
	if it.Own {
		own = 1
	}
	return put{bucket: bKeyLog, key: number(lastNumber(tx, bKeyLog) + n), value: append(value, own)}
}

// listKeys notes the keys of a store that was written before there was a list of them, in the order of their incidents.
func (s *Store) listKeys(tx *bbolt.Tx) error {
	c := tx.Bucket([]byte(bKey)).Cursor()
	var puts []put
	for k, v := c.Seek([]byte{keyByID}); len(k) == 1+lenKeyID && k[0] == keyByID; k, v = c.Next() {
		value, err := s.unwrapped(bKey, k, v)
		if err != nil {
			return err
		}
		if len(value) != len(journal.Key{})+lenIncident {
			continue // erased: of which incident it was nobody knows any more
		}
		it := KeyItem{ID: incident.KeyID(k[1:]), Incident: incident.IncidentID(value[len(journal.Key{}):]), Own: true}
		if it.Scope, err = s.scopeOf(tx, it.Incident); err != nil {
			return err
		}
		puts = append(puts, logKey(tx, uint64(len(puts))+1, it))
	}
	return s.apply(tx, puts, &trail{whole: true})
}

// scopeOf returns the scope of an incident's first entry that is here.
func (s *Store) scopeOf(tx *bbolt.Tx, id incident.IncidentID) (incident.ScopeID, error) {
	k, _ := tx.Bucket([]byte(bIncident)).Cursor().Seek(id[:])
	if !bytes.HasPrefix(k, id[:]) {
		return 0, nil
	}
	r, ok, err := s.record(tx, k[lenIncident:])
	if err != nil || !ok {
		return 0, err
	}
	rec, err := s.codec.Decode(r.raw)
	return rec.Scope, err
}

// PutKeys takes keys of other desks, and says which incidents have fields that can be opened or can't be any more. One that is known
// stays as it is; one that was erased never comes back; an item without a key erases. Refused are those that contradict what is here.
func (s *Store) PutKeys(items []KeyItem) (changed []incident.IncidentID, refused []incident.KeyID, err error) {
	err = s.commit("take keys", func(tx *bbolt.Tx, _ *chainState) ([]put, error) {
		changed, refused = nil, nil
		k := keyChange{s: s, tx: tx, now: map[incident.KeyID][]byte{}, owners: map[incident.IncidentID]bool{}}
		for _, it := range items {
			ok, err := k.take(it)
			if err != nil {
				return nil, err
			}
			if !ok {
				refused = append(refused, it.ID)
			}
		}
		changed = distinct(k.changed)
		if len(changed) > 0 {
			k.puts = append(k.puts, touch(tx, changed)...)
		}
		return k.puts, nil
	})
	return changed, refused, err
}

// keyChange gathers what keys that come or go put.
type keyChange struct {
	s       *Store
	tx      *bbolt.Tx
	puts    []put
	logged  uint64
	now     map[incident.KeyID][]byte    // what this batch made of a key
	owners  map[incident.IncidentID]bool // incidents that got their key for new entries in this batch
	changed []incident.IncidentID
}

// value returns what is stored of a key: nil for one that was never here, empty for an erased one.
func (k *keyChange) value(id incident.KeyID) ([]byte, error) {
	if v, ok := k.now[id]; ok {
		return v, nil
	}
	return k.s.getValue(k.tx, bKey, append([]byte{keyByID}, id[:]...))
}

func (k *keyChange) put(it KeyItem, value []byte) {
	k.now[it.ID] = value
	k.logged++
	k.puts = append(k.puts,
		put{bucket: bKey, key: append([]byte{keyByID}, it.ID[:]...), value: value},
		logKey(k.tx, k.logged, it))
	k.changed = append(k.changed, it.Incident)
}

func (k *keyChange) take(it KeyItem) (ok bool, err error) {
	it.Own = false
	if len(it.Key) == 0 {
		return true, k.erase(it)
	}
	if len(it.Key) != len(journal.Key{}) || it.ID == (incident.KeyID{}) || it.Incident.IsZero() {
		return false, nil
	}
	value := append(bytes.Clone(it.Key), it.Incident[:]...)
	held, err := k.value(it.ID)
	switch {
	case err != nil:
		return false, err
	case held != nil:
		return len(held) == 0 || bytes.Equal(held, value), nil
	}
	k.put(it, value)
	owner := append([]byte{keyByIncident}, it.Incident[:]...)
	current, err := k.s.getValue(k.tx, bKey, owner)
	if err == nil && current == nil && !k.owners[it.Incident] { // new entries here use the same one
		k.owners[it.Incident] = true
		k.puts = append(k.puts, put{bucket: bKey, key: owner, value: bytes.Clone(it.ID[:])})
	}
	return true, err
}

// erase leaves of a key only that it was erased, also of one that never was here: it must not come later.
func (k *keyChange) erase(it KeyItem) error {
	held, err := k.value(it.ID)
	if err != nil || held != nil && len(held) == 0 {
		return err
	}
	if held != nil {
		copy(it.Incident[:], held[len(journal.Key{}):])
		k.puts = append(k.puts, put{bucket: bMeta, key: []byte(mCompact), value: []byte{1}})
	}
	k.put(it, []byte{})
	owner := append([]byte{keyByIncident}, it.Incident[:]...)
	current, err := k.s.getValue(k.tx, bKey, owner)
	if err == nil && bytes.Equal(current, it.ID[:]) {
		k.puts = append(k.puts, put{bucket: bKey, key: owner, erase: true})
	}
	return err
}

// EraseKeys erases keys of personal fields, and with them the persons: names, phones and addresses under them can't be read any more,
// in this store and, once it was compacted, in its file. The chain still verifies. A key that never was here can't come any more.
func (s *Store) EraseKeys(scope incident.ScopeID, id incident.IncidentID, keys ...incident.KeyID) error {
	return s.commit("erase keys", func(tx *bbolt.Tx, _ *chainState) ([]put, error) {
		c := keyChange{s: s, tx: tx, now: map[incident.KeyID][]byte{}}
		for _, k := range keys {
			if err := c.erase(KeyItem{ID: k, Incident: id, Scope: scope, Own: true}); err != nil {
				return nil, err
			}
		}
		if len(c.changed) > 0 {
			c.puts = append(c.puts, touch(tx, distinct(c.changed))...)
		}
		return c.puts, nil
	})
}

// Erased reports whether a key was erased.
func (s *Store) Erased(k incident.KeyID) (erased bool, err error) {
	err = s.view("look for a key", func(tx *bbolt.Tx) error {
		value, err := s.getValue(tx, bKey, append([]byte{keyByID}, k[:]...))
		erased = value != nil && len(value) == 0
		return err
	})
	return erased, err
}
