package assesspage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"zw110/data/assess"
	"zw110/data/incident"
)

// group is incidents that belong together below a head.
type group struct {
	head  string
	parts []assess.Part
}

// behind is the list behind a figure. Report explains its clocks.
type behind struct {
	title, rate string
	measure     assess.Key // that it is about, empty for a count
	report      *assess.Report
	groups      []group
}

func (b *behind) len() int {
	n := 0
	for _, g := range b.groups {
		n += len(g.parts)
	}
	return n
}

// view is an assessment with the words to tell it in.
type view struct {
	assess.Assessment
	words Words
	// major names the main class of a category, empty for one nobody knows.
	major func(code string, at incident.Stamp) string
	name  func(by assess.Dimension, key string) string
}

func (v *view) t(key string, args ...any) string { return v.words.T(key, args...) }

func (v *view) measureName(k assess.Key) string { return v.t("assess.measure." + string(k)) }

// rateOf is 362/375 件.
func (v *view) rateOf(m assess.Measure) string { return v.t("assesspage.of", m.N, m.Of) }

// percentOf is 96.53%, 100% and, for N = 0, —.
func percentOf(m assess.Measure) string {
	if m.Of == 0 {
		return "—"
	}
	return strings.TrimSuffix(m.Percent(), ".00") + "%"
}

// list is the list behind a measure: what pulls it down, what else is in N, and by reason what is left out.
func (v *view) list(r *assess.Report, m assess.Measure, of string) *behind {
	b := &behind{measure: m.Key, title: v.measureName(m.Key), rate: v.rateOf(m) + " " + percentOf(m), report: r}
	if of != "" {
		b.title = of + "·" + b.title
	}
	faults := m.Faults()
	fault := map[string]int{}
	for _, p := range faults {
		fault[p.No+"\x00"+string(p.Unit)]++
	}
	var in []assess.Part
	out := map[assess.Reason][]assess.Part{}
	for _, p := range m.Parts {
		switch k := p.No + "\x00" + string(p.Unit); {
		case isFault(m.Key, p) && fault[k] > 0:
			fault[k]--
		case p.Why != "":
			out[p.Why] = append(out[p.Why], p)
		default:
			in = append(in, p)
		}
	}
	b.add(v.t("assess.faults"), faults)
	b.add(v.t("assesspage.in"), in)
	b.addLeftOut(v, out)
	return b
}

// rateable is the list behind the count of rateable incidents: those, and by reason the others.
func (v *view) rateable(f assess.Figures, of string) *behind {
	b := &behind{title: v.t("assess.measure.rateable"), rate: v.t("assesspage.cases", f.Rateable), report: &v.Report}
	if of != "" {
		b.title = of + "·" + b.title
	}
	by := map[assess.Reason][]assess.Part{}
	for _, p := range f.Measure(assess.SameDay).Parts {
		by[p.Why] = append(by[p.Why], p)
	}
	b.add(v.t("assesspage.incidents"), by[""])
	b.addLeftOut(v, by)
	return b
}

// addLeftOut adds what is in no N, by reason.
func (b *behind) addLeftOut(v *view, by map[assess.Reason][]assess.Part) {
	for _, why := range assess.Reasons() {
		b.add(v.t("assesspage.left_out", v.t("assess.reason."+string(why))), by[why])
	}
}

func isFault(k assess.Key, p assess.Part) bool {
	return k.Fault() && p.Count > 0 || !k.Fault() && p.Why == "" && p.Count == 0
}

func (b *behind) add(head string, parts []assess.Part) {
	if len(parts) > 0 {
		b.groups = append(b.groups, group{head, parts})
	}
}

// plain is the list behind a count.
func (v *view) plain(title string, parts []assess.Part) *behind {
	b := &behind{title: title, rate: v.t("assesspage.cases", len(parts)), report: &v.Report}
	b.add(v.t("assesspage.incidents"), parts)
	return b
}

// pace sums up times: how many, their mean and the longest.
type pace struct {
	parts      []assess.Part // slowest first
	mean, most time.Duration
}

