package incident_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"zw110/data/incident"
)

// equalStates compares two states whole; facts by what they say.
func equalStates(a, b incident.State) bool { return reflect.DeepEqual(a, b) }

// second gives an incident a second desk that has seen what the first has up to now and then goes its own way.
type second struct {
	*stage
}

// fork returns two desks that both know incident "a" as it stands and nothing of each other.
func fork(s *stage) (left, right *second) {
	left, right = &second{stage: s.clone(1)}, &second{stage: s.clone(2)}
	return left, right
}

func (s *stage) clone(origin byte) *stage {
	d := *s.desk
	d.origin = incident.Origin{origin, 7}
	d.entries = map[incident.IncidentID][]incident.Entry{}
	for id, es := range s.entries {
		d.entries[id] = slices.Clone(es)
	}
	return &stage{desk: &d, t: s.t, now: s.now}
}

// join gives s all entries of both desks.
func (s *stage) join(desks ...*second) {
	for _, d := range desks {
		for id, es := range d.entries {
			s.entries[id] = append(s.entries[id], es...)
		}
		s.now = max(s.now, d.now)
	}
}

// clash is one row of the conflict table: what two desks do at once, what holds until it is settled, and what each choice does.
type clash struct {
	name        string
	from        incident.Status
	prep        func(*stage)
	left, right func(*second)
	rule        string // "" none
	loud        bool
	holds       func(incident.State) bool
	choices     map[string]func(incident.State) bool
	third       fields
}

func do(by incident.Login, verb incident.Verb, f fields) func(*second) {
	return func(s *second) { s.must(by, verb, f) }
}

func live(st incident.State) []incident.UnitID {
	var out []incident.UnitID
	for _, t := range st.Tasks {
		if t.Live() {
			out = append(out, t.Unit)
		}
	}
	slices.Sort(out)
	return out
}

func hasLive(units ...incident.UnitID) func(incident.State) bool {
	slices.Sort(units)
	return func(st incident.State) bool { return slices.Equal(live(st), units) }
}

func both(checks ...func(incident.State) bool) func(incident.State) bool {
	return func(st incident.State) bool {
		return !slices.ContainsFunc(checks, func(c func(incident.State) bool) bool { return !c(st) })
	}
}

