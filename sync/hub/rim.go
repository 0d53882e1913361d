package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"zw110/data/incident"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Bounds of the rim.
const (
	eventQueue = 256     // events that wait for the core; who brings one more waits
	maxTasks   = 256     // tasks with the stores at once
	maxBulk    = 8       // of those that every desk has, so that a push needn't wait for a thousand of them
	maxQueue   = 4 << 20 // encoded bytes that wait for one slow desk, roughly
	drainTime  = 30_000  // milliseconds in which the desks come back after a drain
)

// rim drives the session core: one goroutine steps it, each connection has one that reads, and writers run only while there is something
// to write.
type rim struct {
	h      *Hub
	core   *session.HubCore
	events chan session.Event
	tasks  chan struct{}
	bulk   chan struct{}
	wg     sync.WaitGroup

	mu    sync.Mutex // guards links and next
	links map[session.ConnID]*link
	next  session.ConnID
}

// link is one desk's websocket.
type link struct {
	id    session.ConnID
	ws    *websocket.Conn
	place string // the address it comes from
	h     *Hub

	mu      sync.Mutex // guards all below
	high    []wire.Message
	low     []wire.Message
	bytes   int // of what waits, roughly
	ending  session.CloseCode
	writing bool
	desk    wire.DeskID // once it was welcomed
	pushes  []arrival
}

// arrival is a push that was not acknowledged yet.
type arrival struct {
	last    uint64
	entries int
	at      time.Time
}

func newRim(h *Hub) *rim {
	r := &rim{
		h: h, events: make(chan session.Event, eventQueue), tasks: make(chan struct{}, maxTasks), bulk: make(chan struct{}, maxBulk),
		links: map[session.ConnID]*link{},
	}
	id := h.Identity()
	r.core = session.NewHubCore(session.HubParams{
		Codec: h.codec, Entries: h.entries, Journal: h.cfg.Journal, Registry: h.reg, Blobs: h.cfg.Blobs, County: id.County, ID: id.Hub,
		Key: id.Key(), Secret: id.Baton, Enrol: h.enrol, Relearn: h.relearn,
	})
	return r
}

// run steps the core until ctx ends.
func (r *rim) run(ctx context.Context) {
	bell := r.h.cfg.Journal.Bell(ctx, r.h.cfg.County)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case ev := <-r.events:
			r.step(ctx, ev)
		case _, ok := <-bell:
			if !ok {
				bell = nil
				continue
			}
			r.step(ctx, session.Stirred{})
		case <-tick.C:
			r.step(ctx, session.Tick{})
		}
	}
}

// put brings an event to the core, or gives up when the hub stops.
func (r *rim) put(ctx context.Context, ev session.Event) {
	select {
	case r.events <- ev:
	case <-ctx.Done():
	}
}

func (r *rim) step(ctx context.Context, ev session.Event) {
	for _, effect := range r.core.Step(incident.StampOf(r.h.cfg.Now()), ev) {
		switch e := effect.(type) {
		case session.Send:
			r.send(e)
		case session.Task:
			r.task(ctx, e)
		case session.Close:
			if l := r.link(e.Conn); l != nil {
				r.finish(l, e.Code)
			}
		case session.Alarm:
			r.h.alarm(ctx, e)
		}
	}
}

func (r *rim) link(id session.ConnID) *link {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.links[id]
}

// task does work away from the core. A desk's own tasks come one after the other, so the bound is on desks, not on one desk's patience.
func (r *rim) task(ctx context.Context, t session.Task) {
	room := r.tasks
	if t.Bulk {
		room = r.bulk
	}
	r.wg.Go(func() {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		done := t.Work(ctx)
		<-room
		r.put(ctx, done)
	})
}

