package main

import (
	"context"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views"
	"zw110/views/assesspage"
	"zw110/views/kit"
)

// openAppeal lets a unit contest a figure: from the list behind one with its measure, from an incident's file with any.
func (d *desk) openAppeal(ctx views.Context) {
	all := d.room.Snapshot(board.Filter{Ended: true})
	at := all.IndexOf(ctx.Incident)
	if ctx.Incident.IsZero() || at < 0 {
		d.shell.Say(kit.Message{Text: d.env.T("assesspage.appeal.nothing"), Bad: true})
		return
	}
	row := all.Row(at)
	draft := assesspage.Appeal{No: row.No, Title: row.Title}
	if !row.Suggested {
		draft.Unit = row.Lead
	}
	if d.shell.Shown() == views.Page(d.assess) {
		if contested, ok := d.assess.Contested(); ok {
			draft = contested
			draft.No = row.No // a county's list has the township before it
		}
	}
	var units []incident.UnitID
	for _, u := range d.directory().Units(d.room.Now()) {
		units = append(units, u.ID)
	}
	assesspage.OpenAppeal(assesspage.AppealParams{Env: d.env, Draft: draft, Units: units, File: func(p assesspage.Appeal, done func()) {
		act := incident.Act{At: d.room.Now(), By: d.actor.Login, Do: incident.Register, Fields: p.Fields(d.env.Text, row.Village)}
		d.p.work.do(func() {
			out, err := d.room.Do(context.Background(), act)
			d.env.Post(func() {
				if err != nil {
					d.shell.Say(kit.Message{Text: d.forms.Words(err), Bad: true})
					return
				}
				done()
				d.shell.Say(kit.Message{Text: d.env.T("assesspage.appeal.done", out.No)})
			})
		})
	}})
}
