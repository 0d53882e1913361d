package townmap

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"zw110/data/board"
	"zw110/views/kit"
	"zw110/views/townmap/chart"
)

// PlanParams says how a plan is made.
type PlanParams struct {
	Post kit.Post
	// Apart runs a job off the UI goroutine.
	Apart func(job func())
	// Look makes the look for a density in pixels a unit.
	Look func(p chart.Palette, density float64) chart.Look
	// Color gives the colours; nil: those of the window's theme.
	Color func(kit.Token) color.Color
	// Scene tells what to paint; it runs on the UI goroutine.
	Scene func(v board.Viewport, look chart.Look) *chart.Scene
	// Still: it does not follow keys and mouse.
	Still bool
	// Moved is told that place or scale changed, Tapped of a tap at a place, Pointed of the mouse above one.
	Moved   func()
	Tapped  func(at board.Spot)
	Pointed func(at board.Spot)
}

// Plan is a map that can be moved. It shows a picture painted off the UI goroutine with a margin on each side: while it moves, the picture
// moves with it at once; what is missing or blurred comes as soon as it is painted. Its methods belong to the UI goroutine.
type Plan struct {
	widget.BaseWidget
	p       PlanParams
	painter *chart.Painter
	centre  board.Spot
	scale   float64 // units that the whole world is wide
	fit     [2]board.Spot
	fitted  bool // the whole town is shown, and again when the size changes
	room    [4]float32
	picture *canvas.Image
	ground  *kit.Box
	clip    *container.Clip
	painted board.Viewport // of the picture; Scale in units
	want    order
	busy    bool
	again   bool
}

// order is what the last picture was asked for.
type order struct {
	view    board.Viewport
	palette chart.Palette
	density float64
}

var (
	_ fyne.Draggable    = (*Plan)(nil)
	_ fyne.Scrollable   = (*Plan)(nil)
	_ fyne.Tappable     = (*Plan)(nil)
	_ desktop.Hoverable = (*Plan)(nil)
	_ fyne.Tabbable     = (*Plan)(nil)
)

// The margin of a picture on each side, in parts of the view.
const margin = 0.25

// The scales between which one may zoom, in units that the world is wide: the county, and a house.
const (
	leastScale = 4e5
	mostScale  = 3e8
)

// NewPlan returns a plan of nothing; Fit says what the whole is.
func NewPlan(p PlanParams) (*Plan, error) {
	painter, err := chart.NewPainter()
	if err != nil {
		return nil, err
	}
	if p.Color == nil {
		p.Color = kit.Color
	}
	m := &Plan{p: p, painter: painter, scale: leastScale, ground: kit.NewBox(kit.Land2)}
	m.picture = canvas.NewImageFromImage(nil)
	m.picture.ScaleMode, m.picture.FillMode = canvas.ImageScaleFastest, canvas.ImageFillStretch
	m.picture.Hidden = true
	m.clip = container.NewClip(container.NewWithoutLayout(m.picture))
	m.ExtendBaseWidget(m)
	return m, nil
}

// Fit says what the whole is, and how many units at the top, right, bottom and left are covered by other things.
func (m *Plan) Fit(a, b board.Spot, top, right, bottom, left float32) {
	m.fit, m.room = [2]board.Spot{a, b}, [4]float32{top, right, bottom, left}
	m.Whole()
}

// Whole shows the whole.
func (m *Plan) Whole() {
	m.fitted = true
	size := m.Size()
	w, h := float64(size.Width-m.room[1]-m.room[3]), float64(size.Height-m.room[0]-m.room[2])
	a, b := m.fit[0], m.fit[1]
	if w <= 0 || h <= 0 || a == b {
		return
	}
	m.scale = clampScale(min(w/math.Abs(b.X-a.X), h/math.Abs(b.Y-a.Y)))
	m.centre = board.Spot{
		X: (a.X+b.X)/2 + float64(m.room[1]-m.room[3])/2/m.scale,
		Y: (a.Y+b.Y)/2 + float64(m.room[2]-m.room[0])/2/m.scale,
	}
	m.moved()
}

func clampScale(s float64) float64 { return max(leastScale, min(mostScale, s)) }

// Centre returns the place in the middle.
func (m *Plan) Centre() board.Spot { return m.centre }

