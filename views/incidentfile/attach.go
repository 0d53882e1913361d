package incidentfile

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"maps"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// Attachments gives photos and files.
type Attachments interface {
	Thumbnail(a incident.Attachment) ([]byte, error)
	OpenAttachment(id incident.AttachmentID) (room.Attached, io.Reader, error)
}

// The size of a photo in the log.
const (
	photoWidth  float32 = 96
	photoHeight float32 = 72
)

// previews decodes the small pictures of the log, those that are known aside. It runs off the UI goroutine.
func previews(desk Attachments, d *room.Detail, known map[incident.AttachmentID]image.Image) map[incident.AttachmentID]image.Image {
	out := map[incident.AttachmentID]image.Image{}
	for _, list := range d.Attached {
		for _, a := range list {
			if img, have := known[a.Preview]; have {
				out[a.Preview] = img
				continue
			}
			b, err := desk.Thumbnail(a.Attachment)
			if err != nil || b == nil {
				continue // on its way, or damaged: the place-holder stands
			}
			if img, err := jpeg.Decode(bytes.NewReader(b)); err == nil {
				out[a.Preview] = img
			}
		}
	}
	return out
}

// known copies what is decoded, for a job off the UI goroutine.
func (p *Page) known() map[incident.AttachmentID]image.Image { return maps.Clone(p.small) }

// attachments shows the photos and files of an entry; nothing for one without.
func (p *Page) attachments(l *incident.LogLine) []fyne.CanvasObject {
	list := p.detail.Attached[l.Entry]
	if len(list) == 0 {
		return nil
	}
	objs := make([]fyne.CanvasObject, len(list))
	for i, a := range list {
		objs[i] = p.attachment(a)
	}
	return []fyne.CanvasObject{kit.Pad(kit.NewFlow(6, objs...), 4, 0, 4, 0)}
}

func (p *Page) attachment(a room.Attached) fyne.CanvasObject {
	env := p.p.Env
	switch {
	case a.Photo() && !a.Here && !a.PreviewHere:
		return kit.NewPicture(photoWidth, photoHeight, "clock", env.T("incidentfile.photo_coming"), func() { p.openPhoto(a) })
	case a.Photo():
		picture := kit.NewPicture(photoWidth, photoHeight, "photo", "", func() { p.openPhoto(a) })
		if img := p.small[a.Preview]; img != nil {
			picture.SetPhoto(img)
		}
		return picture
	case !a.Here:
		return kit.NewPicture(photoWidth, photoHeight, "clock", env.T("incidentfile.file_coming"), func() { p.saveFile(a) })
	}
	name := kit.Body.Fit(a.Name, fileNameWidth)
	return kit.NewButton(kit.Secondary, "file", name+" "+kit.SizeWords(a.Size), "", func() { p.saveFile(a) }).Small()
}

// fileNameWidth is how much of a file's name a button shows.
const fileNameWidth float32 = 220

// apart runs a job that may take long.
func (p *Page) apart(job func()) {
	if p.p.Apart != nil {
		p.p.Apart(job)
		return
	}
	p.p.Env.Work(job)
}

// fault says in the status bar why an attachment does not open.
func (p *Page) fault(err error) {
	text := err.Error()
	if p.p.Words != nil {
		text = p.p.Words(err)
	}
	p.p.Env.Host.Say(kit.Message{Text: text, Bad: true})
}

// viewer shows the photos of an incident large, one at a time.
type viewer struct {
	p      *Page
	all    []room.Attached
	at     int
	asked  int // counts what was asked for: an answer that comes late is dropped
	image  *canvas.Image
	wait   *kit.Label
	dialog *kit.Dialog
}

// photos are all photos of the log, oldest first.
func (p *Page) photos() []room.Attached {
	var out []room.Attached
	for i := range p.detail.State.Log {
		for _, a := range p.detail.Attached[p.detail.State.Log[i].Entry] {
			if a.Photo() {
				out = append(out, a)
			}
		}
	}
	return out
}

