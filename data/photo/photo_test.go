package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// quarters is a picture whose corners are red, green, blue and yellow, clockwise from the top left.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{R: 255, A: 255}
			switch {
			case x >= w/2 && y < h/2:
				c = color.RGBA{G: 255, A: 255}
			case x >= w/2:
				c = color.RGBA{B: 255, A: 255}
			case y >= h/2:
				c = color.RGBA{R: 255, G: 255, A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withEXIF puts a camera's words behind the start of a JPEG: make, orientation and a position.
func withEXIF(plain []byte, order binary.AppendByteOrder, mark string, turn uint16) []byte {
	tiff := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	entry := func(tag, kind uint16, count uint32, value []byte) {
		tiff = append(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, tag), kind), count), value...)
	}
	tiff = order.AppendUint16(tiff, 2)
	entry(0x010f, 2, 4, []byte("CAM\x00"))
	entry(tagOrientation, typeShort, 1, append(order.AppendUint16(nil, turn), 0, 0))
	tiff = append(order.AppendUint32(tiff, 0), "GPS 29.0 N 119.2 E"...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{}, plain[:2]...)
	out = append(out, 0xff, markerAPP1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	return append(append(out, body...), plain[2:]...)
}

func read(t *testing.T, content []byte) (whole, preview Picture, img image.Image) {
	t.Helper()
	whole, preview, err := Read(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	img, err = jpeg.Decode(bytes.NewReader(whole.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	return whole, preview, img
}

// corner names the colour at the middle of the top left quarter.
func corner(img image.Image) string {
	r, g, b, _ := img.At(img.Bounds().Dx()/4, img.Bounds().Dy()/4).RGBA()
	return map[[3]bool]string{{true, false, false}: "red", {false, true, false}: "green", {false, false, true}: "blue", {true, true, false}: "yellow"}[[3]bool{r > 1<<15, g > 1<<15, b > 1<<15}]
}

func TestRead_TurnsUprightAndForgetsTheCamera(t *testing.T) {
	plain := jpegOf(t, quarters(64, 48))
	for turn, want := range []string{1: "red", 2: "green", 3: "blue", 4: "yellow", 5: "red", 6: "yellow", 7: "blue", 8: "green"} {
		if turn == 0 {
			continue
		}
		for mark, order := range map[string]binary.AppendByteOrder{"II": binary.LittleEndian, "MM": binary.BigEndian} {
			whole, _, img := read(t, withEXIF(plain, order, mark, uint16(turn)))
			w, h := 64, 48
			if turn >= 5 {
				w, h = h, w
			}
			if corner(img) != want || img.Bounds().Dx() != w || img.Bounds().Dy() != h || whole.Width != w || whole.Height != h {
				t.Errorf("orientation %d %s: %s at the top left of %v, want %s", turn, mark, corner(img), img.Bounds(), want)
			}
			for _, word := range []string{"Exif", "CAM", "GPS"} {
				if bytes.Contains(whole.JPEG, []byte(word)) {
					t.Errorf("orientation %d: %s is kept", turn, word)
				}
			}
		}
	}
}

func TestRead_SmallerButNeverLarger(t *testing.T) {
	for _, c := range []struct{ w, h, wantW, wantH, smallW, smallH int }{
		{2560, 640, 2048, 512, 320, 80},
		{100, 4096, 50, 2048, 7, 320},
		{40, 30, 40, 30, 40, 30},
	} {
		whole, preview, _ := read(t, jpegOf(t, quarters(c.w, c.h)))
		if whole.Width != c.wantW || whole.Height != c.wantH || preview.Width != c.smallW || preview.Height != c.smallH {
			t.Errorf("%d by %d became %d by %d and %d by %d", c.w, c.h, whole.Width, whole.Height, preview.Width, preview.Height)
		}
	}
}

func TestRead_PreviewOfNoiseIsSmallEnough(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := image.NewRGBA(image.Rect(0, 0, 800, 800))
	for i := range noise.Pix {
		noise.Pix[i] = byte(rng.Uint32())
	}
	_, preview, _ := read(t, jpegOf(t, noise))
	if len(preview.JPEG) > MaxPreview || len(preview.JPEG) == 0 || preview.Width < 100 {
		t.Errorf("preview of %d bytes, %d by %d", len(preview.JPEG), preview.Width, preview.Height)
	}
}

func TestRead_TransparentIsWhite(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	if _, _, img := read(t, file.Bytes()); img.At(10, 10) != (color.YCbCr{Y: 255, Cb: 128, Cr: 128}) {
		t.Errorf("it is %v", img.At(10, 10))
	}
}

func TestRead_RefusesWhatIsDamaged(t *testing.T) {
	whole := jpegOf(t, quarters(400, 300))
	huge := bytes.Clone(whole)
	at := bytes.Index(huge, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(huge[at+5:], 65000)
	binary.BigEndian.PutUint16(huge[at+7:], 65000)
	broken := errors.New("the disk is gone")
	for name, c := range map[string]struct {
		content io.Reader
		want    error
	}{
		"cut off":        {bytes.NewReader(whole[:len(whole)/2]), ErrDamaged},
		"only its mark":  {bytes.NewReader(whole[:4]), ErrDamaged},
		"nothing":        {bytes.NewReader(nil), ErrDamaged},
		"another kind":   {bytes.NewReader([]byte("%PDF-1.7")), ErrDamaged},
		"claims 4 GP":    {bytes.NewReader(huge), ErrPixels},
		"can't be read":  {io.MultiReader(bytes.NewReader(whole[:300]), failing{broken}), broken},
		"empty EXIF":     {bytes.NewReader(append([]byte("\xff\xd8\xff\xe1\x00\x08Exif\x00\x00"), whole[2:500]...)), ErrDamaged},
		"EXIF of length": {bytes.NewReader([]byte("\xff\xd8\xff\xe1\xff\xffExif\x00\x00II")), ErrDamaged},
	} {
		if _, _, err := Read(c.content); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// withTime puts an EXIF block behind the start of a JPEG that says when the picture was taken.
func withTime(plain []byte, order binary.AppendByteOrder, mark, taken, offset string) []byte {
	raw := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	entry := func(tag, kind uint16, count, value uint32) {
		raw = order.AppendUint32(order.AppendUint32(order.AppendUint16(order.AppendUint16(raw, tag), kind), count), value)
	}
	raw = order.AppendUint16(raw, 1)
	entry(tagExif, typeLong, 1, 26)
	raw = order.AppendUint32(raw, 0)
	raw = order.AppendUint16(raw, 2)
	entry(tagTaken, typeASCII, 20, 26+2+24+4)
	entry(tagTakenOffset, typeASCII, 7, 26+2+24+4+20)
	raw = order.AppendUint32(raw, 0)
	raw = append(append(raw, taken+"\x00"...), offset+"\x00"...)
	body := append([]byte("Exif\x00\x00"), raw...)
	out := append([]byte{}, plain[:2]...)
	out = append(out, 0xff, markerAPP1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	return append(append(out, body...), plain[2:]...)
}

func TestRead_TellsWhenItWasTakenAndKeepsNothingElse(t *testing.T) {
	plain := jpegOf(t, quarters(64, 48))
	for _, c := range []struct{ taken, offset, want string }{
		{"2026:08:18 14:05:09", "+08:00", "2026-08-18T14:05:09+08:00"},
		{"2026:08:18 06:05:09", "+00:00", "2026-08-18T14:05:09+08:00"},
		{"2026:08:18 14:05:09", "      ", "2026-08-18T14:05:09+08:00"},
		{"0000:00:00 00:00:00", "+08:00", ""},
		{"yesterday at lunch.", "+08:00", ""},
	} {
		for mark, order := range map[string]binary.AppendByteOrder{"II": binary.LittleEndian, "MM": binary.BigEndian} {
			whole, preview, _ := read(t, withTime(plain, order, mark, c.taken, c.offset))
			got := ""
			if !whole.Taken.IsZero() {
				got = whole.Taken.In(cameraZone).Format(time.RFC3339)
			}
			if got != c.want || !preview.Taken.IsZero() {
				t.Errorf("%s %s: taken %q, want %q", c.taken, mark, got, c.want)
			}
			if bytes.Contains(whole.JPEG, []byte("2026:08")) || bytes.Contains(whole.JPEG, []byte("Exif")) {
				t.Error("the camera's words are kept in the picture")
			}
		}
	}
	if whole, _, _ := read(t, plain); !whole.Taken.IsZero() {
		t.Errorf("a picture without words was taken %v", whole.Taken)
	}
}

// scene draws stripes and a box whose place depends on n, so that no two look the same.
func scene(n, w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(127 + 120*math.Sin(float64(x)*float64(3+n%5)*6/float64(w)+float64(y)*float64(n%7)*5/float64(h)+float64(n)))
			img.SetRGBA(x, y, color.RGBA{v, v / 2, 255 - v, 255})
		}
	}
	return img
}

func TestLook_TheSameSmallerAndStoredAnewButNotAnother(t *testing.T) {
	first, _, _ := read(t, jpegOf(t, scene(1, 480, 360)))
	var coarse bytes.Buffer
	if err := jpeg.Encode(&coarse, scene(1, 240, 180), &jpeg.Options{Quality: 40}); err != nil {
		t.Fatal(err)
	}
	again, _, _ := read(t, coarse.Bytes())
	if !first.Look.Like(again.Look) {
		t.Errorf("the same picture looks like %x and %x", first.Look, again.Look)
	}
	for n := 2; n < 8; n++ {
		other, _, _ := read(t, jpegOf(t, scene(n, 480, 360)))
		if first.Look.Like(other.Look) {
			t.Errorf("picture %d looks like the first: %x and %x", n, other.Look, first.Look)
		}
	}
	dark, _, _ := read(t, jpegOf(t, image.NewRGBA(image.Rect(0, 0, 64, 48))))
	if dark.Look.Like(dark.Look) {
		t.Error("a picture of nothing looks like another")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzOrientation(f *testing.F) {
	plain := jpegOf(f, quarters(8, 8))
	f.Add(withEXIF(plain, binary.LittleEndian, "II", 6))
	f.Add(withEXIF(plain, binary.BigEndian, "MM", 3)[:40])
	f.Fuzz(func(t *testing.T, head []byte) {
		if turn := cameraOf(head).turn; turn < 1 || turn > 8 {
			t.Error(fmt.Sprint("orientation ", turn))
		}
	})
}
