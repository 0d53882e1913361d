package forms

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// attachField is the key of the field that takes photos and files. Its value has one attachment a line, see attachment.
const attachField = "attach"

// attachment is one line of the field's value: what is kept of a photo or file that the room has stored.
type attachment struct {
	incident.Attachment
	size int64
	name string
}

// line writes an attachment for value and draft: preview, whole, size in bytes, name.
func (a attachment) line() string {
	return fmt.Sprintf("%x %x %d %s", a.Preview[:], a.Whole[:], a.size, strings.ReplaceAll(a.name, "\n", " "))
}

// attachmentOf reads such a line.
func attachmentOf(line string) (a attachment, err error) {
	parts := strings.SplitN(line, " ", 4)
	if len(parts) != 4 {
		return a, strconv.ErrSyntax
	}
	for i, id := range []*incident.AttachmentID{&a.Preview, &a.Whole} {
		b, err := hex.DecodeString(parts[i])
		if err != nil || len(b) != len(id) {
			return a, strconv.ErrSyntax
		}
		copy(id[:], b)
	}
	a.name = parts[3]
	a.size, err = strconv.ParseInt(parts[2], 10, 64)
	return a, err
}

// setAttachments names what was stored in an act.
func setAttachments(_ *Form, to *incident.Fields, value string) error {
	for line := range strings.Lines(value) {
		a, err := attachmentOf(strings.TrimRight(line, "\n"))
		if err != nil {
			return err
		}
		to.Blobs = append(to.Blobs, incident.Blobs(a.Attachment)...)
	}
	return nil
}

// attachBox is the control of the field: a button, and a row for each attachment, those still being stored last.
type attachBox struct {
	in      *inputs
	rows    *fyne.Container
	add     *kit.Button
	note    *kit.Para
	storing []string // names of the files being read and stored
	small   map[incident.AttachmentID]image.Image
}

func newAttachBox(in *inputs) *attachBox {
	b := &attachBox{in: in, rows: kit.VBox(4), note: kit.NewPara("", kit.Small, kit.Crit), small: map[incident.AttachmentID]image.Image{}}
	b.add = kit.NewButton(kit.Secondary, "plus", in.env.T("forms.attach_add"), in.env.Keys.Cap(kit.CmdAttach), b.choose).Small()
	b.note.Hide()
	b.paint()
	return b
}

// object is the control with the way in below its rows.
func (b *attachBox) object() fyne.CanvasObject {
	hint := kit.NewCutLabel(b.in.env.T("forms.attach_hint"), kit.Caption, kit.T3)
	return kit.VBox(4, b.rows, b.note, kit.HBox(8, b.add, hint))
}

// choose lets a person pick a file.
func (b *attachBox) choose() {
	f := b.in.f
	if f.Browse == nil {
		return
	}
	f.Browse(false, "", func(path string) {
		b.tell("")
		b.put(filepath.Base(path), func() (io.ReadCloser, error) { return os.Open(path) })
	})
}

// drop takes files dropped on the dialog.
func (b *attachBox) drop(uris []fyne.URI) {
	b.tell("")
	for _, u := range uris {
		b.put(u.Name(), func() (io.ReadCloser, error) { return storage.Reader(u) })
	}
}

// put reads and stores a file off the UI goroutine. One that ends after its dialog was closed is in the draft.
func (b *attachBox) put(name string, open func() (io.ReadCloser, error)) {
	if len(b.in.form.Values(attachField))+len(b.storing) >= room.MaxAttached {
		b.tell(b.in.env.T("forms.attach_many", room.MaxAttached))
		return
	}
	b.storing = append(b.storing, name)
	b.show()
	desk := b.in.f.Desk
	b.in.f.Work(func() {
		a, err := func() (a room.Attached, err error) {
			r, err := open()
			if err != nil {
				return a, err
			}
			defer func() { err = errors.Join(err, r.Close()) }()
			return desk.PutAttachment(context.Background(), name, r)
		}()
		small := smallOf(desk, a.Attachment, err)
		b.in.env.Post(func() { b.stored(name, a, small, err) })
	})
}

