package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// rowKeys are where services put their rows.
func rowKeys() []string {
	return []string{"rows", "data", "list", "records", "items", "result", "results", "content", "events", "数据", "列表"}
}

// readJSON reads an array of records, an object that holds one, or one record a line.
func readJSON(ctx context.Context, ext, text string) ([]record, error) {
	text = strings.TrimRight(text, " \t\n\x1A")
	start := len(text) - len(strings.TrimLeft(text, " \t\n"))
	if depth(text) > maxDepth {
		return nil, &Problem{Code: "intake.err.too_deep"}
	}
	dec := json.NewDecoder(strings.NewReader(text[start:]))
	var first json.RawMessage
	err := dec.Decode(&first)
	lines := ext == ".jsonl" || ext == ".ndjson"
	if !lines && text[start] == '{' && (err != nil || dec.More()) {
		lines = strings.Contains(text, "\n") && firstLineIsJSON(text[start:])
	}
	switch {
	case lines:
		return jsonLines(ctx, text)
	case err != nil:
		return nil, &Problem{Code: "intake.err.json", Detail: place(text, start, dec.InputOffset()), Err: err}
	case dec.More():
		return nil, &Problem{Code: "intake.err.json", Detail: place(text, start, dec.InputOffset())}
	}
	rows, found := findRows(first, 0)
	if !found {
		return nil, &Problem{Code: "intake.err.no_rows"}
	}
	return jsonArray(ctx, rows)
}

func firstLineIsJSON(text string) bool {
	line, _, _ := strings.Cut(text, "\n")
	return json.Valid([]byte(line))
}

// place tells line and column of an offset.
func place(text string, start int, off int64) string {
	before := text[:min(len(text), start+int(off))]
	line := strings.Count(before, "\n")
	return fmt.Sprintf("%d:%d", line+1, len(before)-strings.LastIndexByte(before, '\n'))
}

// depth returns how deep brackets nest, outside of strings.
func depth(text string) int {
	d, most, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			d++
			most = max(most, d)
		case c == '}' || c == ']':
			d--
		case c == '\n' && d < 0:
			d = 0
		}
	}
	return most
}

// findRows returns the array of records: the value itself, one of the usual keys, or a single record as an array of one.
func findRows(raw json.RawMessage, level int) (json.RawMessage, bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil, false
	}
	if raw[0] == '[' {
		return raw, true
	}
	if raw[0] != '{' || level > 4 {
		return nil, false
	}
	var obj map[string]json.RawMessage
	if json.Unmarshal(raw, &obj) != nil {
		return nil, false
	}
	for _, key := range rowKeys() {
		inner := bytes.TrimSpace(obj[key])
		if len(inner) == 0 || (inner[0] != '[' && inner[0] != '{') {
			continue
		}
		if rows, ok := findRows(inner, level+1); ok {
			return rows, true
		}
	}
	if level > 0 {
		return nil, false
	}
	return bytes.Join([][]byte{[]byte("["), raw, []byte("]")}, nil), true
}

func jsonArray(ctx context.Context, raw json.RawMessage) ([]record, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return nil, &Problem{Code: "intake.err.json", Err: err}
	}
	var recs []record
	for i := 0; dec.More(); i++ {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if i >= maxRows {
			return nil, &Problem{Code: "intake.err.too_big"}
		}
		var element json.RawMessage
		if err := dec.Decode(&element); err != nil {
			return nil, &Problem{Code: "intake.err.json", Err: err}
		}
		recs = append(recs, jsonRecord(i, element))
	}
	return recs, nil
}

func jsonLines(ctx context.Context, text string) ([]record, error) {
	var recs []record
	for n, line := range strings.Split(text, "\n") {
		if n%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if len(recs) >= maxRows {
			return nil, &Problem{Code: "intake.err.too_big"}
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if !json.Valid([]byte(line)) {
			recs = append(recs, record{row: n + 1, fault: BadNotJSON, text: clean(line)})
			continue
		}
		recs = append(recs, jsonRecord(n+1, json.RawMessage(line)))
	}
	return recs, nil
}

func jsonRecord(n int, raw json.RawMessage) record {
	rec := record{row: n}
	if trimmed := bytes.TrimSpace(raw); len(trimmed) == 0 || trimmed[0] != '{' {
		return record{row: n, fault: BadNotObject, text: clean(string(raw))}
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err := flatten(dec, "", &rec)
	if errors.Is(err, errWide) {
		return record{row: n, fault: BadTooLong, text: clean(cut(string(raw), maxCell)), detail: err.Error()}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return record{row: n, fault: BadNotJSON, text: clean(string(raw)), detail: err.Error()}
	}
	return rec
}

// errWide says that a record has more members than are read.
var errWide = errors.New("too many members")

// maxName is how many characters of a member's name are kept: nested names repeat those above them.
const maxName = 200

// flatten adds an object's members in their order; nested names are joined by dots, lists of plain values by blanks.
func flatten(dec *json.Decoder, path string, rec *record) error {
	tok, err := dec.Token()
	if err != nil {
		return fmt.Errorf("read member %q: %w", path, err)
	}
	delim, nested := tok.(json.Delim)
	if !nested {
		if len(rec.cells) >= maxColumns {
			return errWide
		}
		rec.add(path, plainValue(tok))
		return nil
	}
	if delim == '[' {
		return flattenList(dec, path, rec)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fmt.Errorf("read member of %q: %w", path, err)
		}
		name := fmt.Sprint(key)
		if path != "" {
			name = path + "." + name
		}
		if err := flatten(dec, cut(name, maxName), rec); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

func flattenList(dec *json.Decoder, path string, rec *record) error {
	var values []string
	for dec.More() {
		var inner record
		if err := flatten(dec, path, &inner); err != nil {
			return err
		}
		for _, c := range inner.cells {
			if c.value != "" {
				values = append(values, c.value)
			}
		}
	}
	if len(rec.cells) >= maxColumns {
		return errWide
	}
	rec.add(path, strings.Join(values, " "))
	_, err := dec.Token()
	return err
}

func plainValue(tok json.Token) string {
	switch v := tok.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "是"
		}
		return "否"
	}
	return fmt.Sprint(tok)
}
