package incident

// Verb is what an act does; every transition T1 to T31 has one.
type Verb string

// The verbs. FollowUp of T30 is Verify with Fields.FollowUp set.
const (
	Register     Verb = "register"      // T1
	Respond      Verb = "respond"       // T2
	Accept       Verb = "accept"        // T3
	AskInfo      Verb = "ask_info"      // T4
	Refuse       Verb = "refuse"        // T5
	Merge        Verb = "merge"         // T6
	Dispatch     Verb = "dispatch"      // T7
	Sign         Verb = "sign"          // T8
	Return       Verb = "return"        // T9
	Reassign     Verb = "reassign"      // T10
	Dispute      Verb = "dispute"       // T11
	Rule         Verb = "rule"          // T12
	Arrive       Verb = "arrive"        // T13
	Progress     Verb = "progress"      // T14
	AddCo        Verb = "add_co"        // T15
	WaiveCo      Verb = "waive_co"      // T15
	Suspend      Verb = "suspend"       // T16
	Resume       Verb = "resume"        // T17
	Extend       Verb = "extend"        // T18
	Escalate     Verb = "escalate"      // T19
	CountyReturn Verb = "county_return" // T20
	CountyClose  Verb = "county_close"  // T21
	Feedback     Verb = "feedback"      // T22
	Verify       Verb = "verify"        // T23, T30
	Reopen       Verb = "reopen"        // T24
	Callback     Verb = "callback"      // T25
	ForceClose   Verb = "force_close"   // T26
	VoidIt       Verb = "void"          // T27
	Supervise    Verb = "supervise"     // T28
	Urge         Verb = "urge"          // T29
	Split        Verb = "split"         // T31

	// Verbs beyond the table: corrections of open fields, a note of the room, a manual move between lists, the settling of a
	// conflict, the logged unsealing of personal fields and their erasure.
	Edit   Verb = "edit"
	Note   Verb = "note"
	Move   Verb = "move"
	Settle Verb = "settle"
	Unseal Verb = "unseal"
	// ErasePerson erases the reporter's personal fields at every desk, for ever; the incident stays.
	ErasePerson Verb = "erase_person"
	// HandleWarning confirms or dismisses an early warning that the incident belongs to: Setting names rule and subject.
	HandleWarning Verb = "handle_warning"
	Undo          Verb = "undo" // takes the actor's own last act back while nothing has left the desk
)

// Kind is what an entry records. The numbers reach disk and wire: never reuse or renumber one.
type Kind uint16

// The kinds of entries about an incident. 1 is the Moved wrapper of the sync layer; 60 and above concern the desk.
const (
	KindMoved          Kind = 1
	KindRegistered     Kind = 10
	KindResponded      Kind = 11
	KindAccepted       Kind = 12
	KindInfoAsked      Kind = 13
	KindRefused        Kind = 14
	KindMerged         Kind = 15 // on the incident that goes into a master
	KindAbsorbed       Kind = 16 // on the master, in the same transaction
	KindDispatched     Kind = 17
	KindSigned         Kind = 18
	KindReturned       Kind = 19
	KindReassigned     Kind = 20
	KindDisputed       Kind = 21
	KindRuled          Kind = 22
	KindArrived        Kind = 23
	KindProgressed     Kind = 24
	KindCoAdded        Kind = 25
	KindCoWaived       Kind = 26
	KindSuspended      Kind = 27
	KindResumed        Kind = 28
	KindExtended       Kind = 29
	KindEscalated      Kind = 30
	KindCountyReturned Kind = 31
	KindCountyClosed   Kind = 32
	KindFedBack        Kind = 33
	KindVerified       Kind = 34
	KindReopened       Kind = 35
	KindCalledBack     Kind = 36
	KindForceClosed    Kind = 37
	KindVoided         Kind = 38
	KindSupervised     Kind = 39
	KindUrged          Kind = 40
	KindFollowedUp     Kind = 41
	KindSplit          Kind = 42
	KindReleased       Kind = 43 // on the master, when a merge is undone
	KindEdited         Kind = 44
	KindNoted          Kind = 45
	KindListMoved      Kind = 46
	KindSettled        Kind = 47
	KindUnsealed       Kind = 48
	KindUndone         Kind = 49 // names the entries it takes back
	KindPersonErased   Kind = 50
	KindWarningHandled Kind = 51
	KindSettingChanged Kind = 60
	KindClockJumped    Kind = 61
	KindPayloadErased  Kind = 62
	KindSessionOpened  Kind = 63 // an operator signed in
	KindSessionClosed  Kind = 64
	KindListPublished  Kind = 65 // a version of a list is frozen
	KindListUnsealed   Kind = 66 // a list left with personal data in clear text
	KindDeskEnrolled   Kind = 70 // 70 to 74 are written by the county's hub in its own line: Title is the seat, Question the desk
	KindDeskRevoked    Kind = 71
	KindDeskHeld       Kind = 72
	KindDeskReleased   Kind = 73
	KindHubRewound     Kind = 74
)

