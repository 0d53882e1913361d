package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/sync/courier"
	syncdesk "zw110/sync/desk"
	"zw110/views"
	"zw110/views/county"
	"zw110/views/forms"
	"zw110/views/kit"
)

// lastContact is where this desk keeps when it last had a link, so that it can say how long it has been without one after a start.
const lastContact = "county.contact"

// courierTrip is where this desk keeps how far its courier file is.
const courierTrip = "county.trip"

// link is the program's end of sync. Its methods belong to the UI goroutine unless they say otherwise.
type link struct {
	p       *program
	desk    *syncdesk.Desk
	ended   chan struct{}
	posted  atomic.Bool // a look is on its way to the UI goroutine
	up      bool
	sending int // entries that waited when the link came back; 0 once that was told
	// since is when the link was lost, heard when it last was there, synced when both sides had all of each other; zero: unknown.
	since, heard, synced incident.Stamp
	trip                 county.Trip
	bytes                uint64 // of photos and files that wait
}

// newLink returns the end of sync of an open room; start lets it connect.
func newLink(p *program) (*link, error) {
	l := &link{p: p, ended: make(chan struct{})}
	var err error
	l.desk, err = syncdesk.New(syncdesk.Config{Link: p.room.Link(), Log: p.log, App: "zw110 " + version, Changed: l.moved})
	if err != nil {
		return nil, fmt.Errorf("open the link to the county: %w", err)
	}
	if err := p.room.Local(lastContact, &l.since); err != nil {
		l.since = 0 // not readable: it counts from now on
	}
	l.heard = l.since
	if err := p.room.Local(courierTrip, &l.trip); err != nil || l.trip.Line != l.line() {
		l.trip = county.Trip{} // not readable, or of a line that has moved: what it carried waits
	}
	l.weigh()
	return l, nil
}

// start connects, and stays connected until the program's context ends.
func (l *link) start() {
	go func() {
		defer close(l.ended)
		defer func() {
			if v := recover(); v != nil {
				l.p.log.WithField("panic", fmt.Sprint(v)).WithField("stack", string(debug.Stack())).Error("panic in the link to the county")
			}
		}()
		l.desk.Run(l.p.ctx)
	}()
}

// moved is called from any goroutine when something about the link is otherwise; several calls come as one look.
func (l *link) moved() {
	if !l.posted.CompareAndSwap(false, true) {
		return
	}
	l.p.post(func() {
		l.posted.Store(false)
		l.look()
		l.weigh()
		if l.p.desk != nil {
			l.p.desk.linkMoved()
		}
	})
}

// look takes down since when there is a link, or none, and when something was heard of it.
func (l *link) look() {
	s := l.p.room.SyncState()
	now := l.p.room.Now()
	up := s.Mode != room.ModeAlone && s.Mode != room.ModeOffline
	switch {
	case up:
		l.since = 0
		if heard := l.desk.Status().Heard; !heard.IsZero() {
			l.heard = now.Add(-time.Since(heard)) // the room's clock may be a practice clock
		}
		if s.Pending.Count == 0 {
			l.synced = l.heard
		}
	case s.Mode == room.ModeOffline && l.since == 0:
		l.since = now
	}
	if up && l.sending > 0 && s.Pending.Count == 0 {
		l.say("county.all_sent", l.sending)
		l.sending = 0
	}
	if up == l.up {
		return
	}
	l.up = up
	if l.sending = 0; up && s.Pending.Count > 0 {
		l.sending = s.Pending.Count
		l.say("county.connected", l.sending)
	}
	l.p.work.do(func() {
		if err := l.p.room.SetLocal(lastContact, now); err != nil {
			l.p.log.WithField("error", err.Error()).Error("keep when the county was reached")
		}
	})
}

func (l *link) say(key string, n int) {
	if d := l.p.desk; d != nil {
		d.shell.Say(kit.Message{Text: d.env.T(key, n)})
	}
}

// State is how the desk stands with the county.
func (l *link) State() county.State {
	st := l.desk.Status()
	s := county.State{
		SyncState: l.p.room.SyncState(), Seat: st.Seat, Scope: st.Scope, Address: st.Address, Relay: st.Relay, Since: l.since, SyncedAt: l.synced,
		Why: st.Why, Alarm: st.Alarm,
	}
	if s.Scope == 0 {
		s.Scope = l.p.room.Link().Scope()
	}
	s.LastContact = max(s.LastContact, l.heard)
	if !st.Next.IsZero() {
		s.Next = l.p.room.Now().Add(time.Until(st.Next))
	}
	if s.Mode == room.ModeAlone {
		s.Address = ""
	}
	return s
}

