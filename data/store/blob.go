package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"
)

// Sizes of photos.
const (
	ChunkSize = 256 << 10
	MaxBlob   = 64 << 20
	// chunksPerTx bounds what one transaction writes.
	chunksPerTx = 16
)

// BlobID names a photo: the SHA-256 of its manifest.
type BlobID [sha256.Size]byte

// Blob is what a photo's manifest says.
type Blob struct {
	Size          uint64 // bytes
	Mime          string
	Width, Height uint32 // pixels; 0 for what is no picture
}

// manifest lists a photo's pieces, all of ChunkSize but the last.
type manifest struct {
	_         struct{} `cbor:",toarray"`
	Version   uint16
	Size      uint64
	Mime      string
	Width     uint32
	Height    uint32
	ChunkSize uint32
	Chunks    [][sha256.Size]byte
}

func hashOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

// PutBlob stores a photo; info's Size is counted, not believed. The same content has the same ID and is stored once. A photo that is
// cut off midway leaves pieces without a name, which do no harm. ErrTooBig above MaxBlob, ErrInvalid for an empty one.
func (s *Store) PutBlob(info Blob, content io.Reader) (BlobID, error) {
	if err := s.enter(); err != nil {
		return BlobID{}, err
	}
	defer s.senders.Done()
	m := manifest{Version: 1, Mime: info.Mime, Width: info.Width, Height: info.Height, ChunkSize: ChunkSize}
	for ended := false; !ended; {
		var pieces [][]byte
		var err error
		if pieces, ended, err = readPieces(content); err != nil {
			return BlobID{}, fail("read the photo", err)
		}
		for _, p := range pieces {
			m.Size += uint64(len(p))
			m.Chunks = append(m.Chunks, [sha256.Size]byte(hashOf(p)))
		}
		if m.Size > MaxBlob {
			return BlobID{}, &Error{Kind: ErrTooBig, Place: "store the photo"}
		}
		if err := s.putPieces(pieces); err != nil {
			return BlobID{}, err
		}
	}
	if m.Size == 0 {
		return BlobID{}, &Error{Kind: ErrInvalid, Place: "store an empty photo"}
	}
	b, err := s.enc.Marshal(m)
	if err != nil {
		return BlobID{}, fmt.Errorf("encode manifest: %w", err)
	}
	id := BlobID(hashOf(b))
	return id, s.update("store the photo", func(tx *bbolt.Tx) error { return s.putValue(tx, bBlob, id[:], b) })
}

func readPieces(content io.Reader) (pieces [][]byte, ended bool, err error) {
	for range chunksPerTx {
		piece := make([]byte, ChunkSize)
		n, err := io.ReadFull(content, piece)
		if n > 0 {
			pieces = append(pieces, piece[:n])
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return pieces, true, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	return pieces, false, nil
}

func (s *Store) putPieces(pieces [][]byte) error {
	return s.update("store the photo", func(tx *bbolt.Tx) error {
		for _, p := range pieces {
			if key := hashOf(p); !has(tx.Bucket([]byte(bChunk)), key) {
				if err := s.putValue(tx, bChunk, key, p); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// OpenBlob returns what a photo is and a reader of it, which takes one transaction for each piece. ErrNotFound if it is not here.
func (s *Store) OpenBlob(id BlobID) (Blob, io.Reader, error) {
	var m manifest
	err := s.view("open the photo", func(tx *bbolt.Tx) (err error) {
		m, err = s.manifest(tx, id[:])
		return err
	})
	if err != nil {
		return Blob{}, nil, err
	}
	return Blob{Size: m.Size, Mime: m.Mime, Width: m.Width, Height: m.Height}, &blobReader{s: s, chunks: m.Chunks}, nil
}

// manifest reads and checks a manifest.
func (s *Store) manifest(tx *bbolt.Tx, id []byte) (m manifest, err error) {
	b, err := s.getValue(tx, bBlob, id)
	if err != nil {
		return m, err
	}
	if b == nil {
		return m, &Error{Kind: ErrNotFound, Place: "photo " + keyText(bBlob, id)}
	}
	if err := cbor.Unmarshal(b, &m); err != nil || string(hashOf(b)) != string(id) {
		return m, &Error{Kind: ErrDamaged, Place: bBlob + " " + keyText(bBlob, id), Err: err}
	}
	return m, nil
}

type blobReader struct {
	s      *Store
	chunks [][sha256.Size]byte
	rest   []byte
}

// Read gives the next bytes; ErrDamaged when a piece is missing or changed.
func (r *blobReader) Read(b []byte) (int, error) {
	if len(r.rest) == 0 {
		if len(r.chunks) == 0 {
			return 0, io.EOF
		}
		key := r.chunks[0][:]
		err := r.s.view("read the photo", func(tx *bbolt.Tx) (err error) {
			r.rest, err = r.s.getValue(tx, bChunk, key)
			return err
		})
		if err != nil {
			return 0, err
		}
		if string(hashOf(r.rest)) != string(key) {
			return 0, &Error{Kind: ErrDamaged, Place: bChunk + " " + keyText(bChunk, key)}
		}
		r.chunks = r.chunks[1:]
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
