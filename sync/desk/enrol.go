package desk

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"time"

	"zw110/data/incident"
	"zw110/sync/wire"
)

// ErrCode says that the hub refused the code: wrong, used, out of date, or tried too often. It tells nobody which.
var ErrCode = errors.New("the hub refuses the code")

// enrolTime is how long an enrolment may take, stretching the code included.
const enrolTime = 60 * time.Second

// Seat is what enrolment gives a desk: who it is in the county, and how it knows the hub again.
type Seat struct {
	Hub    wire.HubID
	HubKey ed25519.PublicKey
	Desk   wire.DeskID
	Scope  incident.ScopeID
	Name   string
	Address
	Courier [32]byte
}

// Enrol connects to a hub that the desk doesn't know yet and asks for the seat that the code stands for. Both sides prove in this TLS
// session that they know the code; after that the desk knows the hub by its keys.
func Enrol(ctx context.Context, a Address, code string, key ed25519.PublicKey, name string, machine [32]byte) (seat Seat, err error) {
	ctx, cancel := context.WithTimeout(ctx, enrolTime)
	defer cancel()
	codec, err := wire.NewCodec()
	if err != nil {
		return seat, err
	}
	s, err := dial(ctx, a, false)
	if err != nil {
		return seat, err
	}
	defer s.close()
	stop := context.AfterFunc(ctx, s.close)
	defer stop()

	m, err := s.next(codec)
	if err != nil {
		return seat, err
	}
	challenge, ok := m.(wire.Challenge)
	if !ok {
		return seat, ErrNoHub
	}
	codeKey, err := wire.StretchCode(code, challenge.Hub)
	if err != nil {
		return seat, err
	}
	frame, err := codec.Encode(wire.Enrol{Proof: codeKey.DeskProof(s.exp, key), Key: key, Seat: name, Machine: machine, Lookup: codeKey.Lookup()})
	if err != nil {
		return seat, err
	}
	if err := s.send(frame, time.Now()); err != nil {
		return seat, err
	}
	if m, err = s.next(codec); err != nil {
		return seat, err
	}
	e, ok := m.(wire.Enrolled)
	if !ok {
		return seat, ErrCode
	}
	if len(e.Key) != ed25519.PublicKeySize || e.Hub != challenge.Hub || !wire.SameProof(e.Proof, codeKey.HubProof(s.exp, e.Key)) {
		return seat, ErrHubKey
	}
	seat = Seat{Hub: e.Hub, HubKey: e.Key, Desk: e.Desk, Scope: e.Scope, Name: e.Name, Address: a, Courier: e.Courier}
	seat.Pins = slices.Clone(e.Pins)
	if len(s.spki) > 0 && (a.Relay || len(seat.Pins) == 0) { // the hub doesn't know the certificate of a proxy before it
		seat.Pins = append(seat.Pins, s.spki[0])
	}
	return seat, nil
}

// next reads one message.
func (s *socket) next(codec *wire.Codec) (wire.Message, error) {
	frame, err := s.receive()
	if err != nil {
		return nil, err
	}
	m, err := codec.Decode(frame)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoHub, err)
	}
	return m, nil
}
