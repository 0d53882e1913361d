// Package menu owns the command menu (Ctrl K): what can be done, gone to or opened from here, found by characters, pinyin or number.
// It runs nothing itself; each entry carries what choosing it does.
package menu

import (
	"slices"
	"strings"

	"zw110/data/board"
)

// Group is a heading of the menu.
type Group string

// The groups, in the order they show. The values are the ends of catalogue keys "menu.<group>".
const (
	Actions   Group = "actions"
	Go        Group = "go"
	Incidents Group = "incidents"
	Units     Group = "units"
	Settings  Group = "settings"
)

// Entry is one line of the menu.
type Entry struct {
	Group Group
	Icon  string
	Name  string // what is matched and shown first
	Note  string // shown behind it: pinyin, number and village, count
	Caps  []string
	// Spans are the matched runes of Name.
	Spans [][2]int
	Run   func()
	// id names the entry in the history; incidents have none.
	id string
}

// Source is what the menu offers where it was opened.
type Source struct {
	// For is the number of the incident that actions are for, empty for none.
	For string
	// Fixed are actions, pages, units and settings; they are matched here.
	Fixed []Entry
	// Search finds incidents; the board matches them.
	Search func(words string, limit int) []Entry
}

// Most is how many lines the menu shows.
const Most = 9

// Key names an entry for the history of choices.
func (e Entry) Key() string { return e.id }

// Named returns the entry with a name for the history.
func (e Entry) Named(id string) Entry {
	e.id = id
	return e
}

// Find returns the lines for a query, group by group, at most Most. A first character > keeps actions, # incidents, @ units. With no query
// the recent choices come first, newest first.
func (s Source) Find(query string, recent []string) []Entry {
	only, words := prefix(query)
	if words == "" && only == "" {
		return s.start(recent)
	}
	var out []Entry
	for _, g := range []Group{Actions, Go, Incidents, Units, Settings} {
		if only != "" && g != only {
			continue
		}
		if g == Incidents {
			if s.Search != nil && words != "" {
				out = append(out, s.Search(words, quota(only))...)
			}
			continue
		}
		out = append(out, matching(s.Fixed, g, words, quota(only))...)
	}
	return out[:min(len(out), Most)]
}

// quota is how many lines one group may take, so that no group pushes the others out.
func quota(only Group) int {
	if only != "" {
		return Most
	}
	return 3
}

func prefix(query string) (Group, string) {
	query = strings.TrimSpace(query)
	for sign, g := range map[string]Group{">": Actions, "》": Actions, "#": Incidents, "＃": Incidents, "@": Units, "＠": Units} {
		if rest, ok := strings.CutPrefix(query, sign); ok {
			return g, strings.TrimSpace(rest)
		}
	}
	return "", query
}

// matching returns the entries of a group that match, those whose match begins earlier first.
func matching(all []Entry, g Group, words string, most int) []Entry {
	var out []Entry
	for _, e := range all {
		if e.Group != g {
			continue
		}
		spans, ok := board.Match(words, e.Name)
		if !ok {
			continue
		}
		e.Spans = spans
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return first(a) - first(b) })
	return out[:min(len(out), most)]
}

func first(e Entry) int {
	if len(e.Spans) == 0 {
		return 0
	}
	return e.Spans[0][0]
}

// start is the menu before anything is typed.
func (s Source) start(recent []string) []Entry {
	var out []Entry
	for _, id := range recent {
		if i := slices.IndexFunc(s.Fixed, func(e Entry) bool { return e.id != "" && e.id == id }); i >= 0 {
			out = append(out, s.Fixed[i])
		}
	}
	for _, e := range s.Fixed {
		if len(out) >= Most {
			break
		}
		if !slices.ContainsFunc(out, func(have Entry) bool { return e.id != "" && have.id == e.id }) {
			out = append(out, e)
		}
	}
	// Lines of one group stand together; the group of the newest choice comes first.
	order := map[Group]int{}
	for _, e := range out {
		if _, ok := order[e.Group]; !ok {
			order[e.Group] = len(order)
		}
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return order[a.Group] - order[b.Group] })
	return out[:min(len(out), Most)]
}

// Remember puts a choice in front of the history and keeps twenty.
func Remember(recent []string, id string) []string {
	if id == "" {
		return recent
	}
	out := append([]string{id}, slices.DeleteFunc(slices.Clone(recent), func(s string) bool { return s == id })...)
	return out[:min(len(out), 20)]
}
