package forms

import (
	"fmt"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
)

// maxDrop is the largest file taken from a drop or a file picker, in bytes: a year's export of a portal is some 10 MB.
const maxDrop = 64 << 20

// Attach lets the window take what is pasted (Ctrl V with no field in focus) and files dropped on it. A dialog on top takes neither.
func (f *Forms) Attach(w fyne.Window) {
	free := func() bool { return w.Canvas().Overlays().Top() == nil }
	w.Canvas().AddShortcut(&fyne.ShortcutPaste{}, func(fyne.Shortcut) {
		if free() {
			f.OpenPaste()
		}
	})
	w.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) {
		if free() && len(uris) > 0 {
			f.openFile(uris[0])
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
	content, err = io.ReadAll(io.LimitReader(r, maxDrop+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", uri.Name(), err)
	}
	if len(content) > maxDrop {
		return nil, fmt.Errorf("read %s: more than %d MB", uri.Name(), maxDrop>>20)
	}
	return content, nil
}
