package duty

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"zw110/data/incident"
)

// Fault says which line of a pack file or which setting can't be taken, and why. Line counts from 1 as a spreadsheet does; 0 is the
// file as a whole. Key is a catalogue key "duty.fault.<reason>"; Args fill its places.
type Fault struct {
	File string
	Line int
	Key  string
	Args []string
}

// Error names file, line, key and arguments; people see the catalogue's text instead.
func (f Fault) Error() string {
	text := f.Key
	if len(f.Args) > 0 {
		text += " " + strings.Join(f.Args, ", ")
	}
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.File, text)
	}
	return fmt.Sprintf("%s line %d: %s", f.File, f.Line, text)
}

// Faults is everything that is wrong with a pack, in order of files and lines.
type Faults []Fault

// Error names all faults, one a line.
func (fs Faults) Error() string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		texts[i] = f.Error()
	}
	return strings.Join(texts, "\n")
}

// err returns the faults, sorted, as an error; nil when there are none.
func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Key, b.Key), slices.Compare(a.Args, b.Args))
	})
	return fs
}

// record is one line of a table: column to cell. Reading a cell that is wrong notes a fault and gives the zero value.
type record struct {
	file   string
	line   int
	cells  map[string]string
	faults *Faults
}

func (r record) fail(reason string, args ...string) {
	*r.faults = append(*r.faults, Fault{File: r.file, Line: r.line, Key: "duty.fault." + reason, Args: args})
}

func (r record) text(col string) string { return strings.TrimSpace(r.cells[col]) }

func (r record) need(col string) string {
	v := r.text(col)
	if v == "" {
		r.fail("empty", col)
	}
	return v
}

// words splits a cell at spaces and Chinese or Western list signs.
func (r record) words(col string) []string {
	return strings.FieldsFunc(r.text(col), func(c rune) bool { return strings.ContainsRune(" 　、，,;；|", c) })
}

func (r record) yes(col string, otherwise bool) bool {
	switch v := strings.ToLower(r.text(col)); v {
	case "":
		return otherwise
	case "yes", "true", "1", "是":
		return true
	case "no", "false", "0", "否":
		return false
	default:
		r.fail("yes", col, v)
		return false
	}
}

func (r record) limit(col string) incident.Limit {
	l, ok := ParseLimit(r.text(col))
	if !ok {
		r.fail("limit", col, r.text(col))
	}
	return l
}

func (r record) number(col string) float64 {
	v := r.text(col)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil {
		r.fail("number", col, v)
	}
	return n
}

// oneOf returns the cell when it is one of the known words.
func oneOf[T ~string](r record, col string, known ...T) T {
	v := T(r.text(col))
	if !slices.Contains(known, v) {
		names := make([]string, len(known))
		for i, k := range known {
			names[i] = string(k)
		}
		r.fail("one_of", col, string(v), strings.Join(names, " "))
	}
	return v
}

// when reads a moment: a day (its first moment), a day with hour and minute, or RFC 3339; empty is "always".
func (r record) when(col string) incident.Stamp {
	v := r.text(col)
	if v == "" {
		return 0
	}
	for _, form := range []string{"2006-1-2", "2006/1/2", "2006-1-2 15:04", "2006/1/2 15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(form, v, incident.Local); err == nil {
			return incident.StampOf(t)
		}
	}
	r.fail("time", col, v)
	return 0
}

// formatWhen writes a moment the way record.when reads it.
func formatWhen(s incident.Stamp) string {
	if s == 0 {
		return ""
	}
	t := s.Time().In(incident.Local)
	if start, err := incident.DayOf(s).Start(); err == nil && start == s {
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02T15:04:05.999Z07:00")
}

func formatYes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
