package incident

import (
	"slices"
	"strings"
)

// AppealTag begins the tag of an incident that contests a figure of the assessment; measure and number follow.
const AppealTag = "考核申诉:"

// Appeal reports whether the incident contests a figure of the assessment.
func (st *State) Appeal() bool {
	return slices.ContainsFunc(st.Tags, func(tag string) bool { return strings.HasPrefix(tag, AppealTag) })
}

// FoldVersion changes whenever Fold would give another State for the same entries; cached states of other versions are thrown away.
const FoldVersion = 5

// Task is what one unit has to do for an incident (办理单).
type Task struct {
	Unit            UnitID     `cbor:"1,keyasint,omitzero"`
	Lead            bool       `cbor:"2,keyasint,omitzero"`
	Status          TaskStatus `cbor:"3,keyasint,omitzero"`
	Round           int        `cbor:"4,keyasint,omitzero"` // the incident's round it belongs to
	SentAt          Stamp      `cbor:"5,keyasint,omitzero"`
	SignedAt        Stamp      `cbor:"6,keyasint,omitzero"`
	ArrivedAt       Stamp      `cbor:"7,keyasint,omitzero"`
	FirstFeedbackAt Stamp      `cbor:"8,keyasint,omitzero"` // progress or feedback
	FedBackAt       Stamp      `cbor:"9,keyasint,omitzero"`
	EndedAt         Stamp      `cbor:"10,keyasint,omitzero"` // done, returned, withdrawn or waived
	Proxy           *Proxy     `cbor:"11,keyasint,omitzero"`
	SignedBy        Login      `cbor:"12,keyasint,omitzero"`
	FedBackBy       Login      `cbor:"13,keyasint,omitzero"`
	Text            string     `cbor:"14,keyasint,omitzero"` // last feedback
	Urged           int        `cbor:"15,keyasint,omitzero"`
	Terms           *Terms     `cbor:"16,keyasint,omitzero"` // nil: the rules' limits
}

// Live reports whether the task still binds its unit.
func (t Task) Live() bool {
	switch t.Status {
	case TaskReturned, TaskWithdrawn, TaskWaived, TaskDone:
		return false
	}
	return true
}

// Suspension is one period in which the settle clock stood still.
type Suspension struct {
	From   Stamp  `cbor:"1,keyasint,omitzero"`
	To     Stamp  `cbor:"2,keyasint,omitzero"` // zero while it lasts
	Review Day    `cbor:"3,keyasint,omitzero"`
	Reason string `cbor:"4,keyasint,omitzero"`
}

// Extension is one granted extension.
type Extension struct {
	At      Stamp  `cbor:"1,keyasint,omitzero"`
	AskedAt Stamp  `cbor:"2,keyasint,omitzero"`
	DueNew  Stamp  `cbor:"3,keyasint,omitzero"`
	By      Login  `cbor:"4,keyasint,omitzero"`
	Reason  string `cbor:"5,keyasint,omitzero"`
}

// Supervision is one order of supervision (督办).
type Supervision struct {
	No       string `cbor:"1,keyasint,omitzero"`
	Level    int    `cbor:"2,keyasint,omitzero"` // 1 blue, 2 yellow, 3 red
	At       Stamp  `cbor:"3,keyasint,omitzero"`
	By       Login  `cbor:"4,keyasint,omitzero"`
	ReplyDue Day    `cbor:"5,keyasint,omitzero"`
	Text     string `cbor:"6,keyasint,omitzero"`
}

// CallbackTry is one call to a reporter.
type CallbackTry struct {
	At     Stamp  `cbor:"1,keyasint,omitzero"`
	By     Login  `cbor:"2,keyasint,omitzero"`
	Answer string `cbor:"3,keyasint,omitzero"`
}

// WarningMark says who confirmed or dismissed an early warning.
type WarningMark struct {
	Warning string `cbor:"1,keyasint,omitzero"` // rule, and subject where the rule has one: W4/罗山村/06
	Choice  string `cbor:"2,keyasint,omitzero"` // ConfirmWarning or DismissWarning
	At      Stamp  `cbor:"3,keyasint,omitzero"`
	By      Login  `cbor:"4,keyasint,omitzero"`
	Text    string `cbor:"5,keyasint,omitzero"`
}

// The choices of HandleWarning.
const (
	ConfirmWarning = "confirm"
	DismissWarning = "dismiss"
)

