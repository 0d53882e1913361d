package incident_test

import (
	"errors"
	"testing"
	"time"

	"zw110/data/incident"
)

// guard is one guard of one transition: what must be refused, and the same act mended, which must be taken.
type guard struct {
	name  string
	from  incident.Status
	setup func(*fields)             // changes the report
	prep  func(*stage)              // more acts before
	by    incident.Login            //
	do    incident.Verb             //
	after time.Duration             // since the last act
	bad   func(*stage) fields       //
	key   string                    // of the refusal
	good  func(*stage) fields       // nil: cannot be mended by other fields
	then  func(incident.State) bool // what the mended act must lead to
}

func with(f fields) func(*stage) fields { return func(*stage) fields { return f } }

func status(want incident.Status) func(incident.State) bool {
	return func(st incident.State) bool { return st.Status == want }
}

func critical(f *fields) { f.Category, f.Urgency = "0403", incident.Critical }

func urgent(f *fields) { f.Category, f.Urgency = "0601", incident.Urgent }

func hotline(f *fields) { f.Channel, f.SourceNo = incident.Channel12345, "260803090000000001" }

func noCo(s *stage) {
	s.must("op1", incident.WaiveCo, fields{Unit: "村委会", Reason: "现场不需要", AskedBy: "un_jsb"})
}

func returning(change func(*fields)) func(*stage) fields {
	return func(*stage) fields {
		f := fields{Reason: "RT02", Basis: "职责清单未列", ConfirmedBy: "sl1"}
		change(&f)
		return f
	}
}

func intakeGuards() []guard {
	return []guard{
		{name: "respond twice", from: incident.Received, prep: func(s *stage) { s.must("op1", incident.Respond, fields{}) }, by: "op2", do: incident.Respond, bad: with(fields{}), key: "t2.twice"},
		{name: "no village", from: incident.Received, setup: func(f *fields) { f.Village = "" }, by: "op1", do: incident.Accept, bad: with(fields{}), key: "t3.village", good: with(fields{Village: "塔石村"}), then: status(incident.Accepted)},
		{name: "village of another town", from: incident.Received, by: "op1", do: incident.Accept, bad: with(fields{Village: "外镇村"}), key: "any.bad_village", good: with(fields{Village: "双联新村"})},
		{name: "no category", from: incident.Received, setup: func(f *fields) { f.Category = "" }, by: "op1", do: incident.Accept, bad: with(fields{}), key: "t3.category", good: with(fields{Category: "0603"})},
		{name: "category nobody knows", from: incident.Received, by: "op1", do: incident.Accept, bad: with(fields{Category: "9999"}), key: "any.bad_category", good: with(fields{Category: "0904"})},
		{name: "no urgency", from: incident.Received, setup: func(f *fields) { f.Urgency = "" }, by: "op1", do: incident.Accept, bad: with(fields{}), key: "t3.urgency", good: with(fields{Urgency: incident.Low})},
		{name: "urgency nobody knows", from: incident.Received, by: "op1", do: incident.Accept, bad: with(fields{Urgency: "asap"}), key: "any.bad_urgency", good: with(fields{Urgency: incident.Urgent})},
		{name: "difficulty", from: incident.Received, by: "op1", do: incident.Accept, bad: with(fields{Difficulty: 5}), key: "any.bad_difficulty", good: with(fields{Difficulty: 4})},
		{name: "ask with another code", from: incident.Received, by: "op1", do: incident.AskInfo, bad: with(fields{Reason: "NR01", Question: "?", Whom: "来电人"}), key: "any.reason", good: with(fields{Reason: "IN02", Question: "?", Whom: "来电人"}), then: status(incident.InfoNeeded)},
		{name: "ask nothing", from: incident.Received, by: "op1", do: incident.AskInfo, bad: with(fields{Reason: "IN02", Whom: "来电人"}), key: "t4.question"},
		{name: "ask nobody", from: incident.Received, by: "op1", do: incident.AskInfo, bad: with(fields{Reason: "IN02", Question: "在哪"}), key: "t4.whom"},
		{name: "refuse without code", from: incident.InfoNeeded, by: "sl1", do: incident.Refuse, bad: with(fields{Text: "属邻镇"}), key: "any.reason", good: with(fields{Reason: "NR07", Text: "属邻镇"}), then: status(incident.Refused)},
		{name: "refuse without words", from: incident.Received, by: "sl1", do: incident.Refuse, bad: with(fields{Reason: "NR01", Text: " "}), key: "t5.text"},
		{name: "void for convenience", from: incident.Accepted, by: "sl1", do: incident.VoidIt, bad: with(fields{Reason: "RT01"}), key: "any.reason", good: with(fields{Reason: "mistake"}), then: status(incident.Void)},
	}
}

