package lists

import (
	"cmp"
	"slices"
	"strconv"

	"zw110/data/incident"
)

// joint fills the joint list (联办清单) of a week: a block for each incident, its lead first and then one row for each co-handler, by lead unit and
// due time.
func (m *maker) joint(s *Sheet, lines []line) {
	w := m.Words
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.State.LeadUnit, b.State.LeadUnit), cmp.Compare(dueRank(a.due), dueRank(b.due)), cmp.Compare(a.State.No, b.State.No))
	})
	s.Columns = jointColumns(w)
	s.Foot = []string{w.T("lists.foot.joint_lead"), w.T("lists.foot.joint_units"), w.T("lists.foot.director"), w.T("lists.foot.date")}
	for i, l := range lines {
		units := append([]incident.UnitID{l.State.LeadUnit}, partners(&l.State)...)
		for j, u := range units {
			s.add(RowKey{No: l.State.No, Unit: u}, l.jointCells(i+1, u, j == 0, m.Day))
		}
		s.Blocks = append(s.Blocks, len(units))
	}
}

func jointColumns(w Words) []Column {
	whole := func(key string, width float64, centre bool) Column {
		c := col(key, width, centre)
		c.Whole = true
		return c
	}
	return columnsOf(w, []Column{
		whole("seq", 5, true), whole("no", 16, true), whole("matter", 34, false), whole("village", 11, true), whole("grade", 8, true),
		col("unit", 14, true), col("role", 7, true), col("duty", 26, false), col("person", 9, true), col("part_due", 12, true), whole("meeting", 14, true),
		col("unit_progress", 26, false), col("finished", 7, true), col("countersign", 10, true),
	})
}

// jointCells is the row of one unit; the cells of the incident stand in its first row and are empty below.
func (l line) jointCells(seq int, unit incident.UnitID, first bool, day incident.Day) []Cell {
	st, w := &l.State, l.words
	head := make([]Cell, 6)
	if first {
		head = []Cell{
			number(seq), text(st.No), text(l.matter()), text(st.Village), text(word(w, "grade", strconv.Itoa(l.difficulty)) + "/" + word(w, "urgency", string(st.Urgency))),
			text(l.noted("meeting", "")),
		}
	}
	role := "co"
	if unit == st.LeadUnit {
		role = "lead"
	}
	name := string(unit)
	if unit == "" {
		name = word(w, "state", string(st.Status))
	}
	done, light := l.unitDone(unit)
	return []Cell{
		head[0], head[1], head[2], head[3], head[4],
		text(name), text(w.T("lists.role." + role)), text(l.orNoted("duty", unit, w.T("lists.duty."+role))), text(l.orNoted("person", unit, l.signer(unit))),
		text(l.when(l.partDue(unit), day)), head[5],
		text(l.unitProgress(unit)),
		{Text: clean(done), Light: light},
		text(l.noted("countersign", unit)),
	}
}

// orNoted is what people wrote into a column, else what it says by itself.
func (l line) orNoted(column string, unit incident.UnitID, otherwise string) string {
	if said := l.noted(column, unit); said != "" {
		return said
	}
	return otherwise
}

// signer is who took the unit's order by telephone, the only name of a unit's person that the journal holds.
func (l line) signer(unit incident.UnitID) string {
	if t := l.task(unit); t != nil && t.Proxy != nil {
		return t.Proxy.Name
	}
	return ""
}

// partDue is the incident's due time, or an earlier one that the unit's own order set.
func (l line) partDue(unit incident.UnitID) incident.Stamp {
	if t := l.task(unit); t != nil && t.Terms != nil && t.Terms.SettleBy > 0 && (l.due == 0 || t.Terms.SettleBy < l.due) {
		return t.Terms.SettleBy
	}
	return l.due
}

// unitProgress is the last word of a unit, else where its task stands.
func (l line) unitProgress(unit incident.UnitID) string {
	if said := l.said(unit); said != "" && unit != "" {
		return said
	}
	if t := l.task(unit); t != nil {
		return word(l.words, "task", string(t.Status))
	}
	return ""
}

// unitDone is the sign of a unit's own part and its light.
func (l line) unitDone(unit incident.UnitID) (string, incident.Light) {
	w := l.words
	if t := l.task(unit); t != nil && (t.Status == incident.TaskDone || t.Status == incident.TaskFedBack) {
		return w.T("lists.light.done"), incident.Green
	}
	if l.Settled {
		return w.T("lists.light.done"), incident.Green
	}
	if due := l.partDue(unit); due > 0 && due < l.AsOf && l.State.Status != incident.Suspended {
		return w.T("lists.light.overdue"), incident.Red
	}
	if l.light == incident.Green || l.light == incident.Grey {
		return w.T("lists.light.open"), ""
	}
	return w.T("lists.light." + l.word), l.light
}
