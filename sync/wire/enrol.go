package wire

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"

	"zw110/data/incident"
)

// ErrCode says that what was typed is no enrolment code.
var ErrCode = errors.New("not an enrolment code")

// An enrolment code: characters of Crockford's alphabet, which has no I, L, O, U. Ten carry 50 bits, sixteen 80.
const (
	CodeLength     = 10
	LongCodeLength = 16
	codeAlphabet   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeGroup      = 5
)

// What stretching a code costs: 64 MiB and three passes, once at each end. The hub pays it when the code is made, never for a stranger.
const (
	argonTime    = 3
	argonMemory  = 64 << 10 // KiB
	argonThreads = 1
)

// CodeKey is a code stretched for one hub: what both ends prove to know.
type CodeKey [32]byte

// NewCode makes a code of CodeLength or LongCodeLength characters.
func NewCode(random io.Reader, length int) (string, error) {
	raw := make([]byte, length)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("make an enrolment code: %w", err)
	}
	text := base32.NewEncoding(codeAlphabet).WithPadding(base32.NoPadding).EncodeToString(raw)
	return text[:length], nil
}

// ShowCode writes a code in groups of five, as it is printed.
func ShowCode(code string) string {
	var groups []string
	for ; len(code) > codeGroup; code = code[codeGroup:] {
		groups = append(groups, code[:codeGroup])
	}
	return strings.Join(append(groups, code), "-")
}

// StretchCode turns a code as a person typed it into its key. Case, spaces, hyphens and the usual confusions don't matter. It takes
// 64 MiB and some tenths of a second.
func StretchCode(code string, hub HubID) (CodeKey, error) {
	text := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(strings.TrimSpace(code)))
	if len(text) != CodeLength && len(text) != LongCodeLength || strings.Trim(text, codeAlphabet) != "" {
		return CodeKey{}, ErrCode
	}
	return CodeKey(argon2.IDKey([]byte(text), hub[:], argonTime, argonMemory, argonThreads, uint32(len(CodeKey{})))), nil
}

// Lookup names a code without telling it.
func (k CodeKey) Lookup() (name [8]byte) {
	sum := sha256.Sum256(append([]byte("zw110.lookup.1"), k[:]...))
	copy(name[:], sum[:])
	return name
}

// DeskProof is what a desk shows: it knows the code, and speaks in this TLS session with this key.
func (k CodeKey) DeskProof(exp Exporter, desk ed25519.PublicKey) [32]byte {
	return k.proof("enrol", exp, desk)
}

// HubProof is what the hub shows in return, over its own key.
func (k CodeKey) HubProof(exp Exporter, hub ed25519.PublicKey) [32]byte {
	return k.proof("enrolled", exp, hub)
}

func (k CodeKey) proof(label string, exp Exporter, key ed25519.PublicKey) (proof [32]byte) {
	h := hmac.New(sha256.New, k[:])
	h.Write([]byte(label))
	h.Write(exp[:])
	h.Write(key)
	h.Sum(proof[:0])
	return proof
}

// CourierSecret derives a township's secret for courier files from the county's.
func CourierSecret(county [32]byte, scope incident.ScopeID) (town [32]byte) {
	h := hmac.New(sha256.New, county[:])
	h.Write([]byte("zw110.courier.1"))
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(scope)))
	h.Sum(town[:0])
	return town
}

// SameProof compares two proofs in constant time.
func SameProof(a, b [32]byte) bool { return hmac.Equal(a[:], b[:]) }
