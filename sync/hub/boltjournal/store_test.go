package boltjournal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"

	"zw110/sync/hub/contract"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// damage flips one bit of an entry in the county's file, as a disk would.
func damage(t *testing.T, dir string, entry []byte) {
	t.Helper()
	path := (&Store{p: Params{Dir: dir}}).countyFile(contract.County)
	raw, err := os.ReadFile(path)
	noError(t, err)
	found := false
	for i := bytes.Index(raw, entry); i >= 0; {
		raw[i+len(entry)/2] ^= 0x10
		found = true
		next := bytes.Index(raw[i+1:], entry)
		if next < 0 {
			break
		}
		i += 1 + next
	}
	if !found {
		t.Fatal("the entry is not in the file")
	}
	noError(t, os.WriteFile(path, raw, 0o600))
}

func TestVerify_DamageBecomesAHoleAndIsHealed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	l := line(t, s, 0)
	appendRun(t, s, l)
	lost := appendRun(t, s, l)
	appendRun(t, s, l)
	clean(t, s)
	noError(t, s.Close())
	damage(t, dir, lost.Run.Entries[1])

	s = open(t, dir)
	report, err := s.Verify(t.Context(), contract.County, nil)
	noError(t, err)
	want := wire.Span{Origin: l.Origin, From: 4, To: 6}
	if len(report.Holes) != 1 || report.Holes[0] != want || len(report.Faults) > 0 || report.Records != 3 || report.Entries != 6 {
		t.Fatalf("report %+v", report)
	}
	if _, err := s.Range(t.Context(), contract.County, l.Origin, 4, 6, 1<<20); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("range of the hole: %v", err)
	}
	if run, err := s.Range(t.Context(), contract.County, l.Origin, 1, 9, 1<<20); err != nil || run.Last() != 3 {
		t.Errorf("range up to the hole ends at %d: %v", run.Last(), err)
	}
	records, to, err := s.Feed(t.Context(), contract.County, 0, 10)
	if err != nil || len(records) != 2 || to != 3 {
		t.Errorf("feed around the hole: %d records to %d, %v", len(records), to, err)
	}

	other := lost
	other.Run.First, other.Run.Entries, other.Items = 5, lost.Run.Entries[1:], lost.Items[1:]
	if _, errs := s.Append(t.Context(), contract.County, []session.HubRun{other}); errs[0] == nil {
		t.Error("half a hole was taken")
	}
	stamps, errs := s.Append(t.Context(), contract.County, []session.HubRun{lost})
	if errs[0] != nil || stamps[0].Pos != 4 {
		t.Fatalf("the hole was not filled: %+v, %v", stamps, errs)
	}
	clean(t, s)
	if run, err := s.Range(t.Context(), contract.County, l.Origin, 1, 9, 1<<20); err != nil || run.Last() != 9 {
		t.Errorf("range over what was the hole ends at %d: %v", run.Last(), err)
	}
	if entries, err := s.Incident(t.Context(), contract.County, contract.IncidentNo(0)); err != nil || len(entries) != 3 {
		t.Errorf("%d entries of the incident, %v", len(entries), err)
	}
	if stamps, errs := s.Append(t.Context(), contract.County, []session.HubRun{lost}); errs[0] != nil || stamps[0].Pos != 4 {
		t.Errorf("given again: %+v, %v", stamps, errs)
	}
	appendRun(t, s, l)
	clean(t, s)
}

func TestDamage_FoundByWhoeverReadsFirst(t *testing.T) {
	for name, read := range map[string]func(s *Store, l *contract.Line) error{
		"feed": func(s *Store, _ *contract.Line) error {
			_, _, err := s.Feed(context.Background(), contract.County, 0, 10)
			return err
		},
		"hash": func(s *Store, l *contract.Line) error {
			if _, err := s.HashAt(context.Background(), contract.County, l.Origin, 2); !errors.Is(err, session.ErrNotFound) {
				return errors.New("a hash inside a damaged run")
			}
			return nil
		},
		"incident": func(s *Store, _ *contract.Line) error {
			_, err := s.Incident(context.Background(), contract.County, contract.IncidentNo(0))
			return err
		},
		"append": func(s *Store, l *contract.Line) error {
			first, err := contract.NewLine(1, 1, contract.TownA)
			if err != nil {
				return err
			}
			run, err := first.Run(contract.Entry{Incident: 0, Scope: contract.TownA, Text: "one"}, contract.Entry{Incident: 1, Scope: contract.TownB, Text: "two"})
			if err != nil {
				return err
			}
			if _, errs := s.Append(context.Background(), contract.County, []session.HubRun{run}); !errors.Is(errs[0], session.ErrNotFound) {
				return errors.New("part of a damaged run was judged")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			l := line(t, s, 0)
			lost := appendRun(t, s, l)
			noError(t, s.Close())
			damage(t, dir, lost.Run.Entries[0])
			s = open(t, dir)
			noError(t, read(s, l))
			holes, err := s.Holes(t.Context(), contract.County)
			if err != nil || len(holes) != 1 || holes[0] != (wire.Span{Origin: l.Origin, From: 1, To: 3}) {
				t.Errorf("holes %+v, %v", holes, err)
			}
		})
	}
}

