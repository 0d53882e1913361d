package hub_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"zw110/data/incident"
	"zw110/sync/desk"
	"zw110/sync/hub"
	"zw110/sync/hub/boltjournal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

const (
	county = incident.ScopeID(330825)
	town   = incident.ScopeID(330825111)
)

// bench is a hub that serves on loopback with TLS.
type bench struct {
	t     *testing.T
	hub   *hub.Hub
	store *boltjournal.Store
	addr  string
	pin   []byte
	clock atomic.Int64 // added to the wall clock
	stop  func()
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t}
	dir := t.TempDir()
	now := func() time.Time { return time.Now().Add(time.Duration(b.clock.Load())) }
	store, err := boltjournal.Open(boltjournal.Params{Dir: dir, Clock: func() incident.Stamp { return incident.StampOf(now()) }})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := hub.Certificate(dir, "", "", []string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if b.pin, err = hub.Pin(cert); err != nil {
		t.Fatal(err)
	}
	b.store = store
	b.hub, err = hub.Open(t.Context(), hub.Config{
		County: county, Journal: store, Registry: store, Blobs: store, Now: now, Pins: [][]byte{b.pin},
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.addr = "wss://" + l.Addr().String()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- b.hub.Serve(ctx, l, &cert, true) }()
	b.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() { b.stop() })
	return b
}

func newKey(b byte) (ed25519.PublicKey, ed25519.PrivateKey) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
	return ed25519.PublicKey(key[ed25519.SeedSize:]), key
}

// ask uses the administrator's door.
func (b *bench) ask(what string, in, into any) hub.Fault {
	b.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		b.t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	b.hub.Admin(nil).ServeHTTP(rec, httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, "/"+what, bytes.NewReader(body)))
	var fault hub.Fault
	if rec.Code != http.StatusOK {
		into = &fault
	}
	if err := json.NewDecoder(rec.Body).Decode(into); err != nil {
		b.t.Fatal(err)
	}
	return fault
}

func (b *bench) code(scope incident.ScopeID, name, desk string) string {
	b.t.Helper()
	var a hub.SeatAnswer
	if f := b.ask("seat", hub.SeatRequest{Scope: scope, Name: name, Desk: desk}, &a); f.Error != "" {
		b.t.Fatal(f)
	}
	return a.Code
}

func (b *bench) enrol(code string, key ed25519.PublicKey) (desk.Seat, error) {
	return desk.Enrol(b.t.Context(), desk.Address{URL: b.addr}, code, key, "本机", [32]byte{1})
}

func TestEnrol_CodeOpensOneSeatOnce(t *testing.T) {
	b := newBench(t)
	pub, _ := newKey(1)
	code := b.code(town, "指挥室1", "")
	seat, err := b.enrol(code, pub)
	if err != nil {
		t.Fatal(err)
	}
	if seat.Scope != town || seat.Name != "指挥室1" || !seat.HubKey.Equal(b.hub.Identity().Public()) || len(seat.Pins) != 1 || !bytes.Equal(seat.Pins[0], b.pin) {
		t.Errorf("seat %+v", seat)
	}
	d, err := b.hub.Seats.Desk(t.Context(), seat.Desk)
	if err != nil || !d.Key.Equal(pub) || d.Scope != town {
		t.Errorf("the hub's seat %+v, error %v", d, err)
	}
	if seat.Courier != wire.CourierSecret(b.hub.Identity().Courier, town) {
		t.Error("the township's courier secret is another one")
	}
	other, _ := newKey(2)
	if _, err := b.enrol(code, other); !errors.Is(err, desk.ErrCode) {
		t.Errorf("the code a second time: %v", err)
	}
	if _, err := b.enrol("ABCDE-FGHJK", other); !errors.Is(err, desk.ErrCode) {
		t.Errorf("a code that was never made: %v", err)
	}
	if _, err := b.enrol("hello", other); !errors.Is(err, wire.ErrCode) {
		t.Errorf("what is no code: %v", err)
	}
	late := b.code(county, "县中心", "")
	b.clock.Store(int64(25 * time.Hour))
	if _, err := b.enrol(late, other); !errors.Is(err, desk.ErrCode) {
		t.Errorf("a code of yesterday: %v", err)
	}
	again := b.code(0, "", "指挥室1")
	same, err := b.enrol(again, other)
	if err != nil || same.Desk != seat.Desk || same.Scope != town {
		t.Errorf("the seat on a new computer: %+v, error %v", same, err)
	}
	entries := b.orders(t)
	if len(entries) != 2 || entries[0].Kind != incident.KindDeskEnrolled || entries[0].Scope != town {
		t.Errorf("the hub's line holds %+v", entries)
	}
}

