// Benchlists writes a workbook of 10,000 rows and 30 columns as the program writes its lists, beside exceljs (streaming) and libxlsxwriter (constant
// memory), each in a process of its own, in turns, and prints the medians.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"zw110/data/incident"
	"zw110/data/lists"
)

const (
	rows    = 10_000
	columns = 30
	rounds  = 11
)

func main() {
	write := flag.String("write", "", "write the workbook here and tell how long it took")
	idle := flag.Bool("idle", false, "make the rows only, and tell the memory")
	back := flag.Bool("back", true, "with what lets an edited workbook come back")
	dir := flag.String("dir", "build/bench-lists", "folder of the workbooks")
	peers := flag.String("peers", "build/peers", "folder where npm put exceljs")
	flag.Parse()
	var err error
	switch {
	case *write != "" || *idle:
		err = ours(*write, *back)
	default:
		err = compare(*dir, *peers)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchlists:", err)
		os.Exit(1)
	}
}

// row is the i-th row: numbers, short words and sentences as lists have them.
func row(i int) []lists.Cell {
	out := make([]lists.Cell, columns)
	for c := range out {
		switch c % 5 {
		case 0:
			out[c] = lists.Cell{Number: i*columns + c, IsNum: true}
		case 1:
			out[c] = lists.Cell{Text: fmt.Sprintf("2026-0818-%03d", i%1000)}
		case 2:
			out[c] = lists.Cell{Text: "塔石村"}
		case 3:
			out[c] = lists.Cell{Text: fmt.Sprintf("第%d组晒谷场旁第%d号灯杆下路面积水，老人小孩路过容易滑倒", i%37, (i+c)%1009)}
		default:
			out[c] = lists.Cell{Text: "08-18 17:30"}
		}
	}
	return out
}

func sheet(back bool) lists.Sheet {
	s := lists.Sheet{
		Name: "每日清单", Title: "每日清单", Made: "编制单位", Totals: "应办", NotesAt: "口径说明", Version: 1, Footer: "第&P页",
		Foot: []string{"制表人：", "值班长（签字）："}, Origin: lists.Origin{Town: 330825111, List: incident.ListDaily, Day: "2026-08-18"},
	}
	for c := range columns {
		s.Columns = append(s.Columns, lists.Column{Key: fmt.Sprint(c), Head: fmt.Sprint(c), Width: 14})
	}
	for i := range rows {
		s.Rows = append(s.Rows, row(i))
		if back {
			s.Keys = append(s.Keys, lists.RowKey{No: fmt.Sprintf("2026-%06d", i)})
		}
	}
	return s
}

// ours writes the workbook and prints milliseconds and kB, as the peers do.
func ours(path string, back bool) error {
	s := sheet(back)
	start := time.Now()
	if path != "" {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := errors.Join(s.Write(f), f.Close()); err != nil {
			return err
		}
	}
	took := time.Since(start)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, rest, ok := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(rest)
	if !ok || len(fields) == 0 {
		return errors.New("the system doesn't tell the most memory that was held")
	}
	fmt.Println(took.Milliseconds(), fields[0])
	runtime.KeepAlive(s)
	return nil
}

// side is one program of the comparison, and what its runs said.
type side struct {
	name   string
	args   []string
	ms, kB []float64
}

func compare(dir, peers string) (err error) {
	ctx := context.Background()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	data := filepath.Join(dir, "rows.tsv")
	if err := writeRows(data); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := filepath.Join(dir, "libxlsxwriter")
	if out, err := exec.CommandContext(ctx, "gcc", "-O2", "-o", c, ".ci/benchlists/peers/libxlsxwriter.c", "-lxlsxwriter").CombinedOutput(); err != nil { //nolint:gosec // our own source
		return fmt.Errorf("compile the peer (apt-get install libxlsxwriter-dev): %w\n%s", err, out)
	}
	script := filepath.Join(peers, "exceljs.js")
	text, err := os.ReadFile(".ci/benchlists/peers/exceljs.js")
	if err == nil {
		err = os.WriteFile(script, text, 0o644)
	}
	if err != nil {
		return err
	}
	sides := []*side{
		{name: "list that can come back", args: []string{self, "-write", filepath.Join(dir, "ours.xlsx")}},
		{name: "the same without", args: []string{self, "-write", filepath.Join(dir, "plain.xlsx"), "-back=false"}},
		{name: "rows in memory, nothing written", args: []string{self, "-idle"}},
		{name: "exceljs, streaming", args: []string{"node", script, data, filepath.Join(dir, "exceljs.xlsx")}},
		{name: "libxlsxwriter, constant memory", args: []string{c, data, filepath.Join(dir, "libxlsxwriter.xlsx")}},
	}
	for range rounds {
		for _, s := range sides {
			if err := s.run(ctx); err != nil {
				return err
			}
		}
	}
	for _, s := range sides {
		fmt.Printf("%-34s %6.0f ms  %4.0f MB\n", s.name, median(s.ms), median(s.kB)/1024)
	}
	ours, plain, idle, js, c99 := sides[0], sides[1], sides[2], sides[3], sides[4]
	bound("the same sheet / exceljs", ratio(plain, js), 1.0/3)
	bound("the same sheet / libxlsxwriter", ratio(plain, c99), 1.3)
	bound("with what comes back / exceljs", ratio(ours, js), 1.0/3)
	bound("with what comes back / libxlsxwriter", ratio(ours, c99), 1.3)
	bound("memory over idle, MB", (median(ours.kB)-median(idle.kB))/1024, 80)
	return nil
}

// ratio is the median of the ratios round by round.
func ratio(a, b *side) float64 {
	out := make([]float64, len(a.ms))
	for i := range out {
		out[i] = a.ms[i] / b.ms[i]
	}
	return median(out)
}

func bound(what string, got, goal float64) {
	verdict := "reached"
	if got > goal {
		verdict = "missed"
	}
	fmt.Printf("%-40s %6.2f  goal %.2f  %s\n", what, got, goal, verdict)
}

func (s *side) run(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, s.args[0], s.args[1:]...).Output() //nolint:gosec // our own list of programs
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	fields := strings.Fields(string(out))
	if len(fields) != 2 {
		return fmt.Errorf("%s said %q", s.name, out)
	}
	for i, to := range []*[]float64{&s.ms, &s.kB} {
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		*to = append(*to, v)
	}
	return nil
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}

func writeRows(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for i := range rows {
		cells := row(i)
		for c, cell := range cells {
			mark, end := "", "\t"
			if cell.IsNum {
				mark = "#"
			}
			if c == len(cells)-1 {
				end = "\n"
			}
			if _, err := w.WriteString(mark + cell.String() + end); err != nil {
				return errors.Join(err, f.Close())
			}
		}
	}
	return errors.Join(w.Flush(), f.Close())
}
