package gazetteer

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"zw110/data/board"
	"zw110/data/geo"
)

// Why is what a hit stands on.
type Why string

// What a hit can stand on.
const (
	ByName    Why = "name"    // its name, as written
	ByAlias   Why = "alias"   // another of its names, as written
	BySound   Why = "sound"   // characters that sound the same
	ByDialect Why = "dialect" // characters that sound the same here
	ByPinyin  Why = "pinyin"  // letters, in a search
	ByWords   Why = "words"   // part of its name, in a search
)

// Hit is a place that a text may mean.
type Hit struct {
	Place geo.Place
	// Start and End are where its name stands in the text, in runes.
	Start, End int
	// Score is 0 to 1; below Sure it is a guess.
	Score float64
	Why   Why
	// Point is where to look, the zero Point when nobody knows: that of the place, else its village's. Uncertainty is how far off it may be, in metres: what
	// the place is wide, and what the words around it add. Rough: the point is only the village's.
	Point       geo.Point
	Uncertainty float64
	Rough       bool
}

// Sure is the score from which a hit may be proposed as the place.
const Sure = 0.55

// spelling is one way to say a place.
type spelling struct {
	place  int
	glyphs []glyph
	alias  bool
	short  bool // a village's name without 村
}

// Index finds places. It doesn't change.
type Index struct {
	places    []geo.Place
	villages  map[string]int // full name to place
	spellings []spelling
	byFirst   map[string][]int // sound of the first or second character to spellings
}

// New makes an index of places, villages among them.
func New(places []geo.Place) *Index {
	x := &Index{places: places, villages: map[string]int{}, byFirst: map[string][]int{}}
	for i, p := range places {
		if p.Kind == geo.KindVillage {
			x.villages[p.Name] = i
		}
		said := map[string]bool{}
		say := func(name string, alias, short bool) {
			if g := glyphs(name); len(g) > 1 && !said[name] {
				said[name] = true
				x.spellings = append(x.spellings, spelling{i, g, alias, short})
			}
		}
		say(p.Name, false, false)
		for _, a := range p.Aliases {
			say(a, true, p.Kind == geo.KindVillage && a+"村" == p.Name)
		}
		if p.Kind == geo.KindPole {
			say(strings.TrimSuffix(p.Name, "杆")+"电杆", true, false)
		}
		if bare, ok := strings.CutSuffix(p.Name, "村"); ok && p.Kind == geo.KindVillage && len([]rune(bare)) > 1 && !townWord[bare] {
			say(bare, true, true)
		}
	}
	for i, s := range x.spellings {
		for _, sound := range s.glyphs[0].sounds() {
			x.byFirst[sound] = append(x.byFirst[sound], i)
		}
	}
	return x
}

// townWord are villages' bare names that mostly mean something larger; the pack gives such a village its aliases.
var townWord = map[string]bool{"塔石": true}

func (g *glyph) sounds() []string {
	if len(g.spoken) == 0 {
		return []string{string(g.r)}
	}
	return g.spoken
}

// match is a spelling found in a text.
type match struct {
	spelling *spelling
	place    int
	from, to int // glyphs
	quality  float64
	worst    float64
	away     bool // only the direction
	extra    float64
}

// Find returns the places that a text may mean, the likeliest first, each once. Spans of different hits may overlap.
func (x *Index) Find(text string) []Hit {
	g := glyphs(text)
	all := x.matches(g)
	villages := map[string]float64{}
	for _, m := range all {
		if p := x.places[m.place]; p.Kind == geo.KindVillage && !m.away {
			villages[p.Name] = max(villages[p.Name], m.quality)
		}
	}
	best := map[int]Hit{}
	for _, m := range all {
		h := x.hit(g, m, villages)
		if old, ok := best[m.place]; !ok || h.Score > old.Score {
			best[m.place] = h
		}
	}
	out := make([]Hit, 0, len(best))
	for _, h := range best {
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b Hit) int {
		return cmp.Or(-cmp.Compare(a.Score, b.Score), a.Start-b.Start, strings.Compare(a.Place.Village, b.Place.Village), strings.Compare(a.Place.Name, b.Place.Name))
	})
	return out
}

