package main

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views"
	"zw110/views/kit"
)

// The window counts as at rest once it has looked the same glances times, so that it has also been painted in between.
const (
	glance  = 50 * time.Millisecond
	glances = 3
)

// watch writes a line to a file for every screen at which the window comes to rest: nothing runs, nothing is posted, no delay is on.
// Whoever drives the window with keys waits for that line and need not guess how long a step takes.
type watch struct {
	file    *os.File
	pending atomic.Int64 // functions posted and delays started
	last    string       // the line written last
	seen    string       // what the window showed at the last glance
	times   int          // how often in succession
}

func newWatch(path string) (*watch, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the file of --watch: %w", err)
	}
	return &watch{file: f}, nil
}

// post counts what goes through a Post.
func (w *watch) post(post kit.Post) kit.Post {
	return func(f func()) {
		w.pending.Add(1)
		post(func() {
			defer w.pending.Add(-1)
			f()
		})
	}
}

// after counts the delays of an After as work that is still to come.
func (w *watch) after(after func(time.Duration, func()) func()) func(time.Duration, func()) func() {
	return func(d time.Duration, f func()) func() {
		var over atomic.Bool
		end := func() {
			if over.CompareAndSwap(false, true) {
				w.pending.Add(-1)
			}
		}
		w.pending.Add(1)
		cancel := after(d, func() {
			defer end()
			f()
		})
		return func() {
			cancel()
			end()
		}
	}
}

// start looks at a desk until the returned function is called; both on the UI goroutine.
func (w *watch) start(d *desk) (stop func()) {
	stopped := false
	later := kit.Timer(d.p.post) // uncounted, else looking would itself be work
	var next func()
	next = func() {
		if stopped {
			return
		}
		w.look(d)
		later(glance, next)
	}
	next()
	return func() { stopped = true }
}

// look takes one glance.
func (w *watch) look(d *desk) {
	line := ""
	if w.pending.Load() == 0 && d.p.work.busy.Load() == 0 {
		line = screenOf(d)
	}
	if line != w.seen {
		w.seen, w.times = line, 0
	}
	w.times++
	if line == "" || line == w.last || w.times < glances {
		return
	}
	w.last = line
	if _, err := fmt.Fprintln(w.file, line); err != nil {
		d.p.log.WithField("error", err.Error()).Error("write the file of --watch")
	}
}

func (w *watch) close() error { return w.file.Close() }

// screenOf says what the window shows, as name=value with blanks between: page, dialog, what has the focus (a field with how many
// characters stand in it), the incident an act would be for, its stage, how many keys the window has taken, how the link stands, how many
// entries wait for it, how many incidents wait to be settled, and how many others have this one open.
func screenOf(d *desk) string {
	page, dialog, row, stage := "-", "-", "-", "-"
	var id incident.IncidentID
	if p := d.shell.Shown(); p != nil {
		page = p.Key()
		if s, ok := p.(views.Subject); ok {
			id = s.Context().Incident
		}
	}
	if top := d.shell.Dialog(); top != nil {
		dialog = top.Name()
	}
	if !id.IsZero() {
		snap := d.room.Snapshot(board.Filter{Ended: true})
		if i := snap.IndexOf(id); i >= 0 {
			row, stage = snap.Row(i).No, string(snap.Row(i).Stage)
		}
	}
	link := d.room.SyncState()
	return strings.Join([]string{
		"page=" + page, "dialog=" + dialog, "focus=" + focusOf(d.shell.Canvas()), "row=" + row, "stage=" + stage, fmt.Sprint("keys=", d.shell.Strokes()),
		"sync=" + string(link.Mode), fmt.Sprint("unsent=", link.Pending.Count), fmt.Sprint("settle=", d.room.Count(board.Filter{Ended: true, ToSettle: true})),
		fmt.Sprint("here=", len(d.p.link.Present(id))),
	}, " ")
}

func focusOf(c fyne.Canvas) string {
	f := c.Focused()
	if f == nil {
		return "-"
	}
	if n, ok := kit.FieldLength(f); ok {
		return fmt.Sprint("field:", n)
	}
	return "button"
}
