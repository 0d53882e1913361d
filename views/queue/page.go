package queue

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/data/warn"
	"zw110/views"
	"zw110/views/county"
	"zw110/views/kit"
	"zw110/views/warnings"
)

// restTime is how long the cursor must rest before the pane follows.
const restTime = 80 * time.Millisecond

// Params says how a queue page is made.
type Params struct {
	Env   *kit.Env
	Board Board
	Keep  Keep
	Login incident.Login
	// Units and Villages are the choices of the filters.
	Units    []incident.UnitID
	Villages []string
	// Open opens an incident's file.
	Open func(incident.IncidentID)
	// Person names a login for people.
	Person func(incident.Login) string
	// Town names a township, at a county's desk; nil elsewhere.
	Town func(incident.ScopeID) string
	// County is the link with other desks; nil for none.
	County County
	// Map returns a small map around an incident, nil when it stands nowhere; nil itself for none.
	Map func(board.Row) fyne.CanvasObject
	// Warnings is the line above the list that says which early warnings wait; nil for none.
	Warnings *warnings.Strip
	// ReadReceipt asks for the file that came back from the county, PrintSlip prints what goes with the one that is under way.
	ReadReceipt, PrintSlip func()
}

// County is what the queue shows of the link with other desks.
type County interface {
	State() county.State
	// Outbox returns what of an incident the county lacks.
	Outbox(incident.IncidentID) room.Pending
	// Outgoing is what waits for the county, and the file that carries it.
	Outgoing() county.Outgoing
	// Present says who has an incident open at other desks.
	Present(incident.IncidentID) []county.Presence
}

// Page is the queue.
type Page struct {
	p        Params
	env      *kit.Env
	m        *model
	views    []board.View
	view     int
	day      incident.Day // of 今日
	choice   Choice
	content  *fyne.Container
	layout   *pageLayout
	tabs     *kit.Tabs
	tabBox   *fyne.Container
	chips    map[string]*kit.Chip
	search   *kit.Entry
	filters  *fyne.Container
	selected *selectBar
	heads    *headRow
	list     *kit.ScrollList
	empty    *fyne.Container
	emptyMsg *kit.Label
	side     *side
	widths   Widths
	own      Own
	cancel   func()
	rest     func() // calls off the pane's delay
	thaw     func() // calls off the end of a hold
	peeking  bool
	known    map[incident.IncidentID]bool        // incidents of the last Change, to tint once
	others   map[incident.IncidentID]room.Author // who changed it at another desk, for a while
	band     *band
	link     county.State
	carried  county.Outgoing
	unsent   bool               // the column is there
	offline  bool               // the band is there
	towns    []incident.ScopeID // of a county's desk; empty: all
}

var (
	_ views.Page      = (*Page)(nil)
	_ views.Ticking   = (*Page)(nil)
	_ views.Reporting = (*Page)(nil)
	_ views.Subject   = (*Page)(nil)
	_ views.Badged    = (*Page)(nil)
)

// NewPage returns the queue with the built-in views and those of this desk.
func NewPage(p Params) *Page {
	q := &Page{p: p, env: p.Env, m: newModel(), known: map[incident.IncidentID]bool{}, others: map[incident.IncidentID]room.Author{}}
	q.own = q.keptOwn()
	q.nameViews()
	q.view = q.keptView()
	q.tabs = kit.NewTabs(nil, q.chooseView)
	q.search = kit.NewSearchEntry(q.env.T("queue.search"), q.env.Keys.Cap(kit.CmdSearch))
	q.search.OnChanged = q.searchFor
	q.search.OnSubmit = func(string) { q.env.Host.Canvas().Unfocus() }
	q.heads = newHeadRow(q.env)
	q.heads.OnWidth, q.heads.OnDone = q.setWidth, q.keepWidths
	q.heads.OnFit = func(c Column) {
		q.fit(c)
		q.keepWidths()
	}
	q.list = kit.NewScrollList(q.m, nil, q.fill)
	q.list.SetKinds(q.kindOf, q.create)
	q.emptyMsg = kit.NewLabel("", kit.Body, kit.T3)
	q.empty = container.NewCenter(q.emptyMsg)
	q.side = newSide(q)
	q.selected = newSelectBar(q)
	q.band = newBand(q.env)
	q.build()
	return q
}

