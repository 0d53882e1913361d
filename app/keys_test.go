package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views"
	"zw110/views/kit"
)

// signIn lets the shift leader in.
func (s *stage) signIn() {
	s.t.Helper()
	s.opens("sign in", func() {
		s.say("2468")
		s.key(fyne.KeyReturn)
	})
}

// register takes incidents in, brings each as far as asked, and waits until the queue shows the last.
func (s *stage) register(n int, verbs ...incident.Act) {
	s.t.Helper()
	r := s.p.room
	for range n {
		act := incident.Act{At: r.Now(), By: "sl1", Do: incident.Register}
		act.Channel, act.Title, act.Content = incident.ChannelPhone, "小店门口路灯不亮", "小店门口路灯不亮三天了"
		act.Village, act.Category, act.Urgency = "双联新村", "0905", incident.Normal
		out, err := r.Do(s.ctx, act)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, v := range verbs {
			v.At, v.By, v.ID = r.Now(), "sl1", out.Incident
			if _, err := r.Do(s.ctx, v); err != nil {
				s.t.Fatalf("%s: %v", v.Do, err)
			}
		}
	}
	s.until("the queue's cursor", func() bool { return !s.p.desk.queue.Context().Incident.IsZero() })
}

// stroke presses a stroke of the key table as the window gets it.
func (s *stage) stroke(st kit.Stroke) {
	s.t.Helper()
	switch {
	case st.Prefix != 0:
		s.canvas().OnTypedRune()(st.Prefix)
		s.canvas().OnTypedRune()(st.Rune)
	case st.Rune != 0:
		s.canvas().OnTypedRune()(st.Rune)
	case st.Mod == 0:
		s.canvas().OnTypedKey()(&fyne.KeyEvent{Name: st.Key})
	default:
		// The test driver's canvas keeps no shortcuts and no modifiers: the stroke is looked up as the window does.
		scopes := s.p.desk.shell.Shown().Scopes()
		if d := s.p.desk.shell.Dialog(); d != nil {
			scopes = d.Scopes()
		}
		s.p.desk.shell.Run(s.p.desk.env.Keys.Find(st, scopes...))
	}
}

// settled runs what is posted until the workers have nothing left to say about a key.
func (s *stage) settled() {
	s.t.Helper()
	done := false
	s.p.work.apart(func() { s.p.post(func() { done = true }) })
	s.until("the workers", func() bool { return done })
	done = false
	s.p.work.do(func() { s.p.post(func() { done = true }) })
	s.until("the worker", func() bool { return done })
}

// files counts what lies in a folder; one that isn't there holds nothing.
func files(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return len(entries)
}

func bare(k fyne.KeyName) kit.Stroke { return kit.Stroke{Key: k} }
func rune1(r rune) kit.Stroke        { return kit.Stroke{Rune: r} }
func withCtrl(k fyne.KeyName) kit.Stroke {
	return kit.Stroke{Key: k, Mod: fyne.KeyModifierShortcutDefault}
}

// accepted is what brings a registered incident to its dispatch, sent what makes it wait for its signature.
func accepted() []incident.Act {
	return []incident.Act{{Do: incident.Respond}, {Do: incident.Accept}}
}

func sent() []incident.Act {
	d := incident.Act{Do: incident.Dispatch}
	d.Lead = "建设办"
	return append(accepted(), d)
}

func signed() []incident.Act {
	a := incident.Act{Do: incident.Sign}
	a.Unit, a.Proxy = "建设办", &incident.Proxy{Name: "王", Number: "05700110001", Time: 1}
	return append(sent(), a)
}

func fedBack() []incident.Act {
	a := incident.Act{Do: incident.Feedback}
	a.Unit, a.Proxy = "建设办", &incident.Proxy{Name: "王", Number: "05700110001", Time: 1}
	a.Result, a.Fields.Text = "settled", "已更换灯头，现场亮灯，并告知来电人。"
	return append(signed(), a)
}

