package lists_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/lists"
)

// templates makes town workbooks of several kinds with openpyxl.
func templates(t *testing.T, kinds ...string) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	args := []string{"testdata/template.py", "make"}
	for _, k := range kinds {
		args = append(args, filepath.Join(dir, k+".xlsx"), k)
	}
	output(t, nil, python, args...)
	out := map[string][]byte{}
	for _, k := range kinds {
		content, err := os.ReadFile(filepath.Join(dir, k+".xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		out[k] = content
	}
	return out
}

// looked is what openpyxl sees of a sheet.
type looked struct {
	Cells    [][]any            `json:"cells"`
	Styles   [][][]any          `json:"styles"`
	Heights  []*float64         `json:"heights"`
	Widths   map[string]float64 `json:"widths"`
	Merged   []string           `json:"merged"`
	Page     []any              `json:"page"`
	Rules    []string           `json:"rules"`
	Choices  []string           `json:"choices"`
	Pictures [][2]int           `json:"pictures"`
	Comments []string           `json:"comments"`
}

func look(t *testing.T, files ...[]byte) []map[string]looked {
	t.Helper()
	dir := t.TempDir()
	args := []string{"testdata/template.py", "look"}
	for i, f := range files {
		name := filepath.Join(dir, fmt.Sprint(i)+".xlsx")
		if err := os.WriteFile(name, f, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	var out []map[string]looked
	if err := json.Unmarshal(output(t, nil, python, args...), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func filled(t *testing.T, content []byte, s lists.Sheet, tpl lists.Template) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Fill(content, tpl, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// someRows is a daily list of n rows.
func someRows(t *testing.T, n int) lists.Sheet {
	t.Helper()
	var rows []lists.Placement
	for i := range n {
		rows = append(rows, invented(t, func(p *lists.Placement) {
			p.State.No, p.State.Title = fmt.Sprintf("20260814-%03d", i+1), fmt.Sprintf("=第%d组路灯不亮", i+1)
		}))
	}
	return make1(t, rows...)
}

const ledger = "日清台账"

// A town's own workbook is filled in place: what the heads say decides, formats are those of the first row, what stands below moves down.
func TestTemplate_IsFilledWithoutBreakingItsFormats(t *testing.T) {
	made := templates(t, "plain", "one", "names", "marks")
	for kind, rows := range map[string]int{"plain": 3, "one": 1, "names": 3, "marks": 3} {
		tpl, err := lists.ReadTemplate(made[kind], incident.ListDaily, both(t)...)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if tpl.Sheet != ledger || tpl.Header != 3 || tpl.First != 4 || tpl.Blank != rows {
			t.Errorf("%s: %+v", kind, tpl)
			continue
		}
		var sheets []lists.Sheet
		files := [][]byte{made[kind]}
		for _, n := range []int{0, 2, 6} {
			s := someRows(t, n)
			sheets, files = append(sheets, s), append(files, filled(t, made[kind], s, tpl))
		}
		seen := look(t, files...)
		for i, s := range sheets {
			compareFilled(t, fmt.Sprintf("%s with %d rows", kind, len(s.Rows)), seen[0][ledger], seen[i+1][ledger], s, tpl)
		}
	}
}

func compareFilled(t *testing.T, what string, old, now looked, s lists.Sheet, tpl lists.Template) {
	t.Helper()
	more := max(0, len(s.Rows)-tpl.Blank)
	if len(now.Cells) != len(old.Cells)+more {
		t.Fatalf("%s: %d rows, want %d", what, len(now.Cells), len(old.Cells)+more)
	}
	if now.Cells[0][0] != s.Title || !strings.Contains(fmt.Sprint(now.Cells[1][0]), "2026年8月14日　"+s.Check()) {
		t.Errorf("%s: %v, %v", what, now.Cells[0][0], now.Cells[1][0])
	}
	keys := map[string]int{}
	for i, c := range s.Columns {
		keys[c.Key] = i
	}
	for r, row := range s.Rows {
		at := tpl.First - 1 + r
		for _, c := range tpl.Columns {
			if c.Key == "" {
				continue
			}
			if got, want := now.Cells[at][c.At], row[keys[c.Key]].String(); got != want && (got != nil || want != "") {
				t.Errorf("%s: %s%d says %v, want %s", what, c.Letter(), at+1, got, want)
			}
		}
		if want := fmt.Sprintf("=LEN(G%d)*0.5", at+1); now.Cells[at][7] != want {
			t.Errorf("%s: formula of row %d is %v, want %s", what, at+1, now.Cells[at][7], want)
		}
		if !reflect.DeepEqual(now.Styles[at], old.Styles[tpl.First-1]) || now.Heights[at] == nil || *now.Heights[at] < 24 {
			t.Errorf("%s: row %d is formatted otherwise", what, at+1)
		}
	}
	below := tpl.First - 1 + tpl.Blank
	for r := below; r < len(old.Cells); r++ {
		if !reflect.DeepEqual(now.Styles[r+more], old.Styles[r]) {
			t.Errorf("%s: row %d, now %d, is formatted otherwise", what, r+1, r+more+1)
		}
	}
	last := below + more
	if old.Cells[below][0] == "合计" && now.Cells[last][7] != fmt.Sprintf("=SUM(H4:H%d)", last) {
		t.Errorf("%s: the sum is %v", what, now.Cells[last][7])
	}
	page := slices.Clone(old.Page)
	page[4] = fmt.Sprint(len(now.Cells)) // the last row of the print area
	if !reflect.DeepEqual(now.Page, page) || !reflect.DeepEqual(now.Widths, old.Widths) {
		t.Errorf("%s: page %v, want %v; widths %v", what, now.Page, page, now.Widths)
	}
	foot := len(now.Cells)
	want := []string{"A1:I1", "A2:I2", fmt.Sprintf("A%d:D%d", foot, foot)}
	slices.Sort(want)
	if !slices.Equal(now.Merged, want) {
		t.Errorf("%s: joined %v, want %v", what, now.Merged, want)
	}
	if want := [][2]int{{8, foot - 1}}; !slices.Equal(now.Pictures, want) || !slices.Equal(now.Comments, []string{"A3"}) {
		t.Errorf("%s: pictures at %v, want %v; comments %v", what, now.Pictures, want, now.Comments)
	}
	for r := tpl.First; r < tpl.First+max(tpl.Blank, len(s.Rows)); r++ {
		for name, ranges := range map[string][]string{"H": now.Rules, "I": now.Choices} {
			if !slices.ContainsFunc(ranges, func(s string) bool { return covers(s, name, r) }) {
				t.Errorf("%s: row %d is not covered by %v", what, r, ranges)
			}
		}
	}
}

// covers reports whether a range such as H4:H9 >5, or one of several, has a cell.
func covers(text, column string, row int) bool {
	for part := range strings.FieldsSeq(text) {
		from, to := 0, 0
		if n, err := fmt.Sscanf(part, column+"%d:"+column+"%d", &from, &to); n == 2 && err == nil && row >= from && row <= to {
			return true
		}
		if part == fmt.Sprintf("%s%d", column, row) {
			return true
		}
	}
	return false
}

func TestTemplate_RefusedWithItsPlace(t *testing.T) {
	made := templates(t, "plain", "protected", "twice", "other", "unknown", "full", "onesum", "comment")
	made["old"] = []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}
	made["text"] = []byte("序号,事项编号")
	made["macros"] = withPart(t, made["plain"], "xl/vbaProject.bin")
	for kind, want := range map[string][2]string{
		"protected": {"lists.template.err.protected", ledger}, "twice": {"lists.template.err.two_headers", ledger + "!4、另一张!4"},
		"other": {"lists.template.err.no_header", ""}, "unknown": {"lists.template.err.mark", ledger + "!A2 {{没有这个}}"},
		"full": {"lists.template.err.not_blank", ledger + "!A4"}, "old": {"lists.template.err.old", ""}, "text": {"intake.err.workbook", ""},
		"macros": {"lists.template.err.macros", ""},
	} {
		_, err := lists.ReadTemplate(made[kind], incident.ListDaily, both(t)...)
		var p *intake.Problem
		if !errors.As(err, &p) || p.Code != want[0] || p.Detail != want[1] {
			t.Errorf("%s: %v, want %v", kind, err, want)
		}
	}
	for kind, want := range map[string][2]string{"onesum": {"lists.template.err.one_row", "!H5"}, "comment": {"lists.template.err.comment", "!A8"}} {
		tpl, err := lists.ReadTemplate(made[kind], incident.ListDaily, both(t)...)
		if err != nil {
			t.Fatal(err)
		}
		var p *intake.Problem
		if err := someRows(t, 4).Fill(made[kind], tpl, &bytes.Buffer{}); !errors.As(err, &p) || p.Code != want[0] || p.Detail != ledger+want[1] {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// withPart adds a part to a workbook.
func withPart(t *testing.T, content []byte, name string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		if err := out.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	w, err := out.Create(name)
	if err == nil {
		_, err = w.Write([]byte("macro"))
	}
	if err = errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTemplate_MappingIsProposedChangedAndRemembered(t *testing.T) {
	made := templates(t, "plain", "one")
	tpl, err := lists.ReadTemplate(made["plain"], incident.ListDaily, both(t)...)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"A": "no", "B": "accepted", "C": "village", "D": "matter", "E": "lead", "F": "due", "G": "progress", "H": "", "I": ""}
	if got := tpl.Mapping(); !reflect.DeepEqual(got, want) {
		t.Errorf("proposed %v, want %v", got, want)
	}
	if missing := tpl.Missing(words(t, "zh-Hans")); !slices.Contains(missing, "signature") || slices.Contains(missing, "no") {
		t.Errorf("missing %v", missing)
	}
	same, err := lists.ReadTemplate(made["plain"], incident.ListDaily, both(t)...)
	if err != nil || same.ID() != tpl.ID() {
		t.Errorf("read again it has another ID, %v", err)
	}
	for _, c := range [][2]string{{"备注", "签字"}, {"G", "light"}, {"b", ""}} {
		if err := tpl.Assign(c[0], c[1], both(t)...); err != nil {
			t.Error(err)
		}
	}
	want["I"], want["G"], want["B"] = "signature", "light", ""
	same.Remembered(tpl.Mapping())
	if got := same.Mapping(); !reflect.DeepEqual(got, want) {
		t.Errorf("remembered %v, want %v", got, want)
	}
	var p *intake.Problem
	if err := tpl.Assign("没有", "签字", both(t)...); !errors.As(err, &p) || p.Code != "lists.template.err.column" {
		t.Errorf("%v", err)
	}
	if err := tpl.Assign("A", "没有", both(t)...); !errors.As(err, &p) || p.Code != "lists.template.err.field" {
		t.Errorf("%v", err)
	}
	joint, err := lists.ReadTemplate(made["plain"], incident.ListJoint, both(t)...)
	if err == nil && joint.ID() == tpl.ID() {
		t.Error("for another list it has the same ID")
	}
}
