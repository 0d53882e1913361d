package chooser

import (
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/views/kit"
)

const (
	width     float32 = 760
	height    float32 = 600
	rowHeight float32 = 36
	pageRows          = 10
)

// Memory keeps the folder for the next time.
type Memory interface {
	Local(name string, into any) error
	SetLocal(name string, value any) error
}

// memoryName is where the folder is kept.
const memoryName = "files.folder"

// Params says what is chosen.
type Params struct {
	Env    *kit.Env
	Memory Memory
	// Apart runs a job off the UI goroutine; folders of a network or of a slow stick take their time.
	Apart func(job func())
	// Words tells people what went wrong.
	Words func(error) string
	// Home is where a desk that has chosen nothing yet begins.
	Home string
	// Save asks for a file to write, with Name to begin with; otherwise for one that is there.
	Save bool
	Name string
	// Keeps says that who writes the file never replaces one that is there but takes the next free name.
	Keeps bool
	// Chosen gets the path. Unless Keeps, a file that is there is named only after the person said that it may be replaced.
	Chosen func(path string)
}

// Chooser is the dialog in which a person chooses a file.
type Chooser struct {
	p      Params
	folder string
	all    []Item
	shown  []Item
	cursor int    // -1: none, the name counts
	agreed string // path of the file that may be replaced
	asked  int    // counts readings, so that only the last one is shown

	entry  *kit.Entry
	path   *kit.Para
	note   *kit.Para
	empty  *kit.Label
	places *fyne.Container
	list   *kit.ScrollList
	dialog *kit.Dialog
}

// Open shows the dialog at the folder of the last time.
func Open(p Params) *Chooser {
	t := p.Env.T
	c := &Chooser{
		p: p, path: kit.NewPara("", kit.Small, kit.T2), note: kit.NewPara("", kit.Small, kit.Crit), empty: kit.NewLabel(t("files.empty"), kit.Body, kit.T3),
		places: kit.VBox(0), cursor: -1,
	}
	c.note.Hide()
	c.empty.Hide()
	c.list = kit.NewScrollList(kit.EvenRows{N: 0, Height: rowHeight}, func() fyne.CanvasObject { return newItemRow() }, c.fill)
	title, do, icon := "files.open", "files.open_do", "check"
	hints := []kit.Hint{{Cap: "↑↓", Text: t("files.move")}, {Cap: "Enter", Text: t("files.enter")}}
	top := kit.VBox(8, c.places, c.path)
	var bottom fyne.CanvasObject
	if p.Save {
		title, do, icon = "files.save", "files.save_do", "export"
		c.entry = kit.NewEntry(t("files.name"))
		bottom = kit.VBox(0, kit.Divider(), kit.Pad(kit.VBox(4, c.note, kit.Field(t("files.name"), c.entry)), 8, 24, 12, 24))
	} else {
		c.entry = kit.NewSearchEntry(t("files.filter"), "")
		hints = append(hints, kit.Hint{Cap: "Backspace", Text: t("files.up")})
		top.Add(c.entry)
		top.Add(c.note)
	}
	c.entry.SetText(p.Name)
	c.entry.OnChanged = func(string) { c.typed() }
	c.entry.OnKey = c.key
	body := kit.Edges(kit.VBox(0, kit.Pad(top, 12, 24, 8, 24), kit.Divider()), bottom, nil, nil, container.NewStack(c.list, container.NewCenter(c.empty)))
	c.dialog = kit.NewDialog(p.Env, kit.DialogParams{
		Name: "files", Title: t(title), Width: width, Height: height, Body: body, Focus: c.entry, OnKey: c.press, OnConfirm: c.take, Hints: hints,
		Actions: []fyne.CanvasObject{
			kit.NewButton(kit.Secondary, "", t("files.cancel"), "Esc", func() { c.dialog.Close() }),
			kit.NewButton(kit.Primary, icon, t(do), p.Env.Keys.Cap(kit.CmdConfirm), c.take),
		},
	})
	c.dialog.Open()
	c.begin()
	return c
}

