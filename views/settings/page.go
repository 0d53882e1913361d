// Package settings owns the settings page: the tables of the town pack, calendar and titles, which are journalled and dated, and what belongs
// to this window alone. It decides nothing; the room refuses what doesn't fit together.
package settings

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/county"
	"zw110/views/kit"
)

// Desk is what the page asks of the room.
type Desk interface {
	// Files returns the town pack as it reads now, file by file.
	Files() (map[string][]byte, error)
	SetSetting(ctx context.Context, by incident.Login, name string, value []byte) error
	Operators() []room.Operator
	SetOperator(ctx context.Context, by incident.Login, op room.Operator) error
	Local(name string, into any) error
	SetLocal(name string, value any) error
	Verify(ctx context.Context, progress func(done, total int)) (room.VerifyReport, error)
	Backup(ctx context.Context, file string) error
	Now() incident.Stamp
}

// Params says what the page works with.
type Params struct {
	Env  *kit.Env
	Desk Desk
	// Who has signed in.
	Who func() incident.Actor
	// Work runs a function off the UI goroutine and recovers from its panics.
	Work func(func())
	// Words turns an error into a sentence for people.
	Words func(error) string
	// Apply puts a changed look into force.
	Apply func(Look)
	// Ring sounds a tone once, to try it.
	Ring func(tone string, volume float64)
	// Browse lets a person choose a file; nil where the window can't.
	Browse func(save bool, name string, chosen func(path string))
	// Version of the program, for the last section.
	Version string
	// County is the section about the link.
	County *county.Panel
	// Folder is where the store lies.
	Folder string
}

// pane is the right side of the page for one section.
type pane interface {
	content() fyne.CanvasObject
	// key deals with a key while the pane has the keys; false leaves it to the page.
	key(kit.Press) bool
	// shown tells the pane that it is in view; it reads its values anew.
	shown()
}

// Tables are the tables of the town pack that the page edits.
func Tables() []string {
	return []string{"duty", "limits", "units", "villages", "people", "assess", "warn"}
}

// Sections are the sections of the page, in order; the values are the ends of catalogue keys "settings.<section>".
func Sections() []string {
	out := append([]string{"look", "sound"}, Tables()...)
	return append(out, "calendar", "town", "operators", "sync", "safety")
}

const navWidth float32 = 200

// Page is the settings page.
type Page struct {
	p      Params
	names  []string
	panes  map[string]pane
	at     int
	inPane bool
	nav    *kit.ScrollList
	body   *fyne.Container
	root   fyne.CanvasObject
}

// New returns the page.
func New(p Params) *Page {
	s := &Page{p: p, names: Sections(), panes: map[string]pane{}, body: container.NewStack()}
	s.nav = kit.NewScrollList(kit.EvenRows{N: len(s.names), Height: kit.RowHeight + 4}, func() fyne.CanvasObject { return newNavRow() }, s.fillNav)
	side := kit.Edges(nil, nil, nil, kit.Divider(), container.NewStack(kit.NewBox(kit.Surface2), kit.Pad(s.nav, 8, 0, 8, 0)))
	s.root = kit.Edges(nil, nil, kit.Fixed(side, navWidth, 0), nil, container.NewStack(kit.NewBox(kit.Surface), s.body))
	return s
}

// Key names the page.
func (s *Page) Key() string { return "settings" }

// Content is the whole page.
func (s *Page) Content() fyne.CanvasObject { return s.root }

// Scopes says where the page's keys have their meaning.
func (s *Page) Scopes() []kit.Scope { return []kit.Scope{kit.InSettings} }

// Shown reads the section in view anew.
func (s *Page) Shown() { s.choose(s.at) }

// Hidden does nothing: the page subscribes to nothing.
func (s *Page) Hidden() {}

// Open shows a section; an unknown name leaves the page as it is.
func (s *Page) Open(name string) {
	for i, n := range s.names {
		if n == name {
			s.choose(i)
			s.inPane = true
			s.nav.Update()
		}
	}
}

// Reread reads the section in view anew, after settings changed elsewhere.
func (s *Page) Reread() { s.current().shown() }

// LinkMoved shows how the link stands, where that section is in view.
func (s *Page) LinkMoved() {
	if s.names[s.at] == "sync" {
		s.current().shown()
	}
}

