package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/forms"
	"zw110/views/kit"
	"zw110/views/kit/kittest"
	"zw110/views/settings"
)

var (
	shots = flag.String("shots", "", "folder to write pictures of every screen to, of a drill store in every look; see -drill")
	drill = flag.String("drill", "../build/drill", "folder of the drill store for -shots")
)

// look is one way the room's screens look.
type look struct {
	name, lang, theme string
	w, h, scale       float32
}

func looks() []look {
	return []look{
		{"zh-light-1440", "zh-Hans", "light", 1440, 900, 1},
		{"zh-dark-1366", "zh-Hans", "dark", 1366, 768, 1},
		{"en-light-1366", "en", "light", 1366, 768, 1},
		{"en-dark-1280", "en", "dark", 1280, 720, 1},
		{"zh-large-2560", "zh-Hans", "light", 2560 / 1.5, 1440 / 1.5, 1.5},
	}
}

// away closes what is open and goes back to the queue.
func (s *stage) away() {
	for d := s.p.desk.shell.Dialog(); d != nil; d = s.p.desk.shell.Dialog() {
		s.p.desk.shell.Close(d)
	}
	s.p.desk.shell.Go("queue")
	s.canvas().Unfocus()
	for range 3 { // search, filter, cursor
		s.p.desk.queue.HandleKey(kit.Press{Command: kit.CmdBack})
	}
	s.quiet()
}

// quiet runs what is posted until nothing comes for a quarter of a second.
func (s *stage) quiet() {
	for {
		select {
		case f := <-s.posted:
			f()
		case <-time.After(time.Second / 4):
			return
		}
	}
}

func (s *stage) run(commands ...kit.Command) {
	for _, c := range commands {
		s.p.desk.shell.Run(c)
		s.quiet()
	}
}

// screen is one screen and how a desk comes to it from the queue.
type screen struct {
	name string
	open func(s *stage)
}

// who signs in for a screen: the settings are the director's.
func (s screen) who() incident.Actor {
	if strings.HasPrefix(s.name, "settings") {
		return incident.Actor{Login: "rd", Role: incident.RoleDirector}
	}
	return incident.Actor{Login: "sl1", Role: incident.RoleShift}
}

func commands(c ...kit.Command) func(*stage) { return func(s *stage) { s.run(c...) } }

// on puts the cursor on the first incident at a stage and does commands.
func on(at board.Stage, c ...kit.Command) func(*stage) {
	return func(s *stage) {
		snap := s.p.room.Snapshot(board.Filter{})
		for i := range snap.Len() {
			if row := snap.Row(i); row.Stage == at {
				s.p.desk.queue.ShowIncident(row.ID)
				s.quiet()
				s.run(c...)
				return
			}
		}
		s.t.Logf("no incident is %s", at)
	}
}

