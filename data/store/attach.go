package store

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"

	"zw110/data/incident"
)

// An attachment that an own entry names waits in blobout until the hub has it; one that another desk's entry names waits in blobwant
// until it is whole here, with its manifest as soon as that is known. Chunks lie in bucket chunk from the first one on, so a transfer
// that was cut off goes on where it stood.

// blobPuts notes the attachments that an entry names.
func (s *Store) blobPuts(tx *bbolt.Tx, own bool, fields *incident.Fields) (puts []put) {
	for _, id := range fields.Blobs {
		if len(id) != len(BlobID{}) {
			continue
		}
		whole := has(tx.Bucket([]byte(bBlob)), id)
		switch {
		case own && whole:
			puts = append(puts, put{bucket: bBlobOut, key: bytes.Clone(id), value: []byte{}})
		case !whole && !has(tx.Bucket([]byte(bBlobWant)), id):
			puts = append(puts, put{bucket: bBlobWant, key: bytes.Clone(id), value: []byte{}})
		}
	}
	return puts
}

// UnsentBlob returns the manifest of an attachment that the hub lacks, nil if there is none.
func (s *Store) UnsentBlob() (manifest []byte, err error) {
	err = s.view("look for attachments to send", func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bBlobOut))
		if b == nil {
			return nil
		}
		id, _ := b.Cursor().First()
		if id == nil {
			return nil
		}
		manifest, err = s.getValue(tx, bBlob, id)
		return err
	})
	return manifest, err
}

// UnsentBytes returns how many bytes of attachments the hub lacks.
func (s *Store) UnsentBytes() (n uint64, err error) {
	err = s.view("count attachments to send", func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bBlobOut))
		if b == nil {
			return nil
		}
		return b.ForEach(func(id, _ []byte) error {
			m, err := s.manifest(tx, id)
			n += m.Size
			return err
		})
	})
	return n, err
}

// BlobSent notes that the hub has an attachment, or does not want it.
func (s *Store) BlobSent(id BlobID) error {
	return s.commit("note that an attachment was sent", func(*bbolt.Tx, *chainState) ([]put, error) {
		return []put{{bucket: bBlobOut, key: bytes.Clone(id[:]), erase: true}}, nil
	})
}

// LackingBlob returns the next attachment after one (zero: the first) that is not whole here, and the bits of the chunks that are; found
// is false if there is none. After the last comes the first.
func (s *Store) LackingBlob(after BlobID) (id BlobID, have []byte, found bool, err error) {
	err = s.view("look for attachments to fetch", func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bBlobWant))
		if b == nil {
			return nil
		}
		c := b.Cursor()
		k, _ := c.Seek(after[:])
		if bytes.Equal(k, after[:]) {
			k, _ = c.Next()
		}
		if k == nil {
			k, _ = c.First()
		}
		if k == nil {
			return nil
		}
		copy(id[:], k)
		found = true
		m, known, err := s.wanted(tx, id)
		if err == nil && known {
			have = s.chunksOf(tx, m)
		}
		return err
	})
	return id, have, found, err
}

// wanted returns the manifest of an attachment that is on its way here; known is false before it came.
func (s *Store) wanted(tx *bbolt.Tx, id BlobID) (m manifest, known bool, err error) {
	raw, err := s.getValue(tx, bBlobWant, id[:])
	if err != nil || len(raw) == 0 {
		return m, false, err
	}
	if err := cbor.Unmarshal(raw, &m); err != nil {
		return m, false, &Error{Kind: ErrDamaged, Place: bBlobWant + " " + keyText(bBlobWant, id[:]), Err: err}
	}
	return m, true, nil
}

// chunksOf returns the bits of the chunks that are here.
func (s *Store) chunksOf(tx *bbolt.Tx, m manifest) []byte {
	have := make([]byte, (len(m.Chunks)+7)/8)
	for i, sum := range m.Chunks {
		if has(tx.Bucket([]byte(bChunk)), sum[:]) {
			have[i/8] |= 1 << (i % 8)
		}
	}
	return have
}

