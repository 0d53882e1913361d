package assesspage

import (
	"strconv"
	"time"

	"zw110/data/assess"
	"zw110/data/incident"
	"zw110/views/kit"
)

// The blocks of the overview in the order of the keys.
const (
	blockCards = iota
	blockTrend
	blockBars
	blockHeat
	blockUnits
	blockChannels
)

// The measures of the drawing.
const (
	gap       float32 = 12
	cardPad   float32 = 16
	cardRow   float32 = 96
	chartRow  float32 = 220
	tallCard  float32 = 104
	tallChart float32 = 292
	barRow    float32 = 25
	heatRowH  float32 = 20
	mostChart float32 = 480
	mostRow   float32 = 36
	heatCol   float32 = 50
)

// number is the big figure of a card.
var number = kit.Type{Size: 28, Line: 36, Bold: true}

// overview is what the first tab shows.
type overview struct {
	v        *view
	trends   []Span
	villages []string
	target   int // of settling on the same day, in percent; 0: none
}

// draw lays out cards, charts and tables.
func (o *overview) draw(p *pen) {
	if o.v == nil {
		return
	}
	x, y, w := cardPad, gap, p.width-2*cardPad
	card, chart := cardRow, chartRow
	if p.height >= 780 {
		card, chart = tallCard, tallChart
	}
	o.cards(p, rect{x, y, w, card})
	y += card + gap
	// The heat table needs its rows, the others take what is left.
	received := o.v.Received()
	heatW := max(360, w*0.342)
	leftW := w - heatW - gap
	h := o.v.heatOf(received, o.villages, int((heatW-2*cardPad-heatNames-heatSum)/heatCol))
	units, channels := o.v.rows(assess.ByUnit), o.v.rows(assess.ByChannel)
	least := max(56+heatRowH*float32(len(h.rows)+1), chart+gap+44+barRow*float32(max(6, len(channels))))
	whole := max(least, p.height-y-gap)
	p.need = y + whole + gap
	chart = max(chart, min(mostChart, 0.4*whole))
	o.heat(p, rect{x + leftW + gap, y, heatW, whole}, h)
	trendW := (leftW - gap) * 0.65
	o.trend(p, rect{x, y, trendW, chart})
	o.bars(p, rect{x + trendW + gap, y, leftW - trendW - gap, chart}, received)
	y += chart + gap
	unitsW := (leftW - gap) * 0.56
	o.units(p, rect{x, y, unitsW, whole - chart - gap}, units)
	o.channels(p, rect{x + unitsW + gap, y, leftW - unitsW - gap, whole - chart - gap}, channels)
}

// figure is one card.
type figure struct {
	name, number, unit, below string
	token                     kit.Token
	open                      func() *behind
}

func (o *overview) figures() []figure {
	v := o.v
	received := v.Received()
	rate := func(k assess.Key, below string) figure {
		m := v.Total.Measure(k)
		f := figure{v.t("assesspage.card." + string(k)), percentOf(m), "", v.t(below, m.N, m.Of), kit.T1, func() *behind { return v.list(&v.Report, m, "") }}
		switch {
		case m.Of == 0:
			f.token = kit.T3
		case m.N == m.Of || o.target > 0 && k == assess.SameDay && 100*m.N >= o.target*m.Of:
			f.token = kit.Ok
		case o.target > 0 && k == assess.SameDay:
			f.token = kit.Urg
		}
		return f
	}
	times := func(name string, p pace, below string) figure {
		f := figure{v.t(name), "—", "", v.t("assesspage.none"), kit.T3, func() *behind { return v.plain(v.t(name), p.parts) }}
		if len(p.parts) > 0 {
			f.number, f.token, f.below = v.length(p.mean), kit.T1, v.t(below, v.length(p.most), len(p.parts))
		}
		return f
	}
	late := v.Total.Measure(assess.OverdueFlow)
	overdue := figure{
		v.t("assesspage.card.overdue"), strconv.Itoa(late.N), v.t("assesspage.unit"), v.t("assesspage.card.overdue.below", percentOf(late), len(v.Late())),
		kit.T1, func() *behind {
			b := v.list(&v.Report, late, "")
			b.add(v.t("assesspage.late_at_end"), v.Late())
			return b
		},
	}
	if late.N > 0 || len(v.Late()) > 0 {
		overdue.token = kit.Urg
	}
	return []figure{
		{
			v.t("assess.measure.received"), strconv.Itoa(v.Total.Received), v.t("assesspage.unit"), v.t("assesspage.card.before", v.Before.Total.Received), kit.T1,
			func() *behind { return v.plain(v.t("assess.measure.received"), received) },
		},
		rate(assess.Response5min, "assesspage.card.of"),
		rate(assess.SameDay, "assesspage.card.of_rateable"),
		times("assesspage.card.response", paceOf(received, assess.Part.Response), "assesspage.card.slowest"),
		times("assesspage.card.arrival", paceOf(received, assess.Part.Arrival), "assesspage.card.arrival.below"),
		overdue,
	}
}

