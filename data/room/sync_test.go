package room

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/journal"
)

func rngOf(t testing.TB) *rand.Rand {
	t.Helper()
	return rand.New(rand.NewPCG(110, 12345))
}

func detail(t testing.TB, d *desk, id incident.IncidentID) Detail {
	t.Helper()
	det, err := d.Detail(id, "rd")
	if err != nil {
		t.Fatal(err)
	}
	return det
}

// takeAll brings entries without keys across.
func takeAll(t testing.TB, from, to *desk) {
	t.Helper()
	run, err := from.Link().Range(from.Link().Origin(), 0, ^uint64(0), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.Link().Take(t.Context(), Incoming{Runs: []journal.Run{run}, Feed: "f"}); err != nil {
		t.Fatal(err)
	}
}

func TestLink_ChangeSaysWhoDidItWhere(t *testing.T) {
	a, b := newSeat(t, 1), newSeat(t, 2)
	fact := incident.Fact{Kind: incident.KindSessionOpened, At: a.Now(), Fields: incident.Fields{Text: a.seats.ownName()}}
	if err := a.submit(t.Context(), &job{desk: []incident.Fact{fact}, by: "op1"}, nil); err != nil {
		t.Fatal(err)
	}
	id := a.must(t, report("op1", "JJ20260901001")).Incident
	a.must(t, on("op2", incident.Respond, id, incident.Fields{}))
	heard := make(chan Change, 16)
	defer b.Subscribe(func(c Change) { heard <- c })()
	takeAll(t, a, b)
	c := <-heard
	want := Author{Login: "op2", Role: incident.RoleOperator, Seat: "指挥室1", At: a.Now()}
	if !slices.Equal(c.Incidents, []incident.IncidentID{id}) || c.By[id] != want {
		t.Errorf("heard %+v, want %+v", c, want)
	}
	det := detail(t, b, id)
	for _, l := range det.State.Log {
		if at := det.Authors[l.Entry]; at.Seat != "指挥室1" || at.Own || at.Login != l.Actor {
			t.Errorf("entry of kind %d by %+v", l.Kind, at)
		}
	}
	own := b.must(t, on("op1", incident.Accept, id, incident.Fields{}))
	if at := detail(t, b, id).Authors[own.Entries[0]]; !at.Own || at.Seat != "指挥室2" {
		t.Errorf("own entry by %+v", at)
	}
	if c := <-heard; len(c.By) != 0 {
		t.Errorf("an own act is told as another's: %+v", c.By)
	}
}

// operators is how many sign in at a desk of these tests: enrolment tells of each.
const operators = 3

func TestLink_OperatorsOfOtherDesksAreKnownByTheirRoles(t *testing.T) {
	a, b := newSeat(t, 1), newSeat(t, 2)
	if err := a.SetOperator(t.Context(), "rd", Operator{Login: "op7", Name: "坐席七", Role: incident.RoleOperator, PIN: "1234"}); err != nil {
		t.Fatal(err)
	}
	if _, ok := b.Rules().Person("op7"); ok {
		t.Error("known before anything came")
	}
	takeAll(t, a, b)
	for range 2 {
		if p, ok := b.Rules().Person("op7"); !ok || p.Role != incident.RoleOperator {
			t.Errorf("the colleague is %+v, known %v", p, ok)
		}
		if slices.ContainsFunc(b.Operators(), func(o Operator) bool { return o.Login == "op7" }) {
			t.Error("the colleague may sign in here")
		}
		b.again(t)
	}
	run, err := a.Link().Range(a.Link().Origin(), 0, 99, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range run.Entries {
		if bytes.Contains(raw, []byte("坐席七")) {
			t.Error("the journal carries a name")
		}
	}
	refused(t, a.SetSetting(t.Context(), "rd", "operator/op8", []byte(`{"role":"RD"}`)), "room.setting")
}

func TestLink_OutboxCountsWhatTheCountyLacks(t *testing.T) {
	d := newSeat(t, 1)
	id := d.must(t, report("op1", "JJ20260901001")).Incident
	if s := d.SyncState(); s.Mode != ModeAlone || s.Pending.Count != 0 {
		t.Errorf("before enrolment %+v", s)
	}
	_, err := d.Link().Enrol(t.Context(), Seat{Desk: [16]byte{1}, Scope: 330825102})
	refused(t, err, "room.scope")
	first := d.Now()
	line, err := d.Link().Enrol(t.Context(), Seat{Desk: [16]byte{1}, Scope: 330825111, Name: "一号席", Records: map[string][]byte{"hub": {1}}})
	if err != nil || line != d.Link().Origin() {
		t.Fatal(line, err)
	}
	d.clock.set(d.Now() + 60_000)
	out := d.must(t, on("op1", incident.Respond, id, incident.Fields{}))
	s := d.SyncState()
	if s.Mode != ModeOffline || s.Pending != (Pending{Count: 2 + operators, Oldest: first}) {
		t.Errorf("after enrolment %+v, want 2 and the operators since %d", s, first)
	}
	if d.Seat() != "一号席" {
		t.Errorf("the seat is called %s", d.Seat())
	}
	if det := detail(t, d, id); len(det.Unsent) != 2 || !det.Unsent[out.Entries[0]] || det.Outbox.Count != 2 {
		t.Errorf("unsent %v, outbox %+v", det.Unsent, det.Outbox)
	}
	if err := d.Link().Contact(ModeFull, 3*time.Second); err != nil {
		t.Fatal(err)
	}
	heard := make(chan Change, 16)
	defer d.Subscribe(func(c Change) { heard <- c })()
	if err := d.Link().Acked(line, 1+operators); err != nil {
		t.Fatal(err)
	}
	for c := range heard {
		if c.Sync && slices.Contains(c.Incidents, id) {
			break
		}
	}
	if p := d.Outbox(id); p.Count != 1 || p.Oldest != d.Now() {
		t.Errorf("outbox %+v", p)
	}
	if err := d.Undo(t.Context(), "op1", out); err != nil { // it has not left the desk
		t.Errorf("undo of what still waits: %v", err)
	}
	d.again(t)
	if s := d.SyncState(); s.Pending.Count != 2 || s.LastContact != 0 || d.Seat() != "一号席" {
		t.Errorf("after a restart %+v", s)
	}
	if err := d.Link().Acked(line, 3+operators); err != nil {
		t.Fatal(err)
	}
	if s := d.SyncState(); s.Pending != (Pending{}) {
		t.Errorf("all confirmed: %+v", s)
	}
	last := d.must(t, on("op1", incident.Note, id, incident.Fields{Text: "已告知"}))
	if err := d.Link().Acked(line, 4+operators); err != nil {
		t.Fatal(err)
	}
	refused(t, d.Undo(t.Context(), "op1", last), "left_desk")
	d.Link().Lost()
	if s := d.SyncState(); s.Mode != ModeOffline {
		t.Errorf("lost: %+v", s)
	}
}

// What waits is told by what it is about, and how much of it a courier file holds or another desk has confirmed.
func TestWaiting_BySortAndHowFarACourierFileCarriesIt(t *testing.T) {
	d := newSeat(t, 1)
	if w := d.Waiting(9, 9); len(w) != 0 {
		t.Errorf("a desk without a county hands over %+v", w)
	}
	line, err := d.Link().Enrol(t.Context(), Seat{Desk: [16]byte{1}, Scope: 330825111, Name: "一号席", Records: map[string][]byte{"hub": {1}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Link().Acked(line, operators); err != nil {
		t.Fatal(err)
	}
	began := d.Now()
	id := d.way(t, 1, incident.Verify)
	d.clock.set(d.Now() + 60_000)
	d.must(t, on("op1", incident.Note, id, incident.Fields{Text: trialText}))
	count := func(carried, proven uint64) map[Sort]Waiting {
		out := map[Sort]Waiting{}
		for _, w := range d.Waiting(carried, proven) {
			out[w.Sort] = w
		}
		return out
	}
	got := count(0, 0)
	// registered; answered and accepted; dispatched; signed; fed back and verified; noted
	for sort, n := range map[Sort]int{SortNew: 1, SortIntake: 2, SortDispatch: 1, SortScene: 1, SortFeedback: 2, SortOther: 1} {
		if got[sort].Count != n || got[sort].Carried != 0 || got[sort].Proven != 0 {
			t.Errorf("%s: %+v, want %d", sort, got[sort], n)
		}
	}
	if o := got[SortOther]; o.Oldest != o.Newest || o.Oldest.Sub(got[SortNew].Newest) < 50*time.Second || got[SortNew].Oldest < began || len(got) != 6 {
		t.Errorf("other: %+v of %d sorts", o, len(got))
	}
	got = count(operators+4, operators+1) // up to the dispatch, up to the registration
	if got[SortNew].Proven != 1 || got[SortDispatch].Carried != 1 || got[SortDispatch].Proven != 0 || got[SortScene].Carried != 0 || got[SortIntake].Carried != 2 {
		t.Errorf("carried and proven: %+v", got)
	}
	d.again(t)
	if again := count(operators+4, operators+1); !reflect.DeepEqual(again, got) {
		t.Errorf("after a restart %+v, want %+v", again, got)
	}
}

func TestWaitingBytes_CountsPhotosUntilTheHubHasThem(t *testing.T) {
	d := newSeat(t, 1)
	if _, err := d.Link().Enrol(t.Context(), Seat{Desk: [16]byte{1}, Scope: 330825111, Name: "一号席", Records: map[string][]byte{"hub": {1}}}); err != nil {
		t.Fatal(err)
	}
	a, err := d.PutAttachment(t.Context(), "说明.txt", bytes.NewReader(make([]byte, 300<<10)))
	if err != nil {
		t.Fatal(err)
	}
	rep := report("op1", "JJ20260901001")
	rep.Blobs = incident.Blobs(a.Attachment)
	d.must(t, rep)
	if n, err := d.WaitingBytes(); err != nil || n != 300<<10 {
		t.Errorf("%d bytes wait, error %v", n, err)
	}
	manifest, err := d.Link().UnsentBlob()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Link().BlobSent(sha256.Sum256(manifest)); err != nil {
		t.Fatal(err)
	}
	if n, err := d.WaitingBytes(); err != nil || n != 0 {
		t.Errorf("sent: %d bytes wait, error %v", n, err)
	}
}

func TestLink_BellRingsForEntriesAndKeys(t *testing.T) {
	d := newSeat(t, 1)
	bell := d.Link().Bell()
	d.must(t, report("op1", "JJ20260901001"))
	<-bell
	select {
	case <-bell:
		t.Error("rings twice for one act")
	default:
	}
	if items, next, err := d.Link().Keys(0, 9); err != nil || len(items) != 1 || next != 1 {
		t.Errorf("keys %+v up to %d, error %v", items, next, err)
	}
}

// An entry that comes before the one it follows waits, and the incident says so.
func TestLink_OneRecordIsOnItsWay(t *testing.T) {
	a, b, c := newSeat(t, 1), newSeat(t, 2), newSeat(t, 3)
	id := a.must(t, report("op1", "JJ20260901001")).Incident
	takeAll(t, a, b)
	b.clock.set(a.Now())
	b.must(t, on("op2", incident.Respond, id, incident.Fields{}))
	run, err := a.Link().Range(a.Link().Origin(), 0, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	a.clock.set(b.Now())
	takeAll(t, b, a)
	a.must(t, on("op1", incident.Accept, id, incident.Fields{})) // follows b's entry, which c has not got
	if _, err := c.Link().Take(t.Context(), Incoming{Runs: []journal.Run{run}}); err != nil {
		t.Fatal(err)
	}
	takeAll(t, a, c)
	if det := detail(t, c, id); det.OnTheWay != 1 || det.State.Status != incident.Received {
		t.Errorf("%d on the way, status %s", det.OnTheWay, det.State.Status)
	}
	takeAll(t, b, c)
	if det := detail(t, c, id); det.OnTheWay != 0 || det.State.Status != incident.Accepted {
		t.Errorf("%d on the way, status %s", det.OnTheWay, det.State.Status)
	}
}

// Settings of both desks hold at both, in the order of their clocks, wherever they were made and however they came.
func TestLink_SettingsOfOtherDesksHoldInTheirOrder(t *testing.T) {
	rng := rngOf(t)
	a, b := newSeat(t, 1), newSeat(t, 2)
	whole, err := a.Setting("duty/0603")
	if err != nil {
		t.Fatal(err)
	}
	change := func(d *desk, lead string) {
		t.Helper()
		value := replaceLead(t, whole, lead)
		if err := d.SetSetting(t.Context(), "rd", "duty/0603", value); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.set(a.Now() + 2000)
	change(b, "执法队")
	a.clock.set(a.Now() + 1000)
	change(a, "派出所")
	a.clock.set(b.Now() + 5000)
	id := a.must(t, report("op1", "JJ20260901001")).Incident
	heard := make(chan Change, 64)
	defer a.Subscribe(func(c Change) { heard <- c })()
	give(t, b, a, rng)
	give(t, a, b, rng)
	for c := range heard {
		if c.Settings && c.All {
			break
		}
	}
	for i, d := range []*desk{a, b} {
		row, ok := d.Rules().Category("0603", a.Now())
		if !ok || row.Lead != "执法队" {
			t.Errorf("desk %d: lead %s, want the one set last", i+1, row.Lead)
		}
		if r, ok := d.board.Row(id); !ok || r.Lead != "执法队" {
			t.Errorf("desk %d proposes %s", i+1, r.Lead)
		}
	}
	a.again(t)
	if row, _ := a.Rules().Category("0603", a.Now()); row.Lead != "执法队" {
		t.Errorf("after a restart %s", row.Lead)
	}
}

func TestClockWatch_JournalsAJumpOfTheWallClock(t *testing.T) {
	d := newSeat(t, 1)
	steady := time.Duration(0)
	d.watch.steady = func() time.Duration { return steady }
	d.Tick()
	step := func(wall, passed time.Duration) {
		steady += passed
		d.clock.set(d.Now().Add(wall))
		d.Tick()
	}
	jumps := func() (n int, last incident.Fact) {
		entries, err := d.store.DeskEntries()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Kind == incident.KindClockJumped {
				n, last = n+1, *e.Fact
			}
		}
		return n, last
	}
	step(time.Second, time.Second)
	step(2*time.Minute, time.Second)
	step(8*time.Hour, 8*time.Hour) // asleep
	if n, _ := jumps(); n != 0 {
		t.Errorf("%d jumps too many", n)
	}
	before := d.Now()
	step(-3*time.Hour, time.Second)
	n, f := jumps()
	if n != 1 || f.HappenedAt != before.Add(time.Second) || f.ReceivedAt != d.Now() {
		t.Errorf("%d jumps, the last from %d to %d", n, f.HappenedAt, f.ReceivedAt)
	}
}

// The county's desk sees its townships apart; a township's desk that gets a case with its history sees it whole.
func TestCounty_TownshipsApart(t *testing.T) {
	rng := rngOf(t)
	town, county := newSeat(t, 1), newCounty(t)
	fact := incident.Fact{Kind: incident.KindSessionOpened, At: county.Now(), Fields: incident.Fields{Text: county.seats.ownName()}}
	if err := county.submit(t.Context(), &job{desk: []incident.Fact{fact}, by: "cc"}, nil); err != nil {
		t.Fatal(err)
	}
	own := county.must(t, report("cop", "JJ20260901900")).Incident
	town.clock.set(county.Now() + 1000)
	id := town.must(t, report("op1", "JJ20260901001")).Incident
	give(t, town, county, rng)
	county.clock.set(town.Now() + 60_000)
	county.must(t, on("cc", incident.Note, id, incident.Fields{Text: "请尽快处置"}))
	only := board.Filter{Towns: []incident.ScopeID{330825111}}
	if s := county.Snapshot(only); s.Len() != 1 || s.Row(0).ID != id || s.Row(0).Town != 330825111 {
		t.Errorf("%d rows of the township", s.Len())
	}
	if c := county.CountersOf(only); c.Unanswered != 1 || c.Open != 1 || c.ReceivedToday != 1 {
		t.Errorf("counters of the township %+v", c)
	}
	if c := county.Counters(); c.Unanswered != 2 || c.ReceivedToday != 2 {
		t.Errorf("counters of all %+v", c)
	}
	if c := county.CountersOf(board.Filter{}); c != county.Counters() {
		t.Errorf("counters without a filter %+v, want %+v", c, county.Counters())
	}
	hits := county.SearchIn(only, "晒谷场", 9)
	if len(hits) != 1 || hits[0].Row.ID != id || len(county.Search("晒谷场", 9)) != 2 {
		t.Errorf("%d hits in the township", len(hits))
	}
	county.Link().Received(330825111, 77)
	towns, err := county.Townships()
	if err != nil || len(towns) != 2 || towns[1].Scope != 330825111 || towns[1].Open != 1 || towns[1].Received != 77 || towns[1].LastEntry != town.Now() {
		t.Errorf("townships %+v, error %v", towns, err)
	}
	// What the county writes about the township's incident belongs to the township; its own stays its own.
	var excerpts []Excerpt
	for _, c := range []struct {
		id    incident.IncidentID
		scope incident.ScopeID
	}{{id, 330825111}, {own, 330825}} {
		f, err := county.file(c.id)
		if err != nil {
			t.Fatal(err)
		}
		e := f.entries[len(f.entries)-1]
		if i := slices.IndexFunc(f.entries, func(e incident.Entry) bool { return e.Actor == "cc" }); i >= 0 {
			e = f.entries[i]
			run, err := county.Link().Range(e.Origin, e.Seq-1, e.Seq, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			excerpts = append(excerpts, Excerpt{Origin: e.Origin, Seq: e.Seq, Before: run.Before, Entry: run.Entries[0]})
		}
		if e.Scope != c.scope {
			t.Errorf("an entry of scope %d, want %d", e.Scope, c.scope)
		}
	}
	if n, err := town.Link().Take(t.Context(), Incoming{Excerpts: excerpts, Feed: "f", Cursor: []byte{9}}); err != nil || n != 1 {
		t.Fatalf("%d entries came, error %v", n, err)
	}
	for range 2 {
		det := detail(t, town, id)
		if n := len(det.State.Log); n != 2 || det.State.Log[1].Actor != "cc" {
			t.Errorf("the township sees %d entries", n)
		}
		if town.Snapshot(board.Filter{}).Len() != 1 {
			t.Error("the township sees another's incident")
		}
		town.again(t)
	}
}

// A desk whose line forked goes on: what it wrote, what the county has, the outbox and a restart all agree.
func TestLink_MoveTailShowsTheCountysVersion(t *testing.T) {
	a, b := newSeat(t, 1), newSeat(t, 2)
	id := a.must(t, report("op1", "JJ20260901001")).Incident
	first, err := a.Link().Enrol(t.Context(), Seat{Desk: [16]byte{5}, Scope: 330825111})
	if err == nil {
		err = a.Link().Acked(first, 1+operators)
	}
	if err != nil {
		t.Fatal(err)
	}
	a.must(t, on("op1", incident.Respond, id, incident.Fields{}))
	before := detail(t, a, id).State
	line, err := a.Link().MoveTail(t.Context(), Fork{Common: 1 + operators, Baton: []byte("x")})
	if err != nil || line != a.Link().Origin() {
		t.Fatal(line, err)
	}
	for range 2 {
		if after := detail(t, a, id).State; !reflect.DeepEqual(after, before) {
			t.Errorf("the incident reads\n%+v, was\n%+v", after, before)
		}
		if p := a.SyncState().Pending; p.Count != 1 {
			t.Errorf("outbox %+v", p)
		}
		a.again(t)
	}
	lines, err := a.Link().Lines()
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, error %v", len(lines), err)
	}
	for _, l := range lines {
		run, err := a.Link().Range(l.Origin, 0, l.Seq, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Link().Take(t.Context(), Incoming{Runs: []journal.Run{run}}); err != nil {
			t.Fatal(err)
		}
	}
	giveKeys(t, a, b)
	b.clock.set(a.Now())
	wantSame(t, a, b)
	if _, err := b.Link().Take(t.Context(), Incoming{Runs: []journal.Run{{Origin: lines[0].Origin, First: 9}}}); !errors.Is(err, ErrGap) {
		t.Errorf("a gap: %v", err)
	}
}