// Scale returns how many units the world is wide.
func (m *Plan) Scale() float64 { return m.scale }

// View returns what is in sight. Its scale is in units.
func (m *Plan) View() board.Viewport {
	size := m.Size()
	w, h := float64(size.Width)/2/m.scale, float64(size.Height)/2/m.scale
	return board.Viewport{Min: board.Spot{X: m.centre.X - w, Y: m.centre.Y - h}, Max: board.Spot{X: m.centre.X + w, Y: m.centre.Y + h}, Scale: m.scale}
}

// At returns the place below a position in units.
func (m *Plan) At(p fyne.Position) board.Spot {
	v := m.View()
	return board.Spot{X: v.Min.X + float64(p.X)/m.scale, Y: v.Min.Y + float64(p.Y)/m.scale}
}

// Pan moves the view by units.
func (m *Plan) Pan(dx, dy float32) {
	m.fitted = false
	m.centre.X += float64(dx) / m.scale
	m.centre.Y += float64(dy) / m.scale
	m.moved()
}

// Zoom makes everything larger or smaller by a factor; the place at a position stays where it is.
func (m *Plan) Zoom(factor float64, around fyne.Position) {
	at := m.At(around)
	scale := clampScale(m.scale * factor)
	f := m.scale / scale
	m.fitted = false
	m.centre = board.Spot{X: at.X + (m.centre.X-at.X)*f, Y: at.Y + (m.centre.Y-at.Y)*f}
	m.scale = scale
	m.moved()
}

// Middle is the middle of the plan, in units.
func (m *Plan) Middle() fyne.Position { return fyne.NewPos(m.Size().Width/2, m.Size().Height/2) }

// Reveal moves no more than needed until a place is in sight, `room` units from the edge.
func (m *Plan) Reveal(at board.Spot, room float32) {
	v := m.View()
	r := float64(room) / m.scale
	dx := max(0, at.X+r-v.Max.X) + min(0, at.X-r-v.Min.X)
	dy := max(0, at.Y+r-v.Max.Y) + min(0, at.Y-r-v.Min.Y)
	if dx != 0 || dy != 0 {
		m.Pan(float32(dx*m.scale), float32(dy*m.scale))
	}
}

// Look puts a place into the middle at a scale.
func (m *Plan) Look(at board.Spot, scale float64) {
	m.fitted, m.centre, m.scale = false, at, clampScale(scale)
	m.moved()
}

func (m *Plan) moved() {
	m.placePicture()
	m.Repaint(false)
	if m.p.Moved != nil {
		m.p.Moved()
	}
}

// placePicture lays the last picture where its places are now.
func (m *Plan) placePicture() {
	if m.painted.Scale == 0 {
		return
	}
	v := m.View()
	m.picture.Resize(fyne.NewSize(float32((m.painted.Max.X-m.painted.Min.X)*m.scale), float32((m.painted.Max.Y-m.painted.Min.Y)*m.scale)))
	// From whole pixel to whole pixel, or names would blur.
	d := m.want.density
	at := func(units float64) float32 { return float32(math.Round(units*d) / d) }
	m.picture.Move(fyne.NewPos(at((m.painted.Min.X-v.Min.X)*m.scale), at((m.painted.Min.Y-v.Min.Y)*m.scale)))
}

// Repaint asks for a new picture when something in it changed, or when the view has left what the last one shows. One is painted at a time;
// what is asked meanwhile counts once, as it is when the painter is free.
func (m *Plan) Repaint(changed bool) {
	size, density := m.Size(), m.density()
	if size.Width < 1 || size.Height < 1 || m.fit[0] == m.fit[1] {
		return
	}
	palette, v := PaletteOf(m.p.Color), m.View()
	if !changed && m.want.view.Scale == m.scale && m.want.density == density && m.want.palette == palette && holds(m.want.view, v) {
		return
	}
	if m.busy {
		m.again = true
		return
	}
	m.start(order{snap(v, density), palette, density})
}

// holds reports whether a picture reaches beyond the view by an eighth of it at least.
func holds(picture, v board.Viewport) bool {
	w, h := (v.Max.X-v.Min.X)*margin/2, (v.Max.Y-v.Min.Y)*margin/2
	return picture.Min.X <= v.Min.X-w && picture.Max.X >= v.Max.X+w && picture.Min.Y <= v.Min.Y-h && picture.Max.Y >= v.Max.Y+h
}

