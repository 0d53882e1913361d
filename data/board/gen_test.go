package board

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"zw110/data/calendar"
	"zw110/data/incident"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// genNow is "now" of generated towns: 2026-08-18 14:09 Beijing time.
const genNow incident.Stamp = 1787033340000

var (
	genVillages = []string{
		"双联新村村", "泽随村", "罗山村", "杜山徐村", "后舒村", "舒村村", "下张坞村", "莲塘村", "里王村", "塔石村", "童岗坞村", "何明村", "山底陈村",
		"钱家村", "叶村村", "前夏村", "柯泉村", "平坦村", "傅仓村", "横路村", "石壁村", "大塘村", "项家村", "雅村村", "溪底村", "乌石村",
	}
	genUnits = []string{
		"农业农村办", "派出所", "村委会", "建设办", "司法所", "执法队", "应消站", "综治办", "公服办", "市监所", "资规所", "生态所", "供电所", "水务站",
	}
	genSubjects = []string{
		"在建项目排水不达标影响农田", "路灯连续三晚不亮", "邻里宅基地滴水纠纷", "村口垃圾清运点满溢", "工地拖欠农民工工资", "自来水浑浊", "田间露天焚烧秸秆",
		"老人外出未归协助查找", "养殖场异味扰民", "路面塌陷需围挡警示", "电线垂落离地不足两米", "占道堆放建材", "灌溉渠闸门卡住", "流浪犬聚集在校门口",
		"山塘泄洪口杂物堵塞", "文化礼堂屋面渗漏", "村道转弯镜破损", "夜间KTV噪音扰民", "超市销售过期食品", "河道有人电鱼",
	}
	genPhrases = []string{
		"村民反映", "请尽快到场核实", "雨后积水可能漫入附近的农田", "多次联系无果", "希望有关部门处理", "影响出行", "存在安全隐患", "昨天晚上", "今天上午",
		"已经持续一周", "要求书面答复", "距离学校较近", "老人和小孩较多", "施工单位没有回应", "请协调解决",
	}
	genChannels   = []incident.Channel{incident.Channel110, incident.Channel12345, incident.ChannelSPT, incident.ChannelGrid, incident.ChannelVest}
	genUrgencies  = []incident.Urgency{incident.Normal, incident.Normal, incident.Normal, incident.Urgent, incident.Critical, incident.Low}
	genCategories = []string{"0501", "0101", "0603", "0105", "0903", "0303", "0907"}
	genStatuses   = []incident.Status{
		incident.Received, incident.InfoNeeded, incident.Accepted, incident.Disputed, incident.Dispatched, incident.Handling, incident.Suspended,
		incident.WithCounty, incident.FedBack, incident.Verified, incident.Closed, incident.Refused, incident.Merged, incident.Forced, incident.Void,
	}
)

// genWords are two-character words over the 3,755 commonest characters; picked by Zipf's law they give texts as many different pairs of
// characters as real ones have.
var genWords = sync.OnceValue(func() []string {
	var chars []string
	for hi := 0xB0; hi <= 0xD7; hi++ {
		for lo := 0xA1; lo <= 0xFE; lo++ {
			if c, err := simplifiedchinese.GBK.NewDecoder().String(string([]byte{byte(hi), byte(lo)})); err == nil && c != "\uFFFD" {
				chars = append(chars, c)
			}
		}
	}
	rng := rand.New(rand.NewPCG(7, 7))
	words := make([]string, 20000)
	for i := range words {
		words[i] = chars[rng.IntN(len(chars))] + chars[rng.IntN(len(chars))]
	}
	return words
})

// town generates incidents; the same seed gives the same ones.
type town struct {
	rng  *rand.Rand
	zipf *rand.Zipf
	n    int
}

func newTown(seed uint64) *town {
	rng := rand.New(rand.NewPCG(seed, 110))
	return &town{rng: rng, zipf: rand.NewZipf(rng, 1.1, 20, 19999)}
}

func pick[T any](t *town, from []T) T { return from[t.rng.IntN(len(from))] }

// content makes a text of about 53 characters.
func (t *town) content() string {
	var b strings.Builder
	for b.Len() < 3*50 {
		switch t.rng.IntN(6) {
		case 0:
			b.WriteString(pick(t, genPhrases))
		case 1:
			b.WriteString("，")
		default:
			b.WriteString(genWords()[t.zipf.Uint64()])
		}
	}
	return b.String()
}

