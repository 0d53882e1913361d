package menu

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"zw110/views/kit"
)

const (
	menuWidth  float32 = 640
	menuTop    float32 = 128
	rowHeight  float32 = 40
	headHeight float32 = 28
	inputSpace float32 = 56
	footSpace  float32 = 40
)

// Memory keeps the recent choices between two starts.
type Memory interface {
	Local(name string, into any) error
	SetLocal(name string, value any) error
}

// memoryName is where the recent choices are kept.
const memoryName = "menu.recent"

// Menu is the command menu while it is open.
type Menu struct {
	env    *kit.Env
	source Source
	memory Memory
	recent []string
	found  []Entry
	cursor int
	query  *kit.Entry
	rows   *fyne.Container
	empty  *kit.Para
	count  *kit.Label
	dialog *kit.Dialog
}

// Open shows the menu. Choosing an entry closes it first and then runs the entry, so that what it opens has the keys.
func Open(env *kit.Env, source Source, memory Memory) *Menu {
	m := &Menu{env: env, source: source, memory: memory, rows: kit.VBox(0), empty: kit.NewPara("", kit.Body, kit.T3), count: kit.NewLabel("", kit.Small, kit.T3)}
	if err := memory.Local(memoryName, &m.recent); err != nil {
		m.recent = nil // never kept or not readable: the menu starts in its own order
	}
	m.query = kit.NewPlainEntry(env.T("menu.hint"))
	m.query.OnChanged = func(string) { m.refresh() }
	m.query.OnKey = m.key
	esc := kit.HBox(0, kit.NewKeyCap("Esc"))
	head := kit.Edges(nil, nil, kit.Pad(kit.NewIcon("search", 16, kit.T3), 8, 10, 8, 0), kit.Pad(esc, 7, 0, 7, 10), m.query)
	foot := kit.HBox(12)
	for _, h := range m.hints() {
		foot.Add(h.Bar())
	}
	foot.Add(kit.Spacer())
	foot.Add(m.count)
	body := kit.VBox(0,
		kit.Fixed(kit.Pad(head, 12, 16, 12, 16), 0, inputSpace), kit.Divider(), m.rows,
		kit.Divider(), kit.Fixed(kit.Pad(foot, 0, 16, 0, 16), 0, footSpace))
	m.dialog = kit.NewDialog(env, kit.DialogParams{Name: "menu", Body: body, Width: menuWidth, Top: menuTop, Bare: true, Focus: m.query, OnKey: m.press})
	m.refresh()
	m.dialog.Open()
	return m
}

func (m *Menu) hints() []kit.Hint {
	return []kit.Hint{
		{Cap: "↑↓", Text: m.env.T("menu.choose")},
		{Cap: "Enter", Text: m.env.T("menu.run")},
		{Cap: ">", Text: m.env.T("menu.only_actions")},
		{Cap: "#", Text: m.env.T("menu.only_numbers")},
		{Cap: "@", Text: m.env.T("menu.only_units")},
	}
}

// key takes the keys of the list below from the field.
func (m *Menu) key(k fyne.KeyName) bool {
	switch k {
	case fyne.KeyUp:
		m.move(-1)
	case fyne.KeyDown, fyne.KeyTab:
		m.move(1)
	case fyne.KeyReturn, fyne.KeyEnter:
		m.run(m.cursor)
	default:
		return false
	}
	return true
}

func (m *Menu) press(p kit.Press) bool {
	if p.Command == kit.CmdMenu {
		m.dialog.Close()
		return true
	}
	return false
}

func (m *Menu) move(step int) {
	if n := len(m.found); n > 0 {
		m.cursor = (m.cursor + step + n) % n
		m.paint()
	}
}

// refresh finds the lines anew.
func (m *Menu) refresh() {
	m.found = m.source.Find(m.query.Text(), m.recent)
	m.cursor = 0
	m.count.Set(m.env.T("menu.count", len(m.found)), kit.T3)
	m.paint()
	if m.dialog != nil {
		m.dialog.Refresh()
	}
}

func (m *Menu) paint() {
	m.rows.Objects = nil
	if len(m.found) == 0 {
		m.empty.Set(m.env.T("menu.none", m.query.Text()), kit.T3)
		m.rows.Add(kit.Pad(m.empty, 16, 16, 16, 16))
	}
	last := Group("")
	for i, e := range m.found {
		if e.Group != last {
			last = e.Group
			m.rows.Add(kit.Fixed(kit.Pad(kit.NewLabel(m.heading(e.Group), kit.Caption, kit.T3), 8, 16, 4, 16), 0, headHeight))
		}
		m.rows.Add(newRow(e, i == m.cursor, func() { m.run(i) }))
	}
	m.rows.Refresh()
}

