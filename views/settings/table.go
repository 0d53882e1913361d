package settings

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"

	"zw110/data/board"
)

// Row is one line of a table of the town pack: its key and its cells by column.
type Row struct {
	Key   string
	Cells map[string]string
}

// Table is one file of the town pack as people edit it.
type Table struct {
	Kind    string // duty, limits, units, villages, people, posts
	Columns []string
	Rows    []Row
}

// ReadTable reads a table out of its CSV file, as the room hands it over: UTF-8, the first column being the key. Of several dated versions
// of a row the newest counts; ended rows are left out.
func ReadTable(kind string, file []byte) (Table, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	lines, err := r.ReadAll()
	if err != nil {
		return Table{}, fmt.Errorf("read table %s: %w", kind, err)
	}
	t := Table{Kind: kind}
	if len(lines) == 0 {
		return t, nil
	}
	head := lines[0]
	t.Columns = slices.DeleteFunc(slices.Clone(head), func(c string) bool { return c == colFrom || c == colGone })
	at := map[string]int{}
	for _, line := range lines[1:] {
		row := Row{Cells: map[string]string{}}
		for i, cell := range line[:min(len(line), len(head))] {
			row.Cells[head[i]] = cell
		}
		row.Key = row.Cells[t.Columns[0]]
		if i, again := at[row.Key]; again {
			t.Rows[i] = row // versions stand in order of their dates: the newest holds
			continue
		}
		at[row.Key] = len(t.Rows)
		t.Rows = append(t.Rows, row)
	}
	t.Rows = slices.DeleteFunc(t.Rows, func(r Row) bool { return r.Cells[colGone] != "" })
	return t, nil
}

// The columns that date a row; the room sets them.
const (
	colFrom = "from"
	colGone = "gone"
)

// Find returns the rows in which every word stands, as characters or pinyin; all for no words.
func (t Table) Find(words string) []Row {
	var out []Row
	for _, r := range t.Rows {
		text := ""
		for _, c := range t.Columns {
			text += r.Cells[c] + " "
		}
		if _, ok := board.Match(words, text); ok {
			out = append(out, r)
		}
	}
	return out
}

// Name is what the room calls a row's setting.
func (t Table) Name(key string) string { return t.Kind + "/" + key }

// Value is a row as the room takes it: a JSON object of its columns, all texts. Unknown columns are left out, so that a table
// never brings more than its own.
func (t Table) Value(cells map[string]string) ([]byte, error) {
	own := map[string]string{}
	for c, v := range cells {
		if slices.Contains(t.Columns, c) {
			own[c] = v
		}
	}
	raw, err := json.Marshal(own)
	if err != nil {
		return nil, fmt.Errorf("row of %s: %w", t.Kind, err)
	}
	return raw, nil
}

// Ended is the value that ends a row: from now on it is not there, old incidents keep it.
func Ended() []byte { return []byte("null") }
