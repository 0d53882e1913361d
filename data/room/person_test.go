package room

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
)

// walk brings an incident with a lead that has signed to the desk.
func (d *desk) walk(t testing.TB, rep incident.Reporter) incident.IncidentID {
	t.Helper()
	act := report("op1", "JJ20260901001")
	act.Reporter = &rep
	id := d.must(t, act).Incident
	d.must(t, on("op1", incident.Respond, id, incident.Fields{}))
	d.must(t, on("op1", incident.Accept, id, incident.Fields{}))
	d.must(t, on("op1", incident.Dispatch, id, incident.Fields{Lead: "建设办", Co: []incident.UnitID{"执法队"}, List: incident.ListDaily}))
	d.must(t, on("un_jsb", incident.Sign, id, incident.Fields{Unit: "建设办"}))
	return id
}

// whole is a reporter with every field.
var whole = incident.Reporter{Name: "欧阳金根", Phone: "16856023686", IDNo: "330899195204112886", Address: "罗山村3组12号"}

func TestDetail_ShowsPersonalFieldsByRole(t *testing.T) {
	confidential, protected := whole, whole
	confidential.Confidential, protected.Protected = true, true
	type want struct{ name, address string }
	clear, hidden := want{whole.Name, whole.Address}, want{"欧阳**", "罗山村"}
	for name, c := range map[string]struct {
		rep incident.Reporter
		by  map[incident.Login]want
	}{
		"plain": {whole, map[incident.Login]want{
			"op1": clear, "sl1": clear, "rd": clear, "un_jsb": clear, "op2": hidden, "un_zfd": hidden, "un_pcs": hidden, "tl1": hidden, "": hidden,
		}},
		"confidential": {confidential, map[incident.Login]want{
			"op1": {"保密", "罗山村"}, "sl1": {"保密", "罗山村"}, "rd": clear, "un_jsb": {"保密", "罗山村"},
		}},
		"protected": {protected, map[incident.Login]want{
			"op1": {"（保护）", "罗山村"}, "sl1": {"（保护）", "罗山村"}, "rd": clear, "un_jsb": clear, "un_zfd": {"（保护）", "罗山村"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, false)
			id := d.walk(t, c.rep)
			for by, w := range c.by {
				det, err := d.Detail(id, by)
				if err != nil {
					t.Fatal(err)
				}
				for _, rep := range []*incident.Reporter{det.State.Reporter, det.State.Log[0].Fact.Reporter} {
					if rep.Name != w.name || rep.Address != w.address {
						t.Errorf("%q sees %s, %s, want %s, %s", by, rep.Name, rep.Address, w.name, w.address)
					}
					if rep.Phone == whole.Phone || rep.IDNo == whole.IDNo {
						t.Errorf("%q sees phone %s and ID %s without asking", by, rep.Phone, rep.IDNo)
					}
				}
			}
			if f, err := d.file(id); err != nil || *f.state.Reporter != c.rep {
				t.Errorf("the kept state was masked, too: %v %v", f.state.Reporter, err)
			}
		})
	}
}

func TestDetail_UnitsAreToldNothingOfTheReporter(t *testing.T) {
	d := newDesk(t, false)
	act := report("op1", "JJ20260901007")
	rep := whole
	act.Reporter = &rep
	act.Title, act.Content = "欧阳金根家门口积水", "欧阳金根（16856023686，罗山村3组12号）说门口积水，证件330899195204112886。"
	id := d.must(t, act).Incident
	for _, by := range []incident.Login{"op1", "rd", "op2", ""} {
		det, err := d.Detail(id, by)
		if err != nil {
			t.Fatal(err)
		}
		said := det.Told.Title + det.Told.Content + det.Told.Mask("找欧阳金根，电话16856023686")
		for _, secret := range []string{whole.Name, whole.Phone, whole.IDNo, "12号"} {
			if strings.Contains(said, secret) {
				t.Errorf("%q would tell the units %s: %s", by, secret, said)
			}
		}
		if !strings.Contains(det.Told.Content, "门口积水") {
			t.Errorf("%q tells nothing of the matter: %q", by, det.Told.Content)
		}
	}
	secret := report("op1", "JJ20260901008")
	informant := whole
	informant.Confidential = true
	secret.Reporter, secret.Title, secret.Content = &informant, "举报隔壁作坊", "隔壁作坊夜里排污水，只有我家看得见。"
	det, err := d.Detail(d.must(t, secret).Incident, "sl1")
	if err != nil {
		t.Fatal(err)
	}
	if said := det.Told.Mask("欧阳金根来电"); said != "保密来电" {
		t.Errorf("of an informant's call the sheet says %q", said)
	}
	if det.Told.Content != "" || strings.Contains(det.Told.Title, "作坊") || det.Told.Title != strings.Trim(det.Category.Major+"·"+det.Category.Minor, "·") {
		t.Errorf("of an informant the units are told %+v", det.Told)
	}
}

func TestUnmask_GivesWhatTheRoleMaySeeAndJournalsThePurpose(t *testing.T) {
	d := newDesk(t, false)
	id := d.walk(t, whole)
	got, err := d.Unmask(t.Context(), id, "op1", "回访")
	if err != nil {
		t.Fatal(err)
	}
	if got.Phone != whole.Phone || got.Name != whole.Name || got.IDNo == whole.IDNo {
		t.Errorf("an operator sees %+v", got)
	}
	if got, err = d.Unmask(t.Context(), id, "rd", "核对身份"); err != nil || got != whole {
		t.Errorf("the director sees %+v, %v", got, err)
	}
	det, err := d.Detail(id, "rd")
	if err != nil {
		t.Fatal(err)
	}
	last := det.State.Log[len(det.State.Log)-1]
	if last.Kind != incident.KindUnsealed || last.Actor != "rd" || last.Fact.Text != "核对身份" {
		t.Errorf("last line of the log: %+v", last)
	}
	lines := len(det.State.Log)
	_, err = d.Unmask(t.Context(), id, "rd", " ")
	refused(t, err, "room.purpose")
	_, err = d.Unmask(t.Context(), id, "un_pcs", "看看")
	refused(t, err, "room.may_not_see")
	if det, _ = d.Detail(id, "rd"); len(det.State.Log) != lines {
		t.Errorf("refused looks were journalled")
	}
}

