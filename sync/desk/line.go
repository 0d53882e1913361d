package desk

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// line is one connection, with what drives it.
type line struct {
	d      *Desk
	s      *socket
	core   *session.DeskCore
	events chan session.Event
	tasks  sync.WaitGroup

	mu     sync.Mutex // guards high, low and ended
	high   []wire.Message
	low    []wire.Message
	ended  bool
	wake   chan struct{} // one slot
	window time.Duration
	code   session.CloseCode
}

// connect makes one connection and stays with it until it ends. window is how soon the hub wants to see the desk again, zero if it
// didn't say.
func (d *Desk) connect(ctx context.Context, seat Seat) (window time.Duration, err error) {
	s, err := dial(ctx, seat.Address, true)
	if err != nil {
		return 0, err
	}
	l := &line{d: d, s: s, events: make(chan session.Event, 64), wake: make(chan struct{}, 1)}
	l.core = session.NewDeskCore(session.DeskParams{
		Codec: d.codec, Journal: d.bridge, Keys: d.bridge, Blobs: &blobs{link: d.cfg.Link}, Desk: seat.Desk, Key: d.cfg.Link.Key(), Hub: seat.Hub,
		HubKey: seat.HubKey, Kinds: kindsDigest(), App: d.cfg.App,
	})
	inner, cancel := context.WithCancel(ctx)
	var rims sync.WaitGroup
	var readErr error
	rims.Go(func() { readErr = l.read(inner) })
	rims.Go(func() { l.write(inner) })
	d.mu.Lock()
	d.line, d.live = l, false
	d.mu.Unlock()

	over := l.run(inner)

	d.mu.Lock()
	d.line = nil
	d.mu.Unlock()
	l.end()
	cancel()
	rims.Wait()
	l.tasks.Wait()
	d.cfg.Link.Lost()
	if over == nil && l.code == 0 {
		over = readErr
	}
	d.cfg.Log.WithField("code", uint16(l.code)).Info("the connection to the hub ended")
	return l.window, over
}

// end lets the writer finish what waits and closes the socket.
func (l *line) end() {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.ring()
}

func (l *line) ring() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *line) read(ctx context.Context) error {
	defer l.put(ctx, session.Gone{})
	for {
		frame, err := l.s.receive()
		if err != nil {
			return err
		}
		m, err := l.d.codec.Decode(frame)
		if err != nil {
			l.put(ctx, session.Refused{Err: err})
			continue
		}
		l.d.heard()
		l.put(ctx, session.Received{Message: m})
	}
}

func (l *line) put(ctx context.Context, ev session.Event) {
	select {
	case l.events <- ev:
	case <-ctx.Done():
	}
}