func dispatchGuards() []guard {
	return []guard{
		{name: "no lead", from: incident.Accepted, by: "op1", do: incident.Dispatch, bad: with(fields{Co: []incident.UnitID{"村委会"}}), key: "any.no_lead"},
		{name: "lead nobody knows", from: incident.Accepted, by: "op1", do: incident.Dispatch, bad: with(fields{Lead: "航天办"}), key: "any.unit_unknown", good: with(fields{Lead: "建设办"})},
		{name: "co-handler nobody knows", from: incident.Accepted, by: "op1", do: incident.Dispatch, bad: with(fields{Lead: "建设办", Co: []incident.UnitID{"航天办"}}), key: "any.unit_unknown"},
		{name: "lead among co-handlers", from: incident.Accepted, by: "op1", do: incident.Dispatch, bad: with(fields{Lead: "建设办", Co: []incident.UnitID{"建设办"}}), key: "any.one_lead"},
		{name: "co-handler twice", from: incident.Accepted, by: "op1", do: incident.Dispatch, bad: with(fields{Lead: "建设办", Co: []incident.UnitID{"村委会", "村委会"}}), key: "any.unit_twice"},
		{name: "three units by an operator", from: incident.Accepted, by: "op1", do: incident.Dispatch, bad: with(fields{Lead: "建设办", Co: []incident.UnitID{"派出所", "县交通"}}), key: "t7.three_units", good: with(fields{Lead: "建设办", Co: []incident.UnitID{"派出所", "村委会", "网格", "老娘舅"}}), then: status(incident.Dispatched)},
		{name: "list", from: incident.Accepted, by: "op1", do: incident.Dispatch, bad: with(fields{Lead: "建设办", List: "weekly"}), key: "any.list", good: with(fields{Lead: "建设办", List: incident.ListJoint})},
		{name: "sign for another unit", from: incident.Dispatched, by: "un_pcs", do: incident.Sign, bad: with(fields{Unit: "建设办"}), key: "any.other_unit"},
		{name: "sign without a task", from: incident.Dispatched, by: "un_pcs", do: incident.Sign, bad: with(fields{}), key: "any.no_task"},
		{name: "sign twice", from: incident.Handling, by: "un_jsb", do: incident.Sign, bad: with(fields{}), key: "t8.twice"},
		{name: "sign by phone without number", from: incident.Dispatched, by: "op1", do: incident.Sign, bad: func(s *stage) fields {
			return fields{Unit: "建设办", Proxy: &incident.Proxy{Name: "值班", Time: s.now}}
		}, key: "t8.proxy", good: func(s *stage) fields { return fields{Unit: "建设办", Proxy: s.proxy()} }, then: status(incident.Handling)},
		{name: "sign by phone for nobody", from: incident.Dispatched, by: "op1", do: incident.Sign, bad: func(s *stage) fields { return fields{Proxy: s.proxy()} }, key: "t8.no_unit"},
		{name: "sign by a call to come", from: incident.Dispatched, by: "op1", do: incident.Sign, bad: func(s *stage) fields {
			p := s.proxy()
			p.Time = p.Time.Add(time.Hour)
			return fields{Unit: "建设办", Proxy: p}
		}, key: "t8.proxy_time"},
		{name: "co-handler returns", from: incident.Dispatched, by: "un_cwh", do: incident.Return, bad: returning(func(*fields) {}), key: "any.not_lead"},
		{name: "return without code", from: incident.Dispatched, by: "un_jsb", do: incident.Return, bad: returning(func(f *fields) { f.Reason = "RA01" }), key: "any.reason"},
		{name: "return without basis", from: incident.Dispatched, by: "un_jsb", do: incident.Return, bad: returning(func(f *fields) { f.Basis = "" }), key: "t9.basis"},
		{name: "return unconfirmed", from: incident.Dispatched, by: "un_jsb", do: incident.Return, bad: returning(func(f *fields) { f.ConfirmedBy = "" }), key: "t9.confirmed_by"},
		{name: "return confirmed by an operator", from: incident.Dispatched, by: "un_jsb", do: incident.Return, bad: returning(func(f *fields) { f.ConfirmedBy = "op1" }), key: "t9.confirmed_by", good: returning(func(*fields) {}), then: status(incident.Accepted)},
		{name: "return after signing", from: incident.Handling, by: "un_jsb", do: incident.Return, bad: returning(func(*fields) {}), key: "t9.signed"},
		{name: "return too late", from: incident.Dispatched, after: 6*time.Hour + 2*time.Minute, by: "un_jsb", do: incident.Return, bad: returning(func(*fields) {}), key: "t9.window"},
		{name: "hotline returns within two days", from: incident.Dispatched, setup: hotline, after: 3*24*time.Hour + time.Hour, by: "un_jsb", do: incident.Return, bad: returning(func(*fields) {}), key: "t9.window"},
		{name: "urgent returns within half an hour", from: incident.Dispatched, setup: urgent, after: 31 * time.Minute, by: "un_jsb", do: incident.Return, bad: returning(func(*fields) {}), key: "t9.window"},
		{name: "critical returns before acting", from: incident.Handling, setup: critical, by: "un_jsb", do: incident.Return, bad: returning(func(*fields) {}), key: "t9.critical_first"},
		{name: "critical returns unsigned", from: incident.Dispatched, setup: critical, by: "un_jsb", do: incident.Return, bad: returning(func(*fields) {}), key: "t9.critical_first"},
		{name: "ruled lead returns", from: incident.Disputed, prep: func(s *stage) { s.must("rd", incident.Rule, fields{Lead: "执法队"}) }, by: "un_zfd", do: incident.Return, bad: returning(func(*fields) {}), key: "t12.ruled_lead"},
		{name: "reassign to the same lead", from: incident.Handling, by: "op1", do: incident.Reassign, bad: with(fields{Lead: "建设办", Reason: "RA01"}), key: "t10.same_lead", good: with(fields{Lead: "执法队", Reason: "RA01"}), then: status(incident.Dispatched)},
		{name: "reassign without code", from: incident.Handling, by: "op1", do: incident.Reassign, bad: with(fields{Lead: "执法队"}), key: "any.reason"},
		{name: "reassign to nobody", from: incident.Handling, by: "op1", do: incident.Reassign, bad: with(fields{Reason: "RA01"}), key: "any.no_lead"},
		{name: "program disputes before two returns", from: incident.Dispatched, by: "sys", do: incident.Dispute, bad: with(fields{Opinions: []string{"甲", "乙"}}), key: "t11.returns"},
		{name: "dispute with one opinion", from: incident.Dispatched, by: "sl1", do: incident.Dispute, bad: with(fields{Opinions: []string{"甲", " "}}), key: "t11.opinions", good: with(fields{Opinions: []string{"甲", "乙"}}), then: status(incident.Disputed)},
		{name: "director rules for a county department", from: incident.Disputed, by: "rd", do: incident.Rule, bad: with(fields{Lead: "县交通"}), key: "t12.county", good: with(fields{Lead: "建设办", Co: []incident.UnitID{"县交通"}}), then: status(incident.Dispatched)},
		{name: "county rules in the town", from: incident.Disputed, by: "cc", do: incident.Rule, bad: with(fields{Lead: "建设办"}), key: "t12.town", good: with(fields{Lead: "县交通"})},
		{name: "ruling without lead", from: incident.Disputed, by: "rd", do: incident.Rule, bad: with(fields{}), key: "any.no_lead"},
		{name: "add the lead", from: incident.Handling, by: "op1", do: incident.AddCo, bad: with(fields{Unit: "建设办"}), key: "t15.is_lead"},
		{name: "add who is there", from: incident.Handling, by: "op1", do: incident.AddCo, bad: with(fields{Unit: "村委会"}), key: "t15.has_task", good: with(fields{Unit: "派出所", Reason: "配合"})},
		{name: "add nobody", from: incident.Handling, by: "op1", do: incident.AddCo, bad: with(fields{Unit: "航天办"}), key: "any.unit_unknown"},
		{name: "waive the lead", from: incident.Handling, by: "op1", do: incident.WaiveCo, bad: with(fields{Unit: "建设办", Reason: "不需要", AskedBy: "un_jsb"}), key: "t15.no_co"},
		{name: "waive without reason", from: incident.Handling, by: "op1", do: incident.WaiveCo, bad: with(fields{Unit: "村委会", AskedBy: "un_jsb"}), key: "t15.why"},
		{name: "waive unasked", from: incident.Handling, by: "op1", do: incident.WaiveCo, bad: with(fields{Unit: "村委会", Reason: "不需要", AskedBy: "un_pcs"}), key: "t15.asked_by", good: with(fields{Unit: "村委会", Reason: "不需要", AskedBy: "un_jsb"})},
		{name: "waive who has fed back", from: incident.Handling, prep: func(s *stage) {
			s.must("un_cwh", incident.Sign, fields{})
			s.must("un_cwh", incident.Feedback, fields{Text: "配合完毕"})
		}, by: "op1", do: incident.WaiveCo, bad: with(fields{Unit: "村委会", Reason: "不需要", AskedBy: "un_jsb"}), key: "t15.fed_back"},
	}
}

