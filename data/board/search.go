package board

import (
	"context"
	"slices"
)

// The places in which a word was found, as Hit.Why says them.
const (
	WhyNo      = "no"
	WhySource  = "source_no"
	WhyTitle   = "title"
	WhyPlace   = "place"
	WhyContent = "content"
	WhyPhone   = "phone"
	WhyVillage = "village"
	WhyUnit    = "unit"
)

var whys = [sections]string{secNo: WhyNo, secSource: WhySource, secTitle: WhyTitle, secPlace: WhyPlace, secContent: WhyContent, secPhone: WhyPhone}

// query is a search made ready.
type query struct {
	words []queryWord
}

// queryWord is one word of a query; every word must stand somewhere.
type queryWord struct {
	text     []uint16
	plain    string            // its bytes, when no folding touches them
	letters  string            // the word again when it may be pinyin
	phone    bool              // digits enough to be looked for in telephone numbers
	villages map[symbol][2]int // names in which it stands, and where
	units    map[symbol][2]int
	cos      map[symbol]bool // sets of co-handlers already looked at
}

// compile makes a query ready. An empty one has no words.
func (b *Board) compile(words string) *query {
	q := &query{}
	for _, text := range splitWords(words) {
		w := queryWord{text: text, plain: plainBytes(text)}
		s := lettersOf(text)
		if isLetters(text) {
			w.letters = s
		}
		w.phone = len(text) >= minPhone && isDigits(s) && !slices.ContainsFunc(text, func(u uint16) bool { return u > '9' })
		w.villages = b.tables.village.with(text)
		w.units = b.tables.unit.with(text)
		q.words = append(q.words, w)
	}
	return q
}

// with returns the names in which a word stands, as characters or as pinyin, and where; nil when in none.
func (t *table) with(word []uint16) (found map[symbol][2]int) {
	for i, p := range t.packed[1:] {
		_, to := p.section(0)
		if start, end := p.locate(word, 0, to); start >= 0 {
			if found == nil {
				found = map[symbol][2]int{}
			}
			found[symbol(i+1)] = [2]int{p.runes(0, start), p.runes(0, end)}
		}
	}
	return found
}

// match tells whether every word stands in the record, and where the first one does.
func (q *query) match(r *record, n *names) (why string, span [2]int, ok bool) {
	for i := range q.words {
		w, s, found := q.words[i].match(r, n)
		if !found {
			return "", span, false
		}
		if i == 0 {
			why, span = w, s
		}
	}
	return why, span, true
}

func (w *queryWord) match(r *record, n *names) (why string, span [2]int, ok bool) {
	if why, span, ok = w.matchText(r); ok && why != WhyContent && why != WhyPhone {
		return why, span, true
	}
	if s, found := w.villages[r.village]; found {
		return WhyVillage, s, true
	}
	if s, found := w.units[r.lead]; found || w.inCo(r.cos, n) {
		return WhyUnit, s, true
	}
	if ok {
		return why, span, true
	}
	return w.matchSpoken(r)
}

// matchText looks for the characters of the word.
func (w *queryWord) matchText(r *record) (why string, span [2]int, ok bool) {
	var i int
	if w.plain != "" {
		i = r.text.findPlain(w.plain, 0)
	} else {
		i = r.text.find(w.text, 0)
	}
	if i < 0 {
		return "", span, false
	}
	sec, from := 0, 0
	for j := range i {
		if r.text.at(j) == 0 {
			sec, from = sec+1, j+1
		}
	}
	if sec == secPhone && !w.phone {
		return "", span, false
	}
	start := r.text.runes(from, i)
	return whys[sec], [2]int{start, start + r.text.runes(i, i+len(w.text))}, true
}

// matchSpoken looks for pinyin in title and place.
func (w *queryWord) matchSpoken(r *record) (why string, span [2]int, ok bool) {
	if w.letters == "" {
		return "", span, false
	}
	for _, sec := range [...]int{secTitle, secPlace} {
		from, to := r.text.section(sec)
		if start, end := spoken().find(w.letters, r.text.at, from, to); start >= 0 {
			return whys[sec], [2]int{r.text.runes(from, start), r.text.runes(from, end)}, true
		}
	}
	return "", span, false
}

// inCo tells whether the word stands in the name of one of the co-handlers.
func (w *queryWord) inCo(cos symbol, n *names) bool {
	if len(w.units) == 0 || cos == 0 {
		return false
	}
	found, seen := w.cos[cos]
	if !seen {
		for u := range w.units {
			found = found || slices.Contains(n.units(cos), n.unit[u])
		}
		if w.cos == nil {
			w.cos = map[symbol]bool{}
		}
		w.cos[cos] = found
	}
	return found
}

