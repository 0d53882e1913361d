package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
)

func TestBackup_RestoredHasEverythingAndANewIncarnation(t *testing.T) {
	s := filledStore(t)
	file := filepath.Join(t.TempDir(), "backup.zwb")
	must(t, s.Backup(t.Context(), file))
	want := everything(t, s)
	appendAll(t, s, note(incidentNo(1), "after the backup"))
	must(t, s.Backup(t.Context(), file+"2"))
	closeStore(t, s)

	p := params(filepath.Join(t.TempDir(), "fresh"))
	aside, err := Restore(p, file)
	if err != nil || aside != "" {
		t.Fatalf("aside %q, error %v", aside, err)
	}
	r := openStore(t, p)
	if r.Origin() == s.Origin() {
		t.Error("the restored store goes on in the old incarnation")
	}
	if got := everything(t, r); !reflect.DeepEqual(got, want) {
		t.Errorf("restored %d entries, want %d", len(got), len(want))
	}
	if rep := verify(t, r); len(rep.Faults) > 0 {
		t.Errorf("report %+v", rep)
	}
}

func TestRestore_MovesTheOldStoreAside(t *testing.T) {
	p, raw := stored(t)
	s := openStore(t, p)
	file := filepath.Join(t.TempDir(), "backup.zwb")
	must(t, s.Backup(t.Context(), file))
	if _, err := Restore(p, file); !errors.Is(err, ErrInUse) {
		t.Errorf("over an open store: %v", err)
	}
	closeStore(t, s)
	before, err := os.ReadFile(p.db())
	must(t, err)
	for range 2 {
		aside, err := Restore(p, file)
		if err != nil || !strings.HasSuffix(aside, ".old") {
			t.Fatalf("aside %q, error %v", aside, err)
		}
		if before != nil {
			kept, err := os.ReadFile(aside)
			if err != nil || !bytes.Equal(kept, before) {
				t.Errorf("what was moved aside changed, error %v", err)
			}
			before = nil
		}
	}
	olds, err := filepath.Glob(p.file("*.old"))
	if err != nil || len(olds) != 2 || len(raw) == 0 {
		t.Errorf("moved aside: %v, error %v", olds, err)
	}
	if got := everything(t, openStore(t, p)); len(got) != 2 {
		t.Errorf("%d entries", len(got))
	}
}

func TestRestore_RefusesADamagedBackupAndKeepsTheStore(t *testing.T) {
	p, _ := stored(t)
	s := openStore(t, p)
	file := filepath.Join(t.TempDir(), "backup.zwb")
	must(t, s.Backup(t.Context(), file))
	closeStore(t, s)
	before, err := os.ReadFile(p.db())
	must(t, err)
	good, err := os.ReadFile(file)
	must(t, err)
	rng := seeded(t)
	for range 30 {
		at := rng.IntN(len(good))
		bad := bytes.Clone(good)
		bad[at] ^= 1 << rng.IntN(8)
		must(t, os.WriteFile(file, bad, 0o600))
		if _, err := Restore(p, file); !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d flipped: %v", at, err)
		}
	}
	if _, err := Restore(p, file+"x"); !errors.Is(err, ErrPath) {
		t.Errorf("no backup: %v", err)
	}
	if _, err := Restore(p, t.TempDir()); !errors.Is(err, ErrPath) {
		t.Errorf("a folder as backup: %v", err)
	}
	wantUntouched(t, p, before)
}

func TestBackup_BadOneNeverReplacesAGoodOne(t *testing.T) {
	s := filledStore(t)
	file := filepath.Join(t.TempDir(), "backup.zwb")
	must(t, s.Backup(t.Context(), file))
	good, err := os.ReadFile(file)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Backup(ctx, file); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	now, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(now, good) {
		t.Errorf("the good backup changed, error %v", err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*.new*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
	if err := s.Backup(t.Context(), s.p.db()); !errors.Is(err, ErrInvalid) {
		t.Errorf("over the store itself: %v", err)
	}
	if err := s.Backup(t.Context(), filepath.Join(s.p.Dir, "no", "folder")); !errors.Is(err, ErrPath) {
		t.Errorf("into no folder: %v", err)
	}
}

func TestBackup_WhileOthersWrite(t *testing.T) {
	s := filledStore(t)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			if _, err := s.Append([]Draft{note(incidentNo(3), "weiter")}); err != nil {
				ended <- err
				return
			}
		}
	}()
	for range 3 {
		must(t, s.Backup(t.Context(), filepath.Join(t.TempDir(), "b")))
	}
	close(stop)
	must(t, <-ended)
	if r := verify(t, s); len(r.Faults) > 0 {
		t.Errorf("report %+v", r)
	}
}

func TestEraseKey_NothingOfTheKeyStaysInTheFile(t *testing.T) {
	s := filledStore(t)
	made := everything(t, s)[0]
	k := made.Fact.KeyID
	wrapped := valueOf(t, s, bKey, append([]byte{keyByID}, k[:]...))
	must(t, s.EraseKeys(330825111, incidentNo(1), k))
	s = reopen(t, s)
	s = reopen(t, s)
	raw, err := os.ReadFile(s.p.db())
	must(t, err)
	if bytes.Contains(raw, wrapped) {
		t.Error("the wrapped key is still in a free page")
	}
	if r := verify(t, s); len(r.Faults) > 0 || r.Entries != 60 {
		t.Errorf("report %+v", r)
	}
}