// open takes a new connection.
func (r *rim) open(ctx context.Context, ws *websocket.Conn, exp wire.Exporter, place string) {
	l := &link{ws: ws, place: place, h: r.h}
	ev := session.Opened{Exporter: exp}
	if _, err := io.ReadFull(r.h.cfg.Rand, ev.Random[:]); err != nil {
		r.h.log.WithError(errors.Join(err, ws.Close())).Error("no randomness")
		return
	}
	r.mu.Lock()
	r.next++
	l.id, ev.Conn = r.next, r.next
	r.links[l.id] = l
	r.mu.Unlock()
	r.h.stats.desks.Inc()
	ws.SetReadLimit(wire.MaxFrame)
	r.wg.Go(func() {
		r.put(ctx, ev)
		r.read(ctx, l)
		r.mu.Lock()
		delete(r.links, l.id)
		r.mu.Unlock()
		r.h.stats.desks.Dec()
		r.h.quiet("close", ws.Close())
		r.put(ctx, session.Gone{Conn: l.id})
	})
}

// read reads until the connection ends.
func (r *rim) read(ctx context.Context, l *link) {
	if l.ws.SetReadDeadline(time.Now().Add(helloTimeout)) != nil {
		return
	}
	for ctx.Err() == nil {
		kind, frame, err := l.ws.ReadMessage()
		if err != nil {
			if isTimeout(err) {
				l.shut(websocket.CloseNormalClosure)
			}
			return
		}
		r.h.stats.received.Add(float64(len(frame)))
		if kind != websocket.BinaryMessage {
			code := websocket.CloseUnsupportedData
			if !utf8.Valid(frame) {
				code = websocket.CloseInvalidFramePayloadData
			}
			r.h.stats.refused.WithLabelValues("text").Inc()
			l.shut(code)
			return
		}
		m, err := r.h.codec.Decode(frame)
		if err != nil {
			r.h.stats.refused.WithLabelValues(why(err)).Inc()
			r.put(ctx, session.Refused{Conn: l.id, Err: err})
			continue
		}
		if !l.hear(m) {
			r.h.stats.refused.WithLabelValues("tries").Inc()
			l.shut(int(session.CloseAuth))
			return
		}
		if _, hello := m.(wire.Hello); hello && l.ws.SetReadDeadline(time.Time{}) != nil { // from now on the core says who is dead
			return
		}
		r.put(ctx, session.Received{Conn: l.id, Message: m})
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func why(err error) string {
	switch {
	case errors.Is(err, wire.ErrTooBig):
		return "size"
	case errors.Is(err, wire.ErrUnknown):
		return "type"
	}
	return "frame"
}

// hear notes what the rim itself must know of a message; false for somebody who tried too many enrolment codes.
func (l *link) hear(m wire.Message) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch m := m.(type) {
	case wire.Enrol:
		return !l.h.Seats.blocked(l.place)
	case wire.Hello:
		l.desk = m.Desk
	case wire.Push:
		if len(l.pushes) < 2*wire.MaxUnacked {
			l.pushes = append(l.pushes, arrival{
				last: m.First + uint64(len(m.Entries)) - 1, entries: len(m.Entries), at: l.h.cfg.Now(),
			})
		}
	}
	return true
}

// send puts a message into a desk's queue. A desk that doesn't take what it asked for is cut off.
func (r *rim) send(e session.Send) {
	l := r.link(e.Conn)
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r.h.sent(l, e.Message)
	size := sizeOf(e.Message)
	if l.bytes+size > maxQueue {
		l.high, l.low, l.ending = nil, nil, session.CloseSlow
	} else if e.Low {
		l.low = append(l.low, e.Message)
	} else {
		l.high = append(l.high, e.Message)
	}
	l.bytes += size
	r.write(l)
}

// sent counts what the core sends; the link's mutex is held.
func (h *Hub) sent(l *link, m wire.Message) {
	switch m := m.(type) {
	case wire.Ack:
		for len(l.pushes) > 0 && l.pushes[0].last <= m.Seq {
			h.stats.ack.Observe(h.cfg.Now().Sub(l.pushes[0].at).Seconds())
			h.stats.entries.Add(float64(l.pushes[0].entries))
			l.pushes = l.pushes[1:]
		}
		if len(l.pushes) == 0 {
			l.pushes = nil
		}
	case wire.Fault:
		h.stats.refused.WithLabelValues(fmt.Sprint("code ", m.Code)).Inc()
		if m.About == wire.TypeEnrol {
			h.Seats.wrong(l.place)
		}
	}
}

// sizeOf is roughly how many bytes a message holds on to.
func sizeOf(m wire.Message) int {
	n := 256
	switch m := m.(type) {
	case wire.Feed:
		for _, run := range m.Runs {
			n += sizeOfRun(run)
		}
	case wire.Give:
		n += sizeOfRun(m.Run)
	case wire.BlobChunk:
		n += len(m.Bytes)
	case wire.Keys:
		n += 80 * len(m.Items)
	}
	return n
}

func sizeOfRun(r wire.Run) (n int) {
	for _, e := range r.Entries {
		n += len(e)
	}
	for _, e := range r.Excerpts {
		n += len(e.Entry)
	}
	return n
}

// finish closes a connection once what waits is written.
func (r *rim) finish(l *link, code session.CloseCode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ending == 0 {
		l.ending = code
	}
	r.write(l)
}

// write starts a writer unless one is at work; the link's mutex is held.
func (r *rim) write(l *link) {
	if l.writing {
		return
	}
	l.writing = true
	r.wg.Go(l.flush)
}

// flush writes until nothing waits: what is high first, one low message at a time.
func (l *link) flush() {
	for {
		m, code, ok := l.pop()
		switch {
		case code != 0:
			l.shut(int(code))
			return
		case !ok:
			return
		}
		if err := l.emit(m); err != nil {
			l.h.quiet("write to a desk", errors.Join(err, l.ws.Close())) // the reader ends, and with it the connection
			l.mu.Lock()
			l.high, l.low, l.bytes = nil, nil, 0
			l.mu.Unlock()
			return // writing stays set: nothing is written any more
		}
	}
}

func (l *link) pop() (m wire.Message, code session.CloseCode, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case len(l.high) > 0:
		m, l.high = l.high[0], l.high[1:]
	case len(l.low) > 0 && l.ending == 0:
		m, l.low = l.low[0], l.low[1:]
	case l.ending != 0:
		return nil, l.ending, false
	default:
		l.high, l.low, l.bytes, l.writing = nil, nil, 0, false
		return nil, 0, false
	}
	l.bytes -= sizeOf(m)
	return m, 0, true
}

