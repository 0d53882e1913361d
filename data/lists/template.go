package lists

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the usual heads of columns
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"

	"zw110/data/incident"
	"zw110/data/intake"
)

// Template is a town's own workbook for a list: where its rows go and what each column of it holds.
type Template struct {
	List   incident.List
	Sheet  string
	Header int // row of the heads, from 1
	First  int // first row of the list; its formats are those of every row
	Blank  int // how many rows stand ready for it
	// Columns are those with a head or a mark, from the left.
	Columns []TemplateColumn
}

// TemplateColumn is a column of a template: which column of the list it holds, empty for none.
type TemplateColumn struct {
	At   int // from 0
	Head string
	Key  string
}

// Letter names the column as spreadsheet programs do.
func (c TemplateColumn) Letter() string {
	name, err := excelize.ColumnNumberToName(c.At + 1)
	if err != nil {
		return ""
	}
	return name
}

// The bounds of a template.
const (
	templateWithin = 40  // how far down the heads may stand
	templateLeast  = 3   // columns that must be known to take a row for the heads
	templateMost   = 200 // columns
	templateRows   = 5_000
)

//go:embed heads.csv
var usualHeads string

// columnsFor are the columns of a list with their heads.
func columnsFor(list incident.List, w Words) []Column {
	switch list {
	case incident.ListJoint:
		return jointColumns(w)
	case incident.ListMonthly:
		return monthlyColumns(w)
	}
	return dailyColumns(w)
}

// plain is a head without spaces, line ends and marks of any kind.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || unicode.IsPunct(c) || unicode.IsSymbol(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, s)
}

// headsOf tells which column of a list a head means: the list's own heads in each language first, then the usual ones.
func headsOf(list incident.List, words []Words) (map[string]string, error) {
	rows, err := csv.NewReader(strings.NewReader(usualHeads)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the usual heads: %w", err)
	}
	out := map[string]string{}
	learn := func(head, key string) {
		if head = plain(head); head != "" && out[head] == "" {
			out[head] = key
		}
	}
	for _, w := range words {
		for _, c := range columnsFor(list, w) {
			learn(c.Head, c.Key)
			learn(c.Key, c.Key)
		}
	}
	for _, c := range columnsFor(list, words[0]) {
		for _, row := range rows[1:] {
			if row[0] == c.Key {
				for head := range strings.FieldsSeq(row[1]) {
					learn(head, c.Key)
				}
			}
		}
	}
	return out, nil
}

// mark is what stands in a template for something of the list: {{事项编号}}.
var mark = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// Names of single things of a list, as marks and as names of cells (清单标题, zw110_title).
func templateNames() map[string]string {
	return map[string]string{
		"标题": "title", "title": "title", "编制": "made", "made": "made", "合计": "totals", "totals": "totals", "日期": "date", "date": "date",
		"版本": "version", "version": "version", "校验码": "check", "check": "check", "制表时间": "made_at", "made_at": "made_at",
	}
}

// openTemplate opens a template, if it is one that can be filled.
func openTemplate(content []byte) (*excelize.File, error) {
	if bytes.HasPrefix(content, []byte{0xd0, 0xcf, 0x11, 0xe0}) {
		return nil, &intake.Problem{Code: "lists.template.err.old"}
	}
	f, _, err := intake.OpenWorkbook(content)
	if err != nil {
		return nil, err
	}
	if _, macros := f.Pkg.Load("xl/vbaProject.bin"); macros {
		return nil, errors.Join(&intake.Problem{Code: "lists.template.err.macros"}, f.Close())
	}
	return f, nil
}

// ReadTemplate looks at a workbook and proposes which column holds what: what marks in the first row say, else the words of the heads. Words are those of
// every language of the program. An *intake.Problem says why it can't be filled and where.
func ReadTemplate(content []byte, list incident.List, words ...Words) (t Template, err error) {
	defer func() { // a workbook's inner references may be hostile
		if p := recover(); p != nil {
			t, err = Template{}, &intake.Problem{Code: "intake.err.workbook", Detail: fmt.Sprint(p)}
		}
	}()
	f, err := openTemplate(content)
	if err != nil {
		return Template{}, err
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close template: %w", cerr)
		}
	}()
	heads, err := headsOf(list, words)
	if err != nil {
		return Template{}, err
	}
	s := templateSearch{f: f, list: list, heads: heads}
	return s.find()
}

// templateSearch looks for the place of the rows.
type templateSearch struct {
	f     *excelize.File
	list  incident.List
	heads map[string]string
	grid  map[string][][]string
}

