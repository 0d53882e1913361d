// Package views owns the frame of the window: top bar, rail, status bar, the page shown, the stack of dialogs, and the way of a key
// to whoever it is for. Pages and dialogs are packages of their own below it; it knows them only through Page.
package views
