package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
)

// showCmd lists a view or shows one incident.
type showCmd struct {
	store
	Incident *string `help:"${ctl_help_incident}" placeholder:"NO"`
	View     string  `help:"${ctl_help_view}" default:"open"`
	At       string  `help:"${ctl_help_show_at}" placeholder:"2026-08-18T14:05"`
	Known    bool    `help:"${ctl_help_known}"`
	JSON     bool    `name:"json" help:"${ctl_help_json}"`
	Acts     bool    `help:"${ctl_help_acts}"`
}

// source is where incidents are shown from: the room, or its past.
type source interface {
	Snapshot(board.Filter) board.Snapshot
	Brief(incident.IncidentID, incident.Login) (room.Detail, error)
}

// from returns the room, or its past if a moment is named.
func (c *showCmd) from(ctx context.Context, r *room.Room) (source, error) {
	if c.At == "" {
		return r, nil
	}
	at, err := moment(c.At, 0)
	if err != nil {
		return nil, wrong("usage.moment", "--at", c.At)
	}
	past, err := r.Past(ctx, incident.DayOf(at), c.Known, nil)
	if err != nil {
		return nil, err
	}
	return past, past.Move(at)
}

// views are the views by name.
var views = map[string]board.Filter{
	"open":       {},
	"unanswered": {Groups: []board.Group{board.Unanswered}},
	"dispatch":   {Groups: []board.Group{board.ToDispatch}},
	"overdue":    {Groups: []board.Group{board.Overdue}},
	"due":        {Groups: []board.Group{board.Overdue, board.DueSoon}},
	"hand":       {Groups: []board.Group{board.InHand}},
	"supervised": {Supervised: true},
	"ended":      {OnlyEnded: true},
	"all":        {Ended: true},
}

// shown is the fixed shape of `show --json`.
type shown struct {
	No        string            `json:"no"`
	State     incident.Status   `json:"state"`
	Urgency   incident.Urgency  `json:"urgency"`
	Category  string            `json:"category"`
	Village   string            `json:"village"`
	Channel   incident.Channel  `json:"channel"`
	Lead      incident.UnitID   `json:"lead"`
	Co        []incident.UnitID `json:"co"`
	Due       incident.Stamp    `json:"due"`
	Light     incident.Light    `json:"light"`
	List      incident.List     `json:"list"`
	Tasks     []shownTask       `json:"tasks"`
	Conflicts []shownConflict   `json:"conflicts"`
	Acts      []shownAct        `json:"acts,omitempty"` // only with --acts
}

// shownAct is one entry of the log; undone ones stand in it too.
type shownAct struct {
	At     incident.Stamp  `json:"at"`
	Kind   incident.Kind   `json:"kind"`
	By     incident.Login  `json:"by"`
	Unit   incident.UnitID `json:"unit"`
	Undone bool            `json:"undone"`
}

type shownTask struct {
	Unit   incident.UnitID     `json:"unit"`
	Lead   bool                `json:"lead"`
	Status incident.TaskStatus `json:"status"`
}

type shownConflict struct {
	ID   string `json:"id"`
	Rule string `json:"rule"`
	Loud bool   `json:"loud"`
}

// Run shows incidents in queue order, in numbers' order for views with ended ones.
func (c *showCmd) Run(ctx context.Context, out *output) (err error) {
	filter, ok := views[c.View]
	if !ok {
		return oneOf("--view", slices.Sorted(maps.Keys(views)), c.View)
	}
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	src, err := c.from(ctx, r)
	if err != nil {
		return err
	}
	var rows []board.Row
	if c.Incident != nil {
		id, err := r.ByNo(*c.Incident)
		if err != nil {
			return err
		}
		d, err := src.Brief(id, "")
		if err != nil {
			return err
		}
		rows = []board.Row{d.Row}
	} else {
		rows = rowsOf(src.Snapshot(filter))
		if filter.Ended || filter.OnlyEnded {
			slices.SortStableFunc(rows, func(a, b board.Row) int { return cmp.Compare(a.No, b.No) })
		}
	}
	return out.rows(src, rows, how{c.JSON, c.Acts})
}

