// Package warnings owns the dialog of the early warnings (预警): what was noticed, who must answer by when, confirm, dismiss with a reason,
// and the incidents behind each.
package warnings

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/warn"
	"zw110/views/kit"
)

// Params says what the dialog shows and does.
type Params struct {
	Env      *kit.Env
	Warnings []warn.Warning
	// Person names a login for people.
	Person func(incident.Login) string
	// Class names a main class by the first figures of its codes, Town a township.
	Class func(code string) string
	Town  func(incident.ScopeID) string
	// Open opens an incident's file.
	Open func(incident.IncidentID)
	// Answer records a choice, incident.ConfirmWarning or DismissWarning, and calls done once it stands.
	Answer func(w warn.Warning, choice, why string, done func())
	// Closed is told when the dialog is gone.
	Closed func()
}

// Dialog is the list of warnings. Its methods belong to the UI goroutine.
type Dialog struct {
	p      Params
	all    []warn.Warning
	cursor int
	at     int // which incident of the warning under the cursor is meant
	list   *kit.ScrollList
	empty  *kit.Label
	behind *kit.Para
	dialog *kit.Dialog
}

const (
	dialogWidth  float32 = 920
	dialogHeight float32 = 560
	rowHeight    float32 = 48
)

// Name says in one line what a warning is about. Class names a main class by the first figures of its codes.
func Name(t *kit.Text, w *warn.Warning, class func(code string) string) string {
	name := t.T("warnings.rule." + w.Rule)
	if s := subject(t, w, class); s != "" {
		name += "·" + s
	}
	return name
}

// subject is what the warning is about, in words.
func subject(t *kit.Text, w *warn.Warning, class func(code string) string) string {
	kind, rest, _ := strings.Cut(w.Subject, "/")
	switch {
	case w.Rule == "W6":
		return t.T("warnings.people", w.Detail)
	case w.Detail != "":
		return w.Detail
	case w.Rule == "W12":
		return t.Short("channel."+kind, kind)
	case w.Rule == "W13" && kind == "channel":
		return t.Short("channel."+rest, rest)
	case w.Rule == "W13":
		return class(rest)
	case w.Rule == "W4":
		return kind + " " + class(rest)
	}
	return w.Subject
}

// Open shows the dialog.
func Open(p Params) *Dialog {
	d := &Dialog{p: p, empty: kit.NewLabel("", kit.Body, kit.T3), behind: kit.NewPara("", kit.Small, kit.T2)}
	t := p.Env.T
	d.list = kit.NewScrollList(kit.EvenRows{Height: rowHeight}, func() fyne.CanvasObject { return newRow() }, d.fill)
	foot := kit.VBox(0, kit.Divider(), kit.Panel(kit.Surface2, kit.Fixed(kit.Pad(d.behind, 8, 24, 8, 24), 0, 2*kit.Small.Line+16)))
	body := kit.Edges(nil, foot, nil, nil, container.NewStack(d.list, container.NewCenter(d.empty)))
	d.dialog = kit.NewDialog(p.Env, kit.DialogParams{
		Name: "warnings", Title: t("warnings.title"), Body: body, Width: dialogWidth, Height: dialogHeight, OnKey: d.key, OnClose: p.Closed,
		Extra: kit.NewLabel(t("warnings.note"), kit.Small, kit.T3),
		Hints: []kit.Hint{{Cap: "↑↓", Text: t("warnings.move")}, {Cap: "← →", Text: t("warnings.other")}, {Cap: "Enter", Text: t("warnings.open")}},
		Actions: []fyne.CanvasObject{
			kit.NewButton(kit.Secondary, "", t("warnings.dismiss"), "2", d.dismiss),
			kit.NewButton(kit.Primary, "", t("warnings.confirm"), "1", d.confirm),
		},
	})
	d.Set(p.Warnings)
	d.dialog.Open()
	return d
}

