package intake

import (
	"regexp"
	"strings"
)

// headerSender and headerTime are the pseudo columns of a pasted message; a window shows them as they are.
const (
	headerSender = "发送人"
	headerTime   = "时间"
)

var (
	dateInLine = regexp.MustCompile(`\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[\sT]*(?:上午|下午|晚上|凌晨)?\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?`)
	monthLine  = regexp.MustCompile(`\d{1,2}[-/月]\d{1,2}日?\s+(?:上午|下午|晚上|凌晨)?\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?`)
	hourLine   = regexp.MustCompile(`(?:昨天|星期[一二三四五六日天]|上午|下午|晚上|凌晨)?\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?`)
)

// readMessages splits text pasted from a chat: the first line of each message is sender and time. Text without such lines is one
// message a paragraph.
func (r *Reader) readMessages(text string) []record {
	lines := strings.Split(text, "\n")
	var recs []record
	var cur *record
	var body []string
	flush := func() {
		if cur == nil {
			return
		}
		if cur.text = strings.TrimSpace(strings.Join(body, "\n")); cur.text != "" {
			cur.row = len(recs)
			cur.text = clean(cur.text)
			recs = append(recs, *cur)
		}
		cur, body = nil, nil
	}
	for i, line := range lines {
		if len(recs) > maxRows {
			return recs
		}
		blankBefore := i == 0 || strings.TrimSpace(lines[i-1]) == ""
		if sender, at, ok := messageHead(line, blankBefore); ok {
			flush()
			cur = &record{}
			cur.add(headerSender, sender)
			cur.add(headerTime, at)
			continue
		}
		if cur != nil && len(cur.cells) == 0 && strings.TrimSpace(line) == "" {
			flush() // a paragraph without a head ends at a blank line
			continue
		}
		if cur == nil && strings.TrimSpace(line) != "" {
			cur = &record{}
		}
		if cur != nil && !rule.MatchString(line) {
			body = append(body, line)
		}
	}
	flush()
	return recs
}

// messageHead reads a line of sender and time. A line with only an hour counts after a blank line alone.
func messageHead(line string, blankBefore bool) (sender, at string, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || len([]rune(line)) > 60 {
		return "", "", false
	}
	shapes := []*regexp.Regexp{dateInLine, monthLine}
	if blankBefore {
		shapes = append(shapes, hourLine)
	}
	for _, shape := range shapes {
		m := shape.FindStringIndex(line)
		if m == nil {
			continue
		}
		before := strings.Trim(line[:m[0]], " \t　[【(（:：,，")
		after := strings.Trim(line[m[1]:], " \t　]】)）:：,，")
		if before != "" && after != "" {
			return "", "", false
		}
		if sender = before + after; !isSender(sender) {
			return "", "", false
		}
		return sender, line[m[0]:m[1]], true
	}
	return "", "", false
}

// isSender tells a name from a sentence.
func isSender(s string) bool {
	n := len([]rune(s))
	return n > 0 && n <= 24 && !strings.ContainsAny(s, "，。；！？,;!?") && len(findNumbers(s)) == 0
}
