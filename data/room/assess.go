package room

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"zw110/data/assess"
	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/lists"
)

// Assess computes the measures of a period and of the one before; Rules of the parameters are filled in. A cancelled context ends it.
// Progress, when not nil, is told now and then how many incidents of how many were read.
func (r *Room) Assess(ctx context.Context, p assess.Params, progress func(done, of int)) (assess.Assessment, error) {
	period, err := assess.PeriodOf(p.From, p.To)
	if err != nil {
		return assess.Assessment{}, err
	}
	rules := r.rules.Load()
	p.Rules, p.Photos, p.Done = rules, r.photoOf, ctx.Done()
	if p.Weights == nil {
		p.Weights = weightsOf(rules)
	}
	earliest, err := assess.Earliest(p)
	if err != nil {
		return assess.Assessment{}, err
	}
	horizon := earliest.Add(-lookBack)
	snap := r.board.Snapshot(board.Filter{Ended: true, Towns: p.Towns})
	prefix := func(incident.ScopeID) string { return "" }
	if p.ByTown = isCounty(rules.Scope()); p.ByTown {
		prefix = townPrefix
	}
	all := make([]assess.Incident, 0, snap.Len())
	for i := range snap.Len() {
		if err := ctx.Err(); err != nil {
			return assess.Assessment{}, fmt.Errorf("assess %s to %s: %w", p.From, p.To, err)
		}
		if progress != nil && i%progressEach == 0 {
			progress(i, snap.Len())
		}
		row := snap.Row(i)
		if row.ClosedAt != 0 && row.ClosedAt < horizon {
			continue
		}
		entries, err := r.entries(row.ID)
		if err != nil {
			return assess.Assessment{}, fmt.Errorf("assess %s to %s: %w", p.From, p.To, err)
		}
		// What came in later may still be an appeal.
		if row.ReceivedAt < period.To || slices.ContainsFunc(entries, func(e incident.Entry) bool { return e.Fact != nil && len(e.Fact.Tags) > 0 }) {
			before := prefix(row.Town)
			all = append(all, assess.Incident{No: before + row.No, Prefix: before, Entries: entries})
		}
	}
	return assess.Make(p, all)
}

// townPrefix tells numbers of several townships apart, each of which counts its days from 1: 111·2026-0818-001 is of 330825111.
func townPrefix(scope incident.ScopeID) string { return fmt.Sprintf("%03d·", scope%1000) }

// weightsOf are the dated weights of the pack; a measure that nobody knows counts nothing.
func weightsOf(rules *Rules) []assess.Weights {
	var out []assess.Weights
	for _, day := range rules.ShareDays() {
		w := assess.Weights{From: day}
		at := incident.Stamp(1)
		if start, err := day.Start(); err == nil {
			at = start.Add(24*time.Hour) - 1
		}
		for _, s := range rules.Shares(at) {
			if key := assess.Key(s.Measure); s.Weight > 0 && slices.Contains(assess.Keys(), key) {
				w.Of = append(w.Of, assess.Weight{Key: key, Share: s.Weight, Minus: key.Fault()})
			}
		}
		out = append(out, w)
	}
	return out
}

// Target is the rate that the town wants of a measure now, in percent; 0: none.
func (r *Room) Target(key assess.Key) int {
	for _, s := range r.rules.Load().Shares(0) {
		if s.Measure == string(key) {
			return s.Target
		}
	}
	return 0
}

// lookBack is how long before the first period an incident that was over still matters: it may have been due in it, or its photos be used again.
const lookBack = 400 * 24 * time.Hour

// progressEach is after how many incidents progress is told.
const progressEach = 256

// entries returns what the journal has of an incident, without folding it.
func (r *Room) entries(id incident.IncidentID) ([]incident.Entry, error) {
	if f, ok := r.files.get(id); ok {
		return f.entries, nil
	}
	entries, err := r.store.Entries(id)
	if err != nil {
		return nil, fmt.Errorf("read incident %s: %w", id, err)
	}
	return entries, nil
}

// ExportAssessment writes an assessment as a workbook and returns the file: by no dimension one row a measure, else one row a unit,
// village, channel or category. Out is a folder or a file, as for ExportList.
func (r *Room) ExportAssessment(a *assess.Assessment, by assess.Dimension, out string) (string, error) {
	build := func(version int) (lists.Sheet, error) { return r.assessmentSheet(a, by, version), nil }
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		w := words(r.cfg.Text)
		name := r.rules.Load().Town().Name + "_" + w.T("assess.sheet") + "_" + compact(a.Params.From) + "-" + compact(a.Params.To)
		return lists.Save(out, name, build)
	}
	return saveSheet(out, build)
}

func compact(d incident.Day) string { return strings.ReplaceAll(string(d), "-", "") }