// build puts the parts together.
func (q *Page) build() {
	save := kit.NewButton(kit.Ghost, "plus", q.env.T("queue.save_view"), "", q.saveView).Small()
	save.Hidden = q.env.Past
	q.tabBox = container.New(&tabLayout{q.tabs, save}, q.tabs, save)
	// The line of the chosen tab lies on the bar's own.
	tabs := container.NewStack(kit.NewBox(kit.Surface), kit.Edges(nil, kit.Divider(), nil, nil, nil), q.tabBox)
	q.chips = map[string]*kit.Chip{}
	row := kit.HBox(8, kit.NewIcon("filter", 14, kit.T2))
	for _, kind := range []string{chipState, chipUnit, chipVillage, chipChannel, chipUrgency} {
		var chip *kit.Chip
		chip = kit.NewChip("", func() { q.openChip(kind, chip) })
		q.chips[kind] = chip
		row.Add(chip)
	}
	add := kit.NewButton(kit.Primary, "plus", q.env.T("cmd.new"), q.env.Keys.Cap(kit.CmdNew), func() { q.env.Host.Run(kit.CmdNew) }).Small()
	add.Hidden = q.env.Past
	row.Objects = append(row.Objects, kit.Spacer(), kit.Fixed(q.search, 176, kit.SmallHeight), add)
	q.filters = kit.Pad(row, 0, 16, 0, 16)
	bar := container.NewStack(kit.NewBox(kit.Surface), kit.Edges(nil, kit.Divider(), nil, nil, container.NewStack(q.filters, q.selected.bar)))
	list := container.NewStack(kit.NewBox(kit.Surface), q.list, q.empty)
	q.layout = &pageLayout{q: q, tabs: tabs, bar: bar, list: list}
	q.content = container.New(q.layout, tabs, bar, q.band.root, q.heads, list, q.side)
	if q.p.Warnings != nil {
		q.content.Add(q.p.Warnings.Object())
	}
	q.paintChips()
}

// tabLayout puts a button behind the last tab, or at the right end when the tabs need the room.
type tabLayout struct {
	tabs *kit.Tabs
	save *kit.Button
}

// MinSize lets the tabs scroll.
func (l *tabLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, kit.TabHeight) }

// Layout places both.
func (l *tabLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	save := l.save.MinSize()
	w := min(l.tabs.FullWidth(), size.Width-padLeft-padRight-save.Width)
	l.tabs.Move(fyne.NewPos(padLeft-2, 0))
	l.tabs.Resize(fyne.NewSize(w, size.Height))
	l.save.Move(fyne.NewPos(padLeft+w+4, (size.Height-save.Height)/2))
	l.save.Resize(save)
}

// pageLayout divides the page: list at the left, pane at the right.
type pageLayout struct {
	q               *Page
	tabs, bar, list fyne.CanvasObject
}

// MinSize leaves everything to the window.
func (l *pageLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 300) }

