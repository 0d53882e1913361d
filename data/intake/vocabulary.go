package intake

import (
	"strings"

	"zw110/data/incident"
)

// vocabulary is a town's words, ready for searching.
type vocabulary struct {
	villages  *lexicon                // tag: village, "" for a decoy
	cats      *lexicon                // tag: category code; parts of joined words have the tag +n
	joined    map[string][]joinedWord // by first part
	parts     *lexicon                // the parts of joined words, tag: the part
	known     map[string]bool         // parts already in the lexicon
	groups    map[string][]string     // words by <name>, of which any stands for that part
	risks     *lexicon                // tag: the risk word it stands for
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
	minors    *lexicon
	protects  *lexicon
	stock     grams // pairs of characters of phrases that tell nothing about likeness
}

// joinedWord is a keyword of parts that must all stand in the text.
type joinedWord struct {
	code  string
	word  string
	parts []string
	tight bool // a part is a single character
	w     float64
}

func newVocabulary(town Town, kws Keywords) *vocabulary {
	v := &vocabulary{joined: map[string][]joinedWord{}, known: map[string]bool{}, groups: map[string][]string{}}
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
		if kind, name, _ := strings.Cut(kw.Code, ":"); kind == codeGroup {
			v.groups["<"+name+">"] = append(v.groups["<"+name+">"], string(fold(kw.Word)))
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
		&v.villages, &v.cats, &v.parts, &v.risks, &v.traps, &v.denials, &v.fillers, &v.weapons, &v.raise, &v.lower, &v.units, &v.leads,
		&v.landmarks, &v.beside, &v.toward, &v.quiet, &v.ignored, &v.minors, &v.protects,
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
		codeKeepQuiet: v.quiet, codeIgnore: v.ignored, codeMinor: v.minors, codeProtect: v.protects,
	}[kind]
	switch {
	case kind == codeGroup: // taken up already
	case kind == codeRisk && strings.Contains(kw.Word, "+"):
		v.addJoined(kw)
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
	if strings.Contains(kw.Word, "+") {
		v.addJoined(kw)
		return
	}
	v.cats.add(kw.Word, kw.Code, kw.Weight)
}

func (v *vocabulary) addJoined(kw Keyword) {
	parts := strings.Split(kw.Word, "+")
	j := joinedWord{code: kw.Code, word: strings.NewReplacer("<", "", ">", "").Replace(strings.Join(parts, "…")), w: kw.Weight}
	for _, p := range parts {
		part := string(fold(p))
		if part == "" {
			continue
		}
		j.parts = append(j.parts, part)
		words := []string{part}
		if group := v.groups[part]; group != nil {
			words = group
		}
		for _, w := range words {
			j.tight = j.tight || len([]rune(w)) == 1
			if !v.known[part] {
				v.parts.add(w, part, 0)
			}
		}
		v.known[part] = true
	}
	if len(j.parts) > 0 {
		v.joined[j.parts[0]] = append(v.joined[j.parts[0]], j)
	}
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
		v.eachJoined(p.text, func(j joinedWord, at hit) {
			if strings.HasPrefix(j.code, codeRisk+":") {
				return
			}
			key := j.code + "+" + j.word
			if !seen[key] {
				seen[key] = true
				give(j.code, j.word, j.w*p.w, at, p)
			}
		})
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

// telling blanks what tells nothing about a category: names of villages, which hold words of their own (豆腐王村), phrases of calls, harmless
// phrases with a risk word in them, and risk words and weapons that are denied.
func (r *Reader) telling(text []rune) []rune {
	out := append([]rune(nil), text...)
	blank := func(h hit) {
		for i := h.start; i < h.end; i++ {
			out[i] = ' '
		}
	}
	for _, l := range []*lexicon{r.words.villages, r.words.ignored, r.words.traps} {
		for _, h := range l.longest(text) {
			if l != r.words.traps || r.words.holdsRisk(h) {
				blank(h)
			}
		}
	}
	for _, h := range append(r.words.risks.all(text), r.words.weapons.all(text)...) {
		if r.denied(text, h) {
			blank(h)
		}
	}
	return out
}

// holdsRisk reports whether a harmless phrase holds one of the words that tell a threat.
func (v *vocabulary) holdsRisk(h hit) bool { return len(v.risks.all(h.word)) > 0 }

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

// spot is where a part stands: its sentence and its clause, both counted from the beginning of the text.
type spot struct{ sentence, clause int }

// eachJoined visits the joined words all of whose parts stand in one sentence, or in one clause when one is a single character.
func (v *vocabulary) eachJoined(text []rune, visit func(joinedWord, hit)) {
	hits := v.parts.all(text)
	spots := make(map[string][]spot, len(hits))
	at, from := spot{}, 0
	for i := range hits {
		for ; from < hits[i].start; from++ {
			if clauseBreak(text[from]) {
				at.clause++
				if strings.ContainsRune("。\n;!?", text[from]) {
					at.sentence++
				}
			}
		}
		spots[hits[i].tag] = append(spots[hits[i].tag], at)
	}
	for _, h := range hits {
		for _, j := range v.joined[h.tag] {
			if j.together(spots) {
				visit(j, h)
			}
		}
	}
}

// together reports whether the parts stand together somewhere.
func (j joinedWord) together(spots map[string][]spot) bool {
	for _, first := range spots[j.parts[0]] {
		all := true
		for _, part := range j.parts[1:] {
			all = all && anySpot(spots[part], first, j.tight)
		}
		if all {
			return true
		}
	}
	return false
}

func anySpot(spots []spot, at spot, tight bool) bool {
	for _, s := range spots {
		if s.sentence == at.sentence && (!tight || s.clause == at.clause) {
			return true
		}
	}
	return false
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
