package room

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"zw110/assets"
	"zw110/data/incident"
)

// newCounty makes the county's desk: the same pack with the county's code.
func newCounty(t testing.TB) *desk {
	t.Helper()
	pack, err := assets.Pack(sampleTown)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "pack")
	if err := os.CopyFS(dir, pack); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pack.toml")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	raw = bytes.Replace(raw, []byte("code = 330825111"), []byte("code = 330825"), 1)
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	clock := &handClock{}
	clock.set(moment(t, "2026-09-01T00:00:00+08:00"))
	cfg := Config{Dir: filepath.Join(dir, "store"), ConfigDir: filepath.Join(dir, "config"), Clock: clock.now, Ticks: make(chan time.Time)}
	r, err := Init(cfg, InitParams{
		Pack: dir, Seat: "县中心1", SeatNo: 3, Drill: true,
		Operators: []Operator{{Login: "cc", Name: "县中心", Role: incident.RoleCounty}, {Login: "cop", Name: "县坐席", Role: incident.RoleOperator}},
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

// way are the acts from registration to the verified feedback; a stop names the last one to do.
func (d *desk) way(t testing.TB, serial int, stop incident.Verb) incident.IncidentID {
	t.Helper()
	id := d.must(t, report("op1", fmt.Sprintf("JJ20260901%04d", serial))).Incident
	call := &incident.Proxy{Name: "值班员", Number: "0570-0110000", Time: d.Now()}
	for _, step := range []struct {
		verb incident.Verb
		f    incident.Fields
	}{
		{incident.Register, incident.Fields{}},
		{incident.Respond, incident.Fields{}},
		{incident.Accept, incident.Fields{}},
		{incident.Dispatch, incident.Fields{Lead: "建设办"}},
		{incident.Sign, incident.Fields{Unit: "建设办", Proxy: call}},
		{incident.Feedback, incident.Fields{Unit: "建设办", Result: "settled", Text: trialText, Photos: 1, Contacted: true, Proxy: call}},
		{incident.Verify, incident.Fields{Pass: true, Text: trialText}},
	} {
		if step.verb != incident.Register {
			d.must(t, on("op1", step.verb, id, step.f))
		}
		if step.verb == stop {
			return id
		}
	}
	t.Fatalf("no way to %s", stop)
	return id
}

// meeting is one row of the conflict table: what two desks do apart.
type meeting struct {
	rule        string
	from        incident.Verb // last act of the common past
	prep        func(t testing.TB, a *desk, id incident.IncidentID) (other incident.IncidentID)
	left, right func(id, other incident.IncidentID) []incident.Act
	county      bool // the right desk is the county's
	third       incident.Fields
	note        bool // nobody needs to settle it
}

func one(by incident.Login, verb incident.Verb, f incident.Fields) func(id, other incident.IncidentID) []incident.Act {
	return func(id, _ incident.IncidentID) []incident.Act { return []incident.Act{on(by, verb, id, f)} }
}

func twin(t testing.TB, a *desk, _ incident.IncidentID) incident.IncidentID {
	return a.way(t, 77, incident.Accept)
}

func meetings(t testing.TB) []meeting {
	due := func(text string) incident.Fields {
		return incident.Fields{Reason: "EX01", AskedBy: "un_jsb", AskedAt: moment(t, "2026-09-01T00:00:30+08:00"), DueNew: moment(t, text), ApprovedBy: "tl1", UpstreamOK: true}
	}
	merge := func(by incident.Login, id, into incident.IncidentID) incident.Act {
		return on(by, incident.Merge, id, incident.Fields{Other: into, ProposedBy: "op1", Reason: "同一事项"})
	}
	into := func(id, other incident.IncidentID) []incident.Act { return []incident.Act{merge("sl1", id, other)} }
	return []meeting{
		{
			rule: "double_dispatch", from: incident.Accept,
			left: one("op1", incident.Dispatch, incident.Fields{Lead: "建设办"}), right: one("op2", incident.Dispatch, incident.Fields{Lead: "执法队"}),
		},
		{
			rule: "same_dispatch", from: incident.Accept, note: true,
			left: one("op1", incident.Dispatch, incident.Fields{Lead: "建设办"}), right: one("op2", incident.Dispatch, incident.Fields{Lead: "建设办"}),
		},
		{
			rule: "closed_while_active", from: incident.Verify,
			left: one("op1", incident.Callback, incident.Fields{Answer: "satisfied"}), right: one("op2", incident.Note, incident.Fields{Text: "来电", Question: "为何未清"}),
		},
		{
			rule: "closed_and_reopened", from: incident.Verify,
			left: one("op1", incident.Callback, incident.Fields{Answer: "satisfied"}), right: one("sl1", incident.Reopen, incident.Fields{Reason: "RO04", Text: trialText}),
		},
		{
			rule: "two_results", from: incident.Verify, third: incident.Fields{Text: "以第二次通话为准"},
			left: one("op1", incident.Callback, incident.Fields{Answer: "satisfied"}), right: one("op2", incident.Callback, incident.Fields{Answer: "refused"}),
		},
		{
			rule: "two_owners", from: incident.Sign, county: true,
			prep: func(t testing.TB, a *desk, id incident.IncidentID) incident.IncidentID {
				a.must(t, on("rd", incident.Escalate, id, incident.Fields{Reason: "UP02", Draft: trialText}))
				return id
			},
			left:  one("op1", incident.CountyReturn, incident.Fields{Opinion: "由你镇办理", ByPhone: true}),
			right: one("cc", incident.CountyReturn, incident.Fields{Opinion: "由乙镇办理", Whom: "330825102"}),
		},
		{
			rule: "merge_cycle", from: incident.Accept, prep: twin, left: into,
			right: func(id, other incident.IncidentID) []incident.Act { return []incident.Act{merge("sl2", other, id)} },
		},
		{
			rule: "merged_while_active", from: incident.Accept, prep: twin, left: into,
			right: one("op2", incident.Dispatch, incident.Fields{Lead: "建设办"}),
		},
		{
			rule: "split_while_merging", from: incident.Accept,
			prep: func(t testing.TB, a *desk, id incident.IncidentID) incident.IncidentID {
				a.must(t, merge("sl1", id, twin(t, a, id)))
				return a.way(t, 78, incident.Accept)
			},
			left: func(id, other incident.IncidentID) []incident.Act {
				return []incident.Act{on("sl1", incident.Split, id, incident.Fields{Reason: trialText}), merge("sl1", id, other)}
			},
			right: one("sl2", incident.Split, incident.Fields{Reason: trialText}),
		},
		{
			rule: "two_values", from: incident.Accept, third: incident.Fields{Title: "晒谷场和村道积水"},
			left: one("op1", incident.Edit, incident.Fields{Title: "晒谷场积水"}), right: one("op2", incident.Edit, incident.Fields{Title: "村道积水"}),
		},
		{
			rule: "two_deadlines", from: incident.Sign,
			left: one("rd", incident.Extend, due("2026-09-03T10:00:00+08:00")), right: one("rd", incident.Extend, due("2026-09-03T12:00:00+08:00")),
		},
		{
			rule: "withdrawn_while_active", from: incident.Respond,
			left:  one("sl1", incident.Refuse, incident.Fields{Reason: "NR01", Text: trialText, ReturnedToSource: true}),
			right: one("op2", incident.Accept, incident.Fields{}),
		},
	}
}

// meet lets two desks do what a row says, and brings them together.
func meet(t testing.TB, m meeting) (a, b *desk, id incident.IncidentID) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	a = newSeat(t, 1)
	if m.county {
		b = newCounty(t)
	} else {
		b = newSeat(t, 2)
	}
	for _, s := range []struct {
		d  *desk
		by incident.Login
	}{{a, "op1"}, {b, pick(m.county, incident.Login("cop"), "op2")}} {
		fact := incident.Fact{Kind: incident.KindSessionOpened, At: s.d.Now(), Fields: incident.Fields{Text: s.d.seats.ownName()}}
		if err := s.d.submit(t.Context(), &job{desk: []incident.Fact{fact}, by: s.by}, nil); err != nil {
			t.Fatal(err)
		}
	}
	id = a.way(t, 1, m.from)
	other := id
	if m.prep != nil {
		other = m.prep(t, a, id)
	}
	a.clock.set(a.Now() + 60_000)
	give(t, a, b, rng)
	b.clock.set(a.Now())
	for _, act := range m.left(id, other) {
		a.must(t, act)
	}
	b.clock.set(a.Now() + 1000)
	for _, act := range m.right(id, other) {
		b.must(t, act)
	}
	a.clock.set(b.Now() + 1000)
	b.clock.set(b.Now() + 1000)
	give(t, a, b, rng)
	give(t, b, a, rng)
	return a, b, id
}

// Every row of the conflict table shows both sides at both desks, and is settled with each of its choices by one act at either desk.
func TestSettle_EveryRuleWithEachChoiceAtBothDesks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, m := range meetings(t) {
		t.Run(m.rule, func(t *testing.T) {
			a, b, id := meet(t, m)
			c := wantClash(t, a, b, id, m)
			if m.note {
				_, err := a.Do(t.Context(), on("sl1", incident.Settle, id, incident.Fields{Conflict: c.ID, Choice: "settle.keep_a"}))
				refused(t, err, "settle.choice")
				return
			}
			for i, choice := range c.Choices {
				if i > 0 {
					a, b, id = meet(t, m)
					c = wantClash(t, a, b, id, m)
				}
				at, other, by := a, b, incident.Login("sl1")
				if i%2 == 1 {
					at, other, by = b, a, pick(m.county, incident.Login("cc"), "sl1")
				}
				f := incident.Fields{Conflict: c.ID, Choice: choice}
				if choice == "settle.third" {
					_, err := at.Do(t.Context(), on(by, incident.Settle, id, f))
					refused(t, err, "settle.third")
					f.Text, f.Title = m.third.Text, m.third.Title
				}
				at.must(t, on(by, incident.Settle, id, f))
				give(t, at, other, rng)
				for _, d := range []*desk{a, b} {
					if det, err := d.Detail(id, "sl1"); err != nil || len(det.Clashes) > 0 || len(det.State.Conflicts) > 0 {
						t.Errorf("%s: still %d to settle, error %v", choice, len(det.State.Conflicts), err)
					}
				}
				if !m.county { // the county counts with rules of its own
					wantSame(t, a, b)
				}
			}
		})
	}
}

