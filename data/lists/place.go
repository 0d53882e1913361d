// Package lists owns the three lists (每日清单, 联办清单, 月度督办清单): which incident stands on which, why, and how the list reads on paper. It
// computes from folded states and rules, reads no store and no clock, and is the only writer of workbooks.
package lists

import (
	"slices"
	"strconv"
	"time"

	"zw110/data/duty"
	"zw110/data/incident"
)

// Reason says why an incident stands on a list: a catalogue key "lists.why.<reason>" and what fills its places.
type Reason struct {
	Key  string
	Args []string
}

// Earlier counts the lists on which an incident stood before: daily lists, joint lists of ISO weeks, and monthly lists of months that are over.
type Earlier struct{ Daily, Joint, Monthly int }

// Standing is an open incident at a moment, with what its state alone doesn't tell.
type Standing struct {
	State   *incident.State
	AsOf    incident.Stamp // nothing from this moment on has happened
	Earlier Earlier
	// WarningRed: a warning of level red hangs on it and was not dismissed.
	WarningRed bool
}

const (
	// workDay is how much office time makes "red for a working day".
	workDay = 7 * time.Hour
	// countyDays is how many days with the county bring an incident onto the monthly list.
	countyDays = 15
	// enoughDaily and enoughJoint are the earlier lists that bring it there.
	enoughDaily, enoughJoint = 3, 2
)

// Place returns the list an open incident belongs to: the first that fits of monthly, joint and daily, with every reason for that
// list. A manual move holds until the incident ends.
func Place(s Standing, rules incident.Rules) (incident.List, []Reason) {
	if moved := s.State.ListMoved; moved != "" {
		return moved, []Reason{why("moved")}
	}
	if reasons := monthly(s, rules); len(reasons) > 0 {
		return incident.ListMonthly, reasons
	}
	if reasons := joint(s.State, rules); len(reasons) > 0 {
		return incident.ListJoint, reasons
	}
	return incident.ListDaily, daily(s, rules)
}

func why(reason string, args ...string) Reason { return Reason{Key: "lists.why." + reason, Args: args} }

// monthly collects the reasons of DOMAIN 4.1, order 1.
func monthly(s Standing, rules incident.Rules) []Reason {
	st := s.State
	var out []Reason
	add := func(is bool, reason string, args ...string) {
		if is {
			out = append(out, why(reason, args...))
		}
	}
	if difficulty(st, rules) >= 4 {
		hard := !hurry(st)
		add(hard, "hard")
		add(!hard && workBetween(rules, st.ReceivedAt, s.AsOf) >= workDay, "hard_day")
	}
	add(redFor(st, rules, s.AsOf) >= workDay, "red")
	add(len(st.Extensions) >= 2, "extended", strconv.Itoa(len(st.Extensions)))
	add(st.Status == incident.Suspended && monthEnds(s.AsOf), "suspended")
	add(st.Reopens >= 2, "reopened", strconv.Itoa(st.Reopens))
	bad := dissatisfied(st)
	add(bad >= 2, "dissatisfied", strconv.Itoa(bad))
	add(len(st.Supervisions) > 0, "supervised")
	add(s.WarningRed, "warning")
	add(s.Earlier.Daily >= enoughDaily, "daily_again", strconv.Itoa(s.Earlier.Daily))
	add(s.Earlier.Joint >= enoughJoint, "joint_again", strconv.Itoa(s.Earlier.Joint))
	add(st.Status == incident.WithCounty && s.AsOf.Sub(st.EscalatedAt) > countyDays*24*time.Hour, "county", strconv.Itoa(countyDays))
	add(followupOverdue(st, lastDay(s.AsOf)), "followup", string(st.FollowupDue))
	return out
}

