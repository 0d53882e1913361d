package main

import (
	"errors"
	"time"

	"fyne.io/fyne/v2"

	"zw110/app/ring"
	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
	"zw110/views/settings"
)

// repeatAfter is how long an unanswered 特急 stays silent before it rings again.
const repeatAfter = 30 * time.Second

// rings makes the desk heard and seen when something new comes. Its methods belong to the UI goroutine.
type rings struct {
	d          *desk
	unanswered int
	lastRing   incident.Stamp
	mute       bool // this machine has no player; said once
}

func newRings(d *desk) *rings { return &rings{d: d, unanswered: d.room.Counters().Unanswered} }

// alert rings, notifies and says what came.
func (r *rings) alert(a room.Alert) {
	tone, key := ring.DueSoon, "app.alert.unanswered"
	if a.Kind == room.AlertCritical {
		tone, key = ring.Critical, "app.alert.critical"
	}
	text := r.d.env.T(key, a.No, a.Title)
	r.d.shell.Say(kit.Message{Text: text, Bad: true})
	r.d.p.app.SendNotification(fyne.NewNotification(r.d.env.T("app.name"), text))
	r.play(tone)
}

// look rings once when more reports wait for an answer than before.
func (r *rings) look() {
	n := r.d.room.Counters().Unanswered
	if n > r.unanswered && r.d.env.Now().Sub(r.lastRing) > time.Second {
		r.play(ring.Arrived)
	}
	r.unanswered = n
}

// tick rings again for a 特急 that nobody answers.
func (r *rings) tick(now incident.Stamp) {
	if r.unanswered == 0 || now.Sub(r.lastRing) < repeatAfter {
		return
	}
	if r.d.room.Count(board.Filter{Groups: []board.Group{board.Unanswered}, Urgencies: []incident.Urgency{incident.Critical}}) > 0 {
		r.play(ring.Critical)
	}
}

// try sounds a tone from the settings.
func (r *rings) try(tone string, volume float64) { r.sound(ring.Tone(tone), volume) }

func (r *rings) play(t ring.Tone) {
	r.lastRing = r.d.env.Now()
	s := settings.DefaultSound()
	if err := r.d.room.Local(settings.SoundName, &s); err != nil {
		s = settings.DefaultSound() // not readable: better heard than silent
	}
	on := map[ring.Tone]bool{ring.Critical: s.Critical, ring.Arrived: s.Arrived, ring.DueSoon: s.DueSoon, ring.Warning: s.Warning}[t]
	if !on {
		return
	}
	volume := s.Volume
	if hour := r.d.env.Now().Time().In(incident.Local).Hour(); hour >= 20 || hour < 8 {
		volume = s.NightVolume
	}
	r.sound(t, volume)
}

func (r *rings) sound(t ring.Tone, volume float64) {
	if r.mute {
		return
	}
	r.d.p.work.apart(func() {
		err := ring.Play(r.d.p.ctx, t, volume)
		if err == nil || r.d.p.ctx.Err() != nil {
			return
		}
		r.d.p.log.WithField("error", err.Error()).Error("ring")
		if errors.Is(err, ring.ErrNoPlayer) {
			r.d.env.Post(func() { r.mute = true })
		}
	})
}
