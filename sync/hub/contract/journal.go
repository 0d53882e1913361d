package contract

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Hub is a store under test.
type Hub interface {
	session.Journal
	session.Registry
	session.Blobs
	Close() error
}

// Place is where a store lives: each Open continues what the one before left. County is a county that is empty at the first Open,
// Prefix stands before every key of the registry.
type Place interface {
	Open() (Hub, error)
	County() incident.ScopeID
	Prefix() string
}

// Machine runs the state machine on a fresh place each time; how often is the caller's -rapid.checks.
func Machine(t *testing.T, fresh func(t *rapid.T) (place Place, end func())) {
	rapid.Check(t, func(t *rapid.T) {
		place, end := fresh(t)
		defer end()
		hub, err := place.Open()
		if err != nil {
			t.Fatal(err)
		}
		m := newMachine(t, place, hub)
		defer func() { noError(t, m.hub.Close()) }()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		m.ctx = ctx
		t.Repeat(map[string]func(*rapid.T){
			"append":   m.append,
			"batch":    m.batch,
			"root":     m.root,
			"replay":   m.replay,
			"gap":      m.gap,
			"fork":     m.fork,
			"overlap":  m.overlap,
			"race":     m.race,
			"feed":     m.feed,
			"range":    m.rangeOf,
			"hashAt":   m.hashAt,
			"incident": m.incident,
			"heads":    m.heads,
			"checkAt":  m.checkAt,
			"bell":     m.bell,
			"registry": m.registry.change,
			"blob":     m.blobs.step,
			"restart":  m.restart,
			"":         m.end,
		})
	})
}

type machine struct {
	ctx      context.Context
	place    Place
	hub      Hub
	county   incident.ScopeID
	lines    []*Line
	model    *model
	branches int
	moved    int // numbers the old chains
	registry *registry
	blobs    *blobs
}

func newMachine(t *rapid.T, place Place, hub Hub) *machine {
	m := &machine{place: place, hub: hub, county: place.County(), model: newModel()}
	for i := range 4 {
		scope := TownA
		if i == 3 {
			scope = TownB
		}
		l, err := NewLine(byte(1+i/2), byte(i%2), scope)
		noError(t, err)
		m.lines = append(m.lines, l)
	}
	m.registry = &registry{m: m, values: map[string]value{}}
	m.blobs = newBlobs(t, m)
	return m
}

func noError(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func (m *machine) line(t *rapid.T) *Line {
	return m.lines[rapid.IntRange(0, len(m.lines)-1).Draw(t, "line")]
}

func (m *machine) entries(t *rapid.T) []Entry {
	entries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Entry {
		return Entry{
			Incident: rapid.IntRange(-1, 5).Draw(t, "incident"),
			Scope:    rapid.SampledFrom([]incident.ScopeID{TownA, TownA, TownB, County}).Draw(t, "scope"),
			Text:     rapid.StringN(0, 40, 200).Draw(t, "text"),
			Moved:    rapid.IntRange(0, 3).Draw(t, "moved") == 0,
		}
	}), 1, 12).Draw(t, "entries")
	for i := range entries {
		if m.moved++; entries[i].Moved && (i == 0 || !entries[i-1].Moved || rapid.IntRange(0, 2).Draw(t, "other chain") == 0) {
			entries[i].OldBefore = journal.Hash{byte(m.moved), byte(m.moved >> 8), 0xaa}
		}
	}
	return entries
}

func (m *machine) run(t *rapid.T, l *Line) session.HubRun {
	run, err := l.Run(m.entries(t)...)
	noError(t, err)
	run.Flags = rapid.SampledFrom([]uint8{0, 0, wire.FlagClockAhead, wire.FlagHeld}).Draw(t, "flags")
	if rapid.IntRange(0, 5).Draw(t, "unsealed") == 0 {
		run.Run.Seal = nil
	}
	return run
}

