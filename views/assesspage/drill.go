package assesspage

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"zw110/data/assess"
	"zw110/data/incident"
	"zw110/views/kit"
)

// drill is the list behind a figure: groups of incidents, each with its clock in one line. The whole line of the incident under the cursor
// stands below the list.
type drill struct {
	a      *Page
	b      *behind
	items  []drillItem
	at     []float32
	cursor int
	title  *kit.Label
	rate   *kit.Label
	list   *kit.ScrollList
	line   *kit.Para
	none   *kit.Label
	root   fyne.CanvasObject
}

// drillItem is a head, or an incident.
type drillItem struct {
	head string
	part assess.Part
}

const (
	drillHead float32 = 28
	drillRow  float32 = 44
)

func newDrill(a *Page) *drill {
	d := &drill{a: a, title: kit.NewLabel("", kit.Strong, kit.T1), rate: kit.NewLabel("", kit.Strong, kit.Acc), line: kit.NewPara("", kit.Small, kit.T1), none: kit.NewLabel("", kit.Body, kit.T3)}
	d.list = kit.NewScrollList(d, func() fyne.CanvasObject { return newDrillLine() }, d.fill)
	back := kit.NewButton(kit.Ghost, "left", a.p.Env.T("assesspage.key.back"), "Esc", d.leave).Small()
	bar := kit.VBox(0, kit.Fixed(kit.Pad(kit.HBox(12, back, d.title, d.rate, kit.Spacer()), 0, 16, 0, 8), 0, 44), kit.Divider())
	foot := kit.VBox(0, kit.Divider(), kit.Panel(kit.Surface2, kit.Fixed(kit.Pad(d.line, 10, 16, 10, 16), 0, 3*kit.Small.Line+20)))
	d.root = container.NewStack(kit.NewBox(kit.Surface), kit.Edges(bar, foot, nil, nil, container.NewStack(d.list, container.NewCenter(d.none))))
	return d
}

func (d *drill) shown() bool { return d.b != nil }

func (d *drill) close() { d.b = nil }

// leave goes back to the figures.
func (d *drill) leave() {
	d.close()
	d.a.paint()
}

func (d *drill) show(b *behind) {
	d.b, d.items, d.at, d.cursor = b, nil, []float32{0}, 0
	add := func(i drillItem, h float32) {
		d.items = append(d.items, i)
		d.at = append(d.at, d.at[len(d.at)-1]+h)
	}
	for _, g := range b.groups {
		add(drillItem{head: g.head + "  " + strconv.Itoa(len(g.parts))}, drillHead)
		for _, p := range g.parts {
			add(drillItem{part: p}, drillRow)
		}
	}
	d.title.Set(b.title, kit.T1)
	d.rate.Set(b.rate, kit.Acc)
	d.none.Set("", kit.T3)
	if len(d.items) == 0 {
		d.none.Set(d.a.p.Env.T("assesspage.nobody"), kit.T3)
	}
	d.list.SetRows(d)
	d.list.SetOffset(0)
	d.move(1)
}

// Len counts heads and incidents.
func (d *drill) Len() int { return len(d.items) }

// Top returns where an item begins.
func (d *drill) Top(i int) float32 {
	if len(d.at) == 0 {
		return 0
	}
	return d.at[min(i, len(d.at)-1)]
}

