// Package wallboard owns the board on the wall: the town's map, six figures, the hours of the day, what is overdue and what is new, read from
// six metres, without names and telephone numbers. It only shows; nobody acts in it.
package wallboard

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/kit"
	"zw110/views/townmap"
	"zw110/views/townmap/chart"
)

// Desk is what the wall board asks of the room.
type Desk interface {
	Snapshot(board.Filter) board.Snapshot
	Count(board.Filter) int
}

const (
	// perPage is how many incidents a strip has room for, pageTime how long each page of it stands.
	perPage  = 2
	pageTime = 8 * time.Second
	// meanDays is how many days before today make the mean.
	meanDays = 30
	// Between these hours of Beijing the board is dark.
	nightFrom, nightTo = 19, 6
)

// state is what the room says at one moment.
type state struct {
	counters board.Counters
	rows     []board.Row // open, in the order of the queue
	today    []int
	mean     []float64
	plan     *townmap.Still
}

// read asks the room; it may run in any goroutine.
func read(desk Desk, counters board.Counters, ground townmap.Ground, towns []incident.ScopeID, now incident.Stamp) state {
	s := state{counters: counters, plan: townmap.ReadStill(desk, ground, towns)}
	open := desk.Snapshot(board.Filter{Towns: towns})
	s.rows = make([]board.Row, open.Len())
	for i := range s.rows {
		s.rows[i] = open.Row(i)
	}
	day := incident.DayOf(now)
	hour := now.Time().In(incident.Local).Hour()
	s.today = make([]int, hour+1)
	count(desk, board.Filter{Ended: true, Towns: towns, From: day, To: day}, func(h int) {
		if h < len(s.today) {
			s.today[h]++
		}
	})
	s.mean = make([]float64, 24)
	from, to := incident.DayOf(now.Add(-meanDays*24*time.Hour)), incident.DayOf(now.Add(-24*time.Hour))
	count(desk, board.Filter{Ended: true, Towns: towns, From: from, To: to}, func(h int) { s.mean[h] += 1.0 / meanDays })
	return s
}

// count calls f with the hour of each receipt.
func count(desk Desk, by board.Filter, f func(hour int)) {
	snap := desk.Snapshot(by)
	for i := range snap.Len() {
		r := snap.Row(i)
		if r.Stage != board.StageVoid && r.Stage != board.StageMerged {
			f(r.ReceivedAt.Time().In(incident.Local).Hour())
		}
	}
}

// words turns a state into what stands on the board at a moment. Everything of the room's that people wrote goes through mask.
type words struct {
	text  *kit.Text
	mask  func(string) string
	town  string
	drill bool
}

func (w *words) scene(s *state, shift, link string, tone chart.Tone, now incident.Stamp) *chart.WallScene {
	t := w.text.T
	at := now.Time().In(incident.Local)
	out := &chart.WallScene{
		Town: w.town, Shift: shift, Link: link, LinkTone: tone, Date: t("wall.date", int(at.Month()), at.Day(), t("wall.weekday."+strconv.Itoa(int(at.Weekday())))), Clock: at.Format("15:04"),
		Legend: [board.Ranks]string{t("urgency.critical"), t("urgency.urgent"), t("urgency.normal"), t("urgency.low")}, Vague: t("map.vague"),
		Map: s.plan.Scene, View: s.plan.View, Note: s.plan.Note,
	}
	if s.plan.Lost > 0 {
		out.Note = t("wall.lost", s.plan.Lost)
	}
	if w.drill {
		out.Drill = t("shell.drill")
	}
	out.Figures = w.figures(s, now)
	out.Hours = chart.WallHours{
		Title: t("wall.hours"), TodayName: t("wall.today", s.counters.ReceivedToday), MeanName: t("wall.mean", meanDays), Today: s.today, Mean: s.mean,
		Hour: func(h int) string { return t("wall.hour", h) },
	}
	out.Left = w.strip(s.rows, now, board.Overdue, t("wall.overdue", s.counters.Overdue), "", chart.Critical)
	out.Right = w.strip(s.rows, now, board.Unanswered, t("wall.new", s.counters.Unanswered), t("wall.new_note"), chart.Pressing)
	return out
}

