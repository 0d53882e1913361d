package board

import (
	"slices"
	"strings"
	"sync"

	gopinyin "github.com/mozillazg/go-pinyin"
)

// readings are the syllables of every character of the basic plane, without tones; ü is v, as people type it.
type readings struct {
	syllables []string // sorted
	of        [1 << 16]uint16
	sets      []readingSet // 0 is the empty one
}

// readingSet is the readings that some characters share.
type readingSet struct {
	syllables []uint16
	initials  uint32 // bit n: a reading begins with letter n
}

// spoken is built once, on first use; it never changes.
var spoken = sync.OnceValue(newReadings)

func newReadings() *readings {
	t := &readings{}
	all := map[string]bool{}
	plain := make(map[rune][]string, len(gopinyin.PinyinDict))
	for char, list := range gopinyin.PinyinDict {
		if char > 0xFFFF {
			continue
		}
		for syllable := range strings.SplitSeq(list, ",") {
			s := toneless(syllable)
			if s != "" && !slices.Contains(plain[rune(char)], s) {
				plain[rune(char)] = append(plain[rune(char)], s)
				all[s] = true
			}
		}
	}
	for s := range all {
		t.syllables = append(t.syllables, s)
	}
	slices.Sort(t.syllables)
	t.sets = []readingSet{{}}
	known := map[string]uint16{}
	for char, list := range plain {
		key := strings.Join(list, ",")
		set, ok := known[key]
		if !ok {
			set = uint16(len(t.sets))
			known[key] = set
			t.sets = append(t.sets, t.newSet(list))
		}
		t.of[char] = set
	}
	return t
}

func (t *readings) newSet(list []string) readingSet {
	var set readingSet
	for _, s := range list {
		n, _ := slices.BinarySearch(t.syllables, s)
		set.syllables = append(set.syllables, uint16(n))
		set.initials |= 1 << (s[0] - 'a')
	}
	return set
}

