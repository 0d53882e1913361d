package natsjournal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"zw110/sync/session"
)

const bucketRegistry = "hub_registry"

// registry is a key-value bucket; its revisions are the compare-and-set. Reads ask the bucket's leader, never a copy that may lag.
type registry struct{ kv jetstream.KeyValue }

func openRegistry(ctx context.Context, js jetstream.JetStream, replicas int) (*registry, error) {
	r := &registry{}
	err := again(ctx, func(ctx context.Context) (err error) {
		r.kv, err = openBucket(ctx, js, bucketRegistry, replicas)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open the registry: %w", err)
	}
	return r, nil
}

// openBucket opens or makes a bucket that answers from its leader alone.
func openBucket(ctx context.Context, js jetstream.JetStream, name string, replicas int) (jetstream.KeyValue, error) {
	stream, err := js.Stream(ctx, "KV_"+name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: name, History: 1, Storage: jetstream.FileStorage, Replicas: replicas})
		if err == nil || errors.Is(err, jetstream.ErrBucketExists) {
			stream, err = js.Stream(ctx, "KV_"+name)
		}
	}
	if err != nil {
		return nil, err
	}
	if cfg := stream.CachedInfo().Config; cfg.AllowDirect {
		cfg.AllowDirect = false
		if _, err := js.UpdateStream(ctx, cfg); err != nil {
			return nil, err
		}
	}
	return js.KeyValue(ctx, name)
}

// encodeKey makes a registry key fit for a subject: its parts become tokens, so that a prefix that ends with a slash is a filter, and
// everything but letters, digits, hyphens and underscores is written as =XX.
func encodeKey(key string) (string, error) {
	var b strings.Builder
	for i, part := range strings.Split(key, "/") {
		if part == "" {
			return "", fmt.Errorf("registry key %q has an empty part", key)
		}
		if i > 0 {
			b.WriteByte('.')
		}
		for _, c := range []byte(part) {
			if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, "=%02X", c)
			}
		}
	}
	return b.String(), nil
}

func decodeKey(encoded string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(encoded); i++ {
		switch encoded[i] {
		case '.':
			b.WriteByte('/')
		case '=':
			var c byte
			if i+3 > len(encoded) {
				return "", fmt.Errorf("no registry key: %q", encoded)
			}
			if _, err := fmt.Sscanf(encoded[i+1:i+3], "%02X", &c); err != nil {
				return "", fmt.Errorf("no registry key: %q: %w", encoded, err)
			}
			b.WriteByte(c)
			i += 2
		default:
			b.WriteByte(encoded[i])
		}
	}
	return b.String(), nil
}

// Get implements session.Registry.
func (r *registry) Get(ctx context.Context, key string) (value []byte, revision uint64, err error) {
	encoded, err := encodeKey(key)
	if err != nil {
		return nil, 0, err
	}
	err = again(ctx, func(ctx context.Context) error {
		entry, err := r.kv.Get(ctx, encoded)
		if err == nil {
			value, revision = entry.Value(), entry.Revision()
		}
		return err
	})
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		err = fmt.Errorf("registry %q: %w", key, session.ErrNotFound)
	}
	return value, revision, unavailable("read the registry", err)
}

// Put implements session.Registry. A deletion has no revision of its own.
func (r *registry) Put(ctx context.Context, key string, value []byte, revision uint64) (next uint64, err error) {
	encoded, err := encodeKey(key)
	if err != nil {
		return 0, err
	}
	err = patiently(ctx, func(ctx context.Context) (err error) {
		switch {
		case value == nil && revision == 0:
			_, err = r.kv.Get(ctx, encoded)
			if err == nil {
				err = session.ErrRevision
			} else if errors.Is(err, jetstream.ErrKeyNotFound) {
				err = nil
			}
		case value == nil:
			err = r.kv.Delete(ctx, encoded, jetstream.LastRevision(revision))
		case revision == 0:
			next, err = r.kv.Create(ctx, encoded, value)
		default:
			next, err = r.kv.Update(ctx, encoded, value, revision)
		}
		return err
	})
	if errors.Is(err, jetstream.ErrKeyExists) || isRefused(err) {
		err = fmt.Errorf("registry %q is not at %d: %w", key, revision, session.ErrRevision)
	}
	return next, unavailable("write the registry", err)
}

// List implements session.Registry, in order of the keys.
func (r *registry) List(ctx context.Context, prefix string) (keys []string, err error) {
	filter := ">"
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		parts, err := encodeKey(prefix[:i])
		if err != nil {
			return nil, err
		}
		filter = parts + ".>"
	}
	err = again(ctx, func(ctx context.Context) error {
		keys = nil
		return eachKey(ctx, r.kv, filter, func(encoded string) error {
			key, err := decodeKey(encoded)
			if err == nil && strings.HasPrefix(key, prefix) {
				keys = append(keys, key)
			}
			return err
		})
	})
	slices.Sort(keys)
	return slices.Compact(keys), unavailable("list the registry", err)
}

// eachKey gives every key that fits a filter to fn, perhaps twice. The library's own lister does not tell the end from a broken connection.
func eachKey(ctx context.Context, kv jetstream.KeyValue, filter string, fn func(key string) error) (err error) {
	watcher, err := kv.WatchFiltered(ctx, []string{filter}, jetstream.IgnoreDeletes(), jetstream.MetaOnly())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, watcher.Stop()) }()
	for {
		select {
		case entry, open := <-watcher.Updates():
			if !open {
				return errors.New("the list of keys broke off")
			}
			if entry == nil { // all have come
				return nil
			}
			if err := fn(entry.Key()); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// patiently repeats what no server took up, as while a leader is being elected.
func patiently(ctx context.Context, do func(ctx context.Context) error) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	for {
		err := do(ctx)
		if !noLeader(err) || ctx.Err() != nil {
			return err
		}
		<-pause(ctx)
	}
}

func noLeader(err error) bool {
	return errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse)
}

// again is patiently for what may be done twice: it doesn't wait long for an answer, because a request that came between two leaders has none.
func again(ctx context.Context, do func(ctx context.Context) error) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	for wait := firstAnswer; ; wait *= 2 {
		try, done := context.WithTimeout(ctx, wait)
		err := do(try)
		done()
		if ctx.Err() != nil || !noLeader(err) && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, nats.ErrTimeout) {
			return err
		}
		<-pause(ctx)
	}
}
