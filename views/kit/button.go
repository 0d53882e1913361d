package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Kind is how a button presents itself.
type Kind int

// The kinds of buttons.
const (
	Secondary Kind = 1
	Primary   Kind = 2
	Danger    Kind = 3 // outline and text in crit
	Ghost     Kind = 4 // no outline
)

// Button is a word with an icon before and a key cap behind it.
type Button struct {
	focusable
	kind    Kind
	icon    string
	text    string
	cap     string
	height  float32
	hovered bool
}

var (
	_ fyne.Focusable    = (*Button)(nil)
	_ fyne.Tappable     = (*Button)(nil)
	_ desktop.Hoverable = (*Button)(nil)
)

// NewButton returns a button; icon and cap may be empty.
func NewButton(kind Kind, icon, text, cap string, act func()) *Button {
	b := &Button{kind: kind, icon: icon, text: text, cap: cap, height: ButtonHeight}
	b.init(b, act)
	return b
}

// Small makes the button 28 high.
func (b *Button) Small() *Button {
	b.height = SmallHeight
	return b
}

// Tiny makes the button 20 high, for an icon in a line of text.
func (b *Button) Tiny() *Button {
	b.height = TagHeight
	return b
}

// SetText changes the word.
func (b *Button) SetText(text string) {
	if b.text != text {
		b.text = text
		b.Refresh()
	}
}

// SetKind changes how the button presents itself.
func (b *Button) SetKind(k Kind) {
	if b.kind != k {
		b.kind = k
		b.Refresh()
	}
}

// Text returns the word.
func (b *Button) Text() string { return b.text }

// MouseIn begins the hover.
func (b *Button) MouseIn(*desktop.MouseEvent) { b.hover(true) }

// MouseMoved does nothing.
func (b *Button) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the hover.
func (b *Button) MouseOut() { b.hover(false) }

func (b *Button) hover(h bool) {
	b.hovered = h
	b.Refresh()
}

// buttonColors are fill, outline and text of a kind.
type buttonColors struct{ fill, stroke, text Token }

func (b *Button) colors() buttonColors {
	fill := Surface
	if b.hovered {
		fill = Surface2
	}
	switch {
	case b.Disabled():
		return buttonColors{Surface3, Line2, T3}
	case b.kind == Primary:
		return buttonColors{Acc, Acc, Onacc}
	case b.kind == Danger:
		return buttonColors{fill, Crit, Crit}
	case b.kind == Ghost && !b.hovered:
		return buttonColors{None, None, T2}
	case b.kind == Ghost:
		return buttonColors{Surface2, None, T2}
	}
	return buttonColors{fill, Line2, T1}
}

// CreateRenderer makes frame, icon, word and cap.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{
		b: b, frame: NewFrame(Surface, Line2, Radius), ring: NewFrame(None, None, Radius+1), icon: NewIcon(b.icon, 16, T1),
		text: canvas.NewText(b.text, Color(T1)), cap: NewKeyCap(b.cap),
	}
	r.objects = []fyne.CanvasObject{r.frame, r.ring, r.icon, r.text, r.cap}
	r.paint()
	return r
}

type buttonRenderer struct {
	b           *Button
	frame, ring *Box
	icon        *Icon
	text        *canvas.Text
	cap         *KeyCap
	objects     []fyne.CanvasObject
}

func (r *buttonRenderer) style() Type {
	ty := Body
	ty.Bold = r.b.kind == Primary && !r.b.Disabled()
	return ty
}

func (r *buttonRenderer) paint() {
	c := r.b.colors()
	r.frame.Set(c.fill, c.stroke, 1)
	if r.b.focused && r.b.kind == Primary {
		r.ring.Set(None, Acc2, FocusWidth)
	} else if r.b.focused {
		r.ring.Set(None, Acc, FocusWidth)
	} else {
		r.ring.Set(None, None, 0)
	}
	r.icon.Set(r.b.icon, c.text)
	SetText(r.text, r.b.text, Color(c.text), r.style())
	r.cap.Set(r.b.cap, c.text, c.text)
	if r.b.kind != Primary || r.b.Disabled() {
		r.cap.Set(r.b.cap, T2, Line2)
	}
	r.icon.Hidden, r.cap.Hidden, r.text.Hidden = r.b.icon == "", r.b.cap == "", r.b.text == ""
}

func (r *buttonRenderer) inner() float32 {
	w := float32(0)
	parts := 0
	if r.b.icon != "" {
		w += 16
		parts++
	}
	if r.b.text != "" {
		w += r.style().Width(r.b.text)
		parts++
	}
	if r.b.cap != "" {
		w += r.cap.MinSize().Width
		parts++
	}
	return w + float32(max(parts-1, 0))*r.gap()
}

func (r *buttonRenderer) gap() float32 { return 6 }

// MinSize leaves 10 units at both sides.
func (r *buttonRenderer) MinSize() fyne.Size {
	if r.b.text == "" && r.b.cap == "" {
		return fyne.NewSize(r.b.height, r.b.height)
	}
	return fyne.NewSize(r.inner()+20, r.b.height)
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	r.frame.Resize(size)
	r.ring.Resize(size)
	x, mid := (size.Width-r.inner())/2, size.Height/2
	if r.b.icon != "" {
		place(r.icon, x, mid-8, 16, 16)
		x += 16 + r.gap()
	}
	if r.b.text != "" {
		x += PlaceText(r.text, x, mid) + r.gap()
	}
	place(r.cap, x, mid-CapHeight/2, r.cap.MinSize().Width, CapHeight)
}

