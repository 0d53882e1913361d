package hub

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// The keys of the registry. Names of people and desks are in the values.
const (
	keyIdentity = "hub/identity"
	keyDesk     = "desk/"    // + desk ID in hex
	keyCode     = "code/"    // + lookup of the code in hex
	keyPerson   = "person/"  // + login
	keyPending  = "pending/" // + desk ID in hex: half of a hold or release
)

// Identity is who a county's hub is. It is made with the hub's store and travels with its backups.
type Identity struct {
	_      struct{} `cbor:",toarray"`
	Hub    wire.HubID
	County incident.ScopeID
	Seed   [ed25519.SeedSize]byte
	Baton  [32]byte // secret of the batons' MAC
	// Courier is the county's secret for files between desks.
	Courier [32]byte
}

// Key returns the hub's signing key.
func (id Identity) Key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(id.Seed[:]) }

// Public returns the key that desks pin.
func (id Identity) Public() ed25519.PublicKey {
	return ed25519.PublicKey(id.Key()[ed25519.SeedSize:])
}

// openIdentity reads the hub's identity, or makes it when the registry is new. A registry of another county is refused.
func openIdentity(ctx context.Context, reg session.Registry, county incident.ScopeID, random io.Reader) (Identity, error) {
	id := Identity{County: county}
	if _, _, err := reg.Get(ctx, keyMoved); err == nil {
		return id, ErrMoved
	} else if !errors.Is(err, session.ErrNotFound) {
		return id, err
	}
	for _, b := range [][]byte{id.Hub[:], id.Seed[:], id.Baton[:], id.Courier[:]} {
		if _, err := io.ReadFull(random, b); err != nil {
			return id, fmt.Errorf("make the hub's identity: %w", err)
		}
	}
	err := put(ctx, reg, keyIdentity, id, 0)
	if err == nil || errors.Is(err, session.ErrRevision) { // made before, or by another process of the same cluster just now
		_, err = get(ctx, reg, keyIdentity, &id)
	}
	if err != nil {
		return id, err
	}
	if id.County != county {
		return id, fmt.Errorf("the hub's store belongs to county %d, not %d", id.County, county)
	}
	return id, nil
}

// get reads a record of the registry; session.ErrNotFound if there is none.
func get(ctx context.Context, reg session.Registry, key string, into any) (revision uint64, err error) {
	b, revision, err := reg.Get(ctx, key)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", key, err)
	}
	if err := cbor.Unmarshal(b, into); err != nil {
		return 0, fmt.Errorf("read %s: %w", key, err)
	}
	return revision, nil
}

// put writes a record of the registry if its revision is still the one that was read; session.ErrRevision otherwise.
func put(ctx context.Context, reg session.Registry, key string, value any, revision uint64) error {
	b, err := cbor.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", key, err)
	}
	if _, err := reg.Put(ctx, key, b, revision); err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return nil
}

// change reads a record, lets fn change it and writes it, again if somebody else was quicker. fn may return an error to leave it.
func change[R any](ctx context.Context, reg session.Registry, key string, fn func(*R) error) (rec R, err error) {
	for {
		rec = *new(R)
		revision, err := get(ctx, reg, key, &rec)
		if err != nil {
			return rec, err
		}
		if err := fn(&rec); err != nil {
			return rec, err
		}
		if err = put(ctx, reg, key, rec, revision); !errors.Is(err, session.ErrRevision) {
			return rec, err
		}
	}
}
