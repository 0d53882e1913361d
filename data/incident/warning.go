package incident

import "strings"

// doHandleWarning confirms or dismisses an early warning. It says nothing of the incident itself, so it may be done in any state; the
// incident is one of those that the warning is about.
func doHandleWarning(d *decision) ([]Fact, *Refusal) {
	a := d.act
	switch {
	case !strings.HasPrefix(a.Setting, "W"):
		return nil, d.refuse("rule", a.Setting)
	case a.Choice != ConfirmWarning && a.Choice != DismissWarning:
		return nil, d.refuse("choice", a.Choice)
	case a.Choice == DismissWarning && blank(a.Text):
		return nil, d.refuse("why")
	}
	return d.one(KindWarningHandled, Fields{Setting: a.Setting, Choice: a.Choice, Text: a.Text})
}

func applyWarningHandled(f *folder, e *Entry, fact *Fact) {
	f.st.Warned = append(f.st.Warned, WarningMark{Warning: fact.Setting, Choice: fact.Choice, At: fact.At, By: e.Actor, Text: fact.Text})
}
