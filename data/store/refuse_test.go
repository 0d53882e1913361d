package store

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"zw110/data/dbpages"
)

// stored returns a closed store with some entries and the bytes of its file.
func stored(t *testing.T) (Params, []byte) {
	t.Helper()
	p := params(filepath.Join(t.TempDir(), "store"))
	s, err := Create(p)
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, report(incidentNo(1), "张三"), note(incidentNo(1), "已核实"))
	closeStore(t, s)
	raw, err := os.ReadFile(s.p.db())
	if err != nil {
		t.Fatal(err)
	}
	return s.p, raw
}

func wantUntouched(t *testing.T, p Params, raw []byte) {
	t.Helper()
	now, err := os.ReadFile(p.db())
	if err != nil || !bytes.Equal(now, raw) {
		t.Errorf("the file was touched, error %v", err)
	}
}

func TestOpen_RefusesWithAReasonAndLeavesTheFileAlone(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, p Params)
		kind  Kind
	}{
		"no store":   {func(t *testing.T, p Params) { must(t, os.Remove(p.db())) }, ErrNotFound},
		"garbage":    {func(t *testing.T, p Params) { must(t, os.WriteFile(p.db(), bytes.Repeat([]byte("x"), 9000), 0o600)) }, ErrDamaged},
		"cut short":  {func(t *testing.T, p Params) { must(t, os.Truncate(p.db(), 3*dbpages.Size)) }, ErrDamaged},
		"empty file": {func(t *testing.T, p Params) { must(t, os.Truncate(p.db(), 0)) }, ErrDamaged},
		"newer file": {newer, ErrNewer},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := stored(t)
			c.spoil(t, p)
			raw, readErr := os.ReadFile(p.db())
			_, err := Open(p)
			var e *Error
			if !errors.Is(err, c.kind) || !errors.As(err, &e) || e.Key() == "" {
				t.Fatalf("got %v, want %s", err, c.kind)
			}
			if readErr == nil {
				wantUntouched(t, p, raw)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newer makes the file one of a later program.
func newer(t *testing.T, p Params) {
	t.Helper()
	db, err := bbolt.Open(p.db(), 0o600, nil)
	must(t, err)
	must(t, db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bMeta)).Put([]byte(mFormat), binary.BigEndian.AppendUint32(nil, FormatVersion+1))
	}))
	must(t, db.Close())
	must(t, removeIfThere(p.file(fileSum)))
}

func TestOpen_SecondStartIsToldWhoHasTheStore(t *testing.T) {
	p, _ := stored(t)
	p.Socket = filepath.Join(t.TempDir(), "raise.sock")
	s := openStore(t, p)
	_, err := Open(p)
	var e *Error
	if !errors.Is(err, ErrInUse) || !errors.As(err, &e) || e.Holder == nil || e.Holder.PID != os.Getpid() || e.Holder.Socket != p.Socket {
		t.Fatalf("got %+v", err)
	}
	appendAll(t, s, note(incidentNo(1), "the first goes on"))
}

func TestAppend_DiskFullKeepsWhatIsThere(t *testing.T) {
	p, raw := stored(t)
	p.MaxSize = len(raw)
	s := openStore(t, p)
	big := note(incidentNo(2), string(bytes.Repeat([]byte("满"), 15000)))
	written := 0
	var err error
	for range 2000 {
		if _, err = s.Append([]Draft{big}); err != nil {
			break
		}
		written++
	}
	if !errors.Is(err, ErrDiskFull) {
		t.Fatalf("after %d entries: %v, want a full disk", written, err)
	}
	if got := len(everything(t, s)); got != 2+written {
		t.Errorf("%d entries, want %d", got, 2+written)
	}
	closeStore(t, s)
	p.MaxSize = 0
	again := openStore(t, p)
	if got := len(everything(t, again)); got != 2+written {
		t.Errorf("reopened: %d entries, want %d", got, 2+written)
	}
	appendAll(t, again, note(incidentNo(2), "there is room again"))
}

func TestOpen_ReadOnlyFolderIsRefusedInWords(t *testing.T) {
	if os.Geteuid() == 0 {
		// Root writes everywhere: the rule is tried on a file in the folder's place instead.
		file := filepath.Join(t.TempDir(), "file")
		must(t, os.WriteFile(file, nil, 0o600))
		if _, err := Create(params(filepath.Join(file, "store"))); err == nil {
			t.Error("a store was made inside a file")
		}
		return
	}
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o500))
	if _, err := Create(params(filepath.Join(dir, "store"))); !errors.Is(err, ErrReadOnly) {
		t.Errorf("got %v, want read only", err)
	}
}

func TestOpen_GoldenStoreOfTheFirstFormat(t *testing.T) {
	golden, err := zip.OpenReader("testdata/v1.zip")
	must(t, err)
	defer golden.Close()
	dir := filepath.Join(t.TempDir(), "v1")
	must(t, os.CopyFS(dir, golden))
	p := params(dir)
	p.ConfigDir = filepath.Join(dir, dirConfig)
	for _, readOnly := range []bool{true, false} {
		p.ReadOnly = readOnly
		s := openStore(t, p)
		if got := everything(t, s); len(got) != 2 || got[0].Fact == nil || got[0].Fact.Title != "噪音扰民" {
			t.Errorf("the golden store reads %+v", got)
		}
		if r := verify(t, s); len(r.Faults) > 0 {
			t.Errorf("faults %+v", r.Faults)
		}
		if lines, err := s.Lines(); err != nil || len(lines) == 0 || !lines[len(lines)-1].Current {
			t.Errorf("lines %+v, error %v", lines, err)
		}
		closeStore(t, s)
	}
}
