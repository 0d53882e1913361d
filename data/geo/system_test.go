package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Pairs that public converters agree on, to their last digits, and the offset at the county seat.
func TestSystems_KnownPairs(t *testing.T) {
	cases := []struct {
		name      string
		got, want Point
		within    float64
	}{
		{"WGS-84 to GCJ-02", To(GCJ02, Point{Lat: 39.915, Lng: 116.404}), Point{Lat: 39.91640428150164, Lng: 116.41024449916938}, 1e-9},
		{"GCJ-02 to BD-09", toBD(Point{Lat: 39.915, Lng: 116.404}), Point{Lat: 39.92133699351021, Lng: 116.41036949371029}, 1e-9},
		{"BD-09 to GCJ-02", undo(Point{Lat: 39.915, Lng: 116.404}, toBD), Point{Lat: 39.90865673957631, Lng: 116.39762729119315}, 1e-6},
		{"GCJ-02 to WGS-84", From(GCJ02, Point{Lat: 39.915, Lng: 116.404}), Point{Lat: 39.91359571849836, Lng: 116.39775550083061}, 2e-5},
		{"Longyou", To(GCJ02, Point{Lat: 29.03, Lng: 119.17}), Point{Lat: 29.03 - 0.00279, Lng: 119.17 + 0.00511}, 6e-6},
		{"outside China", To(BD09, Point{Lat: 48.85, Lng: 2.35}), toBD(Point{Lat: 48.85, Lng: 2.35}), 0},
		{"CGCS2000", From(CGCS2000, Point{Lat: 29.03, Lng: 119.17}), Point{Lat: 29.03, Lng: 119.17}, 0},
		{"no place", To(BD09, Point{}), Point{}, 0},
	}
	for _, c := range cases {
		if math.Abs(c.got.Lat-c.want.Lat) > c.within || math.Abs(c.got.Lng-c.want.Lng) > c.within {
			t.Errorf("%s: %.9f, %.9f, want %.9f, %.9f", c.name, c.got.Lat, c.got.Lng, c.want.Lat, c.want.Lng)
		}
	}
}

func TestSystems_ThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Point{Lat: rapid.Float64Range(18, 53).Draw(t, "lat"), Lng: rapid.Float64Range(74, 135).Draw(t, "lng")}
		s := rapid.SampledFrom(Systems()).Draw(t, "system")
		q := From(s, To(s, p))
		if math.Abs(q.Lat-p.Lat) > 1e-7 || math.Abs(q.Lng-p.Lng) > 1e-7 {
			t.Fatalf("%s: %v came back as %v", s, p, q)
		}
	})
}

var square = Ring{{29.08, 119.05}, {29.08, 119.18}, {29.18, 119.18}, {29.18, 119.05}}

func TestLook_AsksAboutWhatCannotBe(t *testing.T) {
	here := Point{Lat: 29.14, Lng: 119.15}
	cases := []struct {
		name     string
		p, known Point
		want     Doubt
		system   System
	}{
		{"right", here, here, "", ""},
		{"right and new", here, Point{}, "", ""},
		{"no fix", Point{}, here, NoPoint, ""},
		{"swapped", Point{Lat: 119.15, Lng: 29.14}, Point{}, Swapped, ""},
		{"no degrees", Point{Lat: 3226000, Lng: 523000}, Point{}, OffEarth, ""},
		{"in the next county", Point{Lat: 28.96, Lng: 118.87}, Point{}, Outside, ""},
		{"just over the sketched line", Point{Lat: 29.19, Lng: 119.15}, Point{}, "", ""},
		{"GCJ-02 read as WGS-84", To(GCJ02, here), here, Shifted, GCJ02},
		{"BD-09 read as WGS-84", To(BD09, here), here, Shifted, BD09},
		{"moved by 400 m elsewhere", Point{Lat: here.Lat + 0.0036, Lng: here.Lng}, here, "", ""},
		{"a village further", Point{Lat: 29.11, Lng: 119.15}, here, FarOff, ""},
	}
	for _, c := range cases {
		got, doubtful := Look(c.p, square, c.known)
		if !doubtful {
			got = Check{}
		}
		if got.Doubt != c.want || got.System != c.system {
			t.Errorf("%s: %+v, want %q %q", c.name, got, c.want, c.system)
		}
		if (got.Doubt == Swapped || got.Doubt == Shifted) && Distance(got.Fixed, here) > 1 {
			t.Errorf("%s: put right to %v", c.name, got.Fixed)
		}
	}
	if _, doubtful := Look(Point{Lat: 28.96, Lng: 118.87}, nil, Point{}); doubtful {
		t.Error("where no outline is known nothing lies outside")
	}
}

func TestSuggest_FindsTheSystemOfAFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]System{WGS84, GCJ02, BD09}).Draw(t, "system")
		n := rapid.IntRange(3, 20).Draw(t, "n")
		read, known := make([]Point, n), make([]Point, n)
		for i := range n {
			known[i] = Point{Lat: rapid.Float64Range(29.09, 29.17).Draw(t, "lat"), Lng: rapid.Float64Range(119.06, 119.17).Draw(t, "lng")}
			// Nobody points at the same corner of a village twice.
			near := Point{Lat: known[i].Lat + rapid.Float64Range(-0.0005, 0.0005).Draw(t, "d"), Lng: known[i].Lng}
			read[i] = To(s, near)
		}
		got, before, after, ok := Suggest(read, known, WGS84)
		if ok != (s != WGS84) || ok && (got != s || after >= before) {
			t.Fatalf("a file in %s is taken for %q: %v, %.0f m to %.0f m", s, got, ok, before, after)
		}
	})
	if _, _, _, ok := Suggest([]Point{{29.1, 119.1}, {29.1, 119.2}}, []Point{{29.2, 119.1}, {29.2, 119.2}}, WGS84); ok {
		t.Error("two pairs are enough for a suggestion")
	}
}