// assessmentSheet lays an assessment out for paper.
func (r *Room) assessmentSheet(a *assess.Assessment, by assess.Dimension, version int) lists.Sheet {
	w, town := words(r.cfg.Text), r.rules.Load().Town()
	s := lists.Sheet{
		Name: w.T("assess.sheet"), Title: w.T("assess.title", town.Name, string(a.Params.From), string(a.Params.To)),
		Made: w.T("assess.made", town.Room, stamped(a.Period.To), stamped(r.Now())), NotesAt: w.T("lists.notes.sheet"), Version: version,
		Footer: w.T("lists.footer"), Foot: []string{w.T("lists.foot.maker"), w.T("lists.foot.shift"), w.T("lists.foot.leader"), w.T("lists.foot.date")},
	}
	if by == "" {
		measureRows(&s, a, w)
	} else {
		dimensionRows(&s, a, by, w)
	}
	s.Totals = balanceLine(a.Balance, w) + "　　" + w.T("lists.version", version, s.Check())
	s.Notes = assessmentNotes(a, w)
	return s
}

func stamped(at incident.Stamp) string {
	return at.Time().In(incident.Local).Format("2006-01-02 15:04")
}

func balanceLine(b assess.Balance, w words) string {
	return w.T("assess.balance", b.CarriedIn, b.New, b.Back, b.Closed, b.OpenAtEnd, b.X1, b.X2, b.X3, b.X4)
}

// MeasureText is a rate as it is always shown: 362/375 96.53%.
func MeasureText(m assess.Measure) string {
	if m.Of == 0 {
		return strconv.Itoa(m.N) + "/0 —"
	}
	return fmt.Sprintf("%d/%d %s%%", m.N, m.Of, m.Percent())
}

// ScoreText says how the composite score of a report is counted, with the weights in force.
func ScoreText(r *assess.Report, w assess.Words) string {
	var parts []string
	for _, weight := range r.Params.InForce().Of {
		name := w.T("assess.measure." + string(weight.Key))
		if weight.Minus {
			name = w.T("assess.minus", name)
		}
		parts = append(parts, name+" "+strconv.Itoa(weight.Share))
	}
	return w.T("assess.how.score", strings.Join(parts, w.T("assess.line.between")))
}

// few is below how many cases a rate says little; it is shown grey.
const few = 10

func rateCell(m assess.Measure) lists.Cell {
	c := lists.Cell{Text: MeasureText(m)}
	if m.Of < few {
		c.Light = incident.Grey
	}
	return c
}

func measureRows(s *lists.Sheet, a *assess.Assessment, w words) {
	s.Columns = []lists.Column{
		{Head: w.T("assess.col.measure"), Width: 24},
		{Head: w.T("assess.col.rate"), Width: 22, Centre: true},
		{Head: w.T("assess.col.before"), Width: 22, Centre: true},
		{Head: w.T("assess.col.change"), Width: 12, Centre: true},
		{Head: w.T("assess.col.how"), Width: 70},
	}
	if a.AfterAppeals != nil {
		s.Columns = append(s.Columns, lists.Column{Head: w.T("assess.col.after_appeals"), Width: 22, Centre: true})
	}
	if a.WithoutDays != nil {
		s.Columns = append(s.Columns, lists.Column{Head: w.T("assess.col.without"), Width: 22, Centre: true})
	}
	add := func(name, now, before, change, how string, of func(*assess.Report) string) {
		row := []lists.Cell{{Text: name}, {Text: now}, {Text: before}, {Text: change}, {Text: how}}
		for _, other := range []*assess.Report{a.AfterAppeals, a.WithoutDays} {
			if other != nil {
				row = append(row, lists.Cell{Text: of(other)})
			}
		}
		s.Rows = append(s.Rows, row)
	}
	received := func(r *assess.Report) string { return strconv.Itoa(r.Total.Received) }
	rateable := func(r *assess.Report) string { return strconv.Itoa(r.Total.Rateable) }
	add(w.T("assess.measure.received"), received(&a.Report), received(&a.Before), "", w.T("assess.how.received"), received)
	add(w.T("assess.measure.rateable"), rateable(&a.Report), rateable(&a.Before), "", w.T("assess.how.rateable"), rateable)
	for _, m := range a.Total.Measures {
		before := a.Before.Total.Measure(m.Key)
		add(measureName(w, m.Key), MeasureText(m), MeasureText(before), assess.Change(m, before), w.T("assess.how."+string(m.Key)),
			func(r *assess.Report) string { return MeasureText(r.Total.Measure(m.Key)) })
		if last := s.Rows[len(s.Rows)-1]; m.Of < few {
			last[1].Light = incident.Grey
		}
	}
	hours := func(r *assess.Report) string {
		median, p90 := r.Total.Duration.Hours()
		return median + " / " + p90
	}
	add(w.T("assess.measure.duration"), hours(&a.Report), hours(&a.Before), "", w.T("assess.how.duration"), hours)
	score := func(r *assess.Report) string { return r.Score(r.Total) }
	add(w.T("assess.measure.score"), score(&a.Report), score(&a.Before), "", ScoreText(&a.Report, w), score)
}

