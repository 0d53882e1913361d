// Package replay is the strip below a window of the past: it plays a day at a chosen speed, and moves it by hand and by keys.
package replay

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/views/kit"
)

// Past is a day that can be moved.
type Past interface {
	// Move goes to a moment.
	Move(at incident.Stamp) error
	// Moments returns when something was told, the first moment excluded.
	Moments(from, to incident.Stamp) []incident.Stamp
}

// Params says how a strip is made.
type Params struct {
	Env *kit.Env
	// Real is the clock on the wall: how fast the past goes is counted by it.
	Real func() incident.Stamp
	// Load reads a day off the UI goroutine and gives it back on it. With known it is as all that is known by now tells it.
	Load func(day incident.Day, known bool, done func(Past, error))
	// Moved is told that the window has to show another moment.
	Moved func(at incident.Stamp)
	// Failed is told why a day can't be shown.
	Failed func(error)
}

// frame is how often the past moves while it plays.
const frame = 100 * time.Millisecond

// Speeds are how much faster than life a day can go.
func Speeds() []int { return []int{1, 10, 60, 120, 300, 600} }

// Strip is the strip. Its methods belong to the UI goroutine.
type Strip struct {
	p       Params
	past    Past
	day     incident.Day
	from    incident.Stamp // of the day
	end     incident.Stamp // the last moment of it that was there to read
	at      incident.Stamp
	last    incident.Stamp // on the wall, when it moved last
	known   bool
	loading bool
	speed   int // of Speeds
	cancel  func()

	content fyne.CanvasObject
	play    *kit.Button
	rate    *kit.Button
	date    *kit.Label
	clock   *kit.Label
	mode    *kit.Label
	check   *kit.Check
	track   *track
}

// New returns a strip that stands at a moment once Start is called.
func New(p Params) *Strip {
	s := &Strip{p: p, speed: 2}
	t := p.Env.T
	s.play = kit.NewButton(kit.Secondary, "play", t("replay.play"), t("key.space"), s.Toggle)
	s.rate = kit.NewButton(kit.Secondary, "", "", "", func() { s.setSpeed((s.speed + 1) % len(Speeds())) })
	s.date = kit.NewLabel("", kit.Body.Heavy(), kit.T1)
	s.clock = kit.NewLabel("00:00:00", kit.Strong, kit.T1)
	s.mode = kit.NewLabel("", kit.Caption, kit.Vest)
	s.clock.Align, s.mode.Align = fyne.TextAlignTrailing, fyne.TextAlignTrailing
	s.check = kit.NewCheck(t("replay.known"), false, func(on bool) { s.open(s.day, s.at, on) })
	s.track = newTrack(s.drag)
	back := kit.NewButton(kit.Secondary, "left", "", "", func() { s.days(-1) })
	on := kit.NewButton(kit.Secondary, "right", "", "", func() { s.days(1) })
	left := kit.HBox(8, s.play, kit.NewLabel(t("replay.speed"), kit.Small, kit.T2), s.rate, back, s.date, on, s.check)
	right := kit.VBox(2, s.clock, s.mode)
	row := kit.Edges(nil, nil, middle(left), middle(right), kit.Pad(s.track, 0, 24, 0, 16))
	s.content = container.NewStack(kit.NewBox(kit.Surface), kit.Edges(kit.Divider(), nil, nil, nil, kit.Pad(row, 4, 16, 4, 16)))
	s.setSpeed(s.speed)
	return s
}

// middle keeps an object at its own height.
func middle(o fyne.CanvasObject) fyne.CanvasObject { return kit.VBox(0, kit.Spacer(), o, kit.Spacer()) }

// Content is the strip as an object, 64 high.
func (s *Strip) Content() fyne.CanvasObject { return s.content }

// At returns the moment that is shown.
func (s *Strip) At() incident.Stamp { return s.at }

// Start shows a moment of a day that was read.
func (s *Strip) Start(past Past, at incident.Stamp) { s.take(past, incident.DayOf(at), at, false) }

// Stop ends what goes on.
func (s *Strip) Stop() { s.pause() }

// open reads a day and goes to a moment of it.
func (s *Strip) open(day incident.Day, at incident.Stamp, known bool) {
	if s.loading {
		s.check.Set(s.known)
		return
	}
	s.pause()
	s.loading = true
	s.mode.Set(s.p.Env.T("replay.loading"), kit.T2)
	s.p.Load(day, known, func(past Past, err error) {
		s.loading = false
		if err != nil {
			s.check.Set(s.known)
			s.tell()
			s.p.Failed(err)
			return
		}
		s.take(past, day, at, known)
	})
}