// Set changes the warnings; the cursor stays with its warning.
func (d *Dialog) Set(all []warn.Warning) {
	key := ""
	if w := d.current(); w != nil {
		key = w.Key + w.Incidents[0].String()
	}
	d.all = all
	for i := range all {
		if all[i].Key+all[i].Incidents[0].String() == key {
			d.cursor = i
		}
	}
	d.cursor = max(0, min(d.cursor, len(all)-1))
	d.empty.Set("", kit.T3)
	if len(all) == 0 {
		d.empty.Set(d.p.Env.T("warnings.none"), kit.T3)
	}
	d.list.SetRows(kit.EvenRows{N: len(all), Height: rowHeight})
	d.move(0)
}

func (d *Dialog) current() *warn.Warning {
	if d.cursor >= len(d.all) {
		return nil
	}
	return &d.all[d.cursor]
}

func (d *Dialog) move(by int) {
	if by != 0 {
		d.at = -1
	}
	d.cursor = max(0, min(d.cursor+by, len(d.all)-1))
	w := d.current()
	if w == nil {
		d.behind.Set("", kit.T2)
		return
	}
	if d.at < 0 || d.at >= len(w.Nos) {
		d.at = len(w.Nos) - 1
	}
	nos := make([]string, len(w.Nos))
	for i, no := range w.Nos {
		if nos[i] = no; i == d.at && len(w.Nos) > 1 {
			nos[i] = "【" + no + "】"
		}
	}
	d.behind.Set(strings.Join(nos, "  "), kit.T2)
	d.list.ScrollTo(d.cursor, 0)
	d.list.Update()
}

func (d *Dialog) key(p kit.Press) bool {
	switch {
	case p.Command == kit.CmdUp:
		d.move(-1)
	case p.Command == kit.CmdDown:
		d.move(1)
	case p.Command == kit.CmdFirst:
		d.move(-len(d.all))
	case p.Command == kit.CmdLast:
		d.move(len(d.all))
	case p.Stroke.Key == fyne.KeyLeft:
		d.at = max(0, d.at-1)
		d.move(0)
	case p.Stroke.Key == fyne.KeyRight:
		d.at++
		d.move(0)
	case p.Command == kit.CmdOption1:
		d.confirm()
	case p.Command == kit.CmdOption2:
		d.dismiss()
	case p.Command == kit.CmdOpen:
		d.openFile()
	default:
		return false
	}
	return true
}

func (d *Dialog) openFile() {
	if w := d.current(); w != nil && d.at < len(w.Incidents) {
		id := w.Incidents[d.at]
		d.dialog.Close()
		d.p.Open(id)
	}
}

func (d *Dialog) confirm() {
	if w := d.current(); w != nil && w.Standing == warn.Waiting {
		d.p.Answer(*w, incident.ConfirmWarning, "", func() {})
	}
}

// dismiss asks for the reason first.
func (d *Dialog) dismiss() {
	w := d.current()
	if w == nil {
		return
	}
	chosen, env := *w, d.p.Env
	why := kit.NewArea(env.T("warnings.dismiss.why"), 3)
	var ask *kit.Dialog
	send := func() {
		text := strings.TrimSpace(why.Text())
		if text == "" {
			why.SetBad(true)
			env.Host.Say(kit.Message{Text: env.T("warnings.dismiss.empty"), Bad: true})
			return
		}
		d.p.Answer(chosen, incident.DismissWarning, text, ask.Close)
	}
	body := kit.VBox(8, kit.NewLabel(Name(env.Text, w, d.p.Class), kit.Body.Heavy(), kit.T1), kit.NewPara(env.T("warnings.dismiss.note"), kit.Small, kit.T2), why)
	ask = kit.NewDialog(env, kit.DialogParams{
		Name: "dismiss_warning", Title: env.T("warnings.dismiss.title"), Body: kit.Pad(body, 16, 24, 16, 24), Width: 560, Focus: why, OnConfirm: send,
		Actions: []fyne.CanvasObject{kit.NewButton(kit.Primary, "", env.T("warnings.dismiss"), env.Keys.Cap(kit.CmdConfirm), send)},
	})
	ask.Open()
}

func (d *Dialog) fill(i int, o fyne.CanvasObject) {
	r, ok := o.(*row)
	if !ok || i >= len(d.all) {
		return
	}
	r.show(d.p, &d.all[i], i == d.cursor)
	r.OnTap = func() {
		d.cursor = i
		d.at = -1
		d.move(0)
	}
	r.OnDoubleTap = d.openFile
}

