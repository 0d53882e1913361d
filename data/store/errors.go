package store

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"
)

// Kind is what went wrong, and with "store." before it the catalogue key of what people read. Kinds are errors themselves:
// errors.Is(err, store.ErrDiskFull).
type Kind string

// The kinds.
const (
	ErrNotFound Kind = "not_found" // no store, blob or key there
	ErrPath     Kind = "path"      // no such file or folder, or a folder for a file; Error.Place names it
	ErrExists   Kind = "exists"    // a store is there already
	ErrInUse    Kind = "in_use"    // another process has the store open; Error.Holder says which
	ErrReadOnly Kind = "read_only" // the folder or the store may not be written
	ErrDiskFull Kind = "disk_full"
	ErrDamaged  Kind = "damaged" // bytes are not what was written; Error.Place says where
	ErrNewer    Kind = "newer"   // the file was written by a newer version of the program
	ErrNoKey    Kind = "no_key"  // the data key can't be unwrapped here; the recovery code can
	ErrCode     Kind = "code"    // the recovery code is not the one of this store
	ErrInvalid  Kind = "invalid" // the caller asked for something that can't be written
	ErrTooBig   Kind = "too_big" // an entry above 64 KiB or a blob above 64 MiB
	ErrClosed   Kind = "closed"
	ErrGap      Kind = "gap"  // a run does not start right after what is held
	ErrFork     Kind = "fork" // a run contradicts what is held
	ErrDisk     Kind = "disk" // any other failure of the disk
)

// Error returns the catalogue key.
func (k Kind) Error() string { return "store." + string(k) }

// Error is a failure of the store with its kind. Nothing of what was being written when it happened is kept, everything before is.
type Error struct {
	Kind   Kind
	Place  string  // what was being done, and for ErrDamaged where
	Holder *Holder // for ErrInUse, if the holder left a note
	Err    error   // may be nil
}

// Error returns place, kind and cause, for the log.
func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s: %s", e.Place, e.Kind.Error())
	}
	return fmt.Sprintf("%s: %s: %v", e.Place, e.Kind.Error(), e.Err)
}

// Unwrap makes errors.Is find both the kind and the cause.
func (e *Error) Unwrap() []error { return []error{e.Kind, e.Err} }

// Key returns the catalogue key of what people read.
func (e *Error) Key() string { return e.Kind.Error() }

// Args returns what fills the places of the catalogue text: the place, or for ErrInUse the holder's process number.
func (e *Error) Args() []any {
	if e.Kind == ErrInUse && e.Holder != nil {
		return []any{strconv.Itoa(e.Holder.PID)}
	}
	return []any{e.Place}
}

// fail gives an error its kind. An error that has one keeps it.
func fail(place string, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	var kind Kind
	if !errors.As(err, &kind) {
		kind = kindOf(err)
	}
	var path *fs.PathError
	if kind == ErrPath && errors.As(err, &path) {
		place = path.Path
	}
	return &Error{Kind: kind, Place: place, Err: err}
}

func kindOf(err error) Kind {
	switch {
	// bbolt keeps only the words of what the system said when the file can't grow.
	case isDiskFull(err), errors.Is(err, berrors.ErrMaxSizeReached), strings.Contains(err.Error(), "file resize error"):
		return ErrDiskFull
	case errors.Is(err, fs.ErrPermission), isReadOnly(err), errors.Is(err, berrors.ErrDatabaseReadOnly):
		return ErrReadOnly
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return ErrDamaged
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return ErrClosed
	case errors.Is(err, berrors.ErrTimeout):
		return ErrInUse
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR):
		return ErrPath
	}
	return ErrDisk
}

// kindOfError returns the kind of an error of this package, empty for any other.
func kindOfError(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}
