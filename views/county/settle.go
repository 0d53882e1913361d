package county

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// ToSettle returns the conflicts that a person must settle; the others are notes.
func ToSettle(clashes []room.Clash) []room.Clash {
	var out []room.Clash
	for _, c := range clashes {
		if len(c.Choices) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// Until says what holds until a conflict is settled.
func Until(t *kit.Text, c room.Clash) string { return t.T("county.until." + c.Rule) }

// The choices that need words or values of their own.
const (
	chooseThird = "settle.third"
	ruleValues  = "two_values"
)

// SideLine is one fact of a side: what, and what was said.
type SideLine struct{ Caption, Value string }

// SideLines returns what an entry of a conflict says. Of two edits only what differs is told.
func SideLines(t *kit.Text, c room.Clash, s, other room.Side) []SideLine {
	var out []SideLine
	f := s.Fact
	if f == nil {
		return out
	}
	add := func(key, value string) {
		if value != "" {
			out = append(out, SideLine{t.T(key), value})
		}
	}
	if c.Rule == ruleValues {
		o := other.Fact
		if o == nil {
			o = &incident.Fact{}
		}
		mine, theirs := values(t, s, f), values(t, other, o)
		for i, v := range mine {
			if v.Value != theirs[i].Value && v.Value != "" {
				out = append(out, v)
			}
		}
		if len(out) == 0 {
			add("field.name", t.T("county.reporter"))
		}
		return out
	}
	units := make([]string, len(f.Co))
	for i, u := range f.Co {
		units[i] = string(u)
	}
	add("forms.lead", string(f.Lead))
	add("forms.co", strings.Join(units, t.T("forms.comma")))
	if f.Lead == "" {
		add("county.side.unit", string(s.Unit))
	}
	if f.DueNew != 0 && s.Other == "" { // of a merge it follows from both incidents
		add("county.side.due", dayClock(f.DueNew))
	}
	add("county.side.other", s.Other)
	switch s.Kind {
	case incident.KindCountyReturned:
		add("county.side.town", short(t, "pack.", f.Whom))
	case incident.KindVerified, incident.KindFollowedUp:
		add("county.side.result", t.T(passKey(f.Pass)))
	}
	add("county.side.result", firstOf(short(t, "answer.", f.Answer), short(t, "result.", f.Result)))
	add("county.side.reason", short(t, "reason.", f.Reason))
	add("county.side.asked", f.Question)
	add("county.side.text", firstOf(f.Text, f.Opinion))
	return out
}

// values are the fields that two desks may have written at once.
func values(t *kit.Text, s room.Side, f *incident.Fact) []SideLine {
	place := ""
	if f.Place != nil {
		place = f.Place.Text
	}
	difficulty := ""
	if f.Difficulty != 0 {
		difficulty = strconv.Itoa(f.Difficulty)
	}
	return []SideLine{
		{t.T("field.title"), f.Title},
		{t.T("field.content"), f.Content},
		{t.T("field.village"), f.Village},
		{t.T("field.place"), place},
		{t.T("field.category"), category(s, f)},
		{t.T("field.urgency"), short(t, "urgency.", string(f.Urgency))},
		{t.T("field.difficulty"), difficulty},
	}
}

// category names a category; one that this desk's directory lacks stays a code.
func category(s room.Side, f *incident.Fact) string {
	if s.Category.Minor == "" {
		return f.Category
	}
	return s.Category.Major + "·" + s.Category.Minor
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

func passKey(pass bool) string {
	if pass {
		return "pass.pass"
	}
	return "pass.fail"
}

// short names a value; one without a name stays as it is.
func short(t *kit.Text, head, value string) string {
	if value == "" {
		return ""
	}
	return t.Short(head+value, value)
}

// Sides are two cards side by side: who did what, when, at which desk.
func Sides(env *kit.Env, c room.Clash, name func(incident.Login) string) fyne.CanvasObject {
	return container.New(halves{}, card(env, "county.side_a", c, c.A, c.B, name), card(env, "county.side_b", c, c.B, c.A, name))
}

func card(env *kit.Env, letter string, c room.Clash, s, other room.Side, name func(incident.Login) string) fyne.CanvasObject {
	seat := s.Seat
	if s.Own {
		seat = env.T("county.own", seat)
	}
	who := string(s.Login)
	if name != nil {
		who = name(s.Login)
	}
	at := clock(s.At)
	if incident.DayOf(s.At) != incident.DayOf(env.Now()) {
		at = dayClock(s.At)
	}
	lines := kit.VBox(4, kit.HBox(6, kit.NewTag(env.T(letter), kit.Acc, kit.Accbg), kit.NewCutLabel(seat, kit.Body.Heavy(), kit.T1)),
		kit.NewCutLabel(who+"·"+at, kit.Caption, kit.T2), kit.NewPara(env.T("kind."+strconv.Itoa(int(s.Kind))), kit.Body.Heavy(), kit.T1))
	for _, l := range SideLines(env.Text, c, s, other) {
		value := kit.NewPara(l.Value, kit.Small, kit.T1)
		value.MaxLines = 4
		lines.Add(kit.Edges(nil, nil, kit.VBox(0, kit.Fixed(kit.NewLabel(l.Caption, kit.Small, kit.T3), 40, kit.Small.Line)), nil, value))
	}
	return container.NewStack(kit.NewFrame(kit.Surface, kit.Line2, kit.RadiusCard), kit.Pad(lines, 10, 12, 10, 12))
}

// halves gives two objects half of the width each, and the height of the higher one.
type halves struct{}

const halfGap float32 = 12

// MinSize is the height of the higher one.
func (halves) MinSize(objs []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(200, 0)
	for _, o := range objs {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

// Layout places both.
func (halves) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	w := (size.Width - halfGap) / 2
	for i, o := range objs {
		o.Move(fyne.NewPos(float32(i)*(w+halfGap), 0))
		o.Resize(fyne.NewSize(w, size.Height))
	}
}

// Head is what happened, in red, with the incident below.
func Head(env *kit.Env, c room.Clash, row board.Row) fyne.CanvasObject {
	apart := Long(env.Text, c.B.At.Sub(c.A.At).Abs())
	return kit.VBox(4, kit.HBox(8, kit.NewIcon("warn", 16, kit.Crit), kit.NewLabel(env.T(c.Key()), kit.Body.Heavy(), kit.Crit)),
		kit.NewPara(row.Title, kit.Strong, kit.T1), kit.NewCutLabel(strings.Trim(row.ShortNo+"·"+row.Village+"·"+env.T("county.apart", apart), "·"), kit.Small, kit.T2))
}

// SettleParams says what the dialog of conflicts works with.
type SettleParams struct {
	Env *kit.Env
	// Read returns the incidents with something to settle, whole.
	Read func() ([]room.Detail, error)
	// Settle settles one conflict and tells whether that was taken.
	Settle func(id incident.IncidentID, conflict, choice, text string, done func(error))
	// Edit writes the fields of an incident anew: the third value of two.
	Edit func(incident.IncidentID)
	// Open opens an incident's file.
	Open  func(incident.IncidentID)
	Name  func(incident.Login) string
	Words func(error) string
	Work  func(func())
	// First is the incident to begin with; zero: the first of all.
	First incident.IncidentID
}

// matter is one conflict to settle.
type matter struct {
	detail *room.Detail
	clash  room.Clash
}

// Settle is the open dialog of conflicts.
type Settle struct {
	p       SettleParams
	matters []matter
	at      int
	list    *kit.ScrollList
	right   *fyne.Container
	fault   *kit.Para
	third   *kit.Entry // in view while a third result is being written
	dialog  *kit.Dialog
	busy    bool
	settled bool // something was
}

// The sizes of the dialog.
const (
	settleWidth  float32 = 960
	settleHeight float32 = 560
	matterWidth  float32 = 300
	matterHeight float32 = 44
)

// OpenSettle opens the list of what is to be settled with both sides and a key for each choice.
func OpenSettle(p SettleParams) *Settle {
	s := &Settle{p: p, right: kit.VBox(12), fault: kit.NewPara("", kit.Body, kit.Crit)}
	s.list = kit.NewScrollList(kit.EvenRows{N: 0, Height: matterHeight}, func() fyne.CanvasObject { return newMatterRow() }, s.fill)
	left := kit.Edges(nil, nil, nil, kit.Divider(), container.NewStack(kit.NewBox(kit.Surface2), s.list))
	body := kit.Edges(nil, nil, kit.Fixed(left, matterWidth, 0), nil, container.NewVScroll(kit.Pad(s.right, 16, 24, 16, 24)))
	t := p.Env.T
	s.dialog = kit.NewDialog(p.Env, kit.DialogParams{
		Name: "settle", Title: t("cmd.settle"), Body: body, Width: settleWidth, Height: settleHeight, OnKey: s.key, OnConfirm: s.confirm, Scope: kit.InConflict,
		Hints:   []kit.Hint{{Cap: "↑↓", Text: t("key.move")}, {Cap: "1 2 3", Text: t("county.settle")}, {Cap: "Enter", Text: t("cmd.open")}},
		Actions: []fyne.CanvasObject{kit.NewButton(kit.Secondary, "", t("county.later"), "Esc", func() { s.dialog.Close() })},
	})
	s.right.Objects = []fyne.CanvasObject{kit.NewPara(t("county.settle_reading"), kit.Body, kit.T3)}
	s.dialog.Open()
	s.read(p.First)
	return s
}

// read reads anew what is to be settled and stays at an incident where it can.
func (s *Settle) read(stay incident.IncidentID) {
	s.busy = true
	s.p.Work(func() {
		details, err := s.p.Read()
		s.p.Env.Post(func() {
			s.busy = false
			if err != nil {
				s.say(s.p.Words(err))
				return
			}
			s.take(details, stay)
		})
	})
}

func (s *Settle) take(details []room.Detail, stay incident.IncidentID) {
	s.matters = nil
	at := -1
	for i := range details {
		for _, c := range ToSettle(details[i].Clashes) {
			if details[i].State.ID == stay && at < 0 {
				at = len(s.matters)
			}
			s.matters = append(s.matters, matter{&details[i], c})
		}
	}
	if at < 0 {
		at = s.at
	}
	s.at = max(0, min(at, len(s.matters)-1))
	if s.settled && len(s.matters) == 0 {
		s.dialog.Close()
		return
	}
	s.list.SetRows(kit.EvenRows{N: len(s.matters), Height: matterHeight})
	s.show()
}

func (s *Settle) fill(i int, o fyne.CanvasObject) {
	r, ok := o.(*matterRow)
	if !ok {
		return
	}
	m := s.matters[i]
	r.show(s.p.Env.T(m.clash.Key()), m.detail.Row.ShortNo+" "+m.detail.Row.Title, i == s.at, m.clash.Loud)
	r.OnTap = func() {
		s.at = i
		s.show()
	}
}

// show shows the chosen conflict with both sides.
func (s *Settle) show() {
	env := s.p.Env
	s.third = nil
	s.fault.Set("", kit.Crit)
	s.list.Update()
	if len(s.matters) == 0 {
		s.right.Objects = []fyne.CanvasObject{kit.NewPara(env.T("county.nothing_to_settle"), kit.Body, kit.T3)}
		s.right.Refresh()
		return
	}
	m := s.matters[s.at]
	choices := kit.HBox(8)
	for i, c := range m.clash.Choices {
		kind := kit.Secondary
		if i == 0 {
			kind = kit.Primary
		}
		choices.Add(kit.NewButton(kind, "", env.T(c), strconv.Itoa(i+1), func() { s.choose(i) }))
	}
	s.right.Objects = []fyne.CanvasObject{
		Head(env, m.clash, m.detail.Row), Sides(env, m.clash, s.p.Name), kit.NewPara(Until(env.Text, m.clash), kit.Small, kit.T2), choices, s.fault,
		kit.NewPara(env.T("county.settle_note"), kit.Small, kit.T3),
	}
	s.right.Refresh()
	s.list.ScrollTo(s.at, 0)
}

func (s *Settle) say(text string) {
	s.fault.Set(text, kit.Crit)
	s.right.Refresh()
}

// key moves among conflicts, opens a file, or chooses.
func (s *Settle) key(k kit.Press) bool {
	switch {
	case k.Command == kit.CmdUp && s.at > 0:
		s.at--
		s.show()
	case k.Command == kit.CmdDown && s.at < len(s.matters)-1:
		s.at++
		s.show()
	case k.Command == kit.CmdOpen && len(s.matters) > 0:
		id := s.matters[s.at].detail.State.ID
		s.dialog.Close()
		s.p.Open(id)
	case k.Command == kit.CmdOption1:
		s.choose(0)
	case k.Command == kit.CmdOption2:
		s.choose(1)
	case k.Command == kit.CmdOption3:
		s.choose(2)
	default:
		return false
	}
	return true
}

// choose settles the conflict in view with one of its choices; a third one asks for its words or values first.
func (s *Settle) choose(i int) {
	if s.busy || len(s.matters) == 0 || i >= len(s.matters[s.at].clash.Choices) {
		return
	}
	m := s.matters[s.at]
	choice := m.clash.Choices[i]
	switch {
	case choice != chooseThird:
		s.settle(choice, "")
	case m.clash.Rule == ruleValues:
		s.dialog.Close()
		s.p.Edit(m.detail.State.ID)
	default:
		s.third = kit.NewEntry(s.p.Env.T("county.third_hint"))
		s.third.OnSubmit = func(text string) { s.settle(chooseThird, text) }
		s.right.Add(s.third)
		s.right.Refresh()
		s.p.Env.Host.Canvas().Focus(s.third.Focusable())
	}
}

// confirm takes the third result that is being written.
func (s *Settle) confirm() {
	if s.third != nil {
		s.settle(chooseThird, s.third.Text())
	}
}

func (s *Settle) settle(choice, text string) {
	if s.busy {
		return
	}
	s.busy = true
	m := s.matters[s.at]
	s.p.Settle(m.detail.State.ID, m.clash.ID, choice, strings.TrimSpace(text), func(err error) {
		s.busy = false
		if err != nil {
			s.say(s.p.Words(err))
			return
		}
		s.settled = true
		s.p.Env.Host.Canvas().Unfocus()
		s.read(m.detail.State.ID)
	})
}

// matterRow is one conflict of the list: what happened, and to which incident.
type matterRow struct {
	kit.RowBase
	icon        *kit.Icon
	rule, title *kit.Label
}

func newMatterRow() *matterRow {
	r := &matterRow{icon: kit.NewIcon("warn", 14, kit.Crit), rule: kit.NewCutLabel("", kit.Body, kit.T1), title: kit.NewCutLabel("", kit.Caption, kit.T2)}
	r.InitRow(r)
	return r
}

func (r *matterRow) show(rule, title string, here, loud bool) {
	r.Selected = here
	token := kit.Urg
	if loud {
		token = kit.Crit
	}
	r.icon.Set("warn", token)
	r.rule.Type.Bold = here
	r.rule.Set(rule, kit.T1)
	r.title.Set(title, kit.T2)
	r.PaintGround()
}

// CreateRenderer places the parts by hand.
func (r *matterRow) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		r.PlaceGround(size)
		r.icon.Resize(fyne.NewSquareSize(14))
		r.icon.Move(fyne.NewPos(16, 6))
		r.rule.Move(fyne.NewPos(36, 3))
		r.rule.Resize(fyne.NewSize(size.Width-48, kit.Body.Line))
		r.title.Move(fyne.NewPos(36, 24))
		r.title.Resize(fyne.NewSize(size.Width-48, kit.Caption.Line))
	}
	return kit.NewRowRenderer(place, r.PaintGround, append(r.Ground(), r.icon, r.rule, r.title))
}
