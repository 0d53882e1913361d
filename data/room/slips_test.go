package room

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"zw110/assets"
	"zw110/data/assess"
	"zw110/data/incident"
	"zw110/data/lists"
)

// inChinese gives a desk the texts of the window.
func inChinese(t testing.TB, d *desk) {
	t.Helper()
	texts, err := assets.LoadCatalogue("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	d.Room.cfg.Text = texts.T
}

// slipText is all that a paper says.
func slipText(t testing.TB, d *desk, want SlipRequest) string {
	t.Helper()
	build, err := d.slipBuilder(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	s, err := build(1)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(s.Title + "\n")
	for _, r := range s.Rows {
		for _, c := range r.Cells {
			b.WriteString(c.Text + "\n")
		}
	}
	return b.String()
}

func TestExportSlip_ConfidentialReporterIsNotTold(t *testing.T) {
	d := newDesk(t, false)
	inChinese(t, d)
	act := report("op1", "JJ20260901001")
	act.Title, act.Content = "鲍小山举报有人占田", "鲍小山 13800005678 说：邻居占田"
	act.Reporter = &incident.Reporter{Name: "鲍小山", Phone: "13800005678", Confidential: true}
	id := d.must(t, act).Incident
	det, err := d.Detail(id, "op1")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []SlipRequest{{Kind: lists.SlipHandle, No: det.Row.No}, {Kind: lists.SlipHandover}} {
		text := slipText(t, d, want)
		if strings.Contains(text, "鲍") || strings.Contains(text, "5678") || strings.Contains(text, "占田") || !strings.Contains(text, det.Row.No) {
			t.Errorf("%s tells %s", want.Kind, text)
		}
	}
	if _, err := d.ExportSlip(t.Context(), SlipRequest{Kind: lists.SlipSupervise, No: det.Row.No}, filepath.Join(t.TempDir(), "x.xlsx")); !errors.Is(err, lists.ErrNoUnit) {
		t.Errorf("an order to nobody: %v", err)
	}
	var unknown *UnknownUnit
	if _, err := d.ExportSlip(t.Context(), SlipRequest{Kind: lists.SlipNotice, Unit: "不存在"}, filepath.Join(t.TempDir(), "x.xlsx")); !errors.As(err, &unknown) {
		t.Errorf("a notice to nobody: %v", err)
	}
}

func TestExportSlip_HandoverIsAsOfItsTime(t *testing.T) {
	d := newDesk(t, true)
	inChinese(t, d)
	refs := runMonth(t, d, months+"acts-2026-08.jsonl")
	f, err := d.file(refs["a380"])
	if err != nil {
		t.Fatal(err)
	}
	no := f.state.No
	for at, want := range map[string]bool{"2026-08-02T20:00:00+08:00": false, "2026-08-03T20:00:00+08:00": true} {
		text := slipText(t, d, SlipRequest{Kind: lists.SlipHandover, To: moment(t, at)})
		if strings.Contains(text, no+"\n") != want {
			t.Errorf("as of %s: %s stands there: %v", at, no, !want)
		}
	}
}

// Every sentence of the report has the figures of the assessment and says which measure it tells of.
func TestExportSlip_ReportSaysWhatTheAssessmentSays(t *testing.T) {
	d := newDesk(t, true)
	inChinese(t, d)
	runMonth(t, d, months+"acts-2026-08.jsonl")
	a, err := d.Assess(t.Context(), assess.Params{From: "2026-08-01", To: "2026-08-31"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	from, to := moment(t, "2026-08-01T00:00:00+08:00"), moment(t, "2026-09-01T00:00:00+08:00")
	text := slipText(t, d, SlipRequest{Kind: lists.SlipReport, From: from, To: to})
	told := 0
	for _, part := range reportMeasures() {
		for _, key := range part.keys {
			m := a.Total.Measure(key)
			if want := fmt.Sprintf("%s%%〔%s %d/%d〕", m.Percent(), key, m.N, m.Of); !strings.Contains(text, want) {
				t.Errorf("no %s in %s", want, text)
			}
			told++
		}
	}
	if told != 18 || strings.Contains(text, "slip.") || !strings.Contains(text, "〔received〕") || !strings.Contains(text, "上期为 2026-07-01 至 2026-07-31") {
		t.Errorf("%d measures: %s", told, text)
	}
}
