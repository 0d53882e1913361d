package replay

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"zw110/data/incident"
	"zw110/views/kit"
)

// day is how long the track is.
const day = 24 * time.Hour

// mostMarks is how many moments the track can tell apart: five minutes each.
const mostMarks = 288

// track is the line of one day: what happened stands above it, the hours below.
type track struct {
	widget.BaseWidget
	goTo  func(incident.Stamp)
	from  incident.Stamp
	at    incident.Stamp
	news  [mostMarks]bool
	parts *trackParts
}

func newTrack(goTo func(incident.Stamp)) *track {
	t := &track{goTo: goTo}
	t.ExtendBaseWidget(t)
	return t
}

// set shows another day.
func (t *track) set(from incident.Stamp, moments []incident.Stamp) {
	t.from, t.news = from, [mostMarks]bool{}
	for _, m := range moments {
		if i := int(m.Sub(from) / (day / mostMarks)); i >= 0 && i < mostMarks {
			t.news[i] = true
		}
	}
	t.Refresh()
}

func (t *track) show(at incident.Stamp) {
	t.at = at
	t.Refresh()
}

// Tapped goes to a moment.
func (t *track) Tapped(e *fyne.PointEvent) { t.to(e.Position.X) }

// Dragged goes along.
func (t *track) Dragged(e *fyne.DragEvent) { t.to(e.Position.X) }

// DragEnd needs nothing.
func (t *track) DragEnd() {}

func (t *track) to(x float32) {
	if w := t.Size().Width; w > 0 && t.from > 0 {
		t.goTo(t.from.Add(time.Duration(float64(day) * float64(min(max(x/w, 0), 1)))))
	}
}

type trackParts struct {
	t      *track
	line   *kit.Box
	played *kit.Box
	knob   *canvas.Circle
	marks  []*canvas.Line
	hours  []*kit.Label
	all    []fyne.CanvasObject
}

// CreateRenderer makes line, played part, knob, marks and hours.
func (t *track) CreateRenderer() fyne.WidgetRenderer {
	p := &trackParts{t: t, line: kit.NewBox(kit.Track), played: kit.NewBox(kit.Acc2), knob: canvas.NewCircle(kit.Color(kit.Acc))}
	for range mostMarks {
		p.marks = append(p.marks, canvas.NewLine(kit.Color(kit.Norm)))
	}
	for h := 0; h <= 24; h += 3 {
		l := kit.NewLabel(strconv.Itoa(h)+":00", kit.Caption, kit.T3)
		l.Align = fyne.TextAlignCenter
		p.hours = append(p.hours, l)
	}
	p.all = []fyne.CanvasObject{p.line, p.played}
	for _, m := range p.marks {
		p.all = append(p.all, m)
	}
	for _, h := range p.hours {
		p.all = append(p.all, h)
	}
	p.all = append(p.all, p.knob)
	t.parts = p
	return p
}

func (p *trackParts) Layout(size fyne.Size) {
	mid := float32(26)
	p.line.Resize(fyne.NewSize(size.Width, 4))
	p.line.Move(fyne.NewPos(0, mid))
	for i, m := range p.marks {
		x := size.Width * (float32(i) + 0.5) / mostMarks
		m.Position1, m.Position2 = fyne.NewPos(x, mid-14), fyne.NewPos(x, mid-4)
		m.StrokeWidth = 2
	}
	for i, l := range p.hours {
		x := size.Width * float32(i) / float32(len(p.hours)-1)
		w := l.MinSize().Width
		l.Resize(l.MinSize())
		l.Move(fyne.NewPos(min(max(x-w/2, 0), size.Width-w), mid+10))
	}
	p.place(size)
}

// place moves what shows the moment.
func (p *trackParts) place(size fyne.Size) {
	x := size.Width * float32(float64(p.t.at.Sub(p.t.from))/float64(day))
	x = min(max(x, 0), size.Width)
	p.played.Resize(fyne.NewSize(x, 4))
	p.played.Move(fyne.NewPos(0, 26))
	p.knob.Resize(fyne.NewSize(12, 12))
	p.knob.Move(fyne.NewPos(x-6, 22))
}

func (p *trackParts) MinSize() fyne.Size { return fyne.NewSize(120, 54) }

func (p *trackParts) Refresh() {
	p.knob.FillColor = kit.Color(kit.Acc)
	for i, m := range p.marks {
		m.Hidden = !p.t.news[i]
		m.StrokeColor = kit.Color(kit.Norm)
	}
	p.place(p.t.Size())
	canvas.Refresh(p.t)
}

func (p *trackParts) Objects() []fyne.CanvasObject { return p.all }
func (p *trackParts) Destroy()                     {}
