package lists

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"zw110/data/incident"
	"zw110/data/intake"
)

// Back is a workbook of a list that came back edited, compared with what it said when it was written.
type Back struct {
	Origin
	Version int
	MadeAt  incident.Stamp
	Editor  string   // who saved it last, as the spreadsheet program says; may be empty
	Rows    int      // how many rows of the list are still there
	Gone    []RowKey // rows that somebody deleted; nothing follows from it
	Changes []Change
	Loose   []Loose
}

// Change is one cell that somebody wrote into.
type Change struct {
	Place  string // such as L7
	Row    RowKey
	Column string // key of the column
	Was    string
	Is     string
}

// Loose is something in the workbook that can't become an act, and why: a row that the list didn't have, a column that follows from other acts.
type Loose struct {
	Place string
	Key   string // of the catalogue: lists.back.loose...
	Args  []string
}

// The bounds of a workbook that comes back.
const (
	maxBackRows    = 200_000
	maxBackColumns = 1_000
)

// comesBack are the columns of a list that people fill in by hand.
func comesBack(list incident.List) []string {
	switch list {
	case incident.ListDaily:
		return []string{"progress", "signature"}
	case incident.ListJoint:
		return []string{"duty", "person", "meeting", "unit_progress", "countersign"}
	case incident.ListMonthly:
		return []string{"leader", "demand", "state_of_work"}
	}
	return nil
}

// Work reports whether a column tells of the work, which is an act of a unit; every other that comes back is a note.
func Work(column string) bool {
	return column == "progress" || column == "unit_progress" || column == "state_of_work"
}

// UnitOf is the unit that a change speaks of: that of the row, but for what concerns the whole incident.
func (c Change) UnitOf() incident.UnitID {
	if c.Column == "meeting" {
		return ""
	}
	return c.Row.Unit
}

// Present is what a column that comes back would say of an incident now.
func Present(st incident.State, w Words, column string, unit incident.UnitID) string {
	l := line{Placement: Placement{State: st}, words: w}
	switch column {
	case "demand":
		var last incident.Supervision
		if n := len(st.Supervisions); n > 0 {
			last = st.Supervisions[n-1]
		}
		return l.demand(last)
	case "progress", "state_of_work":
		return l.progress()
	case "unit_progress":
		return l.unitProgress(unit)
	case "duty":
		role := "co"
		if unit == st.LeadUnit {
			role = "lead"
		}
		return l.orNoted("duty", unit, w.T("lists.duty."+role))
	case "person":
		return l.orNoted("person", unit, l.signer(unit))
	}
	return l.noted(column, unit)
}

// Spoken reports whether a person's words stand in a column; where nobody has said anything, the list shows the state or the usual duty in a word of
// its language, which changes by itself.
func Spoken(st incident.State, column string, unit incident.UnitID) bool {
	l := line{Placement: Placement{State: st}}
	if column == "duty" {
		return l.noted(column, unit) != ""
	}
	return !Work(column) || l.said(unit) != ""
}

// ReadBack compares an edited workbook with what it said when it was written. Words are those of every language that a list is written in. Rows may be
// sorted, inserted, deleted or copied, columns moved, hidden or removed. An *intake.Problem refuses a workbook whole: none of ours, or damaged.
func ReadBack(content []byte, words ...Words) (back Back, err error) {
	defer func() { // a workbook's inner references may be hostile
		if p := recover(); p != nil {
			back, err = Back{}, &intake.Problem{Code: "intake.err.workbook", Detail: fmt.Sprint(p)}
		}
	}()
	f, _, err := intake.OpenWorkbook(content)
	if err != nil {
		return Back{}, err
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close workbook: %w", cerr)
		}
	}()
	r := reading{words: words}
	if err := r.readBase(f); err != nil {
		return Back{}, err
	}
	if props, err := f.GetDocProps(); err == nil {
		r.back.Editor = strings.TrimSpace(props.LastModifiedBy)
	}
	found := false
	for _, sheet := range f.GetSheetList() {
		if sheet == baseSheet {
			continue
		}
		rows, err := sheetCells(f, sheet)
		if err != nil {
			return Back{}, err
		}
		ok := r.readSheet(rows, func(place string) string {
			formula, err := f.GetCellFormula(sheet, place)
			if err != nil {
				return err.Error()
			}
			return formula
		})
		if ok && found {
			return Back{}, &intake.Problem{Code: "lists.back.err.two_sheets", Detail: sheet}
		}
		found = found || ok
	}
	if !found {
		return Back{}, &intake.Problem{Code: "lists.back.err.no_list"}
	}
	r.finish()
	return r.back, nil
}

