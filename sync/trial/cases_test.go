package trial

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/data/room"
	"zw110/sync/desk"
	"zw110/sync/hub"
	"zw110/sync/wire"
)

// pair is a hub with two desks that are connected and have written something.
func pair(t *testing.T, hubArgs ...string) (*world, *deskProc, *deskProc) {
	t.Helper()
	t.Parallel()
	w := newWorld(t, hubArgs...)
	w.startHub()
	a, b := w.newDesk(town), w.newDesk(town)
	a.start()
	b.start()
	a.tell("do 3")
	b.tell("do 2")
	w.calm(a, b)
	return w, a, b
}

// goesOn proves that two desks still reach each other.
func (w *world) goesOn(from, to *deskProc) {
	w.t.Helper()
	before := to.state().Incidents
	from.tell("do 1")
	until(w.t, calmIn, to.spec.Name+" gets what "+from.spec.Name+" wrote", func() bool {
		from.tell("retry")
		to.tell("retry")
		return to.state().Incidents > before
	})
}

func copyDir(t testing.TB, from, to string) {
	t.Helper()
	noError(t, os.RemoveAll(to))
	noError(t, os.CopyFS(to, os.DirFS(from)))
}

func (w *world) persons(logins ...incident.Login) {
	w.t.Helper()
	for _, login := range logins {
		noError(w.t, w.ask("person", hub.PersonRequest{Login: login, Name: string(login), Password: "long enough 110"}, &struct{}{}))
	}
}

func (w *world) order(o hub.Order, d *deskProc, by incident.Login) (a hub.OrderAnswer) {
	w.t.Helper()
	noError(w.t, w.ask("order", hub.OrderRequest{Order: o, Desk: d.spec.Name, By: by, Password: "long enough 110", Reason: "演练"}, &a))
	return a
}

// release takes two persons.
func (w *world) release(d *deskProc) {
	w.t.Helper()
	w.persons("zhang", "li")
	if first := w.order(hub.OrderRelease, d, "zhang"); first.InForce {
		w.t.Error("one person alone has released it")
	}
	if second := w.order(hub.OrderRelease, d, "li"); !second.InForce {
		w.t.Error("two persons have not released it")
	}
}

// An old copy of the store's folder is put back, or of the whole computer.
func TestCase_RestoredDeskGetsBackWhatItLost(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]string{"folder": {"store"}, "computer": {"store", "config"}} {
		t.Run(name, func(t *testing.T) {
			w, a, b := pair(t)
			a.stop()
			kept := filepath.Join(w.dir, "kept")
			copyDir(t, a.spec.Dir, kept)
			a.start()
			line := a.state().Line
			a.tell("do 4")
			w.calm(a, b)
			a.stop()
			for _, part := range parts {
				copyDir(t, filepath.Join(kept, part), filepath.Join(a.spec.Dir, part))
			}
			w.goesOn(b, b)
			a.start()
			a.tell("do 2")          // before it knows
			if name == "computer" { // for the county it may as well be a copy
				until(t, calmIn, "the desk is held", func() bool { a.tell("retry"); return a.state().Mode == string(room.ModeHeld) })
				w.release(a)
			}
			if s := w.calm(a, b); s.Incidents != 12 {
				t.Errorf("%d incidents", s.Incidents)
			}
			if a.state().Line == line {
				t.Error("the desk goes on with the line that it fell off")
			}
			w.whole(a, b)
		})
	}
}

// A disk is copied while the desk is off, and both computers run.
func TestCase_ClonedDeskIsHeldUntilTwoPersonsReleaseIt(t *testing.T) {
	t.Parallel()
	for name, unsent := range map[string]bool{"everything sent": false, "entries unsent": true} {
		t.Run(name, func(t *testing.T) {
			w, a, b := pair(t)
			if unsent {
				a.proxy.Stop()
				a.tell("do 2")
			}
			a.stop()
			clone := &deskProc{w: w, spec: a.spec, proxy: a.proxy}
			t.Cleanup(clone.kill)
			kept := filepath.Join(w.dir, "kept")
			copyDir(t, a.spec.Dir, kept)
			a.start()
			// The copy believes in the same place: it stands where the first one stood when that opened its files.
			moved := filepath.Join(w.dir, "elsewhere")
			noError(t, os.Rename(a.spec.Dir, moved))
			copyDir(t, kept, clone.spec.Dir)
			a.spec.Dir = moved
			clone.start()
			a.tell("do 1")
			clone.tell("do 1")
			a.heal()
			until(t, calmIn, "one of the two goes on with another line", func() bool {
				a.tell("retry")
				clone.tell("retry")
				x, y := a.state(), clone.state()
				return x.Line != y.Line && x.Connected && y.Connected && x.Pending == 0 && y.Pending == 0
			})
			w.goesOn(b, b)
			w.release(a)
			s := w.calm(a, b, clone)
			want := 5 + 2 + 1
			if unsent {
				want += 2
			}
			if s.Incidents != want {
				t.Errorf("%d incidents, want %d", s.Incidents, want)
			}
			w.whole(a, b, clone)
		})
	}
}

