package room

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"zw110/data/geo"
	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/journal"
	"zw110/data/lists"
	"zw110/data/store"
)

// ErrInUse says that another process has the store open.
var ErrInUse error = store.ErrInUse

// ErrNoStore says that there is no store in the folder.
var ErrNoStore error = store.ErrNotFound

// Explain returns the catalogue key and arguments of an error that people can do something about, or an empty key.
func Explain(err error) (key string, args []any) {
	var (
		known  *store.Error
		unread *intake.Problem
		noUnit *UnknownUnit
		unlike *Unlike
	)
	switch {
	case errors.As(err, &known):
		return known.Key(), known.Args()
	case errors.As(err, &unread):
		return unread.Key(), unread.Args()
	case errors.As(err, &noUnit):
		return "slip.error.unit", []any{string(noUnit.Unit)}
	case errors.As(err, &unlike):
		return "room.issue.unlike", []any{unlike.Issue.Period, unlike.Issue.Version, unlike.Issue.Check, len(unlike.Rows)}
	case errors.Is(err, lists.ErrNoUnit):
		return "slip.error.no_unit", nil
	case errors.Is(err, lists.ErrNothingDue):
		return "slip.error.nothing_due", nil
	case errors.Is(err, geo.ErrFormat):
		return "places.err.format", nil
	case errors.Is(err, geo.ErrTooLarge):
		return "places.err.too_large", nil
	case errors.Is(err, ErrNotFound):
		return "room.not_found", nil
	case errors.Is(err, ErrClosed):
		return "room.closed", nil
	case errors.Is(err, context.Canceled):
		return "room.cancelled", nil
	}
	return explainFile(err)
}

// explainFile says what the system has against a file or folder that a person named.
func explainFile(err error) (key string, args []any) {
	var (
		path *fs.PathError
		link *os.LinkError
		name string
	)
	switch {
	case errors.As(err, &path):
		name = path.Path
	case errors.As(err, &link):
		name = link.New
	default:
		return "", nil
	}
	for _, known := range []struct {
		is  error
		key string
	}{
		{fs.ErrNotExist, "missing"},
		{syscall.ENOTDIR, "missing"},
		{fs.ErrPermission, "denied"},
		{syscall.EROFS, "denied"},
		{syscall.EISDIR, "folder"},
		{fs.ErrExist, "exists"},
		{syscall.ENOSPC, "full"},
	} {
		if errors.Is(err, known.is) {
			return "room.file." + known.key, []any{name}
		}
	}
	return "room.file.other", []any{name}
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
// answer, not an error. Progress may be nil.
func (r *Room) Verify(ctx context.Context, progress func(done, total int)) (VerifyReport, error) {
	return verify(ctx, r.store, r.codec, progress)
}

// VerifyStore verifies a store that no program has open, without writing a byte. Unlike Open it reads a damaged one, too, as far as
// that is possible, and names the damage.
func VerifyStore(ctx context.Context, cfg Config, progress func(done, total int)) (rep VerifyReport, err error) {
	if cfg, err = cfg.filled(); err != nil {
		return rep, err
	}
	codec, err := journal.NewCodec()
	if err != nil {
		return rep, err
	}
	p := cfg.store()
	p.ReadOnly = true
	st, err := store.Open(p)
	if err != nil {
		return rep, fmt.Errorf("open store %s: %w", cfg.Dir, err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return verify(ctx, st, codec, progress)
}

func verify(ctx context.Context, st *store.Store, codec *journal.Codec, progress func(done, total int)) (VerifyReport, error) {
	found, err := st.Verify(ctx, progress)
	if err != nil {
		return VerifyReport{}, fmt.Errorf("verify: %w", err)
	}
	rep := VerifyReport{Entries: found.Entries, Origins: found.Origins, Faults: []Fault{}}
	for _, f := range found.Faults {
		rep.Faults = append(rep.Faults, Fault{Origin: f.Origin, Seq: f.Seq, What: f.What})
	}
	if len(rep.Faults) > 0 {
		return rep, nil // folding what is damaged says nothing new
	}
	rep.Faults, err = verifyFolds(ctx, st, codec)
	if err != nil {
		return rep, fmt.Errorf("verify folds: %w", err)
	}
	return rep, nil
}

// verifyFolds folds every cached incident anew and compares. A cached state that is older than the journal is no fault.
func verifyFolds(ctx context.Context, st *store.Store, codec *journal.Codec) ([]Fault, error) {
	faults := []Fault{}
	_, err := st.Folds(incident.FoldVersion, func(id incident.IncidentID, value []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := st.Entries(id)
		if err != nil {
			return err
		}
		_, cached, err := decodeFold(codec, value)
		if err != nil || len(entries) == 0 {
			faults = append(faults, Fault{What: fmt.Sprintf("cached state of %s: %d entries, %v", id, len(entries), err)})
			return nil
		}
		folded := incident.Fold(entries)
		if !slices.Equal(cached.Heads, folded.Heads) {
			return nil
		}
		again, err := encodeFold(codec, &folded)
		if err != nil {
			return err
		}
		if !slices.Equal(again, value) {
			faults = append(faults, Fault{
				Origin: hex.EncodeToString(entries[0].Origin[:]), Seq: entries[0].Seq, What: "cached state of " + folded.No + " differs from its entries",
			})
		}
		return nil
	})
	return faults, err
}

// Backup writes a consistent copy of the store while it runs, and checks it by opening it.
func (r *Room) Backup(ctx context.Context, file string) error {
	if err := r.store.Backup(ctx, file); err != nil {
		return fmt.Errorf("back up to %s: %w", file, err)
	}
	return nil
}

// Restore puts a backup into a folder. A store that is there is moved aside, and its new place returned.
func Restore(cfg Config, file string) (aside string, err error) {
	if cfg, err = cfg.filled(); err != nil {
		return "", err
	}
	if aside, err = store.Restore(cfg.store(), file); err != nil {
		return "", fmt.Errorf("restore %s: %w", file, err)
	}
	return aside, nil
}
