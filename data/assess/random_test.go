package assess_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zw110/data/assess"
	"zw110/data/assess/assesstest"
	"zw110/data/incident"
)

var liaisons = map[incident.UnitID]incident.Login{"建设办": "un_jsb", "执法队": "un_zfd", "派出所": "un_pcs", "村委会": "un_cwh"}

var someUnits = []incident.UnitID{"建设办", "执法队", "派出所", "村委会"}

// roll is one month of acts drawn at random; what Decide refuses did not happen.
type roll struct {
	t   *rapid.T
	d   *assesstest.Desk
	now incident.Stamp
}

func one[T any](r *roll, from ...T) T { return rapid.SampledFrom(from).Draw(r.t, "") }

func (r *roll) month(acts int) {
	for range acts {
		r.now = r.now.Add(time.Duration(one(r, 20, 90, 300, 1800, 7200, 20_000, 90_000)) * time.Second)
		if len(r.d.Refs) == 0 || len(r.d.Refs) < 6 && one(r, 0, 0, 0, 1) == 1 {
			r.register()
			continue
		}
		st := r.d.States[r.d.Refs[fmt.Sprintf("r%d", rapid.IntRange(1, len(r.d.Refs)).Draw(r.t, ""))]]
		a := r.act(&st)
		a.At, a.Ref = r.now, st.No
		_ = r.d.Do(a)
	}
}

func (r *roll) register() {
	f := incident.Fields{
		Title: "路灯不亮", Content: "路灯不亮。", Village: "罗山村", Channel: one(r, incident.Channel12345, incident.Channel110),
		Category: one(r, "0905", "0603", "0203", "0103", "0105"), Urgency: one(r, incident.Normal, incident.Normal, incident.Urgent),
	}
	if one(r, 0, 1) == 1 {
		f.Reporter = &incident.Reporter{Name: "某", Phone: "13800005678"}
	}
	if one(r, 0, 0, 1) == 1 {
		f.DueSource = r.now.Add(4 * 24 * time.Hour)
	}
	ref := fmt.Sprintf("r%d", len(r.d.Refs)+1)
	if err := r.d.Do(incident.Act{At: r.now, By: "op1", Do: incident.Register, Ref: ref, Fields: f}); err != nil {
		r.t.Fatal(err)
	}
}

type deed func(*roll, *incident.State) incident.Act

func plain(by incident.Login, do incident.Verb, f incident.Fields) deed {
	return func(*roll, *incident.State) incident.Act { return incident.Act{By: by, Do: do, Fields: f} }
}

func sending(by incident.Login, do incident.Verb, reason string) deed {
	return func(r *roll, _ *incident.State) incident.Act {
		lead := one(r, someUnits...)
		f := incident.Fields{Lead: lead, Reason: reason, Basis: "职责清单"}
		for _, u := range someUnits[2:] {
			if u != lead && one(r, 0, 1) == 1 {
				f.Co = append(f.Co, u)
			}
		}
		f.CoGiven = one(r, 0, 1) == 1
		return incident.Act{By: by, Do: do, Fields: f}
	}
}

// byTask lets a unit with a task act, the lead every other time.
func byTask(do incident.Verb, f incident.Fields) deed {
	return func(r *roll, st *incident.State) incident.Act {
		unit := st.LeadUnit
		if n := len(st.Tasks); n > 0 && one(r, 0, 1) == 1 {
			unit = st.Tasks[rapid.IntRange(0, n-1).Draw(r.t, "")].Unit
		}
		if do == incident.Feedback {
			f.Result = one(r, "settled", "settled", "staged")
			f.FollowupDue = incident.DayOf(r.now.Add(48 * time.Hour))
		}
		return incident.Act{By: liaisons[unit], Do: do, Fields: f}
	}
}

func extending(r *roll, st *incident.State) incident.Act {
	due, _ := incident.SettleDue(st, r.d.Rules)
	return incident.Act{By: "tl1", Do: incident.Extend, Fields: incident.Fields{Reason: "EX01", AskedAt: r.now, DueNew: due.Add(20 * time.Hour), UpstreamOK: true}}
}

func suspending(r *roll, _ *incident.State) incident.Act {
	return incident.Act{By: "tl1", Do: incident.Suspend, Fields: incident.Fields{Reason: "SU01", Review: incident.DayOf(r.now.Add(72 * time.Hour))}}
}

func merging(r *roll, _ *incident.State) incident.Act {
	return incident.Act{By: "sl1", Do: incident.Merge, Fields: incident.Fields{
		Into: fmt.Sprintf("r%d", rapid.IntRange(1, len(r.d.Refs)).Draw(r.t, "")), ProposedBy: "op1", ConfirmedBy: "sl1", Reason: "同一件事",
	}}
}

