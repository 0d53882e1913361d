package listpage

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// Approver is somebody who may approve a list in clear text.
type Approver struct {
	Login incident.Login
	Name  string
	PIN   bool // may prove it at this desk
}

// clearDialog asks for a reason and for the director's word, by PIN or by telephone, before a list leaves in clear text.
type clearDialog struct {
	l        *Page
	list     incident.List
	day      incident.Day
	approver *kit.Select
	reason   *kit.Entry
	pin      *kit.Entry
	number   *kit.Entry
	at       *kit.Entry
	calls    bool // approved by telephone
	proof    *fyne.Container
	note     *kit.Para
	send     *kit.Button
	dialog   *kit.Dialog
	pending  bool
}

// clearText asks for the list in view in clear text. A published version is masked for good.
func (l *Page) clearText() {
	t := l.p.Env.T
	approvers := l.p.Approvers()
	if len(approvers) == 0 {
		l.p.Env.Host.Say(kit.Message{Text: t("listpage.clear.nobody"), Bad: true})
		return
	}
	d := &clearDialog{
		l: l, list: l.listKind(), day: l.day, reason: kit.NewEntry(t("listpage.clear.reason_hint")), pin: kit.NewSecret(t("listpage.clear.pin")),
		number: kit.NewEntry(t("listpage.clear.number")), at: kit.NewEntry(""), proof: container.NewStack(), note: kit.NewPara("", kit.Body, kit.Crit),
	}
	items := make([]kit.PickItem, len(approvers))
	for i, a := range approvers {
		items[i] = kit.PickItem{Key: string(a.Login), Text: a.Name}
	}
	d.approver = kit.NewSelect(l.p.Env, kit.PickerParams{Items: items, Chosen: []string{items[0].Key}, Width: 240}, func([]string) {})
	d.at.SetText(l.p.Desk.Now().Time().In(incident.Local).Format(dayTime))
	d.calls = !approvers[0].PIN
	d.note.Hidden = true
	phone := kit.NewCheck(t("listpage.clear.by_phone"), d.calls, func(on bool) {
		d.calls = on
		d.prove()
	})
	d.prove()
	who := kit.HBox(16, kit.Fixed(kit.Field(t("listpage.clear.approver"), d.approver), 240, 0), kit.Fixed(d.proof, 320, 0))
	d.send = kit.NewButton(kit.Primary, "export", t("listpage.clear.do"), l.p.Env.Keys.Cap(kit.CmdConfirm), d.enter)
	d.dialog = kit.NewDialog(l.p.Env, kit.DialogParams{
		Name: "clear", Title: t("listpage.clear.title", t("lists.sheet."+string(d.list)), periodText(d.list, d.day)), Width: 640, OnConfirm: d.enter, Focus: d.reason,
		Body: kit.Pad(kit.VBox(14, kit.NewPara(t("listpage.clear.note"), kit.Small, kit.T2), kit.Field(t("listpage.clear.reason"), d.reason), who, kit.HBox(0, phone), d.note), 16, 24, 16, 24),
		Lead: kit.NewIcon("warn", 18, kit.Urg), Actions: []fyne.CanvasObject{d.send},
	})
	d.dialog.Open()
}

const dayTime = "2006-01-02 15:04"

// prove shows the fields by which the director's word is proved.
func (d *clearDialog) prove() {
	t := d.l.p.Env.T
	d.proof.Objects = []fyne.CanvasObject{kit.Field(t("listpage.clear.pin"), d.pin)}
	if d.calls {
		d.proof.Objects = []fyne.CanvasObject{kit.HBox(16, kit.Fixed(kit.Field(t("listpage.clear.number"), d.number), 150, 0), kit.Fixed(kit.Field(t("listpage.clear.at"), d.at), 154, 0))}
	}
	d.proof.Refresh()
}

// want reads the fields; the text says what is wrong with one.
func (d *clearDialog) want() (room.ClearExport, string) {
	t := d.l.p.Env.T
	w := room.ClearExport{
		List: d.list, Day: d.day, By: d.l.p.Who(), Approver: incident.Login(d.approver.Chosen()[0]), Reason: strings.TrimSpace(d.reason.Text()), Out: d.l.p.Folder(),
	}
	wrong := func(e *kit.Entry, key string) (room.ClearExport, string) {
		e.SetBad(true)
		e.Focus()
		return w, t(key)
	}
	for _, e := range []*kit.Entry{d.reason, d.pin, d.number, d.at} {
		e.SetBad(false)
	}
	if w.Reason == "" {
		return wrong(d.reason, "listpage.clear.no_reason")
	}
	if !d.calls {
		if w.PIN = d.pin.Text(); w.PIN == "" {
			return wrong(d.pin, "listpage.clear.no_pin")
		}
		return w, ""
	}
	number := strings.TrimSpace(d.number.Text())
	if number == "" {
		return wrong(d.number, "listpage.clear.no_number")
	}
	at, err := time.ParseInLocation(dayTime, strings.TrimSpace(d.at.Text()), incident.Local)
	if err != nil || incident.StampOf(at) > d.l.p.Desk.Now() {
		return wrong(d.at, "listpage.clear.no_time")
	}
	w.Vouched = &incident.Proxy{Name: d.l.p.Person(w.Approver), Number: number, Time: incident.StampOf(at)}
	return w, ""
}

// enter exports off the UI goroutine.
func (d *clearDialog) enter() {
	if d.pending {
		return
	}
	want, wrong := d.want()
	if wrong != "" {
		d.say(wrong)
		return
	}
	d.pending = true
	d.send.Disable()
	d.l.p.Apart(func() {
		file, err := d.l.p.Desk.ExportClear(context.Background(), want)
		d.l.p.Env.Post(func() {
			d.pending = false
			d.send.Enable()
			d.pin.SetText("")
			if err != nil {
				d.say(d.l.p.Words(err))
				return
			}
			d.dialog.Close()
			d.l.exported = file
			d.l.p.Env.Host.Say(kit.Message{Text: d.l.p.Env.T("listpage.clear.done", file)})
		})
	})
}

func (d *clearDialog) say(text string) {
	d.note.Hidden = false
	d.note.Set(text, kit.Crit)
	d.dialog.Refresh()
}
