package queue

import (
	"slices"
	"strconv"
	"strings"

	"zw110/data/board"
	"zw110/data/incident"
)

// The kinds of chips, each the end of a catalogue key.
const (
	chipState   = "state"
	chipUnit    = "unit"
	chipVillage = "village"
	chipChannel = "channel"
	chipUrgency = "urgency"
)

// The state choices that are no stage.
const (
	stateOpen  = "open"
	stateEnded = "ended"
	stateAll   = "all"
	groupMark  = "group:"
)

// Choice is what the chips and the search field narrow a view by. The zero Choice narrows by nothing but "open".
type Choice struct {
	State     []string // open, ended, all, group:n or a stage; empty: open
	Units     []string
	Villages  []string
	Channels  []string
	Urgencies []string
	Words     string
}

// Empty reports whether nothing narrows the view.
func (c Choice) Empty() bool {
	return (len(c.State) == 0 || slices.Equal(c.State, []string{stateOpen})) && len(c.Units)+len(c.Villages)+len(c.Channels)+len(c.Urgencies) == 0 && c.Words == ""
}

// Apply narrows a view's filter. What both narrow must fit both.
func (c Choice) Apply(f board.Filter) board.Filter {
	var groups []board.Group
	var stages []board.Stage
	for _, s := range c.State {
		switch {
		case s == stateOpen:
		case s == stateAll:
			f.Ended = true
		case s == stateEnded:
			f.Ended, f.OnlyEnded = true, true
		case strings.HasPrefix(s, groupMark):
			if n, err := strconv.Atoi(s[len(groupMark):]); err == nil {
				groups = append(groups, board.Group(n))
			}
		default:
			stages = append(stages, board.Stage(s))
		}
	}
	f.Groups = both(f.Groups, groups, 0)
	f.Stages = both(f.Stages, stages, "none")
	f.Units = both(f.Units, typed[incident.UnitID](c.Units), "—")
	f.Villages = both(f.Villages, c.Villages, "—")
	f.Channels = both(f.Channels, typed[incident.Channel](c.Channels), "—")
	f.Urgencies = both(f.Urgencies, typed[incident.Urgency](c.Urgencies), "—")
	if c.Words != "" {
		f.Words = c.Words
	}
	return f
}

// both returns the values of the view, or of the chip, or those in both; when they have nothing in common, a value that fits nothing.
func both[T comparable](view, chip []T, nothing T) []T {
	if len(chip) == 0 {
		return view
	}
	var out []T
	for _, v := range chip {
		if len(view) == 0 || slices.Contains(view, v) {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return []T{nothing}
	}
	return out
}

func typed[T ~string](in []string) []T {
	out := make([]T, len(in))
	for i, v := range in {
		out[i] = T(v)
	}
	return out
}

// BuiltIn returns the views every desk has, in the order of the tabs.
func BuiltIn(login incident.Login, today incident.Day) []board.View {
	return []board.View{
		{Key: "queue.view.all"},
		{Key: "queue.view.mine", Filter: board.Filter{Mine: login}},
		{Key: "queue.view.today", Filter: board.Filter{Ended: true, From: today, To: today}},
		{Key: "queue.view.late", Filter: board.Filter{Groups: []board.Group{board.Overdue, board.DueSoon}}},
		{Key: "queue.view.supervised", Filter: board.Filter{Supervised: true}},
		{Key: "queue.view.callback", Filter: board.Filter{Stages: []board.Stage{board.StageToCallback}}},
	}
}
