package forms

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/intake"
	"zw110/data/room"
	"zw110/views/kit"
)

// importDialog shows what a file or pasted text would bring, and takes the ticked rows.
type importDialog struct {
	f        *Forms
	env      *kit.Env
	model    *Import
	name     string
	rows     []ImportRow
	cursor   int
	tabs     *kit.Tabs
	list     *kit.ScrollList
	detail   *kit.Para
	progress *kit.Meter
	counted  *kit.Label
	banner   *banner
	send     *kit.Button
	dialog   *kit.Dialog
	names    names
	cancel   context.CancelFunc
	pending  bool
	telling  atomic.Bool
}

// importKinds are the tabs of the preview.
func importKinds() []string { return []string{"", KindNew, KindLikely, KindExact, KindBad} }

// OpenPaste takes what the clipboard holds: one short text without numbers of a channel opens a registration, anything else a preview.
func (f *Forms) OpenPaste() {
	if f.ReadClipboard == nil {
		return
	}
	text := strings.TrimSpace(f.ReadClipboard())
	if text == "" {
		f.say("forms.clipboard_empty", true)
		return
	}
	f.OpenImport(f.Env.T("forms.pasted"), []byte(text), text)
}

// OpenImport reads content, with progress and cancel, and opens the preview. When nothing in it could be read as rows and single is given, that
// text opens a registration instead.
func (f *Forms) OpenImport(name string, content []byte, single string) {
	ctx, cancel := context.WithCancel(context.Background())
	w := &importDialog{f: f, env: f.Env, name: name, cancel: cancel, banner: newBanner(), model: &Import{}, names: names{f.Book(), f.Env.T}}
	w.build()
	w.dialog.Open()
	w.busy(true)
	f.Work(func() {
		p, err := f.Desk.Preview(ctx, name, content, "", w.report)
		f.Env.Post(func() { w.read(p, err, single) })
	})
}

func (w *importDialog) build() {
	t := w.env.T
	w.tabs = kit.NewTabs(w.tabTexts(), w.only)
	w.list = kit.NewScrollList(kit.EvenRows{N: 0, Height: unitHeight}, func() fyne.CanvasObject { return newImportRow() }, w.fill)
	w.detail = kit.NewPara("", kit.Small, kit.T1)
	w.progress, w.counted = kit.NewMeter(160, 0, kit.Acc), kit.NewLabel("", kit.Small, kit.T2)
	w.send = kit.NewButton(kit.Primary, "plus", "", w.env.Keys.Cap(kit.CmdConfirm), w.take)
	right := container.NewStack(kit.NewBox(kit.Surface2), kit.Fixed(container.NewVScroll(kit.Pad(w.detail, 16, 16, 16, 16)), 320, 0))
	status := kit.Pad(kit.HBox(8, w.progress, w.counted), 8, 24, 8, 24)
	body := kit.Edges(kit.VBox(0, kit.Pad(w.tabs, 0, 24, 0, 24), kit.Divider(), w.banner.box), status, nil, right, w.list)
	w.dialog = kit.NewDialog(w.env, kit.DialogParams{
		Name: "import", Title: t("forms.import_title", w.name), Width: dispatchWidth, Height: 640, Body: body,
		Hints:   []kit.Hint{{Cap: t("key.space"), Text: t("forms.tick")}, {Cap: "Ctrl A", Text: t("forms.tick_all")}, {Cap: "Esc", Text: t("forms.cancel")}},
		Actions: []fyne.CanvasObject{w.send}, OnKey: w.key, OnConfirm: w.take, OnClose: func() { w.cancel() },
	})
	w.show()
}

// report is told how far the room is, from its own goroutine, ten thousand times for as many rows. One number waits to be shown at a time: the ones
// told meanwhile are passed over, so that the window has time for its keys.
func (w *importDialog) report(done, total int) {
	if w.telling.Swap(true) {
		return
	}
	w.env.Post(func() {
		defer w.telling.Store(false)
		if total > 0 {
			w.progress.Set(float32(done)/float32(total), kit.Acc)
		}
		w.counted.Set(fmt.Sprintf("%d / %d", done, total), kit.T2)
	})
}

func (w *importDialog) busy(on bool) {
	w.pending = on
	w.progress.Hidden, w.counted.Hidden = !on, !on
	w.progress.Set(0, kit.Acc)
	w.counted.Set(w.env.T("forms.reading"), kit.T2)
	w.show()
}

