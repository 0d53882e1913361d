package lists

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Slip is a paper of its own (督办单, 交办单, 事项办理单, 交接班单, 提醒、整改通知单, 月报): A4 portrait, one page wide, rows of cells one below the other. All
// that stands in it is text.
type Slip struct {
	Name    string // of the worksheet
	Title   string
	Rows    []SlipRow
	Version int
	// Check is a short code over what the slip says above the line that bears it: paper and data match when the codes do, and a receipt that was torn
	// off tells by it what it belongs to.
	Check  string
	Footer string // page footer, such as 第&P页 共&N页
}

// SlipRow is one row of a slip. The spans of its cells add up to SlipColumns.
type SlipRow struct {
	Cells []SlipCell
	// Least is the least height in points; a row grows with its texts.
	Least float64
}

// SlipCell is one cell: a text over so many columns.
type SlipCell struct {
	Text string
	Span int
	Look SlipLook
}

// SlipLook is how a cell looks.
type SlipLook int

// The looks.
const (
	LookText    SlipLook = 0 // in a frame
	LookCaption SlipLook = 1 // in a frame, shaded, centred
	LookPlain   SlipLook = 2 // no frame
	LookTear    SlipLook = 3 // the tear line: dashed above
	LookHeading SlipLook = 4 // in the middle, no frame
	LookRight   SlipLook = 5 // at the right edge, no frame
	LookEntry   SlipLook = 6 // in a frame, smaller: the rows of a table
)

// SlipColumns are the columns of the grid that a slip is laid out on, each as wide as slipColumn characters.
const (
	SlipColumns = 12
	slipColumn  = 7.2
)

// points is the size of the text.
func (l SlipLook) points() float64 {
	switch l {
	case LookEntry, LookTear:
		return 10
	case LookHeading:
		return 14
	}
	return 12
}

// sum is a short code over all that the slip says, without its version.
func (s *Slip) sum() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s\n", len(s.Title), s.Title)
	for _, r := range s.Rows {
		for _, c := range r.Cells {
			fmt.Fprintf(h, "%d:%s\n", len(c.Text), c.Text)
		}
	}
	sum := fmt.Sprintf("%X", h.Sum(nil)[:4])
	return sum[:4] + "-" + sum[4:]
}

// row adds a row; a text too high for a page's row goes on in the next ones.
func (s *Slip) row(least float64, cells ...SlipCell) {
	parts := make([][]string, len(cells))
	rows := 1
	for i, c := range cells {
		c.Text = clean(c.Text)
		parts[i] = c.portions()
		rows = max(rows, len(parts[i]))
	}
	for n := range rows {
		r := SlipRow{Least: least, Cells: make([]SlipCell, len(cells))}
		for i, c := range cells {
			c.Text = ""
			if n < len(parts[i]) {
				c.Text = parts[i][n]
			}
			r.Cells[i] = c
		}
		s.Rows = append(s.Rows, r)
	}
}

// fact adds a caption with its text over the whole width.
func (s *Slip) fact(caption, text string) {
	s.row(rowHeight, SlipCell{caption, 2, LookCaption}, SlipCell{text, SlipColumns - 2, LookText})
}

// pair adds two captions with their texts side by side.
func (s *Slip) pair(caption, text, caption2, text2 string) {
	s.row(rowHeight, SlipCell{caption, 2, LookCaption}, SlipCell{text, 4, LookText}, SlipCell{caption2, 2, LookCaption}, SlipCell{text2, 4, LookText})
}

// blank adds a caption with room to write by hand.
func (s *Slip) blank(caption string) {
	s.row(2*rowHeight, SlipCell{caption, 2, LookCaption}, SlipCell{"", SlipColumns - 2, LookText})
}

// heading adds the name of a part in the middle.
func (s *Slip) heading(text string) { s.row(headHeight, SlipCell{text, SlipColumns, LookHeading}) }

// section begins a part in a frame.
func (s *Slip) section(text string) { s.row(rowHeight, SlipCell{text, SlipColumns, LookCaption}) }

// table adds rows below their heads.
func (s *Slip) table(spans []int, heads []string, rows [][]string) {
	add := func(texts []string, look SlipLook) {
		cells := make([]SlipCell, len(spans))
		for i, t := range texts {
			cells[i] = SlipCell{t, spans[i], look}
		}
		s.row(rowHeight, cells...)
	}
	add(heads, LookCaption)
	for _, r := range rows {
		add(r, LookEntry)
	}
}

// sign adds places to sign side by side.
func (s *Slip) sign(captions ...string) {
	cells := make([]SlipCell, len(captions))
	for i, c := range signingLines(captions) {
		cells[i] = SlipCell{c, (i+1)*SlipColumns/len(captions) - i*SlipColumns/len(captions), LookPlain}
	}
	s.row(headHeight+rowHeight/2, cells...)
}

