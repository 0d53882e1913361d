package room

import (
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/warn"
)

// register takes an incident in by a telephone number.
func (d *desk) told(t *testing.T, phone string) Outcome {
	t.Helper()
	return d.must(t, on("op1", incident.Register, incident.IncidentID{}, incident.Fields{
		Channel: incident.ChannelPhone, Title: "路灯不亮", Content: "路灯不亮三天了", Village: "罗山村", Category: "0905", Urgency: incident.Normal,
		Reporter: &incident.Reporter{Name: "某", Phone: phone},
	}))
}

func (d *desk) warnings(t *testing.T, rule string) []warn.Warning {
	t.Helper()
	all, err := d.EarlyWarnings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []warn.Warning
	for _, w := range all {
		if w.Rule == rule {
			out = append(out, w)
		}
	}
	return out
}

func TestEarlyWarnings_FollowTheIncidentsAndTheAnswers(t *testing.T) {
	d := newDesk(t, true)
	const phone = "13812345678"
	d.told(t, phone)
	d.told(t, phone)
	if got := d.warnings(t, "W1"); len(got) != 0 {
		t.Fatalf("two reports warn: %+v", got)
	}
	last := d.told(t, "0086 138-1234-5678")
	got := d.warnings(t, "W1")
	if len(got) != 1 || len(got[0].Incidents) != 3 || got[0].Incidents[2] != last.Incident || got[0].Level != warn.Yellow || got[0].Standing != warn.Waiting {
		t.Fatalf("three reports of one person: %+v", got)
	}
	if text := got[0].Key + got[0].Subject + got[0].Title + strings.Join(got[0].Nos, ""); strings.Contains(text, "5678") {
		t.Errorf("the warning tells the number: %s", text)
	}
	answer := func(choice, text string) {
		d.must(t, on("sl1", incident.HandleWarning, last.Incident, incident.Fields{Setting: got[0].Key, Choice: choice, Text: text}))
	}
	answer(incident.ConfirmWarning, "")
	if again := d.warnings(t, "W1"); len(again) != 1 || again[0].Standing != warn.Confirmed || again[0].Mark.By != "sl1" {
		t.Errorf("confirmed: %+v", again)
	}
	answer(incident.DismissWarning, "同一盏灯，已并案")
	if again := d.warnings(t, "W1"); len(again) != 0 {
		t.Errorf("dismissed: %+v", again)
	}
	last = d.told(t, phone)
	if again := d.warnings(t, "W1"); len(again) != 1 || again[0].Standing != warn.Waiting || len(again[0].Incidents) != 4 {
		t.Errorf("one more since: %+v", again)
	}
}

func TestEarlyWarnings_ACountyWarnsPerTownship(t *testing.T) {
	town, county := newSeat(t, 1), newCounty(t)
	// The same telephone: twice at the township, once at the county itself.
	const phone = "13812345678"
	told := func(d *desk, by incident.Login) {
		d.must(t, on(by, incident.Register, incident.IncidentID{}, incident.Fields{
			Channel: incident.ChannelPhone, Title: "路灯不亮", Content: "路灯不亮三天了", Village: "罗山村", Category: "0905", Urgency: incident.Normal,
			Reporter: &incident.Reporter{Name: "某", Phone: phone},
		}))
	}
	told(county, "cop")
	town.clock.set(county.Now() + 1000)
	told(town, "op1")
	told(town, "op1")
	rng := rngOf(t)
	give(t, town, county, rng)
	county.clock.set(town.Now() + 60_000)
	if got := county.warnings(t, "W1"); len(got) != 0 {
		t.Errorf("reports of two places warn together: %+v", got)
	}
	told(town, "op1")
	give(t, town, county, rng)
	county.clock.set(town.Now() + 120_000)
	got := county.warnings(t, "W1")
	if len(got) != 1 || got[0].Town != 330825111 || len(got[0].Incidents) != 3 {
		t.Errorf("three reports of one township: %+v", got)
	}
	if own := town.warnings(t, "W1"); len(own) != 1 || own[0].Town != 0 {
		t.Errorf("at the township itself: %+v", own)
	}
}
