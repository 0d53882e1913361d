package kit

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Command is what a key, a button or the command menu asks for.
type Command string

// The commands of the key table.
const (
	CmdHelp          Command = "help"
	CmdNew           Command = "new"
	CmdSearch        Command = "search"
	CmdDispatch      Command = "dispatch"
	CmdDispatchAgain Command = "dispatch_again"
	CmdAddSuggested  Command = "add_suggested"
	CmdAnswer        Command = "answer"
	CmdSign          Command = "sign"
	CmdArrive        Command = "arrive"
	CmdNote          Command = "note"
	CmdVerify        Command = "verify"
	CmdCallback      Command = "callback"
	CmdFullScreen    Command = "full_screen"
	CmdClose         Command = "close"
	CmdUrge          Command = "urge"
	CmdMerge         Command = "merge"
	CmdSuspend       Command = "suspend"
	CmdReturn        Command = "return"
	CmdSupervise     Command = "supervise"
	CmdMenu          Command = "menu"
	CmdUp            Command = "up"
	CmdDown          Command = "down"
	CmdFirst         Command = "first"
	CmdLast          Command = "last"
	CmdPageUp        Command = "page_up"
	CmdPageDown      Command = "page_down"
	CmdOpen          Command = "open"
	CmdPeek          Command = "peek"
	CmdSelect        Command = "select"
	CmdSelectUp      Command = "select_up"
	CmdSelectDown    Command = "select_down"
	CmdBack          Command = "back"
	CmdNextPane      Command = "next_pane"
	CmdPrevPane      Command = "prev_pane"
	CmdNextTab       Command = "next_tab"
	CmdPrevTab       Command = "prev_tab"
	CmdQueue         Command = "go_queue"
	CmdMap           Command = "go_map"
	CmdLists         Command = "go_lists"
	CmdAssess        Command = "go_assess"
	CmdHandover      Command = "go_handover"
	CmdSettings      Command = "go_settings"
	CmdToDispatch    Command = "go_to_dispatch"
	CmdConfirm       Command = "confirm"
	CmdOption1       Command = "option_1"
	CmdOption2       Command = "option_2"
	CmdOption3       Command = "option_3"
	CmdLead          Command = "lead"
	CmdEdit          Command = "edit"
	CmdReminder      Command = "reminder"
	CmdSave          Command = "save"
	CmdUndo          Command = "undo"
	CmdPrint         Command = "print"
	CmdExport        Command = "export"
	CmdLock          Command = "lock"
	CmdColumns       Command = "columns"
	CmdRetry         Command = "retry"
	CmdCourier       Command = "courier"
	CmdSettle        Command = "settle"
	CmdTowns         Command = "towns"
	CmdAttach        Command = "attach"
	CmdLeaveOut      Command = "leave_out"
	CmdAppeal        Command = "appeal"
	CmdWarnings      Command = "warnings"
	CmdByDay         Command = "by_day"
	CmdByWeek        Command = "by_week"
	CmdByMonth       Command = "by_month"
	CmdByQuarter     Command = "by_quarter"
	CmdByYear        Command = "by_year"
	CmdReadBack      Command = "read_back"
	CmdPapers        Command = "papers"
	CmdWall          Command = "wall"
	CmdZoomIn        Command = "zoom_in"
	CmdZoomOut       Command = "zoom_out"
	CmdWhole         Command = "whole"
	CmdLayers        Command = "layers"
	CmdMeasure       Command = "measure"
	CmdPanUp         Command = "pan_up"
	CmdPanDown       Command = "pan_down"
	CmdPanLeft       Command = "pan_left"
	CmdPanRight      Command = "pan_right"
	CmdNextIncident  Command = "next_incident"
	CmdPrevIncident  Command = "prev_incident"
	CmdPublish       Command = "publish"
	CmdHistory       Command = "history"
	CmdReplay        Command = "replay"
	CmdPlay          Command = "play"
	CmdMinuteBack    Command = "minute_back"
	CmdMinuteOn      Command = "minute_on"
	CmdNewsBack      Command = "news_back"
	CmdNewsOn        Command = "news_on"
	CmdSlower        Command = "slower"
	CmdFaster        Command = "faster"
	CmdClearText     Command = "clear_text"
	CmdTemplate      Command = "template"
)

