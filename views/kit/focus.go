package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// focusable is the part of every button, check and tab that can hold the focus: it acts on Enter and Space and passes all other keys
// to the window, so that F-keys and letters work wherever the focus is.
type focusable struct {
	widget.DisableableWidget
	focused bool
	act     func()
	self    fyne.Widget
}

func (f *focusable) init(self fyne.Widget, act func()) {
	f.self, f.act = self, act
	f.ExtendBaseWidget(self)
}

// FocusGained shows the focus border.
func (f *focusable) FocusGained() {
	f.focused = true
	f.self.Refresh()
}

// FocusLost takes the focus border away.
func (f *focusable) FocusLost() {
	f.focused = false
	f.self.Refresh()
}

// TypedRune acts on Space and passes the rest on.
func (f *focusable) TypedRune(r rune) {
	if r == ' ' {
		f.fire()
		return
	}
	PassRune(f.self, r)
}

// TypedKey acts on Enter and passes the rest on.
func (f *focusable) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		f.fire()
	case fyne.KeySpace: // arrives as a rune too
	default:
		PassKey(f.self, e)
	}
}

// Tapped acts.
func (f *focusable) Tapped(*fyne.PointEvent) { f.fire() }

func (f *focusable) fire() {
	if f.act != nil && !f.Disabled() {
		f.act()
	}
}

// PassKey hands a key to the window that holds a widget.
func PassKey(w fyne.Widget, e *fyne.KeyEvent) {
	if c := canvasOf(w); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(e)
	}
}

// PassRune hands a typed character to the window that holds a widget.
func PassRune(w fyne.Widget, r rune) {
	if c := canvasOf(w); c != nil && c.OnTypedRune() != nil {
		c.OnTypedRune()(r)
	}
}

// PassShortcut hands a Ctrl or Alt combination to the window that holds a widget.
func PassShortcut(w fyne.Widget, s fyne.Shortcut) {
	if c, ok := canvasOf(w).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

func canvasOf(w fyne.Widget) fyne.Canvas { return fyne.CurrentApp().Driver().CanvasForObject(w) }
