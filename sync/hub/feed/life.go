package feed

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"zw110/data/incident"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// SettleLife compares a feed's life with the one that the registry knows, and begins a new epoch if it is another: the feed was restored or
// made anew. Several processes may do so at once.
func SettleLife(ctx context.Context, reg session.Registry, county incident.ScopeID, life []byte) error {
	key := fmt.Sprintf("life/%d", county)
	for {
		known, revision, err := reg.Get(ctx, key)
		if err != nil && !errors.Is(err, session.ErrNotFound) {
			return fmt.Errorf("read the life of %d: %w", county, err)
		}
		if err == nil && bytes.Equal(known, life) {
			return nil
		}
		if _, epochErr := session.EpochOf(ctx, reg, county); err == nil || errors.Is(epochErr, session.ErrNotFound) {
			epochErr = NewEpoch(ctx, reg, county)
			if epochErr != nil {
				return fmt.Errorf("begin an epoch of %d: %w", county, epochErr)
			}
		}
		if _, err = reg.Put(ctx, key, life, revision); !errors.Is(err, session.ErrRevision) {
			return err
		}
	}
}

// NewEpoch begins a new epoch of a county.
func NewEpoch(ctx context.Context, reg session.Registry, county incident.ScopeID) error {
	var epoch wire.Epoch
	if _, err := rand.Read(epoch[:]); err != nil {
		return err
	}
	return session.NewEpoch(ctx, reg, county, epoch)
}