func workGuards() []guard {
	due := func(days int) func(*stage) fields { // the report is due on 4 August, 17:30
		return func(s *stage) fields {
			return fields{Reason: "EX01", DueNew: at(s.t, "2026-08-04 17:30:00").Add(time.Duration(days) * 24 * time.Hour)}
		}
	}
	return []guard{
		{name: "arrive without evidence", from: incident.Handling, by: "un_jsb", do: incident.Arrive, bad: with(fields{}), key: "t13.evidence", good: with(fields{Evidence: "photo"})},
		{name: "arrive with a word for evidence", from: incident.Handling, by: "un_jsb", do: incident.Arrive, bad: with(fields{Evidence: "yes"}), key: "t13.evidence", good: with(fields{Place: &incident.Place{Lng: 119.1, Lat: 29.1}})},
		{name: "arrive unsigned", from: incident.Handling, by: "un_cwh", do: incident.Arrive, bad: with(fields{Evidence: "photo"}), key: "any.not_signed"},
		{name: "arrive twice", from: incident.Handling, prep: func(s *stage) { s.must("un_jsb", incident.Arrive, fields{Evidence: "photo"}) }, by: "un_jsb", do: incident.Arrive, bad: with(fields{Evidence: "photo"}), key: "t13.twice"},
		{name: "arrive as another unit", from: incident.Handling, by: "un_pcs", do: incident.Arrive, bad: with(fields{Unit: "建设办", Evidence: "photo"}), key: "any.other_unit"},
		{name: "silent progress", from: incident.Handling, by: "un_jsb", do: incident.Progress, bad: with(fields{}), key: "t14.text", good: with(fields{Text: "在路上"})},
		{name: "progress of nobody's", from: incident.Handling, by: "op1", do: incident.Progress, bad: with(fields{Unit: "派出所", Text: "在路上"}), key: "any.no_task"},
		{name: "suspend critical", from: incident.Handling, setup: critical, by: "rd", do: incident.Suspend, bad: with(fields{Reason: "SU01", Review: "2026-08-05"}), key: "t16.critical"},
		{name: "suspend without code", from: incident.Handling, by: "rd", do: incident.Suspend, bad: with(fields{Review: "2026-08-05"}), key: "any.reason"},
		{name: "suspend without day", from: incident.Handling, by: "rd", do: incident.Suspend, bad: with(fields{Reason: "SU01"}), key: "t16.review"},
		{name: "suspend until no day", from: incident.Handling, by: "rd", do: incident.Suspend, bad: with(fields{Reason: "SU01", Review: "2026-02-30"}), key: "t16.review"},
		{name: "suspend until today", from: incident.Handling, by: "rd", do: incident.Suspend, bad: with(fields{Reason: "SU01", Review: "2026-08-03"}), key: "t16.review_past", good: with(fields{Reason: "SU01", Review: "2026-08-04"}), then: status(incident.Suspended)},
		{name: "suspend for 31 days", from: incident.Handling, by: "tl1", do: incident.Suspend, bad: with(fields{Reason: "SU01", Review: "2026-09-03"}), key: "t16.each", good: with(fields{Reason: "SU01", Review: "2026-09-02"})},
		{name: "suspend for 61 days in all", from: incident.Handling, setup: func(f *fields) { f.Category, f.Difficulty = "0103", 4 }, prep: func(s *stage) {
			for _, review := range []incident.Day{"2026-09-01", "2026-10-01"} {
				s.must("tl1", incident.Suspend, fields{Reason: "SU01", Review: review})
				s.now = at(s.t, string(review)+" 09:00:00")
				s.must("sys", incident.Resume, fields{})
			}
		}, by: "rd", do: incident.Suspend, bad: with(fields{Reason: "SU01", Review: "2026-10-08"}), key: "t16.total", good: with(fields{Reason: "SU01", Review: "2026-10-02"})},
		{name: "suspend beyond ten working days", from: incident.Handling, by: "rd", do: incident.Suspend, bad: with(fields{Reason: "SU01", Review: "2026-08-18", ApprovedBy: "rd"}), key: "t16.town", good: with(fields{Reason: "SU01", Review: "2026-08-18", ApprovedBy: "tl1"})},
		{name: "suspend after the due time", from: incident.Handling, after: 48 * time.Hour, by: "rd", do: incident.Suspend, bad: with(fields{Reason: "SU01", Review: "2026-08-10"}), key: "t16.after_due"},
		{name: "suspend asked by another unit", from: incident.Handling, by: "rd", do: incident.Suspend, bad: with(fields{Reason: "SU01", Review: "2026-08-10", AskedBy: "un_pcs"}), key: "t16.asked_by", good: with(fields{Reason: "SU01", Review: "2026-08-10", AskedBy: "un_jsb"})},
		{name: "lead suspends unapproved", from: incident.Handling, by: "un_jsb", do: incident.Suspend, bad: with(fields{Reason: "SU01", Review: "2026-08-10"}), key: "t16.approved_by", good: with(fields{Reason: "SU01", Review: "2026-08-10", ApprovedBy: "rd"})},
		{name: "co-handler suspends", from: incident.Handling, by: "un_cwh", do: incident.Suspend, bad: with(fields{Reason: "SU01", Review: "2026-08-10", ApprovedBy: "rd"}), key: "any.not_lead"},
		{name: "program resumes early", from: incident.Suspended, by: "sys", do: incident.Resume, bad: with(fields{}), key: "t17.early"},
		{name: "co-handler resumes", from: incident.Suspended, by: "un_cwh", do: incident.Resume, bad: with(fields{}), key: "any.not_lead"},
		{name: "extend without code", from: incident.Handling, by: "rd", do: incident.Extend, bad: func(s *stage) fields { f := due(1)(s); f.Reason = ""; return f }, key: "any.reason"},
		{name: "extend beyond the original limit", from: incident.Handling, by: "rd", do: incident.Extend, bad: due(2), key: "t18.too_long", good: due(1)},
		{name: "extend backwards", from: incident.Handling, by: "rd", do: incident.Extend, bad: due(0), key: "t18.not_later"},
		{name: "extend after the due time", from: incident.Handling, after: 33 * time.Hour, by: "rd", do: incident.Extend, bad: due(1), key: "t18.after_due", good: func(s *stage) fields { // asked in time, decided late
			f := due(1)(s)
			f.AskedAt = at(s.t, "2026-08-04 17:29:00")
			return f
		}},
		{name: "extend asked tomorrow", from: incident.Handling, by: "rd", do: incident.Extend, bad: func(s *stage) fields { f := due(1)(s); f.AskedAt = s.now.Add(time.Hour); return f }, key: "t18.asked_at"},
		{name: "second extension by the director", from: incident.Handling, prep: func(s *stage) { s.must("rd", incident.Extend, due(1)(s)) }, by: "rd", do: incident.Extend, bad: due(2), key: "t18.town", good: func(s *stage) fields { f := due(2)(s); f.ApprovedBy = "tl1"; return f }},
		{name: "third extension", from: incident.Handling, prep: func(s *stage) {
			s.must("rd", incident.Extend, due(1)(s))
			s.must("tl1", incident.Extend, due(2)(s))
		}, by: "tl1", do: incident.Extend, bad: due(3), key: "t18.third"},
		{name: "extend a hotline order alone", from: incident.Handling, setup: hotline, by: "rd", do: incident.Extend, bad: due(1), key: "t18.upstream", good: func(s *stage) fields { f := due(1)(s); f.UpstreamOK = true; return f }},
		{name: "escalate without code", from: incident.Handling, by: "rd", do: incident.Escalate, bad: with(fields{Draft: "请示"}), key: "any.reason"},
		{name: "escalate without draft", from: incident.Accepted, by: "rd", do: incident.Escalate, bad: with(fields{Reason: "UP01"}), key: "t19.draft", good: with(fields{Reason: "UP01", Draft: "请示"}), then: status(incident.WithCounty)},
		{name: "operator returns for the county unasked", from: incident.WithCounty, by: "op1", do: incident.CountyReturn, bad: with(fields{Opinion: "镇里办"}), key: "t20.by_phone", good: with(fields{Opinion: "镇里办", ByPhone: true}), then: status(incident.Accepted)},
		{name: "county returns without a word", from: incident.WithCounty, by: "cc", do: incident.CountyReturn, bad: with(fields{}), key: "t20.opinion"},
		{name: "county closes without a word", from: incident.WithCounty, by: "cc", do: incident.CountyClose, bad: with(fields{}), key: "t21.text", good: with(fields{Text: "已补发"}), then: status(incident.FedBack)},
		{name: "feedback while a co-handler is open", from: incident.Handling, by: "un_jsb", do: incident.Feedback, bad: with(fields{Result: "settled", Text: account, Photos: 1}), key: "t22.co_open"},
		{name: "feedback without result", from: incident.Handling, prep: noCo, by: "un_jsb", do: incident.Feedback, bad: with(fields{Text: account, Photos: 1}), key: "t22.result", good: with(fields{Result: "explained", Text: account, Photos: 1}), then: status(incident.FedBack)},
		{name: "feedback of nine characters", from: incident.Handling, prep: noCo, by: "un_jsb", do: incident.Feedback, bad: with(fields{Result: "settled", Text: " 一二三四五六七八九 ", Photos: 1}), key: "t22.text_short", good: with(fields{Result: "settled", Text: "一二三四五六七八九十", Photos: 1})},
		{name: "staged without day", from: incident.Handling, prep: noCo, by: "un_jsb", do: incident.Feedback, bad: with(fields{Result: "staged", Text: account, Photos: 1}), key: "t22.followup_due", good: with(fields{Result: "staged", Text: account, Photos: 1, FollowupDue: "2026-08-03"})},
		{name: "staged until yesterday", from: incident.Handling, prep: noCo, by: "un_jsb", do: incident.Feedback, bad: with(fields{Result: "staged", Text: account, Photos: 1, FollowupDue: "2026-08-02"}), key: "t22.followup_due"},
		{name: "co-handler says nothing", from: incident.Handling, prep: func(s *stage) { s.must("un_cwh", incident.Sign, fields{}) }, by: "un_cwh", do: incident.Feedback, bad: with(fields{}), key: "t22.text", good: with(fields{Text: "好了"}), then: status(incident.Handling)},
		{name: "co-handler feeds back unsigned", from: incident.Handling, by: "un_cwh", do: incident.Feedback, bad: with(fields{Text: "好了"}), key: "any.not_signed"},
		{name: "co-handler feeds back twice", from: incident.Handling, prep: func(s *stage) {
			s.must("un_cwh", incident.Sign, fields{})
			s.must("un_cwh", incident.Feedback, fields{Text: "好了"})
		}, by: "un_cwh", do: incident.Feedback, bad: with(fields{Text: "好了"}), key: "t22.twice"},
	}
}

