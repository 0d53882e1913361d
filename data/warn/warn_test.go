package warn

import (
	"encoding/binary"
	"slices"
	"strconv"
	"testing"
	"time"

	"zw110/data/assess/assesstest"
	"zw110/data/duty"
	"zw110/data/incident"
)

func moment(t testing.TB, s string) incident.Stamp {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, incident.Local)
	if err != nil {
		t.Fatal(err)
	}
	return incident.StampOf(at)
}

// scene makes cases before a moment.
type scene struct {
	now   incident.Stamp
	cases []Case
}

// add puts a case so long before now.
func (s *scene) add(before time.Duration, set func(*Case)) *Case {
	c := Case{Received: s.now.Add(-before), Open: true, Urgency: incident.Urgent, Channel: incident.Channel12345, Village: "罗山村", Category: "0905"}
	binary.BigEndian.PutUint64(c.ID[:8], uint64(len(s.cases)+1))
	c.No = strconv.Itoa(len(s.cases) + 1)
	if set != nil {
		set(&c)
	}
	s.cases = append(s.cases, c)
	return &s.cases[len(s.cases)-1]
}

// of raises one rule alone.
func (s *scene) of(rule string) []Warning {
	rules := slices.DeleteFunc(duty.UsualAlarms(), func(a duty.Alarm) bool { return a.Rule != rule })
	return Raise(s.now, rules, s.cases)
}

const hour = time.Hour

