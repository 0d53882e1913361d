package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"zw110/data/incident"
)

// copyDir copies a store's folder as a person with a file manager would.
func copyDir(t *testing.T, from, to string) {
	t.Helper()
	must(t, os.CopyFS(to, os.DirFS(from)))
}

func originAfter(t *testing.T, p Params) incident.Origin {
	t.Helper()
	s, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	origin := s.Origin()
	closeStore(t, s)
	return origin
}

func TestAnchor_SameFolderSameIncarnation(t *testing.T) {
	p, _ := stored(t)
	first := originAfter(t, p)
	for range 3 {
		if got := originAfter(t, p); got != first {
			t.Fatalf("origin %x, was %x", got, first)
		}
	}
}

func TestAnchor_CrashBetweenStoreAndFileIsNoRestore(t *testing.T) {
	p, _ := stored(t)
	first := originAfter(t, p)
	path := anchorPath(p.ConfigDir, anchorName(t, p), p.Dir)
	before, err := os.ReadFile(path)
	must(t, err)
	originAfter(t, p) // moves both on
	must(t, os.WriteFile(path, before, 0o600))
	if got := originAfter(t, p); got != first {
		t.Error("the anchor file one step behind made a new incarnation")
	}
}

func anchorName(t *testing.T, p Params) string {
	t.Helper()
	s, err := Open(p)
	must(t, err)
	defer closeStore(t, s)
	return storeName(s.id)
}

func TestAnchor_NewIncarnationWhenTheFolderIsNotTheOneClosedLast(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, p Params) Params{
		"database put back": func(t *testing.T, p Params) Params {
			old, err := os.ReadFile(p.db())
			must(t, err)
			originAfter(t, p)
			originAfter(t, p)
			must(t, os.WriteFile(p.db(), old, 0o600))
			return p
		},
		"database put back within one session": func(t *testing.T, p Params) Params {
			s, err := Open(p)
			must(t, err)
			file := filepath.Join(t.TempDir(), "copy")
			must(t, s.copyTo(t.Context(), file))
			appendAll(t, s, note(incidentNo(1), "after the copy"))
			closeStore(t, s)
			must(t, os.Rename(file, p.db()))
			return p
		},
		"folder copied elsewhere": func(t *testing.T, p Params) Params {
			to := filepath.Join(t.TempDir(), "elsewhere")
			copyDir(t, p.Dir, to)
			p.Dir, p.ConfigDir = to, ""
			return p
		},
		"configuration folder wiped": func(t *testing.T, p Params) Params {
			must(t, os.RemoveAll(p.ConfigDir))
			return p
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := stored(t)
			first := originAfter(t, p)
			p = spoil(t, p)
			s := openStore(t, p)
			if s.Origin() == first {
				t.Fatal("still the old incarnation")
			}
			if second := s.Origin(); !bytes.Equal(first[:16], second[:16]) {
				t.Error("another desk")
			}
			entries := appendAll(t, s, note(incidentNo(1), "in the new one"))
			if entries[0].Seq != 1 {
				t.Errorf("the new journal begins at %d", entries[0].Seq)
			}
			if got := everything(t, s); len(got) != 3 {
				t.Errorf("%d entries, want the old 2 and the new one", len(got))
			}
			if r := verify(t, s); len(r.Faults) > 0 || r.Origins != 2 {
				t.Errorf("report %+v", r)
			}
		})
	}
}

func TestNewIncarnation_KeepsTheOldJournal(t *testing.T) {
	s := filledStore(t)
	old := s.Origin()
	fresh, err := s.NewIncarnation()
	if err != nil || fresh == old || s.Origin() != fresh {
		t.Fatalf("origin %x after %x, error %v", fresh, old, err)
	}
	if r := verify(t, s); r.Origins != 1 || len(r.Faults) > 0 {
		t.Errorf("before its first entry: %+v", r)
	}
	before := s.Now()
	e := appendAll(t, s, note(incidentNo(1), "新的一行"))
	if e[0].Seq != 1 || e[0].Origin != fresh || e[0].HLC <= before {
		t.Errorf("first entry %+v, clock stood at %d", e[0], before)
	}
	s = reopen(t, s)
	if s.Origin() != fresh {
		t.Error("forgotten at closing")
	}
	if r := verify(t, s); r.Origins != 2 || r.Entries != 61 || len(r.Faults) > 0 {
		t.Errorf("report %+v", r)
	}
}

func TestClock_NeverFallsBackOverARestart(t *testing.T) {
	p, _ := stored(t)
	s := openStore(t, p)
	ahead := note(incidentNo(1), "from a desk set to next year")
	ahead.Wall = testStart.Add(365 * 24 * 3600e9)
	last := appendAll(t, s, ahead)[0].HLC
	s = reopen(t, s)
	if got := appendAll(t, s, note(incidentNo(1), "x"))[0].HLC; got <= last {
		t.Errorf("clock %d after %d", got, last)
	}
}

