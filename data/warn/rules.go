package warn

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"zw110/data/incident"
)

// samePerson (W1): one person reported N times in Days, Red times is red.
func (r *raiser) samePerson() {
	for _, events := range grouped(r.cases, func(c *Case) string { return c.Person }) {
		events = r.within(events)
		switch {
		case r.rule.Red > 0 && len(events) >= r.rule.Red:
			r.raise(Red, "", r.rule.Red, events)
		case len(events) >= r.rule.N:
			r.raise(Yellow, "", r.rule.N, events)
		}
	}
}

// samePlace (W2): N in Days within More metres of each other, or where the place reads the same.
func (r *raiser) samePlace() {
	var recent []event
	for _, c := range r.cases {
		recent = append(recent, event{c.Received, c})
	}
	recent = r.within(recent)
	taken := map[*Case]bool{}
	for i := len(recent) - 1; i >= 0; i-- { // the newest gathers those around it
		if taken[recent[i].c] {
			continue
		}
		var near []event
		for _, e := range recent {
			if !taken[e.c] && r.near(recent[i].c, e.c) {
				near = append(near, e)
			}
		}
		if len(near) < r.rule.N {
			continue
		}
		for _, e := range near {
			taken[e.c] = true
		}
		r.raise(Yellow, "", r.rule.N, near)
	}
}

func (r *raiser) near(a, b *Case) bool {
	if a.Village != b.Village {
		return false
	}
	if a.Lng != 0 && b.Lng != 0 {
		return metres(a, b) <= float64(r.rule.More)
	}
	return a.Spot != "" && a.Spot == b.Spot
}

// metres is the distance of two near points.
func metres(a, b *Case) float64 {
	const degree = 111_195
	x := (a.Lng - b.Lng) * math.Cos((a.Lat+b.Lat)/2*math.Pi/180)
	return degree * math.Hypot(x, a.Lat-b.Lat)
}

// sameDispute (W3): the same dispute N times in Days, by the same person or at the same place, or one that was reopened.
func (r *raiser) sameDispute() {
	done := map[*Case]bool{}
	by := func(key func(*Case) string) {
		for _, events := range grouped(r.cases, key) {
			if events = r.within(events); len(events) < r.rule.N || slices.ContainsFunc(events, func(e event) bool { return done[e.c] }) {
				continue
			}
			for _, e := range events {
				done[e.c] = true
			}
			r.raise(Orange, "", r.rule.N, events)
		}
	}
	by(func(c *Case) string {
		if !c.Dispute || c.Person == "" {
			return ""
		}
		return c.Category + " " + c.Person
	})
	by(func(c *Case) string {
		if !c.Dispute || c.Spot == "" {
			return ""
		}
		return c.Category + " " + c.Village + " " + c.Spot
	})
	for _, c := range r.cases {
		if c.Dispute && c.Reopened != 0 && !done[c] {
			r.raise(Orange, "", 1, r.within([]event{{c.Reopened, c}}))
		}
	}
}

// cluster (W4): N of one main class in one village in Days, and at least More times the mean of the 90 days before.
func (r *raiser) cluster() {
	const past = 90
	for _, all := range grouped(r.cases, func(c *Case) string {
		if c.Village == "" || len(c.Category) < 2 {
			return ""
		}
		return c.Village + "/" + c.Category[:2]
	}) {
		events := r.within(all)
		from := r.now.Add(-time.Duration(r.rule.Days) * day)
		before := 0
		for _, e := range all {
			if e.at <= from && e.at > from.Add(-past*day) {
				before++
			}
		}
		// Of a store that is younger the days it has.
		days := min(past, float64(from.Sub(r.cases[0].Received))/float64(day))
		usual := 0.0
		if days >= float64(r.rule.Days) {
			usual = float64(before) / days * float64(r.rule.Days)
		}
		if len(events) >= r.rule.N && float64(len(events)) >= float64(r.rule.More)*usual {
			c := events[0].c
			r.raise(Yellow, c.Village+"/"+c.Category[:2], r.rule.N, events)
		}
	}
}

// riskWords (W5): an open incident whose text has words of danger; two of them are red.
func (r *raiser) riskWords() {
	for _, c := range r.cases {
		if !c.Open || len(c.RiskWords) == 0 {
			continue
		}
		level := Orange
		if len(c.RiskWords) > 1 {
			level = Red
		}
		r.single(level, c, strings.Join(c.RiskWords, " "))
	}
}

// wages is the category of unpaid wages.
const wages = "0105"

// groups (W6): an open incident of a group of N, of wages of More.
func (r *raiser) groups() {
	for _, c := range r.cases {
		least := r.rule.N
		if c.Category == wages {
			least = r.rule.More
		}
		if c.Open && c.People >= max(1, least) {
			r.single(Red, c, strconv.Itoa(c.People))
		}
	}
}

// violence (W7): the N-th call of a household within Days, or one about somebody who must be protected.
func (r *raiser) violence() {
	for _, events := range grouped(r.cases, func(c *Case) string {
		switch {
		case len(r.rule.Categories) == 0 || !r.is(c.Category):
			return ""
		case c.Person != "":
			return c.Person
		case c.Spot != "":
			return c.Village + " " + c.Spot
		}
		return c.No
	}) {
		events = r.within(events)
		if len(events) >= r.rule.N {
			r.raise(Red, "", r.rule.N, events)
			continue
		}
		for _, e := range events {
			if e.c.Protected && e.c.Open {
				r.raise(Red, "", 1, []event{e})
			}
		}
	}
}

