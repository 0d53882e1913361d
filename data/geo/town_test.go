package geo

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"zw110/assets"
)

func samplePack(t *testing.T) fs.FS {
	t.Helper()
	pack, err := assets.Pack("330825111")
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

func TestLoad_PlanOfTheSampleTown(t *testing.T) {
	town, err := Load(samplePack(t), []Named{{"甲村", Point{29.12, 119.13}}, {"乙村", Point{}}, {"丙村", Point{29.14, 119.15563}}})
	if err != nil {
		t.Fatal(err)
	}
	if a := town.Outline.Area() / 1e6; math.Abs(a-81.22) > 0.05 {
		t.Errorf("the outline has %.2f km², published are 81.22", a)
	}
	published := Box{Point{29.083611, 119.054722}, Point{29.181389, 119.183056}}
	for _, p := range town.Outline {
		if f := 1e-5; p.Lat < published.Min.Lat-f || p.Lat > published.Max.Lat+f || p.Lng < published.Min.Lng-f || p.Lng > published.Max.Lng+f {
			t.Errorf("%v is outside the published extent", p)
		}
	}
	if !town.Outline.Contains(town.Seat) {
		t.Error("the seat lies outside")
	}
	for _, n := range town.Neighbours {
		if town.Outline.Contains(n.Point) {
			t.Errorf("%s lies in the town", n.Name)
		}
	}
	if len(town.Around) != 6 || len(town.Rivers) == 0 || len(town.Sources) < 3 {
		t.Errorf("%d counties, %d rivers, sources %q", len(town.Around), len(town.Rivers), town.Sources)
	}
	for _, c := range town.Around {
		if !c.Sketched || len(c.Points) > 122 {
			t.Errorf("%s has %d points, sketched %v", c.Name, len(c.Points), c.Sketched)
		}
	}
	var joined Line
	for _, e := range town.Edge {
		joined = append(joined, e.Points...)
	}
	if len(town.Edge) != 2 || len(slices.Compact(joined)) != len(town.Outline)+1 {
		t.Errorf("%d pieces with %d points go round %d", len(town.Edge), len(joined), len(town.Outline))
	}
	if v := town.Villages[1]; v.Fixed || v.Cell != nil {
		t.Errorf("a village that nobody placed is drawn: %+v", v)
	}
	if v, ok := town.VillageAt(Point{29.121, 119.131}); !ok || v.Name != "甲村" {
		t.Errorf("beside 甲村 is %q", v.Name)
	}
	if v, ok := town.VillageAt(Point{29.0, 119.0}); ok {
		t.Errorf("outside is %q", v.Name)
	}
}

func TestLoad_PackWithoutPlanOrWithABrokenOne(t *testing.T) {
	town, err := Load(fstest.MapFS{}, []Named{{"甲村", Point{29.12, 119.13}}, {"乙村", Point{29.13, 119.14}}})
	if err != nil || len(town.Outline) != 0 || !town.Villages[0].Cell.Contains(Point{29.12, 119.13}) {
		t.Errorf("without a plan: %+v, %v", town, err)
	}
	raw, err := fs.ReadFile(samplePack(t), PlanFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = Load(fstest.MapFS{PlanFile: {Data: raw[:len(raw)-40]}}, nil); err == nil || !strings.Contains(err.Error(), PlanFile) {
		t.Errorf("a plan that ends too early: %v", err)
	}
}

func TestReadGeoJSON_FormsAndRefusals(t *testing.T) {
	one := `{"type":"Feature","properties":{"name":"水库","n":3},"geometry":{"type":"Point","coordinates":[119.1, 29.1, 55.5]}}`
	cases := []struct {
		name, in, fault          string
		features, points, shapes int
	}{
		{"collection", `{"type":"FeatureCollection","crs":{"a":[1]},"features":[` + one + `,` + one + `],"bbox":[1,2]}`, "", 2, 2, 0},
		{"one feature", one, "", 1, 1, 0},
		{"bare geometry", `{"coordinates":[[[0,0],[0,1],[1,1],[0,0]]],"type":"Polygon"}`, "", 1, 0, 1},
		{"many areas", `{"type":"MultiPolygon","coordinates":[[[[0,0],[0,1],[1,1]]],[[[5,5],[5,6],[6,6]]]]}`, "", 1, 0, 2},
		{"collection of geometries", `{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}`, "", 1, 1, 0},
		{"no place", `{"type":"Feature","properties":null,"geometry":null}`, "geometry", 0, 0, 0},
		{"empty", ``, "EOF", 0, 0, 0},
		{"cut off", `{"type":"FeatureCollection","features":[` + one, "", 1, 1, 0},
		{"not nested", `{"type":"Polygon","coordinates":[1,2]}`, "nested", 0, 0, 0},
		{"no number", `{"type":"Point","coordinates":["119",29]}`, "number", 0, 0, 0},
		{"another kind", `{"type":"Cube","coordinates":[1]}`, "Cube", 0, 0, 0},
		{"two points", `{"type":"Polygon","coordinates":[[[0,0],[0,1],[0,0]]]}`, "three", 0, 0, 0},
		{"an array", `[1]`, "object", 0, 0, 0},
		{"bomb", `{"type":"GeometryCollection","geometries":[` + strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 20) + strings.Repeat(`]}`, 20) + `]}`, "deep", 0, 0, 0},
	}
	for _, c := range cases {
		features, points, shapes := 0, 0, 0
		err := ReadGeoJSON(strings.NewReader(c.in), nil, func(f Feature) error {
			features, points, shapes = features+1, points+len(f.Points), shapes+len(f.Shapes)
			return nil
		})
		if c.name == "cut off" || c.name == "no place" {
			if c.name == "cut off" && err == nil {
				t.Errorf("%s is taken", c.name)
			}
			continue
		}
		if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v, want %q", c.name, err, c.fault)
		}
		if features != c.features || points != c.points || shapes != c.shapes {
			t.Errorf("%s: %d features, %d points, %d areas", c.name, features, points, shapes)
		}
	}
}

func FuzzReadGeoJSON(f *testing.F) {
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"properties":{"name":"a"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1]]]}}]}`))
	f.Add([]byte(`{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := ReadGeoJSON(bytes.NewReader(raw), nil, func(f Feature) error {
			for _, s := range f.Shapes {
				if len(s.Outer) < 3 {
					t.Fatal("an area of fewer than three points")
				}
			}
			return nil
		})
		if err == nil && !json.Valid(bytes.TrimSpace(raw)) && json.NewDecoder(bytes.NewReader(raw)).Decode(new(json.RawMessage)) != nil {
			t.Fatal("what is no JSON is taken")
		}
	})
}
