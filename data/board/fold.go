package board

import (
	"slices"
	"strings"
	"time"

	"zw110/data/incident"
)

// lights are the lights of a queue row by number. Here yellow follows the queue's own rule (see dueSoonAt), not that of the lists.
var lights = [...]incident.Light{incident.Green, incident.Yellow, incident.Red, incident.Blue}

const (
	lightGreen = iota
	lightYellow
	lightRed
	lightBlue
)

// soonMost is the longest time before its end in which a clock counts as due soon (临期).
const soonMost = 30 * time.Minute

// dueSoonAt returns the moment from which a clock is due soon: 30 minutes or a quarter of the limit before its end, whichever is less.
func dueSoonAt(c *incident.Clock) incident.Stamp {
	limit := c.Due.Sub(c.From)
	switch c.Limit.Kind {
	case incident.NaturalTime, incident.WorkTime, incident.NightNine:
		if l := time.Duration(c.Limit.N) * time.Minute; l > 0 && l < limit {
			limit = l
		}
	}
	return c.Due.Add(-min(soonMost, max(limit, 0)/4))
}

// stageOf names the state as the operator sees it.
func stageOf(st *incident.State) Stage {
	switch st.Status {
	case incident.Received:
		if st.RespondedAt == 0 {
			return StageUnanswered
		}
		return StageReceived
	case incident.Handling:
		return handlingStage(st)
	}
	return stages[st.Status]
}

// stages are the states that need no second look.
var stages = map[incident.Status]Stage{
	incident.InfoNeeded: StageInfo,
	incident.Accepted:   StageToDispatch,
	incident.Disputed:   StageRuling,
	incident.Dispatched: StageToSign,
	incident.Suspended:  StageSuspended,
	incident.WithCounty: StageCounty,
	incident.FedBack:    StageToVerify,
	incident.Verified:   StageToCallback,
	incident.Closed:     StageClosed,
	incident.Refused:    StageRefused,
	incident.Merged:     StageMerged,
	incident.Forced:     StageForced,
	incident.Void:       StageVoid,
}

// handlingStage tells signed, on scene and handling apart by the lead's task of this round.
func handlingStage(st *incident.State) Stage {
	arrived, first := st.ArrivedAt, st.FirstFeedback
	for _, t := range st.Tasks {
		if t.Lead && t.Live() {
			arrived, first = t.ArrivedAt, t.FirstFeedbackAt
		}
	}
	switch {
	case first != 0:
		return StageHandling
	case arrived != 0:
		return StageOnScene
	}
	return StageSigned
}

// place puts a record into its group and gives the clock its light as of now.
func (r *record) place(stage Stage, now incident.Stamp) {
	r.light = lightGreen
	if r.clock != nil {
		switch {
		case r.clock.Stopped:
			r.light = lightBlue
		case now > r.clock.Due:
			r.light = lightRed
		case now >= dueSoonAt(r.clock):
			r.light = lightYellow
		}
	}
	r.group = uint8(groupOf(stage, r.light))
}

func groupOf(stage Stage, light uint8) Group {
	switch stage {
	case StageUnanswered:
		return Unanswered
	case StageReceived, StageInfo, StageToDispatch, StageRuling:
		return ToDispatch
	case StageClosed, StageRefused, StageMerged, StageForced, StageVoid, "":
		return Ended
	}
	switch light {
	case lightRed:
		return Overdue
	case lightYellow:
		return DueSoon
	}
	return InHand
}

// wakeAt returns the next moment at which time alone changes the record, or zero.
func (r *record) wakeAt() incident.Stamp {
	if r.clock == nil || Group(r.group) == Ended {
		return 0
	}
	switch r.light {
	case lightGreen:
		return dueSoonAt(r.clock)
	case lightYellow:
		return r.clock.Due + 1
	}
	return 0
}

