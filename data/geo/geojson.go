package geo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Feature is one thing of a map file, as written there: no system is undone yet.
type Feature struct {
	// Where it stands: a line of a table, or the number of the feature, from 1.
	At     int
	Name   string
	Props  map[string]string
	Points []Point
	Lines  []Line
	Shapes []Shape
}

// ErrTooLarge says that a file, or one thing in it, is larger than an import may be.
var ErrTooLarge = errors.New("too large")

// The bounds of an import.
const (
	maxFile    = 256 << 20
	maxFeature = 16 << 20 // bytes of one feature
	maxDepth   = 8        // of GeoJSON coordinates and KML folders
	maxProps   = 64
	maxText    = 4 << 10 // bytes of one property
)

// meter counts what is read, ends at a bound, and asks after each piece whether to go on.
type meter struct {
	r     io.Reader
	read  int64
	bound int64 // absolute; what follows is ErrTooLarge
	step  func(read int64) error
	err   error // the end of it
}

func (m *meter) Read(b []byte) (int, error) {
	switch {
	case m.err != nil:
		return 0, m.err
	case m.read >= m.bound:
		m.err = ErrTooLarge
		return 0, m.err
	}
	n, err := m.r.Read(b[:min(int64(len(b)), m.bound-m.read)])
	m.read += int64(n)
	if m.step != nil {
		m.err = m.step(m.read)
	}
	return n, err
}

// ReadGeoJSON reads a FeatureCollection, a Feature or a GeometryCollection, one feature at a time, so that a large file needs no more
// memory than its largest feature (16 MiB at most, the file 256 MiB). What is no feature of ours, such as its crs, is passed over. Step, when not nil,
// is told the bytes read; its error ends the reading.
func ReadGeoJSON(r io.Reader, step func(read int64) error, each func(Feature) error) error {
	m := &meter{r: r, bound: maxFile, step: step}
	dec := json.NewDecoder(m)
	n := 0
	one := func() error {
		m.bound = min(maxFile, m.read+maxFeature)
		var raw rawFeature
		if err := dec.Decode(&raw); err != nil {
			return fmt.Errorf("feature %d: %w", n+1, err)
		}
		n++
		f, err := raw.feature(n)
		if err != nil {
			return fmt.Errorf("feature %d: %w", n, err)
		}
		return each(f)
	}
	first, err := dec.Token()
	if err != nil {
		return fmt.Errorf("read GeoJSON: %w", err)
	}
	if first != json.Delim('{') {
		return errors.New("read GeoJSON: no object at the beginning")
	}
	var doc document
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fmt.Errorf("read GeoJSON: %w", err)
		}
		if key == "features" {
			doc.collection = true
			err = eachOf(dec, one)
			m.bound = maxFile
		} else {
			m.bound = min(maxFile, m.read+maxFeature)
			err = doc.member(dec, key)
		}
		if err != nil {
			return fmt.Errorf("read GeoJSON: %w", err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("read GeoJSON: %w", err)
	}
	if doc.collection {
		return nil
	}
	if doc.Geometry == nil {
		doc.Geometry = &doc.bare
	}
	f, err := doc.feature(1)
	if err != nil {
		return fmt.Errorf("read GeoJSON: %w", err)
	}
	return each(f)
}

// document is a file that is one feature, or one geometry without a feature around it.
type document struct {
	rawFeature
	bare       rawGeometry
	collection bool
}

func (d *document) member(dec *json.Decoder, key any) error {
	var passed json.RawMessage
	into := map[any]any{
		"type": &d.bare.Type, "coordinates": &d.bare.Coordinates, "geometries": &d.bare.Geometries,
		"properties": &d.Properties, "geometry": &d.Geometry,
	}[key]
	if into == nil {
		into = &passed
	}
	return dec.Decode(into)
}