// reading is one run of ReadBack.
type reading struct {
	words   []Words
	back    Back
	columns []string                     // keys, in the order of the base
	base    map[string]map[string]string // by the row's hidden key, then by column: what it said
	keys    map[string]RowKey
	order   []string               // hidden keys as the base has them
	byName  map[RowKey]string      // the hidden key of a row
	block   map[string]string      // the hidden key of the first row of an incident, by number
	edits   map[string][]foundCell // by hidden key: cells that differ
	seen    map[string]bool
}

type foundCell struct {
	place, column, text string
}

// sheetCells reads a sheet whole.
func sheetCells(f *excelize.File, sheet string) (rows [][]string, err error) {
	it, err := f.Rows(sheet)
	if err != nil {
		return nil, &intake.Problem{Code: "intake.err.workbook", Detail: sheet, Err: err}
	}
	defer func() {
		if cerr := it.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close sheet %s: %w", sheet, cerr)
		}
	}()
	for it.Next() {
		cells, err := it.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, &intake.Problem{Code: "intake.err.workbook", Detail: fmt.Sprintf("%s!%d", sheet, len(rows)+1), Err: err}
		}
		if len(cells) > maxBackColumns {
			cells = cells[:maxBackColumns]
		}
		if len(rows) == maxBackRows {
			return nil, &intake.Problem{Code: "lists.back.err.too_many", Detail: sheet}
		}
		rows = append(rows, cells)
	}
	if err := it.Error(); err != nil {
		return nil, &intake.Problem{Code: "intake.err.workbook", Detail: sheet, Err: err}
	}
	return rows, nil
}

// wholeNumber reads a number as spreadsheet programs store it, 1.7E+12 among others.
func wholeNumber(s string) (uint64, error) {
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		return n, nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v < 0 || v > 1<<53 || v != float64(uint64(v)) {
		return 0, fmt.Errorf("no whole number: %q", s)
	}
	return uint64(v), nil
}

func parseKey(s string) (RowKey, bool) {
	parts := strings.Split(s, keySep)
	if len(parts) != 3 || parts[0] == "" || len(parts[2]) != 16 {
		return RowKey{}, false
	}
	return RowKey{No: parts[0], Unit: incident.UnitID(parts[1])}, true
}

// readSheet takes the edits of one sheet; false for a sheet without the list. A formula that was never worked out has no text; formula tells it.
func (r *reading) readSheet(rows [][]string, formula func(place string) string) bool {
	at, columns := r.heads(rows)
	if at < 0 {
		return false
	}
	unknown := map[int]string{} // columns that somebody added, by their heads
	for c, text := range rows[at] {
		if _, ok := columns[c]; !ok && strings.TrimSpace(text) != "" {
			unknown[c] = strings.TrimSpace(text)
		}
	}
	no := "" // of the block that the rows are in, where nothing better tells
	for i := at + 1; i < len(rows); i++ {
		cells := rows[i]
		key, ok := r.keyOf(cells, columns, &no)
		if !ok {
			r.stray(i, cells)
			continue
		}
		r.seen[key] = true
		for c, text := range cells {
			column, known := columns[c]
			text = tidy(text)
			if text == "" {
				if text = formula(place(c, i)); text != "" {
					r.loose(place(c, i), "formula", r.keys[key].No, text)
					continue
				}
			}
			switch {
			case known:
				r.cell(key, foundCell{place(c, i), column, text})
			case text != "" && text != key && r.keys[text] == (RowKey{}):
				r.loose(place(c, i), "column", unknown[c], text)
			}
		}
	}
	return true
}

func place(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		return strconv.Itoa(row + 1)
	}
	return name
}

// tidy is a cell's text as the list would have written it.
func tidy(s string) string {
	return clean(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "_x000D_", ""))
}

// heads finds the row of headings and which column stands where; -1 for a sheet without.
func (r *reading) heads(rows [][]string) (at int, columns map[int]string) {
	at = -1
	for i, cells := range rows[:min(len(rows), 40)] {
		found := map[int]string{}
		for c, text := range cells {
			for _, key := range r.columns {
				if !slices.Contains(slices.Collect(maps.Values(found)), key) && r.isHead(key, strings.TrimSpace(text)) {
					found[c] = key
					break
				}
			}
		}
		if len(found) > len(columns) {
			at, columns = i, found
		}
	}
	if len(columns) < min(3, len(r.columns)) {
		return -1, nil
	}
	return at, columns
}

