//go:build amd64

package assesspage

import (
	"testing"

	"fyne.io/fyne/v2"

	"zw110/views/kit"
	"zw110/views/kit/kittest"
)

func TestPage_LooksAsKept(t *testing.T) {
	for _, c := range []struct {
		name, lang    string
		theme         kit.Mode
		width, height float32
	}{{"assessment", "zh-Hans", kit.Light, 1440, 900}, {"assessment-dark-en", "en", kit.Dark, 1366, 768}} {
		t.Run(c.name, func(t *testing.T) {
			kittest.Begin()
			s := open(t, c.lang, kit.NewTheme(c.theme), c.width, c.height)
			s.key(fyne.KeyLeft)
			kittest.Golden(t, c.name, s.window.Canvas().Capture())
		})
	}
}