// Scope is where a key has its meaning. Everywhere overlaps all others.
type Scope string

// The scopes.
const (
	Everywhere Scope = "everywhere"
	InQueue    Scope = "queue"
	InCase     Scope = "case"
	InMap      Scope = "map"
	InInbox    Scope = "inbox"
	InLists    Scope = "lists"
	InDialog   Scope = "dialog"
	InDispatch Scope = "dispatch"
	InConflict Scope = "conflict"
	InHandover Scope = "handover"
	InSettings Scope = "settings"
	InAssess   Scope = "assess"
	InReplay   Scope = "replay" // the window of the past, before what the page in it does
)

// Stroke is one way to press a key. Exactly one of Key and Rune is set; Prefix is the letter typed just before it (G then Q).
type Stroke struct {
	Key    fyne.KeyName
	Mod    fyne.KeyModifier
	Rune   rune // lower case
	Prefix rune
}

// Binding is one line of the key table.
type Binding struct {
	Command Command
	Strokes []Stroke
	Scopes  []Scope
}

// Label returns the catalogue key of the command's name.
func (c Command) Label() string { return "cmd." + string(c) }

const ctrl = fyne.KeyModifierShortcutDefault

func key(k fyne.KeyName) Stroke      { return Stroke{Key: k} }
func ctrlKey(k fyne.KeyName) Stroke  { return Stroke{Key: k, Mod: ctrl} }
func shiftKey(k fyne.KeyName) Stroke { return Stroke{Key: k, Mod: fyne.KeyModifierShift} }
func letter(r rune) Stroke           { return Stroke{Rune: r} }
func goTo(r rune) Stroke             { return Stroke{Rune: r, Prefix: 'g'} }
func on(s ...Scope) []Scope          { return s }
func bind(c Command, s []Scope, k ...Stroke) Binding {
	return Binding{Command: c, Scopes: s, Strokes: k}
}

// mapBindings are the keys of the map: arrows move the view there, and Tab the cursor.
func mapBindings() []Binding {
	return []Binding{
		bind(CmdZoomIn, on(InMap), letter('+'), letter('=')),
		bind(CmdZoomOut, on(InMap), letter('-')),
		bind(CmdWhole, on(InMap), letter('0')),
		bind(CmdPanUp, on(InMap), key(fyne.KeyUp)),
		bind(CmdPanDown, on(InMap), key(fyne.KeyDown)),
		bind(CmdPanLeft, on(InMap), key(fyne.KeyLeft)),
		bind(CmdPanRight, on(InMap), key(fyne.KeyRight)),
		bind(CmdNextIncident, on(InMap), key(fyne.KeyTab), letter('j')),
		bind(CmdPrevIncident, on(InMap), shiftKey(fyne.KeyTab), letter('k')),
		bind(CmdLayers, on(InMap), letter('l')),
		bind(CmdMeasure, on(InMap), letter('r')),
	}
}

// replayBindings are the keys of the window of the past.
func replayBindings() []Binding {
	return []Binding{
		bind(CmdReplay, on(Everywhere), goTo('r')),
		bind(CmdPlay, on(InReplay), letter(' ')),
		bind(CmdMinuteBack, on(InReplay), letter(',')),
		bind(CmdMinuteOn, on(InReplay), letter('.')),
		bind(CmdNewsBack, on(InReplay), letter('<')),
		bind(CmdNewsOn, on(InReplay), letter('>')),
		bind(CmdSlower, on(InReplay), letter('8')),
		bind(CmdFaster, on(InReplay), letter('9')),
	}
}

