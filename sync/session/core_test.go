package session

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// quietWorld is a world in which nothing happens but what a test does.
func quietWorld(t *testing.T, scopes ...incident.ScopeID) *world {
	w := newWorld(rand.New(rand.NewPCG(1, 3)), scopes...)
	w.quiet = true
	t.Cleanup(func() {
		for _, p := range w.problems {
			t.Error(p)
		}
	})
	return w
}

// settle lets everything happen that follows from what was done, without ticks.
func (w *world) settle() { w.run(forever) }

func (w *world) note(d *deskNode) incident.EntryID {
	before := len(d.store.lines[d.store.cur].items)
	w.write(d, d.scope, w.incidentFor(d.scope), incident.KindNoted)
	return d.store.lines[d.store.cur].items[before].ID
}

func (d *deskNode) has(id incident.EntryID) bool {
	_, excerpt := d.store.excerpts[id]
	return excerpt || allIDs(d.store.lines, everything)[id]
}

// online connects desks and lets them settle.
func (w *world) online(desks ...*deskNode) {
	for _, d := range desks {
		d.connect()
		w.settle()
	}
}

// messageIn finds the message that a world tells about.
func messageIn(args []any) wire.Message {
	if t, ok := args[2].(told); ok {
		return t.Message
	}
	return nil
}

func TestSession_EntryReachesTheDesksOfItsScopeAlone(t *testing.T) {
	w := quietWorld(t, townA, townA, townB, county)
	w.online(w.desks...)
	id := w.note(w.desks[0])
	w.settle()
	for i, want := range []bool{true, true, false, true} {
		if w.desks[i].has(id) != want {
			t.Errorf("desk %d has it: %v, want %v", i, !want, want)
		}
	}
	if acked := w.desks[0].store.acked[w.desks[0].store.cur]; acked != 1 {
		t.Errorf("acknowledged up to %d", acked)
	}
}

func TestSession_IncidentThatComesToConcernATownArrivesWhole(t *testing.T) {
	w := quietWorld(t, townA, townB, county)
	w.online(w.desks...)
	about := w.incidentFor(townA)
	w.write(w.desks[0], townA, about, incident.KindRegistered)
	w.settle()
	if len(w.desks[1].store.excerpts) != 0 {
		t.Fatal("another township reads what does not concern it")
	}
	w.write(w.desks[2], townB, about, incident.KindNoted)
	w.settle()
	if n := len(w.desks[1].store.excerpts); n != 2 {
		t.Errorf("%d excerpts of 2", n)
	}
	if n := len(w.desks[0].store.excerpts); n != 1 {
		t.Errorf("the first township has %d excerpts of what the county wrote, want 1", n)
	}
}

func TestSession_CopyIsHeldAndHiddenUntilTheCountyReleasesIt(t *testing.T) {
	w := quietWorld(t, townA, townA)
	w.online(w.desks[0])
	w.cutAll()
	w.settle()
	copied := w.desks[0].clone()
	w.online(w.desks[0], w.desks[1]) // the baton moves on
	w.note(w.desks[1])
	w.settle()
	w.online(copied)
	if w.stale != 1 || copied.store.cur == w.desks[0].store.cur {
		t.Fatalf("%d lines are stale, and the copy writes %x", w.stale, copied.store.cur)
	}
	good, line := w.desks[0], w.desks[0].store.cur
	w.cutAll()
	w.settle()
	w.online(w.desks[0], w.desks[1], copied)
	if w.stale != 1 || good.store.cur != line || slices.ContainsFunc(w.alarms, func(a Alarm) bool { return a.Kind == AlarmRewound }) {
		t.Fatalf("the copy touched the good desk's baton: %d lines are stale, alarms %v", w.stale, w.alarms)
	}
	id := w.note(copied)
	w.settle()
	if copied.store.acked[copied.store.cur] != 1 || w.desks[1].has(id) {
		t.Fatalf("acknowledged up to %d, shown to others: %v", copied.store.acked[copied.store.cur], w.desks[1].has(id))
	}
	if flags := w.hub.store.feed[len(w.hub.store.feed)-1].Stamp.Flags; flags&wire.FlagHeld == 0 {
		t.Errorf("stamped with flags %b", flags)
	}
	w.releaseAll()
	w.settle()
	w.online(w.desks[1], copied)
	if !w.desks[1].has(id) {
		t.Error("hidden after the release")
	}
}

