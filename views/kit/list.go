package kit

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Rows says how many items a ScrollList has and where each begins.
type Rows interface {
	// Len counts the items, headers included.
	Len() int
	// Top returns where item i begins, in units; Top(Len()) is the whole height.
	Top(i int) float32
	// At returns the item at a height, clamped to the items there are.
	At(y float32) int
}

// EvenRows are items of one height.
type EvenRows struct {
	N      int
	Height float32
}

// Len counts the items.
func (r EvenRows) Len() int { return r.N }

// Top returns where an item begins.
func (r EvenRows) Top(i int) float32 { return float32(i) * r.Height }

// At returns the item at a height.
func (r EvenRows) At(y float32) int { return min(max(0, int(y/r.Height)), max(0, r.N-1)) }

// ScrollList shows the items in view, with one recycled widget each. Fyne's own list adds up the heights of all items before the
// first visible one at each scroll step once any item has a height of its own, and takes the focus when tapped; this one asks Rows
// and leaves the keys to the page.
type ScrollList struct {
	widget.BaseWidget
	rows   Rows
	create func() fyne.CanvasObject
	update func(i int, o fyne.CanvasObject)
	kind   func(i int) int
	scroll *container.Scroll
	body   *listBody
}

// NewScrollList returns a list. create makes an empty item, update fills it for item i; both run on the UI goroutine.
func NewScrollList(rows Rows, create func() fyne.CanvasObject, update func(i int, o fyne.CanvasObject)) *ScrollList {
	l := &ScrollList{rows: rows, create: create, update: update}
	l.body = &listBody{list: l, spare: map[int][]fyne.CanvasObject{}}
	l.body.ExtendBaseWidget(l.body)
	l.scroll = container.NewVScroll(l.body)
	l.scroll.OnScrolled = func(fyne.Position) { l.body.arrange(false) }
	l.ExtendBaseWidget(l)
	return l
}

// SetKinds makes items of several kinds, such as headers and rows; each kind is recycled apart.
func (l *ScrollList) SetKinds(kind func(i int) int, create func(kind int) fyne.CanvasObject) {
	l.kind = kind
	l.body.make = create
}

// SetRows changes the items and fills all in view again.
func (l *ScrollList) SetRows(rows Rows) {
	l.rows = rows
	l.body.arrange(true)
	l.scroll.Refresh()
}

// Update fills the items in view again.
func (l *ScrollList) Update() { l.body.arrange(true) }

// UpdateItem fills one item again if it is in view.
func (l *ScrollList) UpdateItem(i int) {
	if item, ok := l.body.shown[i]; ok {
		l.update(i, item.o)
	}
}

// Each calls f with every item in view.
func (l *ScrollList) Each(f func(i int, o fyne.CanvasObject)) {
	for i, item := range l.body.shown {
		f(i, item.o)
	}
}

// ScrollTo moves as little as needed so that item i is in view, margin units away from the edges.
func (l *ScrollList) ScrollTo(i int, margin float32) {
	if l.rows.Len() == 0 {
		return
	}
	top, bottom, view := l.rows.Top(i), l.rows.Top(i+1), l.scroll.Size().Height
	y := l.scroll.Offset.Y
	switch {
	case top-margin < y:
		y = max(0, top-margin)
	case bottom > y+view:
		y = bottom - view
	default:
		return
	}
	l.SetOffset(y)
}

// Offset returns how far the list is scrolled.
func (l *ScrollList) Offset() float32 { return l.scroll.Offset.Y }

// SetOffset scrolls.
func (l *ScrollList) SetOffset(y float32) {
	y = max(0, min(y, l.rows.Top(l.rows.Len())-l.scroll.Size().Height))
	if y == l.scroll.Offset.Y {
		return
	}
	l.scroll.ScrollToOffset(fyne.NewPos(0, y))
	l.body.arrange(false)
}

// PageSize returns how many units are in view.
func (l *ScrollList) PageSize() float32 { return l.scroll.Size().Height }

// Resize shows the items that a larger view has room for.
func (l *ScrollList) Resize(size fyne.Size) {
	l.BaseWidget.Resize(size)
	l.body.arrange(false)
}

// CreateRenderer shows the scroller.
func (l *ScrollList) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.scroll) }

// listBody is as high as all items together and holds those in view.
type listBody struct {
	widget.BaseWidget
	list    *ScrollList
	make    func(kind int) fyne.CanvasObject
	shown   map[int]listItem
	spare   map[int][]fyne.CanvasObject // by kind
	objects []fyne.CanvasObject
}

// listItem is a widget in use, with its kind.
type listItem struct {
	o    fyne.CanvasObject
	kind int
}

// MinSize is the height of all items.
func (b *listBody) MinSize() fyne.Size {
	return fyne.NewSize(0, b.list.rows.Top(b.list.rows.Len()))
}

// CreateRenderer draws the items in view.
func (b *listBody) CreateRenderer() fyne.WidgetRenderer { return &bodyRenderer{b} }

type bodyRenderer struct{ b *listBody }

func (r *bodyRenderer) Layout(fyne.Size)             { r.b.arrange(false) }
func (r *bodyRenderer) MinSize() fyne.Size           { return r.b.MinSize() }
func (r *bodyRenderer) Refresh()                     { r.b.arrange(true) }
func (r *bodyRenderer) Objects() []fyne.CanvasObject { return r.b.objects }
func (r *bodyRenderer) Destroy()                     {}

