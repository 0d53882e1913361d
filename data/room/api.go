// Package room owns the use cases: the one door to the desk's data for windows, the command line, the hub and tests. It decides
// with incident, writes with store, folds into board, and tells whoever subscribed. Nothing else changes state.
package room

import (
	"context"
	"io"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/intake"
)

// Config says where a store is and what the room needs from outside.
type Config struct {
	Dir   string
	Clock func() incident.Stamp // injected; drill batches override it act by act
	Rand  io.Reader
	Log   Logger
}

// Logger is the part of logrus.FieldLogger that room needs.
type Logger interface {
	WithField(string, any) Logger
	Info(args ...any)
	Error(args ...any)
}

// InitParams makes a new store.
type InitParams struct {
	Dir       string
	Pack      string // a folder with a town pack, or the name of an embedded one such as 330825111
	Seat      string // name of the seat
	SeatNo    int    // 1 to 26; letters number incidents of seats from 2 on
	Drill     bool
	Operators []Operator
}

// Operator is someone who signs in at the desk.
type Operator struct {
	Login incident.Login
	Name  string
	Role  incident.Role
	PIN   string // 4 to 8 digits, stored only as a salted Argon2id hash
}

// Change says what moved; the window refreshes just that.
type Change struct {
	Incidents []incident.IncidentID // empty with All
	All       bool
	Settings  bool
}

// Outcome is what an accepted act did.
type Outcome struct {
	Incident incident.IncidentID
	No       string
	Entries  []incident.EntryID
	// Undoable until this moment, zero if it can't be undone.
	UndoUntil incident.Stamp
}

// Detail is one incident whole, for the side pane and the incident file.
type Detail struct {
	State    incident.State // reporter masked; Unmask shows it and logs that
	Row      board.Row
	Clocks   []incident.Clock
	Segments []incident.Segment
	Category incident.Category
	Suggest  []Suggestion
	Likely   []board.Likely
	// Allowed tells for each verb whether this actor may do it now, nil meaning yes.
	Allowed map[incident.Verb]*incident.Refusal
}

// Suggestion is a unit the directory proposes, with its reasons in words.
type Suggestion struct {
	Unit    incident.UnitID
	Lead    bool
	Open    int // open tasks now
	Overdue int
	Load    float64  // 0 to 1
	Reasons []string // ready text in the window's language
}

// Preview is what an intake would do; nothing is written yet.
type Preview struct {
	File  string
	Items []PreviewItem
	Bad   []intake.BadRow
}

// PreviewItem is one report of a preview.
type PreviewItem struct {
	Report intake.Report
	Kind   string // new, exact_duplicate, likely_duplicate
	Of     incident.IncidentID
	OfNo   string
	OfRow  int // an earlier row of the same preview, -1 none
	Score  int
	Why    []string
	Take   bool // ticked: will be registered
}

// The methods of Room that windows and command line use; room.go and its neighbours implement them.
type api interface {
	Close() error
	Now() incident.Stamp
	// Do takes one act. A refusal comes as *incident.Refusal; then nothing was written.
	Do(ctx context.Context, act incident.Act) (Outcome, error)
	// Undo takes the last act of an outcome back, if nothing has left the desk and nobody acted since.
	Undo(ctx context.Context, by incident.Login, of Outcome) error
	Detail(id incident.IncidentID, by incident.Login) (Detail, error)
	// ByNo finds an incident by full or short number.
	ByNo(no string) (incident.IncidentID, error)
	Snapshot(f board.Filter) board.Snapshot
	Count(f board.Filter) int
	Counters() board.Counters
	Search(words string, limit int) []board.Hit
	// Likely scores a draft against what the board knows, while typing.
	Likely(draft incident.Fields) []board.Likely
	// Unmask returns the personal fields; it is an act of its own and journalled with its purpose.
	Unmask(ctx context.Context, id incident.IncidentID, by incident.Login, purpose string) (incident.Reporter, error)
	// Preview reads a file or pasted text. Progress may be nil; a cancelled context stops it with nothing written.
	Preview(ctx context.Context, name string, content []byte, ch incident.Channel, progress func(done, total int)) (Preview, error)
	// Take registers the ticked items of a preview in one transaction.
	Take(ctx context.Context, by incident.Login, p Preview, progress func(done, total int)) ([]Outcome, error)
	// Propose fills a draft from free text: category, village, place, urgency, risk words, with the words each came from.
	Propose(text string, ch incident.Channel) intake.Report
	Suggest(f incident.Fields) []Suggestion
	Subscribe(func(Change)) (cancel func())
	Operators() []Operator // PIN empty
	SignIn(ctx context.Context, login incident.Login, pin string) (incident.Actor, error)
	Rules() incident.Rules
	// Setting reads or journals a dated setting (limits, units, duty rows, calendar years, list titles).
	Setting(name string) ([]byte, error)
	SetSetting(ctx context.Context, by incident.Login, name string, value []byte) error
	// Local reads and writes what belongs to this window alone (size, columns, theme, language); never journalled.
	Local(name string, into any) error
	SetLocal(name string, value any) error
	Verify(ctx context.Context, progress func(done, total int)) (VerifyReport, error)
	Backup(ctx context.Context, file string) error
}

// VerifyReport is the answer of Verify.
type VerifyReport struct {
	Entries int     `json:"entries"`
	Origins int     `json:"origins"`
	Faults  []Fault `json:"faults"`
}

// Fault names a place where the store is not what it was.
type Fault struct {
	Origin string `json:"origin"`
	Seq    uint64 `json:"seq"`
	What   string `json:"what"`
}
