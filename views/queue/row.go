package queue

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// rowWidget is one incident: 32 high, every text placed by hand.
type rowWidget struct {
	kit.RowBase
	env     *kit.Env
	widths  Widths
	row     board.Row
	ticked  bool
	urgency *kit.Icon
	word    *canvas.Text
	no      *canvas.Text
	clock   *kit.ClockParts
	title   *canvas.Text
	village *canvas.Text
	channel *kit.Icon
	source  *canvas.Text
	advice  *canvas.Text
	lead    *canvas.Text
	co      *canvas.Text
	stage   *kit.Icon
	state   *canvas.Text
	elapsed *canvas.Text
	tick    *kit.Icon
	star    *kit.Icon
	export  *kit.Icon // what the county lacks, or a conflict
	count   *canvas.Text
	newsBy  *kit.Icon // who is at it, or changed it, at another desk
	newsOf  *canvas.Text
	outbox  func(incident.IncidentID) room.Pending
	news    func(incident.IncidentID, incident.Stamp) news
	onTouch func()
	told    news
}

// news says who is at an incident, or changed it, at another desk.
type news struct {
	icon, text, short string // short where text finds no room
	token             kit.Token
}

func newRowWidget(env *kit.Env) *rowWidget {
	small := func() *canvas.Text { return kit.Small.NewText("", kit.Color(kit.T2)) }
	r := &rowWidget{
		env: env, urgency: kit.NewIcon("", 14, kit.T2), word: small(), no: small(), clock: kit.NewClockParts(kit.ClockBarWidth),
		title: kit.Body.NewText("", kit.Color(kit.T1)), village: small(), channel: kit.NewIcon("", 14, kit.T2), source: small(), advice: small(),
		lead: small(), co: kit.Caption.NewText("", kit.Color(kit.T3)), stage: kit.NewIcon("", 14, kit.T2), state: small(), elapsed: small(),
		tick: kit.NewIcon("", 12, kit.Acc), star: kit.NewIcon("", 12, kit.Urg),
		export: kit.NewIcon("", 14, kit.Urg), count: small(), newsBy: kit.NewIcon("", 12, kit.Acc), newsOf: kit.Caption.NewText("", kit.Color(kit.T3)),
	}
	r.InitRow(r)
	return r
}

// CreateRenderer hands the objects over, back to front.
func (r *rowWidget) CreateRenderer() fyne.WidgetRenderer {
	objs := append(r.Ground(), r.clock.Objects()...)
	objs = append(objs, r.urgency, r.word, r.no, r.title, r.village, r.channel, r.source, r.advice, r.lead, r.co, r.stage, r.state, r.elapsed, r.tick, r.star, r.export, r.count, r.newsBy, r.newsOf)
	return kit.NewRowRenderer(r.place, func() { r.paint(r.env.Now()) }, objs)
}

// show fills the row; what stays the same is not drawn again.
func (r *rowWidget) show(row board.Row, w Widths, cursor, ticked bool, now incident.Stamp) {
	r.row, r.widths, r.ticked, r.Selected = row, w, ticked, cursor
	r.paint(now)
}

func (r *rowWidget) paint(now incident.Stamp) {
	r.PaintGround()
	row := r.row
	u := kit.UrgencySign(row.Urgency)
	r.urgency.Set(u.Icon, u.Token)
	kit.SetText(r.word, r.env.T(u.Key), kit.Color(u.Token), u.Type())
	kit.SetText(r.no, row.ShortNo, kit.Color(kit.T2), kit.Small)
	title := kit.Body
	title.Bold = r.Selected
	space := r.widths.Of[ColTitle] - 12
	r.star.Set("", kit.Urg)
	if row.Supervised > 0 {
		r.star.Set("star", kit.Urg)
		space -= 16
	}
	space -= r.paintNews(space, now)
	kit.SetText(r.title, title.Fit(row.Title, space), kit.Color(kit.T1), title)
	r.paintUnsent()
	kit.SetText(r.village, kit.Small.Fit(row.Village, r.widths.Of[ColVillage]-8), kit.Color(kit.T2), kit.Small)
	c := kit.ChannelSign(row.Channel)
	r.channel.Set(c.Icon, kit.T2)
	source := ""
	if !r.widths.ChannelIcon {
		source = kit.Small.Fit(r.env.T(c.Key), r.widths.Of[ColChannel]-22)
	}
	kit.SetText(r.source, source, kit.Color(kit.T2), kit.Small)
	r.paintUnits()
	s := stateSign(row)
	r.stage.Set(s.Icon, s.Token)
	kit.SetText(r.state, r.env.T(s.Key), kit.Color(s.Token), kit.Small)
	tick := ""
	if r.ticked {
		tick = "check"
	}
	r.tick.Set(tick, kit.Acc)
	r.step(now)
	r.place(r.Size())
}