// StatusKeys are the keys that work now.
func (s *Page) StatusKeys() []kit.Hint {
	t := s.p.Env.T
	if !s.inPane {
		return []kit.Hint{{Cap: "↑↓", Text: t("settings.key_section")}, {Cap: "Enter", Text: t("settings.key_in")}, {Cap: "F1", Text: t("cmd.help")}}
	}
	if s.names[s.at] == "sync" {
		return []kit.Hint{{Cap: "Tab", Text: t("settings.key_next")}, {Cap: s.p.Env.Keys.Cap(kit.CmdRetry), Text: t("county.retry")}, {Cap: "1 2 3", Text: t("cmd.courier")}, {Cap: "Esc", Text: t("settings.key_out")}}
	}
	if _, table := s.current().(*tablePane); table {
		return []kit.Hint{
			{Cap: "↑↓", Text: t("settings.key_row")},
			{Cap: "Enter", Text: t("settings.key_edit")},
			{Cap: "Insert", Text: t("settings.add")},
			{Cap: "/", Text: t("settings.key_find")},
			{Cap: "Esc", Text: t("settings.key_out")},
		}
	}
	return []kit.Hint{{Cap: "Tab", Text: t("settings.key_next")}, {Cap: "Esc", Text: t("settings.key_out")}}
}

// HandleKey moves among sections or gives the key to the section.
func (s *Page) HandleKey(p kit.Press) bool {
	if s.inPane {
		if s.current().key(p) {
			return true
		}
		if p.Command == kit.CmdBack {
			s.inPane = false
			s.p.Env.Host.Canvas().Unfocus()
			s.nav.Update()
			return true
		}
		return false
	}
	switch {
	case p.Command == kit.CmdUp && s.at > 0:
		s.choose(s.at - 1)
	case p.Command == kit.CmdDown && s.at < len(s.names)-1:
		s.choose(s.at + 1)
	case p.Command == kit.CmdOpen || p.Stroke.Key == fyne.KeyRight:
		s.inPane = true
		s.nav.Update()
	default:
		return false
	}
	return true
}

func (s *Page) choose(i int) {
	s.at = i
	s.body.Objects = []fyne.CanvasObject{s.current().content()}
	s.current().shown()
	s.body.Refresh()
	s.nav.Update()
}

func (s *Page) current() pane {
	name := s.names[s.at]
	if s.panes[name] == nil {
		s.panes[name] = s.make(name)
	}
	return s.panes[name]
}

func (s *Page) make(name string) pane {
	switch name {
	case "look":
		return newLookPane(s.p)
	case "sound":
		return newSoundPane(s.p)
	case "calendar":
		return newCalendarPane(s.p)
	case "town":
		return newTownPane(s.p)
	case "operators":
		return newOperatorPane(s.p)
	case "sync":
		return countyPane{s.p.County, section(s.p.Env, "sync", s.p.County.Content())}
	case "safety":
		return newSafetyPane(s.p)
	default:
		return newTablePane(s.p, name)
	}
}

func (s *Page) fillNav(i int, o fyne.CanvasObject) {
	r, ok := o.(*navRow)
	if !ok {
		return
	}
	r.show(s.p.Env.T("settings."+s.names[i]), i == s.at, s.inPane)
	r.OnTap = func() {
		s.inPane = true
		s.choose(i)
	}
}

// navRow is one section's name.
type navRow struct {
	kit.RowBase
	label *kit.Label
}

func newNavRow() *navRow {
	r := &navRow{label: kit.NewLabel("", kit.Body, kit.T1)}
	r.InitRow(r)
	return r
}

func (r *navRow) show(text string, here, inPane bool) {
	r.Selected = here
	token := kit.T1
	if here && !inPane {
		token = kit.Acc
	}
	r.label.Type.Bold = here
	r.label.Set(text, token)
	r.PaintGround()
}

// CreateRenderer draws ground and name.
func (r *navRow) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		r.PlaceGround(size)
		r.label.Resize(fyne.NewSize(size.Width-24, kit.Body.Line))
		r.label.Move(fyne.NewPos(16, (size.Height-kit.Body.Line)/2))
	}
	return kit.NewRowRenderer(place, r.PaintGround, append(r.Ground(), r.label))
}

// section puts a pane's heading above its content.
func section(env *kit.Env, name string, content fyne.CanvasObject) fyne.CanvasObject {
	head := kit.VBox(4, kit.NewLabel(env.T("settings."+name), kit.Strong, kit.T1), kit.NewPara(env.T("settings."+name+".note"), kit.Small, kit.T3))
	return kit.Edges(kit.Pad(head, 16, 24, 12, 24), nil, nil, nil, content)
}

// say tells what came of an act: the sentence, or the error in words.
func (p Params) say(err error, done string) {
	p.Env.Post(func() {
		if err != nil {
			p.Env.Host.Say(kit.Message{Text: p.Words(err), Bad: true})
			return
		}
		p.Env.Host.Say(kit.Message{Text: done})
	})
}

// countyPane is the section about the link.
type countyPane struct {
	panel *county.Panel
	root  fyne.CanvasObject
}

func (c countyPane) content() fyne.CanvasObject { return c.root }
func (c countyPane) key(p kit.Press) bool       { return c.panel.HandleKey(p) }
func (c countyPane) shown()                     { c.panel.Refresh() }
