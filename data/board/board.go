package board

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"zw110/data/incident"

	"github.com/tidwall/btree"
)

// Input is what the board must know of one incident. State may come without its Log; the board keeps no reference to it.
type Input struct {
	State *incident.State
	// Phone is the reporter's number, for search by a part of it and for likely duplicates. Leave it empty to keep it out.
	Phone string
	// LastBy is who acted last; empty: the last line of the log.
	LastBy incident.Login
	// Suggested and SuggestedCo are the units proposed while nothing is dispatched; empty: those of the duty directory.
	Suggested   incident.UnitID
	SuggestedCo []incident.UnitID
}

// Params are what a board needs from outside.
type Params struct {
	Rules incident.Rules
	// Score rates likely duplicates; nil means none are looked for.
	Score ScoreFunc
	// Words, which may be nil, works out what Score wants to know of a draft's words; it is kept in Draft.Words.
	Words func(Draft) any
	// Point turns a place into degrees of one coordinate system, zeros when it has none; nil: as given.
	Point func(incident.Place) (lng, lat float64)
}

// Board holds the read models. All methods may be called from any goroutine.
type Board struct {
	rules       incident.Rules
	score       ScoreFunc
	words       func(Draft) any
	toPoint     func(incident.Place) (lng, lat float64)
	nextClock   func(*incident.State, incident.Rules, incident.Stamp) (incident.Clock, bool)
	urgencyRank [256]uint8
	indexWork   chan struct{} // one token: there are texts to index; a full channel means that it is known already

	mu      sync.RWMutex // guards all below; records themselves never change
	tables  tables
	slots   []*record // by slot, in order of registration here
	byID    slotTable
	all     *tree    // every record in queue order
	byTime  []uint32 // every slot, by receipt
	wakes   *btree.BTreeG[wake]
	views   map[string]*view
	days    map[int64]dayCount
	sizes   [Ended + 1]int
	version uint64
	asked   uint64 // snapshots taken, the clock of the views' age
	index   *index
	numbers numbers
}

// wake is a moment at which time alone changes a record.
type wake struct {
	at   incident.Stamp
	slot uint32
}

// dayCount counts the incidents received on one day, without merged, refused and void ones.
type dayCount struct{ received, done int }

const (
	dayMillis = 24 * 60 * 60 * 1000
	maxViews  = 24 // views kept up to date; the one longest unused goes
)

// New returns an empty board.
func New(p Params) (*Board, error) {
	if p.Rules == nil {
		return nil, errors.New("board needs rules")
	}
	b := &Board{
		rules: p.Rules, score: p.Score, words: p.Words, toPoint: p.Point, nextClock: incident.NextClock,
		indexWork: make(chan struct{}, 1),
		tables:    newTables(),
		byID:      newSlotTable(),
		wakes: btree.NewBTreeGOptions(func(x, y wake) bool {
			return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.slot, y.slot)) < 0
		}, btree.Options{NoLocks: true}),
		views:   map[string]*view{},
		days:    map[int64]dayCount{},
		index:   newIndex(),
		numbers: newNumbers(),
	}
	b.urgencyRank = urgencyRanks(&b.tables)
	b.all = newTree()
	return b, nil
}

// SetRules changes the rules for what is folded from now on; the caller applies again what they concern.
func (b *Board) SetRules(rules incident.Rules) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = rules
}

// Apply takes new states as of now and returns the incidents that changed, each once. Of several inputs about one incident the last
// counts. Incidents never leave the board.
func (b *Board) Apply(changes []Input, now incident.Stamp) []incident.IncidentID {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := make(map[incident.IncidentID]int, len(changes))
	for i, in := range changes {
		last[in.State.ID] = i
	}
	fresh := make([]*record, 0, len(last))
	for i, in := range changes {
		if last[in.State.ID] == i {
			fresh = append(fresh, b.fold(in, now))
		}
	}
	slices.SortStableFunc(fresh, byReceipt)
	ids := make([]incident.IncidentID, 0, len(fresh))
	for _, r := range fresh {
		b.put(r)
		ids = append(ids, r.id)
	}
	b.countDuplicates(fresh)
	if len(ids) > 0 {
		b.version++
	}
	b.nudge()
	return ids
}

// Tick moves what changed because time passed and returns those incidents. It costs as much as changes.
func (b *Board) Tick(now incident.Stamp) []incident.IncidentID {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []incident.IncidentID
	for {
		w, ok := b.wakes.Min()
		if !ok || w.at > now {
			break
		}
		r := *b.slots[w.slot]
		r.place(Stage(b.tables.small.names[r.stage]), now)
		b.replace(b.slots[w.slot], &r)
		ids = append(ids, r.id)
	}
	if len(ids) > 0 {
		b.version++
	}
	return ids
}

// put adds or replaces a record.
func (b *Board) put(r *record) {
	slot, known := b.byID.find(r.id, b.slots)
	if !known {
		slot = uint32(len(b.slots))
		r.slot = slot
		b.slots = append(b.slots, nil)
		b.replace(nil, r)
		b.byID.add(slot, b.slots)
		b.numbers.add(r)
		return
	}
	r.slot = slot
	was := b.slots[slot]
	anew := int(slot) < b.index.done
	if was.text == r.text {
		r.text = was.text // share the memory
		anew = anew && (was.village != r.village || was.lead != r.lead || was.cos != r.cos)
	} else {
		b.numbers.add(r)
	}
	b.replace(was, r)
	if anew {
		b.index.add(r, &b.tables)
	}
}

