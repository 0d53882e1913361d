package main

import (
	"testing"
	"time"

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
	if w := s.p.desk.warned; !w.strip.Shows() || w.rung != 1 {
		t.Errorf("a red warning: strip %v, rung %d times", w.strip.Shows(), w.rung)
	}
	s.stroke(kit.Stroke{Prefix: 'g', Rune: 'w'})
	s.until("the warnings", func() bool { return s.dialog() && s.p.desk.shell.Dialog().Name() == "warnings" })
	s.stroke(rune1('1'))
	s.until("the confirmation", waits(warn.Confirmed))
	if s.p.desk.warned.strip.Shows() {
		t.Error("the strip shows a warning that is confirmed")
	}
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

func TestWarnings_RingOnceWhenNewAndOnceWhenLate(t *testing.T) {
	s := newStage(t)
	s.signIn()
	w := s.p.desk.warned
	w.look()
	s.until("the first look", func() bool { return w.told && !w.busy })
	now := s.p.room.Now()
	one := warn.Warning{Rule: "W4", Key: "W4/罗山村/06", Subject: "罗山村/06", Level: warn.Yellow, Incidents: []incident.IncidentID{{1}}, Nos: []string{"1"}, Since: now, Standing: warn.Waiting}
	blue := one
	blue.Key, blue.Level = "W12/110", warn.Blue
	rings := func(want int, when string, all ...warn.Warning) {
		t.Helper()
		if w.show(all); w.rung != want {
			t.Errorf("%s: rung %d times, want %d", when, w.rung, want)
		}
	}
	rings(0, "a silent channel", blue)
	rings(1, "a new one", one, blue)
	rings(1, "the same again", one)
	one.Since = now.Add(-warn.AnswerWithin - time.Second)
	rings(2, "not answered in time", one)
	rings(2, "still not", one)
	one.Standing = warn.Confirmed
	rings(2, "confirmed", one)
}
