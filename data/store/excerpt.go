package store

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// Excerpt is an entry out of a line that isn't held here: its place, its bytes, and the hash before it in the chain it was first
// written to. A moved entry may come in its wrapper, with the wrapper's place.
type Excerpt struct {
	Origin incident.Origin
	Seq    uint64
	Before journal.Hash
	Entry  []byte
}

// AppendExcerpts stores entries of incidents of the scope that other lines hold. They count once, also when their line comes whole
// later, and are in no vector.
func (s *Store) AppendExcerpts(excerpts []Excerpt) ([]incident.Entry, error) {
	return s.AppendIncoming(Incoming{Excerpts: excerpts})
}

func excerptKey(id incident.IncidentID, origin incident.Origin, seq uint64) []byte {
	return indexKey(id, entryKey(origin, seq))
}

// excerpts puts those that are new.
func (f *foreign) excerpts(all []Excerpt) error {
	var ids []incident.IncidentID
	seen := map[string][]byte{}
	for _, x := range all {
		where := fmt.Sprintf("excerpt %d of %x", x.Seq, x.Origin)
		r, err := f.s.codec.Decode(x.Entry)
		if err == nil && isMoved(r) && r.Seq == x.Seq {
			x, r, err = f.s.inside(x, r)
		}
		if err != nil || r.Seq != x.Seq || isMoved(r) || r.Incident.IsZero() {
			return &Error{Kind: ErrInvalid, Place: where, Err: err}
		}
		id := journal.Next(x.Before, journal.DigestOf(x.Entry))
		if held, err := f.hash(x.Origin, x.Seq); err == nil && held == id {
			continue // the line is here
		}
		key := excerptKey(r.Incident, x.Origin, x.Seq)
		value := append(bytes.Clone(x.Before[:]), x.Entry...)
		held, ok := seen[string(key)]
		if !ok {
			if held, err = f.s.getValue(f.tx, bExcerpt, key); err != nil {
				return err
			}
		}
		if held != nil {
			if !bytes.Equal(held, value) {
				return &Error{Kind: ErrFork, Place: where}
			}
			continue
		}
		seen[string(key)] = value
		f.puts = append(f.puts, put{bucket: bExcerpt, key: key, value: value})
		f.st.clock.Merge(f.now, r.HLC)
		if err := f.come(r, x.Origin, id); err != nil {
			return err
		}
		ids = append(ids, r.Incident)
	}
	if len(ids) > 0 {
		f.puts = append(f.puts, touch(f.tx, distinct(ids))...)
	}
	return nil
}

// inside takes an excerpt out of its wrapper.
func (s *Store) inside(x Excerpt, wrapper journal.Record) (Excerpt, journal.Record, error) {
	m, err := s.codec.DecodeMoved(wrapper)
	if err != nil {
		return x, wrapper, err
	}
	x.Origin, x.Seq, x.Entry = m.Old(x.Origin), m.Seq, m.Raw
	r, err := s.codec.Decode(m.Raw)
	return x, r, err
}

// eachExcerpt gives the entries of an incident that came out of lines that aren't held.
func (s *Store) eachExcerpt(tx *bbolt.Tx, id incident.IncidentID, fn func(incident.Entry) error) error {
	b := tx.Bucket([]byte(bExcerpt))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek(id[:]); bytes.HasPrefix(k, id[:]); k, v = c.Next() {
		e, err := s.excerpt(tx, k, v)
		if err != nil {
			return err
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}

// excerpt decodes a stored excerpt.
func (s *Store) excerpt(tx *bbolt.Tx, k, v []byte) (incident.Entry, error) {
	place := bExcerpt + " " + keyText(bExcerpt, k)
	value, err := s.unwrapped(bExcerpt, k, v)
	if err != nil {
		return incident.Entry{}, err
	}
	if len(k) != lenIncident+lenEntryKey || len(value) < len(journal.Hash{}) {
		return incident.Entry{}, &Error{Kind: ErrDamaged, Place: place}
	}
	origin, seq := splitEntryKey(k[lenIncident:])
	raw := value[len(journal.Hash{}):]
	r, err := s.codec.Decode(raw)
	if err != nil || r.Seq != seq || !bytes.Equal(r.Incident[:], k[:lenIncident]) {
		return incident.Entry{}, &Error{Kind: ErrDamaged, Place: place, Err: err}
	}
	e := s.codec.Entry(r, origin, journal.Next(journal.Hash(value[:len(journal.Hash{})]), journal.DigestOf(raw)))
	if e.Fact != nil {
		err = s.unseal(tx, &e.Fact.Fields)
	}
	return e, err
}
