// Package assesspage owns the page of the assessment: the measures of a period as figures, charts and tables, and behind every figure the
// incidents it counts, each with its clock in one line.
package assesspage

import (
	"context"
	"errors"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/assess"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views"
	"zw110/views/kit"
)

// Desk is what the page asks of the room.
type Desk interface {
	Assess(ctx context.Context, p assess.Params, progress func(done, of int)) (assess.Assessment, error)
	ExportAssessment(a *assess.Assessment, by assess.Dimension, out string) (string, error)
	Subscribe(func(room.Change)) (cancel func())
	Now() incident.Stamp
	Rules() incident.Rules
}

// Params says what the page works with.
type Params struct {
	Env  *kit.Env
	Desk Desk
	// Apart runs a long job off the UI goroutine, beside the short ones.
	Apart func(job func())
	// Words turns an error into a sentence.
	Words func(error) string
	// Villages are those of the town; Target is the share settled on the same day that the town wants, in percent, 0 for none.
	Villages []string
	Target   func() int
	// Person names a login for people.
	Person func(incident.Login) string
	// Town names a township at a county's desk; nil elsewhere.
	Town func(incident.ScopeID) string
	// Open opens an incident's file.
	Open func(incident.IncidentID)
	// Folder is where workbooks go; OpenFile shows one with the system's own program.
	Folder   func() string
	OpenFile func(path string)
}

// The tabs in their order.
const (
	tabOverview = iota
	tabMeasures
	tabScore
	tabUnits
	tabVillages
	tabChannels
	tabCategories
	tabTimed
	tabFindings
	tabAppeals
	tabTowns // at a county's desk alone
)

// followAfter is how long the page waits after a change before it counts again: a busy room changes every few seconds.
const followAfter = 3 * time.Second

// Page is the assessment. All its methods belong to the UI goroutine.
type Page struct {
	p        Params
	span     Span
	without  []incident.Day // left out in figures of their own
	view     *view
	stop     func() // ends the count that is under way
	asked    int    // generation: an answer about another period is dropped
	stale    bool
	shown    bool
	counting bool
	cancel   func()
	towns    []incident.ScopeID // that a county looks at; empty: all
	tab      int
	chips    []*kit.Chip
	label    *kit.Label
	compared *kit.Label
	state    *kit.Label
	tabs     *kit.Tabs
	over     *overview
	sketch   *sketch
	scroll   *container.Scroll
	table    *table
	tableBox fyne.CanvasObject
	heads    *tableLine
	list     *kit.ScrollList
	cols     []float32
	width    float32
	row, col int
	drill    *drill
	empty    *kit.Label
	note     *kit.Label
	bar      *fyne.Container
	body     *fyne.Container
	root     fyne.CanvasObject
	exported string
}

var (
	_ views.Page      = (*Page)(nil)
	_ views.Reporting = (*Page)(nil)
	_ views.Subject   = (*Page)(nil)
)