func eachOf(dec *json.Decoder, one func() error) error {
	if open, err := dec.Token(); err != nil {
		return err
	} else if open != json.Delim('[') {
		return errors.New("features is no list")
	}
	for dec.More() {
		if err := one(); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

type rawGeometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
	Geometries  []rawGeometry   `json:"geometries"`
}

type rawFeature struct {
	Properties map[string]json.RawMessage `json:"properties"`
	Geometry   *rawGeometry               `json:"geometry"`
}

func (f rawFeature) feature(n int) (Feature, error) {
	out := Feature{At: n, Props: map[string]string{}}
	for k, raw := range f.Properties {
		if len(out.Props) == maxProps || len(raw) > maxText || len(k) > maxText {
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		if text != "null" && text != "" {
			out.Props[k] = text
		}
	}
	out.Name = nameOf(out.Props)
	if f.Geometry == nil {
		return out, nil
	}
	return out, f.Geometry.add(&out, 0)
}

// nameOf finds the name among what map files call it.
func nameOf(props map[string]string) string {
	for _, k := range []string{"name", "Name", "NAME", "名称", "name_zh", "title"} {
		if props[k] != "" {
			return props[k]
		}
	}
	return ""
}

func (g *rawGeometry) add(to *Feature, depth int) error {
	if depth > maxDepth {
		return errors.New("geometries stand in each other too deep")
	}
	for i := range g.Geometries {
		if err := g.Geometries[i].add(to, depth+1); err != nil {
			return err
		}
	}
	want, known := map[string]int{
		"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3, "GeometryCollection": -1,
	}[g.Type]
	if !known {
		return fmt.Errorf("geometry %q is none", g.Type)
	}
	if want < 0 {
		return nil
	}
	s := scanner{raw: g.Coordinates}
	tree, err := s.tree(want)
	if err != nil {
		return fmt.Errorf("coordinates of a %s: %w", g.Type, err)
	}
	switch g.Type {
	case "Point":
		to.Points = append(to.Points, tree.points...)
	case "MultiPoint":
		to.Points = append(to.Points, tree.points...)
	case "LineString":
		to.Lines = append(to.Lines, tree.points)
	case "MultiLineString":
		for _, c := range tree.children {
			to.Lines = append(to.Lines, c.points)
		}
	case "Polygon":
		return to.addShape(tree)
	case "MultiPolygon":
		for _, c := range tree.children {
			if err := to.addShape(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Feature) addShape(t tree) error {
	if len(t.children) == 0 {
		return errors.New("an area without a ring")
	}
	s := Shape{Outer: closed(t.children[0].points)}
	if len(s.Outer) < 3 {
		return errors.New("a ring of fewer than three points")
	}
	for _, c := range t.children[1:] {
		s.Holes = append(s.Holes, closed(c.points))
	}
	f.Shapes = append(f.Shapes, s)
	return nil
}

// closed drops the last point of a ring when it repeats the first.
func closed(points []Point) Ring {
	if n := len(points); n > 1 && points[0] == points[n-1] {
		points = points[:n-1]
	}
	return Ring(points)
}

// tree is coordinates as they are nested: a level above points has children.
type tree struct {
	points   []Point
	children []tree
}

// scanner reads nested coordinates without making a value of each bracket.
type scanner struct {
	raw []byte
	at  int
}

// tree reads coordinates that are nested so deep: 0 a point, 1 points, 2 lists of points, 3 lists of those.
func (s *scanner) tree(level int) (tree, error) {
	var t tree
	if level == 0 {
		p, err := s.point()
		t.points = []Point{p}
		return t, err
	}
	return t, s.list(func() error {
		if level == 1 {
			p, err := s.point()
			t.points = append(t.points, p)
			return err
		}
		c, err := s.tree(level - 1)
		t.children = append(t.children, c)
		return err
	})
}

func (s *scanner) list(one func() error) error {
	if s.next() != '[' {
		return errors.New("not nested as they must be")
	}
	s.at++
	for {
		switch s.next() {
		case ']':
			s.at++
			return nil
		case ',':
			s.at++
		case 0:
			return io.ErrUnexpectedEOF
		default:
			if err := one(); err != nil {
				return err
			}
		}
	}
}

// point reads longitude, latitude and what may follow, such as the height.
func (s *scanner) point() (Point, error) {
	var v [2]float64
	n := 0
	err := s.list(func() error {
		start := s.at
		for s.at < len(s.raw) && s.raw[s.at] != ',' && s.raw[s.at] != ']' && s.raw[s.at] > ' ' {
			s.at++
		}
		f, err := strconv.ParseFloat(string(s.raw[start:s.at]), 64)
		if err != nil {
			return errors.New("no number")
		}
		if n < 2 {
			v[n] = f
		}
		n++
		return nil
	})
	if err == nil && n < 2 {
		err = errors.New("a point without two numbers")
	}
	return Point{Lng: v[0], Lat: v[1]}, err
}

// next returns the next byte that is no blank, 0 at the end.
func (s *scanner) next() byte {
	for s.at < len(s.raw) && s.raw[s.at] <= ' ' {
		s.at++
	}
	if s.at == len(s.raw) {
		return 0
	}
	return s.raw[s.at]
}
