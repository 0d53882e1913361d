package room

import (
	"math"

	"zw110/data/incident"
)

// pointOf turns a place into WGS-84 degrees, whatever system its channel wrote; zeros when it has no point. CGCS2000 is the same
// within centimetres.
func pointOf(p incident.Place) (lng, lat float64) {
	switch p.CoordSys {
	case "GCJ-02":
		return fromGCJ(p.Lng, p.Lat)
	case "BD-09":
		return fromGCJ(fromBD(p.Lng, p.Lat))
	}
	return p.Lng, p.Lat
}

// fromGCJ undoes the offset of GCJ-02 to within some metres: the offset is nearly the same at both ends, so taking it off once, and
// then once more from the better place, is enough.
func fromGCJ(lng, lat float64) (float64, float64) {
	if lng == 0 && lat == 0 {
		return 0, 0
	}
	x, y := lng, lat
	for range 2 {
		dx, dy := gcjOffset(x, y)
		x, y = lng-dx, lat-dy
	}
	return x, y
}

// gcjOffset returns how far GCJ-02 moves a WGS-84 point, in degrees. The constants are those of the published description: the
// Krasovsky 1940 ellipsoid and a sum of waves around 105° E, 35° N.
func gcjOffset(lng, lat float64) (dx, dy float64) {
	const axis, ecc = 6378245.0, 0.00669342162296594323
	x, y := lng-105, lat-35
	wave := func(v float64, a, b float64) float64 { return a*math.Sin(v*math.Pi) + b*math.Sin(v*math.Pi/3) }
	common := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	dy = -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) + common +
		wave(y, 20, 40)*2/3 + (160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	dx = 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) + common +
		wave(x, 20, 40)*2/3 + (150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	sin := math.Sin(lat / 180 * math.Pi)
	w := 1 - ecc*sin*sin
	dy = dy * 180 / (axis * (1 - ecc) / (w * math.Sqrt(w)) * math.Pi)
	dx = dx * 180 / (axis / math.Sqrt(w) * math.Cos(lat/180*math.Pi) * math.Pi)
	return dx, dy
}

// fromBD undoes what BD-09 adds to GCJ-02.
func fromBD(lng, lat float64) (float64, float64) {
	if lng == 0 && lat == 0 {
		return 0, 0
	}
	const turn = math.Pi * 3000 / 180
	x, y := lng-0.0065, lat-0.006
	z := math.Hypot(x, y) - 0.00002*math.Sin(y*turn)
	theta := math.Atan2(y, x) - 0.000003*math.Cos(x*turn)
	return z * math.Cos(theta), z * math.Sin(theta)
}
