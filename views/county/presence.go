package county

import (
	"time"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// Presence is somebody who has an incident open at another desk.
type Presence struct {
	Seat  string
	Login incident.Login
	Since incident.Stamp
}

// Who names a seat with the person at it.
func Who(t *kit.Text, seat string, login incident.Login, name func(incident.Login) string) string {
	who := string(login)
	if name != nil {
		who = name(login)
	}
	switch {
	case seat == "":
		return t.T("county.other_seat", who)
	case who == "":
		return seat
	}
	return seat + " " + who
}

// PresentWords says who has an incident open and since when.
func PresentWords(t *kit.Text, p Presence, name func(incident.Login) string) string {
	return t.T("county.present", Who(t, p.Seat, p.Login, name), p.Since.Time().In(incident.Local).Format("15:04"))
}

// ChangedWords says who changed an incident how long ago.
func ChangedWords(t *kit.Text, a room.Author, now incident.Stamp, name func(incident.Login) string) string {
	return t.T("county.changed", Who(t, a.Seat, a.Login, name), Long(t, max(0, now.Sub(a.At))))
}

// FreshFor is how long a row says that another desk changed it.
const FreshFor = 10 * time.Minute
