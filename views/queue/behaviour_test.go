package queue

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views"
	"zw110/views/kit"
)

func (s *stage) letters(text string) {
	for _, r := range text {
		if f := s.window.Canvas().Focused(); f != nil {
			f.TypedRune(r)
			continue
		}
		s.window.Canvas().OnTypedRune()(r)
	}
}

// publish tells everyone who listens.
func (f *fakeRoom) publish(c room.Change) {
	f.ver++
	for _, call := range f.subs {
		call(c)
	}
}

func plainStage(t testing.TB) *stage { return newStage(t, stageParams{room: newFakeRoom()}) }

func TestQueue_KeysMoveTheCursor(t *testing.T) {
	s := plainStage(t)
	steps := []struct {
		press func()
		want  string
	}{
		{func() {}, "0818-031"},
		{func() { s.key(fyne.KeyDown) }, "0818-030"},
		{func() { s.letters("jj") }, "0818-028"},
		{func() { s.letters("K") }, "0818-029"},
		{func() { s.key(fyne.KeyUp) }, "0818-030"},
		{func() { s.key(fyne.KeyEnd) }, "0812-004"},
		{func() { s.key(fyne.KeyDown) }, "0812-004"},
		{func() { s.key(fyne.KeyHome) }, "0818-031"},
		{func() { s.key(fyne.KeyUp) }, "0818-031"},
		{func() { s.key(fyne.KeyPageDown, fyne.KeyPageUp) }, "0818-031"},
	}
	for i, step := range steps {
		step.press()
		if s.cursor() != step.want {
			t.Errorf("step %d: cursor on %s, want %s", i, s.cursor(), step.want)
		}
	}
}

func TestQueue_PaneFollowsAfterARest(t *testing.T) {
	s := plainStage(t)
	asked := 0
	s.room.detail = func(id incident.IncidentID) (room.Detail, error) {
		asked++
		return room.Detail{Row: board.Row{ID: id}, State: incident.State{ID: id}}, nil
	}
	s.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyDown)
	if asked != 0 {
		t.Errorf("%d incidents were read while the cursor moved", asked)
	}
	s.pass(restTime)
	if asked != 1 || s.page.side.shown != s.page.m.cursor {
		t.Errorf("%d incidents were read after the rest; the pane shows %v", asked, s.page.side.shown)
	}
}

func TestQueue_LateAnswerIsDropped(t *testing.T) {
	s := plainStage(t)
	var jobs []func()
	s.page.env.Work = func(job func()) { jobs = append(jobs, job) }
	s.key(fyne.KeyDown)
	s.pass(restTime)
	s.key(fyne.KeyDown)
	s.pass(restTime)
	jobs[1]()
	jobs[0]()
	if s.page.side.shown != s.page.m.cursor {
		t.Error("an answer about an earlier incident replaced the present one")
	}
}

func TestQueue_OrderWaitsWhileKeysArePressed(t *testing.T) {
	s := plainStage(t)
	s.key(fyne.KeyDown)
	added := sampleSpecs()[0].row(99)
	added.ShortNo = "0818-099"
	s.room.rows = append([]board.Row{added}, s.room.rows...)
	s.room.publish(room.Change{Incidents: []incident.IncidentID{added.ID}})
	if s.page.m.rows() != 18 {
		t.Error("the list changed under the cursor")
	}
	if got := s.page.StatusText(); !strings.Contains(got, "1 件变动") {
		t.Errorf("status says %q", got)
	}
	s.pass(time.Second)
	s.key(fyne.KeyDown) // another key starts the two seconds anew
	s.pass(1500 * time.Millisecond)
	if s.page.m.rows() != 18 {
		t.Error("the list changed 1.5 s after a key")
	}
	s.pass(time.Second)
	if s.page.m.rows() != 19 || s.cursor() != "0818-029" {
		t.Errorf("after the hold %d rows, cursor on %s", s.page.m.rows(), s.cursor())
	}
	s.room.publish(room.Change{})
	s.room.rows = s.room.rows[1:]
	s.room.publish(room.Change{})
	if s.page.m.rows() != 18 {
		t.Error("without a key a change waits")
	}
}

