package incident_test

import (
	"slices"
	"testing"
	"time"

	"zw110/data/incident"
)

// wantRefusal fails unless err is the refusal.
func wantRefusal(t *testing.T, err error, key string) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted, want refuse.%s", key)
	}
	if r := refusalOf(t, err); r.Key != "refuse."+key {
		t.Fatalf("got %s, want refuse.%s", r.Key, key)
	}
}

func quarrel(village string) func(*fields) {
	return func(f *fields) {
		f.Category, f.Village, f.Reporter = "0101", village, &incident.Reporter{Name: "徐" + village}
	}
}

func TestMerge_Guards(t *testing.T) {
	for name, g := range map[string]struct {
		by     incident.Login
		f      fields
		change func(*fields) // of the master
		prep   func(*stage)
		key    string
	}{
		"operator alone":         {by: "op1", f: fields{Into: "m"}, key: "t6.role"},
		"operator and leader":    {by: "op1", f: fields{Into: "m", ConfirmedBy: "sl1"}},
		"confirmed by a unit":    {by: "op1", f: fields{Into: "m", ConfirmedBy: "un_jsb"}, key: "t6.role"},
		"proposed by a unit":     {by: "sl1", f: fields{Into: "m", ProposedBy: "un_jsb"}, key: "t6.proposed_by"},
		"no master":              {by: "sl1", f: fields{Into: "x"}, key: "t6.no_master"},
		"itself":                 {by: "sl1", f: fields{Into: "a"}, key: "t6.itself"},
		"refused master":         {by: "sl1", f: fields{Into: "m"}, prep: func(s *stage) { s.must2("m", "sl1", incident.Refuse, fields{Reason: "NR01", Text: "属邻镇"}) }, key: "t6.master_ended"},
		"other people's quarrel": {by: "sl1", f: fields{Into: "m"}, change: quarrel("塔石村"), key: "t6.dispute"},
		"is a master": {by: "sl1", f: fields{Into: "m"}, prep: func(s *stage) {
			s.must2("b", "op1", incident.Register, report(nil))
			s.must2("b", "sl1", incident.Merge, fields{Into: "a"})
		}, key: "t6.is_master"},
		"master is merged": {by: "sl1", f: fields{Into: "m"}, prep: func(s *stage) {
			s.must2("b", "op1", incident.Register, report(nil))
			s.must2("m", "sl1", incident.Merge, fields{Into: "b"})
		}, key: "t6.master_is_merged"},
	} {
		t.Run(name, func(t *testing.T) {
			s := reach(t, incident.Accepted, nil)
			s.must2("m", "op1", incident.Register, report(g.change))
			if g.prep != nil {
				g.prep(s)
			}
			err := s.try(g.by, incident.Merge, g.f)
			if g.key == "" && err != nil {
				t.Fatal(err)
			}
			if g.key != "" {
				wantRefusal(t, err, g.key)
			}
		})
	}
}

// must2 does an act on another incident that has to be accepted.
func (s *stage) must2(ref string, by incident.Login, do incident.Verb, f fields) {
	s.t.Helper()
	if err := s.on(ref, by, do, f); err != nil {
		s.t.Fatalf("%s of %s by %s: %v", do, ref, by, err)
	}
}

func TestMerge_TwoSidesOfOneQuarrelAreOne(t *testing.T) {
	s := reach(t, incident.Received, quarrel("罗山村"))
	s.must2("m", "op1", incident.Register, report(func(f *fields) { quarrel("罗山村")(f); f.Reporter.Name = "舒金根" }))
	s.must("sl1", incident.Merge, fields{Into: "m"})
}