func paceOf(parts []assess.Part, of func(assess.Part) (time.Duration, bool)) pace {
	var p pace
	var sum time.Duration
	for _, part := range parts {
		if d, ok := of(part); ok {
			p.parts = append(p.parts, part)
			sum += d
			p.most = max(p.most, d)
		}
	}
	slices.SortStableFunc(p.parts, func(a, b assess.Part) int {
		x, _ := of(a)
		y, _ := of(b)
		return cmp.Compare(y, x)
	})
	if len(p.parts) > 0 {
		p.mean = sum / time.Duration(len(p.parts))
	}
	return p
}

// length writes a time as 1分18秒, 14分 or 3时05分.
func (v *view) length(d time.Duration) string {
	s := int(d / time.Second)
	switch {
	case s < 60:
		return v.t("assesspage.time.seconds", s)
	case s < 600:
		return v.t("assesspage.time.short", s/60, s%60)
	case s < 3600:
		return v.t("assesspage.time.minutes", (s+30)/60)
	}
	return v.t("assesspage.time.hours", s/3600, s%3600/60)
}

// responseClasses are the bars of the histogram: up to 1, 2, 3, 4 and 5 minutes, and above or never.
const responseClasses = 6

func responses(parts []assess.Part) [responseClasses][]assess.Part {
	var out [responseClasses][]assess.Part
	for _, p := range parts {
		d, ok := p.Response()
		i := responseClasses - 1
		if ok {
			i = min(i, int(max(0, d-1)/time.Minute))
		}
		out[i] = append(out[i], p)
	}
	return out
}

// named is one row of a breakdown.
type named struct {
	key, name string
	figures   assess.Figures
}

// rows are a dimension's rows, those with most incidents first.
func (v *view) rows(by assess.Dimension) []named {
	out := make([]named, 0, len(v.By[by]))
	for key, f := range v.By[by] {
		out = append(out, named{key, v.name(by, key), f})
	}
	slices.SortFunc(out, func(a, b named) int {
		return cmp.Or(cmp.Compare(b.figures.Received, a.figures.Received), cmp.Compare(a.key, b.key))
	})
	return out
}

// heat is the table of villages and main classes.
type heat struct {
	majors []string // the most frequent, the rest in the last column when rest is set
	rest   bool
	rows   []heatRow
	total  []assess.Part
}

type heatRow struct {
	village string
	cells   [][]assess.Part // as majors, then the rest
	total   []assess.Part
}

// heatOf lays incidents out by village and main class, villages with most first, those without any last; columns is how many there is room for.
func (v *view) heatOf(parts []assess.Part, villages []string, columns int) heat {
	h := heat{total: parts}
	count := map[string]int{}
	for _, p := range parts {
		count[v.majorOf(p)]++
	}
	for m := range count {
		if m != "" {
			h.majors = append(h.majors, m)
		}
	}
	slices.SortFunc(h.majors, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	if h.rest = len(h.majors) > columns || count[""] > 0; h.rest {
		h.majors = h.majors[:min(len(h.majors), max(0, columns-1))]
	}
	width := len(h.majors)
	if h.rest {
		width++
	}
	at := map[string]int{}
	row := func(village string) *heatRow {
		i, ok := at[village]
		if !ok {
			i = len(h.rows)
			at[village] = i
			h.rows = append(h.rows, heatRow{village: village, cells: make([][]assess.Part, width)})
		}
		return &h.rows[i]
	}
	for _, name := range villages {
		row(name)
	}
	for _, p := range parts {
		col := slices.Index(h.majors, v.majorOf(p))
		if col < 0 {
			col = width - 1
		}
		r := row(p.Village())
		r.cells[col] = append(r.cells[col], p)
		r.total = append(r.total, p)
	}
	slices.SortStableFunc(h.rows, func(a, b heatRow) int { return cmp.Compare(len(b.total), len(a.total)) })
	return h
}

func (v *view) majorOf(p assess.Part) string {
	if p.Category() == "" {
		return ""
	}
	return v.major(p.Category(), p.Received())
}
