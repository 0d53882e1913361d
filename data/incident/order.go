package incident

import (
	"bytes"
	"cmp"
	"slices"
)

// node is one entry in the parent graph.
type node struct {
	e       *Entry
	depth   int32   // 1 + the greatest depth among its parents
	parents []int32 // positions in fold order; nil in a chain
}

// The marks of an entry whose depth isn't known.
const (
	unseen  = 0
	onStack = -1
	waiting = -2 // a parent is missing, or waits itself
)

// graph is the entries of one incident in fold order: ascending depth, clock, origin, sequence.
type graph struct {
	nodes   []node
	pending int
	// chain: every entry names the one before it, so that nothing is concurrent.
	chain bool
	words int
	anc   []uint64 // one row of words for each node: its ancestors
}

// newGraph brings entries into fold order. Entries that repeat count once; entries with a missing parent are only counted.
func newGraph(entries []Entry) graph {
	ns := make([]node, len(entries))
	if chained(entries) {
		for i := range entries {
			ns[i] = node{e: &entries[i], depth: int32(i) + 1}
		}
		return graph{nodes: ns, chain: true}
	}
	for i := range entries {
		ns[i].e = &entries[i]
	}
	find := finder(ns)
	ns, find = dropRepeats(ns, find)
	setDepths(ns, find)
	g := graph{nodes: ns[:0:len(ns)]}
	for _, n := range ns {
		if n.depth == waiting {
			g.pending++
			continue
		}
		g.nodes = append(g.nodes, n)
	}
	if !slices.IsSortedFunc(g.nodes, compareNodes) {
		slices.SortFunc(g.nodes, compareNodes)
	}
	g.chain = isChain(g.nodes)
	if !g.chain {
		g.link()
	}
	return g
}

// chained reports whether entries stand in fold order already, each naming just the one before it: what a desk that works alone writes.
func chained(entries []Entry) bool {
	if len(entries) == 0 || len(entries) > few || len(entries[0].Parents) > 0 {
		return false
	}
	for i := 1; i < len(entries); i++ {
		ref := entries[i].ID.Ref()
		for k := range i {
			if entries[k].ID.Ref() == ref {
				return false
			}
		}
		if ps := entries[i].Parents; len(ps) != 1 || ps[0] != entries[i-1].ID.Ref() {
			return false
		}
	}
	return true
}

func compareNodes(a, b node) int {
	return cmp.Or(
		cmp.Compare(a.depth, b.depth),
		cmp.Compare(a.e.HLC, b.e.HLC),
		bytes.Compare(a.e.Origin[:], b.e.Origin[:]),
		cmp.Compare(a.e.Seq, b.e.Seq),
		bytes.Compare(a.e.ID[:], b.e.ID[:]),
	)
}

// few is the number of entries up to which looking at each is quicker than a map.
const few = 64

// finder returns a look-up from a short reference to a position. Should two entries share one, the smaller ID is meant.
func finder(ns []node) func(ParentRef) int32 {
	if len(ns) <= few {
		return func(ref ParentRef) int32 {
			found := int32(-1)
			for i := range ns {
				if ParentRef(ns[i].e.ID[:8]) != ref {
					continue
				}
				if found < 0 || bytes.Compare(ns[i].e.ID[:], ns[found].e.ID[:]) < 0 {
					found = int32(i)
				}
			}
			return found
		}
	}
	index := make(map[ParentRef]int32, len(ns))
	for i := range ns {
		ref := ns[i].e.ID.Ref()
		if old, ok := index[ref]; !ok || bytes.Compare(ns[i].e.ID[:], ns[old].e.ID[:]) < 0 {
			index[ref] = int32(i)
		}
	}
	return func(ref ParentRef) int32 {
		if i, ok := index[ref]; ok {
			return i
		}
		return -1
	}
}

// dropRepeats keeps the first of entries with one ID.
func dropRepeats(ns []node, find func(ParentRef) int32) ([]node, func(ParentRef) int32) {
	repeated := false
	for i := range ns {
		if f := find(ns[i].e.ID.Ref()); int(f) != i {
			repeated = true
			break
		}
	}
	if !repeated {
		return ns, find
	}
	seen := make(map[EntryID]bool, len(ns))
	kept := ns[:0]
	for _, n := range ns {
		if !seen[n.e.ID] {
			seen[n.e.ID] = true
			kept = append(kept, n)
		}
	}
	return kept, finder(kept)
}

