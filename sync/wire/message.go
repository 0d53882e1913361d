package wire

import (
	"zw110/data/incident"
	"zw110/data/journal"
)

// Protocol is the name of the websocket subprotocol, ProtoMin and ProtoMax the versions of it that this program speaks.
const (
	Protocol = "zw110.sync.1"
	ProtoMin = 1
	ProtoMax = 1
)

// Limits of what travels, in bytes and entries.
const (
	MaxFrame      = 1 << 20   // a message on the wire
	MaxBody       = 4 << 20   // a message after inflating
	MaxRunEntries = 512       // entries of a run
	MaxRunBytes   = 256 << 10 // raw bytes of a run's entries
	MaxUnacked    = 4         // runs pushed and not acknowledged
	Credit        = 1 << 20   // raw bytes a sender may have under way
	BlobChunkSize = 256 << 10
	MaxBlob       = 64 << 20
)

type (
	// HubID names a county's hub.
	HubID [16]byte
	// Epoch names one life of its store: it changes when the store is created, restored or found rewound.
	Epoch [16]byte
	// Nonce is fresh randomness of one side of a handshake.
	Nonce [32]byte
	// BlobID names an attachment: the SHA-256 of its manifest.
	BlobID [32]byte
	// DeskID names a seat; with an Incarnation it is an incident.Origin.
	DeskID [16]byte
	// Incarnation names one life of a seat's store.
	Incarnation [8]byte
)

// Type says which message a body holds; it stands under key 0.
type Type uint8

// The messages. D: desk to hub, H: hub to desk.
const (
	TypeChallenge Type = 1  // H
	TypeHello     Type = 2  // D
	TypeWelcome   Type = 3  // H
	TypeReady     Type = 4  // D
	TypeVector    Type = 5  // D
	TypePush      Type = 6  // D
	TypeAck       Type = 7  // H
	TypeFeed      Type = 8  // H
	TypeFeedAck   Type = 9  // D
	TypeHashAt    Type = 10 // both
	TypeHash      Type = 11 // both
	TypeWant      Type = 12 // both
	TypeGive      Type = 13 // both
	TypeBlobOffer Type = 14 // both
	TypeBlobNeed  Type = 15 // both
	TypeBlobChunk Type = 16 // both
	TypeBlobDone  Type = 17 // both
	TypeBeat      Type = 18 // both
	TypeNotice    Type = 19 // H
	TypeError     Type = 20 // both
	TypeEnrol     Type = 21 // D
	TypeEnrolled  Type = 22 // H
	TypeKeys      Type = 23 // both: keys of personal fields
	TypePresence  Type = 24 // both: who has which incident open
)

// Message is one of the structs below.
type Message interface{ Type() Type }

// Baton is the token that a hub passes to one line (origin) at each Welcome: whoever comes without the last one is a copy.
type Baton struct {
	_       struct{} `cbor:",toarray"`
	Counter uint64
	Nonce   [16]byte
	MAC     [32]byte // by the hub's key over origin, counter and nonce
}

// Cursor is where a desk stands in a county's feed. Check is the hub's chain over all feed records up to Pos, which the desk got with
// the Feed that ended there and gives back as it is.
type Cursor struct {
	_     struct{} `cbor:",toarray"`
	Epoch Epoch
	Pos   uint64
	Check [8]byte
}

// Head is where an origin's chain stands.
type Head struct {
	_      struct{} `cbor:",toarray"`
	Origin incident.Origin
	Seq    uint64
	Hash   journal.Hash
}

// Span is a part of an origin's journal: the entries From to To, both included.
type Span struct {
	_      struct{} `cbor:",toarray"`
	Origin incident.Origin
	From   uint64
	To     uint64
}

// Stamp is what the hub notes of a run when it commits it. It is shown, never folded.
type Stamp struct {
	_          struct{} `cbor:",toarray"`
	Pos        uint64
	ReceivedAt incident.Stamp
	Flags      uint8
}

