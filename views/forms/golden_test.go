//go:build amd64

package forms

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
	"zw110/views/kit/kittest"
)

func TestDispatch_LooksAsKept(t *testing.T) {
	kittest.Begin()
	f, desk, host := window(t, incident.RoleShift)
	host.window.Resize(fyne.NewSize(1440, 900))
	d := toDispatch()
	d.Row.Urgency, d.Row.Title = incident.Urgent, d.State.Title
	d.Row.Clock = incident.Clock{Name: incident.C2Dispatch, From: at(14, 5), Due: at(14, 9).Add(6*time.Minute + 32*time.Second)}
	d.State.Content = "村民反映在建项目排水设施未达标，雨后积水可能漫入附近村的农田。"
	d.Suggest = []room.Suggestion{
		{Unit: "农业农村办", Lead: true, Load: 0.3, Open: 2, Reasons: []string{"职责清单主办", "同类 9 件均按时"}},
		{Unit: "派出所", Load: 0.45, Open: 3, Reasons: []string{"职责清单协办"}},
		{Unit: "建设办", Load: 0.8, Open: 5, Overdue: 1, Reasons: []string{"在建项目归口", "含 1 件超期"}},
	}
	d.State.Category, d.State.ReceivedAt = "0601", at(14, 4)
	d.Told = room.Told{Title: d.State.Title, Content: d.State.Content}
	desk.detail, desk.rules = *d, townRules(t)
	f.Run(kit.CmdDispatch, d.State.ID)
	kittest.Golden(t, "dispatch", host.window.Canvas().Capture())
}
