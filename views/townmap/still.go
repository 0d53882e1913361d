package townmap

import (
	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/townmap/chart"
)

// Still is a map of the whole town at one moment, for boards that only show it.
type Still struct {
	Scene *chart.Scene
	Note  string
	Lost  int // open incidents that stand nowhere on it
	index *board.Points
	a, b  board.Spot
	look  func(chart.Palette, float64) chart.Look
}

// ReadStill asks the room; it may run in any goroutine.
func ReadStill(desk Desk, g Ground, towns []incident.ScopeID) *Still {
	p := read(g.Town, desk.Snapshot(board.Filter{Towns: towns}), nil)
	s := &Still{Scene: &chart.Scene{Town: g.Town, Worst: p.worst}, Note: g.Note, index: board.NewPoints(), look: chart.Wall}
	p.points(s.index)
	s.Lost = len(p.entries) - s.index.Len()
	a, b, ok := extent(g.Town)
	if !ok {
		a, b, ok = p.corners()
	}
	if !ok { // one incident, or none: some kilometres around it
		at := board.SpotOf(119.155, 29.14)
		if len(p.entries) > 0 && p.entries[0].placed {
			at = p.entries[0].mark.Spot
		}
		const half = 3e-4 / 8
		a, b = board.Spot{X: at.X - half, Y: at.Y - half}, board.Spot{X: at.X + half, Y: at.Y + half}
	}
	s.a, s.b = a, b
	return s
}

// View shows the whole in a picture of w by h pixels and parts the plates for it.
func (s *Still) View(w, h float64) board.Viewport {
	room := s.look(chart.Palette{}, w/936).Mark * w / 936
	scale := min((w-2*room)/(s.b.X-s.a.X), (h-3*room)/(s.b.Y-s.a.Y))
	mid := board.Spot{X: (s.a.X + s.b.X) / 2, Y: (s.a.Y+s.b.Y)/2 - room/2/scale}
	v := board.Viewport{Min: board.Spot{X: mid.X - w/2/scale, Y: mid.Y - h/2/scale}, Max: board.Spot{X: mid.X + w/2/scale, Y: mid.Y + h/2/scale}, Scale: scale}
	found, _ := s.index.Clusters(v, s.look(chart.Palette{}, w/936).Plate, incident.IncidentID{})
	s.Scene.Clusters = append(s.Scene.Clusters[:0:0], found...)
	return v
}

// corners returns the smallest rectangle around the incidents that stand somewhere.
func (p *picture) corners() (a, b board.Spot, ok bool) {
	var all []board.Spot
	for i := range p.entries {
		if e := &p.entries[i]; e.placed {
			all = append(all, e.mark.Spot)
		}
	}
	return corners(all)
}
