package main

import (
	"fmt"
	"net/url"
	"slices"

	"fyne.io/fyne/v2"

	"zw110/data/board"
	"zw110/data/duty"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views"
	"zw110/views/forms"
	"zw110/views/kit"
	"zw110/views/listpage"
	"zw110/views/menu"
	"zw110/views/settings"
)

// directory returns the town's directory as it reads now.
func (d *desk) directory() *duty.Directory {
	if rules, ok := d.room.Rules().(*room.Rules); ok {
		return rules.Directory
	}
	return &duty.Directory{}
}

// book is what the dialogs' pickers offer.
func (d *desk) book() forms.Book {
	dir, now := d.directory(), d.room.Now()
	var b forms.Book
	for _, v := range dir.Villages() {
		b.Villages = append(b.Villages, forms.Option{Value: v.Name, Name: v.Name})
	}
	for _, u := range dir.Units(now) {
		b.Units = append(b.Units, forms.Option{Value: string(u.ID), Name: string(u.ID), Hint: u.Full})
	}
	for _, c := range dir.Categories(now) {
		b.Categories = append(b.Categories, forms.Option{Value: c.Code, Name: c.Minor, Hint: c.Code + "·" + c.Major + "·" + string(c.Lead)})
	}
	b.People = d.people()
	return b
}

// standing are the people with a PIN at this desk.
func (d *desk) standing() []forms.Person {
	var out []forms.Person
	for _, op := range d.room.Operators() {
		if op.HasPIN {
			out = append(out, forms.Person{Login: op.Login, Name: op.Name, Role: op.Role})
		}
	}
	return out
}

// people are the operators of this desk and everybody in the directory, each once.
func (d *desk) people() []forms.Person {
	var out []forms.Person
	seen := map[incident.Login]bool{}
	for _, op := range d.room.Operators() {
		out = append(out, forms.Person{Login: op.Login, Name: op.Name, Role: op.Role})
		seen[op.Login] = true
	}
	for _, p := range d.directory().People() {
		if !seen[p.Login] {
			out = append(out, forms.Person{Login: p.Login, Name: p.Name, Role: p.Role, Unit: p.Unit})
		}
	}
	return out
}

// personName names a login for people.
func (d *desk) personName(login incident.Login) string {
	for _, op := range d.room.Operators() {
		if op.Login == login && op.Name != "" {
			return op.Name
		}
	}
	if login == room.SystemLogin {
		return d.env.T("role." + string(incident.RoleSystem))
	}
	for _, p := range d.directory().People() {
		if p.Login == login && p.Name != "" {
			return p.Name
		}
	}
	return string(login)
}

// menuSource is what the command menu offers on the page in view.
func (d *desk) menuSource(ctx views.Context) menu.Source {
	t := d.env.T
	s := menu.Source{Search: d.findIncidents}
	if !ctx.Incident.IsZero() {
		all := d.room.Snapshot(board.Filter{Ended: true})
		if i := all.IndexOf(ctx.Incident); i >= 0 {
			s.For = all.Row(i).ShortNo
		}
	}
	run := func(c kit.Command) func() { return func() { d.shell.Run(c) } }
	for _, c := range d.menuCommands() {
		s.Fixed = append(s.Fixed, menu.Entry{Group: menu.Actions, Icon: kit.CommandIcon(c), Name: t(c.Label()), Caps: caps(d.env.Keys.Cap(c)), Run: run(c)}.Named("cmd."+string(c)))
	}
	for _, v := range forms.MenuVerbs() {
		c := forms.VerbCommand(v)
		s.Fixed = append(s.Fixed, menu.Entry{Group: menu.Actions, Icon: "file", Name: t("verb." + string(v)), Run: run(c)}.Named(string(c)))
	}
	for key, c := range map[string]kit.Command{"queue": kit.CmdQueue, "map": kit.CmdMap, "lists": kit.CmdLists, "assess": kit.CmdAssess, "settings": kit.CmdSettings} {
		s.Fixed = append(s.Fixed, menu.Entry{Group: menu.Go, Icon: key, Name: t("shell.page." + key), Caps: caps(d.env.Keys.Cap(c)), Run: run(c)}.Named("go."+key))
	}
	leads := d.openByLead()
	for _, u := range d.directory().Units(d.room.Now()) {
		s.Fixed = append(s.Fixed, menu.Entry{Group: menu.Units, Icon: "users", Name: string(u.ID), Note: t("menu.open_now", leads[u.ID]), Run: func() {
			d.shell.Go("queue")
			d.queue.ShowUnit(u.ID)
		}}.Named("unit."+string(u.ID)))
	}
	for _, name := range settings.Sections() {
		s.Fixed = append(s.Fixed, menu.Entry{Group: menu.Settings, Icon: "settings", Name: t("settings." + name), Run: func() {
			d.shell.Go("settings")
			d.settings.Open(name)
			d.shell.RefreshStatus()
		}}.Named("settings."+name))
	}
	return s
}

// openByLead counts the open incidents of each lead unit.
func (d *desk) openByLead() map[incident.UnitID]int {
	out := map[incident.UnitID]int{}
	open := d.room.Snapshot(board.Filter{})
	for i := range open.Len() {
		if row := open.Row(i); !row.Suggested {
			out[row.Lead]++
		}
	}
	return out
}

// menuCommands are the commands with a key that the menu offers.
func (d *desk) menuCommands() []kit.Command {
	var out []kit.Command
	for _, b := range d.env.Keys.All() {
		if d.actions.Has(b.Command) && d.does(b.Command) && b.Command != kit.CmdMenu {
			out = append(out, b.Command)
		}
	}
	return out
}

func caps(c string) []string {
	if c == "" {
		return nil
	}
	return []string{c}
}

// findIncidents searches for the command menu.
func (d *desk) findIncidents(words string, limit int) []menu.Entry {
	hits := d.room.Search(words, limit)
	out := make([]menu.Entry, 0, len(hits))
	for _, h := range hits {
		e := menu.Entry{Group: menu.Incidents, Icon: "file", Name: h.Row.Title, Run: func() { d.openFile(h.Row.ID) }}
		e.Note = h.Row.ShortNo + "·" + h.Row.Village + "·" + d.env.T("status."+string(h.Row.Status))
		if h.Why == "title" {
			e.Spans = [][2]int{h.Span}
		}
		out = append(out, e)
	}
	return out
}

// openURI shows a file with the system's own program.
func (p *program) openURI(u fyne.URI) error {
	link, err := url.Parse(u.String())
	if err != nil {
		return fmt.Errorf("open %s: %w", u, err)
	}
	return p.app.OpenURL(link)
}

// approvers are the directors, those with a PIN at this desk first.
func (d *desk) approvers() []listpage.Approver {
	var out []listpage.Approver
	add := func(pin bool) {
		for _, p := range d.people() {
			has := slices.ContainsFunc(d.standing(), func(s forms.Person) bool { return s.Login == p.Login })
			if p.Role == incident.RoleDirector && has == pin {
				out = append(out, listpage.Approver{Login: p.Login, Name: p.Name, PIN: has})
			}
		}
	}
	add(true)
	add(false)
	return out
}