// write writes what waits, high before low, until the line has ended and nothing waits.
func (l *line) write(ctx context.Context) {
	defer l.s.close()
	for {
		m, ok, ended := l.pop()
		switch {
		case ok:
			frame, err := l.d.codec.Encode(m)
			if err == nil {
				err = l.s.send(frame, time.Now())
			}
			if err != nil {
				l.d.cfg.Log.WithError(err).Debug("write to the hub")
				return
			}
		case ended:
			deadline := time.Now().Add(time.Second)
			bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			if err := l.s.ws.WriteControl(websocket.CloseMessage, bye, deadline); err != nil {
				l.d.cfg.Log.WithError(err).Debug("take leave of the hub")
			}
			return
		default:
			select {
			case <-l.wake:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (l *line) pop() (m wire.Message, ok, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case len(l.high) > 0:
		m, l.high = l.high[0], l.high[1:]
		return m, true, false
	case l.ended:
		return nil, false, true
	case len(l.low) > 0:
		m, l.low = l.low[0], l.low[1:]
		return m, true, false
	}
	return nil, false, false
}

func (l *line) send(m wire.Message, low bool) {
	l.mu.Lock()
	if low {
		l.low = append(l.low, m)
	} else {
		l.high = append(l.high, m)
	}
	l.mu.Unlock()
	l.ring()
}

// run steps the core until the connection is over.
func (l *line) run(ctx context.Context) error {
	var random [32]byte
	if _, err := io.ReadFull(l.d.cfg.Rand, random[:]); err != nil {
		return fmt.Errorf("randomness for a connection: %w", err)
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	said := l.d.cfg.Now()
	over := l.step(ctx, session.Opened{Exporter: l.s.exp, Random: random})
	for !over {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case ev := <-l.events:
			if _, gone := ev.(session.Gone); gone {
				l.step(ctx, ev)
				return nil
			}
			over = l.step(ctx, ev)
		case <-l.d.cfg.Link.Bell():
			over = l.step(ctx, session.Stirred{})
		case <-tick.C:
			over = l.step(ctx, session.Tick{})
			if now := l.d.cfg.Now(); now.Sub(said) >= presentEvery {
				said = now
				l.d.mu.Lock()
				if l.d.own != nil {
					l.d.say(*l.d.own)
				}
				l.d.mu.Unlock()
			}
		}
		l.settled()
	}
	return nil
}

// step gives the core an event and does what it asks for; over says that the connection is to end.
func (l *line) step(ctx context.Context, ev session.Event) (over bool) {
	for _, effect := range l.core.Step(incident.StampOf(l.d.cfg.Now()), ev) {
		switch e := effect.(type) {
		case session.Send:
			l.send(e.Message, e.Low)
			if _, ready := e.Message.(wire.Ready); ready {
				l.d.ready()
			}
		case session.Task:
			l.tasks.Go(func() { l.put(ctx, e.Work(ctx)) })
		case session.Close:
			l.code, l.window, over = e.Code, time.Duration(e.Window)*time.Millisecond, true
		case session.Alarm:
			l.d.alarm(e)
		case session.Met:
			l.d.met(e)
		case session.Noticed:
			l.d.noticed(e.Notice)
		case session.Present:
			l.d.present(e.Presence)
		case session.Caught:
			l.d.reached()
		}
	}
	return over
}

// settled tells Once that both sides have all of each other.
func (l *line) settled() {
	l.d.mu.Lock()
	caught, up := l.d.caught, l.d.status.Connected
	l.d.mu.Unlock()
	if caught == nil || !up || !l.core.Settled() {
		return
	}
	caught()
}

func (d *Desk) met(e session.Met) {
	mode := room.ModeFull
	switch {
	case e.Verdict == wire.VerdictUnknown:
		return
	case e.Mode == wire.ModePushOnly:
		mode = room.ModePushOnly
	case e.Mode == wire.ModeHeld:
		mode = room.ModeHeld
	}
	ahead := time.Duration(e.Offset) * time.Millisecond
	if err := d.cfg.Link.Contact(mode, ahead); err != nil {
		d.cfg.Log.WithError(err).Error("note the contact")
	}
	d.mu.Lock()
	d.ahead = ahead
	d.status.Connected, d.status.Mode, d.status.Next, d.status.Why = true, mode, time.Time{}, ""
	if e.Verdict == wire.VerdictOK {
		d.status.Alarm = ""
	}
	d.mu.Unlock()
	d.cfg.Changed()
}

// ready says what is open here, now that the hub takes it: before, it would end the connection.
func (d *Desk) ready() {
	d.mu.Lock()
	d.live = true
	if d.own != nil {
		d.say(*d.own)
	}
	d.mu.Unlock()
}

func (d *Desk) alarm(a session.Alarm) {
	d.cfg.Log.WithError(a.Err).WithField("alarm", uint8(a.Kind)).WithField("code", uint8(a.Code)).Warn("alarm of the connection")
	d.mu.Lock()
	d.status.Alarm = alarmKeys[a.Kind]
	d.mu.Unlock()
	d.cfg.Changed()
}

func (d *Desk) noticed(n wire.Notice) {
	if n.Code == wire.NoticeHeld {
		d.mu.Lock()
		ahead := d.ahead
		d.mu.Unlock()
		if err := d.cfg.Link.Contact(room.ModeHeld, ahead); err != nil {
			d.cfg.Log.WithError(err).Error("note the contact")
		}
	}
	if n.Code == wire.NoticeRevoked {
		d.alarm(session.Alarm{Kind: session.AlarmUnknown})
	}
	d.cfg.Changed()
}

func (d *Desk) present(p wire.Presence) {
	key := presenceKey{incident: p.Incident, desk: p.Desk}
	d.mu.Lock()
	if p.Login == "" {
		delete(d.here, key)
	} else {
		d.here[key] = presence{Presence: p, at: d.cfg.Now()}
	}
	d.mu.Unlock()
	d.cfg.Changed()
}

// heard notes that the hub said something.
func (d *Desk) heard() {
	d.mu.Lock()
	d.status.Heard = d.cfg.Now()
	d.mu.Unlock()
}

func (d *Desk) reached() { d.cfg.Changed() }