func clashes(t *testing.T) []clash {
	due := func(text string) fields { return fields{Reason: "EX01", DueNew: at(t, text)} }
	leads := func(u incident.UnitID) func(incident.State) bool {
		return func(st incident.State) bool { return st.LeadUnit == u }
	}
	title := func(want string) func(incident.State) bool {
		return func(st incident.State) bool { return st.Title == want }
	}
	dueNew := func(text string) func(incident.State) bool {
		return func(st incident.State) bool { return len(st.Extensions) == 1 && st.Extensions[0].DueNew == at(t, text) }
	}
	return []clash{
		{
			name: "double dispatch", from: incident.Accepted, rule: "double_dispatch", loud: true,
			left:  do("op1", incident.Dispatch, fields{Lead: "建设办", Co: []incident.UnitID{"村委会"}}),
			right: do("op2", incident.Dispatch, fields{Lead: "执法队"}),
			holds: both(status(incident.Dispatched), hasLive("建设办", "村委会", "执法队"), leads("建设办")),
			choices: map[string]func(incident.State) bool{
				"settle.keep_both": both(hasLive("建设办", "村委会", "执法队"), leads("建设办")),
				"settle.keep_a":    both(hasLive("建设办", "村委会"), leads("建设办")),
				"settle.keep_b":    both(hasLive("执法队"), leads("执法队"), status(incident.Dispatched)),
			},
		},
		{
			name: "same dispatch", from: incident.Accepted, rule: "same_dispatch",
			left: do("op1", incident.Dispatch, fields{Lead: "建设办"}), right: do("op2", incident.Dispatch, fields{Lead: "建设办"}),
			holds: both(status(incident.Dispatched), hasLive("建设办")),
		},
		{
			name: "verified while a unit is added", from: incident.Handling, rule: "closed_while_active", loud: true,
			prep: noCo,
			left: func(s *second) {
				s.must("un_jsb", incident.Feedback, fields{Result: "settled", Text: account, Photos: 1})
				s.must("op2", incident.Verify, fields{Pass: true})
			},
			right: do("op1", incident.AddCo, fields{Unit: "派出所"}),
			holds: both(status(incident.FedBack), func(st incident.State) bool { return st.HandledAt == 0 }),
			choices: map[string]func(incident.State) bool{
				"settle.close_now": both(status(incident.Verified), func(st incident.State) bool { return st.HandledAt != 0 }),
				"settle.stay_open": status(incident.FedBack),
			},
		},
		{
			name: "called back while a note asks", from: incident.Verified, rule: "closed_while_active", loud: true,
			left: do("op1", incident.Callback, fields{Answer: "satisfied"}), right: do("op2", incident.Note, fields{Text: "来电", Question: "为何未清"}),
			holds: status(incident.Verified),
			choices: map[string]func(incident.State) bool{
				"settle.close_now": status(incident.Closed), "settle.stay_open": status(incident.Verified),
			},
		},
		{
			name: "closed and reopened", from: incident.Verified, rule: "closed_and_reopened", loud: true,
			left: do("op1", incident.Callback, fields{Answer: "satisfied"}), right: do("sl1", incident.Reopen, fields{Reason: "RO04"}),
			holds: both(status(incident.Handling), func(st incident.State) bool { return st.Reopens == 1 }),
			choices: map[string]func(incident.State) bool{
				"settle.close_again": status(incident.Closed), "settle.stay_open": status(incident.Handling),
			},
		},
		{
			name: "two results", from: incident.Verified, rule: "two_results",
			left: do("op1", incident.Callback, fields{Answer: "satisfied"}), right: do("op2", incident.Callback, fields{Answer: "refused"}),
			holds: status(incident.Closed),
			choices: map[string]func(incident.State) bool{
				"settle.pick_a": status(incident.Closed),
				"settle.pick_b": both(status(incident.Closed), func(st incident.State) bool { return st.Answer == "refused" }),
				"settle.third":  both(status(incident.Closed), func(st incident.State) bool { return st.Text == "两次通话以后一次为准" }),
			},
			third: fields{Text: "两次通话以后一次为准"},
		},
		{
			name: "merged while dispatched", from: incident.Accepted, rule: "merged_while_active",
			prep: func(s *stage) { s.must2("m", "op1", incident.Register, report(nil)) },
			left: do("sl1", incident.Merge, fields{Into: "m"}), right: do("op1", incident.Dispatch, fields{Lead: "建设办"}),
			holds: both(status(incident.Merged), hasLive("建设办"), func(st incident.State) bool { return st.Before == incident.Dispatched }),
			choices: map[string]func(incident.State) bool{
				"settle.split":       both(status(incident.Dispatched), hasLive("建设办")),
				"settle.stay_merged": status(incident.Merged),
			},
		},
		{
			name: "two values", from: incident.Accepted, rule: "two_values",
			left: do("op1", incident.Edit, fields{Title: "甲"}), right: do("op2", incident.Edit, fields{Title: "乙", Village: "塔石村"}),
			holds: both(title("甲"), func(st incident.State) bool {
				return st.Village == "塔石村" && slices.Equal(st.Values["title"], []string{"甲", "乙"}) && len(st.Values) == 1
			}),
			choices: map[string]func(incident.State) bool{
				"settle.pick_a": both(title("甲"), func(st incident.State) bool { return len(st.Values) == 0 }),
				"settle.pick_b": both(title("乙"), func(st incident.State) bool { return len(st.Values) == 0 }),
				"settle.third":  title("丙"),
			},
			third: fields{Title: "丙"},
		},
		{
			name: "two deadlines", from: incident.Handling, rule: "two_deadlines",
			left: do("rd", incident.Extend, due("2026-08-05 17:30:00")), right: do("tl1", incident.Extend, due("2026-08-05 12:00:00")),
			holds: dueNew("2026-08-05 12:00:00"),
			choices: map[string]func(incident.State) bool{
				"settle.pick_a": dueNew("2026-08-05 17:30:00"), "settle.pick_b": dueNew("2026-08-05 12:00:00"),
			},
		},
		{
			name: "refused while accepted", from: incident.Received, rule: "withdrawn_while_active", loud: true,
			left: do("sl1", incident.Refuse, fields{Reason: "NR03", Text: "重复"}), right: do("op1", incident.Accept, fields{}),
			holds: status(incident.Accepted),
			choices: map[string]func(incident.State) bool{
				"settle.withdraw": status(incident.Refused), "settle.stay_open": status(incident.Accepted),
			},
		},
		{
			name: "sign and add: no conflict", from: incident.Dispatched,
			left: do("un_jsb", incident.Sign, fields{}), right: do("un_cwh", incident.Sign, fields{}),
			holds: both(status(incident.Handling), func(st incident.State) bool { return st.Tasks[0].SignedAt != 0 && st.Tasks[1].SignedAt != 0 }),
		},
		{
			name: "edits of two fields: no conflict", from: incident.Accepted,
			left: do("op1", incident.Edit, fields{Title: "甲"}), right: do("op2", incident.Edit, fields{Village: "塔石村"}),
			holds: both(title("甲"), func(st incident.State) bool { return st.Village == "塔石村" && len(st.Values) == 0 }),
		},
	}
}

