package forms

import (
	"context"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// second asks the second person of an act for the PIN, when it needs two and PINs are known here; then it goes on. Leaving the
// question is a refusal.
func (f *Forms) second(act incident.Act, refuse func(error), then func()) {
	if act.Second == "" || f.CheckPIN == nil {
		then()
		return
	}
	name := f.nameOf(act.Second)
	entry := kit.NewSecret(f.Env.T("forms.pin"))
	warn := newBanner()
	answered := false
	var d *kit.Dialog
	check := func() {
		pin := entry.Text()
		f.Work(func() {
			err := f.CheckPIN(context.Background(), act.Second, pin)
			f.Env.Post(func() {
				if err != nil {
					warn.bad(f.words(err))
					d.Refresh()
					return
				}
				answered = true
				d.Close()
				then()
			})
		})
	}
	entry.OnSubmit = func(string) { check() }
	d = kit.NewDialog(f.Env, kit.DialogParams{
		Title: f.Env.T("forms.second_title"), Width: 400,
		Body:      kit.Pad(kit.VBox(12, warn.box, kit.NewPara(f.Env.T("forms.second_ask", name), kit.Body, kit.T1), entry), 16, 24, 16, 24),
		Actions:   []fyne.CanvasObject{kit.NewButton(kit.Primary, "", f.Env.T("forms.confirm"), f.Env.Keys.Cap(kit.CmdConfirm), check)},
		OnConfirm: check, Focus: entry,
		OnClose: func() {
			if !answered {
				refuse(&Fault{Field: "second", Key: "forms.second_missing"})
			}
		},
	})
	d.Open()
}

// nameOf returns a person's name, the login where the book has none.
func (f *Forms) nameOf(login incident.Login) string {
	for _, p := range f.Book().People {
		if p.Login == login {
			return p.Name
		}
	}
	return string(login)
}

// openUnmask asks what the clear personal fields are needed for, then shows them. The purpose is journalled before anything shows.
func (f *Forms) openUnmask(d room.Detail) {
	purpose := kit.NewEntry(f.Env.T("hint.purpose"))
	warn, out := newBanner(), kit.VBox(6)
	by := f.Who().Login
	var dialog *kit.Dialog
	var show *kit.Button
	unmask := func() {
		text := purpose.Text()
		if text == "" {
			purpose.SetBad(true)
			purpose.Focus()
			return
		}
		show.Disable()
		f.Work(func() {
			r, err := f.Desk.Unmask(context.Background(), d.State.ID, by, text)
			f.Env.Post(func() {
				if err != nil {
					warn.bad(f.words(err))
					show.Enable()
				} else {
					warn.bad("")
					out.Objects = reporterLines(f.Env, r)
				}
				dialog.Refresh()
			})
		})
	}
	purpose.OnChanged = func(string) { purpose.SetBad(false) }
	purpose.OnSubmit = func(string) { unmask() }
	show = kit.NewButton(kit.Primary, "eye", f.Env.T("forms.unmask"), f.Env.Keys.Cap(kit.CmdConfirm), unmask)
	dialog = kit.NewDialog(f.Env, kit.DialogParams{
		Title: f.Env.T("forms.unmask_title"), Lead: f.identity(&d), Width: 520,
		Body: kit.Pad(kit.VBox(12, warn.box, kit.NewPara(f.Env.T("forms.unmask_note"), kit.Small, kit.T2),
			kit.Field(f.Env.T("field.purpose"), purpose), out), 16, 24, 16, 24),
		Actions: []fyne.CanvasObject{show}, OnConfirm: unmask, Focus: purpose,
	})
	dialog.Open()
}

// reporterLines shows the clear fields that there are.
func reporterLines(env *kit.Env, r incident.Reporter) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, line := range []struct{ key, value string }{{"name", r.Name}, {"phone", r.Phone}, {"id_no", r.IDNo}, {"address", r.Address}} {
		if line.value != "" {
			out = append(out, kit.HBox(8, kit.Fixed(kit.NewLabel(env.T("field."+line.key), kit.Body, kit.T3), 80, 0), kit.NewLabel(line.value, kit.Strong, kit.T1)))
		}
	}
	if len(out) == 0 {
		out = append(out, kit.NewLabel(env.T("forms.no_reporter"), kit.Body, kit.T3))
	}
	return out
}

// openMore offers every verb that may be done now and has no key of its own.
func (f *Forms) openMore(d room.Detail, ids []incident.IncidentID) {
	var items []kit.PickItem
	for _, v := range rest() {
		if d.Allowed[v] == nil {
			items = append(items, kit.PickItem{Key: string(v), Text: f.Env.T("verb." + string(v))})
		}
	}
	if len(items) == 0 {
		f.say("forms.nothing_more", true)
		return
	}
	list := kit.NewSelect(f.Env, kit.PickerParams{Items: items, Hint: f.Env.T("forms.more_hint"), Width: 320}, nil)
	var dialog *kit.Dialog
	list.OnPicked = func(keys []string) {
		dialog.Close()
		f.openVerb(incident.Verb(keys[0]), d, ids)
	}
	dialog = kit.NewDialog(f.Env, kit.DialogParams{
		Title: d.State.Title, Lead: f.identity(&d), Width: 420, Body: kit.Pad(kit.Field(f.Env.T("forms.more"), list), 16, 24, 16, 24),
	})
	dialog.Open()
	f.Env.Host.Canvas().Focus(list)
	list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
}