// Bindings returns the table of all keys: the one place that says what a key does. Shell, buttons, menu and help read it.
func Bindings() []Binding {
	all, dialogs := on(Everywhere), on(InDialog, InDispatch, InConflict)
	rows := on(InQueue, InInbox, InLists, InDispatch, InHandover, InSettings, InAssess, InDialog)
	lists := append(on(InMap), rows...)
	return append([]Binding{
		bind(CmdHelp, all, key(fyne.KeyF1), letter('?')),
		bind(CmdNew, all, key(fyne.KeyF2), ctrlKey(fyne.KeyN)),
		bind(CmdSearch, all, key(fyne.KeyF3), letter('/')),
		bind(CmdDispatch, on(InQueue, InCase, InMap), key(fyne.KeyF4), letter('d')),
		bind(CmdDispatchAgain, on(InQueue, InCase), shiftKey(fyne.KeyF4)),
		bind(CmdAddSuggested, on(InCase, InDispatch), letter('+')),
		bind(CmdAnswer, on(InQueue, InCase), key(fyne.KeyF5), letter('a')),
		bind(CmdSign, on(InQueue, InCase, InInbox), key(fyne.KeyF6), letter('s')),
		bind(CmdArrive, on(InQueue, InInbox, InCase), key(fyne.KeyF7), letter('o')),
		bind(CmdNote, on(InQueue, InCase, InInbox), key(fyne.KeyF8), letter('b')),
		bind(CmdVerify, on(InQueue, InCase), key(fyne.KeyF9), letter('v')),
		bind(CmdCallback, on(InQueue, InCase), key(fyne.KeyF10), letter('c')),
		bind(CmdFullScreen, all, key(fyne.KeyF11)),
		bind(CmdWall, all, shiftKey(fyne.KeyF11)),
		bind(CmdClose, on(InQueue, InCase), key(fyne.KeyF12)),
		bind(CmdUrge, on(InQueue, InCase), letter('t')),
		bind(CmdMerge, on(InQueue, InCase), letter('m')),
		bind(CmdSuspend, on(InQueue, InCase), letter('h')),
		bind(CmdReturn, on(InQueue, InCase, InInbox), letter('u')),
		bind(CmdSupervise, on(InQueue, InCase), letter('y')),
		bind(CmdMenu, all, ctrlKey(fyne.KeyK)),
		bind(CmdUp, append(rows, InCase), key(fyne.KeyUp), letter('k')),
		bind(CmdDown, append(rows, InCase), key(fyne.KeyDown), letter('j')),
		bind(CmdFirst, lists, key(fyne.KeyHome)),
		bind(CmdLast, lists, key(fyne.KeyEnd)),
		bind(CmdPageUp, lists, key(fyne.KeyPageUp)),
		bind(CmdPageDown, lists, key(fyne.KeyPageDown)),
		bind(CmdOpen, lists, key(fyne.KeyReturn), key(fyne.KeyEnter)),
		bind(CmdPeek, rows, letter(' ')),
		bind(CmdSelect, on(InQueue, InInbox, InLists), letter('x')),
		bind(CmdSelectUp, on(InQueue, InInbox, InLists), shiftKey(fyne.KeyUp)),
		bind(CmdSelectDown, on(InQueue, InInbox, InLists), shiftKey(fyne.KeyDown)),
		bind(CmdBack, all, key(fyne.KeyEscape)),
		bind(CmdNextTab, on(InQueue, InLists, InAssess, InDialog), ctrlKey(fyne.KeyTab), letter(']')),
		bind(CmdPrevTab, on(InQueue, InLists, InAssess, InDialog), Stroke{Key: fyne.KeyTab, Mod: ctrl | fyne.KeyModifierShift}, letter('[')),
		bind(CmdQueue, all, ctrlKey(fyne.Key1), goTo('q')),
		bind(CmdMap, all, ctrlKey(fyne.Key2), goTo('m')),
		bind(CmdLists, all, ctrlKey(fyne.Key3), goTo('l')),
		bind(CmdAssess, all, ctrlKey(fyne.Key4), goTo('a')),
		bind(CmdHandover, all, ctrlKey(fyne.Key5), goTo('h')),
		bind(CmdSettings, all, ctrlKey(fyne.Key6), goTo('s')),
		bind(CmdToDispatch, all, goTo('p')),
		bind(CmdConfirm, dialogs, ctrlKey(fyne.KeyReturn), ctrlKey(fyne.KeyEnter)),
		bind(CmdOption1, dialogs, letter('1')),
		bind(CmdOption2, dialogs, letter('2')),
		bind(CmdOption3, dialogs, letter('3')),
		bind(CmdLead, on(InDispatch), letter('z')),
		bind(CmdEdit, on(InDispatch), letter('e')),
		bind(CmdReminder, on(InHandover), letter('n')),
		bind(CmdAttach, on(InDialog), ctrlKey(fyne.KeyO)),
		bind(CmdSave, all, ctrlKey(fyne.KeyS)),
		bind(CmdUndo, all, ctrlKey(fyne.KeyZ)),
		bind(CmdPrint, all, ctrlKey(fyne.KeyP)),
		bind(CmdExport, all, ctrlKey(fyne.KeyE)),
		bind(CmdColumns, on(InQueue), letter('w')),
		bind(CmdByDay, on(InAssess, InLists), letter('d')),
		bind(CmdByWeek, on(InAssess, InLists), letter('w')),
		bind(CmdByMonth, on(InAssess, InLists), letter('m')),
		bind(CmdByQuarter, on(InAssess), letter('q')),
		bind(CmdByYear, on(InAssess), letter('y')),
		bind(CmdReadBack, on(InLists), letter('r')),
		bind(CmdPublish, on(InLists), ctrlKey(fyne.KeyD)),
		bind(CmdHistory, on(InLists), letter('h')),
		bind(CmdTemplate, on(InLists), letter('t')),
		bind(CmdClearText, on(InLists), letter('u')),
		bind(CmdPapers, on(InQueue, InCase, InLists, InAssess), letter('f')),
		bind(CmdSettle, all, goTo('d')),
		bind(CmdLeaveOut, on(InAssess), letter('x')),
		bind(CmdAppeal, on(InAssess, InCase), letter('p')),
		bind(CmdWarnings, all, goTo('w')),
		bind(CmdTowns, all, goTo('t')),
		bind(CmdRetry, all, ctrlKey(fyne.KeyR)),
		bind(CmdCourier, all, ctrlKey(fyne.KeyU)),
		bind(CmdLock, all, ctrlKey(fyne.KeyL)),
	}, append(mapBindings(), replayBindings()...)...)
}

