package forms

import (
	"zw110/data/intake"
	"zw110/data/room"
	"zw110/views/kit"
)

// The kinds of rows in a preview.
const (
	KindNew    = "new"
	KindExact  = "exact_duplicate"
	KindLikely = "likely_duplicate"
	KindBad    = "bad_row"
)

// ImportRow is one line of the preview table: an item or a bad row.
type ImportRow struct {
	Kind string
	Item int // index into Preview.Items, -1 for a bad row
	Bad  int // index into Preview.Bad, -1 for an item
}

// Import is the model of the import dialog.
type Import struct {
	Preview room.Preview
	// Only narrows the rows to one kind; empty shows all.
	Only string
	// fromZero says that the file's rows count from 0, as those of JSON and of messages do.
	fromZero bool
}

// NewImport starts with what the room proposes to take: new rows ticked, exact duplicates never, likely ones left to a person.
func NewImport(p room.Preview) *Import {
	m := &Import{}
	for i := range p.Items {
		p.Items[i].Take = p.Items[i].Kind == KindNew
		m.fromZero = m.fromZero || p.Items[i].Report.Row == 0
	}
	for _, bad := range p.Bad {
		m.fromZero = m.fromZero || bad.Row == 0
	}
	m.Preview = p
	return m
}

// Rows returns the lines that show now: items in file order, bad rows last.
func (m *Import) Rows() []ImportRow {
	var out []ImportRow
	for i, item := range m.Preview.Items {
		if m.Only == "" || m.Only == item.Kind {
			out = append(out, ImportRow{Kind: item.Kind, Item: i, Bad: -1})
		}
	}
	if m.Only == "" || m.Only == KindBad {
		for i := range m.Preview.Bad {
			out = append(out, ImportRow{Kind: KindBad, Item: -1, Bad: i})
		}
	}
	return out
}

// Place says where a line stands in its file, as people count: rows of a sheet or text, else the first, second ... item.
func (m *Import) Place(env *kit.Env, row int) string {
	if m.fromZero {
		return env.T("forms.item_n", row+1)
	}
	return env.T("forms.row_n", row)
}

// Count returns how many lines are of a kind; empty counts all.
func (m *Import) Count(kind string) int {
	n := 0
	for _, item := range m.Preview.Items {
		if kind == "" || item.Kind == kind {
			n++
		}
	}
	if kind == "" || kind == KindBad {
		n += len(m.Preview.Bad)
	}
	return n
}

// Toggle ticks or unticks an item. An exact duplicate can't be taken: it is there already.
func (m *Import) Toggle(row ImportRow) {
	if row.Item >= 0 && row.Kind != KindExact {
		item := &m.Preview.Items[row.Item]
		item.Take = !item.Take
	}
}

// TickAll ticks or unticks all lines that show and may be taken.
func (m *Import) TickAll(take bool) {
	for _, row := range m.Rows() {
		if row.Item >= 0 && row.Kind != KindExact {
			m.Preview.Items[row.Item].Take = take
		}
	}
}

// Taken counts the ticked items.
func (m *Import) Taken() int {
	n := 0
	for _, item := range m.Preview.Items {
		if item.Take {
			n++
		}
	}
	return n
}

// Report returns an item's report, or nil for a bad row.
func (m *Import) Report(row ImportRow) *intake.Report {
	if row.Item < 0 {
		return nil
	}
	return &m.Preview.Items[row.Item].Report
}
