package townmap

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views"
	"zw110/views/kit"
	"zw110/views/townmap/chart"
)

// fakeNow is Tuesday 18 August 2026, 14:09:21 in Beijing.
var fakeNow = incident.StampOf(time.Date(2026, 8, 18, 14, 9, 21, 0, incident.Local))

func idOf(n int) (id incident.IncidentID) {
	binary.BigEndian.PutUint32(id[12:], uint32(n+1))
	return id
}

// spots are the villages of the picture, by their places in it.
func spots() map[string][2]float64 {
	return map[string][2]float64{
		"泽随": {361, 148}, "罗山": {388, 198}, "真武山下": {486, 151}, "雅村": {587, 186}, "下张坞": {687, 215}, "豆腐王": {444, 251}, "里王": {513, 251},
		"童岗坞": {602, 255}, "叶村": {369, 300}, "莲塘": {436, 343}, "柯泉": {552, 324}, "杜山徐": {656, 332}, "后舒": {747, 320}, "双联新村": {493, 414},
		"舒村": {588, 398}, "塔石村": {645, 426}, "钱家": {732, 409}, "西何": {544, 487}, "何明": {474, 524}, "华青": {680, 502}, "平坦": {757, 544},
		"勤裕": {583, 555}, "山底陈": {659, 583}, "前夏": {521, 599}, "傅仓": {610, 655}, "塘里": {714, 616},
	}
}

// onGround turns a place in the picture, whose pixels are 22 metres, into one on the ground.
func onGround(x, y float64) board.Spot {
	const unit = 22.0 / 111_320
	return board.SpotOf(119.15563+(x-645)*unit/math.Cos(29.14*math.Pi/180), 29.14012-(y-426)*unit)
}

// sampleTown is the town of the picture: cells between its villages, cut at an outline.
func sampleTown() *chart.Town {
	outline := [][2]float64{
		{300, 105},
		{420, 128},
		{480, 110},
		{545, 152},
		{630, 150},
		{690, 165},
		{745, 205},
		{795, 330},
		{770, 380},
		{800, 580},
		{730, 670},
		{610, 700},
		{470, 640},
		{455, 580},
		{415, 490},
		{465, 440},
		{455, 390},
		{375, 372},
		{318, 290},
		{365, 245},
		{345, 170},
	}
	t := &chart.Town{}
	ring := make([]board.Spot, len(outline))
	for i, p := range outline {
		ring[i] = onGround(p[0], p[1])
	}
	t.Land = [][]board.Spot{ring}
	t.Edge = []chart.Way{{Points: append(slices.Clone(ring[12:]), ring[0])}, {Points: ring[:13], Sketched: true}}
	names := make([]string, 0, len(spots()))
	for name := range spots() {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		at := spots()[name]
		cell := slices.Clone(outline)
		for _, other := range names {
			if o := spots()[other]; other != name {
				cell = nearer(cell, at, o)
			}
		}
		v := chart.Village{Name: name, At: onGround(at[0], at[1]), Placed: true}
		for _, p := range cell {
			v.Cell = append(v.Cell, onGround(p[0], p[1]))
		}
		t.Villages = append(t.Villages, v)
	}
	line := func(p ...[2]float64) []board.Spot {
		out := make([]board.Spot, len(p))
		for i := range p {
			out[i] = onGround(p[i][0], p[i][1])
		}
		return out
	}
	t.Rivers = []chart.Way{{Name: "塔石溪", Points: line([2]float64{555, 40}, [2]float64{545, 160}, [2]float64{605, 300}, [2]float64{595, 400}, [2]float64{650, 520}, [2]float64{640, 600}, [2]float64{655, 780})}}
	t.Roads = []chart.Way{{Points: line([2]float64{278, 466}, [2]float64{440, 482}, [2]float64{640, 450}, [2]float64{946, 385})}, {Points: line([2]float64{603, 40}, [2]float64{655, 330}, [2]float64{695, 560}, [2]float64{690, 780})}}
	t.Names = []chart.Name{{Text: "横山镇", At: onGround(768, 89)}, {Text: "模环乡", At: onGround(920, 344)}, {Text: "詹家镇", At: onGround(375, 676)}}
	return t
}

