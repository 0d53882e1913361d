package county

import (
	"strings"
	"time"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// State is how this desk stands with the county.
type State struct {
	room.SyncState
	Seat    string
	Scope   incident.ScopeID
	Address string // of the hub; empty: not enrolled
	Relay   bool   // another machine may stand between desk and hub
	// Since is when the link was lost, Next when it is tried again, SyncedAt when both sides last had all of each other; zero: unknown.
	Since, Next, SyncedAt incident.Stamp
	// Why and Alarm are catalogue keys, empty for none: what stands in the way, and what a person must look at.
	Why, Alarm string
}

// County reports whether the desk is one of the county's: its code has six digits.
func (s State) County() bool { return s.Scope != 0 && s.Scope < 1_000_000 }

// MayEnrol reports whether there is anything for a code of the county to do: the desk works alone, its seat was revoked, or the hub shows another
// certificate than it knows.
func (s State) MayEnrol() bool {
	return s.Mode == room.ModeAlone || s.Alarm == "sync.alarm.unknown" || s.Why == "sync.why.pin"
}

// Offline reports whether an enrolled desk has no link.
func (s State) Offline() bool { return s.Mode == room.ModeOffline }

// settleIn is how long an entry may be on its way before it counts as waiting: it usually arrives within a second.
const settleIn = 5 * time.Second

// Waiting returns how many entries the county lacks, not counting those that are just being sent.
func (s State) Waiting(now incident.Stamp) int {
	if s.Mode == room.ModeFull && now.Sub(s.Pending.Oldest) < settleIn {
		return 0
	}
	return s.Pending.Count
}

// ShowsWaiting reports whether lists give a column to what the county lacks: without a link, or when it doesn't get through.
func (s State) ShowsWaiting(now incident.Stamp) bool {
	return s.Mode != room.ModeAlone && s.Waiting(now) > 0
}

// Face is the state as a short mark: icon, words, their colour, and the ground behind; None for no ground.
type Face struct {
	Icon, Text    string
	Token, Ground kit.Token
}

// FaceOf returns the mark of a state for the top bar.
func FaceOf(t *kit.Text, s State, now incident.Stamp) Face {
	f := Face{Icon: "wall", Text: t.T("county.alone"), Token: kit.T2, Ground: kit.None}
	switch s.Mode {
	case room.ModeFull:
		f = Face{Icon: "close", Text: t.T("county.synced", clock(s.SyncedAt)), Token: kit.Ok, Ground: kit.None}
		if s.SyncedAt == 0 {
			f.Text = t.T("county.linked")
		}
		if n := s.Waiting(now); n > 0 {
			f = Face{"export", t.T("county.to_send", n) + "·" + oldest(t, s, now), kit.Urg, kit.None}
		}
	case room.ModeOffline:
		f = Face{"off", offlineFor(t, s, now), kit.Urg, kit.Urgbg}
		if s.Pending.Count > 0 {
			f.Text += "·" + t.T("county.to_send", s.Pending.Count)
		}
	case room.ModePushOnly, room.ModeHeld:
		f = Face{"warn", t.T("county.mode." + string(s.Mode)), kit.Crit, kit.Critbg}
		if s.Mode == room.ModePushOnly {
			f = Face{"export", f.Text, kit.Urg, kit.Urgbg}
		}
		if n := s.Waiting(now); n > 0 {
			f.Text += "·" + t.T("county.to_send", n)
		}
	}
	if off := s.clockOff(); off != "" && s.Mode == room.ModeFull {
		f = Face{"clock", t.T(off, Long(t, s.Ahead.Abs())), kit.Urg, kit.Urgbg}
	} else if off != "" {
		f.Text += "·" + t.T("county.face_clock")
	}
	if s.Alarm != "" && s.Mode != room.ModeAlone {
		f.Icon, f.Token, f.Ground = "warn", kit.Crit, kit.Critbg
	}
	return f
}

// clockWrong is from where on a clock is wrong for everybody to see; the hub marks entries from there on, too.
const clockWrong = 10 * time.Minute

// clockOff is the catalogue key of how this computer's clock is wrong, empty when it isn't, or isn't known.
func (s State) clockOff() string {
	switch {
	case s.Mode == room.ModeAlone || s.Ahead.Abs() < clockWrong:
		return ""
	case s.Ahead < 0:
		return "county.face_ahead"
	}
	return "county.face_behind"
}

func oldest(t *kit.Text, s State, now incident.Stamp) string {
	return t.T("county.oldest", Long(t, now.Sub(s.Pending.Oldest)))
}

func offlineFor(t *kit.Text, s State, now incident.Stamp) string {
	if s.Since == 0 {
		return t.T("county.offline")
	}
	return t.T("county.offline_for", Long(t, now.Sub(s.Since)))
}

// Long writes a length of time from minutes to days: 刚刚, 12分, 3时05分, 2天3时.
func Long(t *kit.Text, d time.Duration) string {
	switch {
	case d < time.Minute:
		return t.T("county.just_now")
	case d < time.Hour:
		return t.T("span.minutes", int(d/time.Minute))
	case d < 24*time.Hour:
		return kit.Span(t, d)
	}
	return t.T("county.days_hours", int(d/(24*time.Hour)), int(d/time.Hour)%24)
}

func clock(at incident.Stamp) string { return at.Time().In(incident.Local).Format("15:04:05") }

func dayClock(at incident.Stamp) string { return at.Time().In(incident.Local).Format("01-02 15:04") }

// Band returns the two lines of the orange band of a desk without a link.
func Band(t *kit.Text, s State, now incident.Stamp) (title, line string) {
	var parts []string
	if s.Since != 0 {
		parts = append(parts, t.T("county.since", dayClock(s.Since)))
	}
	if s.Pending.Count > 0 {
		parts = append(parts, t.T("county.to_send", s.Pending.Count), oldest(t, s, now))
	}
	if s.Next != 0 {
		parts = append(parts, t.T("county.next", clock(s.Next)))
	}
	parts = append(parts, t.T("county.by_phone"), t.T("county.on_paper")) // what is cut off where there is no room is known anyway
	return t.T("county.band"), strings.Join(parts, "·")
}
