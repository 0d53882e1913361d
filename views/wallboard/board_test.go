package wallboard

import (
	"encoding/binary"
	"flag"
	"fmt"
	"image"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
	"zw110/views/townmap"
	"zw110/views/townmap/chart"
)

var fakeNow = incident.StampOf(time.Date(2026, 8, 18, 14, 9, 21, 0, incident.Local))

func idOf(n int) (id incident.IncidentID) {
	binary.BigEndian.PutUint32(id[12:], uint32(n+1))
	return id
}

// fakeDesk answers from rows; those that ended are counted by hour.
type fakeDesk struct {
	rows []board.Row
	subs []func(room.Change)
}

type fakeSnapshot []board.Row

func (s fakeSnapshot) Len() int                        { return len(s) }
func (s fakeSnapshot) Row(i int) board.Row             { return s[i] }
func (s fakeSnapshot) IndexOf(incident.IncidentID) int { return -1 }
func (s fakeSnapshot) GroupSizes() map[board.Group]int { return nil }
func (s fakeSnapshot) Version() uint64                 { return 1 }

func (f *fakeDesk) Snapshot(by board.Filter) board.Snapshot {
	return fakeSnapshot(slices.DeleteFunc(slices.Clone(f.rows), func(r board.Row) bool {
		day := incident.DayOf(r.ReceivedAt)
		return !by.Ended && r.Group == board.Ended || by.From != "" && day < by.From || by.To != "" && day > by.To
	}))
}
func (f *fakeDesk) Count(board.Filter) int { return len(f.rows) }
func (f *fakeDesk) Subscribe(call func(room.Change)) func() {
	f.subs = append(f.subs, call)
	return func() { f.subs = nil }
}

func (f *fakeDesk) counters() board.Counters {
	return board.Counters{Unanswered: 2, ToDispatch: 3, InHand: 13, DueSoon: 3, Overdue: 2, Open: 18, DoneToday: 18, ReceivedToday: 31}
}

// villages of the sample, a rough ring around the town's seat.
func sampleTown() *chart.Town {
	names := []string{"塔石村", "童岗坞", "双联新村", "莲塘", "泽随", "罗山", "叶村", "何明", "前夏", "山底陈", "平坦", "钱家", "下张坞", "柯泉"}
	at := [][2]float64{{0, 0}, {-.4, 2}, {-1.9, -.1}, {-2.6, .9}, {-3.6, 3.6}, {-3.2, 2.9}, {-3.5, 1.5}, {-2.1, -1.3}, {-1.5, -2.3}, {.2, -1.9}, {1.3, -1.5}, {1.1, .3}, {.5, 2.6}, {-1.2, 1.2}}
	t := &chart.Town{}
	spot := func(x, y float64) board.Spot { return board.SpotOf(119.1556+x/60, 29.14+y/80) }
	for i, name := range names {
		t.Villages = append(t.Villages, chart.Village{Name: name, At: spot(at[i][0], at[i][1]), Placed: true})
	}
	ring := []board.Spot{spot(-4.3, 4.2), spot(1, 3.6), spot(2.2, 1), spot(2.1, -2), spot(.5, -3.4), spot(-1.8, -3), spot(-2.9, -.8), spot(-4.1, 1.2)}
	t.Land = [][]board.Spot{ring}
	t.Edge = []chart.Way{{Points: append(slices.Clone(ring), ring[0]), Sketched: true}}
	t.Rivers = []chart.Way{{Name: "塔石溪", Points: []board.Spot{spot(-1, 6), spot(-.6, 1), spot(.1, -1), spot(0, -6)}}}
	return t
}

