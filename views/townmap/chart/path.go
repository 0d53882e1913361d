package chart

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// pt is a place in the picture, in pixels.
type pt struct{ x, y float64 }

// canvas draws into a picture. Paths may reach far beyond it.
type canvas struct {
	img  *image.RGBA
	work *vector.Rasterizer
	path [][]pt
}

// fill paints the inside of closed rings; a ring within another of the opposite turn is a hole.
func (c *canvas) fill(rings [][]pt, col color.NRGBA) {
	near := c.img.Rect.Inset(-8)
	c.path = c.path[:0]
	for _, r := range rings {
		if cut := clipRing(r, near); len(cut) > 2 {
			c.path = append(c.path, cut)
		}
	}
	c.flush(col)
}

// flush paints the rings gathered in path, each pixel once, touching no more of the picture than they cover.
func (c *canvas) flush(col color.NRGBA) {
	box := c.box()
	if box.Empty() || col.A == 0 {
		return
	}
	c.work.Reset(box.Dx(), box.Dy())
	x0, y0 := float64(box.Min.X), float64(box.Min.Y)
	for _, r := range c.path {
		c.work.MoveTo(float32(r[0].x-x0), float32(r[0].y-y0))
		for _, p := range r[1:] {
			c.work.LineTo(float32(p.x-x0), float32(p.y-y0))
		}
		c.work.ClosePath()
	}
	c.work.DrawOp = draw.Over
	c.work.Draw(c.img, box, image.NewUniform(col), image.Point{})
}

