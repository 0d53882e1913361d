package desk

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/sirupsen/logrus"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/data/room"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// ErrNoSeat says that the desk is not enrolled.
var ErrNoSeat = errors.New("this desk is not enrolled")

// presentFor is how long somebody counts as present without saying so again, presentEvery how often it is said.
const (
	presentFor   = 20 * time.Second
	presentEvery = 8 * time.Second
)

// Config says what the desk's end stands on.
type Config struct {
	Link *room.Link
	Log  logrus.FieldLogger
	App  string           // version of the program, told to the hub
	Now  func() time.Time // nil: the wall clock
	Rand io.Reader        // nil: crypto/rand
	// Changed is called, from a goroutine of the desk, when Status or Present would answer otherwise than before. May be nil.
	Changed func()
}

// Desk is the desk's end of sync. Its methods may be called from any goroutine.
type Desk struct {
	cfg    Config
	codec  *wire.Codec
	bridge *bridge
	random *rand.Rand // of the goroutine that runs
	again  chan struct{}

	mu     sync.Mutex  // guards all below
	id     wire.DeskID // of the seat
	status Status
	here   map[presenceKey]presence // others
	own    *wire.Presence           // the incident that is open at this desk
	line   *line                    // the connection that stands
	caught func()                   // for Once
	ahead  time.Duration            // the hub's clock before this computer's, as last measured
	live   bool                     // the hub takes what is said on it
}

type presenceKey struct {
	incident incident.IncidentID
	desk     wire.DeskID
}

type presence struct {
	wire.Presence
	at time.Time
}

// Status is what a person should know of the connection, beyond the room's SyncState.
type Status struct {
	Seat      string
	Scope     incident.ScopeID
	Address   string // empty: not enrolled
	Relay     bool
	Connected bool
	// Mode is what the hub granted in the last connection, empty before the first; it stays when that has ended.
	Mode room.Mode
	// Heard is when the hub said something last; zero: not since the start.
	Heard time.Time
	// Next is when the desk tries again; zero while it is connected.
	Next time.Time
	// Why is the catalogue key of what stands in the way, empty if nothing does.
	Why string
	// Alarm is the catalogue key of what a person must look at; it stays until the next good connection.
	Alarm string
}

// New returns a desk that does nothing yet.
func New(cfg Config) (*Desk, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = crand.Reader
	}
	if cfg.Log == nil {
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		cfg.Log = quiet
	}
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	codec, err := wire.NewCodec()
	if err != nil {
		return nil, err
	}
	entries, err := journal.NewCodec()
	if err != nil {
		return nil, err
	}
	var seed [16]byte
	if _, err := io.ReadFull(cfg.Rand, seed[:]); err != nil {
		return nil, fmt.Errorf("seed the desk: %w", err)
	}
	d := &Desk{
		cfg: cfg, codec: codec, bridge: &bridge{link: cfg.Link, codec: entries}, again: make(chan struct{}, 1),
		random: rand.New(rand.NewPCG(uint64(seed[0])|uint64(seed[1])<<8|uint64(seed[2])<<16|uint64(seed[3])<<24, uint64(cfg.Now().UnixNano()))), //nolint:gosec // only spreads reconnects
		here:   map[presenceKey]presence{},
	}
	seat, err := d.Seat()
	if err != nil && !errors.Is(err, ErrNoSeat) {
		return nil, err
	}
	d.know(seat)
	return d, nil
}

func (d *Desk) know(seat Seat) {
	d.id = seat.Desk
	d.status.Seat, d.status.Scope, d.status.Address, d.status.Relay = seat.Name, seat.Scope, seat.URL, seat.Relay
}

// Seat returns what enrolment gave this desk; ErrNoSeat before.
func (d *Desk) Seat() (Seat, error) {
	var seat Seat
	raw, err := d.cfg.Link.Record(recordSeat)
	if err != nil {
		return seat, err
	}
	if len(raw) == 0 {
		return seat, ErrNoSeat
	}
	if err := cbor.Unmarshal(raw, &seat); err != nil {
		return seat, fmt.Errorf("read the seat: %w", err)
	}
	return seat, nil
}

// Enrol asks the hub at an address for the seat of a code, makes this desk that seat, and connects. What the desk wrote before goes to
// the county, too.
func (d *Desk) Enrol(ctx context.Context, a Address, code, name string, progress func(done, total int)) (Seat, error) {
	target, err := ParseAddress(a.URL)
	if err != nil {
		return Seat{}, err
	}
	a.URL = target
	seat, err := Enrol(ctx, a, code, d.cfg.Link.PublicKey(), name, [32]byte{})
	if err != nil {
		return seat, err
	}
	raw, err := cbor.Marshal(seat)
	if err != nil {
		return seat, fmt.Errorf("encode the seat: %w", err)
	}
	if _, err := d.cfg.Link.Enrol(ctx, room.Seat{
		Desk: seat.Desk, Scope: seat.Scope, Name: seat.Name, Records: map[string][]byte{recordSeat: raw}, Progress: progress,
	}); err != nil {
		return seat, err
	}
	d.mu.Lock()
	d.know(seat)
	d.status.Why, d.status.Alarm = "", ""
	d.mu.Unlock()
	d.Retry()
	d.cfg.Changed()
	return seat, nil
}

