package lists

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"

	"zw110/data/intake"
)

// Fill writes the list into a town's own workbook. What stands around the rows stays: formats, widths, joined cells, print set-up, pictures; what stands
// below moves down, and sums over the rows grow with them. A template filled so does not come back. An *intake.Problem says what stands in the way.
func (s Sheet) Fill(content []byte, t Template, w io.Writer) (err error) {
	defer func() { // a workbook's inner references may be hostile
		if p := recover(); p != nil {
			err = &intake.Problem{Code: "intake.err.workbook", Detail: fmt.Sprint(p)}
		}
	}()
	f, err := openTemplate(content)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close template: %w", cerr)
		}
	}()
	if len(s.Rows) > templateRows {
		return &intake.Problem{Code: "lists.template.err.too_many", Detail: fmt.Sprint(len(s.Rows))}
	}
	fill := filling{f: f, s: s, t: t}
	for _, step := range []func() error{fill.single, fill.clearMarks, fill.makeRoom, fill.rows, fill.blocks} {
		if err := step(); err != nil {
			return err
		}
	}
	return writeOut(f, w)
}

// filling is one run of Fill.
type filling struct {
	f *excelize.File
	s Sheet
	t Template
}

// value is a single thing of the list by its name.
func (p *filling) value(name string) string {
	s := p.s
	switch name {
	case "title":
		return s.Title
	case "made":
		return s.Made
	case "totals":
		return s.Totals
	case "date":
		return chineseDay(s.Origin.Day)
	case "version":
		return fmt.Sprintf("v%d", s.Version)
	case "check":
		return s.Check()
	}
	return moment(s.MadeAt)
}

// single fills the marks outside of the rows and the named cells.
func (p *filling) single() error {
	names := templateNames()
	for _, sheet := range p.f.GetSheetList() {
		rows, err := sheetCells(p.f, sheet)
		if err != nil {
			return err
		}
		for i, cells := range rows {
			for c, text := range cells {
				filled := mark.ReplaceAllStringFunc(text, func(m string) string {
					if name := names[mark.FindStringSubmatch(m)[1]]; name != "" && (sheet != p.t.Sheet || i+1 != p.t.First) {
						return p.value(name)
					}
					return m
				})
				if filled != text {
					if err := p.f.SetCellStr(sheet, place(c, i), clean(filled)); err != nil {
						return fmt.Errorf("fill %s!%s: %w", sheet, place(c, i), err)
					}
				}
			}
		}
	}
	for _, d := range p.f.GetDefinedName() {
		name := names[strings.TrimPrefix(strings.TrimPrefix(d.Name, "清单"), "zw110_")]
		if name == "" || !strings.HasPrefix(d.Name, "清单") && !strings.HasPrefix(d.Name, "zw110_") {
			continue
		}
		sheet, col, row, ok := cellOfName(d)
		if !ok {
			return &intake.Problem{Code: "lists.template.err.name", Detail: d.Name + " " + d.RefersTo}
		}
		if err := p.f.SetCellStr(sheet, place(col-1, row-1), clean(p.value(name))); err != nil {
			return fmt.Errorf("fill %s: %w", d.Name, err)
		}
	}
	return nil
}

// clearMarks takes the marks out of the first row, before it is copied.
func (p *filling) clearMarks() error {
	for _, c := range p.t.Columns {
		cell := place(c.At, p.t.First-1)
		text, err := p.f.GetCellValue(p.t.Sheet, cell)
		if err == nil && mark.MatchString(text) {
			err = p.f.SetCellValue(p.t.Sheet, cell, nil)
		}
		if err != nil {
			return fmt.Errorf("fill %s!%s: %w", p.t.Sheet, cell, err)
		}
	}
	return nil
}

