package kit

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// input is Fyne's entry, with the keys that belong to the window passed on.
type input struct {
	widget.Entry
	owner *Entry
}

// TypedKey keeps editing keys and passes F-keys, Esc and, where the owner asks for it, the keys of a list below.
func (i *input) TypedKey(e *fyne.KeyEvent) {
	if f := i.owner.OnKey; f != nil && f(e.Name) {
		return
	}
	if Passes(e.Name) || i.owner.passes(e.Name) {
		PassKey(i, e)
		return
	}
	i.Entry.TypedKey(e)
}

// AcceptsTab is false for fields of several lines too: Tab goes on to the next field everywhere.
func (i *input) AcceptsTab() bool { return false }

// TypedRune lets the owner see a character before it becomes text.
func (i *input) TypedRune(r rune) {
	if f := i.owner.OnRune; f != nil && f(r) {
		return
	}
	i.Entry.TypedRune(r)
}

// TypedShortcut keeps the clipboard, undo and moving by words, and passes every other combination to the window.
func (i *input) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok && !editing(c.KeyName) {
		PassShortcut(i, s)
		return
	}
	if p, ok := s.(*fyne.ShortcutPaste); ok && i.owner.overfull(p.Clipboard.Content()) {
		return
	}
	i.Entry.TypedShortcut(s)
}

func editing(k fyne.KeyName) bool {
	switch k {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyBackspace, fyne.KeyDelete:
		return true
	}
	return false
}

// FocusGained shows the focus border.
func (i *input) FocusGained() {
	i.Entry.FocusGained()
	i.owner.focus(true)
}

// FocusLost takes it away.
func (i *input) FocusLost() {
	i.Entry.FocusLost()
	i.owner.focus(false)
}

// FieldLength returns how many characters stand in a field that has the focus; false for anything else that can have it.
func FieldLength(f fyne.Focusable) (int, bool) {
	in, ok := f.(*input)
	if !ok {
		return 0, false
	}
	return utf8.RuneCountInString(in.Text), true
}

// Entry is a field: frame, optional icon before and key cap behind. Texts are read through OnChanged, never through a binding,
// which loses what an input method types.
type Entry struct {
	widget.BaseWidget
	in *input
	// themed holds the input under a theme of its own.
	themed fyne.CanvasObject
	// still shows the text while typing is off: Fyne's own draws a second frame then.
	still *Label
	frame *Box
	icon  *Icon
	cap   *KeyCap
	rows  int
	bad   bool
	over  bool // the last paste was too long
	plain bool // no frame
	focus func(bool)

	// OnChanged gets each new text.
	OnChanged func(string)
	// OnSubmit gets the text on Enter in a field of one line.
	OnSubmit func(string)
	// OnFocus tells when the field gets or loses the focus.
	OnFocus func(bool)
	// OnOverfull is told of a paste that was refused: its length, and what the field takes at most.
	OnOverfull func(length, most int)
	// OnKey sees every key first; true means it is dealt with. Lists below a field take arrows and Enter here.
	OnKey func(fyne.KeyName) bool
	// OnRune sees every character first; true means it is not text.
	OnRune func(rune) bool
}

// NewEntry returns a field of one line, 32 high.
func NewEntry(placeholder string) *Entry { return newEntry(placeholder, 1, "", "") }

// NewSearchEntry returns a field with a magnifier and a key cap.
func NewSearchEntry(placeholder, cap string) *Entry { return newEntry(placeholder, 1, "search", cap) }

// NewIconEntry returns a field with an icon before the text.
func NewIconEntry(placeholder, icon string) *Entry { return newEntry(placeholder, 1, icon, "") }

// NewPlainEntry returns a field without a frame and with larger text, for a dialog that is one field above a list.
func NewPlainEntry(placeholder string) *Entry {
	e := newEntry(placeholder, 1, "", "")
	e.plain = true
	e.themed = container.NewThemeOverride(e.in, inputTheme{text: StrongSize})
	return e
}

// NewArea returns a field of several lines that wraps.
func NewArea(placeholder string, rows int) *Entry { return newEntry(placeholder, rows, "", "") }

// NewSecret returns a field for a PIN.
func NewSecret(placeholder string) *Entry {
	e := newEntry(placeholder, 1, "", "")
	e.in.Password = true
	return e
}

func newEntry(placeholder string, rows int, icon, cap string) *Entry {
	e := &Entry{frame: NewFrame(Surface, Line3, Radius), icon: NewIcon(icon, 14, T3), cap: NewKeyCap(cap), still: NewCutLabel("", Body, T3), rows: rows}
	e.still.Hide()
	e.in = &input{owner: e}
	e.in.ExtendBaseWidget(e.in)
	e.in.PlaceHolder = placeholder
	if rows > 1 {
		e.in.MultiLine = true
		e.in.Wrapping = fyne.TextWrapBreak
		e.in.SetMinRowsVisible(rows)
	}
	e.in.OnChanged = func(s string) {
		if e.over {
			e.over = false
			e.SetBad(false)
		}
		if e.OnChanged != nil {
			e.OnChanged(s)
		}
	}
	e.in.OnSubmitted = func(s string) {
		if e.OnSubmit != nil {
			e.OnSubmit(s)
		}
	}
	e.themed = container.NewThemeOverride(e.in, inputTheme{})
	e.focus = e.focused
	e.ExtendBaseWidget(e)
	return e
}