// arrange puts a widget under every item in view and fills the new ones, or all.
func (b *listBody) arrange(all bool) {
	rows, scroll := b.list.rows, b.list.scroll
	if scroll == nil || scroll.Size().Height <= 0 {
		return
	}
	n := rows.Len()
	first, last := 0, -1
	if n > 0 {
		first, last = rows.At(scroll.Offset.Y), rows.At(scroll.Offset.Y+scroll.Size().Height-0.5)
	}
	old := b.shown
	b.shown = make(map[int]listItem, last-first+1)
	for i := first; i <= last; i++ {
		if item, ok := old[i]; ok && item.kind == b.kindOf(i) {
			b.shown[i] = item
			delete(old, i)
		}
	}
	for _, item := range old {
		b.spare[item.kind] = append(b.spare[item.kind], item.o)
	}
	objects := make([]fyne.CanvasObject, 0, last-first+1)
	for i := first; i <= last; i++ {
		item, kept := b.shown[i]
		if !kept {
			item = b.take(b.kindOf(i))
			b.shown[i] = item
		}
		item.o.Resize(fyne.NewSize(b.Size().Width, rows.Top(i+1)-rows.Top(i)))
		item.o.Move(fyne.NewPos(0, rows.Top(i)))
		if all || !kept {
			b.list.update(i, item.o)
		}
		objects = append(objects, item.o)
	}
	b.objects = objects
	canvas.Refresh(b)
}

func (b *listBody) kindOf(i int) int {
	if b.list.kind == nil {
		return 0
	}
	return b.list.kind(i)
}

func (b *listBody) take(kind int) listItem {
	if spare := b.spare[kind]; len(spare) > 0 {
		b.spare[kind] = spare[:len(spare)-1]
		return listItem{spare[len(spare)-1], kind}
	}
	if b.make != nil {
		return listItem{b.make(kind), kind}
	}
	return listItem{b.list.create(), kind}
}

// fadeTime is how long a row that changed shows it.
const fadeTime = 600 * time.Millisecond

// RowBase is the ground of a list row: fill, bar of the selected row, line below, taps and hover. Rows embed it and place their own
// texts.
type RowBase struct {
	widget.BaseWidget
	fill, bar, rule *canvas.Rectangle
	Selected        bool
	hovered         bool
	self            fyne.Widget
	OnTap           func()
	OnDoubleTap     func()
}

var (
	_ desktop.Mouseable   = (*RowBase)(nil)
	_ fyne.DoubleTappable = (*RowBase)(nil)
	_ desktop.Hoverable   = (*RowBase)(nil)
)

// InitRow makes the ground; call it in the row's constructor.
func (r *RowBase) InitRow(self fyne.Widget) {
	r.self = self
	r.fill, r.bar, r.rule = canvas.NewRectangle(Color(None)), canvas.NewRectangle(Color(Acc)), canvas.NewRectangle(Color(Line))
	r.bar.Hidden = true
	r.ExtendBaseWidget(self)
}

// Ground returns the rectangles to draw below the row's own objects.
func (r *RowBase) Ground() []fyne.CanvasObject { return []fyne.CanvasObject{r.fill, r.rule, r.bar} }

// PaintGround colours the ground by selection and hover. A plain row has no fill of its own: a screen full of them would be painted twice.
func (r *RowBase) PaintGround() {
	token := None
	switch {
	case r.Selected:
		token = Accbg
	case r.hovered:
		token = Surface2
	}
	setFill(r.fill, token)
	setFill(r.rule, Line)
	setFill(r.bar, Acc)
	if r.bar.Hidden == r.Selected {
		r.bar.Hidden = !r.Selected
		r.bar.Refresh()
	}
}

// FadeFrom lets the fill go from a token to the row's own in 600 ms, once.
func (r *RowBase) FadeFrom(t Token) {
	r.PaintGround()
	canvas.NewColorRGBAAnimation(Color(t), r.fill.FillColor, fadeTime, func(c color.Color) {
		r.fill.FillColor = c
		r.fill.Refresh()
	}).Start()
}

// PlaceGround lays the ground out.
func (r *RowBase) PlaceGround(size fyne.Size) {
	place(r.fill, 0, 0, size.Width, size.Height)
	place(r.rule, 0, size.Height-1, size.Width, 1)
	place(r.bar, 0, 0, SelectedBar, size.Height)
}

// MouseDown calls OnTap at once: a tap would wait to see whether a second one follows.
func (r *RowBase) MouseDown(e *desktop.MouseEvent) {
	if r.OnTap != nil && e.Button == desktop.MouseButtonPrimary {
		r.OnTap()
	}
}

// MouseUp does nothing.
func (r *RowBase) MouseUp(*desktop.MouseEvent) {}

// DoubleTapped calls OnDoubleTap.
func (r *RowBase) DoubleTapped(*fyne.PointEvent) {
	if r.OnDoubleTap != nil {
		r.OnDoubleTap()
	}
}

// MouseIn begins the hover.
func (r *RowBase) MouseIn(*desktop.MouseEvent) {
	r.hovered = true
	r.PaintGround()
}

// MouseMoved does nothing.
func (r *RowBase) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the hover.
func (r *RowBase) MouseOut() {
	r.hovered = false
	r.PaintGround()
}
