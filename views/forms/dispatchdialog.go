package forms

import (
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// The dispatch dialog's measures.
const (
	dispatchWidth  float32 = 1040
	dispatchHeight float32 = 720
	unitHeight     float32 = 44
	previewWidth   float32 = 438
)

// dispatchDialog is the dialog of dispatching and of adding units.
type dispatchDialog struct {
	f       *Forms
	env     *kit.Env
	model   *Dispatch
	in      *inputs
	cards   []*kit.RadioCard
	ruled   *kit.Label
	moveWhy *kit.Entry
	moveRow fyne.CanvasObject
	count   *kit.Label
	search  *kit.Entry
	list    *kit.ScrollList
	shown   []int // rows of the model that match the search
	cursor  int   // index into shown
	limits  *limitFoot
	ways    []*kit.Check
	preview *kit.Para
	text    *kit.Entry
	textBox *fyne.Container
	editing bool
	stale   *banner
	banner  *banner
	extra   *fyne.Container
	send    *kit.Button
	dialog  *kit.Dialog
	pending bool
	sent    bool
}

// openDispatch opens the dialog. DispatchAgain ticks the units of this desk's last dispatch instead of the proposed ones, AddSuggested the first
// proposed unit that has no task.
func (f *Forms) openDispatch(d room.Detail, how kit.Command) {
	refusal := d.Allowed[incident.Dispatch]
	if refusal != nil {
		if r := d.Allowed[incident.AddCo]; r != nil {
			f.sayRefusal(refusal)
			return
		}
	}
	model, err := NewDispatch(f.params(incident.Dispatch, &d), f.Desk.Rules())
	if err != nil {
		f.sayError(err)
		return
	}
	w := &dispatchDialog{f: f, env: f.Env, model: model, banner: newBanner(), stale: newBanner()}
	model.Link(f.Linked != nil && f.Linked())
	model.RestoreWays(f.loadDraft(lastWays)["ways"])
	if how == kit.CmdDispatchAgain {
		model.RestoreDispatch(f.loadDraft(lastUnits))
	} else if draft := f.loadDraft(draftName(incident.Dispatch, d.State.ID)); len(draft) > 0 {
		model.RestoreDispatch(draft)
		w.banner.hint(f.Env.T("forms.draft_back"))
	}
	w.build()
	w.find("")
	if how == kit.CmdAddSuggested {
		w.suggest()
	}
	w.refresh()
	f.dispatching = w
	w.dialog.Open()
}

// The local names of units and ways of delivery of this desk's last dispatch.
const (
	lastUnits = "dispatch.last"
	lastWays  = "dispatch.ways"
)

func (w *dispatchDialog) build() {
	t := w.env.T
	d := w.model.Subject
	w.in = newInputs(w.f, w.model.Form, func(string) {})
	w.send = kit.NewButton(kit.Primary, "", "", w.env.Keys.Cap(kit.CmdConfirm), w.confirm)
	draft := kit.NewButton(kit.Secondary, "", t("forms.keep_draft"), w.env.Keys.Cap(kit.CmdSave), func() { w.keep("forms.draft_kept") })
	clock := kit.NewClockBar(80)
	clock.Set(kit.FaceOf(w.env.Text, d.Row.Clock, w.model.Now))
	title := t("forms.dispatch_title", called(d))
	if w.model.Adding() {
		title = t("forms.add_title", called(d))
	}
	w.dialog = kit.NewDialog(w.env, kit.DialogParams{
		Name: string(incident.Dispatch), Title: title, Lead: w.f.identity(d), Extra: clock, Width: dispatchWidth, Height: dispatchHeight,
		Body: kit.Edges(nil, nil, nil, container.NewStack(kit.NewBox(kit.Surface2), kit.Fixed(w.right(), previewWidth, 0)), w.left()),
		Hints: []kit.Hint{
			{Cap: t("key.space"), Text: t("forms.tick")},
			{Cap: w.env.Keys.Cap(kit.CmdLead), Text: t("cmd.lead")},
			{Cap: "1 2 3", Text: t("forms.template")},
			{Cap: "Tab", Text: t("forms.next_pane")},
		},
		Actions: []fyne.CanvasObject{draft, w.send},
		Scope:   kit.InDispatch, OnKey: w.key, OnConfirm: w.confirm, OnClose: w.closed,
	})
}

// left is templates, units and limits.
func (w *dispatchDialog) left() fyne.CanvasObject {
	t := w.env.T
	cards := pair(nil)
	for i, l := range []incident.List{incident.ListDaily, incident.ListJoint, incident.ListMonthly} {
		card := kit.NewRadioCard(t("forms.card_"+string(l)), t("forms.list_"+string(l)), t("forms.list_"+string(l)+"_2"), string(rune('1'+i)), func() { w.choose(l) })
		w.cards = append(w.cards, card)
		cards.Add(card)
	}
	w.count = kit.NewLabel("", kit.Small, kit.T2)
	w.search = kit.NewSearchEntry(t("forms.unit_search"), "/")
	w.search.OnChanged = w.find
	w.search.OnKey = w.searchKey
	units := kit.HBox(8, w.count, kit.Spacer(), kit.Fixed(w.search, 220, 0))
	w.list = kit.NewScrollList(kit.EvenRows{N: 0, Height: unitHeight}, func() fyne.CanvasObject { return newUnitRow() }, w.fill)
	w.ruled = kit.NewCutLabel("", kit.Caption, kit.T3)
	w.ruled.Align = fyne.TextAlignTrailing
	w.moveWhy = kit.NewEntry(t("hint.move_why"))
	w.moveWhy.SetText(w.model.MoveWhy)
	w.moveWhy.OnChanged = func(s string) { w.model.MoveWhy = s }
	w.moveWhy.OnSubmit = func(string) { w.env.Host.Canvas().Unfocus() }
	w.moveRow = kit.Field(t("field.move_why")+" *", w.moveWhy)
	head := kit.Edges(nil, nil, kit.NewLabel(t("forms.task_template"), kit.Small, kit.T2), nil, kit.Pad(w.ruled, 0, 0, 0, 12))
	top := kit.VBox(8, w.banner.box, head, cards, w.moveRow, units)
	w.limits = newLimitFoot(w.env, w.model, w.refresh)
	return kit.Edges(kit.VBox(0, kit.Pad(top, 16, 24, 8, 24), kit.Divider()), kit.VBox(0, kit.Divider(), kit.Pad(w.limits.box, 12, 24, 12, 24)), nil, nil, w.list)
}

// delivery offers how the order reaches the units.
func (w *dispatchDialog) delivery() fyne.CanvasObject {
	t := w.env.T
	rows := kit.VBox(4, kit.NewLabel(t("forms.delivery"), kit.Small, kit.T2))
	chosen := w.model.Ways()
	for _, way := range w.model.Offered() {
		tick := kit.NewCheck(t("delivery."+string(way)), slices.Contains(chosen, way), func(on bool) { w.model.SetWay(way, on) })
		w.ways = append(w.ways, tick)
		note := t("forms.delivery_" + string(way))
		if way == incident.BySlip && !w.model.linked {
			note = t("forms.delivery_unlinked")
		}
		rows.Add(kit.HBox(8, tick, kit.NewCutLabel(note, kit.Caption, kit.T3)))
	}
	return rows
}

// right is the preview of the text and why these units are proposed.
func (w *dispatchDialog) right() fyne.CanvasObject {
	t := w.env.T
	edit := kit.NewButton(kit.Secondary, "sign", t("cmd.edit"), w.env.Keys.Cap(kit.CmdEdit), w.edit).Small()
	w.preview = kit.NewPara("", kit.Body, kit.T1)
	w.text = kit.NewArea("", 10)
	w.text.OnChanged = func(s string) { w.model.EditText(s); w.showStale() }
	w.textBox = kit.Card(w.preview)
	w.extra = kit.VBox(8)
	body := kit.VBox(12, kit.HBox(8, kit.NewLabel(t("forms.task_text"), kit.Small, kit.T2), kit.Spacer(), edit), w.stale.box, w.textBox, w.extra, w.delivery())
	if c := w.model.Subject.Category; c.Code != "" {
		body.Add(kit.NewLabel(t("forms.why"), kit.Small, kit.T2))
		body.Add(kit.NewPara(t("forms.why_text", c.Code, c.Major+"·"+c.Minor, w.model.unitName(c.Lead)), kit.Small, kit.T1))
	}
	return container.NewVScroll(kit.Pad(body, 16, 24, 16, 24))
}

// refresh shows everything that follows from the model.
func (w *dispatchDialog) refresh() {
	for i, l := range []incident.List{incident.ListDaily, incident.ListJoint, incident.ListMonthly} {
		w.cards[i].Set(w.model.List() == l)
	}
	w.ruled.Set(w.model.RuleWords(), kit.T3)
	if w.model.NeedsMoveWhy() {
		w.moveRow.Show()
	} else {
		w.moveRow.Hide()
	}
	n := w.model.Ticked()
	w.count.Set(w.env.T("forms.units_chosen", n), kit.T2)
	key := "forms.dispatch_to"
	if w.model.Adding() {
		key = "forms.add_n"
	}
	w.send.SetText(w.env.T(key, n))
	if n == 0 || w.pending {
		w.send.Disable()
	} else {
		w.send.Enable()
	}
	w.limits.show()
	w.preview.Set(w.model.TaskText(), kit.T1)
	w.extra.Objects = w.in.boxes()
	w.showStale()
	w.list.Update()
	w.dialog.Refresh()
}

func (w *dispatchDialog) showStale() {
	switch {
	case w.model.Private():
		w.stale.hint(w.env.T("forms.text_private"))
	case w.model.Stale():
		w.stale.hint(w.env.T("forms.text_stale"))
	default:
		w.stale.bad("")
	}
}

// find narrows the units to those that fit; the cursor goes to the first.
func (w *dispatchDialog) find(words string) {
	w.shown = w.model.Match(words, func(name, words string) bool { return kit.Matches(w.env, name, words) })
	w.cursor = 0
	w.list.SetRows(kit.EvenRows{N: len(w.shown), Height: unitHeight})
}

func (w *dispatchDialog) fill(i int, o fyne.CanvasObject) {
	row, ok := o.(*unitRow)
	if !ok || i >= len(w.shown) {
		return
	}
	row.show(w.env, w.model.Rows[w.shown[i]], i == w.cursor)
	row.OnTap = func() {
		w.cursor = i
		w.model.Toggle(w.shown[i])
		w.refresh()
	}
}

// searchKey lets the arrows, Enter and Space-free keys of the search field work the list below.
func (w *dispatchDialog) searchKey(k fyne.KeyName) bool {
	switch k {
	case fyne.KeyUp:
		w.move(-1)
	case fyne.KeyDown:
		w.move(1)
	case fyne.KeyReturn, fyne.KeyEnter:
		w.tick()
	case fyne.KeyEscape:
		if w.search.Text() == "" {
			return false
		}
		w.search.SetText("")
		w.env.Host.Canvas().Unfocus()
	default:
		return false
	}
	return true
}

func (w *dispatchDialog) move(by int) {
	if len(w.shown) == 0 {
		return
	}
	w.cursor = min(max(0, w.cursor+by), len(w.shown)-1)
	w.list.ScrollTo(w.cursor, 0)
	w.list.Update()
}

func (w *dispatchDialog) tick() {
	if w.cursor < len(w.shown) {
		w.model.Toggle(w.shown[w.cursor])
		w.refresh()
	}
}

// suggest ticks the first proposed unit that is not ticked yet, and puts the cursor there.
func (w *dispatchDialog) suggest() {
	row := w.model.TickSuggested()
	if at := slices.Index(w.shown, row); at >= 0 {
		w.cursor = at
		w.list.ScrollTo(at, 0)
	}
}

func (w *dispatchDialog) choose(l incident.List) {
	if w.model.SetList(l) {
		w.banner.bad("")
	} else {
		w.banner.hint(w.env.T("forms.list_below", w.env.T("list."+string(l))))
	}
	w.refresh()
}

// key deals with the dialog's keys; bare letters and digits only come here when no field has the focus.
func (w *dispatchDialog) key(p kit.Press) bool {
	lists := map[kit.Command]incident.List{kit.CmdOption1: incident.ListDaily, kit.CmdOption2: incident.ListJoint, kit.CmdOption3: incident.ListMonthly}
	if l, isList := lists[p.Command]; isList {
		w.choose(l)
		return true
	}
	steps := map[kit.Command]int{kit.CmdUp: -1, kit.CmdDown: 1, kit.CmdPageUp: -6, kit.CmdPageDown: 6, kit.CmdFirst: -len(w.shown), kit.CmdLast: len(w.shown)}
	if by, isStep := steps[p.Command]; isStep {
		w.move(by)
		return true
	}
	switch p.Command {
	case kit.CmdPeek, kit.CmdOpen:
		w.tick()
	case kit.CmdLead:
		if w.cursor < len(w.shown) {
			w.model.MakeLead(w.shown[w.cursor])
			w.refresh()
		}
	case kit.CmdAddSuggested:
		w.suggest()
		w.refresh()
	case kit.CmdEdit:
		w.edit()
	case kit.CmdSearch:
		w.search.Focus()
	case kit.CmdSave:
		w.keep("forms.draft_kept")
	default:
		return false
	}
	return true
}

// edit turns the preview into a field and back.
func (w *dispatchDialog) edit() {
	w.editing = !w.editing
	if w.editing {
		edited := w.model.edited
		w.text.SetText(w.model.TaskText())
		w.model.edited = edited
		w.textBox.Objects = []fyne.CanvasObject{w.text}
	} else {
		w.textBox.Objects = kit.Card(w.preview).Objects
	}
	w.textBox.Refresh()
	w.refresh()
	if w.editing {
		w.text.Focus()
	}
}

func (w *dispatchDialog) keep(key string) {
	w.f.saveDraft(draftName(incident.Dispatch, w.model.Subject.State.ID), w.model.DispatchDraft(), key)
}

func (w *dispatchDialog) closed() {
	if !w.sent && (w.model.Dirty() || w.model.edited != "" || len(w.model.typed) > 0) {
		w.keep("")
	}
}

func (w *dispatchDialog) confirm() {
	if w.pending {
		return
	}
	stampNow(w.model.Form, w.f.Desk.Now())
	acts, err := w.model.Acts()
	if err != nil {
		w.refuse(err)
		return
	}
	w.pending = true
	w.send.Disable()
	id, ways, text := w.model.Subject.State.ID, w.model.Ways(), w.model.TaskText()
	w.f.send(acts, sent{verb: acts[0].Do, inOrder: true, refused: w.refuse, done: func() {
		w.sent = true
		w.f.saveDraft(draftName(incident.Dispatch, w.model.Subject.State.ID), nil, "")
		if !w.model.Adding() {
			draft := w.model.DispatchDraft()
			w.f.saveDraft(lastUnits, map[string]string{"units": draft["units"], "lead": draft["lead"]}, "")
		}
		w.f.saveDraft(lastWays, map[string]string{"ways": w.model.waysDraft()}, "")
		w.dialog.Close()
		w.f.deliver(id, ways, text)
	}})
}

func (w *dispatchDialog) refuse(err error) {
	w.pending = false
	w.banner.bad(w.f.Words(err))
	w.refresh()
	var fault *Fault
	if errors.As(err, &fault) {
		if fault.Field == fieldMoveWhy {
			w.moveWhy.SetBad(true)
			w.moveWhy.Focus()
			return
		}
		w.limits.focus(fault.Field)
	}
}

// deliver does what the desk itself can do for a way of delivery: the slip is printed, and the text for 浙政钉 lies on the clipboard.
func (f *Forms) deliver(id incident.IncidentID, ways []incident.Delivery, text string) {
	if slices.Contains(ways, incident.ByDing) && f.Copy != nil {
		f.Copy(text)
	}
	if slices.Contains(ways, incident.BySlip) && f.PrintSlip != nil {
		f.PrintSlip(id, text)
	}
}

// unitRow is one unit: tick, role, name with the mark of a proposal, reason below, load bar and open tasks.
type unitRow struct {
	kit.RowBase
	tick *kit.Check
	role *kit.Tag
	name *kit.Label
	mark *kit.Label
	why  *kit.Label
	load *kit.Meter
	open *kit.Label
}

func newUnitRow() *unitRow {
	r := &unitRow{
		tick: kit.NewCheck("", false, nil), role: kit.NewTag("", kit.T2, kit.Surface3), name: kit.NewLabel("", kit.Body, kit.T1), mark: kit.NewLabel("", kit.Caption, kit.Acc),
		why: kit.NewCutLabel("", kit.Caption, kit.T3), load: kit.NewMeter(48, 0, kit.Bar), open: kit.NewLabel("", kit.Small, kit.T2),
	}
	r.open.Align = fyne.TextAlignTrailing
	r.InitRow(r)
	return r
}

func (r *unitRow) show(env *kit.Env, u UnitRow, cursor bool) {
	r.Selected = cursor
	r.tick.Set(u.Ticked)
	r.role.Hidden = !u.Ticked
	switch {
	case u.Lead && cursor:
		r.role.Set(env.T("forms.lead"), kit.Acc, kit.Acc2)
	case u.Lead:
		r.role.Set(env.T("forms.lead"), kit.Acc, kit.Accbg)
	default:
		r.role.Set(env.T("forms.co"), kit.T2, kit.Surface3)
	}
	r.name.Type = kit.Body
	if u.Lead {
		r.name.Type = kit.Body.Heavy()
	}
	r.name.Text = ""
	r.name.Set(u.Name, kit.T1)
	r.mark.Set(map[bool]string{true: env.T("forms.proposed")}[u.Proposed], kit.Acc)
	r.why.Set(strings.Trim(u.Why, "· "), kit.T3)
	loadToken, openToken := kit.Bar, kit.T2
	if u.Load > 0.7 || u.Overdue > 0 {
		loadToken, openToken = kit.Urg, kit.Urg
	}
	r.load.Hidden, r.open.Hidden = !u.Proposed, !u.Proposed
	r.load.Set(float32(u.Load), loadToken)
	r.open.Set(env.T("forms.n_open", u.Open), openToken)
	r.PaintGround()
	r.place(r.Size())
}

func (r *unitRow) place(size fyne.Size) {
	r.PlaceGround(size)
	mid := size.Height / 2
	move(r.tick, 22, mid-12, 20, 24)
	move(r.role, 50, mid-10, max(44, r.role.MinSize().Width), 20)
	x := float32(104)
	nameWidth := r.name.MinSize().Width
	if r.why.Text == "" {
		move(r.name, x, mid-10, nameWidth, 20)
		move(r.mark, x+nameWidth+8, mid-8, r.mark.MinSize().Width, 16)
	} else {
		move(r.name, x, 4, nameWidth, 20)
		move(r.mark, x+nameWidth+8, 6, r.mark.MinSize().Width, 16)
	}
	move(r.why, x, 24, size.Width-x-150, 16)
	move(r.load, size.Width-24-100, mid-2, 48, 4)
	move(r.open, size.Width-24-48, mid-8, 48, 16)
}

// CreateRenderer draws ground and parts.
func (r *unitRow) CreateRenderer() fyne.WidgetRenderer {
	return kit.NewRowRenderer(r.place, r.PaintGround, append(r.Ground(), r.tick, r.role, r.name, r.mark, r.why, r.load, r.open))
}
