package room

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"zw110/assets"
	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/data/store"
)

// ErrClosed is the answer to an act that comes after Close.
var ErrClosed = errors.New("the room is closed")

// Room is one open store with everything that is known about it. Its methods may be called from any goroutine.
type Room struct {
	cfg   Config
	log   Logger
	store *store.Store
	codec *journal.Codec
	board *board.Board
	rules atomic.Pointer[Rules]
	drill bool

	seat int

	jobs   chan *job    // unbuffered: a caller waits in the channel until the committer takes its job
	coming atomic.Int32 // callers whose job the committer has not taken yet
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	closed sync.Once

	numbers  *numbers
	files    *files
	unsaved  *idSet // their cached state is older than the journal
	unsummed *idSet // they count in digest as they were
	digest   *digest
	standing *standing
	feed     *feed
	bells    *bells
	lookout  *lookout
	pins     *lockout
	outbox   *outbox
	link     *linkState
	poured   atomic.Bool // the county sent something since the last tick
	seats    seats
	watch    clockWatch
	darkroom chan struct{} // one slot: who holds it decodes a picture, since two at once would double the memory
	locals   sync.Mutex    // held while a local setting is read, changed and written: the lock is the point, so it spans the write
}

// Open opens an existing store and brings the read models up to date from the fold cache and the tail of the journal.
//
// A store for practice that is opened without a clock goes on from its last entry: its time stands still while nobody practises.
func Open(cfg Config) (*Room, error) {
	ownTime := cfg.Clock != nil
	cfg, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	st, err := store.Open(cfg.store())
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", cfg.Dir, err)
	}
	if last := journal.WallOf(st.Now()); st.Drill() && !ownTime && last != 0 {
		began := time.Now()
		cfg.Clock = func() incident.Stamp { return last.Add(time.Since(began)) }
	}
	r, err := start(cfg, st)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open room %s: %w", cfg.Dir, err), st.Close())
	}
	return r, nil
}

func (c Config) filled() (Config, error) {
	if c.Dir == "" {
		return c, errors.New("room config: Dir is empty")
	}
	if c.Clock == nil && c.Steady == nil {
		began := time.Now()
		c.Steady = func() time.Duration { return time.Since(began) }
	}
	if c.Clock == nil {
		c.Clock = func() incident.Stamp { return incident.StampOf(time.Now()) }
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = silent{}
	}
	if c.Text == nil {
		chinese, err := assets.LoadCatalogue(assets.Languages[0])
		if err != nil {
			return c, fmt.Errorf("room config: %w", err)
		}
		c.Text = chinese.T
	}
	return c, nil
}

// silent is the logger of a room that was given none.
type silent struct{}

func (s silent) WithField(string, any) Logger { return s }
func (silent) Info(...any)                    {}
func (silent) Error(...any)                   {}

// Now returns the desk's clock.
func (r *Room) Now() incident.Stamp { return r.cfg.Clock() }

// Drill reports whether this is a store for practice, whose acts carry their own times.
func (r *Room) Drill() bool { return r.drill }

// Close ends the goroutines, writes the fold cache and closes the store. Acts that wait are answered with ErrClosed.
func (r *Room) Close() error {
	var err error
	r.closed.Do(func() {
		r.cancel()
		r.wg.Wait()
		err = errors.Join(r.saveAll(), r.store.Close())
	})
	return err
}

// spawn runs a goroutine that the room owns: it ends with the room's context, and a panic in it is logged instead of ending the
// program.
func (r *Room) spawn(name string, work func(context.Context)) {
	r.wg.Add(1)
	go func() {
		defer r.wg.Done()
		for r.ctx.Err() == nil && !r.guard(name, func() { work(r.ctx) }) {
			r.log.WithField("goroutine", name).Info("started again after a panic")
		}
	}()
}

// guard runs work and reports whether it came to its end; a panic is logged with its stack.
func (r *Room) guard(name string, work func()) (ended bool) {
	defer func() {
		if p := recover(); p != nil {
			r.log.WithField("where", name).WithField("panic", fmt.Sprint(p)).WithField("stack", string(debug.Stack())).Error("panic")
		}
	}()
	work()
	return true
}

// newID makes an incident ID: 6 bytes of milliseconds, 10 random bytes.
func newID(now incident.Stamp, random io.Reader) (incident.IncidentID, error) {
	var id incident.IncidentID
	for i := range 6 {
		id[i] = byte(now >> (8 * (5 - i)))
	}
	if _, err := io.ReadFull(random, id[6:]); err != nil {
		return id, fmt.Errorf("random bytes for an incident: %w", err)
	}
	return id, nil
}
