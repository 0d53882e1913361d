package main

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/store"
	"zw110/views/kit"
	"zw110/views/kit/kittest"
)

// What stops the program from opening its store is told in a window, in words, with the folder, and Enter ends it.
func TestBrokenWindow_SaysWhyAndWhere(t *testing.T) {
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	p := &program{app: test.NewTempApp(t), text: text, dir: "/home/值班/zw110"}
	w := p.brokenWindow(p.broken(&store.Error{Kind: store.ErrNewer, Place: "format 9", Err: errors.New("x")}))
	closed := false
	w.SetOnClosed(func() { closed = true })
	kittest.Uncut(t, w.Content())
	var said strings.Builder
	for _, o := range test.LaidOutObjects(w.Content()) {
		switch o := o.(type) {
		case *kit.Label:
			said.WriteString(o.Text)
		case *kit.Para:
			said.WriteString(o.Text())
		}
	}
	for _, want := range []string{"值班库打不开", "请安装新版本后再打开", "/home/值班/zw110"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not said in %q", want, said.String())
		}
	}
	w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !closed {
		t.Error("Enter does not close it")
	}
}
