package board

import (
	"math"

	"zw110/data/incident"
)

// Spot is a place in the world of the map: X grows to the east, Y to the south, the whole world being 1 by 1 (web Mercator).
type Spot struct{ X, Y float64 }

// SpotOf projects degrees of WGS-84.
func SpotOf(lng, lat float64) Spot {
	sin := math.Sin(max(-maxLat, min(maxLat, lat)) * math.Pi / 180)
	return Spot{lng/360 + 0.5, 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)}
}

// Degrees is the way back from SpotOf.
func (s Spot) Degrees() (lng, lat float64) {
	return (s.X - 0.5) * 360, math.Atan(math.Sinh(2*math.Pi*(0.5-s.Y))) * 180 / math.Pi
}

// maxLat is where the Mercator world ends.
const maxLat = 85.05112878

// Ranks is how many urgencies a map tells apart.
const Ranks = 4

// Mark is one incident on the map.
type Mark struct {
	Spot
	// Rank is the urgency, 0 the worst, below Ranks.
	Rank uint8
	// Vague: it has no place of its own and stands at its village.
	Vague bool
}

// Cluster is one plate on the map: one incident, or several too close to be told apart.
type Cluster struct {
	Spot  // of the one, or the middle of all
	N     int
	By    [Ranks]int32 // by urgency
	Vague int          // how many have no place of their own
	// ID is the incident, when there is but one.
	ID incident.IncidentID
}

// Worst returns the highest urgency inside, 0 the worst.
func (c *Cluster) Worst() uint8 {
	for r, n := range c.By {
		if n > 0 {
			return uint8(r)
		}
	}
	return Ranks - 1
}

// Viewport is the part of the world that is looked at.
type Viewport struct {
	Min, Max Spot
	// Scale is how many pixels the whole world is wide.
	Scale float64
}

// Points is an index of marks by place: a quadtree in which each square knows how many are inside, so that what a viewport shows costs as
// much as there are plates, not as there are incidents. It is not safe for several goroutines.
type Points struct {
	nodes []node
	free  []uint32
	marks []marked
	slots map[incident.IncidentID]uint32
	gone  []uint32 // slots to use again

	found      []Cluster // work space of Clusters
	wanted     *marked   // the mark whose plate is asked for
	holds      int       // the place of that plate in found, or -1
	grid, next []int32
}

type marked struct {
	Mark
	id incident.IncidentID
}

// node is a square. A node with one mark has no children until a second comes; then slots is still the sum of the slots below, which for
// one mark is its slot.
type node struct {
	child  [4]uint32 // 0: none
	by     [Ranks]int32
	x, y   float64 // sums
	slots  uint64
	vague  int32
	inside int32
}

// deepest is the depth at which even marks at the same place are no longer parted: squares of 4 cm.
const deepest = 30

// NewPoints returns an empty index.
func NewPoints() *Points {
	return &Points{nodes: make([]node, 2), slots: map[incident.IncidentID]uint32{}} // node 0 is none, node 1 the world
}

// Len returns how many marks there are.
func (p *Points) Len() int { return len(p.slots) }

// Mark returns an incident's mark.
func (p *Points) Mark(id incident.IncidentID) (Mark, bool) {
	slot, ok := p.slots[id]
	if !ok {
		return Mark{}, false
	}
	return p.marks[slot].Mark, true
}

// Set adds a mark or moves it.
func (p *Points) Set(id incident.IncidentID, m Mark) {
	m.Rank = min(m.Rank, Ranks-1)
	slot, known := p.slots[id]
	switch {
	case known && p.marks[slot].Mark == m:
		return
	case known:
		p.count(slot, -1)
	case len(p.gone) > 0:
		slot = p.gone[len(p.gone)-1]
		p.gone = p.gone[:len(p.gone)-1]
	default:
		slot = uint32(len(p.marks))
		p.marks = append(p.marks, marked{})
	}
	p.slots[id], p.marks[slot] = slot, marked{m, id}
	p.count(slot, +1)
}

// Delete takes a mark away; an unknown one is none.
func (p *Points) Delete(id incident.IncidentID) {
	slot, ok := p.slots[id]
	if !ok {
		return
	}
	p.count(slot, -1)
	delete(p.slots, id)
	p.gone = append(p.gone, slot)
}

