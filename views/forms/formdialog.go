package forms

import (
	"cmp"
	"errors"
	"strings"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// formWidth is the width of a form's dialog.
const formWidth float32 = 620

// formDialog is the dialog of a verb that asks a list of questions, and of its neighbours, between which tabs change.
type formDialog struct {
	f       *Forms
	env     *kit.Env
	detail  room.Detail
	ids     []incident.IncidentID
	verbs   []incident.Verb
	form    *Form
	in      *inputs
	tabs    *kit.Tabs
	fields  *fyne.Container
	rule    *kit.Para
	banner  *banner
	send    *kit.Button
	dialog  *kit.Dialog
	sent    bool
	gone    bool // the dialog is closed
	pending bool
}

// openForm opens the first of verbs on an incident. With several incidents the same act is done for each.
func (f *Forms) openForm(verbs []incident.Verb, d room.Detail, ids []incident.IncidentID) {
	w := &formDialog{f: f, env: f.Env, detail: d, ids: ids, verbs: verbs, banner: newBanner(), fields: kit.VBox(14), rule: kit.NewPara("", kit.Caption, kit.T3)}
	w.send = kit.NewButton(kit.Primary, "", "", f.Env.Keys.Cap(kit.CmdConfirm), w.confirm)
	above := kit.VBox(0)
	if len(verbs) > 1 {
		tabs := make([]kit.Tab, len(verbs))
		for i, v := range verbs {
			tabs[i] = kit.Tab{Text: f.Env.T("verb." + string(v)), Count: -1}
		}
		w.tabs = kit.NewTabs(tabs, w.choose)
		above.Add(kit.Pad(w.tabs, 0, 24, 0, 24))
		above.Add(kit.Divider())
	}
	above.Add(w.banner.above())
	body := f.body(above, kit.Pad(w.fields, 16, 24, 8, 24), kit.Pad(w.rule, 4, 24, 14, 24))
	hints := []kit.Hint{{Cap: "Tab", Text: f.Env.T("forms.next_field")}, {Cap: f.Env.Keys.Cap(kit.CmdSave), Text: f.Env.T("forms.keep_draft")}}
	if len(verbs) > 1 {
		hints = append(hints, kit.Hint{Cap: f.Env.Keys.Cap(kit.CmdNextTab), Text: f.Env.T("forms.next_verb")})
	}
	w.dialog = kit.NewDialog(f.Env, kit.DialogParams{
		Title: w.title(), Lead: f.identity(&d), Body: body, Width: formWidth,
		Hints:   hints,
		Actions: []fyne.CanvasObject{w.send},
		OnKey:   w.key, OnConfirm: w.confirm, OnClose: w.closed,
	})
	w.load(verbs[0])
	f.top = w
	w.dialog.Open()
	w.in.focus(w.in.first(), false)
}

// identity shows urgency and number at the head of a dialog.
func (f *Forms) identity(d *room.Detail) fyne.CanvasObject {
	return kit.HBox(8, kit.UrgencyMark(f.Env, d.State.Urgency), kit.NewLabel(d.Row.ShortNo, kit.Small, kit.T2))
}

// limit is how high a dialog's body may be.
func (f *Forms) limit() float32 {
	return max(240, f.Env.Host.Canvas().Size().Height-2*kit.PagePadding-kit.DialogEdges)
}

// body puts a scroller for what is long between what is always in view: above it tabs and refusals, below it the rule.
func (f *Forms) body(above, long, below fyne.CanvasObject) fyne.CanvasObject {
	return kit.VBox(0, above, clamped(long, func() float32 { return f.limit() - above.MinSize().Height - below.MinSize().Height }), below)
}

func (w *formDialog) title() string {
	name := called(&w.detail)
	if len(w.ids) > 1 {
		name = w.env.T("forms.n_incidents", len(w.ids))
	}
	if len(w.verbs) > 1 {
		return name // the tabs name the verbs
	}
	return w.env.T("forms.verb_title", w.env.T("verb."+string(w.verbs[0])), name)
}

// load makes the form of a verb, with its draft.
func (w *formDialog) load(v incident.Verb) {
	form, err := NewForm(w.f.params(v, &w.detail))
	if err != nil {
		w.banner.bad(w.f.Words(err))
		return
	}
	w.form = form
	w.dialog.SetName(string(v))
	if draft := w.f.loadDraft(draftName(v, w.detail.State.ID)); len(draft) > 0 {
		form.Restore(draft)
		w.banner.hint(w.env.T("forms.draft_back"))
	} else {
		w.banner.bad("")
	}
	w.in = newInputs(w.f, form, func(key string) { w.changed(form, key) })
	w.in.dialog, w.f.taking = w.dialog, w.in
	rule := w.env.Text.Short("help."+string(v), "")
	w.rule.Set(rule, kit.T3)
	w.rule.Hidden = rule == ""
	w.send.SetText(w.env.T("verb." + string(v)))
	w.show()
}

// show lays out the fields that show now.
func (w *formDialog) show() {
	w.fields.Objects = w.in.rows()
	w.in.fill()
	w.fields.Refresh()
	if w.dialog != nil {
		w.dialog.Refresh()
	}
}

func (w *formDialog) changed(form *Form, key string) {
	if form != w.form || w.gone {
		// A file that was still being stored when its form went: the draft has it.
		if form != w.form || !w.sent {
			w.f.saveDraft(draftName(form.Verb, w.detail.State.ID), form.Draft(), "")
		}
		return
	}
	if !w.pending {
		w.banner.bad("")
	}
	for _, f := range w.form.Fields() {
		// Text fields never decide what shows; laying out anew at each letter would only cost time.
		if f.Key == key && f.Kind != Line && f.Kind != Area {
			w.show()
			return
		}
	}
}

// choose changes to another verb of the group; what was typed stays as that verb's draft.
func (w *formDialog) choose(i int) {
	if w.form == nil || w.form.Verb == w.verbs[i] {
		return
	}
	w.keep("")
	w.load(w.verbs[i])
	w.in.focus(w.in.first(), false)
}

func (w *formDialog) key(p kit.Press) bool {
	switch p.Command {
	case kit.CmdSave:
		w.keep("forms.draft_kept")
		return true
	case kit.CmdNextTab, kit.CmdPrevTab:
		if w.tabs != nil {
			step := 1
			if p.Command == kit.CmdPrevTab {
				step = len(w.verbs) - 1
			}
			next := (w.tabs.Chosen() + step) % len(w.verbs)
			w.tabs.Choose(next)
			w.choose(next)
		}
		return true
	case kit.CmdHelp:
		w.banner.hint(w.env.Text.Short("help."+string(w.form.Verb), w.env.T("forms.no_help")))
		w.dialog.Refresh()
		return true
	}
	return w.in != nil && w.in.attachKey(p)
}

// keep saves what a person typed, if anything, and says so when key is given.
func (w *formDialog) keep(key string) {
	if w.form != nil && w.form.Dirty() {
		w.f.saveDraft(draftName(w.form.Verb, w.detail.State.ID), w.form.Draft(), key)
	}
}

func (w *formDialog) closed() {
	w.gone = true
	if !w.sent {
		w.keep("")
	}
}

// confirm sends the act for each incident. A fault marks its field; a refusal stands in the dialog and everything typed stays.
func (w *formDialog) confirm() {
	if w.pending || w.form == nil {
		return
	}
	stampNow(w.form, w.f.Desk.Now())
	act, err := w.form.Act()
	if err == nil {
		err = w.in.settled()
	}
	if err != nil {
		w.refuse(err)
		return
	}
	acts := make([]incident.Act, len(w.ids))
	for i, id := range w.ids {
		acts[i] = act
		if acts[i].ID = id; i > 0 {
			acts[i].Incident = ""
		}
	}
	w.busy(true)
	w.f.second(act, w.refuse, func(call *incident.Proxy) {
		for i := range acts {
			acts[i].Vouched = call
		}
		w.f.send(acts, sent{verb: w.form.Verb, refused: w.refuse, done: func() {
			w.sent = true
			w.f.saveDraft(draftName(w.form.Verb, w.detail.State.ID), nil, "")
			w.dialog.Close()
		}})
	})
}

func (w *formDialog) busy(on bool) {
	w.pending = on
	if on {
		w.send.Disable()
	} else {
		w.send.Enable()
	}
}

func (w *formDialog) refuse(err error) {
	w.busy(false)
	w.banner.bad(w.f.Words(err))
	w.dialog.Refresh()
	var fault *Fault
	if errors.As(err, &fault) {
		w.in.focus(fault.Field, true)
	}
}

// called is what a dialog calls an incident: its title, else its number.
func called(d *room.Detail) string {
	return cmp.Or(strings.TrimSpace(d.State.Title), d.State.No)
}
