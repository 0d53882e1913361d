package incidentfile

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"zw110/data/incident"
	"zw110/views/forms"
)

// Words gives the text of a catalogue key.
type Words func(key string, args ...any) string

// StepState is how a step of the loop stands.
type StepState int

// The states of a step.
const (
	Ahead   StepState = 1 // not yet, hollow
	Present StepState = 2 // what is being done now
	Done    StepState = 3
	Skipped StepState = 4 // passed over: hollow although later steps are done
)

// Step is one of the ten steps of the strip.
type Step struct {
	Key   string // text "incidentfile.step_<key>"
	State StepState
	At    incident.Stamp
	Who   string
}

// stepKinds names for each step the entries that do it, the strip's order being the loop's.
func stepKinds() []struct {
	key   string
	kinds []incident.Kind
} {
	return []struct {
		key   string
		kinds []incident.Kind
	}{
		{"accept", []incident.Kind{incident.KindAccepted}},
		{"respond", []incident.Kind{incident.KindResponded}},
		{"dispatch", []incident.Kind{incident.KindDispatched, incident.KindRuled}},
		{"sign", []incident.Kind{incident.KindSigned}},
		{"arrive", []incident.Kind{incident.KindArrived}},
		{"handle", []incident.Kind{incident.KindProgressed, incident.KindFedBack}},
		{"feedback", []incident.Kind{incident.KindFedBack, incident.KindCountyClosed}},
		{"verify", []incident.Kind{incident.KindVerified}},
		{"callback", []incident.Kind{incident.KindCalledBack}},
		{"close", nil},
	}
}

// Steps reads the strip from a state: which steps are done, when and by whom, which one is present. name gives the name of a login.
func Steps(st *incident.State, name func(incident.Login) string) []Step {
	kinds := stepKinds()
	times := []incident.Stamp{
		st.AcceptedAt, st.RespondedAt, st.DispatchedAt, st.SignedAt, st.ArrivedAt, st.FirstFeedback, st.FedBackAt, st.VerifiedAt, lastCall(st), closedAt(st),
	}
	out := make([]Step, len(kinds))
	last := -1
	for i, k := range kinds {
		out[i] = Step{Key: k.key, State: Ahead, At: times[i]}
		if times[i] != 0 {
			out[i].State, last = Done, i
			out[i].Who = whoDid(st, k.kinds, name)
		}
	}
	for i := range last {
		if out[i].State == Ahead {
			out[i].State = Skipped
		}
	}
	if i := presentStep(st); i >= 0 {
		out[i].State = Present
	}
	if ended := out[9].State == Done; ended {
		out[9].Who = endedBy(st, name)
	}
	return out
}

// presentStep returns the step being done, -1 when the incident has ended.
func presentStep(st *incident.State) int {
	switch st.Status {
	case incident.Received, incident.InfoNeeded:
		if st.RespondedAt == 0 {
			return 1
		}
		return 0
	case incident.Accepted, incident.Disputed:
		return 2
	case incident.Dispatched:
		return 3
	case incident.Handling, incident.Suspended, incident.WithCounty:
		return 5
	case incident.FedBack:
		return 7
	case incident.Verified:
		return 8
	}
	return -1
}

func lastCall(st *incident.State) incident.Stamp {
	if n := len(st.Callbacks); n > 0 && st.Status != incident.Verified {
		return st.Callbacks[n-1].At
	}
	return 0
}

func closedAt(st *incident.State) incident.Stamp {
	if st.Status.Open() {
		return 0
	}
	if st.ClosedAt != 0 {
		return st.ClosedAt
	}
	return st.EndedAt
}

// whoDid names the author of the first entry of a kind, for an act of a unit the unit first.
func whoDid(st *incident.State, kinds []incident.Kind, name func(incident.Login) string) string {
	for i := range st.Log {
		if l := &st.Log[i]; slices.Contains(kinds, l.Kind) {
			return author(l, name)
		}
	}
	return ""
}

func endedBy(st *incident.State, name func(incident.Login) string) string {
	for i := len(st.Log) - 1; i >= 0; i-- {
		switch l := &st.Log[i]; l.Kind {
		case incident.KindVerified, incident.KindCalledBack, incident.KindForceClosed, incident.KindVoided, incident.KindRefused, incident.KindMerged:
			return author(l, name)
		}
	}
	return ""
}

// author names who wrote a log line: unit and person for a unit, else the person.
func author(l *incident.LogLine, name func(incident.Login) string) string {
	who := name(l.Actor)
	unit := string(l.Unit)
	if l.Role != incident.RoleUnit && l.Role != incident.RoleGrid || unit == "" || strings.HasPrefix(who, unit) {
		return who
	}
	return strings.TrimSpace(unit + " " + who)
}

