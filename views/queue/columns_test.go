package queue

import (
	"testing"

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
			w := Narrow(tt.window-kit.RailWidth, false)
			if w.Side != tt.side || (w.Of[ColElapsed] > 0) != tt.elapsed || w.ChannelIcon == tt.words || w.NoCo != tt.noCo {
				t.Errorf("at %g: pane %g, elapsed %g, icon %v, no co %v", tt.window, w.Side, w.Of[ColElapsed], w.ChannelIcon, w.NoCo)
			}
		})
	}
}

func TestNarrow_NumbersClocksAndStatesNeverShorten(t *testing.T) {
	for _, long := range []bool{false, true} {
		wide := Narrow(1920, long)
		for page := float32(500); page < 1920; page += 3 {
			w := Narrow(page, long)
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
