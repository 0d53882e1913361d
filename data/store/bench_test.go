package store

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	_ "modernc.org/sqlite" // the peer

	"zw110/data/incident"
)

// BenchmarkAppend sets one durable act beside its peer, a raw append with fsync of as many bytes.
func BenchmarkAppend(b *testing.B) {
	b.Run("store", func(b *testing.B) {
		s := create(b)
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			if _, err := s.Append([]Draft{note(incidentNo(n%5000), "请于今日到场处置并反馈")}); err != nil {
				b.Fatal(err)
			}
			n++
		}
	})
	b.Run("raw", func(b *testing.B) {
		f, err := os.Create(filepath.Join(b.TempDir(), "log"))
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		entry := make([]byte, 200)
		for b.Loop() {
			if _, err := f.Write(entry); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkWriters64 sets 64 writers beside as many that each commit to SQLite with full synchronisation.
func BenchmarkWriters64(b *testing.B) {
	const writers = 64
	all := func(b *testing.B, one func(n int) error) {
		var wg sync.WaitGroup
		fails := make(chan error, writers)
		next := make(chan int, writers)
		for range writers {
			wg.Go(func() {
				for n := range next {
					if err := one(n); err != nil {
						fails <- err
						return
					}
				}
			})
		}
		for n := range b.N {
			select {
			case next <- n:
			case err := <-fails:
				b.Fatal(err)
			}
		}
		close(next)
		wg.Wait()
	}
	b.Run("store", func(b *testing.B) {
		s := create(b)
		all(b, func(n int) error {
			_, err := s.Append([]Draft{note(incidentNo(n%5000), "请于今日到场处置并反馈")})
			return err
		})
	})
	b.Run("sqlite", func(b *testing.B) {
		db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "peer.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		if _, err := db.Exec("create table entry (seq integer primary key, body blob)"); err != nil {
			b.Fatal(err)
		}
		body := make([]byte, 200)
		all(b, func(int) error {
			_, err := db.Exec("insert into entry (body) values (?)", body)
			return err
		})
	})
}

// BenchmarkStart sets what a start reads, cached states and a tail, beside a scan of the whole journal.
func BenchmarkStart(b *testing.B) {
	const incidents, each = 5000, 6
	s := create(b)
	var drafts []Draft
	for i := range incidents {
		for n := range each {
			drafts = append(drafts, note(incidentNo(i), fmt.Sprint("第", n, "条：请于今日到场处置并反馈")))
		}
	}
	for len(drafts) > 0 {
		n := min(len(drafts), 2000)
		appendBench(b, s, drafts[:n])
		drafts = drafts[n:]
	}
	var folds []Fold
	for i := range incidents {
		folds = append(folds, Fold{incidentNo(i), make([]byte, 600)})
	}
	mark, err := s.Mark()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.PutFolds(1, mark, folds); err != nil {
		b.Fatal(err)
	}
	b.Run("scan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := s.Each(func(incident.Entry) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(incidents*each), "ns/entry")
	})
	b.Run("cache", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			mark, err := s.Folds(1, func(incident.IncidentID, []byte) error { return nil })
			if err == nil {
				err = s.Tail(mark, func(incident.Entry) error { return nil })
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/incidents, "ns/incident")
	})
	b.Run("inspect", func(b *testing.B) {
		for b.Loop() {
			if _, err := inspect(s.p.db(), s.p.sum()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func appendBench(b *testing.B, s *Store, drafts []Draft) {
	b.Helper()
	if _, err := s.Append(drafts); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkEnrol moves a store of 50,000 entries into the line of a seat.
func BenchmarkEnrol(b *testing.B) {
	for range b.N {
		b.StopTimer()
		s := create(b)
		for i := range 100 {
			drafts := make([]Draft, 0, 500)
			for k := range 500 {
				drafts = append(drafts, note(incidentNo((i*500+k)/8), "罗山村晒谷场积水，请派人看一下。"))
			}
			appendAll(b, s, drafts...)
		}
		b.StartTimer()
		if done, err := s.Enrol(Seat{Desk: [16]byte{1}}); err != nil || done.Entries != 50_000 {
			b.Fatal(done.Entries, err)
		}
	}
}
