package views

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"zw110/data/incident"
	"zw110/views/kit"
)

// undoTime is how long an act may be taken back, sayTime how long a message without undo stays.
const (
	undoTime = 10 * time.Second
	sayTime  = 8 * time.Second
)

// statusBar is 28 high: the keys that work now, or a message; at the right a sentence of the page.
type statusBar struct {
	widget.BaseWidget
	env     *kit.Env
	keys    *fyne.Container
	message *kit.Label
	text    *kit.Label
	row     *fyne.Container
	hints   []kit.Hint
	said    kit.Message
	until   incident.Stamp
}

func newStatusBar(env *kit.Env) *statusBar {
	s := &statusBar{env: env, keys: kit.HBox(16), message: kit.NewLabel("", kit.Small, kit.T1), text: kit.NewLabel("", kit.Small, kit.T2)}
	s.message.Hidden = true
	s.row = kit.HBox(12, container.NewStack(kit.HBox(0, s.keys), kit.HBox(0, s.message)), kit.Spacer(), s.text)
	s.ExtendBaseWidget(s)
	return s
}

func (s *statusBar) show(hints []kit.Hint, text string) {
	if s.text.Text != text {
		s.text.Set(text, kit.T2)
		s.row.Refresh()
	}
	if equalHints(s.hints, hints) {
		return
	}
	s.hints = hints
	s.keys.Objects = nil
	for _, h := range hints {
		s.keys.Add(h.Bar())
	}
	s.keys.Refresh()
}

func equalHints(a, b []kit.Hint) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (s *statusBar) say(m kit.Message, now incident.Stamp) {
	s.said, s.until = m, now.Add(sayTime)
	if m.Undo != nil {
		s.until = now.Add(undoTime)
	}
	s.tick(now)
}

// tick counts the undo time down and takes the message away in the end.
func (s *statusBar) tick(now incident.Stamp) {
	left := s.until.Sub(now)
	if s.said.Text == "" || left <= 0 {
		s.said = kit.Message{}
		s.turn(false)
		return
	}
	text, token := s.said.Text, kit.T1
	if s.said.Bad {
		token = kit.Crit
	}
	if s.said.Undo != nil {
		text = s.env.T("shell.undo", text, s.env.Keys.Cap(kit.CmdUndo), strconv.Itoa(int((left+time.Second-1)/time.Second)))
	}
	if s.message.Text != text {
		s.message.Set(text, token)
		s.row.Refresh()
	}
	s.turn(true)
}

// turn shows the message in place of the keys, or the keys again.
func (s *statusBar) turn(message bool) {
	if s.message.Visible() == message {
		return
	}
	s.message.Hidden, s.keys.Hidden = !message, message
	s.row.Refresh()
}

// undo takes the last act back if there still is one.
func (s *statusBar) undo() bool {
	f := s.said.Undo
	if f == nil {
		return false
	}
	s.said = kit.Message{}
	s.turn(false)
	f()
	return true
}

// MinSize is the height of the bar.
func (s *statusBar) MinSize() fyne.Size {
	s.ExtendBaseWidget(s)
	return fyne.NewSize(0, kit.StatusHeight)
}

// CreateRenderer puts keys and message on the same place.
func (s *statusBar) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(kit.VBox(0, kit.Divider(), container.NewStack(kit.NewBox(kit.Surface2), kit.Fixed(kit.Pad(s.row, 0, kit.PagePadding, 0, kit.PagePadding), 0, kit.StatusHeight-1))))
}