func endGuards() []guard {
	missed := with(fields{Answer: "not_reached"})
	staged := func(s *stage) {
		s.must("un_jsb", incident.Feedback, fields{Result: "staged", Text: account, Photos: 1, FollowupDue: "2026-08-20"})
		s.must("op2", incident.Verify, fields{Pass: true})
	}
	return []guard{
		{name: "fail without code", from: incident.FedBack, by: "op1", do: incident.Verify, bad: with(fields{}), key: "any.reason", good: with(fields{Reason: "VF02"}), then: status(incident.Handling)},
		{name: "verify elsewhere", from: incident.FedBack, by: "gr_02", do: incident.Verify, bad: with(fields{Pass: true}), key: "t23.other_village"},
		{name: "reopen without code", from: incident.Closed, by: "sl1", do: incident.Reopen, bad: with(fields{}), key: "any.reason", good: with(fields{Reason: "RO02"}), then: status(incident.Dispatched)},
		{name: "operator reopens a satisfied reporter's", from: incident.Closed, by: "op1", do: incident.Reopen, bad: with(fields{Reason: "RO01"}), key: "t24.not_dissatisfied"},
		{name: "operator reopens for another reason", from: incident.Verified, prep: func(s *stage) { s.must("op1", incident.Callback, fields{Answer: "dissatisfied_reasonable"}) }, by: "op1", do: incident.Reopen, bad: with(fields{Reason: "RO03"}), key: "t24.operator_reason", good: with(fields{Reason: "RO01"}), then: status(incident.Handling)},
		{name: "reopen after a month", from: incident.Closed, after: 31 * 24 * time.Hour, by: "sl1", do: incident.Reopen, bad: with(fields{Reason: "RO02"}), key: "t24.window"},
		{name: "answer nobody knows", from: incident.Verified, by: "op1", do: incident.Callback, bad: with(fields{Answer: "ok"}), key: "t25.answer", good: with(fields{Answer: "refused"}), then: status(incident.Closed)},
		{name: "score", from: incident.Verified, by: "op1", do: incident.Callback, bad: with(fields{Answer: "satisfied", Score: 6}), key: "t25.score"},
		{name: "unreasonable without the director", from: incident.Verified, by: "op1", do: incident.Callback, bad: with(fields{Answer: "dissatisfied_unreasonable", DecidedBy: "sl1"}), key: "t25.decided_by", good: with(fields{Answer: "dissatisfied_unreasonable", DecidedBy: "rd"}), then: status(incident.Closed)},
		{name: "call again after just dissatisfaction", from: incident.Verified, prep: func(s *stage) { s.must("op1", incident.Callback, fields{Answer: "dissatisfied_reasonable"}) }, by: "op1", do: incident.Callback, bad: with(fields{Answer: "satisfied"}), key: "t25.dissatisfied"},
		{name: "first call missed", from: incident.Verified, by: "op1", do: incident.Callback, bad: with(fields{}), key: "t25.answer", good: missed, then: status(incident.Verified)},
		{name: "force with one person", from: incident.Handling, after: 25 * time.Hour, by: "rd", do: incident.ForceClose, bad: with(fields{Reason: "FC01", DocumentNo: "1号"}), key: "t26.two_persons", good: with(fields{Reason: "FC01", DocumentNo: "1号", Second: "tl1"}), then: status(incident.Forced)},
		{name: "force with a second director", from: incident.Handling, after: 25 * time.Hour, by: "tl1", do: incident.ForceClose, bad: with(fields{Reason: "FC01", DocumentNo: "1号", Second: "tl1"}), key: "t26.two_persons", good: with(fields{Reason: "FC01", DocumentNo: "1号", Second: "rd"})},
		{name: "force without document", from: incident.Handling, after: 25 * time.Hour, by: "rd", do: incident.ForceClose, bad: with(fields{Reason: "FC01", Second: "tl1"}), key: "t26.document"},
		{name: "force without code", from: incident.Handling, after: 25 * time.Hour, by: "rd", do: incident.ForceClose, bad: with(fields{Second: "tl1", DocumentNo: "1号"}), key: "any.reason"},
		{name: "force within a day", from: incident.Handling, by: "rd", do: incident.ForceClose, bad: with(fields{Reason: "FC01", DocumentNo: "1号", Second: "tl1"}), key: "t26.too_early"},
		{name: "supervise without number", from: incident.Handling, by: "rd", do: incident.Supervise, bad: with(fields{Level: 1, ReplyDue: "2026-08-10"}), key: "t28.number", good: with(fields{SupervisionNo: "塔督1", Level: 3, ReplyDue: "2026-08-10"})},
		{name: "supervise at level 4", from: incident.Handling, by: "rd", do: incident.Supervise, bad: with(fields{SupervisionNo: "塔督1", Level: 4, ReplyDue: "2026-08-10"}), key: "t28.level"},
		{name: "supervise until yesterday", from: incident.Handling, by: "rd", do: incident.Supervise, bad: with(fields{SupervisionNo: "塔督1", Level: 1, ReplyDue: "2026-08-02"}), key: "t28.reply_due"},
		{name: "supervise twice under one number", from: incident.Handling, prep: func(s *stage) {
			s.must("rd", incident.Supervise, fields{SupervisionNo: "塔督1", Level: 1, ReplyDue: "2026-08-10"})
		}, by: "tl1", do: incident.Supervise, bad: with(fields{SupervisionNo: "塔督1", Level: 2, ReplyDue: "2026-08-10"}), key: "t28.twice"},
		{name: "urge who has no task", from: incident.Handling, by: "op1", do: incident.Urge, bad: with(fields{Unit: "派出所"}), key: "any.no_task", good: with(fields{})},
		{name: "re-check what isn't staged", from: incident.Closed, by: "op1", do: incident.Verify, bad: with(fields{FollowUp: true, Pass: true}), key: "t30.no_followup"},
		{name: "re-check twice", from: incident.Handling, prep: func(s *stage) {
			noCo(s)
			staged(s)
			s.must("op1", incident.Verify, fields{FollowUp: true, Pass: true})
		}, by: "op1", do: incident.Verify, bad: with(fields{FollowUp: true, Pass: true}), key: "t30.no_followup"},
		{name: "failed re-check reopens", from: incident.Handling, prep: func(s *stage) { noCo(s); staged(s) }, by: "op1", do: incident.Verify, bad: with(fields{Pass: true}), key: "t23.state", good: with(fields{FollowUp: true}), then: func(st incident.State) bool {
			return st.Status == incident.Handling && st.Reopens == 1 && !st.Staged
		}},
		{name: "split from another master", from: incident.Merged, by: "sl1", do: incident.Split, bad: with(fields{Into: "a"}), key: "t31.other_master", good: with(fields{Into: "m"}), then: status(incident.Accepted)},
	}
}