func TestRaise_EachRuleBelowAtAndAboveItsThreshold(t *testing.T) {
	noon := moment(t, "2026-08-19 12:00") // a Wednesday
	person := func(c *Case) { c.Person = "13800005678" }
	many := func(n int, every time.Duration, set func(*Case)) func(*scene) {
		return func(s *scene) {
			for i := range n {
				s.add(time.Duration(n-i)*every, set)
			}
		}
	}
	near := func(metres float64) func(*scene) {
		return func(s *scene) {
			for i := range 3 {
				s.add(time.Duration(3-i)*hour, func(c *Case) { c.Lng, c.Lat = 119.1, 29.1+float64(i)*metres/111_195 })
			}
		}
	}
	weekly := func(today int) func(*scene) {
		return func(s *scene) {
			for week := 8; week > 0; week-- {
				for range 4 + week%3 { // 4 to 6 of a weekday
					s.add(time.Duration(week)*7*day, func(c *Case) { c.Channel, c.Village = incident.Channel110, "" })
				}
			}
			for range today {
				s.add(hour, func(c *Case) { c.Channel, c.Village = incident.Channel110, "" })
			}
		}
	}
	usual := func(recent int) func(*scene) { // 26 in 90 days are 2.02 in 7
		return func(s *scene) {
			for i := range 26 {
				s.add(97*day-time.Duration(i)*3*day-hour, nil)
			}
			for range recent {
				s.add(hour, nil)
			}
		}
	}
	silent := func(last time.Duration) func(*scene) { // one every six hours, the last so long ago
		return func(s *scene) {
			for i := range 12 {
				s.add(last+time.Duration(11-i)*6*hour, nil)
			}
		}
	}
	returned := func(days ...float64) func(*scene) {
		return func(s *scene) {
			for _, d := range days {
				s.add(20*day, func(c *Case) {
					c.Returns = []Return{{"建设办", s.now.Add(-time.Duration(d * float64(day)))}}
				})
			}
		}
	}
	for _, c := range []struct {
		name, rule string
		make       func(*scene)
		want       int
		level      Level
		key        string
	}{
		{"two of one person", "W1", many(2, day, person), 0, "", ""},
		{"three of one person", "W1", many(3, day, person), 1, Yellow, "W1"},
		{"four of one person", "W1", many(4, day, person), 1, Yellow, "W1"},
		{"five of one person", "W1", many(5, day, person), 1, Red, "W1"},
		{"three in 31 days", "W1", func(s *scene) { s.add(30*day, person); s.add(2*day, person); s.add(day, person) }, 0, "", ""},
		{"three in less than 30 days", "W1", func(s *scene) { s.add(30*day-hour, person); s.add(2*day, person); s.add(day, person) }, 1, Yellow, "W1"},
		{"nobody known", "W1", many(5, day, nil), 0, "", ""},

		{"three within 99 m", "W2", near(99), 1, Yellow, "W2"},
		{"three at 101 m each", "W2", near(101), 0, "", ""},
		{"two at one place", "W2", many(2, day, func(c *Case) { c.Spot = "村口" }), 0, "", ""},
		{"three at one place", "W2", many(3, day, func(c *Case) { c.Spot = "村口" }), 1, Yellow, "W2"},
		{"three at one place in 18 days", "W2", many(3, 6*day, func(c *Case) { c.Spot = "村口" }), 0, "", ""},

		{"one dispute", "W3", many(1, day, func(c *Case) { c.Dispute, c.Person = true, "1380000" }), 0, "", ""},
		{"a dispute again", "W3", many(2, day, func(c *Case) { c.Dispute, c.Person = true, "1380000" }), 1, Orange, "W3"},
		{"no dispute again", "W3", many(2, day, func(c *Case) { c.Person = "1380000" }), 0, "", ""},
		{"a dispute again after 31 days", "W3", func(s *scene) {
			for _, d := range []int{31, 0} {
				s.add(time.Duration(d)*day+hour, func(c *Case) { c.Dispute, c.Person = true, "1380000" })
			}
		}, 0, "", ""},
		{"a dispute reopened", "W3", many(1, day, func(c *Case) { c.Dispute, c.Reopened = true, noon.Add(-hour) }), 1, Orange, "W3"},

		{"two in a village", "W4", many(2, day, nil), 0, "", ""},
		{"three in a village", "W4", many(3, day, nil), 1, Yellow, "W4/罗山村/09"},
		{"three of 1.9 usual", "W4", usual(3), 0, "", ""},
		{"five of 1.9 usual", "W4", usual(5), 1, Yellow, "W4/罗山村/09"},

		{"no risk word", "W5", many(1, hour, nil), 0, "", ""},
		{"a risk word", "W5", many(1, hour, func(c *Case) { c.RiskWords = []string{"跳楼"} }), 1, Orange, "W5"},
		{"two risk words", "W5", many(1, hour, func(c *Case) { c.RiskWords = []string{"跳楼", "讨薪"} }), 1, Red, "W5"},
		{"a risk word of the past", "W5", many(1, hour, func(c *Case) { c.RiskWords, c.Open = []string{"跳楼"}, false }), 0, "", ""},

		{"four people", "W6", many(1, hour, func(c *Case) { c.People = 4 }), 0, "", ""},
		{"five people", "W6", many(1, hour, func(c *Case) { c.People = 5 }), 1, Red, "W6"},
		{"nine workers", "W6", many(1, hour, func(c *Case) { c.People, c.Category = 9, "0105" }), 0, "", ""},
		{"ten workers", "W6", many(1, hour, func(c *Case) { c.People, c.Category = 10, "0105" }), 1, Red, "W6"},

		{"violence once", "W7", many(1, day, func(c *Case) { c.Category, c.Person = "0102", "1380000" }), 0, "", ""},
		{"violence twice", "W7", many(2, 40*day, func(c *Case) { c.Category, c.Person = "0102", "1380000" }), 1, Red, "W7"},
		{"violence twice in 92 days", "W7", many(2, 46*day, func(c *Case) { c.Category, c.Person = "0102", "1380000" }), 0, "", ""},
		{"violence and a child", "W7", many(1, day, func(c *Case) { c.Category, c.Protected = "0102", true }), 1, Red, "W7"},

		{"nobody opened to a visit", "W8", many(1, day, func(c *Case) { c.NoContact, c.Alone = "没人应门", true }), 1, Yellow, "W8"},
		{"nobody opened, of the rule's category", "W8", many(1, day, func(c *Case) { c.NoContact, c.Category = "没人应门", "0907" }), 1, Yellow, "W8"},
		{"nobody opened to a meter reader", "W8", many(1, day, func(c *Case) { c.NoContact = "没人应门" }), 0, "", ""},
		{"reached since, and closed", "W8", many(1, day, func(c *Case) { c.NoContact, c.Alone, c.Open = "没人应门", true, false }), 0, "", ""},
		{"visited as usual", "W8", many(1, day, func(c *Case) { c.Alone = true }), 0, "", ""},

		{"normal in the flood season", "W9", many(1, day, func(c *Case) { c.Category, c.Urgency = "0203", incident.Normal }), 1, Yellow, "W9"},
		{"urgent in the flood season", "W9", many(1, day, func(c *Case) { c.Category = "0203" }), 0, "", ""},
		{"sent already", "W9", many(1, day, func(c *Case) { c.Category, c.Urgency, c.Sent = "0203", incident.Normal, true }), 0, "", ""},

		{"one at the pond in August", "W10.3", many(1, day, func(c *Case) { c.Category = "0205" }), 0, "", ""},
		{"two at the pond in August", "W10.3", many(2, day, func(c *Case) { c.Category = "0205" }), 1, Yellow, "W10.3"},
		{"straw in August", "W10.1", many(9, hour, func(c *Case) { c.Category = "0303" }), 0, "", ""},

		{"two returns", "W11", returned(1, 2), 0, "", ""},
		{"three returns", "W11", returned(1, 2, 6.9), 1, Yellow, "W11/建设办"},
		{"three returns in 7.1 days", "W11", returned(1, 2, 7.1), 0, "", ""},
		{"one returned twice", "W11", many(1, 9*day, func(c *Case) {
			c.Returns = []Return{{"建设办", noon.Add(-8 * day)}, {"执法队", noon.Add(-7 * day)}}
		}), 1, Orange, "W11/1"},

		{"17 hours of silence", "W12", silent(17 * hour), 0, "", ""},
		{"19 hours of silence", "W12", silent(19 * hour), 1, Blue, "W12/12345"},

		{"six today", "W13", weekly(6), 0, "", ""}, // the mean is 5, the deviation 0.87
		{"seven today", "W13", weekly(7), 2, Yellow, "W13/category/09"},

		{"the re-check is today", "W14", many(1, 9*day, func(c *Case) { c.Recheck = "2026-08-19" }), 0, "", ""},
		{"the re-check was yesterday", "W14", many(1, 9*day, func(c *Case) { c.Recheck = "2026-08-18" }), 1, Yellow, "W14"},
	} {
		s := &scene{now: noon}
		c.make(s)
		got := s.of(c.rule)
		if len(got) != c.want {
			t.Errorf("%s: %d warnings %+v, want %d", c.name, len(got), got, c.want)
			continue
		}
		if c.want > 0 {
			w := got[0]
			if w.Level != c.level || w.Key != c.key || len(w.Incidents) == 0 || w.Since > noon || w.Last > noon || w.Standing != Waiting || w.Owner == "" {
				t.Errorf("%s: %+v, want %s %s", c.name, w, c.level, c.key)
			}
		}
	}
}

