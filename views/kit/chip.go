package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// Chip is a filter: a word, and a mark that says it opens a list or can be cleared.
type Chip struct {
	focusable
	text   string
	chosen bool
	clear  func()
	plain  bool
}

// NewChip returns a chip that opens something.
func NewChip(text string, act func()) *Chip {
	c := &Chip{text: text}
	c.init(c, act)
	return c
}

// NewChoiceChip returns a chip that is one choice of several, without a mark.
func NewChoiceChip(text string, act func()) *Chip {
	c := NewChip(text, act)
	c.plain = true
	return c
}

// Choose tints the chip or not.
func (c *Chip) Choose(on bool) { c.Set(c.text, on, nil) }

// Set changes the word; a chosen chip is tinted and, with clear, shows a cross that calls it.
func (c *Chip) Set(text string, chosen bool, clear func()) {
	if c.text == text && c.chosen == chosen && (c.clear == nil) == (clear == nil) {
		c.clear = clear
		return
	}
	c.text, c.chosen, c.clear = text, chosen, clear
	c.Refresh()
}

// Text returns the word.
func (c *Chip) Text() string { return c.text }

// Tapped clears when the cross was hit, else opens.
func (c *Chip) Tapped(e *fyne.PointEvent) {
	if c.clear != nil && e != nil && e.Position.X > c.Size().Width-22 {
		c.clear()
		return
	}
	c.fire()
}

// CreateRenderer makes frame, word and mark.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	r := &chipRenderer{c: c, frame: NewFrame(Surface, Line2, Radius), text: canvas.NewText(c.text, Color(T1)), mark: NewIcon("down", 12, T2)}
	r.objects = []fyne.CanvasObject{r.frame, r.text, r.mark}
	r.paint()
	return r
}

type chipRenderer struct {
	c       *Chip
	frame   *Box
	text    *canvas.Text
	mark    *Icon
	objects []fyne.CanvasObject
}

func (r *chipRenderer) paint() {
	fill, stroke, token, mark := Surface, Line2, T1, "down"
	if r.c.chosen {
		fill, stroke, token = Accbg, Acc, Acc
	}
	if r.c.chosen && r.c.clear != nil {
		mark = "x"
	}
	width := float32(1)
	if r.c.focused {
		stroke, width = Acc, FocusWidth
	}
	r.frame.Set(fill, stroke, width)
	if r.c.plain {
		mark = ""
	}
	r.mark.Set(mark, token)
	SetText(r.text, r.c.text, Color(token), Small)
}

func (r *chipRenderer) MinSize() fyne.Size {
	if r.c.plain {
		return fyne.NewSize(Small.Width(r.c.text)+16, ChipHeight)
	}
	return fyne.NewSize(Small.Width(r.c.text)+8+4+12+8, ChipHeight)
}

func (r *chipRenderer) Layout(size fyne.Size) {
	r.frame.Resize(size)
	w := PlaceText(r.text, 8, size.Height/2)
	place(r.mark, 8+w+4, size.Height/2-6, 12, 12)
}

func (r *chipRenderer) Refresh() {
	r.paint()
	r.mark.Refresh()
	r.Layout(r.c.Size())
	canvas.Refresh(r.c)
}
func (r *chipRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *chipRenderer) Destroy()                     {}
