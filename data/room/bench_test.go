package room

import (
	"bytes"
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
	"zw110/data/bounds"
	"zw110/data/incident"
	"zw110/data/store"
)

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

// BenchmarkBoundAct sets one act of one person, from decision to screen, beside a raw append with fsync.
func BenchmarkBoundAct(b *testing.B) {
	d := newDesk(b, true)
	ids := slices.Collect(maps.Values(runMonth(b, d, months+"acts-2026-07.jsonl")))
	const acts = 20
	n := 0
	act := func() {
		n++
		d.must(b, on("op1", incident.Note, ids[n%len(ids)], incident.Fields{Text: "已电话联系，正在赶往现场"}))
	}
	raw := rawLog(b)
	bounds.Ratio(b, "one act, durable and on the board / raw append with fsync", 2.2,
		func() { repeat(acts, act) }, func() { repeat(acts, raw) })
}

func repeat(n int, do func()) {
	for range n {
		do()
	}
}

// BenchmarkBoundActs64 sets 64 people who act at once beside as many that each commit to SQLite with full synchronisation.
func BenchmarkBoundActs64(b *testing.B) {
	d := newDesk(b, true)
	ids := slices.Collect(maps.Values(runMonth(b, d, months+"acts-2026-08.jsonl")))
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
	round := 0
	all := func(one func(i int) error) func() {
		return func() {
			round++
			var wg sync.WaitGroup
			errs := make([]error, 64)
			for i := range errs {
				wg.Go(func() { errs[i] = one(round*64 + i) })
			}
			wg.Wait()
			if err := errors.Join(errs...); err != nil {
				b.Fatal(err)
			}
		}
	}
	ours := all(func(i int) error {
		_, err := d.Do(b.Context(), on("op1", incident.Note, ids[i%len(ids)], incident.Fields{Text: "已电话联系"}))
		return err
	})
	peer := all(func(int) error {
		_, err := db.Exec("insert into entry (body) values (?)", body)
		return err
	})
	four := func(do func()) func() { return func() { repeat(4, do) } }
	bounds.Ratio(b, "64 acts at once / 64 commits to SQLite", 1.0/8, four(ours), four(peer))
}

// BenchmarkBoundOpen opens a store of 100,000 incidents and 600,000 entries from its cache, beside a scan of its journal.
func BenchmarkBoundOpen(b *testing.B) {
	const incidents = 100_000
	d := newDesk(b, true)
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
	fillStore(b, d.cfg, incidents)
	live := 0.0
	open := func() time.Duration {
		start := time.Now()
		r, err := Open(d.cfg)
		if err != nil {
			b.Fatal(err)
		}
		if n := r.Count(board.Filter{Ended: true}); n != incidents {
			b.Fatalf("%d incidents", n)
		}
		took := time.Since(start)
		var mem runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&mem)
		live = max(live, float64(mem.HeapAlloc)/1e6)
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
		return took
	}
	open() // folds everything and writes the cache when it closes
	live = 0
	scan := func() time.Duration {
		st, err := store.Open(d.cfg.store())
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if err := st.Each(func(incident.Entry) error { return nil }); err != nil {
			b.Fatal(err)
		}
		took := time.Since(start)
		if err := st.Close(); err != nil {
			b.Fatal(err)
		}
		return took
	}
	bounds.RatioOf(b, "start, 100,000 incidents, 600,000 entries / scan of the journal", 2, open, scan)
	bounds.AtMost(b, "live heap when the first page is there", "MB", 60, live)
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

// fileOf is a portal's export of n reports: forty matters in twelve villages, each told by somebody else.
func fileOf(n int) []byte {
	matters := [...]string{
		"路灯不亮，晚上出行不便", "水管破裂，路面积水", "夜间施工，噪音扰民", "垃圾堆放无人清运，气味难闻", "邻居搭建雨棚，滴水到院内", "农田灌溉渠道堵塞",
		"工资拖欠三个月未发", "道路塌陷，车辆难以通行", "广场音响太吵，影响孩子写作业", "化粪池满溢，污水横流",
	}
	villages := [...]string{"罗山村", "双联新村", "塔石村", "童岗坞村", "泽随村", "舒祝村", "雅村", "杨村头村", "钱村村", "大坞坪村", "三和村", "上阳村"}
	var s bytes.Buffer
	s.WriteString("工单编号,诉求人,联系电话,标题,诉求内容,诉求地址,问题分类,派单时间\n")
	for i := range n {
		village, matter := villages[i*7%len(villages)], matters[i*3%len(matters)]
		fmt.Fprintf(&s, "2608%02d%02d1035%06d,来电人,169%08d,%s%s,市民来电反映，%s第%d组%d号门前%s，%s希望尽快派人处理并回复。,塔石镇%s第%d组,,2026-08-%02d %02d:10\n",
			i%28+1, i%24, i, i*7919%100_000_000, village, matter, village, i%23, i%211, matter,
			[...]string{"已经有一个星期了，", "之前也反映过一次，", "老人小孩都很不方便，", ""}[i%4], village, i%23, i%28+1, i%24)
	}
	return s.Bytes()
}

// BenchmarkTake previews and registers a file of 10,000 reports.
func BenchmarkTake(b *testing.B) {
	file := fileOf(10_000)
	for b.Loop() {
		b.StopTimer()
		d := newDesk(b, true)
		b.StartTimer()
		start := time.Now()
		p, err := d.Preview(b.Context(), "12345.csv", file, incident.Channel12345, nil)
		if err != nil || len(p.Items) != 10_000 {
			b.Fatal(len(p.Items), err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s-preview")
		for i := range p.Items {
			p.Items[i].Take = true
		}
		start = time.Now()
		if _, err := d.Take(b.Context(), "op1", p, nil); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s-take")
	}
}
