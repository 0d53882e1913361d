package board

import (
	"cmp"
	"math"
	"slices"
	"time"

	"zw110/data/incident"
)

// Draft is what the score of likely duplicates may look at, of a report being typed or of an incident on the board.
type Draft struct {
	ID       incident.IncidentID // zero while there is none
	Channel  incident.Channel
	SourceNo string
	Phone    string // as typed; digits only for incidents on the board
	Category string
	Dispute  bool // a dispute between people
	Village  string
	Place    string
	Lng, Lat float64 // degrees; both zero means no point
	At       incident.Stamp
	Title    string
	Content  string
	Words    any // of Params.Words, for a draft that is scored more than once; else nil
}

// ScoreFunc rates how likely two reports tell of the same matter, 0 to 100, with its reasons as catalogue keys. It must be quick:
// it is called for each candidate while somebody types.
type ScoreFunc func(draft, known Draft) (score int, reasons []string)

const (
	likelyWithin  = 72 * time.Hour
	disputeWithin = 7 * 24 * time.Hour
	likelyNear    = 500 // metres
	likelyMost    = 256 // candidates that are scored, nearest in time first
	likelyShown   = 9
	// LikelyAsks is the score from which the desk asks whether to merge.
	LikelyAsks = 70
	likelyMin  = 40 // below it a candidate is not shown
)

// Likely returns the incidents that probably tell of the same matter as a draft, best first: those of the 72 hours around it (disputes:
// 7 days) in the same village, within 500 metres, with the same telephone number, or with no village known, and those that quote its number
// or that it quotes. Merged and void ones are left out, and the draft's own incident.
func (b *Board) Likely(d Draft) []Likely {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.likely(d, likelyMin, nil)
}

// DraftOf turns the fields of a report into a draft, with the point and the rules of this board.
func (b *Board) DraftOf(id incident.IncidentID, f incident.Fields) Draft {
	b.mu.RLock()
	defer b.mu.RUnlock()
	d := Draft{
		ID: id, Channel: f.Channel, SourceNo: f.SourceNo, Category: f.Category, Village: f.Village, At: f.ReceivedAt,
		Title: f.Title, Content: f.Content,
	}
	if f.Reporter != nil {
		d.Phone = f.Reporter.Phone
	}
	if f.Place != nil {
		d.Place = f.Place.Text
		lng, lat := b.point(*f.Place)
		d.Lng, d.Lat = float64(lng), float64(lat)
	}
	if c, ok := b.rules.Category(f.Category, f.ReceivedAt); ok {
		d.Dispute = c.Dispute
	}
	return d
}

// draftOf turns a record into a draft.
func (b *Board) draftOf(r *record) Draft {
	return Draft{
		ID: r.id, Channel: incident.Channel(b.tables.small.names[r.channel]), SourceNo: r.text.text(secSource),
		Phone: r.text.text(secPhone), Category: b.tables.category.names[r.category], Dispute: r.flags&flagDispute != 0,
		Village: b.tables.village.names[r.village], Place: r.text.text(secPlace), Lng: float64(r.lng), Lat: float64(r.lat),
		At: r.received, Title: r.text.text(secTitle), Content: r.text.text(secContent),
	}
}

// drafts keeps those of the records that were looked at, by slot.
type drafts map[uint32]Draft

// of returns a record's draft; nil drafts keep none.
func (known drafts) of(b *Board, r *record) Draft {
	if known == nil {
		return b.draftOf(r)
	}
	d, ok := known[r.slot]
	if !ok {
		d = b.withWords(b.draftOf(r))
		known[r.slot] = d
	}
	return d
}

func (b *Board) withWords(d Draft) Draft {
	if b.words != nil && d.Words == nil {
		d.Words = b.words(d)
	}
	return d
}

// likely scores the candidates; it needs the lock.
func (b *Board) likely(d Draft, least int, known drafts) []Likely {
	if b.score == nil {
		return nil
	}
	d = b.withWords(d)
	var out []Likely
	n := b.tables.now()
	for _, r := range b.candidates(d) {
		score, reasons := b.score(d, known.of(b, r))
		if score >= least {
			out = append(out, Likely{Row: n.row(r), Score: score, Reasons: reasons})
		}
	}
	slices.SortStableFunc(out, func(x, y Likely) int { return cmp.Compare(y.Score, x.Score) })
	return out[:min(len(out), likelyShown)]
}