// read shows the preview. Pasted text in which no row was found becomes a registration.
func (w *importDialog) read(p room.Preview, err error, single string) {
	w.busy(false)
	switch {
	case err != nil && single == "":
		w.banner.bad(w.f.Words(err))
		w.dialog.Refresh()
		return
	case single != "" && (err != nil || len(p.Items) == 0):
		if n := utf8.RuneCountInString(single); n > kit.MostInArea {
			w.banner.bad(w.env.T("forms.paste_long", n, kit.MostInArea))
			w.dialog.Refresh()
			return
		}
		w.dialog.Close()
		w.f.OpenRegister(single)
		return
	}
	w.model = NewImport(p)
	w.tabs.Set(w.tabTexts())
	if w.model.Count("") == 0 {
		w.banner.hint(w.env.T("forms.import_empty"))
	}
	w.show()
}

func (w *importDialog) tabTexts() []kit.Tab {
	var out []kit.Tab
	for _, k := range importKinds() {
		name := "forms.row_all"
		if k != "" {
			name = "forms.row_" + k
		}
		out = append(out, kit.Tab{Text: w.env.T(name), Count: w.model.Count(k)})
	}
	return out
}

func (w *importDialog) only(i int) {
	w.model.Only = importKinds()[i]
	w.cursor = 0
	w.show()
}

// turn goes to another tab, by keys.
func (w *importDialog) turn(by int) {
	next := (w.tabs.Chosen() + by) % len(importKinds())
	w.tabs.Choose(next)
	w.only(next)
}

func (w *importDialog) show() {
	w.rows = w.model.Rows()
	w.cursor = min(w.cursor, max(0, len(w.rows)-1))
	w.list.SetRows(kit.EvenRows{N: len(w.rows), Height: unitHeight})
	n := w.model.Taken()
	w.send.SetText(w.env.T("forms.take_n", n))
	if n == 0 || w.pending {
		w.send.Disable()
	} else {
		w.send.Enable()
	}
	w.describe()
	w.dialog.Refresh()
}

// describe writes the row under the cursor whole.
func (w *importDialog) describe() {
	if w.cursor >= len(w.rows) {
		w.detail.Set("", kit.T1)
		return
	}
	t, row := w.env.T, w.rows[w.cursor]
	var lines []string
	add := func(key, value string) {
		if value != "" {
			lines = append(lines, t("field."+key)+"　"+value)
		}
	}
	if row.Kind == KindBad {
		bad := w.model.Preview.Bad[row.Bad]
		lines = append(lines, t("bad."+bad.Reason)+" "+bad.Detail, "")
		var heads []string
		for h := range bad.Cells {
			heads = append(heads, h)
		}
		slices.Sort(heads)
		for _, h := range heads {
			lines = append(lines, h+"　"+bad.Cells[h])
		}
		lines = append(lines, "", t("forms.bad_kept"))
		w.detail.Set(strings.Join(lines, "\n"), kit.T1)
		return
	}
	item := w.model.Preview.Items[row.Item]
	fields := item.Report.Fields
	add("title", fields.Title)
	add("content", fields.Content)
	add("village", fields.Village)
	add("category", w.names.category(fields.Category))
	if fields.Urgency != "" {
		add("urgency", t("urgency."+string(fields.Urgency)))
	}
	add("source_no", fields.SourceNo)
	add("risk", strings.Join(fields.RiskWords, t("forms.comma")))
	for _, p := range item.Report.Proposals {
		if p.Words != "" && p.Value != "" {
			lines = append(lines, "· "+strings.TrimSpace(t("field."+p.Field)+" "+w.names.value(p))+" ← 「"+p.Words+"」")
		}
	}
	if item.OfNo != "" || item.OfRow >= 0 && item.Kind != KindNew {
		of := item.OfNo
		if of == "" {
			of = w.model.Place(w.env, item.OfRow)
		}
		if item.Kind == KindExact {
			lines = append(lines, "", t("forms.known_as", of))
		} else {
			lines = append(lines, "", t("forms.looks_like", of, item.Score)+" "+reasonList(w.env, item.Why))
		}
	}
	w.detail.Set(strings.Join(lines, "\n"), kit.T1)
}

func (w *importDialog) fill(i int, o fyne.CanvasObject) {
	row, ok := o.(*importRow)
	if !ok || i >= len(w.rows) {
		return
	}
	row.show(w.env, w.model, w.rows[i], i == w.cursor)
	row.OnTap = func() {
		w.cursor = i
		w.model.Toggle(w.rows[i])
		w.show()
	}
}

