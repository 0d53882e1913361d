package paper

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"

	"zw110/data/incident"
	"zw110/views/incidentfile"
)

// Sign is a line of a legend: a drawing as SVG, or a colour as #rrggbb, and what it means.
type Sign struct{ SVG, Color, Text string }

// Map is the part of the town's map that was looked at, with what its signs mean. It names nobody.
type Map struct {
	Words incidentfile.Words
	Town  string // the heading, such as 塔石镇综合信息指挥室
	// Picture is a PNG file.
	Picture []byte
	Signs   []Sign
	// Shades are those of the heat, HeatTitle says what it counts; none for no heat.
	Shades    []Sign
	HeatTitle string
	// Scale is the length of the bar, ScalePart how much of the picture's width it is, 0 to 1.
	Scale     string
	ScalePart float64
	// Counted says how many incidents are on it, Note how far it may be trusted.
	Counted, Note string
	Now           incident.Stamp
	By            string // who prints
}

//go:embed map.html
var mapHTML string

// Sheet returns the page.
func (m *Map) Sheet() ([]byte, error) {
	type shown struct {
		SVG   template.HTML
		Color template.CSS
		Text  string
	}
	signs := func(from []Sign) []shown {
		out := make([]shown, len(from))
		for i, s := range from {
			out[i] = shown{template.HTML(s.SVG), template.CSS(s.Color), s.Text} //nolint:gosec // both are made by the program, of its own shapes and colours
		}
		return out
	}
	page := struct {
		*Map
		Title, As, Printed string
		Image              template.URL
		Legend, Heat       []shown
		Bar                template.CSS
	}{
		Map: m, Title: m.Words("paper.map"), As: m.Words("paper.map_as", moment(m.Now)), Printed: m.Words("paper.printed") + moment(m.Now) + " " + m.By,
		Image:  template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(m.Picture)),            //nolint:gosec // painted by the program
		Legend: signs(m.Signs), Heat: signs(m.Shades), Bar: template.CSS(fmt.Sprintf("%.2f%%", 100*m.ScalePart)), //nolint:gosec // a number
	}
	t, err := template.New("map").Parse(mapHTML)
	if err != nil {
		return nil, fmt.Errorf("read the page of a map: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, page); err != nil {
		return nil, fmt.Errorf("write the page of a map: %w", err)
	}
	return b.Bytes(), nil
}
