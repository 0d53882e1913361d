package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// light is a desk without a store: it speaks the protocol over TLS, keeps batons and cursor in memory and may push.
type light struct {
	n      int
	id     wire.DeskID
	key    ed25519.PrivateKey
	scope  incident.ScopeID
	hub    wire.HubID
	line   incident.Origin
	wire   *wire.Codec
	codec  *journal.Codec
	baton  wire.Baton
	cursor *wire.Cursor
	seq    uint64
	hash   journal.Hash
	hashes []journal.Hash // after each entry
	last   wire.Push
	hlc    incident.HLC

	write  sync.Mutex
	ws     *websocket.Conn
	epoch  wire.Epoch
	pushed time.Time // of the entry that was not acknowledged yet
}

func newLight(n int, hub wire.HubID) (*light, error) {
	l := &light{n: n, hub: hub, scope: townOf(n)}
	l.id, l.key = seatOf(n)
	copy(l.line[:], l.id[:])
	l.line[16] = 1
	l.hash = journal.Start(l.line)
	var err error
	if l.wire, err = wire.NewCodec(); err != nil {
		return nil, err
	}
	l.codec, err = journal.NewCodec()
	return l, err
}

// errOdd is what a good hub never does to these desks.
var errOdd = errors.New("the hub does what it should not")

var dialer = websocket.Dialer{ //nolint:gochecknoglobals // shared buffers of a thousand desks
	Subprotocols: []string{wire.Protocol}, HandshakeTimeout: 20 * time.Second, ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10, WriteBufferPool: new(sync.Pool),
	TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}, //nolint:gosec // the hub of this bench
}

// open connects and says Hello; when it returns, the hub has said Welcome and Ready is out.
func (l *light) open(ctx context.Context, addr string) error {
	ws, resp, err := dialer.DialContext(ctx, "wss://"+addr+"/sync", nil)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // a switched connection has none
	l.ws = ws
	var exp wire.Exporter
	state := ws.NetConn().(*tls.Conn).ConnectionState()
	b, err := state.ExportKeyingMaterial(wire.ExporterLabel, nil, len(exp))
	if err != nil {
		return err
	}
	copy(exp[:], b)
	m, err := l.next()
	if err != nil {
		return err
	}
	c, ok := m.(wire.Challenge)
	if !ok {
		return fmt.Errorf("%T instead of a challenge", m)
	}
	h := wire.Hello{
		Proto: 1, Desk: l.id, Incarnation: wire.Incarnation(l.line[16:]), Baton: l.baton, HeadSeq: l.seq, HeadHash: l.hash, Cursor: l.cursor,
		App: "bench", Time: incident.StampOf(time.Now()),
	}
	if _, err := rand.Read(h.Nonce[:]); err != nil {
		return err
	}
	if h, err = l.wire.SignHello(l.key, h, l.hub, c.Nonce, exp); err != nil {
		return err
	}
	if err := l.send(h); err != nil {
		return err
	}
	for {
		m, err := l.next()
		if err != nil {
			return err
		}
		switch m := m.(type) {
		case wire.HashAt:
			err = l.send(wire.HashIs{Origin: m.Origin, Seq: m.Seq, Hash: l.hashes[m.Seq-1][:]})
		case wire.Welcome:
			if m.Verdict != wire.VerdictOK {
				return fmt.Errorf("desk %d gets verdict %d: %w", l.n, m.Verdict, errOdd)
			}
			l.baton, l.epoch = m.Baton, m.Epoch
			err := l.send(wire.Ready{Baton: m.Baton, Incarnation: h.Incarnation})
			l.write.Lock()
			l.pushed = time.Time{}
			l.write.Unlock()
			if err == nil && m.HubSeq < l.seq { // was under way when the hub went
				err = l.again()
			}
			return err
		}
		if err != nil {
			return err
		}
	}
}

func (l *light) send(m wire.Message) error {
	frame, err := l.wire.Encode(m)
	if err != nil {
		return err
	}
	l.write.Lock()
	defer l.write.Unlock()
	return l.ws.WriteMessage(websocket.BinaryMessage, frame)
}

func (l *light) next() (wire.Message, error) {
	_, frame, err := l.ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	return l.wire.Decode(frame)
}

