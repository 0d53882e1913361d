package lists

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"zw110/data/duty"
	"zw110/data/incident"
	"zw110/data/intake"
)

// SlipKind is which paper a slip is.
type SlipKind string

// The papers.
const (
	SlipSupervise SlipKind = "supervise" // 督办单, 交办单
	SlipHandle    SlipKind = "handle"    // 事项办理单
	SlipHandover  SlipKind = "handover"  // 交接班单
	SlipNotice    SlipKind = "notice"    // 提醒通知单, 整改通知单
	SlipReport    SlipKind = "report"    // 月报
)

// SlipKinds returns every paper.
func SlipKinds() []SlipKind {
	return []SlipKind{SlipSupervise, SlipHandle, SlipHandover, SlipNotice, SlipReport}
}

// Errors of papers that would say nothing.
var (
	ErrNoUnit     = errors.New("incident has no lead unit to hand it to")
	ErrNothingDue = errors.New("unit has nothing overdue and returned nothing")
)

// SlipParams are what slips are made of.
type SlipParams struct {
	Town    duty.Town
	Rules   incident.Rules
	Words   Words
	MadeAt  incident.Stamp
	Version int // 1 for the first print
	// Name returns the name of a login, empty for one that nobody knows.
	Name func(incident.Login) string
}

// SlipCase is an incident as a slip may tell of it: Title and Content are what units are told, Mask hides the reporter in any other text.
type SlipCase struct {
	State          incident.State
	Category       incident.Category
	Title, Content string
	Mask           func(string) string
}

// mask hides personal data in a text.
func (c *SlipCase) mask(text string) string {
	if c.Mask == nil {
		return intake.MaskFor(text, c.State.Reporter)
	}
	return c.Mask(text)
}

// due is when it is to be settled, with the mark of a provisional time.
func (c *SlipCase) due(p SlipParams) string {
	due, provisional := incident.SettleDue(&c.State, p.Rules)
	if provisional && due > 0 {
		return moment(due) + p.Words.T("lists.provisional")
	}
	return moment(due)
}

// matter is the title, and the content where it says more.
func (c *SlipCase) matter() string {
	if c.Content == "" || c.Content == c.Title {
		return c.Title
	}
	return strings.TrimSpace(c.Title + "\n" + c.Content)
}

// stamp is when something was done, with the year when it isn't that of the incident.
func (c *SlipCase) stamp(at incident.Stamp) string {
	if at == 0 || at.Time().In(incident.Local).Year() != c.State.ReceivedAt.Time().In(incident.Local).Year() {
		return moment(at)
	}
	return at.Time().In(incident.Local).Format("01-02 15:04")
}

// reporter is masked for everybody.
func (c *SlipCase) reporter() string {
	r := c.State.Reporter
	switch {
	case c.State.Shield == "confidential" || r != nil && r.Confidential:
		return intake.Secret
	case c.State.Shield == "protected" || r != nil && r.Protected:
		return intake.Protected
	case r != nil:
		return strings.TrimSpace(intake.MaskName(r.Name) + " " + intake.MaskPhone(r.Phone))
	}
	return ""
}

// who names a login with its role.
func (p SlipParams) who(login incident.Login, role incident.Role) string {
	if role == incident.RoleSystem {
		return p.Words.T("role." + string(role))
	}
	name := string(login)
	if p.Name != nil {
		if known := p.Name(login); known != "" {
			name = known
		}
	}
	if role == "" {
		return name
	}
	return name + p.Words.T("slip.as", p.Words.T("role."+string(role)))
}

// slip begins a slip.
func (p SlipParams) slip(kind, title string) Slip {
	return Slip{Name: p.Words.T("slip.name." + kind), Title: title, Version: p.Version, Footer: p.Words.T("lists.footer")}
}

// done closes a slip with version and check code.
func (p SlipParams) done(s Slip) Slip {
	s.Check = s.sum()
	s.row(lineHeight, SlipCell{p.Words.T("slip.made", p.Town.Room, moment(p.MadeAt)) + "　" + p.Words.T("lists.version", p.Version, s.Check), SlipColumns, LookPlain})
	return s
}

