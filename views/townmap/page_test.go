package townmap

import (
	"bytes"
	"image/png"
	"math"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/kit"
	"zw110/views/townmap/chart"
)

func newTestStage(t *testing.T) *stage {
	return newStage(t, "zh-Hans", kit.Light, fyne.NewSize(860, 560))
}

func TestPage_TabWalksTheListAndEnterOpens(t *testing.T) {
	s := newTestStage(t)
	want := []string{"0818-031", "0818-029", "0816-011", "0818-024"}
	for i, no := range want {
		if i > 0 {
			s.key(fyne.KeyTab)
		}
		if got := s.cursorNo(); got != no {
			t.Fatalf("after %d Tabs the cursor is on %s, want %s", i, got, no)
		}
	}
	s.mods = fyne.KeyModifierShift
	s.key(fyne.KeyTab)
	s.mods = 0
	s.key(fyne.KeyReturn)
	if len(s.opened) != 1 || s.opened[0] != idOf(4) || s.page.Context().Incident != idOf(4) {
		t.Errorf("opened %v", s.opened)
	}
	s.key(fyne.KeyHome)
	s.mods = fyne.KeyModifierShift
	s.key(fyne.KeyTab) // round to the last
	if got := s.cursorNo(); got != "0812-004" {
		t.Errorf("before the first comes %s", got)
	}
}

func (s *stage) cursorNo() string {
	for i := range s.page.sorted {
		if s.page.sorted[i].row.ID == s.page.cursor {
			return s.page.sorted[i].row.ShortNo
		}
	}
	return ""
}

func TestPage_KeysMoveTheView(t *testing.T) {
	s := newTestStage(t)
	whole, scale := s.page.plan.Centre(), s.page.plan.Scale()
	for _, c := range []struct {
		name  string
		press func()
		moved func(c board.Spot, sc float64) bool
	}{
		{"+", func() { s.runes("+") }, func(c board.Spot, sc float64) bool { return c == whole && math.Abs(sc/scale-factor) < 1e-9 }},
		{"-", func() { s.runes("-") }, func(c board.Spot, sc float64) bool { return math.Abs(sc/scale-1) < 1e-9 }},
		{"right", func() { s.key(fyne.KeyRight) }, func(c board.Spot, _ float64) bool { return c.X > whole.X && c.Y == whole.Y }},
		{"left", func() { s.key(fyne.KeyLeft) }, func(c board.Spot, _ float64) bool { return math.Abs(c.X-whole.X) < 1e-12 }},
		{"down", func() { s.key(fyne.KeyDown) }, func(c board.Spot, _ float64) bool { return c.Y > whole.Y }},
		{"up", func() { s.key(fyne.KeyUp, fyne.KeyUp) }, func(c board.Spot, _ float64) bool { return c.Y < whole.Y }},
		{"0", func() { s.runes("++0") }, func(c board.Spot, sc float64) bool { return c == whole && sc == scale }},
	} {
		if c.press(); !c.moved(s.page.plan.Centre(), s.page.plan.Scale()) {
			t.Errorf("%s moves the view to %v at %g, from %v at %g", c.name, s.page.plan.Centre(), s.page.plan.Scale(), whole, scale)
		}
	}
}

// The list has what is in view, after the view has rested.
func TestPage_ListFollowsTheView(t *testing.T) {
	s := newTestStage(t)
	if n := len(s.page.inView); n != len(s.desk.rows) {
		t.Fatalf("%d of %d are in view of the whole town", n, len(s.desk.rows))
	}
	at := spots()["塔石村"]
	s.page.plan.Look(onGround(at[0], at[1]), s.page.plan.Scale()*6)
	if n := len(s.page.inView); n != len(s.desk.rows) {
		t.Errorf("the list changes while the view moves: %d", n)
	}
	s.pass()
	if n := len(s.page.inView); n != 3 {
		t.Errorf("%d are in view of one village, want 3", n)
	}
	if got := s.page.panel.title.Text; got != "图内 3 件" {
		t.Errorf("the head says %q", got)
	}
}

