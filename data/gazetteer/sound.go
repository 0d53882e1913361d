package gazetteer

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"zw110/data/board"
)

// glyph is one character of a text as it is compared: the character, how it may be read, and how that may sound here.
type glyph struct {
	r      rune
	read   []string // readings without tones
	spoken []string // the same with the dialect's confusions folded
	// from and to are where it stands in the text, in runes: a number of several characters is one glyph.
	from, to int
}

// foldSound maps syllables that are confused here to one: n and l, h and f before u, flat and curled tongue, and endings on n and ng.
func foldSound(s string) string {
	switch {
	case strings.HasPrefix(s, "zh"), strings.HasPrefix(s, "ch"), strings.HasPrefix(s, "sh"):
		s = s[:1] + s[2:]
	case strings.HasPrefix(s, "n"):
		s = "l" + s[1:]
	case s == "hu":
		s = "fu"
	case strings.HasPrefix(s, "hu"):
		s = "f" + s[2:] // huang and fang, hua and fa, hui and fei
	}
	switch s {
	case "fi":
		s = "fei"
	case "fun":
		s = "fen"
	}
	if strings.HasSuffix(s, "ng") && len(s) > 3 || s == "ang" || s == "eng" || s == "ing" {
		s = s[:len(s)-1]
	}
	return s
}

// glyphs reads a text. Numbers, in Arabic or Chinese figures, become one glyph in Arabic figures when what they count follows.
func glyphs(text string) []glyph {
	runes := []rune(text)
	var out []glyph
	for i := 0; i < len(runes); {
		if n, end, ok := number(runes, i); ok {
			for _, digit := range strconv.Itoa(n) {
				out = append(out, glyph{r: digit, from: i, to: end})
			}
			i = end
			continue
		}
		out = append(out, glyph{r: plain(runes[i]), from: i, to: i + 1})
		i++
	}
	var b strings.Builder
	for _, g := range out {
		b.WriteRune(g.r)
	}
	for i, readings := range board.Pinyin(b.String()) {
		out[i].read = readings
		for _, s := range readings {
			if f := foldSound(s); !slices.Contains(out[i].spoken, f) {
				out[i].spoken = append(out[i].spoken, f)
			}
		}
	}
	return out
}

// plain turns full-width forms into ASCII and capitals into small letters.
func plain(r rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		r -= 0xFEE0
	}
	return unicode.ToLower(r)
}

// figures are the Chinese figures; 十 and 百 multiply.
var figures = map[rune]int{
	'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9, '十': 10, '百': 100,
}

// counted are the characters before which a number is a number: a group, a pole, a house, a team.
const counted = "组号队社杆栋幢"

// number reads a number at a position, with 第 before it, when one of the counted characters follows.
func number(runes []rune, at int) (n, end int, ok bool) {
	i := at
	if runes[i] == '第' {
		i++
	}
	start, last := i, 0
	for ; i < len(runes) && i-start < 6; i++ {
		r := plain(runes[i])
		v, chinese := figures[r]
		switch {
		case r >= '0' && r <= '9':
			last = last*10 + int(r-'0')
		case chinese && v >= 10:
			n, last = n+max(last, 1)*v, 0
		case chinese:
			last = last*10 + v // 一二 read one by one
		default:
			return n + last, i, i > start && strings.ContainsRune(counted, r)
		}
	}
	return 0, 0, false
}

// The costs of a character that isn't the one in the name.
const (
	costSound   = 0.22 // sounds the same
	costDialect = 0.34 // sounds the same here
	costOther   = 1.0
)

// cost compares a character of a text with one of a name.
func cost(text, name *glyph) float64 {
	if text.r == name.r {
		return 0
	}
	for _, s := range text.read {
		if slices.Contains(name.read, s) {
			return costSound
		}
	}
	for _, s := range text.spoken {
		if slices.Contains(name.spoken, s) {
			return costDialect
		}
	}
	return costOther
}
