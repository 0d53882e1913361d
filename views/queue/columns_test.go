package queue

import (
	"math"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"zw110/views/kit"
)

func TestNarrow_GivesThingsUpInOrder(t *testing.T) {
	tests := []struct {
		name                 string
		window               float32
		side                 float32
		elapsed, words, noCo bool
	}{
		{"usual", 1440, sideWide, true, true, false},
		{"large", 1920, sideWide, true, true, false},
		{"a little less: elapsed goes", 1410, sideWide, false, true, false},
		{"channel becomes an icon", 1398, sideWide, false, false, false},
		{"offices' screens: pane narrows", 1366, sideNarrow, false, false, false},
		{"least window", 1280, sideNarrow, false, false, false},
		{"number of co-handlers goes", 1210, sideNarrow, false, false, true},
		{"pane becomes a page", 1180, 0, false, false, true},
		{"scale of 1.5 on 1440", 960, 0, false, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := Narrow(tt.window-kit.RailWidth, false, nil, false)
			if w.Side != tt.side || (w.Of[ColElapsed] > 0) != tt.elapsed || w.ChannelIcon == tt.words || w.NoCo != tt.noCo {
				t.Errorf("at %g: pane %g, elapsed %g, icon %v, no co %v", tt.window, w.Side, w.Of[ColElapsed], w.ChannelIcon, w.NoCo)
			}
		})
	}
}

func TestNarrow_NumbersClocksAndStatesNeverShorten(t *testing.T) {
	for _, long := range []bool{false, true} {
		wide := Narrow(1920, long, nil, false)
		for page := float32(500); page < 1920; page += 3 {
			w := Narrow(page, long, nil, false)
			for _, c := range []Column{ColUrgency, ColNo, ColClock, ColStage} {
				if w.Of[c] != wide.Of[c] {
					t.Fatalf("at %g %s is %g, not %g", page, c, w.Of[c], wide.Of[c])
				}
			}
			if w.Of[ColTitle] < leastTitle {
				t.Fatalf("at %g the title has %g", page, w.Of[ColTitle])
			}
			if w.List+w.Side != page {
				t.Fatalf("at %g list and pane are %g", page, w.List+w.Side)
			}
		}
	}
}

func TestNarrow_OwnWidthsNeverTakeTheTitlesRoom(t *testing.T) {
	huge, tiny := Own{}, Own{}
	for _, c := range adjustable() {
		huge[c], tiny[c] = 5000, -3
	}
	damaged := Own{ColVillage: float32(math.NaN()), "nonsense": 90}
	for _, long := range []bool{false, true} {
		for page := float32(500); page < 2600; page += 7 {
			plain := Narrow(page, long, nil, false)
			for _, own := range []Own{huge, tiny, damaged} {
				w := Narrow(page, long, own, false)
				if w.Of[ColTitle] < leastTitle {
					t.Fatalf("at %g the title has %g", page, w.Of[ColTitle])
				}
				if plain.title(page) >= leastTitle && w.title(page) < leastTitle-0.01 {
					t.Fatalf("at %g the columns take %g too much", page, leastTitle-w.title(page))
				}
				if w.Side != plain.Side || w.ChannelIcon != plain.ChannelIcon {
					t.Fatalf("at %g own widths change what is shown", page)
				}
				for _, c := range adjustable() {
					if plain.Of[c] > 0 && (c != ColChannel || !w.ChannelIcon) && w.Of[c] < min(plain.Of[c], leastOf(c, long)) {
						t.Fatalf("at %g %s has %g", page, c, w.Of[c])
					}
				}
			}
			if got := Narrow(page, long, damaged, false); got.Of[ColVillage] != plain.Of[ColVillage] {
				t.Fatalf("at %g a damaged width counts", page)
			}
		}
	}
}

func TestBorders_EveryColumnInViewHasOne(t *testing.T) {
	w := Narrow(1368, false, nil, false)
	var cols []Column
	for _, b := range w.borders() {
		cols = append(cols, b.col)
	}
	if !slices.Equal(cols, adjustable()) {
		t.Errorf("borders of %v", cols)
	}
	narrow := Narrow(900, false, nil, false)
	for _, b := range narrow.borders() {
		if b.col == ColElapsed || b.col == ColChannel {
			t.Errorf("a border of %s, which is hidden or an icon", b.col)
		}
	}
}

