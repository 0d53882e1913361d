package contract

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"

	"zw110/sync/session"
	"zw110/sync/wire"
)

// blobs is the part of the machine that stores an attachment of four chunks, the last one short.
type blobs struct {
	m        *machine
	content  []byte
	manifest []byte
	id       wire.BlobID
	have     []bool
	begun    bool
	whole    bool
}

const blobSize = 3*wire.BlobChunkSize + 1000

func newBlobs(t *rapid.T, m *machine) *blobs {
	b := &blobs{m: m, content: bytes.Repeat([]byte{rapid.Byte().Draw(t, "content"), 1, 2, 3, 5, 8, 13}, blobSize/7+1)[:blobSize]}
	man := wire.Manifest{Version: 1, Size: blobSize, Mime: "image/jpeg", Width: 4, Height: 3, ChunkSize: wire.BlobChunkSize}
	for chunk := range slices.Chunk(b.content, wire.BlobChunkSize) {
		man.Chunks = append(man.Chunks, sha256.Sum256(chunk))
	}
	raw, err := cbor.Marshal(man)
	noError(t, err)
	b.manifest, b.id, b.have = raw, sha256.Sum256(raw), make([]bool, len(man.Chunks))
	return b
}

func (b *blobs) chunk(i int) []byte {
	return b.content[i*wire.BlobChunkSize : min(blobSize, (i+1)*wire.BlobChunkSize)]
}

func (b *blobs) step(t *rapid.T) {
	ctx, county := b.m.ctx, b.m.county
	if !b.begun {
		if _, _, err := b.m.hub.Have(ctx, county, b.id); !errors.Is(err, session.ErrNotFound) {
			t.Fatalf("have what never began: %v", err)
		}
		if err := b.m.hub.PutChunk(ctx, county, b.id, 0, b.chunk(0)); !errors.Is(err, session.ErrNotFound) {
			t.Fatalf("chunk of what never began: %v", err)
		}
		if _, err := b.m.hub.Begin(ctx, county, b.manifest[1:]); !errors.Is(err, session.ErrBlob) {
			t.Fatalf("begin with half a manifest: %v", err)
		}
	}
	id, err := b.m.hub.Begin(ctx, county, b.manifest)
	noError(t, err)
	b.begun = true
	if got, err := b.m.hub.Manifest(ctx, county, id); err != nil || id != b.id || !bytes.Equal(got, b.manifest) {
		t.Fatalf("manifest of %x: %v", id, err)
	}
	i := rapid.IntRange(0, len(b.have)-1).Draw(t, "chunk")
	bad := slices.Clone(b.chunk(i))
	bad[len(bad)/2] ^= 1
	for _, wrong := range [][]byte{bad, b.chunk(i)[1:], nil} {
		if err := b.m.hub.PutChunk(ctx, county, id, uint32(i), wrong); !errors.Is(err, session.ErrBlob) {
			t.Fatalf("wrong chunk %d: %v", i, err)
		}
	}
	if err := b.m.hub.PutChunk(ctx, county, id, uint32(len(b.have)), b.chunk(0)); !errors.Is(err, session.ErrBlob) {
		t.Fatalf("chunk beyond the end: %v", err)
	}
	noError(t, b.m.hub.PutChunk(ctx, county, id, uint32(i), b.chunk(i)))
	b.have[i] = true
	b.look(t)
	b.finish(t)
}

// look compares the bitmap. Chunks may be lost with a process until all is whole; then they come again.
func (b *blobs) look(t *rapid.T) {
	bitmap, whole, err := b.m.hub.Have(b.m.ctx, b.m.county, b.id)
	noError(t, err)
	if whole != b.whole || len(bitmap) != 1 {
		t.Fatalf("whole is %v with %d bytes, want %v", whole, len(bitmap), b.whole)
	}
	for i := range b.have {
		there := bitmap[0]&(1<<i) != 0
		if there && !b.have[i] {
			t.Fatalf("chunk %d was never stored", i)
		}
		b.have[i] = there
	}
}

func (b *blobs) finish(t *rapid.T) {
	err := b.m.hub.Finish(b.m.ctx, b.m.county, b.id)
	if slices.Contains(b.have, false) {
		if !errors.Is(err, session.ErrBlob) {
			t.Fatalf("finish with chunks missing: %v", err)
		}
		if _, err := b.m.hub.Chunk(b.m.ctx, b.m.county, b.id, 0); !errors.Is(err, session.ErrNotFound) {
			t.Fatalf("chunk of half an attachment: %v", err)
		}
		return
	}
	noError(t, err)
	b.whole = true
	b.look(t)
	for i := range b.have {
		got, err := b.m.hub.Chunk(b.m.ctx, b.m.county, b.id, uint32(i))
		if err != nil || !bytes.Equal(got, b.chunk(i)) {
			t.Fatalf("chunk %d of the whole: %v", i, err)
		}
	}
	if _, err := b.m.hub.Chunk(b.m.ctx, b.m.county, b.id, uint32(len(b.have))); !errors.Is(err, session.ErrNotFound) {
		t.Fatalf("chunk beyond the end: %v", err)
	}
}
