package hub_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
	"zw110/sync/hub"
	"zw110/sync/hub/boltjournal"
	"zw110/sync/hub/contract"
	"zw110/sync/session"
	"zw110/sync/wire"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openStore(t *testing.T, dir string) (*boltjournal.Store, hub.Stores) {
	t.Helper()
	s, err := boltjournal.Open(boltjournal.Params{Dir: dir, Clock: func() incident.Stamp { return 1_786_752_000_000 }})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s, hub.Stores{Journal: s, Registry: s, Blobs: s}
}

// spoiled damages an entry in a store's file.
func spoiled(t *testing.T, dir string, entry []byte) {
	t.Helper()
	file := filepath.Join(dir, "county", "330825.db")
	raw, err := os.ReadFile(file)
	must(t, err)
	at := bytes.Index(raw, entry)
	if at < 0 {
		t.Fatal("the entry is not in the file")
	}
	for ; at >= 0; at = bytes.Index(raw, entry) {
		raw[at+len(entry)/2] ^= 1
	}
	must(t, os.WriteFile(file, raw, 0o600))
}

// runs writes three runs of a line.
func runs(t *testing.T, j session.Journal) (*contract.Line, []session.HubRun) {
	t.Helper()
	l, err := contract.NewLine(1, 1, contract.TownA)
	must(t, err)
	var all []session.HubRun
	for _, text := range []string{"the first of the three runs", "the second of the three runs", "the third of the three runs"} {
		run, err := l.Run(contract.Entry{Incident: 0, Scope: contract.TownA, Text: text}, contract.Entry{Incident: 1, Scope: contract.TownB})
		must(t, err)
		_, errs := j.Append(t.Context(), county, []session.HubRun{run})
		must(t, errs[0])
		l.Stored(run)
		all = append(all, run)
	}
	return l, all
}

// brittle is a registry that fails after some writes; moving writes several at once.
type brittle struct {
	session.Registry
	left atomic.Int64
}

func (b *brittle) Put(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	if b.left.Add(-1) < 0 {
		return 0, session.ErrUnavailable
	}
	return b.Registry.Put(ctx, key, value, revision)
}

func TestMove_CarriesEverythingAndClosesTheDoor(t *testing.T) {
	dir := t.TempDir()
	old, _ := openStore(t, dir)
	h, err := hub.Open(t.Context(), hub.Config{County: county, Journal: old, Registry: old, Blobs: old})
	must(t, err)
	l, all := runs(t, old)
	must(t, old.Close())
	spoiled(t, dir, all[1].Run.Entries[0]) // the second run comes again, behind the third
	old, from := openStore(t, dir)
	_, _, err = old.Feed(t.Context(), county, 0, 10)
	must(t, err)
	_, errs := old.Append(t.Context(), county, []session.HubRun{all[1]})
	must(t, errs[0])

	chunk := []byte("a small picture")
	raw, err := cbor.Marshal(wire.Manifest{
		Version: 1, Size: uint64(len(chunk)), Mime: "image/jpeg", ChunkSize: wire.BlobChunkSize, Chunks: [][32]byte{sha256.Sum256(chunk)},
	})
	must(t, err)
	id, err := old.Begin(t.Context(), county, raw)
	must(t, err)
	must(t, old.PutChunk(t.Context(), county, id, 0, chunk))
	must(t, old.Finish(t.Context(), county, id))
	for key, value := range map[string]string{session.PrefixBlob + "330825111/" + hex.EncodeToString(id[:]): "\x01", "baton/one": "a baton", "key/330825111/ab": "a key"} {
		_, err := old.Put(t.Context(), key, []byte(value), 0)
		must(t, err)
	}

	fresh, to := openStore(t, t.TempDir())
	registry := &brittle{Registry: fresh}
	registry.left.Store(2)
	if _, err := hub.Move(t.Context(), from, hub.Stores{Journal: fresh, Registry: registry, Blobs: fresh}, county); !errors.Is(err, session.ErrUnavailable) {
		t.Fatalf("a move that was cut off: %v", err)
	}
	if _, err := hub.Open(t.Context(), hub.Config{County: county, Journal: old, Registry: old, Blobs: old}); err != nil {
		t.Errorf("the old store is closed before the hub has left it: %v", err)
	}
	moved, err := hub.Move(t.Context(), from, to, county)
	must(t, err)
	if moved.Runs != 3 || moved.Blobs != 1 || moved.Records != 3 {
		t.Errorf("moved %+v", moved)
	}
	there, err := hub.Open(t.Context(), hub.Config{County: county, Journal: fresh, Registry: fresh, Blobs: fresh})
	must(t, err)
	if there.Identity() != h.Identity() {
		t.Error("another hub came out")
	}
	if head, err := fresh.Head(t.Context(), county, l.Origin); err != nil || head.Seq != l.Seq || head.Hash != l.Hash {
		t.Errorf("the line stands at %+v, %v", head, err)
	}
	if run, err := fresh.Range(t.Context(), county, l.Origin, 1, l.Seq, 1<<20); err != nil || len(run.Entries) != 6 || len(run.Seal) == 0 {
		t.Errorf("the line reads %d entries, %v", len(run.Entries), err)
	}
	if got, err := fresh.Chunk(t.Context(), county, id, 0); err != nil || !bytes.Equal(got, chunk) {
		t.Errorf("the attachment reads %q, %v", got, err)
	}
	if got, _, err := fresh.Get(t.Context(), "baton/one"); err != nil || string(got) != "a baton" {
		t.Errorf("the baton is %q, %v", got, err)
	}
	before, err := session.EpochOf(t.Context(), old, county)
	must(t, err)
	if after, err := session.EpochOf(t.Context(), fresh, county); err != nil || after == before {
		t.Errorf("no epoch was begun: %v", err)
	}
	if _, err := hub.Open(t.Context(), hub.Config{County: county, Journal: old, Registry: old, Blobs: old}); !errors.Is(err, hub.ErrMoved) {
		t.Errorf("the store that was left opens: %v", err)
	}
	if _, err := hub.Move(t.Context(), from, to, county); err != nil {
		t.Errorf("moved again: %v", err)
	}
	must(t, hub.Await(t.Context(), fresh))
}

func TestMove_RefusesWhatIsNotWholeAndWhereAnotherLives(t *testing.T) {
	dir := t.TempDir()
	old, _ := openStore(t, dir)
	_, err := hub.Open(t.Context(), hub.Config{County: county, Journal: old, Registry: old, Blobs: old})
	must(t, err)
	_, all := runs(t, old)
	must(t, old.Close())
	spoiled(t, dir, all[0].Run.Entries[0])
	old, from := openStore(t, dir)
	fresh, to := openStore(t, t.TempDir())
	if _, err := hub.Move(t.Context(), from, to, county); !errors.Is(err, hub.ErrHoles) {
		t.Errorf("a store with a hole: %v", err)
	}
	_, errs := old.Append(t.Context(), county, all[:1])
	must(t, errs[0])
	if _, err := hub.Move(t.Context(), from, to, county+1); err == nil {
		t.Error("moved as another county")
	}
	_, err = hub.Open(t.Context(), hub.Config{County: county, Journal: fresh, Registry: fresh, Blobs: fresh})
	must(t, err)
	if _, err := hub.Move(t.Context(), from, to, county); !errors.Is(err, hub.ErrTaken) {
		t.Errorf("moved on top of another hub: %v", err)
	}
}