// The drill of the night, step by step as docs/hub.zh.md has it: the hub's machine is gone, and a new one starts from the backup disk.
func TestCase_HubRestoredFromItsBackup(t *testing.T) {
	disk := t.TempDir()
	w, a, b := pair(t, "--backup-dir", disk)
	file := filepath.Join(disk, "night.tar")
	w.must("zw110hub", "backup", "--dir", w.hubIn, "--file", file)
	a.tell("do 3")
	b.tell("do 3")
	before := w.calm(a, b)
	epoch := w.status().Epoch
	w.killHub()
	noError(t, os.RemoveAll(w.hubIn))
	a.tell("do 1") // nobody stops working

	w.must("zw110hub", "restore", "--dir", w.hubIn, "--file", file, "--log-dir", disk)
	w.must("zw110hub", "verify", "--dir", w.hubIn)
	w.startHub()
	if s := w.calm(a, b); s.Incidents != before.Incidents+1 {
		t.Errorf("%d incidents after the restore, %d before", s.Incidents, before.Incidents)
	}
	s := w.status()
	if s.Epoch == epoch {
		t.Error("the restored hub has the old epoch")
	}
	for _, d := range s.Desks {
		if !d.Connected || d.Held || d.Revoked {
			t.Errorf("after the restore: %+v", d)
		}
	}
	w.whole(a, b)
}

// Somebody puts the hub's files back and tells nobody; the hub grows past where it was before a desk comes that knows better.
func TestCase_HubRestoredInSilence(t *testing.T) {
	w, a, b := pair(t)
	w.stopHub()
	kept := filepath.Join(w.dir, "kept")
	copyDir(t, w.hubIn, kept)
	w.startHub()
	a.tell("do 3")
	b.tell("do 1")
	before := w.calm(a, b)
	w.stopHub()
	copyDir(t, kept, w.hubIn)
	a.kill()
	w.startHub()
	b.tell("do 6")
	until(t, calmIn, "the second desk has sent all", func() bool {
		b.tell("retry")
		s := b.state()
		return s.Connected && s.Pending == 0
	})
	a.start()
	if s := w.calm(a, b); s.Incidents != before.Incidents+6 {
		t.Errorf("%d incidents, %d before", s.Incidents, before.Incidents)
	}
	for _, d := range w.status().Desks {
		if d.Held {
			t.Errorf("held for the hub's fault: %+v", d)
		}
	}
	if !strings.Contains(w.hubLog(), `"alarm":"rewound"`) {
		t.Error("nobody was told that the hub lost something")
	}
	w.whole(a, b)
}

func TestCase_RevokedDeskWorksOnAlone(t *testing.T) {
	w, a, b := pair(t)
	c := w.newDesk(town)
	c.start()
	w.persons("zhang")
	if done := w.order(hub.OrderRevoke, a, "zhang"); !done.InForce {
		t.Error("revoking waits for a second person")
	}
	until(t, calmIn, "the desk knows", func() bool {
		a.tell("retry")
		return a.state().Alarm == "sync.alarm.unknown"
	})
	a.tell("do 2")
	w.goesOn(b, c)
	a.tell("retry")
	if s := a.state(); s.Connected || s.Pending == 0 {
		t.Errorf("the revoked desk: %+v", s)
	}
	if s := w.calm(b, c); s.Incidents != 6 {
		t.Errorf("%d incidents at the others", s.Incidents)
	}
	a.stop()
	w.whole(b, c)
}

func TestCase_WrongClocksLoseNothing(t *testing.T) {
	const year = 365 * 24 * time.Hour
	w, a, b := pair(t)
	c := w.newDesk(town)
	c.start()
	for _, skew := range []time.Duration{year, -year, -3 * time.Hour, 0} {
		a.stop()
		a.spec.Skew = skew
		a.start()
		a.tell("do 1")
		w.goesOn(a, b)
		w.goesOn(b, c)
	}
	w.calm(a, b, c)
	w.whole(a, b, c)
}

