// Package forms owns the dialogs: what an act needs, how it is asked for, and what becomes of it. A dialog is a table of fields for a verb
// (verbs.go), filled and checked by Form, which knows no toolkit; the rest of the package lays it out. It decides nothing: the room does, and
// its refusal is shown inside the dialog with everything that was typed.
package forms
