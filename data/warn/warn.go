package warn

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"zw110/data/duty"
	"zw110/data/incident"
)

// Level is how much a warning presses.
type Level string

// The levels.
const (
	Red    Level = "red"
	Orange Level = "orange"
	Yellow Level = "yellow"
	Blue   Level = "blue"
)

func (l Level) rank() int { return slices.Index([]Level{Blue, Yellow, Orange, Red}, l) }

// Standing is what became of a warning.
type Standing string

// The standings. A warning that was dismissed is not returned by Raise while the dismissal holds.
const (
	Waiting   Standing = "waiting" // nobody said anything yet, or something was added since
	Confirmed Standing = "confirmed"
)

const (
	// AnswerWithin is how soon a warning must be confirmed or dismissed.
	AnswerWithin = 4 * time.Hour
	// DismissedFor is how long a dismissed one stays silent, unless an event is added.
	DismissedFor = 7 * 24 * time.Hour
	// LookBack is how far back incidents matter: the mean of W4.
	LookBack = 98 * 24 * time.Hour

	day = 24 * time.Hour
)

// Warning is one pattern with its incidents.
type Warning struct {
	Rule string // W1 to W14
	// Town is the township it is about, as Case has it.
	Town incident.ScopeID
	// Key is the rule and, where one incident may be in several of the rule, its subject: W4/罗山村/06. Nothing personal stands in it.
	Key       string
	Level     Level
	Subject   string                // village, category, channel or unit; empty: the incidents say it
	Detail    string                // words of danger, how many people, or the season in the pack's words
	Incidents []incident.IncidentID // oldest first; an act about the warning goes to the last
	Nos       []string
	Title     string // of the last
	// Since is when it waits for an answer from, Last its newest event.
	Since, Last incident.Stamp
	// Owner is who must answer.
	Owner    incident.Role
	Standing Standing
	Mark     incident.WarningMark // the confirmation
}

// Due is when an answer is overdue.
func (w *Warning) Due() incident.Stamp { return w.Since.Add(AnswerWithin) }

// event is one thing that adds to a warning.
type event struct {
	at incident.Stamp
	c  *Case
}

// raiser collects the warnings of one moment.
type raiser struct {
	now   incident.Stamp
	town  incident.ScopeID
	cases []*Case // by time of receipt
	rule  duty.Alarm
	out   []Warning
}

