package lists

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"zw110/data/incident"
	"zw110/data/intake"
)

// baseSheet is the hidden sheet that tells what the list said when it was written.
const baseSheet = "zw110"

// baseMark begins the hidden sheet.
const baseMark = "zw110-list"

// The forms of the hidden sheet. Its first row holds the mark, the form, town, list, day, version and moment of making in milliseconds.
//
// Form 1 says everything in cells: the second row holds the keys of the columns, then each row the hidden key of a row and what its cells said. It is
// still read. Form 2 holds the same packed: the first row ends with the number of the cells that follow one below the other, each with a hash
// beside it. Together they are, in base64, a deflate stream of texts, each after its length: the keys of the columns, then of each row number, unit
// and what its cells said; the columns and the rows after their number.
const (
	baseInCells = 1
	basePacked  = 2
)

const (
	// packedCell is how much of the packed text stands in one cell, below what a cell holds.
	packedCell = 32_000
	// maxPacked bounds what a packed sheet may unpack to.
	maxPacked = 256 << 20
)

// writeBase writes the hidden sheet.
func (s Sheet) writeBase(f *excelize.File) error {
	if len(s.Keys) == 0 {
		return nil
	}
	if _, err := f.NewSheet(baseSheet); err != nil {
		return err
	}
	if err := f.SetSheetVisible(baseSheet, false, true); err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(baseSheet)
	if err != nil {
		return err
	}
	text, err := s.packed()
	if err != nil {
		return err
	}
	o := s.Origin
	cells := (len(text) + packedCell - 1) / packedCell
	out := rowWriter{sw: sw, width: 2}
	out.row([]any{baseMark, basePacked, int64(o.Town), string(o.List), string(o.Day), s.Version, int64(s.MadeAt), cells}, lineHeight)
	for part := range slices.Chunk(text, packedCell) {
		out.row([]any{string(part), packedHash(part)}, lineHeight)
	}
	if out.err != nil {
		return out.err
	}
	return sw.Flush()
}

func packedHash(part []byte) string {
	sum := sha256.Sum256(part)
	return fmt.Sprintf("%x", sum[:8])
}

// packed is what the list says, compressed.
func (s Sheet) packed() ([]byte, error) {
	var buf bytes.Buffer
	coded := base64.NewEncoder(base64.StdEncoding, &buf)
	deflate, err := flate.NewWriter(coded, compression)
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	w := packer{to: bufio.NewWriter(deflate)}
	w.number(len(s.Columns))
	for _, c := range s.Columns {
		w.text(c.Key)
	}
	w.number(len(s.Rows))
	for i, row := range s.Rows {
		w.text(s.Keys[i].No)
		w.text(string(s.Keys[i].Unit))
		for _, c := range row {
			w.text(c.String())
		}
	}
	if err := errors.Join(w.err, w.to.Flush(), deflate.Close(), coded.Close()); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return buf.Bytes(), nil
}

// packer writes numbers and texts and keeps the first error.
type packer struct {
	to  *bufio.Writer
	num []byte
	err error
}

func (w *packer) number(n int) {
	if w.err == nil {
		w.num = binary.AppendUvarint(w.num[:0], uint64(n))
		_, w.err = w.to.Write(w.num)
	}
}

func (w *packer) text(s string) {
	if w.number(len(s)); w.err == nil {
		_, w.err = w.to.WriteString(s)
	}
}

// readBase reads the hidden sheet and proves it against its hashes.
func (r *reading) readBase(f *excelize.File) error {
	if !slices.Contains(f.GetSheetList(), baseSheet) {
		return &intake.Problem{Code: "lists.back.err.foreign"}
	}
	rows, err := sheetCells(f, baseSheet)
	if err != nil {
		return err
	}
	if len(rows) < 2 || len(rows[0]) < 7 || rows[0][0] != baseMark {
		return baseDamaged(1)
	}
	head := rows[0]
	var numbers [3]uint64
	for i, at := range []int{2, 5, 6} {
		if numbers[i], err = wholeNumber(head[at]); err != nil {
			return baseDamaged(1)
		}
	}
	r.back.Origin = Origin{Town: incident.ScopeID(numbers[0]), List: incident.List(head[3]), Day: incident.Day(head[4])}
	r.back.Version, r.back.MadeAt = int(numbers[1]), incident.Stamp(numbers[2])
	if _, err := r.back.Day.Start(); err != nil || comesBack(r.back.List) == nil {
		return baseDamaged(1)
	}
	r.base, r.keys, r.byName = map[string]map[string]string{}, map[string]RowKey{}, map[RowKey]string{}
	r.block, r.edits, r.seen = map[string]string{}, map[string][]foundCell{}, map[string]bool{}
	switch head[1] {
	case strconv.Itoa(baseInCells):
		return r.readInCells(rows)
	case strconv.Itoa(basePacked):
		return r.readPacked(rows)
	}
	return &intake.Problem{Code: "lists.back.err.newer", Detail: head[1]}
}

