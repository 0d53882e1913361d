package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// errEnough ends a walk through records.
var errEnough = errors.New("enough")

// Incoming is what came from the county in one message: runs of whole lines, entries out of lines that this desk doesn't hold, and
// where the named feed stands after them.
type Incoming struct {
	Runs     []journal.Run
	Excerpts []Excerpt
	Feed     string
	Cursor   []byte // nil leaves it
}

// AppendForeign stores runs of other origins and, in the same transaction, where the named feed stands after them (nil leaves it).
func (s *Store) AppendForeign(runs []journal.Run, feed string, cursor []byte) ([]incident.Entry, error) {
	return s.AppendIncoming(Incoming{Runs: runs, Feed: feed, Cursor: cursor})
}

// AppendIncoming stores what came in one transaction. What is held already is passed over if it is the same. ErrGap for a run that
// starts beyond what is held, ErrFork for one that contradicts it; then nothing is written. Whether seals are good is for the caller,
// who knows the desks' keys. A run of an own older line counts as confirmed: the county has it. It returns what was new.
func (s *Store) AppendIncoming(in Incoming) ([]incident.Entry, error) {
	var fresh []incident.Entry
	err := s.commit("store what the county sent", func(tx *bbolt.Tx, st *chainState) ([]put, error) {
		f := s.newForeign(tx, st)
		for _, run := range in.Runs {
			if err := f.add(run); err != nil {
				return nil, err
			}
		}
		if err := f.excerpts(in.Excerpts); err != nil {
			return nil, err
		}
		if in.Cursor != nil {
			f.puts = append(f.puts, put{bucket: bCursor, key: []byte(in.Feed), value: in.Cursor})
		}
		if err := f.putHeads(); err != nil {
			return nil, err
		}
		fresh = f.fresh
		return f.puts, nil
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// Cursor reads where a feed stands; nil if it never did.
func (s *Store) Cursor(feed string) (cursor []byte, err error) {
	err = s.view("read the cursor "+feed, func(tx *bbolt.Tx) error {
		cursor, err = s.getValue(tx, bCursor, []byte(feed))
		return err
	})
	return cursor, err
}

// foreign gathers what the runs of one message put.
type foreign struct {
	s        *Store
	tx       *bbolt.Tx
	st       *chainState
	now      incident.Stamp
	puts     []put
	fresh    []incident.Entry
	heads    map[incident.Origin]headRecord
	acked    map[incident.Origin]uint64       // own older lines, up to what came of them
	branches map[incident.Origin]branchRecord // that came in this batch
	hashes   map[string]journal.Hash          // of entries in this batch, by entry key
	arrived  map[incident.Origin]uint64       // the last new entry of each line
}

func (s *Store) newForeign(tx *bbolt.Tx, st *chainState) *foreign {
	return &foreign{
		s: s, tx: tx, st: st, now: s.p.Clock(), heads: map[incident.Origin]headRecord{}, acked: map[incident.Origin]uint64{},
		branches: map[incident.Origin]branchRecord{}, hashes: map[string]journal.Hash{}, arrived: map[incident.Origin]uint64{},
	}
}

func (f *foreign) add(run journal.Run) error {
	where := fmt.Sprintf("run of %x from %d", run.Origin, run.First)
	if run.Origin == f.st.origin {
		return &Error{Kind: ErrInvalid, Place: where + ": it is this desk's own"}
	}
	records, hashes, err := f.s.codec.Records(run)
	if err != nil {
		return &Error{Kind: ErrInvalid, Place: where, Err: err}
	}
	h, err := f.headFor(run, hashes)
	if err != nil {
		return err
	}
	if run.First == 0 || run.First > h.Seq+1 {
		return &Error{Kind: ErrGap, Place: fmt.Sprintf("%s: %d are here", where, h.Seq)}
	}
	held, err := f.hash(run.Origin, run.First-1)
	if err != nil {
		return err
	}
	if held != run.Before {
		return &Error{Kind: ErrFork, Place: where}
	}
	root, err := f.rootOf(run.Origin)
	if err != nil {
		return err
	}
	chain := moves{f: f, run: run}
	for i, r := range records {
		id, err := chain.id(r, hashes[i])
		if err != nil {
			return fmt.Errorf("%s, entry %d: %w", where, r.Seq, err)
		}
		if r.Seq <= h.Seq {
			if held, err := f.hash(run.Origin, r.Seq); err != nil || held != hashes[i] {
				return &Error{Kind: ErrFork, Place: fmt.Sprintf("%s, entry %d", where, r.Seq), Err: err}
			}
			continue
		}
		if err := f.one(root, entryKey(run.Origin, r.Seq), r, record{hash: hashes[i], id: id, raw: run.Entries[i]}, chain.before); err != nil {
			return fmt.Errorf("%s, entry %d: %w", where, r.Seq, err)
		}
		h.Seq, h.Hash = r.Seq, hashes[i]
	}
	if len(run.Seal) > 0 && len(hashes) > 0 && run.Last() >= h.SealSeq {
		h.Seal, h.SealSeq, h.SealHash = run.Seal, run.Last(), hashes[len(hashes)-1]
	}
	f.heads[run.Origin] = h
	if len(hashes) > 0 && f.s.own(f.tx, run.Origin) {
		f.acked[run.Origin] = max(f.acked[run.Origin], run.Last())
	}
	return nil
}

// headFor returns the end of a run's line as it is held, or of a branch that comes for the first time.
func (f *foreign) headFor(run journal.Run, hashes []journal.Hash) (headRecord, error) {
	if h, ok := f.heads[run.Origin]; ok {
		return h, nil
	}
	h, err := f.s.head(f.tx, run.Origin)
	if err != nil || h.Seq > 0 || run.First <= 1 || len(hashes) == 0 {
		return h, err
	}
	return f.newBranch(run, hashes[0], h)
}

// one puts a new entry. Before is, for a moved one, the hash before it in its old chain.
func (f *foreign) one(root incident.Origin, key []byte, r journal.Record, rec record, before journal.Hash) error {
	rec.form = formEntry
	inner, origin := r, root
	if isMoved(r) {
		rec.form = formMoved
		var err error
		if inner, origin, err = f.s.codec.Unwrap(r, root); err != nil {
			return &Error{Kind: ErrInvalid, Place: "open a moved entry", Err: err}
		}
		f.puts = append(f.puts, put{bucket: bMoved, key: key, value: bytes.Clone(before[:])})
	}
	f.hashes[string(key)] = rec.hash
	f.st.clock.Merge(f.now, r.HLC)
	f.puts = append(f.puts,
		put{bucket: bEntry, key: key, value: rec.encode()},
		put{bucket: bIncident, key: indexKey(r.Incident, key)})
	return f.come(inner, origin, rec.id)
}

// come notes an entry as new.
func (f *foreign) come(r journal.Record, origin incident.Origin, id incident.EntryID) error {
	e := f.s.codec.Entry(r, origin, id)
	if e.Fact != nil {
		if err := f.s.unseal(f.tx, &e.Fact.Fields); err != nil {
			return err
		}
		f.puts = append(f.puts, f.s.blobPuts(f.tx, false, &e.Fact.Fields)...)
	}
	f.fresh = append(f.fresh, e)
	f.arrived[e.Origin] = max(f.arrived[e.Origin], e.Seq)
	return nil
}

func isMoved(r journal.Record) bool {
	return r.Kind == incident.KindMoved && r.Ver == journal.PayloadVersion
}

// moves finds the IDs of the moved entries of a run. They follow each other in their old chain; where they don't, a run begins, which
// says what was before.
type moves struct {
	f      *foreign
	run    journal.Run
	old    incident.Origin
	seq    uint64 // of the last moved entry, in its old chain
	hash   incident.EntryID
	before journal.Hash // before the entry that was looked at last
}

// id returns the ID that a record has: its hash, or of a moved one that of the entry inside.
func (m *moves) id(r journal.Record, hash journal.Hash) (incident.EntryID, error) {
	if !isMoved(r) {
		return hash, nil
	}
	in, err := m.f.s.codec.DecodeMoved(r)
	if err != nil {
		return incident.EntryID{}, &Error{Kind: ErrInvalid, Place: "open a moved entry", Err: err}
	}
	old := in.Old(m.run.Origin)
	switch {
	case r.Seq == m.run.First && m.run.OldBefore != (journal.Hash{}):
		m.before = m.run.OldBefore
	case old == m.old && in.Seq == m.seq+1:
		m.before = m.hash
	default:
		if in.Seq == 0 {
			return incident.EntryID{}, &Error{Kind: ErrInvalid, Place: "open a moved entry without a place"}
		}
		if m.before, err = m.f.hash(old, in.Seq-1); err != nil {
			return incident.EntryID{}, &Error{Kind: ErrInvalid, Place: "find what was before a moved entry", Err: err}
		}
	}
	m.old, m.seq, m.hash = old, in.Seq, journal.Next(m.before, journal.DigestOf(in.Raw))
	return m.hash, nil
}

// hash returns the chain's hash after an entry that is held, or that came earlier in this batch.
func (f *foreign) hash(origin incident.Origin, seq uint64) (journal.Hash, error) {
	if seq == 0 {
		return journal.Start(origin), nil
	}
	key := entryKey(origin, seq)
	if h, ok := f.hashes[string(key)]; ok {
		return h, nil
	}
	if b, ok := f.branches[origin]; ok && seq == b.Fork {
		return b.Before, nil
	}
	return f.s.hash(f.tx, origin, seq)
}

// hash returns the chain's hash after an entry that is held.
func (s *Store) hash(tx *bbolt.Tx, origin incident.Origin, seq uint64) (journal.Hash, error) {
	if seq == 0 {
		return journal.Start(origin), nil
	}
	r, ok, err := s.record(tx, entryKey(origin, seq))
	if err != nil || ok {
		return r.hash, err
	}
	if b, ok, err := s.branch(tx, origin); err != nil || ok && b.Fork == seq {
		return b.Before, err
	}
	return journal.Hash{}, &Error{Kind: ErrGap, Place: fmt.Sprintf("entry %d of %x", seq, origin)}
}

func (f *foreign) putHeads() error {
	for origin, h := range f.heads {
		if h.Seq == 0 { // cut off before its first entry
			f.puts = append(f.puts, put{bucket: bHead, key: bytes.Clone(origin[:]), erase: true})
			continue
		}
		b, err := f.s.enc.Marshal(h)
		if err != nil {
			return fmt.Errorf("encode head: %w", err)
		}
		f.puts = append(f.puts, put{bucket: bHead, key: bytes.Clone(origin[:]), value: b})
	}
	for origin, seq := range f.arrived {
		f.puts = append(f.puts, put{bucket: bArrived, key: entryKey(origin, seq), value: number(uint64(f.now))})
	}
	for origin, seq := range f.acked {
		was, err := f.s.acked(f.tx, origin)
		if err != nil {
			return err
		}
		if seq > was {
			f.puts = append(f.puts, put{bucket: bOutbox, key: bytes.Clone(origin[:]), value: number(seq)})
		}
	}
	return nil
}

// Range returns a run as it travels: the entries after one sequence up to another, as far as they fit into maxBytes, at least one. The
// seal is there only if the run ends where the head was sealed. An erased entry ends the run before it, and so does a moved one that
// doesn't follow the one before it in their old line. A branch begins where it left its line.
func (s *Store) Range(origin incident.Origin, after, to uint64, maxBytes int) (run journal.Run, err error) {
	err = s.view("read a run", func(tx *bbolt.Tx) error {
		h, err := s.head(tx, origin)
		if err != nil {
			return err
		}
		b, _, err := s.branch(tx, origin)
		if err != nil {
			return err
		}
		after = max(after, b.Fork)
		run = journal.Run{Origin: origin, First: after + 1}
		if run.Before, err = s.hash(tx, origin, after); err != nil {
			return err
		}
		size := 0
		var last incident.EntryID // of a moved entry
		err = s.eachRecord(tx, origin, after, min(to, h.Seq), func(key []byte, r record) error {
			if size += len(r.raw); r.form == formErased || size > maxBytes && len(run.Entries) > 0 {
				return errEnough
			}
			if r.form == formMoved {
				before, err := s.getValue(tx, bMoved, key)
				if err != nil {
					return err
				}
				switch {
				case len(run.Entries) == 0:
					copy(run.OldBefore[:], before)
				case !bytes.Equal(before, last[:]):
					return errEnough
				}
			}
			last = r.id
			run.Entries = append(run.Entries, bytes.Clone(r.raw))
			return nil
		})
		if len(run.Entries) > 0 && run.Last() == h.SealSeq {
			run.Seal = h.Seal
		}
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	})
	return run, err
}

// HashAt returns the chain's hash after an entry; ErrGap if it is not here.
func (s *Store) HashAt(origin incident.Origin, seq uint64) (h journal.Hash, err error) {
	err = s.view("read a hash", func(tx *bbolt.Tx) error {
		h, err = s.hash(tx, origin, seq)
		return err
	})
	return h, err
}

// SealNow signs the own chain at any sequence, for a run that ends before the head.
func (s *Store) SealNow(origin incident.Origin, seq uint64, hash journal.Hash) []byte {
	return journal.Seal(s.sign, origin, seq, hash)
}

// Acked returns how far the county has confirmed an own journal; what comes after waits in the outbox.
func (s *Store) Acked(origin incident.Origin) (seq uint64, err error) {
	err = s.view("read the outbox", func(tx *bbolt.Tx) error {
		seq, err = s.acked(tx, origin)
		return err
	})
	return seq, err
}

func (s *Store) acked(tx *bbolt.Tx, origin incident.Origin) (seq uint64, err error) {
	b, err := s.getValue(tx, bOutbox, origin[:])
	if len(b) == 8 {
		seq = binary.BigEndian.Uint64(b)
	}
	return seq, err
}

// SetAcked notes that the county has an own journal up to a sequence; it never goes back.
func (s *Store) SetAcked(origin incident.Origin, seq uint64) error {
	return s.commit("note what the county has", func(tx *bbolt.Tx, _ *chainState) ([]put, error) {
		was, err := s.acked(tx, origin)
		if err != nil || was >= seq {
			return nil, err
		}
		return []put{{bucket: bOutbox, key: bytes.Clone(origin[:]), value: number(seq)}}, nil
	})
}

// EraseEntry replaces an entry by its digest, as a PayloadErased entry of the county orders. The chain still verifies.
func (s *Store) EraseEntry(origin incident.Origin, seq uint64) error {
	return s.commitWhole("erase an entry", func(tx *bbolt.Tx, st *chainState) ([]put, error) {
		key := entryKey(origin, seq)
		r, ok, err := s.record(tx, key)
		if err != nil || ok && r.form == formErased {
			return nil, err
		}
		if !ok {
			return nil, &Error{Kind: ErrGap, Place: fmt.Sprintf("entry %d of %x", seq, origin)}
		}
		rec, err := s.codec.Decode(r.raw)
		if err != nil {
			return nil, &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, key), Err: err}
		}
		clock, err := s.enc.Marshal(clockRecordOf(st.clock)) // the entry may be the one that told it
		if err != nil {
			return nil, fmt.Errorf("encode the clock: %w", err)
		}
		gone := record{form: formErased, hash: r.hash, digest: journal.DigestOf(r.raw)}
		return append(touch(tx, []incident.IncidentID{rec.Incident}), []put{
			{bucket: bMeta, key: []byte(mClock), value: clock},
			{bucket: bEntry, key: key, value: gone.encode()},
			{bucket: bIncident, key: indexKey(rec.Incident, key), erase: true},
			{bucket: bFold, key: bytes.Clone(rec.Incident[:]), erase: true},
			{bucket: bMeta, key: []byte(mCompact), value: []byte{1}},
		}...), nil
	})
}
