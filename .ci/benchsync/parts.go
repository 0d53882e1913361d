package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/data/room"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// catchup is seven days apart: one desk's entries up, then another's up while those come down, then a third desk gets all.
func (b *bench) catchup() error {
	dir := b.at("hub")
	reg, err := newRegistry(b.ctx, dir)
	if err != nil {
		return err
	}
	var seats []*seat
	addr := "127.0.0.1:18110"
	for n, entries := range []int{b.entries, b.entries, 0} {
		s, err := b.newSeat(reg, addr, n+1, entries)
		if err != nil {
			return err
		}
		defer s.close() //nolint:errcheck // at the end of the bench
		seats = append(seats, s)
	}
	if err := b.onWire(seats[0]); err != nil {
		return err
	}
	if err := reg.store.Close(); err != nil {
		return err
	}
	hub, err := b.startHub(dir, addr)
	if err != nil {
		return err
	}
	defer hub.kill()
	up, err := b.once(hub, seats[0])
	if err != nil {
		return err
	}
	n := float64(b.entries)
	b.note(fmt.Sprintf("one desk pushes %d entries, durable, keys and all", b.entries), fmt.Sprintf("%s, %s", seconds(up.Seconds()), rate(n/up.Seconds())))
	b.spent()
	in, err := hub.metric("zw110_received_bytes_total")
	if err != nil {
		return err
	}
	b.note("  bytes an entry up, with the keys of personal fields", octets(in/n))
	both, err := b.once(hub, seats[1])
	if err != nil {
		return err
	}
	b.most(fmt.Sprintf("7 days offline: %d entries push and pull, folds ready", b.entries), 2, both.Seconds(), seconds)
	b.spent()
	out, err := hub.metric("zw110_sent_bytes_total")
	if err != nil {
		return err
	}
	b.note("  bytes an entry down, with the keys of personal fields", octets(out/n))
	down, err := b.once(hub, seats[2])
	if err != nil {
		return err
	}
	got := seats[2].room.Count(board.Filter{Ended: true})
	b.note(fmt.Sprintf("a new desk pulls %d entries into its store, folds ready (%d incidents)", 2*b.entries, got),
		fmt.Sprintf("%s, %s", seconds(down.Seconds()), rate(2*n/down.Seconds())))
	b.spent()
	if err := b.raw(reg, hub); err != nil {
		return err
	}
	return b.fold(seats[2])
}

// once lets desk and hub have all of each other, and notes the processor time that both took.
func (b *bench) once(hub *process, s *seat) (time.Duration, error) {
	hub0, desk0 := hub.spent()
	took, err := s.once(b.ctx)
	hub1, desk1 := hub.spent()
	b.hubTime, b.deskTime = hub1-hub0, desk1-desk0
	return took, err
}

// spent adds the processor time of the last once: on a shared machine it moves less than the clock.
func (b *bench) spent() {
	b.note("  processor time of it", fmt.Sprintf("desk %.2f s, hub %.2f s", b.deskTime, b.hubTime))
}

