package views

import (
	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/views/kit"
)

// Page is one screen below the top bar.
type Page interface {
	// Key names the page: queue, map, lists, assess, handover, settings; pages opened from others have names of their own.
	Key() string
	// Content is made once.
	Content() fyne.CanvasObject
	// Shown and Hidden tell the page when to subscribe and when to let go.
	Shown()
	Hidden()
	// Scopes says where the page's keys have their meaning.
	Scopes() []kit.Scope
	// HandleKey deals with a key; false leaves it to the window.
	HandleKey(kit.Press) bool
	// StatusKeys are the keys that do something now.
	StatusKeys() []kit.Hint
}

// Ticking is a page that shows time passing; Tick comes once a second.
type Ticking interface{ Tick(now incident.Stamp) }

// Reporting is a page with a sentence for the right end of the status bar.
type Reporting interface{ StatusText() string }

// Subject is a page that says which incidents an action is for.
type Subject interface{ Context() Context }

// Badged is a page whose rail item shows a number.
type Badged interface {
	// Badge returns the number, 0 for none, and whether it presses.
	Badge() (n int, pressing bool)
}

// Context is what an action acts on.
type Context struct {
	Incident incident.IncidentID
	// Selected are the ticked incidents, empty when only one is meant.
	Selected []incident.IncidentID
}

// Actions holds what each command does; whoever brings a dialog registers it here.
type Actions struct{ by map[kit.Command]func(Context) }

// NewActions returns an empty register.
func NewActions() *Actions { return &Actions{by: map[kit.Command]func(Context){}} }

// Set says what a command does.
func (a *Actions) Set(c kit.Command, f func(Context)) { a.by[c] = f }

// Has reports whether a command does anything.
func (a *Actions) Has(c kit.Command) bool { return a.by[c] != nil }

// Run does a command and reports whether there was one.
func (a *Actions) Run(c kit.Command, ctx Context) bool {
	f := a.by[c]
	if f == nil {
		return false
	}
	f(ctx)
	return true
}
