package intake

import (
	"regexp"
	"strconv"
	"strings"

	"zw110/data/incident"
)

// number is a channel's number found in text; positions are runes.
type number struct {
	channel    incident.Channel
	text       string
	start, end int
}

// numberShapes are how the channels' numbers look. 12345 has 18 digits that begin with a moment, twelve digits of yymmddhhmmss.
var numberShapes = []struct {
	channel incident.Channel
	shape   *regexp.Regexp
}{
	{incident.Channel110, regexp.MustCompile(`(?i)JJ\d{8,16}`)},
	{incident.ChannelSPT, regexp.MustCompile(`(?i)SPT\d{8,24}`)},
	{incident.ChannelLYT, regexp.MustCompile(`(?i)LYT\d{6}-?\d{3,6}`)},
	{incident.ChannelLink, regexp.MustCompile(`(?i)LD\d{8,16}`)},
	{incident.ChannelGrid, regexp.MustCompile(`(?i)W\d{3}-\d{2}-\d{3,6}`)},
	{incident.Channel12345, regexp.MustCompile(`\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d\d{6}`)},
}

// findNumbers returns the numbers of all channels in the order of the text.
func findNumbers(s string) []number {
	s = halfWidthKeep(s)
	var found []number
	for _, shape := range numberShapes {
		for _, m := range shape.shape.FindAllStringIndex(s, -1) {
			if !alone(s, m[0], m[1]) {
				continue
			}
			start := len([]rune(s[:m[0]]))
			found = append(found, number{channel: shape.channel, text: strings.ToUpper(s[m[0]:m[1]]), start: start, end: start + len([]rune(s[m[0]:m[1]]))})
		}
	}
	for i := 1; i < len(found); i++ {
		for j := i; j > 0 && found[j].start < found[j-1].start; j-- {
			found[j], found[j-1] = found[j-1], found[j]
		}
	}
	return found
}

// alone reports whether no ASCII letter or digit touches s[start:end].
func alone(s string, start, end int) bool {
	return (start == 0 || !wordByte(s[start-1])) && (end == len(s) || !wordByte(s[end]))
}

func wordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// halfWidthKeep turns full-width forms into ASCII without changing the number of runes.
func halfWidthKeep(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xFF01 && r <= 0xFF5E {
			return r - 0xFEE0
		}
		return r
	}, s)
}

// channelOfNumber tells which channel a whole number belongs to, "" when its shape is nobody's.
func channelOfNumber(s string) incident.Channel {
	s = strings.ToUpper(halfWidth(s))
	for _, n := range findNumbers(s) {
		if n.text == s {
			return n.channel
		}
	}
	return ""
}

var (
	scientific = regexp.MustCompile(`^(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})$`)
	pointZero  = regexp.MustCompile(`^(\d+)\.0+$`)
)

// plainNumber writes a number that a spreadsheet turned into 1.69e+10 or 123.0 as digits. damaged reports that digits are lost.
func plainNumber(s string) (plain string, damaged bool) {
	s = halfWidth(s)
	if m := pointZero.FindStringSubmatch(s); m != nil {
		return m[1], false
	}
	m := scientific.FindStringSubmatch(s)
	if m == nil {
		return s, false
	}
	exp, err := strconv.Atoi(m[3])
	if err != nil {
		return s, true
	}
	if exp > 15 || len(m[2]) > exp {
		return s, true
	}
	// Five or six digits are what a column too narrow shows; the rest is gone.
	return m[1] + m[2] + strings.Repeat("0", exp-len(m[2])), exp-len(m[2]) > 3
}

// phone returns the digits of a telephone number, "" for anything else. damaged reports that a spreadsheet rounded it.
func phone(s string) (digits string, damaged bool) {
	s, damaged = plainNumber(s)
	if damaged {
		return "", true
	}
	s = strings.NewReplacer(" ", "", "\t", "", "—", "-", "－", "-").Replace(s)
	s = strings.TrimPrefix(strings.TrimPrefix(s, "+86"), "0086")
	bare := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "-", ""), "(", ""), ")", "")
	bare = strings.TrimPrefix(bare, "+")
	if len(bare) == 13 && strings.HasPrefix(bare, "86") {
		bare = bare[2:]
	}
	if len(bare) < 5 || len(bare) > 13 || strings.Trim(bare, "0123456789") != "" {
		return firstPhone(s), false
	}
	if bare[0] == '0' && len(bare) >= 10 {
		return landline(bare), false
	}
	return bare, false
}

// landline writes area code and number with a dash.
func landline(digits string) string {
	area := 4
	if strings.HasPrefix(digits, "010") || digits[1] == '2' {
		area = 3
	}
	return digits[:area] + "-" + digits[area:]
}

// firstPhone takes the first telephone number out of a cell that holds more than one, or words beside it.
func firstPhone(s string) string {
	for _, span := range Scan(s) {
		if span.Type == TypePhone || span.Type == TypeLandline {
			return strings.NewReplacer(" ", "", "-", "").Replace(span.Text)
		}
	}
	return ""
}