func TestBackup_RestoredWithAppendFilesBeginsAnEpoch(t *testing.T) {
	dir, logs := t.TempDir(), t.TempDir()
	p := params(dir)
	p.LogDir = logs
	s, err := Open(p)
	noError(t, err)
	l := line(t, s, 0)
	appendRun(t, s, l)
	noErrorPut(t, s, "desk/1", "one", 0)
	var copied bytes.Buffer
	seen := int64(0)
	noError(t, s.Backup(t.Context(), &copied, func(done, total int64) { seen = done }))
	if seen == 0 {
		t.Error("no progress")
	}
	appendRun(t, s, l)
	revision := noErrorPut(t, s, "desk/2", "two", 0)
	noErrorPut(t, s, "desk/2", "deux", revision)

	fresh, old := t.TempDir(), epochOf(t, s)
	noError(t, s.Close())
	files, err := filepath.Glob(filepath.Join(logs, "*"))
	noError(t, err)
	if len(files) != 2 {
		t.Fatalf("append files %v", files)
	}
	torn, err := os.ReadFile(files[1])
	noError(t, err)
	noError(t, os.WriteFile(files[1], append(torn, 0, 0, 1), 0o600))
	noError(t, Restore(fresh, bytes.NewReader(copied.Bytes()), files))
	s = open(t, fresh)
	if got := line(t, s, 0); got.Seq != l.Seq || got.Hash != l.Hash {
		t.Errorf("the line ends at %d, not %d", got.Seq, l.Seq)
	}
	if epochOf(t, s) == old {
		t.Error("no epoch was begun")
	}
	for key, want := range map[string]string{"desk/1": "one", "desk/2": "deux"} {
		if got, _, err := s.Get(t.Context(), key); err != nil || string(got) != want {
			t.Errorf("record %s is %q, %v", key, got, err)
		}
	}
	clean(t, s)
	if err := Restore(fresh, bytes.NewReader(copied.Bytes()), nil); err == nil {
		t.Error("restored over a store")
	}
}

func noErrorPut(t *testing.T, s *Store, key, value string, revision uint64) uint64 {
	t.Helper()
	next, err := s.Put(t.Context(), key, []byte(value), revision)
	noError(t, err)
	return next
}

