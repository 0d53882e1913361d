package session

import (
	"slices"
	"testing"

	"zw110/data/incident"
	"zw110/sync/wire"
)

// ticks lets the clocks go on, as they do once a second.
func (w *world) ticks(n int) {
	for range n {
		w.now += 1000
		w.hub.step(Tick{})
		for _, d := range w.desks {
			d.step(Tick{})
		}
		w.settle()
	}
}

// written makes a desk's line of several runs that the hub has, and returns the facts in order.
func (w *world) written(d *deskNode, runs int) (ids []incident.EntryID) {
	for range runs {
		ids = append(ids, w.note(d))
		w.settle()
	}
	return ids
}

func TestHole_IsAskedForAndFilledFromADeskThatHoldsIt(t *testing.T) {
	w := quietWorld(t, townA, townA, townB, county)
	w.online(w.desks...)
	w.written(w.desks[0], 5)
	span := w.hub.store.rot(3)
	w.ticks(12)
	if len(w.hub.store.holes) > 0 {
		t.Fatalf("holes are left: %v", w.hub.store.holes)
	}
	found := slices.ContainsFunc(w.alarms, func(a Alarm) bool { return a.Kind == AlarmHole && a.Line == span.Origin })
	if end := len(w.hub.store.feed); end != 6 || !found {
		t.Errorf("the feed ends at %d, people were told: %v", end, found)
	}
	w.checkEnd()
}

// What the line's own desk has lost, another desk of the township still has; a desk of another township is not asked.
func TestHole_IsFilledByAnotherDeskOfTheTownship(t *testing.T) {
	w := quietWorld(t, townA, townA, townB)
	w.online(w.desks...)
	w.written(w.desks[0], 5)
	w.cutAll()
	w.settle()
	asked := 0
	w.trace = func(_ string, args ...any) {
		if len(args) == 3 {
			if _, ok := messageIn(args).(wire.Want); ok {
				asked++
			}
		}
	}
	w.hub.store.rot(2)
	w.online(w.desks[2])
	w.ticks(12)
	if asked > 0 || len(w.hub.store.holes) != 1 {
		t.Fatalf("another township was asked %d times; holes %v", asked, w.hub.store.holes)
	}
	w.online(w.desks[1])
	w.ticks(1)
	if len(w.hub.store.holes) > 0 {
		t.Errorf("holes are left: %v", w.hub.store.holes)
	}
	w.online(w.desks[0])
	w.checkEnd()
}

// A new desk gets all other lines, and what lies behind the hole as excerpts; once the hole is filled, the line whole. Its connection
// stands all the time.
func TestHole_TheRestIsServedMeanwhile(t *testing.T) {
	w := quietWorld(t, townA, townA, townA)
	writer, other, fresh := w.desks[0], w.desks[1], w.desks[2]
	w.online(writer, other)
	before := w.written(writer, 2)
	lost := w.written(writer, 1)
	after := w.written(writer, 2)
	theirs := w.written(other, 3)
	w.cutAll()
	w.settle()
	w.hub.store.rot(3)
	w.online(fresh)
	link := fresh.link
	for _, id := range slices.Concat(before, after, theirs) {
		if !fresh.has(id) {
			t.Errorf("the new desk lacks %x, which can be read", id[:4])
		}
	}
	if fresh.has(lost[0]) || fresh.store.lines[writer.store.cur].head() != 2 {
		t.Fatalf("the new desk holds %d entries of the line", fresh.store.lines[writer.store.cur].head())
	}
	w.ticks(60) // beats ask for no comparison while it can't have all
	if fresh.core.vectors != 1 || fresh.link != link {
		t.Fatalf("it compared %d times; its connection stands: %v", fresh.core.vectors, fresh.link == link)
	}
	w.online(other) // which has it
	w.ticks(1)
	if len(w.hub.store.holes) > 0 {
		t.Fatalf("holes are left: %v", w.hub.store.holes)
	}
	if got := fresh.store.lines[writer.store.cur].head(); got != 5 || fresh.link != link {
		t.Errorf("the new desk holds %d of 5 once the hole is filled; its connection stands: %v", got, fresh.link == link)
	}
	w.online(writer)
	w.checkEnd()
}

// News that a desk writes while its own line has a hole reach others at once.
func TestHole_NewsBehindItReachADeskThatLacksIt(t *testing.T) {
	w := quietWorld(t, townA, townA)
	writer, fresh := w.desks[0], w.desks[1]
	w.online(writer)
	w.written(writer, 3)
	w.cutAll()
	w.settle()
	w.hub.store.rot(2)
	ids := w.written(writer, 2)
	// A line whose hole nobody can fill: the only desk that has it gives something else.
	line := writer.store.lines[writer.store.cur]
	saved := line.entries
	w.online(fresh)
	line.entries = slices.Clone(saved)
	line.entries[1] = line.entries[0]
	w.online(writer)
	w.ticks(12)
	if len(w.hub.store.holes) != 1 || !fresh.has(ids[0]) || !fresh.has(ids[1]) {
		t.Errorf("holes %v; the news are there: %v, %v", w.hub.store.holes, fresh.has(ids[0]), fresh.has(ids[1]))
	}
	line.entries = saved
	w.cutAll()
	w.settle()
	w.online(fresh, writer) // whose cursor is good: that it lacks something, the beats tell
	w.ticks(45)
	w.checkEnd()
}

// A hole inside which a desk's copy of the line ends is no second version of it.
func TestHole_ADeskThatEndsInsideItKeepsItsVersion(t *testing.T) {
	w := quietWorld(t, townA, townA)
	writer, reader := w.desks[0], w.desks[1]
	for range 4 {
		w.note(writer)
	}
	w.online(writer, reader)
	w.cutAll()
	w.settle()
	reader.store.lines[writer.store.cur] = reader.store.lines[writer.store.cur].upTo(2)
	reader.store.cursor = nil
	w.hub.store.rot(1)
	w.online(reader)
	if len(reader.store.plain) > 0 {
		t.Fatal("the reader's copy was made a branch")
	}
	w.online(writer)
	w.ticks(12)
	if got := reader.store.lines[writer.store.cur].head(); len(w.hub.store.holes) > 0 || got != 4 {
		t.Errorf("holes %v, the reader holds %d of 4", w.hub.store.holes, got)
	}
	w.checkEnd()
}

// What fills a hole must be what the hub once took.
func TestHole_IsNotFilledWithSomethingElse(t *testing.T) {
	w := quietWorld(t, townA, townA)
	w.online(w.desks...)
	w.written(w.desks[0], 3)
	w.hub.store.rot(2)
	w.now += holesEvery
	for _, d := range w.desks {
		l := d.store.lines[w.desks[0].store.cur]
		l.entries = slices.Clone(l.entries)
		l.entries[1] = slices.Clone(l.entries[1])
		l.entries[1][len(l.entries[1])-1] ^= 1
	}
	w.ticks(1)
	if len(w.hub.store.holes) != 1 || len(w.hub.store.feed) != 3 {
		t.Errorf("holes %v, %d records", w.hub.store.holes, len(w.hub.store.feed))
	}
	if w.desks[0].link == nil || w.desks[1].link == nil {
		t.Error("a connection was ended for it")
	}
}
