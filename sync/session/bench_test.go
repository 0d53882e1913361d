package session

import (
	"context"
	"math/rand/v2"
	"testing"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// BenchmarkHub_Push measures what the hub's session costs of a run of 512 entries, with a store that costs nothing: decoding, chain,
// seal, items, and the message both ways.
func BenchmarkHub_Push(b *testing.B) {
	w := newWorld(rand.New(rand.NewPCG(1, 1)), townA)
	w.quiet = true
	d := w.desks[0]
	w.online(d)
	for range wire.MaxRunEntries {
		w.write(d, townA, w.incidentFor(townA), incident.KindNoted)
	}
	run, err := d.store.Own(context.Background(), 0)
	if err != nil {
		b.Fatal(err)
	}
	frame, err := w.wire.Encode(wire.Push{First: run.First, Before: run.Before, Entries: run.Entries, Seal: run.Seal})
	if err != nil {
		b.Fatal(err)
	}
	head := HubHead{Head: wire.Head{Origin: d.store.cur, Hash: journal.Start(d.store.cur)}, Scope: townA}
	c := w.hub.core.conns[d.link.id]
	for b.Loop() {
		m, err := w.wire.Decode(frame)
		if err != nil {
			b.Fatal(err)
		}
		store := newMemHub(func() incident.Stamp { return 0 })
		h := &HubCore{p: w.hub.core.p}
		h.p.Journal, h.p.Registry = store, store
		if p := h.appendPushes(context.Background(), c, []wire.Push{m.(wire.Push)}, head, w.now); p.err != nil {
			b.Fatal(p.err)
		}
	}
	b.ReportMetric(float64(wire.MaxRunEntries*b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(len(frame))/wire.MaxRunEntries, "wire-B/entry")
}
