package incident_test

import (
	"testing"

	"zw110/data/incident"
)

// monthEntries returns the entries of the sample month by incident, and how many there are.
func monthEntries(b *testing.B, d *desk) ([][]incident.Entry, int) {
	b.Helper()
	replay(b, d, months+"acts-2026-08.jsonl")
	n := 0
	var all [][]incident.Entry
	for _, es := range d.entries {
		all = append(all, es)
		n += len(es)
	}
	return all, n
}

func BenchmarkFold_Typical(b *testing.B) {
	d := newDesk(rulesOf(b))
	monthEntries(b, d)
	es := d.entries[d.refs["a242"]]
	b.Logf("%d entries", len(es))
	b.ReportAllocs()
	for b.Loop() {
		incident.Fold(es)
	}
}

// BenchmarkFold_20000 folds the sample month until 20,000 entries are done.
func BenchmarkFold_20000(b *testing.B) {
	all, _ := monthEntries(b, newDesk(rulesOf(b)))
	b.ReportAllocs()
	for b.Loop() {
		for n := 0; n < 20_000; {
			for _, es := range all {
				incident.Fold(es)
				n += len(es)
			}
		}
	}
}

// BenchmarkFold_Branches folds one incident of 40 entries by two desks that never saw each other after the dispatch.
func BenchmarkFold_Branches(b *testing.B) {
	d := newDesk(rulesOf(b))
	monthEntries(b, d)
	trunk := d.entries[d.refs["a242"]]
	es := append([]incident.Entry(nil), trunk[:4]...)
	heads := [2][]incident.ParentRef{incident.Fold(es).Heads, incident.Fold(es).Heads}
	for i := range 36 {
		f := *trunk[4+i%(len(trunk)-4)].Fact
		e := incident.Entry{
			ID: incident.EntryID{byte(i), 9}, Origin: incident.Origin{byte(i % 2)}, Seq: uint64(100 + i), HLC: incident.HLC(f.At)<<16 + incident.HLC(i),
			Incident: trunk[0].Incident, Kind: f.Kind, Fact: &f, Parents: heads[i%2],
		}
		heads[i%2] = []incident.ParentRef{e.ID.Ref()}
		es = append(es, e)
	}
	b.ReportAllocs()
	for b.Loop() {
		incident.Fold(es)
	}
}

func BenchmarkClocks(b *testing.B) {
	d := newDesk(rulesOf(b))
	monthEntries(b, d)
	st := d.of("a242")
	b.ReportAllocs()
	for b.Loop() {
		incident.Clocks(&st, d.rules, st.ReceivedAt.Add(1))
	}
}
