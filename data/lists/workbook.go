package lists

import (
	"fmt"
	"io"
	"sort"
	"strings"

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
		Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$%d", strings.ReplaceAll(s.Name, "'", "''"), headRows), Scope: s.Name,
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
	if err := s.writeBase(f); err != nil {
		return fmt.Errorf("write sheet %s: %w", baseSheet, err)
	}
	return writeOut(f, w)
}

// writeOut writes a workbook, the same bytes each time.
func writeOut(f *excelize.File, w io.Writer) error {
	if types := f.ContentTypes; types != nil { // the kinds of pictures come in any order
		sort.Slice(types.Defaults, func(i, j int) bool { return types.Defaults[i].Extension < types.Defaults[j].Extension })
	}
	f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return &sortedZip{to: w} }) // not by way of the library's buffer
	if _, err := f.WriteToBuffer(); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// The two ways round of a page.
const (
	landscape = "landscape"
	portrait  = "portrait"
)

// setPage makes a sheet A4, one page wide, with margins in centimetres, the page footer and a mark at its head. It must come before the stream writer.
func setPage(f *excelize.File, sheet, orientation, footer, mark string) error {
	cm := func(v float64) *float64 { v /= 2.54; return &v }
	fit, paper, wide, tall := true, 9, 1, 0
	if err := f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &paper, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &tall}); err != nil {
		return err
	}
	if err := f.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{
		Left: cm(1.5), Right: cm(1.5), Top: cm(1.8), Bottom: cm(1.5), Header: cm(0.8), Footer: cm(0.8), Horizontally: &fit,
	}); err != nil {
		return err
	}
	head := ""
	if mark != "" {
		head = "&C&20&KA6A6A6" + strings.ReplaceAll(mark, "&", "&&")
	}
	return f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddHeader: head, OddFooter: "&C" + footer})
}

