package listpage

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/lists"
	"zw110/views/kit"
)

// grid is a table of wrapped cells below its heads, with a cursor.
type grid struct {
	columns []lists.Column
	rows    [][]lists.Cell
	cursor  int
	cols    []float32
	width   float32
	heads   *sheetRow
	list    *kit.ScrollList
	empty   *kit.Label
	root    *fyne.Container
	// OnOpen is told of a double click.
	OnOpen func()
}

func newGrid(columns []lists.Column, empty string) *grid {
	g := &grid{columns: columns, heads: newSheetRow(), empty: kit.NewLabel(empty, kit.Body, kit.T3)}
	g.list = kit.NewScrollList(&tops{}, func() fyne.CanvasObject { return newSheetRow() }, g.fill)
	g.root = container.New(&gridLayout{g}, kit.NewBox(kit.Surface2), g.heads, g.list, container.NewCenter(g.empty))
	return g
}

// set shows other rows.
func (g *grid) set(rows [][]lists.Cell) {
	g.rows = rows
	g.cursor = max(0, min(g.cursor, len(rows)-1))
	g.empty.Hidden = len(rows) > 0
	g.arrange(g.width)
}

func (g *grid) arrange(width float32) {
	g.width = width
	if width <= 0 {
		return
	}
	s := lists.Sheet{Columns: g.columns, Rows: g.rows}
	g.cols = share(g.columns, leastColumns(s), width-2*sheetPad)
	g.heads.head(s, g.cols)
	heights := &tops{at: []float32{0}}
	for _, row := range g.rows {
		heights.at = append(heights.at, heights.at[len(heights.at)-1]+heightOf(row, g.cols, kit.Caption))
	}
	g.list.SetRows(heights)
}

func (g *grid) fill(i int, o fyne.CanvasObject) {
	r, ok := o.(*sheetRow)
	if !ok || i >= len(g.rows) {
		return
	}
	r.show([][]lists.Cell{g.rows[i]}, nil, g.columns, g.cols, i == g.cursor)
	r.OnTap = func() {
		g.cursor = i
		g.list.Update()
	}
	r.OnDoubleTap = func() {
		g.cursor = i
		if g.OnOpen != nil {
			g.OnOpen()
		}
	}
}

// key moves the cursor; false for a key that is not about it.
func (g *grid) key(p kit.Press) bool {
	by, ok := map[kit.Command]int{
		kit.CmdUp: -1, kit.CmdDown: 1, kit.CmdPageUp: -8, kit.CmdPageDown: 8, kit.CmdFirst: -len(g.rows), kit.CmdLast: len(g.rows),
	}[p.Command]
	if ok {
		g.cursor = max(0, min(g.cursor+by, len(g.rows)-1))
		g.list.ScrollTo(g.cursor, 0)
		g.list.Update()
	}
	return ok
}

// gridLayout gives the table the width of the dialog.
type gridLayout struct{ g *grid }

func (l *gridLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 120) }

func (l *gridLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if size.Width != l.g.width {
		l.g.arrange(size.Width)
	}
	for _, head := range o[:2] {
		head.Resize(fyne.NewSize(size.Width, leastHead))
	}
	for _, body := range o[2:] {
		body.Resize(fyne.NewSize(size.Width, size.Height-leastHead))
		body.Move(fyne.NewPos(0, leastHead))
	}
}
