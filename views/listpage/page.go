// Package listpage owns the lists page: the daily, joint and monthly list as they would be printed, drawn from the same columns that write
// the workbook, their export, and the dialog in which an edited workbook comes back.
package listpage

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/data/room"
	"zw110/views/kit"
)

// Desk is what the page asks of the room.
type Desk interface {
	ListSheet(ctx context.Context, list incident.List, day incident.Day) (lists.Sheet, error)
	ExportList(ctx context.Context, list incident.List, day incident.Day, out string) (string, error)
	ReadBack(file string, content []byte, by incident.Login, editor string) (room.Returned, error)
	press
	form
	ExportClear(ctx context.Context, want room.ClearExport) (string, error)
	EnterBack(ctx context.Context, items []room.BackItem) ([]room.Done, error)
	Subscribe(func(room.Change)) (cancel func())
	Now() incident.Stamp
}

// Params says what the page works with.
type Params struct {
	Env  *kit.Env
	Desk Desk
	// Words turns an error into a sentence.
	Words func(error) string
	// Folder is where workbooks go.
	Folder func() string
	// OpenFile shows a file with the system's own program.
	OpenFile func(path string)
	// Who has signed in.
	Who func() incident.Login
	// Person names a login for people.
	Person func(incident.Login) string
	// Approvers are those who may approve a list in clear text.
	Approvers func() []Approver
	// Browse lets a person choose a file to read.
	Browse func(save bool, name string, chosen func(path string))
	// Apart runs a job off the UI goroutine that may take seconds.
	Apart func(job func())
	// Import takes a workbook that was dropped on the page and is no list of ours.
	Import func(name string, content []byte)
}

// kinds are the lists in the order of their tabs.
func kinds() []incident.List {
	return []incident.List{incident.ListDaily, incident.ListJoint, incident.ListMonthly}
}

// Page is the lists page.
type Page struct {
	p        Params
	tab      int // index into kinds
	day      incident.Day
	asked    int // generation: an answer about another day is dropped
	sheet    lists.Sheet
	blocks   []block
	cursor   int // index into blocks
	tabs     *kit.Tabs
	title    *kit.Label
	made     *kit.Label
	totals   *kit.Label
	dayLabel *kit.Label
	heads    *sheetRow
	list     *kit.ScrollList
	empty    *fyne.Container
	emptyMsg *kit.Label
	body     *fyne.Container
	root     fyne.CanvasObject
	width    float32
	least    []float32 // what each column needs to break no word
	cols     []float32 // the columns at the width in view
	exported string
	cancel   func()
	old      *room.Issue // the published version in view, to read alone; nil: the list as it is now
	tag      *kit.Tag
	issue    *kit.Label
	shown    bool
	stop     context.CancelFunc // ends the export under way; nil when none is
}

// New returns the page; it shows today when first in view.
func New(p Params) *Page {
	l := &Page{
		p: p, cancel: func() {}, title: kit.NewCutLabel("", kit.Strong, kit.T1), made: kit.NewCutLabel("", kit.Small, kit.T2),
		totals: kit.NewCutLabel("", kit.Small, kit.T2), dayLabel: kit.NewLabel("", kit.Body.Heavy(), kit.T1), heads: newSheetRow(), emptyMsg: kit.NewLabel("", kit.Body, kit.T3),
		tag: kit.NewTag("", kit.Urg, kit.Urgbg), issue: kit.NewLabel("", kit.Small, kit.T2),
	}
	t := p.Env.T
	l.list = kit.NewScrollList(&tops{}, func() fyne.CanvasObject { return newSheetRow() }, l.fill)
	l.empty = container.NewCenter(l.emptyMsg)
	export := kit.NewButton(kit.Primary, "export", t("cmd.export"), p.Env.Keys.Cap(kit.CmdExport), l.export).Small()
	var tabs []kit.Tab
	for _, k := range kinds() {
		tabs = append(tabs, kit.Tab{Text: t("lists.sheet." + string(k)), Count: -1})
	}
	l.tabs = kit.NewTabs(tabs, l.choose)
	small := func(icon string, c kit.Command, act func()) *kit.Button {
		return kit.NewButton(kit.Secondary, icon, t(c.Label()), p.Env.Keys.Cap(c), act).Small()
	}
	// Where there is no room, buttons give way from the right; their keys stand below.
	acts := kit.FitRow(true, 1, kit.Spacer(),
		kit.NewButton(kit.Ghost, "left", "", "←", func() { l.step(-1) }).Small(), l.dayLabel, kit.NewButton(kit.Ghost, "right", "", "→", func() { l.step(1) }).Small(),
		kit.NewButton(kit.Secondary, "", t("listpage.today"), "Home", l.today).Small(),
		small("lock", kit.CmdPublish, l.publish), small("clock", kit.CmdHistory, l.history), small("back", kit.CmdReadBack, l.browse),
		small("file", kit.CmdPapers, func() { p.Env.Host.Run(kit.CmdPapers) }), export)
	bar := kit.Edges(nil, nil, kit.Fixed(l.tabs, l.tabs.FullWidth(), 0), nil, kit.Pad(acts, 14, 0, 14, 0))
	head := kit.VBox(0, kit.Fixed(kit.Pad(bar, 0, 16, 0, 16), 0, 56), kit.Divider(),
		kit.Pad(kit.VBox(2, kit.Edges(nil, nil, nil, kit.HBox(8, l.issue, l.tag), l.title), l.made, l.totals), 12, 16, 12, 16), kit.Divider())
	l.body = container.New(&sheetLayout{l}, kit.NewBox(kit.Surface2), l.heads, l.list, l.empty)
	l.root = container.NewStack(kit.NewBox(kit.Surface), kit.Edges(head, nil, nil, nil, l.body))
	return l
}