// setDepths walks to the parents first. The walk has its own stack, as a chain may be long. An entry in a circle waits for ever.
func setDepths(ns []node, find func(ParentRef) int32) {
	var stack []int32
	for i := range ns {
		if ns[i].depth != unseen {
			continue
		}
		stack = append(stack[:0], int32(i))
		for len(stack) > 0 {
			top := stack[len(stack)-1]
			if more := depthOf(ns, top, find); more >= 0 {
				stack = append(stack, more)
				continue
			}
			stack = stack[:len(stack)-1]
		}
	}
}

// depthOf settles the depth of a node, or returns the parent that must be settled before.
func depthOf(ns []node, at int32, find func(ParentRef) int32) int32 {
	n := &ns[at]
	if n.depth != unseen && n.depth != onStack {
		return -1
	}
	n.depth = onStack
	depth := int32(1)
	for _, ref := range n.e.Parents {
		p := find(ref)
		if p < 0 || ns[p].depth == waiting || ns[p].depth == onStack {
			n.depth = waiting
			return -1
		}
		if ns[p].depth == unseen {
			return p
		}
		depth = max(depth, ns[p].depth+1)
	}
	n.depth = depth
	return -1
}

func isChain(ns []node) bool {
	for i := 1; i < len(ns); i++ {
		if !slices.Contains(ns[i].e.Parents, ns[i-1].e.ID.Ref()) {
			return false
		}
	}
	return true
}

// link finds each node's parents and ancestors.
func (g *graph) link() {
	find := finder(g.nodes)
	g.words = (len(g.nodes) + 63) / 64
	g.anc = make([]uint64, len(g.nodes)*g.words)
	for i := range g.nodes {
		n := &g.nodes[i]
		row := g.row(i)
		for _, ref := range n.e.Parents {
			p := find(ref)
			n.parents = append(n.parents, p)
			for w, bits := range g.row(int(p)) {
				row[w] |= bits
			}
			row[p/64] |= 1 << (p % 64)
		}
	}
}

func (g *graph) row(i int) []uint64 { return g.anc[i*g.words : (i+1)*g.words] }

// knows reports whether the writer of entry j had seen entry i.
func (g *graph) knows(j, i int) bool {
	if g.chain {
		return i < j
	}
	return g.anc[j*g.words+i/64]&(1<<(i%64)) != 0
}

// concurrent reports whether neither writer had seen the other's entry.
func (g *graph) concurrent(i, j int) bool { return i != j && !g.knows(i, j) && !g.knows(j, i) }

// heads returns the entries that no other names as a parent, in fold order.
func (g *graph) heads() []ParentRef {
	if len(g.nodes) == 0 {
		return nil
	}
	if g.chain {
		return []ParentRef{g.nodes[len(g.nodes)-1].e.ID.Ref()}
	}
	named := make([]bool, len(g.nodes))
	for i := range g.nodes {
		for _, p := range g.nodes[i].parents {
			named[p] = true
		}
	}
	var heads []ParentRef
	for i := range g.nodes {
		if !named[i] {
			heads = append(heads, g.nodes[i].e.ID.Ref())
		}
	}
	return heads
}

// undone marks the entries that a later one, not undone itself, takes back. Only what its writer had seen can be taken back.
func (g *graph) undone() []bool {
	var gone []bool
	for j := len(g.nodes) - 1; j >= 0; j-- {
		e := g.nodes[j].e
		if e.Fact == nil || len(e.Fact.Undoes) == 0 || (gone != nil && gone[j]) || !takesBack(e.Kind) {
			continue
		}
		for _, id := range e.Fact.Undoes {
			for i := range j {
				if g.nodes[i].e.ID == id && g.knows(j, i) {
					if gone == nil {
						gone = make([]bool, len(g.nodes))
					}
					gone[i] = true
				}
			}
		}
	}
	return gone
}

// takesBack reports whether entries of a kind may take others back.
func takesBack(k Kind) bool {
	switch k {
	case KindUndone, KindSplit, KindReleased:
		return true
	}
	return false
}
