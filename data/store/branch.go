package store

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// branchRecord says where a branch left its line.
type branchRecord struct {
	_      struct{}        `cbor:",toarray"`
	Line   incident.Origin // the line it left: a plain one or a branch
	Fork   uint64          // the last entry they have in common
	Before journal.Hash    // the chain's hash after it
	Root   incident.Origin // the plain line, in which entries have their first place and which seals name
}

// branch reads where a line left another one; ok is false for a plain line.
func (s *Store) branch(tx *bbolt.Tx, origin incident.Origin) (b branchRecord, ok bool, err error) {
	bucket := tx.Bucket([]byte(bBranch))
	if bucket == nil || bucket.Get(origin[:]) == nil {
		return b, false, nil
	}
	return b, true, s.getRecord(tx, bBranch, origin[:], &b)
}

// rootOf returns the plain line of a branch, or the line itself.
func (s *Store) rootOf(tx *bbolt.Tx, origin incident.Origin) (incident.Origin, error) {
	b, ok, err := s.branch(tx, origin)
	if ok {
		return b.Root, err
	}
	return origin, err
}

func (f *foreign) rootOf(origin incident.Origin) (incident.Origin, error) {
	if b, ok := f.branches[origin]; ok {
		return b.Root, nil
	}
	return f.s.rootOf(f.tx, origin)
}

// beforeFirst returns the sequence before the first entry of a line: 0, or where a branch left.
func (s *Store) beforeFirst(origin incident.Origin) (seq uint64, err error) {
	err = s.view("read where a branch begins", func(tx *bbolt.Tx) error {
		b, _, err := s.branch(tx, origin)
		seq = b.Fork
		return err
	})
	return seq, err
}

// Root returns the line whose chain a line goes on from: of a branch the plain line, whose seals it has; of any other the line itself.
func (s *Store) Root(origin incident.Origin) (root incident.Origin, err error) {
	err = s.view("read the root of a line", func(tx *bbolt.Tx) error {
		root, err = s.rootOf(tx, origin)
		return err
	})
	return root, err
}

// newBranch takes a run for the beginning of a branch if it follows on a line of the same desk and has the name that the branch must
// have; otherwise the line stays as unknown as it was.
func (f *foreign) newBranch(run journal.Run, first journal.Hash, none headRecord) (headRecord, error) {
	for _, line := range f.linesLike(run.Origin) {
		if journal.Branch(line, first) != run.Origin {
			continue
		}
		before, err := f.hash(line, run.First-1)
		if err != nil || before != run.Before {
			continue // not here, or another past: the line itself has to come first
		}
		root, err := f.rootOf(line)
		if err != nil {
			return none, err
		}
		b := branchRecord{Line: line, Fork: run.First - 1, Before: before, Root: root}
		f.branches[run.Origin] = b
		value, err := f.s.enc.Marshal(b)
		if err != nil {
			return none, fmt.Errorf("encode branch: %w", err)
		}
		f.puts = append(f.puts, put{bucket: bBranch, key: bytes.Clone(run.Origin[:]), value: value})
		return headRecord{Seq: b.Fork, Hash: before}, nil
	}
	return none, nil
}

// linesLike returns the lines of one desk that are held or came in this batch.
func (f *foreign) linesLike(origin incident.Origin) (lines []incident.Origin) {
	c := f.tx.Bucket([]byte(bHead)).Cursor()
	for k, _ := c.Seek(origin[:16]); bytes.HasPrefix(k, origin[:16]); k, _ = c.Next() {
		if len(k) == lenOrigin {
			lines = append(lines, incident.Origin(k))
		}
	}
	for o := range f.heads {
		if bytes.Equal(o[:16], origin[:16]) {
			lines = append(lines, o)
		}
	}
	return lines
}

// TailFork says where another desk's line, as it is held here, and the county's version of it part.
type TailFork struct {
	Origin incident.Origin
	Common uint64        // the last entry that both have
	Runs   []journal.Run // how the county's version goes on; the rest may follow by AppendIncoming
	Feed   string
	Cursor []byte // nil leaves it
}

// BranchTail keeps what is held of a line after the fork as a branch, and lets the county's version take its place, in one
// transaction. If a branch of that name is here, the longer of two equal prefixes is kept, and where they part the branch splits
// again. It returns the line under which the tail is kept, and what was new.
func (s *Store) BranchTail(fork TailFork) (branch incident.Origin, fresh []incident.Entry, err error) {
	err = s.commitWhole("keep a branch", func(tx *bbolt.Tx, st *chainState) ([]put, error) {
		if fork.Origin == st.origin {
			return nil, &Error{Kind: ErrInvalid, Place: "branch of the line that this desk writes"}
		}
		f := s.newForeign(tx, st)
		tail, err := s.cut(f, fork.Origin, fork.Common)
		if err != nil {
			return nil, err
		}
		if len(tail.records) == 0 {
			return nil, &Error{Kind: ErrInvalid, Place: fmt.Sprintf("branch of %x after its end", fork.Origin)}
		}
		if branch, err = f.keepBranch(fork.Origin, tail); err != nil {
			return nil, err
		}
		for _, run := range fork.Runs {
			if err := f.add(run); err != nil {
				return nil, err
			}
		}
		if fork.Cursor != nil {
			f.puts = append(f.puts, put{bucket: bCursor, key: []byte(fork.Feed), value: fork.Cursor})
		}
		if err := f.putHeads(); err != nil {
			return nil, err
		}
		fresh = f.fresh
		return append(f.puts, rewrite(tx, tail.incidents(fresh))...), nil
	})
	return branch, fresh, err
}

