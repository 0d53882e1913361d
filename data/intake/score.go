package intake

import (
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"

	"zw110/data/incident"
)

// Draft is what likeness is judged by: a report being typed, a row of a file or an incident of the board.
type Draft struct {
	Channel  incident.Channel
	SourceNo string
	Phone    string
	Category string // code
	Dispute  bool   // the category is a dispute between people
	Village  string
	Place    string
	Lng, Lat float64 // degrees of one and the same system for all drafts; both zero means no point
	At       incident.Stamp
	Title    string
	Content  string
	// Words is WordsOf this draft, for one that is scored more than once; nil has it worked out each time.
	Words *Words
}

// The weights of likeness, out of 100. DOMAIN 5.2's start (phone 40, sub-category 20, place 25, time 15, text 20 at an overlap of one half)
// left pairs told by different people at 60; here the text counts by degrees and up to TextMost, and sharing no more than a village
// counts little. AskScore is where a person is asked; nothing is ever merged by itself.
const (
	WeightPhone     = 40
	WeightCategory  = 20
	WeightMajor     = 6  // another sub-category of the same group
	WeightPlace     = 25 // within NearMetres or the same address
	WeightVillage   = 8  // only the village is the same
	WeightTime      = 15 // within 72 hours
	WeightWeek      = 10 // disputes: within 7 days
	TextMost        = 40
	WeightElsewhere = -10 // the villages are known and differ
	NearMetres      = 200
	AskScore        = 70
)

// The reasons of likeness, catalogue keys.
const (
	ReasonNumber   = "dup.number"   // the same number of the same channel
	ReasonQuoted   = "dup.quoted"   // one quotes the other's number
	ReasonPhone    = "dup.phone"    // the same telephone number
	ReasonCategory = "dup.category" // the same sub-category
	ReasonPlace    = "dup.place"    // within 200 m or the same address
	ReasonVillage  = "dup.village"  // the same village
	ReasonTime     = "dup.time"     // within 72 hours, disputes 7 days
	ReasonText     = "dup.text"     // told in like words
)

// Score rates how likely two drafts tell of the same matter, 0 to 100, with its reasons. It allocates nothing but the reasons and takes
// some microseconds, a tenth of that when both have their Words.
func (r *Reader) Score(a, b Draft) (score int, reasons []string) {
	if a.Words == nil || b.Words == nil {
		return r.readAndScore(&a, &b)
	}
	return r.score(&a, &b, a.Words, b.Words)
}

// readAndScore stands apart so that drafts with their Words need no room for them.
func (r *Reader) readAndScore(a, b *Draft) (score int, reasons []string) {
	var ownA, ownB Words
	wordsA, wordsB := a.Words, b.Words
	if wordsA == nil {
		ownA.read(a)
		wordsA = &ownA
	}
	if wordsB == nil {
		ownB.read(b)
		wordsB = &ownB
	}
	return r.score(a, b, wordsA, wordsB)
}

func (r *Reader) score(a, b *Draft, ofA, ofB *Words) (score int, reasons []string) {
	if a.SourceNo != "" && a.SourceNo == b.SourceNo && a.Channel == b.Channel {
		return 100, []string{ReasonNumber}
	}
	if quotes(a, ofA, b, ofB) || quotes(b, ofB, a, ofA) {
		return 100, []string{ReasonQuoted}
	}
	var found [5]string
	n := 0
	add := func(points int, reason string) {
		score += points
		if points > 0 {
			found[n] = reason
			n++
		}
	}
	if samePhone(a, ofA, b, ofB) {
		add(WeightPhone, ReasonPhone)
	}
	add(categoryPoints(a.Category, b.Category), ReasonCategory)
	place, reason := placePoints(a, b)
	add(place, reason)
	add(timePoints(a, b), ReasonTime)
	add(r.words.textPoints(ofA, ofB), ReasonText)
	if n == 0 {
		return max(min(score, 100), 0), nil
	}
	return max(min(score, 100), 0), slices.Clone(found[:n])
}

// DraftOf makes a draft of a report. Points are kept as given; give both drafts of a pair in one system.
func (r *Reader) DraftOf(f *incident.Fields) Draft {
	d := Draft{
		Channel: f.Channel, SourceNo: f.SourceNo, Category: f.Category, Village: f.Village, Title: f.Title, Content: f.Content,
		Dispute: strings.HasPrefix(f.Category, "01"),
	}
	for _, at := range []incident.Stamp{f.HappenedAt, f.PushedAt, f.ReceivedAt} {
		if at != 0 {
			d.At = at
			break
		}
	}
	if f.Reporter != nil {
		d.Phone = f.Reporter.Phone
	}
	if f.Place != nil {
		d.Place, d.Lng, d.Lat = f.Place.Text, f.Place.Lng, f.Place.Lat
	}
	return d
}

// quotes reports whether a's text holds b's number.
func quotes(a *Draft, ofA *Words, b *Draft, ofB *Words) bool {
	if len(b.SourceNo) < 8 || ofB.plainNo && ofA.letters < len(b.SourceNo) {
		return false
	}
	return strings.Contains(a.Content, b.SourceNo) || strings.Contains(a.Title, b.SourceNo)
}