// Desks know the hub by its key: with another one they would all stay away from a restored hub.
func TestBackup_HoldsTheCertificates(t *testing.T) {
	dir, fresh := t.TempDir(), t.TempDir()
	s := open(t, dir)
	for name, text := range map[string]string{"hub.crt": "public", "hub.key": "private", "notes.txt": "none"} {
		noError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	var copied bytes.Buffer
	noError(t, s.Backup(t.Context(), &copied, nil))
	noError(t, Restore(fresh, &copied, nil))
	for name, want := range map[string]string{"hub.crt": "public", "hub.key": "private"} {
		got, err := os.ReadFile(filepath.Join(fresh, name))
		if err != nil || string(got) != want {
			t.Errorf("%s restored as %q, error %v", name, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(fresh, "notes.txt")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is no part of the hub was restored: %v", err)
	}
}

func TestBackup_ConsistentUnderWriters(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	l := line(t, s, 0)
	appendRun(t, s, l)
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			appendRun(t, s, l)
		}
	}()
	fresh := t.TempDir()
	var copied bytes.Buffer
	noError(t, s.Backup(t.Context(), &copied, nil))
	cancel()
	<-done
	noError(t, Restore(fresh, &copied, nil))
	restored := open(t, fresh)
	clean(t, restored)
	if line(t, restored, 0).Seq == 0 {
		t.Error("the copy is empty")
	}
	cut, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Backup(cut, &copied, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func epochOf(t *testing.T, s *Store) wire.Epoch {
	t.Helper()
	_, err := s.Heads(t.Context(), contract.County)
	noError(t, err)
	epoch, err := session.EpochOf(t.Context(), s, contract.County)
	noError(t, err)
	return epoch
}

func TestLife_FileMadeAnewBeginsAnEpoch(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	first := epochOf(t, s)
	noError(t, s.Close())
	s = open(t, dir)
	if epochOf(t, s) != first {
		t.Error("a restart began an epoch")
	}
	noError(t, s.Close())
	noError(t, os.Remove(s.countyFile(contract.County)))
	for range 2 {
		s := open(t, dir)
		second := epochOf(t, s)
		if second == first {
			t.Error("no epoch was begun")
		}
		noError(t, s.Close())
	}
}

func TestCounty_OpensAgainAfterAFailure(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	path := s.countyFile(contract.County)
	noError(t, os.WriteFile(path, []byte("not a database, and long enough to be looked at as one"), 0o600))
	if _, err := s.Heads(t.Context(), contract.County); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("heads of a broken file: %v", err)
	}
	noError(t, os.Remove(path))
	appendRun(t, s, line(t, s, 0))
}

func TestBlobs_CutOffMidwayResumes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	const chunks = 40
	content := bytes.Repeat([]byte("0123456789abcdef"), chunks*wire.BlobChunkSize/16)
	m := wire.Manifest{Version: 1, Size: uint64(len(content)), Mime: "image/jpeg", ChunkSize: wire.BlobChunkSize}
	for i := range chunks {
		content[i*wire.BlobChunkSize] = byte(i)
		m.Chunks = append(m.Chunks, sha256.Sum256(content[i*wire.BlobChunkSize:(i+1)*wire.BlobChunkSize]))
	}
	raw, err := cbor.Marshal(m)
	noError(t, err)
	id, err := s.Begin(t.Context(), contract.County, raw)
	noError(t, err)
	put := func(i int) {
		t.Helper()
		noError(t, s.PutChunk(t.Context(), contract.County, id, uint32(i), content[i*wire.BlobChunkSize:(i+1)*wire.BlobChunkSize]))
	}
	for i := range 20 {
		put(i)
	}
	noError(t, s.Close())
	// Power is cut: what was not synced is gone from the file, though the file is as long.
	base := s.blobs.base(contract.County, id)
	part, err := os.OpenFile(base+suffixPart, os.O_WRONLY, 0)
	noError(t, err)
	_, err = part.WriteAt(make([]byte, 4*wire.BlobChunkSize), 16*wire.BlobChunkSize)
	noError(t, errors.Join(err, part.Close()))

	s = open(t, dir)
	have, whole, err := s.Have(t.Context(), contract.County, id)
	if err != nil || whole || hex.EncodeToString(have) != "ffff000000" {
		t.Fatalf("have %x, %v, %v", have, whole, err)
	}
	for i := 16; i < chunks; i++ {
		put(i)
	}
	// A bit flips before it is whole: that chunk is wanted again.
	part, err = os.OpenFile(base+suffixPart, os.O_WRONLY, 0)
	noError(t, err)
	_, err = part.WriteAt([]byte{0xff}, 3*wire.BlobChunkSize+5)
	noError(t, errors.Join(err, part.Close()))
	if err := s.Finish(t.Context(), contract.County, id); !errors.Is(err, session.ErrBlob) {
		t.Fatalf("finish with a damaged chunk: %v", err)
	}
	if have, _, err = s.Have(t.Context(), contract.County, id); err != nil || hex.EncodeToString(have) != "f7ffffffff" {
		t.Fatalf("have %x, %v", have, err)
	}
	put(3)
	noError(t, s.Finish(t.Context(), contract.County, id))
	got, err := s.Chunk(t.Context(), contract.County, id, 3)
	if err != nil || !bytes.Equal(got, content[3*wire.BlobChunkSize:4*wire.BlobChunkSize]) {
		t.Errorf("chunk 3: %v", err)
	}
	if _, err := os.Stat(base + suffixHave); err == nil {
		t.Error("the bitmap was left behind")
	}
}

func TestOpen_OneProcessOnly(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := Open(params(dir)); !errors.Is(err, bbolt.ErrTimeout) {
		t.Errorf("opened twice: %v", err)
	}
}
