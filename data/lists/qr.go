package lists

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/yeqown/go-qrcode/v2"
)

// qrBorder is the light margin in modules that readers need; qrModule how many pixels a module is wide.
const qrBorder, qrModule = 4, 4

// qrPicture takes the modules of a code and paints them in two colours.
type qrPicture struct{ img *image.Paletted }

// Write paints the code.
func (p *qrPicture) Write(m qrcode.Matrix) error {
	w, h := (m.Width()+2*qrBorder)*qrModule, (m.Height()+2*qrBorder)*qrModule
	p.img = image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.White, color.Black})
	m.Iterate(qrcode.IterDirection_ROW, func(x, y int, v qrcode.QRValue) {
		if !v.IsSet() {
			return
		}
		for i := range qrModule * qrModule {
			p.img.SetColorIndex((x+qrBorder)*qrModule+i%qrModule, (y+qrBorder)*qrModule+i/qrModule, 1)
		}
	})
	return nil
}

// Close does nothing: the picture lies in memory.
func (p *qrPicture) Close() error { return nil }

// qrPNG returns the QR code of a text as a PNG and its side in pixels.
func qrPNG(text string) ([]byte, int, error) {
	code, err := qrcode.NewWith(text, qrcode.WithErrorCorrectionLevel(qrcode.ErrorCorrectionMedium))
	if err != nil {
		return nil, 0, fmt.Errorf("make QR code: %w", err)
	}
	var p qrPicture
	if err := code.Save(&p); err != nil {
		return nil, 0, fmt.Errorf("paint QR code: %w", err)
	}
	if p.img == nil {
		return nil, 0, errors.New("paint QR code: nothing was painted")
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p.img); err != nil {
		return nil, 0, fmt.Errorf("write QR code: %w", err)
	}
	return b.Bytes(), p.img.Bounds().Dx(), nil
}