// raw is a desk whose store costs nothing: the hub's own rate.
func (b *bench) raw(reg *registry, hub *process) error {
	store, err := newLight(900, reg.id.Hub)
	if err != nil {
		return err
	}
	hub.kill()
	st, err := openStore(reg.dir)
	if err != nil {
		return err
	}
	reg.store = st
	if _, err := reg.seat(b.ctx, store.n, store.scope, nil); err != nil {
		return err
	}
	if err := st.Close(); err != nil {
		return err
	}
	again, err := b.startHub(reg.dir, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer again.kill()
	var runs []wire.Push
	for range b.entries / 256 {
		m, err := store.entries(256)
		if err != nil {
			return err
		}
		runs = append(runs, m)
	}
	end := store.seq
	store.seq, store.hash = 0, journal.Start(store.line) // as the hub knows it
	if err := store.open(b.ctx, again.addr); err != nil {
		return err
	}
	defer store.ws.Close()
	start := time.Now()
	flying := 0
	for acked := uint64(0); acked < end; {
		for flying < wire.MaxUnacked && len(runs) > 0 {
			if err := store.send(runs[0]); err != nil {
				return err
			}
			runs, flying = runs[1:], flying+1
		}
		m, err := store.next()
		if err != nil {
			return err
		}
		if a, ok := m.(wire.Ack); ok {
			flying -= int((a.Seq - acked) / 256)
			acked = a.Seq
		}
	}
	b.least("durable, one desk catching up, runs of 256, the hub alone", 30_000, float64(end)/time.Since(start).Seconds(), rate)
	return nil
}

// onWire measures messages of a real journal.
func (b *bench) onWire(s *seat) error {
	codec, err := wire.NewCodec()
	if err != nil {
		return err
	}
	link := s.room.Link()
	line := link.Origin()
	sum := func(size int) (float64, error) {
		frames, entries := 0, 0
		for after := uint64(b.entries / 4); after < uint64(b.entries/2); after += uint64(size) {
			run, err := link.Range(line, after, after+uint64(size), 1<<20)
			if err != nil {
				return 0, err
			}
			frame, err := codec.Encode(wire.Push{First: run.First, Before: run.Before, Entries: run.Entries, Seal: make([]byte, 65)})
			if err != nil {
				return 0, err
			}
			frames, entries = frames+len(frame), entries+len(run.Entries)
		}
		return float64(frames) / float64(entries), nil
	}
	many, err := sum(256)
	if err != nil {
		return err
	}
	one, err := sum(1)
	if err != nil {
		return err
	}
	b.most("bytes an entry on the wire, run of 256", 60, many, octets)
	b.most("bytes an entry on the wire, single", 160, one, octets)
	return nil
}

// fold folds what a desk holds, one incident after the other.
func (b *bench) fold(s *seat) error {
	codec, err := journal.NewCodec()
	if err != nil {
		return err
	}
	link := s.room.Link()
	heads, err := link.Heads()
	if err != nil {
		return err
	}
	files := map[incident.IncidentID][]incident.Entry{}
	count := 0
	for _, h := range heads {
		for after := uint64(0); after < h.Seq && count < b.entries; {
			run, err := link.Range(h.Origin, after, h.Seq, 1<<20)
			if err != nil {
				return err
			}
			records, hashes, err := codec.Records(run)
			if err != nil {
				return err
			}
			for i, r := range records {
				after = r.Seq
				id := hashes[i]
				inner, origin, err := codec.Unwrap(r, h.Origin)
				if err != nil {
					return err
				}
				if !inner.Incident.IsZero() {
					files[inner.Incident] = append(files[inner.Incident], codec.Entry(inner, origin, id))
					count++
				}
			}
		}
	}
	start := time.Now()
	for _, entries := range files {
		_ = incident.Fold(entries) // only its time counts
	}
	took := time.Since(start)
	b.most(fmt.Sprintf("fold of %d entries", count), 0.3, took.Seconds(), seconds)
	b.most("  one incident, on average", 0.001, took.Seconds()/float64(len(files)), func(x float64) string {
		return time.Duration(x * float64(time.Second)).Round(time.Microsecond).String()
	})
	return nil
}

// settle is how long desks are left alone before something is measured.
const settle = 5 * time.Second

// idle is a thousand desks that have nothing to say, and what happens when their hub is killed and comes back.
func (b *bench) idle() error {
	dir := b.at("hub-idle")
	reg, err := newRegistry(b.ctx, dir)
	if err != nil {
		return err
	}
	for n := range b.desks {
		if _, err := reg.seat(b.ctx, n, townOf(n), nil); err != nil {
			return err
		}
	}
	if err := reg.store.Close(); err != nil {
		return err
	}
	addr := "127.0.0.1:18111"
	hub, err := b.startHub(dir, addr)
	if err != nil {
		return err
	}
	defer func() { hub.kill() }()
	empty, err := hub.memory()
	if err != nil {
		return err
	}
	desks, err := b.start("desks", "-hub", addr, "-id", hex.EncodeToString(reg.id.Hub[:]), "-n", strconv.Itoa(b.desks), "-push", strconv.Itoa(b.desks/50))
	if err != nil {
		return err
	}
	defer desks.kill()
	if _, err := desks.up(); err != nil {
		return err
	}
	time.Sleep(settle)
	full, err := hub.memory()
	if err != nil {
		return err
	}
	per := float64(full.Live+full.Stack-empty.Live-empty.Stack) / float64(b.desks)
	b.most(fmt.Sprintf("hub memory an idle desk, TLS, of %d (heap and stacks)", b.desks), 48<<10, per, kib)
	b.note("  resident memory an idle desk", kib(float64(full.Resident-empty.Resident)/float64(b.desks)))
	b.note("  goroutines a desk", fmt.Sprintf("%.2f", float64(full.Goroutines-empty.Goroutines)/float64(b.desks)))
	if _, err := desks.acks(); err != nil { // those of the beginning
		return err
	}
	before, _ := hub.spent()
	time.Sleep(2 * settle)
	after, _ := hub.spent()
	calm, err := desks.acks()
	if err != nil {
		return err
	}
	b.note(fmt.Sprintf("ack of single entries, %d desks at one a second", b.desks/50), fmt.Sprintf("p50 %s, p99 %s", calm.P50.Round(time.Millisecond), calm.P99.Round(time.Millisecond)))
	b.note("  processor of the hub meanwhile", fmt.Sprintf("%.0f %% of one", 100*(after-before)/(2*settle).Seconds()))
	hub.kill()
	time.Sleep(2 * time.Second)
	start := time.Now()
	if hub, err = b.startHub(dir, addr); err != nil {
		return err
	}
	at, err := desks.up()
	if err != nil {
		return err
	}
	time.Sleep(2 * settle)
	during, err := desks.acks()
	if err != nil {
		return err
	}
	peak, err := hub.memory()
	if err != nil {
		return err
	}
	b.most(fmt.Sprintf("%d desks after a hub's kill and 2 s: all have their Welcome", b.desks), 60, at.Sub(start).Seconds(), seconds)
	b.most(fmt.Sprintf("  p99 ack meanwhile and 10 s after (%d)", during.N), 0.5, during.P99.Seconds(), seconds)
	b.most("  memory peak of the hub, resident", 256<<20, float64(peak.Peak), mib)
	return nil
}

func (p *process) up() (time.Time, error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		return time.Time{}, fmt.Errorf("the desks end: %w", err)
	}
	ns, err := strconv.ParseInt(strings.TrimSpace(strings.TrimPrefix(line, "up ")), 10, 64)
	return time.Unix(0, ns), err
}

