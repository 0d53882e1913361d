package forms

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// second makes sure of the other person that an act names: who confirms, approves, decides or closes by force with the actor. A person with a PIN
// at this desk gives it; for anybody else the telephone record is asked for. It goes on with that record, nil where none is needed; leaving the
// question is a refusal.
func (f *Forms) second(act incident.Act, refuse func(error), then func(*incident.Proxy)) {
	login, field := otherPerson(&act)
	if login == "" || f.CheckPIN == nil {
		then(nil)
		return
	}
	left := func() { refuse(&Fault{Field: field, Key: "forms.second_missing"}) }
	if f.Standing != nil && slices.ContainsFunc(f.Standing(), func(p Person) bool { return p.Login == login }) {
		f.askPIN(f.Env.T("forms.second_title"), []Person{{Login: login, Name: f.nameOf(login)}}, func(incident.Login) { then(nil) }, left)
		return
	}
	f.askCall(f.Env.T("field."+field), f.nameOf(login), then, left)
}

// otherPerson returns whom an act names beside its actor, and the field that does.
func otherPerson(a *incident.Act) (incident.Login, string) {
	for _, o := range []struct {
		login incident.Login
		field string
	}{{a.Second, "second"}, {a.ConfirmedBy, "confirmed_by"}, {a.ApprovedBy, "approved_by"}, {a.DecidedBy, "decided_by"}} {
		if o.login != "" && o.login != a.By {
			return o.login, o.field
		}
	}
	return "", ""
}

// askCall asks for the telephone record of what a person who isn't at this desk said.
func (f *Forms) askCall(as, name string, then func(*incident.Proxy), left func()) {
	number, when := kit.NewEntry(f.Env.T("hint.proxy_number")), kit.NewEntry(f.Env.T("forms.moment_hint"))
	when.SetText(FormatMoment(f.Desk.Now()))
	warn := newBanner()
	answered := false
	var d *kit.Dialog
	take := func() {
		at, err := ParseMoment(when.Text(), f.Desk.Now())
		record := &incident.Proxy{Name: name, Number: strings.TrimSpace(number.Text()), Time: at}
		var fault *Fault
		switch {
		case record.Number == "":
			fault = &Fault{Field: "proxy_number", Key: "forms.missing"}
			number.Focus()
		case err != nil || at > f.Desk.Now():
			fault = &Fault{Field: "proxy_time", Key: "forms.no_moment"}
			when.Focus()
		default:
			answered = true
			d.Close()
			then(record)
			return
		}
		warn.bad(f.Words(fault))
		d.Refresh()
	}
	number.OnSubmit = func(string) { take() }
	when.OnSubmit = func(string) { take() }
	body := kit.VBox(12, kit.NewPara(f.Env.T("forms.call_ask", as, name), kit.Body, kit.T1), warn.box,
		pair([]fyne.CanvasObject{kit.Field(f.Env.T("field.proxy_number")+" *", number), kit.Field(f.Env.T("field.proxy_time")+" *", when)}))
	d = kit.NewDialog(f.Env, kit.DialogParams{
		Title: f.Env.T("forms.call_title"), Width: 460, Body: kit.Pad(body, 16, 24, 16, 24),
		Actions:   []fyne.CanvasObject{kit.NewButton(kit.Primary, "", f.Env.T("forms.confirm"), f.Env.Keys.Cap(kit.CmdConfirm), take)},
		OnConfirm: take, Focus: number,
		OnClose: func() {
			if !answered {
				left()
			}
		},
	})
	d.Open()
}

// stepRoles are the roles that may do what an operator may not, so that one of them can step in with a PIN.
func stepRoles(v incident.Verb) []incident.Role {
	switch v {
	case incident.Refuse, incident.VoidIt, incident.Dispute, incident.Split, incident.Dispatch:
		return []incident.Role{incident.RoleShift}
	case incident.Rule, incident.Resume, incident.Escalate, incident.ErasePerson:
		return []incident.Role{incident.RoleDirector}
	case incident.Suspend, incident.Extend, incident.ForceClose, incident.Supervise:
		return directorUp()
	case incident.CountyClose:
		return []incident.Role{incident.RoleCounty}
	}
	return nil
}

// standing returns who may step in for a verb.
func (f *Forms) standing(v incident.Verb) []Person {
	if f.CheckPIN == nil || f.Standing == nil {
		return nil
	}
	var out []Person
	for _, p := range f.Standing() {
		if slices.Contains(stepRoles(v), p.Role) && p.Login != f.Who().Login {
			out = append(out, p)
		}
	}
	return out
}

