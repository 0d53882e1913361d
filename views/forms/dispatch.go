package forms

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"zw110/data/incident"
	"zw110/data/room"
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

// LimitCell is one limit of the dialog's foot: how long, and until when.
type LimitCell struct {
	Key   string // sign, arrive, first, settle
	Limit incident.Limit
	Due   incident.Stamp // zero when it has none
}

// Dispatch is the model of the dispatch dialog. With a lead already at work it adds co-handlers instead.
type Dispatch struct {
	*Form
	Rules incident.Rules
	List  incident.List
	Rows  []UnitRow
	// edited is the task text written by hand; empty means the composed one.
	edited string
	// stale tells that units or list changed after the text was edited by hand.
	stale bool
}

// NewDispatch opens the dialog on an incident. Proposed units are ticked as the directory has them; with units of a draft, those are.
func NewDispatch(p Params, rules incident.Rules) (*Dispatch, error) {
	form, err := NewForm(p)
	if err != nil {
		return nil, err
	}
	d := &Dispatch{Form: form, Rules: rules, List: listOf(form.Subject)}
	d.fill()
	return d, nil
}

// listOf returns the list a dispatch starts with: the present one, else the directory's, else the daily list.
func listOf(subject *room.Detail) incident.List {
	for _, l := range []incident.List{subject.State.List, subject.Row.List, subject.Category.List} {
		if l != "" {
			return l
		}
	}
	return incident.ListDaily
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

// SetList chooses the template.
func (d *Dispatch) SetList(l incident.List) {
	if d.List != l {
		d.List = l
		d.touched()
	}
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

// Limits computes the limits that the urgency brings, as of now, in the order sign, arrive, first feedback, settle.
func (d *Dispatch) Limits() []LimitCell {
	if d.Rules == nil {
		return nil
	}
	st := &d.Subject.State
	by := d.Rules.Limits(d.Now).By[st.Urgency]
	arrive := by.Arrive
	if d.Rules.FarVillage(st.Village) {
		arrive = by.ArriveFar
	}
	cells := []LimitCell{{Key: "sign", Limit: by.Sign}, {Key: "arrive", Limit: arrive}, {Key: "first", Limit: by.FirstFeedback}}
	for i := range cells {
		if cells[i].Limit.Kind != incident.NoLimit {
			cells[i].Due, _ = d.Rules.Calendar().Due(d.Now, cells[i].Limit)
		}
	}
	settle, _ := incident.SettleDue(st, d.Rules)
	return append(cells, LimitCell{Key: "settle", Limit: d.Subject.Category.Settle, Due: settle})
}

// TaskText returns the text the units get: the one edited by hand, else composed of list, place, matter, units and limits.
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
	put("forms.task_head", d.Text("list."+string(d.List)), d.Subject.Row.ShortNo, d.Text("urgency."+string(st.Urgency)))
	if st.Title != "" {
		b.WriteString(st.Title + "\n")
	}
	put("forms.task_place", joinPlace(st))
	if st.Content != "" && st.Content != st.Title {
		put("forms.task_matter", st.Content)
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
	return strings.TrimRight(b.String(), "\n")
}

// joinPlace names the place once: the text often begins with the village.
func joinPlace(st *incident.State) string {
	if st.Place == nil || st.Place.Text == "" {
		return st.Village
	}
	// People leave the last 村 of 双联新村村 out.
	if spoken := strings.TrimSuffix(st.Village, "村"); spoken != "" && strings.HasPrefix(st.Place.Text, spoken) {
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

// Stale reports whether units or list changed after the text was edited by hand, so that it may no longer fit.
func (d *Dispatch) Stale() bool { return d.stale }

// Acts returns what the room is asked: one dispatch, or one act for each added co-handler.
func (d *Dispatch) Acts() ([]incident.Act, error) {
	if d.Adding() {
		return d.addActs()
	}
	act, err := d.Act()
	if err != nil {
		return nil, err
	}
	if d.Lead() == "" {
		return nil, &Fault{Field: "lead", Key: "forms.no_units"}
	}
	act.Lead, act.Co, act.CoGiven, act.List = d.Lead(), d.Co(), true, d.List
	// The composed text follows from the entry; only words written by hand are news.
	act.Fields.Text = d.edited
	return []incident.Act{act}, nil
}

func (d *Dispatch) addActs() ([]incident.Act, error) {
	added := d.Co()
	if len(added) == 0 {
		return nil, &Fault{Field: "co", Key: "forms.no_units"}
	}
	acts := make([]incident.Act, len(added))
	for i, unit := range added {
		acts[i] = incident.Act{At: d.Now, By: d.Who.Login, Do: incident.AddCo, ID: d.Subject.State.ID, Incident: d.Subject.Row.No}
		acts[i].Unit, acts[i].Reason = unit, d.Text("forms.needed_on_site")
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
	out["units"], out["lead"], out["list"], out["edited"] = strings.Join(units, "\n"), string(d.Lead()), string(d.List), d.edited
	return out
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
	if l := incident.List(draft["list"]); l != "" {
		d.List = l
	}
	d.edited = draft["edited"]
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