// fold makes the record of a state.
func (b *Board) fold(in Input, now incident.Stamp) *record {
	st := in.State
	stage := stageOf(st)
	r := &record{
		id:       st.ID,
		town:     st.Scope,
		received: st.ReceivedAt,
		handled:  st.HandledAt,
		category: b.tables.category.symbol(st.Category),
		village:  b.tables.village.symbol(st.Village),
		by:       b.tables.login.symbol(string(st.Registrar)),
		last:     b.tables.login.symbol(string(lastBy(in))),
		channel:  b.tables.short(string(st.Channel)),
		urgency:  b.tables.short(string(st.Urgency)),
		status:   b.tables.short(string(st.Status)),
		stage:    b.tables.short(string(stage)),

		conflicts: small8(len(st.Conflicts)),
		risk:      small8(len(st.RiskWords)),
		reopened:  small8(st.Reopens),
	}
	if st.Appeal() {
		r.flags |= flagAppeal
	}
	if r.received == 0 {
		r.received = st.RegisteredAt
	}
	if !st.Status.Open() {
		r.ended = max(st.ClosedAt, st.EndedAt)
	}
	for _, c := range st.Conflicts {
		if len(c.Choices) > 0 {
			r.flags |= flagToSettle
		}
		if c.Loud {
			r.flags |= flagLoud
		}
	}
	for _, s := range st.Supervisions {
		r.supervised = max(r.supervised, small8(s.Level))
	}
	place := ""
	if st.Place != nil {
		place = st.Place.Text
		r.lng, r.lat = b.point(*st.Place)
	}
	r.text = pack([sections]string{st.No, st.SourceNo, st.Title, place, st.Content, digitsOf(in.Phone)})
	b.foldUnits(r, in, stage)
	b.foldClock(r, st, now)
	r.place(stage, now)
	return r
}

// foldUnits fills lead and co-handlers; before dispatch they are what the directory proposes.
func (b *Board) foldUnits(r *record, in Input, stage Stage) {
	st := in.State
	at := st.AcceptedAt
	if at == 0 {
		at = r.received
	}
	category, known := b.rules.Category(st.Category, at)
	if known && category.Dispute {
		r.flags |= flagDispute
	}
	lead, co := st.LeadUnit, liveCo(st)
	if g := groupOf(stage, lightGreen); g == Unanswered || g == ToDispatch {
		lead, co = in.Suggested, in.SuggestedCo
		if lead == "" && known {
			lead, co = category.Lead, category.Co
		}
		if lead != "" {
			r.flags |= flagSuggested
		}
	}
	r.lead = b.tables.unit.symbol(string(lead))
	names := make([]string, 0, len(co))
	for _, u := range co {
		if u != "" && u != lead {
			names = append(names, string(u))
			b.tables.unit.symbol(string(u))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	r.coCount = small8(len(names))
	r.cos = b.tables.cos.symbol(strings.Join(names, coSep))
}

// liveCo returns the co-handlers of this round, without those returned, withdrawn or waived.
func liveCo(st *incident.State) []incident.UnitID {
	var co []incident.UnitID
	for _, t := range st.Tasks {
		if !t.Lead && t.Round == st.Round && (t.Live() || t.Status == incident.TaskDone) {
			co = append(co, t.Unit)
		}
	}
	return co
}

// foldClock takes the clock that ends first; when no step runs, the settle clock. Suspended or with the county none is shown.
func (b *Board) foldClock(r *record, st *incident.State, now incident.Stamp) {
	if !st.Status.Open() || st.Status == incident.Suspended || st.Status == incident.WithCounty {
		return
	}
	due, provisional := incident.SettleDue(st, b.rules)
	r.settle = due
	c, ok := b.nextClock(st, b.rules, now)
	if ok && c.Due != 0 {
		r.clock = &c
		return
	}
	if due != 0 && r.handled == 0 && st.FedBackAt == 0 {
		r.clock = &incident.Clock{Name: incident.C6Settle, From: r.received, Due: due, Provisional: provisional}
	}
}

// lastBy returns who acted last, as the caller says or the log tells.
func lastBy(in Input) incident.Login {
	if in.LastBy == "" && len(in.State.Log) > 0 {
		return in.State.Log[len(in.State.Log)-1].Actor
	}
	return in.LastBy
}

// digitsOf keeps the digits of a telephone number.
func digitsOf(phone string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
}
