package forms

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"zw110/data/incident"
	"zw110/data/intake"
)

// UnitRow is one unit of the dispatch dialog: the proposed ones first, each with its reason, then all others.
type UnitRow struct {
	Unit       incident.UnitID
	Name       string
	Why        string
	Proposed   bool
	Load       float64 // 0 to 1
	Open       int
	Overdue    int
	Ticked     bool
	Lead       bool
	Dispatched bool // has a live task already; stands ticked and can't be unticked
}

// Dispatch is the model of the dispatch dialog. With a lead already at work it adds co-handlers instead.
type Dispatch struct {
	*Form
	Rules incident.Rules
	Rows  []UnitRow
	// chosen is the list that somebody named; empty follows the rules.
	chosen incident.List
	// MoveWhy is the reason for a list above that of the rules.
	MoveWhy string
	// edited is the task text written by hand; empty means the composed one.
	edited string
	// stale tells that units, list or limits changed after the text was edited by hand.
	stale bool
	// typed are the limits as typed, by the key of their cell.
	typed map[string]string
	// Why is the reason for a limit longer than the rule's.
	Why  string
	ways map[incident.Delivery]bool
	// linked tells that units have a terminal on the network.
	linked bool
}

// NewDispatch opens the dialog on an incident. Proposed units are ticked as the directory has them; with units of a draft, those are.
func NewDispatch(p Params, rules incident.Rules) (*Dispatch, error) {
	form, err := NewForm(p)
	if err != nil {
		return nil, err
	}
	d := &Dispatch{Form: form, Rules: rules, typed: map[string]string{}}
	d.Link(false)
	d.fill()
	return d, nil
}

// Adding reports whether the dialog adds co-handlers to an incident that has its lead.
func (d *Dispatch) Adding() bool {
	switch d.Subject.State.Status {
	case incident.Dispatched, incident.Handling:
		return true
	}
	return false
}

// fill makes the rows: units with a task, proposals, the rest by the directory's order.
func (d *Dispatch) fill() {
	seen := map[incident.UnitID]bool{}
	for _, t := range d.Subject.State.Tasks {
		if d.Adding() && t.Live() && !seen[t.Unit] {
			seen[t.Unit] = true
			d.Rows = append(d.Rows, UnitRow{Unit: t.Unit, Name: d.unitName(t.Unit), Why: d.Text("task." + string(t.Status)), Ticked: true, Lead: t.Lead, Dispatched: true})
		}
	}
	for _, s := range d.Subject.Suggest {
		if seen[s.Unit] {
			continue
		}
		seen[s.Unit] = true
		d.Rows = append(d.Rows, UnitRow{
			Unit: s.Unit, Name: d.unitName(s.Unit), Why: strings.Join(s.Reasons, "·"), Proposed: true, Load: s.Load, Open: s.Open, Overdue: s.Overdue,
			Ticked: !d.Adding(), Lead: s.Lead && !d.Adding(),
		})
	}
	for _, u := range d.Book.Units {
		if id := incident.UnitID(u.Value); !seen[id] {
			d.Rows = append(d.Rows, UnitRow{Unit: id, Name: u.Name, Why: u.Hint})
		}
	}
	d.oneLead()
}

func (d *Dispatch) unitName(id incident.UnitID) string {
	for _, u := range d.Book.Units {
		if u.Value == string(id) {
			return u.Name
		}
	}
	return string(id)
}

// oneLead keeps exactly one lead among the ticked: the first ticked one steps in when none is left.
func (d *Dispatch) oneLead() {
	lead := -1
	for i := range d.Rows {
		if d.Rows[i].Lead && (lead >= 0 || !d.Rows[i].Ticked) {
			d.Rows[i].Lead = false
		}
		if d.Rows[i].Lead {
			lead = i
		}
	}
	for i := range d.Rows {
		if lead < 0 && d.Rows[i].Ticked {
			d.Rows[i].Lead, lead = true, i
		}
	}
}

// Toggle ticks or unticks a row; a unit that has its task stays.
func (d *Dispatch) Toggle(i int) {
	if i < 0 || i >= len(d.Rows) || d.Rows[i].Dispatched {
		return
	}
	d.Rows[i].Ticked = !d.Rows[i].Ticked
	d.oneLead()
	d.touched()
}

// MakeLead makes a row the lead, ticking it. An incident at work keeps its lead: that is a reassignment, another act.
func (d *Dispatch) MakeLead(i int) {
	if i < 0 || i >= len(d.Rows) || d.Adding() {
		return
	}
	for j := range d.Rows {
		d.Rows[j].Lead = j == i
	}
	d.Rows[i].Ticked = true
	d.touched()
}

// TickSuggested ticks the first proposed unit that is not ticked yet and returns its row, -1 when all are.
func (d *Dispatch) TickSuggested() int {
	i := slices.IndexFunc(d.Rows, func(r UnitRow) bool { return r.Proposed && !r.Ticked })
	d.Toggle(i)
	return i
}

