package store

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"zw110/data/incident"
	"zw110/data/journal"
)

// forkedDesk is another desk whose line has several versions: copies of one disk that went on apart.
func forkedDesk(t *testing.T, versions int) []*Store {
	t.Helper()
	s := create(t)
	notes(t, s, incidentNo(1), 3, "共同")
	out := []*Store{s}
	for len(out) < versions {
		a, b := twin(t, out[0])
		out[0] = a
		out = append(out, b)
	}
	return out
}

// A desk holds one version of another desk's line, the county the other one: both stay, under names that everybody derives alike.
func TestBranchTail_BothVersionsStay(t *testing.T) {
	v := forkedDesk(t, 2)
	line := v[0].Origin()
	notes(t, v[0], incidentNo(1), 4, "一")
	notes(t, v[1], incidentNo(1), 2, "二")
	desk, county := create(t), create(t)
	_, err := desk.AppendForeign([]journal.Run{wholeRun(t, v[0], line)}, "f", nil)
	must(t, err)
	_, err = county.AppendForeign([]journal.Run{wholeRun(t, v[1], line)}, "f", nil)
	must(t, err)
	before, err := desk.Entries(incidentNo(1))
	must(t, err)

	theirs := part(t, county, line, 3, 99)
	if _, err := desk.AppendForeign([]journal.Run{theirs}, "f", nil); !errors.Is(err, ErrFork) {
		t.Fatalf("the fork is not seen: %v", err)
	}
	branch, fresh, err := desk.BranchTail(TailFork{Origin: line, Common: 3, Runs: []journal.Run{theirs}, Feed: "f", Cursor: []byte("9")})
	if err != nil || len(fresh) != 2 || branch == line {
		t.Fatalf("branch %x, %d new, error %v", branch, len(fresh), err)
	}
	if c, err := desk.Cursor("f"); err != nil || string(c) != "9" {
		t.Errorf("cursor %q, error %v", c, err)
	}
	if root, err := desk.Root(branch); err != nil || root != line {
		t.Errorf("root %x, error %v", root, err)
	}
	if !reflect.DeepEqual(wholeRun(t, desk, line), wholeRun(t, county, line)) {
		t.Error("the plain name is not the county's version")
	}
	given := part(t, desk, branch, 0, 99)
	if given.First != 4 || len(given.Entries) != 4 {
		t.Fatalf("the branch is given from %d, %d entries", given.First, len(given.Entries))
	}
	if err := journal.VerifySeal(v[0].PublicKey(), line, given.Last(), mustHash(t, desk, given), given.Seal); err != nil {
		t.Errorf("the branch has no seal of its desk: %v", err)
	}
	after, err := desk.Entries(incidentNo(1))
	if err != nil || len(after) != len(before)+2 || !containsAll(after, before) {
		t.Errorf("%d entries after %d, error %v", len(after), len(before), err)
	}
	// The county takes the branch by its name alone.
	if _, err := county.AppendForeign([]journal.Run{given}, "f", nil); err != nil {
		t.Fatal(err)
	}
	there, err := county.Entries(incidentNo(1))
	if err != nil || !sameEntries(there, after) {
		t.Errorf("the county has %d entries, the desk %d, error %v", len(there), len(after), err)
	}
	for _, s := range []*Store{reopen(t, desk), reopen(t, county)} {
		if r := verify(t, s); len(r.Faults) > 0 || r.Entries != 9 || r.Origins != 2 {
			t.Errorf("report %+v", r)
		}
		if got := everything(t, s); len(got) != 9 {
			t.Errorf("%d entries", len(got))
		}
	}
}

func containsAll(all, some []incident.Entry) bool {
	return !slices.ContainsFunc(some, func(e incident.Entry) bool {
		return !slices.ContainsFunc(all, func(o incident.Entry) bool { return reflect.DeepEqual(e, o) })
	})
}

