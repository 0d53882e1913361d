package wire

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/fxamacker/cbor/v2"
)

// What a received message may be wrong in. Each decides how the connection goes on: ErrProtocol closes it with 1002, ErrTooBig with 1009;
// ErrUnknown is answered and passed over.
var (
	ErrProtocol = errors.New("not a message of this protocol")
	ErrTooBig   = errors.New("message too big")
	ErrUnknown  = errors.New("message of an unknown type")
)

// UnknownError is ErrUnknown with the type that was sent.
type UnknownError struct{ Type Type }

func (e *UnknownError) Error() string { return fmt.Sprintf("type %d: %v", e.Type, ErrUnknown) }

// Unwrap makes errors.Is find ErrUnknown.
func (e *UnknownError) Unwrap() error { return ErrUnknown }

// The flag byte before a body.
const (
	flagPlain   = 0
	flagDeflate = 1
)

// compressFrom is the smallest body in bytes that is worth compressing.
const compressFrom = 512

// A map of up to 23 pairs has its count in the first byte.
const (
	cborMap      = 0xa0
	cborMapCount = 0x1f
	cborMaxPairs = 23
	cborOneByte  = 0x18 // an unsigned integer in the byte that follows
)

// Codec turns messages into frames and back. It is safe for concurrent use.
type Codec struct {
	enc       cbor.EncMode
	dec       cbor.DecMode
	deflaters sync.Pool // of *flate.Writer, half a megabyte each
	inflaters sync.Pool // of io.ReadCloser
}

// NewCodec returns a Codec. It fails only if the CBOR options contradict each other.
func NewCodec() (*Codec, error) {
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, fmt.Errorf("set up encoder: %w", err)
	}
	dec, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: 1 << 16, MaxMapPairs: cborMaxPairs + 41,
	}.DecMode()
	if err != nil {
		return nil, fmt.Errorf("set up decoder: %w", err)
	}
	return &Codec{enc: enc, dec: dec}, nil
}

// Encode returns a message as it travels: one flag byte and the body, compressed when it is large enough and becomes smaller. ErrTooBig
// beyond MaxFrame or MaxBody.
func (c *Codec) Encode(m Message) ([]byte, error) {
	body, err := c.body(m)
	if err != nil {
		return nil, err
	}
	if len(body) > MaxBody+1 {
		return nil, fmt.Errorf("encode message %d of %d bytes: %w", m.Type(), len(body), ErrTooBig)
	}
	if len(body) > compressFrom {
		small, err := c.deflate(body[1:])
		if err != nil {
			return nil, fmt.Errorf("compress message %d: %w", m.Type(), err)
		}
		if len(small) < len(body) {
			body = small
		}
	}
	if len(body) > MaxFrame {
		return nil, fmt.Errorf("encode message %d: %d bytes on the wire: %w", m.Type(), len(body), ErrTooBig)
	}
	return body, nil
}

// body returns the flag byte for a plain body and the body: the message's map with its type put in front under key 0, the first in
// deterministic order.
func (c *Codec) body(m Message) ([]byte, error) {
	fields, err := c.enc.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode message %d: %w", m.Type(), err)
	}
	if len(fields) == 0 || fields[0]&^cborMapCount != cborMap || fields[0]&cborMapCount >= cborMaxPairs {
		return nil, fmt.Errorf("encode message %d: not a small map: %w", m.Type(), ErrProtocol)
	}
	body := make([]byte, 0, len(fields)+5)
	body = append(body, flagPlain, fields[0]+1, 0)
	if t := byte(m.Type()); t < cborOneByte {
		body = append(body, t)
	} else {
		body = append(body, cborOneByte, t)
	}
	return append(body, fields[1:]...), nil
}

func (c *Codec) deflate(body []byte) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, 0, len(body)/2))
	out.WriteByte(flagDeflate)
	w, ok := c.deflaters.Get().(*flate.Writer)
	if ok {
		w.Reset(out)
	} else {
		var err error
		if w, err = flate.NewWriter(out, flate.BestSpeed); err != nil {
			return nil, err
		}
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	c.deflaters.Put(w)
	return out.Bytes(), nil
}

