package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// line lays objects out in one direction with an exact gap. Spacers take what is left; what is hidden or has nothing to say takes nothing.
type line struct {
	gap      float32
	vertical bool
	stretch  bool // across: fill instead of centre
}

// HBox puts objects side by side, centred in height, gap units apart.
func HBox(gap float32, objs ...fyne.CanvasObject) *fyne.Container {
	return container.New(&line{gap: gap}, objs...)
}

// VBox puts objects below each other, filling the width, gap units apart.
func VBox(gap float32, objs ...fyne.CanvasObject) *fyne.Container {
	return container.New(&line{gap: gap, vertical: true, stretch: true}, objs...)
}

// Spacer takes the room that is left in an HBox or VBox.
func Spacer() fyne.CanvasObject { return layout.NewSpacer() }

func (l *line) split(s fyne.Size) (along, across float32) {
	if l.vertical {
		return s.Height, s.Width
	}
	return s.Width, s.Height
}

func (l *line) join(along, across float32) fyne.Size {
	if l.vertical {
		return fyne.NewSize(across, along)
	}
	return fyne.NewSize(along, across)
}

// absent reports whether an object takes no room: a hidden one, or a paragraph without words.
func absent(o fyne.CanvasObject) bool {
	p, isPara := o.(*Para)
	return !o.Visible() || isPara && p.text == ""
}

// grows reports whether an object takes the room that is left: spacers, and texts that give way in a row.
func (l *line) grows(o fyne.CanvasObject) bool {
	if s, ok := o.(layout.SpacerObject); ok {
		return l.vertical && s.ExpandVertical() || !l.vertical && s.ExpandHorizontal()
	}
	if !l.vertical {
		if t, ok := o.(*Label); ok {
			return t.Cut
		}
	}
	return false
}

// MinSize is the sum along and the largest across.
func (l *line) MinSize(objs []fyne.CanvasObject) fyne.Size {
	var along, across float32
	n := 0
	for _, o := range objs {
		if absent(o) {
			continue
		}
		a, c := l.split(o.MinSize())
		along += a
		across = max(across, c)
		n++
	}
	return l.join(along+l.gap*float32(max(n-1, 0)), across)
}

// Layout places the objects.
func (l *line) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	total, across := l.split(size)
	need, _ := l.split(l.MinSize(objs))
	growing := 0
	for _, o := range objs {
		if o.Visible() && l.grows(o) {
			growing++
		}
	}
	share := float32(0)
	if growing > 0 {
		share = max(0, total-need) / float32(growing)
	}
	at := float32(0)
	for _, o := range objs {
		if absent(o) {
			continue
		}
		a, c := l.split(o.MinSize())
		if l.grows(o) {
			a += share
		}
		off := float32(0)
		if l.stretch {
			c = across
		} else {
			off = (across - c) / 2
		}
		pos := fyne.NewPos(at, off)
		if l.vertical {
			pos = fyne.NewPos(off, at)
		}
		o.Move(pos)
		o.Resize(l.join(a, c))
		at += a + l.gap
	}
}

// Pad puts exact space around an object: top, right, bottom, left.
func Pad(o fyne.CanvasObject, top, right, bottom, left float32) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(top, bottom, left, right), o)
}

// fixed gives an object a width or a height; 0 keeps its own.
type fixed struct{ w, h float32 }

// Fixed gives an object a set width and height; 0 keeps its own smallest size in that direction.
func Fixed(o fyne.CanvasObject, w, h float32) *fyne.Container {
	return container.New(&fixed{w, h}, o)
}

func (f *fixed) MinSize(objs []fyne.CanvasObject) fyne.Size {
	size := objs[0].MinSize()
	if f.w > 0 {
		size.Width = f.w
	}
	if f.h > 0 {
		size.Height = f.h
	}
	return size
}

func (f *fixed) Layout(objs []fyne.CanvasObject, size fyne.Size) { objs[0].Resize(size) }

// Edges puts objects at the edges of the centre, without any padding. Nil stands for nothing.
func Edges(top, bottom, left, right, centre fyne.CanvasObject) *fyne.Container {
	objs := []fyne.CanvasObject{}
	for _, o := range []fyne.CanvasObject{centre, top, bottom, left, right} {
		if o != nil {
			objs = append(objs, o)
		}
	}
	return container.New(&edges{top, bottom, left, right, centre}, objs...)
}

type edges struct{ top, bottom, left, right, centre fyne.CanvasObject }

func (e *edges) MinSize([]fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range []fyne.CanvasObject{e.centre, e.left, e.right} {
		if shown(o) {
			size.Width += o.MinSize().Width
			size.Height = max(size.Height, o.MinSize().Height)
		}
	}
	for _, o := range []fyne.CanvasObject{e.top, e.bottom} {
		if shown(o) {
			size.Height += o.MinSize().Height
			size.Width = max(size.Width, o.MinSize().Width)
		}
	}
	return size
}

func shown(o fyne.CanvasObject) bool { return o != nil && o.Visible() }

