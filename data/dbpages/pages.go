// Package dbpages looks through the pages of a bbolt file. bbolt trusts them: a flipped byte can make it panic, loop or fall back to the transaction
// before. So a file is looked through here before bbolt gets it, and what bbolt chokes on later becomes an error. It must not know what the file holds.
package dbpages

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"runtime/debug"
)

// Size is the size of a page in every file of this program.
const Size = 4096

// What bbolt's pages look like, little-endian.
const (
	pageHeader     = 16 // id u64, flags u16, count u16, overflow u32
	elementSize    = 16
	flagBranch     = 0x01
	flagLeaf       = 0x02
	flagMeta       = 0x04
	flagFreelist   = 0x10
	leafIsBucket   = 0x01
	metaMagic      = 0xED0CDAED
	metaVersion    = 2
	metaSummed     = 56 // bytes of a meta before its checksum
	bucketHeader   = 16 // root u64, sequence u64
	noFreelist     = ^uint64(0)
	bigCount       = 0xFFFF
	maxTreeDepth   = 64
	maxPagesOfOne  = 1 << 20
	firstTreePage  = 2
	initialPageCap = 1024
)

// meta is one of the two roots of the file; the valid one with the higher transaction counts.
type meta struct {
	root, freelist, pages, tx uint64
}

// ErrDamaged says that pages are not what was written.
var ErrDamaged = errors.New("the database is damaged")

// Caught runs fn and turns a panic of bbolt, or a fault in its memory map, into ErrDamaged: bbolt has no other way to say so.
func Caught(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	return fn()
}

// Transaction returns the number of the file's last transaction. Both roots must be whole: with a damaged one, bbolt would silently take the other,
// which may be one transaction older.
func Transaction(f io.ReaderAt) (uint64, error) {
	m, err := newestMeta(f)
	return m.tx, err
}

// Tree looks through the tree below a page of a file with so many pages in use. While a transaction reads, this is safe beside a writer.
func Tree(f io.ReaderAt, pages, root uint64) error {
	w, err := newWalker(f, pages)
	if err != nil {
		return err
	}
	return w.tree(root, 0, nil, nil)
}

// readMeta reads and checks meta page 0 or 1.
func readMeta(f io.ReaderAt, number int64) (meta, error) {
	var b [pageHeader + metaSummed + 8]byte
	if _, err := f.ReadAt(b[:], number*Size); err != nil {
		return meta{}, fmt.Errorf("page %d: %w", number, err)
	}
	le, m := binary.LittleEndian, b[pageHeader:]
	sum := fnv.New64a()
	sum.Write(m[:metaSummed]) // never fails
	switch {
	case le.Uint32(m) != metaMagic:
		return meta{}, fmt.Errorf("page %d: no database", number)
	case le.Uint32(m[4:]) != metaVersion, le.Uint32(m[8:]) != Size:
		return meta{}, fmt.Errorf("page %d: database of another make", number)
	case le.Uint64(m[metaSummed:]) != sum.Sum64():
		return meta{}, fmt.Errorf("page %d: checksum differs", number)
	}
	return meta{root: le.Uint64(m[16:]), freelist: le.Uint64(m[32:]), pages: le.Uint64(m[40:]), tx: le.Uint64(m[48:])}, nil
}

// newestMeta returns the meta in force, if both are whole.
func newestMeta(f io.ReaderAt) (meta, error) {
	a, err := readMeta(f, 0)
	if err != nil {
		return meta{}, err
	}
	b, err := readMeta(f, 1)
	if err != nil {
		return meta{}, err
	}
	if b.tx > a.tx {
		return b, nil
	}
	return a, nil
}

// walker looks through the trees of a file: every page is what it says, is used once, and holds its keys in order.
type walker struct {
	f     io.ReaderAt
	pages uint64 // high-water mark
	used  []bool
}

// Check looks through the whole file, which nobody writes to, as its newest root describes it. The error names the first bad page.
func Check(f io.ReaderAt) error {
	m, err := newestMeta(f)
	if err != nil {
		return err
	}
	w, err := newWalker(f, m.pages)
	if err != nil {
		return err
	}
	if err := w.tree(m.root, 0, nil, nil); err != nil {
		return err
	}
	if m.freelist == noFreelist {
		return nil
	}
	return w.freelist(m.freelist)
}

func newWalker(f io.ReaderAt, pages uint64) (*walker, error) {
	if pages < firstTreePage || pages > 1<<40 {
		return nil, fmt.Errorf("page 0: %d pages in use", pages)
	}
	used := make([]bool, firstTreePage, initialPageCap)
	used[0], used[1] = true, true
	return &walker{f: f, pages: pages, used: used}, nil
}

// page reads a page with its overflow and marks it as used.
func (w *walker) page(id uint64) ([]byte, error) {
	if id < firstTreePage || id >= w.pages {
		return nil, fmt.Errorf("page %d: outside of the %d in use", id, w.pages)
	}
	head := make([]byte, Size)
	if _, err := w.f.ReadAt(head, int64(id)*Size); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	if got := binary.LittleEndian.Uint64(head); got != id {
		return nil, fmt.Errorf("page %d: calls itself %d", id, got)
	}
	more := uint64(binary.LittleEndian.Uint32(head[12:]))
	if more > maxPagesOfOne || id+more >= w.pages {
		return nil, fmt.Errorf("page %d: continues over %d pages", id, more)
	}
	for p := id; p <= id+more; p++ {
		for uint64(len(w.used)) <= p {
			w.used = append(w.used, false)
		}
		if w.used[p] {
			return nil, fmt.Errorf("page %d: used twice", p)
		}
		w.used[p] = true
	}
	if more == 0 {
		return head, nil
	}
	whole := make([]byte, (more+1)*Size)
	if _, err := w.f.ReadAt(whole, int64(id)*Size); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	return whole, nil
}

