package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zw110/data/geo"
)

func TestPlaces_ImportPinAndExport(t *testing.T) {
	dir, folder := drill(t), t.TempDir()
	file := filepath.Join(folder, "places.csv")
	table := "名称,类别,村,经度,纬度,别名\n罗山,,,119.11,29.15,\n老粮站,地标,罗山,119.111,29.151,粮库\n颠倒,地标,,29.15,119.11,\n某处,,无此村,119.1,29.1,\n"
	if err := os.WriteFile(file, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	imported := func(code int, more ...string) placesReport {
		t.Helper()
		args := append([]string{"places", "import", "--dir", dir, "--system", "gcj02", "--by", "rd", "--json", file}, more...)
		return lines[placesReport](t, want(t, code, args...).out)[0]
	}
	var verdicts []string
	looked := imported(exitRefused, "--dry-run")
	for _, row := range looked.Rows {
		verdicts = append(verdicts, string(row.Verdict))
	}
	if got := strings.Join(verdicts, " "); got != "moved new ask bad" || looked.Taken != 0 {
		t.Fatalf("looked at: %s, %d taken", got, looked.Taken)
	}
	if rep := imported(exitRefused); rep.Taken != 2 || rep.Rows[2].Reason == "" || rep.Rows[3].Reason == "" {
		t.Fatalf("taken: %+v", rep)
	}
	if rep := imported(exitRefused); rep.Taken != 0 || rep.Rows[0].Verdict != geo.Same || rep.Rows[1].Verdict != geo.Same {
		t.Errorf("again: %+v", rep)
	}
	want(t, exitRefused, "places", "pin", "--dir", dir, "--system", "WGS-84", "--by", "rd", "罗山", "29.15", "119.11")
	want(t, exitRefused, "places", "pin", "--dir", dir, "--system", "WGS-84", "--by", "op1", "罗山", "119.12", "29.15")
	want(t, exitUsage, "places", "pin", "--dir", dir, "--system", "WGS-85", "--by", "rd", "罗山", "119.12", "29.15")
	want(t, exitDone, "places", "pin", "--dir", dir, "--system", "WGS-84", "--by", "rd", "粮库", "119.12", "29.15")
	hits := lines[[]placeHit](t, want(t, exitDone, "places", "find", "--dir", dir, "--json", "老良站后面着火").out)[0]
	if len(hits) != 1 || hits[0].Name != "老粮站" || hits[0].Why != "sound" || !hits[0].Sure || hits[0].Lat != 29.15 {
		t.Errorf("found %+v", hits)
	}
	want(t, exitRefused, "places", "find", "--dir", dir, "医保怎么交")
	want(t, exitDone, "places", "learn", "--dir", dir, "--by", "op1", "大水缸", "老粮站")
	if a := want(t, exitDone, "places", "find", "--dir", dir, "大水缸漏水"); !strings.Contains(a.out, "罗山村 老粮站（地标，别名）") {
		t.Errorf("learnt: %s", a.out)
	}
	out := filepath.Join(folder, "all.geojson")
	want(t, exitDone, "places", "export", "--dir", dir, "--out", out)
	want(t, exitRefused, "places", "export", "--dir", dir, "--out", out)
	back := lines[placesReport](t, want(t, exitDone, "places", "import", "--dir", dir, "--system", "WGS-84", "--by", "rd", "--json", out).out)[0]
	if len(back.Rows) != 27 || back.Taken != 0 {
		t.Errorf("what was exported comes back with %d rows, %d taken", len(back.Rows), back.Taken)
	}
	for _, row := range back.Rows {
		if row.Verdict != geo.Same {
			t.Errorf("what was exported comes back as %+v", row)
		}
	}
}