func deskGuards() []guard {
	return []guard{
		{name: "edit nothing", from: incident.Handling, by: "op1", do: incident.Edit, bad: with(fields{Text: "?"}), key: "edit.empty", good: with(fields{Title: "新标题"})},
		{name: "clear what is needed", from: incident.Handling, by: "op1", do: incident.Edit, bad: with(fields{Cleared: []string{"category"}}), key: "edit.needed"},
		{name: "clear a field nobody knows", from: incident.Handling, by: "op1", do: incident.Edit, bad: with(fields{Cleared: []string{"colour"}}), key: "edit.field"},
		{name: "edit to a village elsewhere", from: incident.Handling, by: "op1", do: incident.Edit, bad: with(fields{Village: "外镇村"}), key: "any.bad_village"},
		{name: "operator edits what is closed", from: incident.Closed, by: "op1", do: incident.Edit, bad: with(fields{Title: "新标题"}), key: "edit.ended"},
		{name: "empty note", from: incident.Handling, by: "op1", do: incident.Note, bad: with(fields{}), key: "note.text", good: with(fields{Text: "来电催问"})},
		{name: "note by a unit without a task", from: incident.Handling, by: "un_pcs", do: incident.Note, bad: with(fields{Text: "路过"}), key: "any.other_unit"},
		{name: "move without reason", from: incident.Handling, by: "op1", do: incident.Move, bad: with(fields{List: incident.ListJoint}), key: "move.why", good: with(fields{List: incident.ListJoint, Reason: "需会商"})},
		{name: "move to no list", from: incident.Handling, by: "op1", do: incident.Move, bad: with(fields{List: "weekly", Reason: "x"}), key: "any.list"},
		{name: "move down by the shift leader", from: incident.Handling, prep: func(s *stage) {
			s.must("op1", incident.Move, fields{List: incident.ListMonthly, Reason: "领导要求"})
		}, by: "sl1", do: incident.Move, bad: with(fields{List: incident.ListDaily, Reason: "简单"}), key: "move.down"},
		{name: "move to where it is", from: incident.Handling, prep: func(s *stage) {
			s.must("op1", incident.Move, fields{List: incident.ListMonthly, Reason: "领导要求"})
		}, by: "sl1", do: incident.Move, bad: with(fields{List: incident.ListMonthly, Reason: "再说"}), key: "move.same"},
		{name: "settle nothing", from: incident.Handling, by: "op1", do: incident.Settle, bad: with(fields{Conflict: "x", Choice: "settle.keep_a"}), key: "settle.no_conflict"},
		{name: "move down from where the rules put it", from: incident.Handling, prep: func(s *stage) { s.stands = incident.ListJoint }, by: "op1", do: incident.Move, bad: with(fields{List: incident.ListDaily, Reason: "简单"}), key: "move.down", good: with(fields{List: incident.ListMonthly, Reason: "要督办"})},
		{name: "unseal without purpose", from: incident.Handling, by: "op1", do: incident.Unseal, bad: with(fields{}), key: "unseal.purpose", good: with(fields{Text: "核实地点"})},
		{name: "unseal as co-handler", from: incident.Handling, by: "un_cwh", do: incident.Unseal, bad: with(fields{Text: "联系"}), key: "any.not_lead"},
		{name: "unseal before signing", from: incident.Dispatched, by: "un_jsb", do: incident.Unseal, bad: with(fields{Text: "联系"}), key: "any.not_lead"},
		{name: "unseal a confidential reporter", from: incident.Handling, setup: func(f *fields) { f.Reporter.Confidential = true }, by: "sl1", do: incident.Unseal, bad: with(fields{Text: "联系"}), key: "unseal.confidential"},
		{name: "unseal a protected reporter", from: incident.Handling, setup: func(f *fields) { f.Reporter.Protected = true }, by: "op1", do: incident.Unseal, bad: with(fields{Text: "联系"}), key: "unseal.protected"},
		{name: "undo another's", from: incident.Handling, by: "op1", do: incident.Undo, bad: with(fields{}), key: "undo.not_last"},
	}
}

