package board

import (
	"bytes"
	"cmp"

	"zw110/data/incident"

	"github.com/tidwall/btree"
)

// item is a record with its sort key, so that a tree is searched without looking at each record it passes.
type item struct {
	key uint64
	*record
}

// The layout of a queue key: 4 bits of group, then urgency (4 bits) and time (44 bits) in the order that the group asks for.
const (
	groupShift = 60
	timeBits   = 44
	timeMax    = 1<<timeBits - 1 // the year 2527; no clock counts as this
	farShift   = groupShift - 4 - timeBits
)

// inQueue gives a record its place in the queue: by group, then by what the group asks for.
//   - Unanswered: urgency, then who waits longest
//   - ToDispatch and InHand: urgency, then the clock; those without a clock last
//   - Overdue and DueSoon: the clock, then urgency
//   - Ended: latest first
//
// Loud conflicts come before all others of their group.
func (b *Board) inQueue(r *record) item {
	urgencyFirst := func(at incident.Stamp) uint64 { return b.rank(r)<<(groupShift-4) | clip(at)<<farShift }
	var key uint64
	switch Group(r.group) {
	case Unanswered:
		key = urgencyFirst(r.received)
	case ToDispatch, InHand:
		key = urgencyFirst(r.due())
	case Overdue, DueSoon:
		key = clip(r.due())<<(groupShift-timeBits) | b.rank(r)<<farShift
	case Ended:
		key = timeMax - clip(r.ended)
	}
	if r.flags&flagLoud != 0 && Group(r.group) != Ended {
		key = clip(r.received) // below every other key of the group, which hold their time further up
	}
	return item{uint64(r.group)<<groupShift | key, r}
}

func clip(at incident.Stamp) uint64 { return uint64(max(0, min(at, timeMax))) }

func compareItems(x, y item) int {
	if c := cmp.Compare(x.key, y.key); c != 0 {
		return c
	}
	return byReceipt(x.record, y.record)
}

// byReceipt orders by time of receipt; the ID settles ties.
func byReceipt(x, y *record) int {
	if c := cmp.Compare(x.received, y.received); c != 0 {
		return c
	}
	return bytes.Compare(x.id[:], y.id[:])
}

// rank orders urgencies, worst first; an unknown one stands with normal.
func (b *Board) rank(r *record) uint64 { return uint64(b.urgencyRank[r.urgency]) }

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
type tree = btree.BTreeG[item]

func newTree() *tree {
	return btree.NewBTreeGOptions(func(x, y item) bool { return compareItems(x, y) < 0 }, btree.Options{NoLocks: true})
}

// view is one filtered list, kept in order while it is in use.
type view struct {
	key   string
	match matcher
	rows  *tree
	sizes [Ended + 1]int
	used  uint64 // when it was last asked for, in snapshots of the board
}

func (v *view) add(it item) {
	if v.match(it.record) {
		v.rows.Set(it)
		v.sizes[it.group]++
	}
}

// append adds an item that comes after all others.
func (v *view) append(it item) {
	if v.match(it.record) {
		v.rows.Load(it)
		v.sizes[it.group]++
	}
}

func (v *view) remove(it item) {
	if _, was := v.rows.Delete(it); was {
		v.sizes[it.group]--
	}
}

// snapshot is a view at one moment.
type snapshot struct {
	rows    *tree
	sizes   [Ended + 1]int
	names   names
	version uint64
	current func(incident.IncidentID) (item, bool)
}

// Len counts rows.
func (s *snapshot) Len() int { return s.rows.Len() }

// Row returns the i-th row, the zero Row outside the list.
func (s *snapshot) Row(i int) Row {
	if i < 0 || i >= s.rows.Len() {
		return Row{}
	}
	at, _ := s.rows.GetAt(i)
	return s.names.row(at.record)
}

// IndexOf returns the place of an incident, or -1. An incident that hasn't changed since is found by its order, others by looking
// through the list.
func (s *snapshot) IndexOf(id incident.IncidentID) int {
	now, ok := s.current(id)
	if !ok {
		return -1
	}
	lo, hi := 0, s.rows.Len()
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if at, _ := s.rows.GetAt(mid); s.rows.Less(at, now) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if at, ok := s.rows.GetAt(lo); ok && at.id == id {
		return lo
	}
	found, i := -1, 0
	s.rows.Scan(func(at item) bool {
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
