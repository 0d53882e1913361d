package chart

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
	"strconv"

	"zw110/data/board"
)

// The wall board is laid out on a screen of this size and scaled as a whole.
const (
	WallWidth  = 1920
	WallHeight = 1080
)

// Tone is how much something presses.
type Tone uint8

// The tones. Pressing is for clocks of the response.
const (
	Calm     Tone = 0
	Critical Tone = 1
	Urgent   Tone = 2
	Good     Tone = 3
	Pressing Tone = 4
)

// WallFigure is one of the six large figures.
type WallFigure struct {
	Name, Value, Note string
	Tone              Tone // edge and value are coloured unless calm
}

// WallRow is one incident of a strip.
type WallRow struct {
	Rank                uint8
	Title, Place, Clock string
	Tone                Tone
}

// WallStrip is a list at the bottom.
type WallStrip struct {
	Title, Note string
	Tone        Tone
	Rows        []WallRow
	Empty       string // stands there when there are no rows
}

// WallHours is the chart of what came in by hour. Today has the hours up to now, Mean all of the day; they may be empty.
type WallHours struct {
	Title, TodayName, MeanName string
	Today                      []int
	Mean                       []float64
	Hour                       func(h int) string
}

// WallScene is all that the wall board shows, in words.
type WallScene struct {
	Town, Shift, Link, Date, Clock string
	LinkTone                       Tone
	Drill                          string // marks a drill, empty for the real thing
	Figures                        [6]WallFigure
	Hours                          WallHours
	Left, Right                    WallStrip
	Legend                         [board.Ranks]string
	Vague                          string // the legend's word for a dashed ring
	Map                            *Scene
	View                           func(w, h float64) board.Viewport // what of the world a map of a size in pixels shows
	Note                           string
}

// WallPalette has the colours that only the wall board has.
type WallPalette struct {
	Palette
	Bg, Surface, Edge, Onacc, Ok, Rule color.NRGBA
}

// wall is a wall board being painted.
type wall struct {
	canvas
	p   *Painter
	s   *WallScene
	pal WallPalette
	f   float64 // pixels of a unit
	x0  float64
	y0  float64
}

// MapSize is the size of the map on a wall board of f pixels a unit.
func MapSize(f float64) (w, h float64) { return mapCard.w * f, mapCard.h * f }

// area is a place on the wall board, in its units.
type area struct{ x, y, w, h float64 }

var mapCard = area{32, 96, 936, 736}

// PaintWall paints a wall board into a picture of any size; what is not 16 to 9 is left empty around it.
func (p *Painter) PaintWall(img *image.RGBA, s *WallScene, pal WallPalette) {
	size := img.Rect.Size()
	w := &wall{canvas: canvas{img: img, work: p.work}, p: p, s: s, pal: pal}
	w.f = min(float64(size.X)/WallWidth, float64(size.Y)/WallHeight)
	w.x0, w.y0 = (float64(size.X)-WallWidth*w.f)/2, (float64(size.Y)-WallHeight*w.f)/2
	draw.Draw(img, img.Rect, image.NewUniform(pal.Bg), image.Point{}, draw.Src)
	w.head()
	w.paintMap()
	for i := range s.Figures {
		w.figure(&s.Figures[i], area{984 + 304*float64(i%3), 96 + 204*float64(i/3), 296, 196})
	}
	w.hours(area{984, 504, 904, 328})
	w.strip(&s.Left, area{32, 848, 936, 200})
	w.strip(&s.Right, area{984, 848, 904, 200})
}

func (w *wall) at(x, y float64) pt { return pt{w.x0 + x*w.f, w.y0 + y*w.f} }

func (w *wall) box(a area) box {
	p, q := w.at(a.x, a.y), w.at(a.x+a.w, a.y+a.h)
	return box{p.x, p.y, q.x, q.y}
}

// say writes a text with the middle of its characters at y, and returns its width in units.
func (w *wall) say(text string, size float64, bold bool, x, y float64, col color.NRGBA) float64 {
	l := letter{size * w.f, bold}
	p := w.at(x, y)
	w.text(w.p.writer, text, l, p.x, p.y, col)
	return w.p.writer.width(text, l) / w.f
}

func (w *wall) sayRight(text string, size float64, bold bool, right, y float64, col color.NRGBA) float64 {
	width := w.wide(text, size, bold)
	w.say(text, size, bold, right-width, y, col)
	return width
}

func (w *wall) wide(text string, size float64, bold bool) float64 {
	return w.p.writer.width(text, letter{size * w.f, bold}) / w.f
}

