package room

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/store"
)

// report is a registration that lacks nothing.
func report(by incident.Login, source string) incident.Act {
	return incident.Act{By: by, Do: incident.Register, Fields: incident.Fields{
		Channel: incident.Channel110, SourceNo: source, Title: "罗山村晒谷场积水", Content: "罗山村晒谷场积水，请派人看一下。", Village: "罗山村",
		Category: "0603", Urgency: incident.Normal,
		Reporter: &incident.Reporter{Name: "舒金根", Phone: "16856023686", IDNo: "330899195204112886", Address: "罗山村3组12号"},
	}}
}

// must does an act that has to be accepted.
func (d *desk) must(t testing.TB, act incident.Act) Outcome {
	t.Helper()
	d.clock.set(d.Now() + 1) // no two acts of a person happen in the same millisecond
	out, err := d.Do(t.Context(), act)
	if err != nil {
		t.Fatalf("%s by %s: %v", act.Do, act.By, err)
	}
	return out
}

// refused wants a refusal with this end of its key.
func refused(t testing.TB, err error, key string) {
	t.Helper()
	var r *incident.Refusal
	if !errors.As(err, &r) || !strings.HasSuffix(r.Key, key) {
		t.Errorf("got %v, want a refusal %s", err, key)
	}
}

func on(by incident.Login, verb incident.Verb, id incident.IncidentID, f incident.Fields) incident.Act {
	return incident.Act{By: by, Do: verb, ID: id, Fields: f}
}

func TestNumber_CountsBySeatAndDayAndIsNeverGivenTwice(t *testing.T) {
	d := newDesk(t, false)
	for i, want := range []string{"2026-0901-001", "2026-0901-002"} {
		if out := d.must(t, report("op1", fmt.Sprintf("JJ2026090100%d", i))); out.No != want {
			t.Errorf("number %s, want %s", out.No, want)
		}
	}
	third := d.must(t, report("op1", "JJ20260901003"))
	if err := d.Undo(t.Context(), "op1", third); err != nil {
		t.Fatal(err)
	}
	d.again(t)
	if out := d.must(t, report("op1", "JJ20260901003")); out.No != "2026-0901-004" {
		t.Errorf("after a registration was taken back the next number is %s", out.No)
	}
	for _, no := range []string{"2026-0901-004", "0901-004"} {
		if _, err := d.ByNo(no); err != nil {
			t.Errorf("ByNo(%s): %v", no, err)
		}
	}
	if _, err := d.ByNo("2026-0901-099"); !errors.Is(err, ErrNotFound) {
		t.Errorf("ByNo of a number nobody has: %v", err)
	}
}

func TestNumber_TextAndBack(t *testing.T) {
	for text, want := range map[string]number{
		"2026-0818-029":   {"2026-08-18", 1, 29},
		"2026-0818-B029":  {"2026-08-18", 2, 29},
		"2026-0818-Z1234": {"2026-08-18", 26, 1234},
	} {
		if got, ok := parseNumber(text); !ok || got != want || got.String() != text {
			t.Errorf("parseNumber(%s) = %v, %v, %s", text, got, ok, got)
		}
	}
	for _, text := range []string{"", "0818-029", "2026-1318-029", "2026-0818-", "2026-0818-A029", "2026-0818-29", "2026-0818-0x9", "2026-0818-000"} {
		if got, ok := parseNumber(text); ok {
			t.Errorf("parseNumber(%q) = %v", text, got)
		}
	}
}

func TestDo_SameActTwiceAtOnceIsTakenOnce(t *testing.T) {
	d := newDesk(t, false)
	id := d.must(t, report("op1", "JJ20260901001")).Incident
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = d.Do(t.Context(), on("op1", incident.Respond, id, incident.Fields{})) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("want one accepted and one refused, got %v and %v", errs[0], errs[1])
	}
	var sources [2]error
	for i := range sources {
		wg.Go(func() { _, sources[i] = d.Do(t.Context(), report("op1", "JJ20260901002")) })
	}
	wg.Wait()
	if (sources[0] == nil) == (sources[1] == nil) {
		t.Errorf("a source number registered twice at once: %v and %v", sources[0], sources[1])
	}
}