// Reporter holds the personal fields of a report. They are never in an entry's open payload: the journal seals them.
type Reporter struct {
	Name         string `json:"name,omitempty" cbor:"1,keyasint,omitempty"`
	Phone        string `json:"phone,omitempty" cbor:"2,keyasint,omitempty"`
	IDNo         string `json:"id_no,omitempty" cbor:"3,keyasint,omitempty"`
	Address      string `json:"address,omitempty" cbor:"4,keyasint,omitempty"` // exact house address
	Confidential bool   `json:"confidential,omitempty" cbor:"5,keyasint,omitempty"`
	Anonymous    bool   `json:"anonymous,omitempty" cbor:"6,keyasint,omitempty"`
	Protected    bool   `json:"protected,omitempty" cbor:"7,keyasint,omitempty"` // minors, victims: shown as （保护）
}

// Place is where something happened. Lng and Lat are degrees in CoordSys; both zero means no point.
type Place struct {
	Text     string  `json:"text,omitempty" cbor:"1,keyasint,omitempty"`
	Lng      float64 `json:"lng,omitempty" cbor:"2,keyasint,omitempty"`
	Lat      float64 `json:"lat,omitempty" cbor:"3,keyasint,omitempty"`
	CoordSys string  `json:"coord_sys,omitempty" cbor:"4,keyasint,omitempty"` // WGS-84, GCJ-02, CGCS2000, BD-09
}

// Proxy is the telephone record of an act that an operator enters for a unit (代签).
type Proxy struct {
	Name   string `json:"name,omitempty" cbor:"1,keyasint,omitempty"`
	Number string `json:"number,omitempty" cbor:"2,keyasint,omitempty"`
	Time   Stamp  `json:"time,omitempty" cbor:"3,keyasint,omitempty"`
}

// Terms are limits set for one dispatch. A zero Limit leaves the rule's in force.
type Terms struct {
	Sign   Limit `json:"sign,omitzero" cbor:"1,keyasint,omitzero"`
	Arrive Limit `json:"arrive,omitzero" cbor:"2,keyasint,omitzero"`
	First  Limit `json:"first,omitzero" cbor:"3,keyasint,omitzero"`
	// SettleBy is an earlier due time of the whole incident; a later one is an extension, which the director grants.
	SettleBy Stamp `json:"settle_by,omitempty" cbor:"4,keyasint,omitzero"`
}

// Delivery is a way in which an order reaches the units.
type Delivery string

// The ways of delivery.
const (
	ByInbox Delivery = "inbox" // 单位收件箱
	ByDing  Delivery = "ding"  // 浙政钉任务签办
	BySlip  Delivery = "slip"  // 打印任务单
	ByPhone Delivery = "phone" // 电话通知
)

// Deliveries returns every way of delivery in the order they are offered.
func Deliveries() []Delivery { return []Delivery{ByInbox, ByDing, BySlip, ByPhone} }

