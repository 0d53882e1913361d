package boltjournal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/sirupsen/logrus"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/hub/feed"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Names in the store's folder.
const (
	fileRegistry = "registry.db"
	dirCounties  = "county"
	dirBlobs     = "blob"
	suffixDB     = ".db"
)

// Params says where the store is.
type Params struct {
	Dir   string
	Clock func() incident.Stamp
	// LogDir, on another disk, takes everything that is stored as it comes, for the hours between two backups; empty for none.
	LogDir string
	Log    logrus.FieldLogger
}

// Store is the hub's whole storage: session.Journal, session.Registry and session.Blobs. Its methods may be called from several goroutines.
type Store struct {
	p     Params
	codec *feed.Codec
	*registry
	*blobs
	log *appendLog // nil without LogDir

	mu       sync.Mutex // guards counties, bells and closed
	counties map[incident.ScopeID]*opening
	bells    map[incident.ScopeID]*feed.Bells
	closed   bool
}

// opening is a county's file, opened by whoever asks first.
type opening struct {
	once   sync.Once
	county *county
	err    error
}

// Open opens the store in a folder, or makes one. Only one process may have it open.
func Open(p Params) (*Store, error) {
	for _, dir := range []string{p.Dir, filepath.Join(p.Dir, dirCounties), filepath.Join(p.Dir, dirBlobs)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the hub's folder: %w", err)
		}
	}
	codec, err := feed.NewCodec()
	if err != nil {
		return nil, err
	}
	s := &Store{p: p, codec: codec, counties: map[incident.ScopeID]*opening{}, bells: map[incident.ScopeID]*feed.Bells{}}
	if s.blobs, err = openBlobs(filepath.Join(p.Dir, dirBlobs)); err != nil {
		return nil, err
	}
	if s.registry, err = openRegistry(filepath.Join(p.Dir, fileRegistry)); err != nil {
		return nil, err
	}
	if p.LogDir == "" {
		return s, nil
	}
	if s.log, err = openLog(p.LogDir, p.Clock(), p.Log); err != nil {
		return nil, errors.Join(err, s.registry.close())
	}
	s.registry.log = s.log
	return s, nil
}

// OpenOld is Open for a folder that must hold a store.
func OpenOld(p Params) (*Store, error) {
	if _, err := os.Stat(filepath.Join(p.Dir, fileRegistry)); err != nil {
		return nil, fmt.Errorf("find the hub's registry: %w", err)
	}
	return Open(p)
}

// Close ends what is under way and closes all files.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	counties := s.counties
	s.mu.Unlock()
	var errs []error
	for _, o := range counties {
		o.once.Do(func() { o.err = errClosed })
		if o.county != nil {
			errs = append(errs, o.county.close())
		}
	}
	errs = append(errs, s.registry.close())
	if s.log != nil {
		errs = append(errs, s.log.close())
	}
	return errors.Join(errs...)
}

var errClosed = fmt.Errorf("%w: closed", session.ErrUnavailable)

// county opens a county's file at its first use.
func (s *Store) county(ctx context.Context, code incident.ScopeID) (*county, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errClosed
	}
	o := s.counties[code]
	if o == nil {
		o = &opening{}
		s.counties[code] = o
	}
	s.mu.Unlock()
	o.once.Do(func() { o.county, o.err = s.open(code) })
	if o.err != nil {
		s.mu.Lock()
		if !s.closed && s.counties[code] == o {
			delete(s.counties, code) // the next one tries again
		}
		s.mu.Unlock()
		return nil, unavailable("open the county", o.err)
	}
	return o.county, ctx.Err()
}

func (s *Store) open(code incident.ScopeID) (*county, error) {
	f, err := feed.Open(s.countyFile(code), s.codec)
	if err != nil {
		return nil, err
	}
	life, err := f.Life()
	if err == nil {
		err = feed.SettleLife(context.Background(), s.registry, code, life)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	c := &county{code: code, file: f, codec: s.codec, clock: s.p.Clock, log: s.log, bells: s.bellsOf(code)}
	c.start()
	return c, nil
}

func (s *Store) bellsOf(code incident.ScopeID) *feed.Bells {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bells[code]
	if b == nil {
		b = &feed.Bells{}
		s.bells[code] = b
	}
	return b
}

func (s *Store) countyFile(code incident.ScopeID) string {
	return filepath.Join(s.p.Dir, dirCounties, strconv.FormatUint(uint64(code), 10)+suffixDB)
}

// Counties lists the counties that have a file, in order of their file names.
func (s *Store) Counties() ([]incident.ScopeID, error) {
	files, err := os.ReadDir(filepath.Join(s.p.Dir, dirCounties))
	if err != nil {
		return nil, unavailable("list the counties", err)
	}
	var codes []incident.ScopeID
	for _, f := range files {
		name, ours := strings.CutSuffix(f.Name(), suffixDB)
		if code, err := strconv.ParseUint(name, 10, 32); ours && err == nil {
			codes = append(codes, incident.ScopeID(code))
		}
	}
	return codes, nil
}

// unavailable makes any failure but the definite ones session.ErrUnavailable.
func unavailable(doing string, err error) error {
	var gap *session.GapError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &gap), errors.Is(err, session.ErrFork), errors.Is(err, session.ErrNotFound), errors.Is(err, session.ErrRevision),
		errors.Is(err, session.ErrBlob), errors.Is(err, session.ErrUnavailable):
		return err
	}
	return fmt.Errorf("%s: %w: %w", doing, session.ErrUnavailable, err)
}

