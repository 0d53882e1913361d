package forms

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/room"
)

// at is a moment of 18 August 2026 in Beijing.
func at(hour, minute int) incident.Stamp {
	return incident.StampOf(time.Date(2026, 8, 18, hour, minute, 0, 0, incident.Local))
}

func words(key string, args ...any) string {
	if len(args) == 0 {
		return key
	}
	return fmt.Sprint(append([]any{key}, args...)...)
}

func book() Book {
	return Book{
		Villages:   []Option{{Value: "双联新村村", Name: "双联新村"}, {Value: "塔石村", Name: "塔石村"}},
		Units:      []Option{{Value: "农业农村办", Name: "农业农村办"}, {Value: "派出所", Name: "塔石派出所"}, {Value: "建设办", Name: "村镇建设办"}, {Value: "村委会", Name: "村委会"}},
		Categories: []Option{{Value: "0501", Name: "农业农村·在建项目排水"}, {Value: "0603", Name: "环境保护·垃圾"}},
		People: []Person{
			{Login: "op1", Name: "李某", Role: incident.RoleOperator},
			{Login: "sl1", Name: "王某", Role: incident.RoleShift},
			{Login: "rd", Name: "张某", Role: incident.RoleDirector},
			{Login: "tl1", Name: "赵某", Role: incident.RoleTown},
			{Login: "un_nyb", Name: "陈某", Role: incident.RoleUnit, Unit: "农业农村办"},
		},
	}
}

// handled is an incident with a lead and a co-handler at work.
func handled() *room.Detail {
	d := &room.Detail{}
	d.State.ID = incident.IncidentID{1}
	d.State.Status = incident.Handling
	d.State.LeadUnit = "农业农村办"
	d.State.Channel = incident.Channel12345
	d.State.Tasks = []incident.Task{
		{Unit: "派出所", Status: incident.TaskSent}, {Unit: "农业农村办", Lead: true, Status: incident.TaskArrived}, {Unit: "村委会", Status: incident.TaskReturned},
	}
	d.Row.No = "2026-0818-029"
	return d
}

func open(t *testing.T, verb incident.Verb, subject *room.Detail, role incident.Role) *Form {
	t.Helper()
	f, err := NewForm(Params{Verb: verb, Subject: subject, Who: incident.Actor{Login: "op1", Role: role}, Now: at(14, 9), Book: book(), Text: words})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestForm_EveryVerbHasAFormWhoseFieldsSetSomething(t *testing.T) {
	verbs := []incident.Verb{
		incident.Register, incident.Accept, incident.AskInfo, incident.Refuse, incident.Merge, incident.Dispatch, incident.Sign, incident.Return,
		incident.Reassign, incident.Dispute, incident.Rule, incident.Arrive, incident.Progress, incident.AddCo, incident.WaiveCo, incident.Suspend,
		incident.Resume, incident.Extend, incident.Escalate, incident.CountyReturn, incident.CountyClose, incident.Feedback, incident.Verify,
		incident.Reopen, incident.Callback, incident.ForceClose, incident.VoidIt, incident.Supervise, incident.Urge, incident.Split, incident.Edit,
		incident.Note, incident.Move, incident.Settle, incident.Unseal,
	}
	tables, set := fieldsOf(), setters()
	for _, v := range verbs {
		fields, ok := tables[v]
		if !ok {
			t.Errorf("%s has no form", v)
		}
		for _, f := range fields {
			if set[f.Key] == nil {
				t.Errorf("%s: field %s sets nothing", v, f.Key)
			}
			if (f.Kind == Choice || f.Kind == Pick || f.Kind == Picks) != (f.Options != nil) {
				t.Errorf("%s: field %s of kind %d and its options do not fit", v, f.Key, f.Kind)
			}
		}
	}
}

func TestForm_UnknownVerbIsAnError(t *testing.T) {
	if _, err := NewForm(Params{Verb: "fly", Text: words}); err == nil {
		t.Fatal("no error")
	}
}

func TestForm_ProposalNeverReplacesAChoice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := open2(t)
		keys := rapid.SampledFrom([]string{"village", "category", "urgency", "title"})
		last := map[string]string{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			key, value := keys.Draw(t, "key"), rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "value")
			if rapid.Bool().Draw(t, "person") {
				if f.Value(key) != value {
					last[key] = value
				}
				f.Set(key, value)
				continue
			}
			stood := f.Propose(key, value, "words")
			if chosen, has := last[key]; has && (stood || f.Value(key) != chosen) {
				t.Fatalf("proposal replaced %q of %s by %q", chosen, key, f.Value(key))
			}
			if stood && f.Value(key) != value {
				t.Fatalf("proposal said to stand, value is %q", f.Value(key))
			}
		}
	})
}

