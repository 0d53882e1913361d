package incident_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"zw110/data/incident"
)

func TestParseAct(t *testing.T) {
	a, err := incident.ParseAct([]byte(`{"at":"2026-08-15T08:05:00+08:00","by":"op1","do":"dispatch","ref":"a1","lead":"农业农村办","co":[],"list":"joint","expect":"refused","rule":"T7","evaluator":"x","why":"y"}`))
	if err != nil {
		t.Fatal(err)
	}
	if a.Do != incident.Dispatch || a.At != at(t, "2026-08-15 08:05:00") || !a.CoGiven || a.Lead != "农业农村办" {
		t.Errorf("%+v", a)
	}
	a, err = incident.ParseAct([]byte(`{"do":"register","place":{"text":"桥头","lng":119.1,"lat":29.1,"coord_sys":"GCJ-02"}}`))
	if err != nil || a.Place == nil || a.Place.Lng != 119.1 || a.CoGiven {
		t.Errorf("%v %+v", err, a.Place)
	}
	a, err = incident.ParseAct([]byte(`{"do":"register","place":"桥头公交站旁"}`))
	if err != nil || a.Place == nil || a.Place.Text != "桥头公交站旁" {
		t.Errorf("%v %+v", err, a.Place)
	}
}

func TestParseAct_Refuses(t *testing.T) {
	for line, says := range map[string]string{
		`{"do":"respond","colour":"red"}`:          "colour",
		`{"do":"register","place":{"height":3}}`:   "height",
		`{"do":"register","reporter":{"age":3}}`:   "age",
		`{"by":"op1"}`:                             `"do"`,
		`{"do":"respond"} {"do":"respond"}`:        "more than one",
		`{"do":"respond","at":"2026-08-15 08:05"}`: "RFC 3339",
		`{"do":"respond","at":12}`:                 "time",
		`[]`:                                       "read act",
		``:                                         "read act",
		`{"do":"register","place":7}`:              "place",
		`{"do":"feedback","photo":"two"}`:          "photo",
	} {
		if _, err := incident.ParseAct([]byte(line)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want something about %s", line, err, says)
		}
	}
}

// What is wrong with a line is told by a text of the catalogue, with the place in it.
func TestParseAct_SaysInWordsWhatIsWrong(t *testing.T) {
	for line, want := range map[string]string{
		`nonsense`:                               "refuse.act.syntax 2",
		`{"do":"respond",}`:                      "refuse.act.syntax 17",
		`{"do":"resp`:                            "refuse.act.cut",
		``:                                       "refuse.act.object",
		`[1]`:                                    "refuse.act.object",
		`7`:                                      "refuse.act.object",
		`{"do":"respond"} {}`:                    "refuse.act.more",
		`{"by":"op1"}`:                           "refuse.act.verb",
		`{"do":"respond","colour":"red"}`:        "refuse.act.field colour",
		`{"do":"register","place":{"height":3}}`: "refuse.act.field place.height",
		`{"do":"register","place":7}`:            "refuse.act.type place",
		`{"do":"feedback","photo":"two"}`:        "refuse.act.type photo",
		`{"do":"respond","at":"2026-08-15 08:05"}`: "refuse.act.time 2026-08-15 08:05",
		`{"do":"respond","at":12}`:                 "refuse.act.time 12",
	} {
		var refused *incident.Refusal
		if _, err := incident.ParseAct([]byte(line)); !errors.As(err, &refused) {
			t.Errorf("%s: %v has no words", line, err)
			continue
		}
		if got := strings.Join(append([]string{refused.Key}, refused.Args...), " "); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

// FuzzParseAct: whatever parses is written and read back as the same act, and deciding it never fails but by a refusal.
func FuzzParseAct(f *testing.F) {
	for _, l := range lines(f, "../room/testdata/refusals.jsonl") {
		f.Add(l)
	}
	f.Add([]byte(`{"do":"register","place":"桥头","channel":"DH","title":"x"}`))
	f.Add([]byte(`{"do":"suspend","review":"2026-13-45","reason":"SU01"}`))
	f.Add([]byte(`{"do":"verify","followup":true}`))
	rules := rulesOf(f)
	staged := reach(f, incident.Handling, nil)
	st := staged.state()
	f.Fuzz(func(t *testing.T, line []byte) {
		a, err := incident.ParseAct(line)
		if err != nil {
			return
		}
		text, err := json.Marshal(a)
		if err != nil {
			return // a moment that JSON cannot write
		}
		again, err := incident.ParseAct(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again.CoGiven = a.CoGiven // an empty list is left out when written
		if len(a.Co) == 0 {
			again.Co = a.Co
		}
		if text2, err := json.Marshal(again); err != nil || string(text2) != string(text) {
			t.Fatalf("%s became %s (%v)", text, text2, err)
		}
		for _, from := range []incident.State{{}, st} {
			for _, role := range allRoles() {
				a.Actor, a.ID = incident.Actor{Login: a.By, Role: role, Unit: "建设办"}, from.ID
				facts, err := incident.Decide(&from, &a, incident.Env{Rules: rules})
				if err != nil {
					refusalOf(t, err)
				} else if len(facts) == 0 {
					t.Fatal("accepted, and nothing left")
				}
			}
		}
	})
}