func (w *importDialog) key(p kit.Press) bool {
	steps := map[kit.Command]int{kit.CmdUp: -1, kit.CmdDown: 1, kit.CmdPageUp: -9, kit.CmdPageDown: 9, kit.CmdFirst: -len(w.rows), kit.CmdLast: len(w.rows)}
	if by, isStep := steps[p.Command]; isStep {
		w.cursor = min(max(0, w.cursor+by), max(0, len(w.rows)-1))
		w.list.ScrollTo(w.cursor, 0)
		w.show()
		return true
	}
	switch {
	case p.Command == kit.CmdPeek || p.Command == kit.CmdOpen:
		if w.cursor < len(w.rows) {
			w.model.Toggle(w.rows[w.cursor])
			w.show()
		}
	case p.Stroke.Key == fyne.KeyA && p.Stroke.Mod != 0:
		w.model.TickAll(w.model.Taken() == 0)
		w.show()
	case p.Command == kit.CmdNextTab:
		w.turn(1)
	case p.Command == kit.CmdPrevTab:
		w.turn(len(importKinds()) - 1)
	default:
		return false
	}
	return true
}

// take registers the ticked rows in one transaction; Esc calls it off with nothing written.
func (w *importDialog) take() {
	if w.pending || w.model.Taken() == 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	w.busy(true)
	by, p := w.f.Who().Login, w.model.Preview
	w.f.Work(func() {
		outcomes, err := w.f.Desk.Take(ctx, by, p, w.report)
		w.env.Post(func() {
			w.busy(false)
			if err != nil {
				w.banner.bad(w.f.Words(err))
				w.dialog.Refresh()
				return
			}
			w.dialog.Close()
			w.f.say("forms.taken", false, len(outcomes))
		})
	})
}

// names turns what a channel or the reader gave as codes into words.
type names struct {
	book Book
	text func(string, ...any) string
}

func (n names) category(code string) string {
	for _, c := range n.book.Categories {
		if c.Value == code {
			return c.Name
		}
	}
	return code
}

func (n names) value(p intake.Proposal) string {
	switch p.Field {
	case "category":
		return n.category(p.Value)
	case "urgency":
		return n.text("urgency." + p.Value)
	case intake.ProposeMinor, intake.ProposeProtect: // the field's name says it
		return ""
	}
	return p.Value
}

// importRow is one line of the preview: tick, kind, title, and below it place and number.
type importRow struct {
	kit.RowBase
	tick  *kit.Check
	kind  *kit.Tag
	title *kit.Label
	note  *kit.Label
	where *kit.Label
}

func newImportRow() *importRow {
	r := &importRow{
		tick: kit.NewCheck("", false, nil), kind: kit.NewTag("", kit.T2, kit.Surface3), title: kit.NewCutLabel("", kit.Body, kit.T1),
		note: kit.NewCutLabel("", kit.Caption, kit.T3), where: kit.NewLabel("", kit.Caption, kit.T3),
	}
	r.where.Align = fyne.TextAlignTrailing
	r.InitRow(r)
	return r
}

func (r *importRow) show(env *kit.Env, m *Import, row ImportRow, cursor bool) {
	r.Selected = cursor
	token, fill := kit.T2, kit.Surface3
	switch row.Kind {
	case KindNew:
		token, fill = kit.Ok, kit.Okbg
	case KindLikely:
		token, fill = kit.Urg, kit.Urgbg
	case KindBad:
		token, fill = kit.Crit, kit.Critbg
	}
	r.kind.Set(env.T("forms.row_"+row.Kind), token, fill)
	r.tick.Hidden = row.Item < 0 || row.Kind == KindExact
	if row.Item < 0 {
		bad := m.Preview.Bad[row.Bad]
		r.title.Set(env.T("bad."+bad.Reason), kit.T1)
		r.note.Set(bad.Detail, kit.T3)
		r.where.Set(m.Place(env, bad.Row), kit.T3)
	} else {
		item := m.Preview.Items[row.Item]
		r.tick.Set(item.Take)
		title := item.Report.Fields.Title
		if title == "" {
			title = titleOf(item.Report.Fields.Content)
		}
		r.title.Set(title, kit.T1)
		r.note.Set(strings.Trim(item.Report.Fields.Village+"·"+env.T("channel."+string(item.Report.Fields.Channel))+" "+item.Report.Fields.SourceNo, "· "), kit.T3)
		r.where.Set(m.Place(env, item.Report.Row), kit.T3)
	}
	r.PaintGround()
	r.place(r.Size())
}

func (r *importRow) place(size fyne.Size) {
	r.PlaceGround(size)
	mid := size.Height / 2
	move(r.tick, 22, mid-12, 20, 24)
	move(r.kind, 50, mid-10, max(64, r.kind.MinSize().Width), 20)
	x := max(64, r.kind.MinSize().Width) + 62
	move(r.title, x, 4, size.Width-x-90, 20)
	move(r.note, x, 24, size.Width-x-90, 16)
	move(r.where, size.Width-84, mid-8, 60, 16)
}

// CreateRenderer draws ground and parts.
func (r *importRow) CreateRenderer() fyne.WidgetRenderer {
	return kit.NewRowRenderer(r.place, r.PaintGround, append(r.Ground(), r.tick, r.kind, r.title, r.note, r.where))
}
