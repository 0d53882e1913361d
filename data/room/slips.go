package room

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"zw110/data/assess"
	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/lists"
)

// SlipRequest says which paper is wanted.
type SlipRequest struct {
	Kind lists.SlipKind
	No   string          // of the incident: supervise, handle
	Unit incident.UnitID // notice
	// From and To bound the shift of a handover, the returned orders of a notice (what is overdue is so as of To), and the days of a report. To zero
	// is now; From zero is 12 hours before, for a notice the first of the month.
	From, To incident.Stamp
}

// UnknownUnit says that nobody knows a unit.
type UnknownUnit struct{ Unit incident.UnitID }

// Error names the unit.
func (e *UnknownUnit) Error() string { return fmt.Sprintf("no unit named %q", string(e.Unit)) }

// ExportSlip writes a paper as a workbook and returns the file. One that is there already is kept and the next version written beside it.
func (r *Room) ExportSlip(ctx context.Context, want SlipRequest, out string) (string, error) {
	build, err := r.slipBuilder(ctx, want)
	if err != nil {
		return "", fmt.Errorf("slip %s: %w", want.Kind, err)
	}
	return saveSheet(out, build)
}

// slipBuilder reads what a paper says once; the answer makes any version of it.
func (r *Room) slipBuilder(ctx context.Context, want SlipRequest) (func(version int) (lists.Slip, error), error) {
	rules, now := r.rules.Load(), r.Now()
	until := want.To
	if until == 0 || until > now {
		until = now
	}
	from, err := want.begin(until)
	if err != nil {
		return nil, err
	}
	var (
		one   lists.SlipCase
		cases []lists.SlipCase
		a     assess.Assessment
	)
	switch want.Kind {
	case lists.SlipSupervise, lists.SlipHandle:
		one, err = r.slipCaseOf(want.No)
	case lists.SlipNotice, lists.SlipHandover:
		if _, ok := rules.Unit(want.Unit, now); !ok && want.Kind == lists.SlipNotice {
			return nil, &UnknownUnit{want.Unit}
		}
		cases, err = r.slipCases(ctx, from, until)
	case lists.SlipReport:
		last := incident.DayOf(until)
		if want.To != 0 {
			last = incident.DayOf(want.To - 1) // the period may still go on
		}
		a, err = r.Assess(ctx, assess.Params{From: incident.DayOf(from), To: last, Until: until}, nil)
	default:
		return nil, fmt.Errorf("no paper %q", string(want.Kind))
	}
	if err != nil {
		return nil, err
	}
	w := words(r.cfg.Text)
	p := lists.SlipParams{Town: rules.Town(), Rules: rules, Words: w, MadeAt: now, Name: rules.nameOf}
	return func(version int) (lists.Slip, error) {
		p.Version = version
		switch want.Kind {
		case lists.SlipSupervise:
			return lists.Supervise(p, one)
		case lists.SlipHandle:
			return lists.Handle(p, one), nil
		case lists.SlipHandover:
			return lists.Handover(p, from, until, cases), nil
		case lists.SlipNotice:
			return lists.Notice(p, want.Unit, from, until, cases)
		}
		title := w.T("slip.report.title", p.Town.Name, string(a.Params.From), string(a.Params.To))
		return lists.ReportSlip(p, title, reportParts(&a, w)), nil
	}, nil
}

// begin is From, or what it is taken to be when nobody says.
func (want *SlipRequest) begin(until incident.Stamp) (incident.Stamp, error) {
	switch {
	case want.From != 0:
		return want.From, nil
	case want.Kind == lists.SlipNotice:
		return (incident.DayOf(until)[:len("2006-01-")] + "01").Start()
	}
	return until.Add(-shiftLength), nil
}

// shiftLength is how long the shift before the moment of handing over was, when nobody says.
const shiftLength = 12 * time.Hour

// nameOf is the name of a login: of an operator, of somebody in the directory, else none.
func (r *Rules) nameOf(login incident.Login) string {
	for _, a := range r.accounts {
		if a.Login == login {
			return a.Name
		}
	}
	for _, p := range r.Directory.People() {
		if p.Login == login {
			return p.Name
		}
	}
	return ""
}