func (s Sheet) writeList(f *excelize.File, st styles) error {
	if err := setPage(f, s.Name, landscape, s.Footer, s.Mark); err != nil {
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
	if len(s.Keys) > 0 {
		if err := sw.SetColVisible(len(s.Columns)+1, len(s.Columns)+1, false); err != nil {
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
	var room rowCells
	for i, row := range s.Rows {
		cells := s.cells(row, st, &room)
		if len(s.Keys) > 0 {
			cells = append(cells, excelize.Cell{StyleID: st.line, Value: s.Origin.keyText(s.Keys[i], row)})
		}
		out.row(cells, s.rowHeight(row, rowHeight))
	}
	s.mergeBlocks(&out)
	out.row(nil, lineHeight/2)
	out.spread(signingLines(s.Foot), st.foot, footHeight)
	if out.err != nil {
		return out.err
	}
	if err := s.addCode(f); err != nil {
		return err
	}
	return sw.Flush()
}

// signingLines gives each caption a line to sign on; what ends in no colon, such as the place of a seal, has none.
func signingLines(captions []string) []string {
	out := make([]string, len(captions))
	for i, c := range captions {
		out[i] = c
		if strings.HasSuffix(c, "：") || strings.HasSuffix(c, ":") {
			out[i] += strings.Repeat("＿", 8)
		}
	}
	return out
}

// mergeBlocks joins the cells that belong to a whole block.
func (s Sheet) mergeBlocks(out *rowWriter) {
	at := headRows
	for _, n := range s.Blocks {
		for i, c := range s.Columns {
			if c.Whole && n > 1 {
				out.join(i, at+1, i, at+n)
			}
		}
		at += n
	}
}

// qrSide is how many pixels of the screen the QR code is wide: with its border it stands within the three rows above the head.
const qrSide = 84

// addCode puts the QR code into the upper right corner.
func (s Sheet) addCode(f *excelize.File) error {
	if s.Code == "" {
		return nil
	}
	picture, side, err := qrPNG(s.Code)
	if err != nil {
		return err
	}
	cell, err := excelize.CoordinatesToCellName(len(s.Columns)-1, 1)
	if err != nil {
		return err
	}
	scale := float64(qrSide) / float64(side)
	return f.AddPictureFromBytes(s.Name, cell, &excelize.Picture{
		Extension: ".png", File: picture,
		Format: &excelize.GraphicOptions{ScaleX: scale, ScaleY: scale, OffsetY: 4, Positioning: "oneCell", AltText: s.Code},
	})
}

// cells puts a row into the form of the library. What it returns holds until the next row: a long list would else leave a cell of each behind.
func (s Sheet) cells(row []Cell, st styles, into *rowCells) []any {
	into.cells, into.out = into.cells[:0], into.out[:0]
	for i, c := range row {
		col := &s.Columns[i]
		id := st.left
		switch {
		case col.Whole && col.Centre:
			id = st.wholeCentre
		case col.Whole:
			id = st.whole
		case col.Centre:
			id = st.centre
		}
		if c.Light != "" {
			id = st.light[c.Light]
		}
		if c.IsNum {
			id = st.number
			if col.Whole {
				id = st.wholeCentre
			}
			into.cells = append(into.cells, excelize.Cell{StyleID: id, Value: c.Number})
			continue
		}
		into.cells = append(into.cells, excelize.Cell{StyleID: id, Value: c.Text})
	}
	for i := range into.cells {
		into.out = append(into.out, &into.cells[i])
	}
	return into.out
}

// rowCells is the room for the cells of one row.
type rowCells struct {
	cells []excelize.Cell
	out   []any
}

// noteWidths are the widths of the second sheet's columns.
func noteWidths() []float64 { return []float64{22, 90, 20, 18} }

func (s Sheet) writeNotes(f *excelize.File, st styles) error {
	if err := setPage(f, s.NotesAt, landscape, s.Footer, s.Mark); err != nil {
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
	var room rowCells
	for _, texts := range s.Notes {
		row := make([]Cell, len(texts))
		for i, t := range texts {
			row[i] = Cell{Text: t}
		}
		out.row(notes.cells(row, st, &room), notes.rowHeight(row, lineHeight))
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
func (w *rowWriter) merge(from, to int) { w.join(from, w.at, to, w.at) }

// join joins the cells of a rectangle; columns count from 0, rows from 1.
func (w *rowWriter) join(col, row, toCol, toRow int) {
	if w.err != nil || col >= toCol && row >= toRow {
		return
	}
	var a, b string
	if a, w.err = excelize.CoordinatesToCellName(col+1, row); w.err != nil {
		return
	}
	if b, w.err = excelize.CoordinatesToCellName(toCol+1, toRow); w.err != nil {
		return
	}
	w.err = w.sw.MergeCell(a, b)
}

// styles are the numbers of the cell styles in one workbook.
type styles struct {
	title, line, head, left, centre, number, foot, whole, wholeCentre int
	light                                                             map[incident.Light]int
}

// frame is a thin line on all four sides of a cell.
func frame() []excelize.Border {
	border := make([]excelize.Border, 0, 4)
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "000000", Style: 1})
	}
	return border
}

// align wraps the text of a cell and sets it in the middle of its height.
func align(horizontal string) *excelize.Alignment {
	return &excelize.Alignment{Horizontal: horizontal, Vertical: "center", WrapText: true}
}

// asText is the number format that keeps digits as they were typed.
const asText = 49

func newStyles(f *excelize.File) (styles, error) {
	st := styles{light: map[incident.Light]int{}}
	border := frame()
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
	// The text of a block stands at its top: the first row is high enough for it, so that no page break cuts it.
	whole, wholeCentre := body("left"), body("center")
	whole.Alignment.Vertical, wholeCentre.Alignment.Vertical = "top", "top"
	line := &excelize.Style{Font: &excelize.Font{Family: bodyFont, Size: 10}, Alignment: align("left"), NumFmt: asText}
	foot := &excelize.Style{Font: &excelize.Font{Family: bodyFont, Size: 12}, Alignment: align("left"), NumFmt: asText}
	heading := &excelize.Style{Font: &excelize.Font{Family: titleFont, Size: 16, Bold: true}, Alignment: align("center"), NumFmt: asText}
	for _, want := range []struct {
		into  *int
		style *excelize.Style
	}{
		{&st.title, heading},
		{&st.line, line},
		{&st.head, head},
		{&st.left, body("left")},
		{&st.centre, body("center")},
		{&st.number, count},
		{&st.foot, foot},
		{&st.whole, whole},
		{&st.wholeCentre, wholeCentre},
	} {
		id, err := f.NewStyle(want.style)
		if err != nil {
			return st, err
		}
		*want.into = id
	}
	for _, fill := range []struct {
		light  incident.Light
		colour string
	}{
		{incident.Red, "F8CBAD"},
		{incident.Yellow, "FFE699"},
		{incident.Green, "C6E0B4"},
		{incident.Blue, "BDD7EE"},
		{incident.Grey, "D9D9D9"},
	} {
		style := body("center")
		style.Fill = solid(fill.colour)
		id, err := f.NewStyle(style)
		if err != nil {
			return st, err
		}
		st.light[fill.light] = id
	}
	return st, nil
}