func TestMerge_MasterTakesTheEarlierDueTimeAndSplitGivesAllBack(t *testing.T) {
	s := reach(t, incident.Handling, func(f *fields) { f.Category = "0905" }) // 3 working days
	before := s.state()
	s.must2("m", "op1", incident.Register, report(func(f *fields) { f.Category = "0905" }))
	s.now = at(t, "2026-08-04 09:00:00")
	s.must2("b", "op1", incident.Register, report(nil)) // 1 working day: 5 August
	s.must2("b", "sl1", incident.Merge, fields{Into: "m"})
	s.must("sl1", incident.Merge, fields{Into: "m"})

	master, merged := s.of("m"), s.state()
	if len(master.Absorbed) != 2 || merged.Status != incident.Merged || merged.Before != incident.Handling || merged.MergedInto != master.ID {
		t.Fatalf("%v %s %s", master.Absorbed, merged.Status, merged.Before)
	}
	if due, _ := incident.SettleDue(&master, s.rules); due != at(t, "2026-08-05 17:30:00") {
		t.Errorf("master is due %v", due.Time())
	}
	s.must2("b", "sl1", incident.Split, fields{})
	s.must("sl1", incident.Split, fields{Into: "m"})
	master, back := s.of("m"), s.state()
	if due, _ := incident.SettleDue(&master, s.rules); len(master.Absorbed) != 0 || due != at(t, "2026-08-06 17:30:00") {
		t.Errorf("after the split the master has %v, due %v", master.Absorbed, due.Time())
	}
	if back.Status != before.Status || !slices.Equal(back.Tasks, before.Tasks) || !back.MergedInto.IsZero() {
		t.Errorf("after the split it is %s, before it was %s", back.Status, before.Status)
	}
	s.must("un_jsb", incident.Arrive, fields{Evidence: "photo"}) // and goes on
}

func TestMerge_IntoAClosedMasterReopensIt(t *testing.T) {
	s := reach(t, incident.Closed, nil)
	s.must2("b", "op1", incident.Register, report(nil))
	if err := s.on("b", "sl1", incident.Merge, fields{Into: "a"}); err != nil {
		t.Fatal(err)
	}
	if st := s.state(); st.Status != incident.Dispatched || st.Reopens != 1 || len(st.Absorbed) != 1 {
		t.Errorf("%s, %d times reopened, %v", st.Status, st.Reopens, st.Absorbed)
	}
	s = reach(t, incident.Closed, nil)
	s.now = s.now.Add(8 * 24 * time.Hour)
	s.must2("b", "op1", incident.Register, report(nil))
	wantRefusal(t, s.on("b", "sl1", incident.Merge, fields{Into: "a"}), "t6.master_ended")
}

func TestMerge_EveryReporterIsCalled(t *testing.T) {
	s := reach(t, incident.FedBack, nil)
	s.must2("b", "op1", incident.Register, report(nil))
	s.must2("b", "sl1", incident.Merge, fields{Into: "a"})
	wantRefusal(t, s.on("b", "op1", incident.Callback, fields{Answer: "satisfied"}), "t25.master_open")
	s.must("op2", incident.Verify, fields{Pass: true})
	s.must2("b", "op1", incident.Callback, fields{Answer: "dissatisfied_reasonable"})
	if b := s.of("b"); b.Status != incident.Merged || b.Answer != "dissatisfied_reasonable" {
		t.Errorf("%s %s", b.Status, b.Answer)
	}
	s.must("op1", incident.Reopen, fields{Reason: "RO01"}) // the merged reporter's dissatisfaction counts
}

func TestVerify_HandlerIsNotVerifier(t *testing.T) {
	grid := func(f *fields) { f.Village, f.Category = "罗山村", "0101" }
	s := reach(t, incident.Accepted, grid)
	s.must("op1", incident.Dispatch, fields{Lead: "网格"})
	wantRefusal(t, s.try("gr_02", incident.Sign, fields{}), "any.other_unit") // another village's
	s.must("gr_01", incident.Sign, fields{})
	s.must("gr_01", incident.Feedback, fields{Result: "settled", Text: account, Photos: 1})
	wantRefusal(t, s.try("gr_01", incident.Verify, fields{Pass: true}), "t23.own_work")
	s.must("op1", incident.Verify, fields{Pass: true})

	s = reach(t, incident.FedBack, nil) // by the unit of a task, whoever it is
	s.must("gr_01", incident.Verify, fields{Pass: true})

	s = reach(t, incident.Dispatched, nil) // who signed for a unit by phone handled nothing
	s.must("op1", incident.Sign, fields{Unit: "建设办", Proxy: s.proxy()})
	noCo(s)
	s.must("un_jsb", incident.Feedback, fields{Result: "settled", Text: account, Photos: 1})
	s.must("op1", incident.Verify, fields{Pass: true})
}

