package contract

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"zw110/sync/session"
)

type value struct {
	bytes    []byte
	revision uint64
}

// registry is the part of the machine that changes records.
type registry struct {
	m      *machine
	values map[string]value
	old    []uint64 // revisions that were given, all of them
}

func (r *registry) change(t *rapid.T) {
	prefix := r.m.place.Prefix()
	key := prefix + rapid.SampledFrom([]string{"desk/1", "desk/2", "desk/2/held", "baton/01ff", "code-7", "key/330825111/aa", "desktop"}).Draw(t, "key")
	known := r.values[key]
	revision := known.revision
	if len(r.old) > 0 && rapid.IntRange(0, 3).Draw(t, "stale") == 0 {
		revision = rapid.SampledFrom(append(r.old, 0)).Draw(t, "revision")
	}
	var bytesOf []byte
	if rapid.IntRange(0, 4).Draw(t, "delete") > 0 {
		bytesOf = append([]byte{}, rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(t, "value")...)
	}
	if bytesOf == nil && known.revision == 0 {
		t.Skip("deletes what is not there")
	}
	next, err := r.m.hub.Put(r.m.ctx, key, bytesOf, revision)
	switch {
	case revision != known.revision:
		if !errors.Is(err, session.ErrRevision) {
			t.Fatalf("put at revision %d of %d: %v", revision, known.revision, err)
		}
	case err != nil:
		t.Fatal(err)
	case bytesOf == nil:
		delete(r.values, key)
	case next == 0 || slices.Contains(r.old, next):
		t.Fatalf("revision %d was given before", next)
	default:
		r.values[key] = value{bytesOf, next}
		r.old = append(r.old, next)
	}
	got, revision, err := r.m.hub.Get(r.m.ctx, key)
	if want, there := r.values[key]; there && (err != nil || revision != want.revision || !bytes.Equal(got, want.bytes)) {
		t.Fatalf("record %q is %x at %d, error %v, not %x at %d", key, got, revision, err, want.bytes, want.revision)
	} else if !there && !errors.Is(err, session.ErrNotFound) {
		t.Fatalf("record %q: %x, %v", key, got, err)
	}
	r.list(t, prefix)
}

func (r *registry) list(t *rapid.T, prefix string) {
	start := prefix + rapid.SampledFrom([]string{"", "desk", "desk/", "desk/2", "key/330825111/", "none/"}).Draw(t, "list")
	var want []string
	for key := range r.values {
		if strings.HasPrefix(key, start) {
			want = append(want, key)
		}
	}
	slices.Sort(want)
	got, err := r.m.hub.List(r.m.ctx, start)
	noError(t, err)
	if !slices.Equal(got, want) {
		t.Fatalf("keys with %q are %q, not %q", start, got, want)
	}
}