// tree looks through the tree below a page. Its keys are from low on and below high; nil means no bound.
func (w *walker) tree(id uint64, depth int, low, high []byte) error {
	if depth > maxTreeDepth {
		return fmt.Errorf("page %d: %d levels deep", id, depth)
	}
	b, err := w.page(id)
	if err != nil {
		return err
	}
	return w.node(b, id, depth, low, high)
}

func (w *walker) node(b []byte, id uint64, depth int, low, high []byte) error {
	flags, count := binary.LittleEndian.Uint16(b[8:]), int(binary.LittleEndian.Uint16(b[10:]))
	if flags != flagBranch && flags != flagLeaf {
		return fmt.Errorf("page %d: of kind %#x", id, flags)
	}
	if pageHeader+count*elementSize > len(b) {
		return fmt.Errorf("page %d: %d elements", id, count)
	}
	previous := low
	for i := range count {
		key, value, child, err := element(b, i, flags)
		if err != nil {
			return fmt.Errorf("page %d, element %d: %w", id, i, err)
		}
		order := bytes.Compare(previous, key)
		if previous != nil && (order > 0 || order == 0 && i > 0) || high != nil && bytes.Compare(key, high) >= 0 {
			return fmt.Errorf("page %d, element %d: key %x out of order", id, i, key)
		}
		previous = key
		if flags == flagLeaf {
			if err := w.bucket(value, child, id, depth); err != nil {
				return err
			}
			continue
		}
		next := high
		if i+1 < count {
			if next, _, _, err = element(b, i+1, flags); err != nil {
				return fmt.Errorf("page %d, element %d: %w", id, i+1, err)
			}
		}
		if err := w.tree(child, depth+1, key, next); err != nil {
			return err
		}
	}
	return nil
}

// bucket follows a leaf element that is a bucket, into its own tree or its inline page.
func (w *walker) bucket(value []byte, flags, id uint64, depth int) error {
	if flags&^leafIsBucket != 0 {
		return fmt.Errorf("page %d: element of kind %#x", id, flags)
	}
	if flags == 0 {
		return nil
	}
	if len(value) < bucketHeader {
		return fmt.Errorf("page %d: bucket of %d bytes", id, len(value))
	}
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		return w.tree(root, depth+1, nil, nil)
	}
	if len(value) < bucketHeader+pageHeader {
		return fmt.Errorf("page %d: inline bucket of %d bytes", id, len(value))
	}
	inline := value[bucketHeader:]
	if binary.LittleEndian.Uint16(inline[8:]) != flagLeaf {
		return fmt.Errorf("page %d: inline bucket is no leaf", id)
	}
	return w.node(inline, id, depth, nil, nil)
}

// element returns key and value of an element; child is the page below of a branch, the flags of a leaf.
func element(b []byte, i int, flags uint16) (key, value []byte, child uint64, err error) {
	le, start := binary.LittleEndian, uint64(pageHeader+i*elementSize)
	e := b[start:]
	var from, keySize, valueSize uint64
	if flags == flagBranch {
		from, keySize, child = start+uint64(le.Uint32(e)), uint64(le.Uint32(e[4:])), le.Uint64(e[8:])
	} else {
		child, from = uint64(le.Uint32(e)), start+uint64(le.Uint32(e[4:]))
		keySize, valueSize = uint64(le.Uint32(e[8:])), uint64(le.Uint32(e[12:]))
	}
	if from+keySize+valueSize > uint64(len(b)) {
		return nil, nil, 0, fmt.Errorf("reaches to %d of %d bytes", from+keySize+valueSize, len(b))
	}
	return b[from : from+keySize], b[from+keySize : from+keySize+valueSize], child, nil
}

// freelist checks that every page below the high-water mark is either used or free, and none both.
func (w *walker) freelist(id uint64) error {
	b, err := w.page(id)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint16(b[8:]) != flagFreelist {
		return fmt.Errorf("page %d: is no list of free pages", id)
	}
	count, ids := uint64(binary.LittleEndian.Uint16(b[10:])), b[pageHeader:]
	if count == bigCount {
		count, ids = binary.LittleEndian.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids)/8) {
		return fmt.Errorf("page %d: %d free pages", id, count)
	}
	for uint64(len(w.used)) < w.pages {
		w.used = append(w.used, false)
	}
	for i := range count {
		free := binary.LittleEndian.Uint64(ids[8*i:])
		if free < firstTreePage || free >= w.pages || w.used[free] {
			return fmt.Errorf("page %d: calls page %d free", id, free)
		}
		w.used[free] = true
	}
	for p, used := range w.used {
		if !used {
			return fmt.Errorf("page %d: neither used nor free", p)
		}
	}
	return nil
}