// screens are all but those that need an empty store or two desks.
func screens() []screen {
	out := []screen{
		{"queue", func(*stage) {}},
		{"queue-nothing-found", func(s *stage) { s.run(kit.CmdSearch); s.say("qqqq"); s.quiet() }},
		{"columns", commands(kit.CmdColumns)},
		{"help-queue", commands(kit.CmdHelp)},
		{"menu", commands(kit.CmdMenu)},
		{"menu-found", func(s *stage) { s.run(kit.CmdMenu); s.say("pd"); s.quiet() }},
		{"warnings", commands(kit.CmdWarnings)},
		{"courier", commands(kit.CmdCourier)},
		{"link", commands(kit.CmdRetry)},
		{"register", commands(kit.CmdNew)},
		{"register-file", commands(kit.CmdNew, kit.CmdAttach)},
		{"paste", commands(forms.CmdPaste)},
		{"unmask", commands(forms.CmdUnmask)},
		{"more", commands(forms.CmdMore)},
		{"merge", on(board.StageToDispatch, kit.CmdMerge)},
		{"accept", on(board.StageReceived, kit.CmdAnswer)},
		{"dispatch", on(board.StageToDispatch, kit.CmdDispatch)},
		{"file", on(board.StageHandling, kit.CmdOpen)},
		{"file-to-dispatch", on(board.StageToDispatch, kit.CmdOpen)},
		{"lists-daily", commands(kit.CmdLists)},
		{"lists-joint", commands(kit.CmdLists, kit.CmdByWeek)},
		{"lists-monthly", commands(kit.CmdLists, kit.CmdByMonth)},
		{"help-lists", commands(kit.CmdLists, kit.CmdHelp)},
		{"map", commands(kit.CmdMap)},
		{"assess", commands(kit.CmdAssess)},
		{"assess-month", commands(kit.CmdAssess, kit.CmdByMonth)},
		{"assess-behind", commands(kit.CmdAssess, kit.CmdByMonth, kit.CmdOpen)},
		{"assess-appeal", commands(kit.CmdAssess, kit.CmdByMonth, kit.CmdOpen, kit.CmdAppeal)},
		{"assess-without", commands(kit.CmdAssess, kit.CmdLeaveOut)},
		{"second-pin", func(s *stage) {
			s.p.desk.signedIn(incident.Actor{Login: "op1", Role: incident.RoleOperator})
			on(board.StageHandling, forms.VerbCommand(incident.Supervise))(s)
			s.run(kit.CmdConfirm)
		}},
		{"locked", commands(kit.CmdLock)},
	}
	for _, name := range settings.Sections() {
		out = append(out, screen{"settings-" + name, func(s *stage) { s.p.desk.shell.Go("settings"); s.p.desk.settings.Open(name); s.quiet() }})
	}
	for _, table := range append(settings.Tables(), "calendar", "operators") {
		out = append(out, screen{"settings-" + table + "-row", func(s *stage) {
			s.p.desk.shell.Go("settings")
			s.p.desk.settings.Open(table)
			s.run(kit.CmdOpen)
		}})
	}
	for _, name := range []string{"12345-20260817.xlsx", "wg-reports.xlsx", "110-phone-notes.txt", "spt-events.json", "sj-1.jpg"} {
		out = append(out, screen{"import-" + name, func(s *stage) {
			raw, err := os.ReadFile(filepath.Join("../assets/drill/inbox", name))
			if err != nil {
				s.t.Fatal(err)
			}
			s.p.desk.forms.OpenImport(name, raw, "")
			s.quiet()
		}})
	}
	return out
}

// Every screen in every look, for a person to look at.
func TestScreens_Pictures(t *testing.T) {
	if *shots == "" {
		return // pictures are for people: make screens
	}
	for _, l := range looks() {
		t.Run(l.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(*drill)); err != nil {
				t.Fatal(err)
			}
			r, err := room.Open(room.Config{Dir: dir, Ticks: make(chan time.Time)})
			if err != nil {
				t.Fatal(err)
			}
			s := stageOf(t, r, dir, settings.Look{Lang: l.lang, Theme: l.theme, Scale: l.scale})
			if c, ok := s.canvas().(test.WindowlessCanvas); ok {
				c.SetScale(l.scale)
			}
			if err := s.p.openDesk(); err != nil {
				t.Fatal(err)
			}
			s.p.window.Resize(fyne.NewSize(l.w, l.h))
			into := filepath.Join(*shots, l.name)
			s.quiet()
			kittest.Shoot(t, s.p.window, into, "sign-in")
			s.p.desk.signedIn(incident.Actor{Login: "sl1", Role: incident.RoleShift})
			s.away()
			for range 2 { // the first two of the queue are answered, one of them accepted, too
				s.run(kit.CmdFirst, kit.CmdAnswer)
			}
			on(board.StageReceived, kit.CmdAnswer, kit.CmdConfirm)(s)
			for i, sc := range screens() {
				s.away()
				s.p.desk.signedIn(sc.who())
				s.quiet()
				sc.open(s)
				s.quiet()
				kittest.Shoot(t, s.p.window, into, fmt.Sprintf("%02d-%s", i, sc.name))
			}
		})
	}
}
