package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"zw110/data/incident"
)

// headerWithin is how far down a table's header row may stand.
const headerWithin = 20

// row is one line of a table with its place.
type row struct {
	n      int // sheet row or record number
	cells  []string
	hidden bool // by hand or by a filter
}

// merged is a cell that reaches down over several rows; only the first of them holds its value.
type merged struct {
	col      int // from 0
	from, to int // sheet rows
}

// OpenWorkbook opens what somebody sent as a workbook and returns how large it is unpacked. A *Problem says what is wrong with it: not a workbook, too
// large, damaged. Reading on may panic at inner references of a hostile file; callers recover.
func OpenWorkbook(content []byte) (*excelize.File, uint64, error) {
	size, err := checkZip(content)
	if err != nil {
		return nil, 0, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped,
	})
	if err != nil {
		return nil, 0, &Problem{Code: "intake.err.workbook", Err: err}
	}
	return f, size, nil
}

// readWorkbook reads every sheet that has a header row we know.
func (r *Reader) readWorkbook(ctx context.Context, content []byte, ch incident.Channel) (recs []record, err error) {
	// excelize trusts a workbook's inner references; a hostile one must not take the program down.
	defer func() {
		if p := recover(); p != nil {
			recs, err = nil, &Problem{Code: "intake.err.workbook", Detail: fmt.Sprint(p)}
		}
	}()
	f, size, err := OpenWorkbook(content)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	from1904 := false
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		from1904 = *props.Date1904
	}
	found := false
	for i, name := range f.GetSheetList() {
		rows, err := sheetRows(ctx, f, name)
		if err != nil {
			return nil, err
		}
		var down []merged
		if size <= maxMerged {
			if down, err = mergedDown(f, name); err != nil {
				return nil, err
			}
		}
		table, ok := r.table(rows, ch, down)
		if !ok {
			continue
		}
		if from1904 {
			r.since1900(table, ch)
		}
		found = true
		for j := range table {
			if i > 0 {
				table[j].sheet = name
			}
		}
		recs = append(recs, table...)
	}
	if !found {
		return nil, &Problem{Code: "intake.err.no_header"}
	}
	return recs, nil
}

// mergedDown returns the merged cells of a sheet that reach over several rows.
func mergedDown(f *excelize.File, sheet string) ([]merged, error) {
	cells, err := f.GetMergeCells(sheet, true)
	if err != nil {
		return nil, &Problem{Code: "intake.err.workbook", Detail: sheet, Err: err}
	}
	var out []merged
	for _, c := range cells {
		col, from, err := excelize.CellNameToCoordinates(c.GetStartAxis())
		if err != nil {
			continue
		}
		if _, to, err := excelize.CellNameToCoordinates(c.GetEndAxis()); err == nil && to > from {
			out = append(out, merged{col: col - 1, from: from, to: to})
		}
	}
	return out, nil
}

// fillDown gives the rows that a merged cell covers its value, for that is what a person sees. Numbers are left out: two rows with one
// number would be one report twice.
func (r *Reader) fillDown(rows []row, headers []string, down []merged, ch incident.Channel) {
	byRow := make(map[int]int, len(rows))
	for i, row := range rows {
		byRow[row.n] = i
	}
	for _, m := range down {
		first, ok := byRow[m.from]
		if !ok || m.col >= len(headers) || m.col >= len(rows[first].cells) {
			continue
		}
		if f := r.headers.field(headers[m.col], ch); f == fieldNo || f == fieldIndex || f == fieldSeq {
			continue
		}
		for i := first + 1; i < len(rows) && rows[i].n <= m.to; i++ {
			for len(rows[i].cells) <= m.col {
				rows[i].cells = append(rows[i].cells, "")
			}
			rows[i].cells[m.col] = rows[first].cells[m.col]
		}
	}
}

// days1904 lie between the first days of the two ways in which workbooks count days.
const days1904 = 1462

// since1900 brings the days of a workbook that counts from 1904 to the usual count.
func (r *Reader) since1900(recs []record, ch incident.Channel) {
	for i := range recs {
		for j, c := range recs[i].cells {
			switch r.headers.field(c.header, ch) {
			case fieldAt, fieldHappened, fieldDue:
			default:
				continue
			}
			if days, err := strconv.ParseFloat(c.value, 64); err == nil && days > 0 && days < 73051-days1904 {
				recs[i].cells[j].value = strconv.FormatFloat(days+days1904, 'f', -1, 64)
			}
		}
	}
}

// checkZip refuses an archive that is no workbook or that unpacks to more than we read; it returns to how many bytes it unpacks.
func checkZip(content []byte) (uint64, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return 0, &Problem{Code: "intake.err.workbook", Err: err}
	}
	var total uint64
	book := false
	for _, f := range z.File {
		total += f.UncompressedSize64
		book = book || strings.HasPrefix(f.Name, "xl/")
		if f.UncompressedSize64 > maxUnzipped || total > maxUnzipped {
			return 0, &Problem{Code: "intake.err.too_big", Detail: f.Name}
		}
	}
	if !book || len(z.File) > 4096 {
		return 0, &Problem{Code: "intake.err.archive"}
	}
	return total, nil
}

