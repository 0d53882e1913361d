package forms

import (
	"fmt"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"zw110/data/intake"
	"zw110/views/kit"
)

// Attach lets the window take what is pasted (Ctrl V with no field in focus) and files dropped on it. A dialog on top takes no
// paste, and files only where it asks for attachments.
func (f *Forms) Attach(w fyne.Window) {
	free := func() bool { return w.Canvas().Overlays().Top() == nil }
	w.Canvas().AddShortcut(&fyne.ShortcutPaste{}, func(fyne.Shortcut) {
		if free() {
			f.OpenPaste()
		}
	})
	w.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) {
		switch {
		case len(uris) == 0:
		case free() && f.Dropped != nil && f.Dropped(uris[0].Path()):
		case free():
			f.openFile(uris[0])
			if len(uris) > 1 {
				f.Env.Host.Say(kit.Message{Text: f.Env.T("forms.drop_one", uris[0].Name(), len(uris)-1), Bad: true})
			}
		case f.taking != nil && f.taking.attachments() != nil && w.Canvas().Overlays().Top() == fyne.CanvasObject(f.taking.dialog):
			f.taking.attachments().drop(uris)
		}
	})
}

// openFile reads a file off the UI goroutine and opens its preview.
func (f *Forms) openFile(uri fyne.URI) {
	f.Work(func() {
		content, err := readAll(uri)
		f.Env.Post(func() {
			if err != nil {
				f.sayError(err)
				return
			}
			f.OpenImport(uri.Name(), content, "")
		})
	})
}

func readAll(uri fyne.URI) (content []byte, err error) {
	r, err := storage.Reader(uri)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", uri.Name(), err)
	}
	defer func() {
		if cerr := r.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close %s: %w", uri.Name(), cerr)
		}
	}()
	// Of a file that is too large no more is read than shows that it is; the preview refuses it.
	if content, err = io.ReadAll(io.LimitReader(r, intake.MaxFile+1)); err != nil {
		return nil, fmt.Errorf("read %s: %w", uri.Name(), err)
	}
	return content, nil
}
