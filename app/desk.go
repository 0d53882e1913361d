package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"zw110/data/assess"
	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views"
	"zw110/views/assesspage"
	"zw110/views/chooser"
	"zw110/views/county"
	"zw110/views/forms"
	"zw110/views/gate"
	"zw110/views/help"
	"zw110/views/incidentfile"
	"zw110/views/kit"
	"zw110/views/listpage"
	"zw110/views/menu"
	"zw110/views/queue"
	"zw110/views/settings"
	"zw110/views/townmap"
)

// idleLock is how long nobody touches a key or the mouse before the screen locks.
const idleLock = 5 * time.Minute

// lastLogin is where this desk keeps who signed in last.
const lastLogin = "sign_in.last"

// desk is the window of an open room: frame, pages, dialogs, bells. Its methods belong to the UI goroutine.
type desk struct {
	p        *program
	env      *kit.Env
	room     *room.Room
	shell    *views.Shell
	actions  *views.Actions
	forms    *forms.Forms
	queue    *queue.Page
	file     *incidentfile.Page
	lists    *listpage.Page
	assess   *assesspage.Page
	settings *settings.Page
	townMap  *townmap.Page
	ground   townmap.Ground // the town on the map
	past     *past
	wall     *wall
	actor    incident.Actor
	locked   bool
	rings    *rings
	warned   *warned
	ends     []func()
	status   *county.Status      // the dialog about the link opened last
	courier  *county.Courier     // the dialog of the courier's steps opened last
	open     incident.IncidentID // what other desks know to be open here
	towns    []incident.ScopeID  // that a county looks at; empty: all
}

// newDesk makes pages and dialogs; start shows them.
func newDesk(p *program) *desk {
	d := &desk{p: p, env: p.env(), room: p.room, actions: views.NewActions()}
	d.rings = newRings(d)
	d.past = &past{d: d}
	who := func() incident.Actor { return d.actor }
	d.forms = forms.New(forms.Config{
		Env: d.env, Desk: d.room, Book: d.book, Who: who, Work: p.work.apart, Standing: d.standing,
		CheckPIN: func(ctx context.Context, login incident.Login, pin string) error {
			_, err := d.room.SignIn(ctx, login, pin)
			return err
		},
		ReadClipboard: func() string { return p.app.Clipboard().Content() },
		Contact:       p.text.T("shell.room") + " " + d.room.Seat(),
		Copy:          func(text string) { p.app.Clipboard().SetContent(text) },
		PrintSlip:     d.printSlip,
		Browse:        d.browse,
		Log:           func(err error) { p.log.WithField("error", err.Error()).Error("told in plainer words") },
		Dropped:       d.dropped,
	})
	dir := d.directory()
	d.shell = views.NewShell(views.Params{
		Window: p.window, Env: d.env, Desk: counted{d}, OnTown: d.townChoice(), Actions: d.actions, Drill: d.room.Drill(), Town: dir.Town().Name + "·" + p.text.T("shell.room"),
		OnCounter: d.counter, OnSync: d.openStatus, OnIdle: d.lock, IdleAfter: idleLock,
	})
	d.warned = newWarned(d)
	d.makePages(who)
	d.bind()
	return d
}

