package board

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"github.com/tidwall/rtree"
	"pgregory.net/rapid"

	"zw110/data/bounds"
	"zw110/data/incident"
)

// testPlate is like the window's: a round plate for one, a wider one with a number for more.
func testPlate(n int) (w, h float64) {
	switch {
	case n == 1:
		return 36, 36
	case n < 100:
		return 50, 36
	}
	return 58, 36
}

func markID(n int) (id incident.IncidentID) {
	binary.BigEndian.PutUint32(id[:], uint32(n)+1)
	return id
}

func TestSpot_IsThereAndBack(t *testing.T) {
	for _, c := range [][2]float64{{119.15563, 29.14012}, {0, 0}, {-73.98, 40.75}, {179.9, -84}} {
		lng, lat := SpotOf(c[0], c[1]).Degrees()
		if math.Abs(lng-c[0]) > 1e-9 || math.Abs(lat-c[1]) > 1e-9 {
			t.Errorf("%v comes back as %g, %g", c, lng, lat)
		}
	}
	// Known values of web Mercator: the middle of the world, and its north-west corner.
	if s := SpotOf(0, 0); s.X != 0.5 || math.Abs(s.Y-0.5) > 1e-12 {
		t.Errorf("0, 0 is %v", s)
	}
	if s := SpotOf(-180, maxLat); s.X != 0 || math.Abs(s.Y) > 1e-9 {
		t.Errorf("the corner is %v", s)
	}
}

// What a viewport shows is checked against all marks, after any order of adding, moving and deleting.
func TestPoints_AgreeWithAllMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points, model := NewPoints(), map[incident.IncidentID]Mark{}
		spots := rapid.Custom(func(t *rapid.T) Spot {
			if rapid.IntRange(0, 3).Draw(t, "village") == 0 { // many stand at the very same place
				return SpotOf(119.1+float64(rapid.IntRange(0, 3).Draw(t, "which"))/50, 29.1)
			}
			return SpotOf(rapid.Float64Range(119, 119.3).Draw(t, "lng"), rapid.Float64Range(29, 29.3).Draw(t, "lat"))
		})
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			id := markID(rapid.IntRange(0, 60).Draw(t, "id"))
			if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
				points.Delete(id)
				delete(model, id)
				continue
			}
			m := Mark{Spot: spots.Draw(t, "spot"), Rank: uint8(rapid.IntRange(0, 3).Draw(t, "rank")), Vague: rapid.Bool().Draw(t, "vague")}
			points.Set(id, m)
			model[id] = m
		}
		a, b := spots.Draw(t, "corner"), spots.Draw(t, "corner")
		v := Viewport{Min: Spot{min(a.X, b.X), min(a.Y, b.Y)}, Max: Spot{max(a.X, b.X), max(a.Y, b.Y)}}
		v.Scale = math.Exp2(rapid.Float64Range(8, 32).Draw(t, "zoom"))
		if w := (v.Max.X - v.Min.X) * v.Scale; w > 4000 || (v.Max.Y-v.Min.Y)*v.Scale > 4000 {
			v.Scale = min(4000/(v.Max.X-v.Min.X), 4000/(v.Max.Y-v.Min.Y))
		}
		agree(t, points, model, v)
	})
}

func agree(t *rapid.T, points *Points, model map[incident.IncidentID]Mark, v Viewport) {
	if points.Len() != len(model) || int(points.nodes[1].inside) != len(model) {
		t.Fatalf("%d marks, %d in the tree, want %d", points.Len(), points.nodes[1].inside, len(model))
	}
	if used := len(points.nodes) - 2 - len(points.free); len(model) == 0 && used != 0 {
		t.Fatalf("%d squares are left of nothing", used)
	}
	inside := 0
	for id, m := range model {
		if got, ok := points.Mark(id); !ok || got != m {
			t.Fatalf("mark %v is %v", m, got)
		}
		if m.X >= v.Min.X && m.X <= v.Max.X && m.Y >= v.Min.Y && m.Y <= v.Max.Y {
			inside++
		}
	}
	cursor := markID(rapid.IntRange(0, 60).Draw(t, "cursor"))
	found, holds := points.Clusters(v, testPlate, cursor)
	heldRight(t, model, found, holds, cursor)
	shown := 0
	for i, c := range found {
		shown += c.N
		if n := int(c.By[0] + c.By[1] + c.By[2] + c.By[3]); n != c.N || c.Vague > c.N {
			t.Fatalf("%v has %d by urgency", c, n)
		}
		if c.N == 1 {
			m := model[c.ID]
			if m.Spot != c.Spot || m.Rank != c.Worst() || m.Vague != (c.Vague == 1) {
				t.Fatalf("%v is shown as %v", m, c)
			}
		}
		w, h := testPlate(c.N)
		for _, o := range found[:i] {
			ow, oh := testPlate(o.N)
			if math.Abs(o.X-c.X)*v.Scale < (w+ow)/2-1e-6 && math.Abs(o.Y-c.Y)*v.Scale < (h+oh)/2-1e-6 {
				t.Fatalf("%v and %v overlap", c, o)
			}
		}
	}
	if shown < inside || shown > len(model) {
		t.Fatalf("%d marks are shown, %d are inside, %d there are", shown, inside, len(model))
	}
	// A view of the whole world shows every mark once.
	all, holds := points.Clusters(Viewport{Max: Spot{1, 1}, Scale: 256}, testPlate, cursor)
	if _, there := model[cursor]; there != (holds >= 0) {
		t.Fatalf("the cursor's plate is %d of the whole world", holds)
	}
	sum := [Ranks + 1]int32{}
	for _, c := range all {
		for r, n := range c.By {
			sum[r] += n
		}
		sum[Ranks] += int32(c.Vague)
	}
	for _, m := range model {
		sum[m.Rank]--
		if m.Vague {
			sum[Ranks]--
		}
	}
	if sum != [Ranks + 1]int32{} {
		t.Fatalf("the whole world is off by %v", sum)
	}
}

