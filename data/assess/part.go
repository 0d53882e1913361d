package assess

import (
	"time"

	"zw110/data/incident"
)

// Title is what the incident of a part is about.
func (p Part) Title() string { return p.subject.st.Title }

// Incident names the incident of a part.
func (p Part) Incident() incident.IncidentID { return p.subject.st.ID }

// Village is where it happened.
func (p Part) Village() string { return p.subject.st.Village }

// Category is its code in the duty directory, empty before it was accepted.
func (p Part) Category() string { return p.subject.st.Category }

// Received is when it reached the room.
func (p Part) Received() incident.Stamp { return p.subject.st.ReceivedAt }

// Response is how long the first human act took, false when there was none.
func (p Part) Response() (time.Duration, bool) {
	st := p.subject.st
	return st.RespondedAt.Sub(st.ReceivedAt), st.RespondedAt != 0
}

// Arrival is how long it took from the first dispatch until somebody was on scene, false when nobody was.
func (p Part) Arrival() (time.Duration, bool) {
	st := p.subject.st
	return st.ArrivedAt.Sub(st.DispatchedAt), st.DispatchedAt != 0 && st.ArrivedAt >= st.DispatchedAt
}

// Received returns the incidents that came in during the period, by number; void ones are left out.
func (r *Report) Received() []Part {
	all := r.parts[Response5min]
	out := make([]Part, 0, len(all))
	for _, p := range all {
		if p.Why == "" {
			out = append(out, p)
		}
	}
	return out
}

// Part returns what the report has of an incident by its number, false for one it does not know.
func (r *Report) Part(no string) (Part, bool) {
	s, ok := r.subjects[no]
	if !ok {
		return Part{}, false
	}
	return Part{No: s.no, Unit: s.st.LeadUnit, subject: s}, true
}

// Late returns the incidents that are open, not handled and past their due time at the end of the period.
func (r *Report) Late() []Part {
	var out []Part
	for _, p := range r.parts[stock] {
		if p.Why == "" {
			out = append(out, p)
		}
	}
	return out
}

// Among counts one measure of the incidents that came in within [from, to): a point of a chart.
func (r *Report) Among(key Key, from, to incident.Stamp) Measure {
	m := Measure{Key: key}
	for _, p := range r.parts[key] {
		if at := p.Received(); at < from || at >= to {
			continue
		}
		m.Parts = append(m.Parts, p)
		m.N += p.Count
		if p.Why == "" {
			m.Of++
		}
	}
	return m
}
