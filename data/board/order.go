package board

import (
	"bytes"
	"cmp"

	"zw110/data/incident"

	"github.com/tidwall/btree"
)

// compare orders records as the queue shows them: by group, then by what the group asks for.
//   - Unanswered: urgency, then who waits longest
//   - ToDispatch: urgency, then the clock
//   - Overdue and DueSoon: the clock, then urgency
//   - InHand: urgency, then the clock; those without a clock last
//   - Ended: latest first
func (b *Board) compare(x, y *record) int {
	if c := cmp.Compare(x.group, y.group); c != 0 {
		return c
	}
	var c int
	switch Group(x.group) {
	case Unanswered:
		c = cmp.Compare(b.rank(x), b.rank(y))
	case ToDispatch, InHand:
		c = cmp.Or(cmp.Compare(b.rank(x), b.rank(y)), cmp.Compare(x.due(), y.due()))
	case Overdue, DueSoon:
		c = cmp.Or(cmp.Compare(x.due(), y.due()), cmp.Compare(b.rank(x), b.rank(y)))
	case Ended:
		c = cmp.Compare(y.ended, x.ended)
	}
	if c != 0 {
		return c
	}
	return byReceipt(x, y)
}

// byReceipt orders by time of receipt; the ID settles ties.
func byReceipt(x, y *record) int {
	if c := cmp.Compare(x.received, y.received); c != 0 {
		return c
	}
	return bytes.Compare(x.id[:], y.id[:])
}

// rank orders urgencies, worst first; an unknown one stands with normal.
func (b *Board) rank(r *record) uint8 { return b.urgencyRank[r.urgency] }

// urgencyRanks is the rank of each urgency.
func urgencyRanks(t *tables) (ranks [256]uint8) {
	for i := range ranks {
		ranks[i] = 2
	}
	ranks[t.short(string(incident.Critical))] = 0
	ranks[t.short(string(incident.Urgent))] = 1
	ranks[t.short(string(incident.Low))] = 3
	return ranks
}

// tree is an ordered set of records with rank access; a copy costs nothing until one of the two changes.
type tree = btree.BTreeG[*record]

func newTree(compare func(x, y *record) int) *tree {
	return btree.NewBTreeGOptions(func(x, y *record) bool { return compare(x, y) < 0 }, btree.Options{NoLocks: true})
}

// view is one filtered list, kept in order while it is in use.
type view struct {
	key   string
	match matcher
	rows  *tree
	sizes [Ended + 1]int
	used  uint64 // when it was last asked for, in snapshots of the board
}

func (v *view) add(r *record) {
	if v.match(r) {
		v.rows.Set(r)
		v.sizes[r.group]++
	}
}

func (v *view) remove(r *record) {
	if _, was := v.rows.Delete(r); was {
		v.sizes[r.group]--
	}
}

// snapshot is a view at one moment.
type snapshot struct {
	rows    *tree
	sizes   [Ended + 1]int
	names   names
	version uint64
	current func(incident.IncidentID) *record
}

// Len counts rows.
func (s *snapshot) Len() int { return s.rows.Len() }

// Row returns the i-th row, the zero Row outside the list.
func (s *snapshot) Row(i int) Row {
	if i < 0 || i >= s.rows.Len() {
		return Row{}
	}
	r, _ := s.rows.GetAt(i)
	return s.names.row(r)
}

// IndexOf returns the place of an incident, or -1. An incident that hasn't changed since is found by its order, others by looking
// through the list.
func (s *snapshot) IndexOf(id incident.IncidentID) int {
	r := s.current(id)
	if r == nil {
		return -1
	}
	lo, hi := 0, s.rows.Len()
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if at, _ := s.rows.GetAt(mid); s.rows.Less(at, r) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if at, ok := s.rows.GetAt(lo); ok && at.id == id {
		return lo
	}
	found, i := -1, 0
	s.rows.Scan(func(at *record) bool {
		if at.id == id {
			found = i
		}
		i++
		return found < 0
	})
	return found
}

// GroupSizes returns how many rows each group has; groups without rows are left out.
func (s *snapshot) GroupSizes() map[Group]int {
	sizes := make(map[Group]int, Ended)
	for g, n := range s.sizes {
		if n > 0 {
			sizes[Group(g)] = n
		}
	}
	return sizes
}

// Version returns the version of the board the snapshot was taken at.
func (s *snapshot) Version() uint64 { return s.version }
