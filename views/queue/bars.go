package queue

import (
	"fmt"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/kit"
)

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

// viewName is where the view in use is kept.
const viewName = "queue.view"

// keptView returns the view this desk had open last, the first where that is gone.
func (q *Page) keptView() int {
	var name string
	if err := q.p.Keep.Local(viewName, &name); err != nil {
		return 0 // never kept, or not readable
	}
	return max(0, slices.IndexFunc(q.views, func(v board.View) bool { return nameOfView(v) == name }))
}

// Remember keeps which view is open, for the next start.
func (q *Page) Remember() error { return q.p.Keep.SetLocal(viewName, nameOfView(q.views[q.view])) }

// nameOfView is a view's catalogue key, or the name a person gave it.
func nameOfView(v board.View) string {
	if v.Key != "" {
		return v.Key
	}
	return v.Name
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
