// Package help owns F1: the keys that work on this page and the rules of the acts, in the words of the catalogue.
package help

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/board"
	"zw110/views/kit"
)

const (
	helpWidth  float32 = 920
	helpHeight float32 = 620
	keyColumn  float32 = 360
)

// Rule is one rule in words.
type Rule struct{ Name, Text string }

// Topics are the rules in the order of the loop; each is a catalogue key "help.<topic>", named by "verb.<topic>" or "help.name.<topic>".
func Topics() []string {
	return []string{
		"register", "respond", "accept", "ask_info", "refuse", "merge", "split", "dispatch", "sign", "arrive", "progress", "add_co", "waive_co",
		"return", "reassign", "dispute", "rule", "suspend", "resume", "extend", "escalate", "county_return", "county_close", "feedback",
		"verify", "callback", "reopen", "force_close", "void", "supervise", "urge", "move", "unseal", "clock", "light", "privacy", "offline",
	}
}

// Rules returns the rules whose name or text matches the words, all for no words.
func Rules(t *kit.Text, words string) []Rule {
	var out []Rule
	for _, topic := range Topics() {
		r := Rule{Name: t.Short("help.name."+topic, ""), Text: t.T("help." + topic)}
		if r.Name == "" {
			r.Name = t.T("verb." + topic)
		}
		if _, ok := board.Match(words, r.Name+" "+r.Text); ok {
			out = append(out, r)
		}
	}
	return out
}

// KeyLine is a command with all its keys.
type KeyLine struct{ Keys, Name string }

// KeyLines returns the commands that work in the scopes, in the order of the table.
func KeyLines(env *kit.Env, scopes []kit.Scope, does func(kit.Command) bool) []KeyLine {
	var out []KeyLine
	for _, b := range env.Keys.All() {
		here := slices.ContainsFunc(b.Scopes, func(s kit.Scope) bool { return s == kit.Everywhere || slices.Contains(scopes, s) })
		if !here || len(b.Strokes) == 0 || !does(b.Command) {
			continue
		}
		caps := make([]string, len(b.Strokes))
		for i, s := range b.Strokes {
			caps[i] = env.Text.Cap(s)
		}
		out = append(out, KeyLine{Keys: strings.Join(slices.Compact(caps), " · "), Name: env.T(b.Command.Label())})
	}
	return out
}

// Params says for which page help is asked.
type Params struct {
	Page   string // name of the page: its text is "help.page.<page>"
	Scopes []kit.Scope
	// Does tells whether a command does anything in this program now.
	Does func(kit.Command) bool
}

// Open shows the help of a page.
func Open(env *kit.Env, p Params) *kit.Dialog {
	rules := kit.VBox(14)
	search := kit.NewSearchEntry(env.T("help.search"), "")
	fill := func(words string) {
		rules.Objects = nil
		found := Rules(env.Text, words)
		for _, r := range found {
			rules.Add(kit.VBox(2, kit.NewLabel(r.Name, kit.Body.Heavy(), kit.T1), kit.NewPara(r.Text, kit.Body, kit.T2)))
		}
		if len(found) == 0 {
			rules.Add(kit.NewPara(env.T("help.none"), kit.Body, kit.T3))
		}
		rules.Refresh()
	}
	fill("")
	keys := kit.VBox(6)
	for _, l := range KeyLines(env, p.Scopes, p.Does) {
		keys.Add(kit.HBox(10, kit.Fixed(kit.NewCutLabel(l.Name, kit.Small, kit.T2), 150, kit.Small.Line), kit.NewLabel(l.Keys, kit.Small, kit.T1)))
	}
	left := kit.VBox(10, kit.NewLabel(env.T("help.this"), kit.Small, kit.T3))
	if key := "help.page." + p.Page; env.Text.Has(key) {
		left.Add(kit.NewPara(env.T(key), kit.Body, kit.T1))
	}
	left.Add(kit.NewLabel(env.T("help.keys"), kit.Small, kit.T3))
	left.Add(keys)
	leftScroll := container.NewVScroll(kit.Pad(left, 16, 16, 16, 24))
	ruleScroll := container.NewVScroll(kit.Pad(rules, 0, 24, 16, 16))
	search.OnChanged = func(words string) {
		fill(words)
		ruleScroll.ScrollToTop()
	}
	search.OnKey = func(k fyne.KeyName) bool { return scrollBy(ruleScroll, k) }
	right := kit.Edges(kit.Pad(kit.VBox(8, kit.NewLabel(env.T("help.rules"), kit.Small, kit.T3), search), 16, 24, 12, 16), nil, nil, nil, ruleScroll)
	body := kit.Edges(nil, nil, kit.Fixed(leftScroll, keyColumn, 0), nil, kit.Edges(nil, nil, kit.Fixed(kit.Divider(), 1, 0), nil, right))
	d := kit.NewDialog(env, kit.DialogParams{
		Name: "help", Title: env.T("help.title"), Body: body, Width: helpWidth, Height: helpHeight, Focus: search,
		Hints: []kit.Hint{{Cap: "↑↓", Text: env.T("help.scroll")}, {Cap: "PgUp PgDn", Text: env.T("help.page")}},
		OnKey: func(press kit.Press) bool { return scrollBy(ruleScroll, press.Stroke.Key) },
	})
	d.Open()
	return d
}

// scrollBy moves a scroller by keyboard.
func scrollBy(s *container.Scroll, k fyne.KeyName) bool {
	step := float32(0)
	switch k {
	case fyne.KeyUp:
		step = -40
	case fyne.KeyDown:
		step = 40
	case fyne.KeyPageUp:
		step = -s.Size().Height
	case fyne.KeyPageDown:
		step = s.Size().Height
	default:
		return false
	}
	most := max(0, s.Content.MinSize().Height-s.Size().Height)
	s.ScrollToOffset(fyne.NewPos(0, max(0, min(most, s.Offset.Y+step))))
	return true
}