func (s *templateSearch) find() (Template, error) {
	s.grid = map[string][][]string{}
	for _, sheet := range s.f.GetSheetList() {
		rows, err := sheetCells(s.f, sheet)
		if err != nil {
			return Template{}, err
		}
		s.grid[sheet] = rows[:min(len(rows), templateRows)]
	}
	found, err := s.marked()
	if err == nil && len(found) == 0 {
		found, err = s.named()
	}
	if err == nil && len(found) == 0 {
		found, err = s.headed()
	}
	if err != nil {
		return Template{}, err
	}
	switch len(found) {
	case 0:
		return Template{}, &intake.Problem{Code: "lists.template.err.no_header"}
	case 1:
	default:
		return Template{}, &intake.Problem{
			Code: "lists.template.err.two_headers", Detail: fmt.Sprintf("%s!%d、%s!%d", found[0].Sheet, found[0].First, found[1].Sheet, found[1].First),
		}
	}
	t := found[0]
	if p, err := s.f.GetSheetProtection(t.Sheet); err != nil || p != (excelize.SheetProtectionOptions{}) {
		return Template{}, &intake.Problem{Code: "lists.template.err.protected", Detail: t.Sheet, Err: err}
	}
	return t, s.blank(&t)
}

// marked finds the rows with marks of columns, and refuses marks that mean nothing.
func (s *templateSearch) marked() ([]Template, error) {
	names := templateNames()
	var out []Template
	for _, sheet := range s.f.GetSheetList() {
		for i, cells := range s.grid[sheet] {
			columns := map[int]string{}
			for c, text := range cells {
				for _, m := range mark.FindAllStringSubmatch(text, -1) {
					key := s.heads[plain(m[1])]
					switch {
					case key != "" && mark.ReplaceAllString(strings.TrimSpace(text), "") == "":
						columns[c] = key
					case names[m[1]] == "":
						return nil, &intake.Problem{Code: "lists.template.err.mark", Detail: sheet + "!" + place(c, i) + " " + m[0]}
					}
				}
			}
			if len(columns) == 0 {
				continue
			}
			t, err := s.below(sheet, i-1, columns)
			if err != nil {
				return nil, err
			}
			t.First = i + 1
			out = append(out, t)
		}
	}
	return out, nil
}

// firstRowNames name the first row of the list in a template.
func firstRowNames() []string { return []string{"清单首行", "zw110_rows"} }

// named finds the row that somebody gave a name.
func (s *templateSearch) named() ([]Template, error) {
	for _, d := range s.f.GetDefinedName() {
		if !slices.Contains(firstRowNames(), d.Name) {
			continue
		}
		sheet, _, row, ok := cellOfName(d)
		if !ok || row < 2 || s.grid[sheet] == nil || row-2 >= len(s.grid[sheet]) {
			return nil, &intake.Problem{Code: "lists.template.err.name", Detail: d.Name + " " + d.RefersTo}
		}
		at := row - 2
		for at > 0 && at < len(s.grid[sheet]) && blankCells(s.grid[sheet][at]) { // the lower half of heads that are joined
			at--
		}
		t, err := s.below(sheet, at, nil)
		if err != nil {
			return nil, err
		}
		t.First = row
		return []Template{t}, nil
	}
	return nil, nil
}

func blankCells(cells []string) bool {
	return !slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" })
}

// cellOfName is the first cell that a name stands for.
func cellOfName(d excelize.DefinedName) (sheet string, col, row int, ok bool) {
	at := strings.LastIndex(d.RefersTo, "!")
	if at < 0 {
		return "", 0, 0, false
	}
	sheet = strings.ReplaceAll(strings.Trim(strings.TrimPrefix(d.RefersTo[:at], "="), "'"), "''", "'")
	cell, _, _ := strings.Cut(strings.ReplaceAll(d.RefersTo[at+1:], "$", ""), ":")
	col, row, err := excelize.CellNameToCoordinates(cell)
	return sheet, col, row, err == nil
}

// headed finds the rows of heads by their words: those that know most columns.
func (s *templateSearch) headed() ([]Template, error) {
	var out []Template
	best := templateLeast
	for _, sheet := range s.f.GetSheetList() {
		rows := s.grid[sheet]
		for i := range rows[:min(len(rows), templateWithin)] {
			t, err := s.below(sheet, i, nil)
			if err != nil {
				return nil, err
			}
			n := 0
			for _, c := range t.Columns {
				if c.Key != "" {
					n++
				}
			}
			if n > best {
				best, out = n, nil
			}
			if n == best {
				out = append(out, t)
			}
		}
	}
	return out, nil
}

// below makes a template of a row of heads, from 0; columns are what marks say, nil for what the heads do.
func (s *templateSearch) below(sheet string, header int, columns map[int]string) (Template, error) {
	t := Template{List: s.list, Sheet: sheet, Header: header + 1, First: header + 2}
	var cells []string
	if header >= 0 && header < len(s.grid[sheet]) {
		cells = s.grid[sheet][header]
	}
	last := len(cells)
	for c := range columns {
		last = max(last, c+1)
	}
	taken := map[string]bool{}
	for c := range min(last, templateMost) {
		col := TemplateColumn{At: c}
		if c < len(cells) {
			col.Head = strings.TrimSpace(cells[c])
		}
		if columns != nil {
			col.Key = columns[c]
		} else {
			col.Key = s.heads[plain(col.Head)]
		}
		if taken[col.Key] {
			col.Key = "" // the first of two alike
		}
		if col.Key != "" {
			taken[col.Key] = true
		}
		if col.Head != "" || col.Key != "" {
			t.Columns = append(t.Columns, col)
		}
	}
	if columns == nil && len(taken) > 0 {
		merged, err := s.f.GetMergeCells(sheet, true)
		if err != nil {
			return t, &intake.Problem{Code: "intake.err.workbook", Detail: sheet, Err: err}
		}
		for _, m := range merged {
			_, from, err := excelize.CellNameToCoordinates(m.GetStartAxis())
			_, to, err2 := excelize.CellNameToCoordinates(m.GetEndAxis())
			if errors.Join(err, err2) == nil && from <= t.Header && to >= t.First {
				t.First = to + 1
			}
		}
	}
	return t, nil
}

