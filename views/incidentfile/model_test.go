package incidentfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
)

func at(hour, minute int) incident.Stamp {
	return incident.StampOf(time.Date(2026, 8, 18, hour, minute, 0, 0, incident.Local))
}

// words names a key by itself with its arguments, and knows the names of two codes.
func words(key string, args ...any) string {
	switch key {
	case "reason.RT02":
		return "职责不符"
	case "void.test":
		return "测试"
	}
	if len(args) > 0 {
		return key + "=" + fmt.Sprint(args...)
	}
	return key
}

func name(l incident.Login) string {
	if l == "un_nyb" {
		return "陈某"
	}
	return string(l)
}

func TestSteps_DoneSkippedPresentAndAhead(t *testing.T) {
	st := incident.State{Status: incident.Handling, LeadUnit: "农业农村办", RespondedAt: at(14, 6), AcceptedAt: at(14, 7), DispatchedAt: at(14, 9), SignedAt: at(14, 11)}
	st.Log = []incident.LogLine{
		{Kind: incident.KindResponded, Actor: "op1", Role: incident.RoleOperator}, {Kind: incident.KindSigned, Actor: "un_nyb", Role: incident.RoleUnit, Unit: "农业农村办"},
	}
	var got []string
	for _, s := range Steps(&st, name) {
		got = append(got, fmt.Sprintf("%s:%d:%s", s.Key, s.State, s.Who))
	}
	want := "accept:3: respond:3:op1 dispatch:3: sign:3:农业农村办 陈某 arrive:1: handle:2: feedback:1: verify:1: callback:1: close:1:"
	if strings.Join(got, " ") != want {
		t.Errorf("steps\n%s, want\n%s", strings.Join(got, " "), want)
	}
	st.FirstFeedback = at(15, 0)
	if s := Steps(&st, name)[4]; s.State != Skipped {
		t.Errorf("arrival passed over is %d", s.State)
	}
}

func TestSteps_EndedHasNoPresentStep(t *testing.T) {
	for _, status := range []incident.Status{incident.Closed, incident.Refused, incident.Merged, incident.Forced, incident.Void} {
		st := incident.State{Status: status, EndedAt: at(16, 0)}
		for _, s := range Steps(&st, name) {
			if s.State == Present {
				t.Errorf("%s: %s is present", status, s.Key)
			}
		}
		if last := Steps(&st, name)[9]; last.State != Done || last.At != at(16, 0) {
			t.Errorf("%s: closing is %+v", status, last)
		}
	}
}

func TestNext_EveryOpenStatusHasANextStep(t *testing.T) {
	for status, want := range map[incident.Status]incident.Verb{
		incident.Received: incident.Respond, incident.Accepted: incident.Dispatch, incident.Disputed: incident.Rule, incident.Dispatched: incident.Sign,
		incident.Handling: incident.Feedback, incident.Suspended: incident.Resume, incident.WithCounty: incident.CountyClose, incident.FedBack: incident.Verify,
		incident.Verified: incident.Callback, incident.Merged: incident.Split, incident.Closed: incident.Reopen, incident.Refused: "", incident.Void: "",
	} {
		if got := Next(&incident.State{Status: status}); got != want {
			t.Errorf("%s: next is %q, want %q", status, got, want)
		}
	}
	if got := Next(&incident.State{Status: incident.Received, RespondedAt: 1}); got != incident.Accept {
		t.Errorf("answered: next is %q", got)
	}
}

func TestLogText_SaysWhatTheEntryHolds(t *testing.T) {
	line := func(kind incident.Kind, f incident.Fields) *incident.LogLine {
		return &incident.LogLine{Kind: kind, Role: incident.RoleOperator, Fact: &incident.Fact{Kind: kind, Fields: f}}
	}
	for _, c := range []struct {
		line *incident.LogLine
		want []string
	}{
		{
			line(incident.KindDispatched, incident.Fields{Lead: "农业农村办", Co: []incident.UnitID{"派出所"}, List: incident.ListJoint}),
			[]string{"incidentfile.log_lead=农业农村办", "incidentfile.log_co=派出所", "list.joint"},
		},
		{line(incident.KindReturned, incident.Fields{Reason: "RT02", Basis: "第三条"}), []string{"职责不符", "incidentfile.log_basis=第三条"}},
		{line(incident.KindVoided, incident.Fields{Reason: "test", Text: "演练"}), []string{"测试", "演练"}},
		{line(incident.KindMerged, incident.Fields{Reason: "同一事项"}), []string{"同一事项"}},
		{line(incident.KindVerified, incident.Fields{Pass: false}), []string{"pass.fail"}},
		{line(incident.KindExtended, incident.Fields{DueNew: at(17, 30)}), []string{"incidentfile.log_due=2026-08-18 17:30"}},
		{line(incident.KindResponded, incident.Fields{}), []string{"kind.11"}},
		{&incident.LogLine{Kind: 999}, []string{"incidentfile.unknown_entry"}},
	} {
		got := LogText(words, c.line)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("kind %d says %q, without %q", c.line.Kind, got, w)
			}
		}
	}
}

func TestLogText_NeverShowsTheTelephoneNumberOfARecord(t *testing.T) {
	f := incident.Fields{Unit: "派出所", Proxy: &incident.Proxy{Name: "周某", Number: "16400000001", Time: at(14, 9)}}
	got := LogText(words, &incident.LogLine{Kind: incident.KindSigned, Fact: &incident.Fact{Fields: f}})
	if strings.Contains(got, "16400000001") || !strings.Contains(got, "周某") {
		t.Errorf("says %q", got)
	}
}

func TestHeldFor_OneLineASegment(t *testing.T) {
	held := HeldFor(words, []incident.Segment{
		{Holder: incident.HolderRoom, From: at(14, 5), To: at(14, 9)}, {Holder: "农业农村办", From: at(14, 9), To: at(15, 0), Stopped: true}, {Holder: "派出所", From: at(15, 0)},
	}, at(15, 30))
	if len(held) != 3 || held[0].Who != "incidentfile.holder_room" || held[0].Long != 4*time.Minute || !held[1].Stopped || !held[2].Open || held[2].Long != 30*time.Minute {
		t.Errorf("held %+v", held)
	}
}

func TestLogText_NamesLimitsDeliveryAndTheTelephoneRecordOfADispatch(t *testing.T) {
	l := incident.LogLine{Kind: incident.KindDispatched, Role: incident.RoleOperator, Fact: &incident.Fact{Kind: incident.KindDispatched, Fields: incident.Fields{
		Lead: "农业农村办", Delivery: []incident.Delivery{incident.BySlip, incident.ByPhone}, Reason: "塌方绕行",
		Terms:   &incident.Terms{Arrive: incident.Limit{Kind: incident.NaturalTime, N: 45}, SettleBy: at(17, 30)},
		Vouched: &incident.Proxy{Name: "王某", Number: "05700000003", Time: at(14, 9)},
	}}}
	text := LogText(words, &l)
	for _, want := range []string{"delivery.slip", "delivery.phone", "塌方绕行", "field.limit_arrive forms.limit_minutes=45", "field.limit_settle 2026-08-18 17:30", "王某 05700000003 2026-08-18 14:09"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log says %q, without %q", text, want)
		}
	}
	if strings.Contains(text, "field.limit_sign") {
		t.Errorf("a limit nobody set is in %q", text)
	}
}
