package hub

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	Pins     [][]byte         // of the hub's certificates, told at enrolment
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
	id      Identity
	Seats   *Seats
	Persons *Persons

	stats metrics
	rim   *rim
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
	h := &Hub{cfg: cfg, reg: cfg.Registry, log: cfg.Log, codec: codec, entries: entries, id: id}
	h.Seats = &Seats{reg: cfg.Registry, id: id, now: cfg.Now, random: cfg.Rand, places: map[string][]time.Time{}}
	h.Persons = &Persons{reg: cfg.Registry, random: cfg.Rand}
	h.stats.start()
	h.rim = newRim(h)
	return h, nil
}

// Identity returns who the hub is.
func (h *Hub) Identity() Identity { return h.id }

// enrol answers a desk that asks for a seat, and journals that it got one.
func (h *Hub) enrol(ctx context.Context, e wire.Enrol, exp wire.Exporter) (wire.Enrolled, error) {
	desk, proof, err := h.Seats.Enrol(ctx, e, exp)
	if err != nil {
		return wire.Enrolled{}, err
	}
	if err := h.write(ctx, incident.KindDeskEnrolled, desk, "", "", ""); err != nil {
		return wire.Enrolled{}, err
	}
	courier := h.id.Courier
	if desk.Scope != h.id.County {
		courier = wire.CourierSecret(courier, desk.Scope)
	}
	return wire.Enrolled{
		Desk: desk.ID, Scope: desk.Scope, Key: h.id.Public(), Pins: h.cfg.Pins, Hub: h.id.Hub, Proof: proof, Name: desk.Name, Courier: courier,
	}, nil
}

// damaged is the alarm of a store whose file has to be restored.
const damaged = "damaged"

// alarms says under which name each alarm is counted and logged.
var alarms = map[session.AlarmKind]string{
	session.AlarmRewound: "rewound", session.AlarmHeld: "held", session.AlarmStopped: "stopped", session.AlarmFold: "fold",
	session.AlarmStore: "store", session.AlarmTangled: "tangled", session.AlarmVersion: "version", session.AlarmHole: "hole",
}

// alarm tells people, and journals what the county must know for good.
func (h *Hub) alarm(ctx context.Context, a session.Alarm) {
	what := alarms[a.Kind]
	switch {
	case errors.Is(a.Err, session.ErrDamaged):
		what = damaged
	case what == "":
		what = fmt.Sprint("kind ", a.Kind)
	}
	h.stats.alarms.WithLabelValues(what).Inc()
	h.log.WithFields(logrus.Fields{
		"alarm": what, "desk": hex.EncodeToString(a.Desk[:]), "line": hex.EncodeToString(a.Line[:]), "code": a.Code,
	}).WithError(a.Err).Warn("alarm")
	kind, ok := map[session.AlarmKind]incident.Kind{
		session.AlarmRewound: incident.KindHubRewound, session.AlarmHeld: incident.KindDeskHeld, session.AlarmStopped: incident.KindDeskHeld,
	}[a.Kind]
	if !ok {
		return
	}
	h.rim.aside(ctx, func(ctx context.Context) {
		desk, err := h.Seats.Desk(ctx, a.Desk)
		if err == nil {
			err = h.write(ctx, kind, desk, "", "", what)
		}
		if err != nil {
			h.log.WithError(err).Error("the alarm was not journalled")
		}
	})
}

// quiet logs what nobody waits for any more, such as the close of a connection that the other side has left.
func (h *Hub) quiet(what string, err error) {
	if err != nil {
		h.log.WithError(err).Debug(what)
	}
}
