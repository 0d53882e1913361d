package intake

import (
	"strings"

	"zw110/data/incident"
)

// The fields of proposals.
const (
	ProposeCategory = "category"
	ProposeVillage  = "village"
	ProposePlace    = "place"
	ProposeUrgency  = "urgency"
	ProposeLead     = "lead"
	ProposeUnit     = "unit"
	ProposeRisk     = "risk_word"
	ProposeDenied   = "risk_denied"
	// ProposeMinor and ProposeProtect say that somebody under age, or somebody whose identity needs protection (victim of violence at
	// home, patient), seems to be concerned. Their Value is the field's own name.
	ProposeMinor   = "minor"
	ProposeProtect = "protect"
)

// otherCategory is the directory's row for what fits nowhere.
const otherCategory = "1299"

// Propose reads free text as it is typed: category, village, place, urgency, unit and risk words, each with the words it came from.
// The Fields hold the same values, ready to fill a form; nothing in them was chosen by a person.
func (r *Reader) Propose(text string, ch incident.Channel) Report {
	text = clean(text)
	out := Report{Row: -1}
	out.Fields.Channel, out.Fields.Content, out.Fields.Title = ch, text, makeTitle(text)
	out.Personal = ScanField("content", text)
	for _, n := range findNumbers(text) {
		if n.channel == ch && ch != "" && out.Fields.SourceNo == "" {
			out.Fields.SourceNo = n.text
			continue
		}
		out.QuotedNos = append(out.QuotedNos, n.text)
	}
	r.propose(&out, map[string]string{fieldContent: text})
	return out
}

// propose fills what columns leave open from the text.
func (r *Reader) propose(out *Report, f map[string]string) {
	content := fold(out.Fields.Content)
	title := fold(f[fieldTitle])
	r.proposeVillage(out, f, title, content)
	r.proposePlace(out, content)
	r.proposeCategory(out, f, title, content)
	r.proposeUrgency(out, f, title, content)
	r.proposeRisks(out, title, content)
	r.proposeShields(out, title, content)
	r.proposeUnits(out, f, content)
}

func (out *Report) propose(field, value, words string, start, end int, score float64) {
	out.Proposals = append(out.Proposals, Proposal{Field: field, Value: value, Words: words, Start: start, End: end, Score: score})
}

// words returns the piece of the content as written.
func (out *Report) words(start, end int) string {
	runes := []rune(out.Fields.Content)
	if start < 0 || end > len(runes) || start > end {
		return ""
	}
	return string(runes[start:end])
}

// mention is a village named in a text.
type mention struct {
	hit
	value float64
}

// mentions returns the villages a text names; one that is only a direction counts less.
func (r *Reader) mentions(text []rune) []mention {
	var out []mention
	for _, h := range r.words.villages.longest(text) {
		if h.tag == "" {
			continue
		}
		m := mention{hit: h, value: h.w}
		if _, ok := r.words.toward.endsAt(text, h.start); ok || hasRunes(text[h.end:], []rune("方向")) {
			m.value *= 0.4
		}
		if h.w < fullWeight && h.end < len(text) && strings.ContainsRune("某氏先女", text[h.end]) {
			continue // a person's name
		}
		out = append(out, m)
	}
	return out
}

// strongest returns the mention that counts most, the first of equals.
func strongest(ms []mention) (mention, bool) {
	best, found := mention{}, false
	for _, m := range ms {
		if !found || m.value > best.value {
			best, found = m, true
		}
	}
	return best, found
}

// proposeVillage takes the village from its column, the address, the grid, then from the text.
func (r *Reader) proposeVillage(out *Report, f map[string]string, title, content []rune) {
	for _, field := range []string{fieldVillage, fieldAddress, fieldGrid} {
		if m, ok := strongest(r.mentions(fold(f[field]))); ok && m.value >= bareWeight {
			out.Fields.Village = m.tag
			out.propose(ProposeVillage, m.tag, string([]rune(f[field])[m.start:m.end]), -1, -1, 1)
			return
		}
	}
	inText, okText := strongest(r.mentions(content))
	inTitle, okTitle := strongest(r.mentions(title))
	switch {
	case okText && (!okTitle || inText.value >= inTitle.value):
		out.Fields.Village = inText.tag
		out.propose(ProposeVillage, inText.tag, out.words(inText.start, inText.end), inText.start, inText.end, inText.value)
	case okTitle:
		out.Fields.Village = inTitle.tag
		out.propose(ProposeVillage, inTitle.tag, string([]rune(f[fieldTitle])[inTitle.start:inTitle.end]), -1, -1, inTitle.value)
	}
}

