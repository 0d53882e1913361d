package feed

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"zw110/data/dbpages"
	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// FormatVersion is the version of the file that this program writes.
const FormatVersion = 1

// The buckets.
const (
	bFeed = "feed" // position → check 8 B ‖ sum 4 B ‖ run; check alone for a record that a later one replaced
	bRun  = "run"  // origin ‖ last sequence → place
	bHead = "head" // origin → head
	bCase = "case" // incident ‖ position → nothing
	// Which townships an incident concerns; and of each, what it shares with others.
	bParty  = "party"  // incident ‖ township 4 B → nothing
	bShared = "shared" // township 4 B ‖ incident → nothing
	bHole   = "hole"   // origin ‖ last sequence → place; position 0 for what a stream lost
	bMeta   = "meta"
)

// The keys of meta.
const (
	mFormat = "format" // 4 B
	mLife   = "life"   // 16 random bytes, drawn when the file is made or restored
	mEnd    = "end"    // position 8 B ‖ check 8 B
)

// ErrFormat says that the file was written by a newer version of the program.
var ErrFormat = errors.New("written by a newer version")

// feedFill leaves little room in pages that only grow at their end.
const feedFill = 0.95

// head is where an origin stands.
type head struct {
	_     struct{} `cbor:",toarray"`
	Seq   uint64
	Hash  journal.Hash
	Scope incident.ScopeID
	Seal  []byte
	HLC   incident.HLC
	// Last is the position of the newest record of this origin; a stream fences writers with it.
	Last uint64
}

// File is one county's feed in a bbolt file. Its methods may be called from several goroutines.
type File struct {
	db       *bbolt.DB
	codec    *Codec
	onDamage func()
	recent   recent

	broken atomic.Pointer[error] // of the file itself; nothing is read or written any more
	stuck  atomic.Bool           // bbolt broke off in a write and may hold its locks for ever
}

// checkedAtOpen is the largest file whose pages are all looked through before it is opened: a fraction of a second. Verify looks through any.
const checkedAtOpen = 128 << 20

// Open opens or makes a feed's file. It reads the head of the file only.
func Open(path string, codec *Codec) (*File, error) {
	if err := CheckPages(path); err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Base(path), err)
	}
	o := &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType, PageSize: dbpages.Size}
	if runtime.GOOS != "windows" {
		// Room in the map spares writers the wait for a long reader, such as a backup. Windows would make the file that large.
		o.InitialMmapSize = mapSize(path)
	}
	f := &File{codec: codec}
	err := dbpages.Caught(func() (err error) { f.db, err = bbolt.Open(path, 0o600, o); return err })
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Base(path), damagedFile(err))
	}
	if err := f.prepare(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", filepath.Base(path), err), f.Close())
	}
	return f, nil
}

// CheckPages looks through a file that is not too large before bbolt gets it: bbolt follows a damaged page wherever it points. It returns
// session.ErrDamaged, and nothing for a file that is not there.
func CheckPages(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.Size() == 0 || info.Size() > checkedAtOpen {
		return err
	}
	if err := dbpages.Check(file); err != nil {
		return fmt.Errorf("%w: %w", session.ErrDamaged, err)
	}
	return nil
}

// damagedFile gives what bbolt choked on the session's name.
func damagedFile(err error) error {
	if errors.Is(err, dbpages.ErrDamaged) || errors.Is(err, bbolt.ErrInvalid) || errors.Is(err, bbolt.ErrChecksum) || errors.Is(err, bbolt.ErrVersionMismatch) {
		return fmt.Errorf("%w: %w", session.ErrDamaged, err)
	}
	return err
}

// view reads in a transaction. After the first page that bbolt chokes on, the file is closed to everybody.
func (f *File) view(fn func(tx *bbolt.Tx) error) error {
	return f.caught(func() error { return f.db.View(fn) })
}

