package session

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The identity rules of the protocol as a small model, without messages and bytes: lines, incarnations, head check, baton, cursor check,
// epochs, branches, excerpts. The cores are tested against the same invariants in machine_test.go; this model says what the rules
// themselves are worth: every one of them, taken away, loses something.

type mLine struct {
	desk string
	inc  int
}

// mFact is an entry. The name is known to the checker alone; moved says that it stands on a later line of its desk than it was written to.
type mFact struct {
	name  string
	about int    // incident
	town  string // whom the incident concerns
	moved bool
}

// mHash names the history of a line up to a place: equal text, equal history.
func mHash(l mLine, facts []mFact) string {
	s := fmt.Sprint(l)
	for _, f := range facts {
		s += " " + f.name
	}
	return s
}

type mBaton struct{ counter, nonce int }

type mRecord struct {
	line mLine
	fact mFact
}

type mHub struct {
	epoch  int
	lines  map[mLine][]mFact
	feed   []mRecord
	batons map[mLine][2]mBaton // confirmed, issued
}

func (h *mHub) copy() *mHub {
	n := &mHub{epoch: h.epoch, lines: map[mLine][]mFact{}, feed: slices.Clone(h.feed), batons: maps.Clone(h.batons)}
	for l, facts := range h.lines {
		n.lines[l] = slices.Clone(facts)
	}
	return n
}

func (h *mHub) add(l mLine, f mFact) {
	h.lines[l] = append(slices.Clone(h.lines[l]), f)
	h.feed = append(h.feed, mRecord{l, f})
}

// check is the chain over the feed up to a position.
func (h *mHub) check(pos int) string { return fmt.Sprint(h.feed[:pos]) }

// concerns says whether an incident has an entry for a town.
func (h *mHub) concerns(about int, town string) bool {
	for _, r := range h.feed {
		if r.fact.about == about && r.fact.town == town {
			return true
		}
	}
	return false
}

type mDesk struct {
	name     string
	town     string
	inc      int
	lines    map[mLine][]mFact
	excerpts map[string]mFact
	acked    int
	epoch    int
	pos      int
	check    string
	baton    mBaton
}

func (d *mDesk) copy() *mDesk {
	n := *d
	n.lines = map[mLine][]mFact{}
	for l, facts := range d.lines {
		n.lines[l] = slices.Clone(facts)
	}
	n.excerpts = maps.Clone(d.excerpts)
	return &n
}

func (d *mDesk) line() mLine { return mLine{d.name, d.inc} }

// mRules are the rules that can be taken away.
type mRules struct {
	noHeadCheck, noVector, noWant, noCursorCheck, noCounter, noBranch, noExcerpts bool
}

type mWorld struct {
	rules    mRules
	hub      *mHub
	desks    []*mDesk // every running copy
	towns    map[string]string
	images   []*mDesk
	backups  []*mHub
	facts    map[string]mFact
	gone     map[string]bool // the last copy anywhere was overwritten
	counter  int             // of fact names, incarnations, epochs, nonces
	stale    int
	diskCopy int
}

func (w *mWorld) next() int { w.counter++; return w.counter }

// connection is one meeting of a desk and the hub that ends after so many messages; 0: never.
type connection struct {
	w     *mWorld
	d     *mDesk
	h     *mHub
	left  int
	ended bool
}

func (c *connection) step() bool {
	if c.left--; c.left == 0 {
		c.ended = true
	}
	return c.ended
}

func (w *mWorld) meet(d *mDesk, cut int) {
	c := &connection{w: w, d: d, h: w.hub, left: cut}
	cursorOK := c.hello()
	if c.ended {
		return
	}
	if c.push(); c.ended {
		return
	}
	for !w.rules.noBranch && c.branch() { // a fresh branch may itself part from the hub's of that name
	}
	if c.heal(); c.ended {
		return
	}
	if cursorOK && d.epoch == c.h.epoch || w.rules.noVector {
		c.feed()
	} else {
		c.vector()
	}
}

// shared returns how many facts two histories of a line have in common.
func shared(a, b []mFact) int {
	n := 0
	for n < len(a) && n < len(b) && a[n].name == b[n].name {
		n++
	}
	return n
}

