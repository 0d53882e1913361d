package listpage

import (
	"slices"

	"zw110/data/lists"
	"zw110/data/room"
)

// backRow is one change of a list that came back, and what a person and the store did with it.
type backRow struct {
	room.BackItem
	Ticked  bool
	Entered bool
}

// mayTick reports whether the change can be entered.
func (r backRow) mayTick() bool {
	return !r.Entered && (r.Verdict == room.BackChange || r.Verdict == room.BackConflict)
}

// back is the model of the dialog in which a list comes back.
type back struct {
	room.Returned
	Rows []backRow
}

// newBack ticks what nothing speaks against; a conflict is left to a person.
func newBack(r room.Returned) *back {
	b := &back{Returned: r}
	for _, it := range r.Items {
		b.Rows = append(b.Rows, backRow{BackItem: it, Ticked: it.Verdict == room.BackChange})
	}
	return b
}

// Toggle ticks or unticks a change that can be entered.
func (b *back) Toggle(i int) {
	if i >= 0 && i < len(b.Rows) && b.Rows[i].mayTick() {
		b.Rows[i].Ticked = !b.Rows[i].Ticked
	}
}

// TickAll ticks the changes that can be entered, but no conflict: those are decided one by one. When something is ticked it unticks all.
func (b *back) TickAll() {
	on := len(b.taken()) == 0
	for i := range b.Rows {
		b.Rows[i].Ticked = on && b.Rows[i].mayTick() && b.Rows[i].Verdict == room.BackChange
	}
}

// taken are the places of the ticked rows.
func (b *back) taken() []int {
	var out []int
	for i, r := range b.Rows {
		if r.Ticked {
			out = append(out, i)
		}
	}
	return out
}

// count counts the rows of a verdict.
func (b *back) count(v room.BackVerdict) int {
	n := 0
	for _, r := range b.Rows {
		if r.Verdict == v {
			n++
		}
	}
	return n
}

// again takes the same file, compared anew. A row keeps its tick while the store still says what it said when a person saw it; one that was ticked
// and for which it doesn't is reported: nobody has decided that yet.
func (b *back) again(r room.Returned) (moved bool) {
	old := b.Rows
	fresh := newBack(r)
	same := func(a, c backRow) bool { return a.Place == c.Place && a.Column == c.Column }
	for i, n := range fresh.Rows {
		at := slices.IndexFunc(old, func(o backRow) bool { return same(o, n) })
		if at < 0 {
			continue
		}
		o := old[at]
		fresh.Rows[i].Entered = o.Entered
		if o.Verdict == n.Verdict && o.Now == n.Now || o.Entered {
			fresh.Rows[i].Ticked = o.Ticked
		} else {
			moved = moved || o.Ticked
		}
	}
	for _, o := range old { // its incident is gone from the store
		moved = moved || o.Ticked && !slices.ContainsFunc(fresh.Rows, func(n backRow) bool { return same(o, n) })
	}
	*b = *fresh
	return moved
}

// entered notes what became of the rows that were given to the store. The answers are parallel; rows without one were not reached.
func (b *back) entered(rows []int, done []room.Done) (entered, refused int) {
	for i, at := range rows {
		r := &b.Rows[at]
		switch {
		case i >= len(done):
			continue
		case done[i].Err != nil:
			r.Verdict, r.Why, r.Ticked = room.BackRefused, done[i].Err, false
			refused++
		default:
			r.Entered, r.Ticked = true, false
			entered++
		}
	}
	return entered, refused
}

// backColumns are those of the table; widths in characters.
func backColumns(t func(string, ...any) string) []lists.Column {
	return []lists.Column{
		{Head: t("listpage.back.place"), Width: 6},
		{Head: t("listpage.back.no"), Width: 16},
		{Head: t("listpage.back.column"), Width: 10},
		{Head: t("listpage.back.was"), Width: 22},
		{Head: t("listpage.back.is"), Width: 24},
		{Head: t("listpage.back.now"), Width: 22},
		{Head: t("listpage.back.verdict"), Width: 20},
	}
}