// Raise returns the warnings that hold at a moment, the pressing ones first. Cases may come in any order; what came in later than now
// counts for nothing. Each township is looked at by itself: a county's usual day says nothing about one town.
func Raise(now incident.Stamp, rules []duty.Alarm, cases []Case) []Warning {
	towns := map[incident.ScopeID][]*Case{}
	for i := range cases {
		if c := &cases[i]; c.Received <= now && c.Received > now.Add(-LookBack) {
			towns[c.Town] = append(towns[c.Town], c)
		}
	}
	var out []Warning
	for _, town := range slices.Sorted(maps.Keys(towns)) {
		r := &raiser{now: now, town: town, cases: towns[town]}
		r.look(rules)
		out = append(out, r.out...)
	}
	slices.SortStableFunc(out, func(a, b Warning) int {
		waiting := func(w Warning) int {
			if w.Standing == Waiting {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(waiting(a), waiting(b)), cmp.Compare(b.Level.rank(), a.Level.rank()), cmp.Compare(a.Since, b.Since), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// look applies the rules that are in force to the cases of one township.
func (r *raiser) look(rules []duty.Alarm) {
	slices.SortFunc(r.cases, func(a, b *Case) int {
		return cmp.Or(cmp.Compare(a.Received, b.Received), slices.Compare(a.ID[:], b.ID[:]))
	})
	for _, rule := range rules {
		if rule.Off || len(rule.Season) > 0 && !slices.ContainsFunc(rule.Season, func(s duty.Season) bool { return s.Has(incident.DayOf(r.now)) }) {
			continue
		}
		r.rule = rule
		base, _, _ := strings.Cut(rule.Rule, ".")
		if apply := rulesOf[base]; apply != nil {
			apply(r)
		}
	}
}

var rulesOf = map[string]func(*raiser){
	"W1": (*raiser).samePerson, "W2": (*raiser).samePlace, "W3": (*raiser).sameDispute, "W4": (*raiser).cluster, "W5": (*raiser).riskWords,
	"W6": (*raiser).groups, "W7": (*raiser).violence, "W8": (*raiser).visit, "W9": (*raiser).flood, "W10": (*raiser).season, "W11": (*raiser).returned,
	"W12": (*raiser).silence, "W13": (*raiser).unusual, "W14": (*raiser).recheck,
}

// Rules returns the rules there are.
func Rules() []string {
	return []string{"W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "W10", "W11", "W12", "W13", "W14"}
}

// within returns the events of the last days of the rule, oldest first.
func (r *raiser) within(events []event) []event {
	from := r.now.Add(-time.Duration(r.rule.Days) * day)
	return slices.DeleteFunc(slices.Clone(events), func(e event) bool { return e.at <= from || e.at > r.now })
}

// single raises a warning of one incident, with what of it warns.
func (r *raiser) single(level Level, c *Case, detail string) {
	before := len(r.out)
	r.raise(level, "", 1, []event{{c.Received, c}})
	if len(r.out) > before {
		r.out[before].Detail = detail
	}
}

// raise adds a warning for events in order of time; the n-th of them raised it.
func (r *raiser) raise(level Level, subject string, n int, events []event) {
	if len(events) == 0 || n > len(events) {
		return
	}
	rule, _, _ := strings.Cut(r.rule.Rule, ".")
	w := Warning{Rule: rule, Town: r.town, Key: r.rule.Rule, Level: level, Subject: subject, Since: events[max(n, 1)-1].at, Last: events[len(events)-1].at, Owner: incident.RoleShift, Standing: Waiting}
	if subject != "" {
		w.Key += "/" + subject
	}
	if rule == "W11" {
		w.Owner = incident.RoleDirector
	}
	for _, e := range events {
		if !slices.Contains(w.Incidents, e.c.ID) {
			w.Incidents, w.Nos, w.Title = append(w.Incidents, e.c.ID), append(w.Nos, e.c.No), e.c.Title
		}
	}
	if mark, ok := newest(w.Key, events); ok {
		added := slices.IndexFunc(events, func(e event) bool { return e.at > mark.At })
		switch {
		case added >= 0:
			w.Since = events[added].at
		case mark.Choice == incident.ConfirmWarning:
			w.Standing, w.Mark = Confirmed, mark
		case r.now < mark.At.Add(DismissedFor):
			return
		default:
			w.Since = mark.At.Add(DismissedFor)
		}
	}
	r.out = append(r.out, w)
}

// newest returns the latest answer to a warning among its incidents.
func newest(key string, events []event) (incident.WarningMark, bool) {
	var out incident.WarningMark
	for _, e := range events {
		for _, m := range e.c.Marks {
			if m.Warning == key && m.At > out.At {
				out = m
			}
		}
	}
	return out, out.At != 0
}

// is reports whether a category is among those of the rule, all for none.
func (r *raiser) is(category string) bool {
	return len(r.rule.Categories) == 0 || slices.ContainsFunc(r.rule.Categories, func(c string) bool { return strings.HasPrefix(category, c) })
}

// grouped puts the cases that have a key together, in order of the keys.
func grouped(cases []*Case, key func(*Case) string) [][]event {
	by := map[string][]event{}
	for _, c := range cases {
		if k := key(c); k != "" {
			by[k] = append(by[k], event{c.Received, c})
		}
	}
	keys := make([]string, 0, len(by))
	for k := range by {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([][]event, len(keys))
	for i, k := range keys {
		out[i] = by[k]
	}
	return out
}
