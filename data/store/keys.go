package store

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/zalando/go-keyring"

	"zw110/data/journal"
)

// KeyStore keeps a small secret under a name, as the operating system's key store does. Get returns an error that is ErrNotFound
// for a name it doesn't hold.
type KeyStore interface {
	Get(name string) (secret []byte, err error)
	Set(name string, secret []byte) error
}

const keyService = "zw110"

// Time given to the operating system's key store: to show that it is there, and to be unlocked by a person.
const (
	probeTime  = 2 * time.Second
	unlockTime = 30 * time.Second
)

// osKeys is the operating system's key store: Data Protection on Windows, Keychain, Secret Service.
type osKeys struct{}

func (osKeys) Get(name string) ([]byte, error) {
	var text string
	err := within(unlockTime, func() (err error) {
		text, err = keyring.Get(keyService, name)
		return err
	})
	if errors.Is(err, keyring.ErrNotFound) {
		return nil, fmt.Errorf("key %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read key store: %w", err)
	}
	return base64.StdEncoding.DecodeString(text)
}

func (osKeys) Set(name string, secret []byte) error {
	if !sessionBus() {
		return errors.New("no key store on this desktop")
	}
	return within(probeTime, func() error {
		return keyring.Set(keyService, name, base64.StdEncoding.EncodeToString(secret))
	})
}

// sessionBus reports whether asking for a key store can succeed; on Linux without a session bus, asking would start programs.
func sessionBus() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus"))
	return os.Getenv("XDG_RUNTIME_DIR") != "" && err == nil
}

// within runs fn and gives up waiting after d. The library can't be cancelled: fn then ends whenever the key store answers.
func within(d time.Duration, fn func() error) error {
	done := make(chan error, 1) // room for an answer nobody waits for
	go func() { done <- fn() }()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return errors.New("the key store doesn't answer")
	}
}

// fileKeys keeps secrets in files of mode 0600.
type fileKeys struct{ dir string }

func (f fileKeys) path(name string) string { return filepath.Join(f.dir, name+".key") }

func (f fileKeys) Get(name string) ([]byte, error) {
	b, err := os.ReadFile(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("key file: %w", ErrNotFound)
	}
	return b, err
}

func (f fileKeys) Set(name string, secret []byte) error { return writeFile(f.path(name), secret) }

// keyring is where the key that wraps the data key lies: the key store first, if there is one, else the file.
type keyPlaces struct {
	system KeyStore // nil in a drill store
	file   fileKeys
}

// put stores a fresh wrapping key and reports whether only a file could take it.
func (k keyPlaces) put(name string, secret []byte) (inFile bool, err error) {
	if k.system != nil && k.system.Set(name, secret) == nil {
		return false, nil
	}
	return true, k.file.Set(name, secret)
}

// get finds the wrapping key and reports whether it lay in a file.
func (k keyPlaces) get(name string) (secret []byte, inFile bool, err error) {
	if secret, err = k.file.Get(name); err == nil {
		return secret, true, nil
	}
	if k.system == nil || !errors.Is(err, ErrNotFound) {
		return nil, false, err
	}
	secret, err = k.system.Get(name)
	return secret, false, err
}

// The recovery code: 160 bits in 8 groups of 4 characters of Crockford's alphabet, which has no I, L, O, U.
const (
	codeBytes    = 20
	codeGroup    = 4
	codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLabel    = "zw110.recovery.1"
)

func codeEncoding() *base32.Encoding {
	return base32.NewEncoding(codeAlphabet).WithPadding(base32.NoPadding)
}

// newCode returns a fresh recovery code as it is printed.
func newCode() string {
	var b [codeBytes]byte
	rand.Read(b[:]) // never fails
	text := codeEncoding().EncodeToString(b[:])
	groups := make([]string, 0, len(text)/codeGroup)
	for ; text != ""; text = text[codeGroup:] {
		groups = append(groups, text[:codeGroup])
	}
	return strings.Join(groups, "-")
}

// codeKey turns a recovery code as a person typed it into a key. Case, spaces, hyphens and the usual confusions don't matter.
func codeKey(code string) (journal.Key, error) {
	text := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	raw, err := codeEncoding().DecodeString(text)
	if err != nil || len(raw) != codeBytes {
		return journal.Key{}, &Error{Kind: ErrCode, Place: "read the recovery code", Err: err}
	}
	// The code has its full 160 bits of randomness, so a fast derivation is enough.
	derived, err := hkdf.Key(sha256.New, raw, nil, codeLabel, len(journal.Key{}))
	if err != nil {
		return journal.Key{}, fmt.Errorf("derive key from recovery code: %w", err)
	}
	return journal.Key(derived), nil
}

func newKey() (k journal.Key) {
	rand.Read(k[:]) // never fails
	return k
}
