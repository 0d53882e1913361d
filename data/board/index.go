package board

import (
	"math/bits"

	"github.com/RoaringBitmap/roaring/v2"
)

// Postings name blocks of neighbouring slots, not single ones: that halves the index, and texts are verified anyway. Whatever an
// incident once contained stays posted, so an edit only adds.
const (
	fine   = 3 // 8 slots a block
	coarse = 6 // 64 slots a block, for single characters
)

const (
	gramBits = 14   // pairs of characters share 16,384 sets by hash
	trigrams = 1000 // digits are posted in threes: pairs of digits are everywhere
	letters3 = 27 * 27 * 27
	noLetter = 26 // stands after the last character of a run
)

// postings are sets of blocks by key.
type postings struct {
	shift uint8
	sets  []*roaring.Bitmap
}

func (p *postings) add(key int, slot uint32) {
	for key >= len(p.sets) {
		p.sets = append(p.sets, nil)
	}
	if p.sets[key] == nil {
		p.sets[key] = roaring.New()
	}
	p.sets[key].Add(slot >> p.shift)
}

// get returns the set of a key; the caller must not change it.
func (p *postings) get(key int) *roaring.Bitmap {
	if key < len(p.sets) && p.sets[key] != nil {
		return p.sets[key]
	}
	return roaring.New()
}

// index finds the blocks in which a word may stand.
type index struct {
	done      int      // slots below are indexed
	trimmed   int      // done at the last trim
	grams     postings // pairs of characters, and digits in threes
	letters   postings // initials of title and place in threes
	syllables postings // of title and place
	villages  postings
	units     postings // lead or co-handler
	chars     map[uint16]*roaring.Bitmap
}

