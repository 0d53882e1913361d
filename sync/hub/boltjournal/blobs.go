package boltjournal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"zw110/data/incident"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// An attachment's files, in a folder for each county and first byte of the name: the name is always the hash of the manifest.
const (
	suffixManifest = ".manifest"
	suffixPart     = ".part" // chunks at their places, some missing
	suffixHave     = ".have" // bitmap of the chunks that are durable in it
	suffixBlob     = ".blob" // whole
)

const (
	// syncEvery is after how many bytes of chunks they are made durable.
	syncEvery = 4 << 20
	// maxFilling bounds the attachments whose state is in memory.
	maxFilling = 256
)

type blobs struct {
	dir   string
	codec *wire.Codec

	mu      sync.Mutex // guards filling; no file is touched under it
	filling map[string]*filling
}

// filling is an attachment that is not whole yet.
type filling struct {
	mu       sync.Mutex // held over the file's changes: they are in order for one attachment
	manifest wire.Manifest
	have     []byte
	unsynced int // bytes
}

func openBlobs(dir string) (*blobs, error) {
	codec, err := wire.NewCodec()
	if err != nil {
		return nil, err
	}
	return &blobs{dir: dir, codec: codec, filling: map[string]*filling{}}, nil
}

func (b *blobs) base(county incident.ScopeID, id wire.BlobID) string {
	name := hex.EncodeToString(id[:])
	return filepath.Join(b.dir, strconv.FormatUint(uint64(county), 10), name[:2], name)
}

// Have implements session.Blobs.
func (b *blobs) Have(_ context.Context, county incident.ScopeID, id wire.BlobID) (bitmap []byte, whole bool, err error) {
	base := b.base(county, id)
	m, err := b.manifest(base)
	if err != nil {
		return nil, false, unavailable("look for an attachment", err)
	}
	if isThere(base + suffixBlob) {
		return full(len(m.Chunks)), true, nil
	}
	f, err := b.open(base)
	if err != nil {
		return nil, false, unavailable("look for an attachment", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]byte(nil), f.have...), false, nil
}