func (r *buttonRenderer) Refresh() {
	r.paint()
	r.icon.Refresh()
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}
func (r *buttonRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *buttonRenderer) Destroy()                     {}

// KeyCap is a key as printed on the keyboard.
type KeyCap struct {
	widget.BaseWidget
	text           string
	token, outline Token
}

// NewKeyCap returns a key cap.
func NewKeyCap(text string) *KeyCap {
	k := &KeyCap{text: text, token: T2, outline: Line2}
	k.ExtendBaseWidget(k)
	return k
}

// Set changes text and colours.
func (k *KeyCap) Set(text string, token, outline Token) {
	if k.text == text && k.token == token && k.outline == outline {
		return
	}
	k.text, k.token, k.outline = text, token, outline
	k.Refresh()
}

// CreateRenderer makes frame and text.
func (k *KeyCap) CreateRenderer() fyne.WidgetRenderer {
	r := &plateRenderer{frame: NewFrame(None, k.outline, RadiusSmall), text: canvas.NewText("", Color(k.token)), height: CapHeight, pad: 5}
	r.spec = func() plateSpec { return plateSpec{k.text, Caption, k.token, None, k.outline, CapHeight} }
	r.self = k
	r.Refresh()
	return r
}

// plateSpec is what a key cap, tag or pill shows.
type plateSpec struct {
	text                string
	ty                  Type
	token, fill, stroke Token
	min                 float32 // least width
}

// plateRenderer draws one short text on a small plate.
type plateRenderer struct {
	self   fyne.CanvasObject
	spec   func() plateSpec
	frame  *Box
	text   *canvas.Text
	height float32
	pad    float32
}

func (r *plateRenderer) MinSize() fyne.Size {
	s := r.spec()
	if s.text == "" {
		return fyne.NewSize(0, r.height)
	}
	return fyne.NewSize(max(s.min, s.ty.Width(s.text)+2*r.pad), r.height)
}

func (r *plateRenderer) Layout(size fyne.Size) {
	r.frame.Resize(size)
	PlaceText(r.text, (size.Width-r.text.MinSize().Width)/2, size.Height/2)
}

func (r *plateRenderer) Refresh() {
	s := r.spec()
	r.frame.Set(s.fill, s.stroke, r.frame.Width)
	r.frame.Refresh()
	SetText(r.text, s.text, Color(s.token), s.ty)
	r.Layout(r.self.Size())
	canvas.Refresh(r.self)
}

func (r *plateRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.frame, r.text} }
func (r *plateRenderer) Destroy()                     {}

// Tag is a short word on a tint.
type Tag struct {
	widget.BaseWidget
	text        string
	token, fill Token
}

// NewTag returns a tag, such as NewTag(text, Acc, Accbg).
func NewTag(text string, token, fill Token) *Tag {
	t := &Tag{text: text, token: token, fill: fill}
	t.ExtendBaseWidget(t)
	return t
}

// Text returns what the tag says.
func (t *Tag) Text() string { return t.text }

// Set changes text and colours.
func (t *Tag) Set(text string, token, fill Token) {
	t.text, t.token, t.fill = text, token, fill
	t.Refresh()
}

// CreateRenderer makes plate and text.
func (t *Tag) CreateRenderer() fyne.WidgetRenderer {
	r := &plateRenderer{frame: NewFrame(t.fill, None, RadiusSmall), text: canvas.NewText("", Color(t.token)), height: TagHeight, pad: 8}
	r.frame.Width = 0
	r.spec = func() plateSpec { return plateSpec{t.text, Small, t.token, t.fill, None, 0} }
	r.self = t
	r.Refresh()
	return r
}

// CountPill is a number on a pill.
type CountPill struct {
	widget.BaseWidget
	text        string
	token, fill Token
	ty          Type
}

// Bold writes the number in weight 700.
func (p *CountPill) Bold() *CountPill {
	p.ty = p.ty.Heavy()
	return p
}

// NewCountPill returns a pill; an empty text shows nothing.
func NewCountPill(text string, token, fill Token) *CountPill {
	p := &CountPill{text: text, token: token, fill: fill, ty: Caption}
	p.ExtendBaseWidget(p)
	return p
}

// Set changes text and colours.
func (p *CountPill) Set(text string, token, fill Token) {
	if p.text == text && p.token == token && p.fill == fill {
		return
	}
	p.text, p.token, p.fill = text, token, fill
	p.Refresh()
}

// CreateRenderer makes pill and text.
func (p *CountPill) CreateRenderer() fyne.WidgetRenderer {
	r := &plateRenderer{frame: NewFrame(p.fill, None, 8), text: canvas.NewText("", Color(p.token)), height: 16, pad: 5}
	r.frame.Width = 0
	r.spec = func() plateSpec {
		fill := p.fill
		if p.text == "" {
			fill = None
		}
		return plateSpec{p.text, p.ty, p.token, fill, None, 18}
	}
	r.self = p
	r.Refresh()
	return r
}
