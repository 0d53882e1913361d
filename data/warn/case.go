// Package warn owns the early warnings (预警): patterns among the incidents of the last months that a person should look at, and decides
// whether to act on. It reads states and rules alone and changes nothing; that a warning was confirmed or dismissed stands in the states.
package warn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"zw110/data/incident"
)

// Case is what the rules look at of one incident.
type Case struct {
	ID    incident.IncidentID
	No    string
	Title string
	// Town is whose incident it is where a desk looks at several townships, else 0; the rules look at each by itself.
	Town     incident.ScopeID
	Channel  incident.Channel
	Village  string
	Category string
	Received incident.Stamp
	Open     bool
	Sent     bool // dispatched at least once
	Urgency  incident.Urgency
	// Person tells one reporter from another, empty for one that is unknown or shielded; it is kept nowhere.
	Person string
	// Lng and Lat are degrees, both zero when unknown; Spot is the place in words.
	Lng, Lat  float64
	Spot      string
	Dispute   bool
	Reopened  incident.Stamp
	RiskWords []string
	People    int // how many the report speaks of
	Protected bool
	// NoContact are the words by which a report says that somebody was not reached, empty for none; Alone says that it speaks of an old person who
	// lives alone.
	NoContact string
	Alone     bool
	Returns   []Return
	// Recheck is the day on which a staged closure must be looked at, empty for none or once it was.
	Recheck incident.Day
	Marks   []incident.WarningMark
}

// Return is one task that its unit gave back.
type Return struct {
	Unit incident.UnitID
	At   incident.Stamp
}

// CaseOf takes what the rules need out of a state. False: it counts for nothing, being void, refused or merged into another. Point turns
// a place into degrees of one coordinate system.
func CaseOf(st *incident.State, rules incident.Rules, point func(incident.Place) (lng, lat float64)) (Case, bool) {
	switch st.Status {
	case incident.Void, incident.Refused, "":
		return Case{}, false
	}
	c := Case{
		ID: st.ID, No: st.No, Title: st.Title, Channel: st.Channel, Village: st.Village, Category: st.Category, Received: st.ReceivedAt,
		Open: st.Status.Open(), Sent: st.DispatchedAt != 0, Urgency: st.Urgency, Reopened: st.ReopenedAt, RiskWords: st.RiskWords,
		Protected: st.Shield == "protected", Marks: st.Warned, People: people(st.Title + "。" + st.Content),
	}
	c.NoContact, c.Alone = missed(st.Title + "。" + st.Content)
	if row, ok := rules.Category(st.Category, st.ReceivedAt); ok {
		c.Dispute = row.Dispute
	}
	if rep := st.Reporter; rep != nil && !rep.Confidential && !rep.Protected && !rep.Anonymous {
		c.Person = digits(rep.Phone)
	}
	if p := st.Place; p != nil {
		c.Spot = strings.TrimSpace(p.Text)
		c.Lng, c.Lat = point(*p)
	}
	for _, t := range st.Tasks {
		if t.Status == incident.TaskReturned {
			c.Returns = append(c.Returns, Return{t.Unit, t.EndedAt})
		}
	}
	if st.Staged && st.FollowupDone == 0 && st.FedBackAt != 0 {
		c.Recheck = st.FollowupDue
	}
	return c, true
}

// digits are the last eleven figures of a telephone number, so that a country code makes no difference; too few tell nobody apart.
func digits(phone string) string {
	var b []byte
	for i := range len(phone) {
		if c := phone[i]; c >= '0' && c <= '9' {
			b = append(b, c)
		}
	}
	if len(b) < 7 {
		return ""
	}
	return string(b[max(0, len(b)-11):])
}

var (
	crowd = regexp.MustCompile(`([0-9]{1,4}|[一二两三四五六七八九十]{1,3})(?:多|余|来)?(?:名|个|位)?(?:人|工人|民工|农民工|村民|群众|业主|家长|工友)`)
	// gathering are the words without which a number of people is no group.
	gathering = []string{"聚集", "集体", "围", "堵", "上访", "讨薪", "欠薪", "工资", "联名", "拉横幅", "打架", "对峙", "争吵", "闹"}
)

// people is the largest number of people that a report speaks of as a group.
func people(text string) int {
	if !slices.ContainsFunc(gathering, func(w string) bool { return strings.Contains(text, w) }) {
		return 0
	}
	most := 0
	for _, m := range crowd.FindAllStringSubmatch(text, -1) {
		most = max(most, numeral(m[1]))
	}
	return most
}

var (
	// unreached are words of a visit or call that nobody answered.
	unreached = regexp.MustCompile(`联系不上|联系不到|联络不上|无人应答|无人应门|没人应门|没有?人应|敲门(?:没|不|无)[^，。；]{0,3}应|没人开门|无人开门|电话(?:没|无)人接|电话打不通`)
	alone     = regexp.MustCompile(`独居|空巢|孤寡|留守老人|五保|特困供养|高龄老`)
)

// missed returns the words by which a text says that somebody was not reached, and whether it speaks of an old person who lives alone.
func missed(text string) (words string, lonely bool) {
	return unreached.FindString(text), alone.MatchString(text)
}

// numeral reads figures, or a Chinese number up to ninety-nine.
func numeral(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	n := 0
	last := 0
	for _, r := range s {
		switch i := strings.IndexRune("一二三四五六七八九", r); {
		case r == '两':
			last = 2
		case r == '十':
			n, last = n+10*max(1, last), 0
		case i >= 0:
			last = i/len("一") + 1
		}
	}
	return n + last
}
