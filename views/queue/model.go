package queue

import (
	"slices"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// Board is what the queue reads.
type Board interface {
	Snapshot(f board.Filter) board.Snapshot
	Count(f board.Filter) int
	Detail(id incident.IncidentID, by incident.Login) (room.Detail, error)
	Subscribe(func(room.Change)) (cancel func())
}

// Keep holds what belongs to this window alone.
type Keep interface {
	Local(name string, into any) error
	SetLocal(name string, value any) error
}

// holdTime is how long new order waits after a key that moved the cursor.
const holdTime = 2 * time.Second

// idleTime is how long nobody touches the list before another desk's changes take their places.
const idleTime = 10 * time.Second

// section is one group of the list: a header and its rows.
type section struct {
	group  board.Group
	first  int // row of the snapshot
	rows   int
	folded bool
	item   int     // of the header
	top    float32 // of the header
}

// shown returns how many rows of the section are in the list.
func (s section) shown() int {
	if s.folded {
		return 0
	}
	return s.rows
}

// model is the list as values: which rows stand where, where the cursor is, what is ticked. It knows no widget.
type model struct {
	snap     board.Snapshot
	sections []section
	items    int
	height   float32
	folded   map[board.Group]bool
	cursor   incident.IncidentID
	row      int // of the cursor in the snapshot; kept when its incident goes
	ticked   map[incident.IncidentID]bool
	heldTo   incident.Stamp
	waiting  int // changes held back
	// fresh are rows as they read now, shown at their old place while the order is held.
	fresh map[incident.IncidentID]board.Row
	// foreign says that another desk's changes wait: until the selection moves, or nobody has touched the list for idleTime.
	foreign bool
	touched incident.Stamp
}

func newModel() *model {
	return &model{folded: map[board.Group]bool{}, ticked: map[incident.IncidentID]bool{}, fresh: map[incident.IncidentID]board.Row{}}
}

// take puts a snapshot in place. The cursor stays on its incident; if that is gone, on the row that took its place.
func (m *model) take(s board.Snapshot) {
	m.snap = s
	m.waiting, m.foreign = 0, false
	clear(m.fresh)
	m.build()
	if i := s.IndexOf(m.cursor); i >= 0 && !m.cursor.IsZero() {
		m.row = i
		return
	}
	m.moveTo(m.row)
}

// build lays headers and rows out.
func (m *model) build() {
	m.sections = m.sections[:0]
	sizes := m.snap.GroupSizes()
	groups := make([]board.Group, 0, len(sizes))
	for g, n := range sizes {
		if n > 0 {
			groups = append(groups, g)
		}
	}
	slices.Sort(groups)
	row, item, top := 0, 0, float32(0)
	for _, g := range groups {
		s := section{group: g, first: row, rows: sizes[g], folded: m.folded[g], item: item, top: top}
		m.sections = append(m.sections, s)
		row += s.rows
		item += 1 + s.shown()
		top += kit.GroupHeight + float32(s.shown())*kit.RowHeight
	}
	m.items, m.height = item, top
}

// Len counts headers and rows.
func (m *model) Len() int { return m.items }

// Top returns where an item begins.
func (m *model) Top(i int) float32 {
	if i >= m.items {
		return m.height
	}
	s := m.sectionOf(i)
	if i == s.item {
		return s.top
	}
	return s.top + kit.GroupHeight + float32(i-s.item-1)*kit.RowHeight
}

// At returns the item at a height.
func (m *model) At(y float32) int {
	for k := len(m.sections) - 1; k >= 0; k-- {
		s := m.sections[k]
		if y < s.top && k > 0 {
			continue
		}
		if y < s.top+kit.GroupHeight {
			return s.item
		}
		return min(s.item+1+int((y-s.top-kit.GroupHeight)/kit.RowHeight), s.item+s.shown())
	}
	return 0
}

func (m *model) sectionOf(item int) section {
	for k := len(m.sections) - 1; k > 0; k-- {
		if m.sections[k].item <= item {
			return m.sections[k]
		}
	}
	return m.sections[0]
}

// rowAt returns the snapshot's row of an item, or -1 for a header.
func (m *model) rowAt(item int) int {
	s := m.sectionOf(item)
	if item == s.item {
		return -1
	}
	return s.first + item - s.item - 1
}

// itemOf returns the item of a snapshot's row; the header of its section when that is folded.
func (m *model) itemOf(row int) int {
	for _, s := range m.sections {
		if row < s.first+s.rows {
			if s.folded {
				return s.item
			}
			return s.item + 1 + row - s.first
		}
	}
	return max(0, m.items-1)
}

// rows returns how many rows can be walked over.
func (m *model) rows() int {
	if m.snap == nil {
		return 0
	}
	return m.snap.Len()
}

// moveTo puts the cursor on a row, clamped; folded sections are stepped over downwards, then upwards.
func (m *model) moveTo(row int) {
	n := m.rows()
	if n == 0 {
		m.cursor, m.row = incident.IncidentID{}, 0
		return
	}
	row = min(max(0, row), n-1)
	row = m.unfolded(row, row >= m.row)
	m.row = row
	m.cursor = m.snap.Row(row).ID
}

// unfolded returns the nearest row that is not folded away, looking in one direction first.
func (m *model) unfolded(row int, down bool) int {
	for _, forward := range []bool{down, !down} {
		at := row
		for at >= 0 && at < m.rows() {
			s := m.holding(at)
			if !s.folded {
				return at
			}
			if forward {
				at = s.first + s.rows
			} else {
				at = s.first - 1
			}
		}
	}
	return row
}

func (m *model) holding(row int) section {
	for _, s := range m.sections {
		if row < s.first+s.rows {
			return s
		}
	}
	return section{}
}

// fold hides or shows a group's rows.
func (m *model) fold(g board.Group) {
	m.folded[g] = !m.folded[g]
	m.build()
	m.moveTo(m.row)
}

// hold keeps the order as it is for two seconds, because the selection moves.
func (m *model) hold(now incident.Stamp) {
	m.heldTo = now.Add(holdTime)
	m.foreign = false
}

// heldUntil returns when new order may show, unless somebody touches the list meanwhile.
func (m *model) heldUntil() incident.Stamp {
	if m.foreign {
		return max(m.heldTo, m.touched.Add(idleTime))
	}
	return m.heldTo
}

// held reports whether new order must wait.
func (m *model) held(now incident.Stamp) bool { return now < m.heldUntil() }

// at returns a row of the list as it reads now.
func (m *model) at(i int) board.Row {
	row := m.snap.Row(i)
	if now, ok := m.fresh[row.ID]; ok {
		return now
	}
	return row
}

// tick marks the row of the cursor or takes the mark away.
func (m *model) tick(id incident.IncidentID) {
	if m.ticked[id] {
		delete(m.ticked, id)
	} else if !id.IsZero() {
		m.ticked[id] = true
	}
}

// selected returns the ticked incidents in the order of the list.
func (m *model) selected() []incident.IncidentID {
	ids := make([]incident.IncidentID, 0, len(m.ticked))
	for id := range m.ticked {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b incident.IncidentID) int { return m.snap.IndexOf(a) - m.snap.IndexOf(b) })
	return ids
}

// position returns the place of the cursor in its group and the group's size, both from 1.
func (m *model) position() (at, of int) {
	s := m.holding(m.row)
	return m.row - s.first + 1, s.rows
}
