package assess

import (
	"strings"
	"time"

	"zw110/data/incident"
)

// Words gives the text of a catalogue key with its places filled.
type Words interface {
	T(key string, args ...any) string
}

// Line tells in one line who had an incident from when to when, and where its settle clock stands: the explanation of a figure.
// Stretches in which the clock stood still say so.
func Line(st *incident.State, rules incident.Rules, asOf incident.Stamp, w Words) string {
	segments := incident.Segments(st)
	parts := make([]string, 0, len(segments)+1)
	for _, s := range segments {
		to, end := w.T("assess.line.now"), asOf
		if s.To != 0 {
			to, end = moment(s.To), s.To
		}
		holder := s.Holder
		switch holder {
		case incident.HolderRoom:
			holder = w.T("assess.holder.room")
		case incident.HolderCounty:
			holder = w.T("assess.holder.county")
		case incident.HolderClosed:
			holder = w.T("assess.holder.closed")
		}
		part := w.T("assess.line.part", holder, moment(s.From), to, length(end.Sub(s.From), w))
		if s.Stopped && s.Holder != incident.HolderClosed {
			part += w.T("assess.line.stopped")
		}
		parts = append(parts, part)
	}
	due, _ := incident.SettleDue(st, rules)
	switch {
	case due == 0:
	case st.HandledAt == 0:
		parts = append(parts, w.T("assess.line.due_open", moment(due)))
	case st.HandledAt <= due:
		parts = append(parts, w.T("assess.line.in_time", moment(due), moment(st.HandledAt)))
	default:
		parts = append(parts, w.T("assess.line.late", moment(due), moment(st.HandledAt), length(st.HandledAt.Sub(due), w)))
	}
	return strings.Join(parts, w.T("assess.line.between"))
}

// Line explains why a part counts as it does: the clock of its incident, as of the end of the report.
func (r *Report) Line(p Part, w Words) string {
	return Line(p.subject.st, r.Params.Rules, r.Period.To, w)
}

func moment(at incident.Stamp) string {
	return at.Time().In(incident.Local).Format("01-02 15:04")
}

// length is a time in whole minutes, hours and minutes, or days and hours.
func length(d time.Duration, w Words) string {
	m := int(max(d, 0) / time.Minute)
	switch {
	case m < 60:
		return w.T("assess.length.minutes", m)
	case m < 24*60:
		return w.T("assess.length.hours", m/60, m%60)
	}
	return w.T("assess.length.days", m/(24*60), m/60%24)
}
