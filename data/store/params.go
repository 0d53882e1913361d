package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"zw110/data/incident"
)

// Params says where a store is and what it needs from outside.
type Params struct {
	Dir string // the store's folder
	// ConfigDir holds anchor and key file. Empty: the user's configuration folder, for a drill store the folder "config" inside Dir.
	ConfigDir string
	Clock     func() incident.Stamp // nil: the wall clock
	Rand      io.Reader             // for IDs, nil: crypto/rand; keys and nonces never come from it
	// KeyStore keeps the key that wraps the data key. Nil: the operating system's, with a key file where there is none.
	KeyStore KeyStore
	// Socket is noted for a second start, which can ask there for the window to come to the front.
	Socket string

	// Drill makes a store for exercises: everything in its own folder. For Create; Open finds out.
	Drill bool
	// Desk is the seat's name if the hub has given one. For Create; zero: a random one.
	Desk [16]byte

	// ReadOnly opens without writing a byte: no lock, no anchor, no repair. Open then does not refuse a damaged file if it can be
	// read at all; Verify names the damage.
	ReadOnly bool
	// RecoveryCode opens a store whose key this computer doesn't hold, and keeps the key here from then on.
	RecoveryCode string
	// MaxSize bounds the file in bytes; zero: the disk does.
	MaxSize int

	copied string // a backup: the database stands in this file instead
}

// complete fills what was left out, for a store that is made new or is there.
func (p Params) complete() (Params, error) {
	dir, err := filepath.Abs(p.Dir)
	if p.Dir == "" || err != nil {
		return p, &Error{Kind: ErrInvalid, Place: "name the store's folder", Err: err}
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	p.Dir = dir
	if p.Clock == nil {
		p.Clock = func() incident.Stamp { return incident.StampOf(time.Now()) }
	}
	if p.Rand == nil {
		p.Rand = rand.Reader
	}
	return p, nil
}

// configured names the configuration folder, now that it is known whether the store is for exercises. Without a home there is none,
// and making it fails with its name.
func (p Params) configured(drill bool) Params {
	p.Drill = drill
	if p.ConfigDir == "" && drill {
		p.ConfigDir = p.file(dirConfig)
	}
	if p.ConfigDir == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			base = p.file(dirConfig)
		}
		p.ConfigDir = filepath.Join(base, keyService)
	}
	return p
}

// db is the database file, sum its checksum file.
func (p Params) db() string {
	if p.copied != "" {
		return p.copied
	}
	return p.file(fileDB)
}

func (p Params) sum() string {
	if p.copied != "" {
		return p.copied + sumSuffix
	}
	return p.file(fileSum)
}

// keys returns where the wrapping key may lie.
func (p Params) keys() keyPlaces {
	k := keyPlaces{system: p.KeyStore, file: fileKeys{dir: p.ConfigDir}}
	if k.system == nil && !p.Drill {
		k.system = osKeys{}
	}
	return k
}

func (p Params) file(name string) string { return filepath.Join(p.Dir, name) }

// random fills b from the injected source.
func (p Params) random(b []byte) error {
	if _, err := io.ReadFull(p.Rand, b); err != nil {
		return fmt.Errorf("draw random bytes: %w", err)
	}
	return nil
}

// storeName turns a store's ID into the name of its key.
func storeName(id []byte) string {
	sum := sha256.Sum256(id)
	return hex.EncodeToString(sum[:16])
}
