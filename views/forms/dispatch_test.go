package forms

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/room"
	"zw110/views/kit"
)

func toDispatch() *room.Detail {
	d := &room.Detail{}
	d.State.ID = incident.IncidentID{2}
	d.State.Status = incident.Accepted
	d.State.Title, d.State.Content = "在建项目排水不达标影响农田", "村民反映排水设施未达标。"
	d.State.Village, d.State.Urgency = "双联新村村", incident.Urgent
	d.State.Place = &incident.Place{Text: "在建项目北侧沟渠"}
	d.State.ReceivedAt = at(14, 0)
	d.Row.ShortNo = "0818-029"
	d.Told = room.Told{Title: d.State.Title, Content: d.State.Content}
	d.Suggest = []room.Suggestion{
		{Unit: "农业农村办", Lead: true, Load: 0.2, Open: 2, Reasons: []string{"职责清单主办"}},
		{Unit: "派出所", Load: 0.9, Open: 9, Overdue: 1, Reasons: []string{"协办"}},
	}
	return d
}

func openDispatch(t *testing.T, subject *room.Detail) *Dispatch {
	t.Helper()
	d, err := NewDispatch(Params{Verb: incident.Dispatch, Subject: subject, Who: incident.Actor{Login: "sl1", Role: incident.RoleShift}, Now: at(14, 9), Book: book(), Text: words}, townRules(t))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDispatch_StartsWithTheDirectorysUnitsAndList(t *testing.T) {
	d := openDispatch(t, toDispatch())
	if d.List() != incident.ListJoint || d.Lead() != "农业农村办" || !slices.Equal(d.Co(), []incident.UnitID{"派出所"}) || d.Ticked() != 2 {
		t.Fatalf("list %s lead %s co %v", d.List(), d.Lead(), d.Co())
	}
	if len(d.Rows) != 4 || d.Rows[2].Unit != "建设办" || d.Rows[2].Ticked {
		t.Fatalf("rows %+v", d.Rows)
	}
	acts, err := d.Acts()
	if err != nil || len(acts) != 1 || acts[0].Lead != "农业农村办" || acts[0].List != incident.ListJoint || acts[0].Fields.Text != "" {
		t.Fatalf("acts %+v, %v", acts, err)
	}
}

func TestDispatch_HasExactlyOneLeadAmongTheTicked(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := openDispatch(t, toDispatch())
		for range rapid.IntRange(0, 25).Draw(rt, "steps") {
			i := rapid.IntRange(-1, len(d.Rows)).Draw(rt, "row")
			if rapid.Bool().Draw(rt, "lead") {
				d.MakeLead(i)
			} else {
				d.Toggle(i)
			}
		}
		leads, ticked := 0, 0
		for _, r := range d.Rows {
			if r.Lead {
				leads++
				if !r.Ticked {
					rt.Fatal("the lead is not ticked")
				}
			}
			if r.Ticked {
				ticked++
			}
		}
		if ticked > 0 && leads != 1 || ticked == 0 && leads != 0 || d.Ticked() != ticked || slices.Contains(d.Co(), d.Lead()) {
			rt.Fatalf("%d leads among %d ticked", leads, ticked)
		}
	})
}

func TestDispatch_NothingTickedIsAFault(t *testing.T) {
	d := openDispatch(t, toDispatch())
	d.Toggle(0)
	d.Toggle(1)
	_, err := d.Acts()
	var fault *Fault
	if !errors.As(err, &fault) || fault.Key != "forms.no_units" {
		t.Fatalf("err %v", err)
	}
}

func TestDispatch_AtWorkItAddsCoHandlersAndKeepsTheLead(t *testing.T) {
	subject := handled()
	subject.Suggest = []room.Suggestion{{Unit: "农业农村办", Lead: true}, {Unit: "建设办"}}
	d := openDispatch(t, subject)
	if !d.Adding() || d.Lead() != "农业农村办" || len(d.Co()) != 0 {
		t.Fatalf("lead %s co %v", d.Lead(), d.Co())
	}
	for i, r := range d.Rows {
		if r.Dispatched {
			d.Toggle(i)
		}
		if r.Unit == "建设办" {
			d.Toggle(i)
			d.MakeLead(i)
		}
	}
	acts, err := d.Acts()
	if err != nil || len(acts) != 1 || acts[0].Do != incident.AddCo || acts[0].Unit != "建设办" || acts[0].Reason == "" || d.Lead() != "农业农村办" {
		t.Fatalf("acts %+v, %v", acts, err)
	}
}

