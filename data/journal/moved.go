package journal

import (
	"fmt"

	"zw110/data/incident"
)

// maxMoves bounds how often one entry may have been wrapped.
const maxMoves = 8

// Moved is the payload of KindMoved: an entry that had to leave its incarnation, its bytes unchanged.
type Moved struct {
	_           struct{} `cbor:",toarray"`
	Incarnation [8]byte  // of the same desk
	Seq         uint64   // in that incarnation
	Raw         []byte
}

// WrapMoved returns the record that carries an entry of an old incarnation into a new one; Seq and HLC are for the caller to fill.
func (c *Codec) WrapMoved(old incident.Origin, raw []byte) (Record, error) {
	r, err := c.Decode(raw)
	if err != nil {
		return Record{}, fmt.Errorf("wrap moved entry: %w", err)
	}
	m := Moved{Seq: r.Seq, Raw: raw}
	copy(m.Incarnation[:], old[16:])
	payload, err := c.enc.Marshal(m)
	if err != nil {
		return Record{}, fmt.Errorf("wrap moved entry %d: %w", r.Seq, err)
	}
	return Record{Scope: r.Scope, Incident: r.Incident, Actor: r.Actor, Kind: incident.KindMoved, Ver: PayloadVersion, Payload: payload}, nil
}

// DecodeMoved reads the payload of a KindMoved record.
func (c *Codec) DecodeMoved(r Record) (Moved, error) {
	var m Moved
	if r.Kind != incident.KindMoved || r.Ver != PayloadVersion {
		return m, fmt.Errorf("entry %d is of kind %d, version %d, not moved: %w", r.Seq, r.Kind, r.Ver, ErrCodec)
	}
	if err := c.strict.Unmarshal(r.Payload, &m); err != nil {
		return m, fmt.Errorf("decode moved entry %d: %w: %w", r.Seq, ErrCodec, err)
	}
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
		copy(origin[16:], m.Incarnation[:])
		r = inner
	}
	return Record{}, origin, fmt.Errorf("entry %d was moved more than %d times: %w", r.Seq, maxMoves, ErrCodec)
}
