package room

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"zw110/data/incident"
	"zw110/data/store"
)

// ErrInUse says that another process has the store open.
var ErrInUse error = store.ErrInUse

// ErrNoStore says that there is no store in the folder.
var ErrNoStore error = store.ErrNotFound

// Explain returns the catalogue key and arguments of an error that people can do something about, or an empty key.
func Explain(err error) (key string, args []any) {
	var known *store.Error
	switch {
	case errors.As(err, &known):
		return known.Key(), known.Args()
	case errors.Is(err, ErrNotFound):
		return "room.not_found", nil
	case errors.Is(err, ErrClosed):
		return "room.closed", nil
	case errors.Is(err, context.Canceled):
		return "room.cancelled", nil
	}
	return "", nil
}

// Holder returns the process and socket of whoever has the store open, when the error says that somebody has.
func Holder(err error) (pid int, socket string, ok bool) {
	var known *store.Error
	if !errors.As(err, &known) || known.Holder == nil {
		return 0, "", false
	}
	return known.Holder.PID, known.Holder.Socket, true
}

// RecoveryCode returns the code that opens the store without this computer's key; only the room that Init made knows it.
func (r *Room) RecoveryCode() string { return r.store.RecoveryCode() }

// Warnings returns catalogue keys of what an administrator should know about this store.
func (r *Room) Warnings() []string { return r.store.Warnings() }

// Verify checks the journal's chain, seals and bytes, then that every incident folds to what its cached state says. Faults are an
// answer, not an error.
func (r *Room) Verify(ctx context.Context, progress func(done, total int)) (VerifyReport, error) {
	entries, origins, faults, err := r.storeVerify(ctx, progress)
	if err != nil {
		return VerifyReport{}, fmt.Errorf("verify: %w", err)
	}
	rep := VerifyReport{Entries: entries, Origins: origins, Faults: []Fault{}}
	for _, f := range faults {
		rep.Faults = append(rep.Faults, Fault{Origin: f.Origin, Seq: f.Seq, What: f.What})
	}
	folds, err := r.verifyFolds(ctx)
	if err != nil {
		return rep, fmt.Errorf("verify folds: %w", err)
	}
	rep.Faults = append(rep.Faults, folds...)
	return rep, nil
}

// verifyFolds folds every cached incident anew and compares.
func (r *Room) verifyFolds(ctx context.Context) ([]Fault, error) {
	var faults []Fault
	mark, err := r.store.Folds(incident.FoldVersion, func(id incident.IncidentID, value []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := r.store.Entries(id)
		if err != nil {
			faults = append(faults, Fault{What: err.Error()})
			return nil
		}
		_, cached, err := r.decodeFold(value)
		if err != nil {
			return err
		}
		if len(entries) == 0 || !slices.Equal(cached.Heads, incident.Fold(entries).Heads) {
			return nil // the journal went on since: the cache is old, which is no fault
		}
		st := incident.Fold(entries)
		again, err := r.encodeFold(&st)
		if err != nil {
			return err
		}
		if !slices.Equal(again, value) {
			faults = append(faults, Fault{
				Origin: hex.EncodeToString(entries[0].Origin[:]), Seq: entries[0].Seq, What: "incident " + st.No + ": cached state differs from its entries",
			})
		}
		return nil
	})
	if err != nil || mark == nil {
		return nil, err
	}
	return faults, nil
}

// Backup writes a consistent copy of the store while it runs, and checks it by opening it.
func (r *Room) Backup(ctx context.Context, file string) error {
	if err := r.storeBackup(ctx, file); err != nil {
		return fmt.Errorf("back up to %s: %w", file, err)
	}
	return nil
}

// Restore puts a backup into a folder. A store that is there is moved aside, and its new place returned.
func Restore(ctx context.Context, cfg Config, file string) (aside string, err error) {
	cfg, err = cfg.filled()
	if err != nil {
		return "", err
	}
	if aside, err = storeRestore(ctx, cfg.store(), file); err != nil {
		return "", fmt.Errorf("restore %s: %w", file, err)
	}
	return aside, nil
}
