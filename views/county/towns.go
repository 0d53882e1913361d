package county

import (
	"time"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// lateFrom is how much later than written the county may get an entry before that is told.
const lateFrom = 2 * time.Minute

// TownWords says how many incidents of a township are open, when it was heard last, and how late that came.
func TownWords(t *kit.Text, town room.Township, now incident.Stamp) string {
	text := t.T("county.town_open", town.Open)
	if town.LastEntry == 0 {
		return text
	}
	text += "·" + t.T("county.town_last", Long(t, max(0, now.Sub(town.LastEntry))))
	if late := town.Received.Sub(town.LastEntry); town.Received != 0 && late >= lateFrom {
		text += "·" + t.T("county.town_late", Long(t, late))
	}
	return text
}
