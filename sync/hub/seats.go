package hub

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"zw110/data/incident"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Life of an enrolment code, and how often somebody may be wrong.
const (
	codeLife      = 24 * time.Hour
	triesPerCode  = 5
	triesPerPlace = 30
	placeWindow   = time.Hour
)

// What the registry answers people with. Each stands for one sentence of the operating guide.
var (
	ErrScope   = errors.New("not a township of this county")
	ErrRefused = errors.New("the code is wrong, used up or out of date")
	ErrNoDesk  = errors.New("no such desk")
	ErrNoName  = errors.New("a seat needs a name")
)

// code is an enrolment code that waits for its desk. The code itself is never stored.
type code struct {
	_       struct{} `cbor:",toarray"`
	Key     wire.CodeKey
	Scope   incident.ScopeID
	Seat    string
	Desk    wire.DeskID // set for a seat that is enrolled anew, zero for a new one
	Expires int64       // Unix seconds
	Wrong   int
	Used    bool
}

// Seats gives out seats of one county.
type Seats struct {
	reg    session.Registry
	id     Identity
	now    func() time.Time
	random io.Reader

	mu     sync.Mutex             // guards places
	places map[string][]time.Time // wrong tries by address
}

// Code makes a one-time code for a seat of a township (nine digits) or of the county itself (six). With desk set, the seat that lost its
// computer is enrolled anew under its old ID. Stretching the code takes some tenths of a second.
func (s *Seats) Code(ctx context.Context, scope incident.ScopeID, seat string, desk wire.DeskID, length int) (string, error) {
	if !Within(s.id.County, scope) {
		return "", fmt.Errorf("%d: %w", scope, ErrScope)
	}
	if seat = strings.TrimSpace(seat); seat == "" {
		return "", ErrNoName
	}
	if desk != (wire.DeskID{}) {
		old, err := s.Desk(ctx, desk)
		if err != nil {
			return "", err
		}
		scope = old.Scope
	}
	text, err := wire.NewCode(s.random, length)
	if err != nil {
		return "", err
	}
	key, err := wire.StretchCode(text, s.id.Hub)
	if err != nil {
		return "", err
	}
	c := code{Key: key, Scope: scope, Seat: seat, Desk: desk, Expires: s.now().Add(codeLife).Unix()}
	return text, put(ctx, s.reg, codeName(key.Lookup()), c, 0)
}

// Within reports whether a scope is a county or one of its townships.
func Within(county, scope incident.ScopeID) bool { return scope == county || scope/1000 == county }

func codeName(lookup [8]byte) string { return keyCode + hex.EncodeToString(lookup[:]) }

// Enrol gives a seat to whoever proves to know its code, and returns the hub's proof that it knows it, too. All that is wrong is
// answered with ErrRefused, so that nobody learns which codes there are.
func (s *Seats) Enrol(ctx context.Context, e wire.Enrol, exp wire.Exporter) (session.Desk, [32]byte, error) {
	if len(e.Key) != ed25519.PublicKeySize {
		return session.Desk{}, [32]byte{}, ErrRefused
	}
	var desk session.Desk
	if _, err := io.ReadFull(s.random, desk.ID[:]); err != nil {
		return desk, [32]byte{}, fmt.Errorf("make a desk's name: %w", err)
	}
	good := false
	c, err := change(ctx, s.reg, codeName(e.Lookup), func(c *code) error {
		good = false
		if c.Used || c.Wrong >= triesPerCode || s.now().Unix() >= c.Expires {
			return ErrRefused
		}
		if good = wire.SameProof(e.Proof, c.Key.DeskProof(exp, e.Key)); good {
			c.Used = true
		} else {
			c.Wrong++
		}
		return nil
	})
	if errors.Is(err, session.ErrNotFound) || errors.Is(err, ErrRefused) || err == nil && !good {
		return desk, [32]byte{}, ErrRefused
	}
	if err != nil {
		return desk, [32]byte{}, err
	}
	desk.Scope, desk.Name, desk.Key = c.Scope, c.Seat, slices.Clone(e.Key)
	if c.Desk != (wire.DeskID{}) {
		desk.ID = c.Desk
	}
	if err := s.seat(ctx, desk, c.Desk != (wire.DeskID{})); err != nil {
		return desk, [32]byte{}, err
	}
	return desk, c.Key.HubProof(exp, s.id.Public()), nil
}

// seat writes a new desk, or the new key of an old one.
func (s *Seats) seat(ctx context.Context, desk session.Desk, again bool) error {
	if !again {
		return session.PutDesk(ctx, s.reg, desk, 0)
	}
	return s.change(ctx, desk.ID, func(d *session.Desk) { d.Name, d.Key, d.Revoked = desk.Name, desk.Key, false })
}

func (s *Seats) revoke(ctx context.Context, id wire.DeskID) error {
	return s.change(ctx, id, func(d *session.Desk) { d.Revoked = true })
}

func (s *Seats) change(ctx context.Context, id wire.DeskID, fn func(*session.Desk)) error {
	for {
		d, revision, err := session.GetDesk(ctx, s.reg, id)
		if err != nil {
			return err
		}
		fn(&d)
		if err := session.PutDesk(ctx, s.reg, d, revision); !errors.Is(err, session.ErrRevision) {
			return err
		}
	}
}

// blocked reports whether an address was wrong too often within the hour.
func (s *Seats) blocked(place string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.recent(place)) >= triesPerPlace
}

func (s *Seats) wrong(place string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for other := range s.places { // forget those that have been calm
		if len(s.recent(other)) == 0 {
			delete(s.places, other)
		}
	}
	s.places[place] = append(s.recent(place), s.now())
}

// recent returns the wrong tries of an address within the hour; mu is held.
func (s *Seats) recent(place string) []time.Time {
	since := s.now().Add(-placeWindow)
	return slices.DeleteFunc(s.places[place], func(t time.Time) bool { return t.Before(since) })
}

// Desk returns a seat; ErrNoDesk if there is none.
func (s *Seats) Desk(ctx context.Context, id wire.DeskID) (session.Desk, error) {
	d, _, err := session.GetDesk(ctx, s.reg, id)
	if errors.Is(err, session.ErrNotFound) {
		return d, ErrNoDesk
	}
	return d, err
}

// All returns every seat, by township and name.
func (s *Seats) All(ctx context.Context) ([]session.Desk, error) {
	desks, err := session.Desks(ctx, s.reg)
	if err != nil {
		return nil, fmt.Errorf("list the desks: %w", err)
	}
	slices.SortFunc(desks, func(a, b session.Desk) int {
		if a.Scope != b.Scope {
			return int(a.Scope) - int(b.Scope)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return desks, nil
}

// Find returns the seat whose ID begins with the given hexadecimal digits, or whose name it is. ErrNoDesk unless it is exactly one.
func (s *Seats) Find(ctx context.Context, text string) (session.Desk, error) {
	desks, err := s.All(ctx)
	if err != nil {
		return session.Desk{}, err
	}
	var found []session.Desk
	for _, d := range desks {
		if d.Name == text || len(text) >= 4 && strings.HasPrefix(hex.EncodeToString(d.ID[:]), strings.ToLower(text)) {
			found = append(found, d)
		}
	}
	if len(found) != 1 {
		return session.Desk{}, fmt.Errorf("%d desks match %q: %w", len(found), text, ErrNoDesk)
	}
	return found[0], nil
}
