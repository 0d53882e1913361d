package listpage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/data/room"
	"zw110/views/kit"
)

// presses are the published versions of a test's desk.
type presses struct {
	refused error
	issues  []room.Issue
	sheets  []lists.Sheet // of the issues
	next    lists.Sheet   // that the next issue freezes
	wrote   []string

	approvers []Approver
	clear     []room.ClearExport
	wrongPIN  error

	template   lists.Template
	remembered []lists.Template
	filled     []string
}

func (p *presses) ReadTemplate(incident.List, []byte) (lists.Template, error) { return p.template, nil }

func (p *presses) AssignTemplate(t *lists.Template, column, holds string) error {
	return t.Assign(column, holds, text{})
}

func (p *presses) RememberTemplate(t lists.Template) error {
	p.remembered = append(p.remembered, t)
	return nil
}

func (p *presses) FillTemplate(s lists.Sheet, content []byte, _ lists.Template, out string) (string, error) {
	p.filled = append(p.filled, fmt.Sprintf("%s: %d rows into %s", out, len(s.Rows), content))
	return out, nil
}

// text are the keys themselves as words.
type text struct{}

func (text) T(key string, _ ...any) string { return key }

func (p *presses) ExportClear(_ context.Context, want room.ClearExport) (string, error) {
	p.clear = append(p.clear, want)
	return want.Out + "/明文.xlsx", p.wrongPIN
}

func (p *presses) MayPublish(incident.Login, incident.List) error { return p.refused }

func (p *presses) PublishList(_ context.Context, by incident.Login, list incident.List, day incident.Day, reason string) (room.Issue, error) {
	n := len(p.issues) + 1
	i := room.Issue{Issue: lists.Issue{
		List: list, Day: day, Version: n, Reason: reason, Check: fmt.Sprintf("AB12-CD3%d", n), At: new(desk).Now(), Rows: lists.IssuedRows(p.next),
	}, Author: room.Author{Login: by, Seat: "指挥室1"}}
	p.issues, p.sheets = append(p.issues, i), append(p.sheets, p.next)
	return i, nil
}

func (p *presses) Issues(incident.List, incident.Day) ([]room.Issue, error) { return p.issues, nil }

func (p *presses) IssueSheet(_ context.Context, i room.Issue) (lists.Sheet, error) {
	if i.Version > len(p.sheets) {
		return lists.Sheet{}, errors.New("no such version")
	}
	return p.sheets[i.Version-1], nil
}

func (p *presses) ExportIssue(_ context.Context, i room.Issue, out string) (string, error) {
	p.wrote = append(p.wrote, fmt.Sprintf("%s/v%d", out, i.Version))
	return out, nil
}

// sheetOf is a list of incidents by number and what is said of each.
func sheetOf(rows ...string) lists.Sheet {
	s := lists.Sheet{Title: "塔石镇基层治理事项每日清单", Columns: []lists.Column{{Key: "no", Head: "编号", Width: 16}, {Key: "matter", Head: "事项内容", Width: 38}}}
	for i := 0; i < len(rows); i += 2 {
		s.Keys = append(s.Keys, lists.RowKey{No: rows[i]})
		s.Rows = append(s.Rows, []lists.Cell{{Text: rows[i]}, {Text: rows[i+1]}})
	}
	return s
}

// now makes the desk's list read otherwise.
func (b *bench) now(s lists.Sheet) {
	b.desk.sheet, b.desk.next = s, s
	b.read()
}

func (b *bench) lastSaid() string {
	if n := len(b.host.said); n > 0 {
		return b.host.said[n-1].Text
	}
	return ""
}

func TestPublish_FreezesAVersionAndASecondNeedsAReason(t *testing.T) {
	b := newBench(t)
	b.now(sheetOf("2026-0818-001", "路灯不亮", "2026-0818-002", "沟渠淤塞"))
	if b.tag.Text() != "草稿" {
		t.Errorf("before: %q", b.tag.Text())
	}
	b.press(kit.CmdPublish, kit.CmdConfirm)
	if len(b.desk.issues) != 1 || b.tag.Text() != "已发布第 1 版" || b.issue.Text != "08-18 14:05 发布　校验码 AB12-CD31" || len(b.host.dialogs) != 0 {
		t.Fatalf("%d issues, tag %q, %q", len(b.desk.issues), b.tag.Text(), b.issue.Text)
	}
	b.now(sheetOf("2026-0818-001", "路灯已修", "2026-0818-003", "井盖松动"))
	if b.tag.Text() != "第 1 版后有 3 行变动" {
		t.Errorf("after three rows moved: %q", b.tag.Text())
	}
	b.press(kit.CmdPublish, kit.CmdConfirm)
	if len(b.desk.issues) != 1 || len(b.host.dialogs) != 1 {
		t.Fatal("a second version without a reason")
	}
	test.Type(b.host.Canvas().Focused(), "补录到场")
	b.press(kit.CmdConfirm)
	if len(b.desk.issues) != 2 || b.desk.issues[1].Reason != "补录到场" || b.tag.Text() != "已发布第 2 版" {
		t.Errorf("issues %+v, tag %q", b.desk.issues, b.tag.Text())
	}
}

