package views

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"zw110/views/kit"
)

// places are the pages of the rail in their order; the last two stand at the bottom.
func places() []string {
	return []string{"queue", "map", "lists", "assess", "handover", "wall", "settings"}
}

// bottomPlaces is how many of them stand at the bottom.
const bottomPlaces = 2

// rail is 72 wide, with one item for each page there is.
type rail struct {
	widget.BaseWidget
	env   *kit.Env
	goTo  func(string)
	items map[string]*railItem
	upper *fyne.Container
	lower *fyne.Container
}

func newRail(env *kit.Env, goTo func(string)) *rail {
	r := &rail{env: env, goTo: goTo, items: map[string]*railItem{}, upper: kit.VBox(4), lower: kit.VBox(4)}
	r.ExtendBaseWidget(r)
	return r
}

func (r *rail) add(p Page) {
	key := p.Key()
	if r.items[key] != nil {
		return
	}
	for _, known := range places() {
		if known == key {
			badged, _ := p.(Badged)
			r.put(key, newRailItem(r.env, key, badged, func() { r.goTo(key) }))
		}
	}
}

// put gives an item its place.
func (r *rail) put(key string, item *railItem) {
	r.items[key] = item
	r.upper.Objects, r.lower.Objects = nil, nil
	for i, known := range places() {
		item := r.items[known]
		switch {
		case item == nil:
		case i < len(places())-bottomPlaces:
			r.upper.Add(item)
		default:
			r.lower.Add(item)
		}
	}
	r.Refresh()
}

func (r *rail) choose(key string) {
	for k, item := range r.items {
		item.choose(k == key)
	}
}

func (r *rail) refresh() {
	for _, item := range r.items {
		item.badge()
	}
}

// CreateRenderer puts the mark of the program above and the items below each other.
func (r *rail) CreateRenderer() fyne.WidgetRenderer {
	mark := container.NewStack(kit.NewFrame(kit.Acc, kit.None, kit.RadiusCard), container.NewCenter(kit.NewLabel("110", kit.Small.Heavy(), kit.Onacc)))
	head := kit.Fixed(kit.Pad(mark, 8, 20, 8, 20), kit.RailWidth, kit.TopBarHeight)
	body := kit.Edges(kit.VBox(0, head, kit.Divider(), kit.Pad(r.upper, 8, 6, 8, 6)), kit.Pad(r.lower, 8, 6, 8, 6), nil, nil, nil)
	edge := kit.Edges(nil, nil, nil, kit.Divider(), nil)
	return widget.NewSimpleRenderer(container.NewStack(kit.NewBox(kit.Surface2), body, edge))
}

// railItem is 60 × 52: icon, word, number.
type railItem struct {
	widget.BaseWidget
	key     string
	page    Badged // nil: no number
	ground  *kit.Box
	icon    *kit.Icon
	word    *kit.Label
	pill    *kit.CountPill
	chosen  bool
	hovered bool
	act     func()
}

var (
	_ fyne.Tappable     = (*railItem)(nil)
	_ desktop.Hoverable = (*railItem)(nil)
)

func newRailItem(env *kit.Env, key string, badged Badged, act func()) *railItem {
	i := &railItem{
		key: key, page: badged, ground: kit.NewFrame(kit.None, kit.None, kit.RadiusCard), icon: kit.NewIcon(key, 20, kit.T2),
		word: kit.NewLabel(env.T("shell.page."+key), kit.Caption, kit.T2), pill: kit.NewCountPill("", kit.T2, kit.Surface3).Bold(), act: act,
	}
	i.word.Align = fyne.TextAlignCenter
	i.ground.Width = 0
	i.ExtendBaseWidget(i)
	i.badge()
	return i
}

func (i *railItem) choose(on bool) {
	i.chosen = on
	i.paint()
}

func (i *railItem) paint() {
	fill, token := kit.None, kit.T2
	switch {
	case i.chosen:
		fill, token = kit.Accbg, kit.Acc
	case i.hovered:
		fill = kit.Surface3
	}
	i.ground.Set(fill, kit.None, 0)
	i.icon.Set(i.key, token)
	i.word.Set(i.word.Text, token)
}

func (i *railItem) badge() {
	if i.page == nil {
		return
	}
	n, pressing := i.page.Badge()
	text, token, fill := "", kit.T2, kit.Surface3
	if n > 0 {
		text = strconv.Itoa(n)
	}
	if n > 999 {
		text = "999+"
	}
	if pressing {
		token, fill = kit.Surface, kit.Crit
	}
	i.pill.Set(text, token, fill)
	i.arrange(i.Size())
}

// Tapped goes to the page.
func (i *railItem) Tapped(*fyne.PointEvent) { i.act() }

// MouseIn begins the hover.
func (i *railItem) MouseIn(*desktop.MouseEvent) {
	i.hovered = true
	i.paint()
}

// MouseMoved does nothing.
func (i *railItem) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the hover.
func (i *railItem) MouseOut() {
	i.hovered = false
	i.paint()
}

// MinSize is 60 × 52.
func (i *railItem) MinSize() fyne.Size {
	i.ExtendBaseWidget(i)
	return fyne.NewSize(60, 52)
}

func (i *railItem) arrange(size fyne.Size) {
	i.ground.Resize(size)
	i.icon.Resize(fyne.NewSquareSize(20))
	i.icon.Move(fyne.NewPos((size.Width-20)/2, 7))
	i.word.Resize(fyne.NewSize(size.Width, 16))
	i.word.Move(fyne.NewPos(0, 29))
	w := i.pill.MinSize().Width
	i.pill.Resize(fyne.NewSize(w, 16))
	i.pill.Move(fyne.NewPos(size.Width-w-1, 1))
}

// CreateRenderer lays the item out by hand.
func (i *railItem) CreateRenderer() fyne.WidgetRenderer {
	return kit.NewRowRenderer(i.arrange, func() {
		i.paint()
		canvas.Refresh(i)
	}, []fyne.CanvasObject{i.ground, i.icon, i.word, i.pill})
}
