package store

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// Line is one of the desk's own lines: the one it writes, or an older one that this store or the one it was copied from wrote.
type Line struct {
	Head
	Acked   uint64 // how far the county has it
	Current bool
}

// Lines returns the desk's own lines, oldest first; the last one is the current one. Lines whose entries all moved away are not among
// them. An older line with Acked below Seq has entries that the county may lack.
func (s *Store) Lines() (lines []Line, err error) {
	current := s.Origin()
	err = s.view("read the own lines", func(tx *bbolt.Tx) error {
		for _, o := range s.ownLines(tx) {
			h, err := s.head(tx, o)
			if err != nil {
				return err
			}
			l := Line{
				Head:    Head{Origin: o, Seq: h.Seq, Hash: h.Hash, Seal: h.Seal, SealSeq: h.SealSeq},
				Current: o == current,
			}
			if l.Acked, err = s.acked(tx, o); err != nil {
				return err
			}
			lines = append(lines, l)
		}
		return nil
	})
	return lines, err
}

// ownLines returns the own lines by number. A store of an older program that is opened for reading lists none: its lines are those
// of its desk.
func (s *Store) ownLines(tx *bbolt.Tx) []incident.Origin {
	type numbered struct {
		n      uint64
		origin incident.Origin
	}
	var all []numbered
	if b := tx.Bucket([]byte(bOwn)); b != nil {
		c := b.Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			value, err := s.unwrapped(bOwn, k, v)
			if err == nil && len(k) == lenOrigin && len(value) == 8 {
				all = append(all, numbered{binary.BigEndian.Uint64(value), incident.Origin(k)})
			}
		}
	}
	if len(all) == 0 {
		return s.linesOfDesk(tx)
	}
	slices.SortFunc(all, func(a, b numbered) int {
		return cmp.Or(cmp.Compare(a.n, b.n), bytes.Compare(a.origin[:], b.origin[:]))
	})
	origins := make([]incident.Origin, len(all))
	for i, l := range all {
		origins[i] = l.origin
	}
	return origins
}

// linesOfDesk returns the lines that carry the desk's name, the one that is written last.
func (s *Store) linesOfDesk(tx *bbolt.Tx) []incident.Origin {
	var origins []incident.Origin
	current := s.desk.Origin
	if b := tx.Bucket([]byte(bHead)); b != nil {
		c := b.Cursor()
		for k, _ := c.Seek(current[:16]); bytes.HasPrefix(k, current[:16]); k, _ = c.Next() {
			if len(k) == lenOrigin && incident.Origin(k) != current {
				origins = append(origins, incident.Origin(k))
			}
		}
	}
	return append(origins, current)
}

// own reports whether the desk wrote a line itself.
func (s *Store) own(tx *bbolt.Tx, origin incident.Origin) bool {
	if b := tx.Bucket([]byte(bOwn)); b != nil {
		return b.Get(origin[:]) != nil
	}
	return slices.Contains(s.linesOfDesk(tx), origin)
}

// addBuckets makes what a store of an older program lacks, and lists its own lines and keys.
func (s *Store) addBuckets(tx *bbolt.Tx) error {
	lists := tx.Bucket([]byte(bOwn)) == nil
	for _, name := range lateBuckets() {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	if !lists {
		return nil
	}
	for i, o := range s.linesOfDesk(tx) {
		if err := s.putValue(tx, bOwn, bytes.Clone(o[:]), number(uint64(i)+1)); err != nil {
			return err
		}
	}
	return s.listKeys(tx)
}

// number is a key or value of 8 bytes.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// lastNumber returns the highest key of a bucket with numbers for keys, 0 for an empty one.
func lastNumber(tx *bbolt.Tx, bucket string) uint64 {
	if b := tx.Bucket([]byte(bucket)); b != nil {
		if k, _ := b.Cursor().Last(); len(k) == 8 {
			return binary.BigEndian.Uint64(k)
		}
	}
	return 0
}

// lastOwn returns the highest number that an own line has: they are counted, and none is ever forgotten.
func lastOwn(tx *bbolt.Tx) (n uint64) {
	for _, name := range []string{bOwn, bEnded} {
		c := tx.Bucket([]byte(name)).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			n++
		}
	}
	return n
}

// lineName is how the anchor writes a line.
func lineName(origin incident.Origin) string { return hex.EncodeToString(origin[:]) }

