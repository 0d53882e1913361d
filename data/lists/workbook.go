package lists

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"zw110/data/incident"
)

// Fonts of office practice; a machine without them falls back by itself.
const (
	titleFont = "方正小标宋简体"
	headFont  = "黑体"
	bodyFont  = "仿宋"
)

// The heights of rows in points.
const (
	titleHeight, lineHeight, headHeight, rowHeight, footHeight = 34, 20, 32, 28, 30
)

// headRows are repeated on each page and stay when the sheet is scrolled.
const headRows = 4

// Write writes the list as a workbook: the list on the first sheet, how it was counted on the second. No formulas, no macros; every text is
// stored as text, whatever it begins with.
func (s Sheet) Write(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close workbook: %w", cerr)
		}
	}()
	st, err := newStyles(f)
	if err != nil {
		return fmt.Errorf("make styles of %s: %w", s.Name, err)
	}
	if err := f.SetSheetName("Sheet1", s.Name); err != nil {
		return fmt.Errorf("name sheet %s: %w", s.Name, err)
	}
	if _, err := f.NewSheet(s.NotesAt); err != nil {
		return fmt.Errorf("add sheet %s: %w", s.NotesAt, err)
	}
	if err := f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$%d", s.Name, headRows), Scope: s.Name,
	}); err != nil {
		return fmt.Errorf("repeat head rows: %w", err)
	}
	if err := f.SetDocProps(&excelize.DocProperties{Title: s.Title, Version: fmt.Sprintf("v%d %s", s.Version, s.Check()), Creator: "政务110"}); err != nil {
		return fmt.Errorf("set document properties: %w", err)
	}
	if err := s.writeList(f, st); err != nil {
		return fmt.Errorf("write sheet %s: %w", s.Name, err)
	}
	if err := s.writeNotes(f, st); err != nil {
		return fmt.Errorf("write sheet %s: %w", s.NotesAt, err)
	}
	if _, err := f.WriteTo(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// setPage makes a sheet A4 landscape, one page wide, with margins in centimetres and the page footer. It must come before the stream writer.
func (s Sheet) setPage(f *excelize.File, sheet string) error {
	cm := func(v float64) *float64 { v /= 2.54; return &v }
	fit, paper, wide, tall, landscape := true, 9, 1, 0, "landscape"
	if err := f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &paper, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &tall}); err != nil {
		return err
	}
	if err := f.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{
		Left: cm(1.5), Right: cm(1.5), Top: cm(1.8), Bottom: cm(1.5), Header: cm(0.8), Footer: cm(0.8), Horizontally: &fit,
	}); err != nil {
		return err
	}
	return f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&C" + s.Footer})
}

func (s Sheet) writeList(f *excelize.File, st styles) error {
	if err := s.setPage(f, s.Name); err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	for i, c := range s.Columns {
		// A sheet's width counts the padding too.
		if err := sw.SetColWidth(i+1, i+1, c.Width+0.71); err != nil {
			return err
		}
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: headRows, TopLeftCell: "A5", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	out := rowWriter{sw: sw, width: len(s.Columns)}
	out.wide(s.Title, st.title, titleHeight)
	out.wide(s.Made, st.line, lineHeight)
	out.wide(s.Totals, st.line, lineHeight)
	head := make([]any, len(s.Columns))
	for i, c := range s.Columns {
		head[i] = excelize.Cell{StyleID: st.head, Value: c.Head}
	}
	out.row(head, headHeight)
	for _, row := range s.Rows {
		out.row(s.cells(row, st), s.rowHeight(row, rowHeight))
	}
	out.row(nil, lineHeight/2)
	out.spread(s.Foot, st.foot, footHeight)
	if out.err != nil {
		return out.err
	}
	return sw.Flush()
}

func (s Sheet) cells(row []Cell, st styles) []any {
	out := make([]any, len(row))
	for i, c := range row {
		id := st.left
		if s.Columns[i].Centre {
			id = st.centre
		}
		if c.Light != "" {
			id = st.light[c.Light]
		}
		if c.IsNum {
			out[i] = excelize.Cell{StyleID: st.number, Value: c.Number}
			continue
		}
		out[i] = excelize.Cell{StyleID: id, Value: c.Text}
	}
	return out
}

// noteWidths are the widths of the second sheet's columns.
func noteWidths() []float64 { return []float64{22, 90, 20, 18} }

func (s Sheet) writeNotes(f *excelize.File, st styles) error {
	if err := s.setPage(f, s.NotesAt); err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(s.NotesAt)
	if err != nil {
		return err
	}
	notes := Sheet{}
	for i, w := range noteWidths() {
		notes.Columns = append(notes.Columns, Column{Width: w})
		if err := sw.SetColWidth(i+1, i+1, w); err != nil {
			return err
		}
	}
	out := rowWriter{sw: sw, width: len(notes.Columns)}
	for _, texts := range s.Notes {
		row := make([]Cell, len(texts))
		for i, t := range texts {
			row[i] = Cell{Text: t}
		}
		out.row(notes.cells(row, st), notes.rowHeight(row, lineHeight))
	}
	if out.err != nil {
		return out.err
	}
	return sw.Flush()
}

// rowWriter writes rows one below the other and keeps the first error.
type rowWriter struct {
	sw    *excelize.StreamWriter
	width int
	at    int
	err   error
}

func (w *rowWriter) row(cells []any, height float64) {
	w.at++
	if w.err == nil {
		w.err = w.sw.SetRow(fmt.Sprintf("A%d", w.at), cells, excelize.RowOpts{Height: height})
	}
}

// wide writes one text over the whole width.
func (w *rowWriter) wide(text string, style int, height float64) {
	w.spread([]string{text}, style, height)
}

// spread writes texts side by side over the whole width, each over an equal share of the columns.
func (w *rowWriter) spread(texts []string, style int, height float64) {
	cells := make([]any, w.width)
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: style}
	}
	for i, t := range texts {
		cells[i*w.width/len(texts)] = excelize.Cell{StyleID: style, Value: t}
	}
	w.row(cells, height)
	for i := range texts {
		w.merge(i*w.width/len(texts), (i+1)*w.width/len(texts)-1)
	}
}

