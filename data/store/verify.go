package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"

	"go.etcd.io/bbolt"

	"zw110/data/dbpages"
	"zw110/data/incident"
	"zw110/data/journal"
)

// Fault names a place where the store is not what was written.
type Fault struct {
	Origin string // 48 hexadecimal digits; empty for damage outside of the journal
	Seq    uint64 // the bad entry; 0 outside of the journal
	What   string // what is wrong and where, for the log and the administrator
}

// Report is the answer of Verify.
type Report struct {
	Entries int // looked at
	Origins int
	Faults  []Fault
}

// maxFaults ends the list of what is wrong; one is enough to act on.
const maxFaults = 100

// Verify reads the whole store and compares: pages and trees, every value against its seal, every entry against codec, chain and index,
// every head against its seal, every photo against its hash. It runs beside writers and looks at what was there when it began.
// Progress may be nil. The error is for a Verify that could not be done, not for what it found.
func (s *Store) Verify(ctx context.Context, progress func(done, total int)) (Report, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	c := &checker{s: s, ctx: ctx, progress: progress, heads: map[incident.Origin]headRecord{}, branches: map[incident.Origin]branchRecord{}}
	c.report.Faults = append(c.report.Faults, s.found...)
	for _, step := range []func() error{c.pages, c.readHeads, c.journal, c.index, c.values, c.wraps, c.blobs} {
		if err := ctx.Err(); err != nil {
			return c.report, fmt.Errorf("verify: %w", err)
		}
		if len(c.report.Faults) >= maxFaults {
			break
		}
		if err := step(); err != nil {
			if ctx.Err() != nil || kindOfError(err) != ErrDamaged {
				return c.report, err
			}
			c.fault(incident.Origin{}, 0, err.Error())
		}
	}
	return c.report, nil
}

// checker is one Verify.
type checker struct {
	s        *Store
	ctx      context.Context
	progress func(done, total int)
	report   Report
	heads    map[incident.Origin]headRecord // as they were at the beginning
	branches map[incident.Origin]branchRecord
	mine     map[incident.Origin]bool // own lines
	total    int

	// Where the chain stands; linked is false right after a bad record.
	origin  incident.Origin
	started bool
	seq     uint64
	hash    journal.Hash
	linked  bool

	waiting map[string]bool // index keys that may not be in the file; from before the transaction that looks for them
}

func (c *checker) fault(origin incident.Origin, seq uint64, what string) {
	if len(c.report.Faults) >= maxFaults {
		return
	}
	f := Fault{Seq: seq, What: what}
	if origin != (incident.Origin{}) {
		f.Origin = hex.EncodeToString(origin[:])
	}
	c.report.Faults = append(c.report.Faults, f)
}

// pages looks through the trees of the current snapshot.
func (c *checker) pages() error {
	f, err := os.Open(c.s.p.db())
	if err != nil {
		return fail("look through the store", err)
	}
	defer f.Close()
	return c.s.view("look through the pages", func(tx *bbolt.Tx) error {
		if err := dbpages.Tree(f, uint64(tx.Size()/dbpages.Size), uint64(tx.Cursor().Bucket().Root())); err != nil {
			return &Error{Kind: ErrDamaged, Place: err.Error()}
		}
		return nil
	})
}

func (c *checker) readHeads() error {
	return c.each(bHead, func(tx *bbolt.Tx, k, _ []byte) error {
		if len(k) != lenOrigin {
			return &Error{Kind: ErrDamaged, Place: bHead + " " + keyText(bHead, k)}
		}
		var h headRecord
		if err := c.s.getRecord(tx, bHead, k, &h); err != nil {
			return err
		}
		c.heads[incident.Origin(k)] = h
		b, ok, err := c.s.branch(tx, incident.Origin(k))
		if err != nil {
			return err
		}
		if ok {
			c.branches[incident.Origin(k)] = b
		}
		if c.mine == nil {
			c.mine = map[incident.Origin]bool{}
			for _, o := range c.s.ownLines(tx) {
				c.mine[o] = true
			}
		}
		c.total += int(h.Seq - b.Fork)
		c.report.Origins++
		return nil
	})
}

