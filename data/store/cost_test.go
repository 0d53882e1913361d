package store

import (
	"sync"
	"testing"
	"testing/synctest"

	"go.etcd.io/bbolt"

	"zw110/data/bounds"
	"zw110/data/dbpages"
)

// transaction returns the number of the last commit. Each commit costs two fsyncs: its pages, then the meta page.
func transaction(t *testing.T, s *Store) (id int) {
	t.Helper()
	must(t, s.view("look", func(tx *bbolt.Tx) error { id = tx.ID(); return nil }))
	return id
}

// TestAppend_Costs holds what one act costs wherever it runs. Times are for `make bench`.
func TestAppend_Costs(t *testing.T) {
	for _, tc := range []struct {
		name                        string
		held                        int // entries in the store
		act                         func(n int) []Draft
		pages, kB, allocs, memoryKB float64
	}{
		{"a note in a new store", 0, func(n int) []Draft { return []Draft{note(incidentNo(n%50), "已到场")} }, 5.5, 21, 130, 24},
		{"a note in a store of 20,000 entries", 20_000, func(n int) []Draft { return []Draft{note(incidentNo(n*77%5000), "已到场")} }, 6.5, 26, 150, 30},
		{"a report, its person under a new key", 20_000, func(n int) []Draft { return []Draft{report(incidentNo(9000+n), "来电人")} }, 11, 46, 260, 62},
		{"an act of five entries", 20_000, func(n int) []Draft {
			return []Draft{note(incidentNo(n), "一"), note(incidentNo(n), "二"), note(incidentNo(n), "三"), note(incidentNo(n), "四"), note(incidentNo(n), "五")}
		}, 7, 30, 260, 55},
	} {
		s := create(t)
		for held := 0; held < tc.held; held += 2000 {
			drafts := make([]Draft, 2000)
			for i := range drafts {
				drafts[i] = note(incidentNo((held+i)%5000), "请于今日到场处置并反馈")
			}
			appendAll(t, s, drafts...)
		}
		const acts = 150
		n := 0
		act := func() {
			n++
			appendAll(t, s, tc.act(n)...)
		}
		act()
		first, before := transaction(t, s), s.db.Stats()
		cost := bounds.CostOf(acts-1, act) // and one to warm up
		after := s.db.Stats()
		wrote := after.Sub(&before).TxStats
		each := func(x int64) float64 { return float64(x) / acts }
		bounds.AtMost(t, tc.name+", transactions", "", 1, each(int64(transaction(t, s)-first)))
		bounds.AtMost(t, tc.name+", pages and meta written", "", tc.pages, each(wrote.GetWrite()))
		bounds.AtMost(t, tc.name+", bytes to the disk", "kB", tc.kB, each(wrote.GetPageAlloc())/1e3+dbpages.Size/1e3)
		bounds.AtMost(t, tc.name+", allocations", "", tc.allocs, cost.Allocs)
		bounds.AtMost(t, tc.name+", allocated", "kB", tc.memoryKB, cost.Bytes/1e3)
	}
}

// In a bubble time stands still while anybody can run, so who waits for company always gets it.
func TestCommit_ThoseWhoWaitShareATransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := create(t)
		hold := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := s.commit("hold the committer", func(*bbolt.Tx, *chainState) ([]put, error) { <-hold; return nil, nil }); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		before := transaction(t, s)
		const writers, rounds = 64, 5
		for w := range writers {
			wg.Go(func() {
				for range rounds {
					if _, err := s.Append([]Draft{note(incidentNo(w), "已到场")}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		synctest.Wait()
		close(hold)
		wg.Wait()
		if got := transaction(t, s) - before; got != 1+rounds {
			t.Errorf("%d writers of %d acts each took %d transactions, want %d", writers, rounds, got-1, rounds)
		}
		if got := len(everything(t, s)); got != writers*rounds {
			t.Errorf("%d entries", got)
		}
	})
}