func full(chunks int) []byte {
	have := make([]byte, (chunks+7)/8)
	for i := range chunks {
		have[i/8] |= 1 << (i % 8)
	}
	return have
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Begin implements session.Blobs.
func (b *blobs) Begin(_ context.Context, county incident.ScopeID, manifest []byte) (wire.BlobID, error) {
	_, id, err := b.codec.Manifest(manifest)
	if err != nil {
		return id, fmt.Errorf("%w: %w", session.ErrBlob, err)
	}
	base := b.base(county, id)
	if isThere(base + suffixManifest) {
		return id, nil
	}
	if err := os.MkdirAll(filepath.Dir(base), 0o700); err != nil {
		return id, unavailable("begin an attachment", err)
	}
	return id, unavailable("begin an attachment", writeFile(base+suffixManifest, manifest))
}

func (b *blobs) manifest(base string) (wire.Manifest, error) {
	raw, err := os.ReadFile(base + suffixManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return wire.Manifest{}, fmt.Errorf("attachment %s: %w", filepath.Base(base), session.ErrNotFound)
	}
	if err != nil {
		return wire.Manifest{}, err
	}
	m, id, err := b.codec.Manifest(raw)
	if err == nil && hex.EncodeToString(id[:]) != filepath.Base(base) {
		err = errors.New("not the manifest of its name")
	}
	return m, err
}

// open reads the state of an attachment that is not whole.
func (b *blobs) open(base string) (*filling, error) {
	b.mu.Lock()
	f := b.filling[base]
	b.mu.Unlock()
	if f != nil {
		return f, nil
	}
	m, err := b.manifest(base)
	if err != nil {
		return nil, err
	}
	f = &filling{manifest: m, have: make([]byte, (len(m.Chunks)+7)/8)}
	have, err := os.ReadFile(base + suffixHave)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	copy(f.have, have)
	b.mu.Lock()
	defer b.mu.Unlock()
	if other := b.filling[base]; other != nil {
		return other, nil
	}
	if len(b.filling) >= maxFilling { // what is forgotten is read again, or at worst sent again
		for old := range b.filling {
			delete(b.filling, old)
			break
		}
	}
	b.filling[base] = f
	return f, nil
}

// PutChunk implements session.Blobs.
func (b *blobs) PutChunk(_ context.Context, county incident.ScopeID, id wire.BlobID, index uint32, chunk []byte) error {
	base := b.base(county, id)
	f, err := b.open(base)
	if err != nil {
		return unavailable("store a chunk", err)
	}
	if len(chunk) == 0 || len(chunk) != f.manifest.ChunkLen(index) || sha256.Sum256(chunk) != f.manifest.Chunks[index] {
		return fmt.Errorf("chunk %d of %s: %w", index, filepath.Base(base), session.ErrBlob)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.have[index/8]&(1<<(index%8)) != 0 || isThere(base+suffixBlob) {
		return nil
	}
	return unavailable("store a chunk", f.put(base, index, chunk))
}

func (f *filling) put(base string, index uint32, chunk []byte) error {
	part, err := os.OpenFile(base+suffixPart, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = part.WriteAt(chunk, int64(index)*wire.BlobChunkSize)
	if err == nil {
		f.have[index/8] |= 1 << (index % 8)
		if f.unsynced += len(chunk); f.unsynced >= syncEvery {
			if err = part.Sync(); err == nil {
				err = writeFile(base+suffixHave, f.have)
				f.unsynced = 0
			}
		}
	}
	return errors.Join(err, part.Close())
}

// Finish implements session.Blobs. What does not match its manifest, because it was lost with a process, is wanted again.
func (b *blobs) Finish(_ context.Context, county incident.ScopeID, id wire.BlobID) error {
	base := b.base(county, id)
	if isThere(base + suffixBlob) {
		return nil
	}
	f, err := b.open(base)
	if err != nil {
		return unavailable("finish an attachment", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if isThere(base + suffixBlob) {
		return nil
	}
	good, err := f.check(base)
	if err != nil {
		return unavailable("finish an attachment", err)
	}
	if !good {
		return fmt.Errorf("attachment %s: %w", filepath.Base(base), session.ErrBlob)
	}
	err = os.Rename(base+suffixPart, base+suffixBlob)
	if err == nil {
		err = syncDir(filepath.Dir(base))
	}
	if err == nil {
		b.mu.Lock()
		delete(b.filling, base)
		b.mu.Unlock()
		if err = os.Remove(base + suffixHave); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return unavailable("finish an attachment", err)
}

// check reads every chunk, takes those that are none out of the bitmap, and makes the file durable if all are good.
func (f *filling) check(base string) (good bool, err error) {
	part, err := os.OpenFile(base+suffixPart, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, err
	}
	good = true
	for i := range uint32(len(f.manifest.Chunks)) {
		chunk := make([]byte, f.manifest.ChunkLen(i))
		_, err := part.ReadAt(chunk, int64(i)*wire.BlobChunkSize)
		if err != nil && !errors.Is(err, io.EOF) {
			return false, errors.Join(err, part.Close())
		}
		if sha256.Sum256(chunk) != f.manifest.Chunks[i] {
			good = false
			f.have[i/8] &^= 1 << (i % 8)
		}
	}
	if good {
		err = part.Sync()
	} else {
		err = writeFile(base+suffixHave, f.have)
	}
	return good, errors.Join(err, part.Close())
}

// Manifest implements session.Blobs.
func (b *blobs) Manifest(_ context.Context, county incident.ScopeID, id wire.BlobID) ([]byte, error) {
	base := b.base(county, id)
	if _, err := b.manifest(base); err != nil {
		return nil, unavailable("read a manifest", err)
	}
	raw, err := os.ReadFile(base + suffixManifest)
	return raw, unavailable("read a manifest", err)
}

// Chunk implements session.Blobs; of a whole attachment only.
func (b *blobs) Chunk(_ context.Context, county incident.ScopeID, id wire.BlobID, index uint32) ([]byte, error) {
	base := b.base(county, id)
	m, err := b.manifest(base)
	if err != nil {
		return nil, unavailable("read a chunk", err)
	}
	file, err := os.Open(base + suffixBlob)
	if errors.Is(err, fs.ErrNotExist) || index >= uint32(len(m.Chunks)) {
		err = fmt.Errorf("chunk %d of %s: %w", index, filepath.Base(base), session.ErrNotFound)
	}
	if err != nil {
		return nil, unavailable("read a chunk", err)
	}
	defer file.Close()
	chunk := make([]byte, m.ChunkLen(index))
	if _, err := file.ReadAt(chunk, int64(index)*wire.BlobChunkSize); err != nil {
		return nil, unavailable("read a chunk", err)
	}
	if sha256.Sum256(chunk) != m.Chunks[index] {
		return nil, unavailable("read a chunk", fmt.Errorf("chunk %d of %s is damaged", index, filepath.Base(base)))
	}
	return chunk, nil
}

// writeFile puts a small file in place as a whole: written beside, synced, renamed.
func writeFile(path string, content []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
