package boltjournal

import (
	"context"
	"flag"
	"os"
	"sync"
	"testing"

	"zw110/sync/hub/contract"
)

// entries is how many entries the store of BenchmarkOpen has; 10,000,000 is what a county may reach.
var entries = flag.Int("entries", 1_000_000, "entries in the store of BenchmarkOpen")

func BenchmarkJournal(b *testing.B) {
	contract.Bench(b, func(b *testing.B) contract.Hub { return open(b, b.TempDir()) })
}

// BenchmarkOpen opens a store of many entries and reads where a line stands, as the first Welcome after a restart does.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s, err := Open(params(dir))
	noError(b, err)
	const writers = 40
	var wg sync.WaitGroup
	for n := range writers {
		wg.Go(func() {
			l, err := lineAt(s, n)
			for err == nil && l.Seq < uint64(*entries/writers) {
				err = contract.Write(context.Background(), s, l, 256)
			}
			if err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	noError(b, s.Close())
	info, err := os.Stat(s.countyFile(contract.County))
	noError(b, err)
	for b.Loop() {
		s, err := Open(params(dir))
		noError(b, err)
		if l, err := lineAt(s, 0); err != nil || l.Seq == 0 {
			b.Fatalf("the line stands at %d, %v", l.Seq, err)
		}
		noError(b, s.Close())
	}
	b.ReportMetric(float64(info.Size())/float64(*entries), "B/entry")
}