// take shows a day that was read.
func (s *Strip) take(past Past, day incident.Day, at incident.Stamp, known bool) {
	from, err := day.Start()
	if err != nil {
		s.p.Failed(err)
		return
	}
	s.past, s.day, s.from, s.known = past, day, from, known
	s.end = min(from.Add(24*time.Hour)-1, s.p.Real())
	s.check.Set(known)
	local := from.Time().In(incident.Local)
	s.date.Set(local.Format("2006-01-02")+" "+s.p.Env.T("shell.weekday."+strconv.Itoa(int(local.Weekday()))), kit.T1)
	s.track.set(from, past.Moments(from-1, from.Add(24*time.Hour)-1))
	s.content.Refresh()
	s.Go(at)
}

// days goes some days on, at the same time of day.
func (s *Strip) days(n int) {
	on := time.Duration(n) * 24 * time.Hour
	if at := s.at.Add(on); at <= s.p.Real() || n < 0 {
		s.open(incident.DayOf(at), at, s.known)
	}
}

// Go shows a moment of the day.
func (s *Strip) Go(at incident.Stamp) {
	if s.past == nil {
		return
	}
	at = min(max(at, s.from), s.end)
	if err := s.past.Move(at); err != nil {
		s.pause()
		s.p.Failed(err)
		return
	}
	s.at = at
	s.tell()
	s.p.Moved(at)
}

// tell shows where the strip stands.
func (s *Strip) tell() {
	local := s.at.Time().In(incident.Local)
	s.clock.Set(local.Format("15:04:05"), kit.T1)
	key := "replay.paused"
	if s.Playing() {
		key = "replay.playing"
	}
	s.mode.Set(s.p.Env.T(key, local.Format("15:04")), kit.Vest)
	s.track.show(s.at)
}

func (s *Strip) drag(at incident.Stamp) {
	s.pause()
	s.Go(at)
}

// Playing reports whether the past goes on by itself.
func (s *Strip) Playing() bool { return s.cancel != nil }

// Toggle plays or pauses. At the day's end it begins anew.
func (s *Strip) Toggle() {
	if s.Playing() {
		s.pause()
		s.tell()
		return
	}
	if s.past == nil {
		return
	}
	if s.at >= s.end {
		s.Go(s.from)
	}
	s.last = s.p.Real()
	s.cancel = s.p.Env.After(frame, s.step)
	s.play.SetText(s.p.Env.T("replay.pause"))
	s.tell()
}

func (s *Strip) pause() {
	if s.cancel != nil {
		s.cancel()
		s.cancel = nil
		s.play.SetText(s.p.Env.T("replay.play"))
	}
}

// step moves on by what has passed on the wall, times the speed.
func (s *Strip) step() {
	if s.cancel == nil {
		return
	}
	now := s.p.Real()
	passed := now.Sub(s.last)
	s.last = now
	s.cancel = s.p.Env.After(frame, s.step)
	s.Go(s.at.Add(passed * time.Duration(Speeds()[s.speed])))
	if s.at >= s.end {
		s.pause()
		s.tell()
	}
}

func (s *Strip) setSpeed(i int) {
	s.speed = min(max(i, 0), len(Speeds())-1)
	s.rate.SetText(strconv.Itoa(Speeds()[s.speed]) + "×")
}

// Hints are the keys of the window.
func (s *Strip) Hints() []kit.Hint {
	cap, t := s.p.Env.Keys.Cap, s.p.Env.T
	return []kit.Hint{
		{Cap: t("key.space"), Text: t("cmd.play")},
		{Cap: cap(kit.CmdMinuteBack) + " " + cap(kit.CmdMinuteOn), Text: t("replay.minute")},
		{Cap: cap(kit.CmdNewsBack) + " " + cap(kit.CmdNewsOn), Text: t("replay.news")},
		{Cap: cap(kit.CmdSlower) + " " + cap(kit.CmdFaster), Text: t("replay.faster")},
		{Cap: cap(kit.CmdQueue), Text: t("shell.page.queue")},
		{Cap: cap(kit.CmdMap), Text: t("shell.page.map")},
	}
}

// Do runs a command of the strip and reports whether it is one.
func (s *Strip) Do(c kit.Command) bool {
	switch c {
	case kit.CmdPlay:
		s.Toggle()
	case kit.CmdMinuteBack:
		s.drag(s.at.Add(-time.Minute))
	case kit.CmdMinuteOn:
		s.drag(s.at.Add(time.Minute))
	case kit.CmdNewsBack:
		s.news(-1)
	case kit.CmdNewsOn:
		s.news(1)
	case kit.CmdSlower:
		s.setSpeed(s.speed - 1)
	case kit.CmdFaster:
		s.setSpeed(s.speed + 1)
	default:
		return false
	}
	return true
}

// news goes to the moment before or after at which something was told.
func (s *Strip) news(way int) {
	if s.past == nil {
		return
	}
	if way > 0 {
		if later := s.past.Moments(s.at, s.end); len(later) > 0 {
			s.drag(later[0])
		}
		return
	}
	if earlier := s.past.Moments(s.from-1, s.at-1); len(earlier) > 0 {
		s.drag(earlier[len(earlier)-1])
	}
}
