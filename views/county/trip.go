package county

import (
	"strconv"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// Trip is the way of one courier file: written, handed over, answered. The zero Trip is none.
type Trip struct {
	No      string // of the day: 0818-A
	File    string // name without the folder
	Sum     string // how its SHA-256 begins
	Made    incident.Stamp
	Entries int
	Bytes   int64
	// Line is the desk's own line then, Upto where it ended.
	Line string
	Upto uint64
	// Handed is when the file was given to whoever carries it, Answered when a receipt came back; zero: not yet.
	Handed, Answered incident.Stamp
	// Proven is up to where the other desk has the own line, by its newest receipt.
	Proven uint64
}

// Next is the number of the next file on a day: after 0818-A comes 0818-B, after Z comes AA.
func (t Trip) Next(now incident.Stamp) string {
	day := now.Time().In(incident.Local).Format("0102")
	n := 0
	if len(t.No) > len(day)+1 && t.No[:len(day)] == day {
		for _, c := range t.No[len(day)+1:] {
			n = 26*n + int(c-'A') + 1
		}
	}
	letters := ""
	for n++; n > 0; n = (n - 1) / 26 {
		letters = string(rune('A'+(n-1)%26)) + letters
	}
	return day + "-" + letters
}

// Outgoing is what waits for the county, and the file that carries it.
type Outgoing struct {
	Waiting []room.Waiting
	Bytes   uint64 // of photos and files
	Trip    Trip
}

// Step is one of the three steps of a courier file.
type Step struct {
	Icon        string
	Title, Line string
	State       string
	Token       kit.Token // of the state
	Here        bool      // the one to do now
}

// Steps says where a courier file stands.
func Steps(t *kit.Text, s State, o Outgoing, now incident.Stamp) [3]Step {
	trip := o.Trip
	out := Step{Icon: "s-to_dispatch", Title: t.T("county.step_out"), Line: t.T("county.out_none"), State: t.T("county.trip.ready"), Token: kit.Acc, Here: true}
	carry := Step{Icon: "s-open", Title: t.T("county.step_carry"), Line: t.T("county.carry_wait"), State: t.T("county.trip.not_yet"), Token: kit.T3}
	back := Step{Icon: "s-open", Title: t.T("county.step_back"), Line: t.T("county.back_wait"), State: t.T("county.trip.not_yet"), Token: kit.T3}
	if s.County() {
		carry.Title = t.T("county.step_carry_town")
	}
	if s.Pending.Count > 0 {
		out.Line = t.T("county.out_ready", s.Pending.Count)
	}
	if trip.Made == 0 {
		return [3]Step{out, carry, back}
	}
	out.Icon, out.State, out.Token, out.Here = "s-closed", t.T("county.trip.done", hourMinute(trip.Made, now)), kit.Ok, false
	out.Line = t.T("county.out_done", trip.Entries, kit.SizeWords(trip.Bytes))
	carry.Icon, carry.Here, carry.Line, carry.State, carry.Token = "s-to_dispatch", true, t.T("county.carry_now"), t.T("county.trip.to_hand"), kit.Urg
	if trip.Handed != 0 {
		carry.Icon, carry.Line, carry.State, carry.Token = "s-handling", t.T("county.carry_on", hourMinute(trip.Handed, now)), t.T("county.trip.on_the_way"), kit.Acc
	}
	switch {
	case trip.Answered != 0:
		carry.Icon, carry.State, carry.Token, carry.Here = "s-closed", t.T("county.trip.arrived"), kit.Ok, false
		back.Icon, back.State, back.Token = "s-closed", t.T("county.trip.done", hourMinute(trip.Answered, now)), kit.Ok
		back.Line = t.T("county.back_done", trip.Proven)
		if trip.Proven < trip.Upto {
			back.Icon, back.State, back.Token, back.Here = "warn", t.T("county.trip.short"), kit.Crit, true
			back.Line = t.T("county.back_short", trip.Proven, trip.Upto-trip.Proven)
		}
	case s.Pending.Count == 0:
		carry.Icon, carry.Line, carry.State, carry.Token, carry.Here = "s-closed", t.T("county.back_linked"), t.T("county.trip.arrived"), kit.Ok, false
		back.Line = t.T("county.back_linked_note")
	}
	return [3]Step{out, carry, back}
}

// hourMinute writes a moment: the time alone for today, else with the day.
func hourMinute(at, now incident.Stamp) string {
	if incident.DayOf(at) != incident.DayOf(now) {
		return dayClock(at)
	}
	return at.Time().In(incident.Local).Format("15:04")
}

// WaitingPart lists what waits for the county: of what sort, how many, what of it is in a file or confirmed, and how old.
func WaitingPart(env *kit.Env, s State, o Outgoing) fyne.CanvasObject {
	t := env.T
	head := t("county.to_send", s.Pending.Count)
	if s.Pending.Count > 0 {
		head += "·" + oldest(env.Text, s, env.Now())
	}
	lines := kit.VBox(4, kit.NewCutLabel(head, kit.Small, kit.T2), kit.NewCutLabel(t("county.waiting_note"), kit.Caption, kit.T3))
	if len(o.Waiting) == 0 && o.Bytes == 0 {
		lines.Add(kit.NewPara(t("county.nothing_waits"), kit.Body, kit.T3))
	}
	add := func(what, count, when string) {
		lines.Add(kit.Edges(nil, nil, kit.Fixed(kit.NewCutLabel(what, kit.Body, kit.T1), 128, kit.Body.Line), kit.NewLabel(when, kit.Small, kit.T3), kit.NewCutLabel(count, kit.Body, kit.T1)))
	}
	for _, w := range o.Waiting {
		count := t("county.sort_count", w.Count)
		if w.Carried > w.Proven {
			count += "·" + t("county.carried", w.Carried-w.Proven)
		}
		if w.Proven > 0 {
			count += "·" + t("county.proven", w.Proven)
		}
		add(t("county.sort."+string(w.Sort)), count, t("county.newest", hourMinute(w.Newest, env.Now())))
	}
	if o.Bytes > 0 {
		add(t("county.files"), kit.SizeWords(int64(o.Bytes)), t("county.files_note"))
	}
	return lines
}

// StepsPart shows the three steps of a courier file.
func StepsPart(env *kit.Env, s State, o Outgoing) fyne.CanvasObject {
	trip := ""
	if o.Trip.Made != 0 {
		trip = env.T("county.parcel", o.Trip.No, kit.SizeWords(o.Trip.Bytes))
	}
	lines := kit.VBox(8, kit.Edges(nil, nil, nil, kit.NewLabel(trip, kit.Small, kit.T3), kit.NewCutLabel(env.T("cmd.courier"), kit.Small, kit.T2)))
	for i, step := range Steps(env.Text, s, o, env.Now()) {
		ty := kit.Body
		if step.Here {
			ty = kit.Body.Heavy()
		}
		no := kit.Fixed(kit.NewLabel(strconv.Itoa(i+1), ty, kit.T1), 20, kit.Body.Line)
		words := kit.VBox(0, kit.NewCutLabel(step.Title, ty, kit.T1), kit.NewPara(step.Line, kit.Caption, kit.T3))
		icon := kit.Fixed(kit.Pad(kit.NewIcon(step.Icon, 16, step.Token), 2, 12, 2, 0), 28, kit.Body.Line)
		lines.Add(kit.Edges(nil, nil, kit.VBox(0, kit.HBox(0, icon, no)), kit.VBox(0, kit.NewLabel(step.State, kit.Small, step.Token)), words))
	}
	return lines
}
