package lists_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"zw110/data/incident"
	"zw110/data/lists"
)

func anIssue(t testing.TB, rows int) lists.Issue {
	t.Helper()
	i := lists.Issue{
		List: incident.ListJoint, Day: "2026-08-14", Period: "2026-W33", Version: 2, At: stamp(t, "2026-08-14", 17, 31), AsOf: stamp(t, "2026-08-14", 17, 30),
		Reason: "补录一件", Lang: "zh-Hans", Check: "AB12-CD34", Hash: sha256.Sum256([]byte("内容")), Known: map[incident.Origin]uint64{{1, 2}: 40, {3}: 7},
	}
	for n := range rows {
		i.Rows = append(i.Rows, lists.IssuedRow{
			Key: lists.RowKey{No: fmt.Sprintf("2026-0814-%04d", n), Unit: "综合行政执法队"}, Digest: [8]byte(fmt.Appendf(nil, "%08d", n)),
		})
	}
	return i
}

func TestIssue_ComesBackFromItsPartsInAnyOrder(t *testing.T) {
	for _, rows := range []int{0, 1, 3000} {
		want := anIssue(t, rows)
		values, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if rows == 3000 && len(values) < 2 {
			t.Fatalf("%d rows in %d part", rows, len(values))
		}
		name, _ := lists.IssuePart(values[0])
		for _, v := range values {
			if again, ok := lists.IssuePart(v); !ok || again != name || len(v) > 50_000 {
				t.Errorf("part of %d bytes is named %q, want %q", len(v), again, name)
			}
		}
		slices.Reverse(values)
		got, err := lists.DecodeIssue(values)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%d rows: %v, not what was encoded", rows, err)
		}
	}
}

func TestIssue_IncompleteOrDamagedIsNone(t *testing.T) {
	i := anIssue(t, 3000)
	values, err := i.Encode()
	if err != nil {
		t.Fatal(err)
	}
	swap := func(old, now string) [][]byte {
		out := slices.Clone(values)
		out[0] = bytes.Replace(out[0], []byte(old), []byte(now), 1)
		return out
	}
	for name, bad := range map[string][][]byte{
		"none": nil, "one missing": values[1:], "one twice": append(slices.Clone(values[1:]), values[1]), "no JSON": {[]byte("{")},
		"no such list": swap(`"joint"`, `"weekly"`), "no day": swap("2026-08-14", "2026-08-34"), "version 0": swap(`"version":2`, `"version":0`),
		"short hash": swap(`"hash":"`, `"hash":"00`), "no origin": swap(`"known":{"`, `"known":{"zz`), "row without digest": swap("3030303030303030", "30"),
		"newer form": swap(`"form":1`, `"form":2`),
	} {
		if _, err := lists.DecodeIssue(bad); !errors.Is(err, lists.ErrIssue) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDiff_TellsRowsInOutAndChangedButNotMoved(t *testing.T) {
	at := func(no, matter string) lists.Placement {
		return invented(t, func(p *lists.Placement) { p.State.No, p.State.Title = no, matter })
	}
	old := make1(t, at("20260814-001", "路灯不亮"), at("20260814-002", "井盖松动"), at("20260814-003", "树枝断落"))
	now := make1(t, at("20260814-004", "水管漏水"), at("20260814-003", "树枝断落"), at("20260814-002", "井盖丢失"))
	got := lists.Diff(old, now)
	want := []lists.RowChange{
		{Key: lists.RowKey{No: "20260814-002"}, Move: lists.RowChanged, Cells: []lists.CellChange{{Column: "matter", Was: "井盖松动", Is: "井盖丢失"}}},
		{Key: lists.RowKey{No: "20260814-004"}, Move: lists.RowIn},
		{Key: lists.RowKey{No: "20260814-001"}, Move: lists.RowOut},
	}
	for i := range got {
		got[i].Key.Unit = ""
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestWrite_SameSheetGivesTheSameBytes(t *testing.T) {
	s := make1(t, invented(t, func(*lists.Placement) {}))
	var first, again bytes.Buffer
	if err := errors.Join(s.Write(&first), s.Write(&again)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Error("two workbooks of one sheet differ")
	}
}
