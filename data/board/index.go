package board

import (
	"math/bits"
	"slices"
	"unsafe"
)

// Postings name blocks of neighbouring slots, not single ones: that halves the index, and texts are verified anyway. Whatever an
// incident once contained stays posted, so an edit only adds.
const (
	fine   = 2 // 4 slots a block
	middle = 3 // 8 slots a block, for digits
	coarse = 6 // 64 slots a block, for single characters
)

// The keys of grams: pairs of characters share 16,384 sets by hash, pairs of Latin letters and digits have sets of their own, and
// digits are posted in threes, since pairs of digits are everywhere.
const (
	gramBits   = 14
	plainPairs = 1 << gramBits
	gramKeys   = plainPairs + 36*36
	trigrams   = 1000
)

const letterCount = 26

// postings are sets of blocks by key.
type postings struct {
	shift uint8
	sets  []posting
}

func (p *postings) add(key int, slot uint32) {
	for key >= len(p.sets) {
		p.sets = append(p.sets, posting{})
	}
	p.sets[key].add(min(int(slot>>p.shift), lastBlock))
}

// get returns the set of a key, an empty one for a key never added.
func (p *postings) get(key int) *posting {
	if key < len(p.sets) {
		return &p.sets[key]
	}
	return &posting{}
}

// index finds the blocks in which a word may stand.
type index struct {
	done      int      // slots below are indexed
	trimmed   int      // done at the last trim
	grams     postings // pairs of characters
	digits    postings // digits in threes
	pairs     postings // initials of title and place in twos
	letters   postings // and in threes
	syllables postings // of title and place
	villages  postings
	units     postings // lead or co-handler
	chars     map[uint16]*posting
}

func newIndex() *index {
	return &index{
		grams:     postings{fine, make([]posting, gramKeys)},
		digits:    postings{middle, make([]posting, trigrams)},
		pairs:     postings{fine, make([]posting, letterCount*letterCount)},
		letters:   postings{fine, make([]posting, letterCount*letterCount*letterCount)},
		syllables: postings{fine, nil},
		villages:  postings{fine, nil},
		units:     postings{fine, nil},
		chars:     map[uint16]*posting{},
	}
}

// add posts a record.
func (x *index) add(r *record, t *tables) {
	n := r.text.units()
	var one, two uint16 // the units before
	for i := range n {
		u := foldUnit(r.text.at(i))
		if u != 0 {
			set := x.chars[u]
			if set == nil {
				set = &posting{}
				x.chars[u] = set
			}
			set.add(min(int(r.slot>>coarse), lastBlock))
			if sets, key := x.gram(two, one, u); sets != nil {
				sets.add(key, r.slot)
			}
		}
		two, one = one, u
	}
	for _, sec := range [...]int{secTitle, secPlace} {
		x.addSpoken(r, sec)
	}
	x.villages.add(int(r.village), r.slot)
	x.units.add(int(r.lead), r.slot)
	names := t.now()
	for _, u := range names.units(r.cos) {
		x.units.add(int(t.unit.symbol(u)), r.slot)
	}
}

// gram returns where the pair (or the three digits) that ends at unit u is posted, and its key; nil when it isn't.
func (x *index) gram(two, one, u uint16) (sets *postings, key int) {
	if one == 0 {
		return nil, 0
	}
	a, b, c := plainNumber(two), plainNumber(one), plainNumber(u)
	switch {
	case b < 0 || c < 0:
		return &x.grams, int((uint32(one)<<16 | uint32(u)) * 0x9E3779B1 >> (32 - gramBits))
	case b > 9 || c > 9:
		return &x.grams, plainPairs + b*36 + c
	case a >= 0 && a <= 9:
		return &x.digits, a*100 + b*10 + c
	}
	return nil, 0
}

// plainNumber numbers digits and small letters; other units give -1.
func plainNumber(u uint16) int {
	switch {
	case u >= '0' && u <= '9':
		return int(u - '0')
	case u >= 'a' && u <= 'z':
		return int(u-'a') + 10
	}
	return -1
}

// addSpoken posts how a section can be typed in pinyin.
func (x *index) addSpoken(r *record, sec int) {
	t := spoken()
	from, to := r.text.section(sec)
	var one, two uint32 // initials of the characters before
	for i := from; i < to; i++ {
		set := t.set(r.text.at(i))
		for _, s := range set.syllables {
			x.syllables.add(int(s), r.slot)
		}
		eachBit(one, func(b int) {
			eachBit(set.initials, func(c int) {
				x.pairs.add(b*letterCount+c, r.slot)
				eachBit(two, func(a int) { x.letters.add((a*letterCount+b)*letterCount+c, r.slot) })
			})
		})
		two, one = one, set.initials
	}
}

func eachBit(mask uint32, visit func(int)) {
	for ; mask != 0; mask &= mask - 1 {
		visit(bits.TrailingZeros32(mask))
	}
}

