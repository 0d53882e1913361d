package board

import (
	"strings"
	"unicode/utf8"

	"zw110/data/incident"
)

// record is one incident as the board keeps it: small, immutable once published, so that a snapshot may hold on to it. A change
// makes a new record. Names are symbols of the board's tables.
type record struct {
	id       incident.IncidentID
	text     packed
	clock    *incident.Clock // nil when none runs; Light is in light
	received incident.Stamp
	handled  incident.Stamp
	ended    incident.Stamp // closed, or left the queue otherwise
	settle   incident.Stamp
	lng, lat float32 // degrees; both zero means no point
	slot     uint32
	town     incident.ScopeID
	village  symbol
	lead     symbol
	category symbol
	cos      symbol // the set of co-handlers as one name, joined by coSep
	by       symbol // registrar
	last     symbol // who acted last

	channel, urgency, status, stage   symbol8
	group                             uint8
	light                             uint8
	supervised, conflicts, duplicates uint8
	risk, reopened, coCount           uint8
	flags                             uint8
}

// The flags of a record.
const (
	flagSuggested = 1 << iota
	flagDispute
	flagToSettle
	flagLoud
	flagAppeal // contests a figure of the assessment: in hand like any other, counted in no figure of a day
)

// The sections of a record's packed text, in order. The phone is last: only words of at least minPhone digits may match it.
const (
	secNo = iota
	secSource
	secTitle
	secPlace
	secContent
	secPhone
	sections
)

// maxText bounds what one section keeps, in UTF-16 units; longer texts are searched up to there.
const maxText = 8000

// minPhone is how many digits a word needs before it is looked for in telephone numbers.
const minPhone = 4

const coSep = "\x1f"

// due returns when the shown clock ends, or the far future.
func (r *record) due() incident.Stamp {
	if r.clock == nil || r.clock.Due == 0 {
		return 1<<63 - 1
	}
	return r.clock.Due
}

// packed is text in UTF-16, little endian, two bytes a unit: two thirds of UTF-8 for Chinese, and positions are runes but for the
// rare surrogate pair. Sections are ended by a zero unit.
type packed string

// pack joins the sections.
func pack(parts [sections]string) packed {
	n := sections
	for _, p := range parts {
		n += utf8.RuneCountInString(p)
	}
	b := make([]byte, 0, 2*n)
	for _, p := range parts {
		start := len(b)
		for _, r := range p {
			if len(b)-start >= 2*maxText {
				break
			}
			b = appendRune(b, r)
		}
		b = append(b, 0, 0)
	}
	return packed(b)
}

func appendRune(b []byte, r rune) []byte {
	switch {
	case r == 0:
		r = ' '
	case r > 0xFFFF:
		r -= 0x10000
		hi, lo := 0xD800+(r>>10), 0xDC00+(r&0x3FF)
		return append(b, byte(hi), byte(hi>>8), byte(lo), byte(lo>>8))
	}
	return append(b, byte(r), byte(r>>8))
}

func (p packed) units() int { return len(p) / 2 }

func (p packed) at(i int) uint16 { return uint16(p[2*i]) | uint16(p[2*i+1])<<8 }

// section returns the bounds of a section in units.
func (p packed) section(n int) (from, to int) {
	for i := 0; i < p.units(); i++ {
		if p.at(i) != 0 {
			continue
		}
		if n == 0 {
			return from, i
		}
		n, from = n-1, i+1
	}
	return from, from
}

// string decodes units [from, to).
func (p packed) string(from, to int) string {
	var b strings.Builder
	b.Grow(3 * (to - from))
	for i := from; i < to; i++ {
		u := rune(p.at(i))
		if u >= 0xD800 && u < 0xDC00 && i+1 < to {
			i++
			u = 0x10000 + (u-0xD800)<<10 + rune(p.at(i)) - 0xDC00
		}
		b.WriteRune(u)
	}
	return b.String()
}

// heads keeps the decoded heads of one page together: one piece of memory instead of one for each row.
type heads struct {
	b    strings.Builder
	rows int // how many are still to come
}

// headBytes is what most heads fit into.
const headBytes = 112

// add takes up a head and returns it as a string.
func (h *heads) add(head []byte) string {
	if h.b.Cap()-h.b.Len() < len(head) {
		h.b = strings.Builder{}
		h.b.Grow(max(len(head), h.rows*headBytes))
	}
	h.rows--
	from := h.b.Len()
	h.b.Write(head)
	return h.b.String()[from:]
}

// head decodes number, source number and title, the first three sections, into one piece of memory.
func (p packed) head(in *heads) (no, source, title string) {
	var room [192]byte
	b := room[:0]
	var ends [3]int
	n := 0
	for i := 0; n < len(ends) && i < p.units(); i++ {
		u := rune(p.at(i))
		switch {
		case u == 0:
			ends[n] = len(b)
			n++
			continue
		case u < utf8.RuneSelf:
			b = append(b, byte(u))
			continue
		case u >= 0xD800 && u < 0xDC00:
			i++
			u = 0x10000 + (u-0xD800)<<10 + rune(p.at(i)) - 0xDC00
		}
		b = utf8.AppendRune(b, u)
	}
	all := in.add(b)
	return all[:ends[0]], all[ends[0]:ends[1]], all[ends[1]:ends[2]]
}

func (p packed) text(section int) string { return p.string(p.section(section)) }

// runes returns how many runes stand in units [from, to).
func (p packed) runes(from, to int) int {
	n := to - from
	for i := from; i < to; i++ {
		if u := p.at(i); u >= 0xDC00 && u < 0xE000 {
			n--
		}
	}
	return n
}

