package incidentfile

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/forms"
	"zw110/views/kit"
)

// card puts a heading and content on a card; note stands at the right of the heading.
func card(heading, note string, content ...fyne.CanvasObject) fyne.CanvasObject {
	head := kit.HBox(8, kit.NewLabel(heading, kit.Small, kit.T3), kit.Spacer(), kit.NewLabel(note, kit.Caption, kit.T3))
	return kit.Card(kit.VBox(8, append([]fyne.CanvasObject{head}, content...)...))
}

// nothing stands for a part without content, which is left out.
func nothing() fyne.CanvasObject {
	o := kit.VBox(0)
	o.Hide()
	return o
}

// facts are the open fields of the incident.
func (p *Page) facts() fyne.CanvasObject {
	env, d := p.p.Env, &p.detail
	st := &d.State
	type fact struct{ caption, value string }
	var all []fact
	width := float32(0)
	add := func(caption, value string) {
		if value != "" {
			all = append(all, fact{caption, value})
			width = max(width, kit.Small.Width(caption)+8)
		}
	}
	add(env.T("field.channel"), strings.TrimSpace(env.T("channel."+string(st.Channel))+" "+st.SourceNo))
	category := st.Category
	if d.Category.Code != "" {
		category = d.Category.Major + "·" + d.Category.Minor
	}
	add(env.T("field.category"), category)
	add(env.T("field.village"), st.Village)
	if st.Place != nil {
		add(env.T("field.place"), st.Place.Text)
		if st.Place.Lng != 0 || st.Place.Lat != 0 {
			add(env.T("incidentfile.coordinates"), fmt.Sprintf("%.5f, %.5f %s", st.Place.Lng, st.Place.Lat, st.Place.CoordSys))
		}
	}
	if st.Content != st.Title {
		add(env.T("field.content"), st.Content)
	}
	add(env.T("incidentfile.received"), moment(received(st)))
	add(env.T("incidentfile.source_due"), moment(st.DueSource))
	due, provisional := incident.SettleDue(st, p.p.Desk.Rules())
	words := moment(due)
	if provisional && words != "" {
		words += "（" + env.T("incidentfile.provisional") + "）"
	}
	add(env.T("incidentfile.due"), words)
	if st.Difficulty > 0 {
		add(env.T("field.difficulty"), env.T(fmt.Sprintf("difficulty.%d", st.Difficulty)))
	}
	add(env.T("field.risk"), strings.Join(st.RiskWords, env.T("forms.comma")))
	rows := kit.VBox(4)
	for _, f := range all {
		caption := kit.VBox(0, kit.Fixed(kit.NewLabel(f.caption, kit.Small, kit.T3), width, kit.Body.Line))
		rows.Add(kit.Edges(nil, nil, caption, nil, kit.NewPara(f.value, kit.Body, kit.T1)))
	}
	return card(env.T("incidentfile.facts"), "", rows)
}

// mini is the small map, with what is not known of the place.
func (p *Page) mini() fyne.CanvasObject {
	if p.p.Map == nil {
		return nothing()
	}
	row := p.detail.Row
	o := p.p.Map(row)
	if o == nil {
		return nothing()
	}
	note := ""
	if row.Lng == 0 && row.Lat == 0 {
		note = p.p.Env.T("map.vague")
	}
	return card(p.p.Env.T("shell.page.map"), note, o)
}

func received(st *incident.State) incident.Stamp {
	if st.ReceivedAt != 0 {
		return st.ReceivedAt
	}
	return st.RegisteredAt
}

// people shows the reporter, masked, with the way to the clear fields.
func (p *Page) people() fyne.CanvasObject {
	env, r := p.p.Env, p.detail.State.Reporter
	if r == nil || r.Name == "" && r.Phone == "" {
		return card(env.T("incidentfile.people"), "", kit.NewLabel(env.T("incidentfile.anonymous"), kit.Body, kit.T3))
	}
	show := kit.NewButton(kit.Secondary, "eye", env.T("incidentfile.show"), "", p.run(forms.CmdUnmask)).Small()
	names := kit.VBox(0, kit.NewCutLabel(env.T("incidentfile.reporter", r.Name), kit.Body, kit.T1), kit.NewCutLabel(r.Phone, kit.Caption, kit.T3))
	row := kit.Edges(nil, nil, kit.Pad(kit.NewIcon("user", 18, kit.T2), 8, 8, 8, 0), kit.Pad(show, 4, 0, 4, 0), names)
	return card(env.T("incidentfile.people"), "", row, kit.NewLabel(env.T("incidentfile.audit"), kit.Caption, kit.T3))
}

