package lists

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"zw110/data/incident"
)

// Issue is one published version of a list: what it said, by hashes, and from which entries.
type Issue struct {
	List    incident.List
	Day     incident.Day
	Period  string // 2026-08-15, 2026-W33, 2026-08
	Version int    // from 1, within the period
	At      incident.Stamp
	AsOf    incident.Stamp // nothing from this moment on is in it
	Reason  string         // why there is another version; empty for the first
	Lang    string         // of the catalogue it is written in
	Check   string
	Hash    [sha256.Size]byte
	// Known holds the last entry of each origin that the list was made from.
	Known map[incident.Origin]uint64
	Rows  []IssuedRow
}

// IssuedRow is a row of an issue by its key and a digest of what it said, without its running number.
type IssuedRow struct {
	Key    RowKey
	Digest [8]byte
}

// PeriodName names the period of a list that a day lies in: the day, the ISO week, the month.
func PeriodName(list incident.List, day incident.Day) (string, error) {
	if _, _, err := Period(list, day); err != nil {
		return "", err
	}
	t := dayTime(day)
	switch list {
	case incident.ListJoint:
		year, week := t.ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week), nil
	case incident.ListMonthly:
		return t.Format("2006-01"), nil
	}
	return string(day), nil
}

// IssuedRows are the rows of a sheet as an issue keeps them.
func IssuedRows(s Sheet) []IssuedRow {
	out := make([]IssuedRow, len(s.Keys))
	for i, k := range s.Keys {
		h := sha256.New()
		put := hashText(h)
		for c, cell := range s.Rows[i] {
			if text := cell.String(); s.Columns[c].Key != "seq" {
				put(text)
			}
		}
		out[i] = IssuedRow{Key: k, Digest: [8]byte(h.Sum(nil))}
	}
	return out
}

// issueForm is the form of an issue in the journal.
const issueForm = 1

// The size of one part of an issue: an entry has room for 64 KiB.
const partBytes = 30_000

// issuePart is a part of an issue in the journal, as JSON. Each has all but the rows, of which it has its share.
type issuePart struct {
	Form    int               `json:"form"`
	List    incident.List     `json:"list"`
	Day     incident.Day      `json:"day"`
	Version int               `json:"version"`
	At      incident.Stamp    `json:"at"`
	AsOf    incident.Stamp    `json:"as_of"`
	Reason  string            `json:"reason,omitempty"`
	Lang    string            `json:"lang"`
	Check   string            `json:"check"`
	Hash    string            `json:"hash"`
	Known   map[string]uint64 `json:"known"`
	Part    int               `json:"part"` // from 1
	Parts   int               `json:"parts"`
	Rows    [][3]string       `json:"rows"` // number, unit, digest in hexadecimal
}

// Encode returns an issue as the values of one or more entries.
func (i *Issue) Encode() ([][]byte, error) {
	p := issuePart{
		Form: issueForm, List: i.List, Day: i.Day, Version: i.Version, At: i.At, AsOf: i.AsOf, Reason: i.Reason, Lang: i.Lang,
		Check: i.Check, Hash: hex.EncodeToString(i.Hash[:]), Known: map[string]uint64{},
	}
	for origin, seq := range i.Known {
		p.Known[hex.EncodeToString(origin[:])] = seq
	}
	shares, size := [][][3]string{{}}, 0
	for _, r := range i.Rows {
		row := [3]string{r.Key.No, string(r.Key.Unit), hex.EncodeToString(r.Digest[:])}
		if size += len(row[0]) + len(row[1]) + len(row[2]) + 12; size > partBytes {
			shares, size = append(shares, [][3]string{}), 0
		}
		shares[len(shares)-1] = append(shares[len(shares)-1], row)
	}
	p.Parts = len(shares)
	out := make([][]byte, len(shares))
	for n, rows := range shares {
		p.Part, p.Rows = n+1, rows
		var err error
		if out[n], err = json.Marshal(p); err != nil {
			return nil, fmt.Errorf("encode issue of %s list %s: %w", i.List, i.Day, err)
		}
	}
	return out, nil
}

// ErrIssue says that a value of the journal is no part of an issue.
var ErrIssue = errors.New("no part of an issue")

