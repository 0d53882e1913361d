package intake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"zw110/data/intake"
)

// refusal reads a file that must be refused and returns key and place.
func refusal(t *testing.T, name string, content []byte) string {
	t.Helper()
	reports, bad, err := shippedReader(t).Read(context.Background(), name, content, "", 0, nil)
	var problem *intake.Problem
	if !errors.As(err, &problem) {
		t.Fatalf("%d reports, %d bad rows, %v", len(reports), len(bad), err)
	}
	return strings.TrimSuffix(problem.Code+" "+problem.Detail, " ")
}

// workbook makes one; edit fills it.
func workbook(t *testing.T, edit func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	edit(f)
	var b bytes.Buffer
	if err := errors.Join(f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fill writes rows from A1 on.
func fill(t *testing.T, f *excelize.File, rows ...[]any) {
	t.Helper()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLimits_TooMuchIsRefusedWithItsPlace(t *testing.T) {
	wide := "工单编号,诉求内容" + strings.Repeat(",x", 1_000_000) + "\n1,2\n"
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    string
	}{
		"200 MB":                {"a.csv", make([]byte, 200<<20), "intake.err.too_big"},
		"a million columns":     {"a.csv", []byte(wide), "intake.err.columns 1"},
		"a wide row further on": {"a.csv", []byte("信件号,内容\nLYT202608-0001,好\n" + strings.Repeat("x,", 600) + "\n"), "intake.err.columns 3"},
		"wide sheet": {"a.xlsx", workbook(t, func(f *excelize.File) {
			fill(t, f, []any{"信件号", "内容"}, []any{"LYT202608-0001", "好"})
			if err := f.SetCellStr("Sheet1", "ZZ2", "远"); err != nil {
				t.Fatal(err)
			}
		}), "intake.err.columns Sheet1 2"},
		"lines without end":    {"a.txt", bytes.Repeat([]byte("\n."), 1_000_001), "intake.err.too_big"},
		"messages without end": {"a.txt", bytes.Repeat([]byte("路灯\n\n"), 200_000), "intake.err.too_big"},
		"lying archive":        {"a.xlsx", lyingBomb(t), "intake.err.workbook"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := refusal(t, c.file, c.content); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// lyingBomb is an archive whose directory names a small size for a part that unpacks to 256 MB.
func lyingBomb(t *testing.T) []byte {
	t.Helper()
	const size = 256 << 20
	b := bomb(t, "xl/worksheets/sheet1.xml", size)
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil || r.File[0].UncompressedSize64 != size {
		t.Fatal(err)
	}
	// The size stands little-endian in the directory and in the descriptor behind the data.
	true4 := []byte{size & 0xFF, size >> 8 & 0xFF, size >> 16 & 0xFF, size >> 24}
	if n := bytes.Count(b, true4); n < 2 {
		t.Fatalf("the size stands in %d places", n)
	}
	return bytes.ReplaceAll(b, true4, []byte{0, 0x10, 0, 0})
}

// TestLimits_MemoryIsBounded reads what would blow up, were it kept as it comes.
func TestLimits_MemoryIsBounded(t *testing.T) {
	member := strings.Repeat("k", 1<<20)
	members := &strings.Builder{}
	for i := range 100_000 {
		fmt.Fprintf(members, `"m%d":1,`, i)
	}
	for name, c := range map[string]struct {
		file, content string
	}{
		"names that repeat a long one": {"a.json", `[{"` + member + `":{` + members.String() + `"z":1}}]`},
		"columns":                      {"a.csv", "工单编号,诉求内容" + strings.Repeat(",x", 1_000_000) + "\n"},
		"cell":                         {"a.csv", "信件号,内容\nLYT202608-0001,\"" + strings.Repeat("长", 1<<20/3) + "\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := shippedReader(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, _, err := r.Read(context.Background(), c.file, []byte(c.content), "SPT", 0, nil); err != nil {
				var problem *intake.Problem
				if !errors.As(err, &problem) {
					t.Fatal(err)
				}
			}
			runtime.ReadMemStats(&after)
			if spent := after.TotalAlloc - before.TotalAlloc; spent > 64*uint64(len(c.content))+64<<20 {
				t.Errorf("%d MB for %d MB", spent>>20, len(c.content)>>20)
			}
		})
	}
}

func TestLimits_LongCellIsABadRowThatNamesItsColumn(t *testing.T) {
	content := "信件号,内容,署名,备用\n" +
		"LYT202608-0001,好,\"" + strings.Repeat("名", 1<<20/3) + "\",\n" + // a cell of 1 MB
		"LYT202608-0002,好,张三," + strings.Repeat("甲", 7_900) + "\n" +
		"LYT202608-0003," + strings.Repeat("乙", 7_900) + "," + strings.Repeat("丙", 7_900) + "," + strings.Repeat("丁", 7_900) + "\n"
	reports, bad := read(t, "x.csv", content, "")
	if got := rows(reports, bad); got != "3:LYT202608-0002 2:!too_long 4:!too_long" {
		t.Fatal(got)
	}
	if bad[0].Detail != "署名" {
		t.Errorf("detail %q", bad[0].Detail)
	}
}

func TestLimits_JSONRecordWithTooManyMembersIsABadRow(t *testing.T) {
	var b strings.Builder
	for i := range 600 {
		fmt.Fprintf(&b, `"m%d":1,`, i)
	}
	content := `[{` + b.String() + `"eventId":"SPT3308251112608030001"},{"eventId":"SPT3308251112608030002","事件描述":"里王村路灯不亮"}]`
	reports, bad := read(t, "x.json", content, "SPT")
	if got := rows(reports, bad); got != "1:SPT3308251112608030002 0:!too_long" {
		t.Fatal(got)
	}
}

func TestRead_LineEndsMayBeMixed(t *testing.T) {
	content := "信件号,内容\r\nLYT202608-0001,路灯不亮\rLYT202608-0002,\"垃圾\r\n没人清\"\nLYT202608-0003,停水\r\n\r\n"
	reports, bad := read(t, "x.csv", content, "")
	if got := rows(reports, bad); got != "2:LYT202608-0001 3:LYT202608-0002 4:LYT202608-0003" {
		t.Fatal(got)
	}
	if reports[1].Fields.Content != "垃圾\n没人清" {
		t.Errorf("%q", reports[1].Fields.Content)
	}
}

func TestRead_UTF16WithoutMarkOfEitherOrder(t *testing.T) {
	text := "信件号,来信时间,内容\r\nLYT202608-0001,2026-08-03 09:05,后舒村路灯不亮\r\n"
	for name, order := range map[string][2]int{"little": {0, 8}, "big": {8, 0}} {
		var b []byte
		for _, u := range utf16.Encode([]rune(text)) {
			b = append(b, byte(u>>order[0]), byte(u>>order[1]))
		}
		reports, bad := read(t, "x.csv", string(b), "")
		if got := rows(reports, bad); got != "2:LYT202608-0001" {
			t.Errorf("%s: %s", name, got)
		}
		if got := refusal(t, "x.csv", append(b, 0)); got != "intake.err.binary" {
			t.Errorf("%s and a byte too many: %s", name, got)
		}
	}
}

func TestWorkbook_MergedCellsAndHiddenRows(t *testing.T) {
	content := workbook(t, func(f *excelize.File) {
		fill(
			t, f,
			[]any{"信件号", "来信时间", "村", "内容"},
			[]any{"LYT202608-0001", "2026-08-03 09:05", "后舒村", "路灯不亮"},
			[]any{"LYT202608-0002", "2026-08-03 10:05", "", "垃圾没人清"},
			[]any{"LYT202608-0003", "2026-08-03 11:05", "里王村", "停水两天"},
			[]any{"", "2026-08-03 12:05", "", "停电"},
		)
		err := errors.Join(
			f.MergeCell("Sheet1", "C2", "C3"),
			f.MergeCell("Sheet1", "A4", "A5"), // one number for two rows: the second has none of its own
			f.SetRowVisible("Sheet1", 4, false),
		)
		if err != nil {
			t.Fatal(err)
		}
	})
	reports, bad := read(t, "x.xlsx", string(content), "")
	if got := rows(reports, bad); got != "2:LYT202608-0001 3:LYT202608-0002 4:LYT202608-0003 5:!no_number" {
		t.Fatal(got)
	}
	for i, want := range []string{"后舒村", "后舒村", "里王村"} {
		if got := reports[i].Fields.Village; got != want {
			t.Errorf("row %d: village %q, want %q", reports[i].Row, got, want)
		}
	}
	if notes := strings.Join(reports[2].Notes, " "); notes != "intake.note.hidden_row" {
		t.Errorf("notes of the hidden row: %q", notes)
	}
}

func TestWorkbook_DaysCountedFrom1904(t *testing.T) {
	const serial = 46237.5 // 3 August 2026, noon, counted from 1900
	for _, from1904 := range []bool{false, true} {
		content := workbook(t, func(f *excelize.File) {
			days := serial
			if from1904 {
				days -= 1462
			}
			fill(t, f, []any{"信件号", "来信时间", "内容"}, []any{"LYT202608-0001", days, "后舒村路灯不亮"})
			if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &from1904}); err != nil {
				t.Fatal(err)
			}
		})
		reports, bad := read(t, "x.xlsx", string(content), "")
		if len(reports) != 1 || reports[0].Fields.PushedAt != stampOf(t, "2026-08-03T12:00:00+08:00") {
			t.Errorf("from 1904 %v: %s, pushed at %s", from1904, rows(reports, bad), reports[0].Fields.PushedAt.Time())
		}
	}
}

// TestWorkbook_FormulasCountByTheirLastValue: a formula that was never calculated has none, and its row is kept for mending.
func TestWorkbook_FormulasCountByTheirLastValue(t *testing.T) {
	plain := workbook(t, func(f *excelize.File) {
		fill(t, f, []any{"信件号", "内容"}, []any{"LYT202608-0001", 1}, []any{"LYT202608-0002", 2})
	})
	content := rewrite(t, plain, "xl/worksheets/sheet1.xml", map[string]string{
		`<c r="B2"><v>1</v></c>`: `<c r="B2" t="str"><f>"路灯"&amp;"不亮"</f><v>路灯不亮</v></c>`,
		`<c r="B3"><v>2</v></c>`: `<c r="B3"><f>Z1&amp;"停水"</f></c>`,
	})
	reports, bad := read(t, "x.xlsx", string(content), "")
	if got := rows(reports, bad); got != "2:LYT202608-0001 3:!no_content" || reports[0].Fields.Content != "路灯不亮" {
		t.Errorf("%s %q", got, reports[0].Fields.Content)
	}
}

// rewrite replaces pieces of one part of a workbook; each must stand there.
func rewrite(t *testing.T, content []byte, part string, pieces map[string]string) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(in)
		if err := errors.Join(err, in.Close()); err != nil {
			t.Fatal(err)
		}
		if f.Name == part {
			for old, piece := range pieces {
				if !bytes.Contains(raw, []byte(old)) {
					t.Fatalf("no %s in %s", old, raw)
				}
				raw = bytes.ReplaceAll(raw, []byte(old), []byte(piece))
			}
		}
		w, err := z.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(raw); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
