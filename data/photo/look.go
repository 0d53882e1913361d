package photo

import (
	"image"
	"math/bits"

	"golang.org/x/image/draw"
)

// Look is what a picture looks like, coarsely: one bit for each of 8 by 8 places, set where it is brighter than its right neighbour. It stays
// nearly the same when a picture is made smaller, stored anew or sent through a messenger.
type Look uint64

// lookOf looks at a picture of 9 by 8 places.
func lookOf(from image.Image) Look {
	small := image.NewGray(image.Rect(0, 0, 9, 8))
	draw.CatmullRom.Scale(small, small.Bounds(), from, from.Bounds(), draw.Src, nil)
	var out Look
	for y := range 8 {
		for x := range 8 {
			out <<= 1
			if small.GrayAt(x, y).Y > small.GrayAt(x+1, y).Y {
				out |= 1
			}
		}
	}
	return out
}

const (
	// sameLook is how many places of two pictures of the same may differ.
	sameLook = 4
	// leastLook is below how many bits, or above how many less than all, a picture is too plain to tell: a wall, a night.
	leastLook = 8
)

// Like reports whether two pictures look the same. Plain ones are like nothing.
func (l Look) Like(other Look) bool {
	plain := func(l Look) bool { n := bits.OnesCount64(uint64(l)); return n < leastLook || n > 64-leastLook }
	return !plain(l) && !plain(other) && bits.OnesCount64(uint64(l^other)) <= sameLook
}
