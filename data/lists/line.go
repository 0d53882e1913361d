package lists

import (
	"slices"
	"strings"

	"zw110/data/incident"
	"zw110/data/intake"
)

// line is one incident of a list with what is computed from it.
type line struct {
	Placement
	words       Words
	due         incident.Stamp
	provisional bool
	late        bool // overdue, or settled after its due time
	clear       bool // personal data is shown
	light       incident.Light
	word        string
	difficulty  int
}

func newLine(pl Placement, rules incident.Rules, w Words) line {
	l := line{Placement: pl, words: w}
	st := &l.State
	l.difficulty = difficulty(st, rules)
	l.due, l.provisional = incident.SettleDue(st, rules)
	l.light, l.word = light(st, rules, pl, l.due)
	switch {
	case st.HandledAt > 0:
		l.late = l.due > 0 && st.HandledAt > l.due
	case st.Status == incident.FedBack:
		l.late = l.due > 0 && st.FedBackAt > l.due
	default:
		l.late = l.light == incident.Red
	}
	if pl.List == incident.ListMonthly {
		l.late = l.lateDays() > 0
	}
	if l.Settled && l.late {
		l.word = "done_late"
	}
	return l
}

// light returns the colour of a row and the word that goes with it: a key under lists.light.
func light(st *incident.State, rules incident.Rules, pl Placement, due incident.Stamp) (incident.Light, string) {
	running := incident.Grey
	for _, c := range incident.Clocks(st, rules, pl.AsOf-1) {
		if c.Name == incident.C6Settle {
			running = c.Light
		}
	}
	switch {
	case pl.Settled:
		return incident.Green, "done"
	case st.Status == incident.Suspended:
		return incident.Blue, "suspended"
	case st.Status == incident.WithCounty && (due == 0 || due >= st.EscalatedAt):
		return incident.Blue, "county"
	case due > 0 && due < pl.AsOf && st.Status != incident.FedBack, running == incident.Red:
		return incident.Red, "overdue"
	case running == incident.Yellow:
		return incident.Yellow, "soon"
	case len(st.Extensions) > 0:
		return incident.Blue, "extended"
	case pl.carried() > 0:
		return incident.Grey, "carried"
	}
	return "", "open"
}

// word is the text of a code, or the code itself when there is none.
func word(w Words, kind, code string) string {
	key := "lists." + kind + "." + code
	if text := w.T(key); text != key {
		return text
	}
	return code
}

// matter is the title, else the content, without personal data.
func (l line) matter() string {
	what := l.State.Title
	if strings.TrimSpace(what) == "" {
		what = l.State.Content
	}
	return l.mask(what)
}

// mask hides personal data in a text about the incident; on a list in clear text only what no export may show.
func (l line) mask(text string) string {
	if l.clear {
		return intake.MaskNever(text, l.State.Reporter)
	}
	return intake.MaskFor(text, l.State.Reporter)
}

// progress is the last thing a unit or the county said, else the state in a word.
func (l line) progress() string {
	if said := l.said(""); said != "" {
		return said
	}
	return word(l.words, "state", string(l.State.Status))
}

// said is the last thing that a unit, or with an empty unit any unit or the county, told about the work.
func (l line) said(by incident.UnitID) string {
	st := &l.State
	for _, entry := range slices.Backward(st.Log) {
		if entry.Undone || entry.Fact == nil || by != "" && entry.Unit != by {
			continue
		}
		said := entry.Fact.Text
		switch entry.Kind {
		case incident.KindFedBack, incident.KindProgressed, incident.KindCountyClosed:
		case incident.KindCountyReturned:
			said = entry.Fact.Opinion
		default:
			continue
		}
		if strings.TrimSpace(said) == "" {
			continue
		}
		if by == "" && entry.Unit != "" && entry.Unit != st.LeadUnit {
			said = string(entry.Unit) + "：" + said
		}
		return l.mask(said)
	}
	return ""
}

// noted is what people last wrote into a column that only the list has, such as the duties of a unit: a note with the column's tag.
func (l line) noted(column string, unit incident.UnitID) string {
	for _, entry := range slices.Backward(l.State.Log) {
		if entry.Kind == incident.KindNoted && !entry.Undone && entry.Fact != nil &&
			slices.Contains(entry.Fact.Tags, NoteTag(column)) && entry.Fact.Whom == string(unit) {
			return l.mask(entry.Fact.Text)
		}
	}
	return ""
}

// NoteTag marks the note that holds what a person wrote into a column of a list.
func NoteTag(column string) string { return "list:" + column }

// when shows a due time with the mark of a provisional one.
func (l line) when(due incident.Stamp, day incident.Day) string {
	text := clock(due, day)
	if l.provisional && due > 0 {
		text += l.words.T("lists.provisional")
	}
	return text
}

// task returns the latest task of a unit, nil when it has none.
func (l line) task(unit incident.UnitID) *incident.Task {
	for i := range slices.Backward(l.State.Tasks) {
		if t := &l.State.Tasks[i]; t.Unit == unit {
			return t
		}
	}
	return nil
}

// partners names the units beside the lead.
func (l line) partners() string {
	var names []string
	for _, u := range partners(&l.State) {
		names = append(names, string(u))
	}
	return strings.Join(names, "、")
}
