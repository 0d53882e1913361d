package incident_test

import (
	"testing"

	"zw110/data/incident"
)

func TestHandleWarning_ByTheRoomWithAReasonForADismissal(t *testing.T) {
	s := reach(t, incident.Dispatched, nil)
	wantRefusal(t, s.try("un_jsb", incident.HandleWarning, fields{Setting: "W1", Choice: incident.ConfirmWarning}), "warning.role")
	wantRefusal(t, s.try("op1", incident.HandleWarning, fields{Setting: "duty/0501", Choice: incident.ConfirmWarning}), "warning.rule")
	wantRefusal(t, s.try("op1", incident.HandleWarning, fields{Setting: "W1", Choice: "later"}), "warning.choice")
	wantRefusal(t, s.try("op1", incident.HandleWarning, fields{Setting: "W1", Choice: incident.DismissWarning, Text: " "}), "warning.why")
	before := s.state()
	s.must("op1", incident.HandleWarning, fields{Setting: "W1", Choice: incident.ConfirmWarning})
	s.must("sl1", incident.HandleWarning, fields{Setting: "W4/罗山村/06", Choice: incident.DismissWarning, Text: "同一处路灯，已并案"})
	st := s.state()
	if len(st.Warned) != 2 || st.Status != before.Status {
		t.Fatalf("marks %v, state %s", st.Warned, st.Status)
	}
	if m := st.Warned[1]; m.Warning != "W4/罗山村/06" || m.Choice != incident.DismissWarning || m.By != "sl1" || m.Text == "" || m.At == 0 {
		t.Errorf("the mark says %+v", m)
	}
}
