package incidentfile

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/views/county"
	"zw110/views/kit"
)

// bandText is one line across the page: what other desks have to do with the incident.
type bandText struct {
	icon, text    string
	token, ground kit.Token
	act           kit.Command // with a button; empty for none
}

// bandTexts are the lines that hold now: conflicts to settle, who has the incident open, records on their way.
func (p *Page) bandTexts() []bandText {
	env, d := p.p.Env, &p.detail
	var out []bandText
	if open := county.ToSettle(d.Clashes); len(open) > 0 {
		text := env.T(open[0].Key())
		if len(open) > 1 {
			text = env.T("county.and_more", text, len(open))
		}
		out = append(out, bandText{"warn", text, kit.Crit, kit.Critbg, kit.CmdSettle})
	}
	if p.p.County != nil {
		for _, here := range p.p.County.Present(p.id) {
			out = append(out, bandText{"eye", county.PresentWords(env.Text, here, p.p.Name), kit.Acc, kit.Accbg, ""})
		}
	}
	if d.OnTheWay > 0 {
		out = append(out, bandText{"sync", env.T("county.on_the_way", d.OnTheWay), kit.Urg, kit.Urgbg, ""})
	}
	return out
}

// paintBands shows the lines and reports whether they are others than before.
func (p *Page) paintBands() bool {
	texts := p.bandTexts()
	told := make([]string, len(texts))
	for i, b := range texts {
		told[i] = b.text
	}
	if slices.Equal(told, p.told) {
		return false
	}
	p.told = told
	p.bands.Objects = nil
	for _, b := range texts {
		row := kit.HBox(8, kit.NewIcon(b.icon, 14, b.token), kit.NewCutLabel(b.text, kit.Body, b.token), kit.Spacer())
		if b.act != "" {
			row.Add(kit.NewButton(kit.Secondary, "", p.p.Env.T("county.settle"), p.p.Env.Keys.Cap(b.act), p.run(b.act)).Small())
		}
		line := container.NewStack(kit.NewBox(b.ground), kit.Fixed(kit.Pad(row, 0, headPad, 0, headPad), 0, 36))
		p.bands.Objects = append(p.bands.Objects, fyne.CanvasObject(line), kit.Divider())
	}
	p.bands.Refresh()
	return true
}
