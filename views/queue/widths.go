package queue

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/views/kit"
)

// ownName is where the widths a person chose are kept.
const ownName = "queue.columns"

// widthStep is how far an arrow key moves a border.
const widthStep float32 = 8

// keptOwn reads the widths of this desk; damaged ones count as none.
func (q *Page) keptOwn() Own {
	own := Own{}
	if err := q.p.Keep.Local(ownName, &own); err != nil || own == nil {
		return Own{}
	}
	return own
}

func (q *Page) longWords() bool { return q.env.Text.Lang() == "en" }

// setWidth gives a column a width and lays the page out anew.
func (q *Page) setWidth(c Column, width float32) {
	q.own[c] = width
	q.own[c], _ = q.own.wanted(c, q.longWords())
	q.relay()
}

// usualWidth takes a column back to the width of the design.
func (q *Page) usualWidth(c Column) {
	delete(q.own, c)
	q.relay()
}

func (q *Page) relay() {
	q.layout.Layout(nil, q.content.Size())
	q.heads.Refresh()
	q.list.Update()
}

// keepWidths writes the widths down.
func (q *Page) keepWidths() {
	if err := q.p.Keep.SetLocal(ownName, q.own); err != nil {
		q.env.Host.Say(kit.Message{Text: q.env.T("queue.widths_not_saved"), Bad: true})
	}
}

// fit makes a column as wide as its head and the rows in view need.
func (q *Page) fit(c Column) {
	need := kit.Caption.Width(q.env.T("queue.col."+string(c))) + 12
	q.list.Each(func(_ int, o fyne.CanvasObject) {
		if row, ok := o.(*rowWidget); ok {
			need = max(need, row.need(c))
		}
	})
	q.setWidth(c, need)
}

// columnsDialog is the way to the widths by keyboard.
type columnsDialog struct {
	q      *Page
	cols   []Column
	at     int
	marks  []*kit.Box
	widths []*kit.Label
}

// OpenColumns lets a person set the widths of the columns in view by keys, with the list behind showing each step.
func (q *Page) OpenColumns() {
	d := &columnsDialog{q: q}
	rows := kit.VBox(0)
	for _, b := range q.widths.borders() {
		d.cols = append(d.cols, b.col)
		mark, width := kit.NewFrame(kit.None, kit.None, kit.Radius), kit.NewLabel("", kit.Small, kit.T2)
		d.marks, d.widths = append(d.marks, mark), append(d.widths, width)
		line := kit.HBox(8, kit.NewLabel(q.env.T("queue.col."+string(b.col)), kit.Body, kit.T1), kit.Spacer(), width)
		rows.Add(kit.Fixed(container.NewStack(mark, kit.Pad(line, 0, 12, 0, 12)), 0, kit.RowHeight))
	}
	d.paint()
	t := q.env.T
	hint := func(cap, key string) fyne.CanvasObject { return kit.Hint{Cap: cap, Text: t(key)}.Bar() }
	head := kit.HBox(8, kit.NewLabel(t("cmd.columns"), kit.Strong, kit.T1), kit.Spacer(), kit.NewKeyCap("Esc"))
	hints := kit.VBox(6, kit.HBox(16, hint("↑↓", "queue.widths_choose"), hint("← →", "queue.widths_change")),
		kit.HBox(16, hint("Enter", "queue.widths_fit"), hint("Del", "queue.widths_usual")))
	body := kit.VBox(0, kit.Fixed(kit.Pad(head, 0, 24, 0, 24), 0, 48), kit.Divider(), kit.Pad(rows, 8, 12, 8, 12), kit.Divider(), kit.Pad(hints, 12, 24, 12, 24))
	// At the right, over the pane: the list stays in sight while its columns change.
	at := fyne.NewPos(q.env.Host.Canvas().Size().Width, kit.TopBarHeight+kit.TabHeight)
	kit.NewDialog(q.env, kit.DialogParams{Body: body, Width: 320, Bare: true, At: &at, OnKey: d.key, OnClose: q.keepWidths}).Open()
}

func (d *columnsDialog) paint() {
	for i, c := range d.cols {
		fill := kit.None
		if i == d.at {
			fill = kit.Accbg
		}
		d.marks[i].Set(fill, kit.None, 0)
		d.widths[i].Set(strconv.Itoa(int(d.q.widths.Of[c]+0.5)), kit.T2)
	}
}

// key moves the choice and changes the chosen width.
func (d *columnsDialog) key(p kit.Press) bool {
	c := d.cols[d.at]
	switch {
	case p.Command == kit.CmdUp:
		d.at = max(0, d.at-1)
	case p.Command == kit.CmdDown:
		d.at = min(len(d.cols)-1, d.at+1)
	case p.Stroke.Key == fyne.KeyLeft:
		d.q.setWidth(c, d.q.widths.Of[c]-widthStep)
	case p.Stroke.Key == fyne.KeyRight:
		d.q.setWidth(c, d.q.widths.Of[c]+widthStep)
	case p.Command == kit.CmdOpen:
		d.q.fit(c)
	case p.Stroke.Key == fyne.KeyDelete || p.Stroke.Key == fyne.KeyBackspace:
		d.q.usualWidth(c)
	default:
		return false
	}
	d.paint()
	return true
}
