package forms

import (
	"regexp"
	"strings"
	"time"

	"zw110/data/incident"
)

// The limits of a dispatch, by the key of their cell.
const (
	limitSign   = "sign"
	limitArrive = "arrive"
	limitFirst  = "first"
	limitSettle = "settle"
)

// LimitCell is one limit of the dialog's foot: how long, and until when.
type LimitCell struct {
	Key   string         // sign, arrive, first, settle
	Limit incident.Limit // zero for settle, whose rule counts from the receipt
	Due   incident.Stamp // zero when it has none
	Rule  incident.Limit
	// RuleDue is when the rule's limit ends.
	RuleDue incident.Stamp
	// Set tells that a person set it for this dispatch, Longer that it then ends after the rule's, Bad that the text is no limit.
	Set, Longer, Bad bool
}

var limitForm = regexp.MustCompile(`^(\d{1,5})\s*(分钟|分|min|小时|时|h|工作小时|工作时|时（工作时）|wh|个工作日|工作日|workdays?|wd|天|日|days?|d)?$`)

// ParseLimit reads a limit as people type it: a number of minutes (20), with a unit (20 分, 2 时, 2 工作时, 1 工作日, 3 天; min, h, wh, wd, d), or the
// moment at which it ends (15:30, 21 17:30), which counts from now to the minute.
func ParseLimit(text string, now incident.Stamp) (incident.Limit, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	m := limitForm.FindStringSubmatch(text)
	if m == nil {
		until, err := ParseMoment(text, now)
		n := int(until.Sub(now).Round(time.Minute) / time.Minute)
		return incident.Limit{Kind: incident.NaturalTime, N: n}, err == nil && n > 0
	}
	n := atoi(m[1])
	l := incident.Limit{Kind: incident.NaturalTime, N: n}
	switch m[2] {
	case "小时", "时", "h":
		l.N = 60 * n
	case "工作小时", "工作时", "时（工作时）", "wh":
		l = incident.Limit{Kind: incident.WorkTime, N: 60 * n}
	case "个工作日", "工作日", "workday", "workdays", "wd":
		l = incident.Limit{Kind: incident.WorkDays, N: n}
	case "天", "日", "day", "days", "d":
		l = incident.Limit{Kind: incident.DayCount, N: n}
	}
	return l, n > 0
}

// SetLimit takes a limit as typed; an empty text goes back to the rule's.
func (d *Dispatch) SetLimit(key, text string) {
	if d.typed[key] == text {
		return
	}
	if d.typed[key] = text; strings.TrimSpace(text) == "" {
		delete(d.typed, key)
	}
	d.touched()
}

// Limits computes the limits in the order sign, arrive, first feedback, settle, as of now: what was typed, else what the urgency brings. The settle
// time counts from the receipt, so it is a moment.
func (d *Dispatch) Limits() []LimitCell {
	if d.Rules == nil {
		return nil
	}
	st := &d.Subject.State
	by := d.Rules.Limits(st.ReceivedAt).By[st.Urgency]
	arrive := by.Arrive
	if d.Rules.FarVillage(st.Village) {
		arrive = by.ArriveFar
	}
	cells := []LimitCell{{Key: limitSign, Rule: by.Sign}, {Key: limitArrive, Rule: arrive}, {Key: limitFirst, Rule: by.FirstFeedback}}
	for i := range cells {
		d.measure(&cells[i])
	}
	due, _ := incident.SettleDue(st, d.Rules)
	settle := LimitCell{Key: limitSettle, Rule: d.Subject.Category.Settle, Due: due, RuleDue: due}
	if text, set := d.typed[limitSettle]; set && !d.Adding() {
		settle.Set = true
		until, err := ParseMoment(text, d.Now)
		if err != nil {
			var l incident.Limit
			if l, settle.Bad = ParseLimit(text, d.Now); settle.Bad {
				until, _ = d.Rules.Calendar().Due(d.Now, l)
			}
			settle.Bad = !settle.Bad
		}
		settle.Due, settle.Longer = until, due != 0 && until > due
	}
	return append(cells, settle)
}

// measure fills a cell from what was typed and from the rule.
func (d *Dispatch) measure(c *LimitCell) {
	cal := d.Rules.Calendar()
	c.Limit = c.Rule
	if text, set := d.typed[c.Key]; set {
		l, ok := ParseLimit(text, d.Now)
		if c.Bad = !ok; ok {
			c.Limit, c.Set = l, l != c.Rule
		}
	}
	if c.Rule.Kind != incident.NoLimit {
		c.RuleDue, _ = cal.Due(d.Now, c.Rule)
	}
	if c.Limit.Kind != incident.NoLimit {
		c.Due, _ = cal.Due(d.Now, c.Limit)
	}
	c.Longer = c.Set && incident.Longer(cal, d.Now, c.Limit, c.Rule)
}

// NeedsWhy reports whether a limit is longer than the rule's, so that a reason is asked for.
func (d *Dispatch) NeedsWhy() bool {
	for _, c := range d.Limits() {
		if c.Longer && c.Key != limitSettle {
			return true
		}
	}
	return false
}

// terms returns the limits set for this dispatch, nil when all are the rules'. A text that is no limit, a longer one without a reason, and a settle
// time later than the rule's are faults.
func (d *Dispatch) terms() (*incident.Terms, error) {
	var t incident.Terms
	for _, c := range d.Limits() {
		switch {
		case c.Bad:
			return nil, &Fault{Field: "limit_" + c.Key, Key: "forms.no_limit"}
		case !c.Set:
		case c.Key == limitSign:
			t.Sign = c.Limit
		case c.Key == limitArrive:
			t.Arrive = c.Limit
		case c.Key == limitFirst:
			t.First = c.Limit
		case c.Longer:
			return nil, &Fault{Field: "limit_settle", Key: "forms.settle_later", Args: []any{ShortMoment(c.RuleDue, d.Now)}}
		case c.Due != c.RuleDue:
			t.SettleBy = c.Due
		}
	}
	if d.NeedsWhy() && strings.TrimSpace(d.Why) == "" {
		return nil, &Fault{Field: "limit_why", Key: "forms.missing"}
	}
	if t == (incident.Terms{}) {
		return nil, nil
	}
	return &t, nil
}
