package main

import (
	"cmp"
	"slices"

	"fyne.io/fyne/v2"

	"zw110/data/board"
	"zw110/data/geo"
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

// mini makes the small map of a pane; each pane has its own.
func (d *desk) mini() func(board.Row) fyne.CanvasObject {
	m, err := townmap.NewMini(townmap.MiniParams{Post: d.env.Post, Apart: d.p.work.apart, Ground: d.mapGround, Tapped: func(row board.Row) {
		d.shell.Go(townmap.Key)
		if d.townMap != nil {
			d.townMap.ShowIncident(row.ID)
		}
	}})
	if err != nil {
		d.p.log.WithField("error", err.Error()).Error("no small maps")
		return nil
	}
	return func(row board.Row) fyne.CanvasObject {
		if !m.Look(row) {
			return nil
		}
		return m
	}
}

// mapGround is the town as pack and settings have it. It is the same until the settings change.
func (d *desk) mapGround() townmap.Ground {
	if d.ground.Town == nil {
		d.ground = groundOf(d.room.Ground(), d.aliases(), d.env.T)
	}
	return d.ground
}

// aliases returns the other names of each village, the shortest first.
func (d *desk) aliases() map[string][]string {
	out := map[string][]string{}
	for _, v := range d.directory().Villages() {
		out[v.Name] = v.Aliases
	}
	return out
}

// groundOf turns a ground plan into what the map draws. A village goes by its first alias, which is how people say it.
func groundOf(t geo.Town, aliases map[string][]string, words func(key string, args ...any) string) townmap.Ground {
	town := &chart.Town{Edge: waysOf(t.Edge), Around: waysOf(t.Around), Rivers: waysOf(t.Rivers), Roads: waysOf(t.Roads)}
	if len(t.Outline) > 2 {
		town.Land = [][]board.Spot{spotsOf(t.Outline)}
	}
	for i := range town.Rivers {
		town.Rivers[i].Sketched = false // a dashed river would be a ditch; the note says what may be trusted
	}
	for i := range town.Around {
		town.Around[i].Sketched = false
	}
	for _, v := range t.Villages {
		also := aliases[v.Name]
		village := chart.Village{Name: v.Name, Also: append(slices.Clone(also), v.Name), Placed: v.Fixed, At: spotOf(v.Point), Cell: spotsOf(v.Cell)}
		if len(also) > 0 {
			village.Name = cmp.Or(also[0], v.Name)
		}
		town.Villages = append(town.Villages, village)
	}
	for _, n := range t.Neighbours {
		town.Names = append(town.Names, chart.Name{Text: n.Name, At: spotOf(n.Point)})
	}
	return townmap.Ground{Town: town, Note: words("map.sketch"), Source: words("map.source")}
}

func spotOf(p geo.Point) board.Spot { return board.SpotOf(p.Lng, p.Lat) }

func spotsOf(points []geo.Point) []board.Spot {
	out := make([]board.Spot, len(points))
	for i, p := range points {
		out[i] = spotOf(p)
	}
	return out
}

func waysOf(ways []geo.Way) []chart.Way {
	out := make([]chart.Way, len(ways))
	for i, w := range ways {
		out[i] = chart.Way{Name: w.Name, Points: spotsOf(w.Points), Sketched: w.Sketched}
	}
	return out
}