func (p *process) acks() (a acks, err error) {
	if _, err := p.in.WriteString("acks\n"); err != nil {
		return a, err
	}
	if err := p.in.Flush(); err != nil {
		return a, err
	}
	for {
		line, err := p.out.ReadString('\n')
		if err != nil {
			return a, err
		}
		if strings.HasPrefix(line, "{") {
			return a, json.Unmarshal([]byte(line), &a)
		}
	}
}

// hubRestart is a hub with many entries that is killed and starts again.
func (b *bench) hubRestart() error {
	dir := b.at("hub-large")
	reg, err := newRegistry(b.ctx, dir)
	if err != nil {
		return err
	}
	if _, err := reg.seat(b.ctx, 0, townOf(0), nil); err != nil {
		return err
	}
	start := time.Now()
	for left, n := b.restart, 1000; left > 0; n++ {
		l, err := newLight(n, reg.id.Hub)
		if err != nil {
			return err
		}
		for range min(left, 50_000) / 500 {
			var batch []session.HubRun
			for range 8 {
				run, err := l.stored(250)
				if err != nil {
					return err
				}
				batch = append(batch, run)
			}
			_, errs := reg.store.Append(b.ctx, county, batch)
			for _, err := range errs {
				if err != nil {
					return err
				}
			}
			if left -= 2000; left <= 0 {
				break
			}
		}
	}
	b.note(fmt.Sprintf("hub's store of %d entries written", b.restart), fmt.Sprintf("%s, %.0f MB", seconds(time.Since(start).Seconds()), float64(size(dir))/1e6))
	if err := reg.store.Close(); err != nil {
		return err
	}
	addr := "127.0.0.1:18112"
	for _, killed := range []bool{false, true} {
		start = time.Now()
		hub, err := b.startHub(dir, addr)
		if err != nil {
			return err
		}
		l, err := newLight(0, reg.id.Hub)
		if err != nil {
			return err
		}
		if killed { // the baton is another one by now
			l.baton, l.line[17] = wire.Baton{}, 1
			l.hash = journal.Start(l.line)
		}
		if err := l.open(b.ctx, addr); err != nil {
			return err
		}
		took := time.Since(start)
		_ = l.ws.Close()
		hub.kill()
		name := fmt.Sprintf("hub with %d entries: start to first Welcome", b.restart)
		if killed {
			name += ", after kill -9"
		}
		b.most(name, 1, took.Seconds(), seconds)
	}
	return nil
}

