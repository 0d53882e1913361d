package lists

import (
	"cmp"
	"slices"

	"zw110/data/incident"
)

// daily fills the daily list (每日清单) of a day: carried ones first, then by urgency, due time and village.
func (m *maker) daily(s *Sheet, lines []line) {
	w := m.Words
	slices.SortStableFunc(lines, compareDaily)
	s.Columns = dailyColumns(w)
	s.Foot = []string{w.T("lists.foot.maker"), w.T("lists.foot.shift"), w.T("lists.foot.leader"), w.T("lists.foot.date")}
	for i, l := range lines {
		s.add(RowKey{No: l.State.No}, append([]Cell{number(i + 1)}, l.dailyCells(m.Day)...))
	}
}

func dailyColumns(w Words) []Column {
	return columnsOf(w, []Column{
		col("seq", 5, true), col("no", 16, true), col("accepted", 14, true), col("channel", 8, true), col("village", 12, true), col("matter", 38, false),
		col("urgency", 7, true), col("lead", 13, true), col("co", 12, false), col("signed", 9, true), col("due", 14, true), col("progress", 32, false),
		col("handled", 9, true), col("light", 8, true), col("carried", 6, true), col("signature", 9, true),
	})
}

func compareDaily(a, b line) int {
	return cmp.Or(
		cmp.Compare(b.Earlier.Daily, a.Earlier.Daily), cmp.Compare(urgencyRank(a.State.Urgency), urgencyRank(b.State.Urgency)),
		cmp.Compare(dueRank(a.due), dueRank(b.due)), cmp.Compare(a.State.Village, b.State.Village), cmp.Compare(a.State.No, b.State.No),
	)
}

func urgencyRank(u incident.Urgency) int {
	return slices.Index([]incident.Urgency{incident.Critical, incident.Urgent, incident.Normal, incident.Low, u}, u)
}

// dueRank puts rows without a due time last.
func dueRank(due incident.Stamp) uint64 { return uint64(due) - 1 }

func (l line) dailyCells(day incident.Day) []Cell {
	st, w := &l.State, l.words
	accepted := st.AcceptedAt
	if accepted == 0 {
		accepted = st.ReceivedAt
	}
	return []Cell{
		text(st.No), text(clock(accepted, day)), text(word(w, "channel", string(st.Channel))), text(st.Village), text(l.matter()),
		text(word(w, "urgency", string(st.Urgency))), text(string(st.LeadUnit)), text(l.partners()), text(clock(st.SignedAt, day)), text(l.when(l.due, day)),
		text(l.progress()), text(clock(st.HandledAt, day)),
		{Text: w.T("lists.light." + l.word), Light: l.light},
		number(l.Earlier.Daily), text(l.noted("signature", "")),
	}
}
