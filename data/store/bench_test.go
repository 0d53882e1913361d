package store

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	_ "modernc.org/sqlite" // the peer

	"zw110/data/bounds"
	"zw110/data/dbpages"
	"zw110/data/incident"
)

// BenchmarkBoundAppend sets one durable entry beside its peer, a raw append with fsync of as many bytes, in a store of 20,000.
func BenchmarkBoundAppend(b *testing.B) {
	s := create(b)
	for i := range 10 {
		drafts := make([]Draft, 2000)
		for k := range drafts {
			drafts[k] = note(incidentNo((i*2000+k)%5000), "请于今日到场处置并反馈")
		}
		appendBench(b, s, drafts)
	}
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	n, raw := 0, make([]byte, 200)
	const acts = 20
	ours := func() {
		for range acts {
			n++
			appendBench(b, s, []Draft{note(incidentNo(n*77%5000), "请于今日到场处置并反馈")})
		}
	}
	peer := func() {
		for range acts {
			if _, err := f.Write(raw); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	}
	bounds.Ratio(b, "one entry durable / raw append with fsync", 2.2, ours, peer)
	// What the disk alone asks of a commit of that size, whoever writes it.
	bounds.Ratio(b, "the disk's floor, 5 pages apart and meta / raw append with fsync", 2.2, pagesApart(b, acts), peer)
}

// pagesApart writes what a commit writes, five pages here and there, then the meta page, each with a sync.
func pagesApart(b *testing.B, times int) func() {
	b.Helper()
	const held = 4096
	f, err := os.Create(filepath.Join(b.TempDir(), "pages"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := f.Close(); err != nil {
			b.Error(err)
		}
	})
	page := make([]byte, dbpages.Size)
	write := func(at int) {
		if _, err := f.WriteAt(page, int64(at)*dbpages.Size); err != nil {
			b.Fatal(err)
		}
	}
	for at := range held {
		write(at)
	}
	n := 0
	return func() {
		for range times {
			for i := range 5 {
				n++
				write(2 + (n*7+i*3)%(held-2))
			}
			syncData(b, f)
			write(n % 2)
			syncData(b, f)
		}
	}
}

// BenchmarkBoundWriters64 sets 64 writers beside as many that each commit to SQLite with full synchronisation.
func BenchmarkBoundWriters64(b *testing.B) {
	s := create(b)
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
	all := func(one func(writer, n int) error) func() {
		return func() {
			const writers, each = 64, 4
			var wg sync.WaitGroup
			errs := make([]error, writers)
			for w := range writers {
				wg.Go(func() {
					for n := range each {
						errs[w] = errors.Join(errs[w], one(w, n))
					}
				})
			}
			wg.Wait()
			if err := errors.Join(errs...); err != nil {
				b.Fatal(err)
			}
		}
	}
	ours := all(func(w, n int) error {
		_, err := s.Append([]Draft{note(incidentNo(w*64+n), "请于今日到场处置并反馈")})
		return err
	})
	peer := all(func(int, int) error {
		_, err := db.Exec("insert into entry (body) values (?)", body)
		return err
	})
	bounds.Ratio(b, "64 writers / 64 commits to SQLite", 1.0/8, ours, peer)
}

// BenchmarkBoundStart sets what a start reads, cached states and a tail, or after a crash all pages, beside a scan of the journal.
func BenchmarkBoundStart(b *testing.B) {
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
	scan := func() {
		if err := s.Each(func(incident.Entry) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	cache := func() {
		mark, err := s.Folds(1, func(incident.IncidentID, []byte) error { return nil })
		if err == nil {
			err = s.Tail(mark, func(incident.Entry) error { return nil })
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	bounds.Ratio(b, "cached states and tail / scan of the journal", 2, cache, scan)
	pages := func() {
		if _, err := inspect(s.p.db(), s.p.sum()); err != nil {
			b.Fatal(err)
		}
	}
	bounds.Ratio(b, "looking through all pages after a crash / scan of the journal", 1, pages, scan)
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
