package forms

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// Config says what the dialogs work with.
type Config struct {
	Env  *kit.Env
	Desk Desk
	// Book is what pickers offer now.
	Book func() Book
	// Who has signed in.
	Who func() incident.Actor
	// Work runs a function off the UI goroutine and recovers from its panics; nil takes the Env's worker. Reading a large file may
	// take seconds, so a program gives one that doesn't queue behind the window's other reads.
	Work func(func())
	// CheckPIN proves that another person stands by, who has a PIN at this desk; nil takes a second person's name alone and lets nobody
	// step in.
	CheckPIN func(ctx context.Context, login incident.Login, pin string) error
	// Standing are the people with a PIN at this desk.
	Standing func() []Person
	// ReadClipboard returns the text of the clipboard, for pasting reports into the queue.
	ReadClipboard func() string
	// Log keeps what people are told in plainer words; nil keeps nothing.
	Log func(error)
	// Browse lets a person choose a file, to read or, with save, to write; nil offers none.
	Browse func(save bool, name string, chosen func(path string))
	// Dropped takes a file that was dropped on the window before it is read as an import; false leaves it to that. Nil takes none.
	Dropped func(path string) bool
	// Contact is whom units call back: room and seat.
	Contact string
	// Copy puts a text on the clipboard; nil doesn't.
	Copy func(string)
	// PrintSlip prints the task slip of an incident that was dispatched with a text; nil doesn't.
	PrintSlip func(id incident.IncidentID, text string)
	// Linked tells whether units have a terminal on the network now; nil means they have none.
	Linked func() bool
}

// Forms opens dialogs and takes acts back.
type Forms struct {
	Config
	last     []room.Outcome // what the next undo takes back, newest last
	lastBy   incident.Login // who did it
	lastOver incident.Stamp
	top      *formDialog // the form opened last
	taking   *inputs     // takes what is dropped on its dialog
	reading  bool        // an incident is being read for a dialog
	// dispatching is the dispatch dialog opened last.
	dispatching *dispatchDialog
}

// New returns the dialogs of a window.
func New(c Config) *Forms {
	if c.Work == nil {
		c.Work = c.Env.Work
	}
	return &Forms{Config: c}
}

// groups says which verbs a command stands for, in the order they are offered; the first that may be done now opens.
func groups() map[kit.Command][]incident.Verb {
	return map[kit.Command][]incident.Verb{
		kit.CmdSign:      {incident.Sign},
		kit.CmdArrive:    {incident.Arrive},
		kit.CmdNote:      {incident.Feedback, incident.Progress, incident.Note},
		kit.CmdVerify:    {incident.Verify},
		kit.CmdCallback:  {incident.Callback},
		kit.CmdClose:     {incident.Verify, incident.Callback, incident.ForceClose},
		kit.CmdMerge:     {incident.Merge, incident.Split},
		kit.CmdSuspend:   {incident.Suspend, incident.Resume, incident.Extend},
		kit.CmdReturn:    {incident.Return, incident.Reassign, incident.Dispute, incident.Rule},
		kit.CmdSupervise: {incident.Supervise, incident.Move},
	}
}

// rest are the verbs no key stands for; the menu offers them.
func rest() []incident.Verb {
	return []incident.Verb{
		incident.Edit, incident.AskInfo, incident.Refuse, incident.VoidIt, incident.Reassign, incident.Dispute, incident.Rule, incident.AddCo, incident.WaiveCo,
		incident.Extend, incident.Escalate, incident.CountyReturn, incident.CountyClose, incident.Reopen, incident.ForceClose, incident.Move, incident.Split,
		incident.Settle, incident.Note, incident.Progress, incident.ErasePerson,
	}
}

// MenuVerbs are the verbs that no key stands for, for the command menu.
func MenuVerbs() []incident.Verb { return rest() }

// VerbCommand returns the command that opens the form of a verb directly, for buttons and menu.
func VerbCommand(v incident.Verb) kit.Command { return kit.Command("verb." + string(v)) }

// Commands returns every command that Run knows, for the shell to register.
func Commands() []kit.Command {
	out := []kit.Command{kit.CmdNew, kit.CmdDispatch, kit.CmdDispatchAgain, kit.CmdAddSuggested, kit.CmdAnswer, kit.CmdUrge, kit.CmdUndo, CmdPaste, CmdMore, CmdUnmask}
	for c := range groups() {
		out = append(out, c)
	}
	for v := range fieldsOf() {
		out = append(out, VerbCommand(v))
	}
	return out
}

// The commands without a key of their own in the table.
const (
	CmdPaste  kit.Command = "paste"
	CmdMore   kit.Command = "more"
	CmdUnmask kit.Command = "unmask"
)