// nearer cuts from a ring what lies nearer to b than to a.
func nearer(ring [][2]float64, a, b [2]float64) [][2]float64 {
	side := func(p [2]float64) float64 {
		return (b[0]-a[0])*((a[0]+b[0])/2-p[0]) + (b[1]-a[1])*((a[1]+b[1])/2-p[1])
	}
	var out [][2]float64
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sp, sq := side(p), side(q)
		if sp >= 0 {
			out = append(out, p)
		}
		if (sp >= 0) != (sq >= 0) {
			f := sp / (sp - sq)
			out = append(out, [2]float64{p[0] + (q[0]-p[0])*f, p[1] + (q[1]-p[1])*f})
		}
	}
	return out
}

// fakeDesk answers from rows.
type fakeDesk struct {
	rows []board.Row
	came []board.Row // what the heat counts
	subs []func(room.Change)
}

type fakeSnapshot []board.Row

func (s fakeSnapshot) Len() int            { return len(s) }
func (s fakeSnapshot) Row(i int) board.Row { return s[i] }
func (s fakeSnapshot) IndexOf(id incident.IncidentID) int {
	return slices.IndexFunc(s, func(r board.Row) bool { return r.ID == id })
}
func (s fakeSnapshot) GroupSizes() map[board.Group]int { return nil }
func (s fakeSnapshot) Version() uint64                 { return 1 }

func (f *fakeDesk) Snapshot(by board.Filter) board.Snapshot {
	if by.Ended {
		return fakeSnapshot(f.came)
	}
	return fakeSnapshot(slices.Clone(f.rows))
}
func (f *fakeDesk) Count(board.Filter) int { return len(f.rows) }
func (f *fakeDesk) Counters() board.Counters {
	return board.Counters{Unanswered: 2, ToDispatch: 3, InHand: 13, DueSoon: 3, Overdue: 2, Open: 18, DoneToday: 18, ReceivedToday: 31}
}
func (f *fakeDesk) Local(string, any) error    { return nil }
func (f *fakeDesk) SetLocal(string, any) error { return nil }
func (f *fakeDesk) Subscribe(call func(room.Change)) func() {
	f.subs = append(f.subs, call)
	return func() { f.subs = nil }
}

func (f *fakeDesk) tell() {
	for _, s := range f.subs {
		s(room.Change{All: true})
	}
}

// newFakeDesk has the incidents of the picture.
func newFakeDesk() *fakeDesk {
	f := &fakeDesk{}
	add := func(u incident.Urgency, stage board.Stage, no, title, village string, left time.Duration, limit time.Duration, dx, dy float64) {
		r := board.Row{ID: idOf(len(f.rows)), ShortNo: no, No: "2026-" + no, Title: title, Village: village, Urgency: u, Stage: stage, Group: board.InHand, Status: incident.Handling}
		r.Clock = incident.Clock{Name: incident.C6Settle, From: fakeNow.Add(left - limit), Due: fakeNow.Add(left)}
		if stage == board.StageUnanswered {
			r.Clock.Name, r.Group = incident.C1Respond, board.Unanswered
		}
		if dx != 0 || dy != 0 {
			at := spots()[village]
			lng, lat := onGround(at[0]+dx, at[1]+dy).Degrees()
			r.Lng, r.Lat = float32(lng), float32(lat)
		}
		f.rows = append(f.rows, r)
	}
	const m, h, d = time.Minute, time.Hour, 24 * time.Hour
	add(incident.Critical, board.StageUnanswered, "0818-031", "塔石溪水位上涨漫过便桥", "童岗坞", 4*m+12*time.Second, 5*m, 1, 0)
	add(incident.Normal, board.StageUnanswered, "0818-030", "路灯连续三晚不亮", "塔石村", 97*time.Second, 5*m, 0, 0)
	add(incident.Urgent, board.StageToDispatch, "0818-029", "在建项目排水不达标影响农田", "双联新村", 6*m+51*time.Second, 10*m, 1, 1)
	add(incident.Normal, board.StageToDispatch, "0818-028", "邻里宅基地滴水纠纷", "泽随", 4*m+20*time.Second, 10*m, 0, 0)
	add(incident.Urgent, board.StageHandling, "0816-011", "工地拖欠农民工工资", "塔石村", -134*m, 48*h, 4, 2)
	add(incident.Urgent, board.StageOnScene, "0818-024", "田间露天焚烧秸秆", "莲塘", 11*m, 2*h, 2, 1)
	add(incident.Urgent, board.StageHandling, "0818-022", "老人外出未归协助查找", "山底陈", 18*m, 2*h, 0, 0)
	add(incident.Normal, board.StageSigned, "0818-020", "养殖场异味扰民", "钱家", 26*m, 2*h, 3, 2)
	add(incident.Urgent, board.StageOnScene, "0818-025", "路面塌陷需围挡警示", "下张坞", 100*m, 150*m, 1, 1)
	add(incident.Normal, board.StageSigned, "0818-023", "电线垂落离地不足两米", "叶村", 125*m, 180*m, 1, 2)
	add(incident.Normal, board.StageHandling, "0818-021", "占道堆放建材", "前夏", 190*m, 330*m, 0, 0)
	add(incident.Normal, board.StageHandling, "0818-016", "流浪犬聚集在校门口", "塔石村", 231*m, 480*m, -3, 2)
	add(incident.Normal, board.StageToVerify, "0817-022", "山塘泄洪口杂物堵塞", "罗山", 320*m, 720*m, 1, 1)
	add(incident.Low, board.StageHandling, "0815-008", "文化礼堂屋面渗漏", "平坦", 50*h, 4*d, 0, 0)
	add(incident.Low, board.StageToCallback, "0812-004", "村道转弯镜破损", "傅仓", 4*d+h, 8*d, 1, 1)
	for i, name := range []string{"泽随", "塔石村", "双联新村", "莲塘", "何明", "童岗坞", "舒村", "下张坞"} {
		for range []int{4, 12, 7, 3, 4, 5, 3, 1}[i] {
			f.came = append(f.came, board.Row{Village: name, Stage: board.StageHandling})
		}
	}
	return f
}

