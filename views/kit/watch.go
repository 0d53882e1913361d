package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Watch is an unseen object that is told of every move of the mouse above it, whatever stands in front. Only the front-most hoverable object hears
// of a move, but the toolkit asks each object under the mouse for its cursor, those in front last; so a Watch takes nothing away from them.
type Watch struct {
	widget.BaseWidget
	moved func()
}

var _ desktop.Cursorable = (*Watch)(nil)

// NewWatch returns a watch; it lies behind what it watches.
func NewWatch(moved func()) *Watch {
	w := &Watch{moved: moved}
	w.ExtendBaseWidget(w)
	return w
}

// Cursor is the usual one.
func (w *Watch) Cursor() desktop.Cursor {
	w.moved()
	return desktop.DefaultCursor
}

// CreateRenderer draws nothing.
func (w *Watch) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(NewBox(None))
}
