package courier

import (
	"bytes"
	"compress/flate"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// Why a file is refused. It is always refused whole: nothing of it is taken.
var (
	ErrNoCourier  = errors.New("not a courier file of this program")
	ErrNewer      = errors.New("the courier file is from a newer version")
	ErrForeign    = errors.New("the courier file is from another county or township")
	ErrUnfinished = errors.New("the courier file was not written to its end")
	ErrDamaged    = errors.New("the courier file was changed or damaged")
	ErrOwn        = errors.New("the courier file is this desk's own")
	ErrUnknown    = errors.New("the courier file is from a desk that this one doesn't know")
	ErrBefore     = errors.New("the courier file goes on from records that are not here")
	ErrSeal       = errors.New("a record of the courier file was not sealed by its desk")
)

// magic begins a courier file; the header follows, its length first, and then what was sealed.
const magic = "zw110 courier\n"

const (
	fileVersion = 1
	maxHeader   = 4 << 10
	// MaxFile bounds what is read into memory, in bytes, sealed and open.
	MaxFile = 256 << 20
)

// header stands open at the beginning: for whom the file is, and how long it must be.
type header struct {
	_       struct{} `cbor:",toarray"`
	Version uint16
	Hub     wire.HubID
	Scope   incident.ScopeID
	Length  uint64 // bytes after the header
}

// content is what is sealed.
type content struct {
	_      struct{} `cbor:",toarray"`
	From   incident.Origin
	Seat   string
	Made   incident.Stamp
	Heads  []wire.Head // all that the desk holds whole
	Runs   []wire.Run
	Keys   []wire.KeyItem
	KeysTo uint64 // where the desk's own list of keys stood
	Got    []got
	Sig    []byte // by the desk that made it, over all of this without Sig
}

// got says up to where a desk has got another's keys.
type got struct {
	_    struct{} `cbor:",toarray"`
	Desk wire.DeskID
	Mark uint64
}

// coder turns contents into files and back.
type coder struct {
	enc cbor.EncMode
	dec cbor.DecMode
}

func newCoder() (coder, error) {
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return coder{}, fmt.Errorf("set up encoder: %w", err)
	}
	dec, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: 4 << 20,
	}.DecMode()
	if err != nil {
		return coder{}, fmt.Errorf("set up decoder: %w", err)
	}
	return coder{enc: enc, dec: dec}, nil
}

func (c coder) sign(key ed25519.PrivateKey, k *content) error {
	b, err := c.unsigned(*k)
	if err != nil {
		return err
	}
	k.Sig = ed25519.Sign(key, b)
	return nil
}

func (c coder) signedBy(key ed25519.PublicKey, k *content) (bool, error) {
	b, err := c.unsigned(*k)
	return err == nil && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, b, k.Sig), err
}

func (c coder) unsigned(k content) ([]byte, error) {
	k.Sig = nil
	b, err := c.enc.Marshal(k)
	if err != nil {
		return nil, fmt.Errorf("encode courier file: %w", err)
	}
	sum := sha256.Sum256(b)
	return append([]byte("zw110.courier.1"), sum[:]...), nil
}

// write seals a content for a scope.
func (c coder) write(w io.Writer, secret [32]byte, hub wire.HubID, scope incident.ScopeID, k *content) error {
	plain, err := c.enc.Marshal(k)
	if err != nil {
		return fmt.Errorf("encode courier file: %w", err)
	}
	if len(plain) > MaxFile {
		return fmt.Errorf("a courier file of %d bytes: %w", len(plain), wire.ErrTooBig)
	}
	var small bytes.Buffer
	z, err := flate.NewWriter(&small, flate.BestSpeed)
	if err != nil {
		return fmt.Errorf("compress courier file: %w", err)
	}
	if _, err := z.Write(plain); err != nil {
		return fmt.Errorf("compress courier file: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("compress courier file: %w", err)
	}
	wrap, err := journal.NewWrapper(journal.Key(secret))
	if err != nil {
		return err
	}
	h := header{Version: fileVersion, Hub: hub, Scope: scope}
	h.Length = uint64(len(wrap.Seal(nil, nil)) + small.Len())
	head, err := c.head(h)
	if err != nil {
		return err
	}
	if _, err := w.Write(append(head, wrap.Seal(small.Bytes(), head)...)); err != nil {
		return fmt.Errorf("write courier file: %w", err)
	}
	return nil
}

func (c coder) head(h header) ([]byte, error) {
	b, err := c.enc.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode courier file: %w", err)
	}
	head := binary.BigEndian.AppendUint16([]byte(magic), uint16(len(b)))
	return append(head, b...), nil
}

// read opens a file that is for one of the given scopes of a hub; secretOf gives the secret for it.
func (c coder) read(r io.Reader, hub wire.HubID, secretOf func(incident.ScopeID) ([32]byte, bool)) (content, incident.ScopeID, error) {
	var k content
	file, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return k, 0, fmt.Errorf("read courier file: %w", err)
	}
	if len(file) > MaxFile {
		return k, 0, fmt.Errorf("courier file: %w", wire.ErrTooBig)
	}
	h, n, err := c.readHeader(file)
	if err != nil {
		return k, 0, err
	}
	secret, mine := secretOf(h.Scope)
	switch {
	case h.Version != fileVersion:
		return k, 0, ErrNewer
	case h.Hub != hub || !mine:
		return k, 0, ErrForeign
	case uint64(len(file)-n) < h.Length:
		return k, 0, ErrUnfinished
	case uint64(len(file)-n) > h.Length:
		return k, 0, ErrDamaged
	}
	wrap, err := journal.NewWrapper(journal.Key(secret))
	if err != nil {
		return k, 0, err
	}
	small, err := wrap.Open(file[n:], file[:n])
	if err != nil {
		return k, 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(small)), MaxFile+1))
	if err != nil || len(plain) > MaxFile {
		return k, 0, fmt.Errorf("%w: %d bytes, %w", ErrDamaged, len(plain), err)
	}
	if err := c.dec.Unmarshal(plain, &k); err != nil {
		return k, 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return k, h.Scope, nil
}

// readHeader returns the header and how long it is with all that stands before the sealed part.
func (c coder) readHeader(file []byte) (h header, n int, err error) {
	if !bytes.HasPrefix(file, []byte(magic)) {
		if bytes.HasPrefix([]byte(magic), file) {
			return h, 0, ErrUnfinished
		}
		return h, 0, ErrNoCourier
	}
	rest := file[len(magic):]
	if len(rest) < 2 {
		return h, 0, ErrUnfinished
	}
	length := int(binary.BigEndian.Uint16(rest))
	if length > maxHeader {
		return h, 0, ErrDamaged
	}
	if len(rest) < 2+length {
		return h, 0, ErrUnfinished
	}
	var version []cbor.RawMessage // a newer version's header may be longer; the version stays first
	if err := c.dec.Unmarshal(rest[2:2+length], &version); err != nil || len(version) == 0 {
		return h, 0, ErrDamaged
	}
	if err := c.dec.Unmarshal(version[0], &h.Version); err != nil {
		return h, 0, ErrDamaged
	}
	if h.Version > fileVersion {
		return h, 0, ErrNewer
	}
	if err := c.dec.Unmarshal(rest[2:2+length], &h); err != nil {
		return h, 0, ErrDamaged
	}
	return h, len(magic) + 2 + length, nil
}
