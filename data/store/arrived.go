package store

import (
	"bytes"
	"encoding/binary"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
)

// Recorded returns when each entry was first in this store: an own one when it was written, one of another desk when it came. Of what
// came before the store kept that, it is when the other desk wrote it.
func (s *Store) Recorded(entries []incident.Entry) (at []incident.Stamp, err error) {
	at = make([]incident.Stamp, len(entries))
	err = s.view("read when entries came", func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bArrived))
		for i := range entries {
			e := &entries[i]
			at[i] = e.HLC.Stamp()
			if b == nil {
				continue
			}
			key, sealed := b.Cursor().Seek(entryKey(e.Origin, e.Seq))
			if !bytes.HasPrefix(key, e.Origin[:]) {
				continue
			}
			value, err := s.unwrapped(bArrived, key, sealed)
			if err != nil {
				return err
			}
			if len(value) != 8 {
				return &Error{Kind: ErrDamaged, Place: bArrived + " " + keyText(bArrived, key)}
			}
			at[i] = incident.Stamp(binary.BigEndian.Uint64(value))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return at, nil
}
