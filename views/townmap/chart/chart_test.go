package chart

import (
	"encoding/binary"
	"image/color"
	"math"
	"testing"

	"pgregory.net/rapid"

	"zw110/data/board"
	"zw110/data/bounds"
	"zw110/data/incident"
)

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

func testPalette() Palette {
	return Palette{
		Land: rgb(0xF6F5F1), Land2: rgb(0xECEBE5), Line: rgb(0xE1E4E8), Around: rgb(0xC6CCD4), Border: rgb(0x626C7A), Water: rgb(0x9CC3DE), WaterT: rgb(0x2F6A92),
		Road: rgb(0xD9D3C4), T1: rgb(0x16191D), T2: rgb(0x434B57), T3: rgb(0x626C7A), Surface: rgb(0xFFFFFF), Acc: rgb(0x2558A8), Shape: rgb(0xFFFFFF),
		Crit: rgb(0xB42318), Critbg: rgb(0xFBE9E7), Urg: rgb(0xA1460A), Norm: rgb(0x3F5873), Low: rgb(0x626C7A), Vest: rgb(0x1F5FC4),
		Plate: color.NRGBA{R: 255, G: 255, B: 255, A: 219}, Link: rgb(0x434B57),
		Heat: [5]color.NRGBA{rgb(0xF3EFE6), rgb(0xF7E7D1), rgb(0xF2D2AB), rgb(0xE8B384), rgb(0xDB915F)},
	}
}

// testTown is five by five villages, two kilometres apart.
func testTown() *Town {
	t := &Town{}
	at := func(x, y float64) board.Spot { return board.SpotOf(119.1+x/50, 29.2-y/50) }
	for i := range 25 {
		x, y := float64(i%5), float64(i/5)
		t.Villages = append(t.Villages, Village{
			Name: string([]rune("东西南北中上下前后里")[i%10:i%10+1]) + "村", At: at(x, y), Placed: i != 7,
			Cell: []board.Spot{at(x-.5, y-.5), at(x+.5, y-.5), at(x+.5, y+.5), at(x-.5, y+.5)},
		})
	}
	ring := []board.Spot{at(-.5, -.5), at(4.5, -.5), at(4.5, 4.5), at(-.5, 4.5)}
	t.Land = [][]board.Spot{ring}
	t.Edge = []Way{{Points: append(ring[:4:4], ring[0]), Sketched: true}}
	t.Rivers = []Way{{Name: "塔石溪", Points: []board.Spot{at(1, -2), at(2.5, 2), at(2, 6)}}}
	t.Roads = []Way{{Points: []board.Spot{at(-2, 3), at(7, 2)}}}
	t.Names = []Name{{"邻镇", at(6, 0)}}
	return t
}

func markID(n int) (id incident.IncidentID) {
	binary.BigEndian.PutUint32(id[:], uint32(n)+1)
	return id
}

// around is a viewport of w by h pixels around the middle of the test town.
func around(w, h, scale float64) board.Viewport {
	mid := board.SpotOf(119.14, 29.16)
	return board.Viewport{Min: board.Spot{X: mid.X - w/2/scale, Y: mid.Y - h/2/scale}, Max: board.Spot{X: mid.X + w/2/scale, Y: mid.Y + h/2/scale}, Scale: scale}
}

const townScale = 360 / 0.12 * 500 // the test town is about 400 pixels wide

func TestPlace_NoTwoOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "labels")
		labels, taken := make([]label, n), make([]box, rapid.IntRange(0, 20).Draw(t, "taken"))
		side := rapid.Float64Range(0, 600)
		for i := range taken {
			x, y := side.Draw(t, "x"), side.Draw(t, "y")
			taken[i] = box{x, y, x + rapid.Float64Range(1, 200).Draw(t, "w"), y + 40}
		}
		for i := range labels {
			labels[i] = label{
				at: pt{side.Draw(t, "x") - 100, side.Draw(t, "y") - 100}, w: rapid.Float64Range(1, 150).Draw(t, "w"), h: 18, below: 5, above: 5, side: 20,
				first: spot(rapid.IntRange(0, int(spots)-1).Draw(t, "first")),
			}
		}
		placed := place(labels, taken)
		free := true
		for i, p := range placed {
			if !p.shown {
				continue
			}
			for _, b := range taken {
				free = free && !b.overlaps(p.box)
			}
			for _, o := range placed[:i] {
				free = free && (!o.shown || !o.box.overlaps(p.box))
			}
		}
		if !free {
			t.Fatalf("plates overlap: %v around %v", placed, taken)
		}
		if n > 0 && len(taken) == 0 && !placed[0].shown {
			t.Fatal("the first of the labels has no plate on an empty map")
		}
	})
}

