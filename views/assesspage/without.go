package assesspage

import (
	"strings"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/views/kit"
)

// leaveOut asks for days, such as those of a storm, whose incidents are left out in figures that stand beside the others.
func (a *Page) leaveOut() {
	t := a.p.Env.T
	days := kit.NewEntry(string(a.span.From))
	texts := make([]string, len(a.without))
	for i, d := range a.without {
		texts[i] = string(d)
	}
	days.SetText(strings.Join(texts, " "))
	var d *kit.Dialog
	set := func() {
		without, bad := a.daysOf(days.Text())
		if bad != "" {
			days.SetBad(true)
			a.p.Env.Host.Say(kit.Message{Text: t("assesspage.without.bad", bad), Bad: true})
			return
		}
		d.Close()
		a.without = without
		a.read()
	}
	days.OnSubmit = func(string) { set() }
	body := kit.VBox(8, kit.NewPara(t("assesspage.without.note"), kit.Small, kit.T2), days)
	d = kit.NewDialog(a.p.Env, kit.DialogParams{
		Name: "leave_out", Title: t("assesspage.without"), Body: kit.Pad(body, 16, 24, 16, 24), Width: 520, Focus: days, OnConfirm: set,
		Actions: []fyne.CanvasObject{kit.NewButton(kit.Primary, "", t("assesspage.without.set"), a.p.Env.Keys.Cap(kit.CmdConfirm), set)},
	})
	d.Open()
}

// daysOf reads days of the period, each once; or returns the first word that is none.
func (a *Page) daysOf(text string) (days []incident.Day, bad string) {
	seen := map[incident.Day]bool{}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,，、;；\n", r) }) {
		d := incident.Day(w)
		if start, err := d.Start(); err != nil || incident.DayOf(start) != d || d < a.span.From || d > a.span.To {
			return nil, w
		}
		if !seen[d] {
			seen[d] = true
			days = append(days, d)
		}
	}
	return days, ""
}
