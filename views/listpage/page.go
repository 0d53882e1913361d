// Package listpage owns the lists page: the daily list of a day as it would be printed, drawn from the same columns that write the
// workbook, and its export.
package listpage

import (
	"context"
	"sort"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
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
}

// Page is the lists page.
type Page struct {
	p        Params
	day      incident.Day
	asked    int // generation: an answer about another day is dropped
	sheet    lists.Sheet
	cursor   int
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
}

// New returns the page; it shows today when first in view.
func New(p Params) *Page {
	l := &Page{
		p: p, cancel: func() {}, title: kit.NewCutLabel("", kit.Strong, kit.T1), made: kit.NewCutLabel("", kit.Small, kit.T2),
		totals: kit.NewCutLabel("", kit.Small, kit.T2), dayLabel: kit.NewLabel("", kit.Body.Heavy(), kit.T1), heads: newSheetRow(), emptyMsg: kit.NewLabel("", kit.Body, kit.T3),
	}
	t := p.Env.T
	l.list = kit.NewScrollList(&tops{}, func() fyne.CanvasObject { return newSheetRow() }, l.fill)
	l.empty = container.NewCenter(l.emptyMsg)
	export := kit.NewButton(kit.Primary, "export", t("cmd.export"), p.Env.Keys.Cap(kit.CmdExport), l.export)
	bar := kit.HBox(8, kit.NewLabel(t("listpage.daily"), kit.Strong, kit.T1), kit.Spacer(),
		kit.NewButton(kit.Ghost, "left", "", "←", func() { l.step(-1) }).Small(), l.dayLabel, kit.NewButton(kit.Ghost, "right", "", "→", func() { l.step(1) }).Small(),
		kit.NewButton(kit.Secondary, "", t("listpage.today"), "Home", l.today).Small(), export)
	head := kit.VBox(0, kit.Fixed(kit.Pad(bar, 0, 16, 0, 16), 0, 56), kit.Divider(),
		kit.Pad(kit.VBox(2, l.title, l.made, l.totals), 12, 16, 12, 16), kit.Divider())
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
	l.cancel = l.p.Desk.Subscribe(func(room.Change) { l.p.Env.Post(l.read) })
	l.read()
}

// Hidden lets go.
func (l *Page) Hidden() {
	l.cancel()
	l.cancel = func() {}
	l.asked++
}

// StatusKeys are the keys that work now.
func (l *Page) StatusKeys() []kit.Hint {
	t := l.p.Env.T
	return []kit.Hint{
		{Cap: "← →", Text: t("listpage.day")},
		{Cap: "↑↓", Text: t("listpage.row")},
		{Cap: "Home", Text: t("listpage.today")},
		{Cap: l.p.Env.Keys.Cap(kit.CmdExport), Text: t("cmd.export")},
		{Cap: "Enter", Text: t("listpage.open")},
		{Cap: "F1", Text: t("cmd.help")},
	}
}

