package trial

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// ills are what a network does to one desk. A desk has one at a time.
var ills = []string{
	`{"type":"latency","attributes":{"latency":300,"jitter":200}}`,
	`{"type":"latency","stream":"upstream","attributes":{"latency":800,"jitter":100}}`,
	`{"type":"slicer","attributes":{"average_size":60,"size_variation":30,"delay":500}}`,
	`{"type":"slicer","stream":"upstream","attributes":{"average_size":60,"size_variation":30,"delay":500}}`,
	`{"type":"bandwidth","attributes":{"rate":4}}`,
	`{"type":"bandwidth","stream":"upstream","attributes":{"rate":4}}`,
	`{"type":"reset_peer","attributes":{"timeout":400}}`,
	`{"type":"reset_peer","stream":"upstream","attributes":{"timeout":400}}`,
	`{"type":"timeout","attributes":{"timeout":0}}`,
	`{"type":"slow_close","attributes":{"delay":1500}}`,
	`{"type":"limit_data","attributes":{"bytes":2000}}`,
}

// ail gives a desk's network an ill, cuts it off, or heals it.
func (d *deskProc) ail(random *rand.Rand) {
	d.heal()
	switch n := random.IntN(len(ills) + 6); {
	case n < len(ills):
		_, err := d.proxy.Toxics.AddToxicJson(strings.NewReader(ills[n]))
		noError(d.w.t, err)
	case n == len(ills):
		d.proxy.Stop()
	}
}

func (d *deskProc) heal() {
	d.proxy.Toxics.ResetToxics(context.Background())
	if !d.proxy.Enabled {
		noError(d.w.t, d.proxy.Start())
	}
}

// Processes die at any moment on a bad network. When all of it is over, every desk has everything that anybody was told is saved, once.
func TestKill_NothingAcknowledgedIsLostAnywhere(t *testing.T) {
	t.Parallel()
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	w := newWorld(t)
	w.startHub()
	for range 5 {
		d := w.newDesk(town)
		d.start()
		d.tell("act on")
	}
	kills := map[string]int{}
	for end := time.Now().Add(*soak); time.Now().Before(end); {
		<-time.After(time.Duration(200+random.IntN(2800)) * time.Millisecond)
		for _, d := range w.desks {
			if random.IntN(3) == 0 {
				d.ail(random)
			}
		}
		victim := random.IntN(len(w.desks) + 2)
		if victim >= len(w.desks) {
			kills["hub"]++
			w.killHub()
			w.startHub()
			continue
		}
		d := w.desks[victim]
		kills[d.spec.Name]++
		d.kill()
		d.begin()
		if random.IntN(4) == 0 {
			continue // killed again while it starts, perhaps
		}
		d.answer()
		d.tell("act on")
	}
	t.Log("killed", fmt.Sprint(kills))
	for _, d := range w.desks {
		d.heal()
		d.kill()
		d.start()
	}
	s := w.calm(w.desks...)
	if s.Incidents == 0 {
		t.Error("nothing happened")
	}
	acked := 0
	for _, d := range w.desks {
		acked += len(d.acked)
	}
	t.Logf("%d acknowledged acts, %d incidents", acked, s.Incidents)
	w.whole(w.desks...)
	if log := w.hubLog(); strings.Contains(log, `"alarm":"`) {
		t.Errorf("an alarm without a reason:\n%s", tail(log))
	}
}
