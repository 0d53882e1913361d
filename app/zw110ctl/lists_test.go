package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zw110/data/lists"
)

// A list is published, then it changes; each version stays.
func TestLists_PublishedVersionsStay(t *testing.T) {
	dir, folder := drill(t), t.TempDir()
	do := func(ref, at string) {
		t.Helper()
		batch := filepath.Join(folder, "acts.jsonl")
		act := `{"at":"2026-08-12T` + at + `:00+08:00","by":"op1","do":"register","ref":"` + ref + `","channel":"110","source_no":"JJ20260812` + ref + `","title":"路灯不亮","content":"罗山村路灯不亮","village":"罗山村","category":"0905","urgency":"normal"}`
		if err := os.WriteFile(batch, []byte(act+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, exitDone, "do", "--dir", dir, batch)
	}
	do("001", "10:00")
	do("002", "10:30")
	list := []string{"lists", "--dir", dir, "--list", "daily", "--date", "2026-08-12"}
	with := func(more ...string) []string { return append(slices.Clone(list), more...) }
	if a := want(t, exitDone, with("--history")...); !strings.Contains(a.out, "还没有") {
		t.Errorf("before the first: %s", a.out)
	}
	want(t, exitUsage, with()...)
	want(t, exitUsage, with("--publish")...)
	want(t, exitRefused, with("--publish", "--by", "op1")...)
	want(t, exitDone, with("--publish", "--by", "sl1", "--out", folder)...)
	want(t, exitRefused, with("--publish", "--by", "sl1", "--reason", "再发")...)
	first, err := os.ReadFile(filepath.Join(folder, "塔石镇_每日清单_20260812_发布v1.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	do("999", "11:00")
	moved := lines[[]moveLine](t, want(t, exitDone, with("--since", "1", "--json")...).out)
	if len(moved) != 1 || len(moved[0]) != 1 || moved[0][0].Move != lists.RowIn {
		t.Errorf("since the first: %+v", moved)
	}
	want(t, exitDone, with("--publish", "--by", "rd", "--reason", "补录一件")...)
	history := lines[[]issueLine](t, want(t, exitDone, with("--history", "--json")...).out)
	if len(history) != 1 || len(history[0]) != 2 || history[0][1].Reason != "补录一件" || history[0][1].Rows != history[0][0].Rows+1 || history[0][0].Twice {
		t.Errorf("history %+v", history)
	}
	if a := want(t, exitDone, with("--since", "1", "--version", "2")...); !strings.Contains(a.out, "＋") {
		t.Errorf("from 1 to 2: %s", a.out)
	}
	later := filepath.Join(folder, "later.xlsx")
	want(t, exitDone, with("--version", "1", "--out", later)...)
	if again, err := os.ReadFile(later); err != nil || !bytes.Equal(again, first) {
		t.Errorf("the first written later: %d bytes, %v, before %d", len(again), err, len(first))
	}
	want(t, exitRefused, with("--version", "3", "--out", later)...)
}

func TestLists_ClearTextNeedsTheDirectorsPIN(t *testing.T) {
	dir, folder := drill(t), t.TempDir()
	list := []string{"lists", "--dir", dir, "--list", "daily", "--date", "2026-08-12"}
	with := func(more ...string) []string { return append(slices.Clone(list), more...) }
	pin, wrong := filepath.Join(folder, "pin"), filepath.Join(folder, "wrong")
	for name, text := range map[string]string{pin: "110110\n", wrong: "111111\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(folder, "clear.xlsx")
	ask := with("--unmasked", "--by", "op1", "--approved-by", "rd", "--reason", "上门走访", "--out", out)
	want(t, exitUsage, ask...)
	want(t, exitRefused, append(ask, "--pin-file", wrong)...)
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("refused, and the file is there: %v", err)
	}
	want(t, exitDone, append(ask, "--pin-file", pin)...)
	got := lines[[]clearLine](t, want(t, exitDone, with("--exports", "--json")...).out)
	if len(got) != 1 || len(got[0]) != 1 || got[0][0].By != "op1" || got[0][0].ApprovedBy != "rd" || got[0][0].Reason != "上门走访" {
		t.Errorf("journalled %+v", got)
	}
	if a := want(t, exitDone, with("--exports")...); !strings.Contains(a.out, "批准 rd") {
		t.Errorf("for people: %s", a.out)
	}
}

func TestLists_TheTownsOwnWorkbookIsFilled(t *testing.T) {
	dir, out := drill(t), filepath.Join(t.TempDir(), "own.xlsx")
	list := []string{"lists", "--dir", dir, "--list", "daily", "--date", "2026-08-12", "--template", "../../data/lists/testdata/template.xlsx"}
	with := func(more ...string) []string { return append(slices.Clone(list), more...) }
	if a := want(t, exitDone, with()...); !strings.Contains(a.out, "D　诉求内容 ← 事项内容") || !strings.Contains(a.out, "没有写文件") {
		t.Errorf("looked: %s", a.out)
	}
	want(t, exitUsage, with("--map", "G")...)
	want(t, exitRefused, with("--map", "G=没有这一项")...)
	want(t, exitDone, with("--map", "备注=签字,G=", "--out", out)...)
	got := lines[templateReport](t, want(t, exitDone, with("--json")...).out)
	if len(got) != 1 || got[0].Columns[8].Holds != "signature" || got[0].Columns[6].Holds != "" || got[0].First != 4 {
		t.Errorf("remembered %+v", got)
	}
	if info, err := os.Stat(out); err != nil || info.Size() < 4000 {
		t.Errorf("workbook: %v, %v", info, err)
	}
}