// Flags of a Stamp.
const (
	FlagClockAhead  = 1 << 0 // more than 10 minutes ahead of the hub
	FlagClockBehind = 1 << 1 // more than 10 minutes behind the origin's previous run
	FlagHeld        = 1 << 2 // stored, but hidden from others until the county releases it
	FlagEvidence    = 1 << 3 // taken from an excerpt, on the hub's own signature
)

// Run is a piece of one origin's journal as it travels in Feed and Give. First is 0 in a run of excerpts: entries of several
// origins that concern an incident of the desk; then Excerpts is filled, Entries is empty and Seal is the hub's signature over them.
type Run struct {
	_         struct{} `cbor:",toarray"`
	Origin    incident.Origin
	First     uint64
	Before    journal.Hash
	Entries   [][]byte
	Seal      []byte
	OldBefore journal.Hash // for a run that begins with a moved entry: the hash before it in its old chain
	Stamp     *Stamp       // nil in what a desk gives
	Excerpts  []Excerpt
}

// Excerpt is an entry outside of its chain.
type Excerpt struct {
	_      struct{} `cbor:",toarray"`
	Origin incident.Origin
	Seq    uint64
	Before journal.Hash
	Entry  []byte
}

// KeyItem is the key of a report's personal fields on its way between desks; an empty Key says that it was erased.
type KeyItem struct {
	_        struct{} `cbor:",toarray"`
	ID       incident.KeyID
	Incident incident.IncidentID
	Scope    incident.ScopeID
	Key      []byte // 32 bytes, or empty
}

// Challenge opens a connection.
type Challenge struct {
	ProtoMin uint   `cbor:"1,keyasint"`
	ProtoMax uint   `cbor:"2,keyasint"`
	Hub      HubID  `cbor:"3,keyasint"`
	Epoch    Epoch  `cbor:"4,keyasint"`
	Nonce    Nonce  `cbor:"5,keyasint"`
	Time     int64  `cbor:"6,keyasint"` // milliseconds UTC
	Limits   Limits `cbor:"7,keyasint"`
}

// Limits is what the hub takes, in bytes (Run: entries).
type Limits struct {
	_     struct{} `cbor:",toarray"`
	Frame uint64
	Entry uint64
	Run   uint64
	Blob  uint64
}

// Hello says who comes and where its journal stands. Sig covers everything else (HelloBytes).
type Hello struct {
	Proto       uint           `cbor:"1,keyasint"`
	Desk        DeskID         `cbor:"2,keyasint"`
	Incarnation Incarnation    `cbor:"3,keyasint"`
	Nonce       Nonce          `cbor:"4,keyasint"`
	Baton       Baton          `cbor:"5,keyasint"` // zero: this line never had one
	HeadSeq     uint64         `cbor:"6,keyasint"`
	HeadHash    journal.Hash   `cbor:"7,keyasint"`
	Acked       uint64         `cbor:"8,keyasint"`
	Cursor      *Cursor        `cbor:"9,keyasint"`
	Kinds       [8]byte        `cbor:"10,keyasint"` // digest of the kinds and versions that the desk understands
	App         string         `cbor:"11,keyasint"`
	Time        incident.Stamp `cbor:"12,keyasint"`
	Caps        uint64         `cbor:"13,keyasint"`
	Sig         []byte         `cbor:"14,keyasint"`
}

// Verdict is what the hub finds out about the line that says Hello.
type Verdict uint8

// The verdicts, worst last but one.
const (
	VerdictOK        Verdict = 0
	VerdictRewound   Verdict = 1 // the desk has less than the hub: it was restored
	VerdictForked    Verdict = 2 // the desk has something else than the hub
	VerdictStale     Verdict = 3 // the baton is neither the confirmed nor the issued one: a copy
	VerdictHubBehind Verdict = 4 // the hub has less than it acknowledged: it was restored
	VerdictUnknown   Verdict = 5 // not enrolled, or revoked
)

