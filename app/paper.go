package main

import (
	"fmt"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2/storage"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/views"
	"zw110/views/chooser"
	"zw110/views/kit"
	"zw110/views/paper"
	"zw110/views/slips"
	"zw110/views/townmap"
)

// print is Ctrl P: the list on the page of lists, else the sheet of the incident under the cursor.
func (d *desk) print(ctx views.Context) {
	switch {
	case d.shell.Shown() == views.Page(d.lists):
		d.lists.Print()
	case d.shell.Shown() == views.Page(d.assess):
		d.assess.Print()
	case d.townMap != nil && d.shell.Shown() == views.Page(d.townMap):
		d.printMap()
	case ctx.Incident.IsZero():
		d.shell.Say(kit.Message{Text: d.env.T("paper.nothing"), Bad: true})
	default:
		d.printPage(ctx.Incident, "paper.sheet", (*paper.Page).Sheet, false)
	}
}

// printMap prints what the map shows.
func (d *desk) printMap() {
	sheet := paper.Map{Words: d.env.T, Town: d.directory().Town().Name + d.env.T("shell.room"), Now: d.room.Now(), By: d.personName(d.actor.Login)}
	name := d.directory().Town().Name + "_" + d.env.T("paper.map") + "_" + sheet.Now.Time().In(incident.Local).Format("20060102-1504")
	d.townMap.Print(func(p townmap.Printed, err error) {
		if err != nil {
			d.printed("", err, false)
			return
		}
		signs := func(from []townmap.PrintedSign) []paper.Sign {
			out := make([]paper.Sign, len(from))
			for i, s := range from {
				out[i] = paper.Sign(s)
			}
			return out
		}
		sheet.Picture, sheet.Signs, sheet.Shades, sheet.HeatTitle = p.Picture, signs(p.Signs), signs(p.Shades), p.HeatTitle
		sheet.Scale, sheet.ScalePart, sheet.Counted, sheet.Note = p.Scale, p.ScalePart, p.Counted, p.Note
		d.p.work.apart(func() {
			path := ""
			content, err := sheet.Sheet()
			if err == nil {
				path, err = paper.Save(d.p.printDir(), name, content)
			}
			d.env.Post(func() { d.printed(path, err, false) })
		})
	})
}

// printSlip prints the task slip of a dispatch.
func (d *desk) printSlip(id incident.IncidentID, text string) {
	d.printPage(id, "paper.slip", func(p *paper.Page) ([]byte, error) { return p.Slip(text) }, true)
}

// printPage writes a page off the UI goroutine and opens it in the system's browser, which asks for the printer.
// A page that belongs to an act just done leaves the act's message standing, and says only that it failed.
func (d *desk) printPage(id incident.IncidentID, title string, draw func(*paper.Page) ([]byte, error), after bool) {
	by := d.actor.Login
	page := &paper.Page{Words: d.env.T, Town: d.directory().Town().Name + d.env.T("shell.room"), Rules: d.room.Rules(), Now: d.room.Now(), By: by, Name: d.personName}
	title = d.directory().Town().Name + "_" + d.env.T(title) + "_"
	d.p.work.apart(func() {
		path, err := func() (string, error) {
			detail, err := d.room.Detail(id, by)
			if err != nil {
				return "", err
			}
			page.Detail = detail
			content, err := draw(page)
			if err != nil {
				return "", err
			}
			return paper.Save(d.p.printDir(), title+detail.Row.No, content)
		}()
		d.env.Post(func() { d.printed(path, err, after) })
	})
}

// printCourier prints the slip that goes with the courier file last written.
func (d *desk) printCourier() {
	trip := d.p.link.trip
	if trip.Made == 0 {
		d.shell.Say(kit.Message{Text: d.env.T("county.nothing_written"), Bad: true})
		return
	}
	slip := paper.Parcel{
		Words: d.env.T, Town: d.directory().Town().Name + d.env.T("shell.room"), Seat: d.room.Seat(), No: trip.No, File: trip.File, Sum: trip.Sum, Entries: trip.Entries,
		Size: kit.SizeWords(trip.Bytes), Made: trip.Made, Now: d.room.Now(), By: d.personName(d.actor.Login),
	}
	name := d.directory().Town().Name + "_" + d.env.T("paper.parcel") + "_" + trip.No
	d.p.work.apart(func() {
		path := ""
		content, err := slip.Slip()
		if err == nil {
			path, err = paper.Save(d.p.printDir(), name, content)
		}
		d.env.Post(func() { d.printed(path, err, false) })
	})
}

// printed opens a page that was written, or says why there is none. An act just done can still be taken back from that message.
func (d *desk) printed(path string, err error, after bool) {
	m := kit.Message{Bad: true}
	if after {
		m.Undo = d.forms.UndoLast
	}
	if err != nil {
		m.Text = d.forms.Words(err)
		d.shell.Say(m)
		return
	}
	u, err := storage.ParseURI(storage.NewFileURI(path).String())
	if err == nil {
		err = d.p.openURI(u)
	}
	switch {
	case err != nil:
		m.Text = d.env.T("paper.no_program", path)
		d.shell.Say(m)
	case !after:
		d.shell.Say(kit.Message{Text: d.env.T("paper.opened", path)})
	}
}

// printDir is where pages to print lie while the program runs.
func (p *program) printDir() string { return filepath.Join(p.dir, "print") }

// openPapers asks which paper is wanted: for the incident in view, else the handover of the shift.
func (d *desk) openPapers(ctx views.Context) {
	p := slips.Params{
		Env: d.env, Desk: d.room, Town: d.directory().Town().Name, Apart: d.p.work.long, Words: d.forms.Words, OpenFile: d.openPath,
		Save: func(name string, chosen func(path string)) {
			d.choose(chooser.Params{Save: true, Keeps: true, Name: name, Chosen: chosen})
		},
		PrintFolder: func() (string, error) {
			if err := os.MkdirAll(d.p.printDir(), 0o700); err != nil {
				return "", fmt.Errorf("make the folder of pages to print: %w", err)
			}
			return d.p.printDir(), nil
		},
	}
	for _, u := range d.directory().Units(d.room.Now()) {
		p.Units = append(p.Units, u.ID)
	}
	if all := d.room.Snapshot(board.Filter{Ended: true}); !ctx.Incident.IsZero() {
		if i := all.IndexOf(ctx.Incident); i >= 0 {
			row := all.Row(i)
			if p.No = row.No; !row.Suggested {
				p.Unit = row.Lead
			}
		}
	}
	if d.shell.Shown() == views.Page(d.assess) {
		p.Kind = lists.SlipReport
	}
	slips.Open(p)
}