func (e *edges) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	top, bottom, left, right := float32(0), size.Height, float32(0), size.Width
	if shown(e.top) {
		top = e.top.MinSize().Height
		place(e.top, 0, 0, size.Width, top)
	}
	if shown(e.bottom) {
		h := e.bottom.MinSize().Height
		bottom -= h
		place(e.bottom, 0, bottom, size.Width, h)
	}
	if shown(e.left) {
		left = e.left.MinSize().Width
		place(e.left, 0, top, left, bottom-top)
	}
	if shown(e.right) {
		w := e.right.MinSize().Width
		right -= w
		place(e.right, right, top, w, bottom-top)
	}
	if shown(e.centre) {
		place(e.centre, left, top, right-left, bottom-top)
	}
}

func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(max(0, w), max(0, h)))
}

// Loose lets its content be cut where there is no room: a window is never forced wider than its screen by what it shows.
func Loose(o fyne.CanvasObject) *fyne.Container { return container.New(loose{}, o) }

type loose struct{}

func (loose) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, 1) }

func (loose) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objs {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(size)
	}
}

// FitRow puts buttons side by side, 8 units apart. Those without room are left out from the end, but never the last `keep`. With grow the
// first takes the room the others leave.
func FitRow(grow bool, keep int, objs ...fyne.CanvasObject) *fyne.Container {
	return container.New(&fitRow{grow, keep}, objs...)
}

type fitRow struct {
	grow bool
	keep int
}

// fitGap is the gap of a FitRow.
const fitGap float32 = 8

// MinSize is the height of the highest object.
func (l *fitRow) MinSize(objs []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(100, ButtonHeight)
	for _, o := range objs {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

// Layout places the objects.
func (l *fitRow) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	need := -fitGap
	for _, o := range objs {
		need += o.MinSize().Width + fitGap
		o.Show()
	}
	for i := len(objs) - 1 - l.keep; i > 0 && need > size.Width; i-- {
		need -= objs[i].MinSize().Width + fitGap
		objs[i].Hide()
	}
	x := float32(0)
	for i, o := range objs {
		if !o.Visible() {
			continue
		}
		w := o.MinSize().Width
		if i == 0 && l.grow {
			w += max(0, size.Width-need)
		}
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(w, size.Height))
		x += w + fitGap
	}
}

// Box is a rectangle in tokens: fill, outline, radius. It follows the theme.
type Box struct {
	widget.BaseWidget
	Fill, Stroke Token
	Width        float32 // of the outline
	Radius       float32
	min          fyne.Size
}

// NewBox returns a filled rectangle without outline.
func NewBox(fill Token) *Box {
	b := &Box{Fill: fill, Stroke: None}
	b.ExtendBaseWidget(b)
	return b
}

// NewFrame returns a rectangle with an outline of one unit.
func NewFrame(fill, stroke Token, radius float32) *Box {
	b := NewBox(fill)
	b.Stroke, b.Width, b.Radius = stroke, 1, radius
	return b
}

// Set changes the colours.
func (b *Box) Set(fill, stroke Token, width float32) {
	if b.Fill == fill && b.Stroke == stroke && b.Width == width {
		return
	}
	b.Fill, b.Stroke, b.Width = fill, stroke, width
	b.Refresh()
}

// CreateRenderer makes the rectangle.
func (b *Box) CreateRenderer() fyne.WidgetRenderer {
	r := &boxRenderer{box: b, rect: canvas.NewRectangle(color.Transparent)}
	r.objects = []fyne.CanvasObject{r.rect}
	r.paint()
	return r
}

type boxRenderer struct {
	box     *Box
	rect    *canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *boxRenderer) paint() {
	r.rect.FillColor = Color(r.box.Fill)
	r.rect.StrokeColor = Color(r.box.Stroke)
	r.rect.StrokeWidth = r.box.Width
	if r.box.Stroke == None {
		r.rect.StrokeWidth = 0 // a stroke without colour still shows: the toolkit blends it with the fill
	}
	r.rect.CornerRadius = r.box.Radius
}
func (r *boxRenderer) Layout(size fyne.Size)        { r.rect.Resize(size) }
func (r *boxRenderer) MinSize() fyne.Size           { return r.box.min }
func (r *boxRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *boxRenderer) Destroy()                     {}
func (r *boxRenderer) Refresh() {
	r.paint()
	r.rect.Refresh()
}

// Divider is a line of one unit, across or down.
func Divider() *Box {
	b := NewBox(Line)
	b.min = fyne.NewSize(1, 1)
	return b
}

// Card puts content on a surface with outline, radius 6, and padding of 12 above and below, 16 at the sides.
func Card(content fyne.CanvasObject) *fyne.Container {
	return container.NewStack(NewFrame(Surface, Line, RadiusCard), Pad(content, 12, PagePadding, 12, PagePadding))
}

// Panel puts content on a plain fill.
func Panel(fill Token, content fyne.CanvasObject) *fyne.Container {
	return container.NewStack(NewBox(fill), content)
}
