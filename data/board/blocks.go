package board

import (
	"math/bits"
	"slices"
)

// blocks is a set of block numbers as bits, 16 a word: 12,500 blocks of 100,000 incidents are 1.6 kB, so that whole sets are cut and
// joined in less than a microsecond. What lies beyond the end is not in the set.
type blocks []uint16

// lastBlock is the highest number; slots beyond it share that block, which is slower but still right.
const lastBlock = 1<<16 - 1

const wordBits = 16

func (s blocks) has(n int) bool { return n/wordBits < len(s) && s[n/wordBits]>>(n%wordBits)&1 != 0 }

func (s *blocks) set(n int) {
	for n/wordBits >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[n/wordBits] |= 1 << (n % wordBits)
}

func (s blocks) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// count returns how many numbers are in the set.
func (s blocks) count() (n int) {
	for _, w := range s {
		n += bits.OnesCount16(w)
	}
	return n
}

// descend visits the numbers from the highest down until visit says stop.
func (s blocks) descend(visit func(n int) bool) {
	for i := len(s) - 1; i >= 0; i-- {
		for w := s[i]; w != 0; {
			top := bits.Len16(w) - 1
			if !visit(i*wordBits + top) {
				return
			}
			w &^= 1 << top
		}
	}
}

// union returns a new set of what is in either.
func (s blocks) union(o blocks) blocks {
	if len(s) < len(o) {
		s, o = o, s
	}
	out := slices.Clone(s)
	for i, w := range o {
		out[i] |= w
	}
	return out
}

// intersect returns a new set of what is in both.
func (s blocks) intersect(o blocks) blocks {
	out := slices.Clone(s[:min(len(s), len(o))])
	for i := range out {
		out[i] &= o[i]
	}
	return out
}

// posting is a set of block numbers that only grows: a sorted list while they are few, bits when that is shorter.
type posting struct {
	data  []uint16
	dense bool
}

func (p *posting) add(n int) {
	if p.dense {
		s := blocks(p.data)
		s.set(n)
		p.data = s
		return
	}
	b := uint16(n)
	if last := len(p.data) - 1; last < 0 || p.data[last] < b {
		p.data = append(p.data, b)
	} else if at, found := slices.BinarySearch(p.data, b); !found {
		p.data = slices.Insert(p.data, at, b)
	} else {
		return
	}
	if words := int(p.data[len(p.data)-1])/wordBits + 1; len(p.data) > words {
		s := make(blocks, words)
		for _, b := range p.data {
			s.set(int(b))
		}
		p.data, p.dense = s, true
	}
}

// blocks returns the set as bits; the caller must not change it.
func (p *posting) blocks() blocks {
	if p.dense || len(p.data) == 0 {
		return p.data
	}
	s := make(blocks, int(p.data[len(p.data)-1])/wordBits+1)
	for _, b := range p.data {
		s.set(int(b))
	}
	return s
}

// within returns a new set of what is also in s.
func (p *posting) within(s blocks) blocks {
	if p.dense {
		return s.intersect(p.data)
	}
	var out blocks
	for _, b := range p.data {
		if s.has(int(b)) {
			out.set(int(b))
		}
	}
	return out
}

func (p *posting) trim() { p.data = slices.Clip(slices.Clone(p.data)) }
