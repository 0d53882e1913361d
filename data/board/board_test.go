package board

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"zw110/data/incident"
)

// one makes a board with one incident, received at a moment.
func one(status incident.Status, at incident.Stamp, change func(*incident.State)) (*Board, incident.IncidentID) {
	b := newTestBoard()
	in := newTown(1).incident(at, status)
	in.State.Urgency, in.State.RespondedAt = incident.Urgent, 0
	if change != nil {
		change(in.State)
	}
	b.Apply([]Input{in}, at)
	return b, in.State.ID
}

func TestTick_MovesAtTheVeryMoment(t *testing.T) {
	b, id := one(incident.Handling, genNow, nil) // due after 24 h, due soon 30 min before
	due := genNow.Add(24 * time.Hour)
	for _, step := range []struct {
		at      incident.Stamp
		changed int
		group   Group
		light   incident.Light
	}{
		{due.Add(-30*time.Minute - time.Millisecond), 0, InHand, incident.Green},
		{due.Add(-30 * time.Minute), 1, DueSoon, incident.Yellow},
		{due, 0, DueSoon, incident.Yellow},
		{due.Add(time.Millisecond), 1, Overdue, incident.Red},
		{due.Add(100 * time.Hour), 0, Overdue, incident.Red},
	} {
		changed := b.Tick(step.at)
		row, _ := b.Row(id)
		if len(changed) != step.changed || row.Group != step.group || row.Clock.Light != step.light {
			t.Errorf("%v after receipt: changed %d, group %v, light %v; want %+v", step.at.Sub(genNow), len(changed), row.Group, row.Clock.Light, step)
		}
	}
}

func TestTick_ShortLimitIsDueSoonInItsLastQuarter(t *testing.T) {
	b, id := one(incident.Received, genNow, nil) // five minutes to answer
	b.Tick(genNow.Add(225*time.Second - time.Millisecond))
	if row, _ := b.Row(id); row.Clock.Light != incident.Green {
		t.Errorf("light %v before the last quarter", row.Clock.Light)
	}
	b.Tick(genNow.Add(225 * time.Second))
	if row, _ := b.Row(id); row.Clock.Light != incident.Yellow || row.Group != Unanswered {
		t.Errorf("light %v, group %v in the last quarter", row.Clock.Light, row.Group)
	}
}

func TestBoard_SuspendedAndWithCountyShowNoClock(t *testing.T) {
	for _, s := range []incident.Status{incident.Suspended, incident.WithCounty} {
		b, id := one(s, genNow, nil)
		b.Tick(genNow.Add(1000 * time.Hour))
		if row, _ := b.Row(id); row.Group != InHand || row.Clock.Name != "" {
			t.Errorf("%s: group %v, clock %v", s, row.Group, row.Clock.Name)
		}
	}
}

func TestStage_FollowsTheLeadsTask(t *testing.T) {
	lead := incident.Task{Unit: "派出所", Lead: true, Status: incident.TaskSigned}
	for want, change := range map[Stage]func(*incident.Task){
		StageSigned:   func(*incident.Task) {},
		StageOnScene:  func(t *incident.Task) { t.ArrivedAt = genNow },
		StageHandling: func(t *incident.Task) { t.ArrivedAt, t.FirstFeedbackAt = genNow, genNow },
	} {
		task := lead
		change(&task)
		b, id := one(incident.Handling, genNow, func(st *incident.State) {
			st.Tasks = []incident.Task{task, {Unit: "村委会", Status: incident.TaskArrived, ArrivedAt: genNow, FirstFeedbackAt: genNow}}
		})
		if row, _ := b.Row(id); row.Stage != want || row.CoCount != 1 {
			t.Errorf("stage %s, %d co-handlers, want %s and 1", row.Stage, row.CoCount, want)
		}
	}
}

func TestSnapshot_StaysWhileTheBoardChanges(t *testing.T) {
	town := newTown(4)
	inputs := town.years(500, 500)
	b := newTestBoard()
	b.Apply(inputs, genNow)
	s := b.Snapshot(Filter{})
	before := make([]Row, s.Len())
	for i := range before {
		before[i] = s.Row(i)
	}
	for _, in := range inputs {
		in.State.Status, in.State.Title, in.State.Village = incident.Closed, "别的", "别的村"
	}
	b.Apply(inputs, genNow)
	for i, was := range before {
		if s.Row(i) != was || s.IndexOf(was.ID) != i {
			t.Fatalf("row %d changed", i)
		}
	}
	if next := b.Snapshot(Filter{}); next.Len() != 0 || next.Version() <= s.Version() {
		t.Errorf("%d rows left, version %d after %d", next.Len(), next.Version(), s.Version())
	}
}

func TestBySource_AsksForChannelAndNumber(t *testing.T) {
	b, id := one(incident.Accepted, genNow, func(st *incident.State) { st.Channel, st.SourceNo = incident.Channel110, "JJ1" })
	if got, ok := b.BySource(incident.Channel110, "JJ1"); !ok || got != id {
		t.Errorf("not found: %v %v", got, ok)
	}
	for _, other := range []incident.Channel{incident.Channel12345, ""} {
		if _, ok := b.BySource(other, "JJ1"); ok {
			t.Errorf("found in channel %q", other)
		}
	}
	row, _ := b.Row(id)
	for _, no := range []string{row.No, row.ShortNo} {
		if got, ok := b.ByNo(no); !ok || got != id {
			t.Errorf("number %q not found", no)
		}
	}
	if _, ok := b.ByNo(row.No[:6]); ok {
		t.Error("part of a number found")
	}
}