// hello judges the line, passes the baton, and moves a line that fell off. It reports whether the cursor is good.
func (c *connection) hello() bool {
	d, h, rules := c.d, c.h, c.w.rules
	l := d.line()
	theirs, own := h.lines[l], d.lines[l]
	known := h.batons[l]
	var stale, hubOld bool
	if d.baton != known[0] && d.baton != known[1] {
		hubOld = d.baton.counter > known[1].counter && !rules.noCounter
		stale = !hubOld
	}
	if stale {
		c.w.stale++
	}
	n := min(len(theirs), len(own))
	forked := shared(theirs, own) < n && !rules.noHeadCheck
	rewound := !forked && len(own) < len(theirs) && !rules.noHeadCheck
	behind := !forked && d.acked > len(theirs)
	cursorOK := d.epoch == h.epoch && d.pos <= len(h.feed) && (rules.noCursorCheck || h.check(d.pos) == d.check || d.pos == 0)
	if (behind || hubOld || !cursorOK) && d.epoch == h.epoch {
		h.epoch = c.w.next()
	}
	issued := mBaton{max(known[0].counter, known[1].counter, d.baton.counter) + 1, c.w.next()}
	fell := stale || forked || rewound
	if !fell {
		h.batons[l] = [2]mBaton{d.baton, issued}
	}
	if c.step() {
		return cursorOK
	}
	if fell {
		at := min(shared(theirs, own), n)
		moved := slices.Clone(own[at:])
		for i := range moved {
			moved[i].moved = true
		}
		d.lines[l] = slices.Clone(theirs)
		d.inc = c.w.next()
		d.lines[d.line()] = moved
		d.acked = 0
		h.batons[d.line()] = [2]mBaton{{}, issued}
	}
	d.baton = issued
	if c.step() {
		return cursorOK
	}
	h.batons[d.line()] = [2]mBaton{issued, issued}
	return cursorOK
}

func (c *connection) push() {
	l := c.d.line()
	for len(c.h.lines[l]) < len(c.d.lines[l]) {
		c.h.add(l, c.d.lines[l][len(c.h.lines[l])])
		if c.step() {
			return
		}
		c.d.acked = len(c.h.lines[l])
		if c.step() {
			return
		}
	}
}

// branch keeps what the desk has of another's line and the hub has otherwise, under a derived name. It reports whether there was any.
func (c *connection) branch() (found bool) {
	d := c.d
	for l, own := range maps.Clone(d.lines) {
		theirs := c.h.lines[l]
		at := shared(own, theirs)
		if l == d.line() || at == min(len(own), len(theirs)) {
			continue
		}
		found = true
		tail := slices.Clone(own[at:])
		for i := range tail {
			tail[i].moved = true
		}
		for len(tail) > 0 { // the longer of two equal ones stays; where they part it splits again
			name := mLine{l.desk, -c.w.number(tail[0].name)}
			same := shared(d.lines[name], tail)
			if same == len(d.lines[name]) {
				d.lines[name] = tail
				break
			}
			tail = tail[same:]
		}
		d.lines[l] = slices.Clone(theirs)
	}
	return found
}

func (w *mWorld) number(name string) (n int) {
	if _, err := fmt.Sscanf(name, "e%d", &n); err != nil {
		n = -1
	}
	return n
}

// heal gives the hub what it lacks of lines other than the desk's current one.
func (c *connection) heal() {
	if c.w.rules.noWant {
		return
	}
	for l, own := range c.d.lines {
		theirs := c.h.lines[l]
		if len(own) > len(theirs) && shared(own, theirs) == len(theirs) {
			for _, f := range own[len(theirs):] {
				c.h.add(l, f)
			}
			if c.step() {
				return
			}
		}
	}
}

// take stores a record at the desk, whole if the line is of its town. Whatever the line is, it may be the one that makes an incident
// concern the town: then all that others wrote of it comes as excerpts.
func (c *connection) take(r mRecord) {
	d := c.d
	if c.w.towns[r.line.desk] == d.town && !slices.ContainsFunc(d.lines[r.line], func(f mFact) bool { return f.name == r.fact.name }) {
		d.lines[r.line] = append(slices.Clone(d.lines[r.line]), r.fact)
	}
	c.takeIncident(r.fact.about)
}

