package incidentfile

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views"
	"zw110/views/county"
	"zw110/views/forms"
	"zw110/views/kit"
)

// Desk is what the page asks of the room.
type Desk interface {
	Detail(id incident.IncidentID, by incident.Login) (room.Detail, error)
	Subscribe(func(room.Change)) (cancel func())
	Rules() incident.Rules
	Attachments
}

// Neighbours says what stands before and after an incident in the list it was opened from; zero IDs at the ends.
type Neighbours struct {
	Previous, Next incident.IncidentID
	At, Of         int // place and length, from 1; 0 when unknown
}

// Params says what the page works with.
type Params struct {
	Env  *kit.Env
	Desk Desk
	Who  func() incident.Login
	// Name returns the name of a login.
	Name func(incident.Login) string
	// Around looks the neighbours up in the list the incident was opened from; nil knows none.
	Around func(incident.IncidentID) Neighbours
	// Note records a note and tells whether it was taken.
	Note func(id incident.IncidentID, text string, done func(bool))
	// Back leaves the page.
	Back func()
	// Browse lets a person choose where to write a file; nil saves none.
	Browse func(save bool, name string, chosen func(path string))
	// Apart runs a job that may take long off the UI goroutine; nil takes the Env's worker.
	Apart func(func())
	// Words turns an error into what a person is told; nil takes it as it is.
	Words func(error) string
	// County is the link with other desks; nil for none.
	County County
	// Map returns a small map around an incident, nil when it stands nowhere; nil itself for none.
	Map func(board.Row) fyne.CanvasObject
}

// County is what the page shows of the link with other desks.
type County interface {
	State() county.State
	// Present says who has an incident open at other desks.
	Present(incident.IncidentID) []county.Presence
}

// Key names the page.
const Key = "incident"

// The widths of the outer columns and the gaps.
const (
	factsWidth float32 = 328
	unitsWidth float32 = 404
	cardGap    float32 = 12
	headPad    float32 = 24
	// backInset is the room a button keeps before its icon: the icon stands in line with the title below.
	backInset float32 = 10
	// leastLog is the width below which the outer columns give way, down to leastOuter of theirs.
	leastLog   float32 = 380
	leastOuter float32 = 0.72
)

// Page is the incident file. All its methods belong to the UI goroutine.
type Page struct {
	p       Params
	id      incident.IncidentID
	detail  room.Detail
	loaded  bool
	content *fyne.Container
	note    *kit.Entry
	notes   map[incident.IncidentID]string        // unsent notes, kept while moving between incidents
	small   map[incident.AttachmentID]image.Image // previews of the photos shown
	clocks  []ticking
	bands   *fyne.Container
	told    []string // what the bands say
	cancel  func()
}

// ticking is a clock on the page that moves on.
type ticking struct {
	bar   *kit.ClockBar
	clock incident.Clock
}

var (
	_ views.Page    = (*Page)(nil)
	_ views.Ticking = (*Page)(nil)
	_ views.Subject = (*Page)(nil)
)

// New returns an empty page; Show fills it.
func New(p Params) *Page {
	return &Page{p: p, content: container.NewStack(kit.NewBox(kit.Bg)), notes: map[incident.IncidentID]string{}, cancel: func() {}}
}

// Show reads an incident and shows it.
func (p *Page) Show(id incident.IncidentID) {
	if p.id != id {
		p.loaded = false
	}
	p.id = id
	p.load()
}

// load reads the incident off the UI goroutine. An answer about an incident that is no longer shown is dropped.
func (p *Page) load() {
	id, by, known := p.id, p.p.Who(), p.known()
	p.p.Env.Work(func() {
		d, err := p.p.Desk.Detail(id, by)
		small := previews(p.p.Desk, &d, known)
		p.p.Env.Post(func() {
			switch {
			case id != p.id:
			case err != nil:
				p.fail()
			default:
				p.detail, p.small, p.loaded = d, small, true
				p.build()
			}
		})
	})
}

