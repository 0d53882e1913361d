package lists_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
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

// Lists edited at random with openpyxl, some once more saved by LibreOffice, and some edited by a macro in it: no change is lost and none is invented.
func TestReadBack_RandomEditsByOtherPrograms(t *testing.T) {
	d := august(t, "acts-2026-08.jsonl")
	dir := t.TempDir()
	var plans []plan
	var macros []macro
	for _, l := range []struct {
		list incident.List
		day  incident.Day
	}{{incident.ListDaily, "2026-08-15"}, {incident.ListJoint, "2026-08-02"}, {incident.ListMonthly, "2026-08-31"}} {
		s := d.made(t, l.list, l.day)
		p := planOf(t, filepath.Join(dir, string(l.list)), s, 16**soak)
		plans, macros = append(plans, p), append(macros, macroOf(p, s))
	}
	want := editAtRandom(t, dir, plans)
	edits := 0
	saved := []string{"--convert-to", "xlsx", "--outdir", filepath.Join(dir, "saved")}
	for i, p := range plans {
		for seed, w := range want[i] {
			edits += w.Edits
			checkBack(t, fmt.Sprintf("%s %s by openpyxl", p.Name, seed), p.edited(seed), w)
		}
		for seed := range 6 * *soak {
			saved = append(saved, p.edited(strconv.Itoa(seed)))
		}
	}
	if edits < 300 {
		t.Errorf("only %d edits", edits)
	}
	office(t, saved...)
	for i, p := range plans {
		for seed := range 6 * *soak {
			name := strconv.Itoa(seed)
			checkBack(t, fmt.Sprintf("%s %s by LibreOffice", p.Name, name), filepath.Join(dir, "saved", filepath.Base(p.edited(name))), want[i][name])
		}
	}
	runMacros(t, macros)
	for _, m := range macros {
		checkBack(t, m.from+" by a macro", m.to, m.want)
	}
}

// plan says what edit.py edits at random.
type plan struct {
	Name    string       `json:"name"`
	File    string       `json:"file"`
	Out     string       `json:"out"`
	Seeds   []int        `json:"seeds"`
	Columns []planColumn `json:"columns"`
}

type planColumn struct {
	Key   string `json:"key"`
	Open  bool   `json:"open"`
	Whole bool   `json:"whole"`
}

func (p plan) edited(seed string) string { return filepath.Join(p.Out, p.Name+seed+".xlsx") }

func planOf(t *testing.T, dir string, s lists.Sheet, n int) plan {
	t.Helper()
	p := plan{Name: filepath.Base(dir), File: filepath.Join(dir, "list.xlsx"), Out: filepath.Join(dir, "edited")}
	open := []string{"progress", "signature", "duty", "person", "meeting", "unit_progress", "countersign", "leader", "demand", "state_of_work"}
	for _, c := range s.Columns {
		p.Columns = append(p.Columns, planColumn{c.Key, slices.Contains(open, c.Key), c.Whole})
	}
	for seed := range n {
		p.Seeds = append(p.Seeds, seed)
	}
	if err := errors.Join(os.MkdirAll(p.Out, 0o700), os.WriteFile(p.File, workbookOf(t, s), 0o600)); err != nil {
		t.Fatal(err)
	}
	return p
}

// editAtRandom returns for each plan what must come back, by seed.
func editAtRandom(t *testing.T, dir string, plans []plan) []map[string]wanted {
	t.Helper()
	raw, err := json.Marshal(plans)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "plan"), raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	var want []map[string]wanted
	if err := json.Unmarshal(output(t, nil, python, "testdata/edit.py", filepath.Join(dir, "plan")), &want); err != nil {
		t.Fatal(err)
	}
	return want
}

// macro is an edit that LibreOffice does by its own language, as an office's helpers do.
type macro struct {
	from, to string
	body     []string
	want     wanted
}

// macroOf fills in the first and the last row, sorts a list without joined cells the other way round, puts a row and a column in, and takes the running
// numbers out.
func macroOf(p plan, s lists.Sheet) macro {
	m := macro{from: p.File, to: filepath.Join(p.Out, "macro.xlsx")}
	column := slices.IndexFunc(p.Columns, func(c planColumn) bool { return c.Open && !c.Whole })
	last := len(s.Rows) - 1
	for _, row := range []int{0, last} {
		text := fmt.Sprintf("宏填的，第%d行", row+1)
		m.body = append(m.body, fmt.Sprintf("sheet.getCellByPosition(%d, %d).String = %q", column, row+4, text))
		m.want.Changes = append(m.want.Changes, []string{s.Keys[row].No, string(s.Keys[row].Unit), p.Columns[column].Key, text})
	}
	if len(s.Blocks) == 0 {
		m.body = append(m.body, "field(0).Field = 1", "field(0).IsAscending = False", `how(0).Name = "SortFields"`, "how(0).Value = field()",
			fmt.Sprintf("sheet.getCellRangeByPosition(0, 4, %d, %d).sort(how())", len(s.Columns), last+4))
	}
	m.body = append(m.body, "sheet.Rows.insertByIndex(4, 1)", "sheet.Columns.insertByIndex(2, 1)", "sheet.Columns.removeByIndex(0, 1)")
	m.want.Loose = []string{}
	return m
}

// runMacros runs all of them in one start of LibreOffice, which has made its home before.
func runMacros(t *testing.T, macros []macro) {
	t.Helper()
	const module, library = "zw110/Edit.xba", "zw110/script.xlb"
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Edit" script:language="StarBasic">
Sub Run
Dim hidden(0) As New com.sun.star.beans.PropertyValue
hidden(0).Name = "Hidden"
hidden(0).Value = True
Dim form(0) As New com.sun.star.beans.PropertyValue
form(0).Name = "FilterName"
form(0).Value = "Calc MS Excel 2007 XML"
Dim how(0) As New com.sun.star.beans.PropertyValue
Dim field(0) As New com.sun.star.table.TableSortField
`)
	for _, m := range macros {
		fmt.Fprintf(&b, "doc = StarDesktop.loadComponentFromURL(\"file://%s\", \"_blank\", 0, hidden())\nsheet = doc.Sheets.getByIndex(0)\n%s\n", m.from, strings.Join(m.body, "\n"))
		fmt.Fprintf(&b, "doc.DocumentProperties.ModifiedBy = \"宏\"\ndoc.storeToURL(\"file://%s\", form())\ndoc.close(True)\n", m.to)
	}
	b.WriteString("End Sub\n</script:module>\n")
	basic := filepath.Join(officeHome.dir, "profile", "user", "basic")
	for name, text := range map[string]string{
		module: b.String(),
		library: `<?xml version="1.0" encoding="UTF-8"?>
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="zw110" library:readonly="false" library:passwordprotected="false">
<library:element library:name="Edit"/></library:library>`,
		"script.xlc": `<?xml version="1.0" encoding="UTF-8"?>
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
<library:library library:name="zw110" xlink:href="$(USER)/basic/zw110/script.xlb/" xlink:type="simple" library:link="false"/></library:libraries>`,
	} {
		file := filepath.Join(basic, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	office(t, "macro:///zw110.Edit.Run")
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
