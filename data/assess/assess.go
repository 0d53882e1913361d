// Package assess computes the measures of a period: every rate as n of N, each with the incidents behind it and, for those left out,
// the one reason. It knows entries and rules alone and changes nothing.
package assess

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"zw110/data/incident"
)

// Incident is one incident as its journal has it.
type Incident struct {
	// No tells it from all others. Where incidents of several townships are assessed together it begins with Prefix, which the numbers in its own
	// tags lack.
	No, Prefix string
	Entries    []incident.Entry
}

// Params say what to assess.
type Params struct {
	From, To incident.Day // both included
	Rules    incident.Rules
	// CutOff is the time of day in minutes from which on what comes in may be settled the next day and still count as the same day;
	// zero: midnight.
	CutOff int
	// Without are days whose incidents are left out of every measure, such as the two days of a storm.
	Without []incident.Day
	// Weights of the composite score, dated; none: DefaultWeights.
	Weights []Weights
	// Until, when it lies before the end of the last day, is when the period ends: what is due or done later is not known yet.
	Until incident.Stamp
	// TrendFrom, when set, asks for a report from that day to the end of the period as well, for charts; see Assessment.Trend.
	TrendFrom incident.Day
	// Photos tells of a photo what its manifest says, false for one that is not here; nil knows none.
	Photos func(incident.AttachmentID) (Photo, bool)
	// Upheld are disputed incidents by number that an appeal took out of the measures named; see Appeals.
	Upheld map[string][]Key

	// Towns are the townships that a county looks at, none for all; ByTown breaks the period down by them.
	Towns  []incident.ScopeID
	ByTown bool

	// Done, when closed, gives the assessment up with context.Canceled.
	Done <-chan struct{}

	totals bool // no breakdown is wanted
}

// givenUp returns an error once Done is closed.
func (p *Params) givenUp() error {
	select {
	case <-p.Done:
		return fmt.Errorf("assess %s to %s: %w", p.From, p.To, context.Canceled)
	default:
		return nil
	}
}

// Period is a stretch of time from From up to but not including To.
type Period struct{ From, To incident.Stamp }

// PeriodOf returns the time of the days from up to and including to, or an error for something that is no day or runs backwards.
func PeriodOf(from, to incident.Day) (Period, error) {
	a, err := from.Start()
	if err != nil {
		return Period{}, fmt.Errorf("period: %w", err)
	}
	last, err := to.Start()
	if err != nil {
		return Period{}, fmt.Errorf("period: %w", err)
	}
	if last < a {
		return Period{}, fmt.Errorf("period: %s is before %s", to, from)
	}
	return Period{a, last.Add(24 * time.Hour)}, nil
}

// Before returns the days of the period that a period is compared with: as many calendar months before whole months, else as many days before.
func Before(from, to incident.Day) (incident.Day, incident.Day, error) {
	p, err := PeriodOf(from, to)
	if err != nil {
		return "", "", err
	}
	a, b := p.From.Time().In(incident.Local), p.To.Time().In(incident.Local)
	prev := a.Add(a.Sub(b))
	if a.Day() == 1 && b.Day() == 1 {
		prev = a.AddDate(0, int(a.Month()-b.Month())-12*(b.Year()-a.Year()), 0)
	}
	return incident.DayOf(incident.StampOf(prev)), incident.DayOf(p.From - 1), nil
}

// Earliest returns the first moment that an assessment looks at: of the period before, or of the trend.
func Earliest(p Params) (incident.Stamp, error) {
	from, _, err := Before(p.From, p.To)
	if err != nil {
		return 0, err
	}
	if p.TrendFrom != "" {
		from = min(from, p.TrendFrom)
	}
	return from.Start()
}

func (p Period) has(at incident.Stamp) bool { return at != 0 && p.From <= at && at < p.To }

// subject is one incident at the start and at the end of the period.
type subject struct {
	no      string
	was     incident.Status // as of the start; empty when it was not there
	st      *incident.State // as of the end, shared by reports
	due     incident.Stamp  // last due time of C6, zero while suspended
	from    incident.Stamp  // last start of C6
	leftOut Reason          // not empty: left out of every measure
	upheld  []Key
}

// Report is what happened in a period, as of its end. Acts that were done later do not exist.
type Report struct {
	Params   Params
	Period   Period
	Total    Figures
	By       map[Dimension]map[string]Figures
	Balance  Balance
	States   map[incident.Status]int
	Open     []Standing
	Buckets  Buckets
	Timed    Timed
	Findings []Finding
	Appeals  []Appeal
	parts    map[Key][]Part
	subjects map[string]*subject // those with parts, by number
}

// Standing is an incident that is open at the end of the period.
type Standing struct {
	No     string
	Status incident.Status
}

// Balance is the line 上期结转 + 本期新增 = 本期办结 + 期末在办 + X1 to X4. Back are incidents that had ended and were reopened in the period.
type Balance struct {
	CarriedIn, New, Back, Closed, OpenAtEnd, X1, X2, X3, X4 int
}

// Holds reports whether both sides are equal.
func (b Balance) Holds() bool {
	return b.CarriedIn+b.New+b.Back == b.Closed+b.OpenAtEnd+b.X1+b.X2+b.X3+b.X4
}

