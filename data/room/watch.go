package room

import (
	"time"

	"zw110/data/incident"
	"zw110/data/journal"
)

// clockWatch compares the wall clock with one that nobody can set. Only the goroutine of the ticks uses it.
type clockWatch struct {
	steady func() time.Duration
	wall   incident.Stamp // zero before the first look
	at     time.Duration
}

// jumped reports whether the wall clock was moved since the look before, and what it would show if it had not been.
func (w *clockWatch) jumped(now incident.Stamp) (expected incident.Stamp, moved bool) {
	if w.steady == nil {
		return 0, false
	}
	at := w.steady()
	if w.wall != 0 {
		expected = w.wall.Add(at - w.at)
		moved = journal.Jumped(w.wall, now, at-w.at)
	}
	w.wall, w.at = now, at
	return expected, moved
}

// watchClock journals that the wall clock was moved: durations around that moment are not what they seem.
func (r *Room) watchClock(now incident.Stamp) {
	expected, moved := r.watch.jumped(now)
	if !moved {
		return
	}
	fact := incident.Fact{
		Kind: incident.KindClockJumped, At: now, ActorRole: incident.RoleSystem,
		Fields: incident.Fields{HappenedAt: expected, ReceivedAt: now},
	}
	j := &job{desk: []incident.Fact{fact}, by: SystemLogin}
	if err := r.submit(r.ctx, j, nil); err != nil && r.ctx.Err() == nil {
		r.log.WithField("error", err.Error()).Error("journal that the clock jumped")
	}
}
