package natsjournal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"zw110/data/incident"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// The keys of an attachment in its county's bucket, behind its ID.
const (
	keyManifest = ".m"
	keyWhole    = ".w"
	keyChunk    = ".c." // and the chunk's index
)

// maxManifests bounds the manifests that are remembered.
const maxManifests = 256

type blobs struct {
	js       jetstream.JetStream
	replicas int
	codec    *wire.Codec

	mu        sync.Mutex // guards the maps
	buckets   map[incident.ScopeID]jetstream.KeyValue
	manifests map[wire.BlobID]wire.Manifest
}

func openBlobs(js jetstream.JetStream, replicas int) (*blobs, error) {
	codec, err := wire.NewCodec()
	if err != nil {
		return nil, err
	}
	return &blobs{
		js: js, replicas: replicas, codec: codec, buckets: map[incident.ScopeID]jetstream.KeyValue{}, manifests: map[wire.BlobID]wire.Manifest{},
	}, nil
}

func (b *blobs) bucket(ctx context.Context, county incident.ScopeID) (jetstream.KeyValue, error) {
	b.mu.Lock()
	kv := b.buckets[county]
	b.mu.Unlock()
	if kv != nil {
		return kv, nil
	}
	kv, err := openBucket(ctx, b.js, fmt.Sprintf("blobs_%d", county), b.replicas)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.buckets[county] = kv
	b.mu.Unlock()
	return kv, nil
}

// do runs fn, which may be done twice, on a county's bucket and gives its errors the session's names.
func (b *blobs) do(ctx context.Context, doing string, county incident.ScopeID, fn func(ctx context.Context, kv jetstream.KeyValue) error) error {
	err := again(ctx, func(ctx context.Context) error {
		kv, err := b.bucket(ctx, county)
		if err != nil {
			return err
		}
		return fn(ctx, kv)
	})
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		err = fmt.Errorf("%s: %w", doing, session.ErrNotFound)
	}
	return unavailable(doing, err)
}

func name(id wire.BlobID) string { return fmt.Sprintf("%x", id) }

func chunkKey(id wire.BlobID, index uint32) string {
	return name(id) + keyChunk + strconv.FormatUint(uint64(index), 10)
}

// manifest reads a manifest, once.
func (b *blobs) manifest(ctx context.Context, kv jetstream.KeyValue, county incident.ScopeID, id wire.BlobID) (wire.Manifest, []byte, error) {
	entry, err := kv.Get(ctx, name(id)+keyManifest)
	if err != nil {
		return wire.Manifest{}, nil, err
	}
	m, got, err := b.codec.Manifest(entry.Value())
	if err == nil && got != id {
		err = fmt.Errorf("manifest of %x in %d is not of its name", id, county)
	}
	return m, entry.Value(), err
}

// known is manifest for whoever needs it for each chunk.
func (b *blobs) known(ctx context.Context, kv jetstream.KeyValue, county incident.ScopeID, id wire.BlobID) (wire.Manifest, error) {
	b.mu.Lock()
	m, ok := b.manifests[id]
	b.mu.Unlock()
	if ok {
		return m, nil
	}
	m, _, err := b.manifest(ctx, kv, county, id)
	if err != nil {
		return m, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.manifests) >= maxManifests {
		clear(b.manifests)
	}
	b.manifests[id] = m
	return m, nil
}

// Have implements session.Blobs.
func (b *blobs) Have(ctx context.Context, county incident.ScopeID, id wire.BlobID) (bitmap []byte, whole bool, err error) {
	err = b.do(ctx, "look for an attachment", county, func(ctx context.Context, kv jetstream.KeyValue) error {
		m, _, err := b.manifest(ctx, kv, county, id)
		if err != nil {
			return err
		}
		bitmap, whole, err = have(ctx, kv, id, len(m.Chunks))
		return err
	})
	return bitmap, whole, err
}

