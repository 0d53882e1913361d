package settings

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/views/kit"
)

// Look is how this window looks. It is kept on this desk alone, under LookName.
type Look struct {
	Theme string  // system, light, dark
	Lang  string  // zh-Hans, en
	Scale float32 // 1, 1.2, 1.5 ...; the toolkit knows tenths alone
	Calm  bool    // no animation
}

// Sound is which tones ring, and how loud, from 0 to 1. It is kept on this desk alone, under SoundName.
type Sound struct {
	Critical, Arrived, DueSoon, Warning bool
	Volume, NightVolume                 float64
}

// The names under which the two are kept.
const (
	LookName  = "look"
	SoundName = "sound"
)

// DefaultLook returns the look of a new desk.
func DefaultLook() Look { return Look{Theme: "system", Lang: "zh-Hans", Scale: 1} }

// DefaultSound returns the sounds of a new desk.
func DefaultSound() Sound {
	return Sound{Critical: true, Arrived: true, DueSoon: true, Warning: true, Volume: 0.8, NightVolume: 0.5}
}

// Valid returns the look with anything impossible put right.
func (l Look) Valid() Look {
	d := DefaultLook()
	if l.Theme != "light" && l.Theme != "dark" {
		l.Theme = d.Theme
	}
	if l.Lang != "en" {
		l.Lang = d.Lang
	}
	if !(l.Scale >= 0.75 && l.Scale <= 3) {
		l.Scale = d.Scale
	}
	return l
}

// lookPane changes theme, language and scale; each choice holds at once.
type lookPane struct {
	p    Params
	look Look
	root *fyne.Container
}

func newLookPane(p Params) *lookPane { return &lookPane{p: p, root: container.NewStack()} }

func (l *lookPane) content() fyne.CanvasObject { return l.root }
func (l *lookPane) key(kit.Press) bool         { return false }

func (l *lookPane) shown() {
	l.look = DefaultLook()
	if err := l.p.Desk.Local(LookName, &l.look); err != nil {
		l.p.say(err, "")
	}
	l.look = l.look.Valid()
	t := l.p.Env.T
	calm := kit.NewCheck(t("settings.calm"), l.look.Calm, func(on bool) { l.change(func() { l.look.Calm = on }) })
	form := kit.VBox(16,
		l.pick("theme", l.look.Theme, []string{"system", "light", "dark"}, func(v string) { l.look.Theme = v }),
		l.pick("lang", l.look.Lang, []string{"zh-Hans", "en"}, func(v string) { l.look.Lang = v }),
		l.pick("scale", scaleName(l.look.Scale), scaleNames(), func(v string) { l.look.Scale = scaleOf(v) }),
		kit.HBox(0, calm),
	)
	l.root.Objects = []fyne.CanvasObject{section(l.p.Env, "look", kit.Pad(kit.VBox(0, kit.HBox(0, kit.Fixed(form, 360, 0))), 4, 24, 0, 24))}
	l.root.Refresh()
}

func (l *lookPane) pick(name, chosen string, values []string, set func(string)) fyne.CanvasObject {
	items := make([]kit.PickItem, len(values))
	for i, v := range values {
		items[i] = kit.PickItem{Key: v, Text: l.p.Env.T("settings." + name + "." + v)}
	}
	sel := kit.NewSelect(l.p.Env, kit.PickerParams{Items: items, Chosen: []string{chosen}, Width: 360}, func(keys []string) {
		l.change(func() { set(keys[0]) })
	})
	return kit.Field(l.p.Env.T("settings."+name), sel)
}

// change keeps the look off the UI goroutine, since a write waits for the disk, and puts it into force once it is kept.
func (l *lookPane) change(set func()) {
	set()
	look := l.look
	l.p.Env.Work(func() {
		err := l.p.Desk.SetLocal(LookName, look)
		l.p.Env.Post(func() {
			if err != nil {
				l.p.say(err, "")
				return
			}
			l.p.Apply(look)
		})
	})
}

// scaleNames are the scales to choose from.
func scaleNames() []string { return []string{"1", "1.2", "1.5", "2"} }

// scaleName returns the choice nearest to a scale.
func scaleName(s float32) string {
	best := scaleNames()[0]
	for _, name := range scaleNames() {
		if math.Abs(float64(scaleOf(name)-s)) < math.Abs(float64(scaleOf(best)-s)) {
			best = name
		}
	}
	return best
}

func scaleOf(name string) float32 {
	return map[string]float32{"1": 1, "1.2": 1.2, "1.5": 1.5, "2": 2}[name]
}

// soundPane switches the tones on and off and tries them.
type soundPane struct {
	p     Params
	sound Sound
	root  *fyne.Container
}

func newSoundPane(p Params) *soundPane { return &soundPane{p: p, root: container.NewStack()} }

func (s *soundPane) content() fyne.CanvasObject { return s.root }
func (s *soundPane) key(kit.Press) bool         { return false }

func (s *soundPane) shown() {
	s.sound = DefaultSound()
	if err := s.p.Desk.Local(SoundName, &s.sound); err != nil {
		s.p.say(err, "")
	}
	form := kit.VBox(16,
		s.tone("critical", &s.sound.Critical), s.tone("arrived", &s.sound.Arrived), s.tone("due_soon", &s.sound.DueSoon), s.tone("warning", &s.sound.Warning),
		s.volume("volume", &s.sound.Volume), s.volume("night_volume", &s.sound.NightVolume))
	s.root.Objects = []fyne.CanvasObject{section(s.p.Env, "sound", kit.Pad(kit.VBox(0, kit.HBox(0, kit.Fixed(form, 440, 0))), 4, 24, 0, 24))}
	s.root.Refresh()
}

func (s *soundPane) tone(name string, on *bool) fyne.CanvasObject {
	check := kit.NewCheck(s.p.Env.T("settings.tone."+name), *on, func(v bool) {
		*on = v
		s.keep()
	})
	try := kit.NewButton(kit.Secondary, "play", s.p.Env.T("settings.try"), "", func() { s.p.Ring(name, s.sound.Volume) }).Small()
	return kit.HBox(8, check, kit.Spacer(), try)
}

func (s *soundPane) volume(name string, to *float64) fyne.CanvasObject {
	steps := map[string]float64{"20": 0.2, "50": 0.5, "80": 0.8, "100": 1}
	chosen := "80"
	items := make([]kit.PickItem, 0, len(steps))
	for _, k := range []string{"20", "50", "80", "100"} {
		items = append(items, kit.PickItem{Key: k, Text: k + " %"})
		if steps[k] == *to {
			chosen = k
		}
	}
	sel := kit.NewSelect(s.p.Env, kit.PickerParams{Items: items, Chosen: []string{chosen}, Width: 200}, func(keys []string) {
		*to = steps[keys[0]]
		s.keep()
	})
	return kit.Field(s.p.Env.T("settings."+name), sel)
}

func (s *soundPane) keep() {
	sound := s.sound
	s.p.Env.Work(func() {
		if err := s.p.Desk.SetLocal(SoundName, sound); err != nil {
			s.p.Env.Post(func() { s.p.say(err, "") })
		}
	})
}
