package store

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/gofrs/flock"
	"go.etcd.io/bbolt"

	"zw110/data/dbpages"
	"zw110/data/incident"
	"zw110/data/journal"
)

// FormatVersion is the version of the file that this program writes.
const FormatVersion = 1

// The buckets. Everything in them is wrapped, except the keys, the incident index (keys only) and what stands plain in meta.
const (
	bEntry    = "entry"    // origin ‖ seq → record
	bHead     = "head"     // origin → headRecord
	bIncident = "incident" // incident ‖ origin ‖ seq → nothing; trails the journal, see index.go
	bKey      = "key"      // 'k' ‖ KeyID → key ‖ incident, 'i' ‖ incident → KeyID
	bFold     = "fold"     // incident → folded state
	bBlob     = "blob"     // BlobID → manifest
	bChunk    = "chunk"    // SHA-256 → bytes
	bOutbox   = "outbox"   // own origin → last sequence the county has
	bCursor   = "cursor"   // name → where a feed stands
	bHub      = "hub"      // name → who the hub is
	bSetting  = "setting"  // name → local setting
	bMeta     = "meta"     // see the keys below

	// Those that came with the county: made at the next open where they are missing.
	bOwn      = "own"      // own line → its number, 8 bytes
	bEnded    = "ended"    // own line whose entries all moved away → headRecord
	bBaton    = "baton"    // line → what the hub passed to it
	bForked   = "forked"   // branch name ‖ seq → record that was moved out of a line, for audit
	bMoved    = "moved"    // entry key of a moved entry → hash before it in its old chain
	bBranch   = "branch"   // branch → branchRecord
	bExcerpt  = "excerpt"  // incident ‖ origin ‖ seq → hash before ‖ entry bytes
	bKeyLog   = "keylog"   // number → KeyID ‖ incident ‖ scope ‖ own
	bBlobOut  = "blobout"  // BlobID of an attachment that the hub lacks → nothing
	bBlobWant = "blobwant" // BlobID of an attachment that an entry names and that is not whole here → manifest, empty before it came
	bTouched  = "touched"  // number → incident that changed otherwise than by entries at the end of a line
	bArrived  = "arrived"  // origin ‖ seq → when the entries up to there came from the county; what came before this bucket has no line
)

func buckets() []string {
	return append(firstBuckets(), lateBuckets()...)
}

func firstBuckets() []string {
	return []string{bEntry, bHead, bIncident, bKey, bFold, bBlob, bChunk, bOutbox, bCursor, bHub, bSetting, bMeta}
}

func lateBuckets() []string {
	return []string{bOwn, bEnded, bBaton, bForked, bMoved, bBranch, bExcerpt, bKeyLog, bTouched, bBlobOut, bBlobWant, bArrived}
}

// The keys of meta.
const (
	mFormat   = "format"    // plain, 4 bytes
	mStore    = "store"     // plain, 16 random bytes
	mWrapKey  = "wrap.key"  // plain: the data key under the key of this computer
	mWrapCode = "wrap.code" // plain: the data key under the recovery code
	mDrillKey = "drill.key" // plain, in drill stores only: the key of "this computer"; exercises have nothing to hide
	mPlainSum = "plain.sum" // wrapped digest of everything plain
	mDesk     = "desk"      // wrapped deskRecord
	mClock    = "clock"     // wrapped clockRecord
	mAnchor   = "anchor"    // wrapped token
	mFold     = "fold"      // wrapped foldMark
	mRewrite  = "rewrite"   // wrapped: the number in touched up to which lines were rewritten
	mIndex    = "index"     // wrapped indexMark
	mCompact  = "compact"   // wrapped: the file is to be written anew at the next open, so that no free page keeps what was erased
)

// deskRecord is who this store writes as.
type deskRecord struct {
	_      struct{} `cbor:",toarray"`
	Origin incident.Origin
	Seed   [ed25519.SeedSize]byte
	Drill  bool
	Made   incident.Stamp
}

type clockRecord struct {
	_      struct{} `cbor:",toarray"`
	Offset int64    // milliseconds
	Last   uint64
}