func (d *desk) makePages(who func() incident.Actor) {
	dir := d.directory()
	q := queue.Params{Env: d.env, Board: d.room, Keep: d.room, Login: d.actor.Login, Open: d.openFile, Person: d.personName, County: d.p.link, ReadReceipt: d.readReceipt, PrintSlip: d.printCourier, Map: d.mini()}
	if d.county() {
		q.Town = d.townName
	}
	q.Warnings = d.warned.strip
	for _, u := range dir.Units(0) {
		q.Units = append(q.Units, u.ID)
	}
	for _, v := range dir.Villages() {
		q.Villages = append(q.Villages, v.Name)
	}
	d.queue = queue.NewPage(q)
	d.file = incidentfile.New(incidentfile.Params{
		Env: d.env, Desk: d.room, Who: func() incident.Login { return d.actor.Login }, Name: d.personName, Around: d.around,
		Note: d.forms.Note, Back: func() { d.shell.Pop() }, County: d.p.link, Browse: d.browse, Apart: d.p.work.apart, Words: d.forms.Words, Map: d.mini(),
	})
	d.lists = listpage.New(listpage.Params{
		Env: d.env, Desk: d.room, Words: d.forms.Words, Folder: exportFolder, OpenFile: d.openPath,
		Who: func() incident.Login { return d.actor.Login }, Browse: d.browse, Apart: d.p.work.long, Person: d.personName, Approvers: d.approvers,
		Import: func(name string, content []byte) { d.forms.OpenImport(name, content, "") },
	})
	d.assess = assesspage.New(assesspage.Params{
		Env: d.env, Desk: d.room, Apart: d.p.work.long, Words: d.forms.Words, Villages: q.Villages, Target: func() int { return d.room.Target(assess.SameDay) }, Person: d.personName, Open: d.openFile,
		Folder: exportFolder, OpenFile: d.openPath, Town: q.Town,
	})
	d.settings = settings.New(settings.Params{
		Env: d.env, Desk: d.room, Who: who, Work: d.p.work.apart, Words: d.words, Apply: d.applyLook,
		Ring: d.rings.try, Browse: d.browse, Version: version, Folder: d.p.dir, County: county.NewPanel(d.panel()),
	})
	for _, page := range []views.Page{d.queue, d.lists, d.assess, d.settings} {
		d.shell.AddPage(page)
	}
	d.makeMap()
	d.wall = &wall{d: d}
	d.shell.AddCommand("wall", kit.CmdWall)
	d.ends = append(d.ends, d.wall.gone)
}

// bind says what each command does.
func (d *desk) bind() {
	for _, c := range forms.Commands() {
		d.actions.Set(c, func(ctx views.Context) {
			ids := ctx.Selected
			if len(ids) == 0 && !ctx.Incident.IsZero() {
				ids = []incident.IncidentID{ctx.Incident}
			}
			d.forms.Run(c, ids...)
		})
	}
	d.actions.Set(kit.CmdMenu, d.openMenu)
	d.actions.Set(kit.CmdHelp, func(views.Context) { d.openHelp() })
	d.actions.Set(kit.CmdWall, func(views.Context) { d.wall.toggle() })
	d.actions.Set(kit.CmdExport, func(views.Context) { d.lists.Export() })
	d.actions.Set(kit.CmdPrint, d.print)
	d.actions.Set(kit.CmdPapers, d.openPapers)
	d.actions.Set(kit.CmdRetry, func(views.Context) {
		d.p.link.desk.Retry()
		d.openStatus()
	})
	d.actions.Set(kit.CmdCourier, func(views.Context) { d.openCourier() })
	d.actions.Set(kit.CmdSettle, d.openSettle)
	d.actions.Set(kit.CmdAppeal, d.openAppeal)
	d.actions.Set(kit.CmdWarnings, func(views.Context) { d.warned.open() })
	d.actions.Set(kit.CmdReplay, func(views.Context) { d.past.open() })
	if d.county() {
		d.actions.Set(kit.CmdTowns, func(views.Context) { d.openTowns() })
	}
	d.actions.Set(kit.CmdLock, func(views.Context) { d.lock() })
	d.actions.Set(kit.CmdSearch, func(views.Context) {
		d.shell.Go("queue")
		d.shell.Run(kit.CmdSearch)
	})
	d.actions.Set(kit.CmdColumns, func(views.Context) {
		d.shell.Go("queue")
		d.queue.OpenColumns()
	})
	d.actions.Set(kit.CmdToDispatch, func(views.Context) {
		d.shell.Go("queue")
		d.queue.ShowGroup(board.ToDispatch)
	})
}

// start shows the window and asks who is there.
func (d *desk) start() {
	d.forms.Attach(d.p.window)
	d.shell.Restore()
	d.ends = append(d.ends,
		d.room.Subscribe(func(c room.Change) { d.env.Post(func() { d.changed(c) }) }),
		d.room.Alerts(func(a room.Alert) { d.env.Post(func() { d.rings.alert(a) }) }))
	d.p.window.SetCloseIntercept(d.p.app.Quit)
	d.tick()
	if d.p.watch != nil {
		d.ends = append(d.ends, d.p.watch.start(d))
	}
	if d.actor.Login == "" {
		d.signIn(false)
	}
	for _, key := range d.room.Warnings() {
		d.shell.Say(kit.Message{Text: d.env.T(key), Bad: true})
	}
}

