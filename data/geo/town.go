package geo

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Village is one of the town's villages on the ground.
type Village struct {
	Name  string
	Point Point // the zero Point: nobody has said yet where it is (位置未定)
	// Cell is the ground that is nearer to it than to any other village with a point: a sketch, no boundary. Empty without a point.
	Cell Ring
	// Fixed: a person or the pack said where it is.
	Fixed bool
}

// Named is a name at a place.
type Named struct {
	Name  string
	Point Point
}

// Way is a line with a name, which may be empty.
type Way struct {
	Name   string
	Points Line
	// Sketched: drawn by a rule or from a coarse source, not surveyed.
	Sketched bool
}

// Town is the ground plan of a town.
type Town struct {
	Outline Ring // empty when the pack has none
	// Edge is the outline in pieces: those along the county's border, and those that are only sketched.
	Edge []Way
	// Seat is where the town's offices are.
	Seat       Point
	Neighbours []Named // towns around
	Around     []Way   // borders of the counties around
	Rivers     []Way
	Roads      []Way
	Villages   []Village
	// Sources are the credits of what is drawn, one a line.
	Sources []string
}

// PlanFile is the name of the ground plan in a town pack.
const PlanFile = "ground.geojson"

// The kinds of features in a ground plan, by their property "kind".
const (
	kindTown      = "town"
	kindEdge      = "edge"
	kindSeat      = "seat"
	kindNeighbour = "neighbour"
	kindCounty    = "county"
	kindRiver     = "river"
	kindRoad      = "road"
)

// Load reads the ground plan of a town pack and puts the villages on it. A pack without a plan gives a town without an outline. Villages with the zero Point stay
// without a place.
func Load(pack fs.FS, villages []Named) (Town, error) {
	var t Town
	f, err := pack.Open(PlanFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return t, fmt.Errorf("open the town's ground plan: %w", err)
	default:
		err = ReadGeoJSON(f, nil, t.take)
		if err = errors.Join(err, f.Close()); err != nil {
			return Town{}, fmt.Errorf("%s: %w", PlanFile, err)
		}
	}
	return t.With(villages), nil
}

// take puts a feature of the plan where it belongs. One of an unknown kind is passed over: a later version may know more.
func (t *Town) take(f Feature) error {
	way := func(l Line) Way { return Way{Name: f.Name, Points: l, Sketched: f.Props["sketched"] == "true"} }
	if s := f.Props["source"]; s != "" && !slices.Contains(t.Sources, s) {
		t.Sources = append(t.Sources, s)
	}
	switch f.Props["kind"] {
	case kindTown:
		if len(f.Shapes) != 1 {
			return errors.New("a town has one outline")
		}
		t.Outline = f.Shapes[0].Outer
	case kindSeat:
		for _, p := range f.Points {
			t.Seat = p
		}
	case kindNeighbour:
		for _, p := range f.Points {
			t.Neighbours = append(t.Neighbours, Named{f.Name, p})
		}
	case kindCounty:
		for _, s := range f.Shapes {
			t.Around = append(t.Around, way(append(Line(s.Outer), s.Outer[0])))
		}
	}
	for _, l := range f.Lines {
		switch f.Props["kind"] {
		case kindEdge:
			t.Edge = append(t.Edge, way(l))
		case kindRiver:
			t.Rivers = append(t.Rivers, way(l))
		case kindRoad:
			t.Roads = append(t.Roads, way(l))
		}
	}
	return nil
}

// With returns the town with other villages on it. Those with a point divide the outline, or without one a box around them, among themselves.
func (t Town) With(villages []Named) Town {
	t.Villages = make([]Village, len(villages))
	var at []int
	var points []Point
	for i, v := range villages {
		t.Villages[i] = Village{Name: v.Name, Point: v.Point, Fixed: v.Point.Valid()}
		if v.Point.Valid() {
			at, points = append(at, i), append(points, v.Point)
		}
	}
	outline := t.Outline
	if len(outline) < 3 {
		outline = around(points)
	}
	if len(points) > 0 {
		for i, cell := range Cells(outline, points) {
			t.Villages[at[i]].Cell = cell
		}
	}
	return t
}

// around returns a box around points with a kilometre and a half to spare.
func around(points []Point) Ring {
	b := BoxOf(points...)
	f := planeAt(b.Centre())
	dx, dy := border/f.kx, border/f.ky
	return Ring{
		{b.Min.Lat - dy, b.Min.Lng - dx},
		{b.Min.Lat - dy, b.Max.Lng + dx},
		{b.Max.Lat + dy, b.Max.Lng + dx},
		{b.Max.Lat + dy, b.Min.Lng - dx},
	}
}

// VillageAt returns the village whose sketched ground a point lies on, false outside all of them.
func (t Town) VillageAt(p Point) (Village, bool) {
	for _, v := range t.Villages {
		if v.Cell.Contains(p) {
			return v, true
		}
	}
	return Village{}, false
}

// Box returns what the town fills: its outline, else its villages.
func (t Town) Box() Box {
	if len(t.Outline) > 0 {
		return BoxOf(t.Outline...)
	}
	var points []Point
	for _, v := range t.Villages {
		if v.Fixed {
			points = append(points, v.Point)
		}
	}
	return BoxOf(points...)
}