// held tells who had the incident for how long.
func (p *Page) held() fyne.CanvasObject {
	env := p.p.Env
	lines := HeldFor(env.T, p.detail.Segments, env.Now())
	if len(lines) == 0 {
		return nothing()
	}
	rows := kit.VBox(2)
	for _, h := range lines {
		long := kit.Span(env.Text, h.Long)
		token := kit.T2
		switch {
		case h.Stopped:
			long += "·" + env.T("incidentfile.stopped")
		case h.Open && p.detail.State.Status.Open():
			long, token = env.T("incidentfile.still")+" "+long, kit.T1
		}
		rows.Add(kit.HBox(8, kit.Fixed(kit.NewLabel(moment(h.From)[5:], kit.Caption, kit.T3), 72, 0), kit.NewCutLabel(h.Who, kit.Small, token), kit.NewLabel(long, kit.Small, token)))
	}
	return card(env.T("incidentfile.held"), "", rows)
}

// logShown is how many entries the log shows at most, newest first; an incident with more is rare, and the rest is in the export.
const logShown = 200

// log shows the entries, newest first, and the note field.
func (p *Page) log() fyne.CanvasObject {
	env := p.p.Env
	rows := kit.VBox(0)
	entries := p.detail.State.Log
	var shown []*incident.LogLine
	for i := len(entries) - 1; i >= 0 && len(entries)-i <= logShown; i-- {
		shown = append(shown, &entries[i])
	}
	clocks, kinds := float32(0), float32(0)
	for _, l := range shown {
		clocks, kinds = max(clocks, kit.Small.Width(p.logTime(l))), max(kinds, kit.Body.Heavy().Width(p.logKind(l)))
	}
	for _, l := range shown {
		rows.Add(p.logRow(l, clocks, kinds))
		rows.Add(kit.Divider())
	}
	id := p.id
	p.note = kit.NewIconEntry(env.T("incidentfile.note_hint"), "chat")
	p.note.SetText(p.notes[id])
	p.note.OnChanged = func(s string) { p.notes[id] = s }
	p.note.OnSubmit = func(s string) {
		if strings.TrimSpace(s) == "" || p.p.Note == nil {
			return
		}
		p.p.Note(id, s, func(taken bool) {
			if taken {
				delete(p.notes, id)
				p.note.SetText("")
			}
		})
	}
	head := kit.HBox(8, kit.NewLabel(env.T("incidentfile.log"), kit.Small, kit.T3), kit.Spacer(), kit.NewLabel(env.T("incidentfile.log_note"), kit.Caption, kit.T3))
	return kit.Card(kit.Edges(kit.Pad(head, 0, 0, 8, 0), kit.Pad(p.note, 8, 0, 0, 0), nil, nil, container.NewVScroll(kit.Pad(rows, 0, 12, 0, 0))))
}

// logTime is when a line was written: the time alone for today, else with the day.
func (p *Page) logTime(l *incident.LogLine) string {
	t := l.At.Time().In(incident.Local)
	if incident.DayOf(l.At) != incident.DayOf(p.p.Env.Now()) {
		return t.Format("01-02 15:04")
	}
	return t.Format("15:04")
}

func (p *Page) logKind(l *incident.LogLine) string {
	return p.p.Env.T("kind." + fmt.Sprint(int(l.Kind)))
}

