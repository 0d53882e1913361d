package listpage

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// typed writes into the field with the focus and goes on to the next.
func (b *bench) typed(texts ...string) {
	for i, text := range texts {
		if i > 0 {
			for range 2 { // the list of directors stands between
				b.host.Canvas().(interface{ FocusNext() }).FocusNext()
			}
		}
		test.Type(b.host.Canvas().Focused(), text)
	}
}

func TestClearText_NeedsAReasonAndTheDirectorsPIN(t *testing.T) {
	b := newBench(t)
	b.desk.approvers = []Approver{{Login: "rd1", Name: "室主任甲", PIN: true}}
	b.press(kit.CmdClearText, kit.CmdConfirm)
	if len(b.desk.clear) != 0 || len(b.host.dialogs) != 1 {
		t.Fatal("exported without a reason")
	}
	b.typed("县里核查", "2468")
	b.desk.wrongPIN = errors.New("登录名或密码不对")
	b.press(kit.CmdConfirm)
	want := room.ClearExport{List: incident.ListDaily, Day: "2026-08-18", By: "op1", Approver: "rd1", PIN: "2468", Reason: "县里核查", Out: "文档"}
	if len(b.desk.clear) != 1 || b.desk.clear[0] != want || len(b.host.dialogs) != 1 {
		t.Fatalf("asked %+v, want %+v", b.desk.clear, want)
	}
	b.desk.wrongPIN = nil
	b.press(kit.CmdConfirm)
	if len(b.desk.clear) != 1 {
		t.Error("a PIN that was wrong is still in the field")
	}
}

func TestClearText_ByTelephoneIsRecorded(t *testing.T) {
	b := newBench(t)
	b.desk.approvers = []Approver{{Login: "rd1", Name: "室主任甲"}}
	b.press(kit.CmdClearText)
	b.typed("县里核查", "0570-0110000")
	b.press(kit.CmdConfirm)
	if len(b.desk.clear) != 1 || b.desk.clear[0].PIN != "" || b.desk.clear[0].Vouched == nil {
		t.Fatalf("asked %+v", b.desk.clear)
	}
	if v := *b.desk.clear[0].Vouched; v.Number != "0570-0110000" || v.Name != "值班长rd1" || v.Time != b.desk.Now()-b.desk.Now()%60_000 {
		t.Errorf("recorded %+v", v)
	}
	if len(b.host.dialogs) != 0 || b.exported != "文档/明文.xlsx" {
		t.Errorf("%d dialogs, exported %q", len(b.host.dialogs), b.exported)
	}
}

func TestClearText_NobodyToAskAndNoPublishedVersion(t *testing.T) {
	b := newBench(t)
	b.press(kit.CmdClearText)
	if len(b.host.dialogs) != 0 || b.lastSaid() == "" {
		t.Error("asked although there is no director")
	}
	b.desk.approvers = []Approver{{Login: "rd1", Name: "室主任甲", PIN: true}}
	b.now(sheetOf("2026-0818-001", "路灯不亮"))
	b.press(kit.CmdPublish, kit.CmdConfirm, kit.CmdHistory, kit.CmdOpen)
	if b.HandleKey(kit.Press{Command: kit.CmdClearText, Stroke: kit.Stroke{Key: fyne.KeyU}}) || len(b.host.dialogs) != 0 {
		t.Error("a published version in clear text")
	}
}