func calling(r *roll, _ *incident.State) incident.Act {
	return incident.Act{By: "op1", Do: incident.Callback, Fields: incident.Fields{
		Answer:    one(r, "satisfied", "basically", "refused", "not_reached", "dissatisfied_reasonable", "dissatisfied_unreasonable"),
		DecidedBy: "rd",
	}}
}

func escalating(r *roll, _ *incident.State) incident.Act {
	return incident.Act{By: "rd", Do: incident.Escalate, Fields: incident.Fields{Reason: one(r, "UP01", "UP02", "UP04"), Draft: "请示"}}
}

const long = "现场已处理完毕，已告知当事人。"

// deeds are what may be tried in each state.
var deeds = map[incident.Status][]deed{
	incident.Received: {
		plain("op1", incident.Respond, incident.Fields{}), plain("op1", incident.Accept, incident.Fields{}), plain("op1", incident.Accept, incident.Fields{Urgency: incident.Urgent}),
		plain("op1", incident.AskInfo, incident.Fields{Reason: "IN01", Question: "哪里", Whom: "报告人"}),
		plain("sl1", incident.Refuse, incident.Fields{Reason: "NR01", Text: "不属本地", ReturnedToSource: true}), plain("sl1", incident.VoidIt, incident.Fields{Reason: "test", Text: "误登"}),
	},
	incident.InfoNeeded: {plain("op1", incident.Accept, incident.Fields{})},
	incident.Accepted: {
		sending("sl1", incident.Dispatch, ""), sending("sl1", incident.Dispatch, ""), sending("sl1", incident.Dispatch, ""),
		plain("sl1", incident.Dispute, incident.Fields{Opinions: []string{"甲", "乙"}}), merging, escalating,
	},
	incident.Disputed: {sending("rd", incident.Rule, ""), escalating},
	incident.Dispatched: {
		byTask(incident.Sign, incident.Fields{}), byTask(incident.Sign, incident.Fields{}), byTask(incident.Sign, incident.Fields{}), sending("sl1", incident.Reassign, "RA01"),
		byTask(incident.Return, incident.Fields{Reason: "RT02", Basis: "职责清单", ConfirmedBy: "sl1"}), plain("sl1", incident.Dispute, incident.Fields{Opinions: []string{"甲", "乙"}}), merging,
		plain("op1", incident.AddCo, incident.Fields{Unit: "村委会", Reason: "协助"}),
	},
	incident.Handling: {
		byTask(incident.Sign, incident.Fields{}), byTask(incident.Sign, incident.Fields{}), byTask(incident.Feedback, incident.Fields{Text: long, Photos: 1, Contacted: true}),
		byTask(incident.Feedback, incident.Fields{Text: long, Photos: 1, Contacted: true}), byTask(incident.Feedback, incident.Fields{Text: long, Photos: 1, Contacted: true}),
		suspending, extending, escalating, sending("sl1", incident.Reassign, "RA02"), plain("op1", incident.AddCo, incident.Fields{Unit: "村委会", Reason: "协助"}),
		plain("rd", incident.ForceClose, incident.Fields{Reason: "FC01", Second: "tl1", DocumentNo: "塔政〔2026〕1号", Text: "客观不能"}),
	},
	incident.Suspended: {plain("rd", incident.Resume, incident.Fields{}), plain("rd", incident.Resume, incident.Fields{}), escalating},
	incident.WithCounty: {
		plain("cc", incident.CountyReturn, incident.Fields{Opinion: "属地处理"}), plain("cc", incident.CountyClose, incident.Fields{Text: long, Result: "settled"}),
	},
	incident.FedBack: {
		plain("op2", incident.Verify, incident.Fields{Pass: true, Text: "属实"}), plain("op2", incident.Verify, incident.Fields{Pass: true, Text: "属实"}),
		plain("op2", incident.Verify, incident.Fields{Reason: "VF01", Text: "未做"}),
	},
	incident.Verified: {
		calling, calling, calling, plain("op1", incident.Reopen, incident.Fields{Reason: "RO01", Text: "不满意"}), plain("sl1", incident.Reopen, incident.Fields{Reason: "RO02", Text: "又坏了"}),
		plain("op2", incident.Verify, incident.Fields{Pass: true, FollowUp: true, Text: "复查"}),
	},
	incident.Closed: {
		plain("sl1", incident.Reopen, incident.Fields{Reason: "RO03", Text: "新情况"}), plain("op2", incident.Verify, incident.Fields{Pass: true, FollowUp: true, Text: "复查"}),
		plain("op2", incident.Verify, incident.Fields{Pass: false, FollowUp: true, Text: "复查"}),
	},
}

func (r *roll) act(st *incident.State) incident.Act {
	may := deeds[st.Status]
	if len(may) == 0 {
		may = []deed{plain("op1", incident.Note, incident.Fields{Text: "记"})}
	}
	return one(r, may...)(r, st)
}

