package store

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// NewIncarnation starts a new line for this desk; the old one stays as it is.
func (s *Store) NewIncarnation() (incident.Origin, error) {
	var fresh incident.Origin
	err := s.commit("start a new incarnation", func(tx *bbolt.Tx, st *chainState) ([]put, error) {
		puts, err := s.newLine(tx, st, [16]byte(st.origin[:]))
		fresh = st.origin
		return puts, err
	})
	return fresh, err
}

// newLine lets the desk go on with a line that begins at 1.
func (s *Store) newLine(tx *bbolt.Tx, st *chainState, desk [16]byte) ([]put, error) {
	rec := s.desk
	copy(rec.Origin[:], desk[:])
	if err := s.p.random(rec.Origin[16:]); err != nil {
		return nil, err
	}
	b, err := s.enc.Marshal(rec)
	if err != nil {
		return nil, err
	}
	*st = chainState{origin: rec.Origin, hash: journal.Start(rec.Origin), clock: st.clock}
	return []put{
		{bucket: bMeta, key: []byte(mDesk), value: b},
		{bucket: bOwn, key: bytes.Clone(rec.Origin[:]), value: number(lastOwn(tx) + 1)},
	}, nil
}

// Fork says where the line that this desk writes and the county's version of it part.
type Fork struct {
	Common   uint64        // the last entry that both have
	Runs     []journal.Run // how the county's version goes on; the rest may follow by AppendIncoming
	Baton    []byte        // for the new line; nil: none yet
	Progress func(done, total int)
}

// Moved is what a move did.
type Moved struct {
	Line    incident.Origin // which the desk writes from now on
	Entries int             // that went into it
	Fresh   []incident.Entry
}

// MoveTail does what the verdicts rewound, forked and stale ask for, in one transaction: the desk gets a new line, the entries after
// the fork go into it as moved ones with their IDs (without those that the county has in another line), and the county's version of the
// old line takes their place. What was there stays in bucket forked.
func (s *Store) MoveTail(fork Fork) (Moved, error) {
	var done Moved
	err := s.commitWhole("move the end of the own line", func(tx *bbolt.Tx, st *chainState) ([]put, error) {
		done = Moved{}
		f := s.newForeign(tx, st)
		old := st.origin
		tail, err := s.cut(f, old, fork.Common)
		if err != nil {
			return nil, err
		}
		f.heads[old] = s.sealedHead(old, fork.Common, tail.before)
		f.putForked(old, tail)
		line, err := s.newLine(tx, st, [16]byte(old[:]))
		if err != nil {
			return nil, err
		}
		f.puts = append(f.puts, line...)
		for _, run := range fork.Runs {
			if err := f.add(run); err != nil {
				return nil, err
			}
		}
		f.acked[old] = max(f.acked[old], fork.Common)
		m := mover{f: f, total: len(tail.records), progress: fork.Progress}
		if m.held, err = f.heldElsewhere(old, tail); err != nil {
			return nil, err
		}
		if err := m.tail(old, tail); err != nil {
			return nil, err
		}
		if fork.Baton != nil {
			f.puts = append(f.puts, put{bucket: bBaton, key: bytes.Clone(st.origin[:]), value: fork.Baton})
		}
		if err := f.putHeads(); err != nil {
			return nil, err
		}
		done = Moved{Line: st.origin, Entries: m.moved, Fresh: f.fresh}
		return append(f.puts, rewrite(tx, tail.incidents(f.fresh))...), nil
	})
	return done, err
}

// putForked keeps what was cut off for audit.
func (f *foreign) putForked(line incident.Origin, t tail) {
	for _, r := range t.records {
		name := journal.Branch(line, t.records[0].hash)
		f.puts = append(f.puts, put{bucket: bForked, key: entryKey(name, r.seq), value: r.encode()})
	}
}

// heldElsewhere returns the IDs of a tail's entries that another line carries as moved ones.
func (f *foreign) heldElsewhere(line incident.Origin, t tail) (map[incident.EntryID]bool, error) {
	held := map[incident.EntryID]bool{}
	for _, e := range f.fresh {
		held[e.ID] = true
	}
	index := f.tx.Bucket([]byte(bIncident))
	for _, id := range t.incidents(nil) {
		c := index.Cursor()
		for k, _ := c.Seek(id[:]); bytes.HasPrefix(k, id[:]); k, _ = c.Next() {
			if origin, _ := splitEntryKey(k[lenIncident:]); origin == line {
				continue
			}
			r, ok, err := f.s.record(f.tx, k[lenIncident:])
			if err != nil {
				return nil, err
			}
			if ok && r.form == formMoved {
				held[r.id] = true
			}
		}
	}
	return held, nil
}

// mover puts entries of old lines into the one that the desk writes now.
type mover struct {
	f        *foreign
	held     map[incident.EntryID]bool // these needn't move
	moved    int
	seen     int
	total    int
	progress func(done, total int)
}

