package store

import (
	"encoding/hex"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"
)

// place is what a value is bound to: its bucket and key.
func place(bucket string, key []byte) []byte {
	p := make([]byte, 0, len(bucket)+1+len(key))
	return append(append(append(p, bucket...), 0), key...)
}

// putValue wraps a value and puts it.
func (s *Store) putValue(tx *bbolt.Tx, bucket string, key, value []byte) error {
	return tx.Bucket([]byte(bucket)).Put(key, s.wrap.Seal(value, place(bucket, key)))
}

// getValue returns a value in a slice of its own, nil if there is none.
func (s *Store) getValue(tx *bbolt.Tx, bucket string, key []byte) ([]byte, error) {
	b := tx.Bucket([]byte(bucket))
	if b == nil {
		return nil, &Error{Kind: ErrDamaged, Place: bucket + ": bucket is missing"}
	}
	sealed := b.Get(key)
	if sealed == nil {
		return nil, nil
	}
	return s.unwrapped(bucket, key, sealed)
}

func (s *Store) unwrapped(bucket string, key, sealed []byte) ([]byte, error) {
	value, err := s.wrap.Open(sealed, place(bucket, key))
	if err != nil {
		return nil, &Error{Kind: ErrDamaged, Place: bucket + " " + keyText(bucket, key), Err: err}
	}
	if value == nil {
		value = []byte{}
	}
	return value, nil
}

// keyText shows a key to people: names as they are, the rest in hexadecimal.
func keyText(bucket string, key []byte) string {
	switch bucket {
	case bMeta, bSetting, bCursor, bHub:
		return string(key)
	}
	return hex.EncodeToString(key)
}

// putRecord puts a small CBOR record.
func (s *Store) putRecord(tx *bbolt.Tx, bucket string, key []byte, record any) error {
	b, err := s.enc.Marshal(record)
	if err != nil {
		return fmt.Errorf("encode record of %s: %w", bucket, err)
	}
	return s.putValue(tx, bucket, key, b)
}

// getRecord reads a small CBOR record; one that is missing is damage.
func (s *Store) getRecord(tx *bbolt.Tx, bucket string, key []byte, into any) error {
	b, err := s.getValue(tx, bucket, key)
	if err != nil {
		return err
	}
	if b == nil {
		return &Error{Kind: ErrDamaged, Place: bucket + " " + keyText(bucket, key) + ": missing"}
	}
	if err := cbor.Unmarshal(b, into); err != nil {
		return &Error{Kind: ErrDamaged, Place: bucket + " " + keyText(bucket, key), Err: err}
	}
	return nil
}

// Local reads a setting that belongs to this computer alone; nil if it was never written.
func (s *Store) Local(name string) (value []byte, err error) {
	err = s.view("read setting "+name, func(tx *bbolt.Tx) error {
		value, err = s.getValue(tx, bSetting, []byte(name))
		return err
	})
	return value, err
}

// SetLocal writes a setting that belongs to this computer alone; it is never journalled. A nil value removes it.
func (s *Store) SetLocal(name string, value []byte) error {
	return s.setNamed(bSetting, name, value)
}

// HubRecord reads what the sync layer keeps about the hub under a name; nil if nothing.
func (s *Store) HubRecord(name string) (value []byte, err error) {
	err = s.view("read hub record "+name, func(tx *bbolt.Tx) error {
		value, err = s.getValue(tx, bHub, []byte(name))
		return err
	})
	return value, err
}

// SetHubRecord writes what the sync layer keeps about the hub. A nil value removes it.
func (s *Store) SetHubRecord(name string, value []byte) error { return s.setNamed(bHub, name, value) }

func (s *Store) setNamed(bucket, name string, value []byte) error {
	if name == "" {
		return &Error{Kind: ErrInvalid, Place: "write to " + bucket + " without a name"}
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.senders.Done()
	return s.update("write "+bucket+" "+name, func(tx *bbolt.Tx) error {
		if value == nil {
			return tx.Bucket([]byte(bucket)).Delete([]byte(name))
		}
		return s.putValue(tx, bucket, []byte(name), value)
	})
}