func TestSession_RevokedDeskIsTurnedAwayAndKeepsEverything(t *testing.T) {
	w := quietWorld(t, townA)
	d := w.desks[0]
	w.online(d)
	w.hub.step(Revoked{Desk: d.store.id})
	w.settle()
	if d.link != nil {
		t.Fatal("still connected")
	}
	w.problems = nil // the desk raised its alarm, as it should
	id := w.note(d)
	w.online(d)
	if !slices.ContainsFunc(w.alarms, func(a Alarm) bool { return a.Kind == AlarmUnknown }) || !d.has(id) || d.link != nil {
		t.Errorf("alarms %v, entry here %v", w.alarms, d.has(id))
	}
	if w.hub.store.readable()[id] {
		t.Error("the hub took an entry of a revoked desk")
	}
	w.problems = nil
}

func TestSession_DeskThatIsTooOldPushesAndReadsNothing(t *testing.T) {
	w := quietWorld(t, townA, townA)
	w.hub.core.p.PushOnly = func(h wire.Hello) bool { return h.Desk == w.desks[1].store.id }
	w.online(w.desks...)
	k := wire.KeyItem{ID: incident.KeyID{1}, Scope: townA, Key: make([]byte, 32)}
	w.desks[1].store.addKey(k)
	old, other := w.note(w.desks[1]), w.note(w.desks[0])
	w.settle()
	if !w.desks[0].has(old) || w.desks[1].has(other) {
		t.Errorf("its entry is seen: %v; it sees the other's: %v", w.desks[0].has(old), w.desks[1].has(other))
	}
	if _, ok := w.desks[0].store.keyAt[k.ID]; !ok {
		t.Error("its key is not passed on")
	}
}

func TestSession_BeatsEvery20SecondsAndIsDeadAfter45(t *testing.T) {
	w := quietWorld(t, townA)
	d := w.desks[0]
	w.online(d)
	link := d.link
	beats := 0
	w.trace = func(_ string, args ...any) {
		if len(args) > 2 {
			if name, ok := messageIn(args).(wire.Beat); ok && name.Time > 0 {
				beats++
			}
		}
	}
	for range 65 {
		w.now += 1000
		d.step(Tick{})
		w.hub.step(Tick{})
		w.settle()
	}
	if beats < 5 || beats > 7 || d.link != link {
		t.Errorf("%d beats of both in 65 seconds", beats)
	}
	link.cut = true
	for range 46 {
		w.now += 1000
		d.step(Tick{})
		w.hub.step(Tick{})
	}
	w.settle()
	if d.link != nil || len(w.hub.links) != 0 {
		t.Error("silence is not noticed")
	}
}

func TestHub_SixteenCatchUpAtOnceTheOthersWaitAndPush(t *testing.T) {
	scopes := slices.Repeat([]incident.ScopeID{townA}, catchUps+3)
	w := quietWorld(t, scopes...)
	first := w.desks[0]
	w.online(first)
	id := w.note(first)
	w.settle()
	var busy int
	w.trace = func(_ string, args ...any) {
		if len(args) > 2 {
			if n, ok := messageIn(args).(wire.Notice); ok && n.Code == wire.NoticeBusy {
				busy++
			}
		}
	}
	for _, d := range w.desks[1:] {
		d.connect()
	}
	w.settle()
	if busy == 0 {
		t.Error("nobody was told to wait")
	}
	for _, d := range w.desks {
		if !d.has(id) {
			t.Errorf("%s never got its turn", d.name)
		}
	}
}