func TestDecide_Guards(t *testing.T) {
	var all []guard
	for _, g := range [][]guard{intakeGuards(), dispatchGuards(), workGuards(), endGuards(), deskGuards()} {
		all = append(all, g...)
	}
	for _, g := range all {
		t.Run(g.name, func(t *testing.T) {
			s := reach(t, g.from, g.setup)
			if g.prep != nil {
				g.prep(s)
			}
			s.now = s.now.Add(g.after)
			before := s.state()
			err := s.try(g.by, g.do, g.bad(s))
			if err == nil {
				t.Fatalf("accepted, want %s", g.key)
			}
			if r := refusalOf(t, err); r.Key != "refuse."+g.key {
				t.Fatalf("got %s, want refuse.%s", r.Key, g.key)
			}
			if n := len(s.state().Log); n != len(before.Log) {
				t.Error("a refused act left an entry")
			}
			if g.good == nil {
				return
			}
			if err := s.try(g.by, g.do, g.good(s)); err != nil {
				t.Fatalf("mended act: %v", err)
			}
			if g.then != nil && !g.then(s.state()) {
				t.Errorf("mended act led to %s", s.state().Status)
			}
		})
	}
}

func TestRegister_Guards(t *testing.T) {
	for name, g := range map[string]struct {
		change func(*fields)
		key    string
	}{
		"nothing said":          {func(f *fields) { f.Title, f.Content = " ", "" }, "t1.empty"},
		"channel":               {func(f *fields) { f.Channel = "FAX" }, "t1.channel"},
		"received tomorrow":     {func(f *fields) { f.ReceivedAt = at(t, "2026-08-04 09:00:00") }, "any.future"},
		"happened tomorrow":     {func(f *fields) { f.HappenedAt = at(t, "2026-08-04 09:00:00") }, "any.future"},
		"urgency":               {func(f *fields) { f.Urgency = "now" }, "any.bad_urgency"},
		"difficulty":            {func(f *fields) { f.Difficulty = -1 }, "any.bad_difficulty"},
		"category":              {func(f *fields) { f.Category = "0000" }, "any.bad_category"},
		"number known":          {func(f *fields) { f.SourceNo = "JJ1" }, "t1.source_known"},
		"ten minutes ahead":     {func(f *fields) { f.ReceivedAt = at(t, "2026-08-03 09:11:00") }, ""},
		"number of another":     {func(f *fields) { f.Channel, f.SourceNo = incident.ChannelSPT, "JJ1" }, ""},
		"nothing but a content": {func(f *fields) { f.Title, f.Content, f.Category, f.Urgency, f.Village = "", "有人求助", "", "", "" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			if err := s.on("first", "op1", incident.Register, report(func(f *fields) { f.SourceNo = "JJ1" })); err != nil {
				t.Fatal(err)
			}
			err := s.try("op1", incident.Register, report(g.change))
			if g.key == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var r *incident.Refusal
			if !errors.As(err, &r) || r.Key != "refuse."+g.key || r.Rule != "T1" {
				t.Errorf("got %v, want %s", err, g.key)
			}
		})
	}
}