// Decode reads a message. It never takes more than MaxBody bytes of memory for a body, however well that was compressed. The message
// keeps no reference to frame.
func (c *Codec) Decode(frame []byte) (Message, error) {
	if len(frame) > MaxFrame {
		return nil, fmt.Errorf("frame of %d bytes: %w", len(frame), ErrTooBig)
	}
	if len(frame) < 2 {
		return nil, fmt.Errorf("frame of %d bytes: %w", len(frame), ErrProtocol)
	}
	body := frame[1:]
	switch frame[0] {
	case flagPlain:
	case flagDeflate:
		var err error
		if body, err = c.inflate(body); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("flag byte %d: %w", frame[0], ErrProtocol)
	}
	t, err := c.typeOf(body)
	if err != nil {
		return nil, err
	}
	decode, ok := decoders[t]
	if !ok {
		return nil, &UnknownError{Type: t}
	}
	m, err := decode(c.dec, body)
	if err != nil {
		return nil, fmt.Errorf("decode message %d: %w: %w", t, ErrProtocol, err)
	}
	return m, nil
}

func (c *Codec) inflate(body []byte) ([]byte, error) {
	src := bytes.NewReader(body)
	r, ok := c.inflaters.Get().(io.ReadCloser)
	if !ok {
		r = flate.NewReader(src)
	} else if err := r.(flate.Resetter).Reset(src, nil); err != nil {
		return nil, fmt.Errorf("inflate: %w: %w", ErrProtocol, err)
	}
	var out bytes.Buffer
	out.Grow(min(4*len(body), MaxBody))
	n, err := io.Copy(&out, io.LimitReader(r, MaxBody+1))
	if err != nil {
		return nil, fmt.Errorf("inflate: %w: %w", ErrProtocol, err)
	}
	c.inflaters.Put(r)
	if n > MaxBody {
		return nil, fmt.Errorf("inflate: %w", ErrTooBig)
	}
	if src.Len() > 0 {
		return nil, fmt.Errorf("inflate: %d bytes after the end: %w", src.Len(), ErrProtocol)
	}
	return out.Bytes(), nil
}

// typeOf reads the value under key 0.
func (c *Codec) typeOf(body []byte) (Type, error) {
	if len(body) > 3 && body[0]&^cborMapCount == cborMap && body[1] == 0 { // as Encode writes it
		if body[2] < cborOneByte {
			return Type(body[2]), nil
		}
		if body[2] == cborOneByte {
			return Type(body[3]), nil
		}
	}
	var head struct {
		T *Type `cbor:"0,keyasint"`
	}
	if err := c.dec.Unmarshal(body, &head); err != nil {
		return 0, fmt.Errorf("read the type: %w: %w", ErrProtocol, err)
	}
	if head.T == nil {
		return 0, fmt.Errorf("message without a type: %w", ErrProtocol)
	}
	return *head.T, nil
}

// decoders reads the body of each type.
var decoders = map[Type]func(cbor.DecMode, []byte) (Message, error){
	TypeChallenge: read[Challenge], TypeHello: read[Hello], TypeWelcome: read[Welcome], TypeReady: read[Ready],
	TypeVector: read[Vector], TypePush: read[Push], TypeAck: read[Ack], TypeFeed: read[Feed], TypeFeedAck: read[FeedAck],
	TypeHashAt: read[HashAt], TypeHash: read[HashIs], TypeWant: read[Want], TypeGive: read[Give],
	TypeBlobOffer: read[BlobOffer], TypeBlobNeed: read[BlobNeed], TypeBlobChunk: read[BlobChunk], TypeBlobDone: read[BlobDone],
	TypeBeat: read[Beat], TypeNotice: read[Notice], TypeError: read[Fault], TypeEnrol: read[Enrol], TypeEnrolled: read[Enrolled],
	TypeKeys: read[Keys], TypePresence: read[Presence],
}

func read[M Message](dec cbor.DecMode, body []byte) (Message, error) {
	var m M
	err := dec.Unmarshal(body, &m)
	return m, err
}
