package room

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/data/store"
)

// newSeat makes one of several desks of the town; PINs are left out, as hashing them takes time.
func newSeat(t testing.TB, no int) *desk {
	t.Helper()
	clock := &handClock{}
	clock.set(moment(t, "2026-09-01T00:00:00+08:00"))
	dir := t.TempDir()
	cfg := Config{Dir: filepath.Join(dir, "store"), ConfigDir: filepath.Join(dir, "config"), Clock: clock.now, Ticks: make(chan time.Time)}
	r, err := Init(cfg, InitParams{
		Pack: sampleTown, Seat: fmt.Sprintf("指挥室%d", no), SeatNo: no, Drill: true,
		Operators: []Operator{
			{Login: "op1", Name: "坐席一", Role: incident.RoleOperator},
			{Login: "op2", Name: "坐席二", Role: incident.RoleOperator},
			{Login: "cc", Name: "县中心", Role: incident.RoleCounty},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{r, clock, cfg}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// give brings everything that one desk has and another lacks across, in pieces of a few entries in random order, as a feed may.
func give(t testing.TB, from, to *desk, rng *rand.Rand) {
	t.Helper()
	have := map[incident.Origin]uint64{}
	heads, err := to.Link().Heads()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		have[h.Origin] = h.Seq
	}
	if heads, err = from.Link().Heads(); err != nil {
		t.Fatal(err)
	}
	rng.Shuffle(len(heads), func(i, j int) { heads[i], heads[j] = heads[j], heads[i] })
	for _, h := range heads {
		if h.Origin == to.Link().Origin() {
			continue
		}
		for after := have[h.Origin]; after < h.Seq; {
			run, err := from.Link().Range(h.Origin, after, min(h.Seq, after+1+uint64(rng.IntN(9))), 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := to.Link().Take(t.Context(), Incoming{Runs: []journal.Run{run}, Feed: "f", Cursor: []byte{1}}); err != nil {
				t.Fatal(err)
			}
			after = run.Last()
		}
	}
	giveKeys(t, from, to)
}

func giveKeys(t testing.TB, from, to *desk) {
	t.Helper()
	keys, _, err := from.Link().Keys(0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if refused, err := to.Link().TakeKeys(t.Context(), keys); err != nil || len(refused) > 0 {
		t.Fatalf("keys: refused %v, error %v", refused, err)
	}
}

// act does something that the rules allow here, on one of the incidents that are still moving if there is one.
func (d *desk) act(t testing.TB, rng *rand.Rand, serial *int) {
	t.Helper()
	d.clock.set(d.Now() + 1000 + incident.Stamp(rng.IntN(90_000)))
	rules := d.rules.Load()
	snap := d.Snapshot(board.Filter{Ended: rng.IntN(4) == 0})
	if snap.Len() == 0 || snap.Len() < 6 && rng.IntN(4) == 0 {
		*serial++
		rep := report(pickOne(rng, []incident.Login{"op1", "op2"}), fmt.Sprintf("JJ20260901%04d", *serial))
		rep.Urgency = pickOne(rng, []incident.Urgency{incident.Normal, incident.Urgent, incident.Critical})
		d.tryAct(t, rep)
		return
	}
	id := snap.Row(rng.IntN(min(snap.Len(), 6))).ID
	f, err := d.file(id)
	if err != nil {
		t.Fatal(err)
	}
	by := pickOne(rng, []incident.Login{"op1", "op2", "sl1", "sl2", "sl1", "rd", "cc", rules.liaison(f.state.LeadUnit)})
	actor, ok := rules.Person(by)
	if !ok {
		return
	}
	trials := probes(&f.state, actor, rules, d.Now())
	var may []incident.Verb
	for verb, no := range allowed(&f.state, actor, rules, probeWorld{world{d.Room}, &f.state}, d.Now()) {
		if no == nil && len(trials[verb]) > 0 && (!rare(verb) || rng.IntN(6) == 0) {
			may = append(may, verb)
		}
	}
	if len(may) == 0 {
		return
	}
	slices.Sort(may)
	verb := pickOne(rng, may)
	fields := pickOne(rng, trials[verb])
	switch {
	case fields.Other == probeID:
		fields.Other = snap.Row(rng.IntN(snap.Len())).ID
	case verb == incident.Dispatch || verb == incident.Reassign:
		fields.Lead = pickOne(rng, rules.Units(0)).ID
	case verb == incident.Settle:
		open := slices.DeleteFunc(slices.Clone(f.state.Conflicts), func(c incident.Conflict) bool { return len(c.Choices) == 0 }) // notes
		if len(open) == 0 {
			return
		}
		c := pickOne(rng, open)
		fields.Conflict, fields.Choice, fields.Text, fields.Title = c.ID, pickOne(rng, c.Choices), trialText, trialText
	case verb == incident.Edit:
		fields.Title = fmt.Sprint("第", rng.IntN(4), "版")
		if rng.IntN(2) == 0 {
			fields.Reporter = &incident.Reporter{Name: "舒金根", Phone: fmt.Sprint("1685602368", rng.IntN(10))}
		}
	}
	d.tryAct(t, incident.Act{By: by, Do: verb, ID: id, Fields: fields})
}

// rare are the acts that end an incident's way early, or change little.
func rare(v incident.Verb) bool {
	return slices.Contains([]incident.Verb{
		incident.Refuse, incident.VoidIt, incident.Supervise, incident.Unseal, incident.Note, incident.Move, incident.Escalate,
		incident.ErasePerson, incident.Edit, incident.Urge, incident.Merge,
	}, v)
}

func (d *desk) tryAct(t testing.TB, act incident.Act) {
	t.Helper()
	if _, err := d.Do(t.Context(), act); err != nil {
		var refused *incident.Refusal
		if !errors.As(err, &refused) {
			t.Fatalf("%s by %s: %v", act.Do, act.By, err)
		}
	}
}

func pickOne[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// wantSame compares two desks that have the same entries: folds byte for byte, conflicts, counters, queue, lists and who can be read.
func wantSame(t testing.TB, a, b *desk) {
	t.Helper()
	now := max(a.Now(), b.Now())
	for _, d := range []*desk{a, b} {
		d.clock.set(now)
		d.Tick()
	}
	x, y := a.Snapshot(board.Filter{Ended: true}), b.Snapshot(board.Filter{Ended: true})
	if x.Len() != y.Len() || x.Len() == 0 {
		t.Fatalf("%d and %d incidents", x.Len(), y.Len())
	}
	for i := range x.Len() {
		id := x.Row(i).ID
		fa, errA := a.file(id)
		fb, errB := b.file(id)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		sa, errA := encodeFold(a.codec, &fa.state)
		sb, errB := encodeFold(b.codec, &fb.state)
		if errA != nil || errB != nil || !bytes.Equal(sa, sb) {
			t.Fatalf("incident %s folds otherwise: %s and %s, errors %v, %v", x.Row(i).No, fa.state.Status, fb.state.Status, errA, errB)
		}
		if !reflect.DeepEqual(fa.state.Conflicts, fb.state.Conflicts) || fa.state.Pending != 0 {
			t.Errorf("incident %s: conflicts %v and %v, %d wait", x.Row(i).No, fa.state.Conflicts, fb.state.Conflicts, fa.state.Pending)
		}
		if !reflect.DeepEqual(fa.state.Reporter, fb.state.Reporter) || fa.state.Reporter == nil && len(fa.state.Sealed) > 0 {
			t.Errorf("incident %s: reporters %+v and %+v", x.Row(i).No, fa.state.Reporter, fb.state.Reporter)
		}
		ra, _ := a.board.Row(id)
		rb, _ := b.board.Row(id)
		ra.Duplicates, rb.Duplicates = 0, 0 // counted when an incident is folded, among those that were here then
		if !reflect.DeepEqual(ra, rb) {
			t.Errorf("rows %+v and %+v", ra, rb)
		}
	}
	da, errA := a.Link().FoldDigest(t.Context())
	db, errB := b.Link().FoldDigest(t.Context())
	if errA != nil || errB != nil || !bytes.Equal(da, db) {
		t.Errorf("digests of the folds %x and %x, errors %v, %v", da, db, errA, errB)
	}
	if ca, cb := a.Counters(), b.Counters(); ca != cb {
		t.Errorf("counters %+v and %+v", ca, cb)
	}
	day := incident.DayOf(now)
	la, errA := a.Placements(t.Context(), incident.ListDaily, day)
	lb, errB := b.Placements(t.Context(), incident.ListDaily, day)
	if errA != nil || errB != nil || !reflect.DeepEqual(la, lb) {
		t.Errorf("daily lists of %d and %d differ, errors %v, %v", len(la), len(lb), errA, errB)
	}
	sa, errA := a.ListSheet(t.Context(), incident.ListDaily, day)
	sb, errB := b.ListSheet(t.Context(), incident.ListDaily, day)
	if errA != nil || errB != nil || !reflect.DeepEqual(sa, sb) {
		t.Errorf("daily sheets differ, errors %v, %v", errA, errB)
	}
}

// countConflicts counts the open conflicts of each rule.
func countConflicts(d *desk, met map[string]int) {
	snap := d.Snapshot(board.Filter{Ended: true})
	for i := range snap.Len() {
		if f, err := d.file(snap.Row(i).ID); err == nil {
			for _, c := range f.state.Conflicts {
				met[c.Rule]++
			}
		}
	}
}

// Two desks of a town act apart, in random order and on the same incidents, hear of each other now and then, and end alike, also after
// they were opened anew.
func TestLink_TwoDesksApartEndAlike(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 110))
			met := map[string]int{}
			a, b := newSeat(t, 1), newSeat(t, 2)
			serial := [2]int{0, 5000}
			for range 40 {
				for range rng.IntN(10) {
					a.act(t, rng, &serial[0])
				}
				for range rng.IntN(10) {
					b.act(t, rng, &serial[1])
				}
				switch rng.IntN(4) {
				case 0:
					give(t, a, b, rng)
					countConflicts(b, met)
				case 1:
					give(t, b, a, rng)
				}
			}
			give(t, a, b, rng)
			give(t, b, a, rng)
			giveKeys(t, a, b)
			wantSame(t, a, b)
			if len(met) == 0 {
				t.Error("no conflict was met")
			}
			t.Log(met)
			for _, d := range []*desk{a, b} {
				if rep, err := d.Verify(t.Context(), nil); err != nil || len(rep.Faults) > 0 || rep.Origins != 2 {
					t.Errorf("report %+v, error %v", rep, err)
				}
			}
			a.again(t)
			b.again(t)
			wantSame(t, a, b)
		})
	}
}

// An entry is sent as soon as it is on the disk, so the county's word may be here before the committer has told anybody of the entry.
func TestOutbox_ConfirmedBeforeItWasTold(t *testing.T) {
	line, id := incident.Origin{1}, incident.IncidentID{1}
	entry := func(seq uint64) incident.Entry {
		return incident.Entry{Origin: line, Seq: seq, ID: incident.EntryID{byte(seq)}, Incident: id}
	}
	o := newOutbox()
	o.on, o.lines, o.waiting = true, map[incident.Origin][]store.Unacked{}, map[incident.IncidentID]map[incident.EntryID]incident.Stamp{}
	o.acked(line, 2)
	o.add([]incident.Entry{entry(1), entry(2), entry(3)})
	if p, unsent := o.of(id); o.all().Count != 1 || p.Count != 1 || !unsent[entry(3).ID] {
		t.Errorf("waiting %+v, of the incident %v", o.all(), unsent)
	}
	o.acked(line, 3)
	if n := o.all().Count; n != 0 {
		t.Errorf("%d wait after all was confirmed", n)
	}
}