// heldRight checks the plate that a cursor is said to stand on: its own when alone, else one near enough that no other is nearer.
func heldRight(t *rapid.T, model map[incident.IncidentID]Mark, found []Cluster, holds int, cursor incident.IncidentID) {
	for i, c := range found {
		if c.ID == cursor && holds != i {
			t.Fatalf("the cursor stands alone at %d, not at %d", i, holds)
		}
	}
	if holds >= 0 && found[holds].N == 1 && found[holds].ID != cursor {
		t.Fatalf("the plate of %v is said to be that of %v", found[holds].ID, cursor)
	}
	if m := model[cursor]; holds >= 0 && found[holds].By[m.Rank] == 0 {
		t.Fatalf("plate %v holds no incident of rank %d", found[holds], m.Rank)
	}
}

// benchPoints are marks of a town: two thirds around its villages, the rest anywhere.
func benchPoints(n int) (*Points, []Mark) {
	town := newTown(11)
	points, marks := NewPoints(), make([]Mark, n)
	for i := range marks {
		lng, lat := 119.08+town.rng.Float64()*0.16, 29.09+town.rng.Float64()*0.14
		if i%3 != 0 {
			v := float64(town.rng.IntN(26))
			lng = 119.09 + math.Mod(v*0.0379, 0.14) + town.rng.NormFloat64()*0.002
			lat = 29.1 + math.Mod(v*0.0523, 0.12) + town.rng.NormFloat64()*0.002
		}
		marks[i] = Mark{Spot: SpotOf(lng, lat), Rank: uint8(town.rng.IntN(Ranks))}
		points.Set(markID(i), marks[i])
	}
	return points, marks
}

// viewOf is a window of 1440 by 900 pixels around the middle of the town, zoomed in by powers of two.
func viewOf(zoom float64, dx, dy float64) Viewport {
	const wide, high = 1440, 900
	mid := SpotOf(119.16+dx, 29.16+dy)
	scale := 900 / (0.15 / 360) * math.Exp2(zoom)
	return Viewport{Min: Spot{mid.X - wide/2/scale, mid.Y - high/2/scale}, Max: Spot{mid.X + wide/2/scale, mid.Y + high/2/scale}, Scale: scale}
}

// BenchmarkBound_Map asks for what a window of the map shows of 100,000 incidents; the peer asks an R-tree for the points inside and
// gathers them in cells.
func BenchmarkBound_Map(b *testing.B) {
	points, marks := benchPoints(100_000)
	var tree rtree.RTreeG[int]
	for i, m := range marks {
		tree.Insert([2]float64{m.X, m.Y}, [2]float64{m.X, m.Y}, i)
	}
	whole := viewOf(0, 0, 0)
	peer := func() {
		cells := map[[2]int]*Cluster{}
		tree.Search([2]float64{whole.Min.X, whole.Min.Y}, [2]float64{whole.Max.X, whole.Max.Y}, func(lo, _ [2]float64, i int) bool {
			at := [2]int{int(lo[0] * whole.Scale / 40), int(lo[1] * whole.Scale / 40)}
			c := cells[at]
			if c == nil {
				c = &Cluster{}
				cells[at] = c
			}
			c.N++
			c.X, c.Y = c.X+lo[0], c.Y+lo[1]
			c.By[marks[i].Rank]++
			return true
		})
	}
	const batch = 50
	ours := func() time.Duration {
		return bounds.CPU(func() {
			for range batch {
				points.Clusters(whole, testPlate, incident.IncidentID{})
			}
		}) / batch
	}
	for b.Loop() {
		bounds.RatioOf(b, "map: viewport of 100,000 incidents, against an R-tree and cells", 1.0/100, ours, cpu(peer))
		_, p99 := sweeps(5000, func(i int) {
			f := float64(i%100) / 100
			points.Clusters(viewOf(float64(i%9), f*0.06-0.03, 0.03-f*0.06), testPlate, incident.IncidentID{})
		})
		bounds.Time(b, "map: viewport of 100,000 incidents, any zoom, p99", time.Millisecond, p99)
		turn := 0
		_, p99 = sweeps(5000, func(int) {
			turn++
			points.Set(markID(turn*7%len(marks)), marks[turn*11%len(marks)])
		})
		bounds.Time(b, "map: one incident moves, p99", 100*time.Microsecond, p99)
	}
	if got := bounds.CostOf(100, func() { points.Clusters(whole, testPlate, incident.IncidentID{}) }); got.Allocs > 0.5 {
		b.Errorf("a viewport takes %.1f allocations", got.Allocs)
	}
}