// logRow is time, kind, what was done, and by whom; times and kinds stand in columns of the given widths.
func (p *Page) logRow(l *incident.LogLine, clocks, kinds float32) fyne.CanvasObject {
	env := p.p.Env
	who := author(l, p.p.Name)
	if l.Role == incident.RoleSystem {
		who = env.T("role." + string(l.Role))
	}
	if l.Late {
		who += "　" + env.T("incidentfile.late")
	}
	left := kit.HBox(12, kit.Fixed(kit.NewLabel(p.logTime(l), kit.Small, kit.T2), clocks, 0), kit.Fixed(kit.NewLabel(p.logKind(l), kit.Body.Heavy(), kit.T1), kinds, 0))
	if a, ok := p.detail.Authors[l.Entry]; ok && !a.Own && a.Seat != "" {
		who += "·" + a.Seat
	}
	text := kit.VBox(0, kit.NewPara(LogText(env.T, l), kit.Body, kit.T1))
	for _, o := range p.attachments(l) {
		text.Add(o)
	}
	text.Add(kit.HBox(8, append([]fyne.CanvasObject{kit.NewLabel(who, kit.Caption, kit.T3)}, p.sentMark(l)...)...))
	return kit.Pad(kit.Edges(nil, nil, top(left), nil, kit.Pad(text, 0, 0, 0, 16)), 8, 0, 8, 0)
}

// sentMark says whether the county has an entry; nothing at a desk without a county.
func (p *Page) sentMark(l *incident.LogLine) []fyne.CanvasObject {
	env := p.p.Env
	switch {
	case p.p.County == nil || p.p.County.State().Mode == room.ModeAlone:
		return nil
	case p.detail.Unsent[l.Entry]:
		return []fyne.CanvasObject{kit.NewIcon("export", 12, kit.Urg), kit.NewLabel(env.T("county.unsent"), kit.Caption, kit.Urg)}
	}
	return []fyne.CanvasObject{kit.NewIcon("check", 12, kit.T3), kit.NewLabel(env.T("county.sent"), kit.Caption, kit.T3)}
}

// top keeps an object at the top of what it is given.
func top(o fyne.CanvasObject) fyne.CanvasObject { return kit.VBox(0, o) }

// units shows each task with state and clock.
func (p *Page) units() fyne.CanvasObject {
	env, st := p.p.Env, &p.detail.State
	rows, signed, unsigned := kit.VBox(0), 0, 0
	for i := range st.Tasks {
		t := &st.Tasks[i]
		if !t.Live() && t.Status != incident.TaskDone {
			continue
		}
		if t.SignedAt != 0 {
			signed++
		} else {
			unsigned++
		}
		if len(rows.Objects) > 0 {
			rows.Add(kit.Divider())
		}
		rows.Add(p.taskRow(t))
	}
	if signed+unsigned == 0 {
		return card(env.T("incidentfile.units_none"), "")
	}
	ways := make([]string, len(st.Delivery))
	for i, way := range st.Delivery {
		ways[i] = env.T("delivery." + string(way))
	}
	if len(ways) > 0 {
		rows.Add(kit.Divider())
		rows.Add(kit.Pad(kit.NewCutLabel(env.T("incidentfile.sent_by", strings.Join(ways, env.T("forms.comma"))), kit.Caption, kit.T3), 6, 0, 0, 0))
	}
	return card(env.T("incidentfile.units", signed+unsigned), env.T("incidentfile.signed", signed, unsigned), rows)
}

func (p *Page) taskRow(t *incident.Task) fyne.CanvasObject {
	env := p.p.Env
	tag, ty := kit.NewTag(env.T("forms.co"), kit.T2, kit.Surface3), kit.Body
	if t.Lead {
		tag, ty = kit.NewTag(env.T("forms.lead"), kit.Acc, kit.Accbg), kit.Body.Heavy()
	}
	var second []string
	if t.SignedBy != "" {
		second = append(second, p.p.Name(t.SignedBy))
	}
	if t.Urged > 0 {
		second = append(second, env.T("incidentfile.urged", t.Urged))
	}
	names := kit.VBox(0, kit.NewCutLabel(string(t.Unit), ty, kit.T1), kit.NewCutLabel(strings.Join(second, "·"), kit.Caption, kit.T3))
	stage := kit.StageSign(stageOf(t.Status))
	state := kit.HBox(4, kit.NewIcon(stage.Icon, 14, kit.T2), kit.NewLabel(env.T("task."+string(t.Status)), kit.Small, kit.T2))
	clock := kit.Spacer() // the state stands in line, clock or none
	if c, runs := p.taskClock(t); runs {
		clock = p.clock(c, kit.ClockBarWidth)
	}
	right := kit.HBox(8, kit.Fixed(state, 78, 0), kit.Fixed(clock, 132, 0))
	return kit.Fixed(kit.Edges(nil, nil, kit.Pad(kit.HBox(0, tag), 0, 8, 0, 0), right, kit.Pad(names, 1, 0, 0, 0)), 0, 39)
}