// state says who must answer by when, or who confirmed, and whether it presses.
func state(p Params, w *warn.Warning) (string, kit.Token) {
	t, now := p.Env.T, p.Env.Now()
	switch {
	case w.Standing == warn.Confirmed:
		return t("warnings.confirmed", p.Person(w.Mark.By)), kit.Ok
	case w.Due() < now:
		return t("warnings.late", length(p.Env.Text, now.Sub(w.Due()))), kit.Crit
	}
	due := w.Due().Time().In(incident.Local)
	form := "15:04"
	if incident.DayOf(w.Due()) != incident.DayOf(now) {
		form = "1-2 15:04"
	}
	return t("warnings.answer_by", due.Format(form)), kit.T2
}

func length(t *kit.Text, d time.Duration) string {
	if m := int(d / time.Minute); m < 60 {
		return t.T("warnings.minutes", m)
	}
	if h := int(d / time.Hour); h < 48 {
		return t.T("warnings.hours", h)
	}
	return t.T("warnings.days", int(d/(24*time.Hour)))
}

// levelToken is the colour of a level; the word stands beside it.
func levelToken(l warn.Level) kit.Token {
	switch l {
	case warn.Red:
		return kit.Crit
	case warn.Orange, warn.Yellow:
		return kit.Urg
	}
	return kit.Acc
}

// row is one warning: level, what, how many, who by when; below it the last incident.
type row struct {
	kit.RowBase
	all   []fyne.CanvasObject
	place func(fyne.Size)
}

func newRow() *row {
	r := &row{place: func(fyne.Size) {}}
	r.InitRow(r)
	return r
}

func (r *row) show(p Params, w *warn.Warning, selected bool) {
	r.Selected = selected
	r.PaintGround()
	t := p.Env.Text
	level := levelToken(w.Level)
	mark := canvas.NewRectangle(kit.Color(level))
	mark.CornerRadius = 2
	word := kit.Small.Heavy().NewText(t.T("warnings.level."+string(w.Level)), kit.Color(level))
	name := kit.Body.Heavy().NewText("", kit.Color(kit.T1))
	count := kit.Body.NewText(t.T("warnings.count", len(w.Incidents)), kit.Color(kit.T1))
	said, token := state(p, w)
	when := kit.Small.NewText(said, kit.Color(token))
	last := kit.Small.NewText("", kit.Color(kit.T2))
	owner := kit.Small.NewText(t.T("warnings.owner", t.T("role."+string(w.Owner))), kit.Color(kit.T3))
	r.all = append(r.Ground(), mark, word, name, count, when, last, owner)
	r.place = func(size fyne.Size) {
		const nameX, side float32 = 84, 150
		r.PlaceGround(size)
		mark.Move(fyne.NewPos(24, 10))
		mark.Resize(fyne.NewSize(4, size.Height-20))
		kit.PlaceText(word, 36, 16)
		right := size.Width - 24 - side
		name.Text = kit.Body.Heavy().Fit(Name(t, w, p.Class), right-nameX-60)
		kit.PlaceText(name, nameX, 15)
		kit.PlaceText(count, right-52, 15)
		kit.PlaceText(when, right, 15)
		about := w.Nos[len(w.Nos)-1] + "  " + w.Title
		if w.Town != 0 {
			about = p.Town(w.Town) + "  " + about
		}
		last.Text = kit.Small.Fit(about, right-nameX-12)
		kit.PlaceText(last, nameX, 34)
		kit.PlaceText(owner, right, 34)
	}
	r.place(r.Size())
	r.Refresh()
}

// CreateRenderer draws the row.
func (r *row) CreateRenderer() fyne.WidgetRenderer { return &rowRenderer{r} }

type rowRenderer struct{ r *row }

func (d *rowRenderer) Layout(size fyne.Size)        { d.r.place(size) }
func (d *rowRenderer) MinSize() fyne.Size           { return fyne.NewSize(0, rowHeight) }
func (d *rowRenderer) Refresh()                     { canvas.Refresh(d.r) }
func (d *rowRenderer) Objects() []fyne.CanvasObject { return d.r.all }
func (d *rowRenderer) Destroy()                     {}
