package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"zw110/assets"
	"zw110/data/board"
	"zw110/data/bounds"
	"zw110/data/duty"
	"zw110/data/incident"
	"zw110/data/room"
)

// benchSize is how many incidents are on the queue in these benchmarks, all of them open: the longest list and the dearest search.
const benchSize = 100_000

// boardRoom answers from a real board.
type boardRoom struct {
	*fakeRoom
	board *board.Board
}

func (r *boardRoom) Snapshot(f board.Filter) board.Snapshot { return r.board.Snapshot(f) }
func (r *boardRoom) Count(f board.Filter) int               { return r.board.Count(f) }

func (r *boardRoom) Detail(id incident.IncidentID, _ incident.Login) (room.Detail, error) {
	row, _ := r.board.Row(id)
	return room.Detail{Row: row, State: incident.State{ID: id, Status: row.Status, Fields: incident.Fields{Title: row.Title, Village: row.Village}}}, nil
}

// benchRules are those of the sample town.
func benchRules() (incident.Rules, error) {
	pack, err := assets.Pack("330825111")
	if err != nil {
		return nil, err
	}
	holidays, err := assets.Holidays()
	if err != nil {
		return nil, err
	}
	return duty.Load(pack, holidays)
}

// benchBoard is a board of benchSize open incidents of the last weeks, with its index.
var benchBoard = sync.OnceValues(func() (*board.Board, error) {
	rules, err := benchRules()
	if err != nil {
		return nil, err
	}
	b, err := board.New(board.Params{Rules: rules})
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(8, 18))
	specs := sampleSpecs()
	statuses := []incident.Status{incident.Received, incident.Accepted, incident.Dispatched, incident.Handling, incident.FedBack, incident.Verified}
	inputs := make([]board.Input, benchSize)
	for i := range inputs {
		s := specs[rng.IntN(len(specs))]
		at := fakeNow.Add(-time.Duration(benchSize-i) * 20 * time.Second)
		st := &incident.State{ID: idOf(i), Status: statuses[rng.IntN(len(statuses))], RegisteredAt: at, Registrar: "op1"}
		st.Fields = incident.Fields{
			No: fmt.Sprintf("2026-%s-%05d", at.Time().Format("0102"), i), Channel: s.channel, SourceNo: fmt.Sprintf("J%011d", i), Title: s.title,
			Content: specs[rng.IntN(len(specs))].title + "，" + specs[rng.IntN(len(specs))].title + "，请尽快到场核实处理并回复。", Village: s.village,
			Category: "0603", Urgency: s.urgency, ReceivedAt: at,
		}
		if st.Status != incident.Received {
			st.RespondedAt, st.AcceptedAt, st.LeadUnit = at.Add(time.Minute), at.Add(2*time.Minute), "建设办"
		}
		inputs[i] = board.Input{State: st, Phone: fmt.Sprintf("168%08d", i)}
	}
	b.Apply(inputs, fakeNow)
	return b, index(b)
})

// index waits until a board's texts are indexed.
func index(b *board.Board) error {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Index(ctx) }()
	for n, total := b.Indexed(); n < total; n, total = b.Indexed() {
		runtime.Gosched()
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// benchKey is a key with its name.
type benchKey struct {
	name string
	key  func(s *stage, i int)
}

// BenchmarkBound_KeyToPaint presses keys on a window of 1440 × 900 with 100,000 open incidents. It measures the processor's time of what the
// program does with a key: snapshot, model, widgets. Then the toolkit's software painter paints the window, once for all: it draws each
// character anew, which the real window does only for texts that changed, so its time says little; .ci/bench-window.sh measures the pixels
// of the real window.
func BenchmarkBound_KeyToPaint(b *testing.B) {
	all, err := benchBoard()
	if err != nil {
		b.Fatal(err)
	}
	s := newStage(b, stageParams{room: newFakeRoom(), board: all})
	if n := s.page.m.rows(); n != benchSize {
		b.Fatalf("%d rows on the queue", n)
	}
	words := []rune("nmg")
	for _, k := range []benchKey{
		{"arrow down", func(s *stage, _ int) { s.key(fyne.KeyDown) }},
		{"page down", func(s *stage, _ int) { s.key(fyne.KeyPageDown) }},
		{"to the end and back", func(s *stage, i int) { s.key([]fyne.KeyName{fyne.KeyEnd, fyne.KeyHome}[i%2]) }},
		{"the pane follows", func(s *stage, _ int) {
			s.key(fyne.KeyDown)
			s.pass(time.Second)
		}},
		{"next view", func(s *stage, _ int) { s.page.chooseView((s.page.view + 1) % len(s.page.views)) }},
		{"a letter in the search field", func(s *stage, i int) {
			if i%4 == 0 {
				s.page.chooseView(0)
				s.page.search.SetText("")
				s.page.search.Focus()
			}
			if i%4 < 3 {
				s.letters(string(words[i%4]))
			}
		}},
		{"a character in the search field", func(s *stage, i int) {
			if i%3 == 0 {
				s.page.search.SetText("")
			}
			s.letters([]string{"农", "民", "工"}[i%3])
		}},
	} {
		const keys = 60
		took := make([]time.Duration, keys)
		for i := range took {
			took[i] = bounds.CPU(func() { k.key(s, i) })
		}
		slices.Sort(took)
		bounds.Time(b, "queue of 100,000, "+k.name+", p50", 20*time.Millisecond, took[keys/2])
		bounds.Time(b, "queue of 100,000, "+k.name+", p99", 50*time.Millisecond, took[keys*99/100])
	}
	var shots []time.Duration
	for range 5 {
		s.key(fyne.KeyDown)
		shots = append(shots, bounds.CPU(func() { s.window.Canvas().Capture() }))
	}
	slices.Sort(shots)
	bounds.Time(b, "queue of 100,000, painted from nothing in software", 200*time.Millisecond, shots[2])
}
