package intake

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"zw110/data/incident"
)

// readDelimited reads comma, tab, semicolon or bar separated text. False when the text is no table we know and its name doesn't
// say that it is one.
func (r *Reader) readDelimited(ctx context.Context, ext, text string, ch incident.Channel) ([]record, bool, error) {
	named := ext == ".csv" || ext == ".tsv"
	head := text[:min(len(text), 64<<10)]
	best, most := rune(0), 2
	var wide *Problem
	for _, sep := range []rune{',', '\t', ';', '|', '，'} {
		rows, err := splitTable(ctx, head, sep, headerWithin)
		if errors.As(err, &wide) {
			continue // a separator of this text only if no other is
		}
		if err != nil {
			return nil, named, err
		}
		for _, row := range rows {
			if n := r.known(row.cells, ch); n > most || (named && best == 0 && n == most) {
				best, most = sep, n
			}
		}
	}
	if best == 0 {
		if named && wide != nil {
			return nil, true, wide
		}
		if named {
			return nil, true, &Problem{Code: "intake.err.no_header"}
		}
		return nil, false, nil
	}
	rows, err := splitTable(ctx, text, best, maxRows+1)
	if err != nil {
		return nil, true, err
	}
	if len(rows) > maxRows {
		return nil, true, &Problem{Code: "intake.err.too_big"}
	}
	recs, ok := r.table(rows, ch, nil)
	if !ok {
		return nil, true, &Problem{Code: "intake.err.no_header"}
	}
	return recs, true, nil
}

// splitTable splits text into at most limit filled rows. Records are counted from 1, blank ones too, line breaks inside quotes
// don't count. A quote inside an unquoted cell is kept as it is. A *Problem names the first record with too many columns.
func splitTable(ctx context.Context, text string, sep rune, limit int) ([]row, error) {
	var rows []row
	s := splitter{rest: text, sep: sep}
	for n := 1; s.rest != "" && len(rows) < limit; n++ {
		if n%512 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		cells, ok := s.record()
		if !ok {
			return nil, &Problem{Code: "intake.err.columns", Detail: strconv.Itoa(n)}
		}
		if !blankRow(cells) {
			rows = append(rows, row{n: n, cells: cells})
		}
	}
	return rows, nil
}

type splitter struct {
	rest string
	sep  rune
}

// record takes the next record off the text; false when something stands beyond the last column that is read.
func (s *splitter) record() ([]string, bool) {
	var cells []string
	for {
		value, more := s.cell()
		if len(cells) < maxColumns {
			cells = append(cells, value)
		} else if strings.TrimSpace(value) != "" {
			return nil, false
		}
		if !more {
			return cells, true
		}
	}
}

// cell takes the next cell off the text and reports whether another follows in the same record.
func (s *splitter) cell() (string, bool) {
	if strings.HasPrefix(s.rest, `"`) {
		if value, ok := s.quoted(); ok {
			return value, s.end()
		}
	}
	end := strings.IndexFunc(s.rest, func(r rune) bool { return r == s.sep || r == '\n' })
	if end < 0 {
		value := s.rest
		s.rest = ""
		return value, false
	}
	value := s.rest[:end]
	s.rest = s.rest[end:]
	return value, s.end()
}

// quoted takes a quoted cell; false when its closing quote is missing or not followed by a separator.
func (s *splitter) quoted() (string, bool) {
	var b strings.Builder
	rest := s.rest[1:]
	for {
		i := strings.IndexByte(rest, '"')
		if i < 0 {
			return "", false
		}
		b.WriteString(rest[:i])
		rest = rest[i+1:]
		if strings.HasPrefix(rest, `"`) {
			b.WriteByte('"')
			rest = rest[1:]
			continue
		}
		if trimmed := strings.TrimLeft(rest, " "); trimmed == "" || trimmed[0] == '\n' || strings.HasPrefix(trimmed, string(s.sep)) {
			s.rest = trimmed
			return b.String(), true
		}
		return "", false
	}
}

// end takes the separator or line end and reports whether it was a separator.
func (s *splitter) end() bool {
	switch {
	case strings.HasPrefix(s.rest, string(s.sep)):
		s.rest = s.rest[len(string(s.sep)):]
		return true
	case s.rest != "":
		s.rest = s.rest[1:]
	}
	return false
}
