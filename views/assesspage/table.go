package assesspage

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"zw110/data/assess"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// cell is one figure of a table; what it opens may be nil.
type cell struct {
	text  string
	token kit.Token
	bold  bool
	open  func() *behind
	// incident is opened at once, instead of a list.
	incident incident.IncidentID
}

// column is one column: share of the room left, or a set width.
type column struct {
	head  string
	width float32
	flex  float32
	right bool
}

// table is what the other tabs show.
type table struct {
	columns []column
	rows    [][]cell
	empty   string
}

// widths divides a width among the columns.
func (t *table) widths(width float32) []float32 {
	room, flex := width-2*kit.PagePadding, float32(0)
	for _, c := range t.columns {
		room -= c.width
		flex += c.flex
	}
	out := make([]float32, len(t.columns))
	scale := float32(1)
	if room < 0 && flex == 0 {
		scale = (width - 2*kit.PagePadding) / (width - 2*kit.PagePadding - room)
	}
	for i, c := range t.columns {
		out[i] = c.width * scale
		if c.flex > 0 {
			out[i] += max(0, room) * c.flex / flex
		}
	}
	return out
}

// measureTable has one row for each measure.
func (v *view) measureTable() *table {
	t := &table{columns: []column{
		{head: v.t("assess.col.measure"), width: 196},
		{head: "n/N", width: 92, right: true},
		{head: v.t("assesspage.col.rate"), width: 84, right: true},
		{head: v.t("assess.col.before"), width: 158, right: true},
		{head: v.t("assesspage.col.change"), width: 76, right: true},
	}}
	others := v.others()
	for _, o := range others {
		t.columns = append(t.columns, column{head: v.t(o.key), width: 130, right: true})
	}
	t.columns = append(t.columns, column{head: "", width: 16}, column{head: v.t("assess.col.how"), width: 100, flex: 1})
	add := func(name string, cells []cell, of func(*assess.Report) string, how string) {
		row := append([]cell{{text: name, token: kit.T1}}, cells...)
		for _, o := range others {
			row = append(row, cell{text: of(o.report), token: kit.T2})
		}
		t.rows = append(t.rows, append(row, cell{}, cell{text: how, token: kit.T3}))
	}
	counted := func(key string, of func(assess.Figures) int, open func() *behind) {
		add(v.t("assess.measure."+key), []cell{
			{text: strconv.Itoa(of(v.Total)), token: kit.T1, bold: true, open: open}, {}, {text: strconv.Itoa(of(v.Before.Total)), token: kit.T2}, {},
		}, func(r *assess.Report) string { return strconv.Itoa(of(r.Total)) }, v.t("assess.how."+key))
	}
	counted("received", func(f assess.Figures) int { return f.Received }, func() *behind { return v.plain(v.t("assess.measure.received"), v.Received()) })
	counted("rateable", func(f assess.Figures) int { return f.Rateable }, func() *behind { return v.rateable(v.Total, "") })
	for _, m := range v.Total.Measures {
		before := v.Before.Total.Measure(m.Key)
		open := func() *behind { return v.list(&v.Report, m, "") }
		add(v.measureName(m.Key), []cell{
			{text: ratio(m), token: v.tone(m), open: open},
			{text: percentOf(m), token: v.tone(m), bold: true, open: open},
			{text: ratio(before) + "  " + percentOf(before), token: kit.T2, open: func() *behind { return v.list(&v.Before, before, v.t("assess.col.before")) }},
			{text: assess.Change(m, before), token: changeTone(m, before)},
		}, func(r *assess.Report) string { return percentOf(r.Total.Measure(m.Key)) }, v.t("assess.how."+string(m.Key)))
	}
	hours := func(r *assess.Report) string {
		median, p90 := r.Total.Duration.Hours()
		return median + " / " + p90
	}
	add(v.t("assess.measure.duration"), []cell{
		{text: strconv.Itoa(v.Total.Duration.N), token: kit.T1}, {text: hours(&v.Report), token: kit.T1, bold: true}, {text: hours(&v.Before), token: kit.T2}, {},
	}, hours, v.t("assess.how.duration"))
	score := func(r *assess.Report) string { return r.Score(r.Total) }
	add(v.t("assess.measure.score"), []cell{{}, {text: score(&v.Report), token: kit.T1, bold: true}, {text: score(&v.Before), token: kit.T2}, {}}, score, room.ScoreText(&v.Report, v.words))
	return t
}

