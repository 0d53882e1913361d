//go:build amd64

package townmap

import (
	"testing"

	"fyne.io/fyne/v2"

	"zw110/views/kit"
	"zw110/views/kit/kittest"
)

func TestMap_LooksAsKept(t *testing.T) {
	for name, c := range map[string]struct {
		lang string
		mode kit.Mode
		size fyne.Size
	}{
		"map":      {"zh-Hans", kit.Light, fyne.NewSize(1440, 900)},
		"map-dark": {"zh-Hans", kit.Dark, fyne.NewSize(1440, 900)},
		"map-en":   {"en", kit.Light, fyne.NewSize(1366, 768)},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, c.lang, c.mode, c.size)
			s.key(fyne.KeyTab)
			kittest.Golden(t, name, s.window.Canvas().Capture())
		})
	}
}
