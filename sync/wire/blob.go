package wire

import (
	"crypto/sha256"
	"fmt"
)

// Manifest lists the pieces of an attachment, all of BlobChunkSize bytes but the last. Its bytes are what the desk's store keeps.
type Manifest struct {
	_         struct{} `cbor:",toarray"`
	Version   uint16   // 1
	Size      uint64
	Mime      string
	Width     uint32
	Height    uint32
	ChunkSize uint32
	Chunks    [][sha256.Size]byte
}

// Manifest reads and checks a manifest: ErrProtocol when its figures contradict each other, ErrTooBig above MaxBlob.
func (c *Codec) Manifest(b []byte) (Manifest, BlobID, error) {
	var m Manifest
	if err := c.dec.Unmarshal(b, &m); err != nil {
		return m, BlobID{}, fmt.Errorf("read manifest: %w: %w", ErrProtocol, err)
	}
	if m.Size > MaxBlob {
		return m, BlobID{}, fmt.Errorf("attachment of %d bytes: %w", m.Size, ErrTooBig)
	}
	if m.Version != 1 || m.Size == 0 || m.ChunkSize != BlobChunkSize || uint64(len(m.Chunks)) != (m.Size+BlobChunkSize-1)/BlobChunkSize {
		return m, BlobID{}, fmt.Errorf("manifest of %d bytes in %d chunks: %w", m.Size, len(m.Chunks), ErrProtocol)
	}
	return m, sha256.Sum256(b), nil
}

// ChunkLen returns how many bytes a chunk has; 0 for one that isn't there.
func (m Manifest) ChunkLen(i uint32) int {
	switch n := uint32(len(m.Chunks)); {
	case i >= n:
		return 0
	case i == n-1:
		return int(m.Size - uint64(i)*BlobChunkSize)
	}
	return BlobChunkSize
}