// Desks that met the fork with longer and shorter tails end with the same branch, the longer one, whoever comes first.
func TestBranchTail_LongerOfTwoEqualBeginningsIsKept(t *testing.T) {
	for _, longFirst := range []bool{true, false} {
		v := forkedDesk(t, 2)
		line := v[0].Origin()
		notes(t, v[0], incidentNo(1), 4, "一")
		notes(t, v[1], incidentNo(1), 1, "二")
		theirs := part(t, v[1], line, 3, 99)
		long, short := create(t), create(t)
		_, err := long.AppendForeign([]journal.Run{part(t, v[0], line, 0, 7)}, "f", nil)
		must(t, err)
		_, err = short.AppendForeign([]journal.Run{part(t, v[0], line, 0, 5)}, "f", nil)
		must(t, err)
		branch, _, err := long.BranchTail(TailFork{Origin: line, Common: 3, Runs: []journal.Run{theirs}})
		must(t, err)
		given := part(t, long, branch, 0, 99)
		if longFirst { // the branch comes from the county before the desk meets the fork itself: it follows on the version that is held
			_, err = short.AppendForeign([]journal.Run{given}, "f", nil)
			must(t, err)
		}
		name, _, err := short.BranchTail(TailFork{Origin: line, Common: 3, Runs: []journal.Run{theirs}})
		if err != nil || name != branch {
			t.Fatalf("branch %x, want %x, error %v", name, branch, err)
		}
		if !longFirst {
			_, err = short.AppendForeign([]journal.Run{given}, "f", nil)
			must(t, err)
		}
		if got := part(t, short, branch, 0, 99); !reflect.DeepEqual(got, given) {
			t.Errorf("long first %v: the branch has %d entries, want %d", longFirst, len(got.Entries), len(given.Entries))
		}
		if r := verify(t, short); len(r.Faults) > 0 || r.Entries != 8 {
			t.Errorf("report %+v", r)
		}
	}
}

// Two tails begin alike and then part: the second part gets a branch of the branch.
func TestBranchTail_SplitsAgainWhereTailsPart(t *testing.T) {
	v := forkedDesk(t, 2)
	line := v[0].Origin()
	notes(t, v[0], incidentNo(1), 2, "一")
	a, b := twin(t, v[0])
	notes(t, a, incidentNo(1), 2, "一甲")
	notes(t, b, incidentNo(1), 3, "一乙")
	notes(t, v[1], incidentNo(1), 1, "二")
	theirs := part(t, v[1], line, 3, 99)
	one, two := create(t), create(t)
	_, err := one.AppendForeign([]journal.Run{wholeRun(t, a, line)}, "f", nil)
	must(t, err)
	_, err = two.AppendForeign([]journal.Run{wholeRun(t, b, line)}, "f", nil)
	must(t, err)
	branch, _, err := one.BranchTail(TailFork{Origin: line, Common: 3, Runs: []journal.Run{theirs}})
	must(t, err)
	given := part(t, one, branch, 0, 99)
	_, err = two.AppendForeign([]journal.Run{given}, "f", nil)
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := two.BranchTail(TailFork{Origin: line, Common: 3, Runs: []journal.Run{theirs}})
	if err != nil || second == branch {
		t.Fatalf("second branch %x, error %v", second, err)
	}
	rest := part(t, two, second, 0, 99)
	if rest.First != 6 || len(rest.Entries) != 3 {
		t.Fatalf("the second branch begins at %d with %d entries", rest.First, len(rest.Entries))
	}
	if root, err := two.Root(second); err != nil || root != line {
		t.Errorf("root %x, error %v", root, err)
	}
	_, err = one.AppendForeign([]journal.Run{rest}, "f", nil)
	must(t, err)
	x, errX := one.Entries(incidentNo(1))
	y, errY := two.Entries(incidentNo(1))
	if errX != nil || errY != nil || !sameEntries(x, y) || len(x) != 3+2+2+3+1 {
		t.Errorf("%d and %d entries, errors %v, %v", len(x), len(y), errX, errY)
	}
	for _, s := range []*Store{one, two} {
		if r := verify(t, s); len(r.Faults) > 0 {
			t.Errorf("report %+v", r)
		}
	}
}

func TestBranchTail_RefusesWhatIsNoFork(t *testing.T) {
	v := forkedDesk(t, 1)
	line := v[0].Origin()
	desk := create(t)
	_, err := desk.AppendForeign([]journal.Run{wholeRun(t, v[0], line)}, "f", nil)
	must(t, err)
	for name, c := range map[string]struct {
		fork TailFork
		want error
	}{
		"own line":       {TailFork{Origin: desk.Origin()}, ErrInvalid},
		"no tail":        {TailFork{Origin: line, Common: 3}, ErrInvalid},
		"beyond the end": {TailFork{Origin: line, Common: 4}, ErrGap},
	} {
		if _, _, err := desk.BranchTail(c.fork); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	// A run that begins in the middle of a line nobody knows is a gap, also with a name that looks like a branch.
	run := part(t, v[0], line, 1, 99)
	run.Origin[20] ^= 1
	if _, err := desk.AppendForeign([]journal.Run{run}, "f", nil); !errors.Is(err, ErrGap) {
		t.Errorf("made-up branch: %v", err)
	}
}