func TestHub_NewDeskIsFilledWithOpenIncidentsFirst(t *testing.T) {
	w := quietWorld(t, townA, townA)
	w.online(w.desks[0])
	var ids []incident.IncidentID
	for range 3 {
		id := incident.IncidentID(w.randomID())
		ids = append(ids, id)
		w.write(w.desks[0], townA, id, incident.KindRegistered)
	}
	w.settle()
	w.hub.core.p.First = func(_ context.Context, _ incident.ScopeID, pass uint8) ([]incident.IncidentID, error) {
		return ids[2*(pass-1) : 2*pass-1], nil
	}
	var passes []uint8
	w.trace = func(_ string, args ...any) {
		if len(args) > 2 {
			if f, ok := messageIn(args).(wire.Feed); ok {
				passes = append(passes, f.Pass)
			}
		}
	}
	w.online(w.desks[1])
	if !slices.Equal(passes, []uint8{1, 2, 0}) {
		t.Errorf("passes %v", passes)
	}
	w.checkEnd()
}

func TestHub_SameLineAgainEndsTheOlderConnection(t *testing.T) {
	w := quietWorld(t, townA)
	d := w.desks[0]
	w.online(d)
	old := d.link
	d.core, d.link = nil, nil // its process ended unseen
	w.online(d)
	if !old.hubGone || d.link == nil || d.link == old {
		t.Error("both connections stand")
	}
}

func TestSession_PresenceIsPassedOnInTheScopeAlone(t *testing.T) {
	w := quietWorld(t, townA, townA, townB, county)
	w.online(w.desks...)
	seen := map[string]bool{}
	for _, d := range w.desks {
		d.core.p.App = d.name
	}
	w.trace = func(_ string, args ...any) {
		if len(args) > 2 && args[1] == false {
			if _, ok := messageIn(args).(wire.Presence); ok {
				seen[w.hub.link(args[0].(ConnID)).desk.name] = true
			}
		}
	}
	w.evil(w.desks[0], wire.Presence{Scope: townA, Desk: w.desks[0].store.id, Login: "op1"})
	if len(seen) != 2 || !seen[w.desks[1].name] || !seen[w.desks[3].name] {
		t.Errorf("seen by %v", seen)
	}
	w.evil(w.desks[0], wire.Presence{Scope: townB, Desk: w.desks[0].store.id, Login: "op1"})
	if w.desks[0].link != nil {
		t.Error("a desk says who is in another township")
	}
}

// photo makes an attachment of two chunks.
func photo(w *world) (manifest []byte, chunks map[uint32][]byte, err error) {
	chunks = map[uint32][]byte{0: make([]byte, wire.BlobChunkSize), 1: {1, 2, 3}}
	r := w.random()
	copy(chunks[0], r[:])
	m := wire.Manifest{Version: 1, Size: wire.BlobChunkSize + 3, Mime: "image/jpeg", ChunkSize: wire.BlobChunkSize}
	for i := range uint32(2) {
		m.Chunks = append(m.Chunks, sha256.Sum256(chunks[i]))
	}
	manifest, err = cbor.Marshal(m)
	return manifest, chunks, err
}