// Run does a command about incidents, the one under the cursor first. It reports false for a command that is none of the forms'.
func (f *Forms) Run(c kit.Command, ids ...incident.IncidentID) bool {
	switch c {
	case kit.CmdNew:
		f.OpenRegister("")
		return true
	case kit.CmdUndo:
		f.UndoLast()
		return true
	case CmdPaste:
		f.OpenPaste()
		return true
	}
	verb, isVerb := strings.CutPrefix(string(c), "verb.")
	verbs, isGroup := groups()[c]
	switch c {
	case kit.CmdDispatch, kit.CmdDispatchAgain, kit.CmdAddSuggested, kit.CmdAnswer, kit.CmdUrge, CmdMore, CmdUnmask:
	default:
		if !isVerb && !isGroup {
			return false
		}
	}
	if len(ids) == 0 {
		f.say("forms.nothing_chosen", true)
		return true
	}
	f.read(ids[0], func(d room.Detail) {
		switch {
		case isVerb:
			f.openVerb(incident.Verb(verb), d, ids)
		case isGroup:
			f.openGroup(verbs, d, ids)
		default:
			f.runSpecial(c, d, ids)
		}
	})
	return true
}

// runSpecial does the commands that are more than one form.
func (f *Forms) runSpecial(c kit.Command, d room.Detail, ids []incident.IncidentID) {
	switch c {
	case kit.CmdDispatch, kit.CmdDispatchAgain, kit.CmdAddSuggested:
		f.openDispatch(d, c)
	case kit.CmdAnswer:
		f.answer(d, ids)
	case kit.CmdUrge:
		f.direct(incident.Urge, ids)
	case CmdUnmask:
		f.openUnmask(d)
	case CmdMore:
		f.openMore(d, ids)
	}
}

// answer responds; what is answered already it accepts.
func (f *Forms) answer(d room.Detail, ids []incident.IncidentID) {
	if d.State.RespondedAt != 0 && len(ids) == 1 {
		f.openVerb(incident.Accept, d, ids)
		return
	}
	f.direct(incident.Respond, ids)
}

// openVerb opens the dialog of one verb.
func (f *Forms) openVerb(v incident.Verb, d room.Detail, ids []incident.IncidentID) {
	switch v {
	case incident.Register:
		f.OpenRegister("")
	case incident.Dispatch:
		f.openDispatch(d, kit.CmdDispatch)
	case incident.Merge:
		f.openMerge(d)
	case incident.Unseal:
		f.openUnmask(d)
	case incident.Respond, incident.Urge:
		f.direct(v, ids)
	default:
		f.openForm([]incident.Verb{v}, d, ids)
	}
}

// openGroup opens the first verb of a group that may be done now, with the others beside it. When none may, the first one's refusal is
// said.
func (f *Forms) openGroup(verbs []incident.Verb, d room.Detail, ids []incident.IncidentID) {
	var may []incident.Verb
	for _, v := range verbs {
		if d.Allowed[v] == nil || f.mayStepIn(v, d.Allowed[v]) {
			may = append(may, v)
		}
	}
	// What the one at the desk may do comes before what somebody else must step in for.
	slices.SortStableFunc(may, func(a, b incident.Verb) int { return refusedLast(d.Allowed[a]) - refusedLast(d.Allowed[b]) })
	switch {
	case len(may) == 0:
		f.sayRefusal(d.Allowed[verbs[0]])
	case may[0] == incident.Merge:
		f.openMerge(d)
	default:
		f.openForm(may, d, ids)
	}
}

func refusedLast(r *incident.Refusal) int {
	if r != nil {
		return 1
	}
	return 0
}

// params makes what every form starts with.
func (f *Forms) params(v incident.Verb, d *room.Detail) Params {
	return Params{Verb: v, Subject: d, Who: f.Who(), Now: f.Desk.Now(), Book: f.Book(), Contact: f.Contact, Text: f.Env.T}
}

// read fetches an incident off the UI goroutine and goes on with it. Another one asked for meanwhile is let go: on a slow machine keys typed before
// the dialog stands would else open more dialogs above it.
func (f *Forms) read(id incident.IncidentID, then func(room.Detail)) {
	if f.reading {
		return
	}
	f.reading = true
	by := f.Who().Login
	f.Work(func() {
		d, err := f.Desk.Detail(id, by)
		if err == nil {
			err = f.stateFirst(&d)
		}
		f.Env.Post(func() {
			f.reading = false
			if err != nil {
				f.sayError(err)
				return
			}
			then(d)
		})
	})
}

// direct does a verb that asks nothing, for each incident.
func (f *Forms) direct(v incident.Verb, ids []incident.IncidentID) {
	acts := make([]incident.Act, len(ids))
	for i, id := range ids {
		acts[i] = incident.Act{At: f.Desk.Now(), By: f.Who().Login, Do: v, ID: id}
	}
	f.send(acts, sent{
		verb:    v,
		refused: func(err error) { f.sayError(err) },
		done:    func() {},
	})
}

// sent says what becomes of acts once the room has answered.
type sent struct {
	verb incident.Verb
	// inOrder: after a refusal the acts behind it are not tried.
	inOrder bool
	// refused is called when nothing was taken.
	refused func(error)
	// done is called when something was.
	done func()
}

