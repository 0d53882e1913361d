package duty

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"zw110/data/incident"
)

// version is how a row reads from a moment on; Gone ends it.
type version[T any] struct {
	From incident.Stamp
	Row  T
	Gone bool
	Line int // of the file it came from, 0 for a setting
}

// table holds all versions of all rows, each row's in order of From. It is never changed after it was made: with copies it.
type table[T any] struct {
	keys []string // in order of the file
	rows map[string][]version[T]
}

func newTable[T any]() table[T] { return table[T]{rows: map[string][]version[T]{}} }

// at returns a row as it read at a moment; 0 is the newest. A row that began later serves earlier moments as it first was: an old
// incident may be given to a new unit.
func (t table[T]) at(key string, at incident.Stamp) (T, bool) {
	vs := t.rows[key]
	var zero T
	if len(vs) == 0 {
		return zero, false
	}
	v := vs[0]
	for _, next := range vs[1:] {
		if at != 0 && next.From > at {
			break
		}
		v = next
	}
	if v.Gone {
		return zero, false
	}
	return v.Row, true
}

// all returns the rows as they read at a moment, in order of the file.
func (t table[T]) all(at incident.Stamp) []T {
	out := make([]T, 0, len(t.keys))
	for _, k := range t.keys {
		if row, ok := t.at(k, at); ok {
			out = append(out, row)
		}
	}
	return out
}

// with returns the table with one more version; one of the same moment is replaced.
func (t table[T]) with(key string, v version[T]) table[T] {
	out := table[T]{keys: slices.Clone(t.keys), rows: maps.Clone(t.rows)}
	out.rows[key] = slices.Clone(out.rows[key])
	out.put(key, v)
	return out
}

// put changes a table that nobody else has yet.
func (t *table[T]) put(key string, v version[T]) {
	vs := t.rows[key]
	if len(vs) == 0 {
		t.keys = append(t.keys, key)
	}
	i, found := slices.BinarySearchFunc(vs, v.From, func(a version[T], from incident.Stamp) int { return cmp.Compare(a.From, from) })
	if found {
		vs[i] = v
	} else {
		vs = slices.Insert(vs, i, v)
	}
	t.rows[key] = vs
}

// format is how a table stands in a file and in a setting: the first column is the key.
type format[T any] struct {
	file    string // without .csv; the first part of a setting's name too
	columns []string
	need    int // so many of the columns must be there
	norm    func(key string) string
	parse   func(record) T
	cells   func(T) []string
}

// row reads one record; false when something in it is wrong.
func (f format[T]) row(r record) (key string, v version[T], ok bool) {
	before := len(*r.faults)
	key = r.need(f.columns[0])
	if f.norm != nil {
		key = f.norm(key)
		r.cells[f.columns[0]] = key
	}
	v = version[T]{From: r.when(colFrom), Gone: r.yes(colGone, false), Line: r.line}
	if !v.Gone {
		v.Row = f.parse(r)
	}
	return key, v, len(*r.faults) == before
}

// The columns every table may have beside its own.
const (
	colFrom = "from"
	colGone = "gone"
)

// read reads a table. A missing file is a fault unless the table is optional.
func (f format[T]) read(fsys fs.FS, optional bool, faults *Faults) table[T] {
	name := f.file + ".csv"
	raw, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) && optional {
		return newTable[T]()
	}
	if err != nil {
		*faults = append(*faults, Fault{File: name, Key: "duty.fault.missing"})
		return newTable[T]()
	}
	t := newTable[T]()
	for _, r := range readCSV(name, raw, f.columns, f.need, faults) {
		key, v, ok := f.row(r)
		if !ok {
			continue
		}
		if slices.ContainsFunc(t.rows[key], func(o version[T]) bool { return o.From == v.From }) {
			r.fail("twice", key)
			continue
		}
		t.put(key, v)
	}
	return t
}

// write writes a table as CSV with a byte order mark, so that spreadsheets read it as UTF-8.
func (f format[T]) write(t table[T]) ([]byte, error) {
	dated := false
	for _, vs := range t.rows {
		dated = dated || len(vs) > 1 || vs[0].From != 0 || vs[0].Gone
	}
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	head := slices.Clone(f.columns)
	if dated {
		head = append(head, colFrom, colGone)
	}
	lines := [][]string{head}
	for _, k := range t.keys {
		for _, v := range t.rows[k] {
			cells := make([]string, len(f.columns))
			if cells[0] = k; !v.Gone {
				cells = f.cells(v.Row)
			}
			if dated {
				cells = append(cells, formatWhen(v.From), formatYes(v.Gone))
			}
			lines = append(lines, cells)
		}
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("write %s.csv: %w", f.file, err)
	}
	return b.Bytes(), nil
}

// maxFile bounds a pack file.
const maxFile = 8 << 20

// readCSV reads UTF-8 (with or without a byte order mark) or GB18030, comma, semicolon or tab apart, whatever a spreadsheet wrote.
// Columns may stand in any order; unknown ones and missing ones are faults. Empty lines and lines that begin with # are left out.
func readCSV(name string, raw []byte, columns []string, need int, faults *Faults) []record {
	fail := func(line int, reason string, args ...string) {
		*faults = append(*faults, Fault{File: name, Line: line, Key: "duty.fault." + reason, Args: args})
	}
	if len(raw) > maxFile {
		fail(0, "too_large")
		return nil
	}
	raw, ok := toUTF8(raw)
	if !ok {
		fail(0, "encoding")
		return nil
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = -1
	r.Comment = '#'
	r.Comma = separator(raw)
	head, err := r.Read()
	if err != nil {
		fail(1, "header")
		return nil
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(head[i]))
	}
	if !checkHeader(head, columns, need, fail) {
		return nil
	}
	var out []record
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			line := 0
			if pe := (*csv.ParseError)(nil); errors.As(err, &pe) {
				line = pe.Line
			}
			fail(line, "quotes")
			return out
		}
		line, _ := r.FieldPos(0)
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		rec := record{file: name, line: line, cells: map[string]string{}, faults: faults}
		for i, cell := range row {
			if i < len(head) {
				rec.cells[head[i]] = cell
			} else if strings.TrimSpace(cell) != "" {
				rec.fail("surplus", cell)
			}
		}
		out = append(out, rec)
	}
}

func toUTF8(raw []byte) ([]byte, bool) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if utf8.Valid(raw) {
		return raw, true
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	return out, err == nil && !bytes.ContainsRune(out, utf8.RuneError)
}

func separator(raw []byte) rune {
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	for _, sep := range []rune{'\t', ';'} {
		if bytes.ContainsRune(first, sep) && !bytes.ContainsRune(first, ',') {
			return sep
		}
	}
	return ','
}

func checkHeader(head, columns []string, need int, fail func(int, string, ...string)) bool {
	ok := true
	seen := map[string]bool{}
	for _, h := range head {
		switch {
		case h == "":
		case seen[h]:
			fail(1, "column_twice", h)
			ok = false
		case h != colFrom && h != colGone && !slices.Contains(columns, h):
			fail(1, "column_unknown", h)
			ok = false
		}
		seen[h] = true
	}
	for _, c := range columns[:need] {
		if !seen[c] {
			fail(1, "column_missing", c)
			ok = false
		}
	}
	return ok
}
