package hub

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"zw110/data/incident"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Stores is what a hub stands on.
type Stores struct {
	Journal  session.Journal
	Registry session.Registry
	Blobs    session.Blobs
}

// Moved is what Move carried over, this time or before.
type Moved struct {
	Runs, Records, Blobs int
}

// keyMoved says, in a store that a hub has left, where it went.
const keyMoved = "hub/moved"

var (
	// ErrMoved says that the hub has left this store: two hubs with one identity would take each other's desks for copies.
	ErrMoved = errors.New("the hub was moved out of this store")
	// ErrHoles says that a store can't give all of its runs.
	ErrHoles = errors.New("the store has holes")
	// ErrTaken says that another hub lives in the store.
	ErrTaken = errors.New("another hub lives in the store")
)

const (
	moveRuns = 64 // runs of one Append
	movePuts = 32 // records of the registry at once
	waitTime = time.Second
)

// Move carries a hub over to other stores, its identity last, and then closes the door behind it. What was cut off goes on where it was:
// what is there already stays. The county begins a new epoch there, so the desks compare their journals once; they need no new
// code. Nobody may serve from either store meanwhile.
func Move(ctx context.Context, from, to Stores, county incident.ScopeID) (m Moved, err error) {
	id, err := readIdentity(ctx, from.Registry)
	if err != nil {
		return m, fmt.Errorf("move: read the hub: %w", err)
	}
	if id.County != county {
		return m, fmt.Errorf("move: the hub's store belongs to county %d, not %d", id.County, county)
	}
	there, err := readIdentity(ctx, to.Registry)
	switch {
	case err == nil && there.Hub != id.Hub:
		return m, fmt.Errorf("move: %w", ErrTaken)
	case err != nil && !errors.Is(err, session.ErrNotFound):
		return m, fmt.Errorf("move: %w", err)
	case err == nil:
		return m, leave(ctx, from.Registry)
	}
	if m.Runs, err = moveRunsOver(ctx, from.Journal, to.Journal, county); err != nil {
		return m, fmt.Errorf("move the journal: %w", err)
	}
	if m.Blobs, err = moveBlobs(ctx, from, to, county); err != nil {
		return m, fmt.Errorf("move the attachments: %w", err)
	}
	if m.Records, err = moveRecords(ctx, from.Registry, to.Registry, county); err != nil {
		return m, fmt.Errorf("move the registry: %w", err)
	}
	if err := put(ctx, to.Registry, keyIdentity, id, 0); err != nil {
		return m, fmt.Errorf("move the hub: %w", err)
	}
	return m, leave(ctx, from.Registry)
}

// Await waits until a hub lives in a store: until it was moved there.
func Await(ctx context.Context, reg session.Registry) error {
	tick := time.NewTicker(waitTime)
	defer tick.Stop()
	for {
		if _, err := readIdentity(ctx, reg); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the hub: %w", ctx.Err())
		}
	}
}

func readIdentity(ctx context.Context, reg session.Registry) (id Identity, err error) {
	_, err = get(ctx, reg, keyIdentity, &id)
	return id, err
}

// leave closes a store for good.
func leave(ctx context.Context, reg session.Registry) error {
	if _, err := reg.Put(ctx, keyMoved, []byte{1}, 0); err != nil && !errors.Is(err, session.ErrRevision) {
		return fmt.Errorf("close the store that was left: %w", err)
	}
	return nil
}

// moveRunsOver appends every run in the order of the feed. One that filled a hole stands behind those that follow it, which wait for it.
func moveRunsOver(ctx context.Context, from, to session.Journal, county incident.ScopeID) (n int, err error) {
	var waiting []session.HubRun
	for after, more := uint64(0), true; more; {
		records, next, err := from.Feed(ctx, county, after, moveRuns)
		if err != nil {
			return n, err
		}
		more, after = next > after, next
		runs := slices.Clone(waiting)
		for _, rec := range records {
			runs = append(runs, rec.HubRun)
		}
		if waiting, err = appendAll(ctx, to, county, runs); err != nil {
			return n, err
		}
		n += len(runs) - len(waiting)
	}
	holes, err := from.Holes(ctx, county) // known once all was read
	if err == nil && len(holes)+len(waiting) > 0 {
		err = fmt.Errorf("%w: %d of them, and %d runs behind them", ErrHoles, len(holes), len(waiting))
	}
	return n, err
}