func open2(t *rapid.T) *Form {
	f, err := NewForm(Params{Verb: incident.Register, Who: incident.Actor{Login: "op1", Role: incident.RoleOperator}, Now: at(14, 9), Book: book(), Text: words})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestForm_RequiredFieldsAreAskedOnlyWhileTheyShow(t *testing.T) {
	f := open(t, incident.Verify, handled(), incident.RoleOperator)
	if m := f.Missing(); len(m) != 0 {
		t.Fatalf("passing asks for %v", m)
	}
	f.Set("pass", "fail")
	if m := f.Missing(); !slices.Equal(m, []string{"reason"}) {
		t.Fatalf("failing asks for %v", m)
	}
	f.Set("reason", "VF01")
	f.Set("pass", "pass")
	act, err := f.Act()
	if err != nil || !act.Pass || act.Reason != "" {
		t.Fatalf("act %+v, %v: a hidden reason must not go along", act.Fields, err)
	}
}

func TestForm_FeedbackOfACoHandlerAsksForNoResult(t *testing.T) {
	subject := handled()
	subject.State.Tasks[0].Status = incident.TaskSigned
	f := open(t, incident.Feedback, subject, incident.RoleOperator)
	if f.Value("unit") != "农业农村办" {
		t.Fatalf("starts with unit %q, want the lead", f.Value("unit"))
	}
	f.Set("result", "staged")
	if m := f.Missing(); !slices.Equal(m, []string{"text", "document_no", "followup_due", "proxy_name", "proxy_number"}) {
		t.Fatalf("staged closure asks for %v", m)
	}
	f.Set("unit", "派出所")
	f.Set("text", "已到场配合，维持秩序，无异常。")
	f.Set("proxy_name", "周某")
	f.Set("proxy_number", "16400000001")
	act, err := f.Act()
	if err != nil || act.Result != "" || act.Unit != "派出所" {
		t.Fatalf("act %+v, %v", act.Fields, err)
	}
}

func TestForm_SignByTelephoneNeedsNameNumberAndTime(t *testing.T) {
	f := open(t, incident.Sign, handled(), incident.RoleOperator)
	if f.Value("unit") != "派出所" {
		t.Fatalf("unit %q: only one has still to sign", f.Value("unit"))
	}
	if m := f.Missing(); !slices.Equal(m, []string{"proxy_name", "proxy_number"}) {
		t.Fatalf("missing %v", m)
	}
	f.Set("proxy_name", "周某")
	f.Set("proxy_number", "16400000001")
	act, err := f.Act()
	if err != nil || act.Proxy == nil || act.Proxy.Time != at(14, 9) || act.Proxy.Name != "周某" {
		t.Fatalf("act %+v, %v", act.Proxy, err)
	}
	own := handled()
	own.State.Tasks[1].Status = incident.TaskSent
	f, err = NewForm(Params{Verb: incident.Sign, Subject: own, Who: incident.Actor{Login: "un_nyb", Role: incident.RoleUnit, Unit: "农业农村办"}, Now: at(14, 9), Book: book(), Text: words})
	if err != nil {
		t.Fatal(err)
	}
	if o := f.Fields()[0].Options(f); len(o) != 1 || o[0].Value != "农业农村办" || len(f.Missing()) != 0 {
		t.Fatalf("a unit's own form offers %v, misses %v", o, f.Missing())
	}
}

func TestForm_SecondPersonIsAskedOnlyOfThoseWhoNeedOne(t *testing.T) {
	for _, c := range []struct {
		verb incident.Verb
		role incident.Role
		key  string
		asks bool
	}{
		{incident.Return, incident.RoleOperator, "confirmed_by", true},
		{incident.Suspend, incident.RoleOperator, "approved_by", true},
		{incident.Suspend, incident.RoleTown, "approved_by", false},
		{incident.Merge, incident.RoleOperator, "confirmed_by", true},
		{incident.ForceClose, incident.RoleDirector, "second", true},
	} {
		f := open(t, c.verb, handled(), c.role)
		got := slices.ContainsFunc(f.Fields(), func(field Field) bool { return field.Key == c.key })
		if got != c.asks {
			t.Errorf("%s by %s asks for %s: %v", c.verb, c.role, c.key, got)
		}
	}
}

func TestForm_BadDayIsAFaultOfItsField(t *testing.T) {
	f := open(t, incident.Suspend, handled(), incident.RoleDirector)
	f.Set("reason", "SU01")
	f.Set("review", "2-30")
	_, err := f.Act()
	var fault *Fault
	if !errors.As(err, &fault) || fault.Field != "review" || fault.Key != "forms.no_day" {
		t.Fatalf("err %v", err)
	}
}

func TestForm_DraftKeepsWhatAPersonChoseAndComesBack(t *testing.T) {
	f := open(t, incident.Register, nil, incident.RoleOperator)
	f.Propose("village", "塔石村", "塔石")
	f.Set("content", "水沟堵了")
	draft := f.Draft()
	if len(draft) != 1 || draft["content"] != "水沟堵了" {
		t.Fatalf("draft %v", draft)
	}
	draft["gone"] = "x"
	again := open(t, incident.Register, nil, incident.RoleOperator)
	again.Restore(draft)
	if again.Value("content") != "水沟堵了" || again.Value("gone") != "" || !again.Dirty() {
		t.Fatal("draft did not come back whole")
	}
}

func TestParseDay_AsPeopleTypeIt(t *testing.T) {
	for in, want := range map[string]incident.Day{
		"2026-08-21": "2026-08-21", "8-21": "2026-08-21", "8/21": "2026-08-21", "8月21日": "2026-08-21", "8月21号": "2026-08-21", "21": "2026-08-21",
		"17": "2026-09-17", "18": "2026-08-18", "0821": "2026-08-21", "+3": "2026-08-21", "＋3": "2026-08-21", "2026年8月21日": "2026-08-21", " 8.21 ": "2026-08-21",
	} {
		if got, err := ParseDay(in, at(14, 9)); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "2-30", "13-1", "abc", "-1", "+", "+-2", "2026-8-1-1", "32", "0", "1999-1-1", "8-"} {
		if got, err := ParseDay(in, at(14, 9)); err == nil {
			t.Errorf("%q is read as %q", in, got)
		}
	}
}

func TestParseMoment_AsPeopleTypeIt(t *testing.T) {
	day21 := func(h, m int) incident.Stamp { return at(h, m).Add(3 * 24 * time.Hour) }
	for in, want := range map[string]incident.Stamp{
		"15:30": at(15, 30), "15：30": at(15, 30), "2026-08-21 17:30": day21(17, 30), "8-21 9:05": day21(9, 5), "8月21日17点30分": day21(17, 30),
		"21 17:30": day21(17, 30), "+3 10:00": day21(10, 0), "8月21日": day21(17, 30), "2026-08-21T08:00": day21(8, 0),
	} {
		if got, err := ParseMoment(in, at(14, 9)); err != nil || got != want {
			t.Errorf("%q is %s, %v; want %s", in, FormatMoment(got), err, FormatMoment(want))
		}
	}
	for _, in := range []string{"", "25:00", "12:60", "117:30", "noon", "8-32 10:00"} {
		if got, err := ParseMoment(in, at(14, 9)); err == nil {
			t.Errorf("%q is read as %s", in, FormatMoment(got))
		}
	}
}

func TestParseMoment_ReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := at(0, 0).Add(time.Duration(rapid.Int64Range(-500_000, 500_000).Draw(t, "minutes")) * time.Minute)
		if got, err := ParseMoment(FormatMoment(s), at(14, 9)); err != nil || got != s {
			t.Fatalf("%s read back as %s, %v", FormatMoment(s), FormatMoment(got), err)
		}
	})
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"8-21 17:30", "21", "8月21日17点30分", "+3 10:00", "：", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := ParseMoment(text, at(14, 9)); err == nil && s.Time().Year() < 1999 {
			t.Fatalf("%q gives %s", text, s.Time())
		}
	})
}