// blank counts the rows that stand ready: formatted as the first, and empty where the list will stand.
func (s *templateSearch) blank(t *Template) error {
	styles := map[int]int{}
	for row := t.First; row < t.First+templateRows; row++ {
		for _, c := range t.Columns {
			if c.Key == "" {
				continue
			}
			cell := place(c.At, row-1)
			style, err := s.f.GetCellStyle(t.Sheet, cell)
			if err != nil {
				return &intake.Problem{Code: "intake.err.workbook", Detail: t.Sheet + "!" + cell, Err: err}
			}
			text, formula := "", ""
			if row-1 < len(s.grid[t.Sheet]) && c.At < len(s.grid[t.Sheet][row-1]) {
				text = s.grid[t.Sheet][row-1][c.At]
			}
			if formula, err = s.f.GetCellFormula(t.Sheet, cell); err != nil {
				return &intake.Problem{Code: "intake.err.workbook", Detail: t.Sheet + "!" + cell, Err: err}
			}
			if row == t.First {
				styles[c.At] = style
				if text = mark.ReplaceAllString(text, ""); formula != "" || strings.TrimSpace(text) != "" {
					return &intake.Problem{Code: "lists.template.err.not_blank", Detail: t.Sheet + "!" + cell}
				}
				continue
			}
			number := c.Key == "seq" && strings.Trim(text, "0123456789 ") == ""
			if style != styles[c.At] || formula != "" || strings.TrimSpace(text) != "" && !number || row > len(s.grid[t.Sheet])+templateRows {
				return nil
			}
		}
		if row > t.First && row > s.lastRow(t.Sheet) {
			return nil
		}
		t.Blank++
	}
	return nil
}

// lastRow is the last row of a sheet that has anything, formats too.
func (s *templateSearch) lastRow(sheet string) int {
	dimension, err := s.f.GetSheetDimension(sheet)
	if err != nil {
		return len(s.grid[sheet])
	}
	_, to, found := strings.Cut(dimension, ":")
	if !found {
		return len(s.grid[sheet])
	}
	_, row, err := excelize.CellNameToCoordinates(to)
	if err != nil {
		return len(s.grid[sheet])
	}
	return max(row, len(s.grid[sheet]))
}

// Missing are the keys of the list's columns that no column of the template holds.
func (t Template) Missing(w Words) []string {
	var out []string
	for _, c := range columnsFor(t.List, w) {
		if !slices.ContainsFunc(t.Columns, func(have TemplateColumn) bool { return have.Key == c.Key }) {
			out = append(out, c.Key)
		}
	}
	return out
}

// Assign lets a column of the template, named by its letter or head, hold a column of the list, named by its head or key; empty: none. An
// *intake.Problem says what is not known.
func (t *Template) Assign(column, holds string, words ...Words) error {
	at := slices.IndexFunc(t.Columns, func(c TemplateColumn) bool {
		return strings.EqualFold(c.Letter(), column) || plain(c.Head) == plain(column)
	})
	if at < 0 {
		return &intake.Problem{Code: "lists.template.err.column", Detail: column}
	}
	key := ""
	if holds != "" {
		heads, err := headsOf(t.List, words)
		if err != nil {
			return err
		}
		if key = heads[plain(holds)]; key == "" {
			return &intake.Problem{Code: "lists.template.err.field", Detail: holds}
		}
	}
	for i := range t.Columns {
		if key != "" && t.Columns[i].Key == key {
			t.Columns[i].Key = ""
		}
	}
	t.Columns[at].Key = key
	return nil
}

// ID is the same for templates of a list with the same heads at the same place, whatever else they hold.
func (t Template) ID() string {
	h := sha256.New()
	put := hashText(h)
	put(string(t.List))
	put(fmt.Sprint(t.Header, t.First))
	for _, c := range t.Columns {
		put(c.Letter())
		put(c.Head)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// Mapping is what the columns hold, by letter.
func (t Template) Mapping() map[string]string {
	out := map[string]string{}
	for _, c := range t.Columns {
		out[c.Letter()] = c.Key
	}
	return out
}

// Remembered takes a mapping that was confirmed for a template with the same ID.
func (t *Template) Remembered(mapping map[string]string) {
	for i, c := range t.Columns {
		if key, ok := mapping[c.Letter()]; ok {
			t.Columns[i].Key = key
		}
	}
}
