package lists_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"zw110/assets"
	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/lists"
)

var soak = flag.Int("soak", 1, "how many times as many edited workbooks")

func both(t testing.TB) []lists.Words {
	t.Helper()
	var out []lists.Words
	for _, lang := range assets.Languages {
		out = append(out, words(t, lang))
	}
	return out
}

// workbookOf is a list of the drill month as a workbook.
func workbookOf(t testing.TB, s lists.Sheet) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// editedBy changes a workbook as a function says.
func editedBy(t testing.TB, content []byte, change func(f *excelize.File, sheet string) error) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := errors.Join(change(f, f.GetSheetName(0)), f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func august15(t testing.TB) lists.Sheet {
	t.Helper()
	return august(t, "acts-2026-08.jsonl").made(t, incident.ListDaily, "2026-08-15")
}

func TestReadBack_UntouchedSaysNothing(t *testing.T) {
	d := august(t, "acts-2026-08.jsonl")
	for list, day := range map[incident.List]incident.Day{
		incident.ListDaily: "2026-08-15", incident.ListJoint: "2026-08-02", incident.ListMonthly: "2026-08-31",
	} {
		s := d.made(t, list, day)
		back, err := lists.ReadBack(workbookOf(t, s), both(t)...)
		if err != nil {
			t.Fatal(err)
		}
		if back.List != list || back.Day != day || back.Version != 1 || back.Rows != len(s.Rows) || len(back.Changes)+len(back.Loose)+len(back.Gone) > 0 {
			t.Errorf("%s: %+v", list, back)
		}
	}
}

func TestReadBack_RefusesWhatIsNotOursWhole(t *testing.T) {
	ours := workbookOf(t, august15(t))
	refused := func(name string, content []byte, code string) {
		t.Helper()
		var p *intake.Problem
		if _, err := lists.ReadBack(content, both(t)...); !errors.As(err, &p) || p.Code != code {
			t.Errorf("%s: %v, want %s", name, err, code)
		}
	}
	refused("text", []byte("序号,事项编号\n1,2\n"), "intake.err.workbook")
	refused("nothing", nil, "intake.err.workbook")
	refused("cut off", ours[:len(ours)/2], "intake.err.workbook")
	empty := excelize.NewFile()
	b, err := empty.WriteToBuffer()
	if err = errors.Join(err, empty.Close()); err != nil {
		t.Fatal(err)
	}
	refused("another workbook", b.Bytes(), "lists.back.err.foreign")
	refused("without the hidden sheet", editedBy(t, ours, func(f *excelize.File, _ string) error { return f.DeleteSheet("zw110") }), "lists.back.err.foreign")
	before, err := os.ReadFile("testdata/form1.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	for name, sheet := range map[string]struct {
		content []byte
		cells   []string
	}{"packed": {ours, []string{"A1", "C1", "E1", "H1", "A2", "B2", "A3"}}, "in cells": {before, []string{"A1", "C1", "E1", "A3", "F4", "L4"}}} {
		for _, cell := range sheet.cells {
			broken := editedBy(t, sheet.content, func(f *excelize.File, _ string) error { return f.SetCellValue("zw110", cell, "改") })
			refused("hidden sheet "+name+", "+cell, broken, "lists.back.err.damaged")
		}
	}
	refused("newer", editedBy(t, ours, func(f *excelize.File, _ string) error { return f.SetCellValue("zw110", "B1", 3) }), "lists.back.err.newer")
	refused("no headings", editedBy(t, ours, func(f *excelize.File, sheet string) error {
		for range 4 {
			if err := f.RemoveRow(sheet, 1); err != nil {
				return err
			}
		}
		return nil
	}), "lists.back.err.no_list")
	refused("the list twice", editedBy(t, ours, func(f *excelize.File, _ string) error {
		to, err := f.NewSheet("另存")
		if err != nil {
			return err
		}
		return f.CopySheet(0, to)
	}), "lists.back.err.two_sheets")
}

// What was written before the hidden sheet was packed is still in people's hands.
func TestReadBack_HiddenSheetInCells(t *testing.T) {
	content, err := os.ReadFile("testdata/form1.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	back, err := lists.ReadBack(content, both(t)...)
	if err != nil {
		t.Fatal(err)
	}
	if back.Rows != 2 || back.Editor != "测试员" || len(back.Loose)+len(back.Gone) > 0 || len(back.Changes) != 1 {
		t.Fatalf("%+v", back)
	}
	if c := back.Changes[0]; c.Place != "P6" || c.Column != "signature" || c.Is != "甲" || c.Row.No != "2026-0815-001" {
		t.Errorf("%+v", c)
	}
}

// A thousand rows pack into few cells, each within what a cell holds, and come back row by row.
func TestReadBack_LongListIsPackedIntoFewCells(t *testing.T) {
	var rows []lists.Placement
	for n := range 1000 {
		rows = append(rows, invented(t, func(p *lists.Placement) {
			p.State.No, p.State.Title = fmt.Sprintf("2026-0814-%03d", n), fmt.Sprintf("第%d组路灯不亮，灯杆编号%x", n, n*7919)
		}))
	}
	content := workbookOf(t, make1(t, rows...))
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	packed, err := f.GetRows("zw110")
	if err = errors.Join(err, f.Close()); err != nil || len(packed) > 5 {
		t.Fatalf("%d rows on the hidden sheet, %v", len(packed), err)
	}
	for _, row := range packed[1:] {
		if len(row[0]) > 32_767 {
			t.Errorf("a cell of %d characters", len(row[0]))
		}
	}
	back, err := lists.ReadBack(content, both(t)...)
	if err != nil || back.Rows != 1000 || len(back.Changes)+len(back.Loose)+len(back.Gone) > 0 {
		t.Errorf("%d rows, %d changes, %v", back.Rows, len(back.Changes), err)
	}
}

// Two copies of one row that differ can't both be right; a formula without a result has no text; neither is lost.
func TestReadBack_TellsWhatItCannotTake(t *testing.T) {
	back, err := lists.ReadBack(editedBy(t, workbookOf(t, august15(t)), func(f *excelize.File, sheet string) error {
		return errors.Join(f.DuplicateRow(sheet, 5), f.SetCellValue(sheet, "P5", "甲"), f.SetCellValue(sheet, "P6", "乙"), f.SetCellFormula(sheet, "P7", "1+1"))
	}), both(t)...)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range back.Loose {
		got = append(got, l.Place+" "+strings.TrimPrefix(l.Key, "lists.back.loose."))
	}
	if want := []string{"P5 twice", "P6 twice", "P7 formula"}; !slices.Equal(got, want) || len(back.Changes) != 0 {
		t.Errorf("got %v and %v, want %v", got, back.Changes, want)
	}
}

// wanted is what must come back of one edited workbook.
type wanted struct {
	Changes [][]string `json:"changes"`
	Loose   []string   `json:"loose"`
	Gone    int        `json:"gone"`
	Edits   int        `json:"edits"`
}

// Lists edited at random with openpyxl, and once more saved by LibreOffice: no change is lost and none is invented.
func TestReadBack_RandomEditsByOtherPrograms(t *testing.T) {
	d := august(t, "acts-2026-08.jsonl")
	edits := 0
	for list, day := range map[incident.List]incident.Day{
		incident.ListDaily: "2026-08-15", incident.ListJoint: "2026-08-02", incident.ListMonthly: "2026-08-31",
	} {
		s := d.made(t, list, day)
		dir := t.TempDir()
		want := editAtRandom(t, dir, s, 24**soak)
		saved := filepath.Join(dir, "libreoffice")
		savedByOffice(t, dir, saved, len(want))
		for seed, w := range want {
			edits += w.Edits
			checkBack(t, fmt.Sprintf("%s %s by openpyxl", list, seed), filepath.Join(dir, "edited", seed+".xlsx"), w)
			checkBack(t, fmt.Sprintf("%s %s by LibreOffice", list, seed), filepath.Join(saved, seed+".xlsx"), w)
		}
	}
	if edits < 500 {
		t.Errorf("only %d edits", edits)
	}
}

func editAtRandom(t *testing.T, dir string, s lists.Sheet, n int) map[string]wanted {
	t.Helper()
	type column struct {
		Key   string `json:"key"`
		Open  bool   `json:"open"`
		Whole bool   `json:"whole"`
	}
	plan := struct {
		File    string   `json:"file"`
		Out     string   `json:"out"`
		Seeds   []int    `json:"seeds"`
		Columns []column `json:"columns"`
	}{File: filepath.Join(dir, "list.xlsx"), Out: filepath.Join(dir, "edited")}
	open := []string{"progress", "signature", "duty", "person", "meeting", "unit_progress", "countersign", "leader", "demand", "state_of_work"}
	for _, c := range s.Columns {
		plan.Columns = append(plan.Columns, column{c.Key, slices.Contains(open, c.Key), c.Whole})
	}
	for seed := range n {
		plan.Seeds = append(plan.Seeds, seed)
	}
	raw, err := json.Marshal(plan)
	err = errors.Join(err, os.Mkdir(plan.Out, 0o700), os.WriteFile(plan.File, workbookOf(t, s), 0o600), os.WriteFile(filepath.Join(dir, "plan"), raw, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), python, "testdata/edit.py", filepath.Join(dir, "plan")).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	want := map[string]wanted{}
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	return want
}

// savedByOffice saves all edited workbooks by LibreOffice.
func savedByOffice(t *testing.T, dir, to string, n int) {
	t.Helper()
	args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "xlsx", "--outdir", to}
	for seed := range n {
		args = append(args, filepath.Join(dir, "edited", strconv.Itoa(seed)+".xlsx"))
	}
	if out, err := exec.CommandContext(t.Context(), "soffice", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func checkBack(t *testing.T, what, file string, want wanted) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	back, err := lists.ReadBack(content, both(t)...)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	got := wanted{Changes: [][]string{}, Loose: []string{}, Gone: len(back.Gone)}
	for _, c := range back.Changes {
		got.Changes = append(got.Changes, []string{c.Row.No, string(c.Row.Unit), c.Column, c.Is})
	}
	for _, l := range back.Loose {
		got.Loose = append(got.Loose, strings.TrimPrefix(l.Key, "lists.back.loose."))
	}
	slices.SortFunc(got.Changes, slices.Compare)
	slices.SortFunc(want.Changes, slices.Compare)
	slices.Sort(got.Loose)
	if !slices.EqualFunc(got.Changes, want.Changes, slices.Equal) || !slices.Equal(got.Loose, want.Loose) || got.Gone != want.Gone {
		t.Errorf("%s: got %v, want %v\n%v", what, got, want, back.Loose)
	}
}

// What nobody has written differs from language to language, and is no news.
func TestSpoken_UsualWordsAreNobodys(t *testing.T) {
	st := invented(t, func(*lists.Placement) {}).State
	for column, want := range map[string]bool{"duty": false, "progress": false, "unit_progress": false, "signature": true, "demand": true} {
		if got := lists.Spoken(st, column, "建设办"); got != want {
			t.Errorf("%s: %v", column, got)
		}
	}
	st.Log = append(st.Log, incident.LogLine{Kind: incident.KindNoted, Fact: &incident.Fact{Fields: incident.Fields{
		Text: "负责排水", Whom: "建设办", Tags: []string{lists.NoteTag("duty")},
	}}})
	if !lists.Spoken(st, "duty", "建设办") {
		t.Error("a duty that somebody wrote is nobody's")
	}
}
