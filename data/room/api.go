// Package room owns the use cases: the one door to the desk's data for windows, the command line, the hub and tests. It decides
// with incident, writes with store, folds into board, and tells whoever subscribed. Nothing else changes state.
package room

import (
	"io"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/lists"
)

// Config says where a store is and what the room needs from outside.
type Config struct {
	Dir string
	// ConfigDir holds the store's anchor and key file; empty: the user's configuration folder, or a folder beside a drill store.
	ConfigDir string
	// Socket is where a second start can ask this program to come to the front.
	Socket string
	// RecoveryCode opens a store whose key this computer does not hold.
	RecoveryCode string
	Clock        func() incident.Stamp // injected; drill batches override it act by act
	// Steady is the time that has passed since some moment, whatever the wall clock does; nil together with Clock means the computer's,
	// nil with another Clock means that nobody watches for jumps.
	Steady func() time.Duration
	Rand   io.Reader
	Log    Logger
	// Ticks drives what time alone changes; nil means once a second.
	Ticks <-chan time.Time
	// Text turns a catalogue key with arguments into words of the window's language; nil means Chinese.
	Text func(key string, args ...any) string
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
	// HasPIN tells in an answer that there is one; who has none can't sign in.
	HasPIN bool
}

// Change says what moved; the window refreshes just that.
type Change struct {
	Incidents []incident.IncidentID // empty with All
	All       bool
	Settings  bool
	Lists     bool // a list was published
	// Sync: the link to the county or the outbox moved.
	Sync bool
	// Attachments: one that was on its way is whole here now.
	Attachments bool
	// By says which of the incidents another desk changed, and who did it last.
	By map[incident.IncidentID]Author
}

// Author is who wrote an entry, and where.
type Author struct {
	Login incident.Login
	Role  incident.Role
	Seat  string // name of the seat; empty when nobody ever signed in there
	At    incident.Stamp
	Own   bool // at this desk
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
	State incident.State // reporter masked; Unmask shows it and logs that
	Row   board.Row
	// List is where the incident stands now, before dispatch what the directory proposes, once settled where it stood last; empty for one
	// that ended otherwise. Earlier counts the lists it stood on before.
	List     incident.List
	Earlier  lists.Earlier
	Clocks   []incident.Clock
	Segments []incident.Segment
	Category incident.Category
	Suggest  []Suggestion
	Likely   []board.Likely
	Told     Told
	// Allowed tells for each verb whether this actor may do it now, nil meaning yes.
	Allowed map[incident.Verb]*incident.Refusal
	// Authors says of each entry of the log who wrote it where, Unsent which of them the county does not have yet.
	Authors map[incident.EntryID]Author
	Unsent  map[incident.EntryID]bool
	// Attached are the photos and files of each entry of the log that has any.
	Attached map[incident.EntryID][]Attached
	// Clashes are the open conflicts with both sides, in the order of State.Conflicts.
	Clashes []Clash
	// OnTheWay counts entries whose predecessors have not come yet; what they say does not show before.
	OnTheWay int
	Outbox   Pending
}

// Clash is a conflict as a screen shows it.
type Clash struct {
	incident.Conflict
	A, B Side // in fold order
}

// Side is one of the two entries of a conflict.
type Side struct {
	Entry incident.EntryID
	Author
	Kind incident.Kind
	Unit incident.UnitID
	Fact *incident.Fact // what it said; the reporter as the actor may see it
	// Other is the number of the incident that Fact.Other names, Category what its code stands for; zero where there is none.
	Other    string
	Category incident.Category
}

// Pending is what waits for the county to confirm it.
type Pending struct {
	Count  int
	Oldest incident.Stamp // zero with none
}

// Told is what the units of an incident are told of the matter: personal data is masked, and of an informant's report only the category is said.
type Told struct {
	Title, Content string
	// Mask hides the reporter and all numbers in any other text about the incident.
	Mask func(string) string
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
	File    string
	Channel incident.Channel // as asked for; empty means found out from the file
	Items   []PreviewItem
	Bad     []intake.BadRow
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
