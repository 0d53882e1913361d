package kit

import (
	"fmt"
	"image/color"
	"regexp"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Icon is one picture of the set, named as in the design: "send", "c110", "u-critical", "s-to_sign".
type Icon struct {
	widget.BaseWidget
	name  string
	px    float32
	token Token
}

// NewIcon returns a square icon of px units in a token's colour. Urgency and state shapes bring their own colours.
func NewIcon(name string, px float32, token Token) *Icon {
	i := &Icon{name: name, px: px, token: token}
	i.ExtendBaseWidget(i)
	return i
}

// Set changes picture and colour; nothing is drawn again when both stay.
func (i *Icon) Set(name string, token Token) {
	if i.name == name && i.token == token {
		return
	}
	i.name, i.token = name, token
	i.Refresh()
}

// Name returns the name of the picture.
func (i *Icon) Name() string { return i.name }

// MinSize is the square of px.
func (i *Icon) MinSize() fyne.Size {
	i.ExtendBaseWidget(i)
	return fyne.NewSquareSize(i.px)
}

// CreateRenderer makes the image.
func (i *Icon) CreateRenderer() fyne.WidgetRenderer {
	img := canvas.NewImageFromResource(&drawing{icon: i})
	r := &iconRenderer{icon: i, image: img, objects: []fyne.CanvasObject{img}}
	img.Resource.(*drawing).image = img
	return r
}

type iconRenderer struct {
	icon    *Icon
	image   *canvas.Image
	objects []fyne.CanvasObject
}

func (r *iconRenderer) Layout(size fyne.Size) {
	r.image.Resize(fyne.NewSquareSize(r.icon.px))
	r.image.Move(fyne.NewPos((size.Width-r.icon.px)/2, (size.Height-r.icon.px)/2))
}
func (r *iconRenderer) MinSize() fyne.Size           { return fyne.NewSquareSize(r.icon.px) }
func (r *iconRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *iconRenderer) Destroy()                     {}
func (r *iconRenderer) Refresh() {
	r.image.Hidden = r.icon.name == ""
	if !r.image.Hidden {
		r.image.Refresh()
	}
}

// drawing is an icon as the SVG resource Fyne reads. It is written anew each time Fyne asks, because stroke widths depend on the
// canvas scale, which is known only once the icon stands on a canvas; Fyne keeps the picture by the resource's name.
type drawing struct {
	icon  *Icon
	image *canvas.Image
}

var _ fyne.Resource = (*drawing)(nil)

func (d *drawing) scale() float32 {
	if c := fyne.CurrentApp().Driver().CanvasForObject(d.image); c != nil {
		return c.Scale()
	}
	return 1
}

// Name tells apart all that changes the picture.
func (d *drawing) Name() string {
	return fmt.Sprintf("%s-%g-%g-%s.svg", d.icon.name, d.icon.px, d.scale(), hex(Color(d.icon.token))+hex(Color(Crit)))
}

// Content returns the SVG.
func (d *drawing) Content() []byte {
	return []byte(DrawIcon(d.icon.name, d.icon.px, d.scale(), Color(d.icon.token), Color))
}

// DrawIcon returns the SVG text of an icon shown at px units on a canvas of the given scale. Fyne's SVG reader scales no strokes and no
// dashes, so they are written in device pixels. Unknown names give an empty picture.
func DrawIcon(name string, px, scale float32, c color.Color, of func(Token) color.Color) string {
	body := shapes()[name]
	factor := px / 16 * scale
	stroke := float32(1.4)
	if px >= 20 {
		stroke = 1.3
	}
	body = scaleStrokes(body, factor)
	body = placeColors(body, of)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><g fill="none" stroke="%s" stroke-width="%.3f" `+
		`stroke-linecap="round" stroke-linejoin="round">%s</g></svg>`, strokeOf(body, c), stroke*factor, body)
}

// strokeOf gives line icons the asked colour; shapes that bring colours of their own are not outlined.
func strokeOf(body string, c color.Color) string {
	if strings.Contains(body, "=\"#") {
		return "none"
	}
	return hex(c)
}

var strokes = regexp.MustCompile(`(stroke-width|stroke-dasharray)="([0-9. ]+)"`)

func scaleStrokes(body string, factor float32) string {
	return strokes.ReplaceAllStringFunc(body, func(m string) string {
		parts := strokes.FindStringSubmatch(m)
		numbers := strings.Fields(parts[2])
		for i, n := range numbers {
			v, err := strconv.ParseFloat(n, 32)
			if err != nil {
				continue // the table holds numbers only; a test draws every entry
			}
			numbers[i] = strconv.FormatFloat(v*float64(factor), 'f', 3, 32)
		}
		return parts[1] + `="` + strings.Join(numbers, " ") + `"`
	})
}

func placeColors(body string, of func(Token) color.Color) string {
	for {
		from := strings.IndexByte(body, '{')
		if from < 0 {
			return body
		}
		to := from + strings.IndexByte(body[from:], '}')
		body = body[:from] + hex(of(Token("zw."+body[from+1:to]))) + body[to+1:]
	}
}

// hex writes a colour as #rrggbb.
func hex(c color.Color) string {
	n, ok := color.NRGBAModel.Convert(c).(color.NRGBA)
	if !ok {
		return "#000000"
	}
	return fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B)
}
