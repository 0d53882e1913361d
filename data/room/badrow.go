package room

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"

	"zw110/data/incident"
	"zw110/data/intake"
)

// localBadRows is the local setting that keeps rows nobody could take.
const localBadRows = "badrows"

// maxBadRows bounds what is kept; the oldest go first.
const maxBadRows = 2000

// KeptRow is a bad row with where it came from, waiting to be mended.
type KeptRow struct {
	ID      int // names it in Mend and DropBadRow
	File    string
	Channel incident.Channel
	At      incident.Stamp
	intake.BadRow
}

// same reports whether it is the same row of the same file, imported again.
func (k KeptRow) same(file string, row intake.BadRow) bool {
	return k.File == file && k.Row == row.Row && k.Reason == row.Reason && k.Detail == row.Detail
}

// BadRows returns the rows that wait to be mended, oldest first.
func (r *Room) BadRows() ([]KeptRow, error) {
	var rows []KeptRow
	if err := r.Local(localBadRows, &rows); err != nil {
		return nil, fmt.Errorf("read bad rows: %w", err)
	}
	return rows, nil
}

// keepBad remembers the bad rows of a file; those it knows already are not added again.
func (r *Room) keepBad(file string, ch incident.Channel, bad []intake.BadRow) error {
	if len(bad) == 0 {
		return nil
	}
	return r.changeBadRows(func(rows []KeptRow) []KeptRow {
		next := 1
		for _, k := range rows {
			next = max(next, k.ID+1)
		}
		for _, b := range bad {
			if !slices.ContainsFunc(rows, func(k KeptRow) bool { return k.same(file, b) }) {
				rows = append(rows, KeptRow{ID: next, File: file, Channel: ch, At: r.Now(), BadRow: b})
				next++
			}
		}
		return rows[max(0, len(rows)-maxBadRows):]
	})
}

func (r *Room) changeBadRows(change func([]KeptRow) []KeptRow) error {
	r.locals.Lock()
	defer r.locals.Unlock()
	rows, err := r.BadRows()
	if err != nil {
		return err
	}
	if err := r.SetLocal(localBadRows, change(rows)); err != nil {
		return fmt.Errorf("keep bad rows: %w", err)
	}
	return nil
}

// DropBadRow forgets a bad row that is of no use.
func (r *Room) DropBadRow(id int) error {
	return r.changeBadRows(func(rows []KeptRow) []KeptRow {
		return slices.DeleteFunc(rows, func(k KeptRow) bool { return k.ID == id })
	})
}

// Mend reads a bad row again with its cells corrected and registers it; then the row is forgotten. A row that is still bad, or that
// is a report registered already, is refused and stays.
func (r *Room) Mend(ctx context.Context, by incident.Login, id int, cells map[string]string) (Outcome, error) {
	rows, err := r.BadRows()
	if err != nil {
		return Outcome{}, err
	}
	at := slices.IndexFunc(rows, func(k KeptRow) bool { return k.ID == id })
	if at < 0 {
		return Outcome{}, refusal("mend", "no_row", fmt.Sprint(id))
	}
	row := rows[at]
	content, err := asTable(cells)
	if err != nil {
		return Outcome{}, err
	}
	p, err := r.Preview(ctx, row.File+".csv", content, row.Channel, nil)
	if err != nil {
		return Outcome{}, err
	}
	if len(p.Items) != 1 {
		reason := "empty"
		if len(p.Bad) > 0 {
			reason = p.Bad[0].Reason
		}
		return Outcome{}, refusal("mend", "still_bad", reason)
	}
	if p.Items[0].Kind == KindExact {
		return Outcome{}, refusal("mend", "known", p.Items[0].OfNo)
	}
	out, err := r.Do(ctx, registration(by, p.Items[0].Report, r.Now()))
	if err != nil {
		return Outcome{}, err
	}
	return out, r.DropBadRow(id)
}

// asTable writes cells as a table of two lines.
func asTable(cells map[string]string) ([]byte, error) {
	var heads, values []string
	for _, head := range slices.Sorted(maps.Keys(cells)) {
		heads, values = append(heads, head), append(values, cells[head])
	}
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	if err := w.WriteAll([][]string{heads, values}); err != nil {
		return nil, fmt.Errorf("write the mended row: %w", err)
	}
	return buf.Bytes(), nil
}