// each gives every key of a bucket to fn, some hundred to a transaction. What fn finds bad becomes a fault.
func (c *checker) each(bucket string, fn func(tx *bbolt.Tx, k, v []byte) error) error {
	var last []byte
	for more := true; more; {
		if err := c.ctx.Err(); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
		c.waiting = c.s.allWaiting()
		err := c.s.view("verify "+bucket, func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(bucket))
			if b == nil {
				return &Error{Kind: ErrDamaged, Place: bucket + ": bucket is missing"}
			}
			cur := b.Cursor()
			k, v := cur.Seek(last)
			if last != nil && bytes.Equal(k, last) {
				k, v = cur.Next()
			}
			n := 0
			for ; k != nil && n < readChunk; k, v = cur.Next() {
				if err := fn(tx, k, v); err != nil {
					c.fault(incident.Origin{}, 0, err.Error())
				}
				last = bytes.Clone(k)
				n++
			}
			more = k != nil
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// journal recomputes every origin's chain.
func (c *checker) journal() error {
	err := c.each(bEntry, func(tx *bbolt.Tx, k, v []byte) error {
		if len(k) != lenEntryKey {
			return &Error{Kind: ErrDamaged, Place: bEntry + " " + keyText(bEntry, k)}
		}
		origin, seq := splitEntryKey(k)
		if !c.started || origin != c.origin {
			c.endOrigin()
			c.started, c.origin, c.seq, c.hash, c.linked = true, origin, 0, journal.Start(origin), true
			if b, ok := c.branches[origin]; ok {
				c.seq, c.hash = b.Fork, b.Before
			}
		}
		if seq > c.heads[origin].Seq {
			now, err := c.s.head(tx, origin)
			if err == nil && seq > now.Seq {
				c.fault(origin, seq, "entry beyond the end of its journal")
			}
			return nil // written since Verify began
		}
		if seq != c.seq+1 {
			c.fault(origin, c.seq+1, "entry is missing")
			c.linked = false
		}
		c.seq = seq
		c.oneRecord(tx, k, v)
		c.report.Entries++
		if c.report.Entries%readChunk == 0 {
			c.progress(c.report.Entries, c.total)
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.endOrigin()
	for origin, h := range c.heads {
		if h.Seq > 0 {
			c.fault(origin, 1, "journal is missing")
		}
	}
	c.progress(c.report.Entries, c.total)
	return nil
}

// endOrigin compares what was read of an origin with its head, and takes the head off the list.
func (c *checker) endOrigin() {
	if !c.started {
		return
	}
	h := c.heads[c.origin]
	if c.seq < h.Seq {
		c.fault(c.origin, c.seq+1, fmt.Sprintf("journal ends at %d instead of %d", c.seq, h.Seq))
	}
	if c.seq == h.Seq && c.linked && c.hash != h.Hash {
		c.fault(c.origin, c.seq, "end of the chain differs from the head")
	}
	if c.mine[c.origin] && h.SealSeq > 0 {
		if err := journal.VerifySeal(c.s.PublicKey(), c.origin, h.SealSeq, h.SealHash, h.Seal); err != nil {
			c.fault(c.origin, h.SealSeq, err.Error())
		}
	}
	delete(c.heads, c.origin)
}

// oneRecord checks a record's wrapping, its bytes, its link and its index.
func (c *checker) oneRecord(tx *bbolt.Tx, k, v []byte) {
	plain, err := c.s.unwrapped(bEntry, k, v)
	if err != nil {
		c.fault(c.origin, c.seq, err.Error())
		c.linked = false
		return
	}
	r, err := decodeRecord(plain)
	if err != nil {
		c.fault(c.origin, c.seq, err.Error())
		c.linked = false
		return
	}
	if c.linked && journal.Next(c.hash, r.chained()) != r.hash {
		c.fault(c.origin, c.seq, "entry does not link to the one before")
	}
	c.hash, c.linked = r.hash, true
	if h := c.heads[c.origin]; h.SealSeq == c.seq && h.SealHash != r.hash {
		c.fault(c.origin, c.seq, "chain differs from what was sealed")
	}
	if r.form == formErased {
		return
	}
	rec, err := c.s.codec.Decode(r.raw)
	switch {
	case err != nil:
		c.fault(c.origin, c.seq, err.Error())
		return
	case rec.Seq != c.seq:
		c.fault(c.origin, c.seq, fmt.Sprintf("entry calls itself %d", rec.Seq))
	}
	if r.form == formMoved {
		err = c.moved(tx, k, rec, r)
	} else {
		_, err = c.s.codec.Fact(rec)
	}
	if err != nil {
		c.fault(c.origin, c.seq, err.Error())
	}
	index := tx.Bucket([]byte(bIncident))
	key := indexKey(rec.Incident, k)
	if index == nil || !has(index, key) && !c.waiting[string(key)] {
		c.fault(c.origin, c.seq, "entry is missing from the index of its incident")
	}
}

// moved checks that the entry inside is one, and that it has the ID of its old chain.
func (c *checker) moved(tx *bbolt.Tx, k []byte, rec journal.Record, r record) error {
	if _, _, err := c.s.codec.Unwrap(rec, c.origin); err != nil {
		return err
	}
	before, err := c.s.getValue(tx, bMoved, k)
	if err != nil {
		return err
	}
	if len(before) != len(journal.Hash{}) {
		return errors.New("what was before the moved entry is missing")
	}
	m, err := c.s.codec.DecodeMoved(rec)
	if err == nil && journal.Next(journal.Hash(before), journal.DigestOf(m.Raw)) != r.id {
		return errors.New("moved entry has another ID than in its old line")
	}
	return err
}

func has(b *bbolt.Bucket, key []byte) bool {
	k, _ := b.Cursor().Seek(key)
	return bytes.Equal(k, key)
}

// index checks that no index key points to nothing or to another incident's entry.
func (c *checker) index() error {
	return c.each(bIncident, func(tx *bbolt.Tx, k, v []byte) error {
		if len(k) != lenIncident+lenEntryKey || len(v) != 0 {
			return &Error{Kind: ErrDamaged, Place: bIncident + " " + keyText(bIncident, k)}
		}
		if !has(tx.Bucket([]byte(bEntry)), k[lenIncident:]) {
			return &Error{Kind: ErrDamaged, Place: bIncident + " " + keyText(bIncident, k) + ": names no entry"}
		}
		r, ok, err := c.s.record(tx, k[lenIncident:])
		if err != nil || !ok || r.form == formErased {
			return nil // named as a bad entry already
		}
		rec, err := c.s.codec.Decode(r.raw)
		if err == nil && !bytes.Equal(rec.Incident[:], k[:lenIncident]) {
			return &Error{Kind: ErrDamaged, Place: bIncident + " " + keyText(bIncident, k) + ": names an entry of another incident"}
		}
		return nil
	})
}

// values opens every wrapped value outside of the journal.
func (c *checker) values() error {
	late := lateBuckets()
	for _, bucket := range append([]string{bKey, bFold, bOutbox, bCursor, bHub, bSetting, bMeta}, late...) {
		if c.s.p.ReadOnly && slices.Contains(late, bucket) && !c.there(bucket) {
			continue // written by an older program
		}
		err := c.each(bucket, func(tx *bbolt.Tx, k, v []byte) error {
			if bucket == bMeta && plainMeta(string(k)) {
				return nil
			}
			if bucket == bExcerpt {
				_, err := c.s.excerpt(tx, k, v)
				return err
			}
			_, err := c.s.unwrapped(bucket, k, v)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// there reports whether the file has a bucket.
func (c *checker) there(bucket string) (found bool) {
	err := c.s.view("look for a bucket", func(tx *bbolt.Tx) error {
		found = tx.Bucket([]byte(bucket)) != nil
		return nil
	})
	return found || err != nil // what fails here fails again where it is read
}

func plainMeta(key string) bool {
	switch key {
	case mFormat, mStore, mWrapKey, mWrapCode, mDrillKey:
		return true
	}
	return false
}

// wraps checks what stands plain in meta against its digest.
func (c *checker) wraps() error {
	return c.s.view("verify the wrapped keys", func(tx *bbolt.Tx) error {
		want, err := c.s.getValue(tx, bMeta, []byte(mPlainSum))
		if err != nil {
			return err
		}
		if !bytes.Equal(want, plainSum(tx)) {
			return &Error{Kind: ErrDamaged, Place: bMeta + ": format, name or wrapped keys differ from what was written"}
		}
		return nil
	})
}

// plainSum is the digest of everything that stands plain in meta.
func plainSum(tx *bbolt.Tx) []byte {
	h := sha256.New()
	for _, key := range []string{mFormat, mStore, mWrapKey, mWrapCode, mDrillKey} {
		value := tx.Bucket([]byte(bMeta)).Get([]byte(key))
		fmt.Fprintf(h, "%s %d ", key, len(value))
		h.Write(value) // never fails
	}
	return h.Sum(nil)
}

// blobs checks photos and their pieces against their hashes.
func (c *checker) blobs() error {
	err := c.each(bBlob, func(tx *bbolt.Tx, k, _ []byte) error {
		m, err := c.s.manifest(tx, k)
		if err != nil {
			return err
		}
		for i, sum := range m.Chunks {
			if !has(tx.Bucket([]byte(bChunk)), sum[:]) {
				return &Error{Kind: ErrDamaged, Place: fmt.Sprintf("%s %s: piece %d is missing", bBlob, keyText(bBlob, k), i)}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.each(bChunk, func(_ *bbolt.Tx, k, v []byte) error {
		piece, err := c.s.unwrapped(bChunk, k, v)
		if err == nil && !bytes.Equal(hashOf(piece), k) {
			return &Error{Kind: ErrDamaged, Place: bChunk + " " + keyText(bChunk, k) + ": differs from its hash"}
		}
		return err
	})
}
