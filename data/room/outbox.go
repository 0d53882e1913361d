package room

import (
	"sync"
	"time"

	"zw110/data/incident"
	"zw110/data/store"
)

// outbox knows which entries the county has not confirmed. It is off until the desk is enrolled: without a county nothing waits.
type outbox struct {
	mu      sync.Mutex // guards all below
	on      bool
	lines   map[incident.Origin][]store.Unacked // by sequence
	waiting map[incident.IncidentID]map[incident.EntryID]incident.Stamp
	count   int
	reached map[incident.Origin]uint64 // how far each line was confirmed since load
}

func newOutbox() *outbox { return &outbox{reached: map[incident.Origin]uint64{}} }

// load reads the outbox anew, after a start and whenever lines were rewritten. Nothing may be written meanwhile.
func (o *outbox) load(st *store.Store) error {
	enrolled, err := st.HubRecord(recordEnrolled)
	if err != nil {
		return err
	}
	fresh := newOutbox()
	if fresh.on = enrolled != nil; fresh.on {
		fresh.lines, fresh.waiting = map[incident.Origin][]store.Unacked{}, map[incident.IncidentID]map[incident.EntryID]incident.Stamp{}
		if err := st.Unacked(func(u store.Unacked) error { fresh.put(u); return nil }); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.on, o.lines, o.waiting, o.count, o.reached = fresh.on, fresh.lines, fresh.waiting, fresh.count, fresh.reached
	return nil
}

func (o *outbox) put(u store.Unacked) {
	o.lines[u.Line] = append(o.lines[u.Line], u)
	if o.waiting[u.Incident] == nil {
		o.waiting[u.Incident] = map[incident.EntryID]incident.Stamp{}
	}
	o.waiting[u.Incident][u.ID] = u.At
	o.count++
}

// add takes entries that were just written. The county may have confirmed some already: they are sent as soon as they are on the disk.
func (o *outbox) add(entries []incident.Entry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.on {
		return
	}
	for _, e := range entries {
		if e.Seq <= o.reached[e.Origin] {
			continue
		}
		o.put(store.Unacked{Line: e.Origin, Seq: e.Seq, ID: e.ID, Incident: e.Incident, Kind: e.Kind, At: e.HLC.Stamp()})
	}
}

// acked drops what the county confirmed and returns the incidents it was about.
func (o *outbox) acked(line incident.Origin, seq uint64) (ids []incident.IncidentID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reached[line] = max(o.reached[line], seq)
	rest := o.lines[line]
	for len(rest) > 0 && rest[0].Seq <= seq {
		u := rest[0]
		rest = rest[1:]
		delete(o.waiting[u.Incident], u.ID)
		if len(o.waiting[u.Incident]) == 0 {
			delete(o.waiting, u.Incident)
		}
		o.count--
		if !u.Incident.IsZero() {
			ids = append(ids, u.Incident)
		}
	}
	if o.lines != nil {
		o.lines[line] = rest
	}
	return ids
}

// of returns what waits of one incident.
func (o *outbox) of(id incident.IncidentID) (p Pending, unsent map[incident.EntryID]bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	unsent = make(map[incident.EntryID]bool, len(o.waiting[id]))
	for entry, at := range o.waiting[id] {
		unsent[entry] = true
		p.add(at)
	}
	return p, unsent
}

// all returns what waits altogether.
func (o *outbox) all() (p Pending) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, line := range o.lines {
		if len(line) > 0 {
			p.add(line[0].At) // a line is in the order of its clock
		}
	}
	p.Count = o.count
	return p
}

// Sort is what entries are about, as people count what they have to hand over. "county.sort." before it is the catalogue key.
type Sort string

// The sorts, in the order in which they are told.
const (
	SortNew      Sort = "new"
	SortIntake   Sort = "intake" // answered, accepted, refused
	SortDispatch Sort = "dispatch"
	SortScene    Sort = "scene"    // signed, arrived, under way
	SortFeedback Sort = "feedback" // and what follows it: check, call-back
	SortOther    Sort = "other"
	SortDesk     Sort = "desk" // about the desk: sign-ins, settings
)

// Sorts are all of them in order.
func Sorts() []Sort {
	return []Sort{SortNew, SortIntake, SortDispatch, SortScene, SortFeedback, SortOther, SortDesk}
}

