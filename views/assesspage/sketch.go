package assesspage

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"zw110/views/kit"
)

// rect is a place on the page, in units.
type rect struct{ x, y, w, h float32 }

func (r rect) has(p fyne.Position) bool {
	return p.X >= r.x && p.X < r.x+r.w && p.Y >= r.y && p.Y < r.y+r.h
}

// spot is a figure that can be opened: where it stands, and its place in the order of the keys.
type spot struct {
	rect
	block, row, col int
	open            func() *behind
}

// sketch draws shapes and texts; it draws anew when its size, its subject or the theme changes.
type sketch struct {
	widget.BaseWidget
	draw    func(p *pen)
	onTap   func(spot int)
	spots   []spot
	chosen  int
	ring    *canvas.Rectangle
	drawn   fyne.Size
	objects []fyne.CanvasObject
	need    float32
}

var _ fyne.Tappable = (*sketch)(nil)

func newSketch(draw func(p *pen), onTap func(int)) *sketch {
	s := &sketch{draw: draw, onTap: onTap, ring: canvas.NewRectangle(kit.Color(kit.None))}
	s.ring.StrokeWidth, s.ring.CornerRadius = kit.FocusWidth, kit.Radius
	s.ExtendBaseWidget(s)
	return s
}

// redraw draws for a size.
func (s *sketch) redraw(size fyne.Size) {
	p := &pen{width: size.Width, height: size.Height}
	s.draw(p)
	s.drawn, s.spots, s.need = size, p.spots, p.need
	s.objects = append(p.objects, s.ring)
	s.choose(min(s.chosen, max(0, len(s.spots)-1)))
}

// choose puts the ring around a spot.
func (s *sketch) choose(i int) {
	s.chosen = i
	s.ring.StrokeColor = kit.Color(kit.Acc)
	if s.ring.Hidden = i >= len(s.spots); s.ring.Hidden {
		return
	}
	at := s.spots[i].rect
	s.ring.Move(fyne.NewPos(at.x, at.y))
	s.ring.Resize(fyne.NewSize(at.w, at.h))
	s.ring.Refresh()
}

// Tapped opens what is below the pointer.
func (s *sketch) Tapped(e *fyne.PointEvent) {
	for i := range s.spots {
		if s.spots[i].has(e.Position) {
			s.onTap(i)
			return
		}
	}
}

// MinSize leaves the width to the window.
func (s *sketch) MinSize() fyne.Size { return fyne.NewSize(100, s.need) }

// CreateRenderer shows what was drawn.
func (s *sketch) CreateRenderer() fyne.WidgetRenderer { return &sketchRenderer{s} }

type sketchRenderer struct{ s *sketch }

func (r *sketchRenderer) Layout(size fyne.Size) {
	if size != r.s.drawn {
		r.s.redraw(size)
	}
}
func (r *sketchRenderer) MinSize() fyne.Size { return r.s.MinSize() }
func (r *sketchRenderer) Refresh() {
	r.s.redraw(r.s.Size())
	canvas.Refresh(r.s)
}
func (r *sketchRenderer) Objects() []fyne.CanvasObject { return r.s.objects }
func (r *sketchRenderer) Destroy()                     {}

// pen collects what a sketch shows. Need is the height it takes.
type pen struct {
	width, height, need float32
	objects             []fyne.CanvasObject
	spots               []spot
}

// align says on which side of x a text stands.
type align int

const (
	left   align = 0
	middle align = 1
	right  align = 2
)

// text writes at x with its middle at y and returns its width.
func (p *pen) text(x, y float32, text string, ty kit.Type, token kit.Token, a align) float32 {
	t := ty.NewText(text, kit.Color(token))
	w := t.MinSize().Width
	kit.PlaceText(t, x-w*float32(a)/2, y)
	p.objects = append(p.objects, t)
	return w
}

func (p *pen) box(r rect, fill kit.Token, radius float32) {
	o := canvas.NewRectangle(kit.Color(fill))
	o.CornerRadius = radius
	o.Move(fyne.NewPos(r.x, r.y))
	o.Resize(fyne.NewSize(r.w, r.h))
	p.objects = append(p.objects, o)
}

func (p *pen) card(r rect) {
	o := canvas.NewRectangle(kit.Color(kit.Surface))
	o.StrokeColor, o.StrokeWidth, o.CornerRadius = kit.Color(kit.Line), 1, kit.RadiusCard
	o.Move(fyne.NewPos(r.x, r.y))
	o.Resize(fyne.NewSize(r.w, r.h))
	p.objects = append(p.objects, o)
}

func (p *pen) line(x1, y1, x2, y2, width float32, token kit.Token) {
	l := canvas.NewLine(kit.Color(token))
	l.StrokeWidth = width
	l.Position1, l.Position2 = fyne.NewPos(x1, y1), fyne.NewPos(x2, y2)
	p.objects = append(p.objects, l)
}

// dashed draws a level line in dashes of 5 and gaps of 4.
func (p *pen) dashed(x1, x2, y float32, token kit.Token) {
	for x := x1; x < x2; x += 9 {
		p.line(x, y, min(x+5, x2), y, 1, token)
	}
}

func (p *pen) dot(x, y, radius float32, token kit.Token) {
	c := canvas.NewCircle(kit.Color(kit.Surface))
	c.StrokeColor, c.StrokeWidth = kit.Color(token), 1.5
	c.Move(fyne.NewPos(x-radius, y-radius))
	c.Resize(fyne.NewSquareSize(2 * radius))
	p.objects = append(p.objects, c)
}

func (p *pen) icon(x, y float32, name string, token kit.Token) {
	i := kit.NewIcon(name, 14, token)
	i.Move(fyne.NewPos(x, y-7))
	i.Resize(fyne.NewSquareSize(14))
	p.objects = append(p.objects, i)
}

// bar draws a share of 1 on its track.
func (p *pen) bar(r rect, share float32) {
	p.box(r, kit.Track, r.h/2)
	if share > 0 {
		p.box(rect{r.x, r.y, max(r.h, r.w*min(1, share)), r.h}, kit.Bar, r.h/2)
	}
}

// spot makes a place that opens something.
func (p *pen) spot(r rect, block, row, col int, open func() *behind) {
	p.spots = append(p.spots, spot{r, block, row, col, open})
}
