package settings

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"zw110/views/kit"
)

// widths says how wide a table's columns are; columns that aren't named are edited in the form only. 0 takes what is left.
func widths(kind string) []struct {
	column string
	width  float32
} {
	type w = struct {
		column string
		width  float32
	}
	switch kind {
	case "duty":
		return []w{{"code", 52}, {"major", 84}, {"minor", 160}, {"lead", 88}, {"co", 0}, {"urgency", 64}, {"difficulty", 48}, {"settle", 64}, {"list", 64}}
	case "limits":
		return []w{{"clock", 96}, {"critical", 88}, {"urgent", 88}, {"normal", 100}, {"low", 100}, {"note", 0}}
	case "units":
		return []w{{"short", 100}, {"full", 0}, {"kind", 96}, {"counts", 72}}
	case "villages":
		return []w{{"name", 120}, {"aliases", 0}, {"far", 64}, {"lng", 100}, {"lat", 100}}
	case "assess":
		return []w{{"measure", 200}, {"weight", 88}, {"target", 88}, {"note", 0}}
	case "warn":
		return []w{{"rule", 64}, {"off", 48}, {"n", 48}, {"red", 48}, {"days", 56}, {"more", 56}, {"categories", 96}, {"season", 180}, {"note", 0}}
	default:
		return []w{{"login", 96}, {"name", 0}, {"role", 112}, {"unit", 140}, {"village", 120}}
	}
}

// tablePane shows one table of the town pack: find, choose, edit, add, end.
type tablePane struct {
	p      Params
	kind   string
	table  Table
	found  []Row
	cursor int
	find   *kit.Entry
	list   *kit.ScrollList
	empty  *fyne.Container
	root   fyne.CanvasObject
}

func newTablePane(p Params, kind string) *tablePane {
	t := &tablePane{p: p, kind: kind}
	t.find = kit.NewSearchEntry(p.Env.T("settings.find"), "/")
	t.find.OnChanged = func(string) { t.filter() }
	t.find.OnKey = func(k fyne.KeyName) bool {
		switch k {
		case fyne.KeyUp, fyne.KeyDown:
			t.move(map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1}[k])
		case fyne.KeyReturn, fyne.KeyEnter:
			t.edit(t.cursor)
		default:
			return false
		}
		return true
	}
	t.list = kit.NewScrollList(kit.EvenRows{}, func() fyne.CanvasObject { return newTableRow(kind) }, t.fill)
	add := kit.NewButton(kit.Secondary, "plus", p.Env.T("settings.add"), "Insert", func() { t.form(Row{Cells: map[string]string{}}, true) })
	bar := kit.HBox(8, kit.Fixed(t.find, 320, kit.InputHeight), kit.Spacer(), add)
	heads := newTableRow(kind)
	heads.head(p.Env)
	top := kit.VBox(0, kit.Pad(bar, 0, 24, 12, 24), kit.Divider(), kit.Fixed(heads, 0, 28), kit.Divider())
	t.empty = kit.EmptyState(p.Env.T("settings.none"))
	t.empty.Hide()
	t.root = section(p.Env, kind, kit.Edges(top, nil, nil, nil, container.NewStack(t.list, t.empty)))
	return t
}

func (t *tablePane) content() fyne.CanvasObject { return t.root }

func (t *tablePane) shown() {
	files, err := t.p.Desk.Files()
	if err == nil {
		t.table, err = ReadTable(t.kind, files[t.kind+".csv"])
	}
	if err != nil {
		t.p.Env.Host.Say(kit.Message{Text: t.p.Words(err), Bad: true})
		return
	}
	t.filter()
}

func (t *tablePane) filter() {
	t.found = t.table.Find(t.find.Text())
	t.cursor = max(0, min(t.cursor, len(t.found)-1))
	if len(t.found) == 0 {
		t.empty.Show()
	} else {
		t.empty.Hide()
	}
	t.list.SetRows(kit.EvenRows{N: len(t.found), Height: kit.RowHeight})
}

func (t *tablePane) move(by int) {
	if len(t.found) == 0 {
		return
	}
	t.cursor = max(0, min(t.cursor+by, len(t.found)-1))
	t.list.ScrollTo(t.cursor, 0)
	t.list.Update()
}

