package feed

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.etcd.io/bbolt"

	"zw110/data/dbpages"
	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Report is what Verify found.
type Report struct {
	Records int
	Entries int
	Origins int
	Holes   []wire.Span // runs that are damaged or lost: somebody who has them must give them again
	Faults  []string    // what else is not as it was written
}

// All names what is wrong, one line each: first what must be given again.
func (r Report) All() []string {
	all := make([]string, 0, len(r.Holes)+len(r.Faults))
	for _, hole := range r.Holes {
		all = append(all, fmt.Sprintf("line %x: entries %d to %d can't be read and are wanted from the desks", hole.Origin, hole.From, hole.To))
	}
	return append(all, r.Faults...)
}

// maxFaults ends the list of what is wrong, verifyChunk is how many records one transaction reads.
const (
	maxFaults   = 100
	verifyChunk = 200
)

// Verify reads every record, computes its chain and the feed's check anew and compares index and heads. It runs beside writers. A record
// that is damaged becomes a hole. Progress may be nil; positions are its unit.
func (f *File) Verify(ctx context.Context, progress func(done, total uint64)) (Report, error) {
	v := &verifier{f: f}
	if err := f.pages(); err != nil {
		return v.report, err
	}
	last, _, err := f.End()
	if err != nil {
		return v.report, err
	}
	for v.pos < last {
		if err := ctx.Err(); err != nil {
			return v.report, fmt.Errorf("verify: %w", err)
		}
		if err := v.chunk(last); err != nil {
			return v.report, err
		}
		if progress != nil {
			progress(v.pos, last)
		}
	}
	for _, pos := range v.damaged {
		if err := f.holeAt(pos); err != nil {
			return v.report, err
		}
	}
	if err := v.origins(); err != nil {
		return v.report, err
	}
	v.report.Holes, err = f.Holes()
	return v.report, err
}

// pages looks through all pages that a reader of now can reach.
func (f *File) pages() error {
	return f.view(func(tx *bbolt.Tx) error {
		file, err := os.Open(f.db.Path())
		if err != nil {
			return err
		}
		defer file.Close()
		if err := dbpages.Tree(file, uint64(tx.Size()/dbpages.Size), uint64(tx.Cursor().Bucket().Root())); err != nil {
			return fmt.Errorf("%s: %w: %w", filepath.Base(f.db.Path()), session.ErrDamaged, err)
		}
		return nil
	})
}

type verifier struct {
	f       *File
	pos     uint64
	check   [lenCheck]byte
	broken  bool // the check can't go on from the record before, which is damaged
	damaged []uint64
	report  Report
}

func (v *verifier) fault(format string, args ...any) {
	if len(v.report.Faults) < maxFaults {
		v.report.Faults = append(v.report.Faults, fmt.Sprintf(format, args...))
	}
}

func (v *verifier) chunk(last uint64) error {
	return v.f.view(func(tx *bbolt.Tx) error {
		cur := tx.Bucket([]byte(bFeed)).Cursor()
		n := 0
		for k, b := cur.Seek(posKey(v.pos + 1)); ; k, b = cur.Next() {
			if k == nil || binary.BigEndian.Uint64(k) > last {
				v.pos = last
				return nil
			}
			if n++; n > verifyChunk {
				return nil
			}
			v.pos = binary.BigEndian.Uint64(k)
			v.record(tx, b)
		}
	})
}

func (v *verifier) record(tx *bbolt.Tx, b []byte) {
	v.report.Records++
	r, ok, err := v.f.codec.unframe(v.pos, b)
	if err != nil || !ok {
		if err != nil {
			v.damaged = append(v.damaged, v.pos)
		}
		if v.broken = len(b) < lenCheck; !v.broken {
			v.check = [lenCheck]byte(b)
		}
		return
	}
	v.report.Entries += len(r.Run.Entries)
	if v.check = wire.NextCheck(v.check, r.Run.Origin, r.Run.First, r.Last); v.check != r.Check && !v.broken {
		v.fault("record %d: the feed's check is another one", v.pos)
	}
	v.check, v.broken = r.Check, false
	if p, err := decodePlace(tx.Bucket([]byte(bRun)).Get(runKey(r.Run.Origin, r.Run.Last()))); err != nil || p.pos != v.pos {
		v.fault("record %d: the index does not name it", v.pos)
	}
	if r.Run.First > 1 {
		if p, err := decodePlace(tx.Bucket([]byte(bRun)).Get(runKey(r.Run.Origin, r.Run.First-1))); err == nil && p.hash != r.Run.Before {
			v.fault("record %d: does not link to the run before it", v.pos)
		}
	} else if !r.Root && r.Run.Before != journal.Start(r.Run.Origin) {
		v.fault("record %d: does not begin its origin's chain", v.pos)
	}
	for _, it := range r.Items {
		if !it.Incident.IsZero() {
			key := slices.Concat(it.Incident[:], posKey(v.pos))
			if k, _ := tx.Bucket([]byte(bCase)).Cursor().Seek(key); !bytes.Equal(k, key) {
				v.fault("record %d: not found under an incident", v.pos)
			}
		}
	}
}

// origins compares every origin's index with its head: no entry may be missing between its first run and the head.
func (v *verifier) origins() error {
	return v.f.view(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bHead)).ForEach(func(k, _ []byte) error {
			v.report.Origins++
			origin := incident.Origin(k)
			h, err := readHead(v.f.codec, tx, origin)
			if errors.Is(err, errDamaged) {
				v.fault("%v", err)
				return nil
			}
			if err != nil {
				return err
			}
			v.runs(tx, origin, h)
			return nil
		})
	})
}

func (v *verifier) runs(tx *bbolt.Tx, origin incident.Origin, h head) {
	next := uint64(0)
	var hash journal.Hash
	cur := tx.Bucket([]byte(bRun)).Cursor()
	for k, b := cur.Seek(origin[:]); bytes.HasPrefix(k, origin[:]); k, b = cur.Next() {
		p, err := decodePlace(b)
		if err != nil {
			v.fault("index of %x: %v", origin, err)
			return
		}
		if next > 0 && p.first != next && tx.Bucket([]byte(bHole)).Get(runKey(origin, p.first-1)) == nil {
			v.fault("origin %x: nothing between %d and %d", origin, next-1, p.first)
		}
		next, hash = binary.BigEndian.Uint64(k[lenOrigin:])+1, p.hash
	}
	if next != h.Seq+1 || hash != h.Hash {
		v.fault("origin %x: the head stands at %d, the runs end at %d", origin, h.Seq, next-1)
	}
}