// number is right below the title.
func (s *Slip) number(text string) { s.row(lineHeight, SlipCell{text, SlipColumns, LookRight}) }

// Supervise makes the slip that goes to the lead unit with the order of supervision last given (督办单), or the order itself when nobody
// supervises it (交办单). Below the tear line stands the receipt that comes back. ErrNoUnit when it was sent to nobody.
func Supervise(p SlipParams, c SlipCase) (Slip, error) {
	st, w := &c.State, p.Words
	if st.LeadUnit == "" {
		return Slip{}, ErrNoUnit
	}
	kind, no, due, demand := "order", st.No, c.due(p), c.sentText()
	if demand == "" {
		demand = w.T("slip.demand.order")
	}
	var level string
	if n := len(st.Supervisions); n > 0 {
		last := st.Supervisions[n-1]
		kind, no, due, demand = "supervise", last.No, string(last.ReplyDue), c.mask(last.Text)
		if no == "" {
			no = strings.NewReplacer("{short}", p.Town.Short, "{year}", strconv.Itoa(last.At.Time().In(incident.Local).Year()), "{n}", "　　").Replace(p.Town.SupervisionNumber)
		}
		if level = map[int]string{1: "blue", 2: "yellow", 3: "red"}[last.Level]; level != "" {
			level = w.T("lists.level." + level)
		}
	}
	s := p.slip(kind, p.Town.Name+w.T("slip.title."+kind))
	s.number(no)
	s.fact(w.T("slip.to"), string(st.LeadUnit))
	if with := partners(st); len(with) > 0 {
		s.fact(w.T("slip.with"), joined(with))
	}
	s.pair(w.T("lists.col.no"), st.No, w.T("slip.urgency"), w.T("urgency."+string(st.Urgency)))
	s.pair(w.T("lists.col.village"), st.Village, w.T("slip.received"), moment(st.ReceivedAt))
	s.fact(w.T("lists.col.matter"), c.matter())
	if kind == "supervise" {
		s.pair(w.T("lists.col.old_due"), c.due(p), w.T("slip.level"), level)
	}
	s.row(3*rowHeight, SlipCell{w.T("slip.demand"), 2, LookCaption}, SlipCell{demand, SlipColumns - 2, LookText})
	s.fact(w.T("slip.due."+kind), due)
	s.sign(w.T("lists.foot.issued"), w.T("lists.foot.seal"), w.T("lists.foot.date"))
	s = p.done(s)
	s.receipt(p, string(st.LeadUnit), no, st.No)
	return s, nil
}

// sentText is what the last dispatch said to the units.
func (c *SlipCase) sentText() string {
	for _, l := range slices.Backward(c.State.Log) {
		if l.Kind == incident.KindDispatched && !l.Undone && l.Fact != nil && strings.TrimSpace(l.Fact.Text) != "" {
			return c.mask(l.Fact.Text)
		}
	}
	return ""
}

// receipt adds what the unit tears off and sends back.
func (s *Slip) receipt(p SlipParams, unit, no, incidentNo string) {
	w := p.Words
	s.tear(w.T("paper.tear"))
	s.heading(w.T("slip.receipt", s.Title))
	if incidentNo == "" {
		s.pair(w.T("slip.unit"), unit, w.T("slip.check"), s.Check)
	} else {
		s.pair(w.T("slip.number"), no, w.T("slip.unit"), unit)
		s.pair(w.T("lists.col.no"), incidentNo, w.T("slip.check"), s.Check)
	}
	s.pair(w.T("slip.received_by"), "", w.T("slip.received_at"), "")
	s.pair(w.T("slip.handler"), "", w.T("slip.phone"), "")
	s.blank(w.T("slip.answer"))
	s.sign(w.T("slip.head_of_unit"), w.T("slip.unit_seal"), w.T("lists.foot.date"))
}

