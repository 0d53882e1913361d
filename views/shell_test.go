package views

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/county"
	"zw110/views/kit"
)

// fakeDesk counts and keeps nothing.
type fakeDesk struct{ kept map[string]any }

func (fakeDesk) Counters() board.Counters {
	return board.Counters{Unanswered: 2, DoneToday: 18, ReceivedToday: 31}
}

func (f fakeDesk) Local(name string, into any) error {
	if state, ok := into.(*WindowState); ok {
		if kept, ok := f.kept[name].(WindowState); ok {
			*state = kept
		}
	}
	return nil
}

func (f fakeDesk) SetLocal(name string, value any) error {
	f.kept[name] = value
	return nil
}

// fakePage remembers what happened to it.
type fakePage struct {
	key   string
	log   []string
	takes kit.Command
	ctx   Context
}

func (p *fakePage) Key() string                { return p.key }
func (p *fakePage) Content() fyne.CanvasObject { return kit.NewBox(kit.Bg) }
func (p *fakePage) Shown()                     { p.log = append(p.log, "shown") }
func (p *fakePage) Hidden()                    { p.log = append(p.log, "hidden") }
func (p *fakePage) Scopes() []kit.Scope        { return []kit.Scope{kit.InQueue} }
func (p *fakePage) StatusKeys() []kit.Hint     { return nil }
func (p *fakePage) Context() Context           { return p.ctx }
func (p *fakePage) HandleKey(k kit.Press) bool {
	if k.Command == p.takes && p.takes != "" {
		p.log = append(p.log, string(k.Command))
		return true
	}
	return false
}

type scene struct {
	shell   *Shell
	window  fyne.Window
	env     *kit.Env
	desk    fakeDesk
	actions *Actions
	now     incident.Stamp
	idle    int
}

func newScene(t *testing.T, drill bool) *scene {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{now: incident.StampOf(time.Date(2026, 8, 18, 14, 0, 0, 0, incident.Local)), desk: fakeDesk{map[string]any{}}, actions: NewActions(), window: test.NewWindow(nil)}
	t.Cleanup(s.window.Close)
	s.env = &kit.Env{Text: text, Keys: kit.NewKeymap(), Post: func(f func()) { f() }, Now: func() incident.Stamp { return s.now }}
	s.window.Resize(fyne.NewSize(1280, 720))
	s.shell = NewShell(Params{
		Window: s.window, Env: s.env, Desk: s.desk, Actions: s.actions, Drill: drill, Town: "塔石镇",
		Mods: func() fyne.KeyModifier { return 0 }, OnIdle: func() { s.idle++ }, IdleAfter: 5 * time.Minute,
	})
	return s
}

func (s *scene) letters(text string) {
	for _, r := range text {
		s.window.Canvas().OnTypedRune()(r)
	}
}

func (s *scene) key(k fyne.KeyName) { s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: k}) }

func TestShell_PagesComeAndGo(t *testing.T) {
	s := newScene(t, false)
	queue, lists, file := &fakePage{key: "queue"}, &fakePage{key: "lists"}, &fakePage{key: "incident"}
	s.shell.AddPage(queue)
	s.shell.AddPage(lists)
	s.shell.Go("queue")
	s.shell.Push(file)
	s.key(fyne.KeyEscape)
	if s.shell.Shown() != queue {
		t.Error("Esc doesn't return to the queue")
	}
	s.letters("gl")
	if s.shell.Shown() != lists || strings.Join(queue.log, " ") != "shown hidden shown hidden" {
		t.Errorf("G L shows %s; queue: %v", s.shell.Shown().Key(), queue.log)
	}
	s.shell.Go("map")
	if s.shell.Shown() != lists {
		t.Error("a page that isn't there was gone to")
	}
	if s.shell.rail.items["map"] != nil || s.shell.rail.items["queue"] == nil {
		t.Error("the rail shows other pages than there are")
	}
}

func TestShell_KeysGoToDialogThenPageThenActions(t *testing.T) {
	s := newScene(t, false)
	page := &fakePage{key: "queue", takes: kit.CmdDown, ctx: Context{Incident: incident.IncidentID{7}}}
	s.shell.AddPage(page)
	s.shell.Go("queue")
	var done []incident.IncidentID
	s.actions.Set(kit.CmdUrge, func(c Context) { done = append(done, c.Incident) })
	s.letters("jt")
	if len(page.log) != 2 || len(done) != 1 || done[0] != page.ctx.Incident {
		t.Errorf("page %v, actions %v", page.log, done)
	}
	closed, confirmed := 0, 0
	below := kit.NewDialog(s.env, kit.DialogParams{Title: "a", Body: kit.NewBox(kit.Bg), Width: 200, OnClose: func() { closed++ }})
	above := kit.NewDialog(s.env, kit.DialogParams{Title: "b", Body: kit.NewBox(kit.Bg), Width: 200, OnClose: func() { closed++ }, OnConfirm: func() { confirmed++ }})
	below.Open()
	above.Open()
	s.letters("jt")
	s.shell.Run(kit.CmdConfirm)
	if len(page.log) != 2 || len(done) != 1 || confirmed != 1 {
		t.Error("keys reach what lies below a dialog")
	}
	s.shell.Close(below)
	if closed != 2 || s.shell.Dialog() != nil || s.window.Canvas().Overlays().Top() != nil {
		t.Errorf("closing the lower dialog left one open; %d were told", closed)
	}
}

