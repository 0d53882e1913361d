//go:build amd64

package slips

import (
	"testing"

	"zw110/views/kit"
	"zw110/views/kit/kittest"
)

func TestDialog_LooksAsKept(t *testing.T) {
	kittest.Golden(t, "papers", open(t, "2026-0818-031", kit.Light).Canvas().Capture())
	s := open(t, "", kit.Dark)
	s.press(kit.Stroke{Rune: ']'})
	kittest.Golden(t, "papers-notice-dark", s.Canvas().Capture())
}
