package lists_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"zw110/assets"
	"zw110/data/incident"
	"zw110/data/lists"
)

var update = flag.Bool("update", false, "write the golden files anew")

func words(t testing.TB, lang string) *assets.Catalogue {
	t.Helper()
	c, err := assets.LoadCatalogue(lang)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func stamp(t testing.TB, day incident.Day, hour, minute int) incident.Stamp {
	t.Helper()
	start, err := day.Start()
	if err != nil {
		t.Fatal(err)
	}
	return start + incident.Stamp(hour*60+minute)*60_000
}

// invented is a placement on the daily list of 15 August 2026.
func invented(t testing.TB, change func(*lists.Placement)) lists.Placement {
	t.Helper()
	const day = incident.Day("2026-08-14")
	p := lists.Placement{Day: day, AsOf: stamp(t, day, 24, 0), List: incident.ListDaily, Reasons: []lists.Reason{{Key: "lists.why.today"}}}
	st := &p.State
	st.No, st.Channel, st.Title, st.Village, st.Category, st.Urgency = "20260814-007", incident.ChannelPhone, "路灯不亮", "罗山村", "0905", incident.Normal
	st.Status, st.ReceivedAt, st.AcceptedAt = incident.Handling, stamp(t, day, 9, 0), stamp(t, day, 9, 2)
	st.LeadUnit, st.SignedAt, st.SettleOpen = "建设办", stamp(t, day, 9, 30), true
	st.Tasks = []incident.Task{{Unit: "建设办", Lead: true, Status: incident.TaskSigned}}
	change(&p)
	return p
}

func make1(t testing.TB, rows ...lists.Placement) lists.Sheet {
	t.Helper()
	d := townRules(t)
	s, err := lists.Make(lists.Params{
		List: incident.ListDaily,
		Town: d.Town(), Rules: d, Words: words(t, "zh-Hans"), Day: "2026-08-14", MadeAt: stamp(t, "2026-08-14", 17, 30), Version: 1, Placements: rows,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readBack opens a written workbook.
func readBack(t testing.TB, s lists.Sheet) *excelize.File {
	t.Helper()
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// TestDaily_Golden writes the daily list of 12 August of the drill month and compares every cell read back.
func TestDaily_Golden(t *testing.T) {
	d := august(t, "acts-2026-08.jsonl")
	on := d.on(t, incident.ListDaily, "2026-08-12")
	rules := townRules(t)
	p := lists.Params{List: incident.ListDaily, Town: rules.Town(), Rules: rules, Words: words(t, "zh-Hans"), Day: "2026-08-12", MadeAt: stamp(t, "2026-08-13", 8, 30), Version: 1}
	for _, pl := range on {
		p.Placements = append(p.Placements, pl)
	}
	s, err := lists.Make(p)
	if err != nil {
		t.Fatal(err)
	}
	f := readBack(t, s)
	var b strings.Builder
	for _, sheet := range f.GetSheetList()[:2] { // the third is packed
		fmt.Fprintf(&b, "[%s]\n", sheet)
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			fmt.Fprintln(&b, strings.Join(row, " | "))
		}
	}
	const golden = "testdata/daily.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestDaily_PageAsOfficesWantIt(t *testing.T) {
	f := readBack(t, make1(t, invented(t, func(*lists.Placement) {})))
	const sheet = "每日清单"
	if got := f.GetSheetList(); !slices.Equal(got, []string{sheet, "口径说明", "zw110"}) {
		t.Errorf("sheets %v", got)
	}
	layout, err := f.GetPageLayout(sheet)
	if err != nil {
		t.Fatal(err)
	}
	props, err := f.GetSheetProps(sheet)
	if err != nil {
		t.Fatal(err)
	}
	if *layout.Size != 9 || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 || *layout.FitToHeight != 0 || !*props.FitToPage {
		t.Errorf("page %+v", layout)
	}
	m, err := f.GetPageMargins(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]float64{"left": {*m.Left, 1.5}, "right": {*m.Right, 1.5}, "top": {*m.Top, 1.8}, "bottom": {*m.Bottom, 1.5}} {
		if cm := pair[0] * 2.54; cm < pair[1]-0.001 || cm > pair[1]+0.001 {
			t.Errorf("margin %s %.2f cm", name, cm)
		}
	}
}

func TestDaily_HeadRowsRepeatAndStay(t *testing.T) {
	f := readBack(t, make1(t, invented(t, func(*lists.Placement) {})))
	const sheet = "每日清单"
	if hf, err := f.GetHeaderFooter(sheet); err != nil || hf.OddFooter != "&C第&P页 共&N页" {
		t.Errorf("footer %+v %v", hf, err)
	}
	panes, err := f.GetPanes(sheet)
	if err != nil || !panes.Freeze || panes.YSplit != 4 || panes.XSplit != 0 {
		t.Errorf("panes %+v %v", panes, err)
	}
	if names := f.GetDefinedName(); len(names) != 1 || names[0].Name != "_xlnm.Print_Titles" || names[0].RefersTo != "'每日清单'!$1:$4" {
		t.Errorf("print titles %+v", names)
	}
}

func TestDaily_ColumnsAndStyles(t *testing.T) {
	f := readBack(t, make1(t, invented(t, func(*lists.Placement) {})))
	const sheet = "每日清单"
	widths := []float64{5, 16, 14, 8, 12, 38, 7, 13, 12, 9, 14, 32, 9, 8, 6, 9}
	for i, w := range widths {
		col, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.GetColWidth(sheet, col); err != nil || got < w || got > w+1 {
			t.Errorf("column %s is %.2f wide, want %.0f", col, got, w)
		}
	}
	if h, err := f.GetRowHeight(sheet, 5); err != nil || h < 28 {
		t.Errorf("row height %.1f", h)
	}
}

func TestDaily_FontsBordersAndMergedLines(t *testing.T) {
	f := readBack(t, make1(t, invented(t, func(*lists.Placement) {})))
	const sheet = "每日清单"
	for cell, want := range map[string]struct {
		font string
		size float64
		bold bool
	}{"A1": {"方正小标宋简体", 16, true}, "A4": {"黑体", 12, false}, "F5": {"仿宋", 10, false}} {
		st := style(t, f, sheet, cell)
		if st.Font.Family != want.font || st.Font.Size != want.size || st.Font.Bold != want.bold || !st.Alignment.WrapText {
			t.Errorf("%s: font %+v", cell, st.Font)
		}
	}
	if st := style(t, f, sheet, "B5"); st.NumFmt != 49 || len(st.Border) != 4 || st.Border[0].Style != 1 {
		t.Errorf("number cell %+v", st)
	}
	merged, err := f.GetMergeCells(sheet)
	if err != nil {
		t.Fatal(err)
	}
	var ranges []string
	for _, m := range merged {
		ranges = append(ranges, m.GetStartAxis()+":"+m.GetEndAxis())
	}
	if !slices.Equal(ranges, []string{"A1:P1", "A2:P2", "A3:P3", "A7:D7", "E7:H7", "I7:L7", "M7:P7"}) {
		t.Errorf("merged %v", ranges)
	}
}

func style(t testing.TB, f *excelize.File, sheet, cell string) *excelize.Style {
	t.Helper()
	id, err := f.GetCellStyle(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	st, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestDaily_LightsHaveFillAndSign(t *testing.T) {
	day := incident.Day("2026-08-14")
	for name, tc := range map[string]struct {
		change func(*lists.Placement)
		sign   string
		fill   string
	}{
		"settled": {func(p *lists.Placement) {
			p.Settled = true
			p.State.Status = incident.Verified
			p.State.HandledAt = stamp(t, day, 11, 0)
		}, "√办结", "C6E0B4"},
		"settled late": {func(p *lists.Placement) {
			p.Settled = true
			p.State.Status, p.State.ReceivedAt, p.State.HandledAt = incident.Closed, stamp(t, "2026-08-10", 9, 0), stamp(t, day, 11, 0)
		}, "√办结（超期）", "C6E0B4"},
		"overdue":  {func(p *lists.Placement) { p.State.ReceivedAt = stamp(t, "2026-08-10", 9, 0) }, "●超期", "F8CBAD"},
		"due soon": {func(p *lists.Placement) { p.State.ReceivedAt = stamp(t, "2026-08-12", 9, 0) }, "▲临期", "FFE699"},
		"suspended": {func(p *lists.Placement) {
			p.State.Status = incident.Suspended
			p.State.Suspensions = []incident.Suspension{{From: stamp(t, day, 10, 0)}}
		}, "■挂起", "BDD7EE"},
		"extended": {func(p *lists.Placement) {
			p.State.Extensions = []incident.Extension{{At: stamp(t, day, 10, 0), DueNew: stamp(t, "2026-08-28", 17, 30)}}
		}, "■延期", "BDD7EE"},
		"carried": {func(p *lists.Placement) { p.Earlier.Daily = 2 }, "→结转", "D9D9D9"},
		"in hand": {func(*lists.Placement) {}, "在办", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := readBack(t, make1(t, invented(t, tc.change)))
			if got, err := f.GetCellValue("每日清单", "N5"); err != nil || got != tc.sign {
				t.Errorf("sign %q, want %q", got, tc.sign)
			}
			fill := style(t, f, "每日清单", "N5").Fill
			if tc.fill == "" != (len(fill.Color) == 0) || tc.fill != "" && fill.Color[0] != tc.fill {
				t.Errorf("fill %v, want %q", fill.Color, tc.fill)
			}
		})
	}
}

func TestDaily_SortsCarriedUrgencyDueVillage(t *testing.T) {
	row := func(no string, carried int, u incident.Urgency, village string, received incident.Stamp) lists.Placement {
		return invented(t, func(p *lists.Placement) {
			p.State.No, p.Earlier.Daily, p.State.Urgency, p.State.Village, p.State.ReceivedAt = no, carried, u, village, received
		})
	}
	early, late := stamp(t, "2026-08-13", 9, 0), stamp(t, "2026-08-14", 9, 0)
	s := make1(t,
		row("7", 0, incident.Low, "a", early), row("6", 0, incident.Normal, "a", late), row("5", 0, incident.Normal, "b", early), row("4", 0, incident.Normal, "a", early),
		row("3", 0, incident.Critical, "z", late), row("2", 1, incident.Low, "z", late), row("1", 2, incident.Low, "z", late),
		invented(t, func(p *lists.Placement) { p.List = incident.ListJoint }), invented(t, func(p *lists.Placement) { p.List = "" }),
	)
	var got []string
	for i, r := range s.Rows {
		if r[0].Number != i+1 {
			t.Errorf("row %d is numbered %d", i+1, r[0].Number)
		}
		got = append(got, r[1].Text)
	}
	if strings.Join(got, "") != "1234567" {
		t.Errorf("order %v", got)
	}
	if !strings.Contains(s.Totals, "应办 7　已办 0　超期 0　结转 2") {
		t.Errorf("totals %s", s.Totals)
	}
}

func TestDaily_TextStaysTextAndPersonalDataIsMasked(t *testing.T) {
	nasty := []string{"=1+1", "+86", "-cmd|' /C calc'!A0", "@SUM(A1)", "a\x00b\x0bc\ufffe", "<b>&amp;\"'", strings.Repeat("长", 40_000), "\xff\xfe"}
	for _, title := range nasty {
		p := invented(t, func(p *lists.Placement) { p.State.Title, p.State.No = title, title })
		f := readBack(t, make1(t, p))
		for _, cell := range []string{"B5", "F5"} {
			if formula, err := f.GetCellFormula("每日清单", cell); err != nil || formula != "" {
				t.Errorf("%q became the formula %q", title, formula)
			}
		}
		got, err := f.GetCellValue("每日清单", "B5")
		if err != nil || len([]rune(got)) > 32_767 || strings.ContainsAny(got, "\x00\x0b") {
			t.Errorf("%q became %q", title, got)
		}
		if strings.HasPrefix(title, "=") && got != title {
			t.Errorf("%q became %q", title, got)
		}
	}
	p := invented(t, func(p *lists.Placement) {
		p.State.Title = "王小明称电话16412345678，5组12号门口"
		p.State.Reporter = &incident.Reporter{Name: "王小明", Phone: "16412345678"}
		p.State.Log = []incident.LogLine{
			{Kind: incident.KindProgressed, Unit: "派出所", Fact: &incident.Fact{Fields: incident.Fields{Text: "已联系王小明，身份证330899195204112886"}}},
			{Kind: incident.KindUrged, Fact: &incident.Fact{Fields: incident.Fields{Text: "催"}}},
			{Kind: incident.KindProgressed, Undone: true, Fact: &incident.Fact{Fields: incident.Fields{Text: "写错了"}}},
		}
	})
	s := make1(t, p)
	if got := s.Rows[0][5].Text; got != "王**称电话****，5组**号门口" {
		t.Errorf("matter %s", got)
	}
	if got := s.Rows[0][11].Text; got != "派出所：已联系王**，身份证330***********2886" {
		t.Errorf("progress %s", got)
	}
}

func TestDaily_CheckCodeFollowsTheData(t *testing.T) {
	rules := townRules(t)
	p := lists.Params{List: incident.ListDaily, Town: rules.Town(), Rules: rules, Words: words(t, "zh-Hans"), Day: "2026-08-14", MadeAt: 1, Version: 1, Placements: []lists.Placement{invented(t, func(*lists.Placement) {})}}
	first, err := lists.Make(p)
	if err != nil {
		t.Fatal(err)
	}
	p.MadeAt, p.Version = stamp(t, "2026-08-14", 17, 30), 2
	again, err := lists.Make(p)
	if err != nil {
		t.Fatal(err)
	}
	if first.Check() != again.Check() || len(first.Check()) != 9 || !strings.Contains(again.Totals, "版本 v2　校验码 "+again.Check()) {
		t.Errorf("%s against %s, %s", first.Check(), again.Check(), again.Totals)
	}
	p.Placements[0].State.Title = "路灯又不亮"
	changed, err := lists.Make(p)
	if err != nil {
		t.Fatal(err)
	}
	if changed.Check() == first.Check() {
		t.Error("another text has the same code")
	}
	p.Version = 0
	if _, err := lists.Make(p); err == nil {
		t.Error("version 0 was taken")
	}
	p.Version, p.Day = 1, "today"
	if _, err := lists.Make(p); err == nil {
		t.Error("a day that is none was taken")
	}
}

func TestDaily_EmptyAndInEnglish(t *testing.T) {
	f := readBack(t, make1(t))
	if v, err := f.GetCellValue("每日清单", "A3"); err != nil || !strings.HasPrefix(v, "应办 0　已办 0　超期 0　结转 0") {
		t.Errorf("%s %v", v, err)
	}
	rows, err := f.GetRows("口径说明")
	if err != nil || rows[3][2] != "0/0" || rows[3][3] != "—" {
		t.Errorf("%v %v", rows, err)
	}
	rules := townRules(t)
	s, err := lists.Make(lists.Params{List: incident.ListDaily, Town: rules.Town(), Rules: rules, Words: words(t, "en"), Day: "2026-08-14", Version: 1, Placements: []lists.Placement{invented(t, func(*lists.Placement) {})}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "Daily list" || s.Columns[1].Head != "Number" || s.Rows[0][13].Text != "in hand" {
		t.Errorf("%+v", s)
	}
	readBack(t, s)
}

// saved prints the daily list of 15 August into a folder and checks name and version.
func saved(t testing.TB, dir, want string) {
	t.Helper()
	path, err := lists.Save(dir, base(t), build(t))
	if err != nil || filepath.Base(path) != want {
		t.Fatalf("saved as %s, want %s: %v", path, want, err)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := f.GetCellValue("每日清单", "A3")
	version := strings.TrimSuffix(want[strings.LastIndex(want, "_v")+1:], ".xlsx")
	if err = errors.Join(err, f.Close()); err != nil || !strings.Contains(v, "版本 "+version+"　") {
		t.Errorf("%s says %s, %v", want, v, err)
	}
}

func base(t testing.TB) string {
	t.Helper()
	return lists.FileName(townRules(t).Town(), words(t, "zh-Hans"), incident.ListDaily, "2026-08-15")
}

func build(t testing.TB) func(int) (lists.Sheet, error) {
	t.Helper()
	rules := townRules(t)
	return func(version int) (lists.Sheet, error) {
		return lists.Make(lists.Params{List: incident.ListDaily, Town: rules.Town(), Rules: rules, Words: words(t, "zh-Hans"), Day: "2026-08-15", Version: version})
	}
}

func TestSave_NeverTouchesAFileThatIsThere(t *testing.T) {
	dir := t.TempDir()
	saved(t, dir, "塔石镇_每日清单_20260815_v1.xlsx")
	saved(t, dir, "塔石镇_每日清单_20260815_v2.xlsx")
	const open = "塔石镇_每日清单_20260815_v4.xlsx"
	for _, name := range []string{open, "~$塔石镇_每日清单_20260815_v6.xlsx", "塔石镇_每日清单_20260816_v9.xlsx"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("open elsewhere"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	saved(t, dir, "塔石镇_每日清单_20260815_v7.xlsx")
	if raw, err := os.ReadFile(filepath.Join(dir, open)); err != nil || string(raw) != "open elsewhere" {
		t.Errorf("%s %v", raw, err)
	}
}

func TestSave_LeavesNothingBehindWhenItCant(t *testing.T) {
	dir := t.TempDir()
	if _, err := lists.Save(dir, base(t), func(int) (lists.Sheet, error) { return lists.Sheet{}, errors.New("no") }); err == nil {
		t.Error("a sheet that can't be made was saved")
	}
	if _, err := lists.Save(dir, base(t), func(int) (lists.Sheet, error) { return lists.Sheet{Name: "a/b"}, nil }); err == nil {
		t.Error("a sheet that can't be written was saved")
	}
	for _, bad := range []string{"", "../x", "a/b", `a\b`, "a:b"} {
		if _, err := lists.Save(dir, bad, build(t)); err == nil {
			t.Errorf("saved as %q", bad)
		}
	}
	if _, err := lists.Save(filepath.Join(dir, "none"), base(t), build(t)); err == nil {
		t.Error("saved into a folder that isn't there")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
}

func TestPercent(t *testing.T) {
	for _, tc := range []struct {
		n, of int
		want  string
	}{{362, 375, "96.53%"}, {911, 972, "93.72%"}, {737, 972, "75.82%"}, {6, 7, "85.71%"}, {1, 3, "33.33%"}, {2, 3, "66.67%"}, {1, 1, "100.00%"}, {0, 5, "0.00%"}, {0, 0, "—"}, {1, 8000, "0.01%"}} {
		if got := lists.Percent(tc.n, tc.of); got != tc.want {
			t.Errorf("%d/%d is %s, want %s", tc.n, tc.of, got, tc.want)
		}
	}
}

func BenchmarkWrite10000Rows(b *testing.B) {
	s := make1(b)
	row := make([]lists.Cell, len(s.Columns))
	for i := range row {
		row[i] = lists.Cell{Text: "塔石镇双联新村村在建项目排水影响农田"}
	}
	for range 10_000 {
		s.Rows = append(s.Rows, row)
	}
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := s.Write(&out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFollowMonth(b *testing.B) {
	d := august(b, "acts-2026-08.jsonl")
	b.ReportAllocs()
	for b.Loop() {
		d.on(b, incident.ListDaily, "2026-08-31")
	}
}
