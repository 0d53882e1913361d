// Package journal owns the bytes of the journal: how an entry is written (deterministic CBOR), how entries of one origin are chained
// and sealed, how the hybrid clock ticks, how a report's personal fields are sealed, and how a folded state is cached. It is pure:
// no file, no network, no wall clock. The format is described in docs/format.md; change both in one commit.
package journal

import "errors"

// AlgSet1 is the first byte of everything sealed or wrapped with SHA-256, Ed25519 and AES-256-GCM. 2 is reserved for SM3, SM2, SM4.
const AlgSet1 = 1

// The errors of this package; compare with errors.Is.
var (
	// ErrCodec says that bytes are no entry, payload or wrapper of this format.
	ErrCodec = errors.New("not the journal's encoding")
	// ErrSeal says that a seal does not belong to what it is said to seal.
	ErrSeal = errors.New("seal does not match")
	// ErrChain says that a run does not link to the hash before it.
	ErrChain = errors.New("chain does not link")
	// ErrAlgorithm says that something was sealed by an algorithm set this version does not know.
	ErrAlgorithm = errors.New("unknown algorithm set")
	// ErrTooBig says that an entry is larger than MaxEntry.
	ErrTooBig = errors.New("entry is too big")
)
