package queue

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
)

// fakeRoom answers from a slice of rows.
type fakeRoom struct {
	rows   []board.Row
	ver    uint64
	subs   map[int]func(room.Change)
	next   int
	local  map[string][]byte
	detail func(id incident.IncidentID) (room.Detail, error)
	reads  int
}

func idOf(n int) (id incident.IncidentID) {
	binary.BigEndian.PutUint32(id[12:], uint32(n+1))
	return id
}

// fakeSnapshot holds the rows that fit, sorted by group.
type fakeSnapshot struct {
	rows  []board.Row
	index map[incident.IncidentID]int
	sizes map[board.Group]int
	ver   uint64
}

func (s *fakeSnapshot) Len() int            { return len(s.rows) }
func (s *fakeSnapshot) Row(i int) board.Row { return s.rows[i] }
func (s *fakeSnapshot) IndexOf(id incident.IncidentID) int {
	if i, ok := s.index[id]; ok {
		return i
	}
	return -1
}
func (s *fakeSnapshot) GroupSizes() map[board.Group]int { return s.sizes }
func (s *fakeSnapshot) Version() uint64                 { return s.ver }

func fits(f board.Filter, r board.Row) bool {
	ended := r.Group == board.Ended
	in := func(n int, has bool) bool { return n == 0 || has }
	return (f.Ended || !ended) && (!f.OnlyEnded || ended) &&
		in(len(f.Groups), slices.Contains(f.Groups, r.Group)) && in(len(f.Stages), slices.Contains(f.Stages, r.Stage)) &&
		in(len(f.Units), slices.Contains(f.Units, r.Lead)) && in(len(f.Villages), slices.Contains(f.Villages, r.Village)) &&
		in(len(f.Channels), slices.Contains(f.Channels, r.Channel)) && in(len(f.Urgencies), slices.Contains(f.Urgencies, r.Urgency)) &&
		(!f.Supervised || r.Supervised > 0) && matches(f.Words, r)
}

func matches(words string, r board.Row) bool {
	_, ok := board.Match(words, r.ShortNo+" "+r.Title+" "+r.Village)
	return words == "" || ok
}

func (f *fakeRoom) Snapshot(by board.Filter) board.Snapshot {
	f.reads++
	s := &fakeSnapshot{index: map[incident.IncidentID]int{}, sizes: map[board.Group]int{}, ver: f.ver}
	for _, r := range f.rows {
		if fits(by, r) {
			s.rows = append(s.rows, r)
			s.sizes[r.Group]++
		}
	}
	slices.SortStableFunc(s.rows, func(a, b board.Row) int { return int(a.Group) - int(b.Group) })
	for i, r := range s.rows {
		s.index[r.ID] = i
	}
	return s
}

func (f *fakeRoom) Count(by board.Filter) int {
	n := 0
	for _, r := range f.rows {
		if fits(by, r) {
			n++
		}
	}
	return n
}

func (f *fakeRoom) Detail(id incident.IncidentID, _ incident.Login) (room.Detail, error) {
	if f.detail != nil {
		return f.detail(id)
	}
	for _, r := range f.rows {
		if r.ID == id {
			return room.Detail{Row: r, State: incident.State{ID: id, Status: r.Status, Fields: incident.Fields{Channel: r.Channel, Village: r.Village, Title: r.Title, ReceivedAt: r.ReceivedAt}}}, nil
		}
	}
	return room.Detail{}, errors.New("no such incident")
}

func (f *fakeRoom) Subscribe(call func(room.Change)) func() {
	n := f.next
	f.next++
	f.subs[n] = call
	return func() { delete(f.subs, n) }
}

func (f *fakeRoom) Local(name string, into any) error {
	raw, ok := f.local[name]
	if !ok {
		return nil
	}
	return json.Unmarshal(raw, into)
}

func (f *fakeRoom) SetLocal(name string, value any) (err error) {
	f.local[name], err = json.Marshal(value)
	return err
}