// figures are the six numbers; the first two and the overdue one say how long the longest has waited.
func (w *words) figures(s *state, now incident.Stamp) [6]chart.WallFigure {
	t, c := w.text.T, s.counters
	longest := func(g board.Group, since func(*board.Row) incident.Stamp) string {
		most := time.Duration(-1)
		for i := range s.rows {
			if r := &s.rows[i]; r.Group == g {
				most = max(most, now.Sub(since(r)))
			}
		}
		if most < 0 {
			return ""
		}
		return t("wall.longest", w.span(most))
	}
	received := func(r *board.Row) incident.Stamp { return r.ReceivedAt }
	tone := func(n int, t chart.Tone) chart.Tone {
		if n == 0 {
			return chart.Calm
		}
		return t
	}
	number := strconv.Itoa
	rate, note := "—", t("wall.none_today")
	if c.ReceivedToday > 0 {
		rate, note = strconv.Itoa(100*c.DoneToday/c.ReceivedToday)+"%", t("wall.done_of", c.DoneToday, c.ReceivedToday)
	}
	return [6]chart.WallFigure{
		{Name: t("shell.count.unanswered"), Value: number(c.Unanswered), Note: longest(board.Unanswered, received), Tone: tone(c.Unanswered, chart.Critical)},
		{Name: t("shell.count.to_dispatch"), Value: number(c.ToDispatch), Note: longest(board.ToDispatch, received), Tone: tone(c.ToDispatch, chart.Urgent)},
		{Name: t("shell.count.in_hand"), Value: number(c.InHand), Note: t("wall.open", c.Open)},
		{Name: t("shell.count.overdue"), Value: number(c.Overdue), Note: longest(board.Overdue, func(r *board.Row) incident.Stamp { return r.Clock.Due }), Tone: tone(c.Overdue, chart.Critical)},
		{Name: t("shell.count.due_soon"), Value: number(c.DueSoon), Note: t("wall.soon"), Tone: tone(c.DueSoon, chart.Urgent)},
		{Name: t("shell.count.done"), Value: rate, Note: note},
	}
}

// strip is one page of the incidents of a group, those that press first. What is critical stands on every page.
func (w *words) strip(rows []board.Row, now incident.Stamp, g board.Group, title, note string, tone chart.Tone) chart.WallStrip {
	s := chart.WallStrip{Title: title, Note: note, Tone: tone, Empty: w.text.T("wall.nothing")}
	var some []board.Row
	for i := range rows {
		if rows[i].Group == g {
			some = append(some, rows[i])
		}
	}
	slices.SortStableFunc(some, func(a, b board.Row) int {
		return cmp.Or(cmp.Compare(critical(&a), critical(&b)), cmp.Compare(a.Clock.Due, b.Clock.Due))
	})
	for _, r := range page(some, now) {
		s.Rows = append(s.Rows, w.row(&r, now, tone))
	}
	return s
}

func critical(r *board.Row) int {
	if r.Urgency == incident.Critical {
		return 0
	}
	return 1
}

// page picks what a strip shows at a moment: critical ones keep their places, the others take turns in what is left.
func page(some []board.Row, now incident.Stamp) []board.Row {
	if len(some) <= perPage {
		return some
	}
	kept := 0
	for kept < len(some) && critical(&some[kept]) == 0 {
		kept++
	}
	if kept >= perPage { // more critical ones than places: they take turns among themselves
		some, kept = some[:kept], 0
	}
	room, rest := perPage-kept, some[kept:]
	pages := (len(rest) + room - 1) / room
	at := int(int64(now)/pageTime.Milliseconds()) % pages * room
	return append(slices.Clone(some[:kept]), rest[at:min(len(rest), at+room)]...)
}

func (w *words) row(r *board.Row, now incident.Stamp, tone chart.Tone) chart.WallRow {
	out := chart.WallRow{Rank: townmap.RankOf(r.Urgency), Title: w.mask(r.Title), Place: r.Village}
	if r.Clock.Name == "" {
		return out
	}
	out.Tone = tone
	left := r.Clock.Due.Sub(now)
	switch {
	case tone == chart.Pressing && left > 0:
		s := int(left / time.Second)
		out.Clock = w.text.T("wall.left", strconv.Itoa(s/60)+":"+strconv.Itoa(s/10%6)+strconv.Itoa(s%10))
	case left > 0:
		out.Clock = w.text.T("wall.left", w.span(left))
	case tone == chart.Pressing:
		out.Clock, out.Tone = w.text.T("wall.over", w.span(-left)), chart.Critical
	default:
		out.Clock = w.span(-left)
	}
	return out
}

// span writes a length of time in two units at most.
func (w *words) span(d time.Duration) string {
	m := int(d / time.Minute)
	switch {
	case m < 5:
		return w.text.T("wall.span_seconds", m, int(d/time.Second)%60)
	case m < 60:
		return w.text.T("wall.span_minutes", m)
	case m < 24*60:
		return w.text.T("wall.span_hours", m/60, m%60)
	}
	return w.text.T("wall.span_days", m/(24*60), m/60%24)
}
