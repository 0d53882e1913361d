package intake

import (
	"sort"
	"strings"
	"unicode"
)

// lexicon finds many words in a text at once: entries by first rune, longest first. It is read-only once built.
type lexicon struct {
	by map[rune][]entry
}

type entry struct {
	word []rune
	tag  string // what the word stands for
	w    float64
}

// hit is one found word; positions are runes of the searched text.
type hit struct {
	entry
	start, end int
}

func newLexicon() *lexicon { return &lexicon{by: map[rune][]entry{}} }

// add adds a word; of one that is there already with the same tag the greater weight stays.
func (l *lexicon) add(word, tag string, w float64) {
	runes := fold(word)
	if len(runes) == 0 {
		return
	}
	for i, e := range l.by[runes[0]] {
		if e.tag == tag && string(e.word) == string(runes) {
			l.by[runes[0]][i].w = max(e.w, w)
			return
		}
	}
	l.by[runes[0]] = append(l.by[runes[0]], entry{word: runes, tag: tag, w: w})
}

// ready sorts the entries, the longest first.
func (l *lexicon) ready() *lexicon {
	for r := range l.by {
		es := l.by[r]
		sort.SliceStable(es, func(i, j int) bool { return len(es[i].word) > len(es[j].word) })
	}
	return l
}

// all returns every occurrence of every word, overlaps included, in text order.
func (l *lexicon) all(text []rune) []hit {
	var hits []hit
	for i, r := range text {
		for _, e := range l.by[r] {
			if hasRunes(text[i:], e.word) {
				hits = append(hits, hit{entry: e, start: i, end: i + len(e.word)})
			}
		}
	}
	return hits
}

// longest returns the leftmost longest occurrences, which do not overlap.
func (l *lexicon) longest(text []rune) []hit {
	var hits []hit
	for i := 0; i < len(text); i++ {
		if h, ok := l.at(text, i); ok {
			hits = append(hits, h)
			i = h.end - 1
		}
	}
	return hits
}

// at returns the longest word that begins at i.
func (l *lexicon) at(text []rune, i int) (hit, bool) {
	for _, e := range l.by[text[i]] {
		if hasRunes(text[i:], e.word) {
			return hit{entry: e, start: i, end: i + len(e.word)}, true
		}
	}
	return hit{}, false
}

// endsAt reports whether one of the words ends at position i of the text.
func (l *lexicon) endsAt(text []rune, i int) (hit, bool) {
	for start := max(0, i-12); start < i; start++ {
		for _, e := range l.by[text[start]] {
			if start+len(e.word) == i && hasRunes(text[start:i], e.word) {
				return hit{entry: e, start: start, end: i}, true
			}
		}
	}
	return hit{}, false
}

func hasRunes(text, word []rune) bool {
	if len(word) > len(text) {
		return false
	}
	for i, r := range word {
		if text[i] != r {
			return false
		}
	}
	return true
}

// fold makes text comparable rune by rune: full-width forms become ASCII, capitals small. The number of runes does not change.
func fold(s string) []rune {
	runes := []rune(s)
	for i, r := range runes {
		runes[i] = foldRune(r)
	}
	return runes
}

func foldRune(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		r -= 0xFEE0
	case r == 0x3000 || r == 0xA0:
		r = ' '
	}
	return unicode.ToLower(r)
}

// halfWidth turns full-width forms into ASCII and trims blanks and the leading apostrophe of a text cell.
func halfWidth(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case r == 0x3000 || r == 0xA0:
			return ' '
		case r == 0xFEFF || r == 0x200B:
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(s), "'`‘’"))
}

// clauseBreak reports whether a rune ends a clause.
func clauseBreak(r rune) bool {
	return strings.ContainsRune(",.;:!?，。；：！？、\n\r()（）…", r)
}