// taskClock returns the clock to show for a task: its own that runs, for the lead else the settle clock.
func (p *Page) taskClock(t *incident.Task) (incident.Clock, bool) {
	for _, c := range p.detail.Clocks {
		if c.Unit == t.Unit && c.DoneAt == 0 && c.Due != 0 {
			return c, true
		}
	}
	for _, c := range p.detail.Clocks {
		if t.Lead && c.Name == incident.C6Settle && c.DoneAt == 0 {
			return c, true
		}
	}
	return incident.Clock{}, false
}

func stageOf(s incident.TaskStatus) board.Stage {
	switch s {
	case incident.TaskSent:
		return board.StageToSign
	case incident.TaskSigned:
		return board.StageSigned
	case incident.TaskArrived:
		return board.StageOnScene
	case incident.TaskFedBack:
		return board.StageToVerify
	case incident.TaskDone:
		return board.StageClosed
	}
	return board.StageHandling
}

// suggestions are the units the directory proposes that have no task yet.
func (p *Page) suggestions() fyne.CanvasObject {
	env := p.p.Env
	has := map[incident.UnitID]bool{}
	for _, t := range p.detail.State.Tasks {
		has[t.Unit] = has[t.Unit] || t.Live()
	}
	rows := kit.VBox(8)
	for _, s := range p.detail.Suggest {
		if has[s.Unit] || len(rows.Objects) >= 4 {
			continue
		}
		role := "forms.co"
		if s.Lead {
			role = "forms.lead"
		}
		head := kit.HBox(8, kit.NewLabel(string(s.Unit), kit.Body.Heavy(), kit.T1), kit.NewTag(env.T(role), kit.T2, kit.Surface3), kit.Spacer(),
			kit.NewLabel(env.T("incidentfile.load", s.Open, s.Overdue), kit.Caption, kit.T3))
		rows.Add(kit.VBox(0, head, kit.NewPara(strings.Join(s.Reasons, "·"), kit.Caption, kit.T3)))
	}
	if len(rows.Objects) == 0 || !p.mayAny([]incident.Verb{incident.Dispatch, incident.AddCo}) {
		return nothing()
	}
	rows.Add(kit.HBox(0, kit.Spacer(), kit.NewButton(kit.Secondary, "", env.T("incidentfile.add"), env.Keys.Cap(kit.CmdAddSuggested), p.run(kit.CmdAddSuggested)).Small()))
	return card(env.T("incidentfile.suggest"), "", rows)
}

// duplicates are the incidents this may be another report of.
func (p *Page) duplicates() fyne.CanvasObject {
	env := p.p.Env
	if len(p.detail.Likely) == 0 {
		return nothing()
	}
	rows := kit.VBox(8)
	for i, l := range p.detail.Likely {
		if i == 3 {
			break
		}
		names := make([]string, len(l.Reasons))
		for j, r := range l.Reasons {
			names[j] = env.Text.Short(r, r)
		}
		token := kit.T2
		if l.Score >= 70 {
			token = kit.Urg
		}
		rows.Add(kit.Edges(nil, nil, kit.Pad(kit.NewIcon("copy", 14, token), 3, 8, 0, 0), nil, kit.VBox(0,
			kit.NewCutLabel(l.Row.ShortNo+" "+l.Row.Title, kit.Body, kit.T1),
			kit.NewCutLabel(strings.Join(append([]string{env.T("incidentfile.score", l.Score)}, names...), "·"), kit.Caption, kit.T3))))
	}
	merge := kit.NewButton(kit.Secondary, "merge", env.T("incidentfile.merge"), env.Keys.Cap(kit.CmdMerge), p.run(kit.CmdMerge)).Small()
	if !p.mayAny([]incident.Verb{incident.Merge}) {
		merge.Disable()
	}
	rows.Add(kit.HBox(0, kit.Spacer(), merge))
	return card(env.T("incidentfile.duplicates", len(p.detail.Likely)), "", rows)
}
