package forms

import (
	"fmt"
	"slices"
	"strings"

	"zw110/data/incident"
	"zw110/data/room"
)

// Person is someone in the directory, as pickers offer them.
type Person struct {
	Login incident.Login
	Name  string
	Role  incident.Role
	Unit  incident.UnitID
}

// Book is what pickers offer. It is asked for whenever a form opens, so that a changed directory shows at once.
type Book struct {
	Villages   []Option
	Units      []Option
	Categories []Option
	People     []Person
}

// Params makes a form.
type Params struct {
	Verb    incident.Verb
	Subject *room.Detail // nil only for Register
	Who     incident.Actor
	Now     incident.Stamp
	Book    Book
	// Contact is whom units call back: room and seat.
	Contact string
	Text    func(key string, args ...any) string
}

// Form holds what a person has put into one dialog. It knows which fields show, what is missing, and which values a person chose: a proposal
// never replaces those.
type Form struct {
	Params
	fields []Field
	values map[string]string
	chosen map[string]bool
	origin map[string]string
}

// NewForm opens the form of a verb with its starting values. An unknown verb is an error.
func NewForm(p Params) (*Form, error) {
	fields, ok := fieldsOf()[p.Verb]
	if !ok {
		return nil, fmt.Errorf("no form for verb %q", p.Verb)
	}
	if p.Subject == nil {
		p.Subject = &room.Detail{}
	}
	f := &Form{Params: p, fields: fields, values: map[string]string{}, chosen: map[string]bool{}, origin: map[string]string{}}
	for _, field := range fields {
		if field.Start != nil {
			f.values[field.Key] = field.Start(f)
		}
	}
	// A required question with one possible answer is answered.
	for _, field := range fields {
		if field.Required && field.Options != nil && f.values[field.Key] == "" {
			if o := field.Options(f); len(o) == 1 {
				f.values[field.Key] = o[0].Value
			}
		}
	}
	return f, nil
}

// Fields returns the fields that show now, in order.
func (f *Form) Fields() []Field {
	var out []Field
	for _, field := range f.fields {
		if field.Show == nil || field.Show(f) {
			out = append(out, field)
		}
	}
	return out
}

// Value returns a field's value; several values stand one a line.
func (f *Form) Value(key string) string { return f.values[key] }

// Values returns the values of a field that takes several.
func (f *Form) Values(key string) []string {
	return strings.FieldsFunc(f.values[key], func(r rune) bool { return r == '\n' })
}

// Set takes a person's value. From now on no proposal replaces it.
func (f *Form) Set(key, value string) {
	if f.values[key] == value {
		return
	}
	f.values[key] = value
	f.chosen[key] = true
	delete(f.origin, key)
}

// Propose fills a field with what was read from text, together with the words it came from, unless a person chose its value. It reports
// whether the value stands. An empty value takes an earlier proposal back.
func (f *Form) Propose(key, value, words string) bool {
	if f.chosen[key] {
		return false
	}
	f.values[key] = value
	if value == "" {
		delete(f.origin, key)
	} else {
		f.origin[key] = words
	}
	return true
}

// Origin returns the words a proposed value came from, empty for a person's own.
func (f *Form) Origin(key string) string { return f.origin[key] }

// Missing names the required fields that show and have no value, in order.
func (f *Form) Missing() []string {
	var out []string
	for _, field := range f.Fields() {
		if field.Required && strings.TrimSpace(f.values[field.Key]) == "" {
			out = append(out, field.Key)
		}
	}
	return out
}

// Act returns what the room is asked to do. What can't be an act comes back as a *Fault: a required field is missing, or a value is no day, no
// moment, no number. Values of hidden fields are left out.
func (f *Form) Act() (incident.Act, error) {
	act := incident.Act{At: f.Now, By: f.Who.Login, Do: f.Verb, ID: f.Subject.State.ID, Incident: f.Subject.Row.No}
	if missing := f.Missing(); len(missing) > 0 {
		return act, &Fault{Field: missing[0], Key: "forms.missing"}
	}
	set := setters()
	for _, field := range f.Fields() {
		value := strings.TrimSpace(f.values[field.Key])
		if f.correcting() && field.Start != nil && value == strings.TrimSpace(field.Start(f)) {
			continue
		}
		if value == "" && f.correcting() {
			act.Cleared = append(act.Cleared, field.Key)
		}
		if value == "" && field.Key != "co" {
			continue
		}
		put, ok := set[field.Key]
		if !ok {
			return act, fmt.Errorf("field %q of %s sets nothing", field.Key, f.Verb)
		}
		if err := put(f, &act.Fields, value); err != nil {
			return act, &Fault{Field: field.Key, Key: faultKey(field.Kind)}
		}
	}
	return act, nil
}

// correcting reports whether the form starts with what the incident has; then only what differs goes into the act, since two desks may
// correct different fields at once.
func (f *Form) correcting() bool {
	return f.Verb == incident.Edit || f.Verb == incident.Accept
}

// faultKey returns the text that tells how a kind of field is written.
func faultKey(k Kind) string {
	switch k {
	case Date:
		return "forms.no_day"
	case Moment:
		return "forms.no_moment"
	}
	return "forms.no_value"
}

// Draft returns all values, to be kept when the dialog closes unsent.
func (f *Form) Draft() map[string]string {
	out := map[string]string{}
	for k, v := range f.values {
		if f.chosen[k] && v != "" {
			out[k] = v
		}
	}
	return out
}

// Restore takes a kept draft back; its values count as a person's. Keys the form no longer has are dropped.
func (f *Form) Restore(draft map[string]string) {
	for k, v := range draft {
		if slices.ContainsFunc(f.fields, func(field Field) bool { return field.Key == k }) {
			f.Set(k, v)
		}
	}
}

// Dirty reports whether a person has put anything in.
func (f *Form) Dirty() bool { return len(f.chosen) > 0 }