// Handle makes the sheet of an incident with the stamp of every act (事项办理单): when, who, what.
func Handle(p SlipParams, c SlipCase) Slip {
	st, w := &c.State, p.Words
	s := p.slip("handle", p.Town.Name+w.T("slip.title.handle"))
	s.number(w.T("slip.no", st.No))
	s.pair(w.T("lists.col.channel"), strings.TrimSpace(word(w, "channel", string(st.Channel))+" "+st.SourceNo), w.T("slip.received"), moment(st.ReceivedAt))
	s.pair(w.T("lists.col.village"), st.Village, w.T("slip.reporter"), c.reporter())
	s.pair(w.T("slip.category"), strings.TrimSpace(c.Category.Code+" "+c.Category.Minor), w.T("slip.urgency"), w.T("urgency."+string(st.Urgency)))
	s.fact(w.T("lists.col.matter"), c.matter())
	s.pair(w.T("slip.lead"), string(st.LeadUnit), w.T("lists.col.co"), joined(partners(st)))
	s.pair(w.T("lists.col.due"), c.due(p), w.T("slip.state"), w.T("status."+string(st.Status)))
	if len(st.Tasks) > 0 {
		s.section(w.T("slip.tasks"))
		var rows [][]string
		for _, t := range st.Tasks {
			rows = append(rows, []string{string(t.Unit), w.T("task." + string(t.Status)), c.stamp(t.SentAt), c.stamp(t.SignedAt), c.stamp(t.ArrivedAt), c.stamp(t.FedBackAt)})
		}
		s.table([]int{2, 2, 2, 2, 2, 2}, []string{w.T("slip.unit"), w.T("slip.state"), w.T("slip.sent"), w.T("slip.signed"), w.T("slip.arrived"), w.T("slip.fed_back")}, rows)
	}
	s.section(w.T("slip.acts"))
	var rows [][]string
	for _, l := range st.Log {
		if l.Kind == incident.KindUnsealed {
			continue // who looked at the reporter is no business of who reads the sheet
		}
		what := c.told(w, l)
		if l.Late {
			what += w.T("slip.late")
		}
		if l.Undone {
			what += w.T("paper.undone")
		}
		rows = append(rows, []string{c.stamp(l.At), w.T("kind." + strconv.Itoa(int(l.Kind))), what, p.who(l.Actor, l.Role)})
	}
	s.table([]int{2, 2, 6, 2}, []string{w.T("slip.at"), w.T("slip.act"), w.T("slip.what"), w.T("slip.by")}, rows)
	s.sign(w.T("slip.clerk"), w.T("lists.foot.shift"), w.T("lists.foot.date"))
	return p.done(s)
}

// told is what one act said, without personal data.
func (c *SlipCase) told(w Words, l incident.LogLine) string {
	f := l.Fact
	if f == nil {
		return w.T("incidentfile.unknown_entry")
	}
	var parts []string
	add := func(text string) {
		if text = strings.TrimSpace(text); text != "" {
			parts = append(parts, text)
		}
	}
	named := func(key, value string) {
		if value != "" {
			add(w.T(key, value))
		}
	}
	coded := func(value string, keys ...string) {
		for _, key := range keys {
			if t := w.T(key); t != key {
				add(t)
				return
			}
		}
		add(c.mask(value))
	}
	switch l.Kind {
	case incident.KindRegistered:
		return c.Title
	case incident.KindVerified, incident.KindFollowedUp:
		if f.Pass {
			add(w.T("pass.pass"))
		} else {
			add(w.T("pass.fail"))
		}
	case incident.KindSigned, incident.KindArrived, incident.KindUrged, incident.KindReturned, incident.KindCoAdded, incident.KindCoWaived:
		add(string(l.Unit))
	}
	named("incidentfile.log_lead", string(f.Lead))
	named("incidentfile.log_co", joined(f.Co))
	coded("", "result."+f.Result)
	coded("", "answer."+f.Answer)
	coded(f.Reason, "reason."+f.Reason, "void."+f.Reason)
	for _, text := range []string{f.Text, f.Question, f.Opinion, strings.Join(f.Opinions, "；"), f.Draft} {
		add(c.mask(text))
	}
	named("incidentfile.log_basis", c.mask(f.Basis))
	named("incidentfile.log_document", c.mask(f.DocumentNo))
	named("incidentfile.log_followup", string(f.FollowupDue))
	named("incidentfile.log_review", string(f.Review))
	named("incidentfile.log_reply", string(f.ReplyDue))
	named("incidentfile.log_due", moment(f.DueNew))
	if l.Kind == incident.KindSupervised {
		add(f.SupervisionNo)
	}
	if f.Proxy != nil {
		add(w.T("slip.by_phone", moment(f.Proxy.Time)))
	}
	return strings.Join(parts, "；")
}

