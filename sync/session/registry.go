package session

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
	"zw110/sync/wire"
)

// The hub's records in its registry. The keys are written out; values are CBOR arrays.
//
//	epoch/<county>            the epoch, 16 bytes (EpochKey)
//	desk/<desk>               a Desk
//	baton/<line>              the batons that a line may present
//	hold/<line>               why a line is hidden or refused: holdCopy, holdRevoked
//	key/<township>/<key id>   a wire.KeyItem; without a key it was erased
//	keylog/<scope>/<page>     what came to a scope's keys, in order, keyPage to a page
//	keymark/<line>            how far a desk's line has them, and how many of its own the hub has
//	blob/<scope>/<blob>       an entry of this scope names the attachment

// PrefixBlob begins the records that name attachments; behind the last slash of each stands the attachment's ID in hexadecimal digits.
const PrefixBlob = "blob/"

const (
	prefixDesk   = "desk/"
	prefixBaton  = "baton/"
	prefixHold   = "hold/"
	prefixKey    = "key/"
	prefixLog    = "keylog/"
	prefixMark   = "keymark/"
	holdCopy     = 1
	holdRevoked  = 2
	keyPage      = 256
	putAttempts  = 8
	countyDigits = 1_000_000 // division codes below are counties
	townDivisor  = 1_000
)

// batons is what a line may present: the one it confirmed last, and the one that was issued to it last.
type batons struct {
	_         struct{} `cbor:",toarray"`
	Confirmed wire.Baton
	Issued    wire.Baton
}

// deskRecord is a Desk as it is stored.
type deskRecord struct {
	_       struct{} `cbor:",toarray"`
	Scope   incident.ScopeID
	Name    string
	Key     []byte
	Revoked bool
}

// GetDesk reads a seat and the revision of its record; ErrNotFound.
func GetDesk(ctx context.Context, r Registry, id wire.DeskID) (Desk, uint64, error) {
	var rec deskRecord
	rev, err := get(ctx, r, prefixDesk+hex.EncodeToString(id[:]), &rec)
	return Desk{ID: id, Scope: rec.Scope, Name: rec.Name, Key: ed25519.PublicKey(rec.Key), Revoked: rec.Revoked}, rev, err
}

// PutDesk stores a seat over the given revision, 0 for a new one; ErrRevision.
func PutDesk(ctx context.Context, r Registry, d Desk, revision uint64) error {
	rec := deskRecord{Scope: d.Scope, Name: d.Name, Key: d.Key, Revoked: d.Revoked}
	return put(ctx, r, prefixDesk+hex.EncodeToString(d.ID[:]), rec, revision)
}

// NewEpoch begins a new epoch of a county.
func NewEpoch(ctx context.Context, r Registry, county incident.ScopeID, epoch wire.Epoch) error {
	for range putAttempts {
		_, rev, err := getEpoch(ctx, r, county)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err = putEpoch(ctx, r, county, epoch, rev); !errors.Is(err, ErrRevision) {
			return err
		}
	}
	return fmt.Errorf("begin an epoch: %w", ErrRevision)
}

// EpochOf reads the epoch of a county; ErrNotFound before its first desk came.
func EpochOf(ctx context.Context, r Registry, county incident.ScopeID) (wire.Epoch, error) {
	e, _, err := getEpoch(ctx, r, county)
	return e, err
}

func getEpoch(ctx context.Context, r Registry, county incident.ScopeID) (e wire.Epoch, rev uint64, err error) {
	b, rev, err := r.Get(ctx, EpochKey(county))
	if err != nil {
		return e, 0, err
	}
	if copy(e[:], b) != len(e) {
		return e, 0, fmt.Errorf("registry record %s: %d bytes", EpochKey(county), len(b))
	}
	return e, rev, nil
}

func putEpoch(ctx context.Context, r Registry, county incident.ScopeID, e wire.Epoch, rev uint64) error {
	_, err := r.Put(ctx, EpochKey(county), e[:], rev)
	return err
}