func TestPublish_ShowsWhatMovedSinceTheLastVersion(t *testing.T) {
	b := newBench(t)
	before, after := sheetOf("2026-0818-001", "路灯不亮", "2026-0818-002", "沟渠淤塞"), sheetOf("2026-0818-001", "路灯已修", "2026-0818-003", "井盖松动")
	var got []string
	for _, row := range b.changeRows(lists.Diff(before, after), before, after) {
		got = append(got, row[0].Text+" "+row[1].Text+" ["+row[2].Text+"] ["+row[3].Text+"]")
	}
	want := []string{"2026-0818-001 ≠ 改 [事项内容：路灯不亮] [事项内容：路灯已修]", "2026-0818-003 ＋ 进 [] [井盖松动]", "2026-0818-002 － 出 [沟渠淤塞] []"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPublish_IsRefusedBeforeAnythingIsAsked(t *testing.T) {
	b := newBench(t)
	b.desk.refused = errors.New("由室主任发布")
	b.press(kit.CmdPublish)
	if len(b.host.dialogs) != 0 || b.lastSaid() != "由室主任发布" {
		t.Errorf("%d dialogs, said %q", len(b.host.dialogs), b.lastSaid())
	}
}

func TestHistory_AnOldVersionIsReadAndExportedAndEscGoesBack(t *testing.T) {
	b := newBench(t)
	b.now(sheetOf("2026-0818-001", "路灯不亮"))
	b.press(kit.CmdPublish, kit.CmdConfirm)
	b.now(sheetOf("2026-0818-001", "路灯已修"))
	b.press(kit.CmdHistory, kit.CmdOpen)
	if b.old == nil || b.sheet.Rows[0][1].Text != "路灯不亮" || b.tag.Text() != "第 1 版·只读" {
		t.Fatalf("the old version: %v, tag %q", b.sheet.Rows, b.tag.Text())
	}
	b.press(kit.CmdExport)
	if !slices.Equal(b.desk.wrote, []string{"文档/v1"}) || len(b.desk.exported) != 0 {
		t.Errorf("wrote %v and %v", b.desk.wrote, b.desk.exported)
	}
	b.HandleKey(kit.Press{Command: kit.CmdBack, Stroke: kit.Stroke{Key: fyne.KeyEscape}})
	if b.old != nil || b.sheet.Rows[0][1].Text != "路灯已修" {
		t.Errorf("after Esc: %v", b.sheet.Rows)
	}
}

func TestExport_EscEndsTheOneUnderWay(t *testing.T) {
	b := newBench(t)
	var under context.Context
	var jobs []func()
	b.p.Apart = func(job func()) { jobs = append(jobs, job) }
	b.written(func(ctx context.Context) (string, error) {
		under = ctx
		return "", ctx.Err()
	}, func(string) { t.Error("a cancelled export goes on") })
	b.written(func(context.Context) (string, error) { return "", nil }, func(string) { t.Error("two exports at once") })
	b.HandleKey(kit.Press{Command: kit.CmdBack, Stroke: kit.Stroke{Key: fyne.KeyEscape}})
	for _, job := range jobs {
		job()
	}
	if !errors.Is(under.Err(), context.Canceled) || b.stop != nil || b.lastSaid() != "context canceled" {
		t.Errorf("context %v, said %q", under.Err(), b.lastSaid())
	}
}

func TestExport_TellsHowFarItIs(t *testing.T) {
	b := newBench(t)
	ended := false
	b.written(func(ctx context.Context) (string, error) {
		room.Progress(ctx, 256, 1000)
		if b.lastSaid() != "正在导出 256/1000…（Esc 取消）" {
			t.Errorf("said %q", b.lastSaid())
		}
		return "清单.xlsx", nil
	}, func(string) { ended = true })
	if !ended || b.exported != "清单.xlsx" {
		t.Errorf("exported %q", b.exported)
	}
}
