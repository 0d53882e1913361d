package wire

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"zw110/data/incident"
	"zw110/data/journal"
)

// ErrSignature says that something was not signed by whom it claims.
var ErrSignature = errors.New("the signature is not good")

// Exporter binds a signature to one TLS session (RFC 5705, label ExporterLabel, 32 bytes). It is zero where a trusted proxy ends TLS.
type Exporter [32]byte

// ExporterLabel is the label under which both ends take keying material from their TLS session.
const ExporterLabel = "EXPORTER-zw110-sync-1"

const (
	helloLabel    = "zw110.hello.1"
	welcomeLabel  = "zw110.welcome.1"
	batonLabel    = "zw110.baton.1"
	excerptsLabel = "zw110.excerpts.1"
	branchLabel   = "branch"
)

// SignHello fills h.Sig with the desk's signature over the whole message, both nonces and the TLS session.
func (c *Codec) SignHello(key ed25519.PrivateKey, h Hello, hub HubID, hubNonce Nonce, exp Exporter) (Hello, error) {
	b, err := c.helloBytes(h, hub, hubNonce, exp)
	if err != nil {
		return h, err
	}
	h.Sig = ed25519.Sign(key, b)
	return h, nil
}

// VerifyHello checks it; ErrSignature otherwise.
func (c *Codec) VerifyHello(key ed25519.PublicKey, h Hello, hub HubID, hubNonce Nonce, exp Exporter) error {
	b, err := c.helloBytes(h, hub, hubNonce, exp)
	if err != nil {
		return err
	}
	return verify(key, b, h.Sig)
}

func (c *Codec) helloBytes(h Hello, hub HubID, hubNonce Nonce, exp Exporter) ([]byte, error) {
	h.Sig = nil
	body, err := c.body(h)
	return signed(helloLabel, hub, hubNonce, h.Nonce, exp, body), err
}

// SignWelcome fills w.Sig with the hub's signature over the whole message, both nonces and the TLS session.
func (c *Codec) SignWelcome(key ed25519.PrivateKey, w Welcome, hub HubID, hubNonce, deskNonce Nonce, exp Exporter) (Welcome, error) {
	w.Sig = nil
	body, err := c.body(w)
	if err != nil {
		return w, err
	}
	w.Sig = ed25519.Sign(key, signed(welcomeLabel, hub, hubNonce, deskNonce, exp, body))
	return w, nil
}

// VerifyWelcome checks it; ErrSignature otherwise.
func (c *Codec) VerifyWelcome(key ed25519.PublicKey, w Welcome, hub HubID, hubNonce, deskNonce Nonce, exp Exporter) error {
	sig := w.Sig
	w.Sig = nil
	body, err := c.body(w)
	if err != nil {
		return err
	}
	return verify(key, signed(welcomeLabel, hub, hubNonce, deskNonce, exp, body), sig)
}

func signed(label string, hub HubID, hubNonce, deskNonce Nonce, exp Exporter, body []byte) []byte {
	b := make([]byte, 0, len(label)+len(hub)+2*len(hubNonce)+len(exp)+len(body))
	b = append(append(append(b, label...), hub[:]...), hubNonce[:]...)
	return append(append(append(b, deskNonce[:]...), exp[:]...), body...)
}

func verify(key ed25519.PublicKey, b, sig []byte) error {
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, b, sig) {
		return ErrSignature
	}
	return nil
}

// NewBaton makes the baton of a line, with the hub's secret.
func NewBaton(secret [32]byte, origin incident.Origin, counter uint64, nonce [16]byte) Baton {
	b := Baton{Counter: counter, Nonce: nonce}
	b.MAC = b.mac(secret, origin)
	return b
}

// Genuine reports whether a hub with this secret made the baton for this line.
func (b Baton) Genuine(secret [32]byte, origin incident.Origin) bool {
	mac := b.mac(secret, origin)
	return hmac.Equal(mac[:], b.MAC[:])
}

func (b Baton) mac(secret [32]byte, origin incident.Origin) (mac [32]byte) {
	h := hmac.New(sha256.New, secret[:])
	h.Write([]byte(batonLabel))
	h.Write(origin[:])
	h.Write(binary.BigEndian.AppendUint64(nil, b.Counter))
	h.Write(b.Nonce[:])
	h.Sum(mac[:0])
	return mac
}

// NextCheck returns the feed's check value after one more record: a run of an origin that begins at first and leaves its chain at last.
func NextCheck(before [8]byte, origin incident.Origin, first uint64, last journal.Hash) (check [8]byte) {
	b := make([]byte, 0, len(before)+len(origin)+8+len(last))
	b = binary.BigEndian.AppendUint64(append(append(b, before[:]...), origin[:]...), first)
	sum := sha256.Sum256(append(b, last[:]...))
	copy(check[:], sum[:])
	return check
}

// VectorDigest returns the digest of a set of heads; their order doesn't matter, and neither do lines that never wrote.
func VectorDigest(heads []Head) [32]byte {
	sorted := slices.Clone(heads)
	slices.SortFunc(sorted, func(a, b Head) int { return slices.Compare(a.Origin[:], b.Origin[:]) })
	h := sha256.New()
	for _, head := range sorted {
		if head.Seq == 0 {
			continue
		}
		h.Write(head.Origin[:])
		h.Write(binary.BigEndian.AppendUint64(nil, head.Seq))
		h.Write(head.Hash[:])
	}
	return [32]byte(h.Sum(nil))
}

// Branch returns the derived origin under which every replica keeps the part of a line that another version of it displaced: the same
// desk, and an incarnation made from the first entry that differs.
func Branch(origin incident.Origin, divergent journal.Hash) incident.Origin {
	sum := sha256.Sum256(slices.Concat([]byte(branchLabel), origin[:], divergent[:]))
	copy(origin[len(DeskID{}):], sum[:])
	return origin
}

// SignExcerpts signs a run of excerpts for the desks of a scope, with the hub's key.
func (c *Codec) SignExcerpts(key ed25519.PrivateKey, items []Excerpt) ([]byte, error) {
	b, err := c.excerptsBytes(items)
	if err != nil {
		return nil, err
	}
	return ed25519.Sign(key, b), nil
}

// VerifyExcerpts checks it; ErrSignature otherwise.
func (c *Codec) VerifyExcerpts(key ed25519.PublicKey, items []Excerpt, sig []byte) error {
	b, err := c.excerptsBytes(items)
	if err != nil {
		return err
	}
	return verify(key, b, sig)
}

func (c *Codec) excerptsBytes(items []Excerpt) ([]byte, error) {
	b, err := c.enc.Marshal(items)
	if err != nil {
		return nil, fmt.Errorf("encode excerpts: %w", err)
	}
	return append([]byte(excerptsLabel), b...), nil
}
