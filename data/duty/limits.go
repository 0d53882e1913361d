package duty

import (
	"maps"
	"slices"
	"sort"

	"zw110/data/incident"
)

// The clocks of limits.csv. The first nine have a limit for each urgency.
const (
	clockRespond, clockDispatch, clockSign, clockArrive, clockArriveFar = "respond", "dispatch", "sign", "arrive", "arrive_far"
	clockFirst, clockReturn, clockVerify, clockCallback                 = "first_feedback", "return", "verify", "callback"
	clockReturn12345, clockCap, clockReopen, clockRule                  = "return_12345", "cap", "reopen", "rule"
)

// limitCells says which cells of a clock's row count and whether they may be empty.
type limitCells struct{ byUrgency, urgent, normal, optional bool }

func clockCells(clock string) (limitCells, bool) {
	switch clock {
	case clockRespond, clockDispatch, clockSign, clockFirst, clockReturn, clockVerify, clockCallback:
		return limitCells{byUrgency: true}, true
	case clockArrive, clockArriveFar:
		return limitCells{byUrgency: true, optional: true}, true
	case clockReturn12345, clockReopen:
		return limitCells{normal: true}, true
	case clockCap:
		return limitCells{urgent: true}, true
	case clockRule:
		return limitCells{urgent: true, normal: true}, true
	}
	return limitCells{}, false
}

func allClocks() []string {
	return []string{
		clockRespond, clockDispatch, clockSign, clockArrive, clockArriveFar, clockFirst, clockReturn, clockVerify, clockCallback,
		clockReturn12345, clockCap, clockReopen, clockRule,
	}
}

func limitFormat() format[LimitRow] {
	return format[LimitRow]{
		file: "limits", columns: []string{"clock", "critical", "urgent", "normal", "low", "note"}, need: 5,
		parse: func(r record) LimitRow {
			row := LimitRow{
				Clock: r.text("clock"), Critical: r.limit("critical"), Urgent: r.limit("urgent"), Normal: r.limit("normal"),
				Low: r.limit("low"), Note: r.text("note"),
			}
			want, ok := clockCells(row.Clock)
			if !ok {
				r.fail("clock", row.Clock)
				return row
			}
			if want.optional {
				return row
			}
			for col, needed := range map[string]bool{
				"critical": want.byUrgency, "urgent": want.byUrgency || want.urgent, "normal": want.byUrgency || want.normal, "low": want.byUrgency,
			} {
				if given := r.text(col) != "" && r.text(col) != "-"; given && !needed {
					r.fail("limit_surplus", row.Clock, col)
				} else if !given && needed {
					r.fail("empty", col)
				}
			}
			return row
		},
		cells: func(l LimitRow) []string {
			return []string{l.Clock, FormatLimit(l.Critical), FormatLimit(l.Urgent), FormatLimit(l.Normal), FormatLimit(l.Low), l.Note}
		},
	}
}

// limitsFrom is the whole table of limits from a moment on.
type limitsFrom struct {
	From   incident.Stamp
	Limits incident.Limits
}

// assemble makes the table of limits for every moment at which one of its rows changed, earliest first.
func assemble(t table[LimitRow]) []limitsFrom {
	moments := map[incident.Stamp]bool{0: true}
	for _, vs := range t.rows {
		for _, v := range vs {
			moments[v.From] = true
		}
	}
	var out []limitsFrom
	for _, from := range slices.Sorted(maps.Keys(moments)) {
		out = append(out, limitsFrom{From: from, Limits: limitsAt(t, max(from, 1))})
	}
	return out
}

func limitsAt(t table[LimitRow], at incident.Stamp) incident.Limits {
	row := func(clock string) LimitRow {
		r, _ := t.at(clock, at)
		return r
	}
	l := incident.Limits{By: map[incident.Urgency]incident.UrgencyLimits{}}
	for u, cell := range map[incident.Urgency]func(LimitRow) incident.Limit{
		incident.Critical: func(r LimitRow) incident.Limit { return r.Critical },
		incident.Urgent:   func(r LimitRow) incident.Limit { return r.Urgent },
		incident.Normal:   func(r LimitRow) incident.Limit { return r.Normal },
		incident.Low:      func(r LimitRow) incident.Limit { return r.Low },
	} {
		l.By[u] = incident.UrgencyLimits{
			Respond: cell(row(clockRespond)), Dispatch: cell(row(clockDispatch)), Sign: cell(row(clockSign)), Arrive: cell(row(clockArrive)),
			ArriveFar: cell(row(clockArriveFar)), FirstFeedback: cell(row(clockFirst)), Return: cell(row(clockReturn)),
			Verify: cell(row(clockVerify)), Callback: cell(row(clockCallback)),
		}
	}
	l.Return12345, l.Reopen = row(clockReturn12345).Normal, row(clockReopen).Normal
	l.Cap = row(clockCap).Urgent
	l.Rule, l.RuleUrgent = row(clockRule).Normal, row(clockRule).Urgent
	return l
}

// Limits returns the table of limits in force at a moment; 0 is the newest. It is shared: don't change it.
func (d *Directory) Limits(at incident.Stamp) incident.Limits {
	if at == 0 {
		return d.assembled[len(d.assembled)-1].Limits
	}
	i := sort.Search(len(d.assembled), func(i int) bool { return d.assembled[i].From > at })
	return d.assembled[max(i-1, 0)].Limits
}