// Store is an open store. Its methods may be called from several goroutines; each keeps its transaction to itself and gives out
// copies only.
type Store struct {
	p     Params
	db    *bbolt.DB
	lock  *flock.Flock
	wrap  *journal.Wrapper
	codec *journal.Codec
	enc   cbor.EncMode

	id         []byte
	desk       deskRecord // Origin is written by the committer alone, under mu
	sign       ed25519.PrivateKey
	keyInFile  bool
	freshCode  string
	found      []Fault // by inspect, at a read-only open
	anchorPath string
	anchor     anchor

	jobs chan *job
	done chan struct{} // closed when the committer has ended

	mu        sync.Mutex // guards what follows; state and unindexed are changed by the committer alone
	state     chainState
	unindexed unindexed
	closed    bool
	broken    error // a commit that failed in a way that leaves the disk in doubt

	senders sync.WaitGroup // whoever is about to send on jobs
}

// Create makes a store in a folder, which may exist but must hold none, and opens it.
func Create(p Params) (*Store, error) {
	p, err := p.complete()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return nil, fail("make the store's folder", err)
	}
	if _, err := os.Stat(p.file(fileDB)); !errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{Kind: ErrExists, Place: p.Dir, Err: err}
	}
	if p, err = p.complete(); err != nil { // the folder's real name
		return nil, err
	}
	p = p.configured(p.Drill)
	if err := os.MkdirAll(p.ConfigDir, 0o700); err != nil {
		return nil, fail("make the configuration folder", err)
	}
	l, err := lock(p.Dir, p.Socket)
	if err != nil {
		return nil, err
	}
	code, err := build(p)
	if err != nil {
		return nil, errors.Join(err, l.Unlock())
	}
	s, err := open(p, l)
	if err != nil {
		return nil, err
	}
	s.freshCode = code
	return s, nil
}

// build writes the new file beside and renames it, so that a half-made store is never found. It returns the recovery code.
func build(p Params) (code string, err error) {
	tmp := p.file(fileDB + ".new")
	if err := removeIfThere(tmp); err != nil {
		return "", fail("make the store", err)
	}
	db, err := openBolt(tmp, p, false)
	if err != nil {
		return "", fail("make the store", err)
	}
	code, err = fill(p, db)
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, p.file(fileDB))
	}
	if err == nil {
		err = syncDir(p.Dir)
	}
	if err != nil {
		return "", fail("make the store", errors.Join(err, removeIfThere(tmp)))
	}
	return code, nil
}

func fill(p Params, db *bbolt.DB) (code string, err error) {
	id := make([]byte, 16)
	rec := deskRecord{Drill: p.Drill, Made: p.Clock()}
	if p.Desk == ([16]byte{}) {
		if err := p.random(p.Desk[:]); err != nil {
			return "", err
		}
	}
	copy(rec.Origin[:], p.Desk[:])
	for _, b := range [][]byte{id, rec.Origin[16:]} {
		if err := p.random(b); err != nil {
			return "", err
		}
	}
	rec.Seed = newKey()
	s := &Store{p: p, db: db, id: id}
	data, own := newKey(), newKey()
	code = newCode()
	byCode, err := codeKey(code)
	if err != nil {
		return "", err
	}
	if !p.Drill {
		if _, err := p.keys().put(storeName(id), own[:]); err != nil {
			return "", fmt.Errorf("keep the key: %w", err)
		}
	}
	if err := s.tools(data); err != nil {
		return "", err
	}
	return code, s.update("make the store", func(tx *bbolt.Tx) error {
		for _, name := range buckets() {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		m := tx.Bucket([]byte(bMeta))
		puts := map[string][]byte{mFormat: binary.BigEndian.AppendUint32(nil, FormatVersion), mStore: id}
		for key, by := range map[string]journal.Key{mWrapKey: own, mWrapCode: byCode} {
			if puts[key], err = wrapKey(by, data, key, id); err != nil {
				return err
			}
		}
		if p.Drill {
			puts[mDrillKey] = own[:]
		}
		for key, value := range puts {
			if err := m.Put([]byte(key), value); err != nil {
				return err
			}
		}
		if err := s.putValue(tx, bMeta, []byte(mPlainSum), plainSum(tx)); err != nil {
			return err
		}
		if err := s.putValue(tx, bOwn, bytes.Clone(rec.Origin[:]), number(1)); err != nil {
			return err
		}
		return s.putRecord(tx, bMeta, []byte(mDesk), rec)
	})
}

// Open opens a store. It writes nothing but a new anchor token; a store whose folder was put back or copied gets a new incarnation.
func Open(p Params) (*Store, error) {
	p, err := p.complete()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(p.file(fileDB)); errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{Kind: ErrNotFound, Place: p.Dir, Err: err}
	} else if err != nil {
		return nil, fail("find the store in "+p.Dir, err)
	}
	if p.ReadOnly {
		return open(p, nil)
	}
	l, err := lock(p.Dir, p.Socket)
	if err != nil {
		return nil, err
	}
	return open(p, l)
}