// joint collects the reasons of order 2.
func joint(st *incident.State, rules incident.Rules) []Reason {
	var out []Reason
	others := 0
	for _, u := range partners(st) {
		if known, ok := rules.Unit(u, st.ReceivedAt); !ok || known.Counts {
			others++
		}
	}
	if others >= 2 {
		out = append(out, why("units", strconv.Itoa(others)))
	}
	if others == 1 && hurry(st) {
		out = append(out, why("pair"))
	}
	if d := difficulty(st, rules); d >= 3 {
		out = append(out, why("complex", strconv.Itoa(d)))
	}
	if slices.Contains(st.Tags, duty.TagOneThing) {
		out = append(out, why("one_thing"))
	}
	if st.LeadRuled {
		out = append(out, why("ruled"))
	}
	return out
}

// daily says why of order 3: always one reason.
func daily(s Standing, rules incident.Rules) []Reason {
	due, _ := incident.SettleDue(s.State, rules)
	switch {
	case s.Earlier.Daily > 0:
		return []Reason{why("carried", strconv.Itoa(s.Earlier.Daily))}
	case incident.DayOf(s.State.ReceivedAt) == lastDay(s.AsOf):
		return []Reason{why("today")}
	case due > 0 && due <= s.AsOf:
		return []Reason{why("due")}
	}
	return []Reason{why("open")}
}

// partners are the units beside the lead that work on the incident now, or did until it was settled.
func partners(st *incident.State) []incident.UnitID {
	var out []incident.UnitID
	for _, t := range st.Tasks {
		bound := t.Live() || t.Status == incident.TaskDone
		if bound && !t.Lead && t.Unit != st.LeadUnit && !slices.Contains(out, t.Unit) {
			out = append(out, t.Unit)
		}
	}
	return out
}

func difficulty(st *incident.State, rules incident.Rules) int {
	if st.Difficulty > 0 {
		return st.Difficulty
	}
	c, _ := rules.Category(st.Category, st.ReceivedAt)
	return c.Difficulty
}

func hurry(st *incident.State) bool {
	return st.Urgency == incident.Critical || st.Urgency == incident.Urgent
}

// redFor is the office time for which the incident has been overdue; while feedback waits for its check, or the county has it, the settle clock
// stands still.
func redFor(st *incident.State, rules incident.Rules, asOf incident.Stamp) time.Duration {
	due, _ := incident.SettleDue(st, rules)
	if due == 0 {
		return 0
	}
	return workBetween(rules, due, ranUntil(st, asOf))
}

// ranUntil is the moment up to which the settle clock has run: that of the feedback or of the escalation while these last.
func ranUntil(st *incident.State, asOf incident.Stamp) incident.Stamp {
	switch {
	case st.Status == incident.FedBack && st.FedBackAt > 0:
		return min(asOf, st.FedBackAt)
	case st.Status == incident.WithCounty && st.EscalatedAt > 0:
		return min(asOf, st.EscalatedAt)
	}
	return asOf
}

func workBetween(rules incident.Rules, from, to incident.Stamp) time.Duration {
	return time.Duration(rules.Calendar().WorkBetween(from, to)) * time.Millisecond
}

func dissatisfied(st *incident.State) int {
	n := 0
	for _, c := range st.Callbacks {
		if c.Answer == "dissatisfied_reasonable" {
			n++
		}
	}
	return n
}

// followupOverdue reports whether the re-check of a staged closure should have been made before the day.
func followupOverdue(st *incident.State, day incident.Day) bool {
	return st.Staged && st.FollowupDone == 0 && st.FollowupDue != "" && st.FollowupDue < day
}

// lastDay is the day that a moment ends or lies in: 24:00 still belongs to the day before.
func lastDay(asOf incident.Stamp) incident.Day { return incident.DayOf(asOf - 1) }

// monthEnds reports whether the moment lies in the last day of a month.
func monthEnds(asOf incident.Stamp) bool {
	t := (asOf - 1).Time().In(incident.Local)
	return t.AddDate(0, 0, 1).Month() != t.Month()
}
