package hub

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Config says what a hub stands on. Journal, Registry and Blobs are opened and closed by the caller.
type Config struct {
	County   incident.ScopeID // six digits
	Journal  session.Journal
	Registry session.Registry
	Blobs    session.Blobs
	Log      logrus.FieldLogger
	Now      func() time.Time // nil: the wall clock
	Rand     io.Reader        // nil: crypto/rand
	// Relay says that a trusted proxy ends TLS before the hub, so that the TLS session can't be part of what is signed.
	Relay bool
}

// Hub is one process of a county's hub. Several may stand on one cluster.
type Hub struct {
	cfg     Config
	reg     session.Registry
	log     logrus.FieldLogger
	codec   *wire.Codec
	entries *journal.Codec
	id      atomic.Pointer[Identity]
	Seats   *Seats
	Persons *Persons

	stats metrics
	conns conns
}

// Open reads or makes the hub's identity.
func Open(ctx context.Context, cfg Config) (*Hub, error) {
	if cfg.County < 100000 || cfg.County > 999999 {
		return nil, fmt.Errorf("county %d: %w", cfg.County, ErrScope)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Log == nil {
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		cfg.Log = quiet
	}
	codec, err := wire.NewCodec()
	if err != nil {
		return nil, err
	}
	entries, err := journal.NewCodec()
	if err != nil {
		return nil, err
	}
	id, err := openIdentity(ctx, cfg.Registry, cfg.County, cfg.Rand)
	if err != nil {
		return nil, fmt.Errorf("open hub: %w", err)
	}
	h := &Hub{cfg: cfg, reg: cfg.Registry, log: cfg.Log, codec: codec, entries: entries}
	h.id.Store(&id)
	h.Seats = &Seats{reg: cfg.Registry, id: id, now: cfg.Now, random: cfg.Rand, places: map[string][]time.Time{}}
	h.Persons = &Persons{reg: cfg.Registry, random: cfg.Rand}
	h.stats.start()
	return h, nil
}

// Identity returns who the hub is now.
func (h *Hub) Identity() Identity { return *h.id.Load() }