// Whatever stands around it, what is critical is seen with its shape, and so is every other plate.
func TestPaint_NoUrgencyIsHidden(t *testing.T) {
	p, err := NewPainter()
	if err != nil {
		t.Fatal(err)
	}
	look, town := Desk(testPalette(), 1), testTown()
	rapid.Check(t, func(t *rapid.T) {
		v := around(360, 280, townScale*math.Exp2(rapid.Float64Range(-1, 2).Draw(t, "zoom")))
		points := board.NewPoints()
		for i := range rapid.IntRange(1, 50).Draw(t, "incidents") {
			at := board.SpotOf(rapid.Float64Range(119.05, 119.2).Draw(t, "lng"), rapid.Float64Range(29.1, 29.22).Draw(t, "lat"))
			points.Set(markID(i), board.Mark{Spot: at, Rank: uint8(rapid.IntRange(0, 3).Draw(t, "rank")), Vague: rapid.Bool().Draw(t, "vague")})
		}
		found, _ := points.Clusters(v, look.Plate, incident.IncidentID{})
		s := &Scene{Town: town, Clusters: found, Posts: []Post{{UnitPost, "派出所", board.SpotOf(119.14, 29.16)}}}
		img := p.Paint(s, v, look)
		for _, c := range s.Clusters {
			if c.N > 1 {
				continue // its shape stands to the left of a number of some width
			}
			x, y := (c.X-v.Min.X)*v.Scale, (c.Y-v.Min.Y)*v.Scale-look.Foot()
			switch c.Worst() {
			case 0:
				x -= 3.5
			case 1:
				y += 2
			case 2:
				x -= 4.6
			}
			if x < 1 || y < 1 || x > 358 || y > 278 {
				continue
			}
			want := []color.NRGBA{look.Palette.Crit, look.Palette.Urg, look.Palette.Norm, look.Palette.Low}[c.Worst()]
			got := img.RGBAAt(int(x), int(y))
			if d := math.Abs(float64(got.R)-float64(want.R)) + math.Abs(float64(got.G)-float64(want.G)) + math.Abs(float64(got.B)-float64(want.B)); d > 60 {
				t.Fatalf("%v shows %v where its shape should be %v", c, got, want)
			}
		}
	})
}

// The ground is painted anew only when it changes: heat, theme, size, place.
func TestPaint_KeepsTheGround(t *testing.T) {
	p, err := NewPainter()
	if err != nil {
		t.Fatal(err)
	}
	s, v, look := &Scene{Town: testTown(), Heat: make([]int, 25)}, around(300, 200, townScale), Desk(testPalette(), 1)
	kept := func() any { p.Paint(s, v, look); return p.ground }
	first := kept()
	s.Clusters = []board.Cluster{{Spot: s.Town.Villages[3].At, N: 2}}
	if kept() != first {
		t.Error("an incident paints the ground anew")
	}
	for name, change := range map[string]func(){
		"heat": func() { s.Heat[3] = 9 }, "no heat": func() { s.Heat = nil }, "zoom": func() { v.Scale *= 2 }, "theme": func() { look.Palette.Land = rgb(0) },
	} {
		was := p.ground
		if change(); kept() == was {
			t.Errorf("%s leaves the old ground", name)
		}
	}
}

func TestClipRing_CutsWhatLiesFarAway(t *testing.T) {
	p, err := NewPainter()
	if err != nil {
		t.Fatal(err)
	}
	// Looked at from very near, the town's borders are millions of pixels away, and the picture is all of one village.
	s, look := &Scene{Town: testTown(), Heat: make([]int, 25)}, Desk(testPalette(), 1)
	s.Heat[12] = 20
	v := around(200, 100, townScale*1e6)
	v.Min, v.Max = board.Spot{X: v.Min.X + 20/townScale, Y: v.Min.Y + 10/townScale}, board.Spot{X: v.Max.X + 20/townScale, Y: v.Max.Y + 10/townScale}
	img := p.Paint(s, v, look)
	for _, at := range [][2]int{{0, 0}, {199, 0}, {0, 99}, {199, 99}, {100, 50}} {
		got := img.RGBAAt(at[0], at[1])
		if color.NRGBA(got) != look.Palette.Heat[4] {
			t.Errorf("pixel %v is %v", at, got)
		}
	}
}

// BenchmarkBound_MapPaint paints a window's map with a margin of a quarter on each side, and the same with the ground kept, as when an incident changes.
func BenchmarkBound_MapPaint(b *testing.B) {
	p, err := NewPainter()
	if err != nil {
		b.Fatal(err)
	}
	look, v := Desk(testPalette(), 1), around(1540, 1100, townScale*2)
	points := board.NewPoints()
	for i := range 10_000 {
		f := float64(i)
		points.Set(markID(i), board.Mark{Spot: board.SpotOf(119.09+math.Mod(f*0.00137, 0.1), 29.11+math.Mod(f*0.00071, 0.1)), Rank: uint8(i % 4)})
	}
	found, _ := points.Clusters(v, look.Plate, incident.IncidentID{})
	s := &Scene{Town: testTown(), Heat: make([]int, 25), Clusters: found}
	for b.Loop() {
		full := bounds.CPU(func() { p.ground = nil; p.Paint(s, v, look) })
		marks := bounds.CPU(func() { p.Paint(s, v, look) })
		full, marks = min(full, bounds.CPU(func() { p.ground = nil; p.Paint(s, v, look) })), min(marks, bounds.CPU(func() { p.Paint(s, v, look) }))
		bounds.Time(b, "map: a whole picture of 10,000 incidents, off the UI goroutine", 100*1e6, full)
		bounds.Time(b, "map: the same when only incidents changed", 50*1e6, marks)
	}
}
