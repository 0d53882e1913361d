package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/room"
	syncdesk "zw110/sync/desk"
	"zw110/views/county"
)

// step says where the courier file of this desk stands.
func (s *stage) step(i int) string {
	st := county.Steps(s.p.text, s.p.link.State(), s.p.link.Outgoing(), s.p.room.Now())[i]
	return st.Line + " " + st.State
}

// carries runs one of the two acts off the UI goroutine, as the window does, and waits for what it leaves behind there.
func (s *stage) carries(do func(context.Context, string, func(int64, int64)) (county.Parcel, error), file string) (county.Parcel, error) {
	s.t.Helper()
	var p county.Parcel
	var err error
	done := false
	s.p.work.apart(func() {
		q, e := do(context.Background(), file, func(int64, int64) {})
		s.p.post(func() { p, err, done = q, e, true })
	})
	s.until("the courier file", func() bool { return done })
	return p, err
}

// Two desks lose the hub. One writes what waits to a stick, the other takes it and leaves its receipt, which proves what waits. A file that is cut,
// changed or none is refused whole and says so.
func TestCounty_CourierFileGoesOutAndItsReceiptComesBack(t *testing.T) {
	h := newCountyHub(t)
	s := newStage(t)
	s.opens("sign in", func() {
		s.say("2468")
		s.key(fyne.KeyReturn)
	})
	if _, err := s.p.link.Enrol(t.Context(), h.addr, h.code("指挥室1"), false, nil); err != nil {
		t.Fatal(err)
	}
	o := newOtherDesk(t, h)
	o.connect()
	s.meets(o, "the link", func() bool { return s.p.link.State().Mode == room.ModeFull && o.room.SyncState().Mode == room.ModeFull })
	h.stop()
	s.until("the end of the link", func() bool { return s.p.link.State().Offline() })
	o.cut()

	id := do(t, s.p.room, "sl1", incident.Register, incident.IncidentID{}, incident.Fields{
		Channel: incident.ChannelPhone, Content: "双联新村小店门口路灯坏了三天", Title: "路灯不亮", Village: "双联新村", Category: "0206", Urgency: incident.Normal,
	})
	do(t, s.p.room, "sl1", incident.Respond, id, incident.Fields{})
	stick := t.TempDir()
	file := filepath.Join(stick, "a.courier")
	p, err := s.carries(s.p.link.WriteCourier, file)
	if err != nil || p.Entries != 2 {
		t.Fatalf("wrote %+v, error %v", p, err)
	}
	if info, err := os.Stat(file); err != nil || info.Size() != p.Bytes {
		t.Errorf("%d bytes told, error %v", p.Bytes, err)
	}
	trip := s.p.link.trip
	if !strings.HasSuffix(trip.No, "-A") || trip.Upto != p.Upto || s.step(1) != s.p.text.T("county.carry_now")+" "+s.p.text.T("county.trip.to_hand") {
		t.Errorf("trip %+v, second step %q", trip, s.step(1))
	}
	s.p.link.HandOver()
	if !strings.HasSuffix(s.step(1), s.p.text.T("county.trip.on_the_way")) {
		t.Errorf("handed over: %q", s.step(1))
	}

	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := append([]byte(nil), whole...)
	bad[len(bad)-9] ^= 1
	for name, c := range map[string]struct {
		content []byte
		key     string
	}{
		"cut":  {whole[:len(whole)-40], "courier.err.unfinished"},
		"bad":  {bad, "courier.err.damaged"},
		"none": {[]byte("这是一封信"), "courier.err.no_courier"},
	} {
		file := filepath.Join(stick, name)
		if err := os.WriteFile(file, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		before, err := o.room.Link().Heads()
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = syncdesk.ReadCourier(t.Context(), o.desk, file, nil)
		if key, ok := syncdesk.ErrorKey(err); !ok || key != c.key || s.p.text.T(key) == key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
		if after, err := o.room.Link().Heads(); err != nil || !reflect.DeepEqual(after, before) {
			t.Errorf("%s: taken in part; error %v", name, err)
		}
	}
	if _, err := s.carries(s.p.link.ReadCourier, file); err == nil || s.p.desk.words(err) != s.p.text.T("courier.err.own") {
		t.Errorf("own file: %v", err)
	}

	rep, receipt, err := syncdesk.ReadCourier(t.Context(), o.desk, file, nil)
	if err != nil || rep.Entries != 2 || receipt == "" {
		t.Fatalf("taken %+v, receipt %q, error %v", rep, receipt, err)
	}
	back, err := s.carries(s.p.link.ReadCourier, receipt)
	if err != nil || !back.IsReceipt || uint64(back.Receipt) != trip.Upto {
		t.Fatalf("receipt %+v, error %v", back, err)
	}
	if !strings.Contains(s.step(2), "完成") {
		t.Errorf("third step %q", s.step(2))
	}
	proven := 0
	for _, w := range s.p.link.Outgoing().Waiting {
		proven += w.Proven
	}
	if proven != 2 {
		t.Errorf("%d are proven, want 2", proven)
	}
	s.until("the trip on the disk", func() bool {
		var kept county.Trip
		return s.p.room.Local(courierTrip, &kept) == nil && kept == s.p.link.trip
	})
}

// A cancelled file leaves nothing on the stick and nothing at the desk.
func TestCounty_CancelledCourierFileLeavesNothing(t *testing.T) {
	h := newCountyHub(t)
	o := newOtherDesk(t, h)
	stick := t.TempDir()
	file := filepath.Join(stick, "a.courier")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := syncdesk.WriteCourier(ctx, o.desk, 0, file, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("writing: %v", err)
	}
	if left, err := os.ReadDir(stick); err != nil || len(left) != 0 {
		t.Errorf("%d files are left, error %v", len(left), err)
	}
	told := false
	if _, err := syncdesk.WriteCourier(t.Context(), o.desk, 0, file, func(done, total int64) { told = done == total && total > 0 }); err != nil || !told {
		t.Errorf("whole: told %v, error %v", told, err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	if _, _, err := syncdesk.ReadCourier(ctx, newOtherDesk(t, h).desk, file, func(int64, int64) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("reading: %v", err)
	}
}