// visit (W8): an open incident in which an old person who lives alone was not reached. The rhythm of the visits is kept by who makes them; the room
// hears of one that nobody answered.
func (r *raiser) visit() {
	for _, c := range r.cases {
		if c.Open && c.NoContact != "" && (c.Alone || c.Category != "" && r.is(c.Category)) {
			r.single(Yellow, c, c.NoContact)
		}
	}
}

// flood (W9): in the season an incident of these categories that was not sent yet should go up one level.
func (r *raiser) flood() {
	for _, c := range r.cases {
		if c.Open && !c.Sent && r.is(c.Category) && c.Category != "" && (c.Urgency == incident.Normal || c.Urgency == incident.Low) {
			r.raise(Yellow, "", 1, []event{{c.Received, c}})
		}
	}
}

// season (W10): N of the season's categories in Days.
func (r *raiser) season() {
	var events []event
	for _, c := range r.cases {
		if c.Category != "" && r.is(c.Category) {
			events = append(events, event{c.Received, c})
		}
	}
	if events = r.within(events); len(events) >= max(1, r.rule.N) {
		before := len(r.out)
		if r.raise(Yellow, "", max(1, r.rule.N), events); len(r.out) > before {
			r.out[before].Detail = r.rule.Note // the pack names its season
		}
	}
}

// returned (W11): a unit gave N tasks back in Days, or one incident was given back More times.
func (r *raiser) returned() {
	by := map[incident.UnitID][]event{}
	for _, c := range r.cases {
		var own []event
		for _, t := range c.Returns {
			by[t.Unit] = append(by[t.Unit], event{t.At, c})
			own = append(own, event{t.At, c})
		}
		if r.rule.More > 0 && len(own) >= r.rule.More && c.Open {
			slices.SortFunc(own, func(a, b event) int { return int(a.at - b.at) })
			r.raise(Orange, c.No, r.rule.More, own)
		}
	}
	units := make([]incident.UnitID, 0, len(by))
	for u := range by {
		units = append(units, u)
	}
	slices.Sort(units)
	for _, u := range units {
		events := r.within(by[u])
		slices.SortFunc(events, func(a, b event) int { return int(a.at - b.at) })
		if len(events) >= r.rule.N {
			r.raise(Yellow, string(u), r.rule.N, events)
		}
	}
}

// leastSilence is below what no silence means anything: a night.
const leastSilence = 12 * time.Hour

// silence (W12): a channel that brought at least N in Days has brought nothing for More times its usual gap. Its usual gap is the one that
// nine of ten do not exceed: reports come by day, and a mean would call every night a silence.
func (r *raiser) silence() {
	for _, events := range grouped(r.cases, func(c *Case) string { return string(c.Channel) }) {
		events = r.within(events)
		if len(events) < max(2, r.rule.N) {
			continue
		}
		gaps := make([]time.Duration, 0, len(events)-1)
		for i := range events[1:] {
			gaps = append(gaps, events[i+1].at.Sub(events[i].at))
		}
		slices.Sort(gaps)
		limit := max(leastSilence, time.Duration(r.rule.More)*gaps[(9*len(gaps)+9)/10-1])
		last := events[len(events)-1]
		if r.now.Sub(last.at) > limit {
			r.raise(Blue, string(last.c.Channel), 1, []event{{last.at.Add(limit), last.c}})
		}
	}
}

// unusual (W13): today brought N of a main class or channel, and more than the mean of the last Days same weekdays and More deviations.
func (r *raiser) unusual() {
	r.above(func(c *Case) string { return string(c.Channel) }, "channel/")
	r.above(func(c *Case) string { return c.Category[:min(2, len(c.Category))] }, "category/")
}

func (r *raiser) above(key func(*Case) string, prefix string) {
	today, err := incident.DayOf(r.now).Start()
	if err != nil {
		return
	}
	weeks := r.rule.Days
	if weeks == 0 || len(r.cases) == 0 || r.cases[0].Received >= today.Add(-time.Duration(weeks)*7*day+day) {
		return // too young a store knows no usual day
	}
	for _, all := range grouped(r.cases, key) {
		past := make([]float64, weeks)
		var now []event
		for _, e := range all {
			switch back := today - e.at; {
			case e.at >= today:
				now = append(now, e)
			default:
				days := int((time.Duration(back)*time.Millisecond + day - 1) / day)
				if days%7 == 0 && days/7 <= weeks {
					past[days/7-1]++
				}
			}
		}
		mean, deviation := spread(past)
		if n := len(now); n >= max(1, r.rule.N) && float64(n) > mean+float64(r.rule.More)*deviation {
			r.raise(Yellow, prefix+key(now[0].c), max(1, r.rule.N), now)
		}
	}
}

func spread(of []float64) (mean, deviation float64) {
	for _, v := range of {
		mean += v / float64(len(of))
	}
	for _, v := range of {
		deviation += (v - mean) * (v - mean) / float64(len(of))
	}
	return mean, math.Sqrt(deviation)
}

// recheck (W14): a staged closure was not looked at on its day.
func (r *raiser) recheck() {
	today := incident.DayOf(r.now)
	for _, c := range r.cases {
		if c.Recheck == "" || c.Recheck >= today {
			continue
		}
		if start, err := c.Recheck.Start(); err == nil {
			r.raise(Yellow, "", 1, []event{{start.Add(day), c}})
		}
	}
}
