package chart

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"zw110/assets"
)

// letter is a size of text in pixels.
type letter struct {
	size float64
	bold bool
}

// glyph is one character, drawn once.
type glyph struct {
	mask    *image.Alpha
	off     image.Point // of the mask from the pen
	advance fixed.Int26_6
}

// writer draws texts with the embedded font and keeps each character it has drawn.
type writer struct {
	plain, heavy *opentype.Font
	faces        map[letter]font.Face
	glyphs       map[letter]map[rune]glyph
}

func newWriter() (*writer, error) {
	plain, err := opentype.Parse(assets.FontRegular)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	heavy, err := opentype.Parse(assets.FontBold)
	if err != nil {
		return nil, fmt.Errorf("read the bold font: %w", err)
	}
	return &writer{plain: plain, heavy: heavy, faces: map[letter]font.Face{}, glyphs: map[letter]map[rune]glyph{}}, nil
}

// maxSizes bounds how many sizes of text are kept; another scale of the screen begins anew.
const maxSizes = 24

func (w *writer) glyph(l letter, r rune) glyph {
	if g, ok := w.glyphs[l][r]; ok {
		return g
	}
	face := w.faces[l]
	if face == nil {
		if len(w.faces) >= maxSizes {
			clear(w.faces)
			clear(w.glyphs)
		}
		f := w.plain
		if l.bold {
			f = w.heavy
		}
		made, err := opentype.NewFace(f, &opentype.FaceOptions{Size: l.size, DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			return glyph{} // only for sizes that no screen asks for
		}
		face = made
		w.faces[l], w.glyphs[l] = face, map[rune]glyph{}
	}
	g := glyph{}
	at, mask, from, advance, ok := face.Glyph(fixed.Point26_6{}, r)
	if ok {
		kept := image.NewAlpha(image.Rect(0, 0, at.Dx(), at.Dy()))
		draw.Draw(kept, kept.Rect, mask, from, draw.Src)
		g = glyph{kept, at.Min, advance}
	}
	w.glyphs[l][r] = g
	return g
}

// width returns how wide a text is.
func (w *writer) width(text string, l letter) float64 {
	sum := fixed.Int26_6(0)
	for _, r := range text {
		sum += w.glyph(l, r).advance
	}
	return float64(sum) / 64
}

// middle is how far the middle of Chinese characters stands above the base line, in parts of the size.
const middle = 0.36

// text writes from x on, the middle of its characters at y.
func (c *canvas) text(w *writer, text string, l letter, x, y float64, col color.NRGBA) {
	src := image.NewUniform(col)
	pen := fixed.Int26_6(x * 64)
	base := int(y + l.size*middle + 0.5)
	for _, r := range text {
		g := w.glyph(l, r)
		if g.mask != nil {
			at := g.mask.Rect.Add(g.off).Add(image.Pt(pen.Round(), base))
			draw.DrawMask(c.img, at, src, image.Point{}, g.mask, image.Point{}, draw.Over)
		}
		pen += g.advance
	}
}