func (r *reading) isHead(key, text string) bool {
	return slices.ContainsFunc(r.words, func(w Words) bool { return text != "" && w.T("lists.col."+key) == text })
}

// keyOf tells which row of the list a row is: by its hidden key, wherever that stands, else by number and unit.
func (r *reading) keyOf(cells []string, columns map[int]string, no *string) (string, bool) {
	for _, text := range slices.Backward(cells) {
		if k, ok := r.keys[text]; ok {
			*no = k.No
			return text, true
		}
	}
	var k RowKey
	for c, key := range columns {
		if c < len(cells) {
			switch key {
			case "no":
				k.No = strings.TrimSpace(cells[c])
			case "unit":
				k.Unit = incident.UnitID(strings.TrimSpace(cells[c]))
			}
		}
	}
	if k.No == "" && k.Unit != "" {
		k.No = *no
	}
	for _, name := range []RowKey{k, {No: k.No}} { // a row without a unit says its state there
		if key, ok := r.byName[name]; ok {
			*no = k.No
			return key, true
		}
	}
	return "", false
}

// stray tells of a row that the list didn't have, unless it is empty or the one to sign on.
func (r *reading) stray(i int, cells []string) {
	var texts []string
	for _, text := range cells {
		text = strings.Trim(tidy(text), "＿_ 　")
		if text != "" && !r.isFoot(text) {
			texts = append(texts, text)
		}
	}
	if len(texts) > 0 {
		r.loose(strconv.Itoa(i+1), "row", strings.Join(texts, " · "))
	}
}

// isFoot reports whether a text is a caption of the signing line.
func (r *reading) isFoot(text string) bool {
	for _, w := range r.words {
		for _, key := range []string{
			"maker", "shift", "leader", "date", "joint_lead", "joint_units", "director", "draft", "reviewed", "issued", "seal", "dated",
		} {
			if text == strings.Trim(w.T("lists.foot."+key), "＿_ 　") {
				return true
			}
		}
	}
	return false
}

func (r *reading) loose(place, key string, args ...string) {
	r.back.Loose = append(r.back.Loose, Loose{Place: place, Key: "lists.back.loose." + key, Args: args})
}

// cell compares one cell with what it said.
func (r *reading) cell(key string, c foundCell) {
	was := r.base[key][c.column]
	first := r.block[r.keys[key].No]
	switch {
	case c.text == was || c.column == "seq": // the running number follows the order of the rows
		return
	case first != key && r.whole(c.column):
		// A cell of the whole incident, taken apart and filled down.
		if c.text == "" || c.text == r.base[first][c.column] || c.column == "no" {
			return
		}
		for _, e := range r.edits[first] {
			if e.column == c.column && e.text == c.text {
				return
			}
		}
		key = first
		if c.text == r.base[key][c.column] {
			return
		}
	}
	r.edits[key] = append(r.edits[key], c)
}

// whole reports whether a column of a joint list is one cell for the whole incident.
func (r *reading) whole(column string) bool {
	if r.back.List != incident.ListJoint {
		return false
	}
	for _, c := range jointColumns(r.words[0]) {
		if c.Key == column {
			return c.Whole
		}
	}
	return false
}

// finish turns the edits into changes, in the order of the list.
func (r *reading) finish() {
	open := comesBack(r.back.List)
	for _, key := range r.order {
		if !r.seen[key] {
			r.back.Gone = append(r.back.Gone, r.keys[key])
			continue
		}
		r.back.Rows++
		byColumn := map[string][]foundCell{}
		for _, e := range r.edits[key] {
			if !slices.ContainsFunc(byColumn[e.column], func(o foundCell) bool { return o.text == e.text }) {
				byColumn[e.column] = append(byColumn[e.column], e)
			}
		}
		for _, column := range r.columns {
			for _, e := range byColumn[column] {
				was, head := r.base[key][column], "lists.col."+column
				switch {
				case len(byColumn[column]) > 1:
					r.loose(e.place, "twice", r.keys[key].No, head, e.text)
				case !slices.Contains(open, column):
					r.loose(e.place, "fixed", r.keys[key].No, head, was, e.text)
				case e.text == "":
					r.loose(e.place, "cleared", r.keys[key].No, head, was)
				default:
					r.back.Changes = append(r.back.Changes, Change{Place: e.place, Row: r.keys[key], Column: column, Was: was, Is: e.text})
				}
			}
		}
	}
	slices.SortStableFunc(r.back.Loose, func(a, b Loose) int { return cmp.Compare(a.Place, b.Place) })
}