// blocks returns the blocks of indexed slots in which all words may stand; every is true when the index can't narrow.
func (b *Board) blocks(q *query) (all blocks, every bool) {
	every = true
	for i := range q.words {
		w := &q.words[i]
		set := b.index.candidates(w.text)
		if w.letters != "" {
			spoken, ok := b.index.spokenCandidates(w.letters)
			if !ok {
				continue
			}
			set = set.union(spoken)
		}
		for v := range w.villages {
			set = set.union(b.index.villages.get(int(v)).blocks())
		}
		for u := range w.units {
			set = set.union(b.index.units.get(int(u)).blocks())
		}
		if every {
			all, every = set, false
		} else {
			all = all.intersect(set)
		}
	}
	return all, every
}

// each visits the records that may fit, the latest registered first, until visit says stop. Texts that are not indexed yet are all
// visited, so that a search is always right.
func (b *Board) each(q *query, visit func(*record) bool) {
	down := func(from, to int) bool {
		for i := to - 1; i >= from; i-- {
			if !visit(b.slots[i]) {
				return false
			}
		}
		return true
	}
	found, every := b.blocks(q)
	if every {
		down(0, len(b.slots))
		return
	}
	if !down(b.index.done, len(b.slots)) {
		return
	}
	found.descend(func(block int) bool {
		from, to := block<<fine, (block+1)<<fine
		if block == lastBlock {
			to = b.index.done
		}
		return down(from, min(to, b.index.done))
	})
}

// Search returns the incidents, open and ended, in which every word stands: in number, source number, title, place, content, village
// or unit as characters; in title, place, village or unit also as pinyin (initials, full or mixed); in the telephone number when it
// has at least four digits. Latest registered first, at most limit (0: all).
func (b *Board) Search(words string, limit int) []Hit {
	b.mu.RLock()
	defer b.mu.RUnlock()
	q := b.compile(words)
	if len(q.words) == 0 {
		return nil
	}
	n := b.tables.now()
	var room [64]hit // most searches want no more, and rows are large
	hits := room[:0]
	b.each(q, func(r *record) bool {
		if why, span, ok := q.match(r, &n); ok {
			hits = append(hits, hit{r, why, span})
		}
		return limit <= 0 || len(hits) < limit
	})
	out := make([]Hit, len(hits))
	heads := heads{rows: len(hits)}
	for i, h := range hits {
		out[i].Why, out[i].Span = h.why, h.span
		n.fill(&out[i].Row, h.record, &heads)
	}
	return out
}

// hit is a record found, before its row is made.
type hit struct {
	*record
	why  string
	span [2]int
}

// searchView makes a view of a filter with words; it is not kept. When many records may fit, those of the filter are gone through in their
// order; when few, they are put in order.
func (b *Board) searchView(f Filter, words string) *view {
	all := b.view(f)
	q := b.compile(words)
	if len(q.words) == 0 {
		return all
	}
	n := b.tables.now()
	v := &view{rows: newTree()}
	fits := func(r *record) bool {
		_, _, ok := q.match(r, &n)
		return ok
	}
	found, every := b.blocks(q)
	if !every && found.count()<<fine < all.rows.Len()/8 {
		v.match = func(r *record) bool { return all.match(r) && fits(r) }
		b.each(q, func(r *record) bool {
			v.add(b.inQueue(r))
			return true
		})
		return v
	}
	v.match = fits
	all.rows.Scan(func(it item) bool {
		if slot := int(it.slot); every || slot >= b.index.done || found.has(min(slot>>fine, lastBlock)) {
			v.append(it)
		}
		return true
	})
	return v
}

// Indexed returns how many incidents the search index holds, and how many there are. The others are searched too, only slower.
func (b *Board) Indexed() (done, total int) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.index.done, len(b.slots)
}

// nudge tells Index that there is work.
func (b *Board) nudge() {
	if b.index.done < len(b.slots) {
		select {
		case b.indexWork <- struct{}{}:
		default: // it knows already
		}
	}
}

// Index keeps the search index up with the board until the context ends. The owner of the board runs it in a goroutine; one at a time.
func (b *Board) Index(ctx context.Context) error {
	for {
		for b.indexSome() {
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-b.indexWork:
		}
	}
}

const (
	indexStep = 64   // incidents indexed under one hold of the lock
	trimAfter = 5000 // incidents indexed since the last trim
)

// indexSome indexes the next few incidents and reports whether there may be more.
func (b *Board) indexSome() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.index
	end := min(x.done+indexStep, len(b.slots))
	for ; x.done < end; x.done++ {
		x.add(b.slots[x.done], &b.tables)
	}
	if end < len(b.slots) {
		return true
	}
	if x.done-x.trimmed >= trimAfter {
		x.trim()
	}
	return false
}

// IndexSize returns the bytes of the search index.
func (b *Board) IndexSize() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.index.size()
}