func rowsOf(snap board.Snapshot) []board.Row {
	rows := make([]board.Row, 0, snap.Len())
	for i := range snap.Len() {
		rows = append(rows, snap.Row(i))
	}
	return rows
}

// how says how incidents are written: as one JSON array or as lines for people, with what was done to each or without.
type how struct{ json, acts bool }

// rows writes incidents.
func (o *output) rows(from source, rows []board.Row, how how) error {
	all := make([]shown, 0, len(rows))
	for _, row := range rows {
		if !how.json {
			if err := o.line(row); err != nil {
				return err
			}
		}
		if !how.json && !how.acts {
			continue
		}
		d, err := from.Brief(row.ID, "")
		if err != nil {
			return err
		}
		s := shownOf(d)
		if how.acts {
			s.Acts = actsOf(d.State.Log)
		}
		if how.json {
			all = append(all, s)
			continue
		}
		for _, a := range s.Acts {
			if err := o.act(a); err != nil {
				return err
			}
		}
	}
	if how.json {
		return o.json(all)
	}
	return o.say("ctl.show.count", len(rows))
}

// line writes one incident for people.
func (o *output) line(row board.Row) error {
	due := ""
	if row.SettleDue != 0 {
		due = row.SettleDue.Time().In(incident.Local).Format("01-02 15:04")
	}
	return o.say("ctl.show.line", row.No, o.texts.T("status."+string(row.Status)), o.texts.T("urgency."+string(row.Urgency)),
		row.Village, strings.TrimSpace(row.Title), string(row.Lead), due)
}

// act writes one entry of a log for people.
func (o *output) act(a shownAct) error {
	return o.say("ctl.show.act", a.At.Time().In(incident.Local).Format("01-02 15:04"), o.texts.T(fmt.Sprint("kind.", uint16(a.Kind))), string(a.By), string(a.Unit))
}

func actsOf(log []incident.LogLine) []shownAct {
	acts := make([]shownAct, 0, len(log))
	for _, l := range log {
		acts = append(acts, shownAct{l.At, l.Kind, l.Actor, l.Unit, l.Undone})
	}
	return acts
}

// shownOf takes the fixed fields out of a detail.
func shownOf(d room.Detail) shown {
	st := d.State
	s := shown{
		No: st.No, State: st.Status, Urgency: st.Urgency, Category: st.Category, Village: st.Village, Channel: st.Channel,
		Lead: st.LeadUnit, Co: append([]incident.UnitID{}, st.Co...), Due: d.Row.SettleDue, Light: d.Row.Clock.Light, List: d.List,
		Tasks: []shownTask{}, Conflicts: []shownConflict{},
	}
	if s.Light == "" {
		s.Light = incident.Grey
	}
	for _, t := range st.Tasks {
		s.Tasks = append(s.Tasks, shownTask{t.Unit, t.Lead, t.Status})
	}
	for _, c := range st.Conflicts {
		s.Conflicts = append(s.Conflicts, shownConflict{c.ID, c.Rule, c.Loud})
	}
	return s
}

// findCmd searches as the window does.
type findCmd struct {
	store
	Limit int      `help:"${ctl_help_limit}" default:"50"`
	JSON  bool     `name:"json" help:"${ctl_help_json}"`
	Words []string `arg:"" help:"${ctl_help_words}"`
}

// Run searches texts, numbers, pinyin initials and parts of phone numbers.
func (c *findCmd) Run(out *output) (err error) {
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var rows []board.Row
	for _, hit := range r.Search(strings.Join(c.Words, " "), c.Limit) {
		rows = append(rows, hit.Row)
	}
	return out.rows(r, rows, how{json: c.JSON})
}
