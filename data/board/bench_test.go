package board

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zw110/data/incident"

	_ "modernc.org/sqlite" // the peer of the search benchmarks
)

// The benchmarks answer for the limits in docs/performance.md. Each measures the board and its peer in turns in one run and reports the
// median of the ratios, since times alone move with the machine.

const benchSize = 100_000

// benchTown is the generated town, shared by all benchmarks that only read the inputs.
var benchTown = sync.OnceValue(func() []Input { return newTown(110).years(benchSize, 300) })

// benchBoard is a board of the town with its index, shared by the benchmarks that don't change it.
var benchBoard = sync.OnceValue(func() *Board {
	b := newTestBoard()
	b.Apply(benchTown(), genNow)
	for b.indexSome() {
	}
	return b
})

// pairs runs ours and peer in turns at least ten times and returns the medians and the median of ours/peer.
func pairs(rounds int, ours, peer func()) (mine, theirs time.Duration, ratio float64) {
	var a, b []time.Duration
	var ratios []float64
	for range max(rounds, 10) {
		x, y := timed(ours), timed(peer)
		a, b, ratios = append(a, x), append(b, y), append(ratios, float64(x)/float64(max(y, 1)))
	}
	slices.Sort(a)
	slices.Sort(b)
	slices.Sort(ratios)
	return a[len(a)/2], b[len(b)/2], ratios[len(ratios)/2]
}

func timed(work func()) time.Duration {
	start := time.Now()
	work()
	return time.Since(start)
}

func percentile(times []time.Duration, p float64) time.Duration {
	slices.Sort(times)
	return times[min(len(times)-1, int(float64(len(times))*p))]
}

func reportTimes(b *testing.B, times []time.Duration, prefix string) {
	b.ReportMetric(float64(percentile(times, 0.5).Nanoseconds())/1e3, prefix+"p50-µs")
	b.ReportMetric(float64(percentile(times, 0.99).Nanoseconds())/1e3, prefix+"p99-µs")
}

func liveHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkBoard_Load builds a board of 100,000 incidents, then its index, and reports the live heap of both.
func BenchmarkBoard_Load(b *testing.B) {
	inputs := benchTown()
	for b.Loop() {
		before := liveHeap()
		board := newTestBoard()
		first := timed(func() {
			board.Apply(inputs, genNow)
			for i := range 40 {
				board.Snapshot(Filter{}).Row(i)
			}
		})
		rows := liveHeap() - before
		index := timed(func() {
			for board.indexSome() {
			}
		})
		all := liveHeap() - before
		b.ReportMetric(float64(first.Milliseconds()), "first-page-ms")
		b.ReportMetric(float64(index.Milliseconds()), "index-ms")
		b.ReportMetric(float64(rows)/1e6, "rows-MB")
		b.ReportMetric(float64(all)/1e6, "live-MB")
		b.ReportMetric(float64(board.IndexSize())/1e6, "index-MB")
		runtime.KeepAlive(board)
	}
	b.ReportMetric(0, "ns/op")
}

// eightViews are the filters of a busy window.
func eightViews() []Filter {
	return []Filter{
		{},
		{Ended: true},
		{Mine: "op1"},
		{From: incident.DayOf(genNow), To: incident.DayOf(genNow), Ended: true},
		{Groups: []Group{Overdue, DueSoon}},
		{Supervised: true},
		{Stages: []Stage{StageToCallback}},
		{Units: []incident.UnitID{"派出所"}},
	}
}

