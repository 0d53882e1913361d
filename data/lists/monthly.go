package lists

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"zw110/data/incident"
)

// monthly fills the monthly supervision list (月度督办清单): red first, then by days overdue and by the leader in charge.
func (m *maker) monthly(s *Sheet, lines []line) {
	w := m.Words
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(
			cmp.Compare(b.level(), a.level()), cmp.Compare(b.lateDays(), a.lateDays()), cmp.Compare(a.noted("leader", ""), b.noted("leader", "")),
			cmp.Compare(a.State.No, b.State.No),
		)
	})
	t := dayTime(m.Day)
	s.Made = strings.NewReplacer("{short}", m.Town.Short, "{year}", strconv.Itoa(t.Year()), "{n}", strconv.Itoa(int(t.Month()))).Replace(m.Town.SupervisionNumber) +
		"　" + s.Made
	s.Columns = monthlyColumns(w)
	s.Foot = []string{w.T("lists.foot.draft"), w.T("lists.foot.reviewed"), w.T("lists.foot.issued"), w.T("lists.foot.seal"), w.T("lists.foot.dated")}
	for i, l := range lines {
		s.add(RowKey{No: l.State.No}, append([]Cell{number(i + 1)}, l.monthlyCells(m.Day)...))
	}
}

func monthlyColumns(w Words) []Column {
	return columnsOf(w, []Column{
		col("seq", 5, true), col("supervision_no", 14, true), col("no", 16, true), col("supervised_matter", 34, false), col("reason", 12, false),
		col("leader", 9, true), col("lead_unit", 13, true), col("with", 16, false), col("old_due", 11, true), col("supervision_due", 11, true),
		col("demand", 22, false), col("state_of_work", 28, false), col("late_days", 7, true), col("supervised_times", 6, true), col("level", 8, true), col("struck", 7, true),
	})
}

func (l line) monthlyCells(day incident.Day) []Cell {
	st, w := &l.State, l.words
	var last incident.Supervision
	if n := len(st.Supervisions); n > 0 {
		last = st.Supervisions[n-1]
	}
	level, light := l.levelText()
	return []Cell{
		text(last.No), text(st.No), text(l.matter()), text(l.why()), text(l.noted("leader", "")), text(string(st.LeadUnit)), text(l.partners()),
		text(l.oldDue(day)), text(string(last.ReplyDue)), text(l.demand(last)), text(l.progress()),
		number(l.lateDays()), number(max(len(st.Supervisions), l.Earlier.Monthly+1)),
		{Text: clean(level), Light: light},
		text(w.T("lists.struck.no")),
	}
}

// demand is what the order of supervision asks for, unless people wrote something else on the list.
func (l line) demand(last incident.Supervision) string {
	return l.orNoted("demand", "", last.Text)
}

// oldDue is the settle limit, or the day of the re-check for a staged closure that waits for it.
func (l line) oldDue(day incident.Day) string {
	if l.followup() {
		return string(l.State.FollowupDue)
	}
	return l.when(l.due, day)
}

// followup reports whether the row stands for a re-check that wasn't made.
func (l line) followup() bool { return followupOverdue(&l.State, lastDay(l.AsOf)) }

// lateDays are the days over the limit, begun ones counted whole.
func (l line) lateDays() int {
	due := l.due
	switch {
	case l.followup():
		start, err := l.State.FollowupDue.Start()
		if err != nil {
			return 0
		}
		due = start.Add(24 * time.Hour)
	case l.State.Status == incident.Suspended:
		return 0
	}
	until := ranUntil(&l.State, l.AsOf)
	if due == 0 || until <= due {
		return 0
	}
	const day = 24 * time.Hour
	return int((until.Sub(due) + day - 1) / day)
}

// level is 1 blue, 2 yellow, 3 red: that of the last order of supervision, raised to what the incident itself shows.
func (l line) level() int {
	level := 1
	if n := len(l.State.Supervisions); n > 0 {
		level = max(level, l.State.Supervisions[n-1].Level)
	}
	if l.lateDays() > 0 {
		return 3
	}
	for _, r := range l.Reasons {
		switch strings.TrimPrefix(r.Key, "lists.why.") {
		case "extended", "reopened", "dissatisfied", "daily_again", "joint_again", "county", "hard_day":
			level = max(level, 2)
		case "red", "warning", "followup":
			level = 3
		}
	}
	return level
}

func (l line) levelText() (string, incident.Light) {
	switch l.level() {
	case 3:
		return l.words.T("lists.level.red"), incident.Red
	case 2:
		return l.words.T("lists.level.yellow"), incident.Yellow
	}
	return l.words.T("lists.level.blue"), incident.Blue
}
