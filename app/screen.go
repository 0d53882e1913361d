package main

import (
	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.4/glfw"
)

// fit makes a window no larger than the largest screen: it may have been remembered on another one. The toolkit must have made the window.
func (p *program) fit() {
	c := p.window.Canvas()
	if p.window.FullScreen() || c.Scale() <= 0 {
		return
	}
	if size, smaller := within(c.Size(), c.Scale(), largestScreen()); smaller {
		p.window.Resize(size)
	}
}

// screenCount counts the screens of a window that the toolkit has made.
func screenCount() int { return len(glfw.GetMonitors()) }

// largestScreen returns the size in pixels of the largest screen there is, zero when the system names none.
func largestScreen() fyne.Size {
	var out fyne.Size
	for _, m := range glfw.GetMonitors() {
		_, _, w, h := m.GetWorkarea()
		out = out.Max(fyne.NewSize(float32(w), float32(h)))
	}
	return out
}

// within returns a size in units that fits a screen in pixels, and whether it is smaller than what was asked for.
func within(size fyne.Size, scale float32, screen fyne.Size) (fyne.Size, bool) {
	if screen.Width <= 0 || screen.Height <= 0 {
		return size, false
	}
	fits := size.Min(fyne.NewSize(screen.Width/scale, screen.Height/scale))
	return fits, fits != size
}