// took checks the answer for a run that had to be taken, and takes it into the model.
func (m *machine) took(t *rapid.T, l *Line, run session.HubRun, stamp wire.Stamp, err error) {
	noError(t, err)
	if last := m.lastPos(); stamp.Pos <= last || stamp.Flags != run.Flags || stamp.ReceivedAt == 0 {
		t.Fatalf("stamp %+v after position %d, flags %d", stamp, last, run.Flags)
	}
	m.model.add(run, stamp)
	l.Stored(run)
}

func (m *machine) lastPos() uint64 {
	if n := len(m.model.records); n > 0 {
		return m.model.records[n-1].Stamp.Pos
	}
	return 0
}

func (m *machine) put(runs ...session.HubRun) ([]wire.Stamp, []error) {
	return m.hub.Append(m.ctx, m.county, runs)
}

func (m *machine) append(t *rapid.T) {
	l := m.line(t)
	run := m.run(t, l)
	stamps, errs := m.put(run)
	m.took(t, l, run, stamps[0], errs[0])
}

// batch appends runs of several lines in one call, some lines twice, one of them with a gap.
func (m *machine) batch(t *rapid.T) {
	n := rapid.IntRange(2, 5).Draw(t, "runs")
	type part struct {
		line *Line
		run  session.HubRun
	}
	var parts []part
	var runs []session.HubRun
	ahead := map[*Line]*Line{}
	for range n {
		l := m.line(t)
		if ahead[l] == nil {
			at := *l
			ahead[l] = &at
		}
		run := m.run(t, ahead[l])
		ahead[l].Stored(run)
		parts, runs = append(parts, part{l, run}), append(runs, run)
	}
	bad := rapid.IntRange(0, n).Draw(t, "without")
	if bad < n {
		l := parts[bad].line
		first, err := l.after(ahead[l].Seq+7, journal.Hash{1}, []Entry{{Incident: 1, Scope: TownA}})
		noError(t, err)
		runs = append(runs, first)
	}
	stamps, errs := m.put(runs...)
	if len(stamps) != len(runs) || len(errs) != len(runs) {
		t.Fatalf("%d stamps and %d errors for %d runs", len(stamps), len(errs), len(runs))
	}
	// Runs of one line are in order; those of several may come in any order of positions.
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(stamps[a].Pos) - int(stamps[b].Pos) })
	for _, i := range order {
		m.took(t, parts[i].line, parts[i].run, stamps[i], errs[i])
	}
	if bad < n {
		m.wantGap(t, runs[n], errs[n])
	}
}

// root begins a branch in the middle.
func (m *machine) root(t *rapid.T) {
	if m.branches >= 2 {
		t.Skip("enough branches")
	}
	l, err := NewLine(9, byte(m.branches), TownB)
	noError(t, err)
	m.branches++
	l.Seq, l.Hash = rapid.Uint64Range(0, 9).Draw(t, "after"), journal.Hash{7}
	run := m.run(t, l)
	if _, errs := m.put(run); l.Seq > 0 {
		m.wantGap(t, run, errs[0])
	} else if !errors.Is(errs[0], session.ErrFork) {
		t.Fatalf("a branch that does not say so: %v", errs[0])
	}
	run.Root = true
	stamps, errs := m.put(run)
	m.took(t, l, run, stamps[0], errs[0])
	m.lines = append(m.lines, l)
}

func (m *machine) written(t *rapid.T) (*Line, *modelLine) {
	l := m.line(t)
	ml := m.model.lines[l.Origin]
	if ml == nil {
		t.Skip("nothing written")
	}
	return l, ml
}

// part cuts any piece out of what a line has written.
func (m *machine) part(t *rapid.T, l *Line, ml *modelLine) session.HubRun {
	from := rapid.IntRange(0, len(ml.entries)-1).Draw(t, "from")
	to := rapid.IntRange(from, min(len(ml.entries)-1, from+20)).Draw(t, "to")
	run := session.HubRun{Run: journal.Run{Origin: l.Origin, First: ml.base + uint64(from) + 1, Before: ml.before}, Scope: l.Scope}
	if from > 0 {
		run.Run.Before = ml.hashes[from-1]
	}
	if ml.items[from].Before != run.Run.Before {
		run.Run.OldBefore = ml.items[from].Before
	}
	run.Run.Entries = slices.Clone(ml.entries[from : to+1])
	run.Items = slices.Clone(ml.items[from : to+1])
	run.Last = ml.hashes[to]
	run.Run.Seal = seal(run.Last)
	return run
}