// What has neither a place nor a village on the map is counted, not drawn; what has only a village stands there, marked.
func TestPage_PlacesNothingThatItDoesNotKnow(t *testing.T) {
	s := newTestStage(t)
	s.desk.rows = append(s.desk.rows, board.Row{ID: idOf(90), ShortNo: "0818-090", Title: "不知在哪", Village: "邻县某村", Urgency: incident.Critical})
	s.desk.tell()
	s.pass()
	if s.page.unseen != 1 || s.page.index.Len() != len(s.desk.rows)-1 || s.page.panel.about.Hidden {
		t.Errorf("%d are said to stand nowhere, %d are on the map", s.page.unseen, s.page.index.Len())
	}
	m, ok := s.page.index.Mark(idOf(1)) // 路灯, of 塔石村
	if !ok || !m.Vague || m.Spot != s.ground.Town.Villages[villagesOf(s.ground.Town)["塔石村"]].At {
		t.Errorf("an incident without a place is %v", m)
	}
	if m, _ := s.page.index.Mark(idOf(0)); m.Vague {
		t.Error("an incident with a place of its own is marked as if it had none")
	}
	s.desk.rows = s.desk.rows[:1]
	s.desk.tell()
	if s.page.index.Len() != 1 {
		t.Errorf("%d marks are left of one incident", s.page.index.Len())
	}
}

func TestPage_TapPointsAndPartsPlates(t *testing.T) {
	s := newStage(t, "zh-Hans", kit.Light, fyne.NewSize(1280, 800))
	s.page.tapped(s.plateOf(idOf(9)))
	if s.page.cursor != idOf(9) || len(s.opened) != 0 {
		t.Fatalf("a tap points at %v and opens %v", s.page.cursor, s.opened)
	}
	s.now = s.now.Add(200 * time.Millisecond)
	s.page.tapped(s.plateOf(idOf(9)))
	if len(s.opened) != 1 {
		t.Error("a second tap does not open the file")
	}
	scale := s.page.plan.Scale()
	for range 12 { // three stand within some metres
		if at := s.plateOf(idOf(1)); at != (board.Spot{}) {
			break
		}
		for i := range s.page.plates {
			if c := &s.page.plates[i]; c.N > 1 {
				s.page.tapped(s.above(c))
				break
			}
		}
		s.pass()
	}
	if s.plateOf(idOf(1)) == (board.Spot{}) || s.page.plan.Scale() <= scale {
		t.Errorf("taps on a plate of three do not part it; the scale goes from %g to %g", scale, s.page.plan.Scale())
	}
}

// plateOf is the middle of the plate of one incident, zero when it has none of its own.
func (s *stage) plateOf(id incident.IncidentID) board.Spot {
	for i := range s.page.plates {
		if c := &s.page.plates[i]; c.ID == id {
			return s.above(c)
		}
	}
	return board.Spot{}
}

func (s *stage) above(c *board.Cluster) board.Spot {
	return board.Spot{X: c.X, Y: c.Y - s.page.plate.Foot()/s.page.plan.Scale()}
}

func TestPage_MeasuresInMetres(t *testing.T) {
	// On the ellipsoid of WGS-84 the degree of latitude from 29.14° N is 110,846 m, 0.01° of longitude there 973.1 m.
	a := board.SpotOf(119.15, 29.14)
	if d := distance(a, board.SpotOf(119.15, 30.14)); math.Abs(d-110_846.4) > 1 {
		t.Errorf("one degree to the north is %g m", d)
	}
	if d := distance(a, board.SpotOf(119.16, 29.14)); math.Abs(d-973.07) > 0.1 {
		t.Errorf("0.01 degrees to the east are %g m", d)
	}
	s := newTestStage(t)
	s.runes("r")
	s.key(fyne.KeyRight)
	want := float64(step) * metres(s.page.plan.Centre(), s.page.plan.Scale())
	if got := length(s.page.measure.line(s.page.plan.Centre())); math.Abs(got-want) > want/200 {
		t.Errorf("a step to the right measures %g m, want %g", got, want)
	}
	s.key(fyne.KeyReturn, fyne.KeyDown)
	if n := len(s.page.measure.corners); n != 2 {
		t.Errorf("%d corners after Enter", n)
	}
	s.key(fyne.KeyEscape)
	if s.page.measure != nil || len(s.opened) != 0 {
		t.Error("Esc does not end it, or Enter opened a file")
	}
}