// Link says whether units have a terminal on the network, and chooses how the order goes: to inbox and 浙政钉, without a network on paper.
func (d *Dispatch) Link(linked bool) {
	d.linked = linked
	d.ways = map[incident.Delivery]bool{incident.ByInbox: linked, incident.ByDing: linked, incident.BySlip: !linked}
}

// Offered returns the ways of delivery there are; without a network no inbox.
func (d *Dispatch) Offered() []incident.Delivery {
	all := incident.Deliveries()
	if !d.linked {
		all = slices.DeleteFunc(all, func(w incident.Delivery) bool { return w == incident.ByInbox })
	}
	return all
}

// SetWay chooses or leaves a way of delivery.
func (d *Dispatch) SetWay(w incident.Delivery, on bool) { d.ways[w] = on }

// Ways returns the chosen ways of delivery in order.
func (d *Dispatch) Ways() []incident.Delivery {
	return slices.DeleteFunc(d.Offered(), func(w incident.Delivery) bool { return !d.ways[w] })
}

func (d *Dispatch) touched() { d.stale = d.edited != "" }

// Lead returns the lead, empty when nothing is ticked.
func (d *Dispatch) Lead() incident.UnitID {
	for _, r := range d.Rows {
		if r.Lead {
			return r.Unit
		}
	}
	return ""
}

// Co returns the ticked co-handlers; when adding, only the new ones.
func (d *Dispatch) Co() []incident.UnitID {
	var out []incident.UnitID
	for _, r := range d.Rows {
		if r.Ticked && !r.Lead && !r.Dispatched {
			out = append(out, r.Unit)
		}
	}
	return out
}

// Ticked counts the units that will get a task.
func (d *Dispatch) Ticked() int {
	n := len(d.Co())
	if !d.Adding() && d.Lead() != "" {
		n++
	}
	return n
}

// Match returns the indexes of the rows whose unit fits, in order; words go through fits, which knows characters and initials.
func (d *Dispatch) Match(words string, fits func(name, words string) bool) []int {
	var out []int
	for i, r := range d.Rows {
		if words == "" || fits(r.Name, words) || fits(string(r.Unit), words) {
			out = append(out, i)
		}
	}
	return out
}

// TaskText returns the text the units get: the one edited by hand, else composed of list, place, matter, units and limits.
// Neither names nor numbers of the reporter are in a composed one.
func (d *Dispatch) TaskText() string {
	if d.edited != "" {
		return d.edited
	}
	st := &d.Subject.State
	var b strings.Builder
	put := func(key string, args ...any) {
		b.WriteString(d.Text(key, args...))
		b.WriteByte('\n')
	}
	put("forms.task_head", d.Text("list."+string(d.List())), d.Subject.Row.ShortNo, d.Text("urgency."+string(st.Urgency)))
	told := d.Subject.Told
	if told.Title != "" {
		b.WriteString(told.Title + "\n")
	}
	put("forms.task_place", joinPlace(st))
	if told.Content != "" && told.Content != told.Title {
		put("forms.task_matter", told.Content)
	}
	put("forms.task_lead", d.unitName(d.Lead()))
	var co []string
	for _, u := range d.Co() {
		co = append(co, d.unitName(u))
	}
	if len(co) > 0 {
		put("forms.task_co", strings.Join(co, d.Text("forms.comma")))
	}
	var limits []string
	for _, c := range d.Limits() {
		if c.Due != 0 {
			limits = append(limits, d.Text("forms.task_by_"+c.Key, ShortMoment(c.Due, d.Now)))
		}
	}
	if len(limits) > 0 {
		put("forms.task_limits", strings.Join(limits, d.Text("forms.comma")))
	}
	if d.Contact != "" {
		put("forms.task_contact", d.Contact)
	}
	return strings.TrimRight(b.String(), "\n")
}

// joinPlace names the place once: the text often has the village.
func joinPlace(st *incident.State) string {
	if st.Place == nil || st.Place.Text == "" {
		return st.Village
	}
	// People leave the last 村 of 双联新村村 out.
	if spoken := strings.TrimSuffix(st.Village, "村"); spoken != "" && strings.Contains(st.Place.Text, spoken) {
		return st.Place.Text
	}
	return strings.Trim(st.Village+"·"+st.Place.Text, "·")
}

// ShortMoment writes a moment as near as needed: 17:30 today, 08-21 17:30 this year, else with the year.
func ShortMoment(s, now incident.Stamp) string {
	if s == 0 {
		return "—"
	}
	t, n := s.Time().In(incident.Local), now.Time().In(incident.Local)
	switch {
	case t.Format(time.DateOnly) == n.Format(time.DateOnly):
		return t.Format("15:04")
	case t.Year() == n.Year():
		return t.Format("01-02 15:04")
	}
	return t.Format(momentLayout)
}

// EditText keeps a text written by hand; empty goes back to the composed one.
func (d *Dispatch) EditText(text string) {
	d.edited, d.stale = strings.TrimSpace(text), false
}

// Private reports whether the text written by hand holds what looks like somebody's number, which all units would read.
func (d *Dispatch) Private() bool { return d.edited != "" && intake.MaskText(d.edited) != d.edited }