// matches finds every spelling in a text. What lies within a longer one as good is left out.
func (x *Index) matches(g []glyph) []match {
	var all []match
	for i := range g {
		seen := map[int]bool{}
		for _, sound := range g[i].sounds() {
			for _, n := range x.byFirst[sound] {
				if m, ok := x.compare(g, i, n); ok && !seen[n] {
					seen[n] = true
					all = append(all, m)
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(m match) bool {
		return slices.ContainsFunc(all, func(o match) bool {
			return o.from <= m.from && o.to >= m.to && o.to-o.from > m.to-m.from && o.quality >= m.quality-0.05 && o.place != m.place
		})
	})
}

// compare lays a spelling onto a text at a position. Short names must be written right, or nearly; from four characters on one may be another.
func (x *Index) compare(g []glyph, at, n int) (match, bool) {
	s := &x.spellings[n]
	if at+len(s.glyphs) > len(g) {
		return match{}, false
	}
	sum, worst, other := 0.0, 0.0, 0
	for i := range s.glyphs {
		t, c := &g[at+i], &s.glyphs[i]
		d := cost(t, c)
		if d == costOther {
			if other++; other > 1 || len(s.glyphs) < 4 || unicodeDigit(t.r) || unicodeDigit(c.r) {
				return match{}, false
			}
			d = 0.8
		}
		sum, worst = sum+d, max(worst, d)
	}
	m := match{spelling: s, place: s.place, from: at, to: at + len(s.glyphs), quality: 1 - sum/float64(len(s.glyphs)), worst: worst}
	if len(s.glyphs) == 2 && sum > 0 && (sum > costDialect+0.01 || !stands(g, m.from, m.to)) {
		return match{}, false
	}
	m.away, m.extra = around(g, m.from, m.to)
	return m, true
}

// stands reports whether two characters stand as a name does: at the beginning of a clause or before what only follows a place. Any two characters sound like
// something somewhere.
func stands(g []glyph, from, to int) bool {
	if from == 0 || strings.ContainsRune("，。、；：！？,.;:!? 在是住", g[from-1].r) {
		return true
	}
	return to < len(g) && (strings.ContainsRune("村桥塘溪", g[to].r) || unicodeDigit(g[to].r))
}

func unicodeDigit(r rune) bool { return r >= '0' && r <= '9' }

// Words before a name that make it only a direction, and words behind it that move the place away from it.
var (
	towards = []string{"往", "去", "开往", "通往", "通向", "到", "向", "至"}
	beside  = []struct {
		word   string
		metres float64
	}{
		{"方向", -1},
		{"附近", 300},
		{"一带", 300},
		{"那边", 250},
		{"那片", 250},
		{"那段", 250},
		{"对面", 60},
		{"后面", 80},
		{"后头", 80},
		{"前面", 80},
		{"旁边", 40},
		{"边上", 40},
		{"隔壁", 40},
		{"门口", 30},
		{"下面", 30},
		{"上面", 60},
		{"下游", 400},
		{"上游", 400},
		{"以东", 300},
		{"以西", 300},
		{"以南", 300},
		{"以北", 300},
	}
)

// around reads the words before and behind a name.
func around(g []glyph, from, to int) (away bool, extra float64) {
	var before, behind strings.Builder
	for _, c := range g[max(0, from-2):from] {
		before.WriteRune(c.r)
	}
	for _, c := range g[to:min(len(g), to+8)] {
		behind.WriteRune(c.r)
	}
	after := strings.TrimPrefix(behind.String(), "村")
	for _, w := range towards {
		// 到 and 去 before a place that more words describe is where somebody is; before the way on it is only the direction.
		if strings.HasSuffix(before.String(), w) && (w != "到" && w != "去" && w != "至" || strings.HasPrefix(after, "的路") || strings.HasPrefix(after, "方向")) {
			away = true
		}
	}
	if strings.HasSuffix(before.String(), "从") && !strings.HasPrefix(after, "这") {
		away = true
	}
	for _, b := range beside {
		if strings.HasPrefix(after, b.word) {
			if b.metres < 0 {
				away = true
			}
			extra = max(extra, b.metres)
		}
	}
	return away, max(extra, metresIn(after))
}

// metresIn reads a distance that follows a name: 往东200米.
func metresIn(after string) float64 {
	start := strings.IndexFunc(after, func(r rune) bool { return r >= '0' && r <= '9' })
	if start < 0 {
		return 0
	}
	end := start
	for end < len(after) && after[end] >= '0' && after[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(after[start:end])
	if err != nil || n > 5000 || !strings.HasPrefix(after[end:], "米") && !strings.HasPrefix(after[end:], "m") {
		return 0
	}
	return float64(n)
}

// The parts of a score. They were set on the spoken descriptions of the tests and the sample messages.
const (
	weightQuality = 0.62
	weightLength  = 0.14 // of a name of six characters or more
	weightSpot    = 0.14 // more exact than a village
	weightHome    = 0.16 // its village is named too
	lossStrange   = 0.38 // another village is named
	lossAway      = 0.45
	lossCommon    = 0.30 // a group or pole that many villages have, none named
	lossSound     = 0.10 // two characters that only sound so
)

// hit scores a match.
func (x *Index) hit(g []glyph, m match, villages map[string]float64) Hit {
	p := x.places[m.place]
	score := weightQuality*m.quality + weightLength*float64(min(6, m.to-m.from))/6
	if m.away {
		score -= lossAway
	}
	if m.to-m.from == 2 && m.worst > 0 {
		score -= lossSound
	}
	if p.Kind != geo.KindVillage {
		score += weightSpot
		home, named := villages[p.Village]
		switch {
		case named:
			score += weightHome * home
		case len(villages) > 0 && p.Village != "":
			score -= lossStrange
		case p.Kind == geo.KindGroup || p.Kind == geo.KindPole:
			score -= lossCommon
		}
	}
	h := Hit{
		Place: p, Start: g[m.from].from, End: g[m.to-1].to, Score: math.Round(max(0, min(1, score))*1000) / 1000,
		Point: p.Point, Uncertainty: math.Hypot(cmp.Or(p.Radius, p.Kind.Usual()), m.extra),
	}
	switch {
	case m.worst > costSound:
		h.Why = ByDialect
	case m.worst > 0:
		h.Why = BySound
	case m.spelling.alias:
		h.Why = ByAlias
	default:
		h.Why = ByName
	}
	x.rough(&h)
	return h
}

// rough gives a place that nobody has put anywhere its village's point.
func (x *Index) rough(h *Hit) {
	if v, ok := x.villages[h.Place.Village]; ok && h.Point.Zero() {
		h.Point, h.Rough = x.places[v].Point, true
		h.Uncertainty = max(h.Uncertainty, geo.KindVillage.Usual())
	}
}

// Search returns places for what somebody types: words of the name or of an alias, pinyin initials, full pinyin or a mix, several words parted by blanks; when that
// finds nothing, names that sound like it. At most limit (0: all), villages first among equals.
func (x *Index) Search(query string, limit int) []Hit {
	query = strings.TrimSpace(query)
	if query == "" {
		return nil
	}
	letters := !strings.ContainsFunc(query, func(r rune) bool { return r > 0x7F })
	var out []Hit
	for _, p := range x.places {
		h := Hit{Place: p, Point: p.Point, Uncertainty: cmp.Or(p.Radius, p.Kind.Usual()), Why: ByWords}
		for _, name := range append([]string{p.Name, p.Village + p.Name}, p.Aliases...) {
			spans, ok := board.Match(query, name)
			if !ok || len(spans) == 0 {
				continue
			}
			covered := 0
			for _, s := range spans {
				covered += s[1] - s[0]
			}
			score := 0.5 + 0.5*float64(min(covered, len([]rune(name))))/float64(len([]rune(name)))
			if spans[0][0] > 0 {
				score -= 0.15
			}
			if score > h.Score {
				h.Score = math.Round(score*1000) / 1000
			}
		}
		if h.Score == 0 {
			continue
		}
		if letters {
			h.Why = ByPinyin
		}
		x.rough(&h)
		out = append(out, h)
	}
	if len(out) == 0 {
		out = x.Find(query)
	}
	slices.SortStableFunc(out, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out
}