// Fields are what an act carries and what its entry keeps. Which of them a verb needs is in Decide. CBOR keys are for ever.
type Fields struct {
	// Register, Accept, Edit.
	No         string    `json:"-" cbor:"10,keyasint,omitempty"` // 事项编号, given at registration
	Channel    Channel   `json:"channel,omitempty" cbor:"11,keyasint,omitempty"`
	SourceNo   string    `json:"source_no,omitempty" cbor:"12,keyasint,omitempty"`
	Title      string    `json:"title,omitempty" cbor:"13,keyasint,omitempty"`
	Content    string    `json:"content,omitempty" cbor:"14,keyasint,omitempty"`
	Village    string    `json:"village,omitempty" cbor:"15,keyasint,omitempty"` // display name of the pack
	Place      *Place    `json:"place,omitempty" cbor:"16,keyasint,omitempty"`
	Category   string    `json:"category,omitempty" cbor:"17,keyasint,omitempty"` // code of the duty directory, such as 0501
	Urgency    Urgency   `json:"urgency,omitempty" cbor:"18,keyasint,omitempty"`
	Difficulty int       `json:"difficulty,omitempty" cbor:"19,keyasint,omitempty"` // 1 to 4, 0 = the directory's
	Reporter   *Reporter `json:"reporter,omitempty" cbor:"-"`
	KeyID      KeyID     `json:"-" cbor:"20,keyasint,omitzero"`  // key of the sealed reporter
	Sealed     []byte    `json:"-" cbor:"21,keyasint,omitempty"` // sealed Reporter
	ReceivedAt Stamp     `json:"received_at,omitempty" cbor:"22,keyasint,omitempty"`
	PushedAt   Stamp     `json:"pushed_at,omitempty" cbor:"23,keyasint,omitempty"`
	HappenedAt Stamp     `json:"happened_at,omitempty" cbor:"24,keyasint,omitempty"`
	DueSource  Stamp     `json:"due_src,omitempty" cbor:"25,keyasint,omitempty"` // upstream deadline
	Emergency  bool      `json:"emergency,omitempty" cbor:"26,keyasint,omitempty"`
	Tags       []string  `json:"tags,omitempty" cbor:"27,keyasint,omitempty"` // 一件事 and the like
	Raw        string    `json:"raw,omitempty" cbor:"28,keyasint,omitempty"`  // what the channel sent, as text
	RiskWords  []string  `json:"risk_words,omitempty" cbor:"29,keyasint,omitempty"`
	// Callable and Shield are what everyone may know of a sealed reporter: that there is a number to call, and "confidential",
	// "protected" or "anonymous". Decide sets them.
	Callable bool   `json:"-" cbor:"36,keyasint,omitempty"`
	Shield   string `json:"-" cbor:"37,keyasint,omitempty"`

	// Units.
	Lead UnitID   `json:"lead,omitempty" cbor:"30,keyasint,omitempty"`
	Co   []UnitID `json:"co,omitempty" cbor:"31,keyasint,omitempty"`
	// CoGiven tells an empty Co that replaces from an absent one that keeps (Reassign).
	CoGiven bool   `json:"-" cbor:"32,keyasint,omitempty"`
	List    List   `json:"list,omitempty" cbor:"33,keyasint,omitempty"`
	Unit    UnitID `json:"unit,omitempty" cbor:"34,keyasint,omitempty"`
	Proxy   *Proxy `json:"proxy,omitempty" cbor:"35,keyasint,omitempty"`
	// Terms are limits of this dispatch that differ from the rules', Delivery how the order reaches the units.
	Terms    *Terms     `json:"terms,omitempty" cbor:"38,keyasint,omitempty"`
	Delivery []Delivery `json:"delivery,omitempty" cbor:"39,keyasint,omitempty"`

	// Words and reasons.
	Reason     string   `json:"reason,omitempty" cbor:"40,keyasint,omitempty"` // code such as RT02, where the verb has codes
	Text       string   `json:"text,omitempty" cbor:"41,keyasint,omitempty"`
	Question   string   `json:"question,omitempty" cbor:"42,keyasint,omitempty"`
	Whom       string   `json:"whom,omitempty" cbor:"43,keyasint,omitempty"`
	Basis      string   `json:"basis,omitempty" cbor:"44,keyasint,omitempty"`
	Opinion    string   `json:"opinion,omitempty" cbor:"45,keyasint,omitempty"`
	Opinions   []string `json:"opinions,omitempty" cbor:"46,keyasint,omitempty"`
	Draft      string   `json:"draft,omitempty" cbor:"47,keyasint,omitempty"`
	DocumentNo string   `json:"document_no,omitempty" cbor:"48,keyasint,omitempty"`
	ByPhone    bool     `json:"by_phone,omitempty" cbor:"49,keyasint,omitempty"`

	// Other people.
	ConfirmedBy Login `json:"confirmed_by,omitempty" cbor:"50,keyasint,omitempty"`
	ApprovedBy  Login `json:"approved_by,omitempty" cbor:"51,keyasint,omitempty"`
	ProposedBy  Login `json:"proposed_by,omitempty" cbor:"52,keyasint,omitempty"`
	AskedBy     Login `json:"asked_by,omitempty" cbor:"53,keyasint,omitempty"`
	DecidedBy   Login `json:"decided_by,omitempty" cbor:"54,keyasint,omitempty"`
	Second      Login `json:"second,omitempty" cbor:"55,keyasint,omitempty"`
	// Vouched is the telephone record of what another person of this act said, when that person gave no PIN at the desk.
	Vouched *Proxy `json:"vouched,omitempty" cbor:"56,keyasint,omitempty"`

	// Times.
	AskedAt     Stamp `json:"asked_at,omitempty" cbor:"60,keyasint,omitempty"`
	DueNew      Stamp `json:"due_new,omitempty" cbor:"61,keyasint,omitempty"`
	Review      Day   `json:"review,omitempty" cbor:"62,keyasint,omitempty"`
	FollowupDue Day   `json:"followup_due,omitempty" cbor:"63,keyasint,omitempty"`
	ReplyDue    Day   `json:"reply_due,omitempty" cbor:"64,keyasint,omitempty"`
	UpstreamOK  bool  `json:"upstream_ok,omitempty" cbor:"65,keyasint,omitempty"`

	// Results.
	Evidence string `json:"evidence,omitempty" cbor:"70,keyasint,omitempty"` // photo, location, phone
	// Result of a feedback is settled, staged or explained. Decide writes "closed" into a verification or callback that closes.
	Result           string   `json:"result,omitempty" cbor:"71,keyasint,omitempty"`
	Photos           int      `json:"photo,omitempty" cbor:"72,keyasint,omitempty"`
	Contacted        bool     `json:"contacted,omitempty" cbor:"73,keyasint,omitempty"`
	Pass             bool     `json:"pass,omitempty" cbor:"74,keyasint,omitempty"`
	FollowUp         bool     `json:"followup,omitempty" cbor:"75,keyasint,omitempty"`
	Answer           string   `json:"answer,omitempty" cbor:"76,keyasint,omitempty"`
	ReturnedToSource bool     `json:"returned_to_source,omitempty" cbor:"77,keyasint,omitempty"`
	SupervisionNo    string   `json:"no,omitempty" cbor:"78,keyasint,omitempty"`
	Level            int      `json:"level,omitempty" cbor:"79,keyasint,omitempty"`
	Blobs            [][]byte `json:"-" cbor:"80,keyasint,omitempty"`               // see Attachments
	Score            int      `json:"score,omitempty" cbor:"81,keyasint,omitempty"` // 1 to 5, 0 = none given

	// Other incidents and entries.
	Into     string     `json:"into,omitempty" cbor:"-"` // batch ref or number of the master; room resolves it to Other
	Other    IncidentID `json:"-" cbor:"90,keyasint,omitzero"`
	Undoes   []EntryID  `json:"-" cbor:"91,keyasint,omitempty"` // entries that Split or Undo takes back
	Conflict string     `json:"conflict,omitempty" cbor:"92,keyasint,omitempty"`
	Choice   string     `json:"choice,omitempty" cbor:"93,keyasint,omitempty"`
	Setting  string     `json:"setting,omitempty" cbor:"94,keyasint,omitempty"`
	Value    []byte     `json:"-" cbor:"95,keyasint,omitempty"`
	Cleared  []string   `json:"cleared,omitempty" cbor:"96,keyasint,omitempty"` // Edit: fields set to nothing
}

