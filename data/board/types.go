// Package board owns the live read models in memory: queue views, counters, search, near-duplicates. It folds what room hands it,
// and writes nothing.
package board

import "zw110/data/incident"

// Group is where a row stands in the queue; each open incident is in exactly one.
type Group int

// The groups in the order of the queue.
const (
	Unanswered Group = 1 // 未响应
	ToDispatch Group = 2 // 待派 (A, J, responded R and I)
	Overdue    Group = 3 // 超期
	DueSoon    Group = 4 // 临期
	InHand     Group = 5 // 处置中
	Ended      Group = 6 // closed, refused, merged, forced, void: only in views that ask for them
)

// Stage is the state as the operator sees it, finer than incident.Status: the progress ring of the queue.
type Stage string

// The stages.
const (
	StageUnanswered Stage = "unanswered" // 未响应
	StageReceived   Stage = "received"   // 待受理 (answered, not accepted)
	StageInfo       Stage = "info"       // 待补充
	StageToDispatch Stage = "to_dispatch"
	StageRuling     Stage = "ruling"  // 待裁定
	StageToSign     Stage = "to_sign" // 待签收
	StageSigned     Stage = "signed"
	StageOnScene    Stage = "on_scene"
	StageHandling   Stage = "handling"
	StageSuspended  Stage = "suspended"
	StageCounty     Stage = "county"    // 上报中
	StageToVerify   Stage = "to_verify" // 待核查
	StageToCallback Stage = "to_callback"
	StageClosed     Stage = "closed"
	StageRefused    Stage = "refused"
	StageMerged     Stage = "merged"
	StageForced     Stage = "forced"
	StageVoid       Stage = "void"
)

// Row is one incident as a list shows it: plain values, no pointers into the store. Personal fields are masked by room.
type Row struct {
	ID        incident.IncidentID
	Town      incident.ScopeID // division code of the township that has it
	No        string           // full number
	ShortNo   string           // number without the year, as the queue shows it
	SourceNo  string
	Title     string
	Village   string
	Channel   incident.Channel
	Category  string
	Urgency   incident.Urgency
	Status    incident.Status
	Stage     Stage
	Group     Group
	Lead      incident.UnitID
	Suggested bool // Lead is a recommendation, not yet dispatched
	CoCount   int
	// Clock is the one that ends first; zero Name when none runs. Its Light follows the rule of the queue: yellow with 30 minutes or a
	// quarter of the limit left, whichever is less.
	Clock      incident.Clock
	SettleDue  incident.Stamp
	ReceivedAt incident.Stamp
	HandledAt  incident.Stamp
	ClosedAt   incident.Stamp // when it left the queue, closed or otherwise
	Supervised int            // highest level, 0 none
	Conflicts  int            // open ones, those that are only notes included
	ToSettle   bool           // a person must settle one of them
	Loud       bool           // that one comes first in its group
	Duplicates int            // likely duplicates, counted while nothing is dispatched
	RiskWords  int
	Reopened   int
	// Lng and Lat are degrees of WGS-84, both zero when the incident has no place of its own.
	Lng, Lat float32
}

// Filter narrows a view. Empty fields do not narrow. Within a field any value fits, between fields all must.
type Filter struct {
	Ended      bool // include ended incidents
	OnlyEnded  bool
	Groups     []Group            `json:",omitempty"`
	Stages     []Stage            `json:",omitempty"`
	Units      []incident.UnitID  `json:",omitempty"` // lead or co-handler
	Villages   []string           `json:",omitempty"`
	Channels   []incident.Channel `json:",omitempty"`
	Urgencies  []incident.Urgency `json:",omitempty"`
	Categories []string           `json:",omitempty"`
	Towns      []incident.ScopeID `json:",omitempty"` // townships that have it, for a county's desk
	Supervised bool               `json:",omitempty"`
	ToSettle   bool               `json:",omitempty"` // only incidents with a conflict that a person must settle
	Mine       incident.Login     `json:",omitempty"` // incidents this login registered or last acted on
	From, To   incident.Day       `json:",omitempty"` // received, both included
	Words      string             `json:",omitempty"` // search
}

// View is a saved filter with a name.
type View struct {
	Key    string // catalogue key of a built-in view, or "" for the user's own
	Name   string // the user's own name
	Filter Filter
}

// Counters are the figures of the top bar. InHand counts Overdue and DueSoon too.
type Counters struct {
	Unanswered, ToDispatch, InHand, DueSoon, Overdue int
	Open                                             int
	// DoneToday of ReceivedToday: received today and handled today, without merged, refused and void ones and appeals.
	DoneToday, ReceivedToday int
}

// Snapshot is one view at one moment: rows in queue order. It does not change; rank access is O(log n).
type Snapshot interface {
	// Len counts rows, without headers.
	Len() int
	// Row returns the i-th row.
	Row(i int) Row
	// IndexOf returns the place of an incident, or -1.
	IndexOf(incident.IncidentID) int
	// GroupSizes returns how many rows each group has, in group order.
	GroupSizes() map[Group]int
	// Version grows with each change of the board.
	Version() uint64
}

// Hit is one search result.
type Hit struct {
	Row  Row
	Why  string // title, content, no, source_no, village, phone, unit, place
	Span [2]int // rune positions of the match in the text named by Why
}

// Likely is one likely duplicate of a draft or an incident.
type Likely struct {
	Row     Row
	Score   int      // 0 to 100; 70 asks for merging
	Reasons []string // catalogue keys, such as "dup.phone"
}
