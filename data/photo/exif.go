package photo

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
)

// JPEG markers, and the EXIF tags that say which way up a picture is and when it was taken (EXIF 2.32, 4.6.4 and 4.6.5).
const (
	markerAPP1     = 0xe1
	markerScan     = 0xda
	tagOrientation = 0x0112
	tagExif        = 0x8769 // where the camera's own directory begins
	tagTaken       = 0x9003 // DateTimeOriginal
	tagTakenOffset = 0x9011 // its zone
	typeASCII      = 2
	typeShort      = 3
	typeLong       = 4
)

// cameraZone is what a camera's clock shows that names no zone.
var cameraZone = time.FixedZone("CST", 8*60*60)

// camera is what is read of a camera's words: which way up the picture is, 1 to 8, and when it was taken, the zero time when it says
// nothing or nonsense. All else is forgotten.
type camera struct {
	turn  int
	taken time.Time
}

// cameraOf reads the beginning of a JPEG.
func cameraOf(head []byte) camera {
	for at := 2; at+4 <= len(head) && head[at] == 0xff; {
		marker, size := head[at+1], int(binary.BigEndian.Uint16(head[at+2:]))
		switch {
		case marker == 0xff: // padding
			at++
			continue
		case marker == markerScan || size < 2 || at+2+size > len(head):
			return camera{turn: 1}
		case marker == markerAPP1:
			if raw, ok := bytes.CutPrefix(head[at+4:at+2+size], []byte("Exif\x00\x00")); ok {
				return tiffOf(raw).camera()
			}
		}
		at += 2 + size
	}
	return camera{turn: 1}
}

// tiff is an EXIF block with its byte order.
type tiff struct {
	raw   []byte
	order binary.ByteOrder
}

func tiffOf(raw []byte) tiff {
	if bytes.HasPrefix(raw, []byte("II")) {
		return tiff{raw, binary.LittleEndian}
	}
	return tiff{raw, binary.BigEndian}
}

func (t tiff) camera() camera {
	c := camera{turn: 1}
	if len(t.raw) < 8 {
		return c
	}
	first := uint64(t.order.Uint32(t.raw[4:]))
	if e := t.find(first, tagOrientation, typeShort); e != nil {
		if turn := int(t.order.Uint16(e[8:])); turn >= 1 && turn <= 8 {
			c.turn = turn
		}
	}
	if e := t.find(first, tagExif, typeLong); e != nil {
		own := uint64(t.order.Uint32(e[8:]))
		c.taken = takenAt(t.text(own, tagTaken), t.text(own, tagTakenOffset))
	}
	return c
}

// find returns the twelve bytes of an entry in the directory at an offset, nil when it has none of that tag and type.
func (t tiff) find(at uint64, tag, kind uint16) []byte {
	if at+2 > uint64(len(t.raw)) {
		return nil
	}
	for range t.order.Uint16(t.raw[at:]) {
		e := t.raw[min(at+2, uint64(len(t.raw))):]
		if len(e) < 12 {
			return nil
		}
		if t.order.Uint16(e) == tag && t.order.Uint16(e[2:]) == kind {
			return e[:12]
		}
		at += 12
	}
	return nil
}

// text returns a text of more than four bytes, empty when there is none.
func (t tiff) text(at uint64, tag uint16) string {
	e := t.find(at, tag, typeASCII)
	if e == nil {
		return ""
	}
	n, from := uint64(t.order.Uint32(e[4:])), uint64(t.order.Uint32(e[8:]))
	if n < 5 || n > 64 || from+n > uint64(len(t.raw)) {
		return ""
	}
	return strings.TrimRight(string(t.raw[from:from+n]), "\x00 ")
}

// takenAt reads 2026:08:18 14:05:00 and +08:00.
func takenAt(at, offset string) time.Time {
	if offset != "" {
		if t, err := time.Parse("2006:01:02 15:04:05 -07:00", at+" "+offset); err == nil {
			return t
		}
	}
	t, err := time.ParseInLocation("2006:01:02 15:04:05", at, cameraZone)
	if err != nil || t.Year() < 2000 {
		return time.Time{}
	}
	return t
}
