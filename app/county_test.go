package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	syncdesk "zw110/sync/desk"
	"zw110/sync/hub"
	"zw110/sync/hub/boltjournal"
	"zw110/views/county"
)

// countyHub is a hub that serves on loopback with TLS.
type countyHub struct {
	t    *testing.T
	hub  *hub.Hub
	addr string
	stop func()
}

func newCountyHub(t *testing.T) *countyHub {
	t.Helper()
	dir := t.TempDir()
	store, err := boltjournal.Open(boltjournal.Params{Dir: dir, Clock: func() incident.Stamp { return incident.StampOf(time.Now()) }})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := hub.Certificate(dir, "", "", []string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pin, err := hub.Pin(cert)
	if err != nil {
		t.Fatal(err)
	}
	h := &countyHub{t: t}
	h.hub, err = hub.Open(t.Context(), hub.Config{County: 330825, Journal: store, Registry: store, Blobs: store, Pins: [][]byte{pin}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.addr = "wss://" + l.Addr().String()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- h.hub.Serve(ctx, l, &cert, true) }()
	stopped := false
	h.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(h.stop)
	return h
}

func (h *countyHub) code(name string) string {
	h.t.Helper()
	body, err := json.Marshal(hub.SeatRequest{Scope: 330825111, Name: name})
	if err != nil {
		h.t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	h.hub.Admin(nil).ServeHTTP(rec, httptest.NewRequestWithContext(h.t.Context(), http.MethodPost, "/seat", bytes.NewReader(body)))
	var a hub.SeatAnswer
	if err := json.NewDecoder(rec.Body).Decode(&a); err != nil || a.Code == "" {
		h.t.Fatalf("no code: %v %s", err, rec.Body)
	}
	return a.Code
}

// otherDesk is a second seat of the township, without a window.
type otherDesk struct {
	t    *testing.T
	room *room.Room
	desk *syncdesk.Desk
	cut  func()
}

func newOtherDesk(t *testing.T, h *countyHub) *otherDesk {
	t.Helper()
	return newDeskOff(t, h, 0)
}

// newDeskOff is one on a computer whose clock is off.
func newDeskOff(t *testing.T, h *countyHub, off time.Duration) *otherDesk {
	t.Helper()
	now := func() time.Time { return time.Now().Add(off) }
	r, err := room.Init(room.Config{Ticks: make(chan time.Time), Clock: func() incident.Stamp { return incident.StampOf(now()) }}, room.InitParams{
		Dir: t.TempDir(), Pack: "330825111", Seat: "2", SeatNo: 2, Drill: true,
		Operators: []room.Operator{{Login: "sl2", Name: "值班长乙", Role: incident.RoleShift, PIN: "1357"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := syncdesk.New(syncdesk.Config{Link: r.Link(), App: "test", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Enrol(t.Context(), syncdesk.Address{URL: h.addr}, h.code("指挥室2"), "本机", nil); err != nil {
		t.Fatal(err)
	}
	o := &otherDesk{t: t, room: r, desk: d, cut: func() {}}
	t.Cleanup(func() {
		o.cut()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// connect runs the link until cut.
func (o *otherDesk) connect() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(o.t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		o.desk.Run(ctx)
	}()
	o.cut = func() {
		cancel()
		<-ended
		o.cut = func() {}
	}
}

func do(t *testing.T, r *room.Room, by incident.Login, verb incident.Verb, id incident.IncidentID, f incident.Fields) incident.IncidentID {
	t.Helper()
	out, err := r.Do(t.Context(), incident.Act{At: r.Now(), By: by, Do: verb, ID: id, Fields: f})
	if err != nil {
		t.Fatal(err)
	}
	return out.Incident
}

// meets waits until both desks have all of each other.
func (s *stage) meets(o *otherDesk, what string, is func() bool) {
	s.t.Helper()
	s.until(what, func() bool {
		s.p.desk.env.After(20*time.Millisecond, func() {}) // looks again soon, whether or not anything is posted
		return is() && o.room.SyncState().Pending.Count == 0 && s.p.room.SyncState().Pending.Count == 0
	})
}

func TestCounty_TwoDesksMeetAtAHubAndSettleWhatBothDid(t *testing.T) {
	h := newCountyHub(t)
	s := newStage(t)
	s.opens("sign in", func() {
		s.say("2468")
		s.key(fyne.KeyReturn)
	})
	if seat, err := s.p.link.Enrol(t.Context(), h.addr, h.code("指挥室1"), false, nil); err != nil || seat != "指挥室1" {
		t.Fatalf("enrolled as %q: %v", seat, err)
	}
	o := newOtherDesk(t, h)
	o.connect()
	s.meets(o, "the link", func() bool { return s.p.link.State().Mode == room.ModeFull && o.room.SyncState().Mode == room.ModeFull })

	id := do(t, s.p.room, "sl1", incident.Register, incident.IncidentID{}, incident.Fields{
		Channel: incident.ChannelPhone, Content: "双联新村小店门口路灯坏了三天", Title: "路灯不亮", Village: "双联新村", Category: "0206", Urgency: incident.Normal,
	})
	stage := func(r *room.Room) board.Stage {
		snap := r.Snapshot(board.Filter{Ended: true})
		if i := snap.IndexOf(id); i >= 0 {
			return snap.Row(i).Stage
		}
		return ""
	}
	s.meets(o, "the incident at the other desk", func() bool { return stage(o.room) != "" })
	if stage(s.p.room) == board.StageUnanswered {
		do(t, s.p.room, "sl1", incident.Respond, id, incident.Fields{})
	}
	do(t, s.p.room, "sl1", incident.Accept, id, incident.Fields{Village: "双联新村", Category: "0206", Urgency: incident.Normal, Content: "双联新村小店门口路灯坏了三天"})

	o.desk.Open(id, "sl2")
	s.meets(o, "who has it open", func() bool {
		here := s.p.link.Present(id)
		return len(here) == 1 && here[0].Seat == "指挥室2" && here[0].Login == "sl2" && stage(o.room) == board.StageToDispatch
	})
	s.p.desk.openFile(id)
	s.meets(o, "that it is open here", func() bool { return len(o.desk.Present(id)) == 1 })
	if mode := s.p.room.SyncState().Mode; mode != room.ModeFull {
		t.Errorf("telling who has an incident open made the link %s", mode)
	}

	o.cut()
	do(t, o.room, "sl2", incident.Dispatch, id, incident.Fields{Lead: "供电所"})
	do(t, s.p.room, "sl1", incident.Dispatch, id, incident.Fields{Lead: "建设办"})
	o.connect()
	toSettle := func(r *room.Room) int { return r.Count(board.Filter{Ended: true, ToSettle: true}) }
	s.meets(o, "the conflict at both desks", func() bool { return toSettle(s.p.room) == 1 && toSettle(o.room) == 1 })
	s.say("gd")
	s.until("the dialog of conflicts", s.dialog)
	s.meets(o, "the settlement at both desks", func() bool {
		if s.dialog() {
			s.p.desk.shell.Canvas().OnTypedRune()('2')
		}
		return toSettle(s.p.room) == 0 && toSettle(o.room) == 0 && !s.dialog()
	})

	h.stop()
	s.until("the end of the link", func() bool { return s.p.link.State().Offline() && s.p.link.State().Since != 0 })
	do(t, s.p.room, "sl1", incident.Note, id, incident.Fields{Text: "已电话告知"})
	if st := s.p.link.State(); st.Pending.Count != 1 || s.p.link.Outbox(id).Count != 1 {
		t.Errorf("offline: %+v waits, %d of the incident", st.Pending, s.p.link.Outbox(id).Count)
	}
}

// A computer set to next year is told so in the top bar and what to do; whatever is done there goes on, reaches the county, and doesn't drag the
// other desk's clock along.
func TestCounty_ADeskAYearOffWorksAndSaysSo(t *testing.T) {
	h := newCountyHub(t)
	s := newStage(t)
	s.opens("sign in", func() {
		s.say("2468")
		s.key(fyne.KeyReturn)
	})
	if _, err := s.p.link.Enrol(t.Context(), h.addr, h.code("指挥室1"), false, nil); err != nil {
		t.Fatal(err)
	}
	const year = 365 * 24 * time.Hour
	o := newDeskOff(t, h, year)
	o.connect()
	s.meets(o, "the link", func() bool { return s.p.link.State().Mode == room.ModeFull && o.room.SyncState().Mode == room.ModeFull })
	id := do(t, o.room, "sl2", incident.Register, incident.IncidentID{}, incident.Fields{
		Channel: incident.ChannelPhone, Content: "双联新村小店门口路灯坏了三天", Title: "路灯不亮", Village: "双联新村", Category: "0206", Urgency: incident.Normal,
	})
	do(t, o.room, "sl2", incident.Respond, id, incident.Fields{})
	seen := func(r *room.Room) bool { return r.Snapshot(board.Filter{}).IndexOf(id) >= 0 }
	s.meets(o, "the incident at the other desk", func() bool { return seen(s.p.room) })
	do(t, s.p.room, "sl1", incident.Accept, id, incident.Fields{Village: "双联新村", Category: "0206", Urgency: incident.Normal, Content: "双联新村小店门口路灯坏了三天"})
	s.meets(o, "the acceptance at the desk that is off", func() bool {
		d, err := o.room.Detail(id, "sl2")
		return err == nil && d.State.Status == incident.Accepted
	})
	if off := o.room.SyncState().Ahead + year; off.Abs() > time.Minute {
		t.Errorf("measured as %s ahead", o.room.SyncState().Ahead)
	}
	st := county.State{SyncState: o.room.SyncState(), Seat: "指挥室2"}
	if face := county.FaceOf(s.p.text, st, o.room.Now()); face.Text != s.p.text.T("county.face_ahead", "365天0时") && face.Text != s.p.text.T("county.face_ahead", "364天23时") {
		t.Errorf("the top bar says %q", face.Text)
	}
	if face := county.FaceOf(s.p.text, s.p.link.State(), s.p.room.Now()); face.Icon == "clock" {
		t.Errorf("the good desk says %q", face.Text)
	}
}