// Mode is what the session may do.
type Mode uint8

// The modes.
const (
	ModeFull     Mode = 0
	ModePushOnly Mode = 1 // the desk is too old to read the others
	ModeHeld     Mode = 2 // what it pushes is kept and hidden until the county decides
)

// Welcome answers a Hello. Sig covers everything else and both nonces (WelcomeBytes).
type Welcome struct {
	Session  [8]byte      `cbor:"1,keyasint"`
	Baton    Baton        `cbor:"2,keyasint"`
	Verdict  Verdict      `cbor:"3,keyasint"`
	HubSeq   uint64       `cbor:"4,keyasint"`
	HubHash  journal.Hash `cbor:"5,keyasint"`
	CursorOK bool         `cbor:"6,keyasint"`
	FeedEnd  uint64       `cbor:"7,keyasint"`
	Time     int64        `cbor:"8,keyasint"`
	Credit   uint64       `cbor:"9,keyasint"`
	Mode     Mode         `cbor:"10,keyasint"`
	Epoch    Epoch        `cbor:"11,keyasint"` // the epoch from here on; the Challenge may have named the one before
	Sig      []byte       `cbor:"12,keyasint"`
}

// Ready says that the baton is on the desk's disk, and under which incarnation the desk goes on: after verdicts 1 to 3 a new one.
type Ready struct {
	Baton       Baton       `cbor:"1,keyasint"`
	Incarnation Incarnation `cbor:"2,keyasint"`
}

// Vector is all that the desk holds whole. It is sent when the cursor is not good, or when the desk holds own older lines that the
// hub has not acknowledged; the hub answers with Want for what it lacks and with Feed by origin for what the desk lacks.
type Vector struct {
	Heads []Head `cbor:"1,keyasint"`
}

// Push is a run of the desk's own line.
type Push struct {
	First     uint64       `cbor:"1,keyasint"`
	Before    journal.Hash `cbor:"2,keyasint"`
	Entries   [][]byte     `cbor:"3,keyasint"`
	Seal      []byte       `cbor:"4,keyasint"`
	OldBefore journal.Hash `cbor:"5,keyasint,omitzero"`
}

// Ack says that the own line is durable at the hub up to Seq.
type Ack struct {
	Seq  uint64       `cbor:"1,keyasint"`
	Hash journal.Hash `cbor:"2,keyasint"`
}

// Feed is what happened in the county after one position up to another, as far as the desk may read it. Check is the hub's chain at To.
type Feed struct {
	After uint64  `cbor:"1,keyasint"`
	To    uint64  `cbor:"2,keyasint"`
	Runs  []Run   `cbor:"3,keyasint"`
	More  bool    `cbor:"4,keyasint"`
	Check [8]byte `cbor:"5,keyasint"`
	// Pass is 0 in live feed and 1 to 3 while a new desk is filled: open incidents, the last 30 days, the rest.
	Pass uint8 `cbor:"6,keyasint"`
}

// FeedAck says that the desk has committed the feed up to Pos; it gives the credit back.
type FeedAck struct {
	Pos uint64 `cbor:"1,keyasint"`
}

// HashAt asks for the chain's hash after an entry.
type HashAt struct {
	Origin incident.Origin `cbor:"1,keyasint"`
	Seq    uint64          `cbor:"2,keyasint"`
}

// HashIs answers HashAt; Hash is empty when the entry is not there.
type HashIs struct {
	Origin incident.Origin `cbor:"1,keyasint"`
	Seq    uint64          `cbor:"2,keyasint"`
	Hash   []byte          `cbor:"3,keyasint"`
}

// Want asks for parts of journals.
type Want struct {
	Spans []Span `cbor:"1,keyasint"`
}

// Give answers a Want with one run. Key is the public key of the origin's desk when the receiver may not know it.
type Give struct {
	Run Run    `cbor:"1,keyasint"`
	Key []byte `cbor:"2,keyasint"`
}