// BenchmarkQueue_OneChange applies one changed incident with eight views in use, all 100,000 open; the peer sorts all rows anew for
// each view.
func BenchmarkQueue_OneChange(b *testing.B) {
	town := newTown(5)
	inputs := town.years(benchSize, benchSize)
	board := newTestBoard()
	board.score = nil
	board.Apply(inputs, genNow)
	for _, f := range eightViews() {
		board.Snapshot(f)
	}
	var times []time.Duration
	one := func() {
		in := inputs[town.rng.IntN(len(inputs))]
		in.State.Status = genStatuses[town.rng.IntN(10)]
		times = append(times, timed(func() { board.Apply([]Input{in}, genNow) }))
	}
	resort := func() {
		for _, f := range eightViews() {
			match := board.matcher(f)
			var rows []item
			for _, r := range board.slots {
				if match(r) {
					rows = append(rows, board.inQueue(r))
				}
			}
			slices.SortFunc(rows, compareItems)
		}
	}
	for b.Loop() {
		for range 5000 {
			one()
		}
		_, _, ratio := pairs(10, one, resort)
		b.ReportMetric(ratio, "ratio")
	}
	reportTimes(b, times, "")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkQueue_Page takes a snapshot of all 100,000 incidents and reads 40 rows from a random place.
func BenchmarkQueue_Page(b *testing.B) {
	board := benchBoard()
	rng := rand.New(rand.NewPCG(1, 1))
	board.Snapshot(Filter{Ended: true})
	b.ReportAllocs()
	for b.Loop() {
		s := board.Snapshot(Filter{Ended: true})
		from := rng.IntN(s.Len() - 40)
		for i := range 40 {
			s.Row(from + i)
		}
	}
}

// BenchmarkQueue_Tick moves what changed within a minute.
func BenchmarkQueue_Tick(b *testing.B) {
	board := newTestBoard()
	board.Apply(newTown(6).years(benchSize, 300), genNow)
	now := genNow
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Minute)
		board.Tick(now)
	}
}

// fts is the peer of search: SQLite FTS5 with the trigram tokenizer, in memory, latest first.
func fts(b *testing.B) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { _ = db.Close() }) // in memory
	exec := func(query string, args ...any) {
		if _, err := db.ExecContext(context.Background(), query, args...); err != nil {
			b.Fatal(err)
		}
	}
	exec(`CREATE VIRTUAL TABLE t USING fts5(no, title, place, content, tokenize='trigram')`)
	exec(`BEGIN`)
	for i, in := range benchTown() {
		exec(`INSERT INTO t(rowid, no, title, place, content) VALUES (?,?,?,?,?)`, i+1, in.State.No, in.State.Title, in.State.Place.Text, in.State.Content)
	}
	exec(`COMMIT`)
	return db
}

const ftsPage = 50

// ftsFind reads one page. Words below three characters can only be looked for with LIKE.
func ftsFind(b *testing.B, db *sql.DB, word string) (hits int) {
	b.Helper()
	where, arg := `t MATCH ?`, `"`+word+`"`
	if len([]rune(word)) < 3 {
		where, arg = `title LIKE ?1 OR content LIKE ?1 OR place LIKE ?1 OR no LIKE ?1`, "%"+word+"%"
	}
	rows, err := db.QueryContext(context.Background(),
		fmt.Sprintf(`SELECT rowid, title FROM t WHERE %s ORDER BY rowid DESC LIMIT %d`, where, ftsPage), arg)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var title string
		if err := rows.Scan(&id, &title); err != nil {
			b.Fatal(err)
		}
		hits++
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return hits
}

// benchWords draws words of n characters from the texts, half of them from titles.
func benchWords(n, count int) []string {
	rng := rand.New(rand.NewPCG(uint64(n), 3))
	inputs := benchTown()
	var out []string
	for len(out) < count {
		st := inputs[rng.IntN(len(inputs))].State
		text := []rune(st.Content)
		if len(out)%2 == 0 {
			text = []rune(st.Title)
		}
		from := rng.IntN(len(text) - n)
		word := string(text[from : from+n])
		if !strings.ContainsAny(word, "，KTV") {
			out = append(out, word)
		}
	}
	return out
}