// stop lets go of the room; nothing is shown any more.
func (d *desk) stop() {
	d.past.stop()
	for _, end := range d.ends {
		end()
	}
	d.ends = nil
}

// tick moves the clocks once a second until stop.
func (d *desk) tick() {
	stopped := false
	later := kit.Timer(d.p.post) // not the Env's: the window is at rest between two ticks
	var next func()
	next = func() {
		if stopped {
			return
		}
		d.p.link.look()
		d.tellPresence()
		d.showLink()
		d.shell.Tick(d.env.Now())
		d.rings.tick(d.env.Now())
		d.warned.tick(d.env.Now())
		d.wall.tick(d.env.Now())
		later(time.Second, next)
	}
	d.ends = append(d.ends, func() { stopped = true })
	next()
}

func (d *desk) changed(c room.Change) {
	if c.Sync {
		d.p.link.look()
		d.showLink()
	}
	d.shell.SetToSettle(d.room.Count(board.Filter{Ended: true, ToSettle: true}))
	d.shell.Refresh()
	d.rings.look()
	d.warned.stale = true
	if c.Settings {
		d.ground = townmap.Ground{}
	}
	if c.Settings && d.shell.Shown() == views.Page(d.settings) {
		d.settings.Reread()
	}
}

func (d *desk) remember() {
	for _, remember := range []func() error{d.shell.Remember, d.queue.Remember} {
		if err := remember(); err != nil {
			d.p.log.WithField("error", err.Error()).Error("remember the window")
		}
	}
}

// signIn asks for name and PIN, at the start or on a locked screen.
func (d *desk) signIn(locked bool) {
	var last incident.Login
	if err := d.room.Local(lastLogin, &last); err != nil {
		last = "" // nobody is remembered: the first of the list is offered
	}
	if len(d.room.Operators()) == 0 {
		return
	}
	d.locked = true
	gate.SignIn(gate.SignInParams{Env: d.env, Door: d.room, Work: d.p.work.apart, Words: d.forms.Words, Last: last, Locked: locked, Done: d.signedIn})
}

func (d *desk) signedIn(a incident.Actor) {
	d.locked = false
	d.actor = a
	d.p.work.do(func() { // a write waits for the disk
		if err := d.room.SetLocal(lastLogin, a.Login); err != nil {
			d.p.log.WithField("error", err.Error()).Error("remember who signed in")
		}
	})
	d.shell.SetToSettle(d.room.Count(board.Filter{Ended: true, ToSettle: true}))
	d.shell.SetShift(d.env.T("role."+string(a.Role)) + " " + d.personName(a.Login))
	d.queue.SetLogin(a.Login)
	d.shell.Awake()
	d.shell.Refresh()
}

func (d *desk) lock() {
	if !d.locked {
		d.signIn(true)
	}
}

// openFile opens an incident's file above the page in view.
func (d *desk) openFile(id incident.IncidentID) {
	d.file.Show(id)
	d.shell.Push(d.file)
	d.tellPresence()
}

// around tells what stands before and after an incident in the queue.
func (d *desk) around(id incident.IncidentID) incidentfile.Neighbours {
	snap := d.room.Snapshot(board.Filter{})
	n := incidentfile.Neighbours{Of: snap.Len()}
	i := snap.IndexOf(id)
	if i < 0 {
		return incidentfile.Neighbours{}
	}
	n.At = i + 1
	if i > 0 {
		n.Previous = snap.Row(i - 1).ID
	}
	if i+1 < n.Of {
		n.Next = snap.Row(i + 1).ID
	}
	return n
}

func (d *desk) counter(c views.Counter) {
	switch c {
	case views.CountToSettle:
		d.shell.Run(kit.CmdSettle)
		return
	case views.CountWarnings:
		d.shell.Run(kit.CmdWarnings)
		return
	}
	d.shell.Go("queue")
	switch c {
	case views.CountUnanswered:
		d.queue.ShowGroup(board.Unanswered)
	case views.CountToDispatch:
		d.queue.ShowGroup(board.ToDispatch)
	case views.CountDueSoon:
		d.queue.ShowGroup(board.DueSoon)
	case views.CountOverdue:
		d.queue.ShowGroup(board.Overdue)
	case views.CountInHand:
		d.queue.ShowGroup(board.Overdue, board.DueSoon, board.InHand)
	case views.CountDone:
		d.queue.ShowDone()
	}
}

