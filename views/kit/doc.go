// Package kit owns the look and the small parts of every screen: colours, type, icons, buttons, fields, lists, dialogs, the table of
// keys, and the way onto the UI goroutine. It knows the words of the domain but no store, and it changes no data.
package kit
