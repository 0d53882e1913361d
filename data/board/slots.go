package board

import (
	"hash/maphash"

	"zw110/data/incident"
)

// slotTable finds the slot of an incident. The IDs stand in the records, so a place costs four bytes; a map would take six times that.
type slotTable struct {
	seed   maphash.Seed
	places []uint32 // slot + 1, zero when free; a power of two of them, at most two thirds taken
	taken  int
}

func newSlotTable() slotTable {
	return slotTable{seed: maphash.MakeSeed(), places: make([]uint32, 64)}
}

// find returns the slot of an incident.
func (t *slotTable) find(id incident.IncidentID, slots []*record) (slot uint32, ok bool) {
	place := t.place(id, slots)
	if t.places[place] == 0 {
		return 0, false
	}
	return t.places[place] - 1, true
}

// place returns where an incident stands, or the free place where it would.
func (t *slotTable) place(id incident.IncidentID, slots []*record) int {
	last := len(t.places) - 1
	i := int(maphash.Bytes(t.seed, id[:])) & last
	for t.places[i] != 0 && slots[t.places[i]-1].id != id {
		i = (i + 1) & last
	}
	return i
}

// add takes up a slot whose incident is not in the table yet.
func (t *slotTable) add(slot uint32, slots []*record) {
	if 3*(t.taken+1) > 2*len(t.places) {
		old := t.places
		t.places = make([]uint32, 2*len(old))
		for _, taken := range old {
			if taken != 0 {
				t.places[t.place(slots[taken-1].id, slots)] = taken
			}
		}
	}
	t.places[t.place(slots[slot].id, slots)] = slot + 1
	t.taken++
}
