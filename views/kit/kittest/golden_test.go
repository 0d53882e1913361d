package kittest

import (
	"image"
	"image/color"
	"testing"
)

func plain(c color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for i := range 100 * 100 {
		img.SetNRGBA(i%100, i/100, c)
	}
	return img
}

func TestDiffer_SeesWhatAPersonSees(t *testing.T) {
	grey := color.NRGBA{R: 100, G: 100, B: 100, A: 255}
	tests := []struct {
		name   string
		change func(*image.NRGBA)
		same   bool
	}{
		{"nothing", func(*image.NRGBA) {}, true},
		{"a shade everywhere", func(i *image.NRGBA) {
			for n := range 100 * 100 {
				i.SetNRGBA(n%100, n/100, color.NRGBA{R: 110, G: 95, B: 100, A: 255})
			}
		}, true},
		{"two pixels", func(i *image.NRGBA) {
			i.SetNRGBA(3, 3, color.NRGBA{A: 255})
			i.SetNRGBA(4, 3, color.NRGBA{A: 255})
		}, true},
		{"a line", func(i *image.NRGBA) {
			for x := range 20 {
				i.SetNRGBA(x, 50, color.NRGBA{A: 255})
			}
		}, false},
		{"darker in one channel", func(i *image.NRGBA) {
			for n := range 100 * 100 {
				i.SetNRGBA(n%100, n/100, color.NRGBA{R: 100, G: 100, B: 60, A: 255})
			}
		}, false},
	}
	for _, tt := range tests {
		got := plain(grey)
		tt.change(got)
		if err := differ(plain(grey), got); (err == nil) != tt.same {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if differ(plain(grey), image.NewNRGBA(image.Rect(0, 0, 99, 100))) == nil {
		t.Error("another size is the same")
	}
}