// monthsPerCheck times the 100 checks make a thousand months.
const monthsPerCheck = 10

// TestAssess_AgreesWithASecondImplementation counts a thousand random months twice, by packages and by a plain walk over the entries.
func TestAssess_AgreesWithASecondImplementation(t *testing.T) {
	rules := assesstest.Rules(t)
	days := []incident.Day{"2026-08-03", "2026-08-04", "2026-08-06", "2026-08-09", "2026-08-15"}
	seen := map[incident.Status]int{}
	rapid.Check(t, func(rt *rapid.T) {
		for range monthsPerCheck {
			start, _ := incident.Day("2026-08-03").Start()
			r := &roll{t: rt, d: assesstest.New(rules), now: start.Add(time.Duration(rapid.IntRange(0, 86_400).Draw(rt, "")) * time.Second)}
			r.month(rapid.IntRange(20, 60).Draw(rt, "acts"))
			i := rapid.IntRange(0, len(days)-1).Draw(rt, "from")
			from, to := days[i], days[rapid.IntRange(i, len(days)-1).Draw(rt, "to")]
			report, err := assess.Assess(assess.Params{From: from, To: to, Rules: rules}, r.d.All())
			if err != nil {
				rt.Fatal(err)
			}
			for _, st := range r.d.States {
				seen[st.Status]++
			}
			agree(rt, &report, secondly(r.d.Entries, report.Period, rules))
			sound(rt, &report)
		}
	})
	for _, s := range []incident.Status{
		incident.Closed, incident.Refused, incident.Merged, incident.Forced, incident.Void, incident.Suspended, incident.WithCounty, incident.Verified, incident.Handling,
	} {
		if seen[s] < 5 {
			t.Errorf("only %d incidents ended in %s", seen[s], s)
		}
	}
}

func agree(t *rapid.T, r *assess.Report, want secondFigures) {
	for _, m := range r.Total.Measures {
		if m.Key == assess.ResponseFromPush || m.Key == assess.Complete {
			continue // what they add is tested by hand
		}
		if got := (nOf{m.N, m.Of}); got != want.rates[m.Key] {
			t.Errorf("%s: %d/%d, the second implementation says %d/%d", m.Key, got.n, got.of, want.rates[m.Key].n, want.rates[m.Key].of)
		}
	}
	if r.Total.Received != want.received || r.Total.Rateable != want.rateable {
		t.Errorf("received %d rateable %d, the second implementation says %d and %d", r.Total.Received, r.Total.Rateable, want.received, want.rateable)
	}
	b := r.Balance
	got := []int{b.CarriedIn, b.New, b.Back, b.Closed, b.OpenAtEnd, b.X1 + b.X2 + b.X3 + b.X4}
	if line := []int{want.carried, want.fresh, want.back, want.closed, want.open, want.ends}; !slices.Equal(got, line) {
		t.Errorf("balance %v, the second implementation says %v", got, line)
	}
	for unit, f := range r.By[assess.ByUnit] {
		if m := f.Measure(assess.OnTime); (nOf{m.N, m.Of}) != want.unitOnTime[unit] {
			t.Errorf("on time of %s: %d/%d, the second implementation says %v", unit, m.N, m.Of, want.unitOnTime[unit])
		}
	}
}

// sound: the balance holds, n is among N, and what is left out of N has one known reason.
func sound(t *rapid.T, r *assess.Report) {
	if !r.Balance.Holds() {
		t.Errorf("balance %+v", r.Balance)
	}
	many := []assess.Key{assess.SignInTime, assess.Satisfaction, assess.Returned} // tasks and answers, several to an incident
	for _, m := range r.Total.Measures {
		in, left, n := map[string]int{}, map[string]int{}, 0
		for _, p := range m.Parts {
			switch {
			case p.Why == "":
				in[p.No]++
			case !slices.Contains(assess.Reasons(), p.Why):
				t.Errorf("%s: %s has the unknown reason %s", m.Key, p.No, p.Why)
			case p.Count != 0 && m.Key != assess.Extended:
				t.Errorf("%s: %s counts although it is left out", m.Key, p.No)
			default:
				left[p.No]++
			}
			n += p.Count
		}
		for no, times := range left {
			if (in[no] > 0 || times > 1) && !slices.Contains(many, m.Key) {
				t.Errorf("%s: %s is left out %d times and in N %d times", m.Key, no, times, in[no])
			}
		}
		for no, times := range in {
			if times > 1 && !slices.Contains(many, m.Key) {
				t.Errorf("%s: %s is in N %d times", m.Key, no, times)
			}
		}
		if n != m.N || m.N > m.Of && m.Key != assess.Extended {
			t.Errorf("%s: %d/%d, the parts make %d", m.Key, m.N, m.Of, n)
		}
	}
}
