package listpage

import (
	"slices"
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/views/kit"
)

// tops are the tops of rows of different heights; the last is the whole height.
type tops struct{ at []float32 }

// Len counts the rows.
func (t *tops) Len() int { return max(0, len(t.at)-1) }

// Top returns where a row begins.
func (t *tops) Top(i int) float32 {
	if len(t.at) == 0 {
		return 0
	}
	return t.at[min(i, len(t.at)-1)]
}

// At returns the row at a height.
func (t *tops) At(y float32) int {
	i := sort.Search(t.Len(), func(i int) bool { return t.at[i+1] > y })
	return max(0, min(i, t.Len()-1))
}

// sheetLayout gives the sheet the width of the page.
type sheetLayout struct{ l *Page }

func (s *sheetLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(600, 200) }

func (s *sheetLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	if size.Width != s.l.width {
		s.l.arrange(size.Width)
	}
	head := s.l.headHeight()
	objects[0].Resize(fyne.NewSize(size.Width, head))
	objects[1].Resize(fyne.NewSize(size.Width, head))
	for _, o := range objects[2:] {
		o.Resize(fyne.NewSize(size.Width, size.Height-head))
		o.Move(fyne.NewPos(0, head))
	}
}

// headHeight is what the heads need with their lines.
func (l *Page) headHeight() float32 {
	cells := make([]lists.Cell, len(l.sheet.Columns))
	for i, c := range l.sheet.Columns {
		cells[i] = lists.Cell{Text: c.Head}
	}
	return max(leastHead, heightOf(cells, l.cols, kit.Caption.Heavy()))
}

const (
	sheetPad   float32 = 16
	cellPad    float32 = 4
	leastHead  float32 = 36
	leastRow   float32 = 28
	leastWidth float32 = 24
	mostWord   float32 = 140 // a longer word may break
	shortText  float32 = 68  // about six characters, or day and time
)

// leastColumns returns for each column the width at which no word of it breaks. Chinese breaks anywhere; Latin words and numbers don't.
func leastColumns(s lists.Sheet) []float32 {
	out := make([]float32, len(s.Columns))
	for i, c := range s.Columns {
		word := wholeWidth(kit.Caption.Heavy(), c.Head, c.Centre)
		for _, row := range s.Rows {
			if i < len(row) {
				word = max(word, wholeWidth(styleOf(row[i]), row[i].String(), c.Centre))
			}
		}
		out[i] = max(leastWidth, min(word, mostWord)+2*cellPad+1)
	}
	return out
}

// wholeWidth is the width of the part of a text that should stand in one line: all of a short text in a centred column, else its longest word.
func wholeWidth(ty kit.Type, text string, centred bool) float32 {
	if w := ty.Width(text); centred && w <= shortText {
		return w
	}
	return ty.WordWidth(text)
}

// styleOf is how a cell is written.
func styleOf(c lists.Cell) kit.Type {
	if c.Light != "" {
		return kit.Caption.Heavy()
	}
	return kit.Caption
}

// share divides a width among columns in proportion to their widths in characters, none with less than it needs; where even that is too
// much, in proportion to what they need.
func share(columns []lists.Column, least []float32, width float32) []float32 {
	out := make([]float32, len(columns))
	var need float32
	for _, l := range least {
		need += l
	}
	if need >= width {
		for i, l := range least {
			out[i] = max(leastWidth, l*width/need)
		}
		return out
	}
	fixed := make([]bool, len(columns))
	for again := true; again; {
		again = false
		room, chars := width, float32(0)
		for i, c := range columns {
			if fixed[i] {
				room -= least[i]
			} else {
				chars += float32(c.Width)
			}
		}
		for i, c := range columns {
			if fixed[i] {
				out[i] = least[i]
				continue
			}
			out[i] = room * float32(c.Width) / chars
			if out[i] < least[i] {
				fixed[i], again = true, true
			}
		}
	}
	return out
}

// block is what the cursor goes over: one row, or the rows of the units of one incident.
type block struct {
	from, rows int
	heights    []float32 // of each row
}

// blocksOf divides the rows of a sheet.
func blocksOf(s lists.Sheet) []block {
	var out []block
	from := 0
	for _, n := range s.Blocks {
		out = append(out, block{from: from, rows: n})
		from += n
	}
	for ; from < len(s.Rows); from++ {
		out = append(out, block{from: from, rows: 1})
	}
	return out
}

// measure gives each row the height it needs, and all together what the cells of the whole block need.
func (b *block) measure(rows [][]lists.Cell, columns []lists.Column, cols []float32) {
	b.heights = b.heights[:0]
	var sum, whole float32
	for _, row := range rows {
		own := row
		if b.rows > 1 {
			own = slices.Clone(row)
			for i := range own {
				if columns[i].Whole {
					own[i] = lists.Cell{}
				}
			}
			whole = max(whole, heightOf(row, cols, kit.Caption)) // the texts of whole cells stand in the first row
		}
		h := heightOf(own, cols, kit.Caption)
		b.heights = append(b.heights, h)
		sum += h
	}
	if more := whole - sum; more > 0 {
		for i := range b.heights {
			b.heights[i] += more / float32(b.rows)
		}
	}
}