func TestSession_PhotoTravelsBehindItsEntryAndGoesOnAfterACut(t *testing.T) {
	w := quietWorld(t, townA, townA, townB)
	manifest, chunks, err := photo(w)
	if err != nil {
		t.Fatal(err)
	}
	id := w.desks[0].store.addBlob(manifest, chunks)
	w.online(w.desks[0])
	tick := func() {
		for range 8 {
			w.now += 1000
			for _, d := range w.desks {
				d.step(Tick{})
			}
			w.settle()
		}
	}
	if tick(); w.hub.store.blobs[id] != nil {
		t.Fatal("the hub took a photo that no entry names")
	}
	fact := &incident.Fact{Kind: incident.KindNoted, At: w.now, Fields: incident.Fields{Blobs: [][]byte{id[:]}}}
	payload, err := w.entries.EncodeFact(fact)
	if err != nil {
		t.Fatal(err)
	}
	r := journal.Record{Scope: townA, Incident: incident.IncidentID(w.randomID()), Kind: fact.Kind, Ver: 1, Payload: payload}
	entry, err := w.desks[0].store.write(r, w.now)
	if err != nil {
		t.Fatal(err)
	}
	w.facts[entry] = w.now
	w.desks[0].step(Stirred{})
	w.settle()
	w.budget = 3 // the offer, the need, the first chunk
	tick()
	w.budget = 0
	w.settle()
	if b := w.hub.store.blobs[id]; b == nil || b.whole {
		t.Fatal("the cut came at the wrong place for this test")
	}
	w.online(w.desks...)
	w.desks[0].step(Stirred{})
	tick()
	if !w.hub.store.blobs[id].whole || !w.desks[0].store.sent[id] {
		t.Error("the photo did not arrive")
	}
	for _, d := range w.desks[1:] {
		d.store.wanted[id] = true
		d.step(Stirred{})
	}
	tick()
	if b := w.desks[1].store.blobs[id]; b == nil || !b.whole || string(b.chunks[0]) != string(chunks[0]) {
		t.Error("the other desk of the township has no photo")
	}
	if w.desks[2].store.blobs[id] != nil {
		t.Error("another township has the photo")
	}
}

func TestHub_StoreThatFailsLosesNothingAndIsTriedAgain(t *testing.T) {
	w := quietWorld(t, townA)
	d := w.desks[0]
	w.online(d)
	w.hub.store.full = true
	id := w.note(d)
	w.settle()
	if len(w.hub.store.feed) != 0 || d.store.acked[d.store.cur] != 0 {
		t.Fatal("acknowledged what is not stored")
	}
	w.hub.store.full = false
	w.now += retryAfter
	d.step(Tick{})
	w.settle()
	if !w.hub.store.readable()[id] || d.store.acked[d.store.cur] != 1 {
		t.Error("not tried again")
	}
}

func TestDesk_DoesNotFollowAHubThatIsNotItsOwn(t *testing.T) {
	w := quietWorld(t, townA)
	id := w.note(w.desks[0])
	stranger := newWorld(rand.New(rand.NewPCG(9, 9)))
	w.hub.key = stranger.hub.key // what the desk pins
	w.desks[0].connect()
	w.hub.core.p.Key = w.desks[0].store.key // what the stranger signs with
	w.settle()
	if w.desks[0].link != nil || w.hub.store.readable()[id] {
		t.Error("a stranger got the journal")
	}
	if !slices.ContainsFunc(w.alarms, func(a Alarm) bool { return a.Kind == AlarmStranger }) {
		t.Errorf("alarms %v", w.alarms)
	}
	w.problems = nil
}

func TestSession_ErasedKeyGoesEverywhereAndNeverComesBack(t *testing.T) {
	w := quietWorld(t, townA, townA)
	a, b := w.desks[0], w.desks[1]
	k := wire.KeyItem{ID: incident.KeyID{1}, Scope: townA, Key: make([]byte, 32)}
	a.store.addKey(k)
	w.online(a, b)
	if i, ok := b.store.keyAt[k.ID]; !ok || len(b.store.keys[i].Key) != 32 {
		t.Fatal("the key did not arrive")
	}
	gone := k
	gone.Key = nil
	b.store.addKey(gone)
	b.step(Stirred{})
	w.settle()
	if len(a.store.keys[a.store.keyAt[k.ID]].Key) != 0 {
		t.Error("the other desk still has the key")
	}
	w.hub.step(Received{Conn: a.link.id, Message: wire.Keys{Items: []wire.KeyItem{k}, Mark: 9}})
	w.settle()
	value, _, err := w.hub.store.Get(context.Background(), keyKey(keyRef{Scope: townA, ID: k.ID}))
	var item wire.KeyItem
	if err = errors.Join(err, cbor.Unmarshal(value, &item)); err != nil || len(item.Key) != 0 {
		t.Errorf("the hub's record of an erased key: %v, %v", item, err)
	}
}

