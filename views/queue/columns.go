package queue

import "zw110/views/kit"

// Column names a column of the queue; its value is the end of its catalogue key.
type Column string

// The columns in their order.
const (
	ColUrgency Column = "urgency"
	ColNo      Column = "no"
	ColClock   Column = "clock"
	ColTitle   Column = "title"
	ColVillage Column = "village"
	ColChannel Column = "channel"
	ColUnits   Column = "units"
	ColStage   Column = "stage"
	ColElapsed Column = "elapsed"
)

// The widths of the queue in Fyne units.
const (
	padLeft     float32 = 16
	padRight    float32 = 12
	leastTitle  float32 = 192
	sideWide    float32 = 400
	sideNarrow  float32 = 340
	iconChannel float32 = 28
	unitsNoCo   float32 = 108
	clockWide   float32 = 168
)

// Widths says how the page is divided at a width.
type Widths struct {
	// Of is each column's width; 0 hides it.
	Of map[Column]float32
	// Side is the width of the pane; 0: it is a page of its own, opened by Enter.
	Side float32
	// ChannelIcon shows the channel as icon alone; NoCo leaves the number of co-handlers out.
	ChannelIcon, NoCo bool
	// List is what is left for the list.
	List float32
}

func order() []Column {
	return []Column{ColUrgency, ColNo, ColClock, ColTitle, ColVillage, ColChannel, ColUnits, ColStage, ColElapsed}
}

// Narrow divides the width of the page. Things go in a fixed order: the elapsed time, the words of the channel, 60 units of the pane, the
// number of co-handlers, then the pane itself. The first three go together a little below the usual 1440, so that a title keeps room
// on screens of 1366.
func Narrow(page float32, longWords bool) Widths {
	w := Widths{Side: sideWide, Of: map[Column]float32{ColUrgency: 64, ColNo: 80, ColClock: 144, ColVillage: 72, ColChannel: 84, ColUnits: 132, ColStage: 72, ColElapsed: 56}}
	if longWords {
		w.Of[ColUrgency], w.Of[ColClock], w.Of[ColStage] = 76, clockWide, 92
	}
	usual := 1440 - kit.RailWidth
	steps := []struct {
		below float32 // the step is taken below this width, besides when the title has too little room
		do    func()
	}{
		{usual - 24, func() { w.Of[ColElapsed] = 0 }},
		{usual - 36, func() { w.ChannelIcon, w.Of[ColChannel] = true, iconChannel }},
		{usual - 48, func() { w.Side = sideNarrow }},
		{0, func() { w.NoCo, w.Of[ColUnits] = true, unitsNoCo }},
		{0, func() { w.Side = 0 }},
	}
	for _, s := range steps {
		if page < s.below || w.title(page) < leastTitle {
			s.do()
		}
	}
	w.List = page - w.Side
	w.Of[ColTitle] = max(leastTitle, w.title(page))
	return w
}

// title returns what is left for the title.
func (w Widths) title(page float32) float32 {
	left := page - w.Side - padLeft - padRight
	for c, width := range w.Of {
		if c != ColTitle {
			left -= width
		}
	}
	return left
}