// makeRoom copies the first row as often as rows are missing. Copies stand before the last of the rows that were ready, so that what spans these
// spans them, too.
func (p *filling) makeRoom() error {
	if len(p.s.Rows) <= p.t.Blank {
		return nil
	}
	at := p.t.First + p.t.Blank - 1
	if p.t.Blank == 1 {
		if err := p.oneRowSum(); err != nil {
			return err
		}
		at++
	}
	if err := p.commentBelow(at); err != nil {
		return err
	}
	for range len(p.s.Rows) - p.t.Blank {
		if err := p.f.DuplicateRowTo(p.t.Sheet, p.t.First, at); err != nil {
			return &intake.Problem{Code: "lists.template.err.rows", Detail: fmt.Sprintf("%s!%d", p.t.Sheet, at), Err: err}
		}
	}
	return nil
}

// commentBelow refuses a comment that would have to move: the library leaves it where it is.
func (p *filling) commentBelow(from int) error {
	comments, err := p.f.GetComments(p.t.Sheet)
	if err != nil {
		return &intake.Problem{Code: "intake.err.workbook", Detail: p.t.Sheet, Err: err}
	}
	for _, c := range comments {
		if _, row, err := excelize.CellNameToCoordinates(c.Cell); err == nil && row >= from {
			return &intake.Problem{Code: "lists.template.err.comment", Detail: p.t.Sheet + "!" + c.Cell}
		}
	}
	return nil
}

// oneRowSum refuses a formula below that reaches over the only row: it would not grow.
func (p *filling) oneRowSum() error {
	rows, err := sheetCells(p.f, p.t.Sheet)
	if err != nil {
		return err
	}
	over := regexp.MustCompile(fmt.Sprintf(`[A-Z]\$?%d\b`, p.t.First))
	for i := p.t.First; i < len(rows); i++ {
		for c := range templateMost {
			formula, err := p.f.GetCellFormula(p.t.Sheet, place(c, i))
			if err != nil {
				return &intake.Problem{Code: "intake.err.workbook", Detail: p.t.Sheet + "!" + place(c, i), Err: err}
			}
			if over.MatchString(formula) {
				return &intake.Problem{Code: "lists.template.err.one_row", Detail: p.t.Sheet + "!" + place(c, i)}
			}
		}
	}
	return nil
}

// rows writes the list. A row gets higher when its texts need it, never lower.
func (p *filling) rows() error {
	columns := map[string]int{}
	for i, c := range p.s.Columns {
		columns[c.Key] = i
	}
	for i, row := range p.s.Rows {
		at := p.t.First + i
		texts := Sheet{}
		var cells []Cell
		for _, c := range p.t.Columns {
			from, ok := columns[c.Key]
			if c.Key == "" || !ok {
				continue
			}
			cell, name := row[from], place(c.At, at-1)
			var err error
			if cell.IsNum {
				err = p.f.SetCellInt(p.t.Sheet, name, int64(cell.Number))
			} else if cell.Text != "" {
				err = p.f.SetCellStr(p.t.Sheet, name, cell.Text)
			} else {
				err = p.f.SetCellValue(p.t.Sheet, name, nil)
			}
			width, err2 := p.f.GetColWidth(p.t.Sheet, c.Letter())
			if err = errors.Join(err, err2); err != nil {
				return fmt.Errorf("fill %s!%s: %w", p.t.Sheet, name, err)
			}
			texts.Columns, cells = append(texts.Columns, Column{Width: max(width, 3)}), append(cells, cell)
		}
		high, err := p.f.GetRowHeight(p.t.Sheet, at)
		if err == nil {
			if need := texts.rowHeight(cells, high); need > high {
				err = p.f.SetRowHeight(p.t.Sheet, at, need)
			}
		}
		if err != nil {
			return fmt.Errorf("fill %s row %d: %w", p.t.Sheet, at, err)
		}
	}
	return nil
}

// blocks joins the cells of whole incidents on a joint list.
func (p *filling) blocks() error {
	whole := map[string]bool{}
	for _, c := range p.s.Columns {
		whole[c.Key] = c.Whole
	}
	at := p.t.First
	for _, n := range p.s.Blocks {
		for _, c := range p.t.Columns {
			if n > 1 && whole[c.Key] {
				if err := p.f.MergeCell(p.t.Sheet, place(c.At, at-1), place(c.At, at+n-2)); err != nil {
					return fmt.Errorf("fill %s row %d: %w", p.t.Sheet, at, err)
				}
			}
		}
		at += n
	}
	return nil
}
