package room

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"zw110/data/assess"
	"zw110/data/duty"
	"zw110/data/incident"
)

func TestAssess_SheetsSayWhatTheReportSays(t *testing.T) {
	d := newDesk(t, true)
	runMonth(t, d, months+"acts-2026-08.jsonl")
	a, err := d.Assess(t.Context(), assess.Params{From: "2026-08-01", To: "2026-08-31", Without: []incident.Day{"2026-08-12"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := d.assessmentSheet(&a, "", 1)
	if len(s.Columns) != 6 { // one more: without the day of the storm
		t.Fatalf("columns %v", s.Columns)
	}
	var text []string
	for _, row := range s.Rows {
		if len(row) != len(s.Columns) {
			t.Fatalf("row %v of %d columns", row, len(s.Columns))
		}
		text = append(text, row[1].String())
	}
	for _, want := range []string{"396", "375", "396/396 100.00%", "362/375 96.53%", "351/375 93.60%", "362/396 91.41%", "328/332 98.80%", "0.95 / 2.50"} {
		if !strings.Contains(strings.Join(text, "\n"), want) {
			t.Errorf("the sheet lacks %s: %v", want, text)
		}
	}
	if want := "上期结转 0 ＋ 本期新增 398 ＋ 重新打开 0 ＝ 本期办结 363 ＋ 期末在办 14 ＋ 不予受理 6 ＋ 并案 12 ＋ 强制结案 1 ＋ 作废 2"; !strings.HasPrefix(s.Totals, want) {
		t.Errorf("balance %s, want %s", s.Totals, want)
	}
	var left []string
	for _, n := range s.Notes {
		if len(n) != 4 {
			t.Fatalf("note %v", n)
		}
		if n[0] == "当日办结率（阶段口径）" && n[3] != "" {
			left = append(left, n[2]+" "+n[3])
		}
	}
	if got, want := strings.Join(left, "；"), "362/375 96.53% 13；作废 2；不予受理或退回来源 6；已并案 12；时限内上报县级 3"; got != want {
		t.Errorf("behind the same-day rate %s, want %s", got, want)
	}
	units := d.assessmentSheet(&a, assess.ByUnit, 1)
	if len(units.Rows) != 32 || units.Rows[0][0].Text != "合计" || units.Rows[0][4].Text != "362/375 96.53%" {
		t.Errorf("%d rows by unit, the first %v", len(units.Rows), units.Rows[0])
	}
	for _, row := range units.Rows {
		if row[0].Text == "中心校" && row[4].Light != incident.Grey {
			t.Errorf("a rate of three incidents is not grey: %v", row[4])
		}
	}
	dir := t.TempDir()
	file, err := d.ExportAssessment(&a, "", dir)
	if err != nil || filepath.Base(file) != "塔石镇_考核统计_20260801-20260831_v1.xlsx" {
		t.Errorf("file %s, %v", file, err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := d.Assess(stopped, a.Params, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled assessment says %v", err)
	}
}

func TestAssess_TheScoreHasTheWeightsOfItsTime(t *testing.T) {
	d := newDesk(t, true)
	runMonth(t, d, months+"acts-2026-08.jsonl")
	score := func(from, to incident.Day) string {
		a, err := d.Assess(t.Context(), assess.Params{From: from, To: to}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range a.Params.InForce().Of {
			if w.Key == assess.OnTime && w.Share != 30 {
				return a.Score(a.Total) + " changed"
			}
		}
		return a.Score(a.Total)
	}
	before := score("2026-08-01", "2026-08-31")
	later := incident.Day("2026-08-20")
	from, err := later.Start()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := d.rules.Load().Apply(duty.Change{Name: "assess/on_time", From: from, Value: []byte(`{"weight":"90","target":"98"}`)})
	if err != nil {
		t.Fatal(err)
	}
	next := *d.rules.Load()
	next.Directory = rules
	d.rules.Store(&next)
	if got := score("2026-08-01", "2026-08-19"); strings.HasSuffix(got, "changed") {
		t.Errorf("the first half has the score %s", got)
	}
	if got := score("2026-08-01", "2026-08-31"); !strings.HasSuffix(got, "changed") || strings.HasPrefix(got, before) {
		t.Errorf("the month has the score %s, before the change %s", got, before)
	}
	if got := d.Target(assess.OnTime); got != 98 || d.Target(assess.SameDay) != 95 || d.Target(assess.Rework) != 0 {
		t.Errorf("the goals are %d, %d and %d", got, d.Target(assess.SameDay), d.Target(assess.Rework))
	}
}
