package room

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zw110/data/assess"
	"zw110/data/board"
	"zw110/data/duty"
	"zw110/data/incident"
)

func TestAssess_SheetsSayWhatTheReportSays(t *testing.T) {
	d := newDesk(t, true)
	runMonth(t, d, months+"acts-2026-08.jsonl")
	a, err := d.Assess(t.Context(), assess.Params{From: "2026-08-01", To: "2026-08-31", Without: []incident.Day{"2026-08-12"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := d.assessmentSheet(&a, "", 1)
	if len(s.Columns) != 6 { // one more: without the day of the storm
		t.Fatalf("columns %v", s.Columns)
	}
	var text []string
	for _, row := range s.Rows {
		if len(row) != len(s.Columns) {
			t.Fatalf("row %v of %d columns", row, len(s.Columns))
		}
		text = append(text, row[1].String())
	}
	for _, want := range []string{"396", "375", "396/396 100.00%", "362/375 96.53%", "351/375 93.60%", "362/396 91.41%", "328/332 98.80%", "0.95 / 2.50"} {
		if !strings.Contains(strings.Join(text, "\n"), want) {
			t.Errorf("the sheet lacks %s: %v", want, text)
		}
	}
	if want := "上期结转 0 ＋ 本期新增 398 ＋ 重新打开 0 ＝ 本期办结 363 ＋ 期末在办 14 ＋ 不予受理 6 ＋ 并案 12 ＋ 强制结案 1 ＋ 作废 2"; !strings.HasPrefix(s.Totals, want) {
		t.Errorf("balance %s, want %s", s.Totals, want)
	}
	var left []string
	for _, n := range s.Notes {
		if len(n) != 4 {
			t.Fatalf("note %v", n)
		}
		if n[0] == "当日办结率（阶段口径）" && n[3] != "" {
			left = append(left, n[2]+" "+n[3])
		}
	}
	if got, want := strings.Join(left, "；"), "362/375 96.53% 13；作废 2；不予受理或退回来源 6；已并案 12；时限内上报县级 3"; got != want {
		t.Errorf("behind the same-day rate %s, want %s", got, want)
	}
	units := d.assessmentSheet(&a, assess.ByUnit, 1)
	if len(units.Rows) != 32 || units.Rows[0][0].Text != "合计" || units.Rows[0][4].Text != "362/375 96.53%" {
		t.Errorf("%d rows by unit, the first %v", len(units.Rows), units.Rows[0])
	}
	for _, row := range units.Rows {
		if row[0].Text == "中心校" && row[4].Light != incident.Grey {
			t.Errorf("a rate of three incidents is not grey: %v", row[4])
		}
	}
	dir := t.TempDir()
	file, err := d.ExportAssessment(&a, "", dir)
	if err != nil || filepath.Base(file) != "塔石镇_考核统计_20260801-20260831_v1.xlsx" {
		t.Errorf("file %s, %v", file, err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := d.Assess(stopped, a.Params, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled assessment says %v", err)
	}
}

func TestAssess_TheScoreHasTheWeightsOfItsTime(t *testing.T) {
	d := newDesk(t, true)
	runMonth(t, d, months+"acts-2026-08.jsonl")
	score := func(from, to incident.Day) string {
		a, err := d.Assess(t.Context(), assess.Params{From: from, To: to}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range a.Params.InForce().Of {
			if w.Key == assess.OnTime && w.Share != 30 {
				return a.Score(a.Total) + " changed"
			}
		}
		return a.Score(a.Total)
	}
	before := score("2026-08-01", "2026-08-31")
	later := incident.Day("2026-08-20")
	from, err := later.Start()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := d.rules.Load().Apply(duty.Change{Name: "assess/on_time", From: from, Value: []byte(`{"weight":"90","target":"98"}`)})
	if err != nil {
		t.Fatal(err)
	}
	next := *d.rules.Load()
	next.Directory = rules
	d.rules.Store(&next)
	if got := score("2026-08-01", "2026-08-19"); strings.HasSuffix(got, "changed") {
		t.Errorf("the first half has the score %s", got)
	}
	if got := score("2026-08-01", "2026-08-31"); !strings.HasSuffix(got, "changed") || strings.HasPrefix(got, before) {
		t.Errorf("the month has the score %s, before the change %s", got, before)
	}
	if got := d.Target(assess.OnTime); got != 98 || d.Target(assess.SameDay) != 95 || d.Target(assess.Rework) != 0 {
		t.Errorf("the goals are %d, %d and %d", got, d.Target(assess.SameDay), d.Target(assess.Rework))
	}
}

// takenAt is a small JPEG whose camera says when it was taken.
func takenAt(t *testing.T, when string) []byte {
	t.Helper()
	exif := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08" +
		"\x00\x01\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00" +
		"\x00\x01\x90\x03\x00\x02\x00\x00\x00\x14\x00\x00\x00\x2c\x00\x00\x00\x00" + when + "\x00"
	head := append([]byte("\xff\xd8\xff\xe1\x00"), byte(len(exif)+2))
	return slices.Concat(head, []byte(exif), snapshot(t, 300, 200)[4+40:])
}

func TestAssess_APhotoFromBeforeTheReportIsToBeLookedInto(t *testing.T) {
	d := newDesk(t, true)
	received := d.Now()
	before := received.Add(-48 * time.Hour).Time().In(incident.Local).Format("2006:01:02 15:04:05")
	a := put(t, d.Room, "IMG_1.JPG", takenAt(t, before))
	if want := received.Add(-48 * time.Hour); a.Taken/1000 != want/1000 {
		t.Fatalf("taken %v, want %v", a.Taken, want)
	}
	if got, content := contentOf(t, d.Room, a.Whole); got.Taken != a.Taken || got.Mime != "image/jpeg" || strings.Contains(string(content), "Exif") {
		t.Errorf("kept %+v", got)
	}
	out := d.must(t, on("op1", incident.Register, incident.IncidentID{}, incident.Fields{
		Channel: incident.ChannelPhone, Title: "路灯不亮", Content: "路灯不亮三天了", Village: "罗山村", Category: "0905", Urgency: incident.Normal,
	}))
	for _, act := range []incident.Act{
		on("op1", incident.Accept, out.Incident, incident.Fields{}),
		on("op1", incident.Dispatch, out.Incident, incident.Fields{Lead: "建设办"}),
		on("un_jsb", incident.Sign, out.Incident, incident.Fields{}),
		on("un_jsb", incident.Feedback, out.Incident, incident.Fields{Result: "settled", Text: "已更换灯泡，夜间复看正常。", Blobs: incident.Blobs(a.Attachment)}),
	} {
		d.must(t, act)
	}
	day := incident.DayOf(received)
	got, err := d.Assess(t.Context(), assess.Params{From: day, To: day}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) != 1 || got.Findings[0].Kind != assess.PhotoOld || got.Findings[0].Unit != "建设办" {
		t.Errorf("findings %+v", got.Findings)
	}
}

// Townships count their days apart, so two incidents of a county may have one number.
func TestAssess_ACountyTellsItsTownshipsApart(t *testing.T) {
	town, county := newSeat(t, 3), newCounty(t)
	own := county.must(t, report("cop", "JJ20260901900"))
	town.clock.set(county.Now() + 1000)
	id := town.way(t, 1, incident.Dispatch)
	give(t, town, county, rngOf(t))
	county.clock.set(town.Now() + 60_000)
	snap := county.Snapshot(board.Filter{Ended: true})
	row := snap.Row(snap.IndexOf(id))
	if row.No != own.No {
		t.Fatalf("numbers %q and %q", row.No, own.No)
	}
	day := incident.DayOf(county.Now())
	all, err := county.Assess(t.Context(), assess.Params{From: day, To: day}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(all.By[assess.ByTown]); n != 2 || all.Total.Received != 2 || all.States[incident.Dispatched] != 1 || all.States[incident.Received] != 1 {
		t.Errorf("%d townships, %d received, states %v", n, all.Total.Received, all.States)
	}
	if _, ok := all.Part("111·" + row.No); !ok {
		t.Error("the township's incident isn't known by its number with the township before it")
	}
	one, err := county.Assess(t.Context(), assess.Params{From: day, To: day, Towns: []incident.ScopeID{330825111}}, nil)
	if err != nil || one.Total.Received != 1 || one.States[incident.Dispatched] != 1 {
		t.Errorf("of one township %d received, states %v, %v", one.Total.Received, one.States, err)
	}
	there, err := town.Assess(t.Context(), assess.Params{From: day, To: day}, nil)
	if err != nil || len(there.By[assess.ByTown]) != 0 {
		t.Errorf("at the township itself by township: %v, %v", there.By[assess.ByTown], err)
	}
	if _, ok := there.Part(row.No); !ok {
		t.Error("at the township itself the number has no township before it")
	}
}
