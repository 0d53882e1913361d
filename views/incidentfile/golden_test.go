//go:build amd64

package incidentfile

import (
	"io"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views"
	"zw110/views/kit"
	"zw110/views/kit/kittest"
)

// sampleDesk shows one incident, 18 August at 14:41, half way through the loop.
type sampleDesk struct{ rules incident.Rules }

var sampleNow = at(14, 41).Add(7 * time.Second)

func (d sampleDesk) Thumbnail(incident.Attachment) ([]byte, error) { return nil, nil }
func (d sampleDesk) OpenAttachment(incident.AttachmentID) (room.Attached, io.Reader, error) {
	return room.Attached{}, nil, io.EOF
}
func (d sampleDesk) Rules() incident.Rules              { return d.rules }
func (d sampleDesk) Subscribe(func(room.Change)) func() { return func() {} }
func (d sampleDesk) Local(string, any) error            { return nil }
func (d sampleDesk) SetLocal(string, any) error         { return nil }
func (d sampleDesk) Counters() board.Counters {
	return board.Counters{Unanswered: 1, ToDispatch: 2, InHand: 15, DueSoon: 2, Overdue: 3, DoneToday: 19, ReceivedToday: 31}
}

func (d sampleDesk) Detail(id incident.IncidentID, _ incident.Login) (room.Detail, error) {
	var out room.Detail
	st := &out.State
	st.ID, st.Status, st.LeadUnit = id, incident.Handling, "农业农村办"
	st.Fields = incident.Fields{
		Channel: incident.ChannelSPT, SourceNo: "SPT20260818077", Title: "在建项目排水不达标影响农田", Village: "双联新村", Urgency: incident.Urgent, Category: "0501",
		Content:  "村民反映在建项目排水设施未达标，雨后积水可能漫入附近村的农田，请尽快到场核实。",
		Place:    &incident.Place{Text: "在建项目北侧沟渠"},
		Reporter: &incident.Reporter{Name: "王某", Phone: "138****5678"}, ReceivedAt: at(14, 5), DueSource: at(20, 0),
	}
	st.Registrar, st.RegisteredAt, st.RespondedAt, st.AcceptedAt = "op2", at(14, 5), at(14, 6), at(14, 7)
	st.DispatchedAt, st.SignedAt, st.ArrivedAt = at(14, 9), at(14, 11), at(14, 18)
	line := func(hour, minute int, k incident.Kind, role incident.Role, by incident.Login, unit incident.UnitID, f incident.Fields) {
		l := incident.LogLine{Kind: k, At: at(hour, minute), Actor: by, Role: role, Unit: unit, Fact: &incident.Fact{Kind: k, At: at(hour, minute), ActorRole: role, Fields: f}}
		st.Log = append(st.Log, l)
	}
	line(14, 5, incident.KindRegistered, incident.RoleOperator, "op2", "", incident.Fields{Channel: incident.ChannelSPT, SourceNo: "SPT20260818077", Title: st.Title})
	line(14, 6, incident.KindResponded, incident.RoleOperator, "op2", "", incident.Fields{Text: "已回拨反映人，确认位置与水流方向。"})
	line(14, 7, incident.KindAccepted, incident.RoleOperator, "op2", "", incident.Fields{})
	line(14, 9, incident.KindDispatched, incident.RoleOperator, "op2", "", incident.Fields{List: incident.ListJoint, Lead: "农业农村办", Co: []incident.UnitID{"派出所", "建设办"}})
	line(14, 11, incident.KindSigned, incident.RoleUnit, "un_nyb", "农业农村办", incident.Fields{})
	line(14, 18, incident.KindArrived, incident.RoleUnit, "un_nyb", "农业农村办", incident.Fields{Text: "与派出所、村干部会合；田埂低处积水约 8 厘米，受影响农田约 3 亩。"})
	line(14, 36, incident.KindProgressed, incident.RoleUnit, "un_nyb", "农业农村办", incident.Fields{Text: "已向施工方开具限期整改通知书，要求 8 月 21 日 17:00 前完成临时排水沟与沉淀池。"})
	st.Tasks = []incident.Task{
		{Unit: "农业农村办", Lead: true, Status: incident.TaskArrived, SentAt: at(14, 9), SignedAt: at(14, 11), SignedBy: "un_nyb"},
		{Unit: "派出所", Status: incident.TaskArrived, SentAt: at(14, 9), SignedAt: at(14, 12), SignedBy: "un_nyb"},
		{Unit: "建设办", Status: incident.TaskSent, SentAt: at(14, 9), Urged: 1},
	}
	settle := incident.Clock{Name: incident.C6Settle, From: at(14, 7), Due: at(20, 0)}
	out.Clocks = []incident.Clock{settle, {Name: incident.C3Sign, Unit: "建设办", From: at(14, 9), Due: at(14, 24)}}
	out.List = incident.ListJoint
	out.Row = board.Row{ID: id, No: "2026-0818-029", ShortNo: "0818-029", Title: st.Title, Stage: board.StageHandling, Clock: settle}
	out.Category = incident.Category{Code: "0501", Major: "农田水利", Minor: "施工排水"}
	out.Suggest = []room.Suggestion{{Unit: "应急管理办", Open: 4, Reasons: []string{"未来 6 小时有雨"}}}
	out.Likely = []board.Likely{{Row: board.Row{ShortNo: "0817-015", Title: "沟渠淤塞排水不畅"}, Score: 71}}
	return out, nil
}

func TestFile_LooksAsKept(t *testing.T) {
	kittest.Begin()
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	desk := sampleDesk{rules: sampleRules(t)}
	atOnce := func(f func()) { f() }
	env := &kit.Env{Text: text, Keys: kit.NewKeymap(), Post: atOnce, Work: atOnce, Now: func() incident.Stamp { return sampleNow }}
	window := test.NewTempWindow(t, nil)
	shell := views.NewShell(views.Params{
		Window: window, Env: env, Desk: desk, Actions: views.NewActions(), Town: "塔石镇·综合信息指挥室", Mods: func() fyne.KeyModifier { return 0 },
	})
	shell.SetShift("白班 08:00–20:00·值班长 李某·2 号席")
	window.Resize(fyne.NewSize(1440, 900))
	page := New(Params{
		Env: env, Desk: desk, Who: func() incident.Login { return "op2" }, Name: func(l incident.Login) string {
			return map[incident.Login]string{"op2": "2 号席 李某", "un_nyb": "陈某"}[l]
		},
		Around: func(incident.IncidentID) Neighbours { return Neighbours{At: 8, Of: 18} }, Back: func() {},
	})
	page.Show(incident.IncidentID{2})
	shell.Push(page)
	kittest.Golden(t, "casefile", window.Canvas().Capture())
}
