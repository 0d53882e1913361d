package forms

import (
	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// mergeDialog compares two incidents side by side and merges one into the other.
type mergeDialog struct {
	f       *Forms
	env     *kit.Env
	model   *Merge
	in      *inputs
	pick    *kit.Select
	number  *kit.Entry
	table   *fyne.Container
	score   *kit.Para
	banner  *banner
	fields  *fyne.Container
	send    *kit.Button
	swap    *kit.Button
	dialog  *kit.Dialog
	pending bool
}

// openMerge opens the comparison with the likeliest duplicate.
func (f *Forms) openMerge(d room.Detail) {
	if r := d.Allowed[incident.Merge]; r != nil {
		f.sayRefusal(r)
		return
	}
	model, err := NewMerge(f.params(incident.Merge, &d))
	if err != nil {
		f.sayError(err)
		return
	}
	w := &mergeDialog{f: f, env: f.Env, model: model, banner: newBanner(), table: kit.VBox(0), score: kit.NewPara("", kit.Small, kit.T2)}
	w.in = newInputs(f, model.Form, func(string) {})
	w.build()
	w.dialog.Open()
	if c := model.Candidates(); len(c) > 0 {
		w.choose(c[0].Row.ID)
		w.pick.SetChosen([]string{c[0].Row.ID.String()})
		return
	}
	w.show()
	w.number.Focus()
}

func (w *mergeDialog) build() {
	t := w.env.T
	var items []kit.PickItem
	ids := map[string]incident.IncidentID{}
	for _, l := range w.model.Candidates() {
		ids[l.Row.ID.String()] = l.Row.ID
		items = append(items, kit.PickItem{Key: l.Row.ID.String(), Text: l.Row.ShortNo + " " + l.Row.Title, Hint: t("forms.score", l.Score)})
	}
	w.pick = kit.NewSelect(w.env, kit.PickerParams{Items: items, Hint: t("forms.merge_pick"), Width: 480}, func(keys []string) { w.choose(ids[keys[0]]) })
	w.number = kit.NewSearchEntry(t("forms.merge_number"), "")
	w.number.OnSubmit = w.byNumber
	w.swap = kit.NewButton(kit.Secondary, "sync", t("forms.swap"), "X", func() { w.model.Swap(); w.show() })
	w.send = kit.NewButton(kit.Primary, "merge", t("verb.merge"), w.env.Keys.Cap(kit.CmdConfirm), w.confirm)
	w.fields = kit.VBox(12, w.in.boxes()...)
	content := kit.VBox(12, pair([]fyne.CanvasObject{w.pick, w.number}), w.score, w.fields, w.table)
	w.dialog = kit.NewDialog(w.env, kit.DialogParams{
		Name: string(incident.Merge), Title: t("forms.merge_title"), Lead: w.f.identity(w.model.Subject), Width: 920, Body: w.f.body(w.banner.above(), kit.Pad(content, 16, 24, 16, 24), kit.VBox(0)),
		Hints: []kit.Hint{{Cap: "X", Text: t("forms.swap")}, {Cap: "Tab", Text: t("forms.next_field")}}, Actions: []fyne.CanvasObject{w.swap, w.send}, OnConfirm: w.confirm,
		OnKey: func(p kit.Press) bool {
			if p.Command == kit.CmdSelect || p.Stroke.Rune == 'x' {
				w.model.Swap()
				w.show()
				return true
			}
			return false
		},
	})
}

// choose fetches the other incident and shows it at the right.
func (w *mergeDialog) choose(id incident.IncidentID) {
	w.f.read(id, func(d room.Detail) {
		w.model.Choose(d)
		w.banner.bad("")
		w.show()
	})
}

func (w *mergeDialog) byNumber(no string) {
	if no == "" {
		return
	}
	w.f.Work(func() {
		id, err := w.f.Desk.ByNo(no)
		w.env.Post(func() {
			if err != nil || id == w.model.Subject.State.ID {
				w.banner.bad(w.env.T("forms.no_such_number", no))
				w.dialog.Refresh()
				return
			}
			w.choose(id)
		})
	})
}

// show fills the table: captions, left, right; what is equal stands in grey.
func (w *mergeDialog) show() {
	t := w.env.T
	w.table.Objects = nil
	if m := w.model; m.Other != nil {
		left, right := t("forms.goes", m.Subject.Row.ShortNo), t("forms.stays", m.Other.Row.ShortNo)
		if m.Swapped {
			left, right = t("forms.stays", m.Subject.Row.ShortNo), t("forms.goes", m.Other.Row.ShortNo)
		}
		w.table.Add(compareRow("", left, right, kit.Body.Heavy(), kit.T1))
		for _, l := range m.Lines() {
			token := kit.T1
			if l.Same {
				token = kit.T3
			}
			w.table.Add(kit.Divider())
			w.table.Add(compareRow(t("field."+l.Key), l.Left, l.Right, kit.Body, token))
		}
		text := t("forms.score_unknown")
		if m.Score > 0 {
			text = t("forms.score_why", m.Score, reasonList(w.env, m.Reasons))
		}
		w.score.Set(text, kit.T2)
		w.send.Enable()
		w.swap.Enable()
	} else {
		w.score.Set(t("forms.merge_none"), kit.T3)
		w.send.Disable()
		w.swap.Disable()
	}
	w.table.Refresh()
	w.dialog.Refresh()
}

func compareRow(caption, left, right string, ty kit.Type, token kit.Token) fyne.CanvasObject {
	cells := pair([]fyne.CanvasObject{kit.NewPara(left, ty, token), kit.NewPara(right, ty, token)})
	return kit.Pad(kit.Edges(nil, nil, kit.Fixed(kit.NewCutLabel(caption, kit.Small, kit.T3), 104, 0), nil, cells), 5, 0, 5, 0)
}

func (w *mergeDialog) confirm() {
	if w.pending {
		return
	}
	stampNow(w.model.Form, w.f.Desk.Now())
	act, err := w.model.Act()
	if err != nil {
		w.refuse(err)
		return
	}
	w.pending = true
	w.send.Disable()
	w.f.second(act, w.refuse, func(call *incident.Proxy) {
		act.Vouched = call
		w.f.send([]incident.Act{act}, sent{verb: incident.Merge, refused: w.refuse, done: w.dialog.Close})
	})
}

func (w *mergeDialog) refuse(err error) {
	w.pending = false
	w.send.Enable()
	w.banner.bad(w.f.Words(err))
	w.dialog.Refresh()
}
