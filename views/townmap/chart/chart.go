// Package chart paints the town's map: a scene and a viewport in, a picture out. It knows no window, so that it can be run in any goroutine
// and tested by its pixels.
package chart

import (
	"image"
	"image/color"
	"image/draw"
	"slices"

	"golang.org/x/image/vector"

	"zw110/data/board"
)

// Way is a line on the ground.
type Way struct {
	Name   string
	Points []board.Spot
	// Sketched: drawn by the room, not surveyed; it shows dashed.
	Sketched bool
}

// Village is one of the town's, with the ground around it.
type Village struct {
	Name string
	// Also are its other names, by which incidents may know it.
	Also []string
	At   board.Spot
	// Placed: it has a point. Without one it isn't drawn.
	Placed bool
	Cell   []board.Spot
}

// Name is a text on the ground without a plate.
type Name struct {
	Text string
	At   board.Spot
}

// Town is what stays the same while a map is looked at.
type Town struct {
	Land     [][]board.Spot // rings; one inside another of the opposite turn is a hole
	Edge     []Way
	Around   []Way // borders of others
	Villages []Village
	Rivers   []Way
	Roads    []Way
	Names    []Name
}

// PostKind says what a square mark stands for.
type PostKind uint8

// The kinds of posts.
const (
	UnitPost PostKind = 1
	VestPost PostKind = 2
)

// Post is a unit, a car or a blue vest where it was last known to be.
type Post struct {
	Kind PostKind
	Name string
	At   board.Spot
}

// Scene is all that a picture shows.
type Scene struct {
	// Town may be nil: nothing lies on the ground.
	Town *Town
	// Heat counts incidents by village, nil for no heat.
	Heat []int
	// Clusters stand apart already, with plates as Look.Plate measures them.
	Clusters []board.Cluster
	// Worst is the highest urgency of the open incidents by village, board.Ranks for none; its labels come first.
	Worst []uint8
	Posts []Post
	// Links are dotted lines from the incident under the cursor to its units.
	Links  [][2]board.Spot
	Cursor *board.Spot
	// Measured is the line whose length is asked for.
	Measured []board.Spot
}

// Palette has the colours by purpose.
type Palette struct {
	Land, Land2, Line, Around, Border               color.NRGBA
	Water, WaterT, Road                             color.NRGBA
	T1, T2, T3, Surface, Acc, Shape                 color.NRGBA
	Crit, Critbg, Urg, Norm, Low, Vest, Plate, Link color.NRGBA
	Heat                                            [5]color.NRGBA
}

// Look says how large and in which colours things are drawn. Sizes are in units of the window.
type Look struct {
	Palette Palette
	Density float64 // pixels of a unit
	Mark    float64 // diameter of the plate of one incident
	Text    float64 // names of villages
	Urgent  float64 // names of villages with something urgent, bold; 0: as the others
	Busy    bool    // only villages with incidents are named
	Halo    bool    // what is critical gets a tinted disc
}

// Desk is the look of the map page.
func Desk(p Palette, density float64) Look {
	return Look{Palette: p, Density: density, Mark: 32, Text: 12}
}

// Wall is the look of the wall board, read from six metres.
func Wall(p Palette, density float64) Look {
	return Look{Palette: p, Density: density, Mark: 50, Text: 24, Urgent: 28, Busy: true, Halo: true}
}

// Mini is the look of the small map of one incident.
func Mini(p Palette, density float64) Look {
	return Look{Palette: p, Density: density, Mark: 30, Text: 12, Urgent: 12}
}

// Plate returns the size in pixels of the plate for n incidents, with the room around it.
func (l Look) Plate(n int) (w, h float64) {
	m := l.Mark * l.Density
	switch {
	case n == 1:
		return m * 1.15, m * 1.15
	case n < 10:
		return m * 1.45, m * 1.15
	case n < 100:
		return m * 1.7, m * 1.15
	}
	return m * 2.2, m * 1.15
}

// Foot is how far above its place the middle of a plate stands, in pixels: the place itself stays in sight.
func (l Look) Foot() float64 { return (l.Mark/2 + 7) * l.Density }

// Painter paints scenes one at a time; what lies on the ground is kept while the viewport stays.
type Painter struct {
	writer *writer
	work   *vector.Rasterizer
	ground *image.RGBA
	is     ground
	none   *Town // stands for no town
}

// ground is what a kept ground was painted of.
type ground struct {
	town *Town
	view board.Viewport
	size image.Point
	look Look
	heat []int
}

func (g ground) same(o ground) bool {
	heat := slices.Equal(g.heat, o.heat) && (g.heat == nil) == (o.heat == nil)
	return g.town == o.town && g.view == o.view && g.size == o.size && g.look == o.look && heat
}