func (o *overview) cards(p *pen, r rect) {
	all := o.figures()
	w := (r.w - gap*float32(len(all)-1)) / float32(len(all))
	for i, f := range all {
		at := rect{r.x + float32(i)*(w+gap), r.y, w, r.h}
		p.card(at)
		p.text(at.x+cardPad, at.y+21, kit.Body.Fit(f.name, w-2*cardPad), kit.Body, kit.T2, left)
		ty := number
		for ty.Size > 18 && ty.Width(f.number) > w-2*cardPad {
			ty.Size--
		}
		end := p.text(at.x+cardPad, at.y+r.h/2+3, f.number, ty, f.token, left)
		if f.unit != "" {
			p.text(at.x+cardPad+end+6, at.y+r.h/2+9, f.unit, kit.Small, kit.T2, left)
		}
		p.text(at.x+cardPad, at.y+r.h-18, kit.Small.Fit(f.below, w-2*cardPad), kit.Small, kit.T3, left)
		p.spot(at, blockCards, 0, i, f.open)
	}
}

// head writes title and note of a card.
func head(p *pen, r rect, title, note string, token kit.Token) {
	p.card(r)
	w := p.text(r.x+cardPad, r.y+21, title, kit.Body, kit.T2, left)
	if note != "" {
		p.text(r.x+r.w-cardPad, r.y+21, kit.Small.Fit(note, r.w-2*cardPad-w-8), kit.Small, token, right)
	}
}

// point is one stretch of the trend with its rate, in percent.
type point struct {
	span Span
	m    assess.Measure
	rate float32
}

func (o *overview) points() []point {
	var out []point
	if o.v.Trend == nil {
		return nil
	}
	for _, s := range o.trends {
		from, to := s.times()
		m := o.v.Trend.Among(assess.SameDay, incident.StampOf(from), incident.StampOf(to))
		pt := point{span: s, m: m}
		if m.Of > 0 {
			pt.rate = 100 * float32(m.N) / float32(m.Of)
		}
		if pt.m.Of > 0 || len(out) > 0 { // it begins where there is something
			out = append(out, pt)
		}
	}
	return out
}

// trend draws the rate of settling on the same day along the stretches.
func (o *overview) trend(p *pen, r rect) {
	v := o.v
	head(p, r, v.t("assesspage.trend."+string(o.trends[0].Length)), v.t("assesspage.trend.note"), kit.T3)
	points := o.points()
	low := float32(90)
	for _, pt := range points {
		if pt.m.Of > 0 {
			low = min(low, pt.rate)
		}
	}
	low = float32(int(low/10) * 10)
	plot := rect{r.x + 58, r.y + 48, r.w - 58 - 92, r.h - 48 - 40}
	level := func(rate float32) float32 { return plot.y + plot.h*(100-rate)/(100-low) }
	step := float32(10)
	if low < 40 {
		step = 20
	}
	for rate := float32(100); rate >= low; rate -= step {
		p.line(plot.x, level(rate), plot.x+plot.w, level(rate), 1, kit.Line)
		p.text(plot.x-8, level(rate), strconv.Itoa(int(rate))+"%", kit.Caption, kit.T3, right)
	}
	if t := float32(o.target); t > low {
		p.dashed(plot.x, plot.x+plot.w, level(t), kit.Ok)
	}
	each := plot.w / float32(max(1, len(points)-1))
	x := func(i int) float32 { return plot.x + each*float32(i) }
	last, first := -1, -1
	for i, pt := range points {
		var before *Span
		if i > 0 {
			before = &points[i-1].span
		}
		if mark := pt.span.mark(before, v.words); mark != "" && (pt.span.Length != ByDay || i%2 == 1) {
			p.text(x(i), plot.y+plot.h+16, mark, kit.Caption, kit.T3, middle)
		}
		if pt.m.Of == 0 {
			continue
		}
		if last >= 0 {
			p.line(x(last), level(points[last].rate), x(i), level(pt.rate), 2, kit.Acc)
		} else {
			first = i
		}
		last = i
	}
	for i, pt := range points {
		if pt.m.Of == 0 {
			continue
		}
		p.dot(x(i), level(pt.rate), 3.5, kit.Acc)
		p.spot(rect{x(i) - each/2, plot.y, each, plot.h}, blockTrend, 0, i, func() *behind { return v.list(v.Trend, pt.m, pt.span.Label(v.words)) })
	}
	if last < 0 {
		p.text(plot.x+plot.w/2, plot.y+plot.h/2, v.t("assesspage.none"), kit.Body, kit.T3, middle)
		return
	}
	end := level(points[last].rate)
	p.text(x(last)+10, end-4, percentOf(points[last].m), kit.Body.Heavy(), kit.Acc, left)
	if t := float32(o.target); t > low {
		ty := max(level(t), end+12)
		if level(t) < end-20 {
			ty = level(t)
		}
		p.text(plot.x+plot.w+10, ty, v.t("assesspage.target", o.target), kit.Small, kit.Ok, left)
	}
	if first != last {
		p.text(x(first)+8, min(level(points[first].rate)+14, plot.y+plot.h-8), percentOf(points[first].m), kit.Body.Heavy(), kit.T1, left)
	}
}

