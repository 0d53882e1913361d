package listpage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/lists"
	"zw110/data/room"
	"zw110/views/kit"
)

const (
	backWidth  float32 = 1240
	backHeight float32 = 660
	tickWidth  float32 = 28
)

// noEditor is the refusal of a file that doesn't say who filled it in.
const noEditor = "lists.back.err.no_editor"

// backDialog shows what an edited list says beside the store, and enters the ticked changes.
type backDialog struct {
	l       *Page
	env     *kit.Env
	name    string
	content []byte
	model   *back
	lines   []backLine
	cursor  int
	columns []lists.Column
	cols    []float32
	width   float32
	heads   *sheetRow
	list    *kit.ScrollList
	head    *kit.Para
	note    *kit.Para
	editor  *kit.Entry
	send    *kit.Button
	dialog  *kit.Dialog
	pending bool
}

// backLine is one line of the table: a change, or something that can't become one, whose text takes all columns but the first and the last.
type backLine struct {
	row   int // index into the model's rows; -1 for a loose line
	cells []lists.Cell
}

// browse lets a person choose an edited list.
func (l *Page) browse() {
	l.p.Browse(false, "", func(path string) { l.ReadBack(path, false) })
}

// ReadBack reads an edited list off the UI goroutine and shows what it would change. A workbook that was dropped and is no list of ours goes on to
// the import.
func (l *Page) ReadBack(path string, dropped bool) {
	name, t := filepath.Base(path), l.p.Env.T
	if !strings.EqualFold(filepath.Ext(path), ".xlsx") {
		l.p.Env.Host.Say(kit.Message{Text: t("listpage.back.not_xlsx", name), Bad: true})
		return
	}
	l.p.Env.Host.Say(kit.Message{Text: t("listpage.back.reading", name)})
	by := l.p.Who()
	l.p.Apart(func() {
		content, err := readFile(path)
		var r room.Returned
		if err == nil && len(content) <= intake.MaxFile {
			r, err = l.compare(name, content, by)
		}
		l.p.Env.Post(func() {
			var problem *intake.Problem
			switch {
			case len(content) > intake.MaxFile:
				l.p.Env.Host.Say(kit.Message{Text: t("listpage.back.too_large", name), Bad: true})
			case dropped && errors.As(err, &problem) && problem.Code == "lists.back.err.foreign":
				l.p.Env.Host.Say(kit.Message{})
				l.p.Import(name, content)
			default:
				l.p.Env.Host.Say(kit.Message{})
				l.openBack(name, content, r, err)
			}
		})
	})
}

// readFile reads a file, of one that is too large no more than shows that it is.
func readFile(path string) (content []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close list: %w", cerr)
		}
	}()
	if content, err = io.ReadAll(io.LimitReader(f, intake.MaxFile+1)); err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	return content, nil
}

// compare reads the list for the first time. Where the file names nobody the comparison is made all the same, and the dialog asks who it was.
func (l *Page) compare(name string, content []byte, by incident.Login) (room.Returned, error) {
	r, err := l.p.Desk.ReadBack(name, content, by, "")
	var problem *intake.Problem
	if errors.As(err, &problem) && problem.Code == noEditor {
		r, err = l.p.Desk.ReadBack(name, content, by, l.p.Env.T("listpage.back.blank"))
		r.Editor = ""
	}
	return r, err
}

