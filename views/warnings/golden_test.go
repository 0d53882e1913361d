//go:build amd64

package warnings

import (
	"testing"

	"zw110/views/kit"
	"zw110/views/kit/kittest"
)

func TestDialog_LooksAsKept(t *testing.T) {
	for name, c := range map[string]struct {
		lang string
		mode kit.Mode
	}{"warnings": {"zh-Hans", kit.Light}, "warnings-dark-en": {"en", kit.Dark}} {
		t.Run(name, func(t *testing.T) {
			kittest.Begin()
			s := open(t, c.lang, c.mode)
			kittest.Golden(t, name, s.Canvas().Capture())
		})
	}
}

func TestStrip_LooksAsKept(t *testing.T) {
	for name, c := range map[string]struct {
		mode kit.Mode
		from int
	}{"strip": {kit.Light, 0}, "strip-dark": {kit.Dark, 1}} {
		t.Run(name, func(t *testing.T) {
			strip, s := newStrip(t, c.mode)
			strip.Set(s.all[c.from:])
			kittest.Golden(t, name, s.window.Canvas().Capture())
		})
	}
}