// proposePlace takes the words behind a village's name up to a landmark, when no column gives an address.
func (r *Reader) proposePlace(out *Report, content []rune) {
	if out.Fields.Place != nil && out.Fields.Place.Text != "" {
		return
	}
	from, start := 0, -1
	if m, ok := strongest(r.mentions(content)); ok {
		from, start = m.end, m.start
	}
	limit := from
	for limit < len(content) && limit < from+18 && !clauseBreak(content[limit]) {
		limit++
	}
	end := -1
	for _, h := range r.words.landmarks.all(content[from:limit]) {
		end = max(end, from+h.end)
	}
	if end < 0 {
		return
	}
	if start < 0 {
		start = from
	}
	words := out.words(start, end)
	if out.Fields.Place == nil {
		out.Fields.Place = &incident.Place{}
	}
	out.Fields.Place.Text = words
	out.propose(ProposePlace, words, words, start, end, 0.6)
}

// proposeCategory takes the channel's own category when the directory has it, else what the words say.
func (r *Reader) proposeCategory(out *Report, f map[string]string, title, content []rune) {
	named, majors := r.namedCategory(f[fieldMajor], f[fieldMinor])
	if named != "" {
		out.Fields.Category = named
		out.propose(ProposeCategory, named, strings.TrimPrefix(f[fieldMajor]+"/"+f[fieldMinor], "/"), -1, -1, 1)
		return
	}
	parts := []part{
		{text: r.telling(title), w: 1.4},
		{text: r.telling(content), w: 1, content: true},
		{text: fold(f[fieldMinor] + " " + f[fieldMajor]), w: 2},
	}
	ranking := r.words.classify(parts, func(code string) float64 {
		if c, ok := r.byCode[code]; ok && majors[c.Major] {
			return 2
		}
		return 0
	})
	if len(ranking) == 0 || ranking[0].sum < 1 {
		if f[fieldTitle] != "" || out.Row >= 0 {
			out.Fields.Category = otherCategory
			out.propose(ProposeCategory, otherCategory, "", -1, -1, 0.1)
		}
		return
	}
	for i, s := range ranking[:min(3, len(ranking))] {
		second := 0.0
		if len(ranking) > 1 {
			second = ranking[min(1, len(ranking)-1)].sum
		}
		sure := s.sum / (ranking[0].sum + second) * min(1, s.sum/3)
		if i == 0 {
			out.Fields.Category = s.code
		} else if s.sum < ranking[0].sum/2 {
			break
		}
		start, end := -1, -1
		if s.where.content {
			start, end = s.best.start, s.best.end
		}
		out.propose(ProposeCategory, s.code, strings.Join(s.words[:min(4, len(s.words))], "、"), start, end, sure)
	}
}

// namedCategory finds the directory's row by the channel's words. Majors are those the words name, when no row fits.
func (r *Reader) namedCategory(major, minor string) (string, map[string]bool) {
	pieces := strings.FieldsFunc(major+"/"+minor, func(c rune) bool { return strings.ContainsRune("/\\>-—–－→|", c) })
	majors := map[string]bool{}
	best, most := "", 0
	for _, p := range pieces {
		plain := plainHeader(p)
		for _, c := range r.town.Categories {
			if plain == c.Code {
				return c.Code, nil
			}
			if plain == plainHeader(c.Major) {
				majors[c.Major] = true
			}
		}
	}
	for _, p := range pieces {
		plain := plainHeader(p)
		for _, c := range r.town.Categories {
			fit := minorFit(plain, c.Minor)
			if fit > 0 && majors[c.Major] {
				fit++
			}
			if fit > most {
				best, most = c.Code, fit
			}
		}
	}
	return best, majors
}

