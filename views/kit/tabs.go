package kit

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// tabPad is the room at each side of a tab's word.
const tabPad float32 = 12

// Tab is one word of a tab bar with how many rows stand behind it; a negative count shows none.
type Tab struct {
	Text  string
	Count int
}

// Tabs is a bar of tabs, 40 high, of which one is chosen. It scrolls sideways when there is no room.
type Tabs struct {
	widget.BaseWidget
	OnChosen func(int)
	chosen   int
	items    []*tabItem
	row      *fyne.Container
}

// NewTabs returns a bar; OnChosen is called for a tap, not for Choose.
func NewTabs(tabs []Tab, onChosen func(int)) *Tabs {
	t := &Tabs{OnChosen: onChosen, row: HBox(0)}
	t.ExtendBaseWidget(t)
	t.Set(tabs)
	return t
}

// Set changes words and counts; only what differs is drawn again.
func (t *Tabs) Set(tabs []Tab) {
	for len(t.items) < len(tabs) {
		i := len(t.items)
		item := &tabItem{}
		item.init(item, func() {
			t.Choose(i)
			if t.OnChosen != nil {
				t.OnChosen(i)
			}
		})
		item.chosen = i == t.chosen
		t.items = append(t.items, item)
		t.row.Add(item)
	}
	for _, extra := range t.items[len(tabs):] {
		t.row.Remove(extra)
	}
	t.items = t.items[:len(tabs)]
	for i, tab := range tabs {
		if t.items[i].tab != tab {
			t.items[i].tab = tab
			t.items[i].Refresh()
		}
	}
	t.row.Refresh()
}

// Choose marks a tab.
func (t *Tabs) Choose(i int) {
	t.chosen = i
	for j, item := range t.items {
		if item.chosen != (i == j) {
			item.chosen = i == j
			item.Refresh()
		}
	}
}

// Chosen returns the index of the marked tab.
func (t *Tabs) Chosen() int { return t.chosen }

// MinSize lets the bar shrink; it scrolls then.
func (t *Tabs) MinSize() fyne.Size {
	t.ExtendBaseWidget(t)
	return fyne.NewSize(100, TabHeight)
}

// FullWidth is the room all tabs need.
func (t *Tabs) FullWidth() float32 { return t.row.MinSize().Width }

// CreateRenderer puts the tabs into a scroller.
func (t *Tabs) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewHScroll(t.row))
}

type tabItem struct {
	focusable
	tab    Tab
	chosen bool
}

// CreateRenderer makes word, pill and underline.
func (i *tabItem) CreateRenderer() fyne.WidgetRenderer {
	r := &tabRenderer{i: i, text: canvas.NewText("", Color(T2)), pill: NewCountPill("", T2, Surface3), under: NewBox(Acc), ring: NewFrame(None, None, Radius)}
	r.objects = []fyne.CanvasObject{r.text, r.pill, r.under, r.ring}
	r.Refresh()
	return r
}

type tabRenderer struct {
	i           *tabItem
	text        *canvas.Text
	pill        *CountPill
	under, ring *Box
	objects     []fyne.CanvasObject
}

func (r *tabRenderer) count() string {
	if r.i.tab.Count < 0 {
		return ""
	}
	return strconv.Itoa(r.i.tab.Count)
}

// MinSize measures the bold word, so that choosing a tab moves nothing.
func (r *tabRenderer) MinSize() fyne.Size {
	w := Body.Heavy().Width(r.i.tab.Text) + 2*tabPad
	if r.count() != "" {
		w += 6 + r.pill.MinSize().Width
	}
	return fyne.NewSize(w, TabHeight)
}

func (r *tabRenderer) Layout(size fyne.Size) {
	w := PlaceText(r.text, tabPad, size.Height/2)
	if r.count() != "" {
		pill := r.pill.MinSize().Width
		place(r.pill, tabPad+w+6, size.Height/2-8, pill, 16)
		w += 6 + pill
	}
	place(r.under, tabPad, size.Height-2, w, 2)
	place(r.ring, 0, 2, size.Width, size.Height-4)
}

func (r *tabRenderer) Refresh() {
	ty, token := Body, T2
	if r.i.chosen {
		ty, token = Body.Heavy(), T1
	}
	SetText(r.text, r.i.tab.Text, Color(token), ty)
	r.pill.Set(r.count(), T2, Surface3)
	r.pill.Refresh()
	r.under.Hidden = !r.i.chosen
	r.under.Refresh()
	if r.i.focused {
		r.ring.Set(None, Acc, FocusWidth)
	} else {
		r.ring.Set(None, None, 0)
	}
	r.Layout(r.i.Size())
	canvas.Refresh(r.i)
}
func (r *tabRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *tabRenderer) Destroy()                     {}