// other is the same period seen otherwise.
type other struct {
	key    string
	report *assess.Report
}

func (v *view) others() []other {
	var out []other
	if v.AfterAppeals != nil {
		out = append(out, other{"assess.col.after_appeals", v.AfterAppeals})
	}
	if v.WithoutDays != nil {
		out = append(out, other{"assess.col.without", v.WithoutDays})
	}
	return out
}

// ratio is n/N.
func ratio(m assess.Measure) string { return strconv.Itoa(m.N) + "/" + strconv.Itoa(m.Of) }

// tone greys what says little.
func (v *view) tone(m assess.Measure) kit.Token {
	if m.Of < few {
		return kit.T3
	}
	return kit.T1
}

// changeTone is green for better and orange for worse.
func changeTone(now, before assess.Measure) kit.Token {
	c := assess.Change(now, before)
	switch {
	case c == "—" || c == "0.00" || now.Of < few || before.Of < few:
		return kit.T3
	case (c[0] == '+') == now.Key.Fault():
		return kit.Urg
	}
	return kit.Ok
}

// rowKeys are the measures of a breakdown.
func rowKeys() []assess.Key {
	return []assess.Key{
		assess.SignInTime, assess.SameDay, assess.SameDayStrict, assess.OnTime, assess.Rework, assess.Satisfaction, assess.FirstLead, assess.Returned,
	}
}

// rowTable breaks the period down by a dimension; the first row is the total.
func (v *view) rowTable(by assess.Dimension) *table {
	t := &table{columns: []column{{head: v.t("assess.by." + string(by)), width: 110, flex: 1}, {head: v.t("assess.measure.received"), width: 66, right: true}, {head: v.t("assess.measure.rateable"), width: 66, right: true}}}
	for _, k := range rowKeys() {
		t.columns = append(t.columns, column{head: v.t("assesspage.short." + string(k)), width: 106, right: true})
	}
	t.columns = append(t.columns, column{head: v.t("assesspage.col.median"), width: 66, right: true}, column{head: v.t("assess.measure.score"), width: 72, right: true})
	rows := append([]named{{"", v.t("assess.total"), v.Total}}, v.rows(by)...)
	for _, n := range rows {
		received := func() *behind { return v.plain(n.name, leadParts(n.figures)) }
		row := []cell{
			{text: n.name, token: kit.T1, bold: n.key == "", open: received},
			{text: strconv.Itoa(n.figures.Received), token: kit.T1, open: received},
			{text: strconv.Itoa(n.figures.Rateable), token: kit.T2, open: func() *behind { return v.rateable(n.figures, n.name) }},
		}
		for _, k := range rowKeys() {
			m := n.figures.Measure(k)
			row = append(row, cell{text: ratio(m) + " " + percentOf(m), token: v.tone(m), open: func() *behind { return v.list(&v.Report, m, n.name) }})
		}
		median, _ := n.figures.Duration.Hours()
		t.rows = append(t.rows, append(row, cell{text: median, token: kit.T2}, cell{text: v.Score(n.figures), token: kit.T1, bold: true}))
	}
	return t
}

