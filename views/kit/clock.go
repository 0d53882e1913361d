package kit

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"zw110/data/incident"
)

// ClockFace is a clock as it is shown: how much of the bar is full, in which colour, with which icon and words.
type ClockFace struct {
	Fraction float32 // 0 to 1 of the bar
	Bar      Token
	Icon     string // "" none
	Words    string
	Text     Token
	Bold     bool
	// Seconds tells that the words change each second, else each minute.
	Seconds bool
}

// dueSoon is the longest time that counts as due soon; a quarter of the limit if that is less.
const dueSoon = 30 * time.Minute

// FaceOf reads a clock at a moment. A clock without name gives an empty face.
func FaceOf(t *Text, c incident.Clock, now incident.Stamp) ClockFace {
	switch {
	case c.Name == "":
		return ClockFace{Bar: None}
	case c.DoneAt != 0:
		return ClockFace{Fraction: 1, Bar: Ok, Words: c.DoneAt.Time().In(incident.Local).Format("15:04"), Text: Ok}
	case c.Stopped || c.Due == 0:
		return ClockFace{Bar: Bar, Words: t.T("clock.stopped"), Text: T2}
	}
	left, limit := c.Due.Sub(now), c.Due.Sub(c.From)
	if left <= 0 {
		return ClockFace{Fraction: 1, Bar: Crit, Icon: "warn", Words: t.T("clock.over", Span(t, -left)), Text: Crit, Bold: true, Seconds: -left < 10*time.Minute}
	}
	face := ClockFace{Fraction: 1, Bar: Bar, Text: T2, Words: t.T("clock.left", Span(t, left)), Seconds: left <= 10*time.Minute}
	if limit > 0 {
		face.Fraction = min(1, float32(left)/float32(limit))
	}
	if face.Seconds {
		face.Words = Span(t, left)
	}
	switch {
	case left <= min(dueSoon, limit/4): // the queue's rule for 临期; the yellow light of lists begins a working day before
		face.Bar, face.Text, face.Bold, face.Icon = Urg, Urg, true, "clock"
	case c.Name == incident.C1Respond:
		face.Bar, face.Text, face.Bold = Acc, Acc, true
	}
	return face
}

// Span writes a length of time: mm:ss below ten minutes, then minutes, hours with minutes, and days.
func Span(t *Text, d time.Duration) string {
	switch {
	case d < 10*time.Minute:
		s := int(d / time.Second)
		return fmt.Sprintf("%02d:%02d", s/60, s%60)
	case d < time.Hour:
		return t.T("span.minutes", int(d/time.Minute))
	case d < 24*time.Hour:
		return t.T("span.hours", int(d/time.Hour), fmt.Sprintf("%02d", int(d/time.Minute)%60))
	}
	return t.T("span.days", int(d/(24*time.Hour)))
}

// Ago writes how long something has been going on, in one unit: seconds, minutes, hours or days.
func Ago(t *Text, d time.Duration) string {
	switch {
	case d < time.Minute:
		return t.T("ago.seconds", max(0, int(d/time.Second)))
	case d < time.Hour:
		return t.T("ago.minutes", int(d/time.Minute))
	case d < 24*time.Hour:
		return t.T("ago.hours", int(d/time.Hour))
	}
	return t.T("ago.days", int(d/(24*time.Hour)))
}

// ClockParts are the objects of a clock for rows that place them themselves: two rectangles, an icon and a text.
type ClockParts struct {
	track, bar *canvas.Rectangle
	icon       *Icon
	text       *canvas.Text
	face       ClockFace
	width      float32
	slot       float32
}

// NewClockParts makes the objects; width is the bar's length.
func NewClockParts(width float32) *ClockParts {
	p := &ClockParts{
		track: canvas.NewRectangle(Color(Track)), bar: canvas.NewRectangle(Color(Bar)), icon: NewIcon("", 12, Urg),
		text: canvas.NewText("", Color(T2)), width: width, slot: 12,
	}
	p.track.CornerRadius, p.bar.CornerRadius = ClockBarHeight/2, ClockBarHeight/2
	return p
}

// Objects returns what to draw, back to front.
func (p *ClockParts) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{p.track, p.bar, p.icon, p.text}
}

// Words returns what the clock says now.
func (p *ClockParts) Words() string { return p.face.Words }

