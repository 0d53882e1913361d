package session

import (
	"testing"

	"zw110/sync/wire"
)

// greet has a desk hear a hub's Challenge and returns what it says.
func greet(t *testing.T, least, greatest uint) (hello *wire.Hello, alarms []AlarmKind, closed bool) {
	t.Helper()
	w := quietWorld(t, townA)
	d := w.desks[0]
	core := NewDeskCore(DeskParams{
		Codec: w.wire, Journal: d.store, Keys: d.store, Blobs: d.store, Desk: d.store.id, Key: w.seats[d.store.id].key, Hub: w.hub.id,
	})
	var step func(Event)
	step = func(ev Event) {
		for _, e := range core.Step(w.now, ev) {
			switch e := e.(type) {
			case Task:
				step(e.Work(t.Context()))
			case Send:
				if h, ok := e.Message.(wire.Hello); ok {
					hello = &h
				}
			case Alarm:
				alarms = append(alarms, e.Kind)
			case Close:
				closed = true
			}
		}
	}
	step(Opened{})
	step(Received{Message: wire.Challenge{ProtoMin: least, ProtoMax: greatest, Hub: w.hub.id}})
	return hello, alarms, closed
}

// A desk takes the greatest version that both speak, and otherwise goes away and says why.
func TestVersion_DeskTakesTheGreatestThatBothSpeak(t *testing.T) {
	for name, c := range map[string]struct {
		least, greatest uint
		speaks          bool
	}{
		"the same hub":                {wire.ProtoMin, wire.ProtoMax, true},
		"a hub that also speaks more": {wire.ProtoMin, wire.ProtoMax + 3, true},
		"a hub that is too new":       {wire.ProtoMax + 1, wire.ProtoMax + 3, false},
		"a hub that is too old":       {0, wire.ProtoMin - 1, false},
	} {
		hello, alarms, closed := greet(t, c.least, c.greatest)
		if c.speaks && (hello == nil || hello.Proto != wire.ProtoMax || closed) {
			t.Errorf("%s: Hello %+v, closed %v", name, hello, closed)
		}
		if !c.speaks && (hello != nil || !closed || len(alarms) != 1 || alarms[0] != AlarmVersion) {
			t.Errorf("%s: Hello %+v, alarms %v, closed %v", name, hello, alarms, closed)
		}
	}
}

// A desk that speaks another version is told so, and nothing else is looked at.
func TestVersion_HubRefusesOneThatItDoesNotSpeak(t *testing.T) {
	for _, proto := range []uint{wire.ProtoMin - 1, wire.ProtoMax + 1} {
		w := quietWorld(t, townA)
		w.hub.step(Opened{Conn: 1})
		w.settle()
		effects := w.hub.core.Step(w.now, Received{Conn: 1, Message: wire.Hello{Proto: proto, Desk: w.desks[0].store.id}})
		if len(effects) != 2 {
			t.Fatalf("version %d: effects %v", proto, effects)
		}
		f, told := effects[0].(Send).Message.(wire.Fault)
		c, ends := effects[1].(Close)
		if !told || f.Code != wire.CodeVersion || !f.Fatal || !ends || c.Code != CloseProtocol {
			t.Errorf("version %d: effects %v", proto, effects)
		}
	}
}