// begin finds the places and the folder of the last time.
func (c *Chooser) begin() {
	c.p.Apart(func() {
		var folder string
		if err := c.p.Memory.Local(memoryName, &folder); err != nil {
			folder = "" // never kept or not readable
		}
		if folder = nearest(folder); folder == "" {
			folder = nearest(c.p.Home)
		}
		places := Places(c.p.Home)
		c.p.Env.Post(func() {
			chips := make([]fyne.CanvasObject, len(places))
			for i, at := range places {
				name := at.Name
				if at.Key != "" {
					name = c.p.Env.T(at.Key)
				}
				chips[i] = kit.NewChoiceChip(name, func() { c.goTo(at.Path) })
			}
			c.places.Add(kit.NewFlow(8, chips...))
			c.dialog.Refresh()
			c.goTo(folder)
		})
	})
}

// goTo shows another folder. One that can't be read leaves the old one in view and says why.
func (c *Chooser) goTo(folder string) {
	c.asked++
	asked := c.asked
	c.p.Apart(func() {
		items, err := Read(folder)
		c.p.Env.Post(func() {
			if asked != c.asked {
				return
			}
			if err != nil {
				c.tell(c.p.Words(err))
				return
			}
			c.folder, c.all = folder, items
			c.path.Set(folder, kit.T2)
			c.tell("")
			c.list.SetOffset(0)
			if !c.p.Save {
				c.entry.SetText("")
			}
			c.typed()
			c.dialog.Refresh()
		})
	})
}

func (c *Chooser) tell(text string) {
	c.note.Set(text, kit.Crit)
	if c.note.Hidden = text == ""; !c.note.Hidden {
		c.note.Show()
	}
	c.dialog.Refresh()
}

// typed finds the items again. With Save the field is the name and hides nothing.
func (c *Chooser) typed() {
	words := c.entry.Text()
	c.agreed = ""
	c.shown = c.shown[:0:0]
	for _, item := range c.all {
		switch {
		case c.p.Save && item.hidden(), !c.p.Save && item.hidden() && !strings.HasPrefix(words, "."):
		case c.p.Save || item.Name == Up && words == "" || item.Name != Up && (strings.HasPrefix(item.Name, words) || kit.Matches(c.p.Env, item.Name, words)):
			c.shown = append(c.shown, item)
		}
	}
	c.cursor = -1
	if !c.p.Save && len(c.shown) > 0 {
		c.cursor = 0
		if c.shown[0].Name == Up && len(c.shown) > 1 {
			c.cursor = 1
		}
	}
	c.empty.Hidden = len(c.shown) > 0
	c.list.SetRows(kit.EvenRows{N: len(c.shown), Height: rowHeight})
	if !c.note.Hidden {
		c.tell("")
	}
}

func (c *Chooser) key(name fyne.KeyName) bool {
	switch name {
	case fyne.KeyUp:
		c.move(-1)
	case fyne.KeyDown:
		c.move(1)
	case fyne.KeyPageUp:
		c.move(-pageRows)
	case fyne.KeyPageDown:
		c.move(pageRows)
	case fyne.KeyReturn, fyne.KeyEnter:
		c.enter()
	case fyne.KeyBackspace:
		if c.entry.Text() != "" {
			return false
		}
		c.up()
	default:
		return false
	}
	return true
}

// press takes the keys of the list while the caret is elsewhere.
func (c *Chooser) press(p kit.Press) bool {
	keys := map[kit.Command]fyne.KeyName{
		kit.CmdUp: fyne.KeyUp, kit.CmdDown: fyne.KeyDown, kit.CmdPageUp: fyne.KeyPageUp, kit.CmdPageDown: fyne.KeyPageDown, kit.CmdOpen: fyne.KeyReturn,
	}
	name, ok := keys[p.Command]
	return ok && c.key(name)
}

func (c *Chooser) up() {
	if c.folder != "" {
		c.goTo(filepath.Dir(c.folder))
	}
}

func (c *Chooser) move(by int) {
	if len(c.shown) == 0 {
		return
	}
	c.cursor = min(max(0, c.cursor+by), len(c.shown)-1)
	c.list.ScrollTo(c.cursor, 0)
	c.list.Update()
}

// enter opens the folder under the cursor, else takes the file.
func (c *Chooser) enter() {
	if path := c.entry.Text(); filepath.IsAbs(path) || c.cursor < 0 || c.cursor >= len(c.shown) {
		c.take()
		return
	}
	item := c.shown[c.cursor]
	switch {
	case item.Name == Up:
		c.up()
	case item.Folder:
		c.goTo(filepath.Join(c.folder, item.Name))
	case c.p.Save:
		c.entry.SetText(item.Name)
	default:
		c.take()
	}
}

