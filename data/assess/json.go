package assess

import (
	"encoding/json"
	"strconv"
	"time"

	"zw110/data/incident"
)

type rate struct {
	N   int    `json:"n"`
	Of  int    `json:"N"`
	Pct string `json:"pct"`
}

func (m Measure) rate() rate { return rate{m.N, m.Of, m.Percent()} }

// MarshalJSON writes the figures with the fixed names of zw110ctl assess.
func (f Figures) MarshalJSON() ([]byte, error) {
	out := map[string]any{
		"received": f.Received, "rateable": f.Rateable, "merged": f.Merged, "refused": f.Refused, "escalated_out": f.EscalatedOut,
		"forced": f.Forced, "void": f.Void, "duration_work_hours": f.Duration,
	}
	for _, m := range f.Measures {
		if !m.Key.also() {
			out[string(m.Key)] = m.rate()
		}
	}
	late := make([][2]any, 0, len(f.Overdue))
	for _, l := range f.Overdue {
		late = append(late, [2]any{l.No, l.Days})
	}
	out[string(stock)] = late
	return json.Marshal(out)
}

// Hours returns median and 90th percentile in work hours with two decimals, "—" when there are none.
func (d Duration) Hours() (median, p90 string) {
	if d.N == 0 {
		return "—", "—"
	}
	return strconv.FormatFloat(d.Median, 'f', 2, 64), strconv.FormatFloat(d.P90, 'f', 2, 64)
}

// MarshalJSON writes work hours with two decimals, null when there are none.
func (d Duration) MarshalJSON() ([]byte, error) {
	out := struct {
		N      int          `json:"N"`
		Median *json.Number `json:"median"`
		P90    *json.Number `json:"p90"`
	}{N: d.N}
	if d.N > 0 {
		median, p90 := d.Hours()
		out.Median, out.P90 = (*json.Number)(&median), (*json.Number)(&p90)
	}
	return json.Marshal(out)
}

// MarshalJSON writes a pair of number and state.
func (s Standing) MarshalJSON() ([]byte, error) { return json.Marshal([2]any{s.No, s.Status}) }

// MarshalJSON writes the table with the names of its classes.
func (b Buckets) MarshalJSON() ([]byte, error) {
	table := func(n [5]int, names ...string) map[string]int {
		out := map[string]int{}
		for i, name := range names {
			out[name] = n[i]
		}
		return out
	}
	return json.Marshal(map[string]any{
		"sign_seconds":           table(b.Sign, "0-30", "-60", "-120", "-180", "over"),
		"first_feedback_minutes": table(b.First, "0-30", "-60", "-120", "-240", "over"),
	})
}

// MarshalJSON writes the line; "reopened" stands in it only when there is any.
func (b Balance) MarshalJSON() ([]byte, error) {
	out := map[string]int{
		"carried_in": b.CarriedIn, "new": b.New, "closed": b.Closed, "open_at_end": b.OpenAtEnd, "X1": b.X1, "X2": b.X2, "X3": b.X3, "X4": b.X4,
	}
	if b.Back > 0 {
		out["reopened"] = b.Back
	}
	return json.Marshal(out)
}

func seconds(at incident.Stamp) string { return at.Time().In(incident.Local).Format(time.RFC3339) }
