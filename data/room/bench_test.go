package room

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the peer

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/store"
)

// pairs is how often program and peer take turns at least; the median of the ratios is what counts.
const pairs = 11

// ratio runs both in turns and returns the median of time(one)/time(peer).
func ratio(b *testing.B, one, peer func()) float64 {
	b.Helper()
	var all []float64
	for range pairs {
		start := time.Now()
		one()
		mid := time.Now()
		peer()
		all = append(all, float64(mid.Sub(start))/float64(time.Since(mid)))
	}
	slices.Sort(all)
	return all[pairs/2]
}

// rawLog appends to a file and syncs it.
func rawLog(b *testing.B) func() {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := f.Close(); err != nil {
			b.Error(err)
		}
	})
	entry := make([]byte, 200)
	return func() {
		if _, err := f.Write(entry); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDo sets one act of one person, from decision to screen, beside a raw append with fsync.
func BenchmarkDo(b *testing.B) {
	d := newDesk(b, true)
	ids := slices.Collect(maps.Values(runMonth(b, d, months+"acts-2026-07.jsonl")))
	const acts = 20
	n := 0
	act := func() {
		n++
		d.must(b, on("op1", incident.Note, ids[n%len(ids)], incident.Fields{Text: "已电话联系，正在赶往现场"}))
	}
	raw := rawLog(b)
	x := ratio(b, func() { repeat(acts, act) }, func() { repeat(acts, raw) })
	b.ReportAllocs()
	for b.Loop() {
		act()
	}
	b.ReportMetric(x, "x-raw")
}

func repeat(n int, do func()) {
	for range n {
		do()
	}
}

// BenchmarkWriters64 sets 64 people who act at once beside as many that each commit to SQLite with full synchronisation.
func BenchmarkWriters64(b *testing.B) {
	d := newDesk(b, true)
	ids := slices.Collect(maps.Values(runMonth(b, d, months+"acts-2026-07.jsonl")))[:64]
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "peer.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	if _, err := db.Exec("create table entry (seq integer primary key, body blob)"); err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 200)
	all := func(one func(i int) error) func() {
		return func() {
			var wg sync.WaitGroup
			errs := make([]error, len(ids))
			for i := range ids {
				wg.Go(func() { errs[i] = one(i) })
			}
			wg.Wait()
			if err := errors.Join(errs...); err != nil {
				b.Fatal(err)
			}
		}
	}
	ours := all(func(i int) error {
		_, err := d.Do(b.Context(), on("op1", incident.Note, ids[i], incident.Fields{Text: "已电话联系"}))
		return err
	})
	peer := all(func(int) error {
		_, err := db.Exec("insert into entry (body) values (?)", body)
		return err
	})
	x := 1 / ratio(b, ours, peer)
	for b.Loop() {
		ours()
	}
	b.ReportMetric(x, "times-sqlite")
}

// BenchmarkOpen opens a store of 100,000 incidents and 600,000 entries from its cache, beside a scan of its journal.
func BenchmarkOpen(b *testing.B) {
	const incidents = 100_000
	d := newDesk(b, true)
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
	fillStore(b, d.cfg, incidents)
	open := func() {
		r, err := Open(d.cfg)
		if err != nil {
			b.Fatal(err)
		}
		d.Room = r
	}
	open() // folds everything and writes the cache when it closes
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
	scan := func() (took time.Duration) {
		st, err := store.Open(d.cfg.store())
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if err := st.Each(func(incident.Entry) error { return nil }); err != nil {
			b.Fatal(err)
		}
		took = time.Since(start)
		if err := st.Close(); err != nil {
			b.Fatal(err)
		}
		return took
	}
	scanned, live := scan(), 0.0
	for b.Loop() {
		open()
		if n := d.Count(board.Filter{Ended: true}); n != incidents {
			b.Fatalf("%d incidents", n)
		}
		b.StopTimer()
		var mem runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&mem)
		live = float64(mem.HeapAlloc) / 1e6
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(live, "MB-live")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/scanned.Seconds(), "scans")
}

// fillStore writes incidents of six entries each, all but one in a thousand closed.
func fillStore(b *testing.B, cfg Config, incidents int) {
	b.Helper()
	st, err := store.Open(cfg.store())
	if err != nil {
		b.Fatal(err)
	}
	first := moment(b, "2016-09-01T08:00:00+08:00")
	var drafts []store.Draft
	for i := range incidents {
		drafts = append(drafts, lifeOf(i, first+incident.Stamp(i)*3_100_000, len(drafts))...)
		if len(drafts) < 3000 && i < incidents-1 {
			continue
		}
		if _, err := st.Append(drafts); err != nil {
			b.Fatal(err)
		}
		drafts = drafts[:0]
	}
	if err := st.Close(); err != nil {
		b.Fatal(err)
	}
}

// lifeOf is one incident from receipt to closing, its drafts following from a place in the batch.
func lifeOf(i int, at incident.Stamp, place int) []store.Draft {
	var id incident.IncidentID
	for k := range 6 {
		id[k] = byte(at >> (8 * (5 - k)))
	}
	id[14], id[15] = byte(i>>8), byte(i)
	title := fmt.Sprintf("第%d组晒谷场旁第%d号灯杆下路面积水", i%37, i%1009)
	facts := []incident.Fact{
		{Kind: incident.KindRegistered, Fields: incident.Fields{
			No: number{incident.DayOf(at), 1, 1 + i%28}.String(), Channel: incident.Channel110, SourceNo: fmt.Sprintf("JJ%011d", i), Title: title,
			Content: "罗山村" + title + "，老人小孩路过容易滑倒，请尽快派人看一下。", Village: "罗山村", Category: "0603", Urgency: incident.Normal, ReceivedAt: at,
			Reporter: &incident.Reporter{Name: "舒金根", Phone: fmt.Sprintf("168%08d", i)},
		}},
		{Kind: incident.KindResponded},
		{Kind: incident.KindAccepted},
		{Kind: incident.KindDispatched, Fields: incident.Fields{Lead: "建设办", Co: []incident.UnitID{"村委会"}, List: incident.ListDaily}},
		{Kind: incident.KindSigned, Fields: incident.Fields{Unit: "建设办"}},
		{Kind: incident.KindForceClosed, Fields: incident.Fields{Reason: "FC01"}},
	}
	if i%1000 == 0 {
		facts[5] = incident.Fact{Kind: incident.KindProgressed, Fields: incident.Fields{Unit: "建设办", Text: "正在处置"}}
	}
	drafts := make([]store.Draft, len(facts))
	for k := range facts {
		facts[k].At = at + incident.Stamp(k)*60_000
		drafts[k] = store.Draft{Incident: id, Scope: 330825111, Actor: "op1", Kind: facts[k].Kind, Fact: &facts[k], Wall: facts[k].At}
		if k > 0 {
			drafts[k].After = []int{place + k - 1}
		}
	}
	return drafts
}