// Stale reports whether units, list or limits changed after the text was edited by hand, so that it may no longer fit.
func (d *Dispatch) Stale() bool { return d.stale }

// Acts returns what the room is asked: one dispatch, or one act for each added co-handler, and the move to another list if somebody named one.
func (d *Dispatch) Acts() ([]incident.Act, error) {
	terms, err := d.terms()
	if err != nil {
		return nil, err
	}
	if len(d.Ways()) == 0 {
		return nil, &Fault{Field: "delivery", Key: "forms.no_delivery"}
	}
	move, err := d.move()
	if err != nil {
		return nil, err
	}
	if d.Adding() {
		acts, err := d.addActs(terms)
		return append(acts, move...), err
	}
	act, err := d.Act()
	if err != nil {
		return nil, err
	}
	if d.Lead() == "" {
		return nil, &Fault{Field: "lead", Key: "forms.no_units"}
	}
	act.Terms, act.Delivery = terms, d.Ways()
	if d.NeedsWhy() {
		act.Reason = strings.TrimSpace(d.Why)
	}
	act.Lead, act.Co, act.CoGiven, act.List = d.Lead(), d.Co(), true, d.List()
	// The composed text follows from the entry; only words written by hand are news.
	act.Fields.Text = d.edited
	return append([]incident.Act{act}, move...), nil
}

func (d *Dispatch) addActs(terms *incident.Terms) ([]incident.Act, error) {
	added := d.Co()
	if len(added) == 0 {
		return nil, &Fault{Field: "co", Key: "forms.no_units"}
	}
	acts := make([]incident.Act, len(added))
	for i, unit := range added {
		acts[i] = incident.Act{At: d.Now, By: d.Who.Login, Do: incident.AddCo, ID: d.Subject.State.ID, Incident: d.Subject.Row.No}
		acts[i].Unit, acts[i].Reason = unit, d.Text("forms.needed_on_site")
		if d.NeedsWhy() {
			acts[i].Reason = strings.TrimSpace(d.Why)
		}
		acts[i].Terms, acts[i].Delivery = terms, d.Ways()
		acts[i].Fields.Text = d.edited
	}
	return acts, nil
}

// DispatchDraft returns what a kept draft holds beside the form's values.
func (d *Dispatch) DispatchDraft() map[string]string {
	out := d.Draft()
	var units []string
	for _, r := range d.Rows {
		if r.Ticked && !r.Dispatched {
			units = append(units, string(r.Unit))
		}
	}
	out["units"], out["lead"], out["list"], out["edited"] = strings.Join(units, "\n"), string(d.Lead()), string(d.chosen), d.edited
	for key, text := range d.typed {
		out[draftLimit+key] = text
	}
	out["why"], out["move_why"], out["ways"] = d.Why, d.MoveWhy, d.waysDraft()
	return out
}

// draftLimit begins the key of a typed limit in a draft.
const draftLimit = "limit_"

// waysDraft writes the chosen ways one a line.
func (d *Dispatch) waysDraft() string {
	ways := d.Ways()
	lines := make([]string, len(ways))
	for i, w := range ways {
		lines[i] = string(w)
	}
	return strings.Join(lines, "\n")
}

// RestoreWays takes the ways of the last dispatch, if there was one; without a network an inbox is none.
func (d *Dispatch) RestoreWays(lines string) {
	if lines == "" {
		return
	}
	for _, w := range incident.Deliveries() {
		d.ways[w] = slices.Contains(strings.Split(lines, "\n"), string(w))
	}
}

// RestoreDispatch takes a kept draft back.
func (d *Dispatch) RestoreDispatch(draft map[string]string) {
	ticked := strings.Split(draft["units"], "\n")
	for i := range d.Rows {
		r := &d.Rows[i]
		if !r.Dispatched {
			r.Ticked = slices.Contains(ticked, string(r.Unit))
			r.Lead = string(r.Unit) == draft["lead"] && r.Ticked
		}
	}
	d.chosen, d.MoveWhy = incident.List(draft["list"]), draft["move_why"]
	d.edited = draft["edited"]
	for _, key := range []string{limitSign, limitArrive, limitFirst, limitSettle} {
		if text := draft[draftLimit+key]; text != "" {
			d.typed[key] = text
		}
	}
	d.Why = draft["why"]
	d.RestoreWays(draft["ways"])
	d.oneLead()
	d.Restore(draft)
}

// LimitWords writes how long a limit is, such as 15 分 or 2 时.
func LimitWords(t func(string, ...any) string, l incident.Limit) string {
	switch l.Kind {
	case incident.NaturalTime, incident.NightNine:
		return minutes(t, l.N)
	case incident.WorkTime:
		return t("forms.limit_work", minutes(t, l.N))
	case incident.WorkDays:
		return t("forms.limit_workdays", l.N)
	case incident.DayCount:
		return t("forms.limit_days", l.N)
	}
	return "—"
}

func minutes(t func(string, ...any) string, n int) string {
	if n%60 == 0 && n > 0 {
		return t("forms.limit_hours", n/60)
	}
	return t("forms.limit_minutes", fmt.Sprint(n))
}
