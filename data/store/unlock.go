package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"

	"go.etcd.io/bbolt"

	"zw110/data/journal"
)

// checkFormat refuses a file that isn't ours or that a newer version of the program wrote.
func (s *Store) checkFormat() error {
	return s.view("read the store's format", func(tx *bbolt.Tx) error {
		m := tx.Bucket([]byte(bMeta))
		if m == nil || len(m.Get([]byte(mFormat))) != 4 {
			return &Error{Kind: ErrDamaged, Place: "meta: no format version"}
		}
		if v := binary.BigEndian.Uint32(m.Get([]byte(mFormat))); v > FormatVersion {
			return &Error{Kind: ErrNewer, Place: fmt.Sprintf("format %d", v)}
		}
		return nil
	})
}

// unlockData checks the format and finds the data key.
func (s *Store) unlockData() error {
	if err := s.checkFormat(); err != nil {
		return err
	}
	var own, byCode, drill []byte
	err := s.view("read the wrapped keys", func(tx *bbolt.Tx) error {
		m := tx.Bucket([]byte(bMeta))
		s.id = bytes.Clone(m.Get([]byte(mStore)))
		own, byCode = bytes.Clone(m.Get([]byte(mWrapKey))), bytes.Clone(m.Get([]byte(mWrapCode)))
		drill = bytes.Clone(m.Get([]byte(mDrillKey)))
		return nil
	})
	if err != nil {
		return err
	}
	s.p = s.p.configured(drill != nil)
	if s.p.RecoveryCode != "" {
		return s.unlockByCode(byCode)
	}
	secret, inFile := drill, false
	if drill == nil {
		secret, inFile, err = s.p.keys().get(storeName(s.id))
	}
	if err != nil || len(secret) != len(journal.Key{}) {
		return &Error{Kind: ErrNoKey, Place: "find the store's key", Err: err}
	}
	s.keyInFile = inFile
	data, err := unwrapKey(journal.Key(secret), own, mWrapKey, s.id)
	if err != nil {
		return &Error{Kind: ErrNoKey, Place: "meta: wrapped key", Err: err}
	}
	return s.tools(data)
}

// unlockByCode opens with the recovery code, and keeps a fresh key of this computer unless nothing may be written.
func (s *Store) unlockByCode(wrapped []byte) error {
	by, err := codeKey(s.p.RecoveryCode)
	if err != nil {
		return err
	}
	data, err := unwrapKey(by, wrapped, mWrapCode, s.id)
	if err != nil {
		return &Error{Kind: ErrCode, Place: "open with the recovery code", Err: err}
	}
	if s.p.ReadOnly || s.p.Drill {
		return s.tools(data)
	}
	if err := os.MkdirAll(s.p.ConfigDir, 0o700); err != nil {
		return fail("make the configuration folder", err)
	}
	own := newKey()
	rewrapped, err := wrapKey(own, data, mWrapKey, s.id)
	if err != nil {
		return err
	}
	if s.keyInFile, err = s.p.keys().put(storeName(s.id), own[:]); err != nil {
		return fail("keep the key", err)
	}
	if err := s.tools(data); err != nil {
		return err
	}
	return s.update("keep the key", func(tx *bbolt.Tx) error {
		return s.putPlain(tx, mWrapKey, rewrapped)
	})
}

// putPlain changes what stands plain in meta, and its digest.
func (s *Store) putPlain(tx *bbolt.Tx, key string, value []byte) error {
	if err := tx.Bucket([]byte(bMeta)).Put([]byte(key), value); err != nil {
		return err
	}
	return s.putValue(tx, bMeta, []byte(mPlainSum), plainSum(tx))
}

// wrapKey wraps the data key, bound to its place and its store.
func wrapKey(by, data journal.Key, place string, id []byte) ([]byte, error) {
	w, err := journal.NewWrapper(by)
	if err != nil {
		return nil, err
	}
	return w.Seal(data[:], append([]byte(place+"\x00"), id...)), nil
}

func unwrapKey(by journal.Key, wrapped []byte, place string, id []byte) (journal.Key, error) {
	w, err := journal.NewWrapper(by)
	if err != nil {
		return journal.Key{}, err
	}
	plain, err := w.Open(wrapped, append([]byte(place+"\x00"), id...))
	if err != nil {
		return journal.Key{}, err
	}
	if len(plain) != len(journal.Key{}) {
		return journal.Key{}, fmt.Errorf("key of %d bytes", len(plain))
	}
	return journal.Key(plain), nil
}

// NewRecoveryCode replaces the recovery code; the old sheet opens nothing any more, except older backups.
func (s *Store) NewRecoveryCode(old string) (string, error) {
	byOld, err := codeKey(old)
	if err != nil {
		return "", err
	}
	code := newCode()
	byCode, err := codeKey(code)
	if err != nil {
		return "", err
	}
	return code, s.update("replace the recovery code", func(tx *bbolt.Tx) error {
		m := tx.Bucket([]byte(bMeta))
		data, err := unwrapKey(byOld, m.Get([]byte(mWrapCode)), mWrapCode, s.id)
		if err != nil {
			return &Error{Kind: ErrCode, Place: "open with the recovery code", Err: err}
		}
		wrapped, err := wrapKey(byCode, data, mWrapCode, s.id)
		if err != nil {
			return err
		}
		return s.putPlain(tx, mWrapCode, wrapped)
	})
}