// minorFit says how well a channel's word fits a directory row's name: wholly 6, one of its parts 4, beginning alike 2, else 0.
func minorFit(plain, minor string) int {
	whole := plainHeader(minor)
	if plain == "" || whole == "" {
		return 0
	}
	if plain == whole {
		return 6
	}
	for _, p := range strings.FieldsFunc(minor, func(c rune) bool { return strings.ContainsRune(",，、 ()（）", c) }) {
		if plainHeader(p) == plain {
			return 4
		}
	}
	n := len([]rune(plain))
	if n >= 3 && (strings.HasPrefix(whole, plain) || strings.HasPrefix(plain, whole) && len([]rune(whole)) >= 3) {
		return 2
	}
	return 0
}

// proposeUrgency takes the channel's urgency, else the directory's default moved by words.
func (r *Reader) proposeUrgency(out *Report, f map[string]string, title, content []rune) {
	for _, field := range []string{fieldUrgency, fieldLevel} {
		if u := urgencyOf(f[field]); u != "" {
			out.Fields.Urgency = u
			out.propose(ProposeUrgency, string(u), f[field], -1, -1, 1)
			return
		}
	}
	c, ok := r.byCode[out.Fields.Category]
	if !ok {
		return
	}
	u, words, start, end := c.Urgency, c.Minor, -1, -1
	for _, move := range []struct {
		l  *lexicon
		by int
	}{{r.words.raise, 1}, {r.words.lower, -1}} {
		if h, ok := r.mover(move.l, c.Code, content); ok {
			u, words, start, end = step(c.Urgency, move.by), out.words(h.start, h.end), h.start, h.end
		} else if h, ok := r.mover(move.l, c.Code, title); ok {
			u, words, start, end = step(c.Urgency, move.by), string(h.word), -1, -1
		}
	}
	out.Fields.Urgency = u
	out.propose(ProposeUrgency, string(u), words, start, end, 0.6)
}

// mover finds the first word that moves the urgency of a category and is not denied.
func (r *Reader) mover(l *lexicon, code string, text []rune) (hit, bool) {
	for _, h := range l.all(text) {
		if (h.tag == code || h.tag == "*") && !r.denied(text, h) {
			return h, true
		}
	}
	return hit{}, false
}

func urgencyOf(s string) incident.Urgency {
	switch plain := plainHeader(s); {
	case plain == "":
		return ""
	case strings.Contains(plain, "特急"), strings.Contains(plain, "特别紧急"), strings.Contains(plain, "重大"), plain == "特提", plain == "critical":
		return incident.Critical
	case strings.Contains(plain, "不紧急"), strings.Contains(plain, "缓"), plain == "low":
		return incident.Low
	case strings.Contains(plain, "紧急"), strings.Contains(plain, "加急"), strings.Contains(plain, "较大"), plain == "急", plain == "urgent":
		return incident.Urgent
	case strings.Contains(plain, "一般"), strings.Contains(plain, "普通"), strings.Contains(plain, "正常"), strings.Contains(plain, "常规"), plain == "平急", plain == "normal":
		return incident.Normal
	}
	return ""
}

// proposeUnits finds the unit that is asked for by name, and what a split rule says about the lead.
func (r *Reader) proposeUnits(out *Report, f map[string]string, content []rune) {
	if u := r.words.units.longest(fold(f[fieldUnit])); len(u) > 0 {
		out.DemandedUnit = incident.UnitID(u[0].tag)
		out.propose(ProposeUnit, u[0].tag, f[fieldUnit], -1, -1, 1)
	}
	for _, h := range r.words.units.longest(content) {
		if out.DemandedUnit != "" {
			break
		}
		if asked(content[:h.start]) {
			out.DemandedUnit = incident.UnitID(h.tag)
			out.propose(ProposeUnit, h.tag, out.words(h.start, h.end), h.start, h.end, 0.8)
		}
	}
	for _, h := range r.words.leads.all(content) {
		if code, unit, _ := strings.Cut(h.tag, ":"); code == out.Fields.Category {
			out.propose(ProposeLead, unit, out.words(h.start, h.end), h.start, h.end, 0.7)
			return
		}
	}
}

// asked reports whether the clause before a unit's name asks for somebody.
func asked(before []rune) bool {
	start := len(before)
	for start > 0 && len(before)-start < 14 && !strings.ContainsRune("。；！？\n", before[start-1]) {
		start--
	}
	clause := string(before[start:])
	for _, w := range []string{"请", "叫", "通知", "希望", "要求", "需", "建议", "让", "由", "联系", "麻烦", "流转"} {
		if strings.Contains(clause, w) {
			return true
		}
	}
	return false
}
