package room

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"zw110/assets"
	"zw110/data/duty"
	"zw110/data/geo"
	"zw110/data/incident"
)

// pointOf turns a place into WGS-84 degrees, whatever system its channel wrote; zeros when it has no point.
func pointOf(p incident.Place) (lng, lat float64) {
	q := geo.From(geo.System(p.CoordSys), geo.Point{Lat: p.Lat, Lng: p.Lng})
	return q.Lng, q.Lat
}

// Ground returns the town's ground plan with its villages where the settings have them. It is made for each call.
func (r *Room) Ground() geo.Town {
	rules := r.rules.Load()
	var villages []geo.Named
	for _, v := range rules.Villages() {
		villages = append(villages, geo.Named{Name: v.Name, Point: geo.Point{Lat: v.Lat, Lng: v.Lng}})
	}
	return rules.plan.With(villages)
}

// planOf reads a pack's ground plan. A store made before there were any has that of the program's own pack of the same town.
func planOf(pack fs.FS, town duty.Town) (geo.Town, error) {
	if _, err := fs.Stat(pack, geo.PlanFile); errors.Is(err, fs.ErrNotExist) {
		if own, err := assets.Pack(strconv.FormatUint(uint64(town.Code), 10)); err == nil {
			pack = own
		}
	}
	plan, err := geo.Load(pack, nil)
	if err != nil {
		return geo.Town{}, fmt.Errorf("load town pack: %w", err)
	}
	if len(plan.Outline) == 0 && plan.Seat.Zero() {
		plan.Seat = geo.Box{Min: geo.Point{Lng: town.Extent[0], Lat: town.Extent[1]}, Max: geo.Point{Lng: town.Extent[2], Lat: town.Extent[3]}}.Centre()
	}
	return plan, nil
}