// quarter returns which child of a square of a depth a spot is in.
func quarter(s Spot, depth int) int {
	side := float64(int64(2) << depth)
	return int(int64(s.X*side)&1 | int64(s.Y*side)&1<<1)
}

// count adds a mark to every square around it, or takes it off; squares that get empty are given back.
func (p *Points) count(slot uint32, by int32) {
	at := uint32(1)
	p.tell(at, slot, by)
	for depth := range deepest {
		if by > 0 && p.nodes[at].inside == 1 && p.nodes[at].child == [4]uint32{} {
			return // alone here
		}
		if by > 0 && p.nodes[at].inside == 2 && p.nodes[at].child == [4]uint32{} {
			other := uint32(p.nodes[at].slots - uint64(slot))
			p.tell(p.under(at, quarter(p.marks[other].Spot, depth)), other, +1)
		}
		q := quarter(p.marks[slot].Spot, depth)
		next := p.nodes[at].child[q]
		if by < 0 && next == 0 {
			return // it was alone here
		}
		next = p.under(at, q)
		p.tell(next, slot, by)
		if p.nodes[next].inside == 0 {
			p.nodes[at].child[q] = 0
			p.release(next)
			return
		}
		at = next
	}
}

// under returns a child, made if need be.
func (p *Points) under(at uint32, q int) uint32 {
	if c := p.nodes[at].child[q]; c != 0 {
		return c
	}
	var c uint32
	if n := len(p.free); n > 0 {
		c = p.free[n-1]
		p.free = p.free[:n-1]
		p.nodes[c] = node{}
	} else {
		c = uint32(len(p.nodes))
		p.nodes = append(p.nodes, node{})
	}
	p.nodes[at].child[q] = c
	return c
}

// release gives back an empty square; at most one child each lies below it.
func (p *Points) release(at uint32) {
	for at != 0 {
		p.free = append(p.free, at)
		next := uint32(0)
		for _, c := range p.nodes[at].child {
			next = max(next, c)
		}
		at = next
	}
}

func (p *Points) tell(at, slot uint32, by int32) {
	n, m := &p.nodes[at], &p.marks[slot]
	n.inside += by
	n.by[m.Rank] += by
	if m.Vague {
		n.vague += by
	}
	n.x += float64(by) * m.X
	n.y += float64(by) * m.Y
	n.slots += uint64(int64(by) * int64(slot))
	if n.inside == 0 {
		n.x, n.y = 0, 0 // no error of rounding outlives its marks
	}
}

// Clusters returns what a viewport shows. plate gives the width and height in pixels of a plate for n incidents; no two plates returned
// overlap, and every mark inside the viewport is in one of them. The plates just outside may be among them. cursor, which may be zero, is an
// incident whose plate is asked for; holds is the place of that plate, or -1. The slice is good until the next call.
func (p *Points) Clusters(v Viewport, plate func(n int) (w, h float64), cursor incident.IncidentID) (found []Cluster, holds int) {
	p.found, p.wanted, p.holds = p.found[:0], nil, -1
	if slot, ok := p.slots[cursor]; ok {
		p.wanted = &p.marks[slot]
	}
	w, h := plate(1)
	side := max(w, h)
	depth := max(0, min(deepest, int(math.Floor(math.Log2(v.Scale/side)))))
	p.collect(1, 0, depth, Spot{}, v)
	p.part(v, plate)
	return p.found, p.holds
}

// collect takes up the squares of one depth that meet the viewport; a square with one mark stands for it wherever it is found.
func (p *Points) collect(at uint32, depth, until int, corner Spot, v Viewport) {
	n := &p.nodes[at]
	size := math.Ldexp(1, -depth)
	if n.inside == 0 || corner.X > v.Max.X || corner.Y > v.Max.Y || corner.X+size < v.Min.X || corner.Y+size < v.Min.Y {
		return
	}
	if n.inside == 1 {
		m := &p.marks[n.slots]
		if m.X >= v.Min.X && m.X <= v.Max.X && m.Y >= v.Min.Y && m.Y <= v.Max.Y {
			if m == p.wanted {
				p.holds = len(p.found)
			}
			p.found = append(p.found, Cluster{Spot: m.Spot, N: 1, By: n.by, Vague: int(n.vague), ID: m.id})
		}
		return
	}
	if depth == until {
		if w := p.wanted; w != nil && w.X >= corner.X && w.X < corner.X+size && w.Y >= corner.Y && w.Y < corner.Y+size {
			p.holds = len(p.found)
		}
		each := 1 / float64(n.inside)
		p.found = append(p.found, Cluster{Spot: Spot{n.x * each, n.y * each}, N: int(n.inside), By: n.by, Vague: int(n.vague)})
		return
	}
	half := size / 2
	for q, c := range n.child {
		if c != 0 {
			p.collect(c, depth+1, until, Spot{corner.X + half*float64(q&1), corner.Y + half*float64(q>>1)}, v)
		}
	}
}

