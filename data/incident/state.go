package incident

// FoldVersion changes whenever Fold would give another State for the same entries; cached states of other versions are thrown away.
const FoldVersion = 1

// Task is what one unit has to do for an incident (办理单).
type Task struct {
	Unit            UnitID
	Lead            bool
	Status          TaskStatus
	Round           int // the incident's round it belongs to
	SentAt          Stamp
	SignedAt        Stamp
	ArrivedAt       Stamp
	FirstFeedbackAt Stamp // progress or feedback
	FedBackAt       Stamp
	EndedAt         Stamp // done, returned, withdrawn or waived
	Proxy           *Proxy
	SignedBy        Login
	FedBackBy       Login
	Text            string // last feedback
	Urged           int
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
	From   Stamp
	To     Stamp // zero while it lasts
	Review Day
	Reason string
}

// Extension is one granted extension.
type Extension struct {
	At      Stamp
	AskedAt Stamp
	DueNew  Stamp
	By      Login
	Reason  string
}

// Supervision is one order of supervision (督办).
type Supervision struct {
	No       string
	Level    int // 1 blue, 2 yellow, 3 red
	At       Stamp
	By       Login
	ReplyDue Day
	Text     string
}

// CallbackTry is one call to a reporter.
type CallbackTry struct {
	At     Stamp
	By     Login
	Answer string
}

// Hold says that from At on, Holder had the incident. Holders are unit names, or the words room, county.
type Hold struct {
	At     Stamp
	Holder string
	// Stopped: the settle clock stands still (suspension, county).
	Stopped bool
}

// The holders that are no unit.
const (
	HolderRoom   = "room"
	HolderCounty = "county"
)

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
}

// State is an incident as its entries say, nothing more: no due time, no light.
type State struct {
	ID    IncidentID
	Scope ScopeID
	Fields
	Status    Status
	Before    Status // the state before Merged or Suspended or WithCounty
	Round     int    // 0, then +1 at each reopening
	Registrar Login

	RegisteredAt  Stamp // ReceivedAt of Fields is when the clock starts; equal unless given
	RespondedAt   Stamp
	AcceptedAt    Stamp
	DispatchedAt  Stamp // first dispatch
	LastSentAt    Stamp // latest dispatch, reassignment or ruling
	SignedAt      Stamp // lead, this round
	ArrivedAt     Stamp
	FirstFeedback Stamp
	FedBackAt     Stamp // lead's feedback, provisional
	HandledAt     Stamp // that feedback once verified
	VerifiedAt    Stamp
	ClosedAt      Stamp
	EscalatedAt   Stamp
	CountyBackAt  Stamp
	ReopenedAt    Stamp
	EndedAt       Stamp // X1 to X4

	FirstLead  UnitID
	LeadUnit   UnitID
	LeadRuled  bool // named by a ruling, may not return again
	LeadWrong  bool // the first lead was returned, reassigned or ruled away
	Tasks      []Task
	SettleOpen bool

	Returns, Fails, Reopens, Urged int
	FailedSinceHandled             bool
	Staged                         bool
	FollowupDone                   Stamp
	Suspensions                    []Suspension
	Extensions                     []Extension
	Supervisions                   []Supervision
	Callbacks                      []CallbackTry
	Holds                          []Hold
	MergedInto                     IncidentID
	Absorbed                       []IncidentID
	AbsorbedDue                    Stamp // the earliest due among those merged into this one
	ListMoved                      List
	EscalateReason                 string
	ForcedReason                   string
	Values                         map[string][]string // fields with several concurrent values
	Conflicts                      []Conflict
	Pending                        int // entries that wait for a parent
	Unknown                        int // entries of kinds this version doesn't know
	Heads                          []ParentRef
	Log                            []LogLine
}

// Conflict is what two people did at once, SYNC 1.5. It is derived, never stored.
type Conflict struct {
	ID    string // 64 hexadecimal digits
	Rule  string // double_dispatch, closed_while_active ...
	Loud  bool
	Sides [2]EntryID
	// Choices are the settling choices, in order, as catalogue keys.
	Choices []string
}

// Fold returns the state that follows from the entries of one incident. It is total: any entries in any order, repeated or with
// parents missing, give a State, and the same set always the same one.
func Fold(entries []Entry) State { return fold(entries) }

// Decide says what an act would leave in the journal: one or more facts, or a Refusal. It never changes st. For Register st is the
// zero State.
func Decide(st State, act Act, env Env) ([]Fact, error) { return decide(st, act, env) }

// Refusal says why an act was not taken, what is missing and what to do. Key is a catalogue key "refuse.<rule>.<reason>" such as
// "refuse.t9.window"; Args fill its places.
type Refusal struct {
	Rule string // T1 to T31, or the verb
	Key  string
	Args []string
}

// Error returns the key and arguments; people see the catalogue's text instead.
func (r *Refusal) Error() string { return refusalText(r) }

// Env is all that Decide may ask about the world.
type Env struct {
	Rules Rules
	World World
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
	Kind LimitKind
	N    int
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
