package geo

import (
	"math"
	"slices"
)

// half is a half of the plane: a·x + b·y ≤ c.
type half struct{ a, b, c float64 }

// cut returns the part of a ring, in metres, that lies in a half of the plane. Where a ring that is not convex falls into pieces they stay joined
// by a line without width along the cut: area and the rule of even and odd don't see it.
func cut(ring [][2]float64, h half) [][2]float64 {
	out := make([][2]float64, 0, len(ring)+2)
	for i, q := range ring {
		p := ring[(i+len(ring)-1)%len(ring)]
		dp, dq := h.a*p[0]+h.b*p[1]-h.c, h.a*q[0]+h.b*q[1]-h.c
		if (dp <= 0) != (dq <= 0) {
			t := dp / (dp - dq)
			out = append(out, [2]float64{p[0] + t*(q[0]-p[0]), p[1] + t*(q[1]-p[1])})
		}
		if dq <= 0 {
			out = append(out, q)
		}
	}
	return out
}

// nearer is the half of the plane whose points are nearer to p than to q, when from the squared distance to p so many square metres are taken.
func nearer(p, q [2]float64, more float64) half {
	return half{2 * (q[0] - p[0]), 2 * (q[1] - p[1]), q[0]*q[0] + q[1]*q[1] - p[0]*p[0] - p[1]*p[1] + more}
}

// Cells divides an outline among points: each gets the ground that is nearer to it than to any other. A point that is given twice leaves its second cell
// empty, and a point outside may get an empty cell too.
func Cells(outline Ring, points []Point) []Ring {
	f := planeAt(BoxOf(outline...).Centre())
	ground, at := f.ring(outline), f.ring(points)
	out := make([]Ring, len(points))
	for i, p := range at {
		cell := ground
		for j, q := range at {
			if p == q {
				if j < i {
					cell = nil
				}
				continue
			}
			if len(cell) > 0 {
				cell = cut(cell, nearer(p, q, 0))
			}
		}
		out[i] = f.back(cell)
	}
	return out
}

// Reach returns the part of an outline that counts to a centre and not to one of the others. More is taken, in square metres, from the squared
// distance to the centre: with more, the centre gets more ground.
func Reach(outline Ring, centre Point, others []Point, more float64) Ring {
	f := planeAt(centre)
	ground := f.ring(outline)
	for _, o := range f.ring(others) {
		ground = cut(ground, nearer([2]float64{}, o, more))
	}
	return f.back(ground)
}

// Within returns the part of a ring inside a box.
func (r Ring) Within(b Box) Ring {
	ring := make([][2]float64, len(r))
	for i, p := range r {
		ring[i] = [2]float64{p.Lng, p.Lat}
	}
	for _, h := range []half{{1, 0, b.Max.Lng}, {-1, 0, -b.Min.Lng}, {0, 1, b.Max.Lat}, {0, -1, -b.Min.Lat}} {
		ring = cut(ring, h)
	}
	out := make(Ring, len(ring))
	for i, p := range ring {
		out[i] = Point{Lng: p[0], Lat: p[1]}
	}
	return out
}

func (f plane) ring(points []Point) [][2]float64 {
	out := make([][2]float64, len(points))
	for i, p := range points {
		out[i][0], out[i][1] = f.metres(p)
	}
	return out
}

func (f plane) back(ring [][2]float64) Ring {
	out := make(Ring, 0, len(ring))
	for _, p := range ring {
		if q := f.point(p[0], p[1]); len(out) == 0 || q != out[len(out)-1] {
			out = append(out, q)
		}
	}
	return out
}

// Simplify returns the line with fewer points, none of the left out ones further than so many metres from it (Douglas and Peucker). First and last
// stay.
func (l Line) Simplify(metres float64) Line {
	if len(l) < 3 || metres <= 0 {
		return slices.Clone(l)
	}
	at := planeAt(BoxOf(l...).Centre()).ring(l)
	keep := make([]bool, len(l))
	keep[0], keep[len(l)-1] = true, true
	for spans := [][2]int{{0, len(l) - 1}}; len(spans) > 0; {
		s := spans[len(spans)-1]
		spans = spans[:len(spans)-1]
		far, most := -1, metres
		for i := s[0] + 1; i < s[1]; i++ {
			if d := off(at[i], at[s[0]], at[s[1]]); d > most {
				far, most = i, d
			}
		}
		if far >= 0 {
			keep[far] = true
			spans = append(spans, [2]int{s[0], far}, [2]int{far, s[1]})
		}
	}
	var out Line
	for i, p := range l {
		if keep[i] {
			out = append(out, p)
		}
	}
	return out
}

// off is the distance of a point from a stretch.
func off(p, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	t := 0.0
	if n := dx*dx + dy*dy; n > 0 {
		t = max(0, min(1, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/n))
	}
	return math.Hypot(p[0]-a[0]-t*dx, p[1]-a[1]-t*dy)
}

// AtMost returns the ring with at most n points (4 at least), left out where the line changes least.
func (r Ring) AtMost(n int) Ring {
	if n = max(n, 4); len(r) <= n {
		return slices.Clone(r)
	}
	closed := append(slices.Clone(Line(r)), r[0])
	low, high := 0.0, 1e5
	for range 40 {
		if mid := (low + high) / 2; len(closed.Simplify(mid)) > n+1 {
			low = mid
		} else {
			high = mid
		}
	}
	out := closed.Simplify(high)
	return Ring(out[:len(out)-1])
}
