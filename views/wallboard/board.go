package wallboard

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
	"zw110/views/townmap"
	"zw110/views/townmap/chart"
)

// Params says how a wall board is made.
type Params struct {
	Env  *kit.Env
	Desk interface {
		Desk
		Subscribe(func(room.Change)) func()
	}
	Counters func() board.Counters
	// Apart runs a job off the UI goroutine.
	Apart  func(job func())
	Ground func() townmap.Ground
	// Town is what stands at the top; Shift and Link are read each second.
	Town  string
	Shift func() string
	Link  func() (string, chart.Tone)
	// Drill says that nothing of it is real.
	Drill bool
	// Towns narrows everything to townships; empty: all.
	Towns func() []incident.ScopeID
	// Mask hides names and numbers in what people wrote.
	Mask func(string) string
}

// Board is the wall board in a window of its own. Its methods belong to the UI goroutine.
type Board struct {
	p       Params
	words   words
	painter *chart.Painter
	picture *canvas.Image
	root    *fyne.Container
	state   state
	known   bool // state was read
	cancel  func()
	reading bool
	stale   bool
	busy    bool
	again   bool
	spare   *image.RGBA // what was shown before, to paint into
	shown   string      // what the last picture was of, as far as time alone changes it
	hour    int
	light   *kit.Theme
	dark    *kit.Theme
}

// New returns a wall board. It fails only when the embedded fonts are damaged.
func New(p Params) (*Board, error) {
	painter, err := chart.NewPainter()
	if err != nil {
		return nil, err
	}
	b := &Board{
		p: p, painter: painter, picture: canvas.NewImageFromImage(nil), light: kit.NewTheme(kit.Light), dark: kit.NewTheme(kit.Dark), hour: -1,
		words: words{text: p.Env.Text, mask: p.Mask, town: p.Town, drill: p.Drill},
	}
	b.picture.ScaleMode, b.picture.FillMode, b.picture.Hidden = canvas.ImageScaleFastest, canvas.ImageFillStretch, true
	b.root = container.New(b, kit.NewBox(kit.Bg), b.picture)
	return b, nil
}

// Content is what the window shows.
func (b *Board) Content() fyne.CanvasObject { return b.root }

// MinSize lets the window be of any size.
func (b *Board) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(480, 270) }

// Layout fills the window and paints for its size.
func (b *Board) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objs {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(size)
	}
	b.paint(true)
}

// Start subscribes and reads.
func (b *Board) Start() {
	if b.cancel == nil {
		b.cancel = b.p.Desk.Subscribe(func(room.Change) { b.p.Env.Post(b.read) })
	}
	b.read()
}

// Stop lets go.
func (b *Board) Stop() {
	if b.cancel != nil {
		b.cancel()
		b.cancel = nil
	}
}

// Tick moves the clocks on; it comes once a second. A new hour is read anew.
func (b *Board) Tick(now incident.Stamp) {
	if h := now.Time().In(incident.Local).Hour(); h != b.hour {
		b.hour = h
		b.read()
		return
	}
	b.paint(false)
}

// read asks the room off the UI goroutine; one reading runs at a time.
func (b *Board) read() {
	if b.cancel == nil {
		return
	}
	if b.reading {
		b.stale = true
		return
	}
	b.reading, b.stale = true, false
	counters, ground, now := b.p.Counters(), b.p.Ground(), b.p.Env.Now()
	var towns []incident.ScopeID
	if b.p.Towns != nil {
		towns = b.p.Towns()
	}
	b.p.Apart(func() {
		s := read(b.p.Desk, counters, ground, towns, now)
		b.p.Env.Post(func() {
			b.reading = false
			b.state, b.known = s, true
			b.paint(true)
			if b.stale {
				b.read()
			}
		})
	})
}

// palette is dark at night.
func (b *Board) palette(now incident.Stamp) (chart.WallPalette, kit.Mode) {
	th, variant, mode := b.light, theme.VariantLight, kit.Light
	if h := now.Time().In(incident.Local).Hour(); h >= nightFrom || h < nightTo {
		th, variant, mode = b.dark, theme.VariantDark, kit.Dark
	}
	of := func(t kit.Token) color.Color { return th.Color(t, variant) }
	c := func(t kit.Token) color.NRGBA {
		n, ok := color.NRGBAModel.Convert(of(t)).(color.NRGBA)
		if !ok {
			return color.NRGBA{}
		}
		return n
	}
	return chart.WallPalette{
		Palette: townmap.PaletteOf(of), Bg: c(kit.Bg), Surface: c(kit.Surface), Edge: c(kit.Line2), Onacc: c(kit.Onacc), Ok: c(kit.Ok), Rule: c(kit.Line),
	}, mode
}

// paint paints anew when something changed, or when time alone makes the words differ. One picture is painted at a time.
func (b *Board) paint(changed bool) {
	size := b.pixels()
	if !b.known || size.X < 16 || size.Y < 16 {
		return
	}
	now := b.p.Env.Now()
	link, tone := b.p.Link()
	palette, mode := b.palette(now)
	scene := b.words.scene(&b.state, b.p.Shift(), link, tone, now)
	if is := told(scene, mode); changed || is != b.shown {
		b.shown = is
	} else {
		return
	}
	if b.busy {
		b.again = true
		return
	}
	b.busy = true
	img := b.spare
	b.spare = nil
	if img == nil || img.Rect.Size() != size {
		img = image.NewRGBA(image.Rectangle{Max: size})
	}
	b.p.Apart(func() {
		b.painter.PaintWall(img, scene, palette)
		b.p.Env.Post(func() {
			b.busy = false
			if old, ok := b.picture.Image.(*image.RGBA); ok {
				b.spare = old
			}
			b.picture.Image, b.picture.Hidden = img, false
			b.picture.Refresh()
			canvas.Refresh(b.root) // a picture that was hidden is not known to its window yet
			if b.again {
				b.again = false
				b.paint(true)
			}
		})
	})
}

// pixels is the size of the picture.
func (b *Board) pixels() image.Point {
	scale := float32(1)
	if c := fyne.CurrentApp().Driver().CanvasForObject(b.root); c != nil {
		scale = c.Scale()
	}
	size := b.root.Size()
	return image.Pt(int(size.Width*scale+0.5), int(size.Height*scale+0.5))
}

// told gathers every word that time alone may change.
func told(s *chart.WallScene, mode kit.Mode) string {
	out := string(mode) + s.Shift + s.Link + s.Date + s.Clock
	for i := range s.Figures {
		out += "\n" + s.Figures[i].Note
	}
	for _, strip := range []*chart.WallStrip{&s.Left, &s.Right} {
		for i := range strip.Rows {
			out += "\n" + strip.Rows[i].Title + strip.Rows[i].Clock
		}
	}
	return out
}
