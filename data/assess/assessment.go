package assess

import (
	"encoding/json"
	"fmt"
	"slices"

	"zw110/data/incident"
)

// Assessment is a report with what it is compared with.
type Assessment struct {
	Report
	Before Report // the period before
	// AfterAppeals is the report without what upheld appeals took out; nil when there are none.
	AfterAppeals *Report
	// WithoutDays is the report without Params.Without; nil when there are none.
	WithoutDays *Report
	// Trend is the report from Params.TrendFrom on; nil when none was asked for.
	Trend *Report
}

// Make assesses a period, the one before and, where there is cause, the same period after appeals and without some days.
func Make(p Params, incidents []Incident) (Assessment, error) {
	all := slices.Values(incidents)
	plain := p
	plain.Without, plain.Upheld, plain.TrendFrom = nil, nil, ""
	var a Assessment
	var err error
	states := folds{}
	if a.Report, err = assessed(plain, all, states); err != nil {
		return a, err
	}
	before := plain
	before.Until, before.totals = 0, true
	if before.From, before.To, err = Before(p.From, p.To); err != nil {
		return a, err
	}
	if a.Before, err = assessed(before, all, states); err != nil {
		return a, err
	}
	if p.TrendFrom != "" {
		longer := plain
		longer.From, longer.totals = p.TrendFrom, true
		r, err := assessed(longer, all, states)
		if err != nil {
			return a, err
		}
		a.Trend = &r
	}
	if upheld := UpheldOf(a.Appeals); len(upheld) > 0 {
		after := plain
		after.Upheld, after.totals = upheld, true
		r, err := assessed(after, all, states)
		if err != nil {
			return a, err
		}
		a.AfterAppeals = &r
	}
	if len(p.Without) > 0 {
		without := plain
		without.Without, without.totals = p.Without, true
		r, err := assessed(without, all, states)
		if err != nil {
			return a, err
		}
		a.WithoutDays = &r
	}
	return a, nil
}

// extra are the figures of a row that stand apart from the fixed ones.
type extra map[string]any

func (r *Report) extra(f Figures) extra {
	out := extra{"score": r.Score(f)}
	for _, m := range f.Measures {
		if m.Key.also() {
			out[string(m.Key)] = m.rate()
		}
	}
	return out
}

// JSON is the fixed shape of zw110ctl assess --json, broken down by the dimensions asked for.
func (a *Assessment) JSON(by ...Dimension) ([]byte, error) {
	out := a.fixed()
	also := map[string]any{"total": a.extra(a.Total)}
	for _, d := range by {
		key := "by_" + string(d)
		out[key] = a.By[d]
		rows := map[string]extra{}
		for name, f := range a.By[d] {
			rows[name] = a.extra(f)
		}
		also[key] = rows
	}
	out["also"] = also
	out["before"] = map[string]any{"period": a.Before.days(), "total": a.Before.Total}
	out["findings"] = append([]Finding{}, a.Findings...)
	out["appeals"] = append([]Appeal{}, a.Appeals...)
	if a.AfterAppeals != nil {
		out["after_appeals"] = map[string]any{"total": a.AfterAppeals.Total}
	}
	if a.WithoutDays != nil {
		out["without"] = map[string]any{"days": a.WithoutDays.Params.Without, "total": a.WithoutDays.Total}
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("write assessment: %w", err)
	}
	return raw, nil
}

func (r *Report) days() [2]incident.Day {
	return [2]incident.Day{r.Params.From, incident.DayOf(r.Period.To)}
}

// fixed are the figures whose names never change.
func (r *Report) fixed() map[string]any {
	return map[string]any{
		"period": r.days(), "as_of": seconds(r.Period.To), "total": r.Total, "balance": r.Balance, "buckets": r.Buckets,
		"states_at_end": r.States, "open_at_end": append([]Standing{}, r.Open...),
	}
}