// waits reports whether a photo or file of the incident is still on its way.
func (p *Page) waits() bool {
	for _, list := range p.detail.Attached {
		for _, a := range list {
			if !a.Here || a.Photo() && !a.PreviewHere {
				return true
			}
		}
	}
	return false
}

func (p *Page) fail() {
	p.loaded = false
	p.clocks = nil
	p.content.Objects = []fyne.CanvasObject{kit.NewBox(kit.Bg), kit.EmptyState(p.p.Env.T("incidentfile.not_found"))}
	p.content.Refresh()
}

// Key names the page.
func (p *Page) Key() string { return Key }

// Content is made once.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Shown subscribes to changes and reads anew what is shown.
func (p *Page) Shown() {
	p.cancel = p.p.Desk.Subscribe(func(c room.Change) {
		p.p.Env.Post(func() { p.changed(c) })
	})
	if !p.id.IsZero() {
		p.load()
	}
}

// Hidden lets go.
func (p *Page) Hidden() {
	p.cancel()
	p.cancel = func() {}
}

func (p *Page) changed(c room.Change) {
	if c.All || c.Settings || c.Attachments && p.waits() {
		p.load()
		return
	}
	for _, id := range c.Incidents {
		if id == p.id {
			p.load()
			return
		}
	}
}

// Scopes says where the page's keys have their meaning.
func (p *Page) Scopes() []kit.Scope { return []kit.Scope{kit.InCase} }

// Context names the incident for actions.
func (p *Page) Context() views.Context { return views.Context{Incident: p.id} }

// HandleKey moves to the neighbours; everything else is the window's.
func (p *Page) HandleKey(k kit.Press) bool {
	switch k.Command {
	case kit.CmdUp:
		p.step(p.around().Previous)
	case kit.CmdDown:
		p.step(p.around().Next)
	default:
		return false
	}
	return true
}

func (p *Page) around() Neighbours {
	if p.p.Around == nil {
		return Neighbours{}
	}
	return p.p.Around(p.id)
}

func (p *Page) step(to incident.IncidentID) {
	if !to.IsZero() {
		p.Show(to)
	}
}

// StatusKeys are the keys that do something now.
func (p *Page) StatusKeys() []kit.Hint {
	keys := p.p.Env.Keys
	hints := []kit.Hint{{Cap: "K J", Text: p.p.Env.T("key.move")}}
	for _, c := range []kit.Command{kit.CmdBack, kit.CmdNote, kit.CmdDispatch, kit.CmdUrge, kit.CmdPapers, kit.CmdMenu, kit.CmdHelp} {
		hints = append(hints, kit.Hint{Cap: keys.Cap(c), Text: p.p.Env.T(c.Label())})
	}
	return hints
}

// Tick moves the clocks on.
func (p *Page) Tick(now incident.Stamp) {
	for _, t := range p.clocks {
		t.bar.Set(kit.FaceOf(p.p.Env.Text, t.clock, now))
	}
	p.LinkMoved()
}

// LinkMoved shows who else is at the incident now.
func (p *Page) LinkMoved() {
	if p.loaded && p.bands != nil && p.paintBands() {
		p.content.Refresh()
	}
}

// clock returns a bar that moves on with the page's ticks.
func (p *Page) clock(c incident.Clock, width float32) *kit.ClockBar {
	bar := kit.NewClockBar(width)
	bar.Set(kit.FaceOf(p.p.Env.Text, c, p.p.Env.Now()))
	p.clocks = append(p.clocks, ticking{bar, c})
	return bar
}

