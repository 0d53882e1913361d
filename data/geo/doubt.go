package geo

import (
	"math"
	"slices"
)

// Doubt is why a point is asked about before it counts.
type Doubt string

// The doubts, in the order in which they are looked for.
const (
	NoPoint  Doubt = "zero"    // 0, 0: a device without a fix
	OffEarth Doubt = "invalid" // no degrees at all
	Swapped  Doubt = "swapped" // latitude and longitude stand the wrong way round
	Outside  Doubt = "outside" // not in the town
	Shifted  Doubt = "system"  // most likely in another coordinate system
	FarOff   Doubt = "far"     // far from where the same name stands already
)

// Check is what is to be said of a point. Fixed is the point as it would be right, where that can be told; System is the one in which it seems to be.
type Check struct {
	Doubt  Doubt
	Fixed  Point
	System System
	// Metres is how far it lies from the town or from the known place.
	Metres float64
}

// The bounds of doubt, in metres.
const (
	// border is how far outside a town a place may lie without a question: outlines are generalised.
	border = 1500
	// same is how near a point must come, read in another system, to count as the known place; apart, how far it must be as given.
	same, apart = 120, 250
	// far is how far from a known place a point may lie before it is asked about.
	far = 2000
)

// Look checks a point that is meant to lie in an area. Known is where the same thing stood until now, the zero Point when nobody knows. False: nothing to say.
func Look(p Point, area Ring, known Point) (Check, bool) {
	switch {
	case p.Zero():
		return Check{Doubt: NoPoint}, true
	case !p.Valid():
		if turned := (Point{Lat: p.Lng, Lng: p.Lat}); turned.Valid() {
			return Check{Doubt: Swapped, Fixed: turned}, true
		}
		return Check{Doubt: OffEarth}, true
	}
	if d := area.off(p); len(area) > 2 && d > border {
		if turned := (Point{Lat: p.Lng, Lng: p.Lat}); turned.Valid() && area.off(turned) <= border {
			return Check{Doubt: Swapped, Fixed: turned, Metres: d}, true
		}
		return Check{Doubt: Outside, Metres: d}, true
	}
	if known.Zero() {
		return Check{}, false
	}
	d := Distance(p, known)
	if s, fixed, ok := other(p, known); ok {
		return Check{Doubt: Shifted, Fixed: fixed, System: s, Metres: d}, true
	}
	return Check{Doubt: FarOff, Metres: d}, d > far
}

// other finds the system in which a point that is apart from a known one is the same.
func other(p, known Point) (System, Point, bool) {
	if Distance(p, known) < apart {
		return "", Point{}, false
	}
	for _, s := range []System{GCJ02, BD09} {
		if q := From(s, p); Distance(q, known) <= same {
			return s, q, true
		}
	}
	return "", Point{}, false
}

// Suggest compares points, as they are written, with where the same things are known to be, and returns the system in which they fit far better than in the
// one they are read in. The slices have one length; a zero Point takes no part. At least three pairs are needed. Metres are the median
// distances as read and in the suggested system.
func Suggest(written, known []Point, as System) (s System, before, after float64, ok bool) {
	var a, b []Point
	for i, p := range written {
		if i < len(known) && p.Valid() && known[i].Valid() {
			a, b = append(a, p), append(b, known[i])
		}
	}
	if len(a) < 3 {
		return "", 0, 0, false
	}
	before = median(a, b, as)
	s, after = as, before
	for _, try := range []System{WGS84, GCJ02, BD09} {
		if m := median(a, b, try); m < after {
			s, after = try, m
		}
	}
	return s, before, after, s != as && before >= apart && after <= before/2
}

// median returns the median distance of points, read in a system, from the known ones.
func median(read, known []Point, s System) float64 {
	d := make([]float64, len(read))
	for i, p := range read {
		d[i] = Distance(From(s, p), known[i])
	}
	slices.Sort(d)
	return d[len(d)/2]
}

// off returns how many metres a point lies outside the ring, 0 inside.
func (r Ring) off(p Point) float64 {
	if len(r) == 0 || r.Contains(p) {
		return 0
	}
	f := planeAt(p)
	at := f.ring(r)
	least := math.Inf(1)
	for i, a := range at {
		least = min(least, off([2]float64{}, a, at[(i+1)%len(at)]))
	}
	return least
}
