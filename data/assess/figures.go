package assess

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"zw110/data/incident"
)

// Dimension is what a report is broken down by.
type Dimension string

// The dimensions. By unit, the lead counts for the incident and every unit for its own tasks.
const (
	ByUnit     Dimension = "unit"
	ByVillage  Dimension = "village"
	ByChannel  Dimension = "channel"
	ByCategory Dimension = "category"
	ByTown     Dimension = "town" // by division code; see Params.ByTown
)

// Dimensions returns all of them.
func Dimensions() []Dimension { return []Dimension{ByUnit, ByVillage, ByChannel, ByCategory, ByTown} }

func (d Dimension) of(s *subject, unit incident.UnitID) string {
	switch d {
	case ByUnit:
		return string(unit)
	case ByVillage:
		return s.st.Village
	case ByChannel:
		return string(s.st.Channel)
	case ByTown:
		return strconv.FormatUint(uint64(s.st.Scope), 10)
	}
	return s.st.Category
}

// names returns what there is of a dimension among the incidents of the period, sorted; what has no name is in the total alone.
func (r *Report) names(d Dimension, all []*subject) []string {
	seen := map[string]bool{}
	for _, parts := range r.parts {
		for i := range parts {
			seen[d.of(parts[i].subject, parts[i].Unit)] = true
		}
	}
	for _, s := range all {
		if r.received(s) {
			seen[d.of(s, s.st.LeadUnit)] = true
		}
	}
	delete(seen, "")
	out := make([]string, 0, len(seen))
	for name := range seen {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Figures are the counts and measures of one row of a report.
type Figures struct {
	// Received leaves out what was void; Rateable is Received without Merged, Refused and EscalatedOut.
	Received, Rateable, Merged, Refused, EscalatedOut, Forced, Void int
	Measures                                                        []Measure // in the order of Keys
	Overdue                                                         []Late
	Duration                                                        Duration
}

// Late is an open incident past its due time, with the days overdue at the end of the period.
type Late struct {
	No   string
	Days int
}

// Duration is the work time from receipt to settling, in hours: the median (mean of the middle two) and the 90th percentile by nearest
// rank. Both are 0 for N = 0.
type Duration struct {
	N           int
	Median, P90 float64
}

// Measure returns one of the measures.
func (f Figures) Measure(key Key) Measure {
	for _, m := range f.Measures {
		if m.Key == key {
			return m
		}
	}
	return Measure{Key: key}
}

// some returns the parts that fit.
func some(parts []Part, fits func(*subject, incident.UnitID) bool) []Part {
	var out []Part
	for _, p := range parts {
		if fits(p.subject, p.Unit) {
			out = append(out, p)
		}
	}
	return out
}

// figures counts what fits, everything for nil; the parts of everything are the report's own.
func (r *Report) figures(all []*subject, fits func(*subject, incident.UnitID) bool) Figures {
	var f Figures
	for _, s := range all {
		if fits != nil && !fits(s, s.st.LeadUnit) || !r.received(s) || s.leftOut != "" {
			continue
		}
		if s.st.Status == incident.Void {
			f.Void++
			continue
		}
		f.Received++
		switch s.unrated() {
		case WasMerged:
			f.Merged++
		case WasRefused:
			f.Refused++
		case EscalatedOut:
			f.EscalatedOut++
		default:
			f.Rateable++
		}
		if s.st.Status == incident.Forced {
			f.Forced++
		}
	}
	var times []int64
	for _, rule := range measures {
		m := Measure{Key: rule.key, Parts: r.parts[rule.key]}
		if fits != nil {
			m.Parts = some(m.Parts, fits)
		}
		for _, p := range m.Parts {
			m.N += p.Count
			if p.Why != "" {
				continue
			}
			m.Of++
			switch rule.key {
			case duration:
				times = append(times, p.Value)
			case stock:
				f.Overdue = append(f.Overdue, Late{p.No, int(p.Value)})
			}
		}
		if rule.key != duration && rule.key != stock {
			f.Measures = append(f.Measures, m)
		}
	}
	f.Duration = durationOf(times)
	return f
}

func durationOf(times []int64) Duration {
	n := len(times)
	if n == 0 {
		return Duration{}
	}
	slices.SortFunc(times, cmp.Compare)
	const hour = float64(time.Hour / time.Millisecond)
	return Duration{N: n, Median: float64(times[(n-1)/2]+times[n/2]) / 2 / hour, P90: float64(times[(9*n+9)/10-1]) / hour}
}

// Buckets are the time tables of the 110 weekly: how many fell into each class, upper bounds included. The last class is all above.
type Buckets struct {
	Sign  [5]int // 30 s, 60 s, 120 s, 180 s, over; from a task's dispatch to its sign-in
	First [5]int // 30 min, 60 min, 2 h, 4 h, over; from the first dispatch to the first feedback
}

// Timed are the tasks and incidents behind Buckets.
type Timed struct{ Sign, First [5][]Part }

func (r *Report) buckets(all []*subject) (Buckets, Timed) {
	var (
		b     Buckets
		parts Timed
	)
	for _, s := range all {
		if s.leftOut != "" {
			continue
		}
		for _, t := range s.st.Tasks {
			if r.Period.has(t.SentAt) && t.SignedAt != 0 {
				i := class(int64(t.SignedAt-t.SentAt), 30e3, 60e3, 120e3, 180e3)
				b.Sign[i]++
				parts.Sign[i] = append(parts.Sign[i], Part{No: s.no, Unit: t.Unit, Count: 1, subject: s})
			}
		}
		if r.Period.has(s.st.DispatchedAt) && s.st.FirstFeedback != 0 {
			i := class(int64(s.st.FirstFeedback-s.st.DispatchedAt), 30*60e3, 60*60e3, 120*60e3, 240*60e3)
			b.First[i]++
			parts.First[i] = append(parts.First[i], Part{No: s.no, Unit: s.st.LeadUnit, Count: 1, subject: s})
		}
	}
	return b, parts
}

func class(ms int64, bounds ...int64) int {
	for i, b := range bounds {
		if ms <= b {
			return i
		}
	}
	return len(bounds)
}

// percent is n of N in percent, two decimals half up.
func percent(n, of int) string {
	if of <= 0 {
		return "—"
	}
	return hundredths(hundredthsOf(n, of))
}

// hundredthsOf is n of N in hundredths of a percent, half up.
func hundredthsOf(n, of int) int { return (2*n*10000 + of) / (2 * of) }

// hundredths writes a number of hundredths as a decimal.
func hundredths(h int) string {
	sign := ""
	if h < 0 {
		sign, h = "-", -h
	}
	return fmt.Sprintf("%s%d.%02d", sign, h/100, h%100)
}
