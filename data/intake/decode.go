package intake

import (
	"bytes"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Problem is why a file could not be read at all; nothing was taken. Code is a catalogue key.
type Problem struct {
	Code   string
	Detail string // a place in the file or a name; empty where there is none
	Err    error
}

// Error returns code, detail and cause, for logs; people read the catalogue's text.
func (p *Problem) Error() string {
	s := p.Code
	if p.Detail != "" {
		s += ": " + p.Detail
	}
	if p.Err != nil {
		s += ": " + p.Err.Error()
	}
	return s
}

// Key returns the catalogue key of what people read.
func (p *Problem) Key() string { return p.Code }

// Args returns what fills the places of that text: the detail.
func (p *Problem) Args() []any { return []any{p.Detail} }

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// MaxFile is the largest file that is read, in bytes. Whoever loads one need not load more than a byte beyond it.
const MaxFile = 32 << 20

// The limits of what is read, so that a hostile file cannot eat the machine.
const (
	maxUnzipped = 96 << 20 // bytes of a workbook's parts together
	maxMerged   = 16 << 20 // the same, up to which merged cells are looked for: they cost a second reading
	maxRows     = 100_000
	maxLines    = 1_000_000 // of a text
	maxSheetRow = 1_048_576
	maxColumns  = 512
	maxCell     = 8_000 // characters of one cell or message
	maxTitle    = 200   // characters of a title; of a longer one the beginning is taken
	// maxRecord is how many bytes of a row can be stored in one entry: its text once, everything else as a field and as it came.
	maxRecord = 56_000
	maxDepth  = 64 // of nested JSON
)

// magics are the beginnings of files that are not for us, with the key of what to say.
func magicProblem(content []byte) error {
	for _, m := range []struct{ head, key string }{
		{"\xD0\xCF\x11\xE0", "intake.err.old_xls"},
		{"%PDF", "intake.err.not_table"},
		{"\xFF\xD8\xFF", "intake.err.not_table"},
		{"\x89PNG", "intake.err.not_table"},
		{"GIF8", "intake.err.not_table"},
		{"Rar!", "intake.err.archive"},
		{"7z\xBC\xAF", "intake.err.archive"},
		{"\x1F\x8B", "intake.err.archive"},
	} {
		if strings.HasPrefix(string(content[:min(8, len(content))]), m.head) {
			return &Problem{Code: m.key}
		}
	}
	return nil
}

// decodeText turns the bytes of a text file into UTF-8 with \n line ends: UTF-8 with or without a byte order mark, UTF-16 of both
// orders with or without one, GB18030.
func decodeText(content []byte) (string, error) {
	text, err := decodeBytes(content)
	if err != nil {
		return "", err
	}
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(text, "\r\n", "\n")
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, nil
}

func decodeBytes(content []byte) (string, error) {
	switch {
	case bytes.HasPrefix(content, []byte("\xEF\xBB\xBF")):
		content = content[3:]
	case bytes.HasPrefix(content, []byte("\xFF\xFE")):
		return decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), content)
	case bytes.HasPrefix(content, []byte("\xFE\xFF")):
		return decodeWith(unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM), content)
	}
	if nuls := bytes.Count(content, []byte{0}); nuls > 0 {
		if e := guessUTF16(content, nuls); e != nil {
			return decodeWith(e, content)
		}
		return "", &Problem{Code: "intake.err.binary"}
	}
	if utf8.Valid(content) {
		return string(content), nil
	}
	if mostlyUTF8(content) {
		return strings.ToValidUTF8(string(content), "�"), nil
	}
	return decodeWith(simplifiedchinese.GB18030, content)
}

// guessUTF16 tells the byte order by which half of the pairs the zeros of line ends, digits and blanks stand in.
func guessUTF16(content []byte, nuls int) encoding.Encoding {
	if len(content)%2 != 0 || nuls*50 < len(content) {
		return nil
	}
	even := 0
	for i := 0; i < len(content); i += 2 {
		if content[i] == 0 {
			even++
		}
	}
	switch {
	case even*10 <= nuls:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case even*10 >= nuls*9:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// mostlyUTF8 reports whether the text is UTF-8 with a few broken characters rather than another encoding.
func mostlyUTF8(content []byte) bool {
	good, broken := 0, 0
	for i := 0; i < len(content); {
		r, n := utf8.DecodeRune(content[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			broken++
		case n > 2:
			good++
		}
		i += n
	}
	return good >= 8*broken
}

func decodeWith(e encoding.Encoding, content []byte) (string, error) {
	out, err := e.NewDecoder().Bytes(content)
	if err != nil {
		return "", &Problem{Code: "intake.err.encoding", Err: err}
	}
	text := string(out)
	if wrong := strings.Count(text, "�"); wrong*50 > utf8.RuneCountInString(text) {
		return "", &Problem{Code: "intake.err.encoding"}
	}
	return strings.TrimPrefix(text, "\uFEFF"), nil
}

// ext returns the small extension of a file name.
func ext(name string) string { return strings.ToLower(filepath.Ext(name)) }