// BlobOffer names an attachment by its manifest.
type BlobOffer struct {
	Manifest []byte `cbor:"1,keyasint"`
}

// BlobNeed says which chunks of an attachment are there already; the bit of chunk i is bit i%8 of byte i/8.
type BlobNeed struct {
	Blob BlobID `cbor:"1,keyasint"`
	Have []byte `cbor:"2,keyasint"`
}

// BlobChunk is one chunk.
type BlobChunk struct {
	Blob  BlobID `cbor:"1,keyasint"`
	Index uint32 `cbor:"2,keyasint"`
	Bytes []byte `cbor:"3,keyasint"`
}

// BlobDone says that the attachment is whole and durable.
type BlobDone struct {
	Blob BlobID `cbor:"1,keyasint"`
}

// FoldRules is how many bytes of a Beat's Fold name the rules that a desk folds by; digests are compared only where those are equal.
const FoldRules = 16

// Beat says that the sender lives, every 20 seconds when nothing else is said.
type Beat struct {
	Time   int64    `cbor:"1,keyasint"`
	Pos    uint64   `cbor:"2,keyasint"`
	Vector [32]byte `cbor:"3,keyasint"` // digest of the heads with their hashes
	Fold   []byte   `cbor:"4,keyasint"` // FoldRules bytes, then the digest of the folded incidents; empty when it can't be told
	Queue  uint64   `cbor:"5,keyasint"`
}

// NoticeCode says what a Notice is about.
type NoticeCode uint8

// The notices.
const (
	NoticeDrain    NoticeCode = 1
	NoticeUpgrade  NoticeCode = 2 // advised
	NoticeTooOld   NoticeCode = 3 // upgrade required
	NoticeHeld     NoticeCode = 4
	NoticeReleased NoticeCode = 5
	NoticeRevoked  NoticeCode = 6
	NoticeEpoch    NoticeCode = 7
	NoticeBusy     NoticeCode = 8 // catch up later: too many do it now
)

// Notice tells the desk about the hub. Times are milliseconds.
type Notice struct {
	Code       NoticeCode `cbor:"1,keyasint"`
	RetryAfter uint64     `cbor:"2,keyasint"`
	Window     uint64     `cbor:"3,keyasint"`
}

// ErrorCode says what was wrong.
type ErrorCode uint8

// The error codes. Gap carries the hub's head; 11 to 13 stop that origin only and hold the desk.
const (
	CodeGap         ErrorCode = 10
	CodeHash        ErrorCode = 11
	CodeSeal        ErrorCode = 12
	CodeScope       ErrorCode = 13
	CodeTooBig      ErrorCode = 14
	CodeQuota       ErrorCode = 15
	CodeUnavailable ErrorCode = 16
	CodeVersion     ErrorCode = 20
	CodeMalformed   ErrorCode = 30
	CodeAuth        ErrorCode = 31
	CodeUnknownType ErrorCode = 40
)

// Fault is the Error message: what was wrong with which message. It never carries text.
type Fault struct {
	Code       ErrorCode    `cbor:"1,keyasint"`
	About      Type         `cbor:"2,keyasint"`
	Fatal      bool         `cbor:"3,keyasint"`
	RetryAfter uint64       `cbor:"4,keyasint"`
	HeadSeq    uint64       `cbor:"5,keyasint,omitzero"`
	HeadHash   journal.Hash `cbor:"6,keyasint,omitzero"`
}

// Enrol asks for a seat with a one-time code. Proof is CodeProof of the code, this TLS session and Key.
type Enrol struct {
	Proof   [32]byte `cbor:"1,keyasint"`
	Key     []byte   `cbor:"2,keyasint"` // Ed25519 public key of the desk
	Seat    string   `cbor:"3,keyasint"`
	Machine [32]byte `cbor:"4,keyasint"`
	Lookup  [8]byte  `cbor:"5,keyasint"` // first bytes of the proof key's hash: which code is meant, without telling it
}