// progressStep is after how many entries progress is told.
const progressStep = 1024

func (m *mover) tail(line incident.Origin, t tail) error {
	before := t.before
	for _, r := range t.records {
		if err := m.one(line, r, before); err != nil {
			return fmt.Errorf("move entry %d of %x: %w", r.seq, line, err)
		}
		before = r.hash
		if m.seen++; m.progress != nil && (m.seen%progressStep == 0 || m.seen == m.total) {
			m.progress(m.seen, m.total)
		}
	}
	return nil
}

// one wraps an entry. One that is a wrapper already is wrapped anew around what it carries.
func (m *mover) one(line incident.Origin, r tailRecord, before journal.Hash) error {
	f, s, st := m.f, m.f.s, m.f.st
	if r.form == formErased || m.held[r.id] {
		return nil
	}
	old, raw := line, r.raw
	if r.form == formMoved {
		rec, err := s.codec.Decode(r.raw)
		if err != nil {
			return err
		}
		in, err := s.codec.DecodeMoved(rec)
		if err != nil {
			return err
		}
		old, raw = in.Old(line), in.Raw
		value, err := s.getValue(f.tx, bMoved, entryKey(line, r.seq))
		if err != nil {
			return err
		}
		before = journal.Hash{}
		copy(before[:], value)
	}
	w, err := s.codec.WrapMovedTo(st.origin, old, raw)
	if err != nil {
		return err
	}
	w.Seq, w.HLC = st.seq+1, st.clock.Next(f.now)
	b, err := s.codec.Encode(w)
	if err != nil {
		return err
	}
	st.seq, st.hash = w.Seq, journal.Next(st.hash, journal.DigestOf(b))
	to := entryKey(st.origin, w.Seq)
	rec := record{form: formMoved, hash: st.hash, id: r.id, raw: b}
	f.puts = append(f.puts,
		put{bucket: bEntry, key: to, value: rec.encode()},
		put{bucket: bIncident, key: indexKey(r.incident, to)},
		put{bucket: bMoved, key: to, value: bytes.Clone(before[:])})
	m.moved++
	return nil
}

// Seat is what the county gave at enrolment.
type Seat struct {
	Desk     [16]byte
	Records  map[string][]byte // for HubRecord: who the hub is
	Baton    []byte            // for the new line; nil: none yet
	Progress func(done, total int)
}

// Enrol makes this store the seat's, in one transaction. Under another desk's name than before it writes a new line, into which all
// entries of its lines so far move with their IDs: the county never met those lines. Of them the ends stay, with their seals.
func (s *Store) Enrol(seat Seat) (Moved, error) {
	if seat.Desk == ([16]byte{}) {
		return Moved{}, &Error{Kind: ErrInvalid, Place: "enrol without a seat"}
	}
	var done Moved
	err := s.commitWhole("enrol", func(tx *bbolt.Tx, st *chainState) ([]put, error) {
		done = Moved{}
		f := s.newForeign(tx, st)
		if seat.Desk != [16]byte(st.origin[:]) {
			n, err := s.moveAll(f, seat)
			if err != nil {
				return nil, err
			}
			done.Entries = n
			f.puts = append(f.puts, rewrite(tx, nil)...)
		}
		for _, name := range slices.Sorted(maps.Keys(seat.Records)) {
			f.puts = append(f.puts, put{bucket: bHub, key: []byte(name), value: seat.Records[name]})
		}
		if seat.Baton != nil {
			f.puts = append(f.puts, put{bucket: bBaton, key: bytes.Clone(st.origin[:]), value: seat.Baton})
		}
		done.Line = st.origin
		return f.puts, nil
	})
	return done, err
}

// moveAll moves every own line of another desk's name into a new one.
func (s *Store) moveAll(f *foreign, seat Seat) (int, error) {
	lines := s.ownLines(f.tx)
	tails := make([]tail, len(lines))
	m := mover{f: f, progress: seat.Progress}
	for i, o := range lines {
		var err error
		if tails[i], err = s.cut(f, o, 0); err != nil {
			return 0, err
		}
		m.total += len(tails[i].records)
	}
	line, err := s.newLine(f.tx, f.st, seat.Desk)
	if err != nil {
		return 0, err
	}
	f.puts = append(f.puts, line...)
	clear(f.heads)
	for i, o := range lines {
		if err := m.tail(o, tails[i]); err != nil {
			return 0, err
		}
		end, err := s.enc.Marshal(s.sealedHead(o, tails[i].head.Seq, tails[i].head.Hash))
		if err != nil {
			return 0, fmt.Errorf("encode head: %w", err)
		}
		f.puts = append(f.puts, put{bucket: bEnded, key: bytes.Clone(o[:]), value: end})
		for _, bucket := range []string{bHead, bOwn, bBaton, bOutbox} {
			f.puts = append(f.puts, put{bucket: bucket, key: bytes.Clone(o[:]), erase: true})
		}
	}
	return m.moved, nil
}