// Append implements session.Journal.
func (s *Store) Append(ctx context.Context, code incident.ScopeID, runs []session.HubRun) ([]wire.Stamp, []error) {
	c, err := s.county(ctx, code)
	if err == nil {
		var a answer
		if a, err = c.append(ctx, runs); err == nil {
			return a.stamps, a.errs
		}
	}
	errs := make([]error, len(runs))
	for i := range errs {
		errs[i] = unavailable("append", err)
	}
	return make([]wire.Stamp, len(runs)), errs
}

// Heads implements session.Journal.
func (s *Store) Heads(ctx context.Context, code incident.ScopeID) (heads []session.HubHead, err error) {
	err = s.read(ctx, "read the heads", code, func(f *feed.File) error { heads, err = f.Heads(); return err })
	return heads, err
}

// Head implements session.Journal.
func (s *Store) Head(ctx context.Context, code incident.ScopeID, origin incident.Origin) (h session.HubHead, err error) {
	err = s.read(ctx, "read a head", code, func(f *feed.File) error { h, err = f.Head(origin); return err })
	return h, err
}

// Feed implements session.Journal.
func (s *Store) Feed(ctx context.Context, code incident.ScopeID, after uint64, limit int) (records []session.HubRecord, to uint64, err error) {
	err = s.read(ctx, "read the feed", code, func(f *feed.File) error { records, to, err = f.Feed(after, limit); return err })
	return records, to, err
}

// End implements session.Journal.
func (s *Store) End(ctx context.Context, code incident.ScopeID) (pos uint64, check [8]byte, err error) {
	err = s.read(ctx, "read the end", code, func(f *feed.File) error { pos, check, err = f.End(); return err })
	return pos, check, err
}

// CheckAt implements session.Journal.
func (s *Store) CheckAt(ctx context.Context, code incident.ScopeID, pos uint64) (check [8]byte, err error) {
	err = s.read(ctx, "read a check", code, func(f *feed.File) error { check, err = f.CheckAt(pos); return err })
	return check, err
}

// Range implements session.Journal.
func (s *Store) Range(ctx context.Context, code incident.ScopeID, origin incident.Origin, from, to uint64, maxBytes int) (run journal.Run, err error) {
	err = s.read(ctx, "read a run", code, func(f *feed.File) error { run, err = f.Range(origin, from, to, maxBytes); return err })
	return run, err
}

// HashAt implements session.Journal.
func (s *Store) HashAt(ctx context.Context, code incident.ScopeID, origin incident.Origin, seq uint64) (h journal.Hash, err error) {
	err = s.read(ctx, "read a hash", code, func(f *feed.File) error { h, err = f.HashAt(origin, seq); return err })
	return h, err
}

// Incident implements session.Journal.
func (s *Store) Incident(ctx context.Context, code incident.ScopeID, id incident.IncidentID) (entries []wire.Excerpt, err error) {
	err = s.read(ctx, "read an incident", code, func(f *feed.File) error { entries, err = f.Incident(id); return err })
	return entries, err
}

// Parties implements session.Journal.
func (s *Store) Parties(ctx context.Context, code incident.ScopeID, id incident.IncidentID) (scopes []incident.ScopeID, err error) {
	err = s.read(ctx, "read the parties of an incident", code, func(f *feed.File) error { scopes, err = f.Parties(id); return err })
	return scopes, err
}

// Shared implements session.Journal.
func (s *Store) Shared(ctx context.Context, code, party incident.ScopeID) (ids []incident.IncidentID, err error) {
	err = s.read(ctx, "read what a township shares", code, func(f *feed.File) error { ids, err = f.Shared(party); return err })
	return ids, err
}

// Bell implements session.Journal.
func (s *Store) Bell(ctx context.Context, code incident.ScopeID) <-chan struct{} {
	return s.bellsOf(code).Bell(ctx)
}

// Verify reads everything a county has and computes it anew; what it finds damaged stands in the report's holes from then on.
func (s *Store) Verify(ctx context.Context, code incident.ScopeID, progress func(done, total uint64)) (report feed.Report, err error) {
	err = s.read(ctx, "verify", code, func(f *feed.File) error { report, err = f.Verify(ctx, progress); return err })
	return report, err
}

// Holes returns what a county has lost and wants again.
func (s *Store) Holes(ctx context.Context, code incident.ScopeID) (spans []wire.Span, err error) {
	err = s.read(ctx, "read the holes", code, func(f *feed.File) error { spans, err = f.Holes(); return err })
	return spans, err
}

func (s *Store) read(ctx context.Context, doing string, code incident.ScopeID, fn func(f *feed.File) error) error {
	c, err := s.county(ctx, code)
	if err == nil {
		err = fn(c.file)
	}
	return unavailable(doing, err)
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // which has no such thing
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
