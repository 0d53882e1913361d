package intake

import (
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"
)

// The kinds of personal data that free text is searched for.
const (
	TypePhone    = "phone"
	TypeLandline = "landline"
	TypeID       = "id_no"
	TypeCard     = "bank_card"
	TypePlate    = "plate"
)

var (
	mobileShape   = regexp.MustCompile(`(?:\+?86[- ]?)?1[3-9]\d(?:\d{8}|[- ]\d{4}[- ]\d{4}|[- ]\d{3}[- ]\d{5})`)
	landlineShape = regexp.MustCompile(`0\d{2,3}[- )）]\d{7,8}|0\d{2,3}\d{7,8}`)
	idShape       = regexp.MustCompile(`\d{6}(?:18|19|20)\d{9}[\dXx]`)
	cardShape     = regexp.MustCompile(`\d{16,19}|\d{4} \d{4} \d{4} \d{4}(?: \d{1,3})?`)
	plateShape    = regexp.MustCompile(`[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][·•. -]?(?:[A-Za-z0-9]{6}|[A-Za-z0-9]{5}|[A-Za-z0-9]{4}[学警挂港澳领])`)
)

// Scan finds personal data in free text: mobile numbers of any prefix, landlines, ID numbers, bank cards,
// number plates. Positions are runes, end exclusive; spans do not overlap. Numbers of channels are none.
func Scan(text string) []Span {
	flat := halfWidthKeep(text)
	var taken []Span // in bytes of flat
	free := func(start, end int) bool {
		for _, t := range taken {
			if start < t.End && t.Start < end {
				return false
			}
		}
		return true
	}
	find := func(kind string, shape *regexp.Regexp, good func(string) bool) {
		for _, m := range shape.FindAllStringIndex(flat, -1) {
			if alone(flat, m[0], m[1]) && free(m[0], m[1]) && good(flat[m[0]:m[1]]) {
				taken = append(taken, Span{Type: kind, Start: m[0], End: m[1]})
			}
		}
	}
	always := func(string) bool { return true }
	find(TypeID, idShape, datedID)
	find(TypeCard, cardShape, validCard)
	find(TypePhone, mobileShape, always)
	find(TypeLandline, landlineShape, always)
	find(TypePlate, plateShape, plateHasDigit)
	sort.Slice(taken, func(i, j int) bool { return taken[i].Start < taken[j].Start })
	runes := []rune(text)
	at, seen := 0, 0
	for i := range taken {
		t := &taken[i]
		at += utf8.RuneCountInString(flat[seen:t.Start])
		length := utf8.RuneCountInString(flat[t.Start:t.End])
		seen = t.End
		t.Start, t.End = at, at+length
		at = t.End
		t.Text = string(runes[t.Start:t.End])
	}
	return taken
}

// ScanField is Scan with the name of the field the spans are in.
func ScanField(field, text string) []Span {
	spans := Scan(text)
	for i := range spans {
		spans[i].Field = field
	}
	return spans
}

// datedID tells an 18-digit ID number from other numbers by its date of birth. The check digit is not asked for: a number with a slip
// of the pen still tells who somebody is.
func datedID(s string) bool {
	month, day := number2(s[10:12]), number2(s[12:14])
	return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// validCard takes bank cards by their first digits or check digit; numbers that are a channel's are none.
func validCard(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	if strings.HasPrefix(s, "62") {
		return true
	}
	if channelOfNumber(s) != "" {
		return false
	}
	return strings.ContainsRune("3456", rune(s[0])) && luhn(s)
}

func luhn(s string) bool {
	sum := 0
	for i := range s {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func plateHasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }
