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
			s := open(t, c.lang, c.mode)
			kittest.Golden(t, name, s.Canvas().Capture())
		})
	}
}