// BenchmarkSearch types words of one, two and three characters; the peer is SQLite FTS5.
func BenchmarkSearch(b *testing.B) {
	db := fts(b)
	board := benchBoard()
	for n := 1; n <= 3; n++ {
		b.Run(fmt.Sprintf("%dchar", n), func(b *testing.B) {
			words := benchWords(n, 400)
			rounds := 400
			if n < 3 {
				rounds = 12 // the peer reads everything
			}
			for b.Loop() {
				i := 0
				var peer []time.Duration
				mine, theirs, ratio := pairs(rounds, func() { board.Search(words[i], ftsPage) }, func() {
					peer = append(peer, timed(func() { ftsFind(b, db, words[i]) }))
					i = (i + 1) % len(words)
				})
				b.ReportMetric(float64(mine.Nanoseconds())/1e3, "pair-p50-µs")
				b.ReportMetric(float64(theirs.Nanoseconds())/1e3, "fts5-p50-µs")
				b.ReportMetric(float64(percentile(peer, 0.99).Nanoseconds())/1e3, "fts5-p99-µs")
				b.ReportMetric(ratio, "ratio")
			}
			reportTimes(b, searchTimes(board, words), "")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func searchTimes(board *Board, words []string) (times []time.Duration) {
	for range 3 {
		for _, w := range words {
			times = append(times, timed(func() { board.Search(w, ftsPage) }))
		}
	}
	return times
}

// BenchmarkSearch_Pinyin types initials, each key of them, full pinyin, and parts of telephone numbers.
func BenchmarkSearch_Pinyin(b *testing.B) {
	board := benchBoard()
	kinds := map[string]func(in Input, rng *rand.Rand) string{
		"initials": func(in Input, rng *rand.Rand) string {
			all := Initials(in.State.Title)[0]
			from := rng.IntN(len(all) - 2)
			return all[from:min(len(all), from+1+rng.IntN(6))]
		},
		"rare": func(_ Input, rng *rand.Rand) string {
			word := make([]byte, 2+rng.IntN(5))
			for i := range word {
				word[i] = "abcdefghjklmnopqrstwxyz"[rng.IntN(23)]
			}
			return string(word)
		},
		"full": func(in Input, rng *rand.Rand) string {
			list := Pinyin(in.State.Title)
			from := rng.IntN(len(list) - 2)
			var word strings.Builder
			for _, p := range list[from:min(len(list), from+1+rng.IntN(4))] {
				if len(p) > 0 {
					word.WriteString(p[0])
				}
			}
			return word.String()
		},
		"phone": func(in Input, rng *rand.Rand) string { return in.Phone[11-4-rng.IntN(5):] },
	}
	for _, kind := range []string{"initials", "rare", "full", "phone"} {
		b.Run(kind, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(9, 9))
			var words []string
			for range 500 {
				if w := kinds[kind](benchTown()[rng.IntN(benchSize)], rng); w != "" {
					words = append(words, w)
				}
			}
			var times []time.Duration
			for b.Loop() {
				times = append(times, searchTimes(board, words)...)
			}
			reportTimes(b, times, "")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// bigrams is the set of pairs of characters of a text.
func bigrams(texts ...string) map[[2]rune]bool {
	set := map[[2]rune]bool{}
	for _, text := range texts {
		var before rune
		for _, r := range text {
			if before != 0 {
				set[[2]rune{before, r}] = true
			}
			before = r
		}
	}
	return set
}

// jaccard is the overlap of two texts by pairs of characters, 0 to 100.
func jaccard(d, known Draft) (int, []string) {
	x, y := bigrams(d.Title, d.Content), bigrams(known.Title, known.Content)
	common := 0
	for g := range x {
		if y[g] {
			common++
		}
	}
	return 100 * common / max(len(x)+len(y)-common, 1), nil
}

// BenchmarkLikely looks for near-duplicates of a new report, scored by pairs of characters; the peer scores all incidents with the same
// function.
func BenchmarkLikely(b *testing.B) {
	board, err := New(Params{Rules: fakeRules{}, Score: jaccard})
	if err != nil {
		b.Fatal(err)
	}
	board.nextClock = fakeClock
	board.Apply(benchTown(), genNow)
	rng := rand.New(rand.NewPCG(2, 2))
	drafts := make([]Draft, benchSize)
	for i, in := range benchTown() {
		drafts[i] = board.DraftOf(in.State.ID, in.State.Fields)
	}
	var times []time.Duration
	one := func() {
		d := drafts[rng.IntN(benchSize)]
		d.ID, d.At = incident.IncidentID{}, d.At.Add(2*time.Hour)
		times = append(times, timed(func() { board.Likely(d) }))
	}
	all := func() {
		d := drafts[rng.IntN(benchSize)]
		for _, known := range drafts {
			jaccard(d, known)
		}
	}
	for b.Loop() {
		for range 2000 {
			one()
		}
		_, _, ratio := pairs(10, one, all)
		b.ReportMetric(ratio, "ratio")
	}
	reportTimes(b, times, "")
	b.ReportMetric(0, "ns/op")
}