// Key names the page.
func (l *Page) Key() string { return "lists" }

// Content is the whole page.
func (l *Page) Content() fyne.CanvasObject { return l.root }

// Scopes says where the page's keys have their meaning.
func (l *Page) Scopes() []kit.Scope { return []kit.Scope{kit.InLists} }

// Shown reads the list anew and follows changes.
func (l *Page) Shown() {
	if l.day == "" {
		l.day = incident.DayOf(l.p.Desk.Now())
	}
	l.shown = true
	l.cancel = l.p.Desk.Subscribe(func(room.Change) { l.p.Env.Post(l.read) })
	l.read()
}

// Hidden lets go.
func (l *Page) Hidden() {
	l.cancel()
	l.cancel, l.shown = func() {}, false
	l.asked++
}

// StatusKeys are the keys that work now.
func (l *Page) StatusKeys() []kit.Hint {
	t := l.p.Env.T
	if l.old != nil {
		return []kit.Hint{
			{Cap: "↑↓", Text: t("listpage.row")},
			{Cap: l.p.Env.Keys.Cap(kit.CmdExport), Text: t("cmd.export")},
			{Cap: l.p.Env.Keys.Cap(kit.CmdHistory), Text: t("cmd.history")},
			{Cap: "Esc", Text: t("listpage.issue.back")},
			{Cap: "F1", Text: t("cmd.help")},
		}
	}
	return []kit.Hint{
		{Cap: "D W M", Text: t("listpage.list")},
		{Cap: "← →", Text: t("listpage.period")},
		{Cap: "↑↓", Text: t("listpage.row")},
		{Cap: "Home", Text: t("listpage.today")},
		{Cap: l.p.Env.Keys.Cap(kit.CmdExport), Text: t("cmd.export")},
		{Cap: l.p.Env.Keys.Cap(kit.CmdReadBack), Text: t("cmd.read_back")},
		{Cap: l.p.Env.Keys.Cap(kit.CmdPublish), Text: t("cmd.publish")},
		{Cap: l.p.Env.Keys.Cap(kit.CmdHistory), Text: t("cmd.history")},
		{Cap: l.p.Env.Keys.Cap(kit.CmdPapers), Text: t("cmd.papers")},
		{Cap: "Enter", Text: t("listpage.open")},
		{Cap: "F1", Text: t("cmd.help")},
	}
}

