package journal

import (
	"fmt"

	"zw110/data/incident"
)

// maxMoves bounds how often one entry may have been wrapped.
const maxMoves = 8

// movedRoom is what an entry leaves free below MaxEntry, in bytes, so that its wrapper is an entry too.
const movedRoom = 512

// Moved is the payload of KindMoved: an entry that had to leave its line, its bytes unchanged.
type Moved struct {
	Desk        [16]byte // zero: of the same desk
	Incarnation [8]byte
	Seq         uint64 // in that line
	Raw         []byte
}

// Old returns the line that the entry inside was written in; line is the one that carries the wrapper.
func (m Moved) Old(line incident.Origin) incident.Origin {
	if m.Desk != ([16]byte{}) {
		copy(line[:], m.Desk[:])
	}
	copy(line[16:], m.Incarnation[:])
	return line
}

// movedPayload is Moved on disk. Old is an incarnation, or a whole origin when the desk was another one.
type movedPayload struct {
	_   struct{} `cbor:",toarray"`
	Old []byte
	Seq uint64
	Raw []byte
}

// WrapMoved returns the record that carries an entry of an old incarnation into a new one of the same desk; Seq and HLC are for the
// caller to fill.
func (c *Codec) WrapMoved(old incident.Origin, raw []byte) (Record, error) {
	return c.WrapMovedTo(old, old, raw)
}

// WrapMovedTo does the same for a new line that may be another desk's.
func (c *Codec) WrapMovedTo(line, old incident.Origin, raw []byte) (Record, error) {
	r, err := c.Decode(raw)
	if err != nil {
		return Record{}, fmt.Errorf("wrap moved entry: %w", err)
	}
	m := movedPayload{Old: old[:], Seq: r.Seq, Raw: raw}
	if [16]byte(line[:]) == [16]byte(old[:]) {
		m.Old = old[16:]
	}
	payload, err := c.enc.Marshal(m)
	if err != nil {
		return Record{}, fmt.Errorf("wrap moved entry %d: %w", r.Seq, err)
	}
	return Record{Scope: r.Scope, Incident: r.Incident, Actor: r.Actor, Kind: incident.KindMoved, Ver: PayloadVersion, Payload: payload}, nil
}

// DecodeMoved reads the payload of a KindMoved record.
func (c *Codec) DecodeMoved(r Record) (Moved, error) {
	if r.Kind != incident.KindMoved || r.Ver != PayloadVersion {
		return Moved{}, fmt.Errorf("entry %d is of kind %d, version %d, not moved: %w", r.Seq, r.Kind, r.Ver, ErrCodec)
	}
	var p movedPayload
	if err := c.strict.Unmarshal(r.Payload, &p); err != nil {
		return Moved{}, fmt.Errorf("decode moved entry %d: %w: %w", r.Seq, ErrCodec, err)
	}
	m := Moved{Seq: p.Seq, Raw: p.Raw}
	switch len(p.Old) {
	case len(m.Incarnation):
	case len(incident.Origin{}):
		copy(m.Desk[:], p.Old)
	default:
		return Moved{}, fmt.Errorf("decode moved entry %d: old line of %d bytes: %w", r.Seq, len(p.Old), ErrCodec)
	}
	copy(m.Incarnation[:], p.Old[len(p.Old)-len(m.Incarnation):])
	return m, nil
}

// Unwrap follows Moved wrappers to the entry that was first written, and the origin it was written in. A record that is no wrapper
// comes back as it is. The ID of the inner entry follows from its own chain, which the caller holds.
func (c *Codec) Unwrap(r Record, origin incident.Origin) (Record, incident.Origin, error) {
	for range maxMoves {
		if r.Kind != incident.KindMoved || r.Ver != PayloadVersion {
			return r, origin, nil
		}
		m, err := c.DecodeMoved(r)
		if err != nil {
			return Record{}, origin, err
		}
		inner, err := c.Decode(m.Raw)
		if err != nil {
			return Record{}, origin, fmt.Errorf("inside moved entry %d: %w", r.Seq, err)
		}
		if inner.Seq != m.Seq {
			return Record{}, origin, fmt.Errorf("moved entry %d says %d, holds %d: %w", r.Seq, m.Seq, inner.Seq, ErrCodec)
		}
		origin = m.Old(origin)
		r = inner
	}
	return Record{}, origin, fmt.Errorf("entry %d was moved more than %d times: %w", r.Seq, maxMoves, ErrCodec)
}