// mayStepIn reports whether a refusal is one of role alone, and somebody here could step in.
func (f *Forms) mayStepIn(v incident.Verb, refusal *incident.Refusal) bool {
	return refusal != nil && (roleAlone(refusal) || strings.HasSuffix(refusal.Key, ".three_units")) && len(f.standing(v)) > 0
}

// roleAlone reports whether a refusal is one of role.
func roleAlone(r *incident.Refusal) bool { return r != nil && strings.HasSuffix(r.Key, ".role") }

// stateFirst asks for each verb that is refused for the role whether those who could step in might do it now. Where none of them might, their
// refusal stands instead: it says what the incident lacks. It runs off the UI goroutine.
func (f *Forms) stateFirst(d *room.Detail) error {
	if f.CheckPIN == nil || f.Standing == nil {
		return nil
	}
	byRole := map[incident.Role]room.Detail{}
	for _, p := range f.Standing() {
		if _, asked := byRole[p.Role]; asked {
			continue
		}
		theirs, err := f.Desk.Detail(d.State.ID, p.Login)
		if err != nil {
			return err
		}
		byRole[p.Role] = theirs
	}
	for v, refusal := range d.Allowed {
		if !roleAlone(refusal) {
			continue
		}
		may, state := false, (*incident.Refusal)(nil)
		for _, role := range stepRoles(v) {
			theirs, here := byRole[role]
			switch {
			case !here:
			case theirs.Allowed[v] == nil:
				may = true
			case !roleAlone(theirs.Allowed[v]):
				state = theirs.Allowed[v]
			}
		}
		if !may && state != nil {
			d.Allowed[v] = state
		}
	}
	return nil
}

// stepIn lets somebody with the right role do what was refused for the role: the person gives the PIN, and the acts are the person's. Any
// other refusal, or leaving the question, ends as the refusal.
func (f *Forms) stepIn(acts []incident.Act, s sent, err error) {
	var refusal *incident.Refusal
	if !errors.As(err, &refusal) || acts[0].By != f.Who().Login || !f.mayStepIn(acts[0].Do, refusal) {
		s.refused(err)
		return
	}
	f.askPIN(f.Words(refusal), f.standing(acts[0].Do), func(login incident.Login) {
		theirs := slices.Clone(acts)
		for i := range theirs {
			theirs[i].By, theirs[i].At = login, f.Desk.Now()
		}
		f.send(theirs, s)
	}, func() { s.refused(err) })
}

// askPIN asks one of some people for the PIN and goes on with who gave it.
func (f *Forms) askPIN(why string, persons []Person, then func(incident.Login), left func()) {
	chosen := persons[0].Login
	entry := kit.NewSecret(f.Env.T("forms.pin"))
	warn := newBanner()
	answered := false
	var d *kit.Dialog
	check := func() {
		pin, login := entry.Text(), chosen
		f.Work(func() {
			err := f.CheckPIN(context.Background(), login, pin)
			f.Env.Post(func() {
				if err != nil {
					warn.bad(f.Words(err))
					entry.SetText("")
					d.Refresh()
					return
				}
				answered = true
				d.Close()
				then(login)
			})
		})
	}
	entry.OnSubmit = func(string) { check() }
	body := kit.VBox(12, kit.NewPara(why, kit.Body, kit.T1), warn.box)
	if len(persons) > 1 {
		options := make([]Option, len(persons))
		for i, p := range persons {
			options[i] = Option{Value: string(p.Login), Name: p.Name}
		}
		body.Add(newChoices(options, string(chosen), func(v string) { chosen = incident.Login(v) }))
	} else {
		body.Add(kit.NewLabel(f.Env.T("forms.second_ask", persons[0].Name), kit.Body, kit.T2))
	}
	body.Add(entry)
	d = kit.NewDialog(f.Env, kit.DialogParams{
		Title: f.Env.T("forms.pin_title"), Width: 460, Body: kit.Pad(body, 16, 24, 16, 24),
		Actions:   []fyne.CanvasObject{kit.NewButton(kit.Primary, "", f.Env.T("forms.confirm"), f.Env.Keys.Cap(kit.CmdConfirm), check)},
		OnConfirm: check, Focus: entry,
		OnClose: func() {
			if !answered {
				left()
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
					warn.bad(f.Words(err))
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
