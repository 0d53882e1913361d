// Package geo owns where things are: points, outlines, distances and areas on the ground, coordinate systems, the town's ground plan, and
// the import of places. Everything inside is WGS-84 in degrees. It reads no clock, keeps nothing and knows no window.
package geo

import "math"

// Point is a place in WGS-84 degrees. The zero Point is no place: nobody works in the Gulf of Guinea.
type Point struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

// Zero reports whether it is no place.
func (p Point) Zero() bool { return p.Lat == 0 && p.Lng == 0 }

// Valid reports whether it is a place on earth, the zero Point aside.
func (p Point) Valid() bool {
	return !p.Zero() && p.Lat >= -90 && p.Lat <= 90 && p.Lng >= -180 && p.Lng <= 180
}

// Ring is a closed line; the first point follows the last and is not repeated.
type Ring []Point

// Line is an open line.
type Line []Point

// Shape is an area with its holes.
type Shape struct {
	Outer Ring
	Holes []Ring
}

// Box is an upright rectangle.
type Box struct{ Min, Max Point }

// Contains reports whether a point lies in the box or on its edge.
func (b Box) Contains(p Point) bool {
	return p.Lat >= b.Min.Lat && p.Lat <= b.Max.Lat && p.Lng >= b.Min.Lng && p.Lng <= b.Max.Lng
}

// Centre returns the middle of the box.
func (b Box) Centre() Point {
	return Point{Lat: (b.Min.Lat + b.Max.Lat) / 2, Lng: (b.Min.Lng + b.Max.Lng) / 2}
}

// BoxOf returns the smallest box around points; the zero Box for none.
func BoxOf(points ...Point) Box {
	if len(points) == 0 {
		return Box{}
	}
	b := Box{points[0], points[0]}
	for _, p := range points[1:] {
		b.Min.Lat, b.Max.Lat = min(b.Min.Lat, p.Lat), max(b.Max.Lat, p.Lat)
		b.Min.Lng, b.Max.Lng = min(b.Min.Lng, p.Lng), max(b.Max.Lng, p.Lng)
	}
	return b
}

// Contains reports whether a point lies inside the ring, by the rule of even and odd.
func (r Ring) Contains(p Point) bool {
	in := false
	for i, a := range r {
		b := r[(i+len(r)-1)%len(r)]
		if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lng < a.Lng+(p.Lat-a.Lat)/(b.Lat-a.Lat)*(b.Lng-a.Lng) {
			in = !in
		}
	}
	return in
}

// Contains reports whether a point lies in the shape and in none of its holes.
func (s Shape) Contains(p Point) bool {
	if !s.Outer.Contains(p) {
		return false
	}
	for _, h := range s.Holes {
		if h.Contains(p) {
			return false
		}
	}
	return true
}

// The ellipsoid of WGS-84; that of CGCS2000 differs by a tenth of a millimetre.
const (
	axis       = 6378137.0
	flattening = 1 / 298.257223563
	ecc2       = flattening * (2 - flattening)
	radian     = math.Pi / 180
)

// Area returns the area of the ring in square metres on the ellipsoid, its edges straight in a cylindrical equal-area map.
func (r Ring) Area() float64 {
	sum := 0.0
	for i, a := range r {
		b := r[(i+len(r)-1)%len(r)]
		sum += (a.Lng - b.Lng) * radian * (authalic(a.Lat) + authalic(b.Lat)) / 2
	}
	return math.Abs(sum) * axis * axis / 2
}

// authalic is twice the area, per radian of longitude and squared axis, between the equator and a latitude.
func authalic(lat float64) float64 {
	e, sin := math.Sqrt(ecc2), math.Sin(lat*radian)
	return (1 - ecc2) * (sin/(1-ecc2*sin*sin) + math.Atanh(e*sin)/e)
}

// Area returns the area in square metres, holes taken off.
func (s Shape) Area() float64 {
	a := s.Outer.Area()
	for _, h := range s.Holes {
		a -= h.Area()
	}
	return a
}

// Distance returns the length in metres of the shortest way between two points on the ellipsoid, after Vincenty (1975), to the millimetre. For points
// almost opposite on the globe, where that method has no end, it is the distance on a sphere, to half a percent.
func Distance(p, q Point) float64 {
	if p == q {
		return 0
	}
	l := (q.Lng - p.Lng) * radian
	sinU1, cosU1 := reduced(p.Lat)
	sinU2, cosU2 := reduced(q.Lat)
	lambda := l
	for range 100 {
		sinL, cosL := math.Sincos(lambda)
		sinS := math.Hypot(cosU2*sinL, cosU1*sinU2-sinU1*cosU2*cosL)
		if sinS == 0 {
			return 0
		}
		cosS := sinU1*sinU2 + cosU1*cosU2*cosL
		sigma := math.Atan2(sinS, cosS)
		sinA := cosU1 * cosU2 * sinL / sinS
		cos2A := 1 - sinA*sinA
		cos2M := 0.0
		if cos2A != 0 {
			cos2M = cosS - 2*sinU1*sinU2/cos2A
		}
		c := flattening / 16 * cos2A * (4 + flattening*(4-3*cos2A))
		next := l + (1-c)*flattening*sinA*(sigma+c*sinS*(cos2M+c*cosS*(2*cos2M*cos2M-1)))
		if math.Abs(next-lambda) > 1e-12 {
			lambda = next
			continue
		}
		u2 := cos2A * ecc2 / (1 - ecc2)
		a := 1 + u2/16384*(4096+u2*(-768+u2*(320-175*u2)))
		b := u2 / 1024 * (256 + u2*(-128+u2*(74-47*u2)))
		d := b * sinS * (cos2M + b/4*(cosS*(2*cos2M*cos2M-1)-b/6*cos2M*(4*sinS*sinS-3)*(4*cos2M*cos2M-3)))
		return axis * (1 - flattening) * a * (sigma - d)
	}
	return sphere(p, q)
}

// reduced returns sine and cosine of the reduced latitude.
func reduced(lat float64) (sin, cos float64) {
	return math.Sincos(math.Atan((1 - flattening) * math.Tan(lat*radian)))
}

func sphere(p, q Point) float64 {
	sinLat, sinLng := math.Sin((q.Lat-p.Lat)*radian/2), math.Sin((q.Lng-p.Lng)*radian/2)
	h := sinLat*sinLat + math.Cos(p.Lat*radian)*math.Cos(q.Lat*radian)*sinLng*sinLng
	return 2 * 6371008.8 * math.Asin(min(1, math.Sqrt(h)))
}

// Length returns the length of the line in metres.
func (l Line) Length() float64 {
	sum := 0.0
	for i := 1; i < len(l); i++ {
		sum += Distance(l[i-1], l[i])
	}
	return sum
}

// plane is metres east and north of a point, good within some tens of kilometres.
type plane struct {
	at     Point
	kx, ky float64 // metres a degree
}

func planeAt(at Point) plane {
	sin := math.Sin(at.Lat * radian)
	w := 1 - ecc2*sin*sin
	return plane{at, axis / math.Sqrt(w) * math.Cos(at.Lat*radian) * radian, axis * (1 - ecc2) / (w * math.Sqrt(w)) * radian}
}

func (f plane) metres(p Point) (x, y float64) {
	return (p.Lng - f.at.Lng) * f.kx, (p.Lat - f.at.Lat) * f.ky
}

func (f plane) point(x, y float64) Point {
	return Point{Lat: f.at.Lat + y/f.ky, Lng: f.at.Lng + x/f.kx}
}
