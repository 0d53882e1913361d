package intake

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"zw110/data/incident"
)

// Protected is what stands for the name of somebody whose identity nobody but the handler may see.
const Protected = "（保护）"

// Secret is what stands for an informant.
const Secret = "保密"

// compoundSurnames are the surnames of two characters that are still borne.
const compoundSurnames = " 欧阳 上官 司马 诸葛 司徒 司空 夏侯 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 东方 西门 南宫 独孤 端木 轩辕 申屠 公羊 淳于 澹台 百里 呼延 东郭 南门 闻人 濮阳 太史 钟离 仲孙 鲜于 闾丘 亓官 司寇 颛孙 拓跋 赫连 纳兰 完颜 "

// MaskName keeps the surname: 张三 becomes 张**, 欧阳锋 becomes 欧阳**.
func MaskName(name string) string {
	runes := []rune(strings.TrimSpace(name))
	if len(runes) == 0 {
		return ""
	}
	if len(runes) > 2 && strings.Contains(compoundSurnames, " "+string(runes[:2])+" ") {
		return string(runes[:2]) + "**"
	}
	return string(runes[:1]) + "**"
}

// MaskPhone hides the middle of a mobile number (138****5678) and all but area code and three digits of a landline (0570-****123).
func MaskPhone(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r = foldRune(r); r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
	switch {
	case digits == "":
		return ""
	case len(digits) == 13 && strings.HasPrefix(digits, "86"):
		digits = digits[2:]
	case digits[0] == '0' && len(digits) >= 10:
		area, _, _ := strings.Cut(landline(digits), "-")
		return area + "-****" + digits[len(digits)-3:]
	}
	if len(digits) == 11 && digits[0] == '1' {
		return digits[:3] + "****" + digits[7:]
	}
	return strings.Repeat("*", max(len(digits)-3, 4)) + digits[max(len(digits)-3, 0):]
}

// MaskID keeps the first three and the last four characters of an ID number.
func MaskID(id string) string { return maskMiddle(strings.TrimSpace(id), 3, 4) }

// MaskPlate keeps province, letter and the last two characters: 浙H***12.
func MaskPlate(plate string) string {
	runes := []rune(strings.TrimSpace(plate))
	if len(runes) < 5 {
		return strings.Repeat("*", len(runes))
	}
	return string(runes[:2]) + "***" + string(runes[len(runes)-2:])
}

// MaskCard keeps the first four and the last four digits of a bank card.
func MaskCard(card string) string { return maskMiddle(strings.ReplaceAll(card, " ", ""), 4, 4) }

func maskMiddle(s string, head, tail int) string {
	runes := []rune(s)
	if len(runes) <= head+tail {
		return strings.Repeat("*", len(runes))
	}
	return string(runes[:head]) + strings.Repeat("*", len(runes)-head-tail) + string(runes[len(runes)-tail:])
}

var houseNo = regexp.MustCompile(`[\dA-Za-z０-９一二三四五六七八九十百\-－]+(号|室|单元|幢|栋|楼|弄)`)

// MaskAddress hides house numbers and keeps village and group: 塔石村3组12号 becomes 塔石村3组**号.
func MaskAddress(address string) string { return houseNo.ReplaceAllString(address, "**$1") }

// Mask hides the spans of a text.
func Mask(text string, spans []Span) string {
	runes := []rune(text)
	var b strings.Builder
	at := 0
	for _, s := range spans {
		if s.Start < at || s.End > len(runes) || s.End <= s.Start {
			continue
		}
		b.WriteString(string(runes[at:s.Start]))
		b.WriteString(maskSpan(s.Type, string(runes[s.Start:s.End])))
		at = s.End
	}
	b.WriteString(string(runes[at:]))
	return b.String()
}

// houseInText are house numbers in free text: only behind a word for a street or group, for 5号 may be a day.
var houseInText = regexp.MustCompile(`(组|弄|路|街|巷|区)(\d{1,4}(?:-\d{1,4})?)(号|幢|室)`)

// MaskText finds personal data and house numbers in a text and hides them, for lists and exports.
func MaskText(text string) string {
	return houseInText.ReplaceAllString(Mask(text, Scan(text)), "$1**$3")
}

// MaskFor hides personal data in a text, and the reporter's own name, phone and address wherever they stand in it. A nil reporter hides what
// the text alone shows.
func MaskFor(text string, r *incident.Reporter) string {
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
	return MaskText(text)
}

// MaskNever hides what no export may show, not even one in clear text: ID numbers and bank cards.
func MaskNever(text string, r *incident.Reporter) string {
	if r != nil && len(strings.TrimSpace(r.IDNo)) >= 5 {
		text = strings.ReplaceAll(text, strings.TrimSpace(r.IDNo), MaskID(r.IDNo))
	}
	return Mask(text, slices.DeleteFunc(Scan(text), func(s Span) bool { return s.Type != TypeID && s.Type != TypeCard }))
}

func maskSpan(kind, text string) string {
	switch kind {
	case TypePhone, TypeLandline:
		return MaskPhone(text)
	case TypeID:
		return MaskID(text)
	case TypeCard:
		return MaskCard(text)
	case TypePlate:
		return MaskPlate(text)
	}
	return strings.Repeat("*", len([]rune(text)))
}
