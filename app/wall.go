package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/views/county"
	"zw110/views/kit"
	"zw110/views/townmap/chart"
	"zw110/views/wallboard"
)

// wall is the board in a window of its own. Its methods belong to the UI goroutine.
type wall struct {
	d      *desk
	window fyne.Window // nil while it isn't shown
	board  *wallboard.Board
}

// toggle shows the wall board, on the second screen where there is one, or takes it away.
func (w *wall) toggle() {
	if w.window != nil {
		w.window.Close()
		return
	}
	b, err := wallboard.New(wallboard.Params{
		Env: w.d.env, Desk: w.d.room, Apart: w.d.p.work.apart, Ground: w.d.mapGround, Counters: func() board.Counters { return counted{w.d}.Counters() },
		Town: w.d.directory().Town().Name + " " + w.d.env.T("shell.room"), Shift: w.shift, Link: w.link,
		Towns: func() []incident.ScopeID { return w.d.towns }, Mask: intake.MaskText, Drill: w.d.room.Drill(),
	})
	if err != nil {
		w.d.p.log.WithField("error", err.Error()).Error("no wall board")
		return
	}
	win := w.d.p.app.NewWindow(w.d.env.T("wall.title") + "·" + w.d.env.T("app.name"))
	w.window, w.board = win, b
	win.SetPadded(false)
	win.SetContent(b.Content())
	win.Canvas().SetOnTypedKey(w.key)
	win.SetOnClosed(w.gone)
	win.Resize(fyne.NewSize(1280, 720))
	second, ok := win.(desktop.Window)
	if ok && screenCount() > 1 {
		second.RequestFullScreenSecondary()
	}
	win.Show()
	b.Start()
}

// key deals with the few keys of the wall: F11 fills the screen, Esc and Shift F11 close.
func (w *wall) key(e *fyne.KeyEvent) {
	st := kit.Stroke{Key: e.Name}
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		st.Mod = d.CurrentKeyModifiers() & fyne.KeyModifierShift
	}
	switch c := w.d.env.Keys.Find(st, kit.Everywhere); {
	case w.window == nil:
	case c == kit.CmdFullScreen:
		w.window.SetFullScreen(!w.window.FullScreen())
	case c == kit.CmdWall, c == kit.CmdBack:
		w.window.Close()
	}
}

// gone lets go of a window that was closed.
func (w *wall) gone() {
	if w.board != nil {
		w.board.Stop()
	}
	w.window, w.board = nil, nil
}

// close takes the board away with its desk.
func (w *wall) close() {
	if w.window != nil {
		w.window.Close()
	}
}

func (w *wall) tick(now incident.Stamp) {
	if w.board != nil {
		w.board.Tick(now)
	}
}

// shift is the role of who is signed in: no names stand on the wall.
func (w *wall) shift() string {
	if w.d.actor.Role == "" {
		return ""
	}
	return w.d.env.T("role." + string(w.d.actor.Role))
}

func (w *wall) link() (string, chart.Tone) {
	f := county.FaceOf(w.d.env.Text, w.d.p.link.State(), w.d.env.Now())
	switch f.Token {
	case kit.Ok:
		return f.Text, chart.Good
	case kit.Urg:
		return f.Text, chart.Urgent
	case kit.Crit:
		return f.Text, chart.Critical
	}
	return f.Text, chart.Calm
}
