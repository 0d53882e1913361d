package board

import (
	"runtime"
	"testing"

	"zw110/data/bounds"
	"zw110/data/incident"
)

// TestBoard_Costs holds what comes out the same on every machine: allocations and bytes of what happens with every key and every change.
func TestBoard_Costs(t *testing.T) {
	town := newTown(8)
	inputs := town.years(20_000, 300)
	board := newTestBoard()
	board.Apply(inputs, genNow)
	for board.indexSome() {
	}
	for _, f := range eightViews() {
		board.Snapshot(f)
	}
	draft := board.DraftOf(incident.IncidentID{}, inputs[len(inputs)-50].State.Fields)
	open, now := 0, genNow
	for _, c := range []struct {
		name  string
		most  bounds.Cost
		times int
		act   func()
	}{
		{"search of 3 characters, 50 hits", bounds.Cost{Allocs: 16, Bytes: 40_000}, 100, func() { board.Search("农民工", 50) }},
		{"search of 2 initials, 50 hits", bounds.Cost{Allocs: 18, Bytes: 40_000}, 100, func() { board.Search("nm", 50) }},
		{"a snapshot and 40 rows", bounds.Cost{Allocs: 50, Bytes: 8_000}, 100, func() {
			s := board.Snapshot(Filter{Ended: true})
			for i := range 40 {
				s.Row(5000 + i)
			}
		}},
		{"one change in 8 views and a snapshot of each", bounds.Cost{Allocs: 190, Bytes: 35_000}, 100, func() {
			in := inputs[len(inputs)-1-open%300]
			in.State.Status = genStatuses[open%10]
			open++
			board.Apply([]Input{in}, genNow)
			for _, f := range eightViews() {
				board.Snapshot(f)
			}
		}},
		{"near-duplicates of a report", bounds.Cost{Allocs: 190, Bytes: 35_000}, 100, func() { board.Likely(draft) }},
		{"a tick with nothing due", bounds.Cost{Allocs: 1, Bytes: 64}, 100, func() {
			now++
			board.Tick(now)
		}},
	} {
		got := bounds.CostOf(c.times, c.act)
		if got.Allocs > c.most.Allocs || got.Bytes > c.most.Bytes {
			t.Errorf("%s: %.0f allocations of %.0f bytes, at most %.0f of %.0f", c.name, got.Allocs, got.Bytes, c.most.Allocs, c.most.Bytes)
		}
	}
}

// TestBoard_LiveBytes holds the memory of one incident with its share of the index. Of 20,000 each bears 60 bytes of what the index needs
// empty; 100,000 fit into 60 MB.
func TestBoard_LiveBytes(t *testing.T) {
	inputs := newTown(9).years(20_000, 300)
	before := liveHeap()
	board := newTestBoard()
	board.Apply(inputs, genNow)
	for board.indexSome() {
	}
	each := (liveHeap() - before) / uint64(len(inputs))
	if each > 660 {
		t.Errorf("an incident takes %d bytes of the board, at most 660", each)
	}
	runtime.KeepAlive(board)
	runtime.KeepAlive(inputs)
}
