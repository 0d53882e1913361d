package forms

import (
	"slices"
	"strings"

	"zw110/data/incident"
	"zw110/data/lists"
)

// ruled returns the list on which the incident stands by the rules with the ticked units, and why.
func (d *Dispatch) ruled() (incident.List, []lists.Reason) {
	st := d.Subject.State
	st.Tasks = slices.Clone(st.Tasks)
	if !d.Adding() {
		st.LeadUnit = d.Lead()
	}
	for _, unit := range d.Co() {
		st.Tasks = append(st.Tasks, incident.Task{Unit: unit, Status: incident.TaskSent})
	}
	return lists.Place(lists.Standing{State: &st, AsOf: d.Now, Earlier: d.Subject.Earlier}, d.Rules)
}

// List returns the list on which the incident will stand: the one somebody named, unless the rules put it higher by now; else the rules' own.
func (d *Dispatch) List() incident.List {
	ruled, _ := d.ruled()
	if d.chosen.Above(ruled) {
		return d.chosen
	}
	return ruled
}

// SetList names a list. One below that of the rules is refused, since a move down is the director's; it reports whether it was taken.
func (d *Dispatch) SetList(l incident.List) bool {
	ruled, _ := d.ruled()
	if ruled.Above(l) {
		return false
	}
	if l != d.List() {
		d.touched()
	}
	if d.chosen = ""; l != ruled {
		d.chosen = l
	}
	return true
}

// NeedsMoveWhy reports whether somebody named a list above that of the rules, so that a reason is asked for.
func (d *Dispatch) NeedsMoveWhy() bool {
	ruled, _ := d.ruled()
	return d.chosen.Above(ruled)
}

// RuleWords says which list the rules give, and why.
func (d *Dispatch) RuleWords() string {
	ruled, reasons := d.ruled()
	why := make([]string, len(reasons))
	for i, r := range reasons {
		args := make([]any, len(r.Args))
		for k, a := range r.Args {
			args[k] = a
		}
		why[i] = d.Text(r.Key, args...)
	}
	return d.Text("forms.list_ruled", d.Text("list."+string(ruled)), strings.Join(why, d.Text("forms.comma")))
}

// move returns the act that moves the incident to the list somebody named, none when the rules put it there.
func (d *Dispatch) move() ([]incident.Act, error) {
	if !d.NeedsMoveWhy() {
		return nil, nil
	}
	why := strings.TrimSpace(d.MoveWhy)
	if why == "" {
		return nil, &Fault{Field: fieldMoveWhy, Key: "forms.missing"}
	}
	act := incident.Act{At: d.Now, By: d.Who.Login, Do: incident.Move, ID: d.Subject.State.ID, Incident: d.Subject.Row.No}
	act.List, act.Reason = d.chosen, why
	return []incident.Act{act}, nil
}

// fieldMoveWhy is the key of the reason's field.
const fieldMoveWhy = "move_why"
