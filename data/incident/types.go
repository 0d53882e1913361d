package incident

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// IncidentID names an incident: 6 bytes of Unix milliseconds, then 10 random bytes.
type IncidentID [16]byte

// EntryID is the hash of an entry in the chain it was first written to.
type EntryID [32]byte

// ParentRef is the first 8 bytes of an EntryID.
type ParentRef [8]byte

// Origin names one writer's journal: 16 bytes of desk, 8 bytes of incarnation.
type Origin [24]byte

// ScopeID is a division code: county 6 digits, township 9 digits.
type ScopeID uint32

// HLC is a hybrid clock value: 48 bits of UTC milliseconds, 16 bits of counter.
type HLC uint64

// UnitID is the short name of a unit in the town pack, such as 农业农村办; it is data, not code.
type UnitID string

// Login names an operator or liaison in the directory; journals carry logins, never personal names.
type Login string

// KeyID names the key that seals one report's personal fields.
type KeyID [16]byte

// IsZero reports whether the ID is unset.
func (id IncidentID) IsZero() bool { return id == IncidentID{} }

// String returns the ID as 32 hexadecimal digits.
func (id IncidentID) String() string { return hex.EncodeToString(id[:]) }

// Ref returns the short form that child entries name their parents by.
func (id EntryID) Ref() ParentRef { return ParentRef(id[:8]) }

// Stamp is a moment in UTC milliseconds since 1970; zero means "not yet".
type Stamp int64

// StampOf converts a time; the zero time gives the zero Stamp.
func StampOf(t time.Time) Stamp {
	if t.IsZero() {
		return 0
	}
	return Stamp(t.UnixMilli())
}

// Time returns the moment in UTC, the zero time for the zero Stamp.
func (s Stamp) Time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(s)).UTC()
}

// Add returns the moment d later.
func (s Stamp) Add(d time.Duration) Stamp { return s + Stamp(d.Milliseconds()) }

// Sub returns the time from o to s.
func (s Stamp) Sub(o Stamp) time.Duration { return time.Duration(s-o) * time.Millisecond }

// Local is the zone of the product: China has one time zone and no summer time.
var Local = time.FixedZone("CST", 8*60*60)

// MarshalJSON writes RFC 3339 in Beijing time, or null.
func (s Stamp) MarshalJSON() ([]byte, error) {
	if s == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(s.Time().In(Local).Format("2006-01-02T15:04:05.999Z07:00"))
}

// UnmarshalJSON reads RFC 3339 with a zone; an empty string or null is the zero Stamp.
func (s *Stamp) UnmarshalJSON(b []byte) error {
	var text *string
	if err := json.Unmarshal(b, &text); err != nil {
		return fmt.Errorf("time must be text: %w: %w", &Refusal{Key: "refuse.act.time", Args: []string{string(b)}}, err)
	}
	if text == nil || *text == "" {
		*s = 0
		return nil
	}
	t, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return fmt.Errorf("time %q is not RFC 3339 with a zone: %w", *text, &Refusal{Key: "refuse.act.time", Args: []string{*text}})
	}
	*s = StampOf(t)
	return nil
}

// Day is a calendar day as 2006-01-02, in Beijing time.
type Day string

// DayOf returns the Beijing day of a moment.
func DayOf(s Stamp) Day { return Day(s.Time().In(Local).Format(time.DateOnly)) }

// Start returns the first moment of the day, or an error for something that is no day.
func (d Day) Start() (Stamp, error) {
	t, err := time.ParseInLocation(time.DateOnly, string(d), Local)
	if err != nil {
		return 0, fmt.Errorf("day %q is not year-month-day", string(d))
	}
	return StampOf(t), nil
}

// startOf is the first moment of a day that DayOf made, zero for text that is no day.
func startOf(d Day) Stamp {
	s, err := d.Start()
	if err != nil {
		return 0
	}
	return s
}

// Role is what a person may do.
type Role string

// The roles.
const (
	RoleOperator Role = "OP" // 坐席员
	RoleShift    Role = "SL" // 值班长
	RoleDirector Role = "RD" // 室主任
	RoleTown     Role = "TL" // 带班领导
	RoleUnit     Role = "UN" // 单位联络员
	RoleGrid     Role = "GR" // 网格员
	RoleCounty   Role = "CC" // 县中心
	RoleSystem   Role = "SY" // 系统
)

// Actor is who does an act: a login with the role and unit it has at that moment.
type Actor struct {
	Login Login
	Role  Role
	Unit  UnitID // units and grid workers only; a grid worker's may name the village too, as 网格 罗山村
	// Village is where a grid worker stands for the unit, when Unit doesn't say it; empty: everywhere.
	Village string
}

// Urgency is how soon harm comes.
type Urgency string

// The urgencies; 缓办 is chosen by a person, never a default.
const (
	Critical Urgency = "critical" // 特急
	Urgent   Urgency = "urgent"   // 紧急
	Normal   Urgency = "normal"   // 一般
	Low      Urgency = "low"      // 缓办
)

// Channel is where a report came from.
type Channel string

// The channels.
const (
	Channel110    Channel = "110"
	Channel12345  Channel = "12345"
	ChannelSPT    Channel = "SPT"  // 四平台
	ChannelGrid   Channel = "WG"   // 网格
	ChannelLink   Channel = "YJLD" // 社会应急联动
	ChannelVest   Channel = "SJ"   // 手机上报、蓝马甲
	ChannelLYT    Channel = "LYT"  // 龙游通
	ChannelWindow Channel = "CK"   // 窗口
	ChannelPhone  Channel = "DH"   // 电话
	ChannelLeader Channel = "PS"   // 领导批示
)

// Status is the state of an incident.
type Status string

// The states.
const (
	Received   Status = "R"  // 待受理
	InfoNeeded Status = "I"  // 待补充
	Accepted   Status = "A"  // 待派单
	Disputed   Status = "J"  // 待裁定
	Dispatched Status = "P"  // 待签收
	Handling   Status = "H"  // 办理中
	Suspended  Status = "S"  // 挂起
	WithCounty Status = "U"  // 上报中
	FedBack    Status = "F"  // 待核查
	Verified   Status = "V"  // 待回访
	Closed     Status = "C"  // 已办结
	Refused    Status = "X1" // 不予受理
	Merged     Status = "X2" // 已并案
	Forced     Status = "X3" // 强制结案
	Void       Status = "X4" // 作废
)

// Open reports whether the incident still needs a hand.
func (s Status) Open() bool {
	switch s {
	case Closed, Refused, Merged, Forced, Void, "":
		return false
	}
	return true
}

// TaskStatus is the state of a task (办理单).
type TaskStatus string

// The task states.
const (
	TaskSent      TaskStatus = "sent"      // 待签收
	TaskSigned    TaskStatus = "signed"    // 已签收
	TaskArrived   TaskStatus = "arrived"   // 已到场
	TaskFedBack   TaskStatus = "fed_back"  // 已反馈
	TaskDone      TaskStatus = "done"      // 已核销
	TaskReturned  TaskStatus = "returned"  // 已退单
	TaskWithdrawn TaskStatus = "withdrawn" // 已撤回
	TaskWaived    TaskStatus = "waived"    // 已减派
	TaskRework    TaskStatus = "rework"    // 返工
)

// List is the list template (清单) an incident is dispatched by.
type List string

// The lists.
const (
	ListDaily   List = "daily"   // 每日清单
	ListJoint   List = "joint"   // 联办清单
	ListMonthly List = "monthly" // 月度督办清单
)
