package townmap

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/kit"
	"zw110/views/townmap/chart"
)

// floats are the cards that lie on the map: what the signs mean, the buttons, the layers, the scale and the shades of the heat.
type floats struct {
	m       *Page
	root    *fyne.Container
	legend  fyne.CanvasObject
	buttons fyne.CanvasObject
	layers  *fyne.Container
	scale   *fyne.Container
	heat    *fyne.Container
	missing *fyne.Container

	bar    *scaleBar
	length *kit.Label
	place  *kit.Label
	note   *kit.Label
	title  *kit.Label // of the heat
	counts map[string]*kit.Label
	checks []*kit.Check
	period *kit.Chip
	shown  bool // the card of the layers
}

const layersWidth float32 = 184

func newFloats(m *Page) *floats {
	f := &floats{m: m, counts: map[string]*kit.Label{}, shown: true}
	f.legend, f.buttons = f.makeLegend(), f.makeButtons()
	f.layers, f.scale, f.heat = f.makeLayers(), f.makeScale(), f.makeHeat()
	f.missing = container.NewCenter(kit.NewLabel(m.env.T("map.no_ground"), kit.Body, kit.T3))
	f.root = container.New(f, f.missing, f.legend, f.buttons, f.layers, f.scale, f.heat)
	return f
}

// card puts something on a plate with a line around it.
func card(o fyne.CanvasObject) *fyne.Container {
	return container.NewStack(kit.NewFrame(kit.Surface, kit.Line2, kit.RadiusCard), o)
}

// MinSize leaves everything to the page.
func (f *floats) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, 1) }

// Layout puts the cards into the corners. What finds no room beside another is left out.
func (f *floats) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	const edge float32 = 16
	put := func(o fyne.CanvasObject, x, y float32) {
		o.Resize(o.MinSize())
		o.Move(fyne.NewPos(x, y))
	}
	f.missing.Resize(size)
	put(f.legend, edge, 12)
	put(f.buttons, edge, 56)
	layers := f.layers.MinSize()
	put(f.layers, size.Width-edge-layers.Width+4, 12)
	f.legend.Move(fyne.NewPos(edge, 12))
	scale, heat := f.scale.MinSize(), f.heat.MinSize()
	put(f.scale, edge, size.Height-12-scale.Height)
	put(f.heat, size.Width-12-heat.Width, size.Height-12-heat.Height)
	f.heat.Hidden = !f.m.layers.heatOn || f.m.ground.Town == nil || scale.Width+heat.Width+3*edge > size.Width
}

func (f *floats) makeLegend() fyne.CanvasObject {
	row := kit.HBox(12)
	for _, u := range []incident.Urgency{incident.Critical, incident.Urgent, incident.Normal, incident.Low} {
		s := kit.UrgencySign(u)
		row.Add(kit.HBox(5, kit.NewIcon(s.Icon, 14, s.Token), kit.NewLabel(f.m.env.T(s.Key), kit.Small, kit.T1)))
	}
	row.Add(kit.Fixed(kit.NewBox(kit.Line), 1, 16))
	row.Add(kit.HBox(5, kit.NewIcon("s-unplaced", 16, kit.T2), kit.NewLabel(f.m.env.T("map.vague"), kit.Small, kit.T1)))
	if f.m.p.Posts != nil {
		row.Add(kit.HBox(5, kit.Fixed(kit.NewFrame(kit.Norm, kit.None, kit.RadiusSmall), 14, 14), kit.NewLabel(f.m.env.T("map.layer.units"), kit.Small, kit.T1)))
		row.Add(kit.HBox(5, kit.Fixed(kit.NewFrame(kit.Vest, kit.None, kit.RadiusSmall), 14, 14), kit.NewLabel(f.m.env.T("map.layer.vests"), kit.Small, kit.T1)))
	}
	return card(kit.Pad(row, 8, 12, 8, 12))
}

func (f *floats) makeButtons() fyne.CanvasObject {
	m := f.m
	press := func(c kit.Command) func() {
		return func() {
			m.HandleKey(kit.Press{Command: c})
			m.plan.Focus()
		}
	}
	col := kit.VBox(0)
	for i, b := range []struct {
		icon string
		c    kit.Command
	}{{"plus", kit.CmdZoomIn}, {"minus", kit.CmdZoomOut}, {"target", kit.CmdWhole}, {"ruler", kit.CmdMeasure}} {
		if i > 0 {
			col.Add(kit.Divider())
		}
		col.Add(kit.Fixed(kit.NewButton(kit.Ghost, b.icon, "", "", press(b.c)), 32, 32))
	}
	return card(kit.Pad(col, 1, 1, 1, 1))
}

func (f *floats) makeLayers() *fyne.Container {
	m, t := f.m, f.m.env.T
	head := kit.Edges(nil, nil, nil, kit.NewKeyCap(m.env.Keys.Cap(kit.CmdLayers)), kit.NewLabel(t("cmd.layers"), kit.Body.Heavy(), kit.T1))
	rows := kit.VBox(0, kit.Pad(head, 8, 12, 8, 12), kit.Divider())
	add := func(name string, on *bool, extra fyne.CanvasObject) {
		check := kit.NewCheck(t("map.layer."+name), *on, func(v bool) {
			*on = v
			f.changed()
		})
		f.checks = append(f.checks, check)
		f.counts[name] = kit.NewLabel("", kit.Small, kit.T3)
		right := fyne.CanvasObject(f.counts[name])
		if extra != nil {
			right = extra
		}
		rows.Add(kit.Pad(kit.Edges(nil, nil, nil, right, check), 5, 12, 5, 12))
	}
	add("incidents", &m.layers.incidents, nil)
	if m.p.Posts != nil {
		add("units", &m.layers.units, nil)
		add("vests", &m.layers.vests, nil)
	}
	f.period = kit.NewChip("", f.nextPeriod)
	add("heat", &m.layers.heatOn, f.period)
	return card(kit.Fixed(rows, layersWidth, 0))
}

