package intake

import (
	"regexp"
	"strings"
)

var (
	titleLead = regexp.MustCompile(`^(?:急[！!]?|【[^】]{1,8}】|[^，。：:\n]{0,10}(?:你好|您好|大家好)[，,！!。]?|各位[^，]{0,6}好[，,]|政务110[:：]|(?:指挥室|中心|领导|各位)[^，,]{0,4}好[，,！!]?|小\p{Han}你?记一下[，,]?|` +
		`(?:110)?(?:转警|流转|接警)[:：，,]|` +
		`(?:报警人|来电人|市民|群众|诉求人|举报人|求助人|家长|村民)(?:来电)?(?:反映|称|报|说|报警称|咨询)?(?:其|自己)?[，,:：]?|[\s，,。:：！!]+)`)
	titleEnd = regexp.MustCompile(`[。；;！!？?\n]`)
)

// The parts of a time as people write it before what they tell. Every part may be missing; leadingTime says what is enough.
const (
	someNumber = `[零〇一二两三四五六七八九十\d]{1,3}`
	dateWords  = `(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]?|20\d\d[-/.]\d{1,2}[-/.]\d{1,2}|20\d{6}(?:\d{4}(?:\d\d)?)?|` + someNumber + `[日号]|\d{1,2}[-/.]\d{1,2}`
	dayWords   = `今天|今日|今早|今晨|今晚|昨天|昨日|昨晚|昨夜|前天|前晚|刚才|刚刚|当天|当晚|(?:周|星期|礼拜)[一二三四五六日天]`
	halfWords  = `凌晨|清早|清晨|大清早|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜里|夜间|半夜|深夜|晚`
	clockWords = `\d{1,2}[:：]\d{2}(?:[:：]\d{2})?分?|` + someNumber + `(?:点钟?|时)(?:半|整|[一三]刻|` + someNumber + `分?(?:` + someNumber + `秒)?)?`
	aboutWords = `许|左右|前后|多钟|多|来钟|钟|光景|的时候`
)

var (
	timeLead = regexp.MustCompile(`^(?:(?:接警|报警|来电|接报|事发|发生|上报)?时间[:：]?\s*)?[于在]?(` + dateWords + `)?[\s,，T]*(` + dayWords + `)?\s*(` + halfWords + `)?\s*(` + clockWords + `)?(?:` + aboutWords + `)?[\s，,、。]*`)
	// weakDate may as well be a measure: 3.5.
	weakDate = regexp.MustCompile(`^\d{1,2}[-/.]\d{1,2}$`)
	timeAgo  = regexp.MustCompile(`^(?:` + someNumber + `|半)个?(?:分钟|小时|钟头)(?:之|以)?前[\s，,]+`)
	// dayTime is a day with a time of day, wherever it stands.
	dayTime = regexp.MustCompile(`(?:\d{4}年)?(?:\d{1,2}月)?` + someNumber + `[日号][\s,，]*(?:` + halfWords + `)?\s*(?:` + clockWords + `)(?:` + aboutWords + `)?[，,]?`)
	// goesOn are words behind a time that belong to it: 12点半到现在.
	goesOn = regexp.MustCompile(`^(?:到|至|起|开始|以来|以后|之后|之前|以前|就|才|[-—~])`)
)

// leadingTime returns how many bytes of the beginning of a text only say when: a date, a day or part of it with a break behind, or a
// time of day that has a minute, a date or a break beside it.
func leadingTime(text string) int {
	if m := timeAgo.FindStringIndex(text); m != nil {
		return m[1]
	}
	m := timeLead.FindStringSubmatchIndex(text)
	if m == nil {
		return 0
	}
	has := func(group int) bool { return m[2*group] >= 0 && m[2*group] < m[2*group+1] }
	const date, day, half, clock = 1, 2, 3, 4
	said := has(date) || has(day) || has(half)
	switch {
	case !said && !has(clock), goesOn.MatchString(text[m[1]:]):
		return 0
	case has(date) && !has(half) && !has(clock) && weakDate.MatchString(text[m[2*date]:m[2*date+1]]):
		return 0
	case m[1] == len(text), strings.TrimRight(text[:m[1]], " \t\n　，,、。") != text[:m[1]]:
		return m[1]
	case !has(clock):
		return 0 // 3号楼, 昨晚下雪
	case said, strings.ContainsAny(text[m[2*clock]:m[2*clock+1]], ":：分半刻"):
		return m[1]
	}
	return 0
}

// withoutTimes cuts out days with a time of day that stand within a text.
func withoutTimes(text string) string {
	var b strings.Builder
	from := 0
	for _, m := range dayTime.FindAllStringIndex(text, -1) {
		if !goesOn.MatchString(text[m[1]:]) {
			b.WriteString(text[from:m[0]])
			from = m[1]
		}
	}
	return b.String() + text[from:]
}

// makeTitle takes a title of at most 24 characters from the beginning of a text, without numbers, times, greetings and personal
// data; of a text that is nothing else it is the masked text.
func makeTitle(content string) string {
	text := content
	for _, n := range findNumbers(text) {
		text = strings.ReplaceAll(text, n.text, "")
	}
	text = text[leadingTime(text):]
	for _, s := range Scan(text) {
		text = strings.ReplaceAll(text, s.Text, "")
	}
	text = reporterName.ReplaceAllString(withoutTimes(text), "")
	for {
		rest := titleLead.ReplaceAllString(text, "")
		rest = rest[leadingTime(rest):]
		if rest == text || rest == "" {
			break
		}
		text = rest
	}
	if m := titleEnd.FindStringIndex(text); m != nil && m[0] > 0 {
		text = text[:m[0]]
	}
	title := ""
	for _, cl := range titleClauses(text) {
		if title != "" && len([]rune(title))+len([]rune(cl)) > 22 {
			break
		}
		if title != "" {
			title += "，"
		}
		title += cl
	}
	if title == "" {
		title = MaskText(strings.TrimSpace(content))
	}
	return cut24(title)
}

// titleClauses splits at commas, blanks and colons, but not at the colon of a time.
func titleClauses(text string) []string {
	runes := []rune(text)
	digit := func(i int) bool { return i >= 0 && i < len(runes) && runes[i] >= '0' && runes[i] <= '9' }
	var out []string
	from := 0
	for i := 0; i <= len(runes); i++ {
		if i < len(runes) && (!strings.ContainsRune("，,：:　 ", runes[i]) || strings.ContainsRune("：:", runes[i]) && digit(i-1) && digit(i+1)) {
			continue
		}
		if cl := strings.TrimSpace(string(runes[from:i])); cl != "" {
			out = append(out, cl)
		}
		from = i + 1
	}
	return out
}

func cut24(s string) string {
	if runes := []rune(s); len(runes) > 24 {
		return string(runes[:23]) + "…"
	}
	return s
}
