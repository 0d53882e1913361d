package natsjournal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/sirupsen/logrus"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/hub/feed"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Params says where the store is.
type Params struct {
	// Conn is a connection that reconnects for ever; whoever made it closes it after the store.
	Conn *nats.Conn
	// System, if not nil, is a connection to the servers' system account, through which their configuration is read. Without it
	// Synced must say that every server syncs always, as members of natsnode do.
	System *nats.Conn
	Synced bool
	// Replicas of every stream: 3, in a province 5; 1 is for tests, as one machine alone is better served by boltjournal.
	Replicas int
	// Dir takes this process' files, which hold nothing that the cluster does not have.
	Dir   string
	Clock func() incident.Stamp
	Log   logrus.FieldLogger
}

const (
	// patience is how long a call whose context has no end waits for the cluster, which may be electing a leader.
	patience = 30 * time.Second
	// attempt is how long one message may take before its fate is looked up.
	attempt = 5 * time.Second
	// firstAnswer is how long the first request waits for its answer where it may be asked twice; each one after it waits twice as long.
	firstAnswer = time.Second
)

// ErrNotSynced says that a server acknowledges what is not on its disk.
var ErrNotSynced = errors.New("a server of the cluster does not sync always")

// Store is the hub's whole storage: session.Journal, session.Registry and session.Blobs. Its methods may be called from several goroutines.
type Store struct {
	p     Params
	js    jetstream.JetStream
	codec *feed.Codec
	*registry
	*blobs

	ctx    context.Context // of everything that follows streams
	cancel context.CancelFunc

	mu       sync.Mutex // guards the rest
	counties map[incident.ScopeID]*opening
	bells    map[incident.ScopeID]*feed.Bells
	closed   bool
}

// opening is a county that is being followed, opened by whoever asks first.
type opening struct {
	once   sync.Once
	county *county
	err    error
}

// Open checks the servers, opens or makes the registry, and returns the store. Counties are opened when they are asked for.
func Open(ctx context.Context, p Params) (*Store, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	if p.System != nil {
		if err := checkSync(ctx, p.System); err != nil {
			return nil, err
		}
	} else if !p.Synced {
		return nil, fmt.Errorf("%w: nobody said it does", ErrNotSynced)
	}
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the hub's copies: %w", err)
	}
	codec, err := feed.NewCodec()
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(p.Conn)
	if err != nil {
		return nil, fmt.Errorf("talk to JetStream: %w", err)
	}
	s := &Store{p: p, js: js, codec: codec, counties: map[incident.ScopeID]*opening{}, bells: map[incident.ScopeID]*feed.Bells{}}
	if s.registry, err = openRegistry(ctx, js, p.Replicas); err != nil {
		return nil, err
	}
	if s.blobs, err = openBlobs(js, p.Replicas); err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ends := ctx.Deadline(); ends {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, patience)
}

// Close ends what follows streams and closes the copies. The connection stays open.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	counties := s.counties
	s.mu.Unlock()
	s.cancel()
	var errs []error
	for _, o := range counties {
		o.once.Do(func() { o.err = errClosed })
		if o.county != nil {
			errs = append(errs, o.county.close())
		}
	}
	return errors.Join(errs...)
}

var errClosed = fmt.Errorf("%w: closed", session.ErrUnavailable)

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
	o.once.Do(func() { o.county, o.err = s.open(ctx, code) })
	if o.err == nil {
		return o.county, nil
	}
	s.forget(code, o)
	return nil, unavailable("open the county", o.err)
}

func (s *Store) forget(code incident.ScopeID, o *opening) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed && s.counties[code] == o {
		delete(s.counties, code) // the next one tries again
	}
}

func (s *Store) open(ctx context.Context, code incident.ScopeID) (*county, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	c := &county{code: code, js: s.js, codec: s.codec, clock: s.p.Clock, log: s.p.Log.WithField("county", code), bells: s.bellsOf(code)}
	if err := c.open(ctx, s.p.Dir, s.p.Replicas); err != nil {
		return nil, err
	}
	err := feed.SettleLife(ctx, s.registry, code, c.life)
	if err == nil && c.rewound {
		err = feed.NewEpoch(ctx, s.registry, code)
	}
	if err != nil {
		return nil, errors.Join(err, c.file.Close())
	}
	c.follow(s.ctx, func() { s.lose(code, c) })
	return c, nil
}

