package townmap

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/views/kit"
)

// panel is the list of what is in view, beside the map.
type panel struct {
	m     *Page
	root  *fyne.Container
	title *kit.Label
	order *kit.Chip
	lost  *kit.Label
	about *fyne.Container // where lost stands
	list  *kit.ScrollList
	empty *kit.Label
}

const panelRow float32 = 40

func newPanel(m *Page) *panel {
	t := m.env.T
	p := &panel{m: m, title: kit.NewLabel("", kit.Body.Heavy(), kit.T1), lost: kit.NewLabel("", kit.Caption, kit.Urg), empty: kit.NewLabel("", kit.Body, kit.T3)}
	p.order = kit.NewChip("", m.toggleOrder)
	p.about = kit.Pad(p.lost, 4, 12, 4, 12)
	p.list = kit.NewScrollList(kit.EvenRows{Height: panelRow}, func() fyne.CanvasObject { return newPanelRow(m.env) }, p.fill)
	head := kit.Edges(nil, nil, nil, kit.HBox(0, p.order), kit.HBox(8, p.title, kit.NewCutLabel(t("map.follows"), kit.Small, kit.T3)))
	top := kit.VBox(0, kit.Fixed(kit.Pad(head, 8, 16, 8, 12), 0, 40), kit.Divider(), p.about)
	cap := m.env.Keys.Cap
	row := []fyne.CanvasObject{
		kit.NewButton(kit.Primary, "", t("cmd.dispatch"), cap(kit.CmdDispatch), func() { m.env.Host.Run(kit.CmdDispatch) }),
		kit.NewButton(kit.Secondary, "", t("cmd.open"), cap(kit.CmdOpen), func() { m.enter() }),
		kit.NewButton(kit.Secondary, "", t("shell.page.queue"), "", m.queue),
	}
	if m.env.Past {
		row = row[2:]
	}
	buttons := kit.FitRow(true, 1, row...)
	foot := kit.VBox(0, kit.Divider(), kit.Fixed(kit.Pad(buttons, 16, 12, 16, 12), 0, 64))
	body := kit.Edges(top, foot, nil, nil, container.NewStack(p.list, container.NewCenter(p.empty)))
	p.root = container.NewStack(kit.NewBox(kit.Surface), kit.Edges(nil, nil, kit.Divider(), nil, body))
	return p
}

// paint writes the head and fills the rows.
func (p *panel) paint() {
	m, t := p.m, p.m.env.T
	p.title.Set(t("map.in_view", len(m.inView)), kit.T1)
	name := "map.by_urgency"
	if m.byClock {
		name = "map.by_clock"
	}
	p.order.Set(t(name), false, nil)
	p.about.Hidden = m.unseen == 0
	if m.unseen > 0 {
		p.lost.Set(t("map.nowhere", m.unseen), kit.Urg)
	}
	p.empty.Set("", kit.T3)
	if len(m.inView) == 0 {
		p.empty.Set(t("map.empty"), kit.T3)
	}
	p.root.Refresh()
	p.list.SetRows(kit.EvenRows{N: len(m.inView), Height: panelRow})
}

// follow scrolls to the cursor.
func (p *panel) follow() {
	if at := p.m.at(); at >= 0 {
		p.list.ScrollTo(at, panelRow)
	}
}

// page is how many rows are in sight.
func (p *panel) page() int { return max(1, int(p.list.Size().Height/panelRow)-1) }

func (p *panel) fill(i int, o fyne.CanvasObject) {
	r, ok := o.(*panelRowWidget)
	if !ok || i >= len(p.m.inView) {
		return
	}
	e := &p.m.sorted[p.m.inView[i]]
	r.show(e, e.row.ID == p.m.cursor, p.m.env.Now())
	id := e.row.ID
	r.OnTap = func() { p.m.point(id) }
	r.OnDoubleTap = func() { p.m.p.Open(id) }
}

// tick moves the clocks in sight on.
func (p *panel) tick(now incident.Stamp) {
	p.list.Each(func(_ int, o fyne.CanvasObject) {
		if r, ok := o.(*panelRowWidget); ok {
			r.step(now)
		}
	})
}

// panelRowWidget is one incident: its shape, title and clock, and below them number, village and state.
type panelRowWidget struct {
	kit.RowBase
	env                 *kit.Env
	e                   entry
	icon                *kit.Icon
	title, second, time *canvas.Text
}

func newPanelRow(env *kit.Env) *panelRowWidget {
	r := &panelRowWidget{env: env, icon: kit.NewIcon("", 14, kit.T2)}
	r.title, r.second, r.time = kit.Body.NewText("", kit.Color(kit.T1)), kit.Caption.NewText("", kit.Color(kit.T2)), kit.Small.NewText("", kit.Color(kit.T2))
	r.InitRow(r)
	return r
}

// CreateRenderer hands the objects over, back to front.
func (r *panelRowWidget) CreateRenderer() fyne.WidgetRenderer {
	return kit.NewRowRenderer(r.place, func() { r.step(r.env.Now()) }, append(r.Ground(), r.icon, r.title, r.second, r.time))
}

func (r *panelRowWidget) show(e *entry, selected bool, now incident.Stamp) {
	r.e, r.Selected = *e, selected
	r.step(now)
}

// step writes the row as of now.
func (r *panelRowWidget) step(now incident.Stamp) {
	r.PaintGround()
	row := &r.e.row
	u := kit.UrgencySign(row.Urgency)
	r.icon.Set(u.Icon, u.Token)
	face := kit.FaceOf(r.env.Text, row.Clock, now)
	clock := kit.Small
	clock.Bold = face.Bold
	token := face.Text
	if token == "" {
		token = kit.T2
	}
	kit.SetText(r.time, face.Words, kit.Color(token), clock)
	title := kit.Body
	title.Bold = r.Selected
	space := r.Size().Width - titleX - 16 - clock.Width(face.Words) - 8
	kit.SetText(r.title, title.Fit(row.Title, space), kit.Color(kit.T1), title)
	parts := []string{row.ShortNo, row.Village, r.env.T(kit.StageSign(row.Stage).Key)}
	if r.e.mark.Vague {
		parts = append(parts, r.env.T("map.vague"))
	}
	kit.SetText(r.second, kit.Caption.Fit(strings.Join(parts, "·"), space), kit.Color(kit.T2), kit.Caption)
	r.place(r.Size())
}

const titleX float32 = 40

func (r *panelRowWidget) place(size fyne.Size) {
	r.PlaceGround(size)
	r.icon.Resize(fyne.NewSquareSize(14))
	r.icon.Move(fyne.NewPos(14, 13))
	kit.PlaceText(r.title, titleX, 13)
	kit.PlaceText(r.second, titleX, 29)
	kit.PlaceText(r.time, size.Width-12-r.time.MinSize().Width, 20)
}