// bars draws how many incidents were answered how fast.
func (o *overview) bars(p *pen, r rect, received []assess.Part) {
	v := o.v
	m := v.Total.Measure(assess.Response5min)
	token := kit.T3
	if m.Of > 0 && m.N == m.Of {
		token = kit.Ok
	}
	head(p, r, v.t("assesspage.bars"), v.t("assesspage.bars.note", m.N, m.Of), token)
	classes := responses(received)
	most := 1
	for _, c := range classes {
		most = max(most, len(c))
	}
	plot := rect{r.x + cardPad, r.y + 64, r.w - 2*cardPad, r.h - 64 - 44}
	p.line(plot.x, plot.y+plot.h, plot.x+plot.w, plot.y+plot.h, 1, kit.Line2)
	each := plot.w / responseClasses
	for i, c := range classes {
		h := plot.h * float32(len(c)) / float32(most)
		fill := kit.Acc
		if i == responseClasses-1 {
			fill = kit.Crit
		}
		at := rect{plot.x + each*float32(i) + each*0.14, plot.y + plot.h - h, each * 0.72, h}
		if h > 0 {
			p.box(at, fill, min(2, h/2))
		}
		p.text(plot.x+each*(float32(i)+0.5), at.y-12, strconv.Itoa(len(c)), kit.Body.Heavy(), kit.T1, middle)
		name := v.t("assesspage.bars." + strconv.Itoa(i))
		p.text(plot.x+each*(float32(i)+0.5), plot.y+plot.h+14, kit.Caption.Fit(name, each+4), kit.Caption, kit.T2, middle)
		p.spot(rect{plot.x + each*float32(i), plot.y - 24, each, plot.h + 48}, blockBars, 0, i, func() *behind { return v.plain(v.t("assesspage.bars")+"·"+name, c) })
	}
}

// units draws the units with most incidents: how many, how many in time, how long until on scene.
func (o *overview) units(p *pen, r rect, rows []named) {
	v := o.v
	head(p, r, v.t("assesspage.units"), "", kit.T3)
	end := r.x + r.w - cardPad
	cols := [3]float32{end - 128, end - 66, end}
	for i, k := range []string{"assesspage.units.count", "assesspage.units.on_time", "assesspage.units.arrival"} {
		p.text(cols[i], r.y+21, v.t(k), kit.Small, kit.T3, right)
	}
	var shown []named
	for _, n := range rows {
		if n.figures.Received > 0 {
			shown = append(shown, n)
		}
	}
	room := int((r.h - 48) / barRow)
	rest, pitch := 0, barRow
	if n := float32(len(shown)); n > 0 {
		pitch = max(barRow, min(mostRow, (r.h-56)/n))
	}
	if len(shown) > room {
		rest = len(shown) - room + 1
		shown = shown[:room-1]
	}
	y := r.y + 52
	for i, n := range shown {
		most := float32(shown[0].figures.Received)
		p.text(r.x+cardPad, y, kit.Body.Fit(n.name, 76), kit.Body, kit.T1, left)
		p.bar(rect{r.x + cardPad + 80, y - 4, cols[0] - 42 - r.x - cardPad - 80, 8}, float32(n.figures.Received)/most)
		p.text(cols[0], y, strconv.Itoa(n.figures.Received), kit.Body, kit.T1, right)
		m := n.figures.Measure(assess.OnTime)
		ty, token := kit.Body, kit.T1
		switch {
		case m.Of < few:
			token = kit.T3
		case o.target > 0 && 100*m.N < o.target*m.Of:
			ty, token = kit.Body.Heavy(), kit.Urg
		}
		p.text(cols[1], y, whole(m), ty, token, right)
		arrived := paceOf(leadParts(n.figures), assess.Part.Arrival)
		if len(arrived.parts) > 0 {
			p.text(cols[2], y, v.t("assesspage.time.minutes", int((arrived.mean+30*time.Second)/time.Minute)), kit.Body, kit.T2, right)
		} else {
			p.text(cols[2], y, "—", kit.Body, kit.T3, right)
		}
		p.spot(rect{r.x + 6, y - pitch/2, r.w - 12, pitch}, blockUnits, i, 0, func() *behind { return v.list(&v.Report, m, n.name) })
		y += pitch
	}
	if rest > 0 {
		p.text(r.x+cardPad, y, v.t("assesspage.units.rest", rest), kit.Small, kit.T3, left)
	}
}