// HandleKey chooses the list, moves among periods and rows, exports, reads back, and opens what was exported last.
func (l *Page) HandleKey(p kit.Press) bool {
	if steps, ok := map[kit.Command]int{
		kit.CmdUp: -1, kit.CmdDown: 1, kit.CmdPageUp: -10, kit.CmdPageDown: 10, kit.CmdLast: len(l.blocks),
	}[p.Command]; ok {
		l.move(steps)
		return true
	}
	if tab, ok := map[kit.Command]int{
		kit.CmdByDay: 0, kit.CmdByWeek: 1, kit.CmdByMonth: 2, kit.CmdNextTab: (l.tab + 1) % len(kinds()), kit.CmdPrevTab: (l.tab + len(kinds()) - 1) % len(kinds()),
	}[p.Command]; ok {
		l.choose(tab)
		return true
	}
	switch {
	case p.Command == kit.CmdBack && l.stop != nil:
		l.stop()
	case p.Command == kit.CmdBack && l.old != nil:
		l.cursor, l.old = 0, nil
		l.read()
	case p.Command == kit.CmdPublish:
		l.publish()
	case p.Command == kit.CmdHistory:
		l.history()
	case p.Command == kit.CmdTemplate:
		l.chooseTemplate()
	case p.Command == kit.CmdClearText && l.old == nil:
		l.clearText()
	case p.Stroke.Key == fyne.KeyLeft:
		l.step(-1)
	case p.Stroke.Key == fyne.KeyRight:
		l.step(1)
	case p.Command == kit.CmdFirst:
		l.today()
	case p.Command == kit.CmdReadBack:
		l.browse()
	case p.Command == kit.CmdExport:
		l.export()
	case p.Command == kit.CmdOpen && l.exported != "":
		l.p.OpenFile(l.exported)
	default:
		return false
	}
	return true
}

func (l *Page) today() {
	l.day, l.old = incident.DayOf(l.p.Desk.Now()), nil
	l.read()
}

// choose shows another list, of the period that holds the day in view.
func (l *Page) choose(tab int) {
	l.tab, l.cursor, l.exported, l.old = tab, 0, "", nil
	l.tabs.Choose(tab)
	l.read()
}

// listKind is the list in view.
func (l *Page) listKind() incident.List { return kinds()[l.tab] }

// step goes to another day, week or month, never beyond today.
func (l *Page) step(by int) {
	if to := stepped(l.listKind(), l.day, incident.DayOf(l.p.Desk.Now()), by); to != l.day {
		l.day, l.cursor, l.exported, l.old = to, 0, "", nil
		l.read()
	}
}

// stepped is the day that a list is of so many periods later: the same day of the week, the last of the month, but never after today; the day itself
// where the whole period is to come.
func stepped(list incident.List, day, today incident.Day, by int) incident.Day {
	start, err := day.Start()
	if err != nil {
		return day
	}
	date := start.Time().In(incident.Local)
	first := date.AddDate(0, 0, by)
	to := first
	switch list {
	case incident.ListJoint:
		to = date.AddDate(0, 0, 7*by)
		first = to.AddDate(0, 0, -(int(to.Weekday())+6)%7)
	case incident.ListMonthly:
		first = date.AddDate(0, 0, 1-date.Day()).AddDate(0, by, 0)
		to = first.AddDate(0, 1, -1)
	}
	if first.Format(time.DateOnly) > string(today) {
		return day
	}
	return min(incident.Day(to.Format(time.DateOnly)), today)
}

// periodText names the period of a list: 2026-08-15, 2026 W33 · 08-10 — 08-16, 2026-08.
func periodText(list incident.List, day incident.Day) string {
	from, end, err := lists.Period(list, day)
	switch {
	case err != nil || list == incident.ListDaily:
		return string(day)
	case list == incident.ListMonthly:
		return string(day[:len("2006-01")])
	}
	first, last := from.Time().In(incident.Local), (end - 1).Time().In(incident.Local)
	year, week := first.ISOWeek()
	return fmt.Sprintf("%d W%02d · %s — %s", year, week, first.Format("01-02"), last.Format("01-02"))
}

func (l *Page) move(by int) {
	if n := len(l.blocks); n > 0 {
		l.cursor = max(0, min(l.cursor+by, n-1))
		l.list.ScrollTo(l.cursor, 0)
		l.list.Update()
	}
}

// read makes the sheet off the UI goroutine.
func (l *Page) read() {
	l.asked++
	asked, list, day, old := l.asked, l.listKind(), l.day, l.old
	l.dayLabel.Set(periodText(list, day), kit.T1)
	l.p.Env.Work(func() {
		sheet, issues, err := l.sheetOf(list, day, old)
		l.p.Env.Post(func() {
			if asked != l.asked {
				return
			}
			if err != nil {
				l.old = nil
				l.p.Env.Host.Say(kit.Message{Text: l.p.Words(err), Bad: true})
				return
			}
			l.standing(issues, sheet)
			l.show(sheet)
		})
	})
}

