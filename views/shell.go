package views

import (
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/county"
	"zw110/views/kit"
)

// Desk is what the frame asks of the room.
type Desk interface {
	Counters() board.Counters
	Local(name string, into any) error
	SetLocal(name string, value any) error
}

// Params says how a shell is made.
type Params struct {
	Window  fyne.Window
	Env     *kit.Env
	Desk    Desk
	Actions *Actions
	Drill   bool
	// Past marks a window that shows the past: frame and tag say so, Foot stands below the page, First gets the keys of InReplay and Hints
	// are the keys that do something in it.
	Past  bool
	Foot  fyne.CanvasObject
	First func(kit.Command) bool
	Hints []kit.Hint
	// Town names township and room.
	Town string
	// OnCounter is told which counter was pressed.
	OnCounter func(Counter)
	// OnSync is told that the mark of the link was pressed; nil does nothing.
	OnSync func()
	// OnTown chooses among the towns of a county; nil: there is but one.
	OnTown func()
	// OnIdle locks the screen after IdleAfter without a key or a move of the mouse; nil never locks.
	OnIdle    func()
	IdleAfter time.Duration
	// Mods returns the modifier keys held now; nil asks Fyne's driver.
	Mods func() fyne.KeyModifier
}

// Shell is the frame of the window. All its methods belong to the UI goroutine.
type Shell struct {
	p       Params
	top     *topBar
	rail    *rail
	status  *statusBar
	centre  *fyne.Container
	pages   map[string]Page
	shown   Page
	trail   []Page // pages below the one shown, for Esc
	dialogs []*kit.Dialog
	prefix  rune
	lastKey incident.Stamp
	idle    bool
	strokes int
}

var _ kit.Host = (*Shell)(nil)

// NewShell puts the frame into the window. It makes itself the Host of the Env.
func NewShell(p Params) *Shell {
	s := &Shell{p: p, pages: map[string]Page{}, centre: container.NewStack(), lastKey: p.Env.Now()}
	p.Env.Host = s
	if s.p.Mods == nil {
		s.p.Mods = driverMods
	}
	s.top = newTopBar(p.Env, p.Town, mark(p), func(c Counter) {
		if p.OnCounter != nil {
			p.OnCounter(c)
		}
	}, p.OnSync, p.OnTown)
	s.top.sync.Hidden = p.Past // the link is of now
	s.rail = newRail(p.Env, s.Go)
	s.status = newStatusBar(p.Env)
	// The rail reaches up to the window's edge, beside the top bar.
	frame := kit.Edges(nil, s.status, s.rail, nil, kit.Edges(s.top, p.Foot, nil, nil, kit.Loose(s.centre)))
	title := p.Env.T("app.name")
	p.Env.Awake = s.Awake
	var content fyne.CanvasObject = container.NewStack(kit.NewWatch(s.Awake), kit.NewBox(kit.Bg), frame)
	if m := mark(p); m.word != "" {
		title = m.word + "·" + title
		content = framed(content, m.token)
	}
	p.Window.SetTitle(title)
	p.Window.SetPadded(false)
	p.Window.SetContent(content)
	s.listen(p.Window.Canvas())
	s.Refresh()
	return s
}

// tag says of a whole window what it is not: the real thing, or the present.
type tag struct {
	word  string
	token kit.Token
}

func mark(p Params) tag {
	switch {
	case p.Past:
		return tag{p.Env.T("shell.past"), kit.Vest}
	case p.Drill:
		return tag{p.Env.T("shell.drill"), kit.Urg}
	}
	return tag{}
}

// frameWidth is how thick the border of a marked window is.
const frameWidth = 6

// framed puts a thick border around everything, so that a drill is never taken for the real thing, nor the past for the present.
func framed(content fyne.CanvasObject, token kit.Token) fyne.CanvasObject {
	border := kit.NewFrame(kit.None, token, 0)
	border.Width = frameWidth
	return container.NewStack(kit.Pad(content, frameWidth, frameWidth, frameWidth, frameWidth), border)
}

func driverMods() fyne.KeyModifier {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return 0
}

// AddPage makes a page known; those with a place in the rail appear there.
func (s *Shell) AddPage(p Page) {
	s.pages[p.Key()] = p
	s.rail.add(p)
}

// AddCommand puts a command into the rail, at one of its places.
func (s *Shell) AddCommand(place string, c kit.Command) {
	s.rail.put(place, newRailItem(s.p.Env, place, nil, func() { s.Run(c) }))
}

// Go shows a page by its name; an unknown name does nothing.
func (s *Shell) Go(key string) {
	if p, ok := s.pages[key]; ok {
		s.trail = nil
		s.show(p)
	}
}

// Push shows a page above the one shown; Pop returns to that.
func (s *Shell) Push(p Page) {
	if s.shown != nil && s.shown != p {
		s.trail = append(s.trail, s.shown)
	}
	s.show(p)
}