func (e *Entry) focused(on bool) {
	if e.over && !on {
		e.over, e.bad = false, false
	}
	e.paint(on)
	if e.OnFocus != nil {
		e.OnFocus(on)
	}
}

func (e *Entry) paint(on bool) {
	switch {
	case e.bad:
		e.frame.Set(Surface, Crit, FocusWidth)
	case on:
		e.frame.Set(Surface, Acc, FocusWidth)
	case e.in.Disabled():
		e.frame.Set(Surface3, Line2, 1)
	default:
		e.frame.Set(Surface, Line3, 1)
	}
}

// MostInArea is how many characters a field of several lines takes, mostInLine one of one line. Fyne lays a text out anew at each change; half a
// million characters would hold the window for minutes.
const (
	MostInArea = 8000
	mostInLine = 2000
)

// overfull reports whether text, which is about to be pasted, is too long for the field; it then says so.
func (e *Entry) overfull(text string) bool {
	most := mostInLine
	if e.rows > 1 {
		most = MostInArea
	}
	n := utf8.RuneCountInString(text)
	if n+utf8.RuneCountInString(e.in.Text) <= most {
		return false
	}
	e.over = true
	e.SetBad(true)
	if e.OnOverfull != nil {
		e.OnOverfull(n, most)
	}
	return true
}

// passes tells which keys a field of one line has no use for itself.
func (e *Entry) passes(k fyne.KeyName) bool {
	return e.rows == 1 && (k == fyne.KeyUp || k == fyne.KeyDown || k == fyne.KeyPageUp || k == fyne.KeyPageDown)
}

// Text returns what stands in the field.
func (e *Entry) Text() string { return e.in.Text }

// SetText replaces what stands in the field; OnChanged is told.
func (e *Entry) SetText(s string) {
	e.in.SetText(s)
	e.still.Set(s, T3)
}

// SetPlaceHolder changes the hint of the empty field.
func (e *Entry) SetPlaceHolder(s string) { e.in.SetPlaceHolder(s) }

// SetBad frames the field in crit, for input that can't be taken.
func (e *Entry) SetBad(bad bool) {
	e.bad = bad
	e.paint(e.HasFocus())
}

// Disable and Enable switch typing off and on.
func (e *Entry) Disable() {
	e.in.Disable()
	e.still.Set(e.in.Text, T3)
	e.still.Show()
	e.themed.Hide()
	e.paint(false)
}

// Enable switches typing on again.
func (e *Entry) Enable() {
	e.in.Enable()
	e.still.Hide()
	e.themed.Show()
	e.paint(false)
}

// Focusable returns the part that takes the focus, for Canvas.Focus.
func (e *Entry) Focusable() fyne.Focusable { return e.in }

// HasFocus reports whether typing goes into this field.
func (e *Entry) HasFocus() bool {
	c := canvasOf(e.in)
	return c != nil && c.Focused() == fyne.Focusable(e.in)
}

// Focus puts the caret into the field; it must stand on a canvas.
func (e *Entry) Focus() {
	if c := canvasOf(e); c != nil {
		c.Focus(e.in)
	}
}

// CreateRenderer puts frame, icon, field and cap together.
func (e *Entry) CreateRenderer() fyne.WidgetRenderer {
	e.frame.Hidden = e.plain
	e.icon.Hidden, e.cap.Hidden = e.icon.Name() == "", e.cap.text == ""
	return widget.NewSimpleRenderer(container.New(&entryLayout{e}, e.frame, e.icon, e.themed, e.still, e.cap))
}

type entryLayout struct{ e *Entry }

func (l *entryLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	if l.e.rows == 1 {
		return fyne.NewSize(48, InputHeight)
	}
	return fyne.NewSize(48, float32(l.e.rows)*Body.Line+12)
}

func (l *entryLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	place(l.e.frame, 0, 0, size.Width, size.Height)
	left, right := float32(4), size.Width-4
	if !l.e.icon.Hidden {
		place(l.e.icon, 10, size.Height/2-7, 14, 14)
		left = 26
	}
	if !l.e.cap.Hidden {
		w := l.e.cap.MinSize().Width
		right -= w + 4
		place(l.e.cap, right, size.Height/2-CapHeight/2, w, CapHeight)
		right -= 4
	}
	h := size.Height
	if l.e.rows == 1 {
		h = l.e.in.MinSize().Height + 2*inputBorder // may be higher than the frame; it draws no ground of its own
	}
	place(l.e.themed, left, (size.Height-h)/2, right-left, h)
	place(l.e.still, left+6, 0, right-left-12, min(size.Height, InputHeight))
}

// IsTyping reports whether the focus is in a field, so that letters are text.
func IsTyping(c fyne.Canvas) bool {
	switch c.Focused().(type) {
	case *input, *widget.Entry:
		return true
	}
	return false
}

// Field puts a caption above an input.
func Field(label string, in fyne.CanvasObject) *fyne.Container {
	return VBox(4, NewLabel(label, Small, T3), in)
}