// Layout places the parts.
func (l *pageLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	q := l.q
	w := Narrow(size.Width, q.longWords(), q.own, q.unsent)
	changed := w.List != q.widths.List || w.Side != q.widths.Side || w.Of[ColUnsent] != q.widths.Of[ColUnsent]
	q.widths = w
	put := func(o fyne.CanvasObject, x, y, width, height float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(width, max(0, height)))
	}
	y := kit.TabHeight
	put(l.tabs, 0, 0, w.List, y)
	put(l.bar, 0, y, w.List, kit.FilterHeight)
	y += kit.FilterHeight
	if q.band.root.Hidden = !q.offline; q.offline {
		put(q.band.root, 0, y, w.List, bandHeight)
		y += bandHeight
	}
	if s := q.p.Warnings; s != nil {
		if s.Object().Hidden = !s.Shows(); s.Shows() {
			put(s.Object(), 0, y, w.List, warnings.StripHeight)
			y += warnings.StripHeight
		}
	}
	q.heads.widths = w
	put(q.heads, 0, y, w.List, kit.HeadHeight)
	y += kit.HeadHeight
	put(l.list, 0, y, w.List, size.Height-y)
	q.side.Hidden = w.Side == 0 && !q.peeking
	side := w.Side
	if side == 0 {
		side = min(sideNarrow, size.Width)
	}
	put(q.side, size.Width-side, 0, side, size.Height)
	if changed {
		q.heads.Refresh()
		q.list.Update()
	}
}

// SetLogin tells who has signed in: whose incidents are 我的待办 and what the pane may show.
func (q *Page) SetLogin(login incident.Login) {
	q.p.Login = login
	q.nameViews()
	q.paintTabs()
	q.read()
	q.followNow()
}

// nameViews makes the views anew; 今日 is the day of the clock.
func (q *Page) nameViews() {
	q.day = incident.DayOf(q.env.Now())
	q.views = append(BuiltIn(q.p.Login, q.day), q.savedViews()...)
}

// Key names the page.
func (q *Page) Key() string { return "queue" }

// Content is the page.
func (q *Page) Content() fyne.CanvasObject { return q.content }

// Scopes says where the keys have their meaning.
func (q *Page) Scopes() []kit.Scope { return []kit.Scope{kit.InQueue} }

// Shown subscribes and reads anew.
func (q *Page) Shown() {
	if q.cancel == nil {
		q.cancel = q.p.Board.Subscribe(func(c room.Change) { q.env.Post(func() { q.changed(c) }) })
	}
	q.LinkMoved()
	q.read()
}

// Hidden lets go.
func (q *Page) Hidden() {
	if q.cancel != nil {
		q.cancel()
		q.cancel = nil
	}
	stop(&q.rest)
	stop(&q.thaw)
}

// stop calls a pending delay off.
func stop(f *func()) {
	if *f != nil {
		(*f)()
		*f = nil
	}
}

// changed takes news from the room. Within two seconds of a key the order stays as it is; what another desk changed waits for the
// selection to move, or for ten seconds in which nobody touches the list. Meanwhile rows show what is new at their old place.
func (q *Page) changed(c room.Change) {
	if q.cancel == nil {
		return // let go meanwhile
	}
	for _, id := range c.Incidents {
		q.known[id] = true
	}
	for id, a := range c.By {
		q.others[id] = a
	}
	now := q.env.Now()
	q.m.foreign = q.m.foreign || len(c.By) > 0 && q.m.snap != nil
	if !q.m.held(now) {
		q.read()
		return
	}
	q.m.waiting += max(1, len(c.Incidents))
	q.freshen(c.Incidents)
	q.thawLater(now)
}

// thawLater reads anew when the hold is over.
func (q *Page) thawLater(now incident.Stamp) {
	stop(&q.thaw)
	q.thaw = q.env.After(q.m.heldUntil().Sub(now), q.release)
}

// freshen shows what rows say now without moving them.
func (q *Page) freshen(ids []incident.IncidentID) {
	next := q.p.Board.Snapshot(q.filter())
	for _, id := range ids {
		if i := next.IndexOf(id); i >= 0 {
			q.m.fresh[id] = next.Row(i)
		}
		if id == q.m.cursor {
			q.side.load(id)
		}
	}
	q.paintTabs()
	q.list.Update()
}

// touch notes that somebody is at the list.
func (q *Page) touch() { q.m.touched = q.env.Now() }

// release reads anew once the hold is over, or waits on when another key came.
func (q *Page) release() {
	q.thaw = nil
	now := q.env.Now()
	if q.m.held(now) {
		q.thawLater(now)
		return
	}
	if q.m.waiting > 0 {
		q.read()
	}
}

