package journal

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
)

// PayloadVersion is the version of the payloads that this program writes.
const PayloadVersion = 1

// MaxEntry is the largest entry in bytes, MaxParents the most parents one names.
const (
	MaxEntry   = 64 << 10
	MaxParents = 8
)

// Record is an entry as it stands in a journal: the nine fields of the array, the payload still opaque. A Record of a kind that this
// version doesn't know keeps its bytes, so that encoding it again gives the same ones.
type Record struct {
	Seq      uint64
	HLC      incident.HLC
	Scope    incident.ScopeID
	Incident incident.IncidentID // zero for desk-level entries
	Parents  []incident.ParentRef
	Actor    incident.Login
	Kind     incident.Kind
	Ver      uint16
	Payload  []byte // CBOR map with integer keys; of Moved an array
}

// envelope is the array of nine. Incident is null or 16 bytes.
type envelope struct {
	_        struct{} `cbor:",toarray"`
	Seq      uint64
	HLC      uint64
	Scope    uint32
	Incident []byte
	Parents  []incident.ParentRef
	Actor    string
	Kind     uint16
	Ver      uint16
	Payload  []byte
}

// Codec turns entries, payloads and cached states into bytes and back. It is safe for concurrent use.
type Codec struct {
	enc    cbor.EncMode
	strict cbor.DecMode // envelopes and wrappers: nothing unknown
	loose  cbor.DecMode // payloads: fields of a newer version are passed over
}

// NewCodec returns a Codec. It fails only if the CBOR options contradict each other.
func NewCodec() (*Codec, error) {
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, fmt.Errorf("set up encoder: %w", err)
	}
	opts := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 16, MaxArrayElements: 1 << 16, MaxMapPairs: 1 << 12, UTF8: cbor.UTF8DecodeInvalid, // what a channel sent is kept, even if it is no proper text
	}
	loose, err := opts.DecMode()
	if err != nil {
		return nil, fmt.Errorf("set up decoder: %w", err)
	}
	opts.ExtraReturnErrors = cbor.ExtraDecErrorUnknownField
	strict, err := opts.DecMode()
	if err != nil {
		return nil, fmt.Errorf("set up strict decoder: %w", err)
	}
	return &Codec{enc: enc, strict: strict, loose: loose}, nil
}

// Encode returns the entry's bytes, which are the same on disk, on the wire and in the chain. ErrTooBig above MaxEntry, of which an
// entry that is no wrapper leaves some room, so that it can be moved.
func (c *Codec) Encode(r Record) ([]byte, error) {
	b, err := c.encode(r)
	if err != nil {
		return nil, fmt.Errorf("encode entry %d: %w", r.Seq, err)
	}
	limit := MaxEntry
	if r.Kind != incident.KindMoved {
		limit -= movedRoom
	}
	if len(b) > limit {
		return nil, fmt.Errorf("encode entry %d: %d bytes: %w", r.Seq, len(b), ErrTooBig)
	}
	return b, nil
}

func (c *Codec) encode(r Record) ([]byte, error) {
	if r.Seq == 0 || len(r.Parents) > MaxParents {
		return nil, fmt.Errorf("sequence %d with %d parents: %w", r.Seq, len(r.Parents), ErrCodec)
	}
	e := envelope{
		Seq: r.Seq, HLC: uint64(r.HLC), Scope: uint32(r.Scope), Parents: r.Parents,
		Actor: string(r.Actor), Kind: uint16(r.Kind), Ver: r.Ver, Payload: r.Payload,
	}
	if e.Parents == nil {
		e.Parents = []incident.ParentRef{}
	}
	if e.Payload == nil {
		e.Payload = []byte{}
	}
	if !r.Incident.IsZero() {
		e.Incident = r.Incident[:]
	}
	return c.enc.Marshal(e)
}