// appendAll appends runs and returns those that wait for another.
func appendAll(ctx context.Context, to session.Journal, county incident.ScopeID, runs []session.HubRun) (waiting []session.HubRun, err error) {
	_, errs := to.Append(ctx, county, runs)
	for i, err := range errs {
		var gap *session.GapError
		switch {
		case errors.As(err, &gap):
			waiting = append(waiting, runs[i])
		case err != nil:
			return nil, err
		}
	}
	if len(waiting) > 0 && len(waiting) < len(runs) { // what came after it in the same call may be what it waits for
		return appendAll(ctx, to, county, waiting)
	}
	return waiting, nil
}

// moveRecords copies seats, batons, holds, keys and all else, but for what belongs to the store itself and the identity.
func moveRecords(ctx context.Context, from, to session.Registry, county incident.ScopeID) (int, error) {
	keys, err := from.List(ctx, "")
	if err != nil {
		return 0, err
	}
	own := []string{keyIdentity, keyMoved, session.EpochKey(county), fmt.Sprintf("life/%d", county)}
	keys = slices.DeleteFunc(keys, func(key string) bool { return slices.Contains(own, key) })
	for some := range slices.Chunk(keys, movePuts) {
		errs := make([]error, len(some))
		var all sync.WaitGroup
		for i, key := range some {
			all.Go(func() { errs[i] = moveRecord(ctx, from, to, key) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// moveRecord makes a record there what it is here: a move that was cut off may have left an older one.
func moveRecord(ctx context.Context, from, to session.Registry, key string) error {
	value, _, err := from.Get(ctx, key)
	if err != nil {
		return err
	}
	_, revision, err := to.Get(ctx, key)
	if err != nil && !errors.Is(err, session.ErrNotFound) {
		return err
	}
	_, err = to.Put(ctx, key, value, revision)
	return err
}

// moveBlobs copies the attachments that are whole; what is not comes again from its desk.
func moveBlobs(ctx context.Context, from, to Stores, county incident.ScopeID) (n int, err error) {
	keys, err := from.Registry.List(ctx, session.PrefixBlob)
	if err != nil {
		return 0, err
	}
	done := map[wire.BlobID]bool{}
	for _, key := range keys {
		raw, err := hex.DecodeString(key[strings.LastIndexByte(key, '/')+1:])
		if err != nil || len(raw) != len(wire.BlobID{}) {
			return n, fmt.Errorf("%q names no attachment", key)
		}
		id := wire.BlobID(raw)
		if done[id] {
			continue
		}
		done[id] = true
		moved, err := moveBlob(ctx, from.Blobs, to.Blobs, county, id)
		if err != nil {
			return n, err
		}
		if moved {
			n++
		}
	}
	return n, nil
}

func moveBlob(ctx context.Context, from, to session.Blobs, county incident.ScopeID, id wire.BlobID) (bool, error) {
	_, whole, err := from.Have(ctx, county, id)
	if errors.Is(err, session.ErrNotFound) || err == nil && !whole {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, there, err := to.Have(ctx, county, id); err == nil && there {
		return true, nil
	} else if err != nil && !errors.Is(err, session.ErrNotFound) {
		return false, err
	}
	manifest, err := from.Manifest(ctx, county, id)
	if err != nil {
		return false, err
	}
	codec, err := wire.NewCodec()
	if err != nil {
		return false, err
	}
	m, _, err := codec.Manifest(manifest)
	if err != nil {
		return false, err
	}
	if _, err := to.Begin(ctx, county, manifest); err != nil {
		return false, err
	}
	for i := range m.Chunks {
		chunk, err := from.Chunk(ctx, county, id, uint32(i))
		if err == nil {
			err = to.PutChunk(ctx, county, id, uint32(i), chunk)
		}
		if err != nil {
			return false, err
		}
	}
	return true, to.Finish(ctx, county, id)
}
