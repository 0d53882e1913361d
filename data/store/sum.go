package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"

	"zw110/data/dbpages"
)

// The checksum file lies beside a store that was closed in order, and beside every backup. It finds a changed byte anywhere in the
// file, also in free pages and in gaps that carry nothing. It is for disks that forget; against people there are keys and seals.
const (
	sumMagic = "zw110.sum.1\n"
	sumBlock = 256 * dbpages.Size // read at once
)

// pageSums returns the checksum of each page of a file, the last one perhaps shorter.
func pageSums(f io.Reader) (sums []uint32, size uint64, err error) {
	table, block := crc32.MakeTable(crc32.Castagnoli), make([]byte, sumBlock)
	for {
		n, err := io.ReadFull(f, block)
		size += uint64(n)
		for at := 0; at < n; at += dbpages.Size {
			sums = append(sums, crc32.Checksum(block[at:min(at+dbpages.Size, n)], table))
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return sums, size, nil
		}
		if err != nil {
			return nil, 0, fmt.Errorf("read %d bytes in: %w", size, err)
		}
	}
}

// writeSum writes the checksum file of a database that nobody writes to.
func writeSum(db, sumFile string) error {
	f, err := os.Open(db)
	if err != nil {
		return fail("sum up the store", err)
	}
	defer f.Close()
	last, err := dbpages.Transaction(f)
	if err != nil {
		return &Error{Kind: ErrDamaged, Place: err.Error()}
	}
	sums, size, err := pageSums(f)
	if err != nil {
		return fail("sum up the store", err)
	}
	out := make([]byte, 0, len(sumMagic)+16+4*len(sums)+4)
	out = append(out, sumMagic...)
	out = binary.BigEndian.AppendUint64(out, size)
	out = binary.BigEndian.AppendUint64(out, last)
	for _, s := range sums {
		out = binary.BigEndian.AppendUint32(out, s)
	}
	out = binary.BigEndian.AppendUint32(out, crc32.Checksum(out, crc32.MakeTable(crc32.Castagnoli)))
	return fail("write the checksum file", writeFile(sumFile, out))
}

// checkSum compares a database with its checksum file and returns what differs. known is false when there is no checksum file, or
// one of another moment: then nothing was compared.
func checkSum(db, sumFile string) (faults []Fault, known bool, err error) {
	want, err := os.ReadFile(sumFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fail("read the checksum file", err)
	}
	body := len(want) - 4
	head := len(sumMagic) + 16
	if body < head || !bytes.HasPrefix(want, []byte(sumMagic)) ||
		crc32.Checksum(want[:body], crc32.MakeTable(crc32.Castagnoli)) != binary.BigEndian.Uint32(want[body:]) {
		return nil, false, nil
	}
	f, err := os.Open(db)
	if err != nil {
		return nil, false, fail("check the store", err)
	}
	defer f.Close()
	last, err := dbpages.Transaction(f)
	if err != nil {
		return []Fault{{What: err.Error()}}, true, nil
	}
	if last != binary.BigEndian.Uint64(want[len(sumMagic)+8:]) {
		return nil, false, nil
	}
	sums, size, err := pageSums(f)
	if err != nil {
		return nil, false, fail("check the store", err)
	}
	if wanted := binary.BigEndian.Uint64(want[len(sumMagic):]); size != wanted {
		faults = append(faults, Fault{What: fmt.Sprintf("file of %d bytes, was %d", size, wanted)})
	}
	for i, s := range sums {
		at := head + 4*i
		if at+4 <= body && binary.BigEndian.Uint32(want[at:]) != s {
			faults = append(faults, Fault{What: fmt.Sprintf("page %d: changed since the store was closed", i)})
		}
	}
	return faults, true, nil
}

// inspect looks through a database file before bbolt gets it: against its checksum file, or page by page when there is none.
func inspect(db, sumFile string) ([]Fault, error) {
	faults, known, err := checkSum(db, sumFile)
	if err != nil || known {
		return faults, err
	}
	f, err := os.Open(db)
	if err != nil {
		return nil, fail("look through the store", err)
	}
	defer f.Close()
	if err := dbpages.Check(f); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return nil, fail("look through the store", err)
		}
		return []Fault{{What: err.Error()}}, nil
	}
	return nil, nil
}
