package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"zw110/data/dbpages"
	"zw110/data/incident"
)

// filledStore returns a store with something in every bucket.
func filledStore(t testing.TB) *Store {
	t.Helper()
	s := create(t)
	for i := range 30 {
		appendAll(t, s, report(incidentNo(i), fmt.Sprint("张", i)), note(incidentNo(i), strings.Repeat("办", i)))
	}
	if _, err := s.PutBlob(Blob{Mime: "image/jpeg", Width: 2, Height: 1}, bytes.NewReader(bytes.Repeat([]byte("photo"), 3000))); err != nil {
		t.Fatal(err)
	}
	mark, err := s.Mark()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutFolds(1, mark, []Fold{{incidentNo(1), []byte("state")}}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetLocal("theme", []byte("dark")); err != nil {
		t.Fatal(err)
	}
	if err := s.SetHubRecord("baton", []byte("1")); err != nil {
		t.Fatal(err)
	}
	if err := s.SetAcked(s.Origin(), 3); err != nil {
		t.Fatal(err)
	}
	return s
}

func verify(t testing.TB, s *Store) Report {
	t.Helper()
	r, err := s.Verify(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerify_GoodStore(t *testing.T) {
	s := filledStore(t)
	last := 0
	r, err := s.Verify(context.Background(), func(done, total int) {
		if total != 60 || done < last {
			t.Errorf("progress %d of %d", done, total)
		}
		last = done
	})
	if err != nil || !reflect.DeepEqual(r, Report{Entries: 60, Origins: 1}) || last != 60 {
		t.Errorf("report %+v, error %v, progress %d", r, err, last)
	}
	if r := verify(t, reopen(t, s)); len(r.Faults) > 0 {
		t.Errorf("reopened: %+v", r)
	}
}

func TestVerify_StopsWithItsContext(t *testing.T) {
	s := filledStore(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Verify(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// tamper changes the database behind the store's back and returns what Verify says.
func tamper(t *testing.T, change func(s *Store, tx *bbolt.Tx) error) []Fault {
	t.Helper()
	s := filledStore(t)
	must(t, s.commitWhole("write the index", func(*bbolt.Tx, *chainState) ([]put, error) { return nil, nil }))
	if err := s.update("tamper", func(tx *bbolt.Tx) error { return change(s, tx) }); err != nil {
		t.Fatal(err)
	}
	return verify(t, s).Faults
}

func TestVerify_NamesWhatWasChanged(t *testing.T) {
	rewrite := func(bucket string, key func(s *Store) []byte, change func(v []byte) []byte) func(*Store, *bbolt.Tx) error {
		return func(s *Store, tx *bbolt.Tx) error {
			v, err := s.getValue(tx, bucket, key(s))
			if err != nil {
				return err
			}
			return s.putValue(tx, bucket, key(s), change(v))
		}
	}
	entryAt := func(n uint64) func(*Store) []byte {
		return func(s *Store) []byte { return entryKey(s.Origin(), n) }
	}
	for name, tc := range map[string]struct {
		change func(*Store, *bbolt.Tx) error
		seq    uint64
		what   string
	}{
		"entry bytes by someone with the key": {
			rewrite(bEntry, entryAt(5), func(v []byte) []byte { v[len(v)-1] ^= 1; return v }), 5, "does not link",
		},
		"entry with a forged chain": {
			rewrite(bEntry, entryAt(60), func(v []byte) []byte { v[3] ^= 1; return v }), 60, "does not link",
		},
		"entry gone": {func(s *Store, tx *bbolt.Tx) error {
			return tx.Bucket([]byte(bEntry)).Delete(entryAt(7)(s))
		}, 7, "missing"},
		"last entry gone": {func(s *Store, tx *bbolt.Tx) error {
			return tx.Bucket([]byte(bEntry)).Delete(entryAt(60)(s))
		}, 60, "ends at 59"},
		"entries swapped": {func(s *Store, tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(bEntry))
			x, y := bytes.Clone(b.Get(entryAt(3)(s))), bytes.Clone(b.Get(entryAt(4)(s)))
			return errors.Join(b.Put(entryAt(3)(s), y), b.Put(entryAt(4)(s), x))
		}, 3, "seal does not match"},
		"entry too many": {func(s *Store, tx *bbolt.Tx) error {
			return s.putValue(tx, bEntry, entryAt(61)(s), []byte("x"))
		}, 61, "beyond the end"},
		"head rolled back": {func(s *Store, tx *bbolt.Tx) error {
			var h headRecord
			o := s.Origin()
			if err := s.getRecord(tx, bHead, o[:], &h); err != nil {
				return err
			}
			h.SealHash[0] ^= 1
			return s.putRecord(tx, bHead, o[:], h)
		}, 60, "sealed"},
		"index key gone": {func(s *Store, tx *bbolt.Tx) error {
			id := incidentNo(0)
			return tx.Bucket([]byte(bIncident)).Delete(indexKey(id, entryAt(2)(s)))
		}, 2, "index"},
		"index key too many": {func(s *Store, tx *bbolt.Tx) error {
			return tx.Bucket([]byte(bIncident)).Put(indexKey(incidentNo(9), entryAt(2)(s)), nil)
		}, 0, "another incident"},
		"setting": {func(_ *Store, tx *bbolt.Tx) error {
			return tx.Bucket([]byte(bSetting)).Put([]byte("theme"), []byte{1, 2, 3})
		}, 0, "setting theme"},
		"wrapped key": {func(_ *Store, tx *bbolt.Tx) error {
			return tx.Bucket([]byte(bMeta)).Put([]byte(mWrapCode), []byte{1, 2, 3})
		}, 0, "wrapped keys"},
		"piece of a photo gone": {func(_ *Store, tx *bbolt.Tx) error {
			k, _ := tx.Bucket([]byte(bChunk)).Cursor().First()
			return tx.Bucket([]byte(bChunk)).Delete(k)
		}, 0, "piece 0 is missing"},
		"personal key": {func(_ *Store, tx *bbolt.Tx) error {
			k, v := tx.Bucket([]byte(bKey)).Cursor().Last()
			v = bytes.Clone(v)
			v[5] ^= 1
			return tx.Bucket([]byte(bKey)).Put(bytes.Clone(k), v)
		}, 0, "key 6b"},
	} {
		faults := tamper(t, tc.change)
		if len(faults) == 0 || faults[0].Seq != tc.seq || !strings.Contains(faults[0].What, tc.what) {
			t.Errorf("%s: faults %+v, want %q at %d", name, faults, tc.what, tc.seq)
		}
	}
}

// flipTest copies a closed store's files and opens the copy with one byte flipped.
type flipTest struct {
	raw, sum []byte
	p        Params
}

func newFlipTest(t *testing.T, withSum bool) flipTest {
	t.Helper()
	s := filledStore(t)
	closeStore(t, s)
	f := flipTest{p: s.p}
	f.p.Dir = filepath.Join(t.TempDir(), "copy")
	f.p.ConfigDir = ""
	if err := os.Mkdir(f.p.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var err error
	if f.raw, err = os.ReadFile(s.p.db()); err != nil {
		t.Fatal(err)
	}
	if withSum {
		if f.sum, err = os.ReadFile(s.p.sum()); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// try returns what finds the flip first: the error of Open, or Verify's first fault; or else everything that was read.
func (f flipTest) try(t *testing.T, at int, bit byte) (found string, entries []incident.Entry) {
	t.Helper()
	raw := bytes.Clone(f.raw)
	raw[at] ^= bit
	if err := os.WriteFile(f.p.file(fileDB), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := removeIfThere(f.p.file(fileSum)); err != nil {
		t.Fatal(err)
	}
	if f.sum != nil {
		if err := os.WriteFile(f.p.file(fileSum), f.sum, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f.p.ReadOnly = f.sum == nil // without checksums the deeper checks are to be tried too
	s, err := Open(f.p)
	if err != nil {
		return err.Error(), nil
	}
	defer closeStore(t, s)
	if r := verify(t, s); len(r.Faults) > 0 {
		return r.Faults[0].What, nil
	}
	return "", everything(t, s)
}

func TestFlip_AnyByteIsFoundInAClosedStore(t *testing.T) {
	f := newFlipTest(t, true)
	dir := t.TempDir()
	db, sum := filepath.Join(dir, "db"), filepath.Join(dir, "sum")
	if err := os.WriteFile(sum, f.sum, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(db, f.raw, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(db, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rng := seeded(t)
	const flips = 2000 // each reads the whole file
	for at := rng.IntN(16); at < len(f.raw); at += 1 + rng.IntN(2*len(f.raw)/flips) {
		flipped := f.raw[at] ^ 1<<rng.IntN(8)
		if _, err := file.WriteAt([]byte{flipped}, int64(at)); err != nil {
			t.Fatal(err)
		}
		faults, err := inspect(db, sum)
		if err != nil || len(faults) == 0 || !strings.Contains(faults[0].What, fmt.Sprintf("page %d:", at/dbpages.Size)) {
			t.Fatalf("byte %d flipped: faults %+v, error %v", at, faults, err)
		}
		if _, err := file.WriteAt(f.raw[at:at+1], int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	if faults, err := inspect(db, sum); err != nil || len(faults) > 0 {
		t.Errorf("whole again: %+v, %v", faults, err)
	}
	// The whole way through Open.
	for range 40 {
		at := rng.IntN(len(f.raw))
		if found, _ := f.try(t, at, 1<<rng.IntN(8)); !strings.Contains(found, fmt.Sprintf("page %d:", at/dbpages.Size)) {
			t.Errorf("byte %d flipped: %q", at, found)
		}
	}
}

func TestFlip_WithoutChecksumsNothingIsReadWrong(t *testing.T) {
	f := newFlipTest(t, false)
	_, want := f.try(t, 0, 0)
	if len(want) != 60 {
		t.Fatalf("%d entries", len(want))
	}
	rng := seeded(t)
	found, harmless := 0, 0
	var used []int // pages that hold anything; the file grows ahead of what is written
	for p := 0; p < len(f.raw); p += dbpages.Size {
		if page := f.raw[p:min(p+dbpages.Size, len(f.raw))]; len(bytes.Trim(page, "\x00")) > 0 {
			used = append(used, p)
		}
	}
	for range 200 {
		at := used[rng.IntN(len(used))] + rng.IntN(dbpages.Size)
		what, got := f.try(t, at, 1<<rng.IntN(8))
		switch {
		case what != "":
			found++
		case !reflect.DeepEqual(got, want):
			t.Errorf("byte %d flipped: read %d entries, other than written", at, len(got))
		default:
			harmless++
		}
	}
	t.Logf("%d flips found, %d in bytes that carry nothing", found, harmless)
	if found < harmless/8 {
		t.Errorf("only %d of %d flips found", found, found+harmless)
	}
}

func TestFlip_DamagedFileStaysAsItIsAndItsPageIsNamed(t *testing.T) {
	s := filledStore(t)
	closeStore(t, s)
	good, err := os.ReadFile(s.p.db())
	if err != nil {
		t.Fatal(err)
	}
	// Every page in turn, root pages of the whole file included: which page holds what differs from run to run.
	for page := 0; (page+1)*dbpages.Size <= len(good) && page < 60; page++ {
		raw := bytes.Clone(good)
		raw[page*dbpages.Size+100] ^= 4
		if err := os.WriteFile(s.p.db(), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("page %d:", page)
		_, err = Open(s.p)
		var e *Error
		if !errors.Is(err, ErrDamaged) || !errors.As(err, &e) || !strings.Contains(e.Place, name) {
			t.Fatalf("page %d: error %v", page, err)
		}
		if named := readOnly(t, s.p); !strings.Contains(named, name) {
			t.Errorf("page %d: a reader was told %q", page, named)
		}
		after, err := os.ReadFile(s.p.db())
		if err != nil || !bytes.Equal(after, raw) {
			t.Errorf("page %d: the damaged file was touched, error %v", page, err)
		}
	}
}

// readOnly opens a damaged store for reading and returns the first fault it names, from opening or from verifying.
func readOnly(t *testing.T, p Params) string {
	t.Helper()
	p.ReadOnly = true
	r, err := Open(p)
	if err != nil {
		return err.Error()
	}
	defer closeStore(t, r)
	rep := verify(t, r)
	if len(rep.Faults) == 0 {
		return ""
	}
	return rep.Faults[0].What
}