// each visits every set.
func (x *index) each(visit func(*posting)) {
	for _, p := range [...]*postings{&x.grams, &x.digits, &x.pairs, &x.letters, &x.syllables, &x.villages, &x.units} {
		for i := range p.sets {
			visit(&p.sets[i])
		}
	}
	for _, set := range x.chars {
		visit(set)
	}
}

// trim gives back what the sets hold in reserve.
func (x *index) trim() {
	x.trimmed = x.done
	x.each((*posting).trim)
}

// size returns the bytes of all sets.
func (x *index) size() (n uint64) {
	x.each(func(p *posting) { n += uint64(unsafe.Sizeof(*p)) + 2*uint64(cap(p.data)) })
	return n
}

// candidates returns the blocks in which the word may stand as text.
func (x *index) candidates(word []uint16) blocks {
	var pairs, digits []*posting
	var one, two uint16
	for _, u := range word {
		switch sets, key := x.gram(two, one, u); sets {
		case nil:
		case &x.digits:
			digits = append(digits, sets.get(key))
		default:
			pairs = append(pairs, sets.get(key))
		}
		two, one = one, u
	}
	switch {
	case len(digits) == 0 && len(pairs) == 0:
		return x.withChars(word)
	case len(digits) == 0:
		return common(pairs)
	case len(pairs) == 0:
		return widen(common(digits), middle)
	}
	return widen(common(digits), middle).intersect(common(pairs))
}

// withChars returns the blocks that have every character of a word.
func (x *index) withChars(word []uint16) blocks {
	sets := make([]*posting, 0, len(word))
	for _, u := range word {
		set := x.chars[u]
		if set == nil {
			return nil
		}
		sets = append(sets, set)
	}
	return widen(common(sets), coarse)
}

// common returns what is in all sets, of which there is at least one.
func common(sets []*posting) blocks {
	slices.SortFunc(sets, func(x, y *posting) int { return len(x.data) - len(y.data) })
	out := sets[0].blocks()
	for _, set := range sets[1:] {
		out = set.within(out)
	}
	return out
}

// widen turns blocks of 1<<shift slots into fine ones.
func widen(wide blocks, shift int) blocks {
	n := 1 << (shift - fine)
	var out blocks
	wide.descend(func(b int) bool {
		for i := n - 1; i >= 0; i-- {
			out.set(min(b*n+i, lastBlock))
		}
		return true
	})
	return out
}

// maxWays bounds how many ways to read letters are followed; with more, the word is looked for without the help of the index.
const maxWays = 2000

// spokenCandidates returns the blocks in which letters may stand for characters of title or place; ok is false when every block may.
func (x *index) spokenCandidates(letters string) (found blocks, ok bool) {
	s := spokenSearch{x: x, t: spoken()}
	if !s.follow(letters, "", nil, false) {
		return nil, false
	}
	return s.found, true
}

// spokenSearch follows the ways to read letters, with the blocks that are left on each way.
type spokenSearch struct {
	x     *index
	t     *readings
	found blocks
	ways  int
}

// follow reads on; left is what is left of all blocks, narrowed says whether that is less than all. It returns false when there are
// too many ways.
func (s *spokenSearch) follow(rest, initials string, left blocks, narrowed bool) bool {
	if s.ways++; s.ways > maxWays {
		return false
	}
	if rest == "" {
		s.found = s.found.union(left)
		return true
	}
	ok := true
	s.t.tokens(rest, func(token string) bool {
		next, less := left, narrowed
		narrow := func(set *posting) {
			if less {
				next = set.within(next)
			} else {
				next, less = set.blocks(), true
			}
		}
		last := len(token) == len(rest)
		if len(token) > 1 && len(token) != digraph(token) || last && initials == "" {
			narrow(s.syllable(token, last))
		}
		in := initials + token[:1]
		switch n := len(in); {
		case n == 2:
			narrow(s.x.pairs.get(letterKey(in)))
		case n > 2:
			narrow(s.x.letters.get(letterKey(in[n-3:])))
		}
		if !less || !next.empty() {
			ok = s.follow(rest[len(token):], in, next, less)
		}
		return ok
	})
	return ok
}

// syllable returns the blocks with a syllable; at the end of a word it may be unfinished.
func (s *spokenSearch) syllable(token string, last bool) *posting {
	from, to := s.t.span(token)
	if !last {
		return s.x.syllables.get(from)
	}
	var all blocks
	for i := from; i < to; i++ {
		all = all.union(s.x.syllables.get(i).blocks())
	}
	return &posting{data: all, dense: true}
}

// letterKey returns the number of up to three letters.
func letterKey(letters string) (key int) {
	for i := range len(letters) {
		key = key*letterCount + int(letters[i]-'a')
	}
	return key
}
