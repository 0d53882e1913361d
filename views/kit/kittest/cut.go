package kittest

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/views/kit"
)

// Uncut fails the test for every text below an object that is cut and not made to be.
func Uncut(t testing.TB, root fyne.CanvasObject) {
	t.Helper()
	for _, o := range test.LaidOutObjects(root) {
		has, needs := o.Size(), o.MinSize()
		if !o.Visible() || has.Width <= 0 || has.Height <= 0 { // never laid out: stands in something hidden
			continue
		}
		switch v := o.(type) {
		case *kit.Label:
			if v.Text != "" && has.Width+0.5 < needs.Width {
				t.Errorf("%q is %v wide and needs %v", v.Text, has.Width, needs.Width)
			}
		case *kit.Button:
			if has.Width+0.5 < needs.Width {
				t.Errorf("button %q is %v wide and needs %v", v.Text(), has.Width, needs.Width)
			}
		case *kit.Para:
			if has.Height+0.5 < needs.Height {
				t.Errorf("%q is %v high and needs %v", v.Text(), has.Height, needs.Height)
			}
		}
	}
}

// Shoot writes what a window shows to dir/name.png.
func Shoot(t testing.TB, w fyne.Window, dir, name string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, w.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
}