// snap returns the view with its margin, from whole pixels to whole pixels: a picture of the same place is the same.
func snap(v board.Viewport, density float64) board.Viewport {
	px := v.Scale * density
	w, h := (v.Max.X-v.Min.X)*margin, (v.Max.Y-v.Min.Y)*margin
	return board.Viewport{
		Min:   board.Spot{X: math.Floor((v.Min.X-w)*px) / px, Y: math.Floor((v.Min.Y-h)*px) / px},
		Max:   board.Spot{X: math.Ceil((v.Max.X+w)*px) / px, Y: math.Ceil((v.Max.Y+h)*px) / px},
		Scale: v.Scale,
	}
}

func (m *Plan) density() float64 {
	if c := fyne.CurrentApp().Driver().CanvasForObject(m); c != nil {
		return float64(c.Scale())
	}
	return 1
}

func (m *Plan) start(o order) {
	m.want, m.busy, m.again = o, true, false
	v := o.view
	v.Scale *= o.density
	look := m.p.Look(o.palette, o.density)
	scene := m.p.Scene(v, look)
	m.p.Apart(func() {
		img := m.painter.Paint(scene, v, look)
		m.p.Post(func() {
			m.busy = false
			m.painted = o.view
			m.picture.Image, m.picture.Hidden = img, false
			m.placePicture()
			m.picture.Refresh()
			canvas.Refresh(m) // a picture that was hidden is not known to its window yet
			if m.again {
				m.again = false
				m.Repaint(true)
			}
		})
	})
}

// Dragged moves the map with the mouse.
func (m *Plan) Dragged(e *fyne.DragEvent) {
	if !m.p.Still {
		m.Pan(-e.Dragged.DX, -e.Dragged.DY)
	}
}

// DragEnd does nothing.
func (m *Plan) DragEnd() {}

// wheel is how far a turn of the wheel doubles the scale, in units.
const wheel = 60

// Scrolled zooms around the mouse.
func (m *Plan) Scrolled(e *fyne.ScrollEvent) {
	if !m.p.Still {
		m.Zoom(math.Exp2(float64(e.Scrolled.DY)/wheel), e.Position)
	}
}

// Tapped tells where.
func (m *Plan) Tapped(e *fyne.PointEvent) {
	if m.p.Still {
		return
	}
	m.Focus()
	if m.p.Tapped != nil {
		m.p.Tapped(m.At(e.Position))
	}
}

// Focus takes the keys, Tab among them.
func (m *Plan) Focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(m); c != nil {
		c.Focus(m)
	}
}

// MouseIn tells where the mouse is.
func (m *Plan) MouseIn(e *desktop.MouseEvent) { m.MouseMoved(e) }

// MouseMoved tells where the mouse is.
func (m *Plan) MouseMoved(e *desktop.MouseEvent) {
	if m.p.Pointed != nil {
		m.p.Pointed(m.At(e.Position))
	}
}

// MouseOut does nothing: the last place stays.
func (m *Plan) MouseOut() {}

// AcceptsTab is true: Tab goes to the next incident.
func (m *Plan) AcceptsTab() bool { return !m.p.Still }

// FocusGained does nothing: the cursor on the map is always seen.
func (m *Plan) FocusGained() {}

// FocusLost does nothing.
func (m *Plan) FocusLost() {}

// TypedKey goes to the window.
func (m *Plan) TypedKey(e *fyne.KeyEvent) { kit.PassKey(m, e) }

// TypedRune goes to the window.
func (m *Plan) TypedRune(r rune) { kit.PassRune(m, r) }

// CreateRenderer shows the picture on the colour of the land outside.
func (m *Plan) CreateRenderer() fyne.WidgetRenderer {
	return kit.NewRowRenderer(m.arrange, func() { m.Repaint(false) }, []fyne.CanvasObject{m.ground, m.clip})
}

func (m *Plan) arrange(size fyne.Size) {
	m.ground.Resize(size)
	m.clip.Resize(size)
	if m.fitted {
		m.Whole()
		return
	}
	m.moved()
}

// MinSize leaves the size to the page.
func (m *Plan) MinSize() fyne.Size {
	m.ExtendBaseWidget(m)
	return fyne.NewSize(80, 60)
}