// sheetRows reads a sheet's filled rows as raw values: numbers stay numbers, dates stay serials.
func sheetRows(ctx context.Context, f *excelize.File, sheet string) (rows []row, err error) {
	it, err := f.Rows(sheet)
	if err != nil {
		// A chart sheet has no rows.
		return nil, nil //nolint:nilerr // the next sheet is tried
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	size := 0
	for n := 1; it.Next(); n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		cells, err := it.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, &Problem{Code: "intake.err.workbook", Detail: fmt.Sprintf("%s %d", sheet, n), Err: err}
		}
		if len(cells) > maxColumns {
			if !blankRow(cells[maxColumns:]) {
				return nil, &Problem{Code: "intake.err.columns", Detail: fmt.Sprintf("%s %d", sheet, n)}
			}
			cells = cells[:maxColumns]
		}
		if n > maxSheetRow {
			return nil, &Problem{Code: "intake.err.too_big", Detail: sheet}
		}
		if blankRow(cells) {
			continue
		}
		kept := append([]string(nil), cells...)
		for _, c := range kept {
			size += len(c)
		}
		if rows = append(rows, row{n: n, cells: kept, hidden: it.GetRowOpts().Hidden}); len(rows) > maxRows || size > maxUnzipped {
			return nil, &Problem{Code: "intake.err.too_big", Detail: sheet}
		}
	}
	return rows, it.Error()
}

func blankRow(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// table finds the header row and makes a record of each row below it that holds data. False without a header row.
func (r *Reader) table(rows []row, ch incident.Channel, down []merged) ([]record, bool) {
	at, headers := r.findHeader(rows, ch)
	if at < 0 {
		return nil, false
	}
	r.fillDown(rows[at+1:], headers, down, ch)
	var recs []record
	for _, row := range rows[at+1:] {
		rec := record{row: row.n, hidden: row.hidden}
		for i, v := range row.cells {
			if i < len(headers) && headers[i] != "" {
				rec.add(headers[i], v)
			} else if strings.TrimSpace(v) != "" {
				rec.add(fmt.Sprintf("列%d", i+1), v)
			}
		}
		if !r.furniture(&rec, row, headers, ch) {
			recs = append(recs, rec)
		}
	}
	return recs, true
}

// findHeader returns the place of the last line of the header and the column names. The header is the first row that has nearly as many
// known names as the best one, at least two; a page break may repeat it below. Names of a two-line header fill each other's gaps.
func (r *Reader) findHeader(rows []row, ch incident.Channel) (int, []string) {
	most := 1
	counts := make([]int, min(len(rows), headerWithin))
	for i := range counts {
		counts[i] = r.known(rows[i].cells, ch)
		most = max(most, counts[i])
	}
	at := slices.IndexFunc(counts, func(n int) bool { return n >= 2 && n*10 >= most*6 })
	if at < 0 {
		return -1, nil
	}
	headers := make([]string, 0, len(rows[at].cells))
	for _, h := range rows[at].cells {
		headers = append(headers, clean(h))
	}
	if at > 0 {
		headers = r.joinUpper(rows[at-1].cells, headers, ch)
	}
	if at+1 < len(rows) && r.secondLine(rows[at+1].cells, headers, ch) {
		at++
		for i, c := range rows[at].cells {
			if c = clean(c); c != "" && r.headers.field(headers[i], ch) == "" {
				headers[i] = c
			}
		}
	}
	return at, headers
}

// secondLine reports whether a row below the header is its second line: all its cells are names, where the first line has none we know.
func (r *Reader) secondLine(cells, headers []string, ch incident.Channel) bool {
	filled := 0
	for i, c := range cells {
		if c = clean(c); c == "" {
			continue
		}
		filled++
		if i >= len(headers) || r.headers.field(c, ch) == "" || r.headers.field(headers[i], ch) != "" {
			return false
		}
	}
	return filled > 0
}

// joinUpper takes names from the row above where the header row has none: the single-line cells of a two-line header are merged
// downwards and stand in its first line.
func (r *Reader) joinUpper(upper, headers []string, ch incident.Channel) []string {
	filled := 0
	for _, c := range upper {
		if strings.TrimSpace(c) != "" {
			filled++
		}
	}
	if filled < 2 {
		return headers
	}
	for i, c := range upper {
		for len(headers) <= i {
			headers = append(headers, "")
		}
		if headers[i] == "" && r.headers.field(c, ch) != "" {
			headers[i] = clean(c)
		}
	}
	return headers
}

// known counts distinct fields among the cells that are known column names.
func (r *Reader) known(cells []string, ch incident.Channel) int {
	seen := map[string]bool{}
	for _, c := range cells {
		if len(c) > 60 {
			continue
		}
		if f := r.headers.field(c, ch); f != "" {
			seen[f] = true
		}
	}
	return len(seen)
}

// furniture reports rows that are no data: nothing but a running number, totals, a repeated header, signature lines.
func (r *Reader) furniture(rec *record, row row, headers []string, ch incident.Channel) bool {
	filled, first, repeated := 0, "", 0
	for i, c := range rec.cells {
		if c.value == "" {
			continue
		}
		if first == "" && r.headers.field(c.header, ch) != fieldIndex {
			first = c.value
		}
		if r.headers.field(c.header, ch) != fieldIndex {
			filled++
		}
		if i < len(headers) && plainHeader(c.value) == plainHeader(headers[i]) {
			repeated++
		}
	}
	if filled == 0 || (repeated >= 2 && repeated*2 >= filled) {
		return true
	}
	lead := plainHeader(strings.TrimSpace(strings.Join(row.cells[:min(2, len(row.cells))], "")))
	for _, word := range []string{"合计", "总计", "小计", "共计", "制表", "填表", "审核", "导出时间", "打印时间", "备注说明"} {
		if strings.HasPrefix(lead, word) || strings.HasPrefix(plainHeader(first), word) {
			return filled <= 4
		}
	}
	return filled == 1 && r.lone(rec, ch)
}

// lone reports whether the only filled cell of a row can't be a report: anything but its number or its text.
func (r *Reader) lone(rec *record, ch incident.Channel) bool {
	for _, c := range rec.cells {
		if c.value == "" {
			continue
		}
		switch r.headers.field(c.header, ch) {
		case fieldNo, fieldContent, fieldTitle:
			return false
		}
	}
	return true
}