// candidates returns the records worth scoring, each once: first those tied by a number, then the nearest in time.
func (b *Board) candidates(d Draft) []*record {
	var out []*record
	seen := map[uint32]bool{}
	take := func(r *record) {
		if r.id != d.ID && !seen[r.slot] && b.counts(r) && len(out) < likelyMost {
			seen[r.slot] = true
			out = append(out, r)
		}
	}
	b.tied(d, take)
	near := b.nearby(d)
	// Latest first, then what came after the draft's moment (a draft of an old incident).
	at := b.timeIndex(&record{received: d.At + 1})
	for i := at - 1; i >= 0 && len(out) < likelyMost; i-- {
		r := b.slots[b.byTime[i]]
		if d.At.Sub(r.received) > disputeWithin {
			break
		}
		if near(r) {
			take(r)
		}
	}
	for i := at; i < len(b.byTime) && len(out) < likelyMost; i++ {
		r := b.slots[b.byTime[i]]
		if r.received.Sub(d.At) > disputeWithin {
			break
		}
		if near(r) {
			take(r)
		}
	}
	return out
}

// counts tells whether a record can be the master or twin of a report.
func (b *Board) counts(r *record) bool {
	switch Stage(b.tables.small.names[r.stage]) {
	case StageMerged, StageVoid:
		return false
	}
	return true
}

// tied visits the records that quote the draft's number or whose number it quotes.
func (b *Board) tied(d Draft, visit func(*record)) {
	if own := foldWord(d.SourceNo); len(own) >= minNumber {
		for _, slot := range b.numbers.quotes[b.numbers.hash(own)] {
			visit(b.slots[slot])
		}
	}
	for _, text := range [...]string{d.Title, d.Content} {
		eachNumber(foldWord(text), func(number []uint16) {
			for _, slot := range b.numbers.bySource(number) {
				visit(b.slots[slot])
			}
		})
	}
}

// nearby returns the test for candidates by time, village, point and telephone number.
func (b *Board) nearby(d Draft) func(*record) bool {
	village := b.tables.village.index[d.Village]
	phone := foldWord(digitsOf(d.Phone))
	placed := d.Village != "" || d.Lng != 0 || d.Lat != 0
	return func(r *record) bool {
		if apart := d.At.Sub(r.received).Abs(); apart > likelyWithin &&
			(apart > disputeWithin || !d.Dispute && r.flags&flagDispute == 0) {
			return false
		}
		switch {
		case !placed || r.village == 0 && r.lng == 0 && r.lat == 0:
			return true
		case village != 0 && r.village == village:
			return true
		case (d.Lng != 0 || d.Lat != 0) && (r.lng != 0 || r.lat != 0) &&
			metres(d.Lng, d.Lat, float64(r.lng), float64(r.lat)) <= likelyNear:
			return true
		}
		return len(phone) >= minNumber-1 && r.samePhone(phone)
	}
}

// samePhone compares the last digits of telephone numbers, so that a country or area code makes no difference.
func (r *record) samePhone(phone []uint16) bool {
	end := r.text.units() - 1 // the telephone number is the last section: it is read from its end
	same := 0
	for same < len(phone) && end-same > 0 {
		u := r.text.at(end - same - 1)
		if u == 0 {
			break
		}
		if u != phone[len(phone)-same-1] {
			return false
		}
		same++
	}
	return same >= minNumber-1
}

// metres returns the distance of two near points.
func metres(lng1, lat1, lng2, lat2 float64) float64 {
	const degree = 111_195 // metres of a degree of latitude
	dx := (lng2 - lng1) * math.Cos((lat1+lat2)/2*math.Pi/180)
	return math.Hypot(dx, lat2-lat1) * degree
}

// countDuplicates notes how many likely duplicates the new records have, for those that nobody has dispatched yet.
func (b *Board) countDuplicates(fresh []*record) {
	if b.score == nil {
		return
	}
	var known drafts
	if len(fresh) > 1 { // a file's reports are much the same candidates to each other
		known = drafts{}
	}
	for _, r := range fresh {
		if g := Group(r.group); g != Unanswered && g != ToDispatch {
			continue
		}
		if n := small8(len(b.likely(known.of(b, r), LikelyAsks, known))); n > 0 {
			with := *r
			with.duplicates = n
			b.replace(r, &with)
		}
	}
}