// NewPainter reads the fonts.
func NewPainter() (*Painter, error) {
	w, err := newWriter()
	if err != nil {
		return nil, err
	}
	return &Painter{writer: w, work: vector.NewRasterizer(0, 0), none: &Town{}}, nil
}

// sheet is one picture being painted.
type sheet struct {
	canvas
	p     *Painter
	s     *Scene
	look  Look
	pal   Palette
	view  board.Viewport
	taken []box
}

// Paint returns the picture of a viewport. Its size follows from the viewport.
func (p *Painter) Paint(s *Scene, v board.Viewport, look Look) *image.RGBA {
	size := image.Pt(int((v.Max.X-v.Min.X)*v.Scale+0.5), int((v.Max.Y-v.Min.Y)*v.Scale+0.5))
	img := image.NewRGBA(image.Rectangle{Max: size})
	if s.Town == nil {
		s.Town = p.none
	}
	sh := &sheet{canvas: canvas{img: img, work: p.work}, p: p, s: s, look: look, pal: look.Palette, view: v}
	is := ground{s.Town, v, size, look, slices.Clone(s.Heat)}
	if p.ground == nil || !is.same(p.is) {
		p.ground, p.is = image.NewRGBA(img.Rect), is
		sh.img = p.ground
		sh.paintGround()
		sh.img = img
	}
	copy(img.Pix, p.ground.Pix)
	sh.paintMarks()
	return img
}

// px turns units into pixels.
func (s *sheet) px(units float64) float64 { return units * s.look.Density }

func (s *sheet) at(p board.Spot) pt {
	return pt{(p.X - s.view.Min.X) * s.view.Scale, (p.Y - s.view.Min.Y) * s.view.Scale}
}

func (s *sheet) line(points []board.Spot) []pt {
	out := make([]pt, len(points))
	for i, p := range points {
		out[i] = s.at(p)
	}
	return out
}

func (s *sheet) ways(ways []Way, width float64, col color.NRGBA) {
	for i := range ways {
		var dash []float64
		if ways[i].Sketched {
			dash = []float64{s.px(6), s.px(4)}
		}
		s.stroke(s.line(ways[i].Points), s.px(width), dash, col)
	}
}

// paintGround draws land, heat, water, roads, borders and the names on them.
func (s *sheet) paintGround() {
	t := s.s.Town
	draw.Draw(s.img, s.img.Rect, image.NewUniform(s.pal.Land2), image.Point{}, draw.Src)
	s.ways(t.Around, 1.5, s.pal.Around)
	rings := make([][]pt, len(t.Land))
	for i, r := range t.Land {
		rings[i] = s.line(r)
	}
	s.fill(rings, s.pal.Land)
	for i := range t.Villages {
		if cell := t.Villages[i].Cell; len(cell) > 2 && i < len(s.s.Heat) {
			s.fill([][]pt{s.line(cell)}, s.pal.Heat[step(s.s.Heat[i])])
		}
	}
	for i := range t.Villages {
		if cell := t.Villages[i].Cell; len(cell) > 2 {
			s.stroke(append(s.line(cell), s.at(cell[0])), s.px(1), nil, s.pal.Line)
		}
	}
	s.ways(t.Roads, 4, s.pal.Road)
	s.ways(t.Rivers, 3.5, s.pal.Water)
	s.ways(t.Edge, 1.75, s.pal.Border)
	name := letter{size: s.px(s.look.Text + 1)}
	for _, n := range t.Names {
		p := s.at(n.At)
		s.text(s.p.writer, n.Text, name, p.x-s.p.writer.width(n.Text, name)/2, p.y, s.pal.T2)
	}
	for i := range t.Rivers {
		s.nameWay(&t.Rivers[i])
	}
}

// nameWay writes the name of a river beside its last point in sight.
func (s *sheet) nameWay(w *Way) {
	if w.Name == "" {
		return
	}
	l := letter{size: s.px(s.look.Text)}
	in := grow(s.img.Rect, -s.px(s.look.Text*4))
	for i := len(w.Points) - 1; i >= 0; i-- {
		if p := s.at(w.Points[i]); in.meets(p, p) {
			s.text(s.p.writer, w.Name, l, p.x+s.px(8), p.y, s.pal.WaterT)
			return
		}
	}
}

// step is the shade of a number of incidents.
func step(n int) int {
	switch {
	case n <= 0:
		return 0
	case n <= 2:
		return 1
	case n <= 5:
		return 2
	case n <= 9:
		return 3
	}
	return 4
}
