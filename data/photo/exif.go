package photo

import (
	"bytes"
	"encoding/binary"
)

// JPEG markers, and the EXIF tag that says which way up a picture is (EXIF 2.32, 4.6.4).
const (
	markerAPP1     = 0xe1
	markerScan     = 0xda
	tagOrientation = 0x0112
	typeShort      = 3
)

// orientation reads from the beginning of a JPEG which way up it is, 1 to 8; 1, upright, when it doesn't say or says nonsense.
func orientation(head []byte) int {
	for at := 2; at+4 <= len(head) && head[at] == 0xff; {
		marker, size := head[at+1], int(binary.BigEndian.Uint16(head[at+2:]))
		switch {
		case marker == 0xff: // padding
			at++
			continue
		case marker == markerScan || size < 2 || at+2+size > len(head):
			return 1
		case marker == markerAPP1:
			if tiff, ok := bytes.CutPrefix(head[at+4:at+2+size], []byte("Exif\x00\x00")); ok {
				return turnOf(tiff)
			}
		}
		at += 2 + size
	}
	return 1
}

// turnOf finds the orientation in the first directory of a TIFF header.
func turnOf(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 8 {
		return 1
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	for range order.Uint16(tiff[at:]) {
		entry := tiff[min(at+2, uint64(len(tiff))):]
		if len(entry) < 12 {
			return 1
		}
		if order.Uint16(entry) == tagOrientation && order.Uint16(entry[2:]) == typeShort {
			if turn := int(order.Uint16(entry[8:])); turn >= 1 && turn <= 8 {
				return turn
			}
			return 1
		}
		at += 12
	}
	return 1
}
