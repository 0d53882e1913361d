package kit

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"zw110/data/board"
)

// PickItem is one choice of a picker.
type PickItem struct {
	Key  string // what the caller gets back
	Text string
	Hint string // in t3 behind the text
}

// PickerParams says what is to be picked.
type PickerParams struct {
	Items  []PickItem
	Chosen []string // keys ticked at first
	// Multi lets several be ticked with Space; Enter ends. Without it Enter picks one.
	Multi bool
	Hint  string // placeholder of the search field
	Width float32
	// OnPicked gets the keys in the order of Items; not called when the picker is left with Esc.
	OnPicked func(keys []string)
}

// pickerRows is how many choices are in view.
const pickerRows = 9

// picker is an open list of choices with a search field above.
type picker struct {
	env    *Env
	p      PickerParams
	found  []PickItem
	ticked map[string]bool
	cursor int
	entry  *Entry
	list   *ScrollList
	dialog *Dialog
}

// OpenPicker shows the choices below an object. They are found by characters, full pinyin or initials.
func OpenPicker(env *Env, below fyne.CanvasObject, params PickerParams) {
	k := &picker{env: env, p: params, ticked: map[string]bool{}, entry: NewSearchEntry(params.Hint, "")}
	for _, c := range params.Chosen {
		k.ticked[c] = true
	}
	k.found = params.Items
	for i, item := range k.found {
		if k.ticked[item.Key] {
			k.cursor = i
			break
		}
	}
	k.list = NewScrollList(EvenRows{len(k.found), RowHeight}, func() fyne.CanvasObject { return newPickRow(k) }, k.fill)
	k.entry.OnChanged = k.search
	k.entry.OnKey = k.key
	k.entry.OnRune = func(r rune) bool {
		if r != ' ' || !params.Multi {
			return false
		}
		k.tick()
		return true
	}
	width := max(params.Width, 240)
	rows := min(pickerRows, max(1, len(params.Items)))
	body := Edges(VBox(0, Pad(k.entry, 8, 8, 8, 8), Divider()), nil, nil, nil, Fixed(k.list, width, float32(rows)*RowHeight))
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(below).AddXY(0, below.Size().Height+4)
	k.dialog = NewDialog(env, DialogParams{Name: "picker", Body: body, Width: width, Height: 49 + float32(rows)*RowHeight + 2, Bare: true, At: &at, Focus: k.entry, OnConfirm: k.done})
	k.dialog.Open()
	k.list.ScrollTo(k.cursor, 0)
}

func (k *picker) key(name fyne.KeyName) bool {
	switch name {
	case fyne.KeyUp:
		k.move(-1)
	case fyne.KeyDown:
		k.move(1)
	case fyne.KeyPageUp:
		k.move(-pickerRows)
	case fyne.KeyPageDown:
		k.move(pickerRows)
	case fyne.KeyReturn, fyne.KeyEnter:
		k.done()
	default:
		return false
	}
	return true
}

func (k *picker) move(by int) {
	if len(k.found) == 0 {
		return
	}
	k.cursor = min(max(0, k.cursor+by), len(k.found)-1)
	k.list.ScrollTo(k.cursor, 0)
	k.list.Update()
}

func (k *picker) tick() {
	if k.cursor < len(k.found) {
		key := k.found[k.cursor].Key
		k.ticked[key] = !k.ticked[key]
		k.list.Update()
	}
}

// done hands the ticked keys back; with none ticked, or when only one may be, it is the one under the cursor.
func (k *picker) done() {
	var keys []string
	if k.p.Multi {
		for _, item := range k.p.Items {
			if k.ticked[item.Key] {
				keys = append(keys, item.Key)
			}
		}
	}
	if len(keys) == 0 && len(k.p.Chosen) == 0 || !k.p.Multi {
		if k.cursor >= len(k.found) {
			return
		}
		keys = []string{k.found[k.cursor].Key}
	}
	k.dialog.Close()
	k.p.OnPicked(keys)
}

func (k *picker) search(words string) {
	k.found = k.found[:0:0]
	for _, item := range k.p.Items {
		if Matches(k.env, item.Text+" "+item.Hint, words) {
			k.found = append(k.found, item)
		}
	}
	k.cursor = 0
	k.list.SetRows(EvenRows{len(k.found), RowHeight})
}

// Matches reports whether every word stands in a text, as characters, pinyin initials or full pinyin.
func Matches(_ *Env, text, words string) bool {
	_, ok := board.Match(words, text)
	return ok
}

func (k *picker) fill(i int, o fyne.CanvasObject) {
	row, ok := o.(*pickRow)
	if !ok || i >= len(k.found) {
		return
	}
	row.show(k.found[i], i == k.cursor, k.p.Multi, k.ticked[k.found[i].Key])
	row.OnTap = func() {
		k.cursor = i
		if k.p.Multi {
			k.tick()
			return
		}
		k.done()
	}
}

// pickRow is one choice.
type pickRow struct {
	RowBase
	tick       *Check
	text, hint *canvas.Text
	multi      bool
}

func newPickRow(*picker) *pickRow {
	r := &pickRow{tick: NewCheck("", false, nil), text: Body.NewText("", Color(T1)), hint: Caption.NewText("", Color(T3))}
	r.InitRow(r)
	return r
}