// part joins plates until none overlap. A grid of cells as wide as the widest plate finds the neighbours.
func (p *Points) part(v Viewport, plate func(n int) (w, h float64)) {
	cell, _ := plate(math.MaxInt32)
	margin := 2 * cell // squares that meet the border may have their middle outside
	left, top := v.Min.X*v.Scale-margin, v.Min.Y*v.Scale-margin
	across := int((v.Max.X*v.Scale+margin-left)/cell) + 3
	down := int((v.Max.Y*v.Scale+margin-top)/cell) + 3
	place := func(s Spot) int {
		x := max(1, min(across-2, 1+int((s.X*v.Scale-left)/cell)))
		y := max(1, min(down-2, 1+int((s.Y*v.Scale-top)/cell)))
		return y*across + x
	}
	if need := across * down; cap(p.grid) < need {
		p.grid = make([]int32, need)
	}
	grid := p.grid[:across*down]
	clear(grid)
	// grid has the first plate of each cell, next the one after a plate, both plus one.
	if cap(p.next) < len(p.found) {
		p.next = make([]int32, 2*len(p.found))
	}
	next := p.next[:len(p.found)]
	put := func(i int) {
		c := place(p.found[i].Spot)
		next[i] = grid[c]
		grid[c] = int32(i) + 1
	}
	take := func(i int) {
		at := &grid[place(p.found[i].Spot)]
		for *at != int32(i)+1 {
			at = &next[*at-1]
		}
		*at = next[i]
	}
	for i := range p.found {
		for {
			j := p.hit(i, place(p.found[i].Spot), across, grid, next, v.Scale, plate)
			if j < 0 {
				break
			}
			take(j)
			p.join(i, j)
		}
		put(i)
	}
	kept := p.found[:0]
	holds := -1
	for i, c := range p.found {
		if i == p.holds {
			holds = len(kept)
		}
		if c.N > 0 {
			kept = append(kept, c)
		}
	}
	p.holds = holds
	p.found = kept
}

// hit returns a plate of the cells around that overlaps one, or -1.
func (p *Points) hit(i, cell, across int, grid, next []int32, scale float64, plate func(n int) (w, h float64)) int {
	c := &p.found[i]
	w, h := plate(c.N)
	for _, row := range [3]int{cell - across, cell, cell + across} {
		for _, first := range grid[row-1 : row+2] {
			for at := first; at != 0; at = next[at-1] {
				o := &p.found[at-1]
				ow, oh := plate(o.N)
				if math.Abs(o.X-c.X)*scale < (w+ow)/2 && math.Abs(o.Y-c.Y)*scale < (h+oh)/2 {
					return int(at - 1)
				}
			}
		}
	}
	return -1
}

// join takes plate j into plate i.
func (p *Points) join(i, j int) {
	a, b := &p.found[i], &p.found[j]
	all := float64(a.N + b.N)
	a.X = (a.X*float64(a.N) + b.X*float64(b.N)) / all
	a.Y = (a.Y*float64(a.N) + b.Y*float64(b.N)) / all
	a.N += b.N
	a.Vague += b.Vague
	for r := range a.By {
		a.By[r] += b.By[r]
	}
	a.ID = incident.IncidentID{}
	*b = Cluster{}
	if p.holds == j {
		p.holds = i
	}
}

// IDs returns the incidents that have a mark, in no order.
func (p *Points) IDs() []incident.IncidentID {
	out := make([]incident.IncidentID, 0, len(p.slots))
	for id := range p.slots {
		out = append(out, id)
	}
	return out
}
