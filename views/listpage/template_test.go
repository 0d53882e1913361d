package listpage

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/views/kit"
)

func TestTemplate_IsShownChangedRememberedAndFilled(t *testing.T) {
	b := newBench(t)
	b.now(sheetOf("2026-0818-001", "路灯不亮", "2026-0818-002", "沟渠淤塞"))
	b.desk.template = lists.Template{List: incident.ListDaily, Sheet: "台账", Header: 3, First: 4, Columns: []lists.TemplateColumn{
		{At: 0, Head: "编号", Key: "no"}, {At: 1, Head: "什么事", Key: "matter"}, {At: 2, Head: "备注"},
	}}
	b.press(kit.CmdTemplate)
	if len(b.host.dialogs) != 1 || b.host.dialogs[0].Name() != "template" {
		t.Fatalf("%d dialogs", len(b.host.dialogs))
	}
	// The second column gives up what it holds.
	b.press(kit.CmdDown)
	b.host.dialogs[0].HandleKey(kit.Press{Stroke: kit.Stroke{Key: fyne.KeyDelete}})
	b.press(kit.CmdConfirm)
	if len(b.desk.remembered) != 1 || b.desk.remembered[0].Columns[1].Key != "" || b.desk.remembered[0].Columns[0].Key != "no" {
		t.Fatalf("remembered %+v", b.desk.remembered)
	}
	if want := []string{"文档: 2 rows into 清单"}; !slices.Equal(b.desk.filled, want) || len(b.host.dialogs) != 0 || b.exported != "文档" {
		t.Errorf("filled %v, %d dialogs, exported %q", b.desk.filled, len(b.host.dialogs), b.exported)
	}
}
