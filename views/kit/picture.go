package kit

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// Picture is a photo in a frame, or, while there is none, an icon with a caption. Enter, Space or a tap acts.
type Picture struct {
	focusable
	size    fyne.Size
	photo   image.Image
	icon    string
	caption string
}

// NewPicture returns a frame of a size in units without a photo; act may be nil.
func NewPicture(w, h float32, icon, caption string, act func()) *Picture {
	p := &Picture{size: fyne.NewSize(w, h), icon: icon, caption: caption}
	p.init(p, act)
	return p
}

// SetPhoto shows a photo; nil goes back to the icon.
func (p *Picture) SetPhoto(photo image.Image) {
	p.photo = photo
	p.Refresh()
}

// Photo returns what is shown, nil for the icon.
func (p *Picture) Photo() image.Image { return p.photo }

// Caption returns the words that stand there without a photo.
func (p *Picture) Caption() string { return p.caption }

// CreateRenderer makes frame, photo, icon and caption.
func (p *Picture) CreateRenderer() fyne.WidgetRenderer {
	r := &pictureRenderer{
		p: p, frame: NewFrame(Surface3, Line2, RadiusSmall), image: canvas.NewImageFromImage(nil), icon: NewIcon(p.icon, 16, T3),
		caption: NewCutLabel(p.caption, Caption, T3), ring: NewFrame(None, None, RadiusSmall),
	}
	r.image.FillMode, r.image.ScaleMode = canvas.ImageFillContain, canvas.ImageScaleSmooth
	r.objects = []fyne.CanvasObject{r.frame, r.image, r.icon, r.caption, r.ring}
	r.paint()
	return r
}

type pictureRenderer struct {
	p           *Picture
	frame, ring *Box
	image       *canvas.Image
	icon        *Icon
	caption     *Label
	objects     []fyne.CanvasObject
}

func (r *pictureRenderer) MinSize() fyne.Size { return r.p.size }

func (r *pictureRenderer) Layout(size fyne.Size) {
	place(r.frame, 0, 0, size.Width, size.Height)
	place(r.image, 1, 1, size.Width-2, size.Height-2)
	place(r.ring, 0, 0, size.Width, size.Height)
	if r.p.caption == "" {
		place(r.icon, (size.Width-16)/2, (size.Height-16)/2, 16, 16)
		return
	}
	top := (size.Height - 16 - 4 - Caption.Line) / 2
	place(r.icon, (size.Width-16)/2, top, 16, 16)
	w := min(size.Width-8, Caption.Width(r.p.caption)+2)
	place(r.caption, (size.Width-w)/2, top+20, w, Caption.Line)
}

func (r *pictureRenderer) paint() {
	bare := r.p.photo == nil
	r.image.Image, r.image.Hidden = r.p.photo, bare
	r.icon.Hidden, r.caption.Hidden = !bare, !bare
	if r.p.focused {
		r.ring.Set(None, Acc, FocusWidth)
	} else {
		r.ring.Set(None, None, 0)
	}
}

func (r *pictureRenderer) Refresh() {
	r.paint()
	r.image.Refresh()
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}
func (r *pictureRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *pictureRenderer) Destroy()                     {}
