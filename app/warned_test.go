package main

import (
	"testing"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/warn"
	"zw110/views/kit"
)

func TestWarnings_AreAnsweredByKeysAndStandInTheIncident(t *testing.T) {
	s := newStage(t)
	s.signIn()
	act := incident.Act{At: s.p.room.Now(), By: "sl1", Do: incident.Register}
	act.Channel, act.Title, act.Content = incident.ChannelPhone, "有人要跳楼", "桥头有人说要跳楼"
	act.Village, act.Category, act.Urgency, act.RiskWords = "罗山村", "0108", incident.Critical, []string{"跳楼"}
	out, err := s.p.room.Do(s.ctx, act)
	if err != nil {
		t.Fatal(err)
	}
	waits := func(want warn.Standing) func() bool {
		return func() bool { return len(s.p.desk.warned.all) == 1 && s.p.desk.warned.all[0].Standing == want }
	}
	s.p.desk.warned.look()
	s.until("the warning", waits(warn.Waiting))
	s.stroke(kit.Stroke{Prefix: 'g', Rune: 'w'})
	s.until("the warnings", func() bool { return s.dialog() && s.p.desk.shell.Dialog().Name() == "warnings" })
	s.stroke(rune1('1'))
	s.until("the confirmation", waits(warn.Confirmed))
	d, err := s.p.room.Detail(out.Incident, "sl1")
	if err != nil {
		t.Fatal(err)
	}
	if m := d.State.Warned; len(m) != 1 || m[0].Warning != "W5" || m[0].Choice != incident.ConfirmWarning || m[0].By != "sl1" {
		t.Errorf("the incident says %+v", m)
	}
	if d.Row.Stage != board.StageUnanswered {
		t.Errorf("a warning that was confirmed moved its incident to %s", d.Row.Stage)
	}
}