// Keymap answers what a stroke means and which keys a command has.
type Keymap struct {
	list    []Binding
	strokes map[Stroke][]int
	byName  map[Command]int
}

// NewKeymap indexes the table.
func NewKeymap() *Keymap {
	m := &Keymap{list: Bindings(), strokes: map[Stroke][]int{}, byName: map[Command]int{}}
	for i, b := range m.list {
		m.byName[b.Command] = i
		for _, s := range b.Strokes {
			m.strokes[s] = append(m.strokes[s], i)
		}
	}
	return m
}

// All returns the table in its order.
func (m *Keymap) All() []Binding { return m.list }

// Find says what a stroke means in one of the scopes, or "".
func (m *Keymap) Find(s Stroke, in ...Scope) Command {
	s.Rune = unicode.ToLower(s.Rune)
	for _, i := range m.strokes[s] {
		for _, scope := range m.list[i].Scopes {
			if scope == Everywhere || contains(in, scope) {
				return m.list[i].Command
			}
		}
	}
	return ""
}

func contains(in []Scope, s Scope) bool {
	for _, have := range in {
		if have == s {
			return true
		}
	}
	return false
}

// Cap returns the text of a command's first key as it stands on a button: F4, Ctrl K, M; "" when it has none.
func (m *Keymap) Cap(c Command) string {
	i, ok := m.byName[c]
	if !ok || len(m.list[i].Strokes) == 0 {
		return ""
	}
	return m.list[i].Strokes[0].String()
}