func valueOf(t *testing.T, s *Store, bucket string, key []byte) (sealed []byte) {
	t.Helper()
	tx, err := s.db.Begin(false)
	must(t, err)
	sealed = bytes.Clone(tx.Bucket([]byte(bucket)).Get(key))
	must(t, tx.Rollback())
	if sealed == nil {
		t.Fatalf("no %x in %s", key, bucket)
	}
	return sealed
}

func TestEraseEntry_ChainStaysWhole(t *testing.T) {
	s := filledStore(t)
	must(t, s.EraseEntry(s.Origin(), 5))
	must(t, s.EraseEntry(s.Origin(), 5))
	if err := s.EraseEntry(s.Origin(), 999); !errors.Is(err, ErrGap) {
		t.Errorf("one that is not there: %v", err)
	}
	s = reopen(t, s)
	if got := everything(t, s); len(got) != 59 {
		t.Errorf("%d entries", len(got))
	}
	if r := verify(t, s); len(r.Faults) > 0 || r.Entries != 60 {
		t.Errorf("report %+v", r)
	}
}

func TestBlob_ComesBackAndIsStoredOnce(t *testing.T) {
	s := create(t)
	rng := seeded(t)
	for _, size := range []int{1, ChunkSize - 1, ChunkSize, ChunkSize + 1, 5*ChunkSize + 17} {
		content := make([]byte, size)
		for i := range content {
			content[i] = byte(rng.Uint32())
		}
		info := Blob{Mime: "image/jpeg", Width: 2048, Height: 1536}
		id, err := s.PutBlob(info, bytes.NewReader(content))
		must(t, err)
		again, err := s.PutBlob(info, bytes.NewReader(content))
		if err != nil || again != id {
			t.Errorf("size %d: other ID %x for the same content, error %v", size, again, err)
		}
		got, r, err := s.OpenBlob(id)
		must(t, err)
		back, err := io.ReadAll(r)
		info.Size = uint64(size)
		if err != nil || got != info || !bytes.Equal(back, content) {
			t.Errorf("size %d: %+v with %d bytes, error %v", size, got, len(back), err)
		}
	}
	if _, err := s.PutBlob(Blob{}, strings.NewReader("")); !errors.Is(err, ErrInvalid) {
		t.Errorf("empty: %v", err)
	}
	if _, err := s.PutBlob(Blob{}, io.LimitReader(zeros{}, MaxBlob+1)); !errors.Is(err, ErrTooBig) {
		t.Errorf("65 MiB: %v", err)
	}
	if _, _, err := s.OpenBlob(BlobID{1}); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	if r := verify(t, s); len(r.Faults) > 0 {
		t.Errorf("report %+v", r)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func setFormat(t *testing.T, s *Store, version uint32) {
	t.Helper()
	must(t, s.update("set the format", func(tx *bbolt.Tx) error {
		return s.putPlain(tx, mFormat, binary.BigEndian.AppendUint32(nil, version))
	}))
}

func TestMigrate_StepsInOrderEachOnce(t *testing.T) {
	p, _ := stored(t)
	s := openStore(t, p)
	setFormat(t, s, 0)
	var ran []uint32
	step := func(from uint32, err error) migration {
		return migration{from: from, run: func(*Store, *bbolt.Tx) error { ran = append(ran, from); return err }}
	}
	broken := errors.New("broken")
	if err := s.migrate([]migration{step(0, broken)}); !errors.Is(err, broken) {
		t.Fatalf("error %v", err)
	}
	if v, err := s.format(); err != nil || v != 0 {
		t.Errorf("after a broken step: format %d, %v", v, err)
	}
	ran = nil
	must(t, s.migrate([]migration{step(0, nil), step(1, nil), step(7, nil)}))
	if v, err := s.format(); err != nil || v != 2 || !reflect.DeepEqual(ran, []uint32{0, 1}) {
		t.Errorf("format %d after steps %v, %v", v, ran, err)
	}
	setFormat(t, s, FormatVersion)
	if r := verify(t, s); len(r.Faults) > 0 {
		t.Errorf("report %+v", r)
	}
	s.p.ReadOnly = true
	if err := s.migrate([]migration{step(FormatVersion, nil)}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("read-only: %v", err)
	}
	s.p.ReadOnly = false
}

func TestReadOnly_WritesNothing(t *testing.T) {
	p, raw := stored(t)
	p.ReadOnly = true
	s := openStore(t, p)
	if _, err := s.Append([]Draft{note(incident.IncidentID{1}, "x")}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("append: %v", err)
	}
	if err := s.SetLocal("a", []byte("b")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("setting: %v", err)
	}
	if got := everything(t, s); len(got) != 2 {
		t.Errorf("%d entries", len(got))
	}
	w := p
	w.ReadOnly = false
	var e *Error
	if _, err := Open(w); !errors.Is(err, ErrInUse) || !errors.As(err, &e) {
		t.Errorf("writer beside a reader: %v", err)
	}
	closeStore(t, s)
	wantUntouched(t, p, raw)
}
