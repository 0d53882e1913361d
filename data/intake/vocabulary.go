package intake

import (
	"strings"

	"zw110/data/incident"
)

// vocabulary is a town's words, ready for searching.
type vocabulary struct {
	villages  *lexicon // tag: village, "" for a decoy
	cats      *lexicon // tag: category code; parts of joined words have the tag +n
	joined    []joinedWord
	risks     *lexicon // tag: the risk word it stands for
	traps     *lexicon
	denials   *lexicon
	fillers   *lexicon
	weapons   *lexicon
	raise     *lexicon // tag: category code or *
	lower     *lexicon
	units     *lexicon // tag: unit
	leads     *lexicon // tag: code:unit
	landmarks *lexicon
	beside    *lexicon // words that make a place of the word before them
	toward    *lexicon
	quiet     *lexicon
	ignored   *lexicon
	stock     grams // pairs of characters of phrases that tell nothing about likeness
}

// joinedWord is a keyword of parts that must all stand in the text.
type joinedWord struct {
	code  string
	parts [][]rune
	tight bool // a part is a single character
	w     float64
}

func newVocabulary(town Town, kws Keywords) *vocabulary {
	v := &vocabulary{}
	for _, l := range v.lexicons() {
		*l = newLexicon()
	}
	for _, vil := range town.Villages {
		v.addVillage(vil)
	}
	if town.Name != "" {
		v.villages.add(town.Name, "", 0)
		short := strings.TrimRight(town.Name, "镇乡")
		for _, office := range []string{"派出所", "所", "中心校", "中心小学", "卫生院", "司法所", "供电所", "政府", "党委", "便民中心"} {
			v.villages.add(short+office, "", 0)
		}
	}
	for _, u := range town.Units {
		v.units.add(string(u.ID), string(u.ID), 1)
		for _, a := range u.Aliases {
			v.units.add(a, string(u.ID), 1)
		}
	}
	for _, c := range town.Categories {
		for _, s := range c.Splits {
			for _, w := range s.Words {
				v.leads.add(w, c.Code+":"+string(s.Unit), 1)
			}
		}
	}
	for _, kw := range kws {
		v.addKeyword(kw)
	}
	for _, l := range v.lexicons() {
		(*l).ready()
	}
	return v
}

func (v *vocabulary) lexicons() []**lexicon {
	return []**lexicon{
		&v.villages, &v.cats, &v.risks, &v.traps, &v.denials, &v.fillers, &v.weapons, &v.raise, &v.lower, &v.units, &v.leads,
		&v.landmarks, &v.beside, &v.toward, &v.quiet, &v.ignored,
	}
}

// addVillage adds a village under its name, its name without 村 and its other names. Names that end in 村 weigh more.
func (v *vocabulary) addVillage(vil Village) {
	names := append([]string{vil.Name, strings.TrimSuffix(vil.Name, "村"), vil.Name + "民委员会"}, vil.Aliases...)
	seen := map[string]bool{}
	for _, n := range names {
		if n = strings.TrimSpace(n); seen[n] || len([]rune(n)) < 2 {
			continue
		}
		seen[n] = true
		w := bareWeight
		if strings.HasSuffix(n, "村") || strings.HasSuffix(n, "会") {
			w = fullWeight
		}
		v.villages.add(n, vil.Name, w)
	}
}

func (v *vocabulary) addKeyword(kw Keyword) {
	kind, about, _ := strings.Cut(kw.Code, ":")
	l := map[string]*lexicon{
		codeRisk: v.risks, codeRaise: v.raise, codeLower: v.lower, codeUnit: v.units, codeDecoy: v.villages, codeTrap: v.traps,
		codeDeny: v.denials, codeFiller: v.fillers, codeWeapon: v.weapons, codeLandmark: v.landmarks, codeBeside: v.beside, codeToward: v.toward,
		codeKeepQuiet: v.quiet, codeIgnore: v.ignored,
	}[kind]
	switch {
	case kind == codeCommon:
		v.stock.add(kw.Word)
	case kind == codeSeat:
		name, village, _ := strings.Cut(kw.Word, ">")
		v.villages.add(name, village, seatWeight)
		v.stock.add(name)
	case l != nil:
		l.add(kw.Word, about, kw.Weight)
	default:
		v.addCategoryWord(kw)
	}
}

// The weight of a village named in full, without 村, and by a word for the town's centre.
const (
	fullWeight = 1.0
	bareWeight = 0.8
	seatWeight = 0.45
)

func (v *vocabulary) addCategoryWord(kw Keyword) {
	parts := strings.Split(kw.Word, "+")
	if len(parts) == 1 {
		v.cats.add(kw.Word, kw.Code, kw.Weight)
		return
	}
	j := joinedWord{code: kw.Code, w: kw.Weight}
	for _, p := range parts {
		if p != "" {
			j.parts = append(j.parts, fold(p))
			j.tight = j.tight || len(fold(p)) == 1
		}
	}
	v.joined = append(v.joined, j)
}

