package gate

import (
	"fyne.io/fyne/v2"

	"zw110/views/kit"
)

// Host is a window that holds nothing but the first start: it shows pickers and passes keys on.
type Host struct {
	window  fyne.Window
	page    *FirstRun
	dialogs []*kit.Dialog
}

var _ kit.Host = (*Host)(nil)

// NewHost returns a host for a window; Show fills it.
func NewHost(w fyne.Window, page *FirstRun) *Host { return &Host{window: w, page: page} }

// Show puts the page into the window and listens to its keys.
func (h *Host) Show() {
	h.window.SetPadded(false)
	h.window.SetContent(h.page.Content())
	keys := kit.NewKeymap()
	c := h.window.Canvas()
	press := func(st kit.Stroke) {
		p := kit.Press{Stroke: st, Command: keys.Find(st, kit.InDialog)}
		switch {
		case len(h.dialogs) > 0:
			h.dialogs[len(h.dialogs)-1].HandleKey(p)
		case p.Command == kit.CmdConfirm:
			h.page.Confirm()
		}
	}
	c.SetOnTypedKey(func(e *fyne.KeyEvent) { press(kit.Stroke{Key: e.Name}) })
	for _, sc := range keys.Shortcuts() {
		c.AddShortcut(sc, func(s fyne.Shortcut) {
			if st, ok := kit.StrokeOf(s); ok {
				press(st)
			}
		})
	}
	c.Focus(h.page.First())
}

// Open shows a dialog.
func (h *Host) Open(d *kit.Dialog) {
	h.dialogs = append(h.dialogs, d)
	h.window.Canvas().Overlays().Add(d)
}

// Close takes a dialog and those above it away.
func (h *Host) Close(d *kit.Dialog) {
	for i, have := range h.dialogs {
		if have == d {
			closed := h.dialogs[i:]
			h.dialogs = h.dialogs[:i]
			h.window.Canvas().Overlays().Remove(d)
			for _, c := range closed {
				c.Closed()
			}
			return
		}
	}
}

// Say does nothing: the page says itself what can't be taken.
func (h *Host) Say(kit.Message) {}

// Run does nothing: there are no commands yet.
func (h *Host) Run(kit.Command) {}

// Canvas is where focus lives.
func (h *Host) Canvas() fyne.Canvas { return h.window.Canvas() }