// HandleKey moves among days and rows, exports, and opens what was exported last.
func (l *Page) HandleKey(p kit.Press) bool {
	switch {
	case p.Stroke.Key == fyne.KeyLeft:
		l.step(-1)
	case p.Stroke.Key == fyne.KeyRight:
		l.step(1)
	case p.Command == kit.CmdUp:
		l.move(-1)
	case p.Command == kit.CmdDown:
		l.move(1)
	case p.Command == kit.CmdPageUp:
		l.move(-10)
	case p.Command == kit.CmdPageDown:
		l.move(10)
	case p.Command == kit.CmdFirst:
		l.today()
	case p.Command == kit.CmdLast:
		l.move(len(l.sheet.Rows))
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
	l.day = incident.DayOf(l.p.Desk.Now())
	l.read()
}

// step goes to another day, never beyond today.
func (l *Page) step(days int) {
	start, err := l.day.Start()
	if err != nil {
		return
	}
	to := incident.DayOf(start.Add(time.Duration(days)*24*time.Hour + time.Hour))
	if to > incident.DayOf(l.p.Desk.Now()) {
		return
	}
	l.day, l.cursor, l.exported = to, 0, ""
	l.read()
}

func (l *Page) move(by int) {
	if n := len(l.sheet.Rows); n > 0 {
		l.cursor = max(0, min(l.cursor+by, n-1))
		l.list.ScrollTo(l.cursor, 0)
		l.list.Update()
	}
}

// read makes the sheet off the UI goroutine.
func (l *Page) read() {
	l.asked++
	asked, day := l.asked, l.day
	l.dayLabel.Set(string(day), kit.T1)
	l.p.Env.Work(func() {
		sheet, err := l.p.Desk.ListSheet(context.Background(), incident.ListDaily, day)
		l.p.Env.Post(func() {
			if asked != l.asked {
				return
			}
			if err != nil {
				l.p.Env.Host.Say(kit.Message{Text: l.p.Words(err), Bad: true})
				return
			}
			l.show(sheet)
		})
	})
}

func (l *Page) show(s lists.Sheet) {
	l.sheet, l.least = s, leastColumns(s)
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
	for _, row := range l.sheet.Rows {
		heights.at = append(heights.at, heights.at[len(heights.at)-1]+heightOf(row, cols, kit.Caption))
	}
	l.cursor = max(0, min(l.cursor, len(l.sheet.Rows)-1))
	l.list.SetRows(heights)
}

func (l *Page) fill(i int, o fyne.CanvasObject) {
	r, ok := o.(*sheetRow)
	if !ok || i >= len(l.sheet.Rows) {
		return
	}
	r.show(l.sheet.Rows[i], l.sheet.Columns, l.cols, i == l.cursor)
	r.OnTap = func() {
		l.cursor = i
		l.list.Update()
	}
}

// export writes the workbook off the UI goroutine. A file that is there, or open in a spreadsheet, is never overwritten.
func (l *Page) export() { l.write(func(string) {}) }

// write writes the workbook and goes on with its path.
func (l *Page) write(then func(path string)) {
	day, folder := l.day, l.p.Folder()
	l.p.Env.Host.Say(kit.Message{Text: l.p.Env.T("listpage.writing")})
	l.p.Env.Work(func() {
		file, err := l.p.Desk.ExportList(context.Background(), incident.ListDaily, day, folder)
		l.p.Env.Post(func() {
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

// Print writes the list of the day in view and opens it in the spreadsheet program, which has the page's size, heads and feet and prints it.
func (l *Page) Print() { l.write(l.p.OpenFile) }

// Export writes the list of today, from whatever page is in view.
func (l *Page) Export() {
	l.day = incident.DayOf(l.p.Desk.Now())
	l.export()
}

// tops are the tops of rows of different heights; the last is the whole height.
type tops struct{ at []float32 }

// Len counts the rows.
func (t *tops) Len() int { return max(0, len(t.at)-1) }

// Top returns where a row begins.
func (t *tops) Top(i int) float32 {
	if len(t.at) == 0 {
		return 0
	}
	return t.at[min(i, len(t.at)-1)]
}

// At returns the row at a height.
func (t *tops) At(y float32) int {
	i := sort.Search(t.Len(), func(i int) bool { return t.at[i+1] > y })
	return max(0, min(i, t.Len()-1))
}

// sheetLayout gives the sheet the width of the page.
type sheetLayout struct{ l *Page }

func (s *sheetLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(600, 200) }

func (s *sheetLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	if size.Width != s.l.width {
		s.l.arrange(size.Width)
	}
	head := s.l.headHeight()
	objects[0].Resize(fyne.NewSize(size.Width, head))
	objects[1].Resize(fyne.NewSize(size.Width, head))
	for _, o := range objects[2:] {
		o.Resize(fyne.NewSize(size.Width, size.Height-head))
		o.Move(fyne.NewPos(0, head))
	}
}

// headHeight is what the heads need with their lines.
func (l *Page) headHeight() float32 {
	cells := make([]lists.Cell, len(l.sheet.Columns))
	for i, c := range l.sheet.Columns {
		cells[i] = lists.Cell{Text: c.Head}
	}
	return max(leastHead, heightOf(cells, l.cols, kit.Caption.Heavy()))
}

const (
	sheetPad   float32 = 16
	cellPad    float32 = 4
	leastHead  float32 = 36
	leastRow   float32 = 28
	leastWidth float32 = 24
	mostWord   float32 = 140 // a longer word may break
	shortText  float32 = 68  // about six characters, or day and time
)

// leastColumns returns for each column the width at which no word of it breaks. Chinese breaks anywhere; Latin words and numbers don't.
func leastColumns(s lists.Sheet) []float32 {
	out := make([]float32, len(s.Columns))
	for i, c := range s.Columns {
		word := wholeWidth(kit.Caption.Heavy(), c.Head, c.Centre)
		for _, row := range s.Rows {
			if i < len(row) {
				word = max(word, wholeWidth(styleOf(row[i]), row[i].String(), c.Centre))
			}
		}
		out[i] = max(leastWidth, min(word, mostWord)+2*cellPad+1)
	}
	return out
}

// wholeWidth is the width of the part of a text that should stand in one line: all of a short text in a centred column, else its longest word.
func wholeWidth(ty kit.Type, text string, centred bool) float32 {
	if w := ty.Width(text); centred && w <= shortText {
		return w
	}
	return ty.WordWidth(text)
}

// styleOf is how a cell is written.
func styleOf(c lists.Cell) kit.Type {
	if c.Light != "" {
		return kit.Caption.Heavy()
	}
	return kit.Caption
}

// share divides a width among columns in proportion to their widths in characters, none with less than it needs; where even that is too
// much, in proportion to what they need.
func share(columns []lists.Column, least []float32, width float32) []float32 {
	out := make([]float32, len(columns))
	var need float32
	for _, l := range least {
		need += l
	}
	if need >= width {
		for i, l := range least {
			out[i] = max(leastWidth, l*width/need)
		}
		return out
	}
	fixed := make([]bool, len(columns))
	for again := true; again; {
		again = false
		room, chars := width, float32(0)
		for i, c := range columns {
			if fixed[i] {
				room -= least[i]
			} else {
				chars += float32(c.Width)
			}
		}
		for i, c := range columns {
			if fixed[i] {
				out[i] = least[i]
				continue
			}
			out[i] = room * float32(c.Width) / chars
			if out[i] < least[i] {
				fixed[i], again = true, true
			}
		}
	}
	return out
}

func heightOf(row []lists.Cell, cols []float32, ty kit.Type) float32 {
	lines := 1
	for i, c := range row {
		if i < len(cols) {
			lines = max(lines, len(kit.Wrap(c.String(), ty, cols[i]-2*cellPad)))
		}
	}
	return max(leastRow, float32(lines)*ty.Line+10)
}

// sheetRow is one row of the sheet: wrapped cells with thin lines between.
type sheetRow struct {
	kit.RowBase
	texts []*canvas.Text
	all   []fyne.CanvasObject
	draw  func(fyne.Size)
}

func newSheetRow() *sheetRow {
	r := &sheetRow{draw: func(fyne.Size) {}}
	r.InitRow(r)
	return r
}

func (r *sheetRow) head(s lists.Sheet, cols []float32) {
	cells := make([]lists.Cell, len(s.Columns))
	for i, c := range s.Columns {
		cells[i] = lists.Cell{Text: c.Head}
	}
	r.set(cells, s.Columns, cols, kit.Caption.Heavy(), kit.T2)
}

func (r *sheetRow) show(row []lists.Cell, columns []lists.Column, cols []float32, selected bool) {
	r.Selected = selected
	r.PaintGround()
	r.set(row, columns, cols, kit.Caption, kit.T1)
}

// set makes the texts of a row; they are placed once its height is known.
func (r *sheetRow) set(row []lists.Cell, columns []lists.Column, cols []float32, ty kit.Type, token kit.Token) {
	r.texts = nil
	type placed struct {
		text   *canvas.Text
		x, w   float32
		line   int
		lines  int
		centre bool
	}
	var texts []placed
	x := sheetPad
	for i := range min(len(row), len(cols)) {
		colour, style := token, ty
		if row[i].Light != "" {
			colour, style = lightToken(row[i].Light), ty.Heavy()
		}
		lines := kit.Wrap(row[i].String(), style, cols[i]-2*cellPad)
		for n, line := range lines {
			t := style.NewText(line, kit.Color(colour))
			r.texts = append(r.texts, t)
			texts = append(texts, placed{t, x, cols[i], n, len(lines), columns[i].Centre})
		}
		x += cols[i]
	}
	r.all = r.Ground()
	for _, t := range r.texts {
		r.all = append(r.all, t)
	}
	r.draw = func(size fyne.Size) {
		r.PlaceGround(size)
		for _, t := range texts {
			left := t.x + cellPad
			if t.centre {
				left = t.x + (t.w-t.text.MinSize().Width)/2
			}
			top := (size.Height - float32(t.lines)*ty.Line) / 2
			kit.PlaceText(t.text, left, top+(float32(t.line)+0.5)*ty.Line)
		}
	}
	r.draw(r.Size())
	r.Refresh()
}

func lightToken(l incident.Light) kit.Token {
	switch l {
	case incident.Red:
		return kit.Crit
	case incident.Yellow:
		return kit.Urg
	case incident.Green:
		return kit.Ok
	case incident.Blue:
		return kit.Acc
	}
	return kit.T3
}

// CreateRenderer draws the ground and the cells.
func (r *sheetRow) CreateRenderer() fyne.WidgetRenderer { return &sheetRenderer{r} }

type sheetRenderer struct{ r *sheetRow }

func (d *sheetRenderer) Layout(size fyne.Size)        { d.r.draw(size) }
func (d *sheetRenderer) MinSize() fyne.Size           { return fyne.NewSize(0, leastRow) }
func (d *sheetRenderer) Refresh()                     { d.r.PaintGround(); canvas.Refresh(d.r) }
func (d *sheetRenderer) Objects() []fyne.CanvasObject { return d.r.all }
func (d *sheetRenderer) Destroy()                     {}