func TestDo_SixtyFourWritersAllDurable(t *testing.T) {
	d := newDesk(t, false)
	const writers, each = 64, 4
	var wg sync.WaitGroup
	errs := make(chan error, writers*each)
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				_, err := d.Do(t.Context(), report("op1", fmt.Sprintf("JJ2026090%02d%02d", w, i)))
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	d.again(t)
	if n := d.Count(board.Filter{}); n != writers*each {
		t.Errorf("%d incidents after opening again, want %d", n, writers*each)
	}
	seen := map[string]bool{}
	snap := d.Snapshot(board.Filter{})
	for i := range snap.Len() {
		seen[snap.Row(i).No] = true
	}
	if len(seen) != writers*each {
		t.Errorf("%d different numbers, want %d", len(seen), writers*each)
	}
	wantClean(t, d)
}

func TestDo_RefusedActWritesNothing(t *testing.T) {
	d := newDesk(t, false)
	id := d.must(t, report("op1", "JJ20260901001")).Incident
	before, _ := d.store.Mark()
	for name, c := range map[string]struct {
		act incident.Act
		key string
	}{
		"unknown login":    {on("nobody", incident.Respond, id, incident.Fields{}), "room.actor"},
		"unknown number":   {incident.Act{By: "op1", Do: incident.Respond, Incident: "2026-0901-077"}, "room.incident"},
		"unknown verb":     {incident.Act{By: "op1", Do: "fly"}, "any.verb"},
		"no incident":      {incident.Act{By: "op1", Do: incident.Respond}, "room.no_incident"},
		"master not found": {on("sl1", incident.Merge, id, incident.Fields{Into: "2026-0901-066"}), "room.into"},
		"too late":         {incident.Act{At: d.Now() - 73*3600*1000, By: "op1", Do: incident.Respond, ID: id}, "room.time"},
		"in the future":    {incident.Act{At: d.Now() + 11*60*1000, By: "op1", Do: incident.Respond, ID: id}, "room.time"},
		"too long":         {on("op1", incident.Note, id, incident.Fields{Text: strings.Repeat("长", 20000)}), "room.too_big"},
		"broken text":      {on("op1", incident.Note, id, incident.Fields{Text: "半个\xe4"}), "room.text"},
	} {
		_, err := d.Do(t.Context(), c.act)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		refused(t, err, c.key)
	}
	after, _ := d.store.Mark()
	for o := range after {
		if after[o] != before[o] {
			t.Errorf("refused acts wrote: %d entries, before %d", after[o], before[o])
		}
	}
}

func TestDo_RecordedLateIsMarked(t *testing.T) {
	d := newDesk(t, false)
	id := d.must(t, report("op1", "JJ20260901001")).Incident
	d.clock.set(d.Now() + 30*60*1000)
	act := on("op1", incident.Respond, id, incident.Fields{})
	act.At = d.Now() - 11*60*1000
	d.must(t, act)
	det, err := d.Detail(id, "op1")
	if err != nil {
		t.Fatal(err)
	}
	if last := det.State.Log[len(det.State.Log)-1]; !last.Late || det.State.Log[0].Late {
		t.Errorf("late marks: registered %v, responded %v, want false and true", det.State.Log[0].Late, last.Late)
	}
}

