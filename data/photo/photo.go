// Package photo makes what is kept of a picture from a phone: upright, no larger than a screen can show, and without what the camera
// wrote about itself, its owner and where it stood; of that only the time it was taken is told. It stores nothing.
package photo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/draw"
)

// Sizes of what is kept.
const (
	// Side is the longer side of a kept photo in pixels, PreviewSide that of its preview.
	Side        = 2048
	PreviewSide = 320
	// MaxPreview bounds a preview in bytes.
	MaxPreview = 24 << 10
	// MaxPixels bounds what is decoded, since a small file may claim any size.
	MaxPixels = 120_000_000

	quality        = 85
	previewQuality = 75
	// headSize is how much of a file is looked at for its size and which way up it is, before anything is decoded.
	headSize = 1 << 20
)

// The errors of Read.
var (
	ErrDamaged = errors.New("the picture can't be read to its end")
	ErrPixels  = errors.New("the picture has too many pixels")
)

// Picture is a JPEG with its size in pixels.
type Picture struct {
	JPEG          []byte
	Width, Height int
	// Taken is when the camera says that it was taken, the zero time when it says nothing; Look what it looks like. A preview has neither.
	Taken time.Time
	Look  Look
}

// Known reports whether a file that begins so is a picture that Read reads: JPEG or PNG.
func Known(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xff\xd8\xff")) || bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n"))
}

// Read reads a JPEG or PNG as it comes, holding its pixels but never its bytes, and returns the photo to keep and its preview. What is
// transparent becomes white. ErrDamaged, also joined with the reader's own error; ErrPixels.
func Read(content io.Reader) (whole, preview Picture, err error) {
	in := bufio.NewReaderSize(content, headSize)
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return whole, preview, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	size, decode, cam := png.DecodeConfig, png.Decode, camera{turn: 1}
	if bytes.HasPrefix(head, []byte("\xff\xd8")) {
		size, decode, cam = jpeg.DecodeConfig, jpeg.Decode, cameraOf(head)
	}
	cfg, err := size(bytes.NewReader(head))
	switch {
	case err != nil:
		return whole, preview, fmt.Errorf("%w: size: %w", ErrDamaged, err)
	case cfg.Width <= 0 || cfg.Height <= 0:
		return whole, preview, ErrDamaged
	case cfg.Width*cfg.Height > MaxPixels:
		return whole, preview, fmt.Errorf("%w: %d by %d", ErrPixels, cfg.Width, cfg.Height)
	}
	pixels, err := decode(in)
	if err != nil {
		return whole, preview, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	kept := upright(fit(pixels, Side, draw.BiLinear), cam.turn)
	if whole, err = encode(kept, quality); err != nil {
		return whole, preview, err
	}
	whole.Taken, whole.Look = cam.taken, lookOf(kept)
	preview, err = small(kept)
	return whole, preview, err
}

// small makes a preview that is no larger than MaxPreview: coarser first, then smaller.
func small(from image.Image) (p Picture, err error) {
	for side := PreviewSide; ; side = side * 3 / 4 {
		scaled := fit(from, side, draw.CatmullRom)
		for q := previewQuality; q >= 45; q -= 15 {
			if p, err = encode(scaled, q); err != nil || len(p.JPEG) <= MaxPreview {
				return p, err
			}
		}
	}
}

func encode(img image.Image, quality int) (Picture, error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		return Picture{}, fmt.Errorf("write the picture: %w", err)
	}
	return Picture{JPEG: out.Bytes(), Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}, nil
}

// fit returns a picture on white whose longer side is no longer than side pixels; a smaller one keeps its size.
func fit(from image.Image, side int, by draw.Scaler) *image.RGBA {
	w, h := from.Bounds().Dx(), from.Bounds().Dy()
	if longer := max(w, h); longer > side {
		w, h = max(1, w*side/longer), max(1, h*side/longer)
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(to, to.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	if to.Bounds().Size() == from.Bounds().Size() {
		draw.Draw(to, to.Bounds(), from, from.Bounds().Min, draw.Over)
	} else {
		by.Scale(to, to.Bounds(), from, from.Bounds(), draw.Over, nil)
	}
	return to
}

// upright turns a picture as its EXIF orientation says, 1 to 8: from 5 on width and height change places.
func upright(from *image.RGBA, turn int) *image.RGBA {
	if turn <= 1 {
		return from
	}
	w, h := from.Bounds().Dx(), from.Bounds().Dy()
	size := image.Rect(0, 0, w, h)
	if turn >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch turn {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			to.SetRGBA(tx, ty, from.RGBAAt(x, y))
		}
	}
	return to
}
