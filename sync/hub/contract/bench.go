package contract

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"zw110/sync/session"
)

// Bench measures a store that is empty: durable runs of 256 from 1 and from 100 writers, single entries from 100 writers, and the feed.
// Each figure is entries in a second; of single entries, milliseconds an entry too.
func Bench(b *testing.B, open func(b *testing.B) Hub) {
	for _, c := range []struct {
		name           string
		writers, batch int
	}{{"runs of 256, 1 writer", 1, 256}, {"runs of 256, 100 writers", 100, 256}, {"single entries, 100 writers", 100, 1}} {
		b.Run(c.name, func(b *testing.B) {
			hub := open(b)
			lines := benchLines(b, c.writers)
			began := time.Now()
			n := 0
			for b.Loop() {
				each(b, lines, func(l *Line) error { return Write(context.Background(), hub, l, c.batch) })
				n++
			}
			took := time.Since(began)
			b.ReportMetric(float64(n*c.writers*c.batch)/took.Seconds(), "entries/s")
			b.ReportMetric(float64(took.Milliseconds())/float64(n), "ms/ack")
		})
	}
	b.Run("feed", func(b *testing.B) {
		hub := open(b)
		lines := benchLines(b, 8)
		for range 10 {
			each(b, lines, func(l *Line) error { return Write(context.Background(), hub, l, 256) })
		}
		began := time.Now()
		n := 0
		for b.Loop() {
			for after := uint64(0); ; {
				records, to, err := hub.Feed(context.Background(), County, after, 64)
				if err != nil {
					b.Fatal(err)
				}
				if to == after {
					break
				}
				for _, r := range records {
					n += len(r.Run.Entries)
				}
				after = to
			}
		}
		b.ReportMetric(float64(n)/time.Since(began).Seconds(), "entries/s")
	})
}

func benchLines(b *testing.B, n int) (lines []*Line) {
	for i := range n {
		l, err := NewLine(byte(i+1), 1, TownA)
		if err != nil {
			b.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

// each runs do for all lines at once.
func each(b *testing.B, lines []*Line, do func(l *Line) error) {
	errs := make([]error, len(lines))
	var wg sync.WaitGroup
	for i, l := range lines {
		wg.Go(func() { errs[i] = do(l) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// Write stores the next run of a line, n entries of about the size that a township writes.
func Write(ctx context.Context, hub session.Journal, l *Line, n int) error {
	entries := make([]Entry, n)
	for i := range entries {
		entries[i] = Entry{Incident: int(l.Seq) + i/8, Scope: l.Scope, Text: fmt.Sprintf("请于今日到现场处置并反馈,第 %d 号,联系村委会", int(l.Seq)+i)}
	}
	run, err := l.Run(entries...)
	if err != nil {
		return err
	}
	_, errs := hub.Append(ctx, County, []session.HubRun{run})
	if errs[0] == nil {
		l.Stored(run)
	}
	return errs[0]
}