func TestVerify_ClosesWhereNobodyCanBeCalled(t *testing.T) {
	s := reach(t, incident.FedBack, func(f *fields) { f.Reporter.Phone = "" })
	s.must("op1", incident.Verify, fields{Pass: true})
	if st := s.state(); st.Status != incident.Closed || st.ClosedAt != s.now || st.HandledAt == 0 {
		t.Errorf("%s %v", st.Status, st.ClosedAt)
	}
}

func TestVerify_FailureClearsHandledAndGoesToRework(t *testing.T) {
	s := reach(t, incident.FedBack, nil)
	s.must("op1", incident.Verify, fields{Reason: "VF03"})
	st := s.state()
	if st.HandledAt != 0 || st.FedBackAt != 0 || st.Fails != 1 || st.Tasks[0].Status != incident.TaskRework || !st.SettleOpen {
		t.Errorf("%+v", st.Tasks[0])
	}
	s.must("un_jsb", incident.Feedback, fields{Result: "settled", Text: account, Photos: 1})
	again := s.now
	s.must("op1", incident.Verify, fields{Pass: true})
	if st := s.state(); st.HandledAt != again || st.Status != incident.Verified || st.Tasks[0].Status != incident.TaskDone {
		t.Errorf("handled %v, want %v", st.HandledAt, again)
	}
}

func TestCallback_ThirdMissedCallOnASecondDayCloses(t *testing.T) {
	s := reach(t, incident.Verified, nil)
	for range 4 { // all on one day: however many, it stays open
		s.must("op1", incident.Callback, fields{Answer: "not_reached"})
	}
	if st := s.state(); st.Status != incident.Verified {
		t.Fatal(st.Status)
	}
	s.now = s.now.Add(24 * time.Hour)
	s.must("op1", incident.Callback, fields{Answer: "not_reached"})
	if st := s.state(); st.Status != incident.Closed || len(st.Callbacks) != 5 {
		t.Error(st.Status, len(st.Callbacks))
	}
	s = reach(t, incident.Verified, nil)
	for _, want := range []incident.Status{incident.Verified, incident.Verified, incident.Closed} {
		s.now = s.now.Add(24 * time.Hour)
		s.must("op1", incident.Callback, fields{Answer: "not_reached"})
		if st := s.state(); st.Status != want {
			t.Error(st.Status, want)
		}
	}
}

func TestReturn_CriticalActsFirstThenHandsOn(t *testing.T) {
	s := reach(t, incident.Handling, critical)
	s.must("un_jsb", incident.Arrive, fields{Evidence: "location"})
	s.now = s.now.Add(10 * time.Minute)
	s.must("un_jsb", incident.Return, returning(func(*fields) {})(s))
	if st := s.state(); st.Status != incident.Accepted || st.Returns != 1 || !st.LeadWrong || st.LeadUnit != "" {
		t.Errorf("%s %d", st.Status, st.Returns)
	}
}

func TestReturn_TheSecondGoesToDisputeAndTheRuledLeadStays(t *testing.T) {
	s := reach(t, incident.Dispatched, nil)
	due, _ := incident.SettleDue(ptr(s.state()), s.rules)
	s.must("un_jsb", incident.Return, returning(func(*fields) {})(s))
	s.must("op1", incident.Dispatch, fields{Lead: "执法队"})
	s.must("un_zfd", incident.Return, returning(func(*fields) {})(s))
	s.must("sys", incident.Dispute, fields{Opinions: []string{"不属我", "也不属我"}})
	s.must("rd", incident.Rule, fields{Lead: "建设办", Text: "按清单"})
	st := s.state()
	if now, _ := incident.SettleDue(&st, s.rules); now != due {
		t.Error("returns moved the settle clock")
	}
	if st.FirstLead != "建设办" || !st.LeadWrong || !st.LeadRuled || st.Status != incident.Dispatched {
		t.Errorf("%s %v", st.FirstLead, st.LeadWrong)
	}
}

func ptr[T any](v T) *T { return &v }