// A clock that is a year ahead at one desk must not stop the acts of the others; what this desk's own clock has passed still may not be preceded.
func TestDecide_WhatAClockAheadRecordedStopsNobody(t *testing.T) {
	s := reach(t, incident.Dispatched, nil)
	st := s.state()
	sign := act{By: "un_jsb", Do: incident.Sign, ID: st.ID, Actor: incident.Actor{Login: "un_jsb", Role: incident.RoleUnit, Unit: "建设办"}}
	env := incident.Env{Rules: s.rules, World: s.desk}
	for name, c := range map[string]struct {
		at, now incident.Stamp
		key     string
	}{
		"a year before, by a clock that has not got there": {s.now.Add(-365 * 24 * time.Hour), s.now.Add(-365 * 24 * time.Hour), ""},
		"a year before, by a clock that has":               {s.now.Add(-365 * 24 * time.Hour), s.now, "any.early"},
		"a second before the dispatch, clocks apart":       {s.now.Add(-time.Second), s.now.Add(-time.Second), ""},
		"a second before the dispatch, told late":          {s.now.Add(-time.Second), s.now.Add(time.Minute), "any.before_sent"},
	} {
		t.Run(name, func(t *testing.T) {
			a := sign
			a.At, env.Now = c.at, c.now
			if _, err := incident.Decide(&st, &a, env); c.key != "" {
				wantRefusal(t, err, c.key)
			} else if err != nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
}