// baseDamaged refuses a workbook whose hidden sheet is not as it was written, by the row.
func baseDamaged(row int) error {
	return &intake.Problem{Code: "lists.back.err.damaged", Detail: fmt.Sprintf("%s!%d", baseSheet, row)}
}

// readInCells reads form 1: each row's hash is over what the sheet says of it.
func (r *reading) readInCells(rows [][]string) error {
	r.columns = rows[1][1:]
	for i, cells := range rows[2:] {
		if len(cells) == 0 {
			continue
		}
		row := make([]Cell, len(r.columns))
		for c := range row {
			if c+1 < len(cells) {
				row[c].Text = cells[c+1]
			}
		}
		k, ok := parseKey(cells[0])
		if !ok || r.back.keyText(k, row) != cells[0] || !r.learn(k, row) {
			return baseDamaged(i + 3)
		}
	}
	return nil
}

// readPacked reads form 2.
func (r *reading) readPacked(rows [][]string) error {
	if len(rows[0]) < 8 {
		return baseDamaged(1)
	}
	cells, err := wholeNumber(rows[0][7])
	if err != nil || cells != uint64(len(rows)-1) {
		return baseDamaged(1)
	}
	var text bytes.Buffer
	for i, row := range rows[1:] {
		if len(row) < 2 || packedHash([]byte(row[0])) != row[1] {
			return baseDamaged(i + 2)
		}
		text.WriteString(row[0])
	}
	if err := r.unpack(base64.NewDecoder(base64.StdEncoding, &text)); err != nil {
		return &intake.Problem{Code: "lists.back.err.damaged", Detail: baseSheet + "!2", Err: err}
	}
	return nil
}

// unpack reads what packed wrote.
func (r *reading) unpack(coded io.Reader) error {
	in := unpacker{from: bufio.NewReader(io.LimitReader(flate.NewReader(coded), maxPacked))}
	r.columns = make([]string, in.number(maxBackColumns))
	for i := range r.columns {
		r.columns[i] = in.text()
	}
	for range in.number(maxBackRows) {
		k := RowKey{No: in.text(), Unit: incident.UnitID(in.text())}
		row := make([]Cell, len(r.columns))
		for c := range row {
			row[c].Text = in.text()
		}
		if in.err != nil {
			break
		}
		if !r.learn(k, row) {
			return fmt.Errorf("row %s twice", k.No)
		}
	}
	if in.err != nil {
		return in.err
	}
	if _, err := in.from.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more than the rows: %w", err)
	}
	return nil
}

// unpacker reads numbers and texts and keeps the first error.
type unpacker struct {
	from *bufio.Reader
	err  error
}

func (in *unpacker) number(most int) int {
	if in.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(in.from)
	if err == nil && n > uint64(most) {
		err = fmt.Errorf("number %d above %d", n, most)
	}
	if err != nil {
		in.err = err
		return 0
	}
	return int(n)
}

func (in *unpacker) text() string {
	raw := make([]byte, in.number(4*maxCell))
	if in.err == nil {
		_, in.err = io.ReadFull(in.from, raw)
	}
	return string(raw)
}

// learn remembers what a row said; false for one that is there already.
func (r *reading) learn(k RowKey, row []Cell) bool {
	key := r.back.keyText(k, row)
	if _, twice := r.base[key]; twice || k.No == "" {
		return false
	}
	said := make(map[string]string, len(r.columns))
	for c, column := range r.columns {
		said[column] = row[c].Text
	}
	r.base[key], r.keys[key], r.byName[k] = said, k, key
	r.order = append(r.order, key)
	if _, known := r.block[k.No]; !known {
		r.block[k.No] = key
	}
	return true
}