func (t *tablePane) key(p kit.Press) bool {
	switch {
	case p.Command == kit.CmdUp:
		t.move(-1)
	case p.Command == kit.CmdDown:
		t.move(1)
	case p.Command == kit.CmdPageUp:
		t.move(-10)
	case p.Command == kit.CmdPageDown:
		t.move(10)
	case p.Command == kit.CmdFirst:
		t.move(-len(t.found))
	case p.Command == kit.CmdLast:
		t.move(len(t.found))
	case p.Command == kit.CmdOpen:
		t.edit(t.cursor)
	case p.Command == kit.CmdSearch:
		t.find.Focus()
	case p.Command == kit.CmdBack && t.find.Text() != "":
		t.find.SetText("")
	case p.Stroke.Key == fyne.KeyInsert:
		t.form(Row{Cells: map[string]string{}}, true)
	case p.Stroke.Key == fyne.KeyDelete && t.cursor < len(t.found):
		t.end(t.found[t.cursor])
	default:
		return false
	}
	return true
}

func (t *tablePane) edit(i int) {
	if i >= 0 && i < len(t.found) {
		t.form(t.found[i], false)
	}
}

// form asks for one row's cells. The key of a row that is there stays as it is: it is what old incidents name.
func (t *tablePane) form(row Row, fresh bool) {
	cells := map[string]string{}
	fields := kit.VBox(10)
	var first *kit.Entry
	for i, col := range t.table.Columns {
		value := row.Cells[col]
		cells[col] = value
		var field fyne.CanvasObject
		if codes := codesOf(col); i > 0 && codes != nil {
			field = t.choice(col, codes, value, func(v string) { cells[col] = v })
		} else {
			e := kit.NewEntry(t.p.Env.Text.Short("settings.hint."+col, ""))
			if e.SetText(value); i == 0 && !fresh {
				e.SetText(valueWord(t.p.Env.Text, col, value))
				e.Disable()
			} else if first == nil {
				first = e
			}
			e.OnChanged = func(v string) { cells[col] = strings.TrimSpace(v) }
			field = e
		}
		label := kit.Fixed(kit.NewLabel(t.p.Env.T("settings.col."+col), kit.Small, kit.T2), 110, kit.InputHeight)
		fields.Add(kit.Edges(nil, nil, label, nil, field))
	}
	fault := kit.NewPara("", kit.Body, kit.Crit)
	scroll := container.NewVScroll(kit.Pad(kit.VBox(10, fault, fields), 16, 24, 16, 24))
	var d *kit.Dialog
	save := func() {
		key := cells[t.table.Columns[0]]
		value, err := t.table.Value(cells)
		if err != nil || key == "" {
			fault.Set(t.p.Env.T("settings.no_key"), kit.Crit)
			d.Refresh()
			return
		}
		t.put(key, value, func(err error) {
			if err != nil {
				fault.Set(t.p.Words(err), kit.Crit)
				d.Refresh()
				return
			}
			d.Close()
		})
	}
	title := t.p.Env.T("settings.edit", t.named(row.Key))
	if fresh {
		title = t.p.Env.T("settings.add")
	}
	actions := []fyne.CanvasObject{}
	if !fresh {
		actions = append(actions, kit.NewButton(kit.Secondary, "", t.p.Env.T("settings.end"), "", func() {
			d.Close()
			t.end(row)
		}))
	}
	actions = append(actions, kit.NewButton(kit.Primary, "", t.p.Env.T("settings.save"), t.p.Env.Keys.Cap(kit.CmdConfirm), save))
	d = kit.NewDialog(t.p.Env, kit.DialogParams{
		Title: title, Body: scroll, Width: 620, Height: min(640, 172+float32(len(t.table.Columns))*42), OnConfirm: save, Focus: first, Actions: actions,
		Hints: []kit.Hint{{Cap: "Tab", Text: t.p.Env.T("settings.key_next")}},
	})
	d.Open()
}

// choice is a field for a value that is one of a few codes, which read as words.
func (t *tablePane) choice(col string, codes []string, value string, set func(string)) *kit.Select {
	if !slices.Contains(codes, value) {
		codes = append([]string{value}, codes...) // written by hand: it stays until somebody chooses
	}
	items := make([]kit.PickItem, len(codes))
	for i, c := range codes {
		items[i] = kit.PickItem{Key: c, Text: codeWord(t.p.Env.Text, col, c)}
	}
	return kit.NewSelect(t.p.Env, kit.PickerParams{Items: items, Chosen: []string{value}, Width: 160}, func(keys []string) { set(keys[0]) })
}

// named is a row's key in words.
func (t *tablePane) named(key string) string { return valueWord(t.p.Env.Text, t.table.Columns[0], key) }