func TestRegister_RawTextKeepsNoReporter(t *testing.T) {
	d := newDesk(t, false)
	act := report("op1", "JJ20260901001")
	act.Reporter = &incident.Reporter{Name: "舒金根", Phone: "16856023686"}
	act.Raw = "报警人 舒金根 电话 16856023686 说有积水"
	det, err := d.Detail(d.must(t, act).Incident, "op1")
	if err != nil {
		t.Fatal(err)
	}
	if det.State.Raw != "报警人 舒** 电话 168****3686 说有积水" {
		t.Errorf("raw text: %s", det.State.Raw)
	}
}

func TestSignIn_LocksForAMinuteAfterFiveWrongPINs(t *testing.T) {
	d := newDesk(t, false)
	actor, err := d.SignIn(t.Context(), "op1", "2468")
	if err != nil || actor.Role != incident.RoleOperator {
		t.Fatalf("signed in as %+v, %v", actor, err)
	}
	for range 5 {
		_, err = d.SignIn(t.Context(), "op1", "0000")
		refused(t, err, "room.pin")
	}
	_, err = d.SignIn(t.Context(), "op1", "2468")
	refused(t, err, "room.locked")
	d.clock.set(d.Now().Add(time.Minute))
	if _, err = d.SignIn(t.Context(), "op1", "2468"); err != nil {
		t.Error(err)
	}
	_, err = d.SignIn(t.Context(), "nobody", "2468")
	refused(t, err, "room.pin")
	for _, op := range d.Operators() {
		if op.PIN != "" {
			t.Errorf("the PIN of %s can be read", op.Login)
		}
	}
}

func TestSetOperator_OnlyByThoseInCharge(t *testing.T) {
	d := newDesk(t, false)
	fresh := Operator{Login: "op9", Name: "坐席九", Role: incident.RoleOperator, PIN: "9753"}
	refused(t, d.SetOperator(t.Context(), "op1", fresh), "operator_role")
	if err := d.SetOperator(t.Context(), "rd", fresh); err != nil {
		t.Fatal(err)
	}
	fresh.PIN, fresh.Name = "", "坐席玖"
	if err := d.SetOperator(t.Context(), "rd", fresh); err != nil {
		t.Fatal(err)
	}
	fresh.PIN = "12"
	refused(t, d.SetOperator(t.Context(), "rd", fresh), "room.operator")
	d.again(t)
	if _, err := d.SignIn(t.Context(), "op9", "9753"); err != nil {
		t.Errorf("the PIN did not stay: %v", err)
	}
	if ops := d.Operators(); len(ops) != 2 || ops[1].Name != "坐席玖" {
		t.Errorf("operators %+v", ops)
	}
}

func TestSetting_HoldsFromNowOnAndSurvivesOpening(t *testing.T) {
	d := newDesk(t, false)
	before := d.must(t, report("op1", "JJ20260901001")).Incident
	old, err := d.Setting("duty/0603")
	if err != nil {
		t.Fatal(err)
	}
	d.clock.set(d.Now().Add(time.Hour))
	value := []byte(`{"lead":"执法队"}`)
	refused(t, d.SetSetting(t.Context(), "op1", "duty/0603", value), "setting_role")
	refused(t, d.SetSetting(t.Context(), "rd", "duty/0603", []byte(`{"lead":"没有这个单位"}`)), "room.setting")
	refused(t, d.SetSetting(t.Context(), "rd", "nonsense/1", value), "room.setting")
	whole := replaceLead(t, old, "执法队")
	if err := d.SetSetting(t.Context(), "rd", "duty/0603", whole); err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		now, _ := d.Rules().Category("0603", d.Now())
		then, _ := d.Rules().Category("0603", d.Now().Add(-30*time.Minute))
		if now.Lead != "执法队" || then.Lead != "建设办" {
			t.Errorf("lead now %s, half an hour ago %s", now.Lead, then.Lead)
		}
		if det, err := d.Detail(before, "op1"); err != nil || det.Category.Lead != "建设办" {
			t.Errorf("the older incident's row says %s, %v", det.Category.Lead, err)
		}
	}
	check()
	d.again(t)
	check()
	if _, err := d.Setting("duty/9999"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a setting nobody made: %v", err)
	}
}

// replaceLead changes the lead in the value of a duty row.
func replaceLead(t *testing.T, value []byte, lead string) []byte {
	t.Helper()
	var row map[string]string
	if err := json.Unmarshal(value, &row); err != nil {
		t.Fatal(err)
	}
	row["lead"] = lead
	row["co"] = ""
	out, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLocal_IsNotJournalled(t *testing.T) {
	d := newDesk(t, false)
	before, _ := d.store.Mark()
	if err := d.SetLocal("window", map[string]int{"width": 1366}); err != nil {
		t.Fatal(err)
	}
	d.again(t)
	var got map[string]int
	if err := d.Local("window", &got); err != nil || got["width"] != 1366 {
		t.Errorf("%v %v", got, err)
	}
	after, _ := d.store.Mark()
	for o := range after {
		if after[o] != before[o] {
			t.Error("a local setting was journalled")
		}
	}
}
