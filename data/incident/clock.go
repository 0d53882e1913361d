package incident

// ClockName is one of the eight clocks, or that of a ruling.
type ClockName string

// The clocks.
const (
	C1Respond  ClockName = "c1"
	C2Dispatch ClockName = "c2"
	C3Sign     ClockName = "c3"
	C4Arrive   ClockName = "c4"
	C5First    ClockName = "c5"
	C6Settle   ClockName = "c6"
	C7Verify   ClockName = "c7"
	C8Callback ClockName = "c8"
	// CRule is the time for a ruling (T12); it stands after C2 while a dispute is open.
	CRule ClockName = "rule"
)

// Light is how a clock stands; always shown with a word or sign.
type Light string

// The lights.
const (
	Green  Light = "green"
	Yellow Light = "yellow" // due soon
	Red    Light = "red"    // overdue
	Blue   Light = "blue"   // suspended or extended
	Grey   Light = "grey"   // does not run
)

// Clock is one computed clock. It is derived from State, Rules and a moment, never stored.
type Clock struct {
	Name        ClockName
	From        Stamp
	Due         Stamp  // zero when it has no due time (suspended, with the county)
	DoneAt      Stamp  // zero while it runs
	Stopped     bool   // suspended
	Provisional bool   // 暂定: runs into a year without a calendar
	Light       Light  // done: green, late or not; Late tells
	Unit        UnitID // C3 to C5 of a task
	Limit       Limit
}

// Running reports whether time counts against somebody.
func (c Clock) Running() bool { return c.DoneAt == 0 && !c.Stopped && c.Light != Grey && c.Due != 0 }

// Late reports whether it was done, or still runs, past its due time.
func (c Clock) Late(now Stamp) bool {
	if c.DoneAt != 0 {
		return c.Due != 0 && c.DoneAt > c.Due
	}
	return c.Running() && now > c.Due
}

// Segment says who had the incident from when to when; the last one is open until closing.
type Segment struct {
	Holder  string
	From    Stamp
	To      Stamp // zero: still
	Stopped bool
}

// Clocks computes all clocks of an incident as of now, in the order C1 to C8 (C3 to C5 once per live task, lead first).
func Clocks(st *State, rules Rules, now Stamp) []Clock { return clocks(st, rules, now) }

// NextClock returns the running clock that ends first, the one the queue shows; a stopped one when nothing else runs; false when
// there is neither.
func NextClock(st *State, rules Rules, now Stamp) (Clock, bool) { return nextClock(st, rules, now) }

// SettleDue returns the due time of C6: own limit from receipt or the last reopening or county return, upstream minus one working
// day, merged incidents, extensions, suspensions. Zero while suspended. While the county has the incident it is the due time as it
// stood, although the clock doesn't run.
func SettleDue(st *State, rules Rules) (due Stamp, provisional bool) { return settleDue(st, rules) }

// Segments returns who held the incident for how long.
func Segments(st *State) []Segment { return segments(st) }
