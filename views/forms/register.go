package forms

import (
	"strings"
	"unicode/utf8"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/intake"
)

// titleRunes is how long a title taken from the text becomes at most.
const titleRunes = 24

// Register is the model of the registration dialog: free text first, the rest proposed from it.
type Register struct {
	*Form
	advice Advice
	report intake.Report
	// Likely are the incidents this may be another report of, best first.
	Likely []board.Likely
}

// NewRegister opens an empty registration.
func NewRegister(p Params, advice Advice) (*Register, error) {
	p.Verb, p.Subject = incident.Register, nil
	f, err := NewForm(p)
	if err != nil {
		return nil, err
	}
	return &Register{Form: f, advice: advice}, nil
}

// Read proposes fields from the text as it stands, over earlier proposals but never over a person's choice, and looks for likely
// duplicates. Call it when typing rests.
func (r *Register) Read() {
	content := r.Value("content")
	r.report = intake.Report{}
	if strings.TrimSpace(content) != "" {
		r.report = r.advice.Propose(content, incident.Channel(r.Value("channel")))
	}
	words := map[string]string{}
	best := map[string]intake.Proposal{}
	for _, p := range r.report.Proposals {
		if old, has := best[p.Field]; !has || p.Score > old.Score {
			best[p.Field] = p
			words[p.Field] = p.Words
		}
	}
	f := &r.report.Fields
	for _, key := range []string{"category", "village", "place", "urgency"} {
		r.Propose(key, best[key].Value, words[key])
	}
	r.proposeRest(f, content)
	r.Likely = nil
	if utf8.RuneCountInString(strings.TrimSpace(content)) >= 4 || r.Value("phone") != "" {
		r.Likely = r.advice.Likely(r.Draft())
	}
}

// proposeRest fills what the reader found as fields rather than as proposals.
func (r *Register) proposeRest(f *incident.Fields, content string) {
	if r.Value("village") == "" {
		r.Propose("village", f.Village, "")
	}
	if r.Value("category") == "" {
		r.Propose("category", f.Category, "")
	}
	if r.Value("urgency") == "" {
		r.Propose("urgency", string(f.Urgency), "")
	}
	if r.Value("place") == "" && f.Place != nil {
		r.Propose("place", f.Place.Text, "")
	}
	title := f.Title
	if title == "" || title == content {
		title = titleOf(content)
	}
	r.Propose("title", title, "")
	if f.Reporter != nil {
		r.Propose("name", f.Reporter.Name, "")
		r.Propose("phone", f.Reporter.Phone, "")
	}
	r.Propose("source_no", f.SourceNo, "")
}

// titleOf cuts a title from free text: its first clause, at most titleRunes characters.
func titleOf(content string) string {
	content = strings.TrimSpace(content)
	if i := strings.IndexAny(content, "\n。；;！？!?"); i > 0 {
		content = content[:i]
	}
	runes := []rune(strings.TrimSpace(content))
	if len(runes) <= titleRunes {
		return string(runes)
	}
	if i := strings.LastIndexAny(string(runes[:titleRunes]), "，,、"); i >= 3*6 {
		return string(runes[:titleRunes])[:i]
	}
	return string(runes[:titleRunes])
}

// Draft returns the fields as they would be registered now, whatever is missing; a value that can't be read is left out.
func (r *Register) Draft() incident.Fields {
	var out incident.Fields
	set := setters()
	for _, field := range r.Fields() {
		if value := strings.TrimSpace(r.Value(field.Key)); value != "" {
			part := out
			if set[field.Key](r.Form, &part, value) == nil {
				out = part
			}
		}
	}
	r.keepRead(&out)
	return out
}

// keepRead adds what was read from the text and has no field in the dialog: risk words, and the point of a place that still is the same.
func (r *Register) keepRead(to *incident.Fields) {
	to.RiskWords = r.report.Fields.RiskWords
	if read := r.report.Fields.Place; read != nil && to.Place != nil && read.Text == to.Place.Text {
		point := *read
		to.Place = &point
	}
}

// RiskWords are the words in the text that ring.
func (r *Register) RiskWords() []string { return r.report.Fields.RiskWords }

// ShieldWords are the words in the text for somebody who may need protection, as long as nobody has ticked that.
func (r *Register) ShieldWords() []string {
	var words []string
	for _, p := range r.report.Proposals {
		if (p.Field == intake.ProposeMinor || p.Field == intake.ProposeProtect) && r.Value("protected") == "" {
			words = append(words, p.Words)
		}
	}
	return words
}

// Complete reports whether the incident could be accepted at once: village, category and urgency stand.
func (r *Register) Complete() bool {
	return r.Value("village") != "" && r.Value("category") != "" && r.Value("urgency") != ""
}

// Act returns the registration.
func (r *Register) Act() (incident.Act, error) {
	act, err := r.Form.Act()
	if err != nil {
		return act, err
	}
	r.keepRead(&act.Fields)
	act.Raw = r.Value("content")
	if act.Reporter != nil && act.Reporter.Name == "" && act.Reporter.Phone == "" {
		act.Reporter.Anonymous = true
	}
	return act, nil
}

// Then returns what follows a registration in the same go: the answer, and the acceptance when that is ticked and possible.
func (r *Register) Then(id incident.IncidentID, no string) []incident.Act {
	after := func(v incident.Verb) incident.Act {
		return incident.Act{At: r.Now, By: r.Who.Login, Do: v, ID: id, Incident: no}
	}
	if r.Value("accept_now") == "" || !r.Complete() {
		return nil
	}
	return []incident.Act{after(incident.Respond), after(incident.Accept)}
}
