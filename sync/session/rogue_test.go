package session

import (
	"context"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// evil sends the hub a message in the name of a connected desk, and returns what the hub answers at once.
func (w *world) evil(d *deskNode, m wire.Message) { w.carry(d.link, m, true); w.settle() }

func (w *world) stopped(t *testing.T, code wire.ErrorCode) {
	t.Helper()
	found := slices.ContainsFunc(w.alarms, func(a Alarm) bool { return a.Kind == AlarmStopped && a.Code == code })
	if !found {
		t.Errorf("no alarm with code %d: %v", code, w.alarms)
	}
	w.problems = nil
}

// forged is a push of one entry that follows a desk's line.
func (w *world) forged(t *testing.T, d *deskNode, scope incident.ScopeID) wire.Push {
	t.Helper()
	l := d.store.lines[d.store.cur]
	b, err := w.entries.Encode(journal.Record{Seq: l.head() + 1, Scope: scope, Kind: incident.KindSessionOpened, Ver: 1, Payload: []byte{0xa0}})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := l.hashAt(l.head())
	hash := journal.Next(before, journal.DigestOf(b))
	return wire.Push{First: l.head() + 1, Before: before, Entries: [][]byte{b}, Seal: journal.Seal(d.store.key, d.store.cur, l.head()+1, hash)}
}

func TestHub_StopsALineThatWritesForAnotherScope(t *testing.T) {
	w := quietWorld(t, townA, townB)
	w.online(w.desks...)
	w.evil(w.desks[0], w.forged(t, w.desks[0], townB))
	w.stopped(t, wire.CodeScope)
	if len(w.hub.store.feed) != 0 {
		t.Error("the entry was stored")
	}
	held, err := HeldLines(context.Background(), w.hub.store)
	if err != nil || !held[w.desks[0].store.cur] {
		t.Errorf("held lines %v, %v", held, err)
	}
}

func TestHub_StopsALineWithAWrongSealOrChain(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*wire.Push)
		code   wire.ErrorCode
	}{
		"seal":      {func(p *wire.Push) { p.Seal[9] ^= 1 }, wire.CodeSeal},
		"no seal":   {func(p *wire.Push) { p.Seal = nil }, wire.CodeSeal},
		"before":    {func(p *wire.Push) { p.Before[3] ^= 1 }, wire.CodeHash},
		"no entry":  {func(p *wire.Push) { p.Entries[0] = []byte{0x80} }, wire.CodeHash},
		"empty":     {func(p *wire.Push) { p.Entries = nil }, wire.CodeTooBig},
		"entry big": {func(p *wire.Push) { p.Entries[0] = make([]byte, journal.MaxEntry+1) }, wire.CodeTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			w := quietWorld(t, townA)
			w.online(w.desks...)
			p := w.forged(t, w.desks[0], townA)
			c.change(&p)
			w.evil(w.desks[0], p)
			w.stopped(t, c.code)
			if len(w.hub.store.feed) != 0 {
				t.Error("the entry was stored")
			}
		})
	}
}

func TestHub_TakesALineOfAnotherDeskOnlyWithItsSeal(t *testing.T) {
	w := quietWorld(t, townA, townA, townB)
	w.online(w.desks...)
	victim := lineOf(w.desks[1].store.id, wire.Incarnation{7})
	p := w.forged(t, w.desks[0], townA)
	p.Before = journal.Start(victim)
	hash := journal.Next(p.Before, journal.DigestOf(p.Entries[0]))
	run := wire.Run{Origin: victim, First: 1, Before: p.Before, Entries: p.Entries, Seal: journal.Seal(w.desks[0].store.key, victim, 1, hash)}
	w.evil(w.desks[0], wire.Give{Run: run}) // nobody asked
	w.evil(w.desks[0], wire.Vector{Heads: []wire.Head{{Origin: victim, Seq: 1, Hash: hash}}})
	w.evil(w.desks[0], wire.Give{Run: run})
	if len(w.hub.store.feed) != 0 {
		t.Fatal("a desk wrote under another's name")
	}
	// With the right seal it heals.
	run.Seal = journal.Seal(w.desks[1].store.key, victim, 1, hash)
	w.hub.core.conns[w.desks[0].link.id].asking = &want{Span: wire.Span{Origin: victim, From: 1, To: 1}}
	w.evil(w.desks[0], wire.Give{Run: run})
	if len(w.hub.store.feed) != 1 {
		t.Error("a sealed entry was not taken")
	}
	// But not from another township.
	other := lineOf(w.desks[1].store.id, wire.Incarnation{8})
	w.hub.core.conns[w.desks[2].link.id].asking = &want{Span: wire.Span{Origin: other, From: 1, To: 1}}
	run.Origin, run.Before = other, journal.Start(other)
	w.evil(w.desks[2], wire.Give{Run: run})
	w.stopped(t, wire.CodeScope)
	if len(w.hub.store.feed) != 1 {
		t.Error("another township gave it")
	}
}

