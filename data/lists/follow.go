package lists

import (
	"fmt"
	"time"

	"zw110/data/incident"
)

// Track is one incident along its days.
type Track struct {
	// StateAt returns its state from what happened before a moment; the zero State before it was registered.
	StateAt func(incident.Stamp) incident.State
	// WarningRed reports whether a red warning hung on it at a moment; nil is never.
	WarningRed func(incident.Stamp) bool
}

// Placement is where one incident stands at the end of a day. An empty List is none.
type Placement struct {
	Day     incident.Day
	AsOf    incident.Stamp
	List    incident.List
	Reasons []Reason
	// Settled: verified on this day (in this week for a joint list); List is the one it stood on just before.
	Settled bool
	Earlier Earlier
	State   incident.State
}

// carried counts the earlier lists of the same kind.
func (p Placement) carried() int {
	switch p.List {
	case incident.ListJoint:
		return p.Earlier.Joint
	case incident.ListMonthly:
		return p.Earlier.Monthly
	}
	return p.Earlier.Daily
}

// DayEnd returns 24:00 of a day.
func DayEnd(d incident.Day) (incident.Stamp, error) {
	start, err := d.Start()
	if err != nil {
		return 0, err
	}
	return start.Add(24 * time.Hour), nil
}

// Follow walks an incident from the day of its receipt to a day and returns where it stands then: at its end, or at asOf when that is
// earlier and not zero. Each day has a daily list, each ISO week a joint one, made on its Sunday.
func Follow(t Track, rules incident.Rules, day incident.Day, asOf incident.Stamp) (Placement, error) {
	p, _, err := follow(t, rules, day, asOf)
	return p, err
}

// FollowWeek returns where an incident stands on the joint list of the ISO week of a day, at its end or at asOf: open then, or settled in the week.
func FollowWeek(t Track, rules incident.Rules, day incident.Day, asOf incident.Stamp) (Placement, error) {
	sunday, err := weekEnd(day)
	if err != nil {
		return Placement{}, err
	}
	_, week, err := follow(t, rules, sunday, asOf)
	return week, err
}

func weekEnd(day incident.Day) (incident.Day, error) {
	start, err := day.Start()
	if err != nil {
		return "", err
	}
	weekday := start.Time().In(incident.Local).Weekday()
	return incident.DayOf(start.Add(time.Duration((7-int(weekday))%7) * 24 * time.Hour)), nil
}

// follow returns the placement on the day and the one for the week that the day lies in.
func follow(t Track, rules incident.Rules, day incident.Day, asOf incident.Stamp) (today, week Placement, err error) {
	end, err := DayEnd(day)
	if err != nil {
		return today, week, fmt.Errorf("place on the list of %s: %w", day, err)
	}
	if asOf > 0 && asOf < end {
		end = asOf
	}
	last := t.StateAt(end)
	if last.Status == "" || longOver(&last, day) {
		return Placement{Day: day, AsOf: end}, Placement{Day: day, AsOf: end}, nil
	}
	first, err := incident.DayOf(last.ReceivedAt).Start()
	if err != nil {
		return today, week, err
	}
	var earlier Earlier
	for start := first; start < end; start = start.Add(24 * time.Hour) {
		moment := min(start.Add(24*time.Hour), end)
		today = t.at(rules, start, moment, earlier)
		// Settled on an earlier day of the week and not reopened since: it stays on the week's list.
		if monday := start.Time().In(incident.Local).Weekday() == time.Monday; monday || !week.Settled || today.List != "" {
			week = today
		}
		if today.List == incident.ListDaily {
			earlier.Daily++
		}
		if moment.Time().In(incident.Local).Weekday() == time.Monday && week.List == incident.ListJoint {
			earlier.Joint++
		}
		if today.List == incident.ListMonthly && monthEnds(moment) {
			earlier.Monthly++
		}
	}
	return today, week, nil
}

// longOver reports whether an incident ended before the week of the day and nothing of it is left to do.
func longOver(st *incident.State, day incident.Day) bool {
	if st.Status.Open() && st.Status != incident.Verified || followupOverdue(st, day) {
		return false
	}
	start, err := day.Start()
	return err == nil && st.VerifiedAt < start.Add(-6*24*time.Hour)
}

// at places the incident for one day that begins at start and ends, or is looked at, at moment.
func (t Track) at(rules incident.Rules, start, moment incident.Stamp, earlier Earlier) Placement {
	p := Placement{Day: incident.DayOf(start), AsOf: moment, Earlier: earlier, State: t.StateAt(moment)}
	red := t.WarningRed != nil && t.WarningRed(moment)
	st := &p.State
	switch {
	case st.Status.Open() && st.Status != incident.Verified:
		p.List, p.Reasons = Place(Standing{State: st, AsOf: moment, Earlier: earlier, WarningRed: red}, rules)
	case st.Status != incident.Verified && st.Status != incident.Closed:
		// Refused, merged, forced or void: on no list.
	case st.VerifiedAt >= start && st.VerifiedAt < moment:
		p.Settled = true
		p.List, p.Reasons = Place(Standing{State: justBefore(st), AsOf: st.VerifiedAt, Earlier: earlier, WarningRed: red}, rules)
	case followupOverdue(st, p.Day):
		p.List, p.Reasons = incident.ListMonthly, []Reason{why("followup", string(st.FollowupDue))}
	}
	return p
}

// justBefore is the state as it was when feedback waited for the check that settled it.
func justBefore(st *incident.State) *incident.State {
	before := *st
	before.Status, before.ClosedAt, before.FollowupDone = incident.FedBack, 0, 0
	before.Callbacks = nil
	for _, c := range st.Callbacks {
		if c.At < st.VerifiedAt {
			before.Callbacks = append(before.Callbacks, c)
		}
	}
	return &before
}
