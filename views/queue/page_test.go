package queue

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views"
	"zw110/views/kit"
)

// stage is a window with the frame, the queue and a clock that tests turn by hand.
type stage struct {
	t       testing.TB
	room    *fakeRoom
	page    *Page
	shell   *views.Shell
	window  fyne.Window
	actions *views.Actions
	now     incident.Stamp
	delayed []*delay
	opened  []incident.IncidentID
}

type delay struct {
	at  incident.Stamp
	run func()
	off bool
}

// stageParams are what differs between tests.
type stageParams struct {
	room  *fakeRoom
	board *board.Board // answers instead of the room's own rows
	size  fyne.Size
	mode  kit.Mode
	lang  string
	drill bool
	scale float32
}

func newStage(t testing.TB, p stageParams) *stage {
	t.Helper()
	app := test.NewTempApp(t)
	if p.mode == "" {
		p.mode = kit.Light
	}
	if p.lang == "" {
		p.lang = "zh-Hans"
	}
	app.Settings().SetTheme(kit.NewTheme(p.mode))
	text, err := kit.NewText(p.lang)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, room: p.room, now: fakeNow, actions: views.NewActions()}
	env := &kit.Env{
		Text: text, Keys: kit.NewKeymap(), Post: func(f func()) { f() }, Now: func() incident.Stamp { return s.now }, Calm: true,
		Work: func(job func()) { job() },
	}
	env.After = func(d time.Duration, f func()) func() {
		item := &delay{at: s.now.Add(d), run: f}
		s.delayed = append(s.delayed, item)
		return func() { item.off = true }
	}
	s.window = test.NewWindow(nil)
	if p.scale > 0 {
		if c, ok := s.window.Canvas().(test.WindowlessCanvas); ok {
			c.SetScale(p.scale)
		}
	}
	t.Cleanup(s.window.Close)
	s.shell = views.NewShell(views.Params{
		Window: s.window, Env: env, Desk: p.room, Actions: s.actions, Town: "塔石镇·综合信息指挥室", Drill: p.drill,
		Mods: func() fyne.KeyModifier { return 0 },
	})
	s.shell.SetShift("白班 08:00–20:00·值班长 李某·2 号席")
	var rows Board = p.room
	if p.board != nil {
		rows = &boardRoom{p.room, p.board}
	}
	s.page = NewPage(Params{
		Env: env, Board: rows, Keep: p.room, Login: "op1", Units: []incident.UnitID{"农业农村办", "司法所"}, Villages: []string{"双联新村", "泽随"},
		Open: func(id incident.IncidentID) { s.opened = append(s.opened, id) },
	})
	if p.size.IsZero() {
		p.size = fyne.NewSize(1440, 900)
	}
	s.window.Resize(p.size)
	s.shell.AddPage(s.page)
	s.shell.Go("queue")
	return s
}

func (s *stage) pass(d time.Duration) {
	s.now = s.now.Add(d)
	for _, item := range s.delayed {
		if !item.off && item.at <= s.now {
			item.off = true
			item.run()
		}
	}
}

func (s *stage) key(names ...fyne.KeyName) {
	for _, n := range names {
		if f := s.window.Canvas().Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: n})
			continue
		}
		s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: n})
	}
}

func (s *stage) cursor() string {
	if s.page.m.rows() == 0 {
		return ""
	}
	return s.page.m.snap.Row(s.page.m.row).ShortNo
}

// shoot keeps a picture when a folder for them is named.
func (s *stage) shoot(name string) {
	dir := os.Getenv("ZW110_SHOTS")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			s.t.Error(err)
		}
	}()
	if err := png.Encode(f, s.window.Canvas().Capture()); err != nil {
		s.t.Fatal(err)
	}
}

func TestQueue_Pictures(t *testing.T) {
	tests := []struct {
		name string
		p    stageParams
	}{
		{"queue-1366", stageParams{size: fyne.NewSize(1366, 768)}},
		{"queue-en", stageParams{lang: "en"}},
		{"queue-scale", stageParams{size: fyne.NewSize(960, 600), scale: 1.5}},
		{"queue-drill", stageParams{drill: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.p.room = newFakeRoom()
			tt.p.room.detail = tt.p.room.sampleDetail
			s := newStage(t, tt.p)
			s.key(fyne.KeyDown, fyne.KeyDown)
			s.pass(time.Second)
			s.shell.Tick(fakeNow)
			if s.cursor() != "0818-029" {
				t.Errorf("cursor on %s", s.cursor())
			}
			s.shoot(tt.name)
		})
	}
}
