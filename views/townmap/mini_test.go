package townmap

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/kit"
)

func TestMini_ShowsWhatStandsSomewhere(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	var jobs []func()
	town := sampleTown()
	tapped := incident.IncidentID{}
	m, err := NewMini(MiniParams{
		Post: func(f func()) { f() }, Apart: func(job func()) { jobs = append(jobs, job) }, Ground: func() Ground { return Ground{Town: town} },
		Tapped: func(r board.Row) { tapped = r.ID },
	})
	if err != nil {
		t.Fatal(err)
	}
	m.Resize(fyne.NewSize(368, MiniHeight))
	test.TempWidgetRenderer(t, m).Layout(m.Size())
	if m.Look(board.Row{ID: idOf(1), Village: "邻县某村"}) || len(jobs) != 0 {
		t.Error("an incident that stands nowhere has a map")
	}
	row := board.Row{ID: idOf(2), Village: "双联新村", Urgency: incident.Urgent}
	if !m.Look(row) || len(jobs) != 1 || m.scene.Clusters[0].Vague != 1 {
		t.Fatalf("%d jobs; what has only a village is shown as %+v", len(jobs), m.scene)
	}
	other := row
	other.ID, other.Village = idOf(3), "舒村"
	m.Look(other) // while the first is painted
	if len(jobs) != 1 {
		t.Error("two pictures are painted at once")
	}
	jobs[0]()
	if len(jobs) != 2 || m.want.scene.Clusters[0].ID != other.ID {
		t.Fatalf("%d jobs; the last one asked for is not painted", len(jobs))
	}
	jobs[1]()
	if m.Look(other); len(jobs) != 2 {
		t.Error("the same incident is painted again")
	}
	if m.Tapped(nil); tapped != other.ID {
		t.Errorf("a tap goes to %v", tapped)
	}
}
