package assess

import "zw110/data/incident"

// Appeal is an incident by which a unit contests a figure.
type Appeal struct{ No string }

// IsAppeal reports whether an incident is an appeal.
func IsAppeal(*incident.State) bool                 { return false }
func appealOf(no string, _ []incident.Entry) Appeal { return Appeal{No: no} }

// Finding is a pattern that somebody should look at.
type Finding struct{}

func findings(Period, []*subject) []Finding { return nil }