func newFakeDesk() *fakeDesk {
	f := &fakeDesk{}
	add := func(u incident.Urgency, g board.Group, title, village string, left, age time.Duration) {
		r := board.Row{ID: idOf(len(f.rows)), Title: title, Village: village, Urgency: u, Group: g, ReceivedAt: fakeNow.Add(-age)}
		if g != board.Ended {
			r.Clock = incident.Clock{Name: incident.C6Settle, From: r.ReceivedAt, Due: fakeNow.Add(left)}
		}
		f.rows = append(f.rows, r)
	}
	const m, h = time.Minute, time.Hour
	add(incident.Critical, board.Unanswered, "塔石溪水位上涨漫过便桥", "童岗坞", 4*m+12*time.Second, 48*time.Second)
	add(incident.Normal, board.Unanswered, "路灯连续三晚不亮", "塔石村", 97*time.Second, 3*m+23*time.Second)
	add(incident.Urgent, board.ToDispatch, "在建项目排水不达标影响农田", "双联新村", 6*m, 4*m)
	add(incident.Normal, board.ToDispatch, "村口垃圾清运点满溢", "泽随", 2*m, 9*m)
	add(incident.Urgent, board.Overdue, "工地拖欠农民工工资，电话13800001234", "塔石村", -134*m, 48*h)
	add(incident.Normal, board.Overdue, "自来水浑浊", "何明", -38*m, 22*h)
	add(incident.Urgent, board.DueSoon, "田间露天焚烧秸秆", "莲塘", 11*m, h)
	add(incident.Urgent, board.InHand, "路面塌陷需围挡警示", "下张坞", 100*m, h)
	add(incident.Urgent, board.InHand, "老人外出未归协助查找", "山底陈", 200*m, h)
	for i, v := range []string{"罗山", "叶村", "前夏", "钱家", "柯泉", "塔石村"} {
		add(incident.Normal, board.InHand, "在办的一件", v, 5*h, time.Duration(i)*h)
	}
	add(incident.Low, board.InHand, "文化礼堂屋面渗漏", "平坦", 50*h, 70*h)
	for i := range 31 * 24 {
		add(incident.Normal, board.Ended, "办完的一件", "塔石村", 0, time.Duration(i)*71*m)
	}
	return f
}

type stage struct {
	desk  *fakeDesk
	board *Board
	now   incident.Stamp
	jobs  int
}

