package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"zw110/app/ring"
	"zw110/data/incident"
	"zw110/data/warn"
	"zw110/views/kit"
	"zw110/views/warnings"
)

// How often the warnings are looked at: soon after a change, and every minute, for time alone raises some.
const (
	warnAfter = 2 * time.Second
	warnEach  = time.Minute
)

// told is what people heard of a warning.
type told string

const (
	toldNew  told = "new"
	toldLate told = "late"
)

// warned keeps the early warnings of the window. Its methods belong to the UI goroutine.
type warned struct {
	d      *desk
	found  []warn.Warning
	all    []warn.Warning // of the towns that are looked at
	known  map[string]told
	told   bool // what was there at the start
	rung   int  // how often a warning rang
	strip  *warnings.Strip
	stale  bool
	read   incident.Stamp // last time
	busy   bool
	dialog *warnings.Dialog
}

func newWarned(d *desk) *warned {
	w := &warned{d: d, known: map[string]told{}, stale: true}
	w.strip = warnings.NewStrip(warnings.StripParams{Env: d.env, Class: w.class, Town: d.townName, Open: func() { d.shell.Run(kit.CmdWarnings) }})
	return w
}

// tick reads the warnings when something changed, or a minute passed.
func (w *warned) tick(now incident.Stamp) {
	if w.busy || now < w.read.Add(warnAfter) || !w.stale && now < w.read.Add(warnEach) {
		return
	}
	w.look()
}

// look reads the warnings off the UI goroutine.
func (w *warned) look() {
	w.busy, w.stale, w.read = true, false, w.d.env.Now()
	w.d.p.work.apart(func() {
		all, err := w.d.room.EarlyWarnings(context.Background())
		w.d.env.Post(func() {
			w.busy = false
			if err != nil {
				w.d.p.log.WithField("error", err.Error()).Error("early warnings")
				return
			}
			w.show(all)
		})
	})
}

// show takes what was found: those of the towns that are looked at. One that is new, or has waited too long, rings.
func (w *warned) show(found []warn.Warning) {
	w.found, w.all = found, nil
	for _, a := range found {
		if len(w.d.towns) == 0 || slices.Contains(w.d.towns, a.Town) {
			w.all = append(w.all, a)
		}
	}
	now, n, pressing := w.d.env.Now(), 0, false
	for i := range w.all {
		a := &w.all[i]
		if a.Standing != warn.Waiting {
			continue
		}
		n++
		pressing = pressing || a.Level == warn.Red || a.Due() < now
	}
	w.tell(now)
	w.d.shell.SetWarnings(n, pressing)
	w.d.queue.SetWarnings(w.all)
	if w.dialog != nil {
		w.dialog.Set(w.all)
	}
}

// tell says and rings what was not told yet: a new warning, and one that nobody answered in time. What was there when the window opened stands in
// the strip and is silent unless it is red; a blue one is about the line or the staff and never rings.
func (w *warned) tell(now incident.Stamp) {
	rings := false
	for i := range w.all {
		a := &w.all[i]
		if a.Standing != warn.Waiting || a.Level == warn.Blue {
			continue
		}
		which := fmt.Sprint(a.Town, " ", a.Key, " ", a.Incidents[0], " ", a.Since)
		news := toldNew
		if a.Due() < now {
			news = toldLate
		}
		if before := w.known[which]; before == news || before == toldLate {
			continue
		}
		if w.known[which] = news; !w.told && a.Level != warn.Red {
			continue
		}
		rings = true
		switch name := warnings.Name(w.d.env.Text, a, w.class); { // any other stands in the strip: a message would take the place of the act just done
		case news == toldLate:
			w.d.shell.Say(kit.Message{Text: w.d.env.T("warnings.overdue", name), Bad: true})
		case a.Level == warn.Red:
			w.d.shell.Say(kit.Message{Text: w.d.env.T("warnings.new", name), Bad: true})
		}
	}
	w.told = true
	if rings {
		w.rung++
		w.d.rings.play(ring.Warning)
	}
}

// open shows the warnings.
func (w *warned) open() {
	w.dialog = warnings.Open(warnings.Params{
		Env: w.d.env, Warnings: w.all, Person: w.d.personName, Class: w.class, Town: w.d.townName, Open: w.d.openFile, Answer: w.answer, Closed: func() { w.dialog = nil },
	})
	w.look()
}

// class names a main class by the first figures of its codes.
func (w *warned) class(code string) string {
	for _, c := range w.d.directory().Categories(0) {
		if strings.HasPrefix(c.Code, code) {
			return c.Major
		}
	}
	return code
}

// answer confirms or dismisses a warning.
func (w *warned) answer(a warn.Warning, choice, why string, done func()) {
	act := incident.Act{At: w.d.room.Now(), By: w.d.actor.Login, Do: incident.HandleWarning, ID: a.Incidents[len(a.Incidents)-1]}
	act.Setting, act.Choice, act.Text = a.Key, choice, why
	w.d.p.work.do(func() {
		_, err := w.d.room.Do(context.Background(), act)
		w.d.env.Post(func() {
			if err != nil {
				w.d.shell.Say(kit.Message{Text: w.d.forms.Words(err), Bad: true})
				return
			}
			w.d.shell.Say(kit.Message{Text: w.d.env.T("warnings.done."+choice, warnings.Name(w.d.env.Text, &a, w.class))})
			done()
			w.look()
		})
	})
}