// openBack shows the dialog: the table, or why the file was refused whole.
func (l *Page) openBack(name string, content []byte, r room.Returned, err error) {
	d := &backDialog{l: l, env: l.p.Env, name: name, content: content, model: newBack(r), heads: newSheetRow()}
	t := d.env.T
	d.columns = backColumns(t)
	d.heads.left = tickWidth
	d.head, d.note = kit.NewPara("", kit.Small, kit.T2), kit.NewPara("", kit.Body, kit.Crit)
	d.list = kit.NewScrollList(&tops{}, func() fyne.CanvasObject { return newBackRow() }, d.fill)
	d.editor = kit.NewEntry(t("listpage.back.editor_hint"))
	d.editor.SetText(r.Editor)
	d.editor.OnChanged = func(string) { d.editor.SetBad(false) }
	d.editor.OnKey = d.arrows
	d.send = kit.NewButton(kit.Primary, "check", "", d.env.Keys.Cap(kit.CmdConfirm), d.enter)
	table := container.New(&backLayout{d}, kit.NewBox(kit.Surface2), d.heads, d.list)
	top := kit.VBox(0, kit.Pad(d.head, 10, 24, 10, 24), kit.Divider())
	who := kit.HBox(12, kit.NewLabel(t("listpage.back.editor"), kit.Body, kit.T2), kit.Fixed(d.editor, 280, 0))
	bottom := kit.VBox(0, kit.Divider(), kit.Pad(kit.VBox(6, d.note, who), 8, 24, 8, 24))
	params := kit.DialogParams{
		Name: "read_back", Title: t("listpage.back.title", name), Width: backWidth, Height: backHeight, Body: kit.Edges(top, bottom, nil, nil, table), OnKey: d.key, OnConfirm: d.enter,
		Hints: []kit.Hint{{Cap: "↑↓", Text: t("listpage.row")}, {Cap: t("key.space"), Text: t("listpage.back.tick")}},
		Actions: []fyne.CanvasObject{
			kit.NewButton(kit.Secondary, "", t("listpage.back.cancel"), "Esc", func() { d.dialog.Close() }), d.send,
		},
	}
	switch {
	case err != nil:
		d.head.Set(l.p.Words(err), kit.Crit)
		params.Body, params.Height, params.Width, params.Hints, params.OnKey, params.OnConfirm = kit.Pad(d.head, 16, 24, 16, 24), 0, 640, nil, nil, nil
		params.Actions = params.Actions[:1]
	case r.Editor == "" && len(d.model.Rows) > 0:
		params.Focus = d.editor
	}
	d.dialog = kit.NewDialog(d.env, params)
	d.dialog.Open()
	if err == nil {
		d.say("", false)
	}
}

// say shows the table anew, with a note below.
func (d *backDialog) say(note string, bad bool) {
	token := kit.Urg
	if bad {
		token = kit.Crit
	}
	d.note.Set(note, token)
	d.note.Hidden = note == ""
	d.describe()
	d.lines = d.linesOf()
	d.cursor = max(0, min(d.cursor, len(d.lines)-1))
	d.arrange(d.width)
	d.count()
	d.dialog.Refresh()
}

// describe says what list it is and what was found.
func (d *backDialog) describe() {
	t, m := d.env.T, d.model
	name := t("lists.sheet." + string(m.List))
	made := m.MadeAt.Time().In(incident.Local).Format("2006-01-02 15:04")
	text := t("listpage.back.head", name, periodText(m.List, m.Day), m.Version, made, m.Back.Rows, len(m.Items),
		m.count(room.BackChange), m.count(room.BackConflict), m.count(room.BackRefused), m.count(room.BackSame))
	if len(m.Rows)+len(m.Loose) == 0 {
		text += "\n" + t("listpage.back.nothing")
	}
	d.head.Set(text, kit.T2)
}

// count writes on the button how many would be entered.
func (d *backDialog) count() {
	n := len(d.model.taken())
	d.send.SetText(d.env.T("listpage.back.do", n))
	if n == 0 || d.pending {
		d.send.Disable()
	} else {
		d.send.Enable()
	}
}

// linesOf writes the table: the changes in the list's order, below them what can't become one.
func (d *backDialog) linesOf() []backLine {
	t := d.env.T
	var out []backLine
	for i := range d.model.Rows {
		out = append(out, backLine{row: i, cells: d.cells(&d.model.Rows[i])})
	}
	for _, loose := range d.model.Loose {
		args := make([]any, len(loose.Args))
		for i, a := range loose.Args {
			args[i] = d.env.Text.Short(a, a)
		}
		out = append(out, backLine{-1, []lists.Cell{{Text: loose.Place}, {Text: t(loose.Key, args...)}, {Text: t("listpage.back.loose"), Light: incident.Red}}})
	}
	if gone := d.model.Gone; len(gone) > 0 {
		var names []string
		for _, k := range gone {
			names = append(names, strings.TrimSpace(k.No+" "+string(k.Unit)))
		}
		text := t("listpage.back.gone_rows", len(gone), strings.Join(names, "、"))
		out = append(out, backLine{-1, []lists.Cell{{}, {Text: text}, {Text: t("listpage.back.gone"), Light: incident.Grey}}})
	}
	return out
}