// rowKeys are the measures of a breakdown, as many as fit a page.
func rowKeys() []assess.Key {
	return []assess.Key{
		assess.SignInTime, assess.SameDay, assess.Within24h, assess.OnTime, assess.Rework, assess.Satisfaction, assess.FirstLead, assess.Returned,
	}
}

func dimensionRows(s *lists.Sheet, a *assess.Assessment, by assess.Dimension, w words) {
	s.Columns = []lists.Column{
		{Head: w.T("assess.by." + string(by)), Width: 16},
		{Head: w.T("assess.measure.received"), Width: 8, Centre: true},
		{Head: w.T("assess.measure.rateable"), Width: 8, Centre: true},
	}
	for _, k := range rowKeys() {
		s.Columns = append(s.Columns, lists.Column{Head: w.T("assess.measure." + string(k)), Width: 17, Centre: true})
	}
	s.Columns = append(s.Columns, lists.Column{Head: w.T("assess.measure.score"), Width: 10, Centre: true})
	add := func(name string, f assess.Figures) {
		row := []lists.Cell{{Text: name}, {IsNum: true, Number: f.Received}, {IsNum: true, Number: f.Rateable}}
		for _, k := range rowKeys() {
			row = append(row, rateCell(f.Measure(k)))
		}
		s.Rows = append(s.Rows, append(row, lists.Cell{Text: a.Score(f)}))
	}
	add(w.T("assess.total"), a.Total)
	for _, name := range slices.Sorted(maps.Keys(a.By[by])) {
		add(w.rowName(by, name), a.By[by][name])
	}
}

// rowName is the name of a row in words.
func (w words) rowName(by assess.Dimension, name string) string {
	switch by {
	case assess.ByChannel:
		return w.T("channel." + name)
	case assess.ByTown:
		if text := w.T("pack." + name); text != "pack."+name {
			return text
		}
	}
	return name
}

// assessmentNotes say how every rate was counted and name the incidents that pull it down or are left out, by reason.
func assessmentNotes(a *assess.Assessment, w words) [][]string {
	out := [][]string{{w.T("assess.col.measure"), w.T("assess.col.how"), w.T("assess.col.rate"), ""}}
	for _, m := range a.Total.Measures {
		out = append(out, []string{measureName(w, m.Key), w.T("assess.how." + string(m.Key)), MeasureText(m), ""})
	}
	head := func(name, what, third string) {
		out = append(out, []string{"", "", "", ""}, []string{w.T(name), w.T(what), w.T(third), ""})
	}
	head("assess.col.measure", "assess.faults", "assess.col.rate")
	for _, m := range a.Total.Measures {
		if faults := numbersOf(m.Faults()); len(faults) > 0 {
			out = append(out, noted(measureName(w, m.Key), MeasureText(m), faults)...)
		}
	}
	head("assess.col.measure", "assess.left_out", "assess.reason")
	for _, m := range a.Total.Measures {
		by := map[assess.Reason][]assess.Part{}
		for _, p := range m.Parts {
			by[p.Why] = append(by[p.Why], p)
		}
		for _, why := range assess.Reasons() {
			if nos := numbersOf(by[why]); len(nos) > 0 {
				out = append(out, noted(measureName(w, m.Key), w.T("assess.reason."+string(why)), nos)...)
			}
		}
	}
	if len(a.Findings) > 0 {
		head("assess.findings", "assess.incidents", "assess.col.who")
	}
	for _, f := range a.Findings {
		out = append(out, noted(w.T("assess.finding."+string(f.Kind)), who(f), f.Incidents)...)
	}
	if len(a.Appeals) > 0 {
		head("assess.appeals", "assess.incidents", "assess.col.measure")
	}
	for _, p := range a.Appeals {
		out = append(out, []string{p.No, p.Incident, measureName(w, p.Measure), w.T("assess.appeal." + string(p.Decision))})
	}
	return out
}

func measureName(w words, key assess.Key) string { return w.T("assess.measure." + string(key)) }

// numbersOf returns the numbers of incidents, each once; parts come by number.
func numbersOf(parts []assess.Part) []string {
	nos := make([]string, len(parts))
	for i, p := range parts {
		nos[i] = p.No
	}
	return slices.Compact(nos)
}

// perRow is how many numbers one row of the notes holds; more make a cell too tall for a page.
const perRow = 60

// noted lists incidents under a name, with how many there are in the first row.
func noted(name, third string, nos []string) [][]string {
	out := make([][]string, 0, 1+len(nos)/perRow)
	for chunk := range slices.Chunk(nos, perRow) {
		row := []string{name, strings.Join(chunk, " "), third, ""}
		if len(out) == 0 {
			row[3] = strconv.Itoa(len(nos))
		}
		out = append(out, row)
	}
	return out
}

func who(f assess.Finding) string {
	if f.By != "" {
		return strings.TrimSpace(string(f.Unit) + " " + string(f.By))
	}
	return string(f.Unit)
}
