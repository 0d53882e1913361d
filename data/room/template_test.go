package room

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/intake"
)

// What a person confirmed for a template holds the next time, also for a new file with the same heads.
func TestTemplate_IsFilledAndItsMappingRemembered(t *testing.T) {
	d := newDesk(t, false)
	d.clock.set(moment(t, "2026-09-01T09:00:00+08:00"))
	d.listed(t, "JJ20260901001", "晒谷场积水")
	d.clock.set(d.Now() + 1000)
	s, err := d.ListSheet(t.Context(), incident.ListDaily, firstDay)
	if err != nil {
		t.Fatal(err)
	}
	// A list of the program is itself a workbook with known heads.
	empty := s
	empty.Rows, empty.Keys = nil, nil
	var form bytes.Buffer
	if err := empty.Write(&form); err != nil {
		t.Fatal(err)
	}
	tpl, err := d.ReadTemplate(incident.ListDaily, form.Bytes())
	if err != nil || tpl.First != 5 || tpl.Columns[5].Key != "matter" {
		t.Fatalf("%+v, %v", tpl, err)
	}
	if err := d.AssignTemplate(&tpl, "签字", "办理情况"); err != nil {
		t.Fatal(err)
	}
	if err := d.RememberTemplate(tpl); err != nil {
		t.Fatal(err)
	}
	d.again(t)
	again, err := d.ReadTemplate(incident.ListDaily, form.Bytes())
	if err != nil || again.Columns[15].Key != "progress" || again.Columns[11].Key != "" {
		t.Fatalf("not remembered: %+v, %v", again, err)
	}
	dir := t.TempDir()
	file, err := d.FillTemplate(s, form.Bytes(), again, dir)
	if err != nil || filepath.Base(file) != "塔石镇_每日清单_20260901_本镇格式.xlsx" {
		t.Fatalf("file %s, %v", file, err)
	}
	if got := cellsOf(t, file); !strings.Contains(got, "晒谷场积水") {
		t.Errorf("it says\n%s", got)
	}
	again.Sheet = "没有"
	out := filepath.Join(dir, "x.xlsx")
	if _, err := d.FillTemplate(s, form.Bytes(), again, out); err == nil {
		t.Error("a sheet that is not there was filled")
	}
	if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after a failure a file is there: %v", err)
	}
	var p *intake.Problem
	if _, err := d.ReadTemplate(incident.ListDaily, []byte("x")); !errors.As(err, &p) {
		t.Errorf("no workbook: %v", err)
	}
}