// lineAfter reports whether the store has the line that its anchor names, now or once: an anchor that names a line of which the store
// knows nothing was written by a later store.
func (s *Store) lineAfter(a anchor) (known bool, err error) {
	if a.Line == "" || a.Line == lineName(s.state.origin) {
		return true, nil
	}
	raw, err := hex.DecodeString(a.Line)
	if err != nil || len(raw) != lenOrigin {
		return false, nil // no anchor of ours
	}
	err = s.view("look for the line of the anchor", func(tx *bbolt.Tx) error {
		ended := tx.Bucket([]byte(bEnded))
		known = s.own(tx, incident.Origin(raw)) || ended != nil && ended.Get(raw) != nil
		return nil
	})
	return known, err
}

// headFor returns what to compare an anchor's head with: only the head of the same line says something.
func (s *Store) headFor(a anchor) uint64 {
	if a.Line == "" || a.Line == lineName(s.state.origin) {
		return s.state.seq
	}
	return a.Head
}

// Baton returns what the hub passed to a line last; nil if it never did.
func (s *Store) Baton(line incident.Origin) (baton []byte, err error) {
	err = s.view("read the baton", func(tx *bbolt.Tx) error {
		baton, err = s.getValue(tx, bBaton, line[:])
		return err
	})
	return baton, err
}

// SaveBaton keeps what the hub passed to a line; it is durable when it returns. Only the newest counts.
func (s *Store) SaveBaton(line incident.Origin, baton []byte) error {
	return s.commit("keep the baton", func(*bbolt.Tx, *chainState) ([]put, error) {
		return []put{{bucket: bBaton, key: bytes.Clone(line[:]), value: baton}}, nil
	})
}

// Welcome keeps the baton of a line and how far the county has it, in one transaction. Unlike SetAcked it may go back: a hub that was
// restored has less than it acknowledged.
func (s *Store) Welcome(line incident.Origin, baton []byte, acked uint64) error {
	return s.commit("keep the baton", func(*bbolt.Tx, *chainState) ([]put, error) {
		return []put{
			{bucket: bBaton, key: bytes.Clone(line[:]), value: baton},
			{bucket: bOutbox, key: bytes.Clone(line[:]), value: number(acked)},
		}, nil
	})
}

// SigningKey returns the desk's key, for the handshake with the hub.
func (s *Store) SigningKey() ed25519.PrivateKey { return bytes.Clone(s.sign) }

// touch puts incidents into the list of what changed otherwise than by entries at the end of a line, so that whoever caches states
// finds them.
func touch(tx *bbolt.Tx, ids []incident.IncidentID) []put {
	n := lastNumber(tx, bTouched)
	puts := make([]put, 0, len(ids))
	for _, id := range ids {
		n++
		puts = append(puts, put{bucket: bTouched, key: number(n), value: bytes.Clone(id[:])})
	}
	return puts
}

// rewrite does the same for lines that were rewritten, and makes a cache of states as good as none: entries that its mark counts may
// be others now. A mark taken before, too, is passed over from now on.
func rewrite(tx *bbolt.Tx, ids []incident.IncidentID) []put {
	if len(ids) == 0 {
		ids = []incident.IncidentID{{}}
	}
	return append(touch(tx, ids),
		put{bucket: bMeta, key: []byte(mFold), erase: true},
		put{bucket: bMeta, key: []byte(mRewrite), value: number(lastNumber(tx, bTouched) + uint64(len(ids)))})
}