// New returns the page; it counts the month of today when first in view.
func New(p Params) *Page {
	a := &Page{p: p, stop: func() {}, cancel: func() {}}
	t := p.Env.T
	a.label, a.compared, a.state = kit.NewLabel("", kit.Body.Heavy(), kit.T1), kit.NewCutLabel("", kit.Small, kit.T2), kit.NewLabel("", kit.Small, kit.T2)
	a.bar = kit.HBox(8, kit.NewLabel(t("shell.page.assess"), kit.Strong, kit.T1), kit.Fixed(kit.NewBox(kit.None), 4, 1))
	for i, l := range lengths() {
		chip := kit.NewChoiceChip(t("assesspage.length."+string(l)), func() { a.choose(lengths()[i]) })
		a.chips = append(a.chips, chip)
		a.bar.Add(chip)
	}
	a.bar.Objects = append(a.bar.Objects,
		kit.NewButton(kit.Ghost, "left", "", "←", func() { a.step(-1) }).Small(), a.label, kit.NewButton(kit.Ghost, "right", "", "→", func() { a.step(1) }).Small(),
		a.compared, a.state,
		kit.NewButton(kit.Secondary, "file", t("assesspage.rules"), "", func() { a.chooseTab(tabMeasures) }).Small(),
		kit.NewButton(kit.Secondary, "print", t("cmd.print"), p.Env.Keys.Cap(kit.CmdPrint), a.Print).Small(),
		kit.NewButton(kit.Primary, "", t("cmd.export"), p.Env.Keys.Cap(kit.CmdExport), a.export).Small())
	a.tabs = kit.NewTabs(nil, a.chooseTab)
	bar := container.NewStack(kit.NewBox(kit.Surface), kit.VBox(0, kit.Fixed(kit.Pad(a.bar, 0, 16, 0, 16), 0, 48),
		container.NewStack(kit.Edges(nil, kit.Divider(), nil, nil, nil), kit.Pad(a.tabs, 0, 4, 0, 4))))
	a.over = &overview{villages: p.Villages}
	a.sketch = newSketch(a.over.draw, func(i int) {
		a.sketch.choose(i)
		a.open()
	})
	a.scroll = container.NewVScroll(a.sketch)
	a.heads = newTableLine()
	a.list = kit.NewScrollList(kit.EvenRows{Height: tableRow}, func() fyne.CanvasObject { return newTableLine() }, a.fill)
	a.empty, a.note = kit.NewLabel("", kit.Body, kit.T3), kit.NewCutLabel("", kit.Small, kit.T2)
	a.tableBox = container.New(&tableLayout{a}, kit.NewBox(kit.Surface), kit.NewBox(kit.Surface2), a.heads, a.list, kit.Pad(a.note, 0, 16, 0, 16), container.NewCenter(a.empty))
	a.drill = newDrill(a)
	a.body = container.NewStack(a.scroll)
	a.root = container.NewStack(kit.NewBox(kit.Bg), kit.Edges(bar, nil, nil, nil, kit.Loose(a.body)))
	a.paintTabs()
	return a
}

// Key names the page.
func (a *Page) Key() string { return "assess" }

// Content is the whole page.
func (a *Page) Content() fyne.CanvasObject { return a.root }

// Scopes says where the page's keys have their meaning.
func (a *Page) Scopes() []kit.Scope { return []kit.Scope{kit.InAssess} }

// Shown counts anew and follows changes.
func (a *Page) Shown() {
	if a.span.Length == "" {
		a.span = SpanOf(ByMonth, incident.DayOf(a.p.Desk.Now()))
	}
	a.shown = true
	a.cancel = a.p.Desk.Subscribe(func(room.Change) { a.p.Env.Post(a.changed) })
	a.read()
}

// Hidden lets go.
func (a *Page) Hidden() {
	a.cancel()
	a.cancel, a.shown, a.counting = func() {}, false, false
	a.stop()
	a.asked++
}

// SetTowns narrows everything to townships; none means all.
func (a *Page) SetTowns(towns []incident.ScopeID) {
	a.towns = towns
	if a.shown {
		a.drill.close()
		a.paint()
		a.read()
	}
}

// changed counts again soon, where the period is not over.
func (a *Page) changed() {
	if a.stale || a.span.To < incident.DayOf(a.p.Desk.Now()) {
		return
	}
	a.stale = true
	asked := a.asked
	a.p.Env.After(followAfter, func() {
		if a.stale = false; asked == a.asked {
			a.read()
		}
	})
}

// Context is the incident under the cursor of the list behind a figure.
func (a *Page) Context() views.Context { return views.Context{Incident: a.drill.incident()} }

// StatusText says until when is counted.
func (a *Page) StatusText() string {
	if a.view == nil {
		return ""
	}
	end := a.view.Period.To.Time().In(incident.Local)
	text := end.Format("2006-01-02 15:04")
	if end.Hour() == 0 && end.Minute() == 0 {
		text = end.AddDate(0, 0, -1).Format(time.DateOnly) + " 24:00"
	}
	said := a.p.Env.T("assesspage.until", text)
	if w := a.view.WithoutDays; w != nil {
		said = a.p.Env.T("assesspage.without.on", len(w.Params.Without), percentOf(w.Total.Measure(assess.SameDay)), percentOf(w.Total.Measure(assess.OnTime))) + "  " + said
	}
	return said
}

