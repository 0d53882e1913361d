package calendar

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zw110/data/incident"
)

// Listed is one line of a year's notice: a day off, or a day that is worked although it is a Saturday or Sunday.
type Listed struct {
	Day  incident.Day
	Name string
	Off  bool
}

// Notice holds what the State Council's notice for one year lists, in order of days. Plain weekends are not listed. It may also list
// days of the December before, which then override what that year's own notice said.
type Notice struct {
	Year int
	Days []Listed
}

// LineError says which line of a calendar file can't be taken, and why. Line counts from 1; 0 is the file as a whole. Key is a
// catalogue key "calendar.fault.<reason>"; Args fill its places.
type LineError struct {
	Line int
	Key  string
	Args []string
}

// Error names line, key and arguments; people see the catalogue's text instead.
func (e *LineError) Error() string {
	text := e.Key
	if len(e.Args) > 0 {
		text += " " + strings.Join(e.Args, ", ")
	}
	if e.Line == 0 {
		return text
	}
	return fmt.Sprintf("line %d: %s", e.Line, text)
}

func fault(reason string, args ...string) *LineError {
	return &LineError{Key: "calendar.fault." + reason, Args: args}
}

// maxFile bounds a calendar file; a year has under 2 KB.
const maxFile = 1 << 20

// Parse reads a calendar file: lines of `date,name,off|work` or `date,name,is_off_day` (true or false), with or without a header,
// for one or several years. Bad lines are all named in the error, each a *LineError; then nothing is returned.
func Parse(r io.Reader) ([]Notice, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read calendar file: %w", err)
	}
	if len(raw) > maxFile {
		return nil, fault("too_large")
	}
	if !utf8.Valid(raw) {
		return nil, fault("not_utf8")
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	var (
		days []Listed
		bad  []error
		seen = map[incident.Day]int{}
		line int
	)
	sc := bufio.NewScanner(bytes.NewReader(raw))
	sc.Buffer(nil, maxFile+1)
	for sc.Scan() {
		line++
		text := strings.TrimSpace(sc.Text())
		if text == "" || strings.Trim(text, ", ") == "" || strings.HasPrefix(text, "#") || isHeader(text, len(days)+len(bad)) {
			continue
		}
		day, wrong := parseLine(text)
		if wrong == nil && seen[day.Day] > 0 {
			wrong = fault("twice", string(day.Day), strconv.Itoa(seen[day.Day]))
		}
		if wrong != nil {
			wrong.Line = line
			bad = append(bad, wrong)
			continue
		}
		seen[day.Day] = line
		days = append(days, day)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read calendar file: %w", err)
	}
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	return group(days)
}

func isHeader(text string, rows int) bool {
	if rows > 0 {
		return false
	}
	first, _, _ := strings.Cut(text, ",")
	first = strings.ToLower(strings.Trim(first, `" `))
	return first == "date" || first == "日期"
}

func parseLine(text string) (Listed, *LineError) {
	cells := strings.Split(text, ",")
	for i := range cells {
		cells[i] = strings.Trim(cells[i], `" `)
	}
	for len(cells) > 3 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) != 3 {
		return Listed{}, fault("columns", strconv.Itoa(len(cells)))
	}
	t, err := time.Parse("2006-1-2", strings.ReplaceAll(cells[0], "/", "-"))
	if err != nil {
		return Listed{}, fault("date", cells[0])
	}
	if t.Year() < firstYear || t.Year() >= endYear {
		return Listed{}, fault("year", strconv.Itoa(t.Year()))
	}
	if cells[1] == "" {
		return Listed{}, fault("name")
	}
	off, ok := parseOff(cells[2])
	if !ok {
		return Listed{}, fault("kind", cells[2])
	}
	if weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday; !off && !weekend {
		return Listed{}, fault("weekday", cells[0])
	}
	return Listed{Day: incident.Day(t.Format(time.DateOnly)), Name: cells[1], Off: off}, nil
}

func parseOff(text string) (off, ok bool) {
	switch strings.ToLower(text) {
	case "off", "true", "休":
		return true, true
	case "work", "false", "班":
		return false, true
	}
	return false, false
}

// group makes one Notice a year. A year of which only December days are listed belongs to the notice of the year after it.
func group(days []Listed) ([]Notice, error) {
	if len(days) == 0 {
		return nil, fault("empty")
	}
	byYear := map[int][]Listed{}
	for _, d := range days {
		start, err := d.Day.Start()
		if err != nil {
			return nil, err
		}
		y := dayTime(dayNumber(start)).Year()
		byYear[y] = append(byYear[y], d)
	}
	var out []Notice
	for _, y := range slices.Sorted(maps.Keys(byYear)) {
		if onlyDecember(byYear[y]) {
			if own := byYear[y+1]; len(own) == 0 || onlyDecember(own) {
				return nil, fault("december", strconv.Itoa(y))
			}
			continue
		}
		listed := byYear[y]
		if before := byYear[y-1]; onlyDecember(before) {
			listed = append(listed, before...)
		}
		slices.SortFunc(listed, func(a, b Listed) int { return strings.Compare(string(a.Day), string(b.Day)) })
		out = append(out, Notice{Year: y, Days: listed})
	}
	return out, nil
}

func onlyDecember(days []Listed) bool {
	return !slices.ContainsFunc(days, func(d Listed) bool { return d.Day[5:7] != "12" })
}

// Write writes a notice in the shape that Parse reads.
func (n Notice) Write(w io.Writer) error {
	var b strings.Builder
	b.WriteString("date,name,off|work\n")
	for _, d := range n.Days {
		kind := "work"
		if d.Off {
			kind = "off"
		}
		fmt.Fprintf(&b, "%s,%s,%s\n", d.Day, d.Name, kind)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write calendar of %d: %w", n.Year, err)
	}
	return nil
}

// Missing returns the days that are free by regulation each year (1 January, 1 May, 1 to 3 October) and yet not listed as off: a
// file that lacks one is probably cut short, and whoever imports it should be asked.
func (n Notice) Missing() []incident.Day {
	var out []incident.Day
	for _, md := range []string{"01-01", "05-01", "10-01", "10-02", "10-03"} {
		want := incident.Day(fmt.Sprintf("%04d-%s", n.Year, md))
		if !slices.ContainsFunc(n.Days, func(d Listed) bool { return d.Day == want && d.Off }) {
			out = append(out, want)
		}
	}
	return out
}