func (d *desk) openHelp() {
	page := d.shell.Shown()
	key := page.Key()
	if key == incidentfile.Key {
		key = "file"
	}
	help.Open(d.env, help.Params{Page: key, Scopes: page.Scopes(), Does: d.does})
}

// does tells whether a command does anything in this program.
func (d *desk) does(c kit.Command) bool {
	switch c {
	case kit.CmdHandover, kit.CmdReminder:
		return false // their pages aren't in this version
	case kit.CmdTowns:
		return d.county()
	}
	return true
}

func (d *desk) openMenu(ctx views.Context) { menu.Open(d.env, d.menuSource(ctx), d.room) }

// applyLook puts theme, scale and language into force. A window of another language or scale is built anew: icons are drawn for the scale
// they are first shown at.
func (d *desk) applyLook(l settings.Look) {
	l = l.Valid()
	old := d.p.look
	d.p.look = l
	d.p.paint()
	d.env.Calm = l.Calm
	if l.Lang == old.Lang && l.Scale == old.Scale {
		return
	}
	text, err := kit.NewText(l.Lang)
	if err != nil {
		d.shell.Say(kit.Message{Text: d.forms.Words(err), Bad: true})
		return
	}
	d.remember()
	d.wall.close()
	d.past.close()
	d.stop()
	d.p.text = text
	next := newDesk(d.p)
	d.p.desk = next
	next.actor = d.actor
	next.start()
	next.signedIn(d.actor)
	next.shell.Go("settings")
}

// showRecovery shows the code that opens the store without this computer's key, once.
func (d *desk) showRecovery(code string) {
	if code == "" {
		return
	}
	body := kit.VBox(12, kit.NewPara(d.env.T("gate.recovery.note"), kit.Body, kit.T1), kit.NewPara(code, kit.Title, kit.T1))
	var w *kit.Dialog
	w = kit.NewDialog(d.env, kit.DialogParams{
		Title: d.env.T("gate.recovery"), Body: kit.Pad(body, 16, 24, 20, 24), Width: 560, OnConfirm: func() { w.Close() },
		Actions: []fyne.CanvasObject{
			kit.NewButton(kit.Secondary, "copy", d.env.T("gate.recovery.copy"), "", func() { d.p.app.Clipboard().SetContent(code) }),
			kit.NewButton(kit.Primary, "", d.env.T("gate.recovery.kept"), d.env.Keys.Cap(kit.CmdConfirm), func() { w.Close() }),
		},
	})
	w.Open()
}

// exportFolder is where workbooks go: the documents folder where there is one, else the home folder.
func exportFolder() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return os.TempDir()
	}
	for _, name := range []string{"文档", "Documents"} {
		if info, err := os.Stat(filepath.Join(home, name)); err == nil && info.IsDir() {
			return filepath.Join(home, name)
		}
	}
	return home
}

// openPath shows a file with the system's own program.
func (d *desk) openPath(path string) {
	u, err := storage.ParseURI(storage.NewFileURI(path).String())
	if err == nil {
		err = d.p.openURI(u)
	}
	if err != nil {
		d.shell.Say(kit.Message{Text: d.env.T("app.not_opened", path), Bad: true})
	}
}

// browse lets a person choose a file.
func (d *desk) browse(save bool, name string, chosen func(path string)) {
	d.choose(chooser.Params{Save: save, Name: name, Chosen: chosen})
}

func (d *desk) choose(p chooser.Params) {
	home, err := os.UserHomeDir()
	if err != nil {
		home = os.TempDir()
	}
	p.Env, p.Memory, p.Apart, p.Words, p.Home = d.env, d.room, d.p.work.apart, d.forms.Words, home
	chooser.Open(p)
}

// dropped takes a workbook that is dropped on the lists page: it may be a list that comes back.
func (d *desk) dropped(path string) bool {
	if d.shell.Shown() != views.Page(d.lists) || !strings.EqualFold(filepath.Ext(path), ".xlsx") {
		return false
	}
	d.lists.ReadBack(path, true)
	return true
}
