package townmap

import (
	"cmp"
	"slices"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/townmap/chart"
)

// Desk is what the map asks of the room.
type Desk interface {
	Snapshot(board.Filter) board.Snapshot
	Count(board.Filter) int
}

// Ground is the town on the map, and what must be said of it.
type Ground struct {
	Town *chart.Town
	// Note says how far the borders may be trusted, Source what the map is and of which day.
	Note, Source string
}

// villages finds the villages of a town by name.
type villages map[string]int

func villagesOf(t *chart.Town) villages {
	v := villages{}
	if t != nil {
		for i := range t.Villages {
			v[t.Villages[i].Name] = i
			for _, name := range t.Villages[i].Also {
				v[name] = i
			}
		}
	}
	return v
}

// mark returns where an incident stands: at its own place, else at its village, marked so; false where neither is known.
func (v villages) mark(t *chart.Town, r *board.Row) (board.Mark, bool) {
	m := board.Mark{Rank: RankOf(r.Urgency)}
	if r.Lng != 0 || r.Lat != 0 {
		m.Spot = board.SpotOf(float64(r.Lng), float64(r.Lat))
		return m, true
	}
	i, ok := v[r.Village]
	if !ok || !t.Villages[i].Placed {
		return m, false
	}
	m.Spot, m.Vague = t.Villages[i].At, true
	return m, true
}

// RankOf numbers the urgencies, 0 the worst.
func RankOf(u incident.Urgency) uint8 {
	switch u {
	case incident.Critical:
		return 0
	case incident.Urgent:
		return 1
	case incident.Low:
		return 3
	}
	return 2
}

// entry is an open incident and where it stands.
type entry struct {
	row    board.Row
	mark   board.Mark
	placed bool
}

// picture is what the room says at one moment: the open incidents in the order of the queue, and how many came in by village.
type picture struct {
	entries []entry
	worst   []uint8 // by village
	heat    []int   // by village
}

// read puts the rows of a view on the map and counts those of another, which may be nil, by village; it may run in any goroutine.
func read(t *chart.Town, open, came board.Snapshot) picture {
	v := villagesOf(t)
	p := picture{entries: make([]entry, open.Len())}
	if t != nil {
		p.worst, p.heat = make([]uint8, len(t.Villages)), make([]int, len(t.Villages))
	}
	for i := range p.worst {
		p.worst[i] = board.Ranks
	}
	for i := range p.entries {
		e := &p.entries[i]
		e.row = open.Row(i)
		e.mark, e.placed = v.mark(t, &e.row)
		if at, ok := v[e.row.Village]; ok {
			p.worst[at] = min(p.worst[at], e.mark.Rank)
		}
	}
	if came == nil {
		p.heat = nil
		return p
	}
	for i := range came.Len() {
		r := came.Row(i)
		if at, ok := v[r.Village]; ok && r.Stage != board.StageVoid && r.Stage != board.StageMerged && r.Stage != board.StageRefused {
			p.heat[at]++
		}
	}
	return p
}

// byUrgency puts the worst first; what is alike stays in the order of the queue.
func (p *picture) byUrgency() []entry {
	out := slices.Clone(p.entries)
	slices.SortStableFunc(out, func(a, b entry) int { return cmp.Compare(a.mark.Rank, b.mark.Rank) })
	return out
}

// points brings an index up to date: what is new is added, what is gone is taken away, what stays costs next to nothing.
func (p *picture) points(index *board.Points) {
	here := make(map[incident.IncidentID]bool, len(p.entries))
	for i := range p.entries {
		if e := &p.entries[i]; e.placed {
			index.Set(e.row.ID, e.mark)
			here[e.row.ID] = true
		}
	}
	if index.Len() == len(here) {
		return
	}
	for _, id := range index.IDs() {
		if !here[id] {
			index.Delete(id)
		}
	}
}