// Pop returns to the page below; it reports whether there was one.
func (s *Shell) Pop() bool {
	n := len(s.trail)
	if n == 0 {
		return false
	}
	p := s.trail[n-1]
	s.trail = s.trail[:n-1]
	s.show(p)
	return true
}

func (s *Shell) show(p Page) {
	if s.shown == p {
		return
	}
	if s.shown != nil {
		s.shown.Hidden()
	}
	s.Canvas().Unfocus()
	s.shown = p
	s.centre.Objects = []fyne.CanvasObject{p.Content()}
	s.centre.Refresh()
	s.rail.choose(s.base().Key())
	p.Shown()
	s.RefreshStatus()
}

// Shown returns the page in view.
func (s *Shell) Shown() Page { return s.shown }

// Open shows a dialog.
func (s *Shell) Open(d *kit.Dialog) {
	s.dialogs = append(s.dialogs, d)
	s.Canvas().Overlays().Add(d)
}

// Close takes a dialog and those above it away.
func (s *Shell) Close(d *kit.Dialog) {
	at := -1
	for i, have := range s.dialogs {
		if have == d {
			at = i
		}
	}
	if at < 0 {
		return
	}
	closed := append([]*kit.Dialog(nil), s.dialogs[at:]...)
	s.dialogs = s.dialogs[:at]
	s.Canvas().Overlays().Remove(d)
	for i := len(closed) - 1; i >= 0; i-- {
		closed[i].Closed()
	}
}

// Dialog returns the dialog on top, or nil.
func (s *Shell) Dialog() *kit.Dialog {
	if n := len(s.dialogs); n > 0 {
		return s.dialogs[n-1]
	}
	return nil
}

// Strokes counts the keys that no field kept for itself.
func (s *Shell) Strokes() int { return s.strokes }

// Say shows a message in the status bar.
func (s *Shell) Say(m kit.Message) { s.status.say(m, s.p.Env.Now()) }

// Said returns the message that stands in the status bar, empty when none does.
func (s *Shell) Said() string {
	if !s.status.message.Visible() {
		return ""
	}
	return s.status.said.Text
}

// Run does a command as if its key had been pressed.
func (s *Shell) Run(c kit.Command) { s.give(kit.Press{Command: c}) }

// Canvas is where focus lives.
func (s *Shell) Canvas() fyne.Canvas { return s.p.Window.Canvas() }

// SetTown changes the name at the left of the top bar.
func (s *Shell) SetTown(text string) { s.top.setTown(text) }

// TownMark is where the name stands, for lists that open below it.
func (s *Shell) TownMark() fyne.CanvasObject { return s.top.town }

// SetShift changes the second line of the top bar: shift, who leads it, seat.
func (s *Shell) SetShift(text string) { s.top.setShift(text) }

// SetSync changes the mark that says how this desk stands with the county.
func (s *Shell) SetSync(f county.Face) { s.top.setSync(f) }

// SetToSettle changes how many incidents have a conflict that waits for a person.
func (s *Shell) SetToSettle(n int) { s.top.setToSettle(n) }

// SetWarnings changes how many early warnings wait for an answer; pressing: one of them is red, or late.
func (s *Shell) SetWarnings(n int, pressing bool) { s.top.setWarnings(n, pressing) }

// Refresh reads the counters again.
func (s *Shell) Refresh() {
	s.top.setCounters(s.p.Desk.Counters())
	s.rail.refresh()
	s.RefreshStatus()
}

// RefreshStatus reads the keys of the page again.
func (s *Shell) RefreshStatus() {
	if s.shown == nil {
		return
	}
	text := ""
	if r, ok := s.shown.(Reporting); ok {
		text = r.StatusText()
	}
	hints := s.p.Hints
	if len(hints) == 0 {
		hints = s.shown.StatusKeys()
	}
	s.status.show(hints, text)
}

// Tick moves the clocks on; it comes once a second.
func (s *Shell) Tick(now incident.Stamp) {
	s.top.tick(now)
	s.status.tick(now)
	if t, ok := s.shown.(Ticking); ok {
		t.Tick(now)
	}
	s.RefreshStatus()
	if s.p.OnIdle != nil && !s.idle && now.Sub(s.lastKey) >= s.p.IdleAfter {
		s.idle = true
		s.p.OnIdle()
	}
}

// Awake says that somebody is there: a key, the mouse, or unlocking.
func (s *Shell) Awake() {
	s.idle = false
	s.lastKey = s.p.Env.Now()
}

// listen takes all keys that no field keeps for itself.
func (s *Shell) listen(c fyne.Canvas) {
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		s.press(kit.Stroke{Key: e.Name, Mod: s.p.Mods() & fyne.KeyModifierShift})
	})
	c.SetOnTypedRune(func(r rune) { s.press(kit.Stroke{Rune: unicode.ToLower(r)}) })
	handle := func(sc fyne.Shortcut) {
		if st, ok := kit.StrokeOf(sc); ok {
			s.press(st)
		}
	}
	c.AddShortcut(&fyne.ShortcutUndo{}, handle)
	for _, sc := range s.p.Env.Keys.Shortcuts() {
		c.AddShortcut(sc, handle)
	}
}

