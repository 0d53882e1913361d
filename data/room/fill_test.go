package room

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"zw110/data/incident"
)

func TestSave_WaitsWhileTheFeedPoursIn(t *testing.T) {
	from, to := newSeat(t, 1), newSeat(t, 2)
	from.must(t, report("op1", "1"))
	change := func(n int) {
		for i := range n {
			var id incident.IncidentID
			binary.BigEndian.PutUint64(id[:], uint64(i+1))
			to.unsaved.add(id)
		}
	}
	change(saveFrom)
	give(t, from, to, rand.New(rand.NewPCG(1, 1)))
	if to.worthSaving() {
		t.Error("states are cached while the county sends")
	}
	if !to.worthSaving() {
		t.Error("states are not cached once it has stopped")
	}
	change(saveMost)
	if to.poured.Store(true); !to.worthSaving() {
		t.Error("states are never cached while the county sends")
	}
	to.unsaved.take() // they are no incidents of this store
}