// Assess computes the report of a period. Incidents may come in any order; those received later count for nothing.
func Assess(p Params, incidents iter.Seq[Incident]) (Report, error) {
	return assessed(p, incidents, folds{})
}

// folds keeps the states of incidents by how many of their entries count: most are the same at the start and the end of a period, and in the
// report of the period before.
type folds map[foldKey]*incident.State

type foldKey struct {
	no      string
	entries int
}

// asOf returns the state of an incident before a moment.
func (f folds) asOf(in *Incident, end incident.Stamp) *incident.State {
	entries := incident.AsOf(in.Entries, end)
	key := foldKey{in.No, len(entries)}
	st, ok := f[key]
	if !ok {
		folded := incident.Fold(entries)
		st = &folded
		f[key] = st
	}
	return st
}

func assessed(p Params, incidents iter.Seq[Incident], states folds) (Report, error) {
	period, err := PeriodOf(p.From, p.To)
	if err != nil {
		return Report{}, err
	}
	if p.Until != 0 {
		period.To = max(period.From, min(period.To, p.Until))
	}
	r := Report{Params: p, Period: period, States: map[incident.Status]int{}, parts: map[Key][]Part{}, subjects: map[string]*subject{}}
	without := map[incident.Day]bool{}
	for _, d := range p.Without {
		without[d] = true
	}
	var all []*subject
	for in := range incidents {
		if err := p.givenUp(); err != nil {
			return Report{}, err
		}
		if appeals := appealsOf(in); appeals != nil {
			r.Appeals = append(r.Appeals, appeals...)
			continue
		}
		st := states.asOf(&in, period.To)
		if st.Status == "" || st.ReceivedAt >= period.To {
			continue
		}
		s := &subject{no: in.No, st: st, upheld: p.Upheld[in.No]}
		s.due, _ = incident.SettleDue(st, p.Rules)
		s.from = settleFrom(st)
		if st.ReceivedAt < period.From {
			s.was = states.asOf(&in, period.From).Status
		}
		if without[incident.DayOf(st.ReceivedAt)] {
			s.leftOut = DayLeftOut
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *subject) int { return strings.Compare(a.no, b.no) })
	r.keepAppeals(all)
	if err := r.count(all); err != nil {
		return Report{}, err
	}
	r.Findings = r.findings(all)
	return r, nil
}

// keepAppeals drops appeals about incidents of other times.
func (r *Report) keepAppeals(all []*subject) {
	known := map[string]bool{}
	for _, s := range all {
		known[s.no] = true
	}
	r.Appeals = slices.DeleteFunc(r.Appeals, func(a Appeal) bool { return !known[a.Incident] })
	slices.SortStableFunc(r.Appeals, func(a, b Appeal) int { return strings.Compare(a.No, b.No) })
}

func (r *Report) count(all []*subject) error {
	for _, s := range all {
		for _, m := range measures {
			for _, part := range m.of(r, s) {
				part.subject = s
				if part.No = s.no; part.Unit == "" {
					part.Unit = s.st.LeadUnit
				}
				r.parts[m.key] = append(r.parts[m.key], s.without(m.key, part))
				r.subjects[s.no] = s
			}
		}
		r.balance(s)
	}
	r.Total = r.figures(all, nil)
	r.Buckets, r.Timed = r.buckets(all)
	r.By = map[Dimension]map[string]Figures{}
	if r.Params.totals {
		return nil
	}
	for _, d := range Dimensions() {
		if d == ByTown && !r.Params.ByTown {
			continue
		}
		r.By[d] = map[string]Figures{}
		for _, name := range r.names(d, all) {
			if err := r.Params.givenUp(); err != nil {
				return err
			}
			r.By[d][name] = r.figures(all, func(s *subject, unit incident.UnitID) bool { return d.of(s, unit) == name })
		}
	}
	return nil
}

// without lays over a part what takes its incident out.
func (s *subject) without(key Key, p Part) Part {
	why := s.leftOut
	if why == "" && slices.Contains(s.upheld, key) {
		why = AppealUpheld
	}
	if why != "" {
		p.Count = 0
		if p.Why == "" {
			p.Why = why
		}
	}
	return p
}

func (r *Report) balance(s *subject) {
	b := &r.Balance
	was, now := s.was, s.st.Status
	switch {
	case was == "":
		b.New++
	case was.Open():
		b.CarriedIn++
	case now.Open() || s.endedAt() >= r.Period.From:
		b.Back++
	default:
		return // ended before, and still
	}
	r.States[now]++
	switch now {
	case incident.Closed:
		b.Closed++
	case incident.Refused:
		b.X1++
	case incident.Merged:
		b.X2++
	case incident.Forced:
		b.X3++
	case incident.Void:
		b.X4++
	default:
		b.OpenAtEnd++
		r.Open = append(r.Open, Standing{s.no, now})
	}
}

func (s *subject) endedAt() incident.Stamp { return max(s.st.ClosedAt, s.st.EndedAt) }

func settleFrom(st *incident.State) incident.Stamp {
	return max(st.ReceivedAt, st.ReopenedAt, st.CountyBackAt)
}