func TestDoAll_ActsOfOneBatchSeeEachOther(t *testing.T) {
	d := newDesk(t, false)
	first := report("op1", "JJ20260901001")
	first.Ref = "a"
	second := report("op1", "JJ20260901001") // the same source number
	second.Ref = "b"
	by := func(verb incident.Verb, ref, number string, f incident.Fields) incident.Act {
		return incident.Act{By: "op1", Do: verb, Ref: ref, Incident: number, Fields: f}
	}
	done, err := d.DoAll(t.Context(), []incident.Act{
		first, second, by(incident.Respond, "a", "", incident.Fields{}), by(incident.Accept, "", "2026-0901-001", incident.Fields{}),
		by(incident.Respond, "b", "", incident.Fields{}),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, wantErr := range []bool{false, true, false, false, true} {
		if (done[i].Err != nil) != wantErr {
			t.Errorf("act %d: %v, refused should be %v", i, done[i].Err, wantErr)
		}
	}
	det, err := d.Detail(done[0].Incident, "op1")
	if err != nil {
		t.Fatal(err)
	}
	if det.State.Status != incident.Accepted || len(det.State.Heads) != 1 || len(det.State.Log) != 3 {
		t.Errorf("state %s, heads %d, log %d, want A, 1, 3", det.State.Status, len(det.State.Heads), len(det.State.Log))
	}
}

func TestUndo_TakesTheLastActBackForTenSeconds(t *testing.T) {
	d := newDesk(t, false)
	id := d.must(t, report("op1", "JJ20260901001")).Incident
	status := func() incident.Status {
		det, err := d.Detail(id, "op1")
		if err != nil {
			t.Fatal(err)
		}
		return det.State.Status
	}
	d.must(t, on("op1", incident.Respond, id, incident.Fields{}))
	out := d.must(t, on("op1", incident.Accept, id, incident.Fields{}))
	if err := d.Undo(t.Context(), "op1", out); err != nil {
		t.Fatal(err)
	}
	if s := status(); s != incident.Received {
		t.Errorf("state after undo %s, want R", s)
	}
	out = d.must(t, on("op1", incident.Accept, id, incident.Fields{}))
	d.must(t, on("op1", incident.Note, id, incident.Fields{Text: "已电话核实"}))
	refused(t, d.Undo(t.Context(), "op1", out), "not_last")
	out = d.must(t, on("op1", incident.Note, id, incident.Fields{Text: "再次核实"}))
	d.clock.set(d.Now().Add(11 * time.Second))
	refused(t, d.Undo(t.Context(), "op1", out), "late")
	if s := status(); s != incident.Accepted {
		t.Errorf("state %s, want A", s)
	}
	wantClean(t, d)
}

func TestUndo_OfAMergeFreesBothIncidents(t *testing.T) {
	d := newDesk(t, false)
	var ids [2]incident.IncidentID
	for i := range ids {
		ids[i] = d.must(t, report("op1", fmt.Sprintf("JJ2026090100%d", i))).Incident
		d.must(t, on("op1", incident.Respond, ids[i], incident.Fields{}))
	}
	out := d.must(t, on("sl1", incident.Merge, ids[1], incident.Fields{Into: "2026-0901-001", ProposedBy: "op1", Reason: "同一事项"}))
	if err := d.Undo(t.Context(), "sl1", out); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		det, err := d.Detail(id, "sl1")
		if err != nil {
			t.Fatal(err)
		}
		if det.State.Status != incident.Received || len(det.State.Absorbed) > 0 {
			t.Errorf("incident %d: %s, absorbed %d", i, det.State.Status, len(det.State.Absorbed))
		}
	}
}

func TestSubscribe_HearsOfCommitsAndCancels(t *testing.T) {
	d := newDesk(t, false)
	heard := make(chan Change, 16)
	cancel := d.Subscribe(func(c Change) { heard <- c })
	out := d.must(t, report("op1", "JJ20260901001"))
	if c := <-heard; len(c.Incidents) != 1 || c.Incidents[0] != out.Incident {
		t.Errorf("heard %v", c)
	}
	cancel()
	d.must(t, report("op1", "JJ20260901002"))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if len(heard) > 0 {
		t.Errorf("heard %v after cancelling", <-heard)
	}
	if _, err := d.Do(t.Context(), report("op1", "JJ20260901003")); !errors.Is(err, ErrClosed) {
		t.Errorf("an act after Close: %v", err)
	}
}

func TestAlerts_RingForCriticalAndForThreeMinutesUnanswered(t *testing.T) {
	d := newDesk(t, false)
	heard := make(chan Alert, 16)
	defer d.Alerts(func(a Alert) { heard <- a })()
	d.Tick()
	critical := report("op1", "JJ20260901001")
	critical.Urgency = incident.Critical
	first := d.must(t, critical)
	if a := <-heard; a.Kind != AlertCritical || a.Incident != first.Incident {
		t.Errorf("heard %v, want a critical one", a)
	}
	d.must(t, on("op1", incident.Respond, first.Incident, incident.Fields{}))
	second := d.must(t, report("op1", "JJ20260901002"))
	d.clock.set(d.Now().Add(179 * time.Second))
	d.Tick()
	d.clock.set(d.Now().Add(time.Second))
	for range 3 {
		d.Tick()
	}
	if a := <-heard; a.Kind != AlertUnanswered || a.Incident != second.Incident || a.At != d.Now() {
		t.Errorf("heard %v, want the unanswered one at three minutes", a)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if len(heard) > 0 {
		t.Errorf("rang again: %v", <-heard)
	}
}

func TestTake_CancelledWritesNothing(t *testing.T) {
	d := newDesk(t, true)
	p, err := d.Preview(t.Context(), "12345-20260803.xlsx", sampleFile(t, "12345-20260803.xlsx"), incident.Channel12345, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Take(ctx, SystemLogin, p, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("take after cancelling: %v", err)
	}
	if n := d.Count(board.Filter{Ended: true}); n != 0 {
		t.Errorf("%d incidents were written", n)
	}
}

func TestMend_RowIsTakenOnceItsCellsAreRight(t *testing.T) {
	d := newDesk(t, true)
	p, err := d.Preview(t.Context(), "12345-20260803.xlsx", sampleFile(t, "12345-20260803.xlsx"), incident.Channel12345, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Take(t.Context(), SystemLogin, p, nil); err != nil {
		t.Fatal(err)
	}
	rows, err := d.BadRows()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d bad rows, %v", len(rows), err)
	}
	_, err = d.Mend(t.Context(), "op1", rows[0].ID, rows[0].Cells)
	refused(t, err, "still_bad")
	rows[0].Cells["工单编号"] = "260802111213000999"
	out, err := d.Mend(t.Context(), "op1", rows[0].ID, rows[0].Cells)
	if err != nil {
		t.Fatal(err)
	}
	det, err := d.Detail(out.Incident, "op1")
	if err != nil || det.State.SourceNo != "260802111213000999" || det.State.Village != "舒村村" {
		t.Errorf("mended: %s %s %v", det.State.SourceNo, det.State.Village, err)
	}
	if rows, err = d.BadRows(); err != nil || len(rows) != 1 {
		t.Errorf("%d bad rows left, %v", len(rows), err)
	}
}

func TestHeads_AnActOverMoreThanEightNamesThemAllByWayOfNotes(t *testing.T) {
	d := newDesk(t, false)
	id := d.must(t, report("op1", "JJ20260901001")).Incident
	det, err := d.Detail(id, "op1")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(d.cfg.store())
	if err != nil {
		t.Fatal(err)
	}
	const heads = 20 // as many desks wrote at once, not knowing of each other
	drafts := make([]store.Draft, heads)
	for i := range drafts {
		fact := &incident.Fact{Incident: id, Kind: incident.KindNoted, At: d.Now()}
		fact.Text = fmt.Sprint(i)
		drafts[i] = store.Draft{Incident: id, Actor: "op1", Kind: fact.Kind, Fact: fact, Wall: d.Now(), Parents: det.State.Heads}
	}
	_, err = st.Append(drafts)
	if err := errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
	d.open(t)
	if det, err = d.Detail(id, "op1"); err != nil || len(det.State.Heads) != heads {
		t.Fatalf("%d heads, %v", len(det.State.Heads), err)
	}
	out := d.must(t, on("op1", incident.Respond, id, incident.Fields{}))
	if det, err = d.Detail(id, "op1"); err != nil || len(det.State.Heads) != 1 || det.State.RespondedAt == 0 {
		t.Fatalf("%d heads after the act, answered at %d, %v", len(det.State.Heads), det.State.RespondedAt, err)
	}
	if len(out.Entries) != 1 {
		t.Errorf("undo would take back %d entries", len(out.Entries))
	}
	entries, err := d.store.Entries(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if len(e.Parents) > 8 {
			t.Errorf("entry %d names %d parents", e.Seq, len(e.Parents))
		}
	}
	if err := d.Undo(t.Context(), "op1", out); err != nil {
		t.Errorf("undo: %v", err)
	}
}

func TestReader_ProposesTheLeadOfASplitRule(t *testing.T) {
	d := newDesk(t, false)
	rep := d.Propose("罗山村隔壁邻居每天半夜放音响唱歌，噪音很大睡不着", incident.ChannelPhone)
	for _, p := range rep.Proposals {
		if p.Field == "lead" {
			if p.Value != "派出所" || p.Words == "" {
				t.Errorf("lead %+v", p)
			}
			return
		}
	}
	t.Errorf("category %s, no lead among %+v", rep.Fields.Category, rep.Proposals)
}

// TestTake_TheLongestRowStillFitsIntoAnEntry: what intake lets through the journal must hold, or one row would stop a whole file.
func TestTake_TheLongestRowStillFitsIntoAnEntry(t *testing.T) {
	d := newDesk(t, false)
	row := func(no string, note int) string {
		return no + ",罗山村路灯不亮" + strings.Repeat("请派人看", 1_900) + ",罗山村" + strings.Repeat("边", 2_000) + "," + strings.Repeat("注", note) + "\n"
	}
	p, err := d.Preview(t.Context(), "x.csv", []byte("信件号,内容,地址,备用\n"+row("LYT202608-0001", 3_200)+row("LYT202608-0002", 4_000)+row("LYT202608-0003", 10)), incident.ChannelLYT, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Items) != 2 || len(p.Bad) != 1 || p.Bad[0].Row != 3 || p.Bad[0].Reason != "too_long" {
		t.Fatalf("%d items, bad %v", len(p.Items), p.Bad)
	}
	outs, err := d.Take(t.Context(), "op1", p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outs {
		if len(o.Entries) == 0 {
			t.Errorf("item %d was not registered", i)
		}
	}
}
