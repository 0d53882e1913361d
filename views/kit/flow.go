package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Flow lays objects out side by side at their own size, in as many rows as its width needs.
type Flow struct {
	widget.BaseWidget
	gap   float32
	objs  []fyne.CanvasObject
	width float32
}

// NewFlow returns objects gap units apart. Its height follows its width.
func NewFlow(gap float32, objs ...fyne.CanvasObject) *Flow {
	f := &Flow{gap: gap, objs: objs}
	f.ExtendBaseWidget(f)
	return f
}

// Resize lays out anew when the width changed.
func (f *Flow) Resize(size fyne.Size) {
	changed := size.Width != f.width
	f.width = size.Width
	f.BaseWidget.Resize(size)
	if changed {
		f.Refresh()
	}
}

// MinSize is the widest object, and the height at the last width.
func (f *Flow) MinSize() fyne.Size {
	f.ExtendBaseWidget(f)
	var widest float32
	for _, o := range f.objs {
		widest = max(widest, o.MinSize().Width)
	}
	return fyne.NewSize(widest, f.each(func(fyne.CanvasObject, float32, float32, fyne.Size) {}))
}

// each tells where every object goes and returns the height of all.
func (f *Flow) each(put func(o fyne.CanvasObject, x, y float32, size fyne.Size)) float32 {
	var x, y, high float32
	for _, o := range f.objs {
		size := o.MinSize()
		if x > 0 && x+size.Width > f.width {
			x, y, high = 0, y+high+f.gap, 0
		}
		put(o, x, y, size)
		x += size.Width + f.gap
		high = max(high, size.Height)
	}
	return y + high
}

// CreateRenderer places the objects.
func (f *Flow) CreateRenderer() fyne.WidgetRenderer { return &flowRenderer{f} }

type flowRenderer struct{ f *Flow }

func (r *flowRenderer) MinSize() fyne.Size { return r.f.MinSize() }
func (r *flowRenderer) Layout(fyne.Size) {
	r.f.each(func(o fyne.CanvasObject, x, y float32, size fyne.Size) { place(o, x, y, size.Width, size.Height) })
}

func (r *flowRenderer) Refresh() {
	r.Layout(r.f.Size())
	for _, o := range r.f.objs {
		o.Refresh()
	}
}
func (r *flowRenderer) Objects() []fyne.CanvasObject { return r.f.objs }
func (r *flowRenderer) Destroy()                     {}
