package listpage

import (
	"context"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/lists"
	"zw110/data/room"
	"zw110/views/kit"
)

// form is what the page asks of the room about a town's own workbooks.
type form interface {
	ReadTemplate(list incident.List, content []byte) (lists.Template, error)
	AssignTemplate(t *lists.Template, column, holds string) error
	RememberTemplate(t lists.Template) error
	FillTemplate(s lists.Sheet, content []byte, t lists.Template, out string) (string, error)
}

// templateDialog shows what each column of a town's own workbook would hold, lets a person change that, and fills it.
type templateDialog struct {
	l        *Page
	content  []byte
	template lists.Template
	list     incident.List
	day      incident.Day
	old      *room.Issue
	columns  []lists.Column // of the list
	grid     *grid
	note     *kit.Para
	send     *kit.Button
	dialog   *kit.Dialog
	pending  bool
}

// chooseTemplate asks for the workbook and reads it off the UI goroutine.
func (l *Page) chooseTemplate() {
	list, t := l.listKind(), l.p.Env.T
	l.p.Browse(false, "", func(path string) {
		name := filepath.Base(path)
		l.p.Apart(func() {
			content, err := readFile(path)
			var got lists.Template
			if err == nil && len(content) <= intake.MaxFile {
				got, err = l.p.Desk.ReadTemplate(list, content)
			}
			l.p.Env.Post(func() {
				switch {
				case len(content) > intake.MaxFile:
					l.p.Env.Host.Say(kit.Message{Text: t("listpage.back.too_large", name), Bad: true})
				case err != nil:
					l.p.Env.Host.Say(kit.Message{Text: l.p.Words(err), Bad: true})
				case list == l.listKind():
					l.openTemplate(name, content, got)
				}
			})
		})
	})
}

func (l *Page) openTemplate(name string, content []byte, got lists.Template) {
	t := l.p.Env.T
	d := &templateDialog{
		l: l, content: content, template: got, list: l.listKind(), day: l.day, old: l.old, columns: l.sheet.Columns, note: kit.NewPara("", kit.Small, kit.T2),
	}
	d.grid = newGrid([]lists.Column{
		{Head: t("listpage.template.column"), Width: 6, Centre: true},
		{Head: t("listpage.template.head"), Width: 24},
		{Head: t("listpage.template.holds"), Width: 24},
	}, "")
	d.grid.OnOpen = d.pick
	d.send = kit.NewButton(kit.Primary, "export", t("listpage.template.do"), l.p.Env.Keys.Cap(kit.CmdConfirm), d.fill)
	head := kit.NewPara(t("listpage.template.note", got.Sheet, got.Header, got.First), kit.Small, kit.T2)
	d.dialog = kit.NewDialog(l.p.Env, kit.DialogParams{
		Name: "template", Title: t("listpage.template.title", name), Width: 720, Height: issueHeight, OnKey: d.key, OnConfirm: d.fill,
		Body: kit.Edges(kit.VBox(0, kit.Pad(head, 10, 24, 10, 24), kit.Divider()), kit.VBox(0, kit.Divider(), kit.Pad(d.note, 8, 24, 8, 24)), nil, nil, d.grid.root),
		Hints: []kit.Hint{
			{Cap: "↑↓", Text: t("listpage.row")}, {Cap: "Enter", Text: t("listpage.template.change")}, {Cap: "Del", Text: t("listpage.template.clear")},
		},
		Actions: []fyne.CanvasObject{d.send},
	})
	d.show("")
	d.dialog.Open()
}

// headOf is the head of a list's column; empty for a key the list hasn't.
func (d *templateDialog) headOf(key string) string {
	for _, c := range d.columns {
		if c.Key == key {
			return c.Head
		}
	}
	return ""
}

// show writes the mapping, and below it what is wrong, else which of the list's columns have no place.
func (d *templateDialog) show(wrong string) {
	t := d.l.p.Env.T
	rows := make([][]lists.Cell, 0, len(d.template.Columns))
	for _, c := range d.template.Columns {
		holds := lists.Cell{Text: d.headOf(c.Key), Light: incident.Green}
		if c.Key == "" {
			holds = lists.Cell{Text: t("listpage.template.none"), Light: incident.Grey}
		}
		rows = append(rows, []lists.Cell{{Text: c.Letter()}, {Text: c.Head}, holds})
	}
	d.grid.set(rows)
	if wrong != "" {
		d.note.Set(wrong, kit.Crit)
		d.dialog.Refresh()
		return
	}
	var missing []string
	for _, key := range d.template.Missing(d.l.p.Env.Text) {
		missing = append(missing, d.headOf(key))
	}
	d.note.Set("", kit.T2)
	if len(missing) > 0 {
		d.note.Set(t("listpage.template.missing", strings.Join(missing, "、")), kit.Urg)
	}
	d.dialog.Refresh()
}

func (d *templateDialog) key(p kit.Press) bool {
	switch {
	case d.grid.key(p):
	case p.Command == kit.CmdOpen:
		d.pick()
	case p.Stroke.Key == fyne.KeyDelete:
		d.assign("")
	default:
		return false
	}
	return true
}

// pick asks which column of the list the template's column under the cursor holds.
func (d *templateDialog) pick() {
	if d.grid.cursor >= len(d.template.Columns) {
		return
	}
	var items []kit.PickItem
	for _, c := range d.columns {
		items = append(items, kit.PickItem{Key: c.Key, Text: c.Head})
	}
	kit.OpenPicker(d.l.p.Env, d.grid.heads, kit.PickerParams{
		Items: items, Chosen: []string{d.template.Columns[d.grid.cursor].Key}, Width: 320, OnPicked: func(keys []string) { d.assign(keys[0]) },
	})
}

// assign lets the column under the cursor hold a column of the list, empty: none.
func (d *templateDialog) assign(key string) {
	if d.pending || d.grid.cursor >= len(d.template.Columns) {
		return
	}
	wrong := ""
	if err := d.l.p.Desk.AssignTemplate(&d.template, d.template.Columns[d.grid.cursor].Letter(), key); err != nil {
		wrong = d.l.p.Words(err)
	}
	d.show(wrong)
}

// fill remembers the mapping, which was confirmed now, and writes the list into a copy of the workbook off the UI goroutine.
func (d *templateDialog) fill() {
	if d.pending {
		return
	}
	d.pending = true
	d.send.Disable()
	template, folder := d.template, d.l.p.Folder()
	d.l.p.Apart(func() {
		var sheet lists.Sheet
		err := d.l.p.Desk.RememberTemplate(template)
		switch {
		case err != nil:
		case d.old != nil:
			sheet, err = d.l.p.Desk.IssueSheet(context.Background(), *d.old)
		default:
			sheet, err = d.l.p.Desk.ListSheet(context.Background(), d.list, d.day)
		}
		file := ""
		if err == nil {
			file, err = d.l.p.Desk.FillTemplate(sheet, d.content, template, folder)
		}
		d.l.p.Env.Post(func() {
			d.pending = false
			d.send.Enable()
			if err != nil {
				d.show(d.l.p.Words(err))
				return
			}
			d.dialog.Close()
			d.l.exported = file
			d.l.p.Env.Host.Say(kit.Message{Text: d.l.p.Env.T("listpage.done", file)})
		})
	})
}