// find returns where the folded word first stands at or after unit from, or -1.
func (p packed) find(word []uint16, from int) int {
	last, first := p.units()-len(word), word[0]
outer:
	for i := from; i <= last; i++ {
		if u := p.at(i); u != first && (u >= 0x80 && u < 0xFF01 || foldUnit(u) != first) {
			continue // most are Chinese, which fold to themselves; a word has no wide space
		}
		for j := 1; j < len(word); j++ {
			if foldUnit(p.at(i+j)) != word[j] {
				continue outer
			}
		}
		return i
	}
	return -1
}

// findPlain looks for bytes at even places.
func (p packed) findPlain(word string, from int) int {
	for at := 2 * from; ; {
		i := strings.Index(string(p[at:]), word)
		if i < 0 {
			return -1
		}
		if at += i; at%2 == 0 {
			return at / 2
		}
		at++
	}
}

// plainBytes returns the bytes of a word that no folding touches, "" for one with letters, digits or signs of two widths.
func plainBytes(word []uint16) string {
	var b [2 * maxLetter]byte
	if len(word) > maxLetter {
		return ""
	}
	for i, u := range word {
		if u < 0x80 {
			return ""
		}
		b[2*i], b[2*i+1] = byte(u), byte(u>>8)
	}
	return string(b[:2*len(word)])
}

// foldUnit makes letters small and full-width forms narrow, so that typing in either width and case finds the same.
func foldUnit(u uint16) uint16 {
	switch {
	case u >= 0xFF01 && u <= 0xFF5E:
		u -= 0xFEE0
	case u == 0x3000:
		u = ' '
	}
	if u >= 'A' && u <= 'Z' {
		u += 'a' - 'A'
	}
	return u
}

// foldWord returns the folded units of a word.
func foldWord(word string) []uint16 {
	p := pack([sections]string{word})
	_, to := p.section(0)
	out := make([]uint16, to)
	for i := range out {
		out[i] = foldUnit(p.at(i))
	}
	return out
}

// symbol stands for a name in a table of the board.
type symbol uint32

// symbol8 stands for a value of a small closed set.
type symbol8 uint8

// table gives names numbers. It only grows, so a copy of names stays good while the table grows on. Symbol 0 is "".
type table struct {
	names  []string
	packed []packed // the same, ready to be searched
	index  map[string]symbol
}

func newTable() table {
	return table{names: []string{""}, packed: []packed{""}, index: map[string]symbol{"": 0}}
}

func (t *table) symbol(name string) symbol {
	if s, ok := t.index[name]; ok {
		return s
	}
	s := symbol(len(t.names))
	name = strings.Clone(name)
	t.names = append(t.names, name)
	t.packed = append(t.packed, pack([sections]string{name}))
	t.index[name] = s
	return s
}

// names are the tables of a board at one moment; records of that moment and before can be read with them.
type names struct {
	village, unit, category, login, small, cos []string
}

// tables are all tables of a board. small holds the values of closed sets (channel, urgency, status, stage, clock).
type tables struct {
	village, unit, category, login, small, cos table
}

func newTables() tables {
	return tables{newTable(), newTable(), newTable(), newTable(), newTable(), newTable()}
}

func (t *tables) now() names {
	return names{t.village.names, t.unit.names, t.category.names, t.login.names, t.small.names, t.cos.names}
}

// short returns the symbol of a value of a closed set. Values beyond 255 are no values of those sets; they read as empty.
func (t *tables) short(value string) symbol8 {
	if s, ok := t.small.index[value]; ok {
		return symbol8(s)
	}
	if len(t.small.names) > 255 {
		return 0
	}
	return symbol8(t.small.symbol(value))
}

// row unpacks a record.
func (n *names) row(r *record) (row Row) {
	n.fill(&row, r, &heads{rows: 1})
	return row
}

// fill unpacks a record into a row.
func (n *names) fill(row *Row, r *record, in *heads) {
	row.No, row.SourceNo, row.Title = r.text.head(in)
	row.ID, row.Town, row.ShortNo, row.Village = r.id, r.town, shortNo(row.No), n.village[r.village]
	row.Channel, row.Category = incident.Channel(n.small[r.channel]), n.category[r.category]
	row.Urgency, row.Status = incident.Urgency(n.small[r.urgency]), incident.Status(n.small[r.status])
	row.Stage, row.Group = Stage(n.small[r.stage]), Group(r.group)
	row.Lead, row.Suggested, row.CoCount = incident.UnitID(n.unit[r.lead]), r.flags&flagSuggested != 0, int(r.coCount)
	row.SettleDue, row.ReceivedAt, row.HandledAt, row.ClosedAt = r.settle, r.received, r.handled, r.ended
	row.Supervised, row.Conflicts, row.Duplicates = int(r.supervised), int(r.conflicts), int(r.duplicates)
	row.RiskWords, row.Reopened = int(r.risk), int(r.reopened)
	row.Lng, row.Lat = r.lng, r.lat
	row.ToSettle, row.Loud = r.flags&flagToSettle != 0, r.flags&flagLoud != 0
	if r.clock != nil {
		row.Clock = *r.clock
		row.Clock.Light = lights[r.light]
	}
}

// units returns the co-handlers of a record.
func (n *names) units(cos symbol) []string {
	if cos == 0 {
		return nil
	}
	return strings.Split(n.cos[cos], coSep)
}

// shortNo cuts the year off a full number.
func shortNo(no string) string {
	if len(no) > 5 && no[4] == '-' && isDigits(no[:4]) {
		return no[5:]
	}
	return no
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// small8 keeps a count in a byte; more than 255 of anything reads as 255.
func small8(n int) uint8 { return uint8(max(0, min(n, 255))) }