// Hold says that from At on, Holder had the incident. Holders are unit names, or the words room, county.
type Hold struct {
	At     Stamp  `cbor:"1,keyasint,omitzero"`
	Holder string `cbor:"2,keyasint,omitzero"`
	// Stopped: the settle clock stands still (suspension, county).
	Stopped bool `cbor:"3,keyasint,omitzero"`
}

// The holders that are no unit. Closed stands between a closing and a reopening.
const (
	HolderRoom   = "room"
	HolderCounty = "county"
	HolderClosed = "closed"
)

// Absorption is a merge seen from the master: Due is the settle due time of the merged incident, zero when it had none.
type Absorption struct {
	Entry EntryID    `cbor:"1,keyasint,omitzero"`
	Other IncidentID `cbor:"2,keyasint,omitzero"`
	At    Stamp      `cbor:"3,keyasint,omitzero"`
	Due   Stamp      `cbor:"4,keyasint,omitzero"`
}

// LogLine is one entry as the log of the incident file shows it.
type LogLine struct {
	Entry EntryID
	Kind  Kind
	At    Stamp // the act's own time
	Rec   Stamp // the record time (HLC)
	Actor Login
	Role  Role
	Unit  UnitID // the unit the act concerns, else the actor's
	Late  bool
	Fact  *Fact // nil for a kind of a newer version
	// Undone: a later entry took this one back; it stands in the log and counts for nothing.
	Undone bool
}

// State is an incident as its entries say, nothing more: no due time, no light. The embedded Fields hold the latest of what was
// registered, accepted, edited, dispatched (List, Co, Terms, Delivery) and fed back by the lead (Result, Text, DocumentNo, FollowupDue, Photos).
type State struct {
	ID    IncidentID `cbor:"101,keyasint,omitzero"`
	Scope ScopeID    `cbor:"102,keyasint,omitzero"`
	Fields
	Status    Status `cbor:"103,keyasint,omitzero"`
	Before    Status `cbor:"104,keyasint,omitzero"` // the state before Merged or Suspended or WithCounty
	Round     int    `cbor:"105,keyasint,omitzero"` // 0, then +1 at each reopening
	Registrar Login  `cbor:"106,keyasint,omitzero"`

	RegisteredAt  Stamp `cbor:"107,keyasint,omitzero"` // ReceivedAt of Fields is when the clock starts; equal unless given
	RespondedAt   Stamp `cbor:"108,keyasint,omitzero"`
	AcceptedAt    Stamp `cbor:"109,keyasint,omitzero"`
	DispatchedAt  Stamp `cbor:"110,keyasint,omitzero"` // first dispatch
	LastSentAt    Stamp `cbor:"111,keyasint,omitzero"` // latest dispatch, reassignment, ruling or reopening that sent a task
	TermsAt       Stamp `cbor:"157,keyasint,omitzero"` // the dispatch whose Terms hold
	WaitingAt     Stamp `cbor:"152,keyasint,omitzero"` // since when it waits for a dispatch: acceptance, return, county return
	DisputedAt    Stamp `cbor:"153,keyasint,omitzero"` // latest jurisdiction dispute
	SignedAt      Stamp `cbor:"112,keyasint,omitzero"` // lead, this round
	ArrivedAt     Stamp `cbor:"113,keyasint,omitzero"`
	FirstFeedback Stamp `cbor:"114,keyasint,omitzero"`
	FedBackAt     Stamp `cbor:"115,keyasint,omitzero"` // lead's feedback, provisional
	HandledAt     Stamp `cbor:"116,keyasint,omitzero"` // that feedback once verified
	VerifiedAt    Stamp `cbor:"117,keyasint,omitzero"`
	ClosedAt      Stamp `cbor:"118,keyasint,omitzero"`
	EscalatedAt   Stamp `cbor:"119,keyasint,omitzero"`
	CountyBackAt  Stamp `cbor:"120,keyasint,omitzero"`
	ReopenedAt    Stamp `cbor:"121,keyasint,omitzero"`
	EndedAt       Stamp `cbor:"122,keyasint,omitzero"` // X1 to X4

	FirstLead  UnitID `cbor:"123,keyasint,omitzero"`
	LeadUnit   UnitID `cbor:"124,keyasint,omitzero"`
	LeadRuled  bool   `cbor:"125,keyasint,omitzero"` // named by a ruling, may not return again
	LeadWrong  bool   `cbor:"126,keyasint,omitzero"` // the first lead was returned, reassigned or ruled away
	Tasks      []Task `cbor:"127,keyasint,omitzero"`
	SettleOpen bool   `cbor:"128,keyasint,omitzero"` // open and not fed back: somebody still has to settle it

	Returns            int                 `cbor:"129,keyasint,omitzero"`
	Fails              int                 `cbor:"130,keyasint,omitzero"`
	Reopens            int                 `cbor:"131,keyasint,omitzero"`
	Urged              int                 `cbor:"132,keyasint,omitzero"`
	FailedSinceHandled bool                `cbor:"133,keyasint,omitzero"`
	Staged             bool                `cbor:"134,keyasint,omitzero"`
	FollowupDone       Stamp               `cbor:"135,keyasint,omitzero"`
	Suspensions        []Suspension        `cbor:"136,keyasint,omitzero"`
	Extensions         []Extension         `cbor:"137,keyasint,omitzero"`
	Supervisions       []Supervision       `cbor:"138,keyasint,omitzero"`
	Callbacks          []CallbackTry       `cbor:"139,keyasint,omitzero"`
	Holds              []Hold              `cbor:"140,keyasint,omitzero"`
	MergedInto         IncidentID          `cbor:"141,keyasint,omitzero"`
	MergedAt           Stamp               `cbor:"154,keyasint,omitzero"`
	MergeEntry         EntryID             `cbor:"155,keyasint,omitzero"` // the merge in force, which Split names
	Absorbed           []IncidentID        `cbor:"142,keyasint,omitzero"`
	Absorptions        []Absorption        `cbor:"156,keyasint,omitzero"` // the same with their entries
	AbsorbedDue        Stamp               `cbor:"143,keyasint,omitzero"` // the earliest due among those merged into this one
	ListMoved          List                `cbor:"144,keyasint,omitzero"`
	EscalateReason     string              `cbor:"145,keyasint,omitzero"`
	ForcedReason       string              `cbor:"146,keyasint,omitzero"`
	Values             map[string][]string `cbor:"147,keyasint,omitzero"` // fields with several concurrent values
	Conflicts          []Conflict          `cbor:"148,keyasint,omitzero"`
	Pending            int                 `cbor:"149,keyasint,omitzero"` // entries that wait for a parent
	Unknown            int                 `cbor:"150,keyasint,omitzero"` // entries of kinds this version doesn't know
	Persons            int                 `cbor:"158,keyasint,omitzero"` // entries with personal fields that no erasure covers
	Warned             []WarningMark       `cbor:"159,keyasint,omitzero"`
	Heads              []ParentRef         `cbor:"151,keyasint,omitzero"`
	Log                []LogLine           `cbor:"-"`
}

