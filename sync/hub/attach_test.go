package hub_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/sync/desk"
)

// wire2hub is the way between a desk and the hub. It is cut once, after so many bytes in one direction, and counts what goes each way.
type wire2hub struct {
	l        net.Listener
	hub      string
	cutAfter int64 // bytes to the hub, or with down from it
	down     bool
	cut      atomic.Bool
	sent     [2]atomic.Int64 // to the hub, from it
	tasks    sync.WaitGroup
}

func newWire(t *testing.T, hub string, cutAfter int64, down bool) *wire2hub {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire2hub{l: l, hub: strings.TrimPrefix(hub, "wss://"), cutAfter: cutAfter, down: down}
	w.tasks.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.tasks.Go(func() { w.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.tasks.Wait()
	})
	return w
}

func (w *wire2hub) addr() string { return "wss://" + w.l.Addr().String() }

func (w *wire2hub) serve(desk net.Conn) {
	defer desk.Close()
	hub, err := net.Dial("tcp", w.hub)
	if err != nil {
		return
	}
	defer hub.Close()
	var both sync.WaitGroup
	both.Go(func() { w.copy(hub, desk, 0) })
	both.Go(func() { w.copy(desk, hub, 1) })
	both.Wait()
}

// copy ends with both ends closed, so that the other direction ends, too.
func (w *wire2hub) copy(to, from net.Conn, way int) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 16<<10)
	for {
		n, err := from.Read(b)
		if n > 0 {
			if sent := w.sent[way].Add(int64(n)); (way == 1) == w.down && sent > w.cutAfter && w.cut.CompareAndSwap(false, true) {
				return
			}
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// seat is a desk with its room, enrolled and connected over a wire.
type seat struct {
	*room.Room
	desk  *desk.Desk
	heard chan struct{} // one slot: something moved
}

// newSeat makes a room and enrols it; when the wire is cut, it connects again at once.
func newSeat(t *testing.T, b *bench, no int, w *wire2hub) *seat {
	t.Helper()
	dir := t.TempDir()
	s := &seat{heard: make(chan struct{}, 1)}
	var err error
	s.Room, err = room.Init(room.Config{
		Dir: filepath.Join(dir, "store"), ConfigDir: filepath.Join(dir, "config"), Clock: func() incident.Stamp { return incident.StampOf(time.Now()) },
	}, room.InitParams{
		Pack: "330825111", Seat: "指挥室", SeatNo: no, Operators: []room.Operator{{Login: "op1", Name: "坐席一", Role: incident.RoleOperator, PIN: "2468"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var connected atomic.Bool
	var d *desk.Desk
	d, err = desk.New(desk.Config{Link: s.Link(), App: "test", Changed: func() {
		if now := d.Status().Connected; connected.Swap(now) && !now {
			d.Retry()
		}
		s.wake()
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.desk = d
	off := s.Subscribe(func(room.Change) { s.wake() })
	if _, err := d.Enrol(t.Context(), desk.Address{URL: w.addr()}, b.code(town, "席位"+string(rune('0'+no)), ""), "本机", nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Run(ctx)
	}()
	t.Cleanup(func() {
		off()
		cancel()
		<-ended
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *seat) wake() {
	select {
	case s.heard <- struct{}{}:
	default:
	}
}

// until waits until something holds.
func (s *seat) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for !holds() {
		select {
		case <-s.heard:
		case <-t.Context().Done():
			t.Fatalf("%s: never", what)
		}
	}
}

func TestAttachment_ArrivesWholeThoughCutBothWays(t *testing.T) {
	const size, cut = 4 << 20, 2 << 20
	b := newBench(t)
	up, down := newWire(t, b.addr, cut, false), newWire(t, b.addr, cut, true)
	one := newSeat(t, b, 1, up)
	content := make([]byte, size)
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range content {
		content[i] = byte(rng.Uint32())
	}
	file, err := one.PutAttachment(t.Context(), "整改通知.pdf", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	out, err := one.Do(t.Context(), incident.Act{By: "op1", Do: incident.Register, Fields: incident.Fields{
		Channel: incident.Channel110, SourceNo: "JJ20260901001", Title: "路灯不亮", Content: "村口路灯不亮。", Village: "罗山村", Category: "0603",
		Urgency: incident.Normal, Blobs: incident.Blobs(file.Attachment),
	}})
	if err != nil {
		t.Fatal(err)
	}
	two := newSeat(t, b, 2, down)
	attached := func() (a room.Attached) {
		d, err := two.Detail(out.Incident, "op1")
		if err != nil {
			return a
		}
		for _, list := range d.Attached {
			a = list[0]
		}
		return a
	}
	two.until(t, "the attachment at the second desk", func() bool { return attached().Here })
	if got := attached(); got != file {
		t.Errorf("it is %+v, want %+v", got, file)
	}
	_, r, err := two.OpenAttachment(file.Whole)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes arrived, error %v", len(got), err)
	}
	// Pieces that were through before the cut don't go again: less than half the file, beside the rest of the talk.
	for way, sent := range map[string]int64{"up": up.sent[0].Load(), "down": down.sent[1].Load()} {
		if sent > size+size/3 {
			t.Errorf("%s: %d bytes for a file of %d", way, sent, size)
		}
	}
	if !up.cut.Load() || !down.cut.Load() {
		t.Error("nothing was cut")
	}
}
