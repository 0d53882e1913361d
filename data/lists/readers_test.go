package lists_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"zw110/data/incident"
	"zw110/data/lists"
)

// python is the system's own, which has openpyxl from the package.
const python = "/usr/bin/python3"

// nasty is a list with texts that readers stumble over.
func nasty(t *testing.T) lists.Sheet {
	t.Helper()
	var rows []lists.Placement
	for _, title := range []string{
		"=1+1", "+86", "-1", "@SUM(A1)", "'quoted", "<b>&amp;\"", "_x000D_ _x0041_", "𠮷野家门口、㙍村、龘", "👩‍🚒 起火 🔥", "第一行\n第二行", " 0012 ", "1e5", "TRUE", "2026-08-14",
		"#N/A", "长" + strings.Repeat("文", 32_765) + "末",
	} {
		rows = append(rows, invented(t, func(p *lists.Placement) { p.State.Title = title }))
	}
	return make1(t, rows...)
}

// written writes the sheets into a folder.
func written(t *testing.T, sheets []lists.Sheet) (dir string, files []string) {
	t.Helper()
	dir = t.TempDir()
	for i, s := range sheets {
		var b bytes.Buffer
		if err := s.Write(&b); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, string(rune('a'+i))+".xlsx")
		if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	return dir, files
}

// output runs a program and returns what it prints; without the program the test fails.
func output(t *testing.T, env []string, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(name), err, problem.String())
	}
	return out
}

// officeHome is the home of LibreOffice for all tests of the package: to make one takes seconds. Each test's programs run one after the other.
var officeHome struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if officeHome.dir != "" {
		if err := os.RemoveAll(officeHome.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// office runs LibreOffice with the fonts of the program.
func office(t *testing.T, args ...string) {
	t.Helper()
	home := &officeHome
	home.once.Do(func() {
		if home.dir, home.err = os.MkdirTemp("", "office"); home.err != nil {
			return
		}
		var fonts string
		if fonts, home.err = filepath.Abs("../../assets/fonts"); home.err == nil {
			home.err = os.Symlink(fonts, filepath.Join(home.dir, ".fonts"))
		}
	})
	if home.err != nil {
		t.Fatal(home.err)
	}
	output(t, []string{"HOME=" + home.dir}, "soffice", append([]string{"-env:UserInstallation=file://" + filepath.Join(home.dir, "profile"), "--headless", "--norestore"}, args...)...)
}

// agree compares every cell that a reader found with the sheet.
func agree(t *testing.T, reader string, s lists.Sheet, got map[string][][]string) {
	t.Helper()
	rows := got[s.Name]
	if len(rows) < len(s.Rows)+4 {
		t.Fatalf("%s: %s has %d rows, want %d", reader, s.Name, len(rows), len(s.Rows)+4)
	}
	cell := func(r, c int) string {
		if c < len(rows[r]) {
			return rows[r][c]
		}
		return ""
	}
	for r, want := range []string{s.Title, s.Made, s.Totals} {
		if cell(r, 0) != want {
			t.Errorf("%s: %s row %d says %q, want %q", reader, s.Name, r+1, cell(r, 0), want)
		}
	}
	for c, col := range s.Columns {
		if cell(3, c) != col.Head {
			t.Errorf("%s: %s heads column %d %q, want %q", reader, s.Name, c+1, cell(3, c), col.Head)
		}
		for r, row := range s.Rows {
			if got := cell(r+4, c); got != row[c].String() {
				t.Errorf("%s: %s row %d %s says %.60q, want %.60q", reader, s.Name, r+5, col.Head, got, row[c].String())
			}
		}
	}
	if notes := got[s.NotesAt]; len(notes) != len(s.Notes) || !slices.Equal(notes[2], trimmed(s.Notes[2])) {
		t.Errorf("%s: %s has %d rows, want %d", reader, s.NotesAt, len(notes), len(s.Notes))
	}
}

func trimmed(row []string) []string {
	for len(row) > 0 && row[len(row)-1] == "" {
		row = row[:len(row)-1]
	}
	return row
}

// TestReaders_EveryCellAsInTheStore lets openpyxl and SheetJS read the three lists and a list of awkward texts as written, and openpyxl once more after
// LibreOffice opened and saved them.
func TestReaders_EveryCellAsInTheStore(t *testing.T) {
	d := august(t, "acts-2026-08.jsonl")
	sheets := []lists.Sheet{
		d.made(t, incident.ListDaily, "2026-08-12"), d.made(t, incident.ListJoint, "2026-08-12"), d.made(t, incident.ListMonthly, "2026-08-31"), nasty(t),
	}
	dir, files := written(t, sheets)
	read := func(reader string, printed []byte) {
		var got []map[string][][]string
		if err := json.Unmarshal(printed, &got); err != nil {
			t.Fatalf("%s: %v", reader, err)
		}
		for i, s := range sheets {
			agree(t, reader, s, got[i])
		}
	}
	read("openpyxl", output(t, nil, python, append([]string{"testdata/read.py"}, files...)...))
	modules, err := filepath.Abs("../../build/readers/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	read("SheetJS", output(t, nil, "node", append([]string{"testdata/read.js", modules}, files...)...))

	saved := filepath.Join(dir, "saved")
	office(t, append([]string{"--convert-to", "xlsx", "--outdir", saved}, files...)...)
	var again []string
	for _, f := range files {
		again = append(again, filepath.Join(saved, filepath.Base(f)))
	}
	read("LibreOffice", output(t, nil, python, append([]string{"testdata/read.py"}, again...)...))
}

// TestReaders_PagesOnPaper prints the joint list: head rows on each page, no text left out, places to sign on the list's last page only.
func TestReaders_PagesOnPaper(t *testing.T) {
	s := august(t, "acts-2026-08.jsonl").made(t, incident.ListJoint, "2026-08-12")
	dir, files := written(t, []lists.Sheet{s})
	office(t, "--convert-to", "pdf", "--outdir", dir, files[0])
	pages := strings.Split(strings.TrimRight(string(output(t, nil, "pdftotext", "-layout", filepath.Join(dir, "a.pdf"), "-")), "\f"), "\f")
	var list []string
	for _, p := range pages {
		if strings.Contains(p, s.Title) && strings.Contains(p, s.Columns[10].Head) {
			list = append(list, p)
		}
	}
	if len(list) < 5 || len(list) >= len(pages) {
		t.Fatalf("%d of %d pages have the list's head", len(list), len(pages))
	}
	whole := strings.Join(list, "\n")
	for i, p := range list {
		if last := i == len(list)-1; strings.Contains(p, s.Foot[0]) != last {
			t.Errorf("page %d of %d: places to sign %v", i+1, len(list), !last)
		}
	}
	for i, row := range s.Rows {
		for _, c := range []int{1, 5, 9} {
			if text := row[c].Text; !strings.Contains(whole, text) {
				t.Errorf("row %d: %q is not on paper", i+1, text)
			}
		}
	}
}
