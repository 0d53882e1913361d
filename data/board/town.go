package board

import (
	"slices"

	"zw110/data/incident"
)

// CountersOf returns the figures of the top bar for what fits a filter, such as one township of a county; its words are not asked.
// Ended incidents count as they do in Counters.
func (b *Board) CountersOf(f Filter, now incident.Stamp) Counters {
	f.Words, f.Ended, f.OnlyEnded = "", true, false
	b.mu.Lock()
	defer b.mu.Unlock()
	v := b.view(f)
	sizes := v.sizes
	c := Counters{
		Unanswered: sizes[Unanswered], ToDispatch: sizes[ToDispatch], DueSoon: sizes[DueSoon], Overdue: sizes[Overdue],
		InHand: sizes[InHand] + sizes[DueSoon] + sizes[Overdue],
	}
	c.Open = c.Unanswered + c.ToDispatch + c.InHand
	today := dayOf(now)
	from, _ := slices.BinarySearchFunc(b.byTime, today, func(slot uint32, day int64) int { return int(dayOf(b.slots[slot].received) - day) })
	for _, slot := range b.byTime[from:] {
		r := b.slots[slot]
		if dayOf(r.received) != today {
			break
		}
		if !b.ofDay(r) || !v.match(r) {
			continue
		}
		c.ReceivedToday++
		if r.handled != 0 && dayOf(r.handled) == today {
			c.DoneToday++
		}
	}
	return c
}

// SearchIn is Search among what fits a filter; its words are not asked.
func (b *Board) SearchIn(f Filter, words string, limit int) []Hit {
	f.Words, f.Ended = "", true
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.compile(words)
	if len(q.words) == 0 {
		return nil
	}
	fits, n := b.matcher(f), b.tables.now()
	var hits []Hit
	b.each(q, func(r *record) bool {
		if !fits(r) {
			return true
		}
		if why, span, ok := q.match(r, &n); ok {
			hits = append(hits, Hit{Row: n.row(r), Why: why, Span: span})
		}
		return limit <= 0 || len(hits) < limit
	})
	return hits
}
