package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
	"zw110/data/room"
)

// asProgram, when set in the environment, makes the test binary be the program: the tests then run real processes.
const asProgram = "ZW110CTL_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// answer is what one run of the program said.
type answer struct {
	code     int
	out, err string
}

// ctl runs the program.
func ctl(t *testing.T, args ...string) answer {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "XDG_CONFIG_HOME="+t.TempDir(), "DBUS_SESSION_BUS_ADDRESS=")
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return answer{cmd.ProcessState.ExitCode(), out.String(), complaints.String()}
}

// want runs the program and insists on its exit code.
func want(t *testing.T, code int, args ...string) answer {
	t.Helper()
	a := ctl(t, args...)
	if a.code != code {
		t.Fatalf("%v: exit %d, want %d\n%s%s", args, a.code, code, a.out, a.err)
	}
	return a
}

const samples = "../../assets/drill/"

// drill makes a store for practice.
func drill(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	want(t, exitDone, "init", "--drill", "--dir", dir, "--pack", "330825111", "--seat", "指挥室1")
	return dir
}

// lines decodes one JSON object a line.
func lines[T any](t *testing.T, text string) []T {
	t.Helper()
	var all []T
	for line := range strings.Lines(text) {
		var v T
		dec := json.NewDecoder(strings.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&v); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, v)
	}
	return all
}

func TestIntake_ReportsEveryFileAndIsIdempotent(t *testing.T) {
	dir := drill(t)
	files := []string{samples + "inbox/12345-20260803.xlsx", samples + "inbox/12345-20260817.xlsx"}
	args := append([]string{"intake", "--dir", dir, "--channel", "12345", "--json"}, files...)
	dry := lines[intakeReport](t, want(t, exitRefused, append(args, "--dry-run")...).out)
	if dry[0].New != 26 || dry[0].Items[0].Incident != "" {
		t.Errorf("dry run: %d new, first %+v", dry[0].New, dry[0].Items[0])
	}
	a := want(t, exitRefused, args...) // four bad rows on purpose
	got := lines[intakeReport](t, a.out)
	if len(got) != 2 || got[0].New != 26 || got[0].Exact != 0 || got[1].New != 27 || got[1].Exact != 6 || len(got[1].Items) != 27 {
		t.Errorf("first import: %d files, %d and %d new, %d exact", len(got), got[0].New, got[1].New, got[1].Exact)
	}
	if want := []badRow{{19, "no_number"}, {26, "impossible_date"}}; !slices.Equal(got[0].Bad, want) {
		t.Errorf("bad rows %v, want %v", got[0].Bad, want)
	}
	first := got[0].Items[0]
	if first.Row != 4 || first.SourceNo != "260801091035325878" || first.Incident == "" || first.Category != "0903" || first.Village != "塔石村" || first.Lead != "水务站" {
		t.Errorf("first item %+v", first)
	}
	if !strings.Contains(a.err, "第 19 行") {
		t.Errorf("standard error says nothing of row 19: %s", a.err)
	}
	for _, again := range lines[intakeReport](t, want(t, exitRefused, args...).out) {
		if again.New != 0 || len(again.Items) != 0 {
			t.Errorf("second import of %s: %d new", again.File, again.New)
		}
	}
	want(t, exitUsage, "intake", "--dir", dir, "--channel", "fax", files[0])
	if a := want(t, exitRefused, "intake", "--dir", dir, "--channel", "12345", filepath.Join(dir, "none.xlsx")); a.err == "" {
		t.Error("a missing file is not told")
	}
}