func newIndex() *index {
	return &index{
		grams:     postings{fine, make([]*roaring.Bitmap, 1<<gramBits+trigrams)},
		letters:   postings{fine, make([]*roaring.Bitmap, letters3)},
		syllables: postings{fine, nil},
		villages:  postings{fine, nil},
		units:     postings{fine, nil},
		chars:     map[uint16]*roaring.Bitmap{},
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
				set = roaring.New()
				x.chars[u] = set
			}
			set.Add(r.slot >> coarse)
			if key := gram(two, one, u); key >= 0 {
				x.grams.add(key, r.slot)
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

// gram returns the key of the pair (or of three digits) that ends at unit u, or -1 when there is none.
func gram(two, one, u uint16) int {
	digit := func(u uint16) bool { return u >= '0' && u <= '9' }
	switch {
	case one == 0:
		return -1
	case !digit(one) || !digit(u):
		return int((uint32(one)<<16 | uint32(u)) * 0x9E3779B1 >> (32 - gramBits))
	case digit(two):
		return 1<<gramBits + int(two-'0')*100 + int(one-'0')*10 + int(u-'0')
	}
	return -1
}

// addSpoken posts how a section can be typed in pinyin.
func (x *index) addSpoken(r *record, sec int) {
	t := spoken()
	from, to := r.text.section(sec)
	var one, two uint32 // initials of the characters before
	for i := from; i <= to; i++ {
		var set *readingSet
		if i < to {
			set = t.set(r.text.at(i))
		} else {
			set = &t.sets[0]
		}
		for _, s := range set.syllables {
			x.syllables.add(int(s), r.slot)
		}
		initials := set.initials
		if initials == 0 && one != 0 {
			initials = 1 << noLetter
		}
		eachBit(two, func(a int) {
			eachBit(one, func(b int) {
				eachBit(initials, func(c int) { x.letters.add((a*27+b)*27+c, r.slot) })
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

// trim gives back what the sets hold in reserve.
func (x *index) trim() {
	x.trimmed = x.done
	for _, p := range [...]*postings{&x.grams, &x.letters, &x.syllables, &x.villages, &x.units} {
		for i, set := range p.sets {
			if set != nil {
				p.sets[i] = set.Clone()
			}
		}
	}
	for u, set := range x.chars {
		x.chars[u] = set.Clone()
	}
}

// size returns the bytes of all sets, as roaring counts them.
func (x *index) size() (n uint64) {
	for _, p := range [...]*postings{&x.grams, &x.letters, &x.syllables, &x.villages, &x.units} {
		n += uint64(8 * len(p.sets))
		for _, set := range p.sets {
			if set != nil {
				n += set.GetSizeInBytes()
			}
		}
	}
	for _, set := range x.chars {
		n += set.GetSizeInBytes()
	}
	return n
}

// candidates returns the blocks in which the word may stand as text.
func (x *index) candidates(word []uint16) *roaring.Bitmap {
	var sets []*roaring.Bitmap
	var one, two uint16
	for _, u := range word {
		if key := gram(two, one, u); key >= 0 {
			sets = append(sets, x.grams.get(key))
		}
		two, one = one, u
	}
	if len(sets) > 0 {
		return roaring.FastAnd(sets...)
	}
	for _, u := range word {
		if set := x.chars[u]; set != nil {
			sets = append(sets, set)
		} else {
			return roaring.New()
		}
	}
	return widen(roaring.FastAnd(sets...))
}

// widen turns coarse blocks into fine ones.
func widen(blocks *roaring.Bitmap) *roaring.Bitmap {
	out := roaring.New()
	const n = 1 << (coarse - fine)
	blocks.Iterate(func(b uint32) bool {
		out.AddRange(uint64(b)*n, (uint64(b)+1)*n)
		return true
	})
	return out
}

// maxWays bounds how many ways to read letters are followed; with more, the word is looked for without the help of the index.
const maxWays = 2000

// spokenCandidates returns the blocks in which letters may stand for characters of title or place; ok is false when every block may.
func (x *index) spokenCandidates(letters string) (blocks *roaring.Bitmap, ok bool) {
	s := spokenSearch{x: x, t: spoken(), found: roaring.New()}
	if len(letters) < 2 || !s.follow(letters, "", nil) || s.every {
		return nil, false
	}
	return s.found, true
}

// spokenSearch follows the ways to read letters, with the blocks that are left on each way.
type spokenSearch struct {
	x     *index
	t     *readings
	found *roaring.Bitmap
	ways  int
	every bool
}

// follow reads on; left is nil while nothing narrows. It returns false when there are too many ways.
func (s *spokenSearch) follow(rest, initials string, left *roaring.Bitmap) bool {
	if s.ways++; s.ways > maxWays {
		return false
	}
	if rest == "" {
		return s.arrive(initials, left)
	}
	ok := true
	s.t.tokens(rest, func(token string) bool {
		next := left
		if len(token) > 1 && len(token) != digraph(token) {
			next = and(next, s.syllable(token, len(token) == len(rest)))
		}
		in := initials + token[:1]
		if n := len(in); n >= 3 {
			next = and(next, s.x.letters.get(letterKey(in[n-3:])))
		}
		if next == nil || !next.IsEmpty() {
			ok = s.follow(rest[len(token):], in, next)
		}
		return ok
	})
	return ok
}

// arrive takes up the blocks of a whole way.
func (s *spokenSearch) arrive(initials string, left *roaring.Bitmap) bool {
	if left == nil && len(initials) == 2 {
		sets := make([]*roaring.Bitmap, 0, 27)
		for c := range 27 {
			sets = append(sets, s.x.letters.get(letterKey(initials)*27+c))
		}
		left = roaring.FastOr(sets...)
	}
	if left == nil {
		s.every = true
		return false
	}
	s.found.Or(left)
	return true
}

// syllable returns the blocks with a syllable; at the end of a word it may be unfinished.
func (s *spokenSearch) syllable(token string, last bool) *roaring.Bitmap {
	from, to := s.t.span(token)
	if !last {
		return s.x.syllables.get(from)
	}
	sets := make([]*roaring.Bitmap, 0, to-from)
	for i := from; i < to; i++ {
		sets = append(sets, s.x.syllables.get(i))
	}
	return roaring.FastOr(sets...)
}

// letterKey returns the number of up to three letters.
func letterKey(letters string) (key int) {
	for i := range len(letters) {
		key = key*27 + int(letters[i]-'a')
	}
	return key
}

// and narrows left, which is nil when it is everything.
func and(left, by *roaring.Bitmap) *roaring.Bitmap {
	if left == nil {
		return by
	}
	return roaring.And(left, by)
}
