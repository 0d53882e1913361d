// Package kittest compares what a screen paints with a picture kept beside its test. Only tests import it.
package kittest

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
)

// The tolerance: how far a channel may be off, of 255, and how many pixels of a picture may be, in parts of a million.
const (
	channelOff = 24
	pixelsOff  = 200
)

// Begin is called before a window is built whose picture is compared. Fyne's software driver lets go of what was made more than a minute after
// its last picture, and then draws it unplaced; so it takes an empty one first, however long the tests before this one took.
func Begin() { test.NewCanvas().Capture() }

// Golden fails the test unless a picture looks like testdata/<name>.png. On failure the new picture is written to build/golden below the
// module's root; a person who finds it right copies it over the old one.
func Golden(t testing.TB, name string, got image.Image) {
	t.Helper()
	want, err := read(filepath.Join("testdata", name+".png"))
	if err == nil {
		err = differ(want, got)
	}
	if err != nil {
		t.Errorf("%s: %v; the new picture is %s", name, err, keep(t, name, got))
	}
}

func read(file string) (img image.Image, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return png.Decode(f)
}

// differ tells how two pictures differ by more than the tolerance.
func differ(want, got image.Image) error {
	a, b := want.Bounds(), got.Bounds()
	if a.Size() != b.Size() {
		return fmt.Errorf("is %v, not %v", b.Size(), a.Size())
	}
	off, box := 0, image.Rectangle{}
	for y := range a.Dy() {
		for x := range a.Dx() {
			if far(want, got, a.Min.Add(image.Pt(x, y)), b.Min.Add(image.Pt(x, y))) {
				off++
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if off > a.Dx()*a.Dy()*pixelsOff/1_000_000 {
		return fmt.Errorf("%d pixels differ, all within %v", off, box)
	}
	return nil
}

func far(want, got image.Image, p, q image.Point) bool {
	wr, wg, wb, _ := want.At(p.X, p.Y).RGBA()
	gr, gg, gb, _ := got.At(q.X, q.Y).RGBA()
	for _, d := range []int{int(wr) - int(gr), int(wg) - int(gg), int(wb) - int(gb)} {
		if d>>8 > channelOff || -d>>8 > channelOff {
			return true
		}
	}
	return false
}

// keep writes a picture where a person finds it and returns the path.
func keep(t testing.TB, name string, img image.Image) string {
	t.Helper()
	root, err := filepath.Abs(".")
	for err == nil {
		if _, none := os.Stat(filepath.Join(root, "go.mod")); none == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Fatal("no go.mod above the test")
		}
		root = filepath.Dir(root)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	under, err := filepath.Rel(root, here)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "build", "golden", strings.ReplaceAll(filepath.ToSlash(under), "/", "-")+"-"+name+".png")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}
