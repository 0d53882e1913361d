package forms

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"zw110/views/kit"
)

const (
	choiceHeight float32 = 32
	choiceGap    float32 = 6
)

// choices is a field of a few options, all of them in sight: one is chosen by its digit, by the arrows, or by a tap.
type choices struct {
	widget.BaseWidget
	options  []Option
	chosen   string
	focused  bool
	width    float32
	onChosen func(string)
}

var (
	_ fyne.Focusable = (*choices)(nil)
	_ fyne.Tappable  = (*choices)(nil)
)

// newChoices returns the field; onChosen is told of each choice of a person.
func newChoices(options []Option, chosen string, onChosen func(string)) *choices {
	c := &choices{options: options, chosen: chosen, onChosen: onChosen, width: 480}
	c.ExtendBaseWidget(c)
	return c
}

func (c *choices) setOptions(options []Option, chosen string) {
	c.options, c.chosen = options, chosen
	c.Refresh()
}

func (c *choices) choose(i int) {
	if i < 0 || i >= len(c.options) || c.options[i].Value == c.chosen {
		return
	}
	c.chosen = c.options[i].Value
	c.Refresh()
	c.onChosen(c.chosen)
}

func (c *choices) at() int {
	for i, o := range c.options {
		if o.Value == c.chosen {
			return i
		}
	}
	return -1
}

// FocusGained shows where the keys go.
func (c *choices) FocusGained() {
	c.focused = true
	c.Refresh()
}

// FocusLost takes that away.
func (c *choices) FocusLost() {
	c.focused = false
	c.Refresh()
}

// TypedRune chooses by digit and passes the rest to the window.
func (c *choices) TypedRune(r rune) {
	switch {
	case r >= '1' && r <= '9':
		c.choose(int(r - '1'))
	case r == ' ':
		c.choose((c.at() + 1) % max(1, len(c.options)))
	default:
		kit.PassRune(c, r)
	}
}

// TypedKey moves the choice with the arrows and passes the rest to the window.
func (c *choices) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyRight, fyne.KeyDown:
		c.choose(min(c.at()+1, len(c.options)-1))
	case fyne.KeyLeft, fyne.KeyUp:
		c.choose(max(c.at()-1, 0))
	default:
		kit.PassKey(c, e)
	}
}

// Tapped chooses the option under the pointer.
func (c *choices) Tapped(e *fyne.PointEvent) {
	for i, box := range c.arrange(c.Size().Width) {
		if e.Position.X >= box.X && e.Position.X < box.X+box.Width && e.Position.Y >= box.Y && e.Position.Y < box.Y+choiceHeight {
			c.choose(i)
		}
	}
	if cv := fyne.CurrentApp().Driver().CanvasForObject(c); cv != nil {
		cv.Focus(c)
	}
}

// Resize lays the options out anew when the width changed, since the height follows from it.
func (c *choices) Resize(size fyne.Size) {
	if size.Width > 0 && size.Width != c.width {
		c.width = size.Width
	}
	c.BaseWidget.Resize(size)
}

// slot is where one option stands.
type slot struct{ X, Y, Width float32 }

// arrange flows the options into lines of a width.
func (c *choices) arrange(width float32) []slot {
	out := make([]slot, len(c.options))
	x, y := float32(0), float32(0)
	for i, o := range c.options {
		w := min(width, kit.Body.Width(o.Name)+44)
		if x > 0 && x+w > width {
			x, y = 0, y+choiceHeight+choiceGap
		}
		out[i] = slot{x, y, w}
		x += w + choiceGap
	}
	return out
}

func (c *choices) height(width float32) float32 {
	slots := c.arrange(width)
	if len(slots) == 0 {
		return choiceHeight
	}
	return slots[len(slots)-1].Y + choiceHeight
}

// CreateRenderer makes a frame, a digit and a name for each option.
func (c *choices) CreateRenderer() fyne.WidgetRenderer {
	r := &choicesRenderer{c: c, ring: kit.NewFrame(kit.None, kit.None, kit.Radius+2)}
	r.Refresh()
	return r
}

type choicesRenderer struct {
	c       *choices
	ring    *kit.Box
	frames  []*kit.Box
	digits  []*kit.KeyCap
	names   []*canvas.Text
	objects []fyne.CanvasObject
}

func (r *choicesRenderer) MinSize() fyne.Size { return fyne.NewSize(120, r.c.height(r.c.width)) }

func (r *choicesRenderer) Layout(size fyne.Size) {
	for i, s := range r.c.arrange(size.Width) {
		if i >= len(r.frames) {
			return
		}
		move(r.frames[i], s.X, s.Y, s.Width, choiceHeight)
		move(r.digits[i], s.X+8, s.Y+(choiceHeight-kit.CapHeight)/2, r.digits[i].MinSize().Width, kit.CapHeight)
		kit.SetText(r.names[i], kit.Body.Fit(r.c.options[i].Name, s.Width-44), r.names[i].Color, kit.Body)
		kit.PlaceText(r.names[i], s.X+32, s.Y+choiceHeight/2)
		if i == max(0, r.c.at()) {
			move(r.ring, s.X-2, s.Y-2, s.Width+4, choiceHeight+4)
		}
	}
}

func (r *choicesRenderer) Refresh() {
	for len(r.frames) < len(r.c.options) {
		r.frames = append(r.frames, kit.NewFrame(kit.Surface, kit.Line3, kit.Radius))
		r.digits = append(r.digits, kit.NewKeyCap(strconv.Itoa(len(r.frames))))
		r.names = append(r.names, kit.Body.NewText("", kit.Color(kit.T1)))
	}
	n := len(r.c.options)
	r.frames, r.digits, r.names = r.frames[:n], r.digits[:n], r.names[:n]
	r.objects = r.objects[:0:0]
	for i, o := range r.c.options {
		fill, stroke, token, width := kit.Surface, kit.Line3, kit.T1, float32(1)
		if o.Value == r.c.chosen {
			fill, stroke, token, width = kit.Accbg, kit.Acc, kit.Acc, 2
		}
		r.frames[i].Set(fill, stroke, width)
		kit.SetText(r.names[i], o.Name, kit.Color(token), kit.Body)
		r.objects = append(r.objects, r.frames[i], r.digits[i], r.names[i])
	}
	r.ring.Set(kit.None, kit.None, 0)
	if r.c.focused && n > 0 {
		r.ring.Set(kit.None, kit.Acc, kit.FocusWidth)
	}
	r.objects = append(r.objects, r.ring)
	r.Layout(r.c.Size())
	canvas.Refresh(r.c)
}
func (r *choicesRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *choicesRenderer) Destroy()                     {}

func move(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(max(0, w), max(0, h)))
}