// openPhoto opens the large view at one photo.
func (p *Page) openPhoto(a room.Attached) {
	env := p.p.Env
	v := &viewer{p: p, all: p.photos(), image: canvas.NewImageFromImage(nil), wait: kit.NewLabel("", kit.Body, kit.T2)}
	for i, one := range v.all {
		if one.Attachment == a.Attachment {
			v.at = i
		}
	}
	v.image.FillMode, v.image.ScaleMode = canvas.ImageFillContain, canvas.ImageScaleSmooth
	size := env.Host.Canvas().Size()
	body := container.NewStack(kit.NewBox(kit.Bg), container.NewCenter(v.wait), kit.Pad(v.image, 8, 8, 8, 8))
	save := kit.NewButton(kit.Secondary, "export", env.T("incidentfile.save_as"), env.Keys.Cap(kit.CmdSave), v.save)
	hints := []kit.Hint{}
	if len(v.all) > 1 {
		hints = append(hints, kit.Hint{Cap: "← →", Text: env.T("incidentfile.other_photo")})
	}
	v.dialog = kit.NewDialog(env, kit.DialogParams{
		Name: "photo", Title: "", Body: body, Width: size.Width, Height: size.Height, Hints: hints, Actions: []fyne.CanvasObject{save}, OnKey: v.key,
	})
	v.show()
	v.dialog.Open()
}

// show asks for the photo at the present place and shows it once it is read.
func (v *viewer) show() {
	env, a := v.p.p.Env, v.all[v.at]
	v.asked++
	asked := v.asked
	v.dialog.SetTitle(env.T("incidentfile.photo_of", v.at+1, len(v.all)))
	v.image.Image = nil
	v.image.Refresh()
	v.wait.Set(env.T("incidentfile.photo_opening"), kit.T2)
	desk := v.p.p.Desk
	v.p.apart(func() {
		img, err := readPhoto(desk, a.Whole)
		env.Post(func() {
			switch {
			case asked != v.asked:
			case err != nil && v.p.p.Words != nil:
				v.wait.Set(v.p.p.Words(err), kit.Crit)
			case err != nil:
				v.wait.Set(err.Error(), kit.Crit)
			default:
				v.wait.Set("", kit.T2)
				v.image.Image = img
				v.image.Refresh()
			}
			v.dialog.Refresh()
		})
	})
}

// maxSide bounds what is decoded: every desk keeps photos smaller than this.
const maxSide = 8192

func readPhoto(desk Attachments, id incident.AttachmentID) (image.Image, error) {
	a, content, err := desk.OpenAttachment(id)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	cfg, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil || cfg.Width > maxSide || cfg.Height > maxSide {
		return nil, fmt.Errorf("photo of %d bytes, %d by %d: %w", a.Size, cfg.Width, cfg.Height, errors.Join(errNoPhoto, err))
	}
	return jpeg.Decode(bytes.NewReader(b))
}

var errNoPhoto = errors.New("no photo that can be shown")

func (v *viewer) key(k kit.Press) bool {
	step := 0
	switch {
	case k.Command == kit.CmdSave:
		v.save()
		return true
	case k.Stroke.Key == fyne.KeyLeft || k.Command == kit.CmdUp:
		step = -1
	case k.Stroke.Key == fyne.KeyRight || k.Command == kit.CmdDown:
		step = 1
	default:
		return false
	}
	if to := v.at + step; to >= 0 && to < len(v.all) {
		v.at = to
		v.show()
	}
	return true
}

func (v *viewer) save() { v.p.saveFile(v.all[v.at]) }

// saveFile writes an attachment to where a person chooses. Nothing is opened: a file from another desk may be a program.
func (p *Page) saveFile(a room.Attached) {
	env := p.p.Env
	if !a.Here || p.p.Browse == nil {
		env.Host.Say(kit.Message{Text: env.T("refuse.room.attach_on_the_way"), Bad: true})
		return
	}
	name := a.Name
	if name == "" {
		name = fmt.Sprintf("%s_%x.jpg", p.detail.Row.No, a.Whole[:2])
	}
	p.p.Browse(true, name, func(path string) {
		p.apart(func() {
			err := writeFile(p.p.Desk, a.Whole, path)
			env.Post(func() {
				if err != nil {
					p.fault(err)
					return
				}
				env.Host.Say(kit.Message{Text: env.T("incidentfile.saved", path)})
			})
		})
	})
}

// writeFile writes beside and renames, so that no half file stands there.
func writeFile(desk Attachments, id incident.AttachmentID, path string) (err error) {
	_, content, err := desk.OpenAttachment(id)
	if err != nil {
		return err
	}
	part := path + ".part"
	f, err := os.Create(part)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, path)
}