// borderOf returns where the border of a column stands.
func (s *stage) borderOf(c Column) float32 {
	s.t.Helper()
	for _, b := range s.page.widths.borders() {
		if b.col == c {
			return b.x - borderGap
		}
	}
	s.t.Fatalf("%s has no border", c)
	return 0
}

// drag moves a column's border as a mouse does.
func (s *stage) drag(c Column, by float32) {
	h := s.page.heads
	from := fyne.NewPos(s.borderOf(c), 14)
	h.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: from}, Button: desktop.MouseButtonPrimary})
	for _, part := range []float32{0.5, 1} {
		h.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: from.AddXY(part*by, 0)}})
	}
	h.DragEnd()
}

func TestColumns_BorderFollowsThePointerAndIsKept(t *testing.T) {
	room := newFakeRoom()
	s := newStage(t, stageParams{room: room, size: fyne.NewSize(1600, 900)})
	drags := map[Column]float32{ColClock: 30, ColVillage: -24, ColUnits: -20, ColElapsed: 5}
	for col, by := range drags {
		at, width := s.borderOf(col), s.page.widths.Of[col]
		s.drag(col, by)
		if got := s.borderOf(col); math.Abs(float64(got-at-by)) > 0.01 {
			t.Errorf("%s: border went from %g to %g", col, at, got)
		}
		if s.page.widths.Of[col] == width {
			t.Errorf("%s: the width stays %g", col, width)
		}
	}
	again := newStage(t, stageParams{room: room, size: fyne.NewSize(1600, 900)})
	for col := range drags {
		if got, want := again.page.widths.Of[col], s.page.widths.Of[col]; got != want {
			t.Errorf("%s: %g after a new start, not %g", col, got, want)
		}
	}
}

func TestColumns_DoubleClickFitsWhatIsInView(t *testing.T) {
	s := newStage(t, stageParams{room: newFakeRoom(), size: fyne.NewSize(1600, 900)})
	s.drag(ColVillage, -60)
	wide := s.page.widths.Of[ColVillage]
	s.page.heads.DoubleTapped(&fyne.PointEvent{Position: fyne.NewPos(s.borderOf(ColVillage), 14)})
	fits := s.page.widths.Of[ColVillage]
	if least := kit.Small.Width("双联新村"); fits < least || fits >= wide {
		t.Errorf("fitted to %g from %g; the longest name needs %g", fits, wide, least)
	}
}

func TestColumns_ByKeys(t *testing.T) {
	room := newFakeRoom()
	s := newStage(t, stageParams{room: room, size: fyne.NewSize(1600, 900)})
	before := s.page.widths.Of[ColClock]
	s.window.Canvas().OnTypedRune()('w')
	if s.shell.Dialog() == nil {
		t.Fatal("W opens nothing")
	}
	s.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyRight, fyne.KeyRight, fyne.KeyLeft)
	if got := s.page.widths.Of[ColClock]; got != before+widthStep {
		t.Errorf("clock column is %g, was %g", got, before)
	}
	s.key(fyne.KeyEscape)
	if s.shell.Dialog() != nil || len(room.local[ownName]) == 0 {
		t.Error("Esc leaves the dialog open or keeps nothing")
	}
	s.window.Canvas().OnTypedRune()('w')
	s.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyDelete)
	if got := s.page.widths.Of[ColClock]; got != before {
		t.Errorf("Delete leaves %g, not %g", got, before)
	}
}

func TestQueue_ComesBackWithItsViewOrTheFirst(t *testing.T) {
	room := newFakeRoom()
	s := newStage(t, stageParams{room: room})
	s.page.chooseView(3)
	if err := s.page.Remember(); err != nil {
		t.Fatal(err)
	}
	if again := newStage(t, stageParams{room: room}); again.page.view != 3 {
		t.Errorf("view %d after a new start", again.page.view)
	}
	for _, damaged := range []string{`"a view that is gone"`, `{"x":`} {
		room.local[viewName], room.local[ownName] = []byte(damaged), []byte(damaged)
		if again := newStage(t, stageParams{room: room}); again.page.view != 0 || len(again.page.own) != 0 {
			t.Errorf("%s: view %d, widths %v", damaged, again.page.view, again.page.own)
		}
	}
}