func (m *machine) replay(t *rapid.T) {
	l, ml := m.written(t)
	run := m.part(t, l, ml)
	stamps, errs := m.put(run)
	noError(t, errs[0])
	if want := ml.at(run.Run.Last()); stamps[0] != want {
		t.Fatalf("replay of %d to %d: stamp %+v, was %+v", run.Run.First, run.Run.Last(), stamps[0], want)
	}
}

func (m *machine) wantGap(t *rapid.T, run session.HubRun, err error) {
	var gap *session.GapError
	if !errors.As(err, &gap) || gap.Head != m.model.head(run.Run.Origin) {
		t.Fatalf("run from %d: error %v, want a gap at %+v", run.Run.First, err, m.model.head(run.Run.Origin))
	}
}

func (m *machine) gap(t *rapid.T) {
	l := m.line(t)
	run, err := l.after(l.Seq+rapid.Uint64Range(1, 50).Draw(t, "beyond"), l.Hash, m.entries(t))
	noError(t, err)
	_, errs := m.put(run)
	m.wantGap(t, run, errs[0])
}

// fork gives an entry that is stored another content, or goes on after another hash.
func (m *machine) fork(t *rapid.T) {
	l, ml := m.written(t)
	i := rapid.IntRange(0, len(ml.entries)).Draw(t, "place")
	hash := ml.before
	if i > 0 {
		hash = ml.hashes[i-1]
	}
	if i == len(ml.entries) {
		hash[3] ^= 1
	}
	run, err := l.after(ml.base+uint64(i), hash, append(m.entries(t), Entry{Incident: 2, Scope: TownA, Text: "another past"}))
	noError(t, err)
	if i < len(ml.entries) && string(run.Run.Entries[0]) == string(ml.entries[i]) {
		t.Skip("the same by chance")
	}
	if _, errs := m.put(run); !errors.Is(errs[0], session.ErrFork) {
		t.Fatalf("fork at %d of %d: %v", ml.base+uint64(i)+1, l.Seq, errs[0])
	}
}

// overlap begins in what is stored and goes beyond it.
func (m *machine) overlap(t *rapid.T) {
	l, ml := m.written(t)
	back := rapid.IntRange(1, min(6, len(ml.entries))).Draw(t, "back")
	next := m.run(t, l)
	run := next
	run.Run.First -= uint64(back)
	n := len(ml.entries) - back
	run.Run.Before = ml.before
	if n > 0 {
		run.Run.Before = ml.hashes[n-1]
	}
	run.Run.Entries = slices.Concat(ml.entries[n:], next.Run.Entries)
	run.Items = slices.Concat(ml.items[n:], next.Items)
	_, errs := m.put(run)
	m.wantGap(t, run, errs[0])
}

// race lets writers append at once: the same run twice, two runs that exclude each other, and one of another line.
func (m *machine) race(t *rapid.T) {
	l, other := m.lines[0], m.lines[1]
	one, third := m.run(t, l), m.run(t, other)
	two, err := l.Run(append([]Entry{{Incident: 1, Scope: TownA, Text: "what the other copy of this desk has to say instead"}}, m.entries(t)...)...)
	noError(t, err)
	runs := []session.HubRun{one, one, two, third}
	stamps, errs := make([]wire.Stamp, len(runs)), make([]error, len(runs))
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() {
			s, e := m.put(runs[i])
			stamps[i], errs[i] = s[0], e[0]
		})
	}
	wg.Wait()
	won, lost := 0, 2
	if errs[0] != nil {
		won, lost = 2, 0
	}
	if won == 0 && (errs[1] != nil || stamps[0] != stamps[1]) || !errors.Is(errs[lost], session.ErrFork) {
		t.Fatalf("writers at once: %v, %v", stamps, errs)
	}
	if stamps[won].Pos < stamps[3].Pos {
		m.took(t, l, runs[won], stamps[won], errs[won])
		m.took(t, other, third, stamps[3], errs[3])
		return
	}
	m.took(t, other, third, stamps[3], errs[3])
	m.took(t, l, runs[won], stamps[won], errs[won])
}

