package intake

import (
	"slices"
	"strings"
)

// proposeRisks rings the risk words that stand in title or content, unless they are only part of a harmless phrase or denied. What is
// denied is proposed as such, for a person to see.
func (r *Reader) proposeRisks(out *Report, title, content []rune) {
	for _, weak := range []bool{false, true} {
		if weak && len(out.Fields.RiskWords) > 0 {
			break
		}
		r.ring(out, content, true, weak)
		r.ring(out, title, false, weak)
	}
	for _, h := range r.words.weapons.longest(content) {
		if r.denied(content, h) {
			out.propose(ProposeDenied, string(h.word), out.words(h.start, h.end), h.start, h.end, 1)
		}
	}
}

// ring rings the strong or the weak words of a text, each once.
func (r *Reader) ring(out *Report, text []rune, inContent, weak bool) {
	hits := r.words.risks.all(text)
	r.words.eachJoined(text, func(j joinedWord, at hit) {
		if word, ok := strings.CutPrefix(j.code, codeRisk+":"); ok {
			at.tag, at.w = word, j.w
			hits = append(hits, at)
		}
	})
	for _, h := range hits {
		if h.w < 1 != weak || r.trapped(text, h) || slices.Contains(out.Fields.RiskWords, h.tag) {
			continue
		}
		start, end, words := -1, -1, string(h.word)
		if inContent {
			start, end, words = h.start, h.end, out.words(h.start, h.end)
		}
		if r.denied(text, h) {
			out.propose(ProposeDenied, h.tag, words, start, end, 1)
			continue
		}
		out.Fields.RiskWords = append(out.Fields.RiskWords, h.tag)
		out.propose(ProposeRisk, h.tag, words, start, end, h.w)
	}
}

// trapped reports whether a longer harmless phrase covers the word.
func (r *Reader) trapped(text []rune, h hit) bool {
	from := max(0, h.start-10)
	for _, t := range r.words.traps.all(text[from:min(len(text), h.end+10)]) {
		if from+t.start <= h.start && from+t.end >= h.end {
			return true
		}
	}
	return false
}

// denied reports whether the word is denied: a denial stands before it with nothing but fillers between (没有说要跳楼), or behind it
// (刀没有拿). 不解决就堵路 is no denial, for 就 is no filler.
func (r *Reader) denied(text []rune, h hit) bool {
	at := h.start
	for at > 0 {
		if _, ok := r.words.denials.endsAt(text, at); ok {
			return true
		}
		f, ok := r.words.fillers.endsAt(text, at)
		if !ok {
			break
		}
		at = f.start
	}
	rest := text[h.end:]
	for _, after := range []string{"没有拿", "没拿", "没有带", "没带", "没有发生", "没发生", "没有出现", "的话没有说", "未发生", "是谣传", "是谣言", "不属实", "是假的", "是气话", "是开玩笑"} {
		if hasRunes(rest, []rune(after)) || (len(rest) > 1 && hasRunes(rest[1:], []rune(after))) {
			return true
		}
	}
	return false
}