// incident makes the next incident, received at a moment, with a status.
func (t *town) incident(at incident.Stamp, status incident.Status) Input {
	t.n++
	st := &incident.State{Status: status, RegisteredAt: at, Registrar: incident.Login(fmt.Sprintf("op%d", t.rng.IntN(4)+1))}
	binary.BigEndian.PutUint64(st.ID[:], uint64(at)<<16)
	binary.BigEndian.PutUint64(st.ID[8:], uint64(t.n))
	day := at.Time().In(incident.Local)
	st.No = fmt.Sprintf("%s-%03d", day.Format("2006-0102"), t.n%1000)
	st.Channel = pick(t, genChannels)
	st.SourceNo = fmt.Sprintf("%s%011d", day.Format("060102"), t.rng.Int64N(1e11))
	st.Title = pick(t, genSubjects)
	st.Content = t.content()
	st.Village = pick(t, genVillages)
	st.Place = &incident.Place{
		Text: strings.TrimSuffix(st.Village, "村") + fmt.Sprintf("%d号附近", t.rng.IntN(300)),
		Lng:  119.055 + t.rng.Float64()*0.12, Lat: 29.084 + t.rng.Float64()*0.097,
	}
	st.Category, st.Urgency = pick(t, genCategories), pick(t, genUrgencies)
	st.ReceivedAt = at
	if status != incident.Received || t.rng.IntN(2) == 0 {
		st.RespondedAt = at.Add(time.Minute)
	}
	switch status {
	case incident.Received, incident.InfoNeeded, incident.Accepted, incident.Disputed, incident.Refused, incident.Void:
	default:
		t.dispatch(st)
	}
	switch status {
	case incident.Closed:
		st.HandledAt, st.ClosedAt = at.Add(time.Duration(t.rng.IntN(48))*time.Hour), at.Add(50*time.Hour)
	case incident.Refused, incident.Merged, incident.Forced, incident.Void:
		st.EndedAt = at.Add(30 * time.Hour)
	case incident.FedBack:
		st.FedBackAt = at.Add(5 * time.Hour)
	case incident.Verified:
		st.FedBackAt, st.HandledAt = at.Add(5*time.Hour), at.Add(5*time.Hour)
	}
	return Input{State: st, Phone: fmt.Sprintf("161%08d", t.rng.IntN(1e8)), LastBy: st.Registrar}
}

func (t *town) dispatch(st *incident.State) {
	st.LeadUnit = incident.UnitID(pick(t, genUnits))
	st.Tasks = append(st.Tasks, incident.Task{Unit: st.LeadUnit, Lead: true, Status: incident.TaskSigned})
	for range t.rng.IntN(3) {
		st.Tasks = append(st.Tasks, incident.Task{Unit: incident.UnitID(pick(t, genUnits)), Status: incident.TaskSent})
	}
}

// years makes n incidents at a rate of 10,000 a year up to genNow; open says how many of the last are open.
func (t *town) years(n, open int) []Input {
	const apart = incident.Stamp(365.25 * dayMillis / 10000)
	out := make([]Input, n)
	for i := range out {
		left := n - i
		status := incident.Closed
		if left <= open {
			status = genStatuses[t.rng.IntN(10)]
		}
		out[i] = t.incident(genNow-incident.Stamp(left)*apart, status)
	}
	return out
}

// fakeRules knows one dispute category.
type fakeRules struct{ incident.Rules }

// genCalendar is the ordinary one, without holidays.
var genCalendar = sync.OnceValues(func() (*calendar.Calendar, error) { return calendar.New(calendar.DefaultHours()) })

// Calendar returns genCalendar.
func (fakeRules) Calendar() incident.Calendar {
	c, err := genCalendar()
	if err != nil {
		panic(err) // a programmer's error of the test
	}
	return c
}

// Limits are none: fakeClock has its own.
func (fakeRules) Limits(incident.Stamp) incident.Limits { return incident.Limits{} }

func (fakeRules) Category(code string, _ incident.Stamp) (incident.Category, bool) {
	return incident.Category{Code: code, Lead: "农业农村办", Co: []incident.UnitID{"村委会", "派出所"}, List: incident.ListDaily, Dispute: code == "0101"}, code != ""
}

// fakeClock gives each state a clock: five minutes to answer, half an hour to dispatch, then a day or five.
func fakeClock(st *incident.State, _ incident.Rules, _ incident.Stamp) (incident.Clock, bool) {
	limit := 5 * 24 * 60
	name := incident.C6Settle
	switch {
	case st.Status == incident.Received && st.RespondedAt == 0:
		name, limit = incident.C1Respond, 5
	case st.Status == incident.Accepted:
		name, limit = incident.C2Dispatch, 30
	case st.Status == incident.Disputed:
		return incident.Clock{}, false
	case st.Urgency == incident.Critical || st.Urgency == incident.Urgent:
		limit = 24 * 60
	}
	return incident.Clock{
		Name: name, From: st.ReceivedAt, Due: st.ReceivedAt.Add(time.Duration(limit) * time.Minute),
		Limit: incident.Limit{Kind: incident.NaturalTime, N: limit},
	}, st.Status.Open()
}

// fakeScore counts what two drafts share.
func fakeScore(d, known Draft) (int, []string) {
	score, reasons := 0, []string(nil)
	add := func(points int, same bool, reason string) {
		if same {
			score += points
			reasons = append(reasons, reason)
		}
	}
	add(40, d.Phone != "" && d.Phone == known.Phone, "dup.phone")
	add(20, d.Category == known.Category, "dup.category")
	add(25, d.Village == known.Village, "dup.place")
	add(15, d.At.Sub(known.At).Abs() <= likelyWithin, "dup.time")
	add(20, d.Title == known.Title, "dup.text")
	return score, reasons
}

func newTestBoard() *Board {
	b, err := New(Params{Rules: fakeRules{}, Score: fakeScore})
	if err != nil {
		panic(err) // a programmer's error of the test
	}
	b.nextClock = fakeClock
	return b
}