// Decode reads an entry's bytes. Bytes that are not exactly what Encode would write are refused with ErrCodec, so that one entry has
// one spelling and one hash. The Record keeps no reference to b.
func (c *Codec) Decode(b []byte) (Record, error) {
	if len(b) > MaxEntry {
		return Record{}, fmt.Errorf("decode entry: %d bytes: %w", len(b), ErrTooBig)
	}
	var e envelope
	if err := c.strict.Unmarshal(b, &e); err != nil {
		return Record{}, fmt.Errorf("decode entry: %w: %w", ErrCodec, err)
	}
	r := Record{
		Seq: e.Seq, HLC: incident.HLC(e.HLC), Scope: incident.ScopeID(e.Scope), Parents: e.Parents,
		Actor: incident.Login(e.Actor), Kind: incident.Kind(e.Kind), Ver: e.Ver, Payload: e.Payload,
	}
	if e.Incident != nil {
		if len(e.Incident) != len(r.Incident) {
			return Record{}, fmt.Errorf("decode entry %d: incident of %d bytes: %w", e.Seq, len(e.Incident), ErrCodec)
		}
		copy(r.Incident[:], e.Incident)
	}
	again, err := c.encode(r)
	if err != nil {
		return Record{}, fmt.Errorf("decode entry %d: %w", e.Seq, err)
	}
	if !bytes.Equal(again, b) {
		return Record{}, fmt.Errorf("decode entry %d: not in its one canonical form: %w", e.Seq, ErrCodec)
	}
	return r, nil
}

// EncodeFact returns a fact's payload. Kind and incident stand in the envelope; the open reporter is never part of it.
func (c *Codec) EncodeFact(f *incident.Fact) ([]byte, error) {
	b, err := c.enc.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode payload of kind %d: %w", f.Kind, err)
	}
	return b, nil
}

// Known reports whether this version understands the meaning of a kind's payload.
func Known(kind incident.Kind, ver uint16) bool {
	if ver != PayloadVersion {
		return false
	}
	return kind >= incident.KindRegistered && kind <= incident.KindWarningHandled ||
		kind >= incident.KindSettingChanged && kind <= incident.KindListUnsealed ||
		kind >= incident.KindDeskEnrolled && kind <= incident.KindHubRewound
}

// Fact decodes a record's payload: nil without an error for a kind or version this program doesn't know, ErrCodec for a known kind
// with a payload that is none.
func (c *Codec) Fact(r Record) (*incident.Fact, error) {
	if !Known(r.Kind, r.Ver) {
		return nil, nil
	}
	f := new(incident.Fact)
	if err := c.loose.Unmarshal(r.Payload, f); err != nil {
		return nil, fmt.Errorf("decode payload of kind %d: %w: %w", r.Kind, ErrCodec, err)
	}
	f.Kind, f.Incident = r.Kind, r.Incident
	return f, nil
}

// Entry joins a record with its place and its fact. A payload that can't be read leaves the fact nil, as one of a newer version
// would: the rest of the incident stays readable; Verify of the store names it.
func (c *Codec) Entry(r Record, origin incident.Origin, id incident.EntryID) incident.Entry {
	fact, err := c.Fact(r)
	if err != nil {
		fact = nil
	}
	return incident.Entry{
		ID: id, Origin: origin, Seq: r.Seq, HLC: r.HLC, Scope: r.Scope, Incident: r.Incident, Parents: r.Parents,
		Actor: r.Actor, Kind: r.Kind, Ver: r.Ver, Fact: fact,
	}
}

// EncodeState returns a folded state for the cache, with fold version and without its log and its open reporter.
func (c *Codec) EncodeState(st *incident.State) ([]byte, error) {
	b, err := c.enc.Marshal(st)
	if err != nil {
		return nil, fmt.Errorf("encode state of %s: %w", st.ID, err)
	}
	return b, nil
}

// DecodeState reads what EncodeState wrote. Whoever caches states compares incident.FoldVersion first.
func (c *Codec) DecodeState(b []byte) (incident.State, error) {
	var st incident.State
	if err := c.loose.Unmarshal(b, &st); err != nil {
		return incident.State{}, fmt.Errorf("decode state: %w: %w", ErrCodec, err)
	}
	return st, nil
}
