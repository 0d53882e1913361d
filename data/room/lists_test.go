package room

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
)

func TestLists_HoldsTheExpectedIncidents(t *testing.T) {
	d := newDesk(t, true)
	refs := runMonth(t, d, months+"acts-2026-08.jsonl")
	byID := map[incident.IncidentID]string{}
	for ref, id := range refs {
		byID[id] = ref
	}
	placed, err := d.Placements(t.Context(), incident.ListDaily, "2026-08-12")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	settled := 0
	for _, p := range placed {
		if p.List == incident.ListDaily {
			got = append(got, byID[p.State.ID])
			if p.Settled {
				settled++
			}
		}
	}
	slices.Sort(got)
	want := "a060 a064 a082 a340 a367 a383 a386" // the evaluator's daily list of that day, five of them settled
	if strings.Join(got, " ") != want || settled != 5 {
		t.Errorf("daily list %v with %d settled, want %s with 5", got, settled, want)
	}

	dir := t.TempDir()
	var names []string
	for range 2 {
		file, err := d.ExportList(t.Context(), incident.ListDaily, "2026-08-12", dir)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(file))
	}
	if want := []string{"塔石镇_每日清单_20260812_v1.xlsx", "塔石镇_每日清单_20260812_v2.xlsx"}; !slices.Equal(names, want) {
		t.Errorf("files %v, want %v", names, want)
	}
	own := filepath.Join(dir, "own.xlsx")
	for _, want := range []string{"own.xlsx", "own_v2.xlsx"} {
		file, err := d.ExportList(t.Context(), incident.ListDaily, "2026-08-12", own)
		if err != nil || filepath.Base(file) != want {
			t.Errorf("file %s, %v, want %s", file, err, want)
		}
	}
	if info, err := os.Stat(own); err != nil || info.Size() < 4000 {
		t.Errorf("workbook: %v %v", info, err)
	}
}

// An incident at work always stands on a list, whether or not its dispatch named one, and moves with what happens to it.
func TestDetail_ListIsWhereTheIncidentStands(t *testing.T) {
	d := newDesk(t, false)
	id := d.must(t, report("op1", "JJ20260901001")).Incident
	list := func() incident.List {
		det, err := d.Detail(id, "op1")
		if err != nil {
			t.Fatal(err)
		}
		return det.List
	}
	for _, step := range []struct {
		by   incident.Login
		do   incident.Verb
		with incident.Fields
		want incident.List
	}{
		{"op1", incident.Respond, incident.Fields{}, incident.ListDaily},
		{"op1", incident.Accept, incident.Fields{}, incident.ListDaily},
		{"op1", incident.Dispatch, incident.Fields{Lead: "建设办"}, incident.ListDaily},
		{"un_jsb", incident.Sign, incident.Fields{Unit: "建设办"}, incident.ListDaily},
		{"op1", incident.AddCo, incident.Fields{Unit: "执法队"}, incident.ListDaily},
		{"op1", incident.AddCo, incident.Fields{Unit: "派出所"}, incident.ListJoint},
		{"rd", incident.Supervise, incident.Fields{SupervisionNo: "塔督〔2026〕1号", Level: 1, ReplyDue: "2026-09-03"}, incident.ListMonthly},
	} {
		d.must(t, on(step.by, step.do, id, step.with))
		if got := list(); got != step.want {
			t.Errorf("after %s on list %q, want %q", step.do, got, step.want)
		}
	}
}

func TestSuggest_LeadCoHandlersLoadAndPast(t *testing.T) {
	d := newDesk(t, true)
	runMonth(t, d, months+"acts-2026-08.jsonl")
	got := d.Suggest(incident.Fields{Category: "0903", Village: "罗山村", Title: "自来水停了"})
	if len(got) < 2 || got[0].Unit != "水务站" || !got[0].Lead || got[1].Lead {
		t.Fatalf("suggestions %+v", got)
	}
	for _, s := range got {
		if s.Load < 0 || s.Load > 1 || len(s.Reasons) == 0 || strings.HasPrefix(s.Reasons[0], "duty.") {
			t.Errorf("suggestion %+v", s)
		}
	}
}

func TestDetail_AllowsByStateAndRole(t *testing.T) {
	d := newDesk(t, false)
	act := report("op1", "JJ20260901001")
	id := d.must(t, act).Incident
	allowed := func(by incident.Login) map[incident.Verb]*incident.Refusal {
		det, err := d.Detail(id, by)
		if err != nil {
			t.Fatal(err)
		}
		return det.Allowed
	}
	want := func(by incident.Login, may bool, verbs ...incident.Verb) {
		t.Helper()
		got := allowed(by)
		for _, v := range verbs {
			if r, ok := got[v]; !ok || (r == nil) != may {
				t.Errorf("%s %s: %v, allowed should be %v", by, v, r, may)
			}
		}
	}
	want("op1", true, incident.Respond, incident.Note, incident.Edit)
	want("op1", false, incident.Dispatch, incident.Sign, incident.Feedback, incident.Verify, incident.Callback, incident.Refuse, incident.Settle)
	want("sl1", true, incident.Refuse, incident.VoidIt, incident.Merge)
	want("un_jsb", false, incident.Respond, incident.Accept, incident.Dispatch)
	want("", false, incident.Respond, incident.Note)
	d.must(t, on("op1", incident.Respond, id, incident.Fields{}))
	want("op1", true, incident.Accept, incident.AskInfo)
	d.must(t, on("op1", incident.Accept, id, incident.Fields{}))
	want("op1", true, incident.Dispatch)
	want("op1", false, incident.Accept, incident.Respond)
	d.must(t, on("op1", incident.Dispatch, id, incident.Fields{Lead: "建设办", Co: []incident.UnitID{"执法队"}, List: incident.ListDaily}))
	want("un_jsb", true, incident.Sign, incident.Return)
	want("un_pcs", false, incident.Sign, incident.Return)
	d.must(t, on("un_jsb", incident.Sign, id, incident.Fields{Unit: "建设办"}))
	want("un_jsb", true, incident.Arrive, incident.Progress)
	want("un_jsb", false, incident.Feedback, incident.Verify) // the co-handler has not fed back
	want("rd", true, incident.Suspend, incident.Extend, incident.Escalate)
	want("op1", true, incident.AddCo, incident.WaiveCo)
}

