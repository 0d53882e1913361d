package main

import (
	"context"
	"strings"
	"time"

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

// warned keeps the early warnings of the window. Its methods belong to the UI goroutine.
type warned struct {
	d      *desk
	all    []warn.Warning
	known  map[string]bool // red ones that were told
	stale  bool
	read   incident.Stamp // last time
	busy   bool
	dialog *warnings.Dialog
}

func newWarned(d *desk) *warned { return &warned{d: d, known: map[string]bool{}, stale: true} }

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

func (w *warned) show(all []warn.Warning) {
	w.all = all
	now, n, pressing := w.d.env.Now(), 0, false
	for i := range all {
		a := &all[i]
		if a.Standing != warn.Waiting {
			continue
		}
		n++
		pressing = pressing || a.Level == warn.Red || a.Due() < now
		if told := a.Key + a.Since.Time().String(); a.Level == warn.Red && !w.known[told] {
			w.known[told] = true
			w.d.shell.Say(kit.Message{Text: w.d.env.T("warnings.new", warnings.Name(w.d.env.Text, a, w.class)), Bad: true})
		}
	}
	w.d.shell.SetWarnings(n, pressing)
	if w.dialog != nil {
		w.dialog.Set(all)
	}
}

// open shows the warnings.
func (w *warned) open() {
	w.dialog = warnings.Open(warnings.Params{
		Env: w.d.env, Warnings: w.all, Person: w.d.personName, Class: w.class, Open: w.d.openFile, Answer: w.answer, Closed: func() { w.dialog = nil },
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