// Act is something a person, a unit or the system wants to do. At is the desk's time of the act.
type Act struct {
	At       Stamp  `json:"at"`
	By       Login  `json:"by"`
	Do       Verb   `json:"do"`
	Ref      string `json:"ref,omitempty"`      // an incident inside a batch
	Incident string `json:"incident,omitempty"` // an incident by number
	// Attach are files that a batch wants attached, beside the batch; who reads it stores them and writes Blobs.
	Attach []string `json:"attach,omitempty"`
	Fields
	// Actor is By with role and unit, as the directory has them; room fills it before Decide.
	Actor Actor `json:"-"`
	// ID is the incident the act is about; room fills it. For Register it is the new ID.
	ID IncidentID `json:"-"`
}

// Fact is the meaning of one entry: what Decide answers and what the journal encodes as a payload.
type Fact struct {
	Kind      Kind       `cbor:"-"`
	Incident  IncidentID `cbor:"-"`
	At        Stamp      `cbor:"1,keyasint"`
	ActorRole Role       `cbor:"2,keyasint,omitempty"`
	ActorUnit UnitID     `cbor:"3,keyasint,omitempty"`
	Late      bool       `cbor:"4,keyasint,omitempty"` // 补录: recorded more than 10 minutes after At
	Fields
}

// Entry is one journalled fact with its place in the journal and in the parent graph. A nil Fact is a kind this version doesn't know.
type Entry struct {
	ID       EntryID
	Origin   Origin
	Seq      uint64
	HLC      HLC
	Scope    ScopeID
	Incident IncidentID
	Parents  []ParentRef
	Actor    Login
	Kind     Kind
	Ver      uint16
	Fact     *Fact
}
