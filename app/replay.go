package main

import (
	"fyne.io/fyne/v2"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views"
	"zw110/views/kit"
	"zw110/views/queue"
	"zw110/views/replay"
	"zw110/views/townmap"
)

// past is a window that shows the queue and the map as they were: a window of its own, so that the present goes on ringing in the other.
// Its methods belong to the UI goroutine.
type past struct {
	d      *desk
	window fyne.Window // nil while there is none
	shell  *views.Shell
	strip  *replay.Strip
	then   *then
}

// open shows the past from now on backwards, or brings its window to the front.
func (p *past) open() {
	if p.window != nil {
		p.window.RequestFocus()
		return
	}
	now := p.d.room.Now()
	p.load(incident.DayOf(now), false, func(day *room.Past, err error) {
		switch {
		case err != nil:
			p.d.shell.Say(kit.Message{Text: p.d.env.T("replay.failed", p.d.forms.Words(err)), Bad: true})
		case p.window == nil:
			p.show(day, now)
		}
	})
}

// show opens the window on a day.
func (p *past) show(day *room.Past, at incident.Stamp) {
	d, env := p.d, p.d.p.env()
	env.Now, env.Past = day.At, true
	if err := day.Move(at); err != nil {
		d.shell.Say(kit.Message{Text: env.T("replay.failed", d.forms.Words(err)), Bad: true})
		return
	}
	w := d.p.app.NewWindow(env.T("replay.title"))
	p.window, p.then = w, &then{now: d.room, past: day}
	p.strip = replay.New(replay.Params{
		Env: env, Real: d.room.Now, Moved: p.moved,
		Load: func(day incident.Day, known bool, done func(replay.Past, error)) {
			p.load(day, known, func(got *room.Past, err error) {
				if p.window == nil {
					return
				}
				if err == nil {
					p.then.past = got
					env.Now = got.At
				}
				done(got, err)
			})
		},
		Failed: func(err error) {
			p.shell.Say(kit.Message{Text: env.T("replay.failed", d.forms.Words(err)), Bad: true})
		},
	})
	p.shell = views.NewShell(views.Params{
		Window: w, Env: env, Desk: p.then, Actions: views.NewActions(), Past: true, Foot: p.strip.Content(), First: p.strip.Do, Hints: p.strip.Hints(),
		Town: d.directory().Town().Name + "·" + env.T("shell.room"),
	})
	p.addPages(env)
	w.SetOnClosed(p.gone)
	w.Resize(d.p.window.Canvas().Size())
	p.shell.Go("queue")
	w.Show()
	p.strip.Start(day, at)
}

// load reads a day beside everything else.
func (p *past) load(day incident.Day, known bool, done func(*room.Past, error)) {
	d := p.d
	d.p.work.apart(func() {
		got, err := d.room.Past(d.p.ctx, day, known, nil)
		d.env.Post(func() { done(got, err) })
	})
}

func (p *past) addPages(env *kit.Env) {
	d := p.d
	q := queue.Params{Env: env, Board: p.then, Keep: p.then, Login: d.actor.Login, Open: func(incident.IncidentID) {}, Person: d.personName}
	if d.county() {
		q.Town = d.townName
	}
	for _, u := range d.directory().Units(0) {
		q.Units = append(q.Units, u.ID)
	}
	for _, v := range d.directory().Villages() {
		q.Villages = append(q.Villages, v.Name)
	}
	list := queue.NewPage(q)
	p.shell.AddPage(list)
	page, err := townmap.New(townmap.Params{
		Env: env, Desk: p.then, Apart: d.p.work.apart, Ground: d.mapGround, Open: func(incident.IncidentID) {},
		Queue: func(id incident.IncidentID) {
			p.shell.Go("queue")
			list.ShowIncident(id)
		},
	})
	if err != nil {
		d.p.log.WithField("error", err.Error()).Error("no map page")
		return
	}
	p.shell.AddPage(page)
}

// moved shows another moment everywhere in the window.
func (p *past) moved(at incident.Stamp) {
	p.then.tell()
	p.shell.Refresh()
	p.d.env.Post(func() { // after what the pages posted
		if p.window != nil {
			p.shell.Tick(at)
		}
	})
}

// close takes the window away with its desk.
func (p *past) close() {
	if p.window != nil {
		p.window.Close()
	}
}

// stop lets go without touching the window: when the program ends, the toolkit has taken it away already.
func (p *past) stop() {
	if p.window != nil {
		p.gone()
	}
}

func (p *past) gone() {
	p.strip.Stop()
	p.window, p.then = nil, nil
}

// then is the desk as it was. It belongs to the UI goroutine.
type then struct {
	now  *room.Room
	past *room.Past
	subs []func(room.Change)
}

// tell says that everything may be different.
func (t *then) tell() {
	for _, f := range t.subs {
		if f != nil {
			f(room.Change{All: true})
		}
	}
}

// Snapshot returns a view as it was.
func (t *then) Snapshot(f board.Filter) board.Snapshot {
	return t.past.Snapshot(f)
}

// Count counts a view as it was.
func (t *then) Count(f board.Filter) int {
	return t.past.Count(f)
}

// Counters returns the counters as they were.
func (t *then) Counters() board.Counters {
	return t.past.Counters()
}

// Detail returns an incident as it was.
func (t *then) Detail(id incident.IncidentID, by incident.Login) (room.Detail, error) {
	return t.past.Detail(id, by)
}

// Subscribe is told whenever another moment is shown.
func (t *then) Subscribe(f func(room.Change)) (cancel func()) {
	i := len(t.subs)
	t.subs = append(t.subs, f)
	return func() { t.subs[i] = nil }
}

// Local reads what the window of the present keeps.
func (t *then) Local(name string, into any) error { return t.now.Local(name, into) }

// SetLocal keeps nothing: this window is for looking.
func (*then) SetLocal(string, any) error { return nil }
