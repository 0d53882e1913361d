package geo

import "math"

// System is a coordinate system. CGCS2000 and WGS-84 are the same here: they differ by centimetres.
type System string

// The systems that maps and phones in China give.
const (
	WGS84    System = "WGS-84"
	CGCS2000 System = "CGCS2000"
	GCJ02    System = "GCJ-02" // AMap, Tencent: some hundred metres off on purpose
	BD09     System = "BD-09"  // Baidu: GCJ-02 moved once more
)

// Systems lists the known systems.
func Systems() []System { return []System{WGS84, CGCS2000, GCJ02, BD09} }

// From turns a point of a system into WGS-84, to less than 1e-7 of a degree. An unknown system, and the zero Point, stay as they are.
func From(s System, p Point) Point {
	if p.Zero() {
		return p
	}
	switch s {
	case GCJ02:
		return undo(p, toGCJ)
	case BD09:
		return undo(undo(p, toBD), toGCJ)
	}
	return p
}

// To turns a WGS-84 point into a system.
func To(s System, p Point) Point {
	if p.Zero() {
		return p
	}
	switch s {
	case GCJ02:
		return toGCJ(p)
	case BD09:
		return toBD(toGCJ(p))
	}
	return p
}

// undo finds the point that a move takes to p: the move changes so slowly from place to place that a few steps are enough.
func undo(p Point, move func(Point) Point) Point {
	q := p
	for range 30 {
		m := move(q)
		dLat, dLng := p.Lat-m.Lat, p.Lng-m.Lng
		q.Lat, q.Lng = q.Lat+dLat, q.Lng+dLng
		if math.Abs(dLat)+math.Abs(dLng) < 1e-11 {
			break
		}
	}
	return q
}

// toGCJ moves a WGS-84 point as GCJ-02 does: by a sum of waves around 105° E, 35° N in metres on the ellipsoid of Krasovsky. Outside the box
// in which map services do so nothing moves.
func toGCJ(p Point) Point {
	const axis, ecc = 6378245.0, 0.00669342162296594323
	if p.Lng < 72.004 || p.Lng > 137.8347 || p.Lat < 0.8293 || p.Lat > 55.8271 {
		return p
	}
	x, y := p.Lng-105, p.Lat-35
	wave := func(v, a, b float64) float64 { return a*math.Sin(v*math.Pi) + b*math.Sin(v*math.Pi/3) }
	common := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	dy := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) + common +
		wave(y, 20, 40)*2/3 + (160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	dx := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) + common +
		wave(x, 20, 40)*2/3 + (150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	sin := math.Sin(p.Lat * radian)
	w := 1 - ecc*sin*sin
	return Point{
		Lat: p.Lat + dy/(axis*(1-ecc)/(w*math.Sqrt(w))*radian),
		Lng: p.Lng + dx/(axis/math.Sqrt(w)*math.Cos(p.Lat*radian)*radian),
	}
}

// toBD moves a GCJ-02 point as BD-09 does.
func toBD(p Point) Point {
	const turn = math.Pi * 3000 / 180
	z := math.Hypot(p.Lng, p.Lat) + 0.00002*math.Sin(p.Lat*turn)
	theta := math.Atan2(p.Lat, p.Lng) + 0.000003*math.Cos(p.Lng*turn)
	return Point{Lng: z*math.Cos(theta) + 0.0065, Lat: z*math.Sin(theta) + 0.006}
}
