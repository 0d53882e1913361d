package store

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// Draft is an entry to be: what it means, and which entries of its incident its writer had seen.
type Draft struct {
	Incident incident.IncidentID // zero: the entry concerns the desk
	Scope    incident.ScopeID
	Parents  []incident.ParentRef
	// After names earlier drafts of the same Append by index; their entries become parents as well.
	After []int
	Actor incident.Login
	// Fact is the meaning. Its Reporter is sealed under the incident's key, made if need be. Nil only for a kind without payload.
	Fact *incident.Fact
	Kind incident.Kind  // zero: the fact's
	Wall incident.Stamp // the wall clock at this act; zero: now
}

// Append writes all drafts as entries of this desk or none, in one transaction; they are durable when it returns. The entries carry
// the facts that were given, with KeyID and Sealed filled. ErrInvalid and ErrTooBig name the draft.
func (s *Store) Append(drafts []Draft) ([]incident.Entry, error) {
	if len(drafts) == 0 {
		return nil, nil
	}
	var entries []incident.Entry
	err := s.commit("append to the journal", func(tx *bbolt.Tx, st *chainState) ([]put, error) {
		now := s.p.Clock()
		b := batch{s: s, tx: tx, st: st, keys: map[incident.IncidentID]incident.KeyID{}, fresh: map[incident.KeyID]journal.Key{}}
		for i, d := range drafts {
			if d.Wall == 0 {
				d.Wall = now
			}
			if err := b.add(d); err != nil {
				return nil, fmt.Errorf("draft %d: %w", i, err)
			}
		}
		entries = b.entries
		return b.puts, nil
	})
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// batch gathers what the drafts of one Append put.
type batch struct {
	s       *Store
	tx      *bbolt.Tx
	st      *chainState
	puts    []put
	entries []incident.Entry
	keys    map[incident.IncidentID]incident.KeyID // made or found in this batch
	fresh   map[incident.KeyID]journal.Key
	made    uint64 // keys
}

func (b *batch) add(d Draft) error {
	parents, err := b.parents(d)
	if err != nil {
		return err
	}
	r := journal.Record{
		Seq: b.st.seq + 1, HLC: b.st.clock.Next(d.Wall), Scope: d.Scope, Incident: d.Incident, Parents: parents,
		Actor: d.Actor, Kind: d.Kind, Ver: journal.PayloadVersion,
	}
	var fact *incident.Fact
	if d.Fact != nil {
		copied := *d.Fact
		fact = &copied
		if r.Kind == 0 {
			r.Kind = fact.Kind
		}
		fact.Kind, fact.Incident = r.Kind, d.Incident
		if err := b.sealReporter(fact, d.Scope); err != nil {
			return err
		}
		if r.Payload, err = b.s.codec.EncodeFact(fact); err != nil {
			return err
		}
	}
	if r.Kind == 0 || r.Kind == incident.KindMoved || fact == nil && journal.Known(r.Kind, r.Ver) {
		return &Error{Kind: ErrInvalid, Place: fmt.Sprintf("entry of kind %d without a fact", r.Kind)}
	}
	raw, err := b.s.codec.Encode(r)
	if errors.Is(err, journal.ErrTooBig) {
		return &Error{Kind: ErrTooBig, Place: "encode the entry", Err: err}
	}
	if err != nil {
		return err
	}
	b.st.seq, b.st.hash, b.st.own = r.Seq, journal.Next(b.st.hash, journal.DigestOf(raw)), r.HLC
	key := entryKey(b.st.origin, r.Seq)
	rec := record{form: formEntry, hash: b.st.hash, raw: raw}
	b.puts = append(b.puts,
		put{bucket: bEntry, key: key, value: rec.encode()},
		put{bucket: bIncident, key: indexKey(d.Incident, key)})
	if fact != nil {
		b.puts = append(b.puts, b.s.blobPuts(b.tx, true, &fact.Fields)...)
	}
	b.entries = append(b.entries, incident.Entry{
		ID: b.st.hash, Origin: b.st.origin, Seq: r.Seq, HLC: r.HLC, Scope: r.Scope, Incident: r.Incident, Parents: r.Parents,
		Actor: r.Actor, Kind: r.Kind, Ver: r.Ver, Fact: fact,
	})
	return nil
}

// parents joins the given parents with the entries of earlier drafts.
func (b *batch) parents(d Draft) ([]incident.ParentRef, error) {
	parents := make([]incident.ParentRef, 0, len(d.Parents)+len(d.After))
	parents = append(parents, d.Parents...)
	for _, i := range d.After {
		if i < 0 || i >= len(b.entries) {
			return nil, &Error{Kind: ErrInvalid, Place: fmt.Sprintf("entry after draft %d, which does not come before it", i)}
		}
		parents = append(parents, b.entries[i].ID.Ref())
	}
	if len(parents) > journal.MaxParents {
		return nil, &Error{Kind: ErrInvalid, Place: fmt.Sprintf("entry with %d parents", len(parents))}
	}
	return parents, nil
}

// sealReporter moves a fact's personal fields under the incident's key.
func (b *batch) sealReporter(f *incident.Fact, scope incident.ScopeID) error {
	if f.Reporter == nil {
		return nil
	}
	if f.Incident.IsZero() {
		return &Error{Kind: ErrInvalid, Place: "personal fields without an incident"}
	}
	id, key, err := b.keyOf(f.Incident, scope)
	if err != nil {
		return err
	}
	f.KeyID = id
	f.Sealed, err = b.s.codec.SealReporter(key, id, *f.Reporter)
	return err
}

// keyOf finds or makes the key of an incident's personal fields.
func (b *batch) keyOf(id incident.IncidentID, scope incident.ScopeID) (incident.KeyID, journal.Key, error) {
	if k, ok := b.keys[id]; ok {
		return k, b.fresh[k], nil
	}
	k, key, err := b.s.findKey(b.tx, id)
	if err != nil {
		return incident.KeyID{}, journal.Key{}, err
	}
	if k == (incident.KeyID{}) {
		if err := b.s.p.random(k[:]); err != nil {
			return incident.KeyID{}, journal.Key{}, err
		}
		key = newKey()
		b.made++
		b.puts = append(b.puts,
			logKey(b.tx, b.made, KeyItem{ID: k, Incident: id, Scope: scope, Own: true}),
			put{bucket: bKey, key: append([]byte{keyByID}, k[:]...), value: append(key[:len(key):len(key)], id[:]...)},
			put{bucket: bKey, key: append([]byte{keyByIncident}, id[:]...), value: k[:]})
	}
	b.keys[id], b.fresh[k] = k, key
	return k, key, nil
}
