package slips

import (
	"context"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/data/room"
	"zw110/views/kit"
)

// stage is the dialog in a window of its own, with a room that notes what is asked of it. It is 18 August 2026, 14:00.
type stage struct {
	window fyne.Window
	stack  []*kit.Dialog
	said   []string
	keys   *kit.Keymap
	asked  []room.SlipRequest
	files  []string
	opened []string
	named  []string
	d      *Dialog
}

var now = incident.StampOf(time.Date(2026, 8, 18, 14, 0, 0, 0, incident.Local))

func (s *stage) Open(d *kit.Dialog) {
	s.stack = append(s.stack, d)
	s.window.Canvas().Overlays().Add(d)
}

func (s *stage) Close(d *kit.Dialog) {
	i := slices.Index(s.stack, d)
	if i < 0 {
		return
	}
	s.stack = s.stack[:i]
	s.window.Canvas().Overlays().Remove(d)
	d.Closed()
}
func (s *stage) Say(m kit.Message)   { s.said = append(s.said, m.Text) }
func (s *stage) Run(kit.Command)     {}
func (s *stage) Canvas() fyne.Canvas { return s.window.Canvas() }
func (s *stage) Now() incident.Stamp { return now }
func (s *stage) ExportSlip(_ context.Context, want room.SlipRequest, out string) (string, error) {
	s.asked, s.files = append(s.asked, want), append(s.files, out)
	return out, nil
}

func open(t *testing.T, no string, mode kit.Mode) *stage {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(mode))
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{window: test.NewTempWindow(t, kit.NewBox(kit.Bg)), keys: kit.NewKeymap()}
	s.window.SetPadded(false)
	s.window.Resize(fyne.NewSize(760, 420))
	env := &kit.Env{Text: text, Keys: s.keys, Host: s, Now: s.Now, Post: func(f func()) { f() }}
	s.d = Open(Params{
		Env: env, Desk: s, Town: "塔石镇", No: no, Unit: "建设办", Units: []incident.UnitID{"建设办", "执法队"}, Apart: func(job func()) { job() },
		Words: func(err error) string { return err.Error() },
		Save: func(name string, chosen func(string)) {
			s.named = append(s.named, name)
			chosen("/disk/" + name)
		},
		PrintFolder: func() (string, error) { return "/print", nil },
		OpenFile:    func(path string) { s.opened = append(s.opened, path) },
	})
	return s
}

func (s *stage) press(st kit.Stroke) {
	top := s.stack[len(s.stack)-1]
	top.HandleKey(kit.Press{Stroke: st, Command: s.keys.Find(st, top.Scopes()...)})
}

func ctrl(k fyne.KeyName) kit.Stroke {
	return kit.Stroke{Key: k, Mod: fyne.KeyModifierShortcutDefault}
}

func at(hour, minute int) incident.Stamp {
	return incident.StampOf(time.Date(2026, 8, 18, hour, minute, 0, 0, incident.Local))
}

func TestDialog_SavesTheOrderOfTheIncidentInViewAndPrintsItsSheet(t *testing.T) {
	s := open(t, "2026-0818-031", kit.Light)
	s.press(ctrl(fyne.KeyReturn))
	if len(s.stack) != 0 || !slices.Equal(s.files, []string{"/disk/塔石镇_督办·交办单_2026-0818-031.xlsx"}) || s.asked[0] != (room.SlipRequest{Kind: lists.SlipSupervise, No: "2026-0818-031"}) {
		t.Fatalf("asked %+v, wrote %v", s.asked, s.files)
	}
	s = open(t, "2026-0818-031", kit.Light)
	s.press(kit.Stroke{Rune: ']'})
	s.press(ctrl(fyne.KeyP))
	if !slices.Equal(s.opened, []string{"/print/塔石镇_事项办理单_2026-0818-031.xlsx"}) || s.asked[0].Kind != lists.SlipHandle {
		t.Errorf("asked %+v, opened %v", s.asked, s.opened)
	}
}

func TestDialog_TheHandoverIsOfTheShiftAndANoticeOfTheUnit(t *testing.T) {
	s := open(t, "", kit.Light)
	s.press(ctrl(fyne.KeyReturn))
	if want := (room.SlipRequest{Kind: lists.SlipHandover, From: at(8, 0), To: at(14, 0)}); s.asked[0] != want {
		t.Errorf("asked %+v, want %+v", s.asked[0], want)
	}
	s = open(t, "", kit.Light)
	s.press(kit.Stroke{Rune: ']'})
	s.press(ctrl(fyne.KeyReturn))
	first := incident.StampOf(time.Date(2026, 8, 1, 0, 0, 0, 0, incident.Local))
	if want := (room.SlipRequest{Kind: lists.SlipNotice, Unit: "建设办", From: first, To: at(24, 0)}); s.asked[0] != want || s.named[0] != "塔石镇_提醒·整改通知单_建设办_20260801.xlsx" {
		t.Errorf("asked %+v as %v, want %+v", s.asked[0], s.named, want)
	}
}

func TestDialog_SaysWhichFieldIsWrong(t *testing.T) {
	s := open(t, "", kit.Light)
	for _, c := range []struct{ from, to, said string }{
		{"昨天", "2026-08-18", "写成 2026-08-18 或 2026-08-18 08:00。"},
		{"2026-08-18 08:00", "2026-08-18 08:00", "结束应在开始之后。"},
	} {
		s.d.from.SetText(c.from)
		s.d.to.SetText(c.to)
		s.press(ctrl(fyne.KeyReturn))
		if n := len(s.said); n == 0 || s.said[n-1] != c.said || len(s.asked) != 0 || len(s.stack) != 1 {
			t.Errorf("%s to %s: said %v, asked %v", c.from, c.to, s.said, s.asked)
		}
	}
	s.press(kit.Stroke{Rune: '['})
	s.press(ctrl(fyne.KeyReturn))
	if s.said[len(s.said)-1] != "写上事项编号。" {
		t.Errorf("without a number: %v", s.said)
	}
}

func TestUsual_TheShiftThatEndsAndTheMonthThatIsTold(t *testing.T) {
	day := func(d, h, m int) incident.Stamp {
		return incident.StampOf(time.Date(2026, 8, d, h, m, 0, 0, incident.Local))
	}
	for _, c := range []struct {
		kind     lists.SlipKind
		now      incident.Stamp
		from, to string
	}{
		{lists.SlipHandover, day(18, 19, 50), "2026-08-18 08:00", "2026-08-18 19:50"},
		{lists.SlipHandover, day(18, 20, 30), "2026-08-18 08:00", "2026-08-18 20:00"},
		{lists.SlipHandover, day(18, 7, 55), "2026-08-17 20:00", "2026-08-18 07:55"},
		{lists.SlipHandover, day(18, 8, 20), "2026-08-17 20:00", "2026-08-18 08:00"},
		{lists.SlipReport, day(18, 9, 0), "2026-08-01", "2026-08-18"},
		{lists.SlipReport, day(3, 9, 0), "2026-07-01", "2026-07-31"},
	} {
		if from, to := usual(c.kind, c.now); from != c.from || to != c.to {
			t.Errorf("%s at %v: %s to %s, want %s to %s", c.kind, c.now.Time(), from, to, c.from, c.to)
		}
	}
}