// cells are one change: a conflict stands in one colour with what it stands against.
func (d *backDialog) cells(r *backRow) []lists.Cell {
	t := d.env.T
	said := func(text string) string {
		if text == "" {
			return t("listpage.back.blank")
		}
		return text
	}
	cells := []lists.Cell{
		{Text: r.Place},
		{Text: strings.TrimSpace(r.Row.No + "\n" + string(r.UnitOf()))},
		{Text: t("lists.col." + r.Column)},
		{Text: said(r.Was)},
		{Text: said(r.Is)},
		{Text: said(r.Now)},
		{},
	}
	is, now, verdict := &cells[4], &cells[5], &cells[6]
	switch {
	case r.Entered:
		*verdict = lists.Cell{Text: t("listpage.back.entered"), Light: incident.Green}
	case r.Verdict == room.BackRefused:
		*verdict = lists.Cell{Text: t("listpage.back.refused", d.l.p.Words(r.Why)), Light: incident.Red}
	case r.Verdict == room.BackConflict:
		*verdict = lists.Cell{Text: t("listpage.back.conflict"), Light: incident.Yellow}
		is.Light, now.Light = incident.Yellow, incident.Yellow
	case r.Verdict == room.BackSame:
		*verdict = lists.Cell{Text: t("listpage.back.same"), Light: incident.Grey}
	default:
		*verdict = lists.Cell{Text: t("listpage.back.change"), Light: incident.Green}
	}
	return cells
}

// arrange computes columns and heights for a width.
func (d *backDialog) arrange(width float32) {
	d.width = width
	if width <= 0 {
		return
	}
	s := lists.Sheet{Columns: d.columns}
	for _, l := range d.lines {
		if l.row >= 0 {
			s.Rows = append(s.Rows, l.cells)
		}
	}
	d.cols = share(d.columns, leastColumns(s), width-2*sheetPad-tickWidth)
	d.heads.head(s, d.cols)
	heights := &tops{at: []float32{0}}
	for _, l := range d.lines {
		heights.at = append(heights.at, heights.at[len(heights.at)-1]+heightOf(l.cells, d.columnsOf(l), kit.Caption))
	}
	d.list.SetRows(heights)
}

// columnsOf are the columns of a line.
func (d *backDialog) columnsOf(l backLine) []float32 {
	if l.row >= 0 || len(d.cols) == 0 {
		return d.cols
	}
	last := len(d.cols) - 1
	var middle float32
	for _, w := range d.cols[1:last] {
		middle += w
	}
	return []float32{d.cols[0], middle, d.cols[last]}
}

func (d *backDialog) fill(i int, o fyne.CanvasObject) {
	r, ok := o.(*sheetRow)
	if !ok || i >= len(d.lines) {
		return
	}
	l := d.lines[i]
	r.tick.show(l.row >= 0 && d.model.Rows[l.row].mayTick(), l.row >= 0 && d.model.Rows[l.row].Ticked)
	r.show([][]lists.Cell{l.cells}, nil, d.columns[:len(l.cells)], d.columnsOf(l), i == d.cursor)
	r.OnTap = func() {
		d.cursor = i
		d.toggle()
	}
}

func (d *backDialog) toggle() {
	if !d.pending && d.cursor < len(d.lines) {
		d.model.Toggle(d.lines[d.cursor].row)
		d.count()
		d.list.Update()
	}
}

func (d *backDialog) move(by int) {
	d.cursor = max(0, min(d.cursor+by, len(d.lines)-1))
	d.list.ScrollTo(d.cursor, 0)
	d.list.Update()
}

// arrows move in the table while the caret is in the field.
func (d *backDialog) arrows(k fyne.KeyName) bool {
	switch k {
	case fyne.KeyUp:
		d.move(-1)
	case fyne.KeyDown:
		d.move(1)
	default:
		return false
	}
	return true
}