// press finds out what a stroke means here and gives it to whoever it is for.
func (s *Shell) press(st kit.Stroke) {
	s.Awake()
	s.strokes++
	// The toolkit's own dialog, such as the choice of a file, may stand above ours: nothing below it may take its keys.
	overlays := s.Canvas().Overlays()
	if top := overlays.Top(); top != nil {
		if _, ours := top.(*kit.Dialog); !ours {
			if st.Key == fyne.KeyEscape {
				overlays.Remove(top)
			}
			return
		}
	}
	scopes := s.scopes()
	if st.Rune != 0 {
		prefix := s.prefix
		s.prefix = 0
		if prefix != 0 {
			st.Prefix = prefix
		} else if st.Rune == 'g' && s.Dialog() == nil {
			s.prefix = 'g'
			return
		}
	}
	if s.p.First != nil && s.Dialog() == nil && s.p.First(s.p.Env.Keys.Find(st, kit.InReplay)) {
		return
	}
	s.give(kit.Press{Stroke: st, Command: s.p.Env.Keys.Find(st, scopes...)})
}

func (s *Shell) scopes() []kit.Scope {
	if d := s.Dialog(); d != nil {
		return d.Scopes()
	}
	if s.shown == nil {
		return nil
	}
	return s.shown.Scopes()
}

func (s *Shell) give(p kit.Press) {
	switch {
	case p.Command == kit.CmdFullScreen:
		s.p.Window.SetFullScreen(!s.p.Window.FullScreen())
		return
	case s.Dialog() != nil:
		s.Dialog().HandleKey(p)
		return
	case s.shown != nil && s.shown.HandleKey(p):
	default:
		s.own(p.Command)
	}
	s.RefreshStatus()
}

// own deals with what the window does itself.
func (s *Shell) own(c kit.Command) {
	pages := map[kit.Command]string{
		kit.CmdQueue: "queue", kit.CmdMap: "map", kit.CmdLists: "lists", kit.CmdAssess: "assess",
		kit.CmdHandover: "handover", kit.CmdSettings: "settings",
	}
	switch key, ok := pages[c]; {
	case ok:
		s.Go(key)
	case c == kit.CmdUndo && s.status.undo():
	case c == kit.CmdBack:
		s.Pop()
	case c != "":
		ctx := Context{}
		if subject, ok := s.shown.(Subject); ok {
			ctx = subject.Context()
		}
		s.p.Actions.Run(c, ctx)
	}
}

// WindowState is what is remembered between two starts: the window's size in units and the page in view.
type WindowState struct {
	Width, Height float32
	FullScreen    bool
	Page          string
}

// windowName is where the state is kept.
const windowName = "window"

// usual is the window of a first start.
func usual() WindowState { return WindowState{Width: 1440, Height: 900, Page: firstPage} }

// firstPage is where a desk begins.
const firstPage = "queue"

// LeastSize and mostSize bound the sizes that a window may come back with; what lies outside was damaged, or of a screen that is gone.
func LeastSize() fyne.Size { return fyne.NewSize(640, 480) }

func mostSize() fyne.Size { return fyne.NewSize(8192, 4608) }

// valid returns the state with anything impossible put right.
func (w WindowState) valid() WindowState {
	u := usual()
	if !(w.Width > 0 && w.Height > 0 && w.Width <= mostSize().Width && w.Height <= mostSize().Height) {
		w.Width, w.Height = u.Width, u.Height
	}
	w.Width, w.Height = max(w.Width, LeastSize().Width), max(w.Height, LeastSize().Height)
	return w
}

// kept reads the state, or the usual one where none is readable.
func (s *Shell) kept() WindowState {
	state := usual()
	if err := s.p.Desk.Local(windowName, &state); err != nil {
		return usual() // never kept, or not readable: the usual size is as good
	}
	return state.valid()
}

// Remember writes down how large the window is and what it shows. Of a window that fills the screen the size it had before is kept.
func (s *Shell) Remember() error {
	state := s.kept()
	state.FullScreen = s.p.Window.FullScreen()
	if size := s.Canvas().Size(); !state.FullScreen {
		state.Width, state.Height = size.Width, size.Height
	}
	state.Page = firstPage
	if base := s.base(); base != nil {
		state.Page = base.Key()
	}
	return s.p.Desk.SetLocal(windowName, state)
}

// base is the page of the rail that is in view, or below the one in view.
func (s *Shell) base() Page {
	if len(s.trail) > 0 {
		return s.trail[0]
	}
	return s.shown
}

// Restore gives the window the size it had, or the usual one, and goes to the page it showed.
func (s *Shell) Restore() {
	state := s.kept()
	s.p.Window.Resize(fyne.NewSize(state.Width, state.Height))
	if state.FullScreen {
		s.p.Window.SetFullScreen(true)
	}
	if s.pages[state.Page] == nil {
		state.Page = firstPage
	}
	s.Go(state.Page)
}
