package duty

import (
	"slices"

	"zw110/data/incident"
)

// Weight is what decides on which list an incident starts.
type Weight struct {
	Difficulty int // 1 to 4
	Urgency    incident.Urgency
	// Others counts the units beside the lead that count: all but the village side. A county department counts as one.
	Others int
	// OneThing: tagged 一件事. Ruled: the lead was named by a ruling.
	OneThing, Ruled bool
}

// List returns the list of DOMAIN 4.1 for an incident that just came in: difficult ones without hurry on the monthly, those of several
// units or some difficulty on the joint, the rest on the daily. What happens later (overdue, supervised ...) is for the lists to say.
func (w Weight) List() incident.List {
	hurry := w.Urgency == incident.Critical || w.Urgency == incident.Urgent
	switch {
	case w.Difficulty >= 4 && !hurry:
		return incident.ListMonthly
	case w.Others >= 2, w.Difficulty >= 3, w.OneThing, w.Ruled, w.Others == 1 && hurry:
		return incident.ListJoint
	}
	return incident.ListDaily
}

// TagOneThing is the tag of an incident that is handled as one thing for the resident (一件事).
const TagOneThing = "一件事"

// Others counts the units that count for scope and three-unit rule beside the lead. Unknown units count.
func (d *Directory) Others(lead incident.UnitID, units []incident.UnitID, at incident.Stamp) int {
	n := 0
	for i, u := range units {
		known, ok := d.Unit(u, at)
		if u == lead || (ok && !known.Counts) || slices.Contains(units[:i], u) {
			continue
		}
		n++
	}
	return n
}

// SuggestList returns the list for a draft of a category with these co-handlers. An urgency or difficulty that isn't given is the category's.
func (d *Directory) SuggestList(f incident.Fields, at incident.Stamp) incident.List {
	c, _ := d.Category(f.Category, at)
	w := Weight{Difficulty: f.Difficulty, Urgency: f.Urgency, OneThing: slices.Contains(f.Tags, TagOneThing)}
	if w.Difficulty == 0 {
		w.Difficulty = c.Difficulty
	}
	if w.Urgency == "" {
		w.Urgency = c.Urgency
	}
	lead := f.Lead
	if lead == "" {
		lead = c.Lead
	}
	w.Others = d.Others(lead, f.Co, at)
	return w.List()
}
