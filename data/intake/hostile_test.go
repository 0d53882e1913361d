package intake_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"

	"zw110/data/intake"
)

// bomb is a small archive that unpacks to size bytes.
// It compresses one step of zeros, and repeats what that gave.
func bomb(t *testing.T, name string, size int64) []byte {
	t.Helper()
	const step = 1 << 20
	var packed bytes.Buffer
	pack, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, step)
	put := func(p []byte) []byte {
		start := packed.Len()
		if _, err := pack.Write(p); err != nil {
			t.Fatal(err)
		}
		if err := pack.Flush(); err != nil {
			t.Fatal(err)
		}
		return bytes.Clone(packed.Bytes()[start:])
	}
	put(zeros[:size%step])
	sum := crc32.ChecksumIEEE(zeros[:size%step])
	if size >= step {
		again := put(zeros)
		packed.Write(bytes.Repeat(again, int(size/step)-1))
		for range size / step {
			sum = crc32.Update(sum, crc32.IEEETable, zeros)
		}
	}
	if err := pack.Close(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	head := zip.FileHeader{Name: name, Method: zip.Deflate, Flags: 8, CRC32: sum, CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(size)}
	w, err := z.CreateRaw(&head)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRead_HostileInputIsRefusedWithAReason(t *testing.T) {
	noise := make([]byte, 4096)
	chaos := rand.NewChaCha8([32]byte{1})
	if _, err := chaos.Read(noise); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    string
	}{
		"empty":            {"a.csv", nil, "intake.err.empty"},
		"blank":            {"a.txt", []byte(" \n\t\r\n"), "intake.err.empty"},
		"old workbook":     {"a.xls", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "intake.err.old_xls"},
		"picture":          {"a.xlsx", []byte("\xFF\xD8\xFF\xE0....."), "intake.err.not_table"},
		"archive":          {"a.zip", bomb(t, "readme.txt", 10), "intake.err.archive"},
		"bomb":             {"a.xlsx", bomb(t, "xl/worksheets/sheet1.xml", 100<<20), "intake.err.too_big"},
		"torn workbook":    {"a.xlsx", sampleFile(t, "wg-reports.xlsx")[:4000], "intake.err.workbook"},
		"hollow workbook":  {"a.xlsx", bomb(t, "xl/workbook.xml", 100), "intake.err.workbook"},
		"noise":            {"a.bin", noise, "intake.err.binary"},
		"zeros in text":    {"a.csv", []byte("工单编号,标题\n1\x00\x00,x\n"), "intake.err.binary"},
		"web page":         {"a.xls", []byte("<html><table><tr><td>工单编号</td></tr></table></html>"), "intake.err.html"},
		"deep JSON":        {"a.json", []byte(strings.Repeat(`[`, 100_000)), "intake.err.too_deep"},
		"deep members":     {"a.json", []byte(strings.Repeat(`{"a":`, 100_000)), "intake.err.too_deep"},
		"torn JSON":        {"a.json", []byte("[\n{\"eventId\":\"SPT1\"},\n{\"ev"), "intake.err.json"},
		"two JSON values":  {"a.json", []byte(`[{"a":1}] [{"a":2}]`), "intake.err.json"},
		"table of nothing": {"a.csv", []byte("甲,乙,丙\n1,2,3\n"), "intake.err.no_header"},
		"words":            {"a.txt", []byte("今天天气很好"), "intake.err.channel"},
		"too long":         {"a.csv", bytes.Repeat([]byte("工"), 12<<20), "intake.err.too_big"},
	} {
		t.Run(name, func(t *testing.T) {
			reports, bad, err := shippedReader(t).Read(context.Background(), c.file, c.content, "", 0, nil)
			var problem *intake.Problem
			if !errors.As(err, &problem) || problem.Key() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
			if len(reports)+len(bad) > 0 {
				t.Error("something was taken")
			}
		})
	}
}

func TestRead_HugeCellIsABadRow(t *testing.T) {
	content := "信件号,内容\nLYT202608-0001," + strings.Repeat("长", 20_000) + "\nLYT202608-0002,短\n"
	reports, bad := read(t, "x.csv", content, "")
	if got := rows(reports, bad); got != "3:LYT202608-0002 2:!too_long" {
		t.Fatal(got)
	}
	if n := len([]rune(bad[0].Cells["内容"])); n > 8000 {
		t.Errorf("%d characters of the cell are kept", n)
	}
}

func TestRead_ControlCharactersAreDropped(t *testing.T) {
	reports, _ := read(t, "x.json", `[{"eventId":"SPT3308251112608030001","事件描述":"里王村\u0000路灯\u0007不亮\r\n第二行"}]`, "SPT")
	if got := reports[0].Fields.Content; got != "里王村路灯不亮\n第二行" {
		t.Errorf("%q", got)
	}
}

// TestRead_TenThousandRows reads a big export, tells how far it is, and stops when asked to.
func TestRead_TenThousandRows(t *testing.T) {
	r := shippedReader(t)
	content := manyRows(10_000)
	last := 0
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, _, err := r.Read(ctx, "x.csv", content, "", 0, func(done, total int) {
		if done < last || total != 10_000 {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		if last = done; done > 1000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || last > 1200 {
		t.Errorf("stopped at %d with %v", last, err)
	}
}

func TestReadKeywords_NamesTheLineOfAFault(t *testing.T) {
	for text, want := range map[string]string{
		"code,words,weight\n0101,邻居,1\n0102,,2\n": "line 3",
		"code,words,weight\n0101,邻居,x\n":          "line 2",
		"code,words,weight\n# remark\n,邻居\n":      "line 3",
		"code,words,weight\n0101\n":               "line 2",
		"code,words,weight\n0101,\"邻居\n":          "read keywords",
	} {
		if _, err := intake.ReadKeywords(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
