package main

import (
	"os"
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"

	"zw110/views/kit"
)

// showBroken tells in a window why the program can't begin: who starts it by a double click sees no standard error. Without a display the
// error is told there alone.
func (p *program) showBroken(err error) {
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" {
		return
	}
	p.scale()
	p.app = app.NewWithID("cn.zw110.desk")
	p.app.Settings().SetTheme(kit.NewTheme(modeOf(p.look.Theme)))
	p.brokenWindow(err).ShowAndRun()
}

// brokenWindow says what happened and where the store is. Enter and Esc close it.
func (p *program) brokenWindow(err error) fyne.Window {
	w := p.app.NewWindow(p.text.T("app.name"))
	copyButton := kit.NewButton(kit.Secondary, "copy", p.text.T("app.broken.copy"), "", func() { p.app.Clipboard().SetContent(err.Error()) })
	closeButton := kit.NewButton(kit.Primary, "", p.text.T("app.broken.close"), "Enter", w.Close)
	body := kit.VBox(12,
		kit.HBox(8, kit.NewIcon("warn", 20, kit.Crit), kit.NewLabel(p.text.T("app.broken"), kit.Title, kit.T1)),
		kit.NewPara(err.Error(), kit.Body, kit.T1),
		kit.NewPara(p.text.T("app.broken.where", p.dir), kit.Small, kit.T2),
		kit.HBox(8, kit.Spacer(), copyButton, closeButton))
	w.SetPadded(false)
	w.SetContent(container.NewStack(kit.NewBox(kit.Surface), kit.Pad(body, 24, 24, 20, 24)))
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyEscape:
			w.Close()
		}
	})
	w.Resize(fyne.NewSize(560, 0))
	w.CenterOnScreen()
	return w
}
