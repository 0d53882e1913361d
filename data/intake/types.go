// Package intake owns what a channel sends: files, rows and pasted text become Reports, bad rows keep their place and reason. It
// knows no store and decides nothing; a person does.
package intake

import "zw110/data/incident"

// Report is one thing a channel sent (来源工单, 上报), not yet an incident.
type Report struct {
	Row    int    // place in the file: sheet row (xlsx), line or record (text), 0-based index (JSON arrays, messages, orders)
	Sheet  string // name of the sheet when it isn't the workbook's first
	Fields incident.Fields
	// Proposals are what was read from the text, each with its origin; a value the channel itself gave has no span.
	Proposals []Proposal
	// DemandedUnit is the unit the reporter or the channel asks for by name.
	DemandedUnit incident.UnitID
	// QuotedNos are other channels' numbers in the text.
	QuotedNos []string
	// SelfHandled: the grid settled it already (自办结).
	SelfHandled bool
	Attachments []string
	// Personal are the places of personal data in free text.
	Personal []Span
	// Notes are catalogue keys of what a person should look at, such as a telephone number that a spreadsheet rounded.
	Notes []string
}

// Proposal is one field read from free text, never over a person's choice.
type Proposal struct {
	// Field is category, village, place, urgency, lead (a split rule), unit (asked for), risk_word, risk_denied for a risk word or
	// weapon that the text denies, minor or protect.
	Field string
	Value string
	Words string // the words it came from
	Start int    // rune position in Content, -1 when it came from another column
	End   int
	Score float64 // 0 to 1
}

// Span is a piece of free text, rune positions, end exclusive.
type Span struct {
	Field string // title, content
	Type  string // phone, landline, id_no, bank_card, plate
	Text  string
	Start int
	End   int
}

// BadRow is a row that could not be taken, kept for mending.
type BadRow struct {
	Row    int
	Sheet  string
	Reason string            // one of the Bad constants
	Cells  map[string]string // header to cell as read
	Detail string            // what exactly, such as the date text
}

// The reasons of bad rows; the catalogue has a text "bad." + reason for each.
const (
	BadNoNumber       = "no_number"
	BadNumberDamaged  = "damaged_number"  // a spreadsheet rounded a long number
	BadImpossibleDate = "impossible_date" // looks like a date and is none, such as 30 February
	BadUnreadableDate = "unreadable_date"
	BadNoContent      = "no_content"
	BadTooLong        = "too_long"
	BadNotObject      = "not_object" // an element of a list that is no record
	BadNotJSON        = "not_json"   // a line that is no JSON
)
