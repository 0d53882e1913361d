package main

import (
	"context"
	"io"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"github.com/sirupsen/logrus"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
	"zw110/views/settings"
)

// stage is a desk on Fyne's test driver. What other goroutines post waits in a queue until the test runs it, so that widgets are
// touched by one goroutine alone.
type stage struct {
	t      *testing.T
	p      *program
	posted chan func()
	ctx    context.Context
}

func newStage(t *testing.T) *stage {
	t.Helper()
	dir := t.TempDir()
	ops := []room.Operator{{Login: "sl1", Name: "值班长甲", Role: incident.RoleShift, PIN: "2468"}}
	r, err := room.Init(room.Config{Ticks: make(chan time.Time)}, room.InitParams{Dir: dir, Pack: "330825111", Seat: "1", SeatNo: 1, Drill: true, Operators: ops})
	if err != nil {
		t.Fatal(err)
	}
	look := settings.DefaultLook()
	look.Theme = "light"
	s := stageOf(t, r, dir, look)
	s.p.window.Resize(fyne.NewSize(1440, 900))
	if err := s.p.openDesk(); err != nil {
		t.Fatal(err)
	}
	return s
}

// stageOf sets a stage for a room, with no desk on it yet.
func stageOf(t *testing.T, r *room.Room, dir string, look settings.Look) *stage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	log := logrus.New()
	log.SetOutput(io.Discard)
	s := &stage{t: t, posted: make(chan func(), 4096), ctx: ctx}
	app := test.NewTempApp(t)
	app.Settings().SetTheme(kit.NewTheme(modeOf(look.Theme)))
	text, err := kit.NewText(look.Lang)
	if err != nil {
		t.Fatal(err)
	}
	s.p = &program{dir: dir, log: log, app: app, window: test.NewTempWindow(t, nil), text: text, work: newWorker(log), room: r, look: look, ctx: ctx, cancel: cancel}
	s.p.post = func(f func()) {
		select {
		case s.posted <- f:
		case <-ctx.Done():
		}
	}
	t.Cleanup(func() {
		if err := s.p.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// until runs what is posted until something is true.
func (s *stage) until(what string, is func() bool) {
	s.t.Helper()
	for !is() {
		select {
		case f := <-s.posted:
			f()
		case <-s.ctx.Done():
			s.t.Fatalf("waited for %s in vain", what)
		}
	}
}

func (s *stage) canvas() fyne.Canvas { return s.p.window.Canvas() }

// key presses keys without modifiers: the field in focus has them first, else the window.
func (s *stage) key(names ...fyne.KeyName) {
	for _, n := range names {
		switch f := s.canvas().Focused(); {
		case n == fyne.KeyTab:
			s.canvas().(interface{ FocusNext() }).FocusNext()
		case f != nil:
			f.TypedKey(&fyne.KeyEvent{Name: n})
		default:
			s.canvas().OnTypedKey()(&fyne.KeyEvent{Name: n})
		}
	}
}

// say types text.
func (s *stage) say(text string) {
	for _, r := range text {
		if f := s.canvas().Focused(); f != nil {
			f.TypedRune(r)
			continue
		}
		s.canvas().OnTypedRune()(r)
	}
}

// confirm presses Ctrl Enter. The test driver's canvas keeps no shortcuts, so the stroke is looked up in the table of keys as the window does.
func (s *stage) confirm() {
	s.t.Helper()
	stroke, ok := kit.StrokeOf(&desktop.CustomShortcut{KeyName: fyne.KeyReturn, Modifier: fyne.KeyModifierShortcutDefault})
	d := s.p.desk.shell.Dialog()
	if !ok || d == nil {
		s.t.Fatal("no dialog to confirm")
	}
	s.p.desk.shell.Run(s.p.desk.env.Keys.Find(stroke, d.Scopes()...))
}

// press confirms the dialog on top, and again half a second later for as long as it stays.
func (s *stage) press() {
	s.t.Helper()
	for open := s.p.desk.shell.Dialog(); s.p.desk.shell.Dialog() == open; {
		s.confirm()
		passed := false
		s.p.desk.env.After(time.Second/2, func() { passed = true })
		s.until("half a second", func() bool { return passed || s.p.desk.shell.Dialog() != open })
	}
}

func (s *stage) dialog() bool { return s.p.desk.shell.Dialog() != nil }

// opens waits for a dialog, acts in it and waits until it has closed.
func (s *stage) opens(what string, act func()) {
	s.t.Helper()
	s.until("the dialog: "+what, s.dialog)
	act()
	s.until("the end of the dialog: "+what, func() bool { return !s.dialog() })
}

// stands waits until the only incident is at a stage.
func (s *stage) stands(want board.Stage) {
	s.t.Helper()
	s.until("stage "+string(want), func() bool {
		snap := s.p.room.Snapshot(board.Filter{Ended: true})
		return snap.Len() == 1 && snap.Row(0).Stage == want
	})
}

// told fills in who told it by telephone.
func (s *stage) told() {
	s.say("王")
	s.key(fyne.KeyTab)
	s.say("05700110001")
}

func TestLoop_WholeIncidentByKeysAlone(t *testing.T) {
	s := newStage(t)
	s.opens("sign in", func() {
		s.say("2468")
		s.key(fyne.KeyReturn)
	})
	s.key(fyne.KeyF2)
	s.opens("register", func() {
		s.say("双联新村小店门口路灯坏了三天，晚上黑漆漆的，请派人修一下。")
		s.press() // until village and category have been read from the text, registering is refused
	})
	s.until("an incident", func() bool { return s.p.room.Snapshot(board.Filter{}).Len() == 1 })
	s.until("the queue's cursor", func() bool { return !s.p.desk.queue.Context().Incident.IsZero() })
	row := s.p.room.Snapshot(board.Filter{}).Row(0)
	if row.Stage == board.StageReceived {
		s.key(fyne.KeyF5)
		s.opens("accept", s.confirm)
	}
	s.stands(board.StageToDispatch)
	s.key(fyne.KeyF4)
	s.opens("dispatch", func() {
		s.key(fyne.KeyDown) // the co-handler is let go
		s.say(" ")
		s.confirm()
	})
	s.stands(board.StageToSign)
	s.key(fyne.KeyF6)
	s.opens("sign", func() {
		s.told()
		s.confirm()
	})
	s.stands(board.StageSigned)
	s.key(fyne.KeyF7)
	s.opens("arrive", func() {
		s.told()
		s.confirm()
	})
	s.stands(board.StageOnScene)
	s.key(fyne.KeyF8)
	s.opens("feedback", func() {
		s.say("已更换灯头，现场亮灯，并告知来电人。")
		s.key(fyne.KeyTab, fyne.KeyTab, fyne.KeyTab, fyne.KeyTab) // past the attachments
		s.told()
		s.confirm()
	})
	s.stands(board.StageToVerify)
	s.key(fyne.KeyF9)
	s.opens("verify", s.confirm)
	s.until("the end of the loop", func() bool {
		stage := s.p.room.Snapshot(board.Filter{Ended: true}).Row(0).Stage
		return stage == board.StageToCallback || stage == board.StageClosed
	})
}