func TestQueue_HiddenPageLetsGo(t *testing.T) {
	s := plainStage(t)
	s.page.Hidden()
	reads := s.room.reads
	s.room.publish(room.Change{All: true})
	if len(s.room.subs) != 0 || s.room.reads != reads {
		t.Error("a hidden page still listens")
	}
}

func TestQueue_SearchTakesLettersAndEscGivesThemBack(t *testing.T) {
	s := plainStage(t)
	dispatched := 0
	s.actions.Set(kit.CmdDispatch, func(views.Context) { dispatched++ })
	s.key(fyne.KeyF3)
	s.letters("dljz") // initials nobody's title has, with d among them
	if dispatched != 0 {
		t.Error("a letter in the search field acted")
	}
	if s.page.m.rows() != 0 || !s.page.empty.Visible() || !strings.Contains(s.page.emptyMsg.Text, "dljz") {
		t.Errorf("nothing found shows %q", s.page.emptyMsg.Text)
	}
	s.key(fyne.KeyEscape)
	if s.page.search.HasFocus() || s.page.m.rows() != 18 {
		t.Error("Esc doesn't give search and list back")
	}
	s.key(fyne.KeyF3)
	s.letters("ld")
	if s.cursor() != "0818-030" {
		t.Errorf("ld finds %s, not the street lamp", s.cursor())
	}
	s.key(fyne.KeyF4)
	if dispatched != 1 {
		t.Errorf("F4 in a field acted %d times", dispatched)
	}
	s.key(fyne.KeyReturn)
	s.letters("d")
	if dispatched != 2 {
		t.Error("after Enter letters don't act")
	}
}

func TestQueue_ActionsAreForTheCursorOrTheTicked(t *testing.T) {
	s := plainStage(t)
	var got views.Context
	s.actions.Set(kit.CmdUrge, func(c views.Context) { got = c })
	s.letters("t")
	if got.Incident != idOf(0) || len(got.Selected) != 0 {
		t.Errorf("T is for %v and %v", got.Incident, got.Selected)
	}
	s.letters("xx")
	s.letters("t")
	if len(got.Selected) != 2 || got.Selected[0] != idOf(0) || got.Selected[1] != idOf(1) {
		t.Errorf("two ticked, T is for %v", got.Selected)
	}
	if !s.page.selected.bar.Visible() {
		t.Error("no bar tells how many are ticked")
	}
	s.key(fyne.KeyEscape)
	if len(s.page.Context().Selected) != 0 || s.page.selected.bar.Visible() {
		t.Error("Esc doesn't take the ticks away")
	}
}

func TestQueue_EnterOpensAndViewsChange(t *testing.T) {
	s := plainStage(t)
	s.key(fyne.KeyDown, fyne.KeyReturn)
	if len(s.opened) != 1 || s.opened[0] != idOf(1) {
		t.Errorf("Enter opened %v", s.opened)
	}
	s.letters("]]]")
	if s.page.m.rows() != 5 || s.page.tabs.Chosen() != 3 {
		t.Errorf("third view after the first has %d rows", s.page.m.rows())
	}
	s.letters("[")
	if s.page.tabs.Chosen() != 2 {
		t.Error("[ doesn't go back")
	}
	s.letters("gp")
	if s.page.m.rows() != 3 || s.cursor() != "0818-029" {
		t.Errorf("G P shows %d rows", s.page.m.rows())
	}
	s.key(fyne.KeyEscape)
	if s.page.m.rows() != 18 {
		t.Error("Esc doesn't clear the filter")
	}
}

func TestQueue_EmptyTextsSayWhatToDo(t *testing.T) {
	s := newStage(t, stageParams{room: groups()})
	if got := s.page.emptyMsg.Text; got != "没有未办结的事件。F2 登记新事件。" {
		t.Errorf("an empty queue says %q", got)
	}
	s.page.choose(chipVillage, []string{"泽随"})
	if got := s.page.emptyMsg.Text; got != "这个筛选下没有事件。Esc 清除筛选。" {
		t.Errorf("an empty filter says %q", got)
	}
}