func TestDispatch_TextFollowsUnitsUntilEditedByHand(t *testing.T) {
	d := openDispatch(t, toDispatch())
	if text := d.TaskText(); !strings.Contains(text, "在建项目北侧沟渠") || !strings.Contains(text, "塔石派出所") || d.Stale() {
		t.Fatalf("text %q", text)
	}
	d.Toggle(1)
	if strings.Contains(d.TaskText(), "塔石派出所") {
		t.Fatal("text names a unit no longer ticked")
	}
	d.EditText("请即到场")
	d.SetList(incident.ListJoint)
	if d.TaskText() != "请即到场" || !d.Stale() {
		t.Fatal("a text written by hand was replaced, or nobody is asked")
	}
	d.SetList(incident.ListDaily)
	acts, err := d.Acts()
	if err != nil || len(acts) != 1 || acts[0].Fields.Text != "请即到场" {
		t.Fatalf("acts %+v, %v", acts, err)
	}
	d.EditText("")
	if d.Stale() || d.TaskText() == "请即到场" {
		t.Fatal("an empty text does not go back to the composed one")
	}
}

func TestDispatch_DraftComesBack(t *testing.T) {
	d := openDispatch(t, toDispatch())
	d.Toggle(2)
	d.MakeLead(2)
	d.SetList(incident.ListMonthly)
	again := openDispatch(t, toDispatch())
	again.RestoreDispatch(d.DispatchDraft())
	if again.Lead() != "建设办" || again.List() != incident.ListMonthly || again.Ticked() != 3 {
		t.Fatalf("lead %s list %s ticked %d", again.Lead(), again.List(), again.Ticked())
	}
}

func TestImport_CountsLinesAsPeopleDo(t *testing.T) {
	words, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	env := &kit.Env{Text: words}
	sheet := NewImport(room.Preview{Items: []room.PreviewItem{{Report: intake.Report{Row: 4}}}, Bad: []intake.BadRow{{Row: 5}}})
	if got := sheet.Place(env, 5); got != "第 5 行" {
		t.Errorf("row 5 of a sheet is %q", got)
	}
	list := NewImport(room.Preview{Items: []room.PreviewItem{{Report: intake.Report{Row: 1}}}, Bad: []intake.BadRow{{Row: 0}}})
	if got := list.Place(env, 1); got != "第 2 条" {
		t.Errorf("index 1 of a list is %q", got)
	}
}

func TestImport_ExactDuplicatesAreNeverTaken(t *testing.T) {
	p := room.Preview{Items: []room.PreviewItem{{Kind: KindNew}, {Kind: KindExact, Take: true}, {Kind: KindLikely, Take: true}}, Bad: []intake.BadRow{{Row: 5, Reason: "no_number"}}}
	m := NewImport(p)
	if m.Taken() != 1 || m.Count("") != 4 || m.Count(KindBad) != 1 || len(m.Rows()) != 4 {
		t.Fatalf("taken %d, counts %d %d", m.Taken(), m.Count(""), m.Count(KindBad))
	}
	m.TickAll(true)
	for _, row := range m.Rows() {
		if row.Kind == KindExact {
			m.Toggle(row)
		}
	}
	if m.Taken() != 2 || m.Preview.Items[1].Take {
		t.Fatalf("taken %d", m.Taken())
	}
	m.Only = KindBad
	if rows := m.Rows(); len(rows) != 1 || rows[0].Bad != 0 || m.Report(rows[0]) != nil {
		t.Fatalf("rows %+v", rows)
	}
}

func TestMerge_SwapChangesWhichOneGoes(t *testing.T) {
	left, right := toDispatch(), *handled()
	left.Row.No = "2026-0818-029"
	right.Row.ID, right.Row.No = incident.IncidentID{7}, "2026-0817-015"
	right.State.ID = right.Row.ID
	left.Likely = []board.Likely{{Row: right.Row, Score: 80, Reasons: []string{"dup.phone"}}}
	m, err := NewMerge(Params{Subject: left, Who: incident.Actor{Login: "op1", Role: incident.RoleOperator}, Now: at(14, 9), Book: book(), Text: words})
	if err != nil {
		t.Fatal(err)
	}
	m.Set("confirmed_by", "sl1")
	var fault *Fault
	if _, err := m.Act(); !errors.As(err, &fault) || fault.Field != "into" {
		t.Fatalf("merge into nothing: %v", err)
	}
	m.Choose(right)
	act, err := m.Act()
	if err != nil || act.ID != left.State.ID || act.Other != right.State.ID || act.Into != "2026-0817-015" || m.Score != 80 || act.ProposedBy != "op1" {
		t.Fatalf("act %+v, %v", act, err)
	}
	m.Swap()
	if act, err = m.Act(); err != nil || act.ID != right.State.ID || act.Into != "2026-0818-029" {
		t.Fatalf("swapped act %+v, %v", act, err)
	}
	for _, l := range m.Lines() {
		if l.Left == "" && l.Right == "" || l.Same != (l.Left == l.Right) {
			t.Errorf("line %+v", l)
		}
	}
}
