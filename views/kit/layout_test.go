package kit

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestFitRow_LeavesOutFromTheEndButNotTheLast(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	var objs []fyne.CanvasObject
	for range 5 {
		objs = append(objs, Fixed(NewBox(Bg), 100, 32))
	}
	row := FitRow(true, 1, objs...)
	for _, tt := range []struct {
		width float32
		want  string
	}{{532, "11111"}, {531, "11101"}, {330, "11001"}, {40, "10001"}, {532, "11111"}} {
		row.Resize(fyne.NewSize(tt.width, 32))
		got := ""
		for _, o := range objs {
			got += map[bool]string{true: "1", false: "0"}[o.Visible()]
		}
		if got != tt.want {
			t.Errorf("at %g shown %s, not %s", tt.width, got, tt.want)
		}
	}
	row.Resize(fyne.NewSize(600, 32))
	if got := objs[0].Size().Width; got != 168 {
		t.Errorf("the first is %g wide", got)
	}
	if last := objs[4]; last.Position().X+last.Size().Width != 600 {
		t.Errorf("the row ends at %g", last.Position().X+last.Size().Width)
	}
}

func TestLoose_AsksForNoRoom(t *testing.T) {
	test.NewTempApp(t)
	wide := Fixed(NewBox(Bg), 5000, 4000)
	o := Loose(wide)
	if size := o.MinSize(); size.Width > 1 || size.Height > 1 {
		t.Errorf("asks for %v", size)
	}
	o.Resize(fyne.NewSize(800, 600))
	if wide.Size() != fyne.NewSize(800, 600) {
		t.Errorf("content is %v", wide.Size())
	}
}