func (m *machine) feed(t *rapid.T) {
	after := rapid.Uint64Range(0, m.lastPos()+2).Draw(t, "after")
	limit := rapid.IntRange(1, 8).Draw(t, "limit")
	want := slices.DeleteFunc(slices.Clone(m.model.records), func(r session.HubRecord) bool { return r.Stamp.Pos <= after })
	more := len(want) > limit
	want = want[:min(limit, len(want))]
	got, to, err := m.hub.Feed(m.ctx, m.county, after, limit)
	noError(t, err)
	if len(got) != len(want) {
		t.Fatalf("feed after %d: %d records, want %d", after, len(got), len(want))
	}
	for i := range got {
		sameRecord(t, got[i], want[i])
	}
	switch last := m.lastPos(); {
	case more && to != want[limit-1].Stamp.Pos:
		t.Fatalf("feed after %d read up to %d, its last record is at %d", after, to, want[limit-1].Stamp.Pos)
	case !more && to < max(after, last):
		t.Fatalf("feed after %d read up to %d of %d", after, to, last)
	}
}

func sameRecord(t *rapid.T, got, want session.HubRecord) {
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("record %d\n is %+v\nnot %+v", want.Stamp.Pos, got, want)
	}
}

func (m *machine) rangeOf(t *rapid.T) {
	l, ml := m.written(t)
	from := ml.base + 1 + uint64(rapid.IntRange(0, len(ml.entries)-1).Draw(t, "from"))
	to := from + rapid.Uint64Range(0, 30).Draw(t, "more")
	bytes := rapid.IntRange(1, 3000).Draw(t, "bytes")
	ask := from
	if from == ml.base+1 && from > 1 { // before a branch there is nothing, so its range begins where it does
		ask = rapid.Uint64Range(1, from).Draw(t, "ask")
	}
	got, err := m.hub.Range(m.ctx, m.county, l.Origin, ask, to, bytes)
	noError(t, err)
	if want := ml.rangeOf(l.Origin, from, to, bytes, m.model); !reflect.DeepEqual(got, want) {
		t.Fatalf("range %d to %d in %d bytes\n is %+v\nnot %+v", from, to, bytes, got, want)
	}
	if _, err := m.hub.Range(m.ctx, m.county, l.Origin, l.Seq+1, l.Seq+5, bytes); !errors.Is(err, session.ErrNotFound) {
		t.Fatalf("range beyond the head: %v", err)
	}
}

func (m *machine) hashAt(t *rapid.T) {
	l, ml := m.written(t)
	seq := ml.base + rapid.Uint64Range(0, uint64(len(ml.entries))+3).Draw(t, "entry")
	got, err := m.hub.HashAt(m.ctx, m.county, l.Origin, seq)
	if seq > l.Seq {
		if !errors.Is(err, session.ErrNotFound) {
			t.Fatalf("hash beyond the head: %x, %v", got, err)
		}
		return
	}
	noError(t, err)
	want := ml.before
	if seq > ml.base {
		want = ml.hashes[seq-ml.base-1]
	}
	if got != want {
		t.Fatalf("hash at %d is %x, not %x", seq, got, want)
	}
}