func TestHub_TellsNothingOfAnotherTownship(t *testing.T) {
	w := quietWorld(t, townA, townB)
	w.online(w.desks...)
	w.note(w.desks[0])
	w.settle()
	line := w.desks[0].store.cur
	var answers []wire.Message
	look := func(m wire.Message) {
		for _, e := range w.hub.core.Step(w.now, Received{Conn: w.desks[1].link.id, Message: m}) {
			if task, ok := e.(Task); ok {
				for _, e := range w.hub.core.Step(w.now, task.Work(context.Background())) {
					if s, ok := e.(Send); ok {
						answers = append(answers, s.Message)
					}
				}
			}
		}
	}
	look(wire.HashAt{Origin: line, Seq: 1})
	look(wire.Want{Spans: []wire.Span{{Origin: line, From: 1, To: 1}}})
	if len(answers) != 2 || len(answers[0].(wire.HashIs).Hash) != 0 || len(answers[1].(wire.Give).Run.Entries) != 0 {
		t.Errorf("answers %v", answers)
	}
}

func TestHub_UnknownSeatAndWrongSignatureLookAlike(t *testing.T) {
	welcome := func(change func(*world)) wire.Welcome {
		w := quietWorld(t, townA)
		change(w)
		var got wire.Welcome
		w.desks[0].connect()
		w.settle()
		for _, e := range w.hub.core.Step(w.now, Opened{Conn: 99, Random: w.random()}) {
			done := e.(Task).Work(context.Background())
			w.hub.core.Step(w.now, done)
		}
		hello := wire.Hello{Proto: 1, Desk: w.desks[0].store.id, Sig: make([]byte, 64)}
		for _, e := range w.hub.core.Step(w.now, Received{Conn: 99, Message: hello}) {
			for _, e := range w.hub.core.Step(w.now, e.(Task).Work(context.Background())) {
				if s, ok := e.(Send); ok {
					got, _ = s.Message.(wire.Welcome)
				}
			}
		}
		w.problems = nil
		got.Sig, got.Epoch, got.Time = nil, wire.Epoch{}, 0
		return got
	}
	known := welcome(func(*world) {})
	unknown := welcome(func(w *world) {
		w.desks[0].store.id[0] ^= 1
		w.seats[w.desks[0].store.id] = &seat{townA, w.desks[0].store.key}
	})
	a, errA := cbor.Marshal(known)
	b, errB := cbor.Marshal(unknown)
	if errA != nil || errB != nil || known.Verdict != wire.VerdictUnknown || string(a) != string(b) {
		t.Errorf("%+v and %+v", known, unknown)
	}
}

func TestSession_UnknownMessageIsAnsweredAndPassedOver(t *testing.T) {
	w := quietWorld(t, townA)
	w.online(w.desks[0])
	id := w.desks[0].link.id
	for _, step := range []func(Event) []Effect{
		func(e Event) []Effect { return w.hub.core.Step(w.now, e) },
		func(e Event) []Effect { return w.desks[0].core.Step(w.now, e) },
	} {
		effects := step(Refused{Conn: id, Err: &wire.UnknownError{Type: 77}})
		if len(effects) != 1 {
			t.Fatalf("effects %v", effects)
		}
		if f, ok := effects[0].(Send).Message.(wire.Fault); !ok || f.Code != wire.CodeUnknownType || f.About != 77 || f.Fatal {
			t.Errorf("answered %v", effects)
		}
		effects = step(Refused{Conn: id, Err: wire.ErrTooBig})
		if c, ok := effects[0].(Close); !ok || c.Code != CloseTooBig {
			t.Errorf("too big: %v", effects)
		}
	}
}