// merge joins cells of the last row; columns count from 0.
func (w *rowWriter) merge(from, to int) {
	if w.err != nil || from >= to {
		return
	}
	var a, b string
	if a, w.err = excelize.CoordinatesToCellName(from+1, w.at); w.err != nil {
		return
	}
	if b, w.err = excelize.CoordinatesToCellName(to+1, w.at); w.err != nil {
		return
	}
	w.err = w.sw.MergeCell(a, b)
}

// styles are the numbers of the cell styles in one workbook.
type styles struct {
	title, line, head, left, centre, number, foot int
	light                                         map[incident.Light]int
}

// asText is the number format that keeps digits as they were typed.
const asText = 49

func newStyles(f *excelize.File) (styles, error) {
	st := styles{light: map[incident.Light]int{}}
	border := make([]excelize.Border, 0, 4)
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "000000", Style: 1})
	}
	align := func(horizontal string) *excelize.Alignment {
		return &excelize.Alignment{Horizontal: horizontal, Vertical: "center", WrapText: true}
	}
	solid := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	body := func(horizontal string) *excelize.Style {
		return &excelize.Style{Font: &excelize.Font{Family: bodyFont, Size: 10}, Alignment: align(horizontal), Border: border, NumFmt: asText}
	}
	head := body("center")
	head.Font, head.Fill = &excelize.Font{Family: headFont, Size: 12}, solid("F2F2F2")
	count := body("center")
	count.NumFmt = 0
	line := &excelize.Style{Font: &excelize.Font{Family: bodyFont, Size: 10}, Alignment: align("left"), NumFmt: asText}
	foot := &excelize.Style{Font: &excelize.Font{Family: bodyFont, Size: 12}, Alignment: align("left"), NumFmt: asText}
	heading := &excelize.Style{Font: &excelize.Font{Family: titleFont, Size: 16, Bold: true}, Alignment: align("center"), NumFmt: asText}
	for _, want := range []struct {
		into  *int
		style *excelize.Style
	}{
		{&st.title, heading}, {&st.line, line}, {&st.head, head}, {&st.left, body("left")}, {&st.centre, body("center")}, {&st.number, count}, {&st.foot, foot},
	} {
		id, err := f.NewStyle(want.style)
		if err != nil {
			return st, err
		}
		*want.into = id
	}
	for light, colour := range map[incident.Light]string{
		incident.Red: "F8CBAD", incident.Yellow: "FFE699", incident.Green: "C6E0B4", incident.Blue: "BDD7EE", incident.Grey: "D9D9D9",
	} {
		style := body("center")
		style.Fill = solid(colour)
		id, err := f.NewStyle(style)
		if err != nil {
			return st, err
		}
		st.light[light] = id
	}
	return st, nil
}