func TestReassign_KeepsOrReplacesCoHandlers(t *testing.T) {
	s := reach(t, incident.Handling, nil)
	s.must("op1", incident.Reassign, fields{Lead: "执法队", Reason: "RA01"})
	if st := s.state(); !slices.Equal(st.Co, []incident.UnitID{"村委会"}) || st.Tasks[0].Status != incident.TaskWithdrawn {
		t.Errorf("kept: %v", st.Co)
	}
	s.must("op1", incident.Reassign, fields{Lead: "村委会", Reason: "RA01"}) // a co-handler becomes lead
	if st := s.state(); len(st.Co) != 0 || st.LeadUnit != "村委会" || st.Tasks[len(st.Tasks)-1].Unit != "村委会" {
		t.Errorf("promoted: %v %s", st.Co, st.LeadUnit)
	}
	s.must("op1", incident.Reassign, fields{Lead: "建设办", Reason: "RA01", Co: []incident.UnitID{"派出所"}, CoGiven: true})
	if st := s.state(); !slices.Equal(st.Co, []incident.UnitID{"派出所"}) {
		t.Errorf("replaced: %v", st.Co)
	}
	s.must("op1", incident.Reassign, fields{Lead: "执法队", Reason: "RA01", CoGiven: true})
	if st := s.state(); len(st.Co) != 0 {
		t.Errorf("emptied: %v", st.Co)
	}
}

func TestReopen_FromClosedSendsTheLeadAgain(t *testing.T) {
	s := reach(t, incident.Closed, nil)
	s.must("sl1", incident.Reopen, fields{Reason: "RO04"})
	st := s.state()
	last := st.Tasks[len(st.Tasks)-1]
	if st.Round != 1 || last.Unit != "建设办" || last.Status != incident.TaskSent || last.Round != 1 || st.ClosedAt != 0 || st.HandledAt != 0 {
		t.Errorf("%+v", last)
	}
	s.must("un_jsb", incident.Sign, fields{})
	s.must("un_jsb", incident.Feedback, fields{Result: "settled", Text: account, Photos: 1})
	s.must("op2", incident.Verify, fields{Pass: true})
	s.must("op1", incident.Callback, fields{Answer: "basically"}) // the answers of the first round don't count
}

func TestUndo_TakesTheOwnLastActBack(t *testing.T) {
	s := reach(t, incident.Accepted, nil)
	s.must("op1", incident.Dispatch, fields{Lead: "建设办"})
	s.must("op1", incident.Undo, fields{})
	st := s.state()
	if st.Status != incident.Accepted || len(st.Tasks) != 0 || st.DispatchedAt != 0 || !st.Log[len(st.Log)-2].Undone {
		t.Errorf("%s %v", st.Status, st.Tasks)
	}
	wantRefusal(t, s.try("op1", incident.Undo, fields{}), "undo.kind") // an undo can't be undone
	s.must("op1", incident.Dispatch, fields{Lead: "执法队"})
	if st := s.state(); st.FirstLead != "执法队" || st.LeadWrong {
		t.Error("the dispatch taken back counts")
	}
	wantRefusal(t, s.try("op2", incident.Undo, fields{}), "undo.not_last")
}

func TestUndo_OfARegistrationVoidsTheNumber(t *testing.T) {
	s := reach(t, incident.Received, func(f *fields) { f.No = "TS20260803-001" })
	s.must("op1", incident.Undo, fields{})
	if st := s.state(); st.Status != incident.Void || st.No == "" || len(incident.Clocks(&st, s.rules, s.now)) == 0 {
		t.Errorf("%q %q", st.Status, st.No)
	}
}

func TestUndo_OfAMergeReachesBothIncidents(t *testing.T) {
	s := reach(t, incident.Accepted, nil)
	s.must2("m", "op1", incident.Register, report(nil))
	s.must("sl1", incident.Merge, fields{Into: "m"})
	s.must("sl1", incident.Undo, fields{})
	if st, m := s.state(), s.of("m"); st.Status != incident.Accepted || len(m.Absorbed) != 0 {
		t.Errorf("%s %v", st.Status, m.Absorbed)
	}
	s.must("sl1", incident.Merge, fields{Into: "m"})
	s.must2("m", "op1", incident.Respond, fields{})
	wantRefusal(t, s.try("sl1", incident.Undo, fields{}), "undo.other_side")
	s.must("sl1", incident.Split, fields{})
	s.must("sl1", incident.Undo, fields{}) // the split is undone: merged again
	if st, m := s.state(), s.of("m"); st.Status != incident.Merged || len(m.Absorbed) != 1 {
		t.Errorf("%s %v", st.Status, m.Absorbed)
	}
}

