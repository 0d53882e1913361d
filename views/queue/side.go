package queue

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/county"
	"zw110/views/kit"
)

// side is the pane beside the list. Its order never changes: identity, clock, facts, suggestion, duplicates, actions; a part without
// content is left out.
type side struct {
	widget.BaseWidget
	q       *Page
	env     *kit.Env
	asked   int // generation: an answer to an older question is dropped
	shown   incident.IncidentID
	detail  room.Detail
	body    *fyne.Container
	scroll  *container.Scroll
	actions *fyne.Container
	foot    *fyne.Container // line and actions; not there while nothing is shown
	parts   *fyne.Container
	meter   *kit.Meter
	clock   *kit.Label
	place   *kit.Label
	others  *kit.Label // who is at it elsewhere
}

func newSide(q *Page) *side {
	s := &side{q: q, env: q.env, body: kit.VBox(0), actions: container.NewStack()}
	s.scroll = container.NewVScroll(s.body)
	s.foot = kit.VBox(0, kit.Divider(), kit.Fixed(kit.Pad(s.actions, 12, 16, 12, 16), 0, 56))
	s.foot.Hide()
	s.parts = kit.Edges(nil, s.foot, nil, nil, s.scroll)
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer puts the parts above the actions, behind a line at the left.
func (s *side) CreateRenderer() fyne.WidgetRenderer {
	body := kit.Edges(nil, nil, kit.Divider(), nil, s.parts)
	return widget.NewSimpleRenderer(container.NewStack(kit.NewBox(kit.Surface), body))
}

// load asks for an incident and shows it when the answer comes, unless another was asked for meanwhile.
func (s *side) load(id incident.IncidentID) {
	s.asked++
	asked := s.asked
	if id.IsZero() {
		s.clear()
		return
	}
	desk, login := s.q.p.Board, s.q.p.Login
	s.env.Work(func() {
		d, err := desk.Detail(id, login)
		s.env.Post(func() {
			switch {
			case asked != s.asked:
			case err != nil:
				s.clear()
				s.body.Add(kit.Pad(kit.NewPara(s.env.T("queue.no_detail"), kit.Body, kit.T3), 16, 16, 16, 16))
				s.refresh()
			default:
				s.show(id, d)
			}
		})
	})
}

func (s *side) clear() {
	s.shown = incident.IncidentID{}
	s.body.Objects, s.actions.Objects = nil, nil
	s.meter, s.clock, s.place, s.others = nil, nil, nil, nil
	s.refresh()
}

// refresh shows what has changed; without actions there is no foot.
func (s *side) refresh() {
	s.foot.Hidden = len(s.actions.Objects) == 0
	s.parts.Refresh()
}

func (s *side) show(id incident.IncidentID, d room.Detail) {
	again := s.shown == id
	s.shown, s.detail = id, d
	parts := []fyne.CanvasObject{s.clash(), s.identity(), s.facts(), s.mini(), s.suggestions(), s.duplicates(), s.outgoing()}
	if s.q.offline && parts[0] != nil {
		parts = []fyne.CanvasObject{parts[0], parts[1], s.outgoing()} // what two desks did is settled first, and carried
	}
	s.body.Objects = nil
	for _, p := range parts {
		if p == nil {
			continue
		}
		if len(s.body.Objects) > 0 {
			s.body.Add(kit.Divider())
		}
		s.body.Add(p)
	}
	s.actions.Objects = s.buttons()
	s.step(s.env.Now())
	s.refresh()
	if !again {
		s.scroll.ScrollToTop()
	}
}

// mini is the small map.
func (s *side) mini() fyne.CanvasObject {
	if s.q.p.Map == nil {
		return nil
	}
	o := s.q.p.Map(s.detail.Row)
	if o == nil {
		return nil
	}
	return kit.Pad(o, 12, 16, 12, 16)
}

// clash is what two desks did at once, with both sides; the first that a person must settle.
func (s *side) clash() fyne.CanvasObject {
	open := county.ToSettle(s.detail.Clashes)
	if len(open) == 0 {
		return nil
	}
	title := s.env.T(open[0].Key())
	if len(open) > 1 {
		title = s.env.T("county.and_more", title, len(open))
	}
	settle := kit.NewButton(kit.Primary, "", s.env.T("county.settle"), s.env.Keys.Cap(kit.CmdSettle), func() { s.env.Host.Run(kit.CmdSettle) }).Small()
	head := kit.Edges(nil, nil, kit.Pad(kit.NewIcon("warn", 16, kit.Crit), 6, 8, 6, 0), settle, kit.Pad(kit.NewCutLabel(title, kit.Body.Heavy(), kit.Crit), 4, 0, 4, 0))
	return kit.Pad(kit.VBox(8, head, county.Sides(s.env, open[0], s.person), kit.NewPara(county.Until(s.env.Text, open[0]), kit.Small, kit.T2)), 12, 16, 12, 16)
}

// outgoing is what the county lacks and the file that carries it, while there is no link.
func (s *side) outgoing() fyne.CanvasObject {
	q := s.q
	if !q.offline || q.p.County == nil {
		return nil
	}
	o := q.carried
	buttons := kit.HBox(8, kit.NewButton(kit.Secondary, "usb", s.env.T("county.read_receipt"), "", q.p.ReadReceipt).Small())
	if o.Trip.Made != 0 {
		buttons.Add(kit.NewButton(kit.Secondary, "print", s.env.T("county.courier_slip"), "", q.p.PrintSlip).Small())
	}
	part := func(o fyne.CanvasObject) fyne.CanvasObject { return kit.Pad(o, 12, 16, 12, 16) }
	return kit.VBox(0, part(county.WaitingPart(s.env, q.link, o)), kit.Divider(), part(kit.VBox(12, county.StepsPart(s.env, q.link, o), buttons)))
}

// elsewhere says who is at the incident at another desk, or changed it there lately; empty for nobody.
func (s *side) elsewhere() string {
	q := s.q
	if q.p.County != nil {
		if here := q.p.County.Present(s.shown); len(here) > 0 {
			return county.PresentWords(s.env.Text, here[0], s.person)
		}
	}
	if a, ok := q.others[s.shown]; ok {
		return county.ChangedWords(s.env.Text, a, s.env.Now(), s.person)
	}
	return ""
}

// identity is urgency, number, state, place in the group, title and clock.
func (s *side) identity() fyne.CanvasObject {
	row := s.detail.Row
	at, of := s.q.m.position()
	s.place = kit.NewLabel(fmt.Sprintf("%d / %d", at, of), kit.Small, kit.T2)
	arrows := kit.HBox(0,
		kit.NewButton(kit.Ghost, "left", "", "", func() { s.env.Host.Run(kit.CmdUp) }).Tiny(),
		kit.NewButton(kit.Ghost, "right", "", "", func() { s.env.Host.Run(kit.CmdDown) }).Tiny())
	top := kit.HBox(6, kit.UrgencyMark(s.env, row.Urgency), kit.NewLabel(row.ShortNo, kit.Small, kit.T2), stateSign(row).Mark(s.env), kit.Spacer(), s.place, arrows)
	box := kit.VBox(4, top, kit.NewPara(row.Title, kit.Strong, kit.T1))
	s.others = kit.NewCutLabel(s.elsewhere(), kit.Small, kit.Acc)
	if s.others.Hidden = s.others.Text == ""; s.detail.OnTheWay > 0 {
		box.Add(kit.NewCutLabel(s.env.T("county.on_the_way", s.detail.OnTheWay), kit.Small, kit.Urg))
	}
	box.Add(s.others)
	s.meter, s.clock = nil, nil
	if row.Clock.Name != "" {
		s.meter = kit.NewMeter(kit.ClockBarWidth, 0, kit.Bar)
		s.clock = kit.NewLabel("", kit.Small, kit.T2)
		box.Add(kit.Pad(kit.Edges(nil, nil, nil, kit.Pad(s.clock, 0, 0, 0, 8), s.meter), 4, 0, 0, 0))
	}
	return kit.Pad(box, 12, 16, 12, 16)
}

// step moves the clock on.
func (s *side) step(now incident.Stamp) {
	if s.others != nil {
		if text := s.elsewhere(); text != s.others.Text {
			s.others.Hidden = text == ""
			s.others.Set(text, kit.Acc)
			s.body.Refresh()
		}
	}
	if s.clock == nil {
		return
	}
	c := s.detail.Row.Clock
	face := kit.FaceOf(s.env.Text, c, now)
	words := s.env.T("clock."+string(c.Name)) + " " + face.Words
	if left := c.Due.Sub(now); c.Due != 0 && left > 0 && !c.Stopped {
		limit := kit.Span(s.env.Text, c.Due.Sub(c.From))
		if c.Due.Sub(c.From) == 10*time.Minute {
			limit = "10:00"
		}
		words = s.env.T("queue.clock", s.env.T("clock."+string(c.Name)), face.Words, limit)
	}
	if c.Provisional {
		words += " " + s.env.T("queue.provisional")
	}
	token := face.Text
	s.meter.Set(face.Fraction, face.Bar)
	if s.clock.Text != words || s.clock.Token != token {
		ty := kit.Small
		ty.Bold = face.Bold
		s.clock.Type = ty
		s.clock.Set(words, token)
		s.body.Refresh()
	}
}

// fact is one line: what, and what is so.
func (s *side) fact(key string, value fyne.CanvasObject) fyne.CanvasObject {
	label := kit.Fixed(kit.NewLabel(s.env.T("queue.fact."+key), kit.Small, kit.T3), 64, 20)
	return kit.Edges(nil, nil, kit.VBox(0, label), nil, value)
}

func (s *side) text(value string) fyne.CanvasObject { return kit.NewPara(value, kit.Body, kit.T1) }

// facts are where it came from, where it is, who told it, and when it was taken and answered; then the content.
func (s *side) facts() fyne.CanvasObject {
	st := &s.detail.State
	sign := kit.ChannelSign(st.Channel)
	source := s.env.T(sign.Key)
	if st.SourceNo != "" {
		source += "·" + st.SourceNo
	}
	lines := kit.VBox(4, kit.Fixed(kit.NewLabel(s.env.T("queue.facts"), kit.Small, kit.T3), 0, 20))
	lines.Add(s.fact("source", kit.HBox(4, kit.NewIcon(sign.Icon, 14, kit.T2), kit.NewCutLabel(source, kit.Body, kit.T1))))
	if c := s.detail.Category; c.Code != "" {
		lines.Add(s.fact("category", s.text(joined("·", c.Major, c.Minor))))
	}
	place := ""
	if st.Place != nil {
		place = st.Place.Text
	}
	town := ""
	if s.q.p.Town != nil {
		town = s.q.p.Town(st.Scope)
	}
	if where := joined("·", town, st.Village, place); where != "" {
		lines.Add(s.fact("place", s.text(where)))
	}
	if r := st.Reporter; r != nil {
		lines.Add(s.fact("reporter", s.reporter(r)))
	}
	lines.Add(s.fact("received", s.text(joined("·", s.clockTime(st.ReceivedAt), s.person(st.Registrar)))))
	if st.RespondedAt != 0 {
		took := st.RespondedAt.Sub(st.ReceivedAt)
		answer := s.env.T("queue.answered", s.clockTime(st.RespondedAt), int(took/time.Minute), fmt.Sprintf("%02d", int(took/time.Second)%60))
		token := kit.Ok
		for _, c := range s.detail.Clocks {
			if c.Name == incident.C1Respond && c.Due != 0 && st.RespondedAt > c.Due {
				token = kit.Crit
			}
		}
		lines.Add(s.fact("answered", kit.NewPara(answer, kit.Body, token)))
	}
	if st.LeadUnit != "" {
		lines.Add(s.fact("lead", s.text(string(st.LeadUnit))))
	}
	if st.Content != "" {
		content := kit.NewPara(st.Content, kit.Body, kit.T1)
		content.MaxLines = 8
		plate := container.NewStack(kit.NewFrame(kit.Surface2, kit.None, kit.Radius), kit.Pad(content, 8, 12, 8, 12))
		lines.Add(kit.Pad(plate, 4, 0, 0, 0))
	}
	return kit.Pad(lines, 12, 16, 12, 16)
}

// reporter is masked; the eye asks for the whole, which is an act of its own.
func (s *side) reporter(r *incident.Reporter) fyne.CanvasObject {
	words := joined(" ", r.Name, r.Phone)
	switch {
	case r.Protected:
		words = s.env.T("queue.protected")
	case r.Anonymous:
		words = s.env.T("queue.anonymous")
	case r.Confidential:
		words = joined(" ", words, s.env.T("queue.confidential"))
	}
	if s.env.Past {
		return kit.NewLabel(words, kit.Body, kit.T1)
	}
	return kit.HBox(6, kit.NewLabel(words, kit.Body, kit.T1), kit.NewButton(kit.Ghost, "eye", "", "", func() { s.env.Host.Run("unmask") }).Tiny())
}

func joined(by string, parts ...string) string {
	var have []string
	for _, p := range parts {
		if p != "" {
			have = append(have, p)
		}
	}
	return strings.Join(have, by)
}

// clockTime writes a moment: the time alone for today, else with the day.
func (s *side) clockTime(at incident.Stamp) string {
	if at == 0 {
		return ""
	}
	layout := "15:04:05"
	if incident.DayOf(at) != incident.DayOf(s.env.Now()) {
		layout = "01-02 15:04"
	}
	return at.Time().In(incident.Local).Format(layout)
}

func (s *side) person(login incident.Login) string {
	if s.q.p.Person == nil || login == "" {
		return string(login)
	}
	return s.q.p.Person(login)
}

// suggestions are units with their reasons and load; none once units have been sent.
func (s *side) suggestions() fyne.CanvasObject {
	st := &s.detail.State
	if len(s.detail.Suggest) == 0 || st.DispatchedAt != 0 || !st.Status.Open() {
		return nil
	}
	head := kit.HBox(8, kit.NewLabel(s.env.T("queue.suggest"), kit.Small, kit.T3), kit.Spacer(), kit.NewLabel(s.env.T("queue.load"), kit.Small, kit.T3))
	lines := kit.VBox(4, kit.Fixed(head, 0, 20))
	tagWidth := 16 + max(kit.Small.Width(s.env.T("queue.lead")), kit.Small.Width(s.env.T("queue.co")))
	for _, u := range s.detail.Suggest {
		tag, name := kit.NewTag(s.env.T("queue.co"), kit.T2, kit.Surface3), kit.Body
		if u.Lead {
			tag, name = kit.NewTag(s.env.T("queue.lead"), kit.Acc, kit.Accbg), kit.Body.Heavy()
		}
		why := strings.Join(u.Reasons, "·")
		if why == "" {
			why = s.env.T("queue.open_tasks", u.Open)
		}
		words := kit.VBox(0, kit.NewCutLabel(string(u.Unit), name, kit.T1), kit.NewCutLabel(why, kit.Caption, kit.T3))
		left := kit.Pad(kit.HBox(0, kit.Fixed(tag, tagWidth, kit.TagHeight)), 0, 8, 0, 0)
		lines.Add(kit.Edges(nil, nil, left, kit.Pad(kit.HBox(0, kit.NewLoadBar(u.Load)), 0, 0, 0, 8), words))
	}
	lines.Add(kit.NewLabel(s.env.T("queue.suggest_note"), kit.Caption, kit.T3))
	return kit.Pad(lines, 12, 16, 12, 16)
}

// duplicates names the likeliest one with its reasons.
func (s *side) duplicates() fyne.CanvasObject {
	if len(s.detail.Likely) == 0 {
		return nil
	}
	best := s.detail.Likely[0]
	reasons := make([]string, 0, len(best.Reasons)+1)
	for _, r := range best.Reasons {
		reasons = append(reasons, s.env.T(r))
	}
	reasons = append(reasons, s.env.T("queue.score", best.Score))
	title := s.env.T("queue.duplicates", len(s.detail.Likely)) + "·" + best.Row.ShortNo + " " + best.Row.Title
	words := kit.VBox(0, kit.NewCutLabel(title, kit.Body.Heavy(), kit.T1), kit.NewCutLabel(strings.Join(reasons, "·"), kit.Caption, kit.T3))
	icon := kit.Pad(kit.HBox(0, kit.NewIcon("copy", 14, kit.Urg)), 0, 10, 0, 0)
	compare := kit.NewButton(kit.Secondary, "", s.env.T("queue.compare"), s.env.Keys.Cap(kit.CmdMerge), func() { s.env.Host.Run(kit.CmdMerge) }).Small()
	return kit.Pad(kit.Edges(nil, nil, icon, kit.Pad(kit.HBox(0, compare), 0, 0, 0, 8), words), 10, 16, 10, 16)
}

// next returns the step the loop waits for, with the verb that does it.
func next(stage board.Stage) (kit.Command, incident.Verb) {
	switch stage {
	case board.StageUnanswered:
		return kit.CmdAnswer, incident.Respond
	case board.StageReceived, board.StageInfo:
		return "verb.accept", incident.Accept
	case board.StageToDispatch:
		return kit.CmdDispatch, incident.Dispatch
	case board.StageRuling:
		return "verb.rule", incident.Rule
	case board.StageToSign:
		return kit.CmdSign, incident.Sign
	case board.StageSigned:
		return kit.CmdArrive, incident.Arrive
	case board.StageOnScene, board.StageHandling:
		return kit.CmdNote, incident.Feedback
	case board.StageSuspended:
		return "verb.resume", incident.Resume
	case board.StageCounty:
		return "verb.county_return", incident.CountyReturn
	case board.StageToVerify:
		return kit.CmdVerify, incident.Verify
	case board.StageToCallback:
		return kit.CmdCallback, incident.Callback
	}
	return "", ""
}

// buttons are the next step as the primary one, then note, merge and suspend in fixed order.
func (s *side) buttons() []fyne.CanvasObject {
	verbs := map[kit.Command]incident.Verb{kit.CmdNote: incident.Note, kit.CmdMerge: incident.Merge, kit.CmdSuspend: incident.Suspend}
	first, verb := next(s.detail.Row.Stage)
	var out []fyne.CanvasObject
	add := func(kind kit.Kind, c kit.Command, v incident.Verb) {
		key := c.Label()
		if strings.HasPrefix(string(c), "verb.") {
			key = string(c)
		}
		b := kit.NewButton(kind, "", s.env.T(key), s.env.Keys.Cap(c), func() { s.env.Host.Run(c) })
		if r, known := s.detail.Allowed[v]; known && r != nil {
			b.Disable()
		}
		out = append(out, b)
	}
	if first != "" {
		add(kit.Primary, first, verb)
	}
	for _, c := range []kit.Command{kit.CmdNote, kit.CmdMerge, kit.CmdSuspend} {
		if c != first {
			add(kit.Secondary, c, verbs[c])
		}
	}
	return []fyne.CanvasObject{kit.FitRow(first != "", 0, out...)}
}