// fakeKeys is a key store in memory; broken makes it refuse.
type fakeKeys struct {
	secrets map[string][]byte
	broken  bool
}

func (f *fakeKeys) Get(name string) ([]byte, error) {
	if f.broken {
		return nil, errors.New("locked")
	}
	if secret, ok := f.secrets[name]; ok {
		return secret, nil
	}
	return nil, ErrNotFound
}

func (f *fakeKeys) Set(name string, secret []byte) error {
	if f.broken {
		return errors.New("locked")
	}
	f.secrets[name] = secret
	return nil
}

// realStore makes a store that is not for exercises, and closes it.
func realStore(t *testing.T, keys *fakeKeys) (p Params, code string) {
	t.Helper()
	base := t.TempDir()
	p = Params{Dir: filepath.Join(base, "store"), ConfigDir: filepath.Join(base, "config"), Clock: tick(), KeyStore: keys}
	s, err := Create(p)
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, report(incidentNo(1), "张三"))
	code = s.RecoveryCode()
	warned := len(s.Warnings()) > 0
	closeStore(t, s)
	if !keys.broken && warned {
		t.Error("warned of a key file although the key store took the key")
	}
	return s.p, code
}

func TestKey_InTheKeyStoreIfItTakesIt(t *testing.T) {
	keys := &fakeKeys{secrets: map[string][]byte{}}
	p, _ := realStore(t, keys)
	files, err := filepath.Glob(filepath.Join(p.ConfigDir, "*.key"))
	if err != nil || len(files) > 0 || len(keys.secrets) != 1 {
		t.Errorf("key files %v, %d in the key store, error %v", files, len(keys.secrets), err)
	}
	s := openStore(t, p)
	if got := everything(t, s); len(got) != 1 || got[0].Fact.Reporter == nil {
		t.Errorf("read %+v", got)
	}
}

func TestKey_InAFileOfOneUserWithAWarningElse(t *testing.T) {
	keys := &fakeKeys{broken: true}
	p, _ := realStore(t, keys)
	files, err := filepath.Glob(filepath.Join(p.ConfigDir, "*.key"))
	if err != nil || len(files) != 1 {
		t.Fatalf("key files %v, error %v", files, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	s := openStore(t, p)
	if w := s.Warnings(); len(w) != 1 || w[0] != "store.warn.key_file" {
		t.Errorf("warnings %v", w)
	}
}

func TestKey_RecoveryCodeOpensOnAnotherComputer(t *testing.T) {
	p, code := realStore(t, &fakeKeys{secrets: map[string][]byte{}})
	p.ConfigDir = filepath.Join(t.TempDir(), "other")
	other := &fakeKeys{secrets: map[string][]byte{}}
	p.KeyStore = other
	raw, err := os.ReadFile(p.db())
	must(t, err)
	if _, err := Open(p); !errors.Is(err, ErrNoKey) {
		t.Fatalf("without the key: %v", err)
	}
	for wrong, want := range map[string]error{newCode(): ErrCode, "ABCD": ErrCode} {
		q := p
		q.RecoveryCode = wrong
		if _, err := Open(q); !errors.Is(err, want) {
			t.Errorf("code %q: %v", wrong, err)
		}
	}
	wantUntouched(t, p, raw)
	q := p
	q.RecoveryCode = " " + string(bytes.ToLower([]byte(code))) + " "
	s, err := Open(q)
	must(t, err)
	closeStore(t, s)
	s = openStore(t, p) // the key stays here from now on
	if got := everything(t, s); len(got) != 1 {
		t.Errorf("read %+v", got)
	}
}

func TestNewRecoveryCode_OldSheetOpensNothingMore(t *testing.T) {
	p, code := realStore(t, &fakeKeys{secrets: map[string][]byte{}})
	s := openStore(t, p)
	if _, err := s.NewRecoveryCode(newCode()); !errors.Is(err, ErrCode) {
		t.Errorf("replaced with a wrong code: %v", err)
	}
	fresh, err := s.NewRecoveryCode(code)
	must(t, err)
	if r := verify(t, s); len(r.Faults) > 0 {
		t.Errorf("report %+v", r)
	}
	closeStore(t, s)
	for c, want := range map[string]bool{code: false, fresh: true} {
		q := p
		q.RecoveryCode, q.ReadOnly = c, true
		s, err := Open(q)
		if (err == nil) != want {
			t.Errorf("code %q: %v", c, err)
		}
		if err == nil {
			closeStore(t, s)
		}
	}
}

func TestRecoveryCode_EightGroupsAndUsualConfusions(t *testing.T) {
	code := newCode()
	if len(code) != 39 {
		t.Errorf("code %q", code)
	}
	a, err := codeKey("0011-0011-0011-0011-0011-0011-0011-0011")
	must(t, err)
	b, err := codeKey("ooIl ooil OOLI 0011 0011 0011 0011 0011")
	must(t, err)
	if a != b {
		t.Error("O and 0, I, L and 1 are not the same")
	}
}
