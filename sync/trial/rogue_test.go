package trial

import (
	"bytes"
	"compress/flate"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/desk"
	"zw110/sync/wire"
)

// rogue is an enrolled desk that says what it likes: one of another version, or one that somebody took over.
type rogue struct {
	t       *testing.T
	w       *world
	scope   incident.ScopeID
	key     ed25519.PrivateKey
	seat    desk.Seat
	codec   *wire.Codec
	entries *journal.Codec
	ws      *websocket.Conn
	line    incident.Origin
	seq     uint64
	hash    journal.Hash
	heard   []byte // every body that the hub ever sent, inflated
}

func (w *world) newRogue(scope incident.ScopeID) *rogue {
	w.t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	noError(w.t, err)
	r := &rogue{t: w.t, w: w, scope: scope, key: key}
	r.codec, err = wire.NewCodec()
	noError(w.t, err)
	r.entries, err = journal.NewCodec()
	noError(w.t, err)
	r.seat, err = desk.Enrol(w.t.Context(), desk.Address{URL: "wss://" + w.addr()}, w.code(scope, "别处"), pub, "x", [32]byte{})
	noError(w.t, err)
	r.line = lineOf(r.seat.Desk, 1)
	r.hash = journal.Start(r.line)
	w.t.Cleanup(r.close)
	return r
}

func lineOf(id wire.DeskID, incarnation byte) (line incident.Origin) {
	copy(line[:], id[:])
	line[len(line)-1] = incarnation
	return line
}

func (r *rogue) close() {
	if r.ws != nil {
		_ = r.ws.Close()
	}
}

// connect says Hello, as change has it, and Ready. It returns how the hub closed if it did.
func (r *rogue) connect(change func(*wire.Hello)) error {
	r.t.Helper()
	r.close()
	d := websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, Subprotocols: []string{wire.Protocol}}
	ws, resp, err := d.DialContext(r.t.Context(), "wss://"+r.w.addr()+"/sync", nil)
	noError(r.t, err)
	noError(r.t, resp.Body.Close())
	r.ws = ws
	conn, ok := ws.NetConn().(*tls.Conn)
	if !ok {
		r.t.Fatal("no TLS")
	}
	cs := conn.ConnectionState()
	b, err := cs.ExportKeyingMaterial(wire.ExporterLabel, nil, 32)
	noError(r.t, err)
	m, err := r.next(answerIn)
	noError(r.t, err)
	c, ok := m.(wire.Challenge)
	if !ok {
		r.t.Fatalf("the hub begins with %T", m)
	}
	h := wire.Hello{
		Proto: wire.ProtoMax, Desk: r.seat.Desk, Incarnation: wire.Incarnation(r.line[len(r.seat.Desk):]), HeadSeq: r.seq, HeadHash: r.hash,
		Kinds: [8]byte{9}, App: "zw110 99", Time: incident.StampOf(time.Now()),
	}
	if change != nil {
		change(&h)
	}
	h, err = r.codec.SignHello(r.key, h, c.Hub, c.Nonce, wire.Exporter(b))
	noError(r.t, err)
	r.send(h)
	for {
		m, err := r.next(answerIn)
		if err != nil {
			return err
		}
		if welcome, ok := m.(wire.Welcome); ok {
			r.send(wire.Ready{Baton: welcome.Baton, Incarnation: h.Incarnation})
			return nil
		}
	}
}

func (r *rogue) send(m wire.Message) {
	r.t.Helper()
	r.write(encoded(r.t, m))
}

func (r *rogue) write(frame []byte) {
	r.t.Helper()
	if err := r.ws.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		r.t.Logf("write: %v", err)
	}
}

// next reads one message and keeps its bytes.
func (r *rogue) next(bound time.Duration) (wire.Message, error) {
	noError(r.t, r.ws.SetReadDeadline(time.Now().Add(bound)))
	_, raw, err := r.ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	body := raw[1:]
	if raw[0] == 1 {
		if body, err = io.ReadAll(flate.NewReader(bytes.NewReader(body))); err != nil {
			return nil, err
		}
	}
	r.heard = append(r.heard, body...)
	return r.codec.Decode(raw)
}

// await reads until a message is the one that is wanted, or the connection ends.
func (r *rogue) await(wanted func(wire.Message) bool) error {
	for {
		m, err := r.next(answerIn)
		if err != nil {
			return err
		}
		if wanted(m) {
			return nil
		}
	}
}

// fault waits for a fault of a code.
func (r *rogue) fault(code wire.ErrorCode) {
	r.t.Helper()
	if err := r.await(func(m wire.Message) bool { f, ok := m.(wire.Fault); return ok && f.Code == code }); err != nil {
		r.t.Errorf("no fault %d: %v", code, err)
	}
}

// ended wants the connection closed with a code.
func (r *rogue) ended(err error, code int) {
	r.t.Helper()
	if err == nil {
		err = r.await(func(wire.Message) bool { return false })
	}
	var c *websocket.CloseError
	if !errors.As(err, &c) || c.Code != code {
		r.t.Errorf("ended with %v, want %d", err, code)
	}
}

// entry encodes one, after those that were pushed.
func (r *rogue) entry(rec journal.Record) []byte {
	r.t.Helper()
	rec.Seq, rec.HLC, rec.Actor = r.seq+1, incident.HLC(incident.StampOf(time.Now()))<<16, "op1"
	if rec.Scope == 0 {
		rec.Scope = r.scope
	}
	raw, err := r.entries.Encode(rec)
	noError(r.t, err)
	return raw
}

// pushed makes a push of one entry and takes it for sent.
func (r *rogue) pushed(raw []byte) wire.Push {
	p := wire.Push{First: r.seq + 1, Before: r.hash, Entries: [][]byte{raw}}
	r.seq, r.hash = r.seq+1, journal.Next(r.hash, journal.DigestOf(raw))
	p.Seal = journal.Seal(r.key, r.line, r.seq, r.hash)
	return p
}

// push writes an entry and waits until it is durable.
func (r *rogue) push(rec journal.Record) {
	r.t.Helper()
	r.send(r.pushed(r.entry(rec)))
	if err := r.await(func(m wire.Message) bool { a, ok := m.(wire.Ack); return ok && a.Seq == r.seq }); err != nil {
		r.t.Fatal(fmt.Errorf("no acknowledgement: %w", err))
	}
}