// LogText writes what an entry says in one paragraph: the parts it has, in a fixed order.
func LogText(t Words, l *incident.LogLine) string {
	f := l.Fact
	if f == nil {
		return t("incidentfile.unknown_entry")
	}
	var parts []string
	add := func(key, value string) {
		if value != "" {
			parts = append(parts, t("incidentfile.log_"+key, value))
		}
	}
	if l.Kind == incident.KindRegistered {
		add("source", strings.TrimSpace(t("channel."+string(f.Channel))+" "+f.SourceNo))
	}
	plain := func(value string) {
		if value != "" {
			parts = append(parts, value)
		}
	}
	if l.Kind == incident.KindVerified || l.Kind == incident.KindFollowedUp {
		plain(t(passKey(f.Pass)))
	}
	if l.Kind == incident.KindWarningHandled {
		rule, _, _ := strings.Cut(strings.FieldsFunc(f.Setting+"/", func(r rune) bool { return r == '/' })[0], ".")
		add("warning", t("warnings.rule."+rule))
		plain(named(t, "warnings.", f.Choice))
	}
	add("list", named(t, "list.", string(f.List)))
	add("lead", string(f.Lead))
	add("co", joinUnits(t, f.Co))
	if l.Unit != "" && f.Lead == "" && l.Role != incident.RoleUnit && l.Role != incident.RoleGrid {
		add("unit", string(l.Unit))
	}
	plain(named(t, "result.", f.Result))
	plain(named(t, "answer.", f.Answer))
	add("evidence", named(t, "evidence.", f.Evidence))
	plain(reasonWords(t, f.Reason))
	if l.Kind == incident.KindRegistered {
		plain(f.Title)
	}
	plain(f.Text)
	add("question", f.Question)
	add("whom", f.Whom)
	add("basis", f.Basis)
	plain(f.Opinion)
	plain(strings.Join(f.Opinions, "；"))
	plain(f.Draft)
	add("document", f.DocumentNo)
	add("followup", string(f.FollowupDue))
	add("review", string(f.Review))
	add("reply", string(f.ReplyDue))
	add("due", moment(f.DueNew))
	if f.Proxy != nil {
		add("proxy", strings.TrimSpace(f.Proxy.Name+" "+moment(f.Proxy.Time)))
	}
	if f.Vouched != nil {
		add("vouched", strings.TrimSpace(f.Vouched.Name+" "+f.Vouched.Number+" "+moment(f.Vouched.Time)))
	}
	ways := make([]string, len(f.Delivery))
	for i, way := range f.Delivery {
		ways[i] = t("delivery." + string(way))
	}
	add("delivery", strings.Join(ways, t("forms.comma")))
	add("terms", termsText(t, f.Terms))
	if len(parts) == 0 {
		return t("kind." + strconv.Itoa(int(l.Kind)))
	}
	return strings.Join(parts, "；")
}

// termsText writes the limits that were set for one dispatch.
func termsText(t Words, terms *incident.Terms) string {
	if terms == nil {
		return ""
	}
	var parts []string
	for _, l := range []struct {
		key   string
		limit incident.Limit
	}{{"sign", terms.Sign}, {"arrive", terms.Arrive}, {"first", terms.First}} {
		if l.limit.Kind != incident.NoLimit {
			parts = append(parts, t("field.limit_"+l.key)+" "+forms.LimitWords(t, l.limit))
		}
	}
	if terms.SettleBy != 0 {
		parts = append(parts, t("field.limit_settle")+" "+moment(terms.SettleBy))
	}
	return strings.Join(parts, t("forms.comma"))
}

func passKey(pass bool) string {
	if pass {
		return "pass.pass"
	}
	return "pass.fail"
}

// named returns the name of a value, or nothing for none.
func named(t Words, prefix, value string) string {
	if value == "" {
		return ""
	}
	return t(prefix + value)
}

// reasonWords names a reason code; a reason in words stays as it is.
func reasonWords(t Words, reason string) string {
	if reason == "" {
		return ""
	}
	if key := "reason." + reason; t(key) != key {
		return t(key)
	}
	if key := "void." + reason; t(key) != key {
		return t(key)
	}
	return reason
}

func joinUnits(t Words, units []incident.UnitID) string {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = string(u)
	}
	return strings.Join(names, t("forms.comma"))
}

func moment(s incident.Stamp) string {
	if s == 0 {
		return ""
	}
	return s.Time().In(incident.Local).Format("2006-01-02 15:04")
}

// Next returns the verb of the loop's next step, what the primary button does; empty when nothing is left to do.
func Next(st *incident.State) incident.Verb {
	switch st.Status {
	case incident.Received, incident.InfoNeeded:
		if st.RespondedAt == 0 {
			return incident.Respond
		}
		return incident.Accept
	case incident.Accepted:
		return incident.Dispatch
	case incident.Disputed:
		return incident.Rule
	case incident.Dispatched:
		return incident.Sign
	case incident.Handling:
		if unsigned(st) {
			return incident.Sign
		}
		return incident.Feedback
	case incident.Suspended:
		return incident.Resume
	case incident.WithCounty:
		return incident.CountyClose
	case incident.FedBack:
		return incident.Verify
	case incident.Verified:
		return incident.Callback
	case incident.Merged:
		return incident.Split
	case incident.Closed:
		return incident.Reopen
	}
	return ""
}

// unsigned reports whether the lead's own task has still to be signed for.
func unsigned(st *incident.State) bool {
	return slices.ContainsFunc(st.Tasks, func(t incident.Task) bool { return t.Lead && t.Status == incident.TaskSent })
}

// HeldFor writes who had the incident for how long, one line a segment.
func HeldFor(t Words, segments []incident.Segment, now incident.Stamp) []Held {
	out := make([]Held, 0, len(segments))
	for _, s := range segments {
		to := s.To
		if to == 0 {
			to = now
		}
		who := s.Holder
		switch who {
		case incident.HolderRoom, incident.HolderCounty, incident.HolderClosed:
			who = t("incidentfile.holder_" + who)
		}
		out = append(out, Held{Who: who, From: s.From, Long: to.Sub(s.From), Open: s.To == 0, Stopped: s.Stopped})
	}
	return out
}

// Held is one segment as the page shows it.
type Held struct {
	Who     string
	From    incident.Stamp
	Long    time.Duration
	Open    bool
	Stopped bool
}