// send hands acts to the room off the UI goroutine, one after the other. What was taken can be taken back for ten seconds; with several
// incidents, those refused are counted and the first refusal said.
func (f *Forms) send(acts []incident.Act, s sent) {
	by := acts[0].By
	f.Work(func() {
		var taken []room.Outcome
		var first error
		for _, act := range acts {
			out, err := f.Desk.Do(context.Background(), act)
			if err != nil {
				if first == nil {
					first = err
				}
				if s.inOrder {
					break
				}
				continue
			}
			taken = append(taken, out)
		}
		f.Env.Post(func() {
			if len(taken) == 0 {
				f.stepIn(acts, s, first)
				return
			}
			s.done()
			f.taken(s.verb, taken, first, by)
		})
	})
}

// taken remembers outcomes for undo and says what was done.
func (f *Forms) taken(v incident.Verb, outcomes []room.Outcome, refusal error, by incident.Login) {
	f.last, f.lastOver, f.lastBy = nil, 0, by
	for _, o := range outcomes {
		if o.UndoUntil != 0 {
			f.last = append(f.last, o)
			f.lastOver = max(f.lastOver, o.UndoUntil)
		}
	}
	text := f.Env.T("forms.done", f.Env.T("verb."+string(v)), outcomes[0].No)
	if len(outcomes) > 1 && outcomes[0].Incident != outcomes[len(outcomes)-1].Incident {
		text = f.Env.T("forms.done_many", f.Env.T("verb."+string(v)), len(outcomes))
	}
	m := kit.Message{Text: text}
	if refusal != nil {
		m.Text, m.Bad = f.Env.T("forms.done_partly", text, f.Words(refusal)), true
	}
	if len(f.last) > 0 {
		m.Undo = f.UndoLast
	}
	f.Env.Host.Say(m)
}

// UndoLast takes the last act back, if its ten seconds are not over.
func (f *Forms) UndoLast() {
	outcomes := f.last
	if len(outcomes) == 0 || f.Desk.Now() > f.lastOver {
		f.say("forms.nothing_to_undo", true)
		return
	}
	f.last = nil
	by := f.lastBy
	f.Work(func() {
		var err error
		for i := len(outcomes) - 1; i >= 0 && err == nil; i-- {
			err = f.Desk.Undo(context.Background(), by, outcomes[i])
		}
		f.Env.Post(func() {
			if err != nil {
				f.sayError(err)
				return
			}
			f.say("forms.undone", false)
		})
	})
}

func (f *Forms) say(key string, bad bool, args ...any) {
	f.Env.Host.Say(kit.Message{Text: f.Env.T(key, args...), Bad: bad})
}

func (f *Forms) sayRefusal(r *incident.Refusal) {
	f.Env.Host.Say(kit.Message{Text: f.Words(r), Bad: true})
}

func (f *Forms) sayError(err error) { f.Env.Host.Say(kit.Message{Text: f.Words(err), Bad: true}) }

// Words turns an error into what a person is told: a refusal or fault by its key, anything else as not saved, with the technical words.
func (f *Forms) Words(err error) string {
	var (
		refusal *incident.Refusal
		fault   *Fault
		told    interface { // the store's own errors
			error
			Key() string
			Args() []any
		}
	)
	switch {
	case errors.As(err, &refusal):
		args := make([]any, len(refusal.Args))
		for i, a := range refusal.Args {
			args[i] = a
		}
		return f.Env.T(refusal.Key, args...)
	case errors.As(err, &fault):
		return f.Env.T(fault.Key, append([]any{f.Env.T("field." + fault.Field)}, fault.Args...)...)
	case errors.As(err, &told):
		f.log(err)
		return f.Env.T(told.Key(), told.Args()...)
	case errors.Is(err, context.Canceled):
		return f.Env.T("forms.cancelled")
	}
	if key, args := room.Explain(err); key != "" {
		return f.Env.T(key, args...)
	}
	f.log(err)
	return f.Env.T("forms.failed")
}

func (f *Forms) log(err error) {
	if f.Log != nil {
		f.Log(err)
	}
}

// readDelay is how long typing must rest before text is read and duplicates are looked for.
const readDelay = 150 * time.Millisecond

// Note records a note about an incident and tells whether it was taken.
func (f *Forms) Note(id incident.IncidentID, text string, done func(bool)) {
	act := incident.Act{At: f.Desk.Now(), By: f.Who().Login, Do: incident.Note, ID: id}
	act.Fields.Text = text
	f.send([]incident.Act{act}, sent{
		verb:    incident.Note,
		refused: func(err error) { f.sayError(err); done(false) },
		done:    func() { done(true) },
	})
}

// Settle settles a conflict with one of its choices, text being what a third choice says, and tells whether that was taken.
func (f *Forms) Settle(id incident.IncidentID, conflict, choice, text string, done func(error)) {
	act := incident.Act{At: f.Desk.Now(), By: f.Who().Login, Do: incident.Settle, ID: id}
	act.Fields.Conflict, act.Fields.Choice, act.Fields.Text = conflict, choice, text
	f.send([]incident.Act{act}, sent{verb: incident.Settle, refused: done, done: func() { done(nil) }})
}
