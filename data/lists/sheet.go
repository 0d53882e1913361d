package lists

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"zw110/data/incident"
)

// Words gives the text of a catalogue key with its places filled; assets.Catalogue is one.
type Words interface {
	T(key string, args ...any) string
}

// Column is one column of a list: its heading and its width in characters. Centred columns are short words and numbers.
type Column struct {
	Head   string
	Width  float64
	Centre bool
}

// Cell is what stands in one place: a whole number or a text. Light fills it.
type Cell struct {
	Text   string
	Number int
	IsNum  bool
	Light  incident.Light
}

func text(s string) Cell { return Cell{Text: clean(s)} }
func number(n int) Cell  { return Cell{Number: n, IsNum: true} }

// String is the cell as it reads on paper.
func (c Cell) String() string {
	if c.IsNum {
		return fmt.Sprint(c.Number)
	}
	return c.Text
}

// Sheet is a list ready for paper.
type Sheet struct {
	Name    string // of the worksheet
	Title   string
	Made    string // row 2: who made it, for when
	Totals  string // row 3
	Columns []Column
	Rows    [][]Cell
	Foot    []string // places to sign
	Notes   [][]string
	NotesAt string // name of the second worksheet
	Version int
	Footer  string // page footer, such as 第&P页 共&N页
}

// maxCell bounds the text of a cell; a spreadsheet cuts at 32,767.
const maxCell = 2000

// clean drops control characters, which a workbook can't hold, and cuts texts that no sheet of paper can hold.
func clean(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case c == '\n':
			return c
		case c == '\t' || c == '\r' || c == '\u2028' || c == '\u2029':
			return ' '
		case unicode.IsControl(c) || c == unicode.ReplacementChar || c == '\ufffe' || c == '\uffff':
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > maxCell {
		s = string(r[:maxCell-1]) + "…"
	}
	return s
}

// Check is a short code over all that the list says, without time of making and version: paper and data match when the codes do.
func (s Sheet) Check() string {
	h := sha256.New()
	put := func(text string) { fmt.Fprintf(h, "%d:%s\n", len(text), text) }
	put(s.Title)
	for _, c := range s.Columns {
		put(c.Head)
	}
	for _, row := range s.Rows {
		for _, c := range row {
			put(c.String())
		}
	}
	sum := fmt.Sprintf("%X", h.Sum(nil)[:4])
	return sum[:4] + "-" + sum[4:]
}

// rowHeight is the height in points that a row needs, at least least: the lines of its fullest cell.
func (s Sheet) rowHeight(row []Cell, least float64) float64 {
	lines := 1
	for i, c := range row {
		n := 0
		for part := range strings.SplitSeq(c.String(), "\n") {
			n += max(1, (columns(part)+int(s.Columns[i].Width)-2)/(int(s.Columns[i].Width)-1))
		}
		lines = max(lines, n)
	}
	const line, padding, most = 13.5, 4, 409
	return min(max(least, float64(lines)*line+padding), most)
}

// columns is how many narrow characters a text is wide; Chinese ones count two.
func columns(text string) int {
	n := 0
	for _, c := range text {
		n++
		if k := width.LookupRune(c).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth || k == width.EastAsianAmbiguous {
			n++
		}
	}
	return n
}

// Percent is n of N in hundredths of a percent, half up, as text: 96.53%; "—" when N is zero.
func Percent(n, of int) string {
	if of <= 0 {
		return "—"
	}
	hundredths := (2*n*10000 + of) / (2 * of)
	return fmt.Sprintf("%d.%02d%%", hundredths/100, hundredths%100)
}