// TestBoard_ManyGoroutines has readers and a writer at once, with the index behind; the race detector watches.
func TestBoard_ManyGoroutines(t *testing.T) {
	b := newTestBoard()
	ctx, cancel := context.WithCancel(context.Background())
	var readers, index sync.WaitGroup
	index.Go(func() {
		if err := b.Index(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("index ended with %v", err)
		}
	})
	inputs := newTown(12).years(400, 200)
	for range 3 {
		readers.Go(func() {
			for range 30 {
				s := b.Snapshot(Filter{Ended: true})
				for i := range s.Len() {
					if s.IndexOf(s.Row(i).ID) != i && i%50 == 0 {
						t.Error("row not at its place")
					}
				}
				b.Search("slxc", 5)
				b.Counters(genNow)
			}
		})
	}
	for i := 0; i < len(inputs); i += 10 {
		b.Apply(inputs[i:i+10], genNow)
		b.Tick(genNow.Add(time.Duration(i) * time.Hour))
	}
	readers.Wait()
	cancel()
	index.Wait()
}

// TestSnapshot_WordsKeepTheQueueOrder narrows views by words that many and that hardly any incidents have: what is left stands in the
// order of the whole view.
func TestSnapshot_WordsKeepTheQueueOrder(t *testing.T) {
	inputs := newTown(12).years(3000, 900)
	b := newTestBoard()
	b.Apply(inputs, genNow)
	for b.indexSome() {
	}
	rare := string([]rune(inputs[1500].State.Content)[:4])
	for _, f := range []Filter{{}, {Ended: true}, {OnlyEnded: true}, {Villages: []string{"泽随村"}, Ended: true}} {
		for _, words := range []string{"路灯", "nm", "2", rare, "路灯 泽随", "没有这样的话"} {
			hit := map[incident.IncidentID]bool{}
			for _, h := range b.Search(words, 0) {
				hit[h.Row.ID] = true
			}
			var want []incident.IncidentID
			whole := b.Snapshot(f)
			for i := range whole.Len() {
				if id := whole.Row(i).ID; hit[id] {
					want = append(want, id)
				}
			}
			narrow := f
			narrow.Words = words
			got := b.Snapshot(narrow)
			sum := 0
			for _, n := range got.GroupSizes() {
				sum += n
			}
			if got.Len() != len(want) || sum != len(want) {
				t.Errorf("%+v: %d rows, groups of %d, want %d", narrow, got.Len(), sum, len(want))
				continue
			}
			for i, id := range want {
				if got.Row(i).ID != id {
					t.Errorf("%+v: row %d is another than in the whole view", narrow, i)
					break
				}
			}
		}
	}
}

func TestBoard_LoudConflictsComeFirstAndNotesAreNotToSettle(t *testing.T) {
	b := newTestBoard()
	town := newTown(3)
	var ids []incident.IncidentID
	for i := range 3 {
		in := town.incident(genNow.Add(time.Duration(i)*time.Minute), incident.Accepted)
		in.State.Urgency = incident.Critical
		switch i {
		case 1:
			in.State.Conflicts = []incident.Conflict{{Rule: "same_dispatch"}}
		case 2:
			in.State.Urgency = incident.Low
			in.State.Conflicts = []incident.Conflict{{Rule: "double_dispatch", Loud: true, Choices: []string{"settle.keep_both"}}}
		}
		b.Apply([]Input{in}, genNow.Add(time.Hour))
		ids = append(ids, in.State.ID)
	}
	all := b.Snapshot(Filter{})
	if first := all.Row(0); first.ID != ids[2] || !first.Loud || !first.ToSettle {
		t.Errorf("first stands %+v", first)
	}
	if note := all.Row(all.IndexOf(ids[1])); note.ToSettle || note.Loud || note.Conflicts != 1 {
		t.Errorf("a note reads %+v", note)
	}
	if s := b.Snapshot(Filter{Ended: true, ToSettle: true}); s.Len() != 1 || s.Row(0).ID != ids[2] {
		t.Errorf("%d incidents to settle", s.Len())
	}
}

func TestCounters_AnAppealIsInHandButNoneOfTheDay(t *testing.T) {
	for _, tag := range []string{"", incident.AppealTag + "on_time:2026-0812-003"} {
		b, _ := one(incident.Handling, genNow, func(st *incident.State) {
			if tag != "" {
				st.Tags = []string{tag}
			}
		})
		want := Counters{InHand: 1, Open: 1, ReceivedToday: 1}
		if tag != "" {
			want.ReceivedToday = 0
		}
		if got := b.Counters(genNow); got != want {
			t.Errorf("tag %q: %+v, want %+v", tag, got, want)
		}
		if got := b.CountersOf(Filter{}, genNow); got != want {
			t.Errorf("tag %q, of a township: %+v, want %+v", tag, got, want)
		}
	}
}