// fakeAdvice proposes what the test says and records the drafts it was asked about.
type fakeAdvice struct {
	report intake.Report
	likely []board.Likely
	asked  []incident.Fields
}

func (a *fakeAdvice) Propose(string, incident.Channel) intake.Report { return a.report }

func (a *fakeAdvice) Likely(draft incident.Fields) []board.Likely {
	a.asked = append(a.asked, draft)
	return a.likely
}

func TestRegister_FillsFromTextAndShowsTheWords(t *testing.T) {
	advice := &fakeAdvice{likely: []board.Likely{{Score: 80}}}
	advice.report.Proposals = []intake.Proposal{
		{Field: "village", Value: "双联新村村", Words: "双联新村", Score: 1},
		{Field: "category", Value: "0603", Words: "垃圾", Score: 0.3},
		{Field: "category", Value: "0501", Words: "工地排水", Score: 0.8},
		{Field: "urgency", Value: "urgent", Words: "漫进农田", Score: 0.6},
	}
	advice.report.Fields.RiskWords = []string{"堵路"}
	advice.report.Fields.Reporter = &incident.Reporter{Phone: "16400000001"}
	r, err := NewRegister(Params{Who: incident.Actor{Login: "op1", Role: incident.RoleOperator}, Now: at(14, 9), Book: book(), Text: words}, advice)
	if err != nil {
		t.Fatal(err)
	}
	r.Set("urgency", "normal")
	r.Set("content", "双联新村工地排水不达标，雨后积水漫进农田。村民说再不管就去堵路。")
	r.Read()
	if r.Value("category") != "0501" || r.Origin("category") != "工地排水" || r.Value("village") != "双联新村村" || r.Value("phone") != "16400000001" {
		t.Fatalf("values %v, origins %v", r.values, r.origin)
	}
	if r.Value("urgency") != "normal" {
		t.Fatal("the proposal replaced a chosen urgency")
	}
	if r.Value("title") != "双联新村工地排水不达标，雨后积水漫进农田" || len(r.Likely) != 1 {
		t.Fatalf("title %q, likely %v", r.Value("title"), r.Likely)
	}
	act, err := r.Act()
	if err != nil || act.Urgency != incident.Normal || act.Category != "0501" || !slices.Equal(act.RiskWords, []string{"堵路"}) {
		t.Fatalf("act %+v, %v", act.Fields, err)
	}
	if last := advice.asked[len(advice.asked)-1]; last.Village != "双联新村村" || last.Reporter.Phone != "16400000001" {
		t.Fatalf("duplicates were asked for with %+v", last)
	}
	if then := r.Then(incident.IncidentID{9}, "2026-0818-030"); len(then) != 2 || then[0].Do != incident.Respond || then[1].Do != incident.Accept {
		t.Fatalf("then %v", then)
	}
	r.Set("accept_now", "")
	if then := r.Then(incident.IncidentID{9}, "x"); then != nil {
		t.Fatalf("then %v though not asked for", then)
	}
	r.Set("content", "")
	r.Set("phone", "")
	advice.report = intake.Report{}
	r.Read()
	if r.Value("village") != "" || r.Value("title") != "" || r.Likely != nil {
		t.Fatalf("proposals outlive their text: %v", r.values)
	}
}

func TestTitleOf_FirstClauseAndNeverTooLong(t *testing.T) {
	for in, want := range map[string]string{
		"水沟堵了。快来": "水沟堵了", "": "", "路灯不亮": "路灯不亮", "一二三四五六七八九十一二三四五六七八九十一二三四五六": "一二三四五六七八九十一二三四五六七八九十一二三四",
	} {
		if got := titleOf(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}