// StatusKeys are the keys that work now.
func (a *Page) StatusKeys() []kit.Hint {
	t := a.p.Env.T
	if a.drill.shown() {
		return []kit.Hint{{Cap: "↑↓", Text: t("assesspage.key.move")}, {Cap: "Enter", Text: t("assesspage.key.file")}, {Cap: a.p.Env.Keys.Cap(kit.CmdAppeal), Text: t("assesspage.key.appeal")}, {Cap: "Esc", Text: t("assesspage.key.back")}, {Cap: "F1", Text: t("cmd.help")}}
	}
	keys := a.p.Env.Keys
	out := []kit.Hint{
		{Cap: "← →", Text: t("assesspage.key.step")},
		{Cap: "D W M", Text: t("assesspage.key.length")},
		{Cap: "[ ]", Text: t("assesspage.key.tab")},
		{Cap: "↑↓", Text: t("assesspage.key.move")},
		{Cap: "Shift ←→", Text: t("assesspage.key.column")},
		{Cap: "Enter", Text: t("assesspage.key.open")},
		{Cap: keys.Cap(kit.CmdLeaveOut), Text: t("assesspage.without")},
		{Cap: keys.Cap(kit.CmdExport), Text: t("cmd.export")},
	}
	if a.exported != "" {
		out = append(out, kit.Hint{Cap: keys.Cap(kit.CmdPrint), Text: t("cmd.print")})
	}
	return append(out, kit.Hint{Cap: "F1", Text: t("cmd.help")})
}

// HandleKey chooses periods and tabs, moves among figures and opens what is behind them.
func (a *Page) HandleKey(p kit.Press) bool {
	if a.drill.shown() {
		return a.drill.handle(p)
	}
	shift := p.Stroke.Mod&fyne.KeyModifierShift != 0
	by := map[kit.Command]Length{kit.CmdByDay: ByDay, kit.CmdByWeek: ByWeek, kit.CmdByMonth: ByMonth, kit.CmdByQuarter: ByQuarter, kit.CmdByYear: ByYear}
	length, chosen := by[p.Command]
	switch {
	case chosen:
		a.choose(length)
	case p.Stroke.Key == fyne.KeyLeft && shift:
		a.across(-1)
	case p.Stroke.Key == fyne.KeyRight && shift:
		a.across(1)
	case p.Stroke.Key == fyne.KeyLeft:
		a.step(-1)
	case p.Stroke.Key == fyne.KeyRight:
		a.step(1)
	case p.Command == kit.CmdBack && a.counting:
		a.stop()
	case p.Command == kit.CmdNextTab:
		a.chooseTab((a.tab + 1) % a.tabCount())
	case p.Command == kit.CmdPrevTab:
		a.chooseTab((a.tab + a.tabCount() - 1) % a.tabCount())
	case p.Command == kit.CmdLeaveOut:
		a.leaveOut()
	case p.Command == kit.CmdExport:
		a.export()
	case p.Command == kit.CmdPrint:
		a.Print()
	case p.Command == kit.CmdOpen:
		a.open()
	default:
		return a.move(p.Command)
	}
	return true
}

func (a *Page) choose(l Length) {
	day := a.span.To
	if today := incident.DayOf(a.p.Desk.Now()); day > today {
		day = today
	}
	a.turn(SpanOf(l, day))
}

// step goes to another period, never beyond that of today.
func (a *Page) step(n int) {
	if next := a.span.Step(n); next.From <= incident.DayOf(a.p.Desk.Now()) {
		a.turn(next)
	}
}

func (a *Page) turn(s Span) {
	a.span, a.without = s, nil
	a.drill.close()
	a.read()
}

// read counts off the UI goroutine.
func (a *Page) read() {
	a.stop()
	a.asked++
	asked, span := a.asked, a.span
	for i, l := range lengths() {
		a.chips[i].Choose(l == span.Length)
	}
	a.label.Set(span.Label(a.p.Env.Text), kit.T1)
	a.compared.Set(a.p.Env.T("assesspage.compared", span.Before().Label(a.p.Env.Text)), kit.T2)
	a.counting = true
	a.say(a.p.Env.T("assesspage.counting"))
	today := incident.DayOf(a.p.Desk.Now())
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	params := assess.Params{From: span.From, To: span.To, Until: a.p.Desk.Now(), TrendFrom: span.Trend(today)[0].From, Without: a.without, Towns: a.towns}
	a.p.Apart(func() {
		got, err := a.p.Desk.Assess(ctx, params, func(done, of int) {
			a.p.Env.Post(func() {
				if asked == a.asked {
					a.say(a.p.Env.T("assesspage.counting.of", done, of))
				}
			})
		})
		a.p.Env.Post(func() {
			if asked != a.asked {
				return
			}
			a.say("")
			a.counting = false
			switch {
			case errors.Is(err, context.Canceled):
				a.say(a.p.Env.T("assesspage.stopped"))
			case err != nil:
				a.p.Env.Host.Say(kit.Message{Text: a.p.Words(err), Bad: true})
			default:
				a.show(got, span)
			}
		})
	})
}