// At returns the item at a height.
func (d *drill) At(y float32) int {
	lo, hi := 0, max(0, len(d.items)-1)
	for lo < hi {
		if m := (lo + hi) / 2; d.at[m+1] > y {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}

// incident is the one under the cursor, zero for none.
func (d *drill) incident() incident.IncidentID {
	if d.b == nil || d.cursor >= len(d.items) || d.items[d.cursor].head != "" {
		return incident.IncidentID{}
	}
	return d.items[d.cursor].part.Incident()
}

// move steps over heads.
func (d *drill) move(by int) {
	n := len(d.items)
	if n == 0 {
		d.line.Set("", kit.T1)
		return
	}
	to := max(0, min(d.cursor+by, n-1))
	step := 1
	if by < 0 {
		step = -1
	}
	for to >= 0 && to < n && d.items[to].head != "" {
		to += step
	}
	if to < 0 || to >= n {
		to = d.cursor
	}
	d.cursor = to
	if p := d.items[to]; p.head == "" {
		d.line.Set(d.b.report.Line(p.part, d.a.p.Env.Text), kit.T1)
	}
	d.list.ScrollTo(to, drillHead)
	d.list.Update()
}

func (d *drill) handle(p kit.Press) bool {
	switch p.Command {
	case kit.CmdUp:
		d.move(-1)
	case kit.CmdDown:
		d.move(1)
	case kit.CmdPageUp:
		d.move(-10)
	case kit.CmdPageDown:
		d.move(10)
	case kit.CmdFirst:
		d.move(-len(d.items))
	case kit.CmdLast:
		d.move(len(d.items))
	case kit.CmdOpen:
		if id := d.incident(); !id.IsZero() {
			d.a.p.Open(id)
		}
	case kit.CmdBack:
		d.leave()
	default:
		return false
	}
	return true
}

func (d *drill) fill(i int, o fyne.CanvasObject) {
	l, ok := o.(*drillLine)
	if !ok || i >= len(d.items) || d.b == nil {
		return
	}
	it := d.items[i]
	if it.head != "" {
		l.OnTap, l.OnDoubleTap = nil, nil
		l.head(it.head)
		return
	}
	l.show(it.part, d.b.report.Line(it.part, d.a.p.Env.Text), i == d.cursor)
	l.OnTap = func() {
		d.cursor = i
		d.move(0)
	}
	l.OnDoubleTap = func() { d.a.p.Open(it.part.Incident()) }
}

// drillLine is one row.
type drillLine struct {
	kit.RowBase
	ground *canvas.Rectangle
	all    []fyne.CanvasObject
	place  func(fyne.Size)
}

func newDrillLine() *drillLine {
	l := &drillLine{ground: canvas.NewRectangle(kit.Color(kit.Surface2)), place: func(fyne.Size) {}}
	l.InitRow(l)
	return l
}

func (l *drillLine) head(text string) {
	l.Selected = false
	l.PaintGround()
	l.ground.FillColor = kit.Color(kit.Surface2)
	t := kit.Small.Heavy().NewText(text, kit.Color(kit.T1))
	l.all = append([]fyne.CanvasObject{l.ground}, append(l.Ground(), t)...)
	l.place = func(size fyne.Size) {
		l.PlaceGround(size)
		l.ground.Resize(size)
		kit.PlaceText(t, kit.PagePadding, size.Height/2)
	}
	l.place(l.Size())
	l.Refresh()
}

func (l *drillLine) show(p assess.Part, clock string, selected bool) {
	l.Selected = selected
	l.PaintGround()
	no, unit := kit.Small.NewText(p.No, kit.Color(kit.T2)), kit.Small.NewText(string(p.Unit), kit.Color(kit.T2))
	village := kit.Small.NewText(p.Village(), kit.Color(kit.T2))
	style := kit.Body
	style.Bold = selected
	title, line := style.NewText("", kit.Color(kit.T1)), kit.Caption.NewText("", kit.Color(kit.T3))
	l.all = append(l.Ground(), no, title, village, unit, line)
	l.place = func(size fyne.Size) {
		const noW, sideW float32 = 124, 100
		l.PlaceGround(size)
		title.Text = style.Fit(p.Title(), size.Width-2*kit.PagePadding-noW-2*sideW)
		line.Text = kit.Caption.Fit(clock, size.Width-2*kit.PagePadding-noW)
		kit.PlaceText(no, kit.PagePadding, 14)
		kit.PlaceText(title, kit.PagePadding+noW, 14)
		kit.PlaceText(village, size.Width-kit.PagePadding-2*sideW+8, 14)
		kit.PlaceText(unit, size.Width-kit.PagePadding-sideW, 14)
		kit.PlaceText(line, kit.PagePadding+noW, 32)
	}
	l.place(l.Size())
	l.Refresh()
}

// CreateRenderer draws the row.
func (l *drillLine) CreateRenderer() fyne.WidgetRenderer { return &drillRenderer{l} }

type drillRenderer struct{ l *drillLine }

func (r *drillRenderer) Layout(size fyne.Size)        { r.l.place(size) }
func (r *drillRenderer) MinSize() fyne.Size           { return fyne.NewSize(0, drillHead) }
func (r *drillRenderer) Refresh()                     { canvas.Refresh(r.l) }
func (r *drillRenderer) Objects() []fyne.CanvasObject { return r.l.all }
func (r *drillRenderer) Destroy()                     {}
