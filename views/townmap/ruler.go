package townmap

import (
	"fmt"
	"math"

	"zw110/data/board"
	"zw110/data/geo"
	"zw110/views/kit"
)

// ruler is the line whose length is asked for.
type ruler struct{ corners []board.Spot }

func (r *ruler) add(at board.Spot) {
	if n := len(r.corners); n == 0 || r.corners[n-1] != at {
		r.corners = append(r.corners, at)
	}
}

// line is the corners and the middle of the map, where the next would be.
func (r *ruler) line(next board.Spot) []board.Spot {
	return append(append([]board.Spot(nil), r.corners...), next)
}

// length adds up a line in metres.
func length(line []board.Spot) float64 {
	sum := 0.0
	for i := 1; i < len(line); i++ {
		sum += distance(line[i-1], line[i])
	}
	return sum
}

// earth is the mean radius in metres, near enough for how long a unit of the screen is.
const earth = 6_371_008.8

// distance is the way in metres.
func distance(a, b board.Spot) float64 {
	var p, q geo.Point
	p.Lng, p.Lat = a.Degrees()
	q.Lng, q.Lat = b.Degrees()
	return geo.Distance(p, q)
}

// metres is how long a unit of the map is at a place.
func metres(at board.Spot, scale float64) float64 {
	_, lat := at.Degrees()
	return 2 * math.Pi * earth * math.Cos(lat*math.Pi/180) / scale
}

// barOf picks a round length in metres for the scale bar, and its width in units, at most 110.
func barOf(at board.Spot, scale float64) (length float64, width float32) {
	unit := metres(at, scale)
	most := unit * 110
	length = math.Pow(10, math.Floor(math.Log10(most)))
	for _, f := range []float64{5, 2} {
		if length*f <= most {
			length *= f
			break
		}
	}
	return length, float32(length / unit)
}

// lengthWords writes metres below one kilometre, else kilometres.
func lengthWords(t *kit.Text, m float64) string {
	switch {
	case m < 1000:
		return t.T("map.metres", fmt.Sprintf("%.0f", m))
	case m >= 10_000 || m == math.Trunc(m/1000)*1000:
		return t.T("map.kilometres", fmt.Sprintf("%.0f", m/1000))
	}
	return t.T("map.kilometres", fmt.Sprintf("%.2f", m/1000))
}

// coordinates writes a place in degrees, minutes and seconds.
func coordinates(at board.Spot) string {
	lng, lat := at.Degrees()
	dms := func(v float64, plus, minus string) string {
		if v < 0 {
			plus, v = minus, -v
		}
		s := int(math.Round(v * 3600))
		return fmt.Sprintf("%s %d°%02d′%02d″", plus, s/3600, s/60%60, s%60)
	}
	return dms(lng, "E", "W") + " " + dms(lat, "N", "S")
}
