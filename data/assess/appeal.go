package assess

import (
	"slices"
	"strings"

	"zw110/data/incident"
)

// AppealTag begins the tag of an incident by which a unit contests a figure: 考核申诉:on_time:20260812-003. It names the measure and the
// number of the disputed incident. One appeal may carry several such tags.
const AppealTag = incident.AppealTag

// Decision is what became of an appeal.
type Decision string

// The decisions: an appeal closed as settled is upheld, one closed in any other way is rejected.
const (
	AppealOpen Decision = "open"
	Upheld     Decision = "upheld"
	Rejected   Decision = "rejected"
)

// Appeal is one figure contested. Appeals are an incident's own way through the room, but count in no measure; they are told as they
// stand now, because most are decided after the period.
type Appeal struct {
	No       string   `json:"no"`
	Measure  Key      `json:"measure"`
	Incident string   `json:"incident"`
	Decision Decision `json:"decision"`
	// ID is of the appeal, not of what it disputes.
	ID incident.IncidentID `json:"-"`
}

// AppealTagFor returns the tag that contests what a measure says of an incident.
func AppealTagFor(key Key, no string) string { return AppealTag + string(key) + ":" + no }

// appealsOf returns what an incident contests; nil: it is no appeal.
func appealsOf(in Incident) []Appeal {
	tagged := func(e incident.Entry) bool { return e.Fact != nil && slices.ContainsFunc(e.Fact.Tags, isAppealTag) }
	if !slices.ContainsFunc(in.Entries, tagged) {
		return nil
	}
	st := incident.Fold(in.Entries)
	decision := AppealOpen
	switch {
	case st.Status == incident.Closed && st.Result == "settled":
		decision = Upheld
	case !st.Status.Open():
		decision = Rejected
	}
	var out []Appeal
	for _, tag := range st.Tags {
		if key, no, ok := strings.Cut(strings.TrimPrefix(tag, AppealTag), ":"); ok && isAppealTag(tag) {
			out = append(out, Appeal{in.No, Key(key), in.Prefix + no, decision, st.ID})
		}
	}
	return out
}

func isAppealTag(tag string) bool { return strings.HasPrefix(tag, AppealTag) }

// UpheldOf turns upheld appeals into Params.Upheld, for the figures after the appeals.
func UpheldOf(appeals []Appeal) map[string][]Key {
	out := map[string][]Key{}
	for _, a := range appeals {
		if a.Decision == Upheld {
			out[a.Incident] = append(out[a.Incident], a.Measure)
		}
	}
	return out
}