func have(ctx context.Context, kv jetstream.KeyValue, id wire.BlobID, chunks int) (bitmap []byte, whole bool, err error) {
	bitmap = make([]byte, (chunks+7)/8)
	err = eachKey(ctx, kv, name(id)+".>", func(key string) error {
		whole = whole || key == name(id)+keyWhole
		if index, isChunk := strings.CutPrefix(key, name(id)+keyChunk); isChunk {
			if i, err := strconv.Atoi(index); err == nil && i < chunks {
				bitmap[i/8] |= 1 << (i % 8)
			}
		}
		return nil
	})
	return bitmap, whole, err
}

// Begin implements session.Blobs.
func (b *blobs) Begin(ctx context.Context, county incident.ScopeID, manifest []byte) (wire.BlobID, error) {
	_, id, err := b.codec.Manifest(manifest)
	if err != nil {
		return id, fmt.Errorf("%w: %w", session.ErrBlob, err)
	}
	return id, b.do(ctx, "begin an attachment", county, func(ctx context.Context, kv jetstream.KeyValue) error {
		_, err := kv.Create(ctx, name(id)+keyManifest, manifest)
		if errors.Is(err, jetstream.ErrKeyExists) {
			return nil
		}
		return err
	})
}

// PutChunk implements session.Blobs.
func (b *blobs) PutChunk(ctx context.Context, county incident.ScopeID, id wire.BlobID, index uint32, chunk []byte) error {
	return b.do(ctx, "store a chunk", county, func(ctx context.Context, kv jetstream.KeyValue) error {
		m, err := b.known(ctx, kv, county, id)
		if err != nil {
			return err
		}
		if len(chunk) == 0 || len(chunk) != m.ChunkLen(index) || sha256.Sum256(chunk) != m.Chunks[index] {
			return fmt.Errorf("chunk %d of %x: %w", index, id, session.ErrBlob)
		}
		if _, err = kv.Create(ctx, chunkKey(id, index), chunk); errors.Is(err, jetstream.ErrKeyExists) {
			return nil
		}
		return err
	})
}

// Finish implements session.Blobs. A chunk that is not what it was is removed, so that it is wanted again.
func (b *blobs) Finish(ctx context.Context, county incident.ScopeID, id wire.BlobID) error {
	return b.do(ctx, "finish an attachment", county, func(ctx context.Context, kv jetstream.KeyValue) error {
		m, err := b.known(ctx, kv, county, id)
		if err != nil {
			return err
		}
		for i := range uint32(len(m.Chunks)) {
			entry, err := kv.Get(ctx, chunkKey(id, i))
			if errors.Is(err, jetstream.ErrKeyNotFound) {
				return fmt.Errorf("chunk %d of %x is not there: %w", i, id, session.ErrBlob)
			}
			if err != nil {
				return err
			}
			if sha256.Sum256(entry.Value()) != m.Chunks[i] {
				return errors.Join(fmt.Errorf("chunk %d of %x: %w", i, id, session.ErrBlob), kv.Delete(ctx, chunkKey(id, i)))
			}
		}
		_, err = kv.Put(ctx, name(id)+keyWhole, nil)
		return err
	})
}

// Manifest implements session.Blobs.
func (b *blobs) Manifest(ctx context.Context, county incident.ScopeID, id wire.BlobID) (raw []byte, err error) {
	err = b.do(ctx, "read a manifest", county, func(ctx context.Context, kv jetstream.KeyValue) error {
		_, raw, err = b.manifest(ctx, kv, county, id)
		return err
	})
	return raw, err
}

// Chunk implements session.Blobs; of a whole attachment only.
func (b *blobs) Chunk(ctx context.Context, county incident.ScopeID, id wire.BlobID, index uint32) (chunk []byte, err error) {
	err = b.do(ctx, "read a chunk", county, func(ctx context.Context, kv jetstream.KeyValue) error {
		m, err := b.known(ctx, kv, county, id)
		if err != nil {
			return err
		}
		if _, err := kv.Get(ctx, name(id)+keyWhole); err != nil {
			return err
		}
		entry, err := kv.Get(ctx, chunkKey(id, index))
		if err != nil {
			return err
		}
		if chunk = entry.Value(); sha256.Sum256(chunk) != m.Chunks[index] {
			return fmt.Errorf("chunk %d of %x is damaged", index, id)
		}
		return nil
	})
	return chunk, err
}