// Shortcuts returns every Ctrl and Alt combination as Fyne knows it, so that the window can register them; Alt with a letter stands
// beside each bare letter.
func (m *Keymap) Shortcuts() []*desktop.CustomShortcut {
	var out []*desktop.CustomShortcut
	seen := map[desktop.CustomShortcut]bool{}
	add := func(k fyne.KeyName, mod fyne.KeyModifier) {
		s := desktop.CustomShortcut{KeyName: k, Modifier: mod}
		if !seen[s] {
			seen[s] = true
			out = append(out, &s)
		}
	}
	for _, b := range m.list {
		for _, s := range b.Strokes {
			if s.Mod&^fyne.KeyModifierShift != 0 {
				add(s.Key, s.Mod)
			}
			if unicode.IsLetter(s.Rune) && s.Prefix == 0 {
				add(fyne.KeyName(strings.ToUpper(string(s.Rune))), fyne.KeyModifierAlt)
			}
		}
	}
	add(fyne.KeyG, fyne.KeyModifierAlt)
	return out
}

// StrokeOf turns a Ctrl or Alt combination into the stroke of the table.
func StrokeOf(s fyne.Shortcut) (Stroke, bool) {
	switch s := s.(type) {
	case *fyne.ShortcutUndo:
		return ctrlKey(fyne.KeyZ), true
	case *desktop.CustomShortcut:
		if s.Modifier == fyne.KeyModifierAlt && len(s.KeyName) == 1 {
			return letter(unicode.ToLower(rune(s.KeyName[0]))), true
		}
		return Stroke{Key: s.KeyName, Mod: s.Modifier}, true
	}
	return Stroke{}, false
}

// Passes reports whether a key typed into a field belongs to the window: F-keys and Esc.
func Passes(k fyne.KeyName) bool {
	return k == fyne.KeyEscape || len(k) >= 2 && k[0] == 'F' && k[1] >= '1' && k[1] <= '9'
}

// Cap writes a stroke as its key says, and names the one key that says nothing.
func (t *Text) Cap(s Stroke) string {
	if s.Rune == ' ' {
		return t.T("key.space")
	}
	return s.String()
}

// String writes a stroke as on a key cap; keys are printed in Latin letters everywhere.
func (s Stroke) String() string {
	var parts []string
	if s.Prefix != 0 {
		parts = append(parts, strings.ToUpper(string(s.Prefix)))
	}
	if s.Mod&ctrl != 0 {
		parts = append(parts, "Ctrl")
	}
	if s.Mod&fyne.KeyModifierShift != 0 {
		parts = append(parts, "Shift")
	}
	if s.Rune != 0 {
		return strings.Join(append(parts, capOf(string(s.Rune))), " ")
	}
	return strings.Join(append(parts, capOf(string(s.Key))), " ")
}

func capOf(k string) string {
	switch k {
	case " ":
		return "Space"
	case string(fyne.KeyReturn), string(fyne.KeyEnter):
		return "Enter"
	case string(fyne.KeyEscape):
		return "Esc"
	case string(fyne.KeyPageUp):
		return "PgUp"
	case string(fyne.KeyPageDown):
		return "PgDn"
	case string(fyne.KeyUp):
		return "↑"
	case string(fyne.KeyDown):
		return "↓"
	case string(fyne.KeyLeft):
		return "←"
	case string(fyne.KeyRight):
		return "→"
	}
	if len(k) == 1 {
		return strings.ToUpper(k)
	}
	return k
}

// Press is one key as pages and dialogs get it: the stroke and what the table says it means there.
type Press struct {
	Stroke  Stroke
	Command Command
}