// Enrolled gives the seat. Proof is the hub's mirror of the code proof: it, too, knows the code.
type Enrolled struct {
	Desk  DeskID           `cbor:"1,keyasint"`
	Scope incident.ScopeID `cbor:"2,keyasint"`
	Key   []byte           `cbor:"3,keyasint"` // Ed25519 public key of the hub
	Pins  [][]byte         `cbor:"4,keyasint"` // SHA-256 of the SubjectPublicKeyInfo of the hub's certificates
	Hub   HubID            `cbor:"5,keyasint"`
	Proof [32]byte         `cbor:"6,keyasint"`
	Name  string           `cbor:"7,keyasint"` // of the seat, as the county wrote it
	// Courier is the secret of files that desks carry to each other: a township's, or for a desk of the county the county's.
	Courier [32]byte `cbor:"8,keyasint"`
}

// Keys carries keys of personal fields, or says that they were erased; without items it only says how far its sender is. Both ends
// remember that, and begin after the lesser when they meet: either may have been restored.
type Keys struct {
	Items []KeyItem `cbor:"1,keyasint"`
	// Mark counts what the desk has to send: from a desk the count after these items, from the hub how many it has.
	Mark uint64 `cbor:"2,keyasint,omitzero"`
	// Log counts what the hub has to send to the desk's scope: from the hub the count after these items, from a desk how many it has.
	Log uint64 `cbor:"3,keyasint,omitzero"`
}

// Presence says who has an incident open at which desk. It is never stored; the hub passes it on to the desks of the scope. An empty
// Login says that it was closed; what is not repeated for 20 seconds is over.
type Presence struct {
	Incident incident.IncidentID `cbor:"1,keyasint"`
	Scope    incident.ScopeID    `cbor:"2,keyasint"`
	Desk     DeskID              `cbor:"3,keyasint"`
	Seat     string              `cbor:"4,keyasint"`
	Login    incident.Login      `cbor:"5,keyasint"`
	Since    incident.Stamp      `cbor:"6,keyasint"`
}

// Type names the message.
func (Challenge) Type() Type { return TypeChallenge }

// Type names the message.
func (Hello) Type() Type { return TypeHello }

// Type names the message.
func (Welcome) Type() Type { return TypeWelcome }

// Type names the message.
func (Ready) Type() Type { return TypeReady }

// Type names the message.
func (Vector) Type() Type { return TypeVector }

// Type names the message.
func (Push) Type() Type { return TypePush }

// Type names the message.
func (Ack) Type() Type { return TypeAck }

// Type names the message.
func (Feed) Type() Type { return TypeFeed }

// Type names the message.
func (FeedAck) Type() Type { return TypeFeedAck }

// Type names the message.
func (HashAt) Type() Type { return TypeHashAt }

// Type names the message.
func (HashIs) Type() Type { return TypeHash }

// Type names the message.
func (Want) Type() Type { return TypeWant }

// Type names the message.
func (Give) Type() Type { return TypeGive }

// Type names the message.
func (BlobOffer) Type() Type { return TypeBlobOffer }

// Type names the message.
func (BlobNeed) Type() Type { return TypeBlobNeed }

// Type names the message.
func (BlobChunk) Type() Type { return TypeBlobChunk }

// Type names the message.
func (BlobDone) Type() Type { return TypeBlobDone }

// Type names the message.
func (Beat) Type() Type { return TypeBeat }

// Type names the message.
func (Notice) Type() Type { return TypeNotice }

// Type names the message.
func (Fault) Type() Type { return TypeError }

// Type names the message.
func (Enrol) Type() Type { return TypeEnrol }

// Type names the message.
func (Enrolled) Type() Type { return TypeEnrolled }

// Type names the message.
func (Keys) Type() Type { return TypeKeys }

// Type names the message.
func (Presence) Type() Type { return TypePresence }