// nextShift is how long the shift after this one is taken to last.
const nextShift = 12 * time.Hour

// Handover makes the paper that one shift gives the next (交接班单): each open incident once, in the first group it belongs to, then what waits for a
// settlement and what was noted since the shift began. Cases are as of the moment of handing over.
func Handover(p SlipParams, since, at incident.Stamp, cases []SlipCase) Slip {
	w := p.Words
	groups := map[string][][]string{}
	var notes, conflicts [][]string
	open := 0
	for i := range cases {
		c := &cases[i]
		st := &c.State
		for _, l := range st.Log {
			if l.Kind == incident.KindNoted && !l.Undone && l.Fact != nil && l.At >= since && strings.TrimSpace(l.Fact.Text) != "" {
				notes = append(notes, []string{c.stamp(l.At), st.No, c.mask(l.Fact.Text), p.who(l.Actor, l.Role)})
			}
		}
		for _, x := range st.Conflicts {
			if len(x.Choices) > 0 {
				conflicts = append(conflicts, []string{st.No, c.Title, w.T(x.Key())})
			}
		}
		if !st.Status.Open() {
			continue
		}
		open++
		group := c.group(p, at)
		groups[group] = append(groups[group], []string{st.No, c.Title, string(st.LeadUnit), w.T("status." + string(st.Status)), c.next(p, at)})
	}
	sortRows(notes)
	s := p.slip("handover", p.Town.Room+w.T("slip.title.handover"))
	s.pair(w.T("slip.shift"), w.T("slip.span", moment(since), moment(at)), w.T("slip.next"), w.T("slip.span", moment(at), moment(at.Add(nextShift))))
	s.fact(w.T("slip.counts"), w.T("slip.handover.counts", open, len(groups["unanswered"]), len(groups["overdue"]), len(groups["soon"]), len(groups["rest"]), len(conflicts), len(notes)))
	part := func(key string, spans []int, heads []string, rows [][]string) {
		s.section(w.T("slip.count", w.T("slip.handover."+key), len(rows)))
		if len(rows) == 0 {
			s.row(rowHeight, SlipCell{w.T("slip.none"), SlipColumns, LookText})
			return
		}
		s.table(spans, heads, rows)
	}
	for _, key := range []string{"unanswered", "overdue", "soon", "rest"} {
		sortRows(groups[key])
		part(key, []int{2, 4, 2, 2, 2}, []string{w.T("lists.col.no"), w.T("lists.col.matter"), w.T("slip.lead"), w.T("slip.state"), w.T("slip.due.next")}, groups[key])
	}
	part("conflicts", []int{2, 5, 5}, []string{w.T("lists.col.no"), w.T("lists.col.matter"), w.T("slip.what")}, conflicts)
	part("notes", []int{2, 2, 6, 2}, []string{w.T("slip.at"), w.T("lists.col.no"), w.T("slip.what"), w.T("slip.by")}, notes)
	s.blank(w.T("slip.handover.told"))
	s.sign(w.T("slip.handover.from"), w.T("slip.handover.to"), w.T("slip.handover.when"))
	return p.done(s)
}

// sortRows sorts by what stands first in the rows.
func sortRows(rows [][]string) {
	slices.SortStableFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
}

// group is where an open incident stands on the paper of a shift.
func (c *SlipCase) group(p SlipParams, at incident.Stamp) string {
	if c.State.RespondedAt == 0 {
		return "unanswered"
	}
	group := "rest"
	for _, k := range incident.Clocks(&c.State, p.Rules, at) {
		switch {
		case !k.Running():
		case k.Due < at:
			return "overdue"
		case k.Due < at.Add(nextShift):
			group = "soon"
		}
	}
	return group
}