// say tells how far the count is.
func (a *Page) say(text string) {
	a.state.Set(text, kit.T2)
	a.bar.Refresh()
}

func (a *Page) show(got assess.Assessment, span Span) {
	t, rules := a.p.Env.Text, a.p.Desk.Rules()
	a.view = &view{
		Assessment: got, words: t,
		major: func(code string, at incident.Stamp) string {
			c, _ := rules.Category(code, at)
			return c.Major
		},
		name: func(by assess.Dimension, key string) string {
			switch by {
			case assess.ByChannel:
				return t.T("channel." + key)
			case assess.ByCategory:
				if c, ok := rules.Category(key, got.Period.To); ok {
					return key + " " + c.Minor
				}
			case assess.ByTown:
				if code, err := strconv.ParseUint(key, 10, 32); err == nil && a.p.Town != nil {
					return a.p.Town(incident.ScopeID(code))
				}
			}
			return key
		},
	}
	a.over.target = a.p.Target()
	a.over.v, a.over.trends = a.view, span.Trend(incident.DayOf(got.Period.To-1))
	a.paintTabs() // a list that is open stays as it is: it says what stood behind the figure that was opened
	a.paint()
}

// tabNames are the ends of the tabs' catalogue keys.
func (a *Page) tabNames() []string {
	names := []string{"overview", "measures", "score", "units", "villages", "channels", "categories", "timed", "findings", "appeals"}
	if a.p.Town != nil {
		names = append(names, "towns")
	}
	return names
}

func (a *Page) tabCount() int { return len(a.tabNames()) }

func (a *Page) paintTabs() {
	names := a.tabNames()
	list := make([]kit.Tab, len(names))
	for i, n := range names {
		list[i] = kit.Tab{Text: a.p.Env.T("assesspage.tab." + n), Count: -1}
	}
	if a.view != nil {
		list[tabFindings].Count, list[tabAppeals].Count = len(a.view.Findings), len(a.view.Appeals)
	}
	a.tabs.Set(list)
	a.tabs.Choose(a.tab)
}

func (a *Page) chooseTab(i int) {
	a.tab, a.row, a.col = i, 0, 0
	a.tabs.Choose(i)
	a.drill.close()
	a.list.SetOffset(0)
	a.paint()
}

// paint shows the tab, or the list behind a figure.
func (a *Page) paint() {
	if a.view != nil {
		a.table = a.tableOf(a.tab)
	}
	switch {
	case a.drill.shown():
		a.body.Objects = []fyne.CanvasObject{a.drill.root}
	case a.tab == tabOverview:
		a.sketch.Refresh()
		a.body.Objects = []fyne.CanvasObject{a.scroll}
	default:
		a.fillTable()
		a.body.Objects = []fyne.CanvasObject{a.tableBox}
	}
	a.body.Refresh()
}

func (a *Page) tableOf(tab int) *table {
	switch tab {
	case tabMeasures:
		return a.view.measureTable()
	case tabScore:
		return a.view.scoreTable()
	case tabUnits:
		return a.view.rowTable(assess.ByUnit)
	case tabVillages:
		return a.view.rowTable(assess.ByVillage)
	case tabChannels:
		return a.view.rowTable(assess.ByChannel)
	case tabCategories:
		return a.view.rowTable(assess.ByCategory)
	case tabTimed:
		return a.view.timedTable()
	case tabFindings:
		return a.view.findingTable(a.p.Person)
	case tabAppeals:
		return a.view.appealTable()
	case tabTowns:
		return a.view.rowTable(assess.ByTown)
	}
	return nil
}