// samePhone compares the last eleven digits; a number that stands in the other's text counts as well.
func samePhone(a *Draft, ofA *Words, b *Draft, ofB *Words) bool {
	p, q := ofA.phone, ofB.phone
	if len(p) >= 7 && p == q {
		return true
	}
	return len(p) == 11 && ofB.letters >= 11 && strings.Contains(b.Content, p) ||
		len(q) == 11 && ofA.letters >= 11 && strings.Contains(a.Content, q)
}

func tail(phone string) string {
	for i := range len(phone) {
		if c := phone[i]; c < '0' || c > '9' {
			phone = strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return r
				}
				return -1
			}, phone)
			break
		}
	}
	return phone[max(0, len(phone)-11):]
}

func categoryPoints(a, b string) int {
	switch {
	case a == "" || b == "" || a == otherCategory:
		return 0
	case a == b:
		return WeightCategory
	case len(a) == 4 && len(b) == 4 && a[:2] == b[:2]:
		return WeightMajor
	}
	return 0
}

func placePoints(a, b *Draft) (int, string) {
	if a.hasPoint() && b.hasPoint() && metres(a, b) <= NearMetres {
		return WeightPlace, ReasonPlace
	}
	if a.Place != "" && a.Place == b.Place && len(a.Place) > len(a.Village)+9 {
		return WeightPlace, ReasonPlace
	}
	if a.Village != "" && a.Village == b.Village {
		return WeightVillage, ReasonVillage
	}
	if a.Village != "" && b.Village != "" {
		return WeightElsewhere, ""
	}
	return 0, ""
}

func (d *Draft) hasPoint() bool { return d.Lng != 0 || d.Lat != 0 }

// metres returns the distance of two near points.
func metres(a, b *Draft) float64 {
	const degree = 111_195
	x := (b.Lng - a.Lng) * math.Cos((a.Lat+b.Lat)/2*math.Pi/180)
	return math.Hypot(x, b.Lat-a.Lat) * degree
}

func timePoints(a, b *Draft) int {
	if a.At == 0 || b.At == 0 {
		return 0
	}
	switch apart := abs(a.At.Sub(b.At)); {
	case apart <= 72*time.Hour:
		return WeightTime
	case apart <= 7*24*time.Hour && a.Dispute && b.Dispute:
		return WeightWeek
	}
	return 0
}

// grams is the set of a text's pairs of characters, by hash.
type grams [gramBits / 64]uint64

const gramBits = 4096

// textFull is the share of common pairs that counts in full, textLeast the number of common pairs below which chance is as likely.
const (
	textFull  = 0.38
	textLeast = 3
)

func (g *grams) add(text string) {
	var before rune
	for _, r := range text {
		if r < 0x4E00 || r > 0x9FFF {
			if r = foldRune(r); !wordRune(r) {
				before = 0
				continue
			}
		}
		if before != 0 {
			h := (uint32(before)*0x9E3779B1 ^ uint32(r)*0x85EBCA6B) * 0xC2B2AE35
			h >>= 20
			g[h/64] |= 1 << (h % 64)
		}
		before = r
	}
}

func wordRune(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= '0' && r <= '9' || r >= 'a' && r <= 'z'
}

// Words is what a score needs of a draft's words.
type Words struct {
	pairs   grams // of title and content
	village grams
	phone   string // its last eleven digits
	letters int    // the longest run of ASCII letters and digits in title and content, in bytes
	plainNo bool   // the channel's number is one such run
}

// WordsOf works out a draft's Words.
func WordsOf(d *Draft) *Words {
	w := &Words{}
	w.read(d)
	return w
}

func (w *Words) read(d *Draft) {
	w.pairs.add(d.Title)
	w.pairs.add(d.Content)
	w.village.add(d.Village)
	w.phone = tail(d.Phone)
	w.letters = max(longestRun(d.Title), longestRun(d.Content))
	w.plainNo = longestRun(d.SourceNo) == len(d.SourceNo)
}

// longestRun returns the length of the longest run of ASCII letters and digits.
func longestRun(text string) (most int) {
	run := 0
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' {
			run++
			most = max(most, run)
		} else {
			run = 0
		}
	}
	return most
}

// overlap returns the share of the smaller text's pairs that the other has too, without those of stock phrases and villages.
func (v *vocabulary) overlap(a, b *Words) (share float64, pairs int) {
	ofA, ofB := 0, 0
	for i, stock := range v.stock {
		told := ^(stock | a.village[i] | b.village[i])
		x, y := a.pairs[i]&told, b.pairs[i]&told
		ofA += bits.OnesCount64(x)
		ofB += bits.OnesCount64(y)
		pairs += bits.OnesCount64(x & y)
	}
	least := min(ofA, ofB)
	if least == 0 {
		return 0, 0
	}
	return float64(pairs) / float64(max(least, 12)), pairs
}

func (v *vocabulary) textPoints(a, b *Words) int {
	share, pairs := v.overlap(a, b)
	if pairs < textLeast {
		return 0
	}
	return int(math.Round(min(share/textFull, 1) * TextMost))
}