func TestHub_StampsRunsOfAWrongClock(t *testing.T) {
	const now = startsAt
	at := func(minutes int64) incident.HLC { return incident.HLC(int64(now)+minutes*60_000) << 16 }
	for _, c := range []struct {
		last, before incident.HLC
		want         uint8
	}{
		{at(9), at(0), 0},
		{at(11), at(0), wire.FlagClockAhead},
		{at(-20), at(-5), wire.FlagClockBehind},
		{at(-20), 0, 0},
	} {
		if got := clockFlags(c.last, c.before, now); got != c.want {
			t.Errorf("flags %b, want %b", got, c.want)
		}
	}
}

func TestHub_TellsOfDesksThatFoldTheSameEntriesOtherwise(t *testing.T) {
	rules := make([]byte, wire.FoldRules)
	newer := append([]byte{1}, rules[1:]...)
	fold := func(rules []byte, sum byte) []byte { return append(bytes.Clone(rules), sum) }
	for name, c := range map[string]struct {
		first, second []byte
		vector        byte
		alarms        int
	}{
		"equal":          {fold(rules, 1), fold(rules, 1), 0, 0},
		"otherwise":      {fold(rules, 1), fold(rules, 2), 0, 1},
		"newer rules":    {fold(rules, 1), fold(newer, 2), 0, 0},
		"other entries":  {fold(rules, 1), fold(rules, 2), 1, 0},
		"not told":       {fold(rules, 1), nil, 0, 0},
		"rules, no more": {fold(rules, 1), rules, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := quietWorld(t, townA, townA)
			w.online(w.desks...)
			told := 0
			for i, f := range [][]byte{c.first, c.second} {
				beat := wire.Beat{Pos: 1, Fold: f}
				beat.Vector[0] = c.vector * byte(i)
				for _, e := range w.hub.core.Step(w.now, Received{Conn: w.desks[i].link.id, Message: beat}) {
					if a, ok := e.(Alarm); ok && a.Kind == AlarmFold {
						told++
					}
				}
			}
			if told != c.alarms {
				t.Errorf("%d alarms, want %d", told, c.alarms)
			}
		})
	}
}

// fullRegistry refuses one Put, as a full disk does.
type fullRegistry struct {
	Registry
	fails int64
	puts  atomic.Int64 // keys are stored side by side
}

func (r *fullRegistry) Put(ctx context.Context, key string, value []byte, rev uint64) (uint64, error) {
	if r.puts.Add(1) == r.fails {
		return 0, errFull
	}
	return r.Registry.Put(ctx, key, value, rev)
}

// Wherever the store fails while it takes a key, the desk that sends it again brings it to everybody.
func TestHub_KeyReachesTheLogsWhereverTheStoreFailed(t *testing.T) {
	items := []wire.KeyItem{{ID: incident.KeyID{1}, Scope: townA, Key: make([]byte, 32)}, {ID: incident.KeyID{2}, Scope: townA, Key: make([]byte, 32)}}
	for fails := int64(1); ; fails++ {
		w := quietWorld(t, townA)
		reg := &fullRegistry{Registry: w.hub.store, fails: fails}
		h := NewHubCore(HubParams{Codec: w.wire, Entries: w.entries, Journal: w.hub.store, Registry: reg, Blobs: w.hub.store, County: county})
		_, _, err := h.storeKeys(t.Context(), townA, items)
		if err == nil && fails > 1 {
			break // more than it ever puts
		}
		if !errors.Is(err, errFull) {
			t.Fatalf("put %d: error %v", fails, err)
		}
		for range 2 { // again, and once more for nothing
			if _, _, err := h.storeKeys(t.Context(), townA, items); err != nil {
				t.Fatal(err)
			}
		}
		for _, scope := range []incident.ScopeID{townA, county} {
			got, to, err := h.readKeys(t.Context(), scope, 0)
			if err != nil || len(got) != len(items) || to != uint64(len(items)) {
				t.Errorf("put %d failed: scope %d has %d keys up to %d, error %v", fails, scope, len(got), to, err)
			}
		}
	}
}