func (r *pickRow) show(item PickItem, cursor, multi, ticked bool) {
	r.Selected, r.multi = cursor, multi
	r.tick.Hidden = !multi
	r.tick.Set(ticked)
	ty := Body
	ty.Bold = cursor
	SetText(r.text, item.Text, Color(T1), ty)
	SetText(r.hint, item.Hint, Color(T3), Caption)
	r.PaintGround()
	r.place(r.Size())
}

func (r *pickRow) place(size fyne.Size) {
	r.PlaceGround(size)
	x := float32(12)
	if r.multi {
		place(r.tick, 10, size.Height/2-12, 20, 24)
		x = 36
	}
	x += PlaceText(r.text, x, size.Height/2)
	PlaceText(r.hint, x+8, size.Height/2)
}

// CreateRenderer draws ground, tick and texts.
func (r *pickRow) CreateRenderer() fyne.WidgetRenderer {
	return &rowRenderer{layout: r.place, paint: func() { r.PaintGround() }, objects: append(r.Ground(), r.tick, r.text, r.hint)}
}

// rowRenderer is the renderer of a hand-placed row.
type rowRenderer struct {
	layout  func(fyne.Size)
	paint   func()
	objects []fyne.CanvasObject
}

// NewRowRenderer returns a renderer for a row that places its objects in layout and colours them in paint.
func NewRowRenderer(layout func(fyne.Size), paint func(), objects []fyne.CanvasObject) fyne.WidgetRenderer {
	return &rowRenderer{layout, paint, objects}
}

func (r *rowRenderer) Layout(size fyne.Size)        { r.layout(size) }
func (r *rowRenderer) MinSize() fyne.Size           { return fyne.NewSize(0, 0) }
func (r *rowRenderer) Refresh()                     { r.paint() }
func (r *rowRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *rowRenderer) Destroy()                     {}

// Select is a field whose value comes from a list: it opens a picker on Enter, Space, ↓ or a tap.
type Select struct {
	focusable
	env      *Env
	p        PickerParams
	chosen   []string
	hint     string
	OnPicked func(keys []string)
}

// NewSelect returns a field; params.OnPicked is ignored in favour of the field's own.
func NewSelect(env *Env, params PickerParams, onPicked func(keys []string)) *Select {
	s := &Select{env: env, p: params, chosen: params.Chosen, hint: params.Hint, OnPicked: onPicked}
	s.init(s, s.open)
	return s
}

func (s *Select) open() {
	p := s.p
	p.Chosen, p.Width = s.chosen, max(p.Width, s.Size().Width)
	p.OnPicked = func(keys []string) {
		s.SetChosen(keys)
		s.env.Host.Canvas().Focus(s)
		if s.OnPicked != nil {
			s.OnPicked(keys)
		}
	}
	OpenPicker(s.env, s, p)
}

// TypedKey opens on ↓ as well.
func (s *Select) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyDown {
		s.fire()
		return
	}
	s.focusable.TypedKey(e)
}

// SetItems changes the choices.
func (s *Select) SetItems(items []PickItem) { s.p.Items = items }

// SetChosen changes the value without telling anyone.
func (s *Select) SetChosen(keys []string) {
	s.chosen = keys
	s.Refresh()
}

// Chosen returns the chosen keys.
func (s *Select) Chosen() []string { return s.chosen }

func (s *Select) words() string {
	var texts []string
	for _, item := range s.p.Items {
		for _, k := range s.chosen {
			if item.Key == k {
				texts = append(texts, item.Text)
			}
		}
	}
	return strings.Join(texts, "、")
}

// CreateRenderer makes frame, words and mark.
func (s *Select) CreateRenderer() fyne.WidgetRenderer {
	r := &selectRenderer{s: s, frame: NewFrame(Surface, Line3, Radius), text: NewCutLabel("", Body, T1), mark: NewIcon("down", 12, T2)}
	r.objects = []fyne.CanvasObject{r.frame, r.text, r.mark}
	r.Refresh()
	return r
}

type selectRenderer struct {
	s       *Select
	frame   *Box
	text    *Label
	mark    *Icon
	objects []fyne.CanvasObject
}

func (r *selectRenderer) MinSize() fyne.Size { return fyne.NewSize(80, InputHeight) }
func (r *selectRenderer) Layout(size fyne.Size) {
	place(r.frame, 0, 0, size.Width, size.Height)
	place(r.text, 10, 0, size.Width-10-26, size.Height)
	place(r.mark, size.Width-22, size.Height/2-6, 12, 12)
}

func (r *selectRenderer) Refresh() {
	words, token := r.s.words(), T1
	if words == "" {
		words, token = r.s.hint, T3
	}
	r.text.Set(words, token)
	switch {
	case r.s.Disabled():
		r.frame.Set(Surface3, Line2, 1)
	case r.s.focused:
		r.frame.Set(Surface, Acc, FocusWidth)
	default:
		r.frame.Set(Surface, Line3, 1)
	}
	canvas.Refresh(r.s)
}
func (r *selectRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *selectRenderer) Destroy()                     {}