// open opens the file itself; on failure it gives the lock back.
func open(p Params, l *flock.Flock) (*Store, error) {
	s := &Store{p: p, lock: l}
	if err := s.start(); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

// start brings the store up. Where a damaged file can't be read even read-only, the error still names the damaged page, not what was
// missed because of it.
func (s *Store) start() error {
	err := s.bringUp()
	if err != nil && len(s.found) > 0 {
		return &Error{Kind: ErrDamaged, Place: s.found[0].What, Err: err}
	}
	return err
}

func (s *Store) bringUp() error {
	faults, err := inspect(s.p.db(), s.p.sum())
	if err != nil {
		return err
	}
	if len(faults) > 0 && !s.p.ReadOnly {
		return &Error{Kind: ErrDamaged, Place: faults[0].What}
	}
	s.found = faults
	err = caught(func() (err error) {
		s.db, err = openBolt(s.p.db(), s.p, s.p.ReadOnly)
		return err
	})
	if err != nil && kindOf(err) == ErrInUse { // by a reader and a writer that share no lock file
		return &Error{Kind: ErrInUse, Place: "open the store", Holder: holderOf(s.p.Dir), Err: err}
	}
	if err != nil {
		return fail("open the store", err)
	}
	if err := s.unlockData(); err != nil {
		return err
	}
	if err := s.migrate(migrations()); err != nil {
		return err
	}
	if err := s.compact(); err != nil {
		return err
	}
	if err := s.load(); err != nil {
		return err
	}
	if s.p.ReadOnly {
		return nil
	}
	if err := s.setAnchor(); err != nil {
		return err
	}
	s.jobs, s.done = make(chan *job), make(chan struct{})
	go s.commitLoop()
	return nil
}

// growBy is by how much the file grows at once, in bytes.
const growBy = 1 << 20

// openBolt opens a database file the way all of ours are opened.
func openBolt(file string, p Params, readOnly bool) (*bbolt.DB, error) {
	o := &bbolt.Options{
		Timeout: time.Second, FreelistType: bbolt.FreelistArrayType, PageSize: dbpages.Size, ReadOnly: readOnly, MaxSize: p.MaxSize,
	}
	// A map that is large enough from the start spares writers the wait for readers. Windows would make the file that large.
	if p.MaxSize == 0 && runtime.GOOS != "windows" && !readOnly {
		o.InitialMmapSize = 1 << 30
	}
	db, err := bbolt.Open(file, 0o600, o)
	if err != nil {
		return nil, err
	}
	db.AllocSize = growBy
	return db, nil
}

// tools sets up cipher and codecs.
func (s *Store) tools(data journal.Key) (err error) {
	if s.wrap, err = journal.NewWrapper(data); err != nil {
		return err
	}
	if s.codec, err = journal.NewCodec(); err != nil {
		return err
	}
	s.enc, err = cbor.CoreDetEncOptions().EncMode()
	return err
}

// load reads who writes here and where the chain stands.
func (s *Store) load() error {
	return s.view("read the desk's record", func(tx *bbolt.Tx) error {
		if err := s.getRecord(tx, bMeta, []byte(mDesk), &s.desk); err != nil {
			return err
		}
		s.sign = ed25519.NewKeyFromSeed(s.desk.Seed[:])
		state, err := s.loadChain(tx, s.desk.Origin)
		if err != nil {
			return err
		}
		s.state = state
		return s.loadUnindexed(tx)
	})
}

// setAnchor compares the store with its anchor, mints a new incarnation if they don't belong together, and moves both on: first the
// token in the store, then the one in the file.
func (s *Store) setAnchor() error {
	if err := os.MkdirAll(s.p.ConfigDir, 0o700); err != nil {
		return fail("make the configuration folder", err)
	}
	s.anchorPath = anchorPath(s.p.ConfigDir, storeName(s.id), s.p.Dir)
	old, err := readAnchor(s.anchorPath)
	if err != nil {
		return fail("read the anchor", err)
	}
	var token []byte
	if err := s.view("read the anchor", func(tx *bbolt.Tx) error {
		token, err = s.getValue(tx, bMeta, []byte(mAnchor))
		return err
	}); err != nil {
		return err
	}
	fresh := token == nil && s.state.seq == 0 // made just now
	place := placeOf(s.p.Dir)
	line, err := s.lineAfter(old)
	if err != nil {
		return err
	}
	known := fresh || line && old.holds(string(token), place, s.headFor(old))
	if old.Next == "" || !known {
		old.Next = newCode()
	}
	if err := removeIfThere(s.p.sum()); err != nil {
		return fail("open the store", err)
	}
	err = s.update("write the anchor", func(tx *bbolt.Tx) error {
		if err := s.addBuckets(tx); err != nil {
			return err
		}
		if tx.Bucket([]byte(bMeta)).Get([]byte(mIndex)) == nil {
			if err := s.putIndexMark(tx); err != nil {
				return err
			}
		}
		if !known {
			if err := s.mint(tx); err != nil {
				return err
			}
		}
		return s.putValue(tx, bMeta, []byte(mAnchor), []byte(old.Next))
	})
	if err != nil {
		return err
	}
	s.anchor = anchor{Current: old.Next, Next: newCode(), Place: place, Line: lineName(s.state.origin), Head: s.state.seq}
	return fail("write the anchor", writeAnchor(s.anchorPath, s.anchor))
}

// mint starts a new incarnation of the desk, whose journal begins at 1.
func (s *Store) mint(tx *bbolt.Tx) error {
	rec := s.desk
	if err := s.p.random(rec.Origin[16:]); err != nil {
		return err
	}
	if err := s.putRecord(tx, bMeta, []byte(mDesk), rec); err != nil {
		return err
	}
	if err := s.putValue(tx, bOwn, bytes.Clone(rec.Origin[:]), number(lastOwn(tx)+1)); err != nil {
		return err
	}
	clock := s.state.clock
	s.desk = rec
	s.state = chainState{origin: rec.Origin, hash: journal.Start(rec.Origin), clock: clock}
	return s.putClock(tx, clock)
}

// Close writes what is under way, closes the file and leaves its checksums beside it.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	var err error
	if s.jobs != nil {
		s.senders.Wait()
		if s.unindexed.count > 0 && s.broken == nil {
			err = s.writeIndex()
		}
		close(s.jobs)
		<-s.done
	}
	if kindOfError(err) == ErrDiskFull {
		err = nil // what the index lacks is read again at the next open
	}
	return errors.Join(err, s.release())
}

