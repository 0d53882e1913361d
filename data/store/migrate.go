package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// migration moves a store from one format version to the next, inside one transaction.
type migration struct {
	from uint32
	run  func(s *Store, tx *bbolt.Tx) error
}

// migrations lists the steps from older formats, oldest first. Version 1 is the first.
func migrations() []migration { return nil }

// migrate takes an older store to this program's version, each step with its version number in one transaction. A read-only store
// of an older version can't be read.
func (s *Store) migrate(steps []migration) error {
	for _, m := range steps {
		version, err := s.format()
		if err != nil {
			return err
		}
		if version != m.from {
			continue
		}
		place := fmt.Sprintf("move the store from format %d", m.from)
		if s.p.ReadOnly {
			return &Error{Kind: ErrReadOnly, Place: place}
		}
		err = s.update(place, func(tx *bbolt.Tx) error {
			if err := m.run(s, tx); err != nil {
				return err
			}
			return s.putPlain(tx, mFormat, binary.BigEndian.AppendUint32(nil, m.from+1))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) format() (version uint32, err error) {
	err = s.view("read the store's format", func(tx *bbolt.Tx) error {
		version = binary.BigEndian.Uint32(tx.Bucket([]byte(bMeta)).Get([]byte(mFormat)))
		return nil
	})
	return version, err
}
