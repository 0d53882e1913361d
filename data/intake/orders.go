package intake

import (
	"regexp"
	"strings"

	"zw110/data/incident"
)

var (
	rule    = regexp.MustCompile(`^\s*[-—–─=_*~＝－]{3,}\s*$`)
	keyLine = regexp.MustCompile(`(^|[\s\x{3000}|｜])([^\s\x{3000}:：|｜]{1,16}?)[\s\x{3000}]*[:：]`)
)

// readOrders reads slips of "name：value" lines, with a line of dashes between them or the key returning. False when the text is
// something else.
func (r *Reader) readOrders(text string, ch incident.Channel) ([]record, bool) {
	var recs []record
	for _, block := range splitBlocks(text) {
		for _, rec := range r.orderBlock(block, ch) {
			rec.row = len(recs)
			recs = append(recs, rec)
		}
	}
	for i := range recs {
		f := recs[i].fields(r.headers, ch)
		if len(f) >= 3 && (f[fieldNo] != "" || f[fieldContent] != "") {
			return recs, true
		}
	}
	return nil, false
}

// splitBlocks splits at lines of dashes.
func splitBlocks(text string) [][]string {
	var blocks [][]string
	var lines []string
	flush := func() {
		if strings.TrimSpace(strings.Join(lines, "")) != "" {
			blocks = append(blocks, lines)
		}
		lines = nil
	}
	for _, line := range strings.Split(text, "\n") {
		if rule.MatchString(line) {
			flush()
			continue
		}
		lines = append(lines, line)
	}
	flush()
	return blocks
}

// orderBlock reads one block; when the key comes a second time, another order begins.
func (r *Reader) orderBlock(lines []string, ch incident.Channel) []record {
	var recs []record
	cur := record{}
	open, hasKey := -1, false // open is the cell that following lines belong to
	for _, line := range lines {
		pairs := r.pairs(line, ch)
		if len(pairs) == 0 {
			if open >= 0 && strings.TrimSpace(line) != "" {
				cur.cells[open].value = clean(cur.cells[open].value + "\n" + line)
			}
			continue
		}
		for _, p := range pairs {
			f := r.headers.field(p.header, ch)
			if f == fieldNo {
				if hasKey {
					recs = append(recs, cur)
					cur = record{}
				}
				hasKey = true
			}
			cur.add(p.header, p.value)
			if open = -1; f == fieldContent {
				open = len(cur.cells) - 1
			}
		}
	}
	if len(cur.cells) > 0 {
		recs = append(recs, cur)
	}
	return recs
}

// pairs reads the "name：value" pairs of a line, as long as their names are known. Free text takes the rest of its line.
func (r *Reader) pairs(line string, ch incident.Channel) []cell {
	var out []cell
	end := 0 // where the open pair's value begins
	for _, m := range keyLine.FindAllStringSubmatchIndex(line, -1) {
		name := line[m[4]:m[5]]
		f := r.headers.field(name, ch)
		if n := len(out); n > 0 {
			if f == "" && !pairGap(line[:m[4]]) {
				continue
			}
			out[n-1].value = line[end:m[4]]
		} else if strings.TrimSpace(line[:m[4]]) != "" || (f == "" && len([]rune(name)) > 6) {
			return nil
		}
		out = append(out, cell{header: name})
		if end = m[1]; f == fieldContent {
			break
		}
	}
	if n := len(out); n > 0 {
		out[n-1].value = line[end:]
	}
	return out
}

// pairGap reports whether a pair may begin after this text: a wide blank or two narrow ones stand before it.
func pairGap(before string) bool {
	return strings.HasSuffix(before, "　") || strings.HasSuffix(before, "  ") || strings.HasSuffix(before, "\t") ||
		strings.HasSuffix(before, "|") || strings.HasSuffix(before, "｜")
}