// stored is a run as the hub's session stores it.
func (l *light) stored(n int) (session.HubRun, error) {
	m, err := l.entries(n)
	if err != nil {
		return session.HubRun{}, err
	}
	run := journal.Run{Origin: l.line, First: m.First, Before: m.Before, Entries: m.Entries, Seal: m.Seal}
	hr := session.HubRun{Run: run, Scope: l.scope, Last: l.hash, HLC: l.hlc, Items: make([]session.Item, n)}
	records, hashes, err := l.codec.Records(run)
	if err != nil {
		return hr, err
	}
	before := m.Before
	for i, r := range records {
		hr.Items[i] = session.Item{Incident: r.Incident, Scope: r.Scope, Kind: r.Kind, ID: hashes[i], Before: before}
		before = hashes[i]
	}
	return hr, nil
}

// newDesk is a desk that comes to a town with a long past.
func (b *bench) newDesk() error {
	dir := b.at("hub-new")
	reg, err := newRegistry(b.ctx, dir)
	if err != nil {
		return err
	}
	addr := "127.0.0.1:18113"
	old, err := b.newSeat(reg, addr, 21, b.new)
	if err != nil {
		return err
	}
	fresh, err := b.newSeat(reg, addr, 22, 0)
	if err != nil {
		return err
	}
	defer fresh.close() //nolint:errcheck // at the end of the bench
	if err := reg.store.Close(); err != nil {
		return err
	}
	hub, err := b.startHub(dir, addr)
	if err != nil {
		return err
	}
	defer hub.kill()
	up, err := old.once(b.ctx)
	if err != nil {
		return err
	}
	b.note(fmt.Sprintf("one desk pushes %d entries", b.new), fmt.Sprintf("%s, %s", seconds(up.Seconds()), rate(float64(b.new)/up.Seconds())))
	if err := old.close(); err != nil {
		return err
	}
	first := make(chan time.Duration, 1)
	start := time.Now()
	stop := fresh.room.Subscribe(func(c room.Change) {
		if len(c.Incidents) > 0 {
			select {
			case first <- time.Since(start):
			default:
			}
		}
	})
	all, err := fresh.once(b.ctx)
	stop()
	if err != nil {
		return err
	}
	b.most(fmt.Sprintf("new desk, %d entries: first incident shown", b.new), 2, (<-first).Seconds(), seconds)
	b.most("  all of them, folds ready (60 s for 1,500,000)", 60*float64(b.new)/1_500_000, all.Seconds(), seconds)
	return nil
}
