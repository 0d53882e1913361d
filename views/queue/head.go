package queue

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"zw110/views/kit"
)

const (
	// grab is how near to a border the pointer must be.
	grab float32 = 5
	// borderGap is how far left of the next column's text a border stands.
	borderGap float32 = 6
)

// headRow is the row of column heads, 28 high. Its borders can be dragged; a double click makes a column as wide as what is in view needs.
type headRow struct {
	widget.BaseWidget
	env    *kit.Env
	widths Widths
	ground *kit.Box
	rule   *kit.Box
	mark   *kit.Box // the border under the pointer
	texts  map[Column]*canvas.Text
	held   *border // being dragged
	from   float32 // its column's width when it was taken
	// OnWidth is told a column's new width while its border is dragged, OnDone when it is let go, OnFit of a double click on a border.
	OnWidth func(Column, float32)
	OnDone  func()
	OnFit   func(Column)
}

var (
	_ fyne.Draggable      = (*headRow)(nil)
	_ fyne.DoubleTappable = (*headRow)(nil)
	_ desktop.Hoverable   = (*headRow)(nil)
	_ desktop.Mouseable   = (*headRow)(nil)
	_ desktop.Cursorable  = (*headRow)(nil)
)

func newHeadRow(env *kit.Env) *headRow {
	h := &headRow{env: env, ground: kit.NewBox(kit.Surface), rule: kit.Divider(), mark: kit.NewBox(kit.Acc), texts: map[Column]*canvas.Text{}}
	h.mark.Hidden = true
	for _, c := range order() {
		h.texts[c] = kit.Caption.NewText(env.T("queue.col."+string(c)), kit.Color(kit.T3))
	}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer hands the texts over.
func (h *headRow) CreateRenderer() fyne.WidgetRenderer {
	objs := []fyne.CanvasObject{h.ground, h.rule, h.mark}
	for _, c := range order() {
		objs = append(objs, h.texts[c])
	}
	return kit.NewRowRenderer(h.place, func() {
		for _, c := range order() {
			kit.SetText(h.texts[c], h.texts[c].Text, kit.Color(kit.T3), kit.Caption)
		}
		h.place(h.Size())
	}, objs)
}

func (h *headRow) place(size fyne.Size) {
	h.ground.Resize(size)
	h.rule.Move(fyne.NewPos(0, size.Height-1))
	h.rule.Resize(fyne.NewSize(size.Width, 1))
	x := padLeft
	for _, c := range order() {
		t := h.texts[c]
		w := h.widths.Of[c]
		t.Hidden = w == 0 || c == ColChannel && h.widths.ChannelIcon
		if c == ColElapsed {
			x = size.Width - padRight - t.MinSize().Width
		}
		kit.PlaceText(t, x, size.Height/2)
		x += w
	}
}

// at returns the border near a place, or nil.
func (h *headRow) at(x float32) *border {
	for _, b := range h.widths.borders() {
		if d := x - (b.x - borderGap); d >= -grab && d <= grab {
			return &b
		}
	}
	return nil
}

// show marks a border, or none.
func (h *headRow) show(b *border) {
	h.mark.Hidden = b == nil
	if b != nil {
		h.mark.Move(fyne.NewPos(b.x-borderGap, 4))
		h.mark.Resize(fyne.NewSize(2, h.Size().Height-8))
	}
	h.mark.Refresh()
}

// MouseDown takes the border under the pointer.
func (h *headRow) MouseDown(e *desktop.MouseEvent) {
	h.held = nil
	if e.Button == desktop.MouseButtonPrimary {
		if h.held = h.at(e.Position.X); h.held != nil {
			h.from = h.widths.Of[h.held.col]
		}
	}
}

// MouseUp does nothing: DragEnd lets go.
func (h *headRow) MouseUp(*desktop.MouseEvent) {}

// Dragged moves the border that was taken.
func (h *headRow) Dragged(e *fyne.DragEvent) {
	if h.held == nil {
		return
	}
	h.OnWidth(h.held.col, h.from+h.held.sign*(e.Position.X+borderGap-h.held.x))
	for _, b := range h.widths.borders() {
		if b.col == h.held.col {
			h.show(&b)
		}
	}
}

// DragEnd lets the border go.
func (h *headRow) DragEnd() {
	if h.held != nil {
		h.held = nil
		h.OnDone()
	}
}

// DoubleTapped fits the column whose border is under the pointer.
func (h *headRow) DoubleTapped(e *fyne.PointEvent) {
	if b := h.at(e.Position.X); b != nil {
		h.OnFit(b.col)
	}
}

// Cursor says that a border can be moved. The toolkit asks while the pointer is over the row.
func (h *headRow) Cursor() desktop.Cursor {
	if h.held != nil || !h.mark.Hidden {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

// MouseIn marks the border under the pointer.
func (h *headRow) MouseIn(e *desktop.MouseEvent) { h.MouseMoved(e) }

// MouseMoved marks the border under the pointer.
func (h *headRow) MouseMoved(e *desktop.MouseEvent) {
	if h.held == nil {
		h.show(h.at(e.Position.X))
	}
}

// MouseOut takes the mark away.
func (h *headRow) MouseOut() {
	if h.held == nil {
		h.show(nil)
	}
}