// Touched gives the incidents that changed after a mark otherwise than by entries at the end of a line: by excerpts, keys, erasures and
// moves. After no mark it gives those that have excerpts. One may come several times; the zero incident is the desk.
func (s *Store) Touched(after Mark, fn func(incident.IncidentID) error) error {
	var ids []incident.IncidentID
	err := s.view("read what was touched", func(tx *bbolt.Tx) (err error) {
		if after == nil {
			ids = incidentsOf(tx, bExcerpt)
			return nil
		}
		ids, err = s.touchedAfter(tx, after[touchedLine])
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := fn(id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) touchedAfter(tx *bbolt.Tx, n uint64) (ids []incident.IncidentID, err error) {
	b := tx.Bucket([]byte(bTouched))
	if b == nil {
		return nil, nil
	}
	c := b.Cursor()
	for k, v := c.Seek(number(n + 1)); k != nil; k, v = c.Next() {
		id, err := s.unwrapped(bTouched, k, v)
		if err != nil {
			return nil, err
		}
		if len(id) == lenIncident {
			ids = append(ids, incident.IncidentID(id))
		}
	}
	return ids, nil
}

// forgetTouched drops what a cache of states has seen; the last one stays, as the numbers go on from it.
func forgetTouched(tx *bbolt.Tx, upTo uint64) error {
	b := tx.Bucket([]byte(bTouched))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, _ := c.First(); k != nil && bytes.Compare(k, number(upTo)) < 0; k, _ = c.First() {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// incidentsOf returns the incidents that the keys of a bucket begin with, each once.
func incidentsOf(tx *bbolt.Tx, bucket string) (ids []incident.IncidentID) {
	b := tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, _ := c.First(); len(k) >= lenIncident; {
		id := incident.IncidentID(k[:lenIncident])
		ids = append(ids, id)
		next := bytes.Repeat([]byte{0xff}, lenIncident+lenEntryKey)
		copy(next, id[:])
		if k, _ = c.Seek(next); bytes.HasPrefix(k, id[:]) {
			k, _ = c.Next()
		}
	}
	return ids
}

// touchedLine is the place of the list of touched incidents in a Mark; no desk has this name.
var touchedLine = incident.Origin{}

// distinct returns each incident once, in the order they came.
func distinct(ids []incident.IncidentID) []incident.IncidentID {
	seen := make(map[incident.IncidentID]bool, len(ids))
	out := ids[:0:0]
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// sealedHead is the head of an own line that ends here, with a fresh seal.
func (s *Store) sealedHead(origin incident.Origin, seq uint64, hash journal.Hash) headRecord {
	h := headRecord{Seq: seq, Hash: hash}
	if seq > 0 {
		h.SealSeq, h.SealHash, h.Seal = seq, hash, journal.Seal(s.sign, origin, seq, hash)
	}
	return h
}

// Unacked is an entry of an own line that the county has not confirmed.
type Unacked struct {
	Line     incident.Origin
	Seq      uint64 // in the line
	ID       incident.EntryID
	Incident incident.IncidentID // zero: about the desk
	Kind     incident.Kind       // zero: erased
	At       incident.Stamp      // when it was first written
}

// Unacked gives all entries that the county has not confirmed, line by line.
func (s *Store) Unacked(fn func(Unacked) error) error {
	lines, err := s.Lines()
	if err != nil {
		return err
	}
	for _, l := range lines {
		for seq := l.Acked; seq < l.Seq; {
			to := min(seq+readChunk, l.Seq)
			var part []Unacked
			err := s.view("read the outbox", func(tx *bbolt.Tx) (err error) {
				part, err = s.unacked(tx, l.Origin, seq, to)
				return err
			})
			if err != nil {
				return err
			}
			for _, u := range part {
				if err := fn(u); err != nil {
					return err
				}
			}
			seq = to
		}
	}
	return nil
}

func (s *Store) unacked(tx *bbolt.Tx, line incident.Origin, after, to uint64) (part []Unacked, err error) {
	err = s.eachRecord(tx, line, after, to, func(key []byte, r record) error {
		_, seq := splitEntryKey(key)
		u := Unacked{Line: line, Seq: seq, ID: r.id}
		if r.form != formErased {
			rec, err := s.codec.Decode(r.raw)
			if err == nil {
				rec, _, err = s.codec.Unwrap(rec, line)
			}
			if err != nil {
				return &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, key), Err: err}
			}
			u.Incident, u.Kind, u.At = rec.Incident, rec.Kind, rec.HLC.Stamp()
		}
		part = append(part, u)
		return nil
	})
	return part, err
}

// LastEntries returns the last entry of every line that is held whole and not erased there.
func (s *Store) LastEntries() (entries []incident.Entry, err error) {
	err = s.view("read the last entries", func(tx *bbolt.Tx) error {
		heads, err := s.heads(tx)
		if err != nil {
			return err
		}
		for _, h := range heads {
			key := entryKey(h.Origin, h.Seq)
			r, ok, err := s.record(tx, key)
			if err != nil || !ok || r.form == formErased {
				if err != nil {
					return err
				}
				continue
			}
			e, err := s.entry(tx, key, r)
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		return nil
	})
	return entries, err
}

// Wrote reports whether a line is one that this desk wrote, under the name it has or one it had.
func (s *Store) Wrote(line incident.Origin) (own bool, err error) {
	err = s.view("look for an own line", func(tx *bbolt.Tx) error {
		ended := tx.Bucket([]byte(bEnded))
		own = s.own(tx, line) || ended != nil && ended.Get(line[:]) != nil
		return nil
	})
	return own, err
}

// Sign signs with the desk's key. Whoever signs puts a label in front that no other kind of message begins with.
func (s *Store) Sign(message []byte) []byte { return ed25519.Sign(s.sign, message) }