// next is the clock that runs out first.
func (c *SlipCase) next(p SlipParams, at incident.Stamp) string {
	k, ok := incident.NextClock(&c.State, p.Rules, at)
	if !ok || k.Due == 0 {
		return ""
	}
	return p.Words.T("slip.clock."+string(k.Name)) + " " + clock(k.Due, incident.DayOf(at))
}

// Notice makes the paper that reminds a unit of what it returned since a moment (提醒通知单), or asks it to put right what is overdue there (整改通知单).
// Cases are as of at. ErrNothingDue when there is neither.
func Notice(p SlipParams, unit incident.UnitID, since, at incident.Stamp, cases []SlipCase) (Slip, error) {
	w := p.Words
	var late, returned [][]string
	for i := range cases {
		c := &cases[i]
		for _, k := range incident.Clocks(&c.State, p.Rules, at) {
			ours := k.Unit == unit || k.Name == incident.C6Settle && c.State.LeadUnit == unit && c.State.Status != incident.FedBack
			if ours && k.Running() && k.Due < at {
				late = append(late, []string{c.State.No, c.Title, w.T("slip.clock." + string(k.Name)), c.stamp(k.Due), overBy(w, at, k.Due)})
			}
		}
		for _, l := range c.State.Log {
			if l.Kind == incident.KindReturned && !l.Undone && l.Fact != nil && l.Unit == unit && l.At >= since {
				returned = append(returned, []string{c.State.No, c.Title, c.stamp(l.At), c.told(w, l)})
			}
		}
	}
	kind := "remind"
	switch {
	case len(late) > 0:
		kind = "rectify"
	case len(returned) == 0:
		return Slip{}, fmt.Errorf("notice to %s: %w", unit, ErrNothingDue)
	}
	sortRows(late)
	sortRows(returned)
	s := p.slip(kind, p.Town.Name+w.T("slip.title."+kind))
	s.fact(w.T("slip.to"), string(unit))
	s.fact(w.T("slip.counts"), w.T("slip.notice."+kind, moment(at), len(late), len(returned)))
	if len(late) > 0 {
		s.section(w.T("slip.count", w.T("slip.notice.late"), len(late)))
		s.table([]int{2, 5, 1, 2, 2}, []string{w.T("lists.col.no"), w.T("lists.col.matter"), w.T("slip.step"), w.T("slip.due.next"), w.T("slip.over")}, late)
	}
	if len(returned) > 0 {
		s.section(w.T("slip.count", w.T("slip.notice.returned"), len(returned)))
		s.table([]int{2, 4, 2, 4}, []string{w.T("lists.col.no"), w.T("lists.col.matter"), w.T("slip.at"), w.T("slip.why")}, returned)
	}
	s.fact(w.T("slip.demand"), w.T("slip.notice.demand."+kind))
	s.blank(w.T("slip.reply_by"))
	s.sign(w.T("lists.foot.director"), w.T("lists.foot.seal"), w.T("lists.foot.date"))
	s = p.done(s)
	s.receipt(p, string(unit), "", "")
	return s, nil
}

// overBy is how long something is overdue: whole hours, from two days on whole days.
func overBy(w Words, at, due incident.Stamp) string {
	if d := at.Sub(due); d < 48*time.Hour {
		return w.T("slip.hours", int(d/time.Hour))
	}
	return w.T("slip.days", int(at.Sub(due)/(24*time.Hour)))
}

// ReportPart is a part of a report in words: what it is about and its sentences.
type ReportPart struct {
	Head      string
	Sentences []string
}

// ReportSlip makes a report in words.
func ReportSlip(p SlipParams, title string, parts []ReportPart) Slip {
	w := p.Words
	s := p.slip("report", title)
	for _, part := range parts {
		s.row(rowHeight, SlipCell{part.Head, SlipColumns, LookCaption})
		for _, sentence := range part.Sentences {
			s.row(rowHeight, SlipCell{sentence, SlipColumns, LookText})
		}
	}
	s.sign(w.T("lists.foot.draft"), w.T("lists.foot.reviewed"), w.T("lists.foot.dated"))
	return p.done(s)
}

// joined names units one after the other.
func joined(units []incident.UnitID) string {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = string(u)
	}
	return strings.Join(names, "、")
}