// Desks returns all seats, in order of their IDs.
func Desks(ctx context.Context, r Registry) ([]Desk, error) {
	keys, err := r.List(ctx, prefixDesk)
	if err != nil {
		return nil, err
	}
	desks := make([]Desk, 0, len(keys))
	for _, k := range keys {
		b, err := hex.DecodeString(k[len(prefixDesk):])
		if err != nil || len(b) != len(wire.DeskID{}) {
			return nil, fmt.Errorf("registry key %s is no desk", k)
		}
		d, _, err := GetDesk(ctx, r, wire.DeskID(b))
		if err != nil {
			return nil, err
		}
		desks = append(desks, d)
	}
	return desks, nil
}

// HoldLine hides from others what a line pushes from now on. Its desk notices at its next Hello.
func HoldLine(ctx context.Context, r Registry, line incident.Origin) error {
	return hold(ctx, r, line, holdCopy)
}

// HeldLines returns the lines that are held or revoked.
func HeldLines(ctx context.Context, r Registry) (map[incident.Origin]bool, error) {
	return holds(ctx, r)
}

// ReleaseLine shows a held line again. What others did not see of it they see by comparing: a new epoch begins. ErrNotFound if the line
// isn't held.
func ReleaseLine(ctx context.Context, r Registry, county incident.ScopeID, line incident.Origin, epoch wire.Epoch) error {
	key := lineKey(prefixHold, line)
	_, rev, err := r.Get(ctx, key)
	if err != nil {
		return err
	}
	if _, err := r.Put(ctx, key, nil, rev); err != nil {
		return err
	}
	return NewEpoch(ctx, r, county, epoch)
}

func lineKey(prefix string, o incident.Origin) string { return prefix + hex.EncodeToString(o[:]) }

// holds returns the lines that are held or revoked.
func holds(ctx context.Context, r Registry) (map[incident.Origin]bool, error) {
	keys, err := r.List(ctx, prefixHold)
	if err != nil {
		return nil, err
	}
	held := make(map[incident.Origin]bool, len(keys))
	for _, k := range keys {
		b, err := hex.DecodeString(k[len(prefixHold):])
		if err != nil || len(b) != len(incident.Origin{}) {
			return nil, fmt.Errorf("registry key %s is no line", k)
		}
		held[incident.Origin(b)] = true
	}
	return held, nil
}

// hold marks a line; a mark that is there already stays unless the new one is heavier.
func hold(ctx context.Context, r Registry, line incident.Origin, why uint8) error {
	for range putAttempts {
		var now uint8
		rev, err := get(ctx, r, lineKey(prefixHold, line), &now)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if now >= why {
			return nil
		}
		if err := put(ctx, r, lineKey(prefixHold, line), why, rev); !errors.Is(err, ErrRevision) {
			return err
		}
	}
	return ErrRevision
}

// get reads a record; into stays as it is with ErrNotFound.
func get(ctx context.Context, r Registry, key string, into any) (uint64, error) {
	b, rev, err := r.Get(ctx, key)
	if err != nil {
		return 0, err
	}
	if err := cbor.Unmarshal(b, into); err != nil {
		return 0, fmt.Errorf("registry record %s: %w", key, err)
	}
	return rev, nil
}

func put(ctx context.Context, r Registry, key string, v any, rev uint64) error {
	b, err := cbor.Marshal(v)
	if err != nil {
		return fmt.Errorf("registry record %s: %w", key, err)
	}
	_, err = r.Put(ctx, key, b, rev)
	return err
}

// DeskOf and lineOf take a line apart and put it together.
func deskOf(o incident.Origin) (id wire.DeskID) { copy(id[:], o[:]); return id }

func lineOf(id wire.DeskID, inc wire.Incarnation) (o incident.Origin) {
	copy(o[:], id[:])
	copy(o[len(id):], inc[:])
	return o
}

func incarnationOf(o incident.Origin) (inc wire.Incarnation) {
	copy(inc[:], o[len(wire.DeskID{}):])
	return inc
}

// within says whether a reader of one scope may read what belongs to another: its own, and a county all of its townships.
func within(reader, scope incident.ScopeID) bool {
	return reader == scope || reader < countyDigits && scope/townDivisor == reader
}
