package lists

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/width"

	"zw110/data/incident"
)

// Words gives the text of a catalogue key with its places filled; assets.Catalogue is one.
type Words interface {
	T(key string, args ...any) string
}

// Column is one column of a list: its heading and its width in characters. Centred columns are short words and numbers. Key is its name in the
// catalogue, empty in tables that do not come back.
type Column struct {
	Key    string
	Head   string
	Width  float64
	Centre bool
	// Whole: one cell for the whole block of an incident; the text stands in the first row.
	Whole bool
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
		return strconv.Itoa(c.Number)
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
	// Blocks are the numbers of rows that belong together, in order; empty: each row stands for itself.
	Blocks []int
	// Keys name the rows, Origin the list, so that an edited workbook can come back; empty: it can't.
	Keys    []RowKey
	Origin  Origin
	Code    string   // what the QR code says; empty: none
	Foot    []string // places to sign
	Notes   [][]string
	NotesAt string // name of the second worksheet
	Version int
	MadeAt  incident.Stamp
	Footer  string // page footer, such as 第&P页 共&N页
	Mark    string // large and grey at the head of each page; empty: none
}

// maxCell is how many UTF-16 units the cell of a spreadsheet holds.
const maxCell = 32_767

// clean drops control characters, which a workbook can't hold, and cuts what no cell can hold.
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
	return cut(s)
}

// cut shortens a text to what a cell holds and says so by its end.
func cut(s string) string {
	if len(s) <= maxCell {
		return s
	}
	units := 0
	for i, c := range s {
		if units += utf16.RuneLen(c); units >= maxCell && i+utf8.RuneLen(c) < len(s) {
			return s[:i] + "…"
		}
	}
	return s
}

// add adds a row.
func (s *Sheet) add(k RowKey, row []Cell) {
	s.Keys = append(s.Keys, k)
	s.Rows = append(s.Rows, row)
}

// code is the text of the QR code: which list this is, its version and its check code.
func (s Sheet) code() string {
	return fmt.Sprintf("ZW110 %d %s %s v%d %s", s.Origin.Town, s.Origin.List, s.Origin.Day, s.Version, s.Check())
}

// Hash is over all that the list says, without time of making and version.
func (s Sheet) Hash() (sum [sha256.Size]byte) {
	h := sha256.New()
	put := hashText(h)
	put(s.Title)
	for _, c := range s.Columns {
		put(c.Head)
	}
	for _, row := range s.Rows {
		for _, c := range row {
			put(c.String())
		}
	}
	h.Sum(sum[:0])
	return sum
}

// Check is the short code of Hash: paper and data match when the codes do.
func (s Sheet) Check() string {
	hash := s.Hash()
	sum := fmt.Sprintf("%X", hash[:4])
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
	const line, padding, most = 14.5, 4, 409
	return min(max(least, float64(lines)*line+padding), most)
}

// columns is how many narrow characters a text is wide; Chinese ones count two.
func columns(text string) int {
	n := 0
	for _, c := range text {
		n++
		switch {
		case c < 0x80:
			continue
		case c >= 0x4e00 && c < 0xa000: // most of what is written, and always wide
			n++
			continue
		}
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
