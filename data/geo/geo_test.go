package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestDistance_KnownLines(t *testing.T) {
	dms := func(d, m, s float64) float64 { return math.Copysign(math.Abs(d)+m/60+s/3600, d) }
	cases := []struct {
		name   string
		p, q   Point
		metres float64
		within float64
	}{
		{
			"Flinders Peak to Buninyong",
			Point{Lat: dms(-37, 57, 3.72030), Lng: dms(144, 25, 29.52440)},
			Point{Lat: dms(-37, 39, 10.15610), Lng: dms(143, 55, 35.38390)},
			54972.271, 0.001,
		},
		{"a degree on the equator", Point{0, 10}, Point{0, 11}, 111319.491, 0.001},
		{"equator to pole", Point{0, 10}, Point{90, 10}, 10001965.729, 0.001},
		{"nowhere to go", Point{29.1, 119.1}, Point{29.1, 119.1}, 0, 0},
		{"opposite", Point{0, 0.001}, Point{0.1, -179.9}, math.Pi * 6371008.8, 0.005 * math.Pi * 6371008.8},
	}
	for _, c := range cases {
		if got := Distance(c.p, c.q); math.Abs(got-c.metres) > c.within {
			t.Errorf("%s: %.4f m, want %.4f", c.name, got, c.metres)
		}
	}
}

func TestArea_KnownGround(t *testing.T) {
	earth := Ring{{-90, -180}, {-90, 180}, {90, 180}, {90, -180}}
	if got := earth.Area(); math.Abs(got/5.10065621724e14-1) > 1e-9 {
		t.Errorf("the whole earth: %g m²", got)
	}
	square := Ring{{29.1, 119.1}, {29.1, 119.11}, {29.11, 119.11}, {29.11, 119.1}}
	want := Distance(Point{29.105, 119.1}, Point{29.105, 119.11}) * Distance(Point{29.1, 119.1}, Point{29.11, 119.1})
	if got := square.Area(); math.Abs(got/want-1) > 1e-5 {
		t.Errorf("a small square: %g m², want %g", got, want)
	}
	holed := Shape{Outer: square, Holes: []Ring{{{29.102, 119.102}, {29.102, 119.104}, {29.104, 119.104}, {29.104, 119.102}}}}
	if got := holed.Area(); math.Abs(got/(want*0.96)-1) > 1e-4 {
		t.Errorf("with a hole: %g m², want %g", got, want*0.96)
	}
	if holed.Contains(Point{29.103, 119.103}) || !holed.Contains(Point{29.105, 119.105}) || holed.Contains(Point{29.2, 119.105}) {
		t.Error("a point in the hole, beside it, or outside is told wrong")
	}
}

func TestCells_DivideTheGround(t *testing.T) {
	outline := Ring{{29.08, 119.06}, {29.08, 119.16}, {29.12, 119.18}, {29.18, 119.16}, {29.14, 119.11}, {29.18, 119.06}} // with a bay
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		points := make([]Point, n)
		for i := range points {
			points[i] = Point{Lat: rapid.Float64Range(29.07, 29.19).Draw(t, "lat"), Lng: rapid.Float64Range(119.05, 119.19).Draw(t, "lng")}
		}
		cells := Cells(outline, points)
		sum := 0.0
		for _, c := range cells {
			sum += c.Area()
		}
		if math.Abs(sum/outline.Area()-1) > 1e-4 {
			t.Fatalf("the cells have %g of the outline's area", sum/outline.Area())
		}
		p := Point{Lat: rapid.Float64Range(29.08, 29.18).Draw(t, "at lat"), Lng: rapid.Float64Range(119.06, 119.18).Draw(t, "at lng")}
		if !outline.Contains(p) {
			return
		}
		nearest := 0
		for i := range points {
			if Distance(p, points[i]) < Distance(p, points[nearest]) {
				nearest = i
			}
		}
		for i, c := range cells {
			if c.Contains(p) && Distance(p, points[i]) > Distance(p, points[nearest])+20 {
				t.Fatalf("%v lies in the cell of %v, %v is nearer", p, points[i], points[nearest])
			}
		}
	})
}

func TestSimplify_StaysNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Line
		for range rapid.IntRange(2, 60).Draw(t, "n") {
			l = append(l, Point{Lat: rapid.Float64Range(29, 29.2).Draw(t, "lat"), Lng: rapid.Float64Range(119, 119.2).Draw(t, "lng")})
		}
		bound := rapid.Float64Range(1, 5000).Draw(t, "metres")
		s := l.Simplify(bound)
		if len(s) < 2 || s[0] != l[0] || s[len(s)-1] != l[len(l)-1] {
			t.Fatal("an end is lost")
		}
		at := planeAt(BoxOf(l...).Centre())
		kept := at.ring(s)
		for _, p := range at.ring(l) {
			least := math.Inf(1)
			for i := 1; i < len(kept); i++ {
				least = min(least, off(p, kept[i-1], kept[i]))
			}
			if least > bound+1e-6 {
				t.Fatalf("a point is %g m off, allowed %g", least, bound)
			}
		}
	})
}
