package kit

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// The text sizes.
const (
	CaptionSize float32 = 11
	SmallSize   float32 = 12
	BodySize    float32 = 13
	StrongSize  float32 = 16
	TitleSize   float32 = 20
	FigureSize  float32 = 18
)

// Type is a size of text with its line height and weight.
type Type struct {
	Size, Line float32
	Bold       bool
}

// The text styles of the design.
var (
	Caption = Type{CaptionSize, 16, false}
	Small   = Type{SmallSize, 16, false}
	Body    = Type{BodySize, 20, false}
	Strong  = Type{StrongSize, 24, true}
	Title   = Type{TitleSize, 28, true}
	Figure  = Type{FigureSize, 24, true}
)

// Heavy returns the same size in weight 700.
func (t Type) Heavy() Type {
	t.Bold = true
	return t
}

// Width returns how wide a text is.
func (t Type) Width(text string) float32 {
	return fyne.MeasureText(text, t.Size, fyne.TextStyle{Bold: t.Bold}).Width
}

// Fit returns the text, cut with … so that it is no wider than width.
func (t Type) Fit(text string, width float32) string {
	if t.Width(text) <= width {
		return text
	}
	runes := []rune(text)
	lo, hi := 0, len(runes)
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if t.Width(string(runes[:mid])+"…") <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return string(runes[:lo]) + "…"
}

// NewText returns a bare canvas text for rows that place and colour their texts themselves.
func (t Type) NewText(text string, c color.Color) *canvas.Text {
	out := canvas.NewText(text, c)
	out.TextSize = t.Size
	out.TextStyle.Bold = t.Bold
	return out
}

// SetText changes a bare text only where something differs, and reports whether it did. Each text is a texture of its own.
func SetText(t *canvas.Text, text string, c color.Color, ty Type) bool {
	if t.Text == text && t.Color == c && t.TextSize == ty.Size && t.TextStyle.Bold == ty.Bold {
		return false
	}
	t.Text, t.Color, t.TextSize, t.TextStyle.Bold = text, c, ty.Size, ty.Bold
	t.Refresh()
	return true
}

// lift moves texts up: the characters of Noto Sans SC stand a little below the middle of their line.
const lift float32 = 1

// PlaceText puts a bare text at x, the middle of its characters at y, and gives it its own size.
func PlaceText(t *canvas.Text, x, y float32) float32 {
	size := t.MinSize()
	t.Resize(size)
	t.Move(fyne.NewPos(x, y-size.Height/2-lift))
	return size.Width
}

// Label is one line of text in a token's colour.
type Label struct {
	widget.BaseWidget
	Text  string
	Type  Type
	Token Token
	Align fyne.TextAlign
	// Cut shortens the text with … when there is less room than it needs; its smallest width is then zero.
	Cut bool
}

// NewLabel returns a line of text.
func NewLabel(text string, ty Type, token Token) *Label {
	l := &Label{Text: text, Type: ty, Token: token}
	l.ExtendBaseWidget(l)
	return l
}

// NewCutLabel returns a line of text that gives way when there is no room.
func NewCutLabel(text string, ty Type, token Token) *Label {
	l := NewLabel(text, ty, token)
	l.Cut = true
	return l
}

// Set changes text and colour.
func (l *Label) Set(text string, token Token) {
	if l.Text == text && l.Token == token {
		return
	}
	l.Text, l.Token = text, token
	l.Refresh()
}

// CreateRenderer makes the one text object.
func (l *Label) CreateRenderer() fyne.WidgetRenderer {
	r := &labelRenderer{label: l, text: l.Type.NewText(l.Text, Color(l.Token))}
	r.objects = []fyne.CanvasObject{r.text}
	return r
}

type labelRenderer struct {
	label   *Label
	text    *canvas.Text
	objects []fyne.CanvasObject
}

func (r *labelRenderer) shown(width float32) string {
	if r.label.Cut {
		return r.label.Type.Fit(r.label.Text, width)
	}
	return r.label.Text
}

func (r *labelRenderer) Layout(size fyne.Size) {
	SetText(r.text, r.shown(size.Width), Color(r.label.Token), r.label.Type)
	r.text.Alignment = r.label.Align
	min := r.text.MinSize()
	r.text.Resize(fyne.NewSize(size.Width, min.Height))
	r.text.Move(fyne.NewPos(0, (size.Height-min.Height)/2-lift))
}

func (r *labelRenderer) MinSize() fyne.Size {
	if r.label.Cut {
		return fyne.NewSize(0, r.label.Type.Line)
	}
	return fyne.NewSize(r.label.Type.Width(r.label.Text), r.label.Type.Line)
}

func (r *labelRenderer) Refresh() {
	r.Layout(r.label.Size())
	canvas.Refresh(r.label)
}

func (r *labelRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *labelRenderer) Destroy()                     {}

// SizeWords writes a size in bytes.
func SizeWords(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	case n >= 1<<10:
		return strconv.FormatInt(n>>10, 10) + " KB"
	}
	return strconv.FormatInt(n, 10) + " B"
}
