package kit

import (
	"time"

	"fyne.io/fyne/v2"

	"zw110/assets"
	"zw110/data/incident"
)

// Post runs a function on the UI goroutine, soon. The function only assigns and refreshes.
type Post func(func())

// OnUI is the Post of the program. Nothing else calls Fyne's own.
func OnUI(f func()) { fyne.Do(f) }

// Text gives every word in the language of the window.
type Text struct{ cat *assets.Catalogue }

// NewText loads the catalogue of a language: zh-Hans or en.
func NewText(lang string) (*Text, error) {
	cat, err := assets.LoadCatalogue(lang)
	if err != nil {
		return nil, err
	}
	return &Text{cat: cat}, nil
}

// T returns the text of a key with {0}, {1} ... replaced.
func (t *Text) T(key string, args ...any) string { return t.cat.T(key, args...) }

// Has reports whether the key has a text.
func (t *Text) Has(key string) bool { return t.cat.Has(key) }

// Lang returns the language tag.
func (t *Text) Lang() string { return t.cat.Lang() }

// Short returns the text of a key where there is one, else the fallback: for names that data brings, such as units.
func (t *Text) Short(key, fallback string) string {
	if t.cat.Has(key) {
		return t.cat.T(key)
	}
	return fallback
}

// Host is the window as a page or dialog sees it.
type Host interface {
	// Open shows a dialog above everything; it gets the keys until closed.
	Open(d *Dialog)
	// Close takes a dialog away, wherever it is in the stack.
	Close(d *Dialog)
	// Say shows a message in the status bar.
	Say(m Message)
	// Run does a command as if its key had been pressed.
	Run(c Command)
	// Canvas is where focus lives.
	Canvas() fyne.Canvas
}

// Env is what every part of the window is given.
type Env struct {
	Text *Text
	Keys *Keymap
	Post Post
	Host Host
	// Awake is told of each move of the mouse; nil for a window that never locks.
	Awake func()
	Now   func() incident.Stamp
	// After runs f on the UI goroutine once d has passed, and returns how to call that off. Tests inject their own.
	After func(d time.Duration, f func()) (cancel func())
	// Work runs a job off the UI goroutine, one after the other; its result comes back through Post.
	Work func(job func())
	// Past says that the window shows what was: what begins something is left out.
	Past bool
	// Calm leaves out the one animation (减少动态).
	Calm bool
}

// T is short for Text.T.
func (e *Env) T(key string, args ...any) string { return e.Text.T(key, args...) }

// Timer is the After of the program.
func Timer(post Post) func(time.Duration, func()) func() {
	return func(d time.Duration, f func()) func() {
		t := time.AfterFunc(d, func() { post(f) })
		return func() { t.Stop() }
	}
}

// Message is one line in the status bar. With Undo set, a countdown of ten seconds stands behind it.
type Message struct {
	Text string
	Bad  bool // something was not done
	Undo func()
}
