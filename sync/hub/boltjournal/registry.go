package boltjournal

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"zw110/data/dbpages"
	"zw110/sync/hub/feed"
	"zw110/sync/session"
)

const (
	bRegistry = "registry" // key → revision 8 B ‖ value
	// batchDelay is how long a change waits for others to share its transaction.
	batchDelay = time.Millisecond
)

type registry struct {
	db  *bbolt.DB
	log *appendLog
}

func openRegistry(path string) (*registry, error) {
	if err := feed.CheckPages(path); err != nil {
		return nil, fmt.Errorf("open the registry: %w", err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType, PageSize: dbpages.Size})
	if err != nil {
		return nil, fmt.Errorf("open the registry: %w", err)
	}
	db.MaxBatchDelay = batchDelay
	r := &registry{db: db}
	err = db.View(func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(bRegistry)) == nil {
			return session.ErrNotFound
		}
		return nil
	})
	if err != nil {
		err = db.Update(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucketIfNotExists([]byte(bRegistry))
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("open the registry: %w", joinClose(err, db))
	}
	return r, nil
}

func joinClose(err error, db *bbolt.DB) error {
	if cerr := db.Close(); cerr != nil {
		return fmt.Errorf("%w; %w", err, cerr)
	}
	return err
}

func (r *registry) close() error { return r.db.Close() }

func (r *registry) view(fn func(tx *bbolt.Tx) error) error {
	err := dbpages.Caught(func() error { return r.db.View(fn) })
	if errors.Is(err, dbpages.ErrDamaged) {
		err = fmt.Errorf("%s: %w: %w", fileRegistry, session.ErrDamaged, err)
	}
	return err
}

// Get implements session.Registry.
func (r *registry) Get(_ context.Context, key string) (value []byte, revision uint64, err error) {
	err = r.view(func(tx *bbolt.Tx) error {
		v := tx.Bucket([]byte(bRegistry)).Get([]byte(key))
		if len(v) < 8 {
			return fmt.Errorf("registry %q: %w", key, session.ErrNotFound)
		}
		revision, value = binary.BigEndian.Uint64(v), bytes.Clone(v[8:])
		return nil
	})
	return value, revision, unavailable("read the registry", err)
}

// Put implements session.Registry. A revision is never given twice, not even after a deletion.
func (r *registry) Put(_ context.Context, key string, value []byte, revision uint64) (uint64, error) {
	var next uint64
	err := r.db.Batch(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bRegistry))
		known := uint64(0)
		if v := b.Get([]byte(key)); len(v) >= 8 {
			known = binary.BigEndian.Uint64(v)
		}
		if known != revision {
			return fmt.Errorf("registry %q stands at %d, not %d: %w", key, known, revision, session.ErrRevision)
		}
		var err error
		if next, err = b.NextSequence(); err != nil {
			return err
		}
		if value == nil {
			return b.Delete([]byte(key))
		}
		return b.Put([]byte(key), append(posBytes(next), value...))
	})
	if err != nil {
		return 0, unavailable("write the registry", err)
	}
	if r.log != nil {
		r.log.record(key, value, next)
	}
	return next, nil
}

func posBytes(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// List implements session.Registry, in order of the keys.
func (r *registry) List(_ context.Context, prefix string) (keys []string, err error) {
	err = r.view(func(tx *bbolt.Tx) error {
		cur := tx.Bucket([]byte(bRegistry)).Cursor()
		for k, _ := cur.Seek([]byte(prefix)); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, _ = cur.Next() {
			keys = append(keys, string(k))
		}
		return nil
	})
	return keys, unavailable("list the registry", err)
}
