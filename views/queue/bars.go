package queue

import (
	"fmt"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/kit"
)

// headRow is the row of column heads, 28 high.
type headRow struct {
	widget.BaseWidget
	env    *kit.Env
	widths Widths
	ground *kit.Box
	rule   *kit.Box
	texts  map[Column]*canvas.Text
}

func newHeadRow(env *kit.Env) *headRow {
	h := &headRow{env: env, ground: kit.NewBox(kit.Surface), rule: kit.Divider(), texts: map[Column]*canvas.Text{}}
	for _, c := range order() {
		h.texts[c] = kit.Caption.NewText(env.T("queue.col."+string(c)), kit.Color(kit.T2))
	}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer hands the texts over.
func (h *headRow) CreateRenderer() fyne.WidgetRenderer {
	objs := []fyne.CanvasObject{h.ground, h.rule}
	for _, c := range order() {
		objs = append(objs, h.texts[c])
	}
	return kit.NewRowRenderer(h.place, func() {
		for _, c := range order() {
			kit.SetText(h.texts[c], h.texts[c].Text, kit.Color(kit.T2), kit.Caption)
		}
		h.place(h.Size())
	}, objs)
}

func (h *headRow) place(size fyne.Size) {
	h.ground.Resize(size)
	h.rule.Move(fyne.NewPos(0, size.Height-1))
	h.rule.Resize(fyne.NewSize(size.Width, 1))
	x := padLeft
	for _, c := range order() {
		t := h.texts[c]
		w := h.widths.Of[c]
		t.Hidden = w == 0 || c == ColChannel && h.widths.ChannelIcon
		if c == ColElapsed {
			x = size.Width - padRight - t.MinSize().Width
		}
		kit.PlaceText(t, x, size.Height/2)
		x += w
	}
}

// paintChips writes what each chip narrows by.
func (q *Page) paintChips() {
	for kind, chip := range q.chips {
		values := q.chosen(kind)
		open := kind == chipState && (len(values) == 0 || slices.Equal(values, []string{stateOpen}))
		text := q.env.T("queue.all")
		var clear func()
		chosen := false
		switch {
		case open:
			text, chosen = q.env.T("queue.state.open"), true
			clear = func() { q.choose(chipState, []string{stateAll}) }
		case kind == chipState && slices.Equal(values, []string{stateAll}):
		case len(values) > 0:
			chosen = true
			text = q.nameOf(kind, values[0])
			if len(values) > 1 {
				text = q.env.T("queue.and_more", text, len(values))
			}
			clear = func() { q.choose(kind, nil) }
		}
		chip.Set(q.env.T("queue.chip."+kind)+" "+text, chosen, clear)
	}
	q.filters.Refresh()
}

// chosen returns what a chip narrows by.
func (q *Page) chosen(kind string) []string {
	switch kind {
	case chipState:
		return q.choice.State
	case chipUnit:
		return q.choice.Units
	case chipVillage:
		return q.choice.Villages
	case chipChannel:
		return q.choice.Channels
	}
	return q.choice.Urgencies
}

// choose narrows by new values.
func (q *Page) choose(kind string, values []string) {
	switch kind {
	case chipState:
		q.choice.State = values
	case chipUnit:
		q.choice.Units = values
	case chipVillage:
		q.choice.Villages = values
	case chipChannel:
		q.choice.Channels = values
	case chipUrgency:
		q.choice.Urgencies = values
	}
	q.paintChips()
	q.read()
}

// nameOf writes a value for people.
func (q *Page) nameOf(kind, value string) string {
	for _, item := range q.items(kind) {
		if item.Key == value {
			return item.Text
		}
	}
	return value
}

// items are the choices of a chip.
func (q *Page) items(kind string) []kit.PickItem {
	var out []kit.PickItem
	add := func(key, text string) { out = append(out, kit.PickItem{Key: key, Text: text}) }
	switch kind {
	case chipState:
		for _, s := range []string{stateOpen, stateEnded, stateAll} {
			add(s, q.env.T("queue.state."+s))
		}
		for g := board.Unanswered; g <= board.InHand; g++ {
			add(fmt.Sprintf("%s%d", groupMark, g), q.env.T("queue.group."+strconv.Itoa(int(g))))
		}
		for _, s := range []board.Stage{
			board.StageReceived, board.StageInfo, board.StageRuling, board.StageToSign, board.StageSigned, board.StageOnScene,
			board.StageSuspended, board.StageCounty, board.StageToVerify, board.StageToCallback,
		} {
			add(string(s), q.env.T("stage."+string(s)))
		}
	case chipUnit:
		for _, u := range q.p.Units {
			add(string(u), string(u))
		}
	case chipVillage:
		for _, v := range q.p.Villages {
			add(v, v)
		}
	case chipChannel:
		for _, c := range []incident.Channel{
			incident.Channel110, incident.Channel12345, incident.ChannelSPT, incident.ChannelGrid, incident.ChannelLink,
			incident.ChannelVest, incident.ChannelLYT, incident.ChannelWindow, incident.ChannelPhone, incident.ChannelLeader,
		} {
			add(string(c), q.env.T("channel."+string(c)))
		}
	case chipUrgency:
		for _, u := range []incident.Urgency{incident.Critical, incident.Urgent, incident.Normal, incident.Low} {
			add(string(u), q.env.T("urgency."+string(u)))
		}
	}
	return out
}

func (q *Page) openChip(kind string, chip *kit.Chip) {
	kit.OpenPicker(q.env, chip, kit.PickerParams{
		Items: q.items(kind), Chosen: q.chosen(kind), Multi: true, Hint: q.env.T("queue.pick_hint"),
		OnPicked: func(values []string) { q.choose(kind, values) },
	})
}

// selectBar takes the place of the filters while rows are ticked.
type selectBar struct {
	q     *Page
	bar   *fyne.Container
	count *kit.Label
}

func newSelectBar(q *Page) *selectBar {
	s := &selectBar{q: q, count: kit.NewLabel("", kit.Body.Heavy(), kit.Acc)}
	row := kit.HBox(8, kit.NewIcon("check", 14, kit.Acc), s.count, kit.Spacer())
	for _, c := range []kit.Command{kit.CmdDispatch, kit.CmdUrge, kit.CmdMerge, kit.CmdSuspend} {
		row.Add(kit.NewButton(kit.Secondary, "", q.env.T(c.Label()), q.env.Keys.Cap(c), func() { q.env.Host.Run(c) }).Small())
	}
	row.Add(kit.NewButton(kit.Ghost, "", q.env.T("queue.untick"), "Esc", func() { q.env.Host.Run(kit.CmdBack) }).Small())
	s.bar = container.NewStack(kit.NewBox(kit.Accbg), kit.Pad(row, 0, 16, 0, 16))
	s.bar.Hidden = true
	return s
}

func (s *selectBar) paint() {
	n := len(s.q.m.ticked)
	s.bar.Hidden = n == 0
	s.count.Set(s.q.env.T("queue.ticked", n), kit.Acc)
	s.bar.Refresh()
}

// savedViews reads the desk's own views.
func (q *Page) savedViews() []board.View {
	var saved []board.View
	if err := q.p.Keep.Local("queue.views", &saved); err != nil {
		return nil // never kept, or of another version
	}
	return saved
}

// saveView keeps what narrows the list now as a view of this desk, named by what it narrows by.
func (q *Page) saveView() {
	entry := kit.NewEntry(q.env.T("queue.view_name"))
	var d *kit.Dialog
	save := func() {
		name := entry.Text()
		if name == "" {
			entry.SetBad(true)
			return
		}
		saved := append(q.savedViews(), board.View{Name: name, Filter: q.filter()})
		d.Close()
		if err := q.p.Keep.SetLocal("queue.views", saved); err != nil {
			q.env.Host.Say(kit.Message{Text: q.env.T("queue.view_not_saved"), Bad: true})
			return
		}
		q.views = append(q.views, saved[len(saved)-1])
		q.choice = Choice{}
		q.paintChips()
		q.chooseView(len(q.views) - 1)
	}
	entry.OnSubmit = func(string) { save() }
	d = kit.NewDialog(q.env, kit.DialogParams{
		Title: q.env.T("queue.save_view"), Body: kit.Pad(kit.Field(q.env.T("queue.view_name"), entry), 16, 24, 16, 24),
		Width: 420, Focus: entry, OnConfirm: save, Actions: []fyne.CanvasObject{kit.NewButton(kit.Primary, "", q.env.T("queue.save"), "Enter", save)},
	})
	d.Open()
}
