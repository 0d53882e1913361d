package intake

import (
	"strings"
	"unicode/utf8"

	"zw110/data/incident"
)

// The fields that columns are mapped to; headers.csv uses the same words.
const (
	fieldIndex        = "index"
	fieldNo           = "no"
	fieldDevice       = "device"
	fieldSeq          = "seq"
	fieldName         = "name"
	fieldPhone        = "phone"
	fieldIDNo         = "id_no"
	fieldReal         = "real"
	fieldAnonymous    = "anonymous"
	fieldConfidential = "confidential"
	fieldKind         = "kind"
	fieldTitle        = "title"
	fieldContent      = "content"
	fieldAddress      = "address"
	fieldVillage      = "village"
	fieldGrid         = "grid"
	fieldMajor        = "major"
	fieldMinor        = "minor"
	fieldUrgency      = "urgency"
	fieldLevel        = "level"
	fieldAt           = "at"
	fieldHappened     = "happened"
	fieldDue          = "due"
	fieldSelf         = "self"
	fieldPhotos       = "photos"
	fieldLng          = "lng"
	fieldLat          = "lat"
	fieldCoord        = "coord"
	fieldPoint        = "point"
	fieldRepeat       = "repeat"
	fieldRequire      = "require"
	fieldUnit         = "unit"
)

// cell is one column of a record as it was read.
type cell struct {
	header string
	value  string
}

// record is one row, message or order before it becomes a Report.
type record struct {
	row   int
	sheet string
	cells []cell
	// text is set for messages: the whole as it stood.
	text string
	// hidden: the row was hidden in the sheet.
	hidden bool
	// fault is set when the record could not even be read.
	fault, detail string
}

// add appends a cell with its value cleaned.
func (r *record) add(header, value string) {
	r.cells = append(r.cells, cell{header: header, value: clean(value)})
}

// fields maps the cells to fields, the first filled column of a field winning.
func (r *record) fields(t *headerTable, ch incident.Channel) map[string]string {
	m := make(map[string]string, len(r.cells))
	for _, c := range r.cells {
		f := t.field(c.header, ch)
		if f == "" || c.value == "" {
			continue
		}
		if m[f] == "" {
			m[f] = c.value
		}
	}
	return m
}

// bad makes the bad row of the record; long cells are cut, their place keeps them whole.
func (r *record) bad(reason, detail string) BadRow {
	b := BadRow{Row: r.row, Sheet: r.sheet, Reason: reason, Detail: cut(detail, 200), Cells: make(map[string]string, len(r.cells))}
	for _, c := range r.cells {
		b.Cells[c.header] = cut(c.value, maxCell)
	}
	if r.text != "" || len(r.cells) == 0 {
		b.Cells["text"] = cut(r.text, maxCell)
	}
	return b
}

// clean makes line ends one, drops control characters and bytes that are no text, and trims.
func clean(s string) string {
	if strings.Contains(s, "\r") {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	s = strings.ReplaceAll(s, "_x000D_", "")
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r == 0xFEFF || r == 0x200B || (r < 0x20 && r != '\n' && r != '\t') || (r >= 0x7F && r < 0xA0) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n])
}
