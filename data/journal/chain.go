package journal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"zw110/data/incident"
)

// Hash is the state of an origin's chain after an entry; of the chain an entry was first written to it is the entry's ID.
type Hash = incident.EntryID

// Digest is the SHA-256 of an entry's bytes. The chain runs over digests, so that an entry can be replaced by its digest.
type Digest [sha256.Size]byte

const (
	chainLabel = "zw110.chain.1"
	sealLabel  = "zw110.seal.1"
	forkLabel  = "branch"
)

// Start returns the hash before an origin's first entry: equal first entries of two origins still have different IDs.
func Start(origin incident.Origin) Hash {
	return sha256.Sum256(append([]byte(chainLabel), origin[:]...))
}

// DigestOf returns the digest of an entry's bytes.
func DigestOf(entry []byte) Digest { return sha256.Sum256(entry) }

// Next returns the hash after an entry.
func Next(before Hash, d Digest) Hash {
	var both [2 * sha256.Size]byte
	copy(both[:], before[:])
	copy(both[sha256.Size:], d[:])
	return sha256.Sum256(both[:])
}

// Branch names the line under which the second version of a forked one is kept: everybody who meets the fork gives it the same name.
// First is the hash after the first entry in which the version differs. Its chain goes on from the forked line's, and its seals are
// those of the forked line.
func Branch(forked incident.Origin, first Hash) incident.Origin {
	b := append(append([]byte(forkLabel), forked[:]...), first[:]...)
	sum := sha256.Sum256(b)
	copy(forked[16:], sum[:])
	return forked
}

// Seal signs the chain of an origin up to seq: the algorithm byte and 64 bytes of Ed25519. It covers everything before it.
func Seal(key ed25519.PrivateKey, origin incident.Origin, seq uint64, hash Hash) []byte {
	return append([]byte{AlgSet1}, ed25519.Sign(key, sealed(origin, seq, hash))...)
}

// VerifySeal checks a seal; ErrSeal when it was made for something else or by another key, ErrAlgorithm for another algorithm set.
func VerifySeal(key ed25519.PublicKey, origin incident.Origin, seq uint64, hash Hash, seal []byte) error {
	if len(seal) == 0 || len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("seal of entry %d: %w", seq, ErrSeal)
	}
	if seal[0] != AlgSet1 {
		return fmt.Errorf("seal of entry %d: set %d: %w", seq, seal[0], ErrAlgorithm)
	}
	if !ed25519.Verify(key, sealed(origin, seq, hash), seal[1:]) {
		return fmt.Errorf("seal of entry %d: %w", seq, ErrSeal)
	}
	return nil
}

func sealed(origin incident.Origin, seq uint64, hash Hash) []byte {
	b := make([]byte, 0, len(sealLabel)+len(origin)+8+len(hash))
	b = append(append(b, sealLabel...), origin[:]...)
	return append(binary.BigEndian.AppendUint64(b, seq), hash[:]...)
}

// Run is a piece of one origin's journal as it travels: the hash before the first entry, the entries' bytes, the seal of the last.
type Run struct {
	Origin  incident.Origin
	First   uint64
	Before  Hash
	Entries [][]byte
	Seal    []byte // may be empty inside a desk
	// OldBefore is, for a run that begins with a moved entry, the hash before that entry in its old chain.
	OldBefore Hash
}

// Last returns the sequence of the run's last entry.
func (r Run) Last() uint64 { return r.First + uint64(len(r.Entries)) - 1 }

// Records decodes a run and recomputes its chain: the records and the hash after each. ErrCodec for an entry that is none,
// ErrChain for a sequence with a hole. Whether Before is right, and the seal, is for the caller to compare.
func (c *Codec) Records(run Run) ([]Record, []Hash, error) {
	records := make([]Record, len(run.Entries))
	hashes := make([]Hash, len(run.Entries))
	before := run.Before
	for i, b := range run.Entries {
		r, err := c.Decode(b)
		if err != nil {
			return nil, nil, fmt.Errorf("run of %x at %d: %w", run.Origin, run.First+uint64(i), err)
		}
		if r.Seq != run.First+uint64(i) {
			return nil, nil, fmt.Errorf("run of %x: entry %d stands at %d: %w", run.Origin, r.Seq, run.First+uint64(i), ErrChain)
		}
		before = Next(before, DigestOf(b))
		records[i], hashes[i] = r, before
	}
	return records, hashes, nil
}