// orders returns what the hub's own line holds.
func (b *bench) orders(t *testing.T) []session.Item {
	t.Helper()
	records, _, err := b.store.Feed(t.Context(), county, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var items []session.Item
	for _, r := range records {
		hubID := b.hub.Identity().Hub
		if bytes.HasPrefix(r.Run.Origin[:], hubID[:]) {
			items = append(items, r.Items...)
		}
	}
	return items
}

func TestEnrol_TriesEnd(t *testing.T) {
	b := newBench(t)
	pub, _ := newKey(1)
	id := b.hub.Identity().Hub
	text := b.code(town, "指挥室1", "")
	key, err := wire.StretchCode(text, id)
	if err != nil {
		t.Fatal(err)
	}
	wrong := wire.Enrol{Key: pub, Lookup: key.Lookup()}
	for range 5 {
		if _, _, err := b.hub.Seats.Enrol(t.Context(), wrong, wire.Exporter{}); !errors.Is(err, hub.ErrRefused) {
			t.Fatalf("a wrong proof: %v", err)
		}
	}
	if _, err := b.enrol(text, pub); !errors.Is(err, desk.ErrCode) {
		t.Errorf("the right code after five wrong tries: %v", err)
	}
}

func TestOrders_TakeTwoPersons(t *testing.T) {
	b := newBench(t)
	pub, _ := newKey(1)
	if _, err := b.enrol(b.code(town, "指挥室1", ""), pub); err != nil {
		t.Fatal(err)
	}
	for _, login := range []incident.Login{"a", "b"} {
		if f := b.ask("person", hub.PersonRequest{Login: login, Name: "管理员" + string(login), Password: "correct horse"}, &struct{}{}); f.Error != "" {
			t.Fatal(f)
		}
	}
	give := func(order hub.Order, by incident.Login, password, reason string) (hub.OrderAnswer, string) {
		t.Helper()
		var a hub.OrderAnswer
		f := b.ask("order", hub.OrderRequest{Order: order, Desk: "指挥室1", By: by, Password: password, Reason: reason}, &a)
		return a, f.Key
	}
	for _, tc := range []struct {
		name     string
		order    hub.Order
		by       incident.Login
		password string
		reason   string
		inForce  bool
		key      string
	}{
		{"wrong password", hub.OrderHold, "a", "wrong horse", "副本", false, "hub.err.person"},
		{"nobody", hub.OrderHold, "c", "correct horse", "副本", false, "hub.err.person"},
		{"no reason", hub.OrderHold, "a", "correct horse", " ", false, "hub.err.reason"},
		{"first", hub.OrderHold, "a", "correct horse", "副本", false, ""},
		{"the same again", hub.OrderHold, "a", "correct horse", "副本", false, "hub.err.same_person"},
		{"second", hub.OrderHold, "b", "correct horse", "副本", true, ""},
		{"release, first", hub.OrderRelease, "b", "correct horse", "核实", false, ""},
		{"release, second", hub.OrderRelease, "a", "correct horse", "核实", true, ""},
		{"revoke", hub.OrderRevoke, "a", "correct horse", "丢失", true, ""},
	} {
		a, key := give(tc.order, tc.by, tc.password, tc.reason)
		if a.InForce != tc.inForce || key != tc.key {
			t.Errorf("%s: in force %v, refusal %q", tc.name, a.InForce, key)
		}
	}
	var kinds []incident.Kind
	for _, item := range b.orders(t) {
		kinds = append(kinds, item.Kind)
	}
	want := []incident.Kind{incident.KindDeskEnrolled, incident.KindDeskHeld, incident.KindDeskReleased, incident.KindDeskRevoked}
	if len(kinds) != len(want) {
		t.Fatalf("journalled %v, want %v", kinds, want)
	}
	for i := range want {
		if kinds[i] != want[i] {
			t.Errorf("journalled %v, want %v", kinds, want)
		}
	}
	var status hub.Status
	if f := b.ask("status", struct{}{}, &status); f.Error != "" || len(status.Desks) != 1 || !status.Desks[0].Revoked || status.Desks[0].Held {
		t.Errorf("status %+v, fault %v", status, f)
	}
}

func TestServe_TLS13Only(t *testing.T) {
	b := newBench(t)
	old := &tls.Config{MaxVersion: tls.VersionTLS12, InsecureSkipVerify: true}
	if c, err := (&tls.Dialer{Config: old}).DialContext(t.Context(), "tcp", b.addr[len("wss://"):]); err == nil {
		t.Errorf("TLS 1.2 was taken: %v", c.Close())
	}
}
