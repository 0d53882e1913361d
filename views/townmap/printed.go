package townmap

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"

	"fyne.io/fyne/v2/theme"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/kit"
	"zw110/views/townmap/chart"
)

// Printed is the part of the map in view, for paper.
type Printed struct {
	Picture   []byte // PNG
	Signs     []PrintedSign
	Shades    []PrintedSign // none without heat
	HeatTitle string
	Scale     string
	ScalePart float64 // of the picture's width
	Counted   string
	Note      string
}

// PrintedSign is a line of the legend: a drawing or a colour, and what it means.
type PrintedSign struct{ SVG, Color, Text string }

// printDensity is how many pixels of a printed picture a unit has.
const printDensity = 2

// shadeWords are the steps of the heat.
func shadeWords() []string { return []string{"0", "1–2", "3–5", "6–9", "10+"} }

// Print paints what is in view in the light colours, whatever the window's are, and calls done on the UI goroutine.
func (m *Page) Print(done func(Printed, error)) {
	t := m.env.T
	light := kit.NewTheme(kit.Light)
	of := func(k kit.Token) color.Color { return light.Color(k, theme.VariantLight) }
	v := m.plan.View()
	long, width := barOf(m.plan.Centre(), m.plan.Scale())
	out := Printed{
		Scale: lengthWords(m.env.Text, long), ScalePart: float64(width / m.plan.Size().Width), Counted: t("map.in_view", len(m.inView)), Note: m.ground.Note,
	}
	for _, u := range []incident.Urgency{incident.Critical, incident.Urgent, incident.Normal, incident.Low} {
		s := kit.UrgencySign(u)
		out.Signs = append(out.Signs, PrintedSign{SVG: kit.DrawIcon(s.Icon, 16, 1, of(s.Token), of), Text: t(s.Key)})
	}
	out.Signs = append(out.Signs, PrintedSign{SVG: kit.DrawIcon("s-unplaced", 16, 1, of(kit.T2), of), Text: t("map.vague")})
	if m.layers.heatOn && m.now.heat != nil {
		out.HeatTitle = t("map.heat", m.layers.heat)
		p := PaletteOf(of)
		for i, text := range shadeWords() {
			c := p.Heat[i]
			out.Shades = append(out.Shades, PrintedSign{Color: fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B), Text: text})
		}
	}
	v.Scale *= printDensity
	look := chart.Desk(PaletteOf(of), printDensity)
	scene := *m.still(v, look)
	m.p.Apart(func() {
		picture, err := paintPNG(&scene, v, look)
		out.Picture = picture
		m.env.Post(func() { done(out, err) })
	})
}

// still is what is in view, parted for another density and without the cursor.
func (m *Page) still(v board.Viewport, look chart.Look) *chart.Scene {
	plates, was := m.plates, m.plate
	s := m.scene(v, look)
	m.plates, m.plate = plates, was // what is tapped is what the window shows
	s.Cursor = nil
	return s
}

func paintPNG(s *chart.Scene, v board.Viewport, look chart.Look) ([]byte, error) {
	painter, err := chart.NewPainter()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, painter.Paint(s, v, look)); err != nil {
		return nil, fmt.Errorf("encode the map: %w", err)
	}
	return b.Bytes(), nil
}