// fit cuts a text with … to a width.
func (w *wall) fit(text string, size float64, bold bool, width float64) string {
	if w.wide(text, size, bold) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && w.wide(string(runes)+"…", size, bold) > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

func (w *wall) tone(t Tone) color.NRGBA {
	switch t {
	case Critical:
		return w.pal.Crit
	case Urgent:
		return w.pal.Urg
	case Good:
		return w.pal.Ok
	case Pressing:
		return w.pal.Acc
	}
	return w.pal.T1
}

func (w *wall) card(a area) {
	w.plate(w.box(a), 8*w.f, max(1, 1.2*w.f), w.pal.Surface, w.pal.Edge)
}

// head is the line at the top.
func (w *wall) head() {
	w.plate(w.box(area{32, 20, 56, 56}), 8*w.f, 0, w.pal.Acc, w.pal.Acc)
	w.say("110", 22, true, 60-w.wide("110", 22, true)/2, 48, w.pal.Onacc)
	const y = 50
	x := 112.0
	if w.s.Drill != "" {
		width := w.wide(w.s.Drill, 32, true) + 28
		w.plate(w.box(area{x, 22, width, 52}), 6*w.f, 0, w.pal.Urg, w.pal.Urg)
		w.say(w.s.Drill, 32, true, x+14, 48, w.pal.Onacc)
		x += width + 20
	}
	x += w.say(w.s.Town, 40, true, x, y, w.pal.T1) + 26
	clock := w.sayRight(w.s.Clock, 56, true, 1888, y, w.pal.T1)
	date := w.sayRight(w.s.Date, 28, false, 1888-clock-24, y, w.pal.T2)
	right := 1888 - clock - 24 - date - 28
	link := w.sayRight(w.s.Link, 28, false, right, y, w.tone(w.s.LinkTone))
	w.say(w.fit(w.s.Shift, 28, false, right-link-32-x), 28, false, x, y, w.pal.T2)
}

// paintMap draws the town with its incidents and what the signs mean.
func (w *wall) paintMap() {
	b := w.box(mapCard)
	rect := image.Rect(int(b.x0+0.5), int(b.y0+0.5), int(b.x1+0.5), int(b.y1+0.5))
	look := Wall(w.pal.Palette, w.f)
	view := w.s.View(float64(rect.Dx()), float64(rect.Dy()))
	picture := w.p.Paint(w.s.Map, view, look)
	draw.Draw(w.img, rect, picture, image.Point{}, draw.Src)
	w.corners(b)
	items := append(slices.Clone(w.s.Legend[:]), w.s.Vague)
	width := 16.0
	for _, t := range items {
		width += 26 + 10 + w.wide(t, 24, false) + 22
	}
	legend := area{mapCard.x + mapCard.w - width - 16, mapCard.y + 18, width, 48}
	w.plate(w.box(legend), 4*w.f, max(1, w.f), w.pal.Surface, w.pal.Edge)
	x, y := legend.x+18, legend.y+24
	for rank, t := range items {
		m := w.at(x+12, y)
		if rank < board.Ranks {
			w.sign(uint8(rank), m, 24)
		} else {
			w.stroke(append(circle(m, 11*w.f, 1), pt{m.x + 11*w.f, m.y}), 2*w.f, []float64{5 * w.f, 4 * w.f}, w.pal.T2)
		}
		x += 34 + w.say(t, 24, false, x+34, y, w.pal.T1) + 22
	}
	if w.s.Note != "" {
		width := w.wide(w.s.Note, 24, false) + 24
		a := area{mapCard.x + 16, mapCard.y + mapCard.h - 56, width, 40}
		w.plate(w.box(a), 4*w.f, 0, w.pal.Plate, w.pal.Plate)
		w.say(w.s.Note, 24, false, a.x+12, a.y+20, w.pal.T2)
	}
}

// corners rounds the corners of the map and draws the line around it.
func (w *wall) corners(b box) {
	r := 8 * w.f
	outer := []pt{{b.x0, b.y0}, {b.x1, b.y0}, {b.x1, b.y1}, {b.x0, b.y1}}
	w.fill([][]pt{outer, rounded(b, r, -1)}, w.pal.Bg)
	w.plate(b, r, max(1, 1.2*w.f), color.NRGBA{}, w.pal.Edge)
}

// sign draws the shape of an urgency, size units large.
func (w *wall) sign(rank uint8, m pt, size float64) {
	s := &sheet{canvas: w.canvas, p: w.p, pal: w.pal.Palette}
	s.urgency(rank, m, size*w.f)
}

func (w *wall) figure(f *WallFigure, a area) {
	w.card(a)
	value := w.pal.T1
	if f.Tone != Calm {
		value = w.tone(f.Tone)
		edge := w.box(area{a.x, a.y, 10, a.h})
		w.fill([][]pt{rounded(box{edge.x0, edge.y0, edge.x1 + 8*w.f, edge.y1}, 8*w.f, 1)}, value)
		cover := w.box(area{a.x + 10, a.y + 1.2, 9, a.h - 2.4})
		w.fill([][]pt{{{cover.x0, cover.y0}, {cover.x1, cover.y0}, {cover.x1, cover.y1}, {cover.x0, cover.y1}}}, w.pal.Surface)
	}
	w.say(f.Name, 32, false, a.x+34, a.y+40, w.pal.T2)
	w.say(f.Value, 92, true, a.x+32, a.y+108, value)
	w.say(w.fit(f.Note, 26, false, a.w-50), 26, false, a.x+34, a.y+170, w.pal.T2)
}

// hours draws bars for today and a dotted line for the mean of the days before.
func (w *wall) hours(a area) {
	w.card(a)
	h := &w.s.Hours
	w.say(h.Title, 32, false, a.x+24, a.y+38, w.pal.T2)
	x := a.x + a.w - 24
	x -= w.sayRight(h.MeanName, 26, false, x, a.y+38, w.pal.T1) + 12
	w.stroke([]pt{w.at(x-34, a.y+38), w.at(x, a.y+38)}, 3*w.f, []float64{0.1, 8 * w.f}, w.pal.T3)
	x -= 34 + 36
	x -= w.sayRight(h.TodayName, 26, false, x, a.y+38, w.pal.T1) + 10
	w.plate(w.box(area{x - 26, a.y + 29, 26, 18}), 3*w.f, 0, w.pal.Acc, w.pal.Acc)

	most := 2.0
	for _, n := range h.Today {
		most = max(most, float64(n))
	}
	for _, m := range h.Mean {
		most = max(most, m)
	}
	top := 2 * int((most+1.999)/2) // an even number, for the line in the middle
	plot := area{a.x + 80, a.y + 92, a.w - 80 - 40, 160}
	level := func(v float64) float64 { return plot.y + plot.h*(1-v/float64(top)) }
	for _, v := range []int{0, top / 2, top} {
		y := level(float64(v))
		w.stroke([]pt{w.at(plot.x, y), w.at(plot.x+plot.w, y)}, max(1, w.f), nil, w.pal.Rule)
		w.sayRight(strconv.Itoa(v), 24, false, plot.x-22, y, w.pal.T2)
	}
	each := plot.w / 24
	for i, n := range h.Today {
		if n > 0 {
			b := w.box(area{plot.x + each*float64(i) + each*0.13, level(float64(n)), each * 0.74, plot.y + plot.h - level(float64(n))})
			w.fill([][]pt{rounded(b, 3*w.f, 1)}, w.pal.Acc)
		}
	}
	line := make([]pt, len(h.Mean))
	for i, m := range h.Mean {
		line[i] = w.at(plot.x+each*(float64(i)+0.5), level(m))
	}
	w.stroke(line, 3.5*w.f, []float64{0.1, 9 * w.f}, w.pal.T3)
	for i := 0; i < 24; i += 4 {
		text := h.Hour(i)
		w.say(text, 24, false, plot.x+each*(float64(i)+0.5)-w.wide(text, 24, false)/2, plot.y+plot.h+32, w.pal.T2)
	}
}

func (w *wall) strip(s *WallStrip, a area) {
	w.card(a)
	col := w.tone(s.Tone)
	x := a.x + 26
	x += w.say(s.Title, 28, true, x, a.y+36, col)
	w.say(s.Note, 28, false, x+14, a.y+36, w.pal.T2)
	if len(s.Rows) == 0 {
		w.say(s.Empty, 32, false, a.x+26, a.y+116, w.pal.T3)
	}
	for i := range s.Rows {
		r, y := &s.Rows[i], a.y+94+52*float64(i)
		w.sign(r.Rank, w.at(a.x+40, y), 28)
		right := a.x + a.w - 26
		right -= w.sayRight(r.Clock, 32, true, right, y, w.tone(r.Tone)) + 24
		place := w.wide(r.Place, 32, false)
		title := w.fit(r.Title, 32, true, right-(a.x+74)-place-16)
		at := a.x + 74 + w.say(title, 32, true, a.x+74, y, w.pal.T1) + 16
		w.say(r.Place, 32, false, at, y, w.pal.T2)
	}
}
