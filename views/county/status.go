package county

import (
	"time"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// StatusParams says what the dialog about the link works with.
type StatusParams struct {
	Env   *kit.Env
	State func() State
	// Retry tries the link at once; Enrol and Courier go to where one enrols and carries files.
	Retry, Enrol, Courier func()
}

// Status is the open dialog about the link.
type Status struct {
	p      StatusParams
	dialog *kit.Dialog
	rows   *fyne.Container
	shown  []Fact
	closed bool
}

// Fact is one line about the link.
type Fact struct {
	Key, Value string // Key with "county.fact." before it is the caption
	Token      kit.Token
}

// Facts returns what a person is told of the link, line by line.
func Facts(t *kit.Text, s State, now incident.Stamp) []Fact {
	face := FaceOf(t, s, now)
	facts := []Fact{{"state", face.Text, face.Token}}
	add := func(key, value string, token kit.Token) {
		if value != "" {
			facts = append(facts, Fact{key, value, token})
		}
	}
	if s.Mode == room.ModeAlone {
		add("why", t.T("county.alone_note"), kit.T1)
		return facts
	}
	if s.Alarm != "" {
		add("alarm", t.T(s.Alarm), kit.Crit)
	}
	switch {
	case s.Why != "":
		add("why", t.T(s.Why), kit.T1)
	case s.Mode == room.ModeHeld || s.Mode == room.ModePushOnly:
		add("why", t.T("county.why."+string(s.Mode)), kit.T1)
	}
	if s.Next != 0 {
		add("next", t.T("county.next_in", clock(s.Next), int(max(0, s.Next.Sub(now))/time.Second)), kit.T1)
	}
	waiting := t.T("county.nothing_to_send")
	if s.Pending.Count > 0 {
		waiting = t.T("county.to_send", s.Pending.Count) + "·" + oldest(t, s, now)
	}
	add("waiting", waiting, kit.T1)
	add("seat", s.Seat, kit.T1)
	add("address", s.Address, kit.T1)
	if s.Relay {
		add("relay", t.T("county.relay_on"), kit.Crit)
	}
	contact := t.T("county.never")
	if s.LastContact != 0 {
		contact = dayClock(s.LastContact)
	}
	add("contact", contact, kit.T1)
	if s.LastContact != 0 {
		clockOff, token := t.T("county.clock_right"), kit.T1
		if off := s.Ahead.Abs(); off >= 2*time.Second {
			key := "county.clock_behind"
			if s.Ahead < 0 {
				key = "county.clock_ahead"
			}
			clockOff = t.T(key, offset(t, off))
			if off >= 2*time.Minute {
				token = kit.Urg
			}
			if s.clockOff() != "" {
				clockOff += t.T("county.stop") + t.T("county.clock_do")
			}
		}
		add("clock", clockOff, token)
	}
	return facts
}

// offset writes how far a clock is off.
func offset(t *kit.Text, d time.Duration) string {
	if d < time.Minute {
		return t.T("ago.seconds", int(d/time.Second))
	}
	return Long(t, d)
}

// OpenStatus opens the dialog; Refresh brings it up to date.
func OpenStatus(p StatusParams) *Status {
	s := &Status{p: p, rows: kit.VBox(8)}
	t := p.Env.T
	leave := func(to func()) func() {
		return func() {
			s.dialog.Close()
			to()
		}
	}
	confirm := s.retry
	actions := []fyne.CanvasObject{
		kit.NewButton(kit.Secondary, "usb", t("cmd.courier"), p.Env.Keys.Cap(kit.CmdCourier), leave(p.Courier)),
		kit.NewButton(kit.Primary, "sync", t("county.retry"), p.Env.Keys.Cap(kit.CmdRetry), s.retry),
	}
	switch state := p.State(); {
	case !state.MayEnrol():
	case state.Mode != room.ModeAlone:
		actions = append([]fyne.CanvasObject{kit.NewButton(kit.Secondary, "", t("county.enrol"), "", leave(p.Enrol))}, actions...)
	default:
		confirm = leave(p.Enrol)
		actions = []fyne.CanvasObject{kit.NewButton(kit.Primary, "", t("county.enrol"), p.Env.Keys.Cap(kit.CmdConfirm), confirm)}
	}
	s.dialog = kit.NewDialog(p.Env, kit.DialogParams{
		Name: "sync", Title: t("county.title"), Body: kit.Pad(s.rows, 16, 24, 16, 24), Width: 560,
		Actions: actions, OnConfirm: confirm, OnClose: func() { s.closed = true },
		OnKey: func(k kit.Press) bool {
			switch k.Command {
			case kit.CmdRetry:
				s.retry()
			case kit.CmdCourier:
				leave(p.Courier)()
			default:
				return false
			}
			return true
		},
	})
	s.Refresh()
	s.dialog.Open()
	return s
}

func (s *Status) retry() {
	s.p.Retry()
	s.Refresh()
}

// Refresh shows how the link stands now; once the dialog is closed it does nothing.
func (s *Status) Refresh() {
	if s.closed {
		return
	}
	facts := Facts(s.p.Env.Text, s.p.State(), s.p.Env.Now())
	if equal(facts, s.shown) {
		return
	}
	s.shown = facts
	s.rows.Objects = nil
	for _, f := range facts {
		label := kit.Fixed(kit.NewLabel(s.p.Env.T("county.fact."+f.Key), kit.Small, kit.T3), 96, kit.Body.Line)
		s.rows.Add(kit.Edges(nil, nil, kit.VBox(0, label), nil, kit.NewPara(f.Value, kit.Body, f.Token)))
	}
	s.rows.Refresh()
	s.dialog.Refresh()
}

func equal(a, b []Fact) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
