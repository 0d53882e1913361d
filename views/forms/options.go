package forms

import (
	"fmt"
	"slices"
	"strings"

	"zw110/data/incident"
)

// reasons offers the codes of a prefix, DOMAIN's reason table, by name.
func reasons(prefix string) func(*Form) []Option {
	counts := map[string]int{"IN": 3, "NR": 7, "RT": 6, "RA": 4, "SU": 6, "EX": 4, "UP": 6, "VF": 5, "RO": 5, "FC": 5}
	return func(f *Form) []Option {
		var out []Option
		for n := 1; n <= counts[prefix]; n++ {
			code := fmt.Sprintf("%s%02d", prefix, n)
			out = append(out, Option{Value: code, Name: f.Text("reason." + code), Hint: code})
		}
		return out
	}
}

// named offers fixed values, each named by the text prefix + value.
func named(prefix string, values ...string) func(*Form) []Option {
	return func(f *Form) []Option {
		out := make([]Option, len(values))
		for i, v := range values {
			out[i] = Option{Value: v, Name: f.Text(prefix + v)}
		}
		return out
	}
}

func villages(f *Form) []Option   { return f.Book.Villages }
func units(f *Form) []Option      { return f.Book.Units }
func categories(f *Form) []Option { return f.Book.Categories }

func urgencies(f *Form) []Option {
	return named("urgency.", string(incident.Critical), string(incident.Urgent), string(incident.Normal), string(incident.Low))(f)
}

// channels offers where a report can come from, those that reach the desk by hand first.
func channels(f *Form) []Option {
	return named("channel.", string(incident.ChannelPhone), string(incident.ChannelWindow), string(incident.ChannelLeader), string(incident.Channel110),
		string(incident.Channel12345), string(incident.ChannelSPT), string(incident.ChannelGrid), string(incident.ChannelLink),
		string(incident.ChannelVest), string(incident.ChannelLYT))(f)
}

// people offers everyone with one of the roles, except who fills the form.
func people(roles ...incident.Role) func(*Form) []Option {
	return func(f *Form) []Option {
		var out []Option
		for _, p := range f.Book.People {
			if !slices.Contains(roles, p.Role) || p.Login == f.Who.Login {
				continue
			}
			hint := f.Text("role." + string(p.Role))
			if p.Unit != "" {
				hint = string(p.Unit)
			}
			out = append(out, Option{Value: string(p.Login), Name: p.Name, Hint: hint})
		}
		return out
	}
}

// tasks offers the units whose task stands in one of the states; with own set, a unit's liaison sees its own alone.
func tasks(lead, co bool, states ...incident.TaskStatus) func(*Form) []Option {
	return func(f *Form) []Option {
		var out []Option
		for _, t := range f.Subject.State.Tasks {
			if !slices.Contains(states, t.Status) || t.Lead && !lead || !t.Lead && !co || !f.mayActFor(t.Unit) {
				continue
			}
			role := "forms.co"
			if t.Lead {
				role = "forms.lead"
			}
			out = append(out, Option{Value: string(t.Unit), Name: string(t.Unit), Hint: f.Text(role) + "·" + f.Text("task."+string(t.Status))})
		}
		slices.SortStableFunc(out, func(a, b Option) int { return strings.Compare(f.leadFirst(a.Value), f.leadFirst(b.Value)) })
		return out
	}
}

// leadFirst sorts the lead before the others.
func (f *Form) leadFirst(unit string) string {
	if incident.UnitID(unit) == f.Subject.State.LeadUnit {
		return "0"
	}
	return "1"
}

// mayActFor reports whether who fills the form speaks for a unit: a liaison for its own, the room for all.
func (f *Form) mayActFor(unit incident.UnitID) bool {
	switch f.Who.Role {
	case incident.RoleUnit:
		return f.Who.Unit == unit
	case incident.RoleGrid:
		return strings.HasPrefix(string(f.Who.Unit), string(unit))
	}
	return true
}

// firstOf returns a start: the first of the options.
func firstOf(options func(*Form) []Option) func(*Form) string {
	return func(f *Form) string {
		if o := options(f); len(o) > 0 {
			return o[0].Value
		}
		return ""
	}
}

// isLead reports whether the unit chosen is the lead.
func isLead(f *Form) bool { return f.Value("unit") == string(f.Subject.State.LeadUnit) }

// byRoom reports whether someone of the room fills the form for a unit, who must then give the telephone record.
func byRoom(f *Form) bool { return f.Who.Role != incident.RoleUnit && f.Who.Role != incident.RoleGrid }

// lacks returns a condition: who fills the form hasn't one of the roles, so that someone who has must be named.
func lacks(roles ...incident.Role) func(*Form) bool {
	return func(f *Form) bool { return !slices.Contains(roles, f.Who.Role) }
}

// hasRole returns a condition: who fills the form has the role.
func hasRole(role incident.Role) func(*Form) bool {
	return func(f *Form) bool { return f.Who.Role == role }
}

// constant returns a start that is always the same.
func constant(value string) func(*Form) string { return func(*Form) string { return value } }

// of returns a start that reads the incident.
func of(read func(st *incident.State) string) func(*Form) string {
	return func(f *Form) string { return read(&f.Subject.State) }
}

// liaison returns who speaks for the unit chosen, or for the lead.
func liaison(f *Form) string {
	unit := incident.UnitID(f.Value("unit"))
	if unit == "" {
		unit = f.Subject.State.LeadUnit
	}
	for _, p := range f.Book.People {
		if p.Role == incident.RoleUnit && p.Unit == unit {
			return string(p.Login)
		}
	}
	return ""
}

// conflictSides offers the settling choices of the conflict that is open.
func conflictSides(f *Form) []Option {
	var out []Option
	if open := f.Subject.State.Conflicts; len(open) > 0 {
		for _, choice := range open[0].Choices {
			out = append(out, Option{Value: choice, Name: f.Text(choice)})
		}
	}
	return out
}
