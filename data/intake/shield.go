package intake

import "regexp"

// adult is the age at which the law sees an adult.
const adult = 18

var ageWords = regexp.MustCompile(`([零〇一二两三四五六七八九十\d]{1,3})(?:周岁|岁)|(?:[一二两三四五六七八九十\d]{1,2})个月大`)

// proposeShields says whether somebody under age or in need of protection seems to be concerned, each once with the words that say so. A
// person decides; until then nobody is shielded, or the room could not call back.
func (r *Reader) proposeShields(out *Report, title, content []rune) {
	for _, s := range []struct {
		field string
		words *lexicon
		age   bool
	}{{ProposeMinor, r.words.minors, true}, {ProposeProtect, r.words.protects, false}} {
		if h, ok := r.shielded(content, s.words, s.age); ok {
			out.propose(s.field, s.field, out.words(h.start, h.end), h.start, h.end, 0.6)
		} else if h, ok := r.shielded(title, s.words, s.age); ok {
			out.propose(s.field, s.field, string(title[h.start:h.end]), -1, -1, 0.6)
		}
	}
}

// shielded finds the first of the words that is not denied, else an age below that of an adult.
func (r *Reader) shielded(text []rune, words *lexicon, age bool) (hit, bool) {
	for _, h := range words.longest(text) {
		if !r.denied(text, h) {
			return h, true
		}
	}
	if !age {
		return hit{}, false
	}
	s := string(text)
	for _, m := range ageWords.FindAllStringSubmatchIndex(s, -1) {
		if m[2] >= 0 {
			if years := spokenNumber(s[m[2]:m[3]]); years == 0 || years >= adult {
				continue
			}
		}
		start := len([]rune(s[:m[0]]))
		return hit{start: start, end: start + len([]rune(s[m[0]:m[1]]))}, true
	}
	return hit{}, false
}
