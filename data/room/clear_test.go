package room

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/intake"
)

// cellsOf is all that stands on a workbook's sheets, as one text.
func cellsOf(t testing.TB, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	book, _, err := intake.OpenWorkbook(content)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			b.WriteString(strings.Join(row, "|") + "\n")
		}
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExportClear_NamesWhoMayBeNamedAndIsJournalled(t *testing.T) {
	d := newDesk(t, false)
	d.clock.set(moment(t, "2026-09-01T09:00:00+08:00"))
	if err := d.SetOperator(t.Context(), "rd", Operator{Login: "rd", Name: "主任", Role: incident.RoleDirector, PIN: "8642"}); err != nil {
		t.Fatal(err)
	}
	for n, rep := range []incident.Reporter{
		{Name: "舒金根", Phone: "16856023686", IDNo: "330899195204112886"},
		{Name: "余水英", Phone: "16856023699", Confidential: true},
		{Name: "童阿宝", Phone: "16856023677", Protected: true},
	} {
		act := report("op1", "JJ2026090100"+string(rune('1'+n)))
		act.Reporter = &rep
		act.Title = rep.Name + "反映积水，电话" + rep.Phone + "，身份证330899195204112886"
		d.must(t, act)
	}
	d.clock.set(d.Now() + 1000)
	dir := t.TempDir()
	want := ClearExport{List: incident.ListDaily, Day: firstDay, By: "op1", Approver: "rd", PIN: "8642", Reason: "上门走访", Out: dir}
	for key, change := range map[string]func(*ClearExport){
		"clear_reason": func(w *ClearExport) { w.Reason = " " }, "clear_approver": func(w *ClearExport) { w.Approver = "sl1" },
		"clear_role": func(w *ClearExport) { w.By = "un_jsb" }, "room.actor": func(w *ClearExport) { w.By = "nobody" }, "room.pin": func(w *ClearExport) { w.PIN = "0000" },
	} {
		bad := want
		change(&bad)
		_, err := d.ExportClear(t.Context(), bad)
		refused(t, err, key)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Fatalf("refused, and %d files are there, %v", len(left), err)
	}
	file, err := d.ExportClear(t.Context(), want)
	if err != nil || filepath.Base(file) != "塔石镇_每日清单_20260901_明文.xlsx" {
		t.Fatalf("file %s, %v", file, err)
	}
	got := cellsOf(t, file)
	for _, shown := range []string{"舒金根反映积水，电话16856023686", "|舒金根|16856023686", "（保护）", "明文，限本次用途", "批准 主任"} {
		if !strings.Contains(got, shown) {
			t.Errorf("%q is missing in\n%s", shown, got)
		}
	}
	for _, hidden := range []string{"余水英", "16856023699", "童阿宝", "16856023677", "330899195204112886", "zw110-list"} {
		if strings.Contains(got, hidden) {
			t.Errorf("%q is in\n%s", hidden, got)
		}
	}
	want.Vouched, want.PIN = &incident.Proxy{Name: "主任", Number: "0570-7000000", Time: d.Now()}, ""
	d.clock.set(d.Now() + 1000)
	if _, err := d.ExportClear(t.Context(), want); err != nil {
		t.Errorf("approved by telephone: %v", err)
	}
	d.again(t)
	log, err := d.ClearExports(incident.ListDaily, firstDay)
	if err != nil || len(log) != 2 || log[0].Rows != 3 || log[0].Approver != "rd" || log[0].Login != "op1" || log[0].Reason != "上门走访" || log[1].Vouched == nil {
		t.Errorf("journalled %+v, %v", log, err)
	}
	if masked, err := d.ListSheet(t.Context(), incident.ListDaily, firstDay); err != nil || len(masked.Columns) != 16 {
		t.Errorf("afterwards the usual list has %d columns, %v", len(masked.Columns), err)
	}
}

// The mark stands at the head of every page, so that a printed page says what it is.
func TestExportClear_MarkIsPrinted(t *testing.T) {
	d := newDesk(t, false)
	d.must(t, report("op1", "JJ20260901001"))
	out := filepath.Join(t.TempDir(), "x.xlsx")
	_, err := d.ExportClear(t.Context(), ClearExport{
		List: incident.ListDaily, Day: firstDay, By: "sl1", Approver: "rd", Reason: "走访", Out: out,
		Vouched: &incident.Proxy{Name: "A&B", Number: "0570-7000000", Time: d.Now()},
	})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	book, _, err := intake.OpenWorkbook(content)
	if err != nil {
		t.Fatal(err)
	}
	for _, sheet := range book.GetSheetList() {
		if hf, err := book.GetHeaderFooter(sheet); err != nil || !strings.HasPrefix(hf.OddHeader, "&C&20&KA6A6A6明文") {
			t.Errorf("%s: head %q, %v", sheet, hf.OddHeader, err)
		}
	}
	if err := book.Close(); err != nil || bytes.Contains(content, []byte("zw110-list")) {
		t.Error(err)
	}
}