func (l *link) emit(m wire.Message) error {
	frame, err := l.h.codec.Encode(m)
	if err != nil {
		return err
	}
	if err := l.ws.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	l.h.stats.sent.Add(float64(len(frame)))
	if err := l.ws.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

// shut closes the connection with a code, as far as the other side still listens.
func (l *link) shut(code int) {
	err := l.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	l.h.quiet("end a connection", errors.Join(err, l.ws.Close()))
}

// drain tells every desk to come back at some moment, and ends the connections.
func (r *rim) drain() {
	r.notify(wire.DeskID{}, wire.Notice{Code: wire.NoticeDrain, Window: drainTime}, session.CloseDrain)
}

// notify tells a desk something and ends its connections; zero means every desk.
func (r *rim) notify(id wire.DeskID, n wire.Notice, code session.CloseCode) {
	for _, l := range r.of(id) {
		r.send(session.Send{Conn: l.id, Message: n})
		r.finish(l, code)
	}
}

// of returns the connections of a desk, or all.
func (r *rim) of(id wire.DeskID) []*link {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []*link
	for _, l := range r.links {
		l.mu.Lock()
		if id == (wire.DeskID{}) || l.desk == id {
			found = append(found, l)
		}
		l.mu.Unlock()
	}
	return found
}

// aside does work that nobody waits for, until the hub stops.
func (r *rim) aside(ctx context.Context, work func(context.Context)) {
	r.wg.Go(func() { work(ctx) })
}