func TestShell_ToolkitsOwnDialogKeepsItsKeysFromOurs(t *testing.T) {
	s := newScene(t, false)
	form := kit.NewDialog(s.env, kit.DialogParams{Name: "form", Body: kit.NewBox(kit.Bg), Width: 300, Height: 200})
	s.shell.Open(form)
	widget.NewModalPopUp(widget.NewLabel("choose a file"), s.window.Canvas()).Show()
	s.key(fyne.KeyEscape)
	if top := s.window.Canvas().Overlays().Top(); top != fyne.CanvasObject(form) {
		t.Fatalf("Esc leaves %T on top", top)
	}
	s.key(fyne.KeyEscape)
	if s.shell.Dialog() != nil {
		t.Error("the next Esc leaves the form open")
	}
}

func TestShell_UndoCountsDownFromTen(t *testing.T) {
	s := newScene(t, false)
	s.shell.AddPage(&fakePage{key: "queue"})
	s.shell.Go("queue")
	undone := 0
	s.shell.Say(kit.Message{Text: "已派单 0818-029", Undo: func() { undone++ }})
	if got := s.shell.status.message.Text; got != "已派单 0818-029·撤销 Ctrl Z·10" {
		t.Errorf("status says %q", got)
	}
	s.now = s.now.Add(3 * time.Second)
	s.shell.Tick(s.now)
	if got := s.shell.status.message.Text; !strings.HasSuffix(got, "·7") {
		t.Errorf("three seconds later it says %q", got)
	}
	s.shell.Run(kit.CmdUndo)
	s.shell.Run(kit.CmdUndo)
	if undone != 1 {
		t.Errorf("undone %d times", undone)
	}
	s.shell.Say(kit.Message{Text: "x", Undo: func() { undone++ }})
	s.now = s.now.Add(10 * time.Second)
	s.shell.Tick(s.now)
	s.shell.Run(kit.CmdUndo)
	if undone != 1 || s.shell.status.message.Visible() {
		t.Error("an act can be undone after ten seconds")
	}
}

func TestShell_DrillIsUnmistakable(t *testing.T) {
	for _, drill := range []bool{true, false} {
		s := newScene(t, drill)
		if strings.Contains(s.window.Title(), "演练") != drill || s.shell.top.mark.Visible() != drill {
			t.Errorf("drill %v: title %q", drill, s.window.Title())
		}
		border := s.env.Host.Canvas().Capture().At(1, 300)
		r, g, b, _ := border.RGBA()
		wr, wg, wb, _ := kit.Color(kit.Urg).RGBA()
		if (r == wr && g == wg && b == wb) != drill {
			t.Errorf("drill %v: the edge is %v", drill, border)
		}
	}
}

func TestShell_LocksOnceWhenNobodyIsThere(t *testing.T) {
	s := newScene(t, false)
	s.shell.AddPage(&fakePage{key: "queue"})
	s.shell.Go("queue")
	step := func(d time.Duration) {
		s.now = s.now.Add(d)
		s.shell.Tick(s.now)
	}
	step(4 * time.Minute)
	s.letters("j")
	step(4 * time.Minute)
	if s.idle != 0 {
		t.Error("locked although somebody typed")
	}
	step(time.Minute)
	step(time.Minute)
	if s.idle != 1 {
		t.Errorf("locked %d times", s.idle)
	}
}

func TestShell_TheMouseKeepsItAwake(t *testing.T) {
	s := newScene(t, false)
	s.shell.AddPage(&fakePage{key: "queue"})
	s.shell.Go("queue")
	// move does what the toolkit does at each move: it asks every object under the mouse for its cursor.
	move := func(root fyne.CanvasObject) {
		asked := 0
		var ask func(fyne.CanvasObject)
		ask = func(o fyne.CanvasObject) {
			if c, ok := o.(desktop.Cursorable); ok {
				c.Cursor()
				asked++
			}
			switch o := o.(type) {
			case *fyne.Container:
				for _, child := range o.Objects {
					ask(child)
				}
			case *kit.Dialog:
				for _, child := range test.WidgetRenderer(o).Objects() {
					ask(child)
				}
			}
		}
		ask(root)
		if asked == 0 {
			t.Fatal("nothing is told of the mouse")
		}
	}
	s.now = s.now.Add(4 * time.Minute)
	move(s.window.Content())
	s.now = s.now.Add(4 * time.Minute)
	s.shell.Tick(s.now)
	if s.idle != 0 {
		t.Fatal("locked although the mouse moved")
	}
	d := kit.NewDialog(s.env, kit.DialogParams{Title: "x", Body: kit.NewLabel("x", kit.Body, kit.T1), Width: 200})
	d.Open()
	move(d)
	s.now = s.now.Add(4 * time.Minute)
	s.shell.Tick(s.now)
	if s.idle != 0 {
		t.Error("locked although the mouse moved over a dialog")
	}
	s.now = s.now.Add(time.Minute)
	s.shell.Tick(s.now)
	if s.idle != 1 {
		t.Errorf("locked %d times after five still minutes", s.idle)
	}
}

