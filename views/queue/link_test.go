package queue

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/county"
)

// fakeCounty is a link that a test turns by hand.
type fakeCounty struct {
	state  county.State
	outbox map[incident.IncidentID]int
	here   map[incident.IncidentID]county.Presence
	out    county.Outgoing
}

func (f *fakeCounty) Outgoing() county.Outgoing { return f.out }

func (f *fakeCounty) State() county.State { return f.state }
func (f *fakeCounty) Outbox(id incident.IncidentID) room.Pending {
	return room.Pending{Count: f.outbox[id]}
}

func (f *fakeCounty) Present(id incident.IncidentID) []county.Presence {
	if p, ok := f.here[id]; ok {
		return []county.Presence{p}
	}
	return nil
}

// linked is the sample queue of a desk with a county.
func linked(t *testing.T) (*stage, *fakeCounty) {
	t.Helper()
	f := &fakeCounty{outbox: map[incident.IncidentID]int{}, here: map[incident.IncidentID]county.Presence{}}
	f.state.Mode = room.ModeFull
	s := newStage(t, stageParams{room: newFakeRoom()})
	s.page.p.County = f
	for _, row := range s.rowsInView() {
		row.outbox = f.Outbox
	}
	return s, f
}

// rowsInView are the row widgets from top to bottom.
func (s *stage) rowsInView() (rows []*rowWidget) {
	at := map[*rowWidget]int{}
	s.page.list.Each(func(i int, o fyne.CanvasObject) {
		if r, ok := o.(*rowWidget); ok {
			at[r] = i
			rows = append(rows, r)
		}
	})
	slices.SortFunc(rows, func(a, b *rowWidget) int { return at[a] - at[b] })
	return rows
}

func (s *stage) order() (numbers []string) {
	for _, r := range s.rowsInView() {
		numbers = append(numbers, r.row.ShortNo)
	}
	return numbers
}

// elsewhere lets another desk answer an incident: it goes from 未响应 to 待派.
func (s *stage) elsewhere(i int) {
	r := &s.room.rows[i]
	r.Stage, r.Group = board.StageReceived, board.ToDispatch
	for _, call := range s.room.subs {
		call(room.Change{Incidents: []incident.IncidentID{r.ID}, By: map[incident.IncidentID]room.Author{r.ID: {Login: "op2", Seat: "指挥室2", At: s.now}}})
	}
}

func TestQueue_ChangesElsewhereDontMoveRowsUnderTheHand(t *testing.T) {
	for name, end := range map[string]struct {
		after time.Duration
		do    func(*stage)
		moved bool
	}{
		"still at it":           {9 * time.Second, func(*stage) {}, false},
		"ten seconds of rest":   {10 * time.Second, func(*stage) {}, true},
		"the pointer moves":     {10 * time.Second, func(s *stage) { s.pass(5 * time.Second); s.rowsInView()[3].MouseMoved(nil) }, true},
		"pointer, not yet idle": {6 * time.Second, func(s *stage) { s.pass(5 * time.Second); s.rowsInView()[3].MouseMoved(nil) }, false},
		"the selection moves":   {2 * time.Second, func(s *stage) { s.pass(time.Second); s.key(fyne.KeyDown) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := linked(t)
			s.key(fyne.KeyDown)
			s.pass(3 * time.Second)
			s.rowsInView()[0].MouseIn(nil)
			before := s.order()
			s.elsewhere(0)
			if got := s.order(); !slices.Equal(got, before) {
				t.Fatalf("moved at once: %v", got)
			}
			if r := s.rowsInView()[0]; r.row.Stage != board.StageReceived || r.newsOf.Text == "" {
				t.Errorf("the row shows %s and %q", r.row.Stage, r.newsOf.Text)
			}
			if got := s.page.StatusText(); got != "有 1 件变动，松手后刷新" {
				t.Errorf("the status bar says %q", got)
			}
			end.do(s)
			s.pass(end.after)
			if moved := !slices.Equal(s.order(), before); moved != end.moved {
				t.Errorf("moved %v, want %v", moved, end.moved)
			}
		})
	}
}

func TestQueue_ChangesElsewhereTakeTheirPlacesWhenNobodyIsThere(t *testing.T) {
	s, _ := linked(t)
	s.pass(time.Minute)
	before := s.order()
	s.elsewhere(0)
	if slices.Equal(s.order(), before) {
		t.Error("nothing moved")
	}
}

func TestQueue_OfflineShowsTheBandAndWhatWaits(t *testing.T) {
	s, f := linked(t)
	if s.page.widths.Of[ColUnsent] != 0 || s.page.band.root.Visible() {
		t.Fatal("a linked desk shows what waits")
	}
	f.state = county.State{SyncState: room.SyncState{Mode: room.ModeOffline, Pending: room.Pending{Count: 3, Oldest: s.now.Add(-time.Hour)}}, Since: s.now.Add(-51 * time.Hour)}
	f.outbox[idOf(0)] = 3
	s.shell.Tick(s.now)
	row := s.rowsInView()[0]
	if s.page.widths.Of[ColUnsent] != unsentWidth || !s.page.band.root.Visible() || row.count.Text != "3" || s.rowsInView()[1].count.Text != "" {
		t.Errorf("column %v, band %v, the first row says %q", s.page.widths.Of[ColUnsent], s.page.band.root.Visible(), row.count.Text)
	}
	f.state = county.State{SyncState: room.SyncState{Mode: room.ModeOffline}, Since: s.now}
	s.shell.Tick(s.now)
	if s.page.band.root.Visible() {
		t.Error("the band comes for a moment without a link")
	}
}

func TestQueue_SaysWhoHasAnIncidentOpenAndForgetsWhoChangedIt(t *testing.T) {
	s, f := linked(t)
	s.elsewhere(3)
	id := s.room.rows[3].ID
	text := func() string { return s.page.news(id, s.now).short }
	if text() != "指挥室2·0 秒前" {
		t.Errorf("says %q", text())
	}
	f.here[id] = county.Presence{Seat: "指挥室3", Login: "op3", Since: s.now}
	if text() != "指挥室3" {
		t.Errorf("says %q of who has it open", text())
	}
	delete(f.here, id)
	s.pass(county.FreshFor + time.Second)
	if text() != "" {
		t.Errorf("says %q after a while", text())
	}
}