// The hub's disk is full: desks keep what they can't send, and send it when there is room.
func TestCase_HubWithAFullDisk(t *testing.T) {
	w, a, b := pair(t)
	pid := w.hub.Process.Pid
	var before unix.Rlimit
	limit := unix.Rlimit{Cur: 64 << 10, Max: unix.RLIM_INFINITY}
	noError(t, unix.Prlimit(pid, unix.RLIMIT_FSIZE, &limit, &before))
	a.tell("do 60")
	b.tell("do 60")
	until(t, calmIn, "something waits", func() bool {
		a.tell("retry")
		return a.state().Pending > 0 && strings.Contains(w.hubLog(), "file too large")
	})
	a.tell("do 1") // the desk itself is not hindered
	noError(t, unix.Prlimit(pid, unix.RLIMIT_FSIZE, &before, nil))
	if s := w.calm(a, b); s.Incidents != 126 {
		t.Errorf("%d incidents", s.Incidents)
	}
	w.whole(a, b)
}

// A newer desk writes kinds and versions that the others and the hub don't know.
func TestCase_EntriesOfANewerVersionAreKeptAndPassedOn(t *testing.T) {
	w, a, b := pair(t)
	var id incident.IncidentID
	var parent incident.ParentRef
	a.stop()
	noError(t, a.open(func(r *room.Room) error {
		row := r.Snapshot(board.Filter{}).Row(0)
		d, err := r.Detail(row.ID, "sl1")
		id, parent = row.ID, d.State.Heads[0]
		return err
	}))
	a.start()
	r := w.newRogue(town)
	noError(t, r.connect(nil))
	newKind := journal.Record{Incident: id, Parents: []incident.ParentRef{parent}, Kind: 900, Ver: 1, Payload: []byte{0xA1, 0x01, 0x63, 'n', 'e', 'w'}}
	r.push(newKind)
	r.push(journal.Record{Incident: id, Parents: []incident.ParentRef{parent}, Kind: incident.KindNoted, Ver: journal.PayloadVersion + 1, Payload: []byte{0xA1, 0x18, 0xC8, 0x01}})
	until(t, calmIn, "both desks have both entries", func() bool { return a.state().Unknown == 2 && b.state().Unknown == 2 })
	w.goesOn(a, b)
	w.goesOn(b, a)
	w.calm(a, b)
	late := w.newDesk(town) // a desk that only ever hears of them from the hub
	late.start()
	if s := w.calm(a, b, late); s.Unknown != 2 {
		t.Errorf("a new desk has %d of them", s.Unknown)
	}
	w.whole(a, b, late)
}

// What one desk does wrong ends its own session, or stops its own line.
func TestCase_RogueDeskHarmsNobody(t *testing.T) {
	w, a, b := pair(t)
	raw, err := hex.DecodeString(a.state().Line)
	noError(t, err)
	victim := wire.DeskID(raw[:len(wire.DeskID{})])
	note := func(r *rogue) journal.Record {
		return journal.Record{Kind: incident.KindSessionOpened, Ver: 1, Payload: []byte{0xA0}}
	}
	for name, c := range map[string]func(r *rogue, victim wire.DeskID){
		"garbage":          func(r *rogue, _ wire.DeskID) { r.write([]byte{0, 0xFF, 1, 2}); r.ended(nil, 1002) },
		"message too long": func(r *rogue, _ wire.DeskID) { r.write(make([]byte, wire.MaxFrame+1)); r.ended(nil, 1009) },
		"bomb":             func(r *rogue, _ wire.DeskID) { r.write(bomb(r.t)); r.ended(nil, 1009) },
		"entry too large": func(r *rogue, _ wire.DeskID) {
			r.send(r.pushed(bytes.Repeat([]byte{0x60}, journal.MaxEntry+1)))
			r.fault(wire.CodeTooBig)
		},
		"another's name": func(r *rogue, victim wire.DeskID) {
			r.ended(r.connect(func(h *wire.Hello) { h.Desk = victim }), 4001)
		},
		"another township": func(r *rogue, _ wire.DeskID) {
			rec := note(r)
			rec.Scope = another
			r.send(r.pushed(r.entry(rec)))
			r.fault(wire.CodeScope)
		},
		"seal of nobody": func(r *rogue, _ wire.DeskID) {
			p := r.pushed(r.entry(note(r)))
			p.Seal[3] ^= 1
			r.send(p)
			r.fault(wire.CodeSeal)
		},
		"hole": func(r *rogue, _ wire.DeskID) {
			r.pushed(r.entry(note(r)))
			r.send(r.pushed(r.entry(note(r))))
			r.fault(wire.CodeGap)
		},
		"a line that is another's": func(r *rogue, victim wire.DeskID) {
			line := lineOf(victim, 77)
			raw := r.entry(note(r))
			hash := journal.Next(journal.Start(line), journal.DigestOf(raw))
			run := wire.Run{Origin: line, First: 1, Before: journal.Start(line), Entries: [][]byte{raw}, Seal: journal.Seal(r.key, line, 1, hash)}
			r.send(wire.Vector{Heads: []wire.Head{{Origin: line, Seq: 1, Hash: hash}}})
			r.send(wire.Give{Run: run})
			r.push(note(r)) // after the answer to all that
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.newRogue(town)
			r.t = t
			noError(t, r.connect(nil))
			c(r, victim)
			w.goesOn(a, b)
			w.goesOn(b, a)
		})
	}
	w.calm(a, b)
	w.whole(a, b)
}