// sortOf tells what an entry is about.
func sortOf(u store.Unacked) Sort {
	switch u.Kind {
	case incident.KindRegistered:
		return SortNew
	case incident.KindResponded, incident.KindAccepted, incident.KindInfoAsked, incident.KindRefused:
		return SortIntake
	case incident.KindDispatched, incident.KindReassigned, incident.KindCoAdded, incident.KindCoWaived:
		return SortDispatch
	case incident.KindSigned, incident.KindReturned, incident.KindArrived, incident.KindProgressed:
		return SortScene
	case incident.KindFedBack, incident.KindVerified, incident.KindCalledBack:
		return SortFeedback
	}
	if u.Incident.IsZero() {
		return SortDesk
	}
	return SortOther
}

// Waiting is what waits for the county of one sort.
type Waiting struct {
	Sort           Sort
	Count          int
	Oldest, Newest incident.Stamp
	Carried        int // how many of them lie in a courier file
	Proven         int // how many of them another desk has, by its receipt
}

// Waiting returns what waits for the county, sort by sort without empty ones. Carried and proven are up to where this desk's line lies in a
// courier file, and up to where another desk has it.
func (r *Room) Waiting(carried, proven uint64) []Waiting {
	line := r.store.Origin()
	found := map[Sort]*Waiting{}
	r.outbox.each(func(u store.Unacked) {
		sort := sortOf(u)
		w := found[sort]
		if w == nil {
			w = &Waiting{Sort: sort, Oldest: u.At}
			found[sort] = w
		}
		w.Count++
		w.Oldest, w.Newest = min(w.Oldest, u.At), max(w.Newest, u.At)
		if u.Line == line && u.Seq <= carried {
			w.Carried++
		}
		if u.Line == line && u.Seq <= proven {
			w.Proven++
		}
	})
	var out []Waiting
	for _, s := range Sorts() {
		if w := found[s]; w != nil {
			out = append(out, *w)
		}
	}
	return out
}

// WaitingBytes returns how many bytes of photos and files wait; they go after all entries.
func (r *Room) WaitingBytes() (uint64, error) {
	if r.SyncState().Mode == ModeAlone {
		return 0, nil
	}
	return r.store.UnsentBytes()
}

// each gives all that waits.
func (o *outbox) each(fn func(store.Unacked)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, line := range o.lines {
		for _, u := range line {
			fn(u)
		}
	}
}

func (p *Pending) add(at incident.Stamp) {
	p.Count++
	if p.Oldest == 0 || at < p.Oldest {
		p.Oldest = at
	}
}

// Mode is what the link to the county does.
type Mode string

// The modes, with "sync.mode." before it the catalogue key.
const (
	ModeAlone    Mode = "alone"     // not enrolled: the desk works by itself
	ModeOffline  Mode = "offline"   // enrolled, no connection
	ModeFull     Mode = "full"      // both ways
	ModePushOnly Mode = "push_only" // this program is too old to read the others
	ModeHeld     Mode = "held"      // what this desk sends is hidden until the county decides
)

// SyncState is where the desk stands with the county.
type SyncState struct {
	Mode        Mode
	Pending     Pending
	LastContact incident.Stamp // zero: never since the program started
	// Ahead is how far the county's clock is ahead of this computer's, as measured at the last contact.
	Ahead time.Duration
}

// linkState is what the link told last.
type linkState struct {
	mu       sync.Mutex // guards state and received
	state    SyncState
	received map[incident.ScopeID]incident.Stamp // by township, when the county got its last entries
	bell     chan struct{}                       // one slot; full means that the link knows already
}

func newLinkState() *linkState {
	return &linkState{received: map[incident.ScopeID]incident.Stamp{}, bell: make(chan struct{}, 1)}
}

func (l *linkState) ring() {
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

// SyncState returns where the desk stands with the county.
func (r *Room) SyncState() SyncState {
	r.link.mu.Lock()
	s := r.link.state
	r.link.mu.Unlock()
	r.outbox.mu.Lock()
	on := r.outbox.on
	r.outbox.mu.Unlock()
	switch {
	case !on:
		s.Mode = ModeAlone
	case s.Mode == "":
		s.Mode = ModeOffline
	}
	s.Pending = r.outbox.all()
	return s
}

// Outbox returns what of an incident the county has not confirmed; nothing at a desk that is not enrolled.
func (r *Room) Outbox(id incident.IncidentID) Pending {
	p, _ := r.outbox.of(id)
	return p
}
