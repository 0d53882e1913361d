package replay

import (
	"errors"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/views/kit"
)

// fakeDay is a day on which something was told at some moments.
type fakeDay struct {
	at   incident.Stamp
	told []incident.Stamp
	err  error
}

func (d *fakeDay) Move(at incident.Stamp) error {
	if d.err == nil {
		d.at = at
	}
	return d.err
}

func (d *fakeDay) Moments(from, to incident.Stamp) []incident.Stamp {
	return slices.DeleteFunc(slices.Clone(d.told), func(at incident.Stamp) bool { return at <= from || at > to })
}

// scene is a strip with a clock on the wall that the test moves.
type scene struct {
	strip  *Strip
	day    *fakeDay
	loads  []incident.Day
	fails  error
	failed error
	wall   incident.Stamp
	later  []func()
	moved  []incident.Stamp
}

func clock(t *testing.T, text string) incident.Stamp {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", text, incident.Local)
	if err != nil {
		t.Fatal(err)
	}
	return incident.StampOf(at)
}

func newScene(t *testing.T) *scene {
	t.Helper()
	test.NewTempApp(t)
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{wall: clock(t, "2026-08-19 10:00:00")}
	for _, at := range []string{"03:00:00", "09:30:00", "09:30:30", "18:00:00"} {
		s.day = &fakeDay{told: append(s.told(), clock(t, "2026-08-18 "+at))}
	}
	env := &kit.Env{Text: text, Keys: kit.NewKeymap(), After: func(_ time.Duration, f func()) func() {
		i := len(s.later)
		s.later = append(s.later, f)
		return func() { s.later[i] = nil }
	}}
	s.strip = New(Params{
		Env: env, Real: func() incident.Stamp { return s.wall },
		Load: func(day incident.Day, _ bool, done func(Past, error)) {
			s.loads = append(s.loads, day)
			done(s.day, s.fails)
		},
		Moved:  func(at incident.Stamp) { s.moved = append(s.moved, at) },
		Failed: func(err error) { s.failed = err },
	})
	s.strip.Start(s.day, clock(t, "2026-08-18 09:00:00"))
	w := test.NewTempWindow(t, s.strip.Content())
	w.Resize(fyne.NewSize(1400, 64))
	return s
}

func (s *scene) told() []incident.Stamp {
	if s.day == nil {
		return nil
	}
	return s.day.told
}

// pass lets time pass on the wall.
func (s *scene) pass(d time.Duration) {
	s.wall = s.wall.Add(d)
	due := s.later
	s.later = nil
	for _, f := range due {
		if f != nil {
			f()
		}
	}
}

func (s *scene) want(t *testing.T, text string) {
	t.Helper()
	if at := clock(t, "2026-08-18 "+text); s.strip.At() != at || s.day.at != at || s.moved[len(s.moved)-1] != at {
		t.Errorf("at %v, the day at %v, want %s", s.strip.At().Time().In(incident.Local), s.day.at.Time().In(incident.Local), text)
	}
}

func TestStrip_PlaysAtItsSpeed(t *testing.T) {
	s := newScene(t)
	s.want(t, "09:00:00")
	for _, step := range []struct {
		faster int
		passes time.Duration
		want   string
	}{
		{0, time.Second, "09:01:00"},
		{1, time.Second, "09:03:00"},
		{9, 2 * time.Second, "09:23:00"}, // 600 is the most
		{-9, 10 * time.Second, "09:23:10"},
	} {
		for range step.faster {
			s.strip.Do(kit.CmdFaster)
		}
		for range -step.faster {
			s.strip.Do(kit.CmdSlower)
		}
		s.strip.Do(kit.CmdPlay)
		if !s.strip.Playing() {
			t.Fatal("it does not play")
		}
		s.pass(step.passes)
		s.strip.Do(kit.CmdPlay)
		s.pass(time.Minute) // paused
		s.want(t, step.want)
	}
}

func TestStrip_EndsWithTheDayAndBeginsAnew(t *testing.T) {
	s := newScene(t)
	s.strip.Go(clock(t, "2026-08-18 23:59:00"))
	s.strip.Toggle()
	s.pass(time.Hour)
	if s.strip.Playing() {
		t.Error("it plays on after the day")
	}
	s.strip.Toggle()
	s.want(t, "00:00:00")
}

func TestStrip_TodayEndsNow(t *testing.T) {
	s := newScene(t)
	s.strip.Start(s.day, s.wall.Add(time.Hour))
	if s.strip.At() != s.wall {
		t.Errorf("at %v, which is yet to come", s.strip.At().Time())
	}
}

func TestStrip_StepsAndDrags(t *testing.T) {
	s := newScene(t)
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() { s.strip.Do(kit.CmdMinuteOn) }, "09:01:00"},
		{func() { s.strip.Do(kit.CmdMinuteBack) }, "09:00:00"},
		{func() { s.strip.Do(kit.CmdNewsOn) }, "09:30:00"},
		{func() { s.strip.Do(kit.CmdNewsOn) }, "09:30:30"},
		{func() { s.strip.Do(kit.CmdNewsOn) }, "18:00:00"},
		{func() { s.strip.Do(kit.CmdNewsOn) }, "18:00:00"}, // nothing more
		{func() { s.strip.Do(kit.CmdNewsBack) }, "09:30:30"},
		{func() { s.strip.track.Tapped(&fyne.PointEvent{Position: fyne.NewPos(0, 10)}) }, "00:00:00"},
		{func() { s.strip.Do(kit.CmdNewsBack) }, "00:00:00"},
		{func() { s.strip.Do(kit.CmdMinuteBack) }, "00:00:00"},
		{func() {
			half := fyne.NewPos(s.strip.track.Size().Width/2, 10)
			s.strip.track.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: half}})
		}, "12:00:00"},
	} {
		step.do()
		s.want(t, step.want)
	}
	if s.strip.Do(kit.CmdHelp) {
		t.Error("it takes a key that isn't its own")
	}
}

func TestStrip_AnotherDayAndWhatIsKnownToday(t *testing.T) {
	s := newScene(t)
	s.strip.days(-1)
	s.strip.days(1)
	s.strip.days(1)
	s.strip.check.Toggle()
	if want := []incident.Day{"2026-08-17", "2026-08-18", "2026-08-19", "2026-08-19"}; !slices.Equal(s.loads, want) || !s.strip.known {
		t.Errorf("read %v, want %v; known %v", s.loads, want, s.strip.known)
	}
	s.strip.days(1)
	if len(s.loads) != 4 {
		t.Error("it reads a day that is yet to come")
	}
}

func TestStrip_FailureKeepsWhatIsShown(t *testing.T) {
	s := newScene(t)
	s.fails = errors.New("damaged")
	s.strip.check.Toggle()
	if s.failed == nil || s.strip.check.Checked() || s.strip.known {
		t.Errorf("failed with %v, checked %v", s.failed, s.strip.check.Checked())
	}
	s.want(t, "09:00:00")
	s.day.err = errors.New("damaged")
	s.strip.Toggle()
	s.pass(time.Second)
	if s.strip.Playing() {
		t.Error("it plays a day that can't be read")
	}
	s.want(t, "09:00:00")
}