func (a *Page) fillTable() {
	if a.table == nil {
		return
	}
	a.row = max(0, min(a.row, len(a.table.rows)-1))
	a.col = max(0, min(a.col, len(a.table.columns)-1))
	if len(a.table.rows) > 0 && !opens(a.table.rows[a.row][a.col]) {
		a.col = max(0, firstOpen(a.table.rows[a.row]))
	}
	note := ""
	if a.tab == tabMeasures {
		b := a.view.Balance
		note = a.p.Env.T("assess.balance", b.CarriedIn, b.New, b.Back, b.Closed, b.OpenAtEnd, b.X1, b.X2, b.X3, b.X4)
	}
	a.note.Set(note, kit.T2)
	a.empty.Set("", kit.T3)
	if len(a.table.rows) == 0 {
		a.empty.Set(a.table.empty, kit.T3)
	}
	a.arrange(a.width)
	a.tableBox.Refresh()
}

// arrange computes the columns for a width.
func (a *Page) arrange(width float32) {
	a.width = width
	if a.table == nil || width <= 0 {
		return
	}
	a.cols = a.table.widths(width)
	heads := make([]cell, len(a.table.columns))
	for i, c := range a.table.columns {
		heads[i] = cell{text: c.head, token: kit.T2}
	}
	a.heads.show(heads, a.table.columns, a.cols, kit.Caption, -1)
	a.list.SetRows(kit.EvenRows{N: len(a.table.rows), Height: tableRow})
}

func (a *Page) fill(i int, o fyne.CanvasObject) {
	l, ok := o.(*tableLine)
	if !ok || a.table == nil || i >= len(a.table.rows) {
		return
	}
	chosen := -1
	if i == a.row {
		chosen = a.col
	}
	l.show(a.table.rows[i], a.table.columns, a.cols, kit.Small, chosen)
	l.OnTap = func() {
		a.row = i
		if !opens(a.table.rows[i][a.col]) {
			a.col = max(0, firstOpen(a.table.rows[i]))
		}
		a.list.Update()
	}
	l.OnDoubleTap = a.open
}

// dimension is what the tab breaks down by.
func (a *Page) dimension() assess.Dimension {
	switch a.tab {
	case tabUnits, tabScore:
		return assess.ByUnit
	case tabVillages:
		return assess.ByVillage
	case tabChannels:
		return assess.ByChannel
	case tabCategories:
		return assess.ByCategory
	case tabTowns:
		return assess.ByTown
	}
	return ""
}

// export writes the measures, or the rows of the tab in view, as a workbook.
func (a *Page) export() { a.write(func(string) {}) }

// Print writes the same and opens it in the spreadsheet program, which prints it.
func (a *Page) Print() { a.write(a.p.OpenFile) }

func (a *Page) write(then func(path string)) {
	if a.view == nil {
		return
	}
	got, by, folder := a.view.Assessment, a.dimension(), a.p.Folder()
	a.p.Env.Host.Say(kit.Message{Text: a.p.Env.T("listpage.writing")})
	a.p.Apart(func() {
		file, err := a.p.Desk.ExportAssessment(&got, by, folder)
		a.p.Env.Post(func() {
			if err != nil {
				a.p.Env.Host.Say(kit.Message{Text: a.p.Words(err), Bad: true})
				return
			}
			a.exported = file
			a.p.Env.Host.Say(kit.Message{Text: a.p.Env.T("assesspage.done", file)})
			then(file)
		})
	})
}

// tableLayout puts head, note and rows below each other.
type tableLayout struct{ a *Page }

// MinSize leaves everything to the window.
func (l *tableLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 200) }

// Layout places ground, head ground, head, rows, note and the word for nothing.
func (l *tableLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if size.Width != l.a.width {
		l.a.arrange(size.Width)
	}
	foot := float32(0)
	if l.a.note.Text != "" {
		foot = 32
	}
	put := func(o fyne.CanvasObject, y, h float32) {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, max(0, h)))
	}
	put(o[0], 0, size.Height)
	put(o[1], 0, tableHead)
	put(o[2], 0, tableHead)
	put(o[3], tableHead, size.Height-tableHead-foot)
	put(o[4], size.Height-foot, foot)
	put(o[5], tableHead, size.Height-tableHead)
}
