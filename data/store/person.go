package store

import (
	"bytes"

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

// EraseKey erases the key of a report's personal fields, and with it the person: names, phones and addresses of that incident can't
// be read any more, in this store and, once it was compacted, in its file. The chain still verifies. A key that is not here is no error.
func (s *Store) EraseKey(k incident.KeyID) error {
	return s.commit("erase a key", func(tx *bbolt.Tx, _ *chainState) ([]put, error) {
		name := append([]byte{keyByID}, k[:]...)
		value, err := s.getValue(tx, bKey, name)
		if err != nil || len(value) == 0 {
			return nil, err
		}
		puts := []put{
			{bucket: bKey, key: name, value: []byte{}}, // what is left says: erased
			{bucket: bMeta, key: []byte(mCompact), value: []byte{1}},
		}
		owner := append([]byte{keyByIncident}, value[len(journal.Key{}):]...)
		current, err := s.getValue(tx, bKey, owner)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(current, k[:]) {
			puts = append(puts, put{bucket: bKey, key: owner, erase: true})
		}
		return puts, nil
	})
}

// Erased reports whether a key was here and has been erased.
func (s *Store) Erased(k incident.KeyID) (erased bool, err error) {
	err = s.view("look for a key", func(tx *bbolt.Tx) error {
		value, err := s.getValue(tx, bKey, append([]byte{keyByID}, k[:]...))
		erased = value != nil && len(value) == 0
		return err
	})
	return erased, err
}