// Status returns where the connection stands.
func (d *Desk) Status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status
}

// Retry tries to connect at once.
func (d *Desk) Retry() {
	select {
	case d.again <- struct{}{}:
	default:
	}
}

// Open says that somebody has an incident open at this desk; a zero ID says that nothing is open any more.
func (d *Desk) Open(id incident.IncidentID, by incident.Login) {
	d.mu.Lock()
	if d.own != nil && d.own.Incident != id {
		gone := *d.own
		gone.Login = ""
		d.say(gone)
	}
	d.own = nil
	if !id.IsZero() {
		d.own = &wire.Presence{
			Incident: id, Desk: d.id, Scope: d.status.Scope, Seat: d.status.Seat, Login: by, Since: incident.StampOf(d.cfg.Now()),
		}
		d.say(*d.own)
	}
	d.mu.Unlock()
}

// say sends a presence if there is a connection; mu is held.
func (d *Desk) say(p wire.Presence) {
	if d.line != nil && d.live {
		d.line.send(p, false)
	}
}

// Present returns who has an incident open at other desks.
func (d *Desk) Present(id incident.IncidentID) []wire.Presence {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []wire.Presence
	now := d.cfg.Now()
	for key, p := range d.here {
		if now.Sub(p.at) >= presentFor {
			delete(d.here, key)
		} else if key.incident == id {
			found = append(found, p.Presence)
		}
	}
	slices.SortFunc(found, func(a, b wire.Presence) int { return int(a.Since - b.Since) })
	return found
}

// Run keeps the desk connected until ctx ends. A desk that isn't enrolled waits until it is.
func (d *Desk) Run(ctx context.Context) {
	wait := backoff{random: d.random}
	for ctx.Err() == nil {
		seat, err := d.Seat()
		if err != nil {
			if !errors.Is(err, ErrNoSeat) {
				d.cfg.Log.WithError(err).Error("read the seat")
			}
			d.pause(ctx, time.Time{})
			continue
		}
		began := d.cfg.Now()
		window, err := d.connect(ctx, seat)
		if ctx.Err() != nil {
			return
		}
		pause := wait.failed(d.cfg.Now().Sub(began))
		if window > 0 {
			pause = time.Duration(d.random.Int64N(int64(window)))
		}
		next := d.cfg.Now().Add(pause)
		d.mu.Lock()
		d.status.Connected, d.status.Next, d.status.Why = false, next, whyNot(err)
		d.mu.Unlock()
		if err != nil {
			d.cfg.Log.WithError(err).WithField("again_in", pause.String()).Info("no connection to the hub")
		}
		d.cfg.Changed()
		d.pause(ctx, next)
	}
}

// pause waits until a moment (zero: for ever), until somebody wants to try at once, or until the machine's addresses change.
func (d *Desk) pause(ctx context.Context, until time.Time) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	before := addresses()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.again:
			return
		case <-tick.C:
			if !until.IsZero() && !d.cfg.Now().Before(until) {
				return
			}
			if now := addresses(); !slices.Equal(now, before) {
				return
			}
		}
	}
}

func addresses() []string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	texts := make([]string, len(all))
	for i, a := range all {
		texts[i] = a.String()
	}
	slices.Sort(texts)
	return texts
}

// Once connects, lets both sides have all of each other, and ends. It fails if it could not connect or was cut off.
func (d *Desk) Once(ctx context.Context) error {
	seat, err := d.Seat()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	var once sync.Once
	d.mu.Lock()
	d.caught = func() { once.Do(func() { close(done); cancel() }) }
	d.mu.Unlock()
	_, err = d.connect(ctx, seat)
	select {
	case <-done:
		return nil
	default:
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = errors.New("the hub ended the connection")
	}
	return err
}

// whyNot is the catalogue key of why there is no connection.
func whyNot(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrPin):
		return "sync.why.pin"
	case errors.Is(err, ErrDate):
		return "sync.why.date"
	case errors.Is(err, ErrNoHub), errors.Is(err, wire.ErrProtocol):
		return "sync.why.no_hub"
	case errors.Is(err, ErrAddress):
		return "sync.why.address"
	}
	return "sync.why.network"
}

// alarmKeys are the catalogue keys of alarms.
var alarmKeys = map[session.AlarmKind]string{
	session.AlarmHeld: "sync.alarm.held", session.AlarmStopped: "sync.alarm.stopped", session.AlarmFold: "sync.alarm.fold",
	session.AlarmStranger: "sync.alarm.stranger", session.AlarmUnknown: "sync.alarm.unknown", session.AlarmMoved: "sync.alarm.moved",
	session.AlarmStore: "sync.alarm.store", session.AlarmTangled: "sync.alarm.tangled", session.AlarmVersion: "sync.alarm.version",
}