// end asks once more before a row ends.
func (t *tablePane) end(row Row) {
	var d *kit.Dialog
	yes := func() {
		d.Close()
		t.put(row.Key, Ended(), func(err error) {
			if err != nil {
				t.p.Env.Host.Say(kit.Message{Text: t.p.Words(err), Bad: true})
			}
		})
	}
	d = kit.NewDialog(t.p.Env, kit.DialogParams{
		Title: t.p.Env.T("settings.end_title", t.named(row.Key)), Width: 480, OnConfirm: yes,
		Body:    kit.Pad(kit.NewPara(t.p.Env.T("settings.end_text"), kit.Body, kit.T1), 16, 24, 16, 24),
		Actions: []fyne.CanvasObject{kit.NewButton(kit.Primary, "", t.p.Env.T("settings.end"), t.p.Env.Keys.Cap(kit.CmdConfirm), yes)},
	})
	d.Open()
}

// put journals a row off the UI goroutine and tells the answer on it.
func (t *tablePane) put(key string, value []byte, then func(error)) {
	by := t.p.Who().Login
	t.p.Work(func() {
		err := t.p.Desk.SetSetting(context.Background(), by, t.table.Name(key), value)
		t.p.Env.Post(func() {
			then(err)
			if err == nil {
				t.shown()
				t.p.Env.Host.Say(kit.Message{Text: t.p.Env.T("settings.saved", t.named(key))})
			}
		})
	})
}

func (t *tablePane) fill(i int, o fyne.CanvasObject) {
	r, ok := o.(*tableRow)
	if !ok || i >= len(t.found) {
		return
	}
	r.show(t.p.Env, t.found[i], i == t.cursor)
	r.OnTap = func() {
		t.cursor = i
		t.list.Update()
	}
	r.OnDoubleTap = func() { t.edit(i) }
}

// tableRow is one line of a table.
type tableRow struct {
	kit.RowBase
	kind  string
	texts []*canvas.Text
	cells []string
	bold  bool
}

func newTableRow(kind string) *tableRow {
	r := &tableRow{kind: kind, cells: make([]string, len(widths(kind)))}
	for range widths(kind) {
		r.texts = append(r.texts, kit.Small.NewText("", kit.Color(kit.T1)))
	}
	r.InitRow(r)
	return r
}

func (r *tableRow) head(env *kit.Env) {
	for i, w := range widths(r.kind) {
		r.cells[i] = env.T("settings.col." + w.column)
	}
	r.place(r.Size())
}

// show writes a row; words that the pack writes as codes read in the window's language.
func (r *tableRow) show(env *kit.Env, row Row, selected bool) {
	r.Selected, r.bold = selected, selected
	for i, w := range widths(r.kind) {
		r.cells[i] = valueWord(env.Text, w.column, row.Cells[w.column])
	}
	r.PaintGround()
	r.place(r.Size())
}

// codesOf returns the values of a column that has only a few; nil for any other. Empty is no.
func codesOf(column string) []string {
	switch column {
	case "urgency":
		return []string{"critical", "urgent", "normal", "low"}
	case "list":
		return []string{"daily", "joint", "monthly"}
	case "kind":
		return []string{"town", "station", "county", "village"}
	case "role":
		return []string{"OP", "SL", "RD", "TL", "UN", "GR", "CC", "SY"}
	case "counts":
		return []string{"yes", "no"}
	case "photo", "dispute", "no_cap", "shift_decides", "off", "far":
		return []string{"yes", ""}
	}
	return nil
}

// valueWord puts a code of the pack into words; what is no code stays as it is.
func valueWord(t *kit.Text, column, value string) string {
	switch column {
	case "role":
		return t.Short("role."+value, value)
	case "measure":
		return t.Short("assess.measure."+value, value)
	case "photo", "dispute", "no_cap", "shift_decides", "off", "far", "counts":
		return t.Short("settings.value.yes."+value, value)
	}
	return t.Short("settings.value."+column+"."+value, value)
}

// codeWord is how a code reads where it is chosen: there, an empty one is a no.
func codeWord(t *kit.Text, column, code string) string {
	if code == "" {
		return t.T("settings.value.yes.no")
	}
	return valueWord(t, column, code)
}

func (r *tableRow) place(size fyne.Size) {
	r.PlaceGround(size)
	spare, x := size.Width-48, float32(24)
	for _, w := range widths(r.kind) {
		spare -= w.width
	}
	for i, w := range widths(r.kind) {
		width := w.width
		if width == 0 {
			width = max(40, spare)
		}
		ty := kit.Small
		ty.Bold = r.bold && i == 0
		kit.SetText(r.texts[i], ty.Fit(r.cells[i], width-8), kit.Color(kit.T1), ty)
		kit.PlaceText(r.texts[i], x, size.Height/2)
		x += width
	}
}

// CreateRenderer draws ground and cells.
func (r *tableRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.Ground()
	for _, t := range r.texts {
		objects = append(objects, t)
	}
	return kit.NewRowRenderer(r.place, func() {
		r.PaintGround()
		r.place(r.Size())
	}, objects)
}