func (b *block) height() float32 {
	var sum float32
	for _, h := range b.heights {
		sum += h
	}
	return sum
}

func heightOf(row []lists.Cell, cols []float32, ty kit.Type) float32 {
	lines := 1
	for i, c := range row {
		if i < len(cols) {
			style := ty
			if c.Light != "" {
				style = ty.Heavy()
			}
			lines = max(lines, len(kit.Wrap(c.String(), style, cols[i]-2*cellPad)))
		}
	}
	return max(leastRow, float32(lines)*ty.Line+10)
}

// sheetRow is one block of the sheet: wrapped cells, with thin lines between the rows.
type sheetRow struct {
	kit.RowBase
	all  []fyne.CanvasObject
	draw func(fyne.Size)
	left float32 // room before the first cell
	tick *tick   // stands there; may be nil
}

func newSheetRow() *sheetRow {
	r := &sheetRow{draw: func(fyne.Size) {}}
	r.InitRow(r)
	return r
}

func (r *sheetRow) head(s lists.Sheet, cols []float32) {
	cells := make([]lists.Cell, len(s.Columns))
	for i, c := range s.Columns {
		cells[i] = lists.Cell{Text: c.Head}
	}
	r.set([][]lists.Cell{cells}, nil, s.Columns, cols, kit.Caption.Heavy(), kit.T2)
}

func (r *sheetRow) show(rows [][]lists.Cell, heights []float32, columns []lists.Column, cols []float32, selected bool) {
	r.Selected = selected
	r.PaintGround()
	r.set(rows, heights, columns, cols, kit.Caption, kit.T1)
}

// placed is one line of a cell's text, and where its cell stands.
type placed struct {
	text        *canvas.Text
	x, w        float32
	y, h        float32 // h 0: the height of the row
	line, lines int
	centre      bool
}

// set makes the texts of a block; they are placed once its height is known.
func (r *sheetRow) set(rows [][]lists.Cell, heights []float32, columns []lists.Column, cols []float32, ty kit.Type, token kit.Token) {
	var texts []placed
	r.all = r.Ground()
	if r.tick != nil {
		r.all = append(r.all, r.tick.box, r.tick.icon)
	}
	rules := map[*kit.Box]fyne.Position{}
	var top float32
	for n, row := range rows {
		x := sheetPad + r.left
		for i := range min(len(row), len(cols)) {
			y, h := top, float32(0)
			if whole := columns[i].Whole; len(rows) > 1 && !whole {
				h = heights[n]
				if n > 0 {
					rule := kit.NewBox(kit.Line)
					rule.Resize(fyne.NewSize(cols[i], 1))
					rules[rule] = fyne.NewPos(x, top-1)
					r.all = append(r.all, rule)
				}
			} else {
				y = 0
			}
			colour, style := token, ty
			if row[i].Light != "" {
				colour, style = lightToken(row[i].Light), ty.Heavy()
			}
			lines := kit.Wrap(row[i].String(), style, cols[i]-2*cellPad)
			for k, line := range lines {
				t := style.NewText(line, kit.Color(colour))
				r.all = append(r.all, t)
				texts = append(texts, placed{t, x, cols[i], y, h, k, len(lines), columns[i].Centre})
			}
			x += cols[i]
		}
		if len(rows) > 1 {
			top += heights[n]
		}
	}
	r.draw = func(size fyne.Size) {
		r.PlaceGround(size)
		if r.tick != nil {
			r.tick.place(size.Height)
		}
		for rule, at := range rules {
			rule.Move(at)
		}
		for _, t := range texts {
			left, height := t.x+cellPad, t.h
			if t.centre {
				left = t.x + (t.w-t.text.MinSize().Width)/2
			}
			if height == 0 {
				height = size.Height
			}
			first := t.y + (height-float32(t.lines)*ty.Line)/2
			kit.PlaceText(t.text, left, first+(float32(t.line)+0.5)*ty.Line)
		}
	}
	r.draw(r.Size())
	r.Refresh()
}

func lightToken(l incident.Light) kit.Token {
	switch l {
	case incident.Red:
		return kit.Crit
	case incident.Yellow:
		return kit.Urg
	case incident.Green:
		return kit.Ok
	case incident.Blue:
		return kit.Acc
	}
	return kit.T3
}

// CreateRenderer draws the ground and the cells.
func (r *sheetRow) CreateRenderer() fyne.WidgetRenderer { return &sheetRenderer{r} }

type sheetRenderer struct{ r *sheetRow }

func (d *sheetRenderer) Layout(size fyne.Size)        { d.r.draw(size) }
func (d *sheetRenderer) MinSize() fyne.Size           { return fyne.NewSize(0, leastRow) }
func (d *sheetRenderer) Refresh()                     { d.r.PaintGround(); canvas.Refresh(d.r) }
func (d *sheetRenderer) Objects() []fyne.CanvasObject { return d.r.all }
func (d *sheetRenderer) Destroy()                     {}