func (f *File) update(fn func(tx *bbolt.Tx) error) error {
	return f.caught(func() error {
		whole := false
		defer func() {
			if !whole {
				f.stuck.Store(true)
			}
		}()
		err := f.db.Update(fn)
		whole = true
		return err
	})
}

func (f *File) caught(fn func() error) error {
	if broken := f.broken.Load(); broken != nil {
		return *broken
	}
	err := dbpages.Caught(fn)
	if !errors.Is(err, dbpages.ErrDamaged) {
		return err
	}
	err = fmt.Errorf("%s: %w", filepath.Base(f.db.Path()), damagedFile(err))
	f.broken.CompareAndSwap(nil, &err)
	if f.onDamage != nil {
		f.onDamage()
	}
	return err
}

func mapSize(path string) int {
	const least = 4 << 30
	if info, err := os.Stat(path); err == nil && 2*info.Size() > least {
		return int(2 * info.Size())
	}
	return least
}

func (f *File) prepare() error {
	var format uint32
	err := f.view(func(tx *bbolt.Tx) error {
		if m := tx.Bucket([]byte(bMeta)); m != nil {
			if v := m.Get([]byte(mFormat)); len(v) == 4 {
				format = binary.BigEndian.Uint32(v)
			}
		}
		return nil
	})
	if err != nil || format == FormatVersion {
		return err
	}
	if format > FormatVersion {
		return fmt.Errorf("format %d: %w", format, ErrFormat)
	}
	return f.update(func(tx *bbolt.Tx) error {
		for _, name := range []string{bFeed, bRun, bHead, bCase, bParty, bShared, bHole, bMeta} {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		if err := tx.Bucket([]byte(bMeta)).Put([]byte(mFormat), binary.BigEndian.AppendUint32(nil, FormatVersion)); err != nil {
			return err
		}
		return newLife(tx)
	})
}

func newLife(tx *bbolt.Tx) error {
	life := make([]byte, 16)
	if _, err := rand.Read(life); err != nil {
		return err
	}
	return tx.Bucket([]byte(bMeta)).Put([]byte(mLife), life)
}

// Life names this life of the file: it changes when the file is restored.
func (f *File) Life() (life []byte, err error) {
	err = f.view(func(tx *bbolt.Tx) error {
		life = append(life, tx.Bucket([]byte(bMeta)).Get([]byte(mLife))...)
		return nil
	})
	return life, err
}

// Reborn begins a new life, after a restore.
func (f *File) Reborn() error { return f.update(newLife) }

// OnDamage sets what is called when a record is found damaged; set it before the file is shared.
func (f *File) OnDamage(fn func()) { f.onDamage = fn }

// Close closes the file once its readers have ended.
func (f *File) Close() error {
	if f.stuck.Load() {
		return nil // its locks may be held for ever
	}
	return dbpages.Caught(f.db.Close)
}

// Tx is a transaction that adds runs.
type Tx struct {
	codec *Codec
	tx    *bbolt.Tx
	end   uint64
	check [lenCheck]byte
	heads map[incident.Origin]head
}

// Update runs fn in a transaction; durable when it returns without an error, untouched otherwise.
func (f *File) Update(fn func(t *Tx) error) error {
	return f.update(func(tx *bbolt.Tx) error {
		t := &Tx{codec: f.codec, tx: tx, heads: map[incident.Origin]head{}}
		t.end, t.check = end(tx)
		for _, name := range []string{bFeed, bRun} {
			tx.Bucket([]byte(name)).FillPercent = feedFill
		}
		if err := fn(t); err != nil {
			return err
		}
		return t.finish()
	})
}

// View runs fn in a transaction that only judges.
func (f *File) View(fn func(t *Tx) error) error {
	return f.read(func(tx *bbolt.Tx) error {
		t := &Tx{codec: f.codec, tx: tx, heads: map[incident.Origin]head{}}
		t.end, t.check = end(tx)
		return fn(t)
	})
}

func end(tx *bbolt.Tx) (pos uint64, check [lenCheck]byte) {
	if v := tx.Bucket([]byte(bMeta)).Get([]byte(mEnd)); len(v) == 8+lenCheck {
		return binary.BigEndian.Uint64(v), [lenCheck]byte(v[8:])
	}
	return 0, check
}

// End returns the position of the last record, or that to which Pass went.
func (t *Tx) End() uint64 { return t.end }

// Fence returns the position of an origin's newest record, 0 if it has none.
func (t *Tx) Fence(origin incident.Origin) (uint64, error) {
	h, err := t.head(origin)
	return h.Last, err
}

func (t *Tx) head(origin incident.Origin) (head, error) {
	h, ok := t.heads[origin]
	if ok {
		return h, nil
	}
	h, err := readHead(t.codec, t.tx, origin)
	if err != nil {
		return h, err
	}
	t.heads[origin] = h
	return h, nil
}

func readHead(c *Codec, tx *bbolt.Tx, origin incident.Origin) (h head, err error) {
	v := tx.Bucket([]byte(bHead)).Get(origin[:])
	if v == nil {
		h.Hash = journal.Start(origin)
		return h, nil
	}
	if err := c.dec.Unmarshal(v, &h); err != nil {
		return h, fmt.Errorf("head of %x: %w: %w", origin, errDamaged, err)
	}
	return h, nil
}

// Pass moves the end on over positions that hold no run.
func (t *Tx) Pass(pos uint64) { t.end = max(t.end, pos) }

// Add puts a run that Judge found Next or Hole, as its bytes, at a position beyond the end. A run that begins later than its origin's
// head leaves a hole; that happens only where a stream lost a message.
func (t *Tx) Add(pos uint64, run *session.HubRun, raw []byte) error {
	if pos <= t.end {
		return fmt.Errorf("position %d is not beyond %d", pos, t.end)
	}
	h, err := t.head(run.Run.Origin)
	if err != nil {
		return err
	}
	r := &run.Run
	if begins := run.Root && h.Seq == 0; r.First > h.Seq+1 && !begins {
		lost := place{first: h.Seq + 1, hash: r.Before}
		if err := t.tx.Bucket([]byte(bHole)).Put(runKey(r.Origin, r.First-1), lost.encode()); err != nil {
			return err
		}
	}
	if err := t.close(run); err != nil {
		return err
	}
	t.check = wire.NextCheck(t.check, r.Origin, r.First, run.Last)
	t.end = pos
	if err := t.tx.Bucket([]byte(bFeed)).Put(posKey(pos), frame(t.check, raw)); err != nil {
		return err
	}
	at := place{pos: pos, first: r.First, hash: run.Last}
	if err := t.tx.Bucket([]byte(bRun)).Put(runKey(r.Origin, r.Last()), at.encode()); err != nil {
		return err
	}
	if err := t.index(pos, run); err != nil {
		return err
	}
	h.Last = pos
	if r.Last() >= h.Seq {
		h.Seq, h.Hash, h.Scope, h.Seal, h.HLC = r.Last(), run.Last, run.Scope, r.Seal, run.HLC
	}
	t.heads[r.Origin] = h
	return nil
}

// index puts a run's incidents and whom they concern.
func (t *Tx) index(pos uint64, run *session.HubRun) error {
	seen := map[incident.IncidentID]bool{}
	for _, it := range run.Items {
		if it.Incident.IsZero() {
			continue
		}
		if !seen[it.Incident] {
			seen[it.Incident] = true
			if err := t.tx.Bucket([]byte(bCase)).Put(slices.Concat(it.Incident[:], posKey(pos)), nil); err != nil {
				return err
			}
			if err := t.party(it.Incident, run.Scope); err != nil {
				return err
			}
		}
		if it.Scope != run.Scope {
			if err := t.party(it.Incident, it.Scope); err != nil {
				return err
			}
		}
	}
	return nil
}

// party notes that an incident concerns a township; with the second one it is shared by both.
func (t *Tx) party(id incident.IncidentID, scope incident.ScopeID) error {
	parties := t.tx.Bucket([]byte(bParty))
	key := binary.BigEndian.AppendUint32(slices.Clone(id[:]), uint32(scope))
	cur := parties.Cursor()
	if k, _ := cur.Seek(key); bytes.Equal(k, key) {
		return nil
	}
	if err := parties.Put(key, nil); err != nil {
		return err
	}
	all := scopesOf(t.tx, id)
	if len(all) < 2 {
		return nil
	}
	for _, one := range all {
		key := append(binary.BigEndian.AppendUint32(nil, uint32(one)), id[:]...)
		if err := t.tx.Bucket([]byte(bShared)).Put(key, nil); err != nil {
			return err
		}
	}
	return nil
}

func scopesOf(tx *bbolt.Tx, id incident.IncidentID) (scopes []incident.ScopeID) {
	cur := tx.Bucket([]byte(bParty)).Cursor()
	for k, _ := cur.Seek(id[:]); bytes.HasPrefix(k, id[:]); k, _ = cur.Next() {
		scopes = append(scopes, incident.ScopeID(binary.BigEndian.Uint32(k[len(id):])))
	}
	return scopes
}

// close ends the hole that a run fills, or lets it begin behind the run. Of the damaged record that was there, if any, only the check stays.
func (t *Tx) close(run *session.HubRun) error {
	fills, found, err := t.fills(run)
	if err != nil || !fills {
		return err
	}
	key, holes := runKey(run.Run.Origin, run.Run.Last()), t.tx.Bucket([]byte(bHole))
	if !bytes.Equal(found, key) {
		rest, err := decodePlace(holes.Get(found))
		if err != nil {
			return err
		}
		rest.first = run.Run.Last() + 1
		return holes.Put(bytes.Clone(found), rest.encode())
	}
	if err := holes.Delete(key); err != nil {
		return err
	}
	v := t.tx.Bucket([]byte(bRun)).Get(key)
	if v == nil {
		return nil
	}
	p, err := decodePlace(v)
	if err != nil {
		return err
	}
	feed := t.tx.Bucket([]byte(bFeed))
	old := feed.Get(posKey(p.pos))
	if len(old) < lenCheck {
		return fmt.Errorf("record %d: %w", p.pos, errDamaged)
	}
	return feed.Put(posKey(p.pos), append([]byte(nil), old[:lenCheck]...))
}

func (t *Tx) finish() error {
	heads := t.tx.Bucket([]byte(bHead))
	for origin, h := range t.heads {
		if h.Seq == 0 {
			continue
		}
		v, err := t.codec.enc.Marshal(h)
		if err != nil {
			return fmt.Errorf("encode head: %w", err)
		}
		if err := heads.Put(origin[:], v); err != nil {
			return err
		}
	}
	return t.tx.Bucket([]byte(bMeta)).Put([]byte(mEnd), append(posKey(t.end), t.check[:]...))
}

// Judgement says how a run relates to what is stored.
type Judgement int

// The judgements.
const (
	Next   Judgement = 1 // it goes on where its origin stands
	Stored Judgement = 2 // every entry of it is stored
	Hole   Judgement = 3 // it fills a hole exactly
)

// Judge compares a run with what is stored. The stamp is that of the record with its last entry, for Stored. *session.GapError for a
// run that begins too late, or in the middle of what is stored and goes beyond; session.ErrFork for one that contradicts it.
func (t *Tx) Judge(run *session.HubRun) (Judgement, wire.Stamp, error) {
	r := &run.Run
	h, err := t.head(r.Origin)
	if err != nil {
		return 0, wire.Stamp{}, err
	}
	gap := &session.GapError{Head: wire.Head{Origin: r.Origin, Seq: h.Seq, Hash: h.Hash}}
	if len(r.Entries) == 0 || r.First == 0 {
		return 0, wire.Stamp{}, fmt.Errorf("run of %x from %d with %d entries: %w", r.Origin, r.First, len(r.Entries), session.ErrFork)
	}
	switch {
	case run.Root && h.Seq == 0, r.First == h.Seq+1 && r.Before == h.Hash:
		return Next, wire.Stamp{}, nil
	case r.First == h.Seq+1:
		return 0, wire.Stamp{}, session.ErrFork
	case r.First > h.Seq+1:
		return 0, wire.Stamp{}, gap
	}
	switch fills, _, err := t.fills(run); {
	case err != nil:
		return 0, wire.Stamp{}, err
	case fills:
		return Hole, wire.Stamp{}, nil
	}
	return t.judgeOld(run, h, gap)
}

// Fits reports whether a run that a stream gave belongs to what the stream gave before: it goes on where its origin stands or leaves a
// hole there, fills a hole, or repeats a run exactly. The answer does not depend on damage of the file.
func (t *Tx) Fits(run *session.HubRun) (bool, error) {
	r := &run.Run
	h, err := t.head(r.Origin)
	switch {
	case err != nil:
		return false, err
	case run.Root && h.Seq == 0:
		return true, nil
	case r.First > h.Seq:
		return r.First > h.Seq+1 || r.Before == h.Hash, nil
	}
	if v := t.tx.Bucket([]byte(bRun)).Get(runKey(r.Origin, r.Last())); v != nil {
		p, err := decodePlace(v)
		return p.first == r.First && p.hash == run.Last, err
	}
	fits, _, err := t.fills(run)
	if errors.Is(err, session.ErrFork) {
		return false, nil
	}
	return fits, err
}

// fills reports whether a run fills a hole, or begins one that a stream left where it had lost several runs; it returns the hole's key.
// session.ErrFork if it has something else than the hole had.
func (t *Tx) fills(run *session.HubRun) (bool, []byte, error) {
	r := &run.Run
	k, v := t.tx.Bucket([]byte(bHole)).Cursor().Seek(runKey(r.Origin, r.Last()))
	if k == nil || !bytes.HasPrefix(k, r.Origin[:]) {
		return false, nil, nil
	}
	p, err := decodePlace(v)
	exact := bytes.Equal(k, runKey(r.Origin, r.Last()))
	if err != nil || p.first != r.First || !exact && p.pos > 0 {
		return false, nil, err
	}
	if exact && p.hash != run.Last {
		return false, nil, session.ErrFork
	}
	if exact {
		return true, k, nil
	}
	before := journal.Start(r.Origin)
	if v := t.tx.Bucket([]byte(bRun)).Get(runKey(r.Origin, r.First-1)); v != nil {
		at, err := decodePlace(v)
		if err != nil {
			return false, nil, err
		}
		before = at.hash
	}
	if before != r.Before {
		return false, nil, session.ErrFork
	}
	return true, k, nil
}

// judgeOld compares a run that begins at or before its origin's head: the chain's hash at its end, or at the head if it goes beyond, says all.
func (t *Tx) judgeOld(run *session.HubRun, h head, gap error) (Judgement, wire.Stamp, error) {
	r := &run.Run
	if r.Last() > h.Seq {
		hash := r.Before
		for _, e := range r.Entries[:h.Seq+1-r.First] {
			hash = journal.Next(hash, journal.DigestOf(e))
		}
		if hash != h.Hash {
			return 0, wire.Stamp{}, session.ErrFork
		}
		return 0, wire.Stamp{}, gap
	}
	rec, err := find(t.codec, t.tx, r.Origin, r.Last())
	var d *damage
	if errors.As(err, &d) && t.tx.Writable() {
		if err := putHole(t.tx, d); err != nil {
			return 0, wire.Stamp{}, err
		}
		if d.last == r.Last() && d.place.first == r.First && d.place.hash == run.Last {
			return Hole, wire.Stamp{}, nil
		}
	}
	switch {
	case err != nil:
		return 0, wire.Stamp{}, err
	case rec.hashes[r.Last()-rec.Run.First] != run.Last:
		return 0, wire.Stamp{}, session.ErrFork
	}
	return Stored, rec.Stamp, nil
}