func TestRaise_AnAnswerHoldsUntilSomethingIsAdded(t *testing.T) {
	noon := moment(t, "2026-08-19 12:00")
	person := func(c *Case) { c.Person = "13800005678" }
	for _, c := range []struct {
		name   string
		choice string
		after  time.Duration // of now since the answer
		added  bool
		want   Standing
		since  time.Duration // before now
	}{
		{"dismissed", incident.DismissWarning, 7*day - hour, false, "", 0},
		{"dismissed 7 days ago", incident.DismissWarning, 7 * day, false, Waiting, 0},
		{"dismissed, one more since", incident.DismissWarning, day, true, Waiting, 2 * hour},
		{"confirmed", incident.ConfirmWarning, 20 * day, false, Confirmed, 0},
		{"confirmed, one more since", incident.ConfirmWarning, day, true, Waiting, 2 * hour},
	} {
		s := &scene{now: noon}
		answered := noon.Add(-c.after)
		for i := range 3 {
			s.add(c.after+time.Duration(3-i)*hour, person)
		}
		s.cases[2].Marks = []incident.WarningMark{{Warning: "W1", Choice: c.choice, At: answered, By: "sl1"}, {Warning: "W2", Choice: incident.DismissWarning, At: noon}}
		if c.added {
			s.add(2*hour, person)
		}
		got := s.of("W1")
		if c.want == "" {
			if len(got) != 0 {
				t.Errorf("%s: %+v", c.name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Standing != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
			continue
		}
		if c.want == Waiting && got[0].Since != noon.Add(-c.since) {
			t.Errorf("%s: waits since %v, want %v before %v", c.name, got[0].Since, c.since, noon)
		}
		if c.want == Confirmed && got[0].Mark.By != "sl1" {
			t.Errorf("%s: confirmed by %q", c.name, got[0].Mark.By)
		}
	}
}

func TestRaise_FourHoursToAnswerFromTheEventThatRaisedIt(t *testing.T) {
	s := &scene{now: moment(t, "2026-08-19 12:00")}
	for _, before := range []time.Duration{5 * hour, 4 * hour, 3 * hour, hour} {
		s.add(before, func(c *Case) { c.Person = "13800005678" })
	}
	got := s.of("W1")
	if len(got) != 1 || got[0].Due() != s.now.Add(hour) || got[0].Last != s.now.Add(-hour) || !slices.Equal(got[0].Nos, []string{"1", "2", "3", "4"}) {
		t.Errorf("%+v", got)
	}
	s.add(2*hour, func(c *Case) { c.Category = "0205" })
	s.add(hour, func(c *Case) { c.Category = "0205" })
	if got := s.of("W10.3"); len(got) != 1 || got[0].Detail != "暑期溺水" {
		t.Errorf("the season is called %+v", got)
	}
	if off := Raise(s.now, []duty.Alarm{{Rule: "W1", Off: true, N: 3, Days: 30}}, s.cases); len(off) != 0 {
		t.Errorf("a rule that is off raises %v", off)
	}
}

func TestPeople_OnlyAGroupCounts(t *testing.T) {
	for text, want := range map[string]int{
		"十二名工人在门口讨薪":    12,
		"20多人围在村口":      20,
		"二十五个村民联名反映":    25,
		"两人争吵":          2,
		"办酒30人一桌，饭菜不干净": 0,
		"路灯不亮":          0,
		"100余名业主聚集":     100,
	} {
		if got := people(text); got != want {
			t.Errorf("%s: %d people, want %d", text, got, want)
		}
	}
}

// The sample months must not ring all day: nobody would look any more. Each hour of the two months is looked at as the room would, with
// nobody answering anything.
func TestRaise_NoStormInTheSampleMonths(t *testing.T) {
	d := assesstest.Month(t, "acts-2026-07.jsonl", "acts-2026-08.jsonl")
	rules := duty.UsualAlarms()
	first, last := moment(t, "2026-07-01 00:00"), moment(t, "2026-09-01 00:00")
	seen := map[string]int{}
	rung := map[string]bool{}
	for now := first; now <= last; now = now.Add(6 * hour) {
		var cases []Case
		for _, entries := range d.Entries {
			var past []incident.Entry
			for _, e := range entries {
				if e.Fact.At <= now {
					past = append(past, e)
				}
			}
			if len(past) == 0 {
				continue
			}
			st := incident.Fold(past)
			if c, ok := CaseOf(&st, d.Rules, func(p incident.Place) (float64, float64) { return p.Lng, p.Lat }); ok {
				cases = append(cases, c)
			}
		}
		for _, w := range Raise(now, rules, cases) {
			ring := w.Key + " " + w.Since.Time().String()
			if !rung[ring] {
				rung[ring] = true
				seen[w.Rule]++
			}
		}
	}
	all := 0
	for _, n := range seen {
		all += n
	}
	t.Logf("%d warnings in 62 days: %v", all, seen)
	if all == 0 || all > 62*2 {
		t.Errorf("%d warnings in 62 days, two a day are the most a room can look at: %v", all, seen)
	}
}

func TestRaise_LooksAtEachTownshipByItself(t *testing.T) {
	s := scene{now: moment(t, "2026-08-19 12:00")}
	in := func(town incident.ScopeID) func(*Case) {
		return func(c *Case) { c.Town, c.Person = town, "13800005678" }
	}
	s.add(3*hour, in(330825111))
	s.add(2*hour, in(330825111))
	s.add(hour, in(330825102))
	if got := s.of("W1"); len(got) != 0 {
		t.Fatalf("two reports here and one there warn: %+v", got)
	}
	s.add(hour/2, in(330825111))
	got := s.of("W1")
	if len(got) != 1 || got[0].Town != 330825111 || len(got[0].Incidents) != 3 {
		t.Fatalf("three of one township: %+v", got)
	}
}

func TestMissed_ReadsAVisitThatNobodyAnswered(t *testing.T) {
	for text, want := range map[string]struct {
		words  string
		lonely bool
	}{
		"走访独居老人，敲门没人应，电话也打不通": {"敲门没人应", true},
		"空巢老人家中无人应答，门窗紧闭":     {"无人应答", true},
		"五保户当面走访，一切正常":        {"", true},
		"抄表两次没人开门":            {"没人开门", false},
		"已联系上独居老人本人":          {"", true},
		"老人外出未归，家属联系不上":       {"联系不上", false},
	} {
		if words, lonely := missed(text); words != want.words || lonely != want.lonely {
			t.Errorf("%s: %q %v, want %q %v", text, words, lonely, want.words, want.lonely)
		}
	}
}
