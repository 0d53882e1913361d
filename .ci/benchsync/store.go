package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/data/store"
	"zw110/sync/desk"
)

// report is what the sample months say of an incident.
type report struct {
	Do, Title, Content, Village, Category string
	Channel                               incident.Channel
}

// reports reads the sample months.
func reports() ([]report, error) {
	files, err := filepath.Glob("assets/drill/month/acts-*.jsonl")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no sample months; run this in the project's folder: %w", err)
	}
	var all []report
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		in := bufio.NewScanner(f)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			var r report
			if json.Unmarshal(in.Bytes(), &r) == nil && r.Do == "register" {
				all = append(all, r)
			}
		}
		if err := errors.Join(in.Err(), f.Close()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// life is an incident of eight entries, its drafts following from a place in the batch.
func life(r report, i int, at incident.Stamp, rng *rand.Rand, place int) []store.Draft {
	var id incident.IncidentID
	for k := range 6 {
		id[k] = byte(at >> (8 * (5 - k)))
	}
	for k := 6; k < 16; k++ {
		id[k] = byte(rng.Uint32())
	}
	units := []incident.UnitID{"建设办", "村委会", "派出所", "城管中队", "卫生院", "供电所"}
	lead, co := units[i%len(units)], units[(i+1+i/7%4)%len(units)]
	facts := []incident.Fact{
		{Kind: incident.KindRegistered, Fields: incident.Fields{
			No: fmt.Sprintf("20%02d%04d-%03d", 10+i/9000, i%9000/28, i%28), Channel: r.Channel, SourceNo: fmt.Sprintf("JJ%011d", i*7919%100000000), Title: r.Title,
			Content: r.Content, Village: r.Village, Category: r.Category, Urgency: incident.Normal, ReceivedAt: at,
			Reporter: &incident.Reporter{Name: "舒金根", Phone: fmt.Sprintf("168%08d", i*7919%100000000)},
		}},
		{Kind: incident.KindResponded},
		{Kind: incident.KindAccepted},
		{Kind: incident.KindDispatched, Fields: incident.Fields{Lead: lead, Co: []incident.UnitID{co}, List: incident.ListDaily}},
		{Kind: incident.KindSigned, Fields: incident.Fields{Unit: lead}},
		{Kind: incident.KindSigned, Fields: incident.Fields{Unit: co}},
		{Kind: incident.KindProgressed, Fields: incident.Fields{Unit: lead, Text: fmt.Sprintf("已到%s现场，核实情况，预计%d小时处理完。", r.Village, 1+i%9)}},
		{Kind: incident.KindForceClosed, Fields: incident.Fields{Reason: "FC01"}},
	}
	if i%50 == 0 {
		facts[7] = incident.Fact{Kind: incident.KindNoted, Fields: incident.Fields{Text: "等材料，明天再去。"}}
	}
	drafts := make([]store.Draft, len(facts))
	wall := at
	for k := range facts {
		wall += incident.Stamp(1000 + rng.IntN(900_000))
		facts[k].At = wall
		drafts[k] = store.Draft{
			Incident: id, Scope: town, Actor: []incident.Login{"op1", "op2", "sl1"}[(i+k)%3], Kind: facts[k].Kind, Fact: &facts[k], Wall: wall,
		}
		if k > 0 {
			drafts[k].After = []int{place + k - 1}
		}
	}
	return drafts
}

// seat is a real desk: a room on a store, and its end of sync.
type seat struct {
	room *room.Room
	desk *desk.Desk
	cfg  room.Config
}

// newSeat makes a store whose last week holds so many entries, and gives it number n's seat.
func (b *bench) newSeat(reg *registry, addr string, n, entries int) (*seat, error) {
	week := incident.StampOf(time.Now().Add(-7 * 24 * time.Hour))
	dir := absolute(b.at(fmt.Sprint("desk", n)))
	s := &seat{cfg: room.Config{Dir: dir, Clock: func() incident.Stamp { return week }}}
	r, err := room.Init(s.cfg, room.InitParams{Pack: "330825111", Seat: fmt.Sprint("指挥室", n), SeatNo: 1 + n%26, Drill: true})
	if err != nil {
		return nil, err
	}
	if err := b.enrol(reg, r, addr, n); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	if err := fill(dir, n, entries, week); err != nil {
		return nil, err
	}
	s.cfg.Clock = func() incident.Stamp { return incident.StampOf(time.Now()) }
	return s, s.open()
}

// enrol gives a room the seat that a code would give it.
func (b *bench) enrol(reg *registry, r *room.Room, addr string, n int) error {
	id, err := reg.seat(b.ctx, n, town, r.Link().PublicKey())
	if err != nil {
		return err
	}
	name := fmt.Sprint("指挥室", n)
	raw, err := cbor.Marshal(desk.Seat{
		Hub: reg.id.Hub, HubKey: reg.id.Public(), Desk: id, Scope: town, Name: name,
		Address: desk.Address{URL: "wss://" + addr, Pins: [][]byte{reg.pin}},
	})
	if err != nil {
		return err
	}
	_, err = r.Link().Enrol(b.ctx, room.Seat{Desk: id, Scope: town, Name: name, Records: map[string][]byte{"seat": raw}})
	return err
}

// fill writes incidents into a store that is not open.
func fill(dir string, n, entries int, week incident.Stamp) error {
	texts, err := reports()
	if err != nil {
		return err
	}
	st, err := store.Open(store.Params{Dir: dir, Clock: func() incident.Stamp { return week }})
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(uint64(n), 1)) //nolint:gosec // texts of a bench
	var drafts []store.Draft
	incidents := entries / 8
	for i := range incidents {
		at := week + incident.Stamp(i)*6*24*3600*1000/incident.Stamp(incidents)
		drafts = append(drafts, life(texts[rng.IntN(len(texts))], i+n*1_000_000, at, rng, len(drafts))...)
		if len(drafts) < 4000 && i < incidents-1 {
			continue
		}
		if _, err := st.Append(drafts); err != nil {
			return errors.Join(err, st.Close())
		}
		drafts = drafts[:0]
	}
	return st.Close()
}

func (s *seat) open() (err error) {
	if s.room, err = room.Open(s.cfg); err != nil {
		return err
	}
	s.desk, err = desk.New(desk.Config{Link: s.room.Link(), App: "bench"})
	return err
}

// once lets desk and hub have all of each other and returns how long it took.
func (s *seat) once(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	err := s.desk.Once(ctx)
	if why := s.desk.Status().Alarm; err != nil && why != "" {
		err = fmt.Errorf("%w (%s)", err, why)
	}
	return time.Since(start), err
}

func (s *seat) close() error { return s.room.Close() }

// size is how large a folder is, in bytes.
func size(dir string) (n int64) {
	_ = filepath.Walk(dir, func(name string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() && strings.HasSuffix(name, ".db") {
			n += info.Size()
		}
		return nil
	})
	return n
}
