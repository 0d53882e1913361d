package session

import (
	"context"

	"zw110/data/incident"
	"zw110/sync/wire"
)

// ConnID names one connection of a hub. A Desk has one connection at a time and leaves it zero.
type ConnID uint64

// Event is what happens to a core: one of the structs below.
type Event interface{ event() }

// Opened says that a connection stands. Random is fresh randomness, never used twice.
type Opened struct {
	Conn     ConnID
	Exporter wire.Exporter
	Random   [32]byte
}

// Received is a message that came.
type Received struct {
	Conn    ConnID
	Message wire.Message
}

// Refused is a frame that wire.Codec.Decode did not take, with its error.
type Refused struct {
	Conn ConnID
	Err  error
}

// Gone says that a connection has ended. The core forgets it; what its tasks still bring is passed over.
type Gone struct{ Conn ConnID }

// Tick comes about once a second.
type Tick struct{}

// Stirred says that the store has something new: own entries, keys or photos at a desk, the bell at a hub.
type Stirred struct{}

// Done is what a Task brought; it goes back into the core that gave the Task.
type Done struct {
	Conn  ConnID
	apply func()
}

// Released lets a held line go: what was hidden is shown. Only a hub takes it.
type Released struct {
	Line  incident.Origin
	Epoch wire.Epoch // fresh: the others compare their journals
}

// Revoked ends a seat, or one line of it, for good. Only a hub takes it.
type Revoked struct {
	Desk wire.DeskID
	Line incident.Origin // zero: the whole seat
}

func (Opened) event()   {}
func (Received) event() {}
func (Refused) event()  {}
func (Gone) event()     {}
func (Tick) event()     {}
func (Stirred) event()  {}
func (Done) event()     {}
func (Released) event() {}
func (Revoked) event()  {}

// Effect is what whoever drives a core has to do: one of the structs below. Effects are carried out in order.
type Effect interface{ effect() }

// Send sends a message. What is Low may wait for everything that is not.
type Send struct {
	Conn    ConnID
	Message wire.Message
	Low     bool
}

// Task is work with the stores, done away from the core: Work may block, touches nothing of the core, and its Done goes back as an
// event. A core gives no two tasks at once that must not overlap. Before a Desk's next connection begins, the tasks of the one before
// have ended.
type Task struct {
	Conn ConnID
	// Bulk says that many connections may have the same work at once, which should not keep others from theirs.
	Bulk bool
	Work func(ctx context.Context) Done
}

// Close ends a connection. A desk comes back after a random time inside Window, or as its own backoff says when that is zero.
type Close struct {
	Conn   ConnID
	Code   CloseCode
	Window incident.Stamp // milliseconds
}

// Alarm is for people: the county's administrators at a hub, the room at a desk.
type Alarm struct {
	Conn ConnID
	Kind AlarmKind
	Desk wire.DeskID
	Line incident.Origin
	Code wire.ErrorCode // of AlarmStopped
	Err  error
}

// Met is what a desk learned from a Welcome. Offset is the hub's clock minus the own one.
type Met struct {
	Verdict wire.Verdict
	Mode    wire.Mode
	Offset  incident.Stamp // milliseconds
}

// Noticed is the hub's notice to a desk.
type Noticed struct{ Notice wire.Notice }

// Present is who has an incident open elsewhere.
type Present struct{ Presence wire.Presence }

// Caught says that a desk has all that the hub has.
type Caught struct{ Pos uint64 }

func (Send) effect()    {}
func (Task) effect()    {}
func (Close) effect()   {}
func (Alarm) effect()   {}
func (Met) effect()     {}
func (Noticed) effect() {}
func (Present) effect() {}
func (Caught) effect()  {}

// CloseCode is a websocket close code.
type CloseCode uint16

// The close codes of the protocol.
const (
	CloseDone     CloseCode = 1000
	CloseDrain    CloseCode = 1001
	CloseProtocol CloseCode = 1002
	CloseTooBig   CloseCode = 1009
	CloseAuth     CloseCode = 4001
	CloseRevoked  CloseCode = 4003
	CloseSlow     CloseCode = 4008
	CloseReplaced CloseCode = 4009
)

// AlarmKind says what an Alarm is about.
type AlarmKind uint8

// The alarms.
const (
	AlarmRewound  AlarmKind = 1 // the hub's store was put back; a new epoch began
	AlarmHeld     AlarmKind = 2 // a copy of a desk came: its line is held
	AlarmStopped  AlarmKind = 3 // a line was stopped: hash, seal or scope
	AlarmFold     AlarmKind = 4 // two desks with equal journals show different incidents
	AlarmStranger AlarmKind = 5 // the hub is not the one of the enrolment
	AlarmUnknown  AlarmKind = 6 // this desk is not enrolled, or was revoked
	AlarmMoved    AlarmKind = 7 // this desk fell off its line and goes on with a new one
	AlarmStore    AlarmKind = 8 // the store does not work
	AlarmTangled  AlarmKind = 9 // the journals don't come to agree
	AlarmVersion  AlarmKind = 10
	AlarmHole     AlarmKind = 11 // the hub can't read a part of a line; it is wanted from the desks
)

// Times of the protocol, in milliseconds.
const (
	beatEvery  = 20_000
	deadAfter  = 45_000
	retryAfter = 2_000
)