func TestShell_WindowIsRemembered(t *testing.T) {
	s := newScene(t, false)
	s.window.Resize(fyne.NewSize(1500, 800))
	if err := s.shell.Remember(); err != nil {
		t.Fatal(err)
	}
	s.window.Resize(fyne.NewSize(1280, 720))
	s.shell.Restore()
	if got := s.window.Canvas().Size(); got.Width != 1500 || got.Height != 800 {
		t.Errorf("window is %v", got)
	}
}

func TestShell_DamagedWindowComesBackUsable(t *testing.T) {
	tests := []struct {
		name  string
		state WindowState
		want  fyne.Size
	}{
		{"nothing", WindowState{}, fyne.NewSize(1440, 900)},
		{"negative", WindowState{Width: -1500, Height: 800}, fyne.NewSize(1440, 900)},
		{"beyond any screen", WindowState{Width: 1e7, Height: 800}, fyne.NewSize(1440, 900)},
		{"a sliver", WindowState{Width: 3, Height: 800}, fyne.NewSize(640, 800)},
	}
	for _, tt := range tests {
		s := newScene(t, false)
		s.shell.AddPage(&fakePage{key: "queue"})
		s.desk.kept["window"] = tt.state
		s.shell.Restore()
		if got := s.window.Canvas().Size(); got != tt.want {
			t.Errorf("%s: window is %v, not %v", tt.name, got, tt.want)
		}
	}
}

func TestShell_ComesBackToItsPage(t *testing.T) {
	s := newScene(t, false)
	for _, key := range []string{"queue", "lists"} {
		s.shell.AddPage(&fakePage{key: key})
	}
	s.shell.Go("lists")
	s.shell.Push(&fakePage{key: "incident"}) // a file isn't opened again: its rail page is
	if err := s.shell.Remember(); err != nil {
		t.Fatal(err)
	}
	s.shell.Go("queue")
	s.shell.Restore()
	if got := s.shell.Shown().Key(); got != "lists" {
		t.Errorf("comes back to %s", got)
	}
	s.desk.kept["window"] = WindowState{Width: 1500, Height: 800, Page: "map"}
	s.shell.Restore()
	if got := s.shell.Shown().Key(); got != "queue" {
		t.Errorf("a page that isn't there brings %s", got)
	}
}

func TestShell_FullScreenKeepsTheSizeBefore(t *testing.T) {
	s := newScene(t, false)
	s.shell.AddPage(&fakePage{key: "queue"})
	s.desk.kept["window"] = WindowState{Width: 1500, Height: 800}
	s.window.SetFullScreen(true)
	if err := s.shell.Remember(); err != nil {
		t.Fatal(err)
	}
	if got, ok := s.desk.kept["window"].(WindowState); !ok || got.Width != 1500 || got.Height != 800 || !got.FullScreen {
		t.Errorf("kept %+v", s.desk.kept["window"])
	}
}

func TestTopBar_WhatPressesStaysLongest(t *testing.T) {
	s := newScene(t, false)
	shown := func() string {
		out := ""
		for _, c := range s.shell.top.counters {
			if c.Visible() {
				out += "1"
			} else {
				out += "0"
			}
		}
		return out
	}
	// In the order of the bar: unanswered, to dispatch, in hand, due soon, overdue, done, to settle and warnings, which are there only when something is.
	last := ""
	var seen []string
	for width := float32(1300); width > 300; width -= 10 {
		s.shell.top.Resize(fyne.NewSize(width, kit.TopBarHeight))
		if now := shown(); now != last {
			seen, last = append(seen, now), now
		}
	}
	if got, want := strings.Join(seen, " "), "11111100 11111000 11011000 11001000 10001000 10000000"; !strings.HasPrefix(got, want) {
		t.Errorf("with less and less room: %s, not %s", got, want)
	}
}

func TestTopBar_ConflictsCountOnlyWhenThereAreAny(t *testing.T) {
	s := newScene(t, false)
	s.shell.top.Resize(fyne.NewSize(1300, kit.TopBarHeight))
	c := s.shell.top.counters[toSettleAt]
	if c.Visible() {
		t.Error("nothing is to settle, and it is counted")
	}
	s.shell.SetToSettle(2)
	if !c.Visible() || c.figure.Text != "2" || c.figure.Token != kit.Crit {
		t.Errorf("visible %v, %q in %s", c.Visible(), c.figure.Text, c.figure.Token)
	}
	s.shell.SetSync(county.Face{Icon: "off", Text: "离线", Token: kit.Urg, Ground: kit.Urgbg})
	if mark := s.shell.top.sync; mark.label.Text != "离线" || mark.ground.Fill != kit.Urgbg {
		t.Errorf("the mark says %q on %s", mark.label.Text, mark.ground.Fill)
	}
}