func (f *fakeRoom) Counters() board.Counters {
	c := board.Counters{DoneToday: 18, ReceivedToday: 31}
	for _, r := range f.rows {
		switch r.Group {
		case board.Unanswered:
			c.Unanswered++
		case board.ToDispatch:
			c.ToDispatch++
		case board.Overdue:
			c.Overdue++
			c.InHand++
		case board.DueSoon:
			c.DueSoon++
			c.InHand++
		case board.InHand:
			c.InHand++
		}
	}
	return c
}

// fakeNow is Tuesday 18 August 2026, 14:09:21 in Beijing.
var fakeNow = incident.StampOf(time.Date(2026, 8, 18, 14, 9, 21, 0, incident.Local))

// spec is a line of the sample: group, urgency, number, clock, time left, limit, title, village, channel, lead, co-handlers, stage, age.
type spec struct {
	group   board.Group
	urgency incident.Urgency
	no      string
	clock   incident.ClockName
	left    time.Duration
	limit   time.Duration
	title   string
	village string
	channel incident.Channel
	lead    incident.UnitID
	co      int
	stage   board.Stage
	age     time.Duration
}

func sampleSpecs() []spec {
	const m, h, d = time.Minute, time.Hour, 24 * time.Hour
	un, td, od, ds, ih := board.Unanswered, board.ToDispatch, board.Overdue, board.DueSoon, board.InHand
	c1, c2, c6 := incident.C1Respond, incident.C2Dispatch, incident.C6Settle
	cr, ur, no, lo := incident.Critical, incident.Urgent, incident.Normal, incident.Low
	return []spec{
		{un, cr, "0818-031", c1, 4*m + 12*time.Second, 5 * m, "塔石溪水位上涨漫过便桥", "童岗坞", incident.ChannelLink, "", 0, board.StageUnanswered, 48 * time.Second},
		{un, no, "0818-030", c1, 97 * time.Second, 5 * m, "路灯连续三晚不亮", "塔石村", incident.Channel12345, "", 0, board.StageUnanswered, 3 * m},
		{td, ur, "0818-029", c2, 6*m + 51*time.Second, 10 * m, "在建项目排水不达标影响农田", "双联新村", incident.ChannelSPT, "农业农村办", 3, board.StageToDispatch, 4 * m},
		{td, no, "0818-028", c2, 4*m + 20*time.Second, 10 * m, "邻里宅基地滴水纠纷", "泽随", incident.Channel110, "司法所", 1, board.StageToDispatch, 7 * m},
		{td, no, "0818-027", c2, 125 * time.Second, 10 * m, "村口垃圾清运点满溢", "舒村", incident.ChannelVest, "村镇建设办", 0, board.StageToDispatch, 9 * m},
		{od, ur, "0816-011", c6, -134 * m, 48 * h, "工地拖欠农民工工资", "塔石村", incident.Channel12345, "社会事务办", 2, board.StageHandling, 2 * d},
		{od, no, "0817-019", c6, -38 * m, 20 * h, "自来水浑浊", "何明", incident.Channel12345, "村镇建设办", 1, board.StageHandling, 22 * h},
		{ds, ur, "0818-024", c6, 11 * m, 2 * h, "田间露天焚烧秸秆", "莲塘", incident.ChannelGrid, "综合执法队", 1, board.StageOnScene, 49 * m},
		{ds, ur, "0818-022", c6, 18 * m, 2 * h, "老人外出未归协助查找", "山底陈", incident.Channel110, "塔石派出所", 2, board.StageHandling, 1 * h},
		{ds, no, "0818-020", c6, 26 * m, 2 * h, "养殖场异味扰民", "钱家", incident.Channel12345, "农业农村办", 0, board.StageSigned, 2 * h},
		{ih, ur, "0818-025", c6, 100 * m, 150 * m, "路面塌陷需围挡警示", "下张坞", incident.ChannelPhone, "村镇建设办", 1, board.StageOnScene, 41 * m},
		{ih, no, "0818-023", c6, 125 * m, 180 * m, "电线垂落离地不足两米", "叶村", incident.ChannelGrid, "供电所", 0, board.StageSigned, 55 * m},
		{ih, no, "0818-021", c6, 190 * m, 330 * m, "占道堆放建材", "前夏", incident.ChannelVest, "综合执法队", 0, board.StageHandling, 1 * h},
		{ih, no, "0818-018", c6, 210 * m, 400 * m, "灌溉渠闸门卡住", "柯泉", incident.ChannelGrid, "农业农村办", 1, board.StageHandling, 3 * h},
		{ih, no, "0818-016", c6, 231 * m, 480 * m, "流浪犬聚集在校门口", "塔石村", incident.ChannelPhone, "综合执法队", 0, board.StageHandling, 4 * h},
		{ih, no, "0817-022", c6, 320 * m, 720 * m, "山塘泄洪口杂物堵塞", "罗山", incident.ChannelGrid, "应急管理办", 1, board.StageToVerify, 19 * h},
		{ih, lo, "0815-008", c6, 50 * h, 4 * d, "文化礼堂屋面渗漏", "平坦", incident.ChannelGrid, "村镇建设办", 0, board.StageHandling, 3 * d},
		{ih, lo, "0812-004", c6, 4*d + h, 8 * d, "村道转弯镜破损", "傅仓", incident.ChannelVest, "村镇建设办", 0, board.StageToCallback, 6 * d},
		{board.Ended, no, "0818-012", c6, h, 2 * h, "广场音响扰民", "泽随", incident.Channel12345, "综合执法队", 0, board.StageClosed, 5 * h},
	}
}

