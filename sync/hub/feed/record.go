package feed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// errDamaged says that a stored record is not what was written.
var errDamaged = errors.New("damaged record")

const (
	lenCheck  = 8
	lenSum    = 4
	lenOrigin = 24
)

// stored is a run in the file and in a stream's message. OldBefore is empty when it is zero.
type stored struct {
	_         struct{} `cbor:",toarray"`
	Origin    incident.Origin
	First     uint64
	Before    journal.Hash
	Entries   [][]byte
	Seal      []byte
	OldBefore []byte
	Scope     incident.ScopeID
	Last      journal.Hash
	Items     []storedItem
	HLC       incident.HLC
	Flags     uint8
	Root      bool
	At        incident.Stamp
}

// storedItem is a session.Item; Incident is empty for desk-level entries, ID and Before when they are the chain's.
type storedItem struct {
	_        struct{} `cbor:",toarray"`
	Incident []byte
	Scope    incident.ScopeID
	Kind     incident.Kind
	ID       []byte
	Before   []byte
}

// Codec turns runs into bytes and back. It is safe for concurrent use.
type Codec struct {
	enc cbor.EncMode
	dec cbor.DecMode
}

// NewCodec returns a Codec. It fails only if the CBOR options contradict each other.
func NewCodec() (*Codec, error) {
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, fmt.Errorf("set up encoder: %w", err)
	}
	dec, err := cbor.DecOptions{IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden}.DecMode()
	if err != nil {
		return nil, fmt.Errorf("set up decoder: %w", err)
	}
	return &Codec{enc: enc, dec: dec}, nil
}

// Encode returns a run's bytes, with the time at which the hub took it.
func (c *Codec) Encode(r *session.HubRun, at incident.Stamp) ([]byte, error) {
	s := stored{
		Origin: r.Run.Origin, First: r.Run.First, Before: r.Run.Before, Entries: r.Run.Entries, Seal: r.Run.Seal,
		Scope: r.Scope, Last: r.Last, HLC: r.HLC, Flags: r.Flags, Root: r.Root, At: at,
	}
	if r.Run.OldBefore != (journal.Hash{}) {
		s.OldBefore = r.Run.OldBefore[:]
	}
	if len(r.Items) != len(r.Run.Entries) {
		return nil, fmt.Errorf("%d items for %d entries", len(r.Items), len(r.Run.Entries))
	}
	s.Items = make([]storedItem, len(r.Items))
	hash := r.Run.Before
	for i := range r.Items {
		it := &r.Items[i]
		s.Items[i] = storedItem{Scope: it.Scope, Kind: it.Kind}
		if it.Before != hash {
			s.Items[i].Before = it.Before[:]
		}
		hash = journal.Next(hash, journal.DigestOf(r.Run.Entries[i]))
		if !it.Incident.IsZero() {
			s.Items[i].Incident = it.Incident[:]
		}
		if it.ID != hash {
			s.Items[i].ID = it.ID[:]
		}
	}
	if hash != r.Last {
		return nil, fmt.Errorf("run of %x from %d does not end with its hash: %w", r.Run.Origin, r.Run.First, journal.ErrChain)
	}
	return c.enc.Marshal(s)
}

// Decode reads a run's bytes and computes its chain anew; the error says that they are damaged. Hashes are those after each entry.
func (c *Codec) Decode(b []byte) (run session.HubRun, at incident.Stamp, hashes []journal.Hash, err error) {
	var s stored
	if err := c.dec.Unmarshal(b, &s); err != nil {
		return run, 0, nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	if len(s.Items) != len(s.Entries) || len(s.Entries) == 0 || s.First == 0 {
		return run, 0, nil, fmt.Errorf("%w: %d items for %d entries from %d", errDamaged, len(s.Items), len(s.Entries), s.First)
	}
	run = session.HubRun{
		Run:   journal.Run{Origin: s.Origin, First: s.First, Before: s.Before, Entries: s.Entries, Seal: s.Seal},
		Scope: s.Scope, Last: s.Last, HLC: s.HLC, Flags: s.Flags, Root: s.Root, Items: make([]session.Item, len(s.Items)),
	}
	copy(run.Run.OldBefore[:], s.OldBefore)
	hashes = make([]journal.Hash, len(s.Entries))
	hash := s.Before
	for i, it := range s.Items {
		next := journal.Next(hash, journal.DigestOf(s.Entries[i]))
		run.Items[i] = session.Item{Scope: it.Scope, Kind: it.Kind, ID: next, Before: hash}
		copy(run.Items[i].Incident[:], it.Incident)
		if len(it.ID) > 0 {
			copy(run.Items[i].ID[:], it.ID)
		}
		if len(it.Before) > 0 {
			copy(run.Items[i].Before[:], it.Before)
		}
		hashes[i], hash = next, next
	}
	if hash != s.Last {
		return run, 0, nil, fmt.Errorf("%w: the chain ends elsewhere", errDamaged)
	}
	return run, s.At, hashes, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame puts a record's check and sum before its bytes.
func frame(check [lenCheck]byte, raw []byte) []byte {
	b := make([]byte, 0, lenCheck+lenSum+len(raw))
	b = append(b, check[:]...)
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(raw, castagnoli))
	return append(b, raw...)
}

// record is a decoded record of the file.
type record struct {
	session.HubRecord
	hashes []journal.Hash
}

// unframe reads a record. A record of which only the check is left was replaced by a later one: ok is false.
func (c *Codec) unframe(pos uint64, v []byte) (r record, ok bool, err error) {
	if len(v) == lenCheck {
		return r, false, nil
	}
	if len(v) < lenCheck+lenSum || binary.BigEndian.Uint32(v[lenCheck:]) != crc32.Checksum(v[lenCheck+lenSum:], castagnoli) {
		return r, false, fmt.Errorf("%w: sum of %d", errDamaged, pos)
	}
	var at incident.Stamp
	if r.HubRun, at, r.hashes, err = c.Decode(v[lenCheck+lenSum:]); err != nil {
		return r, false, err
	}
	r.Stamp = wire.Stamp{Pos: pos, ReceivedAt: at, Flags: r.Flags}
	r.Check = [lenCheck]byte(v)
	return r, true, nil
}

func runKey(origin incident.Origin, last uint64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, lenOrigin+8), origin[:]...), last)
}

func posKey(pos uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 0, 8), pos) }

// place is where a run stands: its record's position, its first sequence, the hash after its last entry.
type place struct {
	pos, first uint64
	hash       journal.Hash
}

func (p place) encode() []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 48), p.pos)
	return append(binary.BigEndian.AppendUint64(b, p.first), p.hash[:]...)
}

func decodePlace(b []byte) (p place, err error) {
	if len(b) != 48 {
		return p, fmt.Errorf("%w: place of %d bytes", errDamaged, len(b))
	}
	p.pos, p.first = binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	copy(p.hash[:], b[16:])
	return p, nil
}