// slipCaseOf is an incident by number, as it is now.
func (r *Room) slipCaseOf(no string) (lists.SlipCase, error) {
	id, err := r.ByNo(no)
	if err != nil {
		return lists.SlipCase{}, err
	}
	f, err := r.file(id)
	if err != nil {
		return lists.SlipCase{}, err
	}
	return r.slipCase(f.state), nil
}

func (r *Room) slipCase(st incident.State) lists.SlipCase {
	c := lists.SlipCase{State: st}
	c.Category, _ = r.rules.Load().Category(st.Category, st.ReceivedAt)
	t := told(&st, c.Category)
	c.Title, c.Content, c.Mask = t.Title, t.Content, t.Mask
	return c
}

// slipCases are the incidents that were open between two moments, as of the second. A cancelled context ends it.
func (r *Room) slipCases(ctx context.Context, from, to incident.Stamp) ([]lists.SlipCase, error) {
	all := r.board.Snapshot(board.Filter{Ended: true})
	var out []lists.SlipCase
	for i := range all.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row := all.Row(i)
		if row.ReceivedAt > to || row.ClosedAt != 0 && row.ClosedAt < from {
			continue
		}
		f, err := r.file(row.ID)
		if err != nil {
			return nil, fmt.Errorf("incident %s: %w", row.No, err)
		}
		st := f.state
		if past := incident.AsOf(f.entries, to+1); len(past) < len(f.entries) {
			st = incident.Fold(past)
		}
		if st.Status != "" {
			out = append(out, r.slipCase(st))
		}
	}
	slices.SortFunc(out, func(a, b lists.SlipCase) int { return strings.Compare(a.State.No, b.State.No) })
	return out, nil
}

// reportMeasures are the measures of a report in words, by part.
func reportMeasures() []struct {
	head string
	keys []assess.Key
} {
	return []struct {
		head string
		keys []assess.Key
	}{
		{"speed", []assess.Key{assess.Response5min, assess.SignInTime}},
		{"settle", []assess.Key{assess.SameDay, assess.SameDayStrict, assess.Within24h, assess.OnTime, assess.OverdueFlow}},
		{"quality", []assess.Key{assess.FirstFix, assess.Rework, assess.Reopened, assess.Complete}},
		{"people", []assess.Key{assess.CallbackRate, assess.Satisfaction}},
		{"flow", []assess.Key{assess.FirstLead, assess.Returned, assess.Extended, assess.Suspended, assess.ForceClosed}},
	}
}

// reportParts puts an assessment into sentences. Each names the measure it tells of, with n and N.
func reportParts(a *assess.Assessment, w words) []lists.ReportPart {
	sentence := func(name string, m, before assess.Measure) string {
		switch {
		case m.Of == 0:
			return w.T("slip.report.empty", name, string(m.Key), m.N)
		case before.Of == 0:
			return w.T("slip.report.new", name, m.Percent(), string(m.Key), m.N, m.Of)
		}
		return w.T("slip.report.rate", name, m.Percent(), string(m.Key), m.N, m.Of, MeasureText(before), assess.Change(m, before))
	}
	overall := []string{
		w.T("slip.report.periods", stamped(a.Period.To), string(a.Before.Params.From), string(a.Before.Params.To)),
		w.T("slip.report.received", a.Total.Received, a.Total.Rateable), w.T("slip.report.balance", balanceLine(a.Balance, w)),
	}
	if d := a.Total.Duration; d.N > 0 {
		median, p90 := d.Hours()
		overall = append(overall, w.T("slip.report.duration", d.N, median, p90))
	}
	parts := []lists.ReportPart{{Head: w.T("slip.report.head.overall"), Sentences: overall}}
	for _, part := range reportMeasures() {
		p := lists.ReportPart{Head: w.T("slip.report.head." + part.head)}
		for _, key := range part.keys {
			p.Sentences = append(p.Sentences, sentence(w.T("assess.measure."+string(key)), a.Total.Measure(key), a.Before.Total.Measure(key)))
		}
		parts = append(parts, p)
	}
	units := lists.ReportPart{Head: w.T("slip.report.head.units")}
	for _, name := range slices.Sorted(maps.Keys(a.By[assess.ByUnit])) {
		if m := a.By[assess.ByUnit][name].Measure(assess.OnTime); m.Of >= few {
			units.Sentences = append(units.Sentences, w.T("slip.report.unit", name, m.Percent(), m.N, m.Of))
		}
	}
	if len(units.Sentences) > 0 {
		parts = append(parts, units)
	}
	return parts
}