// stay answers the hub until the connection ends; acked hears how long an entry took.
func (l *light) stay(acked func(time.Duration)) error {
	for {
		m, err := l.next()
		if err != nil {
			return err
		}
		switch m := m.(type) {
		case wire.Feed:
			if m.To > 0 {
				l.cursor = &wire.Cursor{Epoch: l.epoch, Pos: m.To, Check: m.Check}
			}
			err = l.send(wire.FeedAck{Pos: m.To})
		case wire.Keys:
			if len(m.Items) == 0 && m.Mark == 0 && m.Log == 0 {
				err = l.send(wire.Keys{})
			}
		case wire.Beat:
			err = l.send(wire.Beat{Time: time.Now().UnixMilli()})
		case wire.Ack:
			l.write.Lock()
			began := l.pushed
			l.pushed = time.Time{}
			l.write.Unlock()
			if !began.IsZero() {
				acked(time.Since(began))
			}
		case wire.Fault:
			return fmt.Errorf("desk %d: code %d about %d: %w", l.n, m.Code, m.About, errOdd)
		}
		if err != nil {
			return err
		}
	}
}

// push sends one entry, unless the last one is not acknowledged yet.
func (l *light) push() error {
	l.write.Lock()
	busy := !l.pushed.IsZero()
	l.write.Unlock()
	if busy {
		return nil
	}
	if _, err := l.entries(1); err != nil {
		return err
	}
	return l.again()
}

// again sends the last push.
func (l *light) again() error {
	l.write.Lock()
	l.pushed = time.Now()
	l.write.Unlock()
	return l.send(l.last)
}

// entries writes the next entries of the line and seals them.
func (l *light) entries(n int) (wire.Push, error) {
	m := wire.Push{First: l.seq + 1, Before: l.hash}
	for range n {
		now := incident.StampOf(time.Now())
		l.hlc = max(l.hlc+1, incident.HLC(now)<<16)
		payload, err := l.codec.EncodeFact(&incident.Fact{Kind: incident.KindNoted, At: now, Fields: incident.Fields{Text: "已到现场，正在处置，路面积水约二十公分。"}})
		if err != nil {
			return m, err
		}
		var id incident.IncidentID
		copy(id[:], l.id[:8])
		id[15] = byte(l.seq / 8)
		raw, err := l.codec.Encode(journal.Record{
			Seq: l.seq + 1, HLC: l.hlc, Scope: l.scope, Incident: id, Actor: "op1", Kind: incident.KindNoted, Ver: journal.PayloadVersion, Payload: payload,
		})
		if err != nil {
			return m, err
		}
		l.seq++
		l.hash = journal.Next(l.hash, journal.DigestOf(raw))
		l.hashes = append(l.hashes, l.hash)
		m.Entries = append(m.Entries, raw)
	}
	m.Seal = journal.Seal(l.key, l.line, l.seq, l.hash)
	l.last = m
	return m, nil
}

// acks is what the desks' process tells.
type acks struct {
	N        int
	P50, P99 time.Duration
}

// serveDesks is the desks' process. It says "up" with the time whenever all desks have their Welcome again, and tells how long
// acknowledgements took when it is asked by a line.
func serveDesks(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("desks", flag.ContinueOnError)
	addr := flags.String("hub", "", "")
	name := flags.String("id", "", "")
	n := flags.Int("n", 0, "")
	pushers := flags.Int("push", 0, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	raw, err := hex.DecodeString(*name)
	if err != nil || len(raw) != len(wire.HubID{}) {
		return fmt.Errorf("hub %q: %w", *name, err)
	}
	var mu sync.Mutex
	var took []time.Duration
	var up atomic.Int64
	var wg sync.WaitGroup
	for i := range *n {
		wg.Go(func() {
			l, err := newLight(i, wire.HubID(raw))
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return
			}
			pause(ctx, time.Duration(i)*3*time.Millisecond)
			var away time.Duration
			for ctx.Err() == nil {
				began := time.Now()
				err := l.open(ctx, *addr)
				if err == nil {
					if up.Add(1) == int64(*n) {
						fmt.Println("up", time.Now().UnixNano())
					}
					inner, cancel := context.WithCancel(ctx)
					if i < *pushers {
						go l.keepPushing(inner)
					}
					err = l.stay(func(d time.Duration) {
						mu.Lock()
						took = append(took, d)
						mu.Unlock()
					})
					cancel()
					up.Add(-1)
					away = 0
				}
				if l.ws != nil {
					_ = l.ws.Close() // it is given up
				}
				if errors.Is(err, errOdd) {
					fmt.Fprintln(os.Stderr, err)
				}
				wait := time.Duration(mrand.Int64N(int64(min(max(away/6, time.Second), time.Minute))))
				pause(ctx, wait)
				away += time.Since(began)
			}
		})
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		mu.Lock()
		a := acks{N: len(took)}
		if a.N > 0 {
			slices.Sort(took)
			a.P50, a.P99 = took[a.N/2], took[a.N*99/100]
		}
		took = nil
		mu.Unlock()
		if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
			return err
		}
	}
	return in.Err()
}

// keepPushing pushes an entry a second.
func (l *light) keepPushing(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if l.push() != nil {
				return
			}
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
