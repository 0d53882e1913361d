package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"github.com/sirupsen/logrus"

	"zw110/assets"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/data/store"
	"zw110/views/gate"
	"zw110/views/kit"
	"zw110/views/settings"
)

// program is one run of the desk.
type program struct {
	o      options
	dir    string
	log    *logrus.Logger
	app    fyne.App
	window fyne.Window
	text   *kit.Text
	work   *worker
	room   *room.Room
	link   *link
	look   settings.Look
	bell   *doorbell
	desk   *desk
	post   kit.Post // onto the UI goroutine
	watch  *watch   // nil unless asked for
	cancel context.CancelFunc
	ctx    context.Context
	// ownScale says that the environment sets the scale; the settings then don't.
	ownScale bool
}

// newProgram reads the flags; nothing is opened yet.
func newProgram(o options) (*program, error) {
	dir, err := o.storeDir()
	if err != nil {
		return nil, err
	}
	p := &program{o: o, dir: dir, log: newLog(dir), post: kit.OnUI}
	if o.Watch != "" {
		if p.watch, err = newWatch(o.Watch); err != nil {
			return nil, err
		}
	}
	p.look = p.flagged(settings.DefaultLook())
	if p.text, err = kit.NewText(p.look.Lang); err != nil {
		return nil, err
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.work = newWorker(p.log)
	return p, nil
}

// flagged lets the flags overrule the settings.
func (p *program) flagged(l settings.Look) settings.Look {
	if p.o.Lang != "" {
		l.Lang = p.o.Lang
	}
	if p.o.Theme != "" {
		l.Theme = p.o.Theme
	}
	if p.o.Scale != 0 {
		l.Scale = p.o.Scale
	}
	return l.Valid()
}

// run opens store and window and returns when the window has closed.
func (p *program) run() (err error) {
	// Most of the heap, the outlines of two fonts and the board, lives as long as the window; the default would let garbage double it.
	debug.SetGCPercent(50)
	defer func() { err = errors.Join(err, p.close()) }()
	_, statErr := os.Stat(filepath.Join(p.dir, "zw110.db"))
	fresh := errors.Is(statErr, os.ErrNotExist)
	if !fresh {
		if err := p.open(); err != nil {
			if raise(err) {
				return nil // the first window has come to the front
			}
			err = p.broken(err)
			p.showBroken(err)
			return err
		}
	}
	p.ownScale = os.Getenv(scaleVar) != ""
	p.scale()
	p.app = app.NewWithID("cn.zw110.desk")
	p.app.Settings().SetTheme(kit.NewTheme(modeOf(p.look.Theme)))
	p.window = p.app.NewWindow(p.text.T("app.name"))
	p.window.SetMaster()
	if fresh {
		p.firstRun()
	} else if err := p.openDesk(); err != nil {
		return p.broken(err)
	}
	p.window.Show()
	p.fit()
	p.app.Run() // the toolkit itself ends it on SIGINT and SIGTERM
	if p.desk != nil {
		p.desk.remember()
	}
	return nil
}

// config is what a room of this window works with; second starts find the window from now on.
func (p *program) config() room.Config {
	bell, err := hang(socketPath(), func() { p.post(p.comeForward) })
	if err != nil {
		p.log.WithField("error", err.Error()).Error("second starts won't find this window")
	}
	socket := ""
	if bell != nil {
		p.bell, socket = bell, bell.path
	}
	return room.Config{Dir: p.dir, Socket: socket, Log: roomLog{p.log}, Text: func(key string, args ...any) string { return p.text.T(key, args...) }}
}

// open opens the store and reads how this window looks.
func (p *program) open() error {
	r, err := room.Open(p.config())
	if err != nil {
		return err
	}
	return p.use(r)
}

// use takes an open room and its look.
func (p *program) use(r *room.Room) error {
	p.room = r
	look := settings.DefaultLook()
	if err := r.Local(settings.LookName, &look); err != nil {
		return err
	}
	p.look = p.flagged(look)
	text, err := kit.NewText(p.look.Lang)
	if err != nil {
		return err
	}
	p.text = text
	return nil
}

func (p *program) comeForward() {
	if p.window != nil {
		p.window.Show()
		p.window.RequestFocus()
	}
}

// scaleVar is where the toolkit reads how large everything is: when a window is made, and whenever the theme changes.
const scaleVar = "FYNE_SCALE"

// scale tells the toolkit how large everything is, unless whoever started the program has told it already.
func (p *program) scale() {
	if p.ownScale {
		return
	}
	if err := os.Setenv(scaleVar, strconv.FormatFloat(float64(p.look.Scale), 'f', 2, 32)); err != nil {
		p.log.WithField("error", err.Error()).Error("set the scale")
	}
}

// paint puts theme and scale into force. The toolkit keeps a window's size in units when the scale changes; on a screen of set size people
// want the pixels kept, so the window is given those again.
func (p *program) paint() {
	p.scale()
	c := p.window.Canvas()
	size, before := c.Size(), c.Scale()
	p.app.Settings().SetTheme(kit.NewTheme(modeOf(p.look.Theme)))
	after := c.Scale()
	if before > 0 && after > 0 && before != after && !p.window.FullScreen() {
		p.window.Resize(fyne.NewSize(size.Width*before/after, size.Height*before/after))
	}
}

func modeOf(theme string) kit.Mode {
	switch theme {
	case "light":
		return kit.Light
	case "dark":
		return kit.Dark
	}
	return kit.Auto
}

// broken tells why the store can't be opened, in words and on standard error.
func (p *program) broken(err error) error {
	var told *store.Error
	if errors.As(err, &told) {
		return fmt.Errorf("%s", p.text.T(told.Key(), told.Args()...))
	}
	return err
}

// env is what the parts of a window are given.
func (p *program) env() *kit.Env {
	now := func() incident.Stamp { return incident.StampOf(time.Now()) }
	if p.room != nil {
		now = p.room.Now
	}
	post, after := p.post, kit.Timer(p.post)
	if p.watch != nil {
		post, after = p.watch.post(post), p.watch.after(after)
	}
	return &kit.Env{Text: p.text, Keys: kit.NewKeymap(), Post: post, Now: now, After: after, Work: p.work.do, Calm: p.look.Calm}
}

// firstRun asks the four questions and goes on with the desk.
func (p *program) firstRun() {
	env := p.env()
	packs := make([]kit.PickItem, 0, len(assets.Packs()))
	for _, name := range assets.Packs() {
		packs = append(packs, kit.PickItem{Key: name, Text: p.text.Short("pack."+name, name), Hint: name})
	}
	page := gate.NewFirstRun(gate.FirstRunParams{
		Env: env, Packs: packs, Dir: p.dir, Work: p.work.apart,
		Words: func(err error) string { return p.broken(err).Error() },
		Make: func(params room.InitParams) error {
			p.dir = params.Dir
			r, err := room.Init(p.config(), params)
			if err != nil {
				return err
			}
			return p.use(r)
		},
		Done: func() {
			if err := p.openDesk(); err != nil {
				p.log.WithField("error", err.Error()).Error("open the window")
				p.app.Quit()
				return
			}
			p.desk.showRecovery(p.room.RecoveryCode())
		},
	})
	host := gate.NewHost(p.window, page)
	env.Host = host
	host.Show()
	p.window.Resize(fyne.NewSize(1280, 800))
	p.window.CenterOnScreen()
}

// openDesk builds the window of an open room.
func (p *program) openDesk() error {
	var err error
	if p.link, err = newLink(p); err != nil {
		return err
	}
	p.desk = newDesk(p)
	p.desk.start()
	p.link.start()
	return nil
}

// close ends everything that runs, in the order in which one needs the other.
func (p *program) close() error {
	p.cancel()
	var errs []error
	if p.desk != nil {
		p.desk.stop()
	}
	if p.link != nil {
		<-p.link.ended
	}
	p.work.end()
	if p.room != nil {
		errs = append(errs, p.room.Close())
	}
	if p.bell != nil {
		errs = append(errs, p.bell.close())
	}
	if p.watch != nil {
		errs = append(errs, p.watch.close())
	}
	errs = append(errs, os.RemoveAll(p.printDir())) // printed pages hold people's data and have done their work
	return errors.Join(errs...)
}
