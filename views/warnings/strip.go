package warnings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/warn"
	"zw110/views/kit"
)

// StripHeight is the height of the strip in view.
const StripHeight float32 = 36

// StripParams says what the strip works with; Class and Town as in Params, Open shows the dialog.
type StripParams struct {
	Env   *kit.Env
	Class func(code string) string
	Town  func(incident.ScopeID) string
	Open  func()
}

// Strip is the line above a list that says how many early warnings wait for an answer, which presses most, and until when. Its methods
// belong to the UI goroutine.
type Strip struct {
	p      StripParams
	worst  *warn.Warning
	n      int
	level  *kit.Tag
	count  *kit.Label
	name   *kit.Label
	left   *kit.Label
	ground *kit.Box
	icon   *kit.Icon
	root   *fyne.Container
}

// NewStrip returns a strip that shows nothing yet.
func NewStrip(p StripParams) *Strip {
	s := &Strip{
		p: p, ground: kit.NewBox(kit.Urgbg), icon: kit.NewIcon("bell", 14, kit.Urg), level: kit.NewTag("", kit.Onacc, kit.Urg),
		count: kit.NewLabel("", kit.Body.Heavy(), kit.Urg), name: kit.NewCutLabel("", kit.Body, kit.T1), left: kit.NewLabel("", kit.Small, kit.T2),
	}
	see := kit.NewButton(kit.Secondary, "", p.Env.T("warnings.strip.see"), p.Env.Keys.Cap(kit.CmdWarnings), p.Open).Small()
	ends := kit.Edges(nil, nil, kit.Pad(kit.HBox(8, s.icon, s.count, s.level), 0, 12, 0, 0), kit.Pad(kit.HBox(12, s.left, see), 0, 0, 0, 12), s.name)
	s.root = container.NewStack(s.ground, kit.Edges(nil, kit.Divider(), nil, nil, kit.Pad(ends, 0, 16, 0, 16)))
	return s
}

// Object is what to place, StripHeight high, while Shows.
func (s *Strip) Object() *fyne.Container { return s.root }

// Shows reports whether a warning waits.
func (s *Strip) Shows() bool { return s.n > 0 }

// Set takes the warnings there are, the pressing ones first; a strip counts those that wait.
func (s *Strip) Set(all []warn.Warning) {
	s.n, s.worst = 0, nil
	for i := range all {
		if all[i].Standing != warn.Waiting {
			continue
		}
		if s.n++; s.worst == nil {
			s.worst = &all[i]
		}
	}
	w := s.worst
	if w == nil {
		return
	}
	t := s.p.Env.Text
	token, ground := kit.Urg, kit.Urgbg
	if w.Level == warn.Red {
		token, ground = kit.Crit, kit.Critbg
	}
	s.ground.Set(ground, kit.None, 0)
	s.icon.Set("bell", token)
	s.count.Set(t.T("warnings.strip", s.n), token)
	s.level.Set(t.T("warnings.level."+string(w.Level)), kit.Onacc, levelToken(w.Level))
	name := Name(t, w, s.p.Class) + "  " + w.Nos[len(w.Nos)-1] + "  " + w.Title
	if w.Town != 0 {
		name = s.p.Town(w.Town) + "  " + name
	}
	s.name.Set(name, kit.T1)
	s.Tick(s.p.Env.Now())
	s.root.Refresh()
}

// Tick moves the time that is left on.
func (s *Strip) Tick(now incident.Stamp) {
	if s.worst == nil {
		return
	}
	t, left := s.p.Env.Text, s.worst.Due().Sub(now)
	words, token := t.T("warnings.strip.left", kit.Span(t, left)), kit.T2
	if left <= 0 {
		words, token = t.T("warnings.late", length(t, -left)), kit.Crit
	}
	width := s.left.MinSize().Width
	if s.left.Set(words, token); s.left.MinSize().Width != width {
		s.root.Refresh()
	}
}