// target is the path that the field or the cursor names, empty for none.
func (c *Chooser) target() string {
	name := strings.TrimSpace(c.entry.Text())
	switch {
	case filepath.IsAbs(name):
		return filepath.Clean(name)
	case c.p.Save && name != "":
		return filepath.Join(c.folder, name)
	case !c.p.Save && c.cursor >= 0 && c.cursor < len(c.shown):
		return filepath.Join(c.folder, c.shown[c.cursor].Name)
	}
	return ""
}

// take hands the path over: a folder is gone into, and a file that would be replaced is asked about first.
func (c *Chooser) take() {
	path := c.target()
	if path == "" {
		c.tell(c.p.Env.T("files.none"))
		return
	}
	c.p.Apart(func() {
		kind, err := kindOf(path)
		if err == nil && kind == "" && c.p.Save && !isFolder(filepath.Dir(path)) {
			_, err = Read(filepath.Dir(path))
		}
		c.p.Env.Post(func() { c.found(path, kind, err) })
	})
}

func (c *Chooser) found(path, kind string, err error) {
	switch {
	case err != nil:
		c.tell(c.p.Words(err))
	case kind == "folder":
		c.goTo(path)
	case kind == "" && !c.p.Save:
		c.tell(c.p.Env.T("files.gone", filepath.Base(path)))
	case kind == "file" && c.p.Save && !c.p.Keeps && c.agreed != path:
		c.tell(c.p.Env.T("files.replace", filepath.Base(path)))
		c.agreed = path
	default:
		folder := filepath.Dir(path)
		c.p.Apart(func() {
			if err := c.p.Memory.SetLocal(memoryName, folder); err != nil {
				c.p.Env.Post(func() { c.p.Env.Host.Say(kit.Message{Text: c.p.Words(err), Bad: true}) })
			}
		})
		c.dialog.Close()
		c.p.Chosen(path)
	}
}

func (c *Chooser) fill(i int, o fyne.CanvasObject) {
	row, ok := o.(*itemRow)
	if !ok || i >= len(c.shown) {
		return
	}
	row.show(c.p.Env, c.shown[i], i == c.cursor)
	row.OnTap = func() {
		c.cursor = i
		if item := c.shown[i]; c.p.Save && !item.Folder {
			c.entry.SetText(item.Name)
			c.cursor = i
		}
		c.list.Update()
	}
	row.OnDoubleTap = func() {
		c.cursor = i
		c.enter()
	}
}

// itemRow is one folder or file: kind, name, size, time.
type itemRow struct {
	kit.RowBase
	icon                *kit.Icon
	name, size, changed *kit.Label
}

func newItemRow() *itemRow {
	r := &itemRow{
		icon: kit.NewIcon("", 16, kit.T2), name: kit.NewCutLabel("", kit.Body, kit.T1),
		size: kit.NewLabel("", kit.Caption, kit.T3), changed: kit.NewLabel("", kit.Caption, kit.T3),
	}
	r.size.Align, r.changed.Align = fyne.TextAlignTrailing, fyne.TextAlignTrailing
	r.InitRow(r)
	return r
}

func (r *itemRow) show(env *kit.Env, item Item, cursor bool) {
	r.Selected = cursor
	icon, name, size, changed := "file", item.Name, kit.SizeWords(item.Bytes), item.Changed.In(incident.Local).Format("2006-01-02 15:04")
	if item.Folder {
		icon, size = "folder", ""
	}
	if item.Name == Up {
		icon, name, changed = "up", env.T("files.up"), ""
	}
	r.icon.Set(icon, kit.T2)
	r.name.Set(name, kit.T1)
	r.size.Set(size, kit.T3)
	r.changed.Set(changed, kit.T3)
	r.PaintGround()
	r.place(r.Size())
}

func (r *itemRow) place(size fyne.Size) {
	r.PlaceGround(size)
	mid := size.Height / 2
	put := func(o fyne.CanvasObject, x, w, h float32) {
		o.Move(fyne.NewPos(x, mid-h/2))
		o.Resize(fyne.NewSize(max(0, w), h))
	}
	put(r.icon, 24, 16, 16)
	put(r.name, 48, size.Width-48-240, 20)
	put(r.size, size.Width-232, 80, 16)
	put(r.changed, size.Width-144, 120, 16)
}

// CreateRenderer draws ground and parts.
func (r *itemRow) CreateRenderer() fyne.WidgetRenderer {
	return kit.NewRowRenderer(r.place, r.PaintGround, append(r.Ground(), r.icon, r.name, r.size, r.changed))
}
