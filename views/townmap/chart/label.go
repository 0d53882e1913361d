package chart

// label is a text that wants a plate near a place.
type label struct {
	at   pt
	w, h float64
	// gap is how far from the place the plate begins: down, up, and to the sides.
	below, above, side float64
	// first says where it stands best.
	first spot
}

// spot is where a plate stands beside its place.
type spot uint8

const (
	below spot = iota
	right
	left
	above
	spots
)

// box returns the plate at one of its spots.
func (l *label) box(s spot) box {
	x, y := l.at.x, l.at.y
	switch s {
	case below:
		return box{x - l.w/2, y + l.below, x + l.w/2, y + l.below + l.h}
	case above:
		return box{x - l.w/2, y - l.above - l.h, x + l.w/2, y - l.above}
	case right:
		return box{x + l.side, y - l.h/2, x + l.side + l.w, y + l.h/2}
	}
	return box{x - l.side - l.w, y - l.h/2, x - l.side, y + l.h/2}
}

// standing is the answer to one label.
type standing struct {
	box   box
	shown bool
}

// place finds a plate for each label, those that come first first, so that none overlaps another or what is taken. A label without room is
// not shown.
func place(labels []label, taken []box) []standing {
	at := newSieve(taken)
	out := make([]standing, len(labels))
	for i := range labels {
		l := &labels[i]
		for n := range spots {
			b := l.box((l.first + n) % spots)
			if at.free(b) {
				at.add(b)
				out[i] = standing{b, true}
				break
			}
		}
	}
	return out
}

// sieve finds what overlaps a box, by squares.
type sieve struct {
	cells map[[2]int][]box
}

// mesh is the side of a square in pixels, about as wide as a plate.
const mesh = 96

func newSieve(taken []box) *sieve {
	s := &sieve{cells: map[[2]int][]box{}}
	for _, b := range taken {
		s.add(b)
	}
	return s
}

func (s *sieve) each(b box, f func(key [2]int) bool) bool {
	for y := floor(b.y0); y <= floor(b.y1); y++ {
		for x := floor(b.x0); x <= floor(b.x1); x++ {
			if !f([2]int{x, y}) {
				return false
			}
		}
	}
	return true
}

func floor(v float64) int {
	n := int(v / mesh)
	if v < 0 {
		n--
	}
	return n
}

func (s *sieve) add(b box) {
	s.each(b, func(key [2]int) bool {
		s.cells[key] = append(s.cells[key], b)
		return true
	})
}

func (s *sieve) free(b box) bool {
	return s.each(b, func(key [2]int) bool {
		for _, o := range s.cells[key] {
			if o.overlaps(b) {
				return false
			}
		}
		return true
	})
}
