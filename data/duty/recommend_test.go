package duty_test

import (
	"slices"
	"testing"

	"zw110/assets"
	"zw110/data/duty"
	"zw110/data/incident"
)

func units(list []duty.Suggestion) (lead incident.UnitID, all []incident.UnitID) {
	for _, s := range list {
		all = append(all, s.Unit)
		if s.Lead {
			lead = s.Unit
		}
	}
	return lead, all
}

func reasons(s duty.Suggestion) []string {
	var keys []string
	for _, r := range s.Reasons {
		keys = append(keys, r.Key)
	}
	return keys
}

func TestRecommend_LeadAndCoHandlersOfTheRow(t *testing.T) {
	d := shipped(t)
	got := d.Recommend(incident.Fields{Category: "0501", Village: "双联新村", Content: "工地排水淹田"}, 0,
		map[incident.UnitID]duty.Workload{"农业农村办": {Open: 4, Overdue: 1}, "派出所": {Open: 8}},
		map[duty.Past]duty.Success{{Unit: "农业农村办", Category: "0501"}: {First: 9, Total: 10}, {Unit: "派出所", Category: "0501"}: {First: 1, Total: 4}})
	lead, all := units(got)
	if lead != "农业农村办" || !slices.Equal(all, []incident.UnitID{"农业农村办", "派出所", "村委会", "县住建", "建设办"}) {
		t.Fatalf("lead %s of %v", lead, all)
	}
	for i, want := range [][]string{
		{"duty.why.lead", "duty.why.overdue", "duty.why.success"},
		{"duty.why.co", "duty.why.load"},
		{"duty.why.co", "duty.why.village", "duty.why.idle"},
		{"duty.why.co", "duty.why.county", "duty.why.idle"},
		{"duty.why.co", "duty.why.idle"},
	} {
		if !slices.Equal(reasons(got[i]), want) {
			t.Errorf("%s because %v, want %v", got[i].Unit, reasons(got[i]), want)
		}
	}
	if got[0].Share != 0.5 || got[1].Share != 1 || got[4].Share != 0 {
		t.Errorf("loads %v %v %v", got[0].Share, got[1].Share, got[4].Share)
	}
	if args := got[2].Reasons[1].Args; args[0] != "双联新村村" || args[1] != "村民委员会" {
		t.Errorf("village side %v", args)
	}
}

func TestRecommend_SplitRule(t *testing.T) {
	d := shipped(t)
	for content, want := range map[string]incident.UnitID{
		"工地半夜打桩，吵得睡不着": "执法队", "楼上天天唱歌到半夜": "派出所", "村口ktv太吵": "派出所", "很吵": "执法队",
	} {
		got := d.Recommend(incident.Fields{Category: "0604", Content: content}, 0, nil, nil)
		lead, all := units(got)
		if lead != want || !got[0].Lead || len(all) != 4 {
			t.Errorf("%s: lead %s of %v", content, lead, all)
		}
	}
	if lead, _ := units(d.Recommend(incident.Fields{Category: "0203", Place: &incident.Place{Text: "县道X305旁"}}, 0, nil, nil)); lead != "县交通" {
		t.Errorf("a county road goes to %s", lead)
	}
}

func TestRecommend_WithoutLeadTakesThoseWhoDidItWell(t *testing.T) {
	d := shipped(t)
	got := d.Recommend(incident.Fields{Category: "1299"}, 0, nil, map[duty.Past]duty.Success{
		{Unit: "党政办", Category: "1299"}: {First: 5, Total: 10}, {Unit: "公服办", Category: "1299"}: {First: 9, Total: 10},
		{Unit: "建设办", Category: "1299"}: {First: 1, Total: 10}, {Unit: "执法队", Category: "1299"}: {First: 0, Total: 10},
		{Unit: "派出所", Category: "0604"}: {First: 10, Total: 10},
	})
	lead, all := units(got)
	if lead != "公服办" || !slices.Equal(all, []incident.UnitID{"公服办", "党政办", "建设办"}) {
		t.Errorf("lead %s of %v", lead, all)
	}
	if got := d.Recommend(incident.Fields{Category: "1299"}, 0, nil, nil); len(got) != 0 {
		t.Errorf("out of nothing came %v", got)
	}
	if got := d.Recommend(incident.Fields{Category: "9999"}, 0, nil, nil); got != nil {
		t.Errorf("an unknown category got %v", got)
	}
}

func TestRecommend_EveryReasonHasATextInEveryLanguage(t *testing.T) {
	for _, lang := range assets.Languages {
		c, err := assets.LoadCatalogue(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []string{"lead", "co", "split", "village", "county", "idle", "load", "overdue", "success", "past_lead"} {
			if !c.Has("duty.why." + r) {
				t.Errorf("%s lacks duty.why.%s", lang, r)
			}
		}
	}
}