// newsGap stands before the mark of other desks and behind its icon.
const newsGap float32 = 6

// paintNews shows who is at the incident elsewhere, in at most half of the title's room, and returns the room it takes.
func (r *rowWidget) paintNews(space float32, now incident.Stamp) float32 {
	r.told = news{}
	if r.news != nil {
		r.told = r.news(r.row.ID, now)
	}
	r.newsBy.Set(r.told.icon, r.told.token)
	text := ""
	if r.told.icon != "" {
		left := space/2 - 2*newsGap - 12
		if text = r.told.text; kit.Caption.Width(text) > left {
			text = kit.Caption.Fit(r.told.short, left)
		}
	}
	kit.SetText(r.newsOf, text, kit.Color(r.told.token), kit.Caption)
	if r.told.icon == "" {
		return 0
	}
	return 12 + 2*newsGap + kit.Caption.Width(text)
}

// paintUnsent shows how many of its entries the county lacks, or that a conflict waits.
func (r *rowWidget) paintUnsent() {
	icon, text, token := "", "", kit.Urg
	if r.widths.Of[ColUnsent] > 0 && r.outbox != nil {
		if n := r.outbox(r.row.ID).Count; n > 0 {
			icon, text = "export", strconv.Itoa(n)
		}
		if r.row.ToSettle {
			icon, text, token = "warn", "", kit.Crit
		}
	}
	r.export.Set(icon, token)
	kit.SetText(r.count, text, kit.Color(token), kit.Small)
}

// MouseIn begins the hover and says that somebody is at the list.
func (r *rowWidget) MouseIn(e *desktop.MouseEvent) {
	r.RowBase.MouseIn(e)
	r.MouseMoved(e)
}

// MouseMoved says that somebody is at the list.
func (r *rowWidget) MouseMoved(e *desktop.MouseEvent) {
	r.RowBase.MouseMoved(e)
	if r.onTouch != nil {
		r.onTouch()
	}
}

// stateSign returns ring and word of a row; a conflict comes before any state.
func stateSign(row board.Row) kit.Sign {
	if row.ToSettle {
		return kit.Sign{Icon: "warn", Key: "queue.conflict", Token: kit.Crit}
	}
	return kit.StageSign(row.Stage)
}

func (r *rowWidget) paintUnits() {
	row := r.row
	advice, lead, token, co := "", string(row.Lead), kit.T1, ""
	switch {
	case lead == "":
		lead, token = "—", kit.T3
	case row.Suggested:
		advice, token = r.env.T("queue.advice"), kit.T2
	}
	if row.CoCount > 0 && !r.widths.NoCo {
		co = "+" + strconv.Itoa(row.CoCount)
	}
	space := r.widths.Of[ColUnits] - 10
	if advice != "" {
		space -= kit.Small.Width(advice) + 4
	}
	if co != "" {
		space -= kit.Caption.Width(co) + 4
	}
	kit.SetText(r.advice, advice, kit.Color(kit.T3), kit.Small)
	kit.SetText(r.lead, kit.Small.Fit(lead, space), kit.Color(token), kit.Small)
	kit.SetText(r.co, co, kit.Color(kit.T3), kit.Caption)
}

// need returns how wide a column must be to show all of this row; the title has no width of its own.
func (r *rowWidget) need(c Column) float32 {
	const gap, icon = 10, 18
	switch c {
	case ColUrgency:
		return icon + r.word.MinSize().Width + gap
	case ColNo:
		return r.no.MinSize().Width + gap
	case ColVillage:
		return kit.Small.Width(r.row.Village) + gap
	case ColChannel:
		return icon + kit.Small.Width(r.env.T(kit.ChannelSign(r.row.Channel).Key)) + gap
	case ColUnits:
		w := kit.Small.Width(string(r.row.Lead)) + gap
		for _, t := range []*canvas.Text{r.advice, r.co} {
			if t.Text != "" {
				w += t.MinSize().Width + 4
			}
		}
		return w
	case ColStage:
		return icon + r.state.MinSize().Width + gap
	case ColElapsed:
		return r.elapsed.MinSize().Width + gap
	}
	return 0
}

// step moves clock and elapsed time on.
func (r *rowWidget) step(now incident.Stamp) {
	r.clock.Show(kit.FaceOf(r.env.Text, r.row.Clock, now))
	if r.news != nil && r.news(r.row.ID, now) != r.told {
		r.paint(now)
		return
	}
	text := ""
	if r.widths.Of[ColElapsed] > 0 {
		end := now
		if r.row.ClosedAt != 0 {
			end = r.row.ClosedAt
		}
		text = kit.Ago(r.env.Text, end.Sub(r.row.ReceivedAt))
	}
	if kit.SetText(r.elapsed, text, kit.Color(kit.T3), kit.Small) {
		r.placeElapsed(r.Size())
	}
}

