package views

import (
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/county"
	"zw110/views/kit"
)

// Counter names a figure of the top bar; its value is the end of its catalogue key.
type Counter string

// The counters.
const (
	CountUnanswered Counter = "unanswered"
	CountToDispatch Counter = "to_dispatch"
	CountInHand     Counter = "in_hand"
	CountDueSoon    Counter = "due_soon"
	CountOverdue    Counter = "overdue"
	CountDone       Counter = "done"
	CountToSettle   Counter = "to_settle" // in view only while there is something
	CountWarnings   Counter = "warnings"  // likewise
)

// topBar is 48 high: town and shift, counters, state of the desk, clock.
type topBar struct {
	widget.BaseWidget
	env      *kit.Env
	ground   *kit.Box
	rule     *kit.Box
	town     *kit.Label
	towns    *tapArea // behind the town's name, where one can choose among towns
	arrow    *kit.Icon
	shift    *kit.Label
	mark     *kit.Tag
	sync     *syncMark
	clock    *kit.Label
	date     *kit.Label
	counters []*counter
	toSettle int
	warnings int
}

func newTopBar(env *kit.Env, town string, mark tag, onCounter func(Counter), onSync, onTown func()) *topBar {
	t := &topBar{
		env: env, ground: kit.NewBox(kit.Surface), rule: kit.Divider(), town: kit.NewLabel(town, kit.Body.Heavy(), kit.T1),
		shift: kit.NewLabel("", kit.Caption, kit.T2), mark: kit.NewTag(mark.word, kit.Onacc, mark.token),
		sync:  newSyncMark(onSync),
		towns: newTapArea(onTown), arrow: kit.NewIcon("down", 12, kit.T2),
		clock: kit.NewLabel("00:00:00", kit.Strong, kit.T1), date: kit.NewLabel("", kit.Caption, kit.T2),
	}
	t.mark.Hidden, t.arrow.Hidden, t.towns.Hidden = mark.word == "", onTown == nil, onTown == nil
	t.clock.Align, t.date.Align = fyne.TextAlignTrailing, fyne.TextAlignTrailing
	for _, c := range []Counter{CountUnanswered, CountToDispatch, CountInHand, CountDueSoon, CountOverdue, CountDone, CountToSettle, CountWarnings} {
		t.counters = append(t.counters, newCounter(env.T("shell.count."+string(c)), func() { onCounter(c) }))
	}
	t.setSync(county.FaceOf(env.Text, county.State{}, env.Now()))
	t.tick(env.Now())
	t.ExtendBaseWidget(t)
	return t
}

func (t *topBar) setTown(text string) {
	t.town.Set(text, kit.T1)
	t.Refresh()
}

func (t *topBar) setShift(text string) {
	t.shift.Set(text, kit.T2)
	t.Refresh()
}

func (t *topBar) setSync(f county.Face) {
	if t.sync.show(f) {
		t.Refresh()
	}
}

func (t *topBar) setCounters(c board.Counters) {
	pressing := func(n int, token kit.Token) kit.Token {
		if n == 0 {
			return kit.T3
		}
		return token
	}
	t.counters[0].set("", strconv.Itoa(c.Unanswered), pressing(c.Unanswered, kit.Crit))
	t.counters[1].set("", strconv.Itoa(c.ToDispatch), pressing(c.ToDispatch, kit.Urg))
	t.counters[2].set("", strconv.Itoa(c.InHand), pressing(c.InHand, kit.T1))
	t.counters[3].set("", strconv.Itoa(c.DueSoon), pressing(c.DueSoon, kit.Urg))
	t.counters[4].set("", strconv.Itoa(c.Overdue), pressing(c.Overdue, kit.Crit))
	rate := "—"
	if c.ReceivedToday > 0 {
		rate = fmt.Sprintf("%.1f%%", 100*float64(c.DoneToday)/float64(c.ReceivedToday))
	}
	t.counters[5].set(fmt.Sprintf(" %d/%d", c.DoneToday, c.ReceivedToday), rate, kit.T1)
	t.Refresh()
}

