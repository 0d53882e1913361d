package store

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Holder is the note that whoever has a store open leaves for a second start: its process number, and the local socket on which it
// can be asked to come to the front.
type Holder struct {
	PID    int    `json:"pid"`
	Socket string `json:"socket,omitempty"`
}

// lock takes the store's folder for this process, and leaves the note.
func lock(dir, socket string) (*flock.Flock, error) {
	l := flock.New(filepath.Join(dir, fileLock), flock.SetPermissions(0o600))
	got, err := l.TryLock()
	if err != nil {
		return nil, fail("lock the store", err)
	}
	if !got {
		return nil, &Error{Kind: ErrInUse, Place: "lock the store", Holder: holderOf(dir)}
	}
	note, err := json.Marshal(Holder{PID: os.Getpid(), Socket: socket})
	if err == nil {
		err = writeFile(filepath.Join(dir, fileHolder), note)
	}
	if err != nil {
		if uerr := l.Unlock(); uerr != nil {
			err = fmt.Errorf("%w; unlock: %w", err, uerr)
		}
		return nil, fail("note who holds the store", err)
	}
	return l, nil
}

// holderOf reads the note; nil if there is none that can be read.
func holderOf(dir string) *Holder {
	b, err := os.ReadFile(filepath.Join(dir, fileHolder))
	if err != nil {
		return nil
	}
	var h Holder
	if json.Unmarshal(b, &h) != nil {
		return nil
	}
	return &h
}
