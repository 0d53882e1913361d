package duty

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"zw110/data/incident"
)

// Workload is what a unit has in hand now: open tasks, and how many of them are overdue.
type Workload struct{ Open, Overdue int }

// Past names a unit's leads of one category.
type Past struct {
	Unit     incident.UnitID
	Category string
}

// Success counts leads: Total that ended, First of them settled by the first lead without return, rework or reopening.
type Success struct{ First, Total int }

// Reason says why a unit is proposed: a catalogue key "duty.why.<reason>" and what fills its places.
type Reason struct {
	Key  string
	Args []string
}

// Suggestion is a unit that should lead or help. Share is its load against the busiest unit's, 0 to 1.
type Suggestion struct {
	Unit    incident.UnitID
	Lead    bool
	Load    Workload
	Share   float64
	Reasons []Reason
}

// enoughCases is how many ended cases a success rate must rest on before it speaks.
const enoughCases = 5

// Recommend proposes who leads and who helps with a draft: the lead and co-handlers of the directory row, the lead changed by its split rule
// when one of the rule's words stands in title, content or place. A row without a lead (the shift leader decides) gets up to three units that led
// the category before, best first. The order is lead, co-handlers in order of the row; every proposal carries its reasons, present load and past success.
func (d *Directory) Recommend(draft incident.Fields, at incident.Stamp, loads map[incident.UnitID]Workload, history map[Past]Success) []Suggestion {
	c, ok := d.duty.at(draft.Category, at)
	if !ok {
		return nil
	}
	var out []Suggestion
	add := func(u incident.UnitID, lead bool, why Reason) {
		if u != "" && !slices.ContainsFunc(out, func(s Suggestion) bool { return s.Unit == u }) {
			out = append(out, Suggestion{Unit: u, Lead: lead, Reasons: []Reason{why}})
		}
	}
	if split, word := c.split(draft); split != "" {
		add(split, true, why("split", word, string(split)))
	}
	if c.Lead == "" {
		for i, p := range bestLeads(c.Code, history) {
			s := history[p]
			add(p.Unit, i == 0 && len(out) == 0, why("past_lead", strconv.Itoa(s.First), strconv.Itoa(s.Total)))
		}
	}
	add(c.Lead, len(out) == 0, why("lead", c.Code, c.Minor))
	for _, u := range c.Co {
		add(u, false, why("co", c.Code, c.Minor))
	}
	busiest := 0
	for _, l := range loads {
		busiest = max(busiest, l.Open)
	}
	for i := range out {
		d.explain(&out[i], draft, at, loads[out[i].Unit], busiest, history[Past{Unit: out[i].Unit, Category: c.Code}])
	}
	return out
}

func why(reason string, args ...string) Reason { return Reason{Key: "duty.why." + reason, Args: args} }

// split returns the lead of the first split rule of which a word stands in the draft, and that word.
func (c Category) split(draft incident.Fields) (incident.UnitID, string) {
	text := draft.Title + "\n" + draft.Content
	if draft.Place != nil {
		text += "\n" + draft.Place.Text
	}
	text = strings.ToUpper(text)
	for _, s := range c.Splits {
		for _, w := range s.Words {
			if strings.Contains(text, strings.ToUpper(w)) {
				return s.Lead, w
			}
		}
	}
	return "", ""
}

// bestLeads returns up to three units that led the category, by share of first-time success, then by number, then by name.
func bestLeads(code string, history map[Past]Success) []Past {
	var out []Past
	for p, s := range history {
		if p.Category == code && s.Total > 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Past) int {
		sa, sb := history[a], history[b]
		return cmp.Or(cmp.Compare(sb.First*sa.Total, sa.First*sb.Total), cmp.Compare(sb.Total, sa.Total), cmp.Compare(a.Unit, b.Unit))
	})
	return out[:min(3, len(out))]
}

// explain adds village, load and past success to a proposal.
func (d *Directory) explain(s *Suggestion, draft incident.Fields, at incident.Stamp, load Workload, busiest int, past Success) {
	if u, ok := d.units.at(string(s.Unit), at); ok && u.Kind == KindVillage && draft.Village != "" {
		village := draft.Village
		if name, ok := d.VillageName(village); ok {
			village = name
		}
		s.Reasons = append(s.Reasons, why("village", village, u.Full))
	} else if ok && u.County {
		s.Reasons = append(s.Reasons, why("county", u.Full))
	}
	s.Load = load
	if busiest > 0 {
		s.Share = float64(load.Open) / float64(busiest)
	}
	switch {
	case load.Overdue > 0:
		s.Reasons = append(s.Reasons, why("overdue", strconv.Itoa(load.Open), strconv.Itoa(load.Overdue)))
	case load.Open > 0:
		s.Reasons = append(s.Reasons, why("load", strconv.Itoa(load.Open)))
	default:
		s.Reasons = append(s.Reasons, why("idle"))
	}
	if past.Total >= enoughCases {
		s.Reasons = append(s.Reasons, why("success", strconv.Itoa(past.First), strconv.Itoa(past.Total)))
	}
}