// keyCase is a key of the table, the pages it is for, and what it does there.
type keyCase struct {
	name    string
	strokes []kit.Stroke
	where   []string
	does    func(*stage) bool
}

// What each key of the table does in the page it is for: a dialog opens, something is said, another page comes, or the incident moves on. A key
// that does nothing fails. Keys that need an incident to stand somewhere are tried on such ones.
func TestKeys_EachDoesSomethingWhereTheTableSays(t *testing.T) {
	dialog := func(s *stage) bool { return s.dialog() }
	said := func(s *stage) bool { return s.p.desk.shell.Said() != "" }
	page := func(key string) func(*stage) bool {
		return func(s *stage) bool { return s.p.desk.shell.Shown().Key() == key }
	}
	both := []string{"queue", "incident"}
	everywhere := []string{"queue", "incident", "map", "lists", "settings"}
	for _, group := range []struct {
		name string
		acts []incident.Act
		keys []keyCase
	}{
		{"fresh", nil, []keyCase{
			{"all keys", []kit.Stroke{bare(fyne.KeyF1), rune1('?')}, everywhere, dialog},
			{"new case", []kit.Stroke{bare(fyne.KeyF2), withCtrl(fyne.KeyN)}, everywhere, dialog},
			{"search", []kit.Stroke{bare(fyne.KeyF3), rune1('/')}, everywhere, func(s *stage) bool { return s.canvas().Focused() != nil }},
			{"answer", []kit.Stroke{bare(fyne.KeyF5), rune1('a')}, both, func(s *stage) bool { return said(s) || dialog(s) }}, // answered once, it is accepted
			{"call back", []kit.Stroke{bare(fyne.KeyF10), rune1('c')}, both, said},                                            // refused in words: nothing to call back about yet
			{"suspend", []kit.Stroke{rune1('h')}, both, said},
			{"command menu", []kit.Stroke{withCtrl(fyne.KeyK)}, everywhere, dialog},
			{"open", []kit.Stroke{bare(fyne.KeyReturn), bare(fyne.KeyEnter)}, []string{"queue"}, page("incident")},
			{"back", []kit.Stroke{bare(fyne.KeyEscape)}, []string{"incident"}, page("queue")},
			{"queue", []kit.Stroke{withCtrl(fyne.Key1), {Rune: 'q', Prefix: 'g'}}, []string{"lists", "settings", "incident"}, page("queue")},
			{"lists", []kit.Stroke{withCtrl(fyne.Key3), {Rune: 'l', Prefix: 'g'}}, both, page("lists")},
			{"settings", []kit.Stroke{withCtrl(fyne.Key6), {Rune: 's', Prefix: 'g'}}, both, page("settings")},
			{"undo", []kit.Stroke{withCtrl(fyne.KeyZ)}, everywhere, said},      // says that there is nothing to take back
			{"read back", []kit.Stroke{rune1('r')}, []string{"lists"}, dialog}, // the file chooser
			{"lock", []kit.Stroke{withCtrl(fyne.KeyL)}, everywhere, dialog},
			{"replay", []kit.Stroke{{Rune: 'r', Prefix: 'g'}}, []string{"queue"}, func(s *stage) bool {
				past := s.p.desk.past
				shown := past.window != nil && strings.Contains(past.window.Title(), "回放") && past.shell.Shown().Key() == "queue"
				if shown {
					for _, o := range test.LaidOutObjects(past.window.Content()) {
						if b, ok := o.(*kit.Button); ok && b.Visible() && b.Text() == s.p.text.T("cmd.new") {
							s.t.Error("the window of the past offers to register")
						}
					}
					past.close()
				}
				return shown
			}},
			{"map", []kit.Stroke{withCtrl(fyne.Key2), {Rune: 'm', Prefix: 'g'}}, both, page("map")},
			{"wall", []kit.Stroke{{Key: fyne.KeyF11, Mod: fyne.KeyModifierShift}}, everywhere, func(s *stage) bool {
				shown := s.p.desk.wall.window != nil
				s.p.desk.wall.close()
				return shown && s.p.desk.wall.window == nil
			}},
			{"zoom", []kit.Stroke{rune1('+'), rune1('=')}, []string{"map"}, func(s *stage) bool { return s.p.desk.townMap.Scale() > 400_000 }},
			{"measure", []kit.Stroke{rune1('r')}, []string{"map"}, func(s *stage) bool { return len(s.p.desk.townMap.StatusKeys()) == 4 }},
			{"layers", []kit.Stroke{rune1('l')}, []string{"map"}, func(s *stage) bool { return s.canvas().Focused() != nil }},
		}},
		{"toDispatch", accepted(), []keyCase{
			{"dispatch", []kit.Stroke{bare(fyne.KeyF4), rune1('d')}, both, dialog},
			{"dispatch again", []kit.Stroke{{Key: fyne.KeyF4, Mod: fyne.KeyModifierShift}}, both, dialog},
			{"merge", []kit.Stroke{rune1('m')}, both, dialog},
			{"supervise", []kit.Stroke{rune1('y')}, both, func(s *stage) bool { return said(s) || dialog(s) }},
			{"to dispatch", []kit.Stroke{{Rune: 'p', Prefix: 'g'}}, []string{"lists", "settings"}, page("queue")},
			{"print", []kit.Stroke{withCtrl(fyne.KeyP)}, append([]string{"map"}, both...), said},
		}},
		{"toSign", sent(), []keyCase{
			{"sign", []kit.Stroke{bare(fyne.KeyF6), rune1('s')}, both, dialog},
			{"urge", []kit.Stroke{rune1('t')}, both, said},
			{"return", []kit.Stroke{rune1('u')}, both, dialog},
		}},
		{"atWork", signed(), []keyCase{
			{"add the suggested", []kit.Stroke{rune1('+')}, []string{"incident"}, dialog},
			{"on scene", []kit.Stroke{bare(fyne.KeyF7), rune1('o')}, both, dialog},
			{"note or feedback", []kit.Stroke{bare(fyne.KeyF8), rune1('b')}, both, dialog},
		}},
		{"toVerify", fedBack(), []keyCase{
			{"verify", []kit.Stroke{bare(fyne.KeyF9), rune1('v')}, both, dialog},
			{"close", []kit.Stroke{bare(fyne.KeyF12)}, both, dialog},
		}},
	} {
		t.Run(group.name, func(t *testing.T) { tryKeys(t, group.acts, group.keys) })
	}
}

