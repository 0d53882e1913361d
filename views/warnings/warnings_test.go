package warnings

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/data/warn"
	"zw110/views/kit"
)

// host is a window that holds dialogs alone.
type host struct {
	window fyne.Window
	stack  []*kit.Dialog
	said   []string
}

func (h *host) Open(d *kit.Dialog) {
	h.stack = append(h.stack, d)
	h.window.Canvas().Overlays().Add(d)
}

func (h *host) Close(d *kit.Dialog) {
	i := slices.Index(h.stack, d)
	if i < 0 {
		return
	}
	h.stack = h.stack[:i]
	h.window.Canvas().Overlays().Remove(d)
	d.Closed()
}
func (h *host) Say(m kit.Message)   { h.said = append(h.said, m.Text) }
func (h *host) Run(kit.Command)     {}
func (h *host) Canvas() fyne.Canvas { return h.window.Canvas() }

// scene is the dialog with three warnings, on 18 August at 14:00.
type scene struct {
	*host
	d       *Dialog
	keys    *kit.Keymap
	answers []string
	opened  []incident.IncidentID
	all     []warn.Warning
}

var now = incident.StampOf(time.Date(2026, 8, 18, 14, 0, 0, 0, incident.Local))

func open(t *testing.T, lang string, mode kit.Mode) *scene {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(mode))
	text, err := kit.NewText(lang)
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{host: &host{window: test.NewTempWindow(t, kit.NewBox(kit.Bg))}, keys: kit.NewKeymap()}
	s.window.SetPadded(false)
	s.window.Resize(fyne.NewSize(1000, 640))
	id := func(n byte) incident.IncidentID { return incident.IncidentID{n} }
	s.all = []warn.Warning{
		{
			Rule: "W5", Key: "W5", Level: warn.Red, Detail: "跳楼 讨薪", Incidents: []incident.IncidentID{id(1)}, Nos: []string{"2026-0818-016"}, Title: "集镇桥头遇到八九个工人",
			Since: now.Add(-10 * time.Minute), Owner: incident.RoleShift, Standing: warn.Waiting,
		},
		{
			Rule: "W4", Key: "W4/里王村/02", Level: warn.Yellow, Subject: "里王村/02", Incidents: []incident.IncidentID{id(2), id(3), id(4)},
			Nos: []string{"2026-0815-003", "2026-0816-008", "2026-0817-011"}, Title: "水坑没有围栏", Since: now.Add(-5 * time.Hour), Owner: incident.RoleShift, Standing: warn.Waiting,
		},
		{
			Rule: "W12", Key: "W12/12345", Level: warn.Blue, Subject: "12345", Incidents: []incident.IncidentID{id(5)}, Nos: []string{"2026-0817-012"}, Title: "路灯不亮",
			Since: now.Add(-2 * time.Hour), Owner: incident.RoleShift, Standing: warn.Confirmed, Mark: incident.WarningMark{By: "sl1"},
		},
	}
	env := &kit.Env{Text: text, Keys: s.keys, Host: s, Now: func() incident.Stamp { return now }}
	s.d = Open(Params{
		Env: env, Warnings: s.all, Person: func(l incident.Login) string { return string(l) }, Class: func(code string) string { return "类" + code },
		Open: func(id incident.IncidentID) { s.opened = append(s.opened, id) },
		Answer: func(w warn.Warning, choice, why string, done func()) {
			s.answers = append(s.answers, strings.TrimSpace(w.Key+" "+choice+" "+why))
			done()
		},
	})
	return s
}

// press gives a stroke to the dialog on top, as the window does.
func (s *scene) press(st kit.Stroke) {
	top := s.stack[len(s.stack)-1]
	top.HandleKey(kit.Press{Stroke: st, Command: s.keys.Find(st, top.Scopes()...)})
}

func key(k fyne.KeyName) kit.Stroke { return kit.Stroke{Key: k} }

func TestDialog_ConfirmsDismissesAndOpensByKeys(t *testing.T) {
	s := open(t, "zh-Hans", kit.Light)
	s.press(kit.Stroke{Rune: '1'})
	s.press(key(fyne.KeyDown))
	s.press(kit.Stroke{Rune: '2'})
	if len(s.stack) != 2 || s.stack[1].Name() != "dismiss_warning" {
		t.Fatalf("%d dialogs after 2", len(s.stack))
	}
	s.press(kit.Stroke{Key: fyne.KeyReturn, Mod: fyne.KeyModifierShortcutDefault})
	if len(s.answers) != 1 || len(s.said) != 1 || len(s.stack) != 2 {
		t.Fatalf("a dismissal without a reason: answers %v, said %v", s.answers, s.said)
	}
	test.Type(s.Canvas().Focused(), "同一处水坑")
	s.press(kit.Stroke{Key: fyne.KeyReturn, Mod: fyne.KeyModifierShortcutDefault})
	if want := []string{"W5 confirm", "W4/里王村/02 dismiss 同一处水坑"}; !slices.Equal(s.answers, want) || len(s.stack) != 1 {
		t.Fatalf("answers %v, want %v", s.answers, want)
	}
	s.press(key(fyne.KeyDown))
	s.press(kit.Stroke{Rune: '1'})
	if len(s.answers) != 2 {
		t.Errorf("one that is confirmed is confirmed again: %v", s.answers)
	}
	s.press(key(fyne.KeyUp))
	s.press(key(fyne.KeyLeft))
	s.press(key(fyne.KeyReturn))
	if len(s.opened) != 1 || s.opened[0] != s.all[1].Incidents[1] || len(s.stack) != 0 {
		t.Errorf("opened %v", s.opened)
	}
}

func TestDialog_TheCursorStaysWithItsWarning(t *testing.T) {
	s := open(t, "zh-Hans", kit.Light)
	s.press(key(fyne.KeyDown))
	s.d.Set(s.all[1:])
	if w := s.d.current(); w == nil || w.Key != "W4/里王村/02" {
		t.Errorf("the cursor stands on %+v", w)
	}
	s.d.Set(nil)
	if s.d.current() != nil || s.d.empty.Text == "" {
		t.Error("an empty list says nothing")
	}
	s.press(kit.Stroke{Rune: '1'})
	s.press(kit.Stroke{Rune: '2'})
	s.press(key(fyne.KeyReturn))
	if len(s.answers)+len(s.opened) != 0 || len(s.stack) != 1 {
		t.Error("an empty list does something")
	}
}

func TestName_EveryRuleHasWords(t *testing.T) {
	for _, lang := range []string{"zh-Hans", "en"} {
		text, err := kit.NewText(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range warn.Rules() {
			if !text.Has("warnings.rule." + rule) {
				t.Errorf("%s: %s has no words", lang, rule)
			}
		}
	}
	s := open(t, "zh-Hans", kit.Light)
	for i, want := range []string{"风险词·跳楼 讨薪", "同村同类聚集·里王村 类02", "来源静默，查链路或人员·12345"} {
		if got := Name(s.d.p.Env.Text, &s.all[i], s.d.p.Class); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for i, want := range []string{"17:50 前答复", "答复已超时 1 小时", "sl1 已确认"} {
		if got, _ := state(s.d.p, &s.all[i]); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
