package assesspage

import (
	"strings"

	"fyne.io/fyne/v2"

	"zw110/data/assess"
	"zw110/data/incident"
	"zw110/views/kit"
)

// Appeal is a figure that a unit contests.
type Appeal struct {
	No      string // of the incident
	Title   string
	Measure assess.Key
	Unit    incident.UnitID
	Why     string
}

// Fields are the fields of the incident that an appeal is registered as.
func (p Appeal) Fields(t Words, village string) incident.Fields {
	name := t.T("assess.measure." + string(p.Measure))
	return incident.Fields{
		Channel: incident.ChannelWindow, Category: appealCategory, Urgency: incident.Normal, Village: village,
		Title: t.T("assesspage.appeal.title", name, p.No), Content: t.T("assesspage.appeal.content", string(p.Unit), p.No, name, p.Why),
		Tags: []string{assess.AppealTagFor(p.Measure, p.No)},
	}
}

// appealCategory is 其他: the shift leader decides who answers.
const appealCategory = "1299"

// AppealParams says what the form offers.
type AppealParams struct {
	Env   *kit.Env
	Draft Appeal // incident, and what is known of measure and unit
	Units []incident.UnitID
	// File registers the appeal and calls done once it stands.
	File func(p Appeal, done func())
}

// OpenAppeal shows the form of an appeal.
func OpenAppeal(p AppealParams) *kit.Dialog {
	t, draft := p.Env.T, p.Draft
	var measures []kit.PickItem
	for _, k := range assess.Keys() {
		measures = append(measures, kit.PickItem{Key: string(k), Text: t("assess.measure." + string(k))})
	}
	units := make([]kit.PickItem, len(p.Units))
	for i, u := range p.Units {
		units[i] = kit.PickItem{Key: string(u), Text: string(u)}
	}
	chosen := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	measure := kit.NewSelect(p.Env, kit.PickerParams{Items: measures, Chosen: chosen(string(draft.Measure))}, nil)
	unit := kit.NewSelect(p.Env, kit.PickerParams{Items: units, Chosen: chosen(string(draft.Unit))}, nil)
	why := kit.NewArea(t("assesspage.appeal.why"), 4)
	var d *kit.Dialog
	file := func() {
		draft.Why = strings.TrimSpace(why.Text())
		if len(measure.Chosen()) != 1 || len(unit.Chosen()) != 1 || draft.Why == "" {
			why.SetBad(draft.Why == "")
			p.Env.Host.Say(kit.Message{Text: t("assesspage.appeal.needed"), Bad: true})
			return
		}
		draft.Measure, draft.Unit = assess.Key(measure.Chosen()[0]), incident.UnitID(unit.Chosen()[0])
		p.File(draft, d.Close)
	}
	caption := func(key string, o fyne.CanvasObject) fyne.CanvasObject {
		return kit.VBox(4, kit.NewLabel(t(key), kit.Small, kit.T2), o)
	}
	body := kit.VBox(12, kit.NewPara(t("assesspage.appeal.of", draft.No, draft.Title), kit.Body.Heavy(), kit.T1),
		caption("assesspage.appeal.measure", measure), caption("assesspage.appeal.unit", unit), caption("assesspage.appeal.why", why),
		kit.NewPara(t("assesspage.appeal.note"), kit.Small, kit.T2))
	d = kit.NewDialog(p.Env, kit.DialogParams{
		Name: "appeal", Title: t("assesspage.appeal.name"), Body: kit.Pad(body, 16, 24, 16, 24), Width: 600, Focus: why, OnConfirm: file,
		Actions: []fyne.CanvasObject{kit.NewButton(kit.Primary, "", t("assesspage.appeal.file"), p.Env.Keys.Cap(kit.CmdConfirm), file)},
	})
	d.Open()
	return d
}

// Contested is what an appeal from the page would be about: the incident under the cursor and the measure of its list. False: none is meant.
func (a *Page) Contested() (Appeal, bool) {
	if a.drill.incident().IsZero() {
		return Appeal{}, false
	}
	part := a.drill.items[a.drill.cursor].part
	return Appeal{No: part.No, Title: part.Title(), Measure: a.drill.b.measure, Unit: part.Unit}, true
}