// build lays the whole page out from the detail; text typed into the note field stays.
func (p *Page) build() {
	if p.note != nil {
		if c := p.p.Env.Host.Canvas(); c != nil && p.note.HasFocus() {
			defer func() { p.note.Focus() }()
		}
	}
	p.clocks = nil
	// The bar of a scrolled column stands in the gap, not on the cards.
	left := container.NewVScroll(kit.Pad(kit.VBox(cardGap, p.facts(), p.mini(), p.people(), p.held()), 0, cardGap, 0, 0))
	right := container.NewVScroll(kit.Pad(kit.VBox(cardGap, p.units(), p.suggestions(), p.duplicates()), 0, cardGap, 0, 0))
	columns := container.New(threeColumns{}, left, kit.Pad(p.log(), 0, cardGap, 0, 0), right)
	p.bands, p.told = kit.VBox(0), nil
	p.paintBands()
	top := container.NewStack(kit.NewBox(kit.Surface), kit.VBox(0, p.head(), kit.Divider(), p.strip(), kit.Divider(), p.bands))
	bottom := container.NewStack(kit.NewBox(kit.Surface), kit.VBox(0, kit.Divider(), p.actions()))
	page := kit.Edges(top, bottom, nil, nil, kit.Pad(columns, cardGap, kit.PagePadding-cardGap, cardGap, kit.PagePadding))
	p.content.Objects = []fyne.CanvasObject{kit.NewBox(kit.Bg), page}
	p.content.Refresh()
}

// threeColumns are facts, log and units. Where the log has too little room, the outer two give way.
type threeColumns struct{}

// MinSize leaves everything to the window.
func (threeColumns) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 100) }

// Layout places the columns.
func (threeColumns) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	share := (size.Width - leastLog - 2*cardGap) / (factsWidth + unitsWidth)
	share = max(leastOuter, min(1, share))
	left, right := share*factsWidth+cardGap, share*unitsWidth+cardGap
	x := float32(0)
	for i, w := range []float32{left, size.Width - left - right, right} {
		objs[i].Move(fyne.NewPos(x, 0))
		objs[i].Resize(fyne.NewSize(max(0, w), size.Height))
		x += w
	}
}

// run does a command about this incident as if its key had been pressed.
func (p *Page) run(c kit.Command) func() { return func() { p.p.Env.Host.Run(c) } }

// head is where one stands, title with marks, and the clock that ends first.
func (p *Page) head() fyne.CanvasObject {
	env, d := p.p.Env, &p.detail
	back := kit.NewButton(kit.Ghost, "left", env.T("shell.page.queue"), "", p.p.Back).Small()
	where := kit.HBox(4, kit.Pad(back, 0, 0, 0, -backInset), kit.NewLabel("/", kit.Small, kit.T3), kit.NewLabel(d.Row.No, kit.Small, kit.T2), kit.Spacer())
	if n := p.around(); n.Of > 0 {
		where.Add(kit.NewLabel(env.T("incidentfile.of", n.At, n.Of), kit.Small, kit.T2))
		where.Add(kit.NewKeyCap("K"))
		where.Add(kit.NewKeyCap("J"))
	}
	marks := kit.HBox(12, kit.UrgencyMark(env, d.State.Urgency), kit.StateMark(env, d.Row.Stage))
	for _, tag := range p.tags() {
		marks.Add(tag)
	}
	clock := kit.HBox(8)
	if c := d.Row.Clock; c.Name != "" {
		clock.Add(kit.NewLabel(env.T("clock."+string(c.Name)), kit.Small, kit.T2))
		clock.Add(p.clock(c, 116))
	}
	width := kit.Title.Width(d.State.Title)
	title := container.New(&titleLayout{width}, kit.NewCutLabel(d.State.Title, kit.Title, kit.T1), marks, clock)
	return kit.Pad(kit.VBox(4, kit.Fixed(where, 0, kit.Body.Line), title), 12, headPad, 12, headPad)
}