// Conflict is what two people did at once. It is derived, never stored.
type Conflict struct {
	ID    string     `cbor:"1,keyasint,omitzero"` // 64 hexadecimal digits: SHA-256 of incident, rule and the two entry IDs, smaller first
	Rule  string     `cbor:"2,keyasint,omitzero"` // double_dispatch, closed_while_active ...
	Loud  bool       `cbor:"3,keyasint,omitzero"`
	Sides [2]EntryID `cbor:"4,keyasint,omitzero"` // in fold order: A, B
	// Choices are the settling choices, in order, as catalogue keys. Empty: a note that nobody needs to settle.
	Choices []string `cbor:"5,keyasint,omitzero"`
}

// Key returns the catalogue key of what happened.
func (c Conflict) Key() string { return "conflict." + c.Rule }

// Fold returns the state that follows from the entries of one incident. It is total: any entries in any order, repeated or with
// parents missing, give a State, and the same set always the same one.
func Fold(entries []Entry) State { return fold(entries) }

// Decide says what an act would leave in the journal: one or more facts, or a Refusal. It changes neither st nor
// act. For Register st is the zero State.
func Decide(st *State, act *Act, env Env) ([]Fact, error) { return decide(st, act, env) }

// Refusal says why an act was not taken, what is missing and what to do. Key is a catalogue key "refuse.<rule>.<reason>" such as
// "refuse.t9.window"; Args fill its places.
type Refusal struct {
	Rule string // T1 to T31, or the verb
	Key  string
	Args []string
}

// Error returns the key and arguments; people see the catalogue's text instead.
func (r *Refusal) Error() string {
	if len(r.Args) == 0 {
		return r.Key
	}
	return r.Key + " " + strings.Join(r.Args, ", ")
}