// setToSettle counts the conflicts that wait for a person.
func (t *topBar) setToSettle(n int) {
	if t.toSettle == n {
		return
	}
	t.toSettle = n
	t.counters[toSettleAt].set("", strconv.Itoa(n), kit.Crit)
	t.Refresh()
}

// setWarnings counts the early warnings that wait for an answer; pressing: one is red, or late.
func (t *topBar) setWarnings(n int, pressing bool) {
	token := kit.Urg
	if pressing {
		token = kit.Crit
	}
	t.warnings = n
	t.counters[warningsAt].set("", strconv.Itoa(n), token)
	t.Refresh()
}

func (t *topBar) tick(now incident.Stamp) {
	local := now.Time().In(incident.Local)
	t.clock.Set(local.Format("15:04:05"), kit.T1)
	t.date.Set(local.Format("2006-01-02")+" "+t.env.T("shell.weekday."+strconv.Itoa(int(local.Weekday()))), kit.T2)
}

// CreateRenderer lays the bar out by hand; counters that find no room are left out.
func (t *topBar) CreateRenderer() fyne.WidgetRenderer {
	objs := []fyne.CanvasObject{t.ground, t.towns, t.arrow, t.town, t.shift, t.mark, t.sync, t.clock, t.date, t.rule}
	for _, c := range t.counters {
		objs = append(objs, c)
	}
	return kit.NewRowRenderer(t.arrange, func() { t.arrange(t.Size()) }, objs)
}

// MinSize is the height of the bar.
func (t *topBar) MinSize() fyne.Size {
	t.ExtendBaseWidget(t)
	return fyne.NewSize(600, kit.TopBarHeight)
}

func (t *topBar) arrange(size fyne.Size) {
	put := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	}
	put(t.ground, 0, 0, size.Width, size.Height)
	put(t.rule, 0, size.Height-1, size.Width, 1)
	right := size.Width - kit.PagePadding
	clock := max(t.clock.MinSize().Width, t.date.MinSize().Width)
	put(t.clock, right-clock, 5, clock, 22)
	put(t.date, right-clock, 27, clock, 16)
	right -= clock + 20
	w := t.sync.MinSize().Width
	put(t.sync, right-w, (size.Height-syncHeight)/2, w, syncHeight)
	right -= w + 12
	x := kit.PagePadding
	if t.mark.Visible() {
		dw := t.mark.MinSize().Width
		put(t.mark, x, (size.Height-kit.TagHeight)/2, dw, kit.TagHeight)
		x += dw + 12
	}
	w = max(t.town.MinSize().Width, t.shift.MinSize().Width)
	if t.shift.Text == "" {
		put(t.town, x, 0, w, size.Height)
	} else {
		put(t.town, x, 6, w, 20)
		put(t.shift, x, 26, w, 16)
	}
	if t.arrow.Visible() {
		put(t.towns, x-6, 4, w+12, size.Height-8)
		put(t.arrow, x+t.town.MinSize().Width+4, 10, 12, 12)
		w = max(w, t.town.MinSize().Width+16)
	}
	x += w + kit.PagePadding
	t.leaveOut(right - x)
	for _, c := range t.counters {
		if w := c.MinSize().Width; !c.Hidden {
			put(c, x, 0, w, size.Height-1)
			x += w
		}
	}
}

// The places of the counters that are in view only while there is something: conflicts and early warnings.
const (
	toSettleAt = 6
	warningsAt = 7
)

// nothing reports whether a counter of those has nothing to count.
func (t *topBar) nothing(i int) bool {
	return i == toSettleAt && t.toSettle == 0 || i == warningsAt && t.warnings == 0
}

// leaveOut hides counters until the rest fits a width: first those that press least. What waits for this room and what is late go last.
func (t *topBar) leaveOut(room float32) {
	var need float32
	for i, c := range t.counters {
		if c.Hidden = t.nothing(i); !c.Hidden {
			need += c.MinSize().Width
		}
	}
	for _, i := range []int{5, 2, 3, 1, 4, 0} {
		if need <= room {
			return
		}
		t.counters[i].Hidden = true
		need -= t.counters[i].MinSize().Width
	}
}

