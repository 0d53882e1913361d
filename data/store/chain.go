package store

import (
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// chainState is where the desk's own journal and clock stand. The committer works on a copy and keeps it only after the commit.
type chainState struct {
	origin incident.Origin
	seq    uint64
	hash   journal.Hash
	clock  journal.Clock
	own    incident.HLC // of the newest own entry; zero if none
}

// headRecord is the end of one origin's journal.
type headRecord struct {
	_    struct{} `cbor:",toarray"`
	Seq  uint64
	Hash journal.Hash
	Seal []byte // the newest seal that came with a run, or the desk's own
	// SealSeq and SealHash are what Seal was made for.
	SealSeq  uint64
	SealHash journal.Hash
}

// The forms of a record, its first byte.
const (
	formEntry  = 1 // hash ‖ entry bytes
	formMoved  = 2 // hash ‖ ID of the wrapped entry ‖ entry bytes
	formErased = 3 // hash ‖ digest of the entry bytes
)

// record is one place in an origin's journal as it is stored.
type record struct {
	form   byte
	hash   journal.Hash
	id     incident.EntryID // equal to hash unless moved
	raw    []byte           // nil when erased
	digest journal.Digest   // only when erased
}

func (r record) encode() []byte {
	b := make([]byte, 0, 1+len(r.hash)+len(r.id)+len(r.raw))
	b = append(append(b, r.form), r.hash[:]...)
	switch r.form {
	case formMoved:
		b = append(b, r.id[:]...)
	case formErased:
		return append(b, r.digest[:]...)
	}
	return append(b, r.raw...)
}

// decodeRecord reads a stored record; it keeps b.
func decodeRecord(b []byte) (r record, err error) {
	const n = len(r.hash)
	if len(b) < 1+n {
		return r, fmt.Errorf("record of %d bytes", len(b))
	}
	r.form = b[0]
	copy(r.hash[:], b[1:])
	r.id, b = r.hash, b[1+n:]
	switch {
	case r.form == formEntry:
		r.raw = b
	case r.form == formMoved && len(b) >= n:
		copy(r.id[:], b)
		r.raw = b[n:]
	case r.form == formErased && len(b) == n:
		copy(r.digest[:], b)
	default:
		return r, fmt.Errorf("record of form %d with %d bytes", r.form, len(b))
	}
	return r, nil
}

// next returns the digest that the chain runs over.
func (r record) chained() journal.Digest {
	if r.form == formErased {
		return r.digest
	}
	return journal.DigestOf(r.raw)
}

const (
	lenOrigin   = len(incident.Origin{})
	lenEntryKey = lenOrigin + 8
	lenIncident = len(incident.IncidentID{})
)

func entryKey(origin incident.Origin, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, lenEntryKey), origin[:]...), seq)
}

func splitEntryKey(key []byte) (origin incident.Origin, seq uint64) {
	copy(origin[:], key)
	return origin, binary.BigEndian.Uint64(key[lenOrigin:])
}

// indexKey names an entry in the incident index; the zero incident holds what concerns the desk.
func indexKey(id incident.IncidentID, entry []byte) []byte {
	return append(append(make([]byte, 0, lenIncident+lenEntryKey), id[:]...), entry...)
}

// head reads the end of an origin's journal, zero for one that has none.
func (s *Store) head(tx *bbolt.Tx, origin incident.Origin) (h headRecord, err error) {
	if b := tx.Bucket([]byte(bHead)); b != nil && b.Get(origin[:]) == nil {
		return headRecord{Hash: journal.Start(origin)}, nil
	}
	return h, s.getRecord(tx, bHead, origin[:], &h)
}

// record reads one place of a journal; ok is false if there is none.
func (s *Store) record(tx *bbolt.Tx, key []byte) (r record, ok bool, err error) {
	value, err := s.getValue(tx, bEntry, key)
	if err != nil || value == nil {
		return record{}, false, err
	}
	if r, err = decodeRecord(value); err != nil {
		return record{}, false, &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, key), Err: err}
	}
	return r, true, nil
}

// loadChain reads where the own journal and the clock stand.
func (s *Store) loadChain(tx *bbolt.Tx, origin incident.Origin) (chainState, error) {
	h, err := s.head(tx, origin)
	if err != nil {
		return chainState{}, err
	}
	st := chainState{origin: origin, seq: h.Seq, hash: h.Hash}
	if tx.Bucket([]byte(bMeta)).Get([]byte(mClock)) != nil {
		var c clockRecord
		if err := s.getRecord(tx, bMeta, []byte(mClock), &c); err != nil {
			return chainState{}, err
		}
		st.clock = journal.Clock{Offset: time.Duration(c.Offset) * time.Millisecond, Last: incident.HLC(c.Last)}
	}
	if st.own, err = s.clockOf(tx, origin, h.Seq); err != nil && !s.p.ReadOnly {
		return chainState{}, err
	}
	st.clock.Last = max(st.clock.Last, st.own)
	return st, nil
}

// clockOf reads the clock of an own entry, zero for one that was erased.
func (s *Store) clockOf(tx *bbolt.Tx, origin incident.Origin, seq uint64) (incident.HLC, error) {
	key := entryKey(origin, seq)
	r, ok, err := s.record(tx, key)
	if err != nil || !ok || r.form == formErased {
		return 0, err
	}
	rec, err := s.codec.Decode(r.raw)
	if err != nil {
		return 0, &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, key), Err: err}
	}
	return rec.HLC, nil
}

func (s *Store) putClock(tx *bbolt.Tx, c journal.Clock) error {
	return s.putRecord(tx, bMeta, []byte(mClock), clockRecordOf(c))
}

func clockRecordOf(c journal.Clock) clockRecord {
	return clockRecord{Offset: c.Offset.Milliseconds(), Last: uint64(c.Last)}
}