// wantClash wants one conflict of the rule, with the same name and both sides at both desks.
func wantClash(t *testing.T, a, b *desk, id incident.IncidentID, m meeting) Clash {
	t.Helper()
	var first Clash
	for i, d := range []*desk{a, b} {
		det, err := d.Detail(id, "sl1")
		if err != nil {
			t.Fatal(err)
		}
		if len(det.Clashes) != 1 || det.Clashes[0].Rule != m.rule || (len(det.Clashes[0].Choices) == 0) != m.note {
			t.Fatalf("desk %d: %+v, want one %s", i+1, det.State.Conflicts, m.rule)
		}
		c := det.Clashes[0]
		seats := []string{c.A.Seat, c.B.Seat}
		slices.Sort(seats)
		want := []string{a.seats.ownName(), b.seats.ownName()}
		slices.Sort(want)
		for _, s := range []Side{c.A, c.B} {
			if s.Login == "" || s.At == 0 || s.Role == "" || s.Kind == 0 || s.Fact == nil {
				t.Errorf("desk %d: side %+v", i+1, s)
			}
		}
		if !slices.Equal(seats, want) || c.A.Own == c.B.Own || (c.A.Own && c.A.Seat != d.seats.ownName()) {
			t.Errorf("desk %d: done at %v, want %v; own %v and %v", i+1, seats, want, c.A.Own, c.B.Own)
		}
		if i == 0 {
			first = c
		} else if c.ID != first.ID || c.A.Entry != first.A.Entry {
			t.Errorf("the desks see another conflict: %s and %s", first.ID, c.ID)
		}
		if row, ok := d.board.Row(id); !ok || row.Conflicts != 1 {
			t.Errorf("desk %d: the queue shows %d conflicts", i+1, row.Conflicts)
		}
	}
	chinese, err := assets.LoadCatalogue("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range append(slices.Clone(first.Choices), first.Key()) {
		if chinese.T(key) == key {
			t.Errorf("no words for %s", key)
		}
	}
	return first
}