func (r *rowWidget) placeElapsed(size fyne.Size) {
	kit.PlaceText(r.elapsed, size.Width-padRight-r.elapsed.MinSize().Width, size.Height/2)
}

func (r *rowWidget) place(size fyne.Size) {
	r.PlaceGround(size)
	x, mid := padLeft, size.Height/2
	icon := func(i *kit.Icon, px, at float32) {
		i.Resize(fyne.NewSquareSize(px))
		i.Move(fyne.NewPos(at, mid-px/2))
	}
	icon(r.tick, 12, 4)
	icon(r.export, 14, x)
	kit.PlaceText(r.count, x+18, mid)
	x += r.widths.Of[ColUnsent]
	icon(r.urgency, 14, x)
	kit.PlaceText(r.word, x+18, mid)
	x += r.widths.Of[ColUrgency]
	kit.PlaceText(r.no, x, mid)
	x += r.widths.Of[ColNo]
	r.clock.Place(x, mid)
	x += r.widths.Of[ColClock]
	titleAt := x
	if r.row.Supervised > 0 {
		icon(r.star, 12, x)
		titleAt += 16
	}
	titleAt += kit.PlaceText(r.title, titleAt, mid) + newsGap
	icon(r.newsBy, 12, titleAt)
	kit.PlaceText(r.newsOf, titleAt+12+newsGap/2, mid)
	x += r.widths.Of[ColTitle]
	kit.PlaceText(r.village, x, mid)
	x += r.widths.Of[ColVillage]
	icon(r.channel, 14, x)
	kit.PlaceText(r.source, x+18, mid)
	x += r.widths.Of[ColChannel]
	at := x
	if r.advice.Text != "" {
		at += kit.PlaceText(r.advice, at, mid) + 4
	}
	at += kit.PlaceText(r.lead, at, mid) + 4
	kit.PlaceText(r.co, at, mid)
	x += r.widths.Of[ColUnits]
	icon(r.stage, 14, x)
	kit.PlaceText(r.state, x+18, mid)
	r.placeElapsed(size)
}

// headWidget is the header row of a group: 28 high.
type headWidget struct {
	kit.RowBase
	env   *kit.Env
	group board.Group
	n     int
	mark  *kit.Icon
	name  *canvas.Text
	count *canvas.Text
	hint  *canvas.Text
	fold  bool
	fill  *kit.Box
}

func newHeadWidget(env *kit.Env) *headWidget {
	h := &headWidget{
		env: env, mark: kit.NewIcon("down", 12, kit.T2), name: kit.Body.Heavy().NewText("", kit.Color(kit.T1)),
		count: kit.Small.NewText("", kit.Color(kit.T2)), hint: kit.Small.NewText("", kit.Color(kit.T3)), fill: kit.NewBox(kit.Surface2),
	}
	h.InitRow(h)
	return h
}

// CreateRenderer hands the objects over; the group's fill lies on the ground, under the line.
func (h *headWidget) CreateRenderer() fyne.WidgetRenderer {
	ground := h.Ground()
	objs := []fyne.CanvasObject{ground[0], h.fill, ground[1], h.mark, h.name, h.count, h.hint}
	return kit.NewRowRenderer(h.place, func() { h.paint() }, objs)
}

func (h *headWidget) show(g board.Group, n int, folded bool) {
	h.group, h.n, h.fold = g, n, folded
	h.paint()
}

func (h *headWidget) paint() {
	h.PaintGround()
	mark := "down"
	if h.fold {
		mark = "right"
	}
	h.mark.Set(mark, kit.T2)
	key := "queue.group." + strconv.Itoa(int(h.group))
	kit.SetText(h.name, h.env.T(key), kit.Color(kit.T1), kit.Small.Heavy())
	kit.SetText(h.count, strconv.Itoa(h.n), kit.Color(kit.T2), kit.Small)
	kit.SetText(h.hint, h.env.Text.Short(key+".hint", ""), kit.Color(kit.T3), kit.Small)
	h.place(h.Size())
}

func (h *headWidget) place(size fyne.Size) {
	h.PlaceGround(size)
	h.fill.Resize(fyne.NewSize(size.Width, size.Height-1))
	mid := size.Height / 2
	h.mark.Resize(fyne.NewSquareSize(12))
	h.mark.Move(fyne.NewPos(padLeft+1, mid-6))
	x := padLeft + 20
	x += kit.PlaceText(h.name, x, mid) + 8
	x += kit.PlaceText(h.count, x, mid) + 8
	kit.PlaceText(h.hint, x, mid)
}
