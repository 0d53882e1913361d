package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
)

// ReadTable reads the rows of a table of any kind, cells as texts: the first sheet of a workbook that has any, or text parted by commas, tabs or
// semicolons in the encodings of Read. Row 0 is the first line; blank lines are rows without cells. A *Problem says what is wrong with the file.
func ReadTable(ctx context.Context, name string, content []byte) ([][]string, error) {
	rows, err := readTable(ctx, content)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("read %s: %w", name, &Problem{Code: "intake.err.empty"})
	}
	out := make([][]string, rows[len(rows)-1].n)
	for _, r := range rows {
		out[r.n-1] = r.cells
	}
	return out, nil
}

func readTable(ctx context.Context, content []byte) ([]row, error) {
	if len(content) > MaxFile {
		return nil, &Problem{Code: "intake.err.too_big"}
	}
	if err := magicProblem(content); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return firstSheet(ctx, content)
	}
	text, err := decodeText(content)
	if err != nil {
		return nil, err
	}
	if strings.Count(text, "\n") > maxLines {
		return nil, &Problem{Code: "intake.err.too_big"}
	}
	first, _, _ := strings.Cut(text, "\n")
	sep := ','
	for _, s := range []rune{'\t', ';', '，'} {
		if strings.ContainsRune(first, s) && !strings.ContainsRune(first, ',') {
			sep = s
			break
		}
	}
	rows, err := splitTable(ctx, text, sep, maxRows+1)
	if err == nil && len(rows) > maxRows {
		err = &Problem{Code: "intake.err.too_big"}
	}
	return rows, err
}

func firstSheet(ctx context.Context, content []byte) (rows []row, err error) {
	// As in readWorkbook: a hostile workbook must not take the program down.
	defer func() {
		if p := recover(); p != nil {
			rows, err = nil, &Problem{Code: "intake.err.workbook", Detail: fmt.Sprint(p)}
		}
	}()
	f, _, err := OpenWorkbook(content)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, name := range f.GetSheetList() {
		if rows, err = sheetRows(ctx, f, name); err != nil || len(rows) > 0 {
			return rows, err
		}
	}
	return nil, nil
}