// sheetOf reads what is in view: a published version, or the list as it is now with the versions there are.
func (l *Page) sheetOf(list incident.List, day incident.Day, old *room.Issue) (lists.Sheet, []room.Issue, error) {
	if old != nil {
		s, err := l.p.Desk.IssueSheet(context.Background(), *old)
		return s, nil, err
	}
	s, err := l.p.Desk.ListSheet(context.Background(), list, day)
	if err != nil {
		return s, nil, err
	}
	issues, err := l.p.Desk.Issues(list, day)
	return s, issues, err
}

func (l *Page) show(s lists.Sheet) {
	l.sheet, l.least, l.blocks = s, leastColumns(s), blocksOf(s)
	l.title.Set(s.Title, kit.T1)
	l.made.Set(s.Made, kit.T2)
	l.totals.Set(s.Totals, kit.T2)
	l.emptyMsg.Set("", kit.T3)
	if len(s.Rows) == 0 {
		l.emptyMsg.Set(l.p.Env.T("listpage.empty"), kit.T3)
	}
	l.arrange(l.width)
	l.root.Refresh()
}

// arrange computes the rows' heights for a width.
func (l *Page) arrange(width float32) {
	l.width = width
	if width <= 0 || len(l.sheet.Columns) == 0 {
		return
	}
	l.cols = share(l.sheet.Columns, l.least, width-2*sheetPad)
	cols := l.cols
	l.heads.head(l.sheet, cols)
	heights := &tops{at: []float32{0}}
	for i, b := range l.blocks {
		l.blocks[i].measure(l.sheet.Rows[b.from:b.from+b.rows], l.sheet.Columns, cols)
		heights.at = append(heights.at, heights.at[len(heights.at)-1]+l.blocks[i].height())
	}
	l.cursor = max(0, min(l.cursor, len(l.blocks)-1))
	l.list.SetRows(heights)
}

func (l *Page) fill(i int, o fyne.CanvasObject) {
	r, ok := o.(*sheetRow)
	if !ok || i >= len(l.blocks) {
		return
	}
	b := l.blocks[i]
	r.show(l.sheet.Rows[b.from:b.from+b.rows], b.heights, l.sheet.Columns, l.cols, i == l.cursor)
	r.OnTap = func() {
		l.cursor = i
		l.list.Update()
	}
}

// export writes the workbook off the UI goroutine. A file that is there, or open in a spreadsheet, is never overwritten.
func (l *Page) export() { l.write(func(string) {}) }

// write writes the workbook of what is in view and goes on with its path.
func (l *Page) write(then func(path string)) {
	if l.old != nil {
		l.writeIssue(*l.old, then)
		return
	}
	list, day, folder := l.listKind(), l.day, l.p.Folder()
	l.written(func(ctx context.Context) (string, error) { return l.p.Desk.ExportList(ctx, list, day, folder) }, then)
}

// written runs an export off the UI goroutine, one at a time; Esc ends it.
func (l *Page) written(job func(context.Context) (string, error), then func(path string)) {
	if l.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	say, far := "listpage.writing", "listpage.writing.of"
	if l.shown {
		say, far = "listpage.writing_esc", "listpage.writing_esc.of"
	}
	l.p.Env.Host.Say(kit.Message{Text: l.p.Env.T(say)})
	told := room.WithProgress(ctx, func(done, of int) {
		l.p.Env.Post(func() {
			if ctx.Err() == nil && done > 0 {
				l.p.Env.Host.Say(kit.Message{Text: l.p.Env.T(far, done, of)})
			}
		})
	})
	l.p.Apart(func() {
		file, err := job(told)
		l.p.Env.Post(func() {
			stop()
			l.stop = nil
			if err != nil {
				l.p.Env.Host.Say(kit.Message{Text: l.p.Words(err), Bad: true})
				return
			}
			l.exported = file
			l.p.Env.Host.Say(kit.Message{Text: l.p.Env.T("listpage.done", file)})
			then(file)
		})
	})
}

// Print writes the list in view and opens it in the spreadsheet program, which has the page's size, heads and feet and prints it.
func (l *Page) Print() { l.write(l.p.OpenFile) }

// Export writes the daily list of today, from whatever page is in view.
func (l *Page) Export() {
	l.tab, l.old = 0, nil
	l.tabs.Choose(0)
	l.day = incident.DayOf(l.p.Desk.Now())
	l.export()
}