// release closes what start opened. Everything is tried; the first errors are returned.
func (s *Store) release() error {
	var errs []error
	clean := s.jobs != nil && s.broken == nil
	if s.db != nil {
		errs = append(errs, fail("close the store", s.db.Close()))
	}
	if clean && errs[0] == nil {
		s.anchor.Line, s.anchor.Head = lineName(s.state.origin), s.state.seq
		errs = append(errs, fail("write the anchor", writeAnchor(s.anchorPath, s.anchor)),
			writeSum(s.p.db(), s.p.sum()))
	}
	if s.lock != nil {
		errs = append(errs, removeIfThere(s.p.file(fileHolder)), fail("unlock the store", s.lock.Unlock()))
	}
	return errors.Join(errs...)
}

// Drill reports whether this is a store for exercises.
func (s *Store) Drill() bool { return s.desk.Drill }

// Origin returns the origin that this store writes now.
func (s *Store) Origin() incident.Origin {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.origin
}

// PublicKey returns the key that the desk's seals are verified with.
func (s *Store) PublicKey() ed25519.PublicKey {
	return ed25519.PublicKey(bytes.Clone(s.sign[ed25519.SeedSize:]))
}

// RecoveryCode returns the code that was made with the store, to be printed at first run; empty for a store that was opened.
func (s *Store) RecoveryCode() string { return s.freshCode }

// Warnings returns catalogue keys of what an administrator should know about this store.
func (s *Store) Warnings() []string {
	if s.keyInFile && !s.desk.Drill {
		return []string{"store.warn.key_file"}
	}
	return nil
}

// view runs a read transaction. Anything bbolt chokes on in a damaged file becomes ErrDamaged.
func (s *Store) view(place string, fn func(*bbolt.Tx) error) error {
	return fail(place, caught(func() error { return s.db.View(fn) }))
}

// update runs a write transaction, durable when it returns.
func (s *Store) update(place string, fn func(*bbolt.Tx) error) error {
	return fail(place, caught(func() error { return s.db.Update(fn) }))
}

// caught makes what bbolt chokes on an error of this package.
func caught(fn func() error) error {
	err := dbpages.Caught(fn)
	if errors.Is(err, dbpages.ErrDamaged) {
		return &Error{Kind: ErrDamaged, Place: err.Error()}
	}
	return err
}