func (c *connection) takeIncident(about int) {
	if c.w.rules.noExcerpts || !c.h.concerns(about, c.d.town) {
		return
	}
	for _, r := range c.h.feed {
		if r.fact.about == about && c.w.towns[r.line.desk] != c.d.town {
			c.d.excerpts[r.fact.name] = r.fact
		}
	}
}

func (c *connection) feed() {
	d := c.d
	for d.pos < len(c.h.feed) {
		c.take(c.h.feed[d.pos])
		d.pos++
		d.check = c.h.check(d.pos)
		if c.step() {
			return
		}
	}
}

func (c *connection) vector() {
	d := c.d
	for l, theirs := range c.h.lines {
		if c.w.towns[l.desk] == d.town && len(d.lines[l]) < len(theirs) {
			d.lines[l] = slices.Clone(theirs)
		}
		if c.step() {
			return
		}
	}
	for _, r := range c.h.feed {
		c.takeIncident(r.fact.about)
	}
	d.epoch, d.pos, d.check = c.h.epoch, len(c.h.feed), c.h.check(len(c.h.feed))
}

func newModel(rules mRules) *mWorld {
	w := &mWorld{
		rules: rules, hub: &mHub{lines: map[mLine][]mFact{}, batons: map[mLine][2]mBaton{}},
		facts: map[string]mFact{}, gone: map[string]bool{}, towns: map[string]string{},
	}
	for i, town := range []string{"A", "A", "A", "B"} {
		name := fmt.Sprintf("d%d", i)
		w.towns[name] = town
		w.desks = append(w.desks, &mDesk{name: name, town: town, inc: w.next(), lines: map[mLine][]mFact{}, excerpts: map[string]mFact{}})
	}
	return w
}

func (w *mWorld) write(d *mDesk, about int, town string) {
	f := mFact{name: fmt.Sprintf("e%d", w.next()), about: about, town: town}
	w.facts[f.name] = f
	d.lines[d.line()] = append(slices.Clone(d.lines[d.line()]), f)
}

// lose notes what no living store holds any more.
func (w *mWorld) lose() {
	have := map[string]bool{}
	for _, facts := range w.hub.lines {
		for _, f := range facts {
			have[f.name] = true
		}
	}
	for _, d := range w.desks {
		for _, facts := range d.lines {
			for _, f := range facts {
				have[f.name] = true
			}
		}
	}
	for name := range w.facts {
		w.gone[name] = w.gone[name] || !have[name]
	}
}

func (w *mWorld) actions() map[string]func(*rapid.T) {
	pick := func(t *rapid.T) *mDesk { return rapid.SampledFrom(w.desks).Draw(t, "desk") }
	return map[string]func(*rapid.T){
		"write": func(t *rapid.T) {
			w.write(pick(t), rapid.IntRange(1, 6).Draw(t, "incident"), rapid.SampledFrom([]string{"A", "A", "A", "B"}).Draw(t, "town"))
		},
		"meet":  func(t *rapid.T) { w.meet(pick(t), 0) },
		"cut":   func(t *rapid.T) { w.meet(pick(t), rapid.IntRange(1, 8).Draw(t, "after")) },
		"image": func(t *rapid.T) { w.images = append(w.images, pick(t).copy()) },
		"restore image": func(t *rapid.T) {
			if len(w.images) == 0 {
				t.Skip("no image")
			}
			image := rapid.SampledFrom(w.images).Draw(t, "image")
			i := slices.IndexFunc(w.desks, func(d *mDesk) bool { return d.name == image.name })
			w.diskCopy++
			w.desks[i] = image.copy()
		},
		"clone": func(t *rapid.T) {
			if len(w.desks) > 6 {
				t.Skip("enough")
			}
			w.diskCopy++
			w.desks = append(w.desks, pick(t).copy())
		},
		"back up hub": func(*rapid.T) { w.backups = append(w.backups, w.hub.copy()) },
		"restore hub": func(t *rapid.T) {
			if len(w.backups) == 0 {
				t.Skip("no backup")
			}
			w.hub = rapid.SampledFrom(w.backups).Draw(t, "backup").copy()
			if rapid.Bool().Draw(t, "announced") {
				w.hub.epoch = w.next()
			}
		},
		"": func(*rapid.T) { w.lose() },
	}
}

