package forms

import (
	"zw110/data/incident"
)

// Kind is how a field is entered.
type Kind int

// The kinds of fields.
const (
	Line   Kind = 1 // one line of text
	Area   Kind = 2 // several lines
	Choice Kind = 3 // one of a few, by digit
	Pick   Kind = 4 // one of many, filtered while typing
	Picks  Kind = 5 // several of many; the value has one a line
	Check  Kind = 6 // yes when the value is not empty
	Date   Kind = 7 // a day, see ParseDay
	Moment Kind = 8 // a day and time, see ParseMoment
	Files  Kind = 9 // photos and files; the value has one a line, see attachment
)

// Option is one value a field can take: what is stored, its name, and a second line.
type Option struct {
	Value, Name, Hint string
}

// Field is one question of a form. Key names the value, the texts "field.<key>", and what it sets in the act.
type Field struct {
	Key  string
	Kind Kind
	// Required asks for a value before the act can be made. It counts only while the field shows.
	Required bool
	// Show tells whether the field has a place now; nil means always.
	Show func(*Form) bool
	// Options are the values of Choice, Pick and Picks.
	Options func(*Form) []Option
	// Start is the value the form opens with; nil means none.
	Start func(*Form) string
}

// Fault says what is wrong with one field: a catalogue key with its arguments.
type Fault struct {
	Field string
	Key   string
	Args  []any
}

// Error returns the field and the key; people see the catalogue's text.
func (f *Fault) Error() string { return f.Field + ": " + f.Key }

// need marks a field as required.
func need(f Field) Field { f.Required = true; return f }

// when makes a field show only while cond holds.
func when(cond func(*Form) bool, f Field) Field { f.Show = cond; return f }

// is returns a condition: the field has one of these values.
func is(key string, values ...string) func(*Form) bool {
	return func(f *Form) bool {
		for _, v := range values {
			if f.Value(key) == v {
				return true
			}
		}
		return false
	}
}

// both joins two conditions.
func both(a, b func(*Form) bool) func(*Form) bool {
	return func(f *Form) bool { return a(f) && b(f) }
}

func line(key string) Field { return Field{Key: key, Kind: Line} }
func area(key string) Field { return Field{Key: key, Kind: Area} }

// attached asks for photos and files.
func attached() Field { return Field{Key: attachField, Kind: Files} }

func check(key string) Field {
	return Field{Key: key, Kind: Check}
}

func day(key string, start func(*Form) string) Field {
	return Field{Key: key, Kind: Date, Start: start}
}

func moment(key string, start func(*Form) string) Field {
	return Field{Key: key, Kind: Moment, Start: start}
}

func choice(key string, options func(*Form) []Option) Field {
	return Field{Key: key, Kind: Choice, Options: options}
}

func pick(key string, options func(*Form) []Option) Field {
	return Field{Key: key, Kind: Pick, Options: options}
}

func picks(key string, options func(*Form) []Option) Field {
	return Field{Key: key, Kind: Picks, Options: options}
}

func (f Field) startingWith(start func(*Form) string) Field { f.Start = start; return f }

// now is the start of a moment field that most often is this minute.
func now(f *Form) string { return FormatMoment(f.Now) }

// daysAhead returns the day n days from now.
func daysAhead(n int) func(*Form) string {
	return func(f *Form) string { return f.Now.Time().In(incident.Local).AddDate(0, 0, n).Format("2006-01-02") }
}
