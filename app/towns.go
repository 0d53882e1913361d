package main

import (
	"strconv"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/county"
	"zw110/views/kit"
)

// countyCodes is the first division code with more than six digits.
const countyCodes = 1_000_000

// county reports whether this is a county's desk.
func (d *desk) county() bool { return d.p.room.Link().Scope() < countyCodes }

// counted is the room with the figures of the towns that are looked at.
type counted struct{ d *desk }

// Counters returns the figures of the top bar.
func (c counted) Counters() board.Counters {
	if len(c.d.towns) == 0 {
		return c.d.room.Counters()
	}
	return c.d.room.CountersOf(board.Filter{Towns: c.d.towns})
}

// Local reads what belongs to this window alone.
func (c counted) Local(name string, into any) error { return c.d.room.Local(name, into) }

// SetLocal writes what belongs to this window alone.
func (c counted) SetLocal(name string, value any) error { return c.d.room.SetLocal(name, value) }

// townChoice opens the list of towns, at a county's desk.
func (d *desk) townChoice() func() {
	if !d.county() {
		return nil
	}
	return d.openTowns
}

// townName names a township for people; one without a name by its code.
func (d *desk) townName(scope incident.ScopeID) string {
	code := strconv.FormatUint(uint64(scope), 10)
	return d.env.Text.Short("pack."+code, code)
}

// allTowns is the key of the choice of all.
const allTowns = "all"

// openTowns lets a county choose whose incidents it looks at: of each township how many are open, and when it was heard last.
func (d *desk) openTowns() {
	d.p.work.apart(func() {
		towns, err := d.room.Townships()
		d.env.Post(func() {
			if err != nil {
				d.shell.Say(kit.Message{Text: d.words(err), Bad: true})
				return
			}
			d.chooseTown(towns)
		})
	})
}

func (d *desk) chooseTown(towns []room.Township) {
	items := []kit.PickItem{{Key: allTowns, Text: d.env.T("county.all_towns"), Hint: d.env.T("county.town_open", d.room.Counters().Open)}}
	byKey := map[string]incident.ScopeID{}
	for _, t := range towns {
		if t.Scope < countyCodes {
			continue
		}
		key := strconv.FormatUint(uint64(t.Scope), 10)
		byKey[key] = t.Scope
		items = append(items, kit.PickItem{Key: key, Text: d.townName(t.Scope), Hint: county.TownWords(d.env.Text, t, d.env.Now())})
	}
	chosen := allTowns
	if len(d.towns) > 0 {
		chosen = strconv.FormatUint(uint64(d.towns[0]), 10)
	}
	kit.OpenPicker(d.env, d.shell.TownMark(), kit.PickerParams{Items: items, Chosen: []string{chosen}, Width: 420, OnPicked: func(keys []string) {
		d.towns = nil
		name := d.directory().Town().Name + "·" + d.env.T("shell.room")
		if scope, ok := byKey[keys[0]]; ok {
			d.towns, name = []incident.ScopeID{scope}, d.townName(scope)
		}
		d.shell.SetTown(name)
		d.queue.SetTowns(d.towns)
		d.assess.SetTowns(d.towns)
		d.warned.show(d.warned.found)
		if d.townMap != nil {
			d.townMap.SetTowns(d.towns)
		}
		d.shell.Refresh()
	}})
}
