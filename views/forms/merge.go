package forms

import (
	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
)

// Compared is one line of two incidents side by side.
type Compared struct {
	Key         string // text "field.<key>"
	Left, Right string
	Same        bool
}

// Merge is the model of the merge dialog: the subject on the left goes into the other on the right, or after Swap the other way.
type Merge struct {
	*Form
	Other   *room.Detail
	Score   int
	Reasons []string // catalogue keys
	Swapped bool
}

// NewMerge opens the dialog on an incident.
func NewMerge(p Params) (*Merge, error) {
	p.Verb = incident.Merge
	f, err := NewForm(p)
	if err != nil {
		return nil, err
	}
	f.Propose("reason", p.Text("forms.same_matter"), "")
	return &Merge{Form: f}, nil
}

// Candidates are the likely duplicates of the subject that may take it in or go into it.
func (m *Merge) Candidates() []board.Likely { return m.Subject.Likely }

// Choose puts an incident on the right, with the score and reasons the board knows.
func (m *Merge) Choose(other room.Detail) {
	m.Other, m.Score, m.Reasons = &other, 0, nil
	for _, l := range m.Subject.Likely {
		if l.Row.ID == other.Row.ID {
			m.Score, m.Reasons = l.Score, l.Reasons
		}
	}
}

// Swap changes which of the two goes into the other.
func (m *Merge) Swap() { m.Swapped = !m.Swapped }

// Lines compares the two, field by field; what both lack is left out.
func (m *Merge) Lines() []Compared {
	if m.Other == nil {
		return nil
	}
	left, right := m.Subject, m.Other
	lines := []Compared{
		{Key: "title", Left: left.State.Title, Right: right.State.Title},
		{Key: "content", Left: left.State.Content, Right: right.State.Content},
		{Key: "village", Left: left.State.Village, Right: right.State.Village},
		{Key: "place", Left: placeText(&left.State), Right: placeText(&right.State)},
		{Key: "category", Left: categoryName(left), Right: categoryName(right)},
		{Key: "urgency", Left: m.named("urgency.", string(left.State.Urgency)), Right: m.named("urgency.", string(right.State.Urgency))},
		{Key: "channel", Left: m.named("channel.", string(left.State.Channel)), Right: m.named("channel.", string(right.State.Channel))},
		{Key: "source_no", Left: left.State.SourceNo, Right: right.State.SourceNo},
		{Key: "name", Left: reporterName(&left.State), Right: reporterName(&right.State)},
		{Key: "phone", Left: reporterPhone(&left.State), Right: reporterPhone(&right.State)},
		{Key: "received_at", Left: FormatMoment(receivedAt(&left.State)), Right: FormatMoment(receivedAt(&right.State))},
		{Key: "status", Left: m.named("status.", string(left.State.Status)), Right: m.named("status.", string(right.State.Status))},
		{Key: "lead", Left: string(left.State.LeadUnit), Right: string(right.State.LeadUnit)},
	}
	out := lines[:0]
	for _, l := range lines {
		if l.Left != "" || l.Right != "" {
			l.Same = l.Left == l.Right
			out = append(out, l)
		}
	}
	return out
}

func (m *Merge) named(prefix, value string) string {
	if value == "" {
		return ""
	}
	return m.Text(prefix + value)
}

func categoryName(d *room.Detail) string {
	if d.Category.Code == "" {
		return d.State.Category
	}
	return d.Category.Major + "·" + d.Category.Minor
}

func placeText(st *incident.State) string {
	if st.Place == nil {
		return ""
	}
	return st.Place.Text
}

func reporterName(st *incident.State) string {
	if st.Reporter == nil {
		return ""
	}
	return st.Reporter.Name
}

func reporterPhone(st *incident.State) string {
	if st.Reporter == nil {
		return ""
	}
	return st.Reporter.Phone
}

// receivedAt is when the incident reached the room.
func receivedAt(st *incident.State) incident.Stamp {
	if st.ReceivedAt != 0 {
		return st.ReceivedAt
	}
	return st.RegisteredAt
}

// Act returns the merge of the one that goes away into the one that stays.
func (m *Merge) Act() (incident.Act, error) {
	act, err := m.Form.Act()
	if err != nil {
		return act, err
	}
	if m.Other == nil {
		return act, &Fault{Field: "into", Key: "forms.no_other"}
	}
	gone, stays := m.Subject, m.Other
	if m.Swapped {
		gone, stays = stays, gone
	}
	act.ID, act.Incident = gone.State.ID, gone.Row.No
	act.Other, act.Into = stays.State.ID, stays.Row.No
	if act.ConfirmedBy != "" {
		act.ProposedBy = m.Who.Login
	}
	return act, nil
}