// TestConflict_Table lets two desks act apart, joins them, and settles with every choice.
func TestConflict_Table(t *testing.T) {
	for _, c := range clashes(t) {
		t.Run(c.name, func(t *testing.T) {
			s := reach(t, c.from, nil)
			if c.prep != nil {
				c.prep(s)
			}
			left, right := fork(s)
			c.left(left)
			right.now = right.now.Add(1000) // a second later, so that left comes first among equals
			c.right(right)
			s.join(right, left)
			st := s.state()
			if !c.holds(st) {
				t.Errorf("until settled: %s, %v, lead %s, title %q, extensions %v", st.Status, live(st), st.LeadUnit, st.Title, st.Extensions)
			}
			if c.rule == "" {
				if len(st.Conflicts) != 0 {
					t.Errorf("conflicts %v", st.Conflicts)
				}
				return
			}
			if len(st.Conflicts) != 1 || st.Conflicts[0].Rule != c.rule || st.Conflicts[0].Loud != c.loud || len(st.Conflicts[0].ID) != 64 {
				t.Fatalf("conflicts %+v, want one %s", st.Conflicts, c.rule)
			}
			if len(st.Conflicts[0].Choices) != len(c.choices) {
				t.Errorf("choices %v", st.Conflicts[0].Choices)
			}
			for choice, want := range c.choices {
				one := &second{stage: s.clone(3)}
				f := fields{Conflict: st.Conflicts[0].ID, Choice: choice}
				if choice == "settle.third" {
					wantRefusal(t, one.try("sl1", incident.Settle, f), "settle.third")
					f.Text, f.Title = c.third.Text, c.third.Title
				}
				one.must("sl1", incident.Settle, f)
				got := one.state()
				if !want(got) || len(got.Conflicts) != 0 {
					t.Errorf("%s: %s, %v, lead %s, title %q, %v", choice, got.Status, live(got), got.LeadUnit, got.Title, got.Conflicts)
				}
				wantRefusal(t, one.try("sl1", incident.Settle, f), "settle.no_conflict")
			}
			wantRefusal(t, s.try("sl1", incident.Settle, fields{Conflict: st.Conflicts[0].ID, Choice: "settle.nothing"}), "settle.choice")
		})
	}
}

