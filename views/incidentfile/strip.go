package incidentfile

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/views/kit"
)

// strip shows the ten steps of the loop side by side: mark, line, name, time and who.
func (p *Page) strip() fyne.CanvasObject {
	steps := Steps(&p.detail.State, p.p.Name)
	objs := make([]fyne.CanvasObject, len(steps))
	for i, s := range steps {
		objs[i] = p.step10(s, i == len(steps)-1)
	}
	return kit.Pad(container.New(&tenths{}, objs...), 16, headPad, 12, headPad)
}

// step10 is one step of the strip.
func (p *Page) step10(s Step, last bool) fyne.CanvasObject {
	env := p.p.Env
	icon, name, when, line := "s-ahead", kit.T3, "—", kit.Line2
	whenToken := kit.T3
	ty := kit.Body
	switch s.State {
	case Done:
		icon, name, line, ty, whenToken = "s-closed", kit.T1, kit.Ok, kit.Body.Heavy(), kit.T2
		when = shortTime(s.At, env.Now())
	case Present:
		icon, name, ty, when, whenToken = "s-handling", kit.T1, kit.Body.Heavy(), env.T("incidentfile.present"), kit.Acc
	}
	mark := fyne.CanvasObject(kit.NewIcon(icon, 18, kit.Acc))
	if icon == "s-ahead" {
		hollow := kit.NewFrame(kit.None, kit.Line3, 7)
		mark = kit.Fixed(kit.Pad(hollow, 2, 2, 2, 2), 18, 18)
	}
	rule := kit.NewBox(line)
	if last {
		rule.Hide()
	}
	return container.New(&stepLayout{}, mark, rule, kit.NewCutLabel(env.T("incidentfile.step_"+s.Key), ty, name),
		kit.NewCutLabel(when, kit.Caption, whenToken), kit.NewCutLabel(p.whoOf(s), kit.Caption, kit.T3))
}

// whoOf names who did a step, or whose it is to do: the lead's or the room's.
func (p *Page) whoOf(s Step) string {
	switch {
	case s.Who != "" && s.State != Present:
		return s.Who
	case s.State == Skipped:
		return ""
	case s.Key == "sign" || s.Key == "arrive" || s.Key == "handle" || s.Key == "feedback":
		return string(p.detail.State.LeadUnit)
	}
	return p.p.Env.T("incidentfile.holder_room")
}

// titleLayout places the title, as wide as it is if there is room, the marks behind it, and the clock at the right end.
type titleLayout struct{ title float32 }

func (l *titleLayout) MinSize(objs []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(objs[1].MinSize().Width+objs[2].MinSize().Width, kit.Title.Line)
}

func (l *titleLayout) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	const gap = 12
	marks, clock := objs[1].MinSize(), objs[2].MinSize()
	width := min(l.title+1, size.Width-marks.Width-clock.Width-2*gap)
	x := float32(0)
	for i, w := range []float32{width, marks.Width} {
		objs[i].Move(fyne.NewPos(x, 0))
		objs[i].Resize(fyne.NewSize(max(0, w), size.Height))
		x += w + gap
	}
	objs[2].Move(fyne.NewPos(size.Width-clock.Width, 0))
	objs[2].Resize(fyne.NewSize(clock.Width, size.Height))
}

// shortTime writes a moment of today as a time, any other with its day.
func shortTime(s, now incident.Stamp) string {
	t := s.Time().In(incident.Local)
	if incident.DayOf(s) == incident.DayOf(now) {
		return t.Format("15:04:05")
	}
	return t.Format("01-02 15:04")
}

// tenths gives each object the same share of the width; the last, which no line follows, has only what its words need.
type tenths struct{}

// lastStep is the width of the last step.
const lastStep float32 = 72

func (tenths) MinSize(objs []fyne.CanvasObject) fyne.Size {
	var h float32
	for _, o := range objs {
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(0, h)
}

func (tenths) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	w := (size.Width - lastStep) / float32(max(1, len(objs)-1))
	for i, o := range objs {
		o.Move(fyne.NewPos(float32(i)*w, 0))
		o.Resize(fyne.NewSize(w, size.Height))
	}
}

// stepLayout places mark and rule above name, time and who.
type stepLayout struct{}

func (stepLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, 76) }

func (stepLayout) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	at := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(max(0, w), h))
	}
	at(objs[0], 0, 0, 18, 18)
	at(objs[1], 22, 8, size.Width-26, 2)
	at(objs[2], 0, 22, size.Width-8, 20)
	at(objs[3], 0, 42, size.Width-8, 16)
	at(objs[4], 0, 58, size.Width-8, 16)
}