func (m *machine) incident(t *rapid.T) {
	shared := map[incident.ScopeID][]incident.IncidentID{}
	for n := range 7 {
		id := IncidentNo(n)
		entries, parties := m.model.incident(id)
		got, err := m.hub.Incident(m.ctx, m.county, id)
		noError(t, err)
		if !slices.EqualFunc(got, entries, func(a, b wire.Excerpt) bool { return reflect.DeepEqual(a, b) }) {
			t.Fatalf("incident %d\n is %+v\nnot %+v", n, got, entries)
		}
		concerned, err := m.hub.Parties(m.ctx, m.county, id)
		noError(t, err)
		if !slices.Equal(concerned, parties) {
			t.Fatalf("incident %d concerns %v, not %v", n, concerned, parties)
		}
		for _, p := range parties {
			if len(parties) > 1 {
				shared[p] = append(shared[p], id)
			}
		}
	}
	for _, p := range []incident.ScopeID{TownA, TownB, County} {
		got, err := m.hub.Shared(m.ctx, m.county, p)
		noError(t, err)
		if !slices.Equal(got, shared[p]) {
			t.Fatalf("%d shares %v, not %v", p, got, shared[p])
		}
	}
}

func (m *machine) heads(t *rapid.T) {
	got, err := m.hub.Heads(m.ctx, m.county)
	noError(t, err)
	if len(got) != len(m.model.lines) {
		t.Fatalf("%d heads, want %d", len(got), len(m.model.lines))
	}
	for i, h := range got {
		l := m.model.lines[h.Origin]
		want := session.HubHead{Head: m.model.head(h.Origin), Scope: l.scope, Seal: l.seal}
		want.LastHLC = incident.HLC(want.Seq) << 16
		one, err := m.hub.Head(m.ctx, m.county, h.Origin)
		noError(t, err)
		if !reflect.DeepEqual(h, want) || !reflect.DeepEqual(one, want) || i > 0 && slices.Compare(got[i-1].Origin[:], h.Origin[:]) >= 0 {
			t.Fatalf("head is %+v and %+v, not %+v", h, one, want)
		}
	}
	none, err := m.hub.Head(m.ctx, m.county, incident.Origin{0xee})
	noError(t, err)
	if none.Seq != 0 || none.Origin != (incident.Origin{0xee}) {
		t.Fatalf("head of nobody is %+v", none)
	}
}

func (m *machine) checkAt(t *rapid.T) {
	pos := rapid.Uint64Range(0, m.lastPos()).Draw(t, "position")
	want := [8]byte{}
	for _, r := range m.model.records {
		if r.Stamp.Pos <= pos {
			want = r.Check
		}
	}
	got, err := m.hub.CheckAt(m.ctx, m.county, pos)
	noError(t, err)
	if got != want {
		t.Fatalf("check at %d is %x, not %x", pos, got, want)
	}
	if got, err := m.hub.CheckAt(m.ctx, m.county, m.lastPos()+1000); !errors.Is(err, session.ErrNotFound) {
		t.Fatalf("check beyond the end: %x, %v", got, err)
	}
}

// bell waits for a ring after an append, reading as a session does until it has what it waits for.
func (m *machine) bell(t *rapid.T) {
	ctx, cancel := context.WithCancel(m.ctx)
	bell := m.hub.Bell(ctx, m.county)
	m.append(t)
	for after := m.lastPos() - 1; ; {
		_, to, err := m.hub.Feed(m.ctx, m.county, after, 1)
		noError(t, err)
		if to >= m.lastPos() {
			break
		}
		if _, open := <-bell; !open {
			t.Fatal("the bell was taken down")
		}
	}
	cancel()
	for range bell { // ends, for it is closed
		continue
	}
}

func (m *machine) restart(t *rapid.T) {
	noError(t, m.hub.Close())
	hub, err := m.place.Open()
	noError(t, err)
	m.hub = hub
}

// end holds after every step.
func (m *machine) end(t *rapid.T) {
	pos, check, err := m.hub.End(m.ctx, m.county)
	noError(t, err)
	want := [8]byte{}
	if n := len(m.model.records); n > 0 {
		want = m.model.records[n-1].Check
	}
	if pos < m.lastPos() || check != want {
		t.Fatalf("end is %d with %x, not %d with %x", pos, check, m.lastPos(), want)
	}
}