func newStage(t *testing.T, size fyne.Size) *stage {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(kit.NewTheme(kit.Light))
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{desk: newFakeDesk(), now: fakeNow}
	ground := townmap.Ground{Town: sampleTown(), Note: "示意图，村界非测绘"}
	env := &kit.Env{Text: text, Post: func(f func()) { f() }, Now: func() incident.Stamp { return s.now }}
	s.board, err = New(Params{
		Env: env, Desk: s.desk, Counters: s.desk.counters, Ground: func() townmap.Ground { return ground }, Town: "塔石镇 综合信息指挥室",
		Apart: func(job func()) {
			s.jobs++
			job()
		},
		Shift: func() string { return "白班 值班长" }, Link: func() (string, chart.Tone) { return "已同步", chart.Good },
		Mask: func(text string) string { return strings.ReplaceAll(text, "13800001234", "138****1234") },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.board.Content().Resize(size)
	s.board.Start()
	t.Cleanup(s.board.Stop)
	return s
}

func (s *stage) scene() *chart.WallScene {
	return s.board.words.scene(&s.board.state, "", "", chart.Good, s.now)
}

func TestBoard_SaysWhatThereIs(t *testing.T) {
	s := newStage(t, fyne.NewSize(480, 270))
	sc := s.scene()
	got := fmt.Sprint(sc.Figures[0].Value, "|", sc.Figures[0].Note, "|", sc.Figures[1].Note, "|", sc.Figures[3].Note, "|", sc.Figures[5].Value, "|", sc.Clock, "|", sc.Date)
	if want := "2|最长 3 分 23 秒|最长 9 分|最长 2 时 14 分|58%|14:09|8 月 18 日 周二"; got != want {
		t.Errorf("the board says %q, want %q", got, want)
	}
	if r := sc.Left.Rows[0]; r.Title != "工地拖欠农民工工资，电话138****1234" || r.Clock != "2 时 14 分" {
		t.Errorf("the first overdue row is %+v", r)
	}
	if r := sc.Right.Rows[1]; r.Clock != "剩 1:37" {
		t.Errorf("the second new row is %+v", r)
	}
	if len(sc.Hours.Today) != 15 || len(sc.Hours.Mean) != 24 {
		t.Errorf("%d hours of today, %d of the mean", len(sc.Hours.Today), len(sc.Hours.Mean))
	}
}

// With more than two the strips take turns, all are seen within their turns, and what is critical is on each.
func TestPage_EachHasItsTurnAndCriticalOnesStay(t *testing.T) {
	for _, c := range []struct{ criticals, others int }{{0, 5}, {1, 4}, {2, 3}, {3, 2}, {0, 2}} {
		var rows []board.Row
		for i := range c.criticals + c.others {
			u := incident.Normal
			if i < c.criticals {
				u = incident.Critical
			}
			rows = append(rows, board.Row{ID: idOf(i), Urgency: u})
		}
		seen := map[incident.IncidentID]bool{}
		for turn := range 10 {
			shown := page(rows, fakeNow.Add(time.Duration(turn)*pageTime))
			first := 0
			for _, r := range shown {
				seen[r.ID] = true
				first += 1 - critical(&r)
			}
			if len(shown) == 0 || len(shown) > perPage || first < min(c.criticals, 1) {
				t.Fatalf("%+v shows %d, %d of them critical", c, len(shown), first)
			}
		}
		want := c.criticals + c.others
		if c.criticals >= perPage {
			want = c.criticals
		}
		if len(seen) != want {
			t.Errorf("%+v: %d seen, want %d", c, len(seen), want)
		}
	}
}

// A second that changes no word paints nothing; a new minute, a change and the night do.
func TestBoard_PaintsOnlyWhatChanged(t *testing.T) {
	s := newStage(t, fyne.NewSize(480, 270))
	s.desk.rows = s.desk.rows[6:] // no clocks in seconds
	s.desk.subs[0](room.Change{All: true})
	s.board.Tick(s.now)
	was := s.jobs
	for range 5 {
		s.now = s.now.Add(time.Second)
		s.board.Tick(s.now)
	}
	if s.jobs != was {
		t.Errorf("%d jobs in five seconds without a change", s.jobs-was)
	}
	s.now = s.now.Add(time.Minute)
	s.board.Tick(s.now)
	if s.jobs != was+1 {
		t.Errorf("%d jobs in a new minute, want 1", s.jobs-was)
	}
	light := s.pixel(t)
	s.now = incident.StampOf(time.Date(2026, 8, 18, nightFrom, 0, 1, 0, incident.Local))
	s.board.Tick(s.now)
	if night := s.pixel(t); night == light || night > 0x4000 {
		t.Errorf("the ground is %x at night and %x by day", night, light)
	}
}

// pixel is how bright the ground between the cards is.
func (s *stage) pixel(t *testing.T) uint32 {
	t.Helper()
	img, ok := s.board.picture.Image.(*image.RGBA)
	if !ok {
		t.Fatal("no picture")
	}
	r, _, _, _ := img.At(2, 2).RGBA()
	return r
}

// soak is how many times a minute of the simulated day the board ticks and changes; 60 makes it every second.
var soak = flag.Float64("soak", 0.1, "ticks a minute of the simulated day")

// A day of ticks, with a change in each, leaves neither memory nor goroutines behind: the board stays on for weeks.
func TestBoard_StaysTheSameForADay(t *testing.T) {
	s := newStage(t, fyne.NewSize(320, 180))
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	step := time.Duration(float64(time.Minute) / *soak)
	run := func(d time.Duration) {
		for range int(d / step) {
			s.now = s.now.Add(step)
			s.board.Tick(s.now)
			s.desk.subs[0](room.Change{All: true})
		}
	}
	run(8 * time.Hour) // both themes, most words
	before, goroutines := live(), runtime.NumGoroutine()
	run(24 * time.Hour)
	if after := live(); after > before+1<<20 {
		t.Errorf("the heap grows from %d to %d bytes", before, after)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, %d before", n, goroutines)
	}
}