// BeginBlob takes the manifest of an attachment that is wanted here and returns the bits of the chunks that are here. ErrNotFound for
// one that nobody named, ErrInvalid for what is no manifest.
func (s *Store) BeginBlob(raw []byte) (have []byte, err error) {
	id := BlobID(hashOf(raw))
	var m manifest
	if err := cbor.Unmarshal(raw, &m); err != nil || m.ChunkSize != ChunkSize || m.Size > MaxBlob || len(m.Chunks) == 0 {
		return nil, &Error{Kind: ErrInvalid, Place: "manifest " + keyText(bBlob, id[:]), Err: err}
	}
	err = s.commit("begin an attachment", func(tx *bbolt.Tx, _ *chainState) ([]put, error) {
		if !has(tx.Bucket([]byte(bBlobWant)), id[:]) {
			return nil, &Error{Kind: ErrNotFound, Place: "attachment " + keyText(bBlob, id[:])}
		}
		have = s.chunksOf(tx, m)
		return []put{{bucket: bBlobWant, key: bytes.Clone(id[:]), value: raw}}, nil
	})
	return have, err
}

// PutBlobChunk stores one chunk of an attachment that began here, and returns the bits of the chunks that are here and whether it is
// whole now. ErrInvalid for bytes that are not that chunk.
func (s *Store) PutBlobChunk(id BlobID, index uint32, chunk []byte) (have []byte, whole bool, err error) {
	err = s.commit("store a piece of an attachment", func(tx *bbolt.Tx, _ *chainState) ([]put, error) {
		m, known, err := s.wanted(tx, id)
		if err != nil {
			return nil, err
		}
		if !known {
			return nil, &Error{Kind: ErrNotFound, Place: "attachment " + keyText(bBlob, id[:])}
		}
		if int(index) >= len(m.Chunks) || string(hashOf(chunk)) != string(m.Chunks[index][:]) {
			return nil, &Error{Kind: ErrInvalid, Place: fmt.Sprintf("piece %d of attachment %s", index, keyText(bBlob, id[:]))}
		}
		have = s.chunksOf(tx, m)
		have[index/8] |= 1 << (index % 8)
		puts := []put{{bucket: bChunk, key: bytes.Clone(m.Chunks[index][:]), value: chunk}}
		whole = s.wholeWith(tx, m, index)
		if !whole {
			return puts, nil
		}
		raw, err := s.getValue(tx, bBlobWant, id[:])
		if err != nil {
			return nil, err
		}
		return append(puts,
			put{bucket: bBlob, key: bytes.Clone(id[:]), value: raw},
			put{bucket: bBlobWant, key: bytes.Clone(id[:]), erase: true}), nil
	})
	return have, whole, err
}

// wholeWith reports whether one chunk is all that lacks.
func (s *Store) wholeWith(tx *bbolt.Tx, m manifest, index uint32) bool {
	for _, sum := range m.Chunks {
		if sum != m.Chunks[index] && !has(tx.Bucket([]byte(bChunk)), sum[:]) {
			return false
		}
	}
	return true
}

// BlobChunk returns a chunk of an attachment that is whole here; ErrNotFound.
func (s *Store) BlobChunk(id BlobID, index uint32) (chunk []byte, err error) {
	err = s.view("read a piece of an attachment", func(tx *bbolt.Tx) error {
		m, err := s.manifest(tx, id[:])
		if err != nil {
			return err
		}
		if int(index) >= len(m.Chunks) {
			return &Error{Kind: ErrNotFound, Place: fmt.Sprintf("piece %d of attachment %s", index, keyText(bBlob, id[:]))}
		}
		chunk, err = s.getValue(tx, bChunk, m.Chunks[index][:])
		return err
	})
	return chunk, err
}