func (b *attachBox) stored(name string, a room.Attached, small image.Image, err error) {
	if i := slices.Index(b.storing, name); i >= 0 {
		b.storing = slices.Delete(b.storing, i, i+1)
	}
	if err != nil {
		b.tell(b.in.f.Words(err))
		return
	}
	b.small[a.Preview] = small
	lines := b.in.form.Values(attachField)
	line := attachment{a.Attachment, a.Size, name}.line()
	again := slices.ContainsFunc(lines, func(l string) bool {
		have, err := attachmentOf(l)
		return err == nil && have.Attachment == a.Attachment
	})
	if !again {
		b.in.set(attachField, strings.Join(append(lines, line), "\n"))
	}
	b.show() // what was said of another file stays
}

// smallOf reads the preview of a photo; nil when there is none.
func smallOf(desk Desk, a incident.Attachment, err error) image.Image {
	if err != nil || !a.Photo() {
		return nil
	}
	b, err := desk.Thumbnail(a)
	if err != nil {
		return nil // the row shows an icon
	}
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	return img
}

// tell says why a file was not taken until the next is chosen or dropped, and shows all rows anew.
func (b *attachBox) tell(text string) {
	b.note.Set(text, kit.Crit)
	b.note.Hidden = text == ""
	b.show()
}

// show shows all rows anew.
func (b *attachBox) show() {
	b.paint()
	b.in.resized()
}

// remove takes the attachment at a place out.
func (b *attachBox) remove(i int) {
	b.in.set(attachField, strings.Join(slices.Delete(b.in.form.Values(attachField), i, i+1), "\n"))
	b.tell("")
	b.in.env.Host.Canvas().Focus(b.add)
}

// The size of the picture at the head of a row.
const (
	rowPictureWidth  float32 = 48
	rowPictureHeight float32 = 36
)

func (b *attachBox) paint() {
	b.rows.Objects = nil
	for i, line := range b.in.form.Values(attachField) {
		a, err := attachmentOf(line)
		if err != nil {
			continue
		}
		icon := "file"
		if a.Photo() {
			icon = "photo"
			b.fetch(a.Attachment)
		}
		picture := kit.NewPicture(rowPictureWidth, rowPictureHeight, icon, "", nil)
		picture.Disable()
		if img := b.small[a.Preview]; img != nil {
			picture.SetPhoto(img)
		}
		out := kit.NewButton(kit.Ghost, "x", b.in.env.T("forms.attach_remove"), "", func() { b.remove(i) }).Small()
		b.rows.Add(row(picture, kit.NewCutLabel(a.name, kit.Body, kit.T1), kit.NewLabel(kit.SizeWords(a.size), kit.Caption, kit.T3), out))
	}
	for _, name := range b.storing {
		picture := kit.NewPicture(rowPictureWidth, rowPictureHeight, "clock", "", nil)
		picture.Disable()
		b.rows.Add(row(picture, kit.NewCutLabel(name, kit.Body, kit.T2), kit.NewLabel(b.in.env.T("forms.attach_storing"), kit.Caption, kit.T3)))
	}
	b.rows.Hidden = len(b.rows.Objects) == 0
	b.rows.Refresh()
}

func row(picture, name fyne.CanvasObject, rest ...fyne.CanvasObject) fyne.CanvasObject {
	middle := func(o fyne.CanvasObject) fyne.CanvasObject { return kit.Pad(o, 7, 0, 7, 0) }
	right := kit.HBox(8)
	for _, o := range rest {
		right.Add(o)
	}
	return kit.Edges(nil, nil, kit.Pad(picture, 0, 8, 0, 0), right, middle(name))
}

// fetch reads the preview of a photo out of a draft, once.
func (b *attachBox) fetch(a incident.Attachment) {
	if _, asked := b.small[a.Preview]; asked {
		return
	}
	b.small[a.Preview] = nil
	desk := b.in.f.Desk
	b.in.f.Work(func() {
		img := smallOf(desk, a, nil)
		b.in.env.Post(func() {
			if img != nil {
				b.small[a.Preview] = img
				b.paint()
			}
		})
	})
}