func TestConflict_ClosesWithALaterActOfTheSameAspect(t *testing.T) {
	s := reach(t, incident.Accepted, nil)
	left, right := fork(s)
	left.must("op1", incident.Dispatch, fields{Lead: "建设办"})
	right.must("op2", incident.Dispatch, fields{Lead: "执法队"})
	s.join(left, right)
	s.must("op1", incident.Note, fields{Text: "看到了"}) // another aspect
	if st := s.state(); len(st.Conflicts) != 1 {
		t.Fatal(st.Conflicts)
	}
	s.must("op1", incident.Reassign, fields{Lead: "派出所", Reason: "RA03"})
	if st := s.state(); len(st.Conflicts) != 0 || st.LeadUnit != "派出所" {
		t.Error(st.Conflicts, st.LeadUnit)
	}
}

func TestConflict_SplitRemovesOnlyTheMergeItNames(t *testing.T) {
	s := reach(t, incident.Accepted, nil)
	s.must2("m", "op1", incident.Register, report(nil))
	s.must2("n", "op1", incident.Register, report(nil))
	s.must("sl1", incident.Merge, fields{Into: "m"})
	left, right := fork(s)
	left.must("sl1", incident.Split, fields{})
	left.must("sl1", incident.Merge, fields{Into: "n"})
	right.must("sl2", incident.Split, fields{})
	s.join(left, right)
	st := s.state()
	if st.Status != incident.Merged || st.MergedInto != s.refs["n"] {
		t.Fatalf("%s into %v", st.Status, st.MergedInto)
	}
	if len(st.Conflicts) != 1 || st.Conflicts[0].Rule != "split_while_merging" {
		t.Fatal(st.Conflicts)
	}
	s.must("sl1", incident.Settle, fields{Conflict: st.Conflicts[0].ID, Choice: "settle.split"})
	if st, n := s.state(), s.of("n"); st.Status != incident.Accepted || len(n.Absorbed) != 0 {
		t.Errorf("%s %v", st.Status, n.Absorbed)
	}
}

func TestConflict_MergedIntoEachOther(t *testing.T) {
	s := reach(t, incident.Accepted, nil)
	s.must2("m", "op1", incident.Register, report(nil)) // registered later: the higher ID
	left, right := fork(s)
	left.must("sl1", incident.Merge, fields{Into: "m"})
	if err := right.do(act{At: right.now, By: "sl2", Do: incident.Merge, Ref: "m", Fields: fields{Into: "a"}}); err != nil {
		t.Fatal(err)
	}
	s.join(left, right)
	a, m := s.state(), s.of("m")
	if a.Status != incident.Accepted || len(a.Absorbed) != 1 || m.Status != incident.Merged || len(m.Absorbed) != 0 {
		t.Fatalf("master %s %v, merged %s %v", a.Status, a.Absorbed, m.Status, m.Absorbed)
	}
	if len(a.Conflicts) != 1 || a.Conflicts[0].Rule != "merge_cycle" {
		t.Fatal(a.Conflicts)
	}
	s.must("sl1", incident.Settle, fields{Conflict: a.Conflicts[0].ID, Choice: "settle.other_master"})
	a, m = s.state(), s.of("m")
	if m.Status != incident.Received || len(m.Absorbed) != 1 || a.Status != incident.Merged || len(a.Absorbed) != 0 || len(a.Conflicts)+len(m.Conflicts) != 0 {
		t.Errorf("after turning: a %s %v %v, m %s %v %v", a.Status, a.Absorbed, a.Conflicts, m.Status, m.Absorbed, m.Conflicts)
	}
}