func TestEdit_ClearsAndReplaces(t *testing.T) {
	s := reach(t, incident.Handling, func(f *fields) { f.Tags = []string{"一件事"}; f.Place = &incident.Place{Text: "桥头"} })
	s.must("op1", incident.Edit, fields{Title: "新标题", Category: "0904", Cleared: []string{"tags", "place"}})
	if st := s.state(); st.Title != "新标题" || st.Category != "0904" || st.Tags != nil || st.Place != nil {
		t.Errorf("%q %q %v %v", st.Title, st.Category, st.Tags, st.Place)
	}
	s.must("op1", incident.Edit, fields{Cleared: []string{"reporter"}})
	if st := s.state(); st.Callable || st.Reporter != nil {
		t.Error("reporter stays")
	}
}

func TestUnseal_ShieldedReporters(t *testing.T) {
	s := reach(t, incident.Handling, func(f *fields) { f.Reporter.Confidential = true })
	wantRefusal(t, s.try("un_jsb", incident.Unseal, fields{Text: "联系"}), "unseal.confidential")
	s.must("rd", incident.Unseal, fields{Text: "核实"})
	s = reach(t, incident.Handling, func(f *fields) { f.Reporter.Protected = true })
	s.must("un_jsb", incident.Unseal, fields{Text: "联系"})
	if st := s.state(); st.Shield != "protected" || st.Log[len(st.Log)-1].Kind != incident.KindUnsealed {
		t.Error(st.Shield)
	}
}

func TestDecide_LeavesItsStateAlone(t *testing.T) {
	s := reach(t, incident.Handling, nil)
	st := s.state()
	want := s.state()
	for verb := range allowedActs() {
		for _, by := range []incident.Login{"op1", "sl1", "rd", "un_jsb"} {
			p, _ := s.rules.Person(by)
			a := act{At: s.now, By: by, Do: verb, ID: st.ID, Actor: p, Fields: fields{Lead: "执法队", Reason: "RA01", Unit: "村委会", Text: account}}
			// The answer doesn't matter here.
			if _, err := incident.Decide(&st, &a, incident.Env{Rules: s.rules, World: s}); err != nil {
				refusalOf(t, err)
			}
		}
	}
	if !equalStates(st, want) {
		t.Error("Decide changed the state")
	}
}

// TestPhone_TheRoomEntersWhatAUnitReports: return, arrival and feedback need the whole telephone record, and who wrote it down may
// still verify.
func TestPhone_TheRoomEntersWhatAUnitReports(t *testing.T) {
	s := reach(t, incident.Handling, nil)
	noCo(s)
	late := s.proxy()
	late.Time = late.Time.Add(time.Hour)
	wantRefusal(t, s.try("op1", incident.Arrive, fields{Unit: "建设办", Evidence: "phone"}), "t13.role")
	wantRefusal(t, s.try("op1", incident.Arrive, fields{Evidence: "phone", Proxy: s.proxy()}), "t8.no_unit")
	wantRefusal(t, s.try("op1", incident.Arrive, fields{Unit: "建设办", Evidence: "phone", Proxy: late}), "t8.proxy_time")
	s.must("op1", incident.Arrive, fields{Unit: "建设办", Evidence: "phone", Proxy: s.proxy()})
	s.must("op1", incident.Progress, fields{Text: "在清运"})
	s.must("sl1", incident.Feedback, fields{Unit: "建设办", Result: "settled", Text: account, Photos: 1, Proxy: s.proxy()})
	s.must("sl1", incident.Verify, fields{Pass: true})

	s = reach(t, incident.Dispatched, nil)
	f := returning(func(f *fields) { f.Unit, f.Proxy = "建设办", s.proxy() })(s)
	s.must("op1", incident.Return, f)
}

func TestConflict_HasAName(t *testing.T) {
	all, err := catalogues()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clashes(t) {
		if key := (incident.Conflict{Rule: c.rule}).Key(); c.rule != "" && !all[0].Has(key) {
			t.Error(key)
		}
	}
	for verb := range allowedActs() {
		for _, r := range incident.Reasons(verb) {
			if !all[0].Has("reason." + r) {
				t.Error(r)
			}
		}
		if !all[0].Has("verb." + string(verb)) {
			t.Error(verb)
		}
	}
}
