package journal

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	"zw110/data/incident"
)

// Key is a key of AES-256-GCM.
type Key [32]byte

const personLabel = "zw110.person.1"

// Wrapper seals values under one key with AES-256-GCM and a random 96-bit nonce each: algorithm byte ‖ nonce ‖ ciphertext ‖ tag.
// It is safe for concurrent use.
type Wrapper struct{ aead cipher.AEAD }

// NewWrapper returns the Wrapper of a key.
func NewWrapper(key Key) (*Wrapper, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("set up cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("set up cipher mode: %w", err)
	}
	return &Wrapper{aead: aead}, nil
}

// Seal wraps a value; place is bound to it but not stored, so that a value can't be moved elsewhere.
func (w *Wrapper) Seal(value, place []byte) []byte {
	out := make([]byte, 1, 1+w.aead.Overhead()+len(value))
	out[0] = AlgSet1
	return w.aead.Seal(out, nil, value, place)
}

// Open unwraps a value into a fresh slice. ErrAlgorithm for another algorithm set, ErrSeal for anything that was changed.
func (w *Wrapper) Open(sealed, place []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, fmt.Errorf("empty value: %w", ErrSeal)
	}
	if sealed[0] != AlgSet1 {
		return nil, fmt.Errorf("value of set %d: %w", sealed[0], ErrAlgorithm)
	}
	value, err := w.aead.Open(nil, nil, sealed[1:], place)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSeal, err)
	}
	return value, nil
}

// SealReporter seals a report's personal fields under the report's own key, bound to the key's name.
func (c *Codec) SealReporter(key Key, id incident.KeyID, r incident.Reporter) ([]byte, error) {
	plain, err := c.enc.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode personal fields: %w", err)
	}
	w, err := NewWrapper(key)
	if err != nil {
		return nil, fmt.Errorf("seal personal fields: %w", err)
	}
	return w.Seal(plain, append([]byte(personLabel), id[:]...)), nil
}

// OpenReporter opens what SealReporter sealed.
func (c *Codec) OpenReporter(key Key, id incident.KeyID, sealed []byte) (incident.Reporter, error) {
	w, err := NewWrapper(key)
	if err != nil {
		return incident.Reporter{}, fmt.Errorf("open personal fields: %w", err)
	}
	plain, err := w.Open(sealed, append([]byte(personLabel), id[:]...))
	if err != nil {
		return incident.Reporter{}, fmt.Errorf("open personal fields: %w", err)
	}
	var r incident.Reporter
	if err := c.loose.Unmarshal(plain, &r); err != nil {
		return incident.Reporter{}, fmt.Errorf("open personal fields: %w: %w", ErrCodec, err)
	}
	return r, nil
}
