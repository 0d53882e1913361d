package geo

import (
	"encoding/json"
	"io"
	"strings"
)

// writtenFeature is a place as GeoJSON.
type writtenFeature struct {
	Type       string           `json:"type"`
	Properties writtenPlace     `json:"properties"`
	Geometry   *writtenGeometry `json:"geometry"`
}

type writtenPlace struct {
	Name    string  `json:"name"`
	Kind    Kind    `json:"kind"`
	Village string  `json:"village,omitempty"`
	Aliases string  `json:"aliases,omitempty"`
	Radius  float64 `json:"radius,omitempty"`
}

type writtenGeometry struct {
	Type        string     `json:"type"`
	Coordinates [2]float64 `json:"coordinates"`
}

// WriteGeoJSON writes places as a FeatureCollection in WGS-84, one feature a line; those without a point have no geometry.
func WriteGeoJSON(w io.Writer, places []Place) error {
	if _, err := io.WriteString(w, `{"type":"FeatureCollection","features":[`); err != nil {
		return err
	}
	for i, p := range places {
		f := writtenFeature{Type: "Feature", Properties: writtenPlace{p.Name, p.Kind, p.Village, strings.Join(p.Aliases, " "), p.Radius}}
		if !p.Point.Zero() {
			f.Geometry = &writtenGeometry{"Point", [2]float64{p.Point.Lng, p.Point.Lat}}
		}
		raw, err := json.Marshal(f)
		if err != nil {
			return err
		}
		sep := ",\n"
		if i == 0 {
			sep = "\n"
		}
		if _, err := io.WriteString(w, sep+string(raw)); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "\n]}\n")
	return err
}
