package assesspage

import (
	"fyne.io/fyne/v2"

	"zw110/views/kit"
)

func opens(c cell) bool { return c.open != nil || !c.incident.IsZero() }

func firstOpen(row []cell) int {
	for i, c := range row {
		if opens(c) {
			return i
		}
	}
	return 0
}

// move goes up and down.
func (a *Page) move(c kit.Command) bool {
	by, ok := map[kit.Command]int{kit.CmdUp: -1, kit.CmdDown: 1, kit.CmdPageUp: -10, kit.CmdPageDown: 10, kit.CmdFirst: -1 << 20, kit.CmdLast: 1 << 20}[c]
	if !ok {
		return false
	}
	if a.tab == tabOverview {
		a.moveSpot(by, c)
		return true
	}
	if a.table != nil && len(a.table.rows) > 0 {
		a.row = max(0, min(a.row+by, len(a.table.rows)-1))
		if !opens(a.table.rows[a.row][a.col]) {
			a.col = max(0, firstOpen(a.table.rows[a.row]))
		}
		a.list.ScrollTo(a.row, 0)
		a.list.Update()
	}
	return true
}

// moveSpot goes among the figures of the overview: rows of a block, then the next block; PgUp and PgDn go by blocks.
func (a *Page) moveSpot(by int, c kit.Command) {
	spots := a.sketch.spots
	if len(spots) == 0 {
		return
	}
	i := a.sketch.chosen
	switch c {
	case kit.CmdFirst:
		i = 0
	case kit.CmdLast:
		i = len(spots) - 1
	case kit.CmdPageUp, kit.CmdPageDown:
		i = nextBlock(spots, i, by)
	default:
		i = nextRow(spots, i, by)
	}
	a.chooseSpot(i)
}

func (a *Page) chooseSpot(i int) {
	a.sketch.choose(i)
	at := a.sketch.spots[i].rect
	y, view := a.scroll.Offset.Y, a.scroll.Size().Height
	switch {
	case at.y < y:
		y = max(0, at.y-gap)
	case at.y+at.h > y+view:
		y = at.y + at.h - view + gap
	default:
		return
	}
	a.scroll.ScrollToOffset(fyne.NewPos(0, y))
}

// nextRow is the nearest figure one row on in the same block, else the first or last row of the block beside it.
func nextRow(spots []spot, i, by int) int {
	s := spots[i]
	for j, o := range spots {
		if o.block == s.block && o.row == s.row+by && o.col == s.col {
			return j
		}
	}
	return nextBlock(spots, i, by)
}

// nextBlock is the first figure of the block after, or before.
func nextBlock(spots []spot, i, by int) int {
	want := -1
	for _, s := range spots {
		if by > 0 && s.block > spots[i].block && (want < 0 || s.block < want) || by < 0 && s.block < spots[i].block && s.block > want {
			want = s.block
		}
	}
	for j, s := range spots {
		if s.block == want {
			return j
		}
	}
	return i
}

// across goes left and right among the figures of a row.
func (a *Page) across(by int) {
	if a.tab == tabOverview {
		spots := a.sketch.spots
		if len(spots) == 0 {
			return
		}
		s := spots[a.sketch.chosen]
		for j, o := range spots {
			if o.block == s.block && o.row == s.row && o.col == s.col+by {
				a.chooseSpot(j)
				return
			}
		}
		return
	}
	if a.table == nil || len(a.table.rows) == 0 {
		return
	}
	row := a.table.rows[a.row]
	for c := a.col + by; c >= 0 && c < len(row); c += by {
		if opens(row[c]) {
			a.col = c
			break
		}
	}
	a.list.Update()
}

// open shows what is behind the figure under the cursor.
func (a *Page) open() {
	if a.view == nil {
		return
	}
	if a.tab == tabOverview {
		if i := a.sketch.chosen; i < len(a.sketch.spots) {
			a.drill.show(a.sketch.spots[i].open())
			a.paint()
		}
		return
	}
	if a.table == nil || len(a.table.rows) == 0 {
		return
	}
	c := a.table.rows[a.row][a.col]
	switch {
	case !c.incident.IsZero():
		a.p.Open(c.incident)
	case c.open != nil:
		a.drill.show(c.open())
		a.paint()
	}
}