// counter is a word and a figure, and a button.
type counter struct {
	widget.BaseWidget
	label  *kit.Label
	name   string
	figure *kit.Label
	ground *kit.Box
	act    func()
}

var (
	_ fyne.Tappable     = (*counter)(nil)
	_ desktop.Hoverable = (*counter)(nil)
)

func newCounter(name string, act func()) *counter {
	c := &counter{name: name, label: kit.NewLabel(name, kit.Small, kit.T2), figure: kit.NewLabel("0", kit.Figure, kit.T3), ground: kit.NewBox(kit.None), act: act}
	c.ExtendBaseWidget(c)
	return c
}

func (c *counter) set(more, figure string, token kit.Token) {
	c.label.Set(c.name+more, kit.T2)
	c.figure.Set(figure, token)
}

// Tapped opens the counter's view.
func (c *counter) Tapped(*fyne.PointEvent) { c.act() }

// MouseIn begins the hover.
func (c *counter) MouseIn(*desktop.MouseEvent) { c.ground.Set(kit.Surface2, kit.None, 0) }

// MouseMoved does nothing.
func (c *counter) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the hover.
func (c *counter) MouseOut() { c.ground.Set(kit.None, kit.None, 0) }

// CreateRenderer puts a thin line before word and figure.
func (c *counter) CreateRenderer() fyne.WidgetRenderer {
	line := kit.Divider()
	row := kit.HBox(6, kit.Pad(c.label, 6, 0, 0, 0), c.figure) // word and figure on one base line
	return widget.NewSimpleRenderer(kit.Edges(nil, nil, kit.Pad(kit.Fixed(line, 1, 24), 12, 0, 12, 0), nil, container.NewStack(c.ground, kit.Pad(row, 0, 12, 0, 12))))
}

// syncHeight is the height of the mark that says how the desk stands with the county.
const syncHeight float32 = 28

// syncMark is icon and words on a tint, and a button.
type syncMark struct {
	counter
	face county.Face
	icon *kit.Icon
}

func newSyncMark(act func()) *syncMark {
	m := &syncMark{icon: kit.NewIcon("", 14, kit.T2)}
	m.label, m.ground, m.act = kit.NewLabel("", kit.Small, kit.T2), kit.NewFrame(kit.None, kit.None, kit.Radius), act
	m.ExtendBaseWidget(m)
	return m
}

// show reports whether anything changed.
func (m *syncMark) show(f county.Face) bool {
	if m.face == f {
		return false
	}
	m.face = f
	m.icon.Set(f.Icon, f.Token)
	m.label.Type = kit.Small
	m.label.Type.Bold = f.Ground != kit.None
	m.label.Set(f.Text, f.Token)
	m.ground.Set(f.Ground, kit.None, 0)
	return true
}

// Tapped opens what there is to say about the link.
func (m *syncMark) Tapped(*fyne.PointEvent) {
	if m.act != nil {
		m.act()
	}
}

// MouseOut ends the hover.
func (m *syncMark) MouseOut() { m.ground.Set(m.face.Ground, kit.None, 0) }

// CreateRenderer puts icon and words on the ground.
func (m *syncMark) CreateRenderer() fyne.WidgetRenderer {
	// The ground reaches 10 units out at both sides, so that the words stand at one place with it and without.
	return widget.NewSimpleRenderer(container.NewStack(kit.Pad(m.ground, 0, -10, 0, -10), kit.HBox(4, m.icon, m.label)))
}

// tapArea is a place that can be pressed, behind what stands in front of it.
type tapArea struct {
	counter
}

func newTapArea(act func()) *tapArea {
	a := &tapArea{}
	a.ground, a.act = kit.NewFrame(kit.None, kit.None, kit.Radius), act
	a.ExtendBaseWidget(a)
	return a
}

// CreateRenderer shows the ground.
func (a *tapArea) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(a.ground) }