// ring merges three incidents at three desks at once, each into the next.
func ring(t *testing.T) *stage {
	t.Helper()
	s := reach(t, incident.Accepted, nil)
	s.must2("m", "op1", incident.Register, report(nil))
	s.must2("n", "op1", incident.Register, report(nil))
	desks := [...]*second{{s.clone(1)}, {s.clone(2)}, {s.clone(3)}}
	merge := func(at *second, by incident.Login, one, into string) {
		if err := at.do(act{At: at.now, By: by, Do: incident.Merge, Ref: one, Fields: fields{Into: into}}); err != nil {
			t.Fatal(err)
		}
	}
	merge(desks[0], "sl1", "a", "m")
	merge(desks[1], "sl2", "m", "n")
	merge(desks[2], "sl1", "n", "a")
	s.join(desks[:]...)
	return s
}

func TestConflict_ThreeMergedInARingLeaveOneOpen(t *testing.T) {
	s := ring(t)
	a, m, n := s.state(), s.of("m"), s.of("n")
	if a.Status != incident.Accepted || m.Status != incident.Merged || n.Status != incident.Merged {
		t.Fatalf("a %s, m %s, n %s: the first of them must stay open", a.Status, m.Status, n.Status)
	}
	if len(a.Conflicts) != 1 || a.Conflicts[0].Rule != "merge_chain" {
		t.Fatal(a.Conflicts)
	}
	settle := func(choice string) error {
		return s.do(act{At: s.now, By: "sl1", Do: incident.Settle, Ref: "a", Fields: fields{Conflict: a.Conflicts[0].ID, Choice: choice}})
	}
	var refused *incident.Refusal
	if err := settle("settle.stay_merged"); !errors.As(err, &refused) || refused.Key != "refuse.settle.ring" {
		t.Fatalf("closing the ring: %v", err)
	}
	if err := settle("settle.split"); err != nil {
		t.Fatal(err)
	}
	if a, m := s.state(), s.of("m"); a.Status != incident.Accepted || len(a.Conflicts) != 0 || len(m.Absorbed) != 0 {
		t.Errorf("after the split: a %s %v, m took up %v", a.Status, a.Conflicts, m.Absorbed)
	}
}

func TestConflict_HeldBackMergeStandsOnceTheRingIsOpen(t *testing.T) {
	s := ring(t)
	if err := s.do(act{At: s.now, By: "sl1", Do: incident.Split, Ref: "n", Fields: fields{Reason: "拆开"}}); err != nil {
		t.Fatal(err)
	}
	if a, m, n := s.state(), s.of("m"), s.of("n"); a.Status != incident.Merged || m.Status != incident.Merged || !n.Status.Open() || len(a.Conflicts) != 0 {
		t.Errorf("a %s %v, m %s, n %s: a into m, m into n, n open", a.Status, a.Conflicts, m.Status, n.Status)
	}
}

func TestConflict_TwoOwners(t *testing.T) {
	s := reach(t, incident.WithCounty, nil)
	left, right := fork(s)
	left.must("op1", incident.CountyReturn, fields{Opinion: "甲镇办", ByPhone: true})
	right.must("cc", incident.CountyReturn, fields{Opinion: "乙镇办"})
	id := s.refs["a"]
	right.entries[id][len(right.entries[id])-1].Scope = 330825102
	s.join(left, right)
	st := s.state()
	if st.Scope != 330825102 || len(st.Conflicts) != 1 || st.Conflicts[0].Rule != "two_owners" || !st.Conflicts[0].Loud {
		t.Fatalf("scope %d, %v", st.Scope, st.Conflicts)
	}
	for choice, want := range map[string]func(incident.State) bool{
		"settle.owner_a":      func(st incident.State) bool { return st.Scope == 330825111 },
		"settle.owner_b":      func(st incident.State) bool { return st.Scope == 330825102 },
		"settle.county_keeps": status(incident.WithCounty),
	} {
		one := s.clone(3)
		one.must("cc", incident.Settle, fields{Conflict: st.Conflicts[0].ID, Choice: choice})
		if got := one.state(); !want(got) || len(got.Conflicts) != 0 {
			t.Errorf("%s: %d %s %v", choice, got.Scope, got.Status, got.Conflicts)
		}
	}
}
