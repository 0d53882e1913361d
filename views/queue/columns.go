package queue

import "zw110/views/kit"

// Column names a column of the queue; its value is the end of its catalogue key.
type Column string

// The columns in their order.
const (
	ColUnsent  Column = "unsent"
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
	unsentWidth float32 = 40
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
	return []Column{ColUnsent, ColUrgency, ColNo, ColClock, ColTitle, ColVillage, ColChannel, ColUnits, ColStage, ColElapsed}
}

// Own are the widths a person gave to columns, in Fyne units. What stands in it may be damaged: it is read through wanted alone.
type Own map[Column]float32

// adjustable are the columns with a width of their own; the title takes what is left.
func adjustable() []Column {
	return []Column{ColUrgency, ColNo, ColClock, ColVillage, ColChannel, ColUnits, ColStage, ColElapsed}
}

// mostColumn is how wide a column may be made.
const mostColumn float32 = 400

// usualOf returns the widths of the design.
func usualOf(longWords bool) map[Column]float32 {
	of := map[Column]float32{ColUrgency: 64, ColNo: 80, ColClock: 144, ColVillage: 72, ColChannel: 84, ColUnits: 132, ColStage: 72, ColElapsed: 56}
	if longWords {
		of[ColUrgency], of[ColClock], of[ColStage] = 76, clockWide, 92
	}
	return of
}

// leastOf returns the smallest width of a column. Numbers, clocks and states never shorten.
func leastOf(c Column, longWords bool) float32 {
	switch c {
	case ColVillage, ColChannel, ColElapsed:
		return 48
	case ColUnits:
		return 72
	}
	return usualOf(longWords)[c]
}

// wanted returns the width a person gave to a column, within its bounds; false where there is none.
func (o Own) wanted(c Column, longWords bool) (float32, bool) {
	w, ok := o[c]
	if !ok || w != w {
		return 0, false
	}
	return max(leastOf(c, longWords), min(w, mostColumn)), true
}

// Narrow divides the width of the page. Things go in a fixed order: the elapsed time, the words of the channel, 60 units of the pane, the
// number of co-handlers, then the pane itself. The first three go together a little below the usual 1440, so that a title keeps room
// on screens of 1366. With unsent there is a column in front that says what the county lacks. What goes doesn't depend on a person's own widths; those share what room the title can spare.
func Narrow(page float32, longWords bool, own Own, unsent bool) Widths {
	w := Widths{Side: sideWide, Of: usualOf(longWords)}
	if unsent {
		w.Of[ColUnsent] = unsentWidth
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
	w.adjust(page, longWords, own)
	w.List = page - w.Side
	w.Of[ColTitle] = max(leastTitle, w.title(page))
	return w
}

// adjust gives the columns in view the widths a person chose. Where they leave the title too little, all that is wider than usual gives
// way in proportion.
func (w Widths) adjust(page float32, longWords bool, own Own) {
	wider := map[Column]float32{}
	var more float32
	for _, c := range adjustable() {
		want, chosen := own.wanted(c, longWords)
		if !chosen || w.Of[c] == 0 || c == ColChannel && w.ChannelIcon {
			continue
		}
		if by := want - w.Of[c]; by > 0 {
			wider[c] = by
			more += by
			continue
		}
		w.Of[c] = want
	}
	share := float32(1)
	if room := max(0, w.title(page)-leastTitle); more > room {
		share = room / more
	}
	for c, by := range wider {
		w.Of[c] += by * share
	}
}

// border is the line between two columns that a person may move: where it stands in the row, whose width it sets, and whether moving it to the
// right makes that column wider (+1) or narrower (-1). The title takes up the difference, so the border stays under the pointer.
type border struct {
	x    float32
	col  Column
	sign float32
}

// borders returns the borders of the columns in view, from left to right.
func (w Widths) borders() []border {
	var out []border
	x, sign := padLeft, float32(1)
	for _, c := range order() {
		width := w.Of[c]
		switch {
		case c == ColTitle:
			sign = -1
		case width == 0 || c == ColUnsent || c == ColChannel && w.ChannelIcon:
		case sign > 0:
			out = append(out, border{x + width, c, sign})
		default:
			out = append(out, border{x, c, sign})
		}
		x += width
	}
	return out
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