// few is below how many a rate says little; it is shown grey.
const few = 10

// whole is a rate in whole percent.
func whole(m assess.Measure) string {
	if m.Of == 0 {
		return "—"
	}
	return strconv.Itoa((200*m.N+m.Of)/(2*m.Of)) + "%"
}

// leadParts are the incidents received of one row.
func leadParts(f assess.Figures) []assess.Part {
	var out []assess.Part
	for _, p := range f.Measure(assess.Response5min).Parts {
		if p.Why == "" {
			out = append(out, p)
		}
	}
	return out
}

// channels draws how many incidents each channel brought.
func (o *overview) channels(p *pen, r rect, rows []named) {
	v := o.v
	head(p, r, v.t("assesspage.channels"), "", kit.T3)
	end := r.x + r.w - cardPad
	y := r.y + 52
	pitch := barRow
	if n := float32(len(rows)); n > 0 {
		pitch = min(mostRow, max(barRow, (r.h-56)/n))
	}
	for i, n := range rows {
		if y > r.y+r.h-10 {
			break
		}
		p.icon(r.x+cardPad, y, kit.ChannelSign(incident.Channel(n.key)).Icon, kit.T2)
		p.text(r.x+cardPad+20, y, kit.Body.Fit(n.name, 62), kit.Body, kit.T1, left)
		p.bar(rect{r.x + cardPad + 84, y - 4, max(20, end-96-r.x-cardPad-84), 8}, share(n.figures.Received, rows[0].figures.Received))
		p.text(end-46, y, strconv.Itoa(n.figures.Received), kit.Body, kit.T1, right)
		p.text(end, y, whole(assess.Measure{N: n.figures.Received, Of: v.Total.Received}), kit.Body, kit.T2, right)
		p.spot(rect{r.x + 6, y - pitch/2, r.w - 12, pitch}, blockChannels, i, 0, func() *behind { return v.plain(n.name, leadParts(n.figures)) })
		y += pitch
	}
}

func share(n, of int) float32 {
	if of == 0 {
		return 0
	}
	return float32(n) / float32(of)
}

// The outer columns of the heat table.
const (
	heatNames float32 = 74
	heatSum   float32 = 44
)

// heat draws villages and main classes.
func (o *overview) heat(p *pen, r rect, h heat) {
	v := o.v
	head(p, r, v.t("assesspage.heat"), v.t("assesspage.heat.total", len(h.total)), kit.T3)
	names := append([]string{}, h.majors...)
	if h.rest {
		names = append(names, v.t("assesspage.heat.rest"))
	}
	x := r.x + cardPad
	each := (r.w - 2*cardPad - heatNames - heatSum) / float32(max(1, len(names)))
	high := max(heatRowH, min(mostRow, (r.h-64)/float32(len(h.rows)+1)))
	y := r.y + 48
	p.text(x, y, v.t("assess.by.village"), kit.Small, kit.T3, left)
	for i, n := range names {
		p.text(x+heatNames+each*(float32(i)+0.5), y, kit.Caption.Fit(n, each-2), kit.Caption, kit.T3, middle)
	}
	p.text(r.x+r.w-cardPad, y, v.t("assess.total"), kit.Small, kit.T3, right)
	y += high
	for i, row := range h.rows {
		name := row.village
		if name == "" {
			name = v.t("assesspage.heat.nowhere")
		}
		p.text(x, y, kit.Body.Fit(name, heatNames-6), kit.Body, kit.T1, left)
		for c, parts := range row.cells {
			at := rect{x + heatNames + each*float32(c), y - high/2, each - 1, high - 1}
			p.box(at, warmth(len(parts)), 0)
			text, token := strconv.Itoa(len(parts)), kit.T1
			if len(parts) == 0 {
				text, token = "·", kit.T3
			}
			p.text(at.x+at.w/2, y, text, kit.Small, token, middle)
			p.spot(at, blockHeat, i, c, func() *behind { return v.plain(name+"·"+names[c], parts) })
		}
		p.text(r.x+r.w-cardPad, y, strconv.Itoa(len(row.total)), kit.Body.Heavy(), kit.T1, right)
		p.spot(rect{r.x + r.w - cardPad - heatSum + 4, y - high/2, heatSum, high - 1}, blockHeat, i, len(row.cells), func() *behind { return v.plain(name, row.total) })
		y += high
	}
}

// warmth is the tint of a count.
func warmth(n int) kit.Token {
	switch {
	case n == 0:
		return kit.H0
	case n <= 2:
		return kit.H1
	case n <= 5:
		return kit.H2
	case n <= 9:
		return kit.H3
	}
	return kit.H4
}
