package lists

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// sortedZip writes the parts of a workbook in the order of their names. The library writes streamed sheets in any order; an issue must give the same
// bytes each time.
type sortedZip struct {
	to    io.Writer
	flate *flate.Writer
	parts []*zipPart
}

// compression is the level of deflate: the files are a fifth larger than at the default, and written in half the time.
const compression = 3

// zipPart is one file of the archive, compressed.
type zipPart struct {
	name string
	raw  bytes.Buffer
	sum  hash.Hash32
	size uint64
	via  io.Writer
}

// Create begins a part and ends the one before.
func (z *sortedZip) Create(name string) (io.Writer, error) {
	if err := z.end(); err != nil {
		return nil, err
	}
	p := &zipPart{name: name, sum: crc32.NewIEEE()}
	if z.flate == nil {
		var err error
		if z.flate, err = flate.NewWriter(&p.raw, compression); err != nil {
			return nil, fmt.Errorf("compress %s: %w", name, err)
		}
	} else {
		z.flate.Reset(&p.raw)
	}
	p.via = z.flate
	z.parts = append(z.parts, p)
	return p, nil
}

// Write compresses what belongs to the part.
func (p *zipPart) Write(b []byte) (int, error) {
	if _, err := p.sum.Write(b); err != nil {
		return 0, err
	}
	p.size += uint64(len(b))
	return p.via.Write(b)
}

func (z *sortedZip) end() error {
	if len(z.parts) == 0 {
		return nil
	}
	if err := z.flate.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", z.parts[len(z.parts)-1].name, err)
	}
	return nil
}

// AddFS is not needed by a workbook.
func (*sortedZip) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes the archive: first what says which parts there are, then the parts by name.
func (z *sortedZip) Close() error {
	if err := z.end(); err != nil {
		return err
	}
	slices.SortStableFunc(z.parts, func(a, b *zipPart) int { return strings.Compare(a.name, b.name) })
	out := zip.NewWriter(z.to)
	for _, p := range z.parts {
		w, err := out.CreateRaw(&zip.FileHeader{
			Name: p.name, Method: zip.Deflate, CRC32: p.sum.Sum32(), CompressedSize64: uint64(p.raw.Len()), UncompressedSize64: p.size,
		})
		if err != nil {
			return fmt.Errorf("write %s: %w", p.name, err)
		}
		if _, err := p.raw.WriteTo(w); err != nil {
			return fmt.Errorf("write %s: %w", p.name, err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("end archive: %w", err)
	}
	return nil
}
