package room

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
)

// seen is what the screen showed at a moment.
type seen struct {
	at       incident.Stamp
	rows     []board.Row
	counters board.Counters
}

func rowsOf(s board.Snapshot) []board.Row {
	rows := make([]board.Row, s.Len())
	for i := range rows {
		rows[i] = s.Row(i)
	}
	slices.SortFunc(rows, func(a, b board.Row) int { return cmp.Compare(a.No, b.No) })
	return rows
}

// TestPast_EqualsWhatTheScreenShowed works through a day of a month and looks at the screen after each act; the past of that day must show the same
// at each of these moments, in any order, also once the rest of the month is done.
func TestPast_EqualsWhatTheScreenShowed(t *testing.T) {
	d := newDesk(t, true)
	const day = incident.Day("2026-08-12")
	lines := acts(readBatch(t, months+"acts-2026-08.jsonl"))
	begin := slices.IndexFunc(lines, func(a incident.Act) bool { return incident.DayOf(a.At) >= day })
	end := slices.IndexFunc(lines, func(a incident.Act) bool { return incident.DayOf(a.At) > day })
	refs := map[string]incident.IncidentID{}
	d.follow(t, lines[:begin], refs)
	var moments []seen
	for i := begin; i < end; i++ {
		d.follow(t, lines[i:i+1], refs)
		if at := lines[i].At; lines[i+1].At > at {
			d.board.Tick(at)
			moments = append(moments, seen{at, rowsOf(d.Snapshot(board.Filter{})), d.board.Counters(at)})
		}
	}
	if len(moments) < 100 {
		t.Fatalf("%d moments", len(moments))
	}
	d.follow(t, lines[end:], refs)
	p, err := d.Past(t.Context(), day, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	check := func(s seen) {
		t.Helper()
		if err := p.Move(s.at); err != nil {
			t.Fatal(err)
		}
		if got := p.Counters(); got != s.counters {
			t.Errorf("%v: counters %+v, were %+v", s.at.Time(), got, s.counters)
		}
		got := rowsOf(p.Snapshot(board.Filter{}))
		if len(got) != len(s.rows) {
			t.Fatalf("%v: %d rows, were %d", s.at.Time(), len(got), len(s.rows))
		}
		for i := range got {
			if got[i] != s.rows[i] {
				t.Fatalf("%v: row\n%+v, was\n%+v", s.at.Time(), got[i], s.rows[i])
			}
		}
	}
	for _, s := range moments {
		check(s)
	}
	rng := rand.New(rand.NewPCG(7, 110))
	for range 20 {
		check(moments[rng.IntN(len(moments))])
	}
}

// follow does acts whose names for incidents go on from those before.
func (d *desk) follow(t testing.TB, lines []incident.Act, refs map[string]incident.IncidentID) {
	t.Helper()
	lines = slices.Clone(lines)
	for i := range lines {
		a := &lines[i]
		if id, ok := refs[a.Ref]; ok {
			a.Ref, a.ID = "", id
		}
		if id, ok := refs[a.Into]; ok {
			a.Into = d.noOf(id)
		}
	}
	d.clock.set(lines[len(lines)-1].At)
	done, err := d.DoAll(t.Context(), lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range done {
		if lines[i].Ref != "" && lines[i].Do == incident.Register {
			refs[lines[i].Ref] = o.Incident
		}
	}
}

// TestPast_CountsFromWhenItCame: what another desk did is known here from the moment it came, and not since it was done.
func TestPast_CountsFromWhenItCame(t *testing.T) {
	const day = incident.Day("2026-09-01")
	rng := rand.New(rand.NewPCG(3, 110))
	a, b := newSeat(t, 1), newSeat(t, 2)
	id := a.must(t, report("op1", "JJ20260901001")).Incident
	registered := a.Now()
	b.clock.set(registered.Add(time.Hour))
	give(t, a, b, rng)
	a.must(t, on("op1", incident.Respond, id, incident.Fields{}))
	answered := a.Now()
	b.clock.set(registered.Add(3 * time.Hour))
	give(t, a, b, rng)
	for _, c := range []struct {
		known bool
		at    incident.Stamp
		want  incident.Status
	}{
		{false, registered.Add(time.Hour) - 1, ""},
		{false, registered.Add(time.Hour), incident.Received},
		{false, registered.Add(3*time.Hour) - 1, incident.Received},
		{false, registered.Add(3 * time.Hour), incident.Received},
		{true, registered - 1, ""},
		{true, registered, incident.Received},
	} {
		p, err := b.Past(t.Context(), day, c.known, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Move(c.at); err != nil {
			t.Fatal(err)
		}
		d, err := p.Brief(id, "op1")
		if err != nil && !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if d.Row.Status != c.want {
			t.Errorf("known %v, %v: status %q, want %q", c.known, c.at.Time(), d.Row.Status, c.want)
		}
	}
	for known, at := range map[bool]incident.Stamp{false: registered.Add(3 * time.Hour), true: answered} {
		p, err := b.Past(t.Context(), day, known, nil)
		if err != nil {
			t.Fatal(err)
		}
		for late, want := range map[incident.Stamp]bool{at - 1: false, at: true} {
			if err := p.Move(late); err != nil {
				t.Fatal(err)
			}
			d, err := p.Brief(id, "op1")
			if err != nil || (d.State.RespondedAt > 0) != want {
				t.Errorf("known %v, %v: answered %v, error %v", known, late.Time(), d.State.RespondedAt, err)
			}
		}
	}
}