// Enrol makes this desk a seat of the county.
func (l *link) Enrol(ctx context.Context, address, code string, relay bool, progress func(done, total int)) (string, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "" // the hub's own name for the seat is used
	}
	seat, err := l.desk.Enrol(ctx, syncdesk.Address{URL: address, Relay: relay}, code, host, progress)
	return seat.Name, err
}

// parcel says what a courier file held.
func parcel(rep courier.Report, file string) county.Parcel {
	return county.Parcel{
		Seat: rep.Seat, Made: rep.Made, Entries: int(rep.Entries), Lines: rep.Lines, Receipt: int(rep.Receipt), File: filepath.Base(file), Upto: rep.Upto,
	}
}

// WriteCourier writes a courier file for the desks of this township, which begins a new trip.
func (l *link) WriteCourier(ctx context.Context, file string, told func(done, total int64)) (county.Parcel, error) {
	w, err := syncdesk.WriteCourier(ctx, l.desk, 0, file, told)
	if err != nil {
		return county.Parcel{}, err
	}
	p := parcel(w.Report, file)
	p.Bytes, p.Sum = w.Bytes, w.Sum
	line := l.line()
	l.p.post(func() {
		now := l.p.room.Now()
		l.keepTrip(county.Trip{
			No: l.trip.Next(now), File: p.File, Sum: hex.EncodeToString(w.Sum[:8]), Made: now, Entries: p.Entries, Bytes: w.Bytes, Line: line, Upto: w.Upto, Proven: l.trip.Proven,
		})
	})
	return p, nil
}

// ReadCourier takes a courier file and leaves the receipt beside it. What it says of this desk's own entries is the receipt of the file under way.
func (l *link) ReadCourier(ctx context.Context, file string, told func(done, total int64)) (county.Parcel, error) {
	rep, receipt, err := syncdesk.ReadCourier(ctx, l.desk, file, told)
	if err != nil {
		return county.Parcel{}, err
	}
	p := parcel(rep, file)
	p.IsReceipt = syncdesk.IsReceipt(file)
	if receipt != "" {
		p.ReceiptFile = filepath.Base(receipt)
	}
	l.p.post(func() {
		trip := l.trip
		if trip.Made != 0 && rep.Made >= trip.Made && trip.Answered == 0 {
			trip.Answered = l.p.room.Now()
		}
		trip.Proven = max(trip.Proven, rep.Receipt)
		l.keepTrip(trip)
	})
	return p, nil
}

// HandOver notes that the file last written is on its way.
func (l *link) HandOver() {
	if trip := l.trip; trip.Made != 0 && trip.Handed == 0 {
		trip.Handed = l.p.room.Now()
		l.keepTrip(trip)
	}
}

// Outgoing is what waits for the county, and the file that carries it.
func (l *link) Outgoing() county.Outgoing {
	return county.Outgoing{Waiting: l.p.room.Waiting(l.trip.Upto, l.trip.Proven), Bytes: l.bytes, Trip: l.trip}
}

// keepTrip shows how far a courier file is, and keeps it for the next start.
func (l *link) keepTrip(trip county.Trip) {
	l.trip = trip
	l.p.work.do(func() {
		if err := l.p.room.SetLocal(courierTrip, trip); err != nil {
			l.p.log.WithField("error", err.Error()).Error("keep how far the courier file is")
		}
	})
	if l.p.desk != nil {
		l.p.desk.linkMoved()
	}
}

// line names the line that this desk writes now.
func (l *link) line() string { return hex.EncodeToString(origin(l.p.room)) }

func origin(r *room.Room) []byte {
	o := r.Link().Origin()
	return o[:]
}

// weigh counts the bytes of photos and files that wait.
func (l *link) weigh() {
	l.p.work.do(func() {
		n, err := l.p.room.WaitingBytes()
		if err != nil {
			l.p.log.WithField("error", err.Error()).Error("count what waits")
			return
		}
		l.p.post(func() { l.bytes = n })
	})
}

