package forms

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/views/kit"
)

// limitFoot is the foot of the dispatch dialog: four limits side by side, each with the moment it ends at, and below them the reason for one that
// is longer than the rule's. The fields are made once, so that the caret stays while texts change.
type limitFoot struct {
	env     *kit.Env
	model   *Dispatch
	box     *fyne.Container
	cells   []*limitField
	note    *kit.Label
	why     *kit.Entry
	whyRow  fyne.CanvasObject
	changed func()
}

// limitField is one limit on the screen. What can't be changed has no entry.
type limitField struct {
	key     string
	rule    string
	due     *kit.Label
	entry   *kit.Entry
	caption *kit.Label
}

func newLimitFoot(env *kit.Env, model *Dispatch, changed func()) *limitFoot {
	l := &limitFoot{env: env, model: model, note: kit.NewLabel("", kit.Caption, kit.T3), changed: changed}
	grid := container.New(&columns{gap: 12})
	for _, c := range model.Limits() {
		grid.Add(l.cell(c))
	}
	l.why = kit.NewEntry(env.T("hint.limit_why"))
	l.why.SetText(model.Why)
	l.why.OnChanged = func(s string) { model.Why = s }
	l.whyRow = kit.Field(env.T("field.limit_why")+" *", l.why)
	head := kit.HBox(8, kit.NewLabel(env.T("forms.limits"), kit.Small, kit.T2), kit.Spacer(), l.note)
	l.box = kit.VBox(8, head, grid, l.whyRow)
	return l
}

func (l *limitFoot) cell(c LimitCell) fyne.CanvasObject {
	f := &limitField{key: c.Key, rule: l.ruleWords(c), due: kit.NewLabel("", kit.Caption, kit.T2), caption: kit.NewCutLabel(l.env.T("field.limit_"+c.Key), kit.Caption, kit.T2)}
	l.cells = append(l.cells, f)
	head := kit.HBox(4, f.caption, f.due) // the caption takes what the moment leaves
	if c.Key == limitSettle && l.model.Adding() {
		fixed := kit.NewCutLabel(f.rule, kit.Body, kit.T2)
		return kit.VBox(4, head, container.NewStack(kit.NewFrame(kit.Surface2, kit.Line2, kit.Radius), kit.Fixed(kit.Pad(fixed, 0, 8, 0, 8), 0, kit.InputHeight)))
	}
	f.entry = kit.NewEntry(f.rule)
	f.entry.SetText(f.rule)
	if typed := l.model.typed[c.Key]; typed != "" {
		f.entry.SetText(typed)
	}
	f.entry.OnChanged = func(s string) {
		if strings.TrimSpace(s) == f.rule {
			s = ""
		}
		l.model.SetLimit(f.key, s)
		l.changed()
	}
	f.entry.OnSubmit = func(string) { l.env.Host.Canvas().Unfocus() }
	return kit.VBox(4, head, f.entry)
}

// ruleWords writes the rule's limit as its field shows it; the settle time is a moment.
func (l *limitFoot) ruleWords(c LimitCell) string {
	switch {
	case c.Key == limitSettle && c.RuleDue == 0, c.Key != limitSettle && c.Rule.Kind == incident.NoLimit:
		return ""
	case c.Key == limitSettle:
		return ShortMoment(c.RuleDue, l.model.Now)
	}
	return LimitWords(l.env.T, c.Rule)
}

// show writes when each limit ends, which rules were left, and asks for the reason where one is due.
func (l *limitFoot) show() {
	var left []string
	for i, c := range l.model.Limits() {
		f := l.cells[i]
		text, token := ShortMoment(c.Due, l.model.Now), kit.T2
		switch {
		case c.Bad:
			text, token = l.env.T("forms.limit_bad"), kit.Crit
		case c.Longer:
			token = kit.Urg
		case c.Key == limitSettle: // the moment stands in the field
			if text = ""; c.Rule.Kind != incident.NoLimit {
				text = LimitWords(l.env.T, c.Rule)
			}
		}
		if c.Set && f.rule != "" {
			left = append(left, l.env.T("field.limit_"+c.Key)+" "+f.rule)
		}
		f.due.Set(text, token)
		if f.entry != nil {
			f.entry.SetBad(c.Bad || c.Longer && c.Key == limitSettle)
		}
	}
	l.note.Set(l.env.T("forms.limits_by", l.env.T("urgency."+string(l.model.Subject.State.Urgency))), kit.T3)
	if len(left) > 0 {
		l.note.Set(l.env.T("forms.limits_rule", strings.Join(left, "·")), kit.T3)
	}
	if l.model.NeedsWhy() {
		l.whyRow.Show()
	} else {
		l.whyRow.Hide()
	}
	l.box.Refresh()
}

// focus moves the caret to the field of a fault.
func (l *limitFoot) focus(key string) {
	if key == "limit_why" {
		l.why.SetBad(true)
		l.why.Focus()
		return
	}
	for _, f := range l.cells {
		if f.entry != nil && key == "limit_"+f.key {
			f.entry.Focus()
		}
	}
}
