package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"go.uber.org/goleak"

	"zw110/data/incident"
	"zw110/data/journal"
)

func TestMain(m *testing.M) {
	if child := os.Getenv("ZW110_STORE_CHILD"); child != "" {
		os.Exit(runChild(child))
	}
	goleak.VerifyTestMain(m)
}

// testStart is the wall clock of tests: 2026-08-15 08:00 in Beijing.
const testStart = incident.Stamp(1_786_752_000_000)

// tick returns a clock that moves a second at each look.
func tick() func() incident.Stamp {
	now := testStart
	return func() incident.Stamp {
		now += 1000
		return now
	}
}

func params(dir string) Params { return Params{Dir: dir, Drill: true, Clock: tick()} }

func create(t testing.TB) *Store {
	t.Helper()
	s, err := Create(params(filepath.Join(t.TempDir(), "store")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func reopen(t testing.TB, s *Store) *Store {
	t.Helper()
	closeStore(t, s)
	return openStore(t, s.p)
}

func closeStore(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func openStore(t testing.TB, p Params) *Store {
	t.Helper()
	s, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func incidentNo(n int) incident.IncidentID {
	return incident.IncidentID{0, 1, byte(n >> 8), byte(n), 15: 7}
}

func note(id incident.IncidentID, text string) Draft {
	return Draft{Incident: id, Scope: 330825111, Actor: "op1", Fact: &incident.Fact{
		Kind: incident.KindNoted, At: testStart, ActorRole: incident.RoleOperator, Fields: incident.Fields{Text: text},
	}}
}

func report(id incident.IncidentID, who string) Draft {
	return Draft{Incident: id, Scope: 330825111, Actor: "op1", Fact: &incident.Fact{
		Kind: incident.KindRegistered, At: testStart, Fields: incident.Fields{
			No: "ZW1", Title: "噪音扰民", Reporter: &incident.Reporter{Name: who, Phone: "13800138000"},
		},
	}}
}

func appendAll(t testing.TB, s *Store, drafts ...Draft) []incident.Entry {
	t.Helper()
	entries, err := s.Append(drafts)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func everything(t testing.TB, s *Store) []incident.Entry {
	t.Helper()
	var all []incident.Entry
	if err := s.Each(func(e incident.Entry) error { all = append(all, e); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAppend_ReadsBackAfterReopening(t *testing.T) {
	s := create(t)
	a, b := incidentNo(1), incidentNo(2)
	first := appendAll(t, s, report(a, "张三"))
	second := report(b, "李四")
	third := note(b, "已电话核实")
	third.After = []int{0}
	third.Parents = []incident.ParentRef{first[0].ID.Ref()}
	later := appendAll(t, s, second, third)
	desk := appendAll(t, s, Draft{Scope: 330825111, Actor: "sl1", Fact: &incident.Fact{
		Kind: incident.KindSettingChanged, Fields: incident.Fields{Setting: "limits", Value: []byte("{}")},
	}})
	want := append(append(first, later...), desk...)

	s = reopen(t, s)
	all := everything(t, s)
	if !reflect.DeepEqual(all, want) {
		t.Errorf("journal is\n%+v, want\n%+v", all, want)
	}
	if want[2].Parents[0] != first[0].ID.Ref() || want[2].Parents[1] != later[0].ID.Ref() {
		t.Errorf("parents %x", want[2].Parents)
	}
	for i := 1; i < len(want); i++ {
		if want[i].Seq != want[i-1].Seq+1 || want[i].HLC <= want[i-1].HLC {
			t.Errorf("entry %d: sequence %d, clock %d", i, want[i].Seq, want[i].HLC)
		}
	}
	got, err := s.Entries(b)
	if err != nil || !reflect.DeepEqual(got, later) {
		t.Errorf("incident is\n%+v, want\n%+v, error %v", got, later, err)
	}
	if got, err := s.DeskEntries(); err != nil || !reflect.DeepEqual(got, desk) {
		t.Errorf("desk entries %+v, error %v", got, err)
	}
	if got, err := s.Entries(incidentNo(3)); err != nil || len(got) != 0 {
		t.Errorf("unknown incident: %+v, %v", got, err)
	}
	if all[0].Fact.Reporter == nil || all[0].Fact.Reporter.Name != "张三" {
		t.Errorf("reporter %+v", all[0].Fact.Reporter)
	}
}

func TestAppend_AllDraftsOrNone(t *testing.T) {
	s := create(t)
	a := incidentNo(1)
	appendAll(t, s, note(a, "一"))
	before, err := s.Heads()
	if err != nil {
		t.Fatal(err)
	}
	bad := note(a, "三")
	bad.After = []int{1}
	big := note(a, string(make([]byte, journal.MaxEntry)))
	crowded := note(a, "四")
	crowded.Parents = make([]incident.ParentRef, 9)
	stranger := report(incident.IncidentID{}, "王五")
	for name, tc := range map[string]struct {
		draft Draft
		want  error
	}{
		"names a later draft":  {bad, ErrInvalid},
		"too big":              {big, ErrTooBig},
		"nine parents":         {crowded, ErrInvalid},
		"no fact":              {Draft{Incident: a, Kind: incident.KindNoted}, ErrInvalid},
		"moved":                {Draft{Incident: a, Kind: incident.KindMoved}, ErrInvalid},
		"reporter of the desk": {stranger, ErrInvalid},
	} {
		if _, err := s.Append([]Draft{note(a, "二"), tc.draft}); !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", name, err, tc.want)
		}
	}
	after, err := s.Heads()
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("heads %+v, were %+v, error %v", after, before, err)
	}
	if got := everything(t, s); len(got) != 1 {
		t.Errorf("%d entries", len(got))
	}
}

func TestAppend_PlainTextNeverInFile(t *testing.T) {
	s := create(t)
	appendAll(t, s, report(incidentNo(1), "欧阳明日"))
	if err := s.SetLocal("window", []byte("width=1280")); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	raw, err := os.ReadFile(s.p.file(fileDB))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"欧阳明日", "13800138000", "噪音扰民", "width=1280"} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("the file shows %q", secret)
		}
	}
}

func TestAppend_ManyWriters(t *testing.T) {
	s := create(t)
	const writers, each = 16, 20
	fails := make(chan error, writers)
	for w := range writers {
		go func() {
			for i := range each {
				if _, err := s.Append([]Draft{note(incidentNo(w), fmt.Sprint(i))}); err != nil {
					fails <- err
					return
				}
			}
			fails <- nil
		}()
	}
	for range writers {
		if err := <-fails; err != nil {
			t.Error(err)
		}
	}
	seen := map[incident.EntryID]bool{}
	for _, e := range everything(t, s) {
		seen[e.ID] = true
	}
	if len(seen) != writers*each {
		t.Errorf("%d entries, want %d", len(seen), writers*each)
	}
	for w := range writers {
		got, err := s.Entries(incidentNo(w))
		if err != nil || len(got) != each {
			t.Errorf("writer %d: %d entries, %v", w, len(got), err)
		}
	}
}

func TestStore_RefusesAfterClose(t *testing.T) {
	s := create(t)
	closeStore(t, s)
	if _, err := s.Append([]Draft{note(incidentNo(1), "x")}); !errors.Is(err, ErrClosed) {
		t.Errorf("append: %v", err)
	}
	if _, err := s.Entries(incidentNo(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("read: %v", err)
	}
	if err := s.SetLocal("a", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("setting: %v", err)
	}
}

func TestFolds_TailAfterTheMark(t *testing.T) {
	s := create(t)
	appendAll(t, s, note(incidentNo(1), "一"), note(incidentNo(2), "二"))
	mark, err := s.Mark()
	if err != nil {
		t.Fatal(err)
	}
	folds := []Fold{{incidentNo(1), []byte("eins")}, {incidentNo(2), []byte("zwei")}}
	if err := s.PutFolds(3, mark, folds); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, note(incidentNo(2), "三"))
	s = reopen(t, s)
	var got []Fold
	keep := func(id incident.IncidentID, v []byte) error { got = append(got, Fold{id, v}); return nil }
	mark, err = s.Folds(3, keep)
	if err != nil || !reflect.DeepEqual(got, folds) {
		t.Errorf("cached %+v, error %v", got, err)
	}
	var tail []string
	if err := s.Tail(mark, func(e incident.Entry) error { tail = append(tail, e.Fact.Text); return nil }); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(tail, []string{"三"}) {
		t.Errorf("tail %v", tail)
	}
	got = nil
	if mark, err = s.Folds(4, keep); err != nil || mark != nil || got != nil {
		t.Errorf("another version gives %v, mark %v, error %v", got, mark, err)
	}
	if err := s.DropFolds(); err != nil {
		t.Fatal(err)
	}
	if mark, err = s.Folds(3, keep); err != nil || mark != nil || got != nil {
		t.Errorf("a dropped cache gives %v, mark %v, error %v", got, mark, err)
	}
}

func TestEraseKey_PersonGoneChainWhole(t *testing.T) {
	s := create(t)
	a := incidentNo(1)
	made := appendAll(t, s, report(a, "张三"), report(incidentNo(2), "李四"))
	edit := note(a, "")
	edit.Fact.Kind = incident.KindEdited
	edit.Fact.Reporter = &incident.Reporter{Name: "张三", Phone: "13900139000"}
	edited := appendAll(t, s, edit)
	k := made[0].Fact.KeyID
	if k == (incident.KeyID{}) || edited[0].Fact.KeyID != k || made[1].Fact.KeyID == k {
		t.Fatalf("keys %x, %x, %x", k, edited[0].Fact.KeyID, made[1].Fact.KeyID)
	}
	if err := s.EraseKeys(330825111, incidentNo(1), k); err != nil {
		t.Fatal(err)
	}
	for _, e := range everything(t, s) {
		if open := e.Fact.Reporter != nil; open != (e.Incident != a) {
			t.Errorf("incident %s: reporter %+v", e.Incident, e.Fact.Reporter)
		}
	}
	if gone, err := s.Erased(k); err != nil || !gone {
		t.Errorf("erased %v, error %v", gone, err)
	}
	fields := made[0].Fact.Fields
	fields.Reporter = nil
	if err := s.Unseal(&fields); err != nil || fields.Reporter != nil {
		t.Errorf("unsealed %+v, error %v", fields.Reporter, err)
	}
	again := appendAll(t, s, edit)
	if again[0].Fact.KeyID == k {
		t.Error("an erased key came back")
	}
	if gone, err := s.Erased(again[0].Fact.KeyID); err != nil || gone {
		t.Errorf("fresh key erased %v, error %v", gone, err)
	}
}

func TestLocal_SettingsStay(t *testing.T) {
	s := create(t)
	if v, err := s.Local("theme"); err != nil || v != nil {
		t.Errorf("unset: %q, %v", v, err)
	}
	for _, v := range [][]byte{[]byte("dark"), {}} {
		if err := s.SetLocal("theme", v); err != nil {
			t.Fatal(err)
		}
		s = reopen(t, s)
		if got, err := s.Local("theme"); err != nil || !bytes.Equal(got, v) || got == nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if err := s.SetLocal("theme", nil); err != nil {
		t.Fatal(err)
	}
	if v, err := s.Local("theme"); err != nil || v != nil {
		t.Errorf("removed: %q, %v", v, err)
	}
	if err := s.SetLocal("", []byte("x")); !errors.Is(err, ErrInvalid) {
		t.Errorf("no name: %v", err)
	}
}

func seeded(t testing.TB) *rand.Rand {
	t.Helper()
	const seed = 110
	return rand.New(rand.NewPCG(seed, seed))
}