// DecodeIssue puts an issue together again from its parts, in any order. ErrIssue when one is none or missing.
func DecodeIssue(values [][]byte) (Issue, error) {
	parts := make([]issuePart, len(values))
	for _, v := range values {
		var p issuePart
		if err := json.Unmarshal(v, &p); err != nil {
			return Issue{}, fmt.Errorf("%w: %w", ErrIssue, err)
		}
		if p.Form != issueForm || p.Parts != len(values) || p.Part < 1 || p.Part > len(values) || parts[p.Part-1].Form != 0 {
			return Issue{}, fmt.Errorf("%w: form %d, part %d of %d", ErrIssue, p.Form, p.Part, p.Parts)
		}
		parts[p.Part-1] = p
	}
	if len(parts) == 0 {
		return Issue{}, fmt.Errorf("%w: nothing", ErrIssue)
	}
	p := parts[0]
	i := Issue{
		List: p.List, Day: p.Day, Version: p.Version, At: p.At, AsOf: p.AsOf, Reason: p.Reason, Lang: p.Lang, Check: p.Check,
		Known: map[incident.Origin]uint64{},
	}
	var err error
	if i.Period, err = PeriodName(i.List, i.Day); err != nil || i.Version < 1 || !unhex(i.Hash[:], p.Hash) {
		return Issue{}, fmt.Errorf("%w: list %q of %q, version %d", ErrIssue, i.List, i.Day, i.Version)
	}
	for text, seq := range p.Known {
		var origin incident.Origin
		if !unhex(origin[:], text) {
			return Issue{}, fmt.Errorf("%w: origin %q", ErrIssue, text)
		}
		i.Known[origin] = seq
	}
	for _, p := range parts {
		for _, row := range p.Rows {
			r := IssuedRow{Key: RowKey{No: row[0], Unit: incident.UnitID(row[1])}}
			if p.Hash != parts[0].Hash || !unhex(r.Digest[:], row[2]) {
				return Issue{}, fmt.Errorf("%w: row %q of part %d", ErrIssue, row[0], p.Part)
			}
			i.Rows = append(i.Rows, r)
		}
	}
	return i, nil
}

// unhex fills a fixed size from hexadecimal text and says whether it fits.
func unhex(into []byte, text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && copy(into, raw) == len(into) && len(raw) == len(into)
}

// IssuePart tells which issue a value of the journal belongs to, the same for all its parts; false for a value that is none.
func IssuePart(value []byte) (name string, ok bool) {
	var p issuePart
	if err := json.Unmarshal(value, &p); err != nil || p.Form != issueForm {
		return "", false
	}
	return fmt.Sprintf("%s %s v%d %d %s", p.List, p.Day, p.Version, p.At, p.Hash), true
}

// RowMove says what became of a row between two versions of a list.
type RowMove string

// What becomes of rows.
const (
	RowIn      RowMove = "in"
	RowOut     RowMove = "out"
	RowChanged RowMove = "changed"
)

// RowChange is a row that two versions of a list do not have in common. Cells are those that changed, without the running number.
type RowChange struct {
	Key   RowKey
	Move  RowMove
	Cells []CellChange
}

// CellChange is a cell of a row that changed.
type CellChange struct {
	Column  string // key of the catalogue under lists.col
	Was, Is string
}

// Diff tells what moved between two versions of a list: the rows that changed or came in, in the order of the new one, then those that are gone.
// Moving up or down alone is no change.
func Diff(old, now Sheet) []RowChange {
	out := DiffRows(IssuedRows(old), IssuedRows(now))
	before, after := rowsByKey(old), rowsByKey(now)
	for i := range out {
		if out[i].Move != RowChanged {
			continue
		}
		was := map[string]string{}
		for c, cell := range before[out[i].Key] {
			was[old.Columns[c].Key] = cell.String()
		}
		for c, cell := range after[out[i].Key] {
			if key, is := now.Columns[c].Key, cell.String(); key != "seq" && was[key] != is {
				out[i].Cells = append(out[i].Cells, CellChange{Column: key, Was: was[key], Is: is})
			}
		}
	}
	return out
}

// DiffRows is Diff by digests, which don't tell the cells.
func DiffRows(old, now []IssuedRow) []RowChange {
	before := make(map[RowKey][8]byte, len(old))
	for _, r := range old {
		before[r.Key] = r.Digest
	}
	var out []RowChange
	after := make(map[RowKey]bool, len(now))
	for _, r := range now {
		after[r.Key] = true
		digest, had := before[r.Key]
		switch {
		case !had:
			out = append(out, RowChange{Key: r.Key, Move: RowIn})
		case digest != r.Digest:
			out = append(out, RowChange{Key: r.Key, Move: RowChanged})
		}
	}
	for _, r := range old {
		if !after[r.Key] {
			out = append(out, RowChange{Key: r.Key, Move: RowOut})
		}
	}
	return out
}

func rowsByKey(s Sheet) map[RowKey][]Cell {
	out := make(map[RowKey][]Cell, len(s.Keys))
	for i, k := range slices.Backward(s.Keys) {
		out[k] = s.Rows[i]
	}
	return out
}