// read takes a new snapshot and shows it.
func (q *Page) read() {
	before := q.m.cursor
	first := q.m.snap == nil
	q.m.take(q.p.Board.Snapshot(q.filter()))
	q.paintTabs()
	q.list.SetRows(q.m)
	q.list.Each(q.tint)
	clear(q.known)
	q.paintEmpty()
	q.selected.paint()
	if first || before != q.m.cursor {
		q.followNow()
		return
	}
	q.side.load(q.m.cursor)
}

// tint lets a row that just changed fade from a tint to its own colour, once.
func (q *Page) tint(i int, o fyne.CanvasObject) {
	row, ok := o.(*rowWidget)
	if !ok || q.env.Calm || !q.known[row.row.ID] || row.Selected {
		return
	}
	row.FadeFrom(kit.Acc2)
}

func (q *Page) filter() board.Filter { return q.choice.Apply(q.viewFilter(q.view)) }

// viewFilter is the filter of a view, within the townships that are looked at.
func (q *Page) viewFilter(i int) board.Filter {
	f := q.views[i].Filter
	f.Towns = both(f.Towns, q.towns, 0)
	return f
}

// SetWarnings shows which early warnings there are.
func (q *Page) SetWarnings(all []warn.Warning) {
	s := q.p.Warnings
	before := s.Shows()
	if s.Set(all); s.Shows() != before {
		q.relay()
	}
}

// SetTowns narrows everything to townships; none means all.
func (q *Page) SetTowns(towns []incident.ScopeID) {
	q.towns = towns
	q.read()
}

func (q *Page) paintTabs() {
	tabs := make([]kit.Tab, len(q.views))
	for i, v := range q.views {
		name := v.Name
		if v.Key != "" {
			name = q.env.T(v.Key)
		}
		tabs[i] = kit.Tab{Text: name, Count: q.p.Board.Count(q.viewFilter(i))}
	}
	q.tabs.Set(tabs)
	q.tabs.Choose(q.view)
	q.tabBox.Refresh()
}

func (q *Page) paintEmpty() {
	q.empty.Hidden = q.m.rows() > 0
	text := q.env.T("queue.empty")
	switch {
	case q.choice.Words != "":
		text = q.env.T("queue.empty_search", q.choice.Words)
	case !q.choice.Empty() || q.view != 0:
		text = q.env.T("queue.empty_filter")
	}
	q.emptyMsg.Set(text, kit.T3)
	q.empty.Refresh()
}

// The kinds of list items.
const (
	kindHead = 1
	kindRow  = 2
)

func (q *Page) kindOf(i int) int {
	if q.m.rowAt(i) < 0 {
		return kindHead
	}
	return kindRow
}

func (q *Page) create(kind int) fyne.CanvasObject {
	if kind == kindHead {
		return newHeadWidget(q.env)
	}
	r := newRowWidget(q.env)
	r.onTouch, r.news = q.touch, q.news
	if q.p.County != nil {
		r.outbox = q.p.County.Outbox
	}
	return r
}

func (q *Page) fill(i int, o fyne.CanvasObject) {
	switch w := o.(type) {
	case *headWidget:
		s := q.m.sectionOf(i)
		w.show(s.group, s.rows, s.folded)
		w.OnTap = func() { q.foldGroup(s.group) }
	case *rowWidget:
		at := q.m.rowAt(i)
		row := q.m.at(at)
		w.show(row, q.widths, row.ID == q.m.cursor, q.m.ticked[row.ID], q.env.Now())
		w.OnTap = func() { q.tapped(row.ID) }
		w.OnDoubleTap = func() { q.open() }
	}
}

func (q *Page) foldGroup(g board.Group) {
	q.m.fold(g)
	q.list.SetRows(q.m)
	q.follow()
}

func (q *Page) tapped(id incident.IncidentID) {
	if i := q.m.snap.IndexOf(id); i >= 0 {
		q.env.Host.Canvas().Unfocus()
		q.m.hold(q.env.Now())
		q.move(i)
		q.thawSoon()
	}
}