// tryKeys presses each key on each of its pages, on incidents that were brought as far as the acts go.
func tryKeys(t *testing.T, acts []incident.Act, keys []keyCase) {
	s := newStage(t)
	s.signIn()
	for i := range acts {
		if p := acts[i].Proxy; p != nil {
			p.Time = s.p.room.Now()
		}
	}
	n := 0
	for _, k := range keys {
		n += len(k.where) * len(k.strokes)
	}
	s.register(n, acts...)
	for _, k := range keys {
		for _, where := range k.where {
			for _, st := range k.strokes {
				s.at(where)
				s.stroke(st)
				s.until(k.name+": "+st.String()+" on "+where, func() bool { return k.does(s) })
				s.forget()
			}
		}
	}
}

// at shows a page with an incident that nothing was done to yet under the cursor.
func (s *stage) at(where string) {
	s.t.Helper()
	if where != "incident" {
		s.p.desk.shell.Go(where)
		s.settled()
		return
	}
	s.p.desk.shell.Go("queue")
	s.p.desk.openFile(s.p.desk.queue.Context().Incident)
	s.until("the file", func() bool {
		subject, ok := s.p.desk.shell.Shown().(views.Subject)
		return ok && subject.Context().Incident == s.p.desk.queue.Context().Incident
	})
	s.settled()
}

