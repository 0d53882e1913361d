package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"zw110/data/incident"
	"zw110/sync/session"
)

// SettleLife compares a feed's life with the one that the registry knows. If that is another one, the feed was restored or made anew, and
// newEpoch is called before the registry is told. Several processes may do so at once.
func SettleLife(ctx context.Context, reg session.Registry, county incident.ScopeID, life []byte, newEpoch func(context.Context) error) error {
	key := fmt.Sprintf("life/%d", county)
	for {
		known, revision, err := reg.Get(ctx, key)
		if err != nil && !errors.Is(err, session.ErrNotFound) {
			return fmt.Errorf("read the life of %d: %w", county, err)
		}
		if err == nil && bytes.Equal(known, life) {
			return nil
		}
		if err == nil {
			if err := newEpoch(ctx); err != nil {
				return fmt.Errorf("begin an epoch of %d: %w", county, err)
			}
		}
		if _, err = reg.Put(ctx, key, life, revision); !errors.Is(err, session.ErrRevision) {
			return err
		}
	}
}