func (d *backDialog) key(p kit.Press) bool {
	steps := map[kit.Command]int{kit.CmdUp: -1, kit.CmdDown: 1, kit.CmdPageUp: -8, kit.CmdPageDown: 8, kit.CmdFirst: -len(d.lines), kit.CmdLast: len(d.lines)}
	by, isStep := steps[p.Command]
	switch {
	case isStep:
		d.move(by)
	case p.Command == kit.CmdPeek:
		d.toggle()
	case p.Stroke.Key == fyne.KeyA && p.Stroke.Mod != 0 && !d.pending:
		d.model.TickAll()
		d.count()
		d.list.Update()
	default:
		return false
	}
	return true
}

// enter compares the file with the store once more, under the name that stands in the field, and enters the ticked changes off the UI goroutine.
// Where the store moved on under a ticked row, the new state is shown instead and nothing is entered.
func (d *backDialog) enter() {
	t := d.env.T
	if d.pending || len(d.model.taken()) == 0 {
		return
	}
	editor := strings.TrimSpace(d.editor.Text())
	if editor == "" {
		d.editor.SetBad(true)
		d.editor.Focus()
		d.say(t("listpage.back.no_editor"), true)
		return
	}
	d.pending = true
	d.say(t("listpage.back.entering"), false)
	by := d.l.p.Who()
	d.l.p.Apart(func() {
		r, err := d.l.p.Desk.ReadBack(d.name, d.content, by, editor)
		d.env.Post(func() {
			switch {
			case err != nil:
				d.pending = false
				d.say(d.l.p.Words(err), true)
			case d.model.again(r):
				d.pending = false
				d.say(t("listpage.back.moved"), false)
			default:
				d.write(editor)
			}
		})
	})
}

// write gives the ticked changes to the store.
func (d *backDialog) write(editor string) {
	t, rows := d.env.T, d.model.taken()
	items := make([]room.BackItem, len(rows))
	for i, at := range rows {
		items[i] = d.model.Rows[at].BackItem
	}
	d.l.p.Apart(func() {
		done, err := d.l.p.Desk.EnterBack(context.Background(), items)
		d.env.Post(func() {
			d.pending = false
			entered, refused := d.model.entered(rows, done)
			switch {
			case err != nil:
				d.say(t("listpage.back.partly", entered, len(rows)-entered)+" "+d.l.p.Words(err), true)
			case refused > 0:
				d.say(t("listpage.back.partly", entered, refused), true)
			default:
				d.dialog.Close()
				d.env.Host.Say(kit.Message{Text: t("listpage.back.done", entered, editor)})
			}
		})
	})
}

// backLayout gives the table the width of the dialog.
type backLayout struct{ d *backDialog }

func (b *backLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(600, 120) }

func (b *backLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	if size.Width != b.d.width {
		b.d.arrange(size.Width)
	}
	objects[0].Resize(fyne.NewSize(size.Width, leastHead))
	objects[1].Resize(fyne.NewSize(size.Width, leastHead))
	objects[2].Resize(fyne.NewSize(size.Width, size.Height-leastHead))
	objects[2].Move(fyne.NewPos(0, leastHead))
}

// tick is the box before a row that can be ticked.
type tick struct {
	box  *kit.Box
	icon *kit.Icon
}

func newBackRow() *sheetRow {
	r := newSheetRow()
	r.left = tickWidth
	r.tick = &tick{kit.NewFrame(kit.Surface, kit.Line3, kit.RadiusSmall), kit.NewIcon("", 12, kit.Onacc)}
	return r
}

func (k *tick) show(may, on bool) {
	k.box.Hidden, k.icon.Hidden = !may, !may
	if on {
		k.box.Set(kit.Acc, kit.Acc, 1)
		k.icon.Set("check", kit.Onacc)
	} else {
		k.box.Set(kit.Surface, kit.Line3, 1)
		k.icon.Set("", kit.Onacc)
	}
	k.box.Refresh()
	k.icon.Refresh()
}

func (k *tick) place(height float32) {
	at := fyne.NewPos(sheetPad+cellPad, (height-kit.CheckSize)/2)
	k.box.Move(at)
	k.box.Resize(fyne.NewSquareSize(kit.CheckSize))
	k.icon.Move(at.AddXY((kit.CheckSize-12)/2, (kit.CheckSize-12)/2))
	k.icon.Resize(fyne.NewSquareSize(12))
}