// forget closes every dialog and message, so that the next key's are its own; the cursor goes on to the next incident.
func (s *stage) forget() {
	s.t.Helper()
	s.settled()
	for s.dialog() {
		d := s.p.desk.shell.Dialog()
		d.Close()
	}
	s.p.desk.locked = false
	s.canvas().Unfocus()
	s.p.desk.shell.Say(kit.Message{})
	s.p.desk.shell.Go("queue")
	s.p.desk.queue.HandleKey(kit.Press{Command: kit.CmdDown})
	s.settled()
}

// The keys of a dialog, in the one dialog that has them all.
func TestKeys_OfTheDispatchDialog(t *testing.T) {
	s := newStage(t)
	s.signIn()
	s.register(1, accepted()...)
	s.key(fyne.KeyF4)
	s.until("the dialog", s.dialog)
	for _, st := range []kit.Stroke{rune1('3'), bare(fyne.KeyEnd), rune1('z'), bare(fyne.KeyHome), rune1(' '), bare(fyne.KeyDown), rune1('+'), rune1('e')} {
		s.stroke(st)
	}
	if s.canvas().Focused() == nil {
		t.Error("E gives no field to write the text in")
	}
	s.canvas().Unfocus()
	s.stroke(rune1('/'))
	if s.canvas().Focused() == nil {
		t.Error("/ finds no unit")
	}
	s.canvas().Unfocus()
	s.stroke(withCtrl(fyne.KeyS))
	s.until("the draft is kept", func() bool { return s.p.desk.shell.Said() != "" })
	s.stroke(withCtrl(fyne.KeyReturn)) // a list above the rules' needs a reason, and its field takes the caret
	s.settled()
	s.say("镇领导要求")
	s.stroke(withCtrl(fyne.KeyReturn))
	s.until("the end of the dialog", func() bool { return !s.dialog() })
	row := s.p.room.Snapshot(board.Filter{}).Row(0)
	detail, err := s.p.room.Detail(row.ID, "sl1")
	if err != nil {
		t.Fatal(err)
	}
	st := detail.State
	if detail.List != incident.ListMonthly || st.List != incident.ListMonthly || st.LeadUnit == "" || len(st.Delivery) != 1 || st.Delivery[0] != incident.BySlip {
		t.Errorf("list %s, lead %s, delivered by %v", st.List, st.LeadUnit, st.Delivery)
	}
}

// Alt with a letter is the bare letter, so that it works while an input method is on.
func TestKeys_AltIsTheBareLetter(t *testing.T) {
	keys := kit.NewKeymap()
	have := map[fyne.KeyName]bool{}
	for _, sc := range keys.Shortcuts() {
		if sc.Modifier == fyne.KeyModifierAlt {
			have[sc.KeyName] = true
		}
	}
	for _, r := range "dasobvctmhuyxkjzegwrqp" {
		name := fyne.KeyName(string(r - 'a' + 'A'))
		st, ok := kit.StrokeOf(&desktop.CustomShortcut{KeyName: name, Modifier: fyne.KeyModifierAlt})
		if !have[name] || !ok || st.Rune != r {
			t.Errorf("Alt %s is %v, registered %v", name, st, have[name])
		}
	}
}

// A page printed while the program runs lies in the store's folder, and is gone when it ends.
func TestPrint_PagesEndWithTheProgram(t *testing.T) {
	s := newStage(t)
	s.signIn()
	s.register(1, accepted()...)
	s.p.desk.printSlip(s.p.desk.queue.Context().Incident, "要求：即到")
	s.until("the page", func() bool {
		s.settled()
		return files(t, s.p.printDir()) == 1
	})
	if err := s.p.close(); err != nil {
		t.Fatal(err)
	}
	if n := files(t, s.p.printDir()); n != 0 {
		t.Errorf("%d pages outlive the program", n)
	}
	s.p.room, s.p.desk, s.p.bell = nil, nil, nil
}