// Env is all that Decide may ask about the world.
type Env struct {
	Rules Rules
	World World
	// Stands is the list on which the incident stands without a manual move; only Move asks. Empty is none.
	Stands List
	// Now is the desk's clock, zero where it isn't known. What was recorded after it comes from a clock that is ahead.
	Now Stamp
}

// World answers questions about other incidents.
type World interface {
	// BySource finds the incident registered under a channel's own number.
	BySource(Channel, string) (IncidentID, bool)
	// State returns another incident's state.
	State(IncidentID) (State, bool)
}

// Rules are the settings in force at a moment; old incidents keep the rules of their time. duty.Directory implements it.
type Rules interface {
	Calendar() Calendar
	// Category returns the duty directory's row.
	Category(code string, at Stamp) (Category, bool)
	// Limits returns the table of limits.
	Limits(at Stamp) Limits
	// Unit reports a unit, or false for a name nobody knows.
	Unit(id UnitID, at Stamp) (Unit, bool)
	// Person returns who a login is.
	Person(login Login) (Actor, bool)
	// FarVillage reports whether arrival there has the longer limit.
	FarVillage(village string) bool
	// Village reports whether the village is one of the town's.
	Village(name string) bool
}

// Unit is what the rules must know of a unit.
type Unit struct {
	ID UnitID
	// Counts tells whether it counts for the three-unit rule and the scope: all but 村委会, 网格, 老娘舅, 乡贤会.
	Counts bool
	County bool
}

// Category is a row of the duty directory (职责清单).
type Category struct {
	Code        string
	Major       string // 大类
	Minor       string // 小类
	Lead        UnitID
	Co          []UnitID
	Urgency     Urgency
	Difficulty  int
	Settle      Limit // column L
	NoCap       bool  // urgency does not cap it at 24 h (0102, 0105, 1203)
	List        List
	Dispute     bool // a dispute between people: may not be merged across people
	PhotoNeeded bool
	SLDecides   bool // 1299
}

// LimitKind tells how a limit counts.
type LimitKind string

// The ways of counting.
const (
	NaturalTime LimitKind = "natural" // N in minutes, 24 h a day
	WorkTime    LimitKind = "work"    // N in work minutes, office hours only
	WorkDays    LimitKind = "workday" // N working days, the day of receipt not counted, due at the end of office hours
	DayCount    LimitKind = "day"     // N natural days, due at the end of office hours of that day
	NightNine   LimitKind = "night"   // N natural minutes by day; received at night: due 09:00 next morning
	NoLimit     LimitKind = ""
)

// Limit is a length of time and how it counts.
type Limit struct {
	Kind LimitKind `json:"kind" cbor:"1,keyasint,omitempty"`
	N    int       `json:"n" cbor:"2,keyasint,omitempty"`
}

// or returns the limit, or another where there is none.
func (l Limit) or(other Limit) Limit {
	if l.Kind == NoLimit {
		return other
	}
	return l
}

// UrgencyLimits are C1 to C5, the return window, C7 and C8 of one urgency.
type UrgencyLimits struct {
	Respond, Dispatch, Sign, Arrive, ArriveFar, FirstFeedback, Return, Verify, Callback Limit
}

// Limits are all limits in force.
type Limits struct {
	By map[Urgency]UrgencyLimits
	// Return12345 is the return window of a 12345 order of normal urgency.
	Return12345 Limit
	// Cap is the settle limit of anything above normal urgency.
	Cap Limit
	// Reopen is the settle limit after a reopening.
	Reopen Limit
	// Rule and RuleUrgent are the time for a ruling.
	Rule, RuleUrgent Limit
}

// Calendar counts working time. calendar.Calendar implements it.
type Calendar interface {
	// Due returns the moment at which the limit ends when it starts at from, and whether the answer is only provisional (暂定)
	// because it runs into a year without a loaded notice.
	Due(from Stamp, l Limit) (due Stamp, provisional bool)
	// WorkBetween returns the work time between two moments, in milliseconds of office hours.
	WorkBetween(from, to Stamp) int64
	// AddWork returns the moment after ms milliseconds of work time from a moment.
	AddWork(from Stamp, ms int64) (Stamp, bool)
	// WorkDay reports whether a day is worked.
	WorkDay(Day) bool
	// WorkDaysBetween counts the working days after from up to and including to.
	WorkDaysBetween(from, to Day) int
	// WorkDaysBefore returns the same time of day n working days before.
	WorkDaysBefore(at Stamp, n int) Stamp
}
