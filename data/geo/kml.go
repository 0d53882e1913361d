package geo

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxNest is how deep folders and geometries of a KML file may stand in each other.
const maxNest = 64

// ReadKML reads the placemarks of a KML file one at a time. A file that declares a document type is refused: KML needs none, and entities are how a
// small file becomes a large one. Step is told the bytes read; its error ends the reading.
func ReadKML(r io.Reader, step func(read int64) error, each func(Feature) error) error {
	m := &meter{r: r, bound: maxFile, step: step}
	dec := xml.NewDecoder(m)
	// Other encodings than UTF-8 are refused by the decoder, which names them.
	k := kml{each: each}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			if !k.root {
				return errors.New("read KML: no kml element")
			}
			return nil
		}
		if err == nil {
			if m.bound = maxFile; k.mark != nil {
				m.bound = min(maxFile, k.began+maxFeature)
			}
			err = k.token(tok, m.read)
		}
		if err != nil {
			line, _ := dec.InputPos()
			return fmt.Errorf("read KML, line %d: %w", line, err)
		}
	}
}

// kml is where a reading stands.
type kml struct {
	each  func(Feature) error
	root  bool
	path  []string
	count int
	mark  *Feature // the placemark that is being read
	began int64
	text  strings.Builder
	key   string // of the data whose value comes
	rings []Ring // of the polygon that is being read
}

func (k *kml) token(tok xml.Token, read int64) error {
	switch tok := tok.(type) {
	case xml.Directive:
		return errors.New("a document type is declared")
	case xml.CharData:
		if k.mark != nil {
			k.text.Write(tok)
		}
	case xml.StartElement:
		if k.path = append(k.path, tok.Name.Local); len(k.path) > maxNest {
			return errors.New("elements stand in each other too deep")
		}
		k.start(tok, read)
	case xml.EndElement:
		err := k.end(tok.Name.Local)
		k.path = k.path[:len(k.path)-1]
		k.text.Reset()
		return err
	}
	return nil
}

func (k *kml) start(el xml.StartElement, read int64) {
	k.text.Reset()
	switch el.Name.Local {
	case "kml":
		k.root = true
	case "Placemark":
		k.count++
		k.mark, k.began = &Feature{At: k.count, Props: map[string]string{}}, read
	case "Data", "SimpleData":
		for _, a := range el.Attr {
			if a.Name.Local == "name" {
				k.key = a.Value
			}
		}
	case "Polygon":
		k.rings = nil
	}
}

func (k *kml) end(name string) error {
	if k.mark == nil {
		return nil
	}
	text := strings.TrimSpace(k.text.String())
	switch name {
	case "Placemark":
		f := *k.mark
		k.mark = nil
		if f.Name == "" {
			f.Name = nameOf(f.Props)
		}
		return k.each(f)
	case "name":
		if k.parent() == "Placemark" {
			k.mark.Name = text
		}
	case "description":
		k.prop("description", text)
	case "value":
		k.prop(k.key, text)
	case "SimpleData":
		k.prop(k.key, text)
	case "coordinates":
		return k.coordinates(text)
	case "Polygon":
		if len(k.rings) == 0 {
			return errors.New("an area without a ring")
		}
		k.mark.Shapes = append(k.mark.Shapes, Shape{Outer: k.rings[0], Holes: k.rings[1:]})
	}
	return nil
}

// parent is the element around the one that ends.
func (k *kml) parent() string {
	if len(k.path) < 2 {
		return ""
	}
	return k.path[len(k.path)-2]
}

func (k *kml) prop(key, text string) {
	if key != "" && text != "" && len(text) <= maxText && len(k.mark.Props) < maxProps {
		k.mark.Props[key] = text
	}
}

// coordinates reads "lng,lat[,height] lng,lat ...".
func (k *kml) coordinates(text string) error {
	var points []Point
	for word := range strings.FieldsSeq(text) {
		parts := strings.Split(word, ",")
		if len(parts) < 2 {
			return fmt.Errorf("a point without two numbers: %.40q", word)
		}
		lng, errLng := strconv.ParseFloat(parts[0], 64)
		lat, errLat := strconv.ParseFloat(parts[1], 64)
		if errLng != nil || errLat != nil {
			return fmt.Errorf("no number: %.40q", word)
		}
		points = append(points, Point{Lng: lng, Lat: lat})
	}
	switch k.parent() {
	case "Point":
		k.mark.Points = append(k.mark.Points, points...)
	case "LineString":
		k.mark.Lines = append(k.mark.Lines, points)
	case "LinearRing":
		ring := closed(points)
		if len(ring) < 3 {
			return errors.New("a ring of fewer than three points")
		}
		k.rings = append(k.rings, ring)
	}
	return nil
}
