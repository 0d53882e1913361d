package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Hint is a key with the word for what it does now.
type Hint struct{ Cap, Text string }

// Bar returns a hint as key cap and word.
func (h Hint) Bar() *fyne.Container {
	return HBox(6, NewKeyCap(h.Cap), NewLabel(h.Text, Small, T2))
}

// DialogParams says what a dialog shows and does.
type DialogParams struct {
	// Name says which dialog it is, in every language the same; only who watches the window from outside reads it.
	Name  string
	Title string
	// Lead stands before the title, Extra at the right end of the head; either may be nil.
	Lead, Extra fyne.CanvasObject
	Body        fyne.CanvasObject
	Width       float32
	Height      float32 // 0: as high as the body needs
	Top         float32 // distance from the top of the window; 0: centred
	Hints       []Hint
	Actions     []fyne.CanvasObject // buttons of the footer, the primary one last
	// Bare leaves out head and footer: command menu, pickers.
	Bare bool
	// At places the dialog's top left corner and leaves out the scrim; a tap outside closes it.
	At *fyne.Position
	// Scope is where its keys have their meaning besides InDialog.
	Scope Scope
	// OnKey sees keys first; true means it is dealt with.
	OnKey func(Press) bool
	// OnConfirm is Ctrl Enter.
	OnConfirm func()
	// OnClose is told once the dialog is gone, whatever closed it.
	OnClose func()
	// Focus takes the caret when the dialog opens.
	Focus *Entry
	// Cover hides the window behind the dialog: locked screen.
	Cover bool
	// Stays keeps the dialog open on Esc: sign-in, lock screen.
	Stays bool
}

// Dialog is an overlay: scrim, frame, head with title, body, footer with keys at the left and buttons at the right. Host opens it.
type Dialog struct {
	widget.BaseWidget
	p     DialogParams
	env   *Env
	frame fyne.CanvasObject
	watch *Watch
	scrim *scrim
	title *Label
}

// NewDialog puts a dialog together. Open shows it.
func NewDialog(env *Env, p DialogParams) *Dialog {
	d := &Dialog{p: p, env: env}
	d.watch = NewWatch(func() {
		if env.Awake != nil {
			env.Awake()
		}
	})
	d.scrim = newScrim(p.At == nil, func() {
		if p.At != nil {
			d.Close()
		}
	})
	if p.Cover {
		d.scrim.box.Fill = Bg
	}
	d.title = NewCutLabel(p.Title, Strong, T1)
	content := p.Body
	if !p.Bare {
		content = Edges(d.head(), d.footer(), nil, nil, p.Body)
	}
	d.frame = container.NewStack(NewFrame(Surface, Line2, RadiusDialog), Pad(content, 1, 1, 1, 1))
	d.ExtendBaseWidget(d)
	return d
}

func (d *Dialog) head() fyne.CanvasObject {
	row := HBox(8)
	if d.p.Lead != nil {
		row.Add(d.p.Lead)
	}
	row.Add(d.title)
	if d.p.Extra != nil {
		row.Add(d.p.Extra)
	}
	if !d.p.Stays {
		row.Add(NewKeyCap("Esc"))
	}
	return VBox(0, Fixed(Pad(row, 0, 24, 0, 24), 0, 56), Divider())
}

// DialogEdges is how high the head and the foot of a dialog are together, with the lines between them and the body.
const DialogEdges float32 = 2 * (56 + 1)

func (d *Dialog) footer() fyne.CanvasObject {
	row := HBox(12)
	for _, h := range d.p.Hints {
		row.Add(h.Bar())
	}
	row.Add(Spacer())
	row.Add(HBox(8, d.p.Actions...))
	return VBox(0, Divider(), Fixed(Pad(row, 0, 24, 0, 24), 0, 56))
}

// Name says which dialog it is.
func (d *Dialog) Name() string { return d.p.Name }

// SetName changes that, for a dialog whose tabs are dialogs of their own.
func (d *Dialog) SetName(name string) { d.p.Name = name }

// SetTitle changes the title.
func (d *Dialog) SetTitle(s string) { d.title.Set(s, T1) }

// Scopes returns where the dialog's keys have their meaning.
func (d *Dialog) Scopes() []Scope {
	if d.p.Scope != "" {
		return []Scope{d.p.Scope, InDialog}
	}
	return []Scope{InDialog}
}

// Open shows the dialog and puts the caret where it belongs.
func (d *Dialog) Open() {
	d.env.Host.Open(d)
	if d.p.Focus != nil {
		d.env.Host.Canvas().Focus(d.p.Focus.in)
	}
}

// Close takes the dialog away.
func (d *Dialog) Close() { d.env.Host.Close(d) }

// Closed tells the dialog that it is gone; only Host calls it.
func (d *Dialog) Closed() {
	if d.p.OnClose != nil {
		d.p.OnClose()
	}
}

// HandleKey deals with a key while the dialog is on top. Nothing reaches the page below, so it is always true.
func (d *Dialog) HandleKey(p Press) bool {
	switch {
	case d.p.OnKey != nil && d.p.OnKey(p):
	case p.Command == CmdBack && !d.p.Stays:
		d.Close()
	case p.Command == CmdConfirm && d.p.OnConfirm != nil:
		d.p.OnConfirm()
	}
	return true
}

// CreateRenderer places scrim and frame.
func (d *Dialog) CreateRenderer() fyne.WidgetRenderer { return &dialogRenderer{d} }

type dialogRenderer struct{ d *Dialog }

func (r *dialogRenderer) MinSize() fyne.Size { return fyne.NewSize(0, 0) }
func (r *dialogRenderer) Layout(size fyne.Size) {
	place(r.d.watch, 0, 0, size.Width, size.Height)
	place(r.d.scrim, 0, 0, size.Width, size.Height)
	p := r.d.p
	w := min(p.Width, size.Width-2*PagePadding)
	// Paragraphs know their height only at their width.
	r.d.frame.Resize(fyne.NewSize(w, r.d.frame.MinSize().Height))
	h := p.Height
	if h == 0 {
		h = r.d.frame.MinSize().Height
	}
	h = min(h, size.Height-2*PagePadding)
	pos := fyne.NewPos((size.Width-w)/2, max(PagePadding, (size.Height-h)/2))
	if p.Top > 0 {
		pos.Y = min(p.Top, size.Height-h-PagePadding)
	}
	if p.At != nil {
		pos = fyne.NewPos(min(p.At.X, size.Width-w-4), min(p.At.Y, size.Height-h-4))
	}
	place(r.d.frame, pos.X, pos.Y, w, h)
}

func (r *dialogRenderer) Refresh() {
	r.Layout(r.d.Size())
	r.d.frame.Refresh()
}

func (r *dialogRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.d.watch, r.d.scrim, r.d.frame}
}
func (r *dialogRenderer) Destroy() {}

// scrim covers the window behind a dialog and takes the taps.
type scrim struct {
	widget.BaseWidget
	box *Box
	tap func()
}

func newScrim(visible bool, tap func()) *scrim {
	s := &scrim{box: NewBox(None), tap: tap}
	if visible {
		s.box.Fill = Scrim
	}
	s.ExtendBaseWidget(s)
	return s
}

// Tapped is a tap beside the dialog.
func (s *scrim) Tapped(*fyne.PointEvent) { s.tap() }

// CreateRenderer shows the colour.
func (s *scrim) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.box) }

// EmptyState is one sentence in the middle of an empty page or list.
func EmptyState(text string) *fyne.Container {
	return container.NewCenter(NewLabel(text, Body, T3))
}