// lose drops a county whose stream or copy is not the one it was opened with; the next call opens it anew. Until its copy is closed, and
// removed if it is damaged, nobody may open it again.
func (s *Store) lose(code incident.ScopeID, c *county) {
	if err := c.close(); err != nil {
		c.log.WithError(err).Warn("close a county's copy")
	}
	s.mu.Lock()
	o := s.counties[code]
	s.mu.Unlock()
	if o == nil {
		return
	}
	o.once.Do(func() { o.err = errClosed }) // whoever opened it is done
	if o.county == c {
		s.forget(code, o)
	}
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

// Append implements session.Journal. Runs of several origins go out at once, those of one origin one after the other.
func (s *Store) Append(ctx context.Context, code incident.ScopeID, runs []session.HubRun) ([]wire.Stamp, []error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	stamps, errs := make([]wire.Stamp, len(runs)), make([]error, len(runs))
	c, err := s.county(ctx, code)
	if err != nil {
		for i := range errs {
			errs[i] = err
		}
		return stamps, errs
	}
	byOrigin := map[incident.Origin][]int{}
	for i := range runs {
		byOrigin[runs[i].Run.Origin] = append(byOrigin[runs[i].Run.Origin], i)
	}
	var wg sync.WaitGroup
	for _, of := range byOrigin {
		wg.Go(func() {
			for _, i := range of {
				var err error
				stamps[i], err = c.append(ctx, &runs[i])
				errs[i] = unavailable("append", err)
			}
		})
	}
	wg.Wait()
	return stamps, errs
}

// Heads implements session.Journal: as far as this process has read.
func (s *Store) Heads(ctx context.Context, code incident.ScopeID) (heads []session.HubHead, err error) {
	err = s.read(ctx, "read the heads", code, func(f *feed.File) error { heads, err = f.Heads(); return err })
	return heads, err
}

// Head implements session.Journal: with all that any process was told is stored.
func (s *Store) Head(ctx context.Context, code incident.ScopeID, origin incident.Origin) (h session.HubHead, err error) {
	err = s.readNewest(ctx, "read a head", code, func(f *feed.File) error { h, err = f.Head(origin); return err })
	return h, err
}

// Feed implements session.Journal.
func (s *Store) Feed(ctx context.Context, code incident.ScopeID, after uint64, limit int) (records []session.HubRecord, to uint64, err error) {
	err = s.read(ctx, "read the feed", code, func(f *feed.File) error { records, to, err = f.Feed(after, limit); return err })
	return records, to, err
}

// End implements session.Journal: as far as this process has read.
func (s *Store) End(ctx context.Context, code incident.ScopeID) (pos uint64, check [8]byte, err error) {
	err = s.read(ctx, "read the end", code, func(f *feed.File) error { pos, check, err = f.End(); return err })
	return pos, check, err
}

// CheckAt implements session.Journal.
func (s *Store) CheckAt(ctx context.Context, code incident.ScopeID, pos uint64) (check [8]byte, err error) {
	err = s.find(ctx, "read a check", code, func(f *feed.File) error { check, err = f.CheckAt(pos); return err })
	return check, err
}

// Range implements session.Journal.
func (s *Store) Range(ctx context.Context, code incident.ScopeID, origin incident.Origin, from, to uint64, maxBytes int) (run journal.Run, err error) {
	err = s.find(ctx, "read a run", code, func(f *feed.File) error { run, err = f.Range(origin, from, to, maxBytes); return err })
	return run, err
}

// HashAt implements session.Journal.
func (s *Store) HashAt(ctx context.Context, code incident.ScopeID, origin incident.Origin, seq uint64) (h journal.Hash, err error) {
	err = s.find(ctx, "read a hash", code, func(f *feed.File) error { h, err = f.HashAt(origin, seq); return err })
	return h, err
}

// Incident implements session.Journal: as far as this process has read.
func (s *Store) Incident(ctx context.Context, code incident.ScopeID, id incident.IncidentID) (entries []wire.Excerpt, err error) {
	err = s.read(ctx, "read an incident", code, func(f *feed.File) error { entries, err = f.Incident(id); return err })
	return entries, err
}

// Parties implements session.Journal: as far as this process has read.
func (s *Store) Parties(ctx context.Context, code incident.ScopeID, id incident.IncidentID) (scopes []incident.ScopeID, err error) {
	err = s.read(ctx, "read the parties of an incident", code, func(f *feed.File) error { scopes, err = f.Parties(id); return err })
	return scopes, err
}

// Shared implements session.Journal: as far as this process has read.
func (s *Store) Shared(ctx context.Context, code, party incident.ScopeID) (ids []incident.IncidentID, err error) {
	err = s.read(ctx, "read what a township shares", code, func(f *feed.File) error { ids, err = f.Shared(party); return err })
	return ids, err
}

// Bell implements session.Journal.
func (s *Store) Bell(ctx context.Context, code incident.ScopeID) <-chan struct{} {
	return s.bellsOf(code).Bell(ctx)
}

// Verify reads this process' whole copy of a county and computes it anew; the report's holes are what the cluster has lost.
func (s *Store) Verify(ctx context.Context, code incident.ScopeID, progress func(done, total uint64)) (report feed.Report, err error) {
	err = s.readNewest(ctx, "verify", code, func(f *feed.File) error { report, err = f.Verify(ctx, progress); return err })
	return report, err
}

// Holes returns what the cluster has lost of a county and wants again.
func (s *Store) Holes(ctx context.Context, code incident.ScopeID) (spans []wire.Span, err error) {
	err = s.read(ctx, "read the holes", code, func(f *feed.File) error { spans, err = f.Holes(); return err })
	return spans, err
}

// read answers from the copy, with all that this process itself has stored.
func (s *Store) read(ctx context.Context, doing string, code incident.ScopeID, fn func(f *feed.File) error) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	c, err := s.county(ctx, code)
	if err == nil {
		err = c.waitFor(ctx, c.acked.Load())
	}
	if err == nil {
		err = fn(c.file)
	}
	return unavailable(doing, err)
}

// readNewest answers from the copy, with all that any process has stored before.
func (s *Store) readNewest(ctx context.Context, doing string, code incident.ScopeID, fn func(f *feed.File) error) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	c, err := s.county(ctx, code)
	if err == nil {
		err = c.catchUp(ctx)
	}
	if err == nil {
		err = fn(c.file)
	}
	return unavailable(doing, err)
}

// find answers from the copy; only for what is not there it asks the cluster first whether another process has stored it.
func (s *Store) find(ctx context.Context, doing string, code incident.ScopeID, fn func(f *feed.File) error) error {
	err := s.read(ctx, doing, code, fn)
	if errors.Is(err, session.ErrNotFound) {
		err = s.readNewest(ctx, doing, code, fn)
	}
	return err
}
