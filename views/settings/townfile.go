package settings

import (
	"regexp"
	"strconv"
	"strings"
)

// TownKeys are the lines of the town's own file that people change most, as "key" or "section.key".
func TownKeys() []string {
	return []string{"room", "office.hours", "office.summer", "office.summer_from", "office.summer_to", "titles.daily", "titles.joint", "titles.monthly"}
}

var (
	sectionLine = regexp.MustCompile(`^\s*\[([A-Za-z0-9_]+)\]`)
	valueLine   = regexp.MustCompile(`^\s*([A-Za-z0-9_]+)\s*=\s*(".*")\s*(#.*)?$`)
)

// TownValue returns the text of a key in the town's file, empty when it isn't set.
func TownValue(file, key string) string {
	section := ""
	for line := range strings.Lines(file) {
		if m := sectionLine.FindStringSubmatch(line); m != nil {
			section = m[1] + "."
			continue
		}
		if m := valueLine.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil && section+m[1] == key {
			if text, err := strconv.Unquote(m[2]); err == nil {
				return text
			}
		}
	}
	return ""
}

// SetTownValue returns the file with one key's text changed; all other lines, comments included, stay as they are. An empty text takes
// the line out. A key that isn't there goes to the end of its section, which is made if needed.
func SetTownValue(file, key, text string) string {
	section, name := "", key
	if s, n, ok := strings.Cut(key, "."); ok {
		section, name = s, n
	}
	lines := strings.Split(strings.TrimRight(file, "\n"), "\n")
	line := name + " = " + strconv.Quote(text)
	at, end := findTownLine(lines, section, name)
	switch {
	case at >= 0 && text == "":
		lines = append(lines[:at], lines[at+1:]...)
	case at >= 0:
		lines[at] = line
	case text == "":
	case end < 0:
		lines = append(lines, "", "["+section+"]", line)
	default:
		lines = append(lines[:end], append([]string{line}, lines[end:]...)...)
	}
	return strings.Join(lines, "\n") + "\n"
}

// findTownLine returns where a key stands, -1 for nowhere, and where its section ends, -1 when there is no such section.
func findTownLine(lines []string, section, name string) (at, end int) {
	at, end = -1, -1
	now := ""
	for i, l := range lines {
		if m := sectionLine.FindStringSubmatch(l); m != nil {
			now = m[1]
		} else if m := valueLine.FindStringSubmatch(l); m != nil && now == section && m[1] == name {
			at = i
		}
		if text := strings.TrimSpace(l); now == section && text != "" && text[0] != '#' {
			end = i + 1
		}
	}
	return at, end
}
