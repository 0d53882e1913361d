package forms

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/views/kit"
)

func TestDispatch_ListFollowsTheTickedUnits(t *testing.T) {
	d := openDispatch(t, toDispatch())
	if d.List() != incident.ListJoint || !strings.Contains(d.RuleWords(), "lists.why.pair") {
		t.Fatalf("an urgent matter of two units on %s: %s", d.List(), d.RuleWords())
	}
	d.Toggle(1)
	if d.List() != incident.ListDaily {
		t.Errorf("with the lead alone on %s", d.List())
	}
	d.Subject.Earlier = lists.Earlier{Daily: 3}
	if d.List() != incident.ListMonthly {
		t.Errorf("after three daily lists on %s", d.List())
	}
}

func TestDispatch_AHigherListIsAMoveWithItsReason(t *testing.T) {
	d := openDispatch(t, toDispatch())
	if !d.SetList(incident.ListMonthly) || d.List() != incident.ListMonthly || !d.NeedsMoveWhy() {
		t.Fatalf("list %s", d.List())
	}
	var fault *Fault
	if _, err := d.Acts(); !errors.As(err, &fault) || fault.Field != "move_why" {
		t.Fatalf("without a reason: %v", err)
	}
	d.MoveWhy = " 镇领导要求 "
	acts, err := d.Acts()
	if err != nil || len(acts) != 2 || acts[0].List != incident.ListMonthly || acts[1].Do != incident.Move || acts[1].List != incident.ListMonthly || acts[1].Reason != "镇领导要求" {
		t.Fatalf("acts %+v, %v", acts, err)
	}
	if !d.SetList(incident.ListJoint) || d.NeedsMoveWhy() {
		t.Error("back to the rules' list still asks for a reason")
	}
	if acts, err := d.Acts(); err != nil || len(acts) != 1 {
		t.Errorf("acts %+v, %v", acts, err)
	}
}

func TestDispatch_ALowerListIsTheDirectors(t *testing.T) {
	d := openDispatch(t, toDispatch())
	if d.SetList(incident.ListDaily) || d.List() != incident.ListJoint {
		t.Fatalf("moved down to %s", d.List())
	}
	// Named while the lead was alone; with a second unit the rules put it there anyway.
	d.Toggle(1)
	d.SetList(incident.ListJoint)
	d.Toggle(1)
	if d.NeedsMoveWhy() || d.List() != incident.ListJoint {
		t.Error("asks why an incident is moved to where the rules put it")
	}
	d = openDispatch(t, toDispatch())
	d.Subject.State.ListMoved = incident.ListMonthly
	if d.List() != incident.ListMonthly || d.SetList(incident.ListJoint) {
		t.Errorf("moved by hand and shown on %s", d.List())
	}
}

func TestDispatch_AddedUnitsCountForTheList(t *testing.T) {
	subject := handled()
	subject.State.ReceivedAt = at(14, 0)
	d := openDispatch(t, subject)
	if d.List() != incident.ListDaily {
		t.Fatalf("on %s", d.List())
	}
	for i, r := range d.Rows {
		if !r.Dispatched && slices.Contains([]incident.UnitID{"建设办", "派出所", "农业农村办"}, r.Unit) {
			d.Toggle(i)
		}
	}
	if d.List() != incident.ListJoint {
		t.Errorf("with %v added on %s", d.Co(), d.List())
	}
}

// A refused dispatch moves nothing.
func TestDialog_MoveFollowsADispatchThatWasTaken(t *testing.T) {
	f, desk, host := window(t, incident.RoleShift)
	desk.detail = *toDispatch()
	f.Run(kit.CmdDispatch, desk.detail.State.ID)
	host.key(kit.CmdOption3)
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 0 || host.Canvas().Focused() == nil {
		t.Fatalf("sent %v without a reason, or the caret is not in its field", desk.acts)
	}
	f.dispatching.moveWhy.SetText("镇领导要求")
	desk.refuse = func(a incident.Act) error {
		if a.Do == incident.Dispatch {
			return &incident.Refusal{Rule: "T7", Key: "refuse.t7.state"}
		}
		return nil
	}
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 0 || len(host.stack) != 1 {
		t.Fatalf("after a refused dispatch took %v, dialogs %d", desk.acts, len(host.stack))
	}
	desk.refuse = nil
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 2 || desk.acts[1].Do != incident.Move || len(host.stack) != 0 {
		t.Fatalf("acts %v", desk.acts)
	}
}
