package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zw110/data/room"
)

func TestInUse_IsSaidAndExitsOne(t *testing.T) {
	dir := drill(t)
	r, err := room.Open(room.Config{Dir: dir, Ticks: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"show"}, {"verify"}, {"do", "-"}} {
		a := want(t, exitRefused, append(args, "--dir", dir)...)
		if strings.Contains(a.err, "store.in_use") || !strings.Contains(a.err, "程序") {
			t.Errorf("%v while in use says: %s", args, a.err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, exitDone, "show", "--dir", dir)
}

func TestUsage_ExitsTwoAndHelpIsThere(t *testing.T) {
	want(t, exitUsage)
	want(t, exitUsage, "bogus")
	want(t, exitUsage, "show")
	want(t, exitUsage, "show", "--dir", t.TempDir(), "--lang", "fr")
	for lang, word := range map[string]string{"zh-Hans": "用镇街资料包建立新库", "en": "Make a new store"} {
		if a := want(t, exitDone, "--lang", lang, "--help"); !strings.Contains(a.out, word) {
			t.Errorf("help in %s: %s", lang, a.out)
		}
	}
	if a := want(t, exitRefused, "show", "--dir", t.TempDir()); a.err == "" || strings.Contains(a.err, "store.") {
		t.Errorf("no store there: %s", a.err)
	}
	if a := want(t, exitDone, "init", "--dir", filepath.Join(t.TempDir(), "real"), "--pack", "330825111", "--seat", "指挥室2", "--seat-no", "2"); !strings.Contains(a.out, "恢复码") {
		t.Errorf("a new store tells no recovery code: %s", a.out)
	}
	want(t, exitUsage, "init", "--dir", t.TempDir(), "--pack", "330825111", "--seat-no", "27")
	want(t, exitUsage, "init", "--dir", t.TempDir(), "--pack", "330825111", "--seat", " ")
	dir := drill(t)
	want(t, exitRefused, "show", "--dir", dir, "--incident", "")                 // of a script whose variable is empty
	want(t, exitRefused, "init", "--drill", "--dir", dir, "--pack", "330825111") // there is one already
	want(t, exitRefused, "init", "--drill", "--dir", t.TempDir(), "--pack", "nowhere")
}

func TestUsage_IsToldInTheReadersLanguage(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args     string
		zh, en   string
		helpOf   string
		exitCode int
	}{
		{"", "缺少 init, intake, do", "missing init, intake, do", "", exitUsage},
		{"sho", "没有“sho”这个命令，是不是 do, show", "there is no command", "", exitUsage},
		{"show --dri x", "没有 --dri 这个选项，是不是 --dir", "there is no flag --dri; perhaps --dir", " show", exitUsage},
		{"show --nothing", "没有 --nothing 这个选项", "there is no flag --nothing", " show", exitUsage},
		{"init", "缺少 --dir=DIR, --pack=PACK", "missing --dir=DIR, --pack=PACK", " init", exitUsage},
		{"init --dir", "--dir 后面没有写值", "--dir has no value", " init", exitUsage},
		{"init --dir x --pack y --seat-no q", "--seat-no 要写整数，写的是“q”", "--seat-no takes a whole number", " init", exitUsage},
		{"init --dir x --pack y --seat-no 27", "--seat-no 只能是 1–26", "--seat-no is one of 1–26", "", exitUsage},
		{"intake --dir x --channel 110", "缺少 <file> ...", "missing <file> ...", " intake", exitUsage},
		{"intake --dir x --channel fax f", "--channel 只能是 110, 12345, auto", "--channel is one of 110, 12345, auto", "", exitUsage},
		{"lists --dir x --list daily --date d --out f more", "多了“more”", "\"more\" is too much", " lists", exitUsage},
		{"lists --dir x --list daily --date d --out f", "--date 要写日期", "--date takes a date", "", exitUsage},
		{"assess --dir x --from a --to b --json --out f", "--json 和 --out 不能同时用", "--json and --out exclude each other", " assess", exitUsage},
		{"assess --dir x --from a --to b", "--from 到 --to 要写先后两个日期", "--from and --to take two dates", "", exitUsage},
		{"courier", "缺少 out, in", "missing out, in", " courier", exitUsage},
		{"slip --dir x --kind note --out f", "--kind 只能是 ", "--kind is one of ", "", exitUsage},
	} {
		for lang, words := range map[string]string{"zh-Hans": tt.zh, "en": tt.en} {
			var out, complaints bytes.Buffer
			code := run(t.Context(), append([]string{"--lang", lang}, strings.Fields(strings.ReplaceAll(tt.args, "--dir x", "--dir "+dir))...), &out, &complaints)
			help := "zw110ctl" + tt.helpOf + " --help"
			if code != tt.exitCode || !strings.Contains(complaints.String(), words) || !strings.Contains(complaints.String(), help) {
				t.Errorf("%s %q: exit %d, says %swant %q and %q", lang, tt.args, code, complaints.String(), words, help)
			}
		}
	}
}

func TestHelp_SaysNothingInAnotherLanguage(t *testing.T) {
	for _, command := range []string{"", "init", "intake", "do", "show", "find", "lists", "slip", "readback", "assess", "verify", "backup", "restore", "enrol", "sync", "courier", "courier out", "places", "places import"} {
		var out, complaints bytes.Buffer
		if code := run(t.Context(), append(strings.Fields(command), "--help"), &out, &complaints); code != exitDone || !strings.Contains(out.String(), "用法：zw110ctl") {
			t.Errorf("help of %q: exit %d\n%s%s", command, code, out.String(), complaints.String())
		}
		for _, word := range []string{"Usage", "Flags", "Commands", "Arguments", "Run ", "Show ", "[flags]", "<command>"} {
			if strings.Contains(out.String(), word) {
				t.Errorf("help of %q says %q:\n%s", command, word, out.String())
			}
		}
	}
}

func TestFiles_AreNamedWhenTheyAreNotThere(t *testing.T) {
	dir, folder := drill(t), t.TempDir()
	missing := filepath.Join(folder, "none", "file.xlsx")
	for _, args := range [][]string{
		{"intake", "--channel", "12345", missing},
		{"intake", "--channel", "12345", folder},
		{"do", missing},
		{"do", folder},
		{"lists", "--list", "daily", "--date", "2026-08-12", "--out", missing},
		{"backup", "--file", missing},
		{"restore", "--file", missing},
		{"restore", "--file", folder},
	} {
		a := want(t, exitRefused, append(args, "--dir", dir, "--lang", "en")...)
		if !strings.Contains(a.err, folder) || strings.Contains(a.err, "hub") || strings.Contains(a.err, "no data") || strings.Contains(a.err, "amage") {
			t.Errorf("%v says: %s", args, a.err)
		}
	}
	want(t, exitDone, "verify", "--dir", dir)
}