// part is a piece of a report that is searched: its folded text and how much it counts.
type part struct {
	text    []rune
	w       float64
	content bool // its positions are positions of Content
}

// score is the evidence for one category.
type score struct {
	code  string
	sum   float64
	best  hit // the heaviest word
	where part
	words []string
}

// classify adds up the words of every category over the parts; the heaviest is first. Equal sums go by code.
func (v *vocabulary) classify(parts []part, bonus func(code string) float64) []score {
	sums := map[string]*score{}
	give := func(code, word string, w float64, h hit, p part) {
		s := sums[code]
		if s == nil {
			s = &score{code: code}
			sums[code] = s
		}
		s.sum += w
		if w > s.best.w {
			h.w = w
			s.best, s.where = h, p
		}
		if w > 0 {
			s.words = append(s.words, word)
		}
	}
	seen := map[string]bool{}
	for _, p := range parts {
		for _, h := range v.cats.all(p.text) {
			key := h.tag + string(h.word)
			if !seen[key] {
				seen[key] = true
				give(h.tag, string(h.word), h.w*p.w*v.locative(p.text, h), h, p)
			}
		}
		for _, j := range v.joined {
			key := j.code + "+" + string(j.parts[0]) + string(j.parts[len(j.parts)-1])
			if seen[key] {
				continue
			}
			if at, ok := j.in(p.text); ok {
				seen[key] = true
				give(j.code, joinRunes(j.parts), j.w*p.w, hit{start: at, end: at + len(j.parts[0])}, p)
			}
		}
	}
	return ranked(sums, bonus)
}

// locative returns how much a word counts where it only says where something is: 公交站旁, 灯杆ZS-07附近.
func (v *vocabulary) locative(text []rune, h hit) float64 {
	at := h.end
	for at < len(text) && at < h.end+6 && (text[at] < 0x80 && wordRune(text[at]) || text[at] == '-') {
		at++
	}
	if at < len(text) {
		if _, ok := v.beside.at(text, at); ok {
			return 0.25
		}
	}
	return 1
}

// telling blanks what tells nothing about a category: names of villages, which hold words of their own (豆腐王村), and phrases of calls.
func (v *vocabulary) telling(text []rune) []rune {
	out := append([]rune(nil), text...)
	for _, h := range append(v.villages.longest(text), v.ignored.longest(text)...) {
		for i := h.start; i < h.end; i++ {
			out[i] = ' '
		}
	}
	return out
}

func ranked(sums map[string]*score, bonus func(string) float64) []score {
	out := make([]score, 0, len(sums))
	for _, s := range sums {
		if s.sum += bonus(s.code); s.sum > 0 {
			out = append(out, *s)
		}
	}
	for i := 1; i < len(out); i++ {
		for j := i; j > 0 && (out[j].sum > out[j-1].sum || out[j].sum == out[j-1].sum && out[j].code < out[j-1].code); j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

func joinRunes(parts [][]rune) string {
	words := make([]string, len(parts))
	for i, p := range parts {
		words[i] = string(p)
	}
	return strings.Join(words, "…")
}

// in reports whether all parts stand in one sentence, parts of a single character in one clause, and where the first of them does.
func (j joinedWord) in(text []rune) (int, bool) {
	for from := 0; from < len(text); {
		to := from
		for to < len(text) && !j.parted(text[to]) {
			to++
		}
		if at := j.within(text[from:to]); at >= 0 {
			return from + at, true
		}
		from = to + 1
	}
	return 0, false
}

// parted reports whether a rune ends the stretch in which the parts must stand.
func (j joinedWord) parted(r rune) bool {
	if j.tight {
		return clauseBreak(r)
	}
	return r == '。' || r == '\n' || r == ';' || r == '!' || r == '?'
}

func (j joinedWord) within(text []rune) int {
	first := -1
	for i, p := range j.parts {
		at := indexRunes(text, p)
		if at < 0 {
			return -1
		}
		if i == 0 {
			first = at
		}
	}
	return first
}

func indexRunes(text, word []rune) int {
	for i := range text {
		if text[i] == word[0] && hasRunes(text[i:], word) {
			return i
		}
	}
	return -1
}

// urgencyOrder is from the least to the most urgent.
func urgencyOrder() []incident.Urgency {
	return []incident.Urgency{incident.Low, incident.Normal, incident.Urgent, incident.Critical}
}

// step moves an urgency up or down; low is never reached by a word, only by a person.
func step(u incident.Urgency, by int) incident.Urgency {
	order := urgencyOrder()
	for i, o := range order {
		if o == u {
			return order[min(max(i+by, 1), len(order)-1)]
		}
	}
	return u
}
