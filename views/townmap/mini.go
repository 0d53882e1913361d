package townmap

import (
	"image"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"zw110/data/board"
	"zw110/views/kit"
	"zw110/views/townmap/chart"
)

// MiniHeight is how high the small map of one incident is.
const MiniHeight float32 = 128

// miniUnit is how many metres a unit of the small map is.
const miniUnit = 16.0

// MiniParams says how small maps are made.
type MiniParams struct {
	Post   kit.Post
	Apart  func(job func())
	Ground func() Ground
	// Tapped is told which incident's map was tapped; nil does nothing.
	Tapped func(board.Row)
}

// Mini is the small map around one incident. It is only looked at: a tap goes to the map page.
type Mini struct {
	widget.BaseWidget
	p       MiniParams
	painter *chart.Painter
	picture *canvas.Image
	ground  *kit.Box
	ring    *kit.Box
	row     board.Row
	scene   *chart.Scene
	at      board.Spot
	want    miniOrder
	busy    bool
}

// miniOrder is what the last picture was asked for.
type miniOrder struct {
	scene   *chart.Scene
	size    image.Point
	palette chart.Palette
}

var _ fyne.Tappable = (*Mini)(nil)

// NewMini returns a small map of nothing yet. It fails only when the embedded fonts are damaged.
func NewMini(p MiniParams) (*Mini, error) {
	painter, err := chart.NewPainter()
	if err != nil {
		return nil, err
	}
	m := &Mini{p: p, painter: painter, picture: canvas.NewImageFromImage(nil), ground: kit.NewFrame(kit.Land2, kit.None, kit.Radius), ring: kit.NewFrame(kit.None, kit.Line, kit.Radius)}
	m.picture.ScaleMode, m.picture.FillMode, m.picture.Hidden = canvas.ImageScaleFastest, canvas.ImageFillStretch, true
	m.ExtendBaseWidget(m)
	return m, nil
}

// Look puts an incident into the middle; false where neither it nor its village stands anywhere.
func (m *Mini) Look(row board.Row) bool {
	town := m.p.Ground().Town
	v := villagesOf(town)
	mark, ok := v.mark(town, &row)
	if !ok {
		return false
	}
	if m.scene != nil && m.row.ID == row.ID && m.scene.Town == town && m.at == mark.Spot && m.row.Urgency == row.Urgency {
		m.row = row
		return true
	}
	m.row, m.at = row, mark.Spot
	c := board.Cluster{Spot: mark.Spot, N: 1, ID: row.ID}
	c.By[mark.Rank] = 1
	if mark.Vague {
		c.Vague = 1
	}
	s := &chart.Scene{Town: town, Clusters: []board.Cluster{c}, Cursor: &c.Spot}
	if i, known := v[row.Village]; known {
		s.Worst = make([]uint8, len(town.Villages))
		for n := range s.Worst {
			s.Worst[n] = board.Ranks
		}
		s.Worst[i] = 0 // its own village is named first, and bold
	}
	m.scene = s
	m.paint()
	return true
}

// paint asks for a picture when what it shows has changed; the last one asked for wins.
func (m *Mini) paint() {
	density := 1.0
	if c := fyne.CurrentApp().Driver().CanvasForObject(m); c != nil {
		density = float64(c.Scale())
	}
	size := m.Size()
	o := miniOrder{m.scene, image.Pt(int(float64(size.Width)*density+0.5), int(float64(size.Height)*density+0.5)), PaletteOf(kit.Color)}
	if m.scene == nil || o.size.X < 16 || o.size.Y < 16 || o == m.want || m.busy {
		return
	}
	m.want, m.busy = o, true
	_, lat := m.at.Degrees()
	scale := 2 * math.Pi * earth * math.Cos(lat*math.Pi/180) / miniUnit * density
	w, h := float64(o.size.X)/2/scale, float64(o.size.Y)/2/scale
	look := chart.Mini(o.palette, density)
	y := m.at.Y - look.Foot()/2/scale // the plate and its name share the middle
	v := board.Viewport{Min: board.Spot{X: m.at.X - w, Y: y - h}, Max: board.Spot{X: m.at.X + w, Y: y + h}, Scale: scale}
	m.p.Apart(func() {
		img := m.painter.Paint(o.scene, v, look)
		m.p.Post(func() {
			m.busy = false
			m.picture.Image, m.picture.Hidden = img, false
			m.picture.Refresh()
			canvas.Refresh(m) // a picture that was hidden is not known to its window yet
			m.paint()         // another may have been asked for meanwhile
		})
	})
}

// Tapped goes to the map.
func (m *Mini) Tapped(*fyne.PointEvent) {
	if m.p.Tapped != nil && m.scene != nil {
		m.p.Tapped(m.row)
	}
}

// MinSize is as wide as its place allows.
func (m *Mini) MinSize() fyne.Size {
	m.ExtendBaseWidget(m)
	return fyne.NewSize(120, MiniHeight)
}

// CreateRenderer shows the picture with a line around it.
func (m *Mini) CreateRenderer() fyne.WidgetRenderer {
	return kit.NewRowRenderer(func(size fyne.Size) {
		for _, o := range []fyne.CanvasObject{m.ground, m.picture, m.ring} {
			o.Resize(size)
		}
		m.paint()
	}, m.paint, []fyne.CanvasObject{m.ground, m.picture, m.ring})
}