func (c *canvas) box() image.Rectangle {
	lo, hi := pt{math.Inf(1), math.Inf(1)}, pt{math.Inf(-1), math.Inf(-1)}
	for _, r := range c.path {
		for _, p := range r {
			lo = pt{min(lo.x, p.x), min(lo.y, p.y)}
			hi = pt{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	if lo.x > hi.x {
		return image.Rectangle{}
	}
	return image.Rect(int(math.Floor(lo.x)), int(math.Floor(lo.y)), int(math.Ceil(hi.x)), int(math.Ceil(hi.y))).Intersect(c.img.Rect)
}

// stroke draws an open line with round joins; dash, which may be nil, gives the lengths of line and gap in turn.
func (c *canvas) stroke(line []pt, width float64, dash []float64, col color.NRGBA) {
	c.path = c.path[:0]
	near := grow(c.img.Rect, width+8)
	pen := dasher{dash: dash, on: true}
	if len(dash) > 0 {
		pen.left = dash[0]
	}
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		if !near.meets(a, b) {
			pen.skip(math.Hypot(b.x-a.x, b.y-a.y))
			continue
		}
		pen.draw(a, b, func(a, b pt) { c.bar(a, b, width) })
	}
	c.flush(col)
}

// bar adds a straight piece with round ends to the path.
func (c *canvas) bar(a, b pt, width float64) {
	r := width / 2
	angle := math.Atan2(b.y-a.y, b.x-a.x)
	steps := max(4, min(24, int(r*2)))
	ring := make([]pt, 0, 2*steps+2)
	for i := range steps + 1 {
		t := angle + math.Pi/2 + math.Pi*float64(i)/float64(steps)
		ring = append(ring, pt{a.x + r*math.Cos(t), a.y + r*math.Sin(t)})
	}
	for i := range steps + 1 {
		t := angle - math.Pi/2 + math.Pi*float64(i)/float64(steps)
		ring = append(ring, pt{b.x + r*math.Cos(t), b.y + r*math.Sin(t)})
	}
	c.path = append(c.path, ring)
}

// dasher walks along a line in turns of pen down and pen up.
type dasher struct {
	dash []float64
	at   int
	left float64
	on   bool
}

func (d *dasher) turn() {
	d.at = (d.at + 1) % len(d.dash)
	d.left, d.on = d.dash[d.at], !d.on
}

func (d *dasher) skip(length float64) {
	if len(d.dash) == 0 {
		return
	}
	round := 0.0
	for _, l := range d.dash {
		round += l
	}
	length = math.Mod(length, round)
	for ; length >= d.left; d.turn() {
		length -= d.left
	}
	d.left -= length
}

func (d *dasher) draw(a, b pt, piece func(a, b pt)) {
	length := math.Hypot(b.x-a.x, b.y-a.y)
	if len(d.dash) == 0 {
		piece(a, b)
		return
	}
	if length > maxDashed { // a border looked at from too near for dashes to tell anything
		piece(a, b)
		d.skip(length)
		return
	}
	for done := 0.0; done < length; {
		step := min(d.left, length-done)
		if d.on {
			f, t := done/length, (done+step)/length
			piece(pt{a.x + (b.x-a.x)*f, a.y + (b.y-a.y)*f}, pt{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t})
		}
		done += step
		if d.left -= step; d.left <= 0 {
			d.turn()
		}
	}
}

// maxDashed is the longest straight piece in pixels that is dashed.
const maxDashed = 20_000

// circle adds a round ring to the path, or a hole with turn -1.
func circle(at pt, r float64, turn float64) []pt {
	steps := max(12, min(64, int(r*3)))
	ring := make([]pt, steps)
	for i := range ring {
		t := turn * 2 * math.Pi * float64(i) / float64(steps)
		ring[i] = pt{at.x + r*math.Cos(t), at.y + r*math.Sin(t)}
	}
	return ring
}

// rounded is a rectangle with round corners.
func rounded(b box, r, turn float64) []pt {
	r = max(0, min(r, (b.x1-b.x0)/2, (b.y1-b.y0)/2))
	corners := [4]pt{{b.x1 - r, b.y1 - r}, {b.x0 + r, b.y1 - r}, {b.x0 + r, b.y0 + r}, {b.x1 - r, b.y0 + r}}
	const steps = 8
	ring := make([]pt, 0, 4*(steps+1))
	for i, c := range corners {
		for s := range steps + 1 {
			t := math.Pi / 2 * (float64(i) + float64(s)/steps)
			ring = append(ring, pt{c.x + r*math.Cos(t), c.y + r*math.Sin(t)})
		}
	}
	if turn < 0 {
		for i, j := 0, len(ring)-1; i < j; i, j = i+1, j-1 {
			ring[i], ring[j] = ring[j], ring[i]
		}
	}
	return ring
}

// plate fills a rounded rectangle and outlines it.
func (c *canvas) plate(b box, r, width float64, fill, edge color.NRGBA) {
	c.fill([][]pt{rounded(b, r, 1)}, fill)
	if width > 0 {
		c.fill([][]pt{rounded(b, r, 1), rounded(b.inset(width), r-width, -1)}, edge)
	}
}

// disc fills a circle and outlines it.
func (c *canvas) disc(at pt, r, width float64, fill, edge color.NRGBA) {
	c.fill([][]pt{circle(at, r, 1)}, fill)
	if width > 0 {
		c.ring(at, r, width, edge)
	}
}

func (c *canvas) ring(at pt, r, width float64, col color.NRGBA) {
	c.fill([][]pt{circle(at, r, 1), circle(at, r-width, -1)}, col)
}

// box is a rectangle in pixels.
type box struct{ x0, y0, x1, y1 float64 }

func grow(r image.Rectangle, by float64) box {
	return box{float64(r.Min.X) - by, float64(r.Min.Y) - by, float64(r.Max.X) + by, float64(r.Max.Y) + by}
}

func (b box) inset(by float64) box { return box{b.x0 + by, b.y0 + by, b.x1 - by, b.y1 - by} }

func (b box) overlaps(o box) bool { return b.x0 < o.x1 && o.x0 < b.x1 && b.y0 < o.y1 && o.y0 < b.y1 }

// meets reports whether a piece of line may come near; it may say so of one that only goes round a corner.
func (b box) meets(p, q pt) bool {
	return max(p.x, q.x) >= b.x0 && min(p.x, q.x) <= b.x1 && max(p.y, q.y) >= b.y0 && min(p.y, q.y) <= b.y1
}

// clipRing cuts a ring at the four sides of a rectangle.
func clipRing(ring []pt, r image.Rectangle) []pt {
	b := grow(r, 0)
	inside := true
	for _, p := range ring {
		if p.x < b.x0 || p.x > b.x1 || p.y < b.y0 || p.y > b.y1 {
			inside = false
			break
		}
	}
	if inside {
		return ring
	}
	for side := range 4 {
		ring = clipSide(ring, side, b)
	}
	return ring
}

func clipSide(ring []pt, side int, b box) []pt {
	// How far inside a place is.
	depth := func(p pt) float64 {
		switch side {
		case 0:
			return p.x - b.x0
		case 1:
			return b.x1 - p.x
		case 2:
			return p.y - b.y0
		}
		return b.y1 - p.y
	}
	out := make([]pt, 0, len(ring)+4)
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		dp, dq := depth(p), depth(q)
		if dp >= 0 {
			out = append(out, p)
		}
		if (dp >= 0) != (dq >= 0) {
			f := dp / (dp - dq)
			out = append(out, pt{p.x + (q.x-p.x)*f, p.y + (q.y-p.y)*f})
		}
	}
	return out
}
