package contract

import (
	"errors"
	"slices"
	"testing"

	"zw110/data/incident"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Hole proves that a run that was lost is known to be, that all else is served meanwhile, and that it can be given again. lose makes the
// closed store lose one run, such as a disk does.
func Hole(t *testing.T, place Place, lose func(t *testing.T, rec session.HubRecord)) {
	ctx, county := t.Context(), place.County()
	hub := reopen(t, place, nil)
	l, other := testLine(t, 1), testLine(t, 2)
	testAppend(t, hub, county, l)
	lost := testAppend(t, hub, county, l)
	testAppend(t, hub, county, l)
	testAppend(t, hub, county, other)
	if spans := testHoles(t, hub, county); len(spans) > 0 {
		t.Fatalf("a sound store has holes %v", spans)
	}
	records, _, err := hub.Feed(ctx, county, 0, 10)
	if err != nil || len(records) != 4 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	hub = reopen(t, place, func() { lose(t, records[1]) }, hub)

	// A store that reads along from a cluster has read all of it once it was asked for a head.
	if head, err := hub.Head(ctx, county, l.Origin); err != nil || head.Seq != l.Seq || head.Hash != l.Hash {
		t.Errorf("the line stands at %+v, %v", head, err)
	}
	if records, _, err = hub.Feed(ctx, county, 0, 10); err != nil || len(records) != 3 {
		t.Errorf("feed around the hole: %d records, %v", len(records), err)
	}
	want := wire.Span{Origin: l.Origin, From: lost.Run.First, To: lost.Run.Last()}
	if spans := testHoles(t, hub, county); !slices.Equal(spans, []wire.Span{want}) {
		t.Fatalf("holes %v, want %v", spans, want)
	}
	around(t, hub, county, l, lost)
	if run, err := hub.Range(ctx, county, other.Origin, 1, other.Seq, 1<<20); err != nil || run.Last() != other.Seq {
		t.Errorf("another line ends at %d, %v", run.Last(), err)
	}
	testAppend(t, hub, county, l) // the line goes on

	twin := *l
	twin.Seq, twin.Hash = want.From-1, lost.Run.Before
	wrong := testRun(t, &twin, "something else")
	if _, errs := hub.Append(ctx, county, []session.HubRun{wrong}); !errors.Is(errs[0], session.ErrFork) {
		t.Errorf("another run was judged %v", errs[0])
	}
	end, _, err := hub.End(ctx, county)
	if err != nil {
		t.Fatal(err)
	}
	stamps, errs := hub.Append(ctx, county, []session.HubRun{lost})
	if errs[0] != nil || stamps[0].Pos <= end {
		t.Fatalf("the hole was not filled: %+v after %d, %v", stamps, end, errs[0])
	}
	healed(t, reopen(t, place, nil, hub), county, l, lost, stamps[0])
}

// around looks at a line with a hole where a run was lost.
func around(t *testing.T, hub Hub, county incident.ScopeID, l *Line, lost session.HubRun) {
	t.Helper()
	ctx, want := t.Context(), wire.Span{From: lost.Run.First, To: lost.Run.Last()}
	if hash, err := hub.HashAt(ctx, county, l.Origin, want.To); err != nil || hash != lost.Last {
		t.Errorf("hash after the hole: %x, %v", hash, err)
	}
	if hash, err := hub.HashAt(ctx, county, l.Origin, want.From-1); err != nil || hash != lost.Run.Before {
		t.Errorf("hash before the hole: %x, %v", hash, err)
	}
	if _, err := hub.HashAt(ctx, county, l.Origin, want.From); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("a hash inside the hole: %v", err)
	}
	for from, last := range map[uint64]uint64{1: want.From - 1, want.To + 1: l.Seq} {
		if run, err := hub.Range(ctx, county, l.Origin, from, l.Seq, 1<<20); err != nil || run.Last() != last {
			t.Errorf("range from %d ends at %d, not %d: %v", from, run.Last(), last, err)
		}
	}
	if _, err := hub.Range(ctx, county, l.Origin, want.From, l.Seq, 1<<20); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("range of the hole: %v", err)
	}
}

// healed looks at a line whose lost run was given again, and closes the store.
func healed(t *testing.T, hub Hub, county incident.ScopeID, l *Line, lost session.HubRun, stamp wire.Stamp) {
	t.Helper()
	ctx := t.Context()
	if spans := testHoles(t, hub, county); len(spans) > 0 {
		t.Errorf("holes %v are left", spans)
	}
	if run, err := hub.Range(ctx, county, l.Origin, 1, l.Seq, 1<<20); err != nil || run.Last() != l.Seq {
		t.Errorf("range over what was the hole ends at %d of %d: %v", run.Last(), l.Seq, err)
	}
	if entries, err := hub.Incident(ctx, county, IncidentNo(0)); err != nil || len(entries) != 5 {
		t.Errorf("%d entries of the incident, %v", len(entries), err)
	}
	if again, errs := hub.Append(ctx, county, []session.HubRun{lost}); errs[0] != nil || again[0] != stamp {
		t.Errorf("given again: %+v, %v", again, errs[0])
	}
	if err := hub.Close(); err != nil {
		t.Error(err)
	}
}

// reopen closes a store, if there is one, lets something happen to what it wrote, and opens it.
func reopen(t *testing.T, place Place, meanwhile func(), open ...Hub) Hub {
	t.Helper()
	for _, hub := range open {
		if err := hub.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if meanwhile != nil {
		meanwhile()
	}
	hub, err := place.Open()
	if err != nil {
		t.Fatal(err)
	}
	return hub
}

func testLine(t *testing.T, desk byte) *Line {
	t.Helper()
	l, err := NewLine(desk, 1, TownA)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func testRun(t *testing.T, l *Line, text string) session.HubRun {
	t.Helper()
	run, err := l.Run(Entry{Incident: 0, Scope: TownA, Text: text}, Entry{Incident: 1, Scope: TownB, Text: text}, Entry{Incident: -1, Scope: TownA})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func testAppend(t *testing.T, hub Hub, county incident.ScopeID, l *Line) session.HubRun {
	t.Helper()
	run := testRun(t, l, "what stands in this run and in no other")
	if _, errs := hub.Append(t.Context(), county, []session.HubRun{run}); errs[0] != nil {
		t.Fatal(errs[0])
	}
	l.Stored(run)
	return run
}

func testHoles(t *testing.T, hub Hub, county incident.ScopeID) []wire.Span {
	t.Helper()
	spans, err := hub.Holes(t.Context(), county)
	if err != nil {
		t.Fatal(err)
	}
	return spans
}
