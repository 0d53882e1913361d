package room

import (
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"zw110/data/bounds"
	"zw110/data/incident"
)

// transaction reads the number of the last commit from the two meta pages (docs/format.md, section 5; bbolt's layout).
func transaction(t *testing.T, d *desk) uint64 {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(d.cfg.Dir, "zw110.db"))
	if err != nil {
		t.Fatal(err)
	}
	const page, at = 4096, 16 + 48
	return max(binary.LittleEndian.Uint64(raw[at:]), binary.LittleEndian.Uint64(raw[page+at:]))
}

// TestDo_Costs holds what one act costs from decision to board, wherever it runs. Times are for `make bench`.
func TestDo_Costs(t *testing.T) {
	d := newDesk(t, true)
	ids := slices.Collect(maps.Values(runMonth(t, d, months+"acts-2026-07.jsonl")))
	const acts = 150
	n := 0
	act := func() {
		n++
		d.must(t, on("op1", incident.Note, ids[n%len(ids)], incident.Fields{Text: "已电话联系，正在赶往现场"}))
	}
	act()
	before := transaction(t, d)
	cost := bounds.CostOf(acts-1, act) // and one to warm up
	bounds.AtMost(t, "an act, transactions", "", 1, float64(transaction(t, d)-before)/acts)
	bounds.AtMost(t, "an act, allocations", "", 220, cost.Allocs)
	bounds.AtMost(t, "an act, allocated", "kB", 75, cost.Bytes/1e3)
}
