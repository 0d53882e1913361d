package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"zw110/data/room"
)

// filledIn writes into a cell of a list, as openpyxl does, and returns the new file.
func filledIn(t *testing.T, list, cell, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "back.xlsx")
	const script = "import sys, openpyxl; b = openpyxl.load_workbook(sys.argv[1]); c = b.worksheets[0][sys.argv[2]]\n" +
		"c.value = sys.argv[3]; c.data_type = 's'; b.save(sys.argv[4])"
	if out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", script, list, cell, text, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// backItem reads a list back that has one change.
func backItem(t *testing.T, code int, dir, file string, more ...string) backLine {
	t.Helper()
	args := append([]string{"readback", "--dir", dir, "--json", "--by", "op1", "--editor", "某甲", file}, more...)
	got := lines[backReport](t, want(t, code, args...).out)
	if len(got) != 1 || len(got[0].Items) != 1 || len(got[0].Loose) != 0 {
		t.Fatalf("%v: %+v", args, got)
	}
	return got[0].Items[0]
}

// cameBack signs a row of a list: looked at, entered once, then known; another name is a conflict until somebody decides.
func cameBack(t *testing.T, dir, list string) {
	t.Helper()
	first, second := filledIn(t, list, "P5", "=甲"), filledIn(t, list, "P5", "乙")
	if l := backItem(t, exitDone, dir, first, "--dry-run"); l.Verdict != room.BackChange || l.Entered || l.Is != "=甲" || l.Place != "P5" {
		t.Errorf("looked: %+v", l)
	}
	if l := backItem(t, exitDone, dir, first); !l.Entered {
		t.Errorf("entered: %+v", l)
	}
	if l := backItem(t, exitDone, dir, first); l.Verdict != room.BackSame || l.Entered {
		t.Errorf("again: %+v", l)
	}
	if l := backItem(t, exitRefused, dir, second); l.Verdict != room.BackConflict || l.Now != "=甲" || l.Entered || l.N != 1 {
		t.Errorf("conflict: %+v", l)
	}
	asUnit := []string{"readback", "--dir", dir, "--by", "un_jsb", "--editor", "某甲", second}
	got := lines[backReport](t, want(t, exitRefused, append(asUnit, "--json", "--mine")...).out)
	if l := got[0].Items[0]; l.Verdict != room.BackRefused || !l.Conflict || l.Refusal == "" || l.Now != "=甲" {
		t.Errorf("conflict that is refused: %+v", l)
	}
	if a := want(t, exitRefused, asUnit...); !strings.Contains(a.out, "不能记入") || !strings.Contains(a.out, "库里现在 =甲") {
		t.Errorf("conflict that is refused, for people: %s", a.out)
	}
	if l := backItem(t, exitDone, dir, second, "--theirs"); l.Entered || !l.Conflict {
		t.Errorf("the store's: %+v", l)
	}
	want(t, exitUsage, "readback", "--dir", dir, "--by", "op1", "--editor", "某甲", "--accept", "2", second)
	if l := backItem(t, exitDone, dir, second, "--accept", "1"); !l.Entered {
		t.Errorf("decided: %+v", l)
	}
	if l := backItem(t, exitDone, dir, first, "--mine"); !l.Entered {
		t.Errorf("all the list's: %+v", l)
	}
}

func TestReadback_StateThatMovedOnIsNoConflict(t *testing.T) {
	dir := drill(t)
	do := func(acts string) {
		batch := filepath.Join(t.TempDir(), "acts.jsonl")
		if err := os.WriteFile(batch, []byte(acts), 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, exitDone, "do", "--dir", dir, batch)
	}
	do(`{"at":"2026-08-15T08:01:00+08:00","by":"op1","do":"register","ref":"a1","channel":"110","source_no":"JJ20260815001","title":"路灯不亮","content":"罗山村路灯不亮","village":"罗山村","category":"0905","urgency":"normal"}
{"at":"2026-08-15T08:02:00+08:00","by":"op1","do":"respond","ref":"a1"}
{"at":"2026-08-15T08:03:00+08:00","by":"op1","do":"accept","ref":"a1"}
{"at":"2026-08-15T08:04:00+08:00","by":"op1","do":"dispatch","ref":"a1","lead":"建设办","co":["村委会"]}
`)
	list := filepath.Join(t.TempDir(), "list.xlsx")
	want(t, exitDone, "lists", "--dir", dir, "--list", "daily", "--date", "2026-08-15", "--out", list)
	do(`{"at":"2026-08-16T08:10:00+08:00","by":"un_jsb","do":"sign","incident":"0815-001"}
`)
	l := backItem(t, exitDone, dir, filledIn(t, list, "L5", "已换灯泡"))
	if l.Verdict != room.BackChange || !l.Entered || l.Was == l.Now {
		t.Errorf("%+v", l)
	}
}