func names(lines map[mLine][]mFact, of func(mLine) bool) map[string]int {
	m := map[string]int{}
	for l, facts := range lines {
		for _, f := range facts {
			if of(l) {
				m[f.name]++
			}
		}
	}
	return m
}

// modelRun plays one run and checks what must hold once everybody has met the hub a few times.
func modelRun(t *rapid.T, rules mRules) {
	w := newModel(rules)
	t.Repeat(w.actions())
	for range 6 {
		for _, d := range w.desks {
			w.meet(d, 0)
		}
	}
	hub := names(w.hub.lines, func(mLine) bool { return true })
	firsts := map[string]int{}
	for _, facts := range w.hub.lines {
		for _, f := range facts {
			if !f.moved {
				firsts[f.name]++
			}
		}
	}
	for name, n := range firsts {
		if n > 1 {
			t.Fatalf("I4: %s stands %d times at the hub and is not marked", name, n)
		}
	}
	for name := range w.facts {
		if hub[name] == 0 && !w.gone[name] {
			t.Fatalf("I1, I2: %s is lost", name)
		}
	}
	if w.diskCopy == 0 && w.stale > 0 {
		t.Fatalf("I9: %d lines called stale, and no disk was ever copied", w.stale)
	}
	for _, d := range w.desks {
		w.checkDesk(t, d)
	}
}

func (w *mWorld) checkDesk(t *rapid.T, d *mDesk) {
	all := func(mLine) bool { return true }
	whole := func(l mLine) bool { return w.towns[l.desk] == d.town }
	if got, want := names(d.lines, all), names(w.hub.lines, whole); !maps.Equal(got, want) {
		t.Fatalf("I5: desk %s/%d holds %v, the hub %v", d.name, d.inc, got, want)
	}
	for l, facts := range d.lines {
		if mHash(l, facts) != mHash(l, w.hub.lines[l]) {
			t.Fatalf("I3: line %v differs: %v at desk %s, %v at the hub", l, facts, d.name, w.hub.lines[l])
		}
	}
	for _, r := range w.hub.feed {
		_, have := d.excerpts[r.fact.name]
		should := w.towns[r.line.desk] != d.town && w.hub.concerns(r.fact.about, d.town)
		if should && !have {
			t.Fatalf("I2: desk %s lacks %s of an incident that concerns it", d.name, r.fact.name)
		}
	}
	for name, f := range d.excerpts {
		if !slices.ContainsFunc(slices.Collect(maps.Values(w.facts)), func(o mFact) bool { return o.about == f.about && o.town == d.town }) {
			t.Fatalf("I10: desk %s was given %s, which concerns no incident of its own", d.name, name)
		}
	}
}

func TestModel_NothingIsLostOrDoubled(t *testing.T) {
	checkSeeds(t, 2000, 60, []uint64{1, 8569, 1795520143723338005}, func(t *rapid.T) { modelRun(t, mRules{}) })
}

// Each rule, taken away, makes the model fail: none is there for nothing. The limits are several times what the seeds need.
func TestModel_EveryRuleIsNeeded(t *testing.T) {
	for name, c := range map[string]struct {
		rules  mRules
		checks int
	}{
		"head check":   {mRules{noHeadCheck: true}, 500},
		"vector":       {mRules{noVector: true}, 500},
		"want":         {mRules{noWant: true}, 1000},
		"counter":      {mRules{noCounter: true}, 4000},
		"branch":       {mRules{noBranch: true}, 3000},
		"excerpts":     {mRules{noExcerpts: true}, 100},
		"cursor check": {mRules{noCursorCheck: true}, 10000},
	} {
		t.Run(name, func(t *testing.T) {
			mustFail(t, c.checks, 60, 3, func(t *rapid.T) { modelRun(t, c.rules) })
		})
	}
}