// Show paints a face; only what changed is drawn again.
func (p *ClockParts) Show(f ClockFace) {
	p.track.Hidden, p.bar.Hidden = f.Bar == None, f.Bar == None || f.Fraction <= 0
	setFill(p.track, Track)
	setFill(p.bar, f.Bar)
	p.icon.Set(f.Icon, f.Text)
	ty := Small
	ty.Bold = f.Bold
	token := f.Text
	if token == "" {
		token = T2
	}
	SetText(p.text, f.Words, Color(token), ty)
	moved := p.face.Fraction != f.Fraction
	p.face = f
	if moved {
		p.size()
	}
}

func (p *ClockParts) size() {
	p.bar.Resize(fyne.NewSize(max(ClockBarHeight, p.width*p.face.Fraction), ClockBarHeight))
}

func setFill(r *canvas.Rectangle, t Token) {
	if c := Color(t); r.FillColor != c {
		r.FillColor = c
		r.Refresh()
	}
}

// Place puts bar, icon slot and text at x, their middle at y.
func (p *ClockParts) Place(x, y float32) {
	p.track.Move(fyne.NewPos(x, y-ClockBarHeight/2))
	p.track.Resize(fyne.NewSize(p.width, ClockBarHeight))
	p.bar.Move(p.track.Position())
	p.size()
	place(p.icon, x+p.width+6, y-6, p.slot, 12)
	PlaceText(p.text, x+p.width+6+p.slot+4, y)
}

// ClockBar is a clock as a widget of its own: bar, icon slot, words.
type ClockBar struct {
	widget.BaseWidget
	parts *ClockParts
	face  ClockFace
}

// NewClockBar returns a clock with a bar of the given length.
func NewClockBar(width float32) *ClockBar {
	c := &ClockBar{parts: NewClockParts(width)}
	c.ExtendBaseWidget(c)
	return c
}

// Set paints a face.
func (c *ClockBar) Set(f ClockFace) {
	c.face = f
	c.parts.Show(f)
	if r := c.Size(); r.Height > 0 {
		c.parts.Place(0, r.Height/2)
	}
}

// CreateRenderer lays the parts out.
func (c *ClockBar) CreateRenderer() fyne.WidgetRenderer { return &clockRenderer{c} }

type clockRenderer struct{ c *ClockBar }

func (r *clockRenderer) Layout(size fyne.Size) { r.c.parts.Place(0, size.Height/2) }
func (r *clockRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.c.parts.width+22+Small.Heavy().Width(r.c.face.Words), 16)
}

func (r *clockRenderer) Refresh() {
	r.c.parts.Show(r.c.face)
	r.Layout(r.c.Size())
	canvas.Refresh(r.c)
}
func (r *clockRenderer) Objects() []fyne.CanvasObject { return r.c.parts.Objects() }
func (r *clockRenderer) Destroy()                     {}

// Meter is a bar on a track, for load and progress: fraction 0 to 1.
type Meter struct {
	widget.BaseWidget
	width    float32
	fraction float32
	token    Token
}

// NewMeter returns a bar of the given length.
func NewMeter(width, fraction float32, token Token) *Meter {
	m := &Meter{width: width, fraction: fraction, token: token}
	m.ExtendBaseWidget(m)
	return m
}

// NewLoadBar returns the load of a unit: above 70 % in urg.
func NewLoadBar(load float64) *Meter {
	token := Bar
	if load > 0.7 {
		token = Urg
	}
	return NewMeter(ClockBarWidth, float32(load), token)
}

// Set changes how full the bar is.
func (m *Meter) Set(fraction float32, token Token) {
	m.fraction, m.token = fraction, token
	m.Refresh()
}

// CreateRenderer makes the two rectangles.
func (m *Meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{m: m, track: canvas.NewRectangle(Color(Track)), bar: canvas.NewRectangle(Color(m.token))}
	r.track.CornerRadius, r.bar.CornerRadius = ClockBarHeight/2, ClockBarHeight/2
	return r
}

type meterRenderer struct {
	m          *Meter
	track, bar *canvas.Rectangle
}

func (r *meterRenderer) MinSize() fyne.Size { return fyne.NewSize(r.m.width, ClockBarHeight) }
func (r *meterRenderer) Layout(size fyne.Size) {
	y := (size.Height - ClockBarHeight) / 2
	place(r.track, 0, y, size.Width, ClockBarHeight)
	place(r.bar, 0, y, size.Width*min(1, max(0, r.m.fraction)), ClockBarHeight)
}

func (r *meterRenderer) Refresh() {
	setFill(r.track, Track)
	setFill(r.bar, r.m.token)
	r.Layout(r.m.Size())
	canvas.Refresh(r.m)
}
func (r *meterRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.track, r.bar} }
func (r *meterRenderer) Destroy()                     {}
