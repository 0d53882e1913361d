//go:build amd64

package wallboard

import (
	"image"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/views/kit/kittest"
)

func TestBoard_LooksAsKept(t *testing.T) {
	s := newStage(t, fyne.NewSize(1920, 1080))
	kept := func(name string) {
		img, ok := s.board.picture.Image.(*image.RGBA)
		if !ok {
			t.Fatal("no picture")
		}
		kittest.Golden(t, name, img)
	}
	kept("wallboard")
	s.now = incident.StampOf(time.Date(2026, 8, 18, 20, 9, 21, 0, incident.Local))
	s.board.Tick(s.now)
	kept("wallboard-dark")
}