func (m *Menu) heading(g Group) string {
	if g == Actions && m.source.For != "" {
		return m.env.T("menu.actions_for", m.source.For)
	}
	return m.env.T("menu." + string(g))
}

// run closes the menu and does what the entry is for.
func (m *Menu) run(i int) {
	if i < 0 || i >= len(m.found) {
		return
	}
	e := m.found[i]
	m.recent = Remember(m.recent, e.Key())
	if err := m.memory.SetLocal(memoryName, m.recent); err != nil {
		m.env.Host.Say(kit.Message{Text: m.env.T("menu.not_kept"), Bad: true})
	}
	m.dialog.Close()
	e.Run()
}

// row is one line of the menu.
type row struct {
	kit.RowBase
	entry   Entry
	objects []fyne.CanvasObject
	icon    *kit.Icon
	name    []*canvas.Text
	note    *kit.Label
	caps    *fyne.Container
}

func newRow(e Entry, chosen bool, run func()) *row {
	token := kit.T2
	if chosen {
		token = kit.Acc
	}
	r := &row{entry: e, icon: kit.NewIcon(e.Icon, 16, token), note: kit.NewCutLabel(e.Note, kit.Small, kit.T3), caps: kit.HBox(6)}
	for _, c := range e.Caps {
		r.caps.Add(kit.NewKeyCap(c))
	}
	r.InitRow(r)
	r.Selected = chosen
	r.OnTap = run
	r.PaintGround()
	return r
}

// CreateRenderer draws the icon, the name with its matched runes, the note and the keys.
func (r *row) CreateRenderer() fyne.WidgetRenderer {
	ground := r.Ground()
	r.objects = []fyne.CanvasObject{ground[0], ground[2], r.icon} // fill and bar; entries have no line between them
	for _, part := range parts(r.entry) {
		token, ty := kit.T1, kit.Body
		if part.hit {
			token, ty = kit.Acc, kit.Body.Heavy()
		}
		t := ty.NewText(part.text, kit.Color(token))
		r.name = append(r.name, t)
		r.objects = append(r.objects, t)
	}
	r.objects = append(r.objects, r.note, r.caps)
	return &rowRenderer{r}
}

type part struct {
	text string
	hit  bool
}

// parts cuts a name where its matches begin and end.
func parts(e Entry) []part {
	runes := []rune(e.Name)
	var out []part
	at := 0
	for _, s := range e.Spans {
		from, to := max(at, min(s[0], len(runes))), min(s[1], len(runes))
		if to <= from {
			continue
		}
		if from > at {
			out = append(out, part{string(runes[at:from]), false})
		}
		out = append(out, part{string(runes[from:to]), true})
		at = to
	}
	if at < len(runes) {
		out = append(out, part{string(runes[at:]), false})
	}
	return out
}

type rowRenderer struct{ r *row }

func (d *rowRenderer) MinSize() fyne.Size { return fyne.NewSize(0, rowHeight) }

func (d *rowRenderer) Layout(size fyne.Size) {
	r := d.r
	r.PlaceGround(size)
	r.icon.Resize(fyne.NewSquareSize(16))
	r.icon.Move(fyne.NewPos(16, (size.Height-16)/2))
	x := float32(44)
	for _, t := range r.name {
		x += kit.PlaceText(t, x, size.Height/2)
	}
	right := size.Width - 16
	if len(r.caps.Objects) > 0 {
		w := r.caps.MinSize()
		right -= w.Width
		r.caps.Resize(w)
		r.caps.Move(fyne.NewPos(right, (size.Height-w.Height)/2))
		right -= 12
	}
	r.note.Resize(fyne.NewSize(max(0, right-x-12), kit.Small.Line))
	r.note.Move(fyne.NewPos(x+12, (size.Height-kit.Small.Line)/2))
}

func (d *rowRenderer) Refresh() {
	d.r.PaintGround()
	d.Layout(d.r.Size())
}
func (d *rowRenderer) Objects() []fyne.CanvasObject { return d.r.objects }
func (d *rowRenderer) Destroy()                     {}