func TestDo_RefusedLinesAreNamedAndTheRestIsDone(t *testing.T) {
	dir := drill(t)
	a := want(t, exitRefused, "do", "--dir", dir, "--json", "../../data/room/testdata/refusals.jsonl")
	got := lines[doneLine](t, a.out)
	refused := 0
	for i, l := range got {
		if l.Line != i+1 || l.OK == (l.Refusal != nil) || l.OK != (l.Incident != nil) {
			t.Errorf("line %+v", l)
		}
		if !l.OK {
			refused++
			if rule, text, ok := strings.Cut(*l.Refusal, ": "); !ok || !strings.HasPrefix(rule, "T") || strings.Contains(text, "refuse.") {
				t.Errorf("refusal %q is not a rule and words", *l.Refusal)
			}
		}
	}
	if len(got) != 133 || refused != 25 {
		t.Errorf("%d lines, %d refused, want 133 and 25", len(got), refused)
	}
	bad := filepath.Join(t.TempDir(), "bad.jsonl")
	if err := os.WriteFile(bad, []byte("\n{\"by\":\"op1\",\"do\":\"respond\",\"colour\":\"red\"}\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, l := range lines[doneLine](t, want(t, exitRefused, "do", "--dir", dir, "--json", bad).out) {
		if l.OK || l.Line != i+2 {
			t.Errorf("unreadable line: %+v", l)
		}
	}
	chinese := want(t, exitRefused, "do", "--dir", dir, bad).err
	if strings.Contains(chinese, "json:") || strings.Contains(chinese, "invalid character") || !strings.Contains(chinese, "第 3 行：不是完整的 JSON") {
		t.Errorf("in Chinese:\n%s", chinese)
	}
	if err := os.WriteFile(bad, append(bytes.Repeat([]byte{'x'}, maxLine+1), "\n{}"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if long := want(t, exitRefused, "do", "--dir", dir, bad).err; strings.Contains(long, "token") || !strings.Contains(long, "第 1 行") {
		t.Errorf("of a line without an end: %s", long)
	}
	if err := os.WriteFile(bad, []byte("\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	english := want(t, exitRefused, "--lang", "en", "do", "--dir", dir, bad)
	if !strings.Contains(english.err, "Line 2") {
		t.Errorf("--lang en says %s", english.err)
	}
}

func TestMonth_ShowFindListsVerify(t *testing.T) {
	dir := drill(t)
	want(t, exitDone, "do", "--dir", dir, samples+"month/acts-2026-08.jsonl")
	var all []shown
	if err := json.Unmarshal([]byte(want(t, exitDone, "show", "--dir", dir, "--view", "all", "--json").out), &all); err != nil {
		t.Fatal(err)
	}
	open := 0
	for _, s := range all {
		if s.State.Open() {
			open++
		}
	}
	if len(all) != 398 || open != 14 {
		t.Errorf("%d incidents, %d open, want 398 and 14", len(all), open)
	}
	var one []shown
	if err := json.Unmarshal([]byte(want(t, exitDone, "show", "--dir", dir, "--incident", "0801-001", "--json").out), &one); err != nil {
		t.Fatal(err)
	}
	if len(one) != 1 || one[0].No != "2026-0801-001" || one[0].Lead != "派出所" || len(one[0].Tasks) != 3 || len(one[0].Co) != 2 || one[0].State != "C" {
		t.Errorf("one incident: %+v", one)
	}
	want(t, exitRefused, "show", "--dir", dir, "--incident", "0801-999")
	var then []shown
	if err := json.Unmarshal([]byte(want(t, exitDone, "show", "--dir", dir, "--at", "2026-08-01T09:00", "--view", "all", "--json").out), &then); err != nil {
		t.Fatal(err)
	}
	if len(then) != 5 || then[4].No != "2026-0801-005" || then[4].State != incident.Dispatched {
		t.Errorf("%d incidents as of that morning: %+v", len(then), then)
	}
	want(t, exitUsage, "show", "--dir", dir, "--at", "noon")
	want(t, exitUsage, "show", "--dir", dir, "--view", "nonsense")
	if a := want(t, exitDone, "find", "--dir", dir, "积水", "内涝"); !strings.Contains(a.out, "共") {
		t.Errorf("find says %s", a.out)
	}
	var rep room.VerifyReport
	if err := json.Unmarshal([]byte(want(t, exitDone, "verify", "--dir", dir, "--json").out), &rep); err != nil || rep.Entries < 4917 || rep.Origins != 1 || rep.Faults == nil {
		t.Errorf("verify %+v, %v", rep, err)
	}
	out := filepath.Join(t.TempDir(), "list.xlsx")
	want(t, exitDone, "lists", "--dir", dir, "--list", "daily", "--date", "2026-08-12", "--out", out)
	if info, err := os.Stat(out); err != nil || info.Size() < 4000 {
		t.Errorf("workbook: %v, %v", info, err)
	}
	want(t, exitUsage, "lists", "--dir", dir, "--list", "weekly", "--date", "2026-08-12", "--out", out)
	want(t, exitUsage, "lists", "--dir", dir, "--list", "daily", "--date", "yesterday", "--out", out)
	cameBack(t, dir, out)
	slips(t, dir)
	assessed(t, dir)
	restored(t, dir)
}

// slips writes every paper of the month of August.
func slips(t *testing.T, dir string) {
	t.Helper()
	out := t.TempDir()
	for _, args := range [][]string{
		{"supervise", "--incident", "0801-001"},
		{"handle", "--incident", "0801-001"},
		{"handover", "--from", "2026-08-28T08:00", "--to", "2026-08-28T20:00"},
		{"notice", "--unit", "农业农村办", "--from", "2026-08-01", "--to", "2026-08-28"},
		{"report", "--from", "2026-08-01", "--to", "2026-08-31"},
	} {
		file := filepath.Join(out, args[0]+".xlsx")
		line := append([]string{"slip", "--dir", dir, "--out", file, "--kind"}, args...)
		want(t, exitDone, line...)
		first, err := os.ReadFile(file)
		if err != nil || len(first) < 4000 {
			t.Fatalf("%s: %d bytes, %v", args[0], len(first), err)
		}
		if a := want(t, exitDone, line...); !strings.Contains(a.out, args[0]+"_v2.xlsx") {
			t.Errorf("the second print says %s", a.out)
		}
		if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, first) {
			t.Errorf("%s was overwritten: %v", args[0], err)
		}
	}
	none := filepath.Join(out, "none.xlsx")
	for code, all := range map[int][][]string{
		exitUsage: {
			{"handle"},
			{"notice"},
			{"report"},
			{"letter"},
			{"handover", "--from", "yesterday"},
			{"handover", "--from", "2026-08-28", "--to", "2026-08-27"},
		},
		exitRefused: {
			{"handle", "--incident", "0801-999"},
			{"notice", "--unit", "不存在的单位"},
			{"notice", "--unit", "农业农村办", "--from", "2026-08-01T07:00", "--to", "2026-08-01T07:01"},
		},
	} {
		for _, args := range all {
			if a := want(t, code, append([]string{"slip", "--dir", dir, "--out", none, "--kind"}, args...)...); a.err == "" {
				t.Errorf("%v says nothing", args)
			}
		}
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a paper that was refused left a file")
	}
}

// assessed checks assess on the month of August.
func assessed(t *testing.T, dir string) {
	t.Helper()
	month := []string{"assess", "--dir", dir, "--from", "2026-08-01", "--to", "2026-08-31"}
	with := func(more ...string) []string { return append(slices.Clone(month), more...) }
	type rate struct {
		N   int    `json:"n"`
		Of  int    `json:"N"`
		Pct string `json:"pct"`
	}
	type figures struct {
		Received int  `json:"received"`
		Rateable int  `json:"rateable"`
		Response rate `json:"response_5min"`
		SameDay  rate `json:"same_day"`
	}
	var got struct {
		Period    []string           `json:"period"`
		Total     figures            `json:"total"`
		ByUnit    map[string]figures `json:"by_unit"`
		ByVillage map[string]figures `json:"by_village"`
		ByChannel map[string]figures `json:"by_channel"`
		Open      [][2]string        `json:"open_at_end"`
	}
	if err := json.Unmarshal([]byte(want(t, exitDone, with("--json")...).out), &got); err != nil {
		t.Fatal(err)
	}
	if want := (figures{396, 375, rate{396, 396, "100.00"}, rate{362, 375, "96.53"}}); got.Total != want || !slices.Equal(got.Period, []string{"2026-08-01", "2026-09-01"}) {
		t.Errorf("August %v: %+v, want %+v", got.Period, got.Total, want)
	}
	if len(got.ByUnit) != 31 || len(got.ByVillage) != 26 || len(got.ByChannel) != 9 || len(got.Open) != 14 {
		t.Errorf("%d units, %d villages, %d channels, %d open", len(got.ByUnit), len(got.ByVillage), len(got.ByChannel), len(got.Open))
	}
	if a := want(t, exitDone, month...); !strings.Contains(a.out, "362/375 96.53%") {
		t.Errorf("assess says %s", a.out)
	}
	if a := want(t, exitDone, with("--by", "unit")...); strings.Count(a.out, "\n") != 31 {
		t.Errorf("by unit: %s", a.out)
	}
	if a := want(t, exitDone, with("--measure", "on_time")...); strings.Count(a.out, "影响本项") != 4 || !strings.Contains(a.out, "不在N（已并案）") {
		t.Errorf("behind the rate on time: %s", a.out)
	}
	for _, by := range []string{"", "unit"} {
		out := filepath.Join(t.TempDir(), "assess.xlsx")
		args := with("--out", out)
		if by != "" {
			args = append(args, "--by", by)
		}
		want(t, exitDone, args...)
		if info, err := os.Stat(out); err != nil || info.Size() < 4000 {
			t.Errorf("workbook by %q: %v, %v", by, info, err)
		}
	}
	for _, bad := range [][]string{{"--by", "moon"}, {"--measure", "luck"}, {"--without", "monday"}, {"--cut-off", "late"}, {"--json", "--measure", "on_time"}} {
		want(t, exitUsage, with(bad...)...)
	}
	want(t, exitUsage, "assess", "--dir", dir, "--from", "2026-08-31", "--to", "2026-08-01")
}

// restored backs a store up, brings it back elsewhere and over another one, and damages it.
func restored(t *testing.T, dir string) {
	t.Helper()
	file, other := filepath.Join(t.TempDir(), "copy.zw110"), filepath.Join(t.TempDir(), "other")
	want(t, exitDone, "backup", "--dir", dir, "--file", file)
	want(t, exitDone, "init", "--drill", "--dir", other, "--pack", "330825111")
	if a := want(t, exitDone, "restore", "--dir", dir, "--file", file); !strings.Contains(a.out, "原库移到") {
		t.Errorf("restore over a store says %s", a.out)
	}
	if a := want(t, exitDone, "show", "--dir", dir, "--view", "all"); !strings.Contains(a.out, "共 398 件") {
		t.Errorf("after restoring: %s", a.out[max(0, len(a.out)-200):])
	}
	want(t, exitRefused, "restore", "--dir", other, "--file", filepath.Join(other, "none"))
	db := filepath.Join(dir, "zw110.db")
	whole, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	whole[len(whole)/2] ^= 0x40
	if err := os.WriteFile(db, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if a := want(t, exitRefused, "verify", "--dir", dir, "--json"); a.err == "" {
		t.Error("damage is not told")
	}
}

func TestShow_ActsTellsWhatWasDone(t *testing.T) {
	dir := drill(t)
	batch := filepath.Join(t.TempDir(), "acts.jsonl")
	acts := `{"at":"2026-08-15T08:01:00+08:00","by":"op1","do":"register","ref":"a1","channel":"110","source_no":"JJ20260815001","title":"路灯不亮","content":"罗山村路灯不亮","village":"罗山村","category":"0905","urgency":"normal"}
{"at":"2026-08-15T08:02:00+08:00","by":"op1","do":"respond","ref":"a1"}
`
	if err := os.WriteFile(batch, []byte(acts), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, exitDone, "do", "--dir", dir, batch)
	got := lines[[]shown](t, want(t, exitDone, "show", "--dir", dir, "--json", "--acts").out)
	if len(got) != 1 || len(got[0]) != 1 {
		t.Fatalf("%+v", got)
	}
	var kinds []incident.Kind
	for _, a := range got[0][0].Acts {
		if a.By != "op1" || a.Undone {
			t.Errorf("%+v", a)
		}
		kinds = append(kinds, a.Kind)
	}
	if !slices.Equal(kinds, []incident.Kind{incident.KindRegistered, incident.KindResponded}) {
		t.Errorf("kinds %v", kinds)
	}
	plain := want(t, exitDone, "show", "--dir", dir, "--json").out
	if strings.Contains(plain, `"acts"`) {
		t.Errorf("acts without being asked for: %s", plain)
	}
	if text := want(t, exitDone, "show", "--dir", dir, "--acts").out; !strings.Contains(text, "响应") {
		t.Errorf("for people: %s", text)
	}
}

func TestDo_AttachesTheFilesBesideTheBatch(t *testing.T) {
	dir, beside := drill(t), t.TempDir()
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 60, 40)), nil); err != nil {
		t.Fatal(err)
	}
	batch := `{"at":"2026-08-18T09:00:00+08:00","by":"op1","do":"register","ref":"a","channel":"WG","source_no":"W111-20-081801","village":"罗山村","category":"0603","urgency":"normal","title":"路灯不亮","content":"村口路灯不亮。","attach":["a.jpg"]}
{"at":"2026-08-18T09:01:00+08:00","by":"op1","do":"note","ref":"a","text":"附件。","attach":["no.pdf"]}
{"at":"2026-08-18T09:02:00+08:00","by":"op1","do":"note","ref":"a","text":"附件。","attach":["a.jpg","cut.jpg"]}
`
	for name, content := range map[string]string{"a.jpg": photo.String(), "cut.jpg": photo.String()[:100], "acts.jsonl": batch} {
		if err := os.WriteFile(filepath.Join(beside, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := want(t, exitRefused, "do", "--dir", dir, "--json", filepath.Join(beside, "acts.jsonl"))
	got := lines[doneLine](t, a.out)
	if len(got) != 3 || !got[0].OK || got[1].OK || got[2].OK {
		t.Fatalf("%s%s", a.out, a.err)
	}
	if !strings.Contains(*got[1].Refusal, "no.pdf") || !strings.Contains(*got[2].Refusal, "cut.jpg") {
		t.Errorf("refusals %s, %s", *got[1].Refusal, *got[2].Refusal)
	}
	r, err := room.Open(room.Config{Dir: dir, Ticks: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	id, err := r.ByNo(*got[0].Incident)
	if err != nil {
		t.Fatal(err)
	}
	detail, err := r.Detail(id, "op1")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range detail.Attached {
		if len(detail.Attached) != 1 || len(list) != 1 || !list[0].Photo() || list[0].Width != 60 {
			t.Errorf("attached %+v", detail.Attached)
		}
	}
	if len(detail.Attached) == 0 {
		t.Error("nothing is attached")
	}
}
