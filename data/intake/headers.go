package intake

import (
	_ "embed" // the built-in column names
	"encoding/csv"
	"fmt"
	"strings"
	"unicode"

	"zw110/data/incident"
)

//go:embed headers.csv
var builtinHeaders string

// headerTable knows which column name holds which field.
type headerTable struct {
	common    map[string]string
	byChannel map[incident.Channel]map[string]string
}

func newHeaderTable(more []HeaderAlias) (*headerTable, error) {
	t := &headerTable{common: map[string]string{}, byChannel: map[incident.Channel]map[string]string{}}
	rows, err := csv.NewReader(strings.NewReader(builtinHeaders)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read built-in headers: %w", err)
	}
	for _, row := range rows[1:] {
		for _, h := range strings.Fields(row[2]) {
			t.add(HeaderAlias{Channel: incident.Channel(row[0]), Field: row[1], Header: h})
		}
	}
	for _, h := range more {
		t.add(h)
	}
	return t, nil
}

func (t *headerTable) add(h HeaderAlias) {
	m := t.common
	if h.Channel != "" {
		if m = t.byChannel[h.Channel]; m == nil {
			m = map[string]string{}
			t.byChannel[h.Channel] = m
		}
	}
	m[plainHeader(h.Header)] = h.Field
}

// field returns the field of a column name, "" for an unknown one. Names of the channel win over common ones; what stands in
// brackets or behind a slash may be left out; of a nested JSON name the last part counts too.
func (t *headerTable) field(header string, ch incident.Channel) string {
	for _, name := range headerForms(header) {
		if f := t.byChannel[ch][name]; f != "" {
			return f
		}
		if f := t.common[name]; f != "" {
			return f
		}
		if ch == "" {
			for _, m := range t.byChannel {
				if f := m[name]; f != "" {
					return f
				}
			}
		}
	}
	return guessField(plainHeader(header))
}

// owner returns the channels in whose own list of key columns a name stands.
func (t *headerTable) owner(header string) (incident.Channel, bool) {
	for _, name := range headerForms(header) {
		for ch, m := range t.byChannel {
			if m[name] == fieldNo {
				return ch, true
			}
		}
	}
	return "", false
}

// plainBrackets is asked for every cell of a file.
var plainBrackets = strings.NewReplacer("（", "(", "）", ")", "【", "(", "】", ")", "[", "(", "]", ")")

func headerForms(header string) []string {
	forms := []string{plainHeader(header)}
	cut := plainBrackets.Replace(header)
	if i := strings.IndexByte(cut, '('); i > 0 {
		forms = append(forms, plainHeader(cut[:i]))
	}
	if i := strings.IndexAny(cut, "/\n\r"); i > 0 {
		forms = append(forms, plainHeader(cut[:i]))
	}
	if i := strings.LastIndexByte(cut, '.'); i >= 0 {
		forms = append(forms, plainHeader(cut[i+1:]))
	}
	// A number is called a code as often.
	for _, ending := range [...]string{"编码", "代码"} {
		if stem, ok := strings.CutSuffix(forms[0], ending); ok {
			forms = append(forms, stem+"编号")
		}
	}
	return forms
}

// plainHeader keeps letters, digits and the dots of nested names, folded.
func plainHeader(s string) string {
	return strings.Map(func(r rune) rune {
		r = foldRune(r)
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '_' {
			return r
		}
		return -1
	}, s)
}

// guessField reads an unknown column name by what it ends with or holds. It never guesses a key.
func guessField(h string) string {
	if h == "" || len([]rune(h)) > 12 {
		return ""
	}
	endings := []struct{ end, field string }{
		{"电话", fieldPhone},
		{"手机", fieldPhone},
		{"手机号", fieldPhone},
		{"联系方式", fieldPhone},
		{"人姓名", fieldName},
		{"身份证号", fieldIDNo},
		{"工单编号", fieldNo},
		{"工单号", fieldNo},
		{"标题", fieldTitle},
		{"内容", fieldContent},
		{"描述", fieldContent},
		{"地址", fieldAddress},
		{"地点", fieldAddress},
		{"时限", fieldDue},
		{"期限", fieldDue},
		{"截止时间", fieldDue},
		{"紧急程度", fieldUrgency},
		{"保密", fieldConfidential},
	}
	for _, e := range endings {
		if strings.HasSuffix(h, e.end) && !strings.Contains(h, "单位") && !strings.Contains(h, "回复") && !strings.Contains(h, "答复") {
			return e.field
		}
	}
	return ""
}