// A desk of another township asks for everything; the bytes it gets hold nothing of this one.
func TestCase_NothingOfATownshipReachesAnother(t *testing.T) {
	w, a, b := pair(t)
	raw, err := hex.DecodeString(a.state().Line)
	noError(t, err)
	line := incident.Origin(raw)
	spy, insider := w.newRogue(another), w.newRogue(town)
	for _, r := range []*rogue{spy, insider} {
		noError(t, r.connect(nil))
		r.send(wire.Vector{})
		r.send(wire.Want{Spans: []wire.Span{{Origin: line, From: 1, To: 99}}})
		r.send(wire.HashAt{Origin: line, Seq: 1})
		a.tell("do 1")
		r.push(journal.Record{Kind: incident.KindSessionOpened, Ver: 1, Payload: []byte{0xA0}})
		r.push(journal.Record{Kind: incident.KindSessionOpened, Ver: 1, Payload: []byte{0xA0}})
	}
	secrets := [][]byte{[]byte("路面塌陷"), []byte("罗山村"), []byte("op1"), line[:]}
	for _, s := range secrets[:2] {
		if bytes.Contains(spy.heard, s) {
			t.Errorf("the other township hears %s", s)
		}
		if !bytes.Contains(insider.heard, s) {
			t.Errorf("the own township doesn't hear %s: the test looks for the wrong thing", s)
		}
	}
	w.calm(a, b)
	w.whole(a, b)
}

func TestCase_CodeTypedTwiceIsRefusedAndHarmsNobody(t *testing.T) {
	w, a, b := pair(t)
	c := w.newStore(town)
	code := w.code(town, c.spec.Name)
	w.enrol(c, desk.Address{URL: "wss://" + w.addr()}, code)
	late := w.newStore(town)
	out, err := w.run("zw110ctl", "enrol", "--dir", late.store(), "--hub", "wss://"+w.addr(), "--code", code)
	if err == nil {
		t.Errorf("the code opened a second seat: %s", out)
	}
	c.start()
	w.calm(a, b, c)
	w.whole(a, b, c)
}

func TestCase_ProxyThatBreaksTLS(t *testing.T) {
	t.Parallel()
	t.Run("is refused", func(t *testing.T) {
		w, a, b := pair(t)
		c := w.newStore(town)
		middle := w.breaker(t)
		out, err := w.run("zw110ctl", "enrol", "--dir", c.store(), "--hub", "wss://"+middle, "--code", w.code(town, c.spec.Name))
		if err == nil {
			t.Errorf("enrolled through a proxy that reads along: %s", out)
		}
		w.goesOn(a, b)
		w.calm(a, b)
		w.whole(a, b)
	})
	t.Run("is a relay if both ends say so", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "--relay")
		w.startHub()
		a, b := w.newStore(town), w.newStore(town)
		for _, d := range []*deskProc{a, b} {
			w.enrol(d, desk.Address{URL: "wss://" + w.breaker(t), Relay: true}, w.code(town, d.spec.Name))
			d.start()
		}
		a.tell("do 2")
		if s := w.calm(a, b); s.Incidents != 2 {
			t.Errorf("%d incidents", s.Incidents)
		}
		strict := w.newStore(town)
		out, err := w.run("zw110ctl", "enrol", "--dir", strict.store(), "--hub", "wss://"+w.addr(), "--code", w.code(town, fmt.Sprint(strict.spec.Name)))
		if err == nil {
			t.Errorf("a desk that wants no relay enrolled at one: %s", out)
		}
		w.whole(a, b)
	})
}