func (s spec) row(n int) board.Row {
	r := board.Row{
		ID: idOf(n), No: "2026-" + s.no, ShortNo: s.no, Title: s.title, Village: s.village, Channel: s.channel, Urgency: s.urgency, Stage: s.stage,
		Group: s.group, Lead: s.lead, Suggested: s.group == board.ToDispatch, CoCount: s.co, ReceivedAt: fakeNow.Add(-s.age), Status: incident.Handling,
	}
	r.Clock = incident.Clock{Name: s.clock, From: fakeNow.Add(s.left - s.limit), Due: fakeNow.Add(s.left)}
	if s.group == board.Ended {
		r.Clock = incident.Clock{}
	}
	return r
}

func newFakeRoom() *fakeRoom {
	f := &fakeRoom{subs: map[int]func(room.Change){}, local: map[string][]byte{}}
	for i, s := range sampleSpecs() {
		f.rows = append(f.rows, s.row(i))
	}
	return f
}

// sampleDetail is the incident of the pane in the picture.
func (f *fakeRoom) sampleDetail(id incident.IncidentID) (room.Detail, error) {
	f.detail = nil
	d, err := f.Detail(id, "")
	f.detail = f.sampleDetail
	if err != nil || id != idOf(2) {
		return d, err
	}
	received := fakeNow.Add(-4*time.Minute - 9*time.Second)
	d.State.Fields = incident.Fields{
		Channel: incident.ChannelSPT, SourceNo: "SPT20260818077", Village: "双联新村", Place: &incident.Place{Text: "在建项目北侧沟渠"},
		Reporter: &incident.Reporter{Name: "王某", Phone: "138****5678"}, ReceivedAt: received,
		Content: "村民反映在建项目排水设施未达标，雨后积水可能漫入附近村的农田，请尽快到场核实。",
	}
	d.State.Status, d.State.Registrar, d.State.RespondedAt = incident.Accepted, "op2", received.Add(time.Minute)
	d.Category = incident.Category{Code: "0501", Major: "农田水利", Minor: "施工排水"}
	d.Suggest = []room.Suggestion{
		{Unit: "农业农村办", Lead: true, Load: 0.3, Reasons: []string{"2 件在办", "同类 9 件均按时"}},
		{Unit: "塔石派出所", Load: 0.45, Reasons: []string{"值班在岗"}},
		{Unit: "村镇建设办", Load: 0.8, Reasons: []string{"5 件在办", "含 1 件超期"}},
		{Unit: "双联新村", Load: 0.1, Reasons: []string{"网格员在线"}},
	}
	d.Likely = []board.Likely{{Row: board.Row{ShortNo: "0817-015", Title: "沟渠淤塞"}, Score: 71, Reasons: nil}}
	return d, nil
}