// scoreTable is the score sheet: what each unit has of each weight, every point with its incidents.
func (v *view) scoreTable() *table {
	t := &table{columns: []column{{head: v.t("assess.by.unit"), width: 130, flex: 1}, {head: v.t("assess.measure.score"), width: 90, right: true}}}
	weights := v.Params.InForce().Of
	for _, w := range weights {
		t.columns = append(t.columns, column{head: v.t("assesspage.score.head", v.measureName(w.Key), w.Share), width: 128, right: true})
	}
	for _, n := range append([]named{{"", v.t("assess.total"), v.Total}}, v.rows(assess.ByUnit)...) {
		row := []cell{{text: n.name, token: kit.T1, bold: n.key == ""}, {text: v.Score(n.figures), token: kit.T1, bold: true}}
		for _, w := range weights {
			m := n.figures.Measure(w.Key)
			row = append(row, cell{text: w.Points(n.figures) + "  " + ratio(m), token: v.tone(m), open: func() *behind { return v.list(&v.Report, m, n.name) }})
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// timedTable has the classes of sign-in and first feedback.
func (v *view) timedTable() *table {
	t := &table{columns: []column{{head: v.t("assesspage.timed.what"), width: 180}, {head: v.t("assesspage.timed.class"), width: 140}, {head: v.t("assesspage.timed.count"), width: 90, right: true}, {head: v.t("assesspage.timed.share"), width: 90, right: true}, {flex: 1}}}
	add := func(what string, classes [5][]assess.Part) {
		of := 0
		for _, c := range classes {
			of += len(c)
		}
		for i, c := range classes {
			name := v.t("assesspage.timed." + what + "." + strconv.Itoa(i))
			open := func() *behind { return v.plain(v.t("assesspage.timed."+what)+"·"+name, c) }
			m := assess.Measure{N: len(c), Of: of}
			t.rows = append(t.rows, []cell{
				{text: v.t("assesspage.timed." + what), token: kit.T2, open: open},
				{text: name, token: kit.T1, open: open},
				{text: strconv.Itoa(len(c)), token: kit.T1, bold: true, open: open},
				{text: percentOf(m), token: v.tone(m), open: open},
				{},
			})
		}
	}
	add("sign", v.Timed.Sign)
	add("first", v.Timed.First)
	return t
}

// findingTable has what a person should look into.
func (v *view) findingTable(person func(incident.Login) string) *table {
	t := &table{empty: v.t("assesspage.findings.none"), columns: []column{
		{head: v.t("assess.findings"), width: 200},
		{head: v.t("assesspage.findings.unit"), width: 130},
		{head: v.t("assesspage.findings.who"), width: 110},
		{head: v.t("assesspage.findings.at"), width: 110},
		{head: v.t("assesspage.timed.count"), width: 60, right: true},
		{width: 16},
		{head: v.t("assess.incidents"), width: 100, flex: 1},
	}}
	for _, f := range v.Findings {
		var parts []assess.Part
		nos := ""
		for _, no := range f.Incidents {
			nos += no + "  "
			if p, ok := v.Part(no); ok {
				parts = append(parts, p)
			}
		}
		open := func() *behind { return v.plain(v.t("assess.finding."+string(f.Kind)), parts) }
		at := ""
		if f.At != 0 {
			at = f.At.Time().In(incident.Local).Format("01-02 15:04")
		}
		by := ""
		if f.By != "" {
			by = person(f.By)
		}
		t.rows = append(t.rows, []cell{
			{text: v.t("assess.finding." + string(f.Kind)), token: kit.T1, open: open},
			{text: string(f.Unit), token: kit.T1, open: open},
			{text: by, token: kit.T2, open: open},
			{text: at, token: kit.T2, open: open},
			{text: strconv.Itoa(len(f.Incidents)), token: kit.T1, bold: true, open: open},
			{},
			{text: nos, token: kit.T3, open: open},
		})
	}
	return t
}

// appealTable has what was contested.
func (v *view) appealTable() *table {
	t := &table{empty: v.t("assesspage.appeals.none"), columns: []column{
		{head: v.t("assesspage.appeals.no"), width: 140},
		{head: v.t("assess.incidents"), width: 140},
		{head: v.t("assess.col.measure"), width: 180},
		{head: v.t("assesspage.appeals.decision"), width: 90},
		{head: v.t("assesspage.appeals.about"), width: 100, flex: 1},
	}}
	for _, a := range v.Appeals {
		token := kit.T2
		switch a.Decision {
		case assess.Upheld:
			token = kit.Ok
		case assess.AppealOpen:
			token = kit.Urg
		}
		row := []cell{{text: a.No, token: kit.Acc, incident: a.ID}, {text: a.Incident, token: kit.T1}, {text: v.measureName(a.Measure), token: kit.T1}, {text: v.t("assess.appeal." + string(a.Decision)), token: token, bold: true}, {}}
		if p, ok := v.Part(a.Incident); ok {
			row[1].token, row[1].incident, row[4] = kit.Acc, p.Incident(), cell{text: p.Title(), token: kit.T2}
		}
		t.rows = append(t.rows, row)
	}
	return t
}

const (
	tableRow  float32 = 32
	tableHead float32 = kit.HeadHeight
	cellGap   float32 = 6
)

// tableLine is one row of a table, or its head.
type tableLine struct {
	kit.RowBase
	texts []*canvas.Text
	ring  *canvas.Rectangle
	all   []fyne.CanvasObject
	place func()
}

func newTableLine() *tableLine {
	l := &tableLine{ring: canvas.NewRectangle(kit.Color(kit.None)), place: func() {}}
	l.ring.StrokeWidth, l.ring.CornerRadius = kit.FocusWidth, kit.Radius
	l.InitRow(l)
	return l
}

// show fills the row; chosen is the column under the cursor, -1 for none.
func (l *tableLine) show(cells []cell, columns []column, widths []float32, ty kit.Type, chosen int) {
	l.Selected = chosen >= 0
	l.PaintGround()
	l.texts = l.texts[:0]
	l.all = l.Ground()
	type at struct {
		t *canvas.Text
		x float32
	}
	var texts []at
	x, ringX, ringW := kit.PagePadding, float32(0), float32(0)
	for i, c := range cells {
		style := ty
		style.Bold = ty.Bold || c.bold
		text := style.Fit(c.text, widths[i]-cellGap)
		if c.text == "" || widths[i] <= cellGap {
			text = ""
		}
		t := style.NewText(text, kit.Color(c.token))
		if left := x; text != "" {
			if columns[i].right {
				left = x + widths[i] - cellGap - t.MinSize().Width
			}
			texts = append(texts, at{t, left})
			l.all = append(l.all, t)
		}
		if i == chosen {
			ringX, ringW = x-4, widths[i]+2
		}
		x += widths[i]
	}
	if l.ring.Hidden = ringW == 0; !l.ring.Hidden {
		l.ring.StrokeColor = kit.Color(kit.Acc)
		l.all = append(l.all, l.ring)
	}
	l.place = func() {
		size := l.Size()
		l.PlaceGround(size)
		for _, t := range texts {
			kit.PlaceText(t.t, t.x, size.Height/2)
		}
		l.ring.Move(fyne.NewPos(ringX, 2))
		l.ring.Resize(fyne.NewSize(ringW, size.Height-4))
	}
	l.place()
	l.Refresh()
}

// CreateRenderer draws ground, texts and ring.
func (l *tableLine) CreateRenderer() fyne.WidgetRenderer { return &lineRenderer{l} }

type lineRenderer struct{ l *tableLine }

func (r *lineRenderer) Layout(fyne.Size)             { r.l.place() }
func (r *lineRenderer) MinSize() fyne.Size           { return fyne.NewSize(0, tableHead) }
func (r *lineRenderer) Refresh()                     { canvas.Refresh(r.l) }
func (r *lineRenderer) Objects() []fyne.CanvasObject { return r.l.all }
func (r *lineRenderer) Destroy()                     {}