func TestQueue_ChipsNarrowByKeyboard(t *testing.T) {
	s := plainStage(t)
	s.window.Canvas().Focus(s.page.chips[chipVillage])
	s.key(fyne.KeyReturn)
	s.letters("zs")
	s.letters(" ")
	s.key(fyne.KeyReturn)
	if s.page.m.rows() != 1 || s.cursor() != "0818-028" {
		t.Errorf("the village zs shows %d rows, first %s", s.page.m.rows(), s.cursor())
	}
	if got := s.page.chips[chipVillage].Text(); got != "村 泽随" {
		t.Errorf("the chip says %q", got)
	}
}

func TestQueue_ViewsAreKeptOnThisDesk(t *testing.T) {
	s := plainStage(t)
	s.page.choose(chipUrgency, []string{string(incident.Critical)})
	s.page.saveView()
	s.letters("特急")
	s.key(fyne.KeyReturn)
	if n := len(s.page.views); n != 7 || s.page.views[6].Name != "特急" || s.page.m.rows() != 1 {
		t.Errorf("%d views, %d rows", n, s.page.m.rows())
	}
	var kept []board.View
	ok := s.room.Local("queue.views", &kept) == nil
	if !ok || len(kept) != 1 {
		t.Errorf("kept: %s", s.room.local["queue.views"])
	}
}

func TestQueue_TickMovesTheClocksInViewOn(t *testing.T) {
	s := plainStage(t)
	words := func() string {
		out := ""
		s.page.list.Each(func(_ int, o fyne.CanvasObject) {
			if r, ok := o.(*rowWidget); ok && r.row.ShortNo == "0818-031" {
				out = r.clock.Words()
			}
		})
		return out
	}
	if words() != "04:12" {
		t.Errorf("clock says %q", words())
	}
	s.now = s.now.Add(time.Second)
	s.shell.Tick(s.now)
	if words() != "04:11" {
		t.Errorf("a second later it says %q", words())
	}
}

func TestQueue_TodayFollowsTheDay(t *testing.T) {
	s := plainStage(t)
	s.now = s.now.Add(10 * time.Hour)
	s.shell.Tick(s.now)
	if got := s.page.views[2].Filter.From; got != "2026-08-19" {
		t.Errorf("after midnight today is %s", got)
	}
}

func TestQueue_OnlyRowsInViewHaveWidgets(t *testing.T) {
	s := newStage(t, stageParams{room: newLargeRoom(100_000)})
	s.key(fyne.KeyEnd)
	n := 0
	s.page.list.Each(func(int, fyne.CanvasObject) { n++ })
	if n > 30 {
		t.Errorf("%d rows have widgets", n)
	}
	if s.page.m.row != 99_999 {
		t.Errorf("End goes to row %d", s.page.m.row)
	}
}

// newLargeRoom has n rows, most of them in hand.
func newLargeRoom(n int) *fakeRoom {
	f := newFakeRoom()
	f.rows = nil
	specs := sampleSpecs()
	for i := range n {
		s := specs[10+i%8]
		if i%1000 < 18 {
			s = specs[i%18]
		}
		s.no = fmt.Sprintf("0818-%06d", i)
		f.rows = append(f.rows, s.row(i))
	}
	return f
}

// BenchmarkQueue_KeyToPaint measures a key that moves the cursor until the whole window is painted in software, with 100,000
// incidents; and the key alone, without painting.
func BenchmarkQueue_KeyToPaint(b *testing.B) {
	for _, paint := range []bool{false, true} {
		b.Run(fmt.Sprintf("paint=%v", paint), func(b *testing.B) {
			s := newStage(b, stageParams{room: newLargeRoom(100_000)})
			keys := []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyPageDown, fyne.KeyUp, fyne.KeyEnd, fyne.KeyHome}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				s.key(keys[i%len(keys)])
				i++
				if paint {
					s.window.Canvas().Capture()
				}
			}
		})
	}
}
