package kit

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Para is text of several lines that wraps as Chinese does: anywhere between characters, at spaces between Latin words, never with a
// closing mark at the head of a line.
type Para struct {
	widget.BaseWidget
	text  string
	ty    Type
	token Token
	// MaxLines cuts with … after that many lines; 0 shows all.
	MaxLines int
	width    float32
	lines    []string
}

// NewPara returns a paragraph. Its height follows its width.
func NewPara(text string, ty Type, token Token) *Para {
	p := &Para{text: text, ty: ty, token: token}
	p.ExtendBaseWidget(p)
	return p
}

// Set changes text and colour.
func (p *Para) Set(text string, token Token) {
	if p.text == text && p.token == token {
		return
	}
	p.text, p.token = text, token
	p.wrap(p.width)
	p.Refresh()
}

// Text returns the whole text.
func (p *Para) Text() string { return p.text }

func (p *Para) wrap(width float32) {
	p.width = width
	p.lines = Wrap(p.text, p.ty, width)
	if p.MaxLines > 0 && len(p.lines) > p.MaxLines {
		last := p.lines[p.MaxLines-1] + "…"
		p.lines = append(p.lines[:p.MaxLines-1:p.MaxLines-1], p.ty.Fit(last, width))
	}
}

// Resize wraps anew when the width changed.
func (p *Para) Resize(size fyne.Size) {
	changed := size.Width != p.width
	if changed {
		p.wrap(size.Width)
	}
	p.BaseWidget.Resize(size)
	if changed {
		p.Refresh()
	}
}

// HeightFor returns the height the text takes at a width.
func (p *Para) HeightFor(width float32) float32 {
	if width != p.width {
		p.wrap(width)
	}
	return float32(max(1, len(p.lines))) * p.ty.Line
}

// MinSize is the height at the last width.
func (p *Para) MinSize() fyne.Size {
	p.ExtendBaseWidget(p)
	return fyne.NewSize(0, float32(max(1, len(p.lines)))*p.ty.Line)
}

// CreateRenderer draws one text a line.
func (p *Para) CreateRenderer() fyne.WidgetRenderer {
	r := &paraRenderer{p: p}
	r.Refresh()
	return r
}

type paraRenderer struct {
	p     *Para
	texts []fyne.CanvasObject
}

func (r *paraRenderer) Layout(fyne.Size) {
	for i, o := range r.texts {
		if t, ok := o.(*canvas.Text); ok {
			PlaceText(t, 0, (float32(i)+0.5)*r.p.ty.Line)
		}
	}
}
func (r *paraRenderer) MinSize() fyne.Size { return r.p.MinSize() }
func (r *paraRenderer) Refresh() {
	r.texts = r.texts[:0:0]
	for _, l := range r.p.lines {
		r.texts = append(r.texts, r.p.ty.NewText(l, Color(r.p.token)))
	}
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}
func (r *paraRenderer) Objects() []fyne.CanvasObject { return r.texts }
func (r *paraRenderer) Destroy()                     {}

// Wrap breaks a text into lines no wider than width; line breaks of the text are kept.
func Wrap(text string, ty Type, width float32) []string {
	var out []string
	for _, part := range strings.Split(text, "\n") {
		out = append(out, wrapLine(part, ty, width)...)
	}
	return out
}

func wrapLine(text string, ty Type, width float32) []string {
	if width <= 0 || ty.Width(text) <= width {
		return []string{text}
	}
	var out []string
	runes := []rune(text)
	for len(runes) > 0 {
		n := fitting(runes, ty, width)
		if n < len(runes) {
			n = breakAt(runes, n)
		}
		out = append(out, strings.TrimRight(string(runes[:n]), " "))
		runes = runes[n:]
		for len(runes) > 0 && runes[0] == ' ' {
			runes = runes[1:]
		}
	}
	return out
}

// fitting returns how many runes fit, at least one.
func fitting(runes []rune, ty Type, width float32) int {
	lo, hi := 1, len(runes)
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if ty.Width(string(runes[:mid])) <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}

// breakAt moves a break back to where a line may end, unless that would leave nothing.
func breakAt(runes []rune, n int) int {
	for k := n; k > 0; k-- {
		if mayBreak(runes[k-1], runes[k]) {
			return k
		}
	}
	return n
}

// WordWidth returns the width of the widest part of a text that Wrap keeps whole.
func (t Type) WordWidth(text string) float32 {
	runes, from, widest := []rune(text), 0, float32(0)
	for i := 1; i <= len(runes); i++ {
		if i < len(runes) && !mayBreak(runes[i-1], runes[i]) {
			continue
		}
		if word := strings.TrimSpace(string(runes[from:i])); word != "" {
			widest = max(widest, t.Width(word))
		}
		from = i
	}
	return widest
}

func mayBreak(before, after rune) bool {
	if strings.ContainsRune("，。、；：？！）」』】〕》”’…·%％", after) || strings.ContainsRune("（「『【〔《“‘", before) {
		return false
	}
	word := func(r rune) bool { return r < 0x2e80 && !unicode.IsSpace(r) }
	return !word(before) || !word(after)
}