// stage is a window with the map in it. Jobs run at once; what waits for a delay runs in pass.
type stage struct {
	t      *testing.T
	desk   *fakeDesk
	page   *Page
	shell  *views.Shell
	window fyne.Window
	ground Ground
	now    incident.Stamp
	after  []func()
	opened []incident.IncidentID
	queued []incident.IncidentID
	mods   fyne.KeyModifier
}

func newStage(t *testing.T, lang string, mode kit.Mode, size fyne.Size) *stage {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(kit.NewTheme(mode))
	text, err := kit.NewText(lang)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, desk: newFakeDesk(), now: fakeNow, window: test.NewTempWindow(t, nil), ground: Ground{Town: sampleTown(), Note: "示意图，村界非测绘", Source: "底图 离线图包 2026-08-01"}}
	env := &kit.Env{Text: text, Keys: kit.NewKeymap(), Post: func(f func()) { f() }, Now: func() incident.Stamp { return s.now }, Calm: true}
	env.After = func(_ time.Duration, f func()) func() {
		off := false
		s.after = append(s.after, func() {
			if !off {
				f()
			}
		})
		return func() { off = true }
	}
	env.Work = func(job func()) { job() }
	s.shell = views.NewShell(views.Params{Window: s.window, Env: env, Desk: s.desk, Actions: views.NewActions(), Town: "塔石镇·综合信息指挥室", Mods: func() fyne.KeyModifier { return s.mods }})
	s.page, err = New(Params{
		Env: env, Desk: s.desk, Apart: func(job func()) { job() }, Ground: func() Ground { return s.ground },
		Open: func(id incident.IncidentID) { s.opened = append(s.opened, id) }, Queue: func(id incident.IncidentID) { s.queued = append(s.queued, id) },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.shell.AddPage(s.page)
	s.window.Resize(size)
	s.shell.Go(Key)
	s.pass()
	s.shell.Tick(s.now)
	return s
}

// pass lets every delay end.
func (s *stage) pass() {
	for len(s.after) > 0 {
		waiting := s.after
		s.after = nil
		for _, f := range waiting {
			f()
		}
	}
}

func (s *stage) key(names ...fyne.KeyName) {
	for _, n := range names {
		s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: n})
	}
	s.pass()
}

func (s *stage) runes(text string) {
	for _, r := range text {
		s.window.Canvas().OnTypedRune()(r)
	}
	s.pass()
}
