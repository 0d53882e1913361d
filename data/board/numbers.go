package board

import (
	"hash/maphash"
	"slices"

	"zw110/data/incident"
)

// numbers finds incidents by a channel's own number, and those whose text quotes a number. Numbers are kept as hashes; who looks one
// up compares the texts.
type numbers struct {
	seed    maphash.Seed
	sources map[uint32]uint32   // the latest slot
	more    map[uint32][]uint32 // earlier slots of numbers that came twice
	quotes  map[uint32][]uint32
}

func newNumbers() numbers {
	return numbers{maphash.MakeSeed(), map[uint32]uint32{}, map[uint32][]uint32{}, map[uint32][]uint32{}}
}

// hash folds case and width, so that a number is found however it was typed.
func (n *numbers) hash(units []uint16) uint32 {
	var h maphash.Hash
	h.SetSeed(n.seed)
	for _, u := range units {
		_, _ = h.Write([]byte{byte(u), byte(u >> 8)}) // never fails
	}
	return uint32(h.Sum64())
}

// add takes up a record's numbers. A slot stays listed under numbers it had once.
func (n *numbers) add(r *record) {
	if from, to := r.text.section(secSource); to > from {
		key := n.hash(foldUnits(r.text, from, to))
		was, known := n.sources[key]
		if known && was != r.slot && !slices.Contains(n.more[key], was) {
			n.more[key] = append(n.more[key], was)
		}
		n.sources[key] = r.slot
	}
	for _, sec := range [...]int{secTitle, secContent} {
		from, to := r.text.section(sec)
		eachNumber(foldUnits(r.text, from, to), func(number []uint16) {
			key := n.hash(number)
			if !slices.Contains(n.quotes[key], r.slot) {
				n.quotes[key] = append(n.quotes[key], r.slot)
			}
		})
	}
}

// bySource returns the slots that may have a source number, latest first.
func (n *numbers) bySource(number []uint16) []uint32 {
	key := n.hash(number)
	slot, ok := n.sources[key]
	if !ok {
		return nil
	}
	slots := append([]uint32{slot}, n.more[key]...)
	slices.SortFunc(slots, func(x, y uint32) int { return int(y) - int(x) })
	return slots
}

func foldUnits(p packed, from, to int) []uint16 {
	out := make([]uint16, 0, to-from)
	for i := from; i < to; i++ {
		out = append(out, foldUnit(p.at(i)))
	}
	return out
}

// The least a number in a text must have to be taken for one of another channel.
const (
	minNumber       = 8
	minNumberDigits = 6
	mobileLen       = 11
)

// eachNumber visits what looks like a number of a channel: letters, digits and hyphens in one run, digits enough, and no mobile
// telephone number.
func eachNumber(folded []uint16, visit func([]uint16)) {
	start, digits := -1, 0
	for i := 0; i <= len(folded); i++ {
		var u uint16
		if i < len(folded) {
			u = folded[i]
		}
		digit := u >= '0' && u <= '9'
		if digit || u >= 'a' && u <= 'z' || u == '-' && start >= 0 {
			if start < 0 {
				start, digits = i, 0
			}
			if digit {
				digits++
			}
			continue
		}
		if start >= 0 {
			run := folded[start:i]
			for len(run) > 0 && run[len(run)-1] == '-' {
				run = run[:len(run)-1]
			}
			mobile := len(run) == mobileLen && digits == mobileLen && run[0] == '1'
			if len(run) >= minNumber && digits >= minNumberDigits && !mobile {
				visit(run)
			}
		}
		start = -1
	}
}

// BySource returns the incident registered last under a channel's own number.
func (b *Board) BySource(channel incident.Channel, number string) (incident.IncidentID, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, slot := range b.numbers.bySource(foldWord(number)) {
		r := b.slots[slot]
		if b.tables.small.names[r.channel] == string(channel) && r.text.text(secSource) == number {
			return r.id, true
		}
	}
	return incident.IncidentID{}, false
}

// ByNo returns the incident with a full or short number; of several with one short number the one registered last.
func (b *Board) ByNo(no string) (incident.IncidentID, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var id incident.IncidentID
	found := false
	q := b.compile(no)
	if len(q.words) != 1 {
		return id, false
	}
	b.each(q, func(r *record) bool {
		full := r.text.text(secNo)
		if no == full || no == shortNo(full) {
			id, found = r.id, true
		}
		return !found
	})
	return id, found
}
