package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// Check is a box to tick, 16 units, with its word.
type Check struct {
	focusable
	text    string
	checked bool
	radio   bool
	// OnChanged is told of each change by a person.
	OnChanged func(bool)
}

// NewCheck returns a check box.
func NewCheck(text string, checked bool, onChanged func(bool)) *Check {
	c := &Check{text: text, checked: checked, OnChanged: onChanged}
	c.init(c, c.toggle)
	return c
}

func (c *Check) toggle() {
	if c.radio && c.checked {
		return
	}
	c.Set(!c.checked)
	if c.OnChanged != nil {
		c.OnChanged(c.checked)
	}
}

// Toggle ticks or unticks as a person would.
func (c *Check) Toggle() { c.fire() }

// Set ticks or unticks without telling anyone.
func (c *Check) Set(checked bool) {
	if c.checked != checked {
		c.checked = checked
		c.Refresh()
	}
}

// Checked reports whether it is ticked.
func (c *Check) Checked() bool { return c.checked }

// CreateRenderer makes box, tick and word.
func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	r := &checkRenderer{
		c: c, box: NewFrame(Surface, Line3, RadiusSmall), tick: NewIcon("check", 12, Onacc), text: canvas.NewText(c.text, Color(T1)),
		ring: NewFrame(None, None, Radius),
	}
	if c.radio {
		r.box.Radius = CheckSize / 2
	}
	r.objects = []fyne.CanvasObject{r.box, r.tick, r.text, r.ring}
	r.Refresh()
	return r
}

type checkRenderer struct {
	c         *Check
	box, ring *Box
	tick      *Icon
	text      *canvas.Text
	objects   []fyne.CanvasObject
}

func (r *checkRenderer) MinSize() fyne.Size {
	if r.c.text == "" {
		return fyne.NewSize(CheckSize+4, Body.Line+4)
	}
	return fyne.NewSize(CheckSize+8+Body.Width(r.c.text)+4, Body.Line+4)
}

func (r *checkRenderer) Layout(size fyne.Size) {
	mid := size.Height / 2
	place(r.box, 2, mid-CheckSize/2, CheckSize, CheckSize)
	place(r.tick, 4, mid-6, 12, 12)
	PlaceText(r.text, 2+CheckSize+8, mid)
	place(r.ring, 0, 0, size.Width, size.Height)
}

func (r *checkRenderer) Refresh() {
	fill, stroke, text := Surface, Line3, T1
	if r.c.checked {
		fill, stroke = Acc, Acc
	}
	if r.c.Disabled() {
		fill, stroke, text = Surface3, Line2, T3
	}
	r.box.Set(fill, stroke, 1)
	name := "check"
	if r.c.radio {
		name = "dot"
	}
	if !r.c.checked {
		name = ""
	}
	tick := Onacc
	if r.c.Disabled() {
		tick = T3
	}
	r.tick.Set(name, tick)
	r.tick.Refresh()
	SetText(r.text, r.c.text, Color(text), Body)
	if r.c.focused {
		r.ring.Set(None, Acc, FocusWidth)
	} else {
		r.ring.Set(None, None, 0)
	}
	r.Layout(r.c.Size())
	canvas.Refresh(r.c)
}
func (r *checkRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *checkRenderer) Destroy()                     {}

// RadioCard is one of several cards of which one is chosen: a title with key cap and two lines.
type RadioCard struct {
	focusable
	title, line1, line2, cap string
	chosen                   bool
}

// NewRadioCard returns a card; act is called when a person chooses it.
func NewRadioCard(title, line1, line2, cap string, act func()) *RadioCard {
	c := &RadioCard{title: title, line1: line1, line2: line2, cap: cap}
	c.init(c, act)
	return c
}

// Set marks the card as chosen or not.
func (c *RadioCard) Set(chosen bool) {
	if c.chosen != chosen {
		c.chosen = chosen
		c.Refresh()
	}
}

// Chosen reports whether the card is the chosen one.
func (c *RadioCard) Chosen() bool { return c.chosen }

// CreateRenderer makes frame, dot, texts and cap.
func (c *RadioCard) CreateRenderer() fyne.WidgetRenderer {
	dot := NewCheck("", c.chosen, nil)
	dot.radio = true
	title := NewLabel(c.title, Body.Heavy(), T1)
	lines := VBox(0, NewCutLabel(c.line1, Small, T1), NewCutLabel(c.line2, Caption, T3))
	if c.line2 == "" {
		lines.Objects = lines.Objects[:1]
	}
	top := HBox(6, dot, title, Spacer(), NewKeyCap(c.cap))
	r := &cardRenderer{c: c, dot: dot, frame: NewFrame(Surface, Line2, RadiusCard), body: Pad(VBox(2, top, lines), 10, 12, 10, 12)}
	r.objects = []fyne.CanvasObject{r.frame, r.body}
	r.Refresh()
	return r
}

type cardRenderer struct {
	c       *RadioCard
	frame   *Box
	dot     *Check
	body    *fyne.Container
	objects []fyne.CanvasObject
}

func (r *cardRenderer) MinSize() fyne.Size { return r.body.MinSize() }
func (r *cardRenderer) Layout(size fyne.Size) {
	r.frame.Resize(size)
	r.body.Resize(size)
}

func (r *cardRenderer) Refresh() {
	switch {
	case r.c.chosen:
		r.frame.Set(Accbg, Acc, 2)
	case r.c.focused:
		r.frame.Set(Surface, Acc, FocusWidth)
	default:
		r.frame.Set(Surface, Line2, 1)
	}
	r.dot.Set(r.c.chosen)
	r.body.Refresh()
	canvas.Refresh(r.c)
}
func (r *cardRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *cardRenderer) Destroy()                     {}