// tail is what was cut off a line.
type tail struct {
	fork    uint64       // the last entry that stays
	before  journal.Hash // after it
	records []tailRecord
	head    headRecord // as it was
}

type tailRecord struct {
	seq uint64
	record
	incident incident.IncidentID // zero for an erased one
}

// incidents returns all that the tail or what came instead concerns.
func (t tail) incidents(fresh []incident.Entry) []incident.IncidentID {
	var ids []incident.IncidentID
	for _, r := range t.records {
		ids = append(ids, r.incident)
	}
	for _, e := range fresh {
		ids = append(ids, e.Incident)
	}
	return distinct(ids)
}

// cut takes everything after a sequence out of a line; its head in this batch is the shorter one.
func (s *Store) cut(f *foreign, origin incident.Origin, fork uint64) (t tail, err error) {
	t.fork = fork
	if t.head, err = s.head(f.tx, origin); err != nil {
		return t, err
	}
	if origin == f.st.origin { // its head may not be written yet
		t.head = headRecord{Seq: f.st.seq, Hash: f.st.hash}
	}
	if fork > t.head.Seq {
		return t, &Error{Kind: ErrGap, Place: fmt.Sprintf("fork of %x after entry %d: %d are here", origin, fork, t.head.Seq)}
	}
	if t.before, err = s.hash(f.tx, origin, fork); err != nil {
		return t, err
	}
	err = s.eachRecord(f.tx, origin, fork, t.head.Seq, func(key []byte, r record) error {
		cut := tailRecord{seq: fork + uint64(len(t.records)) + 1, record: r}
		f.puts = append(f.puts, put{bucket: bEntry, key: key, erase: true}, put{bucket: bMoved, key: key, erase: true})
		if r.form != formErased {
			rec, err := s.codec.Decode(r.raw)
			if err != nil {
				return &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, key), Err: err}
			}
			cut.incident = rec.Incident
			f.puts = append(f.puts, put{bucket: bIncident, key: indexKey(rec.Incident, key), erase: true})
		}
		cut.raw = bytes.Clone(r.raw)
		t.records = append(t.records, cut)
		return nil
	})
	f.heads[origin] = shortened(t.head, fork, t.before)
	return t, err
}

// shortened is a head that ends earlier; its seal stays if it was made for what stays.
func shortened(h headRecord, seq uint64, hash journal.Hash) headRecord {
	if h.SealSeq > seq {
		h.Seal, h.SealSeq, h.SealHash = nil, 0, journal.Hash{}
	}
	h.Seq, h.Hash = seq, hash
	return h
}

// keepBranch puts a tail under its branch's name.
func (f *foreign) keepBranch(line incident.Origin, t tail) (incident.Origin, error) {
	name := journal.Branch(line, t.records[0].hash)
	held, err := f.s.head(f.tx, name)
	if err != nil {
		return name, err
	}
	if held.Seq == 0 {
		return name, f.putBranch(line, name, t, 0)
	}
	for i, r := range t.records {
		if r.seq > held.Seq { // what is held is the beginning of this one
			return name, f.putBranch(line, name, t, i)
		}
		h, err := f.s.hash(f.tx, name, r.seq)
		if err != nil {
			return name, err
		}
		if h != r.hash { // here they part
			if i == 0 {
				return name, &Error{Kind: ErrDamaged, Place: fmt.Sprintf("%s %x: its name and its first entry", bBranch, name)}
			}
			rest := t
			rest.fork, rest.before, rest.records = t.records[i-1].seq, t.records[i-1].hash, t.records[i:]
			return f.keepBranch(name, rest)
		}
	}
	return name, nil // the longer one is held
}

// putBranch puts the records of a tail from one on, and the branch's head.
func (f *foreign) putBranch(line, name incident.Origin, t tail, from int) error {
	root, err := f.rootOf(line)
	if err != nil {
		return err
	}
	for _, r := range t.records[from:] {
		key, old := entryKey(name, r.seq), entryKey(line, r.seq)
		f.puts = append(f.puts, put{bucket: bEntry, key: key, value: r.encode()})
		if r.form != formErased {
			f.puts = append(f.puts, put{bucket: bIncident, key: indexKey(r.incident, key)})
		}
		if before, err := f.s.getValue(f.tx, bMoved, old); err != nil {
			return err
		} else if before != nil {
			f.puts = append(f.puts, put{bucket: bMoved, key: key, value: before})
		}
	}
	h := t.head
	if h.SealSeq <= t.fork {
		h.Seal, h.SealSeq, h.SealHash = nil, 0, journal.Hash{}
	}
	value, err := f.s.enc.Marshal(h)
	if err != nil {
		return fmt.Errorf("encode head: %w", err)
	}
	f.puts = append(f.puts, put{bucket: bHead, key: bytes.Clone(name[:]), value: value})
	if from > 0 {
		return nil
	}
	if value, err = f.s.enc.Marshal(branchRecord{Line: line, Fork: t.fork, Before: t.before, Root: root}); err != nil {
		return fmt.Errorf("encode branch: %w", err)
	}
	f.puts = append(f.puts, put{bucket: bBranch, key: bytes.Clone(name[:]), value: value})
	return nil
}