// replace swaps a record in every ordered view, the counters and the wakes.
func (b *Board) replace(was, r *record) {
	var old, it item
	if was != nil {
		old = b.inQueue(was)
		b.all.Delete(old)
		b.sizes[was.group]--
		b.countDay(was, -1)
		if at := was.wakeAt(); at != 0 {
			b.wakes.Delete(wake{at, was.slot})
		}
	}
	it = b.inQueue(r)
	b.placeInTime(was, r)
	b.slots[r.slot] = r
	b.all.Set(it)
	b.sizes[r.group]++
	b.countDay(r, +1)
	if at := r.wakeAt(); at != 0 {
		b.wakes.Set(wake{at, r.slot})
	}
	for _, v := range b.views {
		if was != nil {
			v.remove(old)
		}
		v.add(it)
	}
}

// placeInTime keeps byTime in order; most incidents come latest and never move. It runs before slots has the new record.
func (b *Board) placeInTime(was, r *record) {
	if was != nil {
		if was.received == r.received {
			return
		}
		at := b.timeIndex(was)
		b.byTime = slices.Delete(b.byTime, at, at+1)
	}
	b.byTime = slices.Insert(b.byTime, b.timeIndex(r), r.slot)
}

// timeIndex returns the first place in byTime that is not before a record.
func (b *Board) timeIndex(r *record) int {
	at, _ := slices.BinarySearchFunc(b.byTime, r, func(slot uint32, r *record) int { return byReceipt(b.slots[slot], r) })
	return at
}

// dayOf numbers the Beijing days.
func dayOf(s incident.Stamp) int64 { return (int64(s) + 8*60*60*1000) / dayMillis }

// ofDay reports whether a record counts in the figures of the day that brought it.
func (b *Board) ofDay(r *record) bool {
	switch Stage(b.tables.small.names[r.stage]) {
	case StageMerged, StageRefused, StageVoid:
		return false
	}
	return r.flags&flagAppeal == 0
}

func (b *Board) countDay(r *record, n int) {
	if !b.ofDay(r) {
		return
	}
	day := dayOf(r.received)
	c := b.days[day]
	c.received += n
	if r.handled != 0 && dayOf(r.handled) == day {
		c.done += n
	}
	b.days[day] = c
}

// Snapshot returns the rows that fit a filter, in queue order. A filter asked for again is kept in order and costs nothing but
// the first time; a filter with Words is searched anew each time.
func (b *Board) Snapshot(f Filter) Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	v := b.view(f)
	return &snapshot{rows: v.rows.Copy(), sizes: v.sizes, names: b.tables.now(), version: b.version, current: b.current}
}

// Count returns how many rows fit a filter.
func (b *Board) Count(f Filter) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.view(f).rows.Len()
}

// view returns the view of a filter, made new if need be.
func (b *Board) view(f Filter) *view {
	words := f.Words
	f.Words = ""
	if words != "" {
		return b.searchView(f, words)
	}
	b.asked++
	key, err := keyOf(f)
	if v := b.views[key]; v != nil && err == nil {
		v.used = b.asked
		return v
	}
	v := &view{key: key, match: b.matcher(f), rows: newTree(), used: b.asked}
	ended := wantsEnded(f)
	b.all.Scan(func(it item) bool {
		if Group(it.group) == Ended && !ended {
			return false
		}
		v.append(it)
		return true
	})
	if err == nil {
		b.keep(v)
	}
	return v
}

// keep holds on to a view and lets the one longest unused go.
func (b *Board) keep(v *view) {
	if len(b.views) >= maxViews {
		oldest := v
		for _, o := range b.views {
			if o.used < oldest.used {
				oldest = o
			}
		}
		delete(b.views, oldest.key)
	}
	b.views[v.key] = v
}

// current returns an incident's present place in the queue.
func (b *Board) current(id incident.IncidentID) (item, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	slot, ok := b.byID.find(id, b.slots)
	if !ok {
		return item{}, false
	}
	return b.inQueue(b.slots[slot]), true
}

// Row returns one incident's row.
func (b *Board) Row(id incident.IncidentID) (Row, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	slot, ok := b.byID.find(id, b.slots)
	if !ok {
		return Row{}, false
	}
	n := b.tables.now()
	return n.row(b.slots[slot]), true
}

// Counters returns the figures of the top bar; the groups are as of the last Apply or Tick, today is the day of now.
func (b *Board) Counters(now incident.Stamp) Counters {
	b.mu.RLock()
	defer b.mu.RUnlock()
	today := b.days[dayOf(now)]
	c := Counters{
		Unanswered: b.sizes[Unanswered], ToDispatch: b.sizes[ToDispatch], DueSoon: b.sizes[DueSoon], Overdue: b.sizes[Overdue],
		InHand:    b.sizes[InHand] + b.sizes[DueSoon] + b.sizes[Overdue],
		DoneToday: today.done, ReceivedToday: today.received,
	}
	c.Open = c.Unanswered + c.ToDispatch + c.InHand
	return c
}

// Len returns how many incidents the board knows, open and ended.
func (b *Board) Len() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.slots)
}

// Version grows with each change of the board.
func (b *Board) Version() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.version
}

// point turns a place into degrees.
func (b *Board) point(p incident.Place) (lng, lat float32) {
	if b.toPoint == nil {
		return float32(p.Lng), float32(p.Lat)
	}
	x, y := b.toPoint(p)
	return float32(x), float32(y)
}