// tags are the marks behind the title: list, supervision, conflict, reopening.
func (p *Page) tags() []fyne.CanvasObject {
	env, st := p.p.Env, &p.detail.State
	var out []fyne.CanvasObject
	if l := p.detail.List; l != "" {
		out = append(out, kit.NewTag(env.T("list."+string(l)), kit.Acc, kit.Accbg))
	}
	if n := p.detail.Row.Supervised; n > 0 {
		out = append(out, kit.NewTag(env.T("incidentfile.supervised", n), kit.Urg, kit.Urgbg))
	}
	if len(st.Conflicts) > 0 {
		out = append(out, kit.NewTag(env.T("incidentfile.conflict"), kit.Crit, kit.Critbg))
	}
	if st.Reopens > 0 {
		out = append(out, kit.NewTag(env.T("incidentfile.reopened", st.Reopens), kit.Urg, kit.Urgbg))
	}
	if len(st.Extensions) > 0 {
		out = append(out, kit.NewTag(env.T("incidentfile.extended"), kit.T2, kit.Surface3))
	}
	return out
}

// actions is the bar below: the next step first, the rest in fixed order.
func (p *Page) actions() fyne.CanvasObject {
	env, st := p.p.Env, &p.detail.State
	var row []fyne.CanvasObject
	next := Next(st)
	if next != "" {
		row = append(row, kit.NewButton(kit.Primary, "", env.T("verb."+string(next)), env.Keys.Cap(commandOf(next)), p.run(commandOf(next))))
	}
	for _, a := range []struct {
		command kit.Command
		verbs   []incident.Verb
	}{
		{kit.CmdNote, []incident.Verb{incident.Note}},
		{kit.CmdUrge, []incident.Verb{incident.Urge}},
		{kit.CmdDispatch, []incident.Verb{incident.Dispatch, incident.AddCo}},
		{kit.CmdVerify, []incident.Verb{incident.Verify}},
		{kit.CmdCallback, []incident.Verb{incident.Callback}},
		{kit.CmdClose, []incident.Verb{incident.Verify, incident.Callback, incident.ForceClose}},
		{kit.CmdSuspend, []incident.Verb{incident.Suspend, incident.Resume, incident.Extend}},
		{kit.CmdReturn, []incident.Verb{incident.Return, incident.Reassign, incident.Dispute, incident.Rule}},
		{kit.CmdMerge, []incident.Verb{incident.Merge, incident.Split}},
		{kit.CmdSupervise, []incident.Verb{incident.Supervise}},
	} {
		if next != "" && a.command == commandOf(next) {
			continue
		}
		b := kit.NewButton(kit.Secondary, "", env.T(a.command.Label()), env.Keys.Cap(a.command), p.run(a.command))
		if !p.mayAny(a.verbs) {
			b.Disable()
		}
		row = append(row, b)
	}
	row = append(row, kit.NewButton(kit.Secondary, "more", env.T("incidentfile.more"), "", p.run(forms.CmdMore)))
	return kit.Fixed(kit.Pad(kit.FitRow(false, 1, row...), 10, kit.PagePadding, 10, kit.PagePadding), 0, 52)
}

func (p *Page) mayAny(verbs []incident.Verb) bool {
	for _, v := range verbs {
		if p.detail.Allowed[v] == nil {
			return true
		}
	}
	return false
}

// commandOf returns the command whose key does a verb, else the verb's own.
func commandOf(v incident.Verb) kit.Command {
	keys := map[incident.Verb]kit.Command{
		incident.Respond: kit.CmdAnswer, incident.Accept: kit.CmdAnswer, incident.Dispatch: kit.CmdDispatch, incident.Sign: kit.CmdSign, incident.Feedback: kit.CmdNote,
		incident.Verify: kit.CmdVerify, incident.Callback: kit.CmdCallback, incident.Resume: kit.CmdSuspend, incident.Split: kit.CmdMerge, incident.Rule: kit.CmdReturn,
	}
	if c, ok := keys[v]; ok {
		return c
	}
	return forms.VerbCommand(v)
}
