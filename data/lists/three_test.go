package lists_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/lists"
)

// made makes a list of the drill month, as of a day after its end.
func (d *desk) made(t testing.TB, list incident.List, day incident.Day) lists.Sheet {
	t.Helper()
	rules := townRules(t)
	p := lists.Params{
		Town: rules.Town(), Rules: rules, Words: words(t, "zh-Hans"), List: list, Day: day, MadeAt: stamp(t, "2026-09-01", 8, 30), Version: 1,
	}
	on := d.on(t, list, day)
	for _, ref := range slices.Sorted(maps.Keys(on)) {
		p.Placements = append(p.Placements, on[ref])
	}
	s, err := lists.Make(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMake_Golden compares every cell read back of a joint and a monthly list.
func TestMake_Golden(t *testing.T) {
	d := august(t, "acts-2026-08.jsonl")
	for list, day := range map[incident.List]incident.Day{incident.ListJoint: "2026-08-02", incident.ListMonthly: "2026-08-31"} {
		t.Run(string(list), func(t *testing.T) {
			f := readBack(t, d.made(t, list, day))
			var b strings.Builder
			for _, sheet := range f.GetSheetList()[:2] { // the third is packed
				fmt.Fprintf(&b, "[%s]\n", sheet)
				rows, err := f.GetRows(sheet)
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range rows {
					fmt.Fprintln(&b, strings.Join(row, " | "))
				}
			}
			golden := "testdata/" + string(list) + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", b.String(), want)
			}
		})
	}
}

func TestMake_JointHasABlockForEachIncident(t *testing.T) {
	s := august(t, "acts-2026-08.jsonl").made(t, incident.ListJoint, "2026-08-12")
	if len(s.Blocks) != 90 || len(s.Keys) != len(s.Rows) {
		t.Fatalf("%d blocks, %d rows, %d keys", len(s.Blocks), len(s.Rows), len(s.Keys))
	}
	f := readBack(t, s)
	merged, err := f.GetMergeCells(s.Name)
	if err != nil {
		t.Fatal(err)
	}
	joined := map[string]bool{}
	for _, m := range merged {
		joined[m.GetStartAxis()+":"+m.GetEndAxis()] = true
	}
	at := 5
	for i, n := range s.Blocks {
		lead := s.Rows[at-5]
		if lead[0].Number != i+1 || lead[1].Text == "" || lead[6].Text != "主办" {
			t.Errorf("block %d begins with %v", i+1, lead)
		}
		for j := 1; j < n; j++ {
			row := s.Rows[at-5+j]
			if row[0].String() != "" || row[1].Text != "" || row[6].Text != "协办" || row[5].Text == "" {
				t.Errorf("block %d goes on with %v", i+1, row)
			}
		}
		for _, c := range []string{"A", "B", "C", "D", "E", "K"} {
			if want := fmt.Sprintf("%s%d:%s%d", c, at, c, at+n-1); n > 1 && !joined[want] {
				t.Errorf("block %d: %s is not merged", i+1, want)
			}
		}
		for _, c := range []string{"F", "L", "N"} {
			if joined[fmt.Sprintf("%s%d:%s%d", c, at, c, at+n-1)] {
				t.Errorf("block %d: column %s is merged", i+1, c)
			}
		}
		at += n
	}
}

func TestMake_MonthlyIsSortedByLevelAndDays(t *testing.T) {
	s := august(t, "acts-2026-08.jsonl").made(t, incident.ListMonthly, "2026-08-31")
	if len(s.Rows) != 13 || !strings.HasPrefix(s.Made, "塔督〔2026〕8号") || s.Title != "塔石镇8月重点事项督办清单" {
		t.Fatalf("%d rows, %s, %s", len(s.Rows), s.Made, s.Title)
	}
	rank := map[string]int{"●红": 3, "▲黄": 2, "■蓝": 1}
	fill := map[string]incident.Light{"●红": incident.Red, "▲黄": incident.Yellow, "■蓝": incident.Blue}
	before, days := 3, 1<<30
	overdue := 0
	for i, row := range s.Rows {
		level, late := rank[row[14].Text], row[12].Number
		if level == 0 || level > before || level == before && late > days || row[14].Light != fill[row[14].Text] {
			t.Errorf("row %d: level %s, %d days late", i+1, row[14].Text, late)
		}
		if late > 0 {
			overdue++
			if level != 3 {
				t.Errorf("row %d is overdue and %s", i+1, row[14].Text)
			}
		}
		before, days = level, late
		if row[4].Text == "" {
			t.Errorf("row %d has no reason", i+1)
		}
	}
	if !strings.HasPrefix(s.Totals, fmt.Sprintf("应办 13　已办 0　超期 %d　", overdue)) || overdue != 8 {
		t.Errorf("%s with %d overdue", s.Totals, overdue)
	}
}

func TestMake_WidthsOfTheThreeLists(t *testing.T) {
	d := august(t, "acts-2026-08.jsonl")
	for list, want := range map[incident.List][]float64{
		incident.ListJoint:   {5, 16, 34, 11, 8, 14, 7, 26, 9, 12, 14, 26, 7, 10},
		incident.ListMonthly: {5, 14, 16, 34, 12, 9, 13, 16, 11, 11, 22, 28, 7, 6, 8, 7},
	} {
		s := d.made(t, list, "2026-08-31")
		var got []float64
		for _, c := range s.Columns {
			got = append(got, c.Width)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: widths %v", list, got)
		}
	}
}

func TestFileName_SaysListAndPeriod(t *testing.T) {
	town, w := townRules(t).Town(), words(t, "zh-Hans")
	for _, tc := range []struct {
		list incident.List
		day  incident.Day
		want string
	}{
		{incident.ListDaily, "2026-08-15", "塔石镇_每日清单_20260815"},
		{incident.ListJoint, "2026-08-12", "塔石镇_联办清单_2026W33"},
		{incident.ListJoint, "2027-01-01", "塔石镇_联办清单_2026W53"},
		{incident.ListMonthly, "2026-08-31", "塔石镇_月度督办清单_202608"},
	} {
		if got := lists.FileName(town, w, tc.list, tc.day); got != tc.want {
			t.Errorf("%s of %s is %s, want %s", tc.list, tc.day, got, tc.want)
		}
	}
	s := august(t).made(t, incident.ListJoint, "2027-01-01")
	if s.Title != "塔石镇重点事项联办（会办）清单（2026年第53周）" {
		t.Error(s.Title)
	}
	if from, end, err := lists.Period(incident.ListJoint, "2027-01-01"); err != nil || incident.DayOf(from) != "2026-12-28" || incident.DayOf(end-1) != "2027-01-03" {
		t.Errorf("week from %d to %d, %v", from, end, err)
	}
	for _, day := range []incident.Day{"", "2026", "2026-13-01", "x"} {
		if _, _, err := lists.Period(incident.ListMonthly, day); err == nil {
			t.Errorf("%q was taken for a day", day)
		}
	}
	if _, _, err := lists.Period("weekly", "2026-08-15"); err == nil {
		t.Error("an unknown list was taken")
	}
}
