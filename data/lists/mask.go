package lists

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"zw110/data/incident"
)

// Numbers in free text that tell who somebody is. A match must not have a letter or digit beside it, an ID number must hold a date and a
// card not begin like an order number of 12345, which keeps such numbers whole; the longest kinds come first.
var (
	idNumber = regexp.MustCompile(`\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx]`)
	bankCard = regexp.MustCompile(`[3-69]\d{3}(?: ?\d{4}){3}(?: ?\d{1,3})?`)
	mobile   = regexp.MustCompile(`(?:\+?86[ -]?)?1\d{2}[ -]?\d{4}[ -]?\d{4}`)
	landline = regexp.MustCompile(`0\d{2,3}[- ]?\d{7,8}`)
	plate    = regexp.MustCompile(`[\p{Han}][A-Z][·. ]?[A-Z0-9]{5,6}`)
	house    = regexp.MustCompile(`(组|弄|路|街|巷|区)(\d{1,4}(?:-\d{1,4})?)(号|幢|室)`)
)

// Mask hides mobiles, landlines, ID and card numbers, plates and house numbers in free text.
func Mask(text string) string {
	text = replaceAlone(text, idNumber, func(m string) string { return m[:3] + strings.Repeat("*", 11) + m[14:] })
	text = replaceAlone(text, bankCard, func(m string) string { return strings.Repeat("*", 12) + m[len(m)-4:] })
	text = replaceAlone(text, mobile, MaskPhone)
	text = replaceAlone(text, landline, MaskPhone)
	text = replaceAlone(text, plate, func(m string) string {
		_, n := utf8.DecodeRuneInString(m)
		return m[:n+1] + "***" + m[len(m)-2:]
	})
	return house.ReplaceAllString(text, "$1**$3")
}

// replaceAlone replaces matches that have no ASCII letter or digit beside them.
func replaceAlone(text string, form *regexp.Regexp, mask func(string) string) string {
	var b strings.Builder
	last := 0
	for _, m := range form.FindAllStringIndex(text, -1) {
		if m[0] > 0 && alnum(text[m[0]-1]) || m[1] < len(text) && alnum(text[m[1]]) {
			continue
		}
		b.WriteString(text[last:m[0]])
		b.WriteString(mask(text[m[0]:m[1]]))
		last = m[1]
	}
	b.WriteString(text[last:])
	return b.String()
}

func alnum(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

// MaskPhone hides the middle of a number: 138****5678, 0570-****123; of a number of neither form all but the last two digits.
func MaskPhone(phone string) string {
	digits := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, phone)
	if len(digits) == 13 {
		digits = strings.TrimPrefix(digits, "86")
	}
	switch {
	case len(digits) == 11 && digits[0] == '1':
		return digits[:3] + "****" + digits[7:]
	case len(digits) >= 10 && digits[0] == '0':
		area := 4
		if digits[1] == '1' || digits[1] == '2' {
			area = 3
		}
		return digits[:area] + "-****" + digits[len(digits)-3:]
	case len(digits) > 4:
		return strings.Repeat("*", len(digits)-2) + digits[len(digits)-2:]
	}
	return strings.Repeat("*", len(digits))
}

// compound surnames keep both characters.
func compound(name string) bool {
	return slices.ContainsFunc([]string{
		"欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "司空", "夏侯", "长孙", "宇文", "轩辕", "端木", "独孤", "南宫", "申屠",
	}, func(s string) bool { return strings.HasPrefix(name, s) })
}

// MaskName keeps the surname: 张**.
func MaskName(name string) string {
	r := []rune(strings.TrimSpace(name))
	if len(r) == 0 {
		return ""
	}
	n := 1
	if len(r) > 2 && compound(name) {
		n = 2
	}
	return string(r[:n]) + "**"
}

// maskFor hides what Mask hides and the reporter's own name, phone and address, wherever they stand in the text.
func maskFor(text string, r *incident.Reporter) string {
	if r != nil {
		if name := strings.TrimSpace(r.Name); utf8.RuneCountInString(name) >= 2 && !strings.Contains(name, "*") {
			text = strings.ReplaceAll(text, name, MaskName(name))
		}
		for _, secret := range []string{r.Phone, r.IDNo, r.Address} {
			if secret = strings.TrimSpace(secret); len(secret) >= 5 && !strings.Contains(secret, "*") {
				text = strings.ReplaceAll(text, secret, "****")
			}
		}
	}
	return Mask(text)
}