// thawSoon brings the end of a hold forward after the selection has moved.
func (q *Page) thawSoon() {
	if q.thaw != nil {
		q.thawLater(q.env.Now())
	}
}

// Badge is the number of incidents that wait for this room.
func (q *Page) Badge() (int, bool) {
	n := q.p.Board.Count(board.Filter{Groups: []board.Group{board.Unanswered, board.ToDispatch}, Towns: q.towns})
	return n, n > 0
}

// Context says what an action is for.
func (q *Page) Context() views.Context {
	return views.Context{Incident: q.m.cursor, Selected: q.m.selected()}
}

// StatusText counts the rows, or the changes that wait.
func (q *Page) StatusText() string {
	if q.m.waiting > 0 {
		return q.env.T("queue.waiting", q.m.waiting)
	}
	return q.env.T("queue.sorted", strconv.Itoa(q.m.rows()))
}

// StatusKeys are the keys that do something now.
func (q *Page) StatusKeys() []kit.Hint {
	hint := func(c kit.Command) kit.Hint { return kit.Hint{Cap: q.env.Keys.Cap(c), Text: q.env.T(c.Label())} }
	if q.search.HasFocus() {
		return []kit.Hint{{Cap: "↑↓", Text: q.env.T("key.move")}, {Cap: "Enter", Text: q.env.T("queue.to_list")}, hint(kit.CmdBack), hint(kit.CmdHelp)}
	}
	hints := []kit.Hint{{Cap: "↑↓", Text: q.env.T("key.move")}}
	for _, c := range []kit.Command{kit.CmdOpen, kit.CmdDispatch, kit.CmdAnswer, kit.CmdUrge, kit.CmdSelect, kit.CmdMenu, kit.CmdHelp} {
		hints = append(hints, hint(c))
	}
	return hints
}

// Tick moves the clocks of the rows in view on.
func (q *Page) Tick(now incident.Stamp) {
	if incident.DayOf(now) != q.day {
		q.nameViews()
		q.read()
	}
	q.LinkMoved()
	if q.p.Warnings != nil {
		q.p.Warnings.Tick(now)
	}
	q.list.Each(func(_ int, o fyne.CanvasObject) {
		if row, ok := o.(*rowWidget); ok {
			row.step(now)
		}
	})
	q.side.step(now)
}

// ShowGroup opens the first view narrowed to a group; 0 takes the narrowing away.
func (q *Page) ShowGroup(groups ...board.Group) {
	q.view = 0
	q.choice = Choice{}
	for _, g := range groups {
		q.choice.State = append(q.choice.State, fmt.Sprintf("%s%d", groupMark, g))
	}
	q.search.SetText("")
	q.paintChips()
	q.read()
}

// ShowUnit shows what a unit has in hand, as lead or co-handler.
func (q *Page) ShowUnit(u incident.UnitID) {
	q.view = 0
	q.choice = Choice{Units: []string{string(u)}}
	q.search.SetText("")
	q.paintChips()
	q.read()
}

// ShowDone opens the view of today.
func (q *Page) ShowDone() {
	q.choice = Choice{}
	q.paintChips()
	q.chooseView(2)
}

// ShowIncident puts the cursor on an incident, whatever narrows the view now.
func (q *Page) ShowIncident(id incident.IncidentID) {
	q.m.cursor = id
	if q.p.Board.Snapshot(q.filter()).IndexOf(id) < 0 {
		q.view, q.choice = 0, Choice{State: []string{stateAll}}
		q.search.SetText("")
		q.paintChips()
	}
	q.read()
	q.list.ScrollTo(q.m.itemOf(q.m.row), kit.GroupHeight)
	q.followNow()
}

// searchFor narrows by words with each key.
func (q *Page) searchFor(words string) {
	words = strings.TrimSpace(words)
	if words == q.choice.Words {
		return
	}
	q.choice.Words = words
	q.read()
}