// From where the rules put an incident only the director moves it down; a move is what everybody sees then.
func TestMove_DownFromTheListOfTheRulesNeedsTheDirector(t *testing.T) {
	for name, c := range map[string]struct {
		with incident.Fields // of the dispatch
		then func(*desk, incident.IncidentID)
		on   incident.List
	}{
		"three units": {with: incident.Fields{Co: []incident.UnitID{"执法队", "派出所"}, List: incident.ListDaily}, on: incident.ListJoint},
		"supervised": {then: func(d *desk, id incident.IncidentID) {
			d.must(t, on("rd", incident.Supervise, id, incident.Fields{SupervisionNo: "塔督〔2026〕1号", Level: 1, ReplyDue: "2026-09-03"}))
		}, on: incident.ListMonthly},
		"open for days": {then: func(d *desk, _ incident.IncidentID) { d.clock.set(d.Now().Add(4 * 24 * time.Hour)) }, on: incident.ListMonthly},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, false)
			id := d.must(t, report("op1", "JJ20260901001")).Incident
			d.must(t, on("op1", incident.Respond, id, incident.Fields{}))
			d.must(t, on("op1", incident.Accept, id, incident.Fields{}))
			c.with.Lead = "建设办"
			d.must(t, on("sl1", incident.Dispatch, id, c.with))
			if c.then != nil {
				c.then(d, id)
			}
			if det, err := d.Detail(id, "op1"); err != nil || det.List != c.on {
				t.Fatalf("stands on %q, %v, want %q", det.List, err, c.on)
			}
			down := incident.Fields{List: incident.ListDaily, Reason: "现场已说清"}
			_, err := d.Do(t.Context(), on("op1", incident.Move, id, down))
			refused(t, err, "move.down")
			d.must(t, on("rd", incident.Move, id, down))
			if det, err := d.Detail(id, "op1"); err != nil || det.List != incident.ListDaily {
				t.Fatalf("on list %q after the director moved it, %v", det.List, err)
			}
			if brief, err := d.Brief(id, "op1"); err != nil || brief.List != incident.ListDaily {
				t.Errorf("a listing says %q, %v", brief.List, err)
			}
		})
	}
}

// What is told late about an earlier day counts for that day's list, though somebody wrote in the incident in between.
func TestPlacements_OfADayIncludeWhatWasRecordedLate(t *testing.T) {
	d := newDesk(t, false)
	id := d.must(t, report("op1", "JJ20260901001")).Incident
	d.must(t, on("op1", incident.Respond, id, incident.Fields{}))
	d.must(t, on("op1", incident.Accept, id, incident.Fields{}))
	d.must(t, on("sl1", incident.Dispatch, id, incident.Fields{Lead: "建设办"}))
	d.must(t, on("un_jsb", incident.Sign, id, incident.Fields{Unit: "建设办"}))
	evening := d.Now().Add(time.Hour)
	d.clock.set(d.Now().Add(24 * time.Hour))
	d.must(t, on("op1", incident.Note, id, incident.Fields{Text: "已催问"}))
	late := on("un_jsb", incident.Progress, id, incident.Fields{Unit: "建设办", Text: "昨晚已到场抽水"})
	late.At = evening
	d.must(t, late)
	placed, err := d.Placements(t.Context(), incident.ListDaily, incident.DayOf(evening))
	if err != nil || len(placed) != 1 {
		t.Fatalf("%d on the list, %v", len(placed), err)
	}
	if st := placed[0].State; st.Pending != 0 || st.FirstFeedback != evening {
		t.Errorf("%d entries wait, first feedback %v, want %v", st.Pending, st.FirstFeedback, evening)
	}
}

func TestExportList_TellsHowFarItIs(t *testing.T) {
	d := newDesk(t, true)
	d.must(t, report("op1", "JJ20260901001"))
	var told [][2]int
	ctx := WithProgress(t.Context(), func(done, of int) { told = append(told, [2]int{done, of}) })
	if _, err := d.ExportList(ctx, incident.ListDaily, incident.DayOf(d.Now()), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || told[0] != [2]int{0, 1} {
		t.Errorf("told %v", told)
	}
}