// tear adds the tear line.
func (s *Slip) tear(text string) {
	s.row(lineHeight, SlipCell{"", SlipColumns, LookPlain})
	s.row(lineHeight, SlipCell{text, SlipColumns, LookTear})
}

// chars is how many narrow characters stand in one line of a cell.
func (c SlipCell) chars() int { return int(float64(c.Span)*slipColumn*11/c.Look.points()) - 1 }

// lines is how many lines the text takes.
func (c SlipCell) lines() int {
	n := 0
	for part := range strings.SplitSeq(c.Text, "\n") {
		n += max(1, (columns(part)+c.chars()-1)/c.chars())
	}
	return n
}

// slipLines are the most lines of one row: less than a spreadsheet allows, so that a page can break between rows.
const slipLines = 20

// portions cuts a text into parts that a row can hold.
func (c SlipCell) portions() []string {
	if c.lines() <= slipLines {
		return []string{c.Text}
	}
	var out []string
	part, lines, at := strings.Builder{}, 1, 0
	for _, char := range c.Text {
		w := columns(string(char))
		if char == '\n' || at+w > c.chars() {
			lines, at = lines+1, 0
		}
		if lines > slipLines {
			out = append(out, part.String())
			part.Reset()
			if lines = 1; char == '\n' {
				continue
			}
		}
		if char != '\n' {
			at += w
		}
		part.WriteRune(char)
	}
	return append(out, part.String())
}

// height is the height of a row in points.
func (r SlipRow) height() float64 {
	high := r.Least
	for _, c := range r.Cells {
		const line, padding = 1.42, 8
		high = max(high, float64(c.lines())*line*c.Look.points()+padding)
	}
	return high
}

// Write writes the slip as a workbook of one sheet: no formulas, no macros; every text is stored as text, whatever it begins with.
func (s Slip) Write(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close workbook: %w", cerr)
		}
	}()
	if err := f.SetSheetName("Sheet1", s.Name); err != nil {
		return fmt.Errorf("name sheet %s: %w", s.Name, err)
	}
	if err := f.SetDocProps(&excelize.DocProperties{Title: s.Title, Version: fmt.Sprintf("v%d %s", s.Version, s.Check), Creator: "政务110"}); err != nil {
		return fmt.Errorf("set document properties: %w", err)
	}
	if err := s.write(f); err != nil {
		return fmt.Errorf("write sheet %s: %w", s.Name, err)
	}
	return writeOut(f, w)
}

func (s Slip) write(f *excelize.File) error {
	title, looks, err := s.styles(f)
	if err != nil {
		return err
	}
	if err := setPage(f, s.Name, portrait, s.Footer, ""); err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	if err := sw.SetColWidth(1, SlipColumns, slipColumn+0.71); err != nil {
		return err
	}
	out := rowWriter{sw: sw, width: SlipColumns}
	out.wide(s.Title, title, titleHeight+8)
	for _, r := range s.Rows {
		cells := make([]any, 0, SlipColumns)
		for _, c := range r.Cells {
			cells = append(cells, excelize.Cell{StyleID: looks[c.Look], Value: c.Text})
			for range c.Span - 1 {
				cells = append(cells, excelize.Cell{StyleID: looks[c.Look]})
			}
		}
		out.row(cells, r.height())
		at := 0
		for _, c := range r.Cells {
			out.merge(at, at+c.Span-1)
			at += c.Span
		}
	}
	if out.err != nil {
		return out.err
	}
	return sw.Flush()
}

// styles makes the cell styles of a slip: the title's and one for each look.
func (s Slip) styles(f *excelize.File) (title int, looks map[SlipLook]int, err error) {
	style := func(horizontal string) *excelize.Style {
		return &excelize.Style{Font: &excelize.Font{Family: bodyFont}, Alignment: align(horizontal), NumFmt: asText}
	}
	text, caption, tear, heading, entry := style("left"), style("center"), style("center"), style("center"), style("left")
	text.Border, caption.Border, entry.Border = frame(), frame(), frame()
	caption.Font.Family, heading.Font.Family = headFont, headFont
	caption.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F2F2F2"}}
	const dashed = 3
	tear.Border = []excelize.Border{{Type: "top", Color: "000000", Style: dashed}}
	looks = map[SlipLook]int{}
	for look, st := range map[SlipLook]*excelize.Style{
		LookText: text, LookCaption: caption, LookPlain: style("left"), LookTear: tear, LookHeading: heading, LookRight: style("right"), LookEntry: entry,
	} {
		st.Font.Size = look.points()
		if looks[look], err = f.NewStyle(st); err != nil {
			return 0, nil, err
		}
	}
	const widest = 36 // characters that stand in one line
	big := style("center")
	big.Font = &excelize.Font{Family: titleFont, Size: 22, Bold: true}
	if columns(s.Title) > widest {
		big.Font.Size = 16
	}
	title, err = f.NewStyle(big)
	return title, looks, err
}