// Peers are the desks whose courier files came here, by seat.
func (l *link) Peers(ctx context.Context) ([]county.Peer, error) {
	all, err := l.desk.Peers(ctx)
	if err != nil {
		return nil, err
	}
	own := l.p.room.Link().Origin()
	out := make([]county.Peer, 0, len(all))
	for _, p := range all {
		peer := county.Peer{Seat: p.Seat, Made: p.Made, Lines: len(p.Heads)}
		for _, h := range p.Heads {
			if h.Origin == own {
				peer.Ours = int(h.Seq)
			}
		}
		out = append(out, peer)
	}
	slices.SortFunc(out, func(a, b county.Peer) int { return strings.Compare(a.Seat, b.Seat) })
	return out, nil
}

// Present says who has an incident open at other desks.
func (l *link) Present(id incident.IncidentID) []county.Presence {
	here := l.desk.Present(id)
	out := make([]county.Presence, 0, len(here))
	for _, p := range here {
		out = append(out, county.Presence{Seat: p.Seat, Login: p.Login, Since: p.Since})
	}
	return out
}

// Outbox returns what of an incident the county lacks.
func (l *link) Outbox(id incident.IncidentID) room.Pending { return l.p.room.Outbox(id) }

// linkMoved shows how the link stands.
func (d *desk) linkMoved() {
	d.showLink()
	d.queue.LinkMoved()
	d.file.LinkMoved()
	if d.courier != nil {
		d.courier.LinkMoved()
	}
	if d.shell.Shown() == views.Page(d.settings) {
		d.settings.LinkMoved()
	}
}

// showLink brings mark and dialog of the link up to date.
func (d *desk) showLink() {
	d.shell.SetSync(county.FaceOf(d.env.Text, d.p.link.State(), d.env.Now()))
	if d.status != nil {
		d.status.Refresh()
	}
}

// openStatus opens the dialog about the link.
func (d *desk) openStatus() {
	d.status = county.OpenStatus(county.StatusParams{
		Env: d.env, State: d.p.link.State, Retry: d.p.link.desk.Retry, Enrol: d.openEnrol,
		Courier: d.openCourier,
	})
}

// openEnrol goes to where a desk is enrolled.
func (d *desk) openEnrol() {
	d.shell.Go("settings")
	d.settings.Open("sync")
	d.shell.RefreshStatus()
}

// panel is what enrolment and courier work with.
func (d *desk) panel() county.PanelParams {
	return county.PanelParams{Env: d.env, Link: d.p.link, Work: d.p.work.apart, Words: d.words, Browse: d.browse, Retry: d.p.link.desk.Retry, Slip: d.printCourier}
}

// openCourier opens what waits and the courier's steps.
func (d *desk) openCourier() { d.courier = county.OpenCourier(d.panel()) }

// readReceipt asks for the file that came back.
func (d *desk) readReceipt() {
	d.openCourier()
	d.courier.Read()
}

// tellPresence tells other desks which incident is open here: that of the file in view, or of the dialog above a list. On a locked screen
// none is.
func (d *desk) tellPresence() {
	var id incident.IncidentID
	if s, ok := d.shell.Shown().(views.Subject); ok && !d.locked && (d.shell.Shown() == views.Page(d.file) || d.shell.Dialog() != nil) {
		id = s.Context().Incident
	}
	if id == d.open {
		return
	}
	d.open = id
	d.p.link.desk.Open(id, d.actor.Login)
	if here := d.p.link.Present(id); len(here) > 0 && !id.IsZero() {
		d.shell.Say(kit.Message{Text: county.PresentWords(d.env.Text, here[0], d.personName), Bad: true})
	}
}

// words puts an error into a sentence, those of the link too.
func (d *desk) words(err error) string {
	if key, ok := syncdesk.ErrorKey(err); ok {
		return d.env.T(key)
	}
	return d.forms.Words(err)
}

// openSettle opens what two desks did at once, beginning with the incident in view.
func (d *desk) openSettle(ctx views.Context) {
	county.OpenSettle(county.SettleParams{
		Env: d.env, Read: d.readToSettle, Settle: d.forms.Settle, Open: d.openFile, Name: d.personName, Words: d.words, Work: d.p.work.apart,
		First: ctx.Incident, Edit: func(id incident.IncidentID) { d.forms.Run(forms.VerbCommand(incident.Edit), id) },
	})
}

// readToSettle reads the incidents with something to settle.
func (d *desk) readToSettle() ([]room.Detail, error) {
	snap := d.room.Snapshot(board.Filter{Ended: true, ToSettle: true})
	out := make([]room.Detail, 0, snap.Len())
	for i := range snap.Len() {
		detail, err := d.room.Detail(snap.Row(i).ID, d.actor.Login)
		if err != nil {
			return nil, err
		}
		out = append(out, detail)
	}
	return out, nil
}