// toneless takes the tone off a syllable; what then is no run of letters with a vowel is no syllable that anyone types.
func toneless(s string) string {
	vowel := false
	out := strings.Map(func(r rune) rune {
		for _, v := range [...]string{"aāáǎà", "eēéěèê", "iīíǐì", "oōóǒò", "uūúǔù", "vǖǘǚǜü"} {
			if strings.ContainsRune(v, r) {
				vowel = true
				return rune(v[0])
			}
		}
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, s)
	if !vowel || strings.IndexByte("iuv", out[0]) >= 0 {
		return ""
	}
	return out
}

// set returns the readings of a unit of text; empty for what is no Chinese character.
func (t *readings) set(unit uint16) *readingSet { return &t.sets[t.of[unit]] }

// span returns the range of syllables that begin with a prefix.
func (t *readings) span(prefix string) (from, to int) {
	from, _ = slices.BinarySearch(t.syllables, prefix)
	to = from
	for to < len(t.syllables) && strings.HasPrefix(t.syllables[to], prefix) {
		to++
	}
	return from, to
}

func (t *readings) isSyllable(s string) bool {
	_, ok := slices.BinarySearch(t.syllables, s)
	return ok
}

// match tells whether letters, typed as initials, as full syllables or mixed, can stand for the characters that begin at unit from,
// and where those end (in units). The last syllable may be unfinished.
func (t *readings) match(letters string, text func(int) uint16, from, to int) (end int, ok bool) {
	if letters == "" {
		return from, true
	}
	if from >= to {
		return 0, false
	}
	set := t.set(text(from))
	if len(set.syllables) == 0 || set.initials&(1<<(letters[0]-'a')) == 0 {
		return 0, false
	}
	two := false
	for _, n := range set.syllables {
		s := t.syllables[n]
		if s[0] != letters[0] {
			continue
		}
		if strings.HasPrefix(s, letters) {
			return from + 1, true
		}
		if strings.HasPrefix(letters, s) && len(s) > 1 {
			if end, ok := t.match(letters[len(s):], text, from+1, to); ok {
				return end, true
			}
		}
		two = two || digraph(s) > 0 && strings.HasPrefix(letters, s[:2])
	}
	if two {
		if end, ok := t.match(letters[2:], text, from+1, to); ok {
			return end, true
		}
	}
	return t.match(letters[1:], text, from+1, to)
}

// digraph returns 2 for a syllable that begins with zh, ch or sh, else 0.
func digraph(s string) int {
	if len(s) > 1 && s[1] == 'h' && strings.IndexByte("zcs", s[0]) >= 0 {
		return 2
	}
	return 0
}

// find returns the first place where letters stand for characters in units [from, to), or -1.
func (t *readings) find(letters string, text func(int) uint16, from, to int) (start, end int) {
	for i := from; i < to; i++ {
		if end, ok := t.match(letters, text, i, to); ok {
			return i, end
		}
	}
	return -1, -1
}

// tokens calls visit with each token that letters may begin with: an initial, zh, ch, sh, a syllable, or what is left when a syllable
// begins with it. It ends when visit says so.
func (t *readings) tokens(letters string, visit func(token string) bool) {
	if strings.IndexByte("iuv", letters[0]) >= 0 {
		return
	}
	for n := 1; n <= min(len(letters), 6); n++ {
		token := letters[:n]
		fits := n == 1 || n == digraph(token) || t.isSyllable(token)
		if !fits && n == len(letters) {
			from, to := t.span(token)
			fits = to > from
		}
		if fits && !visit(token) {
			return
		}
	}
}

// isLetters reports whether a folded word is all Latin letters.
func isLetters(word []uint16) bool {
	for _, u := range word {
		if u < 'a' || u > 'z' {
			return false
		}
	}
	return len(word) > 0
}

// maxInitials bounds how many spellings Initials returns.
const maxInitials = 16

// Initials returns the pinyin initials of a text, one spelling for each way to read it (at most 16, usual readings first): 重庆 gives zq and cq.
// Letters and digits stand for themselves, everything else is left out.
func Initials(text string) []string {
	t := spoken()
	out := []string{""}
	for _, r := range text {
		next := make([]string, 0, len(out))
		for _, letter := range t.letters(r) {
			for _, s := range out {
				if len(next) < maxInitials {
					next = append(next, s+letter)
				}
			}
		}
		if len(next) > 0 {
			out = next
		}
	}
	return out
}

// letters returns the initials a rune can be typed with.
func (t *readings) letters(r rune) []string {
	if r > 0xFFFF {
		return nil
	}
	u := foldUnit(uint16(r))
	if u >= 'a' && u <= 'z' || u >= '0' && u <= '9' {
		return []string{string(rune(u))}
	}
	var out []string
	for _, n := range t.set(u).syllables {
		if s := t.syllables[n][:1]; !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Pinyin returns the readings of each character of a text, without tones, usual reading first; nil for what is no Chinese character.
func Pinyin(text string) [][]string {
	t := spoken()
	var out [][]string
	for _, r := range text {
		var list []string
		if r <= 0xFFFF {
			for _, n := range t.set(uint16(r)).syllables {
				list = append(list, t.syllables[n])
			}
		}
		out = append(out, list)
	}
	return out
}

// Match tells whether every word of a query stands in a text, as characters, pinyin initials, full pinyin or a mix of the two, and
// where: spans of runes, in the order of the words. An empty query matches with no spans.
func Match(query, text string) (spans [][2]int, ok bool) {
	p := pack([sections]string{text})
	_, to := p.section(0)
	for _, word := range splitWords(query) {
		start, end := p.locate(word, 0, to)
		if start < 0 {
			return nil, false
		}
		spans = append(spans, [2]int{p.runes(0, start), p.runes(0, end)})
	}
	return spans, true
}

// locate finds a word in units [from, to), as characters or as pinyin.
func (p packed) locate(word []uint16, from, to int) (start, end int) {
	if i := p.find(word, from); i >= 0 && i+len(word) <= to {
		return i, i + len(word)
	}
	if !isLetters(word) {
		return -1, -1
	}
	return spoken().find(lettersOf(word), p.at, from, to)
}

func lettersOf(word []uint16) string {
	b := make([]byte, len(word))
	for i, u := range word {
		b[i] = byte(u)
	}
	return string(b)
}

const (
	maxWords  = 8  // words of a query that count
	maxLetter = 32 // units of a word that count
)

// splitWords cuts a query at spaces into folded words.
func splitWords(query string) [][]uint16 {
	var out [][]uint16
	for _, w := range strings.Fields(strings.ReplaceAll(query, "\u3000", " ")) {
		word := foldWord(w)
		if len(word) > maxLetter {
			word = word[:maxLetter]
		}
		if len(word) > 0 && len(out) < maxWords {
			out = append(out, word)
		}
	}
	return out
}
