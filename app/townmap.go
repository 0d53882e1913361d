package main

import (
	"cmp"
	"slices"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/townmap"
	"zw110/views/townmap/chart"
)

// makeMap adds the map page; without its fonts, which are part of the program, there is none.
func (d *desk) makeMap() {
	page, err := townmap.New(townmap.Params{
		Env: d.env, Desk: d.room, Apart: d.p.work.apart, Ground: d.mapGround, Open: d.openFile,
		Queue: func(id incident.IncidentID) {
			d.shell.Go("queue")
			d.queue.ShowIncident(id)
		},
	})
	if err != nil {
		d.p.log.WithField("error", err.Error()).Error("no map page")
		return
	}
	d.townMap = page
	d.shell.AddPage(page)
}

// mapGround is the town as the pack has it. It is made anew when the settings change, and stays the same pointer else.
func (d *desk) mapGround() townmap.Ground {
	if d.ground.Town == nil {
		d.ground = d.readGround()
	}
	return d.ground
}

func (d *desk) readGround() townmap.Ground {
	dir := d.directory()
	town := &chart.Town{}
	placed := 0
	for _, v := range dir.Villages() {
		village := chart.Village{Name: v.Name, Also: append(slices.Clone(v.Aliases), v.Name)}
		if len(v.Aliases) > 0 {
			village.Name = cmp.Or(v.Aliases[0], v.Name)
		}
		if v.Lng != 0 || v.Lat != 0 {
			village.At, village.Placed = board.SpotOf(v.Lng, v.Lat), true
			placed++
		}
		town.Villages = append(town.Villages, village)
	}
	if placed < 2 {
		return townmap.Ground{}
	}
	return townmap.Ground{Town: town, Note: d.env.T("map.points_only")}
}