// changed reads anew what a layer needs, and paints.
func (f *floats) changed() {
	f.m.read()
	f.m.plan.Repaint(true)
	f.paint()
}

// nextPeriod lets the heat count another number of days.
func (f *floats) nextPeriod() {
	days := heatDays()
	for i, d := range days {
		if d == f.m.layers.heat {
			f.m.layers.heat = days[(i+1)%len(days)]
			break
		}
	}
	f.changed()
}

func (f *floats) makeScale() *fyne.Container {
	f.bar = newScaleBar()
	f.length, f.place, f.note = kit.NewLabel("", kit.Small, kit.T1), kit.NewLabel("", kit.Caption, kit.T2), kit.NewLabel("", kit.Caption, kit.T3)
	return card(kit.Pad(kit.HBox(10, f.bar.box, f.length, f.place, f.note), 6, 12, 6, 12))
}

func (f *floats) makeHeat() *fyne.Container {
	f.title = kit.NewLabel("", kit.Caption, kit.T2)
	shades, words := kit.HBox(0), kit.HBox(0)
	for i, text := range shadeWords() {
		shades.Add(kit.Fixed(kit.NewBox([]kit.Token{kit.H0, kit.H1, kit.H2, kit.H3, kit.H4}[i]), 36, 12))
		words.Add(kit.Fixed(kit.NewLabel(text, kit.Caption, kit.T2), 36, 16))
	}
	return card(kit.Pad(kit.VBox(4, f.title, shades, words), 8, 12, 6, 12))
}

// paint writes what the cards say.
func (f *floats) paint() {
	m, t := f.m, f.m.env.T
	bare := m.ground.Town == nil && m.index.Len() == 0
	f.missing.Hidden = !bare
	set := func(name string, n int) {
		if l := f.counts[name]; l != nil {
			l.Set(strconv.Itoa(n), kit.T3)
		}
	}
	set("incidents", len(m.now.entries)-m.unseen)
	units, vests := 0, 0
	for i := range m.posts {
		if m.posts[i].Kind == chart.VestPost {
			vests++
		} else {
			units++
		}
	}
	set("units", units)
	set("vests", vests)
	f.period.Set(t("map.days", m.layers.heat), m.layers.heatOn, nil)
	f.title.Set(t("map.heat", m.layers.heat), kit.T2)
	f.note.Set(m.ground.Note, kit.T3)
	if m.ground.Town == nil {
		f.note.Set(t("map.bare"), kit.T3)
	}
	f.layers.Hidden = !f.shown || bare
	f.scale.Hidden = bare
	f.paintScale()
}

// paintScale writes what depends on scale and place.
func (f *floats) paintScale() {
	m := f.m
	long, width := barOf(m.plan.Centre(), m.plan.Scale())
	f.bar.set(width)
	text, token := lengthWords(m.env.Text, long), kit.T1
	if m.measure != nil {
		text, token = m.env.T("map.measured", lengthWords(m.env.Text, length(m.measure.line(m.plan.Centre())))), kit.Acc
	}
	f.length.Set(text, token)
	f.point(m.plan.Centre())
}

// point writes a place.
func (f *floats) point(at board.Spot) {
	f.place.Set(coordinates(at), kit.T2)
	f.root.Refresh()
}

// toggleLayers shows the card of the layers with the focus in it, or takes it away.
func (f *floats) toggleLayers() {
	c := f.m.env.Host.Canvas()
	inside := false
	for _, check := range f.checks {
		inside = inside || c.Focused() == fyne.Focusable(check)
	}
	inside = inside || c.Focused() == fyne.Focusable(f.period)
	switch {
	case f.shown && inside:
		f.shown = false
	case f.shown:
		c.Focus(f.checks[0])
		return
	default:
		f.shown = true
	}
	f.paint()
	f.root.Refresh()
	if f.shown {
		c.Focus(f.checks[0])
		return
	}
	f.m.plan.Focus()
}

// scaleBar is a line as long as a round number of metres, with a tick at each end and in the middle.
type scaleBar struct {
	box   *fyne.Container
	lines [4]*canvas.Rectangle
	width float32
}

func newScaleBar() *scaleBar {
	b := &scaleBar{}
	objs := make([]fyne.CanvasObject, len(b.lines))
	for i := range b.lines {
		b.lines[i] = canvas.NewRectangle(kit.Color(kit.T1))
		objs[i] = b.lines[i]
	}
	b.box = container.New(b, objs...)
	return b
}

func (b *scaleBar) set(width float32) {
	if b.width != width {
		b.width = width
		b.box.Refresh()
	}
}

// MinSize is the length and the height of the ticks.
func (b *scaleBar) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(b.width, 10) }

// Layout places the line and its ticks.
func (b *scaleBar) Layout([]fyne.CanvasObject, fyne.Size) {
	put := func(i int, x, y, w, h float32) {
		b.lines[i].FillColor = kit.Color(kit.T1)
		b.lines[i].Move(fyne.NewPos(x, y))
		b.lines[i].Resize(fyne.NewSize(w, h))
	}
	put(0, 0, 8, b.width, 1.5)
	put(1, 0, 2, 1.5, 7)
	put(2, b.width/2, 5, 1.5, 4)
	put(3, b.width-1.5, 2, 1.5, 7)
}