func TestPage_LayersByKeys(t *testing.T) {
	s := newTestStage(t)
	s.runes("l")
	if s.window.Canvas().Focused() != fyne.Focusable(s.page.floats.checks[0]) {
		t.Fatal("L does not go to the layers")
	}
	s.window.Canvas().Focused().TypedRune(' ')
	if s.page.layers.incidents || len(s.page.plates) != 0 {
		t.Error("the incidents are still drawn")
	}
	s.window.Canvas().Focused().TypedRune('l')
	if !s.page.floats.layers.Hidden || s.window.Canvas().Focused() != fyne.Focusable(s.page.plan) {
		t.Error("L does not take the layers away")
	}
	for _, days := range []int{30, 1, 7} {
		if s.page.floats.nextPeriod(); s.page.layers.heat != days {
			t.Errorf("the heat counts %d days, want %d", s.page.layers.heat, days)
		}
	}
}

// While one picture is being painted no other begins; the last state asked for is painted after it.
func TestPlan_PaintsOneAtATimeAndTheLastWins(t *testing.T) {
	s := newTestStage(t)
	var jobs []func()
	scenes := 0
	plan, err := NewPlan(PlanParams{
		Post: func(f func()) { f() }, Apart: func(job func()) { jobs = append(jobs, job) }, Look: chart.Desk,
		Scene: func(board.Viewport, chart.Look) *chart.Scene { scenes++; return &chart.Scene{Town: s.ground.Town} },
	})
	if err != nil {
		t.Fatal(err)
	}
	plan.Resize(fyne.NewSize(400, 300))
	a, b, _ := extent(s.ground.Town)
	plan.Fit(a, b, 0, 0, 0, 0)
	for range 50 {
		plan.Pan(40, 0)
	}
	if len(jobs) != 1 || scenes != 1 {
		t.Fatalf("%d jobs of %d scenes run at once", len(jobs), scenes)
	}
	jobs[0]()
	if len(jobs) != 2 || plan.want.view != snap(plan.View(), 1) {
		t.Fatalf("%d jobs; what is painted next is not what is in view", len(jobs))
	}
	jobs[1]()
	plan.Pan(20, 10) // within the margin: the picture only moves
	if len(jobs) != 2 {
		t.Error("a small move paints anew")
	}
	if at := plan.picture.Position(); at.X > 0 || at.Y > 0 || at.X+plan.picture.Size().Width < 400 || at.Y+plan.picture.Size().Height < 300 {
		t.Errorf("the picture at %v of %v does not cover the view", at, plan.picture.Size())
	}
}

func TestPage_SaysWhenThereIsNoMap(t *testing.T) {
	s := newTestStage(t)
	s.ground = Ground{}
	s.shell.Go("nowhere")
	s.page.Hidden()
	s.page.Shown()
	s.pass()
	if got := s.page.floats.note.Text; s.page.unseen == 0 || s.page.index.Len() == 0 || got != "没有底图" {
		t.Errorf("without a map %d incidents stand at their own places and %d nowhere; it says %q", s.page.index.Len(), s.page.unseen, got)
	}
	s.desk.rows = nil
	s.desk.tell()
	s.pass()
	if s.page.floats.missing.Hidden || !s.page.floats.scale.Hidden {
		t.Error("an empty map without a ground does not say so")
	}
}

// A printed map is light in a dark window, twice as fine, with what its signs mean, and leaves the window as it is.
func TestPage_PrintsWhatIsInView(t *testing.T) {
	s := newStage(t, "zh-Hans", kit.Dark, fyne.NewSize(860, 560))
	before := s.page.plates
	var got Printed
	s.page.Print(func(p Printed, err error) {
		if err != nil {
			t.Fatal(err)
		}
		got = p
	})
	img, err := png.Decode(bytes.NewReader(got.Picture))
	if err != nil {
		t.Fatal(err)
	}
	size := s.page.plan.Size()
	if b := img.Bounds(); math.Abs(float64(b.Dx())-2*float64(size.Width)) > 2 || math.Abs(float64(b.Dy())-2*float64(size.Height)) > 2 {
		t.Errorf("the picture is %v for a map of %v", b, size)
	}
	if r, _, _, _ := img.At(3, 3).RGBA(); r < 0xC000 {
		t.Errorf("the ground is %x of ffff bright", r)
	}
	if len(got.Signs) != 5 || len(got.Shades) != 5 || got.ScalePart <= 0 || got.ScalePart > 0.5 || got.Counted != "图内 15 件" || got.Note == "" {
		t.Errorf("the sheet says %d signs, %d shades, a bar of %g, %q, %q", len(got.Signs), len(got.Shades), got.ScalePart, got.Counted, got.Note)
	}
	if len(s.page.plates) != len(before) || s.page.plates[0] != before[0] {
		t.Error("printing changes what is tapped")
	}
}
